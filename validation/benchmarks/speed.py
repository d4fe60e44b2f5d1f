"""How long each class of problems takes, in units of the default gap problem to 1e-8.

    python validation/benchmarks/speed.py [--rtol 1e-4 1e-8] [--within 60] [--only TEXT]
    python validation/benchmarks/speed.py --random 300 [--rtol 1e-4]   # steps of the certificate

Classes that are hard for an integrator, as users meet them: sharp and narrow steps, tiny masses,
large Fermi energies, wide strong steps, tables with noise, far positions, charges beside jumps,
several regimes of the lattice engine. Each is solved once within a budget; a time in brackets was
ended by the budget, with the error that was reached. CPU seconds of one thread; it informs and
fails nothing.
"""

import argparse
import sys
import warnings
from pathlib import Path
from time import process_time

import numpy as np

import dirac1d as dd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from draws import random_problem

GAP = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))
#: Calls of which the fastest is the unit.
CALLS = 3
SEED = 20260101
#: First seed of random steps.
FIRST = 200_000


def gate_table(noise: float) -> dd.TabulatedPotential:
    """121 rows of ±30/19 |Δ| over 12 lengths, with noise in units of |Δ|."""
    x = np.linspace(-15, 15, 121)
    rng = np.random.default_rng(SEED)
    U = 30 / 19 * np.tanh(x / 6) + noise * rng.normal(size=len(x))
    U[:8], U[-8:] = U[7], U[-8]
    return dd.TabulatedPotential(x, U)


def classes() -> list[tuple[str, dd.Problem, np.ndarray, str]]:
    """Name, problem, positions, engine ("charge": the density of the continuum engine)."""
    x, sharp = np.linspace(-10, 10, 401), np.linspace(-10, 10, 400)
    T, S, problem = dd.TanhStep, dd.SharpStep, dd.Problem
    green = [
        ("gap", GAP, x),
        ("metal", problem(T(-0.5, 0.5, 1.0), 1.0, 2.0), x),
        ("metal-metal", problem(T(-2.0, 2.0, 1.0), 1.0, 0.0), x),
        ("metal-metal, sharp", problem(S(-2.0, 2.0)), sharp),
        ("half-metal, width 50", problem(T(-4.0, 4.0, 50.0), 1.0, 4.0), np.linspace(-99, 99, 51)),
        ("cold metal, sharp", problem(S(-0.5, 0.5), 1.0, 2.0, 1e-3), sharp),
        ("narrow, width 1e-6", problem(T(-0.5, 0.5, 1e-6)), x),
        ("sharp", problem(S(-0.5, 0.5)), sharp),
        ("mass 1e-3, ε_F 0.3", problem(T(-0.5, 0.5, 1.0), 1e-3, 0.3), x),
        ("mass 4e-8", problem(T(-0.5, 0.5, 1.0), 4e-8, 0.1), x),
        ("±5, width 20", problem(T(-5.0, 5.0, 20.0)), x),
        ("ε_F 1000", problem(T(-0.5, 0.5, 1.0), 1.0, 1000.0), x),
        ("table", problem(gate_table(0.0)), np.linspace(-15, 15, 301)),
        ("table, noise 0.5/19", problem(gate_table(0.5 / 19)), np.linspace(-15, 15, 301)),
        ("cosine q 0.12, A 5", problem(dd.CosinePotential(5.0, 0.12), 1.0, 0.4), x),
        ("metal, |x| 1e5", problem(T(-0.5, 0.5, 1.0), 1.0, 2.5), np.array([-1e5, 0.0, 1e5])),
        ("metal, x 1e3, 1e4", problem(T(-0.5, 0.5, 1.0), 1.0, 2.5), np.array([1e3, 1e4])),
        ("ramp 2e-3, 4 points", problem(dd.LinearRamp(-0.5, 0.5, 2e-3)),
         np.array([-1.0, -1e-3, 1e-3, 1.0])),
        ("deep narrow well", problem(dd.GaussianBump(-12.0, 0.12), 1.0, -0.75), x),
        ("well of holes, 2 lengths", problem(dd.GaussianBump(4.0, 2.0), 1.0, 0.5), x),
        ("well of holes, 8 lengths", problem(dd.GaussianBump(4.0, 8.0), 1.0, 0.5), x),
        ("well, 94 levels", problem(dd.GaussianBump(-6.0, 40.0), 1.0, -0.7), x),
        ("n-p-n, 2 lengths", problem(dd.GaussianBump(4.0, 2.0), 1.0, 1.3), x),
        ("n-p-n, 8 lengths", problem(dd.GaussianBump(4.0, 8.0), 1.0, 1.3), x),
        ("well of jumps", problem(S(1.0, -1.3, -0.14) + S(0.0, 2.1, 7.1), 1.0, -0.3), x),
    ]
    states = [
        ("states, tanh", problem(T(-0.5, 0.5, 1.0), 1.0, 0.0, 0.05)),
        ("states, half-metal", problem(T(-0.5, 0.5, 1.0), 1.0, 1.0, 0.05)),
        ("states, metal", problem(T(-0.5, 0.5, 1.0), 1.0, 2.0, 0.05)),
        ("states, metal-metal", problem(T(-2.0, 2.0, 1.0), 1.0, 0.0, 0.05)),
    ]
    well, few = S(1.0, -1.3, -0.14) + S(0.0, 2.1, 7.1), np.array([-3.7, -1.2, -0.1, 6.9, 8.3])
    charge = [
        ("charge, well of jumps", problem(well, 1.0, -0.3), few),
        ("charge, its T = 0.1", problem(well, 1.0, -0.3, 0.1), few),
        ("charge, metal, |x| 100", problem(T(-0.5, 0.5, 5.0), 1.0, 3.0), np.linspace(-99, 99, 11)),
    ]
    near = np.linspace(-3, 3, 61)
    return [
        *((*row, "green") for row in green), *((*row, "charge") for row in charge),
        *((*row, near, "states") for row in states),
    ]


def timed(problem: dd.Problem, x: np.ndarray, engine: str, rtol: float | None, within: float):
    """CPU seconds, whether it came to its end, and the error over j₀, or of a charge over Δ²/4π."""
    begin = process_time()
    options = {"within": within} | ({} if rtol is None else {"rtol": rtol})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        if engine == "charge":
            found = dd.charge_density(problem, x, **options)
            values, scale = found, problem.gap**2 / (4 * np.pi)
        else:
            found = dd.current_density(problem, x, engine, **options)
            values, scale = found.j_y, problem.current_scale
    known = found.error[np.isfinite(values)]
    worst = float(np.max(known)) if len(known) else np.inf
    return process_time() - begin, found.status == "converged", worst / scale


def random_steps(count: int, rtol: float, within: float) -> None:
    """Print how many random steps take how long."""
    times = np.array([
        timed(*random_problem(np.random.default_rng(FIRST + i))[:2], "green", rtol, within)[0]
        for i in range(count)
    ])
    print(f"{count} random steps to {rtol:.0e}: median {np.median(times):.2f} s, mean "
          f"{np.mean(times):.2f} s, over 1 s {np.sum(times > 1)}, over 10 s {np.sum(times > 10)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rtol", type=float, nargs="+", default=[1e-4, 1e-8])
    parser.add_argument("--within", type=float, default=60.0, help="seconds for each")
    parser.add_argument("--only", default="", help="classes whose name contains this")
    parser.add_argument("--random", type=int, metavar="COUNT", help="so many random steps instead")
    options = parser.parse_args()
    if options.random:
        for rtol in options.rtol:
            random_steps(options.random, rtol, options.within)
        return
    x = classes()[0][2]
    unit = min(timed(GAP, x, "green", 1e-8, 60.0)[0] for _ in range(CALLS))
    print(f"unit: the gap problem to 1e-8, {unit * 1e3:.0f} ms CPU; () ended by the budget")
    for name, problem, x, engine in classes():
        if options.only not in name:
            continue
        cells = []
        for rtol in [None] if engine == "states" else options.rtol:
            seconds, converged, worst = timed(problem, x, engine, rtol, options.within)
            text = f"{seconds / unit:8.1f}" if converged else f"({seconds / unit:.0f})"
            goal = "default" if rtol is None else f"{rtol:.0e}"
            cells.append(f"{goal}: {text:>9s} units {seconds:6.2f} s, error {worst:.0e}")
        print(f"{name:22s} {'   '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
