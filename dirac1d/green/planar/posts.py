r"""What a finer level adds to a map, at a few frequencies: posts, and between them polynomials.

What a cut-off P or steps leave out changes with the frequency over factors, not over differences:
in :math:`τ = \log\sqrt{(ω^2 + g^2)/(1 + ω^2/P^2)}`, g the distance of all states from the Fermi
energy, it is smooth as far as ω → ∞, once its fall as a power beyond P is divided out. So levels
are compared at posts that follow Leja's rule in τ: each as far from all before as may be, the
polynomial through all of them as good as may be, and any number of them a choice in order. Finer
levels add less, so that fewer posts do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.planar.levels import Level, Nodes, grid_of_momenta
from dirac1d.green.planar.momenta import sizes

#: Two levels, and what the second adds.
Rise = tuple[Level, Level]

#: Posts at first: two polynomials with less of them tell what they leave.
FEWEST = 4
#: Part of all frequencies from which all of them are taken. Where the mass varies, all are: what is
#: left out to first order in both U and Δ falls as ω⁻³, and changes its sign.
MOST = 0.75
#: By so much the error is expected to fall with every post: 2 to 3 were measured in puddles.
PER_POST = 2.0
#: Posts are added at most so many at a time.
AT_A_TIME = 2
#: Frequencies from so many P on are no posts: nothing is left there that counts.
NOTHING_LEFT = 4.0
#: What a level adds falls as 1/(1 + ω²/P²) to this power: of currents and of charges ω⁻³·³ from P
#: to 2P, ω⁻⁴·⁴ to 4P, ω⁻⁴·⁸ to 8P, so do both.
FALL = 2.5


@dataclass(eq=False)
class Posts:
    """Frequencies at which levels are compared, the same for all pairs, in one order.

    Attributes
    ----------
    nodes : Nodes
    base : Level
    order : list of float
        Frequencies, as Leja's rule adds them.
    counts : dict
        Rise → how many of them it has.
    """

    nodes: Nodes
    base: Level
    order: list[float] = field(default_factory=list)
    counts: dict[Rise, int] = field(default_factory=dict)

    def ensure(
        self, rises: list[Rise], omegas: NDArray, weights: NDArray, momenta: int, allowed: float
    ) -> None:
        """Enough posts for every rise; `allowed` is an error of j that all of them may make.

        Raises
        ------
        OutOfTime
            If the budget ends.
        """
        wrong = dict.fromkeys(rises, 0.0)
        while wrong:
            self._extend(omegas)
            for rise, error in wrong.items():
                have = self.counts.get(rise, FEWEST)
                more = np.log(error * len(rises) / allowed) / np.log(PER_POST) if error else 0.0
                have += min(int(np.ceil(more)), AT_A_TIME)
                every = have > MOST * len(omegas) or self.nodes.levels.masses.change is not None
                self.counts[rise] = len(self.order) if every else have
            ks = grid_of_momenta(momenta)
            self.nodes.need([(level, w, k) for rise in wrong for level in rise
                             for w in self.of(rise, omegas) for k in ks])
            errors = {rise: float(np.max(self.left(rise, omegas, weights, momenta)[0]))
                      for rise in wrong}
            wrong = {r: error for r, error in errors.items() if error * len(rises) > allowed}

    def added(self, rise: Rise, omegas: NDArray, momenta: int) -> NDArray:
        """What a rise adds at all frequencies, as sheets; shape (n, ...)."""
        posts = self.of(rise, omegas)
        return np.tensordot(self._between(rise, posts, omegas), self._at(rise, posts, momenta), 1)

    def left(self, rise: Rise, omegas: NDArray, weights: NDArray, momenta: int) -> NDArray:
        """What posts leave of its sum, as an error of j and M: what the last two changed it by."""
        posts = self.of(rise, omegas)
        if set(omegas.tolist()) <= set(posts):
            return np.zeros((1, 1, 1))
        at = self._at(rise, posts, momenta)
        sums = [np.tensordot(weights @ self._between(rise, posts[:n], omegas), at[:n], 1)
                for n in range(len(posts) - 2, len(posts) + 1)]
        return np.maximum(*(sizes(self.nodes, b - a) for a, b in pairwise(sums)))

    def of(self, rise: Rise, omegas: NDArray) -> list[float]:
        """A rise's posts: all frequencies, if it has as many."""
        count = self.counts[rise]
        return omegas.tolist() if count >= len(self.order) else self.order[:count]

    def _at(self, rise: Rise, posts: list[float], momenta: int) -> NDArray:
        low, high = rise
        return np.array([self.nodes.mean(high, w, momenta) - self.nodes.mean(low, w, momenta)
                         for w in posts])

    def _between(self, rise: Rise, posts: list[float], omegas: NDArray) -> NDArray:
        """The matrix of what is known at posts to what is there at all frequencies."""
        at, to = self._tau(np.array(posts)), self._tau(omegas)
        found = np.ones((len(omegas), len(posts)))
        for j, own in enumerate(at):
            others = np.delete(at, j)
            found[:, j] = np.prod((to[:, None] - others) / (own - others), axis=1)
        fall = [(1 + (w / self.nodes.levels.cutoff(rise[0][0])) ** 2) ** FALL
                for w in (np.array(posts), omegas)]
        return found * fall[0] / fall[1][:, None]

    def _tau(self, omegas: NDArray) -> NDArray:
        levels = self.nodes.levels
        P = levels.cutoff(self.base[0])
        return np.log(np.hypot(omegas, levels.gap) / np.hypot(1, omegas / P))

    def _extend(self, omegas: NDArray) -> None:
        """Put all frequencies that may be posts in order."""
        P = self.nodes.levels.cutoff(self.base[0])
        rest = [w for w in np.sort(omegas).tolist()
                if w not in self.order and w <= NOTHING_LEFT * P]
        while rest:
            if self.order:
                apart = np.abs(self._tau(np.array(rest))[:, None] - self._tau(np.array(self.order)))
                self.order.append(rest.pop(int(np.argmax(np.sum(np.log(apart), axis=1)))))
            else:
                self.order.append(rest.pop(0))
