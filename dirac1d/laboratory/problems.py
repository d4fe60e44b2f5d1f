"""Problems given in laboratory units: by material or by scale, from options and TOML files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dirac1d.laboratory.materials import Flavour, Material, material
from dirac1d.laboratory.units import LAB_UNITS, Scale, parse_quantity
from dirac1d.numerics.checks import finite_number, read_two_columns, real_array
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile

#: What kind of quantity a key of a problem file or an option holds.
KINDS = {
    "left": "energy", "right": "energy", "height": "energy", "amplitude": "energy", "U": "energy",
    "mass": "energy", "fermi_energy": "energy", "temperature": "temperature", "width": "length",
    "length": "length", "position": "length", "x": "length", "x_min": "length", "x_max": "length",
    "wavenumber": "wavenumber", "start": "energy", "stop": "energy",
}


@dataclass(frozen=True)
class Laboratory:
    """The scale of a problem, and the material and flavour if it has one."""

    scale: Scale
    material: Material | None = None
    flavour: Flavour | None = None

    def summary(self, profile: Profile) -> dict[str, Any]:
        """The result in laboratory units, JSON-ready; currents electric, e = -|e|."""
        scale, problem = self.scale, profile.problem
        total = float(profile.strip.integral(-np.inf, np.inf)) if _has_tails(profile) else None
        found: dict[str, Any] = {
            "scale": scale.to_dict(),
            "units": dict(LAB_UNITS) | {"sign": "electric currents, e = -|e|"},
            "x": np.asarray(scale.to_lab(profile.x, "length")).tolist(),
            "j_y": [float(v) if np.isfinite(v) else str(v)
                    for v in np.asarray(scale.to_lab(profile.j_y, "current_density"))],
            "J_y": None if total is None else float(scale.to_lab(total, "current")),
        }
        if self.material is None or self.flavour is None:
            return found
        found |= {"material": self.material.name, "flavour": self.flavour.name}
        if not problem.periodic:
            fermi_energy = problem.fermi_energy + self.flavour.shift / scale.energy
            found["hall_currents_nA"] = self.material.hall_currents(
                problem.potential, scale, fermi_energy, problem.temperature
            )
        return found

    def report(self, profile: Profile) -> str:
        """A readable summary in laboratory units."""
        found, scale = self.summary(profile), self.scale
        name = found.get("material", "scale")
        lines = [
            f"  in the laboratory ({name}, electric currents with e = -|e|)",
            f"    {'E0, length, v_F:':<22}{scale.energy:g} meV, {scale.unit('length'):.4g} nm, "
            f"{scale.v_F:.4g} m/s",
        ]
        if found["J_y"] is not None:
            label = f"J_y of {found['flavour']}:" if "flavour" in found else "J_y:"
            lines.append(f"    {label:<22}{found['J_y']:+.6f} nA   (from the sum)")
        finite = profile.j_y[np.isfinite(profile.j_y)]
        if finite.size:
            peak = float(scale.to_lab(finite[np.argmax(np.abs(finite))], "current_density"))
            lines.append(f"    {'largest j_y:':<22}{peak:+.6g} nA/um")
        for label, value in found.get("hall_currents_nA", {}).items():
            what = f"{label} Hall" if label in ("charge", "valley", "spin") else label
            lines.append(f"    {what + ' current:':<22}{value + 0.0:+.6f} nA   (closed form)")
        return "\n".join(lines)


def _has_tails(profile: Profile) -> bool:
    return profile.strip is not None and profile.strip.tails is not None


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
        ``v_F``, ``energy`` and ``degeneracy``, instead of a material.

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
                raise ValueError(f"scale: unknown key {key!r} (allowed: v_F, energy, degeneracy)")
        for key in ("v_F", "energy"):
            if key not in scale:
                raise ValueError(f"scale needs the key {key!r}")
        return Laboratory(Scale(**scale))
    if name is None:
        return None
    found = material(name)
    unit = found.scale()
    if mass is not None:
        found = replace(found, mass=unit.energy * dimensionless("mass", mass, unit))
    names = [f.name for f in found.flavours]
    chosen = names[0] if flavour is None else flavour
    if chosen not in names:
        raise ValueError(f"flavour must be one of {', '.join(names)}, got {flavour!r}")
    return Laboratory(unit, found, found.flavours[names.index(chosen)])


def dimensionless(name: str, value: Any, scale: Scale | None) -> float:
    """A number, or text with a unit where there is a scale, as a dimensionless float.

    Raises
    ------
    ValueError
        If the value is neither, or has a unit where there is no scale.
    """
    if not isinstance(value, str):
        return finite_number(name, value)
    if scale is None:
        raise ValueError(
            f"{name} must be a finite number, got {value!r} (for values with units name a "
            "material, or give a scale)"
        )
    kind = KINDS[name]
    return finite_number(name, parse_quantity(name, value, kind) / scale.unit(kind))


def potential_without_units(
    description: Any, scale: Scale | None, folder: Path | None = None
) -> Any:
    """A potential's description with every value dimensionless and every file read.

    A table may name a ``file`` of two columns (relative to `folder`) in place of ``x`` and ``U``,
    and its units, ``x_unit`` and ``U_unit``; with a scale, files are in nm and meV by default.
    """
    if not isinstance(description, Mapping):
        raise ValueError(f"potential must be a table of keys, got {description!r}")
    values = dict(description)
    if values.get("shape") == "sum" and isinstance(values.get("terms"), list):
        values["terms"] = [potential_without_units(t, scale, folder) for t in values["terms"]]
        return values
    if values.get("shape") == "table":
        return _table_without_units(values, scale, folder)
    return {
        key: dimensionless(key, value, scale) if isinstance(value, str) and key in KINDS else value
        for key, value in values.items()
    }


def _table_without_units(
    values: dict[str, Any], scale: Scale | None, folder: Path | None
) -> dict[str, Any]:
    units = {key: values.pop(f"{key}_unit", None) for key in ("x", "U")}
    if "file" in values:
        if "x" in values or "U" in values:
            raise ValueError("potential: file excludes x and U")
        name = values.pop("file")
        if not isinstance(name, str):
            raise ValueError(f"potential: file must be a path, got {name!r}")
        values["x"], values["U"] = read_two_columns((folder or Path()) / name)
        if scale is not None:
            units = {"x": units["x"] or "nm", "U": units["U"] or "meV"}
    for key, unit in units.items():
        if unit is not None:
            size = dimensionless(key, f"1 {unit}", scale)
            values[key] = (real_array(key, values.get(key, [])) * size).tolist()
    return values


def laboratory_problem(
    potential: Any, values: Mapping[str, Any], laboratory: Laboratory | None
) -> Problem:
    """The problem of ``mass``, ``fermi_energy`` and ``temperature``, each with or without unit."""
    scale = laboratory.scale if laboratory else None
    given = {
        name: dimensionless(name, values[name], scale) for name in ("fermi_energy", "temperature")
    }
    if laboratory is not None and laboratory.material is not None:
        assert laboratory.flavour is not None
        return laboratory.material.problem(laboratory.flavour, potential, laboratory.scale, **given)
    return Problem(potential, dimensionless("mass", values["mass"], scale), **given)
