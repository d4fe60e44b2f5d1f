r"""A periodic U(x), without leads.

The Green's function is that of the infinite system, every Bloch momentum included; there is no box.
j_y(x) is a Fourier series over one period.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour import bound_below, choose_path
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.contour.rows import Rows, by_rows
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.settings import Settings
from dirac1d.green.sources.observable import Observable
from dirac1d.green.sources.unit import unit
from dirac1d.green.sources.wave.cycle import fourier_analysis
from dirac1d.green.sources.wave.source import WaveSource
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem
from dirac1d.results.harmonics import fourier_series, fourier_strip

#: Points at which U and U′ are looked at: they choose the path of p only.
RANGE_POINTS = 512
#: Harmonics beyond the last wave's over n^⅓ and the digits asked for to ⅔.
AIRY = 1.8


@dataclass(frozen=True, eq=False)
class Wave:
    """A periodic potential at positions x."""

    problem: Problem
    x: NDArray
    settings: Settings

    def at_momentum(self, p: float) -> Wave:
        """Itself: it carries all waves."""
        return self

    def path(self, energy: float | None = None) -> Gap | Ray | Offset:
        """The path of p at the Fermi energy, or at another energy (then at T = 0)."""
        problem = self.problem
        mu, T = (problem.fermi_energy, problem.temperature) if energy is None else (energy, 0.0)
        U, slope = self._on_grid
        path = choose_path(
            problem.mass, mu, T, self.U_reach, self.settings.start, self.settings.stretch,
            well=bound_below(mu - U, slope, problem.mass), unit=self.unit,
        )
        apart = 4 * np.pi / problem.potential.period  # levels at the speed 1, of half the period
        return by_rows(path, apart)

    @cached_property
    def unit(self) -> float:
        """The energy whose inverse is the length on which the answer varies."""
        return unit(self.problem)

    def beside(self, energy: float) -> tuple[list[tuple[float, float]], float]:
        """The energy as it is: levels are even in p, and none is at a corner but at its edge."""
        return [(energy, 1.0)], 0.0

    @property
    def share(self) -> float:
        """There are no jumps."""
        return 1.0

    @property
    def leads(self) -> tuple[float, ...]:
        """There are no leads."""
        return ()

    @property
    def infinite(self) -> NDArray:
        """Nowhere."""
        return np.zeros(0)

    @property
    def top(self) -> float:
        """The inverse of the length on which the answer varies."""
        return 1 / self.problem.potential.length_scale

    @property
    def U_reach(self) -> tuple[float, float]:
        """Smallest and largest U."""
        U, _ = self._on_grid
        return float(U.min()), float(U.max())

    @cached_property
    def _on_grid(self) -> tuple[NDArray, NDArray]:
        """U and U′ over the period."""
        potential = self.problem.potential
        x = potential.period * np.arange(RANGE_POINTS) / RANGE_POINTS
        return potential(x), potential.derivative(x)

    def source(self, observable: Observable) -> WaveSource:
        """The source of an observable; there are no integrals beyond the period."""
        return WaveSource(
            self.problem.potential, Observable(observable.local), self.settings, self._harmonics()
        )

    def _harmonics(self) -> int:
        """Of the first grid: where p stays real, those of the fastest wave's density, and beyond.

        Beyond its harmonic n, that of 2k where k is the largest, a density falls as an Airy
        function of the distance over n^⅓.
        """
        fewest, path = self.settings.start.harmonics, self.path()
        if not isinstance(path, Rows):
            return fewest
        n = path.around.largest_momentum * self.problem.potential.period / np.pi
        digits = -np.log10(self.settings.rtol)
        return max(fewest, int(np.ceil(n + AIRY * (n * digits**2) ** (1 / 3))))

    def at(self, result: Resolved, error: NDArray) -> tuple[NDArray, NDArray]:
        """The answer and its error, the same everywhere, at the positions asked for."""
        values = fourier_series(self._series(result), self.problem.potential.period, self.x)
        return values, np.full(len(self.x), error[0])

    def strip(self, result: Resolved, error: NDArray, floor: float) -> Strip | None:
        """j_y on panels between the ends of x, if those are not too many."""
        return fourier_strip(
            self._series(result), self.problem.potential.period, self.x, float(error[0])
        )

    def details(self, result: Resolved) -> dict[str, object]:
        """What was done, and the Fourier coefficients of j_y, JSON-ready."""
        c = self._series(result)
        return {
            "harmonics": len(c) - 1, "cells": len(result.cells), "contour_nodes": result.size,
            "path": result.domain.path.name,
            "cosine": c.real.tolist(), "sine": (-c.imag).tolist(),
        }

    @staticmethod
    def _series(result: Resolved) -> NDArray:
        """c_n of j_y(x) = Re Σ_{n≥0} c_n e^{2πinx/period}."""
        return fourier_analysis(result.source.layout.nodes) @ result.totals
