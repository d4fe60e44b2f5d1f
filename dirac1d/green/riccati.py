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

from dirac1d.green.collocation import ROUNDING, adiabatic_series, collocate
from dirac1d.green.leads import decay_rate, fixed_point
from dirac1d.green.mesh import Mesh
from dirac1d.quadrature import legendre_analysis, lobatto

#: Smallest |κ²| relative to its variation |2E'ΔU| on a panel for which s₀(x) counts as smooth.
SMOOTHNESS = 1.5
#: Largest |U'M/2κ³| (the slow tr σ_yG) up to which s₀ is a reference.
ADIABATICITY = 0.5
#: Deviations below this cannot be seen beside 1.
NEGLIGIBLE = 1e-18


@dataclass(frozen=True, eq=False)
class Solution:
    """s_L and s_R at all nodes: s = base + deviation; shapes (n, P, N), nodes first.

    `tail`, shape (P, N), is what the nodes of a panel cannot carry.
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
        """tr σ_y G(x, x) on some panels, shape (n, P', N)."""
        return (self.right[:, panels] - self.left[:, panels]) / self._denominator(panels)

    def density(self, panels: slice) -> NDArray:
        """tr G(x, x) on some panels, shape (n, P', N)."""
        d = self._denominator(panels)
        return -1j * (2 - d) / d

    def excess(self, panels: slice) -> NDArray:
        """tr G - tr G₀, tr G₀ = -E'/κ of a constant potential; by deviations where possible."""
        base, left, right, kappa, E_prime = (
            q[:, panels] for q in (self.base, self.left, self.right, self.kappa, self.E_prime)
        )
        smooth = self.smooth[panels]
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
        kappa, E_prime = self.kappa[:, panels], self.E_prime[:, panels]
        near, far = (np.sqrt(kappa**2 + k * square) for k in (1, 2))
        smooth = self.smooth[panels]
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
        for edge, node, sign in ((first, 0, -1), (last, -1, 1)):
            own = self.excess(edge)[node, 0]
            E, k = self.E_prime[node, edge][0], self.kappa[node, edge][0]
            E0, k0 = self.E_prime[node, node], self.kappa[node, node]
            out.append(sign * (own + _local_difference(E, k, E0, k0, M)) / (2 * M))
        return np.stack(out)

    def _denominator(self, panels: slice) -> NDArray:
        base = self.base[:, panels]
        return 1 - (base + self.left[:, panels]) * (base + self.right[:, panels])


def _local_difference(E: NDArray, k: NDArray, E0: NDArray, k0: NDArray, M: NDArray) -> NDArray:
    """E₀/κ₀ - E/κ, without cancellation where both energies are close."""
    sum_ = E0 * k + E * k0
    close = np.abs(sum_) > np.abs(E0 * k)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = (E0 - E) * (E0 + E) * M**2 / (k * k0 * sum_)
        return np.where(close, exact, E0 / k0 - E / k)


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
    E_prime = E - mesh.U.T[:, :, None]
    kappa = decay_rate(E_prime, M)
    s0 = fixed_point(E_prime, M, kappa)
    smooth = _is_smooth(mesh, E_prime, kappa, M)
    march = _March(mesh, E_prime, kappa, s0, smooth, M, tolerance)
    return march.transport(*march.slow_solutions())


def _is_smooth(mesh: Mesh, E_prime: NDArray, kappa: NDArray, M: NDArray) -> NDArray:
    """Where s₀(x) has no branch point near the panel and s can follow it, shape (P, N)."""
    # |E'| and |κ|² are extremal near the ends of a panel or its middle: no need of every node.
    some = [0, len(kappa) // 2, -1]
    variation = 2 * np.max(np.abs(E_prime[some]), axis=0) * np.ptp(mesh.U, axis=1)[:, None]
    square = kappa.real**2 + kappa.imag**2
    smallest = np.min(square, axis=0)
    steepest = np.max(np.abs(mesh.dU), axis=1)[:, None] * np.abs(M) / 2
    adiabatic = steepest**2 <= ADIABATICITY**2 * smallest**3
    return (smallest > SMOOTHNESS * variation) & (smallest > 0) & adiabatic


@dataclass(frozen=True, eq=False)
class _March:
    """The coefficients at all nodes, shapes (n, P, N), and the two passes."""

    mesh: Mesh
    E_prime: NDArray
    kappa: NDArray
    s0: NDArray
    smooth: NDArray
    M: NDArray
    tolerance: float

    def slow_solutions(self) -> tuple[NDArray, NDArray, NDArray]:
        """b - s₀ of s_L and a - s₀ of s_R on the smooth panels; and panels that failed.

        Every panel has its own: what differs at its ends is carried by the other solution.
        """
        n, P, N = self.E_prime.shape
        bad = np.zeros(P, dtype=bool)
        slow = np.zeros((2, n, P, N), complex)
        panel, column = np.nonzero(self.smooth & ~self.mesh.flat[:, None])
        if not len(panel):
            return slow[0], slow[1], bad
        whole = len(panel) == P * N
        kappa, s0 = (
            q.reshape(n, -1) if whole else q[:, panel, column] for q in (self.kappa, self.s0)
        )
        drift = -1j * s0 * self.mesh.dU.T[:, panel] / kappa
        M, h = self.M[column], self.mesh.widths[panel]
        # |1 - s₀²|: what a deviation is divided by in the traces.
        own = np.abs(2 * kappa[n // 2] * s0[n // 2] / M)
        first = np.max(np.abs(drift), axis=0) / (2 * np.abs(kappa[n // 2]) * own)
        largest = np.zeros(N)
        np.maximum.at(largest, column, first)
        allowed = self.tolerance * own * largest[column] + ROUNDING
        odd, even, left = adiabatic_series(drift, kappa, M, h, allowed)
        for d, sign in ((0, 1.0), (1, -1.0)):
            y = even + sign * odd
            if len(left):
                # Nodes in marching order; the drift changes sign with the direction.
                order = slice(None) if d == 0 else slice(None, None, -1)
                k, guess = kappa[order, left], y[order, left]
                y[order, left], failed = collocate(
                    guess[0], -sign * drift[order, left], -2 * k, guess, k, h[left], M[left],
                    self.tolerance,
                )
                bad[panel[left[failed]]] = True
            if whole:
                slow[d] = y.reshape(n, P, N)
            else:
                slow[d][:, panel, column] = y
        return slow[0], slow[1], bad

    def transport(self, b: NDArray, a: NDArray, bad: NDArray) -> Solution:
        """s_L and s_R through all panels, from the exact leads."""
        n, P, N = self.E_prime.shape
        rate = (2 * self.kappa + 1j * self.M * (a + b)) * (self.mesh.widths[:, None] / 2)
        phase = (_antiderivative(n) @ rate.reshape(n, -1)).reshape(n, P, N)
        base = np.where(self.smooth, self.s0, 0)
        tail = self._slow_tail(a, b)
        out = []
        for d in (0, 1):
            near, far = (b, self.s0 + a) if d == 0 else (a, self.s0 + b)
            weight, direct = self._chain(d, near, far, phase, base, tail, bad)
            y = _superpose(d, weight, near, far, self.s0, phase)
            for p, (columns, values) in direct.items():
                y[:, p, columns] = values
            out.append(y)
        tail *= self._influence()
        return Solution(base, *out, self.E_prime, self.kappa, self.smooth, tail, bad)

    def _chain(
        self, d: int, near: NDArray, far: NDArray, phase: NDArray, base: NDArray, tail: NDArray,
        bad: NDArray,
    ) -> tuple[NDArray, dict[int, tuple[NDArray, NDArray]]]:
        """From panel to panel: the other solution's weight q at each start, shape (P, N).

        Also s itself on the panels and columns where s₀ is not smooth.
        """
        n, P, N = self.E_prime.shape
        first, last, lead = (0, -1, 0) if d == 0 else (-1, 0, -1)
        weight = np.zeros((P, N), complex)
        direct: dict[int, tuple[NDArray, NDArray]] = {}
        decay = np.exp(-phase[-1])
        own = 1 - far[last] * self.s0[last]
        rough = ~np.all(self.smooth, axis=1)
        state, old = np.zeros(N, complex), self.s0[first, lead]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for p in range(P) if d == 0 else range(P - 1, -1, -1):
                start = state + (old - base[first, p])
                q = (start - near[first, p]) / (1 - far[first, p] * (self.s0[first, p] + start))
                weight[p] = q
                q = q * decay[p]
                state = (near[last, p] + q * own[p]) / (1 + far[last, p] * q)
                if rough[p]:
                    c = np.flatnonzero(~self.smooth[p])
                    y, failed = self._direct(p, d, c, start[c])
                    weight[p, c] = 0.0
                    state[c] = y[last]
                    direct[p] = c, y
                    bad[p] |= failed
                    left_out = np.max(np.abs(legendre_analysis(n)[-2:] @ y), axis=0)
                    tail[p, c] = np.maximum(tail[p, c], left_out)
                old = base[last, p]
        return weight, direct

    def _direct(self, p: int, d: int, c: NDArray, start: NDArray) -> tuple[NDArray, bool]:
        """Collocate s itself on some columns of a panel; nodes from left to right."""
        order = slice(None) if d == 0 else slice(None, None, -1)
        E_prime, kappa, s0 = (q[order, p, c] for q in (self.E_prime, self.kappa, self.s0))
        M, h = self.M[c], np.full(len(c), self.mesh.widths[p])
        source = np.broadcast_to(-1j * M, E_prime.shape)
        y, failed = collocate(
            start, source, 2j * E_prime, s0, kappa, h, M, self.tolerance
        )
        return y[order], bool(np.any(failed))

    def _slow_tail(self, a: NDArray, b: NDArray) -> NDArray:
        """What the nodes of visible panels cannot carry of (a - b)/(1 - ab), (P, N).

        That is the slow tr σ_yG; on other panels an error of it is not seen.
        """
        n, seen = len(a), self.mesh.visible
        tail = np.zeros(self.smooth.shape)
        difference = a[:, seen] - b[:, seen]
        last = legendre_analysis(n)[-2:] @ difference.reshape(n, -1)
        last = np.max(np.abs(last), axis=0).reshape(difference.shape[1:])
        kappa, E_prime = self.kappa[n // 2, seen], self.E_prime[n // 2, seen]
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.abs(2 * kappa / (E_prime + 1j * kappa))  # 1 - s₀²
            tail[seen] = np.where(self.smooth[seen], last / own, 0.0)
        return tail

    def _influence(self) -> NDArray:
        """How much of a deviation on each panel survives the way to the visible panels, (P, N)."""
        seen = self.mesh.visible
        decay = 2 * np.min(self.kappa.real, axis=0) * self.mesh.widths[:, None]
        decay[seen] = 0.0
        reach = np.zeros_like(decay)
        reach[: seen.start] = np.cumsum(decay[: seen.start][::-1], axis=0)[::-1]
        reach[: seen.start] -= decay[: seen.start]
        reach[seen.stop :] = np.cumsum(decay[seen.stop :], axis=0) - decay[seen.stop :]
        return np.exp(-np.maximum(reach, 0.0))


def _superpose(
    d: int, weight: NDArray, near: NDArray, far: NDArray, s0: NDArray, phase: NDArray
) -> NDArray:
    """s - s₀ on all smooth panels from the slow solutions, (n, P, N); see the module's head."""
    y = near.copy()
    p = np.flatnonzero(np.max(np.abs(weight), axis=1) > NEGLIGIBLE)
    if len(p):
        near, far, s0, phase = (array[:, p] for array in (near, far, s0, phase))
        # The phase ∫λ dx runs to the right, from 0.
        elapsed = phase if d == 0 else phase[-1] - phase
        q = weight[p] * np.exp(-elapsed)
        y[:, p] = (near + q * (1 - far * s0)) / (1 + far * q)
    return y


@lru_cache(maxsize=32)
def _antiderivative(n: int) -> NDArray:
    """Matrix of ∫_{-1}^{t} at the Lobatto nodes."""
    t, legendre = lobatto(n), np.polynomial.legendre
    rows = [legendre.legval(t, legendre.legint(row, lbnd=-1)) for row in np.eye(n)]
    return np.array(rows).T @ legendre_analysis(n)
