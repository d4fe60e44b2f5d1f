r"""The disc in closed form: bound states and the current of U = U_in for r < R, U_out beyond.

Δ may change at the same radius, too: a disc of another mass, in a potential or in none.

With ψ = (f e^{ilφ}, i g e^{i(l+1)φ}), l = j - ½ (ħ = v_F = 1), f and g of energy E obey

.. math:: f' = \frac{l}{r}f - (E-U+Δ)g, \qquad g' = (E-U-Δ)f - \frac{l+1}{r}g .

Where U is constant, κ² = Δ² - (E-U)², the solution that is regular at r = 0 and the one that decays
outside are

.. math:: (f, g) = (I_l(κr), -\frac{κ}{E-U+Δ}I_{l+1}(κr)), \qquad
          (f, g) = (K_l(κr), +\frac{κ}{E-U+Δ}K_{l+1}(κr)),

I of the order |l|, |l + 1|. Everything here is mpmath: as many digits as asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath as mp

from dirac1d.numerics.checks import finite_number, half_integer
from dirac1d.potentials import Disc
from dirac1d.potentials.walls import circle_ends
from dirac1d.problem import Problem

#: Digits beyond those asked for.
GUARD = 10


#: U and Δ of one side of the edge.
Side = tuple[Any, Any]


@dataclass(frozen=True)
class _Disc:
    """Numbers of the disc in mpmath: U and Δ on both sides of the edge."""

    inside: Side
    outside: Side
    radius: Any

    @classmethod
    def of(cls, problem: Problem) -> _Disc:
        U, mass = problem.potential, problem.mass
        if not isinstance(U, Disc):
            raise ValueError(f"problem must have a Disc as its potential, got {U!r}")
        if problem.mass_profile is None:
            mass = Disc(0.0, U.radius, outside=problem.mass)
        if not isinstance(mass, Disc):
            raise ValueError(f"problem must have a number or a Disc as its mass, got {mass!r}")
        edges = {q.radius for q in (U, mass) if q.height} or {U.radius}
        if len(edges) > 1:
            raise ValueError("problem must have U and its mass jump at the same radius, got "
                             f"{U.radius} and {mass.radius}")
        out = mp.mpf(U.outside), mp.mpf(mass.outside)
        inside = out[0] + mp.mpf(U.height), out[1] + mp.mpf(mass.height)
        return cls(inside, out, mp.mpf(edges.pop()))

    def regular(self, E: Any, j: Any, r: Any, side: Side) -> tuple[Any, Any]:
        """(f, g) that is regular at r = 0, up to a factor."""
        return _solution(E - side[0], side[1], j, r, mp.besseli, -1)

    def decaying(self, E: Any, j: Any, r: Any, side: Side) -> tuple[Any, Any]:
        """(f, g) that decays outwards, up to a factor."""
        return _solution(E - side[0], side[1], j, r, mp.besselk, +1)

    def mismatch(self, E: Any, j: Any) -> Any:
        """f_in g_out - g_in f_out at the edge: 0 at a bound state; real for real E in the gap."""
        f, g = self.regular(E, j, self.radius, self.inside)
        F, G = self.decaying(E, j, self.radius, self.outside)
        return f * G - g * F


def _solution(
    e: Any, mass: Any, j: Any, r: Any, bessel: Callable[[Any, Any], Any], sign: int
) -> tuple[Any, Any]:
    """(f, g) of one kind where U is constant, e = E - U; each multiplied by e + Δ over κ^|l|."""
    kappa = mp.sqrt(mass**2 - e**2)
    lower, upper = abs(j - mp.mpf(1) / 2), abs(j + mp.mpf(1) / 2)
    # The power of κ makes it real where κ is imaginary, and finite at κ → 0 for the regular one.
    power = kappa ** (sign * lower)
    f = (e + mass) * bessel(lower, kappa * r) * power
    g = sign * kappa * bessel(upper, kappa * r) * power
    return f, g


def bound_states(problem: Problem, j: float, digits: int = 15, points: int = 400) -> list[Any]:
    r"""Energies in the gap outside, of the angular momentum j.

    With k² = (E-U_in)² - Δ_in² and κ² = Δ_out² - (E-U_out)² they solve

    .. math:: k\,(E-U_{out}+Δ_{out})\,J_{l+1}(kR)\,K_l(κR)
              = κ\,(E-U_{in}+Δ_{in})\,K_{l+1}(κR)\,J_l(kR) .

    Parameters
    ----------
    problem : Problem
        With a `Disc`.
    j : float
        Half-integer.
    digits : int
    points : int
        Energies at which changes of sign are looked for; those of one j are no closer than about
        π/(R + 1/|Δ|).

    Returns
    -------
    list of mpf
        In increasing order.

    Raises
    ------
    ValueError
        If the potential is no disc, j no half-integer, or the mass is zero outside.
    """
    j = half_integer(j)
    if circle_ends(problem.mass)[1] == 0:
        raise ValueError("mass must not be zero: without a gap there are no bound states")
    with mp.workdps(digits + GUARD):
        disc, jm = _Disc.of(problem), mp.mpf(j)
        (U_in, mass_in), (U_out, mass_out) = disc.inside, disc.outside
        gap = abs(mass_out)

        def mismatch(E: Any) -> Any:
            # For j > 0 both f and g inside vanish at E = U_in - Δ_in: no level.
            factor = E - U_in + mass_in if jm > 0 else 1
            return mp.re(disc.mismatch(E, jm) / (factor or 1))

        # Denser towards both band edges, where levels of shallow discs gather.
        angles = [mp.pi * (2 * k + 1) / (2 * points) for k in range(points)]
        energies = [U_out - gap * mp.cos(a) for a in angles]
        values = [mismatch(E) for E in energies]
        found = []
        for a, b, at_a, at_b in zip(energies, energies[1:], values, values[1:], strict=False):
            if at_a * at_b < 0:
                found.append(mp.findroot(
                    mismatch, (a, b), solver="anderson", tol=mp.mpf(10) ** (-2 * digits),
                    verify=False,
                ))
        return found


def trace(problem: Problem, energy: Any, j: Any, r: Any) -> Any:
    """tr σ_φ of the radial Green's function at an energy off the real axis, for one j.

    j_φ(r) = (1/2πr) Σ_j ∫dω/2π of it at E = ε_F + iω.
    """
    disc = _Disc.of(problem)
    E, j, r, R = mp.mpc(energy), mp.mpf(j), mp.mpf(r), disc.radius
    if r < R:
        left = disc.regular(E, j, r, disc.inside)
        right = _across(disc, E, j, r, disc.inside, disc.decaying(E, j, R, disc.outside))
    else:
        right = disc.decaying(E, j, r, disc.outside)
        left = _across(disc, E, j, r, disc.outside, disc.regular(E, j, R, disc.inside))
    (f, g), (F, G) = left, right
    return (f * G + g * F) / (F * g - f * G)


def _across(disc: _Disc, E: Any, j: Any, r: Any, side: Side, at_edge: tuple[Any, Any]) -> Any:
    """The solution at r with the values `at_edge` at the edge, in the U and Δ of a side."""
    f, g = at_edge
    a, b = disc.regular(E, j, disc.radius, side), disc.decaying(E, j, disc.radius, side)
    W = a[0] * b[1] - a[1] * b[0]
    alpha, beta = (f * b[1] - g * b[0]) / W, (a[0] * g - a[1] * f) / W
    p, q = disc.regular(E, j, r, side), disc.decaying(E, j, r, side)
    return alpha * p[0] + beta * q[0], alpha * p[1] + beta * q[1]


def current(problem: Problem, r: float, digits: int = 10) -> Any:
    r"""j_φ(r)/e of a disc, by the sum over j and the integral (T > 0: sum) over frequencies.

    .. math:: j_φ(r) = \frac{1}{2πr}\sum_j\frac{1}{π}\int_0^∞dω\,\Re\,g_j(ε_F+iω) .

    Away from the edge the terms fall as (r/R)^{±2j} e^{-2ω|r-R|}: seconds where r and R differ by a
    third, hours very close to R.

    Raises
    ------
    ValueError
        If the potential is no disc, or r is not positive or lies at the edge.
    """
    number = finite_number("r", r)
    disc = _Disc.of(problem)
    if number <= 0 or number == float(disc.radius):
        raise ValueError(f"r must be positive and not the radius of the disc, got {number}")
    with mp.workdps(digits + GUARD):
        total, term, j = mp.mpf(0), mp.mpf(1), mp.mpf(1) / 2
        while j < 6 or abs(term) > mp.mpf(10) ** (-digits - 2) * abs(total):
            term = _frequencies(problem, number, j, digits)
            total, j = total + term, j + 1
        return total / (2 * mp.pi * mp.mpf(number))


def _frequencies(problem: Problem, r: float, j: Any, digits: int) -> Any:
    """(1/π) ∫dω Re[g_j + g_{-j}], or 2T Σ of it at T > 0."""
    mu, T = mp.mpf(problem.fermi_energy), mp.mpf(problem.temperature)

    def pair(omega: Any) -> Any:
        E = mp.mpc(mu, omega)
        return mp.re(trace(problem, E, j, r) + trace(problem, E, -j, r))

    reach = digits * mp.log(10) / (2 * abs(r - _Disc.of(problem).radius)) + 1
    if T > 0:
        count = int(reach / (2 * mp.pi * T)) + 1
        return 2 * T * mp.fsum(pair(mp.pi * T * (2 * n + 1)) for n in range(count))
    # Towards ω = 0 there may be a pole nearby, or a square root: geometric panels.
    cuts = [mp.mpf(0), *(reach * mp.mpf(4) ** (-k) for k in range(6, -1, -1))]
    # Degree 3 and 4: 12 and 24 Gauss nodes, of which a panel that ends at 4 times its beginning
    # takes 5.8^-2n where the nearest singularity is at ω = 0.
    degree = 3 if digits <= 10 else 4
    return mp.quad(pair, cuts, method="gauss-legendre", maxdegree=degree) / mp.pi
