r"""A single electron in a uniform field, Eq. (13), (28), (29), (31) and Fig. 5; printed integrals.

The state φ = Ai(x/ℓ)/(ℓ√F), ℓ = (1/2ΔF)^{1/3} = x₀/2^{1/3}, is normalised to a unit of energy,
∫φ_ε φ_ε' dx = δ(ε - ε'). Its current, Eq. (29) with m = Δ, is then

    j_y(x) = -(1/2Δ) ∂ₓφ² = -2 Ai(x/ℓ) Ai'(x/ℓ),

whatever Δ and F are; for x → -∞ it oscillates as (1/π) cos((4/3)|x/ℓ|^{3/2}) about a smooth part of
-1/(4π|x/ℓ|^{3/2}), 1/(4|x/ℓ|^{3/2}) of the amplitude. Conventions as in `dirac1d.exact.airy`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.exact.airy import SCALE_RATIO, airy_length, state_argument
from dirac1d.exact.airy_functions import ai, ai_prime
from dirac1d.exact.double_double import two_sum

#: A Gaussian e^{-u²} is cut where it is 1e-17, and a trapezoidal rule on it has the step that
#: leaves the same of its first aliased Fourier component.
_CUT = 40.0
#: Nodes per call when a smoothing integral is done on many x at once: 2e6 doubles.
_CHUNK = 2_000_000
#: Gauss-Legendre nodes per panel of the printed integrals and radians of Ai² per panel:
#: 16 nodes integrate 6 rad of a sine to 1e-16.
_PANEL_NODES, _PANEL_PHASE = 16, 6.0
#: Ai² is cut where it has fallen by e^{-44} = 1e-19.
_DECAY = 44.0


def single_state_current(
    x: ArrayLike, slope: float, mass: float, smoothing: float = 0.0
) -> NDArray[np.float64]:
    """Current of one electron with ε = p_y = 0 in U = slope·x - |mass|: Eq. (29), Fig. 5.

    -2 Ai(x/ℓ) Ai'(x/ℓ) per unit of energy (see the module's docstring for the normalisation),
    averaged, if `smoothing` > 0, with exp(-(x-x')²/w²)/(√π w), w = `smoothing`; Fig. 5 has
    w = x₀ and w = √2 x₀. A state with ε, p_y is the same about x_c = ε/F - p_y²/(2ΔF).

    Parameters
    ----------
    x : array_like
        Positions, any shape.
    slope, mass : float
        F and Δ, not zero; each negative one flips the sign, a negative slope mirrors too.
    smoothing : float
        w ≥ 0, a length; 0 for none.

    Returns
    -------
    ndarray
        j_y/e per unit of energy, shape of x. Unsmoothed: a few ulp of the amplitude 1/π; smoothed:
        1e-15 absolute, and relative to its own size in the tail far to the left and to the right.

    Raises
    ------
    ValueError
        If slope or mass is zero or not finite, or the smoothing is negative.
    """
    if not (np.isfinite(smoothing) and smoothing >= 0):
        raise ValueError(f"smoothing must be a length >= 0, got {smoothing}")
    sign = np.sign(slope) * np.sign(mass)
    z = state_argument(x, slope, mass)
    if smoothing == 0.0:
        return -2.0 * sign * ai(z) * ai_prime(z)
    alpha = (smoothing / airy_length(slope, mass) * SCALE_RATIO) ** 2 / 4.0
    flat = np.ravel(z[0])
    # Left of this the oscillations have been averaged out to e^{-4α|z|} < e^{-40}, and the smooth
    # part's integral has no second maximum in its range.
    far = flat < -(12.0 / alpha + 4.0 * alpha**2)
    value = np.empty_like(flat)
    value[far] = _smooth_part(-flat[far], alpha)
    value[~far] = _convolution(flat[~far], alpha)
    return sign * value.reshape(np.shape(z[0]))[()]


def semiclassical_state_current(x: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    """Smooth part of `single_state_current` far inside the liquid: -1/(4π|x/ℓ|^{3/2}) at x < 0.

    From the classical density ⟨Ai²(x/ℓ)⟩ = 1/(2π√|x/ℓ|) of Eq. (31); 0 at x ≥ 0 (slope > 0).
    Parameters and errors as in `single_state_current`.
    """
    z = np.asarray(state_argument(x, slope, mass)[0])
    inside = z < 0
    tail = -1.0 / (4 * np.pi * np.where(inside, -z, 1.0) ** 1.5)
    return np.sign(slope) * np.sign(mass) * np.where(inside, tail, 0.0)


def _convolution(z: NDArray, alpha: float) -> NDArray:
    """∫ -2 Ai Ai'(t) e^{-(z-t)²/4α} dt/√(4πα) by the trapezoidal rule, centred at the saddle."""
    if z.size == 0:
        return np.empty(0)
    # For z > 0 the product falls as e^{-4t^{3/2}/3}: its maximum with the Gaussian is at √t = root.
    root = -2 * alpha + np.sqrt(4 * alpha**2 + np.maximum(z, 0.0))
    centre = np.where(z > 0, np.maximum(z, 0.0) - 4 * alpha * root, z)
    reach = np.sqrt(4 * alpha * _CUT)
    highest = 2 * np.sqrt(max(-np.min(z), 0.0) + reach) + np.sqrt(_CUT / alpha)
    step = 2 * np.pi / highest
    offsets = step * np.arange(-np.ceil(reach / step), np.ceil(reach / step) + 1)
    value = np.empty_like(z)
    rows = max(1, _CHUNK // offsets.size)
    for start in range(0, z.size, rows):
        part = slice(start, start + rows)
        t = two_sum(centre[part, None], offsets)
        decay = 4.0 / 3.0 * np.maximum(t[0], 0.0) ** 1.5
        weight = np.exp(-((z[part, None] - t[0]) ** 2) / (4 * alpha) - decay)
        product = -2.0 * ai(t, scaled=True) * ai_prime(t, scaled=True)
        value[part] = np.sum(weight * product, axis=1) * step / np.sqrt(4 * np.pi * alpha)
    return value


def _smooth_part(s: NDArray, alpha: float) -> NDArray:
    """Gaussian average of -½ ∂_z(Ai² + Bi²) at z = -s.

    From DLMF 9.11.4, Ai² + Bi² = π^{-3/2} ∫₀^∞ exp(zτ - τ³/12) dτ/√τ, each exponential of which
    gains e^{ατ²}; with τ = v²/s the trapezoidal rule converges exponentially.
    """
    # e^{-v²}v² on the whole axis: step π/√40 leaves e^{-40}, and v² = 40 cuts at the same.
    step = np.pi / np.sqrt(_CUT)
    v = step * np.arange(1, np.ceil(np.sqrt(_CUT) / step) + 1)
    tau = v**2 / s[:, None]
    integrand = v**2 * np.exp(-(v**2) + alpha * tau**2 - tau**3 / 12)
    return -step * np.sum(integrand, axis=1) / (np.pi * s) ** 1.5


def printed_eq33(x: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    r"""Eq. (33) evaluated as printed, by quadrature over p_y (with the printed x₀).

    .. math:: j_y = \frac{F}{2\pi m\sqrt{2Fx_0/m}}
              \int_{-\infty}^\infty \mathrm{Ai}^2\Big(\frac{p_y^2/2m + Fx}{Fx_0}\Big)dp_y .

    It equals ``airy_edge_current(x / 2**(1/3), slope, mass)``: 26 % too wide, prefactor right.

    Parameters
    ----------
    x : array_like
        Positions, any shape; the cost grows as |x|^{3/2} for x → -∞.
    slope, mass : float
        F > 0 and Δ = m > 0.

    Returns
    -------
    ndarray
        j_y/e, shape of x.

    Raises
    ------
    ValueError
        If slope or mass is not positive.
    """
    F, m = _positive("slope", slope), _positive("mass", mass)
    x_0 = airy_length(F, m)
    # p_y = √(2mFx₀) ξ; both signs of p_y.
    prefactor = F / (2 * np.pi * m * np.sqrt(2 * F * x_0 / m)) * 2 * np.sqrt(2 * m * F * x_0)
    return prefactor * _over_array(x, lambda position: _half_line(position / x_0, _ai_squared))


def printed_eq16(r_perp: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    r"""Eq. (16) evaluated as printed: :math:`\frac{d}{dr}\int_0^\infty Ai^2(\xi^2+r/r_0)d\xi`.

    It is meant to be a δ-function of r but integrates to -1/4, on the wrong side of r = 0 and 26 %
    too wide: the right profile is δ(r) = (2/r₀) Ai(-2r/r₀) = -4·2^{1/3} printed(-2^{1/3} r).

    Parameters
    ----------
    r_perp : array_like
        Distance from the equipotential line, positive inside the liquid; any shape.
    slope, mass : float
        |∇U| > 0 and Δ > 0.

    Returns
    -------
    ndarray
        Inverse length, shape of r_perp.

    Raises
    ------
    ValueError
        If slope or mass is not positive.
    """
    r_0 = airy_length(_positive("slope", slope), _positive("mass", mass))
    return _over_array(r_perp, lambda r: _half_line(r / r_0, _ai_squared_prime) / r_0)


def _positive(name: str, value: float) -> float:
    if not (np.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be positive in the printed form, got {value}")
    return value


def _ai_squared(z: NDArray) -> NDArray:
    return ai(z) ** 2


def _ai_squared_prime(z: NDArray) -> NDArray:
    return 2 * ai(z) * ai_prime(z)


def _over_array(x: ArrayLike, function) -> NDArray[np.float64]:
    x = np.asarray(x, dtype=float)
    return np.array([function(v) for v in x.ravel()]).reshape(x.shape)[()]


def _half_line(a: float, function) -> float:
    """∫₀^∞ function(ξ² + a) dξ on Gauss-Legendre panels, none with more than 6 rad of phase."""
    right = max(a, 0.0)
    # (4/3)(t^{3/2} - a^{3/2}) = 44 for a > 0, (4/3) t^{3/2} = 44 for a < 0, t = ξ² + a.
    end = np.sqrt((right**1.5 + 0.75 * _DECAY) ** (2 / 3) - a)
    panels = int(np.ceil(end * (2 * max(-a, 0.0) + 4 * np.sqrt(right) + 8) / _PANEL_PHASE))
    nodes, weights = np.polynomial.legendre.leggauss(_PANEL_NODES)
    edges = np.linspace(0.0, end, panels + 1)
    half = end / panels / 2
    xi = (edges[:-1, None] + half) + half * nodes
    return float(half * np.sum(weights * function(xi**2 + a)))
