"""Problems drawn by a seed: of every kind alike, and hostile ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reference import DENSITY, sliced
from slices import levels

from dirac1d import (
    Cell,
    CosinePotential,
    Disc,
    ErfStep,
    GaussianBump,
    GaussianDot,
    HardWall,
    LinearRamp,
    Problem,
    SharpStep,
    SmoothDisc,
    Strip,
    TabulatedPotential,
    TanhStep,
    disorder,
)

#: Positions of each problem.
POINTS = 20
#: Plane waves to either side of zero: of those at |E| < A + 2 nothing is left there.
PLANE_WAVES = 100
#: Largest amplitude of a cosine over |Δ|, and range of its wavenumber over |Δ|.
AMPLITUDE, WAVENUMBERS = 6.0, (0.1, 15.0)

Drawn = tuple[Problem, NDArray, float]


def random_problem(rng: np.random.Generator) -> Drawn:
    """A problem with a step, positions and an rtol."""
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


def random_circle(rng: np.random.Generator) -> Drawn:
    """A circle of any size and depth, smooth or with an edge, the Fermi energy anywhere."""
    mass = 10 ** rng.uniform(-0.5, 0.5) * rng.choice([-1, 1])
    gap = abs(mass)
    radius = 10 ** rng.uniform(np.log10(0.05), 2) / gap
    depth = gap * rng.uniform(0.1, 6) * rng.choice([-1, 1])
    shape = rng.choice(["disc", "dot", "smooth", "sum"], p=[0.15, 0.35, 0.35, 0.15])
    if shape == "disc":
        U = Disc(depth, radius)
    elif shape == "dot":
        U = GaussianDot(depth, radius)
    else:
        U = SmoothDisc(depth, radius, radius * 10 ** rng.uniform(-1, 0))
        if shape == "sum":
            U = U + GaussianDot(rng.uniform(-1, 1) * gap, radius * rng.uniform(0.3, 2))
    energy = rng.uniform(min(depth, 0) - 2 * gap, max(depth, 0) + 2 * gap)
    temperature = 0.0 if rng.random() < 0.5 else gap * 10 ** rng.uniform(-3, 0)
    r = np.sort(rng.uniform(0, 10 ** rng.uniform(-1, 0.5), size=POINTS)) * radius
    return Problem(U, mass, energy, temperature), np.unique(r), 10 ** rng.uniform(-5, -2)


#: Parts of the circles of mass in no potential, and in massless surroundings.
FLAT, MASSLESS = 0.3, 0.1


def random_ring(rng: np.random.Generator) -> Drawn:
    """A circle whose mass varies, of one sign or both, in no potential or another circle's."""
    gap = 10 ** rng.uniform(-0.5, 0.5)
    radius = 10 ** rng.uniform(-1, 1.3) / gap
    outside = gap * rng.uniform(0.2, 1) * rng.choice([-1, 1])
    centre = gap * rng.uniform(-1, 1)
    if rng.random() < MASSLESS:
        outside = 0.0
    mass = _circle(rng, centre - outside, radius, outside)
    U = 0.0 if rng.random() < FLAT else _circle(
        rng, gap * rng.uniform(-2, 2), radius * rng.choice([1.0, rng.uniform(0.5, 2)]), 0.0)
    lo, hi = (0.0, 0.0) if U == 0.0 else sorted((U.centre, 0.0))
    energy = rng.uniform(lo - 1.5 * gap, hi + 1.5 * gap)
    temperature = 0.0 if rng.random() < 0.5 else gap * 10 ** rng.uniform(-2, 0)
    r = np.sort(rng.uniform(0, 10 ** rng.uniform(-0.5, 0.3), size=POINTS // 2)) * radius
    return Problem(U, mass, energy, temperature), np.unique(r), 10 ** rng.uniform(-5, -2)


def _circle(rng: np.random.Generator, height: float, radius: float, outside: float) -> Any:
    """A disc, sharp or smooth, or a dot."""
    shape = rng.choice(["disc", "dot", "smooth"], p=[0.15, 0.4, 0.45])
    if shape == "disc":
        return Disc(height, radius, outside)
    if shape == "dot":
        return GaussianDot(height, radius, outside)
    return SmoothDisc(height, radius, radius * 10 ** rng.uniform(-0.8, 0), outside)


def random_map(rng: np.random.Generator) -> Drawn:
    """A small cell or strip of random U(x, y), in the gap or in bands, cold or warm; loosely.

    In bands at T = 0 strips only: a cell's levels are sharp there.
    """
    mass = 10 ** rng.uniform(-0.3, 0.3) * rng.choice([-1, 1])
    gap, strip, regime = abs(mass), rng.random() < 0.5, rng.choice(["gap", "warm", "band"])
    lengths = rng.uniform(1.5, 5.0, size=2) / gap
    rms = gap * (rng.uniform(0.05, 0.25) if regime == "gap" else 10 ** rng.uniform(-1, 0.1))
    cell = disorder(rms, rng.uniform(0.6, 1.5) / gap, tuple(lengths), int(rng.integers(10**6)))
    energy = gap * rng.uniform(-0.1, 0.1) if regime == "gap" else gap * rng.uniform(-2, 2)
    temperature = gap * 10 ** rng.uniform(-1.3, 0.0) if regime == "warm" else 0.0
    U = cell
    if strip:
        left, right = gap * rng.uniform(-0.2, 0.2, size=2) * (1 if regime == "gap" else 4)
        half, width = lengths[0] / 2, 0.3 / gap

        def rough(x: NDArray, y: NDArray) -> NDArray:
            window = (np.tanh((x + half) / width) - np.tanh((x - half) / width)) / 2
            return (left + right) / 2 + (right - left) / 2 * np.tanh(x * gap) + window * cell(x, y)

        U = Strip(rough, lengths[1], left, right)
    elif regime == "band":
        temperature = 0.05 * gap
    x = np.sort(rng.uniform(-0.5, 0.5, size=4)) * lengths[0]
    rtol = 10 ** (rng.uniform(-2.0, -1.0) if regime == "band" else rng.uniform(-4, -1.5))
    return Problem(U, mass, energy, temperature), x, rtol


#: Parts of the mosaics that are strips, whose strips know x alone, that are flat, whose mass has
#: one sign, and whose one lead has no gap.
STRIPS, STRAIGHT, FLAT, ONE_SIGN, GAPLESS_LEAD = 0.65, 0.35, 0.25, 0.3, 0.15


def random_mosaic(rng: np.random.Generator) -> Drawn:
    """A cell or strip whose mass varies: domains of either sign, rough walls, U flat or rough.

    In the gap at T = 0, warm, and strips in bands at T = 0; strips of x alone are lines.
    """
    gap = 10 ** rng.uniform(-0.3, 0.3)
    one_sign, flat = rng.random() < ONE_SIGN, rng.random() < FLAT
    lengths = tuple(rng.uniform(1.5, 3.5, size=2) / gap)
    mass, U = (disorder(1.0, rng.uniform(0.7, 1.5) / gap, lengths, int(rng.integers(10**6)))
               for _ in range(2))
    mean, rms = gap * rng.choice([-1, 1]) * (1.0 if one_sign else rng.uniform(0, 0.5)), 0.2 * gap
    if not one_sign:
        rms = gap * rng.uniform(0.4, 0.8)
    height = gap * (rng.uniform(0.05, 0.25) if one_sign else 10 ** rng.uniform(-1, 0))
    energy = gap * (rng.uniform(-0.1, 0.1) if one_sign else rng.uniform(-1.5, 1.5))
    temperature = 0.0 if one_sign else gap * 10 ** rng.uniform(-1.2, 0.0)
    strip, rtol = rng.random() < STRIPS, 10 ** rng.uniform(-2.7, -1.2)
    x = np.sort(rng.uniform(-0.5, 0.5, size=4)) * lengths[0]
    if not strip:
        return Problem(0.0 if flat else height * U, mean + rms * mass, energy, temperature), x, rtol
    if rng.random() < 0.2 and not one_sign:
        temperature, rtol = 0.0, max(rtol, 1e-2)
    straight, ends = rng.random() < STRAIGHT, mean + rms * rng.uniform(-1, 1, size=2)
    if rng.random() < GAPLESS_LEAD and not one_sign:
        ends[rng.integers(2)] = 0.0
    leads = height * rng.uniform(-1, 1, size=2)
    fields = (_between(rng, *two, lengths, size * cell, straight)
              for two, size, cell in ((leads, height, U), (ends, rms, mass)))
    U, mass = fields
    return Problem(0.0 if flat else U, mass, energy, temperature), x, rtol


def _between(
    rng: np.random.Generator, left: float, right: float, lengths: tuple[float, float], cell: Cell,
    straight: bool,
) -> Strip:
    """A strip of a cell's piece between two leads, of a rough border; or of its cut along x."""
    width, at, half = rng.uniform(0.2, 0.4) * lengths[0], rng.uniform(-0.2, 0.2), lengths[0] / 2
    rough, phase = 0.15 * lengths[0] * rng.normal(), rng.uniform(0, 2 * np.pi)

    def field(x: NDArray, y: NDArray) -> NDArray:
        y = 0 * y if straight else y
        border = at * lengths[0] + rough * np.cos(2 * np.pi * y / lengths[1] - phase)
        window = (np.tanh((x + half) / width) - np.tanh((x - half) / width)) / 2
        return (left + right) / 2 + (right - left) / 2 * np.tanh((x - border) / width) + (
            window * cell(x, y))

    return Strip(field, lengths[1], left, right)


#: Parts of the walls' problems whose U and Δ have jumps only, that end at hard walls, whose one
#: lead has no gap, and that have no potential.
SHARP_ONLY, HARD, GAPLESS, NO_POTENTIAL = 0.5, 0.35, 0.15, 0.3


def random_wall(rng: np.random.Generator) -> Drawn:
    """A mass that varies, between leads, at an edge or across a ribbon; U flat, sharp or smooth.

    Sharp and smooth, of one sign and of both, a gapless lead, the Fermi energy anywhere.
    """
    gap, sharp = 10 ** rng.uniform(-0.5, 0.5), rng.random() < SHARP_ONLY
    ends = gap * rng.uniform(0.2, 1, size=2) * rng.choice([-1, 1], size=2)
    if rng.random() < GAPLESS:
        ends[rng.integers(2)] = 0.0
    mass = _profile(rng, *ends, gap, sharp)
    hard = rng.random() < HARD
    if hard and rng.random() < 0.5:
        mass = float(ends[0])
    U = 0.0 if rng.random() < NO_POTENTIAL else _profile(
        rng, *gap * rng.uniform(-2, 2, size=2), gap, sharp)
    if hard:
        sides = ["left"], ["right"], ["left", "right"]
        half = rng.uniform(0.5, 3, size=2) / gap * [-1, 1]
        for side in sides[rng.integers(3)]:
            mass = mass + HardWall(half[int(side == "right")], int(rng.choice([-1, 1])), side)
    elif U != 0.0 and rng.random() < 0.1:  # a profile that does not vary must give the same
        mass = SharpStep(ends[0] or gap, ends[0] or gap)
    reach = 10 ** rng.uniform(-0.5, 0.7) / gap
    problem = Problem(U, mass)
    left, right = problem.hard_walls
    low = -reach if left is None else max(-reach, left.position)
    high = reach if right is None else min(reach, right.position)
    x = np.sort(rng.uniform(low, high, size=POINTS // 2))
    lo, hi = sorted((problem.U_L, problem.U_R))
    energy = rng.uniform(lo - 2 * gap, hi + 2 * gap)
    temperature = 0.0 if rng.random() < 0.5 else gap * 10 ** rng.uniform(-2, 0)
    return replace(problem, fermi_energy=energy, temperature=temperature), x, \
        10 ** rng.uniform(-5, -2)


def _profile(
    rng: np.random.Generator, left: float, right: float, gap: float, sharp: bool
) -> Any:
    """A step between two values, with a second one beside it or a bump at times."""
    place, width = rng.normal() / gap, 10 ** rng.uniform(-1, 0.7) / gap
    if sharp:
        shape = SharpStep(left, right, place)
        if rng.random() < 0.4:
            beside = place + rng.normal() * 2 / gap
            change = gap * rng.uniform(-1, 1)
            shape = SharpStep(left, right - change, place) + SharpStep(0.0, change, beside)
        return shape
    kind = rng.choice(["tanh", "erf", "ramp", "sum"])
    if kind == "erf":
        return ErfStep(left, right, width, place)
    if kind == "ramp":
        return LinearRamp(left, right, width, place)
    shape = TanhStep(left, right, width, place)
    bump = GaussianBump(gap * rng.uniform(-1, 1), width * rng.uniform(0.5, 2), place)
    return shape + bump if kind == "sum" else shape


def random_cosine(rng: np.random.Generator) -> Drawn:
    """A cosine of any strength, the Fermi energy anywhere; loose tolerances too."""
    mass = 10 ** rng.uniform(-0.5, 0.5) * rng.choice([-1, 1])
    gap = abs(mass)
    amplitude = gap * 10 ** rng.uniform(-1, np.log10(AMPLITUDE)) * rng.choice([-1, 1])
    q = gap * 10 ** rng.uniform(*np.log10(WAVENUMBERS))
    U = CosinePotential(amplitude, q, rng.normal())
    energy = rng.uniform(-1, 1) * (abs(amplitude) + 3 * gap)
    temperature = 0.0 if rng.random() < 0.5 else gap * 10 ** rng.uniform(-4, 0)
    x = np.sort(U.position + U.period * rng.uniform(-1, 1, size=POINTS))
    return Problem(U, mass, energy, temperature), x, 10 ** rng.uniform(-5, -2)


def random_lead_edge(rng: np.random.Generator) -> Drawn:
    """ε_F beside a lead's band edge, at times with a well or a bump between the leads."""
    problem, _, _ = random_problem(rng)
    U, kind = problem.potential, rng.choice(["step", "bump beside", "bump alone"])
    gap = abs(problem.mass)
    if kind != "step":
        bump = GaussianBump(gap * rng.uniform(-6, 6), 10 ** rng.uniform(-1, 0.6) / gap)
        U = bump if kind == "bump alone" else U + bump
    edge = _edge_of_a_lead(rng, U, gap)
    beside = gap * rng.choice([-1, 1]) * 10 ** rng.uniform(-5, -0.7)
    temperature = 0.0 if rng.random() < 0.7 else gap * 10 ** rng.uniform(-5, -1)
    x = np.sort(rng.uniform(-2, 2, size=3)) / gap
    return replace(problem, potential=U, fermi_energy=edge + float(beside),
                   temperature=temperature), x, 10 ** rng.uniform(-6, -2)


def random_sharp(rng: np.random.Generator, most: int = 5) -> Problem:
    """One to a few sharp steps, which the reference has exactly."""
    mass = 10 ** rng.uniform(-1, 0.5) * rng.choice([-1, 1])
    gap = abs(mass)
    U = SharpStep(*rng.uniform(-2, 2, size=2) * gap, rng.normal())
    for _ in range(int(rng.integers(0, most))):
        U = U + SharpStep(0.0, rng.uniform(-3, 3) * gap, rng.normal() * 3 / gap)
    lo, hi = sorted((U.left, U.right))
    temperature = 0.0 if rng.random() < 0.6 else gap * 10 ** rng.uniform(-3, 0)
    return Problem(U, mass, rng.uniform(lo - 2 * gap, hi + 2 * gap), temperature)


def ends_of_integrals(rng: np.random.Generator, problem: Problem, count: int) -> NDArray:
    """Pairs (from, to): beside jumps, on them, far out, infinite; shape (count, 2)."""
    length = 1 / problem.gap
    left, right = problem.hard_walls
    low = -np.inf if left is None else left.position
    high = np.inf if right is None else right.position
    walls = [v for v in (low, high) if np.isfinite(v)]
    jumps = [p for p, _ in (*problem.jumps, *problem.mass_jumps)]
    places = [*jumps, *walls] or [getattr(problem.potential, "position", 0.0)]
    pairs = []
    while len(pairs) < count:
        ends = []
        for _ in range(2):
            near = float(rng.choice(places))
            kind = rng.choice(["jump", "beside", "far", "infinite"], p=[0.2, 0.35, 0.3, 0.15])
            ends.append({
                "jump": near,
                "beside": near + rng.choice([-1, 1]) * length * 10 ** rng.uniform(-7, -0.5),
                "far": near + rng.uniform(-5, 5) * length,
                "infinite": np.inf * rng.choice([-1, 1]),
            }[str(kind)])
        a, b = sorted(ends)
        # Beyond hard walls there is nothing.
        if max(a, low) < min(b, high):
            pairs.append((a, b))
    return np.array(pairs)


def hostile_problem(rng: np.random.Generator) -> Drawn:
    """What is hard for an integrator: levels and edges at the Fermi energy, two scales, …"""
    family = HOSTILE[int(rng.integers(len(HOSTILE)))]
    problem = family(rng)
    if rng.random() < 0.25:
        problem = replace(problem, temperature=10 ** rng.uniform(-6, -1))
    if problem.periodic:
        x = problem.potential.period * rng.uniform(-1, 1, size=POINTS)
    else:
        places = [*problem.potential.breakpoints, *problem.potential.support(1e-2)]
        near = rng.choice(places, size=POINTS)
        x = near + rng.choice([-1, 1], size=POINTS) * 10 ** rng.uniform(-2, 1, size=POINTS)
    return problem, np.unique(x), 10 ** rng.uniform(-6, -2)


def _near(rng: np.random.Generator) -> float:
    """1e-2 … 1e-10, of either sign."""
    return float(rng.choice([-1, 1]) * 10 ** rng.uniform(-10, -2))


def _well(rng: np.random.Generator) -> Problem:
    """A well of sharp steps, or two barriers; ε_F beside a level or a resonance."""
    width, depth = 10 ** rng.uniform(-0.3, 1.5), rng.uniform(0.3, 4) * rng.choice([-1, 1])
    U = SharpStep(0.0, -depth, -width / 2) + SharpStep(0.0, depth, width / 2)
    if rng.random() < 0.5:
        wall = rng.uniform(0.2, 2)
        U = U + SharpStep(0.0, depth, -width / 2 - wall) + SharpStep(0.0, -depth, width / 2 + wall)
    problem = Problem(U + SharpStep(0.0, rng.uniform(-0.5, 0.5), width), 1.0)
    return _at_level(rng, problem)


def _at_level(rng: np.random.Generator, problem: Problem) -> Problem:
    p = float(rng.choice([0.0, 10 ** rng.uniform(-3, 0)]))
    M = float(np.hypot(problem.mass, p))
    try:
        slices = sliced(problem, [], DENSITY)[0][0]
        found = levels(slices, M, float(np.min(slices.U)) - M, float(np.max(slices.U)) + M)
    except ValueError:  # too long for the reference: beside the band edge
        found = []
    energy = float(rng.choice(found)) if len(found) else problem.U_L + M
    return replace(problem, fermi_energy=energy + _near(rng))


def _smooth_well(rng: np.random.Generator) -> Problem:
    """The same of tanh steps, or of a table: the level is known to a few digits only."""
    half, w = 10 ** rng.uniform(0, 1), 10 ** rng.uniform(-1, 0.3)
    depth = rng.uniform(0.3, 3) * rng.choice([-1, 1])
    U = TanhStep(0.0, -depth, w, -half) + TanhStep(0.0, depth, w, half)
    if rng.random() < 0.3:
        z = np.array([-1.5, -1.1, -0.9, -0.3, 0.3, 0.9, 1.1, 1.5]) * half
        U = TabulatedPotential(z, -depth * np.array([0, 0.1, 0.9, 1, 1, 0.9, 0.1, 0]))
    return _at_level(rng, Problem(U, 1.0))


def _lead_edge(rng: np.random.Generator) -> Problem:
    """ε_F beside a lead's band edge."""
    problem, _, _ = random_problem(rng)
    gap = abs(problem.mass)
    edge = _edge_of_a_lead(rng, problem.potential, gap)
    return replace(problem, fermi_energy=edge + gap * _near(rng), temperature=0.0)


def _edge_of_a_lead(rng: np.random.Generator, U: Any, gap: float) -> float:
    """One of both leads' four band edges."""
    return float(rng.choice([U.left, U.right]) + rng.choice([-1, 1]) * gap)


def _symmetric(rng: np.random.Generator) -> Problem:
    """Leads symmetric about ε_F."""
    V, w = rng.uniform(0.2, 4), 10 ** rng.uniform(-2, 1)
    return Problem(TanhStep(-V, V, w), 1.0, float(rng.choice([0.0, _near(rng)])))


def _two_gaps(rng: np.random.Generator) -> Problem:
    """A step of 2Δ ± δ: the band of one lead ends where that of the other begins."""
    V = 1 + _near(rng)
    U = SharpStep(-V, V) if rng.random() < 0.3 else TanhStep(-V, V, 10 ** rng.uniform(-2, 1))
    return Problem(U, 1.0, float(rng.choice([0.0, _near(rng), V - 1])))


def _two_scales(rng: np.random.Generator) -> Problem:
    """An abrupt part in a gradual one, 1e4 times as short."""
    w = 10 ** rng.uniform(-0.5, 0.5)
    U = TanhStep(-1.0, 1.0, w) + TanhStep(0.0, rng.uniform(-2, 2), 1e-4 * w, rng.normal() * w)
    return Problem(U, 1.0, rng.uniform(-3, 3))


def _many_steps(rng: np.random.Generator) -> Problem:
    """Ten to thirty sharp steps."""
    U = SharpStep(0.0, rng.uniform(-1, 1))
    for place in np.cumsum(10 ** rng.uniform(-2, 0.3, size=int(rng.integers(10, 30)))):
        U = U + SharpStep(0.0, rng.uniform(-1, 1), float(place))
    return Problem(U, 1.0, rng.uniform(-3, 3))


def _np_bump(rng: np.random.Generator) -> Problem:
    """A bump that takes ε_F from one band through the gap to the other."""
    s = float(rng.choice([-1, 1]))
    return Problem(
        GaussianBump(s * rng.uniform(2.5, 5), 10 ** rng.uniform(-1, 1)), 1.0,
        s * (1 + 10 ** rng.uniform(-6, 0)),
    )


def _strong_cosine(rng: np.random.Generator) -> Problem:
    """A strong cosine with ε_F beside the edge of a band."""
    A, q = rng.uniform(1, AMPLITUDE), 10 ** rng.uniform(-0.5, 1)
    problem = Problem(CosinePotential(A, q), 1.0, rng.uniform(-A, A))
    edges = _band_edges(A, q)
    edge = float(rng.choice(edges[np.abs(edges) < A + 2]))
    return replace(problem, fermi_energy=edge + _near(rng))


def _band_edges(A: float, q: float) -> NDArray:
    """Bloch energies of σ_xp + σ_z + A cos qx at the middle and at the edge of the zone."""
    found = []
    for shift in (0.0, 0.5):
        p = q * (np.arange(-PLANE_WAVES, PLANE_WAVES + 1) + shift)
        hop = np.diag(np.full(len(p) - 1, A / 2), 1)
        H = np.kron(np.diag(p), [[0, 1], [1, 0]]) + np.kron(np.eye(len(p)), [[1, 0], [0, -1]])
        found.append(np.linalg.eigvalsh(H + np.kron(hop + hop.T, np.eye(2))))
    return np.concatenate(found)


HOSTILE = (
    _well, _smooth_well, _lead_edge, _symmetric, _two_gaps, _two_scales, _many_steps, _np_bump,
    _strong_cosine,
)
