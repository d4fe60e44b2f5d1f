"""The field of a circular current: far away a dipole's, on the axis Biot and Savart's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import constants

import dirac1d as dd
from dirac1d.exact import radial_response

SCALE = dd.Scale(v_F=1e6, energy=19.0)
LENGTH = SCALE.unit("length")


@pytest.fixture(scope="module")
def profile():
    return dd.current_density(dd.Problem(dd.GaussianDot(-0.5, 2.0)), [1.0], rtol=1e-6)


def test_far_above_it_is_the_dipole_of_the_moment(profile):
    z = 300.0
    field = dd.stray_field(profile, z * LENGTH, SCALE, x=np.array([0.0, 100.0]) * LENGTH)
    moment = profile.moment * SCALE.unit("current") * 1e-9 * (LENGTH * 1e-9) ** 2
    r, height = np.array([0.0, 100.0]) * LENGTH * 1e-9, z * LENGTH * 1e-9
    R = np.hypot(r, height)
    factor = constants.mu_0 * moment / (4 * np.pi) * 1e9
    np.testing.assert_allclose(field.B_z, factor * (3 * height**2 / R**5 - 1 / R**3), rtol=3e-4)
    np.testing.assert_allclose(field.B_x, factor * 3 * r * height / R**5, rtol=3e-4, atol=1e-12)


def test_on_the_axis_it_is_the_sum_of_loops(profile):
    z = 1.5
    field = dd.stray_field(profile, z * LENGTH, SCALE, x=[0.0])
    edges = np.linspace(0.0, profile.strip.edges[-1], 20_001)
    a = (edges[1:] + edges[:-1]) / 2
    j = profile(a).value
    exact = np.pi * np.sum(j * a**2 / (a**2 + z**2) ** 1.5) * (a[1] - a[0])
    unit = constants.mu_0 / (2 * np.pi) * 1e6 * SCALE.unit("current_density")
    assert abs(field.B_z[0] - unit * exact) < 1e-7 * abs(unit * exact) + field.error[0]


def test_no_divergence_and_mirror_symmetry(profile):
    x = np.array([-2.0, -1e-9, 1e-9, 1.0, 2.0]) * LENGTH
    field = dd.stray_field(profile, LENGTH, SCALE, x=x)
    # Sums over the same numbers, which BLAS may group differently by their place in an array.
    assert field.B_x[0] == pytest.approx(-field.B_x[-1], rel=1e-13)
    assert field.B_z[0] == pytest.approx(field.B_z[-1], rel=1e-13)
    h = 1e-3 * LENGTH
    r, z = 1.3 * LENGTH, LENGTH
    around = [dd.stray_field(profile, z + d, SCALE, x=[r]).B_z[0] for d in (-h, h)]
    beside = dd.stray_field(profile, z, SCALE, x=[r - h, r + h])
    radial = np.diff((r + np.array([-h, h])) * beside.B_x)[0] / (2 * h * r)
    assert abs((around[1] - around[0]) / (2 * h) + radial) < 1e-5 * np.max(np.abs(beside.B_z)) / h


def test_metal_has_no_end():
    metal = dd.Problem(dd.GaussianDot(-0.5, 1.4), fermi_energy=1.3)
    profile = dd.current_density(metal, [1.0, 3.0], rtol=1e-3)
    with pytest.raises(ValueError, match="no end"):
        dd.stray_field(profile, 100.0, SCALE)


def test_linear_response_in_the_plane():
    # Projected on a line it is Δ E₁(2Δ|x|), and its integral over the plane is 1.
    from scipy.integrate import quad
    from scipy.special import exp1

    for x in (0.3, 2.0):
        found = 2 * quad(lambda y, x=x: radial_response(np.hypot(x, y), 1.0), 0, np.inf)[0]
        assert abs(found - exp1(2 * x)) < 1e-9
    total = quad(lambda r: 2 * np.pi * r * radial_response(r, 0.7), 0, np.inf)[0]
    assert abs(total - 1) < 1e-8
    with pytest.raises(ValueError, match="r must be positive"):
        radial_response([0.0], 1.0)


def test_weak_dot_has_the_moment_of_linear_response(profile):
    weak = dd.Problem(dd.GaussianDot(-0.001, 1.4))
    moment = dd.current_density(weak, [1.0], rtol=1e-6).moment
    # ∫K₂ = 1: the moment is (1/4π) ∫U d²r.
    assert abs(moment + 0.001 * 1.4**2 / 4) <= moment.error + 1e-9
