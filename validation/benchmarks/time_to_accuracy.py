"""Time to accuracy of both engines: what rtol costs, and what it gives.

    python validation/benchmarks/time_to_accuracy.py [--plot FILE]

True errors are against the continuum engine at rtol 1e-11. CPU seconds of one thread, best of
three calls (one where a call takes over a second).
"""

import argparse
import os
import sys
from pathlib import Path
from time import process_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import numpy as np
from report import Claim, check, heading, quiet, verdict

import dirac1d as dd

STEP = dd.TanhStep(-0.5, 0.5, width=1.0)
PROBLEMS = {
    "gap": dd.Problem(STEP),
    "gap, T = 0.05": dd.Problem(STEP, temperature=0.05),
    "half-metal": dd.Problem(STEP, fermi_energy=1.2),
    "metal": dd.Problem(STEP, fermi_energy=2.0),
    "sharp step": dd.Problem(dd.SharpStep(-0.5, 0.5)),
}
X = np.linspace(-5, 5, 100)
TOLERANCES = {"green": (1e-3, 1e-5, 1e-7, 1e-9), "states": (1e-2, 1e-3, 1e-4)}
#: Elsewhere the lattice engine takes from 20 s (sharp step) to minutes (metals) a call.
LATTICE = ("gap", "gap, T = 0.05")


def timed(problem: dd.Problem, engine: str, rtol: float) -> tuple[dd.Profile, float]:
    best = np.inf
    for _ in range(3):
        start = process_time()
        profile = dd.current_density(problem, X, engine, rtol=rtol)
        best = min(best, process_time() - start)
        if best > 1:
            break
    return profile, best


def table() -> list[dict]:
    rows = []
    print(f"{'problem':14} | {'engine':6} | {'rtol':>7} | {'true error':>10} | {'estimate':>8} | "
          f"{'CPU s':>7}   (errors over j0)")
    for name, problem in PROBLEMS.items():
        exact = dd.current_density(problem, X, rtol=1e-11).j_y
        scale = problem.current_scale
        for engine, tolerances in TOLERANCES.items():
            if engine == "states" and name not in LATTICE:
                continue
            for rtol in tolerances:
                profile, seconds = timed(problem, engine, rtol)
                row = {
                    "problem": name, "engine": engine, "rtol": rtol, "seconds": seconds,
                    "error": float(np.max(np.abs(profile.j_y - exact))) / scale,
                    "estimate": float(np.max(profile.error)) / scale,
                    "missed": float(np.max(np.abs(profile.j_y - exact) - profile.error)) / scale,
                }
                rows.append(row)
                print(f"{name:14} | {engine:6} | {rtol:7.0e} | {row['error']:10.1e} | "
                      f"{row['estimate']:8.1e} | {seconds:7.3f}", flush=True)
    return rows


def plot(rows: list[dict], path: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from dirac1d.apps.plotting import style

    with style():
        figure, ax = plt.subplots(figsize=(3.6, 2.8), layout="constrained")
        for key in dict.fromkeys((r["problem"], r["engine"]) for r in rows):
            own = [r for r in rows if (r["problem"], r["engine"]) == key]
            ax.loglog([r["seconds"] for r in own], [r["error"] for r in own],
                      "o-" if key[1] == "green" else "s--", label=", ".join(key))
        ax.set(xlabel="CPU time  [s]", ylabel=r"true error / $j_0$")
        ax.legend(fontsize="x-small")
        figure.savefig(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    with quiet():
        rows = table()
    if options.plot:
        plot(rows, options.plot)
    heading("Accuracy that was asked for")
    return verdict([
        check(Claim(f"{engine}: largest true error over rtol",
                    max(r["error"] / r["rtol"] for r in rows if r["engine"] == engine), 1.0))
        for engine in TOLERANCES
    ] + [
        # The reference's own 1e-11.
        check(Claim("largest error beyond its own estimate, over j0",
                    max(r["missed"] for r in rows), 1e-11)),
    ])


if __name__ == "__main__":
    sys.exit(main())
