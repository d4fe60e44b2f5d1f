"""Values from Legendre series on panels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def panel_of(edges: NDArray, x: NDArray) -> NDArray:
    """Number of the panel that holds each position, the first or last one beyond the edges."""
    return np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)


def on_panels(edges: NDArray, coefficients: NDArray, x: NDArray) -> NDArray:
    """The series at positions within the edges, shape of x."""
    panel = panel_of(edges, x)
    t = 2 * (x - edges[panel]) / np.diff(edges)[panel] - 1
    return np.polynomial.legendre.legval(t, coefficients[panel].T, tensor=False)
