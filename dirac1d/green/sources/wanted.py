"""What is wanted beside the positions: how close to jumps an answer must be known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Width of the panels that touch a jump over the distance of the nearest position, and over the
#: length on which all varies, at most.
OF_DISTANCE, OF_LENGTH = 0.3, 0.25
#: Least width where positions come closer, over the one that is safe for integrals.
CLOSEST = 1e-3


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
        found = {q: near for q, _ in jumps}
        if self.between:
            return found
        for q in found:
            distance = float(np.min(np.abs(x - q)))
            if distance > 0:  # not at the jump itself
                width = np.clip(OF_DISTANCE * distance, CLOSEST * near, OF_LENGTH * length)
                found[q] = float(width)
        return found


#: A profile of j_y, other densities, and one of the charge.
PROFILE, VALUES = Wanted(), Wanted(between=False)
CHARGE = Wanted(between=False, kinks_diverge=True)
