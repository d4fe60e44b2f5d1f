"""The current density of the states at one energy: a map of j^ε = dj/dε_F."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.values import ByContent, extent, freeze
from dirac1d.problem import Problem
from dirac1d.results.map import MapSeries


@dataclass(frozen=True, eq=False, repr=False)
class SpectralMap(ByContent):
    """j^ε(x, y), of a line of some width in energy, with an error for every pixel.

    Attributes
    ----------
    x, y : ndarray, shape (nx,) and (ny,)
    energy, width : float
        ε, and the half width η of the Lorentzian over which j^ε is a mean.
    M : ndarray, shape (nx, ny)
        M^ε over e; in a strip's leads -(1/4π) dc/dε, in a cell its mean is set to 0.
    j_x, j_y : ndarray, shape (nx, ny)
        j^ε over e, (∂_yM^ε, -∂_xM^ε).
    error, M_error : ndarray, shape (nx, ny)
        Estimated bounds on the errors of j_x and j_y, and of M.
    status : str
        "converged", or what is left.
    engine : str
    problem : Problem
        Its Fermi energy and temperature play no role.
    rtol : float
        Accuracy asked for, relative to j₀/|Δ|.
    series : MapSeries, optional
        M^ε over the whole cell.
    details : dict
    """

    x: NDArray
    y: NDArray
    energy: float
    width: float
    M: NDArray
    j_x: NDArray
    j_y: NDArray
    error: NDArray
    M_error: NDArray
    status: str
    engine: str
    problem: Problem
    rtol: float
    series: MapSeries | None = field(default=None, repr=False)
    details: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        freeze(self, "x", "y", "M", "j_x", "j_y", "error", "M_error")

    def __repr__(self) -> str:
        return (f"SpectralMap({len(self.x)} x {len(self.y)} points, x from {extent(self.x)}, y "
                f"from {extent(self.y)}, energy {self.energy:g} +- {self.width:g}, |j| up to "
                f"{np.max(self.magnitude):.6g} ± {np.max(self.error):.1g}, engine {self.engine}, "
                f"{self.status})")

    @property
    def converged(self) -> bool:
        """Whether the requested accuracy was reached."""
        return self.status == "converged"

    @property
    def magnitude(self) -> NDArray:
        """|j^ε|, shape (nx, ny)."""
        return np.hypot(self.j_x, self.j_y)
