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
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from dirac1d.problem import Problem
from dirac1d.states import masses
from dirac1d.states.chain import Chain
from dirac1d.states.settings import DEFAULT, Settings

#: Halvings that take a bisection over any box to rounding.
BISECTIONS = 60


@dataclass(frozen=True)
class Density:
    """Spacings per length, ρ(x): a background and a logarithmic crowd at breakpoints.

    At level 1 ρ(x) = 1/(a √(1 + ((x-c)/L)²)) + 1/a_max + Σ_b 1/(g √((x-b)² + r_b²)), and
    ρ = 1/a + Σ_b … with L = ∞ in a band. The spacing stays below a_max because a chain with
    Δa ≫ 1 stops damping its walls. At a distance d from a breakpoint the spacing is g·d, down to
    g·r_b: what a kink (x ln|x|) or a jump (ln|x|) leaves in j_y is then resolved at every distance
    by a number of sites that grows like ln 1/r_b.

    At level l it is l times that, except beyond the points of `calm`, where a graded lead begins:
    there the refinement fades out, ρ → 1/a. A spacing that changes slowly reflects no wave.

    Attributes
    ----------
    spacing, centre, spread, widest : float
        a, c, L, a_max.
    crowds : tuple of (float, float)
        (b, r_b).
    crowding : float
        g.
    calm : tuple of (float, int)
        Where the refinement ends, and on which side.
    fading : float
        Over which length.
    """

    spacing: float
    centre: float
    spread: float
    widest: float = np.inf
    crowds: tuple[tuple[float, float], ...] = ()
    crowding: float = 1.0
    calm: tuple[tuple[float, int], ...] = ()
    fading: float = 1.0

    def cells(self, x: NDArray, level: int = 1) -> NDArray:
        """∫ρ dx from the centre: the number of spacings, increasing in x."""
        z = np.asarray(x, dtype=float) - self.centre
        if np.isinf(self.spread):
            total = z / self.spacing
        else:
            total = self.spread / self.spacing * np.arcsinh(z / self.spread) + z / self.widest
        for position, radius in self.crowds:
            offset = self.centre - position
            total = total + (np.arcsinh((z + offset) / radius) - np.arcsinh(offset / radius)) / (
                self.crowding
            )
        total = level * total
        for position, side in self.calm:
            here, start = (
                smooth_ramp(side * (y - position) / self.fading)
                for y in (z + self.centre, self.centre)
            )
            total = total - max(level - 2, 0) * side * self.fading / self.spacing * (here - start)
        return total

    def position(self, cells: NDArray, lo: float, hi: float, level: int = 1) -> NDArray:
        """The x in [lo, hi] with `cells(x)` as given, by bisection to rounding."""
        a, b = np.full(len(cells), lo), np.full(len(cells), hi)
        for _ in range(BISECTIONS):
            middle = (a + b) / 2
            below = self.cells(middle, level) < cells
            a, b = np.where(below, middle, a), np.where(below, b, middle)
        return (a + b) / 2


def smooth_ramp(t: NDArray) -> NDArray:
    """∫(1 + erf t)/2 dt: 0 far below t = 0 (like e^{-t²}: nothing is felt there), t far above."""
    return t * erfc(-t) / 2 + np.exp(-(t**2)) / (2 * np.sqrt(np.pi))


@dataclass(frozen=True)
class Segment:
    """`cells` spacings of a density from start to end, at level 1."""

    start: float
    end: float
    cells: int
    density: Density

    def steps(self, level: int) -> int:
        """Half spacings at refinement `level`."""
        return 2 * self.cells * level

    def points(self, level: int) -> NDArray:
        """Sites of both sublattices at refinement `level`, from start to end inclusive."""
        first, last = self.density.cells(np.array([self.start, self.end]))
        wanted = first + (last - first) * np.arange(self.steps(level) + 1) / self.steps(level)
        x = self.density.position(wanted, self.start, self.end)
        x[0], x[-1] = self.start, self.end
        return x


@dataclass(frozen=True)
class OpenSegment:
    """From `edge` outwards in half spacings of the density, over `limit` by `extra` spacings.

    Its refinement may fade out: the number of sites need not be proportional to the level, and
    where it ends, in a graded lead, nobody sees.
    """

    edge: float
    limit: float
    extra: int
    density: Density

    def steps(self, level: int) -> int:
        """Half spacings at refinement `level`."""
        first, last = self.density.cells(np.array([self.edge, self.limit]), level)
        return 2 * (max(1, int(np.ceil(abs(last - first)))) + self.extra)

    def points(self, level: int) -> NDArray:
        """Sites of both sublattices at refinement `level`, in increasing order."""
        first = self.density.cells(np.array([self.edge]), level)[0]
        side, steps = np.sign(self.limit - self.edge), self.steps(level)
        far = self.limit
        while abs(self.density.cells(np.array([far]), level)[0] - first) < steps / 2:
            far = self.edge + 2 * (far - self.edge)
        wanted = first + side * np.arange(steps + 1) / 2
        x = self.density.position(wanted, *sorted((self.edge, far)), level)
        x[0] = self.edge
        return x if side > 0 else x[::-1]


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
    """Segments from the left wall to the right wall, and the grading of the leads.

    `hard` says which of the two is a hard wall of the problem, and stands on a site.
    """

    segments: tuple[Segment | OpenSegment, ...]
    ramps: tuple[Ramp, ...]
    hard: tuple[bool, bool] = (False, False)

    def sites(self, level: int) -> int:
        """Number of sites at a refinement level."""
        return sum(s.steps(level) for s in self.segments) + 1

    def chain(self, problem: Problem, level: int) -> Chain:
        """The chain at a refinement level (spacing ∝ 1/level)."""
        pieces = [s.points(level) for s in self.segments]
        x = np.concatenate([pieces[0], *(p[1:] for p in pieces[1:])])
        grading = None
        if self.ramps:
            grading = np.exp(sum(r.log_scale(x) for r in self.ramps))
        density = self.segments[0].density
        plain = Chain(
            x, _on_sites(problem, x), masses.on_links(problem, x), grading, problem.fermi_energy,
            background=density.spacing / level, coordinate=density.cells,
        )
        if not any(self.hard):
            return plain.without_wall_states()
        return plain.between(problem.hard_walls, self.hard)


def _on_sites(problem: Problem, x: NDArray) -> NDArray:
    """U on sites: at a jump the mean of both sides over the site's cell.

    With links of unequal length their plain mean is an error of order a, odd in a.
    """
    U = problem.potential(x)
    for position, _ in problem.jumps:
        i = int(np.searchsorted(x, position))
        if 0 < i < len(x) - 1 and x[i] == position:
            below, above = problem.potential.limits(position)
            share = (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1])
            U[i] = share * below + (1 - share) * above
    return U


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


def sharp_breakpoints(problem: Problem, settings: Settings = DEFAULT) -> tuple[float, ...]:
    """Jumps of U and of its slope: j_y has ln|x| and x ln|x| there. And those of Δ."""
    found = masses.jumps(problem)
    for shape in masses.shapes(problem):
        found |= _kinks(shape, wave_length(problem), settings)
    return tuple(float(b) for b in masses.breakpoints(problem) if b in found)


def _kinks(shape: Any, wave: float, settings: Settings) -> set[float]:
    """Where the slope of a shape jumps."""
    breaks = np.asarray(shape.breakpoints, dtype=float)
    if len(breaks) == 0:
        return set()
    hair = 1e-6 * min(float(np.min(np.diff(breaks), initial=np.inf)), wave)
    change = np.abs(shape.derivative(breaks + hair) - shape.derivative(breaks - hair))
    steepest = np.max(np.abs(shape.derivative(breaks + hair)), initial=0.0)
    strong = settings.claim.kink_strength * max(steepest, np.max(change, initial=0.0))
    return {float(b) for b, jump in zip(breaks, change, strict=True) if jump > strong}


def borders(problem: Problem, settings: Settings = DEFAULT) -> tuple[float, ...]:
    """Breakpoints that no interpolation reaches across.

    All of them, down to jumps of U″ at the knots of a spline, if they are farther apart than the
    lattice is fine; else the knots pass for a smooth function.
    """
    breaks = masses.breakpoints(problem)
    nearest = settings.claim.knot_distance * wave_length(problem)
    near = np.min(np.diff(breaks), initial=np.inf) < nearest
    return sharp_breakpoints(problem, settings) if near else tuple(float(b) for b in breaks)


def plan_lead(
    problem: Problem, lead: tuple[float, float], rtol: float, reach: float = 1.0,
    momentum: float = 0.0, settings: Settings = DEFAULT,
) -> Lead:
    """A wall if one is invisible soon enough, else a graded lead.

    Parameters
    ----------
    problem : Problem
    lead : (float, float)
        U and Δ of the lead.
    rtol : float
    reach : float
        Factor on all lengths and depths; 1 for the result, more to measure what the box does.
    momentum : float
        The least |p_y| that the lead is for: κ² = Δ² + p_y² - (ε_F - U + iπT)².
    settings : Settings
    """
    start, (U, mass) = settings.start, lead
    s, T = problem.fermi_energy - U, problem.temperature
    M = np.hypot(mass, momentum)
    # In a gapless lead at its Dirac point there is no wave to measure lengths by.
    unit = 1 / max(abs(s) / 2, M, start.gapless * problem.gap)
    kappa = float(np.sqrt(complex(M**2) - (s + 1j * np.pi * T) ** 2).real)
    digits = np.log(start.wall_current / rtol)
    if digits <= 2 * abs(kappa) * start.farthest_wall * unit:
        return Lead(margin=reach * digits / (2 * abs(kappa)))
    f_min = start.graded_depth * rtol
    if T > 0:
        # At the first Matsubara frequency the lead absorbs once πT/f exceeds the band energy.
        f_min = min(max(f_min, 0.1 * np.pi * T * unit), 0.5)
    # A ramp of the same steepness.
    shorter = np.log(f_min) / np.log(start.graded_depth * rtol)
    return Lead(
        margin=reach * start.forecourt * unit,
        ramp_length=reach * start.graded_length * unit * shorter,
        depth=-np.log(f_min) + np.log(reach),
    )


def farthest_sight(problem: Problem, rtol: float, settings: Settings = DEFAULT) -> float:
    """Distance beyond which nothing shows in j_y anywhere along the step; ∞ if there is none.

    It is that of a wall, ln(1/rtol)/2κ, for the least κ(x)² = Δ² - (ε_F - U(x) + iπT)².
    """
    a, b = masses.support(problem, 1e-3 * masses.height_of(problem))
    x = np.linspace(a, b, 1001)
    U = problem.potential(x)
    # Re κ falls as |ε_F - U| grows and as |Δ| falls: their extremes decide.
    heights = [U_lead for U_lead, _ in masses.leads(problem)] + [float(np.min(U)), float(np.max(U))]
    least = min(abs(mass) for _, mass in masses.leads(problem))
    if problem.mass_profile is not None:
        inside = problem.mass_profile(x)
        # Where Δ changes its sign it vanishes somewhere.
        least = 0.0 if np.ptp(np.sign(inside)) > 0 else min(least, float(np.min(np.abs(inside))))
    leads = [plan_lead(problem, (U, least), rtol, settings=settings) for U in heights]
    return np.inf if any(lead.graded for lead in leads) else max(lead.margin for lead in leads)


def build_mesh(
    problem: Problem,
    interval: tuple[float, float],
    spacing: float,
    leads: tuple[Lead, Lead],
    radii: dict[float, float],
    extra: int = 0,
    settings: Settings = DEFAULT,
    spread: bool | None = None,
    sight: tuple[float, float] | None = None,
) -> Mesh:
    """Mesh for j_y within `interval`, with the given spacing at level 1 where U varies.

    `sight` says how far U is resolved to the left and right of the interval; by default as far as
    a wall is seen, anywhere with a graded lead. `radii` says down to which distance each
    breakpoint, or the centre of a narrow feature, is resolved; `extra` cells are added beyond both
    ends while all other sites stay where they are.
    `spread` says whether sites may spread outwards; by default if no lead is graded.
    """
    core = _core(problem, interval, sight or sight_of(leads), settings)
    hard = _walls_in_sight(problem, core)
    breaks = [b for b in sharp_breakpoints(problem, settings) if core[0] < b < core[1]]
    centre = (core[0] + core[1]) / 2
    # Where U goes on to vary out of sight, the wall stands where it is out of sight.
    near = _core(problem, interval, (0.0, 0.0), settings)
    limits = tuple(
        side * max(side * end, max(side * close, side * far) + lead.margin)
        for side, end, close, far, lead
        in zip((-1, 1), core, near, interval, leads, strict=True)
    )
    if spread is None:
        spread = not any(lead.graded for lead in leads)
    wave = wave_length(problem)
    fading = settings.start.fading * wave
    # In the gap sites may spread on the scale on which the response decays.
    density = Density(
        spacing, centre, (core[1] - core[0]) / 2 if spread else np.inf,
        settings.start.widest_spacing * wave,
        tuple((b, radius) for b, radius in radii.items() if core[0] <= b <= core[1]),
        settings.start.crowding,
        tuple((x + side * fading, side)
              for x, side, lead, wall in zip(limits, (-1, 1), leads, hard, strict=True)
              if lead.graded and not wall),
        fading,
    )
    inner = [*core[:1] * hard[0], *breaks, *core[1:] * hard[1]] or [centre]
    segments: list[Segment | OpenSegment] = [
        segment_between(density, a, b) for a, b in itertools.pairwise(inner)
    ]
    ramps = []
    for side, edge, limit, lead, wall in zip(
        (-1, 1), (inner[0], inner[-1]), limits, leads, hard, strict=True
    ):
        if wall:
            continue
        outer: Segment | OpenSegment
        if lead.graded:
            ramps.append(Ramp(limit, lead.ramp_length, lead.depth, side))
            outer = OpenSegment(edge, limit + side * lead.ramp_length, extra, density)
        else:
            outer = outer_segment(density, edge, limit, extra)
        segments = [outer, *segments] if side < 0 else [*segments, outer]
    return Mesh(tuple(segments), tuple(ramps), hard)


def _walls_in_sight(problem: Problem, core: tuple[float, float]) -> tuple[bool, bool]:
    """Which ends of the core are hard walls."""
    left, right = masses.sample(problem)
    return bool(core[0] == left), bool(core[1] == right)


def segment_between(density: Density, start: float, end: float) -> Segment:
    """A segment between two breakpoints: a whole number of spacings, at least one."""
    first, last = density.cells(np.array([start, end]))
    return Segment(start, end, max(1, int(np.ceil(last - first))), density)


def outer_segment(density: Density, edge: float, limit: float, extra: int) -> Segment:
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


def sight_of(leads: tuple[Lead, Lead]) -> tuple[float, float]:
    """How far one sees to the left and right: to a wall, or anywhere in a band."""
    left, right = (np.inf if lead.graded else lead.margin for lead in leads)
    return left, right


def _core(
    problem: Problem, interval: tuple[float, float], sight: tuple[float, float],
    settings: Settings,
) -> tuple[float, float]:
    """Where U varies in sight of `interval`, and a Compton length around it.

    What varies out of sight needs no sites; what does in sight is felt, however far it is: a jump
    between sites is a step at another place.
    """
    a, b = masses.support(problem, settings.start.core_tolerance * masses.height_of(problem))
    breaks = sharp_breakpoints(problem, settings)
    a, b = min([a, *breaks]), max([b, *breaks])
    pad = wave_length(problem)
    a, b = a - pad, b + pad
    lo, hi = interval[0] - max(pad, sight[0]), interval[1] + max(pad, sight[1])
    if hi <= a or lo >= b:
        core = interval[0] - pad, interval[1] + pad
    else:
        core = max(a, lo), min(b, hi)
    ends = masses.sample(problem)
    return max(core[0], ends[0]), min(core[1], ends[1])


def wave_length(problem: Problem) -> float:
    """1/max(|Δ|, |ε_F - U|, πT) over both leads: the length of a wave, or of what heat leaves."""
    heights = (abs(problem.fermi_energy - U) for U, _ in masses.leads(problem))
    return 1 / max(problem.gap, np.pi * problem.temperature, *heights)
