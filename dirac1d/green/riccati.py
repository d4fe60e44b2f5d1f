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
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.leads import decay_rate, fixed_point
from dirac1d.green.mesh import Mesh
from dirac1d.quadrature import differentiation_matrix, lobatto

#: Sweeps with the diagonalised mean Jacobian before the columns left over get a full Newton.
MAX_SWEEPS = 25
#: Sweeps that shrink the change by less than this are given up.
MIN_CONTRACTION = 0.8
#: Full Newton steps; from the sweeps' end point quadratic convergence needs at most a few.
MAX_NEWTON = 12
#: Smallest |κ²| relative to its variation |2E'ΔU| on a panel for which s₀(x) counts as smooth.
SMOOTHNESS = 3.0
#: Changes of s below this are rounding (|s| ≤ 1).
ROUNDING = 1e-16


@dataclass(frozen=True, eq=False)
class Solution:
    """s_L and s_R at all nodes: s = base + deviation; shapes (P, n, N)."""

    base: NDArray
    left: NDArray
    right: NDArray
    kappa_left: NDArray
    kappa_right: NDArray
    unconverged: NDArray

    @property
    def sigma_y(self) -> NDArray:
        """tr σ_y G(x, x), shape (P, n, N)."""
        return (self.right - self.left) / self._denominator

    @property
    def density(self) -> NDArray:
        """tr G(x, x), shape (P, n, N)."""
        d = self._denominator
        return -1j * (2 - d) / d

    @property
    def _denominator(self) -> NDArray:
        return 1 - (self.base + self.left) * (self.base + self.right)


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
    P, n = mesh.U.shape
    E_prime = E - mesh.U[:, :, None]
    kappa = decay_rate(E_prime, M)
    s0 = fixed_point(E_prime, M, kappa)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(mesh.dU[:, :, None] == 0, 0.0, -1j * s0 * mesh.dU[:, :, None] / kappa)
    smooth = _is_smooth(mesh, E_prime, kappa)
    base = np.where(smooth[:, None, :], s0, 0)
    march = _March(mesh, E_prime, kappa, s0, slope, smooth, base, M, tolerance)
    out = (np.zeros((P, n, len(E)), complex), np.zeros((P, n, len(E)), complex))
    bad = np.zeros(P, dtype=bool)
    state = [s0[0, 0] - base[0, 0], s0[-1, -1] - base[-1, -1]]
    previous = [base[0, 0], base[-1, -1]]
    for step in range(P):
        panels = (step, P - 1 - step)
        groups = ((0, 1),) if mesh.flat[panels[0]] == mesh.flat[panels[1]] else ((0,), (1,))
        for group in groups:
            start = [
                state[d] + (previous[d] - base[panels[d], 0 if d == 0 else -1]) for d in group
            ]
            y, failed = march.panel(group, panels, np.stack(start))
            for k, d in enumerate(group):
                out[d][panels[d]] = y[:, k] if d == 0 else y[::-1, k]
                state[d] = y[-1, k]
                previous[d] = base[panels[d], -1 if d == 0 else 0]
                bad[panels[d]] |= failed
    return Solution(base, *out, kappa[0, 0], kappa[-1, -1], bad)


def _is_smooth(mesh: Mesh, E_prime: NDArray, kappa: NDArray) -> NDArray:
    """Where s₀(x) has no branch point near the panel, shape (P, N)."""
    variation = 2 * np.max(np.abs(E_prime), axis=1) * np.ptp(mesh.U, axis=1)[:, None]
    return np.min(np.abs(kappa) ** 2, axis=1) > SMOOTHNESS * variation


@dataclass(frozen=True, eq=False)
class _March:
    """One panel, one or both directions."""

    mesh: Mesh
    E_prime: NDArray
    kappa: NDArray
    s0: NDArray
    slope: NDArray
    smooth: NDArray
    base: NDArray
    M: NDArray
    tolerance: float

    def panel(
        self, group: tuple[int, ...], panels: tuple[int, int], start: NDArray
    ) -> tuple[NDArray, bool]:
        """The deviation at the panel's nodes in marching order, shape (n, len(group), N)."""

        def pick(array: NDArray) -> NDArray:
            return np.stack(
                [array[panels[d]] if d == 0 else array[panels[d], ::-1] for d in group], axis=1
            )

        h = self.mesh.widths[[panels[d] for d in group]][:, None]
        kappa, s0 = pick(self.kappa), pick(self.s0)
        if self.mesh.flat[panels[group[0]]]:
            return self._flat(start, kappa[0], s0[0], h), False
        sign = np.array([1.0 if d == 0 else -1.0 for d in group])[:, None]
        smooth = self.smooth[[panels[d] for d in group]]
        drift = -sign * pick(self.slope)
        a = np.where(smooth, drift, -1j * self.M)
        b = np.where(smooth, -2 * kappa, 2j * pick(self.E_prime))
        with np.errstate(divide="ignore", invalid="ignore"):
            slow = np.where(smooth, drift / (2 * kappa), s0)
        return self._collocate(start, a, b, slow, kappa, h)

    def _flat(self, start: NDArray, kappa: NDArray, s0: NDArray, h: NDArray) -> NDArray:
        """Exact: ζ = (s - s₀)/(1 - s₀s) decays as e^{-2κτ}."""
        n = self.mesh.U.shape[1]
        if not np.any(start):
            return np.zeros((n, *start.shape), complex)
        t = (lobatto(n)[:, None, None] + 1) / 2
        one = (1 - s0) * (1 + s0)
        zeta = start / (one - s0 * start) * np.exp(-2 * kappa * h * t)
        y = zeta * one / (1 + s0 * zeta)
        y[0] = start
        return y

    def _collocate(
        self, start: NDArray, a: NDArray, b: NDArray, slow: NDArray, kappa: NDArray, h: NDArray
    ) -> tuple[NDArray, bool]:
        """Solve y' = a + b y - iM y² on the panel by collocation at all nodes but the first."""
        n = len(a)
        A, first, eigenvalues, vectors, inverse = _collocation(n)
        t = (lobatto(n)[1:, None, None] + 1) / 2
        rate = np.mean(kappa, axis=0) * h
        y = slow[1:] + (start - slow[0]) * np.exp(-2 * rate * t)
        hb, hm = h * b[1:], -1j * h * self.M
        source = first[:, None, None] * start - h * a[1:]
        mean = np.mean(hb + 2 * hm * y, axis=0)
        weight = 1 / (eigenvalues[:, None, None] - mean)
        shape = y.shape
        before = np.inf
        for sweep in range(MAX_SWEEPS):
            residual = (A @ y.reshape(n - 1, -1)).reshape(shape) + source - y * (hb + hm * y)
            modes = (inverse @ residual.reshape(n - 1, -1)).reshape(shape) * weight
            change = (vectors @ modes.reshape(n - 1, -1)).reshape(shape)
            y = y - change
            size = np.max(np.abs(change), axis=0)
            left = ~(size <= self.tolerance * np.max(np.abs(y), axis=0) + ROUNDING)
            if not np.any(left):
                return np.concatenate((start[None], y)), False
            worst = np.max(size[left])
            if sweep > 3 and not worst < MIN_CONTRACTION * before:
                break
            before = worst
        y[:, left], failed = self._newton(y[:, left], A, source, hb, hm, left, slow[1:])
        return np.concatenate((start[None], y)), failed

    def _newton(
        self, y: NDArray, A: NDArray, source: NDArray, hb: NDArray, hm: NDArray, left: NDArray,
        slow: NDArray,
    ) -> tuple[NDArray, bool]:
        """Full Newton for the columns that the sweeps left over."""
        source, hb = source[:, left].T, hb[:, left].T
        hm = np.broadcast_to(hm, left.shape)[left][:, None]
        diverged = ~np.isfinite(y).all(axis=0) | (np.abs(y).max(axis=0) > 2.0)
        y = np.where(diverged, slow[:, left], y).T
        index = np.arange(len(A))
        for _ in range(MAX_NEWTON):
            residual = y @ A.T + source - y * (hb + hm * y)
            J = np.broadcast_to(A, (len(y), *A.shape)).copy()
            J[:, index, index] -= hb + 2 * hm * y
            change = np.linalg.solve(J, residual[:, :, None])[:, :, 0]
            y = y - change
            size = np.max(np.abs(change), axis=1)
            if np.all(size <= self.tolerance * np.max(np.abs(y), axis=1) + ROUNDING):
                return y.T, False
        return y.T, True
