"""What the solvers need to know of a potential; any object that knows it is one."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from numpy.typing import ArrayLike, NDArray


@runtime_checkable
class Potential(Protocol):
    """What the solvers need to know of U(x)."""

    @property
    def left(self) -> float:
        """U(x → -∞)."""

    @property
    def right(self) -> float:
        """U(x → +∞)."""

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Increasing positions of jumps and kinks (knots of splines too); U is smooth elsewhere."""

    @property
    def length_scale(self) -> float:
        """Smallest length over which U varies appreciably (inf if it has jumps only)."""

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x), same shape as x; at a jump the mean of its two sides."""

    def limits(self, x: float) -> tuple[float, float]:
        """(U(x - 0), U(x + 0))."""

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x): the mean of both sides at a kink; a jump contributes nothing."""

    def support(self, tolerance: float) -> tuple[float, float]:
        """Interval outside of which |U - lead| ≤ tolerance (absolute)."""


@runtime_checkable
class PeriodicPotential(Protocol):
    """What the solvers need to know of a smooth periodic U(x)."""

    @property
    def period(self) -> float:
        """U(x + period) = U(x)."""

    @property
    def length_scale(self) -> float:
        """Length over which U varies appreciably."""

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x), same shape as x."""

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x)."""


@runtime_checkable
class CircularPotential(Protocol):
    """What the solvers need to know of U(r)."""

    @property
    def outside(self) -> float:
        """U(r → ∞)."""

    @property
    def line(self) -> Potential:
        """U(|x|), the cut through the middle."""


@runtime_checkable
class PlanarPotential(Protocol):
    """What the solvers need to know of U(x, y), periodic in y."""

    @property
    def period(self) -> float:
        """L: U(x, y + L) = U(x, y)."""

    def harmonics(self, x: ArrayLike, count: int) -> NDArray:
        """U_n(x) of U = Σ_n U_n(x) e^{2πiny/L}, shape (len(x), 2·count + 1), n = -count … count."""

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
        """(∂U/∂x, ∂U/∂y), broadcast."""

    def extremes(self) -> tuple[float, float]:
        """Smallest and largest U."""

    def __call__(self, x: ArrayLike, y: ArrayLike) -> NDArray:
        """U(x, y), broadcast."""
