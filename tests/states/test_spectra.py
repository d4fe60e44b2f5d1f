"""Spectra of the lattice at real energies: both engines, sum rules, levels that are narrow."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.states.momentum_path import conducting_path
from dirac1d.states.resolvent import Lead, pivots

X = np.array([-2.0, -0.5, 0.3, 3.0])
STEP, WALL = dd.TanhStep(-0.5, 0.5, 1.0), dd.TanhStep(-1, 1, 2.0)
LINES = {
    "one lead conducts": (dd.Problem(STEP), 1.2),
    "valence band": (dd.Problem(STEP, -0.8), -2.0),
    "n-p": (dd.Problem(dd.SharpStep(-2, 2)), 0.1),
    "bound levels": (dd.Problem(dd.GaussianBump(-1.5, 2.0)), 0.2),
    # Levels that rise and levels that fall with p, between leads in which nothing moves.
    "deep well": (dd.Problem(dd.GaussianBump(4.19, 0.37)), 0.09),
    "deep square well": (dd.Problem(dd.SharpStep(0, -3.2, -1.36) + dd.SharpStep(0, 3.2, 1.36)),
                         -0.7),
    "deep well between walls": (
        dd.Problem(dd.TanhStep(0, 4.2, 0.4, -1.34) + dd.TanhStep(0, -4.2, 0.4, 1.34)), -0.44,
    ),
    "wall of mass": (dd.Problem(0.0, WALL), 0.3),
    "wall and step": (dd.Problem(STEP, dd.TanhStep(-1, 2, 1.0)), 1.2),
    "gapless lead": (dd.Problem(STEP, dd.TanhStep(0, 1, 1.0)), 0.2),
}
FUNCTIONS = dd.local_density_of_states, dd.energy_resolved_current
CIRCLES = {
    "dot": (dd.Problem(dd.GaussianDot(-2.5, 2**0.5)), 1.3),
    "disc": (dd.Problem(dd.Disc(-1.0, 2.0, outside=0.1)), -1.6),
}
R = np.array([0.05, 1.0, 2.0, 6.0])


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", LINES | CIRCLES)
def test_both_engines(function, name):
    (problem, energy), x = (LINES | CIRCLES)[name], R if name in CIRCLES else X
    found = function(problem, x, energy, "states")
    # Deep wells took the wrong side of the axis at 1e-4 already; more digits of them take long.
    green = function(problem, x, energy, rtol=1e-4 if name.startswith("deep") else 1e-5)
    assert found.status == green.status == "converged"
    assert np.all(np.abs(found - green) <= found.error + green.error)
    assert np.max(np.abs(found)) > 10 * np.max(found.error)


def test_a_half_plane_has_the_density_of_its_edge_state():
    problem, x = dd.Problem(0.0, 1.0 + dd.HardWall(0.0, -1, "left")), np.array([0.0, 0.1, 1.0])
    exact = np.exp(-2 * x) / np.pi
    for function in FUNCTIONS:
        found = function(problem, x, 0.3, "states")
        assert np.all(np.abs(found - exact) <= found.error)
        assert found.status == "converged"


def test_a_wall_at_the_middle_of_its_gap():
    """E = p_y crosses 0 at p_y = 0, where two signs of p_y meet: its state is counted once."""
    problem = dd.Problem(0.0, WALL)
    at, beside = (dd.local_density_of_states(problem, X, E, "states") for E in (0.0, 1e-2))
    np.testing.assert_allclose(at, beside, rtol=1e-4)


def test_far_from_a_step_it_is_uniform():
    flat = dd.Problem(dd.TanhStep(0.2, 0.2, 1.0))
    found = dd.local_density_of_states(flat, X, [1.7, 0.9], "states")
    assert np.all(np.abs(found[0] - 1.5 / (2 * np.pi)) <= found.error[0])
    assert np.all(np.abs(found[1]) <= found.error[1])


@pytest.mark.parametrize("thickness", [2.0, 6.0])
def test_a_resonance_behind_barriers(thickness):
    """It is narrower than any interval: nearly as if it were bound."""
    def step(height, x):
        return dd.TanhStep(0.0, height, 0.5, x)

    far, x = 2.0 + thickness, np.array([-1.0, 0.0, 1.5])
    problem = dd.Problem(step(1.5, -far) + step(-1.5, -2.0) + step(1.5, 2.0) + step(-1.5, far))
    found = dd.local_density_of_states(problem, x, 1.6, "states")
    green = dd.local_density_of_states(problem, x, 1.6, rtol=1e-5)
    assert found.status == "converged"
    assert np.all(np.abs(found - green) <= found.error + green.error)


@pytest.mark.parametrize("width", [1e-2, 1e-5, 1e-13, 0.0])
@pytest.mark.parametrize("slope", [1.0, -1.0])
def test_the_path_counts_a_level_however_narrow(width, slope):
    place = 0.7123

    def sample(p):
        inverse = slope * (place - p) + 1j * width
        return 1 / inverse[None, :], np.angle(inverse)

    path = conducting_path(sample, 0.0, 1.0, 1e-4)
    p, weight = path.rule(20)
    found = -np.sum(weight * sample(p)[0].reshape(p.shape)).imag
    exact = np.pi if width == 0 else np.arctan(place / width) + np.arctan((1 - place) / width)
    assert abs(found - exact) < 1e-6


@pytest.mark.parametrize(("energy", "waves"), [(0.4, False), (1.8, True), (-1.8, True)])
@pytest.mark.parametrize("mass", [1.0, -0.7, 0.0])
def test_a_lead_goes_on_for_ever(energy, waves, mass):
    """Two of its sites more and it is the same; its waves leave."""
    p, link = np.array([0.8 if mass == 0 and not waves else 0.3]), 0.11
    right = 1.0 if mass > 0 else -1.0
    lead = Lead(0.0, mass, link, 2 * link, right)
    here = lead.self_energy(energy, p, waves)
    weak, strong = (((1 + s * abs(mass) * link) / (2 * link)) ** 2 for s in (-1, 1))
    # The site next to the lead, its first site, the next one: E ∓ p_y in turn.
    first, second = energy + right * p, energy - right * p
    np.testing.assert_allclose(weak / (first - strong / (second - here)), here, rtol=1e-12)
    assert np.all(here.imag < 0) if waves else np.all(np.abs(here.imag) < 1e-15)
    if not waves:
        chain, squared = np.tile([first, second], (1000, 1)), np.tile([strong, weak], 1000)[:-1]
        far = weak / pivots(chain[::-1], squared[::-1], np.zeros(1))[-1]
        np.testing.assert_allclose(far, here.real, rtol=1e-12)


def test_its_integral_is_a_current():
    """Of a circle whose mass varies too; the continuum engine has no spectrum of it."""
    problem = dd.Problem(dd.GaussianDot(-0.5, 2**0.5), dd.GaussianDot(-2.0, 2.0, outside=1.0))
    low, high, r = 1.4, 1.6, np.array([0.5, 1.5, 3.0])
    t, w = np.polynomial.legendre.leggauss(4)
    spectrum = dd.energy_resolved_current(problem, r, 1.5 + 0.1 * t, "states", rtol=1e-3)
    slope = 0.1 * w @ np.asarray(spectrum)
    at = [dd.current_density(dd.Problem(problem.potential, problem.mass, E, 0.0), r, "states",
                             rtol=1e-2) for E in (low, high)]
    change = at[1].j_phi - at[0].j_phi
    assert np.all(np.abs(slope - change) <= at[0].error + at[1].error + 0.2 * np.max(
        spectrum.error, axis=0))
    assert np.max(np.abs(slope)) > 3 * np.max(at[0].error)


def test_a_budget_gives_the_best_so_far():
    problem = dd.Problem(dd.GaussianBump(-1.5, 2.0))
    with pytest.warns(dd.AccuracyWarning, match="stopped after"):
        found = dd.local_density_of_states(problem, X, np.linspace(1.1, 1.9, 40), "states",
                                           rtol=1e-7, within=0.3)
    assert found.status.startswith("stopped after")
    assert np.any(np.isinf(found.error) | (found.error > 1e-7))


@pytest.mark.parametrize(("call", "culprit"), [
    (lambda f: f(dd.Problem(dd.CosinePotential(1.0, 1.0)), X, 1.0, "states"), "periodic"),
    (lambda f: f(CIRCLES["dot"][0], R, 0.5, "states"), "gap around U far outside"),
    (lambda f: f(dd.Problem(STEP), X, np.nan, "states"), "finite"),
    (lambda f: f(dd.Problem(STEP), X, 1.0, "lattice"), "engine must be one of green, states"),
    (lambda f: f(dd.Problem(STEP), X, 1.0, "states", solver="sparse"), "solver is not an option"),
    (lambda f: f(dd.Problem(STEP), X[::-1], 1.0, "states"), "increase"),
])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_is_refused(call, culprit, function):
    with pytest.raises(ValueError, match=culprit):
        call(function)


def test_the_density_at_the_centre_is_refused():
    with pytest.raises(ValueError, match="positive"):
        dd.local_density_of_states(CIRCLES["dot"][0], [0.0, 1.0], 1.5, "states")
    with pytest.raises(ValueError, match="mass"):
        dd.local_density_of_states(dd.Problem(STEP, 0.0), X, 1.5, "states")
