"""Both reflection variables through all panels, by the superposition of slow solutions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.circle.coefficients import Coefficients
from dirac1d.green.sources.circle.ends import regular_start
from dirac1d.green.sources.circle.slow import Slow, collocated
from dirac1d.green.sources.step.march import Passed, left_out, passes, superposed

#: ∫λ dr, about 2∫κ dr, over the last panel from which on nothing of the start is left behind it.
FORGOTTEN = 40.0


class _NoFlat(NamedTuple):
    """There are no panels on which nothing is to be solved: M depends on r everywhere."""

    kappa: NDArray


@dataclass(frozen=True, eq=False)
class _Seen:
    """The coefficients as a march on a line sees them."""

    c: Coefficients
    base: NDArray

    @property
    def E_prime(self) -> NDArray:
        return self.c.E_prime

    @property
    def s0(self) -> NDArray:
        return self.c.s0

    @property
    def smooth(self) -> NDArray:
        return self.c.smooth

    @property
    def flat(self) -> _NoFlat:
        return _NoFlat(np.zeros((0, len(self.c.E))))

    def end(self, node: int) -> tuple[None, None, NDArray]:
        """What s is measured from where the march begins, third."""
        return None, None, self.base


@dataclass(frozen=True, eq=False)
class RadialMarch:
    """A march in direction d: 0 outwards, 1 inwards; as `step.march.March`."""

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
        """The base behind panel p, `old`, less its own where it is entered."""
        return old - self.base[self.ends[0], p]

    def way(self) -> Iterator[tuple[int, None]]:
        """Panels in marching order."""
        P = self.near.shape[1]
        return ((p, None) for p in (range(P) if self.d == 0 else range(P - 1, -1, -1)))

    def collocated(
        self, p: int, columns: NDArray, start: NDArray
    ) -> tuple[NDArray, NDArray, NDArray]:
        """s itself on some columns of a panel, which of them failed, and what it misses."""
        y, failed = collocated(self.c.c, p, columns, start, self.d)
        return y, failed, left_out(y)


def outwards(c: Coefficients, slow: Slow, base: NDArray) -> tuple[NDArray, Passed]:
    """s_L - base at all nodes, from the regular solution at r = 0; and what was met on the way."""
    mesh = c.mesh
    first, failed = regular_start(
        mesh.potential, mesh.edges[0], c.mass, c.E, c.j, c.tolerance
    )
    # Of a smooth column the deviation is handed on: it has digits that s has not.
    first = np.where(c.smooth[0], first, c.s0[0, 0] + first)
    march = RadialMarch(_Seen(c, base[0, 0]), 0, slow.b, c.s0 + slow.a, base, slow.phase)
    passed = passes(march, first)
    passed.failed[0] |= bool(np.any(failed))
    return superposed(march, passed), passed


def inwards(c: Coefficients, slow: Slow, base: NDArray) -> tuple[NDArray, Passed]:
    """s_R - base at all nodes, from the decaying solution far outside.

    It is the slow solution where the start is forgotten across the last panel, or unknown.
    """
    first = c.outer_start() - base[-1, -1]
    forgotten = slow.phase[-1, -1].real > FORGOTTEN
    slowly = c.smooth[-1] & (forgotten | ~np.isfinite(first))
    first = np.where(slowly, slow.a[-1, -1], first)
    march = RadialMarch(_Seen(c, base[-1, -1]), 1, slow.a, c.s0 + slow.b, base, slow.phase)
    passed = passes(march, first)
    return superposed(march, passed), passed
