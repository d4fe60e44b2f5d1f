r"""Adaptive contour integrals of local traces: mesh in x, cells in (ω, p), and their errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour import Cell, Frame, Nodes, place, split
from dirac1d.green.mesh import Mesh, build_mesh, kinks
from dirac1d.green.riccati import Solution, solve
from dirac1d.problem import Problem
from dirac1d.quadrature import legendre_analysis, lobatto

#: Bytes of the complex arrays of one batch of contour nodes.
MEMORY_BUDGET = 2**24
#: Complex arrays of the shape (panels, nodes, contour nodes) alive at once in a batch.
ARRAYS_ALIVE = 24
#: Rounds of mesh or contour refinement before the result is handed out with a warning.
MAX_ROUNDS = 60
#: Contour nodes beyond which refinement stops.
MAX_CONTOUR_NODES = 60_000
#: Panels beyond which refinement stops.
MAX_PANELS = 5_000
#: Largest number of nodes along a side of a cell; then cells are split.
MAX_ORDER = 32

#: Error over tolerance from which a panel is cut into four at once.
QUARTER_AT = 1e3
#: integrand(solution, mesh, E, M) -> values on the visible panels (n, P', N), and integrals beyond
#: them on either side (2, N).
Integrand = Callable[[Solution, Mesh, NDArray, NDArray], tuple[NDArray, NDArray]]


@dataclass(frozen=True)
class Settings:
    """Resolution that follows from rtol: nodes per panel and per side of a cell.

    `stretch` multiplies the contour's energy scale; the answer must not depend on it.
    """

    rtol: float
    nodes: int
    order: int
    stretch: float = 1.0

    @classmethod
    def of(cls, rtol: float) -> Settings:
        """Orders that were fastest at each accuracy."""
        digits = -np.log10(rtol)
        nodes = int(np.clip(round(5 + digits), 8, 17))
        return cls(rtol, nodes, int(np.clip(round(1 + digits), 4, 14)))


class Unresolved(Exception):
    """Panels on which the Riccati equation was not solved."""

    def __init__(self, panels: NDArray) -> None:
        super().__init__()
        self.panels = panels


@dataclass(frozen=True, eq=False)
class Sums:
    """Contour sums of one cell at all x nodes (and both leads): rows as in `Nodes.analysis`."""

    cell: Cell
    rows: NDArray
    split: int
    exact: tuple[bool, bool]
    size: int
    lost: NDArray

    def errors(self, shape: tuple[int, int]) -> tuple[NDArray, NDArray]:
        """Quadrature error (2 directions, P panels + 2 leads), and convergence rates (2,)."""
        by_axis = self.rows[: self.split], np.concatenate((self.rows[:1], self.rows[self.split :]))
        out, rates = np.zeros((2, shape[0] + 2)), np.zeros(2)
        cut = shape[0] * shape[1]
        for axis, rows in enumerate(by_axis):
            if self.exact[axis]:
                continue
            error, rate = rule_error(rows)
            out[axis, :-2] = error[:cut].reshape(shape).max(axis=1)
            out[axis, -2:] = error[cut:]
            rates[axis] = rate[np.argmax(error)]  # where it matters
        return out, rates


def rule_error(rows: NDArray) -> tuple[NDArray, NDArray]:
    """Error of an n-point Gauss rule from its integrand's coefficients 0 … n-1, per column.

    Coefficients that fall like ρ^-k leave ρ^-2n to the rule: the last two are extended at the
    rate at which they were reached.
    """
    size = np.abs(rows)
    n = len(rows)
    if n == 1:
        return size[0], np.ones(size.shape[1])
    span = 2 if n > 3 else 1
    last = np.max(size[-span:], axis=0)
    head = np.maximum(np.max(size, axis=0), 1e-300)
    rate = np.minimum((last / head) ** (1 / (n - span)), 1.0)
    return last * rate ** (EXTRAPOLATION * n), rate


def series_error(coefficients: NDArray) -> NDArray:
    """What a Legendre series leaves out, per row: the sum of a tail that goes on falling as it did.

    Geometric from the last two pairs of coefficients (pairs, because of parity).
    """
    size = np.abs(coefficients)
    last = np.max(size[:, -2:], axis=1)
    before = np.max(size[:, -4:-2], axis=1)
    ratio = np.minimum(last / np.maximum(before, 1e-300), SLOWEST_DECAY)
    return last * np.maximum(1.0, 2 * ratio / (1 - ratio))


#: Ratio of neighbouring pairs of coefficients taken for the slowest, algebraic decay (a kink).
SLOWEST_DECAY = 0.8
#: Part of the n further orders over which the coefficients' decay is trusted. Only the refinement
#: depends on it; the error is found by `verify`.
EXTRAPOLATION = 1.0


def evaluate(
    frame: Frame, cells: list[Cell], mesh: Mesh, integrand: Integrand, tolerance: float
) -> list[Sums]:
    """Contour sums of all cells, solved in batches within the memory budget."""
    placed = [place(frame, cell) for cell in cells]
    P, n = mesh.U.shape
    width = _visible_shape(mesh)[0] * n + 2
    E, M = (np.concatenate([getattr(q, name) for q in placed]) for name in ("E", "M"))
    ends = np.cumsum([len(q.E) for q in placed])
    batch = max(16, int(MEMORY_BUDGET / (16 * ARRAYS_ALIVE * P * n)))
    rows = [np.zeros((len(q.analysis), width)) for q in placed]
    bad = np.zeros(P, dtype=bool)
    noise = [np.zeros(P) for _ in placed]
    for start in range(0, len(E), batch):
        piece = slice(start, min(start + batch, len(E)))
        solution = solve(mesh, E[piece], M[piece], tolerance)
        bad |= solution.unconverged
        values, leads = integrand(solution, mesh, E[piece], M[piece])
        values = np.concatenate((values.swapaxes(0, 1).reshape(width - 2, -1), leads)).T
        for q, end, total, lost in zip(placed, ends, rows, noise, strict=True):
            _accumulate(q, end - len(q.E), start, values, total, solution.tail, lost)
    if np.any(bad):
        raise Unresolved(bad)
    return [
        Sums(cell, total, q.split, q.exact, len(q.E), lost)
        for cell, total, q, lost in zip(cells, rows, placed, noise, strict=True)
    ]


def _visible_shape(mesh: Mesh) -> tuple[int, int]:
    seen = mesh.visible
    return seen.stop - seen.start, mesh.U.shape[1]


def _accumulate(
    q: Nodes, first: int, start: int, values: NDArray, total: NDArray, tail: NDArray, lost: NDArray
) -> None:
    """Add to a cell's sums what the batch of contour nodes start … holds of it."""
    a, b = max(first, start), min(first + len(q.E), start + len(values))
    if a >= b:
        return
    part = q.analysis[:, a - first : b - first]
    w, f = q.weight[a - first : b - first], values[a - start : b - start]
    total += (part * w.real) @ f.real - (part * w.imag) @ f.imag
    lost += tail[:, a - start : b - start] @ np.abs(w)


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
        return self.totals[:-2].reshape(_visible_shape(self.mesh))

    @property
    def coefficients(self) -> NDArray:
        """Legendre coefficients on the visible panels, shape (P', n)."""
        return self.values @ legendre_analysis(self.mesh.U.shape[1]).T

    @property
    def mesh_error(self) -> NDArray:
        """Per panel, shape (P,): what its nodes cannot carry.

        The last Legendre coefficients of the answer where it is visible; of s wherever it was
        collocated.
        """
        error = np.sum([s.lost for s in self.cells], axis=0)
        seen = self.mesh.visible
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

    An eighth less on every side of a cell (at least one), and two less on every panel. The
    difference is the error of that coarser answer, which is larger than that of the finer one by
    the convergence rate of those orders (a factor 2 to 30); a safety factor covers slow convergence
    and accidental agreement. Where it is above `enough`, shape (P' + 2,), a third computation says
    how much of it is due to the mesh.
    """
    mesh, n = result.mesh, result.mesh.U.shape[1]
    k = n - DROPPED_NODES
    cells = [
        replace(s.cell, n=tuple(_fewer(k, e) for k, e in zip(s.cell.n, s.exact, strict=True)))
        for s in result.cells
    ]
    rest = integrand, solver_tolerance
    coarse = evaluate(result.frame, cells, mesh.with_nodes(k), *rest)
    to_fine = np.polynomial.legendre.legvander(lobatto(n), k - 1) @ legendre_analysis(k)
    coarse_total = sum(s.rows[0] for s in coarse)
    error = SAFETY * _difference(result.totals, coarse_total, to_fine)
    if np.all(error <= enough):
        return Verification(error, np.zeros_like(error), np.zeros((len(cells), len(error))))
    half_way, same = evaluate(result.frame, cells, mesh, *rest), np.eye(n)
    return Verification(
        error,
        SAFETY * _difference(sum(s.rows[0] for s in half_way), coarse_total, to_fine),
        SAFETY * np.array([
            _difference(fine.rows[0], other.rows[0], same)
            for fine, other in zip(result.cells, half_way, strict=True)
        ]),
    )


def _fewer(n: int, exact: bool) -> int:
    return n if exact else max(n - max(1, (n + 4) // 8), 1)


def _difference(fine: NDArray, coarse: NDArray, to_fine: NDArray) -> NDArray:
    """Largest difference on each panel, then those of the integrals beyond; shape (P' + 2,)."""
    n, k = to_fine.shape
    inside = fine[:-2].reshape(-1, n) - coarse[:-2].reshape(-1, k) @ to_fine.T
    return np.concatenate((np.max(np.abs(inside), axis=1), np.abs(fine[-2:] - coarse[-2:])))


#: Between the difference of two levels and the bound on the finer one's error: see `verify`, and
#: validation/green_certificate.py for how it was chosen.
SAFETY = 2.0
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
        coarse = mesh_error > tolerance / 2 * max(1.0, 0.1 * worst)
        full = len(mesh.flat) > MAX_PANELS or sum(s.size for s in done) > MAX_CONTOUR_NODES
        if not cells and not np.any(coarse):
            return result
        if full:
            break
        if np.any(coarse):
            goal = tolerance / 2 * max(1.0, 0.1 * worst)
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
    for _ in range(MAX_VERIFICATIONS):
        result = resolve(
            mesh, frame, cells, integrand, solver_tolerance=solver_tolerance,
            tolerance=tolerance, lead_tolerance=lead_tolerance, done=done,
        )
        unit = np.where(result.mesh.at_jump[result.mesh.visible], np.inf, tolerance)
        unit = np.concatenate((unit, [lead_tolerance] * 2))
        found = verify(result, integrand, solver_tolerance, unit)
        if np.all(found.error <= unit) or not result.converged:
            return result, found.error
        mesh, cells, done = _improve(result, found, unit)
    return replace(result, converged=False), found.error


def _improve(
    result: Resolved, found: Verification, unit: NDArray
) -> tuple[Mesh, list[Cell], list[Sums]]:
    """Mesh, new and kept cells after a verification that failed."""
    keep, new = list(result.cells), []
    if np.any(np.sum(found.shares, axis=0) > unit / 2):
        keep = []
        scores = np.max(found.shares / unit, axis=1)
        order = np.argsort(scores)
        fine = set(order[np.cumsum(scores[order]) <= 0.3].tolist())
        for i, s in enumerate(result.cells):
            if i in fine:
                keep.append(s)
                continue
            errors, rates = s.errors(_visible_shape(result.mesh))
            errors = np.max(errors, axis=1)
            errors *= scores[i] / max(np.max(errors), 1e-300)
            new += _finer(result.frame, s.cell, errors, rates)
    if np.any(found.mesh > unit / 2):
        mesh = result.mesh.split(_to_blame(result, (found.mesh / unit)[:-2]))
        return mesh, new + [s.cell for s in keep], []
    return result.mesh, new, keep


def _to_blame(result: Resolved, error: NDArray) -> NDArray:
    """Panels that miss the accuracy (error > 1/2 on some visible ones), shape (P,) bool.

    Visible ones whose last coefficients explain their own error; if there is any other error, also
    those beyond, through which it came in.
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
    wrong |= hidden
    return wrong


#: Part of a panel's error that its last coefficients must explain, on the scale of the worst panel.
OWN_SHARE = 0.1
#: The collocation equations are solved to this part of rtol.
SOLVER_FRACTION = 1e-3
#: Times the result is improved because verification found a larger error.
MAX_VERIFICATIONS = 8


def first_mesh(problem: Problem, x: NDArray, settings: Settings) -> Mesh:
    """The mesh that resolves U′, over the range of x and the support of U′."""
    j0, rtol, length = problem.current_scale, settings.rtol, 1 / (2 * abs(problem.mass))
    distance = [np.abs(x - position) for position, _ in problem.jumps]
    nearest = min((float(np.min(d[d > 0], initial=np.inf)) for d in distance), default=np.inf)
    slope = 4 * np.pi * j0 * rtol
    # A single point still needs a panel to stand on.
    strip = float(x[0]), float(max(x[-1], x[0] + 1e-3 * length))
    mesh = build_mesh(
        problem.potential, problem.jumps, strip,
        nodes=settings.nodes,
        support_tolerance=1e-3 * slope * min(length, problem.potential.length_scale),
        slope_tolerance=SLOPE_FRACTION * slope,
        near_jump=max(1e-12 * length, min(nearest, 0.1 * np.sqrt(rtol) * length)),
        kinks=kinks(problem.potential, strip, slope, settings.nodes),
        length=length,
    )
    return mesh.split(_waves(problem, mesh, rtol))


def _waves(problem: Problem, mesh: Mesh, rtol: float) -> NDArray:
    """Into how many parts the visible panels are cut, so that they can carry waves of 2k_F."""
    E = np.max(np.abs(problem.fermi_energy - mesh.U), axis=1)
    k = np.sqrt(np.maximum(E**2 - problem.mass**2, 0.0))
    parts = np.maximum(np.ceil(k * mesh.widths / PANEL_PHASE), 1)
    if problem.temperature > 0:
        # The lowest frequency's waves decay as exp(-2πT|x|), from where they are made.
        reach = -np.log(rtol) / (2 * np.pi * problem.temperature)
        lo, hi = problem.potential.support(rtol * problem.current_scale)
        parts[(mesh.edges[:-1] > hi + reach) | (mesh.edges[1:] < lo - reach)] = 1
    hidden = np.ones(len(parts), dtype=bool)
    hidden[mesh.visible] = False
    parts[hidden] = 1
    return np.minimum(parts, MAX_PANELS // len(parts) + 1).astype(int)


#: Part of the slope that carries the accuracy asked for to which U′ is resolved at first.
SLOPE_FRACTION = 0.3
#: k_F times a panel's width up to which its nodes (3 more for 10³ in accuracy) carry the wave.
PANEL_PHASE = 2.7
def top_scale(problem: Problem, mesh: Mesh, rtol: float) -> float:
    """The inverse of the smallest length on which the answer varies."""
    shortest = problem.potential.length_scale
    slope = 4 * np.pi * problem.current_scale * rtol
    for _, near, _ in kinks(problem.potential, mesh.strip, slope, mesh.U.shape[1]):
        shortest = min(shortest, near)
    if np.any(mesh.at_jump):
        shortest = min(shortest, float(np.min(mesh.widths[mesh.at_jump != 0])))
    return 1 / shortest


def _refine(
    frame: Frame, result: Resolved, tolerance: float, lead_tolerance: float
) -> tuple[float, list[Sums], list[Cell]]:
    """Error over tolerance, the cells to keep, and those to evaluate in place of the others."""
    shape = _visible_shape(result.mesh)
    unit = np.where(result.mesh.at_jump[result.mesh.visible], np.inf, tolerance)
    unit = np.concatenate((unit, [lead_tolerance, lead_tolerance]))
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
