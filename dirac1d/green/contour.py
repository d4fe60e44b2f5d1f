r"""The two-dimensional contour: where (ω, p) are sampled, with which weights, and how well.

.. math:: j_y(x) = \frac{1}{π^2}\int_0^∞dp\int_0^∞dω\,\frac{Δ}{M}\,
          \Re\,\mathrm{tr}\,σ_yG(x,x; ε_F+iω, M), \qquad M = \sqrt{Δ^2+p^2},

at T > 0 with ∫dω → 2πT Σ over ω_n = πT(2n+1). The integrand is analytic in p² at fixed E, so p
may leave the real axis. For Fermi energies above U(x) - |Δ| everywhere, all its singularities
(branch points p_F of the leads, bound states) lie on or above the real p axis, and p = q e^{-iα}
passes below them; Friedel oscillations become Gaussians. For energies below U(x) + |Δ|
everywhere it is the mirror image. If the Fermi energy meets both bands, p is real up to the pivot
p₁, the smaller of the two p_F, and turns away from the remaining kind beyond it.

Cells are rectangles in the parameters of the charts of :mod:`~dirac1d.green.charts`; the first ones
are those of :mod:`~dirac1d.green.cells`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.charts import CHARTS, HOT_CHARTS, Frame
from dirac1d.numerics.quadrature import (
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
#: Frequencies summed at low temperatures, where the rest is an integral: the Euler-Maclaurin terms
#: between both go as powers of 1/64. And how far these may reach: a part of the scale S, and the
#: exponent of the longest wave.
LOW_COUNT, LOW_PART, LOW_EXPONENT = 64, 0.5, 5.0


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
    if safe <= gap:
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


def place(frame: Frame, cell: Cell) -> Nodes:
    """The contour nodes of a cell."""
    line = cell.chart.startswith("line")
    hot = cell.chart in HOT_CHARTS and frame.temperature > 0
    if hot:
        rule_u, first, weight_u, own = _frequencies(frame, cell)
    else:
        rule_u = _rule(cell, 0, frame.kind == "offset")
        first = cell.u[0] + (cell.u[1] - cell.u[0]) * rule_u.nodes
        own = weight_u = (cell.u[1] - cell.u[0]) * rule_u.weights
    rule_v = _rule(cell, 1, frame.kind == "offset")
    v = (cell.v[0] + (cell.v[1] - cell.v[0]) * rule_v.nodes)[None, :]
    chart = (HOT_CHARTS if hot else CHARTS)[cell.chart]
    omega, p, jacobian = chart(frame, first[:, None], v)
    omega = omega if hot else omega + frame.floor
    shape = (len(rule_u.nodes), len(rule_v.nodes))
    area = weight_u[:, None] * rule_v.weights * (cell.v[1] - cell.v[0]) * jacobian
    omega, p, area = (np.broadcast_to(q, shape).ravel() for q in (omega, p, area))
    rows_u = np.repeat(rule_u.basis * (own / weight_u), shape[1], axis=1)
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


def _frequencies(frame: Frame, cell: Cell) -> tuple[Rule, NDArray, NDArray, NDArray]:
    """Rule, frequencies and weights for 2πT Σ_n over the cell's range of n.

    Last, the weights without the terms from the range's end, for the analysis.
    """
    step = frame.step
    first, last = cell.u
    if np.isinf(last):
        rule = algebraic_tail(cell.n[0], 1.0 / first)
        weights = step * first * rule.weights
        return rule, step * first / rule.nodes, weights, weights
    length = int(last - first)
    rule = gauss_gram(cell.n[0], length)
    own = weights = step * length * rule.weights
    if cell.chart.startswith("low") and last == LOW_COUNT:  # beyond it there is an integral
        weights = own + step * midpoint_end(rule, length)
    return rule, step * (first + length * rule.nodes), weights, own


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
