r"""Walls of mass at any precision: Green's functions and levels of tanh walls and of flat pieces.

With ψ = (f, ig), p = p_y and E' = E - U

.. math:: f' = pf - (E'+Δ)g, \qquad g' = (E'-Δ)f - pg,

and (f_L, g_L), (f_R, g_R) the solutions that decay, leave or end at a hard wall on either side,

.. math:: \mathrm{tr}\,σ_yG = \frac{f_Lg_R + g_Lf_R}{g_Lf_R - f_Lg_R}, \qquad
          \mathrm{tr}\,G = \frac{f_Lf_R + g_Lg_R}{g_Lf_R - f_Lg_R} .

**Flat pieces** (`SharpStep` in U and in Δ, anywhere, and hard walls): (f, g) passes a piece of
length d by cosh κd + K sinh κd/κ, K the matrix above, κ² = Δ² + p² - E'².

**Tanh wall** Δ = D₀ + D₁ tanh z, z = (x - x₀)/w, in a flat U (Pöschl and Teller; Rosen and Morse):
f ± g obey -φ'' + (Δ² ∓ Δ')φ = (E'² - p²)φ, so that with ν = D₁w

.. math:: \mathrm{tr}\,σ_yG = (E'-p)\,G_{ν-1} - (E'+p)\,G_ν, \qquad
          \mathrm{tr}\,G = -(E'+p)\,G_ν - (E'-p)\,G_{ν-1},

G_ν the diagonal resolvent of -∂² + D₀² + 2D₀D₁ tanh z + D₁² - ν(ν+1)/(w cosh z)² at E'² - p². With
a = κ_Rw/2, b = κ_Lw/2 and s = 1/(1 + e^{2z})

.. math:: G_ν = \frac w2\,\frac{Γ(a+b-ν)Γ(a+b+ν+1)}{Γ(1+2a)Γ(1+2b)}\,F(1+a-b+ν, a-b-ν; 1+2a; s)\,
                F(1+b-a+ν, b-a-ν; 1+2b; 1-s) .

Its poles are the wall's levels, E' = p sgn D₁ (Jackiw and Rebbi) and E'² = p² + Δ_R² - κ_n²; for
D₀ = 0 that is E'² = p² + D₁² - (|D₁| - n/w)².
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import mpmath as mp

from dirac1d.exact.solvable import GreenTraces, gauss_function, kappa
from dirac1d.potentials import SharpStep, TanhStep
from dirac1d.problem import Problem, check_problem

#: Digits beyond those asked for.
GUARD = 15
#: Energies of the gap at which changes of sign are looked for.
LOOKS = 40


def wall_traces(problem: Problem, energy: Any, p_y: Any, x: Any, digits: int = 20) -> GreenTraces:
    """tr σ_yG(x, x; E, p_y) and tr G of a solvable wall of mass, mpmath complex numbers.

    Parameters
    ----------
    problem : Problem
        A flat potential with a `TanhStep` of mass; or U and Δ of `SharpStep` (or sums of them) or
        numbers, with or without hard walls. Its Fermi energy and temperature play no role.
    energy : number
        E, Im E > 0; or real, then E + i0.
    p_y : number
        Real, of either sign.
    x : number
    digits : int

    Returns
    -------
    GreenTraces

    Raises
    ------
    ValueError
        If the wall is not solvable, or Im E < 0.
    """
    with mp.workdps(digits + GUARD):
        E = mp.mpmathify(energy)
        if mp.im(E) < 0:
            raise ValueError(f"energy must have an imaginary part >= 0, got {energy}")
        return solvable(problem).traces(E, mp.mpf(p_y), mp.mpf(x))


def wall_levels(problem: Problem, p_y: Any, digits: int = 15) -> list[Any]:
    """Energies bound to a solvable wall of mass at one p_y, where no lead has states; increasing.

    Raises
    ------
    ValueError
        If the wall is not solvable, or ends at two hard walls.
    """
    with mp.workdps(digits + GUARD):
        return solvable(problem).levels(mp.mpf(p_y))


def solvable(problem: Problem) -> TanhWall | Pieces:
    """The wall, with numbers of mpmath's current precision."""
    U, mass = check_problem(problem, walls=True).potential, problem.mass_profile
    flat = isinstance(U, SharpStep) and U.left == U.right
    if isinstance(mass, TanhStep) and flat and problem.hard_walls == (None, None):
        ends = mp.mpf(mass.left), mp.mpf(mass.right)
        return TanhWall(mp.mpf(U.left), *ends, mp.mpf(mass.width), mp.mpf(mass.position))
    if not (_sharp(U) and (mass is None or _sharp(mass))):
        raise ValueError(
            "problem must have a flat potential and a TanhStep of mass, or sharp steps of both, "
            f"got {problem!r:.300}"
        )
    return Pieces.of(problem)


def _sharp(shape: Any) -> bool:
    return all(isinstance(q, SharpStep) for q in getattr(shape, "terms", (shape,)))


@dataclass(frozen=True)
class TanhWall:
    """Δ from `left` to `right` as tanh of (x - position)/width, in a flat U."""

    U: Any
    left: Any
    right: Any
    width: Any
    position: Any

    @property
    def nu(self) -> Any:
        """ν = D₁w."""
        return (self.right - self.left) / 2 * self.width

    def resolvent(self, nu: Any, zeta: Any, x: Any) -> Any:
        """G_ν at E'² - p² = ζ; where ζ is real and in the continuum that of ζ + i0."""
        z = (x - self.position) / self.width
        # Where Δ differs from its lead by less than the working precision, waves are plane.
        far = mp.mp.prec * mp.ln(2) / 2 + 5
        if abs(z) > far:
            k = _root((self.right if z > 0 else self.left) ** 2 - zeta)
            wave = self._near(nu, zeta, mp.sign(z) * far) - 1 / (2 * k)
            return 1 / (2 * k) + wave * mp.exp(-2 * k * (abs(z) - far) * self.width)
        return self._near(nu, zeta, z)

    def _near(self, nu: Any, zeta: Any, z: Any) -> Any:
        # F knows e^{-2κ|x|} through 1 - s or s only, which must keep its digits next to 1.
        with mp.extradps(int(2 * abs(z) / mp.ln(10)) + 2):
            return self._hypergeometric(nu, zeta, z)

    def _hypergeometric(self, nu: Any, zeta: Any, z: Any) -> Any:
        a, b = (_root(q**2 - zeta) * self.width / 2 for q in (self.right, self.left))
        size = mp.gammaprod([a + b - nu, a + b + nu + 1], [1 + 2 * a, 1 + 2 * b])
        s, rest = 1 / (1 + mp.exp(2 * z)), 1 / (1 + mp.exp(-2 * z))
        size *= gauss_function(1 + a - b + nu, a - b - nu, 1 + 2 * a, s)
        return self.width / 2 * size * gauss_function(1 + b - a + nu, b - a - nu, 1 + 2 * b, rest)

    def traces(self, E: Any, p: Any, x: Any) -> GreenTraces:
        """tr σ_yG and tr G."""
        e = E - self.U
        up, down = (self.resolvent(self.nu - n, e**2 - p**2, x) for n in (0, 1))
        return GreenTraces((e - p) * down - (e + p) * up, -(e + p) * up - (e - p) * down)

    def bound(self, nu: Any) -> list[tuple[Any, Any, Any]]:
        """(λ, κ_L, κ_R) of the levels of -∂² + Δ² - …, λ = E'² - p², from the lowest."""
        top, D = max(nu, -1 - nu), (self.right**2 - self.left**2) / 4
        found = []
        for n in range(int(mp.floor(top)) + 1):
            m = (top - n) / self.width
            k_L, k_R = (m + sign * D / m if m else mp.mpf(0) for sign in (-1, 1))
            if k_L > 0 and k_R > 0:
                found.append((self.right**2 - k_R**2, k_L, k_R))
        return found

    def weight(self, nu: Any, n: int, x: Any) -> Any:
        """|χ_n(x)|² of a level: the residue of G_ν, whose functions are polynomials there."""
        _, k_L, k_R = self.bound(nu)[n]
        top, z, w = max(nu, -1 - nu), (x - self.position) / self.width, self.width
        a, b, second = k_R * w / 2, k_L * w / 2, 2 * top - n + 1
        s, rest = 1 / (1 + mp.exp(2 * z)), 1 / (1 + mp.exp(-2 * z))
        size = 2 * (-1) ** n / mp.factorial(n) / (1 / k_L + 1 / k_R)
        size *= mp.gammaprod([second], [1 + 2 * a, 1 + 2 * b]) * s ** (2 * a) * rest ** (2 * b)
        return size * _polynomial(n, second, 1 + 2 * a, s) * _polynomial(n, second, 1 + 2 * b, rest)

    def levels(self, p: Any) -> list[Any]:
        """E of all levels."""
        sign, nu = mp.sign(self.nu), abs(self.nu)
        squares = [q for q, *_ in self.bound(nu)]
        found = []
        if squares and self.left * self.right < 0:
            found.append(self.U + sign * p)
            squares = squares[1:]
        for q in squares:
            found += [self.U - mp.sqrt(p**2 + q), self.U + mp.sqrt(p**2 + q)]
        return sorted(found)


def _root(square: Any) -> Any:
    """κ of κ²; on the cut that of Im ζ → +0."""
    if mp.im(square) == 0 and mp.re(square) < 0:
        return mp.mpc(0, -mp.sqrt(-mp.re(square)))
    return mp.sqrt(square)


def circle_mean(function: Any, centre: Any, radius: Any) -> Any:
    """The residue of a simple pole: the mean of (z - centre) f(z) on a circle, real."""
    count = mp.mp.dps * 2
    points = [radius * mp.expjpi(mp.mpf(2 * k + 1) / count) for k in range(count)]
    return mp.re(mp.fsum(d * function(centre + d) for d in points) / count)


def _polynomial(n: int, b: Any, c: Any, z: Any) -> Any:
    """F(-n, b; c; z)."""
    return mp.fsum(mp.rf(-n, k) * mp.rf(b, k) / mp.rf(c, k) * z**k / mp.factorial(k)
                   for k in range(n + 1))


@dataclass(frozen=True)
class Pieces:
    """Constant (U, Δ) between edges, the first and the last to infinity or to a hard wall (g/f)."""

    edges: tuple[Any, ...]
    values: tuple[tuple[Any, Any], ...]
    walls: tuple[Any, Any]

    @classmethod
    def of(cls, problem: Problem) -> Pieces:
        """The pieces of a problem."""
        walls = problem.hard_walls
        low, high = (-mp.inf if walls[0] is None else walls[0].position,
                     mp.inf if walls[1] is None else walls[1].position)
        shapes = [problem.potential]
        if problem.mass_profile is not None:
            shapes.append(problem.mass_profile)
        edges = sorted({b for q in shapes for b in q.breakpoints if low < b < high})
        ends = [edges[0] - 1 if edges else 0, *edges, edges[-1] + 1 if edges else 1]
        inside = [(a + b) / 2 for a, b in itertools.pairwise([*ends])]
        if not edges:
            inside = [max(low, min(high, 0.0))]
        mass = (lambda x: problem.mass) if problem.mass_profile is None else problem.mass_profile
        values = tuple((mp.mpf(float(problem.potential(x))), mp.mpf(float(mass(x))))
                       for x in inside)
        hard = tuple(None if q is None else (mp.mpf(q.position), mp.mpf(q.R)) for q in walls)
        return cls(tuple(map(mp.mpf, edges)), values, hard)

    def piece(self, x: Any) -> int:
        """The piece that holds x."""
        return sum(x > b for b in self.edges)

    def vectors(self, E: Any, p: Any, x: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """(f_L, g_L) and (f_R, g_R) at x."""
        here, last = self.piece(x), len(self.values) - 1
        left = self._from(E, p, x, 0, range(here + 1))
        return left, self._from(E, p, x, 1, range(last, here - 1, -1))

    def _from(self, E: Any, p: Any, x: Any, side: int, way: range) -> tuple[Any, Any]:
        """The solution of one side, through some pieces up to x."""
        at = vector = None
        if self.walls[side] is not None:
            at, vector = self.walls[side][0], (mp.mpf(1), self.walls[side][1])
        for i in way:
            U, mass = self.values[i]
            end = x if i == way[-1] else self.edges[i] if side == 0 else self.edges[i - 1]
            if vector is None:
                at, vector = end, _decaying(E - U, mass, p, side)
            vector, at = _passed(vector, E - U, mass, p, end - at), end
        return vector

    def traces(self, E: Any, p: Any, x: Any) -> GreenTraces:
        """tr σ_yG and tr G; beyond a hard wall that of nothing."""
        (f, g), (F, G) = self.vectors(E, p, x)
        W = g * F - f * G
        return GreenTraces((f * G + g * F) / W, (f * F + g * G) / W)

    def local(self, E: Any, p: Any, x: Any) -> Any:
        """-p/κ, tr σ_yG of a space that is everywhere as at x: odd in p."""
        U, mass = self.values[self.piece(x)]
        return -p / kappa(E - U, mp.sqrt(mass**2 + p**2))

    def window(self, p: Any) -> tuple[Any, Any]:
        """The energies where no lead has states; of a ribbon those of no piece's bands."""
        ends = [self.values[i] for i, wall in zip((0, -1), self.walls, strict=True) if wall is None]
        reach = [(U, mp.sqrt(mass**2 + p**2)) for U, mass in ends or self.values]
        return max(U - M for U, M in reach), min(U + M for U, M in reach)

    def mismatch(self, E: Any, p: Any) -> Any:
        """f_Lg_R - g_Lf_R, where all pieces meet: real in the window, 0 at a level."""
        at = self.edges[len(self.edges) // 2] if self.edges else self._anywhere()
        (f, g), (F, G) = self.vectors(E, p, at)
        return mp.re(f * G - g * F)

    def _anywhere(self) -> Any:
        found = [wall[0] for wall in self.walls if wall is not None]
        return mp.fsum(found) / len(found) if found else mp.mpf(0)

    def levels(self, p: Any) -> list[Any]:
        """E of the levels in the window, by the mismatch's changes of sign."""
        if None not in self.walls:
            raise ValueError("problem must not end at two hard walls: a ribbon has levels without "
                             "end")
        low, high = self.window(p)
        if not low < high:
            return []
        angles = [mp.pi * (2 * k + 1) / (2 * LOOKS) for k in range(LOOKS)]
        energies = [(low + high) / 2 - (high - low) / 2 * mp.cos(a) for a in angles]
        values = [self.mismatch(E, p) for E in energies]
        return [
            mp.findroot(lambda E: self.mismatch(E, p), (a, b), solver="anderson", verify=False,
                        tol=mp.mpf(10) ** (-2 * mp.mp.dps + 10))
            for (a, at_a), (b, at_b) in itertools.pairwise(zip(energies, values, strict=True))
            if at_a * at_b < 0
        ]


def _decaying(e: Any, mass: Any, p: Any, side: int) -> tuple[Any, Any]:
    """(f, g) ~ e^{κx} on the left (0), e^{-κx} on the right; of two forms that which is never 0."""
    k = kappa(e, mp.sqrt(mass**2 + p**2)) * (1 if side == 0 else -1)
    if (p >= 0) == (side == 0):
        return p + k, e - mass
    return e + mass, p - k


def _passed(vector: tuple[Any, Any], e: Any, mass: Any, p: Any, d: Any) -> tuple[Any, Any]:
    """(f, g) a distance d further."""
    if d == 0:
        return vector
    f, g = vector
    k = kappa(e, mp.sqrt(mass**2 + p**2))
    cosh, sinh = mp.cosh(k * d), (mp.sinh(k * d) / k if k else d)
    return (cosh * f + sinh * (p * f - (e + mass) * g), cosh * g + sinh * ((e - mass) * f - p * g))
