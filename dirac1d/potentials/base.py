"""What every potential can be asked, and sums of potentials."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number, positive_number, scale_number
from dirac1d.potentials.drops import largest_periodic_drop, largest_step_drop, one_period
from dirac1d.potentials.protocols import PeriodicPotential, Potential
from dirac1d.potentials.shapes import parameters, register, rise_parameter

#: A term of a sum, or panels of a sampled function, that span less than this part of the whole can
#: be overlooked on it: they are landmarks. How much of a term is left beyond its landmarks.
NARROW, _LANDMARK_TOLERANCE = 1 / 16, 1e-6
#: Part of a step's height that is left of it at the ends of the window that shows it …
_WINDOW_TOLERANCE = 1e-3
#: … and the smallest height that counts: a bump between equal leads has none.
_WINDOW_HEIGHT = 1e-3
#: Terms of a sum that its repr shows.
_SHOWN_TERMS = 2


class NoLeadsError(ValueError, AttributeError):
    """A periodic potential was asked for what only a potential with leads has."""


def validate(potential: Any) -> None:
    """Replace every parameter of a shape by a checked float."""
    for name, parameter in parameters(potential).items():
        # A centre may be as close to 0 as it likes; energies and widths must not underflow.
        free = parameter.kind == "length" and not parameter.positive
        value = (finite_number if free else scale_number)(name, getattr(potential, name))
        if parameter.positive:
            positive_number(name, value)
        object.__setattr__(potential, name, value)


class _Scalable:
    """U times a number: every energy of the shape times it."""

    def __mul__(self, factor: object) -> Any:
        if isinstance(factor, str) or not np.isscalar(factor):
            return NotImplemented
        number = finite_number("factor", factor)
        return replace(self, **{  # type: ignore[type-var]
            name: number * getattr(self, name)
            for name, parameter in parameters(self).items() if parameter.kind == "energy"
        })

    __rmul__ = __mul__

    def __neg__(self) -> Any:
        return -1.0 * self

    def __truediv__(self, divisor: object) -> Any:
        if isinstance(divisor, str) or not np.isscalar(divisor):
            return NotImplemented
        number = finite_number("divisor", divisor)
        if number == 0.0:
            raise ValueError("divisor must not be 0")
        return self * (1 / number)


class Step(_Scalable):
    """What a potential with leads has for free: sums, multiples, and answers about its shape."""

    has_leads = True

    @property
    def landmarks(self) -> tuple[float, ...]:
        """Positions about structure so narrow that a look at the whole may miss it."""
        return ()

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

    def __sub__(self, other: object) -> Any:
        if not isinstance(other, _Scalable):
            return NotImplemented
        return self + -other

    @property
    def rise(self) -> float:
        """The length over which U goes from 10 to 90 % of the step, for shapes with a width."""
        found = rise_parameter(self)
        if found is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute 'rise'")
        return getattr(self, found[0]) * found[1]

    def limits(self, x: float) -> tuple[float, float]:
        """Both sides are equal wherever U is continuous."""
        value = float(self(x))  # type: ignore[operator]
        return value, value

    def far_range(self) -> tuple[float, float]:
        """Smallest and largest U far out: of the leads. It decides the regime."""
        return min(self.left, self.right), max(self.left, self.right)  # type: ignore[attr-defined]

    def largest_drop(self, distance: float) -> float:
        """max_x |U(x + distance/2) - U(x - distance/2)|."""
        return largest_step_drop(self, distance)

    def window(self, around: float) -> tuple[float, float]:
        """Positions that show the step, and `around` on either side of it."""
        left, right = self.left, self.right  # type: ignore[attr-defined]
        height = max(abs(right - left), _WINDOW_HEIGHT)
        a, b = self.support(_WINDOW_TOLERANCE * height)  # type: ignore[attr-defined]
        return a - around, b + around

    def summary(self) -> str:
        """A few words on where U goes."""
        return f"from {self.left:g} to {self.right:g}"  # type: ignore[attr-defined]


class Wave(_Scalable):
    """What a periodic potential has for free."""

    has_leads = False

    def __getattr__(self, name: str) -> Any:
        if name in ("left", "right", "support"):
            raise NoLeadsError(f"{name}: a periodic potential has no leads, got {self!r}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __add__(self, other: object) -> Any:
        raise ValueError(
            f"a {type(self).__name__} does not add to another potential, got {other!r}")

    __radd__ = __add__

    def limits(self, x: float) -> tuple[float, float]:
        """Both sides are equal."""
        value = float(self(x))  # type: ignore[operator]
        return value, value

    def far_range(self) -> tuple[float, float]:
        """Smallest and largest U of a period. It decides the regime."""
        U = one_period(self)
        return float(np.min(U)), float(np.max(U))

    def largest_drop(self, distance: float) -> float:
        """The largest |U(x) - U(x′)| within `distance`: it does not vanish at a period."""
        return largest_periodic_drop(self, distance)

    def window(self, around: float) -> tuple[float, float]:
        """Positions that show it: two periods."""
        return -self.period, self.period

    def summary(self) -> str:
        """A few words on the period."""
        return f"periodic in {self.period:g}"


def ask(potential: Any, question: str, *arguments: Any) -> Any:
    """What `Step` and `Wave` answer, also of a potential that only meets the protocol."""
    own = getattr(potential, question, None)
    if own is not None:
        return own(*arguments)
    kind = Wave if isinstance(potential, PeriodicPotential) else Step
    return getattr(kind, question)(potential, *arguments)


@register("sum")
@dataclass(frozen=True, repr=False)
class SumPotential(Step):
    """The sum of potentials; made by ``a + b``."""

    terms: tuple[Any, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(self.terms))
        if not self.terms or not all(isinstance(t, Potential) for t in self.terms):
            raise ValueError(f"terms must be potentials, got {self.terms!r}")

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self.terms[:_SHOWN_TERMS]))
        more = len(self.terms) - _SHOWN_TERMS
        return f"SumPotential({shown}{f', and {more} more' if more > 0 else ''})"

    left = property(lambda self: float(sum(t.left for t in self.terms)))
    right = property(lambda self: float(sum(t.right for t in self.terms)))
    length_scale = property(lambda self: min(t.length_scale for t in self.terms))

    def __mul__(self, factor: object) -> Any:
        if isinstance(factor, str) or not np.isscalar(factor):
            return NotImplemented
        return SumPotential(tuple(factor * t for t in self.terms))

    __rmul__ = __mul__

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """All breakpoints of the terms."""
        return tuple(sorted({b for t in self.terms for b in t.breakpoints}))

    @cached_property
    def landmarks(self) -> tuple[float, ...]:
        """The terms' own, and the ends and middles of terms much narrower than the sum."""
        found = {x for t in self.terms for x in getattr(t, "landmarks", ())}
        spans = [t.support(_LANDMARK_TOLERANCE * max(_height(t), 1e-300)) for t in self.terms]
        whole = max(b for _, b in spans) - min(a for a, _ in spans)
        for a, b in spans:
            if 0 < b - a < NARROW * whole:
                found |= {a, (a + b) / 2, b}
        return tuple(sorted(found))

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

    def description(self) -> dict[str, Any]:
        """The descriptions of the terms."""
        from dirac1d.potentials.descriptions import potential_to_dict

        return {"terms": [potential_to_dict(t) for t in self.terms]}

    @classmethod
    def from_description(cls, values: Mapping[str, Any]) -> Any:
        """The sum of the described terms."""
        from dirac1d.potentials.descriptions import potential_from_dict

        for key in values:
            if key != "terms":
                raise ValueError(f"potential: unknown key {key!r} for shape 'sum'")
        terms = values.get("terms")
        if not isinstance(terms, list) or not terms:
            raise ValueError("potential: shape 'sum' needs a list of terms")
        return reduce(operator.add, (potential_from_dict(t) for t in terms))


def _height(potential: Any) -> float:
    """Of a term: its step, or what it has at the middle of its support."""
    a, b = potential.support(1e-12 * max(abs(potential.left), abs(potential.right), 1e-12))
    middle = float(potential((a + b) / 2))
    return max(abs(potential.right - potential.left), abs(middle - potential.left))
