"""Naive lattices of the anomalous current, and right ones summed wrongly.

One potential step in the gap (tanh, U from -Δ/2 to Δ/2, ε_F = 0, T = 0); right is SR Eq. (12),
J_y = -(e/2h)(U_R - U_L), which the staggered chain of `dirac1d` gives. All naive lattices are
written here, in the frame in which H is real,

    E u = (U + p_y + W_z) u + (Δ + W_x - D) v,    E v = (U - p_y - W_z) v + (Δ + W_x + D) u,

D the central difference on one grid, W = -(a/2) × second difference:
  * central difference (W_x = W_z = 0): a doubler of opposite current cancels everything;
  * Wilson mass (W_x = W): the doubler is heavy, not gone; its current is spread over |p_y| < 1/a;
  * one-sided differences of SR Eq. (2), forward above, adjoint below (W_z = W): the doubler
    moves to p_y = -2/a, and takes the current away once the sum over p_y gets there. (It breaks the
    symmetry in p_y: its vacuum carries a current and its response has a part ∝ aU², 1.6 % of J_y
    at a = 0.2. Half the difference of the steps U and -U has neither, and is what is shown.)
What a lattice gives from |p_y| < p_max is half the solid angle that its (mass, velocity, p_y)
covers, over π (`Lattice.winding`): every sum is checked against that, too.
Then two right lattices summed wrongly: a p_y sum that stops at p_max, and the current taken as
-∂ₓ of the weighted density of the whole Dirac sea.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh, eigh_tridiagonal
from tqdm import tqdm

import dirac1d as dd

PROBLEM = dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0), mass=1.0)
#: Walls, and the strip whose current is J_y: 6/Δ from the walls, beyond it 1e-5 of U' is left.
BOX, STRIP = 12.0, 6.0
#: Ends of the panels of the p_y sum; the last two hold the doublers of a = 0.1 and their tail.
PANELS = (0.0, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 18.0, 24.0, 40.0, 100.0, 300.0)
#: Gauss nodes per panel: 3 and 6 differ by 5e-5 of J_y (chain, Wilson), 6 and 12 by 1e-5
#: (one-sided).
NODES = 6
#: Panels of the forgotten tail.
TAIL_PANELS = (0.0, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0)
#: Points of the Brillouin zone: 1e-6 of the solid angle at a = 0.025.
ZONE_POINTS = 20_000


def winding(d_x: NDArray, d_y: NDArray, d_z: NDArray, p_max: float) -> float:
    """Solid angle of d(k) + p_y ẑ over the zone and |p_y| < p_max, over 2π: 1 in the continuum.

    The linear response J_y/J_y(exact); the integral over p_y is done, k is a closed loop.
    """
    e2 = d_x**2 + d_y**2
    turn = d_x * np.roll(d_y, -1) - d_y * np.roll(d_x, -1)
    x2, y2 = (np.roll(d, -1) for d in (d_x, d_y))
    # The angle between neighbouring k, exactly; the rest of the integrand is their mean.
    angle = np.arctan2(turn, d_x * x2 + d_y * y2)
    inner = sum((p_max + s * d_z) / np.sqrt(e2 + (p_max + s * d_z) ** 2) for s in (1, -1))
    return float(np.sum(angle * (inner + np.roll(inner, -1)) / 2) / (2 * np.pi))


@dataclass(frozen=True)
class Naive:
    """A lattice with both components on one grid."""

    name: str
    spacing: float
    wilson_x: float = 0.0
    wilson_z: float = 0.0

    def sites(self) -> NDArray:
        """Positions of the cells."""
        n = round(BOX / self.spacing)
        return np.arange(-n, n + 1) * self.spacing

    def blocks(self) -> tuple[NDArray, NDArray]:
        """On-site block U ± (p_y + W_z) less p_y: (U, W_z), and Δ + W_x - D."""
        n, a = len(self.sites()), self.spacing
        D = (np.eye(n, k=1) - np.eye(n, k=-1)) / (2 * a)
        W = (np.eye(n) - (np.eye(n, k=1) + np.eye(n, k=-1)) / 2) / a
        return self.wilson_z * W, PROBLEM.mass * np.eye(n) + self.wilson_x * W - D

    def winding(self, p_max: float) -> float:
        """Its solid angle, over 2π."""
        ka = np.linspace(-np.pi, np.pi, ZONE_POINTS, endpoint=False)
        wilson = (1 - np.cos(ka)) / self.spacing
        return winding(
            PROBLEM.mass + self.wilson_x * wilson, np.sin(ka) / self.spacing,
            self.wilson_z * wilson, p_max,
        )

    def current(self, p_y: float) -> NDArray:
        """Σ_occ (u² - v²)/a on the sites at p_y: j_y(x) before ∫dp_y/2π."""
        U = PROBLEM.potential(self.sites())
        if self.wilson_z:
            return (self.occupied(p_y, U) - self.occupied(p_y, -U)) / 2
        return self.occupied(p_y, U)

    def occupied(self, p_y: float, U: NDArray) -> NDArray:
        """The same for the potential U at the sites."""
        n, U = len(U), np.diag(U)
        W_z, coupling = self.blocks()
        upper = np.hstack((U + W_z + p_y * np.eye(n), coupling))
        lower = np.hstack((coupling.T, U - W_z - p_y * np.eye(n)))
        energies, vectors = eigh(np.vstack((upper, lower)), check_finite=False)
        weight = np.sum(vectors[:, energies < PROBLEM.fermi_energy] ** 2, axis=1)
        return (weight[:n] - weight[n:]) / self.spacing


@dataclass(frozen=True)
class Staggered:
    """The chain of dirac1d, u and v half a spacing apart."""

    name: str
    spacing: float

    def chain(self) -> dd.Chain:
        """The chain between the walls."""
        return dd.uniform_chain(PROBLEM, self.spacing, (-BOX, BOX))

    def sites(self) -> NDArray:
        """Positions of both sublattices."""
        return self.chain().x

    def winding(self, p_max: float) -> float:
        """Its solid angle, over 2π."""
        # One lap is k from -2π/a to 2π/a: the chain's zone is half of it.
        half = np.linspace(-np.pi, np.pi, ZONE_POINTS, endpoint=False)
        d_x, d_y = PROBLEM.mass * np.cos(half), 2 / self.spacing * np.sin(half)
        return winding(d_x, d_y, np.zeros(ZONE_POINTS), p_max) / 2

    def current(self, p_y: float) -> NDArray:
        """Σ_occ ±|vector|² per length on the sites, + on A and - on B."""
        chain = self.chain()
        energies, vectors = eigh_tridiagonal(chain.diagonal(p_y), chain.hoppings)
        weight = np.sum(vectors[:, energies < PROBLEM.fermi_energy] ** 2, axis=1)
        return chain.sublattice * weight / (self.spacing / 2)


Lattice = Naive | Staggered


@dataclass(frozen=True)
class Sum:
    """j_y(x) of a lattice from |p_y| < p_max, for each p_max of `cuts`."""

    lattice: Lattice
    cuts: NDArray
    profiles: NDArray

    def totals(self) -> NDArray:
        """∫ j_y dx over the strip for each cut, trapezoidal: the ends of the strip are halved."""
        x = self.lattice.sites()
        step = x[1] - x[0]
        weight = np.clip((STRIP - np.abs(x)) / step + 0.5, 0.0, 1.0)
        return self.profiles @ weight * step

    def windings(self) -> NDArray:
        """What the totals must be, over J_y: the lattice's solid angle below each cut."""
        return np.array([self.lattice.winding(p) for p in self.cuts])


def sum_momenta(lattice: Lattice, panels: tuple[float, ...], nodes: int = NODES) -> Sum:
    """∫_{|p_y| < p_max} dp_y/2π, p_max at each panel's end."""
    t, w = np.polynomial.legendre.leggauss(nodes)
    profiles, total = [], np.zeros(len(lattice.sites()))
    ends = list(itertools.pairwise(panels))
    for lo, hi in tqdm(ends, desc=lattice.name, disable=None, leave=False):
        for p, weight in zip(lo + (hi - lo) * (t + 1) / 2, w * (hi - lo) / 2, strict=True):
            total = total + weight / (2 * np.pi) * (lattice.current(p) + lattice.current(-p))
        profiles.append(total)
    return Sum(lattice, np.array(panels[1:]), np.array(profiles))


def panels_of(lattice: Lattice) -> tuple[float, ...]:
    """PANELS, divided around the doubler of the one-sided lattice, of width Δ at p_y = 2/a."""
    if isinstance(lattice, Staggered) or not lattice.wilson_z:
        return PANELS
    doubler = 2 / lattice.spacing
    return tuple(sorted({*PANELS, doubler - 2, doubler - 1, doubler, doubler + 1, doubler + 2}))


@dataclass(frozen=True)
class Anomaly:
    """At p_y = 0, all states with e_min < ε < ε_F: two expressions for their current in a strip."""

    e_min: NDArray
    summed: NDArray
    from_density: NDArray

    def at(self, e_min: float) -> tuple[float, float]:
        """Both for the window from e_min to ε_F."""
        i = int(np.searchsorted(self.e_min, e_min))
        return float(self.summed[i]), float(self.from_density[i])


def anomaly(spacing: float) -> Anomaly:
    """Σ 2fg against -[Δ/(2M²) ψ†ψ] between the ends of the strip (SR Eq. 8), state by state."""
    chain = dd.uniform_chain(PROBLEM, spacing, (-BOX, BOX))
    energies, vectors = eigh_tridiagonal(chain.diagonal(0.0), chain.hoppings)
    density = vectors[:, energies < PROBLEM.fermi_energy] ** 2
    occupied = energies[energies < PROBLEM.fermi_energy]
    weight = np.clip((STRIP - np.abs(chain.x)) / (spacing / 2) + 0.5, 0.0, 1.0)
    currents = (weight * chain.sublattice) @ density
    # ψ†ψ = (u² + v²)/a at the end: half of its own site and a quarter of each neighbour, doubled.
    ends = []
    for end in (-STRIP, STRIP):
        i = int(np.argmin(np.abs(chain.x - end)))
        near = density[i - 1 : i + 2]
        ends.append((near[0] / 2 + near[1] + near[2] / 2) / spacing)
    differences = -(ends[1] - ends[0]) / (2 * PROBLEM.mass)
    # Cumulated from ε_F downwards: entry i holds all states from energy i upwards.
    return Anomaly(
        occupied, np.cumsum(currents[::-1])[::-1], np.cumsum(differences[::-1])[::-1]
    )


def sums(quick: bool) -> dict[str, Sum]:
    """The right chain and the three naive lattices, by name."""
    a = 0.2 if quick else 0.1
    lattices = (
        Staggered("staggered chain", 0.1),
        Naive("central difference", a),
        Naive("Wilson mass", a, wilson_x=1.0),
        Naive("one-sided differences", a, wilson_z=1.0),
    )
    nodes = NODES // 2 if quick else NODES
    return {s.name: sum_momenta(s, panels_of(s), nodes) for s in lattices}


def tail(spacing: float) -> Sum:
    """The right chain, its sum over p_y stopped early."""
    return sum_momenta(Staggered(f"chain, a = {spacing}", spacing), TAIL_PANELS)
