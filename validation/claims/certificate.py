"""Certificate: no claimed error is below the true one, of any source and any result.

Problems drawn by a seed (``--kind`` keeps to some kinds): steps of every shape, cosines, integrals
between any two points, spectra, Hall responses, band geometry, the lattice engine, circles, walls
of mass and edges, maps (of a mass that varies: ``--kind mosaic``), integrals over leads alone with
ε_F beside their band edges (``--kind tail``). What is claimed is held against
a closed form, an independent reference (``tools/reference.py``: real momenta and frequencies,
slices of constant U and Δ), or a far tighter run with other panels, another contour and another
order. ``--hostile`` draws what is hard for an integrator: levels and band edges at the Fermi
energy, two scales, many steps. With ``--exact`` sharp and tanh steps are also compared, at one
position, with mpmath sums over the exact Green's function. The claim: the true error exceeds the
estimate in no problem, and where errors stand above round-off the geometric mean of estimate/truth
is below 60.

    python validation/claims/certificate.py --exact              # 2000 problems: hours
    python validation/claims/certificate.py --hostile --count 500
    python validation/claims/certificate.py --quick              # 60
    python validation/claims/certificate.py --first 0 --count 1000 --out a.jsonl   # a part; goes on
    python validation/claims/certificate.py --summary a.jsonl b.jsonl              # of all parts
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from dirac1d import Profile, SharpStep, TanhStep, current_density
from dirac1d.exact.solvable_sums import reference_current

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from draws import random_problem
from judge import KINDS, kind_of
from report import claim
from study import Study

#: Errors below this part of the scale are round-off: they say nothing about the estimate.
ROUND_OFF = 1e-13
#: Largest allowed geometric mean of estimate/truth.
MEAN_RATIO = 60.0
#: An exact value counts if it is so much more precise than the estimate that it is to judge.
EXACT_SHARE = 0.1
#: T/|Δ| below which the exact sums would take thousands of frequencies one by one.
EXACT_COLDEST = 1e-2
#: Nodes per direction of the exact sums, at most.
EXACT_NODES = 110
#: Problems of the ledger's row and of --quick.
QUICK = 60

Row = dict[str, object]


def study(seed: int, kind: str = "step", hostile: bool = False, exact: bool = False) -> Row:
    """Estimate and truth of one problem, in units of its scale.

    Steps are drawn by the seed alone, so that they stay what they were in older studies.
    """
    row: Row = {"seed": seed, "kind": kind, "hostile": hostile, "judged": False}
    entropy = seed if kind == "step" and not hostile else [seed, 2 + list(KINDS).index(kind)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = KINDS[kind][0](np.random.default_rng(entropy), hostile)
        except TimeoutError:
            return row
        row |= judged(found)
        if exact and kind == "step" and not hostile:
            row["exact"] = exact_ratio(seed)
    return row


def judged(found: Study) -> Row:
    """A study as a row: JSON-ready."""
    difference = found.difference
    known = np.isfinite(difference)
    if not np.any(known) or np.any(np.isnan(found.value)):
        return {"what": found.what, "judged": False}
    difference, error = difference[known], found.error[known]
    truth_error = found.truth_error[known]
    ratio = difference / np.maximum(error, 1e-300)
    return {
        "what": found.what, "rtol": found.rtol, "judged": bool(np.any(np.isfinite(error))),
        "converged": found.converged, "reference": found.reference_converged,
        "independent": found.independent, "own_error": found.own_error,
        "estimate": float(np.max(error)) / found.scale,
        "truth": float(np.max(difference)) / found.scale,
        "ratio": float(np.max(ratio)),
        # Beyond doubt: more than both errors together, and not rounding alone.
        "exceeded": bool(np.any(
            (difference > error + truth_error) & (difference > ROUND_OFF * found.scale)
        )),
        "seconds": found.seconds, "reference_seconds": found.reference_seconds,
    }


def exact_ratio(seed: int) -> float | None:
    """Error over estimate at one position against mpmath; None if that is not precise enough."""
    problem, x, rtol = random_problem(np.random.default_rng(seed))
    T, gap = problem.temperature, abs(problem.mass)
    if not isinstance(problem.potential, (SharpStep, TanhStep)) or 0 < T < EXACT_COLDEST * gap:
        return None
    if T == 0 and problem.regime == "metal-metal":
        return None
    return _exact_ratio(current_density(problem, x, rtol=rtol))


def _exact_ratio(profile: Profile) -> float | None:
    problem, U = profile.problem, profile.problem.potential
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
    return bool(row["judged"] and (row["exceeded"] or (row.get("exact") or 0.0) > 1))


def undecided(row: Row) -> bool:
    """Whether the truth is not precise enough to tell."""
    return bool(row["ratio"] > 1 and row["truth"] > ROUND_OFF and not failed(row))


def line(row: Row) -> str:
    """One row for the eye."""
    name = f"{row['kind']} {row['seed']}{' hostile' if row['hostile'] else ''}"
    if not row["judged"]:
        return f"{'-':9s} {name:20s} {row.get('what', 'too slow')}"
    exact = "" if row.get("exact") is None else f"exact {row['exact']:.1e} "
    verdict = "EXCEEDED" if failed(row) else "undecided" if undecided(row) else "ok"
    return (
        f"{verdict:9s} {name:20s} {row['what']:52s} rtol={row['rtol']:.0e} "
        f"truth {row['truth']:.1e} estimate {row['estimate']:.1e} ratio {row['ratio']:.1e} {exact}"
        f"{row['seconds']:6.2f} s / {row['reference_seconds']:6.2f} s "
        f"{'reference' if row['independent'] else ''}"
        f"{'' if row['converged'] else ' NOT CONVERGED'}"
        f"{'' if row['reference'] else ' REFERENCE NOT CONVERGED'}"
    )


def mean_ratio(rows: list[Row]) -> tuple[float, float]:
    """Geometric mean of estimate/truth, and its standard error as a factor.

    Of results that bring an error of their own: others are only asked to keep to rtol.
    """
    logs = [
        np.log(r["estimate"] / r["truth"]) for r in rows
        if r["truth"] > ROUND_OFF and np.isfinite(r["estimate"]) and r.get("own_error", True)
    ]
    if not logs:
        return 1.0, 1.0
    return float(np.exp(np.mean(logs))), float(np.exp(np.std(logs) / np.sqrt(len(logs))))


def summary(rows: list[Row]) -> int:
    """Print what was found; 1 if the claim is refuted."""
    for row in filter(failed, rows):
        print(line(row))
    for kind in KINDS:
        if any(r["kind"] == kind for r in rows):
            print(f"{kind:9s} {sentence([r for r in rows if r['kind'] == kind])}")
    print(f"{'all':9s} {sentence(rows)} (limit of the mean: {MEAN_RATIO:g})")
    good = [r for r in rows if r["judged"]]
    exact = [r["exact"] for r in good if r.get("exact") is not None]
    if exact:
        print(f"{len(exact)} against mpmath, largest ratio {max(exact):.2f}")
    mean, scatter = mean_ratio(good)
    # A few problems do not know the mean of many: its standard error is allowed for.
    return int(any(map(failed, rows)) or mean > MEAN_RATIO * scatter**2)


def sentence(rows: list[Row]) -> str:
    """Counts of some rows."""
    good = [r for r in rows if r["judged"]]
    mean, scatter = mean_ratio(good)
    counts = Counter(
        "exceeded" if failed(r) else "undecided" if undecided(r) else "" for r in good
    )
    spent = sum(r["seconds"] + r["reference_seconds"] for r in good)
    return (
        f"{len(good):4d} judged, {counts['exceeded']} exceeded, largest ratio "
        f"{max((r['ratio'] for r in good), default=0.0):.3g}, {counts['undecided']} undecided, "
        f"{sum(r['independent'] for r in good)} by an independent truth, mean estimate/truth "
        f"{mean:.3g} ×÷ {scatter:.2f}, rtol reached in {sum(r['converged'] for r in good)}, CPU "
        f"time {spent:.0f} s, {len(rows) - len(good)} not judged"
    )


@claim("", f"no error exceeds its estimate in {QUICK} random problems of every kind (how many do)",
       "both", 0.0, speed="full", arguments="--quick")
def certificate():
    rows = [study(seed, kind_of(seed, False)) for seed in range(QUICK)]
    good = [r for r in rows if r["judged"]]
    mean, _ = mean_ratio(good)
    return float(sum(map(failed, rows))), (
        f"largest ratio {max(r['ratio'] for r in good):.2f}, mean estimate/truth {mean:.0f}, "
        f"{len(rows) - len(good)} not judged"
    )


def key(row: Row) -> tuple:
    """What a row is of."""
    return row["kind"], row["hostile"], row["seed"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} problems instead of 2000")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--kind", choices=KINDS, nargs="+", help="keep to these kinds")
    parser.add_argument("--hostile", action="store_true", help="draw hostile problems")
    parser.add_argument("--exact", action="store_true", help="compare with mpmath where possible")
    parser.add_argument("--out", type=Path, help="append every row here; what is there is kept")
    parser.add_argument("--summary", type=Path, nargs="+", help="only sum up such files")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if options.summary:
        lines = [row for path in options.summary for row in path.read_text().splitlines()]
        return summary(list({key(row): row for row in map(json.loads, lines)}.values()))
    rows: list[Row] = []
    if options.out and options.out.exists():
        rows = [json.loads(row) for row in options.out.read_text().splitlines()]
    done = {key(row) for row in rows}
    for k in range(QUICK if options.quick else options.count):
        seed = options.first + k
        kinds = options.kind
        kind = kinds[k % len(kinds)] if kinds else kind_of(seed, options.hostile)
        if (kind, options.hostile, seed) in done:
            continue
        row = study(seed, kind, options.hostile, options.exact)
        rows.append(row)
        if options.out:
            with options.out.open("a") as file:
                file.write(json.dumps(row) + "\n")
        if failed(row) or options.verbose:
            print(line(row), flush=True)
    return summary(rows)


if __name__ == "__main__":
    sys.exit(main())
