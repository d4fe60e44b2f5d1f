"""Certificate: the error estimate of the Green's function engine is never below its true error.

Random problems (seeded) of every shape, width, mass, step, regime and temperature are solved at a
moderate accuracy and again at a far tighter one with other panels, another contour scale and
another quadrature order. With ``--exact`` those with a sharp or a tanh step are also compared, at
one position, with sums over the exact Green's function by mpmath (`dirac1d.exact`), which share
nothing with the engine. The claim: the true error exceeds the estimate in no problem, and where
errors stand above round-off the geometric mean of estimate/truth is below 100.

    python validation/green_certificate.py --exact                # 2000 problems: hours
    python validation/green_certificate.py --quick                # 60
    python validation/green_certificate.py --first 0 --count 1000 --out a.jsonl   # a part; goes on
    python validation/green_certificate.py --summary a.jsonl b.jsonl              # of all parts
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dirac1d import (
    ErfStep,
    GaussianBump,
    LinearRamp,
    Problem,
    Profile,
    SharpStep,
    TabulatedPotential,
    TanhStep,
)
from dirac1d.exact.solvable_sums import reference_current
from dirac1d.green.current import compute
from dirac1d.green.settings import Settings

#: Errors below this part of j₀ are round-off: they say nothing about the estimate.
ROUND_OFF = 1e-13
#: Ratio of the accuracies of the two runs; and where the first took longer than so many seconds.
TIGHTER, TIGHTER_IF_SLOW, SLOW = 1e-2, 1e-1, 3.0
#: CPU seconds beyond which either run is given up: the problem is not judged.
TOO_SLOW = 15.0, 60.0
#: Largest allowed geometric mean of estimate/truth.
MEAN_RATIO = 100.0
#: Positions of each problem.
POINTS = 20
#: An exact value counts if it is so much more precise than the estimate that it is to judge.
EXACT_SHARE = 0.1
#: T/|Δ| below which the exact sums would take thousands of frequencies one by one.
EXACT_COLDEST = 1e-2
#: Nodes per direction of the exact sums, at most.
EXACT_NODES = 110

Row = dict[str, object]


def random_problem(rng: np.random.Generator) -> tuple[Problem, NDArray, float]:
    """A problem, positions and an rtol."""
    mass = 10 ** rng.uniform(np.log10(0.05), np.log10(5)) * rng.choice([-1, 1])
    width = 10 ** rng.uniform(-2, 2)
    gap = abs(mass)
    step = rng.uniform(0.1, 6) * gap * rng.choice([-1, 1])
    left = rng.uniform(-2, 2) * gap
    right = left + step
    shape = rng.choice(["tanh", "erf", "ramp", "bump", "sharp", "table", "sum"])
    position = rng.normal()
    if shape == "tanh":
        U = TanhStep(left, right, width, position)
    elif shape == "erf":
        U = ErfStep(left, right, width, position)
    elif shape == "ramp":
        U = LinearRamp(left, right, width, position)
    elif shape == "bump":
        U = GaussianBump(step, width, position)
    elif shape == "sharp":
        U = SharpStep(left, right, position)
    elif shape == "table":
        z = np.linspace(-2, 2, int(rng.integers(4, 12)))
        values = left + step * (0.5 + 0.5 * np.tanh(z)) + 0.1 * step * rng.normal(size=len(z))
        U = TabulatedPotential(position + width * z, values)
    else:
        U = TanhStep(left, right, width, position) + GaussianBump(
            rng.uniform(-1, 1) * gap, width * rng.uniform(0.3, 3), position
        )
    # Every regime alike: the Fermi energy anywhere from below to above both leads.
    lo, hi = sorted((U.left, U.right))
    energy = rng.uniform(lo - 2 * gap, hi + 2 * gap)
    temperature = 0.0 if rng.random() < 0.5 else gap * 10 ** rng.uniform(-4, 0)
    reach = 10 ** rng.uniform(-1, 1.3) * max(1 / gap, min(width, 10 / gap))
    x = np.sort(position + rng.uniform(-reach, reach, size=POINTS))
    return Problem(U, mass, energy, temperature), x, 10.0 ** rng.integers(-6, -2)


def study(seed: int, exact: bool = False) -> Row:
    """Estimate and truth of one random problem, in units of j₀."""
    problem, x, rtol = random_problem(np.random.default_rng(seed))
    settings = Settings.of(rtol)
    row: Row = {
        "seed": seed, "shape": type(problem.potential).__name__, "regime": problem.regime,
        "temperature": problem.temperature, "rtol": rtol, "judged": False,
    }
    try:
        profile, row["seconds"] = timed(problem, x, settings, TOO_SLOW[0])
        tighter = TIGHTER_IF_SLOW if row["seconds"] > SLOW else TIGHTER
        truth, row["reference_seconds"] = timed(problem, x, replace(
            Settings.of(max(rtol * tighter, 1e-12)), stretch=1.37,
            nodes=min(settings.nodes + 3, 17), order=settings.order + 2,
        ), TOO_SLOW[1])
    except TimeoutError:
        return row
    difference = np.abs(profile.j_y - truth.j_y)
    row |= {
        "judged": True, "converged": profile.converged,
        "estimate": float(np.max(profile.error)) / problem.current_scale,
        "truth": float(np.max(difference)) / problem.current_scale,
        "ratio": float(np.max(difference / profile.error)),
        # Beyond doubt: more than both errors together.
        "exceeded": bool(np.any(difference > profile.error + truth.error)),
        "reference": truth.converged,
    }
    if exact and isinstance(problem.potential, (SharpStep, TanhStep)):
        row["exact"] = exact_ratio(profile)
    return row


def timed(
    problem: Problem, x: NDArray, settings: Settings, limit: float
) -> tuple[Profile, float]:
    """The profile and its CPU time; TimeoutError beyond the limit."""
    begin = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        profile = compute(problem, x, settings)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
    return profile, time.process_time() - begin


def too_slow(*_: object) -> None:
    """What the timer does."""
    raise TimeoutError


def exact_ratio(profile: Profile) -> float | None:
    """Error over estimate at one position against mpmath; None if that is not precise enough."""
    problem, U = profile.problem, profile.problem.potential
    T = problem.temperature
    if 0 < T < EXACT_COLDEST * abs(problem.mass) or (T == 0 and problem.regime == "metal-metal"):
        return None
    # The tables' function wants the step at x = 0.
    k = len(profile.x) // 2
    centred = replace(problem, potential=replace(U, position=0.0))
    x, error = float(profile.x[k] - U.position), float(profile.error[k])
    width = getattr(U, "width", abs(x))
    scale = max(abs(problem.mass), 1 / max(width, abs(x)))
    digits = int(np.ceil(-np.log10(EXACT_SHARE * error)))
    try:
        found = reference_current(centred, x, digits, scale, last_nodes=EXACT_NODES)
    except ArithmeticError:  # its sum over frequencies is out of its range
        return None
    if found.precision > EXACT_SHARE * error:
        return None
    return abs(float(found.value) - float(profile.j_y[k])) / error


def failed(row: Row) -> bool:
    """Whether the true error exceeds the estimate."""
    if not row["judged"]:
        return False
    beyond = row["truth"] > ROUND_OFF and row["ratio"] > 1 and row["exceeded"]
    return bool(beyond or (row.get("exact") or 0.0) > 1)


def line(row: Row) -> str:
    """One row for the eye."""
    if not row["judged"]:
        return f"{'slow':9s} seed {row['seed']:5d} {row['shape']:18s} {row['regime']:13s}"
    exact = "" if row.get("exact") is None else f"exact {row['exact']:.1e} "
    return (
        f"{'EXCEEDED' if failed(row) else 'ok':9s} seed {row['seed']:5d} {row['shape']:18s} "
        f"{row['regime']:13s} T={row['temperature']:8.2e} rtol={row['rtol']:.0e} "
        f"truth {row['truth']:.1e} estimate {row['estimate']:.1e} ratio {row['ratio']:.1e} {exact}"
        f"{row['seconds']:6.2f} s / {row['reference_seconds']:6.2f} s "
        f"{'' if row['converged'] else 'NOT CONVERGED'} "
        f"{'' if row['reference'] else 'REFERENCE NOT CONVERGED'}"
    )


def summary(rows: list[Row]) -> int:
    """Print what was found; 1 if the claim is refuted."""
    slow = [r for r in rows if not r["judged"]]
    rows = [r for r in rows if r["judged"]]
    exceeded = [r for r in rows if failed(r)]
    for row in exceeded:
        print(line(row))
    above = [
        r["estimate"] / r["truth"] for r in rows
        if r["truth"] > ROUND_OFF and np.isfinite(r["estimate"])
    ]
    undecided = [r for r in rows if r["ratio"] > 1 and not failed(r)]
    mean = float(np.exp(np.mean(np.log(above)))) if above else 1.0
    # A few problems do not know the mean of many: its standard error is told, and allowed for.
    scatter = float(np.std(np.log(above)) / np.sqrt(len(above))) if above else 0.0
    exact = [r["exact"] for r in rows if r.get("exact") is not None]
    print(
        f"{len(rows)} problems: the true error exceeds the estimate in {len(exceeded)} (largest "
        f"ratio {max((r['ratio'] for r in rows), default=0.0):.2f}; in {len(undecided)} the "
        f"reference is not precise enough to tell); {len(exact)} of them against "
        f"mpmath (largest ratio {max(exact, default=0.0):.2f}); geometric mean of estimate/truth "
        f"{mean:.3g} (×÷ {np.exp(scatter):.2f}, limit {MEAN_RATIO:g}); rtol reached in "
        f"{sum(r['converged'] for r in rows)}, "
        f"by the reference in {sum(r['reference'] for r in rows)}; CPU time "
        f"{sum(r['seconds'] + r['reference_seconds'] for r in rows):.0f} s; {len(slow)} problems "
        f"took more than {TOO_SLOW[0]:g} s (or their references more than {TOO_SLOW[1]:g} s) and "
        "were not judged"
    )
    return int(bool(exceeded) or np.log(mean / MEAN_RATIO) > 2 * scatter)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="60 problems instead of 2000")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--exact", action="store_true", help="compare with mpmath where possible")
    parser.add_argument("--out", type=Path, help="append every row here; what is there is kept")
    parser.add_argument("--summary", type=Path, nargs="+", help="only sum up such files")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGVTALRM, too_slow)
    if arguments.summary:
        lines = [row for path in arguments.summary for row in path.read_text().splitlines()]
        return summary(list({row["seed"]: row for row in map(json.loads, lines)}.values()))
    rows: list[Row] = []
    if arguments.out and arguments.out.exists():
        rows = [json.loads(row) for row in arguments.out.read_text().splitlines()]
    done = {row["seed"] for row in rows}
    for k in range(60 if arguments.quick else arguments.count):
        seed = arguments.first + k
        if seed in done:
            continue
        row = study(seed, arguments.exact)
        rows.append(row)
        if arguments.out:
            with arguments.out.open("a") as file:
                file.write(json.dumps(row) + "\n")
        if failed(row) or arguments.verbose:
            print(line(row), flush=True)
    return summary(rows)


if __name__ == "__main__":
    sys.exit(main())
