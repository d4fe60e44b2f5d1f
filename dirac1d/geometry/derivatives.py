"""Derivatives of a user's Hamiltonian from its values on four lines through every momentum.

Along the line k + t r e the Taylor coefficients in t are weighted sums of values: on a circle of
complex t (Cauchy's integral) where the Hamiltonian is analytic, at real t (central differences)
where it is not. The lines along x, y and both diagonals give all mixed derivatives up to the
third. Radii r_x, r_y that suit most momenta are found from the Hamiltonian itself; at a momentum
where the values along a line do not yet look like a polynomial they are halved until they do.

Every rule has a *twin*, itself with shorter radii: where the order of the rule limits a derivative
the twin has none of its error, where rounding does it has some three times as much. Either way
their difference is the error of a derivative, and of whatever is computed from derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import jets

__all__ = ["HIGHEST_ORDER", "LineRule", "circle", "differences", "find_radii", "line_jet"]

Array = NDArray[np.float64]
Components = Callable[[ArrayLike, ArrayLike], NDArray]

HIGHEST_ORDER = 3
# Sixteen points on the circle: aliasing of the n-th harmonic is (n r)^16/16!, 1e-17 at n r = 1/2.
# Twelve steps h = r/12 to each side: the n-th harmonic is left with 1.5e-8 (n h)^24.
CIRCLE_POINTS = 16
DIFFERENCE_STEPS = 12
# Radius of the twin over that of the rule: rounding grows as its square where rounded weights leak
# a first derivative into a third, as its cube where values are rounded, and 0.7^16 = 0.003.
TWIN_RATIO = 0.7
# A line is resolved when coefficients 6 and 7 on the circle are below the first number (rho^7, and
# 2e-14 = rho^16 is left), and when differences with four steps less agree to the second (sigma^8,
# and 1e-15 = sigma^12 is left), both relative to the values on the line; a third derivative loses
# three powers of rho: 1e-9 at the worst, 4e-11 at most momenta. A smaller tail of differences would
# be rounding of d where a gap of 1/100 cancels in it. The tails are of order 7 and 17 in r: twins
# see the same lines as resolved.
CIRCLE_TAIL, TAIL_ORDERS = 1e-6, (6, 7)
DIFFERENCE_TAIL, TAIL_STEPS = 1e-10, 8
# Radii that are tried, in momentum scales: the largest is beyond the best of entire functions (4
# for differences), the smallest serves a Hamiltonian that changes over 1/4000 of its scale. One
# that suits most momenta is taken, and halved at most so often where it does not.
RADII = 8.0 * 2.0 ** (-0.5 * np.arange(31))
MOST = 0.75
HALVINGS = 20
DIAGONAL = 1 / np.sqrt(2)


@dataclass(frozen=True, eq=False)
class LineRule:
    """Taylor coefficients along a line from values at ``nodes``.

    Attributes
    ----------
    nodes : ndarray (n,)
        Places t on the line, in units of its radius; complex for a circle.
    weights : ndarray (4, n)
        Coefficient m of f(t) is the real part of ``weights[m] @ f(nodes)``.
    tails : ndarray (2, n)
        Weights of two sums that vanish when f is a polynomial of low degree.
    tail_limit : float
        What they may be, relative to f, where the rule is good to rounding.
    tail_order : int
        The power of the radius with which they grow.
    """

    nodes: NDArray
    weights: NDArray
    tails: NDArray
    tail_limit: float
    tail_order: int

    @property
    def rounding(self) -> float:
        """Relative error of a derivative from the rounding of weights: that of a twin too."""
        powers = np.abs(self.nodes) ** np.arange(HIGHEST_ORDER + 1)[:, None]
        return float(np.finfo(float).eps * (np.abs(self.weights) * powers).sum(1).max())


@cache
def circle(points: int = CIRCLE_POINTS) -> LineRule:
    """Cauchy's integral for functions that are real on the real line: the upper half circle."""
    nodes = np.exp(2j * np.pi * (np.arange(points // 2) + 0.5) / points)

    def coefficient(orders: ArrayLike) -> NDArray:
        return 2 / points * nodes ** -np.asarray(orders)[:, None]

    return LineRule(nodes, coefficient(np.arange(HIGHEST_ORDER + 1)), coefficient(TAIL_ORDERS),
                    CIRCLE_TAIL, TAIL_ORDERS[-1])


@cache
def differences(steps: int = DIFFERENCE_STEPS) -> LineRule:
    """Central differences from 2 ``steps`` + 1 equally spaced values."""
    weights = _difference_weights(steps)
    fewer = np.zeros_like(weights)
    inner = slice(steps - TAIL_STEPS, steps + TAIL_STEPS + 1)
    fewer[:, inner] = _difference_weights(TAIL_STEPS)
    in_radii = float(steps) ** np.arange(HIGHEST_ORDER + 1)[:, None]
    return LineRule(np.arange(-steps, steps + 1) / steps, weights * in_radii,
                    (weights - fewer)[1:3] * in_radii[1:3], DIFFERENCE_TAIL, 2 * TAIL_STEPS + 1)


def _difference_weights(N: int) -> Array:
    """Weights (4, 2 N + 1) of the Taylor coefficients of f(t) from f(-N), ..., f(N).

    The Lagrange polynomials are l_j = t (t + j)/(2 j^2) prod_k (t^2 - k^2)/(j^2 - k^2) with
    k = 1...N except j, and l_0 = 1 - t^2 sum_k 1/k^2 + ... In rational numbers: a weight that is
    off by some eps would multiply every derivative.
    """
    squares = sum(Fraction(1, k**2) for k in range(1, N + 1))
    columns = []
    for j in range(-N, N + 1):
        if j == 0:
            columns.append([1.0, 0.0, float(-squares), 0.0])
            continue
        c = Fraction(-((-1) ** abs(j)) * factorial(N) ** 2,
                     factorial(N - abs(j)) * factorial(N + abs(j)))
        columns.append([0.0, float(c / j), float(c / j**2),
                        float(-c / j * (squares - Fraction(1, j**2)))])
    return np.array(columns).T


def along(components: Components, rule: LineRule, kx: Array, ky: Array, step: tuple, order: int
          ) -> tuple[Array, Array]:
    """Coefficients 0...order in t of the components at k + t step, and their tails.

    Shapes (order + 1, 4, n) and (n,); the tails are relative to the values on the line.
    """
    t = rule.nodes[:, None]
    values = components(*np.broadcast_arrays(kx + t * step[0], ky + t * step[1]))
    centre = components(kx, ky).real
    rows = np.concatenate([rule.weights[:order + 1], rule.tails])
    # less the value at k: sums of rounded weights do not vanish exactly
    sums = np.tensordot(rows, values - centre[:, None], ([1], [1])).real
    sums[0] = centre
    tail = np.abs(sums[order + 1:]).max((0, 1))
    largest = np.maximum(np.abs(values).max((0, 1)), np.finfo(float).tiny)
    return sums[:order + 1], tail / largest


def line_jet(components: Components, rule: LineRule, radii: tuple, kx: Array, ky: Array,
             order: int, ratio: float = 1.0) -> Array:
    """Jet of the components at k, shape (terms, 4, ...).

    Parameters
    ----------
    components : callable
        (d0, d_x, d_y, d_z), shape (4, ...).
    rule : LineRule
    radii : tuple
        Radii r_x and r_y like kx, to begin with.
    kx, ky : ndarray
    order : int
    ratio : float
        Radii are shorter by this: ``TWIN_RATIO`` for the twin.

    Raises
    ------
    ValueError
        For an order above 3.
    """
    if order > HIGHEST_ORDER:
        raise ValueError(f"order = {order!r}: numerical derivatives go up to {HIGHEST_ORDER}")
    if order == 0:
        return components(kx, ky).real[None]
    shape, (x, y, r_x, r_y) = kx.shape, (part.ravel() for part in (kx, ky, *radii))
    jet = np.empty((len(jets.indices(order)), 4, x.size))
    left, limit = np.arange(x.size), rule.tail_limit * ratio**rule.tail_order
    for halving in range(HALVINGS + 1):
        r = ratio * 0.5**halving
        step = r * r_x[left], r * r_y[left]
        jet[:, :, left], tail = _jet(components, rule, step, x[left], y[left], order)
        left = left[~(tail <= limit)]
        if not left.size:
            break
    return jet.reshape(*jet.shape[:2], *shape)


def _jet(components: Components, rule: LineRule, radii: tuple, kx: Array, ky: Array, order: int
         ) -> tuple[Array, Array]:
    """Jet with given radii, and the largest tail of its lines."""
    r_x, r_y = radii
    steps = [(r_x, 0 * r_y), (0 * r_x, r_y)]
    if order > 1:
        steps += [(DIAGONAL * r_x, DIAGONAL * r_y), (DIAGONAL * r_x, -DIAGONAL * r_y)]
    lines, tails = zip(*(along(components, rule, kx, ky, step, order) for step in steps),
                          strict=True)
    x, y = lines[:2]
    found = {(m, 0): x[m] for m in range(order + 1)}
    found |= {(0, m): y[m] for m in range(1, order + 1)}
    if order > 1:
        up, down = lines[2:]
        found[1, 1] = up[2] - down[2]
    if order > 2:
        found[1, 2] = np.sqrt(2) * (up[3] + down[3]) - x[3]
        found[2, 1] = np.sqrt(2) * (up[3] - down[3]) - y[3]
    # in units of the radii until here
    jet = np.stack([found[i, j] / (r_x**i * r_y**j) for i, j in jets.indices(order)])
    return jet, np.max(tails, axis=0)


def find_radii(components: Components, rule: LineRule, kx: Array, ky: Array, scale: Array
               ) -> tuple[float, float]:
    """Radii, as fractions of ``scale``, at which rule and twin agree best at most momenta.

    Parameters
    ----------
    kx, ky : ndarray (n,)
        Momenta that represent the zone or the plane.
    scale : ndarray (n,)
        The momentum scale at each of them.
    """
    powers = np.arange(1, HIGHEST_ORDER + 1)[:, None, None]
    best = []
    for axis in range(2):
        disagreement = []
        for radius in RADII:
            rows = []
            for r in (radius, TWIN_RATIO * radius):
                step = [np.zeros_like(scale), np.zeros_like(scale)]
                step[axis] = r * scale
                with np.errstate(all="ignore"):
                    row, tail = along(components, rule, kx, ky, tuple(step), HIGHEST_ORDER)
                rows.append(np.where(tail <= rule.tail_limit, row[1:], np.nan) / r**powers)
            change = np.abs(rows[0] - rows[1]).max((0, 1))
            disagreement.append(np.sort(np.where(np.isnan(change), np.inf, change))[
                int(MOST * len(kx))])
        best.append(float(RADII[int(np.argmin(disagreement))]))
    return best[0], best[1]
