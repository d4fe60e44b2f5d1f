"""A march through panels that are all alike curved: where M depends on r, or Δ on x."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class NoFlat(NamedTuple):
    """There are no panels on which nothing is to be solved."""

    kappa: NDArray


@dataclass(frozen=True, eq=False)
class Curved:
    """Coefficients as a march on a line sees them.

    `s0` is the fixed point of the march's own s; `first` is what s is measured from where it
    begins.
    """

    E_prime: NDArray
    smooth: NDArray
    s0: NDArray
    first: NDArray

    @property
    def flat(self) -> NoFlat:
        """No panels."""
        return NoFlat(np.zeros((0, self.E_prime.shape[-1])))

    def end(self, node: int) -> tuple[None, None, NDArray]:
        """What s is measured from where the march begins, third."""
        return None, None, self.first


@dataclass(frozen=True, eq=False)
class CurvedMarch:
    """A march in direction d: 0 outwards (s_L), 1 inwards (s_R); as `step.march.March`.

    Attributes
    ----------
    near, far, base, phase : ndarray
        As there.
    collocated : callable
        Panel, columns, s where it enters → s itself, which columns failed, and what it misses.
    written_out : callable, optional
        Panel, and the plain difference of the bases on both of its sides → that, without
        cancellation where it is known.
    """

    c: Curved
    d: int
    near: NDArray
    far: NDArray
    base: NDArray
    phase: NDArray
    collocated: Callable[[int, NDArray, NDArray], tuple[NDArray, NDArray, NDArray]]
    written_out: Callable[[int, NDArray], NDArray] | None = None

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last node of a panel, in marching order."""
        return (0, -1) if self.d == 0 else (-1, 0)

    def across(self, p: int, old: NDArray) -> NDArray:
        """The base behind panel p, `old`, less its own where it is entered."""
        plain = old - self.base[self.ends[0], p]
        return plain if self.written_out is None else self.written_out(p, plain)

    def way(self) -> Iterator[tuple[int, Any]]:
        """Panels in marching order."""
        P = self.near.shape[1]
        return ((p, None) for p in (range(P) if self.d == 0 else range(P - 1, -1, -1)))
