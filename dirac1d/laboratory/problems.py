"""Problems given in laboratory units: by material or by scale, from options and TOML files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import constants

from dirac1d.laboratory.currents import cancellation_note
from dirac1d.laboratory.gates import potential_without_units
from dirac1d.laboratory.materials import Flavour, Material, material
from dirac1d.laboratory.units import (
    LAB_UNITS,
    Dimensionless,
    Scale,
    dimensionless,
    kind_of,
    readable,
    with_unit,
)
from dirac1d.potentials.planar import Cell
from dirac1d.potentials.walls import WALLED, Walled, mass_from_dict
from dirac1d.problem import Problem

__all__ = ["Laboratory", "dimensionless", "kind_of", "laboratory_problem", "make_laboratory",
           "potential_without_units"]

#: In A m².
_BOHR_MAGNETON = constants.physical_constants["Bohr magneton"][0]


@dataclass(frozen=True)
class Laboratory:
    """The scale of a problem, and the material and flavour if it has one."""

    scale: Scale
    material: Material | None = None
    flavour: Flavour | None = None

    def summary(self, profile: Any) -> dict[str, Any]:
        """The result in laboratory units, JSON-ready; currents electric, e = -|e|."""
        scale, problem = self.scale, profile.problem
        total = profile.total()
        found: dict[str, Any] = {
            "scale": scale.to_dict(),
            "units": dict(LAB_UNITS) | {"sign": "electric currents, e = -|e|"},
            "x": np.asarray(scale.to_lab(profile.x, "length")).tolist(),
            "j_y": [float(v) if np.isfinite(v) else str(v)
                    for v in np.asarray(scale.to_lab(profile.j_y, "current_density"))],
            "J_y": None if total is None else float(scale.to_lab(total, "current")),
        }
        if problem.circular and profile.complete:
            # 1 nA nm², with the sign of the electric current.
            unit = scale.unit("current") * scale.unit("length") ** 2 * 1e-27 / _BOHR_MAGNETON
            found["moment_bohr_magnetons"] = unit * profile.moment.value
        if self.material is None or self.flavour is None:
            return found
        found |= {"material": self.material.name, "flavour": self.flavour.name}
        if problem.has_leads:
            found["hall_currents_nA"] = self.hall_currents(problem)
            found["note"] = cancellation_note(self.material, found["hall_currents_nA"])
        else:
            found["note"] = self.material.one_cone
        return found

    def hall_currents(self, problem: Problem) -> dict[str, float]:
        """J_y of all cones in nA, for the problem of this one; see `Material.hall_currents`.

        Raises
        ------
        ValueError
            If there is no material.
        """
        if self.material is None or self.flavour is None:
            raise ValueError("the currents of all cones need a material, not a scale")
        return self.material.hall_currents(
            problem.potential, self.scale,
            Dimensionless(problem.fermi_energy + self.flavour.shift / self.scale.energy),
            Dimensionless(problem.temperature),
            # The problem's mass has its own cone's sign.
            None if problem.mass_profile is None else self.flavour.sign * problem.mass,
        )

    def report(self, profile: Any) -> str:
        """A readable summary in laboratory units."""
        found, scale = self.summary(profile), self.scale
        name = found.get("material", "scale")
        lines = [
            f"  in the laboratory ({name}, electric currents with e = -|e|)",
            f"    {'E0, length, v_F:':<22}{scale.energy:g} meV, {scale.unit('length'):.4g} nm, "
            f"{scale.v_F:.4g} m/s",
        ]
        known = np.isfinite(profile.error)  # else a budget has ended before there was an answer
        if found["J_y"] is not None and np.any(known):
            what = "M(0)" if profile.problem.circular else "J_y"
            label = f"{what} of {found.get('flavour', 'one cone')}:"
            lines.append(f"    {label:<22}{readable(found['J_y'], 'nA', 4)}   (from the sum)")
        if "moment_bohr_magnetons" in found and np.any(known):
            lines.append(f"    {'magnetic moment:':<22}{found['moment_bohr_magnetons']:.4g} μ_B")
        finite = profile.j_y[np.isfinite(profile.j_y) & known]
        if finite.size:
            peak = float(scale.to_lab(finite[np.argmax(np.abs(finite))], "current_density"))
            label = f"its largest {'j_phi' if profile.problem.circular else 'j_y'}:"
            lines.append(f"    {label:<22}{readable(peak, 'nA/um', 3)}")
        for label, value in found.get("hall_currents_nA", {}).items():
            what = f"{label} Hall" if label in ("charge", "valley", "spin") else label
            lines.append(f"    {what + ' current:':<22}{readable(value, 'nA', 4)}   (closed form)")
        if found.get("note"):
            lines.append(f"    {found['note']}")
        return "\n".join(lines)


def make_laboratory(
    name: str | None, flavour: str | None, scale: Any, mass: Any
) -> Laboratory | None:
    """The laboratory of a problem file and its options, or None where all is dimensionless.

    Parameters
    ----------
    name : str, optional
        Of a material; `mass`, if it is text with a unit, replaces the material's.
    flavour : str, optional
        Such as ``"K up"``; the first by default.
    scale : mapping, optional
        ``v_F`` and ``energy`` as text with units, instead of a material.

    Raises
    ------
    ValueError
        If both or unknown things are given.
    """
    if name is not None and scale is not None:
        raise ValueError("material and scale exclude each other")
    if name is None and flavour is not None:
        raise ValueError("flavour needs a material")
    if scale is not None:
        if not isinstance(scale, Mapping):
            raise ValueError(f"scale must be a table of keys, got {scale!r}")
        for key in scale:
            if key not in ("v_F", "energy", "degeneracy"):
                raise ValueError(f"scale: unknown key {key!r} (allowed: v_F, energy)")
        for key, kind in (("v_F", "velocity"), ("energy", "energy")):
            if key not in scale:
                raise ValueError(f"scale needs the key {key!r}")
            with_unit(f"scale: {key}", scale[key], kind)
        return Laboratory(Scale(**scale))
    if name is None:
        return None
    found = material(name)
    unit = found.scale()
    if mass is not None and not isinstance(mass, Mapping):
        found = replace(found, mass=unit.energy * dimensionless("mass", mass, unit))
    names = [f.name for f in found.flavours]
    chosen = names[0] if flavour is None else flavour
    if chosen not in names:
        raise ValueError(f"flavour must be one of {', '.join(names)}, got {flavour!r}")
    return Laboratory(unit, found, found.flavours[names.index(chosen)])


def laboratory_problem(
    potential: Any, values: Mapping[str, Any], laboratory: Laboratory | None
) -> Problem:
    """The problem of ``mass``, ``fermi_energy`` and ``temperature``, each with or without unit.

    A mass that varies is a table of keys, as a potential is, or a `Cell`, dimensionless; of a
    material's cone it has the sign.
    """
    scale = laboratory.scale if laboratory else None
    given = {
        name: dimensionless(name, values[name], scale) for name in ("fermi_energy", "temperature")
    }
    profile = values["mass"] if isinstance(values["mass"], Cell) else None
    if isinstance(values["mass"], Mapping):
        profile = _described_mass(values["mass"], scale)
    if laboratory is not None and laboratory.material is not None:
        assert laboratory.flavour is not None
        found = laboratory.material.problem(
            laboratory.flavour, potential, laboratory.scale, **given)
        if profile is None:
            return found
        if isinstance(profile, Walled):
            raise ValueError("mass: hard walls go with a scale, not with a material")
        return replace(found, mass=float(np.sign(found.mass)) * profile)
    if profile is not None:
        return Problem(potential, profile, **given)
    return Problem(potential, dimensionless("mass", values["mass"], scale), **given)


def _described_mass(description: Mapping[str, Any], scale: Scale | None) -> Any:
    """The profile of a table of keys; its errors say that it is the mass, not the potential."""
    try:
        return mass_from_dict(mass_without_units(description, scale))
    except ValueError as error:
        said = str(error).removeprefix("potential: ").removeprefix("mass: ")
        raise ValueError(f"mass: {said}") from error


def mass_without_units(description: Mapping[str, Any], scale: Scale | None) -> dict[str, Any]:
    """The description of a mass with every value dimensionless.

    Raises
    ------
    ValueError
        If a number has no unit where there is a scale, or a unit where there is none.
    """
    if description.get("shape") != WALLED:
        return potential_without_units(description, scale)
    values = dict(description)
    inside = values.get("inside", 0.0)
    values["inside"] = (
        mass_without_units(inside, scale) if isinstance(inside, Mapping)
        else dimensionless("mass", inside, scale)
    )
    if isinstance(values.get("walls"), list):  # whatever else is told when walls are made
        values["walls"] = [
            {**wall, "position": dimensionless("position", wall["position"], scale)}
            if isinstance(wall, Mapping) and "position" in wall else wall
            for wall in values["walls"]
        ]
    return values
