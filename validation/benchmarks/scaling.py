"""How the engines scale, and how sweeps do: CPU time, peak memory, cores, cost of storing.

    python validation/benchmarks/scaling.py [--sweep POINTS]

Positions, step width, Fermi energy and tolerance for one problem at a time, each in a process of
its own (so that the peak memory is its own); then a sweep (1000 points by default) on one and on
two processes, with and without a store. Wall times mean something on an idle machine only: the load
is printed, and the speed-up is judged only if nothing else was running.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import numpy as np
from report import heading, quiet, remark

import dirac1d as dd
from dirac1d.sweeps.store import Store, key_of

#: Above this load other work takes away cores, and a speed-up says nothing.
IDLE = 0.5
BASE = {"points": 201, "width": 1.0, "fermi_energy": 0.0}
CASES = {
    "green": [
        *({"rtol": r} for r in (1e-2, 1e-4, 1e-6, 1e-8, 1e-10)),
        *({"points": n} for n in (2, 2001, 20001, 200001)),
        *({"width": w} for w in (0.01, 0.1, 10.0, 100.0)),
        *({"fermi_energy": e} for e in (0.9, 1.2, 2.0, 5.0)),
    ],
    "states": [
        *({"rtol": r} for r in (1e-2, 1e-3, 1e-4)),
        *({"points": n} for n in (2, 2001)),
        *({"width": w} for w in (0.2, 5.0)),
        *({"fermi_energy": e, "rtol": 1e-2} for e in (0.9,)),
    ],
}


def one(engine: str, case: dict) -> dict:
    """Run in a process of its own: CPU seconds of the second call, and the peak memory."""
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, case["width"]), fermi_energy=case["fermi_energy"])
    reach = 8 + 3 * case["width"]
    x = np.linspace(-reach, reach, case["points"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with quiet():
        start = process_time()
        profile = dd.current_density(problem, x, engine, rtol=case.get("rtol"))
        seconds = process_time() - start
        if seconds < 1:
            start = process_time()
            dd.current_density(problem, x, engine, rtol=case.get("rtol"))
            seconds = process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "memory": (peak - before) / 1024,
            "error": float(np.max(profile.error)) / problem.current_scale}


def engines() -> None:
    for engine, cases in CASES.items():
        print(f"\n{engine + ' engine':46} | {'CPU s':>8} | {'MiB more':>8} | {'error/j0':>8}")
        for case in cases:
            found = subprocess.run(
                [sys.executable, __file__, "--one", engine, json.dumps(BASE | case)],
                capture_output=True, text=True, check=True)
            row = json.loads(found.stdout)
            text = ", ".join(f"{k} = {v:g}" for k, v in case.items())
            print(f"  {text:44} | {row['seconds']:8.3f} | {row['memory']:8.1f} | "
                  f"{row['error']:8.1e}", flush=True)


def points_of_sweep(count: int) -> list[dd.Problem]:
    step = dd.TanhStep(-0.5, 0.5, width=1.0)
    return [dd.Problem(step, fermi_energy=e) for e in np.linspace(-0.45, 0.45, count)]


def timed_sweep(problems: list, workers: int, store: str | None) -> float:
    x = np.linspace(-8, 8, 201)
    if workers == 1:
        start = perf_counter()
        dd.sweep(problems, x, store=store, progress=False)
        return perf_counter() - start
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        # The workers' imports are not the sweep's.
        dd.sweep(problems[:1] + points_of_sweep(3), x, pool, progress=False)
        start = perf_counter()
        dd.sweep(problems, x, pool, store=store, progress=False)
        return perf_counter() - start


def storing(problems: list) -> tuple[float, float]:
    """CPU seconds to solve, and to store what was solved, of 30 of the problems."""
    x, solved = np.linspace(-8, 8, 201), []
    start = process_time()
    for problem in problems[:: max(1, len(problems) // 30)]:
        solved.append(dd.current_density(problem, x))
    solving = process_time() - start
    with tempfile.TemporaryDirectory() as folder:
        store = Store.at(folder)
        start = process_time()
        for profile in solved:
            data = profile.to_bytes()
            store.put(key_of(profile.problem, x, "green", None, {}), data)
            dd.load(data)
        return solving, process_time() - start


def sweeps(count: int) -> None:
    problems = points_of_sweep(count)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        plain = timed_sweep(problems, 1, None)
        stored = timed_sweep(problems, 1, f"{folder}/one")
        two = timed_sweep(problems, 2, f"{folder}/two")
        again = timed_sweep(problems, 1, f"{folder}/one")
    solving, keeping = storing(problems)
    heading(f"A sweep of {count} points, 201 positions, rtol 1e-8 (load before: {load:.1f})")
    for text, seconds in (("one process, no store", plain), ("one process, store", stored),
                          ("two processes, store", two), ("all found in the store", again)):
        remark(text, f"{seconds:8.1f} s, {count / seconds:8.1f} points/s")
    busy = "" if load <= IDLE else " (machine busy)"
    for text, ratio, hope in (
        ("CPU time of storing over that of solving", keeping / solving, "below 0.1"),
        ("speed-up by a second process" + busy, stored / two, "above 1.8"),
        ("wall time of storing over that of solving" + busy, stored / plain - 1, "below 0.1"),
    ):
        remark(text, f"{ratio:.2f}, hoped for: {hope}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sweep", type=int, default=1000, metavar="POINTS")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one[0], json.loads(options.one[1]))))
        return 0
    engines()
    sweeps(options.sweep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
