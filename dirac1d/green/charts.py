r"""Charts of the contour: (ω, p) and the Jacobian as functions of two parameters.

Parameters (u, v) ∈ [0, 1]², T = 0:

gap     R = S√(1-u²)/u, (ω, p) = R (cos πv/2, sin πv/2): even in u, and about both ends of v
ray     ρ = S(1-u)/u, q = ρ v, ω = ρ²(1-v²)/(e+ρ): a band edge scales as ω ~ q²; even in v
offset  R = S u²/(1-u), (ω, q) = R (cos, sin), p = p₁ + q e^{±iα}: square roots at R → 0
first, second, upper: the strip 0 < p < p₁ (see `_strip`); waves from afar live at ω → 0

At low T > 0 the first 64 frequencies are summed, on one path of p, and the charts above give the
integral from there on (ω + ω_c for ω):

low     p = p₁ + q e^{∓iα}, q = S v/(1-v) or, if p₁ > 0, S v²/(1-v);   low column  p = p₁(1-v²)

At higher T the sum over ω_n is the integral up to exp(-d/T), where real p is so large that ω can
move by d before it meets a state. From such a p_c on there is the chart

fan     R = S u²/(1-u), (ω, p - p_c) = R (cos, sin), p real

and below it a range of frequencies times a path of p that bends off the real axis and comes back:

bow     p = p₁ + (p_c - p₁) (v ± iv(1-v²) tan α)
column  p = p₁(1-v)

The line charts are paths of p alone, at a fixed real energy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Frame:
    """What the charts need to know of a problem.

    Attributes
    ----------
    mass, fermi_energy, temperature : float
    kind : str
        "gap", "ray" or "offset".
    direction : complex
        dp/dq on the rotated part of the path.
    pivot : float
        p₁, where the path leaves the real axis.
    scale, edge : float
        S and e of the charts.
    cut : float
        p_c, at T > 0.
    reach : float
        The longest way of a wave from where it is made to where it is seen: e^{-2ωd/v}.
    floor : float
        ω_c, where the sum over frequencies ends and the integral begins; 0: there is no such.
    nearest : float
        Smallest |ε_F - U| in units of |Δ|, in the ray's frame.
    """

    mass: float
    fermi_energy: float
    temperature: float
    kind: str
    direction: complex
    pivot: float
    scale: float
    edge: float
    cut: float = 0.0
    reach: float = 0.0
    floor: float = 0.0
    nearest: float = 0.0

    @property
    def waves(self) -> bool:
        """Whether the Fermi energy lies in a band somewhere; only then p leaves the real axis."""
        return self.direction.imag != 0

    @property
    def step(self) -> float:
        """2πT, between neighbouring frequencies."""
        return 2 * np.pi * self.temperature

    @property
    def largest_momentum(self) -> float:
        """√(e² - Δ²), the largest local Fermi momentum; 0 where there is none."""
        return float(np.sqrt(max(self.edge**2 - self.mass**2, 0.0)))


def _gap(frame: Frame, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    R = frame.scale * np.sqrt((1 - u) * (1 + u)) / u
    angle = np.pi / 2 * v
    jacobian = frame.scale**2 / u**3 * np.pi / 2 * np.ones_like(v)
    return R * np.cos(angle), R * np.sin(angle) + 0j, jacobian


def _ray(frame: Frame, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    rho, e = frame.scale * (1 - u) / u, frame.edge
    rest = (1 - v) * (1 + v)
    area = rho**2 / (e + rho) * (rest * (2 * e + rho) / (e + rho) + 2 * v**2)
    return (
        rho**2 * rest / (e + rho),
        frame.direction * rho * v,
        frame.direction * area * frame.scale / u**2,
    )


def _offset(frame: Frame, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    R = frame.scale * u**2 / (1 - u)
    slope = frame.scale * u * (2 - u) / (1 - u) ** 2
    angle = np.pi / 2 * v
    jacobian = frame.direction * R * slope * np.pi / 2 * np.ones_like(v)
    return R * np.cos(angle), frame.pivot + frame.direction * R * np.sin(angle), jacobian


def _strip(chart: str) -> Callable[[Frame, NDArray, NDArray], tuple[NDArray, NDArray, NDArray]]:
    """Charts of 0 < δ = p₁ - p < p₁: two triangles with their apex at the pivot, and ω > p₁."""

    def chart_of(frame: Frame, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        h = frame.pivot
        if chart == "upper":
            omega, delta = h / u + 0 * v, h * v + 0 * u
            jacobian = h * h / u**2 + 0 * v
        else:
            long = h * u**2 + 0 * v
            if chart == "first":
                omega, delta, jacobian = long * v**2, long, 4 * h * h * u**3 * v
            else:
                omega, delta, jacobian = long, long * v, 2 * h * h * u**3 + 0 * v
        return omega, h - delta + 0j, jacobian

    return chart_of


def _line(frame: Frame, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    if frame.kind == "offset":
        q = frame.scale * v**2 / (1 - v)
        slope = frame.scale * v * (2 - v) / (1 - v) ** 2
    else:
        q, slope = frame.scale * v / (1 - v), frame.scale / (1 - v) ** 2
    return 0 * u, frame.pivot + frame.direction * q, frame.direction * slope


def _line_column(frame: Frame, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    return 0 * u, frame.pivot * (1 - v) * (1 + v) + 0j, 2 * frame.pivot * v


def _frequency(frame: Frame, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    slope = frame.scale * u * (2 - u) / (1 - u) ** 2
    return frame.scale * u**2 / (1 - u), frame.pivot + 0 * v + 0j, slope


def _fan(frame: Frame, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    scale, angle = fan_scale(frame), np.pi / 2 * v
    R = scale * u**2 / (1 - u)
    jacobian = R * scale * u * (2 - u) / (1 - u) ** 2 * np.pi / 2 * np.ones_like(v)
    return R * np.cos(angle), frame.cut + R * np.sin(angle) + 0j, jacobian


def _bow(frame: Frame, omega: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    length, turn = frame.cut - frame.pivot, 1j * frame.direction.imag / frame.direction.real
    p = frame.pivot + length * (v + turn * v * (1 - v**2))
    return omega, p, length * (1 + turn * (1 - 3 * v**2))


def _column(frame: Frame, omega: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    return omega, frame.pivot * (1 - v) + 0j, frame.pivot * np.ones_like(v)


def _low(frame: Frame, omega: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    return omega, *_line(frame, omega, v)[1:]


def _low_column(frame: Frame, omega: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    return omega, *_line_column(frame, omega, v)[1:]


def _at_momentum(frame: Frame, omega: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    return omega, frame.pivot + 0 * v + 0j, np.ones_like(v)


def fan_scale(frame: Frame) -> float:
    """S of the fan."""
    return max(frame.scale, frame.cut)


CHARTS = {
    "gap": _gap,
    "ray": _ray,
    "offset": _offset,
    "first": _strip("first"),
    "second": _strip("second"),
    "upper": _strip("upper"),
    "fan": _fan,
    "line": _line,
    "line column": _line_column,
    "frequency": _frequency,
}
HOT_CHARTS = {
    "low": _low, "low column": _low_column, "bow": _bow, "column": _column,
    "frequency": _at_momentum,
}
