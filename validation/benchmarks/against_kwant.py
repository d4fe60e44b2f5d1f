"""Kwant's routes and our two engines on the same step, in one run, by one measure of the error.

    python validation/benchmarks/against_kwant.py [--make-venv] [--quick] [--plot FILE]

Kwant needs a virtual environment of its own (old NumPy and SciPy); --make-venv makes it, once, in
.cache/kwant (2-3 minutes). The step: tanh, Δ = 1, U from -1/2 to 1/2, width 1, ε_F = 0, T = 0.
Error: largest |j_y - reference| at Kwant's sites in |x| ≤ 4, over the peak; the reference is the
continuum engine at rtol 1e-10, which the lattice engine and the closed form of J_y check elsewhere.
Times are CPU seconds of one thread; ours are the best of several calls, Kwant's of one.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import numpy as np
from report import heading, quiet, remark

import dirac1d as dd

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".cache" / "kwant"
PROBLEM = dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0))
WINDOW = 4.0
#: Walls this far out: their edge currents have fallen by e^{-2·6} in the window.
HALF_LENGTH = 10.0
#: The accuracy at which times are compared, of the peak: what Kwant's expert route reaches at a
#: spacing of 0.05 (2.03e-4).
TARGET = 2.05e-4
EXACT = dd.total_current(PROBLEM)


def request(route: str, spacing: float, nodes: int) -> dict:
    return {"route": route, "spacing": spacing, "nodes": nodes, "half_length": HALF_LENGTH,
            "width": 1.0}


FULL = [
    request("plain", 0.1, 24), request("wilson", 0.1, 24),
    request("expert", 0.2, 16), request("expert", 0.2, 24), request("expert", 0.1, 24),
    request("expert", 0.05, 16), request("expert", 0.05, 24), request("expert", 0.04, 24),
]
QUICK = [request("plain", 0.2, 12), request("expert", 0.2, 12)]


def make_venv() -> None:
    """A virtual environment in which Kwant builds."""
    python = VENV / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    pip = [str(python), "-m", "pip", "install", "-q"]
    subprocess.run([*pip, "numpy<2", "scipy<1.14", "setuptools", "wheel", "cython<3.1",
                    "tinyarray", "sympy", "matplotlib"], check=True)
    subprocess.run([*pip, "--no-build-isolation", "--no-cache-dir", "kwant"], check=True)


def run_kwant(requests: list[dict]) -> dict:
    environment = os.environ | {name: "1" for name in
                                ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    script = Path(__file__).with_name("kwant_routes.py")
    found = subprocess.run(
        [str(VENV / "bin" / "python"), str(script)], input=json.dumps(requests), text=True,
        stdout=subprocess.PIPE, check=True, env=environment)
    return json.loads(found.stdout)


def reference(x: np.ndarray) -> np.ndarray:
    with quiet():
        return dd.current_density(PROBLEM, x, "green", rtol=1e-10).j_y


def ours(engine: str, rtol: float, x: np.ndarray, repeat: int) -> tuple[np.ndarray, float]:
    """j_y and the best CPU time."""
    best = np.inf
    for _ in range(repeat):
        start = process_time()
        with quiet():
            profile = dd.current_density(PROBLEM, x, engine, rtol=rtol)
        best = min(best, process_time() - start)
    return profile.j_y, best


def rows(answers: list[dict]) -> list[dict]:
    """Every route with its error and time, Kwant's first."""
    table = []
    for answer in answers:
        x, j_y = np.array(answer["x"]), np.array(answer["j_y"])
        table.append(measure(
            f"Kwant {answer['route']}, a = {answer['spacing']:g}, {answer['nodes']} k_y", "kwant-"
            + answer["route"], x, j_y, answer["cpu"]))
    table += extrapolated(answers)
    x = np.arange(-140, 141) * 0.05
    for engine, tolerances in (("states", (1e-2, 1e-3, 1e-4)),
                               ("green", (1e-2, 1e-3, 1e-4, 1e-6, 1e-8))):
        for rtol in tolerances:
            j_y, seconds = ours(engine, rtol, x, 2 if engine == "states" else 5)
            table.append(measure(f"dirac1d {engine}, rtol = {rtol:g}", engine, x, j_y, seconds))
    return table


def extrapolated(answers: list[dict]) -> list[dict]:
    """Richardson's extrapolation of the expert route, which nobody has told its users of."""
    runs = {(a["spacing"], a["nodes"]): a for a in answers if a["route"] == "expert"}
    if (0.2, 24) not in runs or (0.1, 24) not in runs:
        return []
    coarse, fine = runs[0.2, 24], runs[0.1, 24]
    x, j = np.array(coarse["x"]), np.array(coarse["j_y"])
    better = (4 * np.array(fine["j_y"])[::2] - j) / 3
    return [measure("Kwant expert, extrapolated from a = 0.2, 0.1", "kwant-extrapolated", x,
                    better, coarse["cpu"] + fine["cpu"])]


def measure(name: str, route: str, x: np.ndarray, j_y: np.ndarray, seconds: float) -> dict:
    seen = np.abs(x) <= WINDOW
    exact = reference(x[seen])
    within = np.abs(x) <= HALF_LENGTH / 2 + WINDOW / 2
    return {
        "name": name, "route": route, "seconds": seconds,
        "error": float(np.max(np.abs(j_y[seen] - exact)) / np.max(np.abs(exact))),
        "ratio": float(np.sum(j_y[within]) * (x[1] - x[0]) / EXACT),
    }


def seconds_at(table: list[dict], route: str) -> float:
    """Least time of a route that meets the target; inf if none does."""
    return min((r["seconds"] for r in table if r["route"] == route and r["error"] <= TARGET),
               default=np.inf)


def plot(table: list[dict], path: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from dirac1d.apps.plotting import style

    with style():
        figure, ax = plt.subplots(figsize=(3.6, 2.8), layout="constrained")
        for route in dict.fromkeys(r["route"] for r in table):
            own = sorted((r["seconds"], r["error"]) for r in table if r["route"] == route)
            ax.loglog(*zip(*own, strict=True), "o-", label=route)
        ax.axhline(TARGET, color="0.7", lw=0.6, ls="--")
        ax.set(xlabel="CPU time  [s]", ylabel="largest error / peak")
        ax.legend()
        figure.savefig(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--make-venv", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    if options.make_venv and not (VENV / "bin" / "python").exists():
        make_venv()
    if not (VENV / "bin" / "python").exists():
        print("Kwant is not there: run this with --make-venv once", file=sys.stderr)
        return 2
    found = run_kwant(QUICK if options.quick else FULL)
    table = rows(found["answers"])
    print(f"\n{'Kwant ' + found['version'] + ' and dirac1d':46} | {'J_y/exact':>9} | "
          f"{'error/peak':>10} | {'CPU s':>8} | {'1/time':>8}")
    kwant_seconds = seconds_at(table, "kwant-expert")
    for row in table:
        print(f"{row['name']:46} | {row['ratio']:9.4f} | {row['error']:10.1e} | "
              f"{row['seconds']:8.3f} | {kwant_seconds / row['seconds']:8.1f}")
    if options.plot:
        plot(table, options.plot)
    if options.quick:
        return 0
    heading(f"Ratio of CPU times at {TARGET:g} of the peak")
    ratios = {engine: kwant_seconds / seconds_at(table, engine) for engine in ("green", "states")}
    extra = seconds_at(table, "kwant-extrapolated") / seconds_at(table, "green")
    remark("Kwant expert, extrapolated / continuum engine", f"{extra:9.2e}")
    for name, r, least in (("continuum engine", ratios["green"], 1e3),
                           ("lattice engine", ratios["states"], 10)):
        remark(f"Kwant expert / {name}", f"{r:9.2e}, hoped for: {least:g}")
    # A route that misses the accuracy has no time.
    return int(not all(np.isfinite(r) for r in ratios.values()))


if __name__ == "__main__":
    sys.exit(main())
