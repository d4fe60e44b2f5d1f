"""The slow solutions where s₀(x) is smooth, for ±p at once.

As on a line (:mod:`~dirac1d.green.sources.step.slow`), but s_R and s_L have equations of their own.
One adiabatic series of each sign of p serves s_R of that p and s_L of the other one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.collocation import ROUNDING, adiabatic_series, collocate
from dirac1d.green.sources.step.march import left_out
from dirac1d.green.sources.wall.coefficients import Coefficients, swapped
from dirac1d.numerics.quadrature import antiderivative_matrix, differentiation_matrix

#: |s| from which it may have a pole nearby: without one it hardly exceeds 1.
LARGE = 2.0


@dataclass(frozen=True, eq=False)
class Slow:
    """Slow solutions a of s_R and b of s_L less their fixed points, (n, P, 2B); 0 if not smooth.

    `phase` is ∫λ dx from the left end of each panel, λ = 2κ + i(N̄a + Nb); `failed`, shape (P,),
    says on which panels an equation was not solved.
    """

    a: NDArray
    b: NDArray
    phase: NDArray
    failed: NDArray


def slow_solutions(c: Coefficients) -> Slow:
    """Both slow solutions on all smooth panels at once."""
    n, P, columns = c.kappa.shape
    panel, column = np.nonzero(c.smooth & ~c.mesh.flat[:, None])
    found, failed = np.zeros((2, n, P, columns), complex), np.zeros(P, dtype=bool)
    if len(panel):
        found[:, :, panel, column], poor = _solve(c, panel, column)
        failed[panel[poor]] = True
    a, other = found
    b = swapped(other)
    rate = 2 * c.kappa + 1j * (swapped(c.N) * a + c.N * b)
    rate *= c.mesh.widths[:, None] / 2
    phase = (antiderivative_matrix(n) @ rate.reshape(n, -1)).reshape(n, P, columns)
    return Slow(a, b, phase, failed)


def _solve(c: Coefficients, panel: NDArray, column: NDArray) -> tuple[NDArray, NDArray]:
    """a, and b of -p, on some columns, shape (2, n, C), and those that failed."""
    kappa, drift, Z = (q[:, panel, column] for q in (c.kappa, c.drift, c.Z))
    square = swapped(c.N)[:, panel, column]
    h, middle = c.mesh.widths[panel], len(kappa) // 2
    # |1 - s₀t₀|: what a deviation is divided by in the traces.
    own = np.abs(2 * kappa[middle] / Z[middle])
    size = np.max(np.abs(drift), axis=0) / (2 * np.abs(kappa[middle]))
    if c.unfelt is None:
        largest, unfelt = np.zeros(len(c.p)), None
        np.maximum.at(largest, column, size / own)
        allowed = c.tolerance * own * largest[column] + ROUNDING * np.minimum(size, 1.0)
    else:
        unfelt = np.maximum(c.unfelt[panel, column], ROUNDING * np.minimum(size, 1.0))
        allowed = np.maximum(c.tolerance * np.minimum(size / own, 1.0) * size, unfelt)
    odd, even, left = adiabatic_series(drift, kappa, square, h, allowed)
    found = np.stack((even - odd, even + odd))
    if not len(left):
        return found, left
    # Nodes in marching order; the drift changes sign with the direction.
    back = slice(None, None, -1)
    start = np.concatenate((found[0][back, left], found[1][:, left]), axis=1)
    drive, k, quadratic = (
        np.concatenate((q[back, left], sign * q[:, left]), axis=1)
        for q, sign in ((drift, -1), (kappa, 1), (square, 1))
    )
    y, failed = collocate(
        start[0], drive, -2 * k, start, k, np.tile(h[left], 2), quadratic, c.tolerance,
        None if unfelt is None else np.tile(unfelt[left], 2),
    )
    m = len(left)
    found[0][:, left], found[1][:, left] = y[back, :m], y[:, m:]
    return found, left[failed[:m] | failed[m:]]


def collocated(
    c: Coefficients, d: int, p: int, columns: NDArray, start: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """s itself on some columns of panel p from where it enters in direction d; nodes from left.

    At complex p it may have poles, where u and v themselves are smooth: there the linear equations
    are collocated. Also which columns failed, and what their nodes leave out.
    """
    order = slice(None, None, 1 if d == 0 else -1)
    E_prime, kappa, own, other = (
        q[order, p][:, columns] for q in (c.E_prime, c.kappa, c.N, swapped(c.N))
    )
    if d == 0:
        own, other = other, own
    guess = own / (E_prime + 1j * kappa)
    h = np.full(len(columns), c.mesh.widths[p])
    unfelt = None if c.unfelt is None else c.unfelt[p, columns]
    with np.errstate(over="ignore", invalid="ignore"):
        y, failed = collocate(
            start, -1j * own, 2j * E_prime, guess, kappa, h, other, c.tolerance, unfelt
        )
        missed = left_out(y)
        poor = np.flatnonzero(failed | ~(np.max(np.abs(y), axis=0) < LARGE))
    if len(poor):
        y[:, poor], missed[poor] = _linear(
            start[poor], *(q[:, poor] for q in (E_prime, own, other)), h[poor]
        )
        failed[poor] = ~np.isfinite(missed[poor])
    return y[order], failed, missed


def _linear(
    start: NDArray, E: NDArray, own: NDArray, other: NDArray, h: NDArray
) -> tuple[NDArray, NDArray]:
    """s = w/z of w′ = i(E′w - own z), z′ = i(other w - E′z) in marching order, and what is missed.

    For s_L (w, z) is (u, v) along x; for s_R it is (v, u) along -x, with N and N̄ exchanged.
    """
    n, count = E.shape
    D = 2 * differentiation_matrix(n)
    m = n - 1
    z0 = 1 / np.maximum(np.abs(start), 1.0)
    matrix = np.zeros((count, 2 * m, 2 * m), complex)
    matrix[:, :m, :m] = matrix[:, m:, m:] = D[1:, 1:]
    i = np.arange(m)
    e, a, b = (1j * (h * q[1:]).T for q in (E, own, other))
    matrix[:, i, i] -= e
    matrix[:, i, m + i] += a
    matrix[:, m + i, i] -= b
    matrix[:, m + i, m + i] += e
    known = np.concatenate((np.outer(start * z0, D[1:, 0]), np.outer(z0, D[1:, 0])), axis=1)
    found = np.linalg.solve(matrix, -known[:, :, None])[:, :, 0].T
    w, z = np.vstack((start * z0, found[:m])), np.vstack((z0, found[m:]))
    size = np.maximum(np.max(np.abs(w), axis=0), np.max(np.abs(z), axis=0))
    return w / z, np.maximum(left_out(w), left_out(z)) / size
