r"""Linear response of the gapped sea's density: exact, and as the truncated harmonics have it.

At E = iω a wave V_q of V = U - ε_F makes

.. math:: n_q(ω) = V_q \int\frac{d^2p}{(2π)^2} \frac{D + D' - q^2 - 4ω^2}{DD'}, \qquad
          D = p^2 + Δ^2 + ω^2, \quad D' = D(p + q).

Of a uniform V this does not vanish in the sum over frequencies: integrated over p first, tr G at
ω → ∞ is an anomaly and no charge. Only what q adds to it converges whatever the order, as 1/ω²; a
uniform V makes what its thermal carriers are. At T = 0 all of it is
-(1/4π)[|Δ| + ((q² - 4Δ²)/2q) arctan(q/2|Δ|)].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.planar.linear import exact, over_frequencies, pairs


def of_all_frequencies(q: NDArray, mass: float, temperature: float) -> NDArray:
    """n_q/V_q of the sea with ε_F in the middle of its gap, shape of q ≥ 0."""
    q, gap = np.asarray(q, float), abs(mass)
    if temperature == 0.0:
        t = q / (2 * gap)
        # Below, the first term of its series: -q²/12π|Δ|.
        small = t < 1e-3
        safe = np.where(small, 1.0, t)
        found = gap + gap * (safe**2 - 1) * np.arctan(safe) / safe
        return -np.where(small, gap * (4 * t**2 / 3 - 8 * t**4 / 15), found) / (4 * np.pi)

    def beyond_uniform(omega: float) -> NDArray:
        # M_q/2ΔU_q = ∫ 1/DD'.
        pair, alone = (exact(v, omega, gap) / (2 * gap) for v in (q, np.zeros_like(q)))
        return 4 * omega**2 * (alone - pair) - q**2 * pair

    scale = max(gap, float(np.max(q, initial=0.0)))
    return _carriers(gap, temperature) + over_frequencies(beyond_uniform, temperature, scale)


def _carriers(gap: float, temperature: float) -> float:
    """Density of a uniform V, over V: -(1/π)[Δ f(Δ) + T ln(1 + e^{-Δ/T})]."""
    x = gap / temperature
    filling = np.exp(-np.logaddexp(0.0, x))
    return -(gap * filling + temperature * np.logaddexp(0.0, -x)) / np.pi


def truncated(
    q_x: NDArray, omega: float, p: NDArray, window: NDArray, mass: float, period: float
) -> tuple[NDArray, float]:
    """n_q/V_q of the harmonics p with their windows at one frequency and Bloch momentum.

    Parameters
    ----------
    q_x : ndarray, shape (n,)
    p, window : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (n, N)
        For q_m = 2πm/L, m = 0 … N-1.
    float
        At q = 0.
    """
    q_x = np.append(q_x, 0.0)
    found = np.zeros((len(q_x), len(p)))
    for m, (both, weight) in enumerate(pairs(omega, p, window, mass)):
        q_m = 2 * np.pi * m / period
        pair = weight / (both**2 + q_x[:, None] ** 2)
        square = q_x[:, None] ** 2 + q_m**2 + 4 * omega**2
        found[:, m] = (weight - square * pair).sum(axis=1)
    found /= period
    return found[:-1], float(found[-1, 0])
