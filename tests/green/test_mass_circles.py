"""Circles whose mass varies, by the continuum engine: levels, waves, current, charge."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import jv, yv

import dirac1d as dd
from dirac1d.exact import disc

OPPOSITE = dd.Disc(-2.0, 3.0, outside=1.0)


@pytest.mark.parametrize(("potential", "mass"), [
    (0.0, OPPOSITE),
    (dd.Disc(-1.5, 3.0, outside=0.2), dd.Disc(1.7, 3.0, outside=-1.0)),
])
@pytest.mark.parametrize("j", [0.5, -2.5])
def test_a_disc_of_another_mass_has_all_levels_of_the_bessel_equation(potential, mass, j):
    problem = dd.Problem(potential, mass)
    exact = [float(E) for E in disc.bound_states(problem, j, points=60)]
    states = dd.bound_states(problem, j)
    assert len(states) == len(exact) > 0
    np.testing.assert_allclose(states.energies, exact, rtol=0, atol=1e-12)


def test_ring_states_are_those_of_a_straight_wall_to_the_square_of_its_curvature():
    """E = U ± j/R, + where Δ rises outwards: at fixed j/R the rest falls as 1/R²."""
    off = []
    for radius, sign in ((8.0, 1.0), (24.0, -1.0)):
        mass = sign * dd.SmoothDisc(-2.0, radius, 1.0, outside=1.0)
        ring = dd.Problem(dd.Disc(0.0, 1.0, outside=0.3), mass)
        (E,) = dd.bound_states(ring, sign * 3 * radius / 16).energies
        off.append(float(E) - 0.3 - 3 / 16)
    assert off[0] / off[1] == pytest.approx(9.0, rel=0.1)
    assert 1e-5 < abs(off[1]) < 1e-3


def test_spinors_where_the_mass_varies_are_normalised_and_solve_the_equation():
    mass = dd.SmoothDisc(-2.0, 4.0, 1.5, outside=1.0)
    problem = dd.Problem(dd.GaussianDot(-0.4, 2.0), mass)
    states = dd.bound_states(problem, 1.5)
    r = np.linspace(1e-3, 40.0, 40_001)
    f, g = states.spinors(r)[0]
    assert 2 * np.pi * np.trapezoid(r * (f * f + g * g), r) == pytest.approx(1.0, abs=1e-6)
    E, U, there = states.energies[0], problem.potential(r), (r > 0.3) & (r < 9)
    slope = (E - U - mass(r)) * f - 2 * g / r  # l = 1
    np.testing.assert_allclose(np.gradient(g, r)[there], slope[there], atol=2e-6)


@pytest.mark.parametrize(("energy", "j"), [(1.4, 0.5), (-1.7, -2.5)])
def test_phase_shifts_of_a_disc_of_opposite_mass_are_those_of_bessel_functions(energy, j):
    state = dd.scattering_state(dd.Problem(0.0, OPPOSITE), energy, j=j)
    k, R = np.sqrt(energy**2 - 1), 3.0
    low, high = abs(j - 0.5), abs(j + 0.5)
    ratio = jv(high, k * R) / jv(low, k * R) / (energy - 1)  # ± g/kf inside
    J, Y = ((kind(low, k * R), kind(high, k * R) / (energy + 1)) for kind in (jv, yv))
    tangent = (J[1] - ratio * J[0]) / (Y[1] - ratio * Y[0])
    expected = np.arctan(tangent) * np.sign(energy)
    assert abs(state.phase_shift.value - expected) < max(state.phase_shift.error, 1e-10)


def test_massless_surroundings_have_waves_of_any_energy_and_no_levels():
    problem = dd.Problem(0.0, dd.GaussianDot(1.0, 2.0))
    state = dd.scattering_state(problem, 0.4, j=0.5, x=[0.0, 1.0, 9.0])
    assert np.all(np.isfinite(state.psi))
    with pytest.raises(ValueError, match="mass must not be 0 far outside"):
        dd.bound_states(problem, 0.5)
