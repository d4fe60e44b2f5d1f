"""Walls of mass in mpmath: two solvable kinds against each other, the equation, the totals."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import dirac1d as dd
from dirac1d.exact import wall_current, wall_levels, wall_traces

#: Second order in the width, measured 2e-8.
NARROW, BECOMES = 1e-4, 1e-7


def test_traces_of_a_narrow_wall_become_those_of_a_sharp_one():
    narrow, sharp = (dd.Problem(0.1, m) for m in (
        dd.TanhStep(-1, 1.5, NARROW, 0.2), dd.SharpStep(-1, 1.5, 0.2)))
    for p_y, x in ((0.6, 0.5), (-0.6, -0.4)):
        pair = [wall_traces(q, 0.2 + 0.5j, p_y, x) for q in (narrow, sharp)]
        assert max(abs(a - b) for a, b in zip(*pair, strict=True)) < BECOMES


@pytest.mark.parametrize("p", [0.7, -0.3])
def test_traces_solve_the_equation(p):
    """g/f of both sides, marched through a skew tanh wall."""
    E, x, far, ratio = 0.2 + 0.6j, 0.4, 16.0, []
    for side in (-1, 1):
        D = 0.2 + side * 1.1
        start = (p + side * np.sqrt(D**2 + p**2 - E**2)) / (E + D)

        def slope(t, r):
            mass = 0.2 + 1.1 * np.tanh(t)
            return (E - mass) - 2 * p * r + (E + mass) * r**2

        run = solve_ivp(slope, (side * far, x), [start], method="DOP853", rtol=1e-12, atol=1e-13)
        ratio.append(run.y[0, -1])
    left, right = ratio
    found = wall_traces(dd.Problem(0.0, dd.TanhStep(-0.9, 1.3, 1.0)), E, p, x)
    assert complex(found.sigma_y) == pytest.approx((right + left) / (left - right), abs=1e-11)
    assert complex(found.identity) == pytest.approx((1 + right * left) / (left - right), abs=1e-11)


def test_levels():
    """E² = p² + D² - (D - n/w)², n = 0 on one branch only; the engine's where nothing is closed."""
    for sign in (1, -1):
        energies = wall_levels(dd.Problem(0.1, dd.TanhStep(-sign, sign, 2.5)), 0.6)
        root = [np.sqrt(0.36 + 1 - (1 - n / 2.5) ** 2) for n in (1, 2)]
        expected = sorted([sign * 0.6, *root, *np.negative(root)])
        np.testing.assert_allclose([float(e) for e in energies], np.add(expected, 0.1), atol=1e-14)
    sharp = dd.SharpStep(-1, 0.7, -0.5)
    for mass in (sharp, sharp + dd.HardWall(2.0, -1, "right")):
        problem = dd.Problem(dd.SharpStep(-0.3, 0.4, 0.2), mass)
        found = [float(e) for e in wall_levels(problem, -0.3)]
        np.testing.assert_allclose(found, dd.edge_states(problem, -0.3).energies, atol=1e-12)


@pytest.mark.parametrize(("temperature", "digits"), [(0.0, 5), (0.2, 5)])
def test_two_ways_to_a_current(temperature, digits):
    """A sum over levels, and one over frequencies and momenta, of a wall that is all but sharp."""
    one, other = (
        wall_current(dd.Problem(0.0, m, 0.3, temperature), 2.5, digits, first_nodes=5)
        for m in (dd.TanhStep(-1, 0.7, NARROW), dd.SharpStep(-1, 0.7))
    )
    assert float(one.value) == pytest.approx(float(other.value), abs=2e-6)
    assert abs(one.value) > 4e-4


def test_total_current():
    """∫ j_y dx against the closed form: two branches, of which the second adds nothing to it."""
    problem = dd.Problem(0.0, dd.TanhStep(-1, 1, 2.5), 0.9)
    x = np.arange(0.0, 15.0)
    j = [float(wall_current(problem, v).value) for v in x]
    # Even in x; e^{-1.2x} is left at the end, and a strip of 5π/4 against the spacing 1.
    assert 2 * np.sum(j) - j[0] == pytest.approx(dd.total_current(problem), abs=1e-7)


@pytest.mark.parametrize(("engine", "rtol"), [("green", 1e-4), ("states", 1e-3)])
def test_engines(engine, rtol):
    x = np.array([-1.5, 0.2, 0.9])
    problem = dd.Problem(0.1, dd.TanhStep(-1, 1.5, 0.5), 0.4)
    exact = np.array([float(wall_current(problem, v).value) for v in x])
    found = dd.current_density(problem, x, engine, rtol=rtol)
    assert np.all(np.abs(found.j_y - exact) <= found.error)
    assert np.max(found.error) <= rtol * problem.current_scale


def test_what_is_not_solvable_is_refused():
    with pytest.raises(ValueError, match="flat potential and a TanhStep of mass"):
        wall_traces(dd.Problem(dd.TanhStep(0, 1, 1.0), dd.TanhStep(-1, 1, 1.0)), 1j, 0.1, 0.0)
    with pytest.raises(ValueError, match="energy"):
        wall_traces(dd.Problem(0.0, dd.SharpStep(-1, 1)), -1j, 0.1, 0.0)
    with pytest.raises(ValueError, match="fermi_energy must lie in the gap"):
        wall_current(dd.Problem(0.0, dd.SharpStep(-1, 1), 1.5), 0.3)
    ribbon = 1.0 + dd.HardWall(-1, 1, "left") + dd.HardWall(1, 1, "right")
    with pytest.raises(ValueError, match="hard walls"):
        wall_levels(dd.Problem(0.0, ribbon), 0.3)
