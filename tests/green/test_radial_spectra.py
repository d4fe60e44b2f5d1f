"""Spectra, charge and scattering states of circles, against Bessel functions and sum rules."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

import dirac1d as dd

V, R = -1.0, 2.0
DISC = dd.Problem(dd.Disc(V, R, outside=0.1), 1.0)
DEEP = dd.GaussianDot(-2.5, np.sqrt(2.0))


def bessel_state(problem, E, j, r):
    """(f, g) at r and tan α of a disc, by matching Bessel functions at its edge in mpmath."""
    U, D, j = problem.potential, problem.mass, mp.mpf(j)
    low, high, sign = abs(j - 0.5), abs(j + 0.5), mp.sign(j)

    def pair(kind, e, x):
        k = mp.sqrt(mp.mpc(e * e - D * D))
        scale = k**low  # real for imaginary k
        return [mp.re((e + D) * kind(low, k * x) / scale),
                mp.re(sign * k * kind(high, k * x) / scale)]

    inside, outside = E - U.outside - U.height, E - U.outside
    f, g = pair(mp.besselj, inside, U.radius)
    (a, b), (c, d) = (pair(kind, outside, U.radius) for kind in (mp.besselj, mp.bessely))
    W = a * d - b * c
    cos, sin = (f * d - g * c) / W, -(a * g - b * f) / W
    k = mp.sqrt(outside**2 - D * D)
    size = mp.sqrt(abs(outside + D) / (4 * mp.pi)) / (outside + D) * k**low
    if r < U.radius:
        psi = [size * q / mp.hypot(cos, sin) for q in pair(mp.besselj, inside, r)]
    else:
        J, Y = (pair(kind, outside, r) for kind in (mp.besselj, mp.bessely))
        psi = [size * (cos * p - sin * q) / mp.hypot(cos, sin) for p, q in zip(J, Y, strict=True)]
    return [float(q) for q in psi], float(mp.atan(sin / cos))


@pytest.mark.parametrize(
    ("E", "j"), [(1.6, 0.5), (1.6, -0.5), (-1.6, 1.5), (2.5, -3.5), (1.2, 6.5)]
)
@pytest.mark.parametrize("mass", [1.0, -1.0])
def test_scattering_states_of_a_disc_are_bessel_functions(E, j, mass):
    problem = dd.Problem(DISC.potential, mass)
    r = np.array([1e-5, 0.3, 1.9, 2.1, 7.0])
    state = dd.scattering_state(problem, E, j, x=r)
    exact = [bessel_state(problem, E, j, x) for x in r]
    psi = np.array([q for q, _ in exact]).T
    psi *= np.sign(np.sum(psi * state.psi))
    # Relative to what the state is at its largest: 1e-12 measured.
    np.testing.assert_allclose(state.psi, psi, atol=1e-10 * np.max(np.abs(psi)))
    alpha = exact[0][1] * np.sign(E - 0.1)
    assert abs(np.exp(2j * alpha) - state.S) <= 2 * state.phase_shift.error + 1e-12
    assert state.phase_shift.error < 1e-9
    assert abs(abs(state.S) - 1) < 1e-14


@pytest.mark.parametrize("E", [1.6, -1.6])
def test_spectra_of_a_disc_are_sums_over_its_scattering_states(E):
    r = np.array([0.05, 1.0, 1.9, 2.2, 5.0])
    density, current = np.zeros(len(r)), np.zeros(len(r))
    for j in np.arange(-24.5, 25):
        f, g = np.array([bessel_state(DISC, E, j, x)[0] for x in r]).T
        density += f * f + g * g
        current += 2 * f * g
    found = dd.local_density_of_states(DISC, r, E, rtol=1e-6)
    assert np.all(np.abs(found - density) <= found.error)
    assert np.max(found.error) < 1e-6 * (1 + 2.7) / (2 * np.pi)
    found = dd.energy_resolved_current(DISC, r, E, rtol=1e-6)
    assert np.all(np.abs(found - current) <= found.error)


def test_phase_shifts_obey_friedels_sum_rule():
    """(1/π) dδ/dE is ∫ of what the circle adds to the density of states of one j."""
    E, j, step = 1.5, 0.5, 1e-3
    problem = dd.Problem(dd.GaussianDot(-0.6, 1.3))
    free = dd.Problem(dd.GaussianDot(-1e-9, 1.3))
    shifts = [dd.scattering_state(problem, E + s * step, j).phase_shift for s in (-1, 1)]
    slope = (shifts[1] - shifts[0]) / (2 * step * np.pi)
    r = np.linspace(0.0, 120.0, 24001)
    added = 0
    for sign, one in ((1, problem), (-1, free)):
        f, g = dd.scattering_state(one, E, j).spinor(r)
        added = added + sign * 2 * np.pi * r * (f * f + g * g)
    total = np.cumsum(added) * (r[1] - r[0])
    # Waves of 2k outside average out under a Hann window over many of them.
    there = r > 40
    window = np.hanning(np.sum(there))
    assert abs(np.sum(total[there] * window) / np.sum(window) - slope) < 2e-3 * abs(slope)


def test_energy_resolved_current_is_the_slope_of_the_current():
    r, a, b = np.array([0.0, 0.5, 2.0, 4.0]), 1.3, 1.5
    dot = dd.GaussianDot(-0.6, 1.3)
    low, high = (dd.current_density(dd.Problem(dot, fermi_energy=e), r, rtol=1e-4) for e in (a, b))
    t, w = np.polynomial.legendre.leggauss(3)
    energies = a + (b - a) * (t + 1) / 2
    each = dd.energy_resolved_current(dd.Problem(dot), r, energies, rtol=1e-5)
    total = (b - a) / 2 * w @ each
    np.testing.assert_allclose(
        high.j_phi - low.j_phi, total, atol=np.max(high.error + low.error) + 1e-8
    )


@pytest.mark.parametrize(("problem", "electrons"), [
    (dd.Problem(dd.GaussianDot(-0.5, np.sqrt(2.0)), -1.0, 0.3), 0),
    # Of the levels of DEEP (bound_states) -0.196 and 0.434 lie below 0.5: each is one electron.
    (dd.Problem(DEEP, fermi_energy=0.0), 1), (dd.Problem(DEEP, fermi_energy=0.5), 2),
])
def test_charge_of_a_dot_in_the_gap_is_that_of_its_levels(problem, electrons):
    t, w = np.polynomial.legendre.leggauss(16)
    r = np.concatenate((2 * (t + 1), 4 + 5 * (t + 1)))
    weight = np.concatenate((2 * w, 5 * w)) * 2 * np.pi * r
    charge = dd.charge_density(problem, r, rtol=1e-4)
    assert abs(weight @ charge - electrons) < 1e-3 + weight @ charge.error
    assert np.max(np.abs(charge)) > 1e-2


def test_charge_and_density_of_states_agree():
    dot, r = dd.SmoothDisc(-0.6, 2.0, 0.4), np.array([0.0, 1.0, 2.5])
    low, high = (
        dd.charge_density(dd.Problem(dot, fermi_energy=e), r, rtol=1e-3) for e in (1.5, 1.6)
    )
    t, w = np.polynomial.legendre.leggauss(2)
    each = dd.local_density_of_states(dd.Problem(dot), r, 1.55 + 0.05 * t, rtol=1e-4)
    np.testing.assert_allclose(
        high - low, 0.05 * w @ each, atol=float(np.max(low.error + high.error))
    )


@pytest.mark.parametrize("ask", [dd.energy_resolved_current, dd.local_density_of_states])
def test_in_the_gap_outside_are_only_levels(ask):
    with pytest.raises(ValueError, match=r"energy must be outside of the gap .*bound_states"):
        ask(DISC, [1.0], 0.5)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: dd.charge_density(DISC, [-1.0, 1.0]), "r must not be negative"),
    (lambda: dd.scattering_state(DISC, 1.6, 1.0), "j must be a half-integer"),
    (lambda: dd.scattering_state(DISC, 1.6), "j, the angular momentum, must be given"),
    (lambda: dd.scattering_state(DISC, 1.6, 0.5, "left"), "side must not be given for a circle"),
    (lambda: dd.scattering_state(DISC, 0.9, 0.5), "energy must be outside of the gap"),
    (lambda: dd.scattering_state(DISC, np.nan, 0.5), "energy"),
    (lambda: dd.scattering_state(DISC, 1.6, 0.5, x=[-1.0]), "r must not be negative"),
    (lambda: dd.scattering_state(dd.Problem(dd.Disc(-1.0, 2.0), 0.0), 1.6, 0.5), "mass"),
    (lambda: dd.scattering_state(dd.Problem(dd.TanhStep(-1, 1, 1.0)), 1.6, 0.5, "left", j=0.5),
     "j is for circles"),
    (lambda: dd.momentum_resolved_current(DISC, [1.0], 0.3), "potential of x"),
])
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
