"""Tables of two columns as instruments and colleagues write them.

What is unambiguous is read, and `Table.note` says in one line what was understood; what is not is
refused, with the file, the line and the option that settles it. No row is dropped silently: a line
before the numbers is a header only if none of its fields begins like a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.table_text import (
    Line,
    content_lines,
    find_delimiter,
    has_decimal_commas,
    is_data,
    number_of,
    read_text,
    split,
    wrong,
)

_BRACKETS = re.compile(r"[(\[]([^)\]]*)[)\]]")
_AFTER_SLASH = re.compile(r"^[^/]+/\s*(\S+)$|^.*\sin\s+(\S+)$")
#: Said of numbers without a unit.
_NO_UNITS = {"", "1", "-", "none", "dimensionless", "a.u.", "E0", "hbar v_F/E0"}
_NAMES = ({"x", "position", "pos", "distance"}, {"u", "potential", "energy"})
_DELIMITERS = {"\t": "tabs", ";": "semicolons", ",": "commas", None: "spaces"}


@dataclass(frozen=True)
class Table:
    """Two columns of a text file.

    Attributes
    ----------
    x, U : ndarray, shape (n,)
        As written, x increasing.
    units : tuple of str or None
        Of the two columns, where the file or the caller names them.
    path : str
    remarks : tuple of str
        What else was understood.
    assumed : bool
        Whether a unit is a default: neither the file nor the caller names it.
    """

    x: NDArray
    U: NDArray
    units: tuple[str | None, str | None]
    path: str
    remarks: tuple[str, ...]
    assumed: bool = False

    @property
    def note(self) -> str:
        """What was understood, in one line."""
        named = [f"{label} in {unit}" for label, unit in zip("xU", self.units, strict=True) if unit]
        if self.assumed:
            named.append("units by default, the file names none")
        return f"{self.path}: {', '.join([f'{len(self.x)} rows', *named, *self.remarks])}"

    def with_units(self, *defaults: str) -> Table:
        """The table with these units where it has none."""
        units = tuple(own or default for own, default in zip(self.units, defaults, strict=True))
        return replace(self, units=units, assumed=units != self.units)

    def in_units(self, convert: Callable[[str, str], float]) -> tuple[NDArray, NDArray]:
        """x and U times the size of their units, ``convert("1 nm", "length")``.

        Raises
        ------
        ValueError
            If a unit is of another kind; it names the file and the column.
        """
        found = []
        for label, unit, kind in zip("xU", self.units, ("length", "energy"), strict=True):
            try:
                size = convert(f"1 {unit}", kind)
            except ValueError as error:
                example = {"x": "nm", "U": "meV"}[label]
                raise ValueError(
                    f"{self.path!r}: {label} in {unit!r}, which is no unit of {kind} such as "
                    f"{example}: --units nm,meV (in Python units=('nm', 'meV'))"
                ) from error
            found.append(getattr(self, label) * size)
        return found[0], found[1]


def read_table(
    path: str | Path, columns: Sequence[int] | None = None, decimal: str | None = None,
    units: Sequence[str | None] | None = None,
) -> Table:
    """Two columns of a text file, x and U.

    Columns are separated by commas, semicolons, tabs or spaces; what follows ``#`` or ``%`` is a
    comment. Header lines may name the columns and their units, as ``x (um)`` or ``U/meV``, or in a
    line of its own. Decimal commas, numbers in quotes, Fortran's ``1.0D+00``, descending x, UTF-8,
    UTF-16 and Windows' encoding are understood.

    Parameters
    ----------
    path : str or Path
    columns : two ints, optional
        Which columns are x and U, counted from 1.
    decimal : {".", ","}, optional
    units : two str, optional
        In place of those in the file.

    Raises
    ------
    ValueError
        If the file cannot be read, or is no table of two columns, or could mean two things.
    """
    name = repr(str(path))
    if decimal not in (None, ".", ","):
        raise ValueError(f"decimal must be '.' or ',', got {decimal!r}")
    _check_units(units)
    lines, comments = content_lines(read_text(path, name))
    first = next((i for i, line in enumerate(lines) if is_data(line.text)), len(lines))
    header, data = lines[:first], lines[first:]
    if not data:
        raise ValueError(f"{name} holds no rows of two numbers")
    remarks = [comment for comment in comments if comment.number < data[0].number][-1:]
    delimiter = find_delimiter(data, header or remarks, decimal, name)
    rows = [split(line.text, delimiter) for line in data]
    comma = has_decimal_commas(rows, data, delimiter, decimal, name)
    width = len(rows[0])
    for line, row in zip(data, rows, strict=True):
        if len(row) != width:
            raise wrong(name, line, f"expected {width} columns as before, got {line.text!r}")
    titles = _titles(header or remarks, delimiter, width, name, bool(header))
    chosen = _columns(columns, width, titles, name, data[0])
    x, U = (
        np.array([number_of(row[k], comma, line, name)
                  for row, line in zip(rows, data, strict=True)]) for k in chosen
    )
    if len(x) < 2:
        raise wrong(name, data[0], "a table needs at least two rows of numbers, there is one")
    _check_order(x, U, data, name)
    found = tuple(titles[k][1] for k in chosen) if titles else (None, None)
    named = (found[0], found[1]) if units is None else (units[0], units[1])
    words = [f"columns {chosen[0] + 1} and {chosen[1] + 1} of {width}"] * (chosen != (0, 1)
                                                                         or width > 2)
    words += ["decimal comma"] * comma + ["x descending"] * bool(x[0] > x[-1])
    words.append(f"separated by {_DELIMITERS[delimiter]}")
    if x[0] > x[-1]:
        x, U = x[::-1].copy(), U[::-1].copy()
    return Table(x, U, named, str(path), tuple(words))


def _check_units(units: Any) -> None:
    """A ValueError unless these are None or two units, or none, as text."""
    if units is not None and (isinstance(units, str) or len(units) != 2
                              or not all(u is None or isinstance(u, str) for u in units)):
        raise ValueError(f"units must be those of x and U, such as ('nm', 'meV'), got {units!r}")


def _titles(
    header: list[Line], delimiter: str | None, width: int, name: str, strict: bool
) -> list[tuple[str, str | None]]:
    """Names and units of the columns from header lines, or from the last comment."""
    titles: list[tuple[str, str | None]] = []
    for line in header:
        units = [found.strip() for found in _BRACKETS.findall(line.text)]
        parts = split(line.text, delimiter)
        if len(units) == width:
            words = [w.strip(" \t,;") for w in _BRACKETS.split(line.text)[::2]]
            names = words[:width]
        elif len(parts) == width:
            names, units = parts, [_unit_of(part) for part in parts]
            if titles and not any(units):
                # A second line below the names: units alone.
                names, units = [t[0] for t in titles], parts
        elif strict and len(header) > 1 and line is not header[-1]:
            # Free text above the names of the columns.
            continue
        else:
            continue
        if titles and not any(names):
            names = [t[0] for t in titles]
        titles = [(n, None if u in (None, *_NO_UNITS) else u)
                  for n, u in zip(names, units, strict=True)]
    return titles


def _unit_of(title: str) -> str | None:
    bracketed = _BRACKETS.search(title)
    if bracketed:
        return bracketed[1].strip()
    other = _AFTER_SLASH.match(title)
    return (other[1] or other[2]) if other else None


def _columns(
    given: Sequence[int] | None, width: int, titles: list[tuple[str, str | None]], name: str,
    line: Line,
) -> tuple[int, int]:
    """Which columns are x and U."""
    if given is not None:
        whole = [k for k in given if isinstance(k, int) and not isinstance(k, bool)]
        if len(whole) != 2 or len(given) != 2 or not all(1 <= k <= width for k in whole):
            raise ValueError(f"columns must be two numbers from 1 to {width} for {name}, "
                             f"got {list(given)!r}")
        return whole[0] - 1, whole[1] - 1
    if width < 2:
        raise wrong(name, line, f"expected two numbers, got {line.text!r}")
    known = [[k for k, (title, _) in enumerate(titles)
              if re.split(r"[\s(\[/]", title.strip().lower())[0] in words] for words in _NAMES]
    if all(len(k) == 1 for k in known):
        return known[0][0], known[1][0]
    if width == 2:
        return 0, 1
    raise wrong(name, line, f"{width} columns; say which are x and U: "
                 "--columns 1,2 (in Python columns=(1, 2))")


def _check_order(x: NDArray, U: NDArray, data: list[Line], name: str) -> None:
    """A ValueError that names the first row out of order."""
    steps = np.diff(x)
    if not len(steps) or np.all(steps > 0) or np.all(steps < 0):
        return
    # Against the direction of most rows: one wrong row is then the one that is named.
    bad = int(np.argmax(steps <= 0 if np.sum(steps > 0) >= np.sum(steps < 0) else steps >= 0))
    other = np.diff(U)
    swapped = len(other) > 1 and (np.all(other > 0) or np.all(other < 0))
    raise wrong(
        name, data[bad + 1], f"x must increase strictly (or decrease strictly), got x[{bad}] = "
        f"{x[bad]}, x[{bad + 1}] = {x[bad + 1]}"
        + ("; if the columns are U and x: --columns 2,1" if swapped else "")
    )
