r"""The Riccati equation of the reflection variables, marched through the mesh.

In its marching direction τ (x for s_L, -x for s_R) each s obeys

.. math:: ds/dτ = -i\,(M - 2E's + Ms^2) ,

with the fixed point s₀ of :mod:`~dirac1d.green.leads` attracting at the rate 2κ. The equation is
stiff for large |E|, M, so s itself is collocated (stiffly accurate: a panel with |κ|h ≫ 1 returns
the slow solution), and where s₀(x) is smooth the deviation δ = s - s₀,

.. math:: δ' = -2κδ - iMδ^2 - ds_0/dτ , \qquad ds_0/dx = -i s_0 U'/κ,

is the unknown, because the traces are differences of the two directions' s:

.. math:: \mathrm{tr}\,σ_yG = (s_R - s_L)/(1 - s_Ls_R), \quad
          \mathrm{tr}\,G = -i(1 + s_Ls_R)/(1 - s_Ls_R) .

They equal (r_R + r_L)/(r_L - r_R) and (1 + r_Rr_L)/(r_L - r_R) with r = g/f.

Waves need no resolution. On a panel where s₀ is smooth the *slow* solutions a (of s_R) and b (of
s_L), free of e^{2ikx}, are found first; (1, a) and (b, 1) are two exact solutions of the linear
problem, whose ratio is Θ = exp ∫λ dx, λ = -i[2E' - M(a + b)] ≈ 2κ, and any other one is

.. math:: s_L = \frac{b + q}{1 + a q}, \quad q(x) = q(x_0)\,Θ(x_0)/Θ(x)

(s_R alike, with a and b exchanged): the phase is an integral of a smooth function.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.leads import decay_rate, fixed_point
from dirac1d.green.mesh import Mesh
from dirac1d.quadrature import differentiation_matrix, legendre_analysis, lobatto

#: Terms of the asymptotic series from which a slow solution starts.
MAX_CORRECTIONS = 8
#: Sweeps with the diagonalised mean Jacobian before the columns left over get a full Newton.
MAX_SWEEPS = 25
#: Sweeps that shrink the change by less than this are given up.
MIN_CONTRACTION = 0.8
#: Full Newton steps; from the sweeps' end point quadratic convergence needs at most a few.
MAX_NEWTON = 12
#: Smallest |κ²| relative to its variation |2E'ΔU| on a panel for which s₀(x) counts as smooth.
SMOOTHNESS = 1.5
#: Largest |U'M/2κ³| (the slow tr σ_yG) up to which s₀ is a reference.
ADIABATICITY = 0.5
#: Changes of s below this are rounding (|s| ≤ 1).
ROUNDING = 1e-16


@dataclass(frozen=True, eq=False)
class Solution:
    """s_L and s_R at all nodes: s = base + deviation; shapes (P, n, N).

    `tail`, shape (P, N), holds the last Legendre coefficients of s where it was collocated itself.
    """

    base: NDArray
    left: NDArray
    right: NDArray
    E_prime: NDArray
    kappa: NDArray
    smooth: NDArray
    tail: NDArray
    unconverged: NDArray

    def sigma_y(self, panels: slice) -> NDArray:
        """tr σ_y G(x, x) on some panels, shape (P', n, N)."""
        return (self.right[panels] - self.left[panels]) / self._denominator(panels)

    def density(self, panels: slice) -> NDArray:
        """tr G(x, x) on some panels, shape (P', n, N)."""
        d = self._denominator(panels)
        return -1j * (2 - d) / d

    def excess(self, panels: slice) -> NDArray:
        """tr G - tr G₀ with tr G₀ = -E'/κ of a constant potential; by deviations where it can be."""
        base, left, right, kappa, E_prime = (
            q[panels] for q in (self.base, self.left, self.right, self.kappa, self.E_prime)
        )
        smooth = self.smooth[panels][:, None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            own = 2j * kappa / (E_prime + 1j * kappa)  # 1 - s₀²
            change = base * (left + right) + left * right
            exact = -2j * change / (self._denominator(panels) * own)
            if np.all(smooth):
                return exact
            return np.where(smooth, exact, self.density(panels) + E_prime / kappa)

    def density_beyond(self, mass: float, panels: slice) -> NDArray:
        """tr G - 2 tr G_B + tr G_B', tr G_B = -E'/κ_B with masses √(M²+B²), B' = √2 B.

        Two references in the manner of Pauli and Villars: the terms E'/κ and E'/κ³ of large
        energies cancel. Written so that no digits do.
        """
        square = mass**2
        kappa, E_prime = self.kappa[panels], self.E_prime[panels]
        near, far = (np.sqrt(kappa**2 + k * square) for k in (1, 2))
        smooth = self.smooth[panels][:, None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            local = 1 + near / (kappa + far)
            local = local / (near * kappa * far * (kappa + near) * (near + far))
            exact = self.excess(panels) - 2 * square**2 * E_prime * local
            if np.all(smooth):
                return exact
            direct = self.density(panels) + E_prime * (2 / near - 1 / far)
            return np.where(smooth, exact, direct)

    def integral_beyond(self, M: NDArray, panels: slice) -> NDArray:
        """∫ tr σ_yG dx from -∞ to the panels' left end, and from their right end to ∞; (2, N).

        Exact: tr σ_yG = -∂ₓ tr G/2M (SR Eq. 8, at every energy).
        """
        first, last = slice(panels.start, panels.start + 1), slice(panels.stop - 1, panels.stop)
        out = []
        for edge, node, lead, sign in ((first, 0, 0, -1), (last, -1, -1, 1)):
            own = self.excess(edge)[0, node]
            E, k = self.E_prime[edge][0, node], self.kappa[edge][0, node]
            E0, k0 = self.E_prime[lead, node], self.kappa[lead, node]
            out.append(sign * (own + _local_difference(E, k, E0, k0, M)) / (2 * M))
        return np.stack(out)

    def _denominator(self, panels: slice) -> NDArray:
        base = self.base[panels]
        return 1 - (base + self.left[panels]) * (base + self.right[panels])


def _local_difference(E: NDArray, k: NDArray, E0: NDArray, k0: NDArray, M: NDArray) -> NDArray:
    """E₀/κ₀ - E/κ, without cancellation where both energies are close."""
    sum_ = E0 * k + E * k0
    close = np.abs(sum_) > np.abs(E0 * k)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = (E0 - E) * (E0 + E) * M**2 / (k * k0 * sum_)
        return np.where(close, exact, E0 / k0 - E / k)


@lru_cache(maxsize=32)
def _collocation(n: int) -> tuple[NDArray, ...]:
    """d/dt on [0, 1] without its first row: matrix, first column, and its eigenvectors."""
    D = 2 * differentiation_matrix(n)
    A = D[1:, 1:]
    eigenvalues, vectors = np.linalg.eig(A)
    return A.astype(complex), D[1:, 0], eigenvalues, vectors, np.linalg.inv(vectors)


def solve(mesh: Mesh, E: NDArray, M: NDArray, tolerance: float) -> Solution:
    """March s_L rightwards and s_R leftwards through the mesh at all contour nodes at once.

    Parameters
    ----------
    mesh : Mesh
    E, M : ndarray of complex, shape (N,)
        Energies (Im E ≥ 0) and masses √(Δ² + p²).
    tolerance : float
        Relative accuracy of the solution of the collocation equations.
    """
    E_prime = E - mesh.U[:, :, None]
    kappa = decay_rate(E_prime, M)
    s0 = fixed_point(E_prime, M, kappa)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(mesh.dU[:, :, None] == 0, 0.0, -1j * s0 * mesh.dU[:, :, None] / kappa)
    smooth = _is_smooth(mesh, E_prime, kappa, M)
    march = _March(mesh, E_prime, kappa, s0, slope, smooth, M, tolerance)
    slow = march.slow_solutions()
    return march.transport(slow)


def _is_smooth(mesh: Mesh, E_prime: NDArray, kappa: NDArray, M: NDArray) -> NDArray:
    """Where s₀(x) has no branch point near the panel and s can follow it, shape (P, N)."""
    variation = 2 * np.max(np.abs(E_prime), axis=1) * np.ptp(mesh.U, axis=1)[:, None]
    smallest = np.min(np.abs(kappa) ** 2, axis=1)
    steepest = np.max(np.abs(mesh.dU), axis=1)[:, None] * np.abs(M) / 2
    adiabatic = steepest <= ADIABATICITY * smallest**1.5
    return (smallest > SMOOTHNESS * variation) & (smallest > 0) & adiabatic


def _ordered(array: NDArray, d: int) -> NDArray:
    """Nodes of a panel in marching order: d = 0 to the right, 1 to the left."""
    return array if d == 0 else array[::-1]


@dataclass(frozen=True, eq=False)
class _March:
    """The coefficients on all panels, shapes (P, n, N), and the two passes."""

    mesh: Mesh
    E_prime: NDArray
    kappa: NDArray
    s0: NDArray
    slope: NDArray
    smooth: NDArray
    M: NDArray
    tolerance: float

    def slow_solutions(self) -> tuple[NDArray, NDArray, NDArray]:
        """b - s₀ of s_L and a - s₀ of s_R on the smooth panels; and panels that failed."""
        P, n, N = self.E_prime.shape
        slow = np.zeros((2, P, n, N), complex)
        bad = np.zeros(P, dtype=bool)
        for d, sign in ((0, 1.0), (1, -1.0)):
            for p in range(P) if d == 0 else range(P - 1, -1, -1):
                if self.mesh.flat[p]:
                    continue
                columns = np.flatnonzero(self.smooth[p])
                c = slice(None) if len(columns) == N else columns
                drift, kappa = (
                    _ordered(q[p], d)[:, c] for q in (-sign * self.slope, self.kappa)
                )
                h = self.mesh.widths[p]
                guess = _slow_guess(drift, kappa, self.M[c], h)
                start = guess[0]
                # Behind a kink the slow solution is another one.
                if self.mesh.smooth_edges[p + d]:
                    carried = slow[d, p - int(sign), -1 if d == 0 else 0]
                    start = np.where(self.smooth[p - int(sign)][c], carried[c], start)
                y, failed = _collocate(
                    start, drift, -2 * kappa, guess, kappa, h, self.M[c], self.tolerance
                )
                slow[d, p][:, c] = _ordered(y, d)
                bad[p] |= failed
        return slow[0], slow[1], bad

    def transport(self, slow: tuple[NDArray, NDArray, NDArray]) -> Solution:
        """s_L and s_R through all panels, from the exact leads."""
        P, n, N = self.E_prime.shape
        b, a, bad = slow
        rate = 2 * self.kappa + 1j * self.M * (a + b)
        phase = _antiderivative(n) @ rate * (self.mesh.widths[:, None, None] / 2)
        base = np.where(self.smooth[:, None, :], self.s0, 0)
        out = np.zeros((2, P, n, N), complex)
        tail = self._slow_tail(a, b)
        for d in (0, 1):
            near, far = (b, a) if d == 0 else (a, b)
            state = np.zeros(N, complex)
            old = self.s0[0, 0] if d == 0 else self.s0[-1, -1]
            for p in range(P) if d == 0 else range(P - 1, -1, -1):
                start = state + (old - _ordered(base[p], d)[0])
                ordered = [_ordered(q[p], d) for q in (near, far, self.s0, phase)]
                y = _transport(start, *ordered, 1.0 if d == 0 else -1.0)
                if not np.all(self.smooth[p]):
                    c = np.flatnonzero(~self.smooth[p])
                    y[:, c], failed = self._direct(p, d, c, start[c])
                    bad[p] |= failed
                    last = legendre_analysis(n)[-2:] @ y[:, c]
                    tail[p, c] = np.maximum(tail[p, c], np.max(np.abs(last), axis=0))
                out[d, p] = _ordered(y, d)
                state, old = y[-1], _ordered(base[p], d)[-1]
        tail *= self._influence()
        return Solution(
            base, out[0], out[1], self.E_prime, self.kappa, self.smooth, tail, bad
        )

    def _slow_tail(self, a: NDArray, b: NDArray) -> NDArray:
        """What the nodes of visible panels cannot carry of (a - b)/(1 - ab), (P, N).

        That is the slow tr σ_yG; on other panels an error of it is not seen.
        """
        n, seen = a.shape[1], self.mesh.visible
        tail = np.zeros(self.smooth.shape)
        last = np.max(np.abs(legendre_analysis(n)[-2:] @ (a[seen] - b[seen])), axis=1)
        kappa, E_prime = self.kappa[seen, n // 2], self.E_prime[seen, n // 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.abs(2 * kappa / (E_prime + 1j * kappa))  # 1 - s₀²
            tail[seen] = np.where(self.smooth[seen], last / own, 0.0)
        return tail

    def _influence(self) -> NDArray:
        """How much of a deviation on each panel survives the way to the visible panels, (P, N)."""
        decay = 2 * np.min(self.kappa.real, axis=1) * self.mesh.widths[:, None]
        seen = self.mesh.visible
        decay[seen] = 0.0
        reach = np.zeros_like(decay)
        reach[: seen.start] = np.cumsum(decay[: seen.start][::-1], axis=0)[::-1]
        reach[: seen.start] -= decay[: seen.start]
        reach[seen.stop :] = np.cumsum(decay[seen.stop :], axis=0) - decay[seen.stop :]
        return np.exp(-np.maximum(reach, 0.0))

    def _direct(self, p: int, d: int, c: NDArray, start: NDArray) -> tuple[NDArray, bool]:
        """Collocate s itself, where s₀ is not smooth."""
        E_prime, kappa, s0 = (
            _ordered(q[p], d)[:, c] for q in (self.E_prime, self.kappa, self.s0)
        )
        M = self.M[c]
        source = np.broadcast_to(-1j * M, E_prime.shape)
        return _collocate(
            start, source, 2j * E_prime, s0, kappa, self.mesh.widths[p], M, self.tolerance
        )


def _transport(
    start: NDArray, near: NDArray, far: NDArray, s0: NDArray, phase: NDArray, sign: float
) -> NDArray:
    """s - s₀ on a smooth panel from its slow solutions, shape (n, N); see the module's head.

    The phase ∫λ dx runs to the right; `sign` is -1 where the march runs to the left.
    """
    # q = (s - near)/(1 - far s) at the start, with s = s₀ + deviation.
    far = s0 + far
    with np.errstate(divide="ignore", invalid="ignore"):
        q = (start - near[0]) / (1 - far[0] * (s0[0] + start))
    if not np.any(q):
        y = near.copy()
    else:
        q = q * np.exp(-sign * (phase - phase[0]))
        y = (near + q * (1 - s0 * far)) / (1 + far * q)
    y[0] = start
    return y


@lru_cache(maxsize=32)
def _antiderivative(n: int) -> NDArray:
    """Matrix of ∫_{-1}^{t} at the Lobatto nodes."""
    integrals = np.array([
        np.polynomial.legendre.legval(lobatto(n), np.polynomial.legendre.legint(row, lbnd=-1))
        for row in np.eye(n)
    ])
    return integrals.T @ legendre_analysis(n)


def _slow_guess(drift: NDArray, kappa: NDArray, M: NDArray, h: float) -> NDArray:
    """The slow solution by defect correction, an asymptotic series: stopped at its best term."""
    D = 2 * differentiation_matrix(len(drift)) / h
    twice = 2 * kappa
    y = drift / twice
    best = np.max(np.abs(y), axis=0)
    for _ in range(MAX_CORRECTIONS):
        trial = (drift - D @ y - 1j * M * y**2) / twice
        change = np.max(np.abs(trial - y), axis=0)
        better = change < best
        if not np.any(better):
            break
        y = np.where(better, trial, y)
        best = np.where(better, change, 0.0)
    return y


def _collocate(
    start: NDArray, a: NDArray, b: NDArray, guess: NDArray, kappa: NDArray, h: float, M: NDArray,
    tolerance: float,
) -> tuple[NDArray, bool]:
    """Solve y' = a + b y - iM y² on a panel by collocation at all nodes but the first.

    Shapes (n, N); nodes in marching order. Sweeps with the diagonalised mean Jacobian; columns
    that they leave over get a full Newton.
    """
    n = len(a)
    A, first, eigenvalues, vectors, inverse = _collocation(n)
    t = (lobatto(n)[1:, None] + 1) / 2
    y = guess[1:] + (start - guess[0]) * np.exp(-2 * np.mean(kappa, axis=0) * h * t)
    hb, hm = h * b[1:], -1j * h * M
    source = first[:, None] * start - h * a[1:]
    weight = 1 / (eigenvalues[:, None] - np.mean(hb + 2 * hm * y, axis=0))
    before = np.inf
    for sweep in range(MAX_SWEEPS):
        residual = A @ y + source - y * (hb + hm * y)
        change = vectors @ ((inverse @ residual) * weight)
        y = y - change
        size = np.max(np.abs(change), axis=0)
        left = ~(size <= tolerance * np.max(np.abs(y), axis=0) + ROUNDING)
        if not np.any(left):
            return np.concatenate((start[None], y)), False
        worst = np.max(size[left])
        if sweep > 3 and not worst < MIN_CONTRACTION * before:
            break
        before = worst
    y[:, left], failed = _newton(y[:, left], A, source, hb, hm, left, guess[1:], tolerance)
    return np.concatenate((start[None], y)), failed


def _newton(
    y: NDArray, A: NDArray, source: NDArray, hb: NDArray, hm: NDArray, left: NDArray,
    guess: NDArray, tolerance: float,
) -> tuple[NDArray, bool]:
    """Full Newton for the columns that the sweeps left over."""
    source, hb, hm = source[:, left].T, hb[:, left].T, hm[left][:, None]
    diverged = ~np.isfinite(y).all(axis=0) | (np.abs(y).max(axis=0) > 2.0)
    y = np.where(diverged, guess[:, left], y).T
    index = np.arange(len(A))
    for _ in range(MAX_NEWTON):
        residual = y @ A.T + source - y * (hb + hm * y)
        J = np.broadcast_to(A, (len(y), *A.shape)).copy()
        J[:, index, index] -= hb + 2 * hm * y
        change = np.linalg.solve(J, residual[:, :, None])[:, :, 0]
        y = y - change
        size = np.max(np.abs(change), axis=1)
        if np.all(size <= tolerance * np.max(np.abs(y), axis=1) + ROUNDING):
            return y.T, False
    return y.T, True
