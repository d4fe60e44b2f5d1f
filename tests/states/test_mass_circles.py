"""Circles and cells whose mass varies: Bessel functions, each other, response to the mass."""

from __future__ import annotations

import numpy as np
import pytest
from rings import DOT, HILL, OPPOSITE, RADIUS, periodic, ring_current

import dirac1d as dd

R = np.array([0.5, 1.0, 2.0, 3.0])


@pytest.mark.parametrize("s", [0.3, 0.6])
def test_a_disc_of_opposite_mass_has_the_current_of_its_ring_states(s):
    """In no potential all levels but those of |E| < ε_F cancel: a finite sum at T = 0."""
    r = np.array([0.3, 1.0, 2.5, 3.5, 6.0])
    found = dd.current_density(dd.Problem(0.0, OPPOSITE, s), r, "states")
    exact = sum(ring_current(l, s, r) for l in range(-4, 5))
    assert found.converged
    # 4e-8 j₀ are measured.
    assert np.all(np.abs(found.j_phi - exact) <= found.error)
    assert np.max(np.abs(exact)) > 0.1 * found.problem.current_scale


def test_the_moment_of_a_warm_ring_is_about_its_area_times_the_current():
    """πR² (e/h)ε_F, to the order of the wall's width over R."""
    found = dd.current_density(dd.Problem(0.0, OPPOSITE, 0.3, 0.1), [2.0, 3.0, 4.0], "states")
    total = found.integral(0, np.inf)
    assert total.value == pytest.approx(0.3 / (2 * np.pi), rel=0.15)
    assert abs(found.moment) == pytest.approx(np.pi * RADIUS**2 * total.value, rel=0.3)


@pytest.mark.filterwarnings("ignore::dirac1d.potentials.planar.SamplingWarning")
@pytest.mark.parametrize(("potential", "rtol"), [(0.0, 2e-3), (HILL, 2e-2)], ids=["flat", "both"])
def test_a_dot_of_mass_in_a_cell_is_that_of_a_circle(potential, rtol):
    around = dd.current_density(dd.Problem(potential, DOT, 0.2, 0.1), R, "states", rtol=2e-3)
    cell = potential if potential == 0.0 else periodic(potential)
    problem = dd.Problem(cell, periodic(DOT), 0.2, 0.1)
    found = dd.current_map(problem, R, [0.0], "states", rtol=rtol)
    assert found.status == "converged"
    apart = np.abs(found.j_y[:, 0] - around.j_phi)
    assert np.all(apart <= found.error[:, 0] + around.error)
    assert np.max(np.abs(around.j_phi)) > 0.05 * problem.current_scale


def square_root_law(q, s, mass, T):
    """M_q/δΔ_q = -(1/4π) sgn(s)[1 - Re √(1 - 4k_F²/q²)], smoothed by the Fermi function."""
    e = s + T * np.linspace(-40, 40, 40001)
    inside = np.maximum(e**2 - mass**2, 0.0)
    law = np.sign(e) * (1 - np.sqrt(np.maximum(1 - 4 * inside / q**2, 0.0)))
    weight = 1 / (4 * T * np.cosh((e - s) / (2 * T)) ** 2)
    return -float(np.sum(law * weight) * (e[1] - e[0])) / (4 * np.pi)


@pytest.mark.parametrize(("s", "T"), [(0.3, 0.1), (-1.3, 0.1)])
def test_linear_response_to_the_mass_is_a_square_root_and_none_in_the_gap(s, T):
    small, length = 1e-3, 2.5
    mass = dd.Cell.wave(small, (1, 0), (length, length)) + 1.0
    problem = dd.Problem(0.0, mass, s, T)
    found = dd.current_map(problem, [0.0, 0.4], [0.0], "states", rtol=2e-4)
    q = 2 * np.pi / length
    expected = small * square_root_law(q, s, 1.0, T) * np.cos(q * found.x)
    assert np.all(np.abs(found.M[:, 0] - expected) <= found.M_error[:, 0] + 1e-3 * small / 12)
    if abs(s) > 1:
        assert abs(expected[0]) > 0.01 * small


def test_a_constant_cell_of_mass_is_the_number():
    cell = dd.disorder(0.5, 1.0, (4.0, 3.5), seed=2)
    x = np.linspace(0, 4, 5)
    number, same = (dd.current_map(dd.Problem(cell, m, 0.2, 0.1), x, x, "states", rtol=1e-2)
                    for m in (1.0, dd.Cell([[1.0]], (4.0, 3.5))))
    apart = np.hypot(number.j_x - same.j_x, number.j_y - same.j_y)
    assert np.all(apart <= number.error + same.error)


def test_masses_of_another_geometry_are_refused():
    cell = dd.disorder(0.5, 1.0, (4.0, 3.5), seed=2)
    for potential, mass in ((cell, dd.Cell([[1.0]], (4.0, 4.0))), (cell, OPPOSITE),
                            (HILL, dd.TanhStep(-1, 1, 1.0)), (HILL, cell)):
        with pytest.raises(ValueError, match="mass must be"):
            dd.Problem(potential, mass)
