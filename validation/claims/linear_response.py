"""Linear response of insulator and metal against both engines, and what lies beyond it.

In the gap j_y is odd in the height h of a step about ε_F, so the first correction is of third
order; in a metal it is of second order. Heights h and h/2 (in a metal also -h) take the leading
correction out; its size is measured first.

    python validation/claims/linear_response.py [--quick]
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d.exact import linear_response_current

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

#: Positions over the width plus half a Compton length.
T = np.linspace(-2, 2, 9)
WIDTHS = (0.1, 1.0, 10.0)
#: Step height: its cubic correction is near 1e-4 of j₀, far above the engine's error.
HEIGHT = 0.2
RTOL = 1e-10
METAL_ENERGY, METAL_HEIGHT, METAL_RTOL = 1.5, 0.05, 1e-7


def step(width: float, height: float, fermi_energy: float = 0.0) -> dd.Problem:
    return dd.Problem(dd.TanhStep(-height / 2, height / 2, width), 1.0, fermi_energy)


def positions(width: float) -> NDArray:
    return T * (width + 0.5)


@cache
def _green(width: float, height: float, fermi_energy: float, rtol: float) -> tuple[float, ...]:
    problem = step(width, height, fermi_energy)
    return tuple(dd.current_density(problem, positions(width), rtol=rtol).j_y)


def conductance(width: float, height: float, fermi_energy: float = 0.0) -> NDArray:
    """j_y/h of engine "green"."""
    rtol = RTOL if fermi_energy == 0 else METAL_RTOL
    return np.array(_green(width, height, fermi_energy, rtol)) / height


@cache
def _linear(width: float, fermi_energy: float) -> tuple[float, ...]:
    problem = step(width, 1e-3, fermi_energy)
    return tuple(linear_response_current(problem, positions(width)) / 1e-3)


def linear(width: float, fermi_energy: float = 0.0) -> NDArray:
    """Linear response j_y/h."""
    return np.array(_linear(width, fermi_energy))


def gap_without_cubic(width: float) -> float:
    """What is left after h² has been extrapolated away, over the peak."""
    a, b = (conductance(width, h) for h in (HEIGHT, HEIGHT / 2))
    exact = linear(width)
    return float(np.max(np.abs((4 * b - a) / 3 - exact)) / np.max(np.abs(exact)))


@claim("K5", "gap: kernel ΔE₁(2Δ|x|), tanh steps of widths 0.1, 1, 10 (cubic correction taken "
       "out; relative to the peak)", "green", 2e-6)
def gap():
    rest = [gap_without_cubic(w) for w in WIDTHS]
    return max(rest), "widths 0.1, 1, 10: " + ", ".join(f"{r:.1e}" for r in rest)


@claim("", "gap: first correction is cubic in the height (|order of j_y/h - linear - 2|)", "green",
       0.02)
def gap_order():
    orders, sizes = [], []
    for width in WIDTHS:
        exact = linear(width)
        a, b = (conductance(width, h) - exact for h in (HEIGHT, HEIGHT / 2))
        i = np.argmax(np.abs(a))
        orders.append(np.log2(a[i] / b[i]))
        sizes.append(np.max(np.abs(a)) / HEIGHT**2 / np.max(np.abs(exact)))
    return float(np.max(np.abs(np.array(orders) - 2))), (
        "size/(h/Δ)²: " + ", ".join(f"{s:.1e}" for s in sizes))


@claim("", "metal, ε_F = 1.5Δ: kernel with Friedel oscillations, width 0.5 (second and third order "
       "taken out; relative to the peak)", "green", 1e-5)
def metal():
    def odd(h: float) -> NDArray:
        return (conductance(0.5, h, METAL_ENERGY) + conductance(0.5, -h, METAL_ENERGY)) / 2

    exact = linear(0.5, METAL_ENERGY)
    rest = (4 * odd(METAL_HEIGHT / 2) - odd(METAL_HEIGHT)) / 3 - exact
    return float(np.max(np.abs(rest)) / np.max(np.abs(exact)))


@claim("", "metal: first correction is quadratic in the height (|order of j_y/h - linear - 1|)",
       "green", 0.1)
def metal_order():
    exact = linear(0.5, METAL_ENERGY)
    a, b = (conductance(0.5, h, METAL_ENERGY) - exact for h in (METAL_HEIGHT, METAL_HEIGHT / 2))
    size = np.max(np.abs(a)) / METAL_HEIGHT / np.max(np.abs(exact))
    return abs(float(np.log2(np.linalg.norm(a) / np.linalg.norm(b))) - 1), (
        f"size {size:.2f} h/Δ of the peak")


@claim("K5", "gap: kernel ΔE₁(2Δ|x|), widths 0.1 and 1, height 0.02Δ (relative to j₀, at its rtol)",
       "states", 1e-4, speed="quick")
def gap_lattice():
    worst = 0.0
    for width in (0.1, 1.0):
        problem = step(width, 0.02)
        found = dd.current_density(problem, positions(width), engine="states", rtol=1e-4).j_y
        exact = linear_response_current(problem, positions(width))
        worst = max(worst, float(np.max(np.abs(found - exact))) / problem.current_scale)
    return worst


@claim("K5", "gap: the same for width 10", "states", 1e-4, speed="full")
def wide_gap_lattice():
    problem, x = step(10.0, 0.02), positions(10.0)
    found = dd.current_density(problem, x, engine="states", rtol=1e-4).j_y
    return float(np.max(np.abs(found - linear_response_current(problem, x)))
                 / problem.current_scale)


@claim("", "metal: ε_F = 1.5Δ, width 0.5, height ±0.05Δ, even orders taken out (relative to j₀)",
       "states", 2e-3, speed="full")
def metal_lattice():
    x, found = positions(0.5), []
    for height in (METAL_HEIGHT, -METAL_HEIGHT):
        problem = step(0.5, height, METAL_ENERGY)
        profile = dd.current_density(problem, x, engine="states", rtol=1e-3)
        found.append(profile.j_y / height)
    off = np.max(np.abs(np.mean(found, axis=0) - linear(0.5, METAL_ENERGY)))
    return float(off) * METAL_HEIGHT / step(0.5, METAL_HEIGHT, METAL_ENERGY).current_scale


@claim("", "sharp step: j_y = -(hΔ/4π) ln(1/|x|) + const (coefficient over hΔ/4π, less 1)", "green",
       1e-6, speed="fast")
def logarithm():
    h, x = 0.7, np.array([1e-8, 1e-7, 1e-6])
    found = dd.current_density(dd.Problem(dd.SharpStep(-h / 2, h / 2), 1.0), x).j_y
    slopes = np.diff(found) / np.diff(np.log(x)) * 4 * np.pi / h
    return float(np.max(np.abs(slopes - 1)))


@claim("", "sharp step, 1e-3 < x < 1e-2: coefficient of ln|x| over hΔ/4π, less 1, E₁'s own "
       "regular part taken out", "states", 1e-2, speed="full")
def logarithm_lattice():
    h, x = 0.2, np.array([1e-3, 1e-2])
    problem = dd.Problem(dd.SharpStep(-h / 2, h / 2), 1.0)
    found = dd.current_density(problem, x, engine="states", rtol=1e-3).j_y * 4 * np.pi / h
    # -E₁(2x) = γ + ln 2x - 2x + ...
    return abs(float((np.diff(found) + 2 * np.diff(x))[0]) / np.log(x[1] / x[0]) - 1)


if __name__ == "__main__":
    sys.exit(main(__doc__))
