"""One period of the doubling-free chain, closed with a twist: Bloch states, and their sums.

The Rice–Mele chain of `dirac1d.states.chain` over one period, its closing bond times e^{iφ}: the
twist φ is Bloch momentum times period, and the sum over φ makes the system infinite. Here are the
ring, and the rules in φ and p_y.

With ε_F in a gap, or T > 0, equidistant twists converge exponentially. In a band at T = 0 the
occupations jump: along p_y where a level crosses ε_F, and the integral over p_y has a square root
in φ where that happens at p_y = 0 or at two momenta that merge. All are found and made ends of
Gauss panels.
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

#: Distance of a band edge from ε_F, over what the coarsest spacing does to it, that is close.
CLOSE = 4.0
#: To which a twist is found at which two momenta merge.
FOUND_TO = 1e-11

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


@dataclass(frozen=True)
class BandEdge:
    """A level at p_y = 0 and a twist 0 or π, counted from the middle of the ring's levels."""

    offset: int
    twist: float

    def energy(self, ring: Ring) -> float:
        """Its energy on a ring."""
        return ring.level(ring.cells + self.offset, 0.0, self.twist)


def near_band_edge(ring: Ring, finer: Ring) -> BandEdge | None:
    """The band edge that a finer spacing carries to the other side of ε_F, or close to it.

    An integral over occupied states is no smooth function of the spacing there: one or two pieces
    of the Fermi line appear. `finer` is the ring with half the spacing.
    """
    fermi, best, found = ring.problem.fermi_energy, CLOSE, None
    for twist in (0.0, np.pi):
        phi = np.array([twist])
        coarse, fine = (np.linalg.eigvalsh(r.matrices(0.0, phi))[0] for r in (ring, finer))
        fine = fine[finer.cells - ring.cells :][: len(coarse)]
        change = (fine - coarse) * 4 / 3
        distance = np.abs(coarse + change - fermi) / np.maximum(np.abs(change), 1e-300)
        # Levels that no lattice resolves are far from ε_F.
        nearest = int(np.argmin(np.where(np.abs(coarse - fermi) < ring.energy, distance, np.inf)))
        if distance[nearest] < best:
            best, found = float(distance[nearest]), BandEdge(nearest - ring.cells, twist)
    return found


def equidistant_twists(order: int) -> tuple[NDArray, NDArray]:
    """Twists in (0, π), and weights of their mean: the trapezoidal rule on the circle."""
    return np.pi * (np.arange(order) + 0.5) / order, np.full(order, 1 / order)


@dataclass(frozen=True)
class TwistGroup:
    """Twists in (0, π), weights of their mean, and the momenta at which levels cross ε_F."""

    twists: NDArray
    weights: NDArray
    breaks: tuple[float, ...]


def twist_groups(
    ring: Ring, order: int, ends: list[float], settings: Settings = DEFAULT
) -> list[TwistGroup]:
    """Gauss rules between `ends`, the ring's `singular_twists`; none if there are no such."""
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


def singular_twists(ring: Ring, settings: Settings = DEFAULT) -> list[float]:
    """Twists from 0 to π between which the momenta of levels at ε_F are smooth.

    None if no level crosses ε_F, or T > 0: equidistant twists converge exponentially then.

    A level crosses ε_F at p_y = 0 there; or at two momenta that are one there, as it first falls
    and then rises with p_y: at U of both signs about ε_F states are a band of either side's.
    """
    problem = ring.problem
    if problem.temperature > 0 or problem.regime == "insulating":  # |ε_F - U| < |Δ| everywhere
        return []
    ends = [0.0, *_roots(ring), np.pi]
    found, any_level = list(ends), len(ends) > 2
    for a, b in pairwise(ends):
        part = (np.arange(settings.start.twists_looked_at) + 0.5) / settings.start.twists_looked_at
        looked_at = (a + (b - a) * part).tolist()
        counts = [len(_breaks(ring, twist, settings)) for twist in looked_at]
        any_level |= any(counts)
        for i, (n, other) in enumerate(pairwise(counts)):
            if n != other:
                found.append(_change(ring, *looked_at[i : i + 2], n, settings))
    return sorted(found) if any_level else []


def _roots(ring: Ring) -> list[float]:
    """Twists at which a level crosses ε_F at p_y = 0; bands are monotonic in (0, π)."""
    fermi = ring.problem.fermi_energy
    first, last = np.linalg.eigvalsh(ring.matrices(0.0, np.array([0.0, np.pi]))) - fermi
    return sorted(
        brentq(lambda f, i=i: ring.level(i, 0.0, f) - fermi, 0.0, np.pi)
        for i in np.flatnonzero(first * last < 0).tolist()
    )


def _change(ring: Ring, a: float, b: float, count: int, settings: Settings) -> float:
    """The twist between a, with `count` momenta at ε_F, and b, where that number changes."""
    while b - a > FOUND_TO:
        middle = (a + b) / 2
        if len(_breaks(ring, middle, settings)) == count:
            a = middle
        else:
            b = middle
    return (a + b) / 2


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
