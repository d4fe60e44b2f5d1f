"""The strip that integrals are taken from: what a breakpoint leaves in j_y is integrated too."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.states.resolution import crowd_radii
from dirac1d.states.settings import DEFAULT
from dirac1d.states.strip import points_for

X = np.array([-3.0, 0.1, 3.0])


@pytest.mark.parametrize(("problem", "kink"), [
    (dd.Problem(dd.LinearRamp(0.0, 1.0, 1.0)), -0.5),
    (dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), dd.SharpStep(-1, 1)), 0.0),
    (dd.Problem(dd.SharpStep(-0.5, 0.5)), 0.0),
], ids=["kink of U", "jump of the mass", "jump of U"])
def test_a_logarithm_at_a_breakpoint_is_integrated(problem, kink):
    points = points_for(problem, X, crowd_radii(problem, X, 1e-4), DEFAULT)
    d = np.abs(points.query[: len(points.query) - points.beside] - kink)
    found = np.sum(points.integrals(d * np.log(np.maximum(d, 1e-300))))
    exact = sum(r**2 / 2 * (np.log(r) - 0.5) for r in (3 + kink, 3 - kink))
    # 2e-5 without the short panels there: 1e-8 measured.
    assert abs(found - exact) < 1e-7
