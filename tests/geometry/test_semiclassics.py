"""Eq. (7)-(12): a propagated packet, the divergence in its width, and the filled band."""

import numpy as np
import pytest

from dirac1d import geometry as geo
from dirac1d.geometry.integrate import integrate_momenta

K = (0.5, 0.3)
E_XXX = 1e-6


@pytest.fixture(scope="module")
def model():
    return geo.qi_wu_zhang(-1.2, (0.1, 0.05), (0.0, 0.2), diagonal=0.3)


def second_gradient(size=1.0):
    tensor = np.zeros((2, 2, 2))
    tensor[0, 0, 0] = size
    return geo.FieldGradients(second=tensor)


def response(model, width, sites=192):
    """(dR/dt, dK/dt) per E^{xxx} of a packet, exactly."""
    on = geo.ValenceBandLattice(model, sites, E_XXX)
    off = geo.ValenceBandLattice(model, sites, 0.0)
    packet = on.packet(K, width)
    return [(a - b) / E_XXX for a, b in zip(on.rates(packet), off.rates(packet), strict=True)]


def test_rates_approach_eq11_as_the_packet_narrows(model):
    errors = []
    for width in (0.2, 0.1):
        R_dot, K_dot = response(model, width)
        eq11 = geo.equations_of_motion(model, (0, 0), K, second_gradient(), width)
        regular_R = R_dot - eq11.R_terms["packet"]
        regular_K = K_dot - eq11.K_terms["packet"]
        expected_R = eq11.R_dot - eq11.R_terms["packet"] - eq11.R_terms["band"]
        expected_K = eq11.K_dot - eq11.K_terms["packet"]
        errors.append((regular_R - expected_R, regular_K - expected_K))
    coarse, fine = (np.abs(np.concatenate(e)).max() for e in errors)
    assert fine < 0.008  # measured 0.0070 (y) at width 0.1, 0.024 at 0.2
    # what is left is the average over the packet, of second order in its width
    assert coarse / fine == pytest.approx(4.0, rel=0.2)  # measured 3.43


def test_packet_terms_diverge_as_inverse_width_squared(model):
    widths = np.array([0.2, 0.14, 0.1])
    rates = [response(model, w) for w in widths]
    K_dot = np.array([k[0] for _, k in rates])
    R_dot = np.array([r[1] for r, _ in rates])
    slope_K, slope_R = (np.polyfit(widths**-2.0, y, 1)[0] for y in (K_dot, R_dot))
    # -f/2 = -1/(8 width^2) and -Omega/(8 width^2): measured within 2e-4 and 3e-3
    assert slope_K == pytest.approx(-1 / 8, rel=1e-3)
    assert slope_R == pytest.approx(-geo.berry_curvature(model, *K) / 8, rel=0.01)


def test_propagated_packet_follows_its_rates(model):
    lattice = geo.ValenceBandLattice(model, 128, 1e-5)
    packet = lattice.packet(K, 0.15)
    R_dot, K_dot = lattice.rates(packet)
    track = lattice.propagate(packet, duration=0.4, steps=40)
    np.testing.assert_allclose(track.norm, 1.0, atol=1e-9)  # measured 1e-12
    slope_R = np.polynomial.polynomial.polyfit(track.t, track.R, 5)[1]
    slope_K = np.polynomial.polynomial.polyfit(track.t, track.K, 5)[1]
    np.testing.assert_allclose(slope_R, R_dot, atol=1e-8)
    np.testing.assert_allclose(slope_K, K_dot, atol=1e-8)


def test_position_of_a_packet_is_eq9(model):
    """R = int (d gamma/dk + A)|a|^2 with a chosen phase gamma and an explicit gauge."""
    lattice = geo.ValenceBandLattice(model, 96, 0.0)
    width, shift, shear = 0.2, np.array([2.0, -3.0]), 0.7
    psi = lattice.packet(K, width)
    kx, ky = (k - k0 for k, k0 in zip((lattice._kx, lattice._ky), K, strict=True))
    gamma = shift[0] * kx + shift[1] * ky + shear * kx * ky
    R, centre_K = lattice.centre(psi * np.exp(-1j * gamma))
    before, _ = lattice.centre(psi)  # int A |a|^2 in the gauge of packet()
    weight = (np.abs(psi) ** 2).sum(0)
    expected = [(weight * (shift[0] + shear * ky)).sum(), (weight * (shift[1] + shear * kx)).sum()]
    np.testing.assert_allclose(R - before, expected, atol=1e-6)
    np.testing.assert_allclose(centre_K, K, atol=1e-9)
    assert np.abs(before).max() < 0.01  # vanishes with the width: A = 0 at K in that gauge


def test_filled_band_carries_the_metric_curvature_term(model):
    """Without f and f~ the sum of Eq. (11) over the band is the first term of Eq. (2)."""
    def rates(model, kx, ky):
        rows = [geo.equations_of_motion(model, (0, 0), k, second_gradient()).R_terms
                for k in zip(kx, ky, strict=True)]
        names = ("metric_curvature", "T_gradient", "curvature_hessian")
        return np.array([[row[name][1] for row in rows] for name in names])

    total = integrate_momenta(rates, model, rtol=1e-6).value
    # j_y = -sum R_dot = -sigma_AH E_x, and E_x -> -q^2 E_x stands for E^{xxx}
    assert -total[0] == pytest.approx(geo.hall_conductivity_q2(model).metric_curvature, rel=1e-8)
    np.testing.assert_allclose(total[1:], 0.0, atol=1e-10)  # total derivatives


def test_gradients_of_the_geometry_are_derivatives(model, momenta):
    kx, ky = momenta
    from dirac1d.geometry.semiclassics import geometry_with_gradients

    h = 1e-3
    Omega, hessian, g, dg, dT = geometry_with_gradients(model, kx, ky)
    for axis, (a, b) in enumerate(((h, 0.0), (0.0, h))):
        def numerical(f, a=a, b=b):
            return (8 * (f(kx + a, ky + b) - f(kx - a, ky - b))
                    - (f(kx + 2 * a, ky + 2 * b) - f(kx - 2 * a, ky - 2 * b))) / (12 * h)

        np.testing.assert_allclose(
            dg[:, :, axis], numerical(lambda x, y: geo.quantum_metric(model, x, y)), atol=1e-9)
        np.testing.assert_allclose(
            dT[:, :, :, axis], numerical(lambda x, y: geo.symplectic_tensor(model, x, y)),
            atol=1e-9)
    second = (geo.berry_curvature(model, kx + h, ky) - 2 * Omega
              + geo.berry_curvature(model, kx - h, ky)) / h**2
    np.testing.assert_allclose(hessian[0, 0], second, atol=1e-4)
    np.testing.assert_allclose(g, geo.quantum_metric(model, kx, ky), atol=1e-13)


def test_linear_gradient_moves_packets_by_the_metric_dipole(model):
    fields = geo.FieldGradients(E=(0.3, -0.2), first=[[0.1, 0.05], [0.05, -0.2]])
    rates = geo.equations_of_motion(model, (1.0, 2.0), K, fields)
    E = np.array([0.3 + 0.1 + 0.1, -0.2 + 0.05 - 0.4])
    Omega = geo.berry_curvature(model, *K)
    np.testing.assert_allclose(rates.K_dot, -E, atol=1e-14)
    # R_dot_a = ... - E^m Omega_{ma}: K_dot x Omega of the ordinary anomalous velocity
    np.testing.assert_allclose(rates.R_terms["anomalous"], [E[1] * Omega, -E[0] * Omega],
                               atol=1e-14)
