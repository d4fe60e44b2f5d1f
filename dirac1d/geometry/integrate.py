"""Integrals over all momenta, int d^2k/(2 pi)^2: a Brillouin zone, or the whole plane.

Zones: the periodic trapezoid rule, refined by doubling, converges exponentially. Planes, and zones
whose gap is too small for that, go to adaptive cells with Gauss rules; planes are mapped to
k = scale tan(theta) in polar coordinates, in which Dirac integrands are smooth up to infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .models import TwoBandModel

__all__ = ["Integral", "integrate_momenta"]

Array = NDArray[np.float64]
Integrand = Callable[[Array, Array], Array]

TRAPEZOID_START = 24
# Beyond 768^2 points the adaptive cells are cheaper: they refine only where the gap is small.
TRAPEZOID_LARGEST = 768
# Gauss points per side of a cell: a cell as long as the distance to the nearest singularity
# already converges to 1e-10, and one generation costs few but long array operations.
CELL_POINTS = 10
CELL_GENERATIONS = 40
CELL_BUDGET = 4_000_000
# Points evaluated at once: ~200 floats per point keep the working set near 60 MB.
CHUNK = 40_000
# Sums of up to 1e6 terms of either sign: pairwise summation leaves a few eps of the sum of moduli.
ROUNDING = 8 * np.finfo(float).eps
# A cell whose error stops falling (Gauss rules gain a factor of 1e3 or more per halving once they
# resolve the integrand) and is already this small is limited by the rounding of the integrand,
# which a small gap amplifies; it is not divided again and its error is kept.
STAGNATION = 0.1
STAGNATION_LEVEL = 1e-7


@dataclass(frozen=True)
class Integral:
    """Values of several integrals over momenta and bounds on their errors, shape (n,)."""

    value: NDArray
    error: Array
    points: int
    converged: bool


def integrate_momenta(
    integrand: Integrand, model: TwoBandModel, *, rtol: float = 1e-10, atol: float = 0.0
) -> Integral:
    """Integrate ``integrand(kx, ky) -> (n, points)`` over the momenta of ``model``, d^2k/(2 pi)^2.

    The first of the n integrals is the one that matters: refinement stops when its error is below
    ``atol + rtol * int |integrand_0|``, whose second factor keeps the request meaningful when
    positive and negative regions cancel.

    Raises
    ------
    ValueError
        If neither tolerance is positive.
    """
    if not (rtol > 0 or atol > 0):
        raise ValueError(f"rtol = {rtol!r}, atol = {atol!r}: one of them must be positive")
    if model.lattice is not None:
        result = _trapezoid(integrand, model.lattice, rtol, atol)
        if result.converged:
            return result
        cells = np.array([[i / 4, j / 4, 1 / 4, 1 / 4] for i in range(4) for j in range(4)])
        return _adaptive(_zone_map(integrand, model.lattice), cells, rtol, atol)
    cells = np.array([[i / 3, j / 6, 1 / 3, 1 / 6] for i in range(3) for j in range(6)])
    return _adaptive(_plane_map(integrand, model.scale), cells, rtol, atol)


def _reciprocal(lattice: Array) -> tuple[Array, float]:
    # k = u b_1 + v b_2; the zone's area over (2 pi)^2 is one over the cell's area
    return 2 * np.pi * np.linalg.inv(lattice), 1 / abs(np.linalg.det(lattice))


def _zone_map(integrand: Integrand, lattice: Array) -> Integrand:
    b, weight = _reciprocal(lattice)

    def mapped(u: Array, v: Array) -> Array:
        return weight * integrand(b[0, 0] * u + b[0, 1] * v, b[1, 0] * u + b[1, 1] * v)

    return mapped


def _plane_map(integrand: Integrand, scale: float) -> Integrand:
    def mapped(u: Array, v: Array) -> Array:
        theta, phi = np.pi / 2 * u, 2 * np.pi * v
        k = scale * np.tan(theta)
        jacobian = k * scale * np.pi / 2 / np.cos(theta) ** 2 / (2 * np.pi)
        return jacobian * integrand(k * np.cos(phi), k * np.sin(phi))

    return mapped


def _sum(mapped: Integrand, u: Array, v: Array) -> tuple[NDArray, Array]:
    total, moduli = 0.0, 0.0
    for start in range(0, u.size, CHUNK):
        values = mapped(u[start:start + CHUNK], v[start:start + CHUNK])
        total = total + values.sum(1)
        moduli = moduli + np.abs(values).sum(1)
    return total, moduli


def _trapezoid(integrand: Integrand, lattice: Array, rtol: float, atol: float) -> Integral:
    mapped = _zone_map(integrand, lattice)
    n = TRAPEZOID_START

    def grid(shift_u: float, shift_v: float) -> tuple[NDArray, Array]:
        u, v = np.meshgrid((np.arange(n) + shift_u) / n, (np.arange(n) + shift_v) / n)
        total, moduli = _sum(mapped, u.ravel(), v.ravel())
        return total / n**2, moduli / n**2

    value, modulus = grid(0.0, 0.0)
    previous = np.full(value.shape, np.inf)
    while True:
        parts = [grid(a, b) for a, b in ((0.5, 0.0), (0.0, 0.5), (0.5, 0.5))]
        finer = (value + sum(p[0] for p in parts)) / 4
        modulus = (modulus + sum(p[1] for p in parts)) / 4
        change = np.abs(finer - value)
        n *= 2
        # Errors fall as rho^n: the next change is change * (change/previous)^2; one power less
        # is kept as the error, for the rate is measured before the asymptotic regime.
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(previous > 0, change / previous, 1.0)
        error = change * np.minimum(1.0, ratio if np.isfinite(previous).all() else 1.0)
        error = np.maximum(error, ROUNDING * modulus)
        value, previous = finer, change
        converged = bool(error[0] <= max(atol + rtol * modulus[0], 2 * ROUNDING * modulus[0]))
        if converged or 2 * n > TRAPEZOID_LARGEST:
            return Integral(value, error, n * n, converged)


def _gauss_cells(mapped: Integrand, cells: Array) -> tuple[NDArray, Array]:
    """Integrals of the integrand and of its modulus over every cell (u, v, width, height)."""
    x, w = np.polynomial.legendre.leggauss(CELL_POINTS)
    x, w = (x + 1) / 2, w / 2
    X, Y = (axis.ravel() for axis in np.meshgrid(x, x, indexing="ij"))
    W = np.outer(w, w).ravel()
    per_chunk = max(1, CHUNK // X.size)
    values, moduli = [], []
    for start in range(0, len(cells), per_chunk):
        part = cells[start:start + per_chunk, :, None]
        f = mapped((part[:, 0] + part[:, 2] * X).ravel(), (part[:, 1] + part[:, 3] * Y).ravel())
        f = f.reshape(len(f), len(part), -1) * W * part[:, 2] * part[:, 3]
        values.append(f.sum(2))
        moduli.append(np.abs(f).sum(2))
    return np.concatenate(values, 1), np.concatenate(moduli, 1)


def _finished(error: Array, parent_error: Array, parent_modulus: Array, spent: float,
              target: float, rounding: float) -> NDArray[np.bool_]:
    # The best cells are done as long as their errors together fit into half of the request.
    order = np.argsort(error)
    finished = np.zeros(len(error), bool)
    finished[order[np.cumsum(error[order]) + spent <= 0.5 * target]] = True
    stagnant = (error > STAGNATION * parent_error) & (error < STAGNATION_LEVEL * parent_modulus)
    return finished | (error <= rounding / len(error)) | stagnant


def _adaptive(mapped: Integrand, cells: Array, rtol: float, atol: float) -> Integral:
    coarse, modulus = _gauss_cells(mapped, cells)
    done = np.zeros(len(coarse), coarse.dtype)
    done_error, done_modulus = np.zeros((2, len(coarse)))
    points = len(cells) * CELL_POINTS**2
    parent_error, parent_modulus = np.full(len(cells), np.inf), modulus[0]
    for _ in range(CELL_GENERATIONS):
        half = cells[:, 2:] / 2
        children = np.concatenate([np.hstack([cells[:, :2] + half * corner, half])
                                   for corner in ((0, 0), (1, 0), (0, 1), (1, 1))])
        values, modulus = _gauss_cells(mapped, children)
        points += len(children) * CELL_POINTS**2
        total_modulus = done_modulus + modulus.sum(1)
        fine = values.reshape(len(values), 4, -1).sum(1)
        error = np.abs(fine - coarse)
        rounding = ROUNDING * total_modulus[0]
        target = max(atol + rtol * total_modulus[0], 2 * rounding)
        good = _finished(error[0], parent_error, parent_modulus, done_error[0], target, rounding)
        left = np.tile(~good, 4)
        done = done + fine[:, good].sum(1)
        done_error = done_error + error[:, good].sum(1)
        done_modulus = done_modulus + modulus[:, ~left].sum(1)
        cells, coarse = children[left], values[:, left]
        parent_error, parent_modulus = np.tile(error[0], 4)[left], modulus[0, left]
        if not len(cells) or points > CELL_BUDGET:
            break
    error = np.maximum(done_error + error[:, ~good].sum(1), ROUNDING * total_modulus)
    return Integral(done + coarse.sum(1), error, points, bool(error[0] <= target))
