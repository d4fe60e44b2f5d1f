r"""Bound states of a circle: every level in the gap outside, certified by a count.

F = √r (f, g) has the equations of :mod:`~dirac1d.green.angles` with p = j/r. The angle of the
solution that is regular at r = 0 rises with E at every r, that of the one that decays outside
falls. E is a level where they differ by a multiple of π: between two energies lie as many levels as
the difference passes multiples of π, and none can be missed.

Δ may vary with r as U does. Where it changes its sign at r = R a state is bound to the circle (as
to a straight wall, where E = U ± p_y): E ≈ U ± j/R for R ≫ 1/|Δ|, + where Δ rises outwards, so that
all electrons on the ring run the same way.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad
from scipy.special import kve

from dirac1d.green.angles import TOLERANCE, Run, along, joined, levels, norm
from dirac1d.numerics.checks import half_integer
from dirac1d.numerics.estimate import Estimates
from dirac1d.potentials.walls import circle_ends
from dirac1d.problem import Problem, check_problem
from dirac1d.results.radial import check_radii

#: Levels closer to a band edge than this part of |Δ| are not looked for.
EDGE = 1e-10
#: First radius, in the shortest length: what the first term of the series misses is its cube.
FIRST = 1e-4
#: Part of |Δ| by which U may differ from U(∞) where the decaying solution begins.
FLAT = 1e-14
#: Samples of U and Δ between breakpoints where it is asked how much they change, and the room left
#: for what they do in between.
SAMPLES, ROOM = 200, 1.2


@dataclass(frozen=True, eq=False)
class BoundStates:
    """The bound states of one angular momentum.

    Attributes
    ----------
    problem : Problem
    j : float
    energies : Estimates, shape (n,)
        All levels in the gap outside, increasing, with the errors of each.
    """

    problem: Problem
    j: float
    energies: Estimates
    _shooting: Shooting = field(repr=False)

    def __len__(self) -> int:
        return len(self.energies)

    def spinors(self, r: ArrayLike) -> NDArray:
        """f and g of all states, shape (n, 2, len(r)).

        ψ = (f e^{ilφ}, i g e^{i(l+1)φ}), l = j - ½, normalised to ∫|ψ|² d²r = 1.

        Raises
        ------
        ValueError
            If r is not increasing and positive.
        """
        radii = check_radii(r)
        if radii[0] == 0:
            raise ValueError("r must be positive: at r = 0 only j = ±½ have a finite spinor")
        found = [self._shooting.spinor(float(E), radii) for E in np.asarray(self.energies)]
        return np.array(found).reshape(len(found), 2, len(radii))


def bound_states(problem: Problem, j: float) -> BoundStates:
    """The bound states of a circle with angular momentum j: all levels in the gap outside.

    Parameters
    ----------
    problem : Problem
        With a circle as its potential, any mass Δ(r) that is not 0 far outside, and T = 0; its
        Fermi energy plays no role.
    j : float
        Half-integer, of either sign.

    Returns
    -------
    BoundStates
        As many as the angles of the radial equation count.

    Raises
    ------
    ValueError
        If the potential is no circle, j no half-integer, Δ = 0 far outside or T > 0.

    Examples
    --------
    >>> import dirac1d as dd
    >>> states = dd.bound_states(dd.Problem(dd.Disc(height=-1.0, radius=5.0)), j=0.5)
    >>> print(", ".join(f"{E:.9f}" for E in states.energies))
    0.091606599, 0.410077355, 0.824047807

    A state bound to the edge of a disc of opposite mass, in no potential:

    >>> ring = dd.Problem(0.0, mass=dd.Disc(-2.0, 20.0, outside=1.0))
    >>> print(f"{dd.bound_states(ring, j=2.5).energies[0]:.5f}, about j/R = {2.5 / 20}")
    0.12515, about j/R = 0.125
    """
    j = half_integer(j)
    circular = getattr(problem, "circular", False)
    if not check_problem(problem, walls=circular).circular:
        raise ValueError(f"problem must have a circle as its potential, got {problem.potential!r}")
    gap = abs(circle_ends(problem.mass)[1])
    if gap == 0:
        raise ValueError("mass must not be 0 far outside: without a gap there are no bound states")
    if problem.temperature > 0:
        raise ValueError("temperature must be 0: levels are those of one electron, got "
                         f"{problem.temperature}")
    shooting = Shooting.of(problem, j)
    middle, reach = problem.potential.outside, gap * (1 - EDGE)
    some = j * j - abs(j) <= shooting.most
    found = levels(shooting.mismatch, middle - reach, middle + reach) if some else np.zeros(0)
    return BoundStates(problem, j, found, shooting)


@dataclass(frozen=True)
class Shooting:
    """The two solutions of one j, from r = 0 and from far away to where they meet.

    Several j, and as many energies, may be shot at once: then `mismatch` is an array.
    """

    problem: Problem
    j: float | NDArray
    pieces: tuple[tuple[float, float], ...]
    meet: float

    @classmethod
    def of(cls, problem: Problem, j: float | NDArray) -> Shooting:
        """The pieces between the breakpoints of U and Δ, and where both solutions meet."""
        gap, shapes = problem.gap, [problem.potential]
        if problem.mass_profile is not None:
            shapes.append(problem.mass_profile)
        last = max(*(q.support(FLAT * gap)[1] for q in shapes), 1e-3 / gap)
        heights = [max(abs(q.centre - q.outside), q.largest_drop(1 / gap)) for q in shapes]
        ends = [q.support(max(h / 2, 1e-300))[1] for q, h in zip(shapes, heights, strict=True)]
        meet = max(*ends, last / 100)
        breaks = {b for q in shapes for b in q.breakpoints}
        first = FIRST * min([1 / gap, last, *breaks])
        edges = sorted({first, meet, last, *(b for b in breaks if first < b < last)})
        return cls(problem, j, tuple(itertools.pairwise(edges)), meet)

    @property
    def masses(self) -> tuple[float, float]:
        """Δ at the centre and far outside."""
        return circle_ends(self.problem.mass)

    @property
    def most(self) -> float:
        """Levels in the gap have no larger j² - |j|.

        H without U, squared, is -∂² + (j² ± j)/r² + Δ² and a matrix times Δ′; a level has
        ⟨(E - U)²⟩ of it. What Δ′ binds within the last radius R is V² at most, V the total change
        of Δ (with nothing to hold it at R): above V² + (E - U)² no level has (j² - |j|)/R².
        """
        last, gap = self.pieces[-1][1], abs(self.masses[1])
        U, mass = self.problem.potential, self.problem.mass_profile
        r = np.concatenate([np.linspace(a, b, SAMPLES + 1) for a, b in self.pieces])
        change = 0.0 if mass is None else float(np.sum(np.abs(np.diff(mass(r)))))
        highest = gap + float(np.max(np.abs(U(r) - U.outside)))
        return last**2 * (ROOM * (change**2 + highest**2))

    def mismatch(self, E: ArrayLike, tolerance: float) -> NDArray:
        """(θ_in - θ_out)/π where they meet: rises with E, an integer at a level.

        Shaped as E and j together. Those of one octave of |j| share their panels.
        """
        j, energy = np.broadcast_arrays(self.j, np.asarray(E, dtype=float))
        octave, found = np.floor(np.log2(np.abs(j))), np.empty(j.shape)
        for k in np.unique(octave):
            some, turns = octave == k, 0.0
            shot = replace(self, j=j[some])
            for inside, sign in ((True, 1), (False, -1)):
                y = shot._run(energy[some], inside, tolerance)[-1].y
                turns = turns + sign * y[: len(y) // 2, -1]
            found[some] = turns / np.pi
        return found

    def spinor(self, E: float, r: NDArray) -> NDArray:
        """(f, g) at some radii, normalised, shape (2, len(r))."""
        inner, outer = (self._run(E, inside, TOLERANCE, dense=True) for inside in (True, False))
        theta, log, shift, turn = joined(inner, outer, r)
        total = sum(norm(run, up) for runs, up in ((inner, 0.0), (outer, shift)) for run in runs)
        first, last = self.pieces[0][0], self.pieces[-1][1]
        near, far = r < first, r > last
        theta[near] = self.regular(E, r[near])
        log[near] = inner[0].y[1, 0] + abs(self.j) * np.log(r[near] / first)
        theta[far] = self._decaying(E, r[far]) + turn
        begin = outer[0].y[1, 0] + shift
        log[far] = begin + self._fall(E, r[far])
        total += quad(lambda x: np.exp(2 * (begin + self._fall(E, x))), last, np.inf)[0]
        size = np.exp(log) / np.sqrt(2 * np.pi * total * r)
        return np.stack((size * np.cos(theta), size * np.sin(theta)))

    def _fall(self, E: float, r: ArrayLike) -> NDArray:
        """ln ρ where U is flat, less that where it begins to be."""
        kappa, last = self._kappa(E), self.pieces[-1][1]
        e = E - self.problem.potential.outside + self.masses[1]

        def size(x: ArrayLike) -> NDArray:
            f, g = (kve(abs(self.j + s), kappa * np.asarray(x)) for s in (-0.5, 0.5))
            return np.log(np.hypot(e * f, kappa * g)) - kappa * np.asarray(x) + np.log(x) / 2

        return size(r) - size(last)

    def _kappa(self, E: ArrayLike) -> NDArray:
        e, gap = E - self.problem.potential.outside, abs(self.masses[1])
        return np.sqrt((gap - e) * (gap + e))

    def regular(self, E: ArrayLike, r: ArrayLike) -> NDArray:
        """θ near r = 0."""
        e, mass = E - self.problem.potential.centre, self.masses[0]
        small = np.asarray(r) / (2 * np.abs(self.j) + 1)
        up = np.arctan((e - mass) * small)
        down = np.pi / 2 + np.arctan((e + mass) * small)
        return np.where(np.greater(self.j, 0), up, down)

    def _decaying(self, E: ArrayLike, r: ArrayLike) -> NDArray:
        """θ where U is flat: (f, g) = ((E'+Δ)K_l, κK_{l+1}) at κr."""
        kappa, e = self._kappa(E), E - self.problem.potential.outside + self.masses[1]
        l_, z = np.abs(self.j) - 0.5, kappa * np.asarray(r)
        with np.errstate(over="ignore", invalid="ignore"):
            ratio = kve(l_, z) / kve(l_ + 1, z)
        # K is infinite, in double precision, where so large j are far from their turning point.
        ratio = np.where(np.isfinite(ratio), ratio, z / (2 * l_ + 1))
        up = np.greater(self.j, 0)
        return np.arctan2(np.where(up, kappa, kappa * ratio), np.where(up, e * ratio, e))

    def _run(
        self, E: ArrayLike, inside: bool, tolerance: float, dense: bool = False
    ) -> list[Run]:
        """θ and ln ρ, piece by piece to where the solutions meet."""
        if inside:
            way = [q for q in self.pieces if q[1] <= self.meet]
            state = self.regular(E, way[0][0])
        else:
            way = [(b, a) for a, b in reversed(self.pieces) if a >= self.meet]
            if not way:
                way = [(self.meet, self.meet)]
            state = self._decaying(E, way[0][0])
        return self._along(E, way, state, tolerance, dense)

    def outwards(self, E: ArrayLike, tolerance: float, dense: bool = False) -> list[Run]:
        """θ and ln ρ of the regular solution, piece by piece to where U is flat."""
        theta = self.regular(E, self.pieces[0][0])
        return self._along(E, list(self.pieces), theta, tolerance, dense)

    def _along(
        self, E: ArrayLike, way: list[tuple[float, float]], theta: NDArray, tolerance: float,
        dense: bool,
    ) -> list[Run]:
        """The equations along some pieces: first θ of all j, then their ln ρ."""
        U, mass, j = self.problem.potential, self.problem.mass, np.ravel(self.j)
        return along(E, way, theta, tolerance, dense, U, mass, lambda r: j / r)
