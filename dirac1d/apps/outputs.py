"""Where results go: names checked before the work, and those that are printed are those written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dirac1d.apps.windows import load_matplotlib
from dirac1d.numerics.files import place, with_ending

DEFAULT_PICTURE = "dirac1d-current.png"
#: Endings of data: of a profile, of a table of J_y, of a sweep's table.
PROFILE_KINDS, TOTAL_KINDS, TABLE_KINDS = (".npz", ".csv", ".json"), (".npz", ".csv", ".json"), (
    ".npz", ".csv")


@dataclass(frozen=True)
class Outputs:
    """What a command leaves behind.

    Attributes
    ----------
    data : tuple of Path
        The file of each engine, the first as named; empty for none.
    picture : Path or None
    show, json : bool
        Whether a window is opened; whether one JSON object is printed, and nothing else.
    """

    data: tuple[Path, ...] = ()
    picture: Path | None = None
    show: bool = False
    json: bool = False

    @classmethod
    def of(cls, description: Mapping[str, Any], engines: tuple[str, ...] = ()) -> Outputs:
        """From the keys save, plot, no_plot, show and json.

        Raises
        ------
        ValueError
            If a file cannot be written, an ending is unknown, or no window can be opened.
        """
        given = description.get("plot")
        show, json = bool(description.get("show")), bool(description.get("json"))
        if description.get("no_plot") and given is not None:
            raise ValueError("--plot and --no-plot exclude each other")
        if given is None and not (description.get("no_plot") or json or show):
            given = DEFAULT_PICTURE
        picture = None if given is None else picture_path("--plot", given)
        if show:
            load_matplotlib(window=True)
        data: tuple[Path, ...] = ()
        if description.get("save") is not None:
            path = data_path("--save", description["save"], PROFILE_KINDS)
            # Two engines, two files: neither result is dropped.
            data = (path, *(writable("--save", path.with_name(f"{path.stem}-{name}{path.suffix}"))
                            for name in engines[1:]))
        return cls(data, picture, show, json)


def data_path(name: str, path: Any, kinds: tuple[str, ...]) -> Path:
    """Where data are written: with a known ending, in a folder that is there.

    A name without an ending is that of an archive, ``.npz``.

    Raises
    ------
    ValueError
        If it is not so.
    """
    if not isinstance(path, str | Path) or not str(path):
        raise ValueError(f"{name}: a file name is text, got {path!r}")
    try:
        found = with_ending(path, kinds)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    return writable(name, found)


def picture_path(name: str, path: Any) -> Path:
    """Where a picture is written, in a format that matplotlib knows.

    Raises
    ------
    ValueError
        If it is not so.
    """
    if not isinstance(path, str | Path):
        raise ValueError(f"{name}: a file name is text, got {path!r}")
    load_matplotlib()
    from matplotlib.backend_bases import FigureCanvasBase

    found, kinds = place(path), FigureCanvasBase.get_supported_filetypes()
    if found.suffix.lstrip(".").lower() not in kinds:
        raise ValueError(
            f"{name}: {str(path)!r} must end in one of " + ", ".join(f".{k}" for k in sorted(kinds))
        )
    return writable(name, found)


def writable(name: str, path: Path) -> Path:
    """The path, if it can be written; fail before the work, not after it."""
    folder = path.parent
    if not folder.is_dir():
        raise ValueError(f"{name}: the folder {str(folder)!r} does not exist")
    if path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        raise ValueError(f"{name}: cannot write {str(path)!r}")
    return path
