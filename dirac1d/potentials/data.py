"""Potentials from the user's tables and functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from dirac1d.numerics.checks import (
    SMALLEST,
    finite_number,
    positive_number,
    read_two_columns,
    real_array,
    scale_number,
)
from dirac1d.numerics.sampling import sample_function
from dirac1d.potentials.base import Addable


@dataclass(frozen=True, eq=False)
class TabulatedPotential(Addable):
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
class FunctionPotential(Addable):
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
