"""A wide step, or far points, window by window.

Where e^{-2κ|x-x′|} decays everywhere, j_y(x) is blind to what lies farther than a few 1/κ: the
cost of a wide step is then linear in its width, not cubic, and where U is flat as far as one sees
there is no current.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.problem import Problem
from dirac1d.states import masses
from dirac1d.states.line import Line
from dirac1d.states.mesh import farthest_sight
from dirac1d.states.scheme import Answer, converge
from dirac1d.states.settings import Settings
from dirac1d.states.work import TRIDIAGONAL, Work


@dataclass
class Found:
    """Values at the query points, the signed differences that estimate their errors, and notes.

    Attributes
    ----------
    values : ndarray, shape (n,)
        0 where nothing is known: there the differences are infinite.
    parts : dict of ndarray, shape (n,)
        By what they come from: spacing, momenta, box.
    weight : float
        The largest sum of absolute weights of an extrapolation.
    notes : dict
        What was done, JSON-ready.
    """

    values: NDArray
    parts: dict[str, NDArray]
    weight: float = 1.0
    notes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def nothing(cls, count: int) -> Found:
        """Before anything is known."""
        parts = {name: np.full(count, np.inf) for name in ("spacing", "momenta", "box")}
        return cls(np.zeros(count), parts)

    @property
    def differences(self) -> NDArray:
        """The sum of the absolute differences, shape (n,)."""
        return sum((np.abs(d) for d in self.parts.values()), np.zeros(len(self.values)))

    def put(self, own: NDArray, line: Line, answer: Answer) -> None:
        """Take over the answer for some of the points."""
        self.values[own] = answer.values
        for name, part in answer.parts().items():
            self.parts[name][own] = part
        self.weight = max(self.weight, answer.weight)
        sites = line.sites(answer.levels[-1])
        if sites > self.notes.get("sites", 0):
            self.notes |= {
                "spacing": line.spacing / answer.levels[-1], "levels": list(answer.levels),
                "sites": sites, "momenta": sum(answer.orders), "orders": list(answer.orders),
                "fine_orders": list(answer.fine_orders),
                "graded_leads": len(line.mesh(0, 0).ramps),
            }

    def improved_by(self, other: Found, finished: bool) -> Found:
        """The other answer; if it is unfinished, point by point the one that is known better."""
        mine = np.zeros(len(self.values), dtype=bool) if finished else (
            self.differences < other.differences
        )
        parts = {n: np.where(mine, self.parts[n], d) for n, d in other.parts.items()}
        notes = other.notes if "levels" in other.notes else self.notes
        return Found(np.where(mine, self.values, other.values), parts,
                     max(self.weight if np.any(mine) else 1.0, other.weight), notes)


@dataclass(frozen=True)
class Task:
    """A problem, the points at which j_y is wanted, how much an error counts there, and radii.

    `radii` say how finely breakpoints are resolved, `rounding` what rounding leaves in j_y.
    """

    problem: Problem
    query: NDArray
    weights: NDArray
    radii: dict[float, float]
    rounding: float

    def target(self, rtol: float) -> float:
        """The error that is asked for; below rounding there is nothing to be refined."""
        return max(rtol * self.problem.current_scale, self.rounding)


def solve_windows(task: Task, rtol: float, work: Work) -> Found:
    """j_y at the query points, to within rtol or as far as the budget allows."""
    problem, found = task.problem, Found.nothing(len(task.query))
    target = task.target(rtol)
    groups = _windows(problem, task.query, rtol, work.settings)
    for own in groups:
        if _blind(problem, task.query[own], rtol, work.settings):
            # Nothing to be seen from here: no current, but for what the sight leaves out.
            found.parts = {n: np.where(own, 0.0, d) for n, d in found.parts.items()}
            found.parts["box"][own] = work.settings.claim.out_of_sight * target
            continue
        line = _line(task, own, rtol, work)
        answer = converge(line, target, work)
        if answer is not None:
            found.put(own, line, answer)
        elif not work.stopped:
            found.notes["sites"] = line.sites(work.settings.limits.levels[0])
        if work.stopped:
            break
    if len(groups) > 1:
        found.notes["windows"] = len(groups)
    return found


def _line(task: Task, own: NDArray, rtol: float, work: Work) -> Line:
    return Line(task.problem, task.query[own], task.weights[own], rtol, task.radii, work)


def expected_effort(task: Task, rtol: float, work: Work) -> float:
    """A guess of the work of `solve_windows`: a hundred spectra of a fine level per window."""
    levels = work.settings.limits.levels
    groups = _windows(task.problem, task.query, rtol, work.settings)
    own = max(groups, key=np.count_nonzero)
    line = _line(task, own, rtol, work)
    return len(groups) * 100 * TRIDIAGONAL * float(line.sites(levels[min(2, len(levels) - 1)])) ** 3


def _windows(
    problem: Problem, query: NDArray, rtol: float, settings: Settings
) -> list[NDArray]:
    """Which points are solved for together; all, unless the step or their range is very wide."""
    sight = farthest_sight(problem, rtol, settings)
    length = settings.start.window_sights * sight
    lo, hi = float(np.min(query)), float(np.max(query))
    a, b = masses.support(problem, settings.start.core_tolerance * masses.height_of(problem))
    narrow = min(b, hi) - max(a, lo) < 2 * length and hi - lo < 8 * length
    if not np.isfinite(sight) or narrow:
        return [np.ones(len(query), dtype=bool)]
    group = np.floor((query - lo) / length)
    return [group == window for window in np.unique(group)]


def _blind(problem: Problem, query: NDArray, rtol: float, settings: Settings) -> bool:
    """Whether U is flat as far as one sees from all of the points."""
    sight = farthest_sight(problem, rtol, settings)
    if not np.isfinite(sight):
        return False
    # A step of this height carries the part of the target that is out of sight.
    height = settings.claim.out_of_sight * rtol * problem.current_scale / E_OVER_2H
    a, b = masses.support(problem, height / problem.gap)
    return bool(np.max(query) + sight < a or np.min(query) - sight > b)
