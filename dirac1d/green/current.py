r"""The current density by the contour integral of the continuum Green's function."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.green.contour import Contour, first_cells
from dirac1d.green.integrate.adaptive import Goal, integrate
from dirac1d.green.settings import Settings
from dirac1d.green.sources import Geometry, geometry_of
from dirac1d.green.sources.observable import hall_trace
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem
from dirac1d.results.harmonics import fourier_profile
from dirac1d.results.profile import AccuracyWarning, Profile


def current_density(problem: Problem, x: ArrayLike, *, rtol: float = 1e-8) -> Profile:
    r"""Current density j_y(x)/e of a problem, from the continuum Green's function.

    Parameters
    ----------
    problem : Problem
        A step between leads, or a periodic potential (every Bloch momentum included: no box).
    x : array_like, shape (n,)
        Strictly increasing positions, anywhere.
    rtol : float
        Accuracy relative to ``problem.current_scale``.

    Returns
    -------
    Profile
        With ``engine="green"``; ``error`` bounds the error of each value. Exactly at a jump of U
        the value is -inf·sign(ΔU·Δ). Of a periodic potential, ``details["sine"]`` and
        ``details["cosine"]`` are the Fourier coefficients of j_y in the phase 2πx/period, from
        harmonic 0 on, and integrals run between finite positions.

    Raises
    ------
    ValueError
        If x is not strictly increasing and finite, or rtol not in (0, 1).

    Warns
    -----
    AccuracyWarning
        If rtol was not reached; ``status`` says by how much.
    """
    x, rtol = check_positions(x), check_rtol(rtol)
    if problem.current_scale == 0.0:
        return _no_current(problem, x, rtol)
    return compute(problem, x, Settings.of(rtol))


def compute(problem: Problem, x: NDArray, settings: Settings) -> Profile:
    """`current_density` with every resolution given by hand."""
    geometry = geometry_of(problem, x, settings)
    path = geometry.path()
    accuracy = (1 - settings.claim.common) * settings.rtol * problem.current_scale
    result, error = integrate(
        geometry.source(hall_trace(problem.mass)), Contour(path),
        first_cells(path, settings, geometry.top), Goal(accuracy, accuracy / abs(problem.mass)),
        settings,
    )
    error = error + _floor(geometry) / np.where(
        np.arange(len(error)) < result.source.layout.panels, 1.0, abs(problem.mass)
    )
    strip = geometry.strip(result, error)
    if strip is None or strip.logs is None:
        j_y, at_x = geometry.at(result, error)
    else:
        j_y, at_x = strip.at(x)
    return _profile(geometry, x, j_y, at_x, strip, geometry.details(result))


def _floor(geometry: Geometry) -> float:
    """What both levels of a verification share: the truncation of U's tails, and rounding."""
    problem, claim = geometry.problem, geometry.settings.claim
    shared = claim.common * geometry.settings.rtol + claim.rounding
    largest = max(map(abs, geometry.U_reach))  # U itself is known to rounding only
    return shared * problem.current_scale + np.finfo(float).eps * largest * abs(problem.mass)


def _no_current(problem: Problem, x: NDArray, rtol: float) -> Profile:
    """Without a mass or without a step: zero, exactly."""
    nothing = np.zeros(len(x))
    if problem.periodic:
        return fourier_profile(problem, x, rtol, np.zeros(1, complex), 0.0, "green", {})
    zero = Estimate(0.0, 0.0)
    strip = Strip(np.array([x[0], x[-1]]), np.zeros((1, 1)), np.zeros(1), (zero, zero))
    return Profile(x, nothing, nothing, "converged", "green", problem, rtol, strip)


def _profile(
    geometry: Geometry, x: NDArray, j_y: NDArray, error: NDArray, strip: Strip | None,
    details: dict[str, object],
) -> Profile:
    problem, rtol = geometry.problem, geometry.settings.rtol
    status = "converged"
    worst = np.max(error)
    if not worst <= rtol * problem.current_scale:
        status = f"reached {worst / problem.current_scale:.1e} of the current scale, not {rtol:.1e}"
        warnings.warn(status, AccuracyWarning, stacklevel=4)
    return Profile(
        x=x, j_y=j_y, error=error, status=status, engine="green", problem=problem, rtol=rtol,
        strip=strip, details=details,
    )
