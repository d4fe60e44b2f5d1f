"""Analytic shapes with flat leads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf, erfcinv, erfinv

from dirac1d.numerics.checks import positive_number
from dirac1d.potentials.base import Step, validate
from dirac1d.potentials.shapes import a_length, a_position, an_energy, from_rise, register

#: From 10 to 90 % of the step, in widths: twice where the sigmoid is 0.8.
_TANH_RISE, _ERF_RISE = 2 * float(np.arctanh(0.8)), 2 * float(erfinv(0.8))
_LEFT, _RIGHT = an_energy(-0.5, "U far left"), an_energy(0.5, "U far right")


class _SmoothStep(Step):
    """U = (l+r)/2 + (r-l)/2 · s((x-position)/width) with an odd sigmoid s."""

    left: float
    right: float
    width: float
    position: float

    def __post_init__(self) -> None:
        validate(self)

    breakpoints = property(lambda self: ())
    length_scale = property(lambda self: self.width)

    @classmethod
    def from_rise(cls, left: float, right: float, rise: float, position: float = 0.0) -> Any:
        """The step whose 10-90 % length is `rise`."""
        return from_rise(cls, left, right, rise, position)

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


@register("tanh")
@dataclass(frozen=True)
class TanhStep(_SmoothStep):
    """U = (left+right)/2 + (right-left)/2 · tanh((x-position)/width).

    Raises
    ------
    ValueError
        If a parameter is not finite or the width is not positive.
    """

    left: float = field(metadata=_LEFT)
    right: float = field(metadata=_RIGHT)
    width: float = field(metadata=a_length(
        1.0, "of tanh(x/width)", positive=True, rise=_TANH_RISE))
    position: float = field(default=0.0, metadata=a_position())

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


@register("erf")
@dataclass(frozen=True)
class ErfStep(_SmoothStep):
    """U = (left+right)/2 + (right-left)/2 · erf((x-position)/width).

    Raises
    ------
    ValueError
        If a parameter is not finite or the width is not positive.
    """

    left: float = field(metadata=_LEFT)
    right: float = field(metadata=_RIGHT)
    width: float = field(metadata=a_length(
        1.0, "of erf(x/width)", positive=True, rise=_ERF_RISE))
    position: float = field(default=0.0, metadata=a_position())

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


@register("ramp")
@dataclass(frozen=True)
class LinearRamp(Step):
    """U linear from left to right over `length`, centred at `position`, flat outside.

    Raises
    ------
    ValueError
        If a parameter is not finite or the length is not positive.
    """

    left: float = field(metadata=_LEFT)
    right: float = field(metadata=_RIGHT)
    length: float = field(metadata=a_length(
        1.0, "kink to kink", positive=True, rise=0.8, alias="width"))
    position: float = field(default=0.0, metadata=a_position())

    def __post_init__(self) -> None:
        validate(self)

    length_scale = property(lambda self: self.length)

    @classmethod
    def from_rise(cls, left: float, right: float, rise: float, position: float = 0.0) -> Any:
        """The ramp whose 10-90 % length is `rise`."""
        return from_rise(cls, left, right, rise, position)

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


@register("sharp")
@dataclass(frozen=True)
class SharpStep(Step):
    """U = left for x < position, right for x > position, their mean at the jump.

    Exactly at the jump the current density diverges logarithmically.

    Raises
    ------
    ValueError
        If a parameter is not a finite number.
    """

    left: float = field(metadata=_LEFT)
    right: float = field(metadata=_RIGHT)
    position: float = field(default=0.0, metadata=a_position())

    def __post_init__(self) -> None:
        validate(self)

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


@register("gaussian")
@dataclass(frozen=True)
class GaussianBump(Step):
    """U = height · exp(-((x-position)/width)²) between leads at 0.

    Raises
    ------
    ValueError
        If a parameter is not finite or the width is not positive.
    """

    height: float = field(metadata=an_energy(1.0, "U at the centre"))
    width: float = field(metadata=a_length(1.0, "of exp(-x²/width²)", positive=True))
    position: float = field(default=0.0, metadata=a_position())

    def __post_init__(self) -> None:
        validate(self)

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
