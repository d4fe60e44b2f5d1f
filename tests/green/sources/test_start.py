"""Where a step's calculation starts: panels that carry what will be met."""

from __future__ import annotations

import numpy as np

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
