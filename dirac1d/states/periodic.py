"""Current density in a periodic potential, from the Bloch states of the doubling-free chain.

One period of the Rice–Mele chain of `dirac1d.states.chain`, closed by its strong bond times e^{iφ}:
the twist φ is Bloch momentum times period, and the sum over φ makes the system infinite. As on an
open chain j_y is the density on the sublattice A less that on B, summed over p_y and all occupied
states; the spacing is extrapolated to zero.

With ε_F in a gap, or T > 0, equidistant twists converge exponentially. In a band at T = 0 the
occupations jump: along p_y where a level crosses ε_F, and the integral over p_y has a square root
in φ where that happens at p_y = 0. Both are found and made ends of Gauss panels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from dirac1d.harmonics import fourier_profile
from dirac1d.problem import Problem
from dirac1d.profile import Profile, check_positions, check_rtol
from dirac1d.states.momenta import LAST_MOMENTUM, momentum_rule

DEFAULT_RTOL = 1e-4
#: Spacings a, 2a/3, a/2, …: as many as needed.
LEVELS = (2, 3, 4, 6, 8, 12)
#: Coarsest chain: cells to a period, and spacing times the largest energy (times the geometric mean
#: of energy and wavenumber in the gap: there the error is (qa)², not (Δa)², in a slow potential).
FIRST_CELLS, FIRST_SPACING = 12, 0.8
#: End of the momenta, in inverse spacings: perturbation theory is good to 1/LAST² beyond.
LAST = 70.0
#: Longest chain: 1,000 sites take about half a second a momentum and twist.
MAX_CELLS = 600
#: First orders of the rules in p_y and φ; growth; largest.
FIRST_MOMENTA, MOMENTA_GROWTH, MAX_MOMENTA = 8, 1.5, 120
FIRST_TWISTS, TWISTS_GROWTH, MAX_TWISTS = 1, 2, 256
#: Part of the target that the last step of the rules in p_y and φ may still change.
RULE_SHARE = 0.1
#: Factor between a difference of two approximations and the error claimed for the better.
SAFETY = 2.0
#: Part of j₀ below which no error is claimed: the end of the momentum rule.
FLOOR = 3e-8
#: Rounding of an occupied density (4e-15 measured at 72 sites), which the sum over all momenta up
#: to the last multiplies: it shows in very weak, very short potentials.
ROUNDING = 1e-14


@dataclass(frozen=True)
class Ring:
    """One period of the chain: n cells of an A and a B site, half a spacing apart."""

    problem: Problem
    cells: int

    @cached_property
    def energy(self) -> float:
        """The largest of |Δ| and |ε_F - U|."""
        U = self.problem.potential(self.problem.potential.period * np.arange(256) / 256)
        return max(abs(self.problem.mass), float(np.max(np.abs(self.problem.fermi_energy - U))))

    @property
    def spacing(self) -> float:
        """The distance a between neighbouring A sites."""
        return self.problem.potential.period / self.cells

    @property
    def x(self) -> NDArray:
        """Positions of the 2n sites, A and B in turn."""
        return np.arange(2 * self.cells) * (self.spacing / 2)

    @property
    def sublattice(self) -> NDArray:
        """+1 on A, -1 on B."""
        return np.where(np.arange(2 * self.cells) % 2 == 0, 1.0, -1.0)

    @property
    def hoppings(self) -> NDArray:
        """Δ/2 ∓ 1/a from site i to i + 1; the last one closes the ring."""
        return self.problem.mass / 2 - self.sublattice / self.spacing

    def matrices(self, p_y: float, twists: NDArray) -> NDArray:
        """The Hermitian matrices at p_y for some twists, shape (twists, 2n, 2n)."""
        N = 2 * self.cells
        i = np.arange(N - 1)
        H = np.zeros((len(twists), N, N), complex)
        H[:, range(N), range(N)] = self.problem.potential(self.x) + self.sublattice * p_y
        H[:, i, i + 1] = H[:, i + 1, i] = self.hoppings[:-1]
        H[:, N - 1, 0] += self.hoppings[-1] * np.exp(1j * twists)
        H[:, 0, N - 1] += self.hoppings[-1] * np.exp(-1j * twists)
        return H

    def level(self, index: int, p_y: float, twist: float) -> float:
        """The energy of one level."""
        return float(np.linalg.eigvalsh(self.matrices(p_y, np.array([twist])))[0, index])

    def density(self, p_y: float, twists: NDArray, weights: NDArray) -> NDArray:
        """Σ_φ weight · Σ_i n_F(ε_i) |vector_i|² on the sites, for ±p_y together."""
        T, fermi = self.problem.temperature, self.problem.fermi_energy
        total = np.zeros(2 * self.cells)
        for p in (p_y, -p_y):
            energies, vectors = np.linalg.eigh(self.matrices(p, twists))
            s = energies - fermi
            occupation = (s < 0) + 0.5 * (s == 0) if T == 0 else 0.5 * (1 - np.tanh(s / (2 * T)))
            size = vectors.real**2 + vectors.imag**2
            total += np.einsum("k,ksi,ki->s", weights, size, occupation, optimize=True)
        return total


def periodic_current(
    problem: Problem,
    x: ArrayLike,
    *,
    rtol: float | None = None,
    progress: Callable[[int], None] | None = None,
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
    progress : callable, optional
        Called with the number of diagonalisations, as they are done.

    Returns
    -------
    Profile
        With ``engine="states"``; ``details["sine"]`` and ``details["cosine"]`` are the Fourier
        coefficients of j_y in the phase 2πx/period, from harmonic 0 on.

    Raises
    ------
    ValueError
        If the potential is not periodic, x is not strictly increasing and finite, or rtol is not
        in (0, 1).

    Warns
    -----
    AccuracyWarning
        If the error estimate exceeds rtol; ``status`` says by how much.
    """
    x, rtol = check_positions(x), check_rtol(DEFAULT_RTOL if rtol is None else rtol)
    if not problem.periodic:
        raise ValueError(f"potential must be periodic, got {problem.potential!r}")
    if problem.current_scale == 0.0:
        return fourier_profile(problem, x, rtol, np.zeros(1, complex), 0.0, "states", {})
    harmonics, error, details = fourier_current(problem, rtol, progress)
    return fourier_profile(problem, x, rtol, harmonics, error, "states", details)


def fourier_current(
    problem: Problem, rtol: float, progress: Callable[[int], None] | None = None
) -> tuple[NDArray, float, dict[str, Any]]:
    """Fourier coefficients c_n of j_y(x) = Re Σ_{n≥0} c_n e^{2πinx/period}, and their error."""
    target = rtol * problem.current_scale
    first = _first_cells(problem)
    coarse = Ring(problem, first)
    momenta, twists, rule_error = _orders(coarse, target, progress)
    levels, table, change = [], [], np.inf
    for level in LEVELS:
        cells = first * level // LEVELS[0]
        if cells > MAX_CELLS and len(levels) > 1:
            break
        # Finer chains have more decades of momentum below their inverse spacing.
        order = int(np.ceil(momenta * np.sqrt(level / LEVELS[0])))
        levels.append(level)
        table.append(_ring_current(Ring(problem, cells), order, twists, progress))
        if len(levels) > 2:
            best, other = _extrapolate(levels, table)
            change = float(np.sum(np.abs(other - best)))
            if SAFETY * change < 0.5 * target:
                break
    best, _ = _extrapolate(levels, table)
    cut = first * levels[-1] / LEVELS[0] / problem.potential.period
    rounding = ROUNDING * LAST * cut**2 / (2 * np.pi)
    error = SAFETY * (change + rule_error) + FLOOR * problem.current_scale + rounding
    details = {
        "cells": first * levels[-1] // LEVELS[0], "levels": levels, "momenta": momenta,
        "twists": twists,
    }
    return best, error, details


def _first_cells(problem: Problem) -> int:
    """Cells of the coarsest ring, an even number."""
    period, energy = problem.potential.period, Ring(problem, 2).energy
    if problem.regime == "insulating":
        energy = np.sqrt(energy * min(energy, 2 * np.pi / period))
    return max(FIRST_CELLS, 2 * int(np.ceil(period * energy / FIRST_SPACING / 2)))


def _orders(
    ring: Ring, target: float, progress: Callable[[int], None] | None
) -> tuple[int, int, float]:
    """Orders of the rules in p_y and φ at which the coarse ring has converged; what is left."""
    orders = [FIRST_MOMENTA, FIRST_TWISTS]
    steps = (MOMENTA_GROWTH, MAX_MOMENTA), (TWISTS_GROWTH, MAX_TWISTS)
    values, left = _ring_current(ring, *orders, progress), [np.inf, np.inf]
    while True:
        for axis, (growth, most) in enumerate(steps):
            if left[axis] <= RULE_SHARE * target or orders[axis] >= most:
                continue
            following = orders.copy()
            following[axis] = min(int(np.ceil(orders[axis] * growth)), most)
            better = _ring_current(ring, *following, progress)
            left[axis] = float(np.sum(np.abs(better - values)))
            orders, values = following, better
        open_ = [
            e > RULE_SHARE * target and n < most
            for e, n, (_, most) in zip(left, orders, steps, strict=True)
        ]
        if not any(open_):
            return orders[0], orders[1], sum(left)


def _ring_current(
    ring: Ring, momenta: int, twists: int, progress: Callable[[int], None] | None
) -> NDArray:
    """The harmonics of j_y that the ring's cells can carry."""
    density, count = np.zeros(2 * ring.cells), 0
    for phi, phi_weights, breaks in _twist_groups(ring, twists):
        for p, weight in zip(*_momenta(ring, breaks, momenta), strict=True):
            if phi is None:
                needed = int(np.ceil(twists * min(1.0, 2 * ring.energy / p)))
                some, weights = _equidistant(needed)
            else:
                some, weights = phi, phi_weights
            own = ring.density(float(p), some, weights)
            density += weight * (own - np.sum(weights))
            count += 2 * len(some)
    if progress is not None:
        progress(count)
    density += _momentum_tail(ring)
    j_y = ring.sublattice * density / ring.spacing / (2 * np.pi)
    n = np.arange((ring.cells - 1) // 2 + 1)
    # Each sublattice has n sites: mean over cells of e^{-2πinx/L}(A part + B part).
    wave = np.exp(-2j * np.pi / ring.problem.potential.period * np.outer(n, ring.x))
    harmonics = wave @ j_y / ring.cells
    harmonics[1:] *= 2
    return harmonics


def _momenta(ring: Ring, breaks: list[float], order: int) -> tuple[NDArray, NDArray]:
    """Momenta p_y > 0 and weights up to `LAST` inverse spacings."""
    cut = 1 / ring.spacing
    p, weights = momentum_rule(breaks, abs(ring.problem.mass), (cut, cut), order)
    # Beyond its end the integrand is p^-3 (1 + c/p²): in 1/p three Gauss nodes are exact.
    t, w = leggauss(3)
    lo = LAST_MOMENTUM / LAST
    t, w = lo + (1 - lo) * (t + 1) / 2, w * (1 - lo) / 2
    end = LAST_MOMENTUM * cut
    return np.concatenate((p, end / t)), np.concatenate((weights, end * w / t**2))


def _equidistant(order: int) -> tuple[NDArray, NDArray]:
    """Twists in (0, π), and weights of their mean: the trapezoidal rule on the circle."""
    return np.pi * (np.arange(order) + 0.5) / order, np.full(order, 1 / order)


def _twist_groups(
    ring: Ring, order: int
) -> list[tuple[NDArray | None, NDArray | None, list[float]]]:
    """Twists in (0, π) and weights of their mean, in groups that share breaks in p_y.

    None: equidistant ones, whose error falls as e^{-2L·order·κ}. Where p_y exceeds twice the
    largest |ε_F - U| or |Δ|, κ > p_y/2, and fewer will do.
    """
    problem = ring.problem
    levels = _crossing_levels(ring) if problem.temperature == 0 else []
    if not levels:
        return [(None, None, [])]
    ends = [0.0, *sorted(_roots(ring, levels)), np.pi]
    t, w = leggauss(2 * order + 2)
    groups = []
    for a, b in pairwise(ends):
        theta = np.pi / 4 * (t + 1)
        phi = a + (b - a) * np.sin(theta) ** 2
        weight = np.pi / 4 * w * (b - a) * np.sin(2 * theta) / np.pi
        groups += [
            (np.array([f]), np.array([v]), _breaks(ring, levels, float(f)))
            for f, v in zip(phi, weight, strict=True)
        ]
    return groups


def _crossing_levels(ring: Ring) -> list[int]:
    """Levels that lie on the other side of ε_F at p_y = 0 than at p_y = ∞, for some twist.

    Levels of the lower half fall, those of the upper half rise as p_y grows.
    """
    energies = np.linalg.eigvalsh(ring.matrices(0.0, np.linspace(0, np.pi, 9)))
    below = energies < ring.problem.fermi_energy
    lower = np.arange(2 * ring.cells) < ring.cells
    crossing = np.where(lower, ~np.all(below, axis=0), np.any(below, axis=0))
    return np.flatnonzero(crossing).tolist()


def _roots(ring: Ring, levels: list[int]) -> list[float]:
    """Twists at which a level crosses ε_F at p_y = 0; bands are monotonic in (0, π)."""
    fermi, found = ring.problem.fermi_energy, []
    for i in levels:
        ends = [ring.level(i, 0.0, phi) - fermi for phi in (0.0, np.pi)]
        if ends[0] * ends[1] < 0:
            found.append(brentq(lambda f, i=i: ring.level(i, 0.0, f) - fermi, 0.0, np.pi))
    return found


def _breaks(ring: Ring, levels: list[int], twist: float) -> list[float]:
    """Momenta p_y > 0 at which the levels cross ε_F."""
    fermi = ring.problem.fermi_energy
    largest = LAST_MOMENTUM / ring.spacing
    found = []
    for i in levels:
        ends = [ring.level(i, p, twist) - fermi for p in (0.0, largest)]
        if ends[0] * ends[1] < 0:
            found.append(brentq(lambda p, i=i: ring.level(i, p, twist) - fermi, 0.0, largest))
    return sorted(found)


def _momentum_tail(ring: Ring) -> NDArray:
    """What lies beyond the momentum rule: `dirac1d.states.momenta.momentum_tail` on a ring."""
    U = ring.problem.potential(ring.x)
    flow = ring.hoppings**2 * (np.roll(U, -1) - U)
    return (flow - np.roll(flow, 1)) / (4 * (LAST / ring.spacing) ** 2)


def _extrapolate(levels: list[int], table: list[NDArray]) -> tuple[NDArray, NDArray]:
    """Value at spacing zero of the polynomial in a² through all levels, harmonic by harmonic.

    And the same without the coarsest level. High harmonics are known to the finer chains only; one
    that a single chain knows is compared with 0.
    """
    best, other = np.zeros((2, len(table[-1])), complex)
    for n in range(len(best)):
        known = [(level, row[n]) for level, row in zip(levels, table, strict=True) if n < len(row)]
        best[n] = _at_zero(known)
        other[n] = _at_zero(known[1:])
    return best, other


def _at_zero(known: list[tuple[int, complex]]) -> complex:
    """Lagrange's formula in a² ∝ 1/level² at 0; nothing known: 0."""
    nodes = [1.0 / level**2 for level, _ in known]
    return sum(
        (value * np.prod([m / (m - node) for m in nodes if m != node])
         for node, (_, value) in zip(nodes, known, strict=True)),
        start=0j,
    )
