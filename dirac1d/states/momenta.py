"""The rule in p_y: panels between thresholds, in variables in which the integrand is smooth."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states.chain import Chain
from dirac1d.states.spectrum import count_below

#: Bound states that cross ε_F as p_y grows are found one by one up to this many.
MAX_CROSSINGS = 100
#: The rule ends at this many inverse spacings; beyond, `momentum_tail` is right to 1e-3 of itself.
LAST_MOMENTUM = 30.0
#: Halvings of the bisection for a crossing: enough for rounding.
CROSSING_HALVINGS = 50


def lead_thresholds(problem: Problem) -> list[float]:
    """Momenta p_F = √((ε_F - U_lead)² - Δ²) at which a lead's band opens at ε_F; increasing."""
    found = set()
    for U in (problem.U_L, problem.U_R):
        square = (problem.fermi_energy - U) ** 2 - problem.mass**2
        if square > 0:
            found.add(float(np.sqrt(square)))
    return sorted(found)


def bound_crossings(chain: Chain, energy: float, largest: float) -> list[float]:
    """Momenta at which a level of the chain crosses the energy: kinks of the sum at T = 0.

    Levels depend on p_y through M = √(Δ² + p_y²) only, and those of one band move one way: they
    are counted by inertia. Returns nothing if there are more than `MAX_CROSSINGS`.
    """
    def count(p: float) -> int:
        return int(count_below(chain.diagonal(p), chain.hoppings, np.array([energy]))[0])

    low, high = count(0.0), count(largest)
    if low == high or abs(high - low) > MAX_CROSSINGS:
        return []
    sign = 1 if high > low else -1
    found = []
    for n in range(abs(high - low)):
        a, b = 0.0, largest
        for _ in range(CROSSING_HALVINGS):
            middle = (a + b) / 2
            a, b = (middle, b) if sign * (count(middle) - low) <= n else (a, middle)
        found.append((a + b) / 2)
    return sorted(found)


def momentum_rule(
    breaks: list[float], scale: float, cuts: tuple[float, float], order: int
) -> tuple[NDArray, NDArray]:
    """Nodes p > 0 and weights of ∫dp from 0 to `LAST_MOMENTUM` · cuts[1].

    There are `order` nodes on each panel between `breaks`. On a panel [a, b],
    p² = a² + (b² - a²) sin²φ: smooth also for a function of √(b² - p²) or √(p² - a²), which is what
    a threshold brings. Beyond the last one p² = a² + S² tan²φ: in φ the integrand, which falls as
    U′Δ/M², is smooth up to p = ∞. On a lattice it changes once more, from its continuum form to a
    local one, where p passes the inverse spacing: the last panel is divided there, or the sum
    would converge ever more slowly on ever finer lattices. `cuts` are the inverse of the
    background's and of the smallest spacing; between them p is logarithmic.
    """
    ends = [0.0, *breaks]
    parts = []
    for a, b in itertools.pairwise(ends):
        phi, weight = _gauss(0.0, np.pi / 2, order)
        p = np.sqrt(a * a + (b * b - a * a) * np.sin(phi) ** 2)
        parts.append((p, weight * (b * b - a * a) * np.sin(phi) * np.cos(phi) / p))
    a = ends[-1]
    low = np.sqrt(max(cuts[0] ** 2, a * a + scale * scale))
    high = max(cuts[1], low)
    if high < 2 * low:
        low = high
    phi, weight = _gauss(0.0, np.arctan(np.sqrt(low * low - a * a) / scale), order)
    q = scale * np.tan(phi)
    p = np.sqrt(a * a + q * q)
    parts.append((p, weight * scale / np.cos(phi) ** 2 * q / p))
    if high > low:
        log_p, weight = _gauss(np.log(low), np.log(high), order)
        parts.append((np.exp(log_p), weight * np.exp(log_p)))
    t, weight = _gauss(high / (LAST_MOMENTUM * max(cuts)), 1.0, (order + 1) // 2)
    parts.append((high / t, weight * high / t**2))
    return np.concatenate([p for p, _ in parts]), np.concatenate([w for _, w in parts])


def momentum_tail(chain: Chain, largest: float) -> NDArray:
    """∫ dp from `largest` to ∞ of Σ_± (n_i(±p) - ½), by perturbation theory in hopping over p.

    Far above the inverse spacing a site A at +p holds Σ_j t²_ij/(2p + U_i - U_j)² electrons, and
    at -p it lacks as many with the sign of U turned: together -Σ_j t²_ij (U_i - U_j)/2p³, with
    corrections of relative order (t/p)².
    """
    flow = chain.hoppings**2 * np.diff(chain.U)
    padded = np.concatenate(([0.0], flow, [0.0]))
    return (padded[1:] - padded[:-1]) / (4 * largest**2)


def _gauss(lo: float, hi: float, order: int) -> tuple[NDArray, NDArray]:
    t, w = leggauss(order)
    return lo + (hi - lo) * (t + 1) / 2, w * (hi - lo) / 2
