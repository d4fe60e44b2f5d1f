"""The smooth end of the harmonics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Where the window begins to fall, over P: a narrow edge is felt as the Bloch momentum moves, and
#: from 0.8 on eight times as much as from here.
EDGE = 0.65
#: The same where the mass varies too: a product of waves feels the edge where one does not.
WIDE_EDGE = 0.5


@dataclass(frozen=True)
class Window:
    """What is left of U at p: 1 up to a part of P, 0 from P on, infinitely smooth.

    Attributes
    ----------
    cutoff : float
        P.
    edge : float
        Where it begins to fall, over P.
    """

    cutoff: float
    edge: float = EDGE

    def __call__(self, p: NDArray) -> NDArray:
        """w(p)."""
        part = np.abs(p) / self.cutoff
        t = self._fallen(part)
        rise = 1 / (1 + np.exp(1 / (1 - t) - 1 / t))
        inside = np.where(part <= self.edge, 1.0, rise)
        return np.where(part >= 1, 0.0, inside)

    def slope(self, p: NDArray) -> NDArray:
        """p dw/dp."""
        part, w = np.abs(p) / self.cutoff, self(p)
        t = self._fallen(part)
        return -w * (1 - w) * (1 / (1 - t) ** 2 + 1 / t**2) * part / (1 - self.edge)

    def _fallen(self, part: NDArray) -> NDArray:
        """From 0 where it begins to fall to 1 at P, away from both."""
        return np.clip((part - self.edge) / (1 - self.edge), 0.01, 0.99)
