r"""Adaptive contour integrals of local traces: mesh in x, cells in (ω, p), and their errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.charts import Frame
from dirac1d.green.contour import Cell, split
from dirac1d.green.mesh import Mesh
from dirac1d.green.resolved import Resolved
from dirac1d.green.sums import Integrand, Sums, Unresolved, evaluate, visible_shape
from dirac1d.green.verification import Verification, panels_to_blame, verify

#: Rounds of mesh or contour refinement before the result is handed out with a warning.
MAX_ROUNDS = 60
#: Contour nodes beyond which refinement stops.
MAX_CONTOUR_NODES = 30_000
#: Panels beyond which refinement stops.
MAX_PANELS = 5_000
#: Largest number of nodes along a side of a cell; then cells are split.
MAX_ORDER = 32
#: Error over tolerance from which a panel is cut into four at once.
QUARTER_AT = 1e3
#: The collocation equations are solved to this part of rtol: no verification sees what they miss.
SOLVER_FRACTION = 1e-3
#: Factor by which an error is taken for larger after every verification that failed.
IMPATIENCE = 4.0
#: Times the result is improved because verification found a larger error.
MAX_VERIFICATIONS = 8


def resolve(
    mesh: Mesh,
    frame: Frame,
    cells: list[Cell],
    integrand: Integrand,
    *,
    solver_tolerance: float,
    tolerance: float,
    lead_tolerance: float,
    done: list[Sums] | None = None,
) -> Resolved:
    """Refine mesh and contour until both meet the tolerances.

    Panels are not halved for what is small beside the contour's error: a coarse contour sees waves
    that a finer one averages out.
    """
    done = done or []
    result = None
    for _ in range(MAX_ROUNDS):
        try:
            if cells:
                done = done + evaluate(frame, cells, mesh, integrand, solver_tolerance)
        except Unresolved as failure:
            mesh, cells, done = mesh.split(failure.panels), cells + [s.cell for s in done], []
            continue
        result = Resolved(mesh, frame, done, True)
        worst, keep, cells = _refine(frame, result, tolerance / 2, lead_tolerance / 2)
        mesh_error = result.mesh_error
        goal = tolerance / 2 * max(1.0, 0.1 * worst)
        coarse = mesh_error > goal
        full = len(mesh.flat) > MAX_PANELS or sum(s.size for s in done) > MAX_CONTOUR_NODES
        if not cells and not np.any(coarse):
            return result
        if full:
            break
        if np.any(coarse):
            parts = 1 + coarse + 2 * (mesh_error > QUARTER_AT * goal)
            mesh, cells, done = mesh.split(parts), cells + [s.cell for s in keep], []
        else:
            done = keep
    if result is None:
        raise RuntimeError("the Riccati equation could not be solved on any mesh")
    return replace(result, converged=False)


def solve_to(
    mesh: Mesh, frame: Frame, cells: list[Cell], integrand: Integrand, *, rtol: float,
    tolerance: float, lead_tolerance: float,
) -> tuple[Resolved, NDArray]:
    """Resolve until the *verified* error meets the tolerance; the result and its error."""
    solver_tolerance = SOLVER_FRACTION * rtol
    done = None
    for attempt in range(MAX_VERIFICATIONS):
        result = resolve(
            mesh, frame, cells, integrand, solver_tolerance=solver_tolerance,
            tolerance=tolerance, lead_tolerance=lead_tolerance, done=done,
        )
        unit = _allowed(result.mesh, tolerance, lead_tolerance)
        try:
            found = verify(result, integrand, solver_tolerance, unit)
        except Unresolved as failure:  # too few nodes with some left out
            error = np.full(len(unit), np.inf)
            mesh = result.mesh.split(failure.panels)
            cells, done = [s.cell for s in result.cells], None
            continue
        if np.all(found.error <= unit) or not result.converged:
            return result, found.error
        error = found.error
        mesh, cells, done = _improve(result, found, unit, IMPATIENCE**attempt)
    return replace(result, converged=False), error


def _allowed(mesh: Mesh, tolerance: float, lead_tolerance: float) -> NDArray:
    """Error allowed on visible panels (any at a jump) and of both integrals, shape (P' + 2,)."""
    panels = np.where(mesh.at_jump[mesh.visible], np.inf, tolerance)
    return np.concatenate((panels, [lead_tolerance] * 2))


def _improve(
    result: Resolved, found: Verification, unit: NDArray, impatience: float
) -> tuple[Mesh, list[Cell], list[Sums]]:
    """Mesh, new and kept cells after a verification that failed."""
    keep, new = list(result.cells), []
    by_mesh = np.any(found.mesh > unit / 2)
    if np.any(np.sum(found.shares, axis=0) > unit / 2) or not by_mesh:
        keep = []
        scores = np.max(found.shares / unit, axis=1)
        order = np.argsort(scores)
        fine = set(order[np.cumsum(scores[order]) <= 0.3].tolist())
        for i, s in enumerate(result.cells):
            if i in fine:
                keep.append(s)
                continue
            errors, rates = s.errors(visible_shape(result.mesh))
            errors = np.max(errors, axis=1)
            errors *= impatience * scores[i] / max(np.max(errors), 1e-300)
            new += _finer(result.frame, s.cell, errors, rates)
    if by_mesh:
        mesh = result.mesh.split(panels_to_blame(result, (found.mesh / unit)[:-2], unit[:-2]))
        return mesh, new + [s.cell for s in keep], []
    return result.mesh, new, keep


def _refine(
    frame: Frame, result: Resolved, tolerance: float, lead_tolerance: float
) -> tuple[float, list[Sums], list[Cell]]:
    """Error over tolerance, the cells to keep, and those to evaluate in place of the others."""
    shape = visible_shape(result.mesh)
    unit = _allowed(result.mesh, tolerance, lead_tolerance)
    errors, rates = zip(*(s.errors(shape) for s in result.cells), strict=True)
    worst = float(np.max(np.sum([e.sum(axis=0) for e in errors], axis=0) / unit))
    if worst <= 1:
        return worst, result.cells, []
    scores = np.array([np.max(e / unit, axis=1) for e in errors])
    order = np.argsort(scores.sum(axis=1))
    allowed = np.cumsum(scores.sum(axis=1)[order]) <= 0.5
    fine = set(order[allowed].tolist())
    keep, new = [], []
    for i, s in enumerate(result.cells):
        if i in fine:
            keep.append(s)
        else:
            new += _finer(frame, s.cell, scores[i], rates[i])
    return worst, keep, new


def _finer(frame: Frame, cell: Cell, scores: NDArray, rates: NDArray) -> list[Cell]:
    """More nodes where that converges fast, smaller cells where it does not.

    An n-point rule's error falls as rate^2n: so many more nodes bring a score to 1/3.
    """
    pieces = [cell]
    for axis in (0, 1):
        if scores[axis] < 0.1 * np.max(scores) or scores[axis] == 0:
            continue
        n, rate = cell.n[axis], min(max(rates[axis], 1e-3), 0.999)
        needed = n + np.ceil(np.log(max(3 * scores[axis], 2.0)) / (-2 * np.log(rate)))
        if needed <= min(MAX_ORDER, 2 * n + 2):
            more = int(max(needed, n + 1))
            pieces = [
                replace(p, n=(more, p.n[1]) if axis == 0 else (p.n[0], more)) for p in pieces
            ]
        else:
            pieces = [q for p in pieces for q in split(frame, p, axis)]
    return pieces
