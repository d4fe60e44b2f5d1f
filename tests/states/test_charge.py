"""The charge of circles by the lattice: both engines, neutrality, what is refused."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.states.circle import Circle

R = np.array([0.5, 1.0, 2.0, 3.0])
GAP = dd.Problem(dd.GaussianDot(-0.5, 2**0.5))


@pytest.mark.parametrize(("problem", "rtol"), [
    (GAP, 1e-4),
    (dd.Problem(dd.GaussianDot(0.5, 2**0.5), -0.6, 0.9, 0.2), 1e-3),
    (dd.Problem(dd.GaussianDot(-1.5, 2.0), 1.0, 0.2, 0.1), 1e-3),
], ids=["gap", "metal", "puddle"])
def test_both_engines(problem, rtol):
    found = dd.charge_density(problem, R, "states", rtol=rtol)
    green = dd.charge_density(problem, R, rtol=rtol)
    assert found.status == "converged"
    assert np.all(np.abs(found - green) <= found.error + green.error)


def test_what_is_of_order_a_is_needed(monkeypatch):
    """Without the closed form of -(a/48π)∇²U the same run misses its claim."""
    green = dd.charge_density(GAP, R, rtol=1e-4)
    tail = Circle.tail

    def of_the_current(self, level):
        charge, self.charge = self.charge, False
        flow = tail(self, level)
        self.charge = charge
        return flow

    monkeypatch.setattr(Circle, "tail", of_the_current)
    found = dd.charge_density(GAP, R, "states", rtol=1e-3, within=3.0)
    assert np.any(np.abs(found - green) > found.error + green.error)


def test_a_polarised_vacuum_is_neutral():
    """The charge of a dot in the gap is pushed outwards; its sum vanishes."""
    r = np.linspace(1e-3, 9.0, 400)
    n = np.asarray(dd.charge_density(GAP, r, "states", rtol=1e-4))
    total = np.trapezoid(2 * np.pi * r * n, r)
    assert abs(total) < 1e-4 < 0.02 < np.max(np.abs(2 * np.pi * r * n))


@pytest.mark.parametrize(("problem", "x", "culprit"), [
    (dd.Problem(dd.TanhStep(-1, 1, 1.0)), R, "circle"),
    (GAP, [0.0, 1.0], "positive"),
    (dd.Problem(dd.GaussianDot(-0.5, 1.0), mass=0.0), R, "mass"),
    (dd.Problem(dd.Disc(0.0, 1.0)), R, "potential must vary"),
])
def test_what_is_refused(problem, x, culprit):
    with pytest.raises(ValueError, match=culprit):
        dd.charge_density(problem, x, "states")


def test_engines_are_named():
    with pytest.raises(ValueError, match="engine must be one of green, states"):
        dd.charge_density(GAP, R, "lattice")
