"""Values that hold arrays: equality and hashes by content, and reprs that stay on one line."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def content(value: Any) -> Hashable:
    """What equal values share: arrays by type, shape and bytes, containers by their content."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Mapping):
        return tuple(sorted((str(key), content(part)) for key, part in value.items()))
    if isinstance(value, list | tuple):
        named = () if type(value) in (list, tuple) else (type(value).__qualname__,)
        return *named, *(content(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__qualname__, tuple(
            content(getattr(value, f.name)) for f in fields(value) if f.compare
        )
    return value


class ByContent:
    """For dataclasses with arrays, made with ``eq=False``: equal if all that they hold is equal.

    What a dataclass compares by itself is the truth of ``array == array``, which NumPy refuses.
    """

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and content(self) == content(other)

    def __hash__(self) -> int:
        return hash(content(self))


def freeze(owner: object, *names: str) -> None:
    """Make attributes of a frozen dataclass read-only arrays of their own."""
    for name in names:
        array = np.array(getattr(owner, name), dtype=float)
        array.flags.writeable = False
        object.__setattr__(owner, name, array)


def extent(values: ArrayLike) -> str:
    """Smallest and largest of some numbers, for a repr: ``-0.5 to 0.5``."""
    array = np.asarray(values, dtype=float)
    finite = array[np.isfinite(array)]
    if not finite.size:
        return "no finite values"
    return f"{np.min(finite):.6g} to {np.max(finite):.6g}"
