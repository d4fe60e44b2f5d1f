"""j_y(x) as a sum over the occupied eigenstates of the chain, extrapolated in its spacing.

j_y(x) = ∫ dp_y/2π Σ_i n_F(ε_i) (u_i² - v_i²): the density on the sublattice A less that on B. The
whole Dirac sea is summed; a full chain carries no current (u² and v² both sum to one), so n_F - ½
is used. The error of the sum is even in the spacing a, for each of a sequence of meshes a/2, a/3,
a/4, …, and Neville's scheme takes it out.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss, legvander
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.profile import AccuracyWarning, Profile, Strip, check_positions, check_rtol
from dirac1d.states.chain import Chain
from dirac1d.states.mesh import (
    CROWDING,
    build_mesh,
    farthest_sight,
    hard_breakpoints,
    plan_lead,
)
from dirac1d.states.momenta import (
    LAST_MOMENTUM,
    bound_crossings,
    lead_thresholds,
    momentum_rule,
    momentum_tail,
)
from dirac1d.states.spectrum import full_spectrum, sparse_spectrum

DEFAULT_RTOL = 1e-4
SOLVERS = ("auto", "tridiagonal", "sparse")
#: Refinement levels, spacings a/2, a/3, …: the first two or three suffice for the default rtol.
LEVELS = (2, 3, 4, 6, 8, 12)
#: Spacing at level 1 over the shorter of U's scale and 1/energy, for rtol = 1e-4.
BASE_SPACING = 0.8
#: A feature narrower than this part of a wave gets a crowd of sites instead of a fine background.
NARROW = 0.5
#: Length of a window of a wide step, in units of the distance at which a wall is out of sight.
WINDOW_SIGHTS = 3.0
#: No chain longer than this is diagonalised: 6,000 sites take about 3 s a momentum.
MAX_SITES = 6_000
#: First order of the momentum rule, its growth, and its largest.
FIRST_ORDER, ORDER_GROWTH, MAX_ORDER = 8, 1.5, 140
#: Closest distance to a breakpoint that is resolved, in 1/|Δ|: at momenta beyond its inverse the
#: rounding of the eigenvectors, times their weight, would show.
SMALLEST_RADIUS = 3e-4
#: A point on a kink takes the mean of both sides, this many radii away: the term x ln|x| is odd.
KINK_HAIR = 10.0
#: Part of the target that the last step of the momentum rule may still change.
MOMENTUM_SHARE = 0.2
#: Sites of one sublattice in the local polynomial that carries densities to x.
STENCIL = 10
#: Factor between a difference of two approximations and the error that is claimed for the better:
#: validation/states_accuracy.py finds none of its cases above the estimate.
SAFETY = 2.0
#: Part of the largest error that every point is given: where a difference crosses zero the error
#: need not.
ERROR_FLOOR = 0.1
#: Legendre nodes per panel of the strip for integrals.
STRIP_NODES = 8


@dataclass
class _Work:
    """What a run counts and reports: diagonalisations, their time, progress."""

    solver: str
    progress: Callable[[int], None] | None
    diagonalisations: int = 0
    eigen_seconds: float = 0.0

    def spectrum(self, chain: Chain, p_y: float, occupied_below: float | None):
        start = perf_counter()
        diagonal, hoppings = chain.diagonal(p_y), chain.hoppings
        if self.solver == "sparse":
            top = np.inf if occupied_below is None else occupied_below
            pairs = sparse_spectrum(diagonal, hoppings, (-np.inf, top))
        else:
            pairs = full_spectrum(diagonal, hoppings)
        self.eigen_seconds += perf_counter() - start
        self.diagonalisations += 1
        if self.progress is not None:
            self.progress(1)
        return pairs


def current_density(
    problem: Problem,
    x: Any,
    *,
    rtol: float | None = None,
    solver: str = "auto",
    progress: Callable[[int], None] | None = None,
) -> Profile:
    """The equilibrium anomalous Hall current density from the lattice's eigenstates.

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
        Increasing positions; they are not tied to the lattice.
    rtol : float, optional
        Accuracy relative to ``problem.current_scale``; 1e-4 by default.
    solver : {"auto", "tridiagonal", "sparse"}
        ``"sparse"``: shift-invert `scipy.sparse.linalg.eigsh` on slices of the spectrum, certified
        by inertia counts. ``"tridiagonal"`` and ``"auto"``: LAPACK's tridiagonal driver.
    progress : callable, optional
        Called with 1 after each diagonalisation.

    Returns
    -------
    Profile
        j_y/e at x (ħ = v_F = 1); its `error` bounds, point by point, the truncations in spacing,
        momentum and box.

    Raises
    ------
    ValueError
        If x is not increasing and finite, or rtol or solver is not allowed.

    Warns
    -----
    AccuracyWarning
        If the error estimate exceeds rtol somewhere; `status` says by how much and why.
    """
    x = check_positions(x)
    rtol = check_rtol(DEFAULT_RTOL if rtol is None else rtol)
    if solver not in SOLVERS:
        raise ValueError(f"solver must be one of {', '.join(SOLVERS)}, got {solver!r}")
    scale = problem.current_scale
    edges = _strip_edges(problem, x)
    if scale == 0.0:
        return _no_current(problem, x, rtol, edges)
    t, _ = leggauss(STRIP_NODES)
    middles, halves = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    radii = _radii(problem, x, rtol)
    below, above = _beside_kinks(problem, x, radii)
    query = np.concatenate((below, (middles[:, None] + halves[:, None] * t).ravel(), above))
    work = _Work(solver, progress)
    values, parts, notes = _in_windows(problem, query, rtol, radii, work)
    values = _mean_over_kinks(values, below, above)
    parts = {name: _mean_over_kinks(part, below, above) for name, part in parts.items()}
    return _assemble(problem, x, rtol, edges, values, parts, notes, work)


def _beside_kinks(
    problem: Problem, x: NDArray, radii: dict[float, float]
) -> tuple[NDArray, NDArray]:
    """x with each point on a kink moved a little to the left, and those points to the right."""
    jumps = {b for b, _ in problem.jumps}
    hair = {b: KINK_HAIR * radii[b] for b in hard_breakpoints(problem) if b not in jumps}
    shift = np.array([hair.get(float(position), 0.0) for position in x])
    return x - shift, (x + shift)[shift > 0]


def _mean_over_kinks(values: NDArray, below: NDArray, above: NDArray) -> NDArray:
    """Put the mean of both sides in place of each point that `_beside_kinks` moved."""
    if len(above) == 0:
        return values
    # Each point on the right belongs to the last one of `below` that lies left of it.
    index = np.searchsorted(below, above) - 1
    merged = values[: len(values) - len(above)].copy()
    merged[index] = (merged[index] + values[len(values) - len(above):]) / 2
    return merged


def _no_current(problem: Problem, x: NDArray, rtol: float, edges: NDArray) -> Profile:
    """Δ = 0 or a flat potential: there is no anomalous current."""
    n = len(edges) - 1
    strip = Strip(edges, np.zeros((n, 1)), np.zeros(n))
    zero = np.zeros_like(x)
    return Profile(x, zero, zero, "converged", "states", problem, rtol, strip)


def _strip_edges(problem: Problem, x: NDArray) -> NDArray:
    """Panels over [x[0], x[-1]]: fine where U varies, graded toward jumps, at most 400."""
    lo, hi = x[0], x[-1]
    if hi == lo:
        return np.array([lo, lo + 1e-9 * max(1.0, abs(lo))])
    energy = _energy(problem)
    width = min(problem.potential.length_scale, 1 / energy) if energy > 0 else 1.0
    a, b = problem.potential.support(1e-2 * max(abs(problem.U_R - problem.U_L), 1e-3))
    edges = {lo, hi, *(b for b in hard_breakpoints(problem) if lo < b < hi)}
    fine = np.arange(a - 2 * width, b + 2 * width, width)
    coarse = np.arange(lo, hi, max(1 / energy if energy > 0 else 1.0, (hi - lo) / 200))
    edges |= {float(e) for e in np.concatenate((fine[:: max(1, len(fine) // 200)], coarse))
              if lo < e < hi}
    for jump, _ in problem.jumps:
        near = jump + np.outer([-1, 1], 0.25**np.arange(1, 16)) / energy
        edges |= {float(e) for e in near.ravel() if lo < e < hi}
    ordered = np.array(sorted(edges))
    # Panels that two of the rules put on top of each other are merged.
    keep = np.concatenate(([True], np.diff(ordered) > 1e-12 * max(abs(lo), abs(hi))))
    ordered = ordered[keep]
    ordered[-1] = hi
    return ordered


def _in_windows(
    problem: Problem, query: NDArray, rtol: float, radii: dict[float, float], work: _Work
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
    problem: Problem, query: NDArray, rtol: float, radii: dict[float, float], work: _Work
) -> tuple[NDArray, dict[str, NDArray], dict[str, Any]]:
    """Values at the query points and the signed differences that estimate the three errors."""
    interval = (float(np.min(query)), float(np.max(query)))
    spacing = _base_spacing(problem, rtol)
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
    table = [_profile(problem, coarse, query, order, work)]
    # The same momenta and spacing in a larger box: what is left of the walls.
    rule = _rule(problem, coarse, order)
    box_error = _profile(
        problem, larger.chain(problem, LEVELS[0]), query, order, work, rule
    ) - table[0]
    levels, spacing_error = [LEVELS[0]], np.inf
    best = table[0]
    for level in LEVELS[1:]:
        if mesh.sites(level) > MAX_SITES:
            break
        levels.append(level)
        table.append(_profile(problem, mesh.chain(problem, level), query, order, work))
        best = _extrapolate(levels, table)
        # Without the coarsest mesh the same scheme has one order less and finer meshes: its
        # distance from the best value is of the size of the larger of the two errors.
        spacing_error = best - _extrapolate(levels[1:], table[1:])
        if len(levels) > 2 and SAFETY * largest(spacing_error) < 0.5 * target:
            break
    parts = {"spacing": spacing_error * np.ones_like(best), "momenta": momenta_error,
             "box": box_error}
    notes = {
        "spacing": spacing / levels[-1],
        "levels": levels,
        "sites": mesh.sites(levels[-1]),
        "momenta": len(rule[0]),
        "graded_leads": len(mesh.ramps),
    }
    return best, parts, notes


def _energy(problem: Problem) -> float:
    """The largest of |Δ| and |ε_F - U| in the leads: its inverse is the length of a wave."""
    return max(
        abs(problem.mass),
        abs(problem.fermi_energy - problem.U_L),
        abs(problem.fermi_energy - problem.U_R),
    )


def _fineness(rtol: float) -> float:
    """Spacing at level 1 over a length: sixth-order extrapolation makes it fall as rtol^(1/6)."""
    return BASE_SPACING * (rtol / DEFAULT_RTOL) ** (1 / 6)


def _features(problem: Problem) -> list[tuple[float, float]]:
    """(centre, scale) of every smooth term of U."""
    terms = getattr(problem.potential, "terms", (problem.potential,))
    found = []
    for term in terms:
        if np.isfinite(term.length_scale):
            height = max(abs(term.right - term.left), float(np.ptp(term(np.linspace(
                *term.support(1e-3 * _energy(problem)), 101)))), 1e-300)
            a, b = term.support(1e-2 * height)
            found.append(((a + b) / 2, term.length_scale))
    return found


def _base_spacing(problem: Problem, rtol: float) -> float:
    """Background spacing at level 1: for the waves, and for features too wide to crowd sites at."""
    finest = wave = 1 / _energy(problem)
    for _, scale in _features(problem):
        if scale > NARROW * wave:
            finest = min(finest, scale)
    return _fineness(rtol) * finest


def _radii(problem: Problem, x: NDArray, rtol: float) -> dict[float, float]:
    """Distance to which the mesh resolves each breakpoint, and narrow smooth features.

    At a kink j_y is continuous with a term x ln|x|: a site within about rtol of it is enough. At a
    jump it is the distance of the nearest point that was asked for.
    """
    compton = 1 / abs(problem.mass)
    jumps = {b for b, _ in problem.jumps}
    radii = {}
    for b in hard_breakpoints(problem):
        if b in jumps:
            distance = np.abs(x - b)
            nearest = np.min(distance[distance > 0], initial=compton)
            radii[b] = float(np.clip(0.5 * nearest, SMALLEST_RADIUS * compton, compton))
        else:
            radii[b] = max(rtol, SMALLEST_RADIUS) * compton
    for centre, scale in _features(problem):
        if scale <= NARROW / _energy(problem):
            # The crowd's spacing in its middle is CROWDING times its radius.
            radii.setdefault(centre, _fineness(rtol) * scale / CROWDING)
    return radii


def _extrapolate(levels: list[int], table: list[NDArray]) -> NDArray:
    """Value at spacing zero of the polynomial in a² through all levels (Neville)."""
    nodes = [1.0 / n**2 for n in levels]
    total = np.zeros_like(table[0])
    for i, (node, values) in enumerate(zip(nodes, table, strict=True)):
        others = [n for j, n in enumerate(nodes) if j != i]
        total = total + values * np.prod([n / (n - node) for n in others])
    return total


def _rule(problem: Problem, chain: Chain, order: int) -> tuple[NDArray, NDArray, float]:
    """The momentum rule for a chain, with its bound states' crossings at T = 0."""
    breaks = lead_thresholds(problem)
    width = problem.potential.length_scale
    mass = abs(problem.mass)
    finest = 1 / float(np.min(chain.cells))
    cuts = (min(1 / chain.background, finest), finest)
    scale = np.sqrt(mass * max(mass, min(1 / width, finest)))
    if problem.temperature == 0 and chain.grading is None:
        largest = abs(problem.mass) + abs(problem.fermi_energy) + np.max(np.abs(chain.U))
        breaks = sorted({*breaks, *bound_crossings(chain, problem.fermi_energy, largest)})
    return *momentum_rule(breaks, scale, cuts, order), LAST_MOMENTUM * max(cuts)


def _momentum_order(
    problem: Problem,
    chain: Chain,
    query: NDArray,
    goal: tuple[float, Callable[[NDArray], float]],
    work: _Work,
) -> tuple[int, NDArray]:
    """The order at which the momentum sum on the coarse chain has converged, and its last step."""
    target, size = goal
    order, last = FIRST_ORDER, np.inf
    values = _profile(problem, chain, query, order, work)
    while True:
        following = min(int(np.ceil(order * ORDER_GROWTH)), MAX_ORDER)
        better = _profile(problem, chain, query, following, work)
        change, order, values = better - values, following, better
        largest = size(change)
        # At T = 0 in a band the levels of the box set a floor that more momenta do not lower.
        stalled = largest < 3 * target and largest > 0.5 * last
        if largest < target or stalled or order == MAX_ORDER:
            return order, change
        last = largest


def _profile(
    problem: Problem,
    chain: Chain,
    query: NDArray,
    order: int,
    work: _Work,
    rule: tuple[NDArray, NDArray, float] | None = None,
) -> NDArray:
    """j_y at the query points from one chain: the sum over momenta and occupied states."""
    momenta, weights, largest = rule or _rule(problem, chain, order)
    density = momentum_tail(chain, largest)
    for p_y, weight in zip(momenta, weights, strict=True):
        for sign in (1.0, -1.0):
            density += weight * (occupied_density(problem, chain, sign * p_y, work) - 0.5)
    per_length = chain.sublattice * density / chain.cells / (2 * np.pi)
    return interpolate(chain, hard_breakpoints(problem), per_length, query)


def occupied_density(problem: Problem, chain: Chain, p_y: float, work: _Work) -> NDArray:
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


def interpolate(
    chain: Chain, breaks: tuple[float, ...], site_values: NDArray, query: NDArray
) -> NDArray:
    """Σ over both sublattices of the values carried from the sites to the query points.

    Local polynomials through `STENCIL` sites of one sublattice that do not reach across a
    breakpoint of U.
    """
    total = np.zeros(len(query))
    borders = np.array([-np.inf, *breaks, np.inf])
    for parity in (0, 1):
        sites, values = chain.x[parity::2], site_values[parity::2]
        for lo, hi in itertools.pairwise(borders):
            # The site on the breakpoint itself feels both spacings: it is left out, and j_y there
            # is the mean of what both sides say.
            own = (sites > lo) & (sites < hi)
            share = np.where((query > lo) & (query < hi), 1.0, 0.0)
            share[(query == lo) | (query == hi)] = 0.5
            inside = share > 0
            if np.any(inside):
                total[inside] += share[inside] * _local_polynomial(
                    sites[own], values[own], query[inside]
                )
    return total


def _local_polynomial(x: NDArray, y: NDArray, query: NDArray) -> NDArray:
    """Barycentric interpolation through the sites nearest to each query point."""
    width = min(STENCIL, len(x))
    first = np.clip(np.searchsorted(x, query) - width // 2, 0, len(x) - width)
    index = first[:, None] + np.arange(width)
    nodes = x[index]
    span = nodes[:, -1:] - nodes[:, :1] if width > 1 else np.ones((len(query), 1))
    differences = (nodes[:, :, None] - nodes[:, None, :]) / span[:, :, None] * 4
    differences[:, np.arange(width), np.arange(width)] = 1.0
    weights = 1 / np.prod(differences, axis=2)
    gap = query[:, None] - nodes
    hit = gap == 0
    gap[hit] = 1.0
    weights = np.where(np.any(hit, axis=1)[:, None], hit, weights / gap)
    return np.sum(weights * y[index], axis=1) / np.sum(weights, axis=1)


def _assemble(
    problem: Problem,
    x: NDArray,
    rtol: float,
    edges: NDArray,
    values: NDArray,
    parts: dict[str, NDArray],
    notes: dict[str, Any],
    work: _Work,
) -> Profile:
    """Profile, strip and status from the converged values."""
    bounds = {name: SAFETY * (np.abs(d) + ERROR_FLOOR * np.max(np.abs(d[: len(x)])))
              for name, d in parts.items()}
    error = sum(bounds.values())[: len(x)]
    j_y = values[: len(x)].copy()
    for position, height in problem.jumps:
        at = x == position
        j_y[at] = -np.sign(height * problem.mass) * np.inf
        error[at] = 0.0
    shape = (len(edges) - 1, STRIP_NODES)
    t, w = leggauss(STRIP_NODES)
    transform = (legvander(t, STRIP_NODES - 1) * w[:, None]).T * (
        np.arange(STRIP_NODES)[:, None] + 0.5
    )

    def series(nodes: NDArray) -> NDArray:
        return nodes[len(x):].reshape(shape) @ transform.T

    strip = Strip(
        edges, series(values), np.zeros(len(edges) - 1),
        indicators=tuple(SAFETY * series(d) for d in parts.values()),
    )
    largest = float(np.max(error, initial=0.0)) / problem.current_scale
    status = "converged"
    if largest > rtol:
        worst = max(bounds, key=lambda name: float(np.max(bounds[name][: len(x)])))
        status = (
            f"not converged: the estimated error is {largest:.1e} of the current scale instead of "
            f"{rtol:.1e}; most of it from the {worst}"
        )
        warnings.warn(status, AccuracyWarning, stacklevel=3)
    details = notes | {
        "solver": "sparse" if work.solver == "sparse" else "tridiagonal",
        "diagonalisations": work.diagonalisations,
        "eigen_seconds": work.eigen_seconds,
    }
    return Profile(x, j_y, error, status, "states", problem, rtol, strip, details)
