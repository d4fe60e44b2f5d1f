"""Eq. (15) on circles: where U(r) curves its lines of stopping points, and what curvature adds.

In the gap the smooth law j_φ = -(e/2h)∂_r c(ε_F - U) misses terms of second order in 1/width; the
first of them is that of M = -(e/2h)(U + ∇²U/12Δ²), whose U'/r is the curvature's own. Around a hill
that electrons cannot climb j^ε is concentrated on the circle U(r) = ε - Δ, with the Airy function's
width; the same U of a straight line tells what the curvature adds.

    python validation/claims/circles.py [--quick]
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d.exact import airy_edge_spectral_current, airy_length

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

#: Radii over the width.
T = np.linspace(0.1, 2.2, 15)
WIDTHS = 4.0, 8.0
HEIGHT, SMALL = -0.5, -0.05
#: A hill, the energy of electrons that are stopped by it, and its widths.
HILL, ENERGY, HILLS = 1.0, 1.3, (8.0, 16.0, 32.0)
#: Distances from the circle of stopping points, in x₀.
NEAR = np.linspace(-2.0, 1.2, 17)
RTOL = 1e-6


@cache
def _missed(width: float, height: float) -> tuple[float, ...]:
    problem = dd.Problem(dd.GaussianDot(height, width))
    r = T * width
    profile = dd.current_density(problem, r, rtol=RTOL)
    return tuple(profile.j_phi - dd.exact.smooth_limit_current(problem, r))


@claim("15", "in the gap the smooth law's error on a circle falls as width⁻²: the order's distance "
       "from 2, widths 4 and 8", "green", 0.15)
def smooth_law() -> tuple[float, str]:
    # Relative to the current, which falls as 1/width.
    wide, narrow = (w * float(np.max(np.abs(_missed(w, HEIGHT)))) for w in WIDTHS[::-1])
    order = float(np.log(narrow / wide) / np.log(WIDTHS[1] / WIDTHS[0]))
    return abs(order - 2), f"order {order:.2f}"


@claim("15", "its first correction is -(e/2h)∂_r∇²U/12Δ², curvature's U'/r included (relative, "
       "width 8, weak)", "green", 0.05)
def second_order() -> tuple[float, str]:
    w = WIDTHS[1]
    u, r = SMALL * np.exp(-(T**2)), T * w
    # U = h e^{-r²/w²}: U'/r = -2U/w², ∇²U = (4r²/w⁴ - 4/w²)U.
    slope = (8 * r / w**4 - 2 * r / w**2 * (4 * r**2 / w**4 - 4 / w**2)) * u
    found, bent = np.array(_missed(w, SMALL)), -slope / (48 * np.pi)
    straight = bent + (4 * r / w**4) * u / (48 * np.pi)  # without ∂_r(U'/r) = 4rU/w⁴
    size = np.max(np.abs(found))
    alone = np.max(np.abs(found - straight)) / size
    return float(np.max(np.abs(found - bent)) / size), f"{alone:.2f} without curvature"


def stopping(width: float) -> tuple[float, float, float]:
    """Radius, slope of U and Airy length of the circle U(r) = ε - Δ."""
    r = width * float(np.sqrt(np.log(HILL / (ENERGY - 1))))
    F = 2 * r / width**2 * (ENERGY - 1)
    return r, F, float(airy_length(F, 1.0))


@cache
def _spectral(width: float) -> tuple[NDArray, NDArray, NDArray]:
    """j^ε beside the circle: around it, on a straight line, and Airy's, over the latter's peak."""
    radius, F, x0 = stopping(width)
    r = radius + NEAR[::-1] * -x0
    round_, straight = (
        np.asarray(dd.energy_resolved_current(dd.Problem(U), r, ENERGY, rtol=1e-5))
        for U in (dd.GaussianDot(HILL, width), dd.GaussianBump(HILL, width))
    )
    airy = np.asarray(airy_edge_spectral_current(radius - r, F, 1.0))
    peak = np.max(np.abs(airy))
    return round_ / peak, straight / peak, airy / peak


def order(values: list[float]) -> float:
    """The order in 1/width of what three widths give."""
    return float(-np.polyfit(np.log(HILLS), np.log(values), 1)[0])


@claim("15, 16", "j^ε lies on the circle U(r) = ε - Δ, with Airy's width (of the peak, width 32)",
       "green", 0.12)
def airy_circle() -> tuple[float, str]:
    # j_φ is -j^ε of the airy formula where U falls outwards.
    apart = [float(np.max(np.abs(round_ + airy))) for round_, _, airy in map(_spectral, HILLS)]
    return apart[-1], f"{apart[0]:.2f} at width 8: order {order(apart):.2f} in 1/width"


@claim("15, 16", "curvature changes j^ε in first order of x₀/r, width^(-2/3): the order's distance "
       "from 2/3", "green", 0.15)
def curvature() -> tuple[float, str]:
    apart = [float(np.max(np.abs(round_ - line))) for round_, line, _ in map(_spectral, HILLS)]
    found = order(apart)
    return abs(found - 2 / 3), f"order {found:.2f}; {apart[-1]:.3f} of the peak at width 32"


if __name__ == "__main__":
    sys.exit(main(__doc__))
