"""Both reflection variables of ±j, from the regular and the decaying solution."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Start
from dirac1d.green.sources.circle.march import FORGOTTEN
from dirac1d.green.sources.circle.solution import ROUNDING
from dirac1d.green.sources.ring.coefficients import coefficients
from dirac1d.green.sources.ring.ends import outer_start, regular_start
from dirac1d.green.sources.wall.coefficients import Coefficients, swapped
from dirac1d.green.sources.wall.march import marched
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wall.slow import Slow, slow_solutions
from dirac1d.green.sources.wall.solution import WallSolution


def solve(
    mesh: WallMesh, gap: float, E: NDArray, j: NDArray, tolerance: float, start: Start,
    felt: float = 0.0,
) -> WallSolution:
    """Both reflection variables for ±j, j > 0, at energies E; shapes (B,). `gap` is the unit."""
    # What is left of an equation near r = 0 is divided by r there, and by it once more in the sum.
    tolerance = max(tolerance * min(gap * mesh.edges[0], 1.0) ** 2, ROUNDING)
    c = coefficients(mesh, gap, E, j, tolerance, start, felt)
    slow = slow_solutions(c)
    begin, failed = regular_start(c, np.concatenate((E, E)), felt)
    # Of a smooth column the deviation is handed on: it has digits that s has not.
    begin = np.where(c.smooth[0], begin, swapped(c.s0)[0, 0] + begin)
    left, base_left, out = marched(c, slow, 0, begin)
    right, base_right, back = marched(c, slow, 1, _outside(c, slow))
    out.failed[0] |= bool(np.any(failed))
    left_out, half = np.maximum(out.left_out, back.left_out), c.half
    return WallSolution(
        c, slow, left, right, base_left, base_right,
        np.maximum(left_out[:, :half], left_out[:, half:]),
        slow.failed | out.failed | back.failed,
    )


def _outside(c: Coefficients, slow: Slow) -> NDArray:
    """s_R less its base at the last node.

    It is the slow solution where the start is forgotten across the last panel, or unknown.
    """
    first = outer_start(c) - np.where(c.smooth[-1], c.s0[-1, -1], 0)
    forgotten = slow.phase[-1, -1].real > FORGOTTEN
    slowly = c.smooth[-1] & (forgotten | ~np.isfinite(first))
    return np.where(slowly, slow.a[-1, -1], first)
