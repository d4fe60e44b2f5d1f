"""The potential without leads."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.potentials.base import Wave, validate
from dirac1d.potentials.shapes import a_position, a_wavenumber, an_energy, register


@register("cosine")
@dataclass(frozen=True)
class CosinePotential(Wave):
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

    amplitude: float = field(metadata=an_energy(0.5, "largest |U|", alias="height"))
    wavenumber: float = field(metadata=a_wavenumber(1.0, "2π over the period", positive=True))
    position: float = field(default=0.0, metadata=a_position())

    def __post_init__(self) -> None:
        validate(self)

    breakpoints = property(lambda self: ())
    length_scale = property(lambda self: 1 / self.wavenumber)
    period = property(lambda self: 2 * np.pi / self.wavenumber)

    def __call__(self, x: ArrayLike) -> NDArray:
        """U(x)."""
        return self.amplitude * np.cos(self._phase(x))

    def derivative(self, x: ArrayLike) -> NDArray:
        """U′(x)."""
        return -self.amplitude * self.wavenumber * np.sin(self._phase(x))

    def _phase(self, x: ArrayLike) -> NDArray:
        return self.wavenumber * (np.asarray(x, dtype=float) - self.position)
