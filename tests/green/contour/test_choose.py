"""No singularity lies between the real axis of p and the path: the integral is the same on both.

At fixed ω > 0 the integrand is analytic in p near the real axis. A state with dε/dp > 0 at the
Fermi energy is a pole above the axis, at p + iω/(dε/dp), one with dε/dp < 0 a pole below it. That
there is none of the kind towards which the path turns is a theorem where U varies by 2|Δ| at most,
and where it is gradual (dirac1d/green/README.md), and true of monotonic steps.
"""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.contour import bound_below, choose, choose_path, deepest_well, trapped_phase
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.settings import Settings, Start
from dirac1d.green.sources.step.geometry import Step
from dirac1d.green.sources.step.riccati import solve
from dirac1d.numerics.quadrature import gauss_legendre

X = np.array([0.1, 0.2])
PIECES, NODES = 60, 10


def momentum_integral(problem, direction, omega, pivot=0.0):
    """∫dp (Δ/M) tr σ_yG along p = q · direction at one frequency; real up to a pivot."""
    step = Step.of(problem, X, Settings.of(1e-8))
    mesh = step.mesh.split(np.maximum(1, np.ceil(step.mesh.widths / 0.3)).astype(int))
    rule = gauss_legendre(NODES)
    v = ((np.arange(PIECES)[:, None] + rule.nodes) / PIECES).ravel()
    weight = np.tile(rule.weights / PIECES, PIECES)
    p = pivot + direction * v**2 / (1 - v)
    slope = direction * v * (2 - v) / (1 - v) ** 2
    if pivot:
        p, slope = np.concatenate((pivot * v, p)), np.concatenate((np.full(len(v), pivot), slope))
        weight = np.tile(weight, 2)
    M = np.sqrt(problem.mass**2 + p * p + 0j)
    panel = int(np.searchsorted(mesh.edges, X[0]))
    solution = solve(mesh, np.full(len(p), problem.fermi_energy + 1j * omega), M, 1e-11)
    trace = solution.sigma_y(slice(panel, panel + 1))[0, 0]
    return float(np.sum(weight * slope * problem.mass / M * trace).real)


def apart(problem, omega):
    """By how much the integrals on the path and on the real axis differ."""
    step = Step.of(problem, X, Settings.of(1e-8))
    path = choose_path(1.0, problem.fermi_energy, 0.0, step.U_reach, Start())  # as without wells
    assert isinstance(path, Ray)
    assert path.direction.imag != 0
    one, other = (momentum_integral(problem, d, omega) for d in (1.0, path.direction))
    return abs(one - other)


@pytest.mark.parametrize("omega", [0.2, 0.5])
@pytest.mark.parametrize("problem", [
    dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, 1.2),
    dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, -2.0),
    dd.Problem(dd.TanhStep(-4.0, 0.2, 0.5), 1.0, 1.0),
    dd.Problem(dd.GaussianBump(-1.9, 0.5), 1.0, -0.4),
    dd.Problem(dd.GaussianBump(1.9, 0.2), 1.0, 1.1),
], ids=["half-metal", "holes", "large step", "well", "barrier"])
def test_integral_on_the_path_is_that_on_the_real_axis(problem, omega):
    assert apart(problem, omega) < 1e-6


#: ε(M) of its bound state falls from -0.650 at M = 1 to -0.910 at M = 2 and rises from there.
FALLING = dd.Problem(dd.GaussianBump(-12.0, 0.12), 1.0, -0.75)


def test_a_band_that_falls_where_the_others_rise():
    """A deep, narrow well: a pole lies between the path and the axis at ω < 0.1."""
    assert apart(FALLING, 0.04) > 1e-2
    path = Step.of(FALLING, X, Settings.of(1e-8)).path()
    assert isinstance(path, Offset)
    assert 0.8 < path.pivot < any_well(FALLING)


def well(problem):
    """M below which a problem's wells may bind states on the path's side."""
    mesh = Step.of(problem, X, Settings.of(1e-8)).mesh
    return bound_below(problem.fermi_energy - mesh.U, mesh.dU, 1.0, bool(problem.jumps))


def any_well(problem):
    """p beyond which no well whatever has a state on the path's side."""
    return np.sqrt((problem.potential.height / 2) ** 2 - 1)


def barely_gradual(depth, mu):
    """The narrowest well of a depth whose slopes are small enough."""
    narrow, wide = 0.05, 20.0
    while wide / narrow > 1.01:
        middle = np.sqrt(narrow * wide)
        gradual = well(dd.Problem(dd.GaussianBump(depth, middle), 1.0, mu)) == 1.0
        narrow, wide = (narrow, middle) if gradual else (middle, wide)
    return dd.Problem(dd.GaussianBump(depth, wide), 1.0, mu)


@pytest.mark.parametrize("omega", [0.04, 0.3])
@pytest.mark.parametrize("problem", [
    barely_gradual(-6.0, -0.75), barely_gradual(-8.0, -0.75), barely_gradual(5.0, 0.5),
    barely_gradual(5.0, -1.4), dd.Problem(dd.GaussianBump(-4.0, 3.0), 1.0, -0.2),
], ids=["deep", "deeper", "of holes", "in a metal", "wide"])
def test_gradual_wells_bind_nothing_on_the_paths_side(problem, omega):
    path = Step.of(problem, X, Settings.of(1e-8)).path()
    assert isinstance(path, Ray)
    turned, known = (
        momentum_integral(problem, path.direction, omega, p) for p in (0.0, any_well(problem))
    )
    assert abs(turned - known) < 1e-6


@pytest.mark.parametrize("problem", [
    FALLING, dd.Problem(dd.GaussianBump(4.0, 1.0), 1.0, 1.2),
    dd.Problem(dd.GaussianBump(-5.0, 0.6), 1.0, -1.5),
], ids=["falling", "n-p-n", "p-n-p"])
def test_nothing_is_on_the_paths_side_beyond_its_pivot(problem):
    path = Step.of(problem, X, Settings.of(1e-8)).path()
    assert 0 < path.pivot < any_well(problem)
    turned, known = (
        momentum_integral(problem, path.direction, 0.04, p) for p in (path.pivot, any_well(problem))
    )
    assert abs(turned - known) < 1e-6


def sharp_well(depth, width, mu, wall=0.0):
    """Between jumps, or between two barriers of a height."""
    parts = [(-width, wall), (-width / 2, -depth - wall), (width / 2, depth + wall), (width, -wall)]
    return dd.Problem(sum(dd.SharpStep(0.0, step, at) for at, step in parts), 1.0, mu)


def test_jumps_are_not_gradual():
    assert well(sharp_well(3.0, 2.0, -0.5)) == np.inf


@pytest.mark.parametrize(("problem", "turns_at_once"), [
    (sharp_well(3.0, 2.0, -0.5), True), (sharp_well(-3.5, 1.0, 0.6), True),
    (sharp_well(2.5, 3.0, -0.2, 0.8), True), (sharp_well(6.0, 1.0, -1.5), False),
    (sharp_well(13.0, 0.2, -0.75), False),
], ids=["well", "of holes", "between barriers", "in a metal", "falling"])
def test_states_of_sharp_wells_are_looked_for(problem, turns_at_once):
    """Sharp wells are not gradual, but hold falling states only if they are deep and narrow."""
    step = Step.of(problem, X, Settings.of(1e-8))
    path, half = step.path(), np.ptp(step.mesh.U) / 2
    safe = np.sqrt(half**2 - 1)  # where there are none in any well
    assert path.pivot < safe
    assert (path.pivot == 0) == turns_at_once
    turned, known = (
        momentum_integral(problem, path.direction, 0.04, p) for p in (path.pivot, safe)
    )
    assert abs(turned - known) < 1e-6
    if not turns_at_once:  # states there are, or the corner of the other band
        assert abs(momentum_integral(problem, path.direction, 0.04) - known) > 1e-3


@pytest.mark.parametrize("edge", [0.0, 0.3])
@pytest.mark.parametrize("ends", [0.0, 0.05, 0.55, 0.93])
def test_where_p_may_turn_is_bisected(ends, edge):
    """A little beyond the last state, and never before the edge."""
    asked = []

    def none_passed(start, stop, direction):
        asked.append(start)
        assert stop == 1.0
        assert direction == pytest.approx(np.exp(1j * choose.WIDER * 0.5))
        return start >= ends

    pivot = choose.first_free(none_passed, edge, 1.0, lambda p: 0.5)
    assert max(ends, edge) <= pivot <= max(ends, edge) + 1.5 / choose.PIVOTS
    assert min(asked) >= edge
    assert len(asked) <= 4


def test_larger_masses_are_as_gradual():
    rng = np.random.default_rng(3)
    for _ in range(200):
        e, slope = rng.uniform(-1.5, 4, 20), 10 ** rng.uniform(-2, 1, 20)
        masses = np.linspace(1.0, 6.0, 40)
        found = [choose._is_gradual(e, slope, M) for M in masses]
        assert found == sorted(found)


@pytest.mark.parametrize(("e", "depth"), [
    ([-2.0, -1.0, 0.0, 1.0, 2.0], 0.0), ([0.5, 1.0, 3.0], 0.0), ([0.1, 2.0, 0.5], 1.5),
    ([2.0, 1.0, 1.3, -0.5, -3.0], 0.3), ([0.2, -1.5, 0.2], 1.3), ([1.0, 1.0, 1.0], 0.0),
], ids=["across zero", "rising", "well", "dimple", "barrier", "flat"])
def test_depth_of_a_well(e, depth):
    assert deepest_well(np.array(e)) == pytest.approx(depth, abs=1e-15)


def test_a_current_with_a_falling_band_does_not_depend_on_the_path():
    """At rtol 3e-7 paths turned by 1, 0.7, 0.5, 0.3, 0.2 of the usual angle agree to 4e-10."""
    U = dd.CosinePotential(3.1782419930848156, 5.603432049431034)
    profile = dd.current_density(dd.Problem(U, 1.0, 2.446162378349503), [0.17704539], rtol=1e-5)
    assert abs(profile.j_y[0] - 0.2784236922) < 0.5 * profile.error[0]


class TestTrappedPhase:
    """∫ k dx over a well that is closed at some p."""

    x = np.linspace(-10, 10, 2001)

    def test_a_well_in_the_gap_holds_its_whole_phase(self):
        e = np.where(np.abs(self.x) <= 1.0, 2.0, 0.5)
        assert trapped_phase(self.x, e, 1.0) == pytest.approx(2 * np.sqrt(3.0), rel=1e-2)

    def test_a_well_in_a_band_holds_what_is_above_its_lower_wall(self):
        e = np.where(np.abs(self.x) <= 1.0, 2.0, np.where(self.x < 0, 1.2, 1.5))
        assert trapped_phase(self.x, e, 1.0) == pytest.approx(2 * np.sqrt(4 - 1.5**2), rel=1e-2)

    def test_two_wells_count_together_once_they_are_one(self):
        """A wall between them that is lower than what closes both."""
        e = np.full_like(self.x, 0.1)
        e[np.abs(self.x) <= 3] = 2.0
        e[np.abs(self.x) <= 0.5] = 1.5
        whole = 5 * np.sqrt(3.0) + np.sqrt(1.5**2 - 1)
        assert trapped_phase(self.x, e, 1.0) == pytest.approx(whole, rel=1e-2)

    def test_what_is_left_at_the_end_of_a_strip_does_not_count(self):
        e = np.where(np.abs(self.x) <= 1.0, 2.0, 0.5)
        passed = 2 * (np.sqrt(3.0) - np.sqrt(4 - 1.5**2))
        assert trapped_phase(self.x, e, 1.0, 1.5) == pytest.approx(passed, rel=3e-2)
        assert trapped_phase(self.x, np.maximum(e, 1.6), 1.0, 1.5) == 0.0  # open as far as there

    @pytest.mark.parametrize("e", [
        np.linspace(-3, 3, 2001),  # bands at both ends, nothing between them
        2 - np.exp(-np.linspace(-3, 3, 2001) ** 2),  # a barrier
        0.9 * np.cos(np.linspace(-9, 9, 2001)),  # in the gap
    ])
    def test_nothing_is_trapped(self, e):
        assert trapped_phase(self.x, e, 1.0) == 0.0

    def test_roughness_of_a_ramp_traps_little(self):
        rng = np.random.default_rng(7)
        rough = np.interp(self.x, np.linspace(-10, 10, 80), 0.03 * rng.normal(size=80))
        assert 0 < trapped_phase(self.x, 0.2 * self.x + rough, 1.0) < 0.3
