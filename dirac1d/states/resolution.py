"""How finely a problem has to be resolved: spacing, and crowds of sites at breakpoints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states import masses
from dirac1d.states.mesh import sharp_breakpoints, wave_length
from dirac1d.states.settings import DEFAULT, DEFAULT_RTOL, Settings


def fineness(rtol: float, settings: Settings = DEFAULT) -> float:
    """Spacing at level 1 over a length: sixth-order extrapolation makes it fall as rtol^(1/6)."""
    return settings.start.spacing * (rtol / DEFAULT_RTOL) ** (1 / 6)


def features(problem: Problem) -> list[tuple[float, float]]:
    """(centre, scale) of every smooth term of U and Δ."""
    terms = [t for s in masses.shapes(problem) for t in getattr(s, "terms", (s,))]
    found = []
    for term in terms:
        if np.isfinite(term.length_scale):
            height = max(abs(term.right - term.left), float(np.ptp(term(np.linspace(
                *term.support(1e-3 / wave_length(problem)), 101)))), 1e-300)
            a, b = term.support(1e-2 * height)
            found.append(((a + b) / 2, term.length_scale))
    return found


def base_spacing(problem: Problem, rtol: float, settings: Settings = DEFAULT) -> float:
    """Background spacing at level 1: for the waves, and for features too wide to crowd sites at."""
    finest = wave = wave_length(problem)
    for _, scale in features(problem):
        if scale > settings.start.narrow * wave:
            finest = min(finest, scale)
    return fineness(rtol, settings) * finest


def crowd_radii(
    problem: Problem, x: NDArray, rtol: float, settings: Settings = DEFAULT
) -> dict[float, float]:
    """Distance to which the mesh resolves each breakpoint, and narrow smooth features.

    At a kink j_y is continuous with a term x ln|x|: a site within about rtol of it is enough. At a
    jump it is the distance of the nearest point that was asked for.
    """
    compton = 1 / problem.gap
    smallest = settings.claim.smallest_radius * compton
    jumps = {b for b, _ in masses.logarithms(problem)}
    cusp, radii = max(rtol, settings.claim.cusp_radius) * compton, {}
    walls = [b for b in masses.wall_positions(problem) if b is not None]
    cusps = {*walls, *(b for b, _ in problem.mass_jumps)}
    for b in (*sharp_breakpoints(problem, settings), *walls):
        if b in jumps:
            distance = np.abs(x - b)
            nearest = np.min(distance[distance > 0], initial=compton)
            largest = max(settings.start.jump_radius * compton, smallest)
            radii[b] = float(np.clip(0.2 * nearest, smallest, largest))
        else:
            radii[b] = cusp if b in cusps else max(rtol * compton, smallest)
    for centre, scale in features(problem):
        if scale <= settings.start.narrow * wave_length(problem):
            # The crowd's spacing in its middle is `crowding` times its radius.
            radius = fineness(rtol, settings) * scale / settings.start.crowding
            radii.setdefault(centre, radius)
    return radii
