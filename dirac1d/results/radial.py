"""The current density around a circle: values with their error, magnetization and moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray

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
        edges = self.strip.edges
        t, w = legendre.leggauss(_MOMENT_NODES)
        half = np.diff(edges) / 2
        r = (edges[:-1] + half)[:, None] + half[:, None] * t
        j, _ = self.strip.at(r.ravel())
        value = np.pi * np.sum(half[:, None] * w * r**2 * j.reshape(r.shape))
        return Estimate(float(value), float(np.pi * np.sum(self.strip.error * edges[1:] ** 2)))

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
            "complete": self.complete,
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
            "complete": self.complete, "details": self.details,
        }
        arrays = {
            "r": self.r, "j_phi": self.j_phi, "error": self.error,
            "strip_edges": self.strip.edges, "strip_coefficients": self.strip.coefficients,
            "strip_error": self.strip.error,
        }
        if self.strip.logs is not None:
            arrays["strip_logs"] = self.strip.logs
        return write(path, pack(header, arrays))


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
        logs=arrays.get("strip_logs"),
    )
    return RadialProfile(
        arrays["r"], arrays["j_phi"], arrays["error"], header["status"], header["engine"],
        Problem.from_dict(header["problem"]), header["rtol"], strip, header["complete"],
        header["details"],
    )
