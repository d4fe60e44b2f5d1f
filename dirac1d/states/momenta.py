"""The rule in p_y: panels between thresholds, in variables in which the integrand is smooth."""

from __future__ import annotations

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states.chain import Chain
from dirac1d.states.spectrum import count_below

#: Bound states that cross ε_F as p_y grows are found one by one up to this many.
MAX_CROSSINGS = 100
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
    breaks: list[float], scale: float, cut: float, order: int
) -> tuple[NDArray, NDArray]:
    """Nodes p > 0 and weights of ∫₀^∞ dp, `order` nodes on each panel between `breaks`.

    On a panel [a, b], p² = a² + (b² - a²) sin²φ: smooth also for a function of √(b² - p²) or
    √(p² - a²), which is what a threshold brings. Beyond the last one p² = a² + S² tan²φ: in φ the
    integrand, which falls as U′Δ/M², is smooth up to p = ∞. On a lattice it changes once more,
    from its continuum form to a local one, where p passes the inverse spacing: the last panel is
    divided at that `cut`, or the sum would converge ever more slowly on ever finer lattices.
    """
    ends = [0.0, *breaks]
    parts = []
    for a, b in zip(ends[:-1], ends[1:], strict=True):
        phi, weight = _gauss(0.0, np.pi / 2, order)
        p = np.sqrt(a * a + (b * b - a * a) * np.sin(phi) ** 2)
        parts.append((p, weight * (b * b - a * a) * np.sin(phi) * np.cos(phi) / p))
    a = ends[-1]
    turn = np.arctan(np.sqrt(max(cut * cut - a * a, scale * scale)) / scale)
    for lo, hi, n in ((0.0, turn, order), (turn, np.pi / 2, (order + 1) // 2)):
        phi, weight = _gauss(lo, hi, n)
        q = scale * np.tan(phi)
        p = np.sqrt(a * a + q * q)
        parts.append((p, weight * scale / np.cos(phi) ** 2 * q / p))
    return np.concatenate([p for p, _ in parts]), np.concatenate([w for _, w in parts])


def _gauss(lo: float, hi: float, order: int) -> tuple[NDArray, NDArray]:
    t, w = leggauss(order)
    return lo + (hi - lo) * (t + 1) / 2, w * (hi - lo) / 2
