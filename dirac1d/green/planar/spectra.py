r"""Maps of the charge density, and of the current at one energy.

.. math:: n(r) = \frac{1}{π}\int_0^∞dω\,\Re\,\mathrm{tr}\,G(r, r; ε_F + iω), \qquad
          j^ε(r) = -\frac{1}{π}\Im\,\mathrm{tr}\,σG(r, r; ε + iη).

The first by the same integral as the current, its linear response cured alike
(`linear_charge`); the second at the one complex energy ε + iη.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.planar import linear, linear_charge
from dirac1d.green.planar.adaptive import Answer
from dirac1d.green.planar.frequencies import Single
from dirac1d.green.planar.levels import PERIODIC, Levels, Nodes
from dirac1d.green.planar.map import (
    Workers,
    best_answer,
    both_signs,
    check_size,
    details_of,
    leads_of,
    waves_of,
)
from dirac1d.green.planar.node import MOST_PERIODS
from dirac1d.green.planar.settings import MAP_SETTINGS, MapSettings
from dirac1d.green.planar.sheets import CellSheets
from dirac1d.numerics.budget import Budget, Progress, check_within
from dirac1d.numerics.checks import check_rtol, finite_number, positive_number
from dirac1d.numerics.estimate import Estimates
from dirac1d.problem import Problem, check_problem
from dirac1d.results.map import MapSeries, check_grid
from dirac1d.results.record import said
from dirac1d.results.spectral_map import SpectralMap

DEFAULT_RTOL = 1e-3
#: Width of a line in energy if nothing is said, in |Δ|.
DEFAULT_WIDTH = 0.05


def charge_map(
    problem: Problem,
    x: ArrayLike,
    y: ArrayLike,
    *,
    rtol: float = DEFAULT_RTOL,
    executor: Executor | None = None,
    store: str | Path | None = None,
    within: float | None = None,
    progress: Callable[[Progress], object] | None = None,
    settings: MapSettings = MAP_SETTINGS,
) -> Estimates:
    """The charge density n(x, y), in number of electrons per area above local neutrality.

    A uniform system of mass Δ has sgn(e)(e² - Δ²)θ(e² - Δ²)/4π, e = ε_F - U, at T = 0; what a
    polarised vacuum adds in the gap is included.

    Parameters
    ----------
    problem : Problem
        Of a `Strip` or a `Cell`.
    x, y : array_like, shape (nx,) and (ny,)
        Increasing positions.
    rtol : float
        Accuracy at every pixel, relative to (|Δ| + max|ε_F - U|)²/4π.
    executor, store, within, progress : optional
        As of `current_map`.

    Returns
    -------
    Estimates, shape (nx, ny)
        An array with ``.error`` and ``.status``.

    Raises
    ------
    ValueError
        If an argument is not allowed, the mass is zero, or the problem is too large.

    Warns
    -----
    AccuracyWarning
        If the error exceeds rtol somewhere; the status says by how much.

    Examples
    --------
    >>> import dirac1d as dd
    >>> problem = dd.Problem(dd.disorder(0.8, 1.0, (4.0, 4.0), seed=2), temperature=0.2)
    >>> n = dd.charge_map(problem, [0.0, 1.0, 2.0], [0.0, 2.0], rtol=1e-2)
    >>> n.shape, n.status
    ((3, 2), 'converged')
    """
    levels, rtol, seconds = _checked(problem, x, y, rtol, within, settings, "charge")
    scale = (problem.gap + levels.largest) ** 2 / (4 * np.pi)
    watch = Watch(Budget(seconds), progress, rtol * scale)
    workers = Workers.of(levels, executor, store)
    answer, nodes, stopped = best_answer(levels, rtol, scale, workers, watch)
    if answer is None:
        zero = np.zeros((len(levels.x), len(levels.y)))
        return Estimates(zero, zero + np.inf, said(np.inf, rtol, stopped, stacklevel=4))
    n = nodes.sheets.fields(answer.sheet + _charge_of_the_sea(nodes))[0]
    error = answer.error[0] + settings.floor * scale
    return Estimates(n, error, said(float(np.max(error)) / scale, rtol, stopped, stacklevel=4))


def _checked(
    problem: Problem, x: ArrayLike, y: ArrayLike, rtol: float, within: float | None,
    settings: MapSettings, quantity: str,
) -> tuple[Levels, float, float | None]:
    """Levels, rtol and seconds, or a ValueError."""
    check_problem(problem, planar=True, walls=True)
    if not problem.planar:
        raise ValueError(f"potential must be a Strip or a Cell, got {problem.potential!r:.200}")
    if problem.gap == 0:
        raise ValueError("mass must not be zero: massless electrons are not done here")
    x, y = check_grid(x, y)
    levels = Levels(problem, x, y, settings, quantity)
    check_size(levels)
    return levels, check_rtol(rtol), check_within(within)


def _charge_of_the_sea(nodes: Nodes) -> NDArray:
    """Linear response as a sheet."""
    sheets, problem = nodes.sheets, nodes.levels.problem
    shape, (mass, T) = problem.potential, (nodes.levels.masses.size, problem.temperature)
    uniform = float(linear_charge.of_all_frequencies(np.zeros(1), mass, T)[0])
    if isinstance(sheets, CellSheets):
        q_x, q_y = sheets.waves
        found = waves_of(shape, sheets.halves)
        found[sheets.halves[0], 0] -= problem.fermi_energy
        return found * linear_charge.of_all_frequencies(np.hypot(q_x[:, None], q_y), mass, T)
    grid = nodes.levels.fine_grid(nodes.finest)
    q_y = 2 * np.pi / sheets.period * np.arange(sheets.count)
    kernel = linear_charge.of_all_frequencies(np.hypot(grid.waves[:, None], q_y), mass, T)
    rows = grid.respond_in_charge(kernel, uniform, problem.fermi_energy)
    return sheets.sheet(grid, rows, np.zeros(2))


def energy_resolved_map(
    problem: Problem,
    x: ArrayLike,
    y: ArrayLike,
    energy: float,
    *,
    width: float | None = None,
    rtol: float = DEFAULT_RTOL,
    executor: Executor | None = None,
    store: str | Path | None = None,
    within: float | None = None,
    progress: Callable[[Progress], object] | None = None,
    settings: MapSettings = MAP_SETTINGS,
) -> SpectralMap:
    """j^ε(x, y) = dj/dε_F: the current of the states at one energy, as wide as `width`.

    The levels of puddles are (nearly) discrete, so that j^ε at a sharp energy is not a function to
    draw; what is returned is its mean over the Lorentzian (η/π)/((ε - ε')² + η²), η = `width`. In
    the smooth limit it runs on the lines of stopping points, U = ε ± |Δ| (SR Eq. 15).

    Parameters
    ----------
    problem : Problem
        Of a `Strip` or a `Cell`. Its Fermi energy and temperature play no role.
    x, y : array_like, shape (nx,) and (ny,)
        Increasing positions.
    energy : float
    width : float, optional
        Half the width at half the height; |Δ|/20 by default. A cell's must not be too small for
        its reflection matrix to repeat itself: the message says how small it may be.
    rtol : float
        Accuracy of j^ε at every pixel, relative to j₀/|Δ|.
    executor, store, within, progress : optional
        As of `current_map`.

    Returns
    -------
    SpectralMap
        M^ε, and j^ε = (∂_yM^ε, -∂_xM^ε) with an error for every pixel.

    Raises
    ------
    ValueError
        If an argument is not allowed, the mass is zero, or the problem is too large.

    Warns
    -----
    AccuracyWarning
        If the error exceeds rtol somewhere; the status says by how much.
    """
    check_problem(problem, planar=True, walls=True)
    # Its energy and its temperature are no part of the question.
    sharp = replace(problem, fermi_energy=finite_number("energy", energy), temperature=0.0)
    levels, rtol, seconds = _checked(sharp, x, y, rtol, within, settings, "spectral")
    eta = DEFAULT_WIDTH * problem.gap if width is None else positive_number("width", width)
    if not hasattr(problem.potential, "leads"):
        _check_width(eta, problem.potential.lengths[0], rtol)
    scale = problem.current_scale / problem.gap or 1.0
    watch = Watch(Budget(seconds), progress, rtol * scale)
    workers = Workers.of(levels, executor, store)
    answer, nodes, stopped = best_answer(levels, rtol, scale, workers, watch, [Single(eta)])
    return _spectral_map(nodes, answer, problem, eta, rtol, scale, stopped)


def _check_width(eta: float, length: float, rtol: float) -> None:
    """Refuse a width at which a cell's S would not repeat itself within `MOST_PERIODS`."""
    least = -np.log(PERIODIC * rtol) / (2 * length * MOST_PERIODS)
    if eta < least:
        raise ValueError(f"width must be at least {least:.2g} in a cell of {length:g} at rtol = "
                         f"{rtol:g}, got {eta:g}")


def _spectral_map(
    nodes: Nodes, answer: Answer | None, problem: Problem, eta: float, rtol: float, scale: float,
    stopped: str | None,
) -> SpectralMap:
    """The map of an answer, with what is known of the leads."""
    levels = nodes.levels
    x, y, energy = levels.x, levels.y, levels.problem.fermi_energy
    if answer is None:
        fields = np.zeros((3, len(x), len(y)))
        error, details, series = np.full((2, len(x), len(y)), np.inf), {}, None
    else:
        error, details, series = answer.error, details_of(answer, scale), None
        sheet = answer.sheet + _response_to_mass(nodes, eta)
        if isinstance(nodes.sheets, CellSheets):
            sheet[nodes.sheets.halves[0], 0] = 0.0
            series = MapSeries(both_signs(sheet), nodes.sheets.lengths)
        else:
            leads = tuple(-E_OVER_2H * smooth_share(energy - U, mass, eta)
                          for U, mass in leads_of(problem))
            sheet, missed, spread = nodes.sheets.matched(sheet, leads, levels.reach)
            error, details["missed_of_J_y"] = error + spread[:, None, None], missed
        fields = nodes.sheets.fields(sheet)
    status = said(float(np.max(error[0])) / scale, rtol, stopped, stacklevel=4)
    j_x, j_y, M = fields
    return SpectralMap(x, y, energy, eta, M, j_x, j_y, error[0], error[1], status, "green",
                       problem, rtol, series, details)


def _response_to_mass(nodes: Nodes, eta: float) -> NDArray | float:
    """Linear response to a change of the mass, as a sheet."""
    masses = nodes.levels.masses
    if masses.change is None:
        return 0.0
    sheets, factor = nodes.sheets, linear.of_mass(eta, masses.size) / np.pi
    if isinstance(sheets, CellSheets):
        q_x, q_y = sheets.waves
        kernel = linear.exact(np.hypot(q_x[:, None], q_y), eta, masses.size)
        return factor * kernel * waves_of(masses.change, sheets.halves)
    grid = nodes.levels.fine_grid(nodes.finest)
    q_y = 2 * np.pi / sheets.period * np.arange(sheets.count)
    kernel = linear.exact(np.hypot(grid.waves[:, None], q_y), eta, masses.size)
    return sheets.sheet(grid, factor * grid.change.respond(kernel), np.zeros(2))


def smooth_share(s: float, mass: float, width: float) -> float:
    """dc/ds of SR Eq. (12), a step of height sgn Δ on |s| < |Δ|, over a Lorentzian."""
    gap = abs(mass)
    return float(np.sign(mass) * (np.arctan((gap - s) / width) + np.arctan((gap + s) / width))
                 / np.pi)
