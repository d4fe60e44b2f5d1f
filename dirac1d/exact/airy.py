r"""Uniform electric field: the δ-profile of Eq. (13)-(16) and Appendix B, Eq. (28)-(35), closed.

Equation numbers: P. G. Silvestrov and P. Recher (2019). For U(x) = F x - |Δ| and ε_F = 0 the
conduction band's edge is at x = 0. In the limit F x₀ ≪ |Δ| (corrections are first order in
F x₀/|Δ|), with x₀ = (ħ²v_F²/|ΔF|)^{1/3} as the paper defines it and Ai₁(z) = ∫_z^∞ Ai,

    j_y(x) = (e/2h) F Ai₁(2x/x₀),      j^ε(x) = (e/2h) (2/x₀) Ai(2x/x₀).

Both follow from ∫₀^∞ Ai²(ξ² + z) dξ = ¼ Ai₁(2^{2/3} z). A negative slope mirrors the profile and,
as a negative mass, flips the sign. Units ħ = v_F = 1, values j_y/e, so e/2h = 1/4π.

Misprints met here (each tested):

- Eq. (13), (16): φ = Ai((x - x_c)/ℓ) solves p²φ/2m + F x φ = εφ, m = Δ, only if ℓ³ = 1/(2ΔF):
  the scale is ℓ = x₀/2^{1/3}. Eq. (31)-(33), evaluated with the printed x₀, are 2^{1/3} = 1.26
  times too wide; their prefactors are right. See `printed_eq33`.
- Eq. (16) as printed is ¼ d/dr Ai₁(2^{2/3} r/r₀): it integrates to -¼, and its oscillating side
  lies at r < 0, outside the liquid. Right: δ(r) = 4 d/dr ∫ Ai²(ξ² - 2^{1/3} r/r₀) dξ
  = (2/r₀) Ai(-2r/r₀). See `printed_eq16`.
- Eq. (34): j depends on x - ε/F, so ∂j/∂ε = -(1/F) ∂j/∂x.
- Fig. 5's text: the period of the oscillations falls as |x|^{-1/2} (phase (4/3)|x/ℓ|^{3/2}); the
  smooth part is 1/(4|x/ℓ|^{3/2}) of their amplitude, with ℓ as the unit of length.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.exact.airy_functions import ai, ai1, ai1_complement
from dirac1d.exact.double_double import DoubleDouble, cube_root, multiply, two_product

#: The Airy scale of p²/2m + Fx is x₀ over this (Eq. 13 prints x₀ itself).
SCALE_RATIO = 2.0 ** (1.0 / 3.0)


def airy_length(slope: float, mass: float) -> float:
    """x₀ = |ΔF|^{-1/3}, the unit of length of Fig. 2 and 5 (ħ = v_F = 1).

    Raises
    ------
    ValueError
        If slope or mass is zero or not finite.
    """
    _check(slope, mass)
    return float(1.0 / _wave_number(slope, mass)[0])


def airy_edge_current(x: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    """Conduction-band current density at the edge of the electron liquid: Eq. (33), corrected.

    U = slope·x - |mass|, ε_F = 0, T = 0, to leading order in F x₀/|Δ|: (F/4π) Ai₁(2x/x₀), which is
    the step F θ(-x)/4π of Eq. (14) with its oscillations.

    Parameters
    ----------
    x : array_like
        Positions, any shape, in units of ħv_F/E₀.
    slope : float
        F = dU/dx ≠ 0; a negative one mirrors the profile and flips its sign.
    mass : float
        Δ ≠ 0; a negative one flips the sign.

    Returns
    -------
    ndarray
        j_y/e, shape of x; a few ulp of its envelope for |x| < 10⁵ x₀.

    Raises
    ------
    ValueError
        If slope or mass is zero or not finite.

    Examples
    --------
    >>> round(float(airy_edge_current(0.0, slope=0.1, mass=1.0) * 4 * 3.141592653589793 / 0.1), 6)
    0.333333
    """
    z = _edge_argument(x, slope, mass)
    return np.sign(mass) * slope * E_OVER_2H * ai1(z)


def airy_edge_total_current(x: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    """Conduction and filled valence band together: -(F/4π)[1 - Ai₁(2x/x₀)].

    Parameters, result and errors as in `airy_edge_current`; small where the Fermi energy lies in
    the band (Eq. 37), and accurate relative to that.
    """
    z = _edge_argument(x, slope, mass)
    return -np.sign(mass) * slope * E_OVER_2H * ai1_complement(z)


def airy_edge_spectral_current(
    x: ArrayLike, slope: float, mass: float, smoothing: float = 0.0
) -> NDArray[np.float64]:
    """Energy distribution j^ε(x) at ε = 0: Eq. (34), corrected; the δ-function of Eq. (15), (16).

    (1/4π)(2/x₀) Ai(2x/x₀), and averaged with the weight exp(-(x-x')²/w²)/(√π w), w = `smoothing`,
    as the thick line of Fig. 2 (there w = x₀): with α = (w/x₀)² and z = 2x/x₀,
    Ai(z) becomes e^{αz + 2α³/3} Ai(z + α²).

    Parameters
    ----------
    x, slope, mass
        As in `airy_edge_current`.
    smoothing : float
        w ≥ 0, a length; 0 for none.

    Returns
    -------
    ndarray
        dj_y/dε over e, shape of x.

    Raises
    ------
    ValueError
        If slope or mass is zero or not finite, or the smoothing is negative.
    """
    if not (np.isfinite(smoothing) and smoothing >= 0):
        raise ValueError(f"smoothing must be a length >= 0, got {smoothing}")
    z = _edge_argument(x, slope, mass)
    amplitude = np.sign(mass) * np.sign(slope) * E_OVER_2H * 2.0 / airy_length(slope, mass)
    if smoothing == 0.0:
        return amplitude * ai(z)
    alpha = (smoothing / airy_length(slope, mass)) ** 2
    y = np.asarray(z[0] + alpha**2)
    right = np.maximum(y, 0.0)
    # For y > 0 the decay of Ai goes into the exponent: αz + 2α³/3 - ζ(y), without cancellation.
    delta = (right - alpha**2) / (np.sqrt(right) + alpha)
    exponent = np.where(
        y > 0, -(delta**2) * (alpha + 2 * delta / 3), alpha * np.minimum(z[0], 0) + 2 * alpha**3 / 3
    )
    return amplitude * np.exp(np.minimum(exponent, 0.0)) * ai(y, scaled=True)


def semiclassical_edge_current(x: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    """Eq. (14), and Eq. (35) after its integral is done: (F/4π) θ(-x), ½ at the edge itself.

    Parameters, result and errors as in `airy_edge_current`.
    """
    _check(slope, mass)
    occupied = np.heaviside(-np.sign(slope) * np.asarray(x, dtype=float), 0.5)
    return np.sign(mass) * slope * E_OVER_2H * occupied


def _check(slope: float, mass: float) -> None:
    """Both lengths of the problem need F ≠ 0 and Δ ≠ 0."""
    for name, value in (("slope", slope), ("mass", mass)):
        if not np.isfinite(value) or value == 0:
            raise ValueError(f"{name} must be finite and not zero, got {value}")


def _wave_number(slope: float, mass: float, factor: float = 1.0) -> DoubleDouble:
    """(factor·|ΔF|)^{1/3} as a double-double (factor a power of two): 1/x₀ or 1/ℓ."""
    product = two_product(np.float64(abs(mass)), np.float64(abs(slope)))
    return cube_root((factor * product[0], factor * product[1]))


def _edge_argument(x: ArrayLike, slope: float, mass: float) -> DoubleDouble:
    """z = ±2x/x₀ as a double-double: its rounding alone would cost 3e-10 of the envelope."""
    _check(slope, mass)
    x = 2.0 * np.sign(slope) * np.asarray(x, dtype=float)
    return multiply(_wave_number(slope, mass), (x, np.zeros_like(x)))


def state_argument(x: ArrayLike, slope: float, mass: float) -> DoubleDouble:
    """±x/ℓ with ℓ = x₀/2^{1/3}, the argument of Ai in Eq. (13), corrected, as a double-double."""
    _check(slope, mass)
    x = np.sign(slope) * np.asarray(x, dtype=float)
    return multiply(_wave_number(slope, mass, factor=2.0), (x, np.zeros_like(x)))
