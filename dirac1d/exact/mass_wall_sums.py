r"""j_y(x) of solvable walls of mass, summed over states by mpmath quadrature.

**Tanh wall in a flat U.** The squares of its energies are those of two Schrödinger operators, so
that at μ = ε_F - U the sea cancels but for what lies between -|μ| and |μ|:

.. math:: j_y(x) = \sum_λ [|χ^+_λ(x)|^2 - |χ^-_λ(x)|^2]\,J(λ), \qquad
          J = \int\frac{dp}{2π}\,\tfrac14\Big[\tanh\frac{μ-ε}{2T}+\tanh\frac{μ+ε}{2T}\Big]
            = \frac{\mathrm{sgn}\,μ}{2π}\sqrt{μ^2-λ} \quad (T = 0),

ε² = λ + p², over the bound λ and the continuum from the smaller Δ² on: a closed form in the gap.

**Flat pieces.** At each p the frequencies are summed along E_c + iω,

.. math:: j_y = \int\frac{dp}{2π}\Big\{\int\frac{dω}{2π}\,[\mathrm{tr}\,σ_yG(E_c+iω) + p/κ]
          + \sum_n \pm\mathrm{Res}_n\Big\},

with E_c where the gap is widest, and the levels between it and ε_F added as residues; p/κ, of a
space that is everywhere as at x, is odd. T > 0: a sum over Matsubara frequencies.

No rule is shared with an engine. Each result comes with the difference of two resolutions.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import mpmath as mp

from dirac1d.exact.mass_walls import Pieces, TanhWall, circle_mean, solvable
from dirac1d.exact.solvable_sums import (
    GUARD_DIGITS,
    ReferenceValue,
    frequencies,
    gauss_legendre,
    panel_rule,
    refine,
)
from dirac1d.problem import Problem, check_problem

#: Momenta at which levels that cross ε_F are looked for.
LOOKS = 40
#: Of the digits carried those that a cut of the momenta leaves out.
SPARE = 8


def wall_current(
    problem: Problem, x: float, digits: int = 12, first_nodes: int = 12, last_nodes: int = 90
) -> ReferenceValue:
    """j_y(x)/e of a solvable wall of mass, as named in `wall_traces`.

    Parameters
    ----------
    problem : Problem
        Sharp steps at T = 0 need ε_F in the gap of every piece.
    x : float
        Position, not at a jump of U.
    digits : int
        The refinement ends when two resolutions agree to 10^-digits (units of energy squared).
    first_nodes, last_nodes : int
        Nodes per panel to begin with, and the largest number tried.

    Returns
    -------
    ReferenceValue
        The value and its certified precision, whether or not `digits` was reached.

    Raises
    ------
    ValueError
        If the wall is not solvable, ends at two hard walls at T = 0, or ε_F lies in a band there.
    """
    T = check_problem(problem, walls=True).temperature
    with mp.workdps(digits + GUARD_DIGITS):
        wall = solvable(problem)
        if isinstance(wall, Pieces) and T == 0:
            _check_gap(problem, wall)
        rule = _bound_and_free if isinstance(wall, TanhWall) else _warm if T > 0 else _cold
        mu, at = mp.mpf(problem.fermi_energy), mp.mpf(x)
        return refine(
            lambda n, _: rule(wall, mu, mp.mpf(T), at, n), digits, first_nodes, last_nodes)


def _check_gap(problem: Problem, wall: Pieces) -> None:
    if None not in wall.walls:
        raise ValueError("problem must not end at two hard walls at T = 0")
    for U, mass in wall.values:
        if abs(problem.fermi_energy - U) >= abs(mass):
            raise ValueError("fermi_energy must lie in the gap of every piece at T = 0, got "
                             f"{problem.fermi_energy} where U = {U}, mass = {mass}")


def _bound_and_free(wall: TanhWall, fermi: Any, T: Any, x: Any, n: int) -> Any:
    """The sum over λ."""
    mu, nu = fermi - wall.U, wall.nu
    total = mp.mpf(0)
    for sign, order in ((1, nu), (-1, nu - 1)):
        for k, (level, *_) in enumerate(wall.bound(order)):
            flow = _flow(mu, T, max(level, mp.mpf(0)), n)
            if flow:
                total += sign * wall.weight(order, k, x) * flow
    squares = sorted({wall.left**2, wall.right**2})
    top = abs(mu) + (T * mp.mp.dps * mp.ln(10) if T > 0 else 0)
    edges = [q for q in squares if q < top**2]
    if not edges:
        return total
    edges += [top**2]
    for a, b in itertools.pairwise(edges):
        # Square roots at both ends: λ = (a+b)/2 - (b-a)/2 cos φ.
        for t, w in gauss_legendre(2 * n):
            phi = mp.pi * (1 + t) / 2
            lam = (a + b) / 2 - (b - a) / 2 * mp.cos(phi)
            density = mp.im(wall.resolvent(nu, lam, x) - wall.resolvent(nu - 1, lam, x)) / mp.pi
            total += w * mp.pi / 2 * (b - a) / 2 * mp.sin(phi) * density * _flow(mu, T, lam, n)
    return total


def _flow(mu: Any, T: Any, lam: Any, n: int) -> Any:
    """J(λ)."""
    if T == 0:
        return mp.sign(mu) * mp.sqrt(max(mu**2 - lam, 0)) / (2 * mp.pi)
    reach = abs(mu) + T * mp.mp.dps * mp.ln(10)
    last, total = mp.sqrt(max(reach**2 - lam, 0)), mp.mpf(0)
    turn = mp.sqrt(max(mu**2 - lam, 0))
    # The step at ε = |μ| is as wide as T: panels that double from there.
    widths = [T * 2**k for k in range(int(mp.log(max(last / T, 2), 2)) + 1)]
    edges = {mp.mpf(0), turn, last, *(turn + s * w for w in widths for s in (-1, 1))}
    for p, w in panel_rule(n, sorted(q for q in edges if 0 <= q <= last)):
        energy = mp.sqrt(lam + p**2)
        total += w * (mp.tanh((mu - energy) / (2 * T)) + mp.tanh((mu + energy) / (2 * T)))
    return total / (4 * mp.pi)


def _cold(wall: Pieces, mu: Any, T: Any, x: Any, n: int) -> Any:
    """T = 0: all p, with a panel's end where a level crosses ε_F."""
    reach = (mp.mp.dps - SPARE) * mp.ln(10) / (2 * _distance(wall, x))
    gap = min(abs(mass) - abs(mu - U) for U, mass in wall.values)
    crossings = _crossings(wall, mu, reach)
    total = mp.mpf(0)
    for sign in (1, -1):
        edges = {mp.mpf(0), reach, *(sign * q for q in crossings if sign * q > 0)}
        edges |= set(_doubling(2 * gap, reach))
        for p, w in panel_rule(n, sorted(edges)):
            total += w * _at(wall, mu, sign * p, x, n)
    return total / (2 * mp.pi)


def _doubling(first: Any, last: Any) -> list[Any]:
    """first, 2 first, 4 first, … below last."""
    return [first * 2**k for k in range(60) if first * 2**k < last]


def _at(wall: Pieces, mu: Any, p: Any, x: Any, n: int) -> Any:
    """∫dω/2π at one p, and the residues."""
    low, high = wall.window(p)
    levels = wall.levels(p)
    marks = [low, *levels, high]
    a, b = max(itertools.pairwise(marks), key=lambda q: q[1] - q[0])
    centre, near = (a + b) / 2, (b - a) / 2
    total = mp.mpf(0)
    for t, w in gauss_legendre(2 * n):
        omega = near * (1 + t) / (1 - t)
        E = mp.mpc(centre, omega)
        value = mp.re(wall.traces(E, p, x).sigma_y - wall.local(E, p, x))
        total += w * 2 * near / (1 - t) ** 2 * value
    total /= mp.pi
    for k, level in enumerate(levels, 1):
        if (level - mu) * (level - centre) < 0:
            radius = min(level - marks[k - 1], marks[k + 1] - level) / 6
            weight = circle_mean(lambda E: wall.traces(E, p, x).sigma_y, level, radius)
            total += weight if level < mu else -weight
    return total


def _crossings(wall: Pieces, mu: Any, reach: Any) -> list[Any]:
    """The momenta at which a level lies at ε_F."""
    def mismatch(p: Any) -> Any:
        return wall.mismatch(mu, p)

    momenta = [reach * mp.tan(mp.pi / 4 * (2 * mp.mpf(k) / LOOKS - 1)) for k in range(LOOKS + 1)]
    found = []
    # At p = 0 the forms of the solutions change, and with them the mismatch's factor.
    for a, b in itertools.pairwise([*[p for p in momenta if p < 0], -mp.eps]):
        found += _root_between(mismatch, a, b)
    for a, b in itertools.pairwise([mp.eps, *[p for p in momenta if p > 0]]):
        found += _root_between(mismatch, a, b)
    return found


def _root_between(function: Callable[[Any], Any], a: Any, b: Any) -> list[Any]:
    if function(a) * function(b) >= 0:
        return []
    tolerance = mp.mpf(10) ** (-2 * mp.mp.dps + 10)
    return [mp.findroot(function, (a, b), solver="anderson", tol=tolerance, verify=False)]


def _distance(wall: Pieces, x: Any) -> Any:
    """From x to the nearest edge or hard wall."""
    places = [*wall.edges, *(q[0] for q in wall.walls if q is not None)]
    return min((abs(x - q) for q in places), default=mp.mpf(1))


def _warm(wall: Pieces, mu: Any, T: Any, x: Any, n: int) -> Any:
    """T > 0: Matsubara frequencies, all p."""
    distance = _distance(wall, x)
    gap = max(abs(mass) for _, mass in wall.values)
    total = mp.mpf(0)
    for omega, weight in frequencies(gap, T, n):
        if 2 * distance * omega > (mp.mp.dps - SPARE) * mp.ln(10):
            continue
        reach = (mp.mp.dps - SPARE) * mp.ln(10) / (2 * distance)
        E, part = mp.mpc(mu, omega), mp.mpf(0)
        for p, w in panel_rule(n, [mp.mpf(0), *_doubling(2 * omega, reach), reach]):
            for q in (p, -p):
                part += w * mp.re(wall.traces(E, q, x).sigma_y - wall.local(E, q, x))
        total += weight * part
    return T * total / mp.pi
