r"""The angle of (f, g) = ρ (cos θ, sin θ) at a real energy, on a line and on a radius alike.

.. math:: θ' = E' - Δ\cos 2θ - p\sin 2θ, \qquad (\ln ρ)' = p\cos 2θ - Δ\sin 2θ .

That of a solution fixed on the left (at the centre) rises with E at every position, that of one
fixed on the right (far outside) falls: E is a level where they differ by a multiple of π.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from dirac1d.numerics.estimate import Estimates

#: Relative tolerance of an angle's equation, and a looser one whose difference is the error.
TOLERANCE, LOOSER = 1e-13, 1e-11
#: Tolerance while a level is enclosed: angles are then seven times cheaper.
ROUGH = 1e-6
#: First half-width of the enclosure of a level, in the window; what ROUGH leaves is mostly below.
CLOSE = 1e-5
#: Safety of an energy's error.
SAFETY = 3.0


def along(
    E: ArrayLike, way: list[tuple[float, float]], theta: ArrayLike, tolerance: float, dense: bool,
    U: Any, mass: Any, p: Callable[[float], Any], amplitude: bool = True,
) -> list:
    """θ and ln ρ along some pieces; U and Δ (a shape or a number) smooth on each.

    Several solutions are taken at once, with as many energies and momenta: first all θ, then their
    ln ρ, which is 0 where they begin; without `amplitude` only θ.
    """
    E, n, runs = np.ravel(E), np.size(theta), []
    state = np.concatenate((np.ravel(theta), np.zeros(n if amplitude else 0)))
    for a, b in way:
        # At a jump the end of a piece belongs to its own side.
        low, high = min(a, b), max(a, b)
        potential, own = (_between(q, low, high) for q in (U, mass))

        def slope(r: float, y: NDArray, U: Callable = potential, mass: Callable = own) -> NDArray:
            double, gap, k, out = 2 * y[:n], mass(r), p(r), np.empty(len(y))
            sin, cos = np.sin(double), np.cos(double)
            out[:n] = E - U(r) - gap * cos - k * sin
            if amplitude:
                out[n:] = k * cos - gap * sin
            return out

        run = solve_ivp(
            slope, (a, b), state, method="DOP853", rtol=max(tolerance, 3e-14), atol=tolerance,
            dense_output=dense,
        )
        runs.append(run)
        state = run.y[:, -1]
    return runs


def _between(shape: Any, low: float, high: float) -> Callable[[float], float]:
    """A shape, or a number, on a piece: one-sided at its ends."""
    if isinstance(shape, float):
        return lambda r: shape
    inner, outer = shape.limits(low)[1], shape.limits(high)[0]
    return lambda r: inner if r <= low else outer if r >= high else float(shape(r))


def levels(mismatch: Callable[[float, float], Any], low: float, high: float) -> Estimates:
    """All levels between two energies, with their errors.

    `mismatch` of an energy and a tolerance rises with the energy, and is an integer at a level.
    """
    first, last = (mismatch(E, TOLERANCE) for E in (low, high))
    found, errors, size = [], [], max(abs(low), abs(high))
    for n in range(int(np.ceil(first)), int(np.floor(last)) + 1):
        if not first < n < last:
            continue
        E, other = _level(mismatch, n, low, high)
        found.append(E)
        errors.append(SAFETY * abs(E - other) + 1e-14 * size)
    return Estimates(found, errors)


def _level(
    mismatch: Callable[[float, float], Any], n: int, low: float, high: float
) -> tuple[float, float]:
    """Where the mismatch is n: to TOLERANCE, and to LOOSER."""
    size, known = max(abs(low), abs(high)), {}

    def tight(E: float) -> float:
        if E not in known:
            known[E] = mismatch(E, TOLERANCE) - n
        return known[E]

    a, b = _enclosure(mismatch, tight, n, low, high)
    if (a, b) == (low, high):
        return tuple(
            brentq(f, a, b, xtol=4e-16 * size, rtol=8.9e-16)
            for f in (tight, lambda E: mismatch(E, LOOSER) - n)
        )
    # Over so narrow an enclosure the mismatch is a straight line: one Newton step ends the search,
    # another says where the looser one would end.
    E = brentq(tight, a, b, xtol=max(1e-6 * (b - a), 4e-16 * size), rtol=8.9e-16)
    slope = (tight(b) - tight(a)) / (b - a)
    return E - tight(E) / slope, E - (mismatch(E, LOOSER) - n) / slope


def _enclosure(
    mismatch: Callable[[float, float], Any], tight: Callable[[float], float], n: int,
    low: float, high: float,
) -> tuple[float, float]:
    """Two energies, close to each other if that can be told, between which the mismatch is n."""
    at = [mismatch(E, ROUGH) - n for E in (low, high)]
    if not at[0] < 0 < at[1]:
        # A level at the end of the window, nearer than ROUGH tells.
        return low, high
    width = CLOSE * (high - low)
    E = brentq(lambda E: mismatch(E, ROUGH) - n, low, high, xtol=width / 4)
    while width < high - low:
        a, b = max(E - width, low), min(E + width, high)
        if tight(a) < 0 < tight(b):
            # A wide one is not straight.
            return (a, b) if width < 1e3 * CLOSE * (high - low) else (low, high)
        width *= 30
    return low, high


def joined(one: list, other: list, x: NDArray) -> tuple[NDArray, NDArray, float, float]:
    """θ and ln ρ at x of a state, from its runs on both sides of where they meet.

    Equal amplitudes there; the angles agree up to a sign of both. Last what is added to ln ρ and to
    θ of the other side.
    """
    shift = one[-1].y[1, -1] - other[-1].y[1, -1]
    turn = round((one[-1].y[0, -1] - other[-1].y[0, -1]) / np.pi) * np.pi
    theta, log = np.zeros(len(x)), np.full(len(x), -np.inf)
    for runs, up, more in ((one, 0.0, 0.0), (other, shift, turn)):
        for run in runs:
            a, b = sorted((run.t[0], run.t[-1]))
            here = (x >= a) & (x <= b)
            if np.any(here):
                angle, size = run.sol(x[here])
                theta[here], log[here] = angle + more, size + up
    return theta, log, shift, turn


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
