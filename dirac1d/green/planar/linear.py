r"""Linear response of the gapped sea: exact, and as the truncated harmonics have it.

At E = iω, of a wave U_q with q = (q_x, q_m),

.. math:: M_q(ω) = 2Δ U_q \int\frac{d^2p}{(2π)^2} \frac{1}{D(p)D(p+q)}, \qquad
          D = p^2 + Δ^2 + ω^2,

which is 2Δ·arsinh(q/2m)/(πq√(q² + 4m²)), m² = Δ² + ω²; its mean over frequencies, (1/π)∫dω, is the
arctan law. With harmonics up to P only, the integral over p_x is still exact and that over p_y a
sum over pairs. The difference of both is what the cut-off leaves out to first order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

#: Nodes of (1/π)∫dω in the tail of sums over frequencies: the integrand is analytic, of scale m.
_NODES = 40
#: Frequencies that are summed one by one before the sum goes on as an integral.
_SUMMED = 400


def exact(q: NDArray, omega: float, mass: float) -> NDArray:
    """M_q/U_q at one frequency, shape of q ≥ 0."""
    m = np.hypot(mass, omega)
    t = np.asarray(q, float) / (2 * m)
    safe = np.where(t > 1e-8, t, 1.0)
    ratio = np.where(t > 1e-8, np.arcsinh(safe) / (safe * np.sqrt(1 + safe**2)), 1.0)
    return 2 * mass * ratio / (4 * np.pi * m**2)


def of_mass(omega: float, mass: float) -> float:
    """M_q/δ_q of a change of the mass over M_q/U_q: of -tr σG the imaginary part.

    The first has E = iω where the second has Δ.
    """
    return -omega / mass


def of_all_frequencies(q: NDArray, mass: float, temperature: float) -> NDArray:
    """M_q/U_q of the sea: (1/π)∫dω, or 2T Σ over ω_n > 0."""
    if temperature == 0.0:
        t = np.asarray(q, float) / (2 * abs(mass))
        safe = np.where(t > 0, t, 1.0)
        return np.sign(mass) / (4 * np.pi) * np.where(t > 0, np.arctan(safe) / safe, 1.0)
    scale = max(abs(mass), float(np.max(q, initial=0.0)))
    return over_frequencies(lambda omega: exact(q, omega, mass), temperature, scale)


def over_frequencies(
    term: Callable[[float], NDArray], temperature: float, scale: float
) -> NDArray:
    """2T Σ over ω_n > 0 of a term that falls as 1/ω² beyond `scale`."""
    total: NDArray | float = 0.0
    for n in range(_SUMMED):
        total = total + 2 * temperature * term(np.pi * temperature * (2 * n + 1))
    # Midpoint sum beyond: the integral and the first Euler-Maclaurin term, from the slope.
    first, step = 2 * np.pi * temperature * _SUMMED, 2 * np.pi * temperature
    t, weights = np.polynomial.legendre.leggauss(_NODES)
    scale = max(first, scale)
    for s, weight in zip((1 + t) / 2, weights / 2, strict=True):
        omega = first + scale * s**2 / (1 - s)
        slope = scale * s * (2 - s) / (1 - s) ** 2
        total = total + weight * slope / np.pi * term(omega)
    d = 1e-3 * first
    return total + step**2 / 24 * (term(first + d) - term(first - d)) / (2 * d) / np.pi


def truncated(
    q_x: NDArray, omega: float, p: NDArray, window: NDArray, mass: float, period: float
) -> NDArray:
    """M_q/U_q of the harmonics p with their windows at one frequency and Bloch momentum.

    Parameters
    ----------
    q_x : ndarray, shape (n,)
    p, window : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (n, N)
        For q_m = 2πm/L, m = 0 … N-1.
    """
    found = np.zeros((len(q_x), len(p)))
    square = q_x[:, None] ** 2
    for m, (both, weight) in enumerate(pairs(omega, p, window, mass)):
        # Half of it from each sign of m: those of real U are conjugates.
        found[:, m] = (weight / (both**2 + square)).sum(axis=1)
    return 2 * mass / period * found


def pairs(
    omega: float, p: NDArray, window: NDArray, mass: float
) -> Iterator[tuple[NDArray, NDArray]]:
    """κ + κ′ and the weight (κ + κ′)/2κκ′ of all pairs of harmonics m apart, for m = 0, 1, …"""
    kappa = np.sqrt(p**2 + mass**2 + omega**2)
    for m in range(len(p)):
        one, two = kappa[m:], kappa[: len(p) - m]
        both = one + two
        yield both, window[m:] * window[: len(p) - m] * both / (2 * one * two)
