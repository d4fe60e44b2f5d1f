"""From options and problem files (TOML, CSV) to a problem and its positions.

Values are dimensionless numbers or, with a material or a scale, text with a unit ("-60 meV").
"""

from __future__ import annotations

import argparse
import os
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.laboratory.problems import (
    Laboratory,
    dimensionless,
    laboratory_problem,
    make_laboratory,
    potential_without_units,
)
from dirac1d.laboratory.units import Dimensionless
from dirac1d.numerics.checks import check_positions
from dirac1d.potentials.descriptions import SHAPES, potential_from_dict
from dirac1d.problem import Problem

DEFAULTS = {"shape": "tanh", "left": -0.5, "right": 0.5, "width": 1.0, "height": 1.0,
            "amplitude": 0.5, "wavenumber": 1.0, "position": 0.0, "mass": 1.0,
            "fermi_energy": 0.0, "temperature": 0.0, "points": 401}
#: What a problem file may hold beside the problem itself.
FILE_KEYS = ("engine", "rtol", "x_min", "x_max", "points", "material", "flavour", "scale")
PROBLEM_KEYS = ("potential", "mass", "fermi_energy", "temperature")


def read_problem_file(
    path: str, allowed: tuple[str, ...] = (*PROBLEM_KEYS, *FILE_KEYS)
) -> dict[str, Any]:
    """The keys of a TOML problem file; its folder is kept under ``"folder"``.

    Raises
    ------
    ValueError
        If the file cannot be read, is not TOML, or holds an unknown key.
    """
    try:
        stored = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise ValueError(f"cannot read {path!r}: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path!r} is not valid TOML: {error}") from error
    for key in stored:
        if key not in allowed:
            raise ValueError(f"{path!r}: unknown key {key!r} (allowed: {', '.join(allowed)})")
    return stored | {"folder": Path(path).parent}


def read_laboratory(
    arguments: argparse.Namespace, stored: dict[str, Any]
) -> Laboratory | None:
    """The material or scale of the file, overridden by options; None without either."""
    def pick(name: str) -> Any:
        value = getattr(arguments, name, None)
        return stored.get(name) if value is None else value

    scale = None if getattr(arguments, "material", None) else stored.get("scale")
    return make_laboratory(pick("material"), pick("flavour"), scale, pick("mass"))


def make_problem(
    arguments: argparse.Namespace, stored: dict[str, Any], laboratory: Laboratory | None = None
) -> Problem:
    """The problem from the file, overridden by options, filled up with defaults."""
    given = {k: v for k, v in vars(arguments).items() if v is not None}
    values = {
        name: given.get(name, stored.get(name, Dimensionless(DEFAULTS[name])))
        for name in ("mass", "fermi_energy", "temperature")
    }
    scale = laboratory.scale if laboratory else None
    own = potential_without_units(
        {n: given[n] for n in ("shape", "left", "right", "width", "height", "wavenumber",
                               "position") if n in given}, scale)
    if "potential" in given:
        if own:
            raise ValueError(f"--{next(iter(own))} and --potential exclude each other")
        potential = potential_from_dict(
            potential_without_units({"shape": "table", "file": given["potential"]}, scale)
        )
    else:
        described = stored.get("potential")
        if described is not None:
            described = potential_without_units(described, scale, stored.get("folder"))
        potential = _make_potential(own, described)
    return laboratory_problem(potential, values, laboratory)


def _make_potential(own: dict[str, Any], description: Any) -> Any:
    base = dict(description or {})
    shape = own.get("shape", base.get("shape", DEFAULTS["shape"]))
    if description is not None and (not own or shape in ("table", "sum")):
        if own:
            raise ValueError(f"--{next(iter(own))} does not apply to a potential of shape {shape}")
        return potential_from_dict(base)
    keys = {
        "sharp": ("left", "right", "position"), "tanh": ("left", "right", "width", "position"),
        "erf": ("left", "right", "width", "position"),
        "ramp": ("left", "right", "length", "position"),
        "gaussian": ("height", "width", "position"),
        "cosine": ("amplitude", "wavenumber", "position"),
    }
    if shape not in keys:
        raise ValueError(f"potential: shape must be one of {', '.join(SHAPES)}, got {shape!r}")
    option = {"length": "width", "amplitude": "height"}
    for name in own:
        if name != "shape" and name not in {option.get(k, k) for k in keys[shape]}:
            raise ValueError(f"--{name} does not apply to a potential of shape {shape}")
    same = base.get("shape", shape) == shape
    values = {k: own.get(option.get(k, k), base.get(k) if same else None) for k in keys[shape]}
    defaults = {k: DEFAULTS[k if k in DEFAULTS else option[k]] for k in keys[shape]}
    return potential_from_dict(
        {"shape": shape} | {k: defaults[k] if v is None else v for k, v in values.items()}
    )


def make_positions(
    arguments: argparse.Namespace, stored: dict[str, Any], problem: Problem,
    laboratory: Laboratory | None = None,
) -> NDArray:
    """Positions from the options, or the step and six lengths around it, or two periods."""
    def pick(name: str) -> Any:
        value = getattr(arguments, name)
        return stored.get(name) if value is None else value

    if problem.periodic:  # two periods
        a, b, around = -problem.potential.period, problem.potential.period, 0.0
    else:
        scale = max(abs(problem.U_R - problem.U_L), 1e-3)
        a, b = problem.potential.support(1e-3 * scale)
        around = 6.5 / abs(problem.mass) if problem.mass else 6.5
    unit = laboratory.scale if laboratory else None
    lo, hi = (
        None if value is None else dimensionless(name, value, unit)
        for name, value in (("x_min", pick("x_min")), ("x_max", pick("x_max")))
    )
    lo = float(np.floor(min(a - around, np.inf if hi is None else hi - 1))) if lo is None else lo
    hi = float(np.ceil(max(b + around, lo + 1))) if hi is None else hi
    if lo >= hi:
        raise ValueError(f"x_min must be less than x_max, got {lo} and {hi}")
    return check_positions(np.linspace(lo, hi, check_points(pick("points"), DEFAULTS["points"])))


def quantity(text: str) -> float | str:
    """An option's value: a number, or text that may turn out to have a unit."""
    try:
        return float(text)
    except ValueError:
        return text


def check_points(given: Any, default: int) -> int:
    """A number of points, the default if none is given, or a ValueError."""
    points = default if given is None else given
    if isinstance(points, bool) or not isinstance(points, int) or not 2 <= points <= 10**7:
        raise ValueError(f"points must be a whole number from 2 to 10000000, got {points!r}")
    return points


def check_writable(name: str, path: str | None) -> None:
    """Fail before the work, not after it."""
    if path is None:
        return
    folder = Path(path).expanduser().parent
    if not folder.is_dir():
        raise ValueError(f"{name}: the folder {str(folder)!r} does not exist")
    target = Path(path) if Path(path).exists() else folder
    if Path(path).is_dir() or not os.access(target, os.W_OK):
        raise ValueError(f"{name}: cannot write {path!r}")
    if name == "--plot":
        from matplotlib.backend_bases import FigureCanvasBase

        kinds = FigureCanvasBase.get_supported_filetypes()
        if Path(path).suffix.lstrip(".").lower() not in kinds:
            raise ValueError(
                f"--plot: {path!r} must end in one of " + ", ".join(f".{k}" for k in sorted(kinds))
            )
