"""The text of a table: its encoding, its lines, what separates the columns, and its numbers.

Nothing here knows what the columns mean; `dirac1d.numerics.tables` does.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dirac1d.numerics.files import place

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eEdD][-+]?[0-9]+)?|[-+]?(?:nan|inf)",
                     re.IGNORECASE)
_BEGINS_LIKE_A_NUMBER = re.compile(r"[-+]?[.,]?[0-9]")
#: A comma that can only be a decimal one: no group of three digits before a thousand follows it.
_DECIMAL_COMMA = re.compile(r"[-+]?(?:(?:0+|[0-9]{4,}|),[0-9]+|[0-9]*,(?:[0-9]{1,2}|[0-9]{4,}))"
                            r"(?:[eEdD][-+]?[0-9]+)?")
#: A comma that can only stand between columns.
_COLUMN_COMMA = re.compile(r"""["'\s],|,["'\s]|,$""")
_THOUSANDS = {".": re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*"),
              ",": re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*")}


@dataclass(frozen=True)
class Line:
    """A line of a file, with its number from 1 on."""

    number: int
    text: str


def read_text(path: str | Path, name: str) -> str:
    """The text of a file in any usual encoding, or a ValueError that says it is none."""
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


def content_lines(text: str) -> tuple[list[Line], list[Line]]:
    """Lines with content, and comments, both with typography made plain."""
    lines, comments = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        plain = line.replace("\u2212", "-").replace("\u00a0", " ").replace("\u202f", " ")
        body, *rest = re.split("[#%]", plain, maxsplit=1)
        if body.strip(" \r\n\f"):
            lines.append(Line(number, body.strip(" \r\n\f")))
        if rest and not body.strip():
            comments.append(Line(number, rest[0].strip()))
    return [line for line in lines if line.text.strip("\t;, ")], comments


def is_data(text: str) -> bool:
    """Whether a field of the line begins like a number."""
    return any(_BEGINS_LIKE_A_NUMBER.match(part.strip(' "\''))
               for part in re.split(r"[\t;,\s]+", text) if part)


def wrong(name: str, line: Line, what: str) -> ValueError:
    """An error that names the file and the line."""
    return ValueError(f"{name}, line {line.number}: {what}")


def split(text: str, delimiter: str | None) -> list[str]:
    """The fields of a line, without quotes."""
    parts = text.split(delimiter) if delimiter else text.split()
    parts = [part.strip(" \t\"'") for part in parts]
    # A delimiter at the end of every line is a habit of some programs, not another column.
    return parts[:-1] if len(parts) > 2 and parts[-1] == "" else parts


def find_delimiter(
    data: list[Line], header: list[Line], decimal: str | None, name: str
) -> str | None:
    """What separates the columns; None for white space."""
    texts = [line.text for line in data]
    for candidate in (";", "\t"):
        if all(candidate in text for text in texts):
            return candidate
    if not any("," in text for text in texts):
        return None
    words = [[part.strip("\"'") for part in text.split()] for text in texts]
    # "0,10 1,25": every word is a number with a comma inside or without; "0, 1" is not.
    if all(len(w) > 1 and all(_NUMBER.fullmatch(p.replace(",", ".", 1)) and p[-1] != ","
                              for p in w) for w in words):
        return None
    fields = [split(text, ",") for text in texts]
    if decimal == "," or (decimal is None and _one_column(texts, fields, header)):
        raise wrong(
            name, data[0], f"{texts[0]!r} may be one number with a decimal comma or two numbers. "
            "If it is two: --decimal . (in Python decimal='.'), or a header such as x,U; if one, "
            "x or U is missing: two columns with decimal commas are separated by semicolons, tabs "
            "or spaces"
        )
    return ","


def _one_column(texts: list[str], fields: list[list[str]], header: list[Line]) -> bool:
    """Whether rows such as ``0,1`` may be one column of decimal commas.

    They are not below a header with a comma, nor with a space or a quote beside the comma, a sign
    or a point after it, or a number of digits that no one writes decimals with.
    """
    if any("," in line.text for line in header) or any(_COLUMN_COMMA.search(t) for t in texts):
        return False
    digits = all(len(f) == 2 and re.fullmatch("[-+]?[0-9]+", f[0]) and re.fullmatch("[0-9]+", f[1])
                 for f in fields)
    if not digits:
        return False
    decimals = [f[1] for f in fields]
    # A program writes as many decimals in every row, or drops zeros at their end; no whole number
    # begins with a zero.
    fixed = len({len(d) for d in decimals}) == 1
    dropped = not any(len(d) > 1 and d[-1] == "0" for d in decimals)
    return fixed or dropped or any(len(d) > 1 and d[0] == "0" for d in decimals)


def has_decimal_commas(
    rows: list[list[str]], data: list[Line], delimiter: str | None, decimal: str | None,
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
    raise wrong(name, line, f"the comma of {field!r} may be a decimal one or one between "
                 "thousands: --decimal , or --decimal . (in Python decimal=)")


def number_of(field: str, comma: bool, line: Line, name: str) -> float:
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
        raise wrong(name, line, f"expected two numbers, got {line.text!r}"
                     if not hint else f"{field!r} is not a number{hint}")
    number = float(plain.lower().replace("d", "e") if "n" not in plain.lower() else plain)
    if not np.isfinite(number):
        raise wrong(name, line, f"numbers must be finite, got {field!r}")
    return number
