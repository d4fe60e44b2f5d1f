"""Engine "states" for strips: the map of currents from the resolvent of a chain with exact leads.

What the spacing of the chain, the momenta and the largest of them leave is measured by the scheme
that lines and circles have (`scheme`), pixel by pixel.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.results.map import CurrentMap, nothing_known
from dirac1d.states.open_strip import OpenStrip, deepest_of
from dirac1d.states.scheme import Answer, converge
from dirac1d.states.settings import DEFAULT

#: Bytes that a momentum may take; work of a run without ``within=``, in seconds of a machine of
#: 2020, as of cells.
MEMORY, EFFORT = 2e9, 600.0
#: The effort of a run, over that of the first answer, at rtol = 1e-4.
_RUN = 100.0
STRIP_SETTINGS = replace(DEFAULT, limits=replace(DEFAULT.limits, effort=EFFORT))


def check_strip(problem: Problem) -> None:
    """Refuse what is not done: masses that vary, and T = 0 with ε_F in a band.

    Raises
    ------
    ValueError
    """
    if problem.mass_profile is not None:
        raise ValueError("mass must be a number for a strip and engine 'states', got "
                         f"{problem.mass!r:.200}")
    deepest = deepest_of(problem)
    if problem.temperature == 0 and 0 < problem.gap <= deepest:
        raise ValueError(
            "temperature must be positive for a strip and engine 'states' where ε_F - U leaves the "
            f"gap: it goes up to {deepest:.3g}, and |Δ| is {problem.gap:.3g}. Sums over momenta "
            "would not converge; use engine 'green'")


def check_size(system: OpenStrip) -> float:
    """The effort of a first answer; a strip for which it is out of reach is refused.

    Raises
    ------
    ValueError
        With the memory and the time that it would take.
    """
    problem, limits = system.problem, system.settings.limits
    level, order = limits.levels[0], system.first_orders[0]
    effort, memory = system.work_of(level, order, 1)
    if effort <= limits.effort and memory <= MEMORY:
        return effort
    a, b = system.box(level)
    raise ValueError(
        f"potential: a strip of period {problem.potential.period:g}, solved from x = {a:.4g} to "
        f"{b:.4g} at T = {problem.temperature:g}, has matrices of order {2 * system.most(1) + 1} "
        f"on {system.sites(level)} sites at {len(system.rule(level, order, 1)[0])} momenta and "
        f"energies: {memory / 1e9:.2g} GB and {effort / 60:.2g} min for a first answer; engine "
        f"'states' takes at most {MEMORY / 1e9:g} GB and {limits.effort / 60:g} min: use engine "
        "'green', or a smaller strip")


def strip_map(system: OpenStrip) -> CurrentMap:
    """The map, with no word yet on what was asked for; a coarse one first if it may be stopped.

    Raises
    ------
    ValueError
        See `check_size`.
    """
    expected = _RUN * check_size(system)
    problem, work, first = system.problem, system.work, system.settings.start.first_rtol
    stoppable = work.budget.seconds is not None or expected > system.settings.limits.effort / 4
    goals = [first, system.rtol] if stoppable and system.rtol < first / 3 else [system.rtol]
    answer, of = None, system
    for goal in goals:
        current = replace(system, rtol=goal)
        work.error, work.goal = np.inf, goal
        try:
            found = converge(current, goal * problem.current_scale, work)
        except KeyboardInterrupt:
            if answer is None:
                raise
            work.stopped = work.interrupted()
            break
        if found is not None and (answer is None or not work.stopped or (
                _worst(current, found) < _worst(of, answer))):
            answer, of = found, current
        if work.stopped:
            break
    details = {"resolvents": work.diagonalisations}
    if answer is None:
        made = nothing_known(problem, system.x, system.y, system.rtol, "states")
        return replace(made, details=details)
    (j_x, j_y, M), _ = of.query.parts(answer.values)
    error, M_error = errors(of, answer)
    return CurrentMap(
        system.x, system.y, M, j_x, j_y, error, M_error, "converged", "states", problem,
        system.rtol, None, details | {
            "largest_momentum": of.cutoff(answer.size), "order": 2 * of.most(answer.size) + 1,
            "levels": list(answer.levels), "spacing": of.spacing / answer.levels[-1],
            "missed_of_J_y": float(answer.values[-1]),
        })


def _worst(system: OpenStrip, answer: Answer) -> float:
    return float(np.max(errors(system, answer)[0]))


def errors(system: OpenStrip, answer: Answer) -> tuple[NDArray, NDArray]:
    """Bounds on the errors of j and M at the pixels, as of lines (`assemble.Solved.bounds`)."""
    claim, scale = system.settings.claim, system.problem.current_scale
    shape = len(system.x), len(system.y)
    j = np.full(shape, system.floor * scale)
    M = np.full(shape, system.floor * scale / system.problem.gap)
    for change in answer.parts().values():
        if not np.all(np.isfinite(change)):
            return np.full(shape, np.inf), np.full(shape, np.inf)
        (j_x, j_y, own), _ = system.query.parts(change)
        largest = system.query.largest(change)
        j += np.hypot(j_x, j_y) + claim.everywhere * largest[0]
        M += np.abs(own) + claim.everywhere * largest[1]
    return claim.safety * j, claim.safety * M
