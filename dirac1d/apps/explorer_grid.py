"""Where the explorer computes j_y: curves without corners, and what of them sets a scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.apps.explorer_view import REACH
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile

#: Even points of j_y(x): twenty to the shortest Friedel oscillation that the sliders allow. More of
#: them where U varies on a short length or jumps.
POINTS, CLOSE = 801, 161


def positions(problem: Problem) -> NDArray:
    """Positions that show j_y without corners: even ones, closer where U varies, and at jumps."""
    even, U = np.linspace(-REACH, REACH, POINTS), problem.potential
    close = [even]
    if U.length_scale < REACH / 4 and not problem.jumps:
        middle = getattr(U, "position", 0.0)
        close.append(middle + 8 * U.length_scale * np.linspace(-1, 1, CLOSE))
    for b, _ in problem.jumps:
        beside = np.geomspace(1e-4, 1.0, CLOSE // 2)
        close += [b - beside, b + beside]
    x = np.unique(np.concatenate(close))
    # Not closer than matters: rounding makes neighbours of equal positions.
    x = x[np.concatenate(([True], np.diff(x) > 1e-9))]
    x = x[np.abs(x) <= REACH]
    return x[x >= 0] if problem.circular else x


def beside_jumps(problem: Problem, profile: Profile) -> NDArray:
    """j_y where it is not the logarithm at a jump that is large."""
    far = np.isfinite(profile.j_y)
    for b, _ in problem.jumps:
        far &= np.abs(profile.x - b) > 0.01 * REACH
    return profile.j_y[far]
