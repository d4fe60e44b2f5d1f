"""Corrections to the papers' formulas that no other test of this folder proves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from dirac1d import geometry
from dirac1d.dirac import E_OVER_2H, bloch_hamiltonian

MASS = 0.8


def upper_state(p_x: float, p_y: float) -> np.ndarray:
    """Conduction-band eigenvector in a smooth gauge (real upper component)."""
    _, vectors = np.linalg.eigh(bloch_hamiltonian(p_x, p_y, MASS))
    u = vectors[:, 1]
    return u * np.exp(-1j * np.angle(u[0]))


def slopes(p_x: float, p_y: float, h: float = 1e-4) -> tuple[np.ndarray, np.ndarray]:
    """∂u/∂p_x and ∂u/∂p_y, error O(h⁴)."""
    def along(dx: float, dy: float) -> np.ndarray:
        def u(n: int) -> np.ndarray:
            return upper_state(p_x + n * dx, p_y + n * dy)

        return (8 * (u(1) - u(-1)) - u(2) + u(-2)) / (12 * h)

    return along(h, 0), along(0, h)


@pytest.mark.parametrize("p", [(0.3, -0.2), (1.1, 0.7)])
def test_conduction_band_has_the_negative_berry_curvature(p):
    dx, dy = slopes(*p)
    curvature = (1j * (np.vdot(dx, dy) - np.vdot(dy, dx))).real  # i ∇×⟨u|∇u⟩
    E = np.sqrt(MASS**2 + p[0] ** 2 + p[1] ** 2)
    # Rounding of the differences is near 1e-11.
    assert curvature == pytest.approx(-MASS / (2 * E**3), abs=1e-9)


@pytest.mark.parametrize("hbar", [1.0, 0.7])
def test_magnetic_moment_closes_the_balance_of_currents(hbar):
    p = (0.4, 0.5)
    dx, dy = (hbar * d for d in slopes(*p))  # ∂_k = ħ∂_p
    E = np.sqrt(MASS**2 + p[0] ** 2 + p[1] ** 2)
    rest = bloch_hamiltonian(*p, MASS) - E * np.eye(2)
    moment = (-1j / (2 * hbar) * (dx.conj() @ rest @ dy - dy.conj() @ rest @ dx)).real
    # Eq. (64) with eħ/2 (v_F = 1, mv² = Δ); e/2ħ would be off by ħ².
    assert abs(moment) == pytest.approx(hbar / 2 * MASS / E**2, abs=1e-9)
    # ... and -∂ₓ(μ/v_x) is Eq. (62) less Eq. (23) times the density, for any U' (here -1: E' = 1).
    q, h = 0.9, 1e-4

    def magnetisation(energy: float) -> float:
        momentum = np.sqrt(energy**2 - MASS**2)
        return MASS / (2 * energy**2) * energy / momentum

    energy = np.sqrt(MASS**2 + q**2)
    slope = (magnetisation(energy + h) - magnetisation(energy - h)) / (2 * h)
    total, transport = MASS / (2 * q**3), -MASS / (2 * energy**3) * energy / q
    assert -slope == pytest.approx(total - transport, rel=1e-6)


def test_magnetisation_rises_with_the_potential_in_the_conduction_band():
    def magnetisation(energy: float, U: float) -> float:
        p = np.sqrt((energy - U) ** 2 - MASS**2)
        return MASS / (2 * p * np.sqrt(MASS**2 + p**2))

    assert magnetisation(2.0, 0.3) > magnetisation(2.0, 0.0)
    assert magnetisation(-2.0, 0.3) < magnetisation(-2.0, 0.0)


def test_density_of_a_parabolic_band():
    m, energy = 1.3, 0.4
    density = quad(lambda p: p / (2 * np.pi), 0, np.sqrt(2 * m * energy))[0]
    assert density == pytest.approx(m * energy / (2 * np.pi), rel=1e-12)
    # -(1/2m)∂ₓρ per U' is e/2h, Eq. (45): ρ falls by m/2π per unit of U.
    assert density / energy / (2 * m) == pytest.approx(E_OVER_2H, rel=1e-12)


def test_hall_conductivity_is_quantised_in_e2_over_h():
    model = geometry.qi_wu_zhang(-1.2)
    C = geometry.chern_number(model)
    assert C != 0
    # In units of e²/ħ it is C/2π: C times e²/h. Measured to 1e-14.
    assert geometry.hall_conductivity_0(model).value == pytest.approx(C / (2 * np.pi), abs=1e-12)
