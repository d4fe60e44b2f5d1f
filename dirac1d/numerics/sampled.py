"""A function as Legendre series on panels: what is left of a user's function once it is sampled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.values import ByContent

#: Nodes of the Legendre fit on each panel: smooth functions need few panels of this order.
FIT_NODES = 16


@dataclass(frozen=True, eq=False)
class SampledFunction(ByContent):
    """A function as Legendre series on panels between its leads, with its jumps and kinks.

    Attributes
    ----------
    left, right : float
        Its values outside of the panels.
    edges : ndarray, shape (n + 1,)
    coefficients : ndarray, shape (n, k)
    breakpoints : tuple of float
        Edges at which it jumps or has a kink.
    """

    left: float
    right: float
    edges: NDArray
    coefficients: NDArray
    breakpoints: tuple[float, ...]

    @cached_property
    def length_scale(self) -> float:
        """Range of U over its steepest slope between breakpoints."""
        grid = np.linspace(-1, 1, FIT_NODES)
        slopes = self._slopes(grid)
        values = legendre.legval(grid, self.coefficients.T)
        steepest = np.max(np.abs(slopes), initial=0.0)
        # Slopes that the whole strip cannot turn into a change of U are rounding: jumps only.
        change = steepest * (self.edges[-1] - self.edges[0])
        return float(np.ptp(values) / steepest) if change > 1e-9 * np.ptp(values) else np.inf

    def narrow_runs(self, part: float) -> tuple[float, ...]:
        """Ends of runs of panels narrower than this part of the whole, and of each one's least."""
        widths = np.diff(self.edges)
        narrow = np.concatenate(([False], widths < part * np.sum(widths), [False]))
        starts, stops = (np.flatnonzero(np.diff(narrow.astype(int)) == s) for s in (1, -1))
        found: set[float] = set()
        for a, b in zip(starts, stops, strict=True):
            least = a + int(np.argmin(widths[a:b]))
            found |= set(self.edges[[a, least, least + 1, b]].tolist())
        return tuple(sorted(found))

    def _slopes(self, t: NDArray) -> NDArray:
        slopes = legendre.legval(t, legendre.legder(self.coefficients.T))
        return slopes * 2 / np.diff(self.edges)[:, None]

    def evaluate(self, x: ArrayLike) -> NDArray:
        """U(x); at a breakpoint the mean of both sides."""
        x = np.asarray(x, dtype=float)
        i = np.clip(np.searchsorted(self.edges, x, side="right") - 1, 0, len(self.edges) - 2)
        a, b = self.edges[i], self.edges[i + 1]
        t = np.clip((2 * x - a - b) / (b - a), -1, 1)
        values = legendre.legval(t, np.moveaxis(self.coefficients[i], -1, 0), tensor=False)
        values = np.where(x < self.edges[0], self.left, values)
        values = np.where(x > self.edges[-1], self.right, values)
        breaks = np.asarray(self.breakpoints)
        if breaks.size:
            j = np.minimum(np.searchsorted(breaks, x), breaks.size - 1)
            values = np.where(x == breaks[j], self._means[j], values)
        return values

    @cached_property
    def _means(self) -> NDArray:
        return np.array([np.mean(self.limits(b)) for b in self.breakpoints])

    def limits(self, x: float) -> tuple[float, float]:
        """(U(x - 0), U(x + 0)) from the fits on both sides."""
        # A breakpoint may have been named that lies beyond the panels, in a lead.
        for beyond, lead in ((x < self.edges[0], self.left), (x > self.edges[-1], self.right)):
            if beyond:
                return lead, lead
        if x not in self.breakpoints:
            value = float(self.evaluate(x))
            return value, value
        i = int(np.searchsorted(self.edges, x))
        below = self.left if i == 0 else float(legendre.legval(1.0, self.coefficients[i - 1]))
        last = i == len(self.edges) - 1
        above = self.right if last else float(legendre.legval(-1.0, self.coefficients[i]))
        return below, above

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x) from the fits: the mean of both sides at an edge, 0 outside."""
        x = np.asarray(x, dtype=float)
        total = np.zeros(x.shape)
        for side in ("left", "right"):
            i = np.searchsorted(self.edges, x, side=side) - 1
            inside = (i >= 0) & (i < len(self.edges) - 1)
            i = np.clip(i, 0, len(self.edges) - 2)
            a, b = self.edges[i], self.edges[i + 1]
            t = np.clip((2 * x - a - b) / (b - a), -1, 1)
            series = np.moveaxis(self.coefficients[i], -1, 0)
            slope = legendre.legval(t, legendre.legder(series), tensor=False)
            total += np.where(inside, slope * 2 / (b - a), 0.0)
        return total / 2

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U - lead| ≤ tolerance, resolved to a panel."""
        values = legendre.legval(np.linspace(-1, 1, FIT_NODES), self.coefficients.T)
        off_left = np.flatnonzero(np.max(np.abs(values - self.left), axis=1) > tolerance)
        off_right = np.flatnonzero(np.max(np.abs(values - self.right), axis=1) > tolerance)
        first = self.edges[off_left[0]] if len(off_left) else self.edges[-1]
        last = self.edges[off_right[-1] + 1] if len(off_right) else self.edges[0]
        return (float(first), float(last)) if first <= last else (float(last), float(last))
