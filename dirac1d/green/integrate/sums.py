"""Sums of a source over the cells of a domain, cell by cell, and what their rules leave out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Cell, Domain, Layout, Nodes, Sample, Source
from dirac1d.green.integrate.watch import Watch
from dirac1d.numerics.quadrature import rule_error, tail_rate


class Unresolved(Exception):
    """Places on which a source's own equations were not solved."""

    def __init__(self, places: NDArray) -> None:
        super().__init__()
        self.places = places


@dataclass(frozen=True, eq=False)
class Sums:
    """One cell's sums: rows as in `Nodes.analysis`, each a vector of the answer of that `layout`.

    `lost`, shape (places,), is what the source's nodes cannot carry, and `rounding` what its
    arithmetic leaves, summed over the cell; `slowest` and `crowd` as in `Nodes`.
    """

    cell: Cell
    layout: Layout
    rows: NDArray
    split: int
    exact: tuple[bool, bool]
    resonant: int | None
    size: int
    lost: NDArray
    rounding: float
    slowest: float = 0.0
    crowd: bool = False

    @property
    def errors(self) -> NDArray:
        """The rule's error on each panel and of each functional, (2 sides, panels + functionals).

        An exact side has none.
        """
        return self._errors_and_rates[0]

    @property
    def rates(self) -> NDArray:
        """The rule's rate of convergence where its error is largest, shaped as `errors`."""
        return self._errors_and_rates[1]

    @cached_property
    def _errors_and_rates(self) -> NDArray:
        layout = self.layout
        out = np.zeros((2, 2, layout.panels + layout.functionals))
        for axis, rows in self._sides():
            if self.crowd:
                out[:, axis] = rule_error(layout.largest(rows))
            else:
                error, rate = rule_error(rows)
                out[:, axis] = layout.largest(error), layout.at_largest(error, rate)
        return out

    @cached_property
    def ends(self) -> NDArray:
        """The last coefficients on each panel and of each functional, shaped as `errors`."""
        out = np.zeros((2, self.layout.panels + self.layout.functionals))
        for axis, rows in self._sides():
            out[axis] = self.layout.largest(np.max(np.abs(rows[-2:]), axis=0))
        return out

    def doubted(self, believed: float, wary: float) -> NDArray:
        """What the rule's error may be if coefficients deceive, shaped as `errors`.

        They fall as a strong singularity tells them to, and a weaker one that is closer shows where
        no node is left to see it: `believed` of the fall beyond the last coefficient is taken for
        true. `wary` of it for functionals: a panel is judged by that of its positions where
        coefficients fall least, a functional has but its own. And where momenta stay real: a
        quasi-bound state narrower than the nodes' distance leaves coefficients that hardly fall.
        Where they are many and such a singularity shows in the last of them, it is at their rate.
        Nothing of it where a singularity is known to be closer.
        """
        out = np.zeros((2, self.layout.panels + self.layout.functionals))
        parts = np.full(self.layout.panels if self.crowd else self.layout.cut, believed)
        parts = np.concatenate((parts, [wary] * self.layout.functionals))
        for axis, rows in self._sides():
            n, part = len(rows), np.minimum(parts, wary) if axis == self.resonant else parts
            largest = self.layout.largest(rows)
            error, rate = rule_error(largest if self.crowd else rows)
            rate, last = np.maximum(rate, 1e-3), tail_rate(largest)
            slow = np.maximum(rate**part, last if self.crowd else self.layout.everywhere(last))
            known = self.slowest if axis == 0 else 0.0
            larger = (np.maximum(slow, known) / rate) ** n
            out[axis] = error * larger if self.crowd else self.layout.largest(error * larger)
        return out

    def _sides(self) -> Iterator[tuple[int, NDArray]]:
        """The sides that are no finite sum, and the coefficients along each."""
        if not self.exact[0]:
            yield 0, self.rows[: self.split]
        if not self.exact[1]:
            yield 1, np.concatenate((self.rows[:1], self.rows[self.split :]))


def in_batches(
    source: Source, points: tuple[NDArray, ...], tolerance: float, watch: Watch, group: int = 1,
) -> Iterator[tuple[int, Sample]]:
    """Samples of some points, each batch with the number of its first one.

    `group` points that belong together are never apart.

    Raises
    ------
    OutOfTime
        If the budget ended.
    """
    batch = max(1, source.batch // group) * group
    for start in range(0, len(points[0]), batch):
        watch.check()
        found = source.sample(tuple(q[start : start + batch] for q in points), tolerance)
        watch.done(len(found.values))
        yield start, found


def evaluate(
    source: Source, domain: Domain, cells: list[Cell], tolerance: float,
    watch: Watch | None = None,
) -> list[Sums]:
    """Sums of all cells, sampled in batches.

    Raises
    ------
    Unresolved
        If the source could not solve its equations on some places.
    OutOfTime
        If the budget ended.
    """
    placed, watch = [domain.place(cell) for cell in cells], watch or Watch()
    if not placed:
        return []
    points = tuple(np.concatenate(q) for q in zip(*(p.points for p in placed), strict=True))
    ends = np.cumsum([len(q) for q in placed])
    rows = [np.zeros((len(q.analysis), source.layout.size)) for q in placed]
    lost = [np.zeros(source.places + 1) for _ in placed]
    failed = np.zeros(source.places, dtype=bool)
    for start, found in in_batches(source, points, tolerance, watch):
        failed |= found.failed
        for q, end, total, noise in zip(placed, ends, rows, lost, strict=True):
            _accumulate(q, end - len(q), start, found, total, noise)
    if np.any(failed):
        raise Unresolved(failed)
    return [
        Sums(
            cell, source.layout, total, q.split, q.exact, q.resonant, len(q), noise[:-1],
            float(noise[-1]), q.slowest, q.crowd,
        )
        for cell, total, q, noise in zip(cells, rows, placed, lost, strict=True)
    ]


def _accumulate(
    q: Nodes, first: int, start: int, found: Sample, total: NDArray, lost: NDArray
) -> None:
    """Add to a cell's sums what the sample of the points from `start` on holds of it."""
    a, b = max(first, start), min(first + len(q), start + len(found.values))
    if a >= b:
        return
    part = q.analysis[:, a - first : b - first]
    w, f = q.weight[a - first : b - first], found.values[a - start : b - start]
    total += (part * w.real) @ f.real - (part * w.imag) @ f.imag
    lost[:-1] += found.lost[:, a - start : b - start] @ np.abs(w)
    lost[-1] += found.rounding[a - start : b - start] @ np.abs(w)


@dataclass(frozen=True, eq=False)
class Totals:
    """The sums alone of cells of one source; what it computed before is not computed again."""

    source: Source
    known: dict[Cell, NDArray] = field(default_factory=dict)

    def of(
        self, domain: Domain, cells: list[Cell], tolerance: float, watch: Watch | None = None
    ) -> list[NDArray]:
        """Each cell's sum, a vector of the answer. Raises as `evaluate` does."""
        new = [cell for cell in cells if cell not in self.known]
        found = evaluate(self.source, domain, new, tolerance, watch)
        self.known.update((s.cell, s.rows[0].copy()) for s in found)
        return [self.known[cell] for cell in cells]
