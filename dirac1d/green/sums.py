"""Contour sums of local traces at all x nodes, cell by cell, and what their rules leave out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.charts import Frame
from dirac1d.green.contour import Cell, Nodes, place
from dirac1d.green.mesh import Mesh
from dirac1d.green.riccati import solve
from dirac1d.green.solution import Solution

#: Bytes of the complex arrays of one batch of contour nodes.
MEMORY_BUDGET = 2**25
#: Complex arrays of the shape (panels, nodes, contour nodes) alive at once in a batch, for panels
#: on which U varies and for flat ones.
ARRAYS_ALIVE, FLAT_ARRAYS = 24, 5
#: Bytes of a block that is allocated and freed once, untouched. From then on glibc's malloc keeps
#: freed arrays of this size for the next ones, where it would return them to the system and fetch
#: them again page by page: a third of the time. Just below its largest threshold of 32 MiB.
KEPT = 2**25 - 2**13
np.empty(KEPT, np.uint8)
#: integrand(solution, mesh, E, M) -> values on the visible panels (n, P', N), and integrals beyond
#: them on either side (2, N).
Integrand = Callable[[Solution, Mesh, NDArray, NDArray], tuple[NDArray, NDArray]]


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
    rate at which they were reached. The mean, coefficient 0, says nothing of that rate: it is
    large where little else is.
    """
    size = np.abs(rows)
    n = len(rows)
    if n == 1:
        return size[0], np.ones(size.shape[1])
    span = 2 if n > 3 else 1
    first = 1 if n - span > FEWEST_STEPS else 0
    last = np.max(size[-span:], axis=0)
    head = np.maximum(np.max(size[first:], axis=0), 1e-300)
    rate = np.minimum((last / head) ** (1 / (n - span - first)), 1.0)
    return last * rate**n, rate


#: Steps over which a rate is measured without the mean, at least.
FEWEST_STEPS = 3


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


def evaluate(
    frame: Frame, cells: list[Cell], mesh: Mesh, integrand: Integrand, tolerance: float
) -> list[Sums]:
    """Contour sums of all cells, solved in batches within the memory budget."""
    placed = [place(frame, cell) for cell in cells]
    P, n = mesh.U.shape
    width = visible_shape(mesh)[0] * n + 2
    E, M = (np.concatenate([getattr(q, name) for q in placed]) for name in ("E", "M"))
    ends = np.cumsum([len(q.E) for q in placed])
    flat = int(np.sum(mesh.flat))
    arrays = ARRAYS_ALIVE * (P - flat) + FLAT_ARRAYS * flat
    batch = max(16, int(MEMORY_BUDGET / (16 * n * arrays)))
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


def visible_shape(mesh: Mesh) -> tuple[int, int]:
    """Numbers of visible panels and of their nodes."""
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
