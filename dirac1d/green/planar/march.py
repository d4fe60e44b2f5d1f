r"""Marching reflection matrices through U(x, y), from the left and from the right at once.

In the channels of a constant energy, with b = S_L a on the left's solution and v = U - Ū,

.. math:: S' = -(κS + Sκ) - [α(v_-g) + α'(v_+f)] - S[β(v_-g) + β'(v_+f)], \qquad
          f = f_+ + f_-S, \quad g = g_+ + g_-S,

α = g₊… the diagonal matrices of the channels, v± = v ± δ where the mass is δ more than that of the
channels. The first part is exact, element by element, whatever pₙh; the rest, bounded by v±, is a
polynomial through its last values (exponential Adams) with one correction by the new value. From
the right, a = S_R b obeys the same with the roles of both exponentials exchanged, in the direction
-x.

Between diagonal matrices v and δ are v and δ times numbers, element by element: S′ + κS + Sκ is
A + BS + SC + SDS, three products of matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import comb

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from dirac1d.green.planar.channels import Channels

#: Values that the polynomial of the predictor goes through, the corrector one more: sixth and
#: seventh order. Higher ones gain nothing at steps that carry 1e-7.
ORDER = 5
#: |2κh| up to which their weights are sums over so many nodes, to rounding; beyond, by parts.
_BY_PARTS, _WEIGHT_NODES = 8.0, 16


class Equation:
    """A, B, C and D of both directions, at one step after another.

    Parameters
    ----------
    channels : Channels
        Of shape (B, N).
    window : ndarray, shape (B, N)
        What the harmonics have of U, as factors on both sides of it.
    offset : ndarray, shape (B, 1)
        A constant that v has beside U.
    kind : dtype
        Of the reflection matrices.
    fields : {1, 2}
        U, or U and δ.
    """

    def __init__(
        self, channels: Channels, window: NDArray, offset: NDArray, kind: np.dtype, fields: int
    ) -> None:
        a, b, w = channels.grow, channels.fall, channels.w
        free = tuple(np.stack(pair) for pair in zip(a, b, strict=True))
        bound = tuple(np.stack(pair) for pair in zip(b, a, strict=True))
        B, N = window.shape
        both = window[:, :, None] * window[:, None, :]
        self._i = np.arange(N)
        # Of U, and of δ, in the order A, B, C, D: the right factor is what is given, or answers.
        self._times: tuple[list[NDArray], list[NDArray]] = [], []
        self._constant = []
        for left in (free, bound):
            for right in (free, bound):
                of_f, of_g = ((left[k] / w)[..., :, None] * right[k][..., None, :] for k in (0, 1))
                times = -(of_f + of_g)
                self._times[0].append((times * both).astype(kind))
                if fields > 1:
                    self._times[1].append(((of_g - of_f) * both).astype(kind))
                self._constant.append((times[..., self._i, self._i] * offset).astype(kind))
        self._A, self._C = np.empty((2, 2, B, N, N), kind)
        # B above D: their products with S are one.
        self._BD = np.empty((2, B, 2 * N, N), kind)
        self._B, self._D = self._BD[:, :, :N], self._BD[:, :, N:]
        self._products = np.empty_like(self._BD)

    def at(self, harmonics: NDArray) -> None:
        """Go to where harmonics -(N-1) … N-1 are these, of U and δ: shape (2, 1 or 2, 2N-1)."""
        N = len(self._i)
        matrices = self._A, self._B, self._C, self._D
        # U[i, j] = U_{i-j}, without a copy.
        row, other, one = harmonics.strides
        U, *change = (np.ndarray((2, 1, N, N), harmonics.dtype, harmonics, k * other
                                 + (N - 1) * one, (row, 0, one, -one))
                      for k in range(harmonics.shape[1]))
        for matrix, times, constant in zip(matrices, self._times[0], self._constant, strict=True):
            np.multiply(U, times, out=matrix)
            matrix[..., self._i, self._i] += constant
        for delta in change:
            for matrix, times in zip(matrices, self._times[1], strict=True):
                matrix += delta * times

    def slope(self, S: NDArray, out: NDArray) -> NDArray:
        """A + BS + SC + SDS; S and `out` of shape (2, B, N, N)."""
        N = len(self._i)
        np.matmul(self._BD, S, out=self._products)
        beside = self._products[:, :, N:]
        beside += self._C
        np.matmul(S, beside, out=out)
        out += self._products[:, :, :N]
        out += self._A
        return out


@lru_cache(maxsize=8)
def _lagrange(first: int) -> NDArray:
    """The polynomials through first, first-1, … as rows of coefficients of 1, s, s², …"""
    at = first - np.arange(ORDER + first)
    return np.array([
        Polynomial.fromroots(np.delete(at, j)).coef / np.prod(a - np.delete(at, j))
        for j, a in enumerate(at)])


def _moments(z: NDArray, count: int) -> NDArray:
    """∫₀¹ e^{-z(1-s)} s^k ds, k = 0 … count - 1, shape (count, *z.shape).

    By parts, which divides rounding by z from one k to the next; a small z by quadrature.
    """
    large = np.abs(z) > _BY_PARTS
    safe = np.where(large, z, _BY_PARTS)
    found = [(1 - np.exp(-safe)) / safe]
    for k in range(1, count):
        found.append((1 - k * found[-1]) / safe)
    t, weights = np.polynomial.legendre.leggauss(_WEIGHT_NODES)
    t, weights = (1 + t) / 2, weights / 2
    safe, total = np.where(large, 0.0, z), np.array(found)
    small = np.zeros_like(total)
    for s, weight in zip(t, weights, strict=True):
        small += (weight * s ** np.arange(count))[:, None, None, None] * np.exp(-(1 - s) * safe)
    return np.where(large, total, small)


def _weights(rate: NDArray, h: float, first: int) -> NDArray:
    """h∫₀¹ e^{-rate h(1-s)} ℓ_j(s) ds, shape (j, *rate.shape)."""
    polynomials = _lagrange(first)
    return h * np.tensordot(polynomials, _moments(h * rate, polynomials.shape[1]), 1)


def march(
    channels: Channels, window: NDArray, offset: NDArray, harmonics: Callable[[int], NDArray],
    start: NDArray, h: float, steps: int,
) -> Iterator[tuple[int, NDArray]]:
    """S of both directions after every step.

    Parameters
    ----------
    channels, window, offset
        As of `Equation`.
    harmonics : callable
        Step → those of U there, and of δ if there is one, shape (2, 1 or 2, 2N-1): of the left's
        march, and of the right's.
    start : ndarray, shape (2, B, N, N)
        The right's is S_R at its own start. All arithmetic is of its type.
    h : float
    steps : int

    Yields
    ------
    int, ndarray of shape (2, B, N, N)
        Steps done (0 first) and S; each is the caller's to keep.
    """
    kind = start.dtype
    equation = Equation(channels, window, offset, kind, harmonics(0).shape[1])
    rate = channels.kappa[:, :, None] + channels.kappa[:, None, :]
    decay = np.exp(-h * rate).astype(kind)
    predict, correct = _weights(rate, h, 0).astype(kind), _weights(rate, h, 1)[0].astype(kind)
    # The predictor's polynomial at the new step, of the values in the order of age.
    ahead = np.array([(-1) ** i * comb(ORDER, i + 1) for i in range(ORDER)], start.real.dtype)
    S, work = start, np.empty_like(start)
    equation.at(harmonics(0))
    past = np.stack([equation.slope(S, work)] * ORDER)
    flat, age = past.view(ahead.dtype).reshape(ORDER, -1), np.arange(ORDER)
    new = np.empty_like(start)
    yield 0, S
    for step in range(1, steps + 1):
        equation.at(harmonics(step))
        S = decay * S
        for i, F in zip(age, past, strict=True):
            S += np.multiply(predict[i], F, out=work)
        # Both polynomials differ by what the new value is off the first one.
        equation.slope(S, new)
        new -= (ahead[age] @ flat).view(kind).reshape(S.shape)
        S += np.multiply(correct, new, out=work)
        age = (age + 1) % ORDER
        equation.slope(S, past[-step % ORDER])
        yield step, S
