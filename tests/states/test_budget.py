"""An answer in time: `within`, Ctrl-C, and what a run tells of itself."""

from __future__ import annotations

import time
import warnings
from functools import cache

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.numerics import budget as budget_module
from dirac1d.numerics.budget import Progress
from dirac1d.states import line, ring
from dirac1d.states.settings import Limits, Settings

X = np.array([-0.8, 0.1, 1.3])
PROBLEMS = {
    "gap": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)),
    "band": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, 1.2, 0.1),
    "wave": dd.Problem(dd.CosinePotential(0.4, 1.5), 1.0, 0.2),
}
RTOL = 1e-5
#: A band is as well told at less.
RTOLS = {"gap": RTOL, "band": 1e-4, "wave": RTOL}


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves by a second at each diagonalisation and not otherwise."""
    now = [0.0]
    monkeypatch.setattr(budget_module, "perf_counter", lambda: now[0])

    def tick(_):
        now[0] += 1.0

    return tick


@pytest.fixture(scope="module")
def truths():
    return {name: dd.current_density(p, X, "green", 1e-7) for name, p in PROBLEMS.items()}


def quiet(problem, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        return dd.current_density(problem, X, "states", **options)


@cache
def untimed(name):
    """A run without a budget, and what it tells step by step."""
    told: list[Progress] = []
    return quiet(PROBLEMS[name], rtol=RTOLS[name], progress=told.append), told


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("seconds", [1, 60, 200, 300])
def test_a_run_that_is_stopped_says_so_and_what_it_reached(name, seconds, clock, truths):
    """Whenever it ends: within the time, the best so far, with an error that bounds the truth."""
    problem = PROBLEMS[name]
    count = []

    def progress(step):
        clock(step)
        count.append(int(step))

    profile = quiet(problem, rtol=RTOL, within=seconds, progress=progress)
    if profile.converged:
        assert seconds > 100
        return
    assert f"stopped after {seconds} s" in profile.status
    assert f"not {RTOL:.1e}" in profile.status
    # One more may be under way when the time ends; on a ring several twists go together.
    assert len(count) <= seconds + 1
    truth = truths[name]
    assert np.all(np.abs(profile.j_y - truth.j_y) <= profile.error + truth.error)
    assert np.all(np.isfinite(profile.j_y))


@pytest.mark.parametrize("name", ["gap", "band"])
def test_the_first_answer_comes_early(name, clock):
    """A stopped run has a finite error long before the full accuracy is reached."""
    told = []

    def progress(step):
        clock(step)
        told.append(step)

    quiet(PROBLEMS[name], rtol=RTOLS[name], within=10**6, progress=progress)
    first = next(i for i, step in enumerate(told) if step.error < 1e-2)
    # In work: spectra of the first answer are of short chains.
    assert first < 0.7 * len(told)
    stopped = quiet(PROBLEMS[name], rtol=RTOLS[name], within=first + 2, progress=clock)
    assert np.max(stopped.error) < 0.02 * stopped.problem.current_scale


def test_a_stopped_run_warns(clock):
    with pytest.warns(dd.AccuracyWarning, match="stopped after 40 s"):
        dd.current_density(PROBLEMS["gap"], X, "states", RTOL, within=40, progress=clock)


def test_a_budget_that_is_not_needed_changes_nothing():
    plain = quiet(PROBLEMS["gap"], rtol=1e-3)
    timed = quiet(PROBLEMS["gap"], rtol=1e-3, within=600.0)
    np.testing.assert_array_equal(timed.j_y, plain.j_y)
    assert timed.converged


def test_wall_time_is_kept():
    start = time.perf_counter()
    profile = quiet(PROBLEMS["band"], rtol=1e-9, within=1.0)
    # The last diagonalisation, and putting the profile together; a loaded machine doubles it.
    assert time.perf_counter() - start < 5.0
    assert "stopped after 1 s" in profile.status


@pytest.mark.parametrize("within", [0, -1, "soon", np.nan])
@pytest.mark.parametrize("name", ["gap", "wave"])
def test_a_bad_budget_is_named(name, within):
    with pytest.raises(ValueError, match="within must be a positive number of seconds"):
        dd.current_density(PROBLEMS[name], X, "states", within=within)


def interrupt_after(count, monkeypatch, name):
    """Ctrl-C during the diagonalisation of that number."""
    module, attribute = (ring.Ring, "density") if name == "wave" else (line, "occupied_density")
    original, calls = getattr(module, attribute), [0]

    def interrupted(*arguments, **options):
        calls[0] += 1
        if calls[0] == count:
            raise KeyboardInterrupt
        return original(*arguments, **options)

    monkeypatch.setattr(module, attribute, interrupted)


@pytest.mark.parametrize("name", PROBLEMS)
def test_ctrl_c_gives_the_answer_so_far(name, monkeypatch, truths):
    interrupt_after(max(2, int(0.97 * len(untimed(name)[1]))), monkeypatch, name)
    profile = quiet(PROBLEMS[name], rtol=RTOLS[name])
    # It may be good enough already.
    assert profile.converged or profile.status.startswith("interrupted after")
    truth = truths[name]
    assert np.all(np.abs(profile.j_y - truth.j_y) <= profile.error + truth.error)
    assert np.all(np.isfinite(profile.error))


@pytest.mark.parametrize("name", PROBLEMS)
def test_ctrl_c_before_there_is_an_answer_is_ctrl_c(name, monkeypatch):
    interrupt_after(2, monkeypatch, name)
    with pytest.raises(KeyboardInterrupt):
        quiet(PROBLEMS[name], rtol=RTOL)


def test_ctrl_c_in_the_second_pass_keeps_the_first(monkeypatch, truths):
    total = []
    quiet(PROBLEMS["band"], rtol=1e-2, progress=total.append)
    interrupt_after(len(total) + 10, monkeypatch, "band")
    profile = quiet(PROBLEMS["band"], rtol=RTOL, within=10**6)
    assert profile.status.startswith("interrupted after")
    assert np.max(profile.error) <= 1.01e-2 * profile.problem.current_scale
    truth = truths["band"]
    assert np.all(np.abs(profile.j_y - truth.j_y) <= profile.error + truth.error)


@pytest.mark.parametrize("name", PROBLEMS)
def test_progress_tells_error_goal_work_and_time(name):
    profile, told = untimed(name)
    assert sum(told) == told[-1].work == profile.details["diagonalisations"]
    goal = RTOLS[name] * profile.problem.current_scale
    assert all(step.goal == goal for step in told)
    assert told[0].error == np.inf
    errors = [step.error for step in told]
    assert errors[-1] < errors[0]
    assert errors == sorted(errors, reverse=True)
    seconds = [step.seconds for step in told]
    assert seconds == sorted(seconds)
    # A progress bar takes it as a number.
    assert isinstance(told[0], int)
    assert "error=inf" in repr(told[0])


def test_a_default_run_ends():
    """By work, not by time: the same everywhere; `within` lifts the limit."""
    short = Settings(limits=Limits(effort=0.003))
    one, two = (quiet(PROBLEMS["band"], rtol=RTOL, settings=short) for _ in range(2))
    assert one.status.startswith("stopped at the work of a default run (within= allows more)")
    np.testing.assert_array_equal(one.j_y, two.j_y)
    np.testing.assert_array_equal(one.error, two.error)
    assert quiet(PROBLEMS["gap"], rtol=1e-3, settings=short, within=np.inf).converged
