"""What the rows of a node become: M as Fourier coefficients of a cell, or in x of a strip.

Every sheet is linear in the rows, so that nodes may be weighted and levels subtracted as sheets.
Those of a charge hold the density itself; its fields are one, where a current has (j_x, j_y, M).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.special import erf

from dirac1d.green.planar.grid import Grid

#: Degree of the splines through the positions of a strip.
_DEGREE = 7


def _cut(array: NDArray, count: int) -> NDArray:
    """The last axis cut down to, or filled up with zeros to, `count`."""
    found = np.zeros((*array.shape[:-1], count), dtype=array.dtype)
    keep = min(count, array.shape[-1])
    found[..., :keep] = array[..., :keep]
    return found


def magnitudes(fields: NDArray) -> NDArray:
    """|j| and |M|, shape (2, …), of (j_x, j_y, M); |n|, shape (1, …), of a charge."""
    if len(fields) == 1:
        return np.abs(fields)
    j_x, j_y, M = fields
    return np.array([np.hypot(j_x, j_y), np.abs(M)])


@dataclass(frozen=True, eq=False)
class CellSheets:
    """M[a, m] of a cell, a = -A … A and m = 0 … N-1, as vectors; M[-a, -m] is the conjugate.

    Attributes
    ----------
    lengths : (float, float)
    halves : (int, int)
        A and N - 1.
    x, y : ndarray
        Pixels.
    charge : bool
        Whether the rows are a density.
    """

    lengths: tuple[float, float]
    halves: tuple[int, int]
    x: NDArray
    y: NDArray
    charge: bool = False

    @property
    def harmonics(self) -> int:
        """N, of rows."""
        return self.halves[1] + 1

    @property
    def waves(self) -> tuple[NDArray, NDArray]:
        """(q_x, q_y) of the coefficients."""
        A, N = self.halves
        return (2 * np.pi / self.lengths[0] * np.arange(-A, A + 1),
                2 * np.pi / self.lengths[1] * np.arange(N + 1))

    def sheet(self, grid: Grid, rows: NDArray, ends: NDArray) -> NDArray:
        """M[a, m] of rows, shape (2A + 1, N)."""
        A, N = self.halves
        n = len(grid.x)
        values = np.fft.fftshift(np.fft.fft(rows, axis=0), axes=0) / n
        have = n // 2
        keep = min(have, A)
        found = np.zeros((2 * A + 1, N + 1), dtype=complex)
        found[A - keep : A + keep + 1] = _cut(values[have - keep : have + keep + 1], N + 1)
        if not self.charge:
            q = self.waves[0].copy()
            q[A] = np.inf
            found[:, 0] *= 1j / q
        return found

    def fields(self, sheet: NDArray) -> NDArray:
        """(j_x, j_y, M) or (n,) at the pixels, shape (3 or 1, nx, ny)."""
        q_x, q_y = self.waves
        along = np.exp(1j * np.multiply.outer(self.x, q_x))
        across = np.exp(1j * np.multiply.outer(q_y, self.y)) * np.where(q_y > 0, 2.0, 1.0)[:, None]
        if self.charge:
            return np.array([(along @ sheet @ across).real])
        M, slope = along @ sheet, along @ (-1j * q_x[:, None] * sheet)
        return np.array([((M * (1j * q_y)) @ across).real, (slope @ across).real,
                         (M @ across).real])

    def whole(self, sheet: NDArray) -> NDArray:
        """Root mean squares of the magnitudes over the cell."""
        q_x, q_y = self.waves
        weight = np.abs(sheet) ** 2 * np.where(q_y > 0, 2.0, 1.0)
        if self.charge:
            return np.sqrt([np.sum(weight)])
        return np.sqrt([np.sum(weight * (q_x[:, None] ** 2 + q_y**2)), np.sum(weight)])


@dataclass(frozen=True, eq=False)
class StripSheets:
    """(M_m, -M_m′) at the pixels' x, m = 0 … N-1, and the total current, as arrays (2, nx + 1, N).

    M_0 counts from the left lead. The last row holds J_y in the place of m = 0. Of a charge, n_m
    alone, shape (1, nx, N).
    """

    period: float
    count: int
    x: NDArray
    y: NDArray
    charge: bool = False

    @property
    def harmonics(self) -> int:
        """N, of rows."""
        return self.count

    def sheet(self, grid: Grid, rows: NDArray, ends: NDArray) -> NDArray:
        """Of rows, shape (2, nx + 1, N)."""
        spline = make_interp_spline(grid.x, _cut(rows, self.count), k=_DEGREE)
        if self.charge:
            return spline(self.x)[None]
        mean = make_interp_spline(grid.x, rows[:, 0].real, k=_DEGREE)
        integral = mean.antiderivative()
        found = np.zeros((2, len(self.x) + 1, self.count), dtype=complex)
        found[0, :-1], found[1, :-1] = spline(self.x), -spline(self.x, 1)
        start = ends[0] - integral(grid.x[0])
        found[0, :-1, 0] = -(start + integral(self.x))
        found[1, :-1, 0] = mean(self.x)
        found[0, -1, 0] = start + integral(grid.x[-1]) + ends[1]
        return found

    def fields(self, sheet: NDArray) -> NDArray:
        """(j_x, j_y, M) or (n,) at the pixels, shape (3 or 1, nx, ny)."""
        q = 2 * np.pi / self.period * np.arange(self.count)
        across = np.exp(1j * np.multiply.outer(q, self.y)) * np.where(q > 0, 2.0, 1.0)[:, None]
        if self.charge:
            return (sheet @ across).real
        M, slope = sheet[:, :-1]
        return np.array([((M * (1j * q)) @ across).real, (slope @ across).real,
                         (M @ across).real])

    def whole(self, sheet: NDArray) -> NDArray:
        """Root mean squares of the magnitudes over the pixels' x and all y."""
        q = 2 * np.pi / self.period * np.arange(self.count)
        twice = np.where(q > 0, 2.0, 1.0)
        if self.charge:
            return np.sqrt([np.sum(np.abs(sheet) ** 2 * twice) / len(self.x)])
        M, slope = np.abs(sheet[:, :-1]) ** 2 * twice
        rows = len(self.x)
        return np.sqrt([np.sum(M * q**2 + slope) / rows, np.sum(M) / rows])

    def matched(
        self, sheet: NDArray, ends: tuple[float, float], reach: tuple[float, float]
    ) -> tuple[NDArray, float, NDArray]:
        """The sheet with M of both leads put in, and by how much it misses their difference.

        What it misses is spread over the reach, smoothly: in j and M at most as much as is told.
        """
        missed = float((ends[0] - ends[1]) - sheet[0, -1, 0].real)
        middle, width = (reach[0] + reach[1]) / 2, 0.35 * (reach[1] - reach[0])
        t = (self.x - middle) / width
        found = sheet.copy()
        found[0, :-1, 0] += ends[0] - missed * (1 + erf(t)) / 2
        found[1, :-1, 0] += missed * np.exp(-(t**2)) / np.sqrt(np.pi) / width
        return found, missed, np.abs([missed / width / np.sqrt(np.pi), missed])


Sheets = CellSheets | StripSheets
