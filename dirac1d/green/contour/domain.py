"""The contour as a domain of the integrator: where (ω, p) are sampled, and with which weights."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import WHOLE, Chart, Path, divided, quadratic
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.matsubara import matsubara_cells
from dirac1d.green.contour.momentum import Momentum
from dirac1d.green.contour.narrow import FEWEST, Search, towards_states
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.contour.rows import (
    LOOKED_AT,
    Rows,
    along_row,
    candidates,
    opened,
    row_rule,
    slowest,
)
from dirac1d.green.integrate.contracts import Cell, Nodes, Source
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.settings import Settings, Start
from dirac1d.numerics.quadrature import (
    Rule,
    algebraic_tail,
    gauss_even,
    gauss_gram,
    gauss_legendre,
    gauss_sinh,
    midpoint_cosine,
    midpoint_end,
)

#: Frequencies from which a sum over 1/√ω is smooth.
FIRST_TERMS = 8
#: Part of a cell's nodes that each piece gets where it is cut towards a lead's band edge: between k
#: and 8k, κ = 0 is as close as k, at 45° where p is rotated by that, and rules of 7 and 8 nodes
#: then have the same error.
AT_AN_EDGE = 0.8


@dataclass(frozen=True)
class Contour:
    """Points (E, M) = (ε_F + iω, √(Δ² + p²)) on the charts of one path; weights carry 1/π²."""

    path: Path

    def place(self, cell: Cell) -> Nodes:
        """The points of a cell."""
        chart: Chart = cell.chart
        around = self.path.around
        if chart.rows:
            return self._rows(cell)
        if chart.sums:
            rule_u, first, weight_u, own = _frequencies(self.path, cell)
        else:
            rule_u = _rule(self.path, cell, 0)
            first = cell.u[0] + (cell.u[1] - cell.u[0]) * rule_u.nodes
            own = weight_u = (cell.u[1] - cell.u[0]) * rule_u.weights
        rule_v = _rule(self.path, cell, 1)
        v = (cell.v[0] + (cell.v[1] - cell.v[0]) * rule_v.nodes)[None, :]
        omega, p, jacobian = chart.map(self.path, first[:, None], v)
        omega = omega if chart.sums else omega + self.path.floor
        shape = (len(rule_u.nodes), len(rule_v.nodes))
        area = weight_u[:, None] * rule_v.weights * (cell.v[1] - cell.v[0]) * jacobian
        omega, p, area = (np.broadcast_to(q, shape).ravel() for q in (omega, p, area))
        rows_u = np.repeat(rule_u.basis * (own / weight_u), shape[1], axis=1)
        rows_v = np.tile(rule_v.basis, (1, shape[0]))
        analysis = np.concatenate((np.ones((1, len(area))), rows_u[1:], rows_v[1:]))
        M = np.sqrt(around.mass**2 + p * p + 0j)
        exact = (rule_u.exact or chart.fixed[0], chart.fixed[1])
        return Nodes(
            (around.fermi_energy + 1j * omega, M), area / np.pi**2, analysis, shape[0], exact,
            chart.resonant, _branch_rate(cell) if chart.joins else 0.0,
        )

    def _rows(self, cell: Cell) -> Nodes:
        """The points of rows, each with its own along p."""
        around, n_v = self.path.around, cell.n[1]
        if cell.chart.sums:
            rule, omega, weight, own = _frequencies(self.path, cell)
        else:
            rule, omega, weight = row_rule(cell)
            own = weight
        parts = [along_row(self.path, w, n_v, cell.v) for w in omega]
        count = np.array([len(p) for p, _, _ in parts])
        p, along = (np.concatenate(q) for q in list(zip(*parts, strict=True))[:2])
        rows_v = np.concatenate([basis for _, _, basis in parts], axis=1)
        rows_u = np.repeat(rule.basis * (own / weight), count, axis=1)
        return Nodes(
            (
                around.fermi_energy + 1j * np.repeat(omega, count),
                np.sqrt(around.mass**2 + p * p + 0j),
            ),
            np.repeat(weight, count) * along / np.pi**2,
            np.concatenate((np.ones((1, len(p))), rows_u[1:], rows_v[1:])),
            len(omega), (rule.exact, False), None,
            max(slowest(cell), _branch_rate(cell) if cell.chart.joins else 0.0), crowd=True,
        )

    def prepared(
        self, cells: list[Cell], source: Source, allowed: float, tolerance: float, watch: Watch
    ) -> list[Cell]:
        """Cells divided towards states that their nodes might miss."""
        search = Search(source, self.path, allowed, tolerance, watch)
        if isinstance(self.path, Rows):
            if not any(_is_first(cell) for cell in cells):
                return cells  # levels are where they were
            at = self._opening(search)
            cells = [
                part for cell in cells
                for part in (opened(self.path, cell, at) if _is_first(cell) else [cell])
            ]
            return towards_states(cells, replace(search, end=at * self.path.pivot))
        charts = [cell.chart for cell in cells]
        lines = any(chart.fixed[0] for chart in charts)
        single = any(chart.fixed[1] for chart in charts)
        return towards_states(cells, replace(search, lines=lines, single=single))

    def _opening(self, search: Search) -> float:
        """Part of the strip at whose end levels are farthest from ε_F."""
        p = candidates(self.path)
        eta = np.full(len(p), LOOKED_AT * self.path.spacing)
        return float(p[np.argmin(search.fifth_differences(p, eta))] / self.path.pivot)

    def split(self, cell: Cell, axis: int) -> list[Cell]:
        """Divide a cell along one axis; a Matsubara tail gives up its first two octaves."""
        lo, hi = (cell.u, cell.v)[axis]
        if cell.chart.rows and axis == 1:
            return [replace(cell, n=(cell.n[0], 2 * cell.n[1]))]
        if np.isinf(hi):
            middle = 4 * lo
        elif axis == 1 or not cell.chart.sums:
            middle = (lo + hi) / 2
            if axis == 0:  # where nodes are graded, in the middle of their octaves
                middle = min(middle, hi * np.sqrt(_grading(self.path, cell, axis)))
        elif hi - lo < 2:
            return [cell]
        else:  # towards low frequencies, where the structure is: ω ~ p² at a band edge
            middle = lo + max(1, int((hi - lo) // (4 if lo == 0 else 2)))
        if axis == 1:
            return [replace(cell, v=(lo, middle)), replace(cell, v=(middle, hi))]
        return [replace(cell, u=(lo, middle)), replace(cell, u=(middle, hi))]


def _is_first(cell: Cell) -> bool:
    """Whether it is a whole row down to ω = 0, or to the first frequency."""
    return bool(cell.chart.rows) and cell.u[0] == 0 and cell.v == WHOLE


def _rule(path: Path, cell: Cell, axis: int) -> Rule:
    """The one-dimensional rule on [0, 1] for one side of a cell."""
    side, n, chart = (cell.u, cell.v)[axis], cell.n[axis], cell.chart
    if side[0] == 0.0 and chart.even[axis]:
        return gauss_even(n)
    if axis == 1 and chart.angle and side == WHOLE:
        return midpoint_cosine(n)
    fine = _grading(path, cell, axis)
    return gauss_sinh(n, fine) if fine < 1 else gauss_legendre(n)


def _grading(path: Path, cell: Cell, axis: int) -> float:
    """To which part of a side that begins at 0 its nodes are graded; 1: they are not."""
    side, width = (cell.u, cell.v)[axis], cell.chart.fine[axis]
    if width is None or side[0] > 0:
        return 1.0
    return float(width(path, (cell.v, cell.u)[axis])) / side[1]


def _frequencies(path: Path, cell: Cell) -> tuple[Rule, NDArray, NDArray, NDArray]:
    """Rule, frequencies and weights for 2πT Σ_n over the cell's range of n.

    Last, the weights without the terms from the range's end, for the analysis.
    """
    (first, last), step = cell.u, path.around.step
    if np.isinf(last):
        rule = algebraic_tail(cell.n[0], 1.0 / first)
        weights = step * first * rule.weights
        return rule, step * first / rule.nodes, weights, weights
    length = int(last - first)
    rule = gauss_gram(cell.n[0], length)
    own = weights = step * length * rule.weights
    if cell.chart.joins and last == round(path.floor / step):  # beyond it there is an integral
        weights = own + step * midpoint_end(rule, length)
    return rule, step * (first + length * rule.nodes), weights, own


def _branch_rate(cell: Cell) -> float:
    """Rate of coefficients over a range of terms n, for a branch point at ω = 0, n = -1/2.

    Close to it are only sums that start at low temperatures, where states may have any energy.
    """
    first, last = cell.u
    distance = (2 * first + 1) / max(last - 1 - first, 1.0)
    return float(1 / (1 + distance + np.sqrt(distance * (distance + 2))))


def first_cells(
    path: Gap | Ray | Offset, settings: Settings, top: float, leads: tuple[float, ...] = ()
) -> list[Cell]:
    """Where refinement starts, graded up to the scale `top` of 1/x, and down to the |k| of `leads`.

    The orders grow with the digits asked. They are such that most problems need no refinement at
    all: the verification that follows takes fewer nodes, and that must still do. Too small an order
    costs a round, too large a one its nodes; neither costs accuracy.
    """
    start, n = settings.start, settings.order
    shells = _shells(path, top, start)
    if path.around.temperature > 0 and not path.floor:
        return matsubara_cells(path, n, float(shells[-1]), start)
    cells = path.cells(n, shells[:-1], start)
    if not isinstance(path, Gap) and path.floor:
        cells += path.low_cells(n, shells[:-1], start)
    return [
        part for cell in cells for part in divided(
            cell, *_towards_band_edge(cell.chart, path, leads, settings), FEWEST,
            of_nodes=AT_AN_EDGE,
        )
    ]


def _towards_band_edge(
    chart: Chart, path: Path, leads: tuple[float, ...], settings: Settings
) -> tuple[int, NDArray]:
    """Where a chart's cells are cut, a side and its parameters, towards a lead's band edge at ε_F.

    An integral over the lead has 1/κ², κ² ~ p² + 2ieω + k²: its part from |p| < k is of the order
    of k, and lies where the Jacobian vanishes, so that every rule misses the same of it. The like
    happens to charges (k²) and to currents (k³). Its sum over frequencies goes as Σ 1/√ω_n.
    """
    if chart.rows:  # all momenta at once, and first frequencies that are not cut at their edges
        return 0, np.zeros(0)
    low, ratio = float(quadratic(path, np.array(path.floor))), settings.start.shell_ratio
    if chart.joins:
        return 0, np.array([FIRST_TERMS]) if any(k < low for k in leads) else np.zeros(0)
    least = settings.claim.least_edge * settings.rtol * path.scale
    # Of both leads: the one whose edge is at ε_F itself must not hide the other's.
    k = min((q for q in np.hypot(leads, low).tolist() if q > least), default=np.inf)
    part = k / path.scale
    towards = chart.beyond or chart.towards
    if towards is None or part >= settings.start.edge_part:
        return 0, np.zeros(0)
    momenta = k * ratio ** np.arange(-np.log(part) / np.log(ratio))
    places = momenta if path.pivot > 0 else momenta**2 / (2 * path.around.edge)
    return chart.toward, towards(path, places)


def _shells(path: Path, top: float, start: Start) -> NDArray:
    """Radii at which cells end, up to where structure at 1/x is expected."""
    octaves = 0
    if top > path.scale:
        ratio = start.top_room * top / path.scale
        octaves = int(np.ceil(np.log(ratio) / np.log(start.shell_ratio)))
    return path.scale * start.shell_ratio ** np.arange(octaves + 1)


def line_cells(
    path: Ray | Offset, settings: Settings, top: float, edges: tuple[float, ...] = ()
) -> list[Cell]:
    """The first cells at one real energy, graded up to the scale `top` of 1/x.

    Where p stays real they end at momenta `edges`, too.

    Those are leads' Fermi momenta, where densities begin with a square root: a rule misses w^1.5 of
    it on a cell of width w that ends there.
    """
    ratio = settings.start.shell_ratio
    count = int(np.ceil(-np.log(settings.rtol) / (1.5 * np.log(ratio))))
    near = np.concatenate(([0.0], ratio ** -np.arange(1.0, count + 1)))
    places = np.ravel([k * (1 + side * near) for k in edges for side in (-1, 1)])
    cells = []
    for cell in path.line_cells(settings.order, _shells(path, top, settings.start)[:-1]):
        towards = cell.chart.towards
        at = np.zeros(0) if towards is None else towards(path, places)
        cells += divided(cell, cell.chart.toward, at, FEWEST)
    return cells


def momentum_cells(
    path: Path, p: float, settings: Settings, top: float
) -> tuple[Contour, list[Cell]]:
    """The contour of one momentum, and its first cells, graded up to the scale `top` of 1/x."""
    single = Momentum(path.around, path.scale, abs(p))
    shells = _shells(path, top, settings.start)[:-1]
    return Contour(single), single.cells(settings.order, shells, settings.start)
