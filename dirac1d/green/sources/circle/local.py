r"""The radial equation as a line's: a rotation at every radius, by an angle that depends on it.

With F = √r (f, g), p = j/r and E' = E - U the radial problem is
:math:`F' = [pσ_z - Δσ_x - E' iσ_y]F`. The rotation F = exp(-iσ_yθ/2) F̃ with tan θ = p/Δ gives

.. math:: \tilde F' = [-Mσ_x - E_{eff}\,iσ_y]\tilde F, \quad M = \sqrt{Δ^2 + p^2}, \quad
          E_{eff} = E' - θ'/2 = E' + \frac{Δj}{2(Δ^2r^2 + j^2)},

the equation of a line (:mod:`~dirac1d.green.sources.step.leads`) with a mass that depends on r. It
changes sign with neither j nor r: all that is left of the sign of j is in E_eff.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.leads import decay_rate, fixed_point


def local_coefficients(
    r: NDArray, U: NDArray, dU: NDArray, mass: float, E: NDArray, j: NDArray
) -> tuple[NDArray, ...]:
    """E_eff, M, M'/M, κ, s₀, ds₀/dr, and E_eff' - E_eff M'/M."""
    square = (mass * r) ** 2 + j * j
    M = np.sqrt(square) / r
    turn = mass * j / (2 * square)
    E_prime = (E - U) + turn
    growth = -j * j / (r * square)
    slope = -dU - 2 * (mass * mass) * r * turn / square - E_prime * growth
    kappa = decay_rate(E_prime, M)
    s0 = fixed_point(E_prime, M, kappa)
    with np.errstate(divide="ignore", invalid="ignore"):
        drift = 1j * s0 * slope / kappa
    return E_prime, M, growth, kappa, s0, drift, slope
