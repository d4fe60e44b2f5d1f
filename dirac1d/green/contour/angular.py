r"""Where (ω, j) are sampled: sums over half-integer j, integrals or sums over frequencies.

.. math:: j_φ(r) = \frac{1}{2πr}\sum_{j>0}\frac{1}{π}\int_0^∞dω\,\Re\,[g_j + g_{-j}], \qquad
          g_j = \mathrm{tr}\,σ_φG_j(r,r; ε_F+iω),

at T > 0 with ∫dω → 2πT Σ over ω_n = πT(2n+1). The terms j = ½, 3/2, … are the midpoints of unit
intervals: a range of them is summed by its own Gauss rule, as the frequencies are. j is discrete,
so it cannot leave the real axis; where a state may lie at the Fermi energy every j is a term of its
own. Beyond J the sum over j is an integral, and beyond Ω that over frequencies: there nothing
changes on the scale of one j, or of one frequency. What the sums leave out at J and at Ω is written
out (Euler and Maclaurin). Small j stay a sum at every ω: close to r = 0 they change from one to the
next as e^{-2ωr}.

whole      ω = 2S_j v/(1 - v²), S_j = √(S² + (j-½)²/ρ²), j without end by the Gauss rule of such
           sums: j = ½ is felt at r ~ 1/S however small the circle is
within     ω = S_j sinh(Av) < Ω, S_j = √(S² + (j/ρ)²): small r live at ω ~ 1/r
disc       the same with v² for v: square roots at ω → 0; past a level at ε_F on a detour
thermal    the sum over ω_n < Ω
above      ω = Ω/v
over       j > J: ω = Ω/u, j = J + (ρω - J)v
beside     j > J: j = J/u, ω = jv/ρ
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import divided
from dirac1d.green.integrate.contracts import Cell, Nodes, Source
from dirac1d.green.integrate.sums import in_batches
from dirac1d.green.integrate.watch import Watch
from dirac1d.numerics.quadrature import (
    Rule,
    gauss_even,
    gauss_gram,
    gauss_legendre,
    gauss_terms,
    midpoint_end,
)

#: Ratio of neighbouring ranges of j, and of frequencies.
RATIO = 4
#: Terms j that are each its own where none is resonant: on the scale j ~ 1 the sum is no integral.
EXACT = 8
#: Least J, least Ω in units of S, and fewest frequencies below Ω: the Euler-Maclaurin terms that
#: are left out go as 3e-5·(1/J)⁵.
LEAST_J, LEAST_OMEGA, LEAST_FREQUENCIES = 32, 5.0, 32
#: Levels close to ε_F: ratio of the frequencies that are looked at, how many, and the part of
#: itself to which ω times the integrand falls from one to the next where there is none (the square
#: root at a band edge: a quarter).
LOOK, DEEPEST, FALLS = 16.0, 11, 0.3
#: From so many divisions on a path goes past a level, LOOK⁻³ = 2e-4 of S from ε_F.
CLOSE = 3
#: Fewest nodes along a side that was divided.
FEWEST = 6


@dataclass(frozen=True)
class Angular:
    """A path in (ω, j): what the charts need to know.

    Attributes
    ----------
    fermi_energy, temperature : float
    scale, radius : float
        S and ρ: the integrand's scale at small j, and where it is felt at large j.
    resonant : float
        For larger j no state lies within ALIASING · T of the Fermi energy where it matters; 0 where
        there is none at all.
    single : float
        From that j on heat smooths the terms: ranges of them have their own Gauss rules.
    name : str
    """

    fermi_energy: float
    temperature: float
    scale: float
    radius: float
    resonant: float
    single: float = np.inf
    name: str = "angular"

    @property
    def own_terms(self) -> int:
        """How many j, from ½ on, are each a term of its own because a state may be resonant."""
        return max(EXACT, int(np.ceil(self.resonant))) if self.resonant else 0

    @property
    def frequencies(self) -> int:
        """How many frequencies lie below Ω; 0 if they are integrated."""
        if self.temperature == 0:
            return 0
        step = 2 * np.pi * self.temperature
        return max(LEAST_FREQUENCIES, int(np.ceil(self._reach / step)))

    @property
    def top(self) -> float:
        """Ω."""
        count = self.frequencies
        return 2 * np.pi * self.temperature * count if count else self.last / self.radius

    @property
    def last(self) -> int:
        """J."""
        count = self.frequencies
        reach = 2 * np.pi * self.temperature * count if count else self._reach
        return int(np.ceil(reach * self.radius))

    @property
    def middle(self) -> float:
        """Of the j that matter."""
        return 1 + self.scale * self.radius

    @property
    def _reach(self) -> float:
        least = max(LEAST_J, self.own_terms + LEAST_J // 2) / self.radius
        return max(least, LEAST_OMEGA * self.scale)


@dataclass(frozen=True)
class Detour:
    """The chart "disc" of an energy that begins at ε_F + shift, past a level at ε_F."""

    shift: float


@dataclass(frozen=True)
class AngularSums:
    """Points (E, j) = (ε_F + iω, j); weights carry 1/2π².

    `clear`, j → shift (both arrays), tells how far from ε_F the path may begin with no level of ±j
    in between, of either sign: 0 where it is better to stay.
    """

    path: Angular
    clear: Callable[[NDArray], NDArray] | None = None

    def place(self, cell: Cell) -> Nodes:
        """The points of a cell: u counts j, v is ω or counts frequencies; outside as the charts."""
        if cell.chart in _OUTSIDE:
            rules, points, weights = self._outside(cell)
        else:
            rules, points, weights = self._inside(cell)
        (rule_u, own_u, weight_u), (rule_v, own_v, weight_v) = rules
        omega, j = points
        shape = omega.shape
        area = (weights * weight_u[:, None] * weight_v / (2 * np.pi**2)).ravel()
        rows_u = np.repeat(rule_u.basis * (own_u / weight_u), shape[1], axis=1)
        rows_v = np.tile(rule_v.basis * (own_v / weight_v), (1, shape[0]))
        analysis = np.concatenate((np.ones((1, len(area))), rows_u[1:], rows_v[1:]))
        E = self.path.fermi_energy + 1j * omega.ravel()
        if isinstance(cell.chart, Detour):  # back at Ω, where the charts beyond begin
            z = omega.ravel() / self.path.top
            shift, back = cell.chart.shift, 1 - z * z
            E, area = E + shift * back**2, area * (1 + 4j * shift / self.path.top * z * back)
        at = E, j.ravel()
        return Nodes(at, area, analysis, shape[0], (rule_u.exact, rule_v.exact))

    def _inside(self, cell: Cell) -> tuple[tuple, tuple[NDArray, NDArray], NDArray]:
        """Rules, points and Jacobian within the rectangle."""
        path = self.path
        if np.isinf(cell.u[1]):
            rule = gauss_terms(cell.n[0], cell.u[0], max(cell.u[0], path.middle))
            sum_j = rule, rule.weights, rule.weights
            j = rule.nodes[:, None]
        else:
            sum_j = _terms(cell.u, cell.n[0], path.last if cell.chart in _BOUNDED else -1)
            j = cell.u[0] + (cell.u[1] - cell.u[0]) * sum_j[0].nodes[:, None]
        if cell.chart == "thermal":
            other = _terms(cell.v, cell.n[1], path.frequencies)
            step = 2 * np.pi * path.temperature
            omega = step * (cell.v[0] + (cell.v[1] - cell.v[0]) * other[0].nodes)
            slope = np.full((1, 1), step)
        elif cell.chart == "above":
            other, v = _side(cell, 1)
            omega, slope = path.top / v, path.top / v**2
        elif cell.chart == "whole":
            other, v = _side(cell, 1, cell.v[0] == 0)
            scale, rest = np.hypot(path.scale, (j - 0.5) / path.radius), (1 - v) * (1 + v)
            omega, slope = 2 * scale * v / rest, 2 * scale * (1 + v * v) / rest**2
        else:
            other, v = _side(cell, 1, cell.chart == "within" and cell.v[0] == 0)
            scale = np.hypot(path.scale, j / path.radius)
            far = np.arcsinh(path.top / scale)
            s, ds = (v, 1.0) if cell.chart == "within" else (v * v, 2 * v)
            omega, slope = scale * np.sinh(far * s), scale * far * np.cosh(far * s) * ds
        omega, j, slope = np.broadcast_arrays(omega, j, slope)
        return (sum_j, other), (omega, j), slope

    def _outside(self, cell: Cell) -> tuple[tuple, tuple[NDArray, NDArray], NDArray]:
        """Rules, points and Jacobian outside of the rectangle."""
        over, path = cell.chart == "over", self.path
        rule_u, u = _side(cell, 0)
        rule_v, v = _side(cell, 1, not over and cell.v[0] == 0)
        u, J, radius = u[:, None], path.last, path.last / path.top
        if over:
            omega = path.top / u + 0 * v
            rest = radius * omega - J
            j, slope = J + rest * v, path.top / u**2 * rest
        else:
            j = J / u + 0 * v
            omega, slope = j * v / radius, J / u**2 * j / radius
        return (rule_u, rule_v), (omega, j), slope

    def prepared(
        self, cells: list[Cell], source: Source, allowed: float, tolerance: float, watch: Watch
    ) -> list[Cell]:
        """Cells of single j, divided towards levels so close to ε_F that nodes might miss them.

        A level at the distance δ is w δ/(ω² + δ²), whose integral does not depend on δ. Times ω it
        rises towards ω = δ, where all that is smooth falls as ω does.
        """
        if not any(cell.chart == "disc" for cell in cells):
            return cells
        depth = self._depths(source, tolerance, watch, allowed)
        new: list[Cell] = []
        for cell in self._past_levels(cells, depth):
            deepest = 0
            if isinstance(cell.chart, Detour):
                away = self.path.scale / abs(cell.chart.shift)
                deepest = int(np.ceil(np.log(away) / np.log(LOOK)))
            elif cell.chart == "disc":
                deepest = int(np.max(depth[int(cell.u[0]) : int(cell.u[1])], initial=0))
            if not deepest:
                new.append(cell)
                continue
            scale = np.hypot(self.path.scale, (cell.u[0] + cell.u[1]) / 2 / self.path.radius)
            omega = self.path.scale * LOOK ** -np.arange(1.0, deepest + 2)
            v = np.sqrt(np.arcsinh(omega / scale) / np.arcsinh(self.path.top / scale))
            new += divided(cell, 1, v, max(FEWEST, cell.n[1] * 5 // 8))
        return new

    def _past_levels(self, cells: list[Cell], depth: NDArray) -> list[Cell]:
        """Each j with a level very close to ε_F in a cell of its own, on a path past it."""
        if self.clear is None:
            return cells
        close = np.flatnonzero(depth >= CLOSE)
        away = self.clear(close + 0.5) if len(close) else close
        shift_of = dict(zip(close.tolist(), away.tolist(), strict=True))
        new: list[Cell] = []
        for cell in cells:
            if cell.chart != "disc" or cell.v != (0.0, 1.0):
                new.append(cell)
                continue
            single = range(int(cell.u[0]), int(cell.u[1]))
            shifts = {k: shift_of[k] for k in single if k in shift_of}
            if not any(shifts.values()):
                new.append(cell)
                continue
            for k in single:
                shift = shifts.get(k, 0.0)
                chart = Detour(shift) if shift else "disc"
                new.append(replace(cell, chart=chart, u=(float(k), k + 1.0), n=(1, cell.n[1])))
        return new

    def _depths(
        self, source: Source, tolerance: float, watch: Watch, least: float
    ) -> NDArray:
        """How often ω is divided by LOOK before the deepest level of each j that matters is met."""
        j, omega = np.arange(self.path.own_terms) + 0.5, LOOK ** -np.arange(DEEPEST + 1.0)
        omega = self.path.scale * omega
        E = self.path.fermi_energy + 1j * np.tile(omega, len(j))
        points = E, np.repeat(j, len(omega))
        found = [
            np.nan_to_num(np.max(np.abs(some.values.real), axis=1))
            for _, some in in_batches(source, points, tolerance, watch)
        ]
        size = np.concatenate(found).reshape(len(j), -1) * omega / (2 * np.pi**2)
        level = (size[:, 1:] > FALLS * size[:, :-1]) & (size[:, 1:] > least)
        return np.max(np.where(level, np.arange(1, DEEPEST + 1), 0), axis=1)

    def split(self, cell: Cell, axis: int) -> list[Cell]:
        """Divide a cell along one side, a sum towards its first terms."""
        lo, hi = (cell.u, cell.v)[axis]
        counts = cell.chart not in _OUTSIDE if axis == 0 else cell.chart == "thermal"
        if not counts:
            middle = (lo + hi) / 2
        elif np.isinf(hi):
            middle = max(RATIO * lo, lo + EXACT)
        elif hi - lo < 2:
            return [cell]
        else:
            middle = lo + max(1, int((hi - lo) // (4 if lo == 0 else 2)))
        key = "uv"[axis]
        return [replace(cell, **{key: (lo, middle)}), replace(cell, **{key: (middle, hi)})]


def _terms(span: tuple[float, float], n: int, last: int) -> tuple[Rule, NDArray, NDArray]:
    """Rule for the sum over a range of terms, its weights, and these with what lies beyond `last`.

    A sum that ends there goes on as an integral.
    """
    length = int(span[1] - span[0])
    rule = gauss_gram(n, length)
    own = weights = length * rule.weights
    if int(span[1]) == last:
        weights = own + midpoint_end(rule, length)
    return rule, own, weights


def _side(
    cell: Cell, axis: int, even: bool = False
) -> tuple[tuple[Rule, NDArray, NDArray], NDArray]:
    """Rule and weights along a side on which is integrated, and its nodes."""
    a, b = (cell.u, cell.v)[axis]
    rule = (gauss_even if even else gauss_legendre)(cell.n[axis])
    weights = (b - a) * rule.weights
    return (rule, weights, weights), a + (b - a) * rule.nodes


#: Charts that end at J, where an integral over j goes on; and those beyond it.
_BOUNDED, _OUTSIDE = ("within", "above"), ("over", "beside")
