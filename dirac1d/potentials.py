"""Potential steps U(x): frozen dataclasses with leads, breakpoints, limits and derivative.

A potential is anything that meets the `Potential` protocol. All shapes here but one have flat
leads, U → ``left`` for x → -∞ and U → ``right`` for x → +∞, and they add:
``TanhStep(...) + GaussianBump(...)``. The exception is `CosinePotential`: periodic, without leads.
Energies and lengths are dimensionless (ħ = v_F = 1).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property, reduce
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator
from scipy.special import erf, erfcinv

from dirac1d.checks import (
    SMALLEST,
    finite_number,
    positive_number,
    read_two_columns,
    real_array,
    scale_number,
)
from dirac1d.sampling import sample_function


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


def _validate(potential: Any, positive: Iterable[str] = ()) -> None:
    """Replace every numeric field of a frozen dataclass by a checked float."""
    for entry in fields(potential):
        check = finite_number if entry.name == "position" else scale_number
        value = check(entry.name, getattr(potential, entry.name))
        if entry.name in positive:
            positive_number(entry.name, value)
        object.__setattr__(potential, entry.name, value)


class _Addable:
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
class SharpStep(_Addable):
    """U = left for x < position, right for x > position, their mean at the jump.

    Exactly at the jump the current density diverges logarithmically.

    Raises
    ------
    ValueError
        If a parameter is not a finite number.
    """

    left: float
    right: float
    position: float = 0.0

    def __post_init__(self) -> None:
        _validate(self)

    breakpoints = property(lambda self: (self.position,) if self.left != self.right else ())
    length_scale = property(lambda self: np.inf)

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        side = np.sign(np.asarray(x, dtype=float) - self.position)
        return (self.left + self.right) / 2 + (self.right - self.left) / 2 * side

    def limits(self, x: float) -> tuple[float, float]:
        """(U(x - 0), U(x + 0))."""
        return (
            self.left if x <= self.position else self.right,
            self.left if x < self.position else self.right,
        )

    def derivative(self, x: ArrayLike) -> NDArray:
        """Zero: the jump is listed in `breakpoints`, not in the derivative."""
        return np.zeros_like(np.asarray(x, dtype=float))

    def support(self, tolerance: float) -> tuple[float, float]:
        """The jump itself."""
        positive_number("tolerance", tolerance)
        return self.position, self.position


class _SmoothStep(_Addable):
    """U = (l+r)/2 + (r-l)/2 · s((x-position)/width) with an odd sigmoid s."""

    left: float
    right: float
    width: float
    position: float

    def __post_init__(self) -> None:
        _validate(self, positive=("width",))

    breakpoints = property(lambda self: ())
    length_scale = property(lambda self: self.width)

    def _scaled(self, x: ArrayLike) -> NDArray:
        return (np.asarray(x, dtype=float) - self.position) / self.width

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U - lead| ≤ tolerance."""
        height, tolerance = abs(self.right - self.left), positive_number("tolerance", tolerance)
        reach = self.width * self._reach(tolerance / height) if 2 * tolerance < height else 0.0
        return float(self.position - reach), float(self.position + reach)

    def _reach(self, fraction: float) -> float:
        """The z > 0 at which (1 - s(z))/2 has fallen to `fraction` (< 1/2)."""
        raise NotImplementedError


@dataclass(frozen=True)
class TanhStep(_SmoothStep):
    """U = (left+right)/2 + (right-left)/2 · tanh((x-position)/width).

    Raises
    ------
    ValueError
        If a parameter is not finite or the width is not positive.
    """

    left: float
    right: float
    width: float
    position: float = 0.0

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        return (self.left + self.right) / 2 + (self.right - self.left) / 2 * np.tanh(
            self._scaled(x)
        )

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x)."""
        # Both exponents are ≤ 0: no overflow far in the leads.
        decay = np.exp(-2 * np.abs(self._scaled(x)))
        return (self.right - self.left) / (2 * self.width) * 4 * decay / (1 + decay) ** 2

    def _reach(self, fraction: float) -> float:
        return 0.5 * np.log((1 - fraction) / fraction)


@dataclass(frozen=True)
class ErfStep(_SmoothStep):
    """U = (left+right)/2 + (right-left)/2 · erf((x-position)/width).

    Raises
    ------
    ValueError
        If a parameter is not finite or the width is not positive.
    """

    left: float
    right: float
    width: float
    position: float = 0.0

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        return (self.left + self.right) / 2 + (self.right - self.left) / 2 * erf(self._scaled(x))

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x)."""
        # exp(-z²) underflows to an exact 0 beyond |z| = 27; clipping avoids the overflow of z².
        z = np.minimum(np.abs(self._scaled(x)), 40.0)
        return (self.right - self.left) / (np.sqrt(np.pi) * self.width) * np.exp(-(z**2))

    def _reach(self, fraction: float) -> float:
        return float(erfcinv(2 * fraction))


@dataclass(frozen=True)
class LinearRamp(_Addable):
    """U linear from left to right over `length`, centred at `position`, flat outside.

    Raises
    ------
    ValueError
        If a parameter is not finite or the length is not positive.
    """

    left: float
    right: float
    length: float
    position: float = 0.0

    def __post_init__(self) -> None:
        _validate(self, positive=("length",))

    length_scale = property(lambda self: self.length)

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """The two kinks."""
        return self.support(1.0) if self.left != self.right else ()

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        fraction = np.clip((np.asarray(x, dtype=float) - self.position) / self.length, -0.5, 0.5)
        return (self.left + self.right) / 2 + (self.right - self.left) * fraction

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x); half the slope at the kinks."""
        a, b = self.support(1.0)
        x = np.asarray(x, dtype=float)
        inside = (np.heaviside(x - a, 0.5)) * (np.heaviside(b - x, 0.5))
        return (self.right - self.left) / self.length * inside

    def support(self, tolerance: float) -> tuple[float, float]:
        """The ramp, kink to kink."""
        positive_number("tolerance", tolerance)
        return self.position - self.length / 2, self.position + self.length / 2


@dataclass(frozen=True)
class GaussianBump(_Addable):
    """U = height · exp(-((x-position)/width)²) between leads at 0.

    Raises
    ------
    ValueError
        If a parameter is not finite or the width is not positive.
    """

    height: float
    width: float
    position: float = 0.0

    def __post_init__(self) -> None:
        _validate(self, positive=("width",))

    left = property(lambda self: 0.0)
    right = property(lambda self: 0.0)
    breakpoints = property(lambda self: ())
    length_scale = property(lambda self: self.width)

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        # exp(-z²) is an exact 0 beyond |z| = 28; clipping avoids the overflow of z².
        z = np.clip((np.asarray(x, dtype=float) - self.position) / self.width, -40.0, 40.0)
        return self.height * np.exp(-(z**2))

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x)."""
        z = np.clip((np.asarray(x, dtype=float) - self.position) / self.width, -40.0, 40.0)
        return -2 * z / self.width * self.height * np.exp(-(z**2))

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U| ≤ tolerance."""
        ratio = abs(self.height) / positive_number("tolerance", tolerance)
        reach = self.width * np.sqrt(np.log(ratio)) if ratio > 1 else 0.0
        return float(self.position - reach), float(self.position + reach)


@dataclass(frozen=True, eq=False)
class TabulatedPotential(_Addable):
    """Monotone-safe (PCHIP) cubic spline through data, flat beyond the first and the last point.

    Parameters
    ----------
    x : array_like, shape (n,), n ≥ 2
        Strictly increasing positions.
    U : array_like, shape (n,)
        Potential at these positions; the leads are ``U[0]`` and ``U[-1]``.

    Raises
    ------
    ValueError
        If the arrays do not match, are not finite, or x does not increase strictly.
    """

    x: NDArray = field(repr=False)
    U: NDArray = field(repr=False)

    def __post_init__(self) -> None:
        x, U = (real_array(n, v) for n, v in (("x", self.x), ("U", self.U)))
        if len(x) < 2 or x.shape != U.shape:
            raise ValueError(
                "TabulatedPotential: x and U must have the same length of at least 2, "
                f"got {len(x)} and {len(U)}"
            )
        steps = np.diff(x)
        if np.any(steps <= SMALLEST):
            i = int(np.argmax(steps <= SMALLEST))
            raise ValueError(
                f"TabulatedPotential: x must increase strictly, got x[{i}] = {x[i]}, "
                f"x[{i + 1}] = {x[i + 1]}"
            )
        for name, value in (("x", x), ("U", U)):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @classmethod
    def from_csv(cls, path: str | Path) -> TabulatedPotential:
        """Read a table of two columns, x and U.

        Columns are separated by commas, semicolons or white space; lines that start with ``#``
        are comments, and one header line is skipped.

        Raises
        ------
        ValueError
            If the file cannot be read, a line does not hold two numbers, or the data are not a
            potential (see the class).
        """
        return cls(*read_two_columns(path))

    left = property(lambda self: float(self.U[0]))
    right = property(lambda self: float(self.U[-1]))

    @cached_property
    def breakpoints(self) -> tuple[float, ...]:
        """The knots: the spline's second derivative jumps there."""
        return tuple(self.x.tolist()) if np.ptp(self.U) else ()

    @cached_property
    def length_scale(self) -> float:
        """Range of U over its steepest slope."""
        steepest = np.max(np.abs(np.diff(self.U) / np.diff(self.x)))
        return float(np.ptp(self.U) / steepest) if steepest > 0 else np.inf

    @cached_property
    def _spline(self) -> PchipInterpolator:
        return PchipInterpolator(self.x, self.U)

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        return self._spline(np.clip(np.asarray(x, dtype=float), self.x[0], self.x[-1]))

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x); half the end slope at the two end points."""
        x = np.asarray(x, dtype=float)
        inside = np.heaviside(x - self.x[0], 0.5) * np.heaviside(self.x[-1] - x, 0.5)
        return inside * self._spline(np.clip(x, self.x[0], self.x[-1]), 1)

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U - lead| ≤ tolerance: the table, less its flat ends."""
        positive_number("tolerance", tolerance)
        off = np.flatnonzero(np.abs(self.U - self.left) > tolerance)
        on = np.flatnonzero(np.abs(self.U - self.right) > tolerance)
        first = max(off[0] - 1, 0) if len(off) else 0
        last = min(on[-1] + 1, len(self.x) - 1) if len(on) else len(self.x) - 1
        return float(self.x[min(first, last)]), float(self.x[last])


@dataclass(frozen=True, eq=False)
class FunctionPotential(_Addable):
    """Any callable U(x) with given leads.

    The function is sampled adaptively when the potential is made: kinks and jumps are found by
    bisection (give them as `breakpoints` if you know them: that is exact), and the leads are
    checked. Structure narrower than 0.05 at |x| < 100, or farther out and narrower than a tenth
    of its distance, can be missed unless a breakpoint points to it.

    Parameters
    ----------
    function : callable
        U(x) for a float or an array of positions.
    left, right : float
        The leads: U(x → ∓∞).
    breakpoints : sequence of float
        Known positions of kinks and jumps.

    Raises
    ------
    ValueError
        If the function returns something that is not a finite real number, or never reaches a
        lead.
    """

    function: Callable[[Any], Any]
    left: float
    right: float
    known_breakpoints: tuple[float, ...] = ()

    def __init__(
        self,
        function: Callable[[Any], Any],
        left: float,
        right: float,
        breakpoints: Iterable[float] = (),
    ) -> None:
        if not callable(function):
            raise ValueError(f"function must be callable, got {function!r}")
        given = tuple(sorted(finite_number("breakpoints", b) for b in breakpoints))
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "left", scale_number("left", left))
        object.__setattr__(self, "right", scale_number("right", right))
        object.__setattr__(self, "known_breakpoints", given)
        sampled = sample_function(function, self.left, self.right, given)
        object.__setattr__(self, "_sampled", sampled)

    breakpoints = property(lambda self: self._sampled.breakpoints)
    length_scale = property(lambda self: self._sampled.length_scale)

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        return self._sampled.evaluate(x)

    def limits(self, x: float) -> tuple[float, float]:
        """(U(x - 0), U(x + 0))."""
        return self._sampled.limits(x)

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x), from the adaptive polynomial fit."""
        return self._sampled.derivative(x)

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U - lead| ≤ tolerance, as far as the sampling went."""
        return self._sampled.support(positive_number("tolerance", tolerance))


@dataclass(frozen=True)
class SumPotential(_Addable):
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


@dataclass(frozen=True)
class CosinePotential:
    """U = amplitude · cos(wavenumber · (x - position)): periodic, it has no leads.

    The current of a weak one measures the Hall conductivity at that wavevector,
    j_y = σ(q) U′(x) in the sign of `dirac1d.geometry`. ``left``, ``right`` and ``support``, which
    this potential does not have, raise a ValueError, and so does all that needs leads.

    Parameters
    ----------
    amplitude : float
        Largest |U|, of either sign.
    wavenumber : float
        q > 0; the period is 2π/q.
    position : float
        A place where U = amplitude.

    Raises
    ------
    ValueError
        If a parameter is not finite or the wavenumber is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> problem = dd.Problem(dd.CosinePotential(amplitude=0.01, wavenumber=2.0))
    >>> x = np.pi / 4  # U′ = -amplitude · wavenumber
    >>> sigma = dd.current_density(problem, [x]).j_y[0] / problem.potential.derivative(x)
    >>> print(f"{4 * np.pi * sigma:.4f}, linear response {-np.pi / 4:.4f}")
    -0.7854, linear response -0.7854
    """

    amplitude: float
    wavenumber: float
    position: float = 0.0

    def __post_init__(self) -> None:
        _validate(self, positive=("wavenumber",))

    breakpoints = property(lambda self: ())
    length_scale = property(lambda self: 1 / self.wavenumber)
    period = property(lambda self: 2 * np.pi / self.wavenumber)

    def __getattr__(self, name: str) -> Any:
        if name in ("left", "right", "support"):
            raise NoLeadsError(f"{name}: a periodic potential has no leads, got {self!r}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __add__(self, other: object) -> Any:
        raise ValueError(f"a CosinePotential does not add to another potential, got {other!r}")

    __radd__ = __add__

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        return self.amplitude * np.cos(self._phase(x))

    def limits(self, x: float) -> tuple[float, float]:
        """Both sides are equal."""
        value = float(self(x))
        return value, value

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x)."""
        return -self.amplitude * self.wavenumber * np.sin(self._phase(x))

    def _phase(self, x: ArrayLike) -> NDArray:
        return self.wavenumber * (np.asarray(x, dtype=float) - self.position)
