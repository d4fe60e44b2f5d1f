"""Values at a few positions: no panel is made, or judged, where nothing is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.settings import Settings
from dirac1d.green.sources import geometry_of
from dirac1d.green.sources.observable import density_trace
from dirac1d.green.sources.step.geometry import Step
from dirac1d.green.sources.step.panels import panel_of
from dirac1d.green.sources.wanted import CHARGE, PROFILE, VALUES

JUMPS = ((-1.0, 0.3), (2.0, -0.5), (7.0, 0.1))
X = np.array([-1.2, 2.0, 2.5])


def test_panels_at_a_jump_are_as_short_as_the_nearest_position_needs():
    assert PROFILE.widths(JUMPS, X, 1e-4, 0.5) == dict.fromkeys((-1.0, 2.0, 7.0), 1e-4)
    found = VALUES.widths(JUMPS, X, 1e-4, 0.5)
    assert found[-1.0] == pytest.approx(0.06)
    assert found[2.0] == 1e-4  # a position at the jump itself
    assert found[7.0] == 0.125
    close = VALUES.widths(JUMPS[:1], np.array([-1 + 1e-5, 3.0]), 1e-4, 0.5)
    assert close[-1.0] == pytest.approx(3e-6)
    closest = VALUES.widths(JUMPS[:1], np.array([-1 + 1e-12]), 1e-4, 0.5)
    assert closest[-1.0] == pytest.approx(1e-7)


SHARP = dd.SharpStep(0.9, -1.3, -0.14) + dd.SharpStep(0.0, 2.1, 7.1)


@pytest.mark.parametrize("mass", [1.0, dd.SharpStep(0.8, 1.2, position=1.0)])
def test_only_panels_that_hold_a_position_are_judged(mass):
    problem, x = dd.Problem(SHARP, mass, 0.2), np.array([-1.0, 0.3, 0.35])
    geometry = geometry_of(problem, x, Settings.of(1e-5), VALUES)
    source = geometry.source(density_trace(problem, 5.0))
    held = np.unique(panel_of(source.edges, x))
    assert np.array_equal(np.flatnonzero(source.judged), held)
    # Through all others errors may come in.
    aside = source.hidden[source.visible]
    assert not np.any(aside[held])
    profile = geometry_of(problem, x, Settings.of(1e-5))
    assert len(profile.mesh.widths) > 1.4 * len(geometry.mesh.widths)
    assert geometry.top < 0.2 * profile.top


def test_a_charge_at_a_jump_is_not_waited_for():
    problem, x = dd.Problem(SHARP), np.array([-0.14, 1.0])
    sources = [
        Step.of(problem, x, Settings.of(1e-4), wanted).source(density_trace(problem, 5.0))
        for wanted in (VALUES, CHARGE)
    ]
    assert [int(np.sum(source.judged)) for source in sources] == [2, 1]


def test_waves_are_carried_where_they_show_only():
    problem, settings = dd.Problem(SHARP, 1.0, 6.0), Settings.of(1e-4)
    x = np.array([-100.0, 3.0, 90.0])
    profile, values = (Step.of(problem, x, settings, wanted).mesh for wanted in (PROFILE, VALUES))
    assert len(profile.widths) > 200
    assert len(values.widths) < 80
    phase = 7.4 * values.widths[panel_of(values.edges, x)]
    assert np.all(phase < 1.01 * settings.start.panel_phase)
    # Where positions are dense, panels are hardly shorter than for a profile.
    dense = np.linspace(-100, 90, 3000)
    fine = Step.of(problem, dense, settings, VALUES).mesh.widths
    assert len(fine) < 1.2 * len(profile.widths)


def test_one_momentum_has_turning_points_of_its_own():
    """At p_y = 3 waves are turned round in a step that reflects none of p_y = 0."""
    problem, settings = dd.Problem(dd.TanhStep(-2.0, 2.0, 60.0), 1.0, 4.0), Settings.of(1e-2)
    x = np.array([-70.0, -20.0])
    still, moving = (
        Step.of(problem, x, settings, replace(VALUES, momentum=p)).mesh for p in (0.0, 3.0)
    )
    width = [mesh.widths[panel_of(mesh.edges, x)].min() for mesh in (still, moving)]
    assert width[1] < 1.0 < 5.0 < width[0]
