r"""The current density by the contour integral of the continuum Green's function."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.green.adaptive import solve_to
from dirac1d.green.cells import first_cells
from dirac1d.green.charts import Frame
from dirac1d.green.contour import make_frame
from dirac1d.green.mesh import Mesh
from dirac1d.green.resolved import Resolved
from dirac1d.green.solution import Solution
from dirac1d.green.start import Settings, first_mesh, top_scale
from dirac1d.green.sums import Integrand
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem
from dirac1d.results.profile import AccuracyWarning, Profile

#: Part of rtol below which no error is claimed: where both levels of a verification agree by
#: accident, and what they share (see `first_mesh`). Found in validation/green_certificate.py.
COMMON_FRACTION = 0.02
#: Rounding of a contour sum, relative to j₀.
ROUNDING = 1e-14


def frame_of(
    problem: Problem, mesh: Mesh, energy: float | None = None, stretch: float = 1.0
) -> Frame:
    """The path of p for a problem, at its Fermi energy or at another one."""
    return make_frame(
        problem.mass,
        problem.fermi_energy if energy is None else energy,
        problem.temperature if energy is None else 0.0,
        (float(mesh.U.min()), float(mesh.U.max())),
        stretch,
        float(mesh.edges[-1] - mesh.edges[0]),
    )


def hall_trace(mass: float) -> Integrand:
    """(Δ/M) tr σ_yG on the visible panels, and its integrals to both sides of them."""

    def integrand(
        solution: Solution, mesh: Mesh, E: NDArray, M: NDArray
    ) -> tuple[NDArray, NDArray]:
        seen = mesh.visible
        factor = mass / M
        return factor * solution.sigma_y(seen), factor * solution.integral_beyond(seen)

    return integrand


def current_density(problem: Problem, x: ArrayLike, *, rtol: float = 1e-8) -> Profile:
    r"""Current density j_y(x)/e of a problem, from the continuum Green's function.

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
        Strictly increasing positions, anywhere.
    rtol : float
        Accuracy relative to ``problem.current_scale``.

    Returns
    -------
    Profile
        With ``engine="green"``; ``error`` bounds the error of each value. Exactly at a jump of U
        the value is -inf·sign(ΔU·Δ).

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
    mesh = first_mesh(problem, x, settings)
    frame = frame_of(problem, mesh, stretch=settings.stretch)
    cells = first_cells(frame, settings.order, top_scale(problem, mesh, settings.rtol))
    accuracy = (1 - COMMON_FRACTION) * settings.rtol * problem.current_scale
    result, error = solve_to(
        mesh, frame, cells, hall_trace(problem.mass), rtol=settings.rtol, tolerance=accuracy,
        lead_tolerance=accuracy / abs(problem.mass),
    )
    return _profile(problem, x, settings.rtol, result, error)


def _no_current(problem: Problem, x: NDArray, rtol: float) -> Profile:
    zero = Estimate(0.0, 0.0)
    strip = Strip(np.array([x[0], x[-1]]), np.zeros((1, 1)), np.zeros(1), (zero, zero))
    nothing = np.zeros(len(x))
    return Profile(
        x=x, j_y=nothing, error=nothing, status="converged", engine="green", problem=problem,
        rtol=rtol, strip=strip,
    )


def _profile(
    problem: Problem, x: NDArray, rtol: float, result: Resolved, bound: NDArray
) -> Profile:
    mesh, seen = result.mesh, result.mesh.visible
    edges, widths, at_jump = (
        mesh.edges[seen.start : seen.stop + 1], mesh.widths[seen], mesh.at_jump[seen]
    )
    coefficients, values, P = result.coefficients, result.values, seen.stop - seen.start
    # What both levels of the verification have in common: the truncation of U's tails, rounding.
    floor = (COMMON_FRACTION * rtol + ROUNDING) * problem.current_scale
    # U itself is known to rounding only.
    floor += np.finfo(float).eps * np.max(np.abs(mesh.U)) * abs(problem.mass)
    error = bound[:P] + floor
    panel = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, P - 1)
    j_y = result.at(x)
    tails = tuple(
        Estimate(value, bound)
        for value, bound in zip(
            result.totals[-2:], bound[-2:] + floor / abs(problem.mass), strict=True
        )
    )
    jumps = dict(problem.jumps)
    for i in np.flatnonzero(at_jump):
        position = edges[i] if at_jump[i] < 0 else edges[i + 1]
        edge = values[i, -1 if at_jump[i] < 0 else 0]
        slope = jumps[position] * problem.mass / (4 * np.pi)
        coefficients[i] = 0.0
        coefficients[i, 0] = edge - slope
        other = i + 1 if at_jump[i] < 0 else i - 1
        error[i] = error[other] if 0 <= other < P else 0.0
        inside = panel == i
        with np.errstate(divide="ignore"):
            j_y[inside] = edge + slope * np.log(np.abs(x[inside] - position) / widths[i])
    for position, height in problem.jumps:
        j_y[x == position] = -np.inf * np.sign(height * problem.mass)
    status = "converged"
    worst = np.max(error[panel])
    if not result.converged or worst > rtol * problem.current_scale:
        status = f"reached {worst / problem.current_scale:.1e} of the current scale, not {rtol:.1e}"
        warnings.warn(status, AccuracyWarning, stacklevel=3)
    strip = Strip(edges, coefficients, error * widths, tails)
    return Profile(
        x=x, j_y=j_y, error=error[panel], status=status, engine="green", problem=problem,
        rtol=rtol, strip=strip,
        details={
            "panels": len(mesh.flat), "nodes_per_panel": mesh.U.shape[1],
            "cells": len(result.cells), "contour_nodes": int(sum(s.size for s in result.cells)),
            "path": result.frame.kind,
        },
    )
