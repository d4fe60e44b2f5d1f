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
from numpy.polynomial.legendre import leggauss, legvander
from numpy.typing import NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem
from dirac1d.results.profile import AccuracyWarning, Profile
from dirac1d.states.convergence import SAFETY, Work, in_windows
from dirac1d.states.mesh import sharp_breakpoints, wave_length
from dirac1d.states.resolution import DEFAULT_RTOL, crowd_radii

SOLVERS = ("auto", "tridiagonal", "sparse")
#: A point on a kink takes the mean of both sides, this many radii away: the term x ln|x| is odd.
KINK_HAIR = 10.0
#: Part of the largest error that every point is given: where a difference crosses zero the error
#: need not.
ERROR_FLOOR = 0.3
#: Error of the integral over the unresolved neighbourhood of a jump, over length and strength of
#: its logarithm; on sharp steps a tenth of this was the largest found.
UNRESOLVED_PART = 0.1
#: Part of ∫|error| dx of walls and momenta that is added to the error of an integral; without it
#: validation/states_accuracy.py found integrals 1.4 times as far off as their estimate.
PHASE_DOUBT = 0.3
#: Legendre nodes per panel of the strip for integrals.
STRIP_NODES = 8


def current_density(
    problem: Problem,
    x: Any,
    *,
    rtol: float | None = None,
    solver: str = "auto",
    progress: Callable[[int], None] | None = None,
) -> Profile:
    """The equilibrium anomalous Hall current density from the lattice's eigenstates.

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
        Increasing positions; they are not tied to the lattice.
    rtol : float, optional
        Accuracy relative to ``problem.current_scale``; 1e-4 by default.
    solver : {"auto", "tridiagonal", "sparse"}
        ``"sparse"``: shift-invert `scipy.sparse.linalg.eigsh` on slices of the spectrum, certified
        by inertia counts. ``"tridiagonal"`` and ``"auto"``: LAPACK's tridiagonal driver.
    progress : callable, optional
        Called with 1 after each diagonalisation.

    Returns
    -------
    Profile
        j_y/e at x (ħ = v_F = 1); its `error` bounds, point by point, the truncations in spacing,
        momentum and box.

    Raises
    ------
    ValueError
        If x is not increasing and finite, or rtol or solver is not allowed.

    Warns
    -----
    AccuracyWarning
        If the error estimate exceeds rtol somewhere; `status` says by how much and why.
    """
    x = check_positions(x)
    rtol = check_rtol(DEFAULT_RTOL if rtol is None else rtol)
    if solver not in SOLVERS:
        raise ValueError(f"solver must be one of {', '.join(SOLVERS)}, got {solver!r}")
    scale = problem.current_scale
    edges = _strip_edges(problem, x)
    if scale == 0.0:
        return _no_current(problem, x, rtol, edges)
    t, _ = leggauss(STRIP_NODES)
    middles, halves = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    radii = crowd_radii(problem, x, rtol)
    below, above = _beside_kinks(problem, x, radii)
    query = np.concatenate((below, (middles[:, None] + halves[:, None] * t).ravel(), above))
    work = Work(solver, progress)
    values, parts, notes = in_windows(problem, query, rtol, radii, work)
    values = _mean_over_kinks(values, below, above)
    parts = {name: _mean_over_kinks(part, below, above) for name, part in parts.items()}
    return _assemble(problem, x, rtol, (edges, radii), values, parts, notes, work)


def _beside_kinks(
    problem: Problem, x: NDArray, radii: dict[float, float]
) -> tuple[NDArray, NDArray]:
    """x with each point on a kink moved a little to the left, and those points to the right."""
    jumps = {b for b, _ in problem.jumps}
    hair = {b: KINK_HAIR * radii[b] for b in sharp_breakpoints(problem) if b not in jumps}
    shift = np.array([hair.get(float(position), 0.0) for position in x])
    return x - shift, (x + shift)[shift > 0]


def _mean_over_kinks(values: NDArray, below: NDArray, above: NDArray) -> NDArray:
    """Put the mean of both sides in place of each point that `_beside_kinks` moved."""
    if len(above) == 0:
        return values
    # Each point on the right belongs to the last one of `below` that lies left of it.
    index = np.searchsorted(below, above) - 1
    merged = values[: len(values) - len(above)].copy()
    merged[index] = (merged[index] + values[len(values) - len(above):]) / 2
    return merged


def _no_current(problem: Problem, x: NDArray, rtol: float, edges: NDArray) -> Profile:
    """Δ = 0 or a flat potential: there is no anomalous current."""
    n = len(edges) - 1
    strip = Strip(edges, np.zeros((n, 1)), np.zeros(n))
    zero = np.zeros_like(x)
    return Profile(x, zero, zero, "converged", "states", problem, rtol, strip)


def _strip_edges(problem: Problem, x: NDArray) -> NDArray:
    """Panels over [x[0], x[-1]]: fine where U varies, graded toward jumps, at most 400."""
    lo, hi = x[0], x[-1]
    if hi == lo:
        return np.array([lo, lo + 1e-9 * max(1.0, abs(lo))])
    energy = 1 / wave_length(problem)
    width = min(problem.potential.length_scale, 1 / energy) if energy > 0 else 1.0
    a, b = problem.potential.support(1e-2 * max(abs(problem.U_R - problem.U_L), 1e-3))
    edges = {lo, hi, *(b for b in sharp_breakpoints(problem) if lo < b < hi)}
    fine = np.arange(a - 2 * width, b + 2 * width, width)
    coarse = np.arange(lo, hi, max(1 / energy if energy > 0 else 1.0, (hi - lo) / 200))
    edges |= {float(e) for e in np.concatenate((fine[:: max(1, len(fine) // 200)], coarse))
              if lo < e < hi}
    for jump, _ in problem.jumps:
        near = jump + np.outer([-1, 1], 0.25**np.arange(1, 16)) / energy
        edges |= {float(e) for e in near.ravel() if lo < e < hi}
    ordered = np.array(sorted(edges))
    # Panels that two of the rules put on top of each other are merged.
    keep = np.concatenate(([True], np.diff(ordered) > 1e-12 * max(abs(lo), abs(hi))))
    ordered = ordered[keep]
    ordered[-1] = hi
    return ordered


def _unresolved(problem: Problem, edges: NDArray, radii: dict[float, float]) -> NDArray:
    """Bound on the integral's error on panels closer to a jump than the mesh resolves it.

    There j_y ~ c ln|x| with c = ΔU Δ/4π, and the error of its integral is a part of c times the
    length.
    """
    error = np.zeros(len(edges) - 1)
    for jump, height in problem.jumps:
        radius = radii.get(jump, 0.0)
        inside = np.minimum(edges[1:], jump + radius) - np.maximum(edges[:-1], jump - radius)
        c = abs(height * problem.mass) * E_OVER_2H
        error += UNRESOLVED_PART * c * np.maximum(inside, 0.0)
    return error


def _assemble(
    problem: Problem,
    x: NDArray,
    rtol: float,
    grid: tuple[NDArray, dict[float, float]],
    values: NDArray,
    parts: dict[str, NDArray],
    notes: dict[str, Any],
    work: Work,
) -> Profile:
    """Profile, strip and status from the converged values."""
    edges, radii = grid
    regular = ~np.isin(x, [position for position, _ in problem.jumps])
    bounds = {
        name: SAFETY * (np.abs(d) + ERROR_FLOOR * np.max(np.abs(d[: len(x)][regular]), initial=0.0))
        for name, d in parts.items()
    }
    error = sum(bounds.values())[: len(x)]
    j_y = values[: len(x)].copy()
    for position, height in problem.jumps:
        at = x == position
        j_y[at] = -np.sign(height * problem.mass) * np.inf
        error[at] = 0.0
    shape = (len(edges) - 1, STRIP_NODES)
    t, w = leggauss(STRIP_NODES)
    transform = (legvander(t, STRIP_NODES - 1) * w[:, None]).T * (
        np.arange(STRIP_NODES)[:, None] + 0.5
    )

    def series(nodes: NDArray) -> NDArray:
        return nodes[len(x):].reshape(shape) @ transform.T

    known = [d for d in parts.values() if np.all(np.isfinite(d))]
    unresolved = _unresolved(problem, edges, radii)
    # What walls and momenta leave oscillates in x: its integral may be small by accident.
    for name in ("box", "momenta"):
        size = np.abs(parts[name][len(x):].reshape(shape)) @ w * np.diff(edges) / 2
        unresolved += SAFETY * PHASE_DOUBT * np.where(np.isfinite(size), size, 0.0)
    strip = Strip(
        edges, series(values),
        unresolved if len(known) == len(parts) else np.full_like(unresolved, np.inf),
        indicators=tuple(SAFETY * series(d) for d in known),
    )
    largest = float(np.max(error, initial=0.0)) / problem.current_scale
    status = "converged"
    if largest > rtol:
        worst = max(bounds, key=lambda name: float(np.max(bounds[name][: len(x)][regular])))
        status = (
            f"not converged: the estimated error is {largest:.1e} of the current scale instead of "
            f"{rtol:.1e}; most of it from the {worst}"
        )
        warnings.warn(status, AccuracyWarning, stacklevel=3)
    details = notes | {
        "solver": "sparse" if work.solver == "sparse" else "tridiagonal",
        "diagonalisations": work.diagonalisations,
        "eigen_seconds": work.eigen_seconds,
    }
    return Profile(x, j_y, error, status, "states", problem, rtol, strip, details)
