"""Engine "states" around a circle: from a problem and radii to a profile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.results.radial import RadialProfile, check_radii, decayed, no_radial_current
from dirac1d.states import masses
from dirac1d.states.assemble import Solved
from dirac1d.states.circle import Circle, Cut
from dirac1d.states.frame import Frame, rounding_of
from dirac1d.states.mesh import plan_lead
from dirac1d.states.resolution import crowd_radii
from dirac1d.states.scheme import converge
from dirac1d.states.settings import Settings
from dirac1d.states.strip import points_for
from dirac1d.states.windows import Found, Task
from dirac1d.states.work import Work


def radial_current(problem: Problem, r: NDArray, rtol: float, work: Work) -> RadialProfile:
    """The current density j_φ(r) of a circle; arguments as `current_density`, which checks them."""
    r = check_radii(r)
    if problem.current_scale == 0.0:
        return no_radial_current(problem, r, rtol, "states")
    solved, asked, complete = _solved(problem, r, rtol, work)
    return _profile(solved, rtol, asked, complete)


def radial_charge(
    problem: Problem, r: NDArray, rtol: float, work: Work
) -> tuple[NDArray, NDArray]:
    """The charge density n(r) of a circle and its error, to rtol j₀; radii positive.

    Half an electron a site is neutral: in a constant potential nothing is left of a full band.
    """
    solved, asked, _ = _solved(problem, check_radii(r), rtol, work, charge=True)
    unit, bounds = solved.frame.unit**2, solved.bounds()
    values = solved.points.merged(solved.found.values)[: len(solved.x)]
    error = sum(bounds.values(), np.zeros(len(solved.x)))
    return values[asked] * unit, error[asked] * unit


def _solved(
    problem: Problem, r: NDArray, rtol: float, work: Work, charge: bool = False
) -> tuple[Solved, NDArray, bool]:
    """What was found, which of its radii were asked for, and whether its strip ends in nothing."""
    settings = work.settings
    frame, inner = cut_out(problem)
    end = _far_end(inner, rtol, settings) / frame.unit
    asked = np.arange(len(r)) + int(r[0] > 0)
    r = np.concatenate(([0.0] if r[0] > 0 else [], r, [end] if r[-1] < end < np.inf else []))
    radii = crowd_radii(inner, frame.inside(r), rtol, settings)
    points = points_for(inner, frame.inside(r), radii, settings)
    task = Task(
        inner, points.query, points.weights(inner, radii), radii,
        rounding_of(problem, frame, r, settings.claim),
    )
    found = _solve(task, rtol, work, charge)
    return Solved(problem, r, frame, task, points, found, work), asked, bool(np.isfinite(end))


def cut_out(problem: Problem) -> tuple[Frame, Problem]:
    """The frame of a circle, and what is seen along its radius in it."""
    frame = Frame(0.0, problem.fermi_energy, float(2.0 ** np.round(np.log2(problem.gap))))
    if problem.mass_profile is None:
        mass = problem.mass / frame.unit
    else:
        mass = Cut(problem.mass, replace(frame, offset=0.0))
    return frame, Problem(
        Cut(problem.potential, frame), mass, 0.0, problem.temperature / frame.unit
    )


def _far_end(problem: Problem, rtol: float, settings: Settings) -> float:
    """The radius beyond which nothing is left of the current; inf where a wall is seen too far."""
    lead = plan_lead(problem, masses.leads(problem)[1], rtol, settings=settings)
    if lead.graded:
        return np.inf
    flat = rtol * 4 * np.pi * problem.current_scale / problem.gap
    return masses.support(problem, flat)[1] + lead.margin


def _solve(task: Task, rtol: float, work: Work, charge: bool = False) -> Found:
    """The values; a run under a budget begins with a quick first answer."""
    found, first = Found.nothing(len(task.query)), work.settings.start.first_rtol
    goals = [first, rtol] if work.budget.seconds is not None and rtol < first / 3 else [rtol]
    for goal in goals:
        circle = Circle(task.problem, task.query, task.weights, goal, task.radii, work, charge)
        try:
            answer = converge(circle, task.target(goal), work)
        except KeyboardInterrupt:
            if not np.any(np.isfinite(found.differences)):
                raise
            work.stopped = work.interrupted()
            answer = None
        if answer is None:
            if not work.stopped:
                found.notes["sites"] = circle.sites(work.settings.limits.levels[0])
            break
        notes = {
            "spacing": circle.spacing / answer.levels[-1], "levels": list(answer.levels),
            "sites": circle.sites(answer.levels[-1]), "orders": list(answer.orders),
            "fine_orders": list(answer.fine_orders), "own_terms": circle.resonant,
        }
        better = Found(answer.values, answer.parts(), answer.weight, notes)
        found = found.improved_by(better, finished=not work.stopped)
        if work.stopped:
            break
    return found


def _profile(solved: Solved, rtol: float, asked: NDArray, complete: bool) -> RadialProfile:
    """What was found, at the radii asked for."""
    flat = solved.profile(rtol)
    assert flat.strip is not None
    # What is out of sight is no larger than at the end, and decays as fast as the gap allows.
    tails = decayed(flat.problem, flat.j_y[-1], flat.error[-1]) if complete else None
    strip = replace(flat.strip, tails=tails)
    return RadialProfile(
        flat.x[asked], flat.j_y[asked], flat.error[asked], flat.status, "states", flat.problem,
        rtol, strip, flat.details,
    )
