"""Current density in a periodic potential, from the Bloch states of the doubling-free chain.

As on an open chain j_y is the density on the sublattice A less that on B, summed over p_y and all
occupied states, here also over the twists of `dirac1d.states.ring`; the spacing is extrapolated to
zero, harmonic by harmonic.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.problem import Problem
from dirac1d.results.harmonics import fourier_profile
from dirac1d.results.profile import Profile
from dirac1d.states.ring import (
    LAST,
    Ring,
    equidistant_twists,
    momenta_and_weights,
    momentum_tail_on,
    twist_groups,
)

DEFAULT_RTOL = 1e-4
#: Spacings a, 2a/3, a/2, …: as many as needed.
LEVELS = (2, 3, 4, 6, 8, 12)
#: Coarsest chain: cells to a period, and spacing times the largest energy (times the geometric mean
#: of energy and wavenumber in the gap: there the error is (qa)², not (Δa)², in a slow potential).
FIRST_CELLS, FIRST_SPACING = 12, 0.8
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
    for phi, phi_weights, breaks in twist_groups(ring, twists):
        for p, weight in zip(*momenta_and_weights(ring, breaks, momenta), strict=True):
            if phi is None:
                needed = int(np.ceil(twists * min(1.0, 2 * ring.energy / p)))
                some, weights = equidistant_twists(needed)
            else:
                some, weights = phi, phi_weights
            own = ring.density(float(p), some, weights)
            density += weight * (own - np.sum(weights))
            count += 2 * len(some)
    if progress is not None:
        progress(count)
    density += momentum_tail_on(ring)
    j_y = ring.sublattice * density / ring.spacing / (2 * np.pi)
    n = np.arange((ring.cells - 1) // 2 + 1)
    # Each sublattice has n sites: mean over cells of e^{-2πinx/L}(A part + B part).
    wave = np.exp(-2j * np.pi / ring.problem.potential.period * np.outer(n, ring.x))
    harmonics = wave @ j_y / ring.cells
    harmonics[1:] *= 2
    return harmonics


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
