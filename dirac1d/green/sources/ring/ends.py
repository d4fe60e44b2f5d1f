r"""Where the marches begin: the regular solution near r = 0, and the decaying one far outside.

At r = 0 p = j/r is all there is: s_L = u/v begins at its fixed point t₀ = ±1, from which the
regular solution departs as r. It is followed to the first radius on panels of its own, from one
that is so short that the energy is small beside j/r there.

Where U and Δ are constant, κ² = Δ² - E'², what decays is (f, g) = ((E' + Δ)K_{|j-1/2|}(κr),
κK_{|j+1/2|}(κr)), and s_R = (f - ig)/(f + ig).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import kve

from dirac1d.green.sources.circle.ends import FIRST_ARGUMENT, NODES, RATIO
from dirac1d.green.sources.ring.coefficients import local_coefficients
from dirac1d.green.sources.step.collocation import collocate
from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.green.sources.wall.coefficients import Coefficients
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.numerics.quadrature import lobatto


def regular_start(c: Coefficients, E: NDArray, felt: float) -> tuple[NDArray, NDArray]:
    """s_L - t₀ at the first node of the solution that is regular at 0, and which columns failed."""
    mesh, j, r = c.mesh, c.p, float(c.mesh.edges[0])
    size = np.hypot(np.abs(E - mesh.line.potential(0.0)), mesh.mass.potential(0.0))
    at = np.minimum(np.abs(j) * FIRST_ARGUMENT / size, r)
    begin = np.zeros(len(j))
    delta, failed = np.zeros(len(j), complex), np.zeros(len(j), dtype=bool)
    allowed = c.tolerance * felt / np.maximum(np.abs(E), 1.0) ** 3
    left = np.arange(len(j))
    while len(left):
        delta[left], wrong = _across(
            mesh, begin[left], at[left], E[left], j[left], delta[left], c.tolerance, allowed[left]
        )
        failed[left] |= wrong
        begin = at
        left = left[at[left] < r]
        at = np.where(at < r, np.minimum(RATIO * at, r), at)
    return delta, failed


def _across(
    mesh: WallMesh, a: NDArray, b: NDArray, E: NDArray, j: NDArray, delta: NDArray,
    tolerance: float, allowed: NDArray,
) -> tuple[NDArray, NDArray]:
    """s_L - t₀ at b from that at a (which may be 0), and which columns failed; shapes (N,)."""
    x = a + (b - a) * (lobatto(NODES)[:, None] + 1) / 2
    x[-1] = b
    zero = a == 0
    x[0, zero] = x[1, zero]  # coefficients at r = 0 are infinite: none of them is used
    U, mass = (
        (q.potential(x), q.potential.derivative(x)) for q in (mesh.line, mesh.mass)
    )
    own, other = (local_coefficients(x, U, mass, E, s * j) for s in (-1, 1))  # s_L is s_R of -j
    guess = -own.drift / (2 * own.kappa + 1 / x)
    guess[0] = delta
    y, failed = collocate(
        delta, -own.drift, -2 * own.kappa, guess, own.kappa, b - a, other.N, tolerance, allowed
    )
    return y[-1], failed


def outer_start(c: Coefficients) -> NDArray:
    """s_R at the last node of what decays outwards; nan where Bessel functions overflow."""
    E, mass, j = c.E_prime[-1, -1], c.mesh.mass.U[-1, -1], c.p
    kappa = decay_rate(E, np.full(len(E), abs(mass), complex))
    order, z = np.abs(j) - 0.5, kappa * c.mesh.edges[-1]
    with np.errstate(all="ignore"):
        ratio = kve(order, z) / kve(order + 1, z)
        up, down = ratio, np.ones_like(ratio)
        f = (E + mass) * np.where(j > 0, up, down)
        g = kappa * np.where(j > 0, down, up)
        return (f - 1j * g) / (f + 1j * g)
