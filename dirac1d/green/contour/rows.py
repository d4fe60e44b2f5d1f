r"""Many levels cross ε_F while p stays real: rows of constant ω, each along the whole path of p.

At ω > 0 the levels are poles at the distance ω/|dε/dp| ≥ ω from real p. A row's nodes are 2πω/n
apart, so that each node more of n makes all of its poles' errors smaller by one factor, however
narrow levels are and however many. The integral over p *as a whole*, F(ω), knows of no single
level: it is analytic in ω about 0 up to where a level (a band's edge) at p = 0 crosses ε_F, so that
Gauss rules in ω, or those of sums, serve down to ω = 0 without going there.

How close that is the rows do not see. ω ~ p² there: at T = 0 the corner p < p_o, ω < p_o²/e, in
which few levels cross ε_F, has two charts, with cells that end at them and at an edge. At T > 0 it
has rows: frequencies begin half a step from ω = 0, and what they hide is part of the claim.

row      p = p₁v, then p = p₁ + e^{±iα} (S + ω) v(v + b)/(1 - v)(1 + b) (1 + P)ᵛ, b = 4ω/S, with
         nodes on all scales up to the largest 1/x, P times S + ω
low row  the same at the first frequencies of a temperature
edge     p = p₁u, ω = (pv)²/e, and above edge: ω = (p₁u)²/e, p = p₁uv
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import LOW_COUNT, WHOLE, Chart, Surroundings
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import LEAST_SPEED, Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.settings import Start
from dirac1d.numerics.quadrature import Rule, gauss_even, gauss_legendre

#: Ratio of the frequencies at the ends of a row: 9^-n is a rule's error there.
RATIO = 4.0
#: Frequency over p₁ and 1/x, beyond which an expansion in 1/ω converges.
FAR = 1.5
#: Momenta among which one is chosen, and the frequency over the levels' spacing at which it is
#: looked for them there.
PLACES, LOOKED_AT = 49, 1 / 24
#: Rate of convergence in ω if a level, or a band's edge, is a fiftieth of the first row's end off
#: ε_F. Where the row begins, at the best of some momenta, levels are seldom as close.
LEVEL_RATE = 0.8
#: Most of the first row of frequencies over p₁: no level's distance from ε_F is of that order.
CROWD = 0.25
#: Nodes along p for each e-fold of momenta up to the largest 1/x.
EACH_SCALE = 2.0
#: Most nodes of one rule along p.
LONGEST = 64
#: Nodes along real p beside those for poles, over n.
SMOOTH = 0.4
#: Momentum over ω from which on nodes are graded towards the pivot: there are poles as close as ω.
LINEAR = 4.0
#: Distance of nodes along real p over ω/n: their error then falls by 0.6 or so with every n.
SPACING = 3 * np.pi


@dataclass(frozen=True)
class Rows(Offset):
    """An offset path, sampled row by row.

    `spacing` is that of levels about ε_F, and `top` the largest 1/x on which the answer varies.
    """

    spacing: float = 1.0
    top: float = 0.0
    name: ClassVar[str] = "rows"

    def cells(self, n: int, shells: NDArray, start: Start) -> list[Cell]:
        """The rows from the floor on; the last one to infinity."""
        far, ends = FAR * max(self.pivot, float(shells[-1]) if len(shells) else 0.0), [self.floor]
        ends.append(max(self.spacing, RATIO * self.floor))
        while ends[-1] < far:
            ends.append(RATIO * ends[-1])
        return [
            Cell(ROW, side, WHOLE, self.orders(n, side[0]))
            for side in itertools.pairwise([*ends, np.inf])
        ]

    def orders(self, n: int, omega: float) -> tuple[int, int]:
        """Nodes in ω and along p with which most verifications of a row from there are content."""
        return n + 1 + (omega == 0), 3 * n + round(EACH_SCALE * self.scales(omega))

    def scales(self, omega: float) -> float:
        """The logarithm of the scales that there are from S + ω on to the largest 1/x."""
        return float(np.log1p(self.top / (self.scale + omega)))

    def low_cells(self, n: int, shells: NDArray, start: Start) -> list[Cell]:
        """The sums over the first frequencies, up to the floor."""
        step = self.around.step
        first, last = first_terms(self.spacing, step), round(self.floor / step)
        counts = [0, first]
        while counts[-1] < last:
            counts.append(min(int(RATIO) * counts[-1], last))
        return [
            Cell(LOW_ROW, (float(a), float(b)), WHOLE, self.orders(n, a * step))
            for a, b in itertools.pairwise(counts)
        ]


def by_rows(path: Gap | Ray | Offset, apart: float, top: float = 0.0) -> Gap | Ray | Offset:
    """A path with its rows, if levels so far `apart` in energy are more than a few on its strip.

    `top` as in `Rows`.
    """
    if not isinstance(path, Offset) or apart > path.pivot:
        return path
    spacing = min(apart, CROWD * path.pivot)
    floor = rows_floor(path.around, spacing)
    return Rows(
        path.around, path.scale, path.direction, path.pivot, floor, spacing=spacing, top=top
    )


def first_terms(spacing: float, step: float) -> int:
    """Frequencies of the first row."""
    return max(int(np.ceil(spacing / step)), int(RATIO))


def rows_floor(around: Surroundings, spacing: float) -> float:
    """Where an integral may go on: after so many terms that Euler-Maclaurin's converge."""
    step = around.step
    return step * max(first_terms(spacing, step), LOW_COUNT) if step > 0 else 0.0


def slowest(cell: Cell) -> float:
    """Rate at which coefficients in ω fall at last where levels may be close to ε_F."""
    return LEVEL_RATE if cell.u[0] == 0 else 0.0


def row_rule(cell: Cell) -> tuple[Rule, NDArray, NDArray]:
    """The rule of a row's integral over ω, its frequencies and weights."""
    lo, hi = cell.u
    rule = gauss_legendre(cell.n[0])
    if np.isinf(hi):
        return rule, lo / rule.nodes, lo * rule.weights / rule.nodes**2
    return rule, lo + (hi - lo) * rule.nodes, (hi - lo) * rule.weights


def opened(path: Rows, cell: Cell, at: float) -> list[Cell]:
    """A first row cut at a part of the strip; below it low frequencies have cells of their own."""
    hi, (n_u, n_v) = cell.u[1], cell.n
    fewer, new = (max(n_u - 2, 1), n_v), [replace(cell, v=(at, 1.0))]
    if cell.chart.sums:  # whole terms, and not too few
        some = np.round([hi / RATIO**2, hi / RATIO]).tolist()
        ends = [0.0, *(end for end in some if RATIO <= end < hi), hi]
    else:
        low = (at * path.pivot) ** 2 / path.around.edge  # hi/2 at most: see `candidates`
        new += [Cell(chart, (0.0, at), WHOLE, (n_u, n_u)) for chart in (EDGE, ABOVE)]
        ends = [low, *([RATIO * low] if RATIO * low < hi else []), hi]
    return new + [
        replace(cell, u=side, v=(0.0, at), n=fewer) for side in itertools.pairwise(ends)
    ]


def candidates(path: Rows) -> NDArray:
    """Momenta at which the first row may be opened: few levels cross ε_F below them."""
    most = min(np.sqrt(path.around.edge * path.spacing / 2), path.pivot / 2)
    return np.linspace(most / 3, most, PLACES)


def along_row(
    path: Rows, omega: float, n: int, part: tuple[float, float] = WHOLE
) -> tuple[NDArray, NDArray, NDArray]:
    """The nodes of one row, or of a part of the strip; what has its end has also what lies beyond.

    Returns
    -------
    p, weights : ndarray of complex, shape (N,)
    basis : ndarray, shape (n, N)
        As of a `Rule` with n nodes: row k is the polynomial of the degree k/n of the numbers of
        nodes that there are, and of all rules along the row together.
    """
    lo, hi = part[0] * path.pivot, part[1] * path.pivot
    speed = min(1.0, 2 * hi / path.around.edge)  # at most, of a level's dε/dp
    many = int(np.ceil(n * ((hi - lo) * speed / (SPACING * omega) + SMOOTH)))
    pieces = int(np.ceil(many / LONGEST))
    each = int(np.ceil(many / pieces))
    rule = gauss_even(each) if pieces == 1 and lo == 0 else gauss_legendre(each)
    width = (hi - lo) / pieces
    p = (lo + width * (np.arange(pieces)[:, None] + rule.nodes)).ravel() + 0j
    weights, basis = np.tile(width * rule.weights, pieces) + 0j, np.tile(_some(rule, n), pieces)
    if part[1] < 1:
        return p, weights, basis
    outer, scale, linear = gauss_legendre(n + 2), path.scale + omega, LINEAR * omega / path.scale
    v, scales = outer.nodes, path.scales(omega)
    size = scale / (1 + linear) * np.exp(scales * v) / (1 - v)
    q, rate = size * v * (v + linear), scales + 1 / (1 - v)
    slope = size * (2 * v + linear) + q * rate
    beyond, slope = path.pivot + path.direction * q, path.direction * slope
    return (
        np.concatenate((p, beyond)),
        np.concatenate((weights, outer.weights * slope)),
        np.concatenate((basis, _some(outer, n)), axis=1),
    )


def _some(rule: Rule, n: int) -> NDArray:
    """So many of a rule's polynomials, evenly."""
    return rule.basis[np.arange(n) * len(rule.nodes) // n]


def _no_map(path: Rows, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    raise TypeError("a row's nodes are no map of a square")


def _edge(path: Rows, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Beside the axis, ω < p²/e."""
    p, e = path.pivot * u + 0 * v, path.around.edge
    return (p * v) ** 2 / e, p + 0j, 2 * path.pivot * p**2 * v / e


def _fine(path: Rows, side: tuple[float, float]) -> float:
    """As of the chart `first`, beside the axis: speeds are counted in p/e there."""
    a, b = side
    return float(np.sqrt(LEAST_SPEED * (b - a) / b))


def _above(path: Rows, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Above that, p² < eω."""
    q, e = path.pivot * u + 0 * v, path.around.edge
    return q**2 / e, q * v + 0j, 2 * path.pivot * q**2 / e


def _part(path: Rows, p: NDArray) -> NDArray:
    """The parameter of p = p₁u."""
    return p / path.pivot


def _octaves(path: Rows, p: NDArray) -> NDArray:
    """From the lowest one on: above the levels that cross ε_F only how close an edge is shows."""
    lowest = np.min(p[p > 0], initial=path.pivot) / path.pivot
    return lowest * 2.0 ** np.arange(np.ceil(-np.log2(lowest)))


EDGE = Chart("edge", _edge, even=(True, False), resonant=0, towards=_part, fine=(None, _fine))
ABOVE = Chart("above edge", _above, even=(True, True), towards=_octaves)
ROW = Chart("row", _no_map, rows=True)
LOW_ROW = Chart("low row", _no_map, rows=True, sums=True, joins=True)
