r"""Panels on which U is constant: nothing is solved there, two plain waves pass.

.. math:: s_L = \frac{s_0 + q_L}{1 + s_0q_L}, \quad q_L ∝ e^{-2κx}, \quad q_R ∝ e^{2κx},

s_R alike, so that

.. math:: \mathrm{tr}\,σ_yG = \frac{q_R - q_L}{1 - q_Lq_R}, \quad
          \mathrm{tr}\,G = -\frac{E'}{κ} - \frac{2E'q_Lq_R + M(q_L + q_R)}{κ(1 - q_Lq_R)} .
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.leads import one_less_square
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.numerics.quadrature import lobatto

#: Widths that differ by less than this, relative to the widest panel, are equal.
SAME_WIDTH = 1e-13


@dataclass(frozen=True, eq=False)
class FlatPanels:
    """Panels on which U is constant; E', κ, s₀ of shape (P, N)."""

    mesh: Mesh
    panels: NDArray
    E_prime: NDArray
    kappa: NDArray
    s0: NDArray

    @cached_property
    def own(self) -> NDArray:
        """1 - s₀²."""
        return one_less_square(self.E_prime, self.kappa)

    @cached_property
    def runs(self) -> list[slice]:
        """Neighbouring panels of the same U."""
        if not len(self.panels):
            return []
        U = self.mesh.U[self.panels, 0]
        new = np.flatnonzero((np.diff(self.panels) > 1) | (np.diff(U) != 0)) + 1
        ends = [0, *new.tolist(), len(self.panels)]
        return [slice(a, b) for a, b in itertools.pairwise(ends)]

    def through(self, run: slice, d: int, q: NDArray) -> tuple[NDArray, NDArray]:
        """q where it enters each panel of a run, and where it leaves the run."""
        edges = self.mesh.edges
        first, last = self.panels[run][[0, -1]]
        distance = edges[self.panels[run]] - edges[first]
        if d == 1:
            distance = edges[last + 1] - edges[self.panels[run] + 1]
        distance = np.append(distance, edges[last + 1] - edges[first])
        q = q * np.exp(-2 * self.kappa[run.start] * distance[:, None])
        return q[:-1], q[-1]

    def finished(self, q_left: NDArray, q_right: NDArray) -> Flat:
        """The panels with their waves, one exponential for all of one width and U."""
        widths, U = self.mesh.widths[self.panels], self.mesh.U[self.panels, 0]
        unit = SAME_WIDTH * np.max(widths, initial=0.0)
        some = kind = np.zeros(0, dtype=int)
        if len(widths):
            _, some, kind = np.unique(
                np.stack((np.round(widths / unit), U)), axis=1, return_index=True,
                return_inverse=True,
            )
        t = (lobatto(self.mesh.U.shape[1])[:, None, None] + 1) / 2
        waves = np.exp(-2 * t * widths[some, None] * self.kappa[some])
        return Flat(
            self.panels, self.E_prime, self.kappa, q_left, q_right, waves, kind.reshape(-1)
        )


@dataclass(frozen=True, eq=False)
class Flat:
    """Panels on which U is constant: waves q_L and q_R.

    E_prime, kappa, q_left, q_right of shape (P, N): the waves where they start, q_L at the left
    and q_R at the right end of each panel. `waves`, shape (n, R, N), is exp(-2κd) at the nodes'
    distances d from a panel's left end, for each of the R different panels; `kind` says which.
    """

    panels: NDArray
    E_prime: NDArray
    kappa: NDArray
    q_left: NDArray
    q_right: NDArray
    waves: NDArray
    kind: NDArray

    def part(self, span: slice) -> Flat:
        """Some of these panels."""
        return Flat(
            self.panels[span], self.E_prime[span], self.kappa[span], self.q_left[span],
            self.q_right[span], self.waves, self.kind[span],
        )

    def sigma_y(self, M: NDArray) -> NDArray:
        """tr σ_yG."""
        left, right = self._moving()
        return (right - left) / self._denominator()

    def density(self, M: NDArray) -> NDArray:
        """tr G."""
        return self.excess(M) - self.E_prime / self.kappa

    def excess(self, M: NDArray) -> NDArray:
        """tr G - tr G₀, tr G₀ = -E'/κ."""
        left, right = self._moving()
        change = 2 * self.E_prime * left * right + M * (left + right)
        return -change / (self.kappa * self._denominator())

    def s_right(self, M: NDArray) -> NDArray:
        """s_R."""
        s0 = M / (self.E_prime + 1j * self.kappa)
        right = self._moving()[1]
        return (s0 + right) / (1 + s0 * right)

    def _moving(self) -> tuple[NDArray, NDArray]:
        """q_L and q_R at all nodes (zero alone where none is)."""
        out = []
        for q, waves in ((self.q_left, self.waves), (self.q_right, self.waves[::-1])):
            out.append(q * waves[:, self.kind] if np.any(q) else np.zeros(()))
        return out[0], out[1]

    def _denominator(self) -> NDArray:
        return 1 - self.q_left * self.q_right * self.waves[-1, self.kind]
