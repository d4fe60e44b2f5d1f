"""Named materials: the numbers of their Dirac cones, with the sources, and their bookkeeping.

A cone in valley τ = ±1 is H = ħv_F(τ k_x σ_x + k_y σ_y) + Δσ_z + U. Conjugation with σ_y turns
τ = -1 into τ = +1 with Δ → -Δ and leaves the current operator σ_y alone: the solver's mass is τΔ,
and the anomalous current of the two valleys is opposite. So graphene and the dichalcogenides carry
a valley Hall current and no charge Hall current; the one cone of a topological insulator's surface
carries a charge Hall current.

All presets are rough: replace any number, ``dataclasses.replace(dd.materials.MOS2, mass=800.0)``
or ``dd.materials.material("mos2", mass=800.0)``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from dirac1d.exact import total_current
from dirac1d.laboratory.units import Scale, parse_quantity
from dirac1d.numerics.checks import finite_number, positive_number
from dirac1d.problem import Problem


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
    spin_orbit : float
        λ in meV: the term -λτs(σ_z - 1)/2, which splits the valence band by 2λ. With it the
        flavour (τ, s) has half gap Δ - λτs/2 and a gap centred at λτs/2.
    valleys, spins : bool
        Whether there are two valleys, two spins.

    Raises
    ------
    ValueError
        If a number is not finite, or the velocity is not positive.
    """

    name: str
    v_F: Any
    mass: Any
    spin_orbit: float = 0.0
    valleys: bool = True
    spins: bool = True

    def __post_init__(self) -> None:
        for name, kind in (("v_F", "velocity"), ("mass", "energy"), ("spin_orbit", "energy")):
            value = getattr(self, name)
            if isinstance(value, str):
                value = parse_quantity(name, value, kind)
            check = positive_number if name == "v_F" else finite_number
            object.__setattr__(self, name, check(name, value))

    @property
    def flavours(self) -> tuple[Flavour, ...]:
        """All cones, K up first."""
        return tuple(
            Flavour(
                valley, spin,
                mass=(valley or 1) * (self.mass - self.spin_orbit * valley * spin / 2),
                shift=self.spin_orbit * valley * spin / 2,
            )
            for valley in ((1, -1) if self.valleys else (0,))
            for spin in ((1, -1) if self.spins else (0,))
        )

    def scale(self, energy: float | str | None = None) -> Scale:
        """Its velocity with E₀ = |mass|, or with a given E₀ in meV; degeneracy 1.

        Raises
        ------
        ValueError
            If E₀ is not positive.
        """
        return Scale(self.v_F, abs(self.mass) if energy is None else energy)

    def problem(
        self, flavour: Flavour, potential: Any, scale: Scale, fermi_energy: float = 0.0,
        temperature: float = 0.0,
    ) -> Problem:
        """The dimensionless problem of one flavour.

        Parameters
        ----------
        flavour : Flavour
        potential : Potential
            U(x) in units of `scale`.
        scale : Scale
        fermi_energy, temperature : float
            In units of `scale`; energies from the middle of the gap before spin-orbit splitting.
        """
        # Shifting all of U by the flavour's offset is shifting ε_F against it.
        return Problem(
            potential, mass=flavour.mass / scale.energy,
            fermi_energy=fermi_energy - flavour.shift / scale.energy, temperature=temperature,
        )

    def hall_currents(
        self, potential: Any, scale: Scale, fermi_energy: float = 0.0, temperature: float = 0.0
    ) -> dict[str, float]:
        """J_y in nA by flavour, and in total: closed form, electric, with e = -|e|.

        Returns
        -------
        dict
            One entry per flavour's name, then ``charge`` (the sum), ``valley`` (K less K′) and
            ``spin`` (up less down), where these labels exist.
        """
        currents: dict[str, float] = {}
        sums = {"charge": 0.0}
        for flavour in self.flavours:
            problem = self.problem(flavour, potential, scale, fermi_energy, temperature)
            value = float(scale.to_lab(total_current(problem), "current"))
            currents[flavour.name] = value
            sums["charge"] += value
            for label, sign in (("valley", flavour.valley), ("spin", flavour.spin)):
                if sign:
                    sums[label] = sums.get(label, 0.0) + sign * value
        return currents | sums


#: Graphene aligned with hexagonal boron nitride: gap 38 meV (440 K) from magneto-optics on
#: epitaxial graphene at zero angle, Z.-G. Chen et al., Nat. Commun. 5, 4461 (2014),
#: arXiv:1406.5571; v_F = 1.0e6 m/s, the usual round value.
HBN_GRAPHENE = Material("hBN-aligned graphene", v_F=1.0e6, mass=19.0)
#: Monolayer MoS₂: D. Xiao, G.-B. Liu, W. Feng, X. Xu, W. Yao, PRL 108, 196802 (2012), Table I:
#: a = 3.193 Å, t = 1.10 eV, Δ = 1.66 eV (the gap), 2λ = 0.15 eV; ħv_F = at. Density-functional
#: gap; quasiparticle gaps are larger.
MOS2 = Material("MoS2", v_F="351.23 meV nm", mass=830.0, spin_orbit=75.0)
#: Monolayer WSe₂: same source and table: a = 3.310 Å, t = 1.19 eV, Δ = 1.60 eV, 2λ = 0.46 eV.
WSE2 = Material("WSe2", v_F="393.89 meV nm", mass=800.0, spin_orbit=230.0)
#: Surface of magnetically doped Bi₂Se₃: gap 7 meV of (Bi₀.₉₉Mn₀.₀₁)₂Se₃ by photoemission,
#: Y. L. Chen et al., Science 329, 659 (2010); v_F = 5e5 m/s, Y. Xia et al., Nat. Phys. 5, 398
#: (2009). H = ħv_F(σ_x k_y - σ_y k_x) + Δσ_z is the solver's after a turn of the spin about z.
#: The sign of Δ is that of the magnetisation; the opposite surface is not included.
TI_SURFACE = Material(
    "magnetic TI surface", v_F=5.0e5, mass=3.5, valleys=False, spins=False
)

#: Presets by the name used on the command line.
MATERIALS: dict[str, Material] = {
    "hbn-graphene": HBN_GRAPHENE, "mos2": MOS2, "wse2": WSE2, "ti-surface": TI_SURFACE,
}


def material(name: str, **changes: Any) -> Material:
    """A preset by its name, with any of its numbers replaced.

    Parameters
    ----------
    name : {"hbn-graphene", "mos2", "wse2", "ti-surface"}
    **changes
        Fields of `Material`.

    Raises
    ------
    ValueError
        If the name or a field is unknown, or a value is not allowed.

    Examples
    --------
    >>> import dirac1d as dd
    >>> mos2 = dd.materials.material("mos2", mass="0.8 eV")
    >>> [f"{f.name}: {f.mass:g} meV" for f in mos2.flavours]
    ['K up: 762.5 meV', 'K down: 837.5 meV', "K' up: -837.5 meV", "K' down: -762.5 meV"]
    >>> step = dd.TanhStep(-0.05, 0.05, width=3.0)
    >>> currents = mos2.hall_currents(step, mos2.scale())
    >>> {k: round(v, 6) + 0.0 for k, v in currents.items() if k in ("charge", "valley", "spin")}
    {'charge': 0.0, 'valley': 6198.473384, 'spin': 0.0}
    """
    if not isinstance(name, str) or name.lower() not in MATERIALS:
        raise ValueError(f"material must be one of {', '.join(MATERIALS)}, got {name!r}")
    allowed = [f.name for f in fields(Material)]
    for key in changes:
        if key not in allowed:
            raise ValueError(f"material: unknown key {key!r} (allowed: {', '.join(allowed)})")
    return replace(MATERIALS[name.lower()], **changes)
