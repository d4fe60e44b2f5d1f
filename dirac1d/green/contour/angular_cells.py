"""Where refinement starts for sums over angular momenta: the first cells of `angular`'s charts."""

from __future__ import annotations

import itertools

import numpy as np

from dirac1d.green.contour.angular import EXACT, LEAST_FREQUENCIES, RATIO, Angular
from dirac1d.green.integrate.contracts import Cell

#: Ratio of the radii of neighbouring cells outside.
SHELL = 8.0
#: The outermost cell begins at this part of the scale 1/r to be resolved, at most.
TOP_ROOM = 3.9
#: More terms where all of them from EXACT to J are in one cell.
FOR_ALL = 4
#: Terms of one cell where every j is a term of its own.
TOGETHER = 6
#: From so many j of their own on levels are dense, and so many more frequencies see them.
MANY, MORE_LEVELS = 24, 8


def angular_cells(path: Angular, n: int, top: float) -> list[Cell]:
    """Where refinement starts; `top` is the largest p = j/r of the answer's structure."""
    line, own, last = (0.0, 1.0), path.own_terms, path.last
    if TOP_ROOM * top <= path.top:  # no structure is smaller than the potential itself
        rest, nodes = (float(own), np.inf), min(3 * n - 1, 32)
        cells = [Cell("whole", rest, line, (n + 2, nodes))]
        if own > MANY:  # waves that were refracted live at ω ~ 1/r: of larger ω little is left
            cells = [
                Cell("whole", rest, (0.0, 0.5), (n + 2, nodes + 2)),
                Cell("whole", rest, (0.5, 1.0), (n + 2, n)),
            ]
        few = [(0.0, float(EXACT)), (float(EXACT), float(own))] if own > EXACT else [(0.0, own)]
        cells += [Cell("above", u, line, (max(n, EXACT), n + 4)) for u in few if u[1]]
        return cells + _resonant(path, n)
    counts = [own] if own else [0, EXACT]
    while RATIO * max(counts[-1], EXACT) < last:
        counts.append(RATIO * max(counts[-1], EXACT))
    if counts[-1] < last:
        counts.append(last)
    ranges = list(itertools.pairwise(map(float, counts)))
    cells = [Cell("within", u, line, (max(n + 4, EXACT), 2 * n + 4)) for u in ranges]
    octaves = max(int(np.ceil(np.log(TOP_ROOM * top / path.top) / np.log(SHELL))), 0)
    radii = [1.0, *(SHELL ** -np.arange(1.0, octaves + 1)), 0.0]
    shells = [(a, b) for b, a in itertools.pairwise(radii)]
    first, rest = (0.0, float(EXACT)), (float(EXACT), float(last))
    cells += [
        Cell("above", u, v, (max(n, EXACT) + more, n + 4))
        for u, more in ((first, 0), (rest, FOR_ALL)) for v in shells
    ]
    cells += [Cell("over", u, line, (2 * n, n + 5)) for u in shells]
    cells += [Cell("beside", u, line, (2 * n + 2, n)) for u in shells]
    return cells + _resonant(path, n)


def _resonant(path: Angular, n: int) -> list[Cell]:
    """Those of single j, up to Ω."""
    own, line = path.own_terms, (0.0, 1.0)
    if not own:
        return []
    single = int(min(own, np.ceil(path.single)))
    chunks = _chunks(0, single, TOGETHER)
    while single < own:
        more = min(own, max(2 * single, single + TOGETHER))
        chunks.append((float(single), float(more)))
        single = more
    if path.temperature == 0:
        many = MORE_LEVELS if own > MANY else 0
        return [Cell("disc", u, line, (TOGETHER, 2 * n + many)) for u in chunks]
    ends = [path.frequencies]
    while ends[0] > LEAST_FREQUENCIES:
        ends.insert(0, max(ends[0] // (2 * RATIO), 1))
    frequencies = list(itertools.pairwise([0.0, *map(float, ends)]))
    return [Cell("thermal", u, v, (max(TOGETHER, n), n + 3)) for u in chunks for v in frequencies]


def _chunks(first: int, last: int, size: int) -> list[tuple[float, float]]:
    edges = [*range(first, last, size), last]
    return [(float(a), float(b)) for a, b in itertools.pairwise(edges)]
