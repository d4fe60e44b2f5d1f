"""From panel to panel: s_L rightwards (d = 0), s_R leftwards (d = 1), at all contour nodes at once.

On a smooth panel any solution is a slow one and a weight q of the other one, which runs through the
panel as 1/Θ (see :mod:`~dirac1d.green.sources.step.riccati`); elsewhere s itself is collocated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.coefficients import Coefficients
from dirac1d.green.sources.step.collocation import collocate
from dirac1d.green.sources.step.slow import Slow
from dirac1d.numerics.quadrature import last_coefficients

#: Deviations below this cannot be seen beside 1.
NEGLIGIBLE = 1e-18


@dataclass(frozen=True, eq=False)
class March:
    """What a march in one direction needs, in its own sense of first and last.

    Attributes
    ----------
    near : ndarray, shape (n, P, N)
        The slow solution of this direction, less s₀.
    far : ndarray, shape (n, P, N)
        That of the other direction, whole.
    base : ndarray, shape (n, P, N)
        What deviations are measured from: s₀ on smooth panels, 0 elsewhere.
    """

    c: Coefficients
    d: int
    near: NDArray
    far: NDArray
    base: NDArray
    phase: NDArray

    @classmethod
    def of(cls, c: Coefficients, slow: Slow, base: NDArray, d: int) -> March:
        """The march in direction d."""
        near, other = (slow.b, slow.a) if d == 0 else (slow.a, slow.b)
        return cls(c, d, near, c.s0 + other, base, slow.phase)

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last node of a panel, in marching order."""
        return (0, -1) if self.d == 0 else (-1, 0)

    def across(self, p: int, old: NDArray) -> NDArray:
        """The base behind curved panel p, `old`, less its own where it is entered."""
        return old - self.base[self.ends[0], p]

    def way(self) -> Iterator[tuple[int, slice | None]]:
        """Curved panels (their number among these) and runs of flat ones, in marching order."""
        flat = self.c.flat
        places = [(panel, p, None) for p, panel in enumerate(self.c.panels.tolist())]
        places += [(int(flat.panels[run.start]), 0, run) for run in flat.runs]
        for _, p, run in sorted(places, key=lambda q: q[0], reverse=self.d == 1):
            yield p, run

    def collocated(
        self, p: int, columns: NDArray, start: NDArray
    ) -> tuple[NDArray, NDArray, NDArray]:
        """s itself on some columns of a panel from where it enters; which failed, what is left out.

        Nodes from left to right.
        """
        c, order = self.c, slice(None, None, 1 if self.d == 0 else -1)
        E_prime, kappa, s0 = (q[order, p, columns] for q in (c.E_prime, c.kappa, c.s0))
        M, h = c.M[columns], np.full(len(columns), c.widths[p])
        source = np.broadcast_to(-1j * M, E_prime.shape)
        y, failed = collocate(start, source, 2j * E_prime, s0, kappa, h, M, c.tolerance)
        return y[order], failed, left_out(y)


@dataclass(eq=False)
class Passed:
    """What a march leaves on its way.

    Attributes
    ----------
    weight : ndarray, shape (P, N)
        q where it enters each curved panel; 0 where s was collocated.
    wave : ndarray, shape (P_flat, N)
        q where it enters each flat panel.
    direct : dict
        Panel → columns and s at the nodes, where s was collocated.
    left_out : ndarray, shape (P, N)
        What the nodes of collocated panels leave out of s.
    failed : ndarray of bool, shape (P,)
    """

    weight: NDArray
    wave: NDArray
    left_out: NDArray
    failed: NDArray
    direct: dict[int, tuple[NDArray, NDArray]] = field(default_factory=dict)


def passes(march: March, begin: NDArray | None = None) -> Passed:
    """One march through all panels, with s - base `begin` at its first node: 0 in a lead."""
    c, (first, last) = march.c, march.ends
    _, P, N = c.E_prime.shape
    passed = Passed(
        np.zeros((P, N), complex), np.zeros(c.flat.kappa.shape, complex), np.zeros((P, N)),
        np.zeros(P, dtype=bool),
    )
    decay = np.exp(-march.phase[-1])
    own = 1 - march.far[last] * c.s0[last]
    rough = ~np.all(c.smooth, axis=1)
    state, old = np.zeros(N, complex), c.end(first)[2]
    if begin is not None:
        state = begin
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for p, run in march.way():
            if run is not None:
                state, old = _through_flat(march, run, state, old, passed), c.flat.s0[run.start]
                continue
            near, far = march.near[:, p], march.far[:, p]
            start = state + march.across(p, old)
            q = (start - near[first]) / (1 - far[first] * (c.s0[first, p] + start))
            passed.weight[p] = q
            q = q * decay[p]
            state = (near[last] + q * own[p]) / (1 + far[last] * q)
            if rough[p]:
                columns = np.flatnonzero(~c.smooth[p])
                y, failed, missed = march.collocated(p, columns, start[columns])
                passed.weight[p, columns] = 0.0
                state[columns] = y[last]
                passed.direct[p] = columns, y
                passed.failed[p] = np.any(failed)
                passed.left_out[p, columns] = missed
            old = march.base[last, p]
    return passed


def _through_flat(
    march: March, run: slice, state: NDArray, old: NDArray, passed: Passed
) -> NDArray:
    """s - s₀ behind a run of flat panels."""
    flat = march.c.flat
    s0 = flat.s0[run.start]
    state = state + (old - s0)
    if np.any(state):
        one = flat.own[run.start]
        q = state / (one - s0 * state)
        passed.wave[run], q = flat.through(run, march.d, q)
        state = q * one / (1 + s0 * q)
    return state


def left_out(y: NDArray) -> NDArray:
    """A wave that n nodes cannot carry is damped at once, and leaves 2/n of itself at the end."""
    return last_coefficients(y) * (len(y) / 2)


def superposed(march: March, passed: Passed) -> NDArray:
    """s - base at all nodes of the curved panels, (n, P, N); see the module's head."""
    y = march.near.copy()
    p = np.flatnonzero(np.max(np.abs(passed.weight), axis=1) > NEGLIGIBLE)
    if len(p):
        if len(p) == len(passed.weight):
            p = slice(None)
        near, far, s0, phase = (
            array[:, p] for array in (march.near, march.far, march.c.s0, march.phase)
        )
        # The phase ∫λ dx runs to the right, from 0.
        elapsed = phase if march.d == 0 else phase[-1] - phase
        # In place: half of the time is memory.
        q = np.negative(elapsed)
        np.multiply(passed.weight[p], np.exp(q, out=q), out=q)
        top = far * s0
        np.multiply(q, np.subtract(1, top, out=top), out=top)
        top += near
        q *= far
        q += 1
        y[:, p] = np.divide(top, q, out=q)
    for panel, (columns, values) in passed.direct.items():
        y[:, panel, columns] = values
    return y
