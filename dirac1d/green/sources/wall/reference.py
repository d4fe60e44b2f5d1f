r"""What is left of tr σ_yG at large ω and p, with a large constant mass: it integrates to nothing.

To first order in δΔ(x) about a constant mass B, half the sum over ±p is

.. math:: T(x) = \frac{E'}{κ}\int δΔ(x')\,\mathrm{sgn}(x-x')\,e^{-2κ|x-x'|}dx',
          \quad κ^2 = p^2 + B^2 - E'^2:

-E'Δ'/2κ³ where Δ is smooth, at a jump by d (of which Δ' has nothing) -E'd e^{-2κ|x|}/2κ², and where
Δ' changes by d beside that E'd sgn(x) e^{-2κ|x|}/4κ³. The wave of a jump from Δ₁ here to Δ₂ is,
two orders further, -E'd e^{-2κ₁|x|}[1 - Δ̄²/κ²]/2κ² of κ² = p² - E'², Δ̄ = (Δ₁ + Δ₂)/2; so
1 + (B² - Δ̄²)/κ² + (B² - Δ₁²)|x|/κ is there too: whatever is odd in E', analytic for |Re E'| < B
and falls integrates to nothing. At a
hard wall of sign s on the left it is that of a half-plane,

.. math:: T(x) = sE'e^{-2κ|x|}/(κ + sΔ),

(-s on the right), whose pole κ = -sΔ is the edge state E = ±p: with sΔ > 0 there is none.
Of tr G it is E'sΔe^{-2κ|x|}/κ(κ + sΔ), of which the like holds.
Three such, B, 2B and 3B, with weights that agree with Δ at the wall up to its square. They all fall
as 1/(ω² + p²) or, at a wall, not at all; with |ε_F - U| < B each is that of an insulator, whose
current does not depend on ε_F and is odd in ε_F - U: it integrates to 0. So taking it away changes
nothing but the convergence.
"""

from __future__ import annotations

from collections.abc import Iterator
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
#: Exponent of a wave that is nothing.
DECAYED = 50.0


@dataclass(frozen=True)
class Reference:
    """The mass B, jumps of Δ (position, below, above), of Δ′ (position, change), and hard walls.

    The walls are with Δ beside them.
    """

    B: float
    jumps: tuple[tuple[float, float, float], ...]
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
        jumps = tuple((b, *problem.mass_profile.limits(b)) for b, _ in problem.mass_jumps)
        return cls(B, jumps, tuple(k for k in kinks if k[1]), walls)

    @property
    def slow(self) -> Reference:
        """The same without waves."""
        return Reference(self.B, (), (), ())

    def trace(self, x: NDArray, slope: NDArray, E: NDArray, p: NDArray) -> NDArray:
        """Half the sum over ±p, without -p/κ; x, Δ′ and E′ at the nodes, p of shape (N,)."""
        total = np.zeros(np.broadcast_shapes(x.shape, E.shape, p.shape), complex)
        if np.any(slope) or self.jumps or self.kinks:
            kappa = decay_rate(E, np.sqrt(p * p + self.B**2))
            length = 1 / kappa
            once = E * length**2 / 2
            if np.any(slope):
                total -= slope * once * length
            least = np.min(kappa.real, axis=(0, 2))
        middle = x[len(x) // 2]  # of each panel: on which side it lies
        for position, below, above in self.jumps:
            at, distance, wave = _wave(x, position, kappa, least)
            own = np.where(middle[at] < position, below, above)
            more = (self.B**2 - (below + above) ** 2 / 4) * length[:, at]
            more = (more + (self.B**2 - own**2) * distance) * length[:, at]
            total[:, at] -= (above - below) * once[:, at] * wave * (1 + more)
        for position, change in self.kinks:
            at, _, wave = _wave(x, position, kappa, least)
            side = change / 2 * np.sign(middle[at] - position)
            total[:, at] += side * once[:, at] * length[:, at] * wave
        for wall, weight, _, at, waves in self._of_walls(x, E, p):
            total[:, at] += (wall.sign if wall.side == "left" else -wall.sign) * weight * waves
        return total

    def density(self, x: NDArray, E: NDArray, p: NDArray) -> NDArray:
        """What hard walls reflect in half the sum of tr G over ±p: sΔ/κ times as much as in T."""
        total = np.zeros(np.broadcast_shapes(x.shape, E.shape, p.shape), complex)
        for _, weight, part, at, waves in self._of_walls(x, E, p):
            total[:, at] += weight * part[:, at] * waves
        return total

    def _of_walls(
        self, x: NDArray, E: NDArray, p: NDArray
    ) -> Iterator[tuple[HardWall, float, NDArray, NDArray, NDArray]]:
        """Each wall and mass with its weight, that mass over its κ, and E'e^{-2κ|x|}/(κ + mass).

        The last one on some panels, the one before it says on which: elsewhere it is nothing.
        """
        for wall, inside in self.walls:
            for weight, part in zip(_weights(wall.sign * inside / self.B), PARTS, strict=True):
                own = part * self.B
                kappa = decay_rate(E, np.sqrt(p * p + own**2))
                at, _, wave = _wave(x, wall.position, kappa, np.min(kappa.real, axis=(0, 2)))
                yield wall, weight, own / kappa, at, E[:, at] * wave / (kappa[:, at] + own)


def _wave(
    x: NDArray, position: float, kappa: NDArray, least: NDArray
) -> tuple[NDArray, NDArray, NDArray]:
    """e^{-2κ|x|} on the panels on which it is not nothing: which they are, |x|, and the wave.

    `least` is the smallest Re κ of each panel.
    """
    distance = np.abs(x - position)
    at = np.flatnonzero(2 * least * np.min(distance, axis=(0, 2)) < DECAYED)
    distance = distance[:, at]
    return at, distance, np.exp(-2 * kappa[:, at] * distance)


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
