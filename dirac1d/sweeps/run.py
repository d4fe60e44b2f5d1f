"""Parameter sweeps: many problems on every core or a cluster, stored as they finish.

Any `concurrent.futures.Executor` does the work. Processes on one machine::

    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        result = dd.sweep(problems, x, pool, store="runs")

A Dask cluster (``pip install dirac1d[dask]``), here of two local workers::

    from distributed import Client, LocalCluster
    with LocalCluster(n_workers=2, threads_per_worker=1) as cluster, Client(cluster) as client:
        result = dd.sweep(problems, x, client.get_executor(), store="runs")

MPI (``pip install dirac1d[mpi]``, run under ``mpiexec -m mpi4py.futures``): ``MPIPoolExecutor()``.
Results travel to the process that called `sweep`, which alone writes: no shared disk is needed. Set
``OPENBLAS_NUM_THREADS=1``: the matrices are small, and threads of BLAS compete with the workers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from dirac1d.engines import DEFAULT_ENGINE, ENGINES, current_density
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.numerics.tasks import as_done, check_executor
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile, load
from dirac1d.results.record import AccuracyWarning
from dirac1d.sweeps.store import Failure, Store, key_of
from dirac1d.sweeps.table import Sweep


def sweep(
    problems: Iterable[Problem],
    x: ArrayLike,
    executor: Executor | None = None,
    store: str | Path | None = None,
    *,
    engine: str = DEFAULT_ENGINE,
    rtol: float | None = None,
    coordinates: Mapping[str, Sequence[Any]] | None = None,
    retry_failed: bool = False,
    progress: bool | Callable[[int], object] | None = None,
    **options: Any,
) -> Sweep:
    """Solve many problems; what is finished is kept, and found again.

    Parameters
    ----------
    problems : iterable of Problem
        Equal ones are solved once.
    x : array_like, shape (n,)
        Positions, the same for all.
    executor : concurrent.futures.Executor, optional
        By default this process solves one after the other.
    store : str or Path, optional
        Folder. Every finished point is written there, whole and flushed to the disk, before it is
        counted as progress; what is there already is not computed again. A damaged file is
        reported (`StoreWarning`) and computed again.
    engine, rtol, **options
        As `current_density`.
    coordinates : mapping of str to sequence, optional
        Names and values of the axes whose outer product, last axis fastest, the problems are.
    retry_failed : bool
        Try again what failed in an earlier run; by default its stored error is returned.
    progress : bool or callable, optional
        A bar on stderr, by default on terminals only; or a callable that is told of every point.

    Returns
    -------
    Sweep
        Profiles and failures in the order of the problems, and tables of them. A problem that
        raises becomes a `Failure` and does not stop the rest.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the store cannot be written.
    RuntimeError
        If the executor broke down (a worker was killed); finished points are in the store.

    Examples
    --------
    >>> import dirac1d as dd
    >>> step = dd.TanhStep(-0.5, 0.5, width=1.0)
    >>> problems = [dd.Problem(step, fermi_energy=e) for e in (0.0, 0.25)]
    >>> result = dd.sweep(problems, [-2.0, 0.0, 2.0], rtol=1e-6)
    >>> result.j_y.shape, len(result.failures)
    ((2, 3), 0)
    >>> print(result.totals().round(6))
    [-0.079577 -0.079577]
    """
    problems, x = _checked(problems), check_positions(x)
    if not isinstance(engine, str) or engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}")
    rtol = None if rtol is None else check_rtol(rtol)
    axes = _checked_axes(coordinates, len(problems))
    check_executor(executor)
    keys = [key_of(problem, x, engine, rtol, options) for problem in problems]
    folder = None if store is None else Store.at(store)
    found = _look_up(keys, folder, retry_failed)
    missing = {
        key: problem for key, problem in zip(keys, problems, strict=True) if key not in found
    }
    with _reporter(progress, total=len(set(keys)), done=len(found)) as report:
        tasks = ((key, (p, x, engine, rtol, options)) for key, p in missing.items())
        for key, result in as_done(solve_point, tasks, executor, failed=_broken):
            if folder is not None:
                folder.put(key, result)
            found[key] = result if isinstance(result, Failure) else load(result)
            report(1)
    return Sweep(
        problems=problems, x=x, results=tuple(found[key] for key in keys), engine=engine,
        rtol=rtol, axes=axes, computed=len(missing),
    )


def finished(
    problems: Iterable[Problem], x: ArrayLike, store: str | Path, *,
    engine: str = DEFAULT_ENGINE, rtol: float | None = None, **options: Any,
) -> int:
    """How many of the problems of a sweep have a result or a lasting failure in a store."""
    x, folder = check_positions(x), Store.at(store)
    keys = [key_of(problem, x, engine, rtol, options) for problem in problems]
    return sum(folder.path(key, ending).exists() for key in keys
               for ending in (".npz", ".failed.json"))


def _checked(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    try:
        listed = tuple(problems)
    except TypeError as error:
        raise ValueError(f"problems must be a sequence of problems, got {problems!r}") from error
    for i, problem in enumerate(listed):
        if not isinstance(problem, Problem):
            raise ValueError(f"problems[{i}] must be a dirac1d.Problem, got {problem!r:.200}")
    return listed


def _checked_axes(
    coordinates: Mapping[str, Sequence[Any]] | None, count: int
) -> dict[str, NDArray]:
    if coordinates is None:
        return {}
    axes = {name: np.asarray(values) for name, values in coordinates.items()}
    shape = [a.shape for a in axes.values()]
    if any(len(s) != 1 for s in shape) or np.prod([s[0] for s in shape], dtype=int) != count:
        raise ValueError(
            f"coordinates must span {count} problems, got axes of lengths "
            + ", ".join(f"{n}: {a.size}" for n, a in axes.items())
        )
    return axes


def _look_up(
    keys: list[str], store: Store | None, retry_failed: bool
) -> dict[str, Profile | Failure]:
    found: dict[str, Profile | Failure] = {}
    if store is None:
        return found
    for key in dict.fromkeys(keys):
        result = store.find(key)
        if result is not None and not (retry_failed and isinstance(result, Failure)):
            found[key] = result
    return found


def solve_point(
    problem: Problem, x: NDArray, engine: str, rtol: float | None, options: dict[str, Any]
) -> bytes | Failure:
    """One point, in whatever process: the bytes of its file, or its failure."""
    try:
        with warnings.catch_warnings():
            # The status of the profile says it, and stays with it.
            warnings.simplefilter("ignore", AccuracyWarning)
            return current_density(problem, x, engine, rtol, **options).to_bytes()
    except (MemoryError, OSError) as error:
        return Failure(type(error).__name__, str(error), lasting=False)
    except Exception as error:
        return Failure(type(error).__name__, " ".join(str(error).split()))


def _broken(error: Exception) -> Failure:
    """What a worker could not send or receive: a failure of the point, not of its problem."""
    return Failure(type(error).__name__, " ".join(str(error).split()), lasting=False)


class _reporter:
    """Context of a progress bar, or of the caller's own report."""

    def __init__(self, progress: bool | Callable[[int], object] | None, total: int, done: int):
        self.own = progress if callable(progress) else None
        self.bar = None
        if self.own is None:
            # None: no bar when stderr is not a terminal.
            disable = None if progress is None else not progress
            self.bar = tqdm(total=total, initial=done, desc="sweep", unit=" points",
                            disable=disable)

    def __enter__(self) -> Callable[[int], object]:
        return self.own if self.bar is None else self.bar.update  # type: ignore[return-value]

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()
