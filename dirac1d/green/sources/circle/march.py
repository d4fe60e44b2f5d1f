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
        partial(collocated, c, d), partial(_across, c, d),
    )


def _across(c: Coefficients, d: int, p: int, plain: NDArray) -> NDArray:
    """s₀ behind panel p less that where it is entered, `plain` if not known better.

    Where U jumps both are nearly equal at large |E| and j: written out there. With Z = E_eff + iκ
    it is M/Z₁ - M/Z₂, and E_eff changes by what U does.
    """
    behind = p - 1 if d == 0 else p + 1
    if not 0 <= behind < len(c.mesh.flat):
        return plain
    before, here = ((-1, behind), (0, p)) if d == 0 else ((0, behind), (-1, p))
    change = float(c.mesh.U[before[::-1]] - c.mesh.U[here[::-1]])
    if not change:
        return plain
    E, kappa = c.E_prime, c.kappa
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = change * (1 - 1j * (E[before] + E[here]) / (kappa[before] + kappa[here]))
        exact = apart * c.s0[before] * c.s0[here] / c.M[here]
    return np.where(c.smooth[behind] & c.smooth[p], exact, plain)



def outwards(
    c: Coefficients, slow: Slow, base: NDArray, cut: bool = False
) -> tuple[NDArray, Passed]:
    """s_L - base at all nodes, from the regular solution at r = 0; and what was met on the way.

    If the mesh is `cut`, from that of a constant U; the slow one where it is unknown.
    """
    mesh = c.mesh
    if cut:
        (start, known), failed = c.inner_start(), np.zeros(1, dtype=bool)
        first = np.where(known | ~c.smooth[0], start - c.s0[0, 0], slow.b[0, 0])
    else:
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

    It is the slow solution where the start is forgotten across the last panel, or not known well.
    Close to a turning point there is none.
    """
    start, known = c.outer_start()
    forgotten = slow.phase[-1, -1].real > FORGOTTEN
    slowly = c.smooth[-1] & (forgotten | ~known)
    first = np.where(slowly, slow.a[-1, -1], start - base[-1, -1])
    march = _march(c, slow, base, 1)
    passed = passes(march, first)
    return superposed(march, passed), passed
