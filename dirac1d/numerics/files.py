"""Files: named arrays with a header and a checksum, written whole or not at all.

An archive is a plain ``.npz`` without pickles; its entry ``header`` is JSON. The header holds a
SHA-256 of all that it and the arrays say, so that damage which the zip format lets pass is found.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


def checksum(header: Mapping[str, Any], arrays: Mapping[str, NDArray]) -> str:
    """SHA-256 of a header (less its own checksum) and of the arrays' names, types and bytes."""
    found = hashlib.sha256()
    content = {key: value for key, value in header.items() if key != "checksum"}
    found.update(json.dumps(content, sort_keys=True).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(f"\0{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def pack(header: Mapping[str, Any], arrays: Mapping[str, NDArray]) -> bytes:
    """The bytes of an archive; the same content gives the same bytes."""
    complete = dict(header) | {"checksum": checksum(header, arrays)}
    stream = io.BytesIO()
    named: dict[str, Any] = {"header": np.array(json.dumps(complete)), **arrays}
    np.savez_compressed(stream, **named)
    return stream.getvalue()


def unpack(
    source: str | Path | bytes, kind: str | tuple[str, ...], format: int,
    earlier: tuple[int, ...] = ()
) -> tuple[dict[str, Any], dict[str, NDArray]]:
    """Header and arrays of an archive of one of some kinds: of a file, or of the bytes of one.

    Files of the present `format` are read, and of `earlier` ones whose content it includes.

    Raises
    ------
    ValueError
        If the file cannot be read, is damaged, is of another kind, or of a newer format.
    """
    kinds = (kind,) if isinstance(kind, str) else kind
    name = "the archive" if isinstance(source, bytes) else repr(str(source))
    opened = source if isinstance(source, bytes) else place(source)
    try:
        # Opened here, so that it is closed also when NumPy refuses it.
        with _open(opened) as stream, np.load(stream, allow_pickle=False) as stored:
            header = json.loads(str(stored["header"]))
            arrays = {key: stored[key] for key in stored.files if key != "header"}
    except OSError as error:
        raise ValueError(f"cannot read {name}: {error.strerror or error}") from error
    except MemoryError as error:
        raise ValueError(f"{name} is damaged or does not fit in memory") from error
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise ValueError(f"{name} is damaged or not a dirac1d result: {error}") from error
        # NumPy takes whatever is no archive for a pickle, and advises to load it: text, mostly.
        raise ValueError(f"{name} is not a dirac1d result: it is no .npz archive") from None
    except Exception as error:
        # Damage shows as almost anything in zipfile, zlib, NumPy's header parser or json.
        raise ValueError(f"{name} is damaged or not a dirac1d result: {error}") from error
    if not isinstance(header, dict) or header.get("kind") not in kinds:
        raise ValueError(f"{name} is not a dirac1d result of kind {kinds[0]}")
    if header.get("format") not in (format, *earlier):
        written = header.get("version")
        by = f" (written by dirac1d {written})" if written else ""
        raise ValueError(
            f"{name} has file format {header.get('format')!r}{by}; this version reads {format}"
        )
    if "checksum" not in header:
        raise ValueError(f"{name} is not a complete dirac1d result: 'checksum' is missing")
    if header["checksum"] != checksum(header, arrays):
        raise ValueError(f"{name} is damaged: its checksum does not match its content")
    return header, arrays


def place(path: str | Path) -> Path:
    """A path, with a user's ``~`` for the home folder.

    Raises
    ------
    ValueError
        If it is no path, or there is no such home.
    """
    try:
        return Path(path).expanduser()
    except TypeError as error:
        raise ValueError(f"a path must be text or a Path, got {path!r:.200}") from error
    except RuntimeError as error:
        raise ValueError(f"{str(path)!r}: {error}") from error


def with_ending(path: str | Path, kinds: Sequence[str]) -> Path:
    """A path with an ending of these kinds, the first being added to a name that has none.

    ``run.1`` has none: an ending begins with a letter.

    Raises
    ------
    ValueError
        If the ending is another.
    """
    found = place(path)
    if found.name and not re.fullmatch(r"\.[A-Za-z]\w*", found.suffix):
        found = found.with_name(found.name + kinds[0])
    if found.suffix.lower() not in kinds:
        raise ValueError(f"{str(path)!r} must end in {_listed(kinds)}")
    return found


def _listed(kinds: Sequence[str]) -> str:
    return kinds[0] if len(kinds) == 1 else f"one of {', '.join(kinds)}"


def _open(source: Path | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def write(path: str | Path, content: bytes | str) -> Path:
    """Write a file beside its place, flush it to the disk, and move it there.

    Whatever interrupts it, the place holds the old file or the complete new one.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    path = place(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    # A name of its own: two writers of the same place do not share a part.
    part = path.with_name(f".{path.name[:100]}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except (OSError, ValueError) as error:
        _discard(part)
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"cannot write {str(path)!r}: {reason}") from error
    except BaseException:
        _discard(part)
        raise
    return path


def _discard(part: Path) -> None:
    """Remove a half-written file, if there is one."""
    with contextlib.suppress(OSError, ValueError):
        part.unlink(missing_ok=True)
