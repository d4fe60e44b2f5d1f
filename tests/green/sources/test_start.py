"""Where a step's calculation starts: panels that carry what will be met."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.settings import Settings
from dirac1d.green.sources.observable import current_trace
from dirac1d.green.sources.step.geometry import Step


def test_turning_points_of_real_momenta_are_resolved_from_the_start():
    """Electrons to holes over 20 lengths: of waves with p_y up to k_F none meets a coarse panel."""
    problem = dd.Problem(dd.TanhStep(-5.0, 5.0, 20.0))
    step = Step.of(problem, np.linspace(-10, 10, 5), Settings.of(1e-4))
    source = step.source(current_trace(problem))
    p = np.linspace(0.1, 4.85, 80)
    found = source.sample((np.full(len(p), 2e-3j), np.sqrt(1 + p * p) + 0j), 1e-6)
    assert not np.any(found.failed)
    assert np.max(found.lost) < 1e-2


def test_where_one_band_is_met_panels_behind_stay_wide():
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 20.0), 1.0, 5.0)
    step = Step.of(problem, np.linspace(-10, 10, 5), Settings.of(1e-4))
    assert len(step.mesh.widths) < 40


def test_turning_points_that_are_seen_have_finer_panels():
    """Beats of a wave with its reflection are to be seen: coarser panels are refined at once."""
    problem = dd.Problem(dd.TanhStep(-5.0, 5.0, 20.0))
    mesh = Step.of(problem, np.linspace(-10, 10, 5), Settings.of(1e-4)).mesh
    e = np.max(np.abs(mesh.U[mesh.visible]), axis=1)
    airy = (2 * e * 0.25) ** (-1 / 3)
    assert np.all(mesh.widths[mesh.visible] < 0.8 * airy)


@pytest.mark.parametrize("energy", [0.0, 0.4])
def test_momenta_that_are_not_seen_have_no_phases(energy):
    """Few nodes do for p_y that are turned round outside of the strip, however far waves go.

    On the other part of the real momenta so few nodes miss nearly everything.
    """
    problem = dd.Problem(dd.TanhStep(-5.0, 5.0, 20.0), 1.0, energy)
    step = Step.of(problem, np.linspace(-10, 10, 5), Settings.of(1e-4))
    path, source = step.path(), step.source(current_trace(problem))
    dark = np.sqrt(1 - path.around.seen / path.pivot)

    def values(u):
        E = np.full(len(u), energy + 1e-3j)
        p = path.pivot * (1 - u * u)
        found = source.sample((E, np.sqrt(1 + p * p) + 0j), 1e-6).values
        return found * (u**3)[:, None]

    missed = []
    for a, b in ((0.0, dark), (dark, 1.0)):
        nodes, many = (np.polynomial.legendre.leggauss(n)[0] for n in (13, 40))
        series = np.polynomial.legendre.legfit(nodes, values(a + (b - a) * (nodes + 1) / 2), 12)
        exact = values(a + (b - a) * (many + 1) / 2)
        between = np.polynomial.legendre.legval(many, series).T
        missed.append(np.max(np.abs(between - exact)))
    assert missed[0] < 1e-2 * missed[1]


def noisy_table(rows=61):
    """Rows a quarter of a length apart, with noise of a fortieth of the gap."""
    x = np.arange(rows) / 4 - rows / 8
    U = np.tanh(x / 6) + np.random.default_rng(7).normal(size=rows) / 40
    U[:4], U[-4:] = U[3], U[-4]
    return dd.TabulatedPotential(x, U)


@pytest.mark.parametrize("rtol", [1e-3, 1e-4])
def test_a_noisy_table_has_a_panel_between_two_rows_and_the_nodes_that_carry_its_bends(rtol):
    problem = dd.Problem(noisy_table())
    settings = Settings.of(rtol)
    step = Step.of(problem, np.linspace(-8, 8, 5), settings)
    assert len(step.mesh.widths) <= 66
    assert step.mesh.U.shape[1] > settings.nodes
    assert step.top > 1.0  # the contour's reach does not shrink with the panels


def test_far_out_in_a_metal_waves_are_carried_beside_the_step():
    """Friedel oscillations fade as x^-3/2: where they are large no panel is too wide for them."""
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, 2.5)
    step = Step.of(problem, np.array([-1e5, 0.0, 1e5]), Settings.of(1e-4))
    mesh = step.mesh
    k = np.sqrt((2.5 - mesh.U[:, 0]) ** 2 - 1)
    near = np.abs(mesh.edges[1:]) < 100
    assert np.max((k * mesh.widths)[near]) < 3.0
    assert len(mesh.widths) < 5000


def test_a_narrow_step_s_tail_is_resolved_on_the_wide_panel_beside_it():
    """A panel's end saw it, the test of its nodes did not: 5.7e-7 of j₀ for a claim of 1.2e-8."""
    wide, narrow = dd.TanhStep(-1.0, 1.0, 2.441898703768874), dd.TanhStep(0.0, 0.88, 2.44e-4, 6.54)
    problem, x = dd.Problem(wide + narrow, 1.0, -1.4986045584255072), np.linspace(-1.6, 2.6, 4)
    loose, tight = (dd.current_density(problem, x, rtol=rtol) for rtol in (2e-8, 2e-10))
    assert np.all(np.abs(loose.j_y - tight.j_y) < loose.error)
