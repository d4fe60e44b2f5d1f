"""What is integrated: local traces of the Green's function and their integrals beyond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.solution import Solution
from dirac1d.green.sources.wall.reference import Reference
from dirac1d.problem import Problem

#: By how much the error of a trace is overestimated where Δ is far below all other energies.
SAFELY = 10.0


@dataclass(frozen=True)
class Observable:
    """What is taken from a solution of the Riccati equation, on a span of panels.

    Attributes
    ----------
    local : callable
        (solution, panels) → values, shape (n, P', N).
    beyond : callable, optional
        (solution, panels) → integrals from -∞ to these panels and from there to ∞, shape (2, N).
    part : callable
        M → how much of what nodes cannot carry of a trace is felt, at most: 1, or less where the
        trace is multiplied by less.
    """

    local: Callable[[Any, slice], NDArray]
    beyond: Callable[[Any, slice], NDArray] | None = None
    part: Callable[[NDArray], NDArray] = lambda M: np.ones(len(M))


def hall_trace(mass: float, factor: complex = 1.0, leads: bool = True) -> Observable:
    """(Δ/M) tr σ_yG times a factor, and its integrals to both sides."""

    def local(solution: Solution, panels: slice) -> NDArray:
        return factor * mass / solution.M * solution.sigma_y(panels)

    def beyond(solution: Solution, panels: slice) -> NDArray:
        return factor * mass / solution.M * solution.integral_beyond(panels)

    def part(M: NDArray) -> NDArray:
        return np.minimum(np.abs(SAFELY * mass / M), 1.0)

    return Observable(local, beyond if leads else None, part)


def current_trace(problem: Problem, factor: complex = 1.0, leads: bool = True) -> Observable:
    r"""What of a problem's solution integrates to j_y, and its integrals to both sides.

    Where Δ varies it is ½ Σ_± tr σ_yG less its `Reference`, which falls as slowly and integrates to
    nothing.
    """
    if problem.mass_profile is None:
        return hall_trace(problem.mass, factor, leads)
    reference = Reference.of(problem)
    return Observable(
        lambda solution, panels: factor * (solution.current() - solution.reference(reference)),
        (lambda solution, panels: factor * solution.beyond()) if leads else None,
    )


def retarded(observable: Observable, mass: float) -> Observable:
    """What of a retarded Green's function an observable, i times a trace, is at real energies.

    Where p is real, too, and no wave leaves through a lead, a level is a pole on the axis. What the
    nodes leave out moves it off, to either side: a gain is as likely as a loss. With a gain the
    trace is that of the advanced function, the conjugate; its density of states is negative. `mass`
    is that of the references in `density_trace`, which have no states.
    """

    def local(solution: Any, panels: slice) -> NDArray:
        values = observable.local(solution, panels)
        gains = np.imag(solution.density_beyond(mass, panels)) > 0
        return np.where(gains & solution.real_momenta, -np.conj(values), values)

    return replace(observable, local=local)


def density_trace(problem: Problem, mass: float, spectral: bool = False) -> Observable:
    """What of a solution integrates to a charge: tr G less two references of larger masses.

    Also less what a hard wall reflects of larger masses, an insulator's. With `spectral`, at its
    Fermi energy, the density of states: also less what jumps of U reflect of such a mass.
    """
    factor = 1j if spectral else 1.0  # Re(iz) = -Im z
    jumps = problem.jumps if spectral else ()
    walled = any(problem.hard_walls)
    reference = Reference.of(problem) if walled else None

    def local(solution: Any, panels: slice) -> NDArray:
        density = solution.density_beyond(mass, panels)
        if jumps:
            density = density - solution.jump_waves(jumps, mass, panels)
        if reference is not None:
            density = density - solution.reference_density(reference)[:, panels]
        return factor * density

    return Observable(local)
