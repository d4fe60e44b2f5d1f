"""Circles: the radial source against closed forms, and the current against what is known of it."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.exact import disc
from dirac1d.green.contour.angular import Angular, AngularSums
from dirac1d.green.contour.between import Between
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.integrate.settled import settled
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle import slow, start
from dirac1d.green.sources.circle.geometry import Ring
from dirac1d.green.sources.circle.solution import solve

DOT, DEEP = dd.GaussianDot(-0.5, np.sqrt(2.0)), dd.GaussianDot(-2.5, np.sqrt(2.0))
DEEP_R = np.array([0.3, 1.0, 2.0])


@pytest.fixture(scope="module")
def lowest():
    """Energy and spinor of the lowest level of the deep dot at j = ½."""
    states = dd.bound_states(dd.Problem(DEEP), 0.5)
    return states.energies[0], *states.spinors(DEEP_R)[0]


@pytest.mark.parametrize(("energy", "j", "mass"), [
    (0.3j, 0.5, 1.0), (2j, 1.5, -1.0), (0.1j, 3.5, 1.0), (20j, 30.5, 1.0), (0.2 + 0.05j, 2.5, -1.0),
    (1.4 + 0.01j, 1.5, 1.0), (1.4 + 0.01j, 1.5, -1.0), (-2.2 + 0.3j, 4.5, 1.0),
])
def test_one_angular_momentum_of_a_disc_is_the_closed_form(energy, j, mass):
    # The mesh is made for the waves of the Fermi energy: it is that of the contour's own energies.
    problem = dd.Problem(dd.Disc(-0.5, 1.7), mass, fermi_energy=complex(energy).real)
    settings = Settings.of(1e-9)
    mesh = Ring.of(problem, np.array([0.5, 3.0]), settings).mesh
    found = solve(mesh, mass, np.array([energy]), np.array([j]), 1e-12, settings.start)
    for panel in (1, 4, len(mesh.x) - 4):
        r = mesh.x[panel, 5]
        exact = complex(sum(disc.trace(problem, energy, s * j, r) for s in (1, -1)))
        # The mesh is that of rtol = 1e-9: 8e-12 measured off the real axis, 7e-11 near it.
        assert abs(found.trace[5, panel, 0] - exact) < (5e-11 if abs(energy.real) < 1 else 1e-9)


def test_gaussian_dot_has_the_current_of_two_sketches():
    r = np.array([0.5, 1.0, 1.5, 2.0, 3.0])
    known = [-0.0142665, -0.0202054, -0.0171268, -0.0103610, -0.0017454]
    profile = dd.current_density(dd.Problem(DOT), r, rtol=1e-6)
    assert profile.converged
    np.testing.assert_allclose(profile.j_phi, known, atol=6e-8)  # their last digit
    # This engine at rtol = 1e-9.
    np.testing.assert_allclose(profile.j_phi[0], -0.01426648043, atol=1e-6 * 0.0222)


def test_the_error_bounds_the_error():
    r = np.linspace(0.0, 4.0, 9)
    problem = dd.Problem(DOT)
    fine = dd.current_density(problem, r, rtol=1e-7)
    coarse = dd.current_density(problem, r, rtol=1e-5)
    assert np.all(np.abs(coarse.j_phi - fine.j_phi) <= coarse.error + fine.error)
    assert np.max(coarse.error) <= 1e-5 * problem.current_scale


def test_current_vanishes_at_the_centre_and_turns_with_the_mass():
    r = np.array([0.0, 0.4, 1.3])
    plus, minus = (
        dd.current_density(dd.Problem(DOT, mass), r, rtol=1e-4) for mass in (1.0, -1.0)
    )
    assert abs(plus.j_phi[0]) < 1e-12
    np.testing.assert_allclose(plus.j_phi, -minus.j_phi, atol=2 * np.max(plus.error))


def test_conjugation():
    r = np.array([0.4, 1.3, 2.5])
    one = dd.current_density(dd.Problem(DOT, fermi_energy=0.3), r, rtol=1e-5)
    other = dd.current_density(dd.Problem(-DOT, fermi_energy=-0.3), r, rtol=1e-5)
    np.testing.assert_allclose(one.j_phi, -other.j_phi, atol=2 * np.max(one.error))


def test_a_state_in_a_deep_dot_carries_its_current_and_heat_smears_it():
    r = np.array([0.5, 1.0, 2.0])
    cold, cool, warm = (
        dd.current_density(dd.Problem(DEEP, temperature=T), r, rtol=1e-4)
        for T in (0.0, 0.004, 0.05)
    )
    assert cold.converged
    assert cool.converged
    # No level lies within 32 T of the Fermi energy, but for the tail of the nearest.
    np.testing.assert_allclose(cool.j_phi, cold.j_phi, atol=1e-4)
    assert np.max(np.abs(warm.j_phi - cold.j_phi)) > 1e-3


def test_magnetization_is_the_current_beyond_and_adds_to_the_moment():
    profile = dd.current_density(dd.Problem(DOT), [0.5, 3.0], rtol=1e-6)
    r = np.linspace(0.0, 9.0, 1801)
    M = profile.magnetization(r)
    moment = np.trapezoid(2 * np.pi * r * M, r)
    # The trapezoid leaves h²/12 (rM)′|: 1e-6.
    assert abs(moment - profile.moment) < 5e-6
    slope = -(M[2::2] - M[:-2:2]) / (r[2] - r[0])
    inside, _ = profile.strip.at(r[1::2])
    np.testing.assert_allclose(slope, inside, atol=2e-7 + (r[1] - r[0]) ** 2)


def test_saved_and_loaded(tmp_path):
    profile = dd.current_density(dd.Problem(DOT), [0.5, 3.0], rtol=1e-4)
    again = dd.load(profile.save(tmp_path / "dot"))
    np.testing.assert_array_equal(again.j_phi, profile.j_phi)
    assert again.problem == profile.problem
    assert again.moment == profile.moment


@pytest.mark.parametrize(
    ("r", "options", "message"),
    [([-1.0, 1.0], {}, "r must not be negative"), ([2.0, 1.0], {}, "r must increase"),
     ([1.0], {"rtol": 2.0}, "rtol"), ([], {}, "r must not be empty"),
     ([1.0], {"engine": "states", "solver": "dense"}, "solver")],
)
def test_bad_input_is_named(r, options, message):
    with pytest.raises(ValueError, match=message):
        dd.current_density(dd.Problem(DOT), r, **options)


def test_current_steps_by_that_of_the_level_that_fills(lowest):
    # Nodes that are farther apart than the level is from ε_F would miss it on both levels of a
    # verification.
    level, f, g = lowest
    above, below = (
        dd.current_density(dd.Problem(DEEP, fermi_energy=level + d), DEEP_R, rtol=1e-4)
        for d in (1e-3, -1e-3)
    )
    assert above.converged
    assert below.converged
    # ψ†σ_φψ = 2fg; the other levels are far.
    np.testing.assert_allclose(
        above.j_phi - below.j_phi, 2 * f * g, atol=above.error[0] + below.error[0] + 1e-6
    )


def test_moment_and_half_line_of_a_sum_are_those_of_its_rows_in_a_sweep():
    problems = [dd.Problem(DOT), dd.Problem(-DOT, mass=-1.0)]
    result = dd.sweep(problems, [0.5, 1.0], rtol=1e-4)
    assert not result.failures
    half = dd.current_density(problems[0], [0.5, 1.0], rtol=1e-4).total()
    np.testing.assert_allclose(result.totals()[0], half.value, rtol=1e-12)
    # Turning both U and Δ leaves every current where it is.
    np.testing.assert_allclose(result.totals()[1], half.value, atol=3 * half.error)


def test_a_level_at_the_fermi_energy_is_passed_on_a_detour(lowest):
    # What equations leave is amplified by the inverse distance of a level: the path keeps away.
    level, f, g = lowest
    above, below = (
        dd.current_density(dd.Problem(DEEP, fermi_energy=level + d), DEEP_R, rtol=1e-5)
        for d in (1e-10, -1e-10)
    )
    assert above.converged
    assert below.converged
    # 7e-10 measured at rtol = 1e-6.
    np.testing.assert_allclose(
        above.j_phi - below.j_phi, 2 * f * g, atol=above.error[0] + below.error[0]
    )


def test_profile_around_a_metal_says_itself():
    profile = dd.current_density(dd.Problem(DOT, fermi_energy=1.3), [0.5, 1.0], rtol=1e-3)
    assert not profile.complete
    assert "moment" not in repr(profile)
    assert "green" in repr(profile)


def test_engines_agree_around_a_warm_metal_where_heat_smooths_angular_momenta():
    dot = dd.SmoothDisc(-0.4, 5.0, 1.0)
    problem = dd.Problem(dot, fermi_energy=1.2, temperature=0.3)
    both = dd.compare_engines(problem, [1.0, 4.0, 5.0, 6.0], rtol=1e-3)
    assert both.green.converged
    assert both.agree


def test_turning_points_need_no_short_panels(monkeypatch):
    """Of f and γg s has no pole near the turning point j/k: wide panels carry it."""
    problem = dd.Problem(dd.SmoothDisc(-1.0, 50.0, 2.0), fermi_energy=0.5)
    ring = Ring.of(problem, np.linspace(0.0, 60.0, 5), Settings.of(1e-6))
    j = np.arange(10.5, 40.0)
    E = np.full(len(j), 0.5 + 0.003j)

    def lost():
        return np.max(solve(ring.mesh, 1.0, E, j, 1e-10, ring.settings.start).lost)

    scaled = lost()
    monkeypatch.setattr(slow, "MOST", 1.0)
    assert lost() > 100 * scaled


def test_turning_points_at_the_last_radius_of_a_large_metal():
    """Beyond |κr|, j = 300 no slow solution starts there: it was no number, on whatever panels."""
    problem = dd.Problem(dd.SmoothDisc(1.1, 19.0, 7.4), -1.56, -2.78)
    ring = Ring.of(problem, np.linspace(0.5, 5.4, 5), Settings.of(3.6e-6))
    last = float(ring.mesh.edges[-1])
    j = np.floor(last * np.sqrt(2.78**2 - 1.56**2) + np.arange(-30, 0)) + 0.5
    assert last * 2.3 > 240
    E = np.full(len(j), -2.78 + 1e-3j)
    found = ring.source().sample((E, j), 1e-9)
    assert not np.any(found.failed)
    assert np.all(np.isfinite(found.values))


def test_panels_settle_on_a_few_points(monkeypatch):
    """Panels that cannot carry the waves are cut before all points are sampled."""
    problem = dd.Problem(dd.SmoothDisc(-1.0, 20.0, 2.0), fermi_energy=0.5)
    settings, watch = Settings.of(1e-5), Watch()
    monkeypatch.setattr(start, "WAVE_PHASE", 12.0)
    ring = Ring.of(problem, np.linspace(0.0, 25.0, 5), settings)
    domain, cells = ring.plane()
    source, allowed = ring.source(), 1e-5 * problem.current_scale
    cells = domain.prepared(cells, source, allowed, 1e-8, watch)
    found = settled(source, domain, cells, allowed, 1e-8, watch)
    assert found.places > source.places
    assert settled(found, domain, cells, allowed, 1e-8, watch) is found
    assert settled(source, domain, cells[:1], allowed, 1e-8, watch) is source  # too few to pay


@pytest.mark.parametrize("shift", [0.0, 0.02, -0.01])
@pytest.mark.parametrize("room", [0.3, 1e-2, 1e-5])
def test_between_levels_few_nodes_give_many_digits(shift, room):
    """∫dω of 1/(E - ε) over the path is a logarithm, whichever levels ε surround its beginning."""
    path = Angular(0.5, 0.0, 1.4, 10.0, 9.0)
    chart = Between(shift, room)
    n = chart.nodes(path.top, 8.0)
    cell = Cell(chart, (2.0, 3.0), (0.0, 1.0), (1, n))
    nodes = AngularSums(path).place(cell)
    assert np.all(nodes.points[1] == 2.5)
    begin = 0.5 + shift
    for level in begin + room * np.array([-1.0, 1.0, 3.0, -30.0]):
        value = np.sum(nodes.weight / (nodes.points[0] - level))
        ends = np.log((0.5 + 1j * path.top - level) / (begin + 0j - level)) / 1j
        assert value * 2 * np.pi**2 == pytest.approx(ends, abs=3e-7)


def test_levels_around_the_fermi_energy_are_counted():
    """Of ±j the path begins between the levels next to ε_F, none closer than its room."""
    problem = dd.Problem(dd.GaussianDot(-2.5, 1.4), fermi_energy=0.1)
    ring = Ring.of(problem, np.array([1.0]), Settings.of(1e-6))
    j = np.array([0.5, 1.5])
    shift, room = ring.clear(j)
    for k, of in enumerate(j):
        levels = np.concatenate([
            np.asarray(dd.bound_states(dd.Problem(problem.potential), s * of).energies)
            for s in (1, -1)
        ])
        inside = np.sort(levels - 0.1)
        assert room[k] > 0
        assert np.min(np.abs(inside - shift[k])) >= room[k]
        assert np.sum(inside < shift[k]) == np.sum(inside < 0)
        # Distances of levels are known to a factor of 3, up to half of the gap's.
        near = min(np.min(inside[inside > 0], initial=0.45), 0.45)
        assert room[k] >= near / 6
