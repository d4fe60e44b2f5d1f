r"""The angle of (f, g) = ρ (cos θ, sin θ) at a real energy, on a line and on a radius alike.

.. math:: θ' = E' - Δ\cos 2θ - p\sin 2θ, \qquad (\ln ρ)' = p\cos 2θ - Δ\sin 2θ .

That of a solution fixed on the left (at the centre) rises with E at every position, that of one
fixed on the right (far outside) falls: E is a level where they differ by a multiple of π.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp


def along(
    E: float, way: list[tuple[float, float]], state: list[float], tolerance: float, dense: bool,
    U: Any, mass: Any, p: Callable[[float], float],
) -> list:
    """θ and ln ρ along some pieces, from `state`; U and Δ (a shape or a number) smooth on each."""
    runs = []
    for a, b in way:
        # At a jump the end of a piece belongs to its own side.
        low, high = min(a, b), max(a, b)
        potential, own = (_between(q, low, high) for q in (U, mass))

        def slope(r: float, y: NDArray, U: Callable = potential, mass: Callable = own) -> list:
            sin, cos, gap, k = np.sin(2 * y[0]), np.cos(2 * y[0]), mass(r), p(r)
            return [E - U(r) - gap * cos - k * sin, k * cos - gap * sin]

        run = solve_ivp(
            slope, (a, b), state, method="DOP853", rtol=max(tolerance, 3e-14), atol=tolerance,
            dense_output=dense,
        )
        runs.append(run)
        state = run.y[:, -1].tolist()
    return runs


def _between(shape: Any, low: float, high: float) -> Callable[[float], float]:
    """A shape, or a number, on a piece: one-sided at its ends."""
    if isinstance(shape, float):
        return lambda r: shape
    inner, outer = shape.limits(low)[1], shape.limits(high)[0]
    return lambda r: inner if r <= low else outer if r >= high else float(shape(r))


def norm(
    run: object, up: float, of: Callable[[NDArray], NDArray] | None = None
) -> float:
    """∫ρ² dr over a piece, or of ρ² times a function of θ; Gauss on every step of the solver."""
    t, w = np.polynomial.legendre.leggauss(8)
    ends = np.sort(run.t)  # type: ignore[attr-defined]
    half = np.diff(ends) / 2
    r = (ends[:-1] + half)[:, None] + half[:, None] * t
    if not r.size:
        return 0.0
    theta, log = (q.reshape(r.shape) for q in run.sol(r.ravel()))  # type: ignore[attr-defined]
    value = np.exp(2 * (log + up)) * (1.0 if of is None else of(theta))
    return float(np.sum(half[:, None] * w * value))
