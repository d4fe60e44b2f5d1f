r"""What is left of tr σ_yG at large ω and p, with a large constant mass: it integrates to nothing.

To first order in δΔ(x) about a constant mass B, half the sum over ±p is

.. math:: T(x) = \frac{E'}{κ}\int δΔ(x')\,\mathrm{sgn}(x-x')\,e^{-2κ|x-x'|}dx',
          \quad κ^2 = p^2 + B^2 - E'^2:

-E'Δ'/2κ³ where Δ is smooth, at a jump by d (of which Δ' has nothing) -E'd e^{-2κ|x|}/2κ², and where
Δ' changes by d beside that E'd sgn(x) e^{-2κ|x|}/4κ³. At a
hard wall it is the wave of a half-plane with a mass of the wall's sign: no edge state. Three such,
of masses B, 2B and 3B, with weights that agree with Δ at the wall up to its square. All these fall
as 1/(ω² + p²) or, at a wall, not at all; with |ε_F - U| < B each is that of an insulator, whose
current does not depend on ε_F and is odd in ε_F - U: it integrates to 0. So taking it away changes
nothing but the convergence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.potentials import HardWall
from dirac1d.potentials.drops import extremes
from dirac1d.problem import Problem

#: Masses of the half-planes at a hard wall, in B.
PARTS = 1.0, 2.0, 3.0
#: Relative change of Δ′ that counts as a kink.
KINK = 1e-6
#: Distance of the band edges from the Fermi energy, in T: e⁻⁴⁰ is left of what they hold.
COLD = 40.0


@dataclass(frozen=True)
class Reference:
    """The mass B, jumps of Δ and of Δ′ as (position, change), and hard walls with Δ there."""

    B: float
    jumps: tuple[tuple[float, float], ...]
    kinks: tuple[tuple[float, float], ...]
    walls: tuple[tuple[HardWall, float], ...]

    @classmethod
    def of(cls, problem: Problem) -> Reference:
        """The reference of a problem: nothing is occupied at its Fermi energy and temperature."""
        edge = max(abs(problem.fermi_energy - U) for U in extremes(problem.potential))
        B = max(2 * edge, edge + COLD * problem.temperature, problem.gap)
        walls = tuple(
            (w, problem.mass_profile.limits(w.position)[i])
            for w, i in zip(problem.hard_walls, (1, 0), strict=True) if w is not None
        )
        kinks = [(b, _change_of_slope(problem.mass_profile, b))
                 for b in problem.mass_profile.breakpoints]
        return cls(B, problem.mass_jumps, tuple(k for k in kinks if k[1]), walls)

    @property
    def slow(self) -> Reference:
        """The same without waves."""
        return Reference(self.B, (), (), ())

    def trace(self, x: NDArray, slope: NDArray, E: NDArray, p: NDArray) -> NDArray:
        """Half the sum over ±p, without -p/κ; x, Δ′ and E′ at the nodes, p of shape (N,)."""
        kappa = decay_rate(E, np.sqrt(p * p + self.B**2))
        total = -E * slope / (2 * kappa**3)
        for position, change in self.jumps:
            total -= E * change * np.exp(-2 * kappa * np.abs(x - position)) / (2 * kappa**2)
        middle = x[len(x) // 2]  # of each panel: on which side of a kink it lies
        for position, change in self.kinks:
            wave = np.sign(middle - position) * np.exp(-2 * kappa * np.abs(x - position))
            total += E * change * wave / (4 * kappa**3)
        for wall, inside in self.walls:
            distance = np.abs(x - wall.position)
            for weight, part in zip(_weights(wall.sign * inside / self.B), PARTS, strict=True):
                own = part * self.B
                kappa = decay_rate(E, np.sqrt(p * p + own**2))
                waves = sum(_wave(wall, own, E, q, kappa) for q in (p, -p))
                total += weight * waves / 2 * np.exp(-2 * kappa * distance)
        return total


def _wave(wall: HardWall, B: float, E: NDArray, p: NDArray, kappa: NDArray) -> NDArray:
    """tr σ_yG + p/κ at a hard wall of a half-plane of mass ±B.

    At a wall on the right s_L = N̄/Z and s_R, from its value at the wall, is N/Z with a wave q:
    q(1 - s_L²)/(1 - s_Ls_R). On the left s_L and s_R are exchanged, and the sign changes.
    """
    mass, Z = wall.sign * B, E + 1j * kappa
    sign = 1 if wall.side == "right" else -1
    near, far = (mass - sign * 1j * p) / Z, (mass + sign * 1j * p) / Z
    at = -1j * wall.sign  # v/u on the right, u/v on the left
    q = (at - near) / (1 - far * at)
    own = 2 * (E * Z - mass * (mass + sign * 1j * p)) / Z**2  # 1 - far²
    return sign * q * own * Z / (2j * kappa)


def _weights(mass: float) -> NDArray:
    """Of the parts, such that their powers 0, 1, 2 have the mean mass⁰, mass¹, mass²."""
    powers = np.arange(len(PARTS))[:, None]
    return np.linalg.solve(np.array(PARTS) ** powers, mass ** powers[:, 0])


def _change_of_slope(shape: Any, position: float) -> float:
    """By how much Δ′ changes at a breakpoint; 0 where that is not more than Δ″ does."""
    breaks = np.asarray(shape.breakpoints, dtype=float)
    room = np.min(np.abs(breaks - position)[breaks != position], initial=shape.length_scale)
    if not np.isfinite(room):
        return 0.0
    hair = 1e-9 * max(abs(position), room)
    below, above = shape.derivative(np.array([position - hair, position + hair]))
    return float(above - below) if abs(above - below) > KINK * max(abs(below), abs(above)) else 0.0
