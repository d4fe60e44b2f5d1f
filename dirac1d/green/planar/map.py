r"""The current density of U(x, y): j(r) = (1/π)∫dω ∫dk/2π Re tr σG(r, r; ε_F + iω, k)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.green.integrate.watch import OutOfTime, Watch
from dirac1d.green.planar import linear
from dirac1d.green.planar.adaptive import Answer, answers
from dirac1d.green.planar.frequencies import Single
from dirac1d.green.planar.levels import Level, Levels, Nodes
from dirac1d.green.planar.settings import MAP_SETTINGS, MapSettings
from dirac1d.green.planar.sheets import CellSheets
from dirac1d.green.sources.step.leads import capped
from dirac1d.numerics.budget import Budget, Progress, check_within
from dirac1d.numerics.checks import check_rtol
from dirac1d.numerics.tasks import Kept, check_executor
from dirac1d.potentials.planar import Cell
from dirac1d.problem import Problem, check_problem
from dirac1d.results.map import (
    CurrentMap,
    MapSeries,
    check_grid,
    no_current,
    nothing_known,
    told,
)
from dirac1d.version import __version__

DEFAULT_RTOL = 1e-4
#: Accuracy of the first answer under a budget of time.
FIRST_RTOL = 1e-2
#: rtol from which a map begins with the first cut-off: with the second, error was 1/5 of the goal.
LOOSE = 5e-4
#: By so much a level is better than the one before, about: where a map begins at once.
_PER_LEVEL = 4.0


def current_map(
    problem: Problem,
    x: ArrayLike,
    y: ArrayLike,
    *,
    rtol: float | None = None,
    executor: Executor | None = None,
    store: str | Path | None = None,
    within: float | None = None,
    progress: Callable[[Progress], object] | None = None,
    settings: MapSettings = MAP_SETTINGS,
) -> CurrentMap:
    """The map of currents of a strip or a cell, from the continuum Green's function.

    Parameters
    ----------
    problem : Problem
        Of a `Strip` or a `Cell`.
    x, y : array_like, shape (nx,) and (ny,)
        Increasing positions.
    rtol : float, optional
        Accuracy of j at every pixel, relative to ``problem.current_scale``; 1e-4 by default.
    executor : concurrent.futures.Executor, optional
        Solves the nodes, frequencies times Bloch momenta: of processes, `dask` or `mpi4py.futures`
        too.
    store : str or Path, optional
        Folder. Every finished node is written there at once, and not computed again: after Ctrl-C
        the same call goes on from there. A damaged file is reported (`StoreWarning`).
    within : float, optional
        Seconds after which the best answer so far is returned, with its own error and a status
        that says so; where rtol asks for finer levels from the start, a first answer, good to 1e-2,
        is sought first. Ctrl-C does the same.
    progress : callable, optional
        Called with a `Progress` that counts nodes.

    Returns
    -------
    CurrentMap
        With ``engine="green"``; ``details`` tells nodes, harmonics, steps and what of the error is
        due to which.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the smallest matrices of use would be larger than
        `MapSettings.finest` or need more memory than `MapSettings.memory`.

    Warns
    -----
    AccuracyWarning
        If the error exceeds rtol somewhere; `status` says by how much.
    """
    check_problem(problem, planar=True, walls=True)
    if not problem.planar:
        raise ValueError(f"potential must be a Strip or a Cell, got {problem.potential!r:.200}: "
                         "currents of one dimension come from current_density")
    x, y = check_grid(x, y)
    rtol = check_rtol(DEFAULT_RTOL if rtol is None else rtol)
    check_executor(executor)
    seconds = check_within(within)
    levels = Levels(problem, x, y, settings)
    if problem.gap > 0:  # before U is looked at more closely
        check_size(levels)
    if problem.current_scale == 0.0:
        return no_current(problem, x, y, rtol, "green")
    watch = Watch(Budget(seconds), progress, rtol * problem.current_scale)
    workers = Workers.of(levels, executor, store)
    answer, nodes, stopped = best_answer(levels, rtol, problem.current_scale, workers, watch)
    return told(_map(nodes, answer, rtol), stopped)


@dataclass(frozen=True)
class Workers:
    """Who solves nodes, and where finished ones are kept."""

    executor: Executor | None
    kept: Kept | None

    @classmethod
    def of(cls, levels: Levels, executor: Any, store: str | Path | None) -> Workers:
        """Of a caller's arguments, or a ValueError."""
        return cls(check_executor(executor), Kept.at(store, lambda: {
            "problem": levels.problem.to_dict(), "engine": "green", "version": __version__}))


def check_size(levels: Levels) -> None:
    """Refuse what is too large for a first answer.

    Raises
    ------
    ValueError
        With what it would take, or what the waves of U alone would: its extremes take a while.
    """
    if levels.height is None:
        check_size(replace(levels, height=0.0))
    s, N, grid = levels.settings, levels.size(1), levels.grid(1)
    memory = 32.0 * len(grid.x[grid.inner]) * N**2
    if s.finest < N or memory > s.memory:
        raise ValueError(
            f"potential: U needs {N} harmonics in y at {len(grid.x[grid.inner])} positions, "
            f"{memory / 1e9:.2g} GB; at most {s.finest} harmonics and {s.memory / 1e9:.2g} GB are "
            "allowed (MapSettings): a shorter period or a smoother U does")


def best_answer(
    levels: Levels, rtol: float, scale: float, workers: Workers, watch: Watch,
    first: list[Single] | None = None,
) -> tuple[Answer | None, Nodes, str | None]:
    """The best answer, the nodes behind it, and why it is not the one asked for: rtol · scale."""
    stages = [rtol]
    # Where both begin at the same level the first answer to rtol comes as soon, and nothing twice.
    if watch.budget.seconds is not None and first_level(rtol) != first_level(FIRST_RTOL):
        stages = [FIRST_RTOL, rtol]
    best, stopped = None, None
    base = {stage: first_level(stage) for stage in stages}
    deepest = max(fineness for _, fineness in base.values()) + 3
    nodes = Nodes(levels, levels.sheets(deepest), rtol, watch, workers.executor, workers.kept)
    try:
        for stage in stages:
            nodes.rtol = stage
            for answer in answers(nodes, base[stage], stage * scale, first):
                error = float(np.max(answer.error[0]))
                if best is None or error < float(np.max(best.error[0])):
                    best = answer
                watch.done(0, error)
    except OutOfTime:
        stopped = f"stopped after {watch.budget.spent:.3g} s"
    except KeyboardInterrupt:
        if best is None:
            raise
        stopped = "interrupted"
    return best, nodes, stopped


def first_level(rtol: float) -> Level:
    """The level at which a map begins: cut-offs are one or two below the one expected to do."""
    # What few digits ask of steps, of the cut-off, and of momenta there, the first ones carry.
    level = max(1 + round(np.log(1e-3 / rtol) / np.log(_PER_LEVEL) / 2), 0) if rtol < LOOSE else 0
    return level, level


def _map(nodes: Nodes, answer: Answer | None, rtol: float) -> CurrentMap:
    """The map of an answer, with linear response and what is known of the leads."""
    levels, problem = nodes.levels, nodes.levels.problem
    x, y = levels.x, levels.y
    if answer is None:
        return nothing_known(problem, x, y, rtol, "green")
    floor = levels.settings.floor * problem.current_scale
    error = answer.error + np.array([floor, floor / problem.gap])[:, None, None]
    details = details_of(answer, problem.current_scale)
    series = None
    if isinstance(nodes.sheets, CellSheets):
        sheet = answer.sheet + _response_of_cell(nodes)
        sheet[nodes.sheets.halves[0], 0] = 0.0
        series = MapSeries(both_signs(sheet), nodes.sheets.lengths)
        details["mean_M"] = "set to 0"
    else:
        top = nodes.finest
        leads = tuple(-E_OVER_2H * capped(problem.fermi_energy - U, mass, problem.temperature)
                      for U, mass in leads_of(problem))
        sheet, details["missed_of_J_y"], spread = nodes.sheets.matched(
            answer.sheet + _response_of_strip(nodes, top), leads, levels.reach)
        error = error + spread[:, None, None]
    j_x, j_y, M = nodes.sheets.fields(sheet)
    return CurrentMap(x, y, M, j_x, j_y, error[0], error[1], "converged", "green", problem, rtol,
                      series, details)


def details_of(answer: Answer, scale: float) -> dict[str, Any]:
    """What was done, and how much of the largest error is due to which, over the scale."""
    return answer.details | {f"error_of_{name}": float(np.max(part[0])) / scale
                             for name, part in answer.parts.items()}


def _response_of_cell(nodes: Nodes) -> NDArray:
    """Linear response as a sheet."""
    sheets, problem = nodes.sheets, nodes.levels.problem
    masses, (q_x, q_y) = nodes.levels.masses, sheets.waves
    waves = waves_of(problem.potential, sheets.halves)
    return masses.part * waves * linear.of_all_frequencies(
        np.hypot(q_x[:, None], q_y), masses.size, problem.temperature)


def _response_of_strip(nodes: Nodes, level: int) -> NDArray:
    """Linear response as a sheet."""
    # On the positions of the march U's own edges would be missed, at every level alike.
    sheets, problem, grid = nodes.sheets, nodes.levels.problem, nodes.levels.fine_grid(level)
    q_y, masses = 2 * np.pi / sheets.period * np.arange(sheets.count), nodes.levels.masses
    kernel = masses.part * linear.of_all_frequencies(
        np.hypot(grid.waves[:, None], q_y), masses.size, problem.temperature)
    return sheets.sheet(grid, grid.respond(kernel), np.zeros(2))


def leads_of(problem: Problem) -> list[tuple[float, float]]:
    """U and Δ in both leads of a strip."""
    return [(problem.U_L, problem.mass_left), (problem.U_R, problem.mass_right)]


def waves_of(cell: Cell, halves: tuple[int, int]) -> NDArray:
    """A cell's own coefficients as a sheet."""
    (a, b), (A, N) = (n // 2 for n in cell.coefficients.shape), halves
    found = np.zeros((2 * A + 1, N + 1), dtype=complex)
    found[A - a : A + a + 1, : b + 1] = cell.coefficients[:, b:]
    return found


def both_signs(sheet: NDArray) -> NDArray:
    """Coefficients of all waves, from those with m ≥ 0."""
    sheet = sheet.copy()
    sheet[:, 0] = (sheet[:, 0] + np.conj(sheet[::-1, 0])) / 2
    return np.concatenate((np.conj(sheet[::-1, :0:-1]), sheet), axis=1)
