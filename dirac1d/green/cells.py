"""The coarsest cells of the contour: where refinement starts.

Their orders are such that most problems need no refinement at all: the verification that follows
takes fewer nodes, and that must still do (validation/green_accuracy.py). Too small an order costs a
round, too large a one its nodes; neither costs accuracy.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.charts import Frame, fan_scale
from dirac1d.green.contour import LOW_COUNT, Cell

#: Ratio of the radii of neighbouring cells, where structure at 1/x on many scales is expected.
SHELL_RATIO = 8.0
#: The outermost cell begins at this part of the scale 1/x to be resolved, at most.
TOP_ROOM = 3.9
#: Largest |ε_F - U|, in |Δ|, from which the gap's integrand is no longer that of the middle.
MIDDLE = 0.5
#: Smallest |ε_F - U|, in |Δ|, below which waves are reflected strongly.
REFLECTION = 1.45
#: Phase 2kd of waves that need no more than the fewest nodes.
FEW_WAVES = 200.0
#: Largest phase of waves on a cell of the strip, most such cells, and the most nodes for a phase:
#: where the way is very long, most waves die on it.
STRIP_PHASE, MOST_PIECES, MOST_FOR_PHASE = 75.0, 4, 24
#: Frequencies before the tail of a Matsubara sum: its Euler-Maclaurin series in 1/16 is then
#: good to 1e-12.
TAIL_START = 16
#: A wave's exponent at the end of the cells of lowest frequencies and momenta.
WAVE_EXPONENT = 4.0
#: Size of the first cell at the end of the bow, in units of its distance from all states.
CORNER = 4.0
#: All of a side.
WHOLE = (0.0, 1.0)


def first_cells(frame: Frame, n: int, top: float) -> list[Cell]:
    """The coarsest cells, graded up to the scale `top` of 1/x; n grows with the digits asked."""
    octaves = 0
    if top > frame.scale:
        octaves = int(np.ceil(np.log(TOP_ROOM * top / frame.scale) / np.log(SHELL_RATIO)))
    shells = frame.scale * SHELL_RATIO ** np.arange(octaves + 1)
    if frame.temperature > 0 and not frame.floor:
        return _matsubara_cells(frame, n, float(shells[-1]))
    sides = _sides(_radial(frame, shells[:-1]))
    if frame.kind == "offset":
        cells = _offset_cells(frame, n, sides)
    else:
        orders = (_gap_orders if frame.kind == "gap" else _ray_orders)(frame, n, len(sides))
        cells = [Cell(frame.kind, u, WHOLE, o) for u, o in zip(sides, orders, strict=True)]
    return cells + (_low_cells(frame, n) if frame.floor else [])


def _sides(cuts: NDArray) -> list[tuple[float, float]]:
    """The pieces of [0, 1] between some cuts."""
    return list(itertools.pairwise(sorted({*WHOLE, *cuts.tolist()})))


def _radial(frame: Frame, shells: NDArray) -> NDArray:
    """The values of u at which the T = 0 charts reach the radii `shells`."""
    r = shells / frame.scale
    if frame.kind == "gap":
        return 1 / np.hypot(1, r)
    return 1 / (1 + r) if frame.kind == "ray" else _from_corner(r)


def _from_corner(r: NDArray) -> NDArray:
    """u at R/S = u²/(1-u) = r, in the charts about a corner: offset and fan."""
    return 2 * r / (r + np.sqrt(r * r + 4 * r))


def _gap_orders(frame: Frame, n: int, count: int) -> list[tuple[int, int]]:
    """Nodes of the gap's cells: even in u and v, which does half of the work."""
    half = max(3, (3 * n + 4) // 5)
    if count > 1:  # every cell has its share of structure on all scales
        return [(n + n // 2, half)] * count
    near = max(frame.edge / abs(frame.mass) - MIDDLE, 0.0)
    return [(int(np.ceil(n * (1 + 3.5 * near))), half + round(3 * near))]


def _ray_orders(frame: Frame, n: int, count: int) -> list[tuple[int, int]]:
    """Nodes of the ray's cells, from the outermost to the innermost, of the waves."""
    less = max(10 - n, 0)
    if not frame.waves:
        if count == 1:
            return [(2 * n + 12, 2 * n - 4)]
        return [(n, n + 1), *[(n + 2, n + 1)] * (count - 2), (2 * n + 8, n)]
    reflected = frame.nearest < REFLECTION
    if count == 1:
        if not reflected:
            return [(2 * n + 12 - 2 * less, 2 * n - 3)]
        few = frame.nearest < 1 and 2 * frame.largest_momentum * frame.reach < FEW_WAVES
        return [(2 * n + 12 - (less if few else 0), 2 * n - 2)]
    outer, inner = (n, 2 * n - 2), (n + 2, 2 * n - 4)
    if reflected:
        outer, inner = (n + 1, 2 * n - 1), (n + 3, 2 * n - 3)
    return [outer, *[inner] * (count - 2), (n + n // 2 + 3, n)]


def _offset_cells(frame: Frame, n: int, sides: list[tuple[float, float]]) -> list[Cell]:
    """The cells beyond the pivot, and those of the strip before it."""
    if len(sides) == 1:
        sides = [(0.0, 0.5), (0.5, 1.0)]
    return [
        *(Cell("offset", side, WHOLE, (2 * n + 2, 2 * n)) for side in sides),
        Cell("second", (0.0, 0.5), WHOLE, (2 * n, n - 1)),
        Cell("second", (0.5, 1.0), WHOLE, (n + 3, n)),
        Cell("upper", WHOLE, WHOLE, (2 * n - 2, n - 1)),
        *_strip_cells(frame, "first", n),
    ]


def _strip_cells(frame: Frame, chart: str, n: int) -> list[Cell]:
    """The cells of real p at low frequencies, where waves keep their phases 2k(p)d."""
    phase = 2 * frame.pivot * frame.reach
    pieces = int(np.clip(np.ceil(phase / STRIP_PHASE), 1, MOST_PIECES))
    carrying = min(int(np.ceil(phase / pieces / np.pi)), MOST_FOR_PHASE)
    order = carrying + n + n // 2 - 4, n + n // 2 + 5
    return [Cell(chart, side, WHOLE, order) for side in _sides(np.linspace(0.0, 1.0, pieces + 1))]


def _low_cells(frame: Frame, n: int) -> list[Cell]:
    """The sum over the first frequencies: few nodes if no wave changes among them."""
    change = 2 * frame.floor * frame.reach
    some = int(np.clip(2 + 2 * np.ceil(np.log2(1 + 4 * change)), max(4, n // 2 + 1), 14))
    first = (0.0, float(LOW_COUNT))
    cells = [Cell("low", first, WHOLE, (some, 3 * n - 5))]
    if frame.kind == "offset":
        cells += [replace(c, u=first, v=c.u, n=(some, c.n[0]))
                  for c in _strip_cells(frame, "low column", n)]
    return cells


def _matsubara_cells(frame: Frame, n: int, top: float) -> list[Cell]:
    """The fan beyond p_c; below it, columns of frequencies by octaves, and their tail."""
    # The fan's corner is as far from all states as p_c from the largest Fermi momentum.
    corner = frame.cut - frame.largest_momentum
    r = corner * SHELL_RATIO ** np.arange(40.0)
    sides = _sides(_from_corner(r[r < top] / fan_scale(frame)))
    cells = [Cell("fan", side, WHOLE, (n + n // 2, n)) for side in sides]
    counts = _low_frequencies(frame)
    regular = counts[-1]
    while counts[-1] * frame.step < top:
        counts.append(int(np.ceil(SHELL_RATIO * counts[-1])))
    across = 2 * n + (2 if frame.waves else -2)
    for first, last in itertools.pairwise(counts):
        order = n + 1 if first == 0 else 2 * n if last >= regular else n + n // 2, across
        sides = _sides(_momenta(frame, first * frame.step)) if last <= regular else [WHOLE]
        cells += _columns(frame, (first, last), sides, order)
    return cells + _columns(frame, (counts[-1], np.inf), [WHOLE], (n, n))


def _columns(
    frame: Frame, frequencies: tuple[float, float], sides: list[tuple[float, float]],
    order: tuple[int, int],
) -> list[Cell]:
    """All momenta of a range of frequencies; `sides` are the bow's."""
    cells = [Cell("bow", frequencies, side, order) for side in sides]
    return cells + [Cell("column", frequencies, WHOLE, order)] * (frame.kind == "offset")


def _low_frequencies(frame: Frame) -> list[int]:
    """The first ranges of frequencies: from those of the longest waves e^{-2ωd} to the scale S."""
    step = frame.step
    regular = max(TAIL_START, int(np.ceil(2 * frame.scale / step)))
    counts, lowest = [0], WAVE_EXPONENT / (2 * frame.reach * step) if frame.reach > 0 else np.inf
    while lowest < regular / 2:
        counts.append(int(np.ceil(max(lowest, 1.0))))
        lowest = SHELL_RATIO * counts[-1]
    return [*counts, regular]


def _momenta(frame: Frame, omega: float) -> NDArray:
    """Where the bow is cut at frequencies from ω on, values of v, graded towards both ends.

    A wave of decay rate 2ω in x has the width √(2kω) in p, k of the order of |Δ| at least. At the
    other end the path comes back to the real axis, near the largest Fermi momentum.
    """
    first, length = 2 * frame.scale, frame.cut - frame.pivot
    if frame.reach > 0:
        lowest = max(omega, 1 / (2 * frame.reach))
        first = min(first, WAVE_EXPONENT * np.sqrt(2 * abs(frame.mass) * lowest))
    if frame.pivot > 0:  # itself a Fermi momentum, but for the lowest frequency
        first = min(first, CORNER * (omega + frame.step / 2))
    last = CORNER * (frame.cut - frame.largest_momentum + omega)
    up, down = (size * SHELL_RATIO ** np.arange(40.0) / length for size in (first, last))
    return np.concatenate((up[up < 0.5], 1 - down[down < 0.5]))


def line_cells(frame: Frame, n: int) -> list[Cell]:
    """The coarsest cells of the path of p at one real energy."""
    charts = ("line", "line column") if frame.kind == "offset" else ("line",)
    return [Cell(chart, WHOLE, WHOLE, (1, n)) for chart in charts]


def frequency_cells(frame: Frame, n: int) -> list[Cell]:
    """The coarsest cells in ω at one momentum (`frame.pivot`)."""
    if frame.temperature > 0:
        sides = itertools.pairwise([*map(float, _low_frequencies(frame)), np.inf])
        return [Cell("frequency", side, WHOLE, (n, 1)) for side in sides]
    return [Cell("frequency", WHOLE, WHOLE, (n, 1))]
