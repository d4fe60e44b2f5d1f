r"""The resolvent of an open chain at a real energy: its diagonal, by continued fractions.

A tridiagonal H has

.. math:: G_{ii} = \frac{1}{E - H_{ii} - L_i - R_i}, \quad
          L_{i+1} = \frac{t_i^2}{E - H_{ii} - L_i}, \quad
          R_{i-1} = \frac{t_{i-1}^2}{E - H_{ii} - R_i},

so that an end is known by one number, L of the first site or R of the last. At E + i0 a uniform
chain that goes on for ever gives it in closed form (`Lead`): nothing is cut off, and what the
lattice leaves is even in its spacing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.states.chain import Chain

#: Effort of one momentum on one site, in the unit of `Limits.effort`.
RECURSION = 3e-7
#: Numbers in an array that is worked on at once.
AT_ONCE = 400_000


@dataclass(frozen=True)
class Lead:
    """A uniform chain beyond the last site of another, which begins with its stronger bonds.

    Attributes
    ----------
    U, mass : float
    link : float
        ℓ, between neighbouring sites; half the spacing.
    cell : float
        That of the last site of the other chain.
    sublattice : float
        Of that site.
    """

    U: float
    mass: float
    link: float
    cell: float
    sublattice: float

    def opens_below(self, energy: float) -> float:
        """p_F² = (E - U)² - Δ²: for |p_y| below p_F there are waves; negative in the gap."""
        return (energy - self.U) ** 2 - self.mass**2

    def self_energy(self, energy: float, p_y: NDArray, waves: bool) -> NDArray:
        """What the lead adds to the energy of the last site, shape of p_y, which may be complex.

        With q = (E - U)² - p_y², t = |1 - |Δ|ℓ|/2ℓ the weaker bond and e = E - U ∓ p_y,

            S² e′ - (q - |Δ|/ℓ) S + t² e = 0,      S = 2t²e/(q - |Δ|/ℓ - κ √(1/ℓ² - q)),

        κ² = Δ² - q: Re κ > 0 where waves decay, and κ = -ik sgn(E - U) of those that leave.
        Both are analytic about the real p_y on which they are true.
        """
        e = energy - self.U
        q, bond = e**2 - p_y**2, abs(self.mass) / self.link
        if waves:
            kappa = -1j * np.sign(e) * np.sqrt(q - self.mass**2 + 0j)
        else:
            kappa = np.sqrt(self.mass**2 - q + 0j)
        root = kappa * np.sqrt(self.link**-2 - q + 0j)
        weaker = ((1 - abs(self.mass) * self.link) / (2 * self.link)) ** 2
        uniform = 2 * weaker * (e - self.sublattice * p_y) / (q - bond - root)
        return uniform * 2 * self.link / self.cell


def pivots(diagonal: NDArray, squared: NDArray, first: NDArray) -> NDArray:
    """E - H_ii - L_i for every site, shape (N, m): of m chains from their first site on.

    `diagonal` is E - H_ii, shape (N, m), `squared` the t_i², shape (N - 1,), `first` L_0.
    """
    found = np.empty_like(diagonal)
    found[0] = diagonal[0] - first
    for i, hop in enumerate(squared):
        np.divide(hop, found[i], out=found[i + 1])
        np.subtract(diagonal[i + 1], found[i + 1], out=found[i + 1])
    return found


def diagonal_resolvent(
    diagonal: NDArray, squared: NDArray, ends: tuple[NDArray, NDArray]
) -> tuple[NDArray, NDArray]:
    """G_ii, shape (N, m), and pivots whose product is det(E - H), shape (N, m)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        left = pivots(diagonal, squared, ends[0])
        right = pivots(diagonal[::-1], squared[::-1], ends[1])[::-1]
        G = 1 / (left + right - diagonal)
    left[-1] -= ends[1]
    return G, left


def phase(product: NDArray) -> NDArray:
    """The phase of det(E - H) from its pivots, shape (m,).

    At E + i0 no pivot has a negative imaginary part. The sum of their phases, each from 0 to π,
    grows by π whenever a level, however narrow, moves up through E.
    """
    return np.sum(np.angle(product), axis=0)


def energies_on_sites(chain: Chain, energy: float, p_y: NDArray) -> NDArray:
    """E - H_ii at each momentum, shape (N, m); p_y may also be given site by site."""
    return (energy - chain.U)[:, None] - chain.sublattice[:, None] * p_y


def batches(count: int, sites: int) -> Iterator[slice]:
    """Parts of so many momenta whose arrays on the sites are not too large."""
    step = max(1, AT_ONCE // sites)
    return (slice(first, first + step) for first in range(0, count, step))
