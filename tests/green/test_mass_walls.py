"""Masses that vary: the closed form of the total, the lattice engine, and the mirror."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.dirac import E_OVER_2H

FLAT = dd.SharpStep(0.0, 0.0)
STEP = dd.TanhStep(-0.2, 0.2, 1.0)
WALL = dd.TanhStep(-1.0, 1.0, 1.0)
EDGE = 1 + dd.HardWall(-3.0, -1, "left")
X = np.linspace(-2.5, 3.0, 7)


@pytest.mark.parametrize("T", [0.0, 0.05])
@pytest.mark.parametrize(("potential", "mass"), [(FLAT, WALL), (STEP, WALL), (STEP, EDGE)])
def test_the_total_is_that_of_the_leads(potential, mass, T):
    """(e/2h)[c(ε_F - U_R; Δ_R) - c(ε_F - U_L; Δ_L)]; beyond a hard wall ±(ε_F - U)."""
    problem = dd.Problem(potential, mass=mass, fermi_energy=0.3, temperature=T)
    profile = dd.current_density(problem, X, rtol=1e-4 if mass is EDGE else 1e-5)
    assert profile.converged
    left = -3.0 if mass is EDGE else -np.inf
    total = profile.integral(left, np.inf)
    assert total.error < 1e-3
    assert abs(total.value - dd.total_current(problem)) <= total.error


def test_a_wall_carries_its_edge_state():
    """From -Δ to Δ at ε_F in the gap of both: (e/h) ε_F."""
    problem = dd.Problem(FLAT, mass=WALL, fermi_energy=0.3)
    assert dd.total_current(problem) == pytest.approx(2 * E_OVER_2H * 0.3, rel=1e-12)


def test_both_engines_agree():
    problem = dd.Problem(STEP, mass=WALL, fermi_energy=0.3, temperature=0.05)
    green = dd.current_density(problem, X, rtol=1e-6)
    states = dd.current_density(problem, X, engine="states", rtol=1e-3)
    assert np.all(np.abs(green.j_y - states.j_y) <= green.error + states.error)


def test_mirrors():
    """x → -x with Δ → -Δ leaves j_y, y → -y with Δ → -Δ turns it round."""
    there = dd.current_density(dd.Problem(FLAT, mass=WALL, fermi_energy=0.3), X, rtol=1e-6)
    back = dd.Problem(FLAT, mass=dd.TanhStep(1.0, -1.0, 1.0), fermi_energy=0.3)
    again = dd.current_density(back, X, rtol=1e-6)
    assert np.all(np.abs(there.j_y + again.j_y) <= there.error + again.error)
    other = dd.current_density(dd.Problem(FLAT, mass=WALL, fermi_energy=0.3), -X[::-1], rtol=1e-6)
    assert np.all(np.abs(there.j_y - other.j_y[::-1]) <= there.error + other.error[::-1])


@pytest.mark.parametrize("p", [0.3, -0.7])
def test_the_state_of_a_wall_in_no_potential_is_that_of_jackiw_and_rebbi(p):
    """E = p_y, whatever the wall looks like; a wall the other way round has E = -p_y."""
    for mass, energy in ((WALL, p), (dd.TanhStep(1.0, -1.0, 0.4), -p)):
        found = np.asarray(dd.edge_states(dd.Problem(FLAT, mass=mass), p).energies)
        near = found[np.argmin(np.abs(found - energy))]
        assert near == pytest.approx(energy, abs=1e-10)
