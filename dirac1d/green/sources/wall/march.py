"""Both reflection variables through all panels, by the superposition of slow solutions."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.curved import Curved, CurvedMarch
from dirac1d.green.sources.step.march import Passed, passes, superposed
from dirac1d.green.sources.wall.coefficients import Coefficients, swapped
from dirac1d.green.sources.wall.slow import Slow, collocated


def _across(c: Coefficients, d: int, p: int, plain: NDArray) -> NDArray:
    """The fixed point behind panel p less its own where it is entered, `plain` if not known better.

    Where U or Δ jumps both are nearly equal at large |E| and p: written out there.
    """
    behind = p - 1 if d == 0 else p + 1
    if not 0 <= behind < len(c.mesh.flat):
        return plain
    before, here = ((-1, behind), (0, p)) if d == 0 else ((0, behind), (-1, p))
    line, mass = c.mesh.line.U, c.mesh.mass.U
    change = [float(q[before[::-1]] - q[here[::-1]]) for q in (line, mass)]
    if not any(change):
        return plain
    # N₁/Z₁ - N₂/Z₂ of before and here, Z = E' + iκ, κ² = Δ² + p² - E'².
    N, Z = (swapped(c.N[here]) if d == 0 else c.N[here]), c.Z[here]
    masses = float(mass[before[::-1]] + mass[here[::-1]])
    square = masses * change[1] + (c.E_prime[before] + c.E_prime[here]) * change[0]
    apart = -change[0] + 1j * square / (c.kappa[before] + c.kappa[here])
    exact = (change[1] * Z - N * apart) / (Z * c.Z[before])
    return np.where(c.smooth[behind] & c.smooth[p], exact, plain)


def marched(
    c: Coefficients, slow: Slow, d: int, begin: NDArray | None = None
) -> tuple[NDArray, NDArray, Passed]:
    """s_L (d = 0) or s_R less its base at all nodes, the base, and what was met on the way.

    It begins at the fixed point of a lead, or at a hard wall with u, v = f ± ig for its g/f; or,
    less its base, with `begin`.
    """
    t0 = swapped(c.s0)
    own, near, far = (t0, slow.b, c.s0 + slow.a) if d == 0 else (c.s0, slow.a, t0 + slow.b)
    base = np.where(c.smooth, own, 0)
    first = (0, 0) if d == 0 else (-1, -1)
    if begin is None:
        begin, wall = own[first], c.mesh.walls[d]
        if wall is not None:
            value = (1 - 1j * wall) / (1 + 1j * wall)  # v/u
            begin = np.full(len(c.p), value if d == 1 else 1 / value)
        begin = begin - base[first]
    march = CurvedMarch(
        Curved(c.E_prime, c.smooth, own, base[first]), d, near, far, base, slow.phase,
        partial(collocated, c, d), partial(_across, c, d),
    )
    passed = passes(march, begin)
    return superposed(march, passed), base, passed
