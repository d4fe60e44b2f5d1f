"""Engine "states": j_y(x) as a sum over the occupied eigenstates of the chain.

j_y(x) = ∫ dp_y/2π Σ_i n_F(ε_i) (u_i² - v_i²): the density on the sublattice A less that on B. The
whole Dirac sea is summed; a full chain carries no current (u² and v² both sum to one), so n_F - ½
is used.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.budget import Budget, Progress, check_within
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem, check_problem
from dirac1d.results.profile import Profile
from dirac1d.results.radial import RadialProfile
from dirac1d.results.record import AccuracyWarning
from dirac1d.states.assemble import Solved
from dirac1d.states.frame import frame_of, moved, rounding_of
from dirac1d.states.periodic import periodic_current
from dirac1d.states.radial import radial_current
from dirac1d.states.resolution import crowd_radii
from dirac1d.states.settings import DEFAULT, DEFAULT_RTOL, Settings
from dirac1d.states.strip import points_for
from dirac1d.states.windows import Found, Task, expected_effort, solve_windows
from dirac1d.states.work import Work

SOLVERS = ("auto", "tridiagonal", "sparse")


def current_density(
    problem: Problem,
    x: Any,
    *,
    rtol: float | None = None,
    solver: str = "auto",
    within: float | None = None,
    progress: Callable[[Progress], object] | None = None,
    settings: Settings | None = None,
) -> Profile | RadialProfile:
    """The equilibrium anomalous Hall current density from the lattice's eigenstates.

    Parameters
    ----------
    problem : Problem
        A step between leads, a periodic potential, or a circle.
    x : array_like, shape (n,)
        Increasing positions (radii of a circle); they are not tied to the lattice.
    rtol : float, optional
        Accuracy relative to ``problem.current_scale``; 1e-4 by default.
    solver : {"auto", "tridiagonal", "sparse"}
        ``"sparse"``: shift-invert `scipy.sparse.linalg.eigsh` on slices of the spectrum, certified
        by inertia counts. ``"tridiagonal"`` and ``"auto"``: LAPACK's tridiagonal driver.
    within : float, optional
        Seconds after which the best answer so far is returned, with its own error and a status
        that says so; ``inf`` for as long as it takes. By default the work is limited, to about a
        minute (`Limits.effort`). Ctrl-C does the same.
    progress : callable, optional
        Called after each diagonalisation with a `Progress`: an int, 1, with ``error`` and ``goal``
        (over j₀), ``work`` (diagonalisations) and ``seconds``.
    settings : Settings, optional
        The numbers of the method.

    Returns
    -------
    Profile or RadialProfile
        j_y/e at x, j_φ/e of a circle (ħ = v_F = 1); its `error` bounds, point by point, the
        truncations in spacing, momentum and box. Where a stopped run knows nothing j_y is 0 and
        its error infinite.

    Raises
    ------
    ValueError
        If x is not increasing and finite, or rtol, solver or within is not allowed.
    KeyboardInterrupt
        If the user interrupts before there is an answer.

    Warns
    -----
    AccuracyWarning
        If the error estimate exceeds rtol somewhere; `status` says by how much and why.
    """
    if check_problem(problem, walls=True).periodic:
        if solver != "auto":
            raise ValueError(f"solver is not an option of periodic potentials, got {solver!r}")
        return periodic_current(
            problem, x, rtol=rtol, within=within, progress=progress, settings=settings
        )
    x = x if problem.circular else check_positions(x)
    rtol = check_rtol(DEFAULT_RTOL if rtol is None else rtol)
    seconds = check_within(within)
    settings = DEFAULT if settings is None else settings
    if solver not in SOLVERS:
        raise ValueError(f"solver must be one of {', '.join(SOLVERS)}, got {solver!r}")
    work = Work(
        solver, progress, Budget(seconds), settings, within is not None,
        goal=rtol * problem.current_scale,
    )
    if problem.circular:
        return _warned(radial_current(problem, x, rtol, work))
    if problem.current_scale == 0.0:
        return _no_current(problem, x, rtol)
    frame = frame_of(problem)
    inner = moved(problem, frame)
    inside = frame.inside(x)
    radii = crowd_radii(inner, inside, rtol, settings)
    points = points_for(inner, inside, radii, settings)
    rounding = rounding_of(problem, frame, x, settings.claim)
    task = Task(inner, points.query, points.weights(inner, radii), radii, rounding)
    found = _solve(task, rtol, work)
    solved = Solved(problem, x, frame, task, points, found, work)
    return _warned(solved.profile(rtol))


def _warned(profile: Any) -> Any:
    """The profile; a warning if it misses what was asked for."""
    if not profile.converged:
        warnings.warn(profile.status, AccuracyWarning, stacklevel=4)
    return profile


def _solve(task: Task, rtol: float, work: Work) -> Found:
    """The values; before a long run that may be stopped there is a quick first answer."""
    start = work.settings.start
    found = Found.nothing(len(task.query))
    timed = work.budget.seconds is not None
    if rtol < start.first_rtol / 3 and (
        timed or expected_effort(task, rtol, work) > start.long_run
    ):
        found = solve_windows(task, start.first_rtol, work)
        if work.stopped:
            return found
    try:
        better = solve_windows(task, rtol, work)
        return found.improved_by(better, finished=not work.stopped)
    except KeyboardInterrupt:
        if not np.any(np.isfinite(found.differences)):
            raise
        work.stopped = work.interrupted()
        return found


def _no_current(problem: Problem, x: NDArray, rtol: float) -> Profile:
    """Δ = 0 or a flat potential: there is no anomalous current."""
    edges = np.array([x[0], x[-1] if x[-1] > x[0] else np.nextafter(x[0], np.inf)])
    strip = Strip(edges, np.zeros((1, 1)), np.zeros(1))
    zero = np.zeros_like(x)
    return Profile(x, zero, zero, "converged", "states", problem, rtol, strip)
