"""Both reflection variables through all panels, by the superposition of slow solutions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.march import Passed, passes, superposed
from dirac1d.green.sources.wall.coefficients import Coefficients, swapped
from dirac1d.green.sources.wall.slow import Slow, collocated


class _NoFlat(NamedTuple):
    """All panels are marched through alike."""

    kappa: NDArray


@dataclass(frozen=True, eq=False)
class _Seen:
    """The coefficients as a march on a line sees them: `s0` is the fixed point of its own s."""

    c: Coefficients
    s0: NDArray
    first: NDArray

    @property
    def E_prime(self) -> NDArray:
        return self.c.E_prime

    @property
    def smooth(self) -> NDArray:
        return self.c.smooth

    @property
    def flat(self) -> _NoFlat:
        return _NoFlat(np.zeros((0, len(self.c.p))))

    def end(self, node: int) -> tuple[None, None, NDArray]:
        """What s is measured from where the march begins, third."""
        return None, None, self.first


@dataclass(frozen=True, eq=False)
class WallMarch:
    """A march in direction d: 0 rightwards (s_L), 1 leftwards (s_R); as `step.march.March`."""

    c: _Seen
    d: int
    near: NDArray
    far: NDArray
    base: NDArray
    phase: NDArray

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last node of a panel, in marching order."""
        return (0, -1) if self.d == 0 else (-1, 0)

    def across(self, p: int, old: NDArray) -> NDArray:
        """The base behind panel p, `old`, less its own where it is entered.

        Where U or Δ jumps both are nearly equal at large |E| and p: written out there.
        """
        plain = old - self.base[self.ends[0], p]
        behind = p - 1 if self.d == 0 else p + 1
        c = self.c.c
        if not 0 <= behind < len(c.mesh.flat):
            return plain
        before, here = ((-1, behind), (0, p)) if self.d == 0 else ((0, behind), (-1, p))
        line, mass = c.mesh.line.U, c.mesh.mass.U
        change = [float(q[before[::-1]] - q[here[::-1]]) for q in (line, mass)]
        if not any(change):
            return plain
        # N₁/Z₁ - N₂/Z₂ of before and here, Z = E' + iκ, κ² = Δ² + p² - E'².
        N, Z = (swapped(c.N[here]) if self.d == 0 else c.N[here]), c.Z[here]
        masses = float(mass[before[::-1]] + mass[here[::-1]])
        square = masses * change[1] + (c.E_prime[before] + c.E_prime[here]) * change[0]
        apart = -change[0] + 1j * square / (c.kappa[before] + c.kappa[here])
        exact = (change[1] * Z - N * apart) / (Z * c.Z[before])
        return np.where(c.smooth[behind] & c.smooth[p], exact, plain)

    def way(self) -> Iterator[tuple[int, None]]:
        """Panels in marching order."""
        P = self.near.shape[1]
        return ((p, None) for p in (range(P) if self.d == 0 else range(P - 1, -1, -1)))

    def collocated(
        self, p: int, columns: NDArray, start: NDArray
    ) -> tuple[NDArray, NDArray, NDArray]:
        """s itself on some columns of a panel, which of them failed, and what it misses."""
        return collocated(self.c.c, p, columns, start, self.d)


def marched(c: Coefficients, slow: Slow, d: int) -> tuple[NDArray, NDArray, Passed]:
    """s_L (d = 0) or s_R less its base at all nodes, the base, and what was met on the way.

    It begins at the fixed point of a lead, or at a hard wall with u, v = f ± ig for its g/f.
    """
    t0 = swapped(c.s0)
    own, near, far = (t0, slow.b, c.s0 + slow.a) if d == 0 else (c.s0, slow.a, t0 + slow.b)
    base = np.where(c.smooth, own, 0)
    first = (0, 0) if d == 0 else (-1, -1)
    begin, wall = own[first], c.mesh.walls[d]
    if wall is not None:
        value = (1 - 1j * wall) / (1 + 1j * wall)  # v/u
        begin = np.full(len(c.p), value if d == 1 else 1 / value)
    march = WallMarch(_Seen(c, own, base[first]), d, near, far, base, slow.phase)
    passed = passes(march, begin - base[first])
    return superposed(march, passed), base, passed
