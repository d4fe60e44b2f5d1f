"""A problem in its own units: energies from ε_F in units of |Δ|, lengths from where U varies.

j_y depends on differences of energies and of positions only. A common offset of U and ε_F, or of U
and x, would take digits from every eigenvalue and every spacing; and a length or an energy that a
formula compares with 1 would mean another thing in other units. Here both end, once: the unit is
the power of two next to |Δ|, so that changing units rounds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.potentials import Walled
from dirac1d.problem import Problem
from dirac1d.states import masses
from dirac1d.states.settings import Claim

#: Points at which the steepest slope of U is looked for.
SLOPE_POINTS = 257


@dataclass(frozen=True)
class Frame:
    """Where x and U are counted from, and the unit of energy.

    Attributes
    ----------
    origin : float
        Position that becomes x = 0.
    offset : float
        Energy that becomes 0: ε_F.
    unit : float
        Unit of energy, a power of two; its inverse is the unit of length.
    """

    origin: float
    offset: float
    unit: float

    def inside(self, x: ArrayLike) -> NDArray:
        """Positions in the frame."""
        return (np.asarray(x, dtype=float) - self.origin) * self.unit

    def outside(self, x: ArrayLike) -> NDArray:
        """Positions in the units of the problem."""
        return self.origin + np.asarray(x, dtype=float) / self.unit


@dataclass(frozen=True)
class MovedPotential:
    """(U(origin + x/unit) - offset)/unit, a potential with or without leads."""

    potential: Any
    frame: Frame

    left = property(lambda self: self._energy(self.potential.left))
    right = property(lambda self: self._energy(self.potential.right))
    length_scale = property(lambda self: self.potential.length_scale * self.frame.unit)

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """Breakpoints in the frame."""
        return tuple(float(b) for b in self.frame.inside(self.potential.breakpoints))

    @property
    def terms(self) -> tuple[Any, ...]:
        """The terms of a sum, moved one by one (each less the whole offset)."""
        terms = getattr(self.potential, "terms", (self.potential,))
        return tuple(MovedPotential(t, self.frame) for t in terms)

    def __call__(self, x: ArrayLike) -> NDArray:
        """U in the frame."""
        return self._energy(self.potential(self._place(x)))

    def limits(self, x: float) -> tuple[float, float]:
        """Both sides of U."""
        below, above = self.potential.limits(float(self._place(x)))
        return self._energy(below), self._energy(above)

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′ in the frame."""
        return self.potential.derivative(self._place(x)) / self.frame.unit**2

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U - lead| ≤ tolerance."""
        a, b = self.frame.inside(self.potential.support(tolerance * self.frame.unit))
        return float(a), float(b)

    def _place(self, x: ArrayLike) -> NDArray:
        """Positions in the units of the problem; a breakpoint is met to the last bit."""
        x = np.asarray(x, dtype=float)
        place = self.frame.outside(x)
        if self.breakpoints:
            own = np.asarray(self.breakpoints)
            index = np.minimum(np.searchsorted(own, x), len(own) - 1)
            place = np.where(own[index] == x, np.asarray(self.potential.breakpoints)[index], place)
        return place

    def _energy(self, U: Any) -> Any:
        return (U - self.frame.offset) / self.frame.unit


def moved_mass(mass: Any, frame: Frame) -> Any:
    """Δ in a frame: an energy that no offset moves."""
    if isinstance(mass, float):
        return mass / frame.unit
    if isinstance(mass, Walled):
        walls = tuple(
            replace(w, position=float(frame.inside(w.position))) for w in mass.walls
        )
        return Walled(moved_mass(mass.inside, frame), walls)
    return MovedPotential(mass, replace(frame, offset=0.0))


@dataclass(frozen=True)
class MovedWave:
    """The same for a potential without leads; x keeps its origin."""

    potential: Any
    frame: Frame

    period = property(lambda self: self.potential.period * self.frame.unit)
    length_scale = property(lambda self: self.potential.length_scale * self.frame.unit)

    def __call__(self, x: ArrayLike) -> NDArray:
        """U in the frame."""
        U = self.potential(self.frame.outside(x))
        return (U - self.frame.offset) / self.frame.unit

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′ in the frame."""
        return self.potential.derivative(self.frame.outside(x)) / self.frame.unit**2


def frame_of(problem: Problem) -> Frame:
    """The frame in which a problem with Δ ≠ 0 is solved."""
    unit = 2.0 ** np.round(np.log2(problem.gap))
    if problem.periodic:
        return Frame(0.0, problem.fermi_energy, unit)
    breaks = masses.breakpoints(problem)
    walls = [x for x in masses.wall_positions(problem) if x is not None]
    if breaks:
        origin = breaks[len(breaks) // 2]
    elif len(walls) == 1:
        origin = walls[0]
    else:
        a, b = masses.support(problem, problem.gap)
        origin = (a + b) / 2
    return Frame(float(origin), problem.fermi_energy, unit)


def moved(problem: Problem, frame: Frame) -> Problem:
    """The problem in its frame: ε_F = 0, |Δ| between 0.7 and 1.4."""
    move = MovedWave if problem.periodic else MovedPotential
    return Problem(
        move(problem.potential, frame), moved_mass(problem.mass, frame),
        (problem.fermi_energy - frame.offset) / frame.unit, problem.temperature / frame.unit,
    )


def rounding_of(problem: Problem, frame: Frame, x: NDArray, claim: Claim) -> float:
    """What the rounding of U at the sites may leave in j_y, in the frame, per weight of a level.

    U and ε_F are numbers of a size, and so is the position at which U is asked for.
    """
    potential = problem.potential
    if problem.periodic:
        where = potential.period * np.arange(SLOPE_POINTS) / SLOPE_POINTS
    else:
        a, b = masses.support(problem, problem.gap * 1e-3)
        where = np.linspace(a, b, SLOPE_POINTS)
    energy = max(abs(problem.fermi_energy), float(np.max(np.abs(potential(where)))))
    slope = float(np.max(np.abs(potential.derivative(where))))
    if problem.mass_profile is not None:
        energy = max(energy, problem.gap)
        slope += float(np.max(np.abs(problem.mass_profile.derivative(where))))
    place = max(abs(frame.origin), float(np.max(np.abs(x))))
    rounding = float(np.finfo(float).eps) * (energy + slope * place) / frame.unit
    return claim.potential_rounding * problem.gap / frame.unit * E_OVER_2H * rounding
