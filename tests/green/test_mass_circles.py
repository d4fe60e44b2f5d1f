"""Circles whose mass varies, by the continuum engine: levels, waves, current, charge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rings import OPPOSITE, ring_current
from scipy.special import jv, yv

import dirac1d as dd
from dirac1d.exact import disc
from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.geometry import Ring
from dirac1d.green.sources.ring.coefficients import local_coefficients
from dirac1d.green.sources.ring.reference import RingReference
from dirac1d.green.sources.ring.solution import solve

DOT, RING = dd.GaussianDot(-0.5, 1.4), dd.SmoothDisc(-2.0, 3.0, 1.0, outside=1.0)
R = np.array([0.3, 1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(("potential", "mass", "j"), [
    (0.0, OPPOSITE, 0.5),
    (dd.Disc(-1.5, 3.0, outside=0.2), dd.Disc(1.7, 3.0, outside=-1.0), -2.5),
])
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


@pytest.mark.parametrize(("potential", "mass"), [
    (dd.Disc(-0.5, 1.7), dd.Disc(-2.0, 1.7, outside=1.0)),
    (dd.Disc(0.3, 1.7), dd.Disc(1.0, 1.7, outside=0.0)),
])
@pytest.mark.parametrize(("energy", "j"), [(0.3j, 0.5), (20j, 30.5), (0.2 + 0.05j, 2.5)])
def test_one_angular_momentum_of_a_disc_of_another_mass_is_the_closed_form(
    potential, mass, energy, j
):
    problem, settings = dd.Problem(potential, mass), Settings.of(1e-9)
    mesh = Ring.of(problem, np.array([0.5, 3.0]), settings).mesh
    found = solve(mesh, problem.gap, np.array([energy]), np.array([j]), 1e-12, settings.start)
    assert not np.any(found.failed)
    for panel in (1, len(mesh.x) // 2, len(mesh.x) - 4):
        exact = complex(sum(disc.trace(problem, energy, s * j, mesh.x[panel, 5]) for s in (1, -1)))
        # 2e-14 measured.
        assert abs(2 * found.current()[5, panel, 0] - exact) < 3e-13


def test_drift_of_the_fixed_point_is_its_derivative():
    h, E, j = 1e-4, np.array([0.3 + 0.7j]), np.array([2.5])
    def at(r):
        U, mass = ((q(r), q.derivative(r)) for q in (DOT, RING))
        return local_coefficients(np.array([r]), U, mass, E, j)
    slope = (at(2.6 + h).s0 - at(2.6 - h).s0) / (2 * h)
    np.testing.assert_allclose(at(2.6).drift, slope, rtol=1e-7)


def test_the_reference_is_what_is_left_at_large_frequency_and_sums_to_nothing():
    problem = dd.Problem(DOT, RING, 0.3)
    ring, reference = Ring.of(problem, R, Settings.of(1e-6)), RingReference.of(problem)
    panel = int(np.searchsorted(ring.mesh.edges, 2.6))
    for size, most in ((20.0, 4e-2), (60.0, 5e-3)):
        E, j = np.array([0.3 + 1j * size]), np.array([np.round(1.5 * size) + 0.5])
        found = solve(ring.mesh, 1.0, E, j, 1e-12, ring.settings.start).current()[:, panel]
        known = reference.trace(ring.mesh, slice(panel, panel + 1), E, j)[:, 0]
        assert np.max(np.abs(found - known)) < most * np.max(np.abs(known))
    jump = RingReference(1.0, 3.0, ((3.0, 2.0, 0.0),))
    omega, weight = np.polynomial.legendre.leggauss(400)
    x = (1 + omega) / (1 - omega)
    waves = jump.trace(ring.mesh, slice(panel, panel + 1), 0.3 + 1j * x, np.full(400, 2.5))
    alone = replace(jump, jumps=()).trace(
        ring.mesh, slice(panel, panel + 1), 0.3 + 1j * x, np.full(400, 2.5))
    total = np.sum((waves - alone).real * weight * 2 / (1 - omega) ** 2, axis=-1)
    assert np.max(np.abs(total)) < 1e-10 < 1e-3 < np.max(np.abs(waves - alone))


def test_a_disc_of_opposite_mass_has_the_current_of_its_ring_states():
    """In no potential all levels but those of |E| < ε_F cancel: a finite sum at T = 0."""
    r = np.array([0.3, 1.0, 2.5, 3.5, 6.0])
    found = dd.current_density(dd.Problem(0.0, OPPOSITE, 0.6), r, rtol=1e-4)
    exact = sum(ring_current(l, 0.6, r) for l in range(-4, 5))
    assert found.converged
    assert np.all(np.abs(found.j_phi - exact) <= found.error)
    assert np.max(np.abs(exact)) > 0.1 * found.problem.current_scale


@pytest.mark.parametrize(("potential", "mass", "fermi_energy", "temperature"), [
    (DOT, dd.GaussianDot(-0.5, 2.0, outside=1.0), 0.1, 0.0), (DOT, RING, 0.0, 0.0),
    (DOT, RING, 0.2, 0.1), (0.0, RING, 1.3, 0.0), (0.0, dd.GaussianDot(1.0, 2.0), 0.3, 0.0),
], ids=["dot", "ring", "warm", "metal", "massless"])
def test_both_engines_agree(potential, mass, fermi_energy, temperature):
    problem = dd.Problem(potential, mass, fermi_energy, temperature)
    found = dd.current_density(problem, R, rtol=1e-3)
    other = dd.current_density(problem, R, "states", rtol=3e-3)
    assert found.converged
    assert np.all(np.abs(found.j_phi - other.j_phi) <= found.error + other.error)
    assert np.max(np.abs(found.j_phi)) > 0.03 * problem.current_scale


def test_a_profile_that_does_not_vary_is_the_number():
    number, same = (dd.current_density(dd.Problem(DOT, mass, 0.2), R, rtol=1e-6)
                    for mass in (1.0, dd.GaussianDot(0.0, 1.0, outside=1.0)))
    assert np.max(np.abs(number.j_phi - same.j_phi)) <= np.max(number.error)


def test_the_current_turns_with_the_mass_and_vanishes_at_the_centre():
    r = np.concatenate(([0.0], R))
    one, other = (dd.current_density(dd.Problem(DOT, m, 0.2), r, rtol=1e-3) for m in (RING, -RING))
    assert np.all(np.abs(one.j_phi + other.j_phi) <= one.error + other.error)
    assert abs(one.j_phi[0]) < 1e-12


def test_a_mass_alone_carries_nothing_in_the_gap():
    """An insulator's current is odd in ε_F - U and does not depend on ε_F."""
    mass = dd.GaussianDot(-0.5, 1.4, outside=1.0)
    found = dd.current_density(dd.Problem(0.0, mass, 0.3), R, rtol=1e-6)
    assert np.max(np.abs(found.j_phi)) < np.max(found.error)


def test_charge_of_a_ring_by_both_engines():
    problem = dd.Problem(0.0, RING, 0.3)
    charge = dd.charge_density(problem, R, rtol=1e-3)
    other = dd.charge_density(problem, R, "states", rtol=1e-3)
    assert np.all(np.abs(charge - other) <= charge.error + other.error)
    assert np.max(np.abs(charge)) > 0.02


def test_spectra_are_sums_over_scattering_states():
    problem, E, r = dd.Problem(DOT, dd.Disc(-2.0, 2.5, outside=0.5)), 1.1, R[:2]
    waves = [dd.scattering_state(problem, E, j=j, x=r).psi for j in np.arange(-4.5, 5)]
    f, g = np.swapaxes(waves, 0, 1)
    states = dd.local_density_of_states(problem, r, E)
    resolved = dd.energy_resolved_current(problem, r, E)
    # Larger j are left out: 3e-7 and 1e-7 at r = 1.
    np.testing.assert_allclose(states, np.sum(f * f + g * g, axis=0), atol=2e-6)
    np.testing.assert_allclose(resolved, np.sum(2 * f * g, axis=0), atol=2e-6)
