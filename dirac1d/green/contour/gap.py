r"""The Fermi energy deep in the gap everywhere: p stays real, and p and ω are even.

gap     R = S√(1-u²)/u, (ω, p) = R (cos πv/2, sin πv/2): even in u, and about both ends of v
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import WHOLE, Chart, Surroundings, pieces
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.settings import Start


@dataclass(frozen=True)
class Gap:
    """The real axis of p."""

    around: Surroundings
    scale: float
    direction: ClassVar[complex] = 1.0 + 0j
    pivot: ClassVar[float] = 0.0
    floor: ClassVar[float] = 0.0
    name: ClassVar[str] = "gap"

    def cells(self, n: int, shells: NDArray, start: Start) -> list[Cell]:
        """The first cells at T = 0, graded at some radii."""
        sides = pieces(1 / np.hypot(1, shells / self.scale))
        half = max(3, (3 * n + 4) // 5)
        if len(sides) > 1:  # every cell has its share of structure on all scales
            return [Cell(GAP, side, WHOLE, (n + n // 2, half)) for side in sides]
        near = max(self.around.edge / self.around.gap - start.middle, 0.0)
        order = int(np.ceil(n * (1 + 3.5 * near))), half + round(3 * near)
        return [Cell(GAP, WHOLE, WHOLE, order)]


def _gap(path: Gap, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    R = path.scale * np.sqrt((1 - u) * (1 + u)) / u
    angle = np.pi / 2 * v
    jacobian = path.scale**2 / u**3 * np.pi / 2 * np.ones_like(v)
    return R * np.cos(angle), R * np.sin(angle) + 0j, jacobian


GAP = Chart("gap", _gap, even=(True, False), angle=True)
