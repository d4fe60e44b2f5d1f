"""Current vertices at finite q and the algebra of 2x2 matrices in Pauli components."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .models import TwoBandModel
from .series import FourierSeries

__all__ = ["bond_vertices", "pauli_product"]

Array = NDArray[np.float64]

# Bonds of models that are not Fourier series: Gauss rules, doubled until a sample of momenta
# agrees to rounding (polynomials at once; flattened bands after about 16 points per scale).
BOND_TOLERANCE = 2e-14
# Numerical derivatives agree to less: doubling ends where it no longer helps, once below this.
BOND_NOISE = 1e-8
BOND_PROBE = 40
BOND_LARGEST = 512


def bond_vertices(model: TwoBandModel, kx: Array, ky: Array, q: float) -> Array:
    """Peierls vertices (gamma_x, gamma_y) in Pauli components, shape (2, 4, ...), q along x."""
    if model.series is not None:
        R = model.series.displacements
        smeared = model.series.coefficients * np.sinc(q * R[:, :1] / (2 * np.pi))
        return FourierSeries(R, smeared).taylor(kx, ky, 1)[1:]
    probe = slice(None, None, max(1, kx.size // BOND_PROBE))
    px, py = np.ravel(kx)[probe], np.ravel(ky)[probe]
    points, coarse, previous = 2, _gauss_bond(model, px, py, q, 2), np.inf
    while points < BOND_LARGEST:
        fine = _gauss_bond(model, px, py, q, 2 * points)
        change = np.abs(fine - coarse).max() / np.abs(fine).max()
        if change <= BOND_TOLERANCE or previous / 2 <= change <= BOND_NOISE:
            break
        points, coarse, previous = 2 * points, fine, change
    return _gauss_bond(model, kx, ky, q, points)


def _gauss_bond(model: TwoBandModel, kx: Array, ky: Array, q: float, points: int) -> Array:
    s, weights = np.polynomial.legendre.leggauss(points)
    parts = [w / 2 * model.jet(kx + q * x / 2, ky, 1)[1:]
             for x, w in zip(s, weights, strict=True)]
    return np.sum(parts, axis=0)


def pauli_product(a: NDArray, b: NDArray) -> NDArray:
    """Product of a_0 + a.sigma and b_0 + b.sigma in components, shape (4, ...)."""
    scalar = (a * b).sum(0)
    vector = a[0] * b[1:] + b[0] * a[1:] + 1j * np.cross(a[1:], b[1:], axis=0)
    return np.concatenate([scalar[None], vector])
