"""The one home of the conventions: spin basis, signs, bands, and the rotation of SR Eq. (6).

Everything in dirac1d is written for

    H = σ_x p_x + σ_y p_y + Δ σ_z + U(x),        ħ = v_F = 1        (SR Eq. 2)

with energies in any one unit E₀ and lengths in ħv_F/E₀. A current is returned as j_y/e, with e the
*signed* electron charge of Silvestrov & Recher (SR; e = -|e|): put e = 1 in their formulas. Their
e/2h is then 1/(4π) (`E_OVER_2H`), and a potential that rises to the right (Δ > 0, Fermi energy in
the gap) drives a negative j_y/e.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: e/(2h) with e = ħ = 1: the unit in which every anomalous Hall current is counted.
E_OVER_2H = 1.0 / (4.0 * np.pi)

SIGMA_0: NDArray[np.complex128] = np.eye(2, dtype=complex)
SIGMA_X: NDArray[np.complex128] = np.array([[0, 1], [1, 0]], dtype=complex)
SIGMA_Y: NDArray[np.complex128] = np.array([[0, -1j], [1j, 0]], dtype=complex)
SIGMA_Z: NDArray[np.complex128] = np.array([[1, 0], [0, -1]], dtype=complex)

#: Cyclic rotation W of the spin, W σ_x W† = σ_y, W σ_y W† = σ_z, W σ_z W† = σ_x. It makes the
#: Hamiltonian real at every p_y: W H W† = σ_y p_x + σ_z p_y + σ_x Δ + U.
CYCLIC_ROTATION: NDArray[np.complex128] = (SIGMA_0 - 1j * (SIGMA_X + SIGMA_Y + SIGMA_Z)) / 2


def bloch_hamiltonian(p_x: float, p_y: float, mass: float, U: float = 0.0) -> NDArray:
    """The 2×2 matrix H(p_x, p_y) of SR Eq. (2) for a constant potential."""
    return p_x * SIGMA_X + p_y * SIGMA_Y + mass * SIGMA_Z + U * SIGMA_0


def effective_mass(p_y: ArrayLike, mass: float) -> NDArray:
    """M = √(Δ² + p_y²): the mass of the one-dimensional problem at p_y (SR text of Eq. 6)."""
    return np.hypot(np.asarray(p_y, dtype=float), mass)


def rotation_angle(p_y: ArrayLike, mass: float) -> NDArray:
    """θ with tan θ = p_y/Δ, Δ = M cos θ and p_y = M sin θ (SR Eq. 6), for either sign of Δ."""
    return np.arctan2(np.asarray(p_y, dtype=float), mass)


def spin_rotation(p_y: float, mass: float) -> NDArray:
    """e^{iθσ_x/2}: takes eigenspinors of H(M, 0) to those of H(Δ, p_y) (SR Eq. 6)."""
    theta = rotation_angle(p_y, mass)
    return np.cos(theta / 2) * SIGMA_0 + 1j * np.sin(theta / 2) * SIGMA_X
