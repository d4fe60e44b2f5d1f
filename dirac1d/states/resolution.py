"""How finely a problem has to be resolved: spacing, crowds of sites, and the rule in p_y."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states.chain import Chain
from dirac1d.states.mesh import CROWDING, sharp_breakpoints, wave_length
from dirac1d.states.momenta import LAST_MOMENTUM, bound_crossings, lead_thresholds, momentum_rule

DEFAULT_RTOL = 1e-4
#: Spacing at level 1 over the shorter of U's scale and a wave, for the default rtol.
BASE_SPACING = 0.8
#: A feature narrower than this part of a wave gets a crowd of sites instead of a fine background.
NARROW = 0.5
#: A jump is resolved at least to this distance, in 1/|Δ|, for integrals over it.
JUMP_RADIUS = 5e-3
#: Closest distance to a breakpoint that is resolved, in 1/|Δ|: at momenta beyond its inverse the
#: rounding of the eigenvectors, times their weight, would show.
SMALLEST_RADIUS = 3e-4


def fineness(rtol: float) -> float:
    """Spacing at level 1 over a length: sixth-order extrapolation makes it fall as rtol^(1/6)."""
    return BASE_SPACING * (rtol / DEFAULT_RTOL) ** (1 / 6)


def features(problem: Problem) -> list[tuple[float, float]]:
    """(centre, scale) of every smooth term of U."""
    terms = getattr(problem.potential, "terms", (problem.potential,))
    found = []
    for term in terms:
        if np.isfinite(term.length_scale):
            height = max(abs(term.right - term.left), float(np.ptp(term(np.linspace(
                *term.support(1e-3 / wave_length(problem)), 101)))), 1e-300)
            a, b = term.support(1e-2 * height)
            found.append(((a + b) / 2, term.length_scale))
    return found


def base_spacing(problem: Problem, rtol: float) -> float:
    """Background spacing at level 1: for the waves, and for features too wide to crowd sites at."""
    finest = wave = wave_length(problem)
    for _, scale in features(problem):
        if scale > NARROW * wave:
            finest = min(finest, scale)
    return fineness(rtol) * finest


def crowd_radii(problem: Problem, x: NDArray, rtol: float) -> dict[float, float]:
    """Distance to which the mesh resolves each breakpoint, and narrow smooth features.

    At a kink j_y is continuous with a term x ln|x|: a site within about rtol of it is enough. At a
    jump it is the distance of the nearest point that was asked for.
    """
    compton = 1 / abs(problem.mass)
    jumps = {b for b, _ in problem.jumps}
    radii = {}
    for b in sharp_breakpoints(problem):
        if b in jumps:
            distance = np.abs(x - b)
            nearest = np.min(distance[distance > 0], initial=compton)
            limits = SMALLEST_RADIUS * compton, JUMP_RADIUS * compton
            radii[b] = float(np.clip(0.2 * nearest, *limits))
        else:
            radii[b] = max(rtol, SMALLEST_RADIUS) * compton
    for centre, scale in features(problem):
        if scale <= NARROW * wave_length(problem):
            # The crowd's spacing in its middle is CROWDING times its radius.
            radii.setdefault(centre, fineness(rtol) * scale / CROWDING)
    return radii


def rule_for(problem: Problem, chain: Chain, order: int) -> tuple[NDArray, NDArray, float]:
    """The momentum rule for a chain, with its bound states' crossings at T = 0."""
    breaks = lead_thresholds(problem)
    width = problem.potential.length_scale
    mass = abs(problem.mass)
    finest = 1 / float(np.min(chain.cells))
    cuts = (min(1 / chain.background, finest), finest)
    scale = np.sqrt(mass * max(mass, min(1 / width, finest)))
    if problem.temperature == 0 and chain.grading is None:
        largest = abs(problem.mass) + abs(problem.fermi_energy) + np.max(np.abs(chain.U))
        breaks = sorted({*breaks, *bound_crossings(chain, problem.fermi_energy, largest)})
    return *momentum_rule(breaks, scale, cuts, order), LAST_MOMENTUM * max(cuts)
