r"""Where (ω, j) are sampled: sums over half-integer j, integrals or sums over frequencies.

.. math:: j_φ(r) = \frac{1}{2πr}\sum_{j>0}\frac{1}{π}\int_0^∞dω\,\Re\,[g_j + g_{-j}], \qquad
          g_j = \mathrm{tr}\,σ_φG_j(r,r; ε_F+iω),

at T > 0 with ∫dω → 2πT Σ over ω_n = πT(2n+1). The terms j = ½, 3/2, … are the midpoints of unit
intervals: a range of them is summed by its own Gauss rule, as the frequencies are, and the last
range, to infinity, by an Euler-Maclaurin rule in 1/j. j is discrete, so it cannot leave the real
axis; where a state may lie at the Fermi energy every j is a term of its own.

gap        ω = S_j v/(1-v)², S_j = √(S² + (j/ρ)²): small r live at ω ~ 1/r
disc       ω = S_j v²/(1-v): square roots at ω → 0
thermal    the sum over ω_n of every j
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Cell, Nodes
from dirac1d.numerics.quadrature import Rule, algebraic_tail, gauss_gram, gauss_legendre

#: Terms before the tail of a sum: its Euler-Maclaurin series in 1/16 is then good to 1e-12.
TAIL_START = 16
#: Ratio of neighbouring ranges of j, and of frequencies.
RATIO = 4
#: Ratio of frequencies of neighbouring cells, where structure at 1/r on many scales is expected.
SHELL = 16.0
#: e^{-d/T} that counts as zero: see `chart.ALIASING`.
ALIASING = 32.0
#: Terms j that are each its own where none is resonant: on the scale j ~ 1 the sum is no integral.
EXACT = 8
#: Terms of one cell where every j is a term of its own.
TOGETHER = 6


@dataclass(frozen=True)
class Angular:
    """A path in (ω, j): what the charts need to know.

    Attributes
    ----------
    fermi_energy, temperature : float
    scale, radius : float
        S and ρ: the integrand's scale at small j, and where it is felt at large j.
    resonant : float
        J: for j > J no state lies within ALIASING · T of the Fermi energy where it matters; 0 where
        there is none at all.
    name : str
    """

    fermi_energy: float
    temperature: float
    scale: float
    radius: float
    resonant: float
    name: str = "angular"


@dataclass(frozen=True)
class AngularSums:
    """Points (E, j) = (ε_F + iω, j); weights carry 1/2π²."""

    path: Angular

    def place(self, cell: Cell) -> Nodes:
        """The points of a cell: u counts j, v is ω or counts frequencies."""
        rule_u, j, weight_u, own_u = _terms(cell.u, cell.n[0], 1.0)
        thermal, path = cell.chart == "thermal", self.path
        if thermal:
            rule_v, omega, weight_v, own_v = _terms(
                cell.v, cell.n[1], 2 * np.pi * path.temperature
            )
            jacobian = np.ones((len(j), 1))
            omega = np.broadcast_to(omega, (len(j), len(omega)))
        else:
            rule_v = gauss_legendre(cell.n[1])
            width = cell.v[1] - cell.v[0]
            v, own_v = cell.v[0] + width * rule_v.nodes, width * rule_v.weights
            weight_v = own_v
            scale = np.hypot(path.scale, j / path.radius)[:, None]
            omega, jacobian = _MAPS[cell.chart](v)
            omega, jacobian = scale * omega, scale * jacobian
        shape = len(j), omega.shape[1]
        area = (weight_u[:, None] * weight_v * jacobian / (2 * np.pi**2)).ravel()
        rows_u = np.repeat(rule_u.basis * (own_u / weight_u), shape[1], axis=1)
        rows_v = np.tile(rule_v.basis * (own_v / weight_v), (1, shape[0]))
        analysis = np.concatenate((np.ones((1, len(area))), rows_u[1:], rows_v[1:]))
        points = (path.fermi_energy + 1j * omega.ravel(), np.repeat(j, shape[1]))
        return Nodes(points, area, analysis, shape[0], (rule_u.exact, rule_v.exact))

    def split(self, cell: Cell, axis: int) -> list[Cell]:
        """Divide a cell along one side; a tail gives up its first two octaves."""
        lo, hi = (cell.u, cell.v)[axis]
        if axis == 1 and cell.chart != "thermal":
            middle = (lo + hi) / 2
        elif np.isinf(hi):
            middle = RATIO * lo
        elif hi - lo < 2:
            return [cell]
        else:
            middle = lo + max(1, int((hi - lo) // (4 if lo == 0 else 2)))
        key = "uv"[axis]
        return [replace(cell, **{key: (lo, middle)}), replace(cell, **{key: (middle, hi)})]


def _terms(
    span: tuple[float, float], n: int, step: float
) -> tuple[Rule, NDArray, NDArray, NDArray]:
    """Rule, positions step·(k + ½) and weights for step · Σ over a range of k.

    Last, the weights without the terms from the range's end, for the analysis.
    """
    first, last = span
    if np.isinf(last):
        rule = algebraic_tail(n, 1.0 / first)
        scale = step * first
        own = gauss_legendre(n).weights / rule.nodes**2
        return rule, scale / rule.nodes, scale * rule.weights, scale * own
    length = int(last - first)
    rule = gauss_gram(n, length)
    weights = step * length * rule.weights
    return rule, step * (first + length * rule.nodes), weights, weights


def _gap(v: NDArray) -> tuple[NDArray, NDArray]:
    return v / (1 - v) ** 2, (1 + v) * (1 - v) ** -3


def _disc(v: NDArray) -> tuple[NDArray, NDArray]:
    return v**2 / (1 - v), v * (2 - v) / (1 - v) ** 2


_MAPS = {"gap": _gap, "disc": _disc}


def own_terms(path: Angular) -> int:
    """How many j, from ½ on, are each a term of its own because a state may be resonant."""
    return max(RATIO * EXACT, int(np.ceil(path.resonant))) if path.resonant else 0


def angular_cells(path: Angular, n: int, top: float) -> list[Cell]:
    """Where refinement starts; `top` is the largest p = j/r of the answer's structure."""
    line, own = (0.0, 1.0), own_terms(path)
    counts = [own] if own else [0, EXACT, RATIO * EXACT]
    while counts[-1] < top * path.radius:
        counts.append(RATIO * counts[-1])
    ranges = [*itertools.pairwise(map(float, counts)), (float(counts[-1]), np.inf)]
    cells = [Cell("gap", u, v, (max(n, EXACT), 2 * n)) for u in ranges for v in _shells(path, u, top)]
    if not own:
        return cells
    chunks = _chunks(0, own, TOGETHER)
    if path.temperature == 0:
        return cells + [Cell("disc", u, line, (TOGETHER, 2 * n)) for u in chunks]
    frequencies = _frequencies(path, own)
    return cells + [Cell("thermal", u, v, (TOGETHER, n)) for u in chunks for v in frequencies]


def _shells(path: Angular, u: tuple[float, float], top: float) -> list[tuple[float, float]]:
    """Sides in v of the chart "gap", graded up to ω = top where that is far away."""
    reach = top / np.hypot(path.scale, u[0] / path.radius)
    c = SHELL ** np.arange(1.0, max(np.ceil(np.log(reach) / np.log(SHELL)), 1.0))
    v = 1 - 2 / (1 + np.sqrt(1 + 4 * c))  # v/(1-v)² = c
    return list(itertools.pairwise([0.0, *v.tolist(), 1.0]))


def _frequencies(path: Angular, own: int) -> list[tuple[float, float]]:
    """Ranges of frequencies up to those that are large beside every energy, and their tail."""
    largest = 4 * np.hypot(path.scale, own / path.radius)
    counts = [max(TAIL_START, int(np.ceil(largest / (2 * np.pi * path.temperature))))]
    while counts[0] > TAIL_START:
        counts.insert(0, counts[0] // (2 * RATIO))
    return [*itertools.pairwise([0.0, *map(float, counts)]), (float(counts[-1]), np.inf)]


def _chunks(first: int, last: int, size: int) -> list[tuple[float, float]]:
    edges = [*range(first, last, size), last]
    return [(float(a), float(b)) for a, b in itertools.pairwise(edges)]
