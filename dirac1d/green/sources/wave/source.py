"""Local traces in a periodic potential as a source of the integrator: one period is one panel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Layout, Sample
from dirac1d.green.settings import Settings
from dirac1d.green.sources.observable import Observable
from dirac1d.green.sources.step.solution import Curved, Solution
from dirac1d.green.sources.wave.cycle import Cycle, fourier_analysis, fourier_transfer
from dirac1d.green.sources.wave.floquet import FixedPoints, periodic_fixed_points
from dirac1d.potentials import PeriodicPotential

#: Complex arrays of the shape (grid, contour nodes) alive at once in a batch.
ARRAYS_ALIVE = 24
#: Rounding of s from transfer matrices, whose digits are those of 1.
ROUNDING = 2.2e-16
#: The one panel.
PERIOD = slice(0, 1)


@dataclass(frozen=True, eq=False)
class WaveSource:
    """An observable on a grid that carries some harmonics."""

    potential: PeriodicPotential
    observable: Observable
    settings: Settings
    harmonics: int

    @cached_property
    def cycle(self) -> Cycle:
        """The grid."""
        return Cycle.of(self.potential, self.harmonics)

    @property
    def layout(self) -> Layout:
        """One panel, no functionals."""
        return Layout(1, 2 * self.harmonics + 1, 0)

    places = 1
    visible = PERIOD
    judged = np.ones(1, dtype=bool)
    hidden = np.zeros(1, dtype=bool)

    @property
    def batch(self) -> int:
        """Contour nodes at once."""
        return self.settings.limits.at_once(self.layout.nodes * ARRAYS_ALIVE)

    def full(self, points: int) -> bool:
        """Whether a limit of work is met."""
        limits = self.settings.limits
        work = points * self.layout.nodes
        return self.harmonics >= limits.harmonics or work > limits.periodic_work

    def traps(self, energy: float, mass: float) -> bool:
        """Every period is a well."""
        return True

    def sample(self, points: tuple[NDArray, ...], tolerance: float) -> Sample:
        """The observable at contour nodes (E, M); sweeps and matrices are exact to rounding."""
        E, M = points
        solution = _solution(periodic_fixed_points(self.cycle, E, M, tolerance), M)
        values = self.observable.local(solution, PERIOD)[:, 0].T
        # What the grid cannot carry shows in its last two harmonics.
        last = np.abs(values @ fourier_analysis(self.layout.nodes)[-2:].T)
        rounding = ROUNDING * solution.sensitivity(PERIOD)
        return Sample(values, np.max(last, axis=1)[None, :], np.zeros(1, dtype=bool), rounding)

    def coarser(self) -> WaveSource:
        """Fewer harmonics."""
        fewer = self.harmonics - min(self.settings.claim.dropped, self.harmonics // 2)
        return replace(self, harmonics=fewer)

    def finer(self, parts: NDArray) -> WaveSource:
        """Twice the harmonics."""
        return replace(self, harmonics=2 * self.harmonics)

    def transfer(self, to: WaveSource) -> NDArray:
        """Values on this grid to those on another one."""
        return fourier_transfer(to.layout.nodes, self.layout.nodes)

    def coefficients(self, total: NDArray) -> NDArray:
        """Cosines and sines of all harmonics in turn."""
        c = fourier_analysis(self.layout.nodes) @ total
        return np.stack((c.real, c.imag), axis=1).reshape(1, -1)[:, np.r_[0, 2 : 2 * len(c)]]

    def unseen(self, lost: NDArray) -> NDArray:
        """What is lost."""
        return lost


def _solution(found: FixedPoints, M: NDArray) -> Solution:
    """The local traces of both fixed points: nodes of the grid first, one panel."""
    E_prime, kappa, s0, left, right = (
        q.T[:, None, :] for q in (found.E_prime, found.kappa, found.s0, found.left, found.right)
    )
    base = np.where(found.swept, s0, 0)
    return Solution.of_one(
        M, Curved(np.zeros(1, dtype=int), E_prime, kappa, base, found.swept[None, :], left, right)
    )
