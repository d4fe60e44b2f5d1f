"""Where the Fermi energy cuts a band: the part of the zone or of the plane that holds all pockets.

Band edges are found by sampling and zooming, so that no pocket is overlooked for being small: a
continuum's box shrinks to its pockets, and a lattice's pocket between two lines is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import scales
from .models import TwoBandModel

__all__ = ["LINES", "LINE_SAMPLES", "Frame", "fermi_frame"]

Array = NDArray[np.float64]
Map = Callable[[Array, Array], tuple[Array, Array]]

# Samples of a line, and number of lines, in the search for Fermi points.
LINE_SAMPLES = 400
LINES = 200
# Lines are cut at least into pieces of this many momentum scales: H(k) varies over one of them,
# and the rule converges to ~1e-11 across two (measured on Dirac models up to E_F = 20 mass).
PIECE = 2.0
# Search for the box of a continuum Fermi sea: up to this many momentum scales.
LARGEST_POCKET = 200.0
SMALLEST_RADIUS = 1e-3
POCKET_MARGIN = 0.05
END_SAMPLES = 3
# Band edges that are looked at, and zooms by 1/2 towards each (to 1e-14 of a sample).
EDGES = 8
ZOOMS = 46
# Points per side of the grid on which the box is shrunk, until it shrinks by less than a fifth.
BOX_GRID = 101
BOX_SHRINKS = 60
BOX_SETTLED = 0.8


@dataclass(frozen=True, eq=False)
class Frame:
    """The unit square of (u, v) onto momenta around all pockets.

    Attributes
    ----------
    to_momenta : callable (u, v) -> (kx, ky)
    jacobian : float
        Area in momenta.
    pieces : int
        Pieces of a line v = const that are as short as H(k) needs.
    pocket : float
        Momentum that the radius of the smallest pocket exceeds.
    """

    to_momenta: Map
    jacobian: float
    pieces: int
    pocket: float


def fermi_frame(model: TwoBandModel, q: float, fermi_energy: float) -> Frame | None:
    """Frame of the pockets at k - q/2 and k + q/2, q along x; None if no band is cut.

    Raises
    ------
    ValueError
        For a continuum Fermi sea that does not end within 200 momentum scales, or a pocket that
        is too small beside the zone or its fellows.
    """
    def depth(kx: Array, ky: Array) -> Array:  # positive inside of a pocket
        H = model.values(kx, ky)
        length = np.sqrt((H[1:] ** 2).sum(0))
        return np.maximum(fermi_energy - (H[0] + length), H[0] - length - fermi_energy)

    if model.lattice is not None:
        frame = _zone(model)
        u, v = np.meshgrid(*2 * [np.arange(LINE_SAMPLES) / LINE_SAMPLES], indexing="ij")
        edges = _band_edges(lambda u, v: depth(*frame.to_momenta(u, v)), u, v, 1 / LINE_SAMPLES)
    else:
        found = _plane(model, depth, q, fermi_energy)
        if found is None:
            return None
        frame, edges = found
    inside = edges[depth(*frame.to_momenta(*edges.T)) > 0]
    if not len(inside):
        return None
    for u, v in inside:
        neighbours = depth(*frame.to_momenta(np.array([u, u]), v + np.array([-1, 1]) / LINES))
        if not (neighbours > 0).any():
            k = [float(part) for part in frame.to_momenta(u, v)]
            raise ValueError(
                f"fermi_energy = {fermi_energy!r}: the pocket of {model.name!r} at k = "
                f"({k[0]:.6g}, {k[1]:.6g}) is too small to be integrated over (below 1/{LINES} of "
                "the zone or of the region of all pockets); choose an energy further from the edge")
    return frame


def _zone(model: TwoBandModel) -> Frame:
    b = scales.reciprocal(model.lattice)
    return Frame(lambda u, v: (b[0, 0] * u + b[0, 1] * v, b[1, 0] * u + b[1, 1] * v),
                 abs(np.linalg.det(b)), int(np.ceil(np.hypot(*b[:, 0]) / (PIECE * model.scale))),
                 float(np.hypot(*b[:, 1])) / LINES)


def _band_edges(depth: Map, u: Array, v: Array, step: float) -> Array:
    """Places (n, 2) of the largest local maxima of depth, from a periodic grid of samples."""
    values = depth(u, v)
    around = [np.roll(values, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    peaks = np.flatnonzero(values == np.max(around, axis=0))
    peaks = peaks[np.argsort(values.ravel()[peaks])[-EDGES:]]
    centres = np.stack([u.ravel()[peaks], v.ravel()[peaks]], axis=1)
    return _zoomed(depth, centres, np.full(len(peaks), step))


def _zoomed(depth: Map, centres: Array, steps: Array) -> Array:
    offsets = np.stack(np.meshgrid(*2 * [np.linspace(-1, 1, 5)]), axis=-1).reshape(-1, 2)
    for zoom in range(ZOOMS):
        places = centres[:, None] + (steps * 0.5**zoom)[:, None, None] * offsets
        best = depth(places[..., 0], places[..., 1]).argmax(1)
        centres = places[np.arange(len(centres)), best]
    return centres


def _plane(model: TwoBandModel, depth: Map, q: float, fermi_energy: float
           ) -> tuple[Frame, Array] | None:
    phi = 2 * np.pi * np.arange(LINE_SAMPLES) / LINE_SAMPLES
    radii = model.scale * np.concatenate(
        [[0], np.geomspace(SMALLEST_RADIUS, LARGEST_POCKET, LINE_SAMPLES)])
    kx, ky = np.outer(radii, np.cos(phi)), np.outer(radii, np.sin(phi))
    values = depth(kx, ky)
    if (values[-1] > 0).any():
        raise ValueError(f"fermi_energy = {fermi_energy!r}: the Fermi sea of {model.name!r} does "
                         f"not end within {LARGEST_POCKET:g} momentum scales")
    best = np.argsort(values, axis=None)[-EDGES:]
    spacing = np.maximum(np.gradient(radii), radii * phi[1])[best // len(phi)]
    edges = _zoomed(depth, np.stack([kx.ravel()[best], ky.ravel()[best]], 1), spacing)
    edges = edges[depth(*edges.T) > 0]
    if not len(edges):
        return None
    inside = np.concatenate([np.stack([kx[values > 0], ky[values > 0]], 1), edges])
    reach = max(float(np.hypot(*inside.T).max()) * (radii[3] / radii[2]), float(radii[1]))
    low, high = np.full(2, -reach), np.full(2, reach)
    for _ in range(BOX_SHRINKS):
        x, y = (np.linspace(a, b, BOX_GRID) for a, b in zip(low, high, strict=True))
        cells = np.array(np.nonzero(depth(*np.meshgrid(x, y, indexing="ij")) > 0)).T
        inside = np.concatenate([np.stack([x[cells[:, 0]], y[cells[:, 1]]], 1), edges])
        margin = (high - low) / (BOX_GRID - 1)
        new = np.maximum(low, inside.min(0) - margin), np.minimum(high, inside.max(0) + margin)
        settled = np.all(new[1] - new[0] > BOX_SETTLED * (high - low))
        low, high = new
        if settled:
            break
    low, high = low - POCKET_MARGIN * (high - low), high + POCKET_MARGIN * (high - low)
    size = float(np.min(high - low))
    # a dip is seen between samples on both sides of it: some beyond the pockets' ends
    start, height = low[0] - q / 2, high[1] - low[1]
    beyond = END_SAMPLES / LINE_SAMPLES * (high[0] - low[0] + q)
    start, width = start - beyond, high[0] - low[0] + q + 2 * beyond
    frame = Frame(lambda u, v: (start + width * u, low[1] + height * v), width * height,
                  int(np.ceil(width / (PIECE * model.scale))), size / 2)
    return frame, np.stack([(edges[:, 0] - start) / width, (edges[:, 1] - low[1]) / height], 1)
