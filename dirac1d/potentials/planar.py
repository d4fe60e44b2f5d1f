"""Potentials U(x, y) in the plane: what both kinds have for free, and the doubly periodic cell.

Both kinds are told by harmonics in y, U(x, y) = Σ_n U_n(x) e^{2πiny/L}: a `Cell` is periodic in x
too, a `Strip` has flat leads at x → ∓∞ (see `dirac1d.potentials.strips`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import LARGEST, finite_number, positive_number, whole_number
from dirac1d.numerics.values import ByContent, extent
from dirac1d.potentials.base import NoLeadsError, _Scalable
from dirac1d.potentials.shapes import register

#: A function counts as resolved by its samples if halfway between them the interpolation misses it
#: by less than this part of its range: a hundredth of the finest accuracy that maps are asked for.
RESOLVED = 1e-6
#: Points to a sample at which the extremes of U are looked for: between them a band-limited U can
#: rise by (π/8)²/2 = 8 % of its finest harmonic, and no more.
_OVERSAMPLING = 4
#: Directions in half a turn, and distances, in which the largest drop of U is looked for.
_DIRECTIONS, _DISTANCES = 12, 4
#: Parts of red, green and blue in a grey (ITU-R BT.601), as every program has them.
_GREY = np.array([0.299, 0.587, 0.114])
#: Points to a side from which it is looked for, at least: a cosine's is met to 1e-3.
_FEWEST = 64


class SamplingWarning(UserWarning):
    """Samples are too coarse for the function that they stand for."""


class Planar(_Scalable):
    """What U(x, y) has for free."""

    has_leads = False

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) about which the potential is shown."""
        raise NotImplementedError

    def __radd__(self, other: object) -> Any:
        return self + other  # type: ignore[operator]

    def __sub__(self, other: object) -> Any:
        if isinstance(other, _Scalable) or np.isscalar(other):
            return self + (-1.0 * other)  # type: ignore[operator]
        return NotImplemented

    def __rsub__(self, other: object) -> Any:
        return -self + other if np.isscalar(other) else NotImplemented


@register("cell")
@dataclass(frozen=True, eq=False, repr=False)
class Cell(ByContent, Planar):
    """U(x, y), periodic in both directions: the band-limited function through samples.

    U is the trigonometric polynomial through ``samples[i, j] = U(i Lx/nx, j Ly/ny)``; of an even
    number of samples the highest wave is shared equally by both of its signs, so that it is a real
    cosine. Cells of equal lengths add, and numbers add and multiply.

    Parameters
    ----------
    samples : array_like, shape (nx, ny)
        Real and finite.
    lengths : (float, float)
        (Lx, Ly), in ħv_F/E₀.

    Raises
    ------
    ValueError
        If the samples are no two-dimensional array of finite numbers, or a length is not positive.

    Examples
    --------
    >>> import dirac1d as dd
    >>> cell = dd.Cell([[0.3, 0.1], [-0.3, -0.1]], lengths=(4.0, 2.0))
    >>> print(f"{cell(1.0, 0.25):.3f}")
    0.000
    """

    samples: NDArray
    lengths: tuple[float, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", check_lengths(self.lengths))
        samples = real_matrix("samples", self.samples)
        samples.flags.writeable = False
        object.__setattr__(self, "samples", samples)

    @classmethod
    def from_function(
        cls, function: Callable[..., Any], lengths: Sequence[float], shape: Sequence[int]
    ) -> Cell:
        """Sample a function U(x, y) on 0 ≤ x < Lx, 0 ≤ y < Ly.

        Parameters
        ----------
        function : callable
            U(x, y) for arrays that broadcast; it is expected to have the period of the cell.
        lengths : (float, float)
        shape : (int, int)
            Numbers of samples, (nx, ny).

        Warns
        -----
        SamplingWarning
            If halfway between the samples the cell misses the function by more than 1e-6 of its
            range: too few samples, or not the function's period.

        Raises
        ------
        ValueError
            If the function does not return finite real numbers, or an argument is not allowed.
        """
        if not callable(function):
            raise ValueError(f"function must be callable, got {function!r}")
        Lx, Ly = check_lengths(lengths)
        nx, ny = check_shape(shape)
        x, y = np.arange(nx)[:, None] * (Lx / nx), np.arange(ny)[None, :] * (Ly / ny)
        cell = cls(values_of(function, x, y), (Lx, Ly))
        between = x + Lx / (2 * nx), y + Ly / (2 * ny)
        missed = np.max(np.abs(values_of(function, *between) - cell(*between)))
        size = float(np.ptp(cell.samples))
        if missed > RESOLVED * max(size, 1e-300):
            warnings.warn(
                f"shape = ({nx}, {ny}) is too coarse: between its samples U is missed by "
                f"{missed:.1g}, which is {missed / max(size, 1e-300):.1g} of its range (or the "
                f"function does not have the periods {Lx:g} and {Ly:g})",
                SamplingWarning, stacklevel=2)
        return cls(cell.samples, (Lx, Ly))

    @classmethod
    def wave(
        cls, amplitude: float, waves: Sequence[int], lengths: Sequence[float], phase: float = 0.0
    ) -> Cell:
        """amplitude · cos(2π(m x/Lx + n y/Ly) - phase): a cosine at any angle that fits the cell.

        Parameters
        ----------
        amplitude : float
        waves : (int, int)
            (m, n), how many periods go into Lx and Ly.
        lengths : (float, float)
        phase : float
        """
        m, n = (whole_number("waves", w, -10**6) for w in _pair("waves", waves))
        size, turn = finite_number("amplitude", amplitude), finite_number("phase", phase)
        shape = 2 * abs(m) + 1, 2 * abs(n) + 1
        i, j = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
        angle = 2 * np.pi * (m * i / shape[0] + n * j / shape[1]) - turn
        return cls(size * np.cos(angle), check_lengths(lengths))

    @classmethod
    def from_npz(cls, path: str | Path) -> Cell:
        """Read the arrays ``samples`` and ``lengths`` of an ``.npz`` file.

        Raises
        ------
        ValueError
            If the file cannot be read or does not hold both.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls(stored["samples"], tuple(stored["lengths"].tolist()))
        except (OSError, KeyError, EOFError) as error:
            raise ValueError(f"cannot read a cell from {str(path)!r}: {error}") from error

    @classmethod
    def from_csv(
        cls, path: str | Path, lengths: Sequence[float], delimiter: str = ","
    ) -> Cell:
        """Read samples from a text file: a row for every x, in it a column for every y.

        Lines that begin with ``#`` are skipped. Numbers are dimensionless, as are the lengths.

        Raises
        ------
        ValueError
            If the file cannot be read or is no rectangle of numbers.
        """
        try:
            samples = np.loadtxt(path, delimiter=delimiter, ndmin=2, encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            raise ValueError(f"cannot read samples from {str(path)!r}: {error}") from error
        return cls(samples, check_lengths(lengths))

    @classmethod
    def from_image(
        cls, image: ArrayLike, lengths: Sequence[float], black: float, white: float
    ) -> Cell:
        """The greys of a picture as energies: its left is x = 0, its bottom y = 0.

        Parameters
        ----------
        image : array_like, shape (rows, columns) or (rows, columns, 1 … 4)
            As ``matplotlib.image.imread`` returns it: floats from 0 to 1, or integers up to the
            largest of their type. Colours count by their grey; transparency is left out.
        lengths : (float, float)
        black, white : float
            U of black and of white points.

        Raises
        ------
        ValueError
            If the image is no array of greys or colours, or an argument is not allowed.
        """
        low, high = finite_number("black", black), finite_number("white", white)
        return cls((low + (high - low) * _grey(image)[::-1]).T, check_lengths(lengths))

    def __repr__(self) -> str:
        (nx, ny), (Lx, Ly) = self.samples.shape, self.lengths
        return f"Cell({nx} x {ny} samples on {Lx:g} x {Ly:g}, U from {extent(self.samples)})"

    def __getattr__(self, name: str) -> Any:
        if name in ("left", "right"):
            raise NoLeadsError(f"{name}: a cell has no leads, got {self!r}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def period(self) -> float:
        """Ly."""
        return self.lengths[1]

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the cell."""
        return self.lengths[0] / 2, self.lengths[1] / 2

    @property
    def mean(self) -> float:
        """The mean of U over the cell."""
        return float(np.mean(self.samples))

    @cached_property
    def coefficients(self) -> NDArray:
        """U[m, n], complex, of U = Σ U[m, n] e^{i(q_m x + q_n y)}: shape (2⌊nx/2⌋+1, 2⌊ny/2⌋+1)."""
        return both_signs(both_signs(np.fft.fft2(self.samples) / self.samples.size, 0), 1)

    @cached_property
    def waves(self) -> tuple[NDArray, NDArray]:
        """(q_m, q_n), increasing: the wave numbers of `coefficients`."""
        qx, qy = (
            2 * np.pi / length * np.arange(-(n // 2), n // 2 + 1)
            for n, length in zip(self.samples.shape, self.lengths, strict=True)
        )
        return qx, qy

    def __call__(self, x: ArrayLike, y: ArrayLike) -> NDArray:
        """U(x, y), broadcast."""
        return np.real(self._sum(self.coefficients, x, y))

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
        """(∂U/∂x, ∂U/∂y), broadcast."""
        qx, qy = self.waves
        return (np.real(self._sum(1j * qx[:, None] * self.coefficients, x, y)),
                np.real(self._sum(1j * qy * self.coefficients, x, y)))

    def _sum(self, coefficients: NDArray, x: ArrayLike, y: ArrayLike) -> NDArray:
        return wave_sum(coefficients, self.waves, x, y)

    def harmonics(self, x: ArrayLike, count: int) -> NDArray:
        """U_n(x) of U(x, y) = Σ_n U_n(x) e^{2πiny/Ly}, n = -count … count.

        Parameters
        ----------
        x : array_like, shape (n,)
        count : int

        Returns
        -------
        ndarray, shape (n, 2·count + 1), complex
        """
        x = np.atleast_1d(np.asarray(x, dtype=float))
        found = np.exp(1j * np.multiply.outer(x, self.waves[0])) @ self.coefficients
        return fitted(found, count)

    def extremes(self) -> tuple[float, float]:
        """Smallest and largest U, on a grid four times as fine as the samples."""
        U = self.on_grid(*(_OVERSAMPLING * n for n in self.coefficients.shape))
        return float(np.min(U)), float(np.max(U))

    def on_grid(self, nx: int, ny: int, shift: tuple[float, float] = (0.0, 0.0)) -> NDArray:
        """U on the uniform grid of nx × ny points, from `shift` on; more points than waves."""
        have = self.coefficients.shape
        if nx < have[0] or ny < have[1]:
            raise ValueError(f"a grid of {nx} x {ny} is too coarse for {have[0]} x {have[1]} waves")
        phase = [np.exp(1j * q * d) for q, d in zip(self.waves, shift, strict=True)]
        waves = np.zeros((nx, ny), dtype=complex)
        waves[: have[0], : have[1]] = self.coefficients * phase[0][:, None] * phase[1]
        waves = np.roll(waves, (-(have[0] // 2), -(have[1] // 2)), axis=(0, 1))
        return np.real(np.fft.ifft2(waves)) * (nx * ny)

    def far_range(self) -> tuple[float, float]:
        """Smallest and largest U. They decide the regime."""
        return self.extremes()

    def largest_drop(self, distance: float) -> float:
        """The largest |U(r) - U(r′)| within `distance`, of directions and distances on a grid."""
        nx, ny = (max(n, _FEWEST) for n in self.coefficients.shape)
        U, best = self.on_grid(nx, ny), 0.0
        for angle in np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS:
            for part in np.arange(1, _DISTANCES + 1) / _DISTANCES:
                shift = part * distance * np.cos(angle), part * distance * np.sin(angle)
                best = max(best, float(np.max(np.abs(self.on_grid(nx, ny, shift) - U))))
        return best

    @property
    def length_scale(self) -> float:
        """One over the largest wave number that carries 1e-3 of the largest."""
        size = np.abs(self.coefficients)
        q = np.hypot(self.waves[0][:, None], self.waves[1])
        varying = size * (q > 0)
        carried = q[varying > 1e-3 * np.max(varying)] if np.any(varying > 0) else q[:0]
        return float(1 / np.max(carried)) if carried.size else np.inf

    def translated(self, dx: float, dy: float) -> Cell:
        """The cell moved by (dx, dy): U(x - dx, y - dy). It is sampled anew, by odd numbers."""
        nx, ny = self.coefficients.shape
        return Cell(self.on_grid(nx, ny, (-dx, -dy)), self.lengths)

    def smoothed(self, length: float) -> Cell:
        """The mean of U over Gaussians e^{-r²/2 length²}, as gates at a distance make it."""
        s = positive_number("smooth", length)
        nx, ny = self.samples.shape
        q_x, q_y = (2 * np.pi * np.fft.fftfreq(n, d=L / n)
                    for n, L in zip((nx, ny), self.lengths, strict=True))
        kept = np.exp(-(q_x[:, None] ** 2 + q_y**2) * s**2 / 2)
        return Cell(np.fft.ifft2(np.fft.fft2(self.samples) * kept).real, self.lengths)

    def window(self, around: float) -> tuple[float, float]:
        """Positions x that show it: a period."""
        return 0.0, self.lengths[0]

    def summary(self) -> str:
        """A few words on where U goes."""
        low, high = self.extremes()
        Lx, Ly = self.lengths
        return f"a cell of {Lx:g} x {Ly:g}, from {low:.3g} to {high:.3g}"

    def __add__(self, other: object) -> Any:
        if np.isscalar(other) and not isinstance(other, str):
            return Cell(self.samples + finite_number("number", other), self.lengths)
        if not isinstance(other, Cell) or not np.allclose(self.lengths, other.lengths, rtol=1e-12):
            raise ValueError(f"a cell adds to another of the same lengths only, got {other!r}")
        shape = [max(a, b) for a, b in zip(self.samples.shape, other.samples.shape, strict=True)]
        if shape == [*self.samples.shape] == [*other.samples.shape]:
            return Cell(self.samples + other.samples, self.lengths)
        # Odd, so that a highest wave of either keeps its phase.
        odd = [2 * (n // 2) + 1 for n in shape]
        return Cell(self.on_grid(*odd) + other.on_grid(*odd), self.lengths)

    def __mul__(self, factor: object) -> Any:
        if isinstance(factor, str) or not np.isscalar(factor):
            return NotImplemented
        return Cell(finite_number("factor", factor) * self.samples, self.lengths)

    __rmul__ = __mul__

    def description(self) -> dict[str, Any]:
        """Samples and lengths."""
        return {"samples": self.samples.tolist(), "lengths": list(self.lengths)}

    @classmethod
    def from_description(cls, values: Mapping[str, Any]) -> Cell:
        """The inverse of `description`."""
        if set(values) != {"samples", "lengths"}:
            raise ValueError("potential: shape 'cell' needs the keys 'samples' and 'lengths', "
                             f"and only these, got {', '.join(map(repr, values))}")
        return cls(values["samples"], values["lengths"])


def wave_sum(
    coefficients: NDArray, waves: tuple[NDArray, NDArray], x: ArrayLike, y: ArrayLike
) -> NDArray:
    """Σ c[m, n] e^{i(q_m x + q_n y)}, broadcast over x and y; complex."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    shape = np.broadcast_shapes(x.shape, y.shape)
    if is_grid(x, y):
        left = np.exp(1j * np.multiply.outer(x.ravel(), waves[0])) @ coefficients
        return left @ np.exp(1j * np.multiply.outer(waves[1], y.ravel()))
    x, y = (np.broadcast_to(v, shape).ravel() for v in (x, y))
    left = np.exp(1j * np.multiply.outer(x, waves[0])) @ coefficients
    return np.sum(left * np.exp(1j * np.multiply.outer(y, waves[1])), axis=1).reshape(shape)


def is_grid(x: NDArray, y: NDArray) -> bool:
    """Whether x is a column and y a row: every x meets every y, and sums are matrix products."""
    return x.ndim == 2 and x.shape[1] == 1 and y.ndim in (1, 2) and y.size == y.shape[-1]


def fitted(harmonics: NDArray, count: int) -> NDArray:
    """Harmonics -k … k of the last axis cut down to, or filled up with zeros to, -count … count."""
    count = whole_number("count", count, 0)
    have = harmonics.shape[-1] // 2
    keep = min(have, count)
    found = np.zeros((*harmonics.shape[:-1], 2 * count + 1), dtype=complex)
    found[..., count - keep : count + keep + 1] = harmonics[..., have - keep : have + keep + 1]
    return found


def both_signs(spectrum: NDArray, axis: int) -> NDArray:
    """FFT order to increasing waves -⌊n/2⌋ … ⌊n/2⌋; an even n's highest is shared by both signs."""
    n = spectrum.shape[axis]
    ordered = np.moveaxis(np.fft.fftshift(spectrum, axes=axis), axis, 0)
    if n % 2 == 0:
        ordered = np.concatenate((ordered[:1] / 2, ordered[1:], ordered[:1] / 2))
    return np.moveaxis(ordered, 0, axis)


def check_lengths(lengths: Any) -> tuple[float, float]:
    """(Lx, Ly) as positive floats, or a ValueError."""
    Lx, Ly = (positive_number("lengths", length) for length in _pair("lengths", lengths))
    return Lx, Ly


def check_shape(shape: Any) -> tuple[int, int]:
    """(nx, ny) as positive ints, or a ValueError."""
    nx, ny = (whole_number("shape", n, 1) for n in _pair("shape", shape))
    return nx, ny


def _pair(name: str, values: Any) -> list[Any]:
    try:
        found = list(values)
    except TypeError as error:
        raise ValueError(f"{name} must be a pair, got {values!r:.200}") from error
    if len(found) != 2 or isinstance(values, str):
        raise ValueError(f"{name} must be a pair, got {values!r:.200}")
    return found


def _grey(image: ArrayLike) -> NDArray:
    """Greys from 0, black, to 1, white, of a picture; shape (rows, columns)."""
    read = np.asarray(image)
    if read.dtype.kind not in "fiu" or read.ndim not in (2, 3) or not read.size:
        raise ValueError("image must be an array of greys or colours, floats from 0 to 1 or "
                         f"integers, got {read.dtype} of shape {read.shape}")
    light = read / (1.0 if read.dtype.kind == "f" else float(np.iinfo(read.dtype).max))
    if not (np.all(light >= 0) and np.all(light <= 1)):
        raise ValueError("image must have greys from 0 to 1 (integers: to the largest of their "
                         f"type), got {extent(light)}")
    if light.ndim == 2:
        return light
    channels = light.shape[2]
    if channels > 4:
        raise ValueError(f"image must have 1 to 4 channels, got {channels}")
    return light[..., :3] @ _GREY if channels >= 3 else light[..., 0]


def real_matrix(name: str, value: Any) -> NDArray:
    """A new two-dimensional float array of finite numbers, not empty, or a ValueError."""
    try:
        if np.iscomplexobj(value):
            raise TypeError
        matrix = np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be a two-dimensional array of real numbers") from error
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"{name} must be two-dimensional and not empty, got shape {matrix.shape}")
    bad = ~np.isfinite(matrix) | (np.abs(matrix) > LARGEST)
    if np.any(bad):
        i, j = (int(k) for k in np.argwhere(bad)[0])
        raise ValueError(f"{name} must be finite, got {name}[{i}, {j}] = {matrix[i, j]}")
    return matrix


def values_of(function: Callable[..., Any], x: NDArray, y: NDArray) -> NDArray:
    """A user's U(x, y) on arrays that broadcast, vectorised where it is not; real, or refused."""
    shape = np.broadcast_shapes(x.shape, y.shape)
    x, y = (np.broadcast_to(v, shape) for v in (x, y))
    with np.errstate(all="ignore"):
        try:
            values = np.asarray(function(x, y))
        except (TypeError, ValueError):
            values = np.asarray(None)
        if values.shape != shape or values.dtype.kind not in "fiub":
            flat = [function(float(a), float(b)) for a, b in zip(x.flat, y.flat, strict=True)]
            values = np.asarray(flat).reshape(shape)
    if values.dtype.kind not in "fiub":
        raise ValueError(f"function must return real numbers, got values of type {values.dtype}")
    if not np.all(np.isfinite(values)):
        i, j = np.unravel_index(int(np.argmin(np.isfinite(values))), shape)
        raise ValueError("function must return finite numbers, but "
                         f"U({x[i, j]:g}, {y[i, j]:g}) is not finite")
    return values.astype(float)
