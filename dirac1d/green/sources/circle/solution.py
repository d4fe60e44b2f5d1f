r"""tr σ_φG of both signs of j together, from the reflection variables.

In the rotated frame :math:`T_x = (s_R - s_L)/D`, :math:`T_z = -i(s_L + s_R)/D`, D = 1 - s_Ls_R, and

.. math:: \mathrm{tr}\,σ_φG = \frac{Δ}{M}T_x + \frac{p}{M}T_z, \qquad T_z^0 = -M/κ

at the fixed point. The local terms of ±j nearly cancel: their sum is written out,

.. math:: -|p|\,(1/κ_+ - 1/κ_-) = -4|p|E'χ/κ_+κ_-(κ_+ + κ_-), \qquad E_\pm = E' ± χ .
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Start
from dirac1d.green.sources.circle.coefficients import Coefficients, coefficients
from dirac1d.green.sources.circle.march import inwards, outwards
from dirac1d.green.sources.circle.slow import slow_solutions
from dirac1d.green.sources.step.leads import one_less_square
from dirac1d.green.sources.step.mesh import Mesh


@dataclass(frozen=True, eq=False)
class Pair:
    """Σ_± tr σ_φG at all nodes, shape (n, P, N); what was lost on panels, (P, N), and failed, (P,).
    """

    trace: NDArray
    lost: NDArray
    failed: NDArray


def solve(
    mesh: Mesh, mass: float, E: NDArray, j: NDArray, tolerance: float, start: Start
) -> Pair:
    """Both reflection variables for ±j, j > 0, at energies E; shapes (N,)."""
    N = len(E)
    c = coefficients(
        mesh, mass, np.concatenate((E, E)), np.concatenate((j, -j)), tolerance, start
    )
    slow = slow_solutions(c)
    base = np.where(c.smooth, c.s0, 0)
    left, out = outwards(c, slow, base)
    right, back = inwards(c, slow, base)
    own, local = _traces(c, base, left, right)
    trace = own[..., :N] + own[..., N:] + _local_pair(c, local, N)
    lost = np.maximum(out.left_out, back.left_out)
    failed = slow.failed | out.failed | back.failed
    return Pair(trace, np.maximum(lost[:, :N], lost[:, N:]), failed)


def _traces(
    c: Coefficients, base: NDArray, left: NDArray, right: NDArray
) -> tuple[NDArray, NDArray]:
    """tr σ_φG, on smooth columns without the local term -p/κ; and that term, 0 elsewhere."""
    D = 1 - (base + left) * (base + right)
    p = c.j / c.r[:, :, None]
    both = left + right
    with np.errstate(divide="ignore", invalid="ignore"):
        own = one_less_square(c.E_prime, c.kappa)
        less = -both * c.E_prime / c.kappa - 2j * base * left * right / own
        T_z = np.where(c.smooth, less, -1j * (2 * base + both))
        local = np.where(c.smooth, -p / c.kappa, 0.0)
    return (c.mass * (right - left) + p * T_z) / (c.M * D), local


def _local_pair(c: Coefficients, local: NDArray, N: int) -> NDArray:
    """The sum of the local terms of ±j, without cancellation where both are smooth."""
    plus, minus = c.kappa[..., :N], c.kappa[..., N:]
    j, r = c.j[:N], c.r[:, :, None]
    twice = c.E_prime[..., :N] + c.E_prime[..., N:]
    apart = c.mass * j / ((c.mass * r) ** 2 + j * j)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = -j / r * twice * apart / (plus * minus * (plus + minus))
    smooth = c.smooth[:, :N] & c.smooth[:, N:]
    return np.where(smooth, exact, local[..., :N] + local[..., N:])
