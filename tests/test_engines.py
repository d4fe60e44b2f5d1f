"""One name for both engines: dispatch, options, bad input, comparison."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.engines import DEFAULT_ENGINE, ENGINES

X = np.array([-1.0, 0.0, 0.5])
STEP = dd.TanhStep(-0.5, 0.5, 1.0)
RTOL = {"states": 1e-3, "green": 1e-6}


@pytest.fixture(params=["states", "green"])
def engine(request):
    return request.param


def test_engines_have_names():
    assert set(ENGINES) == {"states", "green"}
    assert DEFAULT_ENGINE in ENGINES


def test_a_profile_says_where_it_comes_from(engine, gap_problem):
    profile = dd.current_density(gap_problem, X, engine=engine, rtol=RTOL[engine])
    np.testing.assert_array_equal(profile.x, X)
    assert profile.j_y.shape == profile.error.shape == X.shape
    assert profile.engine == engine
    assert profile.problem is gap_problem
    assert profile.rtol == RTOL[engine]
    assert profile.status == "converged"
    assert np.all(profile.error >= 0)
    assert np.max(profile.error) <= RTOL[engine] * gap_problem.current_scale


def test_a_rising_step_drives_a_negative_current_in_the_gap(engine, gap_problem):
    # j_y = -σE_x with eE = -U′ and σ = -e²/2h: j_y/e ≈ -U′/4π, so negative for U′ > 0.
    profile = dd.current_density(gap_problem, X, engine=engine, rtol=RTOL[engine])
    assert np.all(profile.j_y < 0)


def test_default_engine_and_default_rtol(gap_problem):
    profile = dd.current_density(gap_problem, X)
    assert profile.engine == DEFAULT_ENGINE
    assert profile.rtol == 1e-8
    assert dd.current_density(gap_problem, X, "states").rtol == 1e-4


def test_values_do_not_depend_on_the_other_points(engine, gap_problem):
    """A point's value is a matter of the problem, not of x: within its error."""
    few = dd.current_density(gap_problem, [0.5], engine=engine, rtol=RTOL[engine])
    many = dd.current_density(gap_problem, X, engine=engine, rtol=RTOL[engine])
    assert abs(few.j_y[0] - many.j_y[-1]) <= few.error[0] + many.error[-1]


def test_x_may_be_any_increasing_sequence(engine, gap_problem):
    array = dd.current_density(gap_problem, X, engine=engine, rtol=RTOL[engine])
    plain = dd.current_density(gap_problem, X.tolist(), engine=engine, rtol=RTOL[engine])
    np.testing.assert_array_equal(array.j_y, plain.j_y)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (dd.Problem(STEP, mass=0.0), "no mass"),
        (dd.Problem(STEP, mass=0.0, fermi_energy=2.0, temperature=0.1), "no mass, metal"),
        (dd.Problem(dd.SharpStep(0.0, 1.0), mass=0.0), "no mass, jump"),
        (dd.Problem(dd.TanhStep(0.3, 0.3, 1.0)), "no step"),
        (dd.Problem(dd.SharpStep(0.3, 0.3), 1.0, 3.0), "no step, metal"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_no_mass_or_no_step_means_no_current(engine, problem, reason):
    profile = dd.current_density(problem, X, engine=engine)
    np.testing.assert_array_equal(profile.j_y, 0.0)
    np.testing.assert_array_equal(profile.error, 0.0)
    assert profile.status == "converged"
    assert profile.integral() == 0.0
    assert dd.total_current(problem) == 0.0


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"x": []}, "x must not be empty"),
        ({"x": [1.0, 0.0]}, "x must increase"),
        ({"x": [0.0, np.nan]}, "x must be finite"),
        ({"rtol": 0.0}, "rtol"),
        ({"rtol": 2.0}, "rtol"),
        ({"rtol": np.nan}, "rtol"),
        ({"rtol": "tiny"}, "rtol"),
        ({"engine": "lattice"}, "engine must be one of .*'lattice'"),
        ({"engine": None}, "engine must be one of"),
        ({"problem": STEP}, "problem must be"),
        ({"problem": None}, "problem must be"),
        ({"colour": "red"}, "colour is not an option"),
    ],
)
def test_bad_input_is_named(engine, changes, culprit, gap_problem):
    arguments = {"problem": gap_problem, "x": X, "engine": engine} | changes
    with pytest.raises(ValueError, match=culprit):
        dd.current_density(**arguments)


def test_options_belong_to_one_engine(gap_problem):
    with pytest.raises(ValueError, match="solver is not an option of engine 'green'"):
        dd.current_density(gap_problem, X, "green", solver="sparse")
    with pytest.raises(ValueError, match=r"solver must be one of .*'dense'"):
        dd.current_density(gap_problem, X, "states", solver="dense")


class TestComparison:
    def test_engines_agree_within_their_errors(self, gap_problem):
        both = dd.compare_engines(gap_problem, X, rtol=1e-4)
        assert both.agree
        assert (both.green.engine, both.states.engine) == ("green", "states")
        np.testing.assert_array_equal(both.difference, both.states.j_y - both.green.j_y)

    def test_disagreement_is_noticed(self, gap_problem):
        profile = dd.current_density(gap_problem, X, rtol=1e-5)
        other = dd.Profile(X, profile.j_y + 1e-3, profile.error, "converged", "states",
                           gap_problem, 1e-5)
        assert not dd.Comparison(profile, other).agree

    def test_infinite_values_at_a_jump_do_not_count(self):
        problem = dd.Problem(dd.SharpStep(-0.5, 0.5))
        x, j_y = np.array([-1.0, 0.0, 1.0]), np.array([-0.01, -np.inf, -0.01])
        one = dd.Profile(x, j_y, np.full(3, 1e-6), "converged", "green", problem, 1e-4)
        comparison = dd.Comparison(one, one)
        np.testing.assert_array_equal(comparison.difference, 0.0)
        assert comparison.agree
