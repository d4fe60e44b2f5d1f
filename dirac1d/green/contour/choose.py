r"""Which path p takes.

.. math:: j_y(x) = \frac{1}{π^2}\int_0^∞dp\int_0^∞dω\,\frac{Δ}{M}\,
          \Re\,\mathrm{tr}\,σ_yG(x,x; ε_F+iω, M), \qquad M = \sqrt{Δ^2+p^2},

at T > 0 with ∫dω → 2πT Σ over ω_n = πT(2n+1). The integrand is analytic in p² at fixed E, so p
may leave the real axis. For Fermi energies above U(x) - |Δ| everywhere, all its singularities
(branch points p_F of the leads, bound states) lie on or above the real p axis, and p = q e^{-iα}
passes below them; Friedel oscillations become Gaussians. For energies below U(x) + |Δ|
everywhere it is the mirror image. If the Fermi energy meets both bands, p is real up to the pivot
p₁, the smaller of the two p_F, and turns away from the remaining kind beyond it.

Where U varies by more than 2|Δ|, wells may bind states whose energies fall with p where all others
rise. Beyond p₁ = √((e₊ - e₋)²/4 - Δ²) no state can be on the path's side, whatever U(x) is; e₊, e₋
are the ends of ε_F - U(x). Nor is one where U is too gradual for that, which may be from p = 0 on
(both proofs are in green/README.md). Below it is looked for states, and p is real where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import LOW_COUNT, Surroundings
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.settings import Start

#: Slack in |ε_F - U| ≤ |Δ|: rounding of U at a lead whose band edge is the Fermi energy.
EDGE_SLACK = 1e-12
#: Factor on slopes between whose samples larger ones may be, and relative accuracy of the mass from
#: which on they are small enough.
SLOPE_MARGIN, GRADUAL_TO = 1.1, 1e-3
#: Momenta at which p may turn where it is looked for states.
PIVOTS = 8
#: States are looked for so much farther from the axis than p goes.
WIDER = 1.2

#: Whether no state is between the real axis, from one p to another, and a line in a direction.
NonePassed = Callable[[float, float, complex], bool]


def choose_path(
    mass: float, fermi_energy: float, temperature: float, U_range: tuple[float, float],
    start: Start, stretch: float = 1.0, reach: float = 0.0,
    well: float = 0.0, unit: float = 0.0, seen: tuple[float, float] = (np.inf, np.inf),
    none_passed: NonePassed | None = None,
) -> Gap | Ray | Offset:
    """The path of p from the range of ε_F - U(x).

    Parameters
    ----------
    U_range : (float, float)
        Smallest and largest U(x).
    start : Start
    stretch : float
        Factor on the charts' energy scale.
    reach : float
        As in `Surroundings`.
    well : float
        Below this M deep wells may bind states on the path's side: see `bound_below`. 0: no well.
    unit : float
        The energy on which the integrand varies, if that is far above |Δ|.
    seen : (float, float)
        Momentum and phase of the waves that are seen, as in `Surroundings`.
    none_passed : callable, optional
        Looks for states below `well`; without it there may be some everywhere.
    """
    gap = abs(mass)
    e_min, e_max = fermi_energy - U_range[1], fermi_energy - U_range[0]
    largest = max(abs(e_min), abs(e_max))
    around = Surroundings(mass, fermi_energy, temperature, largest, reach, unit, *seen)
    if around.safe <= gap:  # no state is near: the sum is the integral
        around = replace(around, temperature=0.0)
    if largest <= start.gap_part * gap:
        return Gap(around, stretch * gap)
    below, above = e_min < -gap * (1 + EDGE_SLACK), e_max > gap * (1 + EDGE_SLACK)
    scale, floor = scale_and_floor(around, start, stretch)
    half, sign = (e_max - e_min) / 2, 1 if -e_min > e_max else -1
    edge = min(-e_min, e_max) if below and above else gap

    def turn(pivot: float) -> float:
        """The rotation of p beyond a pivot."""
        if not pivot:
            return _rotation(e_min / gap, e_max / gap, start)
        # Where p₁ is small the edge of the band on the other side comes close, as it does to a ray.
        return sign * turned(pivot / gap, start)

    pivot, last = (
        float(np.sqrt((M - gap) * (M + gap))) for M in (edge, max(edge, min(half, well)))
    )
    if last > pivot:
        pivot = first_free(none_passed, pivot, last, turn) if none_passed else last
    direction = np.exp(1j * turn(pivot))
    if pivot:
        return Offset(around, scale, direction, pivot, floor)
    nearest = 0.0 if e_min * e_max < 0 else min(abs(e_min), abs(e_max)) / gap
    return Ray(around, scale, direction, nearest, floor)


def first_free(
    none_passed: NonePassed, edge: float, last: float, turn: Callable[[float], float]
) -> float:
    """From where on p may turn: the first of some momenta behind which no state is passed over.

    Parameters
    ----------
    none_passed : callable
    edge, last : float
        Before and beyond which it is not asked; beyond `last` there is none.
    turn : callable
        The path's rotation beyond a pivot.
    """

    def free(pivot: float) -> bool:
        """Whether p may turn there; asked for a little before."""
        before = max(pivot - last / (2 * PIVOTS), edge)
        return none_passed(before, last, np.exp(1j * WIDER * turn(pivot)))

    pivots = np.unique(np.maximum(np.append(np.arange(PIVOTS) / PIVOTS, 1) * last, edge)).tolist()
    # What is passed over from one momentum on is so from all smaller ones.
    lo, hi = 0, len(pivots) - 1
    while lo < hi:
        middle = lo if not lo else (lo + hi) // 2
        lo, hi = (lo, middle) if free(pivots[middle]) else (middle + 1, hi)
    return pivots[lo]


def bound_below(e: NDArray, slope: NDArray, mass: float, jumps: bool = False) -> float:
    """The M ≥ |Δ| above which U(x) is too gradual to bind a state on the path's side.

    That is where (U′/d²)² ≤ 4m(2M/d - m) for all x, with d = M ± e > 0 and a constant m < 1: by
    equation (10a) of green/README.md. The upper sign is for electrons, into whose band e reaches
    farther then.

    Parameters
    ----------
    e, slope : ndarray
        ε_F - U and U′ at enough positions.
    mass : float
    jumps : bool
        Whether U has jumps.

    Returns
    -------
    float
        ∞ if U varies too fast at any M of use.
    """
    if np.max(e) < -np.min(e):
        e = -e
    slope = SLOPE_MARGIN * np.abs(slope)
    lo, hi = abs(mass), float(np.ptp(e)) / 2
    if jumps or not _is_gradual(e, slope, hi):
        return np.inf
    if _is_gradual(e, slope, lo):
        return lo
    while hi - lo > GRADUAL_TO * hi:
        middle = (lo + hi) / 2
        lo, hi = (lo, middle) if _is_gradual(e, slope, middle) else (middle, hi)
    return hi


def _is_gradual(e: NDArray, slope: NDArray, M: float) -> bool:
    """Whether there is an m as `bound_below` says; then there is one for every larger M, too."""
    d = M + e
    if np.min(d) <= 0:
        return False
    part, half = M / d, slope / (2 * d**2)
    square = (part - half) * (part + half)
    if np.min(square) < 0:
        return False
    root = np.sqrt(square)
    least = float(np.max(half**2 / (part + root)))
    return least < 1 and least <= float(np.min(part + root))


def deepest_well(e: NDArray) -> float:
    """The largest height of |e| = |ε_F - U| above what it falls to on *both* sides; 0: no well.

    Without a well every region that is allowed at some p leads out to ±∞: no state is bound in it.

    Parameters
    ----------
    e : ndarray
        At increasing x.
    """
    size = np.abs(e).ravel()
    left = size - np.minimum.accumulate(size)
    right = size - np.minimum.accumulate(size[::-1])[::-1]
    return float(np.max(np.minimum(left, right)))


def trapped_phase(x: NDArray, e: NDArray, mass: float, last: float = np.inf) -> float:
    """The largest ∫ k dx, k² = e² - Δ² - p², over a well that is closed at that p; 0: no well.

    The well is opened as far as it stays closed on both sides: down to the level of the lower wall,
    or to the gap. A state in it needs some phase: in a well of phase φ, closed by no more than the
    well itself, it has decayed after 2/φ of the well's widths only.

    Parameters
    ----------
    x, e : ndarray, shape (n,)
        Positions that do not decrease, and ε_F - U there.
    mass : float
    last : float
        Largest √(Δ² + p²): what phase is left there does not count.
    """
    size = np.abs(e)
    left = np.minimum.accumulate(size)
    right = np.minimum.accumulate(size[::-1])[::-1]
    floor = np.maximum(np.maximum(left, right), abs(mass))
    phase, middle = 0.0, (size[1:] + size[:-1]) / 2
    inside = size > floor
    tops = inside & (size >= np.append(size[1:], 0)) & (size >= np.append(0, size[:-1]))
    for top in np.flatnonzero(tops):
        outside = np.flatnonzero(size <= floor[top])
        place = int(np.searchsorted(outside, top))
        first = outside[place - 1] if place else 0
        after = outside[place] if place < len(outside) else len(size) - 1
        k, still = (
            np.sqrt(np.maximum(middle[first:after] ** 2 - M**2, 0.0))
            for M in (floor[top], max(floor[top], last))
        )
        phase = max(phase, float(np.sum((k - still) * np.diff(x[first : after + 1]))))
    return phase


def _rotation(lowest: float, highest: float, start: Start) -> float:
    """Rotation of p where the Fermi energy meets one band at most; energies in units of |Δ|."""
    if max(-lowest, highest) <= 1 + EDGE_SLACK:
        return 0.0
    sign = 1 if -lowest > highest else -1
    # How far the other band's edge is; at the edge κ² = 0 comes close to the path p = q e^{iπ/4}.
    room = 1 - min(-lowest, highest)
    return sign * turned(room, start)


def turned(room: float, start: Start) -> float:
    """The angle of a path that a band's edge, κ² = 0, is not to come close to.

    `room`, over |Δ|: 1 - |e/Δ| if the path starts in the band's gap, and p_F or more beyond it.
    """
    return start.rotation * (1.0 if room > start.edge_room else 0.5)


def scale_and_floor(around: Surroundings, start: Start, stretch: float) -> tuple[float, float]:
    """A path's energy scale, and where its sum over the first frequencies ends; 0: it has none."""
    scale = stretch * max(around.gap, float(np.sqrt(around.gap * around.edge)))
    floor = around.step * LOW_COUNT
    if floor > start.low_part * scale or 2 * floor * around.reach > start.low_exponent:
        floor = 0.0
    return scale, floor
