"""The chart of one angular momentum whose path begins between the levels around ε_F."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Between:
    """The chart of one j whose energy begins at ε_F + shift, with no level within `room`."""

    shift: float
    room: float

    def reach(self, top: float) -> float:
        """A: ω = Ω is room·sinh(A)."""
        return float(np.arcsinh(top / self.room))

    def nodes(self, top: float, digits: float) -> int:
        """How many leave out so many digits: the poles are π/A of the half length away."""
        return int(np.ceil(digits * np.log(10) / (2 * np.arcsinh(np.pi / self.reach(top)))))
