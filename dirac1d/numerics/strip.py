"""A function of x as Legendre series on panels, with what its integrals miss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.special import xlogy

from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.values import ByContent, extent

#: Part of the absolute integral of an error indicator that does not cancel by its signs.
CANCELLATION = 0.02


@dataclass(frozen=True, eq=False, repr=False)
class Strip(ByContent):
    """j_y(x) as Legendre series on panels, and logarithms at their ends.

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
    logs : ndarray, shape (n, 2, 2), optional
        Coefficients of ln z and z ln z, z the distance from the left and from the right end of a
        panel over its width: at a jump of U.
    additive : ndarray, shape (n,), optional
        Part of `error` that adds up along a panel, in proportion to what is integrated of it: the
        rest changes its sign as the indicators do, but not within a piece as short as that part of
        the panel. Where it is 1 any piece of a panel may carry the whole error. By default the
        indicators are errors beside `error`.
    independent : ndarray, shape (n,), optional
        The like of each panel's own: these parts add up from panel to panel like errors, by their
        squares.
    """

    edges: NDArray
    coefficients: NDArray
    error: NDArray
    tails: tuple[Estimate, Estimate] | None = None
    indicators: tuple[NDArray, ...] = ()
    logs: NDArray | None = None
    additive: NDArray | None = None
    independent: NDArray | None = None

    def __repr__(self) -> str:
        return f"Strip({len(self.coefficients)} panels, x from {extent(self.edges)})"

    def to_arrays(self) -> dict[str, NDArray]:
        """What is stored of it, by names in a file."""
        arrays = {
            "strip_edges": self.edges, "strip_coefficients": self.coefficients,
            "strip_error": self.error,
        }
        if self.tails is not None:
            arrays["strip_tails"] = np.array([list(t) for t in self.tails])
        if self.logs is not None:
            arrays["strip_logs"] = self.logs
        if self.additive is not None:
            arrays["strip_additive"] = self.additive
        if self.independent is not None:
            arrays["strip_independent"] = self.independent
        if self.indicators:
            arrays["strip_indicators"] = np.array(self.indicators)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray]) -> Strip | None:
        """The inverse of `to_arrays`; None if there is no strip among the arrays."""
        if "strip_edges" not in arrays:
            return None
        tails = None
        if "strip_tails" in arrays:
            left, right = (Estimate(*row) for row in arrays["strip_tails"])
            tails = (left, right)
        return cls(
            arrays["strip_edges"], arrays["strip_coefficients"], arrays["strip_error"], tails,
            tuple(arrays.get("strip_indicators", ())), arrays.get("strip_logs"),
            arrays.get("strip_additive"), arrays.get("strip_independent"),
        )

    def at(self, x: NDArray) -> tuple[NDArray, NDArray]:
        """j_y at positions within the strip, and the mean bound of its error on their panels."""
        panel = np.clip(
            np.searchsorted(self.edges, x, side="right") - 1, 0, len(self.edges) - 2
        )
        a, width = self.edges[panel], np.diff(self.edges)[panel]
        t = 2 * (x - a) / width - 1
        values = legendre.legval(t, self.coefficients[panel].T, tensor=False)
        if self.logs is not None:
            for end, distance in enumerate((x - a, self.edges[panel + 1] - x)):
                own = np.flatnonzero(np.any(self.logs[panel, end], axis=-1))
                z = np.maximum(distance[own] / width[own], 0.0)
                S, B = self.logs[panel[own], end].T
                values[own] += xlogy(S, z) + B * xlogy(z, z)
        return values, self.error[panel] / width

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
        if self.logs is not None:
            value += float(np.sum(self._logarithms(lo, hi)))
        signed = 0.0
        for indicator in self.indicators:
            pieces = self._pieces(indicator, lo, hi)
            signed += abs(float(np.sum(pieces))) + CANCELLATION * float(np.sum(np.abs(pieces)))
        left, right = self.edges[:-1], self.edges[1:]
        touched = (right > lo) & (left < hi)
        bound = float(np.sum(self.error[touched]))
        if self.additive is None:
            return Estimate(value, error + signed + bound)
        part = (np.minimum(right, hi) - np.maximum(left, lo)) / (right - left)
        independent = 0.0 if self.independent is None else self.independent
        share = self.additive + independent
        # What changes its sign along a panel need not do so within a piece of it.
        piece = np.where(part < 1, np.minimum(part, share * (1 + part)), share)
        adding = self.error * np.where(self.additive < 1, piece, 1.0) * touched
        own = adding * independent / np.maximum(share, 1e-300)
        together = float(np.sum(adding - own) + np.sqrt(np.sum(own**2)))
        return Estimate(value, error + min(bound, signed + together))

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

    def _logarithms(self, lo: float, hi: float) -> NDArray:
        """Integrals of the logarithms over the parts of the panels between lo and hi."""
        a, b = self.edges[:-1], self.edges[1:]
        start, stop = (np.clip((x - a) / (b - a), 0.0, 1.0) for x in (lo, hi))
        total = np.zeros(len(a))
        for end, (z0, z1) in enumerate(((start, stop), (1 - stop, 1 - start))):
            for power, coefficient in enumerate(self.logs[:, end].T, start=1):
                # ∫ z^(k-1) ln z dz = (z^k ln z)/k - z^k/k²
                first, last = (
                    xlogy(z**power, z) / power - z**power / power**2 for z in (z0, z1)
                )
                total += coefficient * (last - first)
        return (b - a) * total
