"""Sums, products and roots of numbers held as an unevaluated sum of two doubles (32 digits).

The phase of Ai(z) at z = -2·10⁴ is 2·10⁶, so that the rounding of z to a double alone moves Ai by
3·10⁻¹⁰ of its envelope. Arguments of Airy functions are therefore formed and their phases reduced
with these. The algorithms are the classical error-free transformations (Dekker 1971, Knuth).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

DoubleDouble: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]

#: 2²⁷ + 1 splits the 53 bits of a double into two halves.
_SPLITTER = 134217729.0


def two_sum(a: NDArray, b: NDArray) -> DoubleDouble:
    """a + b and its rounding error, exactly."""
    total = a + b
    shadow = total - a
    return total, (a - (total - shadow)) + (b - shadow)


def two_product(a: NDArray, b: NDArray) -> DoubleDouble:
    """a·b and its rounding error, exactly (|a|, |b| < 10³⁰⁰)."""
    product = a * b
    a_high = _SPLITTER * a - (_SPLITTER * a - a)
    b_high = _SPLITTER * b - (_SPLITTER * b - b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


def multiply(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    """The product a·b to about 10⁻³¹."""
    product, error = two_product(a[0], b[0])
    return two_sum(product, error + (a[0] * b[1] + a[1] * b[0]))


def divide_by_3(a: DoubleDouble) -> DoubleDouble:
    """a/3."""
    third = a[0] / 3.0
    product, error = two_product(third, np.float64(3.0))
    return two_sum(third, ((a[0] - product) - error + a[1]) / 3.0)


def square_root(a: DoubleDouble) -> DoubleDouble:
    """√a for a > 0: one Newton step on the rounded root."""
    root = np.sqrt(a[0])
    square, error = two_product(root, root)
    return two_sum(root, ((a[0] - square) - error + a[1]) / (2.0 * root))


def cube_root(a: DoubleDouble) -> DoubleDouble:
    """a^(1/3) for a ≠ 0: one Newton step on the rounded root."""
    root = np.cbrt(a[0])
    cube = multiply(two_product(root, root), (root, np.zeros_like(root)))
    return two_sum(root, ((a[0] - cube[0]) - cube[1] + a[1]) / (3.0 * root * root))
