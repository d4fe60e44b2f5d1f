r"""j_y(x) and j^ε(x) of the solvable potentials, summed over states by mpmath quadrature.

With T(E, M) = tr σ_yG(x,x;E,M) of `dirac1d.exact.solvable`, M = √(Δ² + p²),

    j_y(x) = (1/π²) ∫₀^∞dp ∫₀^∞dω (Δ/M) Re T(ε_F + iω, M)        (T = 0)
           = (2T/π) Σ_{n≥0} ∫₀^∞dp (Δ/M) Re T(ε_F + iω_n, M)      (ω_n = πT(2n+1))
    j^ε(x) = -(1/π²) ∫₀^∞dp (Δ/M) Im T(ε + i0, M).

The quadratures are plain and shared with no engine. ε_F in the gap everywhere: polar coordinates,
where the integrand is even and periodic in the angle, so that equidistant angles converge
exponentially. ε_F in one kind of band: T is analytic in M² and the singularities of a conduction
problem lie above the real p axis (below it for a valence problem), so p = q e^{∓iα} passes them;
the result must not depend on α. T > 0: the sum over n by a Gauss rule for sums. Every result
comes with the difference between two resolutions (and, rotated, two angles α).
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

from dirac1d.exact.solvable import chiral_ratios
from dirac1d.problem import Problem, check_problem

#: Digits carried beyond those asked for: the sums' weights cancel by less than two digits.
GUARD_DIGITS = 10
#: The rotated contour's angle α is π over these, in turn from one resolution to the next. Both are
#: far from 0 (the singularities) and from π/2 (the poles of Δ/M).
_ANGLES = (5, 4)
#: Each resolution has this many times the nodes of the one before.
_REFINEMENT = 1.4
#: Matsubara frequencies below this many |Δ| are summed one by one, the rest by the Gauss rule.
_EXPLICIT_FREQUENCIES = 1.5


class ReferenceValue(NamedTuple):
    """An mpmath number and the difference from the next coarser resolution, as its precision."""

    value: Any
    precision: Any


def reference_current(
    problem: Problem, x: float, digits: int = 15, scale: float = 1.0, first_nodes: int = 20,
    last_nodes: int = 130,
) -> ReferenceValue:
    """j_y(x)/e of a SharpStep, TanhStep or LinearRamp to (about) the digits asked for.

    Parameters
    ----------
    problem : Problem
        With Δ ≠ 0. T = 0 needs ε_F in the gap everywhere, or in the gap or the conduction band
        everywhere, or in the gap or the valence band everywhere.
    x : float
        Position, not at a jump of U.
    digits : int
        The refinement ends when two resolutions agree to 10^-digits (units of energy squared).
    scale : float
        p and ω around which nodes are denser: about max(|Δ|, 1/width, 1/distance to a jump).
    first_nodes, last_nodes : int
        Nodes per direction to begin with, and the largest number tried.

    Returns
    -------
    ReferenceValue
        The value and its certified precision, whether or not `digits` was reached.

    Raises
    ------
    ValueError
        If the mass is zero, the potential not solvable, or T = 0 with ε_F in both bands.
    """
    kind = _kind(problem)
    if problem.temperature == 0.0 and kind == "both":
        raise ValueError("temperature must be positive if fermi_energy meets both bands")
    rule = _thermal_sum if problem.temperature > 0 else _ground_state
    return refine(
        lambda n, alpha: rule(problem, mp.mpf(x), n, mp.mpf(scale), alpha, kind),
        digits, first_nodes, last_nodes,
    )


def reference_spectral_current(
    problem: Problem, x: float, energy: float, digits: int = 15, scale: float = 1.0,
    first_nodes: int = 20, last_nodes: int = 400,
) -> ReferenceValue:
    """j^ε(x) = dj_y/dε_F over e at T = 0 and ε_F = `energy`; arguments as `reference_current`.

    Raises
    ------
    ValueError
        If the mass is zero, the potential not solvable, or the energy meets both bands.
    """
    check_problem(problem)
    at_energy = Problem(problem.potential, problem.mass, energy)
    kind = _kind(at_energy)
    if kind == "both":
        raise ValueError(f"energy must not meet both bands, got {energy}")

    def rule(n: int, alpha: Any) -> Any:
        if kind == "gap":
            return mp.mpf(0)
        total = mp.mpf(0)
        for p, weight in _momenta(n, mp.mpf(scale), _phase(kind, alpha), ()):
            total -= mp.im(weight * _integrand(at_energy, mp.mpf(x), mp.mpf(0), p))
        return total / mp.pi**2

    return refine(rule, digits, first_nodes, last_nodes)


def _kind(problem: Problem) -> str:
    """Which bands ε_F meets between the two leads: gap, conduction, valence or both."""
    check_problem(problem)
    gap = abs(problem.mass)
    if gap == 0:
        raise ValueError("mass must not be zero: there is no current to sum")
    s = [problem.fermi_energy - U for U in (problem.U_L, problem.U_R)]
    above, below = max(s) > gap, min(s) < -gap
    return {(0, 0): "gap", (1, 0): "conduction", (0, 1): "valence"}.get((above, below), "both")


def _phase(kind: str, alpha: Any) -> Any:
    """e^{∓iα} of the rotated p axis."""
    turn = {"conduction": -alpha, "valence": alpha}.get(kind, 0)
    return mp.expj(turn) if turn else mp.mpf(1)


def refine(rule: Any, digits: int, nodes: int, last_nodes: int) -> ReferenceValue:
    """Refine, changing the angle each time, until two resolutions agree to the digits asked for."""
    with mp.workdps(digits + GUARD_DIGITS):
        coarse = rule(nodes, mp.pi / _ANGLES[0])
        for level in itertools.count(1):
            nodes = int(nodes * _REFINEMENT)
            fine = rule(nodes, mp.pi / _ANGLES[level % 2])
            precision = abs(fine - coarse)
            if precision < mp.mpf(10) ** -digits or nodes * _REFINEMENT > last_nodes:
                return ReferenceValue(fine, precision)
            coarse = fine


def _integrand(problem: Problem, x: Any, omega: Any, p: Any) -> Any:
    """(Δ/M) T(ε_F + iω, M)."""
    mass = mp.mpf(problem.mass)
    M = mp.sqrt(mass**2 + p**2)
    E = mp.mpc(problem.fermi_energy, omega)
    # The ramp by its power series, 3 times as fast as mpmath's D_n, to which it is tested equal.
    s_R, s_L = chiral_ratios(problem.potential, E, M, x, series=True)
    return mass / M * (s_R - s_L) / (1 - s_L * s_R)


def _ground_state(problem: Problem, x: Any, n: int, scale: Any, alpha: Any, kind: str) -> Any:
    """T = 0: polar coordinates p = R cos φ · e^{∓iα}, ω = R sin φ."""
    phase, total = _phase(kind, alpha), mp.mpf(0)
    if kind == "gap":
        angles = [((j + mp.mpf(0.5)) * mp.pi / n, mp.pi / n) for j in range(n // 2)]
        angles = [(a, w) for a, w in angles if a < mp.pi / 2]
        if n % 2:
            angles.append((mp.pi / 2, mp.pi / n / 2))
    else:
        angles = [((1 + t) * mp.pi / 4, w * mp.pi / 4) for t, w in gauss_legendre(n)]
    for t, w in gauss_legendre(n):
        R, weight = scale * (1 + t) / (1 - t), w * 2 * scale / (1 - t) ** 2
        for angle, w_angle in angles:
            value = _integrand(problem, x, R * mp.sin(angle), R * mp.cos(angle) * phase)
            total += weight * w_angle * R * mp.re(phase * value)
    return total / mp.pi**2


def _thermal_sum(problem: Problem, x: Any, n: int, scale: Any, alpha: Any, kind: str) -> Any:
    """T > 0: Matsubara sum."""
    T = mp.mpf(problem.temperature)
    breaks = ()
    if kind == "both":  # near-singular at the Fermi momenta of the leads: panels end there
        s = [mp.mpf(problem.fermi_energy) - U for U in (problem.U_L, problem.U_R)]
        gap = abs(mp.mpf(problem.mass))
        breaks = tuple(sorted({mp.sqrt(v**2 - gap**2) for v in s if abs(v) > gap}))
    phase, total = _phase(kind, alpha), mp.mpf(0)
    for omega, weight in frequencies(abs(problem.mass), T, n):
        p_scale = scale if scale > omega else omega
        for p, w_p in _momenta(n, p_scale, phase, breaks):
            total += weight * mp.re(w_p * _integrand(problem, x, omega, p))
    return 2 * T / mp.pi * total


def _momenta(n: int, scale: Any, phase: Any, breaks: tuple[Any, ...]) -> list[tuple[Any, Any]]:
    """Gauss rule for ∫₀^∞dp on panels between the breaks, the last one mapped to infinity."""
    edges = [mp.mpf(0), *breaks]
    rule = [(p * phase, w * phase) for p, w in panel_rule(n, edges)]
    for t, w in gauss_legendre(n):
        rule.append(
            ((edges[-1] + scale * (1 + t) / (1 - t)) * phase, w * 2 * scale / (1 - t) ** 2 * phase)
        )
    return rule


def panel_rule(n: int, edges: list[Any]) -> list[tuple[Any, Any]]:
    """Gauss's nodes and weights on the panels between some edges."""
    rule = []
    for a, b in itertools.pairwise(edges):
        half = (b - a) / 2
        rule += [(a + half + half * t, w * half) for t, w in gauss_legendre(n)]
    return rule


def frequencies(gap: Any, T: Any, n: int) -> list[tuple[Any, Any]]:
    """ω and weights of a sum over Matsubara frequencies; the rule for its rest grows with n."""
    first = int(_EXPLICIT_FREQUENCIES * gap / (2 * mp.pi * T)) + 2
    return [
        (mp.pi * T * (2 * index + 1), weight)
        for index, weight in sum_rule(first, max(n // 2, 8), mp.mp.dps)
    ]


def gauss_legendre(n: int) -> list[tuple[Any, Any]]:
    """Nodes and weights on [-1, 1] at mpmath's current precision (Newton on double roots)."""
    return _gauss_legendre(n, mp.mp.dps)


@lru_cache(maxsize=64)
def _gauss_legendre(n: int, digits: int) -> list[tuple[Any, Any]]:
    rule = []
    with mp.workdps(digits + 10):
        for start in np.polynomial.legendre.leggauss(n)[0]:
            t = mp.mpf(float(start))
            for _ in range(int(np.log2(digits / 8)) + 3):
                value, derivative = _legendre(n, t)
                t -= value / derivative
            rule.append((t, 2 / ((1 - t**2) * _legendre(n, t)[1] ** 2)))
    return rule


def _legendre(n: int, t: Any) -> tuple[Any, Any]:
    """P_n(t) and P_n'(t)."""
    last, value = mp.mpf(1), t
    for k in range(1, n):
        last, value = value, ((2 * k + 1) * t * value - k * last) / (k + 1)
    return value, n * (last - t * value) / (1 - t**2)


@lru_cache(maxsize=64)
def sum_rule(first: int, nodes: int, digits: int) -> list[tuple[Any, Any]]:
    """(index, weight) pairs with Σ_{n≥0} f(n) ≈ Σ weight f(index), f ~ a/(n+½)² + b/(n+½)³ + …

    The terms below `first` are taken one by one. The rest is a sum over t = (first+½)/(n+½) in
    (0, 1] with weights t² of a smooth function of t: a Gauss rule, from the moments (Hurwitz ζ)
    by the modified eigenvalue problem (Golub and Welsch).
    """
    a = first + mp.mpf(0.5)
    # Moments determine the rule with a loss of about 1.6 digits per node.
    with mp.workdps(digits + int(2.5 * nodes) + 20):
        moments = [a ** (k + 2) * mp.zeta(k + 2, a) for k in range(2 * nodes)]
        alpha, beta = _chebyshev_algorithm(moments)
        jacobi = mp.matrix(nodes, nodes)
        for i in range(nodes):
            jacobi[i, i] = alpha[i]
            if i:
                if beta[i] <= 0:
                    raise ArithmeticError(f"{digits} digits do not carry a rule of {nodes} nodes")
                jacobi[i, i - 1] = jacobi[i - 1, i] = mp.sqrt(beta[i])
    with mp.workdps(digits + 10):
        t, vectors = mp.eigsy(jacobi)
        tail = [
            (a / t[j] - mp.mpf(0.5), moments[0] * vectors[0, j] ** 2 / t[j] ** 2)
            for j in range(nodes)
        ]
        return [(mp.mpf(n), mp.mpf(1)) for n in range(first)] + tail


def _chebyshev_algorithm(moments: list[Any]) -> tuple[list[Any], list[Any]]:
    """Recurrence coefficients of the orthogonal polynomials of given moments."""
    n = len(moments) // 2
    alpha, beta = [moments[1] / moments[0]], [moments[0]]
    older, old = [mp.mpf(0)] * (2 * n), list(moments)
    for k in range(1, n):
        new = [mp.mpf(0)] * (2 * n)
        for j in range(k, 2 * n - k):
            new[j] = old[j + 1] - alpha[-1] * old[j] - beta[-1] * older[j]
        alpha.append(new[k + 1] / new[k] - old[k] / old[k - 1])
        beta.append(new[k] / old[k - 1])
        older, old = old, new
    return alpha, beta
