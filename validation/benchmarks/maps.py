"""What maps of U(x, y) cost: a cell of puddles at two accuracies, and the law of its size.

    python validation/benchmarks/maps.py [--rtol 1e-3] [--workers 1] [--dense 11]
    python validation/benchmarks/maps.py --growth 8 11 15.5
    python validation/benchmarks/maps.py --node 66

The cell is 22 × 22 ħv/Δ, rms 1.3Δ, correlation length 2.2, T = 0.03. CPU seconds are those of all
workers; with the cost of a node they say what a cell of 90 × 90 (3 µm of hBN-graphene) takes: nodes
go as the number of frequencies, each as steps × N³ ~ L⁴. That is an estimate: the largest cell that
was computed is 22 × 22. ``--dense L`` gives the same rtol to the engine "states" in a cell of
L × L: the same cell with ``--dense 22`` (ten minutes); of a smaller one it says what one grid of
the Bloch momenta that it needed there takes in the large one, orders as L², time as their cube
(measured at L and L/√2), grids as 1/L. ``--growth`` measures cells of the same density and the
powers of L; ``--node`` single nodes of a large cell, their seconds, and the largest memory.
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
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.planar import MAP_SETTINGS
from dirac1d.green.planar.adaptive import FINER
from dirac1d.green.planar.levels import Levels, Nodes
from dirac1d.green.planar.map import check_size, first_level
from dirac1d.states.plane_waves import Momentum, excess, memory, order_of

#: Momenta, then levels, then what of either is not enough.
ROUNDS = 3
#: Cut-offs above the first one that the cell of 22 × 22 needs to 1e-3.
HIGHEST = 3
#: Time that engine "states" is given, as a budget: by itself it would stop earlier.
DENSE_SECONDS = 7200.0


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


def cell_of(L: float) -> tuple[dd.Problem, np.ndarray]:
    """The problem of a size, and its pixels."""
    cell = dd.disorder(1.3, correlation_length=2.2, lengths=(L, L), seed=1)
    return dd.Problem(cell, mass=1.0, temperature=0.03), np.linspace(0, L, 67)


def in_units(problem: dd.Problem, values: np.ndarray) -> float:
    """The largest, over j₀."""
    return float(np.max(values)) / problem.current_scale


def one_diagonalisation(L: float, cutoff: float) -> tuple[int, float]:
    """Order and CPU seconds."""
    problem, _ = cell_of(L)
    before = seconds_of_cpu()
    order = excess(Momentum(problem.potential, 1.0, 0.0, 0.03, cutoff, (0.5, 0.5)))[2]
    return order, seconds_of_cpu() - before


def dense(small: float, L: float, rtol: float, green: float) -> None:
    """Engine "states" in a small cell, and what its last grid alone takes in one of L × L."""
    problem, x = cell_of(small)
    other, _, cpu = measured(problem, x, rtol, 1, engine="states", within=DENSE_SECONDS)
    mine, _, own = measured(problem, x, rtol, 1, engine="green")
    apart = np.hypot(other.j_x - mine.j_x, other.j_y - mine.j_y)
    d = other.details
    print(f"{small:g} x {small:g}: states {cpu:.1f} s of CPU, claims "
          f"{in_units(problem, other.error):.1e} of j0 ({d['bloch_momenta']} momenta of order "
          f"{d['order']}, {d['diagonalisations']} diagonalisations); green {own:.1f} s, claims "
          f"{in_units(problem, mine.error):.1e}: {cpu / own:.1f} times; they differ by "
          f"{in_units(problem, apart):.1e}", flush=True)
    if small == L:
        return
    P = d["largest_momentum"]
    (n, t), (n_less, t_less) = (one_diagonalisation(s, P) for s in (small, small / 2**0.5))
    power = np.log(t / t_less) / np.log(n / n_less)
    order = order_of((L, L), P)
    momenta = int(np.ceil(np.sqrt(d["bloch_momenta"]) * small / L)) ** 2
    each = t * (order / n) ** 3
    print(f"one diagonalisation: {t_less:.2f} s at order {n_less}, {t:.2f} s at {n}: power "
          f"{power:.2f}; at {L:g} x {L:g} order {order}, {memory(order) / 1e9:.1f} GB, "
          f"{each:.0f} s by the cube, {momenta} momenta: {momenta * each:.0f} s (extrapolated), "
          f"{momenta * each / green:.0f} times green")


def growth(lengths: list[float], rtol: float) -> None:
    """CPU, a node's seconds and bytes in cells of one density, and their powers of L."""
    rows = []
    for L in sorted(lengths):
        problem, x = cell_of(L)
        found, _, cpu = measured(problem, x, rtol, 1, engine="green")
        d = found.details
        # S of both directions, complex64 at this rtol.
        size = 16.0 * d["positions"] * d["harmonics"] ** 2
        rows.append((L, cpu, cpu / d["nodes"], size))
        print(f"L = {L:g}: {cpu:.1f} s of CPU, {d['nodes']} nodes of {rows[-1][2]:.3f} s, matrices "
              f"of {size / 1e6:.0f} MB, claims {in_units(problem, found.error):.1e}", flush=True)
    if len(rows) > 1:
        logs = np.log(np.array(rows))
        powers = [np.polyfit(logs[:, 0], logs[:, i], 1)[0] for i in (1, 2, 3)]
        print("powers of L: CPU {:.1f}, a node {:.1f}, memory {:.1f}".format(*powers))
        print(f"memory at 66 x 66: {rows[-1][3] * (66 / rows[-1][0]) ** 3 / 1e9:.2f} GB by L^3")


def single_nodes(L: float, rtol: float) -> None:
    """CPU and memory of nodes of a large cell: of the lowest frequency, at a map's first levels."""
    problem, x = cell_of(L)
    levels = Levels(problem, x, x, MAP_SETTINGS)
    check_size(levels)
    cutoff, fineness = first_level(rtol)
    finest = fineness + FINER
    nodes = Nodes(levels, levels.sheets(finest), rtol, Watch())
    for level in ((cutoff, fineness), (cutoff, finest), (cutoff + HIGHEST, fineness)):
        before = seconds_of_cpu()
        nodes.need([(level, np.pi * problem.temperature, 0.0)])
        cpu = seconds_of_cpu() - before
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"L = {L:g}: a node of {levels.size(level[0])} harmonics at "
              f"{len(nodes.grid(level[1]).x)} positions: {cpu:.1f} s of CPU; peak memory so far "
              f"{peak:.2f} GB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--length", type=float, default=22.0)
    parser.add_argument("--rtol", type=float, default=1e-3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--within", type=float, default=None)
    parser.add_argument("--dense", type=float, default=None, metavar="L")
    parser.add_argument("--growth", type=float, nargs="+", default=None, metavar="L")
    parser.add_argument("--node", type=float, default=None, metavar="L")
    given = parser.parse_args()
    L = given.length
    if given.node:
        heading("Maps: one node of a cell, rms 1.3, correlation length 2.2, T = 0.03")
        single_nodes(given.node, given.rtol)
        return
    if given.growth:
        heading("Maps: cells of one density, rms 1.3, correlation length 2.2, T = 0.03")
        growth(given.growth, given.rtol)
        return
    problem, x = cell_of(L)
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
    if given.dense:
        dense(given.dense, L, given.rtol, cpu)


if __name__ == "__main__":
    main()
