r"""The Riccati equation's coefficients for ±j where both U(r) and Δ(r) vary.

They are those of a wall (:mod:`~dirac1d.green.sources.wall.coefficients`) with p = j/r,
N = Δ - ij/r. What r does to p drives s_R away from its fixed point s₀ = N/Z as U′ and Δ′ do,

.. math:: \frac{ds_0}{dr} = -\frac{iU'}{κ}\frac NZ - Δ'\frac{iE'Z + pN}{κZ^2}
          + \frac pr\,\frac{E'Z - ΔN}{κZ^2},

each written so that nothing cancels at large κ; ds_L's fixed point is that of -j. To first order
the last term shows in tr σ_zG only: tr σ_φG is a wall's, -(ΔU′ + E′Δ′)/2κ³.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Start
from dirac1d.green.sources.circle.coefficients import branches_are_far
from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.green.sources.wall.coefficients import Coefficients, swapped, twice
from dirac1d.green.sources.wall.mesh import WallMesh


class Local(NamedTuple):
    """E', N, κ, Z, s₀ and ds₀/dr."""

    E_prime: NDArray
    N: NDArray
    kappa: NDArray
    Z: NDArray
    s0: NDArray
    drift: NDArray


def local_coefficients(
    r: NDArray, U: tuple[NDArray, NDArray], mass: tuple[NDArray, NDArray], E: NDArray, j: NDArray
) -> Local:
    """The coefficients of j at energies E, where U and Δ are given with their slopes."""
    p, E_prime = j / r, E - U[0]
    kappa = decay_rate(E_prime, np.hypot(mass[0], p).astype(complex))
    Z, N = E_prime + 1j * kappa, mass[0] - 1j * p
    with np.errstate(divide="ignore", invalid="ignore"):
        s0 = N / Z
        bend = p / r * (E_prime * Z - mass[0] * N) - mass[1] * (1j * E_prime * Z + p * N)
        drift = (bend / Z**2 - 1j * s0 * U[1]) / kappa
    return Local(E_prime, N, kappa, Z, s0, drift)


def coefficients(
    mesh: WallMesh, gap: float, E: NDArray, j: NDArray, tolerance: float, start: Start,
    felt: float,
) -> Coefficients:
    """The coefficients at energies E and angular momenta ±j, shapes (B,).

    `gap` is the unit of energies, and `felt` the size of the answer, as 4π/gap² times a density of
    current: errors of s below that do not matter.
    """
    r = mesh.x.T[:, :, None]
    U, mass = (tuple(q.T[:, :, None] for q in (m.U, m.dU)) for m in (mesh.line, mesh.mass))
    one, other = (local_coefficients(r, U, mass, E, q) for q in (j, -j))
    M = np.hypot(mass[0], j / r)
    size = np.abs(one.kappa)
    least = np.min(size, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        smooth = branches_are_far(one.E_prime, M, size)
    N, s0, drift = (
        np.concatenate((getattr(one, name), getattr(other, name)), axis=-1)
        for name in ("N", "s0", "drift")
    )
    with np.errstate(invalid="ignore"):
        # The slow solution's deviation, over what it is divided by in the traces.
        large = np.max(np.abs(drift), axis=0) * twice(np.max(np.abs(one.Z), axis=0))
        smooth = twice(smooth) & (large <= 2 * start.adiabaticity * twice(least) ** 2)
    smooth &= swapped(smooth)
    edges = np.minimum(gap * mesh.edges, 1.0) ** 2
    unfelt = tolerance * (edges[:-1] / edges[0])[:, None] * felt
    unfelt = twice(unfelt / np.maximum(least / gap, 1.0) ** 3)
    return Coefficients(
        mesh, np.concatenate((j, -j)), twice(one.E_prime), N, twice(one.kappa), twice(one.Z), s0,
        drift, smooth, tolerance, unfelt,
    )
