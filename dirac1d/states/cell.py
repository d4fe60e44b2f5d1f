"""Engine "states" for cells: the map of currents from the plane waves of every Bloch momentum.

The sum is cut down in two ways, by the largest momentum P and by the grid of Bloch momenta k, and
both cuts are measured: what the grid does at the smallest P, where it is cheap, and what P does on
the grid that was found to suffice. (On a coarser one the difference of two P is not good enough: at
low T a level of a puddle that is not yet where it belongs answers to k in its own way.)
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.tasks import Kept, pieces
from dirac1d.potentials.planar import Cell
from dirac1d.problem import Problem
from dirac1d.results.map import CurrentMap, MapSeries, nothing_known
from dirac1d.states.plane_waves import (
    EFFORT,
    Momentum,
    excess,
    gapped_response,
    is_varying,
    memory,
    on_grid,
    order_of,
)
from dirac1d.states.work import Stopped, Work

#: Part of the largest wave that a wave has which must not be beyond all P.
_CARRIED = 1e-2


@dataclass(frozen=True)
class MapSettings:
    """The numbers of maps: limits, start, claim.

    Attributes
    ----------
    order : int
        Largest matrix that is diagonalised: 1.4 GB, a minute and a half in one thread.
    effort : float
        Work after which a run without ``within=`` ends, in seconds of a machine of 2020.
    grids : tuple of int
        Bloch momenta: so many cells long is the larger cell that a grid stands for, along the
        longer side.
    growth : float
        From one P to the next.
    first : float
        P of the first level, over |Δ|, at least; a local Fermi momentum and the root-mean-square
        wave number of U are exceeded by `margin`.
    margin : float
        Over |Δ|.
    share : float
        Part of the goal that the grid may leave.
    small : int
        Order of the first matrices, at least: small cells begin with a larger P.
    safety : float
        Factor on what is thought to be left: by P its last change, and from two changes on, as by
        grids, the geometric sum of those that would follow …
    fastest, slowest : float
        … at the rate that was measured, within these bounds (the first of P alone, which leaves
        P⁻⁵; grids at T = 0 in a metal may be as slow as the second).
    mixed : float
        The fastest of P where both U and Δ vary, which leaves P⁻³ and at first less steep a fall:
        on a dot of both, of width 2, an error of 1.3 times the claim was found without it.
    doubt : float
        Factor on the rate at which grids converge, from one change alone: the second is its square
        over the current, if what feels the cell's images decays like e^{-L/ℓ}, times this; with 12
        a cosine of a short period was found as far off as its error.
    trusted : int
        So many changes by grids are known before their rates are trusted to be the slowest.
    everywhere : float
        Part of the root-mean-square change that every pixel is given.
    floor : float
        Part of j₀ below which no error is claimed: rounding of ρ.
    """

    order: int = 6000
    effort: float = 600.0
    grids: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16, 24)
    growth: float = 1.25
    first: float = 4.0
    margin: float = 1.5
    share: float = 0.4
    small: int = 120
    safety: float = 1.5
    fastest: float = 0.4
    mixed: float = 0.64
    doubt: float = 30.0
    slowest: float = 0.9
    trusted: int = 3
    everywhere: float = 1.0
    floor: float = 1e-9


MAP_SETTINGS = MapSettings()


@dataclass(frozen=True, eq=False)
class Terms:
    """M_q beyond linear response, on a grid of wave numbers of its own, and what belongs to it."""

    values: NDArray
    divergence: float
    order: int
    momenta: int

    def on(self, halves: tuple[int, int]) -> NDArray:
        """On a common grid of wave numbers."""
        return on_grid(self.values, halves)


@dataclass
class Sums:
    """The sums over grids of Bloch momenta: each made once, by an executor or one by one."""

    problem: Problem
    work: Work
    executor: Executor | None
    kept: Kept | None = None
    known: dict[tuple[float, int], Terms] = field(default_factory=dict)

    @cached_property
    def cell(self) -> Cell:
        """The potential."""
        return self.problem.potential

    @property
    def mixed(self) -> bool:
        """Whether both U and Δ vary."""
        return isinstance(self.problem.mass, Cell) and is_varying(self.cell)

    def grid(self, n: int) -> list[tuple[float, float]]:
        """Momenta halfway between those of a cell n times as long, which is about square."""
        longest = n * max(self.cell.lengths)
        counts = [max(int(np.ceil(longest / L - 1e-9)), 1) for L in self.cell.lengths]
        kx, ky = ((np.arange(c) + 0.5) / c for c in counts)
        return [(float(a), float(b)) for a in kx for b in ky]

    def expected(self, cutoff: float, n: int) -> float:
        """Effort of a grid."""
        if (cutoff, n) in self.known:
            return 0.0
        return len(self.grid(n)) * EFFORT * float(order_of(self.cell.lengths, cutoff)) ** 3

    def __call__(self, cutoff: float, n: int) -> Terms:
        """The mean over a grid, shape of the largest grid of wave numbers among its momenta."""
        if (cutoff, n) not in self.known:
            p = self.problem
            tasks = [([cutoff, *k], Momentum(self.cell, p.mass, p.fermi_energy, p.temperature,
                                             cutoff, k)) for k in self.grid(n)]
            parts: list[Any] = [None] * len(tasks)
            for i, found, new in pieces(summed, tasks, self.executor, self.kept, self.work.check):
                parts[i] = found
                self.work.done(int(new), int(found["order"]), EFFORT, 0.0)
            halves = tuple(max(f["M"].shape[i] // 2 for f in parts) for i in (0, 1))
            values = sum(on_grid(f["M"], halves) for f in parts) / len(parts)
            self.known[cutoff, n] = Terms(
                values, sum(float(f["divergence"]) for f in parts) / len(parts),
                max(int(f["order"]) for f in parts), len(parts))
        return self.known[cutoff, n]


def summed(task: Momentum) -> dict[str, NDArray]:
    """What an executor is given to do, as a store keeps it."""
    M, divergence, order = excess(task)
    return {"M": M, "divergence": np.array(divergence), "order": np.array(order)}


@dataclass(frozen=True, eq=False)
class Found:
    """The best M_q so far (beyond linear response), with the changes that tell its error.

    Attributes
    ----------
    values : ndarray
    cutoff_change : ndarray, optional
        The last change by P; None before there are two.
    grid_change : ndarray, optional
        The last change by the grid.
    left, cutoff_left : float
        What the grid and P still leave, over their last changes.
    details : dict
    """

    values: NDArray
    cutoff_change: NDArray | None = None
    grid_change: NDArray | None = None
    left: float = np.inf
    cutoff_left: float = 1.0
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Pixels:
    """Where the map is asked for, and how M_q becomes values there."""

    cell: Cell
    mass: float | Cell
    x: NDArray
    y: NDArray

    def series(self, found: Found) -> MapSeries:
        """All of M: what was summed, and linear response for every wave (in a mass that varies
        nothing was taken out).
        """
        if isinstance(self.mass, Cell):
            return MapSeries(found.values, self.cell.lengths)
        halves = tuple(max(v.shape[i] // 2 for v in (found.values, self.cell.coefficients))
                       for i in (0, 1))
        q_x, q_y = (2 * np.pi / L * np.arange(-h, h + 1)
                    for L, h in zip(self.cell.lengths, halves, strict=True))
        U = on_grid(self.cell.coefficients, halves)
        M = on_grid(found.values, halves) + U * gapped_response(
            np.hypot(q_x[:, None], q_y), self.mass)
        M[halves] = 0.0
        return MapSeries(M, self.cell.lengths)

    def sizes(self, change: NDArray, everywhere: float) -> tuple[NDArray, NDArray]:
        """|δj| and |δM| at the pixels, with a part of their root mean square over the cell."""
        series = MapSeries(change, self.cell.lengths)
        q_x, q_y = series.waves
        weight = np.abs(change) ** 2
        mean = np.sqrt(np.sum(weight)), np.sqrt(
            np.sum(weight * (q_x[:, None] ** 2 + q_y**2)))
        x = self.x[:, None]
        return (np.hypot(*series.current(x, self.y)) + everywhere * mean[1],
                np.abs(series.magnetisation(x, self.y)) + everywhere * mean[0])


def cell_map(
    problem: Problem, x: NDArray, y: NDArray, rtol: float, work: Work, executor: Executor | None,
    kept: Kept | None, settings: MapSettings = MAP_SETTINGS,
) -> CurrentMap:
    """The map of currents of a cell, with no word yet on what was asked for.

    Raises
    ------
    ValueError
        If the smallest matrix that could be of use is larger than `MapSettings.order`: the message
        says how much memory and time it would take.
    """
    first = first_cutoff(problem, settings)
    check_size(problem.potential, first, settings)
    pixels = Pixels(problem.potential, problem.mass, x, y)
    found = _solve(Sums(problem, work, executor, kept), pixels, rtol, first, settings)
    return _result(problem, pixels, found, rtol, work, settings)


def first_cutoff(problem: Problem, settings: MapSettings = MAP_SETTINGS) -> float:
    """The smallest P that may be of use: beyond all local Fermi momenta and most waves of U."""
    low, high = problem.potential.extremes()
    gap = problem.gap
    deepest = max(abs(problem.fermi_energy - low), abs(problem.fermi_energy - high))
    shapes = [cell for cell in (problem.potential, problem.mass_profile) if cell]
    wave = max(map(_wave_number, shapes))
    # A wave beyond all P that are compared has a gapped sea's response, in a metal too: no change
    # shows it.
    seen = max(map(_largest_wave, shapes)) / settings.growth**2
    Lx, Ly = problem.potential.lengths
    small = np.sqrt(2 * np.pi * settings.small / (Lx * Ly))
    return float(max(settings.first * gap, deepest + settings.margin * gap,
                     wave + settings.margin * gap, small, seen))


def _largest_wave(cell: Cell) -> float:
    """The largest wave number that carries a part `_CARRIED` of the largest wave, or 0."""
    size, q = np.abs(cell.coefficients), np.hypot(cell.waves[0][:, None], cell.waves[1])
    size = np.where(q > 0, size, 0.0)
    return float(np.max(q[(size > 0) & (size >= _CARRIED * np.max(size))], initial=0.0))


def _wave_number(cell: Cell) -> float:
    """The root-mean-square wave number of a cell; 0 if it is flat."""
    q_x, q_y = cell.waves
    weight = np.abs(cell.coefficients) ** 2
    weight[weight.shape[0] // 2, weight.shape[1] // 2] = 0.0
    total = np.sum(weight)
    return float(np.sqrt(np.sum(weight * (q_x[:, None] ** 2 + q_y**2)) / total)) if total else 0.0


def check_size(cell: Cell, cutoff: float, settings: MapSettings = MAP_SETTINGS) -> None:
    """Refuse a cell whose smallest useful matrix is too large."""
    order = order_of(cell.lengths, cutoff)
    if order > settings.order:
        raise ValueError(
            f"potential: a cell of {cell.lengths[0]:g} x {cell.lengths[1]:g} with momenta up to "
            f"{cutoff:.3g} has matrices of order {order}, {memory(order) / 1e9:.2g} GB and "
            f"{EFFORT * float(order)**3 / 60:.2g} min for every Bloch momentum; engine 'states' "
            f"takes at most {settings.order}: use engine 'green', or a smaller cell")


def _solve(
    sums: Sums, pixels: Pixels, rtol: float, first: float, settings: MapSettings
) -> Found | None:
    """Grids at the first P, then larger P; the best that there is when the work ends."""
    best: list[Found] = []
    target = rtol * sums.problem.current_scale
    try:
        for found in _refined(sums, pixels, target, first, settings):
            best = [found]
            error = float(np.max(_errors(pixels, found, settings)[0]))
            sums.work.error = error / sums.problem.current_scale
            if error <= target:
                break
    except Stopped as reason:
        sums.work.stopped = str(reason)
    except KeyboardInterrupt:
        if not best:
            raise
        sums.work.stopped = sums.work.interrupted()
    return best[0] if best else None


def _refined(
    sums: Sums, pixels: Pixels, target: float, first: float, settings: MapSettings
) -> Iterable[Found]:
    """Better and better answers."""
    n, before, grid_change, left = _grids(sums, pixels, target, first, settings)
    yield Found(before.values, None, grid_change, left, details=_details(first, before))
    cutoff, sizes = first * settings.growth, []
    while order_of(sums.cell.lengths, cutoff) <= settings.order:
        _allow(sums, cutoff, n, settings)
        finer = sums(cutoff, n)
        halves = _halves(finer, before)
        change = finer.on(halves) - before.on(halves)
        sizes.append(float(np.max(pixels.sizes(change, settings.everywhere)[0])))
        fastest = settings.mixed if sums.mixed else settings.fastest
        after = max(1.0, fastest / (1 - fastest))
        if len(sizes) > 1:
            rate = float(np.clip(sizes[-1] / sizes[-2], fastest, settings.slowest))
            after = rate / (1 - rate)
        yield Found(finer.values, change, grid_change, left, after, _details(cutoff, finer))
        before, cutoff = finer, cutoff * settings.growth
    sums.work.stopped = f"at the largest matrices, of order {settings.order}"


def _grids(
    sums: Sums, pixels: Pixels, target: float, cutoff: float, settings: MapSettings
) -> tuple[int, Terms, NDArray, float]:
    """The grid that suffices, its sum, the last change, and what it leaves of it."""
    before = None
    fall = Fall(sums.problem.current_scale, settings)
    decay, longest = slowest_decay(sums.problem), max(sums.cell.lengths)
    for n, following in zip(settings.grids, (*settings.grids[1:], 0), strict=True):
        terms = sums(cutoff, n)
        if before is not None:
            halves = _halves(terms, before[1])
            change = terms.on(halves) - before[1].on(halves)
            size = float(np.max(pixels.sizes(change, settings.everywhere)[0]))
            left = fall.after(size, float(np.exp(-decay * longest * (n - before[0]))))
            enough = left * size <= settings.share * target
            if enough or not following or not _affordable(sums, cutoff, following, settings):
                return n, terms, change, left
        before = n, terms
    raise AssertionError("there are at least two grids")


def slowest_decay(problem: Problem) -> float:
    """1/ℓ of the slowest wave e^{-R/ℓ} from one image of a cell to the next: πT, or in the gap κ.

    Waves at the first Matsubara frequency decay by πT/v, v ≤ 1, where ε_F meets a band.
    """
    low, high = problem.potential.extremes()
    deepest = max(abs(problem.fermi_energy - low), abs(problem.fermi_energy - high))
    least = problem.gap
    if problem.mass_profile is not None:
        ends = problem.mass_profile.extremes()
        # Along walls between masses of opposite sign waves run at any energy.
        least = 0.0 if ends[0] <= 0 <= ends[1] else min(map(abs, ends))
    kappa = np.sqrt(max(least**2 - deepest**2, 0.0))
    return float(np.hypot(kappa, np.pi * problem.temperature))


@dataclass
class Fall:
    """How changes by finer grids fall, and what is left after the last.

    Where ε_F is in a band they oscillate as they fall: one that is small by accident is replaced by
    what the last would have become at the slower of the last two rates. What a few cold puddles see
    of their images is less than what shows at first, and falls more slowly: until that many changes
    are known, no rate is thought faster than that of the slowest wave.
    """

    scale: float
    settings: MapSettings
    last: float = np.inf
    rate: float = 0.0
    known: int = 0

    def after(self, size: float, least: float) -> float:
        """What is left after a change of this size, over it; no rate is less than `least`."""
        first = np.isinf(self.last)
        self.known += 1
        if self.known >= self.settings.trusted:
            least = 0.0
        measured = self.settings.doubt * size / self.scale if first else size / self.last
        slower = min(max(measured, self.rate, least), self.settings.slowest)
        envelope = size if first else max(size, slower * self.last)
        self.last, self.rate = envelope, min(measured, self.settings.slowest)
        return self.settings.safety * slower / (1 - slower) * envelope / max(size, 1e-300)


def _affordable(sums: Sums, cutoff: float, n: int, settings: MapSettings) -> bool:
    """Whether the work of a grid is still within a quarter of what a run may take."""
    if sums.work.budget.seconds is not None:
        # Measured, on this machine and under its load.
        spent, effort = sums.work.budget.spent, max(sums.work.effort, 1e-300)
        return sums.expected(cutoff, n) * spent / effort < sums.work.budget.left / 4
    return sums.expected(cutoff, n) < settings.effort / 4


def _allow(sums: Sums, cutoff: float, n: int, settings: MapSettings) -> None:
    """Raise `Stopped` before a grid that a run without ``within=`` has no room for."""
    if sums.work.budget.seconds is None and (
        sums.work.effort + sums.expected(cutoff, n) > settings.effort
    ):
        raise Stopped("stopped at the work of a default run (within= allows more)")


def _halves(*terms: Terms) -> tuple[int, int]:
    a, b = (max(t.values.shape[i] // 2 for t in terms) for i in (0, 1))
    return a, b


def _details(cutoff: float, terms: Terms) -> dict[str, Any]:
    return {"largest_momentum": cutoff, "order": terms.order, "bloch_momenta": terms.momenta,
            "divergence": terms.divergence, "mean_M": "set to 0"}


def _errors(pixels: Pixels, found: Found, settings: MapSettings) -> tuple[NDArray, NDArray]:
    """Bounds on the errors of j and M at the pixels; infinite where a cut was not measured."""
    shape = len(pixels.x), len(pixels.y)
    if found.cutoff_change is None or found.grid_change is None:
        return np.full(shape, np.inf), np.full(shape, np.inf)
    by_cutoff = pixels.sizes(found.cutoff_change, settings.everywhere)
    by_grid = pixels.sizes(found.grid_change, settings.everywhere)
    j, M = (settings.safety * found.cutoff_left * c + found.left * g
            for c, g in zip(by_cutoff, by_grid, strict=True))
    return j, M


def _result(
    problem: Problem, pixels: Pixels, found: Found | None, rtol: float, work: Work,
    settings: MapSettings,
) -> CurrentMap:
    """The map of what was found, with no word yet on what was asked for."""
    details = {"diagonalisations": work.diagonalisations}
    if found is None:
        made = nothing_known(problem, pixels.x, pixels.y, rtol, "states")
        return replace(made, details=details)
    series = pixels.series(found)
    M = series.magnetisation(pixels.x[:, None], pixels.y)
    j_x, j_y = series.current(pixels.x[:, None], pixels.y)
    floor = settings.floor * problem.current_scale
    j_error, M_error = _errors(pixels, found, settings)
    return CurrentMap(
        pixels.x, pixels.y, M, j_x, j_y, j_error + floor, M_error + floor / problem.gap,
        "converged", "states", problem, rtol, series, found.details | details,
    )
