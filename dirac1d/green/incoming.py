r"""A wave that comes in from the left: marched through what it meets, up to its amplitudes.

In the chiral amplitudes u = f + ig, v = f - ig of ψ = (f, ig) the current along x is
ψ†σ_xψ = (|u|² - |v|²)/2, and with N = Δ - ip

.. math:: u' = i(E'u - \bar N v), \qquad v' = i(Nu - E'v), \qquad E' = E - U .

In a flat lead the waves that move, or decay, to the right and to the left are

.. math:: (1, s)\,e^{-κx}, \quad (\bar s, 1)\,e^{κx}, \qquad s = N/Z, \quad \bar s = \bar N/Z,

Z = E' + iκ, κ² = Δ² + p² - E'². The solution behind everything is followed from the right by its
s_R = v/u (bounded by 1, no poles), from a lead or from the value that a hard wall gives it, and by
the phase of u, u' = i(E' - N̄ s_R) u. Where Δ is a number the rotation of SR Eq. (6) has made it M
and p zero; then N = N̄ = M.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.green.integrate.sums import Unresolved
from dirac1d.green.settings import Limits, Start
from dirac1d.green.sources.step import riccati
from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.green.sources.step.mesh import Mesh, build_mesh
from dirac1d.green.sources.wall import solution as walls
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.numerics.quadrature import differentiation_matrix, legendre_analysis

#: Part of |U| to which the scattering problem is solved: the current must be conserved to 1e-12.
ACCURACY = 1e-14
#: Part of U' and Δ' that a panel may miss: what sampled functions carry.
SLOPE = 1e-13
#: Legendre coefficients of s_R and ln u beyond which a panel is halved: a thousand panels add up.
RESOLUTION = 1e-14
#: Rounding of the phase that is run through on a panel.
ROUNDING = 1e-15
#: Lobatto nodes per panel: the most for which differentiation still keeps 13 digits.
NODES = 17
#: Phase over a panel below which NODES nodes leave nothing but rounding: no need to halve it.
SMALLEST_PHASE = 0.5
#: A wave feels U' on panels of any width in full.
EVERY_LENGTH = 1e-300
#: Halvings of the mesh.
MAX_ROUNDS = 40


@dataclass(frozen=True, eq=False)
class Seen:
    """A shape as a wave from the left sees it: mirrored if it comes from the right (`sign` -1).

    It ends at a hard wall, at `end`.
    """

    original: Any
    sign: int
    end: float = np.inf

    @property
    def left(self) -> float:
        """The value in the lead that the wave comes from."""
        return float(self.original.left if self.sign > 0 else self.original.right)

    @property
    def right(self) -> float:
        """That in the other lead, or at the wall."""
        if np.isfinite(self.end):
            return self.limits(self.end)[0]
        return float(self.original.right if self.sign > 0 else self.original.left)

    @property
    def length_scale(self) -> float:
        """As of the shape."""
        return float(self.original.length_scale)

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Those before the wall, and the wall."""
        inner = sorted(b for b in self._turned("breakpoints") if b < self.end)
        return (*inner, self.end) if np.isfinite(self.end) else tuple(inner)

    @property
    def landmarks(self) -> tuple[float, ...]:
        """Those before the wall, and positions at doubling distances from them.

        What is left of narrow structure beyond its landmarks a wave of 14 digits feels: panels grow
        with their distance from it.
        """
        marks = np.unique([b for b in self._turned("landmarks") if b < self.end])
        if len(marks) < 2:
            return tuple(marks)
        a, b = self.support(ACCURACY * (max(abs(self.left), abs(self.right)) or 1.0))
        gaps = np.diff(np.concatenate(([min(2 * a - b, a)], marks, [2 * b - a])))
        found = [marks]
        for i, mark in enumerate(marks):
            near = min(gaps[1:-1][max(i - 1, 0) : i + 1])
            for sign, room in ((-1, gaps[i]), (1, gaps[i + 1])):
                distance = near * 2.0 ** np.arange(max(np.ceil(np.log2(room / near)), 0))
                found.append(mark + sign * distance[distance <= room / 2])
        every = np.unique(np.concatenate(found))
        return tuple(every[every < self.end])

    def _turned(self, name: str) -> list[float]:
        return [self.sign * b for b in getattr(self.original, name, ())]

    def __call__(self, x: ArrayLike) -> NDArray:
        """The shape's value; beyond a wall nobody asks."""
        return self.original(self.sign * np.asarray(x, dtype=float))

    def limits(self, x: float) -> tuple[float, float]:
        """On both sides; beyond a wall as before it."""
        below, above = self.original.limits(self.sign * x)[:: self.sign]
        return float(below), float(below if x >= self.end else above)

    def derivative(self, x: ArrayLike) -> NDArray:
        """Of the shape."""
        return self.sign * self.original.derivative(self.sign * np.asarray(x, dtype=float))

    def support(self, tolerance: float) -> tuple[float, float]:
        """Up to the wall at most."""
        a, b = sorted(self.sign * q for q in self.original.support(tolerance))
        return min(a, self.end), min(b, self.end)


@dataclass(frozen=True, eq=False)
class Lead:
    """A flat end: what (1, s) and (s̄, 1) are there, κ, and whether waves run in it."""

    s: complex
    other: complex
    kappa: complex
    open: bool

    @classmethod
    def of(cls, E_prime: float, mass: float, p: float) -> Lead:
        """The lead of E - U, Δ and p."""
        gap = float(np.hypot(mass, p))
        kappa = complex(decay_rate(np.array([E_prime + 0j]), np.array([gap + 0j]))[0])
        # Where E' = Δ = p = 0 nothing runs, and nothing is reflected.
        Z = E_prime + 1j * kappa or 1.0
        return cls((mass - 1j * p) / Z, (mass + 1j * p) / Z, kappa, abs(E_prime) > gap)

    @property
    def flux(self) -> float:
        """√ of the current of (1, s)."""
        return float(np.sqrt(max(1 - abs(self.s) ** 2, 0.0) / 2))

    def parts(self, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray]:
        """A and B of (u, v) = A (1, s) + B (s̄, 1)."""
        determinant = 1 - self.s * self.other
        return (u - self.other * v) / determinant, (v - self.s * u) / determinant


@dataclass(frozen=True, eq=False)
class Medium:
    """What a wave from the left meets: U(x), Δ(x) (a number or a shape), p, and a hard wall's g/f.

    Where it ends at a wall, U and a mass that is a shape are `Seen` up to there.
    """

    potential: Any
    mass: Any
    p: float
    wall: float | None = None

    def leads(self, E: float) -> tuple[Lead, Lead | None]:
        """The lead it comes from, and the one behind; None beyond a wall."""
        U, mass = self.potential, self.mass
        ends = (mass, mass) if isinstance(mass, float) else (mass.left, mass.right)
        first = Lead.of(E - U.left, ends[0], self.p)
        return first, None if self.wall is not None else Lead.of(E - U.right, ends[1], self.p)

    def mesh(self, E: float) -> Mesh | WallMesh:
        """Panels that resolve U' and Δ', and a little of both leads."""
        fixed = isinstance(self.mass, float)
        shapes = [self.potential] if fixed else [self.potential, self.mass]
        ends = [abs(q) for s in shapes for q in (s.left, s.right)]
        masses = [self.mass] if fixed else ends[2:]
        size = max(*ends, *masses, abs(E), abs(self.p))
        unit = max(*masses, abs(self.p)) or size
        spans = [q.support(ACCURACY * size) for q in shapes]
        low, high = min(a for a, _ in spans), max(b for _, b in spans)
        end = getattr(self.potential, "end", np.inf)
        strip = min(low, end) - 1 / unit, min(high + 1 / unit, end)
        made = [
            build_mesh(
                shape, {}, strip, nodes=NODES, support_tolerance=ACCURACY * size,
                slope_tolerance=SLOPE * size * unit, kinks=[], length=EVERY_LENGTH,
                limits=Limits(),
            )
            for shape in shapes
        ]
        if fixed:
            return made[0]
        line, mass = made
        return WallMesh(line.cut(mass.edges), mass.cut(line.edges), (None, self.wall))

    def march(self, mesh: Mesh | WallMesh, E: float) -> tuple[NDArray, NDArray]:
        """s_R and N̄ at the nodes, shape (P, n), or `Unresolved` with the panels to halve."""
        energies = np.array([E + 0j])
        if isinstance(mesh, WallMesh):
            found = walls.solve(mesh, energies, np.array([self.p + 0j]), ACCURACY, Start())
            s, failed = (found.base_right + found.right)[:, :, 0].T, found.failed
            other = mesh.mass.U + 1j * self.p
        else:
            plain = riccati.solve(mesh, energies, np.array([self.mass + 0j]), ACCURACY)
            s, failed = plain.s_right(slice(0, len(mesh.flat)))[:, :, 0].T, plain.unconverged
            other = np.full(mesh.U.shape, self.mass + 0j)
        if np.any(failed):
            raise Unresolved(failed)
        return s, other


@dataclass(frozen=True, eq=False)
class Incoming:
    """s_R and ln u as Legendre series on panels, of a wave that comes from the left."""

    mesh: Mesh | WallMesh
    s: NDArray
    log_u: NDArray
    lead: Lead
    behind: Lead | None

    def chiral(self, x: NDArray) -> tuple[NDArray, NDArray]:
        """u and v at positions."""
        mesh, P = self.mesh, len(self.mesh.widths)
        panel = np.clip(np.searchsorted(mesh.edges, x, side="right") - 1, 0, P - 1)
        t = np.clip(2 * (x - mesh.edges[panel]) / mesh.widths[panel] - 1, -1, 1)
        s = np.polynomial.legendre.legval(t, self.s[panel].T, tensor=False)
        u = np.exp(np.polynomial.legendre.legval(t, self.log_u[panel].T, tensor=False))
        return self._continue(x, u, s * u)

    def _continue(self, x: NDArray, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray]:
        """Plane waves in both leads, outside of the mesh; nothing beyond a wall."""
        first, last, lead = self.mesh.edges[0], self.mesh.edges[-1], self.lead
        out: NDArray = np.where(x > last, 0.0, 1.0)
        if self.behind is not None:
            out = np.exp(-self.behind.kappa * np.maximum(x - last, 0))
        right, left = lead.parts(u, v)
        d = np.minimum(x - first, 0)
        right, left = right * np.exp(-lead.kappa * d), left * np.exp(lead.kappa * d)
        outside = x < first
        u = np.where(outside, right + lead.other * left, u * out)
        v = np.where(outside, lead.s * right + left, v * out)
        return u, v


def incoming(medium: Medium, E: float) -> tuple[Incoming, complex, complex]:
    """The wave of unit incoming current, and its reflection and transmission amplitudes."""
    mesh = medium.mesh(E)
    analysis = legendre_analysis(NODES).T
    for _ in range(MAX_ROUNDS):
        try:
            s, other = medium.march(mesh, E)
        except Unresolved as failure:
            mesh = mesh.split(failure.places)
            continue
        gained = _phase(mesh, E, s, other)
        series, log_u = s @ analysis, gained @ analysis
        tail = np.maximum(*(np.max(np.abs(c[:, -2:]), axis=1) for c in (series, log_u)))
        bad = tail > RESOLUTION + ROUNDING * np.max(np.abs(gained), axis=1)
        largest = np.max(np.abs(E - mesh.U), axis=1) + np.max(np.abs(other), axis=1)
        bad &= mesh.widths * largest > SMALLEST_PHASE
        if not np.any(bad):
            break
        mesh = mesh.split(bad)
    else:
        raise RuntimeError("no mesh resolves the scattering state")
    log_u[1:, 0] += np.cumsum(gained[:-1, -1])
    return _normalised(Incoming(mesh, series, log_u, *medium.leads(E)))


def _phase(mesh: Mesh | WallMesh, E: float, s: NDArray, other: NDArray) -> NDArray:
    """ln u at the nodes, 0 at the left end of each panel: (ln u)' = i(E' - N̄s) integrated."""
    slope = 1j * (E - mesh.U - other * s) * mesh.widths[:, None] / 2
    D = differentiation_matrix(NODES)
    gained = np.zeros_like(s)
    gained[:, 1:] = slope[:, 1:] @ np.linalg.inv(D[1:, 1:]).T
    return gained


def _normalised(wave: Incoming) -> tuple[Incoming, complex, complex]:
    """Scaled to unit incoming current; the amplitudes' phases are those at x = 0 of e^{∓κx}."""
    first, last, lead = wave.mesh.edges[0], wave.mesh.edges[-1], wave.lead
    into, back = (complex(q[0]) for q in lead.parts(*wave.chiral(np.array([first]))))
    log_scale = -np.log(into * lead.flux)
    reflection = back / into * np.exp(-2 * lead.kappa * first)
    scaled = replace(wave, log_u=wave.log_u + log_scale * (np.arange(NODES) == 0))
    transmission = 0.0 + 0.0j
    if wave.behind is not None and wave.behind.open:
        u = complex(scaled.chiral(np.array([last]))[0][0])
        transmission = u * wave.behind.flux * np.exp(wave.behind.kappa * last)
        transmission *= np.exp(-lead.kappa * first)
    return scaled, complex(reflection), complex(transmission)
