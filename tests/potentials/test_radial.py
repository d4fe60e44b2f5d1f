"""Circles as potentials: what they say of themselves, sums, files, and mistakes."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.potentials.descriptions import potential_from_dict, potential_to_dict

CIRCLES = [
    dd.Disc(-1.0, 5.0, outside=0.2), dd.GaussianDot(-0.5, 1.4), dd.SmoothDisc(-0.5, 3.0, 0.7),
    dd.GaussianDot(-0.5, 1.4) + dd.Disc(0.3, 2.0), 2 * dd.SmoothDisc(-0.5, 3.0, 0.7),
    dd.TabulatedRadial([0.0, 1.0, 2.0, 3.0], [-1.0, -0.7, -0.1, 0.0]),
    dd.RadialPotential(lambda r: -np.exp(-r**2) / 2, 0.0),
]


@pytest.mark.parametrize("circle", CIRCLES, ids=lambda c: type(c).__name__)
def test_a_circle_survives_its_description_and_becomes_flat(circle):
    again = potential_from_dict(potential_to_dict(circle))
    r = np.linspace(0.0, 8.0, 301)
    np.testing.assert_array_equal(again(r), circle(r))
    far = circle.support(1e-9)[1]
    assert np.all(np.abs(circle(far + np.array([1e-6, 1.0, 10.0])) - circle.outside) <= 1e-9)
    inside = r[(r > 0.1) & np.all(np.abs(r - np.array([[-9.0, *circle.breakpoints]]).T) > 0.1, 0)]
    h = 1e-5
    slope = (circle(inside + h) - circle(inside - h)) / (2 * h)
    np.testing.assert_allclose(circle.derivative(inside), slope, atol=1e-7)
    assert dd.Problem(circle).current_scale > 0


def test_smooth_disc_is_flat_in_the_middle_and_has_its_height():
    smooth = dd.SmoothDisc(-0.7, 5.0, 0.4, outside=0.1)
    assert float(smooth(0.0)) == pytest.approx(-0.6)
    assert float(smooth(20.0)) == pytest.approx(0.1)
    assert float(smooth(5.0)) == pytest.approx(-0.25, abs=1e-9)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: dd.Disc(-1.0, -5.0), "radius"), (lambda: dd.Disc(np.nan, 5.0), "height"),
    (lambda: dd.GaussianDot(-1.0, 0.0), "width"),
    (lambda: dd.RadialPotential(lambda r: np.cos(r), 0.0), "never reached"),
    (lambda: dd.Disc(-1.0, 2.0) + dd.TanhStep(0, 1, 1), "another circle only"),
    (lambda: dd.TanhStep(0, 1, 1) + dd.Disc(-1.0, 2.0), "another circle only"),
    (lambda: dd.RadialPotential(1.0, 0.0), "callable"),
    (lambda: dd.TabulatedRadial([-1.0, 1.0], [0.0, 1.0]), "r must not be negative"),
    (lambda: dd.TabulatedRadial([1.0, 1.0], [0.0, 1.0]), "increase"),
    (lambda: dd.Disc(-1.0, 5.0) + dd.TanhStep(0.0, 1.0, 1.0), "another circle"),
    (lambda: dd.Problem(dd.Disc(-1.0, 5.0)).U_L, "no leads"),
    (lambda: dd.energy_resolved_current(dd.Problem(dd.Disc(-1.0, 5.0)), [1.0], 0.0), "circle"),
    (lambda: dd.scattering_state(dd.Problem(dd.Disc(-1.0, 5.0)), 2.0, 0.5, "left"),
     "side must not be given for a circle"),
    (lambda: dd.total_current(dd.Problem(dd.Disc(-1.0, 5.0))), "no leads"),
])
def test_mistakes_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
