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
from dirac1d.green.sources.circle.slow import Slow, slow_solutions
from dirac1d.green.sources.step.leads import decay_rate, one_less_square
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.numerics.quadrature import last_coefficients

#: Least tolerance of an equation: rounding.
ROUNDING = 1e-14
#: Phase Im ∫λ dr across a panel from which its trace counts as a wave.
WAVES = 2.0


@dataclass(frozen=True, eq=False)
class Pair:
    """What is asked at all nodes, (n, P, N); what was lost on panels, (P, N), and failed, (P,)."""

    trace: NDArray
    lost: NDArray
    failed: NDArray


@dataclass(frozen=True)
class Asked:
    """What is taken of both signs of j: tr σ_φG, or tr G less its references, times a factor.

    `references` is the mass B of the two references of tr G: tr G - 2 tr G_B + tr G_B', as on a
    line (:meth:`~dirac1d.green.sources.step.solution.Solution.density_beyond`).
    """

    factor: complex = 1.0
    references: float | None = None


#: tr σ_φG.
CURRENT = Asked()


def solve(
    mesh: Mesh, mass: float, E: NDArray, j: NDArray, tolerance: float, start: Start,
    asked: Asked = CURRENT, felt: float = 0.0, cut: bool = False,
) -> Pair:
    """Both reflection variables for ±j, j > 0, at energies E; shapes (N,).

    `cut` tells whether the mesh is a part that begins where U is constant and no wave comes from
    inside.
    """
    # What is left of an equation near r = 0 is divided by r there, and by it once more in the sum.
    tolerance = max(tolerance * min(abs(mass) * mesh.edges[0], 1.0) ** 2, ROUNDING)
    c = coefficients(
        mesh, mass, np.concatenate((E, E)), np.concatenate((j, -j)), tolerance, start,
        felt,
    )
    slow = slow_solutions(c)
    base = np.where(c.smooth, c.s0, 0)
    left, out = outwards(c, slow, base, cut)
    right, back = inwards(c, slow, base)
    N = len(E)
    if asked.references is None:
        local, pair = _local_pair(c, N), _pair
    else:
        local, pair = _local_density(c, N, asked.references), _density
    trace = asked.factor * (pair(c, slow, base, left, right, N) + local)
    left_out = np.maximum(out.left_out, back.left_out)
    lost = np.maximum(left_out[:, :N], left_out[:, N:])
    # What nodes cannot carry of a wave averages out, and shows in the answer if it does not: there
    # the slow solutions alone are looked at.
    waves = np.abs(slow.phase[-1].imag) > WAVES
    waves = (waves & c.smooth)[:, :N] | (waves & c.smooth)[:, N:]
    lost = np.maximum(lost, np.where(waves, 0.0, _tail(trace, mesh.visible)))
    if np.any(waves):
        plain = asked.factor * (pair(c, slow, base, slow.b, slow.a, N) + local)
        lost = np.maximum(lost, np.where(waves, _tail(plain, mesh.visible), 0.0))
    failed = slow.failed | out.failed | back.failed
    return Pair(trace, lost, failed)


def _tail(trace: NDArray, seen: slice) -> NDArray:
    """The last coefficients on the visible panels, 0 on others, (P, N).

    Of the real part: all weights of the sum are real, and for large ω the imaginary part is larger.
    """
    tail = np.zeros(trace.shape[1:])
    tail[seen] = last_coefficients(trace[:, seen].real)
    return tail


def _pair(
    c: Coefficients, slow: Slow, base: NDArray, left: NDArray, right: NDArray, N: int
) -> NDArray:
    """Σ_± tr σ_φG, on smooth columns without the local term -p/κ."""
    D = 1 - (base + left) * (base + right)
    p = c.j / c.r[:, :, None]
    both = (left - slow.b) + (right - slow.a) + slow.twice
    with np.errstate(divide="ignore", invalid="ignore"):
        own = one_less_square(c.E_prime, c.kappa)
        less = -both * c.E_prime / c.kappa - 2j * base * left * right / own
        T_z = np.where(c.smooth, less, -1j * (2 * base + both))
        trace = (c.mass * (right - left) + p * T_z) / (c.M * D)
    return trace[..., :N] + trace[..., N:]


def _local_pair(c: Coefficients, N: int) -> NDArray:
    """The sum of the local terms of ±j, without cancellation where both are smooth."""
    plus, minus = c.kappa[..., :N], c.kappa[..., N:]
    j, r = c.j[:N], c.r[:, :, None]
    twice = c.E_prime[..., :N] + c.E_prime[..., N:]
    apart = c.mass * j / ((c.mass * r) ** 2 + j * j)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = -j / r * twice * apart / (plus * minus * (plus + minus))
        if np.all(c.smooth):
            return exact
        single = np.where(c.smooth, -c.j / r / c.kappa, 0.0)
    smooth = c.smooth[:, :N] & c.smooth[:, N:]
    return np.where(smooth, exact, single[..., :N] + single[..., N:])


def _density(
    c: Coefficients, slow: Slow, base: NDArray, left: NDArray, right: NDArray, N: int
) -> NDArray:
    """Σ_± tr G = -i(1 + s_Ls_R)/D, on smooth columns without the local term -E_eff/κ."""
    D = 1 - (base + left) * (base + right)
    both = (left - slow.b) + (right - slow.a) + slow.twice
    with np.errstate(divide="ignore", invalid="ignore"):
        own = one_less_square(c.E_prime, c.kappa)
        exact = -2j * (base * both + left * right) / (D * own)
        density = np.where(c.smooth, exact, -1j * (2 - D) / D)
    return density[..., :N] + density[..., N:]


def _local_density(c: Coefficients, N: int, B: float) -> NDArray:
    """The local terms of ±j, and their references, whose energy E' has no χ."""
    M = c.M[..., :N]
    E = (c.E_prime[..., :N] + c.E_prime[..., N:]) / 2
    kappa = decay_rate(E, M)
    near, far = (np.sqrt(kappa**2 + k * B * B) for k in (1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        local = 1 + near / (kappa + far)
        local = local / (near * kappa * far * (kappa + near) * (near + far))
        exact = _second(c, E, kappa, N) - 4 * B**4 * E * local
        own = np.where(c.smooth, -c.E_prime / c.kappa, 0.0)
        direct = own[..., :N] + own[..., N:] + 2 * E * (2 / near - 1 / far)
    return np.where(c.smooth[:, :N] & c.smooth[:, N:], exact, direct)


def _second(c: Coefficients, E: NDArray, kappa: NDArray, N: int) -> NDArray:
    """2E/κ - (E + χ)/κ₊ - (E - χ)/κ₋, of second order in χ: κ_±² - κ² = ∓2Eχ - χ²."""
    j, r = c.j[:N], c.r[:, :, None]
    chi = c.mass * j / (2 * ((c.mass * r) ** 2 + j * j))
    plus, minus = c.kappa[..., :N], c.kappa[..., N:]
    a, b = (kappa * q * (kappa + q) for q in (plus, minus))
    change = 4 * E * chi / (plus + minus)  # κ₋ - κ₊
    apart = 2 * E * change * (kappa + plus + minus) * kappa / (a * b) + chi * (1 / a + 1 / b)
    return -chi * (E * apart + change / (plus * minus))
