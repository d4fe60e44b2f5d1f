"""The sum over momenta and occupied states, refined until it has converged.

The error of the sum is even in the spacing a to leading orders. It is computed on a sequence of
meshes a/2, a/3, a/4, … and Neville's scheme takes the leading orders out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states.chain import Chain
from dirac1d.states.interpolation import interpolate
from dirac1d.states.mesh import (
    borders,
    build_mesh,
    farthest_sight,
    plan_lead,
    sharp_breakpoints,
)
from dirac1d.states.momenta import momentum_tail
from dirac1d.states.resolution import base_spacing, rule_for
from dirac1d.states.spectrum import full_spectrum, sparse_spectrum

#: Refinement levels, spacings a/2, a/3, …: the first three or four suffice for the default rtol.
LEVELS = (2, 3, 4, 6, 8, 12)
#: Length of a window of a wide step, in units of the distance at which a wall is out of sight.
WINDOW_SIGHTS = 3.0
#: No chain longer than this is diagonalised: 6,000 sites take about 3 s a momentum.
MAX_SITES = 6_000
#: First order of the momentum rule, its growth, and its largest.
FIRST_ORDER, ORDER_GROWTH, MAX_ORDER = 8, 1.5, 140
#: Part of the target that the last step of the momentum rule may still change.
MOMENTUM_SHARE = 0.2
#: Factor on the spacing's error estimate for splines with honoured knots; at a knot the true error
#: of a five-point table was 3.7 times the estimate without it.
KNOT_DOUBT = 8.0
#: Part of j₀ below which no error is claimed: the end of the momentum rule leaves 5e-8.
FLOOR = 1e-7
#: Factor between a difference of two approximations and the error that is claimed for the better:
#: validation/states_accuracy.py finds none of its cases above the estimate.
SAFETY = 2.0


@dataclass
class Work:
    """What a run counts and reports: diagonalisations, their time, progress."""

    solver: str
    progress: Callable[[int], None] | None
    diagonalisations: int = 0
    eigen_seconds: float = 0.0

    def spectrum(self, chain: Chain, p_y: float, top: float) -> tuple[NDArray, NDArray]:
        """Eigenpairs of the chain at p_y: all of them, or by `eigsh` those below `top`."""
        start = perf_counter()
        diagonal, hoppings = chain.diagonal(p_y), chain.hoppings
        if self.solver == "sparse":
            pairs = sparse_spectrum(diagonal, hoppings, (-np.inf, top))
        else:
            pairs = full_spectrum(diagonal, hoppings)
        self.eigen_seconds += perf_counter() - start
        self.diagonalisations += 1
        if self.progress is not None:
            self.progress(1)
        return pairs


def in_windows(
    problem: Problem, query: NDArray, rtol: float, radii: dict[float, float], work: Work
) -> tuple[NDArray, dict[str, NDArray], dict[str, Any]]:
    """`_converge` for all points at once, or window by window along a step that is very wide.

    Where e^{-2κ|x-x′|} decays everywhere, j_y(x) is blind to what lies farther than a few 1/κ: the
    cost of a wide step is then linear in its width, not cubic.
    """
    sight = farthest_sight(problem, rtol)
    order = np.argsort(query, kind="stable")
    length = WINDOW_SIGHTS * sight
    a, b = problem.potential.support(1e-2 * max(abs(problem.U_R - problem.U_L), 1e-3))
    wide = min(b, query[order[-1]]) - max(a, query[order[0]])
    if not np.isfinite(sight) or wide < 2 * length:
        return _converge(problem, query, rtol, radii, work)
    group = np.floor((query - query[order[0]]) / length).astype(int)
    values = np.empty_like(query)
    parts: dict[str, NDArray] = {}
    notes: dict[str, Any] = {}
    for window in np.unique(group):
        own = group == window
        values[own], some, note = _converge(problem, query[own], rtol, radii, work)
        for name, part in some.items():
            parts.setdefault(name, np.empty_like(query))[own] = part
        notes = note if note["sites"] > notes.get("sites", 0) else notes
    return values, parts, notes | {"windows": len(np.unique(group))}


def _converge(
    problem: Problem, query: NDArray, rtol: float, radii: dict[float, float], work: Work
) -> tuple[NDArray, dict[str, NDArray], dict[str, Any]]:
    """Values at the query points and the signed differences that estimate the three errors."""
    interval = (float(np.min(query)), float(np.max(query)))
    spacing = base_spacing(problem, rtol)
    target = rtol * problem.current_scale
    mesh, larger = (
        build_mesh(problem, interval, spacing, tuple(
            plan_lead(problem, U, rtol, reach) for U in (problem.U_L, problem.U_R)
        ), radii, extra)
        for reach, extra in ((1.0, 0), (1.3, 2))
    )
    # Points of the strip that lie closer to a jump than it is resolved do not steer the run.
    counted = np.ones(len(query), dtype=bool)
    for jump, _ in problem.jumps:
        counted &= np.abs(query - jump) > radii.get(jump, 0.0)

    def largest(change: NDArray) -> float:
        return float(np.max(np.abs(change[counted]), initial=0.0))

    coarse = mesh.chain(problem, LEVELS[0])
    order, momenta_error = _momentum_order(
        problem, coarse, query, (MOMENTUM_SHARE * target, largest), work
    )
    table = [chain_current(problem, coarse, query, order, work)]
    # The same momenta and spacing in a larger box: what is left of the walls.
    rule = rule_for(problem, coarse, order)
    box_error = chain_current(
        problem, larger.chain(problem, LEVELS[0]), query, order, work, rule
    ) - table[0]
    levels, spacing_error = [LEVELS[0]], np.inf
    # At the knots of a spline U″ jumps, and the error is no polynomial in a² there.
    doubt = KNOT_DOUBT if borders(problem) != sharp_breakpoints(problem) else 1.0
    best = table[0]
    for level in LEVELS[1:]:
        if mesh.sites(level) > MAX_SITES:
            break
        levels.append(level)
        # Finer chains have more decades of momentum below their inverse spacing.
        finer = int(np.ceil(order * np.sqrt(level / LEVELS[0])))
        table.append(chain_current(problem, mesh.chain(problem, level), query, finer, work))
        best = _extrapolate(levels, table)
        # Without the coarsest mesh the same scheme has one order less and finer meshes: its
        # distance from the best value is of the size of the larger of the two errors.
        spacing_error = doubt * (best - _extrapolate(levels[1:], table[1:]))
        if len(levels) > 2 and SAFETY * largest(spacing_error) < 0.5 * target:
            break
    floor = np.full_like(best, FLOOR * problem.current_scale)
    parts = {"spacing": spacing_error + np.copysign(floor, spacing_error), "momenta": momenta_error,
             "box": box_error}
    notes = {
        "spacing": spacing / levels[-1],
        "levels": levels,
        "sites": mesh.sites(levels[-1]),
        "momenta": len(rule[0]),
        "graded_leads": len(mesh.ramps),
    }
    return best, parts, notes


def _extrapolate(levels: list[int], table: list[NDArray]) -> NDArray:
    """Value at spacing zero of the polynomial in a² through all levels (Neville)."""
    nodes = [1.0 / n**2 for n in levels]
    total = np.zeros_like(table[0])
    for i, (node, values) in enumerate(zip(nodes, table, strict=True)):
        others = [n for j, n in enumerate(nodes) if j != i]
        total = total + values * np.prod([n / (n - node) for n in others])
    return total


def _momentum_order(
    problem: Problem,
    chain: Chain,
    query: NDArray,
    goal: tuple[float, Callable[[NDArray], float]],
    work: Work,
) -> tuple[int, NDArray]:
    """The order at which the momentum sum on the coarse chain has converged, and its last step."""
    target, size = goal
    order, last = FIRST_ORDER, np.inf
    values = chain_current(problem, chain, query, order, work)
    while True:
        following = min(int(np.ceil(order * ORDER_GROWTH)), MAX_ORDER)
        better = chain_current(problem, chain, query, following, work)
        change, order, values = better - values, following, better
        largest = size(change)
        # At T = 0 in a band the levels of the box set a floor that more momenta do not lower.
        stalled = largest < 3 * target and largest > 0.5 * last
        if largest < target or stalled or order == MAX_ORDER:
            return order, change
        last = largest


def chain_current(
    problem: Problem,
    chain: Chain,
    query: NDArray,
    order: int,
    work: Work,
    rule: tuple[NDArray, NDArray, float] | None = None,
) -> NDArray:
    """j_y at the query points from one chain: the sum over momenta and occupied states."""
    momenta, weights, largest = rule or rule_for(problem, chain, order)
    density = momentum_tail(chain, largest)
    for p_y, weight in zip(momenta, weights, strict=True):
        for sign in (1.0, -1.0):
            density += weight * (occupied_density(problem, chain, sign * p_y, work) - 0.5)
    per_length = chain.sublattice * density / chain.cells / (2 * np.pi)
    return interpolate(chain, borders(problem), per_length, query)


def occupied_density(problem: Problem, chain: Chain, p_y: float, work: Work) -> NDArray:
    """Σ_i n_F(ε_i) |vector_i|² on the sites."""
    fermi = 0.0 if chain.grading is not None else problem.fermi_energy
    T = problem.temperature
    # Beyond 40 T the occupation is below rounding.
    energies, vectors = work.spectrum(chain, p_y, fermi + 40 * T)
    if T == 0:
        occupation = np.where(energies < fermi, 1.0, np.where(energies == fermi, 0.5, 0.0))
    else:
        occupation = 0.5 * (1 - np.tanh((energies - fermi) / (2 * T)))
    return np.einsum("ij,ij,j->i", vectors, vectors, occupation, optimize=False)
