"""What is integrated: local traces of the Green's function and their integrals beyond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.typing import NDArray

from dirac1d.green.sources.step.solution import Solution


@dataclass(frozen=True)
class Observable:
    """What is taken from a solution of the Riccati equation, on a span of panels.

    Attributes
    ----------
    local : callable
        (solution, panels) → values, shape (n, P', N).
    beyond : callable, optional
        (solution, panels) → integrals from -∞ to these panels and from there to ∞, shape (2, N).
    """

    local: Callable[[Solution, slice], NDArray]
    beyond: Callable[[Solution, slice], NDArray] | None = None


def hall_trace(mass: float, factor: complex = 1.0, leads: bool = True) -> Observable:
    """(Δ/M) tr σ_yG times a factor, and its integrals to both sides."""

    def local(solution: Solution, panels: slice) -> NDArray:
        return factor * mass / solution.M * solution.sigma_y(panels)

    def beyond(solution: Solution, panels: slice) -> NDArray:
        return factor * mass / solution.M * solution.integral_beyond(panels)

    return Observable(local, beyond if leads else None)


def density_trace(mass: float, factor: complex = 1.0) -> Observable:
    """tr G less two references of larger masses, times a factor; see `Solution.density_beyond`."""
    return Observable(lambda solution, panels: factor * solution.density_beyond(mass, panels))
