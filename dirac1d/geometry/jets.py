"""Truncated Taylor series in two momenta: exact derivatives of composed functions.

A *jet* of order n is an array ``(terms, ...)`` of Taylor coefficients
``c[ij] = (d/dkx)^i (d/dky)^j f / (i! j!)`` for ``i + j <= n``, ordered by total degree, then by
falling i: 1, x, y, x^2, xy, y^2, ...  The remaining axes are whatever f returns: components,
then points. The band geometry needs third derivatives of d/|d|; jets give them to rounding,
where repeated differences would lose half of the digits.
"""

from __future__ import annotations

from functools import cache
from math import comb, factorial

import numpy as np
from numpy.typing import NDArray

__all__ = ["differentiate", "dot", "indices", "multiply", "partial", "power", "rotate"]

Jet = NDArray[np.float64]


@cache
def indices(order: int) -> tuple[tuple[int, int], ...]:
    """Exponents (i, j) of the monomials kx^i ky^j, in the order in which a jet holds them."""
    return tuple((n - j, j) for n in range(order + 1) for j in range(n + 1))


@cache
def _place(i: int, j: int) -> int:
    n = i + j
    return n * (n + 1) // 2 + j


@cache
def _order(terms: int) -> int:
    order = round((8 * terms + 1) ** 0.5 - 3) // 2
    if (order + 1) * (order + 2) // 2 != terms:
        raise ValueError(f"jet has {terms} terms; allowed are 1, 3, 6, 10, ...")
    return order


def multiply(a: Jet, b: Jet) -> Jet:
    """Product of two jets of one order; the other axes broadcast."""
    order = _order(len(a))
    product = np.zeros((len(a), *np.broadcast_shapes(a.shape[1:], b.shape[1:])))
    for p, (i, j) in enumerate(indices(order)):
        for q, (k, l) in enumerate(indices(order - i - j)):
            product[_place(i + k, j + l)] += a[p] * b[q]
    return product


def dot(a: Jet, b: Jet) -> Jet:
    """Scalar product over the first component axis (axis 1 of the arrays), which is kept as 1."""
    return multiply(a, b).sum(axis=1, keepdims=True)


def power(a: Jet, exponent: float) -> Jet:
    """``a**exponent`` for a jet whose value is positive (binomial series, exact at the order)."""
    value = a[0]
    small = a / value
    small[0] = 0.0
    series = np.zeros_like(small)
    series[0] = 1.0
    term, coefficient = series.copy(), 1.0
    for n in range(1, _order(len(a)) + 1):
        coefficient *= (exponent - n + 1) / n
        term = multiply(term, small)
        series += coefficient * term
    return series * value**exponent


def partial(a: Jet, i: int, j: int) -> Jet:
    """The derivative (d/dkx)^i (d/dky)^j itself, not its jet."""
    return factorial(i) * factorial(j) * a[_place(i, j)]


def differentiate(a: Jet, axis: int) -> Jet:
    """Jet (one order lower) of the derivative by kx (axis 0) or ky (axis 1)."""
    if axis == 0:
        return np.stack([(i + 1) * a[_place(i + 1, j)] for i, j in indices(_order(len(a)) - 1)])
    return np.stack([(j + 1) * a[_place(i, j + 1)] for i, j in indices(_order(len(a)) - 1)])


def rotate(a: Jet, angle: float) -> Jet:
    """Jet in the frame whose first axis points along ``angle``: k = k'_1 e_1 + k'_2 e_2."""
    c, s = np.cos(angle), np.sin(angle)
    rotated = np.zeros_like(a)
    for i, j in indices(_order(len(a))):
        # (c x - s y)^i (s x + c y)^j, expanded
        for m in range(i + 1):
            for n in range(j + 1):
                weight = comb(i, m) * comb(j, n) * c**m * (-s) ** (i - m) * s**n * c ** (j - n)
                rotated[_place(m + n, i + j - m - n)] += weight * a[_place(i, j)]
    return rotated
