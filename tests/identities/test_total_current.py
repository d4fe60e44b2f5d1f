"""J_y = ∫j_y dx does not depend on the shape of U: SR Eq. (12) and (27), by integrating j_y."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd

SHAPES = {
    "sharp": lambda l, r: dd.SharpStep(l, r, 0.3),
    "tanh": lambda l, r: dd.TanhStep(l, r, 1.0),
    "erf": lambda l, r: dd.ErfStep(l, r, 0.7, -0.4),
    "ramp": lambda l, r: dd.LinearRamp(l, r, 1.5),
    "with a bump": lambda l, r: dd.TanhStep(l, r, 1.0) + dd.GaussianBump(0.4, 0.8, 0.5),
}
#: ε_F of the five regimes, for a step below 2Δ (Fig. 1) and above it (Fig. 4).
REGIMES = {1.0: (-2.0, -1.0, 0.0, 1.0, 2.0), 3.0: (-3.0, -1.5, 0.0, 1.5, 3.0)}
TEMPERATURE = 0.05
#: (e/2h)Δ, the unit of J_y.
UNIT = 1 / (4 * np.pi)


def smooth(shape):
    return shape in ("tanh", "erf", "with a bump")


@pytest.mark.parametrize("height", REGIMES)
@pytest.mark.parametrize("regime", range(5))
def test_five_regimes_by_the_continuum_engine(solve, height, regime):
    """Strip and analytic tails against the closed form at T = 0.05Δ."""
    fermi_energy = REGIMES[height][regime]
    problem = dd.Problem(
        dd.TanhStep(-height / 2, height / 2, 1.0), 1.0, fermi_energy, TEMPERATURE
    )
    profile = solve(problem, (-3.0, 0.0, 3.0), "green", 1e-6)
    total = profile.integral(-np.inf, np.inf)
    exact = dd.total_current(problem)
    assert abs(total - exact) <= total.error + 1e-9 * UNIT
    assert total.error < 1e-4 * UNIT


@pytest.mark.parametrize("shape", SHAPES)
def test_total_does_not_depend_on_the_shape(solve, shape):
    """All shapes of one height in the gap: J_y = (e/2h)(U_L - U_R), to the last digits."""
    problem = dd.Problem(SHAPES[shape](-0.5, 0.5))
    profile = solve(problem, (-2.0, 0.1, 2.0), "green", 1e-6 if smooth(shape) else 1e-4)
    total = profile.integral(-np.inf, np.inf)
    assert abs(total + UNIT) <= total.error + 1e-9 * UNIT
    assert total.error < 1e-3 * UNIT


@pytest.mark.parametrize(("shape", "mass"), [("tanh", 1.0), ("erf", -0.8), ("with a bump", 1.0)])
def test_total_in_the_gap_by_the_lattice_engine(solve, shape, mass):
    """No tails are needed: beyond |x| = 12 the response has died as e^{-2κ|x|}."""
    problem = dd.Problem(SHAPES[shape](-0.4, 0.3), mass)
    profile = solve(problem, (-14.0, 0.0, 14.0), "states", 1e-4)
    total = profile.integral()
    exact = -np.sign(mass) * 0.7 * UNIT
    assert dd.total_current(problem) == pytest.approx(exact, rel=1e-14)
    # 14 lengths of κ ≥ √(Δ² - 0.4²) = 0.69, and the step's own tail: below 1e-8.
    assert abs(total - exact) <= total.error + 1e-7 * UNIT
    assert total.error < 1e-3 * UNIT


@pytest.mark.parametrize(("height", "fermi_energy"), [(1.0, 1.0), (3.0, 0.0), (1.0, -1.0)])
def test_current_in_a_strip_by_both_engines(solve, height, fermi_energy):
    """The strip |x| < 4 in a band at T = 0.2Δ: equal within the sum of both errors."""
    problem = dd.Problem(
        dd.TanhStep(-height / 2, height / 2, 1.0), 1.0, fermi_energy, 0.2
    )
    strips = [
        solve(problem, (-4.0, 0.0, 4.0), name, rtol).integral()
        for name, rtol in (("states", 1e-3), ("green", 1e-6))
    ]
    assert abs(strips[0] - strips[1]) <= strips[0].error + strips[1].error
    assert strips[0].error < 2e-2 * UNIT


def test_pieces_of_the_strip_add_up_to_the_total(solve):
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))
    profile = solve(problem, (-3.0, 0.0, 3.0), "green")
    parts = [profile.integral(a, b) for a, b in ((-np.inf, -0.7), (-0.7, 1.3), (1.3, np.inf))]
    assert sum(parts) == pytest.approx(profile.integral(-np.inf, np.inf).value, rel=1e-13)
    assert all(p < 0 for p in parts)
