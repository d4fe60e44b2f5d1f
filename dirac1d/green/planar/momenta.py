"""How many Bloch momenta each frequency of a map needs, and what they leave."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.planar.levels import Level, Nodes, grid_of_momenta
from dirac1d.green.planar.sheets import magnitudes

#: What a frequency with one momentum is taken to miss, over what the next lower one tells.
GUESSED = 2.0


@dataclass(eq=False)
class Momenta:
    """Sums over Bloch momenta at the base level, each as long as its frequency needs.

    The error of K equidistant momenta falls as ρ^K: from that of K, the difference to 3K, that of
    3K is its cube over the size of the terms; only the square is believed, and that only as far as
    ρ is one that the frequency allows: near ω = 0 thresholds are narrower than the momenta are
    close. From one frequency to the next it falls as e^{-√(ω² + Δ²)LK} in the middle of a gap, and
    faster elsewhere.

    Attributes
    ----------
    counts : dict
        ω → K.
    left : dict
        ω → what K leaves of j and M, shape (2, nx, ny).
    first : int
        Momenta at which levels are compared.
    seen : dict
        ω → what three momenta change of one.
    """

    nodes: Nodes
    base: Level
    counts: dict[float, int] = field(default_factory=dict)
    left: dict[float, NDArray] = field(default_factory=dict)
    seen: dict[float, NDArray] = field(default_factory=dict)
    first: int = 0

    def __post_init__(self) -> None:
        self.first = self.nodes.levels.first_momenta(self.base[0])

    def edge(self, omegas: NDArray) -> NDArray:
        """What the first momenta miss of the window's edge, as an error of j and M.

        Nothing else is left at ω ~ P, where it is measured, and it goes on to ω ~ P.
        """
        P = self.nodes.levels.cutoff(self.base[0])
        omega = float(omegas[np.argmin(np.abs(omegas - P))])
        self.nodes.need([(self.base, omega, k) for k in grid_of_momenta(3 * self.first)])
        few, many = (self.nodes.mean(self.base, omega, n) for n in (self.first, 3 * self.first))
        added = (self.nodes.beyond(self.base, 3 * self.first)
                 - self.nodes.beyond(self.base, self.first))
        return sizes(self.nodes, P / np.pi * (many - few) + added)

    def crossed(
        self, top: Level, omegas: NDArray, weights: NDArray, enough: float
    ) -> NDArray:
        """What is left as the cut-off `top` is compared at the first momenta only.

        It is an error of j and M. Where more momenta are taken, the base has lost its window's edge
        and keeps it in what the levels add. What momenta change of the base and of `top`, where it
        is less, is no more than twice the former; if that is not below `enough`, the difference is
        measured at the lowest frequency, from where it falls.
        """
        base, first = self.base, self.first
        more = {float(w): weight for w, weight in zip(omegas, weights, strict=True)
                if self.counts[float(w)] > first}
        if not more or top == base:
            return np.zeros((1, 1, 1))
        changes = {w: self.nodes.mean(base, w, 3 * first) - self.nodes.mean(base, w, first)
                   for w in more}
        twice = {w: 2 * sizes(self.nodes, change) for w, change in changes.items()}
        plain = sum(weight * twice[w] for w, weight in more.items())
        if np.max(plain[0]) <= enough:
            return plain
        w = min(more)
        self.nodes.need([(top, w, k) for k in grid_of_momenta(3 * first)])
        change = self.nodes.mean(top, w, 3 * first) - self.nodes.mean(top, w, first)
        measured = sizes(self.nodes, change - changes[w])
        return sum(weight * np.minimum(twice[w], measured) for w, weight in more.items())

    def ensure(self, omegas: NDArray, weights: NDArray, allowed: float) -> None:
        """Enough momenta for every frequency, lowest first; `allowed` is an error of j."""
        first = self.first
        order = np.argsort(omegas)
        self.nodes.need([(self.base, float(w), k) for w in omegas
                         for k in grid_of_momenta(max(self.counts.get(float(w), 0), first))])
        for omega, weight in zip(omegas[order], weights[order], strict=True):
            omega = float(omega)
            self.counts[omega] = max(self.counts.get(omega, first), first)
            enough = allowed / len(omegas) / weight
            if omega not in self.left:
                self._guess(omega)
            for _ in range(self.nodes.levels.settings.triples):
                if omega in self.left and np.max(self.left[omega][0]) <= enough:
                    break
                self.nodes.need([(self.base, omega, k)
                                 for k in grid_of_momenta(3 * self.counts[omega])])
                self.counts[omega] *= 3
                self._judge(omega)

    def _guess(self, omega: float) -> None:
        """What is left at a frequency that has its first momenta only, if that can be told."""
        if self.counts[omega] % 3 == 0:
            self._judge(omega)
        elif below := [w for w in self.seen if w < omega]:
            near = max(below)
            self.left[omega] = GUESSED * self.seen[near] * np.exp(-self._rate(near, omega))

    def _rate(self, low: float, high: float) -> float:
        levels = self.nodes.levels
        gap = levels.masses.largest
        return levels.problem.potential.period * (np.hypot(high, gap) - np.hypot(low, gap))

    def _judge(self, omega: float) -> None:
        """What K momenta leave, from those of K/3."""
        nodes, count = self.nodes, self.counts[omega]
        change = nodes.mean(self.base, omega, count) - nodes.mean(self.base, omega, count // 3)
        size = max(nodes.sheets.whole(nodes.known[self.base, omega, k])[0]
                   for k in grid_of_momenta(count))
        found = sizes(nodes, change)
        if count == 3:
            self.seen[omega] = found
        part = nodes.sheets.whole(change)[0] / max(size, 1e-300)
        # Waves decay from one period to the next by κ(ω)L at least.
        levels = nodes.levels
        kappa = np.hypot(np.sqrt(max(levels.masses.least**2 - levels.largest**2, 0.0)), omega)
        slowest = np.exp(-kappa * levels.problem.potential.period * (count - count // 3))
        self.left[omega] = found * min(max(part, slowest), 1.0)


def sizes(nodes: Nodes, sheet: NDArray) -> NDArray:
    """|δj| and |δM| at the pixels (or |δn|), with a part of their root mean square.

    Shape (2, nx, ny), or (1, nx, ny).
    """
    found = magnitudes(nodes.sheets.fields(sheet))
    return found + nodes.levels.settings.everywhere * nodes.sheets.whole(sheet)[:, None, None]
