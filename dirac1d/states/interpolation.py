"""From values on the sites of the two sublattices to any position."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from dirac1d.states.chain import Chain
from dirac1d.states.settings import Claim


def interpolate(
    chain: Chain, breaks: tuple[float, ...], site_values: NDArray, query: NDArray,
    stencil: int = Claim.stencil,
) -> NDArray:
    """Σ over both sublattices of the values carried from the sites to the query points.

    Local polynomials through `stencil` sites of one sublattice that do not reach across a
    breakpoint of U, in the coordinate in which the sites are equidistant: near a jump, where
    j_y ~ ln|x| and the sites crowd, j_y is smooth in that one.
    """
    smooth = chain.coordinate or (lambda x: x)
    total = np.zeros(len(query))
    borders = np.array([-np.inf, *breaks, np.inf])
    for parity in (0, 1):
        sites, values = chain.x[parity::2], site_values[parity::2]
        for lo, hi in itertools.pairwise(borders):
            # The site on the breakpoint itself feels both spacings: it is left out, and j_y there
            # is the mean of what both sides say.
            own = (sites > lo) & (sites < hi)
            share = np.where((query > lo) & (query < hi), 1.0, 0.0)
            share[(query == lo) | (query == hi)] = 0.5
            inside = share > 0
            if np.any(inside):
                total[inside] += share[inside] * _local_polynomial(
                    smooth(sites[own]), values[own], smooth(query[inside]), stencil
                )
    return total


def _local_polynomial(x: NDArray, y: NDArray, query: NDArray, stencil: int) -> NDArray:
    """Barycentric interpolation through the sites nearest to each query point."""
    width = min(stencil, len(x))
    first = np.clip(np.searchsorted(x, query) - width // 2, 0, len(x) - width)
    index = first[:, None] + np.arange(width)
    nodes = x[index]
    span = nodes[:, -1:] - nodes[:, :1] if width > 1 else np.ones((len(query), 1))
    differences = (nodes[:, :, None] - nodes[:, None, :]) / span[:, :, None] * 4
    differences[:, np.arange(width), np.arange(width)] = 1.0
    weights = 1 / np.prod(differences, axis=2)
    gap = query[:, None] - nodes
    hit = gap == 0
    gap[hit] = 1.0
    weights = np.where(np.any(hit, axis=1)[:, None], hit, weights / gap)
    return np.sum(weights * y[index], axis=1) / np.sum(weights, axis=1)
