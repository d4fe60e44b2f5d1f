"""Writes the reference tables in tests/data/, or recomputes a part of them (--check).

Exactly solvable potentials (sharp step, tanh step, linear ramp), evaluated with mpmath by
`dirac1d.exact.solvable` and `dirac1d.exact.solvable_sums`. Each row carries its precision: the
difference between two resolutions (and two contours), not an estimate from one.

    python validation/tools/reference_tables.py          # write all tables, about 15 minutes
    python validation/tools/reference_tables.py --check  # recompute every 12th row, about a minute
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import mpmath as mp
from tqdm import tqdm

from dirac1d.exact.solvable import green_traces, scattering_probabilities
from dirac1d.exact.solvable_sums import reference_current, reference_spectral_current
from dirac1d.potentials import LinearRamp, Potential, SharpStep, TanhStep
from dirac1d.problem import Problem

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
#: Digits of single Green's functions, and of sums (absolute, in units of energy squared).
#: The ramp's Green's function is slow and its kinks make the sums converge slowly: fewer there.
GREEN_DIGITS, SUM_DIGITS, RAMP_DIGITS = 22, 16, 12
#: --check recomputes one row in this many.
CHECK_STRIDE = 12

UNITS = """\
Units hbar = v_F = k_B = 1: energies in any unit E0, lengths in 1/E0. H = sigma_x p_x + sigma_y p_y
+ mass sigma_z + U(x). shape size: 'sharp 0', 'tanh width' (U = (l+r)/2 + (r-l)/2 tanh(x/width)) or
'ramp length' (linear over |x| < length/2), centred at x = 0, leads left and right. Input columns
are read as IEEE doubles (0.1 means the double next to it); results hold for those to the precision
stated in each row (absolute). Written by validation/tools/reference_tables.py."""

Row = tuple[str, ...]


def potential(shape: str, size: str, left: str, right: str) -> Potential:
    """The potential that a row names."""
    leads = float(left), float(right)
    if shape == "sharp":
        return SharpStep(*leads)
    return {"tanh": TanhStep, "ramp": LinearRamp}[shape](*leads, float(size))


def green_inputs() -> Iterable[Row]:
    """shape size left right  Re E  Im E  M  x."""
    shapes = [("sharp", "0"), ("tanh", "0.1"), ("tanh", "1"), ("tanh", "10"), ("ramp", "2")]
    energies = [("0.2", "0.7"), ("-0.4", "3"), ("0.1", "0"), ("1.7", "0"), ("3.1", "0.01")]
    energies.append(("-2.5", "0"))
    for shape, size in shapes:
        for leads in (("-0.5", "0.75"), ("2", "-1.5")):
            for k, (re, im) in enumerate(energies):
                M = ("1", "1.25", "3")[k % 3]
                for x in ("0.25", "-1.5"):
                    yield (shape, size, *leads, re, im, M, x)


def green_row(row: Row) -> Row:
    """Re and Im of both traces, and the largest difference from a run with 15 more digits."""
    re, im, M, x = (mp.mpf(float(v)) for v in row[4:])
    pair = [
        green_traces(potential(*row[:4]), mp.mpc(re, im), M, x, digits=d)
        for d in (GREEN_DIGITS, GREEN_DIGITS + 15)
    ]
    precision = max(abs(a - b) for a, b in zip(*pair, strict=True))
    best = pair[1]
    parts = (best[0].real, best[0].imag, best[1].real, best[1].imag)
    return (*(mp.nstr(p, GREEN_DIGITS) for p in parts), mp.nstr(precision, 2))


def scattering_inputs() -> Iterable[Row]:
    """shape size left right  E  M."""
    for shape, size in [("sharp", "0"), ("tanh", "0.25"), ("tanh", "1"), ("ramp", "2")]:
        for leads in (("-0.5", "0.75"), ("-1.75", "1.75"), ("1", "-0.5")):
            for E, M in (("3", "1"), ("-3.5", "1.25"), ("0.0625", "1"), ("2.25", "1.125")):
                if abs(float(E) - float(leads[0])) > float(M):
                    yield (shape, size, *leads, E, M)


def scattering_row(row: Row) -> Row:
    """R, T and the difference from a run with 15 more digits."""
    E, M = (float(v) for v in row[4:])
    a, b = (
        scattering_probabilities(potential(*row[:4]), E, M, digits=d)
        for d in (GREEN_DIGITS, GREEN_DIGITS + 15)
    )
    precision = mp.nstr(abs(a.reflection - b.reflection), 2)
    return (mp.nstr(b.reflection, GREEN_DIGITS), mp.nstr(b.transmission, GREEN_DIGITS), precision)


def current_inputs() -> Iterable[Row]:
    """shape size left right  mass  fermi_energy  temperature  x  scale."""
    places = {  # shape, size: positions with the scale of the quadrature that suits each
        ("sharp", "0"): [("0.0625", "12"), ("0.5", "3"), ("-2", "1")],
        ("tanh", "0.1"): [("0", "6"), ("0.0625", "6"), ("-1", "2")],
        ("tanh", "1"): [("0", "1"), ("0.75", "1"), ("-4", "1")],
        ("tanh", "10"): [("0", "1"), ("-12", "1")],
        ("ramp", "2"): [("0.25", "2"), ("-1.5", "3")],
    }
    half = ("-0.5", "0.5")
    for kind, spots in places.items():
        for x, scale in spots:
            yield (*kind, *half, "1", "0", "0", x, scale)  # gap, T = 0
            yield (*kind, *half, "1", "1", "0", x, scale)  # half-metal (conduction), T = 0
            if kind[0] != "ramp":
                yield (*kind, *half, "1", "-1", "0", x, scale)  # half-metal (valence), T = 0
                yield (*kind, *half, "1", "2", "0", x, scale)  # metal, T = 0
        x, scale = spots[1]
        for eps_F in ("0", "1", "2", "-1", "-2"):  # Fig. 1, T = 0.05
            yield (*kind, *half, "1", eps_F, "0.05", x, scale)
        yield (*kind, "-1.75", "1.75", "1", "0", "0.05", x, scale)  # metal-metal, Fig. 4
        yield (*kind, "-1.75", "1.75", "1", "1", "0.05", x, scale)  # half-metal, Fig. 4
        yield (*kind, "0.5", "-0.25", "-0.5", "0.125", "0", x, scale)  # other masses
        yield (*kind, "-0.5", "1", "2", "0.25", "0.1", x, scale)
        yield (*kind, *half, "1", "0.25", "1", x, scale)  # hot


def current_row(row: Row) -> Row:
    """j_y and its precision."""
    mass, eps_F, T, x, scale = (float(v) for v in row[4:])
    problem = Problem(potential(*row[:4]), mass, eps_F, T)
    digits = RAMP_DIGITS if row[0] == "ramp" else SUM_DIGITS
    value, precision = reference_current(problem, x, digits, scale)
    return mp.nstr(value, 20), mp.nstr(precision, 2)


def spectral_inputs() -> Iterable[Row]:
    """shape size left right  mass  energy  x  scale."""
    for shape, size, x, scale in [
        ("sharp", "0", "0.5", "2"), ("sharp", "0", "-3", "1"), ("tanh", "0.1", "0.0625", "4"),
        ("tanh", "1", "0", "1"), ("tanh", "1", "-4", "1"), ("tanh", "10", "3", "1"),
        ("ramp", "2", "0.25", "2"), ("ramp", "2", "-1.5", "2"),
    ]:
        for mass, energy in (("1", "1"), ("1", "2"), ("1", "-1"), ("0.5", "1.25")):
            yield (shape, size, "-0.5", "0.5", mass, energy, x, scale)


def spectral_row(row: Row) -> Row:
    """j^eps and its precision."""
    mass, energy, x, scale = (float(v) for v in row[4:])
    problem = Problem(potential(*row[:4]), mass)
    value, precision = reference_spectral_current(problem, x, energy, SUM_DIGITS, scale)
    return mp.nstr(value, 20), mp.nstr(precision, 2)


COMMON = "shape size left right"
TABLES: dict[str, tuple[str, str, Callable[[], Iterable[Row]], Callable[[Row], Row]]] = {
    "solvable_green": (
        "tr sigma_y G(x,x;E,M) and tr G(x,x;E,M); Im E = 0 means E + i0 (retarded).",
        f"{COMMON} re_E im_E M x | re_sy im_sy re_1 im_1 precision",
        green_inputs,
        green_row,
    ),
    "solvable_scattering": (
        "Reflection and transmission probability of waves from the left, M = sqrt(mass^2 + p_y^2)",
        f"{COMMON} E M | reflection transmission precision",
        scattering_inputs,
        scattering_row,
    ),
    "solvable_current": (
        "Current density j_y(x)/e, summed over all occupied states; scale: of the quadrature only.",
        f"{COMMON} mass fermi_energy temperature x scale | j_y precision",
        current_inputs,
        current_row,
    ),
    "solvable_spectral": (
        "Energy-resolved current j^eps(x) = dj_y/d fermi_energy over e at T = 0; scale as there.",
        f"{COMMON} mass energy x scale | j_eps precision",
        spectral_inputs,
        spectral_row,
    ),
}


def write(name: str) -> None:
    """Compute one table and write it."""
    title, columns, inputs, compute = TABLES[name]
    with (DATA / f"{name}.txt").open("w", encoding="utf-8") as table:
        for line in (title, *UNITS.splitlines(), f"columns: {columns}"):
            print(f"# {line}", file=table)
        for row in tqdm(list(inputs()), desc=name, disable=None):
            print(*row, *compute(row), file=table, flush=True)


def check(name: str) -> float:
    """Largest difference between recomputed and committed rows, over their stated precision."""
    _, columns, inputs, compute = TABLES[name]
    width = len(columns.split("|")[0].split())
    text = (DATA / f"{name}.txt").read_text(encoding="utf-8")
    rows = [tuple(line.split()) for line in text.splitlines() if not line.startswith("#")]
    if [row[:width] for row in rows] != list(inputs()):
        raise SystemExit(f"{name}: the committed rows are not those of this script")
    worst = 0.0
    for row in tqdm(rows[::CHECK_STRIDE], desc=name, disable=None):
        # 20 printed digits of numbers of order 1 or less, and what each row states about itself.
        allowed = 10 * max(mp.mpf(row[-1]), mp.mpf(10) ** -20)
        for old, new in zip(row[width:-1], compute(row[:width])[:-1], strict=True):
            worst = max(worst, float(abs(mp.mpf(old) - mp.mpf(new)) / allowed))
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="recompute a part and compare")
    parser.add_argument("--table", choices=TABLES, action="append", help="only this one")
    options = parser.parse_args()
    failed = False
    for name in options.table or TABLES:
        if not options.check:
            write(name)
            continue
        worst = check(name)
        failed |= worst > 1
        verdict = "FAIL" if worst > 1 else "ok"
        print(f"{name:22s} largest difference / allowed {worst:8.2g}  {verdict}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
