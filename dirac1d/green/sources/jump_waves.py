r"""What a jump of U reflects of a density of states: it falls as 1/p only where it is reflected.

To first order in a jump by h the other side adds, at a distance d on one side of it,

.. math:: δ\,\mathrm{tr}\,G = ±h\frac{M^2}{2κ^3}e^{-2κd}, \qquad κ^2 = M^2 - E'^2,

+ below the jump. At a real energy and with masses M_B² = M² + B² that have no states there this is
real for every real p: of a density of states it is nothing, at d → 0 too. Along a path that leaves
the real axis its integral has no imaginary part either, at any d > 0; at d = 0 the path would have
to be closed at infinity, so there it must be taken away.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Positions and heights.
Jumps = tuple[tuple[float, float], ...]


def jump_waves(
    jumps: Jumps, x: NDArray, E: NDArray, kappa: NDArray, B: float
) -> NDArray:
    """The first order of jumps, at nodes x of shape (P, n) with E', κ of shape (n, P, N).

    B is a mass beyond all |E'|.
    """
    far = np.sqrt(kappa**2 + B**2)
    size = (far**2 + E**2) / (2 * far**3)
    places, middle = x.T[:, :, None], x[:, x.shape[1] // 2]
    total = np.zeros_like(size)
    for position, height in jumps:
        side = np.sign(position - middle)[:, None]
        total += side * height * size * np.exp(-2 * far * np.abs(places - position))
    return total
