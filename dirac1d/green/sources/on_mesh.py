"""What sources on a mesh of panels have in common, whatever they sample there."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.settings import Settings
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.numerics.quadrature import legendre_analysis, lobatto


class OnMesh:
    """For sources with a `mesh` and `settings`: its places are all panels, its panels the visible.

    What is sampled, which places are hidden and how much fits into a batch is their own.
    """

    mesh: Mesh
    settings: Settings
    #: Declared by each source: its vector needs the functionals.
    layout: Any

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

    def full(self, points: int) -> bool:
        """Whether a limit of work is met."""
        limits = self.settings.limits
        return self.places > limits.panels or points > limits.contour_nodes

    def coarser(self) -> Self:
        """The same panels with fewer nodes."""
        fewer = self.layout.nodes - self.settings.claim.dropped
        return replace(self, mesh=self.mesh.with_nodes(fewer))  # type: ignore[type-var]

    def finer(self, parts: NDArray) -> Self:
        """Panels cut into parts."""
        return replace(self, mesh=self.mesh.split(parts))  # type: ignore[type-var]

    def transfer(self, to: Self) -> NDArray:
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


def work_done(result: Resolved, path: str) -> dict[str, object]:
    """What was done on a mesh, JSON-ready; `path` is the contour's name."""
    return {
        "panels": result.source.places, "nodes_per_panel": result.source.layout.nodes,
        "cells": len(result.cells), "contour_nodes": result.size, "path": path,
    }
