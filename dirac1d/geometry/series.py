"""Finite Fourier series of Pauli components: lattice Hamiltonians with every derivative known."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from . import jets

__all__ = ["FourierSeries"]

Array = NDArray[np.float64]


# Momenta (over the longest hop) at which H is checked to be Hermitian, and what rounding leaves.
HERMITICITY_PROBE = ((0.31, 0.57), (-0.74, 0.22), (1.13, -1.0))
HERMITICITY_TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class FourierSeries:
    """(d0, d)(k) = sum_R c_R exp(i k.R), real because c_{-R} = conj(c_R).

    Parameters
    ----------
    displacements : ndarray (n, 2)
        R, from orbital to orbital, in the units of the lattice vectors.
    coefficients : ndarray (n, 4), complex
        Pauli components (1, x, y, z) of the hopping matrix h_R.

    Raises
    ------
    ValueError
        For wrong shapes, numbers that are not finite, or hops without their reverse.
    """

    displacements: Array
    coefficients: NDArray[np.complex128]

    def __post_init__(self) -> None:
        R = np.asarray(self.displacements, float)
        c = np.asarray(self.coefficients, complex)
        if R.ndim != 2 or R.shape[1:] != (2,) or c.shape != (len(R), 4):
            raise ValueError(f"displacements of shape {R.shape} and coefficients of shape "
                             f"{c.shape}: must be (n, 2) and (n, 4)")
        if not (np.isfinite(R).all() and np.isfinite(c).all()):
            raise ValueError("displacements and coefficients must be finite")
        object.__setattr__(self, "displacements", R)
        object.__setattr__(self, "coefficients", c)
        k = np.array(HERMITICITY_PROBE) / max(np.abs(R).max(), np.finfo(float).tiny)
        imaginary = np.abs((np.exp(1j * k @ R.T) @ c).imag).max()
        if imaginary > HERMITICITY_TOLERANCE * np.abs(c).max():
            raise ValueError("coefficients: H(k) is not Hermitian; every hop R needs its reverse "
                             f"-R with the conjugate coefficients (Im of d0 or d: {imaginary:.2g})")

    def taylor(self, kx: Array, ky: Array, order: int) -> Array:
        """Jet of (d0, d_x, d_y, d_z), shape (terms, 4, ...)."""
        phase = np.exp(1j * (np.multiply.outer(self.displacements[:, 0], kx)
                             + np.multiply.outer(self.displacements[:, 1], ky)))
        R = 1j * self.displacements
        jet = []
        for i, j in jets.indices(order):
            weight = R[:, 0] ** i * R[:, 1] ** j / (factorial(i) * factorial(j))
            jet.append(np.tensordot((weight[:, None] * self.coefficients).T, phase, 1).real)
        return np.stack(jet)

    def __repr__(self) -> str:
        return f"FourierSeries({len(self.displacements)} hops)"

    def rotated(self, angle: float) -> FourierSeries:
        """The same hoppings, displacements referred to axes turned by ``angle``."""
        c, s = np.cos(angle), np.sin(angle)
        return FourierSeries(self.displacements @ np.array([[c, -s], [s, c]]), self.coefficients)
