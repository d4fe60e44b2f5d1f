r"""The Riccati equation's coefficients for ±p where both U and Δ vary.

With u = f + ig, v = f - ig of ψ = (f, ig), N = Δ - ip and N̄ = Δ + ip,

.. math:: u' = i(E'u - \bar N v), \qquad v' = i(Nu - E'v),

so that s_R = v/u and s_L = u/v obey, each in its own direction τ,

.. math:: ds_R/dτ = -i(N - 2E's_R + \bar N s_R^2), \quad ds_L/dτ = -i(\bar N - 2E's_L + N s_L^2),

with the fixed points N/Z and N̄/Z, Z = E' + iκ, κ² = Δ² + p² - E'². For Δ of one sign a rotation
makes both M/Z, those of a line; it degenerates where Δ and p vanish, where a wall's edge state is.
p → -p exchanges N and N̄, and so s_R's equation and s_L's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Start
from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.green.sources.wall.mesh import WallMesh


class OfTraces(NamedTuple):
    """What traces of both signs of p are made of, shapes (n, P, B).

    1 - s₀² of ±p is `middle` ± `tilt`, s₀ - t₀ is ±`apart`, and `gain` is 1/D₀ = Z/2iκ.
    """

    middle: NDArray
    tilt: NDArray
    apart: NDArray
    gain: NDArray


@dataclass(frozen=True, eq=False)
class Coefficients:
    """E', N, κ, Z, s₀ = N/Z and ds₀/dx at all nodes, shapes (n, P, 2B): p, then -p.

    `smooth`, shape (P, 2B), says where s can follow s₀. `swapped` of any of them belongs to -p: of
    N it is N̄, of s₀ the fixed point of s_L. Of a circle `p` are the angular momenta, and
    `unfelt`, shape (P, 2B), is the error of s that is not felt.
    """

    mesh: WallMesh
    p: NDArray
    E_prime: NDArray
    N: NDArray
    kappa: NDArray
    Z: NDArray
    s0: NDArray
    drift: NDArray
    smooth: NDArray
    tolerance: float
    unfelt: NDArray | None = None

    @property
    def half(self) -> int:
        """B, the number of points."""
        return len(self.p) // 2

    @cached_property
    def all_smooth(self) -> bool:
        """Whether s follows s₀ everywhere."""
        return bool(np.all(self.smooth))

    @cached_property
    def of_traces(self) -> OfTraces:
        """1 - s₀² = 2(E'Z - ΔN)/Z², without cancellation, and the like."""
        E, kappa, Z, N = (q[..., : self.half] for q in (self.E_prime, self.kappa, self.Z, self.N))
        mass = self.mesh.mass.U.T[:, :, None]
        apart = N - self.N[..., self.half :]  # -2ip
        with np.errstate(divide="ignore", invalid="ignore"):
            part = 2 / Z**2
            return OfTraces(
                (E * Z - mass**2) * part, -mass * apart / 2 * part, apart / Z, Z / (2j * kappa)
            )


def swapped(q: NDArray) -> NDArray:
    """The same of -p: the two halves of the last axis exchanged."""
    half = q.shape[-1] // 2
    return np.concatenate((q[..., half:], q[..., :half]), axis=-1)


def twice(q: NDArray) -> NDArray:
    """What is even in p, for p and for -p."""
    return np.concatenate((q, q), axis=-1)


def coefficients(
    mesh: WallMesh, E: NDArray, p: NDArray, tolerance: float, start: Start
) -> Coefficients:
    """The coefficients at energies E and momenta p, shapes (B,)."""
    U, dU, mass, slope = (
        q.T[:, :, None] for q in (mesh.line.U, mesh.line.dU, mesh.mass.U, mesh.mass.dU)
    )
    E_prime = E - U
    kappa = decay_rate(E_prime, np.sqrt(mass**2 + p * p))
    Z = E_prime + 1j * kappa
    both = np.concatenate((p, -p))
    N = mass - 1j * both
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = 1j * (dU + mass * slope / Z) / kappa
        s0 = N / twice(Z)
        drift = twice(slope / Z) - s0 * twice(turn)
        smooth = _is_smooth(mesh, E_prime, kappa, start)
        # The slow solution's deviation, over what it is divided by in the traces.
        size = np.max(np.abs(drift), axis=0) * np.max(np.abs(twice(Z)), axis=0)
        least = np.min(np.abs(kappa), axis=0) ** 2
        smooth = twice(smooth) & (size <= 2 * start.adiabaticity * twice(least))
    smooth &= swapped(smooth)
    return Coefficients(
        mesh, both, twice(E_prime), N, twice(kappa), twice(Z), s0, drift, smooth, tolerance
    )


def _is_smooth(mesh: WallMesh, E_prime: NDArray, kappa: NDArray, start: Start) -> NDArray:
    """Where s₀(x) has no branch point near the panel, shape (P, B)."""
    some = [0, len(kappa) // 2, -1]
    largest = np.max(np.abs(E_prime[some]), axis=0)
    variation = 2 * largest * np.ptp(mesh.line.U, axis=1)[:, None]
    variation = variation + np.ptp(mesh.mass.U**2, axis=1)[:, None]
    smallest = np.min(np.abs(kappa) ** 2, axis=0)
    return (smallest > start.smoothness * variation) & (smallest > 0)
