"""The walls, edges and regimes that claims of both engines are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import dirac1d as dd

WALLS = {
    "tanh": dd.TanhStep(-1, 1, 2.0), "sharp": dd.SharpStep(-1, 1), "skew": dd.TanhStep(-1, 2, 1.0),
    "falling": dd.ErfStep(1.0, -0.8, 1.5), "gapless": dd.TanhStep(0, 1, 1.0),
}
STEP, LARGE = dd.TanhStep(-0.5, 0.5, 1.0), dd.TanhStep(-1.8, 1.8, 1.5)
#: No potential, a step in the gap, half-metal, metal: U and ε_F.
REGIMES = (0.0, 0.3), (STEP, 0.2), (STEP, 1.2), (STEP, 1.8)


def half_plane() -> tuple[dd.Problem, NDArray, NDArray]:
    """One that ends at x = 0, T = 0; positions, and j_y there: its edge state's."""
    x = np.array([0.01, 0.1, 0.5, 1.0, 2.0])
    problem = dd.Problem(0.0, 1.0 + dd.HardWall(0.0, -1, "left"), 0.3)
    return problem, x, 0.3 / np.pi * np.exp(-2 * x)
