"""Gate profiles in nm and meV: shapes, tables, formulas; a width by its 10-90 % length.

The length over which a step goes from 10 % to 90 % of its height, ``rise``, is what a "100 nm
junction" means; the parameter of each shape follows from it:

=======  ========================  =====================
shape    U                         10-90 % length
=======  ========================  =====================
tanh     tanh(x/width)             2.197 width (ln 9)
erf      erf(x/width)              1.812 width
ramp     linear over ``length``    0.8 length
=======  ========================  =====================
"""

from __future__ import annotations

import ast
import logging
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

from dirac1d.laboratory.units import Scale, dimensionless, kind_of
from dirac1d.numerics.checks import of_kind, real_array
from dirac1d.numerics.files import place
from dirac1d.numerics.tables import read_table
from dirac1d.potentials import FunctionPotential, PeriodicPotential, Potential
from dirac1d.potentials.descriptions import potential_from_dict
from dirac1d.potentials.shapes import SHAPES, rise_parameter

#: 10-90 % length over the parameter that sets it, by shape: its name and the ratio.
RISES: dict[str, tuple[str, float]] = {
    name: found for name, shape in SHAPES.items() if (found := rise_parameter(shape)) is not None
}
#: What a formula may contain.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs, "atan": np.arctan, "cos": np.cos, "cosh": np.cosh, "erf": erf, "exp": np.exp,
    "log": np.log, "sin": np.sin, "sqrt": np.sqrt, "tanh": np.tanh,
}
#: Of a table, by the kind of their numbers.
_KEYS = {"length": "x", "energy": "U"}
#: Tables by their shape, and the column of positions.
_POSITIONS = {"table": "x", "radial_table": "r"}
_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow, ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
#: Longest formula: nobody writes a longer one by hand.
_LONGEST = 1000


def rise_length(potential: Any) -> float:
    """The 10-90 % length of a tanh, erf or linear step, in the units of its width.

    Parameters
    ----------
    potential : TanhStep, ErfStep or LinearRamp

    Raises
    ------
    ValueError
        If the potential is of another kind.

    Examples
    --------
    >>> import dirac1d as dd
    >>> round(dd.rise_length(dd.TanhStep(-1, 1, width=45.5)), 1)
    100.0
    """
    rise = getattr(potential, "rise", None)
    if rise is None:
        names = [shape.__name__ for shape in SHAPES.values() if rise_parameter(shape)]
        raise ValueError(f"potential must be one of {', '.join(names)}, got {potential!r}")
    return rise


def gate(profile: Any, scale: Scale, folder: Path | None = None) -> Any:
    """The potential of a gate profile that is given in laboratory units.

    Parameters
    ----------
    profile : mapping, str, Path or callable
        A mapping describes a shape, ``{"shape": "tanh", "left": "-3 meV", "right": "3 meV", "rise":
        "100 nm"}`` (or ``width``), a table, ``{"file": "gate.csv"}``, or a formula,
        ``{"formula": "3*tanh(x/40)"}``, with x in nm and U in meV. A path is that of a table of two
        columns in nm and meV. A callable takes nm and returns meV.
    scale : Scale
    folder : Path, optional
        Where a relative file of a mapping lies.

    Returns
    -------
    Potential
        In units of `scale`.

    Raises
    ------
    ValueError
        If a number has no unit, the scale is none, or the profile is none of these.

    Examples
    --------
    >>> import dirac1d as dd
    >>> scale = dd.Scale(v_F=1e6, energy=20.0)
    >>> ramp = {"shape": "ramp", "left": "-4 meV", "right": "4 meV", "rise": "80 nm"}
    >>> step = dd.gate(ramp, scale)
    >>> round(float(scale.to_lab(step.length, "length")), 6), step.right
    (100.0, 0.2)
    """
    of_kind("scale", scale, Scale)
    if isinstance(profile, str | Path):
        profile = {"file": str(profile)}
    if callable(profile) and not isinstance(profile, Potential | PeriodicPotential):
        return formula_potential(profile, scale)
    if not isinstance(profile, Mapping):
        raise ValueError(
            "gate must be a mapping with units, such as {'shape': 'tanh', 'left': '-3 meV', "
            f"'right': '3 meV', 'rise': '100 nm'}}, the path of a table, or a callable, "
            f"got {profile!r:.200}"
        )
    if "formula" in profile:
        extra = sorted(set(profile) - {"formula"})
        if extra:
            raise ValueError(f"gate: {extra[0]} does not go with formula")
        return formula_potential(formula(profile["formula"]), scale)
    description = dict(profile)
    if "file" in description:
        description.setdefault("shape", "table")
    return potential_from_dict(potential_without_units(description, scale, folder))


def potential_without_units(
    description: Any, scale: Scale | None, folder: Path | None = None
) -> Any:
    """A potential's description with every value dimensionless and every file read.

    A table may name a ``file`` of two columns (relative to `folder`) in place of ``x`` and ``U``,
    and its units, ``x_unit`` and ``U_unit``; with a scale, files are in nm and meV by default. So
    may a table of a circle, whose column is ``r``. A step may give its ``rise`` in place of the
    width.

    Raises
    ------
    ValueError
        If a number has no unit where there is a scale, or a unit where there is none.
    """
    if not isinstance(description, Mapping):
        raise ValueError(f"potential must be a table of keys, got {description!r}")
    values = dict(description)
    if values.get("shape") == "sum" and isinstance(values.get("terms"), list):
        values["terms"] = [potential_without_units(t, scale, folder) for t in values["terms"]]
        return values
    if values.get("shape") in _POSITIONS:
        return _table_without_units(values, scale, folder)
    return {
        key: dimensionless(key, value, scale) if kind_of(key) else value
        for key, value in values.items()
    }


def _table_without_units(
    values: dict[str, Any], scale: Scale | None, folder: Path | None
) -> dict[str, Any]:
    columns = _POSITIONS[values["shape"]], "U"
    units = {key: values.pop(f"{key}_unit", None) for key in columns}
    if "file" in values:
        if any(key in values for key in columns):
            raise ValueError(f"potential: file excludes {' and '.join(columns)}")
        name = values.pop("file")
        if not isinstance(name, str):
            raise ValueError(f"potential: file must be a path, got {name!r}")
        table = read_table(
            (folder or Path()) / place(name), values.pop("columns", None),
            values.pop("decimal", None))
        # What the caller says, what the file says, and nm and meV where there is a scale.
        named = (own if units[key] is None else units[key] or None
                 for key, own in zip(columns, table.units, strict=True))
        table = replace(table, units=tuple(named))
        if scale is not None:
            table = table.with_units("nm", "meV")
        logging.getLogger("dirac1d").info(table.note)
        numbers = table.x, table.U
        if scale is not None:
            numbers = table.in_units(lambda text, kind: dimensionless(_KEYS[kind], text, scale))
        values |= {key: own.tolist() for key, own in zip(columns, numbers, strict=True)}
        if scale is not None:
            return values
        units = dict(zip(columns, table.units, strict=True))
    for key, unit in units.items():
        if unit:
            size = dimensionless(key, f"1 {unit}", scale)
            values[key] = (real_array(key, values.get(key, [])) * size).tolist()
        elif scale is not None and key in values:
            example = "meV" if key == "U" else "nm"
            raise ValueError(
                f"potential: the numbers of {key} need a unit where there is a material or a "
                f'scale: {key}_unit = "{example}"'
            )
    return values


def formula(text: Any) -> Callable[[ArrayLike], NDArray]:
    """U(x) in meV, x in nm, from text such as ``"3*tanh(x/40) + exp(-(x/15)**2)"``.

    Raises
    ------
    ValueError
        If the text holds anything but numbers, x, pi, + - * / **, and `FUNCTIONS`.

    Examples
    --------
    >>> from dirac1d.laboratory.gates import formula
    >>> round(float(formula("3*tanh(x/40)")(40.0)), 4)
    2.2848
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise ValueError(f"formula must be text of at most {_LONGEST} characters, got {text!r:.80}")
    try:
        # Powers are written with a hat as often as with two stars.
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval").body
        _evaluate(tree, np.array([0.5]))
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError(
            f"formula {text!r} must be made of numbers, x (in nm), pi, + - * / ** and "
            f"{', '.join(FUNCTIONS)}: {getattr(error, 'msg', error)}"
        ) from None
    return lambda x: np.broadcast_to(_evaluate(tree, np.asarray(x, dtype=float)), np.shape(x))


def _evaluate(node: ast.AST, x: NDArray) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id="x"):
            return x
        case ast.Name(id="pi"):
            return math.pi
        case ast.BinOp(left=a, op=op, right=b) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluate(a, x), _evaluate(b, x))
        case ast.UnaryOp(op=op, operand=a) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluate(a, x))
        case ast.Call(func=ast.Name(id=name), args=[a], keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](_evaluate(a, x))
    raise ValueError(f"{ast.unparse(node)!r} is not allowed")


#: Where the leads of a formula are looked up, in nm: far beyond any gate.
_FAR = 1e6


def _lead(function: Callable[[Any], Any], x: float) -> float:
    """U in meV at a position far away, in nm."""
    try:
        return float(np.asarray(function(x)))
    except (TypeError, ValueError) as error:
        raise ValueError("gate: the function must take x in nm and return U in meV, a number, "
                         f"at x = {x:g} nm: {error}") from error


def formula_potential(function: Callable[[Any], Any], scale: Scale) -> Any:
    """U(x) in meV over nm as a dimensionless potential.

    Raises
    ------
    ValueError
        If the function is not flat far away, or does not return finite real numbers.
    """
    length, energy = scale.unit("length"), scale.unit("energy")
    with np.errstate(all="ignore"):
        ends = []
        for side in (-1, 1):
            lead, nearer = (_lead(function, side * d) for d in (_FAR, _FAR / 2))
            if not np.isclose(lead, nearer, rtol=1e-6, atol=1e-9):
                raise ValueError(
                    f"gate: the formula must be flat far away, got {nearer:g} meV at "
                    f"{side * _FAR / 2:g} nm and {lead:g} meV at {side * _FAR:g} nm"
                )
            ends.append(lead / energy)
        return FunctionPotential(
            lambda x: np.asarray(function(np.asarray(x) * length), dtype=float) / energy, *ends
        )
