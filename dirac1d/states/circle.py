"""A circle as a system of the convergence scheme: one chain along r for each angular momentum.

With ψ = (f e^{ilφ}, i g e^{i(l+1)φ}), l = j - ½, the components √r (u, v) in the rotated frame
of `dirac1d.states.chain` obey the equations of the line with p_y replaced by j/r. Where a line has
the integral over p_y there is the sum over half-integer j,

    j_φ(r) = (1/2πr) Σ_j Σ_i (n_F(ε_i) - ½)(u_i² - v_i²).

Towards r = 0 the sites lie on a logarithmic scale: there a component goes as r^|j|, which is an
exponential in ln r, and the error of the lattice is even in its spacing as elsewhere.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.quadrature import gauss_gram, midpoint_end
from dirac1d.problem import Problem
from dirac1d.states import masses
from dirac1d.states.chain import Chain
from dirac1d.states.frame import Frame
from dirac1d.states.interpolation import interpolate
from dirac1d.states.line import occupied_density
from dirac1d.states.mesh import (
    BISECTIONS,
    Density,
    Lead,
    Mesh,
    OpenSegment,
    Ramp,
    Segment,
    borders,
    outer_segment,
    plan_lead,
    segment_between,
    sharp_breakpoints,
    wave_length,
)
from dirac1d.states.momenta import Rule, last_panel, logarithmic_panel
from dirac1d.states.resolution import fineness
from dirac1d.states.settings import Settings
from dirac1d.states.work import Work

#: Terms that are each taken, and the ratio of the following ranges of j.
EXACT, RATIO = 8, 4
#: Radius of the innermost site, in the shortest length: the wall there leaves so much of j = ½.
INNERMOST = 1e-8
#: Smallest radius that is asked for, in the same unit: closer to r = 0 j_φ ~ r.
NEAREST = 1e-3
#: Spacing over r near the middle, at level 1 and rtol = 1e-4.
CROWDING = 0.5
#: Length of the logarithmic region, in units of the shortest length.
MIDDLE = 1.0


@dataclass(frozen=True)
class Cut:
    """(U(r/unit) - offset)/unit along a radius, from the middle to far away."""

    circle: Any
    frame: Frame

    @property
    def left(self) -> float:
        """U at the centre."""
        return float(self(0.0))

    @property
    def right(self) -> float:
        """U far outside."""
        return (self.circle.outside - self.frame.offset) / self.frame.unit

    @property
    def length_scale(self) -> float:
        """Of U, or of its edges."""
        return self.circle.length_scale * self.frame.unit

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Radii of jumps and kinks."""
        return tuple(float(b) for b in self.frame.inside(self.circle.breakpoints))

    def __call__(self, r: ArrayLike) -> NDArray:
        """U in the frame."""
        return (self.circle(self._place(r)) - self.frame.offset) / self.frame.unit

    def limits(self, r: float) -> tuple[float, float]:
        """Both sides of U."""
        below, above = self.circle.limits(float(self._place(r)))
        return tuple((U - self.frame.offset) / self.frame.unit for U in (below, above))

    def derivative(self, r: ArrayLike) -> NDArray:
        """U′ in the frame."""
        return self.circle.derivative(self._place(r)) / self.frame.unit**2

    def support(self, tolerance: float) -> tuple[float, float]:
        """From the middle to where U is flat."""
        return 0.0, self.circle.support(tolerance * self.frame.unit)[1] * self.frame.unit

    def largest_drop(self, distance: float) -> float:
        """That of the circle."""
        return self.circle.largest_drop(distance / self.frame.unit) / self.frame.unit

    def _place(self, r: ArrayLike) -> NDArray:
        """Radii in the units of the problem; the unit is a power of two: nothing is rounded."""
        return np.asarray(r, dtype=float) / self.frame.unit


@dataclass(eq=False)
class Circle:
    """A circle seen at some radii: a `dirac1d.states.scheme.System`; its problem has a `Cut`.

    Attributes
    ----------
    problem : Problem
    query : ndarray, shape (n,)
        Radii, none negative.
    weights : ndarray, shape (n,)
        How much an error counts there.
    rtol : float
        What the spacing and the lead are planned for.
    radii : dict
        How finely each breakpoint is resolved.
    work : Work
    charge : bool
        Whether the number of electrons is summed, not their current.
    """

    problem: Problem
    query: NDArray
    weights: NDArray
    rtol: float
    radii: dict[float, float]
    work: Work
    charge: bool = False
    _chains: dict[tuple[int, int], Chain] = field(default_factory=dict, repr=False)

    last_size = 1
    extrapolates_size = False
    doubt = 1.0

    @property
    def settings(self) -> Settings:
        """The numbers of the engine."""
        return self.work.settings

    @cached_property
    def shortest(self) -> float:
        """The shortest length: of a wave, of U, of a radius at which U jumps."""
        lengths = [wave_length(self.problem), masses.length_scale(self.problem)]
        return float(min([*lengths, *masses.breakpoints(self.problem)]))

    @cached_property
    def spacing(self) -> float:
        """The background spacing at level 1."""
        wave, scale = wave_length(self.problem), masses.length_scale(self.problem)
        return fineness(self.rtol, self.settings) * min(wave, scale)

    @cached_property
    def radius(self) -> float:
        """Where U and Δ have become flat: beyond, large j carry nothing."""
        height = self.settings.start.core_tolerance * max(
            abs(self.problem.U_L - self.problem.U_R), self.problem.gap
        )
        return max(masses.support(self.problem, height)[1], self.shortest)

    @cached_property
    def resonant(self) -> int:
        """So many j are each a term of its own: for larger ones no state is at the Fermi energy."""
        last = max(float(np.max(self.query)), self.radius)
        r = np.linspace(0.0, last, 1001)
        e = np.abs(self.problem.fermi_energy - self.problem.potential(r))
        mass = self.problem.mass_at(r)
        # A state bound to a circle where Δ changes its sign is at ε_F for |j| = r |ε_F - U|.
        if self.problem.mass_profile is not None:
            mass = 0.0 * mass
        k = np.sqrt(np.maximum(e**2 - mass**2, 0.0))
        return max(EXACT, int(np.ceil(1.1 * np.max(k * r))) + 4) if np.any(k > 0) else EXACT

    @cached_property
    def ranges(self) -> list[tuple[int, int]]:
        """Ranges of j that are sums, from 0 on."""
        ends = [0, self.resonant, RATIO * self.resonant]
        coarse = self.settings.limits.levels[0] * self.radius / self.spacing
        while ends[-1] < coarse:
            ends.append(RATIO * ends[-1])
        return list(itertools.pairwise(ends))

    @property
    def parts(self) -> int:
        """Ranges, and two beyond them, up to the inverse spacing and beyond that."""
        return len(self.ranges) + 2

    @cached_property
    def first_orders(self) -> tuple[int, ...]:
        """Where the search for the orders begins; the first range is written out."""
        start = self.settings.start
        return (1, *[6] * (len(self.ranges) - 1), start.lattice_order, start.lattice_order)

    def _lead(self, reach: float) -> Lead:
        outside = masses.leads(self.problem)[1]
        return plan_lead(self.problem, outside, self.rtol, reach, 0.0, self.settings)

    def mesh(self, size: int) -> Mesh:
        """From the innermost radius through the breakpoints to the wall or the graded lead."""
        problem, settings = self.problem, self.settings
        lead = self._lead(settings.start.larger_box if size else 1.0)
        last = max(float(np.max(self.query)), self.radius) + wave_length(problem)
        limit, first = last + lead.margin, INNERMOST * self.shortest
        fading = settings.start.fading * wave_length(problem)
        density = self.density(
            tuple((b, radius) for b, radius in self.radii.items() if b > 0),
            ((limit + fading, 1),) if lead.graded else (), fading,
        )
        inner = [first, *sharp_breakpoints(problem, settings)]
        segments: list[Segment | OpenSegment] = [
            segment_between(density, a, b) for a, b in itertools.pairwise(inner)
        ]
        if lead.graded:
            segments.append(
                OpenSegment(inner[-1], limit + lead.ramp_length, 2 * size, density)
            )
            return Mesh(tuple(segments), (Ramp(limit, lead.ramp_length, lead.depth, 1),))
        segments.append(outer_segment(density, inner[-1], limit, 2 * size))
        return Mesh(tuple(segments), ())

    def density(
        self, crowds: tuple[tuple[float, float], ...], calm: tuple[tuple[float, int], ...],
        fading: float = 1.0,
    ) -> _Logarithmic:
        """Spacings per length; arguments as of `mesh.Density`."""
        settings = self.settings
        crowding = CROWDING * fineness(self.rtol, settings) / fineness(1e-4, settings)
        outer = Density(self.spacing, 0.0, np.inf, np.inf, crowds, crowding, calm, fading)
        return _Logarithmic(outer, self.shortest * MIDDLE, crowding)

    def chain(self, level: int, size: int) -> Chain:
        """The chain of a level."""
        if (level, size) not in self._chains:
            self._chains[level, size] = self.mesh(size).chain(self.problem, level)
        return self._chains[level, size]

    def sites(self, level: int) -> int:
        """Length of the chain of a level."""
        return self.mesh(0).sites(level)

    def fits(self, level: int) -> bool:
        """Whether the chain of that level is no longer than the limit."""
        return self.sites(level) <= self.settings.limits.chain_sites

    def rule(self, part: int, level: int, order: int) -> Rule:
        """Angular momenta j > 0 and weights of a range."""
        if part == 0:
            return np.arange(self.ranges[0][1]) + 0.5, np.ones(self.ranges[0][1])
        last = self.ranges[-1][1]
        if part < len(self.ranges):
            first, end = self.ranges[part]
            rule = gauss_gram(order, end - first)
            weights = (end - first) * rule.weights
            if end == last:  # from there on the sum is an integral
                weights = weights + midpoint_end(rule, end - first)
            return first + (end - first) * rule.nodes, weights
        high = self._inverse(level)
        if part == len(self.ranges):
            return logarithmic_panel(float(last), high, order)
        return last_panel(high, self.settings.claim.last_momentum * high, order)

    def _inverse(self, level: int) -> float:
        """The largest r over spacing of a level, where U varies."""
        chain = self.chain(level, 0)
        ratio = chain.x / chain.cells
        here = chain.x <= self.radius
        return max(float(self.ranges[-1][1]), float(np.max(ratio[here], initial=1.0)))

    def current(self, part: int, level: int, order: int, size: int) -> NDArray:
        """j_φ at the query: the sum over a range of j and occupied states."""
        chain = self.chain(level, size)
        density = np.zeros(len(chain))
        for j, weight in zip(*self.rule(part, level, order), strict=True):
            skipped = self._unseen(chain, j)
            seen = _from_site(chain, skipped)
            for sign in (1, -1):
                density[skipped:] += weight * (
                    occupied_density(self.problem, seen, sign * j / seen.x, self.work) - 0.5
                )
        return self.at_query(chain, density)

    def _unseen(self, chain: Chain, j: float) -> int:
        """How many sites from the innermost on no query sees: a wall there leaves (r/r′)^2j.

        On-site energies ±j/r of sites that are not needed would only add to rounding.
        """
        nearest = np.min(self.query[self.query > 0], initial=self.shortest)
        nearest = max(nearest, NEAREST * self.shortest)
        count = int(np.searchsorted(chain.x, nearest * INNERMOST ** (1 / (2 * j))))
        # The polynomials that carry a density to the query reach so many sites inwards.
        count = max(count - 4 * self.settings.claim.stencil, 0)
        return count - count % 2

    def tail(self, level: int) -> NDArray:
        """What lies beyond the last j, by perturbation theory; see `momenta.momentum_tail`.

        Neighbouring sites at r and r′ are j(1/r + 1/r′) apart. To the charge |j| ~ r/a also bring
        -(a/48π) ∇²U, a power of a that no extrapolation in a² takes: the response of a chain with
        d = (s, p), s = (2/a) sin(ka/2), is U″ ∫dp dk (2π)⁻² (p ds/dk)²/4(s² + p²)^{5/2}, from which
        that of the continuum, s = k, is taken.
        """
        chain = self.chain(level, 0)
        largest = self.settings.claim.last_momentum * self._inverse(level)
        mean = 2 / (1 / chain.x[1:] + 1 / chain.x[:-1])
        flow = chain.hoppings**2 * np.diff(chain.U) * mean**3 / (4 * largest**2)
        if self.charge:
            flow = flow + np.diff(chain.U) * mean / 12
        flow = np.concatenate(([0.0], flow, [0.0]))
        return self.at_query(chain, flow[1:] - flow[:-1])

    def magnitude(self, change: NDArray) -> float:
        """The largest change, as much as it counts at each point."""
        counted = self.weights > 0
        return float(np.max(np.abs(change[counted]) * self.weights[counted], initial=0.0))

    def at_query(self, chain: Chain, density: NDArray) -> NDArray:
        """What densities on the sites are at the query: their current, or their number."""
        around = density / chain.cells / (2 * np.pi)
        around = around if self.charge else chain.sublattice * around
        edges = borders(self.problem, self.settings)
        off = self.query > 0
        out = np.zeros(len(self.query))  # none at r = 0, by symmetry
        there = np.maximum(self.query[off], chain.x[0])
        out[off] = interpolate(chain, edges, around, there, self.settings.claim.stencil)
        out[off] /= self.query[off]
        return out


def _from_site(chain: Chain, first: int) -> Chain:
    """The chain without its first sites, an even number of them."""
    part = slice(first, None)
    grading = None if chain.grading is None else chain.grading[part]
    mass = chain.mass if np.isscalar(chain.mass) else chain.mass[part]
    return replace(chain, x=chain.x[part], U=chain.U[part], mass=mass, grading=grading)


@dataclass(frozen=True)
class _Logarithmic:
    """A density with (1/g) ln(r/(r + L)) spacings more: a logarithmic scale near r = 0."""

    outer: Density
    length: float
    crowding: float

    @property
    def spacing(self) -> float:
        """Away from the middle."""
        return self.outer.spacing

    def cells(self, r: NDArray, level: int = 1) -> NDArray:
        """The number of spacings."""
        r = np.asarray(r, dtype=float)
        r = np.maximum(r, 1e-300)
        return self.outer.cells(r, level) + level / self.crowding * np.log(r / (r + self.length))

    def position(self, cells: NDArray, lo: float, hi: float, level: int = 1) -> NDArray:
        """The r in [lo, hi] with `cells(r)` as given, by bisection of ln r to rounding."""
        a, b = np.full(len(cells), np.log(lo)), np.full(len(cells), np.log(hi))
        for _ in range(BISECTIONS):
            middle = (a + b) / 2
            below = self.cells(np.exp(middle), level) < cells
            a, b = np.where(below, middle, a), np.where(below, b, middle)
        return np.exp((a + b) / 2)
