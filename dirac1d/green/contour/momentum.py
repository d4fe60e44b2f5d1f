r"""One momentum: only ω is integrated, or summed.

frequency    ω = S u²/(1-u)
frequencies  the sum over ω_n
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import (
    WHOLE,
    Chart,
    Surroundings,
    about_corner,
    from_corner,
    pieces,
)
from dirac1d.green.contour.matsubara import low_frequencies
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.settings import Start


@dataclass(frozen=True)
class Momentum:
    """The single point p = `pivot`."""

    around: Surroundings
    scale: float
    pivot: float
    direction: ClassVar[complex] = 1.0 + 0j
    floor: ClassVar[float] = 0.0
    name: ClassVar[str] = "momentum"

    def cells(self, n: int, shells: NDArray, start: Start) -> list[Cell]:
        """The first cells, graded at some frequencies."""
        if self.around.temperature > 0:
            counts = low_frequencies(self, start)
            graded = np.ceil(shells / self.around.step)
            ends = [*map(float, counts), *graded[graded > counts[-1]].tolist(), np.inf]
            sides = itertools.pairwise(ends)
            return [Cell(FREQUENCIES, side, WHOLE, (n, 1)) for side in sides]
        return [Cell(FREQUENCY, side, WHOLE, (n, 1)) for side in pieces(_near(self, shells))]


def _frequency(path: Momentum, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    R, slope = about_corner(path.scale, u)
    return R, path.pivot + 0 * v + 0j, slope


def _frequencies(path: Momentum, omega: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    return omega, path.pivot + 0 * v + 0j, np.ones_like(v)


def _near(path: Momentum, omega: NDArray) -> NDArray:
    return from_corner(omega / path.scale)


FREQUENCY = Chart("frequency", _frequency, fixed=(False, True), towards=_near)
FREQUENCIES = Chart("frequencies", _frequencies, sums=True, fixed=(False, True))
