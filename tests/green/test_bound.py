"""Bound states of circles: the table of the disc, mpmath, and what a level must do."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

import dirac1d as dd
from dirac1d.exact import disc
from dirac1d.green.bound import Shooting

TABLE = [
    (-1.0, 5.0, 0.5, [0.091606599355, 0.410077354998, 0.824047806768]),
    (-1.5, 3.0, -0.5, [0.00601348449757, 0.731170430404]),
]


@pytest.mark.parametrize(("height", "radius", "j", "known"), TABLE)
def test_table_of_the_disc(height, radius, j, known):
    states = dd.bound_states(dd.Problem(dd.Disc(height, radius)), j)
    np.testing.assert_allclose(states.energies, known, rtol=0, atol=1e-11)
    assert np.max(states.energies.error) < 3e-11


@pytest.mark.parametrize(("mass", "j"), [(1.0, 3.5), (-1.0, -2.5), (0.7, -1.5)])
def test_disc_has_all_levels_of_the_bessel_equation(mass, j):
    problem = dd.Problem(dd.Disc(-1.5, 3.0, outside=0.2), mass)
    exact = [float(E) for E in disc.bound_states(problem, j, points=80)]
    states = dd.bound_states(problem, j)
    assert len(states) == len(exact) > 0
    np.testing.assert_allclose(states.energies, exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("height", "radius", "j", "some"), [
    (-1.2, 40.0, 0.5, slice(3)),  # θ_in - θ_out rises steeply and is not straight there
    (-1.7, 12.0, 3.5, slice(None)), (2.5, 15.0, 7.5, slice(None)),
])
def test_levels_to_their_last_digits(height, radius, j, some):
    """Of wide discs, against roots of Bessel's: measured, 1e-15 off where 1e-14 is claimed."""
    l_ = j - 0.5

    def mismatch(E):
        e, kappa = E - height, mp.sqrt(1 - E * E)
        k = mp.sqrt(e * e - 1)
        inner = mp.besselj(l_, k * radius), mp.besselj(l_ + 1, k * radius) * k / (e + 1)
        outer = mp.besselk(l_, kappa * radius), mp.besselk(l_ + 1, kappa * radius)
        return inner[0] * outer[1] * kappa / (E + 1) - inner[1] * outer[0]

    states = dd.bound_states(dd.Problem(dd.Disc(height, radius)), j)
    with mp.workdps(30):
        for E in states.energies[some]:
            near = mp.mpf(float(E)) + np.array([-1, 1]) * mp.mpf("1e-9")
            assert abs(E.value - mp.findroot(mismatch, tuple(near))) < E.error < 3e-14


def test_conjugation_turns_levels_over():
    dot = dd.GaussianDot(-2.5, 1.4)
    one, other = dd.bound_states(dd.Problem(dot), 1.5), dd.bound_states(dd.Problem(-dot), -1.5)
    np.testing.assert_allclose(one.energies, -np.asarray(other.energies)[::-1], atol=1e-11)


def test_spinors_are_orthonormal_and_solve_the_equation():
    problem = dd.Problem(dd.GaussianDot(-2.5, np.sqrt(2.0)))
    states = dd.bound_states(problem, 0.5)
    assert len(states) == 2
    r = np.linspace(1e-3, 40.0, 40_001)
    f, g = states.spinors(r).swapaxes(0, 1)
    overlap = 2 * np.pi * np.trapezoid(r * (f[:, None] * f + g[:, None] * g), r)
    np.testing.assert_allclose(overlap, np.eye(2), atol=5e-6)  # the trapezoid's h and ends
    E, U = states.energies[0], problem.potential(r)
    slope = np.gradient(g[0], r)  # g' = (E - U - Δ) f - (l+1)g/r, l = 0
    there = (r > 0.3) & (r < 5)
    np.testing.assert_allclose(
        slope[there], ((E - U - 1) * f[0] - g[0] / r)[there], atol=2e-6
    )


@pytest.mark.parametrize(("problem", "j", "message"), [
    (dd.Problem(dd.Disc(-1.0, 5.0)), 1.0, "j must be a half-integer"),
    (dd.Problem(dd.Disc(-1.0, 5.0), 0.0), 0.5, "mass must not be 0"),
    (dd.Problem(dd.Disc(-1.0, 5.0), temperature=0.1), 0.5, "temperature must be 0"),
    (dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), 0.5, "must have a circle"),
    (dd.Disc(-1.0, 5.0), 0.5, "problem must be a dirac1d.Problem"),
])
def test_mistakes_are_named(problem, j, message):
    with pytest.raises(ValueError, match=message):
        dd.bound_states(problem, j)


def test_large_angular_momenta_have_no_levels_and_no_warnings():
    assert len(dd.bound_states(dd.Problem(dd.GaussianDot(-0.5, 1.4)), 100.5)) == 0


def test_spinors_need_positive_radii():
    with pytest.raises(ValueError, match="r must be positive"):
        dd.bound_states(dd.Problem(dd.Disc(-1.0, 1.0)), 0.5).spinors([0.0, 1.0])


@pytest.mark.parametrize("problem", [
    dd.Problem(dd.GaussianDot(-2.5, 2.0)), dd.Problem(dd.Disc(1.8, 3.0), mass=-0.7),
    dd.Problem(0.0, mass=dd.Disc(-2.0, 6.0, outside=1.0)),
])
def test_no_level_has_more_angular_momentum_than_is_looked_at(problem):
    """Levels are counted up to where there are none, which is before they are ruled out."""
    some = 0.5, 4.5, 9.5
    last = max(j for j in some if len(dd.bound_states(problem, j).energies))
    most = Shooting.of(problem, 0.5).most
    assert last * (last - 1) < most
    assert len(dd.bound_states(problem, -1e6 - 0.5).energies) == 0  # at once
