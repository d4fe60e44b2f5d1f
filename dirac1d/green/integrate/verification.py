"""The error of an integral: everything once more with fewer nodes, and what did it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Cell, Source
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.integrate.sums import Sums, Totals
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.settings import Claim
from dirac1d.numerics.quadrature import series_error

#: A rule's error at a square root, as κ has at turning points, over the difference that a quarter
#: of n makes: it goes as n^-3/2 (at a kink as n⁻², which leaves less).
OF_A_ROOT = 1 / ((4 / 3) ** 1.5 - 1)


@dataclass(frozen=True, eq=False)
class Verification:
    """Error of each panel and functional, and where it comes from.

    Attributes
    ----------
    error, mesh : ndarray, shape (panels + functionals,)
        All of the error, and what is due to the source's nodes.
    shares : ndarray, shape (cells, panels + functionals)
        What is due to each cell.
    difference : ndarray, shape (layout.size,)
        How far both levels are apart, with its sign.
    """

    error: NDArray
    mesh: NDArray
    shares: NDArray
    difference: NDArray


@dataclass(frozen=True, eq=False)
class Levels:
    """What verifications of one source computed: it serves the next, as most cells stay.

    `half_way` is of the source itself, `coarse` of the same with fewer nodes on its panels.
    """

    half_way: Totals
    coarse: Totals

    @classmethod
    def of(cls, source: Source) -> Levels:
        """Of a source of which nothing is known."""
        return cls(Totals(source), Totals(source.coarser()))


def verify(
    result: Resolved, claim: Claim, solver_tolerance: float, enough: NDArray,
    watch: Watch | None = None, levels: Levels | None = None,
) -> Verification:
    """Compute everything once more with fewer nodes.

    So many less on every side of a cell that its rule is worse by `claim.contrast` at least, and
    `claim.dropped` less on every panel. What the difference to that coarser answer tells of the
    finer one's error may be an accident, as the error of a rule has zeros in its number of nodes: a
    cell's is at least what its coefficients leave to `Sums.doubted`, and a panel's a part of the
    largest one. Panels' nodes have no more part in it than what they cannot carry. Where it is
    above `enough`, shape (panels + functionals,), a third computation says how much of it is due to
    them.
    """
    source = result.source
    cells = [
        replace(s.cell, n=tuple(
            fewer(*side, claim)
            for side in zip(s.cell.n, s.exact, _felt(s, enough, claim), strict=True)
        ))
        for s in result.cells
    ]
    rules = _rules(result, cells, claim)
    levels = levels or Levels.of(source)
    poorer = levels.coarse.source
    coarse = levels.coarse.of(result.domain, cells, solver_tolerance, watch)
    coarse_total = np.sum(coarse, axis=0)
    difference = _signed(result.totals, source, coarse_total, poorer)
    together = source.layout.largest(difference)
    carried = not_carried(result, claim)
    # Cells are compared at the nodes of the coarser level: what its nodes cannot carry of one cell
    # may cancel for good.
    single = np.array([
        _difference(other, poorer, s.rows[0], source)
        for s, other in zip(result.cells, coarse, strict=True)
    ])
    # Nodes of panels are fewer by a number, whatever that makes of their error.
    by_panels = claim.safety * np.minimum(together, carried)
    found = np.maximum(rules.error(together, single), by_panels)
    error, unseen = _bound(found, result, claim, enough)
    if np.all(error <= enough):
        return Verification(
            error, np.zeros_like(error), np.zeros((len(cells), len(error))), difference
        )
    half_way = levels.half_way.of(result.domain, cells, solver_tolerance, watch)
    by_nodes = _difference(np.sum(half_way, axis=0), source, coarse_total, poorer)
    by_panels = claim.safety * np.minimum(by_nodes, carried)
    # What is left of the difference is the cells' own, and each one's too.
    by_cells = [
        fine.rows[0] - other for fine, other in zip(result.cells, half_way, strict=True)
    ]
    together = source.layout.largest(np.sum(by_cells, axis=0))
    single = np.array([source.layout.largest(d) for d in by_cells])
    error, unseen = _bound(rules.error(together, single) + by_panels, result, claim, enough)
    return Verification(
        error, np.maximum(unseen, claim.safety * by_nodes), rules.shares(single), difference
    )


def _bound(
    found: NDArray, result: Resolved, claim: Claim, enough: NDArray
) -> tuple[NDArray, NDArray]:
    """The error with what no difference of levels shows; and what neither level can carry."""
    source = result.source
    panels = found[: source.layout.panels]
    np.maximum(panels, claim.spread * np.max(panels[source.judged], initial=0.0), out=panels)
    unseen = claim.lost_safety * np.concatenate(
        (source.unseen(result.lost), np.zeros(source.layout.functionals))
    )
    error = np.maximum(found, unseen) + result.rounding
    if any(s.resonant is not None for s in result.cells):
        error = error + claim.overlooked * np.where(np.isfinite(enough), enough, 0.0)
    return error, unseen


def not_carried(result: Resolved, claim: Claim) -> float:
    """The most that the panels' nodes may have made of a difference.

    What the answer's series leave out, and what is lost of the source, here and on the way here:
    all of it, since an error of one panel is seen on others.
    """
    source = result.source
    left_out = series_error(result.coefficients)[source.judged]
    lost = claim.lost_safety * source.unseen(result.lost)
    return float(np.max(left_out, initial=0.0) + np.max(lost, initial=0.0))


@dataclass(frozen=True, eq=False)
class Rules:
    """What is known of the cells' rules beside how far two levels are apart.

    Attributes
    ----------
    weights : ndarray, shape (cells, panels + functionals)
        A cell's error over its difference to the coarser level.
    doubted, hidden : ndarray, shape (cells, panels + functionals)
        What its coefficients may hide, where that adds up like errors, and at real momenta.
    """

    weights: NDArray
    doubted: NDArray
    hidden: NDArray

    def error(self, together: NDArray, single: NDArray) -> NDArray:
        """The error of all rules by the differences of levels, of all cells and of each one.

        Cells whose differences cancel by accident are not taken to be exact.
        """
        # What nodes of panels make of single cells cancels only if none has more weight.
        mean = np.sqrt(np.sum((self.weights * single) ** 2, axis=0) / np.maximum(
            np.sum(single**2, axis=0), 1e-300
        ))
        each = np.sqrt(np.sum(np.maximum(self.weights * single, self.doubted) ** 2, axis=0))
        return np.max((mean * together, each, np.max(self.hidden, axis=0)), axis=0)

    def shares(self, single: NDArray) -> NDArray:
        """What each cell has in it, (cells, panels + functionals)."""
        return np.max((self.weights * single, self.doubted, self.hidden), axis=0)


def _rules(result: Resolved, cells: list[Cell], claim: Claim) -> Rules:
    """The rules of the cells, beside those of coarser `cells`, by the fall of coefficients."""
    layout = result.source.layout
    weights, others, hidden = np.zeros((3, len(cells), layout.panels + layout.functionals))
    for i, s in enumerate(result.cells):
        weights[i] = claim.rules * _of_difference(s, cells[i], claim)
        doubted = claim.rules * s.doubted(claim.believed, claim.wary)
        if s.resonant is not None:
            weights[i] *= claim.resonant
            hidden[i] = claim.resonant * doubted[s.resonant]
            doubted[s.resonant] = 0.0
        others[i] = np.sum(doubted, axis=0)
    return Rules(weights, others, hidden)


def _of_difference(cell: Sums, fewer: Cell, claim: Claim) -> NDArray:
    """A rule's error over its difference to one with fewer nodes, for each panel and functional.

    Of the side that makes the difference. A rule's error falls by `claim.per_node` with every node,
    or as slowly as its coefficients tell; where those are slow it may be no power of any number.
    """
    above, below = np.full((2, cell.errors.shape[1]), 1e-300)
    for axis in (0, 1):
        drop = cell.cell.n[axis] - fewer.n[axis]
        if cell.exact[axis] or drop == 0:
            continue
        rate = np.clip(cell.rates[axis], 1e-3, 0.999)
        difference = cell.errors[axis] * rate ** (-2 * drop)
        # Never more than is claimed where nothing is known: at rounding no coefficients fall.
        share = 1 / (np.maximum(claim.per_node, rate**2) ** -drop - 1)
        share = np.minimum(share, claim.safety / claim.rules)
        slow = rate > claim.slow_rate
        above += difference * np.where(slow, np.maximum(share, OF_A_ROOT), share)
        below += difference
    return above / below


def _felt(cell: Sums, enough: NDArray, claim: Claim) -> NDArray:
    """The rate of convergence along each side where it matters, shape (2,).

    That is where the error is the largest part of what is enough. If all of them are overlooked,
    their rates are those of what is not felt, and it is where most would be lost.
    """
    enough = np.maximum(enough, 1e-300)
    part = cell.errors / enough
    seen = np.max(part, axis=1) > claim.overlooked
    place = np.where(seen, np.argmax(part, axis=1), np.argmax(cell.ends / enough, axis=1))
    return cell.rates[(0, 1), place]


def fewer(n: int, exact: bool, rate: float, claim: Claim) -> int:
    """A number of nodes whose rule is worse by `claim.contrast`: its error goes as rate^2n."""
    if exact or n == 1:
        return n
    drop = np.log(claim.contrast) / (-2 * np.log(min(max(rate, 1e-3), 0.999)))
    least = (n + 2) // 4 if rate > claim.slow_rate else (n + 4) // 8
    return max(n - int(np.clip(np.ceil(drop), max(1, least), (n + 1) // 2)), 1)


def _difference(there: NDArray, at: Source, here: NDArray, of: Source) -> NDArray:
    """Largest difference on each panel at the nodes of `at`, then those of the functionals."""
    return at.layout.largest(_signed(there, at, here, of))


def _signed(there: NDArray, at: Source, here: NDArray, of: Source) -> NDArray:
    """The difference at the nodes of `at`, then those of the functionals: a vector of `at`."""
    on, other = at.layout, of.layout
    inside = on.on_panels(there) - other.on_panels(here) @ of.transfer(at).T
    return np.concatenate((inside.ravel(), on.functionals_of(there) - other.functionals_of(here)))


def places_to_blame(
    result: Resolved, claim: Claim, error: NDArray, allowed: NDArray
) -> NDArray:
    """Places that miss the accuracy (error > 1/2 on some panels), shape (places,) bool.

    Panels whose last coefficients explain their own error; if there is any other error, also places
    without a panel, through which it came in: the ones that lose much, or else all.
    """
    source = result.source
    wrong = np.zeros(source.places, dtype=bool)
    tail = np.max(np.abs(result.coefficients[:, -claim.dropped :]), axis=1)
    tail[~source.judged] = 0.0
    scale = np.max(error, initial=0.0) / max(float(np.max(tail)), 1e-300)
    wrong[source.visible] = (error > 0.5) & (tail * scale > claim.own_share * error)
    losing = result.lost > claim.own_share * np.max(result.lost, initial=0.0)
    if np.any(claim.lost_safety * source.unseen(result.lost) > 0.5 * allowed):
        wrong |= losing
    else:
        wrong |= source.hidden
    if not np.any(wrong):  # it is no series that falls slowly: the equations behind it are coarse
        wrong[source.visible] = error > 0.5
    return wrong
