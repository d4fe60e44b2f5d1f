r"""Sums over Matsubara frequencies at temperatures where they are no integral.

Where real p is so large that ω can move by d before it meets a state, the sum is the integral up to
exp(-d/T). From such a p_c on there is the chart

fan     R = S u²/(1-u), (ω, p - p_c) = R (cos, sin), p real

and below it a range of frequencies times a path of p that bends off the real axis and comes back:

bow     p = p₁ + (p_c - p₁) (v ± iv(1-v²) tan α)
column  p = p₁(1-v)
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import (
    OCTAVES,
    WHOLE,
    Chart,
    Path,
    from_corner,
    pieces,
    quadratic,
)
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.settings import Start

#: Frequencies before the tail of a sum: its Euler-Maclaurin series in 1/16 is then good to 1e-12.
TAIL_START = 16
#: Frequencies that are each its own: at a band edge a sum goes as Σ 1/√ω_n, which has its branch
#: point half a term from the first, and few nodes err by a slow wave in their number.
FIRST = 4


def matsubara_cells(path: Path, n: int, top: float, start: Start) -> list[Cell]:
    """The fan beyond p_c; below it, columns of frequencies by octaves, and their tail."""
    around, ratio = path.around, start.shell_ratio
    # The fan's corner is as far from all states as p_c from the largest Fermi momentum.
    corner = around.cut - around.largest_momentum
    r = corner * ratio**OCTAVES
    sides = pieces(from_corner(r[r < top] / _fan_scale(path)))
    cells = [Cell(FAN, side, WHOLE, (n + n // 2, n)) for side in sides]
    counts = low_frequencies(path, start)
    regular = counts[-1]
    while counts[-1] * around.step < top:
        counts.append(int(np.ceil(ratio * counts[-1])))
    across = 2 * n + (2 if path.direction.imag else -2)
    for first, last in itertools.pairwise(counts):
        sides = pieces(_momenta(path, first * around.step, start)) if last <= regular else [WHOLE]
        order = n + 1 if first <= FIRST else 2 * n if last >= regular else n + n // 2
        # From there on ω is larger than all that varies with p.
        cells += _columns(path, (first, last), sides, (order, n if first >= regular else across))
    return cells + _columns(path, (counts[-1], np.inf), [WHOLE], (n, n))


def low_frequencies(path: Path, start: Start) -> list[int]:
    """The first ranges of frequencies: from those of the longest waves e^{-2ωd} to the scale S."""
    step, reach = path.around.step, path.around.reach
    regular = max(TAIL_START, int(np.ceil(2 * path.scale / step)))
    counts, lowest = [0, FIRST], start.wave_exponent / (2 * reach * step) if reach > 0 else np.inf
    while lowest < regular / 2:
        counts.append(max(int(np.ceil(lowest)), 2 * FIRST))
        lowest = start.shell_ratio * counts[-1]
    return [*counts, regular]


def _columns(
    path: Path, frequencies: tuple[float, float], sides: list[tuple[float, float]],
    order: tuple[int, int],
) -> list[Cell]:
    """All momenta of a range of frequencies; `sides` are the bow's."""
    bow = BOW_FROM_ZERO if path.pivot == 0 else BOW
    cells = [Cell(bow, frequencies, side, order) for side in sides]
    return cells + [Cell(COLUMN, frequencies, WHOLE, order)] * (path.pivot > 0)


def _momenta(path: Path, omega: float, start: Start) -> NDArray:
    """Where the bow is cut at frequencies from ω on, values of v, graded towards both ends.

    A wave of decay rate 2ω in x has the width √(2kω) in p, k of the order of |Δ| at least. At the
    other end the path comes back to the real axis, near the largest Fermi momentum.
    """
    around = path.around
    first, length = 2 * path.scale, around.cut - path.pivot
    if around.reach > 0:
        lowest = max(omega, 1 / (2 * around.reach))
        first = min(first, start.wave_exponent * np.sqrt(2 * around.gap * lowest))
    if path.pivot > 0:  # itself a Fermi momentum, but for the lowest frequency
        first = min(first, start.corner * (omega + around.step / 2))
    last = start.corner * (around.cut - around.largest_momentum + omega)
    up, down = (size * start.shell_ratio**OCTAVES / length for size in (first, last))
    return np.concatenate((up[up < 0.5], 1 - down[down < 0.5]))


def _fan_scale(path: Path) -> float:
    """S of the fan."""
    return max(path.scale, path.around.cut)


def _fan(path: Path, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    scale, angle = _fan_scale(path), np.pi / 2 * v
    R = scale * u**2 / (1 - u)
    jacobian = R * scale * u * (2 - u) / (1 - u) ** 2 * np.pi / 2 * np.ones_like(v)
    return R * np.cos(angle), path.around.cut + R * np.sin(angle) + 0j, jacobian


def _bow(path: Path, omega: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    length, turn = path.around.cut - path.pivot, 1j * path.direction.imag / path.direction.real
    p = path.pivot + length * (v + turn * v * (1 - v**2))
    return omega, p, length * (1 + turn * (1 - 3 * v**2))


def _column(path: Path, omega: NDArray, v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    return omega, path.pivot * (1 - v) + 0j, path.pivot * np.ones_like(v)


def _along(path: Path, p: NDArray) -> NDArray:
    return 1 - p / path.pivot


def _from_zero(path: Path, omega: NDArray) -> NDArray:
    return quadratic(path, omega) / path.around.cut


FAN = Chart("fan", _fan)
BOW = Chart("bow", _bow, sums=True)
BOW_FROM_ZERO = Chart(
    "bow", _bow, even=(False, True), sums=True, towards=_from_zero, toward=1
)
COLUMN = Chart("column", _column, sums=True, resonant=1, towards=_along, toward=1)
