"""Cauchy transforms ∫ f(x′)/(ζ - x′) dx′, Im ζ > 0, of Legendre panels and of exponential tails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.special import exp1

from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.strip import Strip

#: Loss of digits that the forward recurrence is allowed: it grows like ρ^k (DLMF 14.21(iii)).
_FORWARD_LOSS = 100.0
#: The ratios of the backward recurrence converge like ρ^{-2}; this many e-folds are rounding.
_E_FOLDS = 37.0
#: Above this |sW| the asymptotic series of the exponential integral is good to rounding.
_ASYMPTOTIC = 40.0
#: Array elements of one piece of work.
_CHUNK = 2_000_000


def second_kind(w: NDArray, count: int) -> NDArray:
    """2Q_n(w) = ∫_{-1}^1 P_n(t)/(w - t) dt for n < count, shape (count, *w.shape); Im w > 0.

    Forward recurrence near the interval, backward (Miller's) farther out, where the forward one
    is unstable.
    """
    Q = np.empty((count, *w.shape), dtype=complex)
    root = np.sqrt(w - 1) * np.sqrt(w + 1)
    rho = np.abs(w + root)
    limit = _FORWARD_LOSS ** (1 / max(count, 2))
    near = rho < limit
    if np.any(near):
        v = w[near]
        Q[0, near] = np.log((v + 1) / (v - 1))
        if count > 1:
            Q[1, near] = v * Q[0, near] - 2
        for n in range(1, count - 1):
            Q[n + 1, near] = ((2 * n + 1) * v * Q[n, near] - n * Q[n - 1, near]) / (n + 1)
    far = ~near
    if np.any(far):
        v = w[far]
        ratios = np.zeros((count, v.size), dtype=complex)
        ratio = np.zeros_like(v)
        start = count + int(_E_FOLDS / (2 * np.log(limit))) + 1
        for n in range(start, 0, -1):
            ratio = n / ((2 * n + 1) * v - (n + 1) * ratio)
            if n < count:
                ratios[n] = ratio
        Q[0, far] = np.log1p(2 / (v - 1))
        for n in range(1, count):
            Q[n, far] = Q[n - 1, far] * ratios[n]
    return Q


def panel_transform(edges: NDArray, coefficients: NDArray, zeta: NDArray) -> NDArray:
    """The transform of Legendre series on panels, at ζ of shape (m,)."""
    middles, halves = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    panels, count = coefficients.shape
    step = max(1, _CHUNK // (panels * count))
    parts = []
    for first in range(0, len(zeta), step):
        w = (zeta[first : first + step, None] - middles) / halves
        parts.append(np.einsum("kmp,pk->m", second_kind(w, count), coefficients))
    return np.concatenate(parts)


@dataclass(frozen=True)
class Tail:
    """What is known of j_y beyond an end of the strip, u = distance from it.

    Attributes
    ----------
    start : float
        The end of the strip.
    side : int
        +1 to the right, -1 to the left.
    integral, error : float
        ∫ j_y du from 0 to ∞ and a bound on its error.
    rates, amplitudes : ndarray
        j_y = Re Σ A e^{-su}; empty where no decaying form fits: then it is a line current.
    """

    start: float
    side: int
    integral: float
    error: float
    rates: NDArray
    amplitudes: NDArray


def fit_tail(strip: Strip, tail: Estimate, side: int) -> Tail:
    """j″ + 2aj′ + bj = 0 with the value and slope at the end, and with the given integral."""
    panel, t = (-1, 1.0) if side > 0 else (0, -1.0)
    series = strip.coefficients[panel]
    half = (strip.edges[panel + 1] - strip.edges[panel]) / 2 if panel == 0 else (
        strip.edges[-1] - strip.edges[-2]) / 2
    start = float(strip.edges[-1] if side > 0 else strip.edges[0])
    derivatives = [
        float(legendre.legval(t, legendre.legder(series, n)) * (side / half) ** n)
        for n in range(3)
    ]
    rates, amplitudes = _decaying(derivatives, tail.value)
    return Tail(start, side, tail.value, tail.error, rates, amplitudes)


def _decaying(derivatives: list[float], integral: float) -> tuple[NDArray, NDArray]:
    """Rates and amplitudes of the damped oscillation, or nothing if it would not decay."""
    none = np.zeros(0, dtype=complex)
    j, slope, curvature = derivatives
    # Of j″ = -2a j′ - b j at the end, and of its integral, -j′ - 2a j + b∫j = 0.
    matrix = np.array([[2 * slope, j], [2 * j, -integral]])
    if not np.all(np.isfinite(matrix)) or np.linalg.cond(matrix) > 1e8:
        return _single(j, integral)
    a, b = np.linalg.solve(matrix, [-curvature, -slope])
    rates = np.roots([1.0, -2 * a, b]).astype(complex)
    if not np.all(rates.real > 0) or rates[0] == rates[1]:
        return _single(j, integral)
    # j = A₀ + A₁, j′ = -s₀A₀ - s₁A₁.
    first = (slope + rates[1] * j) / (rates[1] - rates[0])
    amplitudes = np.array([first, j - first])
    if np.sum(np.abs(amplitudes / rates)) > 1e3 * abs(integral):
        return none, none
    return rates, amplitudes


def _single(j: float, integral: float) -> tuple[NDArray, NDArray]:
    """One exponential of this value and integral, if it decays."""
    if j * integral > 0:
        return np.array([j / integral], dtype=complex), np.array([j], dtype=complex)
    return np.zeros(0, dtype=complex), np.zeros(0, dtype=complex)


def line_current(tail: Tail, zeta: NDArray) -> NDArray:
    """The transform if all of the tail flowed at its start."""
    return tail.integral / (zeta - tail.start)


def tail_transform(tail: Tail, zeta: NDArray) -> NDArray:
    """The transform of a tail."""
    if tail.rates.size == 0:
        return line_current(tail, zeta)
    W = zeta - tail.start
    if tail.side < 0:
        # ∫ j(u)/(W + u) du is the mirror image: minus the right tail's at -W*, conjugated, since
        # the sum over both rates is real.
        return -np.conj(_right(tail, -np.conj(W)))
    return _right(tail, W)


def _right(tail: Tail, W: NDArray) -> NDArray:
    return sum(
        (A * laplace_transform(s, W) for s, A in zip(tail.rates, tail.amplitudes, strict=True)),
        start=np.zeros_like(W),
    )


def laplace_transform(s: complex, W: NDArray) -> NDArray:
    """∫₀^∞ e^{-su}/(W - u) du for Re s > 0, Im W > 0: -e^{-sW} E₁(-sW), continued in s."""
    z = -s * W
    # The rotation by arg s may carry -W, in the lower half plane, across the cut of E₁.
    across = np.angle(-W) + np.angle(s) < -np.pi
    large = np.abs(z) > _ASYMPTOTIC
    result = np.empty_like(z)
    near = z[~large]
    result[~large] = -np.exp(near) * (exp1(near) + 2j * np.pi * across[~large])
    far, term = z[large], -1 / z[large]
    total = term.copy()
    for n in range(1, int(_ASYMPTOTIC) - 4):
        term = term * (-n / far)
        total += term
    # Beyond the cut Re z < 0: this term decays.
    result[large] = total - 2j * np.pi * np.where(across[large], np.exp(np.minimum(far.real, 0.0)
                                                   + 1j * far.imag), 0.0)
    return result
