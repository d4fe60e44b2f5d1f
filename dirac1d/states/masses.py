"""What the lattice asks of a problem whose mass may vary as its potential does.

U(x) and Δ(x) are two shapes on one line, and one lattice has to resolve both: their breakpoints,
their lengths, where they have become flat. Where Δ is a number all of it is what U alone says. A
hard wall ends the sample: there is nothing beyond it, and Δ and U at it take the place of a lead's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.potentials.base import ask
from dirac1d.problem import Problem

#: A logarithm weaker than this part of j₀ is nowhere seen: of a smooth U's tail at a hard wall.
WEAK = 1e-9


def shapes(problem: Problem) -> tuple[Any, ...]:
    """U, and Δ where it is a profile; flat ones are left out if there is another."""
    profile = problem.mass_profile
    if profile is None:
        return (problem.potential,)
    found = tuple(s for s in (problem.potential, profile) if not _flat(s))
    return found or (problem.potential,)


def _flat(shape: Any) -> bool:
    low, high = ask(shape, "far_range")
    return low == high and np.isinf(shape.length_scale) and all(
        below == above for below, above in map(shape.limits, shape.breakpoints)
    )


def wall_positions(problem: Problem) -> tuple[float | None, float | None]:
    """Where hard walls end the sample on the left and on the right."""
    left, right = problem.hard_walls
    return (None if left is None else left.position, None if right is None else right.position)


def sample(problem: Problem) -> tuple[float, float]:
    """The ends of the sample: hard walls, or infinity."""
    left, right = wall_positions(problem)
    return (-np.inf if left is None else left, np.inf if right is None else right)


def breakpoints(problem: Problem) -> tuple[float, ...]:
    """Breakpoints of U and of Δ inside of the sample."""
    if problem.mass_profile is None:
        return tuple(problem.potential.breakpoints)
    a, b = sample(problem)
    return tuple(sorted({x for s in shapes(problem) for x in s.breakpoints if a < x < b}))


def length_scale(problem: Problem) -> float:
    """The shorter of the lengths of U and Δ."""
    return min(s.length_scale for s in shapes(problem))


def support(problem: Problem, tolerance: float) -> tuple[float, float]:
    """Where U or Δ differs from its leads by more than the tolerance, and as far as hard walls."""
    if problem.mass_profile is None:
        return problem.potential.support(tolerance)
    ends = [s.support(tolerance) for s in shapes(problem)]
    a, b = min(e[0] for e in ends), max(e[1] for e in ends)
    left, right = wall_positions(problem)
    if left is not None:
        a, b = left, max(b, left)
    if right is not None:
        a, b = min(a, right), right
    return a, b


def leads(problem: Problem) -> tuple[tuple[float, float], tuple[float, float]]:
    """(U, Δ) on the left and on the right: of the leads, or at hard walls."""
    if problem.mass_profile is None:
        return (problem.U_L, problem.mass), (problem.U_R, problem.mass)
    profile, (left, right) = problem.mass_profile, wall_positions(problem)
    mass_L = profile.left if left is None else profile.limits(left)[1]
    mass_R = profile.right if right is None else profile.limits(right)[0]
    return (problem.U_L, float(mass_L)), (problem.U_R, float(mass_R))


def open_leads(problem: Problem) -> tuple[tuple[float, float], ...]:
    """(U, Δ) of the leads that no hard wall shuts off."""
    ends = zip(leads(problem), problem.hard_walls, strict=True)
    return tuple(lead for lead, wall in ends if wall is None)


def height_of(problem: Problem) -> float:
    """The step of U or Δ from lead to lead, at least a thousandth of |Δ|."""
    (U_L, mass_L), (U_R, mass_R) = leads(problem)
    return max(abs(U_R - U_L), abs(mass_R - mass_L), 1e-3 * problem.gap)


def on_links(problem: Problem, x: NDArray) -> float | NDArray:
    """Δ halfway between neighbouring sites; a number if it is one."""
    profile = problem.mass_profile
    return problem.mass if profile is None else profile((x[1:] + x[:-1]) / 2)


def logarithms(problem: Problem) -> tuple[tuple[float, float], ...]:
    """(position, c) where j_y ~ (c/4π) ln|x|: jumps ΔU of U, c = ΔU Δ, Δ the mean of both sides.

    The logarithm comes from distances that are short for all energies but long for the jump, where
    the local response -U′Δ/2κ³ is felt. A jump of Δ alone leaves none: with U flat, states of
    energy E and 2U - E carry the same current, and all but those of |E - U| < |ε_F - U| cancel.
    At a hard wall of sign s where U has a slope c = s U′/2, whatever the mass inside.
    """
    if problem.mass_profile is None:
        return tuple((b, height * problem.mass) for b, height in problem.jumps)
    a, b = sample(problem)
    found = [(x, h * float(problem.mass_profile(x))) for x, h in problem.jumps if a < x < b]
    for wall, inwards in zip(problem.hard_walls, (1, -1), strict=True):
        if wall is not None:
            inside = wall.position + inwards * 1e-9 / problem.gap
            slope = float(problem.potential.derivative(inside))
            found.append((wall.position, wall.sign * slope / 2))
    least = WEAK * problem.current_scale / E_OVER_2H
    return tuple((x, c) for x, c in sorted(found) if abs(c) > least)


def jumps(problem: Problem) -> set[float]:
    """Where U or Δ jumps."""
    return {b for b, _ in (*problem.jumps, *problem.mass_jumps)}
