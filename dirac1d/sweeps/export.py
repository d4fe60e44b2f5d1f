"""Results as text for other programs: CSV and JSON, with units and the full problem in the header.

CSV starts with ``# key: value`` lines (values are JSON), then a line of column names with their
units, then numbers to full precision: ``numpy.loadtxt(path, delimiter=",", skiprows=...)`` or
``pandas.read_csv(path, comment="#")`` read it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dirac1d.laboratory.units import Scale
from dirac1d.numerics.columns import csv_text
from dirac1d.numerics.files import write
from dirac1d.results.profile import Profile
from dirac1d.version import __version__

#: Of dimensionless columns.
DIMENSIONLESS = "hbar = v_F = k_B = 1, energies in E0, lengths in hbar v_F/E0, currents over e"
LABORATORY = "nm, meV, nA; electric currents, e = -|e|"
KINDS = (".csv", ".json", ".npz")


def profile_columns(
    profile: Profile, scale: Scale | None
) -> tuple[dict[str, NDArray], dict[str, str]]:
    """x, j_y and its error, and their units; with a scale in nm and nA/µm."""
    columns = {"x": profile.x, "j_y": profile.j_y, "error": profile.error}
    units = {"x": "hbar v_F/E0", "j_y": "e E0^2/(hbar^2 v_F)", "error": "e E0^2/(hbar^2 v_F)"}
    if scale is not None:
        density = scale.unit("current_density")
        columns = {
            "x": profile.x * scale.unit("length"), "j_y": profile.j_y * density,
            "error": profile.error * abs(density),
        }
        units = {"x": "nm", "j_y": "nA/um", "error": "nA/um"}
    return columns, units


def export(profile: Profile, path: str | Path, scale: Scale | None = None) -> Path:
    """Write a profile as ``.csv``, ``.json`` or ``.npz``, by the ending of the name.

    Parameters
    ----------
    profile : Profile
    path : str or Path
    scale : Scale, optional
        Then CSV and JSON hold nm and nA/µm, electric currents with e = -|e|.

    Raises
    ------
    ValueError
        If the ending is another, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix == ".npz":
        return profile.save(path)
    columns, units = profile_columns(profile, scale)
    header = {
        "dirac1d": __version__,
        "units": DIMENSIONLESS if scale is None else LABORATORY,
        "engine": profile.engine,
        "status": profile.status,
        "rtol": profile.rtol,
        "current_scale": profile.problem.current_scale,
        "problem": profile.problem.to_dict(),
    } | ({} if scale is None else {"scale": scale.to_dict()})
    if path.suffix == ".csv":
        return write(path, csv_text(header, columns, units))
    if path.suffix == ".json":
        content = header | {"column_units": units} | {
            name: [v if np.isfinite(v) else str(v) for v in column.tolist()]
            for name, column in columns.items()
        }
        return write(path, json.dumps(content, allow_nan=False) + "\n")
    raise ValueError(f"{str(path)!r} must end in one of {', '.join(KINDS)}")
