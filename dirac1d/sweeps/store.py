"""A folder of finished results, each under the hash of what was asked.

``store/ab/abcdef….npz`` is a profile (`dirac1d.load` reads it), ``….failed.json`` the error of a
problem that has no result. A name is the SHA-256 of problem, positions, engine, tolerance, options
and version, so nothing is ever looked up by mistake, and stores can be merged by copying files.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from dirac1d.numerics.tasks import Folder, StoreWarning, hash_of
from dirac1d.problem import Problem
from dirac1d.results.profile import FILE_FORMAT, Profile, load
from dirac1d.version import __version__


@dataclass(frozen=True)
class Failure:
    """A point that has no result.

    Attributes
    ----------
    error : str
        Name of the exception.
    message : str
    lasting : bool
        Whether the problem is to blame: such a failure is stored, and not tried again.
    """

    error: str
    message: str
    lasting: bool = True

    def __str__(self) -> str:
        return f"{self.error}: {self.message}"


def key_of(
    problem: Problem, x: NDArray, engine: str, rtol: float | None, options: dict[str, Any]
) -> str:
    """The name under which a result is stored.

    Raises
    ------
    ValueError
        If the problem or an option cannot be written down.
    """
    try:
        return hash_of({
            "problem": problem.to_dict(), "x": hashlib.sha256(x.tobytes()).hexdigest(),
            "engine": engine, "rtol": rtol, "options": options, "version": __version__,
            "format": FILE_FORMAT,
        })
    except TypeError as error:
        raise ValueError(f"options of a sweep must be plain values: {error}") from error


@dataclass(frozen=True)
class Store:
    """Reads and writes the folder."""

    files: Folder

    @classmethod
    def at(cls, folder: str | Path) -> Store:
        """The store in a folder, which is made if it does not exist.

        Raises
        ------
        ValueError
            If the folder cannot be made.
        """
        return cls(Folder.at(folder))

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.files.folder

    def path(self, key: str, ending: str = ".npz") -> Path:
        """Where a key's file is."""
        return self.files.path(key, ending)

    def find(self, key: str) -> Profile | Failure | None:
        """The stored result or failure; None, with a StoreWarning if its file is damaged."""
        path = self.path(key)
        if path.exists():
            try:
                return load(path)
            except ValueError as error:
                warnings.warn(f"{error}; computing it again", StoreWarning, stacklevel=3)
                return None
        path = self.path(key, ".failed.json")
        if path.exists():
            try:
                stored = json.loads(path.read_text(encoding="utf-8"))
                return Failure(str(stored["error"]), str(stored["message"]))
            except (OSError, ValueError, KeyError, TypeError) as error:
                warnings.warn(f"{str(path)!r} is damaged ({error}); computing it again",
                              StoreWarning, stacklevel=3)
        return None

    def put(self, key: str, result: bytes | Failure) -> None:
        """Write a result, whole or not at all; a failure only if it is lasting."""
        if isinstance(result, Failure) and not result.lasting:
            return
        if isinstance(result, Failure):
            content = json.dumps({"error": result.error, "message": result.message})
            self.files.write(key, content + "\n", ".failed.json")
        else:
            self.files.write(key, result)
            self.path(key, ".failed.json").unlink(missing_ok=True)
