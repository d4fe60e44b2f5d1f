"""Local traces on a line as a source of the integrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Layout, Sample
from dirac1d.green.settings import Settings
from dirac1d.green.sources.line.mesh import Mesh
from dirac1d.green.sources.line.riccati import solve
from dirac1d.green.sources.line.solution import Solution
from dirac1d.numerics.quadrature import legendre_analysis, lobatto

#: Complex arrays of the shape (panels, nodes, contour nodes) alive at once in a batch, for panels
#: on which U varies and for flat ones.
ARRAYS_ALIVE, FLAT_ARRAYS = 24, 5
#: Fewest contour nodes of a batch.
SMALLEST_BATCH = 16
#: Bytes of a block that is allocated and freed once, untouched. From then on glibc's malloc keeps
#: freed arrays of this size for the next ones, where it would return them to the system and fetch
#: them again page by page: a third of the time. Just below its largest threshold of 32 MiB.
KEPT = 2**25 - 2**13
np.empty(KEPT, np.uint8)


@dataclass(frozen=True)
class Observable:
    """What is taken from a solution of the Riccati equation.

    Attributes
    ----------
    local : callable
        (solution, mesh, M) → values on the visible panels, shape (n, P', N).
    beyond : callable, optional
        (solution, mesh, M) → its integrals from -∞ to the visible panels and from there to ∞,
        shape (2, N).
    """

    local: Callable[[Solution, Mesh, NDArray], NDArray]
    beyond: Callable[[Solution, Mesh, NDArray], NDArray] | None = None


def hall_trace(mass: float, factor: complex = 1.0, leads: bool = True) -> Observable:
    """(Δ/M) tr σ_yG on the visible panels, and its integrals to both sides of them."""

    def local(solution: Solution, mesh: Mesh, M: NDArray) -> NDArray:
        return factor * mass / M * solution.sigma_y(mesh.visible)

    def beyond(solution: Solution, mesh: Mesh, M: NDArray) -> NDArray:
        return factor * mass / M * solution.integral_beyond(mesh.visible)

    return Observable(local, beyond if leads else None)


@dataclass(frozen=True, eq=False)
class LineSource:
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

    def sample(self, points: tuple[NDArray, ...], tolerance: float) -> Sample:
        """The observable at contour nodes (E, M)."""
        E, M = points
        solution = solve(self.mesh, E, M, tolerance, self.settings.start)
        local = self.observable.local(solution, self.mesh, M)
        values = local.swapaxes(0, 1).reshape(self.layout.cut, -1)
        if self.observable.beyond is not None:
            values = np.concatenate((values, self.observable.beyond(solution, self.mesh, M)))
        return Sample(values.T, solution.tail, solution.unconverged)

    def coarser(self) -> LineSource:
        """The same panels with fewer nodes."""
        fewer = self.layout.nodes - self.settings.claim.dropped
        return replace(self, mesh=self.mesh.with_nodes(fewer))

    def finer(self, parts: NDArray) -> LineSource:
        """Panels cut into parts."""
        return replace(self, mesh=self.mesh.split(parts))

    def transfer(self, to: LineSource) -> NDArray:
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
