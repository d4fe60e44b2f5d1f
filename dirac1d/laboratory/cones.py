"""The Dirac cones of a material: their masses, shifts and signs, and where the numbers come from.

A cone in valley τ = ±1 is H = ħv_F(τ k_x σ_x + k_y σ_y) + Δσ_z + U. Conjugation with σ_y turns
τ = -1 into τ = +1 with Δ → -Δ and leaves the current operator σ_y alone: the solver's mass is τΔ,
and the anomalous current of the two valleys is opposite. So graphene and the dichalcogenides carry
a valley Hall current and no charge Hall current; the one cone of a topological insulator's surface
carries a charge Hall current.

A splitting lifts K (or spin up) by half of itself and lowers K′ (spin down) by the other half, as
an exchange field or a difference of the two chemical potentials does. Where ε_F lies in the gap of
every cone the currents cancel all the same: what counts there is the sign of Δ alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from dirac1d.exact import total_current
from dirac1d.laboratory.units import (
    LAB_UNITS,
    Scale,
    dimensionless,
    parse_quantity,
)
from dirac1d.numerics.checks import finite_number, of_kind, positive_number
from dirac1d.problem import Problem


@dataclass(frozen=True)
class Source:
    """Where a number of a material comes from.

    Attributes
    ----------
    of : str
        The field of `Material`.
    text : str
        The reference, and how the number follows from it.
    checked : str
        What was read of it and agrees; empty where the number is not verified.
    """

    of: str
    text: str
    checked: str = ""


@dataclass(frozen=True)
class Flavour:
    """One Dirac cone of a material.

    Attributes
    ----------
    valley : int
        τ: +1 (K), -1 (K′), 0 where there is one valley only.
    spin : int
        +1 (up), -1 (down), 0 where spin is not a label.
    mass : float
        The solver's mass in meV, τ included.
    shift : float
        Energy of the middle of its gap, in meV, to be added to U.
    """

    valley: int
    spin: int
    mass: float
    shift: float

    @property
    def sign(self) -> float:
        """Of the mass."""
        return 1.0 if self.mass >= 0 else -1.0

    @property
    def name(self) -> str:
        """Such as ``K up``; ``surface`` for a single cone."""
        words = [{1: "K", -1: "K'"}.get(self.valley), {1: "up", -1: "down"}.get(self.spin)]
        return " ".join(w for w in words if w) or "surface"


@dataclass(frozen=True)
class Material:
    """The Dirac cones of a material.

    Parameters
    ----------
    name : str
    v_F : float or str
        Fermi velocity in m/s, or text with a unit (``"351.2 meV nm"`` for ħv_F).
    mass : float or str
        Half the gap in meV, before the spin-orbit splitting; or text with a unit.
    spin_orbit : float or str
        λ in meV: the term -λτs(σ_z - 1)/2, which splits the valence band by 2λ. With it the
        flavour (τ, s) has half gap Δ - λτs/2 and a gap centred at λτs/2.
    valleys, spins : bool
        Whether there are two valleys, two spins.
    valley_splitting, spin_splitting : float or str
        Energy of K above K′, of spin up above spin down, in meV.
    sources : tuple of Source
        Of the numbers; `material` drops those of the numbers that it replaces.

    Raises
    ------
    ValueError
        If a number is not finite, the velocity is not positive, or a splitting has nothing to
        split.
    """

    name: str
    v_F: Any
    mass: Any
    spin_orbit: Any = 0.0
    valleys: bool = True
    spins: bool = True
    valley_splitting: Any = 0.0
    spin_splitting: Any = 0.0
    sources: tuple[Source, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("v_F", "mass", "spin_orbit", "valley_splitting", "spin_splitting"):
            value = getattr(self, name)
            if isinstance(value, str):
                value = parse_quantity(name, value, "velocity" if name == "v_F" else "energy")
            check = positive_number if name == "v_F" else finite_number
            object.__setattr__(self, name, check(name, value))
        for label in ("valley", "spin"):
            if getattr(self, f"{label}_splitting") and not getattr(self, f"{label}s"):
                raise ValueError(f"{label}_splitting does not apply: {self.name} has one {label}")

    @property
    def flavours(self) -> tuple[Flavour, ...]:
        """All cones, K up first."""
        return tuple(
            Flavour(
                valley, spin,
                mass=(valley or 1) * (self.mass - self.spin_orbit * valley * spin / 2),
                shift=self.spin_orbit * valley * spin / 2
                + (self.valley_splitting * valley + self.spin_splitting * spin) / 2,
            )
            for valley in ((1, -1) if self.valleys else (0,))
            for spin in ((1, -1) if self.spins else (0,))
        )

    def scale(self, energy: float | str | None = None) -> Scale:
        """Its velocity with E₀ = |mass|, or with a given E₀ in meV.

        Raises
        ------
        ValueError
            If E₀ is not positive.
        """
        return Scale(self.v_F, abs(self.mass) if energy is None else energy, material=self)

    def problem(
        self, flavour: Flavour, potential: Any, scale: Scale, fermi_energy: Any = 0.0,
        temperature: Any = 0.0,
    ) -> Problem:
        """The dimensionless problem of one flavour.

        Parameters
        ----------
        flavour : Flavour
        potential : Potential
            U(x) in units of `scale`; `dirac1d.gate` makes one from values with units.
        scale : Scale
        fermi_energy, temperature : str or Dimensionless
            Text with a unit, or what `Scale.from_lab` returned; energies from the middle of the
            gap before spin-orbit and other splittings.

        Raises
        ------
        ValueError
            If a number has no unit.
        """
        of_kind("flavour", flavour, Flavour, "dirac1d.laboratory.cones.Flavour, one of "
                "Material.flavours")
        of_kind("scale", scale, Scale)
        ε_F = dimensionless("fermi_energy", fermi_energy, scale)
        # Shifting all of U by the flavour's offset is shifting ε_F against it.
        return Problem(
            potential, mass=flavour.mass / scale.energy,
            fermi_energy=ε_F - flavour.shift / scale.energy,
            temperature=dimensionless("temperature", temperature, scale),
        )

    def hall_currents(
        self, potential: Any, scale: Scale, fermi_energy: Any = 0.0, temperature: Any = 0.0,
        mass: Any = None,
    ) -> dict[str, float]:
        """J_y in nA by flavour, and in total: closed form, electric, with e = -|e|.

        Parameters
        ----------
        potential, scale, fermi_energy, temperature
            As of `problem`.
        mass : Potential, optional
            A mass Δ(x) in place of the material's, in units of `scale`: with each cone's sign.

        Returns
        -------
        dict
            One entry per flavour's name, then ``charge`` (the sum), ``valley`` (K less K′) and
            ``spin`` (up less down), where these labels exist.
        """
        problems = {flavour: self.problem(flavour, potential, scale, fermi_energy, temperature)
                    for flavour in self.flavours}
        if mass is not None:
            problems = {f: replace(p, mass=f.sign * mass) for f, p in problems.items()}
        return self.summed({f: float(scale.to_lab(total_current(p), "current"))
                            for f, p in problems.items()})

    def summed(self, values: dict[Flavour, float]) -> dict[str, float]:
        """One entry per flavour's name, then the sums ``charge``, ``valley`` and ``spin``."""
        currents: dict[str, float] = {}
        sums = {"charge": 0.0}
        for flavour, value in values.items():
            currents[flavour.name] = value
            for label, sign in (("valley", flavour.valley), ("spin", flavour.spin)):
                if sign:
                    sums[label] = sums.get(label, 0.0) + sign * value
        # Opposite pairs first, so that what cancels is an exact 0.
        sums["charge"] = sum(sorted(currents.values(), key=lambda v: (abs(v), v)))
        return currents | sums

    @property
    def one_cone(self) -> str:
        """What the current of a single cone is worth, in words.

        Cones of opposite mass at the same energy carry opposite currents, whatever U is and however
        the mass varies.
        """
        cones = self.flavours
        if len(cones) == 1:
            return "one cone, its current is the sum"
        left: Counter[tuple[float, float]] = Counter()
        for cone in cones:
            left[abs(cone.mass), cone.shift] += int(cone.sign)
        if any(left.values()):
            return f"one of {len(cones)} cones, whose currents add with their signs"
        return f"one of {len(cones)} cones, which cancel by {'valley' if self.valleys else 'spin'}"

    def describe(self) -> str:
        """Every number with its source, and whether it was checked."""
        count = len(self.flavours)
        lines = [f"{self.name}: " + ("one Dirac cone" if count == 1 else f"{count} Dirac cones")]
        units = {"v_F": "m/s"}
        known = {source.of: source for source in self.sources}
        for name in ("v_F", "mass", "spin_orbit", "valley_splitting", "spin_splitting"):
            value, source = getattr(self, name), known.get(name)
            if not value:
                continue
            lines.append(f"  {name} = {value:g} {units.get(name, LAB_UNITS['energy'])}")
            if source is None:
                lines.append("    given by you")
                continue
            lines.append(f"    {source.text}")
            lines.append(f"    checked: {source.checked}" if source.checked else "    NOT VERIFIED")
        return "\n".join(lines)
