"""The potential without leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.potentials.base import NoLeadsError, validate


@dataclass(frozen=True)
class CosinePotential:
    """U = amplitude · cos(wavenumber · (x - position)): periodic, it has no leads.

    The current of a weak one measures the Hall conductivity at that wavevector,
    j_y = σ(q) U′(x) in the sign of `dirac1d.geometry`. ``left``, ``right`` and ``support``, which
    this potential does not have, raise a ValueError, and so does all that needs leads.

    Parameters
    ----------
    amplitude : float
        Largest |U|, of either sign.
    wavenumber : float
        q > 0; the period is 2π/q.
    position : float
        A place where U = amplitude.

    Raises
    ------
    ValueError
        If a parameter is not finite or the wavenumber is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> problem = dd.Problem(dd.CosinePotential(amplitude=0.01, wavenumber=2.0))
    >>> x = np.pi / 4  # U′ = -amplitude · wavenumber
    >>> sigma = dd.current_density(problem, [x]).j_y[0] / problem.potential.derivative(x)
    >>> print(f"{4 * np.pi * sigma:.4f}, linear response {-np.pi / 4:.4f}")
    -0.7854, linear response -0.7854
    """

    amplitude: float
    wavenumber: float
    position: float = 0.0

    def __post_init__(self) -> None:
        validate(self, positive=("wavenumber",))

    breakpoints = property(lambda self: ())
    length_scale = property(lambda self: 1 / self.wavenumber)
    period = property(lambda self: 2 * np.pi / self.wavenumber)

    def __getattr__(self, name: str) -> Any:
        if name in ("left", "right", "support"):
            raise NoLeadsError(f"{name}: a periodic potential has no leads, got {self!r}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __add__(self, other: object) -> Any:
        raise ValueError(f"a CosinePotential does not add to another potential, got {other!r}")

    __radd__ = __add__

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        return self.amplitude * np.cos(self._phase(x))

    def limits(self, x: float) -> tuple[float, float]:
        """Both sides are equal."""
        value = float(self(x))
        return value, value

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x)."""
        return -self.amplitude * self.wavenumber * np.sin(self._phase(x))

    def _phase(self, x: ArrayLike) -> NDArray:
        return self.wavenumber * (np.asarray(x, dtype=float) - self.position)
