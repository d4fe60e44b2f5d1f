"""Potentials as plain dictionaries: for TOML and JSON, the command line and saved results."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import fields
from functools import reduce
from typing import Any

import numpy as np

from dirac1d.potentials import (
    CosinePotential,
    ErfStep,
    FunctionPotential,
    GaussianBump,
    LinearRamp,
    SharpStep,
    SumPotential,
    TabulatedPotential,
    TanhStep,
)

#: Names of shapes in TOML files, on the command line and in saved results.
SHAPES: dict[str, type] = {
    "sharp": SharpStep,
    "tanh": TanhStep,
    "erf": ErfStep,
    "ramp": LinearRamp,
    "gaussian": GaussianBump,
    "cosine": CosinePotential,
    "table": TabulatedPotential,
}


def potential_to_dict(potential: Any) -> dict[str, Any]:
    """A JSON- and TOML-ready description; a `FunctionPotential` is written as its table."""
    if isinstance(potential, SumPotential):
        return {"shape": "sum", "terms": [potential_to_dict(t) for t in potential.terms]}
    if isinstance(potential, FunctionPotential):
        x, U = potential._sampled.table()
        name = getattr(potential.function, "__qualname__", type(potential.function).__name__)
        return {"shape": "table", "x": x.tolist(), "U": U.tolist(), "function": name}
    for shape, kind in SHAPES.items():
        if type(potential) is kind:
            values = {f.name: getattr(potential, f.name) for f in fields(potential)}
            return {"shape": shape} | {
                k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in values.items()
            }
    raise ValueError(f"potential of type {type(potential).__name__} cannot be written to a file")


def potential_from_dict(description: Mapping[str, Any]) -> Any:
    """The inverse of `potential_to_dict`.

    Raises
    ------
    ValueError
        If the shape is unknown, a key is unknown or missing, or a value is not allowed.
    """
    if not isinstance(description, Mapping):
        raise ValueError(f"potential must be a table of keys, got {description!r}")
    values = dict(description)
    shape = values.pop("shape", None)
    if shape == "sum":
        terms = values.pop("terms", None)
        if values:
            raise ValueError(f"potential: unknown key {sorted(values)[0]!r} for shape 'sum'")
        if not isinstance(terms, list) or not terms:
            raise ValueError("potential: shape 'sum' needs a list of terms")
        return reduce(operator.add, (potential_from_dict(t) for t in terms))
    if shape not in SHAPES:
        raise ValueError(f"potential: shape must be one of {', '.join(SHAPES)}, got {shape!r}")
    kind = SHAPES[shape]
    values.pop("function", None)
    names = [f.name for f in fields(kind)]
    for key in values:
        if key not in names:
            raise ValueError(
                f"potential: unknown key {key!r} for shape {shape!r} "
                f"(allowed: {', '.join(names)})"
            )
    required = [n for n in names if n != "position"]
    for key in required:
        if key not in values:
            raise ValueError(f"potential: shape {shape!r} needs the key {key!r}")
    return kind(**values)
