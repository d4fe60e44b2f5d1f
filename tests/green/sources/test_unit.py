"""Masses far below all other energies: nothing happens on their scale."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.settings import Settings
from dirac1d.green.sources.step.start import step_mesh
from dirac1d.green.sources.unit import unit

STEP = dd.TanhStep(-0.5, 0.5, 1.0)
X = np.linspace(-6, 6, 13)


@pytest.mark.parametrize("problem", [
    dd.Problem(STEP), dd.Problem(STEP, 1.0, 2.0), dd.Problem(STEP, 0.1, 0.1),
    dd.Problem(STEP, 1e-5, 0.5), dd.Problem(dd.SharpStep(0.0, 0.7), 1e-5, 0.0),
    dd.Problem(dd.TanhStep(0.3, 0.3, 1.0), 1e-5, 0.3), dd.Problem(STEP, dd.TanhStep(-1, 1, 2.0)),
])
def test_it_is_the_mass_where_something_happens_there(problem):
    assert unit(problem) == problem.gap


@pytest.mark.parametrize(("potential", "fermi_energy", "temperature", "expected"), [
    (STEP, 0.1, 0.0, 0.339),  # where √U′ = U - ε_F
    (dd.SharpStep(-0.5, 0.5), 0.1, 0.0, 0.4),
    (dd.LinearRamp(-1.0, 1.0, 200.0), 0.0, 0.0, 0.1),  # √U′
    (STEP, 0.5, 0.02, 0.02),
    (dd.CosinePotential(0.3, 2.0), 1.0, 0.0, 0.7),
])
def test_else_the_smallest_energy_that_is_met(potential, fermi_energy, temperature, expected):
    problem = dd.Problem(potential, 1e-6, fermi_energy, temperature)
    assert unit(problem) == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("potential", [STEP, dd.SharpStep(-0.5, 0.5, 0.1)])
def test_the_current_is_linear_in_the_mass_and_costs_the_same(potential):
    profiles = [
        dd.current_density(dd.Problem(potential, mass, 0.1), X, rtol=1e-4) for mass in (1e-4, 4e-8)
    ]
    assert all(p.converged for p in profiles)
    slopes = [p.j_y / p.problem.mass for p in profiles]
    assert slopes[1] == pytest.approx(slopes[0], abs=1e-6)
    panels, nodes = ({p.details[key] for p in profiles} for key in ("panels", "contour_nodes"))
    assert len(panels) == len(nodes) == 1
    for p in profiles:
        total = p.integral(-np.inf, np.inf)
        assert abs(total.value - dd.total_current(p.problem)) <= total.error
        assert total.error < 1e-2 * abs(total.value)


def test_a_small_mass_is_that_of_a_larger_one_to_its_square():
    """j(Δ)/Δ = a + O(Δ²): three masses on both sides of where the scale changes."""
    slopes = [
        dd.current_density(dd.Problem(STEP, mass, 0.1), X, rtol=1e-6).j_y / mass
        for mass in (4e-2, 2e-2, 1e-6)
    ]
    far, near = (np.max(np.abs(s - slopes[2])) for s in slopes[:2])
    assert far == pytest.approx(4 * near, rel=0.05)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_panel_at_a_jump_that_is_divided_leaves_one_piece_there(side):
    mesh = step_mesh(dd.Problem(dd.SharpStep(-0.5, 0.5, 0.1)), X, Settings.of(1e-4))
    (at,) = np.flatnonzero(mesh.at_jump == side)
    parts = np.ones(len(mesh.at_jump), dtype=int)
    parts[at] = 3
    divided = mesh.split(parts)
    (found,) = np.flatnonzero(divided.at_jump == side)
    end = divided.edges[found] if side < 0 else divided.edges[found + 1]
    assert end == 0.1


def test_a_bump_is_seen_over_any_distance():
    for distance in (50.0, 1e5, 1e9):
        assert dd.GaussianBump(0.7, 1.2).largest_drop(distance) == pytest.approx(0.7, rel=1e-9)
