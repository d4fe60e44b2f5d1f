"""Values at a few positions: panels at jumps are as short as these need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.settings import Settings
from dirac1d.green.sources import geometry_of
from dirac1d.green.sources.circle.geometry import Ring
from dirac1d.green.sources.step.geometry import Step
from dirac1d.green.sources.step.panels import panel_of
from dirac1d.green.sources.wanted import PROFILE, VALUES

JUMPS = ((-1.0, 0.3), (2.0, -0.5), (7.0, 0.1))
X = np.array([-1.2, 2.0, 2.5])
SHARP = dd.SharpStep(0.9, -1.3, -0.14) + dd.SharpStep(0.0, 2.1, 7.1)


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


@pytest.mark.parametrize("mass", [1.0, dd.SharpStep(0.8, 1.2, position=1.0)])
def test_no_scale_below_the_distance_of_positions_is_resolved(mass):
    problem, x = dd.Problem(SHARP, mass, 0.2), np.array([-1.0, 0.3, 0.35])
    profile, values = (geometry_of(problem, x, Settings.of(1e-5), w) for w in (PROFILE, VALUES))
    assert len(values.mesh.widths) < 0.7 * len(profile.mesh.widths)
    assert values.top < 0.2 * profile.top
    # No position is on a panel at a jump, where nothing is asked for.
    assert not np.any(values.mesh.at_jump[panel_of(values.mesh.edges, x)])


@pytest.mark.parametrize("mass", [1.0, dd.Disc(0.4, 2.5, outside=1.0)])
def test_nor_around_a_circle(mass):
    problem, r = dd.Problem(dd.Disc(-1.0, 3.0), mass, 0.2), np.array([1.0, 2.2, 5.0])
    profile, values = (Ring.of(problem, r, Settings.of(1e-5), w) for w in (PROFILE, VALUES))
    assert len(values.mesh.widths) < 0.8 * len(profile.mesh.widths)
    assert values.top < 0.2 * profile.top


def test_one_momentum_has_turning_points_of_its_own():
    """At p_y = 3 waves are turned round in a step that reflects none of p_y = 0."""
    problem, settings = dd.Problem(dd.TanhStep(-2.0, 2.0, 60.0), 1.0, 4.0), Settings.of(1e-2)
    x = np.array([-70.0, -20.0])
    still, moving = (
        Step.of(problem, x, settings, replace(VALUES, momentum=p)).mesh for p in (0.0, 3.0)
    )
    width = [mesh.widths[panel_of(mesh.edges, x)].min() for mesh in (still, moving)]
    assert width[1] < 1.0 < 5.0 < width[0]
