"""The potential and mass of ``dirac1d map``: disorder, or a table, an archive or a picture."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dirac1d.laboratory.units import Dimensionless, Scale, dimensionless
from dirac1d.numerics.files import place
from dirac1d.potentials.disorder import disorder
from dirac1d.potentials.planar import Cell, SamplingWarning

#: What is solved if nothing else is said: puddles of both kinds, and channels between them.
DEFAULT_POTENTIAL: dict[str, Any] = {
    "rms": Dimensionless(1.1), "correlation_length": Dimensionless(1.5),
    "lengths": Dimensionless(10.0), "seed": 5}
DISORDER_KEYS = tuple(DEFAULT_POTENTIAL)
#: Of a mass, whose cell is the potential's.
MASS_KEYS = ("mean", "rms", "correlation_length", "seed")
#: Of a file of samples; `PICTURE_KEYS` of pictures only.
FILE_KEYS = ("file", "unit", "lengths", "smooth")
PICTURE_KEYS = ("black", "white")
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
#: Samples are too coarse if waves within a quarter of the highest hold more than this part of U's
#: range: what is not sampled is as much again.
_COARSE = 1e-2


def map_potential(
    options: Mapping[str, Any], described: Any, folder: Path, scale: Scale | None
) -> Cell:
    """The cell of a file's table ``[potential]``, overridden by options.

    Raises
    ------
    ValueError
        If something is not allowed, or a file cannot be read.
    """
    table = dict(described) if isinstance(described, Mapping) else {}
    own = {key: options[key] for key in (*DISORDER_KEYS, *FILE_KEYS, *PICTURE_KEYS)
           if key in options}
    if "samples" in options:
        table, folder = {"shape": "cell", "file": options["samples"]}, Path()
    shape = _shape("potential", table)
    allowed = DISORDER_KEYS if shape == "disorder" else (*FILE_KEYS, *PICTURE_KEYS)
    for key in own:
        if key not in allowed:
            other = "a cell from a file" if shape == "disorder" else "disorder"
            raise ValueError(f"--{key.replace('_', '-')} is that of {other}, not of this potential")
    for key in table:
        if key not in allowed:
            raise ValueError(f"potential: unknown key {key!r} (allowed: {', '.join(allowed)})")
    if shape == "cell":
        return _of_file("potential", table | own, folder, scale)
    table = DEFAULT_POTENTIAL | table | own
    return _disorder(table, _sides(table["lengths"], scale), scale)


def map_mass(
    described: Any, folder: Path, scale: Scale | None, lengths: tuple[float, float]
) -> Any:
    """A number as it is; the cell of a file's table ``[mass]``, of the potential's lengths.

    Raises
    ------
    ValueError
        If something is not allowed, or a file cannot be read.
    """
    if not isinstance(described, Mapping) or "samples" in described:
        return described
    table = dict(described)
    shape = _shape("mass", table)
    allowed = MASS_KEYS if shape == "disorder" else (*FILE_KEYS, *PICTURE_KEYS)
    for key in table:
        if key not in allowed or key == "lengths":
            known = ", ".join(k for k in allowed if k != "lengths")
            raise ValueError(f"mass: unknown key {key!r} (allowed: {known}; lengths are the "
                             "potential's)")
    if shape == "cell":
        return _of_file("mass", table, folder, scale, lengths)
    for key in ("rms", "correlation_length"):
        if key not in table:
            raise ValueError(f"mass: disorder needs {key}")
    mean = dimensionless("mean", table.get("mean", Dimensionless(0.0)), scale)
    return mean + _disorder({"seed": 0} | table, lengths, scale)


def _shape(name: str, table: dict[str, Any]) -> str:
    """Taken out of a table: disorder, if nothing is said."""
    shape = table.pop("shape", "disorder")
    if shape not in ("disorder", "cell"):
        raise ValueError(f"{name}: shape must be disorder or cell for a map, got {shape!r}")
    return str(shape)


def _disorder(table: dict[str, Any], lengths: tuple[float, float], scale: Scale | None) -> Cell:
    """The disorder of a table."""
    return disorder(
        dimensionless("rms", table["rms"], scale),
        dimensionless("correlation_length", table["correlation_length"], scale),
        lengths, table["seed"])


def _sides(lengths: Any, scale: Scale | None) -> tuple[float, float]:
    """One length or two."""
    many = list(lengths) if isinstance(lengths, list | tuple) else [lengths]
    if len(many) not in (1, 2):
        raise ValueError(f"lengths must be one length or two, got {lengths!r}")
    found = [dimensionless("lengths", length, scale) for length in many]
    return found[0], found[-1]


def _of_file(
    name: str, table: dict[str, Any], folder: Path, scale: Scale | None,
    lengths: tuple[float, float] | None = None,
) -> Cell:
    """A cell of samples in a file, smoothed if that is asked for; a warning if they are coarse.

    The table's lengths, unless others are given.
    """
    if not isinstance(table.get("file"), str) or not table["file"]:
        raise ValueError(f"{name}: file must be the name of a file, got {table.get('file')!r}")
    path = place(folder / table["file"])
    picture = path.suffix.lower() in PICTURES
    for key in PICTURE_KEYS if not picture else ("unit",):
        if key in table:
            raise ValueError(f"{name}: {key} is not a key of {table['file']!r}: black and white "
                             "are those of a picture, unit is that of a table")
    if path.suffix.lower() == ".npz":
        cell = Cell.from_npz(path)
    elif lengths is None and "lengths" not in table:
        raise ValueError("lengths are needed with samples from a table or a picture")
    elif picture:
        cell = _of_picture(path, table, lengths or _sides(table["lengths"], scale), scale)
    else:
        sides = lengths or _sides(table["lengths"], scale)
        cell = Cell.from_csv(path, sides) * _unit(table, scale)
    if "smooth" in table:
        cell = cell.smoothed(dimensionless("smooth", table["smooth"], scale))
    _warn_if_coarse(cell)
    return cell


def _unit(table: dict[str, Any], scale: Scale | None) -> float:
    """What a table's numbers are multiplied by."""
    if scale is None:
        if "unit" in table:
            raise ValueError("potential: unit needs a material or a scale")
        return 1.0
    return float(dimensionless("unit", f"1 {table.get('unit', 'meV')}", scale))


def _of_picture(
    path: Path, table: dict[str, Any], lengths: tuple[float, float], scale: Scale | None
) -> Cell:
    """The cell of a picture's greys."""
    from matplotlib.image import imread

    for key in PICTURE_KEYS:
        if key not in table:
            raise ValueError(f"potential: a picture needs {key}, the energy of its {key} points")
    black, white = (float(dimensionless(key, table[key], scale)) for key in PICTURE_KEYS)
    try:
        read = imread(path)
    except OSError as error:
        raise ValueError(f"cannot read the picture {str(path)!r}: "
                         f"{getattr(error, 'strerror', None) or error}") from error
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{str(path)!r} is not a picture: {error}") from error
    return Cell.from_image(read, lengths, black, white)


def _warn_if_coarse(cell: Cell) -> None:
    size = np.abs(cell.coefficients)
    distance = [np.abs(np.arange(n) - n // 2) / max(n // 2, 1) for n in size.shape]
    outer = np.maximum(distance[0][:, None], distance[1]) > 0.75
    if min(size.shape) < 9:
        # Few waves are chosen, not sampled.
        return
    part = float(np.sqrt(np.sum(size[outer] ** 2)) / max(np.ptp(cell.samples), 1e-300))
    if part > _COARSE:
        nx, ny = cell.samples.shape
        warnings.warn(
            f"{nx} x {ny} samples are too coarse: waves near the highest that they carry hold "
            f"{part:.1g} of U's range (take more, or smooth U by the distance of the gates)",
            SamplingWarning, stacklevel=2)
