"""Who does the work: this process, threads, processes, or the workers of a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

EXECUTOR_HELP = "processes:N, threads:N or dask:ADDRESS"
#: Seconds in which a Dask scheduler has to answer.
_ANSWER = 10


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def executor_of(text: Any) -> Iterator[Executor | None]:
    """The executor that is named; None for none.

    Raises
    ------
    ValueError
        If it is not `EXECUTOR_HELP`, Dask is not installed, or its scheduler does not answer.
    """
    if text is None:
        yield None
        return
    kind, _, rest = text.partition(":") if isinstance(text, str) else ("", "", "")
    if kind == "dask" and rest:
        with _dask(rest) as executor:
            yield executor
        return
    if kind not in ("processes", "threads") or not re.fullmatch(r"[1-9][0-9]{0,3}", rest):
        raise ValueError(f"executor must be {EXECUTOR_HELP}, got {text!r}")
    if kind == "threads":
        with ThreadPoolExecutor(int(rest)) as pool:
            yield pool
        return
    with processes(int(rest)) as pool:
        yield pool


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    """The workers of a running scheduler."""
    try:
        from distributed import Client
    except ImportError as error:
        raise ValueError("executor: dask needs pip install dirac1d[dask]") from error
    try:
        client = Client(address, timeout=_ANSWER)
    except (OSError, ValueError, TimeoutError) as error:
        raise ValueError(f"executor: no Dask scheduler answers at {address!r}: {error}") from error
    with client:
        yield client.get_executor()


@contextmanager
def processes(workers: int) -> Iterator[Executor]:
    """A pool of processes, ended at once if anything interrupts."""
    # New processes read this; threads of BLAS would compete with the other workers.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        with _deaf_children():
            # As many tasks as workers start them all.
            for _ in range(workers):
                pool.submit(os.getpid)
        yield pool
    except BaseException:
        # What they work on is lost anyway, and may take long.
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes started here ignore Ctrl-C, which a terminal sends to all: this one ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
