"""The slow solutions of the Riccati equation on panels where s₀(x) is smooth: no waves in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.coefficients import Coefficients
from dirac1d.green.sources.step.collocation import ROUNDING, adiabatic_series, collocate
from dirac1d.green.sources.step.leads import one_less_square
from dirac1d.numerics.quadrature import antiderivative_matrix, last_coefficients


@dataclass(frozen=True, eq=False)
class Slow:
    """Slow solutions of every panel: what differs at its ends is carried by the other one.

    Attributes
    ----------
    a, b : ndarray, shape (n, P, N)
        Of s_R and s_L, less s₀; 0 where s₀ is not smooth.
    phase : ndarray, shape (n, P, N)
        ln Θ = ∫λ dx, λ = -i[2E' - M(a + b)], from the left end of each panel.
    failed : ndarray of bool, shape (P,)
        Panels on which the equation was not solved.
    tail : ndarray, shape (P, N)
        What the nodes of visible panels cannot carry of the slow tr σ_yG.
    left_out : ndarray, shape (2, P, N)
        What those of the other panels leave out of b and of a, in a trace: with such an error a
        slow solution is another one with a wave.
    """

    a: NDArray
    b: NDArray
    phase: NDArray
    failed: NDArray
    tail: NDArray
    left_out: NDArray


def slow_solutions(c: Coefficients) -> Slow:
    """Both slow solutions on all smooth panels at once."""
    n, P, N = c.E_prime.shape
    panel, column = np.nonzero(c.smooth & ~c.mesh.flat[c.panels, None])
    a = b = np.zeros((n, P, N), complex)
    failed = np.zeros(P, dtype=bool)
    if len(panel):
        whole = len(panel) == P * N
        pair, poor = _solve(c, panel, column, whole)
        failed[panel[poor]] = True
        if whole:
            b, a = pair.reshape(2, n, P, N)
        else:
            a, b = np.zeros((2, n, P, N), complex)
            b[:, panel, column], a[:, panel, column] = pair
    rate = a + b
    rate *= 1j * c.M
    rate += 2 * c.kappa
    rate *= c.widths[:, None] / 2
    phase = (antiderivative_matrix(n) @ rate.reshape(n, -1)).reshape(n, P, N)
    seen, hidden = np.zeros((P, N)), np.zeros((2, P, N))
    own, visible = _own(c), c.seen
    seen[visible] = last_coefficients(b[:, visible] - a[:, visible]) / own[visible]
    for part in (slice(visible.start), slice(visible.stop, None)):
        for out, q in zip(hidden, (b, a), strict=True):
            out[part] = last_coefficients(q[:, part]) / own[part]
    return Slow(a, b, phase, failed, seen, hidden)


def _solve(
    c: Coefficients, panel: NDArray, column: NDArray, whole: bool
) -> tuple[NDArray, NDArray]:
    """b and a less s₀ on some columns, shape (2, n, B), and those that failed."""
    n = len(c.kappa)
    kappa, s0 = (
        q.reshape(n, -1) if whole else q[:, panel, column] for q in (c.kappa, c.s0)
    )
    drift = -1j * s0 * c.mesh.dU[c.panels].T[:, panel] / kappa
    M, h = c.M[column], c.widths[panel]
    # |1 - s₀²|: what a deviation is divided by in the traces.
    own = np.abs(2 * kappa[n // 2] * s0[n // 2] / M)
    first = np.max(np.abs(drift), axis=0) / (2 * np.abs(kappa[n // 2]) * own)
    largest = np.zeros(len(c.M))
    np.maximum.at(largest, column, first)
    allowed = c.tolerance * own * largest[column] + ROUNDING
    odd, even, left = adiabatic_series(drift, kappa, M, h, allowed)
    pair = np.stack((even + odd, even - odd))
    if not len(left):
        return pair, left
    better, failed = _collocated(pair[:, :, left], drift, kappa, M, h, left, c.tolerance)
    pair[:, :, left] = better
    return pair, left[failed]


def _collocated(
    guess: NDArray, drift: NDArray, kappa: NDArray, M: NDArray, h: NDArray, left: NDArray,
    tolerance: float,
) -> tuple[NDArray, NDArray]:
    """The columns `left` of both slow solutions from a guess; which of them failed."""
    # Nodes in marching order; the drift changes sign with the direction.
    start = np.concatenate((guess[0], guess[1][::-1]), axis=1)
    k, drive = (
        np.concatenate([np.take(q, left, axis=1) for q in both], axis=1)
        for both in ((kappa, kappa[::-1]), (-drift, drift[::-1]))
    )
    y, failed = collocate(
        start[0], drive, -2 * k, start, k, np.tile(h[left], 2), np.tile(M[left], 2), tolerance
    )
    m = len(left)
    return np.stack((y[:, :m], y[::-1, m:])), failed[:m] | failed[m:]


def _own(c: Coefficients) -> NDArray:
    """|1 - s₀²| in the middle of a panel, by which a trace is divided; ∞ if not smooth; (P, N)."""
    middle = len(c.kappa) // 2
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.abs(one_less_square(c.E_prime[middle], c.kappa[middle]))
    return np.where(c.smooth, own, np.inf)
