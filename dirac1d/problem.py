"""The problem that every engine solves, validated once, here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dirac1d.dirac import E_OVER_2H
from dirac1d.numerics.checks import of_kind, scale_number
from dirac1d.potentials import (
    CircularPotential,
    PeriodicPotential,
    PlanarPotential,
    Potential,
)
from dirac1d.potentials.base import ask
from dirac1d.potentials.descriptions import potential_from_dict, potential_to_dict


@dataclass(frozen=True)
class Problem:
    """Massive Dirac electrons in a potential: H = σ_x p_x + σ_y p_y + Δσ_z + U.

    Parameters
    ----------
    potential : Potential, PeriodicPotential, CircularPotential or PlanarPotential
        U(x), U(r) of a circle, or U(x, y) of a `Strip` or a `Cell`.
    mass : float
        Δ, half the gap; of either sign. Δ = 0 carries no anomalous current.
    fermi_energy : float
        ε_F; at T > 0 the chemical potential.
    temperature : float
        k_B T ≥ 0.

    Raises
    ------
    ValueError
        If a number is not finite, the temperature is negative, or the potential is not one.

    Notes
    -----
    Dimensionless: ħ = v_F = k_B = 1, energies in any one unit, lengths in ħv_F over it.

    Examples
    --------
    >>> import dirac1d as dd
    >>> problem = dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0), mass=1.0)
    >>> problem.regime
    'insulating'
    """

    potential: Any
    mass: float = 1.0
    fermi_energy: float = 0.0
    temperature: float = 0.0

    def __post_init__(self) -> None:
        kinds = CircularPotential, PeriodicPotential, PlanarPotential, Potential
        if isinstance(self.potential, type) or not isinstance(self.potential, kinds):
            raise ValueError(
                f"potential must be a potential such as TanhStep(...), got {self.potential!r}"
            )
        for name in ("mass", "fermi_energy", "temperature"):
            object.__setattr__(self, name, scale_number(name, getattr(self, name)))
        if self.temperature < 0:
            raise ValueError(f"temperature must not be negative, got {self.temperature}")

    @property
    def U_L(self) -> float:
        """U(x → -∞)."""
        return self.potential.left

    @property
    def U_R(self) -> float:
        """U(x → +∞)."""
        return self.potential.right

    @property
    def periodic(self) -> bool:
        """Whether U is periodic: there are no leads then. For the choice of an engine's branch."""
        return isinstance(self.potential, PeriodicPotential)

    @property
    def circular(self) -> bool:
        """Whether U is a circle, U(r) in the plane. For the choice of an engine's branch."""
        return isinstance(self.potential, CircularPotential)

    @property
    def planar(self) -> bool:
        """Whether U is a function U(x, y), whose current is a map. For the choice of a branch."""
        return isinstance(self.potential, PlanarPotential)

    @property
    def has_leads(self) -> bool:
        """Whether U is a step U(x) between two leads."""
        return not (self.periodic or self.circular or self.planar)

    @cached_property
    def jumps(self) -> tuple[tuple[float, float], ...]:
        """(position, U(x+0) - U(x-0)) of every jump of U."""
        found = []
        low, high = ask(self.potential, "far_range")
        scale = max(high - low, abs(low), abs(high))
        for b in getattr(self.potential, "breakpoints", ()):
            below, above = self.potential.limits(b)
            # Limits of a sampled function carry its rounding; a jump is more than that.
            if abs(above - below) > 1e-9 * max(scale, abs(above), abs(below)):
                found.append((b, above - below))
        return tuple(found)

    @property
    def regime(self) -> str:
        """Regime by the leads, in the words of SR Appendix A (Fig. 1 and Fig. 4).

        ``insulating``, ``half-metallic``, ``metallic`` or ``metal-metal``; ε_F exactly at a band
        edge counts as in the gap. For a periodic potential the largest and the smallest U take the
        place of the leads, and so they do in a `Cell`; for a circle it is U at its centre and U
        outside.
        """
        ends = ask(self.potential, "far_range")
        bands = [self._band(self.fermi_energy - U) for U in ends]
        if bands == [0, 0]:
            return "insulating"
        if 0 in bands:
            return "half-metallic"
        return "metallic" if bands[0] == bands[1] else "metal-metal"

    def _band(self, s: float) -> int:
        """+1 in the conduction band, -1 in the valence band, 0 in the gap."""
        return int(np.sign(s)) if abs(s) > abs(self.mass) else 0

    @cached_property
    def current_scale(self) -> float:
        """j₀ = (1/4π) max_x |U(x+ℓ) - U(x-ℓ)|/2ℓ, ℓ = 1/(2|Δ|): what `rtol` is relative to.

        Finite for jumps, not small in metals; 0 for Δ = 0 or a flat potential. In a periodic
        potential the difference is the largest within that distance, so that it does not vanish
        where 2ℓ happens to be a period.
        """
        if self.mass == 0.0:
            return 0.0
        half = 1 / (2 * abs(self.mass))
        return E_OVER_2H * ask(self.potential, "largest_drop", 2 * half) / (2 * half)

    def to_dict(self) -> dict[str, Any]:
        """A JSON- and TOML-ready description."""
        return {
            "mass": self.mass,
            "fermi_energy": self.fermi_energy,
            "temperature": self.temperature,
            "potential": potential_to_dict(self.potential),
        }

    @classmethod
    def from_dict(cls, description: Mapping[str, Any]) -> Problem:
        """The inverse of `to_dict`.

        Raises
        ------
        ValueError
            If a key is unknown, or a value is not allowed.
        """
        if not isinstance(description, Mapping):
            raise ValueError(f"a problem is described by a table of keys, got {description!r}")
        values = dict(description)
        if "potential" not in values:
            raise ValueError("a problem needs the key 'potential'")
        potential = potential_from_dict(values.pop("potential"))
        allowed = ("mass", "fermi_energy", "temperature")
        for key in values:
            if key not in allowed:
                raise ValueError(
                    f"unknown key {key!r} (allowed: potential, {', '.join(allowed)})"
                )
        return cls(potential, **values)


def check_problem(problem: Any, planar: bool = False) -> Problem:
    """`problem` if it is one, or a ValueError that says what it is.

    Problems of U(x, y) are refused, but by what computes maps: `planar`.
    """
    found = of_kind("problem", problem, Problem)
    if found.planar and not planar:
        raise ValueError("problem: its potential is a function of x and y, "
                         f"{found.potential!r:.200}; its current is a map: dd.current_map")
    return found
