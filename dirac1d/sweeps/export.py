"""Results as text for other programs: CSV and JSON, with units and the full problem in the header.

CSV starts with ``# key: value`` lines (values are JSON), then a line of column names with their
units, then numbers to full precision: ``numpy.loadtxt(path, delimiter=",", skiprows=...)`` or
``pandas.read_csv(path, comment="#")`` read it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.exact import total_current
from dirac1d.laboratory.units import LAB_UNITS, Scale, check_scale, kind_of
from dirac1d.numerics.columns import csv_text, save_table
from dirac1d.numerics.files import place, write
from dirac1d.potentials import NoLeadsError
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile
from dirac1d.results.radial import RadialProfile
from dirac1d.results.record import json_ready
from dirac1d.version import __version__

#: Of dimensionless columns.
DIMENSIONLESS = "hbar = v_F = k_B = 1, energies in E0, lengths in hbar v_F/E0, currents over e"
LABORATORY = "nm, meV, nA; electric currents, e = -|e|"
KINDS = (".csv", ".json", ".npz")
#: Of the archives that `load_table` reads.
TABLE_KIND, TABLE_FORMAT = "dirac1d.Sweep", 1


def profile_columns(
    profile: Profile, scale: Scale | None
) -> tuple[dict[str, NDArray], dict[str, str]]:
    """x, j_y (of a circle r, j_phi), its error, and their units; with a scale in nm and nA/µm."""
    columns = {"x": profile.x, "j_y": profile.j_y, "error": profile.error}
    units = {"x": "hbar v_F/E0", "j_y": "e E0^2/(hbar^2 v_F)", "error": "e E0^2/(hbar^2 v_F)"}
    if scale is not None:
        density = scale.unit("current_density")
        columns = {
            "x": profile.x * scale.unit("length"), "j_y": profile.j_y * density,
            "error": profile.error * abs(density),
        }
        units = {"x": "nm", "j_y": "nA/um", "error": "nA/um"}
    if profile.problem.circular:
        names = {"x": "r", "j_y": "j_phi", "error": "error"}
        columns, units = ({names[k]: v for k, v in q.items()} for q in (columns, units))
    return columns, units


def closed_form(problem: Problem) -> float | None:
    """J_y/e in closed form; None where there are no leads."""
    try:
        return total_current(problem)
    except NoLeadsError:
        return None


def in_units(problem: Problem, scale: Scale | None) -> dict[str, Any]:
    """A problem's description, with a scale in the units of the laboratory, as in a problem file.

    What was sampled of a function is left out then, and a material's cone is told by its mass.
    """
    described = problem.to_dict()
    return described if scale is None else _in_units(described, scale)


def _in_units(values: dict[str, Any], scale: Scale) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        kind = kind_of(key)
        if key in ("edges", "coefficients", "breakpoints"):
            continue
        if isinstance(value, dict):
            found[key] = _in_units(value, scale)
        elif key in ("terms", "walls"):
            found[key] = [_in_units(part, scale) for part in value]
        elif kind in (None, "number"):
            found[key] = value
        elif isinstance(value, list):
            found[key] = np.asarray(scale.to_lab(value, kind)).tolist()
            found[f"{key}_unit"] = LAB_UNITS[kind]
        else:
            found[key] = f"{float(scale.to_lab(value, kind)):.12g} {LAB_UNITS[kind]}"
    return found


def export(profile: Profile, path: str | Path, scale: Scale | None = None) -> Path:
    """Write a profile as ``.csv``, ``.json`` or ``.npz``, by the ending of the name.

    Parameters
    ----------
    profile : Profile
    path : str or Path
    scale : Scale, optional
        Then CSV and JSON hold nm and nA/µm, electric currents with e = -|e|, and the problem in
        nm, meV and K.

    Raises
    ------
    ValueError
        If the ending is another, or the file cannot be written.
    """
    if not isinstance(profile, Profile | RadialProfile):
        raise ValueError(f"profile must be a dirac1d.Profile, got {profile!r:.200}")
    check_scale(scale)
    path = place(path)
    ending = path.suffix.lower()
    if ending == ".npz":
        return profile.save(path)
    columns, units = profile_columns(profile, scale)
    header = {
        "dirac1d": __version__,
        "units": DIMENSIONLESS if scale is None else LABORATORY,
        "engine": profile.engine,
        "status": profile.status,
        "rtol": profile.rtol,
        "current_scale": profile.problem.current_scale,
        "problem": in_units(profile.problem, scale),
    } | ({} if scale is None else {"scale": scale.to_dict()})
    return _write_text(path, header, columns, units)


def _write_text(
    path: Path, header: dict[str, Any], columns: dict[str, Any], units: dict[str, str]
) -> Path:
    """A table as ``.csv`` or ``.json``."""
    ending = path.suffix.lower()
    if ending == ".csv":
        return write(path, csv_text(header, columns, units))
    if ending == ".json":
        content = header | {"column_units": units} | {
            name: json_ready(np.asarray(column).tolist())
            for name, column in columns.items()
        }
        return write(path, json.dumps(content, allow_nan=False) + "\n")
    raise ValueError(f"{str(path)!r} must end in one of {', '.join(KINDS)}")


def export_columns(
    path: Path, columns: dict[str, list[Any]], problem: Problem, scale: Scale | None
) -> Path:
    """Write the table of ``dirac1d total`` as ``.csv``, ``.json`` or ``.npz`` (`load_table`).

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    plain = {"fermi_energy": "E0", "J_y": "e E0/hbar"}
    units = {name: plain[name] for name in columns if name in plain}
    header = {
        "dirac1d": __version__, "units": DIMENSIONLESS if scale is None else LABORATORY,
        "problem": in_units(problem, scale),
    } | ({} if scale is None else {"scale": scale.to_dict()})
    if path.suffix.lower() == ".json":
        return _write_text(path, header, columns, units)
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    return save_table(path, TABLE_KIND, header | {"version": __version__}, arrays, units)
