"""An answer within the first radius, from a power series through the panels beside it."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.quadrature import legendre_analysis, lobatto

#: Terms of the odd series within the first radius, and how far the values are taken, in first
#: radii: what the series leaves out goes on falling as its last terms do.
ODD_TERMS, ODD_REACH = 4, 3.2
#: By how much the odd series within the first radius magnifies errors, at most.
GROWTH = 5.5


def beside_centre(edges: NDArray) -> slice:
    """The panels from which the series is taken."""
    return slice(0, max(1, int(np.sum(edges[1:] <= ODD_REACH * edges[0]))))


def from_centre(
    first: float, r: NDArray, values: NDArray, noise: float, odd: bool = True
) -> tuple[NDArray, float]:
    """Legendre coefficients on [0, r₁] of an odd or even function, from the next panels.

    Also their error: what the series leaves out, and what it makes of that of the values. So
    many terms are taken that both together are least.
    """
    n, powers = r.shape[1], 2 * np.arange(ODD_TERMS) + int(odd)
    inside = first * (1 + lobatto(n)) / 2
    there = (r.ravel()[:, None] / first) ** powers
    # Powers grow on the panels: their columns are of one size for the least squares.
    size = np.max(there, axis=0)
    found, grown = [], []
    for terms in range(1, ODD_TERMS + 1):
        some = slice(0, terms)
        inverse = np.linalg.pinv(there[:, some] / size[some])
        matrix = (inside[:, None] / first) ** powers[some] / size[some] @ inverse
        found.append(matrix @ values.ravel())
        grown.append(max(float(np.max(np.sum(np.abs(matrix), axis=1))), 1.0))
    changes = [float(np.max(np.abs(b - a))) for a, b in itertools.pairwise(found)]
    changes.append(changes[-1] * min(changes[-1] / max(changes[-2], 1e-300), 1.0))
    errors = np.array(changes) + noise * np.array(grown)
    best = int(np.argmin(errors))
    return legendre_analysis(n) @ found[best], float(errors[best])
