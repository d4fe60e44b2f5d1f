"""Tables as files for other programs: CSV with units in the header, or an archive.

CSV starts with ``# key: value`` lines (values are JSON), then a line of column names with their
units, then numbers to full precision: ``pandas.read_csv(path, comment="#")`` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.files import pack, place, write

#: Version of the archives' layout.
FORMAT = 1
ENDINGS = (".csv", ".npz")


def csv_text(
    header: dict[str, Any], columns: dict[str, NDArray | list[Any]], units: dict[str, str]
) -> str:
    """A table: comment lines, names with units, rows; numbers so that they read back exactly."""
    lines = [f"# {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in header.items()]
    names = [f"{name} [{units[name]}]" if name in units else name for name in columns]
    lines.append(",".join(names))
    cells = [[_cell(v) for v in np.asarray(column).tolist()] for column in columns.values()]
    lines += [",".join(row) for row in zip(*cells, strict=True)]
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    text = str(value)
    if any(c in text for c in ',"\n\r'):
        return '"' + " ".join(text.split()).replace('"', '""') + '"'
    return text


def save_table(
    path: str | Path, kind: str, header: Mapping[str, Any], columns: dict[str, NDArray],
    units: dict[str, str],
) -> Path:
    """Write columns to a ``.csv``, or to an ``.npz`` archive of this kind.

    Raises
    ------
    ValueError
        If the ending is another, or the file cannot be written.
    """
    path = place(path)
    if path.suffix.lower() == ".csv":
        return write(path, csv_text(dict(header), dict(columns), units))
    if path.suffix.lower() == ".npz":
        complete = {"kind": kind, "format": FORMAT, "column_units": units} | dict(header)
        return write(path, pack(complete, columns))
    raise ValueError(f"{str(path)!r} must end in one of {', '.join(ENDINGS)}")
