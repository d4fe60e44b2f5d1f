"""A circle at one real energy, as a system of the convergence scheme.

The chain along r (`circle`) goes on outside along a path that bends into the plane of complex r,
dr/ds → 1 ± i: a wave that leaves decays there, and nothing comes back. Up to the bend the resolvent
is that of the open circle; sites are equidistant on a smooth path, so the error stays even in the
spacing. At a real energy each j is a number, and those beyond kr do not reach a place.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states import masses
from dirac1d.states.chain import Chain
from dirac1d.states.circle import Circle
from dirac1d.states.mesh import (
    Mesh,
    borders,
    outer_segment,
    segment_between,
    smooth_ramp,
    wave_length,
)
from dirac1d.states.resolvent import RECURSION, batches, diagonal_resolvent
from dirac1d.states.settings import Settings
from dirac1d.states.work import Work

#: Radius of the innermost site, in the shortest length: the wall there leaves so much over r of the
#: density of j = ½, of which the current at a small r is a small part.
INNERMOST = 1e-13
#: Waves from where a value is asked for to the middle of the bend, which begins like e^{-t²}.
BEFORE_THE_BEND = 5.0
#: A wave decays by e to this power before the path ends, and on the longer one.
DECAYS = 9.0, 12.0


@dataclass(eq=False)
class OpenCircle:
    """The states at ε_F, their number or their current: a `dirac1d.states.scheme.System`.

    Attributes
    ----------
    problem : Problem
        Of a `circle.Cut`, with ε_F in a band outside.
    query : ndarray, shape (n,)
        Radii.
    rtol : float
        What the spacing is planned for.
    work : Work
    density : bool
        Whether states are counted; else their current is summed.
    """

    problem: Problem
    query: NDArray
    rtol: float
    work: Work
    density: bool
    _chains: dict[tuple[int, int], tuple[Chain, Chain]] = field(default_factory=dict, repr=False)

    parts = 1
    last_size = 1
    extrapolates_size = False

    @property
    def settings(self) -> Settings:
        """The numbers of the engine."""
        return self.work.settings

    @property
    def first_orders(self) -> tuple[int, ...]:
        """How many angular momenta beyond those that reach a place."""
        return (self.settings.start.order,)

    @cached_property
    def doubt(self) -> float:
        """As `Line.doubt`."""
        honoured = len(masses.breakpoints(self.problem)) == len(borders(self.problem))
        return 1.0 if honoured else self.settings.claim.knot_doubt

    @cached_property
    def circle(self) -> Circle:
        """The same circle as a sum over all states: how finely, and how many j."""
        return Circle(self.problem, self.query, np.ones(len(self.query)), self.rtol, {}, self.work,
                      self.density)

    @cached_property
    def wave(self) -> float:
        """The wavenumber outside, negative where a wave that leaves goes as e^{-i|k|r}."""
        U, mass = masses.leads(self.problem)[1]
        e = self.problem.fermi_energy - U
        return float(np.sign(e) * np.sqrt(e**2 - mass**2))

    @cached_property
    def bend(self) -> float:
        """The middle of the bend."""
        problem = self.problem
        tolerance = self.rtol * self.settings.claim.out_of_sight * problem.gap
        last = max(masses.support(problem, tolerance)[1], float(np.max(self.query)))
        return last + (BEFORE_THE_BEND + self.settings.claim.stencil / 2) * wave_length(problem)

    def mesh(self, size: int) -> Mesh:
        """From the innermost radius through the breakpoints and along the path."""
        density = self.circle.density((), ())
        inner = [INNERMOST * self.circle.shortest, *borders(self.problem, self.settings)]
        segments = [segment_between(density, *pair) for pair in itertools.pairwise(inner)]
        end = self.bend + DECAYS[size] / abs(self.wave)
        return Mesh((*segments, outer_segment(density, inner[-1], end, 0)), ())

    def chain(self, level: int, size: int) -> tuple[Chain, Chain]:
        """The chain of a level with its sites at real r, and on the path."""
        if (level, size) not in self._chains:
            chain, width = self.mesh(size).chain(self.problem, level), wave_length(self.problem)
            aside = np.sign(self.wave) * width * smooth_ramp((chain.x - self.bend) / width)
            self._chains[level, size] = chain, replace(chain, x=chain.x + 1j * aside)
        return self._chains[level, size]

    def fits(self, level: int) -> bool:
        """Whether the chain of that level is no longer than the limit."""
        return self.mesh(1).sites(level) <= self.settings.limits.open_sites

    def current(self, part: int, level: int, order: int, size: int) -> NDArray:
        """The sum over all j up to `order` beyond those that reach a radius."""
        chain, bent = self.chain(level, size)
        j = np.arange(self.circle.resonant + order) + 0.5
        both, total = np.concatenate((j, -j)), np.zeros(len(chain))
        for own in batches(len(both), len(chain)):
            self.work.check()
            start, turning = perf_counter(), bent.sublattice / bent.x
            diagonal = (self.problem.fermi_energy - bent.U)[:, None] - np.outer(turning, both[own])
            nothing = np.zeros(diagonal.shape[1])
            G, _ = diagonal_resolvent(diagonal, bent.hoppings**2, (nothing, nothing))
            total -= np.sum(G.imag, axis=1) / np.pi
            self.work.done(len(nothing), len(chain), RECURSION / len(chain) ** 2,
                           perf_counter() - start)
        return self.circle.at_query(chain, total)

    def tail(self, level: int) -> NDArray:
        """No state at E with a larger j reaches the radii."""
        return np.zeros(len(self.query))

    def magnitude(self, change: NDArray) -> float:
        """The largest change."""
        return float(np.max(np.abs(change), initial=0.0))
