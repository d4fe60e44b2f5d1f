"""Named materials: the numbers of their Dirac cones, with the sources.

All presets are rough: replace any number, ``dd.materials.material("mos2", mass="800 meV")``. What
is known of each number, and what of it was checked: ``print(dd.materials.MOS2.describe())``.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from dirac1d.laboratory.cones import Flavour, Material, Source

__all__ = ["HBN_GRAPHENE", "MATERIALS", "MOS2", "TI_SURFACE", "WSE2", "Flavour", "Material",
           "Source", "material"]

_XIAO = "D. Xiao, G.-B. Liu, W. Feng, X. Xu, W. Yao, PRL 108, 196802 (2012), Table I: "
#: Graphene aligned with hexagonal boron nitride.
HBN_GRAPHENE = Material(
    "hBN-aligned graphene", v_F=1.0e6, mass=19.0,
    sources=(
        Source("v_F", "the usual round value; the source of the gap finds velocities that depend "
                      "on the transition and the field"),
        Source("mass", "Z.-G. Chen et al., Nat. Commun. 5, 4461 (2014), arXiv:1406.5571: gap 38 "
                       "meV, epitaxial graphene at zero angle, magneto-optics",
               "the abstract: a bandgap of ~38 meV (440 K)"),
    ),
)
#: Monolayer MoS₂; a density-functional gap, quasiparticle gaps are larger.
MOS2 = Material(
    "MoS2", v_F="351.23 meV nm", mass=830.0, spin_orbit=75.0,
    sources=(
        Source("v_F", _XIAO + "ħv_F = at, a = 3.193 Å, t = 1.10 eV"),
        Source("mass", _XIAO + "gap 1.66 eV"),
        Source("spin_orbit", _XIAO + "2λ = 0.15 eV"),
    ),
)
#: Monolayer WSe₂, likewise.
WSE2 = Material(
    "WSe2", v_F="393.89 meV nm", mass=800.0, spin_orbit=230.0,
    sources=(
        Source("v_F", _XIAO + "ħv_F = at, a = 3.310 Å, t = 1.19 eV"),
        Source("mass", _XIAO + "gap 1.60 eV"),
        Source("spin_orbit", _XIAO + "2λ = 0.46 eV"),
    ),
)
#: One surface of a Cr-doped (Bi,Sb)₂Te₃ film, whose gap closes with the magnetisation: the sign of
#: Δ is that of M. (The gap of (Bi,Mn)₂Se₃ is not due to its magnetism and is not taken:
#: J. Sánchez-Barriga et al., Nat. Commun. 7, 10559 (2016), arXiv:1603.02881.)
#: H = ħv_F(σ_x k_y - σ_y k_x) + Δσ_z is the solver's after a turn of the spin about z. The opposite
#: surface is not included: magnetised alike and gated alike it adds the same current again.
TI_SURFACE = Material(
    "Cr-doped (Bi,Sb)2Te3 surface", v_F=4.0e5, mass=6.75, valleys=False, spins=False,
    sources=(
        Source("v_F", "round value for (Bi,Sb)2Te3; 3e5 to 5e5 m/s are in use"),
        Source("mass", "A. Park et al., arXiv:2402.07886: gap 13.5 meV on average at 4.2 K in "
                       "Cr0.1(Bi0.2Sb0.8)1.9Te3, none above the Curie temperature of 30 K. The gap "
                       "varies by several times over nanometres: I. Lee et al., PNAS 112, 1316 "
                       "(2015), Cr0.08(Bi0.1Sb0.9)1.92Te3. Take 3 to 15 meV as the range",
               "both abstracts: the average of 13.5 meV and that it is magnetic; the disorder, not "
               "its range"),
    ),
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
    preset = MATERIALS[name.lower()]
    kept = tuple(source for source in preset.sources if source.of not in changes)
    return replace(preset, **({"sources": kept} | changes))
