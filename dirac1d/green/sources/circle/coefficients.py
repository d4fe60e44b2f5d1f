"""E_eff, M, κ, s₀ at all nodes of a mesh, for many energies and angular momenta."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Start
from dirac1d.green.sources.circle.ends import inner_start, outer_start
from dirac1d.green.sources.circle.local import local_coefficients
from dirac1d.green.sources.step.mesh import Mesh

#: Smallest distance of a branch point of s₀(r) from a panel, as smallest |1 - e²| relative to the
#: variation of e² on the panel, e = E/M or M/E: 3 panel widths on neither scale.
BRANCH = 0.8


@dataclass(frozen=True, eq=False)
class Coefficients:
    """E_eff, M, κ, s₀ and ds₀/dr at all nodes, shapes (n, P, N); j and E of shape (N,).

    `smooth`, shape (P, N), says where s can follow s₀; `growth` is M'/M; `felt` is the size of the
    answer, as 4π/Δ² times a density of current.
    """

    mesh: Mesh
    mass: float
    E: NDArray
    j: NDArray
    E_prime: NDArray
    M: NDArray
    growth: NDArray
    kappa: NDArray
    s0: NDArray
    drift: NDArray
    smooth: NDArray
    tolerance: float
    felt: float

    @property
    def r(self) -> NDArray:
        """Radii of the nodes, shape (n, P)."""
        return self.mesh.x.T

    @cached_property
    def near(self) -> NDArray:
        """By how much more than on the first panel an error may be, shape (P,)."""
        edges = np.minimum(abs(self.mass) * self.mesh.edges, 1.0) ** 2
        return edges[:-1] / edges[0]

    def allowed(self, panel: NDArray | int, column: NDArray) -> NDArray:
        """Error of s that is not felt on some panels and columns, shape (B,).

        The sums over ω and j are an integral over κ dκ/4π at r, of which an error ε(κ) that falls
        as κ⁻³ from Δ on makes ε(0)Δ²/4π.
        """
        least = np.min(np.abs(self.kappa[:, panel, column]), axis=0) / abs(self.mass)
        return self.tolerance * self.near[panel] * self.felt / np.maximum(least, 1.0) ** 3

    def inner_start(self) -> tuple[NDArray, NDArray]:
        """s_L at the first node, if U is what it is there from r = 0 on; where it is known well."""
        E_prime = self.E - self.mesh.U[0, 0]
        return inner_start(E_prime, self.mass, self.j, self.mesh.edges[0])

    def outer_start(self) -> tuple[NDArray, NDArray]:
        """s_R at the last node, and where it is known well."""
        E_prime = self.E - self.mesh.U[-1, -1]
        return outer_start(E_prime, self.mass, self.j, self.mesh.edges[-1])


def coefficients(
    mesh: Mesh, mass: float, E: NDArray, j: NDArray, tolerance: float, start: Start,
    felt: float = 0.0,
) -> Coefficients:
    """The coefficients at energies E and angular momenta j (real, of either sign), shapes (N,)."""
    x, U, dU = (q.T[:, :, None] for q in (mesh.x, mesh.U, mesh.dU))
    local = local_coefficients(x, U, dU, mass, E, j)
    E_prime, M, _, kappa, _, _, slope = local
    with np.errstate(divide="ignore", invalid="ignore"):
        smooth = _is_smooth(E_prime, M, kappa, slope, start)
    return Coefficients(mesh, mass, E, j, *local[:-1], smooth, tolerance, felt)


def _is_smooth(
    E_prime: NDArray, M: NDArray, kappa: NDArray, slope: NDArray, start: Start
) -> NDArray:
    """Where s₀(r) has no branch point near the panel and s can follow it, shape (P, N)."""
    size = np.abs(kappa)
    adiabatic = np.all(np.abs(slope) * M <= 2 * start.adiabaticity * size**3, axis=0)
    return adiabatic & branches_are_far(E_prime, M, size)


def branches_are_far(E_prime: NDArray, M: NDArray, size: NDArray) -> NDArray:
    """Where κ² = M² - E'² has no zero near the panel, shape (P, N); `size` is |κ|."""
    some = [0, len(M) // 2, -1]
    square = (E_prime[some] / M[some]) ** 2
    least = np.min((size / M) ** 2, axis=0)
    far = least > BRANCH * _spread(square)
    far |= np.min((size / np.abs(E_prime)) ** 2, axis=0) > BRANCH * _spread(1 / square)
    return far & (least > 0)


def _spread(z: NDArray) -> NDArray:
    return np.abs(z[0] - z[1]) + np.abs(z[1] - z[2])
