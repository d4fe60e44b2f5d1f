"""An open chain at one real energy, as a system of the convergence scheme.

The levels of a finite chain are a comb; those of one with exact leads (`resolvent.Lead`) are a
density. What one momentum gives to it has square roots where a lead's band opens,

    p_F² = (E - U_lead)² - Δ²,

which are ends of panels; beyond the last of them only levels bound to the chain lie at E, each at
one p_y. Between them a level of the chain is a resonance. None is overlooked (`momentum_path`).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states import masses
from dirac1d.states.chain import Chain
from dirac1d.states.interpolation import interpolate
from dirac1d.states.mesh import Density, Mesh, borders, outer_segment, segment_between, wave_length
from dirac1d.states.momenta import MOMENTA_LOOKED_AT, lead_thresholds, where_it_steps
from dirac1d.states.momentum_path import NODES, Path, bound_path, conducting_path
from dirac1d.states.resolution import features, fineness
from dirac1d.states.resolvent import (
    RECURSION,
    Lead,
    batches,
    diagonal_resolvent,
    energies_on_sites,
    phase,
)
from dirac1d.states.settings import Settings
from dirac1d.states.spectrum import count_below
from dirac1d.states.work import Work

#: Points at which the largest |E - U| is looked for.
LOOKED_AT = 1001
#: Halvings between two of the momenta at which levels are counted: a circle goes around what
#: is found, so it need not be known to rounding.
HALVINGS = 32
#: Distance from a threshold, relative to it, from which on bound levels are looked for.
HAIR = 1e-12
#: Part of the target that each interval of a path may be off while it is being chosen.
PATH_SHARE = 0.1
#: Of p_y: where Δ varies they are two problems.
SIGNS = 1.0, -1.0


@dataclass(eq=False)
class OpenLine:
    """The states at ε_F, their number or their current: a `dirac1d.states.scheme.System`.

    Attributes
    ----------
    problem : Problem
        A line in its frame.
    query : ndarray, shape (n,)
    rtol : float
        What the spacing and the ends of the chain are planned for.
    target : float
        The error that is asked for.
    work : Work
    density : bool
        Whether states are counted; else their current is summed.
    """

    problem: Problem
    query: NDArray
    rtol: float
    target: float
    work: Work
    density: bool
    _chains: dict[tuple[int, int], tuple[Chain, tuple[Lead | None, ...]]] = field(
        default_factory=dict, repr=False
    )
    _paths: dict[tuple[int, int, int], list[Path]] = field(default_factory=dict, repr=False)

    last_size = 1
    extrapolates_size = False

    @property
    def settings(self) -> Settings:
        """The numbers of the engine."""
        return self.work.settings

    @cached_property
    def doubt(self) -> float:
        """As `Line.doubt`: for knots of a spline that are too many to be sites."""
        honoured = len(masses.breakpoints(self.problem)) == len(self._borders)
        return 1.0 if honoured else self.settings.claim.knot_doubt

    @cached_property
    def largest(self) -> float:
        """The largest |E - U|: no state at E has a larger |p_y|, as (H - U)² ≥ p_y²."""
        problem, x = self.problem, np.linspace(*self._core(1), LOOKED_AT)
        sides = [u for b in self._borders for u in problem.potential.limits(b)]
        U = np.concatenate((problem.potential(x), sides, [U for U, _ in masses.leads(problem)]))
        return float(max(np.max(np.abs(problem.fermi_energy - U)), 1e-3 * problem.gap))

    @cached_property
    def spacing(self) -> float:
        """The background spacing at level 1."""
        wave = 1 / max(self.problem.gap, self.largest)
        wide = [s for _, s in features(self.problem) if s > self.settings.start.narrow * wave]
        return fineness(self.rtol, self.settings) * min([wave, *wide])

    @cached_property
    def thresholds(self) -> list[float]:
        """Momenta at which the leads' bands open."""
        return lead_thresholds(self.problem)

    @property
    def parts(self) -> int:
        """Panels between thresholds, and what is bound beyond the last."""
        return len(self.thresholds) + 1

    @property
    def first_orders(self) -> tuple[int, ...]:
        """On each piece of a path: more than it was chosen with."""
        return (int(self.settings.start.growth * NODES),) * self.parts

    @cached_property
    def _borders(self) -> tuple[float, ...]:
        return borders(self.problem, self.settings)

    def _core(self, size: int) -> tuple[float, float]:
        """Where U and Δ vary; at size 1 to a hundredth of the tolerance of size 0."""
        problem = self.problem
        tolerance = self.rtol * self.settings.claim.out_of_sight * problem.gap
        a, b = masses.support(problem, tolerance * 1e-2**size)
        # The polynomials that carry values to the query need sites on both sides.
        pad = self.settings.claim.stencil * wave_length(problem) / 2
        a, b = min(a, float(np.min(self.query)) - pad), max(b, float(np.max(self.query)) + pad)
        left, right = masses.sample(problem)
        return max(a, left), min(b, right)

    def mesh(self, size: int) -> Mesh:
        """Sites on all borders, equidistant but for crowds at narrow features."""
        start, wave = self.settings.start, wave_length(self.problem)
        crowds = tuple((c, fineness(self.rtol, self.settings) * s / start.crowding)
                       for c, s in features(self.problem) if s <= start.narrow * wave)
        density = Density(self.spacing, 0.0, np.inf, np.inf, crowds, start.crowding)
        a, b = self._core(size)
        left, right = masses.sample(self.problem)
        hard = bool(a == left), bool(b == right)
        inner = [*[a] * hard[0], *(x for x in self._borders if a < x < b), *[b] * hard[1]]
        inner = inner or [sum(self._core(0)) / 2]
        segments = [segment_between(density, *pair) for pair in itertools.pairwise(inner)]
        if not hard[0]:
            segments = [outer_segment(density, inner[0], a, 0), *segments]
        if not hard[1]:
            segments = [*segments, outer_segment(density, inner[-1], b, 0)]
        return Mesh(tuple(segments), (), hard)

    def chain(self, level: int, size: int) -> tuple[Chain, tuple[Lead | None, ...]]:
        """The chain of a level, and the leads that go on from its ends (None at hard walls)."""
        if (level, size) not in self._chains:
            mesh, link = self.mesh(size), self.spacing / (2 * level)
            chain = mesh.chain(self.problem, level)
            chain = replace(chain, ends=tuple(
                end if hard else link for end, hard in zip(chain.ends, mesh.hard, strict=True)
            ))
            leads = tuple(
                None if hard else Lead(U, mass, link, chain.cells[i], chain.sublattice[i])
                for hard, i, (U, mass)
                in zip(mesh.hard, (0, -1), masses.leads(self.problem), strict=True)
            )
            self._chains[level, size] = chain, leads
        return self._chains[level, size]

    def fits(self, level: int) -> bool:
        """Whether the chain of that level is no longer than the limit."""
        return self.mesh(1).sites(level) <= self.settings.limits.open_sites

    def _ends(self, part: int, leads: tuple[Lead | None, ...], p: NDArray) -> tuple[NDArray, ...]:
        """The self-energies of both leads on a panel."""
        E, nothing = self.problem.fermi_energy, np.zeros(len(p))
        beyond = part == len(self.thresholds)
        middle = 0.0 if beyond else sum([0.0, *self.thresholds][part : part + 2]) / 2
        return tuple(
            nothing if lead is None
            else lead.self_energy(E, p, not beyond and lead.opens_below(E) > middle**2)
            for lead in leads
        )

    def _sample(self, part: int, level: int, size: int, p: NDArray) -> tuple[NDArray, NDArray]:
        """G_ii per length on the sites and pivots of E - H."""
        self.work.check()
        start = perf_counter()
        chain, leads = self.chain(level, size)
        diagonal = energies_on_sites(chain, self.problem.fermi_energy, p.astype(complex))
        G, product = diagonal_resolvent(diagonal, chain.hoppings**2, self._ends(part, leads, p))
        self.work.done(len(p), len(chain), RECURSION / len(chain) ** 2, perf_counter() - start)
        return G / chain.cells[:, None], product

    def _paths_of(self, part: int, level: int, size: int) -> list[Path]:
        """The paths of a panel: one for each sign of p_y, or one around what is bound."""
        key = part, level, size
        if key not in self._paths:
            if part == len(self.thresholds):
                self._paths[key] = [self._bound(level, size)]
            else:
                low, high = [0.0, *self.thresholds][part : part + 2]
                goal = PATH_SHARE * self.target * 2 * np.pi**2
                self._paths[key] = [
                    conducting_path(partial(self._signed, part, level, size, sign), low, high, goal)
                    for sign in SIGNS
                ]
        return self._paths[key]

    def _signed(
        self, part: int, level: int, size: int, sign: float, p: NDArray
    ) -> tuple[NDArray, NDArray]:
        G, product = self._sample(part, level, size, sign * p)
        return G, phase(product)

    def _bound(self, level: int, size: int) -> Path:
        """Around the momenta at which a level is bound at E."""
        chain, leads = self.chain(level, size)
        E, part = self.problem.fermi_energy, len(self.thresholds)

        def count(p: NDArray) -> NDArray:
            diagonals = chain.diagonal(0.0)[:, None] + chain.sublattice[:, None] * p
            for i, shift in zip((0, -1), self._ends(part, leads, p), strict=True):
                diagonals[i] += shift.real
            return count_below(diagonals, chain.hoppings, np.full(len(p), E))

        # Beside a threshold: on it the self-energy of a gapless lead is infinite.
        last = max([0.0, *self.thresholds]) * (1 + HAIR)
        positive = np.linspace(last, max(self.largest, last), MOMENTA_LOOKED_AT)
        grid = np.concatenate((-positive[::-1], positive))
        below = count(grid)
        steps = np.diff(below)
        if self.thresholds:
            steps[len(positive) - 1] = 0
        p, upward = where_it_steps(count, grid, below, steps, HALVINGS)
        order = np.argsort(p)
        singular = np.array([s * t for t in self.thresholds for s in SIGNS])
        return bound_path(p[order], upward[order], singular, self.problem.gap)

    def current(self, part: int, level: int, order: int, size: int) -> NDArray:
        """What the momenta of a panel contribute at the query points."""
        chain, _ = self.chain(level, size)
        total, signs = np.zeros(len(chain)), SIGNS if part < len(self.thresholds) else (1.0,)
        for sign, path in zip(signs, self._paths_of(part, level, size), strict=True):
            p, weight = (q.ravel() for q in path.rule(order))
            for own in batches(len(p), len(chain)):
                G, _ = self._sample(part, level, size, sign * p[own])
                total -= (G @ weight[own]).imag / (2 * np.pi**2)
        return self._at_query(chain, total)

    def tail(self, level: int) -> NDArray:
        """No state at E has a larger momentum."""
        return np.zeros(len(self.query))

    def magnitude(self, change: NDArray) -> float:
        """The largest change."""
        return float(np.max(np.abs(change), initial=0.0))

    def _at_query(self, chain: Chain, per_length: NDArray) -> NDArray:
        values = per_length if self.density else chain.sublattice * per_length
        a, b = masses.sample(self.problem)
        there = np.clip(self.query, a, b)
        found = interpolate(chain, self._borders, values, there, self.settings.claim.stencil)
        return np.where(there == self.query, found, 0.0)
