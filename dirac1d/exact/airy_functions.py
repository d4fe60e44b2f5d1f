"""Ai, Ai′ and Ai₁(z) = ∫_z^∞ Ai for real arguments, to a few ulp of their local envelope.

`scipy.special.itairy` has useless tails (relative error 0.45 at z = 5) and `scipy.special.airy`
misses by 3·10⁻¹¹ of the envelope at z = -10⁴ (its phase is formed in double precision). Here:

- |z| ≤ 16: Taylor series about the nearest of 66 nodes half a unit apart; the coefficients follow
  from Ai″ = z Ai and from values at the nodes, which mpmath gives at first use;
- |z| > 16: the asymptotic series DLMF 9.7.5, 9.7.6, 9.7.9, 9.7.10 in ζ = (2/3)|z|^{3/2}, and
  their integral, with the phase formed in double-double arithmetic.

The series of Ai₁ follows from Ai₁′ = -Ai: with u_k of DLMF 9.7.2,

    Ai₁(z) ~ e^{-ζ}/(2√π z^{3/4}) Σ (-1)^k w_k ζ^{-k},   w_k = u_k + (k - 1/2) w_{k-1},  w_0 = 1,

and for z = -s, with θ = ζ - π/4 (the constant is exact: ∫ Ai over the whole axis is 1),

    Ai₁(-s) ~ 1 - [cos θ Σ (-1)^k w_{2k+1} ζ^{-2k-1} - sin θ Σ (-1)^k w_{2k} ζ^{-2k}]/(√π s^{3/4}).

Every argument z may be a pair (high, low) of arrays, the double-double z = high + low.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import mpmath as mp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.exact.double_double import DoubleDouble, divide_by_3, multiply, square_root

Argument: TypeAlias = ArrayLike | DoubleDouble

#: Change-over to the asymptotic series: the first omitted term of Ai₁ (the slowest of the three),
#: w_24 ζ^{-24} at ζ = 42.7, is 2e-16.
_ASYMPTOTIC = 16.0
_TERMS = 24
#: Nodes half a unit apart: at |z| = 16 the n-th Taylor term is (√16/4)^n/n!, 2e-20 at n = 21.
_NODE_STEP = 0.5
_TAYLOR_TERMS = 22
#: Digits of the nodes' values: Ai₁(16.5) = 1e-21 is a difference of numbers of order 1.
_NODE_DIGITS = 60
#: Beyond this the phase cannot be told even in double-double; there the envelope is < 1e-15.
_LARGEST = 1e60


def ai(z: Argument, scaled: bool = False) -> NDArray[np.float64]:
    """Ai(z); ``scaled``: times e^{ζ}, ζ = (2/3) z^{3/2}, for z > 0.

    Parameters
    ----------
    z : array_like or pair of arrays
        Real argument, any shape (or high and low part of a double-double).
    scaled : bool
        Take out the decay for z > 0 (as `scipy.special.airye` does).

    Returns
    -------
    ndarray
        Shape of z. Unscaled values below 1e-308 (z > 103) underflow to 0.
    """
    return _evaluate(z, 0, scaled, _ai_left, lambda z: 0.5 / z**0.25)


def ai_prime(z: Argument, scaled: bool = False) -> NDArray[np.float64]:
    """Ai′(z); arguments as in `ai`."""
    return _evaluate(z, 1, scaled, _ai_prime_left, lambda z: -0.5 * z**0.25)


def ai1(z: Argument, scaled: bool = False) -> NDArray[np.float64]:
    """Ai₁(z) = ∫_z^∞ Ai(t) dt; arguments as in `ai`. Ai₁ → 1 for z → -∞."""
    return _evaluate(z, 2, scaled, lambda *a: 1.0 - _ai1_left(*a), lambda z: 0.5 / z**0.75)


def ai1_complement(z: Argument) -> NDArray[np.float64]:
    """1 - Ai₁(z) = ∫_{-∞}^z Ai(t) dt, to a few ulp of its own envelope for z → -∞."""
    high, low = _as_pair(z)
    left = high < -_ASYMPTOTIC
    value = 1.0 - ai1((high, low))
    if np.any(left):
        s = -np.maximum(high[left], -_LARGEST)
        value[left] = _ai1_left(s, *_phase(s, -low[left]))
    return value[()]


def _as_pair(z: Argument) -> DoubleDouble:
    """High and low part, as float arrays of one shape."""
    high, low = z if isinstance(z, tuple) else (z, 0.0)
    high, low = np.broadcast_arrays(np.asarray(high, dtype=float), np.asarray(low, dtype=float))
    return high, low


def _evaluate(
    z: Argument,
    which: int,
    scaled: bool,
    left_series: Callable[..., NDArray],
    right_prefactor: Callable[[NDArray], NDArray],
) -> NDArray[np.float64]:
    """One of the three functions (0: Ai, 1: Ai′, 2: Ai₁), by the piece that z lies in."""
    high, low = _as_pair(z)
    result = np.full(high.shape, np.nan)
    left, right = high < -_ASYMPTOTIC, high > _ASYMPTOTIC
    middle = np.abs(high) <= _ASYMPTOTIC
    if np.any(middle):
        result[middle] = _taylor(high[middle], low[middle], which, scaled)
    if np.any(left):
        s = -np.maximum(high[left], -_LARGEST)
        result[left] = left_series(s, *_phase(s, -low[left]))
    if np.any(right):
        s = np.minimum(high[right], _LARGEST)
        zeta, zeta_low = _zeta(s, low[right])
        even, odd = _series(which, zeta, alternate=1.0)
        decay = 1.0 if scaled else np.exp(-zeta) * (1.0 - zeta_low)
        result[right] = right_prefactor(s) / np.sqrt(np.pi) * (even - odd) * decay
    return result[()]


def _taylor(high: NDArray, low: NDArray, which: int, scaled: bool) -> NDArray:
    """Horner's scheme with the coefficients of the nearest node."""
    node = np.rint(high / _NODE_STEP)
    table = _taylor_table()[which]
    row = (node + table.shape[1] // 2).astype(int)
    step = (high - node * _NODE_STEP) + low
    value = table[-1][row]
    for coefficients in table[-2::-1]:
        value = value * step + coefficients[row]
    if scaled:
        value = value * np.exp(2.0 / 3.0 * np.maximum(high, 0.0) ** 1.5)
    return value


@cache
def _taylor_table() -> NDArray[np.float64]:
    """Taylor coefficients, shape (3 functions, _TAYLOR_TERMS, nodes)."""
    count = round(_ASYMPTOTIC / _NODE_STEP)
    rows: list[list[list[float]]] = [[], [], []]
    with mp.workdps(_NODE_DIGITS):
        for j in range(-count, count + 1):
            z = mp.mpf(j) * _NODE_STEP
            a = [mp.airyai(z), mp.airyai(z, derivative=1), z * mp.airyai(z) / 2]
            for n in range(1, _TAYLOR_TERMS):
                a.append((z * a[n] + a[n - 1]) / ((n + 1) * (n + 2)))
            tail = mp.mpf(1) / 3 - mp.airyai(z, derivative=-1)
            rows[0].append([float(c) for c in a[:_TAYLOR_TERMS]])
            rows[1].append([float((n + 1) * a[n + 1]) for n in range(_TAYLOR_TERMS)])
            rows[2].append([float(tail)])
            rows[2][-1] += [float(-a[n] / (n + 1)) for n in range(_TAYLOR_TERMS - 1)]
    table = np.array(rows).transpose(0, 2, 1).copy()
    table.flags.writeable = False
    return table


@cache
def _asymptotic_coefficients() -> NDArray[np.float64]:
    """Rows u_k, v_k (DLMF 9.7.2) and w_k (module docstring), k < _TERMS."""
    u, v, w = [mp.mpf(1)], [mp.mpf(1)], [mp.mpf(1)]
    for k in range(1, _TERMS):
        u.append(u[-1] * (6 * k - 5) * (6 * k - 3) * (6 * k - 1) / ((2 * k - 1) * 216 * k))
        v.append(u[k] * (6 * k + 1) / (1 - 6 * k))
        w.append(u[k] + (k - mp.mpf(0.5)) * w[-1])
    return np.array([[float(c) for c in row] for row in (u, v, w)])


def _series(which: int, zeta: NDArray, alternate: float) -> tuple[NDArray, NDArray]:
    """Σ alternate^k c_{2k} ζ^{-2k} and Σ alternate^k c_{2k+1} ζ^{-2k-1}."""
    c = _asymptotic_coefficients()[which]
    y = alternate / zeta**2
    even = np.polynomial.polynomial.polyval(y, c[0::2])
    odd = np.polynomial.polynomial.polyval(y, c[1::2]) / zeta
    return even, odd


def _zeta(s: NDArray, low: NDArray) -> DoubleDouble:
    """ζ = (2/3) s^{3/2} as a double-double."""
    product = multiply((s, low), square_root((s, low)))
    return divide_by_3((2.0 * product[0], 2.0 * product[1]))


def _phase(s: NDArray, low: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """ζ, cos θ and sin θ with θ = ζ - π/4, ζ reduced with all of its 32 digits."""
    zeta, zeta_low = _zeta(s, low)
    cosine, sine = np.cos(zeta), np.sin(zeta)
    # ζ_low < 1e-10 up to ζ = 1e6; the second order matters for larger |z| only.
    c, d = np.cos(zeta_low), np.sin(zeta_low)
    cosine, sine = cosine * c - sine * d, sine * c + cosine * d
    return zeta, (cosine + sine) / np.sqrt(2.0), (sine - cosine) / np.sqrt(2.0)


def _ai_left(s: NDArray, zeta: NDArray, cosine: NDArray, sine: NDArray) -> NDArray:
    """Ai(-s), DLMF 9.7.9."""
    even, odd = _series(0, zeta, alternate=-1.0)
    return (cosine * even + sine * odd) / (np.sqrt(np.pi) * s**0.25)


def _ai_prime_left(s: NDArray, zeta: NDArray, cosine: NDArray, sine: NDArray) -> NDArray:
    """Ai′(-s), DLMF 9.7.10."""
    even, odd = _series(1, zeta, alternate=-1.0)
    return (sine * even - cosine * odd) * s**0.25 / np.sqrt(np.pi)


def _ai1_left(s: NDArray, zeta: NDArray, cosine: NDArray, sine: NDArray) -> NDArray:
    """1 - Ai₁(-s), module docstring."""
    even, odd = _series(2, zeta, alternate=-1.0)
    return (cosine * odd - sine * even) / (np.sqrt(np.pi) * s**0.75)
