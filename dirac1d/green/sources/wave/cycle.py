"""One period of a potential on a grid, and its Fourier series."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from dirac1d.potentials import PeriodicPotential


@dataclass(frozen=True, eq=False)
class Cycle:
    """One period of U on an odd number N of equidistant points.

    Attributes
    ----------
    U, dU : ndarray, shape (N,)
    period : float
    """

    U: NDArray
    dU: NDArray
    period: float

    @classmethod
    def of(cls, potential: PeriodicPotential, harmonics: int) -> Cycle:
        """The period from x = 0 on, with the points that carry so many harmonics."""
        N = 2 * harmonics + 1
        x = potential.period * np.arange(N) / N
        return cls(np.array(potential(x)), np.array(potential.derivative(x)), potential.period)

    @cached_property
    def wavenumbers(self) -> NDArray:
        """The N wavenumbers of a Fourier series, in the order of `numpy.fft.fft`."""
        return 2 * np.pi / self.period * np.fft.fftfreq(len(self.U), 1 / len(self.U))

    def taylor(self, x: NDArray, half: float, orders: int) -> NDArray:
        """Coefficients of U in (x' - x)/half at positions x, shape (orders, len(x))."""
        waves = np.exp(1j * np.outer(x, self.wavenumbers)) * (np.fft.fft(self.U) / len(self.U))
        factor = 1j * self.wavenumbers * half / np.maximum(np.arange(orders), 1)[:, None]
        factor[0] = 1.0
        return (waves @ np.cumprod(factor, axis=0).T).real.T


@lru_cache(maxsize=32)
def fourier_analysis(N: int) -> NDArray:
    """Matrix from values on the grid to c_0 … c_h of Re Σ c_n e^{2πinx/period}, N = 2h + 1."""
    n = np.arange(N // 2 + 1)
    matrix = np.exp(-2j * np.pi * np.outer(n, np.arange(N)) / N) / N
    matrix[1:] *= 2
    return matrix


@lru_cache(maxsize=64)
def fourier_transfer(N: int, k: int) -> NDArray:
    """Matrix from values on k points of a period to those on N."""
    n = np.arange(k // 2 + 1)
    return (np.exp(2j * np.pi * np.outer(np.arange(N), n) / N) @ fourier_analysis(k)).real
