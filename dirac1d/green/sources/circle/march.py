"""Both reflection variables through all panels, by the superposition of slow solutions."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.circle.coefficients import Coefficients
from dirac1d.green.sources.circle.ends import regular_start
from dirac1d.green.sources.circle.slow import Slow, collocated
from dirac1d.green.sources.step.curved import Curved, CurvedMarch
from dirac1d.green.sources.step.march import Passed, passes, superposed

#: ∫λ dr, about 2∫κ dr, over the last panel from which on nothing of the start is left behind it.
FORGOTTEN = 40.0


def _march(c: Coefficients, slow: Slow, base: NDArray, d: int) -> CurvedMarch:
    """A march in direction d: 0 outwards, 1 inwards."""
    near, far = (slow.b, slow.a) if d == 0 else (slow.a, slow.b)
    end = (0, 0) if d == 0 else (-1, -1)
    return CurvedMarch(
        Curved(c.E_prime, c.smooth, c.s0, base[end]), d, near, c.s0 + far, base, slow.phase,
        partial(collocated, c, d),
    )


def outwards(c: Coefficients, slow: Slow, base: NDArray) -> tuple[NDArray, Passed]:
    """s_L - base at all nodes, from the regular solution at r = 0; and what was met on the way."""
    mesh = c.mesh
    first, failed = regular_start(
        mesh.potential, mesh.edges[0], c.mass, c.E, c.j, c.tolerance, c.felt
    )
    # Of a smooth column the deviation is handed on: it has digits that s has not.
    first = np.where(c.smooth[0], first, c.s0[0, 0] + first)
    march = _march(c, slow, base, 0)
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
    march = _march(c, slow, base, 1)
    passed = passes(march, first)
    return superposed(march, passed), passed
