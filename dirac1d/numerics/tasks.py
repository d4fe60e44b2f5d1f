"""Many independent pieces of work: done here or by an executor, finished ones kept in a folder.

Any `concurrent.futures.Executor` does, `dask.distributed`'s and `mpi4py.futures`' included: all
that is asked of one is ``submit``, and of what that returns the methods of a `Future`.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from numpy.typing import NDArray

from dirac1d.numerics.files import pack, unpack, write

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")

#: Tasks handed to the executor at a time: enough for any number of workers to stay busy, few enough
#: that an interrupt has little to cancel.
_WINDOW = 512
#: Seconds after which a budget is looked at while workers are busy.
_PATIENCE = 0.5
#: Of the files that `Kept` writes.
_KIND, _FORMAT = "dirac1d.Piece", 1


class StoreWarning(UserWarning):
    """A file of a store is damaged; what it held is computed again."""


def check_executor(executor: Any) -> Executor | None:
    """`executor` if it is None or has ``submit``, or a ValueError."""
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise ValueError("executor must have submit, as a concurrent.futures.Executor does, got "
                         f"{executor!r:.200}")
    return executor


def as_done(
    function: Callable[..., Result], tasks: Iterable[tuple[Key, tuple[Any, ...]]],
    executor: Executor | None = None, *, check: Callable[[], object] = lambda: None,
    failed: Callable[[Exception], Result] | None = None,
) -> Iterator[tuple[Key, Result]]:
    """Results of function(*arguments) with their keys, as they come.

    Parameters
    ----------
    function : callable
        Of a module, if processes are to find it.
    tasks : iterable of (key, arguments)
    executor : Executor, optional
        By default one after the other here, in order.
    check : callable
        Asked before each task, and while workers are waited for; may raise.
    failed : callable, optional
        What the error of a worker becomes that its task did not return; by default it is raised.

    Raises
    ------
    RuntimeError
        If the executor broke down.
    """
    tasks = iter(tasks)
    if executor is None:
        for key, arguments in tasks:
            check()
            yield key, function(*arguments)
        return
    running: dict[Future, Key] = {}
    # A queue, since `concurrent.futures.wait` looks at every future for each one that is done.
    done: SimpleQueue[Future] = SimpleQueue()
    try:
        while True:
            for key, arguments in itertools.islice(tasks, _WINDOW - len(running)):
                future = executor.submit(function, *arguments)
                running[future] = key
                future.add_done_callback(done.put)
            if not running:
                return
            future = _next(done, check)
            yield running.pop(future), _outcome(future, failed)
    except BrokenExecutor as error:
        raise RuntimeError(
            f"a worker died ({error}); what was finished is kept in the store, if there is one. In "
            'a script, what starts the workers must stand below: if __name__ == "__main__":'
        ) from error
    finally:
        for future in running:
            future.cancel()


def _next(done: SimpleQueue[Future], check: Callable[[], object]) -> Future:
    while True:
        check()
        try:
            return done.get(timeout=_PATIENCE)
        except Empty:
            continue


def _outcome(future: Future, failed: Callable[[Exception], Result] | None) -> Result:
    """What the worker returned, or what its error becomes."""
    error = future.exception()
    if error is None:
        return future.result()
    if failed is None or isinstance(error, BrokenExecutor) or not isinstance(error, Exception):
        raise error
    return failed(error)


def hash_of(asked: Any) -> str:
    """The SHA-256 of what was asked, written down as JSON: the name of its file.

    Raises
    ------
    TypeError
        If it cannot be written down.
    """
    return hashlib.sha256(
        json.dumps(asked, sort_keys=True, allow_nan=False).encode()).hexdigest()


@dataclass(frozen=True)
class Folder:
    """A folder of files named by hashes: ``ab/abcdef….npz``."""

    folder: Path

    @classmethod
    def at(cls, folder: str | Path) -> Folder:
        """The one at a place, made if it does not exist.

        Raises
        ------
        ValueError
            If it cannot be made.
        """
        try:
            path = Path(folder)
            path.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError, TypeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ValueError(f"store: cannot make the folder {str(folder)!r}: {reason}") from error
        return cls(path)

    def path(self, key: str, ending: str = ".npz") -> Path:
        """Where a key's file is."""
        return self.folder / key[:2] / (key + ending)

    def write(self, key: str, content: bytes | str, ending: str = ".npz") -> None:
        """A key's file, whole or not at all.

        Raises
        ------
        ValueError
            If it cannot be written.
        """
        path = self.path(key, ending)
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise ValueError(f"cannot write {str(path)!r}: {error.strerror}") from error
        write(path, content)


@dataclass(frozen=True)
class Kept:
    """Finished pieces of one problem, each a few arrays, in a folder.

    Attributes
    ----------
    folder : Folder
    problem : str
        The hash of what all pieces share.
    """

    folder: Folder
    problem: str

    @classmethod
    def at(cls, store: str | Path | None, shared: Callable[[], Any]) -> Kept | None:
        """In that folder; None without one. `shared` is what all pieces share.

        Raises
        ------
        ValueError
            If the folder cannot be made, or the problem cannot be written down.
        """
        if store is None:
            return None
        try:
            return cls(Folder.at(store), hash_of(shared()))
        except TypeError as error:
            raise ValueError(f"store: the problem cannot be written down: {error}") from error

    def find(self, piece: Any) -> dict[str, NDArray] | None:
        """What is kept of a piece; None, with a StoreWarning if its file is damaged."""
        path = self.folder.path(self._key(piece))
        if not path.exists():
            return None
        try:
            return unpack(path, _KIND, _FORMAT)[1]
        except ValueError as error:
            warnings.warn(f"{error}; computing it again", StoreWarning, stacklevel=3)
            return None

    def put(self, piece: Any, arrays: dict[str, NDArray]) -> None:
        """Keep a piece."""
        header = {"format": _FORMAT, "kind": _KIND}
        self.folder.write(self._key(piece), pack(header, arrays))

    def _key(self, piece: Any) -> str:
        return hash_of([self.problem, piece])


def pieces(
    function: Callable[[Any], dict[str, NDArray]], tasks: list[tuple[Any, Any]],
    executor: Executor | None, kept: Kept | None, check: Callable[[], object],
) -> Iterator[tuple[int, dict[str, NDArray], bool]]:
    """(number, arrays, whether they are new) of all tasks, those that are kept first.

    Parameters
    ----------
    function : callable
        Task → arrays by name.
    tasks : list of (piece, task)
        `piece` names the task, JSON-ready, among all of the problem.
    """
    missing = []
    for i, (piece, task) in enumerate(tasks):
        found = None if kept is None else kept.find(piece)
        if found is None:
            missing.append((i, (task,)))
        else:
            yield i, found, False
    for i, found in as_done(function, missing, executor, check=check):
        if kept is not None:
            kept.put(tasks[i][0], found)
        yield i, found, True
