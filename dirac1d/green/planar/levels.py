"""The nodes of a map: what each level of resolution is, and every node computed once."""

from __future__ import annotations

import itertools
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.watch import Watch
from dirac1d.green.planar.beyond import Beyond
from dirac1d.green.planar.grid import Grid, cell_grid, strip_grid
from dirac1d.green.planar.masses import Masses, distance_of_states
from dirac1d.green.planar.node import CHIRAL, Found, Node, reach_of, solve
from dirac1d.green.planar.settings import MapSettings
from dirac1d.green.planar.sheets import CellSheets, Sheets, StripSheets
from dirac1d.green.planar.window import EDGE, WIDE_EDGE, Window
from dirac1d.numerics.tasks import Kept, pieces
from dirac1d.problem import Problem

#: Least part of 1/|Δ| and of the length on which U varies that a first step is.
_OF_MASS, _OF_LENGTH = 0.3, 0.25
#: And of the shortest of a strip's polynomials, of degree 15 to 1e-6: where U has an edge, levels
#: with longer steps agree with each other and not with the truth.
_OF_PANEL = 0.5
#: Where U meets a band, what steps miss falls with ω: by 10⁴ from 0.1 to 1.7 where |ε_F - U| goes
#: up to 4. So they grow by so much with ω over the largest |ε_F - U|, and as the channels come
#: closer to the true E; at most so much, h|ε_F - U| = 0.33: through a long uniform U marches were
#: stable up to 0.35, at ω = 0.1 to 2 |ε_F - U|, and not at 0.4. Puddles forgive 0.6.
_WITH_OMEGA, _LONGEST = 0.5, 1.5
#: A cell's S repeats itself to this part of rtol: both levels of a verification share it.
PERIODIC = 0.01
#: The same of a density: what is marched is larger than what is left beyond its linear response.
OF_A_DENSITY = 0.1
#: rtol from which single precision does: it leaves 1e-6 of j₀.
SINGLE = 3e-4
#: What it leaves of a node, over its size: 3e-7 of j₀ was measured.
SINGLE_LEAVES = 1e-6
#: Positions of a strip are so many times closer: splines need more than Fourier series do.
_OF_SPLINES = 2.0
#: Where the mass varies, the first P over the spacing of harmonics, at least, so that some of them
#: meet within the window's flat half: at 0.83 a claim of 6e-3 was missed by 1.1 times, at 1.3 the
#: error is a twentieth of it.
_OF_SPACING = 1.3
#: Positions in a strip's shortest panel, a polynomial of degree 15, that carry its gradients.
_LOCAL = 6
#: Positions of a strip at which linear response is known, at most.
MOST_POSITIONS = 30_000
#: From so many harmonics on, every point is a task by itself; smaller ones are taken together up to
#: so many elements of matrices, where NumPy's own overhead no longer counts.
_LARGE, _TOGETHER = 30, 20_000


@dataclass(frozen=True, eq=False)
class Levels:
    """Cut-offs of a problem, level by level, and its steps and positions, fineness by fineness.

    They are two ladders: what a cut-off leaves is 10⁴ times what steps leave where both begin.

    Attributes
    ----------
    problem : Problem
    x, y : ndarray
        Pixels.
    settings : MapSettings
    quantity : {"current", "charge", "spectral"}
    height : float, optional
        The largest |ε_F - U| if it need not be looked for.
    """

    problem: Problem
    x: NDArray
    y: NDArray
    settings: MapSettings
    quantity: str = "current"
    height: float | None = None

    # Looked for once: again and again they were a third of the work of a small strip.
    @cached_property
    def largest(self) -> float:
        """The largest |ε_F - U|."""
        if self.height is not None:
            return self.height
        low, high = self.problem.potential.extremes()
        return float(max(abs(self.problem.fermi_energy - low),
                         abs(self.problem.fermi_energy - high)))

    @cached_property
    def length_scale(self) -> float:
        """On which U and Δ vary."""
        return min(float(shape.length_scale) for shape in self.shapes)

    @cached_property
    def largest_wave(self) -> float:
        """The largest wave number along y that counts in a strip; a cell's length has it."""
        return max(float(getattr(shape, "largest_wave", 0.0)) for shape in self.shapes)

    @cached_property
    def masses(self) -> Masses:
        """What there is to know of Δ."""
        return Masses.of(self.problem)

    @property
    def shapes(self) -> list[Any]:
        """U, and δ if there is one."""
        change = self.masses.change
        return [self.problem.potential, *([] if change is None else [change])]

    @property
    def reach(self) -> tuple[float, float]:
        """The interval of x outside of which a strip is that of its leads."""
        ends = [shape.reach for shape in self.shapes]
        return min(a for a, _ in ends), max(b for _, b in ends)

    @cached_property
    def gap(self) -> float:
        """How far all states are from ε_F at least; 0 if U reaches a band or Δ crosses 0."""
        return distance_of_states(self.problem, self.masses, self.largest)

    @property
    def strength(self) -> float:
        """Of what is marched through: the largest |ε_F - U|, and |δ|."""
        return self.largest + self.masses.largest_change

    def cutoff(self, level: int) -> float:
        """P."""
        gap, wave = self.masses.largest, 1 / self.length_scale
        least = max(3.5 * gap, self.largest + self.settings.margin * gap, wave + 2 * gap)
        # A wave beyond P has the response of a gapped sea, in a metal too: no change shows it.
        least = max(least, self.largest_wave)
        if self.masses.change is not None:
            least = max(least, _OF_SPACING * 2 * np.pi / self.problem.potential.period)
        return float(least * self.settings.growth**level)

    def window(self, level: int) -> Window:
        """How harmonics end."""
        return Window(self.cutoff(level), EDGE if self.masses.change is None else WIDE_EDGE)

    def grid(self, fineness: int, omega: float = 0.0) -> Grid:
        """Positions, and steps for a frequency."""
        settings, shape = self.settings, self.problem.potential
        shrink = settings.shrink**fineness
        edge = min((np.min(np.diff(s.edges)) for s in self.shapes if hasattr(s, "edges")),
                   default=np.inf)
        wave = min(settings.step / max((1 + self.chiral) * self.strength, 1e-12),
                   _OF_LENGTH * self.length_scale)
        h = min(wave * self._longer(omega), _OF_MASS / self.masses.largest,
                _OF_PANEL * float(edge)) / shrink
        spacing = np.pi / (settings.spacing * self.cutoff(0)) / shrink
        if not hasattr(shape, "leads"):
            return cell_grid(shape, spacing, h).of_mass(self.masses.change)
        return self._strip_grid(spacing / _OF_SPLINES, h)

    @property
    def chiral(self) -> float:
        """Im E of the channels at ω = 0, over the strength of what is marched through."""
        return 0.0 if self.gap > 0 else CHIRAL

    def _longer(self, omega: float) -> float:
        """By how much steps are longer than at ω = 0."""
        if self.gap > 0:
            return 1.0
        part = omega / self.strength
        longer = (1 + _WITH_OMEGA * part) * (1 + CHIRAL) / max(1 + CHIRAL - part, 1.0)
        return min(longer, _LONGEST)

    def fine_grid(self, fineness: int) -> Grid:
        """Positions of a strip that carry all that its polynomials do: for linear response."""
        return self._grid_of_panels(fineness, max(s.coefficients.shape[1] for s in self.shapes))

    def local_grid(self, fineness: int) -> Grid:
        """Positions on which gradients are known, where those of a march would miss edges."""
        if not hasattr(self.problem.potential, "leads"):
            return self.grid(fineness)
        return self._grid_of_panels(fineness, _LOCAL)

    def _grid_of_panels(self, fineness: int, positions: int) -> Grid:
        """So many positions in the shortest panel, or those of the march, if they are closer."""
        grid = self.grid(fineness)
        spacing = max(min(float(np.min(np.diff(s.edges))) for s in self.shapes) / positions,
                      float(np.ptp(grid.x)) / MOST_POSITIONS)
        return self._strip_grid(min(spacing, grid.spacing), 1.0)

    def _strip_grid(self, spacing: float, h: float) -> Grid:
        window = float(self.x[0]), float(self.x[-1])
        pad = self.settings.pad / self.masses.largest
        return strip_grid(self.problem.potential, self.reach, spacing, h, pad, window).of_mass(
            self.masses.change)

    def size(self, level: int) -> int:
        """N."""
        return 2 * reach_of(self.cutoff(level), self.problem.potential.period) + 1

    def first_momenta(self, level: int) -> int:
        """Bloch momenta that resolve the edge of the harmonics: 1, or a multiple of 3."""
        spacing = 2 * np.pi / self.problem.potential.period
        found = spacing / (self.settings.resolved * self.cutoff(level))
        return 1 if found <= 1 else 3 * int(np.ceil(found / 3))

    def sheets(self, level: int) -> Sheets:
        """What holds all cut-offs, and waves in x, up to this one."""
        shape, N = self.problem.potential, (self.size(level) - 1) // 2 * 2
        charge = self.quantity == "charge"
        if hasattr(shape, "leads"):
            waves = max(s.coefficients.shape[2] // 2 for s in self.shapes)
            return StripSheets(shape.period, max(N, waves) + 1, self.x, self.y, charge)
        have = [max(s.coefficients.shape[i] // 2 for s in self.shapes) for i in (0, 1)]
        A = max(len(self.grid(level).x) // 2, have[0])
        return CellSheets(shape.lengths, (A, max(N, have[1])), self.x, self.y, charge)


def grid_of_momenta(count: int) -> list[float]:
    """Midpoints of the zone, in units of 2π/L; those of count are among those of 3·count."""
    return [round(float(k), 12) for k in (np.arange(count) + 0.5) / count - 0.5]


#: Which cut-off, and which fineness of steps.
Level = tuple[int, int]
Key = tuple[Level, float, float]


@dataclass(eq=False)
class Nodes:
    """Every node once: ((cut-off, fineness), ω, k) → sheet.

    Attributes
    ----------
    levels : Levels
    sheets : Sheets
    rtol : float
    watch : Watch
    executor : Executor, optional
    kept : Kept, optional
        Where finished nodes are kept, and found.
    known : dict
    missed : dict
        What the march of a node leaves, of each magnitude: see `Found.missed`.
    work : dict
        Counts of what was done.
    """

    levels: Levels
    sheets: Sheets
    rtol: float
    watch: Watch
    executor: Executor | None = None
    kept: Kept | None = None
    known: dict[Key, NDArray] = field(default_factory=dict)
    missed: dict[Key, NDArray] = field(default_factory=dict)
    grids: dict[tuple[int, int], Grid] = field(default_factory=dict)
    added: dict[tuple[int, int], NDArray] = field(default_factory=dict)
    work: dict[str, float] = field(default_factory=lambda: {
        "nodes": 0, "nodes_from_store": 0, "steps_times_N3": 0})

    def grid(self, fineness: int, omega: float = 0.0) -> Grid:
        """Each once: what it computes for a node serves the next."""
        grid = self.levels.grid(fineness, omega)
        return self.grids.setdefault((fineness, grid.per_position), grid)

    @property
    def finest(self) -> int:
        """The highest fineness of positions so far."""
        return max(fineness for fineness, _ in self.grids)

    def need(self, wanted: list[Key]) -> None:
        """Compute what is not known.

        Raises
        ------
        OutOfTime
            If the budget ended; what is done stays.
        """
        missing = sorted({key for key in wanted if key not in self.known})
        nodes = []
        for (level, grid), keys in itertools.groupby(
            missing, key=lambda key: (key[0], self.grid(key[0][1], key[1]))
        ):
            points = [key[1:] for key in keys]
            size = self._together(level, grid)
            nodes += [(level, self._node(level, grid, points[i : i + size]))
                      for i in range(0, len(points), size)]
        for i, arrays, new in pieces(
            solved, [(_name_of(node), node) for _, node in nodes], self.executor, self.kept,
            self.watch.check,
        ):
            (level, node), found = nodes[i], Found.of(arrays)
            for *point, rows, ends, size in zip(
                node.omegas, node.momenta, found.rows, found.ends, found.size, strict=True
            ):
                sheet = self.sheets.sheet(node.grid, rows, ends)
                self.known[level, *point] = sheet
                part = float(found.missed) + (SINGLE_LEAVES if node.single else 0.0)
                # Of all that was marched; the sheet is what is left beyond linear response.
                full = size / np.array([1.0, node.mass.largest])
                whole = self.sheets.whole(sheet)
                self.missed[level, *point] = part * np.maximum(whole, full[: len(whole)])
            if new:
                self.work["nodes"] += len(node.momenta)
                self.work["steps_times_N3"] += found.work * len(node.momenta)
            else:
                self.work["nodes_from_store"] += len(node.momenta)
            self.watch.done(len(node.momenta))

    def mean(self, level: Level, omega: float, count: int) -> NDArray:
        """Over a grid of Bloch momenta that is known."""
        return sum(self.known[level, omega, k] for k in grid_of_momenta(count)) / count

    def beyond(self, level: Level, count: int) -> NDArray | float:
        """What momenta beyond a cut-off add to a current of these Bloch momenta."""
        levels = self.levels
        if levels.masses.change is None or levels.quantity != "current":
            return 0.0
        at = level[0], count
        if at not in self.added:
            grid = levels.local_grid(level[1])
            rows = Beyond(
                grid, levels.masses, levels.problem.fermi_energy, levels.problem.temperature,
                levels.window(level[0]), count).rows(self.sheets.harmonics)
            self.added[at] = self.sheets.sheet(grid, rows, np.zeros(2))
        return self.added[at]

    def unrepeated(self, level: Level, omega: float, count: int) -> NDArray:
        """Mean of `missed` over a grid of Bloch momenta."""
        return sum(self.missed[level, omega, k] for k in grid_of_momenta(count)) / count

    def _together(self, level: Level, grid: Grid) -> int:
        """Points of one task: many where matrices are small."""
        N = self.levels.size(level[0])
        bytes_each = 32 * len(grid.x[grid.inner]) * N**2
        fit = max(int(self.levels.settings.memory // bytes_each), 1)
        return 1 if N >= _LARGE else min(fit, _TOGETHER // N**2)

    def _node(self, level: Level, grid: Grid, points: list[tuple[float, float]]) -> Node:
        p = self.levels.problem
        omegas, momenta = zip(*points, strict=True)
        # A density is less its linear response, which is larger than what is left of it.
        what = self.levels.quantity
        current = what == "current"
        periodic = PERIODIC * self.rtol * (1.0 if current else OF_A_DENSITY)
        chiral = self.levels.strength * self.levels.chiral
        return Node(grid, self.levels.masses, p.fermi_energy, chiral, omegas, momenta,
                    self.levels.window(level[0]), periodic, self.rtol >= SINGLE and current, what)


def solved(node: Node) -> dict[str, NDArray]:
    """What an executor is given to do."""
    return solve(node).arrays


def _name_of(node: Node) -> list[Any]:
    """A node among all of its problem's."""
    grid = node.grid
    return [float(grid.x[0]), len(grid.x), grid.per_position, grid.spacing, node.ends.cutoff,
            node.tolerance, node.single, node.quantity, node.fermi_energy, *node.omegas,
            *node.momenta]
