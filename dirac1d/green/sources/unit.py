r"""The energy whose inverse is the length on which the answer varies."""

from __future__ import annotations

import numpy as np

from dirac1d.potentials.base import ask
from dirac1d.problem import Problem

#: How many times larger than |Δ| the smallest energy that is met must be to take its place.
FAR_ABOVE = 10.0
#: Positions at which energies are looked at, and the part of the range of U that counts as flat.
POINTS, TAIL = 1025, 1e-3


def unit(problem: Problem) -> float:
    """|Δ|, or an energy far above it if nothing happens at |Δ|; for U(x) and a constant Δ.

    A state of momentum p_y is turned round where |ε_F - U| = √(Δ² + p_y²). Where U′ ≠ 0 that takes
    it a length on which U changes by √|U′|, however small Δ is; where U is flat, nothing turns but
    at |ε_F - U| itself. So max(|Δ|, |ε_F - U|, √|U′|, T) is the scale at x, and its minimum the
    smallest scale of all. j_y is linear in a Δ that is far below it.
    """
    gap = problem.gap
    if problem.mass_profile is not None or problem.circular or gap == 0:
        return gap
    U, T = problem.potential, problem.temperature
    if problem.periodic:
        span = 0.0, U.period
        ends = abs(problem.fermi_energy - U(np.array(span)))
    else:
        ends = abs(problem.fermi_energy - np.array([U.left, U.right]))
    if max(float(np.min(ends)), T) <= FAR_ABOVE * gap:  # so it is nearly always
        return gap
    if not problem.periodic:
        span = U.support(TAIL * ask(U, "largest_drop", 1 / gap))
    smallest = float(np.min(ends))
    width = (span[1] - span[0]) / (POINTS - 1)
    if width > 0:
        values = U(np.linspace(*span, POINTS))
        here = np.abs(problem.fermi_energy - (values[1:] + values[:-1]) / 2)
        local = np.maximum(here, np.sqrt(np.abs(np.diff(values)) / width))
        smallest = min(smallest, float(np.min(local)))
    smallest = max(smallest, T)
    return smallest if smallest > FAR_ABOVE * gap else gap
