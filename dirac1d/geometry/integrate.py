"""Integrals over all momenta, int d^2k/(2 pi)^2: a Brillouin zone, or the whole plane.

Zones: the periodic trapezoid rule, refined by doubling, converges exponentially. Planes, and zones
whose gap is too small for that, go to adaptive cells with Gauss rules; planes are mapped to
k = scale tan(theta) in polar coordinates, in which Dirac integrands are smooth up to infinity.

Besides the integrals themselves every sum carries what their errors are made of: the integral of
the modulus, the rounding of the integrand (which a small gap amplifies), and, where the model's
derivatives are numerical, the same integral with those of its twin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.checks import finite_number

from . import scales
from .models import TwoBandModel, check_model

__all__ = ["Integral", "integrate_momenta"]

Array = NDArray[np.float64]
Integrand = Callable[[TwoBandModel, Array, Array], Array]
Mapped = Callable[[Array, Array], Array]

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
# Rounding of d is a few eps of the bands' energy, which the integrand, a power of 1/|d|, amplifies.
ENERGY_ROUNDING = 4 * np.finfo(float).eps
# What an integral may be off by: so many times what the twin changes, which is the error itself or
# more, and so many standard deviations of their pointwise disagreement, should that be random.
TWIN_SAFETY = 2.0
NOISE_SAFETY = 3.0
# A cell whose error stops falling (Gauss rules gain a factor of 1e3 or more per halving once they
# resolve the integrand) and is already this small is limited by the rounding of the integrand;
# it is not divided again and its error is kept.
STAGNATION = 0.1
STAGNATION_LEVEL = 1e-7

# Rows of a sum: the integral, that of the modulus, the rounding of the integrand, the integral of
# integrand minus twin's, and the sum of the squares of the latter's terms.
VALUE, MODULUS, ROUNDED, CHANGE, NOISE = range(5)


@dataclass(frozen=True, eq=False)
class Integral:
    """Values of several integrals over momenta and bounds on their errors, each of shape (n,).

    Attributes
    ----------
    value : ndarray
    error : ndarray
        Bound from the quadrature, rounding, and numerical derivatives together.
    quadrature : ndarray
        The part of quadrature and rounding.
    twin : ndarray
        The values with the derivatives of the model's twin (``value`` where they are exact).
    points : int
    converged : bool
        Whether ``error[0]`` reached what was asked for.
    """

    value: Array
    error: Array
    quadrature: Array
    twin: Array
    points: int
    converged: bool


def integrate_momenta(
    integrand: Integrand, model: TwoBandModel, *, rtol: float = 1e-10, atol: float = 0.0,
    size: Integrand | None = None,
) -> Integral:
    """Integrate ``integrand(model, kx, ky) -> (n, points)`` over the momenta, d^2k/(2 pi)^2.

    The first of the n integrals is the one that matters: refinement stops when its error is below
    ``atol + rtol * int |integrand_0|``, whose second factor keeps the request meaningful when
    positive and negative regions cancel, or below what rounding or derivatives leave. ``size``, of
    the same form, gives the sum of the moduli of an integrand's terms where they cancel: rounding
    is a part of that.

    Raises
    ------
    ValueError
        If neither tolerance is positive, or d is not periodic on the model's lattice.
    """
    check_model(model)
    if not (finite_number("rtol", rtol) > 0 or atol > 0):
        raise ValueError(f"rtol = {rtol!r}, atol = {atol!r}: one of them must be positive")
    scales.require_periodic(model)
    rows = _rows(integrand, model, size)
    if model.lattice is not None:
        mapped = _zone_map(rows, model.lattice)
        result = _trapezoid(mapped, rtol, atol)
        if result.converged:
            return result
        cells = np.array([[i / 4, j / 4, 1 / 4, 1 / 4] for i in range(4) for j in range(4)])
        return _adaptive(mapped, cells, rtol, atol)
    cells = np.array([[i / 3, j / 6, 1 / 3, 1 / 6] for i in range(3) for j in range(6)])
    return _adaptive(_plane_map(rows, model.scale), cells, rtol, atol)


def _rows(integrand: Integrand, model: TwoBandModel, size: Integrand | None) -> Mapped:
    """Integrand, its rounding, and integrand minus twin's, shape (3, n, points)."""
    def rows(kx: Array, ky: Array) -> Array:
        f = integrand(model, kx, ky)
        change = np.zeros_like(f) if model.twin is None else f - integrand(model.twin, kx, ky)
        length = np.sqrt((model.values(kx, ky)[1:] ** 2).sum(0))
        smallest = scales.CLOSED_GAP * model.energy_scale
        amplified = ENERGY_ROUNDING * model.energy_scale / np.maximum(length, smallest)
        rounding = ROUNDING + model.derivative_rounding + amplified
        terms = np.abs(f) if size is None else size(model, kx, ky)
        return np.stack([f, rounding * terms, change])

    return rows


def _zone_map(rows: Mapped, lattice: Array) -> Mapped:
    # k = u b_1 + v b_2; the zone's area over (2 pi)^2 is one over the cell's area
    b, weight = scales.reciprocal(lattice), 1 / abs(np.linalg.det(lattice))

    def mapped(u: Array, v: Array) -> Array:
        return weight * rows(b[0, 0] * u + b[0, 1] * v, b[1, 0] * u + b[1, 1] * v)

    return mapped


def _plane_map(rows: Mapped, scale: float) -> Mapped:
    def mapped(u: Array, v: Array) -> Array:
        theta, phi = np.pi / 2 * u, 2 * np.pi * v
        k = scale * np.tan(theta)
        jacobian = k * scale * np.pi / 2 / np.cos(theta) ** 2 / (2 * np.pi)
        return jacobian * rows(k * np.cos(phi), k * np.sin(phi))

    return mapped


def _sums(weighted: Array) -> Array:
    """Sums over the last axis of weighted rows (3, n, ..., points): (5, n, ...)."""
    f, rounded, change = weighted
    return np.stack([f.sum(-1), np.abs(f).sum(-1), rounded.sum(-1), change.sum(-1),
                     (change**2).sum(-1)])


def _derivative_error(sums: Array) -> Array:
    return TWIN_SAFETY * np.abs(sums[CHANGE]) + NOISE_SAFETY * np.sqrt(sums[NOISE])


def _target(sums: Array, rtol: float, atol: float) -> float:
    """Error of the first integral at which refinement may stop."""
    return max(atol + rtol * float(sums[MODULUS, 0]), 2 * float(sums[ROUNDED, 0]),
               float(_derivative_error(sums)[0]))


def _integral(sums: Array, error: Array, points: int, rtol: float, atol: float) -> Integral:
    quadrature = np.maximum(error, sums[ROUNDED])
    total = quadrature + _derivative_error(sums)
    asked = max(atol + rtol * float(sums[MODULUS, 0]), 2 * float(sums[ROUNDED, 0]))
    return Integral(sums[VALUE], total, quadrature, sums[VALUE] - sums[CHANGE], points,
                    bool(total[0] <= asked))


def _trapezoid(mapped: Mapped, rtol: float, atol: float) -> Integral:
    n = TRAPEZOID_START

    def grid(shift_u: float, shift_v: float) -> Array:
        u, v = (axis.ravel() for axis in
                np.meshgrid((np.arange(n) + shift_u) / n, (np.arange(n) + shift_v) / n))
        parts = [_sums(mapped(u[i:i + CHUNK], v[i:i + CHUNK]) / n**2)
                 for i in range(0, u.size, CHUNK)]
        return np.sum(parts, axis=0)

    # four grids make one of half the step: weights fall to a quarter, their squares to 1/16
    quarter = np.array([0.25, 0.25, 0.25, 0.25, 0.0625])[:, None]
    sums = grid(0.0, 0.0)
    previous = np.full(sums.shape[1], np.inf)
    while True:
        finer = quarter * (sums + sum(grid(a, b) for a, b in ((0.5, 0.0), (0.0, 0.5), (0.5, 0.5))))
        change = np.abs(finer[VALUE] - sums[VALUE])
        n *= 2
        # Errors fall as rho^n: the next change is change * (change/previous)^2; one power less
        # is kept as the error, for the rate is measured before the asymptotic regime.
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(previous > 0, change / previous, 1.0)
        error = change * np.minimum(1.0, ratio if np.isfinite(previous).all() else 1.0)
        sums, previous = finer, change
        good = max(error[0], sums[ROUNDED, 0]) <= _target(sums, rtol, atol)
        if good or 2 * n > TRAPEZOID_LARGEST:
            return _integral(sums, error, n * n, rtol, atol)


def _gauss_cells(mapped: Mapped, cells: Array) -> Array:
    """Sums over every cell (u, v, width, height), shape (5, n, cells)."""
    x, w = np.polynomial.legendre.leggauss(CELL_POINTS)
    x, w = (x + 1) / 2, w / 2
    X, Y = (axis.ravel() for axis in np.meshgrid(x, x, indexing="ij"))
    W = np.outer(w, w).ravel()
    per_chunk = max(1, CHUNK // X.size)
    sums = []
    for start in range(0, len(cells), per_chunk):
        part = cells[start:start + per_chunk, :, None]
        f = mapped((part[:, 0] + part[:, 2] * X).ravel(), (part[:, 1] + part[:, 3] * Y).ravel())
        sums.append(_sums(f.reshape(*f.shape[:2], len(part), -1) * W * part[:, 2] * part[:, 3]))
    return np.concatenate(sums, 2)


def _finished(error: Array, parent_error: Array, parent_modulus: Array, spent: float,
              target: float, rounding: float, noise: Array) -> NDArray[np.bool_]:
    # The best cells are done as long as their errors together fit into half of the request.
    order = np.argsort(error)
    finished = np.zeros(len(error), bool)
    finished[order[np.cumsum(error[order]) + spent <= 0.5 * target]] = True
    stagnant = (error > STAGNATION * parent_error) & (error < STAGNATION_LEVEL * parent_modulus)
    return finished | (error <= rounding / len(error)) | stagnant | (error <= noise)


def _adaptive(mapped: Mapped, cells: Array, rtol: float, atol: float) -> Integral:
    coarse = _gauss_cells(mapped, cells)
    done, done_error = np.zeros(coarse.shape[:2]), np.zeros(coarse.shape[1])
    points = len(cells) * CELL_POINTS**2
    parent_error, parent_modulus = np.full(len(cells), np.inf), coarse[MODULUS, 0]
    for _ in range(CELL_GENERATIONS):
        half = cells[:, 2:] / 2
        children = np.concatenate([np.hstack([cells[:, :2] + half * corner, half])
                                   for corner in ((0, 0), (1, 0), (0, 1), (1, 1))])
        quarters = _gauss_cells(mapped, children)
        points += len(children) * CELL_POINTS**2
        fine = quarters.reshape(*quarters.shape[:2], 4, -1).sum(2)
        error = np.abs(fine[VALUE] - coarse[VALUE])
        total = done + fine.sum(2)
        good = _finished(error[0], parent_error, parent_modulus, done_error[0],
                         _target(total, rtol, atol), float(total[ROUNDED, 0]),
                         _derivative_error(fine)[0])
        left = np.tile(~good, 4)
        done = done + fine[:, :, good].sum(2)
        done_error = done_error + error[:, good].sum(1)
        cells, coarse = children[left], quarters[:, :, left]
        parent_error, parent_modulus = np.tile(error[0], 4)[left], coarse[MODULUS, 0]
        if not len(cells) or points > CELL_BUDGET:
            break
    return _integral(done + coarse.sum(2), done_error + error[:, ~good].sum(1), points, rtol, atol)
