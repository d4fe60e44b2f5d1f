"""Geometry from projectors against Bloch functions, and its identities."""

import numpy as np
import pytest

from dirac1d import geometry as geo
from dirac1d.geometry import semiclassics
from dirac1d.geometry.tensors import PAULI

STEP = 1e-3  # of the momentum scale; fourth-order differences then leave ~1e-11


def derivative(function, axis, h):
    step = h * np.eye(2)[axis]
    return (8 * (function(*step) - function(*-step))
            - (function(*(2 * step)) - function(*(-2 * step)))) / (12 * h)


def test_tensors_equal_traces_of_numerical_projectors(model, momenta):
    kx, ky = momenta * model.scale
    h = STEP * model.scale

    def P_C(a, b):
        return geo.projectors(model, kx + a, ky + b)[1]

    P_V = geo.projectors(model, kx, ky)[0]
    first = [derivative(P_C, i, h) for i in range(2)]
    second = [[derivative(lambda a, b, i=i: derivative(lambda c, d: P_C(a + c, b + d), i, h), j, h)
               for j in range(2)] for i in range(2)]

    def trace(a, b, c):
        return np.trace(a @ b @ c, axis1=-2, axis2=-1)

    scale = model.scale**-3
    g = np.array([[trace(P_V, first[i], first[j]).real for j in range(2)] for i in range(2)])
    np.testing.assert_allclose(geo.quantum_metric(model, kx, ky), g, atol=1e-10 * scale)
    Omega = -2 * trace(P_V, first[0], first[1]).imag
    np.testing.assert_allclose(geo.berry_curvature(model, kx, ky), Omega, atol=1e-10 * scale)
    c = np.array([[[trace(P_V, second[i][j], first[l]) for l in range(2)] for j in range(2)]
                  for i in range(2)])
    # measured 4e-11 (rounding of second differences)
    np.testing.assert_allclose(geo.geometric_connection(model, kx, ky), c, atol=1e-9 * scale)


def test_sign_of_the_curvature_from_bloch_functions():
    """Omega_xy = d_x A_y - d_y A_x with A = i<u|du>: flux of a small plaquette of eigenvectors."""
    model, (kx, ky), h = geo.haldane(0.7, 0.3, 0.2), (0.4, -0.9), 1e-3
    corners = [(-h / 2, -h / 2), (h / 2, -h / 2), (h / 2, h / 2), (-h / 2, h / 2)]
    u = [np.linalg.eigh(np.tensordot(model.components(kx + a, ky + b), PAULI, 1))[1][:, 0]
         for a, b in corners]
    loop = np.prod([np.vdot(u[i], u[(i + 1) % 4]) for i in range(4)])
    # measured 3e-8: the plaquette is second order in h
    assert -np.angle(loop) / h**2 == pytest.approx(geo.berry_curvature(model, kx, ky), abs=2e-7)


def test_real_part_of_the_connection_is_christoffel_of_the_metric(model, momenta):
    _, _, _, dg, _ = semiclassics.geometry_with_gradients(model, *momenta)
    # Gamma_{ij,l} = (d_i g_jl + d_j g_il - d_l g_ij)/2, and dg[m, n, a] = d_a g_mn
    Gamma = (np.moveaxis(dg, 2, 0) + np.swapaxes(dg, 1, 2) - dg) / 2
    # measured 1e-15
    np.testing.assert_allclose(geo.geometric_connection(model, *momenta).real, Gamma, atol=1e-11)


def test_T_is_fully_symmetric_and_vanishes_for_the_plain_dirac_model(model, momenta):
    T = geo.symplectic_tensor(model, *momenta)
    np.testing.assert_allclose(T, np.moveaxis(T, 0, 2), atol=1e-15)
    np.testing.assert_allclose(T, np.swapaxes(T, 0, 1), atol=1e-15)
    # why the Dirac model alone cannot test Eq. (2)
    assert np.abs(T).max() < 1e-15 if model.name.startswith("Dirac") else np.abs(T).max() > 1e-3


def test_metric_bounds_curvature(model, momenta):
    """For two bands sqrt(det g) = |Omega|/2: the map to the Bloch sphere preserves areas."""
    g = geo.quantum_metric(model, *momenta)
    Omega = geo.berry_curvature(model, *momenta)
    np.testing.assert_allclose(g[0, 0] * g[1, 1] - g[0, 1] ** 2, Omega**2 / 4, atol=1e-12)


def test_velocities_are_gradients_of_energies(model, momenta):
    kx, ky = momenta
    for band in range(2):
        for axis in range(2):
            numerical = derivative(
                lambda a, b, band=band: geo.energies(model, kx + a, ky + b)[band], axis, STEP)
            # measured 5e-12
            np.testing.assert_allclose(geo.velocities(model, kx, ky)[band][axis], numerical,
                                       atol=1e-10)


def test_chern_numbers_of_haldanes_phase_diagram():
    for phi in (-2.6, -1.2, -0.4, 0.3, 1.1, np.pi / 2, 2.9):
        for M_over_t2 in (-5.6, -2.0, -0.1, 0.9, 3.1, 5.3):
            edge = 3 * np.sqrt(3) * np.sin(phi)
            expected = -int(np.sign(edge)) if abs(M_over_t2) < abs(edge) else 0
            assert geo.chern_number(geo.haldane(phi, 0.1 * M_over_t2, 0.1)) == expected


@pytest.mark.parametrize(("mass", "expected"), [(-2.5, 0), (-1.2, -1), (0.7, 1), (2.2, 0)])
def test_chern_numbers_of_qi_wu_zhang(mass, expected):
    model = geo.qi_wu_zhang(mass)
    assert geo.chern_number(model) == expected
    value, _ = geo.hall_conductivity_0(model)
    # sigma(0) = C e^2/h: measured 1e-15
    assert 2 * np.pi * value == pytest.approx(expected, abs=1e-12)
