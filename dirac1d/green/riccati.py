r"""The Riccati equation of the reflection variables, marched through the mesh.

In its marching direction τ (x for s_L, -x for s_R) each s obeys

.. math:: ds/dτ = -i\,(M - 2E's + Ms^2) ,

with the fixed point s₀ of :mod:`~dirac1d.green.leads` attracting at the rate 2κ. The equation is
stiff for large |E|, M, so s itself is collocated (stiffly accurate: a panel with |κ|h ≫ 1 returns
the slow solution), and where s₀(x) is smooth the deviation δ = s - s₀,

.. math:: δ' = -2κδ - iMδ^2 - ds_0/dτ , \qquad ds_0/dx = -i s_0 U'/κ,

is the unknown, because the traces are differences of the two directions' s
(:mod:`~dirac1d.green.solution`).

Waves need no resolution. On a panel where s₀ is smooth the *slow* solutions a (of s_R) and b (of
s_L), free of e^{2ikx}, are found first; (1, a) and (b, 1) are two exact solutions of the linear
problem, whose ratio is Θ = exp ∫λ dx, λ = -i[2E' - M(a + b)] ≈ 2κ, and any other one is

.. math:: s_L = \frac{b + q}{1 + a q}, \quad q(x) = q(x_0)\,Θ(x_0)/Θ(x)

(s_R alike, with a and b exchanged): the phase is an integral of a smooth function. Where U is
constant a = b = s₀, λ = 2κ, and nothing is left to solve.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.collocation import ROUNDING, adiabatic_series, collocate
from dirac1d.green.flat import FlatPanels
from dirac1d.green.leads import decay_rate, fixed_point, one_less_square
from dirac1d.green.mesh import Mesh, within
from dirac1d.green.solution import Curved, Solution
from dirac1d.numerics.quadrature import legendre_analysis, lobatto

#: Smallest |κ²| relative to its variation |2E'ΔU| on a panel for which s₀(x) counts as smooth.
SMOOTHNESS = 1.5
#: Largest |U'M/2κ³| (the slow tr σ_yG) up to which s₀ is a reference.
ADIABATICITY = 0.5
#: Deviations below this cannot be seen beside 1.
NEGLIGIBLE = 1e-18


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
    panels = np.flatnonzero(mesh.flat)
    E_flat = E - mesh.U[panels, :1]
    kappa = decay_rate(E_flat, M)
    waves = np.all(kappa != 0, axis=1)  # none at a band edge: s - s₀ falls as 1/x
    panels, E_flat, kappa = panels[waves], E_flat[waves], kappa[waves]
    flat = FlatPanels(mesh, panels, E_flat, kappa, fixed_point(E_flat, M, kappa))
    panels = np.setdiff1d(np.arange(len(mesh.flat)), panels, assume_unique=True)
    E_prime = E - mesh.U[panels].T[:, :, None]
    kappa = decay_rate(E_prime, M)
    s0 = fixed_point(E_prime, M, kappa)
    smooth = _is_smooth(mesh.U[panels], mesh.dU[panels], E_prime, kappa, M)
    return _March(mesh, flat, panels, E_prime, kappa, s0, smooth, M, tolerance).solution()


def _is_smooth(U: NDArray, dU: NDArray, E_prime: NDArray, kappa: NDArray, M: NDArray) -> NDArray:
    """Where s₀(x) has no branch point near the panel and s can follow it, shape (P, N)."""
    # |E'| and |κ|² are extremal near the ends of a panel or its middle: no need of every node.
    some = [0, len(kappa) // 2, -1]
    variation = 2 * np.max(np.abs(E_prime[some]), axis=0) * np.ptp(U, axis=1)[:, None]
    square = kappa.real**2 + kappa.imag**2
    smallest = np.min(square, axis=0)
    steepest = np.max(np.abs(dU), axis=1)[:, None] * np.abs(M) / 2
    adiabatic = steepest**2 <= ADIABATICITY**2 * smallest**3
    return (smallest > SMOOTHNESS * variation) & (smallest > 0) & adiabatic


@dataclass(frozen=True, eq=False)
class _March:
    """The coefficients at all nodes of the curved panels, shapes (n, P, N), and the passes."""

    mesh: Mesh
    flat: FlatPanels
    panels: NDArray
    E_prime: NDArray
    kappa: NDArray
    s0: NDArray
    smooth: NDArray
    M: NDArray
    tolerance: float

    @property
    def widths(self) -> NDArray:
        """Widths of the curved panels."""
        return self.mesh.widths[self.panels]

    @property
    def seen(self) -> slice:
        """The visible ones among the curved panels."""
        return within(self.panels, self.mesh.visible)

    def solution(self) -> Solution:
        """s_L and s_R through all panels, from the exact leads."""
        n, P, N = self.E_prime.shape
        b, a, bad = self.slow_solutions()
        rate = a + b
        rate *= 1j * self.M
        rate += 2 * self.kappa
        rate *= self.widths[:, None] / 2
        phase = (_antiderivative(n) @ rate.reshape(n, -1)).reshape(n, P, N)
        base = np.where(self.smooth, self.s0, 0)
        tail = self._slow_tail(a, b)
        out, waves = [], []
        for d in (0, 1):
            near, far = (b, self.s0 + a) if d == 0 else (a, self.s0 + b)
            weight, wave, direct = self._chain(d, near, far, phase, base, tail, bad)
            y = _superpose(d, weight, near, far, self.s0, phase)
            for p, (columns, values) in direct.items():
                y[:, p, columns] = values
            out.append(y)
            waves.append(wave)
        whole_tail = np.zeros((len(self.mesh.flat), N))
        whole_tail[self.panels] = tail
        whole_tail *= self._influence()
        unconverged = np.zeros(len(self.mesh.flat), dtype=bool)
        unconverged[self.panels] = bad
        curved = Curved(self.panels, self.E_prime, self.kappa, base, self.smooth, *out)
        ends = tuple(self._lead(node)[:2] for node in (0, -1))
        return Solution(
            self.M, curved, self.flat.finished(*waves), whole_tail, unconverged, ends
        )

    def _lead(self, node: int) -> tuple[NDArray, NDArray, NDArray]:
        """E', κ and s₀ at the mesh's first or last node."""
        panel = (0, len(self.mesh.flat) - 1)[node]
        if len(self.flat.panels) and self.flat.panels[node] == panel:
            return self.flat.E_prime[node], self.flat.kappa[node], self.flat.s0[node]
        return self.E_prime[node, node], self.kappa[node, node], self.s0[node, node]

    def slow_solutions(self) -> tuple[NDArray, NDArray, NDArray]:
        """b - s₀ of s_L and a - s₀ of s_R on the smooth panels; and panels that failed.

        Every panel has its own: what differs at its ends is carried by the other solution.
        """
        n, P, N = self.E_prime.shape
        bad = np.zeros(P, dtype=bool)
        slow = np.zeros((2, n, P, N), complex)
        panel, column = np.nonzero(self.smooth & ~self.mesh.flat[self.panels, None])
        if not len(panel):
            return slow[0], slow[1], bad
        whole = len(panel) == P * N
        kappa, s0 = (
            q.reshape(n, -1) if whole else q[:, panel, column] for q in (self.kappa, self.s0)
        )
        drift = -1j * s0 * self.mesh.dU[self.panels].T[:, panel] / kappa
        M, h = self.M[column], self.widths[panel]
        # |1 - s₀²|: what a deviation is divided by in the traces.
        own = np.abs(2 * kappa[n // 2] * s0[n // 2] / M)
        first = np.max(np.abs(drift), axis=0) / (2 * np.abs(kappa[n // 2]) * own)
        largest = np.zeros(N)
        np.maximum.at(largest, column, first)
        allowed = self.tolerance * own * largest[column] + ROUNDING
        odd, even, left = adiabatic_series(drift, kappa, M, h, allowed)
        pair = np.stack((even + odd, even - odd))
        if len(left):
            bad[panel[left[self._collocate_slow(pair, drift, kappa, M, h, left)]]] = True
        if whole:
            slow = pair.reshape(2, n, P, N)
        else:
            slow[:, :, panel, column] = pair
        return slow[0], slow[1], bad

    def _collocate_slow(
        self, pair: NDArray, drift: NDArray, kappa: NDArray, M: NDArray, h: NDArray, left: NDArray
    ) -> NDArray:
        """Improve some columns of both slow solutions, in place; which of them failed."""
        # Nodes in marching order; the drift changes sign with the direction.
        pieces = (pair[0], pair[1][::-1]), (kappa, kappa[::-1]), (-drift, drift[::-1])
        guess, k, drive = (
            np.concatenate([np.take(q, left, axis=1) for q in both], axis=1) for both in pieces
        )
        y, failed = collocate(
            guess[0], drive, -2 * k, guess, k, np.tile(h[left], 2), np.tile(M[left], 2),
            self.tolerance,
        )
        m = len(left)
        pair[0][:, left], pair[1][:, left] = y[:, :m], y[::-1, m:]
        return failed[:m] | failed[m:]

    def _chain(
        self, d: int, near: NDArray, far: NDArray, phase: NDArray, base: NDArray, tail: NDArray,
        bad: NDArray,
    ) -> tuple[NDArray, NDArray, dict[int, tuple[NDArray, NDArray]]]:
        """From panel to panel: the other solution's weight q where it enters, shapes (P, N).

        On the curved panels and on the flat ones; and s itself on the panels and columns where s₀
        is not smooth.
        """
        n, P, N = self.E_prime.shape
        first, last = (0, -1) if d == 0 else (-1, 0)
        weight = np.zeros((P, N), complex)
        wave = np.zeros(self.flat.kappa.shape, complex)
        direct: dict[int, tuple[NDArray, NDArray]] = {}
        decay = np.exp(-phase[-1])
        own = 1 - far[last] * self.s0[last]
        rough = ~np.all(self.smooth, axis=1)
        state, old = np.zeros(N, complex), self._lead(first)[2]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for p, run in self._way(d):
                if run is not None:
                    s0 = self.flat.s0[run.start]
                    state = state + (old - s0)
                    old = s0
                    if np.any(state):
                        one = self.flat.own[run.start]
                        q = state / (one - s0 * state)
                        wave[run], q = self.flat.through(run, d, q)
                        state = q * one / (1 + s0 * q)
                    continue
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
                    # A wave that the nodes cannot carry is damped at once, and leaves 2/n of itself
                    # in the last coefficient.
                    left_out = np.max(np.abs(legendre_analysis(n)[-2:] @ y), axis=0) * (n / 2)
                    tail[p, c] = np.maximum(tail[p, c], left_out)
                old = base[last, p]
        return weight, wave, direct

    def _way(self, d: int) -> Iterator[tuple[int, slice | None]]:
        """Curved panels (their number among these) and runs of flat ones, in marching order."""
        places = [(panel, p, None) for p, panel in enumerate(self.panels.tolist())]
        places += [(int(self.flat.panels[run.start]), 0, run) for run in self.flat.runs]
        for _, p, run in sorted(places, key=lambda q: q[0], reverse=d == 1):
            yield p, run

    def _direct(self, p: int, d: int, c: NDArray, start: NDArray) -> tuple[NDArray, bool]:
        """Collocate s itself on some columns of a panel; nodes from left to right."""
        order = slice(None) if d == 0 else slice(None, None, -1)
        E_prime, kappa, s0 = (q[order, p, c] for q in (self.E_prime, self.kappa, self.s0))
        M, h = self.M[c], np.full(len(c), self.widths[p])
        source = np.broadcast_to(-1j * M, E_prime.shape)
        y, failed = collocate(
            start, source, 2j * E_prime, s0, kappa, h, M, self.tolerance
        )
        return y[order], bool(np.any(failed))

    def _slow_tail(self, a: NDArray, b: NDArray) -> NDArray:
        """What the nodes of visible panels cannot carry of (a - b)/(1 - ab), (P, N).

        That is the slow tr σ_yG; on other panels an error of it is not seen.
        """
        n, seen = len(a), self.seen
        tail = np.zeros(self.smooth.shape)
        difference = a[:, seen] - b[:, seen]
        last = legendre_analysis(n)[-2:] @ difference.reshape(n, -1)
        last = np.max(np.abs(last), axis=0).reshape(difference.shape[1:])
        kappa, E_prime = self.kappa[n // 2, seen], self.E_prime[n // 2, seen]
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.abs(one_less_square(E_prime, kappa))
            tail[seen] = np.where(self.smooth[seen], last / own, 0.0)
        return tail

    def _influence(self) -> NDArray:
        """How much of a deviation on each panel survives the way to the visible panels, (P, N)."""
        seen = self.mesh.visible
        decay = np.empty((len(self.mesh.flat), len(self.M)))
        decay[self.panels] = np.min(self.kappa.real, axis=0)
        decay[self.flat.panels] = self.flat.kappa.real
        decay *= 2 * self.mesh.widths[:, None]
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
        if len(p) == len(weight):
            p = slice(None)
        near, far, s0, phase = (array[:, p] for array in (near, far, s0, phase))
        # The phase ∫λ dx runs to the right, from 0.
        elapsed = phase if d == 0 else phase[-1] - phase
        # In place: half of the time is memory.
        q = np.negative(elapsed)
        np.multiply(weight[p], np.exp(q, out=q), out=q)
        top = far * s0
        np.multiply(q, np.subtract(1, top, out=top), out=top)
        top += near
        q *= far
        q += 1
        y[:, p] = np.divide(top, q, out=q)
    return y


@lru_cache(maxsize=32)
def _antiderivative(n: int) -> NDArray:
    """Matrix of ∫_{-1}^{t} at the Lobatto nodes."""
    t, legendre = lobatto(n), np.polynomial.legendre
    rows = [legendre.legval(t, legendre.legint(row, lbnd=-1)) for row in np.eye(n)]
    return np.array(rows).T @ legendre_analysis(n)
