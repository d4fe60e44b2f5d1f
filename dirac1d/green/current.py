r"""The current density by the contour integral of the continuum Green's function."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.green.contour import Contour, first_cells
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.integrate.adaptive import Goal, integrate
from dirac1d.green.integrate.watch import Watch, best_within
from dirac1d.green.radial import radial_profile
from dirac1d.green.settings import Settings
from dirac1d.green.sources import Geometry, geometry_of
from dirac1d.green.sources.observable import current_trace
from dirac1d.numerics.budget import Budget, Progress, check_within
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem, check_problem, has_ends
from dirac1d.results.harmonics import fourier_profile
from dirac1d.results.profile import Profile
from dirac1d.results.radial import RadialProfile, check_radii, no_radial_current
from dirac1d.results.record import AccuracyWarning


def current_density(
    problem: Problem,
    x: ArrayLike,
    *,
    rtol: float = 1e-8,
    within: float | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Profile | RadialProfile:
    r"""Current density j_y(x)/e of a problem, from the continuum Green's function.

    Parameters
    ----------
    problem : Problem
        A step between leads, a periodic potential (every Bloch momentum included: no box), or a
        circle (every angular momentum).
    x : array_like, shape (n,)
        Strictly increasing positions, anywhere; radii of a circle.
    rtol : float
        Accuracy relative to ``problem.current_scale``.
    within : float, optional
        Seconds after which the best answer so far is returned, with its own error and a status that
        says so; the same after Ctrl-C. A first answer, good to 1e-3, is sought first.
    progress : callable, optional
        Told how far the work is: called with a `Progress`, an int (contour nodes since the last
        call) that carries the error so far and the goal (in units of j_y), all work and the time.

    Returns
    -------
    Profile, or RadialProfile of a circle
        With ``engine="green"``; ``error`` bounds the error of each value. Exactly at a jump of U
        the value is -inf·sign(ΔU·Δ). Of a periodic potential, ``details["sine"]`` and
        ``details["cosine"]`` are the Fourier coefficients of j_y in the phase 2πx/period, from
        harmonic 0 on, and integrals run between finite positions.

    Raises
    ------
    ValueError
        If x is not strictly increasing and finite, or rtol or within is not allowed.

    Warns
    -----
    AccuracyWarning
        If rtol was not reached; ``status`` says by how much.
    """
    check_problem(problem, walls=has_ends(problem))
    x, rtol = check_radii(x) if problem.circular else check_positions(x), check_rtol(rtol)
    if problem.current_scale == 0.0:
        return _no_current(problem, x, rtol)
    within = check_within(within)
    watch = Watch(Budget(within), progress, rtol * problem.current_scale)
    solve = radial_profile if problem.circular else _profile
    if within is None:
        return _said(solve(problem, x, Settings.of(rtol), watch), rtol)
    answer, stopped = best_within(
        lambda stage, watch: solve(problem, x, Settings.of(stage), watch), rtol, watch
    )
    if answer is None:
        answer = _nothing_known(_no_current(problem, x, rtol))
    return _said(answer, rtol, stopped)


def compute(problem: Problem, x: NDArray, settings: Settings) -> Profile | RadialProfile:
    """`current_density` with every resolution given by hand."""
    solve = radial_profile if problem.circular else _profile
    return _said(solve(problem, x, settings, Watch()), settings.rtol)


def _profile(problem: Problem, x: NDArray, settings: Settings, watch: Watch) -> Profile:
    """The profile, with no word yet on what was asked for.

    Raises
    ------
    OutOfTime
        If the watch's budget ended before anything was verified.
    """
    geometry = geometry_of(problem, x, settings)
    return _along(geometry, geometry.path(), watch)


def _along(geometry: Geometry, path: Gap | Ray | Offset, watch: Watch) -> Profile:
    """The profile by one path of p."""
    problem, x, settings = geometry.problem, geometry.x, geometry.settings
    accuracy = (1 - settings.claim.common) * settings.rtol * problem.current_scale
    result, error = integrate(
        geometry.source(current_trace(problem)), Contour(path),
        first_cells(path, settings, geometry.top, geometry.leads),
        Goal(geometry.share * accuracy, accuracy / geometry.unit),
        settings, watch,
    )
    floor = _floor(geometry)
    error = error + floor / np.where(
        np.arange(len(error)) < result.source.layout.panels, 1.0, geometry.unit
    )
    strip = geometry.strip(result, error, floor)
    if strip is None or strip.logs is None:
        j_y, at_x = geometry.at(result, error)
    else:
        j_y, at_x = strip.at(x)
        at_x[np.isinf(j_y)] = 0.0  # at a jump, exactly
    return Profile(
        x, j_y, at_x, "converged", "green", problem, settings.rtol, strip, geometry.details(result)
    )


def _floor(geometry: Geometry) -> float:
    """What no verification of j_y sees."""
    problem, settings = geometry.problem, geometry.settings
    largest = max(map(abs, geometry.U_reach))  # U itself is known to rounding only
    return settings.claim.floor(settings.rtol, problem.current_scale, largest, problem.gap)


def _no_current(problem: Problem, x: NDArray, rtol: float) -> Any:
    """Without a mass or without a step: zero, exactly."""
    nothing = np.zeros(len(x))
    if problem.periodic:
        return fourier_profile(problem, x, rtol, np.zeros(1, complex), 0.0, "green", {})
    if problem.circular:
        return no_radial_current(problem, x, rtol, "green")
    zero = Estimate(0.0, 0.0)
    strip = Strip(np.array([x[0], x[-1]]), np.zeros((1, 1)), np.zeros(1), (zero, zero))
    return Profile(x, nothing, nothing, "converged", "green", problem, rtol, strip)


def _nothing_known(profile: Any) -> Any:
    """A profile with every error infinite: the budget ended before there was an answer."""
    strip, unknown = profile.strip, Estimate(0.0, np.inf)
    if strip is not None:
        tails = None if strip.tails is None else (unknown, unknown)
        strip = replace(strip, error=np.full_like(strip.error, np.inf), tails=tails)
    return replace(profile, error=np.full_like(profile.error, np.inf), strip=strip)


def _said(profile: Any, rtol: float, stopped: str | None = None) -> Any:
    """The profile with what its status has to say, and a warning if it misses rtol."""
    scale, worst = profile.problem.current_scale, np.max(profile.error)
    if worst <= rtol * scale:
        return replace(profile, rtol=rtol)
    status = f"reached {worst / scale:.1e} of the current scale, not {rtol:.1e}"
    if not np.isfinite(worst):
        status = "no answer yet"
    if stopped is not None:
        status = f"{stopped}: {status}"
    warnings.warn(status, AccuracyWarning, stacklevel=3)
    return replace(profile, rtol=rtol, status=status)
