"""A dot under a gate, in nm and meV: the current of its cones, and their field."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd

DOT = {"shape": "dot", "height": "-10 meV", "width": "100 nm"}


def test_valleys_cancel_around_a_dot_and_one_cone_is_what_its_profile_says():
    current = dd.material_current("hbn-graphene", DOT)
    assert current.x[0] == 0
    assert np.all(current.j_y == 0)
    assert current.currents["charge"] == 0
    assert "cancels by valley; one cone would give 190 nA" in repr(current)
    assert "M(0) = 0 nA" in repr(current)
    cone = current.cones[0]
    half = cone.profile.total().value * current.scale.unit("current")
    assert current.currents[cone.flavour.name] == pytest.approx(cone.sign * half)
    # e²/2h of a smooth dot, 19.4 nA per meV; a dot of three Compton lengths is smooth to 4 %.
    assert abs(half) == pytest.approx(194.0, rel=0.05)


def test_field_of_a_dot_on_one_surface_is_that_of_its_profile():
    dot = DOT | {"height": "-3 meV"}
    current = dd.material_current("ti-surface", dot, temperature="4.2 K")
    field = dd.stray_field(current, "100 nm", x=[0.0, 150.0])
    cone = current.cones[0]
    alone = dd.stray_field(cone.profile, 100.0, dd.Scale(
        v_F=current.scale.v_F, energy=current.scale.energy), x=[0.0, 150.0])
    np.testing.assert_allclose(field.B_z, cone.sign * alone.B_z, rtol=1e-12)
    assert field.B_x[0] == pytest.approx(0.0, abs=1e-9)
    assert np.all(np.abs(field.error) < 1e-3 * field.largest)


def test_current_around_a_metal_at_zero_temperature_has_no_end():
    current = dd.material_current("ti-surface", DOT, fermi_energy="9 meV", x=[0.0, 50.0], rtol=1e-3)
    assert np.isnan(current.currents["charge"])
    assert "M(0)" in repr(current)
    with pytest.raises(ValueError, match="no end"):
        dd.stray_field(current, "100 nm")
