r"""The Fermi energy meets one band at most: p = q e^{∓iα} passes below (above) all singularities.

ray     ρ = S(1-u)/u, q = ρ v, ω = ρ²(1-v²)/(e+ρ): a band edge scales as ω ~ q²; even in v.
        Where no band is met in a lead but a wall's edge state is, ω ~ q: then e is 0 there
line    q = S v/(1-v) at ω = 0: a real energy
low     the same at the first frequencies of a low temperature
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import LOW_COUNT, WHOLE, Chart, Surroundings, pieces, quadratic
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.settings import Start


@dataclass(frozen=True)
class Ray:
    """p = q · direction. `nearest` is the smallest |ε_F - U| in units of |Δ|.

    `linear`: at the corner ω goes as q.
    """

    around: Surroundings
    scale: float
    direction: complex
    nearest: float
    floor: float = 0.0
    linear: bool = False
    pivot: ClassVar[float] = 0.0
    name: ClassVar[str] = "ray"

    @property
    def bend(self) -> float:
        """e of ω = ρ²(1-v²)/(e+ρ)."""
        return 0.0 if self.linear else self.around.edge

    @property
    def waves(self) -> bool:
        """Whether the Fermi energy lies in a band somewhere; only then p leaves the real axis."""
        return self.direction.imag != 0

    def cells(self, n: int, shells: NDArray, start: Start) -> list[Cell]:
        """The first cells at T = 0, graded at some radii."""
        sides = pieces(1 / (1 + shells / self.scale))
        orders = self._orders(n, len(sides), start)
        return [Cell(RAY, u, WHOLE, o) for u, o in zip(sides, orders, strict=True)]

    def low_cells(self, n: int, shells: NDArray, start: Start) -> list[Cell]:
        """The sum over the first frequencies, graded at some momenta."""
        return first_terms_along(LOW, self, n, pieces(_along(self, shells)))

    def line_cells(self, n: int, shells: NDArray) -> list[Cell]:
        """At one real energy, graded at some momenta."""
        return [Cell(LINE, WHOLE, side, (1, n)) for side in pieces(_along(self, shells))]

    def _orders(self, n: int, count: int, start: Start) -> list[tuple[int, int]]:
        """Nodes of the cells, from the outermost to the innermost, that of the waves."""
        less = max(10 - n, 0)
        if not self.waves:
            if count == 1:
                return [(2 * n + 12, 2 * n - 4)]
            return [(n, n + 1), *[(n + 2, n + 1)] * (count - 2), (2 * n + 8, n)]
        reflected = self.nearest < start.reflection
        if count == 1:
            if not reflected:
                return [(2 * n + 12 - 2 * less, 2 * n - 3)]
            phase = 2 * self.around.largest_momentum * self.around.reach
            few = self.nearest < 1 and phase < start.few_waves
            return [(2 * n + 12 - (less if few else 0), 2 * n - 2)]
        outer, inner = (n, 2 * n - 2), (n + 2, 2 * n - 4)
        if reflected:
            outer, inner = (n + 1, 2 * n - 1), (n + 3, 2 * n - 3)
        return [outer, *[inner] * (count - 2), (n + n // 2 + 3, n)]


def first_terms_along(
    chart: Chart, path: Ray, n: int, sides: list[tuple[float, float]]
) -> list[Cell]:
    """The cells of the first frequencies along momenta without end: the first has the waves."""
    some = low_order(path, n)
    orders = [(some, 2 * n - 2), *[(least_order(n), n)] * (len(sides) - 1)]
    if len(sides) == 1:
        orders = [(some, 3 * n - 5)]
    first = 0.0, float(LOW_COUNT)
    return [Cell(chart, first, v, order) for v, order in zip(sides, orders, strict=True)]


def low_order(path: Ray, n: int) -> int:
    """Frequencies sampled of the first ones: few if no wave changes among them."""
    change = 2 * path.floor * path.around.reach
    return int(np.clip(2 + 2 * np.ceil(np.log2(1 + 4 * change)), least_order(n), 14))


def least_order(n: int) -> int:
    """Frequencies sampled of the first ones at least."""
    return max(4, n // 2 + 1)


def _ray(path: Ray, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    rho, e = path.scale * (1 - u) / u, path.bend
    rest = (1 - v) * (1 + v)
    area = rho**2 / (e + rho) * (rest * (2 * e + rho) / (e + rho) + 2 * v**2)
    return (
        rho**2 * rest / (e + rho),
        path.direction * rho * v,
        path.direction * area * path.scale / u**2,
    )


def _line(path: Ray, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    slope = path.scale / (1 - v) ** 2
    return 0 * u, path.direction * path.scale * v / (1 - v), path.direction * slope


def _low(path: Ray, omega: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    return omega, *_line(path, omega, v)[1:]


def _radius(path: Ray, omega: NDArray) -> NDArray:
    """u at ω = ρ²/(e + ρ)."""
    rho = (omega + np.sqrt(omega**2 + 4 * omega * path.bend)) / 2
    return path.scale / (path.scale + rho)


def _fraction(path: Ray, omega: NDArray) -> NDArray:
    """v at q = √(2eω)."""
    return _along(path, quadratic(path, omega))


def _along(path: Ray, q: NDArray) -> NDArray:
    return q / (path.scale + q)


RAY = Chart("ray", _ray, even=(False, True), towards=_radius)
LINE = Chart("line", _line, fixed=(True, False), towards=_fraction, toward=1)
LOW = Chart("low", _low, sums=True, joins=True, towards=_fraction, toward=1)
