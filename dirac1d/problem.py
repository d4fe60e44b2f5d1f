"""The problem that every engine solves, validated once, here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from dirac1d.dirac import E_OVER_2H
from dirac1d.numerics.checks import scale_number
from dirac1d.potentials import PeriodicPotential, Potential
from dirac1d.potentials.descriptions import potential_from_dict, potential_to_dict

#: Part of the potential's range below which its approach to the leads is not looked at when the
#: scale of the current is sought.
_SUPPORT_TOLERANCE = 1e-9
#: Points to a period at which a periodic potential is looked at for its range and its scale.
_PERIOD_POINTS = 720


@dataclass(frozen=True)
class Problem:
    """Massive Dirac electrons in a potential step, H = σ_x p_x + σ_y p_y + Δσ_z + U(x).

    Parameters
    ----------
    potential : Potential
        U(x).
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
        kinds = PeriodicPotential, Potential
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
        """Whether U is periodic: there are no leads then."""
        return isinstance(self.potential, PeriodicPotential)

    @cached_property
    def jumps(self) -> tuple[tuple[float, float], ...]:
        """(position, U(x+0) - U(x-0)) of every jump of U."""
        if self.periodic:
            return ()
        found = []
        scale = max(abs(self.U_R - self.U_L), abs(self.U_L), abs(self.U_R))
        for b in self.potential.breakpoints:
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
        place of the leads.
        """
        ends = self._one_period() if self.periodic else np.array([self.U_L, self.U_R])
        bands = [self._band(self.fermi_energy - U) for U in (np.min(ends), np.max(ends))]
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
        if self.periodic:
            return E_OVER_2H * self._largest_drop(2 * half) / (2 * half)
        a, b = self.potential.support(max(_SUPPORT_TOLERANCE * self._range(), 1e-300))
        grid = _scale_grid(a, b, half, self.potential)

        def drop(x: float | NDArray) -> Any:
            # Just inside a jump at x ± ℓ: the supremum over x, not the mean at the jump.
            return np.abs(self.potential(x + half) - self.potential(x - half))

        values = drop(grid)
        best = float(np.max(values, initial=0.0))
        for i in np.argsort(values)[-3:]:
            lo, hi = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
            if hi > lo:
                refined = minimize_scalar(
                    lambda x: -float(drop(x)), bounds=(lo, hi), method="bounded",
                    options={"xatol": 1e-9 * (hi - lo)},
                )
                best = max(best, -float(refined.fun))
        return E_OVER_2H * best / (2 * half)

    def _one_period(self) -> NDArray:
        return self.potential(self.potential.period * np.arange(_PERIOD_POINTS) / _PERIOD_POINTS)

    def _largest_drop(self, distance: float) -> float:
        """The largest |U(x) - U(x′)| of a periodic U for |x - x′| ≤ distance."""
        period = self.potential.period
        x = period * np.arange(_PERIOD_POINTS) / _PERIOD_POINTS
        # Up to half a period: by then the other half of the differences repeats. In 32 steps the
        # maximum of a smooth U is met to 1e-3, and this is a scale.
        shifts = np.linspace(0.0, min(distance, period / 2), 33)[1:]
        U = self.potential(x)
        return max(float(np.max(np.abs(self.potential(x + s) - U))) for s in shifts)

    def _range(self) -> float:
        return max(abs(self.U_R - self.U_L), abs(self.U_L), abs(self.U_R), abs(self.mass) * 1e-6)

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


def _scale_grid(a: float, b: float, half: float, potential: Potential) -> NDArray:
    """Centres x at which |U(x+ℓ) - U(x-ℓ)| is looked at: a uniform grid, and every breakpoint."""
    # Enough points to see the steepest slope: 20 to the finer of the two lengths, at most 20,001.
    finest = min(half, potential.length_scale)
    count = int(np.clip(20 * (b - a + 4 * half) / finest, 401, 20001))
    uniform = np.linspace(a - 2 * half, b + 2 * half, count)
    breaks = np.asarray(potential.breakpoints, dtype=float)
    if len(breaks) > 2000:
        breaks = breaks[:: len(breaks) // 1000]
    # A hair off the breakpoints: at a jump U is the mean of both sides, the supremum is beside it.
    hair = 1e-9 * half
    near = [breaks + s * half + d * hair for s in (-1, 0, 1) for d in (-1, 0, 1)]
    return np.unique(np.concatenate((uniform, [(a + b) / 2], *near)))
