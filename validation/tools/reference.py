r"""An independent reference for j_y(x), its integrals and j(x, p_y): real (p, ω), constant slices.

.. math:: j_y(x) = \frac{1}{π^2}\int_0^∞dp\int_0^∞dω\,\frac{Δ}{M}\,\Re\,\mathrm{tr}\,σ_yG,
          \qquad E = ε_F + iω,\; M = \sqrt{Δ^2 + p^2}

is summed by halving cells of the plain quarter plane (`cubature`), at T > 0 frequency by frequency
up to one beyond which Euler and Maclaurin's formula gives the rest. It has nothing in common with
the engines: no contour, no Riccati equation, no panels. U that is constant between jumps is exact,
and so is Δ, of both signs of p then (`wall_slices`), hard walls among the ends.
Smooth U is cut into slices of its mean, and again into three and five times as many; all three are
extrapolated to no width, and the last two tell what is left. A point x of
smooth U is the mean over the slice in whose middle it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from cubature import Cubature, integrate
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from slices import Asked, Slices, traces
from wall_slices import WallSlices, wall_traces

from dirac1d import Problem, SharpStep, SumPotential

#: Frequencies that are summed one by one, and Chebyshev nodes of the derivatives that Euler and
#: Maclaurin's formula takes behind them: 1e-11 of j₀ was left with 8.
EXPLICIT, CHEBYSHEV = 12, 16
#: Coefficients behind the sum: Σ h f = ∫ f + h²f′/24 - 7h⁴f‴/5760 + 31h⁶f⁽⁵⁾/967680.
MIDPOINT = {1: 1 / 24, 3: -7 / 5760, 5: 31 / 967680}
#: Gauss nodes of a slice's mean.
MEAN_NODES = 8
#: Slices per length on which U or a wave varies, and into how many parts each is cut: odd numbers,
#: so that the middle of a slice remains one.
DENSITY, PARTS = 3.0, (1, 3, 5)
#: Part of the range of U below which its tails are cut off.
TAIL = 1e-9
#: The change by the last extrapolation is exceeded by up to 2.2 where slices are coarse.
SLICING_SAFETY = 4.0
#: Slices at the first refinement beyond which the work is refused.
MOST_SLICES = 400


@dataclass(frozen=True)
class Reference:
    """Values (asked,), a bound on the error of each, and contour nodes spent."""

    value: NDArray
    error: NDArray
    nodes: int


def current(
    problem: Problem, asked: list[Asked], tolerance: float, *, order: int = 7, scale: float = 1.0,
    density: float = DENSITY, budget: int = 400_000,
) -> Reference:
    """j_y at points, or ∫ j_y dx between points.

    Parameters
    ----------
    problem : Problem
    asked : list of Asked
        Ends of integrals may be infinite where there are leads.
    tolerance : float
        Absolute, for a point; an integral is computed to that times the shorter of its length and
        1/|Δ|.
    order, scale, density, budget
        Gauss nodes per side, factor on the plane's scale, slices per length, most nodes: the answer
        must not depend on them.

    Returns
    -------
    Reference
    """
    value, error, nodes = np.zeros(len(asked)), np.zeros(len(asked)), 0
    # A point in whose neighbourhood U varies has slices of its own, in whose middle it is.
    own = [i for i, q in enumerate(asked) if q.at_point and _varies(problem, q.x_left)]
    groups = [[i] for i in own] + [[i for i in range(len(asked)) if i not in own]]
    length = 1 / problem.gap
    for group in filter(None, groups):
        part = [asked[i] for i in group]
        allowed = tolerance * np.array([
            1.0 if q.at_point else min(q.x_right - q.x_left, length) for q in part
        ])
        found = _extrapolated(problem, part, allowed, (order, scale, density, budget))
        value[group], error[group], nodes = found.value, found.error, nodes + found.nodes
    return Reference(value, error, nodes)


def _extrapolated(
    problem: Problem, asked: list[Asked], allowed: NDArray, options: tuple
) -> Reference:
    """From one set of slices if U is constant on them, else from three."""
    order, scale, density, budget = options
    levels = sliced(problem, asked, density)
    if len(levels) == 1:
        (slices, _), = levels
        sums = _plane(problem, slices, asked, allowed, order, scale, budget)
        return Reference(sums.value, sums.error, sums.nodes)
    values, noise, nodes = [], np.zeros(len(asked)), 0
    for slices, cells in levels:
        widths = np.array([
            1.0 if q.at_point == c.at_point else c.x_right - c.x_left
            for c, q in zip(cells, asked, strict=True)
        ])
        sums = _plane(problem, slices, cells, allowed / 4 * widths, order, scale, budget)
        values.append(sums.value / widths)
        noise, nodes = noise + sums.error / widths, nodes + sums.nodes
    best, last = _at_zero(values, PARTS), _at_zero(values[1:], PARTS[1:])
    return Reference(best, SLICING_SAFETY * np.abs(best - last) + noise, nodes)


def _at_zero(values: list[NDArray], parts: tuple[int, ...]) -> NDArray:
    """c₀ of c₀ + c₂h² + c₃h³ + … through the values.

    h² is the mean over a slice; h³ is what the logarithm at a jump makes of the sum over slices.
    """
    h = 1.0 / np.array(parts)
    powers = np.stack([h**n for n in (0, *range(2, len(h) + 1))])
    return np.tensordot(np.linalg.solve(powers, np.eye(len(h))[0]), values, 1)


def momentum_resolved(
    problem: Problem, x: NDArray, p: float, tolerance: float
) -> tuple[NDArray, NDArray]:
    """[j(p_y) + j(-p_y)]/2 at T = 0 and its error, for U that is constant between jumps."""
    asked = [Asked(float(v), float(v)) for v in x]
    ((slices, points),) = sliced(problem, asked, DENSITY)
    S = _scale(problem, slices)

    def integrand(chart: NDArray, t: NDArray) -> NDArray:
        t, outer = t[:, 0], chart == 1
        omega = np.where(outer, S / t, S * t)
        weight = np.where(outer, S / t**2, S) / np.pi
        E = problem.fermi_energy + 1j * omega
        return weight * _traces(problem, slices, points, E, np.full(len(E), float(p)))

    found = integrate(integrand, 2, 1, np.full(len(x), tolerance), order=10)
    return found.value, found.error


def charge(problem: Problem, x: NDArray, tolerance: float) -> tuple[NDArray, NDArray]:
    """n(x) at T = 0 and its error, where U and a mass profile are constant between jumps.

    (1/π²) ∫∫ Re [tr G - 2 tr G_B + tr G_B'], -(ε_F + iω - U)/κ of uniform masses √(Δ² + B²), √2 B.
    """
    asked = [Asked(float(v), float(v)) for v in x]
    ((slices, points),) = sliced(problem, asked, DENSITY)
    B2 = _scale(problem, slices) ** 2
    e, mass = (problem.fermi_energy - problem.potential(x))[:, None], problem.mass_at(x)[:, None]

    def excess(E: NDArray, p: NDArray) -> NDArray:
        own = e + (E - problem.fermi_energy)
        square = mass**2 + p * p - own**2
        uniform = 2 * own / np.sqrt(square + B2) - own / np.sqrt(square + 2 * B2)
        return (wall_traces(slices, points, E, p, density=True) + uniform).real

    found = _plane(problem, slices, points, np.full(len(x), tolerance), 7, 1.0, 400_000, excess)
    return found.value, found.error


def _traces(
    problem: Problem, slices: Slices | WallSlices, asked: list[Asked], E: NDArray, p: NDArray
) -> NDArray:
    """Re ½ Σ_± tr σ_yG of H(Δ, ±p) at points, or its integrals."""
    if isinstance(slices, WallSlices):
        return wall_traces(slices, asked, E, p).real
    M = np.hypot(problem.mass, p)
    return problem.mass / M * traces(slices, asked, E, M).real


def piecewise_constant(problem: Problem) -> bool:
    """Whether U, and Δ, have jumps only."""
    return all(
        isinstance(t, SharpStep)
        for q in _shapes(problem) for t in (q.terms if isinstance(q, SumPotential) else (q,))
    )


def _shapes(problem: Problem) -> list:
    """U, and Δ where it is a profile."""
    return [q for q in (problem.potential, problem.mass_profile) if q is not None]


def sliced(
    problem: Problem, asked: list[Asked], density: float
) -> list[tuple[Slices | WallSlices, list[Asked]]]:
    """Slices, and what is to be asked of them: once for jumps only, else three refinements."""
    if not problem.periodic and piecewise_constant(problem):
        edges = np.array(_cuts(problem))
        return [(_slices(problem, edges, lambda U: U((edges[1:] + edges[:-1]) / 2)), asked)]
    base = base_edges(problem, asked, density)
    out = []
    for parts in PARTS:
        cuts = base[:-1, None] + np.diff(base)[:, None] * np.arange(parts) / parts
        edges = np.append(cuts.ravel(), base[-1])
        cells = [
            _cell(q, edges) if q.at_point and _varies(problem, q.x_left) else q for q in asked
        ]
        out.append((_slices(problem, edges, lambda U, edges=edges: _means(U, edges)), cells))
    return out


def _slices(
    problem: Problem, edges: NDArray, values: Callable[[Any], NDArray]
) -> Slices | WallSlices:
    """Slices on which U, and Δ, have these values."""
    U, mass = values(problem.potential), problem.mass_profile
    if mass is None:
        own = problem.potential
        return Slices(edges, U, None if problem.periodic else (own.left, own.right))
    leads = (problem.U_L, problem.mass_left), (problem.U_R, problem.mass_right)
    ends = tuple(
        lead if wall is None else (wall.R,)
        for lead, wall in zip(leads, problem.hard_walls, strict=True)
    )
    return WallSlices(edges, U, values(mass), ends)


def _cuts(problem: Problem) -> list[float]:
    """Where U or Δ jump or have a kink, between hard walls, and these."""
    left, right = problem.hard_walls
    low = -np.inf if left is None else left.position
    high = np.inf if right is None else right.position
    places = {b for q in _shapes(problem) for b in getattr(q, "breakpoints", ())}
    walls = {v for v in (low, high) if np.isfinite(v)}
    return sorted({b for b in places if low < b < high} | walls)


def base_edges(problem: Problem, asked: list[Asked], density: float) -> NDArray:
    """The coarsest edges: equal slices with the point in the middle of one; or through all kinks.

    Raises
    ------
    ValueError
        If what is asked of a periodic problem does not lie within one period, or a point where U
        varies is asked for beside a jump or another point, or there would be too many slices, or a
        hard wall ends a U that varies: its slices converge to first order only.
    """
    if any(problem.hard_walls):
        raise ValueError("between hard walls U and Δ must be constant between jumps")
    start, stop, h = _extent(problem, asked, density)
    if (stop - start) / h > MOST_SLICES:
        raise ValueError(f"{(stop - start) / h:.0f} slices are too many, allowed: {MOST_SLICES}")
    if any(q.at_point and _varies(problem, q.x_left) for q in asked):
        if len(asked) > 1 or problem.jumps or problem.mass_jumps:
            raise ValueError(f"one point of a U without jumps at a time, got {asked}")
        if problem.periodic:
            return np.linspace(start, stop, round((stop - start) / h) + 1)
        x = asked[0].x_left
        before, after = np.ceil((x - start) / h + 0.5), np.ceil((stop - x) / h + 0.5)
        return x + h * (np.arange(-before, after + 1) + 0.5)
    ends = [v for q in asked if not q.at_point for v in (q.x_left, q.x_right) if np.isfinite(v)]
    fixed = sorted({start, stop, *_cuts(problem), *ends})
    if problem.periodic and fixed[-1] > stop:
        raise ValueError(f"asked for {asked}: must lie within one period")
    pieces = [
        np.linspace(a, b, int(np.ceil((b - a) / h)) + 1)[:-1]
        for a, b in itertools.pairwise(fixed)
    ]
    return np.append(np.concatenate(pieces), fixed[-1])


def _varies(problem: Problem, x: float) -> bool:
    """Whether U is cut into slices at x."""
    if problem.periodic:
        return True
    if piecewise_constant(problem):
        return False
    start, stop, _ = _extent(problem, [], DENSITY)
    return start < x < stop


def _extent(problem: Problem, asked: list[Asked], density: float) -> tuple[float, float, float]:
    """Where U or Δ vary, or one period of it, and the width of the slices there."""
    U, shapes = problem.potential, _shapes(problem)
    E = problem.fermi_energy - _extremes(problem, U)
    wave = np.sqrt(max(float(np.max(E**2)) - _smallest_gap(problem) ** 2, 0.0)) + 2 * problem.gap
    h = min(*(q.length_scale for q in shapes), 1 / wave) / density
    if problem.periodic:
        h = U.period / np.ceil(U.period / h)
        start = min((q.x_left for q in asked), default=0.0)
        start -= h / 2 if any(q.at_point for q in asked) else 0.0
        return start, start + U.period, h
    ends = []
    for q in shapes:
        size = max(float(np.ptp(_extremes(problem, q))), 1e-3 * problem.gap)
        ends.append(q.support(TAIL * size))
    return min(a for a, _ in ends), max(b for _, b in ends), h


def _smallest_gap(problem: Problem) -> float:
    """A |Δ| that no wave at ε_F is slower for: the constant one, or none."""
    return abs(problem.mass) if problem.mass_profile is None else 0.0


def _extremes(problem: Problem, shape: Any) -> NDArray:
    """The largest and the smallest value of U or Δ, nearly."""
    if problem.periodic:
        values = shape(np.linspace(0, shape.period, 257))
    else:
        size = max(abs(shape.right), abs(shape.left), problem.gap)
        a, b = shape.support(1e-6 * size)
        steps = [v for x in shape.breakpoints for v in shape.limits(x)]
        values = np.concatenate(
            (shape(np.linspace(a, b, 2001)), steps, [shape.left, shape.right]))
    return np.array([values.min(), values.max()])


def _cell(q: Asked, edges: NDArray) -> Asked:
    """The slice in whose middle the point is."""
    i = int(np.searchsorted(edges, q.x_left, side="right")) - 1
    return Asked(float(edges[i]), float(edges[i + 1]))


def _means(shape: Any, edges: NDArray) -> NDArray:
    t, w = np.polynomial.legendre.leggauss(MEAN_NODES)
    half = np.diff(edges)[:, None] / 2
    return shape(edges[:-1, None] + half * (1 + t)) @ w / 2


def _scale(problem: Problem, slices: Slices | WallSlices) -> float:
    """Energy beyond which nothing of ω or p is singular."""
    if isinstance(slices, WallSlices):
        U = slices.layers()[2]
    else:
        U = np.concatenate((slices.U, slices.leads or ()))
    return problem.gap + float(np.max(np.abs(problem.fermi_energy - U)))


def _plane(
    problem: Problem, slices: Slices | WallSlices, asked: list[Asked], tolerance: NDArray,
    order: int, scale: float, budget: int, integrand: Callable | None = None,
) -> Cubature:
    """(1/π²) ∫dp ∫dω (Δ/M) Re tr σ_yG, or the sum over frequencies; or another `integrand`."""
    first = 2 * np.pi * problem.temperature * EXPLICIT
    S = max(scale * _scale(problem, slices), 2 * first)

    def weighted(weight: NDArray, omega: NDArray, p: NDArray) -> NDArray:
        E = problem.fermi_energy + 1j * omega
        found = integrand(E, p) if integrand else _traces(problem, slices, asked, E, p)
        return weight / np.pi**2 * found

    def plane(chart: NDArray, t: NDArray) -> NDArray:
        # A square up to S, and beyond it two wedges in 1/p and ω/p, and in 1/ω and p/ω: both at
        # once, for what an integral that ends at a hard wall has there is odd under their exchange,
        # (p² - ω²)/(p² + ω²)², and converges in no other way.
        t, y = t.T
        inner, rho = chart == 0, S / t
        p = np.where(inner, S * t, rho)
        omega = np.where(inner, first + (S - first) * y, first + y * (rho - first))
        slope = np.where(inner, S * (S - first), S / t**2 * (rho - first))
        found = weighted(slope, omega, p)
        if not np.all(inner):
            t, y, rho = (q[~inner] for q in (t, y, rho))
            found[:, ~inner] += weighted(S / t**2 * rho, rho, rho * y)
        return found

    rest = integrate(plane, 2, 2, tolerance / 2, order=order, budget=budget)
    rest = replace(rest, value=rest.value + np.array([_at_walls(problem, q) for q in asked]))
    if problem.temperature == 0:
        return _known(rest)
    frequencies, weights = _frequencies(problem.temperature)

    def line(chart: NDArray, t: NDArray) -> NDArray:
        t, outer, k = t[:, 0], chart % 2 == 1, chart // 2
        p, slope = np.where(outer, S / t, S * t), np.where(outer, S / t**2, S)
        return weighted(slope * weights[k], frequencies[k], p)

    single = integrate(
        line, 2 * len(frequencies), 1, tolerance / 2, order=order + 3, start=2, budget=budget
    )
    return _known(Cubature(
        rest.value + single.value, rest.error + single.error, rest.nodes + single.nodes,
        rest.converged and single.converged,
    ))


def _at_walls(problem: Problem, asked: Asked) -> float:
    """What an integral that ends at a hard wall has and the integral of its closed form has not.

    To first order in e = ε_F - U the trace at a distance d from a wall is
    -iRE e^{-2κd}/κ, E = e + iω, κ = ρ - ieω/ρ, ρ² = p² + ω². Its integral over d up to the wall is
    odd under p ↔ ω. What the exponent's e adds vanishes with d at every (p, ω), but not summed over
    the plane: R e/8π, half of what the wall adds to SR Eq. (12).
    """
    if asked.at_point or not any(problem.hard_walls):
        return 0.0
    ends = zip(problem.hard_walls, (problem.U_L, problem.U_R), strict=True)
    return sum(
        wall.R * (problem.fermi_energy - U) / (8 * np.pi)
        for wall, U in ends
        if wall is not None and asked.x_left <= wall.position <= asked.x_right
    )


def _known(sums: Cubature) -> Cubature:
    """Nothing is claimed of a sum that ran out of nodes: its bound was 2.6 times too small once."""
    if sums.converged:
        return sums
    return replace(sums, error=np.full_like(sums.error, np.inf))


def _frequencies(T: float) -> tuple[NDArray, NDArray]:
    """ω and weights whose sum is the frequencies' less the integral from 2πT·EXPLICIT on."""
    h = 2 * np.pi * T
    omega = h * (np.arange(EXPLICIT) + 0.5)
    a, half = h * EXPLICIT, h * EXPLICIT / 2
    t = chebyshev.chebpts1(CHEBYSHEV)
    to_coefficients = np.linalg.inv(chebyshev.chebvander(t, CHEBYSHEV - 1))
    weights = np.zeros(CHEBYSHEV)
    for k, factor in MIDPOINT.items():
        at_middle = np.array([
            chebyshev.chebval(0.0, chebyshev.chebder(row, k)) for row in np.eye(CHEBYSHEV)
        ])
        weights += factor * h ** (k + 1) / half**k * (at_middle @ to_coefficients)
    return np.concatenate((omega, a + half * t)), np.concatenate((np.full(EXPLICIT, h), weights))
