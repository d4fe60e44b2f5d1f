"""The largest change of U over a distance, of which the scale of the current is made."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

#: Part of the potential's range below which its approach to the leads is not looked at.
_SUPPORT_TOLERANCE = 1e-9
#: Points to a period at which a periodic potential is looked at for its range and its drops.
_PERIOD_POINTS = 720


def largest_step_drop(potential: Any, distance: float) -> float:
    """max_x |U(x + distance/2) - U(x - distance/2)| of a potential with leads."""
    half = distance / 2
    left, right = potential.left, potential.right
    # 1e-6/distance: a step of which nothing is seen over the distance has no support to look at.
    size = max(abs(right - left), abs(left), abs(right), 1e-6 / distance)
    a, b = potential.support(max(_SUPPORT_TOLERANCE * size, 1e-300))
    if distance > b - a:  # all of it lies between: one of both positions is in a lead
        low, high = extremes(potential)
        return max(abs(U - lead) for U in (low, high) for lead in (left, right))
    grid = _centres(a, b, half, potential)

    def drop(x: float | NDArray) -> Any:
        # Just inside a jump at x ± half: the supremum over x, not the mean at the jump.
        return np.abs(potential(x + half) - potential(x - half))

    values = drop(grid)
    best = float(np.max(values, initial=0.0))
    for i in np.argsort(values)[-3:]:
        lo, hi = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
        if hi > lo:
            refined = minimize_scalar(
                lambda x: -float(drop(x)), bounds=(lo, hi), method="bounded",
                options={"xatol": 1e-9 * (hi - lo)},
            )
            best = max(best, -float(refined.fun))
    return best


def largest_magnitude(potential: Any, low: float, high: float) -> float:
    """max |U(x)| between two positions (of which either may be infinite)."""
    return max(map(abs, extremes(potential, low, high)))


def extremes(potential: Any, low: float = -np.inf, high: float = np.inf) -> tuple[float, float]:
    """Smallest and largest U between two positions (of which either may be infinite)."""
    size = max(abs(potential.left), abs(potential.right), 1e-300)
    a, b = potential.support(max(_SUPPORT_TOLERANCE * size, 1e-300))
    leads = (low == -np.inf, potential.left), (high == np.inf, potential.right)
    ends = [U for open_, U in leads if open_]
    a, b = np.clip([a, b], low, high)
    count = int(np.clip(40 * (b - a) / potential.length_scale, 401, 20001))
    grid = np.linspace(a, b, count)
    breaks = [q for q in potential.breakpoints if low <= q <= high]
    sides = [side for q in breaks for side in potential.limits(q)]
    values = potential(grid)
    known = [*ends, *sides, *values.tolist()]
    found = []
    for sign in (1, -1):
        best, i = min(sign * U for U in known), int(np.argmin(sign * values))
        lo, hi = grid[max(i - 1, 0)], grid[min(i + 1, count - 1)]
        if hi > lo:
            lowest = minimize_scalar(
                lambda x, s=sign: s * float(potential(x)), bounds=(lo, hi), method="bounded",
                options={"xatol": 1e-9 * (hi - lo)},
            )
            best = min(best, float(lowest.fun))
        found.append(sign * best)
    return found[0], found[1]


def _centres(a: float, b: float, half: float, potential: Any) -> NDArray:
    """Centres x at which |U(x+half) - U(x-half)| is looked at: uniform, and every breakpoint."""
    # Enough points to see the steepest slope: 20 to the finer of the two lengths, at most 20,001.
    finest = min(half, potential.length_scale)
    count = int(np.clip(20 * (b - a + 4 * half) / finest, 401, 20001))
    uniform = np.linspace(a - 2 * half, b + 2 * half, count)
    breaks = np.asarray(potential.breakpoints, dtype=float)
    if len(breaks) > 2000:
        breaks = breaks[:: len(breaks) // 1000]
    # A hair off the breakpoints: at a jump U is the mean of both sides, the supremum is beside it.
    hair = 1e-9 * half
    near = [breaks + s * half + d * hair for s in (-1, 0, 1) for d in (-1, 0, 1)]
    return np.unique(np.concatenate((uniform, [(a + b) / 2], *near)))


def one_period(potential: Any) -> NDArray:
    """U at evenly spaced points of a period."""
    return potential(potential.period * np.arange(_PERIOD_POINTS) / _PERIOD_POINTS)


def largest_periodic_drop(potential: Any, distance: float) -> float:
    """The largest |U(x) - U(x′)| of a periodic U for |x - x′| ≤ distance."""
    period = potential.period
    x = period * np.arange(_PERIOD_POINTS) / _PERIOD_POINTS
    # Up to half a period: by then the other half of the differences repeats. In 32 steps the
    # maximum of a smooth U is met to 1e-3, and this is a scale.
    shifts = np.linspace(0.0, min(distance, period / 2), 33)[1:]
    U = potential(x)
    return max(float(np.max(np.abs(potential(x + s) - U))) for s in shifts)
