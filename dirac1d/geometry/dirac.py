"""Static Hall conductivity of the massive Dirac model at every wavevector, in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number

from .scales import numbers

__all__ = ["dirac_hall_conductivity"]


def dirac_hall_conductivity(
    q: ArrayLike, mass: float, fermi_energy: float = 0.0
) -> NDArray[np.float64]:
    """sigma_AH(q) of H = kx s_x + ky s_y + mass s_z at zero temperature, in e^2/hbar.

    -(1/4 pi)(2 mass/q) arctan(q/2|mass|) with the Fermi energy in the gap; its expansion is Eq. (5)
    of Kozii et al. In a metal, |E_F| > |mass|, k_F^2 = E_F^2 - mass^2, in the static limit
    (omega -> 0 before q -> 0): zero for |q| <= 2 k_F and
    -(1/4 pi)(2 mass/q) arctan(sqrt(q^2 - 4 k_F^2)/2|E_F|) above.

    A potential energy U drives j_y = -sigma E_x with E_x = -dU/dx (charge put to one), i.e.
    j_y = sigma dU/dx.

    Parameters
    ----------
    q : array_like
        Wavevector; only its modulus matters.
    mass : float
        Either sign; zero gives zero.
    fermi_energy : float

    Raises
    ------
    ValueError
        If q, ``mass`` or ``fermi_energy`` is not finite.
    """
    mass, fermi_energy = finite_number("mass", mass), finite_number("fermi_energy", fermi_energy)
    q = np.abs(numbers("q", q))
    if not np.isfinite(q).all():
        raise ValueError("q must be finite")
    E = max(abs(fermi_energy), abs(mass))
    # k_F^2 as a product: no cancellation near the band edge
    four_kF2 = 4 * (E - abs(mass)) * (E + abs(mass))
    root = np.sqrt(np.maximum((q - np.sqrt(four_kF2)) * (q + np.sqrt(four_kF2)), 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(q > 0, np.arctan(root / (2 * E)) / np.where(q > 0, q, 1.0), 0.0)
        if abs(mass) == E and mass != 0:  # insulator: finite at q = 0
            ratio = np.where(q > 0, ratio, 1 / (2 * E))
    return -2 * mass * ratio / (4 * np.pi) if mass else np.zeros_like(q)
