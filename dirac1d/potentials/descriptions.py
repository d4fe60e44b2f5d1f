"""Potentials as plain dictionaries: for TOML and JSON, the command line and saved results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

# All shapes register themselves when the package is imported.
import dirac1d.potentials  # noqa: F401
from dirac1d.potentials.shapes import SHAPES, build, parameters, shape_name


def potential_to_dict(potential: Any) -> dict[str, Any]:
    """A JSON- and TOML-ready description, from which the very same potential is made again.

    Raises
    ------
    ValueError
        If its class is not a registered shape.
    """
    name = shape_name(potential)
    if name is None:
        raise ValueError(
            f"potential of type {type(potential).__name__} cannot be written to a file: it is no "
            "registered shape (see dirac1d.potentials.register)"
        )
    if hasattr(potential, "description"):
        return {"shape": name} | potential.description()
    values = {key: getattr(potential, key) for key in parameters(potential)}
    return {"shape": name} | {
        key: v.tolist() if isinstance(v, np.ndarray) else v for key, v in values.items()
    }


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
    name = values.pop("shape", None)
    shape = SHAPES.get(name) if isinstance(name, str) else None
    if shape is None:
        raise ValueError(f"potential: shape must be one of {', '.join(SHAPES)}, got {name!r}")
    if hasattr(shape, "from_description"):
        return shape.from_description(values)
    return build(shape, str(name), values)
