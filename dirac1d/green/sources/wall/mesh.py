"""Panels on which both U and Δ are carried, clipped at hard walls."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.mesh import Mesh


@dataclass(frozen=True, eq=False)
class WallMesh:
    """The same panels twice: what `line` samples of U, `mass` samples of Δ.

    `walls` are the values of g/f at the hard walls on the left and on the right, None in a lead;
    a slope of U above `slope` is felt at a jump of Δ. With `radial` x is a radius, and p = j/r
    varies on every panel.
    """

    line: Mesh
    mass: Mesh
    walls: tuple[float | None, float | None]
    radial: bool = False
    slope: float = 0.0

    @property
    def edges(self) -> NDArray:
        """Ends of the panels, shape (P + 1,)."""
        return self.line.edges

    @property
    def widths(self) -> NDArray:
        """Panel widths, shape (P,)."""
        return self.line.widths

    @property
    def x(self) -> NDArray:
        """Nodes, shape (P, n)."""
        return self.line.x

    @property
    def U(self) -> NDArray:
        """U at the nodes, shape (P, n)."""
        return self.line.U

    @property
    def dU(self) -> NDArray:
        """U′ at the nodes, shape (P, n)."""
        return self.line.dU

    @property
    def flat(self) -> NDArray:
        """Panels on which all coefficients are constant."""
        return self.line.flat & self.mass.flat & (not self.radial)

    @property
    def at_jump(self) -> NDArray:
        """-1 / +1 for a panel whose left / right end is a jump of U or Δ or a hard wall, else 0."""
        found = np.where(self.line.at_jump != 0, self.line.at_jump, self.mass.at_jump)
        found[0] = found[0] if self.walls[0] is None else -1
        found[-1] = found[-1] if self.walls[1] is None else 1
        return found

    @property
    def singular(self) -> NDArray:
        """`at_jump` of those panels on which the current is no series: not at a jump of Δ alone.

        Without a slope of U all that is singular there is in the `Reference`.
        """
        sloped = np.max(np.abs(self.dU), axis=1) > self.slope
        sloped[[0, -1]] |= [wall is not None for wall in self.walls]
        return np.where(sloped | (self.line.at_jump != 0), self.at_jump, 0)

    @property
    def visible(self) -> slice:
        """The panels where an answer is asked for: all of them between leads."""
        return self.line.visible

    def split(self, parts: NDArray) -> WallMesh:
        """The mesh with each panel cut into `parts`."""
        return replace(self, line=self.line.split(parts), mass=self.mass.split(parts))

    def cut(self, positions: NDArray) -> WallMesh:
        """The mesh with more edges."""
        return replace(self, line=self.line.cut(positions), mass=self.mass.cut(positions))

    def with_nodes(self, n: int) -> WallMesh:
        """The same panels with n nodes each."""
        return replace(self, line=self.line.with_nodes(n), mass=self.mass.with_nodes(n))
