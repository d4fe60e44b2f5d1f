"""Potentials from the user's tables and functions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    real_array,
    scale_number,
)
from dirac1d.numerics.sampled import SampledFunction
from dirac1d.numerics.sampling import sample_function
from dirac1d.numerics.tables import read_table
from dirac1d.numerics.values import ByContent, extent
from dirac1d.potentials.base import NARROW, Step
from dirac1d.potentials.shapes import a_length, an_energy, build, register


@register("table")
@dataclass(frozen=True, eq=False, repr=False)
class TabulatedPotential(ByContent, Step):
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

    x: NDArray = field(metadata=a_length(many=True))
    U: NDArray = field(metadata=an_energy(many=True))

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
    def from_csv(
        cls, path: str | Path, *, scale: Any = None, units: Sequence[str] | None = None,
        columns: Sequence[int] | None = None, decimal: str | None = None,
    ) -> TabulatedPotential:
        """Read a table of two columns, x and U; see `dirac1d.numerics.tables` for its forms.

        What was understood is logged (logger ``dirac1d``, level INFO).

        Parameters
        ----------
        path : str or Path
        scale : Scale, optional
            Makes the numbers dimensionless. Without it they are so already.
        units : two str, optional
            Of x and U, such as ``("um", "meV")``; by default those in the file, else nm and meV.
        columns : two ints, optional
            Which columns are x and U, counted from 1.
        decimal : {".", ","}, optional

        Raises
        ------
        ValueError
            If the file cannot be read or could mean two things, there are units without a scale,
            or the data are not a potential (see the class).

        Examples
        --------
        >>> import dirac1d as dd
        >>> scale = dd.Scale(v_F=1e6, energy=20.0)
        >>> dd.TabulatedPotential.from_csv("gate.csv", scale=scale)  # doctest: +SKIP
        """
        table = read_table(path, columns, decimal, units)
        if scale is not None:
            table = table.with_units("nm", "meV")
        logging.getLogger("dirac1d").info(table.note)
        if scale is None:
            if any(table.units):
                named = " and ".join(f"{k} in {u}" for k, u in zip("xU", table.units, strict=True)
                                     if u)
                raise ValueError(
                    f"{str(path)!r} has units, {named}: give a scale to convert them, or "
                    "units=('', '') to take the numbers as they are"
                )
            return cls(table.x, table.U)
        if not hasattr(scale, "from_lab"):
            raise ValueError(f"scale must be a dirac1d.Scale, got {scale!r}")
        return cls(*table.in_units(scale.from_lab))

    def __repr__(self) -> str:
        return (f"TabulatedPotential({len(self.x)} points, x from {extent(self.x)}, "
                f"U from {extent(self.U)})")

    @classmethod
    def from_description(cls, values: Mapping[str, Any]) -> TabulatedPotential:
        """From its columns; version 0.1 wrote functions as tables with the function's name."""
        return build(cls, "table", {k: v for k, v in values.items() if k != "function"})

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


@register("function")
@dataclass(frozen=True, eq=False, repr=False, init=False)
class FunctionPotential(ByContent, Step):
    """Any callable U(x) with given leads.

    The function is sampled adaptively when the potential is made: kinks and jumps are found by
    bisection (give them as `breakpoints` if you know them: that is exact), and the leads are
    checked. Structure narrower than 0.05 at |x| < 100, or farther out and narrower than a tenth
    of its distance, can be missed unless a breakpoint points to it.

    From then on U is what was sampled, polynomials of the order 16 on panels that meet the
    function to 1e-12 of its range; so a potential that was saved and loaded, or sent to another
    process, is the same to the last bit, and the function itself (a lambda, for instance) need
    not be sent.

    Parameters
    ----------
    function : callable
        U(x) for a float or an array of positions.
    left, right : float
        The leads: U(x → ∓∞).
    breakpoints : sequence of float
        Known positions of kinks and jumps.

    Attributes
    ----------
    name : str
        Of the function.

    Raises
    ------
    ValueError
        If the function returns something that is not a finite real number, or never reaches a
        lead.
    """

    name: str = field(compare=False)
    sampled: SampledFunction

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
        left, right = scale_number("left", left), scale_number("right", right)
        name = getattr(function, "__qualname__", type(function).__name__)
        self._set(name, sample_function(function, left, right, given))

    def _set(self, name: str, sampled: SampledFunction) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "sampled", sampled)

    @classmethod
    def from_samples(cls, name: str, sampled: SampledFunction) -> FunctionPotential:
        """The potential of a function that was sampled before."""
        made = object.__new__(cls)
        made._set(name, sampled)
        return made

    left = property(lambda self: self.sampled.left)
    right = property(lambda self: self.sampled.right)
    breakpoints = property(lambda self: self.sampled.breakpoints)
    length_scale = property(lambda self: self.sampled.length_scale)

    @property
    def landmarks(self) -> tuple[float, ...]:
        """Ends of runs of narrow panels, and those of the narrowest panel in each."""
        return self.sampled.narrow_runs(NARROW)

    def __repr__(self) -> str:
        return (f"FunctionPotential({self.name}, left={self.left:g}, right={self.right:g}, "
                f"{len(self.sampled.coefficients)} panels)")

    def __mul__(self, factor: object) -> Any:
        if isinstance(factor, str) or not np.isscalar(factor):
            return NotImplemented
        f, s = finite_number("factor", factor), self.sampled
        return FunctionPotential.from_samples(self.name, SampledFunction(
            f * s.left, f * s.right, s.edges, f * s.coefficients, s.breakpoints))

    __rmul__ = __mul__

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        return self.sampled.evaluate(x)

    def limits(self, x: float) -> tuple[float, float]:
        """(U(x - 0), U(x + 0))."""
        return self.sampled.limits(x)

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x), from the adaptive polynomial fit."""
        return self.sampled.derivative(x)

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U - lead| ≤ tolerance, as far as the sampling went."""
        return self.sampled.support(positive_number("tolerance", tolerance))

    def description(self) -> dict[str, Any]:
        """Panels, coefficients, breakpoints and leads."""
        s = self.sampled
        return {
            "function": self.name, "left": s.left, "right": s.right, "edges": s.edges.tolist(),
            "coefficients": s.coefficients.tolist(), "breakpoints": list(s.breakpoints),
        }

    @classmethod
    def from_description(cls, values: Mapping[str, Any]) -> FunctionPotential:
        """The inverse of `description`."""
        keys = ("function", "left", "right", "edges", "coefficients", "breakpoints")
        for key in (*keys, *values):
            if key not in values or key not in keys:
                what = "needs the key" if key in keys else "has no key"
                raise ValueError(f"potential: shape 'function' {what} {key!r}")
        edges = real_array("edges", values["edges"])
        rows = values["coefficients"]
        if not isinstance(rows, list):
            raise ValueError(f"potential: coefficients must be a list of rows, got {rows!r}")
        series = [real_array("coefficients", row) for row in rows]
        if len(edges) < 2 or np.any(np.diff(edges) <= 0) or len(series) != len(edges) - 1 or (
            len({len(row) for row in series}) != 1
        ):
            raise ValueError("potential: edges must increase and have one row of coefficients each")
        return cls.from_samples(str(values["function"]), SampledFunction(
            scale_number("left", values["left"]), scale_number("right", values["right"]), edges,
            np.array(series), tuple(real_array("breakpoints", values["breakpoints"]).tolist())))
