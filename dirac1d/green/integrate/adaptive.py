r"""Adaptive integrals: places of a source, cells of a domain, and the verified error of both."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Cell, Domain, Source
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.integrate.settled import settled
from dirac1d.green.integrate.sums import Sums, Unresolved, evaluate
from dirac1d.green.integrate.verification import Levels, Verification, places_to_blame, verify
from dirac1d.green.integrate.watch import OutOfTime, Watch
from dirac1d.green.settings import Settings


@dataclass(frozen=True)
class Goal:
    """What is allowed: errors on the panels (any where they are not judged) and of functionals."""

    panels: float
    functionals: float = np.inf

    def allowed(self, source: Source) -> NDArray:
        """Error allowed on each panel and of each functional."""
        panels = np.where(source.judged, self.panels, np.inf)
        return np.concatenate((panels, [self.functionals] * source.layout.functionals))


def integrate(
    source: Source, domain: Domain, cells: list[Cell], goal: Goal, settings: Settings,
    watch: Watch | None = None,
) -> tuple[Resolved, NDArray]:
    """Resolve until the *verified* error meets the goal; the result and its error.

    Places are settled first, by a few of the points where there are many.

    Parameters
    ----------
    source : Source
    domain : Domain
    cells : list of Cell
        Where refinement starts.
    goal : Goal
    settings : Settings
    watch : Watch, optional
        Ends the work, and tells of it.

    Returns
    -------
    Resolved
        ``converged`` is False where a limit of work was met.
    ndarray, shape (panels + functionals,)
        Bound on the error.

    Raises
    ------
    OutOfTime
        If the budget ended before anything was verified.
    """
    solver_tolerance, watch = settings.solver_tolerance, watch or Watch()
    done = best = prepared = levels = None
    least = np.inf
    for attempt in range(settings.limits.verifications):
        try:
            while True:
                if prepared is not source:
                    cells, done = _prepared(
                        source, domain, cells, done or [], settings.claim.overlooked * goal.panels,
                        solver_tolerance, watch,
                    )
                    if prepared is None:
                        source = settled(
                            source, domain, cells, goal.panels, solver_tolerance, watch
                        )
                    prepared = source
                result = resolve(
                    source, domain, cells, goal, settings, solver_tolerance, done=done, watch=watch
                )
                source = result.source
                if source is prepared or not result.converged:
                    break
                cells, done = [], result.cells
            unit = goal.allowed(source)
            if levels is None or levels.half_way.source is not source:
                levels = Levels.of(source)
            found = verify(result, settings.claim, solver_tolerance, unit, watch, levels)
            result = replace(result, difference=found.difference)
        except Unresolved as failure:  # too few nodes with some left out
            source = source.finer(failure.places)
            cells, done = [s.cell for s in result.cells], None
            continue
        except OutOfTime:
            if best is None:
                raise
            return replace(best[0], converged=False), best[1]
        worst = float(np.max(found.error / unit))
        watch.done(0, worst * goal.panels)
        if worst <= 1:
            return result, found.error
        if worst <= least:
            least, best = worst, (result, found.error)
        only_rounding = np.all(found.error <= result.rounding + unit)
        if only_rounding or not result.converged:
            break
        source, cells, done = _improve(result, found, unit, settings, attempt)
    if best is None:
        return replace(result, converged=False), np.full(len(unit), np.inf)
    return replace(best[0], converged=False), best[1]


def _prepared(
    source: Source, domain: Domain, cells: list[Cell], done: list[Sums], allowed: float,
    tolerance: float, watch: Watch,
) -> tuple[list[Cell], list[Sums]]:
    """Cells divided by the domain, and sums that stay; a missed state may make `allowed`."""
    new = domain.prepared(cells + [s.cell for s in done], source, allowed, tolerance, watch)
    keep = [s for s in done if s.cell in new]
    kept = [s.cell for s in keep]
    return [cell for cell in new if cell not in kept], keep


def resolve(
    source: Source, domain: Domain, cells: list[Cell], goal: Goal, settings: Settings,
    solver_tolerance: float, *, watch: Watch, done: list[Sums] | None = None,
) -> Resolved:
    """Refine places and cells until both meet half of the goal by their own estimates.

    Places are not divided for what is small beside the cells' error: coarse cells see waves that
    finer ones average out.
    """
    done, result = done or [], None
    limits, start = settings.limits, settings.start
    least, stalled, changed = np.inf, 0.0, False
    for _ in range(limits.rounds):
        try:
            done = done + evaluate(source, domain, cells, solver_tolerance, watch)
        except Unresolved as failure:
            source, cells, done = source.finer(failure.places), cells + [s.cell for s in done], []
            continue
        result = Resolved(source, domain, done, True)
        worst, keep, cells = _refine(result, goal.allowed(source) / 2, limits.order)
        mesh_error = result.mesh_error
        enough = max(goal.panels / 2 * max(1.0, 0.1 * worst), result.rounding)
        coarse = mesh_error > enough
        if not cells and not np.any(coarse):
            return result
        if source.full(result.size) or stalled >= limits.stalls:
            break
        if np.any(coarse):
            largest = float(np.max(mesh_error))
            better = largest < (1 - limits.stall) * least
            # Other cells may see other waves: half of it is no failure of the last refinement then.
            stalled = 0.0 if better else stalled + (0.5 if changed else 1.0)
            least = min(largest, least)
            parts = 1 + coarse + 2 * (mesh_error > start.quarter_at * enough)
            changed = bool(cells)
            source, cells, done = source.finer(parts), cells + [s.cell for s in keep], []
        else:
            changed, done = True, keep
    if result is None:
        raise RuntimeError("the Riccati equation could not be solved on any mesh")
    return replace(result, converged=False)


def _improve(
    result: Resolved, found: Verification, unit: NDArray, settings: Settings, attempt: int
) -> tuple[Source, list[Cell], list[Sums]]:
    """Source, new and kept cells after a verification that failed."""
    source, keep, new = result.source, list(result.cells), []
    by_nodes = np.any(found.mesh > unit / 2)
    if np.any(np.sum(found.shares, axis=0) > unit / 2) or not by_nodes:
        keep = []
        scores = np.max(found.shares / unit, axis=1)
        fine = _small(scores, 0.3)
        for i, s in enumerate(result.cells):
            if i in fine:
                keep.append(s)
                continue
            worst = np.argmax(found.shares[i] / unit)
            errors = s.errors[:, worst] / max(np.max(s.errors[:, worst]), 1e-300)
            errors *= settings.start.impatience**attempt * scores[i]
            new += _finer(result.domain, s.cell, errors, s.rates[:, worst], settings.limits.order)
    if not by_nodes:
        return source, new, keep
    panels = source.layout.panels
    wrong = places_to_blame(
        result, settings.claim, (found.mesh / unit)[:panels], unit[:panels]
    )
    return source.finer(wrong), new + [s.cell for s in keep], []


def _refine(
    result: Resolved, unit: NDArray, largest_order: int
) -> tuple[float, list[Sums], list[Cell]]:
    """Error over what is allowed, the cells to keep, and those in place of the others."""
    worst = float(np.max(np.sum([s.errors.sum(axis=0) for s in result.cells], axis=0) / unit))
    if worst <= 1:
        return worst, result.cells, []
    scores = np.array([np.max(s.errors / unit, axis=1) for s in result.cells])
    fine = _small(scores.sum(axis=1), 0.5)
    keep, new = [], []
    for i, s in enumerate(result.cells):
        if i in fine:
            keep.append(s)
        else:
            felt = s.rates[(0, 1), np.argmax(s.errors / unit, axis=1)]
            new += _finer(result.domain, s.cell, scores[i], felt, largest_order)
    return worst, keep, new


def _small(scores: NDArray, share: float) -> set[int]:
    """The cells with the smallest scores, `share` together."""
    order = np.argsort(scores)
    return set(order[np.cumsum(scores[order]) <= share].tolist())


def _finer(
    domain: Domain, cell: Cell, scores: NDArray, rates: NDArray, largest: int
) -> list[Cell]:
    """More nodes where that converges fast, smaller cells where it does not.

    An n-point rule's error falls as rate^2n: so many more nodes bring a score to 1/3.
    """
    pieces = [cell]
    for axis in (0, 1):
        if scores[axis] < 0.1 * np.max(scores) or scores[axis] == 0:
            continue
        n, rate = cell.n[axis], min(max(rates[axis], 1e-3), 0.999)
        needed = n + np.ceil(np.log(max(3 * scores[axis], 2.0)) / (-2 * np.log(rate)))
        if needed <= min(largest, 2 * n + 2):
            more = int(max(needed, n + 1))
            pieces = [
                replace(p, n=(more, p.n[1]) if axis == 0 else (p.n[0], more)) for p in pieces
            ]
        else:
            pieces = [q for p in pieces for q in domain.split(p, axis)]
    return pieces
