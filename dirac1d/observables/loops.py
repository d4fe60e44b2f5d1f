r"""The magnetic field of a current around a circle: the sum of its current loops.

A loop of radius a and current I makes at the distance r from the axis and the height z, with
α² = (a-r)² + z², β² = (a+r)² + z², k² = 4ar/β² and complete elliptic integrals of k²,

.. math:: B_z = \frac{\mu_0I}{2π β}\Big[K + \frac{a^2-r^2-z^2}{α^2}E\Big], \qquad
          B_r = \frac{\mu_0Iz}{2π rβ}\Big[\frac{a^2+r^2+z^2}{α^2}E - K\Big].

These are the Hankel transforms of e^{-qz} J₁(qa) in closed form: no cut-off in q, no tail.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.special import ellipe, ellipkm1

from dirac1d.dirac import E_OVER_2H
from dirac1d.results.radial import RadialProfile

#: Nodes per piece, and its largest width over the height: the kernel's poles at a = r ± iz are then
#: two widths away, and the nodes leave 8^-24.
_NODES, _PIECE = 12, 0.5
#: r/√(a² + z²) below which B_r is its first term; what that misses is the square.
_AXIS = 1e-5
#: What the nodes miss of the integral of a logarithm, over its strength and the panel's width.
_LOGARITHM = 0.01


def loops_field(
    profile: RadialProfile, r: NDArray, height: float
) -> tuple[NDArray, NDArray, NDArray]:
    """B_r and B_z over μ₀/2π times j_φ's unit, and a bound on their errors; dimensionless lengths.

    Raises
    ------
    ValueError
        If the current does not end within what was computed.
    """
    strip = profile.strip
    if strip is None or strip.tails is None:
        raise ValueError("profile must hold all of the current: around a metal at T = 0 its waves "
                         "have no end")
    pieces = np.maximum(np.ceil(np.diff(strip.edges) / (_PIECE * height)), 1).astype(int)
    edges = np.append(np.repeat(strip.edges[:-1], pieces), strip.edges[-1])
    width = np.repeat(np.diff(strip.edges) / pieces, pieces)
    edges[:-1] += width * (np.arange(len(width)) - np.repeat(np.cumsum(pieces) - pieces, pieces))
    t, w = legendre.leggauss(_NODES)
    a = (edges[:-1, None] + width[:, None] * (1 + t) / 2).ravel()
    j, _ = strip.at(a)
    weight = (width[:, None] * w / 2).ravel()
    B_r, B_z = (kernel @ (weight * j) for kernel in _kernels(a, np.abs(r), height))
    # The largest kernel of a panel times the error of its integral.
    ends = _kernels((strip.edges[1:] + strip.edges[:-1]) / 2, np.abs(r), height)
    bound = strip.error + 0.0
    for position, step in profile.problem.jumps:
        touching = (strip.edges[:-1] <= position) & (position <= strip.edges[1:])
        strength = abs(step * float(profile.problem.mass_at(position))) * E_OVER_2H
        bound += np.where(touching, _LOGARITHM * strength * np.diff(strip.edges), 0.0)
    error = np.maximum(*(np.abs(kernel) for kernel in ends)) @ bound
    for indicator in strip.indicators:
        values = legendre.legval(t, indicator.T) @ w * np.diff(strip.edges) / 2
        error += np.maximum(*(np.abs(kernel) for kernel in ends)) @ np.abs(values)
    error += np.maximum(*(np.abs(k[:, 0]) for k in _kernels(strip.edges[-1:], np.abs(r), height))
                        ) * strip.tails[1].error
    return np.sign(r) * B_r, B_z, error


def _kernels(a: NDArray, r: NDArray, z: float) -> tuple[NDArray, NDArray]:
    """B_r and B_z of loops of radii a at distances r, shape (len(r), len(a)), over μ₀I/2π."""
    a, r = a[None, :], r[:, None]
    near, far = (a - r) ** 2 + z * z, (a + r) ** 2 + z * z
    K, E = ellipkm1(near / far), ellipe(4 * a * r / far)
    root = np.sqrt(far)
    B_z = (K + (a * a - r * r - z * z) / near * E) / root
    with np.errstate(divide="ignore", invalid="ignore"):
        B_r = z / (r * root) * ((a * a + r * r + z * z) / near * E - K)
    square = a * a + z * z
    on_axis = 1.5 * np.pi * a * a * z * r / square**2.5
    return np.where(r < _AXIS * np.sqrt(square), on_axis, B_r), B_z
