"""From values in the frame, with their differences, to a profile that says what it claims."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile
from dirac1d.states.frame import Frame
from dirac1d.states.masses import logarithms
from dirac1d.states.settings import Claim
from dirac1d.states.strip import Points, unresolved
from dirac1d.states.windows import Found, Task
from dirac1d.states.work import Work


@dataclass(frozen=True)
class Solved:
    """A solved problem: where, in which frame, what was found, and at what cost.

    Attributes
    ----------
    problem : Problem
    x : ndarray, shape (n,)
    frame : Frame
    task : Task
        The problem and the points in the frame.
    points : Points
    found : Found
    work : Work
    """

    problem: Problem
    x: NDArray
    frame: Frame
    task: Task
    points: Points
    found: Found
    work: Work

    @property
    def claim(self) -> Claim:
        """What decides the claimed error."""
        return self.work.settings.claim

    @property
    def rounding(self) -> float:
        """What the rounding of U and x leaves in the extrapolated j_y, in the frame."""
        return self.task.rounding * self.found.weight

    @property
    def floor(self) -> float:
        """The least error of a value, in the frame."""
        return self.claim.floor * self.task.problem.current_scale

    def bounds(self) -> dict[str, NDArray]:
        """What is claimed at x, by cause, in the frame."""
        # The strip's nodes too: the few points asked for may all lie where differences are small.
        weights = self.points.weights(self.task.problem, self.task.radii)
        weights = weights[: len(weights) - self.points.beside]
        counted = weights > 0
        bounds = {}
        for name, difference in self.found.parts.items():
            with np.errstate(invalid="ignore"):
                size = np.abs(self.points.merged(difference))
            # On a kink infinite differences are subtracted where nothing is known.
            size[np.isnan(size)] = np.inf
            size = size + (self.floor if name == "spacing" else 0.0)
            largest = np.max(size[counted] * weights[counted], initial=0.0)
            size = size[: len(self.x)] + self.claim.everywhere * largest
            bounds[name] = self.claim.safety * size
        return bounds | {
            "kinks": self.claim.safety * self.points.kink_error(self.found.values),
            "rounding of U and x": np.full(len(self.x), self.rounding),
        }

    def profile(self, rtol: float) -> Profile:
        """Profile and status in the problem's own units."""
        bounds, unit = self.bounds(), self.frame.unit**2
        error = sum(bounds.values(), np.zeros(len(self.x)))
        j_y = self.points.merged(self.found.values)[: len(self.x)].copy()
        inner = self.task.problem
        for position, strength in logarithms(inner):
            at = self.points.x == position
            j_y[at] = -np.sign(strength) * np.inf
            error[at] = 0.0
        largest = float(np.max(error, initial=0.0)) * unit / self.problem.current_scale
        details = self.found.notes | {
            "solver": "sparse" if self.work.solver == "sparse" else "tridiagonal",
            "diagonalisations": self.work.diagonalisations,
            "eigen_seconds": self.work.eigen_seconds,
        }
        return Profile(
            self.x, j_y * unit, error * unit, self._status(largest, rtol, bounds), "states",
            self.problem, rtol, self._strip(), details,
        )

    def _status(self, largest: float, rtol: float, bounds: dict[str, NDArray]) -> str:
        """``"converged"``, or what is missing and why."""
        if largest <= rtol:
            return "converged"
        if self.work.stopped:
            return (
                f"{self.work.stopped}: the estimated error is {largest:.1e} of the current scale, "
                f"not {rtol:.1e}"
            )
        worst = max(bounds, key=lambda name: float(np.max(bounds[name], initial=0.0)))
        return (
            f"not converged: the estimated error is {largest:.1e} of the current scale instead of "
            f"{rtol:.1e}; most of it from the {worst}"
        )

    def _strip(self) -> Strip:
        """The strip for integrals, in the problem's own units."""
        points, unit, inner = self.points, self.frame.unit, self.task.problem
        parts = {name: points.merged(d) for name, d in self.found.parts.items()}
        parts["spacing"] = parts["spacing"] + np.copysign(self.floor, parts["spacing"])
        error = unresolved(inner, points.edges, self.task.radii, self.work.settings)
        error = error + self.rounding * np.diff(points.edges)
        # What walls and momenta leave oscillates in x: its integral may be small by accident.
        for name in ("box", "momenta"):
            phase = self.claim.safety * self.claim.phase_doubt
            error = error + phase * points.integrals(np.abs(parts[name]))
        series = []
        for part in parts.values():
            unknown = ~np.isfinite(part)
            error[points.integrals(unknown.astype(float)) > 0] = np.inf
            series.append(self.claim.safety * points.series(np.where(unknown, 0.0, part)))
        edges = self.frame.outside(points.edges)
        edges[0] = self.x[0]
        if len(self.x) > 1:
            edges[-1] = self.x[-1]
        values = points.series(points.merged(self.found.values))
        return Strip(
            edges, values * unit**2, error * unit,
            indicators=tuple(part * unit**2 for part in series),
        )
