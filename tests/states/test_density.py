"""Window densities: j_y = -∂ₓ of the weighted density where the lattice resolves, and the trap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

import dirac1d as dd

STEP = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))
WELL = dd.Problem(dd.GaussianBump(-1.6, 2.0))
BOX = (-16.0, 16.0)


def site_current(states):
    """u² on A, -v² on B, per length: σ_y of SR, shape (N, n)."""
    chain = states.chain
    return states.vectors**2 * (chain.sublattice / chain.cells)[:, None]


def carried(chain, per_length, x):
    """Sum of two smooth functions that live on the sublattices A and B, at x."""
    return sum(
        make_interp_spline(chain.x[i::2], per_length[i::2], k=7)(x) for i in (0, 1)
    )


def window_current(problem, x, window, p_y, spacing):
    """Mean over ±p_y of the current density of all states in the window."""
    total = np.zeros(len(x))
    for p in (p_y, -p_y):
        states = dd.eigenstates(problem, p, window, spacing, BOX)
        total += carried(states.chain, site_current(states).sum(axis=1), x) / 2
    return total


def slope(x, values):
    """d/dx of smooth samples: a spline of degree 7 on a fine grid."""
    return make_interp_spline(x, values, k=7).derivative()(x)


def test_density_counts_the_states():
    """∫ of the density over the box is the number of states in the window."""
    x = np.linspace(-16, 16, 3201)
    for p_y in (0.0, 0.4):
        density = dd.window_density(WELL, x, (-1.0, 1.0), p_y, spacing=0.1, box=BOX)
        count = len(dd.eigenstates(WELL, p_y, (-1.0, 1.0), 0.1, BOX).energies)
        assert count > 0
        # Bound states: nothing at the walls. Interpolation to 10 sites: 1e-7 measured.
        assert np.trapezoid(density, x) == pytest.approx(count, rel=1e-5)


def test_weight_is_mass_over_two_M_squared():
    x = np.linspace(-3, 3, 7)
    for mass, p_y in ((1.0, 0.4), (-0.7, 1.1)):
        problem = dd.Problem(dd.GaussianBump(-1.6, 2.0), mass)
        plain, weighted = (
            dd.window_density(problem, x, (-1.5, 1.5), p_y, weighted=w, spacing=0.2, box=BOX)
            for w in (False, True)
        )
        np.testing.assert_allclose(weighted, plain * mass / (2 * (mass**2 + p_y**2)), rtol=1e-12)


def test_density_is_the_mean_over_both_signs_of_p_y():
    x = np.linspace(-3, 3, 7)
    plus, minus = (
        dd.window_density(STEP, x, (-2.0, 0.0), p, spacing=0.2, box=BOX) for p in (0.6, -0.6)
    )
    np.testing.assert_array_equal(plus, minus)


def identity_errors(problem, window, p_y):
    """max |j_y + ∂ₓ weighted density| at the spacings 0.1 and 0.05, over the largest |j_y|.

    At 0.2 another level lies in some of the windows: no order could be read off.
    """
    x, errors = np.linspace(-6, 6, 601), []
    for spacing in (0.1, 0.05):
        j_y = window_current(problem, x, window, p_y, spacing)
        density = dd.window_density(
            problem, x, window, p_y, weighted=True, spacing=spacing, box=BOX
        )
        errors.append(np.max(np.abs(j_y + slope(x, density))))
        size = np.max(np.abs(j_y))
    if not size > 0:
        pytest.fail("the window holds no current: nothing is tested")
    return np.array(errors) / size


@pytest.mark.parametrize("window", [(-1.0, 1.0), (-2.5, 0.0), (-2.0, 1.9)])
@pytest.mark.parametrize("problem", [STEP, WELL], ids=["step", "well"])
def test_current_of_a_resolved_window_is_minus_the_slope_of_the_weighted_density(problem, window):
    """SR Eq. (8) at p_y = 0, where Eq. (5) alone gives it: O(a²) for every resolved window."""
    errors = identity_errors(problem, window, 0.0)
    # 0.28 % measured at worst. The ratio is 3.98 to 4.15, and 4.03 at the next halving: a⁴.
    assert errors[1] < 0.004
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.05)


def test_bound_states_obey_it_at_any_momentum():
    """SR Eq. (8) at p_y ≠ 0 takes the states of ±p_y in pairs, which a wall would spoil."""
    for p_y in (0.3, -0.8):
        errors = identity_errors(WELL, (-0.9, 0.9), p_y)
        assert errors[1] < 0.004
        assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.02)


def test_the_full_sea_is_anomalous():
    """The trap: for *all* states below ε_F the two differ by the whole current in the gap.

    At p_y = 0 and T = 0 the summed current through the step is that of a filled valence band,
    while the weighted density of the complete sea is the same on both sides: a lattice site
    holds as many states whatever U is there.
    """
    x = np.linspace(-6, 6, 601)
    sea = (-np.inf, 0.0)
    j_y = window_current(STEP, x, sea, 0.0, 0.1)
    density = dd.window_density(STEP, x, sea, 0.0, weighted=True, spacing=0.1, box=BOX)
    current = np.trapezoid(j_y, x)
    difference = -(density[-1] - density[0])
    # Continuum: ∫dx of the current at one p_y is -(U_R - U_L)/2πM, up to what lies beyond |x| = 6.
    assert current == pytest.approx(-1 / (2 * np.pi), rel=0.02)
    assert abs(difference) < 0.02 * abs(current)
    # A resolved window gives the current by either route (2 % beyond |x| = 6, and the rest
    # of the sea, of order U/|e_min|).
    window = (-4.0, 0.0)
    part = np.trapezoid(window_current(STEP, x, window, 0.0, 0.1), x)
    weighted = dd.window_density(STEP, x, window, 0.0, weighted=True, spacing=0.1, box=BOX)
    assert part == pytest.approx(-(weighted[-1] - weighted[0]), rel=0.02)


def test_integral_over_momenta_is_the_sum_of_all_momenta():
    """∫dp_y/2π of the fixed-p_y density, by an independent rule."""
    x = np.array([-1.0, 0.5])
    problem, window = dd.Problem(dd.GaussianBump(-0.9, 1.5)), (-0.5, 0.5)
    lattice = {"spacing": 0.25, "box": (-8.0, 8.0)}
    total = dd.window_density(problem, x, window, **lattice)
    p = (np.arange(60) + 0.5) * (1.2 / 60)
    by_hand = sum(dd.window_density(problem, x, window, q, **lattice) for q in p) * 0.02 / np.pi
    assert np.all(total > 0)
    # Levels leave the window at some p_y: both rules are first order there, 1/50 of a level.
    np.testing.assert_allclose(total, by_hand, rtol=0.06)


def test_flat_system_has_the_density_of_a_massive_band():
    """N(E) = (E² - Δ²)/4π per area in the conduction band of a flat system."""
    flat = dd.Problem(dd.TanhStep(0.0, 0.0, 1.0))
    density = dd.window_density(
        flat, np.linspace(-3, 3, 61), (0.0, 2.0), spacing=0.2, box=(-20.0, 20.0)
    )
    # Levels of a box of 40, smoothed over six wave lengths: 2 % measured.
    assert np.mean(density) == pytest.approx(3 / (4 * np.pi), rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"window": (1.0, -1.0)}, "window"),
        ({"window": (np.nan, 1.0)}, "window"),
        ({"window": 2.0}, "window"),
        ({"window": (-np.inf, 0.0)}, "window must be finite when all p_y"),
        ({"x": []}, "x must not be empty"),
        ({"x": [1.0, 0.0]}, "x must increase"),
        ({"p_y": np.nan}, "p_y"),
        ({"spacing": -1.0}, "spacing"),
        ({"box": (1.0, 0.0)}, "box"),
    ],
)
def test_bad_input_is_named(arguments, culprit):
    values = {"x": [0.0], "window": (-1.0, 1.0)} | arguments
    with pytest.raises(ValueError, match=culprit):
        dd.window_density(STEP, **values)


def test_an_empty_window_has_no_density():
    np.testing.assert_array_equal(
        dd.window_density(STEP, [0.0, 1.0], (-0.1, 0.1), 0.0, spacing=0.2, box=BOX), 0.0
    )
