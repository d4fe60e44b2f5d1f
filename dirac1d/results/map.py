"""The current density of U(x, y): a map of values with their errors, derived from a magnetisation.

In equilibrium the current is j = (∂_yM, -∂_xM), so that nothing piles up anywhere. An engine finds
M, and j follows from it: ∇·j = 0 holds in what is returned, not only to the error.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import check_positions
from dirac1d.numerics.estimate import Estimates
from dirac1d.numerics.files import pack, with_ending, write
from dirac1d.numerics.values import ByContent, extent, freeze
from dirac1d.potentials.planar import wave_sum
from dirac1d.problem import Problem
from dirac1d.results.record import AccuracyWarning, header_of

if TYPE_CHECKING:
    import xarray

#: Of the files that `CurrentMap.save` writes.
FILE_KIND = "dirac1d.CurrentMap"
_ARRAYS = ("x", "y", "M", "j_x", "j_y", "error", "M_error")


@dataclass(frozen=True, eq=False)
class MapSeries(ByContent):
    """M over a whole cell as a Fourier series: Σ M[m, n] e^{2πi(m x/Lx + n y/Ly)}.

    Attributes
    ----------
    coefficients : ndarray, shape (2a + 1, 2b + 1), complex
        M[m, n] for m = -a … a, n = -b … b.
    lengths : (float, float)
        (Lx, Ly).
    """

    coefficients: NDArray
    lengths: tuple[float, float]

    def __post_init__(self) -> None:
        array = np.array(self.coefficients, dtype=complex)
        array.flags.writeable = False
        object.__setattr__(self, "coefficients", array)

    @property
    def waves(self) -> tuple[NDArray, NDArray]:
        """(q_x, q_y) of the coefficients, increasing."""
        qx, qy = (2 * np.pi / L * (np.arange(n) - n // 2)
                  for n, L in zip(self.coefficients.shape, self.lengths, strict=True))
        return qx, qy

    def magnetisation(self, x: ArrayLike, y: ArrayLike) -> NDArray:
        """M(x, y), broadcast."""
        return np.real(wave_sum(self.coefficients, self.waves, x, y))

    def current(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
        """(j_x, j_y) = (∂_yM, -∂_xM), broadcast."""
        qx, qy = self.waves
        return (np.real(wave_sum(1j * qy * self.coefficients, self.waves, x, y)),
                np.real(wave_sum(-1j * qx[:, None] * self.coefficients, self.waves, x, y)))


@dataclass(frozen=True, eq=False, repr=False)
class CurrentMap(ByContent):
    """The current density j(x, y) of a problem on a grid, with an error for every pixel.

    Attributes
    ----------
    x : ndarray, shape (nx,)
    y : ndarray, shape (ny,)
        Positions, in ħv_F/E₀.
    M : ndarray, shape (nx, ny)
        Magnetisation over e, with j = (∂_yM, -∂_xM). In a strip it is -c(ε_F - U)/4π in the leads,
        c(s) = clip(s, -|Δ|, |Δ|) sgn Δ with Δ of either lead; in a cell its mean over the cell is
        set to 0: no current and no field depends on it.
    j_x, j_y : ndarray, shape (nx, ny)
        Current density over e, dimensionless (ħ = v_F = 1).
    error : ndarray, shape (nx, ny)
        Estimated bound on the error of j_x and of j_y.
    M_error : ndarray, shape (nx, ny)
        Estimated bound on the error of M.
    status : str
        ``"converged"``, or a sentence that says what is left.
    engine : str
        ``"green"`` or ``"states"``.
    problem : Problem
    rtol : float
        Accuracy asked for, relative to ``problem.current_scale``.
    series : MapSeries, optional
        M over the whole cell, where there is one.
    details : dict
        What the engine did; JSON-ready.
    """

    x: NDArray
    y: NDArray
    M: NDArray
    j_x: NDArray
    j_y: NDArray
    error: NDArray
    M_error: NDArray
    status: str
    engine: str
    problem: Problem
    rtol: float
    series: MapSeries | None = field(default=None, repr=False)
    details: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        freeze(self, *_ARRAYS)
        shape = len(self.x), len(self.y)
        for name in _ARRAYS[2:]:
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must have the shape {shape} of a map, got "
                                 f"{getattr(self, name).shape}")

    def __repr__(self) -> str:
        return (f"CurrentMap({len(self.x)} x {len(self.y)} points, x from {extent(self.x)}, y from "
                f"{extent(self.y)}, |j| up to {np.max(self.magnitude):.6g} ± "
                f"{np.max(self.error):.1g}, engine {self.engine}, {self.status})")

    @property
    def converged(self) -> bool:
        """Whether the requested accuracy was reached."""
        return self.status == "converged"

    @property
    def magnitude(self) -> NDArray:
        """|j|, shape (nx, ny)."""
        return np.hypot(self.j_x, self.j_y)

    def __call__(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
        """(j_x, j_y) anywhere in a cell, broadcast.

        Raises
        ------
        ValueError
            If the map holds no series: that of a strip.
        """
        if self.series is None:
            raise ValueError("this map holds values on its grid only")
        return self.series.current(x, y)

    def total_current(self) -> Estimates:
        """J_y(y)/e = ∫ j_y dx from the first x to the last: M at both ends, shape (ny,).

        Between two leads it is SR Eq. (12) for every y, if x reaches into both.

        Raises
        ------
        ValueError
            Of a cell: through a whole period nothing flows.
        """
        if not hasattr(self.problem.potential, "leads"):
            raise ValueError("total_current: through a whole period of a cell nothing flows; "
                             "between two points it is the difference of their M")
        return Estimates(self.M[0] - self.M[-1], self.M_error[0] + self.M_error[-1], self.status)

    def to_xarray(self) -> xarray.Dataset:
        """An `xarray.Dataset` of M, j and their errors over x and y; units are in its attributes.

        Raises
        ------
        ImportError
            If xarray is not installed: ``pip install dirac1d[xarray]``.
        """
        try:
            import xarray
        except ImportError as error:
            raise ImportError("to_xarray needs xarray: pip install dirac1d[xarray]") from error
        current, magnet = {"units": "e E0^2/(hbar^2 v_F)"}, {"units": "e E0/hbar"}
        units = {"M": magnet, "M_error": magnet}
        return xarray.Dataset(
            {name: (("x", "y"), getattr(self, name), units.get(name, current))
             for name in _ARRAYS[2:]},
            {name: (name, getattr(self, name), {"units": "hbar v_F/E0"}) for name in ("x", "y")},
            {"engine": self.engine, "status": self.status, "rtol": self.rtol,
             "current_scale": self.problem.current_scale},
        )

    def to_dict(self) -> dict[str, Any]:
        """Values, errors, status and the full problem, JSON-ready."""
        return {
            "engine": self.engine, "status": self.status, "rtol": self.rtol,
            "current_scale": self.problem.current_scale, "problem": self.problem.to_dict(),
            **{name: getattr(self, name).tolist() for name in _ARRAYS}, "details": self.details,
        }

    def save(self, path: str | Path) -> Path:
        """Write the map and the full problem to an ``.npz`` file, or a table to a ``.csv`` file.

        `dirac1d.load` reads the first; the table has a row for every pixel.

        Raises
        ------
        ValueError
            If the name has another ending, or the file cannot be written.
        """
        found = with_ending(path, (".npz", ".csv"))
        return write(found, self.to_bytes() if found.suffix.lower() == ".npz" else self.to_csv())

    def to_csv(self) -> str:
        """A row for every pixel: x, y, U, M, j_x, j_y and the errors."""
        x, y = np.meshgrid(self.x, self.y, indexing="ij")
        columns = {"x": x, "y": y, "U": self.problem.potential(x, y),
                   **{name: getattr(self, name) for name in _ARRAYS[2:]}}
        rows = np.column_stack([np.ravel(c) for c in columns.values()])
        lines = [f"# dirac1d map: hbar = v_F = k_B = 1, j over e; mass {self.problem.mass!r}, "
                 f"fermi_energy {self.problem.fermi_energy!r}, temperature "
                 f"{self.problem.temperature!r}; engine {self.engine}: {self.status}",
                 ",".join(columns)]
        return "\n".join([*lines, *(",".join(map(repr, row)) for row in rows.tolist())]) + "\n"

    def to_bytes(self) -> bytes:
        """What `save` writes to ``.npz``; the same result gives the same bytes."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        if self.series is not None:
            arrays["series"] = self.series.coefficients
            arrays["series_lengths"] = np.array(self.series.lengths)
        return pack(header_of(self, FILE_KIND, "j_x, j_y and M are over e"), arrays)

    @classmethod
    def from_archive(cls, header: dict[str, Any], arrays: dict[str, NDArray]) -> CurrentMap:
        """The inverse of `to_bytes`, after its checks."""
        series = None
        if "series" in arrays:
            Lx, Ly = arrays["series_lengths"].tolist()
            series = MapSeries(arrays["series"], (Lx, Ly))
        return cls(
            **{name: arrays[name] for name in _ARRAYS}, status=header["status"],
            engine=header["engine"], problem=Problem.from_dict(header["problem"]),
            rtol=header["rtol"], series=series, details=header.get("details", {}),
        )


def check_grid(x: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
    """`x` and `y` of a map as increasing, finite arrays of one dimension, or a ValueError."""
    return check_positions(x), check_positions(y, "y")


def no_current(problem: Problem, x: NDArray, y: NDArray, rtol: float, engine: str) -> CurrentMap:
    """Without a mass or a change of U: zero, exactly."""
    zero = np.zeros((len(x), len(y)))
    return CurrentMap(x, y, zero, zero, zero, zero, zero, "converged", engine, problem, rtol)


def nothing_known(problem: Problem, x: NDArray, y: NDArray, rtol: float, engine: str) -> CurrentMap:
    """A map with infinite errors: the work ended before there was an answer."""
    unknown = np.full((len(x), len(y)), np.inf)
    return replace(no_current(problem, x, y, rtol, engine), error=unknown, M_error=unknown)


def told(made: CurrentMap, stopped: str | None) -> CurrentMap:
    """The map with its status, and a warning if it misses rtol; `stopped` says why, if known."""
    worst = float(np.max(made.error)) / made.problem.current_scale
    if worst <= made.rtol:
        return made
    status = f"reached {worst:.1e} of the current scale, not {made.rtol:.1e}"
    status = f"{stopped}: {status}" if stopped else status
    warnings.warn(status, AccuracyWarning, stacklevel=4)
    return replace(made, status=status)
