r"""Adaptive contour integrals of local traces: mesh in x, cells in (ω, p), and their errors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.charts import Frame
from dirac1d.green.contour import Cell, split
from dirac1d.green.mesh import Mesh
from dirac1d.green.sums import Integrand, Sums, Unresolved, evaluate, series_error, visible_shape
from dirac1d.quadrature import legendre_analysis, lobatto

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


@dataclass(frozen=True, eq=False)
class Resolved:
    """Everything that was found out about a problem on a mesh."""

    mesh: Mesh
    frame: Frame
    cells: list[Sums]
    converged: bool

    @property
    def totals(self) -> NDArray:
        """Contour sums: x nodes, then both lead integrals."""
        return np.sum([s.rows[0] for s in self.cells], axis=0)

    @property
    def values(self) -> NDArray:
        """The integral at the nodes of the P' visible panels, shape (P', n)."""
        return self.totals[:-2].reshape(visible_shape(self.mesh))

    @property
    def coefficients(self) -> NDArray:
        """Legendre coefficients on the visible panels, shape (P', n)."""
        return self.values @ legendre_analysis(self.mesh.U.shape[1]).T

    @property
    def lost(self) -> NDArray:
        """What the nodes of each panel cannot carry of s, as it is seen; shape (P,)."""
        return np.sum([s.lost for s in self.cells], axis=0)

    @property
    def lost_on_the_way(self) -> NDArray:
        """What is lost on each visible panel and on the way to it, shape (P',)."""
        lost, seen = self.lost, self.mesh.visible
        return lost[seen] + np.sum(lost[: seen.start]) + np.sum(lost[seen.stop :])

    @property
    def mesh_error(self) -> NDArray:
        """Per panel, shape (P,): what its nodes cannot carry.

        The last Legendre coefficients of the answer where it is visible; of s wherever it was
        collocated.
        """
        error, seen = self.lost.copy(), self.mesh.visible
        tail = series_error(self.coefficients)
        error[seen] = np.maximum(error[seen], np.where(self.mesh.at_jump[seen], 0.0, tail))
        return error

    def at(self, x: NDArray) -> NDArray:
        """The integral at positions within the strip."""
        edges = self.mesh.edges[self.mesh.visible.start : self.mesh.visible.stop + 1]
        panel = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
        t = 2 * (x - edges[panel]) / np.diff(edges)[panel] - 1
        return np.polynomial.legendre.legval(t, self.coefficients[panel].T, tensor=False)


@dataclass(frozen=True, eq=False)
class Verification:
    """Error of each visible panel and of both integrals beyond, and where it comes from.

    Attributes
    ----------
    error, mesh : ndarray, shape (P' + 2,)
        All of the error, and what is due to the panels.
    shares : ndarray, shape (cells, P' + 2)
        What is due to each cell.
    """

    error: NDArray
    mesh: NDArray
    shares: NDArray


def verify(
    result: Resolved, integrand: Integrand, solver_tolerance: float, enough: NDArray
) -> Verification:
    """Compute everything once more with fewer nodes.

    So many less on every side of a cell that its rule is worse by `CONTRAST` at least, and two less
    on every panel. The difference is the error of that coarser answer, larger than that of the
    finer one; a safety factor and the other panels' errors cover accidental agreement. Where it is
    above `enough`, shape (P' + 2,), a third computation says how much of it is due to the mesh.
    """
    mesh, n = result.mesh, result.mesh.U.shape[1]
    k = n - DROPPED_NODES
    shape = visible_shape(mesh)
    cells = [
        replace(s.cell, n=tuple(
            _fewer(*side) for side in zip(s.cell.n, s.exact, s.errors(shape)[1], strict=True)
        ))
        for s in result.cells
    ]
    rest = integrand, solver_tolerance
    coarse = evaluate(result.frame, cells, mesh.with_nodes(k), *rest)
    to_fine = np.polynomial.legendre.legvander(lobatto(n), k - 1) @ legendre_analysis(k)
    coarse_total = sum(s.rows[0] for s in coarse)
    # Cells whose differences cancel by accident are not taken to be exact. They are compared at the
    # nodes of the coarser level: what its nodes cannot carry of one cell may cancel for good.
    to_coarse = np.polynomial.legendre.legvander(lobatto(k), n - 1) @ legendre_analysis(n)
    single = np.array([
        _difference(t.rows[0], s.rows[0], to_coarse)
        for s, t in zip(result.cells, coarse, strict=True)
    ])
    together = _difference(result.totals, coarse_total, to_fine)
    error = SAFETY * np.maximum(together, np.sqrt(np.sum(single**2, axis=0)))
    regular = result.mesh.at_jump[mesh.visible] == 0
    error[:-2] = np.maximum(error[:-2], SPREAD * np.max(error[:-2][regular], initial=0.0))
    # What neither level can carry is no difference between them.
    unseen = np.concatenate((result.lost_on_the_way, [0.0, 0.0]))
    error = np.maximum(error, unseen)
    if np.all(error <= enough):
        return Verification(error, np.zeros_like(error), np.zeros((len(cells), len(error))))
    half_way, same = evaluate(result.frame, cells, mesh, *rest), np.eye(n)
    return Verification(
        error,
        np.maximum(
            unseen,
            SAFETY * _difference(sum(s.rows[0] for s in half_way), coarse_total, to_fine),
        ),
        SAFETY * np.array([
            _difference(fine.rows[0], other.rows[0], same)
            for fine, other in zip(result.cells, half_way, strict=True)
        ]),
    )


def _fewer(n: int, exact: bool, rate: float) -> int:
    """A number of nodes whose rule is worse by `CONTRAST`: its error goes as rate^2n."""
    if exact or n == 1:
        return n
    drop = np.log(CONTRAST) / (-2 * np.log(min(max(rate, 1e-3), 0.999)))
    return max(n - int(np.clip(np.ceil(drop), max(1, (n + 4) // 8), (n + 1) // 2)), 1)


def _difference(there: NDArray, here: NDArray, transfer: NDArray) -> NDArray:
    """Largest difference on each panel, then those of the integrals beyond; shape (P' + 2,).

    `transfer` takes values at the nodes of one level to those of the other, where they differ.
    """
    n, k = transfer.shape
    inside = there[:-2].reshape(-1, n) - here[:-2].reshape(-1, k) @ transfer.T
    return np.concatenate((np.max(np.abs(inside), axis=1), np.abs(there[-2:] - here[-2:])))


#: Between the difference of two levels and the bound on the finer one's error: see `verify`, and
#: validation/green_certificate.py for how it was chosen.
SAFETY = 2.0
#: Least factor between the errors of the two levels' rules in a verification.
CONTRAST = 4.0
#: Part of the largest panel's error that every panel is said to have: the error of the contour
#: oscillates in x, and so does the difference of two levels.
SPREAD = 0.25
#: Nodes per panel left out in a verification.
DROPPED_NODES = 2


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
        mesh = result.mesh.split(_to_blame(result, (found.mesh / unit)[:-2], unit[:-2]))
        return mesh, new + [s.cell for s in keep], []
    return result.mesh, new, keep


def _to_blame(result: Resolved, error: NDArray, allowed: NDArray) -> NDArray:
    """Panels that miss the accuracy (error > 1/2 on some visible ones), shape (P,) bool.

    Visible ones whose last coefficients explain their own error; if there is any other error, also
    those beyond, through which it came in: the ones that lose much, or else all.
    """
    mesh, wrong = result.mesh, np.zeros(len(result.mesh.flat), dtype=bool)
    seen = mesh.visible
    tail = np.max(np.abs(result.coefficients[:, -DROPPED_NODES:]), axis=1)
    tail[mesh.at_jump[seen] != 0] = 0.0
    scale = np.max(error, initial=0.0) / max(float(np.max(tail)), 1e-300)
    own = (error > 0.5) & (tail * scale > OWN_SHARE * error)
    wrong[seen] = own
    hidden = ~mesh.flat
    hidden[seen] = False
    losing = result.lost > OWN_SHARE * np.max(result.lost, initial=0.0)
    if np.any(result.lost_on_the_way > 0.5 * allowed):
        wrong |= losing
    else:
        wrong |= hidden
    return wrong


#: Part of a panel's error that its last coefficients must explain, on the scale of the worst panel.
OWN_SHARE = 0.1
#: The collocation equations are solved to this part of rtol.
SOLVER_FRACTION = 1e-2
#: Factor by which an error is taken for larger after every verification that failed.
IMPATIENCE = 4.0
#: Times the result is improved because verification found a larger error.
MAX_VERIFICATIONS = 8


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
