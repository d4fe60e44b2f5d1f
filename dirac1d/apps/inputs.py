"""What the user gives, as one description: a problem file (TOML), overridden by options.

A description is a plain dictionary with the keys of a problem file, whether they come from a file
or from options; `dirac1d.apps.request` makes a request of it. Values are dimensionless numbers or,
with a material or a scale, text with a unit ("-60 meV").
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dirac1d.laboratory.units import Dimensionless
from dirac1d.numerics.files import place
from dirac1d.potentials.shapes import PARAMETER_KINDS, SHAPES, adjustable, parameters
from dirac1d.potentials.walls import WALLED

DEFAULT_SHAPE = "tanh"
PROBLEM_KEYS = ("potential", "mass", "fermi_energy", "temperature")
#: What a problem file may hold beside the problem itself.
FILE_KEYS = ("engine", "solver", "rtol", "within", "x_min", "x_max", "points", "material",
             "flavour", "scale", "save", "plot")
#: Options that say how a table is to be read, and their keys in a description of it.
TABLE_OPTIONS = ("columns", "decimal", "units")
#: Options of a mass that goes from one value to another, as tanh(x/width), and its parameters.
MASS_OPTIONS = {"mass_left": "left", "mass_right": "right", "mass_width": "width"}
#: Those of a circle of mass: a disc, whose edge has a width if one is given.
CIRCLE_OPTIONS = {"mass_height": "height", "mass_radius": "radius", "mass_outside": "outside",
                  "mass_width": "width"}
#: Hard walls, and the sides on which the sample ends at them.
WALL_OPTIONS = {"wall_left": "left", "wall_right": "right"}
#: A circle without a potential, where only its mass is one.
FLAT_CIRCLE = {"shape": "disc", "height": Dimensionless(0.0), "radius": Dimensionless(5.0),
               "outside": Dimensionless(0.0)}
#: Shapes of such a mass.
CIRCLES = ("disc", "smooth_disc", "dot")
_DECIMAL_COMMA = re.compile(r"\s*([-+]?[0-9]*),([0-9]+)(.*)", re.DOTALL)


def read_problem_file(
    path: str, allowed: tuple[str, ...] = (*PROBLEM_KEYS, *FILE_KEYS)
) -> dict[str, Any]:
    """The keys of a TOML problem file; its folder is kept under ``"folder"``.

    Parameters
    ----------
    path : str
        ``"-"`` is the standard input.

    Raises
    ------
    ValueError
        If the file cannot be read, is not TOML, or holds an unknown key.
    """
    name = "the standard input" if path == "-" else repr(path)
    try:
        raw = sys.stdin.buffer.read() if path == "-" else place(path).read_bytes()
        stored = tomllib.loads(raw.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise ValueError(f"cannot read {name}: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        comma = re.search(r"=\s*([-+]?[0-9]+),([0-9]+)\s*(?:#.*)?$", raw.decode("utf-8-sig"), re.M)
        hint = f" (a decimal comma? write {comma[1]}.{comma[2]})" if comma else ""
        raise ValueError(f"{name} is not valid TOML: {error}{hint}") from error
    for key in stored:
        if key not in allowed:
            raise ValueError(f"{name}: unknown key {key!r} (allowed: {', '.join(allowed)})")
    return stored | {"folder": Path() if path == "-" else place(path).parent}


def describe(options: Mapping[str, Any]) -> dict[str, Any]:
    """The description that options and the file that they name (``input``) make together.

    Parameters
    ----------
    options : mapping
        Only what was given; the parameters of shapes by their names.

    Raises
    ------
    ValueError
        If the file cannot be read, or an option does not go with another or with the file.
    """
    stored = read_problem_file(options["input"]) if "input" in options else {}
    if "material" in options:
        # Another unit of energy: the file's scale does not apply.
        stored.pop("scale", None)
    description = stored | {
        key: value for key, value in options.items()
        if key in (*PROBLEM_KEYS, *FILE_KEYS) and key != "potential"
    }
    potential = _potential(options, stored.get("potential"))
    if potential is not None:
        description["potential"] = potential
    mass = _mass(options, stored.get("mass"))
    if mass is not None:
        description["mass"] = mass
        if mass.get("shape") in CIRCLES:
            description.setdefault("potential", FLAT_CIRCLE)
    walls = _walls(options, description.get("mass", Dimensionless(1.0)))
    if walls is not None:
        description["mass"] = walls
    check_commas(description)
    return description


def _mass(options: Mapping[str, Any], described: Any) -> dict[str, Any] | None:
    """The mass that varies along a line or around a circle, or None if no option says so."""
    given = {**MASS_OPTIONS, **CIRCLE_OPTIONS}
    own = {name: options[key] for key, name in given.items() if key in options}
    if not own:
        return None
    first = next(key for key in given if key in options).replace("_", "-")
    if "mass" in options:
        raise ValueError(f"--{first} and --mass exclude each other")
    described = described if isinstance(described, Mapping) else None
    shape = None if described is None else described.get("shape")
    if shape in CIRCLES or {"height", "radius", "outside"} & set(own):
        return _circle_of_mass(own, described, first)
    start = {"left": Dimensionless(-1.0), "right": Dimensionless(1.0), "width": Dimensionless(1.0)}
    base = {"shape": DEFAULT_SHAPE} if described is None else dict(described)
    if base.get("shape") != DEFAULT_SHAPE:
        raise ValueError("--mass-left, --mass-right and --mass-width do not apply to a mass of "
                         f"shape {base.get('shape')}")
    return start | base | own


def _circle_of_mass(
    own: Mapping[str, Any], described: Mapping[str, Any] | None, first: str
) -> dict[str, Any]:
    """A disc of another mass, or the one of the file with some of its parameters changed."""
    start = {"height": Dimensionless(-2.0), "radius": Dimensionless(5.0),
             "outside": Dimensionless(1.0)}
    base = {"shape": "smooth_disc" if "width" in own else "disc"}
    if described is not None:
        base = dict(described)
        start = {key: value for key, value in start.items() if key in base}
    allowed = parameters(SHAPES[base["shape"]]) if base.get("shape") in CIRCLES else ()
    for name in own:
        if name not in allowed:
            raise ValueError(f"--mass-{name} does not apply to a mass of shape "
                             f"{base.get('shape')} (given --{first})")
    return start | base | own


def _walls(options: Mapping[str, Any], inside: Any) -> dict[str, Any] | None:
    """A mass between hard walls, those of the file or of options; None if no option says so."""
    named = {key: side for key, side in WALL_OPTIONS.items() if key in options}
    for key in WALL_OPTIONS:
        if f"{key}_sign" in options and key not in named:
            raise ValueError(f"--{key.replace('_', '-')}-sign goes with "
                             f"--{key.replace('_', '-')} POSITION")
    if not named:
        return None
    walls: list[Any] = []
    if isinstance(inside, Mapping) and inside.get("shape") == WALLED:
        walls, inside = list(inside.get("walls", ())), inside.get("inside", 0.0)
    sides = named.values()
    walls = [w for w in walls if not (isinstance(w, Mapping) and w.get("side") in sides)]
    walls += [
        {"position": options[key], "sign": options.get(f"{key}_sign", 1), "side": side}
        for key, side in named.items()
    ]
    return {"shape": WALLED, "inside": inside, "walls": walls}


def _potential(options: Mapping[str, Any], described: Any) -> Any:
    """The description of the potential, or None for the default step."""
    own = {k: v for k, v in options.items() if k in (*PARAMETER_KINDS, "shape", "rise")}
    table = {key: options[key] for key in TABLE_OPTIONS if key in options}
    if "potential" in options:
        if own:
            raise ValueError(f"--{next(iter(own))} and --potential exclude each other")
        return _with_table_options({"shape": "table", "file": options["potential"]}, table)
    if table:
        if not isinstance(described, Mapping) or "file" not in described:
            raise ValueError(f"--{next(iter(table))} goes with a table: add --potential FILE.csv")
        described = _with_table_options(described, table)
    return _overridden(own, described) if own else described


def _with_table_options(described: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    units = dict(zip(("x_unit", "U_unit"), given.get("units", ()), strict=False))
    return {**described, **{k: v for k, v in given.items() if k != "units"}, **units}


def _overridden(own: dict[str, Any], described: Any) -> dict[str, Any]:
    """A shape's parameters from the options, the file, and where shapes start."""
    base = dict(described) if isinstance(described, Mapping) else {}
    name = own.pop("shape", base.get("shape", DEFAULT_SHAPE))
    shape = SHAPES.get(name) if isinstance(name, str) else None
    if shape is None or not adjustable(shape):
        if not own:
            return {"shape": name}
        raise ValueError(f"--{next(iter(own))} does not apply to a potential of shape {name}")
    known = parameters(shape)
    aliases = {p.alias: key for key, p in known.items() if p.alias}
    wide = next((key for key, p in known.items() if p.rise is not None), None)
    given = {}
    for key, value in own.items():
        key = key if key in known else aliases.get(key, key)
        if key not in known and not (key == "rise" and wide):
            names = [f"--{k}" for k in (*known, *(["rise"] if wide else []))]
            raise ValueError(f"--{key} does not apply to a potential of shape {name} (its "
                             f"parameters: {', '.join(names)})")
        given[key] = value
    if wide and {"rise", wide} <= set(given):
        raise ValueError(f"--rise and --{wide} exclude each other")
    values = {key: Dimensionless(p.start) for key, p in known.items()}
    if base.get("shape", name) == name:
        values |= {k: v for k, v in base.items() if k != "shape"}
    # The width has two names; the one given last holds.
    if wide and "rise" in given:
        values.pop(wide)
    elif wide and (wide in given or "rise" in values):
        values.pop("rise" if wide in given else wide, None)
    return {"shape": name} | values | given


def start_potential() -> dict[str, Any]:
    """The step that is solved if nothing else is said."""
    return _overridden({"shape": DEFAULT_SHAPE}, None)


def check_commas(value: Any, name: str = "") -> None:
    """A ValueError for numbers with decimal commas, wherever they are in a description."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key not in ("file", "folder", "save", "plot", "decimal", "columns", "shape"):
                check_commas(part, str(key))
    elif isinstance(value, list):
        for part in value:
            check_commas(part, name)
    elif isinstance(value, str):
        match = _DECIMAL_COMMA.fullmatch(value)
        if match:
            plain = f"{match[1]}.{match[2]}{match[3]}"
            raise ValueError(f"{name} = {value!r} has a decimal comma: write {plain}")
