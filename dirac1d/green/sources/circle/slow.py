"""The slow solutions on all panels where s₀(r) is smooth, and s itself where it is not.

As on a line (:mod:`~dirac1d.green.sources.step.slow`), but with M(r): the unknown of a collocation
is s M/M₀, M₀ at the panel's middle, which makes the coefficient of the quadratic term constant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.circle.coefficients import Coefficients
from dirac1d.green.sources.step.collocation import ROUNDING, adiabatic_series, collocate
from dirac1d.green.sources.step.march import left_out
from dirac1d.numerics.quadrature import antiderivative_matrix

#: Largest γ, and its inverse: it magnifies errors.
MOST = 10.0


@dataclass(frozen=True, eq=False)
class Slow:
    """Slow solutions a of s_R and b of s_L less s₀, shape (n, P, N); 0 where s₀ is not smooth.

    `twice` is a + b: a and b nearly cancel at large κr, and it is known to its own digits. `phase`
    is ∫λ dr from the inner end of each panel, λ = -i[2E_eff - M(a + b)]; `failed`, shape (P,), says
    on which panels an equation was not solved.
    """

    a: NDArray
    b: NDArray
    twice: NDArray
    phase: NDArray
    failed: NDArray


def slow_solutions(c: Coefficients) -> Slow:
    """Both slow solutions on all smooth panels at once."""
    n, P, N = c.kappa.shape
    panel, column = np.nonzero(c.smooth)
    found, failed = np.zeros((3, n, P, N), complex), np.zeros(P, dtype=bool)
    if len(panel):
        found[:, :, panel, column], poor = _solve(c, panel, column)
        failed[panel[poor]] = True
    b, a, twice = found
    rate = (2 * c.kappa + 1j * c.M * twice) * (c.mesh.widths[:, None] / 2)
    phase = (antiderivative_matrix(n) @ rate.reshape(n, -1)).reshape(n, P, N)
    return Slow(a, b, twice, phase, failed)


def _solve(c: Coefficients, panel: NDArray, column: NDArray) -> tuple[NDArray, NDArray]:
    """b and a less s₀ and their sum on some columns, shape (3, n, B), and those that failed.

    An error is allowed of `tolerance` times their own size, which falls as κ⁻² at least, or what is
    not felt (`Coefficients.allowed`).
    """
    kappa, drift, M = (q[:, panel, column] for q in (c.kappa, c.drift, c.M))
    h, middle = c.mesh.widths[panel], len(kappa) // 2
    size = np.max(np.abs(drift), axis=0) / (2 * np.abs(kappa[middle]))
    allowed = (c.near[panel] * c.tolerance + ROUNDING) * np.minimum(size, 1.0) * size
    allowed = np.maximum(allowed, c.allowed(panel, column))
    odd, even, left = adiabatic_series(drift, kappa, M, h, allowed)
    found = np.stack((even + odd, even - odd, 2 * even))
    if not len(left):
        return found, left
    better, failed = _collocated(c, found[:2, :, left], panel[left], column[left])
    found[:2, :, left] = better
    found[2][:, left] = better[0] + better[1]
    return found, left[failed]


def _collocated(
    c: Coefficients, guess: NDArray, panel: NDArray, column: NDArray
) -> tuple[NDArray, NDArray]:
    """Both slow solutions from a guess; which of them failed."""
    kappa, drift, M, growth = (q[:, panel, column] for q in (c.kappa, c.drift, c.M, c.growth))
    h, middle, m = c.mesh.widths[panel], M[len(M) // 2], len(panel)
    # Nodes in marching order; derivatives change sign with the direction.
    both = [np.concatenate((q, q[::-1]), axis=1) for q in (kappa, M / middle)]
    signed = [np.concatenate((q, -q[::-1]), axis=1) for q in (-drift, growth)]
    start = np.concatenate((guess[0], guess[1][::-1]), axis=1)
    y, failed = scaled(
        start[0], signed[0], -2 * both[0], signed[1], both[1], start, both[0],
        np.tile(h, 2), np.tile(middle, 2), c.tolerance, np.tile(c.allowed(panel, column), 2),
    )
    return np.stack((y[:, :m], y[::-1, m:])), failed[:m] | failed[m:]


def collocated(
    c: Coefficients, d: int, p: int, columns: NDArray, start: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """s itself on some columns of panel p from where it enters in direction d; nodes outwards.

    Also which columns failed, and what their nodes leave out.

    Where f is much larger than g, s = (f + ig)/(f - ig) has poles wherever f has a zero, at the
    distance g/f' ~ 1/2M from real r. Of f and γg, γ² = |E'+M|/|E'-M|, the equation is the same with
    (E'+M)/γ and γ(E'-M) for E'±M, and poles are as far as the length of waves.
    """
    order = slice(None, None, 1 if d == 0 else -1)
    E_prime, kappa, s0, M = (q[order, p, columns] for q in (c.E_prime, c.kappa, c.s0, c.M))
    plus, minus = E_prime + M, E_prime - M
    ratio = np.max(np.abs(plus), axis=0) / np.max(np.abs(minus), axis=0)
    ratio = np.sqrt(np.clip(ratio, 1 / MOST**2, MOST**2))
    plus, minus, shift = plus / ratio, minus * ratio, (1 - ratio) / (1 + ratio)
    M = (plus - minus) / 2
    begin, guess = ((q + shift) / (1 + shift * q) for q in (start, s0))
    y, failed = collocate(
        begin, -1j * M, 1j * (plus + minus), guess, kappa,
        np.full(len(columns), c.mesh.widths[p]), M, c.tolerance, c.allowed(p, columns),
    )
    back = 1 - shift * y
    slope = np.max((1 - shift**2) / np.abs(back) ** 2, axis=0)
    return ((y - shift) / back)[order], failed, left_out(y) * slope


def scaled(
    start: NDArray, a: NDArray, b: NDArray, growth: NDArray, m: NDArray, guess: NDArray,
    kappa: NDArray, h: NDArray, M: NDArray, tolerance: float, allowed: NDArray,
) -> tuple[NDArray, NDArray]:
    """y' = a + by - i m M y² by the unknown m y, m' = growth · m."""
    y, failed = collocate(
        m[0] * start, m * a, b + growth, m * guess, kappa, h, M, tolerance, allowed
    )
    return y / m, failed
