"""j_φ of a circle whose mass varies as a source of the integrator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Sample
from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.solution import CURRENT, Asked
from dirac1d.green.sources.circle.source import OnRadii
from dirac1d.green.sources.ring.reference import RingReference
from dirac1d.green.sources.ring.solution import solve
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wall.solution import WallSolution
from dirac1d.numerics.quadrature import last_coefficients


@dataclass(frozen=True, eq=False)
class RingSource(OnRadii):
    """(1/r) Σ_± [tr σ_φG - reference] on the panels of a mesh, or what else is asked for."""

    mesh: WallMesh
    gap: float
    reference: RingReference
    settings: Settings
    asked: Asked = CURRENT
    felt: float = 0.0

    def sample(self, points: tuple[NDArray, ...], tolerance: float) -> Sample:
        """The integrand at (E, j)."""
        E, j = points
        found = solve(self.mesh, self.gap, E, j, tolerance, self.settings.start, self.felt)
        trace = self._asked(found, E, j, True)
        values = trace.swapaxes(0, 1).reshape(self.layout.cut, -1).T
        # Waves are known at every node; whether nodes carry their sum is seen in the answer.
        lost = found.lost.copy()
        slowly = last_coefficients(self._asked(found.slowly(), E, j, False).real)
        lost /= self.mesh.edges[1:, None]
        lost[self.visible] = np.maximum(lost[self.visible], slowly)
        # At a jump the answer is a logarithm, written out: nothing is asked of those panels.
        lost = np.where(self.mesh.at_jump[:, None] == 0, lost, 0.0)
        return Sample(values, lost, found.failed, np.zeros(len(values)))

    def _asked(self, found: WallSolution, E: NDArray, j: NDArray, waves: bool) -> NDArray:
        """What is asked for on the visible panels, of both signs of j, over r."""
        seen, asked = self.visible, self.asked
        r = self.mesh.x.T[:, seen, None]
        if asked.references is not None:
            return asked.factor * 2 / r * found.density_beyond(asked.references, seen)
        trace = found.current()[:, seen]
        if asked == CURRENT:
            trace = trace - self.reference.trace(self.mesh, seen, E, j, waves)
        return asked.factor * 2 / r * trace
