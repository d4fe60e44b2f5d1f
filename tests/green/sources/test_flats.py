"""Circles where U is constant: what is left out of the work is nothing of the answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.exact import disc
from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle import flats
from dirac1d.green.sources.circle.coefficients import coefficients
from dirac1d.green.sources.circle.ends import inner_start, regular_start
from dirac1d.green.sources.circle.geometry import Ring
from dirac1d.green.sources.circle.local import local_coefficients
from dirac1d.green.sources.circle.march import _across

DISC = dd.Disc(-1.0, 5.0)
R = np.linspace(0.0, 10.0, 21)
#: j_φ of DISC at r = 2.5, 4.9, 6, as this engine has it at rtol = 1e-9.
KNOWN = [-0.000138925205620, -0.097142584381644, -0.003676369234871]


def source_of(potential, rtol, fermi_energy=0.0):
    problem = dd.Problem(potential, fermi_energy=fermi_energy)
    return Ring.of(problem, R, Settings.of(rtol)).source()


def points(seed, top, fermi_energy=0.0, count=60):
    rng = np.random.default_rng(seed)
    omega = np.exp(rng.uniform(np.log(0.05), np.log(top), count))
    j = np.round(np.exp(rng.uniform(0, np.log(5 * top), count))) + 0.5
    return fermi_energy + 1j * omega, j


@pytest.mark.parametrize(("potential", "fermi_energy"), [
    (DISC, 0.0), (DISC, 1.3), (DISC + dd.Disc(0.6, 2.0), 0.1),
    (DISC + dd.GaussianDot(0.5, 0.5), 0.0), (dd.Disc(2.0, 0.1), 0.2),
])
def test_all_panels_have_what_they_have_if_all_are_solved(potential, fermi_energy, monkeypatch):
    source, tolerance = source_of(potential, 1e-6, fermi_energy), 1e-9
    some = points(1, 1e4, fermi_energy)
    found = source.sample(some, tolerance)
    monkeypatch.setattr(flats.Flats, "gain", False)
    whole = replace(source).sample(some, tolerance)
    # What is felt of an integrand at κ is κ² times it, and 1/2π² in front.
    kappa = np.hypot(1.0, np.hypot(some[0].imag, some[1] / 5))
    felt, size = (
        np.abs(q.real) * (kappa**2)[:, None] for q in (found.values - whole.values, whole.values)
    )
    # Near r = 0, where all that is solved is nothing: 6e-7 is what the whole has there.
    assert np.max(felt) < 1e-6 * np.max(size)


def test_few_panels_are_solved_at_large_energies_and_one_for_many_at_small_ones():
    source = source_of(DISC, 1e-6)
    for omega, most in ((0.5, 0.65), (20.0, 0.4), (1e3, 0.35)):
        E, j = np.full(3, 1j * omega), np.array([0.5, 1.5, 5 * omega])
        (_, _, pieces), = source.flats.pieces(E, j, 1e-9, 2.0, 60)
        assert 0 < sum(len(p.ends) for p in pieces) < most * source.places


def test_a_wave_reaches_what_it_reaches():
    """At the first panel that counts as dead the closed form has nothing left."""
    source = source_of(DISC, 1e-6)
    E, j = np.array([4j]), np.array([2.5])
    (_, reached, _), = source.flats.pieces(E, j, 1e-9, 2.0, 60)
    inside = np.flatnonzero(~reached[:, 0] & (source.mesh.edges[1:] < 5))
    assert len(inside)
    r = source.mesh.edges[inside[-1] + 1]
    problem = dd.Problem(DISC)
    assert abs(sum(complex(disc.trace(problem, 4j, s * 2.5, r)) for s in (1, -1))) < 1e-9
    nearer = source.mesh.edges[inside[-1] + 2]
    assert abs(sum(complex(disc.trace(problem, 4j, s * 2.5, nearer)) for s in (1, -1))) > 1e-16


@pytest.mark.parametrize(("E", "j", "mass"), [
    (15j, 0.5, 1.0), (0.3 + 2j, 2.5, 1.0), (-0.3 + 2j, -2.5, 1.0), (3j, -7.5, -1.2),
])
def test_the_regular_solution_of_a_constant_potential(E, j, mass):
    E, j = np.array([E]), np.array([j])
    marched, failed = regular_start(DISC, 3.0, mass, E, j, 1e-14)
    s0 = local_coefficients(np.array([3.0]), np.array([-1.0]), np.zeros(1), mass, E, j)[4]
    assert not failed.any()
    start, known = inner_start(E + 1.0, mass, j, 3.0)
    assert known.all()
    np.testing.assert_allclose(start, s0 + marched, rtol=1e-13)


def test_at_a_jump_fixed_points_differ_to_all_digits():
    """At κ = 10⁶ a plain difference of both has ten digits left."""
    source = source_of(DISC, 1e-6)
    mesh, E, j = source.mesh, np.array([1e6j]), np.array([2.5e6])
    c = coefficients(mesh, 1.0, E, j, 1e-12, source.settings.start)
    p = int(np.searchsorted(mesh.edges, 5.0))
    plain = c.s0[-1, p - 1] - c.s0[0, p]
    exact = _across(c, 0, p, plain)
    # To second order in ΔU = 1 of E' = E - U, from the derivative of s₀ = M/(E + iκ).
    M, middle = c.M[0, p, 0], (c.E_prime[-1, p - 1, 0] + c.E_prime[0, p, 0]) / 2
    kappa = np.sqrt(M * M - middle**2)
    slope = -M / (middle + 1j * kappa) ** 2 * (1 - 1j * middle / kappa)
    assert abs(exact[0] / slope - 1) < 1e-11
    assert 1e-14 < abs(plain[0] / exact[0] - 1) < 1e-8
    np.testing.assert_allclose(
        _across(c, 1, p - 1, -plain), -exact, rtol=1e-13
    )


def test_a_disc_in_digits():
    """All panels solved, and s₀ rounded at the jump, no budget was enough."""
    problem, r = dd.Problem(DISC), np.array([2.5, 4.9, 6.0])
    found = dd.current_density(problem, r, rtol=1e-7)
    assert found.converged
    assert found.details["contour_nodes"] < 9_000
    np.testing.assert_allclose(found.j_phi, KNOWN, atol=1e-7 * problem.current_scale)
