"""The conventions: spin algebra, bands, and the rotation of SR Eq. (6)."""

from __future__ import annotations

import numpy as np
import pytest

from dirac1d import dirac

X, Y, Z = dirac.SIGMA_X, dirac.SIGMA_Y, dirac.SIGMA_Z
#: A few roundings of products of 2×2 matrices with entries of order 1 (measured: 4e-16).
ROUNDING = 2e-15

MOMENTA = [(0.0, 0.0), (0.3, -0.7), (-1.2, 2.5), (40.0, 1e-3)]
MASSES = [1.0, -1.0, 0.2, -3.0]


def test_pauli_algebra():
    for a, b, c in ((X, Y, Z), (Y, Z, X), (Z, X, Y)):
        np.testing.assert_array_equal(a @ b, 1j * c)
        np.testing.assert_array_equal(a @ a, dirac.SIGMA_0)
        np.testing.assert_array_equal(a, a.conj().T)


def test_unit_of_current_is_e_over_2h():
    # e²/h = e²/(2πħ): with e = ħ = 1 half of it is 1/4π.
    assert 1 / (2 * 2 * np.pi) == dirac.E_OVER_2H


def test_cyclic_rotation_permutes_the_pauli_matrices():
    W = dirac.CYCLIC_ROTATION
    np.testing.assert_allclose(W @ W.conj().T, dirac.SIGMA_0, atol=ROUNDING)
    for before, after in ((X, Y), (Y, Z), (Z, X)):
        np.testing.assert_allclose(W @ before @ W.conj().T, after, atol=ROUNDING)


@pytest.mark.parametrize("mass", MASSES)
@pytest.mark.parametrize("p", MOMENTA)
def test_bands_are_those_of_a_massive_dirac_cone(p, mass):
    energies = np.linalg.eigvalsh(dirac.bloch_hamiltonian(*p, mass, U=0.4))
    E = np.sqrt(p[0] ** 2 + p[1] ** 2 + mass**2)
    np.testing.assert_allclose(energies, [0.4 - E, 0.4 + E], rtol=1e-14, atol=ROUNDING)


@pytest.mark.parametrize("mass", MASSES)
@pytest.mark.parametrize("p_y", [0.0, 0.6, -0.6, 9.0])
def test_rotation_of_eq_6_trades_p_y_for_mass(p_y, mass):
    """R H(p_x; M, 0) R† = H(p_x; Δ, p_y) with R = e^{iθσ_x/2}, whatever p_x and U are."""
    R = dirac.spin_rotation(p_y, mass)
    M = float(dirac.effective_mass(p_y, mass))
    for p_x in (-1.3, 0.0, 0.8):
        rotated = R @ dirac.bloch_hamiltonian(p_x, 0.0, M, U=0.2) @ R.conj().T
        expected = dirac.bloch_hamiltonian(p_x, p_y, mass, U=0.2)
        np.testing.assert_allclose(rotated, expected, atol=ROUNDING * max(1.0, M))


def test_rotation_angle_has_the_quadrant_of_the_mass():
    p_y, mass = np.array([0.5, -0.5, 0.5, -0.5]), np.array([1.0, 1.0, -1.0, -1.0])
    theta = dirac.rotation_angle(p_y, mass)
    M = dirac.effective_mass(p_y, mass)
    np.testing.assert_allclose(M * np.cos(theta), mass, rtol=1e-14)
    np.testing.assert_allclose(M * np.sin(theta), p_y, rtol=1e-14)


def test_sum_over_both_signs_of_p_y_is_twice_mass_over_M_of_the_rotated_state(rng):
    """Σ_± ψ±†σ_yψ± = 2(Δ/M) ψ†σ_yψ (from SR Eq. 6), for any spinor, not just eigenstates."""
    psi = rng.normal(size=2) + 1j * rng.normal(size=2)
    for p_y, mass in ((0.7, 1.0), (2.0, -0.4)):
        M = dirac.effective_mass(p_y, mass)
        both = [dirac.spin_rotation(sign * p_y, mass) @ psi for sign in (1, -1)]
        total = sum((phi.conj() @ Y @ phi).real for phi in both)
        assert total == pytest.approx(2 * mass / M * (psi.conj() @ Y @ psi).real, rel=1e-13)


def test_filled_valence_band_of_the_uniform_system_carries_half_a_quantum():
    """∫d²p/(2π)² Ω = (sgn Δ)/4π for the valence band, Ω = -2 Im ⟨∂_xn|∂_yn⟩ = +Δ/2E³.

    By hand at p = 0 and Δ > 0: |v⟩ = (0, 1), |c⟩ = (1, 0), ⟨v|σ_x|c⟩⟨c|σ_y|v⟩ = -i, hence
    Ω = +1/2Δ² (SR after Eq. 12: the + belongs to the valence band).
    """
    for mass in (1.0, -0.5):
        p = np.geomspace(1e-4, 1e5, 4001)
        E = np.sqrt(p**2 + mass**2)
        # Σ_m 2 Im[⟨v|σ_x|c⟩⟨c|σ_y|v⟩]/(2E)² at p ∥ x.
        curvature = []
        for momentum, energy in zip(p[::200], E[::200], strict=True):
            _, states = np.linalg.eigh(dirac.bloch_hamiltonian(momentum, 0.0, mass))
            v, c = states.T
            matrix = (v.conj() @ X @ c) * (c.conj() @ Y @ v)
            curvature.append(-2 * matrix.imag / (2 * energy) ** 2)
        expected = mass / (2 * E[::200] ** 3)
        # Rounding of c and v next to E ≫ Δ costs up to 1e-16 E/Δ of the product.
        np.testing.assert_allclose(curvature, expected, rtol=1e-6, atol=1e-20)
        total = np.trapezoid(p * mass / (2 * E**3), p) / (2 * np.pi)
        assert total == pytest.approx(np.sign(mass) * dirac.E_OVER_2H, rel=1e-4)
