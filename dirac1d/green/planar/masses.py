"""The mass of a map: a number, or Δ(x, y) = Δ̄ + δ, of which δ is a perturbation as U is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from dirac1d.problem import Problem

#: Points a side, at most, on which a profile and U are compared: to 1 % where either varies.
_COMPARED = 256
#: Part of |Δ| by which a constant may vary as sums of its waves are rounded.
_SAME = 1e-12


@dataclass(frozen=True, eq=False)
class Masses:
    """What a map has to know of Δ.

    Attributes
    ----------
    mean : float
        Δ̄: that of the channels, and of linear response; of a strip, which has no mean, the middle
        of its range, about which δ is smallest.
    size : float
        Of the sea that responds, in κ² = p² + size² + ω²: the root mean square of Δ; of a strip the
        largest |Δ|.
    largest, least : float
        Of |Δ|; `least` is 0 where Δ changes its sign.
    change : Cell or Strip, optional
        δ; None where Δ is a number, and mean, size, largest and least are that number, or its size.
    """

    mean: float
    size: float
    largest: float
    least: float
    change: Any = field(default=None, repr=False)

    @classmethod
    def of(cls, problem: Problem) -> Masses:
        """Of a problem's mass."""
        profile = problem.mass_profile
        if profile is None:
            mass = float(problem.mass)
            return cls(mass, mass, abs(mass), abs(mass))
        low, high = profile.extremes()
        strip = hasattr(profile, "leads")
        if high - low <= _SAME * problem.gap:
            mass = float(profile.left if strip else profile.mean)
            return cls(mass, mass, abs(mass), abs(mass))
        least = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        mean, size = (low + high) / 2, problem.gap
        if not strip:
            mean = profile.mean
            size = float(np.sqrt(np.sum(np.abs(profile.coefficients) ** 2)))
        return cls(mean, size, problem.gap, least, profile - mean)

    @property
    def part(self) -> float:
        """Δ̄ over `size`, by which linear response to U is that of a sea of mass `size`."""
        return 1.0 if self.change is None else self.mean / self.size

    @cached_property
    def largest_change(self) -> float:
        """The largest |δ|."""
        return 0.0 if self.change is None else float(max(map(abs, self.change.extremes())))


def distance_of_states(problem: Problem, masses: Masses, largest: float) -> float:
    """How far all states are from ε_F at least; 0 if there may be some.

    For every ψ, Re⟨σ_zψ|(H - ε_F)ψ⟩ = ⟨Δ⟩ + ⟨σ_z(U - ε_F)⟩, kinetic energy being anti-Hermitian
    after σ_z. So where Δ has one sign no state is closer to ε_F than the least |Δ| - |U - ε_F|.

    Parameters
    ----------
    largest : float
        The largest |ε_F - U|.
    """
    if masses.change is None:
        return max(masses.least - largest, 0.0)
    if masses.least == 0.0:
        return 0.0
    profile = problem.mass_profile
    if hasattr(profile, "leads"):
        ends = [f(e for shape in (profile, problem.potential) for e in shape.reach)
                for f in (min, max)]
        x = np.linspace(*ends, _COMPARED)
    else:
        x = np.arange(_COMPARED) * (profile.lengths[0] / _COMPARED)
    y = np.arange(_COMPARED) * (profile.period / _COMPARED)
    s = np.abs(problem.potential(x[:, None], y) - problem.fermi_energy)
    return max(float(np.min(np.abs(profile(x[:, None], y)) - s)), 0.0)
