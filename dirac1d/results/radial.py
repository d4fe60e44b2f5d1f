"""The current density around a circle: values with their error, magnetization and moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import check_positions
from dirac1d.numerics.estimate import Estimate, Estimates
from dirac1d.numerics.files import pack, unpack, write
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem
from dirac1d.version import __version__

FILE_FORMAT = 1
FILE_KIND = "dirac1d.RadialProfile"
#: Nodes per panel for the moment: a panel's series times r².
_MOMENT_NODES = 40


@dataclass(frozen=True)
class RadialProfile:
    """The current density j_φ(r) around a circle, with its error.

    Attributes
    ----------
    r : ndarray, shape (n,)
        Radii, in ħv_F/E₀.
    j_phi : ndarray, shape (n,)
        Current density over e, j_φ/e, dimensionless (ħ = v_F = 1), positive anticlockwise; infinite
        exactly at a jump of U.
    error : ndarray, shape (n,)
        Estimated bound on |error| of each value.
    status : str
        ``"converged"``, or a sentence that says what is left.
    engine : str
    problem : Problem
    rtol : float
        Accuracy asked for, relative to ``problem.current_scale``.
    strip : Strip
        The engine's own representation of j_φ from r = 0 on.
    complete : bool
        Whether nothing is left of the current beyond `strip`, to the accuracy asked for. Around a
        metal at T = 0 its waves go on for ever.
    details : dict
        What the engine did; JSON-ready.
    """

    r: NDArray
    j_phi: NDArray
    error: NDArray
    status: str
    engine: str
    problem: Problem
    rtol: float
    strip: Strip = field(repr=False)
    complete: bool = True
    details: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in ("r", "j_phi", "error"):
            array = np.array(getattr(self, name), dtype=float)
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def converged(self) -> bool:
        """Whether the requested accuracy was reached."""
        return self.status == "converged"

    def integral(self, r_inner: float = 0.0, r_outer: float = np.inf) -> Estimate:
        """The current through a piece of a radius: ∫ j_φ dr, with its error.

        Raises
        ------
        ValueError
            If the piece reaches beyond what is known, or its ends are not in order.
        """
        a, b = float(r_inner), float(r_outer)
        if not 0 <= a <= b:
            raise ValueError(f"r_inner and r_outer must be 0 <= r_inner <= r_outer, got {a}, {b}")
        end = float(self.strip.edges[-1])
        if b > end and not self.complete:
            raise ValueError(
                f"r_outer = {b:g} is outside of the computed range [0, {end:g}]: the waves of a "
                "metal go on for ever"
            )
        return self.strip.integral(min(a, end), min(b, end))

    def magnetization(self, r: ArrayLike) -> Estimates:
        """M(r)/e with j_φ = -dM/dr and M = 0 far outside, shape of r (one-dimensional).

        Raises
        ------
        ValueError
            If a radius is negative, or the current does not end within what was computed.
        """
        radii = np.atleast_1d(np.asarray(r, dtype=float))
        found = [self.integral(x, np.inf) for x in radii.ravel()]
        return Estimates(
            np.array([f.value for f in found]), np.array([f.error for f in found]), self.status
        )

    @property
    def moment(self) -> Estimate:
        """The total magnetic moment over e, ∫M d²r = π ∫ r² j_φ dr, with its error.

        Raises
        ------
        ValueError
            If the current does not end within what was computed.
        """
        if not self.complete:
            raise ValueError("moment: the waves around a metal at T = 0 have no total moment")
        strip = self.strip
        t, w = legendre.leggauss(_MOMENT_NODES)
        half = np.diff(strip.edges) / 2
        r = (strip.edges[:-1] + half)[:, None] + half[:, None] * t
        weight = np.pi * half[:, None] * w * r**2
        j, _ = strip.at(r.ravel())
        error = np.pi * np.sum(strip.error * strip.edges[1:] ** 2)
        for indicator in strip.indicators:
            error += np.sum(weight * np.abs(legendre.legval(t, indicator.T)))
        return Estimate(float(np.sum(weight * j.reshape(r.shape))), float(error))

    def to_dict(self) -> dict[str, Any]:
        """Values, error, status and the full problem, JSON-ready."""
        return {
            "engine": self.engine,
            "status": self.status,
            "rtol": self.rtol,
            "current_scale": self.problem.current_scale,
            "problem": self.problem.to_dict(),
            "r": self.r.tolist(),
            "j_phi": [float(v) if np.isfinite(v) else str(v) for v in self.j_phi],
            "error": [float(v) if np.isfinite(v) else str(v) for v in self.error],
            "complete": bool(self.complete),
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
        header = {
            "format": FILE_FORMAT, "kind": FILE_KIND, "version": __version__,
            "units": "hbar = v_F = k_B = 1; j_phi is j_phi/e", "engine": self.engine,
            "status": self.status, "rtol": self.rtol, "problem": self.problem.to_dict(),
            "complete": bool(self.complete), "details": self.details,
        }
        arrays = {
            "r": self.r, "j_phi": self.j_phi, "error": self.error,
            "strip_edges": self.strip.edges, "strip_coefficients": self.strip.coefficients,
            "strip_error": self.strip.error,
        }
        if self.strip.logs is not None:
            arrays["strip_logs"] = self.strip.logs
        if self.strip.indicators:
            arrays["strip_indicators"] = np.array(self.strip.indicators)
        return write(path, pack(header, arrays))


def check_radii(r: ArrayLike) -> NDArray:
    """`r` as an increasing array of radii.

    Raises
    ------
    ValueError
        If there is none, or they are not finite, do not increase, or one is negative.
    """
    radii = check_positions(r, "r")
    if radii[0] < 0:
        raise ValueError(f"r must not be negative, got r[0] = {radii[0]}")
    return radii


def no_radial_current(problem: Problem, r: NDArray, rtol: float, engine: str) -> RadialProfile:
    """Without a mass or a step of U: zero, exactly."""
    zero = np.zeros(len(r))
    strip = Strip(np.array([0.0, max(float(r[-1]), 1.0)]), np.zeros((1, 1)), np.zeros(1))
    return RadialProfile(r, zero, zero, "converged", engine, problem, rtol, strip)


def load_radial(path: str | Path | bytes) -> RadialProfile:
    """Read what `RadialProfile.save` wrote.

    Raises
    ------
    ValueError
        If the file cannot be read, is not such a file, is damaged, or is of a newer format.
    """
    header, arrays = unpack(path, FILE_KIND, FILE_FORMAT)
    strip = Strip(
        arrays["strip_edges"], arrays["strip_coefficients"], arrays["strip_error"],
        indicators=tuple(arrays.get("strip_indicators", ())), logs=arrays.get("strip_logs"),
    )
    return RadialProfile(
        arrays["r"], arrays["j_phi"], arrays["error"], header["status"], header["engine"],
        Problem.from_dict(header["problem"]), header["rtol"], strip, header["complete"],
        header["details"],
    )
