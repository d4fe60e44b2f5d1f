"""The Riccati equation's coefficients on the panels where U varies, at many contour nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Start
from dirac1d.green.sources.step.flat import FlatPanels
from dirac1d.green.sources.step.leads import decay_rate, fixed_point
from dirac1d.green.sources.step.mesh import Mesh, within


@dataclass(frozen=True, eq=False)
class Coefficients:
    """E', κ and s₀ at all nodes of the curved panels, shapes (n, P, N).

    Attributes
    ----------
    mesh : Mesh
    flat : FlatPanels
        The other panels.
    panels : ndarray of int, shape (P,)
        Numbers of the curved panels in the mesh.
    smooth : ndarray of bool, shape (P, N)
        Where s₀(x) has no branch point near the panel and s can follow it.
    M : ndarray, shape (N,)
    tolerance : float
        Relative accuracy to which equations are solved.
    """

    mesh: Mesh
    flat: FlatPanels
    panels: NDArray
    E_prime: NDArray
    kappa: NDArray
    s0: NDArray
    smooth: NDArray
    M: NDArray
    tolerance: float

    @property
    def widths(self) -> NDArray:
        """Widths of the curved panels."""
        return self.mesh.widths[self.panels]

    @property
    def seen(self) -> slice:
        """The visible ones among the curved panels."""
        return within(self.panels, self.mesh.visible)

    def end(self, node: int) -> tuple[NDArray, NDArray, NDArray]:
        """E', κ and s₀ at the mesh's first (0) or last (-1) node."""
        panel = (0, len(self.mesh.flat) - 1)[node]
        if len(self.flat.panels) and self.flat.panels[node] == panel:
            return self.flat.E_prime[node], self.flat.kappa[node], self.flat.s0[node]
        return self.E_prime[node, node], self.kappa[node, node], self.s0[node, node]


def coefficients(
    mesh: Mesh, E: NDArray, M: NDArray, tolerance: float, start: Start
) -> Coefficients:
    """The coefficients at energies E and masses M, shapes (N,)."""
    panels = np.flatnonzero(mesh.flat)
    E_flat = E - mesh.U[panels, :1]
    kappa = decay_rate(E_flat, M)
    waves = np.all(kappa != 0, axis=1)  # none at a band edge: s - s₀ falls as 1/x
    panels, E_flat, kappa = panels[waves], E_flat[waves], kappa[waves]
    flat = FlatPanels(mesh, panels, E_flat, kappa, fixed_point(E_flat, M, kappa))
    panels = np.setdiff1d(np.arange(len(mesh.flat)), panels, assume_unique=True)
    E_prime = E - mesh.U[panels].T[:, :, None]
    kappa = decay_rate(E_prime, M)
    s0 = fixed_point(E_prime, M, kappa)
    smooth = _is_smooth(mesh.U[panels], mesh.dU[panels], E_prime, kappa, M, start)
    return Coefficients(mesh, flat, panels, E_prime, kappa, s0, smooth, M, tolerance)


def _is_smooth(
    U: NDArray, dU: NDArray, E_prime: NDArray, kappa: NDArray, M: NDArray, start: Start
) -> NDArray:
    """Where s₀(x) has no branch point near the panel and s can follow it, shape (P, N)."""
    # |E'| and |κ|² are extremal near the ends of a panel or its middle: no need of every node.
    some = [0, len(kappa) // 2, -1]
    variation = 2 * np.max(np.abs(E_prime[some]), axis=0) * np.ptp(U, axis=1)[:, None]
    square = kappa.real**2 + kappa.imag**2
    smallest = np.min(square, axis=0)
    steepest = np.max(np.abs(dU), axis=1)[:, None] * np.abs(M) / 2
    adiabatic = steepest**2 <= start.adiabaticity**2 * smallest**3
    return (smallest > start.smoothness * variation) & (smallest > 0) & adiabatic
