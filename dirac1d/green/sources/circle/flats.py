r"""Which panels have to be solved: of those where U is constant, the ones that a wave reaches.

Where U is constant the regular and the decaying solution are Bessel functions, and
:math:`\mathrm{tr}\,σ_φG` of j and -j cancel exactly: the current is made of what comes back from
where U varies, e^{-2∫κdr} of it. Where that is nothing, nothing is solved; and panels as narrow as
a jump of U makes them are solved as one where κ is so small that one carries the wave. Of contour
points spread evenly over ln κ a few panels around each jump are left.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import factorial2

from dirac1d.green.settings import Limits
from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.numerics.quadrature import legendre_analysis, lobatto

#: Panels that are expected to be solved beside those on which U varies.
EXPECTED = 40
#: What is left of a wave where it counts as none, as a part of the equations' tolerance.
NOTHING = 0.05


@dataclass(frozen=True, eq=False)
class Piece:
    """Neighbouring panels that are solved, some of them as one.

    Attributes
    ----------
    mesh : Mesh
    ends : list of (int, int)
        The first of the panels of the whole that each of its panels is, and the one after the last.
    """

    mesh: Mesh
    ends: list[tuple[int, int]]

    @property
    def cut(self) -> bool:
        """Whether it begins where no wave comes from inside."""
        return self.ends[0][0] > 0

    @property
    def of(self) -> NDArray:
        """Which of its panels each panel of the whole between its ends is in."""
        return np.repeat(np.arange(len(self.ends)), [b - a for a, b in self.ends])

    @property
    def span(self) -> slice:
        """The panels of the whole."""
        return slice(self.ends[0][0], self.ends[-1][1])

    def spread(self, values: NDArray, whole: Mesh) -> NDArray:
        """Values at its nodes, (n, panels, ...), at those of the whole between its ends."""
        if len(self.ends) == self.span.stop - self.span.start:
            return values
        out = values[:, self.of]
        for p, (a, b) in enumerate(self.ends):
            if b - a > 1:
                inner, width = self.mesh.edges[p], self.mesh.widths[p]
                parts = 2 * (whole.edges[a : b + 1] - inner) / width - 1
                at = slice(a - self.span.start, b - self.span.start)
                new = _interpolated(tuple(parts.tolist()), len(values)) @ values[:, p]
                out[:, at] = new.reshape(b - a, len(values), -1).swapaxes(0, 1)
        return out


@dataclass(frozen=True, eq=False)
class Flats:
    """A mesh and which of its panels waves reach."""

    mesh: Mesh
    mass: float
    limits: Limits

    @property
    def gain(self) -> bool:
        """Whether there is anything to gain."""
        return bool(np.count_nonzero(self.mesh.flat) > 1)

    @cached_property
    def scatters(self) -> NDArray:
        """Edges at which waves are reflected, shape (P + 1,); the first and the last do not."""
        flat, U = self.mesh.flat, self.mesh.U
        inside = ~flat[1:] | ~flat[:-1] | (U[1:, 0] != U[:-1, -1])
        return np.concatenate(([False], inside, [False]))

    def pieces(
        self, E: NDArray, j: NDArray, tolerance: float, ratio: float, arrays: int
    ) -> Iterator[tuple[NDArray, NDArray, list[Piece]]]:
        """Points together, which panels their waves reach, (P, N), and what is solved for them.

        `ratio` is the largest of the ends of a panel, `arrays` the complex numbers alive per node.
        """
        reached = self._reached(self._rates(E, j), -np.log(NOTHING * tolerance))
        scatters = self.mesh.edges[self.scatters]
        order = np.argsort(np.hypot(np.abs(E), j / np.max(scatters, initial=self.mesh.edges[0])))
        panels = EXPECTED + int(np.count_nonzero(~self.mesh.flat))
        at_once = self.limits.at_once(self.mesh.U.shape[1] * arrays * panels)
        for done in range(0, len(order), at_once):
            some = order[done : done + at_once]
            mine = reached[:, some]
            widest = self._widest(E[some], j[some], tolerance)
            bounds = np.flatnonzero(np.diff(np.concatenate(([0], np.any(mine, axis=1), [0]))))
            yield some, mine, [
                self._piece(int(a), int(b), widest, ratio)
                for a, b in zip(bounds[::2], bounds[1::2], strict=True)
            ]

    def _rates(self, E: NDArray, j: NDArray) -> NDArray:
        """2∫Re κ dr across panels where U is constant, at least; 0 on others. Shape (P, N)."""
        flat = self.mesh.flat
        M = np.hypot(self.mass, j / self.mesh.edges[1:][flat, None])  # least at the outer end
        kappa = decay_rate(E - self.mesh.U[flat, :1], M + 0j).real
        out = np.zeros((len(flat), len(E)))
        out[flat] = 2 * kappa * self.mesh.widths[flat, None]
        return out

    def _reached(self, rates: NDArray, least: float) -> NDArray:
        """Which panels waves reach from inside or outside, (P, N)."""
        P, N = rates.shape
        reached = np.repeat(~self.mesh.flat[:, None], N, axis=1)
        for panels, edge in ((range(P), 0), (range(P - 1, -1, -1), 1)):
            passed = np.full(N, np.inf)
            for p in panels:
                if self.scatters[p + edge]:
                    passed = np.zeros(N)
                reached[p] |= passed < least
                passed = passed + rates[p]
        return reached

    def _widest(self, E: NDArray, j: NDArray, tolerance: float) -> NDArray:
        """The widest panel from each inner end that carries e^{-2κr} of all points, (P,).

        Of e^{-ax} the coefficient k is a^k/(2k - 1)!! at most.
        """
        k = self.mesh.U.shape[1] - 1
        a = (tolerance * factorial2(2 * k - 1)) ** (1 / k)
        e = np.max(np.abs(E - self.mesh.U[:, :1]), axis=1)
        return a / np.hypot(e, np.hypot(self.mass, np.max(j) / self.mesh.edges[:-1]))

    def _piece(self, begin: int, end: int, widest: NDArray, ratio: float) -> Piece:
        """Panels from one to another, narrow ones as one."""
        mesh, edges = self.mesh, self.mesh.edges
        whole = self.scatters | np.isin(edges, mesh.strip)
        ends, a = [], begin
        while a < end:
            b = a + 1
            while (
                b < end and mesh.flat[a] and not whole[b] and edges[b + 1] <= ratio * edges[a]
                and edges[b + 1] - edges[a] <= widest[a]
            ):
                b += 1
            ends.append((a, b))
            a = b
        first, last = (np.array(q) for q in zip(*ends, strict=True))
        own = np.append(edges[first], edges[end])
        flags = np.where(mesh.at_jump[first] < 0, -1, np.where(mesh.at_jump[last - 1] > 0, 1, 0))
        strip = max(mesh.strip[0], own[0]), min(mesh.strip[1], own[-1])
        part = replace(
            mesh, edges=own, U=mesh.U[first], dU=mesh.dU[first], flat=mesh.flat[first],
            at_jump=flags, strip=strip,
        )
        return Piece(part, ends)


@lru_cache(maxsize=4096)
def _interpolated(ends: tuple[float, ...], n: int) -> NDArray:
    """From n nodes in (-1, 1) to those of all panels between `ends`, shape (panels n, n)."""
    x = np.concatenate([a + (b - a) * (1 + lobatto(n)) / 2 for a, b in itertools.pairwise(ends)])
    return np.polynomial.legendre.legvander(x, n - 1) @ legendre_analysis(n)
