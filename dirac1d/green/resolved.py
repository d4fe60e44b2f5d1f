"""A contour integral on a mesh: its values, and what the panels leave out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.charts import Frame
from dirac1d.green.mesh import Mesh
from dirac1d.green.sums import Sums, series_error, visible_shape
from dirac1d.numerics.quadrature import legendre_analysis


@dataclass(frozen=True, eq=False)
class Resolved:
    """Everything that was found out about a problem on a mesh."""

    mesh: Mesh
    frame: Frame
    cells: list[Sums]
    converged: bool

    @property
    def totals(self) -> NDArray:
        """Contour sums: x nodes, then both lead integrals."""
        return np.sum([s.rows[0] for s in self.cells], axis=0)

    @property
    def values(self) -> NDArray:
        """The integral at the nodes of the P' visible panels, shape (P', n)."""
        return self.totals[:-2].reshape(visible_shape(self.mesh))

    @property
    def coefficients(self) -> NDArray:
        """Legendre coefficients on the visible panels, shape (P', n)."""
        return self.values @ legendre_analysis(self.mesh.U.shape[1]).T

    @property
    def lost(self) -> NDArray:
        """What the nodes of each panel cannot carry of s, as it is seen; shape (P,)."""
        return np.sum([s.lost for s in self.cells], axis=0)

    @property
    def lost_on_the_way(self) -> NDArray:
        """What is lost on each visible panel and on the way to it, shape (P',)."""
        lost, seen = self.lost, self.mesh.visible
        return lost[seen] + np.sum(lost[: seen.start]) + np.sum(lost[seen.stop :])

    @property
    def mesh_error(self) -> NDArray:
        """Per panel, shape (P,): what its nodes cannot carry.

        The last Legendre coefficients of the answer where it is visible; of s wherever it was
        collocated.
        """
        error, seen = self.lost.copy(), self.mesh.visible
        tail = series_error(self.coefficients)
        error[seen] = np.maximum(error[seen], np.where(self.mesh.at_jump[seen], 0.0, tail))
        return error

    def at(self, x: NDArray) -> NDArray:
        """The integral at positions within the strip."""
        edges = self.mesh.edges[self.mesh.visible.start : self.mesh.visible.stop + 1]
        panel = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
        t = 2 * (x - edges[panel]) / np.diff(edges)[panel] - 1
        return np.polynomial.legendre.legval(t, self.coefficients[panel].T, tensor=False)
