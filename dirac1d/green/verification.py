"""The error of a contour integral: everything once more with fewer nodes, and what did it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.resolved import Resolved
from dirac1d.green.sums import Integrand, Sums, evaluate, visible_shape
from dirac1d.numerics.quadrature import legendre_analysis, lobatto

#: Between the difference of two levels and the bound on the finer one's error: see `verify`, and
#: validation/green_certificate.py for how it was chosen.
SAFETY = 2.5
#: Between what is lost of s and what that does to a trace: 1/|1 - s_Ls_R| where κ is small.
LOST_SAFETY = 4.0
#: Least factor between the errors of the two levels' rules in a verification.
CONTRAST = 4.0
#: Rate of convergence from which it is itself uncertain: a tail that falls more slowly still may
#: hide under it, and a quarter of the nodes is left out at least.
SLOW_RATE = 0.7
#: Charts whose p stays real, and the side along which it runs.
RESONANT = {"first": 0, "column": 1, "low column": 1}
#: Part of the largest panel's error that every panel is said to have: the error of the contour
#: oscillates in x, and so does the difference of two levels.
SPREAD = 0.5
#: Nodes per panel left out in a verification.
DROPPED_NODES = 2
#: Part of a panel's error that its last coefficients must explain, on the scale of the worst panel.
OWN_SHARE = 0.1


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
    predicted = [s.errors(shape) for s in result.cells]
    cells = [
        replace(s.cell, n=tuple(
            _fewer(*side) for side in zip(s.cell.n, s.exact, rates, strict=True)
        ))
        for s, (_, rates) in zip(result.cells, predicted, strict=True)
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
    hidden = np.array([_hidden(s, *p) for s, p in zip(result.cells, predicted, strict=True)])
    error = SAFETY * np.max(
        (together, np.sqrt(np.sum(single**2, axis=0)), np.max(hidden, axis=0)), axis=0
    )
    regular = mesh.at_jump[mesh.visible] == 0
    error[:-2] = np.maximum(error[:-2], SPREAD * np.max(error[:-2][regular], initial=0.0))
    # What neither level can carry is no difference between them.
    unseen = LOST_SAFETY * np.concatenate((result.lost_on_the_way, [0.0, 0.0]))
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
        SAFETY * np.maximum(hidden, [
            _difference(fine.rows[0], other.rows[0], same)
            for fine, other in zip(result.cells, half_way, strict=True)
        ]),
    )


def _hidden(cell: Sums, errors: NDArray, rates: NDArray) -> NDArray:
    """What narrow resonances may hide from both levels of a cell of real p, shape (P' + 2,).

    Where p stays real, a quasi-bound state narrower than the nodes' distance leaves coefficients
    that hardly fall, and the same error to both levels: only half of the fall is believed.
    """
    axis = RESONANT.get(cell.cell.chart)
    if axis is None or cell.exact[axis]:
        return np.zeros(errors.shape[1])
    return errors[axis] * max(rates[axis], 1e-3) ** (-cell.cell.n[axis] / 2)


def _fewer(n: int, exact: bool, rate: float) -> int:
    """A number of nodes whose rule is worse by `CONTRAST`: its error goes as rate^2n."""
    if exact or n == 1:
        return n
    drop = np.log(CONTRAST) / (-2 * np.log(min(max(rate, 1e-3), 0.999)))
    least = (n + 2) // 4 if rate > SLOW_RATE else (n + 4) // 8
    return max(n - int(np.clip(np.ceil(drop), max(1, least), (n + 1) // 2)), 1)


def _difference(there: NDArray, here: NDArray, transfer: NDArray) -> NDArray:
    """Largest difference on each panel, then those of the integrals beyond; shape (P' + 2,).

    `transfer` takes values at the nodes of one level to those of the other, where they differ.
    """
    n, k = transfer.shape
    inside = there[:-2].reshape(-1, n) - here[:-2].reshape(-1, k) @ transfer.T
    return np.concatenate((np.max(np.abs(inside), axis=1), np.abs(there[-2:] - here[-2:])))


def panels_to_blame(result: Resolved, error: NDArray, allowed: NDArray) -> NDArray:
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
    if np.any(LOST_SAFETY * result.lost_on_the_way > 0.5 * allowed):
        wrong |= losing
    else:
        wrong |= hidden
    return wrong
