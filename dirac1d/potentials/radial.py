"""Circles: potentials U(r) in the plane, r = |r|, flat far outside.

Every shape is told by its cut through the middle, an even potential on a line between equal leads:
`line`. What can be asked of a potential is asked of that cut, at r ≥ 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number, real_array
from dirac1d.numerics.values import ByContent, extent
from dirac1d.potentials.base import NoLeadsError, _Scalable, validate
from dirac1d.potentials.data import FunctionPotential, TabulatedPotential
from dirac1d.potentials.protocols import CircularPotential
from dirac1d.potentials.shapes import a_length, an_energy, register
from dirac1d.potentials.steps import GaussianBump, SharpStep, TanhStep

#: Part of a circle's height that is left of it at the ends of the window that shows it.
_WINDOW_TOLERANCE = 1e-3
_HEIGHT = an_energy(-0.5, "U at the centre, above that outside")
_OUTSIDE = an_energy(0.0, "U far outside")


class Circle(_Scalable):
    """What a circle has for free: all of it from its cut, `line`."""

    has_leads = False
    outside: float
    line: Any

    def __getattr__(self, name: str) -> Any:
        if name in ("left", "right"):
            raise NoLeadsError(f"{name}: a circle has no leads, got {type(self).__name__}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def centre(self) -> float:
        """U(0)."""
        return float(self.line(0.0))

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Radii of jumps and kinks."""
        return tuple(b for b in self.line.breakpoints if b > 0)

    @property
    def length_scale(self) -> float:
        """Smallest length over which U varies appreciably (inf if it has jumps only)."""
        return self.line.length_scale

    @property
    def landmarks(self) -> tuple[float, ...]:
        """Radii about structure so narrow that a look at the whole may miss it."""
        return tuple(x for x in getattr(self.line, "landmarks", ()) if x > 0)

    def __call__(self, r: ArrayLike) -> NDArray:
        """U(r), same shape as r."""
        return self.line(np.abs(r))

    def derivative(self, r: ArrayLike) -> NDArray:
        """U′(r), r > 0: the mean of both sides at a kink; a jump contributes nothing."""
        return self.line.derivative(r)

    def limits(self, r: float) -> tuple[float, float]:
        """(U(r - 0), U(r + 0))."""
        return self.line.limits(r)

    def support(self, tolerance: float) -> tuple[float, float]:
        """(0, R): |U - outside| ≤ tolerance for r > R."""
        return 0.0, max(self.line.support(tolerance)[1], 0.0)

    def far_range(self) -> tuple[float, float]:
        """Smallest and largest of U(0) and U far outside. It decides the regime."""
        return min(self.centre, self.outside), max(self.centre, self.outside)

    def largest_drop(self, distance: float) -> float:
        """max |U(r + l/2) - U(r - l/2)|, |l| = distance, along a radius and across the centre."""
        return self.line.largest_drop(distance)

    def window(self, around: float) -> tuple[float, float]:
        """Radii that show it, and `around` more."""
        height = max(abs(self.centre - self.outside), self.largest_drop(around))
        return 0.0, self.support(_WINDOW_TOLERANCE * height + 1e-300)[1] + around

    def summary(self) -> str:
        """A few words on where U goes."""
        return f"a circle, from {self.centre:g} at its centre to {self.outside:g} outside"

    def __add__(self, other: object) -> Any:
        if not isinstance(other, CircularPotential):
            raise ValueError(f"a circle adds to another circle only, got {other!r}")
        mine = self.terms if isinstance(self, RadialSum) else (self,)
        theirs = other.terms if isinstance(other, RadialSum) else (other,)
        return RadialSum((*mine, *theirs))

    def __radd__(self, other: object) -> Any:
        return self if isinstance(other, int) and other == 0 else self + other

    def __sub__(self, other: object) -> Any:
        return self + -other if isinstance(other, _Scalable) else NotImplemented


def _flat(U: float) -> SharpStep:
    """The same U everywhere."""
    return SharpStep(U, U)


@register("disc")
@dataclass(frozen=True)
class Disc(Circle):
    """U = outside + height for r < radius, outside beyond; their mean at the edge.

    Exactly at the edge the current density diverges logarithmically.

    Raises
    ------
    ValueError
        If a parameter is not finite or the radius is not positive.

    Examples
    --------
    >>> import dirac1d as dd
    >>> dot = dd.Disc(height=-1.0, radius=5.0)
    >>> dot([0.0, 5.0, 6.0]).tolist()
    [-1.0, -0.5, 0.0]
    """

    height: float = field(metadata=_HEIGHT)
    radius: float = field(metadata=a_length(5.0, "of the edge", positive=True))
    outside: float = field(default=0.0, metadata=_OUTSIDE)

    def __post_init__(self) -> None:
        validate(self)

    @cached_property
    def line(self) -> Any:
        """The cut through the middle: a step down, a step up."""
        inside = self.outside + self.height
        edge = SharpStep(0.0, self.outside - inside, self.radius)
        return SharpStep(self.outside, inside, -self.radius) + edge


@register("dot")
@dataclass(frozen=True)
class GaussianDot(Circle):
    """U = outside + height · exp(-(r/width)²).

    Raises
    ------
    ValueError
        If a parameter is not finite or the width is not positive.
    """

    height: float = field(metadata=_HEIGHT)
    width: float = field(metadata=a_length(1.0, "of exp(-r²/width²)", positive=True))
    outside: float = field(default=0.0, metadata=_OUTSIDE)

    def __post_init__(self) -> None:
        validate(self)

    @cached_property
    def line(self) -> Any:
        """The cut through the middle."""
        return GaussianBump(self.height, self.width) + _flat(self.outside)


@register("smooth_disc")
@dataclass(frozen=True)
class SmoothDisc(Circle):
    """U = outside + height · [tanh((r+R)/w) - tanh((r-R)/w)] / 2 tanh(R/w), R radius and w width.

    Smooth at r = 0, where U = outside + height; for w ≪ R the edge is that of a `TanhStep`.

    Raises
    ------
    ValueError
        If a parameter is not finite, or radius or width is not positive.
    """

    height: float = field(metadata=_HEIGHT)
    radius: float = field(metadata=a_length(5.0, "of the edge", positive=True))
    width: float = field(metadata=a_length(1.0, "of tanh((r - radius)/width)", positive=True))
    outside: float = field(default=0.0, metadata=_OUTSIDE)

    def __post_init__(self) -> None:
        validate(self)

    @cached_property
    def line(self) -> Any:
        """The cut through the middle: one edge down, one edge up."""
        size = self.height / np.tanh(self.radius / self.width)
        up = TanhStep(self.outside, self.outside + size, self.width, -self.radius)
        return up + TanhStep(0.0, -size, self.width, self.radius)


@register("radial")
@dataclass(frozen=True, eq=False, repr=False, init=False)
class RadialPotential(ByContent, Circle):
    """Any callable U(r) that becomes flat outside.

    The function is sampled adaptively when the potential is made, as by `FunctionPotential`: kinks
    and jumps are found by bisection (give them as `breakpoints` if you know them).

    Parameters
    ----------
    function : callable
        U(r) for a radius or an array of them.
    outside : float
        U(r → ∞).
    breakpoints : sequence of float
        Known radii of kinks and jumps.

    Raises
    ------
    ValueError
        If the function returns something that is not a finite real number, or never reaches
        `outside`.
    """

    line: FunctionPotential

    def __init__(
        self, function: Callable[[Any], Any], outside: float, breakpoints: Iterable[float] = ()
    ) -> None:
        if not callable(function):
            raise ValueError(f"function must be callable, got {function!r}")
        radii = [_radius("breakpoints", b) for b in breakpoints]
        outside = finite_number("outside", outside)
        known = {0.0, *radii, *(-b for b in radii)}
        try:
            line = FunctionPotential(lambda x: function(np.abs(x)), outside, outside, known)
        except ValueError as error:
            text = str(error)
            if "never reaches" not in text:
                raise
            where = text.split(": ", 1)[-1].replace("U(-", "U(")
            raise ValueError(f"outside = {outside:g} is never reached: {where}") from None
        name = getattr(function, "__qualname__", type(function).__name__)
        object.__setattr__(line, "name", name)
        object.__setattr__(self, "line", line)

    @classmethod
    def _of(cls, line: FunctionPotential) -> RadialPotential:
        made = object.__new__(cls)
        object.__setattr__(made, "line", line)
        return made

    outside = property(lambda self: self.line.right)

    def __repr__(self) -> str:
        return (f"RadialPotential({self.line.name}, outside={self.outside:g}, "
                f"{len(self.line.sampled.coefficients)} panels)")

    def __mul__(self, factor: object) -> Any:
        scaled = self.line * factor
        return scaled if scaled is NotImplemented else self._of(scaled)

    __rmul__ = __mul__

    def description(self) -> dict[str, Any]:
        """What was sampled."""
        return self.line.description()

    @classmethod
    def from_description(cls, values: Mapping[str, Any]) -> RadialPotential:
        """The inverse of `description`."""
        return cls._of(FunctionPotential.from_description(values))


@register("radial_table")
@dataclass(frozen=True, eq=False, repr=False)
class TabulatedRadial(ByContent, Circle):
    """Monotone-safe (PCHIP) cubic spline through data, flat beyond the last point and inside.

    Parameters
    ----------
    r : array_like, shape (n,), n ≥ 2
        Strictly increasing radii, none negative.
    U : array_like, shape (n,)
        Potential at these radii; far outside it is ``U[-1]``, and ``U[0]`` within ``r[0]``.

    Raises
    ------
    ValueError
        If the arrays do not match or are not finite, or r does not increase or is negative.
    """

    r: NDArray = field(metadata=a_length(many=True))
    U: NDArray = field(metadata=an_energy(many=True))

    def __post_init__(self) -> None:
        r, U = (real_array(n, v) for n, v in (("r", self.r), ("U", self.U)))
        if len(r) < 2 or r.shape != U.shape:
            raise ValueError(
                "TabulatedRadial: r and U must have the same length of at least 2, "
                f"got {len(r)} and {len(U)}"
            )
        if np.any(np.diff(r) <= 0):
            i = int(np.argmax(np.diff(r) <= 0))
            raise ValueError(
                f"TabulatedRadial: r must increase strictly, got r[{i}] = {r[i]}, "
                f"r[{i + 1}] = {r[i + 1]}"
            )
        if r[0] < 0:
            raise ValueError(f"TabulatedRadial: r must not be negative, got r[0] = {r[0]}")
        for name, value in (("r", r), ("U", U)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @classmethod
    def from_csv(cls, path: str | Path, **options: Any) -> TabulatedRadial:
        """Read a table of two columns, r and U; options as `TabulatedPotential.from_csv`.

        Raises
        ------
        ValueError
            If the file cannot be read or could mean two things, or the data are not a potential.
        """
        table = TabulatedPotential.from_csv(path, **options)
        return cls(table.x, table.U)

    def __repr__(self) -> str:
        return (f"TabulatedRadial({len(self.r)} points, r from {extent(self.r)}, "
                f"U from {extent(self.U)})")

    def __mul__(self, factor: object) -> Any:
        if isinstance(factor, str) or not np.isscalar(factor):
            return NotImplemented
        return TabulatedRadial(self.r, finite_number("factor", factor) * self.U)

    __rmul__ = __mul__

    outside = property(lambda self: float(self.U[-1]))

    @cached_property
    def line(self) -> Any:
        """The table and its mirror image."""
        first = 1 if self.r[0] == 0 else 0
        return TabulatedPotential(
            np.concatenate((-self.r[first:][::-1], self.r)),
            np.concatenate((self.U[first:][::-1], self.U)),
        )


@register("radial_sum")
@dataclass(frozen=True)
class RadialSum(Circle):
    """The sum of circles about one centre; made by ``a + b``."""

    terms: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(self.terms))
        if not self.terms or not all(isinstance(t, CircularPotential) for t in self.terms):
            raise ValueError(f"terms must be circles, got {self.terms!r}")

    outside = property(lambda self: float(sum(t.outside for t in self.terms)))

    @cached_property
    def line(self) -> Any:
        """The sum of the cuts."""
        return reduce(lambda a, b: a + b, (t.line for t in self.terms))

    def __mul__(self, factor: object) -> Any:
        if isinstance(factor, str) or not np.isscalar(factor):
            return NotImplemented
        return RadialSum(tuple(factor * t for t in self.terms))

    __rmul__ = __mul__

    def description(self) -> dict[str, Any]:
        """The descriptions of the terms."""
        from dirac1d.potentials.descriptions import potential_to_dict

        return {"terms": [potential_to_dict(t) for t in self.terms]}

    @classmethod
    def from_description(cls, values: Mapping[str, Any]) -> Any:
        """The sum of the described terms."""
        from dirac1d.potentials.descriptions import potential_from_dict

        terms = dict(values).pop("terms", None)
        if set(values) != {"terms"} or not isinstance(terms, list) or not terms:
            raise ValueError("potential: shape 'radial_sum' needs a list of terms, and only that")
        return reduce(lambda a, b: a + b, (potential_from_dict(t) for t in terms))


def _radius(name: str, value: object) -> float:
    """A finite radius, not negative."""
    number = finite_number(name, value)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {number}")
    return number
