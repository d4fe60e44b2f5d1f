"""Places settled before anything is integrated: a few points tell what the rest will lose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Cell, Domain, Source
from dirac1d.green.integrate.sums import in_batches
from dirac1d.green.integrate.watch import Watch

#: Points from which it pays as a rule; which part of them is looked at: every so many, or so many.
MANY, EVERY, FEWEST = 500, 13, 32
#: Part of the error allowed that one place may lose: a verification claims 2.5 times a difference,
#: and what is lost on a place is felt on others.
SHARE = 0.25
#: Halvings of places, at most.
ROUNDS = 12


def settled(
    source: Source, domain: Domain, cells: list[Cell], allowed: float, tolerance: float,
    watch: Watch,
) -> Source:
    """The source with places so fine that, by a few points, less than `allowed` is lost.

    With the fewer nodes of a verification, which has to see that the places are fine enough. What
    is lost is a sum of magnitudes over all points, so that a part of them tells its size; a place
    that is coarse here would have all points sampled again.
    """
    placed = [domain.place(cell) for cell in cells]
    total = sum(map(len, placed))
    if total < MANY:
        return source
    every = min(EVERY, total // FEWEST)
    points = tuple(
        np.concatenate(q)[::every] for q in zip(*(p.points for p in placed), strict=True)
    )
    weight = every * np.abs(np.concatenate([p.weight for p in placed]))[::every]
    for _ in range(ROUNDS):
        if source.full(0):
            break
        lost, failed = _lost(source.coarser(), points, weight, tolerance, watch)
        coarse = failed | (lost > SHARE * allowed)
        if not np.any(coarse):
            break
        source = source.finer(coarse + 1)
    return source


def _lost(
    source: Source, points: tuple[NDArray, ...], weight: NDArray, tolerance: float, watch: Watch
) -> tuple[NDArray, NDArray]:
    """What is lost on each place, and where equations failed."""
    lost, failed = np.zeros(source.places), np.zeros(source.places, dtype=bool)
    for start, found in in_batches(source, points, tolerance, watch):
        lost += found.lost @ weight[start : start + found.lost.shape[1]]
        failed |= found.failed
    return lost, failed
