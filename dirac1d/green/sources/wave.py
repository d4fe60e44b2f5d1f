r"""A periodic U(x), without leads.

The Green's function is that of the infinite system, every Bloch momentum included: s_L and s_R are
the fixed points of the map of one period (:mod:`~dirac1d.green.sources.line.ends`), and all panels
of that period are visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour import choose_path
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.settings import Settings
from dirac1d.green.sources.line.mesh import Mesh
from dirac1d.green.sources.line.panels import on_panels, panel_of
from dirac1d.green.sources.line.source import LineSource, Observable
from dirac1d.green.sources.line.start import wave_mesh
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem

#: A strip of more panels than this is not made.
MAX_PANELS = 100_000
#: Most harmonics that are told.
MAX_HARMONICS = 1024
#: Gauss nodes for the harmonics beyond those of a panel: so many carry the highest of them.
EXTRA_NODES = 8


@dataclass(frozen=True, eq=False)
class Wave:
    """A periodic potential on a mesh of one period from x = 0 on."""

    problem: Problem
    x: NDArray
    settings: Settings
    mesh: Mesh

    @classmethod
    def of(cls, problem: Problem, x: NDArray, settings: Settings) -> Wave:
        """The period on its first mesh."""
        return cls(problem, x, settings, wave_mesh(problem, settings))

    def path(self, energy: float | None = None) -> Gap | Ray | Offset:
        """The path of p at the Fermi energy, or at another energy (then at T = 0)."""
        problem = self.problem
        mu, T = (problem.fermi_energy, problem.temperature) if energy is None else (energy, 0.0)
        return choose_path(
            problem.mass, mu, T, self.U_reach, self.settings.start, self.settings.stretch
        )

    @property
    def top(self) -> float:
        """The inverse of the length on which the answer varies."""
        return 1 / self.problem.potential.length_scale

    @property
    def U_reach(self) -> tuple[float, float]:
        """Smallest and largest U."""
        return float(self.mesh.U.min()), float(self.mesh.U.max())

    def source(self, observable: Observable) -> LineSource:
        """The source of an observable; there are no integrals beyond the period."""
        return LineSource(self.mesh, Observable(observable.local), self.settings)

    def at(self, result: Resolved, error: NDArray) -> tuple[NDArray, NDArray]:
        """The answer and its error at the positions asked for."""
        edges = result.source.edges
        x = np.mod(self.x, edges[-1])
        return on_panels(edges, result.coefficients, x), error[panel_of(edges, x)]

    def strip(self, result: Resolved, error: NDArray) -> Strip | None:
        """j_y on the panels of all periods that x meets, if those are not too many."""
        edges, coefficients = result.source.edges, result.coefficients
        period = edges[-1]
        first = np.floor(self.x[0] / period)
        count = int(max(np.ceil(self.x[-1] / period) - first, 1))
        if count * len(coefficients) > MAX_PANELS:
            return None
        starts = period * (first + np.arange(count + 1))
        all_edges = np.append(np.add.outer(starts[:-1], edges[:-1]).ravel(), starts[-1])
        return Strip(
            all_edges, np.tile(coefficients, (count, 1)), np.tile(error, count) * np.diff(all_edges)
        )

    def details(self, result: Resolved) -> dict[str, object]:
        """What was done, and the Fourier coefficients of j_y, JSON-ready."""
        c = harmonics(result.source.edges, result.coefficients)
        return {
            "panels": result.source.places, "nodes_per_panel": result.source.layout.nodes,
            "harmonics": len(c) - 1, "contour_nodes": result.size,
            "path": result.domain.path.name,
            "cosine": c.real.tolist(), "sine": (-c.imag).tolist(),
        }


def harmonics(edges: NDArray, coefficients: NDArray) -> NDArray:
    """c_n of Re Σ_{n≥0} c_n e^{2πinx/period}, from Legendre series on the panels of a period."""
    panels, nodes = coefficients.shape
    count = min(panels * nodes // 4, MAX_HARMONICS)
    period = edges[-1] - edges[0]
    t, weights, values = _gauss(nodes, 2 * EXTRA_NODES + count // panels)
    width = np.diff(edges)[:, None]
    x = edges[:-1, None] + width * (1 + t) / 2
    f = (coefficients @ values.T) * (weights * width / 2)
    n = np.arange(count + 1)
    c = np.exp(-2j * np.pi * np.outer(n, x.ravel()) / period) @ f.ravel() / period
    c[1:] *= 2
    return c


@lru_cache(maxsize=32)
def _gauss(nodes: int, extra: int) -> tuple[NDArray, NDArray, NDArray]:
    """Gauss nodes and weights on [-1, 1], and the Legendre polynomials there."""
    t, weights = np.polynomial.legendre.leggauss(nodes + extra)
    return t, weights, np.polynomial.legendre.legvander(t, nodes - 1)
