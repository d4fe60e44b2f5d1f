r"""States bound to walls, edges and steps at one p_y, certified by a count.

Between leads, or hard walls, the two solutions that are allowed on the left and on the right have
angles (:mod:`~dirac1d.green.angles`) whose difference passes a multiple of π at every level: none
can be missed. In a flat potential the state of a wall where Δ changes its sign (Jackiw and Rebbi)
is exact: f = ±g ~ exp(∓∫Δ dx), E = U ± p_y.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.green.angles import TOLERANCE, Run, along, joined, levels, norm
from dirac1d.numerics.checks import check_positions, finite_number
from dirac1d.numerics.estimate import Estimates
from dirac1d.problem import Problem, check_problem

#: States closer to a lead's band than this part of |Δ| are not looked for.
EDGE = 1e-10
#: Part of |Δ| by which U and Δ may differ from their leads where they are cut off.
FLAT = 1e-14
#: Points at which the smallest |Δ| is looked for: there both solutions meet.
LOOKS = 401


@dataclass(frozen=True, eq=False)
class EdgeStates:
    """The states bound at one p_y.

    Attributes
    ----------
    problem : Problem
    p_y : float
    energies : Estimates, shape (n,)
        All levels in the window, increasing, with the errors of each.
    """

    problem: Problem
    p_y: float
    energies: Estimates
    _shooting: LineShooting = field(repr=False)

    def __len__(self) -> int:
        return len(self.energies)

    def spinors(self, x: ArrayLike) -> NDArray:
        """f and g of all states, shape (n, 2, len(x)).

        ψ = (f, ig) e^{ip_y y}, normalised to ∫|ψ|² dx = 1; 0 beyond a hard wall.

        Raises
        ------
        ValueError
            If x is not increasing and finite.
        """
        at = check_positions(x)
        found = [self._shooting.spinor(float(E), at)[0] for E in np.asarray(self.energies)]
        return np.array(found).reshape(len(found), 2, len(at))

    @property
    def velocities(self) -> NDArray:
        """dE/dp_y = ∫ψ†σ_yψ dx = 2∫fg dx of all states, shape (n,)."""
        nowhere = np.zeros(1)
        return np.array([
            self._shooting.spinor(float(E), nowhere)[1] for E in np.asarray(self.energies)
        ])


def edge_states(
    problem: Problem, p_y: float, window: tuple[float, float] | None = None
) -> EdgeStates:
    """The states bound to a wall, an edge or a step at one transverse momentum.

    Parameters
    ----------
    problem : Problem
        Of a potential U(x) between leads, with any mass; its Fermi energy and temperature play no
        role.
    p_y : float
    window : (float, float), optional
        Energies between which states are sought; by default, and at most, those where no lead has
        states of that p_y. A ribbon between two hard walls has no leads: there it must be given.

    Returns
    -------
    EdgeStates
        As many as the angles of the equation count.

    Raises
    ------
    ValueError
        If the potential has no leads, p_y is not finite, or the window does not increase or is
        needed and not given.

    Examples
    --------
    >>> import dirac1d as dd
    >>> wall = dd.Problem(0.0, mass=dd.TanhStep(-1, 1, width=1))
    >>> print(dd.edge_states(wall, p_y=0.25).energies.round(9).tolist())
    [0.25]
    """
    if not check_problem(problem, walls=True).has_leads:
        raise ValueError("problem must have a potential U(x) between leads, "
                         f"got {problem.potential!r:.200}")
    p = finite_number("p_y", p_y)
    shooting = LineShooting.of(problem, p)
    low, high = _window(shooting, window)
    if not low < high:
        return EdgeStates(problem, p, Estimates(np.zeros(0), np.zeros(0)), shooting)
    return EdgeStates(problem, p, levels(shooting.mismatch, low, high), shooting)


def _window(shooting: LineShooting, given: tuple[float, float] | None) -> tuple[float, float]:
    """The energies at which states are sought."""
    low, high = -np.inf, np.inf
    for lead in shooting.leads:
        if lead is not None:
            reach = float(np.hypot(lead[1], shooting.p)) - EDGE * shooting.problem.gap
            low, high = max(low, lead[0] - reach), min(high, lead[0] + reach)
    if given is None:
        if np.isinf(low):
            raise ValueError("window must be given: a ribbon between two hard walls has states of "
                             "every energy")
        return low, high
    try:
        a, b = (finite_number("window", E) for E in given)
    except TypeError as error:
        raise ValueError(f"window must be two energies, got {given!r:.200}") from error
    if not a < b:
        raise ValueError(f"window must increase, got {given!r:.200}")
    return max(a, low), min(b, high)


@dataclass(frozen=True)
class LineShooting:
    """The solutions allowed on the left and on the right, to where they meet.

    `leads` are (U, Δ) of the leads, None where there is a hard wall.
    """

    problem: Problem
    p: float
    pieces: tuple[tuple[float, float], ...]
    meet: float
    leads: tuple[tuple[float, float] | None, tuple[float, float] | None]

    @classmethod
    def of(cls, problem: Problem, p: float) -> LineShooting:
        """The pieces between the breakpoints of U and Δ, and where both solutions meet."""
        shapes = [problem.potential]
        if problem.mass_profile is not None:
            shapes.append(problem.mass_profile)
        unit = problem.gap or 1.0
        ends = [q.support(FLAT * unit) for q in shapes]
        low, high = min(a for a, _ in ends), max(b for _, b in ends)
        left, right = problem.hard_walls
        low = min(low, high - 1e-3 / unit) if left is None else left.position
        high = max(high, low + 1e-3 / unit) if right is None else right.position
        low = min(low, high - 1e-3 / unit) if left is None else low
        x = np.linspace(low, high, LOOKS)[1:-1]
        meet = float(x[np.argmin(np.abs(problem.mass_at(x)) + np.abs(x - (low + high) / 2) * 1e-9)])
        inside = {b for q in shapes for b in q.breakpoints if low < b < high}
        edges = sorted({low, meet, high, *inside})
        leads = tuple(
            (U, mass) if wall is None else None
            for wall, U, mass in (
                (left, problem.U_L, problem.mass_left), (right, problem.U_R, problem.mass_right))
        )
        return cls(problem, p, tuple(itertools.pairwise(edges)), meet, leads)

    def mismatch(self, E: ArrayLike, tolerance: float) -> NDArray:
        """(θ_left - θ_right)/π where they meet: rises with E, an integer at a level."""
        E = np.asarray(E, dtype=float)
        return self.mismatches(E.ravel(), np.full(E.size, self.p), tolerance).reshape(E.shape)

    def mismatches(self, E: NDArray, p: NDArray, tolerance: float) -> NDArray:
        """`mismatch` of many energies and momenta at once, shapes (n,)."""
        one, other = (
            self._run(E, p, left, tolerance)[-1].y[: len(E), -1] for left in (True, False)
        )
        return (one - other) / np.pi

    def spinor(self, E: float, x: NDArray) -> tuple[NDArray, float]:
        """(f, g) at some positions, normalised, shape (2, len(x)); and 2∫fg dx."""
        at = np.array([E]), np.array([self.p])
        sides = [self._run(*at, left, TOLERANCE, dense=True) for left in (True, False)]
        theta, log, shift, turn = joined(*sides, x)
        total = moment = 0.0
        for end, (runs, up, more) in enumerate(((sides[0], 0.0, 0.0), (sides[1], shift, turn))):
            total += sum(norm(run, up) for run in runs)
            moment += sum(norm(run, up, lambda q: np.sin(2 * q)) for run in runs)
            if self.leads[end] is None:
                continue
            edge, kappa = (self.pieces[0][0], self.pieces[-1][1])[end], self._kappa(E, end)
            beyond = x < edge if end == 0 else x > edge
            angle, begin = runs[0].y[:, 0]
            theta[beyond] = angle + more
            log[beyond] = begin + up - kappa * np.abs(x[beyond] - edge)
            tail = np.exp(2 * (begin + up)) / (2 * kappa)
            total, moment = total + tail, moment + tail * np.sin(2 * angle)
        size = np.exp(log) / np.sqrt(total)
        return np.stack((size * np.cos(theta), size * np.sin(theta))), float(moment / total)

    def _kappa(self, E: float, end: int) -> float:
        """The decay rate in a lead."""
        lead = self.leads[end]
        assert lead is not None
        gap, e = float(np.hypot(lead[1], self.p)), E - lead[0]
        return float(np.sqrt(max((gap - e) * (gap + e), 0.0)))

    def _start(self, E: float, end: int) -> float:
        """θ of what decays into a lead, or at a hard wall; continuous in E.

        With f′ = ±κf, + on the left: (f, g) is (κ ± p, ±(E′ - Δ)) or (E′ + Δ, p ∓ κ).
        """
        wall, lead = self.problem.hard_walls[end], self.leads[end]
        if wall is not None:
            return float(np.arctan(wall.R))
        assert lead is not None
        e, sign, kappa = E - lead[0], 1 if end == 0 else -1, self._kappa(E, end)
        if sign * self.p >= 0:
            return float(np.arctan2(sign * (e - lead[1]), kappa + sign * self.p))
        return float(np.arctan2(self.p - sign * kappa, e + lead[1]))

    def _way(self, left: bool) -> list[tuple[float, float]]:
        """The pieces from a lead, or a hard wall, to where the solutions meet."""
        if left:
            return [q for q in self.pieces if q[1] <= self.meet]
        return [(b, a) for a, b in reversed(self.pieces) if a >= self.meet]

    def _run(
        self, E: NDArray, p: NDArray, left: bool, tolerance: float, dense: bool = False
    ) -> list[Run]:
        """θ and ln ρ of energies and momenta, piece by piece to where the solutions meet."""
        problem, end = self.problem, 0 if left else 1
        mass = problem.mass if problem.mass_profile is None else problem.mass_profile
        theta = [
            replace(self, p=k)._start(e, end) for e, k in zip(E.tolist(), p.tolist(), strict=True)
        ]
        return along(E, self._way(left), theta, tolerance, dense, problem.potential, mass,
                     lambda x: p)
