"""The command ``dirac1d sweep``: a sweep from a file, on the cores of this machine."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from dirac1d.apps.executors import cores, processes
from dirac1d.apps.notes import notes
from dirac1d.apps.options import whole
from dirac1d.apps.outputs import TABLE_KINDS, data_path
from dirac1d.apps.sweep_input import SweepInput, read_sweep_file
from dirac1d.numerics.files import place
from dirac1d.sweeps.run import finished, sweep
from dirac1d.sweeps.table import Sweep

DEFAULT_STORE, DEFAULT_OUTPUT = "runs", "sweep.npz"
SWEEP_HELP = """\
A sweep file is a problem file (see dirac1d current --help) in which any value of the problem may
be a list or a range; all combinations are computed (dirac1d example sweep prints a complete one):

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
    parser.add_argument("file", metavar="SWEEP.toml", help="sweep file; - is standard input")
    parser.add_argument("--store", metavar="FOLDER", help=f"finished points ({DEFAULT_STORE})")
    parser.add_argument("--output", metavar="FILE", action="append",
                        help=f"table, .npz or .csv; may be repeated ({DEFAULT_OUTPUT})")
    parser.add_argument("--workers", type=whole,
                        help="processes (1); no more are started than there are cores and points")
    parser.add_argument("--retry-failed", action="store_true", help="try failed points again")
    parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")


def run_sweep(arguments: argparse.Namespace) -> int:
    """``dirac1d sweep``."""
    with notes() as told:
        given = read_sweep_file(arguments.file)
    store = _folder(arguments.store or given.settings["store"] or DEFAULT_STORE)
    outputs = _outputs(arguments.output or given.settings["output"] or DEFAULT_OUTPUT)
    asked = given.settings["workers"] if arguments.workers is None else arguments.workers
    workers = _workers(asked, len(given.problems))
    start, options = perf_counter(), {"solver": given.request.solver}
    try:
        with _executor(workers) as executor:
            result = sweep(
                given.problems, given.request.x, executor, store,
                engine=given.request.engines[0], rtol=given.request.rtol,
                coordinates=given.axes, retry_failed=arguments.retry_failed,
                **{k: v for k, v in options.items() if v is not None},
            )
    except KeyboardInterrupt:
        done = finished(given.problems, given.request.x, store, engine=given.request.engines[0],
                        rtol=given.request.rtol,
                        **{k: v for k, v in options.items() if v is not None})
        raise KeyboardInterrupt(
            f"{done} of {len(given.problems)} points are stored in {str(store)!r}; "
            "the same command goes on from there") from None
    laboratory = given.request.laboratory
    for path in outputs:
        result.save(path, laboratory.scale if laboratory else None)
    _tell(arguments, given, result, outputs, store, perf_counter() - start, told)
    return 1 if result.failures else 0


def _folder(name: Any) -> Path:
    if not isinstance(name, str):
        raise ValueError(f"store must be the name of a folder, got {name!r}")
    return place(name)


def _outputs(names: Any) -> list[Path]:
    return [data_path("output", name, TABLE_KINDS)
            for name in (names if isinstance(names, list) else [names])]


def _workers(given: Any, points: int) -> int:
    """Processes to start: as many as were asked for, cores and points permitting."""
    if given is None:
        return 1
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise ValueError(f"workers must be a whole number of at least 1, got {given!r}")
    # More than cores only wait for each other.
    most = min(cores(), points)
    if given > most:
        logging.getLogger("dirac1d").warning(
            "%d workers asked for, %d started: there are %d cores and %d points", given, most,
            cores(), points)
    return min(given, most)


@contextmanager
def _executor(workers: int) -> Iterator[Executor | None]:
    """Processes, or None for one worker."""
    if workers == 1:
        yield None
        return
    with processes(workers) as pool:
        yield pool


def _tell(
    arguments: argparse.Namespace, given: SweepInput, result: Sweep, outputs: list[Path],
    store: Path, seconds: float, told: list[str],
) -> None:
    for index, failure in result.failures.items():
        print(f"dirac1d: point {index} failed: {failure}", file=sys.stderr)
    missed = sum(p is not None and not p.converged for p in result.profiles)
    if arguments.json:
        print(json.dumps({
            "points": len(result.problems), "computed": result.computed,
            "failed": len(result.failures), "not_converged": missed,
            "axes": {name: len(values) for name, values in given.axes.items()},
            "output": [str(path) for path in outputs], "store": str(store), "seconds": seconds,
        }))
        return
    axes = ", ".join(f"{name} ({len(values)})" for name, values in given.axes.items()) or "none"
    print(f"dirac1d: sweep of {len(result.problems)} points over {axes}")
    print(f"  {'computed now:':<24}{result.computed} in {seconds:.1f} s")
    print(f"  {'failed:':<24}{len(result.failures)}")
    print(f"  {'short of accuracy:':<24}{missed}")
    print(f"  {'store:':<24}{store}")
    for note in told:
        print(f"  {'potential:':<24}{note}")
    for path in outputs:
        print(f"  {'table:':<24}{path}")
