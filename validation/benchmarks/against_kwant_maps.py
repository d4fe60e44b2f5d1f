"""Kwant's expert route and the maps on the same cell of puddles, by one measure of the error.

    python validation/benchmarks/against_kwant_maps.py [--make-venv] [--length 7.5]
                                                       [--sites 12 16 20 24] [--momenta 1 2 3]

The cell: L x L, rms 1.3Δ, correlation length 2.2, ε_F = 0, T = 0.03Δ. Kwant's: sites of a square
lattice, a mass (a/2)k² that gaps the doublers, [j(Δ) - j(-Δ)]/2, dense diagonalisation at a grid of
Bloch momenta. Errors: the largest |j - reference| over Kwant's sites, over the largest |j|; the
reference is the continuum engine at rtol = 1e-4. Times are CPU seconds of one thread, those of the
least number of sites and of momenta that meet the target.
"""

import argparse
import sys
from pathlib import Path
from time import process_time

import numpy as np
from against_kwant import VENV, make_venv, run_kwant

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import heading, quiet, remark

import dirac1d as dd

#: The accuracy at which times are compared, of the peak.
TARGET = 1e-2


def cell_of(length: float) -> dd.Problem:
    cell = dd.disorder(1.3, correlation_length=2.2, lengths=(length, length), seed=1)
    return dd.Problem(cell, mass=1.0, temperature=0.03)


def request(problem: dd.Problem, sites: int, momenta: int) -> dict:
    x = problem.potential.lengths[0] / sites * np.arange(sites)
    return {"route": "cell", "length": problem.potential.lengths[0], "momenta": momenta,
            "U": problem.potential(x[:, None], x).tolist(),
            "fermi_energy": problem.fermi_energy, "temperature": problem.temperature}


def ours(problem: dd.Problem, x: np.ndarray, rtol: float) -> tuple[np.ndarray, float]:
    """j, shape (2, n, n), and CPU seconds."""
    start = process_time()
    with quiet():
        found = dd.current_map(problem, x, x, rtol=rtol)
    return np.array([found.j_x, found.j_y]), process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--make-venv", action="store_true")
    parser.add_argument("--length", type=float, default=7.5)
    parser.add_argument("--sites", type=int, nargs="+", default=[12, 16, 20, 24])
    parser.add_argument("--momenta", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    if options.make_venv and not (VENV / "bin" / "python").exists():
        make_venv()
    if not (VENV / "bin" / "python").exists():
        print("Kwant is not there: run this with --make-venv once", file=sys.stderr)
        return 2
    L, problem = options.length, cell_of(options.length)
    heading(f"Kwant and the maps: a cell of {L:g} x {L:g}, rms 1.3, correlation length 2.2")
    # Momenta are tried at the most sites, sites at the most momenta.
    most = max(options.sites), max(options.momenta)
    pairs = sorted({(n, most[1]) for n in options.sites} | {(most[0], K) for K in options.momenta})
    answers = run_kwant([request(problem, *pair) for pair in pairs])
    exact: dict[int, np.ndarray] = {}
    met = []

    def error(j: np.ndarray, sites: int) -> float:
        if sites not in exact:
            exact[sites] = ours(problem, L / sites * np.arange(sites), 1e-4)[0]
        return float(np.max(np.hypot(*(j - exact[sites]))) / np.max(np.hypot(*exact[sites])))

    for (sites, momenta), answer in zip(pairs, answers["answers"], strict=True):
        off = error(np.array(answer["j"]), sites)
        print(f"Kwant {answers['version']}, a = {L / sites:.3g} ({2 * sites**2} states), "
              f"{momenta**2} Bloch momenta: error {off:.1e} of the peak, {answer['cpu']:.1f} s",
              flush=True)
        met += [answer["cpu"]] if off <= TARGET else []
    sites = most[0]
    mine = []
    for rtol in (3e-2, 1e-2, 1e-3):
        j, seconds = ours(problem, L / sites * np.arange(sites), rtol)
        off = error(j, sites)
        print(f"dirac1d green, rtol = {rtol:g}: error {off:.1e} of the peak, {seconds:.2f} s")
        mine += [seconds] if off <= TARGET else []
    if not met or not mine:
        print(f"no route of {'Kwant' if not met else 'ours'} meets {TARGET:g} of the peak")
        return 1
    remark("Kwant / continuum engine, CPU time", f"{min(met) / min(mine):9.2e}, hoped for: 100")
    return 0


if __name__ == "__main__":
    sys.exit(main())
