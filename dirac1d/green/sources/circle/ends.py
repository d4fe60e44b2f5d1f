r"""Where the marches begin: the regular solution near r = 0, and the decaying one far outside.

At r = 0 s₀ = -i, and the regular solution departs from it by -ds₀/dr · r/(1 + 2|j|). It is followed
to the first radius on panels of its own, from one that is so short that the energy is small beside
j/r there: in units of it, nothing else is.

Where U is constant, κ² = Δ² - E'², it is (f, g) = ((E' + Δ)K_{|j-1/2|}(κr), κK_{|j+1/2|}(κr)). The
rotation by θ, tan θ = j/Δr, turns (f, g) into u = e^{-iθ/2}(f + ig), v = e^{iθ/2}(f - ig):

.. math:: s_R = v/u = e^{iθ}\frac{f - ig}{f + ig}.

The regular solution has I for K and -κ for κ, and s_L = u/v.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ive, kve

from dirac1d.green.sources.circle.local import local_coefficients
from dirac1d.green.sources.step.collocation import collocate
from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.numerics.quadrature import lobatto
from dirac1d.potentials import Potential

#: |κ|r and |j| from which Bessel functions lose more digits than the slow solution's series does:
#: 10⁻¹⁶ times that, which the sum over all j and ω magnifies.
LARGE = 300.0
#: Largest κr/|j|, less 1, at the end of the first panel of the regular solution.
FIRST_ARGUMENT = 1.0
#: Ratio of the ends of the panels after it.
RATIO = 2.0
#: Nodes of each: no refinement of the mesh reaches them, so they must always do.
NODES = 16


def regular_start(
    potential: Potential, r: float, mass: float, E: NDArray, j: NDArray, tolerance: float,
    felt: float = 0.0,
) -> tuple[NDArray, NDArray]:
    """s_L - s₀ at r of the solution that is regular at 0, and which columns failed."""
    reach = np.abs(j) * FIRST_ARGUMENT / np.hypot(np.abs(E - potential(0.0)), mass)
    at, begin = np.minimum(reach, r), np.zeros(len(j))
    delta, failed = np.zeros(len(j), complex), np.zeros(len(j), dtype=bool)
    left = np.arange(len(j))
    while len(left):
        delta[left], wrong = _across(
            potential, begin[left], at[left], mass, E[left], j[left], delta[left], tolerance,
            tolerance * felt / np.maximum(np.abs(E[left]) / abs(mass), 1.0) ** 3,
        )
        failed[left] |= wrong
        begin = at
        left = left[at[left] < r]
        at = np.where(at < r, np.minimum(RATIO * at, r), at)
    return delta, failed


def _across(
    potential: Potential, a: NDArray, b: NDArray, mass: float, E: NDArray, j: NDArray,
    delta: NDArray, tolerance: float, allowed: NDArray,
) -> tuple[NDArray, NDArray]:
    """s_L - s₀ at b from that at a (which may be 0), and which columns failed; shapes (N,)."""
    n = NODES
    x = a + (b - a) * (lobatto(n)[:, None] + 1) / 2
    x[-1] = b
    zero = a == 0
    x[0, zero] = x[1, zero]  # coefficients at r = 0 are infinite: none of them is used
    U, dU = potential(x), potential.derivative(x)
    _, M, growth, kappa, _, drift, _ = local_coefficients(x, U, dU, mass, E, j)
    middle = M[n // 2]
    m = M / middle
    guess = -m * drift / (2 * kappa + 1 / x)
    first = -(E - potential(0.0) + mass / (2 * j)) / (middle * (1 + 2 * np.abs(j)))
    guess[0] = np.where(zero, first, m[0] * delta)
    y, failed = collocate(
        guess[0], -m * drift, growth - 2 * kappa, guess, kappa, b - a, middle, tolerance,
        allowed,
    )
    return y[-1] / m[-1], failed


def inner_start(
    E_prime: NDArray, mass: float, j: NDArray, r: float
) -> tuple[NDArray, NDArray]:
    """s_L at r of the regular solution, U being constant up to there; where it is known well."""
    kappa, order, z = _bessel(E_prime, mass, j, r)
    with np.errstate(all="ignore"):
        ratio = ive(order + 1, z) / ive(order, z)
        start = 1 / _turned(E_prime + mass, -kappa, 1.0, ratio, mass, j, r)
    return start, _known(start, order, z)


def outer_start(
    E_prime: NDArray, mass: float, j: NDArray, r: float
) -> tuple[NDArray, NDArray]:
    """s_R at r of the solution that decays outwards; where it is known well."""
    kappa, order, z = _bessel(E_prime, mass, j, r)
    with np.errstate(all="ignore"):
        ratio = kve(order, z) / kve(order + 1, z)
        start = _turned(E_prime + mass, kappa, ratio, 1.0, mass, j, r)
    return start, _known(start, order, z)


def _bessel(E_prime: NDArray, mass: float, j: NDArray, r: float) -> tuple[NDArray, ...]:
    """κ, the lower order |j| - ½ and the argument κr."""
    kappa = decay_rate(E_prime, np.full(len(E_prime), abs(mass), complex))
    return kappa, np.abs(j) - 0.5, kappa * r


def _known(start: NDArray, order: NDArray, z: NDArray) -> NDArray:
    """Where Bessel functions have neither overflown nor lost digits."""
    return np.isfinite(start) & (np.hypot(np.abs(z), order) < LARGE)


def _turned(
    before_f: NDArray, before_g: NDArray, lower: NDArray | float, higher: NDArray | float,
    mass: float, j: NDArray, r: float,
) -> NDArray:
    """v/u of f and g: factors times functions of the lower order and the higher, or vice versa."""
    f = before_f * np.where(j > 0, lower, higher)
    g = before_g * np.where(j > 0, higher, lower)
    return np.exp(1j * np.arctan2(j / r, mass)) * (f - 1j * g) / (f + 1j * g)

