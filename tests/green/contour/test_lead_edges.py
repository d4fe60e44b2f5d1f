"""Integrals over leads whose band edge is close to ε_F: 1/κ² there is sharper than any j_y(x)."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.contour.offset import Offset
from dirac1d.green.current import geometry_of
from dirac1d.green.settings import Settings, Start


def worst(problem, x, rtol, ends):
    """Largest error of integrals in units of what is claimed, by a far better computation."""
    rough, fine = (dd.current_density(problem, x, rtol=r) for r in (rtol, 1e-3 * rtol))
    pairs = [(rough.integral(*pair), fine.integral(*pair)) for pair in ends]
    assert all(f.error < 0.2 * r.error for r, f in pairs)
    return max(abs(r.value - f.value) / r.error for r, f in pairs)


@pytest.mark.parametrize(("beside", "rtol"), [(1e-4, 3e-6), (1e-5, 5e-6)])
def test_a_well_of_holes_between_leads_at_a_band_edge(beside, rtol):
    """2.7 and 1.2 of what was claimed in polar coordinates about the pivot, p₁ = 0.014, 0.004."""
    problem = dd.Problem(dd.GaussianBump(-4.0, 0.5), 1.0, -1 - beside)
    path = geometry_of(problem, np.array([-0.1, 1.2]), Settings.of(rtol)).path()
    assert isinstance(path, Offset)
    assert path.pivot < Start().edge_part * path.scale
    assert worst(problem, [-0.1, 1.2], rtol, [(-np.inf, -0.1), (1.2, np.inf)]) < 0.5


def test_a_functional_has_no_other_positions_to_tell_of_its_error():
    """Two levels agree by accident, and coefficients fall faster than they go on: 1.3 before."""
    problem = dd.Problem(
        dd.TanhStep(-0.04134573079287665, -0.3566623596334533, 0.29705, -0.568763),
        -0.07211063250083963, -0.33729523202670475, 1.2648e-5,
    )
    x = [-19.84802778, -15.0, -10.04414536]
    assert worst(problem, x, 5.117e-8, [(x[-1], np.inf)]) < 0.5


@pytest.mark.parametrize("rtol", [6e-6, 1e-5])
def test_a_lead_in_its_gap_close_to_the_edge(rtol):
    """Between k and 8k rules of 7 and 8 nodes have the same error: 1.8 of what was claimed."""
    problem = dd.Problem(dd.SharpStep(-2.54, -5.6), 1.84, -3.755)
    assert worst(problem, [-1.0, 0.5, 1.0], rtol, [(1.0, np.inf)]) < 0.5
