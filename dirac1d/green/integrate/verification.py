"""The error of an integral: everything once more with fewer nodes, and what did it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Source
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.integrate.sums import Sums, evaluate
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.settings import Claim


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


def verify(
    result: Resolved, claim: Claim, solver_tolerance: float, enough: NDArray,
    watch: Watch | None = None,
) -> Verification:
    """Compute everything once more with fewer nodes.

    So many less on every side of a cell that its rule is worse by `claim.contrast` at least, and
    `claim.dropped` less on every panel. The difference is the error of that coarser answer, larger
    than that of the finer one; a safety factor and the other panels' errors cover accidental
    agreement. Where it is above `enough`, shape (panels + functionals,), a third computation says
    how much of it is due to the source's nodes.
    """
    source, layout = result.source, result.source.layout
    predicted = [s.errors(layout) for s in result.cells]
    cells = [
        replace(s.cell, n=tuple(
            fewer(*side, claim) for side in zip(s.cell.n, s.exact, rates, strict=True)
        ))
        for s, (_, rates) in zip(result.cells, predicted, strict=True)
    ]
    poorer = source.coarser()
    coarse = evaluate(poorer, result.domain, cells, solver_tolerance, watch)
    coarse_total = sum(s.rows[0] for s in coarse)
    # Cells whose differences cancel by accident are not taken to be exact. They are compared at the
    # nodes of the coarser level: what its nodes cannot carry of one cell may cancel for good.
    single = np.array([
        _difference(t.rows[0], poorer, s.rows[0], source)
        for s, t in zip(result.cells, coarse, strict=True)
    ])
    axes = [s.resonant for s in result.cells]
    single *= np.where([axis is not None for axis in axes], claim.resonant, 1.0)[:, None]
    difference = _signed(result.totals, source, coarse_total, poorer)
    together = layout.largest(difference)
    hidden = np.array([_hidden(s, *p) for s, p in zip(result.cells, predicted, strict=True)])
    error = claim.safety * np.max(
        (together, np.sqrt(np.sum(single**2, axis=0)), np.max(hidden, axis=0)), axis=0
    )
    panels = error[: layout.panels]
    np.maximum(panels, claim.spread * np.max(panels[source.judged], initial=0.0), out=panels)
    # What neither level can carry is no difference between them.
    unseen = claim.lost_safety * np.concatenate(
        (source.unseen(result.lost), np.zeros(layout.functionals))
    )
    error = np.maximum(error, unseen) + result.rounding
    if any(axis is not None for axis in axes):
        error = error + claim.overlooked * np.where(np.isfinite(enough), enough, 0.0)
    if np.all(error <= enough):
        return Verification(
            error, np.zeros_like(error), np.zeros((len(cells), len(error))), difference
        )
    half_way = evaluate(source, result.domain, cells, solver_tolerance, watch)
    by_nodes = _difference(sum(s.rows[0] for s in half_way), source, coarse_total, poorer)
    return Verification(
        error,
        np.maximum(unseen, claim.safety * by_nodes),
        claim.safety * np.maximum(hidden, [
            layout.largest(fine.rows[0] - other.rows[0])
            for fine, other in zip(result.cells, half_way, strict=True)
        ]),
        difference,
    )


def _hidden(cell: Sums, errors: NDArray, rates: NDArray) -> NDArray:
    """What narrow resonances may hide from both levels of a cell of real momenta, as `errors`.

    Where momenta stay real, a quasi-bound state narrower than the nodes' distance leaves
    coefficients that hardly fall, and the same error to both levels: only half of the fall is
    believed.
    """
    axis = cell.resonant
    if axis is None or cell.exact[axis]:
        return np.zeros(errors.shape[1])
    return errors[axis] * max(rates[axis], 1e-3) ** (-cell.cell.n[axis] / 2)


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
