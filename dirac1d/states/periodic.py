"""Current density in a periodic potential, from the Bloch states of the doubling-free chain.

As on an open chain j_y is the density on the sublattice A less that on B, summed over p_y and all
occupied states, here also over the twists of `dirac1d.states.ring`. A ring is one more `System` of
`dirac1d.states.scheme`: its currents are Fourier coefficients, its size is the number of twists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.budget import Budget, Progress, check_within
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.problem import Problem
from dirac1d.results.harmonics import fourier_profile
from dirac1d.results.profile import Profile
from dirac1d.states.frame import frame_of, moved, rounding_of
from dirac1d.states.momenta import (
    Panel,
    Rule,
    gauss,
    joined,
    last_panel,
    logarithmic_panel,
)
from dirac1d.states.ring import (
    BandEdge,
    Ring,
    TwistGroup,
    equidistant_twists,
    momentum_tail_on,
    near_band_edge,
    singular_twists,
    twist_groups,
)
from dirac1d.states.scheme import Answer, converge, extrapolate
from dirac1d.states.settings import DEFAULT, DEFAULT_RTOL, Settings
from dirac1d.states.work import DENSE, Work

#: Levels from which the energy of a band edge at spacing zero is found.
EDGE_LEVELS = 5


@dataclass(eq=False)
class Wave:
    """One period, to be made infinite by twists: a `dirac1d.states.scheme.System`.

    Its currents are the coefficients c_n of j_y(x) = Re Σ_{n≥0} c_n e^{2πinx/period} that the
    ring's cells can carry.
    """

    problem: Problem
    work: Work
    _rings: dict[int, Ring] = field(default_factory=dict, repr=False)
    _ends: dict[int, list[float]] = field(default_factory=dict, repr=False)
    _groups: dict[tuple[int, int], list[TwistGroup]] = field(default_factory=dict, repr=False)

    #: Momenta below the inverse spacing, around it, and beyond.
    parts = 3
    extrapolates_size = True
    doubt = 1.0

    @property
    def settings(self) -> Settings:
        """The numbers of the engine."""
        return self.work.settings

    @property
    def first_orders(self) -> tuple[int, ...]:
        """Where the search for the orders begins."""
        start = self.settings.start
        return start.order, start.lattice_order, start.lattice_order

    @property
    def last_size(self) -> int:
        """Doublings of the number of twists."""
        return self.settings.limits.twist_doublings

    def cells(self, level: int) -> int:
        """Cells of the ring at a level."""
        start, period = self.settings.start, self.problem.potential.period
        energy = Ring(self.problem, 2).energy
        if self.problem.regime == "insulating":
            energy = np.sqrt(energy * min(energy, 2 * np.pi / period))
        fewest = max(start.ring_cells, period * energy / start.ring_spacing)
        # Even, so that every level has a whole number of cells.
        first = 2 * int(np.ceil(fewest / 2))
        return first * level // self.settings.limits.levels[0]

    def ring(self, level: int) -> Ring:
        """The ring at a level, with ε_F where it is as far from the closest band edge as at a = 0.

        So all levels have the same Fermi lines, and the current remains a series in a².
        """
        if level not in self._rings:
            ring = Ring(self.problem, self.cells(level))
            if self._edge is not None:
                edge, energy, _ = self._edge
                fermi = self.problem.fermi_energy + edge.energy(ring) - energy
                ring = Ring(replace(self.problem, fermi_energy=fermi), ring.cells)
            self._rings[level] = ring
        return self._rings[level]

    @property
    def unknown_edge(self) -> float:
        """What the error of a band edge's energy does to a current, at most about."""
        unknown = 0.0 if self._edge is None else self._edge[2]
        return unknown * self.problem.current_scale / abs(self.problem.mass)

    @cached_property
    def _edge(self) -> tuple[BandEdge, float, float] | None:
        """A band edge so close to ε_F that the spacing matters; its energy at a = 0, with error."""
        if self.problem.regime == "insulating":
            return None
        levels = self.settings.limits.levels[:EDGE_LEVELS]
        rings = [Ring(self.problem, self.cells(level)) for level in levels]
        finer = Ring(self.problem, 2 * rings[0].cells)
        edge = near_band_edge(rings[0], finer)
        if edge is None:
            return None
        energies = [np.array([edge.energy(ring)]) for ring in rings]
        found, fewer = (
            float(extrapolate(levels[:n], energies[:n])[0][0]) for n in (len(levels), -1)
        )
        return edge, found, abs(found - fewer)

    def fits(self, level: int) -> bool:
        """Whether the ring is within the limit; two levels are always tried."""
        few = level in self.settings.limits.levels[:2]
        return few or self.cells(level) <= self.settings.limits.ring_cells

    def magnitude(self, change: NDArray) -> float:
        """Bound on a change of j_y anywhere."""
        return float(np.sum(np.abs(change)))

    def current(self, part: int, level: int, order: int, size: int) -> NDArray:
        """The harmonics of what the momenta of a panel contribute."""
        ring, twists = self.ring(level), 2**size
        density = np.zeros(2 * ring.cells)
        groups = self._twist_groups(level, size) if part == 0 else []
        for group in groups:
            for p, weight in zip(*self._low_rule(group.breaks, order), strict=True):
                density += weight * self._density(ring, p, group.twists, group.weights)
        if not groups:
            for p, weight in zip(*self._rule(part, level, order), strict=True):
                # Where p_y exceeds twice the largest |ε_F - U| or |Δ|, κ > p_y/2, and the error
                # e^{-2L·twists·κ} allows fewer.
                needed = int(np.ceil(twists * min(1.0, 2 * ring.energy / p)))
                density += weight * self._density(ring, p, *equidistant_twists(needed))
        return _harmonics(ring, density)

    def tail(self, level: int) -> NDArray:
        """What lies beyond the last momentum, by perturbation theory."""
        ring = self.ring(level)
        largest = self.settings.claim.ring_last_momentum * self._inverse(level)
        return _harmonics(ring, momentum_tail_on(ring, largest))

    def _inverse(self, level: int) -> float:
        return max(1 / self.ring(level).spacing, self._low)

    @property
    def _low(self) -> float:
        """Where the panel below the inverse spacing ends."""
        ring = self.ring(self.settings.limits.levels[0])
        return max(1 / ring.spacing, 1.5 * ring.energy)

    def _rule(self, part: int, level: int, order: int) -> Rule:
        if part == 0:
            return self._low_rule((), order)
        high = self._inverse(level)
        if part == 1:
            return logarithmic_panel(self._low, high, order)
        # Beyond its end the integrand is p^-3 (1 + c/p²): in 1/p three Gauss nodes are exact.
        claim = self.settings.claim
        end = claim.last_momentum * high
        t, weight = gauss(claim.last_momentum / claim.ring_last_momentum, 1.0, 3)
        return joined([last_panel(high, end, order), (end / t, end * weight / t**2)])

    def _low_rule(self, breaks: tuple[float, ...], order: int) -> Rule:
        panel = Panel(0.0, self._low, 0.0)
        return panel.rule(list(breaks), abs(self.problem.mass), order)

    def _twist_groups(self, level: int, size: int) -> list[TwistGroup]:
        key, ring = (level, size), self.ring(level)
        if level not in self._ends:
            self._ends[level] = singular_twists(ring, self.settings)
        if key not in self._groups:
            self._groups[key] = twist_groups(ring, 2**size, self._ends[level], self.settings)
        return self._groups[key]

    def _density(self, ring: Ring, p: float, twists: NDArray, weights: NDArray) -> NDArray:
        """Σ_φ weight · Σ_i (n_F - ½) |vector_i|² for ±p together."""
        self.work.check()
        start = perf_counter()
        density = ring.density(float(p), twists, weights) - np.sum(weights)
        self.work.done(2 * len(twists), 2 * ring.cells, DENSE, perf_counter() - start)
        return density


def _harmonics(ring: Ring, density: NDArray) -> NDArray:
    """Fourier coefficients of the current that a density on the sites carries."""
    j_y = ring.sublattice * density / ring.spacing / (2 * np.pi)
    n = np.arange((ring.cells - 1) // 2 + 1)
    # Each sublattice has n sites: mean over cells of e^{-2πinx/L}(A part + B part).
    wave = np.exp(-2j * np.pi / ring.problem.potential.period * np.outer(n, ring.x))
    harmonics = wave @ j_y / ring.cells
    harmonics[1:] *= 2
    return harmonics


def periodic_current(
    problem: Problem,
    x: ArrayLike,
    *,
    rtol: float | None = None,
    within: float | None = None,
    progress: Callable[[Progress], object] | None = None,
    settings: Settings | None = None,
) -> Profile:
    """Current density j_y(x)/e in a periodic potential, from Bloch states of the lattice.

    Parameters
    ----------
    problem : Problem
        With a `PeriodicPotential`, for instance `CosinePotential`.
    x : array_like, shape (n,)
        Strictly increasing positions; not tied to the lattice.
    rtol : float, optional
        Accuracy relative to ``problem.current_scale``; 1e-4 by default.
    within : float, optional
        Seconds after which the best answer so far is returned; see
        `dirac1d.states.current_density`.
    progress : callable, optional
        Called with a `Progress`, the number of diagonalisations, as they are done.
    settings : Settings, optional
        The numbers of the method.

    Returns
    -------
    Profile
        With ``engine="states"``; ``details["sine"]`` and ``details["cosine"]`` are the Fourier
        coefficients of j_y in the phase 2πx/period, from harmonic 0 on.

    Raises
    ------
    ValueError
        If the potential is not periodic, x is not strictly increasing and finite, rtol is not
        in (0, 1), or within is not positive.
    KeyboardInterrupt
        If the user interrupts before there is an answer.

    Warns
    -----
    AccuracyWarning
        If the error estimate exceeds rtol; ``status`` says by how much.
    """
    x, rtol = check_positions(x), check_rtol(DEFAULT_RTOL if rtol is None else rtol)
    seconds = check_within(within)
    settings = DEFAULT if settings is None else settings
    if not problem.periodic:
        raise ValueError(f"potential must be periodic, got {problem.potential!r}")
    if problem.current_scale == 0.0:
        return fourier_profile(problem, x, rtol, np.zeros(1, complex), 0.0, "states", {})
    work = Work(
        "auto", progress, Budget(seconds), settings, within is not None,
        goal=rtol * problem.current_scale,
    )
    harmonics, error, details = fourier_current(problem, x, rtol, work)
    return fourier_profile(
        problem, x, rtol, harmonics, error, "states", details, work.stopped
    )


def fourier_current(
    problem: Problem, x: NDArray, rtol: float, work: Work
) -> tuple[NDArray, float, dict[str, Any]]:
    """Fourier coefficients c_n of j_y(x) = Re Σ_{n≥0} c_n e^{2πinx/period}, and their error."""
    frame = frame_of(problem)
    wave = Wave(moved(problem, frame), work)
    scale = wave.problem.current_scale
    noise = rounding_of(problem, frame, x, work.settings.claim)
    answer = converge(wave, max(rtol * scale, noise), work)
    if answer is None:
        return np.zeros(1, complex), np.inf, {}
    claim, level = work.settings.claim, answer.levels[-1]
    differences = sum(wave.magnitude(d) for d in answer.parts().values())
    last = claim.ring_last_momentum / (2 * np.pi)
    rounding = claim.rounding * last / wave.ring(level).spacing ** 2
    error = claim.safety * differences + claim.ring_floor * scale + rounding
    error += noise * answer.weight + wave.unknown_edge
    return answer.values * frame.unit**2, error * frame.unit**2, _details(wave, answer)


def _details(wave: Wave, answer: Answer) -> dict[str, Any]:
    """What was done, JSON-ready."""
    return {
        "cells": wave.cells(answer.levels[-1]), "levels": list(answer.levels),
        "momenta": sum(answer.orders), "orders": list(answer.orders),
        "fine_orders": list(answer.fine_orders), "twists": 2**answer.size,
        "diagonalisations": wave.work.diagonalisations, "eigen_seconds": wave.work.eigen_seconds,
    }
