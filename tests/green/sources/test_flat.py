"""Flat panels: plain waves, against the same panels solved like any other."""

from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.settings import Limits, Settings
from dirac1d.green.sources.step.mesh import build_mesh
from dirac1d.green.sources.step.riccati import solve
from dirac1d.green.sources.step.start import step_mesh


def island():
    """Two steps far apart, with a plateau between them; panels of several widths."""
    U = dd.LinearRamp(0.0, 1.5, 1.0, -3.0) + dd.LinearRamp(0.0, -0.8, 0.6, 3.0)
    mesh = build_mesh(
        U, {}, (-8.0, 9.0), nodes=12, support_tolerance=1e-13, slope_tolerance=1e-10,
        kinks=[], length=0.5, limits=Limits(),
    )
    return mesh.split(np.ceil(mesh.widths / 0.7).astype(int))


def nodes():
    rng = np.random.default_rng(3)
    E = 0.7 + np.concatenate((1j * 10 ** rng.uniform(-3, 2, 30), rng.normal(size=10) * 2 + 1e-3j))
    return E, 10 ** rng.uniform(-0.5, 1.5, 40) * np.exp(-1j * rng.uniform(0, 0.6, 40))


@pytest.mark.parametrize(
    "trace",
    ["sigma_y", "density", "excess", "s_right", lambda s, seen: s.density_beyond(1.3, seen),
     lambda s, seen: s.integral_beyond(seen)],
    ids=["sigma_y", "density", "excess", "s_right", "density_beyond", "integral_beyond"],
)
def test_waves_of_flat_panels_are_the_solution_there(trace):
    mesh, (E, M) = island(), nodes()
    assert np.sum(mesh.flat) > 10
    assert np.any(mesh.flat & (mesh.x[:, 0] > -2.5) & (mesh.x[:, -1] < 2.7))
    fast = solve(mesh, E, M, 1e-13)
    slow = solve(replace(mesh, flat=np.zeros_like(mesh.flat)), E, M, 1e-13)
    assert len(fast.flat.panels) == np.sum(mesh.flat)
    assert not len(slow.flat.panels)
    of = (lambda s: getattr(s, trace)(mesh.visible)) if isinstance(trace, str) else (
        lambda s: trace(s, mesh.visible)
    )
    np.testing.assert_allclose(of(fast), of(slow), rtol=1e-10, atol=1e-12)


def test_band_edge_of_a_lead_is_not_a_wave():
    """κ = 0: s - s₀ falls as 1/x there, and the panels are solved like any other."""
    mesh = island()
    solution = solve(mesh, np.array([1.0 + 0j]), np.array([1.0 + 0j]), 1e-12)
    assert len(solution.flat.panels) < np.sum(mesh.flat)
    assert np.all(np.isfinite(solution.sigma_y(mesh.visible)))


def test_beyond_the_support_the_mesh_is_flat_at_the_lead_values():
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))
    mesh = step_mesh(problem, np.linspace(-20, 20, 41), Settings.of(1e-4))
    lo, hi = mesh.support
    assert -10 < lo < hi < 10
    assert np.all(mesh.U[mesh.edges[1:] <= lo] == -0.5)
    assert np.all(mesh.U[mesh.edges[:-1] >= hi] == 0.5)
    np.testing.assert_array_equal(
        mesh.flat, (mesh.edges[1:] <= lo) | (mesh.edges[:-1] >= hi)
    )
