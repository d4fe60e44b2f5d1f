"""The problem that every engine solves, validated once, here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
from dirac1d.potentials.walls import (
    HardWall,
    check_mass,
    flat_potential,
    largest_mass,
    mass_at,
    mass_drop,
    mass_from_dict,
    mass_to_dict,
    profile_of,
    walls_of,
)


@dataclass(frozen=True)
class Problem:
    """Massive Dirac electrons in a potential: H = σ_x p_x + σ_y p_y + Δσ_z + U.

    Parameters
    ----------
    potential : Potential, PeriodicPotential, CircularPotential, PlanarPotential or float
        U(x), U(r) of a circle, or U(x, y) of a `Strip` or a `Cell`. Where the mass varies
        it may be a number: a flat U(x).
    mass : float, Potential or Walled
        Δ, half the gap; of either sign. Δ = 0 everywhere carries no anomalous current. For U(x)
        between leads it may be any Δ(x) between leads too, one of which may have Δ = 0 (a gapless
        lead), and end at a `HardWall` on either side: ``1.0 + HardWall(...)``. For a circle it may
        be another circle, Δ(r), for a cell another `Cell` of the same lengths, and for a strip
        another `Strip` of the same period, or a profile Δ(x), which becomes one.
    fermi_energy : float
        ε_F; at T > 0 the chemical potential.
    temperature : float
        k_B T ≥ 0.

    Raises
    ------
    ValueError
        If a number is not finite, the temperature is negative, the potential is not one, or the
        mass is a profile that does not go with the potential.

    Notes
    -----
    Dimensionless: ħ = v_F = k_B = 1, energies in any one unit, lengths in ħv_F over it.

    Examples
    --------
    >>> import dirac1d as dd
    >>> problem = dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0), mass=1.0)
    >>> problem.regime
    'insulating'

    A domain wall, in no potential:

    >>> wall = dd.Problem(0.0, mass=dd.TanhStep(-1, 1, width=2), fermi_energy=0.3)
    >>> print(f"{4 * 3.141592653589793 * dd.total_current(wall):.6f}")
    0.600000
    """

    potential: Any
    mass: Any = 1.0
    fermi_energy: float = 0.0
    temperature: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.mass, str | bytes):
            scale_number("mass", self.mass)  # which says what it may be
        if isinstance(self.potential, int | float | np.number) and not np.isscalar(self.mass):
            flat = scale_number("potential", self.potential)
            object.__setattr__(self, "potential", flat_potential(flat, self.mass))
        kinds = CircularPotential, PeriodicPotential, PlanarPotential, Potential
        if isinstance(self.potential, type) or not isinstance(self.potential, kinds):
            raise ValueError(
                f"potential must be a potential such as TanhStep(...), got {self.potential!r}"
            )
        object.__setattr__(self, "mass", check_mass(self.mass, self.potential))
        for name in ("fermi_energy", "temperature"):
            object.__setattr__(self, name, scale_number(name, getattr(self, name)))
        if self.temperature < 0:
            raise ValueError(f"temperature must not be negative, got {self.temperature}")

    @property
    def U_L(self) -> float:
        """U(x → -∞), or at the hard wall on the left."""
        wall = self.hard_walls[0]
        return self.potential.left if wall is None else self.potential.limits(wall.position)[1]

    @property
    def U_R(self) -> float:
        """U(x → +∞), or at the hard wall on the right."""
        wall = self.hard_walls[1]
        return self.potential.right if wall is None else self.potential.limits(wall.position)[0]

    @cached_property
    def mass_profile(self) -> Any:
        """Δ(x) where there is no hard wall, a shape; None where Δ is a number and has no walls."""
        return profile_of(self.mass)

    @property
    def hard_walls(self) -> tuple[HardWall | None, HardWall | None]:
        """The hard wall on the left and the one on the right; None where the mass is finite."""
        return walls_of(self.mass)

    @property
    def mass_left(self) -> float:
        """Δ(x → -∞); ±inf beyond a hard wall."""
        wall = self.hard_walls[0]
        if wall is not None:
            return wall.sign * np.inf
        return self.mass if self.mass_profile is None else float(self.mass_profile.left)

    @property
    def mass_right(self) -> float:
        """Δ(x → +∞); ±inf beyond a hard wall."""
        wall = self.hard_walls[1]
        if wall is not None:
            return wall.sign * np.inf
        return self.mass if self.mass_profile is None else float(self.mass_profile.right)

    def mass_at(self, x: ArrayLike, y: ArrayLike | None = None) -> NDArray:
        """Δ(x), of the shape of x; ±inf beyond hard walls. Of a map Δ(x, y), broadcast."""
        if y is None:
            return mass_at(self.mass, x)
        if self.mass_profile is None:
            return np.full(np.broadcast_shapes(np.shape(x), np.shape(y)), self.mass)
        return np.asarray(self.mass_profile(x, y), dtype=float)

    @cached_property
    def gap(self) -> float:
        """|Δ|, the unit of the problem's energies and of its inverse lengths.

        Of a profile the largest finite |Δ(x)|. Where that is 0: π over the width of a ribbon, the
        distance of its subbands; at a single hard wall the largest of |ε_F - U| and T.
        """
        if self.mass_profile is None:
            return abs(self.mass)
        left, right = self.hard_walls
        a = -np.inf if left is None else left.position
        b = np.inf if right is None else right.position
        largest = largest_mass(self.mass_profile, a, b)
        if largest > 0 or left is right is None:
            return largest
        if np.isfinite(b - a):
            return float(np.pi / (b - a))
        return max(self.temperature, *(abs(self.fermi_energy - U) for U in (self.U_L, self.U_R)))

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
        return _jumps(self.potential)

    @cached_property
    def mass_jumps(self) -> tuple[tuple[float, float], ...]:
        """(position, Δ(x+0) - Δ(x-0)) of every jump of Δ, hard walls left out."""
        return () if self.mass_profile is None else _jumps(self.mass_profile)

    @property
    def regime(self) -> str:
        """Regime by the leads, in the words of SR Appendix A (Fig. 1 and Fig. 4).

        ``insulating``, ``half-metallic``, ``metallic`` or ``metal-metal``; ε_F exactly at a band
        edge counts as in the gap, and so does a hard wall. For a periodic potential the largest and
        the smallest U take the place of the leads, and so they do in a `Cell`; for a circle it is U
        at its centre and U outside, for a ribbon between two hard walls U and Δ beside them. In a
        cell the gap is that of the largest |Δ|.
        """
        left, right = self.hard_walls
        if self.mass_profile is None or (self.planar and not hasattr(self.potential, "leads")):
            ends = [(U, self.gap) for U in ask(self.potential, "far_range")]
        elif self.circular:
            circles = self.potential, self.mass
            ends = [tuple(c.centre for c in circles), tuple(c.outside for c in circles)]
        elif left is not None and right is not None:
            inside = self.mass_profile.limits
            ends = [(self.U_L, inside(left.position)[1]), (self.U_R, inside(right.position)[0])]
        else:
            ends = [(self.U_L, self.mass_left), (self.U_R, self.mass_right)]
        bands = [_band(self.fermi_energy - U, mass) for U, mass in ends]
        if bands == [0, 0]:
            return "insulating"
        if 0 in bands:
            return "half-metallic"
        return "metallic" if bands[0] == bands[1] else "metal-metal"

    @cached_property
    def current_scale(self) -> float:
        """j₀ = (1/4π) max_x |U(x+ℓ) - U(x-ℓ)|/2ℓ, ℓ = 1/(2|Δ|): what `rtol` is relative to.

        Finite for jumps, not small in metals; 0 for Δ = 0 or a flat potential. In a periodic
        potential the difference is the largest within that distance, so that it does not vanish
        where 2ℓ happens to be a period.

        Where Δ varies, |Δ| is `gap`, and the largest change of Δ(x) over the same distance is added
        to that of U: both turn the local law j_y = (e/2h) ∂ₓ c(ε_F - U; Δ). A hard wall counts as
        a change by `gap`.
        """
        gap = self.gap
        if gap == 0.0:
            return 0.0
        half = 1 / (2 * gap)
        drop = ask(self.potential, "largest_drop", 2 * half)
        if self.mass_profile is not None:
            drop += mass_drop(self.mass, 2 * half, gap)
        return E_OVER_2H * drop / (2 * half)

    def to_dict(self) -> dict[str, Any]:
        """A JSON- and TOML-ready description."""
        return {
            "mass": mass_to_dict(self.mass),
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
        if "mass" in values:
            values["mass"] = mass_from_dict(values["mass"])
        allowed = ("mass", "fermi_energy", "temperature")
        for key in values:
            if key not in allowed:
                raise ValueError(
                    f"unknown key {key!r} (allowed: potential, {', '.join(allowed)})"
                )
        return cls(potential, **values)


def _band(s: float, mass: float) -> int:
    """+1 in the conduction band, -1 in the valence band, 0 in the gap."""
    return int(np.sign(s)) if abs(s) > abs(mass) else 0


def _jumps(shape: Any) -> tuple[tuple[float, float], ...]:
    """(position, change) of every jump of a shape."""
    found = []
    low, high = ask(shape, "far_range")
    scale = max(high - low, abs(low), abs(high))
    for b in getattr(shape, "breakpoints", ()):
        below, above = shape.limits(b)
        # Limits of a sampled function carry its rounding; a jump is more than that.
        if abs(above - below) > 1e-9 * max(scale, abs(above), abs(below)):
            found.append((b, above - below))
    return tuple(found)


def has_ends(problem: Any) -> bool:
    """Whether it is a line between leads or walls, or a circle: where a mass may be a profile."""
    return getattr(problem, "has_leads", False) or getattr(problem, "circular", False)


def check_problem(problem: Any, planar: bool = False, walls: bool = False) -> Problem:
    """`problem` if it is one, or a ValueError that says what it is.

    Problems of U(x, y) are refused, but by what computes maps: `planar`. Those whose mass is a
    profile are refused, but by what takes them: `walls`.
    """
    found = of_kind("problem", problem, Problem)
    if found.planar and not planar:
        raise ValueError("problem: its potential is a function of x and y, "
                         f"{found.potential!r:.200}; its current is a map: dd.current_map")
    if found.mass_profile is not None and not walls:
        raise ValueError("problem: its mass is a profile, which is not taken here: mass must be a "
                         f"number, got {found.mass!r:.200}")
    return found
