"""Local traces of ±p where Δ varies, as a source of the integrator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Layout, Sample
from dirac1d.green.settings import Settings
from dirac1d.green.sources.observable import Observable
from dirac1d.green.sources.on_mesh import OnMesh
from dirac1d.green.sources.step.panels import panel_of
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wall.solution import solve
from dirac1d.numerics.quadrature import last_coefficients

#: Complex arrays of the shape (panels, nodes, points) alive at once in a batch: both signs of p.
ARRAYS_ALIVE = 60


@dataclass(frozen=True, eq=False)
class WallSource(OnMesh):
    """An observable of ±p on all panels of a mesh; points are (E, p).

    `gapped`: no state can lie at the energy of the path. `at`: positions whose values are taken
    from the panels themselves, singular ones too; those of a profile's strip are not.
    """

    mesh: WallMesh
    observable: Observable
    settings: Settings
    gapped: bool
    at: tuple[float, ...] = ()

    @cached_property
    def layout(self) -> Layout:
        """Panels, nodes, and the two integrals beyond if there are any."""
        functionals = 0 if self.observable.beyond is None else 2
        return Layout(self.places, self.mesh.U.shape[1], functionals)

    @property
    def hidden(self) -> NDArray:
        """No panel is only marched through."""
        return np.zeros(self.places, dtype=bool)

    @property
    def judged(self) -> NDArray:
        """Panels on which the answer is a series."""
        judged = self.mesh.singular == 0
        inside = [x for x in self.at if self.mesh.edges[0] <= x <= self.mesh.edges[-1]]
        judged[panel_of(self.mesh.edges, np.array(inside))] = True
        return judged

    @property
    def batch(self) -> int:
        """Points at once."""
        return self.settings.limits.at_once(self.layout.nodes * ARRAYS_ALIVE * self.places)

    def traps(self, energy: float, mass: float) -> bool:
        """Whether a state may lie at that energy: at a wall one does."""
        return not self.gapped

    def sample(self, points: tuple[NDArray, ...], tolerance: float) -> Sample:
        """The observable at (E, p)."""
        E, p = points
        found = solve(self.mesh, E, p, tolerance, self.settings.start)
        local = self.observable.local(found, self.visible)
        values = local.swapaxes(0, 1).reshape(self.layout.cut, -1)
        if self.observable.beyond is not None:
            values = np.concatenate((values, self.observable.beyond(found, self.visible)))
        # Waves are known at every node; whether nodes carry their sum is seen in the answer.
        slowly = last_coefficients(self.observable.local(found.slowly(), self.visible))
        lost = np.maximum(found.lost, slowly)
        # What is singular is written out: nothing is asked of those panels.
        lost = np.where(self.mesh.singular[:, None] == 0, lost, 0.0)
        return Sample(values.T, lost, found.failed, np.zeros(len(E)))
