"""Engine "states" for maps: which of its two ways a potential of x and y is solved."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from numpy.typing import ArrayLike

from dirac1d.numerics.budget import Budget, Progress, check_within
from dirac1d.numerics.checks import check_rtol
from dirac1d.numerics.tasks import Kept, check_executor
from dirac1d.potentials.planar import Cell
from dirac1d.problem import Problem, check_problem
from dirac1d.results.map import CurrentMap, check_grid, no_current, told
from dirac1d.states import cell
from dirac1d.states.open_strip import OpenStrip
from dirac1d.states.settings import DEFAULT_RTOL, Settings
from dirac1d.states.strip_map import STRIP_SETTINGS, check_strip, strip_map
from dirac1d.states.work import Work
from dirac1d.version import __version__


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
    settings: Settings | cell.MapSettings | None = None,
) -> CurrentMap:
    """The map of currents, from the plane waves of a cell or the resolvent of a strip.

    Parameters
    ----------
    problem : Problem
        Of a `Cell`; or of a `Strip` with a mass that is a number, at T > 0 or with ε_F in the gap
        of every U.
    x, y : array_like, shape (nx,) and (ny,)
        Increasing positions.
    rtol : float, optional
        Accuracy of j at every pixel, relative to ``problem.current_scale``; 1e-4 by default.
    executor : concurrent.futures.Executor, optional
        Does one Bloch momentum of a cell at a time, or some momenta and energies of a strip: of
        processes, `dask` or `mpi4py.futures` too.
    store : str or Path, optional
        Folder. What was summed is written there piece by piece, and not computed again: after
        Ctrl-C the same call goes on from there.
    within : float, optional
        Seconds after which the best answer so far is returned, with its own error and a status
        that says so. By default the work is limited, to ten minutes. Ctrl-C does the same.
    progress : callable, optional
        Called after each piece with a `Progress`.
    settings : optional
        The numbers of the method: `cell.MapSettings` of a cell, `Settings` of a strip.

    Returns
    -------
    CurrentMap

    Raises
    ------
    ValueError
        If an argument is not allowed, or the first answer that could be of use is out of reach: the
        message says how much memory and time it would take.

    Warns
    -----
    AccuracyWarning
        If the error exceeds rtol somewhere; `status` says by how much and why.
    """
    check_problem(problem, planar=True, walls=True)
    x, y = check_grid(x, y)
    rtol = check_rtol(DEFAULT_RTOL if rtol is None else rtol)
    seconds, executor = check_within(within), check_executor(executor)
    if isinstance(problem.potential, Cell):
        of_cell = cell.MAP_SETTINGS if settings is None else settings
        # Before the extremes of a cell are looked for, which takes a while if it is that large.
        cell.check_size(problem.potential, of_cell.first * problem.gap, of_cell)
    else:
        of_strip = STRIP_SETTINGS if settings is None else settings
        check_strip(problem)
    if problem.current_scale == 0.0:
        return no_current(problem, x, y, rtol, "states")
    kept = Kept.at(store, lambda: {
        "problem": problem.to_dict(), "engine": "states", "version": __version__})
    if isinstance(problem.potential, Cell):
        work = Work("auto", progress, Budget(seconds), goal=rtol, unlimited=True)
        made = cell.cell_map(problem, x, y, rtol, work, executor, kept, of_cell)
    else:
        work = Work("auto", progress, Budget(seconds), of_strip, seconds is not None, goal=rtol)
        made = strip_map(OpenStrip(problem, x, y, rtol, work, executor, kept))
    return told(made, work.stopped)
