"""The contract of a geometry, and the choice among them."""

from __future__ import annotations

from typing import Protocol

from numpy.typing import NDArray

from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.integrate.contracts import Source
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.settings import Settings
from dirac1d.green.sources.observable import Observable
from dirac1d.green.sources.step.geometry import Step
from dirac1d.green.sources.wall.geometry import Wall
from dirac1d.green.sources.wanted import PROFILE, Wanted
from dirac1d.green.sources.wave.geometry import Wave
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem


class Geometry(Protocol):
    """A problem at some positions, ready to be integrated."""

    problem: Problem
    x: NDArray
    settings: Settings

    def path(self, energy: float | None = None) -> Gap | Ray | Offset:
        """The path of p at the Fermi energy, or at another energy (then at T = 0)."""

    def at_momentum(self, p: float) -> Geometry:
        """What carries the waves of one p_y: they are turned round where those of others are not.
        """

    def beside(self, energy: float) -> tuple[list[tuple[float, float]], float]:
        """Energies with weights in place of one at which p = 0, a path's corner, is a state.

        Also what part of a density that changes.
        """

    @property
    def unit(self) -> float:
        """The energy whose inverse is the length on which the answer varies."""

    @property
    def share(self) -> float:
        """Part of the accuracy asked for to which panels must be solved."""

    @property
    def infinite(self) -> NDArray:
        """Where the answer is taken to be infinite."""

    @property
    def top(self) -> float:
        """The inverse of the smallest length on which the answer varies."""

    @property
    def leads(self) -> tuple[float, ...]:
        """Wave numbers or decay rates √|e² - Δ²| of the leads at p = 0; none without leads."""

    @property
    def U_reach(self) -> tuple[float, float]:
        """Smallest and largest U."""

    def source(self, observable: Observable) -> Source:
        """The source of an observable."""

    def at(self, result: Resolved, error: NDArray) -> tuple[NDArray, NDArray]:
        """The answer and its error at the positions asked for."""

    def strip(self, result: Resolved, error: NDArray, floor: float) -> Strip | None:
        """The answer as a series on panels, for integrals over x.

        `floor` is the part of `error` that no comparison of two levels shows.
        """

    def details(self, result: Resolved) -> dict[str, object]:
        """What was done, JSON-ready."""


def geometry_of(
    problem: Problem, x: NDArray, settings: Settings, wanted: Wanted = PROFILE
) -> Geometry:
    """The geometry of a problem: a step or a wall between leads, or a periodic potential."""
    if problem.circular:
        raise ValueError(f"potential must be one of x, got {problem.potential!r}")
    if problem.periodic:
        return Wave(problem, x, settings)
    if problem.mass_profile is not None:
        return Wall.of(problem, x, settings, wanted)
    return Step.of(problem, x, settings, wanted)
