"""Rules along one side of a cell of (ω, j): a sum over terms, or an integral."""

from __future__ import annotations

from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Cell
from dirac1d.numerics.quadrature import (
    Rule,
    gauss_even,
    gauss_gram,
    gauss_legendre,
    midpoint_end,
)


def terms(span: tuple[float, float], n: int, last: int) -> tuple[Rule, NDArray, NDArray]:
    """Rule for the sum over a range of terms, its weights, and these with what lies beyond `last`.

    A sum that ends there goes on as an integral.
    """
    length = int(span[1] - span[0])
    rule = gauss_gram(n, length)
    own = weights = length * rule.weights
    if int(span[1]) == last:
        weights = own + midpoint_end(rule, length)
    return rule, own, weights


def side(
    cell: Cell, axis: int, even: bool = False
) -> tuple[tuple[Rule, NDArray, NDArray], NDArray]:
    """Rule and weights along a side on which is integrated, and its nodes."""
    a, b = (cell.u, cell.v)[axis]
    rule = (gauss_even if even else gauss_legendre)(cell.n[axis])
    weights = (b - a) * rule.weights
    return (rule, weights, weights), a + (b - a) * rule.nodes
