r"""The two-dimensional contour: where (ω, p) are sampled, with which weights, and how well.

.. math:: j_y(x) = \frac{1}{π^2}\int_0^∞dp\int_0^∞dω\,\frac{Δ}{M}\,
          \Re\,\mathrm{tr}\,σ_yG(x,x; ε_F+iω, M), \qquad M = \sqrt{Δ^2+p^2},

at T > 0 with ∫dω → 2πT Σ over ω_n = πT(2n+1). The integrand is analytic in p² at fixed E, so p
may leave the real axis. For Fermi energies above U(x) - |Δ| everywhere, all its singularities
(branch points p_F of the leads, bound states) lie on or above the real p axis, and p = q e^{-iα}
passes below them; Friedel oscillations become Gaussians. For energies below U(x) + |Δ|
everywhere it is the mirror image. If the Fermi energy meets both bands, p is real up to the pivot
p₁, the smaller of the two p_F, and turns away from the remaining kind beyond it.

Cells are rectangles in the parameters of the charts of :mod:`~dirac1d.green.charts`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.charts import CHARTS, HOT_CHARTS, Frame, fan_scale
from dirac1d.quadrature import (
    Rule,
    algebraic_tail,
    gauss_even,
    gauss_gram,
    gauss_legendre,
    midpoint_cosine,
    midpoint_end,
)

#: Rotation of p. π/4 turns Friedel oscillations into pure Gaussians and is the middle of the
#: sector free of singularities, for the leads in the gap and in the band alike.
ROTATION = np.pi / 4
#: |ε_F - U| up to this part of |Δ| everywhere: the gap's chart, with p and ω even.
GAP_FRACTION = 0.85
#: Distance of the other band's edge, in |Δ|, below which p is rotated by half of that only.
EDGE_ROOM = 0.5
#: Slack in |ε_F - U| ≤ |Δ|: rounding of U at a lead whose band edge is the Fermi energy.
EDGE_SLACK = 1e-12
#: d/T: the sum over frequencies is the integral to exp(-32) = 1e-14.
ALIASING = 32.0
#: Frequencies before the tail of a Matsubara sum: its Euler-Maclaurin series in 1/16 is then
#: good to 1e-12.
TAIL_START = 16
#: Frequencies summed at low temperatures, where the rest is an integral: the Euler-Maclaurin terms
#: between both go as powers of 1/64. And how far these may reach: a part of the scale S, and the
#: exponent of the longest wave.
LOW_COUNT, LOW_PART, LOW_EXPONENT = 64, 0.5, 5.0
#: Ratio of the radii of neighbouring cells, where structure at 1/x on many scales is expected.
SHELL_RATIO = 8.0
#: The outermost cell begins at this part of the scale 1/x to be resolved, at most.
TOP_ROOM = 3.9
#: A wave's exponent at the end of the cells of lowest frequencies and momenta.
WAVE_EXPONENT = 4.0
CORNER = 4.0
#: Smallest |ε_F - U|, in |Δ|, below which waves are reflected totally, or nearly so.
REFLECTION = 1.6
#: Largest phase of waves on a cell of the strip at first, and most such cells at first.
STRIP_PHASE, MOST_PIECES = 75.0, 6


@dataclass(frozen=True)
class Cell:
    """A rectangle in a chart's parameters, and its numbers of nodes.

    At T > 0 `u` counts frequencies: (first, last + 1), the last one inf in the tail.
    """

    chart: str
    u: tuple[float, float]
    v: tuple[float, float]
    n: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Nodes:
    """A cell's contour nodes: Σ Re(weight · integrand), and the analysis of that sum.

    `analysis`, shape (n_u + n_v - 1, N): row 0 is the sum itself, then n_u - 1 higher
    coefficients in u, then n_v - 1 in v.
    """

    E: NDArray
    M: NDArray
    weight: NDArray
    analysis: NDArray
    split: int
    exact: tuple[bool, bool]


def make_frame(
    mass: float, fermi_energy: float, temperature: float, U_range: tuple[float, float],
    stretch: float = 1.0, reach: float = 0.0,
) -> Frame:
    """Choose the path of p from the range of ε_F - U(x).

    Parameters
    ----------
    U_range : (float, float)
        Smallest and largest U(x).
    stretch : float
        Factor on the charts' energy scale.
    reach : float
        As in `Frame`.
    """
    gap = abs(mass)
    e_min, e_max = fermi_energy - U_range[1], fermi_energy - U_range[0]
    largest = max(abs(e_min), abs(e_max))
    # No state within d of the Fermi energy: H lies between those of constant U.
    safe = largest + ALIASING * temperature
    if largest <= GAP_FRACTION * gap and safe <= gap:
        temperature = 0.0
    cut = float(np.sqrt(max((safe - gap) * (safe + gap), 0.0)))
    common = (mass, fermi_energy, temperature)
    if largest <= GAP_FRACTION * gap:
        return Frame(*common, "gap", 1.0 + 0j, 0.0, stretch * gap, largest, cut, reach)
    below, above = e_min < -gap * (1 + EDGE_SLACK), e_max > gap * (1 + EDGE_SLACK)
    scale = stretch * max(gap, np.sqrt(gap * largest))
    floor = 2 * np.pi * temperature * LOW_COUNT
    if floor > LOW_PART * scale or 2 * floor * reach > LOW_EXPONENT:
        floor = 0.0
    if not (below and above):
        turn = _rotation(e_min / gap, e_max / gap)
        nearest = 0.0 if e_min * e_max < 0 else min(abs(e_min), abs(e_max)) / gap
        return Frame(
            *common, "ray", np.exp(1j * turn), 0.0, scale, largest, cut, reach, floor, nearest
        )
    p_c, p_v = (np.sqrt((abs(e) - gap) * (abs(e) + gap)) for e in (e_max, e_min))
    sign = 1 if p_v > p_c else -1
    return Frame(
        *common, "offset", np.exp(1j * sign * ROTATION), float(min(p_c, p_v)), scale, largest, cut,
        reach, floor,
    )


def _rotation(lowest: float, highest: float) -> float:
    """Rotation of p where the Fermi energy meets one band at most; energies in units of |Δ|."""
    if max(-lowest, highest) <= 1 + EDGE_SLACK:
        return 0.0
    sign = 1 if -lowest > highest else -1
    # How far the other band's edge is; at the edge κ² = 0 comes close to the path p = q e^{iπ/4}.
    room = 1 - min(-lowest, highest)
    return sign * ROTATION * (1.0 if room > EDGE_ROOM else 0.5)


def first_cells(frame: Frame, n: int, top: float) -> list[Cell]:
    """The coarsest cells, graded up to the scale `top` of 1/x.

    They have about n nodes in the radial direction, fewer where an even rule does the double.
    """
    half = max(3, (3 * n + 4) // 5)
    unit, square = (0.0, 1.0), (n, half if frame.kind != "offset" else n)
    octaves = 0
    if top > frame.scale:
        octaves = int(np.ceil(np.log(TOP_ROOM * top / frame.scale) / np.log(SHELL_RATIO)))
    shells = frame.scale * SHELL_RATIO ** np.arange(octaves + 1)
    if frame.temperature > 0 and not frame.floor:
        return _matsubara_cells(frame, n, float(shells[-1]))
    spans = list(itertools.pairwise(_radial(frame, shells)))
    if frame.kind == "ray":
        orders = _ray_orders(frame, n, len(spans))
    elif frame.kind == "offset":
        if len(spans) == 1:
            spans = [(0.0, 0.5), (0.5, 1.0)]
        orders = [(2 * n + 2, 2 * n)] * len(spans)
    else:  # structure on many scales: every cell has its share of all of them
        orders = [(int(np.ceil(n*(1+3.5*max(0,frame.edge/abs(frame.mass)-.5)))) if len(spans) == 1 else n + n // 2, square[1]+(frame.edge>.75*abs(frame.mass)))] * len(spans)
    cells = [Cell(frame.kind, u, unit, order) for u, order in zip(spans, orders, strict=True)]
    if frame.kind == "offset":
        cells += [
            Cell("second", (0.0, 0.5), unit, (2 * n, n - 1)),
            Cell("second", (0.5, 1.0), unit, (n + 3, n)),
            Cell("upper", unit, unit, (2 * n - 2, n - 1)),
        ]
        cells += _strip_cells(frame, "first", n)
    return cells + (_low_cells(frame, n) if frame.floor else [])


def _ray_orders(frame: Frame, n: int, count: int) -> list[tuple[int, int]]:
    """Nodes of each of the ray's cells, from the outermost to the innermost, of the waves."""
    if frame.edge <= abs(frame.mass) * (1 + EDGE_SLACK):  # no waves
        if count == 1:
            return [(2 * n + 12, 2 * n - 4)]
        return [(n, n + 1), *[(n + 2, n + 1)] * (count - 2), (2 * n + 8, n)]
    reflected, less = frame.nearest < REFLECTION, max(10 - n, 0)
    if count == 1:
        if frame.nearest < 1 and 2 * frame.largest_momentum * frame.reach < 200:
            return [(2 * n + 12 - less, 2 * n - 2)]
        return [(2 * n + 12, 2 * n - 2) if reflected else (2 * n + 12 - 2 * less, 2 * n - 3)]
    inner = (n + 3, 2 * n - 3) if reflected else (n + 2, 2 * n - 4)
    return [(inner[0] - 2, inner[1] + 2), *[inner] * (count - 2), (3 * n // 2 + 3, n)]


def _low_cells(frame: Frame, n: int) -> list[Cell]:
    """The sum over the first frequencies: few nodes if no wave changes among them."""
    change = 2 * frame.floor * frame.reach
    some = int(np.clip(2 + 2 * np.ceil(np.log2(1 + 4 * change)), max(4, n // 2 + 1), 14))
    first = (0.0, float(LOW_COUNT))
    cells = [Cell("low", first, (0.0, 1.0), (some, n + 4))]
    if frame.kind == "offset":
        cells += [replace(c, u=first, v=c.u, n=(some, c.n[0]))
                  for c in _strip_cells(frame, "low column", n)]
    return cells


def _strip_cells(frame: Frame, chart: str, n: int) -> list[Cell]:
    """The cells of real p at low frequencies, where waves keep their phases 2k(p)d."""
    phase = 2 * frame.pivot * frame.reach
    pieces = int(np.clip(np.ceil(phase / STRIP_PHASE), 1, MOST_PIECES))
    order = int(np.ceil(phase / pieces / np.pi)) + 3 * n // 2 - 4, 3 * n // 2 + 5
    cuts = np.linspace(0.0, 1.0, pieces + 1).tolist()
    return [Cell(chart, span, (0.0, 1.0), order) for span in itertools.pairwise(cuts)]


def _radial(frame: Frame, shells: NDArray) -> list[float]:
    """The values of u at which the T = 0 charts reach the radii `shells`, with 0 and 1."""
    r = shells[:-1] / frame.scale
    if frame.kind == "gap":
        inner = 1 / np.hypot(1, r)
    elif frame.kind == "ray":
        inner = 1 / (1 + r)
    else:  # R/S = u²/(1-u)
        inner = 2 * r / (r + np.sqrt(r * r + 4 * r))
    return sorted({0.0, 1.0, *inner.tolist()})


def _matsubara_cells(frame: Frame, n: int, top: float) -> list[Cell]:
    """The fan beyond p_c; below it, columns of frequencies by octaves, and their tail."""
    step = frame.step
    # The fan's corner is as far from all states as p_c from the largest Fermi momentum.
    corner = frame.cut - frame.largest_momentum
    r = corner * SHELL_RATIO ** np.arange(40.0)
    r = r[r < top] / fan_scale(frame)
    inner = 2 * r / (r + np.sqrt(r * r + 4 * r))
    cells = [Cell("fan", span, (0.0, 1.0), (n + n // 2, n))
             for span in itertools.pairwise(sorted({0.0, 1.0, *inner.tolist()}))]
    counts = _low_frequencies(frame)
    regular = counts[-1]
    while counts[-1] * step < top:
        counts.append(int(np.ceil(SHELL_RATIO * counts[-1])))
    wide = 2 * n - 2 if frame.largest_momentum == 0 else 2 * n + 2
    for first, last in [*itertools.pairwise(counts), (counts[-1], np.inf)]:
        inside = _momenta(frame, first * step) if last <= regular else []
        if np.isinf(last):
            order = n, n
        else:
            order = n + 1 if first == 0 else 2 * n if last >= regular else n + n // 2, wide
        cells += [Cell("bow", (first, last), side, order)
                  for side in itertools.pairwise([0.0, *inside, 1.0])]
        if frame.kind == "offset":
            cells.append(Cell("column", (first, last), (0.0, 1.0), order))
    return cells


def _low_frequencies(frame: Frame) -> list[int]:
    """The first ranges of frequencies: from those of the longest waves e^{-2ωd} to the scale S."""
    step = frame.step
    regular = max(TAIL_START, int(np.ceil(2 * frame.scale / step)))
    counts, lowest = [0], WAVE_EXPONENT / (2 * frame.reach * step) if frame.reach > 0 else np.inf
    while lowest < regular / 2:
        counts.append(int(np.ceil(max(lowest, 1.0))))
        lowest = SHELL_RATIO * counts[-1]
    return [*counts, regular]


def _momenta(frame: Frame, omega: float) -> list[float]:
    """Where the bow is cut at frequencies from ω on, values of v.

    A wave of decay rate 2ω in x has the width √(2kω) in p, k of the order of |Δ| at least.
    """
    first, length = 2 * frame.scale, frame.cut - frame.pivot
    if frame.reach > 0:
        lowest = max(omega, 1 / (2 * frame.reach))
        first = min(first, WAVE_EXPONENT * np.sqrt(2 * abs(frame.mass) * lowest))
    shells = SHELL_RATIO ** np.arange(40.0)
    up = first * shells
    down = CORNER * (frame.cut - frame.largest_momentum + omega) * shells
    return [*(up[up < length / 2] / length).tolist(), *(1 - down[down < length / 2][::-1] / length).tolist()]


def line_cells(frame: Frame, n: int) -> list[Cell]:
    """The coarsest cells of the path of p at one real energy."""
    charts = ("line", "line column") if frame.kind == "offset" else ("line",)
    return [Cell(chart, (0.0, 1.0), (0.0, 1.0), (1, n)) for chart in charts]


def frequency_cells(frame: Frame, n: int) -> list[Cell]:
    """The coarsest cells in ω at one momentum (`frame.pivot`)."""
    if frame.temperature > 0:
        spans = itertools.pairwise([*map(float, _low_frequencies(frame)), np.inf])
        return [Cell("frequency", span, (0.0, 1.0), (n, 1)) for span in spans]
    return [Cell("frequency", (0.0, 1.0), (0.0, 1.0), (n, 1))]


def place(frame: Frame, cell: Cell) -> Nodes:
    """The contour nodes of a cell."""
    line = cell.chart.startswith("line")
    hot = cell.chart in HOT_CHARTS and frame.temperature > 0
    if hot:
        rule_u, first, weight_u = _frequencies(frame, cell)
    else:
        rule_u = _rule(cell, 0, frame.kind == "offset")
        first = cell.u[0] + (cell.u[1] - cell.u[0]) * rule_u.nodes
        weight_u = (cell.u[1] - cell.u[0]) * rule_u.weights
    rule_v = _rule(cell, 1, frame.kind == "offset")
    v = (cell.v[0] + (cell.v[1] - cell.v[0]) * rule_v.nodes)[None, :]
    chart = (HOT_CHARTS if hot else CHARTS)[cell.chart]
    omega, p, jacobian = chart(frame, first[:, None], v)
    omega = omega if hot else omega + frame.floor
    shape = (len(rule_u.nodes), len(rule_v.nodes))
    area = weight_u[:, None] * rule_v.weights * (cell.v[1] - cell.v[0]) * jacobian
    omega, p, area = (np.broadcast_to(q, shape).ravel() for q in (omega, p, area))
    rows_u = np.repeat(rule_u.basis, shape[1], axis=1)
    rows_v = np.tile(rule_v.basis, (1, shape[0]))
    analysis = np.concatenate((np.ones((1, len(area))), rows_u[1:], rows_v[1:]))
    M = np.sqrt(frame.mass**2 + p * p + 0j)
    exact = (rule_u.exact or line, cell.chart == "frequency")
    return Nodes(frame.fermi_energy + 1j * omega, M, area / np.pi**2, analysis, shape[0], exact)


def _rule(cell: Cell, axis: int, offset: bool) -> Rule:
    """The one-dimensional rule on [0, 1] for one side of a cell."""
    lo, hi = (cell.u, cell.v)[axis]
    n = cell.n[axis]
    if lo == 0.0 and (cell.chart, axis) in _EVEN and not (axis == 1 and offset):
        return gauss_even(n)
    if cell.chart == "gap" and axis == 1 and (lo, hi) == (0.0, 1.0):
        return midpoint_cosine(n)
    return gauss_legendre(n)


def _frequencies(frame: Frame, cell: Cell) -> tuple[Rule, NDArray, NDArray]:
    """Rule, frequencies and weights for 2πT Σ_n over the cell's range of n."""
    step = frame.step
    first, last = cell.u
    if np.isinf(last):
        rule = algebraic_tail(cell.n[0], 1.0 / first)
        return rule, step * first / rule.nodes, step * first * rule.weights
    length = int(last - first)
    rule, weights = gauss_gram(cell.n[0], length), 0.0
    if cell.chart.startswith("low") and last == LOW_COUNT:  # beyond it there is an integral
        weights = step * midpoint_end(rule, length)
    return rule, step * (first + length * rule.nodes), weights + step * length * rule.weights


#: Sides (chart, axis) about whose lower end the integrand is even (for a path from p = 0).
_EVEN = {("gap", 0), ("ray", 1), ("bow", 1)}


def split(frame: Frame, cell: Cell, axis: int) -> list[Cell]:
    """Divide a cell along one axis; a Matsubara tail gives up its first two octaves."""
    lo, hi = (cell.u, cell.v)[axis]
    if axis == 1 or frame.temperature == 0 or cell.chart not in HOT_CHARTS:
        middle = (lo + hi) / 2
    elif np.isinf(hi):
        middle = 4 * lo
    elif hi - lo < 2:
        return [cell]
    else:  # towards low frequencies, where the structure is: ω ~ p² at a band edge
        middle = lo + max(1, int((hi - lo) // (4 if lo == 0 else 2)))
    if axis == 1:
        return [replace(cell, v=(lo, middle)), replace(cell, v=(middle, hi))]
    return [replace(cell, u=(lo, middle)), replace(cell, u=(middle, hi))]
