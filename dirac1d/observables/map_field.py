r"""The magnetic field of a map of currents: its magnetisation, wave by wave.

A sheet with the magnetisation M_q e^{iq·r}, whose current is (∂_yM, -∂_xM), makes at the height z

.. math:: B_z = \frac{\mu_0}{2} q e^{-qz} M_q, \qquad
          B_{x,y} = -\frac{\mu_0}{2} iq_{x,y} e^{-qz} M_q ,

and a sensor of Gaussian sensitivity reads e^{-q²σ²/2} of it. In a cell this is exact. In a strip
the waves along y are taken so, in a box of x that is so long that its images are not seen; the mean
over y, whose field falls as 1/x, is that of straight wires.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import constants

from dirac1d.laboratory.units import Scale, readable
from dirac1d.numerics.columns import save_table
from dirac1d.results.map import CurrentMap, MapSeries

#: μ₀/2 times 1 nA/nm, in nT.
_UNIT = constants.mu_0 / 2 * 1e9
#: The box of a strip is so many periods longer than the map on either side: e^-2π·2 is left.
_PERIODS = 2.0
#: Grids coarser than this part of the height miss e^-2π/0.5 of a wire's field and more.
_COARSEST = 0.5
_FWHM = np.sqrt(8 * np.log(2))


@dataclass(frozen=True, eq=False)
class FieldMap:
    """The magnetic field above a map of currents.

    Attributes
    ----------
    x, y : ndarray, shape (nx,) and (ny,)
        Positions in nm.
    height : float
        Distance from the sheet in nm.
    B_x, B_y, B_z : ndarray, shape (nx, ny)
        In nT; of the electric current of one cone, e = -|e|; x, y, z are right-handed, z is up.
    error : float
        Bound on the error of each component, in nT.
    sensor : float
        Full width at half maximum of the sensor in nm; 0 for a point.
    """

    x: NDArray
    y: NDArray
    height: float
    B_x: NDArray
    B_y: NDArray
    B_z: NDArray
    error: float
    sensor: float = 0.0

    @property
    def largest(self) -> float:
        """Largest component anywhere on the map, in nT."""
        return float(max(np.max(np.abs(B)) for B in (self.B_x, self.B_y, self.B_z)))

    def save(self, path: str | Path) -> Path:
        """Write x, y and the field, a row for every pixel: ``.csv`` (with units) or ``.npz``.

        Raises
        ------
        ValueError
            If the ending is another, or the file cannot be written.
        """
        x, y = np.meshgrid(self.x, self.y, indexing="ij")
        columns = {"x": x, "y": y, "B_x": self.B_x, "B_y": self.B_y, "B_z": self.B_z}
        header = {"units": "nm, nT; of the electric current, e = -|e|", "height_nm": self.height,
                  "sensor_nm": self.sensor, "error_nT": self.error, "note": "one cone"}
        units = {name: "nm" if name in "xy" else "nT" for name in columns}
        flat = {name: np.ravel(values) for name, values in columns.items()}
        return save_table(path, "dirac1d.FieldMap", header, flat, units)

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` over x and y (the extra ``xarray``).

        Raises
        ------
        ImportError
            If xarray is not installed.
        """
        import xarray

        parts = {"B_x": self.B_x, "B_y": self.B_y, "B_z": self.B_z}
        return xarray.Dataset(
            {name: (("x", "y"), values, {"units": "nT"}) for name, values in parts.items()},
            {name: (name, getattr(self, name), {"units": "nm"}) for name in ("x", "y")},
            {"height_nm": self.height, "sensor_nm": self.sensor, "error_nT": self.error},
        )

    def __repr__(self) -> str:
        return (f"<FieldMap {len(self.x)} x {len(self.y)}, {readable(self.height, 'nm', 3)} above "
                f"the sheet: at most {readable(self.largest, 'nT')} (one cone)>")


def map_field(found: CurrentMap, height: float, scale: Scale, sensor: float) -> FieldMap:
    """The field of a map at its own positions; height and sensor (full width) in nm.

    Raises
    ------
    ValueError
        Of a strip, if the positions are not evenly spaced, do not cover a period of y, or are
        farther apart than half the height.
    """
    length = scale.unit("length")
    z, spread = height / length, sensor / _FWHM / length
    # M is a current; q in 1/nm.
    unit = _UNIT * scale.unit("current") / length
    if found.series is not None:
        parts = _of_cell(found, z, spread)
    elif not np.any(found.M):
        parts = (np.zeros_like(found.M),) * 3
    else:
        parts = _of_strip(found, z, spread)
    # |B| ≤ (μ₀/2)|j| for the parts along the sheet; B_z sees |j| over all distances from z on.
    across = getattr(found.problem.potential, "lengths", (np.ptp(found.x), 1.0))[0]
    error = abs(unit) * float(np.max(found.error)) * (1 + np.log1p(across / z))
    B_x, B_y, B_z = (unit * part for part in parts)
    return FieldMap(found.x * length, found.y * length, height, B_x, B_y, B_z, error, sensor)


def _waves(
    M: NDArray, q_x: NDArray, q_y: NDArray, z: float, spread: float
) -> tuple[NDArray, NDArray, NDArray]:
    """B_q over μ₀/2 of waves M_q."""
    q_x = q_x[:, None]
    q = np.hypot(q_x, q_y)
    seen = M * np.exp(-q * z - (q * spread) ** 2 / 2)
    return -1j * q_x * seen, -1j * q_y * seen, q * seen


def _of_cell(found: CurrentMap, z: float, spread: float) -> tuple[NDArray, ...]:
    assert found.series is not None
    parts = _waves(found.series.coefficients, *found.series.waves, z, spread)
    return tuple(MapSeries(part, found.series.lengths).magnetisation(found.x[:, None], found.y)
                 for part in parts)


def _of_strip(found: CurrentMap, z: float, spread: float) -> tuple[NDArray, ...]:
    x, y, L = found.x, found.y, found.problem.potential.period
    h = _step("x", x)
    if len(y) < 2 or abs(_step("y", y) * len(y) - L) > 1e-6 * L:
        raise ValueError(f"y must cover a period of {L:g} with its end left out, as by "
                         "np.arange(n) * period / n, for the field of a strip")
    if h > _COARSEST * z:
        raise ValueError(f"x must be at most half a height apart for the field of a strip, got "
                         f"{h:g} at a height of {z:g}")
    pad = int(np.ceil(_PERIODS * L / h)) + 1
    M = np.fft.fft(found.M, axis=1)
    mean = np.mean(found.j_y, axis=1)
    M[:, 0] = 0.0
    M = np.fft.fft(np.pad(M, ((pad, pad), (0, 0))), axis=0)
    q_x = 2 * np.pi * np.fft.fftfreq(len(M), h)
    q_y = 2 * np.pi * np.fft.fftfreq(len(y), L / len(y))
    parts = [np.real(np.fft.ifft2(part))[pad : pad + len(x)]
             for part in _waves(M, q_x, q_y, z, spread)]
    # Wires along y, smeared by the sensor: Lorentzians by their waves e^{-|q|z - (q spread)²/2}.
    q, weight = _half_line(z)
    phase = np.exp(1j * np.multiply.outer(q, x))
    density = h * (np.conj(phase) @ mean) * np.exp(-q * z - (q * spread) ** 2 / 2) * weight / np.pi
    parts[0] += np.real(density @ phase)[:, None]
    parts[2] += np.imag(-density @ phase)[:, None]
    return tuple(parts)


def _half_line(z: float) -> tuple[NDArray, NDArray]:
    """Gauss-Laguerre is too short for far wires: panels of Gauss-Legendre up to e^{-qz} = 1e-16."""
    t, w = np.polynomial.legendre.leggauss(16)
    edges = np.linspace(0.0, 37.0 / z, 129)
    half = np.diff(edges) / 2
    q = (edges[:-1] + half)[:, None] + half[:, None] * t
    return q.ravel(), (half[:, None] * w).ravel()


def _step(name: str, positions: NDArray) -> float:
    """The spacing of even positions."""
    steps = np.diff(positions)
    if not len(steps) or np.ptp(steps) > 1e-6 * np.mean(steps):
        raise ValueError(f"{name} must be evenly spaced for the field of a strip")
    return float(np.mean(steps))
