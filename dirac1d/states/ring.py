"""One period of the doubling-free chain, closed with a twist: Bloch states, and their sums.

The Rice–Mele chain of `dirac1d.states.chain` over one period, its closing bond times e^{iφ}: the
twist φ is Bloch momentum times period, and the sum over φ makes the system infinite. Here are the
ring, and the rules in φ and p_y.

With ε_F in a gap, or T > 0, equidistant twists converge exponentially. In a band at T = 0 the
occupations jump: along p_y where a level crosses ε_F, and the integral over p_y has a square root
in φ where that happens at p_y = 0. Both are found and made ends of Gauss panels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy.optimize import brentq

from dirac1d.problem import Problem
from dirac1d.states.settings import DEFAULT, Settings


@dataclass(frozen=True)
class Ring:
    """One period of the chain: n cells of an A and a B site, half a spacing apart."""

    problem: Problem
    cells: int

    @cached_property
    def energy(self) -> float:
        """The largest of |Δ| and |ε_F - U|."""
        U = self.problem.potential(self.problem.potential.period * np.arange(256) / 256)
        return max(abs(self.problem.mass), float(np.max(np.abs(self.problem.fermi_energy - U))))

    @property
    def spacing(self) -> float:
        """The distance a between neighbouring A sites."""
        return self.problem.potential.period / self.cells

    @property
    def x(self) -> NDArray:
        """Positions of the 2n sites, A and B in turn."""
        return np.arange(2 * self.cells) * (self.spacing / 2)

    @property
    def sublattice(self) -> NDArray:
        """+1 on A, -1 on B."""
        return np.where(np.arange(2 * self.cells) % 2 == 0, 1.0, -1.0)

    @property
    def hoppings(self) -> NDArray:
        """Δ/2 ∓ 1/a from site i to i + 1; the last one closes the ring."""
        return self.problem.mass / 2 - self.sublattice / self.spacing

    def matrices(self, p_y: float, twists: NDArray) -> NDArray:
        """The Hermitian matrices at p_y for some twists, shape (twists, 2n, 2n)."""
        N = 2 * self.cells
        i = np.arange(N - 1)
        H = np.zeros((len(twists), N, N), complex)
        H[:, range(N), range(N)] = self.problem.potential(self.x) + self.sublattice * p_y
        H[:, i, i + 1] = H[:, i + 1, i] = self.hoppings[:-1]
        H[:, N - 1, 0] += self.hoppings[-1] * np.exp(1j * twists)
        H[:, 0, N - 1] += self.hoppings[-1] * np.exp(-1j * twists)
        return H

    def level(self, index: int, p_y: float, twist: float) -> float:
        """The energy of one level."""
        return float(np.linalg.eigvalsh(self.matrices(p_y, np.array([twist])))[0, index])

    def density(self, p_y: float, twists: NDArray, weights: NDArray) -> NDArray:
        """Σ_φ weight · Σ_i n_F(ε_i) |vector_i|² on the sites, for ±p_y together."""
        T, fermi = self.problem.temperature, self.problem.fermi_energy
        total = np.zeros(2 * self.cells)
        for p in (p_y, -p_y):
            energies, vectors = np.linalg.eigh(self.matrices(p, twists))
            s = energies - fermi
            occupation = (s < 0) + 0.5 * (s == 0) if T == 0 else 0.5 * (1 - np.tanh(s / (2 * T)))
            size = vectors.real**2 + vectors.imag**2
            total += np.einsum("k,ksi,ki->s", weights, size, occupation, optimize=True)
        return total


def equidistant_twists(order: int) -> tuple[NDArray, NDArray]:
    """Twists in (0, π), and weights of their mean: the trapezoidal rule on the circle."""
    return np.pi * (np.arange(order) + 0.5) / order, np.full(order, 1 / order)


@dataclass(frozen=True)
class TwistGroup:
    """Twists in (0, π), weights of their mean, and the momenta at which levels cross ε_F."""

    twists: NDArray
    weights: NDArray
    breaks: tuple[float, ...]


def twist_groups(ring: Ring, order: int, settings: Settings = DEFAULT) -> list[TwistGroup]:
    """Gauss rules between the twists at which the integral over p_y has a square root.

    Empty if no level crosses ε_F, or T > 0: equidistant twists converge exponentially then.
    """
    problem = ring.problem
    if problem.temperature > 0:
        return []
    levels = _crossing_levels(ring, settings.start.twists_looked_at)
    if not levels:
        return []
    ends = [0.0, *sorted(_roots(ring, levels)), np.pi]
    t, w = leggauss(2 * order + 2)
    groups = []
    for a, b in pairwise(ends):
        theta = np.pi / 4 * (t + 1)
        phi = a + (b - a) * np.sin(theta) ** 2
        weight = np.pi / 4 * w * (b - a) * np.sin(2 * theta) / np.pi
        groups += [
            TwistGroup(np.array([f]), np.array([v]), _breaks(ring, float(f), settings))
            for f, v in zip(phi, weight, strict=True)
        ]
    return groups


def _crossing_levels(ring: Ring, looked_at: int) -> list[int]:
    """Levels that lie on the other side of ε_F at p_y = 0 than at p_y = ∞, for some twist.

    Levels of the lower half fall, those of the upper half rise as p_y grows.
    """
    energies = np.linalg.eigvalsh(ring.matrices(0.0, np.linspace(0, np.pi, looked_at)))
    below = energies < ring.problem.fermi_energy
    lower = np.arange(2 * ring.cells) < ring.cells
    crossing = np.where(lower, ~np.all(below, axis=0), np.any(below, axis=0))
    return np.flatnonzero(crossing).tolist()


def _roots(ring: Ring, levels: list[int]) -> list[float]:
    """Twists at which a level crosses ε_F at p_y = 0; bands are monotonic in (0, π)."""
    fermi, found = ring.problem.fermi_energy, []
    for i in levels:
        ends = [ring.level(i, 0.0, phi) - fermi for phi in (0.0, np.pi)]
        if ends[0] * ends[1] < 0:
            found.append(brentq(lambda f, i=i: ring.level(i, 0.0, f) - fermi, 0.0, np.pi))
    return found


def _breaks(ring: Ring, twist: float, settings: Settings) -> tuple[float, ...]:
    """Momenta p_y > 0 at which levels cross ε_F."""
    # (H₀ - ε_F + p_y σ) ψ = 0: all crossings at once, as real eigenvalues of -σ(H₀ - ε_F). They
    # come in pairs ±p_y.
    H = ring.matrices(0.0, np.array([twist]))[0]
    H -= ring.problem.fermi_energy * np.eye(len(H))
    p = np.linalg.eigvals(-ring.sublattice[:, None] * H)
    real = p.real[(np.abs(p.imag) < settings.claim.real / ring.spacing) & (p.real > 0)]
    # No level crosses ε_F where p_y exceeds every |ε_F - U|.
    return tuple(sorted(real[real < ring.energy].tolist()))


def momentum_tail_on(ring: Ring, largest: float) -> NDArray:
    """What lies beyond the momentum rule: `dirac1d.states.momenta.momentum_tail` on a ring."""
    U = ring.problem.potential(ring.x)
    flow = ring.hoppings**2 * (np.roll(U, -1) - U)
    return (flow - np.roll(flow, 1)) / (4 * largest**2)
