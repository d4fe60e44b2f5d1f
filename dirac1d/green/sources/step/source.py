"""Local traces between leads as a source of the integrator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour import deepest_well
from dirac1d.green.integrate.contracts import Layout, Sample
from dirac1d.green.settings import Settings
from dirac1d.green.sources.observable import Observable
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.green.sources.step.riccati import solve
from dirac1d.numerics.quadrature import legendre_analysis, lobatto

#: Complex arrays of the shape (panels, nodes, contour nodes) alive at once in a batch, for panels
#: on which U varies and for flat ones.
ARRAYS_ALIVE, FLAT_ARRAYS = 24, 5
#: Fewest contour nodes of a batch.
SMALLEST_BATCH = 16
#: Depth of a well, in |Δ|, from which states bound in it are sought.
SHALLOW = 1e-6
#: Bytes of a block that is allocated and freed once, untouched. From then on glibc's malloc keeps
#: freed arrays of this size for the next ones, where it would return them to the system and fetch
#: them again page by page: a third of the time. Just below its largest threshold of 32 MiB.
KEPT = 2**25 - 2**13
np.empty(KEPT, np.uint8)


@dataclass(frozen=True, eq=False)
class StepSource:
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
    def places(self) -> int:
        """Number of panels."""
        return len(self.mesh.flat)

    @cached_property
    def visible(self) -> slice:
        """The panels where an answer is asked for."""
        return self.mesh.visible

    @property
    def judged(self) -> NDArray:
        """Visible panels that touch no jump."""
        return self.mesh.at_jump[self.visible] == 0

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
        memory = self.settings.limits.memory
        return max(SMALLEST_BATCH, int(memory / (16 * self.layout.nodes * arrays)))

    def full(self, points: int) -> bool:
        """Whether a limit of work is met."""
        limits = self.settings.limits
        return self.places > limits.panels or points > limits.contour_nodes

    def traps(self, energy: float, mass: float) -> bool:
        """Whether U has a well for that energy."""
        e = energy - self.mesh.U
        return deepest_well(e) > SHALLOW * mass and float(np.max(np.abs(e))) > mass

    def sample(self, points: tuple[NDArray, ...], tolerance: float) -> Sample:
        """The observable at contour nodes (E, M)."""
        E, M = points
        solution = solve(self.mesh, E, M, tolerance, self.settings.start)
        local = self.observable.local(solution, self.visible)
        values = local.swapaxes(0, 1).reshape(self.layout.cut, -1)
        if self.observable.beyond is not None:
            values = np.concatenate((values, self.observable.beyond(solution, self.visible)))
        return Sample(values.T, solution.tail, solution.unconverged, np.zeros(len(E)))

    def coarser(self) -> StepSource:
        """The same panels with fewer nodes."""
        fewer = self.layout.nodes - self.settings.claim.dropped
        return replace(self, mesh=self.mesh.with_nodes(fewer))

    def finer(self, parts: NDArray) -> StepSource:
        """Panels cut into parts."""
        return replace(self, mesh=self.mesh.split(parts))

    def transfer(self, to: StepSource) -> NDArray:
        """Values at this source's nodes of a panel to those of another one."""
        n, k = to.layout.nodes, self.layout.nodes
        return np.polynomial.legendre.legvander(lobatto(n), k - 1) @ legendre_analysis(k)

    def coefficients(self, total: NDArray) -> NDArray:
        """Legendre coefficients on the visible panels."""
        return self.layout.on_panels(total) @ legendre_analysis(self.layout.nodes).T

    def unseen(self, lost: NDArray) -> NDArray:
        """What is lost on each visible panel and on the way to it."""
        seen = self.visible
        return lost[seen] + np.sum(lost[: seen.start]) + np.sum(lost[seen.stop :])

    @property
    def edges(self) -> NDArray:
        """Ends of the visible panels."""
        return self.mesh.edges[self.visible.start : self.visible.stop + 1]
