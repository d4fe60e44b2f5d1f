"""What maps of U(x, y) cost: a cell of puddles at two accuracies, and the law of its size.

    python validation/benchmarks/maps.py [--rtol 1e-3] [--workers 1] [--states SECONDS]

The cell is 22 × 22 ħv/Δ, rms 1.3Δ, correlation length 2.2, T = 0.03. CPU seconds are those of all
workers; with the cost of a node they say what a cell of 90 × 90 (3 µm of hBN-graphene) takes: nodes
go as the number of frequencies, each as steps × N³ ~ L⁴. That is an estimate: the largest cell that
was computed is 22 × 22. With ``--states`` the other engine is
given so many seconds for the same map.
"""

import argparse
import os
import resource
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import numpy as np
from report import heading

import dirac1d as dd

#: Momenta, then levels, then what of either is not enough.
ROUNDS = 3


def seconds_of_cpu() -> float:
    """Of this process and of the workers that have ended."""
    return sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF,
                                                    resource.RUSAGE_CHILDREN))


def measured(problem: dd.Problem, x: np.ndarray, rtol: float, workers: int, **options) -> tuple:
    """A map, wall and CPU seconds."""
    before, start = seconds_of_cpu(), perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if workers > 1:
            with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
                found = dd.current_map(problem, x, x, rtol=rtol, executor=pool, **options)
        else:
            found = dd.current_map(problem, x, x, rtol=rtol, **options)
    return found, perf_counter() - start, seconds_of_cpu() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--length", type=float, default=22.0)
    parser.add_argument("--rtol", type=float, default=1e-3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--within", type=float, default=None)
    parser.add_argument("--states", type=float, default=None, metavar="SECONDS")
    given = parser.parse_args()
    L = given.length
    cell = dd.disorder(1.3, correlation_length=2.2, lengths=(L, L), seed=1)
    problem = dd.Problem(cell, mass=1.0, temperature=0.03)
    x = np.linspace(0, L, 67)
    heading(f"Maps: a cell of {L:g} x {L:g}, rms 1.3, correlation length 2.2, T = 0.03")
    found, wall, cpu = measured(problem, x, given.rtol, given.workers, engine="green",
                                within=given.within)
    print(f"green: {wall:.1f} s, {cpu:.1f} s of CPU, {given.workers} workers, load "
           f"{os.getloadavg()[0]:.1f}: {found.status}")
    error = float(np.max(found.error)) / problem.current_scale
    print(f"claimed {error:.1e} of j0; largest |j| {np.max(found.magnitude):.4f}, j0 "
           f"{problem.current_scale:.4f}")
    for name, value in found.details.items():
        print(f"  {name}: {value:.4g}" if isinstance(value, float) else f"  {name}: {value}")
    each = cpu / found.details["nodes"]
    count, longer = found.details["nodes"], (90 / L) ** 4
    # Nodes are whole: no more workers than nodes are of use, and the levels wait for the momenta.
    on = [ROUNDS * max(each * longer, count * each * longer / cores / ROUNDS) for cores in (2, 200)]
    print(f"{each:.2f} s of CPU a node; a cell of 90 x 90 by L^4: {each * longer:.0f} s a node, "
          f"{count * each * longer / 3600:.2g} h of CPU, {on[0] / 3600:.2g} h on 2 cores, "
          f"{on[1] / 60:.2g} min on 200 ({count} nodes in {ROUNDS} rounds)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory {peak:.2f} GB")
    if given.states:
        other, wall, cpu = measured(problem, x, given.rtol, 1, engine="states",
                                    within=given.states)
        apart = np.max(np.hypot(other.j_x - found.j_x, other.j_y - found.j_y))
        print(f"states: {wall:.1f} s, {cpu:.1f} s of CPU: {other.status}")
        print(f"largest difference {apart / problem.current_scale:.1e} of j0; claimed "
               f"{np.max(other.error) / problem.current_scale:.1e}")


if __name__ == "__main__":
    main()
