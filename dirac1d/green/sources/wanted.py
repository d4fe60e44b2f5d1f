"""What is wanted beside the positions: how close to jumps, and where waves show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.green.sources.step.panels import panel_of
from dirac1d.green.sources.wall.mesh import WallMesh

#: Width of the panels that touch a jump over the distance of the nearest position, and over the
#: length on which all varies, at most.
OF_DISTANCE, OF_LENGTH = 0.3, 0.25
#: Least width where positions come closer, over the one that is safe for integrals.
LEAST = 1e-3
#: Parts of a panel for each position on it up to which it is cut as a whole.
EACH = 3

AnyMesh = TypeVar("AnyMesh", Mesh, WallMesh)


@dataclass(frozen=True)
class Wanted:
    """What is wanted.

    Attributes
    ----------
    between : bool
        Integrals between any two points, so that the whole strip is to be known; else values at the
        positions alone.
    kinks_diverge : bool
        What is infinite at a jump of U′ as at one of U.
    momentum : float
        p_y, if it is one only: waves are turned round at that one's turning points.
    """

    between: bool = True
    kinks_diverge: bool = False
    momentum: float = 0.0

    def at(self, x: NDArray, mesh: Mesh | WallMesh) -> NDArray | None:
        """The positions if values there are all that is wanted, but for infinite ones at jumps."""
        if self.between:
            return None
        at_jump = mesh.at_jump[panel_of(mesh.edges, x)] != 0
        return x[~(at_jump & self.kinks_diverge)]

    def widths(
        self, jumps: Iterable[tuple[float, float]], x: NDArray, near: float, length: float
    ) -> dict[float, float]:
        """Widths of the panels that touch some jumps, by their positions.

        Parameters
        ----------
        jumps : iterable of (float, float)
            Positions and heights.
        x : ndarray
            Where answers are wanted.
        near : float
            Width that is safe for integrals.
        length : float
            On which all varies.
        """
        found = {}
        for q, _ in jumps:
            distance = float(np.min(np.abs(x - q)))
            known = self.between or distance == 0
            width = np.clip(OF_DISTANCE * distance, LEAST * near, OF_LENGTH * length)
            found[q] = near if known else float(width)
        return found

    def cut(self, mesh: AnyMesh, shown: NDArray, marched: NDArray, x: NDArray) -> AnyMesh:
        """The mesh with panels so short that they carry waves where they show.

        Parameters
        ----------
        mesh : Mesh or WallMesh
        shown, marched : ndarray, shape (panels,)
            Parts of a panel on which waves show, and of one that is only marched through.
        x : ndarray
            Where answers are wanted. Where they are few, a part about each will do.
        """
        if self.between:
            seen = np.zeros(len(shown), dtype=bool)
            seen[mesh.visible] = True
            return mesh.split(np.where(seen, shown, marched).astype(int))
        panel = panel_of(mesh.edges, x)
        held = np.bincount(panel, minlength=len(shown))
        whole = (held > 0) & ((shown <= EACH * held) | (mesh.at_jump != 0))
        single = ~whole[panel]
        x, panel = x[single], panel[single]
        half = (mesh.widths / shown)[panel] / 2
        ends = np.concatenate((x - half, x + half))
        low, high = np.tile(mesh.edges[panel], 2), np.tile(mesh.edges[panel + 1], 2)
        parts = np.where(whole, shown, marched).astype(int)
        return mesh.split(parts).cut(ends[(ends > low) & (ends < high)])


#: A profile of j_y, other densities, and one of the charge.
PROFILE, VALUES = Wanted(), Wanted(between=False)
CHARGE = Wanted(between=False, kinks_diverge=True)
