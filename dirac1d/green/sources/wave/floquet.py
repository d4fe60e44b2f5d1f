r"""The reflection variables of a smooth periodic potential: periodic fixed points of Riccati maps.

There are no leads: s_R = v/u of the solution that decays to the right and s_L = u/v of the one that
decays to the left (:mod:`~dirac1d.green.sources.step.leads`) are the two fixed points of the Möbius
map of one period, hence periodic functions of x, sampled on an equidistant grid. They are found in
two ways:

sweeps     where s₀(x) is smooth, δ = s - s₀ is a short Fourier series that solves
           δ' = ±(2κδ + iMδ²) + i s₀U'/κ (+ for s_R, - for s_L); fixed-point sweeps invert
           d/dx ∓ 2⟨κ⟩ exactly. Digits are kept at large energies, where δ is small.
transfer   elsewhere (:mod:`~dirac1d.green.sources.wave.transfer`): their digits are those of 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.leads import decay_rate, fixed_point
from dirac1d.green.sources.wave.cycle import Cycle
from dirac1d.green.sources.wave.transfer import fixed_points

#: Smallest |κ²| relative to its variation |2E'ΔU| for which sweeps are tried: they then shrink the
#: error by 3 or more a time.
SMOOTHNESS = 1.0
#: Sweeps before a contour node is left to its transfer matrices.
MAX_SWEEPS = 60
#: A change below this part of δ is rounding.
CONVERGED = 4e-16


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """s_R and s_L on the grid, shapes (nodes, N).

    `left` and `right` are their deviations from s₀ where `swept`, shape (nodes,), and themselves
    elsewhere.
    """

    E_prime: NDArray
    kappa: NDArray
    s0: NDArray
    left: NDArray
    right: NDArray
    swept: NDArray


def periodic_fixed_points(
    cycle: Cycle, E: NDArray, M: NDArray, tolerance: float = 0.0
) -> FixedPoints:
    """Both fixed points at energies E (Im E ≥ 0) and masses M = √(Δ² + p²), shapes (nodes,)."""
    E_prime = E[:, None] - cycle.U
    kappa = decay_rate(E_prime, M[:, None])
    s0 = fixed_point(E_prime, M[:, None], kappa)
    left, right = np.empty((2, *E_prime.shape), complex)
    variation = 2 * np.max(np.abs(E_prime), axis=1) * np.ptp(cycle.U)
    swept = np.min(np.abs(kappa) ** 2, axis=1) > SMOOTHNESS * variation
    some = np.flatnonzero(swept)
    if len(some):
        right[some], left[some], done = _sweep(cycle, kappa[some], s0[some], M[some])
        swept[some[~done]] = False
    rest = np.flatnonzero(~swept)
    if len(rest):
        right[rest], left[rest] = fixed_points(cycle, E[rest], M[rest], tolerance)
    return FixedPoints(E_prime, kappa, s0, left, right, swept)


def _sweep(
    cycle: Cycle, kappa: NDArray, s0: NDArray, M: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """δ_R, δ_L and which nodes have converged."""
    source = 1j * s0 * cycle.dU / kappa
    out = []
    done = np.ones(len(M), dtype=bool)
    for sign in (1.0, -1.0):
        delta, converged = _periodic_deviation(cycle, kappa, source, M, sign)
        # The repelling fixed point would solve the same equation: it has the other sign here.
        growth = np.mean(2 * kappa + 2j * M[:, None] * delta, axis=1)
        done &= converged & (growth.real > 0)
        out.append(delta)
    return out[0], out[1], done


def _periodic_deviation(
    cycle: Cycle, kappa: NDArray, source: NDArray, M: NDArray, sign: float
) -> tuple[NDArray, NDArray]:
    """The periodic solution of δ' = sign (2κδ + iMδ²) + source."""
    mean = np.mean(kappa, axis=1, keepdims=True)
    symbol = 1j * cycle.wavenumbers - 2 * sign * mean
    result = np.zeros_like(kappa)
    converged = np.zeros(len(M), dtype=bool)
    index, before = np.arange(len(M)), np.full(len(M), np.inf)
    delta = -sign * source / (2 * kappa)
    vary, quadratic = 2 * sign * (kappa - mean), 1j * sign * M[:, None]
    for _ in range(MAX_SWEEPS):
        with np.errstate(over="ignore", invalid="ignore"):
            right = source + (vary + quadratic * delta) * delta
            new = np.fft.ifft(np.fft.fft(right, axis=1) / symbol, axis=1)
            size, change = np.max(np.abs(new), axis=1), np.max(np.abs(new - delta), axis=1)
        # At the end the change stalls at the rounding of the transforms.
        stalled = (change >= 0.5 * before) & (before <= 100 * CONVERGED * size)
        ready = (change <= CONVERGED * size) | stalled
        go = ~ready & np.isfinite(size) & (size < 2.0)
        result[index[ready]] = new[ready]
        converged[index[ready]] = True
        if not np.any(go):
            break
        index, before, delta = index[go], change[go], new[go]
        vary, source, symbol, quadratic = (q[go] for q in (vary, source, symbol, quadratic))
    return result, converged
