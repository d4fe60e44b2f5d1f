r"""Local spectra by the lattice: the resolvent of open chains at a real energy.

.. math:: ρ(x, ε) = -\frac{1}{π}\int\frac{dp_y}{2π}\,\Im\,(G_{AA} + G_{BB}), \qquad
          j^ε(x) = -\frac{1}{π}\int\frac{dp_y}{2π}\,\Im\,(G_{AA} - G_{BB}), \qquad E = ε + i0,

G_{AA} per length on the sublattice of u; around a circle a sum over j over 2πr. No Dirac sea is
summed: what the lattice has at its cut-off plays no part, and no anomaly either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.budget import Budget, Progress, check_within
from dirac1d.numerics.checks import check_positions, check_rtol, one_or_more_numbers
from dirac1d.numerics.estimate import Estimates
from dirac1d.problem import Problem, check_problem
from dirac1d.results.radial import check_radii
from dirac1d.results.record import said
from dirac1d.states import masses
from dirac1d.states.frame import Frame, frame_of, moved, rounding_of
from dirac1d.states.open_circle import OpenCircle
from dirac1d.states.open_line import LOOKED_AT, OpenLine
from dirac1d.states.radial import cut_out
from dirac1d.states.scheme import Answer, converge
from dirac1d.states.settings import DEFAULT, DEFAULT_RTOL
from dirac1d.states.work import Work

#: Coarsest accuracy for which a mesh is planned, and part of rtol for which it is: sites are cheap.
COARSEST, FINER = 0.03, 0.1


def energy_resolved_current(
    problem: Problem, x: ArrayLike, energy: ArrayLike, *, rtol: float = DEFAULT_RTOL,
    within: float | None = None, progress: Callable[[Progress], object] | None = None,
) -> Estimates:
    """j^ε(x) = dj_y/dε_F at T = 0, of the lattice with exact leads.

    Parameters
    ----------
    problem : Problem
        A line or a circle, any Δ; its Fermi energy and temperature play no role.
    x : array_like, shape (n,)
        Strictly increasing positions; radii of a circle.
    energy : float or array_like, shape (m,)
        Around a circle outside of the gap of U far outside.
    rtol : float
        Accuracy relative to j₀/|Δ|.
    within, progress : optional
        As of `current_density`; without ``within`` each energy is given about a minute of work.

    Returns
    -------
    Estimates, shape (n,) or (m, n)
        An array with ``.error`` and ``.status``.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the potential is periodic or one of x and y.

    Warns
    -----
    AccuracyWarning
        If the error estimate exceeds rtol somewhere.
    """
    task = _Task.of(problem, x, "energy", energy, rtol, False)
    if problem.current_scale == 0:
        zeros = np.zeros((len(task.energies), len(task.x)))
        found = Estimates(zeros, zeros)
        return found[0] if task.single else found
    return task.solve(within, progress)


def local_density_of_states(
    problem: Problem, x: ArrayLike, energies: ArrayLike, *, rtol: float = DEFAULT_RTOL,
    within: float | None = None, progress: Callable[[Progress], object] | None = None,
) -> Estimates:
    """ρ(x, ε) per area and energy, of the lattice with exact leads.

    Parameters
    ----------
    problem : Problem
        A line or a circle, any Δ; its Fermi energy and temperature play no role.
    x : array_like, shape (n,)
        Strictly increasing positions; radii of a circle, positive.
    energies : float or array_like, shape (m,)
        Around a circle outside of the gap of U far outside.
    rtol : float
        Accuracy relative to (|Δ| + |ε - U|)/2π.
    within, progress : optional
        As of `energy_resolved_current`.

    Returns
    -------
    Estimates, shape (n,) or (m, n)
        An array with ``.error`` and ``.status``.

    Raises
    ------
    ValueError
        If an argument is not allowed, the mass is zero, or the potential is periodic or one of x
        and y.

    Warns
    -----
    AccuracyWarning
        If the error estimate exceeds rtol somewhere.
    """
    task = _Task.of(problem, x, "energies", energies, rtol, True)
    if problem.gap == 0:
        raise ValueError("mass must not be zero: lengths of massless electrons are not chosen here")
    if problem.circular and task.x[0] == 0:
        raise ValueError("x must be positive for engine 'states', got a radius 0")
    return task.solve(within, progress)


@dataclass(frozen=True)
class _Task:
    """Spectra at some positions and energies, to rtol of their scale."""

    problem: Problem
    x: NDArray
    energies: NDArray
    single: bool
    rtol: float
    density: bool

    @classmethod
    def of(
        cls, problem: Problem, x: ArrayLike, name: str, energies: ArrayLike, rtol: float,
        density: bool,
    ) -> _Task:
        """The task, its arguments checked."""
        check_problem(problem, walls=True)
        if problem.periodic:
            raise ValueError("problem must be a line with leads or a circle: engine 'states' has "
                             f"no spectra of periodic potentials, got {problem.potential!r:.200}")
        return cls(problem, check_radii(x) if problem.circular else check_positions(x),
                   one_or_more_numbers(name, energies), np.ndim(energies) == 0, check_rtol(rtol),
                   density)

    def solve(
        self, within: float | None, progress: Callable[[Progress], object] | None
    ) -> Estimates:
        """Values and errors; under a budget there is a coarse answer first."""
        work = Work("auto", progress, Budget(check_within(within)), DEFAULT, within is not None)
        first = DEFAULT.start.first_rtol
        goals = [first, self.rtol] if within is not None and self.rtol < first / 3 else [self.rtol]
        values = np.zeros((len(self.energies), len(self.x)))
        errors = np.full_like(values, np.inf)
        scales = np.ones(len(values))
        for goal in goals:
            for i, energy in enumerate(self.energies.tolist()):
                if work.stopped:
                    break
                at = _AtEnergy.of(self, energy)
                scales[i] = at.scale * at.frame.unit
                found, error = at.solve(goal, work, bool(np.any(np.isfinite(errors))))
                better = error < errors[i] if work.stopped else np.isfinite(error)
                values[i, better], errors[i, better] = found[better], error[better]
        worst = float(np.max(errors / scales[:, None]))
        status = said(worst, self.rtol, work.stopped or None, stacklevel=4)
        result = Estimates(values, errors, status)
        return result[0] if self.single else result


@dataclass(frozen=True)
class _AtEnergy:
    """One energy, in the frame in which it is 0."""

    task: _Task
    frame: Frame
    inner: Problem
    query: NDArray

    @classmethod
    def of(cls, task: _Task, energy: float) -> _AtEnergy:
        """The problem with that Fermi energy, in its frame."""
        problem = replace(task.problem, fermi_energy=energy, temperature=0.0)
        if problem.circular:
            frame, inner = cut_out(problem)
            U, mass = masses.leads(inner)[1]
            if abs(U) <= abs(mass):
                outside, gap = energy + U * frame.unit, abs(mass) * frame.unit
                raise ValueError(
                    "energy must be outside of the gap around U far outside, where a circle has "
                    f"levels only (bound_states): |energy - {outside:g}| > {gap:g}, got {energy:g}"
                )
        else:
            frame = frame_of(problem)
            inner = moved(problem, frame)
        return cls(task, frame, inner, frame.inside(task.x))

    @property
    def scale(self) -> float:
        """j₀/|Δ|, or (|Δ| + max|ε - U|)/2π, in the frame."""
        inner = self.inner
        if not self.task.density:
            problem = self.task.problem
            return problem.current_scale / problem.gap / self.frame.unit
        x = np.linspace(*masses.support(inner, 1e-3 * inner.gap), LOOKED_AT)
        U = [inner.potential(x), inner.potential(self.query), [u for u, _ in masses.leads(inner)]]
        return (inner.gap + float(np.max(np.abs(np.concatenate(U))))) / (2 * np.pi)

    def solve(self, rtol: float, work: Work, known: bool) -> tuple[NDArray, NDArray]:
        """Values and errors in the units of the problem; `known`: whether there are any so far."""
        target, planned = rtol * self.scale, FINER * min(rtol, COARSEST)
        # Each energy is a run of its own.
        work.error, work.goal, work.effort = np.inf, target * self.frame.unit, 0.0
        system: OpenCircle | OpenLine
        if self.task.problem.circular:
            system = OpenCircle(self.inner, self.query, planned, work, self.task.density)
        else:
            system = OpenLine(self.inner, self.query, planned, target, work, self.task.density)
        answer = None
        try:
            answer = converge(system, target, work)
        except KeyboardInterrupt:
            if not known:
                raise
            work.stopped = work.interrupted()
        if answer is None:
            limits = work.settings.limits
            if not work.stopped:
                sites = system.mesh(1).sites(limits.levels[0])
                work.stopped = f"{sites} sites are needed, more than {limits.open_sites}"
            return np.zeros(len(self.query)), np.full(len(self.query), np.inf)
        return answer.values * self.frame.unit, self._error(answer) * self.frame.unit

    def _error(self, answer: Answer) -> NDArray:
        """What is claimed, as of currents (`assemble.Solved.bounds`)."""
        claim = DEFAULT.claim
        sizes = [np.abs(part) for part in answer.parts().values()]
        error = sum((size + claim.everywhere * np.max(size) for size in sizes),
                    np.full(len(self.query), claim.floor * self.scale))
        # Of a current, in units of the |Δ|/4π that an energy of |Δ| makes of it.
        rounding = rounding_of(self.task.problem, self.frame, self.task.x, claim)
        relative = rounding * 4 * np.pi / self.inner.gap**2
        return claim.safety * error + relative * answer.weight * self.scale
