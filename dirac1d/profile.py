"""Results: values with their error estimate, status and provenance; save and load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from dirac1d.checks import LARGEST
from dirac1d.files import pack, unpack, write
from dirac1d.problem import Problem
from dirac1d.version import __version__

#: Version of the file layout written by `Profile.save`; 2 has a checksum and the package's version.
FILE_FORMAT = 2
FILE_KIND = "dirac1d.Profile"
#: Part of the absolute integral of an error indicator that does not cancel by its signs.
CANCELLATION = 0.02


class AccuracyWarning(UserWarning):
    """A result misses the accuracy that was asked for; its `status` says by how much."""


class Estimate(float):
    """A number that carries a bound on its error: a float with ``.value`` and ``.error``.

    It also unpacks: ``value, error = profile.integral()``.
    """

    error: float

    def __new__(cls, value: float, error: float) -> Estimate:
        """A float of this value with an error attached."""
        number = super().__new__(cls, value)
        number.error = float(error)
        return number

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self)

    def __iter__(self) -> Iterator[float]:
        return iter((self.value, self.error))

    def __getnewargs__(self) -> tuple[float, float]:
        return self.value, self.error

    def __repr__(self) -> str:
        return f"Estimate({self.value!r}, error={self.error:.2g})"


@dataclass(frozen=True)
class Strip:
    """j_y(x) as Legendre series on panels: what integrals over x are taken from.

    Attributes
    ----------
    edges : ndarray, shape (n + 1,)
        Increasing ends of the panels.
    coefficients : ndarray, shape (n, k)
        Legendre coefficients of j_y in t ∈ [-1, 1] on each panel.
    error : ndarray, shape (n,)
        Bound on the error of the integral over each panel.
    tails : tuple of Estimate, optional
        Integrals of j_y from -∞ to ``edges[0]`` and from ``edges[-1]`` to +∞, where known.
    indicators : tuple of ndarray, each of shape (n, k)
        Legendre coefficients of signed differences that follow the error of j_y; the error of an
        integral is their integral, in absolute value.
    """

    edges: NDArray
    coefficients: NDArray
    error: NDArray
    tails: tuple[Estimate, Estimate] | None = None
    indicators: tuple[NDArray, ...] = ()

    def integral(self, x_left: float, x_right: float) -> Estimate:
        """∫ j_y dx from x_left to x_right, both within the strip, or ∓inf where tails are known."""
        value, error = 0.0, 0.0
        if self.tails is not None:
            for end, infinite, tail in (
                (x_left, -np.inf, self.tails[0]), (x_right, np.inf, self.tails[1])
            ):
                if end == infinite:
                    value, error = value + tail.value, error + tail.error
        lo, hi = max(x_left, self.edges[0]), min(x_right, self.edges[-1])
        value += float(np.sum(self._pieces(self.coefficients, lo, hi)))
        for indicator in self.indicators:
            pieces = self._pieces(indicator, lo, hi)
            error += abs(float(np.sum(pieces))) + CANCELLATION * float(np.sum(np.abs(pieces)))
        # A part of a panel may carry the whole panel's error: it is a bound on any piece of it.
        touched = (self.edges[1:] > lo) & (self.edges[:-1] < hi)
        return Estimate(value, error + float(np.sum(self.error[touched])))

    def _pieces(self, coefficients: NDArray, lo: float, hi: float) -> NDArray:
        """Integrals over the parts of the panels between lo and hi, shape (n,)."""
        a, b = self.edges[:-1], self.edges[1:]
        half = (b - a) / 2
        start = np.clip((lo - (a + b) / 2) / half, -1, 1)
        stop = np.clip((hi - (a + b) / 2) / half, -1, 1)
        primitive = legendre.legint(coefficients.T)
        return half * (
            legendre.legval(stop, primitive, tensor=False)
            - legendre.legval(start, primitive, tensor=False)
        )


@dataclass(frozen=True)
class Profile:
    """The current density j_y(x) of a problem, with its error.

    Attributes
    ----------
    x : ndarray, shape (n,)
        Positions, in ħv_F/E₀.
    j_y : ndarray, shape (n,)
        Current density over e, j_y/e, dimensionless (ħ = v_F = 1); ∓inf exactly at a jump of U,
        where it diverges logarithmically.
    error : ndarray, shape (n,)
        Estimated bound on |error| of each value.
    status : str
        ``"converged"``, or a sentence that says what is left.
    engine : str
        ``"states"`` or ``"green"``.
    problem : Problem
    rtol : float
        Accuracy asked for, relative to ``problem.current_scale``.
    strip : Strip, optional
        The engine's own representation of j_y, from which `integral` is taken.
    details : dict
        What the engine did (spacing, nodes, …); JSON-ready.
    """

    x: NDArray
    j_y: NDArray
    error: NDArray
    status: str
    engine: str
    problem: Problem
    rtol: float
    strip: Strip | None = field(default=None, repr=False)
    details: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in ("x", "j_y", "error"):
            array = np.array(getattr(self, name), dtype=float)
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def converged(self) -> bool:
        """Whether the requested accuracy was reached."""
        return self.status == "converged"

    def integral(self, x_left: float | None = None, x_right: float | None = None) -> Estimate:
        """The current in a strip: ∫ j_y dx from x_left to x_right, with its error.

        It integrates the engine's own fine representation of j_y(x), not the values at `x`.

        Parameters
        ----------
        x_left, x_right : float, optional
            Ends of the strip; by default the ends of `x`. ∓inf where the engine knows j_y to the
            end of the leads (``engine="green"``).

        Returns
        -------
        Estimate
            A float with ``.error``; unpacks as ``value, error``.

        Raises
        ------
        ValueError
            If the strip reaches beyond what was computed, or x_left > x_right.
        """
        ends = []
        for name, given, default in (
            ("x_left", x_left, self.x[0]), ("x_right", x_right, self.x[-1])
        ):
            value = float(default if given is None else given)
            if np.isnan(value):
                raise ValueError(f"{name} must be a number, got nan")
            ends.append(value)
        lo, hi = ends
        if lo > hi:
            raise ValueError(f"x_left must not exceed x_right, got {lo} and {hi}")
        if self.strip is None:
            raise ValueError("this profile holds no strip to integrate over")
        first, last = self.strip.edges[0], self.strip.edges[-1]
        for name, value, infinite in (("x_left", lo, -np.inf), ("x_right", hi, np.inf)):
            known = first <= value <= last or (value == infinite and self.strip.tails is not None)
            if not known:
                raise ValueError(
                    f"{name} = {value} is outside of the computed range [{first:g}, {last:g}]"
                )
        return self.strip.integral(lo, hi)

    def to_dict(self) -> dict[str, Any]:
        """Values, error, status and the full problem, JSON-ready."""
        return {
            "engine": self.engine,
            "status": self.status,
            "rtol": self.rtol,
            "current_scale": self.problem.current_scale,
            "problem": self.problem.to_dict(),
            "x": self.x.tolist(),
            "j_y": [float(v) if np.isfinite(v) else str(v) for v in self.j_y],
            "error": [float(v) if np.isfinite(v) else str(v) for v in self.error],
            "details": self.details,
        }

    def save(self, path: str | Path) -> Path:
        """Write values, error, status and the full problem to an ``.npz`` file.

        Raises
        ------
        ValueError
            If the file cannot be written.
        """
        path = Path(path)
        if path.suffix != ".npz":
            path = path.with_name(path.name + ".npz")
        return write(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """What `save` writes; the same result gives the same bytes."""
        header = {
            "format": FILE_FORMAT,
            "kind": FILE_KIND,
            "version": __version__,
            "units": "hbar = v_F = k_B = 1; j_y is j_y/e",
            "engine": self.engine,
            "status": self.status,
            "rtol": self.rtol,
            "problem": self.problem.to_dict(),
            "details": self.details,
        }
        arrays: dict[str, NDArray] = {"x": self.x, "j_y": self.j_y, "error": self.error}
        if self.strip is not None:
            arrays |= {
                "strip_edges": self.strip.edges,
                "strip_coefficients": self.strip.coefficients,
                "strip_error": self.strip.error,
            }
            if self.strip.tails is not None:
                arrays["strip_tails"] = np.array([list(t) for t in self.strip.tails])
            if self.strip.indicators:
                arrays["strip_indicators"] = np.array(self.strip.indicators)
        return pack(header, arrays)


def load(path: str | Path | bytes) -> Profile:
    """Read a profile that `Profile.save` wrote (or the bytes of such a file).

    Raises
    ------
    ValueError
        If the file cannot be read, is not such a file, is damaged, or is of a newer format.
    """
    name = "the archive" if isinstance(path, bytes) else repr(str(path))
    header, arrays = unpack(path, FILE_KIND, FILE_FORMAT)
    try:
        return Profile(
            x=arrays["x"], j_y=arrays["j_y"], error=arrays["error"], status=header["status"],
            engine=header["engine"], problem=Problem.from_dict(header["problem"]),
            rtol=header["rtol"], strip=_stored_strip(arrays), details=header.get("details", {}),
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{name} is not a complete dirac1d result: {error}") from error
    except KeyError as error:
        raise ValueError(f"{name} is not a complete dirac1d result: {error} is missing") from error


def _stored_strip(arrays: dict[str, NDArray]) -> Strip | None:
    if "strip_edges" not in arrays:
        return None
    tails = None
    if "strip_tails" in arrays:
        left, right = (Estimate(*row) for row in arrays["strip_tails"])
        tails = (left, right)
    return Strip(
        arrays["strip_edges"], arrays["strip_coefficients"], arrays["strip_error"], tails,
        tuple(arrays.get("strip_indicators", ())),
    )


def check_positions(x: Any) -> NDArray:
    """`x` as a one-dimensional, finite, strictly increasing float array, or a ValueError."""
    try:
        array = np.array(x, dtype=float, ndmin=1)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("x must be a one-dimensional array of real numbers") from error
    if array.ndim != 1:
        raise ValueError(f"x must be one-dimensional, got shape {array.shape}")
    if array.size == 0:
        raise ValueError("x must not be empty")
    if not np.all(np.isfinite(array)):
        bad = int(np.argmin(np.isfinite(array)))
        raise ValueError(f"x must be finite, got x[{bad}] = {array[bad]}")
    if max(abs(array[0]), abs(array[-1])) > LARGEST:
        raise ValueError(f"x must not exceed {LARGEST:g} in magnitude, got {array[0]}, {array[-1]}")
    if np.any(np.diff(array) <= 0):
        bad = int(np.argmax(np.diff(array) <= 0))
        raise ValueError(
            f"x must increase strictly, got x[{bad}] = {array[bad]}, "
            f"x[{bad + 1}] = {array[bad + 1]}"
        )
    return array


def check_rtol(rtol: Any) -> float:
    """`rtol` as a float in (0, 1), or a ValueError."""
    try:
        value = float(rtol)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"rtol must be a number between 0 and 1, got {rtol!r}") from error
    if not 0 < value < 1:
        raise ValueError(f"rtol must lie between 0 and 1, got {value}")
    return value
