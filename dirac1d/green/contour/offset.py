r"""The Fermi energy meets both bands: p is real up to the pivot p₁ and turns away beyond it.

offset  R = S u²/(1-u), (ω, q) = R (cos, sin), p = p₁ + q e^{±iα}: square roots at R → 0
bent    ρ = S u²/(1-u), q = ρ v, ω = ρ(ρ+2p₁)(1-v²)/(e+ρ), the same where p₁ is small: there
        κ² = p² - p₁² + 2ieω has ω ~ q² from ρ ~ p₁ on, and ω ~ q below
first, second, upper: the strip 0 < p < p₁; waves from afar live at ω → 0
line    p = p₁ + q e^{±iα}, q = S v²/(1-v), and line column: p = p₁(1-v²), at a real energy
low, low column: the same at the first frequencies of a low temperature
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import (
    LOW_COUNT,
    OCTAVES,
    WHOLE,
    Chart,
    Surroundings,
    about_corner,
    from_corner,
    pieces,
)
from dirac1d.green.contour.ray import first_terms_along, low_order
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.settings import Start

#: Nodes along the part of the strip whose waves are not seen, beside those of any part.
DARK = 8
#: A pivot beyond so many scales is seen from afar under angles that need more nodes.
NEAR = 1.2
#: Speed |dE/dp| ≤ 1 of a level or a band's edge from which a cell's nodes in ω are graded to it.
LEAST_SPEED = 0.25

Points = tuple[NDArray, NDArray, NDArray]


@dataclass(frozen=True)
class Offset:
    """p real up to the pivot, then p₁ + q · direction.

    `linear`: at the pivot ω goes as q however small p₁ is.
    """

    around: Surroundings
    scale: float
    direction: complex
    pivot: float
    floor: float = 0.0
    linear: bool = False
    waves: ClassVar[bool] = True
    name: ClassVar[str] = "offset"

    def cells(self, n: int, shells: NDArray, start: Start) -> list[Cell]:
        """The first cells at T = 0, graded at some radii: beyond the pivot, and the strip."""
        sides = pieces(_radius(self, shells))
        if len(sides) == 1:
            sides = pieces(np.array([0.5]))
        angles = 2 * n + 4 + max(round(3 * np.log2(self.pivot / (NEAR * self.scale))), 0)
        at_edge = self.pivot < start.edge_part * self.scale and not self.linear
        chart, innermost, radii = (BENT, n + 3, n) if at_edge else (OFFSET, 2 * n + 2, 2 * n - 1)
        return [
            Cell(chart, sides[0], WHOLE, (innermost, angles)),
            *(Cell(chart, side, WHOLE, (radii, angles)) for side in sides[1:]),
            Cell(SECOND, (0.0, 0.5), WHOLE, (2 * n, n - 1)),
            Cell(SECOND, (0.5, 1.0), WHOLE, (n + 3, n)),
            *self._above(n, shells, start),
            *(Cell(FIRST, side, WHOLE, order) for side, order in self._strip(n, start)),
        ]

    def _above(self, n: int, shells: NDArray, start: Start) -> list[Cell]:
        """The half-strip ω > p₁, graded from the largest of the radii down to the pivot."""
        if not len(shells):
            return [Cell(UPPER, WHOLE, WHOLE, (2 * n - 2, n - 1))]
        down = shells[-1] * start.shell_ratio ** -OCTAVES
        sides = pieces(self.pivot / down[down > self.pivot])
        return [
            Cell(UPPER, side, WHOLE, (2 * n - 2 if side[0] == 0 else n, n - 1)) for side in sides
        ]

    def low_cells(self, n: int, shells: NDArray, start: Start) -> list[Cell]:
        """The sum over the first frequencies, graded at some momenta beyond the pivot."""
        first, some = (0.0, float(LOW_COUNT)), low_order(self, n)
        return [
            *first_terms_along(LOW_BEYOND, self, n, pieces(_radius(self, shells))),
            *(Cell(LOW_COLUMN, first, side, (some, order[0]))
              for side, order in self._strip(n, start)),
        ]

    def line_cells(self, n: int, shells: NDArray) -> list[Cell]:
        """At one real energy, graded at some momenta beyond the pivot."""
        sides = pieces(_radius(self, shells))
        beyond = [Cell(LINE_BEYOND, WHOLE, side, (1, n)) for side in sides]
        return [*beyond, Cell(LINE_COLUMN, WHOLE, WHOLE, (1, n))]

    def _strip(
        self, n: int, start: Start
    ) -> list[tuple[tuple[float, float], tuple[int, int]]]:
        """Sides and orders at low frequencies, where waves of real p keep their phases 2k(p)d.

        Waves with momenta beyond those that are seen are turned round before they come in sight:
        what is left of them there has no phase.
        """
        around = self.around
        phase, across = 2 * self.pivot * around.reach, n + n // 2 + 5
        dark = float(_root(self, np.array(around.seen)))
        if dark:
            phase = min(phase, around.phase)
        count = int(np.clip(np.ceil(phase / start.strip_phase), 1, start.most_pieces))
        carrying = min(int(np.ceil(phase / count / np.pi)), start.most_for_phase)
        ends = np.linspace(dark, 1.0, count + 1)
        return [
            (side, ((carrying if side[1] > dark else DARK) + n + n // 2 - 4, across))
            for side in pieces(ends)
        ]


def _offset(path: Offset, u: NDArray, v: NDArray) -> Points:
    R, slope = about_corner(path.scale, u)
    angle = np.pi / 2 * v
    jacobian = path.direction * R * slope * np.pi / 2 * np.ones_like(v)
    return R * np.cos(angle), path.pivot + path.direction * R * np.sin(angle), jacobian


def _bent(path: Offset, u: NDArray, v: NDArray) -> Points:
    rho, slope = about_corner(path.scale, u)
    far, h = path.around.edge + rho, path.pivot
    omega = rho * (rho + 2 * h) / far
    rate = (2 * (rho + h) - omega) / far
    rest = (1 - v) * (1 + v)
    area = rate * rho * rest + 2 * omega * v**2
    return omega * rest, h + path.direction * rho * v, path.direction * area * slope


def _radius(path: Offset, q: NDArray) -> NDArray:
    return from_corner(q / path.scale)


def _first(path: Offset, u: NDArray, v: NDArray) -> Points:
    """The triangle ω < p₁ - p, with its apex at the pivot."""
    h = path.pivot
    delta = h * u**2 + 0 * v
    return delta * v**2, h - delta + 0j, 4 * h * h * u**3 * v


def _fine(path: Offset, side: tuple[float, float]) -> float:
    """v at the least ω at which a cell of `first` has structure.

    Cells are narrow in p where they were cut towards a state: it is as far from p as they are wide,
    and its energy from ε_F by the speed |dE/dp| ≤ 1, or less, times that.
    """
    a, b = side
    width = (b - a) * (b + a)
    return float(np.sqrt(LEAST_SPEED * width + path.floor / path.pivot) / b)


def _second(path: Offset, u: NDArray, v: NDArray) -> Points:
    """The triangle p₁ - p < ω < p₁, with its apex at the pivot."""
    h = path.pivot
    omega = h * u**2 + 0 * v
    return omega, h - omega * v + 0j, 2 * h * h * u**3 + 0 * v


def _upper(path: Offset, u: NDArray, v: NDArray) -> Points:
    """The half-strip ω > p₁."""
    h = path.pivot
    return h / u + 0 * v, h - (h * v + 0 * u) + 0j, h * h / u**2 + 0 * v


def _far(path: Offset, _: tuple[float, float]) -> float:
    """u at ω = S, beyond which an integrand falls: it is far where p₁ is small."""
    return path.pivot / path.scale


def _beyond(path: Offset, u: NDArray, v: NDArray) -> Points:
    q, slope = about_corner(path.scale, v)
    return 0 * u, path.pivot + path.direction * q, path.direction * slope


def _column(path: Offset, u: NDArray, v: NDArray) -> Points:
    return 0 * u, path.pivot * (1 - v) * (1 + v) + 0j, 2 * path.pivot * v


def _root(path: Offset, p: NDArray) -> NDArray:
    """The parameter of p = p₁(1 - u²)."""
    return np.sqrt(np.maximum(1 - p / path.pivot, 0.0))


def _low_beyond(path: Offset, omega: NDArray, v: NDArray) -> Points:
    return omega, *_beyond(path, omega, v)[1:]


def _low_column(path: Offset, omega: NDArray, v: NDArray) -> Points:
    return omega, *_column(path, omega, v)[1:]


OFFSET = Chart("offset", _offset)
BENT = Chart("bent", _bent, beyond=_radius)
FIRST = Chart("first", _first, resonant=0, towards=_root, fine=(None, _fine))
SECOND = Chart("second", _second)
UPPER = Chart("upper", _upper, fine=(_far, None))
LINE_BEYOND = Chart("line", _beyond, fixed=(True, False))
LINE_COLUMN = Chart(
    "line column", _column, fixed=(True, False), resonant=1, towards=_root, toward=1
)
LOW_BEYOND = Chart("low", _low_beyond, sums=True, joins=True)
LOW_COLUMN = Chart(
    "low column", _low_column, sums=True, joins=True, resonant=1, towards=_root, toward=1
)
