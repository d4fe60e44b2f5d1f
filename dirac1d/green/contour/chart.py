"""What a chart is, what it needs to know of a problem, and how sides of cells are cut."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Cell

#: d/T: the sum over frequencies is the integral to exp(-32) = 1e-14 where p is so large that ω can
#: move by d before it meets a state.
ALIASING = 32.0
#: Frequencies summed at low temperatures, where the rest is an integral: the Euler-Maclaurin terms
#: between both go as powers of 1/64.
LOW_COUNT = 64
#: Part of a divided side's nodes that each piece gets.
OF_NODES = 0.6
#: Octaves of a grading: more than any ratio of scales that double precision resolves.
OCTAVES = np.arange(40.0)
#: All of a side.
WHOLE = (0.0, 1.0)

#: (path, u, v) → ω, p and the Jacobian (where a chart sums, u is ω and the Jacobian that of p).
Map = Callable[[Any, NDArray, NDArray], tuple[NDArray, NDArray, NDArray]]
#: (path, side) → a width in the other parameter.
Width = Callable[[Any, tuple[float, float]], float]


@dataclass(frozen=True)
class Chart:
    """(ω, p) as functions of two parameters in [0, 1], and what is known of the integrand there.

    Attributes
    ----------
    name : str
    map : callable
    even : (bool, bool)
        Whether the integrand is even about the lower end of u and v.
    angle : bool
        Whether v is an angle about both ends of which the integrand is even.
    sums : bool
        Whether u counts Matsubara frequencies.
    joins : bool
        Whether an integral goes on where its sum ends.
    rows : bool
        Whether v runs along the whole path of p, with nodes of its own at every ω; u is ω then.
    fixed : (bool, bool)
        Sides along which nothing is integrated.
    resonant : int, optional
        The side along which p stays real.
    towards : callable, optional
        (path, places) → the parameter of side `toward` at which cells are to end, towards states
        at real energies: places are momenta on a strip, or energies about a corner.
    toward : int
    beyond : callable, optional
        (path, momenta) → u at so large distances from the pivot.
    fine : (callable or None, callable or None)
        (path, a cell's other side) → the width about u = 0, about v = 0, on which it has structure.
    """

    name: str
    map: Map
    even: tuple[bool, bool] = (False, False)
    angle: bool = False
    sums: bool = False
    joins: bool = False
    rows: bool = False
    fixed: tuple[bool, bool] = (False, False)
    resonant: int | None = None
    towards: Callable[[Any, NDArray], NDArray] | None = None
    toward: int = 0
    beyond: Callable[[Any, NDArray], NDArray] | None = None
    fine: tuple[Width | None, Width | None] = (None, None)


@dataclass(frozen=True)
class Surroundings:
    """What the charts need to know of a problem.

    Attributes
    ----------
    mass, fermi_energy, temperature : float
    edge : float
        e, the largest |ε_F - U|.
    reach : float
        The longest way of a wave from where it is made to where it is seen: e^{-2ωd/v}.
    unit : float
        The scale |Δ| where Δ varies and the charts' M is p itself: there `mass` is 0. Or the one
        that takes its place where |Δ| is far below all others.
    seen, phase : float
        The largest real momentum with which a wave reaches the positions asked for, and the phase
        of one that crosses them there and back; inf where that is not known.
    """

    mass: float
    fermi_energy: float
    temperature: float
    edge: float
    reach: float = 0.0
    unit: float = 0.0
    seen: float = np.inf
    phase: float = np.inf

    @property
    def gap(self) -> float:
        """The scale |Δ|."""
        return self.unit or abs(self.mass)

    @property
    def step(self) -> float:
        """2πT, between neighbouring frequencies."""
        return 2 * np.pi * self.temperature

    @property
    def largest_momentum(self) -> float:
        """√(e² - Δ²), the largest local Fermi momentum; 0 where there is none."""
        return float(np.sqrt(max(self.edge**2 - self.mass**2, 0.0)))

    @property
    def safe(self) -> float:
        """The energy beyond which no state is near: H lies between those of constant U."""
        return self.edge + ALIASING * self.temperature

    @property
    def cut(self) -> float:
        """p_c, beyond which sums over frequencies are integrals."""
        gap = abs(self.mass)
        return float(np.sqrt(max((self.safe - gap) * (self.safe + gap), 0.0)))


class Path(Protocol):
    """A path of p in the complex plane, on which charts stand.

    It starts at p = 0, leaves the real axis at the pivot p₁ in the direction dp/dq, and S is its
    energy scale. `floor` is ω_c, where a sum over the first frequencies ends and the integral
    begins; 0: there is no such.
    """

    around: Surroundings
    scale: float

    @property
    def direction(self) -> complex:
        """dp/dq beyond the pivot."""

    @property
    def pivot(self) -> float:
        """p₁."""

    @property
    def floor(self) -> float:
        """ω_c."""


def pieces(cuts: NDArray) -> list[tuple[float, float]]:
    """The pieces of [0, 1] between some cuts."""
    return list(itertools.pairwise(sorted({*WHOLE, *cuts.tolist()})))


def divided(
    cell: Cell, side: int, at: NDArray, fewest: int, carrying: float = 0.0,
    of_nodes: float = OF_NODES,
) -> list[Cell]:
    """A cell cut at values of one of its parameters; a piece has that part of the nodes along it.

    `carrying` of the nodes carry waves all along the side: a piece takes its part of them.
    """
    lo, hi = (cell.u, cell.v)[side]
    ends = np.unique(np.concatenate(([lo, hi], at[(at > lo) & (at < hi)]))).tolist()
    if len(ends) == 2:
        return [cell]
    pieces = []
    for a, b in itertools.pairwise(ends):
        own = of_nodes * (cell.n[side] - carrying) + carrying * (b - a) / (hi - lo)
        fewer = max(fewest, int(own))
        n = (fewer, cell.n[1]) if side == 0 else (cell.n[0], fewer)
        pieces.append(replace(cell, **{"uv"[side]: (a, b)}, n=n))
    return pieces


def quadratic(path: Path, energy: NDArray) -> NDArray:
    """√(2eω), the momentum that belongs to an energy near a level's bottom or a band edge."""
    return np.sqrt(2 * path.around.edge * energy)


def about_corner(scale: float, u: NDArray) -> tuple[NDArray, NDArray]:
    """R = S u²/(1-u) and dR/du: square roots at R → 0 are smooth in u."""
    return scale * u**2 / (1 - u), scale * u * (2 - u) / (1 - u) ** 2


def from_corner(r: NDArray) -> NDArray:
    """u at R/S = u²/(1-u) = r, in the charts about a corner: offset and fan."""
    return 2 * r / (r + np.sqrt(r * r + 4 * r))
