"""Derivatives of a user's Hamiltonian from its values on four lines through every momentum.

Along the line k + t r e the Taylor coefficients in t are weighted sums of values: on a circle of
complex t (Cauchy's integral) where the Hamiltonian is analytic, at real t (central differences)
where it is not. The lines along x, y and both diagonals give all mixed derivatives up to the
third. The radii r_x, r_y are found from the Hamiltonian itself, and every rule has a *twin* with
radii longer by ``stretch``, whose error is ten times as large where a rule is limited by its order
and as large where it is limited by rounding: their difference is the error of a derivative, and of
whatever is computed from derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
CIRCLE_POINTS = 16
# Twelve steps to each side, h = r/12: the n-th harmonic is left with 1.5e-8 (n h)^24.
DIFFERENCE_STEPS = 12
# Both rules gain ten times in accuracy when their radius shrinks by ``stretch``.
GAIN = 10.0
# Radii that are tried, in momentum scales. The largest is beyond the best of entire functions
# (r = 4 for differences), the smallest serves a Hamiltonian that changes over 1/4000 of its scale.
RADII = 8.0 * 2.0 ** (-0.5 * np.arange(31))
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
    stretch : float
        Ratio of the twin's radius to that of the rule.
    """

    nodes: NDArray
    weights: NDArray
    stretch: float


@cache
def circle() -> LineRule:
    """Cauchy's integral for functions that are real on the real line: the upper half circle."""
    half = CIRCLE_POINTS // 2
    nodes = np.exp(2j * np.pi * (np.arange(half) + 0.5) / CIRCLE_POINTS)
    orders = np.arange(HIGHEST_ORDER + 1)[:, None]
    return LineRule(nodes, 2 / CIRCLE_POINTS * nodes**-orders, GAIN ** (1 / CIRCLE_POINTS))


@cache
def differences() -> LineRule:
    """Central differences, from the polynomial through 2 N + 1 equally spaced values.

    Its Lagrange polynomials are l_j = t (t + j)/(2 j^2) prod_k (t^2 - k^2)/(j^2 - k^2) with
    k = 1...N except j, and l_0 = 1 - t^2 sum_k 1/k^2 + ...
    """
    N = DIFFERENCE_STEPS
    j = np.concatenate([np.arange(-N, 0), np.arange(1, N + 1)]).astype(float)
    product = -np.array([(-1.0) ** int(i) * factorial(N) ** 2
                         / (factorial(N - int(abs(i))) * factorial(N + int(abs(i)))) for i in j])
    squares = sum(1.0 / k**2 for k in range(1, N + 1))
    weights = np.zeros((HIGHEST_ORDER + 1, 2 * N + 1))
    left, right = slice(0, N), slice(N + 1, None)
    rows = np.stack([0 * j, product / j, product / j**2, -product / j * (squares - 1 / j**2)])
    weights[:, left], weights[:, right] = rows[:, :N], rows[:, N:]
    weights[0, N], weights[2, N] = 1.0, -squares
    nodes = np.arange(-N, N + 1) / N
    return LineRule(nodes, weights * float(N) ** np.arange(4)[:, None], GAIN ** (1 / (2 * N)))


def along(components: Components, rule: LineRule, kx: Array, ky: Array, step: tuple, order: int
          ) -> Array:
    """Coefficients 0...order in t of the components at k + t step, shape (order + 1, 4, ...)."""
    t = rule.nodes.reshape(-1, *(1,) * kx.ndim)
    values = components(*np.broadcast_arrays(kx + t * step[0], ky + t * step[1]))
    return np.tensordot(rule.weights[:order + 1], values, ([1], [1])).real


def line_jet(components: Components, rule: LineRule, radii: tuple, kx: Array, ky: Array,
             order: int) -> Array:
    """Jet of the components at k, shape (terms, 4, ...).

    Parameters
    ----------
    components : callable
        (d0, d_x, d_y, d_z), shape (4, ...).
    rule : LineRule
    radii : tuple
        Radii r_x and r_y, numbers or arrays like kx.
    kx, ky : ndarray
    order : int

    Raises
    ------
    ValueError
        For an order above 3.
    """
    if order > HIGHEST_ORDER:
        raise ValueError(f"order = {order!r}: numerical derivatives go up to {HIGHEST_ORDER}")
    found = {(0, 0): components(kx, ky).real}
    if order:
        r_x, r_y = radii
        x = along(components, rule, kx, ky, (r_x, 0.0), order)
        y = along(components, rule, kx, ky, (0.0, r_y), order)
        found |= {(m, 0): x[m] for m in range(1, order + 1)}
        found |= {(0, m): y[m] for m in range(1, order + 1)}
    if order > 1:
        up, down = (along(components, rule, kx, ky, (DIAGONAL * r_x, sign * DIAGONAL * r_y), order)
                    for sign in (1, -1))
        found[1, 1] = up[2] - down[2]
    if order > 2:
        found[1, 2] = np.sqrt(2) * (up[3] + down[3]) - x[3]
        found[2, 1] = np.sqrt(2) * (up[3] - down[3]) - y[3]
    # in units of the radii until here
    return np.stack([found[i, j] / (r_x**i * r_y**j) if i + j else found[i, j]
                     for i, j in jets.indices(order)])


def find_radii(components: Components, rule: LineRule, kx: Array, ky: Array, scale: Array
               ) -> tuple[float, float]:
    """Radii, as fractions of ``scale``, at which rule and twin agree best at the given momenta.

    Parameters
    ----------
    kx, ky : ndarray (n,)
        Momenta that represent the zone or the plane.
    scale : ndarray (n,)
        The momentum scale at each of them.
    """
    best = []
    for axis in range(2):
        disagreement = []
        for radius in RADII:
            rows = []
            for r in (radius, rule.stretch * radius):
                step = [np.zeros_like(scale), np.zeros_like(scale)]
                step[axis] = r * scale
                with np.errstate(all="ignore"):
                    row = along(components, rule, kx, ky, tuple(step), HIGHEST_ORDER)
                rows.append(row[1:] / r ** np.arange(1, HIGHEST_ORDER + 1)[:, None, None])
            change = np.abs(rows[0] - rows[1])
            disagreement.append(np.inf if np.isnan(change).any() else float(change.max()))
        best.append(float(RADII[int(np.argmin(disagreement))]))
    return best[0], best[1]
