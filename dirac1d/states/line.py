"""The chain with two ends as a system of the convergence scheme, and windows of a wide step.

Each panel of momenta has a chain of its own: in a lead a wave at ε_F decays as e^{-κx},
κ² = Δ² + p_y² - (ε_F - U)², and the larger p_y the nearer a wall is out of sight.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states import masses
from dirac1d.states.chain import Chain
from dirac1d.states.interpolation import interpolate
from dirac1d.states.mesh import (
    Lead,
    Mesh,
    borders,
    build_mesh,
    farthest_sight,
    plan_lead,
    sharp_breakpoints,
    sight_of,
)
from dirac1d.states.momenta import (
    Panel,
    Rule,
    bound_crossings,
    last_panel,
    lead_thresholds,
    logarithmic_panel,
    momentum_tail,
    panels_below,
    signed_crossings,
)
from dirac1d.states.resolution import base_spacing
from dirac1d.states.settings import Settings
from dirac1d.states.work import Work


@dataclass(eq=False)
class Line:
    """A step between two leads, seen at some points: a `dirac1d.states.scheme.System`.

    Attributes
    ----------
    problem : Problem
    query : ndarray, shape (n,)
        Where j_y is wanted.
    weights : ndarray, shape (n,)
        How much an error counts there.
    rtol : float
        What the spacing and the leads are planned for.
    radii : dict
        How finely each breakpoint is resolved.
    work : Work
    """

    problem: Problem
    query: NDArray
    weights: NDArray
    rtol: float
    radii: dict[float, float]
    work: Work
    _meshes: dict[tuple[float, int], Mesh] = field(default_factory=dict, repr=False)
    _chains: dict[tuple[float, int, int], Chain] = field(default_factory=dict, repr=False)
    _crossings: dict[tuple[int, int, int], list[float]] = field(default_factory=dict, repr=False)

    last_size = 1
    extrapolates_size = False

    @property
    def settings(self) -> Settings:
        """The numbers of the engine."""
        return self.work.settings

    @cached_property
    def doubt(self) -> float:
        """At the knots of a spline U″ jumps, and the error is no polynomial in a² there."""
        sharp = sharp_breakpoints(self.problem, self.settings)
        return 1.0 if self._borders == sharp else self.settings.claim.knot_doubt

    @cached_property
    def spacing(self) -> float:
        """The background spacing at level 1."""
        return base_spacing(self.problem, self.rtol, self.settings)

    @cached_property
    def finest_spacing(self) -> float:
        """The smallest spacing at level 1: in the middle of a crowd, or the background's."""
        level = self.settings.limits.levels[0]
        mesh = self._built(0.0, 0)
        return level * float(np.min(mesh.chain(self.problem, level).cells))

    @cached_property
    def scale(self) -> float:
        """S of the panel beyond the last threshold: √(|Δ| max(|Δ|, 1/width)), at most 4|Δ|."""
        mass, width = self.problem.gap, masses.length_scale(self.problem)
        return float(np.sqrt(mass * np.clip(1 / width, mass, 16 * mass)))

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """Panels of momenta below the coarsest level's inverse spacing."""
        inverse = self.settings.limits.levels[0] / self.spacing
        return panels_below(lead_thresholds(self.problem), self.scale, inverse)

    @property
    def parts(self) -> int:
        """Panels below the inverse spacing, and two beyond it."""
        return len(self.panels) + 2

    @cached_property
    def first_orders(self) -> tuple[int, ...]:
        """Where the search for the orders begins: more for waves that go round at the farthest x.

        Between the ends of a panel the phase 2kx of a wave in a lead, k² = (ε_F - U)² - Δ² - p²,
        changes by so many radians.
        """
        start, problem = self.settings.start, self.problem
        farthest = float(np.max(np.abs(self.query)))
        orders = []
        for panel in self.panels:
            phases = [0.0]
            for U, mass in masses.leads(problem):
                square = (problem.fermi_energy - U) ** 2 - mass**2
                k = [np.sqrt(max(square - p * p, 0.0)) for p in (panel.low, panel.high)]
                phases.append(2 * farthest * abs(k[1] - k[0]))
            wanted = start.order + start.order_per_radian * max(phases)
            orders.append(int(min(wanted, self.settings.limits.order / start.growth)))
        # At an edge with a slope of U the first orders may agree by accident.
        beyond = start.lattice_order * (2 if any(problem.hard_walls) else 1)
        return (*orders, beyond, beyond)

    def mesh(self, part: int, size: int) -> Mesh:
        """The mesh for the momenta of a panel."""
        last = self.panels[-1].high
        return self._built(self.panels[part].low if part < len(self.panels) else last, size)

    def _built(self, momentum: float, size: int) -> Mesh:
        key = momentum, size
        if key not in self._meshes:
            interval = float(np.min(self.query)), float(np.max(self.query))
            reach = self.settings.start.larger_box if size else 1.0
            self._meshes[key] = build_mesh(
                self.problem, interval, self.spacing, self._leads(reach, momentum), self.radii,
                2 * size, self.settings, self._spread, self._sight,
            )
        return self._meshes[key]

    @cached_property
    def _sight(self) -> tuple[float, float]:
        """How far one sees: a lead's own distance, or where Δ varies that of its least |Δ|.

        A lead of large |Δ| says nothing about what lies between here and there.
        """
        if self.problem.mass_profile is None:
            return sight_of(self._leads())
        return (farthest_sight(self.problem, self.rtol, self.settings),) * 2

    def _leads(self, reach: float = 1.0, momentum: float = 0.0) -> tuple[Lead, Lead]:
        left, right = (
            plan_lead(self.problem, lead, self.rtol, reach, momentum, self.settings)
            for lead in masses.leads(self.problem)
        )
        return left, right

    @cached_property
    def _spread(self) -> bool:
        """Whether sites may spread outwards: for all panels or none.

        Only the sum over all momenta on one lattice has an error that is a polynomial in a²: each
        panel has terms in p·a, which is not small at the last ones. So all chains must have the
        same sites wherever there is a current; they may differ in the flat leads.
        """
        return not any(lead.graded for lead in self._leads())

    def chain(self, part: int, level: int, size: int) -> Chain:
        """The chain for the momenta of a panel."""
        key = min(part, len(self.panels)), level, size
        if key not in self._chains:
            self._chains[key] = self.mesh(part, size).chain(self.problem, level)
        return self._chains[key]

    def sites(self, level: int) -> int:
        """The longest chain of a level."""
        return max(self.mesh(part, 0).sites(level) for part in range(self.parts))

    def fits(self, level: int) -> bool:
        """Whether no chain of that level is longer than the limit."""
        return self.sites(level) <= self.settings.limits.chain_sites

    def rule(self, part: int, level: int, order: int, size: int) -> Rule:
        """Momenta and weights of a panel."""
        if part < len(self.panels):
            crossings = self._bound(part, level, size)
            return self.panels[part].rule(crossings, self.scale, order)
        low = self.panels[-1].high
        high = self._inverse(level)
        if part == len(self.panels):
            return logarithmic_panel(low, high, order)
        return last_panel(high, self.settings.claim.last_momentum * high, order)

    def _inverse(self, level: int) -> float:
        """The inverse of the smallest spacing of a level."""
        return max(self.panels[-1].high, level / self.finest_spacing)

    def _bound(self, part: int, level: int, size: int) -> list[float]:
        """Where bound levels cross ε_F at T = 0; a graded lead holds too many levels to tell.

        Where Δ varies levels of either sign of p_y are looked for, at T > 0 too: what a level bound
        to a wall carries ends within T of there, and nodes gather at the ends of panels.
        """
        chain, panel = self.chain(part, level, size), self.panels[part]
        warm, varies = self.problem.temperature > 0, self.problem.mass_profile is not None
        # Beyond the last threshold no lead has a state at ε_F, and grading changes no inertia.
        full = panel.threshold is None if varies else warm or chain.grading is not None
        if full:
            return []
        key = part, level, size
        if key not in self._crossings:
            # No level with |p_y| > |ε_F - U| everywhere lies at ε_F: (H - U)² is p_y² or more.
            reach = self.problem.gap + float(np.max(np.abs(chain.U - chain.energy)))
            ends = panel.low, min(panel.high, max(reach, panel.low))
            find = signed_crossings if varies else bound_crossings
            limits = self.settings.limits
            most = limits.warm_crossings if warm else limits.crossings
            self._crossings[key] = find(chain, chain.energy, ends, most)
        return self._crossings[key]

    def current(self, part: int, level: int, order: int, size: int) -> NDArray:
        """j_y at the query points: the sum over the momenta of a panel and occupied states."""
        chain = self.chain(part, level, size)
        density = np.zeros(len(chain))
        for p_y, weight in zip(*self.rule(part, level, order, size), strict=True):
            for p in (p_y, -p_y):
                density += weight * (occupied_density(self.problem, chain, p, self.work) - 0.5)
        return self._at_query(chain, density)

    def tail(self, level: int) -> NDArray:
        """What lies beyond the last momentum, by perturbation theory."""
        chain = self.chain(self.parts - 1, level, 0)
        largest = self.settings.claim.last_momentum * self._inverse(level)
        return self._at_query(chain, momentum_tail(chain, largest))

    def magnitude(self, change: NDArray) -> float:
        """The largest change, as much as it counts at each point."""
        counted = self.weights > 0
        return float(np.max(np.abs(change[counted]) * self.weights[counted], initial=0.0))

    @cached_property
    def _borders(self) -> tuple[float, ...]:
        return borders(self.problem, self.settings)

    def _at_query(self, chain: Chain, density: NDArray) -> NDArray:
        per_length = chain.sublattice * density / chain.cells / (2 * np.pi)
        stencil = self.settings.claim.stencil
        a, b = masses.sample(self.problem)
        there = np.clip(self.query, a, b)
        found = interpolate(chain, self._borders, per_length, there, stencil)
        return np.where(there == self.query, found, 0.0)


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
