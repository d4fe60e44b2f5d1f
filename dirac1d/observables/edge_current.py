r"""The split of J_y into the part of bound states and the part of the leads' waves.

The projector on occupied states is ½ + ∫dω G/2π, and ½ carries nothing, so that every state counts
with f - ½. For the states bound to walls, edges and steps, v = dE/dp_y,

.. math:: J_\mathrm{edge} = \int\frac{dp_y}{2π}\sum_n\Bigl[f(E_n) - \tfrac12\Bigr]\frac{dE_n}{dp_y}
          = \frac{1}{2π}\sum_{\text{branches}}[g(E_\text{end}) - g(E_\text{start})],
          \qquad g(E) = -T\ln 2\cosh\frac{E-ε_F}{2T},

-|E - ε_F|/2 at T = 0: it is fixed by where the branches merge with the leads' bands. There the
decay rate κ in that lead is 0, so that the angles of the two allowed solutions
(:mod:`~dirac1d.green.edges`) differ by a multiple of π at the very edge of the band. The state of
Jackiw and Rebbi in no potential, E = p_y, never merges: it carries (e/h) ε_F. The bulk has the rest
of SR Eq. (12) with a mass that varies.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.exact.total_current import total_current
from dirac1d.green.angles import levels
from dirac1d.green.edges import LineShooting, edge_states
from dirac1d.numerics.estimate import Estimates
from dirac1d.problem import Problem, check_problem

#: Momenta of each sign at which bound states are counted at first, the smallest of them in the gap:
#: a branch that begins and ends between two of them is not seen.
LOOKS, FIRST = 32, 1e-3
#: Parts into which an interval is cut where the number changes, and the angles' tolerance: at the
#: margin they differ from a multiple of π by 1e-5 and more.
PARTS, ANGLES = 12, 1e-9
#: Part of the gap by which U varies where it counts as flat: rounding.
FLAT = 1e-12
#: What is bisected, in the gap: a branch's end is known to this.
ENDS = 1e-9
#: Distance from the bands, of √(Δ² + p²), within which states are not told from half-bound ones, of
#: which Δ₀ tanh(x/w) has some at every p. Branches end where κ = √(2·margin)M there, and what that
#: leaves is linear in κ: a second search at four times the margin takes it away, but for this part.
MARGIN, LEFT = 1e-9, 1e-2
#: |p_y| beyond ε_F - U and 40 T, in the gap, up to which branches are followed until all end.
FARTHEST = 12.0
#: Temperatures from ε_F at which a Fermi function is 0 or 1.
COLD = 40.0


@dataclass(frozen=True, eq=False)
class EdgeAndBulk:
    """What bound states and what the leads' waves carry of J_y/e.

    Attributes
    ----------
    problem : Problem
    edge, bulk, total : float
        Their sum is the total, SR Eq. (12).
    error : float
        Of `edge` and of `bulk`; the total is exact.
    status : str
        ``"converged"``, or that branches go on beyond the largest p_y.
    ranges : tuple of (float, float, int)
        p_y from, to, and how many states are bound there; none are anywhere else. The ends of
        branches that do not end are those of the search.
    """

    problem: Problem
    edge: float
    bulk: float
    total: float
    error: float
    status: str
    ranges: tuple[tuple[float, float, int], ...]


def edge_and_bulk_current(problem: Problem) -> EdgeAndBulk:
    """How J_y divides between the states bound to a wall, an edge or a step, and the bulk.

    Parameters
    ----------
    problem : Problem
        Of a potential U(x) between leads, of which one may be a hard wall, with any mass.

    Returns
    -------
    EdgeAndBulk

    Raises
    ------
    ValueError
        If the potential has no leads, or both of its ends are hard walls: all states of a ribbon
        are bound.

    Notes
    -----
    In a potential with a well, of equal leads, ever more states are bound as |p_y| grows; their
    parts at ±p_y cancel, and `error` holds what they still add from half the largest |p_y| on.

    Examples
    --------
    >>> import dirac1d as dd
    >>> wall = dd.Problem(0.0, mass=dd.TanhStep(-1, 1, width=2), fermi_energy=0.3)
    >>> found = dd.edge_and_bulk_current(wall)
    >>> print(f"{found.edge:.6f} {found.bulk + 0.0:.6f}")
    0.047746 0.000000
    """
    if not check_problem(problem, walls=True).has_leads:
        raise ValueError("problem must have a potential U(x) between leads, "
                         f"got {problem.potential!r:.200}")
    if all(problem.hard_walls):
        raise ValueError("problem must have a lead: all states between two hard walls are bound")
    total, unit = total_current(problem), problem.gap or 1.0
    U = _values(problem)
    if np.ptp(U) <= FLAT * unit:
        return _in_no_potential(problem, float(U[0]), total)
    branches = _Branches.of(problem, MARGIN)
    (near, error), (far, _) = branches.current(), _Branches.of(problem, 4 * MARGIN).current()
    edge, error = 2 * near - far, error + LEFT * abs(near - far)
    status = "converged"
    if branches.open_ended:
        status = f"branches go on beyond |p_y| = {branches.farthest:.3g}"
    return EdgeAndBulk(problem, edge, total - edge, total, error, status, branches.ranges())


def _in_no_potential(problem: Problem, U: float, total: float) -> EdgeAndBulk:
    """Levels U ± √(p² + m²) cancel in pairs, but that of a change of sign: U ± p."""
    signs = np.sign([problem.mass_left, problem.mass_right])
    turns = float(signs[1] - signs[0]) / 2 if np.all(signs) else 0.0
    edge = turns * (problem.fermi_energy - U) / (2 * np.pi)
    count = len(edge_states(problem, 0.5 * (problem.gap or 1.0)))
    ranges = ((-np.inf, np.inf, count),) if count else ()
    return EdgeAndBulk(problem, edge, total - edge, total, 0.0, "converged", ranges)


@dataclass(frozen=True)
class _End:
    """At one p_y: the window without bulk states, and the first and last number of levels in it.

    They are numbered by the multiples of π; without a window there are none.
    """

    p: float
    low: float
    high: float
    first: int
    last: int

    @property
    def count(self) -> int:
        return max(self.last - self.first + 1, 0) if self.low < self.high else 0

    @property
    def labels(self) -> tuple[int, int] | None:
        return (self.first, self.last) if self.low < self.high else None


@dataclass(frozen=True)
class _Branches:
    """The windows at increasing momenta of either sign, neighbours alike or closer than ENDS."""

    problem: Problem
    margin: float
    sides: tuple[tuple[_End, ...], tuple[_End, ...]]

    @classmethod
    def of(cls, problem: Problem, margin: float) -> _Branches:
        """The windows from p = 0 to where no state is bound, or as far as is looked."""
        unit, base = problem.gap or 1.0, LineShooting.of(problem, 0.0)
        e = float(np.max(np.abs(problem.fermi_energy - _values(problem))))
        far = 2 * (e + unit + COLD * problem.temperature)
        momenta = np.concatenate(([ENDS * unit], np.geomspace(FIRST * unit, far, LOOKS)))
        sides = []
        for sign in (-1.0, 1.0):
            found = _windows(base, margin, sign * momenta)
            while found[-1].count and abs(found[-1].p) < FARTHEST * unit + far:
                found += _windows(base, margin, found[-1].p * 1.2 ** np.arange(1, 5))
            sides.append(tuple(_refined(base, margin, found, ENDS * unit)))
        return cls(problem, margin, (sides[0], sides[1]))

    @property
    def farthest(self) -> float:
        """The largest |p|."""
        return max(abs(side[-1].p) for side in self.sides)

    @property
    def open_ended(self) -> bool:
        """Whether states are bound at the largest momenta."""
        return any(side[-1].count for side in self.sides)

    def current(self) -> tuple[float, float]:
        """J_edge and its error."""
        found, error = np.zeros(2), 0.0
        for sign, side in zip((-1, 1), self.sides, strict=True):
            half = side[: max(int(np.searchsorted(
                np.abs([end.p for end in side]), abs(side[-1].p) / 2)), 2)]
            for k, part in enumerate((side, half)):
                value, own = self._along(part)
                found[k] += sign * value
                error += own if k == 0 else 0.0
        beyond = abs(found[0] - found[1]) if self.open_ended else 0.0
        return float(found[0] / (2 * np.pi)), float((error + beyond) / (2 * np.pi))

    def _along(self, side: tuple[_End, ...]) -> tuple[float, float]:
        """Σ g at the outer ends of branches less Σ g at the inner ones, away from p = 0.

        What begins at p = 0 cancels between the two signs.
        """
        total, error = 0.0, 0.0
        for a, b in itertools.pairwise(side):
            one, other = a.labels, b.labels
            if one == other:
                continue
            error += abs(b.p - a.p)
            if one is None or other is None:
                end = b if one is None else a
                total += (-1 if one is None else 1) * end.count * self._g((end.low + end.high) / 2)
                continue
            total += (other[0] - one[0]) * self._g(a.low) + (one[1] - other[1]) * self._g(a.high)
        if side[-1].count:
            energies = _levels(self.problem, side[-1])
            total += float(np.sum([self._g(float(E)) for E in energies]))
            error += float(np.sum(energies.error))
        return total, error

    def _g(self, E: float) -> float:
        """∫(f - ½) dE."""
        s, T = abs(E - self.problem.fermi_energy), self.problem.temperature
        return -s / 2 if T == 0 else -s / 2 - T * float(np.log1p(np.exp(-s / T)))

    def ranges(self) -> tuple[tuple[float, float, int], ...]:
        """(from, to, number) of bound states, p increasing."""
        ends = [*reversed(self.sides[0]), *self.sides[1]]
        found: list[tuple[float, float, int]] = []
        for end in ends:
            if found and found[-1][2] == end.count:
                found[-1] = (found[-1][0], end.p, end.count)
            else:
                found.append((end.p, end.p, end.count))
        return tuple(q for q in found if q[2] and q[0] < q[1])


def _values(problem: Problem) -> NDArray:
    """U here and there."""
    low, high = (LineShooting.of(problem, 0.0).pieces[k][k] for k in (0, -1))
    x = np.linspace(low, high, 201)[1:-1]
    return np.concatenate((problem.potential(x), [problem.U_L, problem.U_R]))


def _windows(base: LineShooting, margin: float, momenta: NDArray) -> list[_End]:
    """The energies between the leads' bands, and the numbers of the levels among them."""
    leads = [lead for lead in base.leads if lead is not None]
    reach = [(U, np.hypot(mass, momenta) * (1 - margin)) for U, mass in leads]
    low = np.max([U - M for U, M in reach], axis=0)
    high = np.min([U + M for U, M in reach], axis=0)
    first, last = np.zeros(len(momenta)), np.full(len(momenta), -1.0)
    some = low < high
    if np.any(some):
        both = np.concatenate((low[some], high[some])), np.tile(momenta[some], 2)
        first[some], last[some] = np.split(base.mismatches(*both, ANGLES), 2)
        first[some], last[some] = np.floor(first[some]) + 1, np.ceil(last[some]) - 1
    rows = zip(momenta.tolist(), low.tolist(), high.tolist(), first, last, strict=True)
    return [_End(p, a, b, int(m), int(n)) for p, a, b, m, n in rows]


def _refined(
    base: LineShooting, margin: float, ends: list[_End], least: float
) -> list[_End]:
    """The same, and more of them, until neighbours are alike or close."""
    while True:
        pairs = list(itertools.pairwise(ends))
        wide = [a.labels != b.labels and abs(b.p - a.p) > least for a, b in pairs]
        if not any(wide):
            return ends
        t = np.arange(1, PARTS) / PARTS
        cuts = [a.p + (b.p - a.p) * t for (a, b), w in zip(pairs, wide, strict=True) if w]
        more = [*ends, *_windows(base, margin, np.concatenate(cuts))]
        ends = sorted(more, key=lambda end: abs(end.p))


def _levels(problem: Problem, end: _End) -> Estimates:
    """The energies bound at one momentum."""
    return levels(LineShooting.of(problem, end.p).mismatch, end.low, end.high)
