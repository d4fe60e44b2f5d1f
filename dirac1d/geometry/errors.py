"""Pointwise quantities with bounds on their errors: rounding, and numerical derivatives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import jets, tensors
from .models import TwoBandModel, check_model

__all__ = ["with_error"]

Array = NDArray[np.float64]
Quantity = Callable[[TwoBandModel, ArrayLike, ArrayLike], NDArray]

# Rounding of d is a few eps of the bands' energy, and a tensor adds some of such terms.
ROUNDING = 6 * np.finfo(float).eps
# The twin disagrees by the error or more, at one momentum more or less by chance.
TWIN_SAFETY = 3.0
# Powers of the energy and of 1/momentum that a quantity has, and the order of its derivatives.
DIMENSIONS: dict[Quantity, tuple[int, int]] = {
    tensors.velocities: (1, 1),
    tensors.berry_curvature: (0, 2),
    tensors.quantum_metric: (0, 2),
    tensors.geometric_connection: (0, 3),
    tensors.symplectic_tensor: (0, 3),
}


def with_error(
    quantity: Quantity, model: TwoBandModel, kx: ArrayLike, ky: ArrayLike
) -> tuple[NDArray, Array]:
    """A tensor of the band geometry at every k, and a bound on its error.

    Parameters
    ----------
    quantity : callable
        `velocities`, `berry_curvature`, `quantum_metric`, `geometric_connection` or
        `symplectic_tensor`.
    model : TwoBandModel
    kx, ky : array_like (...)

    Returns
    -------
    value : ndarray (..., of the quantity's shape)
    error : ndarray (...)
        For every component at that momentum: rounding, which a small gap amplifies, and what
        numerical derivatives cost. The model's own numbers count as exact.

    Raises
    ------
    ValueError
        For another quantity, or where the bands touch.
    """
    if quantity not in DIMENSIONS:
        raise ValueError(f"quantity = {quantity!r}: allowed are "
                         f"{', '.join(sorted(q.__name__ for q in DIMENSIONS))}")
    check_model(model)
    energy, length = DIMENSIONS[quantity]
    kx, ky = np.broadcast_arrays(np.asarray(kx, float), np.asarray(ky, float))
    value = np.asarray(quantity(model, kx, ky))
    jet = model.jet(kx, ky, 2)
    gap = tensors.gap_length(model, jet[0], kx, ky)
    # 1/momentum over which H varies at k, from its first and second derivatives
    rate = np.max([(np.sqrt((row**2).sum(0)) / gap) ** (1 / (i + j))
                   for row, (i, j) in zip(jet[1:], jets.indices(2)[1:], strict=True)], axis=0)
    size = np.maximum(model.energy_scale, np.abs(jet[0]).max(0))
    relative = ROUNDING * (size / gap + np.hypot(kx, ky) * rate) + model.derivative_rounding
    error = relative * gap**energy * rate**length
    if model.twin is not None:
        change = np.abs(value - np.asarray(quantity(model.twin, kx, ky)))
        error = error + TWIN_SAFETY * change.reshape(-1, *kx.shape).max(0)
    return value, error
