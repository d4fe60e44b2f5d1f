"""The command ``dirac1d sweep``: a sweep from a file, on the cores of this machine."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from dirac1d.apps.sweep_input import SweepInput, read_sweep_file
from dirac1d.sweeps.run import sweep
from dirac1d.sweeps.table import Sweep

DEFAULT_STORE, DEFAULT_OUTPUT = "runs", "sweep.npz"
SWEEP_HELP = """\
A sweep file is a problem file (see dirac1d current --help) in which any value of the problem may
be a list or a range; all combinations are computed:

    store = "runs"                  # folder of finished points
    output = ["sweep.npz", "sweep.csv"]
    workers = 2
    rtol = 1e-6
    points = 101                    # positions x
    fermi_energy = { from = -2.0, to = 2.0, points = 41 }
    temperature = [0.0, 0.05]
    [potential]
    shape = "tanh"
    left = -0.5
    right = 0.5
    width = { from = 0.1, to = 10.0, points = 5, spacing = "log" }

Every finished point is in the store before it counts; run the same command again after any
interruption and only what is missing is computed. Exit status 1: some points failed (their errors
are in the table's column "status", and on stderr).
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``dirac1d sweep``."""
    parser.add_argument("file", metavar="SWEEP.toml", help="sweep file")
    parser.add_argument("--store", metavar="FOLDER", help=f"finished points ({DEFAULT_STORE})")
    parser.add_argument("--output", metavar="FILE", action="append",
                        help=f"table, .npz or .csv; may be repeated ({DEFAULT_OUTPUT})")
    parser.add_argument("--workers", type=int, help="processes (1)")
    parser.add_argument("--retry-failed", action="store_true", help="try failed points again")
    parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")


def run_sweep(arguments: argparse.Namespace) -> int:
    """``dirac1d sweep``."""
    given = read_sweep_file(arguments.file)
    store = arguments.store or given.settings["store"] or DEFAULT_STORE
    outputs = _outputs(arguments.output or given.settings["output"] or DEFAULT_OUTPUT)
    workers = given.settings["workers"] if arguments.workers is None else arguments.workers
    start = perf_counter()
    with _executor(workers) as executor:
        result = sweep(
            given.problems, given.x, executor, store, engine=given.settings["engine"],
            rtol=given.settings["rtol"], coordinates=given.axes,
            retry_failed=arguments.retry_failed,
        )
    scale = given.laboratory.scale if given.laboratory else None
    for path in outputs:
        result.save(path, scale)
    _tell(arguments, given, result, outputs, store, perf_counter() - start)
    return 1 if result.failures else 0


def _outputs(names: Any) -> list[str]:
    listed = names if isinstance(names, list) else [names]
    for name in listed:
        if not isinstance(name, str) or Path(name).suffix not in (".npz", ".csv"):
            raise ValueError(f"output must end in .npz or .csv, got {name!r}")
        folder = Path(name).parent
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise ValueError(f"output: cannot write {name!r}")
    return listed


@contextmanager
def _executor(workers: Any) -> Iterator[Executor | None]:
    """A pool of processes, ended at once if anything interrupts; None for one worker."""
    if workers is None or workers == 1:
        yield None
        return
    if isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= 1024:
        raise ValueError(f"workers must be a whole number from 1 to 1024, got {workers!r}")
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


def _tell(
    arguments: argparse.Namespace, given: SweepInput, result: Sweep, outputs: list[str],
    store: str, seconds: float,
) -> None:
    for index, failure in result.failures.items():
        print(f"dirac1d: point {index} failed: {failure}", file=sys.stderr)
    missed = sum(p is not None and not p.converged for p in result.profiles)
    if arguments.json:
        print(json.dumps({
            "points": len(result.problems), "computed": result.computed,
            "failed": len(result.failures), "not_converged": missed,
            "axes": {name: len(values) for name, values in given.axes.items()},
            "output": outputs, "store": str(store), "seconds": seconds,
        }))
        return
    axes = ", ".join(f"{name} ({len(values)})" for name, values in given.axes.items()) or "none"
    print(f"dirac1d: sweep of {len(result.problems)} points over {axes}")
    print(f"  {'computed now:':<24}{result.computed} in {seconds:.1f} s")
    print(f"  {'failed:':<24}{len(result.failures)}")
    print(f"  {'short of accuracy:':<24}{missed}")
    print(f"  {'store:':<24}{store}")
    for path in outputs:
        print(f"  {'table:':<24}{path}")
