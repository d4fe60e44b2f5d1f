r"""Marching reflection matrices through U(x, y), from the left and from the right at once.

In the channels of a constant energy, with b = S_L a on the left's solution and v = U - Ū,

.. math:: S' = -(κS + Sκ) - [α(vg) + α'(vf)] - S[β(vg) + β'(vf)], \qquad
          f = f_+ + f_-S, \quad g = g_+ + g_-S,

α = g₊… the diagonal matrices of the channels. The first part is exact, element by element,
whatever pₙh; the rest, bounded by v, is a polynomial through its last values (exponential Adams)
with one correction by the new value. From the right, a = S_R b obeys the same with the roles of
both exponentials exchanged, in the direction -x.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

from dirac1d.green.planar.channels import Channels

#: Values that the polynomial of the predictor goes through, the corrector one more: sixth and
#: seventh order. Higher ones gain nothing at steps that carry 1e-7.
ORDER = 5
#: |2κh| up to which their weights are sums over so many nodes, to rounding; beyond, by parts.
_BY_PARTS, _WEIGHT_NODES = 8.0, 16


@dataclass(frozen=True, eq=False)
class Sides:
    """The diagonal matrices of the equation, of the left's solution and of the right's.

    Attributes
    ----------
    free, bound : tuple of ndarray, each of shape (2, B, N)
        (f, g) of the exponential that is given, and of the one that answers.
    out, back : tuple of ndarray, each of shape (2, B, N)
        Factors of vf and vg in the inhomogeneous part, and in the part beside S.
    kappa : ndarray, shape (B, N)
    """

    free: tuple[NDArray, NDArray]
    bound: tuple[NDArray, NDArray]
    out: tuple[NDArray, NDArray]
    back: tuple[NDArray, NDArray]
    kappa: NDArray

    @classmethod
    def of(cls, channels: Channels) -> Sides:
        """Of the channels, shape (B, N)."""
        a, b, w = channels.grow, channels.fall, channels.w
        free = tuple(np.stack(pair) for pair in zip(a, b, strict=True))
        bound = tuple(np.stack(pair) for pair in zip(b, a, strict=True))
        out = tuple(q / w for q in free)
        back = tuple(q / w for q in bound)
        return cls(free, bound, out, back, channels.kappa)

    def slope(self, S: NDArray, v: NDArray) -> NDArray:
        """S′ without its exact part; S (2, B, N, N) and v (2, 1, N, N), of both directions."""
        f, g = (q[..., :, None] * S for q in self.bound)
        i = np.arange(S.shape[-1])
        f[..., i, i] += self.free[0]
        g[..., i, i] += self.free[1]
        f, g = v @ f, v @ g
        beside = self.back[0][..., None] * f + self.back[1][..., None] * g
        return -(self.out[0][..., None] * f + self.out[1][..., None] * g + S @ beside)


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
    channels: Channels, potential: Callable[[int], NDArray], start: NDArray, h: float, steps: int
) -> Iterator[tuple[int, NDArray]]:
    """S of both directions after every step.

    Parameters
    ----------
    channels : Channels
        Of shape (B, N).
    potential : callable
        Step → v there, shape (2, 1, N, N): of the left's march, and of the right's.
    start : ndarray, shape (2, B, N, N)
        The right's is S_R at its own start. All arithmetic is of its type.
    h : float
    steps : int

    Yields
    ------
    int, ndarray of shape (2, B, N, N)
        Steps done (0 first) and S; each is the caller's to keep.
    """
    sides, kind = Sides.of(channels.as_type(start.dtype)), start.dtype
    rate = channels.kappa[:, :, None] + channels.kappa[:, None, :]
    decay = np.exp(-h * rate).astype(kind)
    predict, correct = (_weights(rate, h, first).astype(kind) for first in (0, 1))
    S = start
    slope = sides.slope(S, potential(0))
    past = [slope] * ORDER
    yield 0, S
    for step in range(1, steps + 1):
        free, v = decay * S, potential(step)
        guess, known = free.copy(), free
        for i, F in enumerate(past):
            guess += predict[i] * F
            known += correct[i + 1] * F
        S = known + correct[0] * sides.slope(guess, v)
        past = [sides.slope(S, v), *past[:-1]]
        yield step, S
