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
#: Nodes of integrals beyond the last harmonic that its edge reaches.
_TAIL = 12


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

    def square(self, p: NDArray) -> tuple[NDArray, NDArray]:
        """w² and p dw²/dp."""
        w = self(p)
        return w**2, 2 * w * self.slope(p)

    def left_out(self, step: float, odd: bool, extra: float = 0.0) -> tuple[NDArray, NDArray]:
        """Nodes and weights of ∫dp/2π over what it leaves out: up to P + extra, and beyond.

        Up to there they are the harmonics, `step` apart: with p = 0 if their number is `odd`, else
        halfway, as grids of Bloch momenta are.
        """
        last = int(np.ceil((self.cutoff + extra) / step)) + 1
        p = step * (np.arange(-last, last + 1) if odd else np.arange(-last, last) + 0.5)
        t, weights = np.polynomial.legendre.leggauss(_TAIL)
        end, s = p[-1] + step / 2, (1 + t) / 2
        tail, rest = end / s, weights / 2 * end / s**2
        p = p[np.abs(p) > self.edge * self.cutoff - extra]
        return (np.concatenate((p, tail, -tail)),
                np.concatenate((np.full(len(p), step), rest, rest)) / (2 * np.pi))

    def _fallen(self, part: NDArray) -> NDArray:
        """From 0 where it begins to fall to 1 at P, away from both."""
        return np.clip((part - self.edge) / (1 - self.edge), 0.01, 0.99)
