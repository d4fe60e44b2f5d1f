"""Potentials U(x, y), periodic in y, between flat leads at x → ∓∞."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from dirac1d.numerics.checks import finite_number, positive_number, real_array, scale_number
from dirac1d.numerics.sampled import FIT_NODES
from dirac1d.numerics.sampling import FIT_TOLERANCE, LEAD_MISSED, LEAD_REACHED
from dirac1d.numerics.values import ByContent
from dirac1d.potentials.planar import (
    _DIRECTIONS,
    _DISTANCES,
    RESOLVED,
    Planar,
    SamplingWarning,
    both_signs,
    fitted,
    is_grid,
    real_matrix,
    values_of,
)
from dirac1d.potentials.shapes import register

#: Numbers of points in y that are tried, until the harmonics of U have fallen to `FIT_TOLERANCE`.
_COUNTS = (8, 16, 32, 64, 128, 256)
#: Where they are compared with U, in periods: a wave n = 8 is a constant to 8 points.
_BETWEEN = np.mod(np.arange(1, 6) * (np.sqrt(5.0) - 1) / 2, 1.0)
#: Part of half of U's range that a wave along y has which counts.
_CARRIED = 1e-2
#: Positions at which it is looked for where U leaves its leads: 0.05 apart near 0.
_SCAN = np.unique(np.concatenate((
    np.linspace(-100.0, 100.0, 4001), *(s * np.logspace(2.0, 5.0, 61) for s in (-1, 1)))))
#: The narrowest panel over the range of x, and the largest number of panels: beyond, U(x, y) has
#: an edge in x, which no strip of finitely many harmonics can follow.
_NARROWEST, _MOST_PANELS = 1e-3, 2000
_FIRST_PANELS = 8
_T, _W = legendre.leggauss(FIT_NODES)
#: Legendre coefficients from values at Gauss nodes.
_ANALYSE = (legendre.legvander(_T, FIT_NODES - 1) * _W[:, None]).T * (
    np.arange(FIT_NODES)[:, None] + 0.5)


@register("strip")
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Strip(ByContent, Planar):
    """U(x, y) of period L in y, flat for x → ∓∞: any function of x and y.

    The function is sampled when the strip is made: on panels in x, as polynomials, and on evenly
    spaced y, as harmonics; from then on U is what was sampled. Numbers add and multiply, and strips
    of equal period add.

    Parameters
    ----------
    function : callable
        U(x, y) for arrays that broadcast.
    period : float
        L, in ħv_F/E₀.
    left, right : float
        The leads: U(x → ∓∞), the same for every y.

    Attributes
    ----------
    edges : ndarray, shape (n + 1,)
        Of the panels; U is smooth on each.
    coefficients : ndarray, shape (n, k, ny)
        Legendre coefficients in x of U(x, jL/ny), panel by panel.
    name : str
        Of the function.

    Raises
    ------
    ValueError
        If the function returns something that is not a finite real number or never reaches a lead,
        or the period is not positive.

    Warns
    -----
    SamplingWarning
        If the function has edges that harmonics and polynomials do not follow.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> strip = dd.Strip(lambda x, y: np.exp(-x**2) * np.cos(np.pi * y / 2), period=4.0)
    >>> strip.leads
    (0.0, 0.0)
    >>> np.abs(strip.harmonics([0.0], 2)).round(6)
    array([[0. , 0.5, 0. , 0.5, 0. ]])
    """

    period: float
    left: float
    right: float
    edges: NDArray
    coefficients: NDArray
    name: str = field(compare=False)

    def __init__(
        self, function: Callable[..., Any], period: float, left: float = 0.0, right: float = 0.0
    ) -> None:
        if not callable(function):
            raise ValueError(f"function must be callable, got {function!r}")
        L = positive_number("period", period)
        leads = scale_number("left", left), scale_number("right", right)
        name = getattr(function, "__qualname__", type(function).__name__)
        self._set(L, leads, *_sampled(function, L, leads), name)

    def _set(
        self, period: float, leads: tuple[float, float], edges: NDArray, coefficients: NDArray,
        name: str,
    ) -> None:
        for array in (edges, coefficients):
            array.flags.writeable = False
        for key, value in (("period", period), ("left", leads[0]), ("right", leads[1]),
                           ("edges", edges), ("coefficients", coefficients), ("name", name)):
            object.__setattr__(self, key, value)

    @classmethod
    def _of(cls, *values: Any) -> Strip:
        made = object.__new__(cls)
        made._set(*values)
        return made

    @classmethod
    def from_samples(cls, x: ArrayLike, U: ArrayLike, period: float) -> Strip:
        """A strip through samples: cubic splines in x, harmonics in y.

        Parameters
        ----------
        x : array_like, shape (n,), n ≥ 4
            Strictly increasing.
        U : array_like, shape (n, ny)
            U(x, j·period/ny). Its first and last rows are the leads, and must be flat.
        period : float

        Raises
        ------
        ValueError
            If the arrays do not match or are not finite, or the first or last row is not flat.
        """
        x, U = real_array("x", x), real_matrix("U", U)
        if len(x) < 4 or len(x) != len(U):
            raise ValueError(f"U must have a row for each of at least 4 x, got {len(U)} and "
                             f"{len(x)}")
        if np.any(np.diff(x) <= 0):
            raise ValueError("x must increase strictly")
        leads = []
        for which, row in (("first", U[0]), ("last", U[-1])):
            if np.ptp(row) > LEAD_MISSED * max(np.ptp(U), 1e-300):
                raise ValueError(f"U: its {which} row is a lead and must be flat, it goes from "
                                 f"{np.min(row):.6g} to {np.max(row):.6g}")
            leads.append(float(np.mean(row)))
        spline = CubicSpline(x, U, axis=0, bc_type="clamped")
        nodes = (x[:-1] + x[1:])[:, None] / 2 + np.diff(x)[:, None] / 2 * _T
        coefficients = np.einsum("kt,ptj->pkj", _ANALYSE[:4], spline(nodes))
        return cls._of(positive_number("period", period), (leads[0], leads[1]), x, coefficients,
                       "samples")

    def __repr__(self) -> str:
        return (f"Strip({self.name}, period={self.period:g}, left={self.left:g}, "
                f"right={self.right:g}, {len(self.coefficients)} panels x "
                f"{self.coefficients.shape[2]} points in y)")

    @property
    def leads(self) -> tuple[float, float]:
        """(U(x → -∞), U(x → +∞))."""
        return self.left, self.right

    @property
    def reach(self) -> tuple[float, float]:
        """The interval of x outside of which U is that of its leads, to rounding."""
        return float(self.edges[0]), float(self.edges[-1])

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the reach, and of the period."""
        return sum(self.reach) / 2, self.period / 2

    def _rows(self, x: NDArray, order: int = 0) -> NDArray:
        """U or its derivative by x at x of shape (n,) and the points in y, shape (n, ny)."""
        edges = self.edges
        i = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
        half = (edges[i + 1] - edges[i]) / 2
        t = np.clip((x - edges[i]) / half - 1, -1, 1)
        series = np.moveaxis(self.coefficients[i], 1, 0)
        if order:
            series = legendre.legder(series, order) / (half**order)[None, :, None]
        rows = legendre.legval(t[:, None], series, tensor=False)
        outside = [(x < edges[0], self.left), (x > edges[-1], self.right)]
        for beyond, lead in outside:
            rows = np.where(beyond[:, None], 0.0 if order else lead, rows)
        return rows

    def harmonics(self, x: ArrayLike, count: int) -> NDArray:
        """U_n(x) of U(x, y) = Σ_n U_n(x) e^{2πiny/L}, n = -count … count.

        Parameters
        ----------
        x : array_like, shape (n,)
        count : int

        Returns
        -------
        ndarray, shape (n, 2·count + 1), complex
        """
        return fitted(self._waves(np.atleast_1d(np.asarray(x, dtype=float))), count)

    def _waves(self, x: NDArray, order: int = 0) -> NDArray:
        """All harmonics, -⌊ny/2⌋ … ⌊ny/2⌋."""
        rows = self._rows(x, order)
        return both_signs(np.fft.fft(rows, axis=1) / rows.shape[1], 1)

    def _at(self, x: ArrayLike, y: ArrayLike, order: tuple[int, int]) -> NDArray:
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        shape = np.broadcast_shapes(x.shape, y.shape)
        grid = is_grid(x, y)
        if not grid:
            x, y = (np.broadcast_to(v, shape) for v in (x, y))
        places, where = np.unique(x.ravel(), return_inverse=True)
        waves = self._waves(places, order[0])
        q = 2 * np.pi / self.period * (np.arange(waves.shape[1]) - waves.shape[1] // 2)
        waves = (waves * (1j * q) ** order[1])[where]
        phases = np.exp(1j * np.multiply.outer(y.ravel(), q))
        if grid:
            return np.real(waves @ phases.T)
        return np.real(np.sum(waves * phases, axis=1)).reshape(shape)

    def __call__(self, x: ArrayLike, y: ArrayLike) -> NDArray:
        """U(x, y), broadcast; y is wrapped into the period."""
        return self._at(x, y, (0, 0))

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
        """(∂U/∂x, ∂U/∂y), broadcast."""
        return self._at(x, y, (1, 0)), self._at(x, y, (0, 1))

    @property
    def sampled_y(self) -> NDArray:
        """The points in y at which U was sampled."""
        points = self.coefficients.shape[2]
        return self.period * np.arange(points) / points

    def _scan(self) -> NDArray:
        """x that see every panel."""
        t = np.linspace(-1, 1, FIT_NODES)
        return np.unique(self.edges[:-1, None] + np.diff(self.edges)[:, None] * (1 + t) / 2)

    def extremes(self) -> tuple[float, float]:
        """Smallest and largest U, on a fine grid and in the leads."""
        points = 4 * self.coefficients.shape[2]
        y = self.period * np.arange(points)[None, :] / points
        U = self(self._scan()[:, None], y)
        return (min(float(np.min(U)), *self.leads), max(float(np.max(U)), *self.leads))

    def far_range(self) -> tuple[float, float]:
        """Smallest and largest lead. They decide the regime."""
        return min(self.leads), max(self.leads)

    def largest_drop(self, distance: float) -> float:
        """The largest |U(r) - U(r′)| within `distance`, of directions and distances on a grid."""
        points = 2 * self.coefficients.shape[2] + 1
        x = np.concatenate((self._scan(), self.edges[0] - distance * np.linspace(0, 1, 9)))
        y = self.period * np.arange(points) / points
        U, best = self(x[:, None], y[None, :]), 0.0
        for angle in np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS:
            for part in np.arange(1, _DISTANCES + 1) / _DISTANCES:
                dx, dy = part * distance * np.cos(angle), part * distance * np.sin(angle)
                for sign in (-1, 1):
                    shifted = self((x + sign * dx)[:, None], (y + sign * dy)[None, :])
                    best = max(best, float(np.max(np.abs(shifted - U))))
        return best

    @property
    def length_scale(self) -> float:
        """Range of U over its steepest slope."""
        low, high = self.extremes()
        slopes = self.gradient(self._scan()[:, None], self.sampled_y[None, :])
        steepest = float(np.max(np.hypot(*slopes)))
        return (high - low) / steepest if steepest > 0 else np.inf

    @property
    def largest_wave(self) -> float:
        """The largest wave number along y that carries `_CARRIED` of half of U's range, or 0."""
        low, high = self.extremes()
        return self.largest_wave_above(_CARRIED * (high - low) / 2)

    def largest_wave_above(self, size: float) -> float:
        """The largest wave number along y of an amplitude |U_n(x)| of that size, and not 0."""
        sizes = self.wave_sizes
        n = 1 + np.flatnonzero((sizes > 0) & (sizes >= size))
        return float(2 * np.pi / self.period * np.max(n, initial=0))

    @property
    def wave_sizes(self) -> NDArray:
        """The largest |U_n(x)| for n = 1, 2, …: as many as there are."""
        count = self.coefficients.shape[2] // 2
        return np.max(np.abs(self.harmonics(self._scan(), count)), axis=0)[count + 1 :]

    def window(self, around: float) -> tuple[float, float]:
        """Positions x that show it, and `around` on either side."""
        return self.edges[0] - around, self.edges[-1] + around

    def summary(self) -> str:
        """A few words on where U goes."""
        return f"a strip of period {self.period:g}, from {self.left:g} to {self.right:g}"

    def _times(self, factor: float, shift: float) -> Strip:
        coefficients = factor * self.coefficients
        coefficients[:, 0] += shift
        leads = tuple(factor * lead + shift for lead in self.leads)
        return Strip._of(self.period, leads, self.edges.copy(), coefficients, self.name)

    def __add__(self, other: object) -> Any:
        if np.isscalar(other) and not isinstance(other, str):
            return self._times(1.0, finite_number("number", other))
        if not isinstance(other, Strip) or not np.isclose(self.period, other.period, rtol=1e-12):
            raise ValueError(f"a strip adds to another of the same period only, got {other!r}")
        edges = np.union1d(self.edges, other.edges)
        x = edges[:-1, None] + np.diff(edges)[:, None] * (1 + _T) / 2
        points = max(s.coefficients.shape[2] for s in (self, other)) + 1
        y = self.period * np.arange(points) / points
        rows = x.reshape(-1, 1)
        U = (self(rows, y) + other(rows, y)).reshape(*x.shape, points)
        leads = (self.left + other.left, self.right + other.right)
        return Strip._of(self.period, leads, edges, np.einsum("kt,ptj->pkj", _ANALYSE, U),
                         f"{self.name} + {other.name}")

    def __mul__(self, factor: object) -> Any:
        if isinstance(factor, str) or not np.isscalar(factor):
            return NotImplemented
        return self._times(finite_number("factor", factor), 0.0)

    __rmul__ = __mul__

    def description(self) -> dict[str, Any]:
        """Panels, coefficients, period and leads."""
        return {"function": self.name, "period": self.period, "left": self.left,
                "right": self.right, "edges": self.edges.tolist(),
                "coefficients": self.coefficients.tolist()}

    @classmethod
    def from_description(cls, values: Mapping[str, Any]) -> Strip:
        """The inverse of `description`."""
        keys = ("function", "period", "left", "right", "edges", "coefficients")
        for key in (*keys, *values):
            if key not in values or key not in keys:
                what = "needs the key" if key in keys else "has no key"
                raise ValueError(f"potential: shape 'strip' {what} {key!r}")
        try:
            coefficients = np.array(values["coefficients"], dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError("potential: coefficients must be numbers") from error
        edges = real_array("edges", values["edges"])
        if coefficients.ndim != 3 or len(coefficients) != len(edges) - 1 or (
            not np.all(np.isfinite(coefficients)) or np.any(np.diff(edges) <= 0)
        ):
            raise ValueError("potential: edges must increase, with coefficients for each panel")
        leads = scale_number("left", values["left"]), scale_number("right", values["right"])
        return cls._of(positive_number("period", values["period"]), leads, edges, coefficients,
                       str(values["function"]))


def _sampled(
    function: Callable[..., Any], L: float, leads: tuple[float, float]
) -> tuple[NDArray, NDArray]:
    """Edges and coefficients of a function between its leads."""
    y = L * np.arange(_COUNTS[2]) / _COUNTS[2]
    scan = values_of(function, _SCAN[:, None], y[None, :])
    size = max(float(np.ptp(scan)), abs(leads[1] - leads[0]), 1e-3 * float(np.max(np.abs(scan))))
    a, b = _reach(scan, leads, size)
    if size == 0.0:
        return np.array([a, b]), np.full((1, 2, 1), [[leads[0]], [0.0]])
    inside = _SCAN[np.searchsorted(_SCAN, a) : np.searchsorted(_SCAN, b, side="right")]
    points, left_out = _points(function, L, inside[:: max(len(inside) // 200, 1)], size)
    y = L * np.arange(points) / points
    edges, coefficients, rough = _bisected(function, y, (a, b), size)
    missed = max(left_out, rough) / size
    if missed > RESOLVED:
        warnings.warn(f"function has edges: polynomials in x and {points} points in y miss "
                      f"{missed:.1g} of its range", SamplingWarning, stacklevel=4)
    return edges, coefficients


def _reach(scan: NDArray, leads: tuple[float, float], size: float) -> tuple[float, float]:
    """Where U first and last differs from its leads; refused if it does to the very end."""
    ends = []
    for name, lead, order in (("left", leads[0], 1), ("right", leads[1], -1)):
        off = np.max(np.abs(scan - lead), axis=1)[::order] > LEAD_REACHED * size
        first = int(np.argmax(off)) if np.any(off) else len(off) // 2
        if off[0] and np.max(np.abs(scan[::order][0] - lead)) > LEAD_MISSED * size:
            row = scan[::order][0]
            value = row[int(np.argmax(np.abs(row - lead)))]
            raise ValueError(f"{name} = {lead:g} is a lead that the potential never reaches: "
                             f"U({_SCAN[::order][0]:g}, y) = {value:.9g}")
        ends.append(float(_SCAN[::order][max(first - 2, 0)]))
    a, b = ends
    return (a, b) if a < b else (b - 1.0, a + 1.0)


def _points(
    function: Callable[..., Any], L: float, x: NDArray, size: float
) -> tuple[int, float]:
    """How many points in y carry all harmonics of U, and the largest that is left out."""
    between = values_of(function, x[:, None], L * _BETWEEN[None, :])
    for points in _COUNTS:
        U = values_of(function, x[:, None], L * np.arange(points)[None, :] / points)
        spectrum, last = np.fft.fft(U, axis=1) / points, points // 2
        left_out = float(np.max(np.abs(spectrum[:, last + 1 - max(points // 8, 2) : last + 1])))
        phases = np.exp(2j * np.pi * np.multiply.outer(np.arange(-last, last + 1), _BETWEEN))
        found = np.real(both_signs(spectrum, 1) @ phases)
        left_out = max(left_out, float(np.max(np.abs(found - between))))
        if left_out <= FIT_TOLERANCE * size:
            break
    return points, left_out


def _bisected(
    function: Callable[..., Any], y: NDArray, ends: tuple[float, float], size: float
) -> tuple[NDArray, NDArray, float]:
    """Edges and coefficients of panels in x on which U is a polynomial; what the worst misses."""
    start, rough = np.linspace(*ends, _FIRST_PANELS + 1), 0.0
    done: list[tuple[float, float, NDArray]] = []
    a, b = start[:-1], start[1:]
    while len(a):
        x = a[:, None] + (b - a)[:, None] * (1 + _T) / 2
        U = values_of(function, x.reshape(-1, 1), y[None, :]).reshape(*x.shape, len(y))
        series = np.einsum("kt,ptj->pkj", _ANALYSE, U)
        left_out = np.max(np.abs(series[:, -3:]), axis=(1, 2))
        narrow = b - a <= _NARROWEST * (ends[1] - ends[0])
        good = (left_out <= FIT_TOLERANCE * size) | narrow | (len(done) + len(a) > _MOST_PANELS)
        rough = max(rough, float(np.max(left_out[good], initial=0.0)))
        done += list(zip(a[good], b[good], series[good], strict=True))
        a, b = a[~good], b[~good]
        middle = (a + b) / 2
        a, b = np.concatenate((a, middle)), np.concatenate((middle, b))
    done.sort(key=lambda panel: panel[0])
    return (np.array([done[0][0], *(panel[1] for panel in done)]),
            np.array([panel[2] for panel in done]), rough)
