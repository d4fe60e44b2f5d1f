"""The doubling-free lattice: a real Rice–Mele chain for H at fixed p_y, as a sparse matrix.

Rotating the spin cyclically (σ_x → σ_y → σ_z → σ_x, `dirac.CYCLIC_ROTATION`) makes SR Eq. (2) real,

    H′ = σ_y p_x + σ_z p_y + σ_x Δ + U,      (u, v) = W ψ,      ψ†σ_yψ = u² - v²,

    E u = (U + p_y) u + (Δ - ∂ₓ) v,      E v = (U - p_y) v + (Δ + ∂ₓ) u.

Put u on the sites A and v on the sites B half a spacing apart and H′ is a tridiagonal matrix:
on-site U ± p_y, hoppings Δ/2 ∓ 1/a in turn. The winding angle of (mass, velocity) over its zone is
exactly π for every a (`bulk_winding`), as in the continuum; a doubled or a Wilson lattice has 0 or
2π, and with it no anomalous current at all.

Sites need not be equidistant. With link lengths ℓ_i = x_{i+1} - x_i and cells w_i = ℓ_{i-1} + ℓ_i
the finite-volume form of the same operator has the hoppings (Δℓ_i ∓ 1)/√(w_i w_{i+1}).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from dirac1d.numerics.checks import finite_number, of_kind, positive_number
from dirac1d.numerics.values import ByContent, extent
from dirac1d.problem import Problem, check_problem
from dirac1d.states import masses
from dirac1d.states.settings import DEFAULT


@dataclass(frozen=True, eq=False, repr=False)
class Chain(ByContent):
    """A finite chain with hard walls: sites A (component u) and B (component v) in turn.

    Attributes
    ----------
    x : ndarray, shape (N,)
        Positions of the sites.
    U : ndarray, shape (N,)
        U at the sites; at a jump the mean of its two sides.
    mass : float or ndarray, shape (N - 1,)
        Δ, or its values on the links between neighbouring sites.
    grading : ndarray, shape (N,)
        Local energy scale f(x) ∈ (0, 1] of the leads (1 everywhere: the plain chain).
    energy : float
        ε_F about which a graded chain is scaled: its matrix is f^½ (H′ - ε_F) f^½.
    first : {0, 1}
        Sublattice of the first site: 0 for A, 1 for B.
    background : float
        The spacing away from breakpoints of U (equidistant sites: a).
    coordinate : callable, optional
        A smooth function of x in which the sites are equidistant; by default x itself.
    ends : (float or None, float or None)
        Lengths of the links beyond the first and the last site, to the hard wall at which the other
        component vanishes: 0 for a site that stands on it, whose cell is half as long then. None
        (where nobody looks): as long as the link next to it.
    """

    x: NDArray
    U: NDArray
    mass: float | NDArray
    grading: NDArray | None = None
    energy: float = 0.0
    first: int = 0
    background: float = np.inf
    coordinate: Callable[[NDArray], NDArray] | None = None
    ends: tuple[float | None, float | None] = (None, None)

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        return (f"Chain({len(self.x)} sites, x from {extent(self.x)}, U from {extent(self.U)}, "
                f"mass {_shown(self.mass)}, spacing {self.background:g})")

    @cached_property
    def links(self) -> NDArray:
        """ℓ_i = x_{i+1} - x_i, shape (N - 1,)."""
        return np.diff(self.x)

    @cached_property
    def cells(self) -> NDArray:
        """w_i = ℓ_{i-1} + ℓ_i, shape (N,): the length that a site stands for on its sublattice."""
        first, last = self.ends
        before = self.links[:1] if first is None else [first]
        after = self.links[-1:] if last is None else [last]
        padded = np.concatenate((before, self.links, after))
        return padded[:-1] + padded[1:]

    @cached_property
    def sublattice(self) -> NDArray:
        """+1 on A, -1 on B: σ_z of the rotated frame, which is σ_y of SR."""
        return np.where((np.arange(len(self.x)) + self.first) % 2 == 0, 1.0, -1.0)

    def diagonal(self, p_y: float) -> NDArray:
        """On-site energies U ± p_y (graded: about ε_F)."""
        onsite = self.U + self.sublattice * p_y
        return onsite if self.grading is None else (onsite - self.energy) * self.grading

    @cached_property
    def hoppings(self) -> NDArray:
        """(Δℓ_i ∓ 1)/√(w_i w_{i+1}), - from A to B and + from B to A, left to right."""
        w = self.cells
        hop = (self.mass * self.links - self.sublattice[:-1]) / np.sqrt(w[:-1] * w[1:])
        f = self.grading
        return hop if f is None else hop * np.sqrt(f[:-1] * f[1:])

    def matrix(self, p_y: float) -> csr_array:
        """The chain at p_y: a real symmetric sparse matrix, Hermitian to the last bit."""
        off = self.hoppings
        return csr_array(diags_array([off, self.diagonal(p_y), off], offsets=[-1, 0, 1]))

    def without_wall_states(self) -> Chain:
        """The chain less an end site or two, so that it begins and ends with its stronger bonds.

        A chain of this kind (A first, A last) that ends with a weaker bond binds a state to its
        wall, of energy U ± p_y, which crosses the gap. For Δ > 0 the bond from B to the A on its
        right is the stronger one, for Δ < 0 the other.
        """
        masses = np.atleast_1d(self.mass)
        return self.ended(float(masses[0]), float(masses[-1]))

    def ended(
        self, left: float, right: float, hard: tuple[bool, bool] = (False, False)
    ) -> Chain:
        """A chain with a site A at both of its ends, ended as by masses of these signs beyond them.

        Beyond a wall f′ = -Δg and g′ = -Δf decay: of (u, v) only u, on A, lives at a wall of
        negative mass on the left or of positive mass on the right, and v, on B, at the others.
        There the site A at the end is left out.

        Parameters
        ----------
        left, right : float
            Masses whose signs count.
        hard : (bool, bool)
            Whether that end is a hard wall, which stands on the last site A; else the wall is where
            nobody looks.
        """
        lost = left > 0, right <= 0
        part = slice(1 if lost[0] else None, -1 if lost[1] else None)
        beyond = (self.links[0] if lost[0] else 0.0), (self.links[-1] if lost[1] else 0.0)
        return replace(
            self, x=self.x[part], U=self.U[part],
            mass=self.mass if np.isscalar(self.mass) else self.mass[part],
            grading=None if self.grading is None else self.grading[part],
            first=1 - self.first if lost[0] else self.first,
            ends=tuple(float(b) if h else None for b, h in zip(beyond, hard, strict=True)),
        )

    def between(self, walls: tuple[Any, Any], hard: tuple[bool, bool]) -> Chain:
        """A chain with a site A at both of its ends, ended by those of two walls that are `hard`.

        Elsewhere it ends as by the mass that it has there.
        """
        inside = float(np.atleast_1d(self.mass)[0]), float(np.atleast_1d(self.mass)[-1])
        left, right = (
            wall.sign if own else mass for wall, own, mass in zip(walls, hard, inside, strict=True)
        )
        return self.ended(left, right, hard)


def _shown(mass: float | NDArray) -> str:
    return f"{mass:g}" if np.isscalar(mass) else f"from {extent(mass)}"


def bulk_winding(chain: Chain, link: int = 0) -> float:
    """Winding angle of (mass, velocity) over the Brillouin zone of the chain continued from a link.

    With the two hoppings t₁ (A to B) and t₂ (B to A) that follow each other at `link`, the bulk
    Hamiltonian is (t₁ + t₂) cos(ka/2) σ_x + (t₂ - t₁) sin(ka/2) σ_y + p_y σ_z. Its angle turns by
    π·sgn Δ from k = -π/a to π/a for every spacing, as in the continuum; half of that, over 2π, is
    the Hall conductivity in units of e²/h.
    """
    of_kind("chain", chain, Chain)
    here, following = chain.hoppings[link], chain.hoppings[link + 1]
    t1, t2 = (here, following) if chain.sublattice[link] > 0 else (following, here)
    half = np.linspace(-np.pi / 2, np.pi / 2, 2001)
    angle = np.unwrap(np.arctan2((t2 - t1) * np.sin(half), (t1 + t2) * np.cos(half)))
    return float(angle[-1] - angle[0])


def uniform_chain(
    problem: Problem, spacing: float | None = None, box: tuple[float, float] | None = None
) -> Chain:
    """The plain chain with equidistant sites, a site A on the first jump or kink of U.

    Its ends are such that the walls bind no states (`Chain.without_wall_states`).

    Parameters
    ----------
    problem : Problem
    spacing : float, optional
        Distance a between neighbouring A sites; by default a tenth of the shortest length in the
        problem.
    box : (float, float), optional
        Ends of the chain, met to within one spacing; by default the support of U and 15/|Δ| on
        both sides.

    Raises
    ------
    ValueError
        If the spacing is not positive or the box is empty or holds less than two spacings.
    """
    mass = check_problem(problem, walls=True).gap
    if spacing is None:
        spacing = shortest_length(problem) / DEFAULT.start.matrix_resolution
    spacing = positive_number("spacing", spacing)
    if box is None:
        start, most = DEFAULT.start, DEFAULT.limits.matrix_sites
        height = masses.height_of(problem)
        a, b = masses.support(problem, 1e-3 * (height if height > 0 else 1.0))
        margin = start.matrix_margin / mass if mass > 0 else start.matrix_margin
        box = (a - margin, b + margin)
        count = 2 * (box[1] - box[0]) / spacing
        if count > most:
            raise ValueError(
                f"the default box and spacing need {count:.0f} sites (at most {most}): "
                "give spacing= and box="
            )
    lo, hi = finite_number("box[0]", box[0]), finite_number("box[1]", box[1])
    if hi - lo < 2 * spacing:
        raise ValueError(
            f"box must be longer than two spacings, got ({lo}, {hi}) with spacing {spacing}"
        )
    x, spacing, hard = _equidistant(problem, (lo, hi), spacing)
    plain = Chain(x, problem.potential(x), masses.on_links(problem, x), background=spacing)
    if not any(hard):
        return plain.without_wall_states()
    return plain.between(problem.hard_walls, hard)


def _equidistant(
    problem: Problem, box: tuple[float, float], spacing: float
) -> tuple[NDArray, float, tuple[bool, bool]]:
    """Sites of a plain chain; the spacing, smaller if two hard walls ask it; its hard ends."""
    (lo, hi), ends = box, masses.sample(problem)
    hard = lo <= ends[0], hi >= ends[1]
    lo, hi = max(lo, ends[0]), min(hi, ends[1])
    anchor = next((b for b in masses.breakpoints(problem) if lo < b < hi), (lo + hi) / 2)
    if any(hard):
        anchor = lo if hard[0] else hi
    if all(hard):
        spacing = (hi - lo) / np.ceil((hi - lo) / spacing - 1e-9)
    # To rounding a wall is met by the last site.
    first = -int(np.floor((anchor - lo) / spacing + 1e-9))
    last = int(np.floor((hi - anchor) / spacing + 1e-9))
    return anchor + np.arange(2 * first, 2 * last + 1) * (spacing / 2), float(spacing), hard


def shortest_length(problem: Problem) -> float:
    """The shorter of the scale of U and Δ and the Compton length 1/max(|Δ|, |ε_F - U|)."""
    s = max(abs(problem.fermi_energy - U) for U, _ in masses.leads(problem))
    energy = max(problem.gap, s)
    return min(masses.length_scale(problem), 1 / energy if energy > 0 else 1.0)


def hamiltonian(
    problem: Problem,
    p_y: float,
    spacing: float | None = None,
    box: tuple[float, float] | None = None,
) -> csr_array:
    """The lattice Dirac Hamiltonian at p_y: a real, symmetric, doubling-free sparse matrix.

    Parameters
    ----------
    problem : Problem
    p_y : float
        Conserved momentum along the step, in E₀/v_F.
    spacing, box : optional
        See `uniform_chain`.

    Returns
    -------
    scipy.sparse.csr_array, shape (N, N), float
        Rice–Mele form of SR Eq. (2): on-site U ± p_y on the sites A, B; hoppings Δ/2 ∓ 1/a. The
        positions of the sites are ``uniform_chain(problem, spacing, box).x``.

    Raises
    ------
    ValueError
        If p_y is not finite, the spacing is not positive, or the box is too short.

    Examples
    --------
    >>> import dirac1d as dd
    >>> H = dd.hamiltonian(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), p_y=0.3, spacing=0.5)
    >>> float(abs(H - H.T).max())
    0.0
    """
    return uniform_chain(problem, spacing, box).matrix(finite_number("p_y", p_y))
