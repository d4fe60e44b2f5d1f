"""What a potential is, and sums of potentials."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property, reduce
from typing import Any, Protocol, runtime_checkable

from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number, positive_number, scale_number


@runtime_checkable
class Potential(Protocol):
    """What the solvers need to know of U(x)."""

    @property
    def left(self) -> float:
        """U(x → -∞)."""

    @property
    def right(self) -> float:
        """U(x → +∞)."""

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Increasing positions of jumps and kinks (knots of splines too); U is smooth elsewhere."""

    @property
    def length_scale(self) -> float:
        """Smallest length over which U varies appreciably (inf if it has jumps only)."""

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x), same shape as x; at a jump the mean of its two sides."""

    def limits(self, x: float) -> tuple[float, float]:
        """(U(x - 0), U(x + 0))."""

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x): the mean of both sides at a kink; a jump contributes nothing."""

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U - lead| ≤ tolerance (absolute)."""


@runtime_checkable
class PeriodicPotential(Protocol):
    """What the solvers need to know of a smooth periodic U(x)."""

    @property
    def period(self) -> float:
        """U(x + period) = U(x)."""

    @property
    def length_scale(self) -> float:
        """Length over which U varies appreciably."""

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x), same shape as x."""

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x)."""


class NoLeadsError(ValueError, AttributeError):
    """A periodic potential was asked for what only a potential with leads has."""


def validate(potential: Any, positive: Iterable[str] = ()) -> None:
    """Replace every numeric field of a frozen dataclass by a checked float."""
    for entry in fields(potential):
        check = finite_number if entry.name == "position" else scale_number
        value = check(entry.name, getattr(potential, entry.name))
        if entry.name in positive:
            positive_number(entry.name, value)
        object.__setattr__(potential, entry.name, value)


class Addable:
    """Potentials add: U = a + b."""

    def __add__(self, other: object) -> SumPotential:
        if isinstance(other, PeriodicPotential):
            raise ValueError(f"a potential with leads and a periodic one do not add: {other!r}")
        if not isinstance(other, Potential):
            return NotImplemented
        mine = self.terms if isinstance(self, SumPotential) else (self,)
        theirs = other.terms if isinstance(other, SumPotential) else (other,)
        return SumPotential((*mine, *theirs))

    def __radd__(self, other: object) -> Any:
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def limits(self, x: float) -> tuple[float, float]:
        """Both sides are equal wherever U is continuous."""
        value = float(self(x))  # type: ignore[operator]
        return value, value


@dataclass(frozen=True)
class SumPotential(Addable):
    """The sum of potentials; made by ``a + b``."""

    terms: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(self.terms))
        if not self.terms or not all(isinstance(t, Potential) for t in self.terms):
            raise ValueError(f"terms must be potentials, got {self.terms!r}")

    left = property(lambda self: float(sum(t.left for t in self.terms)))
    right = property(lambda self: float(sum(t.right for t in self.terms)))
    length_scale = property(lambda self: min(t.length_scale for t in self.terms))

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """All breakpoints of the terms."""
        return tuple(sorted({b for t in self.terms for b in t.breakpoints}))

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        return reduce(operator.add, (t(x) for t in self.terms))

    def limits(self, x: float) -> tuple[float, float]:
        """(U(x - 0), U(x + 0))."""
        sides = [t.limits(x) for t in self.terms]
        return float(sum(s[0] for s in sides)), float(sum(s[1] for s in sides))

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x)."""
        return reduce(operator.add, (t.derivative(x) for t in self.terms))

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U - lead| ≤ tolerance."""
        share = positive_number("tolerance", tolerance) / len(self.terms)
        ends = [t.support(share) for t in self.terms]
        return min(e[0] for e in ends), max(e[1] for e in ends)
