r"""tr σ_yG(x, x) in a smooth periodic potential: the periodic fixed points of the Riccati map.

There are no leads: s_R = v/u of the solution that decays to the right and s_L = u/v of the one that
decays to the left (`dirac1d.green.leads`) are the two fixed points of the Möbius map of one period,
hence periodic functions of x, sampled on an equidistant grid. They are found in two ways:

sweeps     where s₀(x) is smooth, δ = s - s₀ is a short Fourier series that solves
           δ' = ±(2κδ + iMδ²) + i s₀U'/κ (+ for s_R, - for s_L); fixed-point sweeps invert
           d/dx ∓ 2⟨κ⟩ exactly. Digits are kept at large energies, where δ is small.
transfer   elsewhere: 2×2 matrices from point to point by Taylor series, their product over the
           period, and its two eigenvectors, each marched once around in its stable direction.

Arrays are (contour nodes, grid points).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.leads import decay_rate, fixed_point, one_less_square

#: Smallest |κ²| relative to its variation |2E'ΔU| for which sweeps are tried: they then shrink the
#: error by 3 or more a time.
SMOOTHNESS = 1.0
#: Sweeps before a contour node is left to its transfer matrices.
MAX_SWEEPS = 60
#: A change below this part of δ is rounding.
CONVERGED = 4e-16
#: Largest β = |B|·h/2 of a Taylor step, B the matrix of the linear system; orders are kept until
#: β^k/k! is below the second number.
LARGEST_STEP, TAYLOR_REST = 0.75, 1e-18
#: Orders of the Taylor series of U itself: its harmonics up to half the grid's turn by at most π/2
#: on the way from a grid point, and (π/2)^24/24! = 8e-20.
U_ORDER = 24


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

    @property
    def wavenumbers(self) -> NDArray:
        """The N wavenumbers of a Fourier series, in the order of `numpy.fft.fft`."""
        return 2 * np.pi / self.period * np.fft.fftfreq(len(self.U), 1 / len(self.U))


def sigma_y_trace(cycle: Cycle, E: NDArray, M: NDArray) -> NDArray:
    """tr σ_yG(x, x; E, M) on the grid, shape (nodes, N).

    Parameters
    ----------
    cycle : Cycle
    E, M : ndarray of complex, shape (nodes,)
        Energies (Im E ≥ 0) and masses √(Δ² + p²).
    """
    E_prime = E[:, None] - cycle.U
    kappa = decay_rate(E_prime, M[:, None])
    result = np.empty(E_prime.shape, complex)
    variation = 2 * np.max(np.abs(E_prime), axis=1) * np.ptp(cycle.U)
    smooth = np.min(np.abs(kappa) ** 2, axis=1) > SMOOTHNESS * variation
    some = np.flatnonzero(smooth)
    if len(some):
        s0 = fixed_point(E_prime[some], M[some, None], kappa[some])
        right, left, done = _sweep(cycle, kappa[some], s0, M[some])
        with np.errstate(divide="ignore", invalid="ignore"):
            own = one_less_square(E_prime[some], kappa[some])
            result[some] = (right - left) / (own - s0 * (left + right) - left * right)
        smooth[some[~done]] = False
    rest = np.flatnonzero(~smooth)
    # Steps are as short as the fastest waves of a group need: groups by factors of two.
    octave = np.ceil(np.log2(np.abs(E) + np.abs(M)))
    for size in np.unique(octave[rest]):
        some = rest[octave[rest] == size]
        s_R, s_L = _by_transfer(cycle, E[some], M[some])
        result[some] = (s_R - s_L) / (1 - s_R * s_L)
    return result


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


def _by_transfer(cycle: Cycle, E: NDArray, M: NDArray) -> tuple[NDArray, NDArray]:
    """s_R and s_L on the grid from transfer matrices."""
    N = len(cycle.U)
    steps = [_transfer(cycle, j, E, M) for j in range(N)]
    P, scale = np.eye(2, dtype=complex)[:, :, None] * np.ones(len(E)), np.zeros(len(E))
    for T in steps:
        P = np.einsum("ijn,jkn->ikn", T, P)
        size = np.max(np.abs(P), axis=(0, 1))
        P, scale = P / size, scale + np.log(size)
    half = (P[0, 0] + P[1, 1]) / 2
    root = np.sqrt(half**2 - np.exp(-2 * scale))  # each step has determinant 1
    larger = np.where(np.abs(half + root) >= np.abs(half - root), half + root, half - root)
    s_L = _ratio(P, larger)
    # The decaying solution is the growing one of the inverse, which is the adjugate.
    inverse = np.array([[P[1, 1], -P[0, 1]], [-P[1, 0], P[0, 0]]])
    s_R = 1 / _ratio(inverse, larger)
    lefts, rights = np.empty((2, len(E), N), complex)
    for j in range(N):
        lefts[:, j] = s_L
        T = steps[j]
        s_L = (T[0, 0] * s_L + T[0, 1]) / (T[1, 0] * s_L + T[1, 1])
    for j in range(N - 1, -1, -1):
        T = steps[j]
        s_R = (T[0, 0] * s_R - T[1, 0]) / (T[1, 1] - T[0, 1] * s_R)
        rights[:, j] = s_R
    return rights, lefts


def _ratio(P: NDArray, eigenvalue: NDArray) -> NDArray:
    """u/v of the eigenvector of 2×2 matrices, from the better conditioned of its two rows."""
    first = np.abs(eigenvalue - P[0, 0]) + np.abs(P[0, 1])
    second = np.abs(eigenvalue - P[1, 1]) + np.abs(P[1, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            first >= second, P[0, 1] / (eigenvalue - P[0, 0]), (eigenvalue - P[1, 1]) / P[1, 0]
        )


def _transfer(cycle: Cycle, j: int, E: NDArray, M: NDArray) -> NDArray:
    """The matrix of (u, v) from grid point j to j + 1, shape (2, 2, nodes)."""
    N = len(cycle.U)
    h = cycle.period / N
    largest = np.max(np.abs(E)) + np.max(np.abs(cycle.U)) + np.max(np.abs(M))
    count = int(np.ceil(largest * h / 2 / LARGEST_STEP))
    order, left = 0, 1.0
    while left > TAYLOR_REST:
        order += 1
        left *= largest * h / (2 * count) / order
    coefficients = np.fft.fft(cycle.U) / N
    total = np.eye(2, dtype=complex)[:, :, None] * np.ones(len(E))
    for k in range(count):
        middle = (j + (k + 0.5) / count) * h
        waves = coefficients * np.exp(1j * cycle.wavenumbers * middle)
        factor = 1j * cycle.wavenumbers * h / (2 * count)
        taylor = np.empty(U_ORDER)
        for i in range(U_ORDER):
            taylor[i] = np.sum(waves).real
            waves = waves * factor / (i + 1)
        forward, backward = _taylor_pair(taylor, E, M, h / (2 * count), order)
        inverse = np.array([[backward[1, 1], -backward[0, 1]], [-backward[1, 0], backward[0, 0]]])
        step = np.einsum("ijn,jkn->ikn", forward, inverse)
        total = np.einsum("ijn,jkn->ikn", step, total)
    return total


def _taylor_pair(
    U: NDArray, E: NDArray, M: NDArray, half: float, orders: int
) -> tuple[NDArray, NDArray]:
    """Fundamental matrices at t = ±1 of u' = i(E'u - Mv), v' = i(Mu - E'v), x = half · t.

    U holds the Taylor coefficients of the potential in t.
    """
    terms = [np.eye(2, dtype=complex)[:, :, None] * np.ones(len(E))]
    used = np.flatnonzero(np.abs(U) > TAYLOR_REST * (np.max(np.abs(U)) + 1e-300))
    for k in range(orders):
        potential = sum(
            (U[i] * terms[k - i] for i in used if i <= k), start=np.zeros_like(terms[0])
        )
        kinetic, term = E * terms[k] - potential, terms[k]
        u = kinetic[0] - M * term[1]
        v = M * term[0] - kinetic[1]
        terms.append(np.array([u, v]) * (1j * half / (k + 1)))
    even, odd = sum(terms[0::2]), sum(terms[1::2])
    return even + odd, even - odd
