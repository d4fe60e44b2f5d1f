"""What the integrator, its sources and its domains know of each other.

A **source** samples a vector-valued integrand: at N points it returns, for every point, the values
at the nodes of all *panels* of the answer and some *functionals* (integrals of the answer that it
knows directly). It can become coarser (fewer nodes: the other level of a verification) and finer
(more *places*: whatever it marches through, of which the panels of the answer are a part), and it
tells what its nodes leave out. A **domain** turns cells into points and weights and divides cells.
The integrator refines cells and places until both leave out less than is allowed, and verifies.

A new geometry is a new source, or a new domain; it needs no change here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.watch import Watch


@dataclass(frozen=True)
class Layout:
    """A vector of the answer: the nodes of all panels, panel by panel, then the functionals."""

    panels: int
    nodes: int
    functionals: int

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self.panels * self.nodes + self.functionals

    @property
    def cut(self) -> int:
        """Where the functionals begin."""
        return self.panels * self.nodes

    def on_panels(self, vector: NDArray) -> NDArray:
        """The values at the nodes, shape (..., panels, nodes)."""
        return vector[..., : self.cut].reshape(*vector.shape[:-1], self.panels, self.nodes)

    def functionals_of(self, vector: NDArray) -> NDArray:
        """The functionals, shape (..., functionals)."""
        return vector[..., self.cut :]

    def largest(self, vector: NDArray) -> NDArray:
        """Largest magnitude on each panel, then that of each functional."""
        inside = np.max(np.abs(self.on_panels(vector)), axis=-1)
        return np.concatenate((inside, np.abs(self.functionals_of(vector))), axis=-1)

    def everywhere(self, each: NDArray) -> NDArray:
        """The vector that has each panel's value at all of its nodes, then its functionals."""
        inside = np.repeat(each[: self.panels], self.nodes)
        return np.concatenate((inside, each[self.panels :]))

    def at_largest(self, vector: NDArray, other: NDArray) -> NDArray:
        """Another vector where this one is largest on each panel, then its functionals."""
        place = np.argmax(np.abs(self.on_panels(vector)), axis=-1)[..., None]
        inside = np.take_along_axis(self.on_panels(other), place, axis=-1)[..., 0]
        return np.concatenate((inside, self.functionals_of(other)), axis=-1)


@dataclass(frozen=True)
class Cell:
    """A rectangle in a chart's two parameters, and its numbers of nodes.

    The chart is the domain's own: the integrator hands it back. Where a chart sums, `u` counts
    terms: (first, last + 1), the last one inf in a tail.
    """

    chart: Any
    u: tuple[float, float]
    v: tuple[float, float]
    n: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Nodes:
    """The points of a cell: Σ Re(weight · integrand), and the analysis of that sum.

    Attributes
    ----------
    points : tuple of ndarray, each of shape (N,)
        What the source is sampled at.
    weight : ndarray of complex, shape (N,)
    analysis : ndarray, shape (n_u + n_v - 1, N)
        Row 0 is the sum itself, then n_u - 1 higher coefficients in u, then n_v - 1 in v.
    split : int
        n_u.
    exact : (bool, bool)
        Sides along which a finite sum is written out: no error.
    resonant : int or None
        The side along which the points stay on the real axis of momenta, where resonances may be
        narrower than the nodes' distance.
    slowest : float
        Rate at which coefficients in u fall at last if a known singularity has any weight.
    crowd : bool
        Whether so many singularities have a part in every coefficient that one alone is a matter of
        chance: how fast they fall is then seen on all nodes of a panel together.
    """

    points: tuple[NDArray, ...]
    weight: NDArray
    analysis: NDArray
    split: int
    exact: tuple[bool, bool]
    resonant: int | None = None
    slowest: float = 0.0
    crowd: bool = False

    def __len__(self) -> int:
        return len(self.weight)


@dataclass(frozen=True, eq=False)
class Sample:
    """A source at N points.

    Attributes
    ----------
    values : ndarray of complex, shape (N, layout.size)
    lost : ndarray, shape (places, N)
        What the nodes of a place cannot carry, as it is seen in the answer.
    failed : ndarray of bool, shape (places,)
        Places on which the source's own equations were not solved.
    rounding : ndarray, shape (N,)
        Rounding of the values that stands out from that of their sum: no finer source lessens it.
    """

    values: NDArray
    lost: NDArray
    failed: NDArray
    rounding: NDArray


class Domain(Protocol):
    """Where the integral runs."""

    def place(self, cell: Cell) -> Nodes:
        """The points of a cell."""

    def prepared(
        self, cells: list[Cell], source: Source, allowed: float, tolerance: float, watch: Watch
    ) -> list[Cell]:
        """The cells, divided towards what their nodes might miss, down to an error `allowed`."""

    def split(self, cell: Cell, axis: int) -> list[Cell]:
        """The cell divided along one side; the same cell alone if that cannot be."""


class Source(Protocol):
    """What is integrated."""

    @property
    def layout(self) -> Layout:
        """The vector of the answer."""

    @property
    def places(self) -> int:
        """Number of places."""

    @property
    def visible(self) -> slice:
        """Which places are the panels of the answer."""

    @property
    def judged(self) -> NDArray:
        """Panels whose error counts, shape (panels,) bool (not those that touch a divergence)."""

    @property
    def hidden(self) -> NDArray:
        """Places without a panel, through which errors may come in, shape (places,) bool."""

    @property
    def batch(self) -> int:
        """Points sampled at once within the memory budget."""

    def full(self, points: int) -> bool:
        """Whether a limit of work is met, with so many points."""

    def traps(self, energy: float, mass: float) -> bool:
        """Whether a state of that energy may be narrower than any distance of points."""

    def sample(self, points: tuple[NDArray, ...], tolerance: float) -> Sample:
        """The integrand; the source's own equations solved to the relative `tolerance`."""

    def coarser(self) -> Self:
        """The same places with fewer nodes."""

    def finer(self, parts: NDArray) -> Self:
        """Each place cut into `parts` (an int ≥ 1 per place; True halves)."""

    def transfer(self, to: Self) -> NDArray:
        """Matrix from values at this source's nodes of a panel to those of another one."""

    def coefficients(self, total: NDArray) -> NDArray:
        """Of an orthogonal series on each panel, shape (panels, nodes)."""

    def unseen(self, lost: NDArray) -> NDArray:
        """What is lost on each panel and on the way to it, shape (panels,)."""
