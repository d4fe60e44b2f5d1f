"""The rule in p_y: panels between thresholds, in variables in which the integrand is smooth.

On a panel [a, b] between thresholds p² = a² + (b² - a²) sin²φ: smooth also for a function of
√(b² - p²) or √(p² - a²), which is what a threshold brings. Beyond the last one
p² = a² + S² tan²φ: in φ the integrand, which falls as U′Δ/M², is smooth up to p = ∞. On a lattice
it changes once more, from its continuum form to a local one, where p passes the inverse spacing:
there p is logarithmic, and beyond 1/p.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

from dirac1d.problem import Problem
from dirac1d.states.chain import Chain
from dirac1d.states.masses import open_leads
from dirac1d.states.spectrum import count_below

#: Halvings of the bisection for a crossing: enough for rounding.
CROSSING_HALVINGS = 50
#: Momenta of either sign at which levels are counted when they need not move one way: a pair of
#: crossings between two of them is left to the rule, whose last step then says what it costs.
MOMENTA_LOOKED_AT = 200
#: The panel beyond the last threshold ends after so many scales: farther out ln p is the better
#: variable.
MOST_SCALES = 8.0

Rule = tuple[NDArray, NDArray]


@dataclass(frozen=True)
class Panel:
    """Momenta from `low` to `high`, below the inverse spacing.

    Attributes
    ----------
    low, high : float
    threshold : float or None
        The last threshold, at or below `low`; None if both ends are thresholds.
    """

    low: float
    high: float
    threshold: float | None = None

    def rule(self, crossings: list[float], scale: float, order: int) -> Rule:
        """Nodes and weights, `order` on each piece between the crossings."""
        breaks = [self.low, *crossings, self.high]
        if self.threshold is None:
            return panels(breaks, order)
        threshold = breaks[-2] if crossings else self.threshold
        last = open_panel((breaks[-2], self.high), threshold, scale, order)
        return joined([panels(breaks[:-1], order), last])


def panels_below(thresholds: list[float], scale: float, inverse: float) -> tuple[Panel, ...]:
    """Panels from p = 0 through the thresholds to about the inverse spacing.

    There is one more end soon beyond the last threshold: above it walls can stand much nearer.
    """
    ends = [0.0, *thresholds]
    found = [Panel(a, b) for a, b in itertools.pairwise(ends)]
    last = ends[-1]
    beyond = float(np.hypot(last, scale))
    if last == 0.0:
        return (*found, Panel(0.0, max(min(inverse, MOST_SCALES * scale), beyond), 0.0))
    far = max(min(inverse, MOST_SCALES * beyond), 1.5 * beyond)
    return (*found, Panel(last, beyond, last), Panel(beyond, far, last))


def lead_thresholds(problem: Problem) -> list[float]:
    """Momenta p_F = √((ε_F - U_lead)² - Δ²) at which a lead's band opens at ε_F; increasing."""
    found = set()
    for U, mass in open_leads(problem):
        square = (problem.fermi_energy - U) ** 2 - mass**2
        if square > 0:
            found.add(float(np.sqrt(square)))
    return sorted(found)


def bound_crossings(
    chain: Chain, energy: float, ends: tuple[float, float], most: int
) -> list[float]:
    """Momenta between the ends at which a level of the chain crosses the energy: kinks at T = 0.

    Levels depend on p_y through M = √(Δ² + p_y²) only, and those of one band move one way: they
    are counted by inertia. Returns nothing if there are more than `most`.
    """
    def count(p: float) -> int:
        return int(count_below(chain.diagonal(p), chain.hoppings, np.array([energy]))[0])

    low, high = count(ends[0]), count(ends[1])
    if low == high or abs(high - low) > most:
        return []
    sign = 1 if high > low else -1
    found = []
    for n in range(abs(high - low)):
        a, b = ends
        for _ in range(CROSSING_HALVINGS):
            middle = (a + b) / 2
            a, b = (middle, b) if sign * (count(middle) - low) <= n else (a, middle)
        found.append((a + b) / 2)
    return sorted(found)


def signed_crossings(
    chain: Chain, energy: float, ends: tuple[float, float], most: int
) -> list[float]:
    """|p_y| between the ends where a level crosses the energy, at either sign of p_y.

    Where Δ varies p_y does not come in as p_y² alone, and a level that is bound to a wall, E = p_y
    or E = -p_y where U is flat, crosses for one sign only. Returns nothing if there are more than
    `most`.
    """
    def count(p: NDArray) -> NDArray:
        diagonals = chain.diagonal(0.0)[:, None] + _slope(chain)[:, None] * p
        shift = energy if chain.grading is None else 0.0
        return count_below(diagonals, chain.hoppings, np.array([shift]))

    grid = np.linspace(*ends, MOMENTA_LOOKED_AT)
    found: list[float] = []
    for sign in (1.0, -1.0):
        below = count(sign * grid)
        steps = np.diff(below)
        if np.sum(np.abs(steps)) > most:
            return []
        places, _ = where_it_steps(lambda p, s=sign: count(s * p), grid, below, steps)
        found += places.tolist()
    return sorted(found)


def where_it_steps(
    count: Callable[[NDArray], NDArray], grid: NDArray, below: NDArray, steps: NDArray,
    halvings: int = CROSSING_HALVINGS,
) -> tuple[NDArray, NDArray]:
    """Every level that is missing or new between two momenta, one by one; whether it is missing.

    `below` counts the levels below an energy on the grid, `steps` are its differences. A level that
    moves up through the energy is missing afterwards.
    """
    where = np.repeat(np.arange(len(steps)), np.abs(steps))
    which = np.concatenate([np.arange(n) for n in np.abs(steps)] or [np.empty(0)])
    a, b, start = grid[where], grid[where + 1], below[where]
    upward = np.sign(steps[where])
    for _ in range(halvings if len(where) else 0):
        middle = (a + b) / 2
        before = upward * (count(middle) - start) <= which
        a, b = np.where(before, middle, a), np.where(before, b, middle)
    return (a + b) / 2, upward < 0


def _slope(chain: Chain) -> NDArray:
    """The derivative of the diagonal by p_y."""
    return chain.sublattice if chain.grading is None else chain.sublattice * chain.grading


def panels(breaks: list[float], order: int) -> Rule:
    """Nodes and weights of ∫dp between the first break and the last, `order` on each panel."""
    phi, weight = gauss(0.0, np.pi / 2, order)
    rules = []
    for a, b in itertools.pairwise(breaks):
        square = b * b - a * a
        p = np.sqrt(a * a + square * np.sin(phi) ** 2)
        rules.append((p, weight * square * np.sin(phi) * np.cos(phi) / p))
    return joined(rules)


def open_panel(ends: tuple[float, float], threshold: float, scale: float, order: int) -> Rule:
    """Nodes and weights of ∫dp between the ends, at or beyond a threshold: q = scale · tan φ."""
    lo, hi = (float(np.arctan(np.sqrt(max(p * p - threshold**2, 0.0)) / scale)) for p in ends)
    phi, weight = gauss(lo, hi, order)
    q = scale * np.tan(phi)
    p = np.sqrt(threshold**2 + q * q)
    return p, weight * scale / np.cos(phi) ** 2 * q / p


def logarithmic_panel(a: float, b: float, order: int) -> Rule:
    """Nodes and weights of ∫dp from a to b, in ln p; none on an empty panel."""
    if not b > a:
        return np.empty(0), np.empty(0)
    log_p, weight = gauss(np.log(a), np.log(b), order)
    return np.exp(log_p), weight * np.exp(log_p)


def last_panel(a: float, b: float, order: int) -> Rule:
    """Nodes and weights of ∫dp from a to b, in 1/p."""
    t, weight = gauss(a / b, 1.0, order)
    return a / t, weight * a / t**2


def joined(rules: list[Rule]) -> Rule:
    """Several rules as one."""
    if not rules:
        return np.empty(0), np.empty(0)
    return np.concatenate([p for p, _ in rules]), np.concatenate([w for _, w in rules])


def momentum_tail(chain: Chain, largest: float) -> NDArray:
    """∫ dp from `largest` to ∞ of Σ_± (n_i(±p) - ½), by perturbation theory in hopping over p.

    Far above the inverse spacing a site A at +p holds Σ_j t²_ij/(2p + U_i - U_j)² electrons, and
    at -p it lacks as many with the sign of U turned: together -Σ_j t²_ij (U_i - U_j)/2p³, with
    corrections of relative order (t/p)².
    """
    flow = chain.hoppings**2 * np.diff(chain.U)
    padded = np.concatenate(([0.0], flow, [0.0]))
    return (padded[1:] - padded[:-1]) / (4 * largest**2)


def gauss(lo: float, hi: float, order: int) -> Rule:
    """Gauss–Legendre nodes and weights on [lo, hi]."""
    t, w = leggauss(order)
    return lo + (hi - lo) * (t + 1) / 2, w * (hi - lo) / 2
