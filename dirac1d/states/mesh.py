"""Where the sites of the chain lie: a resolved core, and two ends that nobody inside can see.

Each end is one of two kinds.

*Wall*: in the gap, or at T > 0, a wall is seen only to the distance d at which e^{-2 Re κ d} has
decayed, κ² = Δ² - (ε_F - U_lead + iπT)². There the sites may spread outwards.

*Graded lead*: in a band at T = 0 a wall is seen at any distance. There the energy scale of the
lead is lowered smoothly, H′ - ε_F → f^½ (H′ - ε_F) f^½ with f(x) falling from 1 to f_min. Since
(f^½ h f^½ - iω)⁻¹ = f^{-½} (h - iω/f)⁻¹ f^{-½}, the local Green's function at imaginary energy is
that of the plain chain with the absorption ω/f in its leads: waves that leave do not come back
unless ω < f_min·v/length (smooth boundary conditions, Vekić & White, Phys. Rev. Lett. 71, 4283
(1993)). What is left of the box is measured by making it larger.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states.chain import Chain

#: A wall farther away than this many lengths 1/max(|Δ|, |ε_F - U|/2) costs more than a graded lead.
FARTHEST_WALL = 22.0
#: A wall's own current density, over j₀, that has to decay to rtol.
WALL_CURRENT = 300.0
#: Length of a graded lead and its flat forecourt in the same unit. On tanh steps at T = 0 they
#: leave 2e-5 of j₀ for ε_F in one band or two; a length of 24 leaves 5e-5 to 2e-4.
GRADED_LENGTH = 32.0
FORECOURT = 6.0
#: The deepest grading: f_min is this times rtol at T = 0.
GRADED_DEPTH = 0.1
#: The core ends where U is this close to its leads (part of its range).
CORE_TOLERANCE = 1e-2
#: Largest spacing at level 1 over the Compton length.
WIDEST_SPACING = 1.5
#: Spacing over distance at a breakpoint, at level 1.
CROWDING = 0.7
#: Halvings that take a bisection over any box to rounding.
BISECTIONS = 60
#: Knots of a spline closer than this part of a wave are not honoured one by one.
KNOT_DISTANCE = 0.5
#: A change of slope below this part of the steepest slope does not need a site of its own.
KINK_STRENGTH = 1e-3


@dataclass(frozen=True)
class Density:
    """Spacings per length, ρ(x), at level 1: a background and a logarithmic crowd at breakpoints.

    ρ(x) = 1/(a √(1 + ((x-c)/L)²)) + 1/a_max + Σ_b 1/(g √((x-b)² + r_b²)); L = ∞ in a band. The
    spacing stays below a_max because a chain with Δa ≫ 1 stops damping its walls. At a distance d
    from a breakpoint the spacing is g·d, down to g·r_b: what a kink (x ln|x|) or a jump (ln|x|)
    leaves in j_y is then resolved at every distance by a number of sites that grows like ln 1/r_b.
    """

    spacing: float
    centre: float
    spread: float
    widest: float = np.inf
    crowds: tuple[tuple[float, float], ...] = ()

    def cells(self, x: NDArray) -> NDArray:
        """∫ρ dx from the centre: the number of spacings, increasing in x."""
        z = np.asarray(x, dtype=float) - self.centre
        if np.isinf(self.spread):
            total = z / self.spacing
        else:
            total = self.spread / self.spacing * np.arcsinh(z / self.spread) + z / self.widest
        for position, radius in self.crowds:
            offset = self.centre - position
            total = total + (np.arcsinh((z + offset) / radius) - np.arcsinh(offset / radius)) / (
                CROWDING
            )
        return total

    def position(self, cells: NDArray, lo: float, hi: float) -> NDArray:
        """The x in [lo, hi] with `cells(x)` as given, by bisection to rounding."""
        a, b = np.full(len(cells), lo), np.full(len(cells), hi)
        for _ in range(BISECTIONS):
            middle = (a + b) / 2
            below = self.cells(middle) < cells
            a, b = np.where(below, middle, a), np.where(below, b, middle)
        return (a + b) / 2


@dataclass(frozen=True)
class Segment:
    """`cells` spacings of a density from start to end, at level 1."""

    start: float
    end: float
    cells: int
    density: Density

    def points(self, level: int) -> NDArray:
        """Sites of both sublattices at refinement `level`, from start to end inclusive."""
        first, last = self.density.cells(np.array([self.start, self.end]))
        wanted = first + (last - first) * np.arange(2 * self.cells * level + 1) / (
            2 * self.cells * level
        )
        x = self.density.position(wanted, self.start, self.end)
        x[0], x[-1] = self.start, self.end
        return x


@dataclass(frozen=True)
class Ramp:
    """A graded lead: log f falls by `depth` over `length` beyond `start`, to the left or right."""

    start: float
    length: float
    depth: float
    side: int

    def log_scale(self, x: NDArray) -> NDArray:
        """ln f(x) ≤ 0, twice continuously differentiable."""
        distance = np.maximum(self.side * (x - self.start), 0.0) / self.length
        return -self.depth * np.minimum(distance, 1.0) ** 3


@dataclass(frozen=True)
class Mesh:
    """Segments from the left wall to the right wall, and the grading of the leads."""

    segments: tuple[Segment, ...]
    ramps: tuple[Ramp, ...]

    def sites(self, level: int) -> int:
        """Number of sites at a refinement level."""
        return 2 * level * sum(s.cells for s in self.segments) + 1

    def chain(self, problem: Problem, level: int) -> Chain:
        """The chain at a refinement level (spacing ∝ 1/level)."""
        pieces = [s.points(level) for s in self.segments]
        x = np.concatenate([pieces[0], *(p[1:] for p in pieces[1:])])
        grading = None
        if self.ramps:
            grading = np.exp(sum(r.log_scale(x) for r in self.ramps))
        background = self.segments[0].density.spacing / level
        plain = Chain(
            x, problem.potential(x), problem.mass, grading, problem.fermi_energy,
            background=background,
        )
        return plain.without_wall_states()


@dataclass(frozen=True)
class Lead:
    """How far the box goes beyond the region of interest on one side."""

    margin: float
    ramp_length: float = 0.0
    depth: float = 0.0

    @property
    def graded(self) -> bool:
        """Whether the lead is graded rather than walled off."""
        return self.ramp_length > 0


def sharp_breakpoints(problem: Problem) -> tuple[float, ...]:
    """Jumps of U and of its slope: j_y has ln|x| and x ln|x| there."""
    breaks = np.asarray(problem.potential.breakpoints, dtype=float)
    if len(breaks) == 0:
        return ()
    jumps = {b for b, _ in problem.jumps}
    gaps = np.diff(breaks)
    hair = 1e-6 * min(np.min(gaps) if len(gaps) else 1.0, 1.0)
    change = np.abs(
        problem.potential.derivative(breaks + hair) - problem.potential.derivative(breaks - hair)
    )
    steepest = np.max(np.abs(problem.potential.derivative(breaks + hair)), initial=0.0)
    kinks = change > KINK_STRENGTH * max(steepest, np.max(change, initial=0.0))
    return tuple(float(b) for b, k in zip(breaks, kinks, strict=True) if k or b in jumps)


def borders(problem: Problem) -> tuple[float, ...]:
    """Breakpoints that no interpolation reaches across.

    All of them, down to jumps of U″ at the knots of a spline, if they are farther apart than the
    lattice is fine; else the knots pass for a smooth function.
    """
    breaks = problem.potential.breakpoints
    near = np.min(np.diff(breaks), initial=np.inf) < KNOT_DISTANCE * wave_length(problem)
    return sharp_breakpoints(problem) if near else tuple(float(b) for b in breaks)


def plan_lead(problem: Problem, U_lead: float, rtol: float, reach: float = 1.0) -> Lead:
    """A wall if one is invisible soon enough, else a graded lead.

    Parameters
    ----------
    problem : Problem
    U_lead : float
        Potential of the lead.
    rtol : float
    reach : float
        Factor on all lengths and depths; 1 for the result, more to measure what the box does.
    """
    s, T = problem.fermi_energy - U_lead, problem.temperature
    unit = 1 / max(abs(s) / 2, abs(problem.mass))
    kappa = float(np.sqrt(complex(problem.mass**2) - (s + 1j * np.pi * T) ** 2).real)
    digits = np.log(WALL_CURRENT / rtol)
    if digits <= 2 * abs(kappa) * FARTHEST_WALL * unit:
        return Lead(margin=reach * digits / (2 * abs(kappa)))
    f_min = GRADED_DEPTH * rtol
    if T > 0:
        # At the first Matsubara frequency the lead absorbs once πT/f exceeds the band energy.
        f_min = min(max(f_min, 0.1 * np.pi * T * unit), 0.5)
    shorter = np.sqrt(np.log(f_min) / np.log(GRADED_DEPTH * rtol))
    return Lead(
        margin=reach * FORECOURT * unit,
        ramp_length=reach * GRADED_LENGTH * unit * shorter,
        depth=-np.log(f_min) + np.log(reach),
    )


def farthest_sight(problem: Problem, rtol: float) -> float:
    """Distance beyond which nothing shows in j_y anywhere along the step; ∞ if there is none.

    It is that of a wall, ln(1/rtol)/2κ, for the least κ(x)² = Δ² - (ε_F - U(x) + iπT)².
    """
    a, b = problem.potential.support(1e-3 * max(abs(problem.U_R - problem.U_L), 1e-3))
    U = problem.potential(np.linspace(a, b, 1001))
    ends = [problem.U_L, problem.U_R, float(np.min(U)), float(np.max(U))]
    # Re κ falls as |ε_F - U| grows: the extremes of U decide.
    leads = [plan_lead(problem, U, rtol) for U in ends]
    return np.inf if any(lead.graded for lead in leads) else max(lead.margin for lead in leads)


def build_mesh(
    problem: Problem,
    interval: tuple[float, float],
    spacing: float,
    leads: tuple[Lead, Lead],
    radii: dict[float, float],
    extra: int = 0,
) -> Mesh:
    """Mesh for j_y within `interval`, with the given spacing at level 1 where U varies.

    `radii` says down to which distance each breakpoint, or the centre of a narrow feature, is
    resolved; `extra` cells are added beyond both ends while all other sites stay where they are.
    """
    core = _core(problem, interval)
    breaks = [b for b in sharp_breakpoints(problem) if core[0] < b < core[1]]
    centre = (core[0] + core[1]) / 2
    graded = any(lead.graded for lead in leads)
    # In the gap sites may spread on the scale on which the response decays.
    density = Density(
        spacing, centre, np.inf if graded else (core[1] - core[0]) / 2,
        WIDEST_SPACING * wave_length(problem),
        tuple((b, radius) for b, radius in radii.items() if core[0] < b < core[1]),
    )
    inner = breaks or [centre]
    segments = [_between(density, a, b) for a, b in itertools.pairwise(inner)]
    ramps = []
    for side, edge, far in ((-1, inner[0], interval[0]), (1, inner[-1], interval[1])):
        lead = leads[(side + 1) // 2]
        limit = side * max(side * core[(side + 1) // 2], side * far) + side * lead.margin
        if lead.graded:
            ramps.append(Ramp(limit, lead.ramp_length, lead.depth, side))
            limit += side * lead.ramp_length
        outer = _outer(density, edge, limit, extra)
        segments = [outer, *segments] if side < 0 else [*segments, outer]
    return Mesh(tuple(segments), tuple(ramps))


def _between(density: Density, start: float, end: float) -> Segment:
    """A segment between two breakpoints: a whole number of spacings, at least one."""
    first, last = density.cells(np.array([start, end]))
    return Segment(start, end, max(1, int(np.ceil(last - first))), density)


def _outer(density: Density, edge: float, limit: float, extra: int) -> Segment:
    """From an edge to at least the limit, in whole steps: a larger box keeps all its sites."""
    first, last = density.cells(np.array([edge, limit]))
    cells = max(1, int(np.ceil(abs(last - first)))) + extra
    sign = 1.0 if limit > edge else -1.0
    reach = limit
    while abs(density.cells(np.array([reach]))[0] - first) < cells:
        reach = edge + 2 * (reach - edge)
    ends = sorted((edge, reach))
    end = float(density.position(np.array([first + sign * cells]), *ends)[0])
    return Segment(min(edge, end), max(edge, end), cells, density)


def _core(problem: Problem, interval: tuple[float, float]) -> tuple[float, float]:
    """The part of the step near `interval`: where U varies, and a Compton length around it."""
    potential = problem.potential
    scale = max(abs(problem.U_R - problem.U_L), abs(problem.mass) * 1e-3)
    a, b = potential.support(CORE_TOLERANCE * scale)
    breaks = sharp_breakpoints(problem)
    a, b = min([a, *breaks]), max([b, *breaks])
    pad = wave_length(problem)
    a, b = a - pad, b + pad
    lo, hi = interval[0] - pad, interval[1] + pad
    if hi <= a or lo >= b:
        return lo, hi
    return max(a, lo), min(b, hi)


def wave_length(problem: Problem) -> float:
    """1/max(|Δ|, |ε_F - U|) over both leads: the length of a wave."""
    return 1 / max(
        abs(problem.mass),
        abs(problem.fermi_energy - problem.U_L),
        abs(problem.fermi_energy - problem.U_R),
    )
