r"""Fixed points of the Möbius map of a period from 2×2 transfer matrices.

Matrices of (u, v) from grid point to grid point by Taylor series about the middle between both, all
at once; their product over the period, and its two eigenvectors, each marched once around in its
stable direction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.wave.cycle import Cycle

#: Largest β = |B|·h/2 of a Taylor step, B the matrix of the linear system; orders are kept until
#: β^k/k! is below the second number, or below a part of the accuracy asked for: what is left out of
#: every step adds up, and 1/(1 - s_Ls_R) magnifies it near real energies.
LARGEST_STEP, TAYLOR_REST, OF_TOLERANCE = 1.5, 1e-18, 1e-6
#: Orders of the Taylor series of U itself: its harmonics up to half the grid's turn by at most π/2
#: on the way from a grid point, and (π/2)^24/24! = 8e-20.
U_ORDER = 24
#: Matrix elements of one Taylor term at once: few steps of Python, and most terms in the cache.
CHUNK = 2**17


def fixed_points(
    cycle: Cycle, E: NDArray, M: NDArray, tolerance: float = 0.0
) -> tuple[NDArray, NDArray]:
    """s_R and s_L on the grid, shape (nodes, N) each.

    `tolerance` is the accuracy of traces that is asked for; 0: rounding. Steps are as short as the
    fastest waves of a group of nodes need: groups by factors of two.
    """
    rights, lefts = np.empty((2, len(E), len(cycle.U)), complex)
    rest = max(OF_TOLERANCE * tolerance, TAYLOR_REST)
    octave = np.ceil(np.log2(np.abs(E) + np.abs(M)))
    for size in np.unique(octave):
        group = np.flatnonzero(octave == size)
        for some in np.array_split(group, np.ceil(4 * len(cycle.U) * len(group) / CHUNK)):
            rights[some], lefts[some] = _fixed_points(cycle, E[some], M[some], rest)
    return rights, lefts


def _fixed_points(
    cycle: Cycle, E: NDArray, M: NDArray, rest: float
) -> tuple[NDArray, NDArray]:
    N = len(cycle.U)
    steps = _transfers(cycle, E, M, rest)
    P, scale = np.eye(2, dtype=complex)[:, :, None] * np.ones(len(E)), np.zeros(len(E))
    for j in range(N):
        P = _product(steps[:, :, j], P)
        size = np.max(np.abs(P), axis=(0, 1))
        P, scale = P / size, scale + np.log(size)
    half = (P[0, 0] + P[1, 1]) / 2
    root = np.sqrt(half**2 - np.exp(-2 * scale))  # each step has determinant 1
    larger = np.where(np.abs(half + root) >= np.abs(half - root), half + root, half - root)
    s_L = _ratio(P, larger)
    # The decaying solution is the growing one of the inverse, which is the adjugate.
    s_R = 1 / _ratio(_adjugate(P), larger)
    rights, lefts = np.empty((2, len(E), N), complex)
    for j in range(N):
        lefts[:, j] = s_L
        T = steps[:, :, j]
        s_L = (T[0, 0] * s_L + T[0, 1]) / (T[1, 0] * s_L + T[1, 1])
    for j in range(N - 1, -1, -1):
        T = steps[:, :, j]
        s_R = (T[0, 0] * s_R - T[1, 0]) / (T[1, 1] - T[0, 1] * s_R)
        rights[:, j] = s_R
    return rights, lefts


def _product(A: NDArray, B: NDArray) -> NDArray:
    """Products of 2×2 matrices in the first two axes."""
    return np.array([
        [A[i, 0] * B[0, k] + A[i, 1] * B[1, k] for k in (0, 1)] for i in (0, 1)
    ])


def _adjugate(A: NDArray) -> NDArray:
    return np.array([[A[1, 1], -A[0, 1]], [-A[1, 0], A[0, 0]]])


def _ratio(P: NDArray, eigenvalue: NDArray) -> NDArray:
    """u/v of the eigenvector of 2×2 matrices, from the better conditioned of its two rows."""
    first = np.abs(eigenvalue - P[0, 0]) + np.abs(P[0, 1])
    second = np.abs(eigenvalue - P[1, 1]) + np.abs(P[1, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            first >= second, P[0, 1] / (eigenvalue - P[0, 0]), (eigenvalue - P[1, 1]) / P[1, 0]
        )


def _transfers(cycle: Cycle, E: NDArray, M: NDArray, rest: float) -> NDArray:
    """The matrices of (u, v) from each grid point to the next, shape (2, 2, N, nodes)."""
    N = len(cycle.U)
    h = cycle.period / N
    largest = np.max(np.abs(E)) + np.max(np.abs(cycle.U)) + np.max(np.abs(M))
    count = int(np.ceil(largest * h / 2 / LARGEST_STEP))
    half = h / (2 * count)
    order, left = 0, 1.0
    while left > rest:
        order += 1
        left *= largest * half / order
    total = None
    for k in range(count):
        middles = (np.arange(N) + (k + 0.5) / count) * h
        forward, backward = _taylor_pair(
            cycle.taylor(middles, half, U_ORDER), E, M, half, order, rest
        )
        step = _product(forward, _adjugate(backward))
        total = step if total is None else _product(step, total)
    return total


def _taylor_pair(
    U: NDArray, E: NDArray, M: NDArray, half: float, orders: int, rest: float
) -> tuple[NDArray, NDArray]:
    """Fundamental matrices at t = ±1 of u' = i(E'u - Mv), v' = i(Mu - E'v), x = half · t.

    U, shape (U_ORDER, N), holds the Taylor coefficients of the potential in t; the matrices are
    those of all N places and all nodes, shape (2, 2, N, nodes).
    """
    N, nodes = U.shape[1], len(E)
    term = np.zeros((2, 2, N, nodes), complex)
    term[0, 0] = term[1, 1] = 1.0
    size = np.max(np.abs(U), axis=1)
    used = np.flatnonzero(half * size > rest).tolist()
    reach = max(used, default=0) + 1
    E_prime = E - U[0][:, None]
    terms, even, odd = [term], term.copy(), np.zeros_like(term)
    part = np.empty((2, 2, N, 2 * nodes))
    for k in range(orders):
        kinetic = E_prime * terms[-1]
        real = kinetic.view(float)  # U is real: half the work
        for i in used:
            if 0 < i <= k:
                real -= np.multiply(U[i][:, None], terms[-1 - i].view(float), out=part)
        term = M * terms[-1][::-1]
        np.subtract(kinetic[0], term[0], out=term[0])
        np.subtract(term[1], kinetic[1], out=term[1])
        term *= 1j * half / (k + 1)
        terms = [*terms[-reach:], term]
        if k % 2:
            even += term
        else:
            odd += term
    return even + odd, even - odd
