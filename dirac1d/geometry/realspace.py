"""A lattice in a static potential U0 cos(qx), diagonalised: its Hall conductivity without Kubo.

The ground state of the ring, exactly occupied, and its current along straight bonds. Nothing is
taken from the Kubo formula, so this says which vertex and which sign a real potential has:
j_y = -sigma_AH E_x with E_x = -dU/dx, hence j_y(x) = -sigma_AH(q) q U0 sin(qx).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.checks import whole_number

from . import scales
from .models import TwoBandModel, check_model
from .series import FourierSeries
from .tensors import PAULI

__all__ = ["lattice_hall_conductivity"]

# U0 as a fraction of the energy scale; the cubic response is removed by a second run at 2 U0,
# which leaves U0^4 ~ 1e-12 of the linear one.
AMPLITUDE = 1e-3


def lattice_hall_conductivity(
    model: TwoBandModel, harmonic: int, sites: int, *, ky_points: int = 40, smeared: bool = True
) -> float:
    """sigma_AH(q), q = 2 pi harmonic/sites, of a half-filled ring in U0 cos(qx), in e^2/hbar.

    Parameters
    ----------
    model : TwoBandModel
        Hoppings over whole lattice sites on a square lattice, whose constant is the unit of q.
    harmonic, sites : int
        Periods of the potential along the ring and length of the ring.
    ky_points : int
        Momenta along the translation-invariant direction.
    smeared : bool
        True: the bond current flows along the straight bond, the discrete continuity equation's
        current. False: it sits at the middle of the bond (a midpoint vertex for gamma_y alone).

    Raises
    ------
    ValueError
        For models without hoppings over whole sites of a square lattice.
    """
    series = check_model(model).series
    harmonic, sites = whole_number("harmonic", harmonic, 1), whole_number("sites", sites, 1)
    ky_points = whole_number("ky_points", ky_points, 1)
    if series is None:
        raise ValueError(f"model = {model.name!r}: needs a FourierSeries, hoppings between sites")
    hops = series.displacements / scales.square_constant(model)
    if np.abs(hops - np.rint(hops)).max() > scales.SAME_LATTICE:
        raise ValueError(f"model = {model.name!r}: needs hoppings between sites of Z^2")
    # in units of the lattice constant from here: sigma does not depend on it
    series = FourierSeries(np.rint(hops), series.coefficients)
    q = 2 * np.pi * harmonic / sites
    ky = 2 * np.pi * (np.arange(ky_points) + 0.5) / ky_points
    H, J = _ring(series, sites, q, ky, smeared)
    U = np.diag(np.repeat(np.cos(q * np.arange(sites)), 2))

    def odd_response(amplitude: float) -> float:
        plus, minus = (_ground_state_value(H + sign * amplitude * U, J) for sign in (1, -1))
        return (plus - minus) / (2 * amplitude)

    amplitude = AMPLITUDE * model.energy_scale
    once, twice = odd_response(amplitude), odd_response(2 * amplitude)
    linear = (4 * once - twice) / 3
    return -linear * 2 / sites / q


def _ring(
    series: FourierSeries, sites: int, q: float, ky: NDArray, smeared: bool
) -> tuple[NDArray, NDArray]:
    # H(ky) and the operator sum_x sin(qx) j_y(x), shape (len(ky), 2 sites, 2 sites)
    H = np.zeros((len(ky), sites, 2, sites, 2), complex)
    J = np.zeros_like(H)
    x = np.arange(sites)
    for (R_x, R_y), c in zip(series.displacements, series.coefficients, strict=True):
        block = np.tensordot(c, PAULI, 1)
        phase = np.exp(1j * ky * R_y)[:, None, None, None]
        weight = np.sin(q * (x + R_x / 2))
        if smeared:
            weight = weight * np.sinc(q * R_x / (2 * np.pi))
        hop = np.broadcast_to(phase * block, (len(ky), sites, 2, 2))
        target = (x + int(R_x)) % sites
        for site in range(sites):
            H[:, site, :, target[site]] += hop[:, site]
            J[:, site, :, target[site]] += 1j * R_y * weight[site] * hop[:, site]
    return H.reshape(len(ky), 2 * sites, -1), J.reshape(len(ky), 2 * sites, -1)


def _ground_state_value(H: NDArray, J: NDArray) -> float:
    _, states = np.linalg.eigh(H)
    filled = states[:, :, : states.shape[1] // 2]
    return float(np.einsum("kan,kab,kbn->", filled.conj(), J, filled, optimize=True).real / len(H))
