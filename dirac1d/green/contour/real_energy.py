"""Spectra of a circle: all j, one by one, at one real energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dirac1d.green.integrate.contracts import Cell, Nodes, Source
from dirac1d.green.integrate.watch import Watch

#: Waves of j = kr + t (kr)^{1/3} are e^{-(4√2/3)t^{3/2}} of the others: t for 1e-13; at small kr
#: powers (kr)^{2j} fall faster.
AIRY, FEW = 7.0, 12


@dataclass(frozen=True)
class RealEnergy:
    """Points (E + i0, j), j = ½ … one by one; weights carry 1/2π²."""

    energy: float

    def place(self, cell: Cell) -> Nodes:
        """The points of a cell."""
        j = np.arange(*cell.u) + 0.5
        weight = np.full(len(j), 1 / (2 * np.pi**2))
        analysis = np.ones((1, len(j)))
        return Nodes((np.full(len(j), self.energy + 0j), j), weight, analysis, 1, (True, True))

    def prepared(
        self, cells: list[Cell], source: Source, allowed: float, tolerance: float, watch: Watch
    ) -> list[Cell]:
        """Every term is there."""
        return cells

    def split(self, cell: Cell, axis: int) -> list[Cell]:
        """There is nothing to divide."""
        return [cell]


def real_cells(turning: float) -> list[Cell]:
    """All j whose waves reach a place: beyond the largest kr they fall as Airy's function does."""
    last = turning + AIRY * turning ** (1 / 3) + FEW
    return [Cell("real", (0.0, float(np.ceil(last))), (0.0, 1.0), (int(np.ceil(last)), 1))]
