"""Solvers of δ' = a + bδ - iMδ² on many panels at once: adiabatic series, and collocation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.quadrature import differentiation_matrix, lobatto

#: Terms of the asymptotic series from which a slow solution starts.
MAX_CORRECTIONS = 4
#: Part of the columns that still need terms below which the others are left out: copies cost, too.
MOST_DONE = 0.6
#: Sweeps with the diagonalised mean Jacobian before the columns left over get a full Newton.
MAX_SWEEPS = 25
#: Sweeps that shrink the change by less than this are given up.
MIN_CONTRACTION = 0.8
#: The next sweep changes y by less than so many times what the last two predict: all of them shrink
#: the change by nearly the same factor, a hundred as a rule.
UNEVEN = 4.0
#: Full Newton steps; from the sweeps' end point quadratic convergence needs at most a few.
MAX_NEWTON = 12
#: Changes of s below this are rounding (|s| ≤ 1).
ROUNDING = 1e-16


def adiabatic_series(
    drift: NDArray, kappa: NDArray, M: NDArray, h: NDArray, allowed: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """The slow solution of δ' = -ds₀/dx - 2κδ - iMδ² by its adiabatic series Σ δ_k.

    δ₁ = -ds₀/dx / 2κ, and δ_{k+1} = -(δ_k' + iM Σ_{i+j=k+1} δ_iδ_j) / 2κ. For the other direction
    of march δ_k is multiplied by (-1)^k.

    Shapes (n, B), (B,). Returns the odd and the even part, and which columns miss `allowed`
    (there up to the series' smallest term).
    """
    n = len(drift)
    D = 2 * differentiation_matrix(n)
    inverse = -0.5 / kappa
    term = np.ascontiguousarray(drift * inverse)
    parts = [term.copy(), np.zeros_like(term)]
    size = _largest(term)
    active = np.flatnonzero(size > 0)
    work = [inverse, 1 / h, 1j * M, size, allowed]
    terms = [term]
    if len(active) < len(h):
        work, terms = [np.take(q, active, -1) for q in work], [np.take(term, active, 1)]
    missed = np.zeros(len(h), dtype=bool)
    live = np.ones(len(active), dtype=bool)
    for k in range(1, MAX_CORRECTIONS + 1 if len(active) else 0):
        inverse, per_h, iM, size, allowed = work
        products = terms[0] * terms[k - 1]
        if k > 1:
            products *= 2
            for i in range(1, k // 2):
                products += 2 * terms[i] * terms[k - 1 - i]
            if k > 2 and k % 2:
                products += terms[k // 2] ** 2
        products *= iM
        new = (D @ terms[-1].view(float)).view(complex)
        new *= per_h
        new += products
        new *= inverse
        change = _largest(new)
        better = live & (change < size)
        left = better & (change > allowed)
        if k == MAX_CORRECTIONS:
            missed[active[left]] = True
        missed[active[live & ~better & (size > allowed)]] = True
        if np.all(better):
            if len(active) == len(h):
                parts[k % 2] += new
            else:
                parts[k % 2][:, active] += new
        else:
            parts[k % 2][:, active[better]] += new[:, better]
        terms.append(new)
        work[3], live, count = change, better, np.count_nonzero(left)
        if not count:
            break
        if count < MOST_DONE * len(active):
            active, live = active[left], live[left]
            work, terms = ([np.compress(left, q, -1) for q in list_] for list_ in (work, terms))
    return parts[0], parts[1], np.flatnonzero(missed)


def _largest(z: NDArray) -> NDArray:
    """max(|Re z|, |Im z|) over the nodes, shape (B,)."""
    return np.max(np.max(np.abs(z.view(float)), axis=0).reshape(-1, 2), axis=1)


def collocate(
    start: NDArray, a: NDArray, b: NDArray, guess: NDArray, kappa: NDArray, h: NDArray,
    M: NDArray, tolerance: float, allowed: NDArray | None = None,
) -> tuple[NDArray, NDArray]:
    """Solve y' = a + b y - iM y² on panels by collocation at all nodes but the first.

    Shapes (n, B), (B,), M either; nodes in marching order. Sweeps with the diagonalised mean
    Jacobian; what they leave over gets a full Newton. An error is allowed of `tolerance` times y,
    or, shape (B,), of `allowed`. Returns y and which columns failed.
    """
    n = len(a)
    A, first, eigenvalues, vectors, inverse = _collocation(n)
    t = (lobatto(n)[1:, None] + 1) / 2
    result = np.empty((n, len(h)), complex)
    result[0] = start
    y = np.ascontiguousarray(guess[1:])
    if np.any(off := start - guess[0]):
        y = y + off * np.exp(-2 * np.mean(kappa, axis=0) * h * t)
    hb, hm = h * b[1:], -1j * h * (M if M.ndim == 1 else M[1:])
    source = first[:, None] * start - h * a[1:]
    weight = 1 / (eigenvalues[:, None] - np.mean(hb + 2 * hm * y, axis=0))
    index, before = np.arange(len(h)), np.full(len(h), np.inf)
    least = np.full(len(h), ROUNDING) if allowed is None else np.maximum(allowed, ROUNDING)
    stuck: list[tuple[NDArray, ...]] = []
    for sweep in range(MAX_SWEEPS):
        slope = hm * y
        slope += hb
        residual = (A @ y.view(float)).view(complex)  # A is real: half the work
        residual += source
        residual -= np.multiply(y, slope, out=slope)
        modes = inverse @ residual
        modes *= weight
        change = vectors @ modes
        y = np.subtract(y, change, out=residual)
        size = np.max(np.abs(change), axis=0)
        following = size if sweep == 0 else size * np.minimum(UNEVEN * size / before, 1.0)
        done = following <= tolerance * np.max(np.abs(y), axis=0) + least
        slow = ~done & (sweep > 3) & ~(size < MIN_CONTRACTION * before)
        if sweep == MAX_SWEEPS - 1:
            slow = ~done
        before = size
        if not np.any(done | slow):
            continue
        result[1:, index[done]] = y[:, done]
        if np.any(slow):
            stuck.append((index[slow], y[:, slow], source[:, slow], hb[:, slow], hm[..., slow],
                          least[slow]))
        go = ~(done | slow)
        if not np.any(go):
            break
        index, before, least, hm = index[go], before[go], least[go], hm[..., go]
        y, source, hb, weight = (np.compress(go, q, 1) for q in (y, source, hb, weight))
    failed = np.zeros(len(h), dtype=bool)
    for columns, *rest in stuck:
        result[1:, columns], failed[columns] = _newton(
            *rest, A, guess[1:, columns], tolerance
        )
    return result, failed


def _newton(
    y: NDArray, source: NDArray, hb: NDArray, hm: NDArray, least: NDArray, A: NDArray,
    guess: NDArray, tolerance: float,
) -> tuple[NDArray, NDArray]:
    """Full Newton for the columns that the sweeps left over."""
    diverged = ~np.isfinite(y).all(axis=0) | (np.abs(y).max(axis=0) > 2.0)
    y = np.where(diverged, guess, y).T
    source, hb, hm = source.T, hb.T, hm[:, None] if hm.ndim == 1 else hm.T
    index = np.arange(len(A))
    for _ in range(MAX_NEWTON):
        residual = y @ A.T + source - y * (hb + hm * y)
        J = np.broadcast_to(A, (len(y), *A.shape)).astype(complex)
        J[:, index, index] -= hb + 2 * hm * y
        change = np.linalg.solve(J, residual[:, :, None])[:, :, 0]
        y = y - change
        size = np.max(np.abs(change), axis=1)
        left = ~(size <= tolerance * np.max(np.abs(y), axis=1) + least)
        if not np.any(left):
            break
    return y.T, left


@lru_cache(maxsize=32)
def _collocation(n: int) -> tuple[NDArray, ...]:
    """d/dt on [0, 1] without its first row: matrix, first column, and its eigenvectors."""
    D = 2 * differentiation_matrix(n)
    A = D[1:, 1:]
    eigenvalues, vectors = np.linalg.eig(A)
    return np.ascontiguousarray(A), D[1:, 0], eigenvalues, vectors, np.linalg.inv(vectors)
