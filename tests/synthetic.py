"""Sources whose answers are known, and a plain domain, for the tests of the integrator."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.contracts import Cell, Layout, Nodes, Sample
from dirac1d.numerics.quadrature import gauss_legendre, legendre_analysis, lobatto


@dataclass(frozen=True)
class Square:
    """The domain [0, 1] × [0, 1] by Gauss-Legendre rules; a cell's chart is one of these.

    A `line` has one point in v, with nothing to integrate.
    """

    line: bool = False
    resonant: int | None = None

    def place(self, cell: Cell) -> Nodes:
        """The points of a cell."""
        sides, rules = (cell.u, cell.v), [gauss_legendre(n) for n in cell.n]
        u, v = (a + (b - a) * rule.nodes for (a, b), rule in zip(sides, rules, strict=True))
        wu, wv = (
            (b - a) * rule.weights for (a, b), rule in zip(sides, rules, strict=True)
        )
        shape = len(u), len(v)
        rows_u = np.repeat(rules[0].basis, shape[1], axis=1)
        rows_v = np.tile(rules[1].basis, (1, shape[0]))
        return Nodes(
            (np.repeat(u, shape[1]), np.tile(v, shape[0])), np.outer(wu, wv).ravel() + 0j,
            np.concatenate((np.ones((1, u.size * v.size)), rows_u[1:], rows_v[1:])), shape[0],
            (False, cell.chart.line), cell.chart.resonant,
        )

    def prepared(self, cells: list[Cell], *_: object) -> list[Cell]:
        return cells

    def split(self, cell: Cell, axis: int) -> list[Cell]:
        """Halves."""
        side = ("u", "v")[axis]
        a, b = getattr(cell, side)
        middle = (a + b) / 2
        return [replace(cell, **{side: (a, middle)}), replace(cell, **{side: (middle, b)})]


PLANE, LINE, RESONANT = Square(), Square(line=True), Square(line=True, resonant=0)


def cells(chart: Square, n: tuple[int, int] | int, pieces: int = 1) -> list[Cell]:
    """Equal pieces of the square along u."""
    order = (n, 1) if isinstance(n, int) else n
    ends = np.linspace(0.0, 1.0, pieces + 1).tolist()
    return [Cell(chart, (a, b), (0.0, 1.0), order) for a, b in itertools.pairwise(ends)]


@dataclass(frozen=True, eq=False)
class Known:
    """f(x; u, v) on panels in x, and functionals g(u, v).

    Attributes
    ----------
    function : callable
        (x, u, v) → values; x of shape (panels, nodes, 1), u and v of shape (N,).
    edges : ndarray
        Ends of all places.
    strip : (float, float)
        The places within are the panels.
    functionals : tuple of callable
        (u, v) → values.
    leak : callable
        (left ends, right ends, u, v) → what the nodes of the places lose, shape (places, N).
    widest : float
        On wider places the equations are not solved.
    noise : float
        Size of rounding, told as such.
    most : int
        Places beyond which the source is full.
    """

    function: Callable[..., NDArray]
    edges: NDArray
    strip: tuple[float, float] = (-np.inf, np.inf)
    nodes: int = 8
    functionals: tuple[Callable[..., NDArray], ...] = ()
    leak: Callable[..., NDArray] | None = None
    widest: float = np.inf
    noise: float = 0.0
    most: int = 1000

    batch = 50

    @property
    def layout(self) -> Layout:
        """Panels, nodes, functionals."""
        return Layout(self.visible.stop - self.visible.start, self.nodes, len(self.functionals))

    @property
    def places(self) -> int:
        """All of them."""
        return len(self.edges) - 1

    @property
    def visible(self) -> slice:
        """Those within the strip."""
        inside = np.flatnonzero(
            (self.edges[:-1] >= self.strip[0]) & (self.edges[1:] <= self.strip[1])
        )
        return slice(int(inside[0]), int(inside[-1]) + 1)

    @property
    def judged(self) -> NDArray:
        """All panels."""
        return np.ones(self.layout.panels, dtype=bool)

    @property
    def hidden(self) -> NDArray:
        """Places beyond the strip."""
        hidden = np.ones(self.places, dtype=bool)
        hidden[self.visible] = False
        return hidden

    @property
    def x(self) -> NDArray:
        """Nodes of the panels, shape (panels, nodes)."""
        a, b = self.edges[:-1, None], self.edges[1:, None]
        return (a + (b - a) * (1 + lobatto(self.nodes)) / 2)[self.visible]

    def full(self, points: int) -> bool:
        """Whether there are too many places."""
        return self.places > self.most

    def sample(self, points: tuple[NDArray, ...], tolerance: float) -> Sample:
        """Values, what is lost, which places failed, and the noise."""
        u, v = points
        inside = np.broadcast_to(self.function(self.x[:, :, None], u, v), (*self.x.shape, len(u)))
        values = np.concatenate(
            (inside.reshape(-1, len(u)), *(g(u, v)[None] for g in self.functionals))
        ).T
        # A noise that knows its place only: no two levels share it.
        noise = self.noise * np.sin(1e7 * (u + v))
        a, b = self.edges[:-1, None], self.edges[1:, None]
        lost = np.zeros((self.places, len(u))) if self.leak is None else self.leak(a, b, u, v)
        return Sample(
            values + noise[:, None] + 0j, lost, np.diff(self.edges) > self.widest,
            np.full(len(u), self.noise),
        )

    def coarser(self) -> Known:
        """Two nodes less."""
        return replace(self, nodes=self.nodes - 2)

    def finer(self, parts: NDArray) -> Known:
        """Places cut into parts."""
        parts = parts + 1 if parts.dtype == bool else parts
        pieces = [
            np.linspace(a, b, k + 1)[:-1]
            for a, b, k in zip(self.edges[:-1], self.edges[1:], parts, strict=True)
        ]
        return replace(self, edges=np.append(np.concatenate(pieces), self.edges[-1]))

    def transfer(self, to: Known) -> NDArray:
        """By the Legendre series."""
        vandermonde = np.polynomial.legendre.legvander(lobatto(to.nodes), self.nodes - 1)
        return vandermonde @ legendre_analysis(self.nodes)

    def coefficients(self, total: NDArray) -> NDArray:
        """Legendre coefficients."""
        return self.layout.on_panels(total) @ legendre_analysis(self.nodes).T

    def unseen(self, lost: NDArray) -> NDArray:
        """On each panel, and on all hidden places."""
        return lost[self.visible] + np.sum(lost[self.hidden])
