"""Bloch states beside band edges: what is no smooth function of the twist, or of the spacing."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.numerics.budget import Budget
from dirac1d.states.periodic import Wave
from dirac1d.states.ring import Ring, near_band_edge, singular_twists
from dirac1d.states.settings import DEFAULT
from dirac1d.states.work import Work

#: Its second electron band first falls with p_y, at twists close to π: by 0.06 to 2.384.
FALLING = dd.CosinePotential(3.1782419930848156, 5.603432049431034)


def wave(fermi_energy):
    problem = dd.Problem(FALLING, fermi_energy=fermi_energy)
    return Wave(problem, Work("auto", None, Budget(None), DEFAULT, False, goal=1e-4))


def test_spacings_have_their_levels_on_the_same_side_of_the_fermi_energy():
    """ε_F is 1.2e-3 below a band edge, which every spacing in use moves to below ε_F.

    The current without that pocket, 2e-4 off, was extrapolated and claimed to 1.5e-5.
    """
    found = wave(2.446162378349503)
    levels = DEFAULT.limits.levels[:4]
    bare = [Ring(found.problem, found.cells(level)) for level in levels]
    edge = near_band_edge(bare[0], Ring(found.problem, 2 * bare[0].cells))
    assert all(edge.energy(ring) < ring.problem.fermi_energy for ring in bare)
    above = [edge.energy(ring) - ring.problem.fermi_energy for ring in map(found.ring, levels)]
    assert above == pytest.approx([1.1831e-3] * 4, abs=1e-6)


def test_a_band_edge_far_away_moves_nothing():
    found = wave(2.7)
    assert near_band_edge(found.ring(2), Ring(found.problem, 2 * found.cells(2))) is None
    assert found.ring(2).problem.fermi_energy == 2.7


def test_momenta_that_merge_end_a_panel_of_twists():
    """ε_F below the least of a falling band at twist π: its pocket has p_y > 0 everywhere."""
    ring = Ring(dd.Problem(FALLING, fermi_energy=2.375), 24)
    ends = singular_twists(ring)
    inner = [end for end in ends if 0 < end < np.pi]
    assert inner
    least = min(ring.level(ring.cells, p, inner[-1]) for p in np.linspace(0, 2, 201))
    assert least == pytest.approx(2.375, abs=1e-4)


@pytest.mark.parametrize(("fermi_energy", "rtol"), [(2.446162378349503, 3e-4), (2.38, 1e-3)])
def test_the_current_beside_a_band_edge(fermi_energy, rtol):
    problem = dd.Problem(FALLING, fermi_energy=fermi_energy)
    found = dd.current_density(problem, [0.5], rtol=rtol, engine="states")
    other = dd.current_density(problem, [0.5], rtol=1e-5)
    assert found.status == "converged"
    assert abs(found.j_y - other.j_y)[0] < found.error[0] + other.error[0]
