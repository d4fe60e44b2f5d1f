"""The numbers of the continuum engine: speed changes no answer, limits say so, claims stay put."""

import warnings
from dataclasses import dataclass, field, fields, replace
from functools import cache

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.current import compute
from dirac1d.green.settings import Claim, Limits, Settings, Start

ONE = dd.TanhStep(-0.5, 0.5, 1.0)


@dataclass(frozen=True)
class Case:
    """A problem, how far and how well it is solved, and what differs from the usual start."""

    problem: dd.Problem
    rtol: float
    reach: float
    start: Start = field(default_factory=Start)

    @property
    def x(self):
        """Positions, none of them in the middle."""
        return np.linspace(-self.reach, self.reach, 7) + 0.01

    def solve(self, rtol=None, claim=None, limits=None, **numbers):
        """The profile with some numbers of the start changed."""
        settings = replace(
            Settings.of(rtol or self.rtol), start=replace(self.start, **numbers),
            claim=claim or Claim(), limits=limits or Limits(),
        )
        return compute(self.problem, self.x, settings)


CASES = {
    "gap": Case(dd.Problem(dd.TanhStep(-0.8, 0.8, 1.0)), 1e-4, 4.0),
    "half-metal": Case(dd.Problem(ONE, fermi_energy=1.2), 1e-4, 4.0),
    "metal-metal": Case(
        dd.Problem(dd.TanhStep(-1.5, 1.5, 0.25), temperature=0.05), 1e-2, 2.0
    ),
    "cosine": Case(dd.Problem(dd.CosinePotential(0.5, 2.0), fermi_energy=1.5), 1e-3, 1.0),
    # For numbers that the four above do not meet.
    "wide panels": Case(
        dd.Problem(ONE, fermi_energy=1.2), 1e-4, 4.0, Start(slope_part=1e4)
    ),
    "waves from afar": Case(dd.Problem(ONE, fermi_energy=1.2), 1e-3, 36.0),
    "metal": Case(dd.Problem(ONE, fermi_energy=2.0), 1e-4, 12.0),
    "near an edge": Case(dd.Problem(dd.TanhStep(-1.0, 1.0, 1.0), fermi_energy=0.5), 1e-3, 4.0),
    "wide panels near an edge": Case(
        dd.Problem(dd.ErfStep(-0.5, 0.5, 3.0), fermi_energy=1.01), 1e-5, 4.0, Start(slope_part=1e5)
    ),
    "at an edge": Case(dd.Problem(dd.TanhStep(0.0, 2.0, 0.5), fermi_energy=0.9999), 1e-4, 3.0),
    "cold": Case(dd.Problem(ONE, fermi_energy=1.2, temperature=2.5e-4), 1e-3, 4.0),
    "short": Case(
        dd.Problem(dd.LinearRamp(-0.5, 0.5, 0.3), fermi_energy=1.2, temperature=1.6e-3), 1e-3, 0.5
    ),
    "verified often": Case(
        dd.Problem(dd.LinearRamp(-0.5, 0.5, 0.3), fermi_energy=1.5, temperature=0.02), 1e-5, 0.5
    ),
    "strip": Case(dd.Problem(dd.TanhStep(-1.5, 1.5, 0.5)), 1e-2, 17.0),
    "resonant": Case(
        dd.Problem(dd.CosinePotential(1.004, 3.915), fermi_energy=0.886), 4e-4, 1.0
    ),
}
EVERYWHERE = ("gap", "half-metal", "metal-metal", "cosine")
#: For each number a case that meets it, and a value (far off) that makes another run of it.
MET = {
    "quarter_at": ("wide panels near an edge", 1.0),
    "impatience": ("verified often", 100.0),
    "rotation": ("half-metal", 0.4),
    "gap_part": ("gap", 0.5),
    "edge_room": ("near an edge", 0.65),
    "low_part": ("short", 0.1),
    "low_exponent": ("cold", 1.0),
    "shell_ratio": ("short", 3.0),
    "top_room": ("metal-metal", 20.0),
    "edge_part": ("at an edge", 1e-3),
    "middle": ("gap", 0.9),
    "reflection": ("metal", 1.8),
    "reflection_in_x": ("metal", 1.6),
    "few_waves": ("waves from afar", 20.0),
    "strip_phase": ("strip", 20.0),
    "most_pieces": ("strip", 1),
    "most_for_phase": ("strip", 5),
    "wave_exponent": ("metal-metal", 1.0),
    "corner": ("metal-metal", 1.0),
    "slope_part": ("metal-metal", 10.0),
    "panel_phase": ("metal", 1.0),
    "reflected_phase": ("waves from afar", 0.7),
    "grading": ("short", 0.5),
    "smoothness": ("wide panels", 5.0),
    "adiabaticity": ("half-metal", 0.1),
    "harmonics": ("cosine", 20),
}


@cache
def usual(name):
    """A case as it is."""
    return CASES[name].solve()


@cache
def truth(name):
    """A case to a hundredth of its rtol, from another start."""
    case = CASES[name]
    with warnings.catch_warnings():
        # A sharp kink misses 1e-5 by little; its error says so.
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        return replace(case, start=Start()).solve(rtol=case.rtol / 100)


def exceeds(name, profile):
    """By how much the true error is more than what is claimed (and what the truth may miss)."""
    true = truth(name)
    ratio = np.max(np.abs(profile.j_y - true.j_y) / (profile.error + true.error))
    if profile.problem.periodic:
        return float(ratio)
    total, error = profile.integral(-np.inf, np.inf)
    return float(max(ratio, abs(total - dd.total_current(profile.problem)) / error))


def changed(name, factor):
    """A number of the start, more or less a third of it more or less."""
    value = getattr(Start(), name)
    if not isinstance(value, int):
        return value * factor
    return value + int(np.copysign(max(1, round(abs(factor - 1) * value)), factor - 1))


def test_every_number_has_a_case_that_meets_it():
    assert set(MET) == {f.name for f in fields(Start)}


@pytest.mark.parametrize("name", MET)
def test_number_of_the_start_is_used(name):
    case, value = MET[name]
    assert not np.array_equal(CASES[case].solve(**{name: value}).j_y, usual(case).j_y)


@pytest.mark.parametrize("factor", [0.7, 1.3])
@pytest.mark.parametrize("name", MET)
def test_a_third_more_or_less_leaves_all_answers_within_their_errors(name, factor):
    for case in {*EVERYWHERE, MET[name][0]}:
        profile = CASES[case].solve(**{name: changed(name, factor)})
        assert profile.converged, case
        assert exceeds(case, profile) <= 1, case


#: For each limit a case that needs more, such a limit, and what else differs from the case's start:
#: rtol is missed, and the result says so.
REACHED = {
    "rounds": ("wide panels near an edge", 1, {}),
    "contour_nodes": ("wide panels near an edge", 150, {}),
    "panels": ("wide panels near an edge", 5, {}),
    "verifications": ("verified often", 1, {}),
    "harmonics": ("resonant", 8, {}),
    "periodic_work": ("resonant", 3000, {}),
}
#: Limits that make a detour only: what is not done at first is left to refinement.
DETOURS = {
    "order": ("short", 6),
    "memory": ("half-metal", 2**16),
    "halvings": ("half-metal", 1),
    "parts": ("waves from afar", 1),
    "grades": ("short", 0),
}


def test_every_limit_is_tried():
    also = {"first_panels", "stalls", "stall"}
    assert {*REACHED, *DETOURS, *also} == {f.name for f in fields(Limits)}


@pytest.mark.parametrize("name", REACHED)
def test_a_limit_that_is_met_is_said_and_the_error_still_covers(name):
    case, value, numbers = REACHED[name]
    with pytest.warns(dd.AccuracyWarning, match="reached .* of the current scale, not"):
        profile = CASES[case].solve(limits=replace(Limits(), **{name: value}), **numbers)
    assert not profile.converged
    assert profile.status.startswith("reached")
    assert np.max(profile.error) > profile.rtol * profile.problem.current_scale
    assert exceeds(case, profile) <= 1


@pytest.mark.parametrize("name", DETOURS)
def test_a_limit_that_makes_a_detour(name):
    case, value = DETOURS[name]
    profile = CASES[case].solve(limits=replace(Limits(), **{name: value}))
    assert profile.converged
    assert not np.array_equal(profile.j_y, usual(case).j_y)
    assert exceeds(case, profile) <= 1


def test_a_potential_too_rough_is_refused():
    with pytest.raises(ValueError, match="too rough"):
        CASES["half-metal"].solve(limits=Limits(first_panels=3))


#: What the certificate was made with, and why it is so: value, a case, and another value that makes
#: another claim there.
CERTIFIED = {
    # Two levels may agree by accident to about a third of the coarser one's error.
    "safety": (2.5, "half-metal", 1.0),
    # The largest of what levels and coefficients tell of a rule falls short of its error seldom.
    "rules": (1.2, "half-metal", 2.0),
    # Coefficients of a strong singularity hide a weaker one that is closer by.
    "per_node": (0.67, "gap", 0.9),
    "believed": (0.85, "half-metal", 0.3),
    # A functional has no other positions that would show what its own coefficients hide.
    "wary": (0.5, "gap", 0.3),
    # Waves from afar on panels that cannot carry them: neither level sees them.
    "lost_safety": (4.0, "metal-metal", 0.0),
    # Levels of nearly the same rules differ by less than either misses.
    "contrast": (4.0, "strip", 1.001),
    # From here on the last coefficients no longer tell at what rate the tail falls.
    "slow_rate": (0.6, "half-metal", 1.0),
    # Resonances make the difference of two levels small at some x by accident.
    "spread": (0.5, "half-metal", 0.0),
    # Both levels of a cell of real momenta may miss the same state.
    "resonant": (2.0, "resonant", 50.0),
    # Smaller than what is claimed where such states are.
    "overlooked": (0.02, "resonant", 0.5),
    # One of each parity.
    "dropped": (2, "half-metal", 1),
    # The truncation of U's tails is the same on both levels.
    "common": (0.02, "half-metal", 0.0),
    # A hundred roundings.
    "rounding": (1e-14, "gap", 0.0),
    # What Newton leaves over is the same on both levels.
    "solver": (1e-3, "half-metal", 1.0),
    # Panels are not cut for an error that came in from elsewhere.
    "own_share": (0.1, "wide panels near an edge", 0.0),
    # What is hidden is of the order of k, over π².
    "least_edge": (1e-3, "at an edge", 1e3),
    # The signed difference of two levels has the rest; it may cancel where it ends.
    "adds_up": (0.15, "half-metal", 1.0),
}


def test_claims_are_those_that_were_certified():
    """Whoever changes one runs the certificate again, over all sources, and writes it here."""
    assert {name: value for name, (value, *_) in CERTIFIED.items()} == {
        f.name: getattr(Claim(), f.name) for f in fields(Claim)
    }


@pytest.mark.parametrize("name", CERTIFIED)
def test_number_of_the_claim_is_used(name):
    _, case, other = CERTIFIED[name]
    found, known = CASES[case].solve(claim=replace(Claim(), **{name: other})), usual(case)
    in_integrals = found.integral().error != known.integral().error
    assert in_integrals or not np.array_equal(found.error, known.error)


@pytest.mark.parametrize(("name", "case"), [
    ("safety", "half-metal"), ("lost_safety", "metal-metal"), ("common", "half-metal"),
    ("rounding", "gap"), ("spread", "metal"),
])
def test_a_weaker_claim_claims_less(name, case):
    weak = CASES[case].solve(claim=replace(Claim(), **{name: 0.0}))
    assert np.sum(weak.error) < np.sum(usual(case).error)
