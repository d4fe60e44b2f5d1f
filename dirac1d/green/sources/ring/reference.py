r"""What is left of tr σ_φG at large ω and j, and what it sums to.

To first order in gradients, half the sum over ±j is -(ΔU′ + E′Δ′)/2κ³, κ² = Δ² + p² - E′². Both
parts are taken away with constant masses A and B for Δ in κ, which leaves no more at large κ:

.. math:: T = -\frac{ΔU′}{2(A^2 + p^2 + ω^2)^{3/2}} - \frac{E′Δ′}{2(B^2 + p^2 - E′^2)^{3/2}} .

The first part sums to -(U′Δ/4πA) tanh πAr, which is added again. The second is a derivative with
respect to E′, of -Δ′/2κ: where \|ε_F - U\| < B its integral along Re E′ = ε_F - U is nothing for
each j, and so is its sum over frequencies if B is far above T. At a jump of Δ by d, at R, there is
a wave instead,

.. math:: -\frac{E′d}{2κκ_R}\,e^{-2|\int_R^r κ\,dr|},

with a constant E′ in κ and in front: odd in E′ and analytic, it integrates to nothing as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.potentials.drops import extremes
from dirac1d.problem import Problem

#: Distance of the band edges of B from the Fermi energy, in T: e⁻⁴⁰ is left of what they hold.
COLD = 40.0


@dataclass(frozen=True)
class RingReference:
    """The masses A and B, and the jumps of Δ as (radius, change, U there)."""

    A: float
    B: float
    jumps: tuple[tuple[float, float, float], ...]

    @classmethod
    def of(cls, problem: Problem) -> RingReference:
        """That of a problem: B holds nothing at its Fermi energy and temperature, nor near it."""
        U, gap = problem.potential, problem.gap
        edge = max(abs(problem.fermi_energy - u) for u in extremes(U.line)) + gap
        jumps = tuple((b, d, float(np.mean(U.limits(b)))) for b, d in problem.mass_jumps)
        return cls(gap, max(2 * edge, edge + COLD * problem.temperature), jumps)

    def trace(
        self, mesh: WallMesh, panels: slice, E: NDArray, j: NDArray, waves: bool = True
    ) -> NDArray:
        """Half the sum over ±j at the nodes of some panels, (n, P, N), for E and j, (N,)."""
        r, U, dU, mass, slope = (
            q.T[:, panels, None] for q in (mesh.x, mesh.U, mesh.dU, mesh.mass.U, mesh.mass.dU)
        )
        p, e = j / r, E - U
        local = -mass * dU / (self.A**2 + p * p + E.imag**2) ** 1.5 / 2
        local = local - e * slope / (2 * decay_rate(e, np.hypot(self.B, p).astype(complex)) ** 3)
        if waves:
            for radius, change, there in self.jumps:
                local -= change * _wave(self.B, radius, E - there, j, r) / 2
        return local

    def sum(self, r: NDArray, dU: NDArray, mass: NDArray) -> NDArray:
        """(1/2π²r) Σ_j ∫dω of both signs: -(U′Δ/4πA) tanh(πAr)."""
        return -E_OVER_2H * dU * mass / self.A * np.tanh(np.pi * self.A * r)


def _wave(B: float, radius: float, e: NDArray, j: NDArray, r: NDArray) -> NDArray:
    """e/κκ_R e^{-2|∫κ dr|} with κ² = κ∞² + j²/r², whose integral is κr - j arsinh(j/κ∞r)."""
    square = (B - e) * (B + e)
    infinity = np.sqrt(square)
    kappa, there = np.sqrt(square + (j / r) ** 2), np.sqrt(square + (j / radius) ** 2)
    way = kappa * r - there * radius
    way = way - j * (np.arcsinh(j / (infinity * r)) - np.arcsinh(j / (infinity * radius)))
    return e / (kappa * there) * np.exp(-2 * np.sign(r - radius) * way)
