"""The numbers: those of speed change no answer by more than its error, those of the claim do."""

from __future__ import annotations

import warnings
from dataclasses import fields, replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.states.settings import DEFAULT, Claim, Limits, Start

X = np.array([-0.9, 0.2, 1.4])
WIDE = np.array([-20.0, 0.3, 17.0])
#: Cheap problems, so that each number matters to one of them at least: a gap, a narrow feature, a
#: band at T > 0 (graded leads), a jump, a step so wide that it is solved window by window, and
#: waves in the gap and in a band at T = 0.
PROBLEMS = {
    "gap": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)),
    "narrow": dd.Problem(dd.TanhStep(-0.3, 0.3, 0.2), 1.0, 0.2),
    "band": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, 1.2, 0.15),
    "jump": dd.Problem(dd.SharpStep(-0.4, 0.4), 1.0, 0.1),
    "wide": dd.Problem(dd.TanhStep(-0.5, 0.5, 10.0)),
    "metallic wave": dd.Problem(dd.CosinePotential(0.4, 3.0), 1.0, 1.6),
    "wave": dd.Problem(dd.CosinePotential(0.4, 3.0), 1.0, 0.2, 0.1),
}
RTOL = {"gap": 1e-3, "narrow": 1e-2, "band": 1e-2, "jump": 1e-2, "wide": 1e-2,
        "metallic wave": 1e-2, "wave": 1e-3}
#: What each number of `Start` has something to do with; all others are tried in the gap.
WHERE = {
    "crowding": ["jump"], "narrow": ["narrow"], "jump_radius": ["jump"], "farthest_wall": ["band"],
    "graded_length": ["band"], "forecourt": ["band"], "graded_depth": ["band"], "fading": ["band"],
    "order_per_radian": ["band"], "ring_cells": ["wave"], "ring_spacing": ["wave"],
    "spacing": ["gap", "band", "jump"], "order": ["gap", "band", "wave"],
    "growth": ["band", "wave"], "lattice_order": ["gap", "jump", "wave"],
    "momentum_share": ["gap", "band", "wave"], "size_share": ["gap", "wave"],
    "difference_guess": ["band", "wave"], "window_sights": ["wide"],
    "twists_looked_at": ["metallic wave"], "first_rtol": ["timed"], "long_run": ["timed"],
    "slice_states": ["sparse"], "slice_borders": ["sparse"],
}
#: These only choose the lattice of `hamiltonian` and `eigenstates`, whose answer they are.
LATTICE = {"matrix_resolution", "matrix_margin"}
#: Other ways to solve the problem in the gap.
OPTIONS = {"timed": {"within": 3600.0}, "sparse": {"solver": "sparse", "rtol": 3e-2}}


def changed(name, factor):
    """The default settings with one number of `Start` changed."""
    value = getattr(DEFAULT.start, name)
    new = value * factor
    if isinstance(value, int):
        # A seventh of three quarters is no number of states: at least one up or down.
        new = max(1, round(new) if round(new) != value else value + (1 if factor > 1 else -1))
    if name == "growth":
        new = 1 + (value - 1) * factor
    return replace(DEFAULT, start=replace(DEFAULT.start, **{name: new}))


def solve(which, settings=DEFAULT):
    name = "gap" if which in OPTIONS else which
    options = {"rtol": RTOL[name]} | OPTIONS.get(which, {})
    x = WIDE if which == "wide" else X
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        return dd.current_density(PROBLEMS[name], x, "states", settings=settings, **options)


@pytest.fixture(scope="module")
def truths():
    found = {
        name: dd.current_density(p, WIDE if name == "wide" else X, "green", RTOL[name] / 100)
        for name, p in PROBLEMS.items()
    }
    return found | {name: found["gap"] for name in OPTIONS}


@pytest.mark.parametrize("factor", [0.7, 1.3])
@pytest.mark.parametrize("name", [f.name for f in fields(Start) if f.name not in LATTICE])
def test_a_number_of_speed_changes_no_answer_beyond_its_error(name, factor, truths):
    for which in WHERE.get(name, ["gap"]):
        profile = solve(which, changed(name, factor))
        truth = truths[which]
        error = np.abs(profile.j_y - truth.j_y)
        assert np.all(error <= profile.error + truth.error), (which, error / profile.error)
        assert np.all(np.isfinite(profile.error))


def test_the_answers_at_the_default_are_within_their_errors(truths):
    for which, truth in truths.items():
        profile = solve(which)
        assert np.all(np.abs(profile.j_y - truth.j_y) <= profile.error + truth.error), which
        assert profile.converged, profile.status


@pytest.mark.parametrize("name", ["safety", "floor", "everywhere"])
def test_a_number_of_the_claim_moves_the_claim_and_not_the_answer(name):
    """Which is what sets them apart: no measurement inside the run corrects them."""
    plain = solve("gap")
    larger = replace(DEFAULT, claim=replace(
        DEFAULT.claim, **{name: 1.1 * getattr(DEFAULT.claim, name)}))
    claimed = solve("gap", larger)
    if claimed.details["levels"] == plain.details["levels"]:
        np.testing.assert_array_equal(claimed.j_y, plain.j_y)
    assert np.max(claimed.error) > np.max(plain.error)


@pytest.mark.parametrize("kind", [Limits, Start, Claim])
def test_the_numbers_are_frozen_and_every_one_has_its_evidence(kind):
    import inspect

    from dirac1d.states import settings

    source = inspect.getsource(settings)
    lines = source.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith(f"class {kind.__name__}:"))
    commented = False
    for line in lines[begin + 1 :]:
        if line.startswith(("class ", "@")):
            break
        text = line.strip()
        commented = text.startswith("#:") or (commented and bool(text))
        if ": " in text and " = " in text and not text.startswith("#"):
            assert commented, f"{text} says nothing of where it comes from"
    with pytest.raises(AttributeError):
        setattr(kind(), fields(kind)[0].name, 0)
