"""Local traces between leads as a source of the integrator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour import trapped_phase
from dirac1d.green.integrate.contracts import Layout, Sample
from dirac1d.green.settings import Settings
from dirac1d.green.sources.observable import Observable
from dirac1d.green.sources.on_mesh import OnMesh
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.green.sources.step.riccati import solve

#: Complex arrays of the shape (panels, nodes, contour nodes) alive at once in a batch, for panels
#: on which U varies and for flat ones.
ARRAYS_ALIVE, FLAT_ARRAYS = 24, 5
#: Phase across a well from which states bound in it are sought: rounding of U makes smaller ones.
WEAK = 1e-6
#: Bytes of a block that is allocated and freed once, untouched. From then on glibc's malloc keeps
#: freed arrays of this size for the next ones, where it would return them to the system and fetch
#: them again page by page: a third of the time. Just below its largest threshold of 32 MiB.
KEPT = 2**25 - 2**13
np.empty(KEPT, np.uint8)


@dataclass(frozen=True, eq=False)
class StepSource(OnMesh):
    """An observable on the panels of a mesh; its places are all panels, its panels the visible."""

    mesh: Mesh
    observable: Observable
    settings: Settings

    @cached_property
    def layout(self) -> Layout:
        """Visible panels, nodes, and the two integrals beyond if there are any."""
        seen = self.visible
        functionals = 0 if self.observable.beyond is None else 2
        return Layout(seen.stop - seen.start, self.mesh.U.shape[1], functionals)

    @property
    def hidden(self) -> NDArray:
        """Panels beyond the visible ones on which U varies."""
        hidden = ~self.mesh.flat
        hidden[self.visible] = False
        return hidden

    @property
    def batch(self) -> int:
        """Contour nodes at once."""
        flat = int(np.sum(self.mesh.flat))
        arrays = ARRAYS_ALIVE * (self.places - flat) + FLAT_ARRAYS * flat
        return self.settings.limits.at_once(self.layout.nodes * arrays)

    def traps(self, energy: float, mass: float) -> bool:
        """Whether U has a well for that energy that may hold a state."""
        e = energy - self.mesh.U
        return trapped_phase(self.mesh.x.ravel(), e.ravel(), mass) > WEAK

    def sample(self, points: tuple[NDArray, ...], tolerance: float) -> Sample:
        """The observable at contour nodes (E, M)."""
        E, M = points
        solution = solve(self.mesh, E, M, tolerance, self.settings.start)
        local = self.observable.local(solution, self.visible)
        values = local.swapaxes(0, 1).reshape(self.layout.cut, -1)
        if self.observable.beyond is not None:
            values = np.concatenate((values, self.observable.beyond(solution, self.visible)))
        lost = solution.tail * self.observable.part(M)
        return Sample(values.T, lost, solution.unconverged, np.zeros(len(E)))
