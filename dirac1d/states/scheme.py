"""One scheme for all systems: an infinite system cut down, and the cuts measured and undone.

A `System` is a chain with walls or graded leads, or a ring with twists. It is cut down in three
ways: by a *level* (spacing a/level), by the *order* of its momentum rule, panel by panel, and by a
*size* (walls farther away; more twists, which is a longer ring). `converge` settles order and size
on the coarsest level, where they are cheap. What the spacing does is then found with few momenta:
the sum on a finer level differs from the coarse one by O(a²), and so does the error that a short
momentum rule makes in it, so the rule's error on the coarse level is subtracted:

    j_l = F(l; m, s) + [F(2; n, S) - F(2; m, s)],      m ≤ n, s ≤ S.

The order m is that at which the difference between the two coarsest levels has settled. Neville's
scheme takes the leading powers of a² out of the j_l.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dirac1d.states.settings import Settings
from dirac1d.states.work import Stopped, Work


class System(Protocol):
    """A system that can be cut down; currents are arrays (at points, or of harmonics).

    Attributes
    ----------
    parts : int
        Panels of momenta, each with an order of its own.
    first_orders : tuple of int
        With which order to try first, panel by panel.
    last_size : int
        Largest size, from 0 on.
    extrapolates_size : bool
        Whether the sizes are a sequence that converges (twists); else size 1 is looked at once, to
        see what size 0 does.
    doubt : float
        Factor on the error of the extrapolation in the spacing.
    """

    parts: int
    first_orders: tuple[int, ...]
    last_size: int
    extrapolates_size: bool
    doubt: float

    def current(self, part: int, level: int, order: int, size: int) -> NDArray:
        """What the momenta of one panel contribute; finer levels may return longer arrays."""

    def tail(self, level: int) -> NDArray:
        """What lies beyond the last panel, in closed form."""

    def fits(self, level: int) -> bool:
        """Whether the system at that level is within the limits of size."""

    def magnitude(self, change: NDArray) -> float:
        """The size of a change of the current, as the target counts it."""


@dataclass(frozen=True)
class Answer:
    """The extrapolated current and the signed differences that estimate its errors.

    Attributes
    ----------
    values : ndarray
    spacing, momenta, box : ndarray
        Differences of two approximations, as long as `values`; infinite where there are not two.
    levels : tuple of int
    orders : tuple of int
        Orders of the momentum rule on the coarsest level, panel by panel.
    fine_orders : tuple of int
        Orders with which the finer levels were summed.
    size : int
    weight : float
        Sum of the absolute weights of the levels.
    """

    values: NDArray
    spacing: NDArray
    momenta: NDArray
    box: NDArray
    levels: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()
    fine_orders: tuple[int, ...] = ()
    size: int = 0
    weight: float = 1.0

    def parts(self) -> dict[str, NDArray]:
        """The differences by name."""
        return {"spacing": self.spacing, "momenta": self.momenta, "box": self.box}


@dataclass
class _Run:
    """What `converge` has computed: each current once, and the best answer so far."""

    system: System
    work: Work
    target: float
    known: dict[tuple[int, int, int, int], NDArray] = field(default_factory=dict)
    changes: dict[tuple[int, int], float] = field(default_factory=dict)
    best: Answer | None = None

    @property
    def settings(self) -> Settings:
        """The numbers of the engine."""
        return self.work.settings

    def current(self, part: int, level: int, order: int, size: int) -> NDArray:
        """The system's current, from memory if it is known."""
        key = part, level, order, size
        if key not in self.known:
            self.known[key] = self.system.current(*key)
        return self.known[key]

    def claimed(self, answer: Answer) -> float:
        """About what will be claimed of an answer at its worst point."""
        claim = self.settings.claim
        largest = sum(self.system.magnitude(d) for d in answer.parts().values())
        return claim.safety * (1 + claim.everywhere) * largest

    def keep(self, answer: Answer) -> None:
        """A better answer: remembered, and told of."""
        self.best = answer
        told = self.claimed(answer) / self.target * self.work.goal
        self.work.error = min(self.work.error, told)


def converge(system: System, target: float, work: Work) -> Answer | None:
    """The current of a system to within `target`, or the best that could be had.

    If a budget ends the run, or the user interrupts it, ``work.stopped`` says so.

    Returns
    -------
    Answer or None
        None if not even the coarsest level fits the limits of size, or the run was stopped before
        there was any answer.

    Raises
    ------
    KeyboardInterrupt
        If the user interrupts before there is an answer.
    """
    run = _Run(system, work, target)
    if not system.fits(work.settings.limits.levels[0]):
        return None
    try:
        _refine(run)
    except Stopped as reason:
        work.stopped = str(reason)
    except KeyboardInterrupt:
        if run.best is None:
            raise
        work.stopped = work.interrupted()
    return run.best


def _refine(run: _Run) -> None:
    """Order and size on the coarsest level, then level by level."""
    system, settings = run.system, run.settings
    levels = settings.limits.levels
    orders, size, momenta, box = _settle(run)
    if system.extrapolates_size:
        pieces = [run.current(k, levels[0], n, size) for k, n in enumerate(orders)]
    else:
        pieces = [box, *(run.current(k, levels[0], n, 0) for k, n in enumerate(orders))]
    reference = _sum(*pieces)
    table = [_sum(reference, system.tail(levels[0]))]
    nothing = np.full_like(table[0], np.inf)
    answer = Answer(table[0], nothing, momenta, box, levels[:1], orders, orders, size)
    run.keep(answer)
    if len(levels) == 1 or not system.fits(levels[1]):
        return
    # A size less will do for the differences between meshes, as fewer momenta do.
    smaller = max(size - 1, 0)
    fine, left = _fine_orders(run, orders, smaller)
    momenta = _sum(momenta, settings.claim.difference * left)
    for level in levels[1:]:
        if not system.fits(level):
            break
        pieces = [reference, system.tail(level)]
        for k, m in enumerate(fine):
            pieces += [
                run.current(k, level, m, smaller), -run.current(k, levels[0], m, smaller)
            ]
        table.append(_sum(*pieces))
        used = levels[: len(table)]
        values, weight = extrapolate(used, table)
        # Without the coarsest mesh the same scheme has one order less and finer meshes: its
        # distance from the best value is of the size of the larger of the two errors.
        other, _ = extrapolate(used, table, skip=1)
        # Where the coarsest meshes are not yet in order, the step before says so.
        before = table[-2] if len(table) == 2 else extrapolate(used[:-1], table[:-1])[0]
        last = settings.claim.last_step * _sum(values, -before)
        difference = np.where(np.abs(last) > np.abs(values - other), last, values - other)
        answer = Answer(
            values, system.doubt * difference, _sum(momenta, 0 * values),
            _sum(box, 0 * values), used, orders, fine, size, weight,
        )
        run.keep(answer)
        rest = run.claimed(replace(answer, spacing=0 * values))
        spacing = settings.claim.safety * system.magnitude(answer.spacing)
        # What is left of order and size no finer mesh makes smaller.
        enough = spacing < settings.start.spacing_share * run.target and rest > run.target
        if len(table) > 2 and (enough or run.claimed(answer) < run.target):
            break


def _settle(run: _Run) -> tuple[tuple[int, ...], int, NDArray, NDArray]:
    """Orders and size at which the coarsest level has converged, and the last step of each."""
    system, start = run.system, run.settings.start
    level, size = run.settings.limits.levels[0], 0
    orders, momenta = _ladder(run, system.first_orders, size)
    # What a larger box changes is small: the momenta before the last step will do for it.
    enough = orders if system.extrapolates_size else tuple(
        max(order for part, order in run.changes if part == k) for k in range(system.parts)
    )
    while True:
        size += 1
        box = _sum(*(
            run.current(k, level, n, size) - run.current(k, level, n, size - 1)
            for k, n in enumerate(enough)
        ))
        small = system.magnitude(box) <= start.size_share * run.target
        if small or size == system.last_size or not system.extrapolates_size:
            break
    if system.extrapolates_size and size > 1:
        # A longer ring has sharper features in p_y than the one that the orders were found on.
        orders, momenta = _ladder(run, tuple(int(n / start.growth) for n in orders), size)
    return orders, size, momenta, box


def _ladder(run: _Run, first: tuple[int, ...], size: int) -> tuple[tuple[int, ...], NDArray]:
    """Panel by panel the order at which the coarse sum has converged; the sum of the last steps."""
    level = run.settings.limits.levels[0]
    share = run.settings.start.momentum_share * run.target / run.system.parts
    orders, changes = [], []
    for k, order in enumerate(first):
        sizes: list[float] = []
        while True:
            following = _next(order, run.settings)
            change = run.current(k, level, following, size) - run.current(k, level, order, size)
            sizes.append(run.system.magnitude(change))
            run.changes[k, order] = sizes[-1]
            order = following
            if _settled(sizes, share) or order == run.settings.limits.order:
                break
        orders.append(order)
        changes.append(_doubted(run, change, sizes, share))
    return tuple(orders), _sum(*changes)


def _fine_orders(
    run: _Run, orders: tuple[int, ...], size: int
) -> tuple[tuple[int, ...], NDArray]:
    """The order, panel by panel, at which the difference between two levels has converged.

    And the last change of the differences.
    """
    coarse, level = run.settings.limits.levels[:2]
    share = run.settings.start.momentum_share * run.target / run.system.parts
    share /= run.settings.claim.difference

    def difference(k: int, order: int) -> NDArray:
        return _sum(run.current(k, level, order, size), -run.current(k, coarse, order, size))

    fine, changes = [], []
    for k, most in enumerate(orders):
        order, sizes = _first_fine_order(run, k, share), []
        while True:
            following = _next(order, run.settings)
            change = difference(k, following) - difference(k, order)
            sizes.append(run.system.magnitude(change))
            order = following
            if _settled(sizes, share) or order >= most:
                break
        fine.append(order)
        changes.append(_doubted(run, change, sizes, share))
    return tuple(fine), _sum(*changes)


def _doubted(run: _Run, change: NDArray, sizes: list[float], share: float) -> NDArray:
    """The last change, more of it if it is not small and did not fall: then it goes on changing."""
    falls = len(sizes) == 1 or sizes[-1] < 0.5 * sizes[-2]
    return change if falls or sizes[-1] < share else run.settings.claim.unsettled * change


def _settled(sizes: list[float], share: float) -> bool:
    """Whether changes have become small, or no longer fall though they are nearly small.

    At T = 0 in a band the levels of the box set a floor that more momenta do not lower; where sites
    crowd, the rounding of eigenvectors does, times the weights of the largest momenta.
    """
    falls = [later < 0.5 * earlier for earlier, later in itertools.pairwise(sizes)]
    once = len(falls) > 0 and not falls[-1]
    twice = len(falls) > 1 and not any(falls[-2:])
    return sizes[-1] < share or (once and sizes[-1] < 3 * share) or (
        twice and sizes[-1] < 30 * share
    )


def _first_fine_order(run: _Run, part: int, share: float) -> int:
    """The order after which a step on the coarse level changed so little that a part of it will do.
    """
    tried = sorted(order for k, order in run.changes if k == part)
    guess = run.settings.start.difference_guess
    small = [n for n in tried if guess * run.changes[part, n] < share]
    return min(small, default=tried[-1])


def _next(order: int, settings: Settings) -> int:
    return min(int(np.ceil(order * settings.start.growth)), settings.limits.order)


def extrapolate(
    levels: tuple[int, ...], table: list[NDArray], skip: int = 0
) -> tuple[NDArray, float]:
    """Value at spacing zero of the polynomial in a² ∝ 1/level² through all levels (Neville).

    And the sum of the absolute weights of the levels. Finer levels may know more entries; each is
    extrapolated over the levels that know it, less the first `skip` of them, and is 0 if none is
    left.
    """
    values = np.zeros(max(len(row) for row in table), dtype=np.result_type(*table))
    largest, done = 1.0, 0
    for first, length in enumerate(len(row) for row in table):
        if length <= done:
            continue
        rows, own = table[first + skip :], slice(done, length)
        weights = _weights(levels[first + skip :])
        for w, row in zip(weights, rows, strict=True):
            values[own] += w * row[own]
        largest, done = max(largest, sum(map(abs, weights))), length
    return values, largest


def _weights(levels: tuple[int, ...]) -> list[float]:
    """Lagrange's weights at a² = 0."""
    nodes = [1.0 / level**2 for level in levels]
    return [
        float(np.prod([m / (m - node) for m in nodes if m != node])) for node in nodes
    ]


def _sum(*arrays: NDArray) -> NDArray:
    """The sum of arrays, shorter ones continued by zeros."""
    total = np.zeros(max(len(a) for a in arrays), dtype=np.result_type(*arrays))
    for a in arrays:
        total[: len(a)] += a
    return total
