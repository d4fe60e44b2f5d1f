"""Quadrature rules with their own error model: Gauss rules for integrals and for sums.

A :class:`Rule` holds nodes, weights and the rule's orthonormal polynomials at its nodes, i.e. the
coefficients of whatever is integrated. How fast those coefficients fall tells how far
the rule has converged, with no second rule.

The sums over equally spaced points of a finite-temperature contour are integrated by *their own*
Gauss rules. The polynomials orthogonal over N equally spaced points (Gram, or discrete Chebyshev,
polynomials; DLMF 18.19, 18.22) have a closed Jacobi matrix, whose limit N → ∞ is Gauss-Legendre:
a sum over 10⁶ points costs what the integral costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal


@dataclass(frozen=True, eq=False)
class Rule:
    """Nodes, weights and analysis matrix of a quadrature rule.

    Attributes
    ----------
    nodes, weights : ndarray, shape (n,)
    basis : ndarray, shape (n, n)
        Row k is the rule's k-th orthonormal polynomial at the nodes (row 0 is 1):
        ``basis @ (weights * F(nodes))`` are the coefficients of F, each of the size of what an
        error of that order contributes; coefficient 0 is the integral.
    exact : bool
        True if the rule is a finite sum written out: it has no error.
    """

    nodes: NDArray
    weights: NDArray
    basis: NDArray
    exact: bool = False


def _from_jacobi(alpha: NDArray, beta: NDArray, total: float, exact: bool = False) -> Rule:
    """Golub-Welsch: the Gauss rule of the Jacobi matrix with diagonal α and off-diagonal √β."""
    if len(alpha) == 1:
        nodes, vectors = alpha.copy(), np.ones((1, 1))
    else:
        nodes, vectors = eigh_tridiagonal(alpha, np.sqrt(beta))
    vectors = vectors * np.where(vectors[0] < 0, -1.0, 1.0)
    # Row k of `vectors` is p_k(node) √w with the measure normalised to 1.
    return Rule(nodes, total * vectors[0] ** 2, vectors / vectors[0], exact)


@lru_cache(maxsize=64)
def gauss_legendre(n: int) -> Rule:
    """The n-point Gauss-Legendre rule on [0, 1]."""
    k = np.arange(1, n)
    nodes, weights = np.polynomial.legendre.leggauss(n)
    rule = _from_jacobi(np.zeros(n), k**2 / (4.0 * k**2 - 1), 1.0)
    # leggauss polishes nodes and weights to the last digit; the analysis needs less.
    return Rule((1 + nodes) / 2, weights / 2, rule.basis)


@lru_cache(maxsize=64)
def gauss_even(n: int) -> Rule:
    """The n-point rule on [0, 1] for functions even about 0: half of 2n-point Gauss-Legendre.

    It is exact for even polynomials of degree 4n - 2.
    """
    nodes, weights = np.polynomial.legendre.leggauss(2 * n)
    nodes, weights = nodes[n:], weights[n:]
    vandermonde = np.polynomial.legendre.legvander(nodes, 2 * n - 2)[:, ::2]
    norm = np.sqrt(2 * np.arange(0, 2 * n, 2) + 1.0)
    return Rule(nodes, weights, (vandermonde * norm).T)


@lru_cache(maxsize=4096)
def gauss_sinh(n: int, fine: float) -> Rule:
    """The n-point Gauss-Legendre rule in s on [0, 1], for x = fine · sinh(s asinh(1/fine)).

    Its nodes are as dense about 0 as structure of the width `fine` there needs, and thin out with
    the distance: singularities at x = ±i·fine are at s = ±iπ/2 over asinh(1/fine).
    """
    gauss, length = gauss_legendre(n), float(np.arcsinh(1 / fine))
    s = gauss.nodes * length
    return Rule(fine * np.sinh(s), fine * np.cosh(s) * length * gauss.weights, gauss.basis)


@lru_cache(maxsize=64)
def midpoint_cosine(n: int) -> Rule:
    """The n-point midpoint rule on [0, 1] for functions of cos(2π·u/2·2): even about 0 and 1.

    It is exact for cos(πku), k < 2n: the Gauss-Chebyshev rule in an angle.
    """
    nodes = (np.arange(n) + 0.5) / n
    k = np.arange(n)[:, None]
    basis = np.where(k == 0, 1.0, np.sqrt(2.0)) * np.cos(np.pi * k * nodes)
    return Rule(nodes, np.full(n, 1.0 / n), basis)


#: Nodes over the root of the number of terms from which all terms are taken.
CROWDED = 3.0


@lru_cache(maxsize=4096)
def gauss_gram(n: int, count: int) -> Rule:
    """The Gauss rule for the mean over `count` equally spaced midpoints (i + ½)/count of [0, 1].

    With n < count nodes it is exact for polynomials of degree 2n - 1 in i. From 3√count nodes on
    they are nearly equidistant: the coefficients then fall faster than the rule's error, and
    derivatives at the end need better nodes; so it is the sum itself, with `count` nodes.
    Jacobi matrix: α = (N-1)/2, β_k = k²(N²-k²)/(4(4k²-1)) for i = 0 … N-1.

    Raises
    ------
    ValueError
        If n or count is not positive.
    """
    if n < 1 or count < 1:
        raise ValueError(f"n and count must be positive, got {n} and {count}")
    if n >= min(count, CROWDED * np.sqrt(count)):
        nodes = (np.arange(count) + 0.5) / count
        return Rule(nodes, np.full(count, 1.0 / count), np.zeros((count, count)), True)
    k, N = np.arange(1, n, dtype=float), float(count)
    # In units of the interval [-1, 1]: i = (N x + N - 1)/2.
    beta = k**2 * (1 - (k / N) ** 2) / (4 * k**2 - 1)
    rule = _from_jacobi(np.zeros(n), beta, 1.0)
    return Rule((1 + rule.nodes) / 2, rule.weights, rule.basis)


#: Terms of an endless sum that are masses of its measure, the ratio of the panels of the integral
#: from there on, and their nodes: the midpoint rule misses N⁻⁴·1e-3 of a term at N.
_MASSES, _TAIL_NODES = 1024, 40


@lru_cache(maxsize=256)
def gauss_terms(n: int, first: float, scale: float) -> Rule:
    """The Gauss rule for Σ F(j) over the half-integers j > first without end; nodes are in j.

    F must be u² times a smooth function of u = 1/(1 + j/scale). The rule is that of the discrete
    measure Σ u(j)² δ(u - u(j)), found by Lanczos' recursion: exact for u² times polynomials of
    degree 2n - 1.
    """
    j = first + np.arange(_MASSES) + 0.5
    t, w = np.polynomial.legendre.leggauss(_TAIL_NODES)
    end = first + _MASSES
    part = (1 + t) / 2  # j = end/part
    j = np.concatenate((j, end / part))
    mass = np.concatenate((np.ones(_MASSES), w / 2 * end / part**2))
    u = 1 / (1 + j / scale)
    mass = mass * u * u
    basis = [np.sqrt(mass / np.sum(mass))]
    alpha, beta = np.zeros(n), np.zeros(n)
    for k in range(n):
        alpha[k] = basis[k] @ (u * basis[k])
        z = u * basis[k]
        for _ in range(2):  # twice is enough against the loss of orthogonality
            z = z - np.array(basis).T @ (np.array(basis) @ z)
        beta[k] = z @ z
        basis.append(z / np.sqrt(beta[k]))
    rule = _from_jacobi(alpha, beta[:-1], float(np.sum(mass)))
    return Rule(scale * (1 / rule.nodes - 1), rule.weights / rule.nodes**2, rule.basis)


#: Euler-Maclaurin coefficients of the midpoint rule: h Σ_{n≥0} F(a + (n+½)h) = ∫_a^∞ F
#: + Σ_k c_k h^{2k} F^{(2k-1)}(a), c_k = (1 - 2^{1-2k}) B_{2k}/(2k)!.
_MIDPOINT_TERMS = (1 / 24, -7 / 5760, 31 / 967680, -127 / 154828800)
#: Equally spaced nodes at the end of an interval from which derivatives there are taken, at most.
_END_NODES = 10


def midpoint_end(rule: Rule, length: float) -> NDArray:
    """Weights w with w·F(rule.nodes) ≈ Σ_{n≥N} f - ∫_N^∞ f dn: what a sum cut off at N leaves out.

    Two Euler-Maclaurin terms; the derivatives are those of the polynomial through the nodes.

    Parameters
    ----------
    rule : Rule
        Of `gauss_gram`, for the last terms before N: its nodes are 1 - (N - n)/length.
    length : float
        Number of these terms.
    """
    legendre = np.polynomial.legendre
    last = rule.nodes[-_END_NODES:] if rule.exact else rule.nodes
    inverse = np.linalg.inv(legendre.legvander(2 * last - 1, len(last) - 1))
    weights = np.zeros(len(rule.nodes))
    for c, order in zip(_MIDPOINT_TERMS[:2], (1, 3), strict=True):
        slopes = [legendre.legval(1.0, legendre.legder(row, order)) for row in np.eye(len(last))]
        weights[-len(last):] += c * (2 / length) ** order * (np.array(slopes) @ inverse)
    return weights


@lru_cache(maxsize=256)
def algebraic_tail(n: int, step_ratio: float = 0.0) -> Rule:
    """The rule for ∫_1^∞ F(w) dw, or for the midpoint sum of step h = `step_ratio`.

    F must be w⁻² times a smooth function of t = 1/w. Gauss-Legendre in t for the integral; for
    the sum h Σ F(1 + (i+½)h), Euler-Maclaurin terms from the interpolant's derivatives at w = 1
    are folded into the weights. ``nodes`` are in t; the weights multiply F itself.
    """
    base = gauss_legendre(n)
    t = base.nodes
    weights = base.weights / t**2
    if step_ratio:
        # Derivatives at w = 1 of w^{-2} q(1/w) from the interpolating polynomial q(t).
        lagrange = np.linalg.inv(np.polynomial.legendre.legvander(2 * t - 1, n - 1))
        weights = weights + (_tail_correction(n, step_ratio) @ lagrange) / t**2
    return Rule(t, weights, base.basis)


def _tail_correction(n: int, h: float) -> NDArray:
    """Σ_k c_k h^{2k} d^{2k-1}/dw^{2k-1} of w⁻² P_j(2/w - 1) at w = 1, for j < n."""
    order = 2 * len(_MIDPOINT_TERMS)
    # Taylor series about w = 1, v = w - 1: 1/w = Σ (-v)^k; P_j by its recurrence in power series.
    inverse = (-1.0) ** np.arange(order)
    product = np.convolve(inverse, inverse)[:order]
    z = 2 * inverse
    z[0] -= 1
    previous, current = product, np.convolve(product, z)[:order]
    rows = [previous, current]
    for j in range(1, n - 1):
        nxt = ((2 * j + 1) * np.convolve(z, current)[:order] - j * previous) / (j + 1)
        previous, current = current, nxt
        rows.append(current)
    series = np.array(rows[:n])
    factorial = np.cumprod(np.concatenate(([1.0], np.arange(1, order))))
    result = np.zeros(n)
    for k, c in enumerate(_MIDPOINT_TERMS, start=1):
        result += c * h ** (2 * k) * factorial[2 * k - 1] * series[:, 2 * k - 1]
    return result


@lru_cache(maxsize=32)
def lobatto(n: int) -> NDArray:
    """The n Legendre-Gauss-Lobatto nodes on [-1, 1], ends included."""
    basis = np.polynomial.legendre.Legendre.basis(n - 1).deriv()
    inner = basis.roots().real
    for _ in range(3):  # Newton polish: the companion matrix leaves 1e-15 at best
        inner = inner - basis(inner) / basis.deriv()(inner)
    inner = np.sort((inner - inner[::-1]) / 2)
    return np.concatenate(([-1.0], inner, [1.0]))


@lru_cache(maxsize=32)
def differentiation_matrix(n: int) -> NDArray:
    """d/dt on the n Lobatto nodes, exact for polynomials of degree n - 1 (barycentric form)."""
    t = lobatto(n)
    difference = t[:, None] - t
    np.fill_diagonal(difference, 1.0)
    bary = 1 / np.prod(difference, axis=1)
    D = bary[None, :] / bary[:, None] / difference
    np.fill_diagonal(D, 0.0)
    # The negative sum of the others differentiates constants to an exact 0.
    np.fill_diagonal(D, -np.sum(D, axis=1))
    return D


@lru_cache(maxsize=32)
def legendre_analysis(n: int) -> NDArray:
    """Matrix from values at the n Lobatto nodes to Legendre coefficients."""
    return np.linalg.inv(np.polynomial.legendre.legvander(lobatto(n), n - 1))


def antiderivative(t: NDArray) -> NDArray:
    """Matrix from a polynomial's values at nodes t in [-1, 1] to its integrals from -1 to each."""
    legendre = np.polynomial.legendre
    rows = [legendre.legval(t, legendre.legint(row, lbnd=-1)) for row in np.eye(len(t))]
    return np.array(rows).T @ np.linalg.inv(legendre.legvander(t, len(t) - 1))


@lru_cache(maxsize=32)
def antiderivative_matrix(n: int) -> NDArray:
    """∫ from -1 to each of the n Lobatto nodes."""
    return antiderivative(lobatto(n))


#: Steps over which a rate is measured without the mean, at least.
FEWEST_STEPS = 3


def rule_error(rows: NDArray) -> tuple[NDArray, NDArray]:
    """Error of an n-point Gauss rule from its integrand's coefficients 0 … n-1, per column.

    Coefficients that fall like ρ^-k leave ρ^-2n to the rule: the last two are extended at the
    rate at which they were reached. The mean, coefficient 0, says nothing of that rate: it is
    large where little else is.
    """
    size = np.abs(rows)
    n = len(rows)
    if n == 1:
        return size[0], np.ones(size.shape[1])
    span = 2 if n > 3 else 1
    first = 1 if n - span > FEWEST_STEPS else 0
    last = np.max(size[-span:], axis=0)
    rate = _rate(size[first:], last, n - span - first)
    return last * rate**n, rate


#: Coefficients from which the last of them alone tell a rate too: thirds of six at least.
MANY = 20


def tail_rate(rows: NDArray) -> NDArray:
    """The rate at which the last of many coefficients fall, per column; 0 where they are few.

    The first ones fall as a strong singularity tells them to. A weaker one that is closer shows in
    the last third, which then falls more slowly below the middle one.
    """
    size, third = np.abs(rows), len(rows) // 3
    if len(rows) < MANY:
        return np.zeros(size.shape[1])
    return _rate(size[-2 * third : -third], np.max(size[-third:], axis=0), third)


def _rate(before: NDArray, after: NDArray, steps: int) -> NDArray:
    """Rate of a fall from the largest of some coefficients to what comes `steps` later."""
    head = np.maximum(np.max(before, axis=0), 1e-300)
    return np.minimum((after / head) ** (1 / steps), 1.0)


#: Ratio of neighbouring pairs of coefficients taken for the slowest, algebraic decay (a kink).
SLOWEST_DECAY = 0.8


def last_coefficients(values: NDArray) -> NDArray:
    """The larger of the last two Legendre coefficients from values at the Lobatto nodes, (n, …)."""
    n = len(values)
    last = legendre_analysis(n)[-2:] @ values.reshape(n, -1)
    return np.max(np.abs(last), axis=0).reshape(values.shape[1:])


def series_error(coefficients: NDArray) -> NDArray:
    """What a Legendre series leaves out, per row: the sum of a tail that goes on falling as it did.

    Geometric from the last two pairs of coefficients (pairs, because of parity).
    """
    size = np.abs(coefficients)
    last = np.max(size[:, -2:], axis=1)
    before = np.max(size[:, -4:-2], axis=1)
    ratio = np.minimum(last / np.maximum(before, 1e-300), SLOWEST_DECAY)
    return last * np.maximum(1.0, 2 * ratio / (1 - ratio))
