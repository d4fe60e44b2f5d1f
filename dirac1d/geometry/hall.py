"""The q^2 coefficient of the Hall conductivity of a two-band insulator from its band geometry.

Kozii, Avdoshkin, Zhong & Moore, PRL 126, 156602, Eq. (1)-(5), with e = hbar = 1: conductivities
in e^2/hbar (multiply by 2 pi for e^2/h), sigma_AH(q) = sigma0 + q^2 sigma2 + ...
The Hall conductivity is [sigma_xy - sigma_yx]/2 in axes with q along x, and the current density
it drives is j_y = -sigma_AH E_x.

Misprints: the text after Eq. (1) has sigma0 = (e^2/hbar) C, which is (e^2/h) C for the integer C;
``T_xx`` in Eq. (2) is T_xxx.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.values import ByContent

from . import tensors
from .integrate import Integral, integrate_momenta
from .models import TwoBandModel, rotated
from .scales import numbers

__all__ = ["HallCoefficient", "hall_conductivity_0", "hall_conductivity_q2"]

#: Names of the five terms of Eq. (2), in the order printed.
TERMS = ("metric_curvature", "curvature_gradient", "T_xxy", "T_xxx", "velocity")


@dataclass(frozen=True, eq=False, repr=False)
class HallCoefficient(ByContent):
    """sigma2 of Eq. (2) and its terms, all in e^2/hbar times length squared.

    Parameters
    ----------
    value, error : float
        The sum of the terms and a bound on its error: quadrature, rounding, and derivatives.
    metric_curvature : float
        (1/2) int g_xx Omega_xy.
    curvature_gradient : float
        -(1/6) int (v_Cx - v_Vx) d_x Omega_xy/(eps_C - eps_V).
    T_xxy, T_xxx : float
        -(1/4) int (v_Cx - v_Vx) T_xxy/(eps_C - eps_V) and
        +(1/4) int (v_Cy - v_Vy) T_xxx/(eps_C - eps_V).
    velocity : float
        - int v_Cx v_Vx Omega_xy/(eps_C - eps_V)^2.
    errors : dict
        Error bound of every term, by name.
    points, converged :
        Work done, and whether the requested accuracy was reached.
    """

    value: float
    error: float
    metric_curvature: float
    curvature_gradient: float
    T_xxy: float
    T_xxx: float
    velocity: float
    errors: dict[str, float]
    points: int
    converged: bool

    def __repr__(self) -> str:
        status = "converged" if self.converged else "not converged"
        return (f"HallCoefficient({self.value:.10g} ± {self.error:.1g}, {self.points} points, "
                f"{status})")

    def __float__(self) -> float:
        return self.value

    @property
    def terms(self) -> dict[str, float]:
        """The five terms of Eq. (2) by name; they add up to ``value``."""
        return {name: getattr(self, name) for name in TERMS}


def direction_angle(direction: ArrayLike) -> float:
    """Angle of a direction (2,) of q; ValueError unless it is a finite vector that is not zero."""
    vector = numbers("direction", direction)
    if vector.shape != (2,) or not np.isfinite(vector).all() or not vector.any():
        raise ValueError(f"direction = {direction!r}: must be a finite vector (x, y), not zero")
    return float(np.arctan2(vector[1], vector[0]))


def hall_conductivity_0(model: TwoBandModel, *, rtol: float = 1e-12) -> Estimate:
    """Uniform Hall conductivity sigma0 = -int d^2k/(2 pi)^2 Omega_xy and its error bound.

    In e^2/hbar: C/(2 pi) for a lattice with the Chern number C. It unpacks as (value, error).

    Raises
    ------
    ValueError
        If the bands touch, or d is not periodic on the model's lattice.
    """
    result = integrate_momenta(lambda m, kx, ky: -tensors.berry_curvature(m, kx, ky)[None],
                               model, rtol=rtol)
    return Estimate(float(result.value[0]), float(result.error[0]))


def hall_conductivity_q2(
    model: TwoBandModel, direction: ArrayLike = (1.0, 0.0), *, rtol: float = 1e-10
) -> HallCoefficient:
    """sigma2 of Eq. (2): valence band full, conduction band empty, static limit.

    Parameters
    ----------
    model : TwoBandModel
        Any d0; the bands must not touch.
    direction : array_like (2,)
        Direction of q; its length does not matter.
    rtol : float
        Accuracy relative to the integral of the modulus of the integrand.

    Returns
    -------
    HallCoefficient
        In e^2/hbar times the square of the model's length unit.

    Raises
    ------
    ValueError
        If ``direction`` is not a finite vector different from zero, the bands touch, or d is not
        periodic on the model's lattice.
    """
    turned = rotated(model, direction_angle(direction))

    def integrand(model: TwoBandModel, kx: NDArray, ky: NDArray) -> NDArray:
        terms = eq2_terms(model, kx, ky)
        return np.concatenate([terms.sum(0, keepdims=True), terms])

    result: Integral = integrate_momenta(integrand, turned, rtol=rtol)
    named = dict(zip(TERMS, map(float, result.value[1:]), strict=True))
    errors = dict(zip(TERMS, map(float, result.error[1:]), strict=True))
    return HallCoefficient(float(result.value[0]), float(result.error[0]), **named, errors=errors,
                           points=result.points, converged=result.converged)


def eq2_terms(model: TwoBandModel, kx: NDArray, ky: NDArray) -> NDArray:
    """The five terms under the sum of Eq. (2) at every k, shape (5, ...), factor 1/2 included."""
    jet = model.jet(kx, ky, 2)
    n = tensors.direction_jet(model, jet, kx, ky)
    Omega, dOmega = tensors.curvature_gradient(n)
    g = tensors.metric(n)
    T = tensors.symmetric_part(tensors.connection(n))
    length = np.sqrt((jet[0, 1:] ** 2).sum(0))
    slope = (jet[1:3, 1:] * jet[0, 1:]).sum(1) / length
    v_V, v_C = jet[1:3, 0] - slope, jet[1:3, 0] + slope
    gap = 2 * length  # eps_C - eps_V
    return np.stack([
        g[0, 0] * Omega,
        -(v_C[0] - v_V[0]) / 3 * dOmega[0] / gap,
        -(v_C[0] - v_V[0]) / 2 * T[0, 0, 1] / gap,
        (v_C[1] - v_V[1]) / 2 * T[0, 0, 0] / gap,
        -2 * v_C[0] * v_V[0] / gap**2 * Omega,
    ]) / 2
