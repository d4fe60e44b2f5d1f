"""An integral as far as it has been resolved: its values, and what the source's nodes leave out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Domain, Source
from dirac1d.green.integrate.sums import Sums
from dirac1d.numerics.quadrature import series_error


@dataclass(frozen=True, eq=False)
class Resolved:
    """Everything that was found out about an integral with one source.

    `difference` is what its verification found, with its sign: a vector as `totals`.
    """

    source: Source
    domain: Domain
    cells: list[Sums]
    converged: bool
    difference: NDArray | None = None

    @property
    def totals(self) -> NDArray:
        """The answer: panels and functionals."""
        return np.sum([s.rows[0] for s in self.cells], axis=0)

    @property
    def values(self) -> NDArray:
        """The answer at the nodes of the panels, shape (panels, nodes)."""
        return self.source.layout.on_panels(self.totals)

    @property
    def functionals(self) -> NDArray:
        """The functionals of the answer."""
        return self.source.layout.functionals_of(self.totals)

    @property
    def coefficients(self) -> NDArray:
        """Series coefficients of the answer on the panels, shape (panels, nodes)."""
        return self.source.coefficients(self.totals)

    @property
    def lost(self) -> NDArray:
        """What the nodes of each place cannot carry, as it is seen; shape (places,)."""
        return np.sum([s.lost for s in self.cells], axis=0)

    @property
    def rounding(self) -> float:
        """What the source's arithmetic leaves, whatever its nodes."""
        return float(sum(s.rounding for s in self.cells))

    @property
    def size(self) -> int:
        """Number of points."""
        return int(sum(s.size for s in self.cells))

    @property
    def mesh_error(self) -> NDArray:
        """Per place, shape (places,): what its nodes cannot carry, there or of the answer."""
        error, seen = self.lost.copy(), self.source.visible
        tail = np.where(self.source.judged, series_error(self.coefficients), 0.0)
        error[seen] = np.maximum(error[seen], tail)
        return error
