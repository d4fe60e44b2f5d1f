"""Evenly spaced positions x of a strip or a cell, and U's harmonics there and at the steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Grid:
    """Where S is marched through, and where it is looked at.

    Attributes
    ----------
    shape : Strip or Cell
        U(x, y).
    x : ndarray, shape (n,)
        Positions, evenly spaced; of a cell one period.
    inner : slice
        The positions between which U differs from the leads; all of a cell.
    per_position : int
        Steps from one position to the next.
    change : Grid, optional
        The same of δ, where the mass varies: see `masses`.
    """

    shape: Any
    x: NDArray
    inner: slice
    per_position: int
    change: Grid | None = None

    def of_mass(self, change: Any) -> Grid:
        """With a change δ of the mass; the same where there is none."""
        return self if change is None else replace(self, change=replace(self, shape=change))

    def divided(self, factor: int) -> Grid:
        """With so many steps for one."""
        change = None if self.change is None else self.change.divided(factor)
        return replace(self, per_position=self.per_position * factor, change=change)

    @property
    def period(self) -> float:
        """L, in y."""
        return float(self.shape.period)

    @property
    def leads(self) -> tuple[float, float] | None:
        """U in both leads of a strip."""
        return getattr(self.shape, "leads", None)

    @property
    def ends(self) -> list[tuple[float, float]]:
        """U and δ where a march begins from the left, and from the right: leads, or means."""
        U = self.leads or (self.mean, self.mean)
        change = (0.0, 0.0) if self.change is None else self.change.leads or (0.0, 0.0)
        return list(zip(U, change, strict=True))

    @property
    def spacing(self) -> float:
        """Between positions."""
        if self.leads is None:
            return float(self.shape.lengths[0]) / len(self.x)
        return float(self.x[1] - self.x[0])

    @property
    def h(self) -> float:
        """Step."""
        return self.spacing / self.per_position

    @property
    def waves(self) -> NDArray:
        """Wave numbers q_x of the positions, in the order of FFTs."""
        return 2 * np.pi * np.fft.fftfreq(len(self.x), self.spacing)

    @cached_property
    def extremes(self) -> tuple[float, float]:
        """Smallest and largest U."""
        low, high = self.shape.extremes()
        return float(low), float(high)

    @cached_property
    def mean(self) -> float:
        """The mean of U over a cell."""
        return float(self.shape.mean)

    def beyond(self, of_right: bool) -> tuple[slice, NDArray]:
        """Positions in a lead, and their distances from its end."""
        where = slice(self.inner.stop, None) if of_right else slice(0, self.inner.start)
        end = self.x[self.inner.stop - 1] if of_right else self.x[self.inner.start]
        return where, np.abs(self.x[where] - end)

    def steps_of(self, count: int) -> NDArray:
        """U_n at all steps of the inner positions, n = -count … count."""
        known = self.__dict__.setdefault("_steps", {})
        if count not in known:
            n = len(self.x[self.inner])
            steps = n * self.per_position if self.leads is None else (n - 1) * self.per_position + 1
            at = self.x[self.inner.start] + self.h * np.arange(steps)
            known[count] = self.shape.harmonics(at, count)
        return known[count]

    def sources(self, count: int) -> NDArray:
        """FFTs of -∂_xU_0 and of U_m, m = 1 … count - 1, shape (n, count)."""
        known = self.__dict__.setdefault("_sources", {})
        if count not in known:
            U = np.fft.fft(self.shape.harmonics(self.x, count - 1)[:, count - 1 :], axis=0)
            if self.leads is None:
                U[:, 0] *= -1j * self.waves
            else:
                points = self.shape.coefficients.shape[2]
                y = self.period * np.arange(points)[None, :] / points
                slope = np.mean(self.shape.gradient(self.x[:, None], y)[0], axis=1)
                U[:, 0] = -np.fft.fft(slope)
            known[count] = U
        return known[count]

    def respond_in_charge(
        self, kernel: NDArray, uniform: float, fermi_energy: float
    ) -> NDArray:
        """Linear response with a kernel n_q/V_q of shape (n, N): rows as a node's.

        `uniform` is the kernel at q = 0; what q adds answers to ∂_xU, which leads do not have.
        """
        count = kernel.shape[1]
        known = self.__dict__.setdefault("_charges", {})
        if count not in known:
            V = self.shape.harmonics(self.x, count - 1)[:, count - 1 :]
            known[count] = V[:, 0].real, np.fft.fft(V, axis=0)
        mean, waves = known[count]
        q = np.where(self.waves == 0, 1.0, self.waves)
        beyond = np.where(self.waves == 0, 0.0, (kernel[:, 0] - uniform) / (1j * q))
        # sources holds -∂_xU of m = 0.
        found = np.fft.ifft(kernel * waves, axis=0)
        found[:, 0] = uniform * (mean - fermi_energy) + np.fft.ifft(
            -beyond * self.sources(count)[:, 0])
        return found

    def respond(self, kernel: NDArray) -> NDArray:
        """Linear response with a kernel M_q/U_q of shape (n, N): rows as a node's."""
        return np.fft.ifft(kernel * self.sources(kernel.shape[1]), axis=0)


def cell_grid(shape: Any, spacing: float, h: float) -> Grid:
    """A period, at most `spacing` apart, with steps of h at most; an odd number of positions."""
    n = int(np.ceil(shape.lengths[0] / spacing)) // 2 * 2 + 1
    x = shape.lengths[0] / n * np.arange(n)
    return Grid(shape, x, slice(0, n), int(np.ceil(x[1] / h)))


def strip_grid(
    shape: Any, reach: tuple[float, float], spacing: float, h: float, pad: float,
    window: tuple[float, float],
) -> Grid:
    """The reach of a strip, `pad` of both leads, and whatever else `window` holds."""
    a, b = reach
    count = max(int(np.ceil((b - a) / spacing)), 1)
    step = (b - a) / count
    before = 1 + int(np.ceil((max(a - window[0], 0.0) + pad) / step))
    after = 1 + int(np.ceil((max(window[1] - b, 0.0) + pad) / step))
    x = a + step * np.arange(-before, count + after + 1)
    return Grid(shape, x, slice(before, before + count + 1), int(np.ceil(step / h)))
