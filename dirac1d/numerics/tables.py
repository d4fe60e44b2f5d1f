"""Tables of two columns as instruments and colleagues write them.

What is unambiguous is read, and `Table.note` says in one line what was understood; what is not is
refused, with the file, the line and the option that settles it. No row is dropped silently: a line
before the numbers is a header only if none of its fields begins like a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.files import place

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eEdD][-+]?[0-9]+)?|[-+]?(?:nan|inf)",
                     re.IGNORECASE)
_BEGINS_LIKE_A_NUMBER = re.compile(r"[-+]?[.,]?[0-9]")
#: A comma that can only be a decimal one: no group of three digits before a thousand follows it.
_DECIMAL_COMMA = re.compile(r"[-+]?(?:(?:0+|[0-9]{4,}|),[0-9]+|[0-9]*,(?:[0-9]{1,2}|[0-9]{4,}))"
                            r"(?:[eEdD][-+]?[0-9]+)?")
_THOUSANDS = {".": re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*"),
              ",": re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*")}
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
    note : str
        What was understood, in one line.
    """

    x: NDArray
    U: NDArray
    units: tuple[str | None, str | None]
    note: str


@dataclass(frozen=True)
class _Line:
    number: int
    text: str


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
    lines, comments = _lines(_text(path, name))
    first = next((i for i, line in enumerate(lines) if _is_data(line.text)), len(lines))
    header, data = lines[:first], lines[first:]
    if not data:
        raise ValueError(f"{name} holds no rows of two numbers")
    delimiter = _delimiter(data, header, decimal, name)
    rows = [_split(line.text, delimiter) for line in data]
    comma = _decimal_comma(rows, data, delimiter, decimal, name)
    width = len(rows[0])
    for line, row in zip(data, rows, strict=True):
        if len(row) != width:
            raise _wrong(name, line, f"expected {width} columns as before, got {line.text!r}")
    remarks = [comment for comment in comments if comment.number < data[0].number][-1:]
    titles = _titles(header or remarks, delimiter, width, name, bool(header))
    chosen = _columns(columns, width, titles, name, data[0])
    x, U = (
        np.array([_value(row[k], comma, line, name)
                  for row, line in zip(rows, data, strict=True)]) for k in chosen
    )
    _check_order(x, U, data, name)
    found = tuple(titles[k][1] for k in chosen) if titles else (None, None)
    named = (found[0], found[1]) if units is None else (units[0], units[1])
    words = [f"{len(x)} rows", *(f"columns {chosen[0] + 1} and {chosen[1] + 1} of {width}"
                                 for _ in [0] if width > 2)]
    words += [f"{label} in {unit}" for label, unit in zip("xU", named, strict=True) if unit]
    words += ["decimal comma"] * comma + ["x descending"] * bool(x[0] > x[-1])
    note = f"{path}: {', '.join(words)}, separated by {_DELIMITERS[delimiter]}"
    if x[0] > x[-1]:
        x, U = x[::-1].copy(), U[::-1].copy()
    return Table(x, U, named, note)


def _text(path: str | Path, name: str) -> str:
    try:
        raw = place(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"cannot read the table {name}: {reason}") from error
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f" for c in text):
            return text
    raise ValueError(f"cannot read the table {name}: not a text file")


def _lines(text: str) -> tuple[list[_Line], list[_Line]]:
    """Lines with content, and comments, both with typography made plain."""
    lines, comments = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        plain = line.replace("\u2212", "-").replace("\u00a0", " ").replace("\u202f", " ")
        body, *rest = re.split("[#%]", plain, maxsplit=1)
        if body.strip(" \r\n\f"):
            lines.append(_Line(number, body.strip(" \r\n\f")))
        if rest and not body.strip():
            comments.append(_Line(number, rest[0].strip()))
    return [line for line in lines if line.text.strip("\t;, ")], comments


def _is_data(text: str) -> bool:
    return any(_BEGINS_LIKE_A_NUMBER.match(part.strip(' "\''))
               for part in re.split(r"[\t;,\s]+", text) if part)


def _wrong(name: str, line: _Line, what: str) -> ValueError:
    return ValueError(f"{name}, line {line.number}: {what}")


def _split(text: str, delimiter: str | None) -> list[str]:
    parts = text.split(delimiter) if delimiter else text.split()
    parts = [part.strip(" \t\"'") for part in parts]
    # A delimiter at the end of every line is a habit of some programs, not another column.
    return parts[:-1] if len(parts) > 2 and parts[-1] == "" else parts


def _delimiter(
    data: list[_Line], header: list[_Line], decimal: str | None, name: str
) -> str | None:
    """What separates the columns; None for white space."""
    texts = [line.text for line in data]
    for candidate in (";", "\t"):
        if all(candidate in text for text in texts):
            return candidate
    if not any("," in text for text in texts):
        return None
    words = [[part.strip("\"'") for part in text.split()] for text in texts]
    # "0,10 1,25": every word is a number with a comma or without; "0, 1" is not.
    if all(len(w) > 1 and all(_NUMBER.fullmatch(p.replace(",", ".", 1)) for p in w)
           for w in words):
        return None
    fields = [_split(text, ",") for text in texts]
    if decimal == "," or (decimal is None and _one_column(fields, header)):
        raise _wrong(
            name, data[0], f"{texts[0]!r} may be one number with a decimal comma or two numbers; "
            "a table has two columns, separated by semicolons, tabs or spaces if commas are "
            "decimal. If they are two: --decimal . (in Python decimal='.')"
        )
    return ","


def _one_column(fields: list[list[str]], header: list[_Line]) -> bool:
    """Whether rows such as ``0,10`` look like one column of decimal commas."""
    if any("," in line.text for line in header):
        return False
    digits = all(len(f) == 2 and re.fullmatch("[-+]?[0-9]+", f[0]) and re.fullmatch("[0-9]+", f[1])
                 for f in fields)
    if not digits:
        return False
    lengths = {len(f[1]) for f in fields}
    # As many decimals in every row, two at least, or a zero that no whole number begins with.
    fixed = len(lengths) == 1 and min(lengths) > 1
    return fixed or any(len(f[1]) > 1 and f[1][0] == "0" for f in fields)


def _decimal_comma(
    rows: list[list[str]], data: list[_Line], delimiter: str | None, decimal: str | None,
    name: str,
) -> bool:
    """Whether commas are decimal."""
    if delimiter == ",":
        return False
    pairs = [(field, line) for row, line in zip(rows, data, strict=True) for field in row
             if "," in field]
    if decimal is not None or not pairs:
        return decimal == ","
    if any(_DECIMAL_COMMA.fullmatch(field) or _THOUSANDS[","].fullmatch(field)
           for field, _ in pairs):
        return True
    if any(_THOUSANDS["."].fullmatch(field) for field, _ in pairs):
        return False
    field, line = pairs[0]
    raise _wrong(name, line, f"the comma of {field!r} may be a decimal one or one between "
                 "thousands: --decimal , or --decimal . (in Python decimal=)")


def _value(field: str, comma: bool, line: _Line, name: str) -> float:
    """A number as written, or a ValueError that names the line."""
    mark = "," if comma else "."
    plain = field
    if _THOUSANDS[mark].fullmatch(field) or (not comma and "," in field):
        plain = field.replace("." if comma else ",", "")
    if comma:
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        hint = ""
        if _BEGINS_LIKE_A_NUMBER.match(field) and re.search("[A-Za-zµμ]", field):
            hint = " (units belong into the header, or: --units nm,meV)"
        raise _wrong(name, line, f"expected two numbers, got {line.text!r}"
                     if not hint else f"{field!r} is not a number{hint}")
    number = float(plain.lower().replace("d", "e") if "n" not in plain.lower() else plain)
    if not np.isfinite(number):
        raise _wrong(name, line, f"numbers must be finite, got {field!r}")
    return number


def _titles(
    header: list[_Line], delimiter: str | None, width: int, name: str, strict: bool
) -> list[tuple[str, str | None]]:
    """Names and units of the columns from header lines, or from the last comment."""
    titles: list[tuple[str, str | None]] = []
    for line in header:
        units = [found.strip() for found in _BRACKETS.findall(line.text)]
        parts = _split(line.text, delimiter)
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
    line: _Line,
) -> tuple[int, int]:
    """Which columns are x and U."""
    if given is not None:
        whole = [k for k in given if isinstance(k, int) and not isinstance(k, bool)]
        if len(whole) != 2 or len(given) != 2 or not all(1 <= k <= width for k in whole):
            raise ValueError(f"columns must be two numbers from 1 to {width} for {name}, "
                             f"got {list(given)!r}")
        return whole[0] - 1, whole[1] - 1
    if width == 2:
        return 0, 1
    if width < 2:
        raise _wrong(name, line, f"expected two numbers, got {line.text!r}")
    known = [[k for k, (title, _) in enumerate(titles)
              if re.split(r"[\s(\[/]", title.strip().lower())[0] in words] for words in _NAMES]
    if all(len(k) == 1 for k in known):
        return known[0][0], known[1][0]
    raise _wrong(name, line, f"{width} columns; say which are x and U: "
                 "--columns 1,2 (in Python columns=(1, 2))")


def _check_order(x: NDArray, U: NDArray, data: list[_Line], name: str) -> None:
    """A ValueError that names the first row out of order."""
    steps = np.diff(x)
    if not len(steps) or np.all(steps > 0) or np.all(steps < 0):
        return
    # Against the direction of most rows: one wrong row is then the one that is named.
    bad = int(np.argmax(steps <= 0 if np.sum(steps > 0) >= np.sum(steps < 0) else steps >= 0))
    other = np.diff(U)
    swapped = len(other) > 1 and (np.all(other > 0) or np.all(other < 0))
    raise _wrong(
        name, data[bad + 1], f"x must increase strictly (or decrease strictly), got x[{bad}] = "
        f"{x[bad]}, x[{bad + 1}] = {x[bad + 1]}"
        + ("; if the columns are U and x: --columns 2,1" if swapped else "")
    )
