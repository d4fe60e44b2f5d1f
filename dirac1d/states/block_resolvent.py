r"""The resolvent of an open strip: a chain in x whose sites carry all waves along y.

At one Bloch momentum k and one complex energy E the waves p_n = k + 2πn/L are channels. On site i
U is a matrix U_{n-n′}, and (`resolvent`) becomes

.. math:: L_{i+1} = t_i^2 (E - H_i - L_i)^{-1}, \quad R_{i-1} = t_{i-1}^2 (E - H_i - R_i)^{-1},
          \quad G_{ii} = (E - H_i - L_i - R_i)^{-1},

with a hopping t_i that is the same number for all of them. In the leads they are apart: their
self-energies are known, and so is what G does there. From one site to the next it is

.. math:: G_{i+1} = g + g t^2 G_i g

with g the diagonal resolvent of the half-chain that begins there, so that, from one cell to the
next, an element n, n′ of G less the uniform chain's is multiplied by λ_nλ_{n′}: a geometric series.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.states.chain import Chain
from dirac1d.states.plane_waves import falling
from dirac1d.states.resolvent import Lead

#: Effort of one site at one momentum and energy, in the unit of `Limits.effort`, over the cube of
#: the number of waves and `OVERHEAD` more.
BLOCK, OVERHEAD = 4e-9, 5
#: Numbers in an array that is worked on at once.
AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False)
class Share:
    """Some momenta and energies of an open strip: what an executor is given to do.

    Attributes
    ----------
    chain : Chain
        Equidistant; its own U is not used.
    harmonics : ndarray, shape (sites, 4c + 1)
        U_n(x) on the sites, n = -2c … 2c for waves -c … c.
    leads : (Lead, Lead)
    period : float
        L.
    cutoff, start : float
        P, and where the window begins to fall, over P.
    energies : ndarray, shape (m,), complex
    k : ndarray, shape (m,)
        Bloch momenta in units of 2π/L.
    weights : ndarray, shape (m,)
    """

    chain: Chain
    harmonics: NDArray
    leads: tuple[Lead, Lead]
    period: float
    cutoff: float
    start: float
    energies: NDArray
    k: NDArray
    weights: NDArray

    @property
    def waves(self) -> NDArray:
        """-c … c."""
        most = self.harmonics.shape[1] // 4
        return np.arange(-most, most + 1)


def summed(share: Share) -> dict[str, NDArray]:
    """Σ w G by differences of waves, on the sites and summed over each lead's.

    ``sites``, shape (sites, 4c + 1), holds Σ_n G_{n+m,n} for m = -2c … 2c, of m = 0 with the
    weight of the window; ``leads``, shape (2, 4c + 1), the same of (-1)^i G_ii with the sign
    that belongs to u² - v², summed over all sites beyond the chain's first and last.
    """
    chain, waves = share.chain, share.waves
    energies, count = share.energies[:, None], len(share.energies)
    p = 2 * np.pi / share.period * (waves + share.k[:, None])
    window = falling(np.abs(p) / share.cutoff, share.start)
    diagonal = np.arange(len(waves))
    mixing = window[:, :, None] * window[:, None, :]
    mixing[:, diagonal, diagonal] = 0.0
    measured = np.broadcast_to(share.weights[:, None, None], mixing.shape).copy()
    measured[:, diagonal, diagonal] *= window**2
    between = waves[:, None] - waves + share.harmonics.shape[1] // 2
    squared = chain.hoppings**2

    def alone(i: int) -> NDArray:
        """E - H_i."""
        row = share.harmonics[i]
        found = -mixing * row[between]
        found[:, diagonal, diagonal] = (
            energies - row[len(row) // 2].real - chain.sublattice[i] * p)
        return found

    def matrices(values: NDArray) -> NDArray:
        found = np.zeros(mixing.shape, dtype=complex)
        found[:, diagonal, diagonal] = values
        return found

    ends = [lead.self_energy(energies, p, False) for lead in share.leads]
    last = len(chain) - 1
    right = np.empty((len(chain), *mixing.shape), dtype=complex)
    right[last] = matrices(ends[1])
    for i in range(last, 0, -1):
        right[i - 1] = squared[i - 1] * np.linalg.inv(alone(i) - right[i])
    left, sites, beyond = matrices(ends[0]), [], []
    for i in range(len(chain)):
        pivot = alone(i) - left
        G = np.linalg.inv(pivot - right[i])
        sites.append(np.einsum("kij,kij->ij", measured, G))
        for side in (0, 1):
            if i == (0, last)[side]:
                tail = _beyond(share.leads[side], G, ends[side], energies, p)
                beyond.append(np.einsum("kij,kij->ij", measured, tail))
        if i < last:
            left = squared[i] * np.linalg.inv(pivot)
    return {"sites": by_difference(np.array(sites)), "leads": by_difference(np.array(beyond)),
            "count": np.array(count)}


def by_difference(values: NDArray) -> NDArray:
    """Σ_n values[…, n + m, n] for all m, increasing; shape (…, 2n - 1)."""
    most = values.shape[-1] - 1
    return np.stack([np.trace(values, offset=-m, axis1=-2, axis2=-1)
                     for m in range(-most, most + 1)], axis=-1)


def _beyond(lead: Lead, G: NDArray, end: NDArray, energies: NDArray, p: NDArray) -> NDArray:
    """Σ ±G_ii over the sites of a lead, + on A, from G of the last site of the chain.

    Of the uniform chain, whose G_ii is the same on all sites of a kind, an alternating series is
    left, and what stands first in it counts by half.
    """
    bond = abs(lead.mass) * lead.link
    weaker, stronger = (((1 + s * bond) / (2 * lead.link)) ** 2 for s in (-1, 1))
    here, other = lead.sublattice, replace(lead, sublattice=-lead.sublattice)
    # The first site of the lead is of the other kind, and the chain hangs on its weaker bond.
    first = end / weaker
    inner = (energies - lead.U + here * p) - 1 / first
    second = inner / stronger
    outer = other.self_energy(energies, p, False)
    alone = energies - lead.U + here * p
    uniform = (1 / (alone - outer - inner)
               + 1 / (energies - lead.U - here * p - stronger / (alone - outer) - end)) / 2
    diagonal = np.arange(p.shape[1])
    factors = [weaker * first[:, :, None] * first[:, None, :],
               stronger * second[:, :, None] * second[:, None, :]]
    one = factors[0] * G
    one[:, diagonal, diagonal] += first - 1 / (alone - outer - inner)
    total = one * (1 - factors[1]) / (1 - factors[0] * factors[1])
    total[:, diagonal, diagonal] += uniform / 2
    return -here * total
