r"""States narrower than the distance of the nodes, where the contour touches real energies.

Where p stays real while ω → 0, a level E(p) of width Γ gives the integrand a pole, w/(iη + iΓ + δ)
at E = ε_F + iη, which nodes farther apart than Γ see or miss by chance; a rule that misses it looks
converged. Sampled at the distance η it cannot hide: |dE/dp| ≤ v_F = 1, so it is wider than η in p.
So the axis is sampled at η = half the distance of some points, and where the fifth difference over
η, 2η … 6η (of a pole: w/6η; of all that is smooth on the scale η: little) leaves room for a
state that matters, four times as densely at η/4, until it does not. Cells are then divided where
the difference grew as η fell, which grades them towards every state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import Path, divided, quadratic
from dirac1d.green.integrate.contracts import Cell, Source
from dirac1d.green.integrate.sums import in_batches
from dirac1d.green.integrate.watch import Watch

#: Multiples of η that are sampled, and the weights of the fifth difference.
MULTIPLES, FIFTH = np.arange(1.0, 7.0), np.array([1.0, -5.0, 10.0, -10.0, 5.0, -1.0])
#: w/η of a pole over its fifth difference.
OF_A_POLE = 6.0
#: First intervals on the axis, and parts of one that is looked at more closely.
FIRST, PARTS = 32, 4
#: Intervals that are looked at more closely at once, the heaviest.
MOST = 128
#: Levels of that from which a state counts as narrow.
NARROW = 1
#: Most first intervals of a cell where levels cross ε_F: few nodes see wide ones by chance only.
LONGEST_RUN = 4
#: Levels from which a state counts as narrow at a corner.
CORNER = 2
#: Halvings of the search, at most: p and p + h must differ.
LEVELS = 22
#: Relative distance from the axis at which the search ends: rounding of p.
NEAREST = 1e-14
#: Fewest nodes along a side that was divided, and the part of all that carries waves, at most.
FEWEST, WAVES = 5, 2 / 3


@dataclass(frozen=True)
class Search:
    """What is sampled, at which accuracy of the source, and the error that a missed state may make.

    `lines`: only p is integrated; `single`: only ω. `end`: where the strip ends, if not at p₁.
    """

    source: Source
    path: Path
    allowed: float
    tolerance: float
    watch: Watch
    lines: bool = False
    single: bool = False
    end: float | None = None

    @property
    def strip(self) -> float:
        """Momentum up to which p stays real and cells can end at states."""
        return self.path.pivot if self.end is None else self.end

    def matter(self, change: NDArray, eta: NDArray, width: NDArray) -> NDArray:
        """Whether states with these fifth differences matter if they spoil so wide momenta."""
        spoiled = (1.0 if self.lines else eta) * (1.0 if self.single else width)
        return OF_A_POLE * spoiled / np.pi**2 * change > self.allowed

    def fifth_differences(self, p: NDArray, eta: NDArray) -> NDArray:
        """Of the answer's vector in η, the largest at each p; shape (n,), that of p and η."""
        around, count = self.path.around, len(FIFTH)
        height = np.outer(eta, MULTIPLES).ravel() + self.lines * self.path.floor
        points = (
            around.fermi_energy + 1j * height,
            np.sqrt(around.mass**2 + np.repeat(p, count) ** 2 + 0j),
        )
        changes = [
            FIFTH @ found.values.reshape(len(found.values) // count, count, -1)
            for _, found in in_batches(self.source, points, self.tolerance, self.watch, count)
        ]
        return np.concatenate([np.nan_to_num(np.max(np.abs(c), axis=1)) for c in changes])

    def on_strip(self) -> NDArray:
        """Momenta of the strip at which cells are to end."""
        place, h, cuts = np.arange(FIRST), self.strip / FIRST, [np.zeros(0)]
        before = np.full(FIRST, np.inf)  # the fifth differences of the level above
        for level in range(LEVELS):
            if not len(place) or h < self._nearest(self.strip):
                break
            eta = np.full(len(place), h / 2)
            change = self.fifth_differences((place + 0.5) * h, eta)
            heavy = self.matter(change, eta, 2 * eta)
            heavy &= place < FIRST * PARTS**level - 1  # p₁ is a branch point that the charts know
            peaks = _peaks(place, change) & heavy
            states = place[peaks & (change > before)]
            if level >= NARROW:  # the intervals of all levels about each, wherever it is in its own
                middles = (states + 0.5) * h
                widths = h / 2 * PARTS ** np.arange(level + 1.0)[:, None]
                cuts += [(middles - widths).ravel(), (middles + widths).ravel()]
            elif level == 0:
                cuts.append(h * _ends_of_runs(heavy))
            first = np.argsort(-np.where(peaks, np.inf, change))[:MOST]
            kept = np.sort(first[heavy[first]])
            before = np.repeat(change[kept], PARTS)
            place = (place[kept, None] * PARTS + np.arange(PARTS)).ravel()
            h /= PARTS
        return np.unique(np.concatenate(cuts))

    def at_corner(self) -> NDArray:
        """Energies about ω = 0, p = p₁ at which cells are to end."""
        scale = self.path.scale
        levels = int(np.log(scale / self._nearest(scale)) / np.log(PARTS))
        if levels <= CORNER:
            return np.zeros(0)
        eta = scale / float(PARTS) ** np.arange(1, levels)
        change = self.fifth_differences(np.full(len(eta), self.path.pivot), eta)
        states = self.matter(change, eta, quadratic(self.path, eta))[1:]
        states &= change[1:] > change[:-1]
        deep = CORNER + np.flatnonzero(states[CORNER - 1 :])
        return eta[: deep[-1] + 2] if len(deep) else np.zeros(0)

    def _nearest(self, scale: float) -> float:
        """Where the search ends: at the first frequency, or at rounding."""
        first = self.path.floor if self.lines else self.path.around.step
        return max(first / 4, NEAREST * scale)


def _ends_of_runs(heavy: NDArray) -> NDArray:
    """Where runs of heavy intervals begin and end, and cuts within them, counted in intervals."""
    steps = np.flatnonzero(np.diff(np.concatenate(([0], heavy.astype(int), [0]))))
    ends = [
        np.linspace(first, last, int(np.ceil((last - first) / LONGEST_RUN)) + 1)
        for first, last in zip(steps[::2], steps[1::2], strict=True)
    ]
    return np.concatenate([np.zeros(0), *ends])


def _peaks(place: NDArray, size: NDArray) -> NDArray:
    """Where a size is the largest among its neighbours on the axis."""
    peaks = np.ones(len(place), dtype=bool)
    beside = np.diff(place) == 1
    peaks[:-1] &= ~beside | (size[:-1] >= size[1:])
    peaks[1:] &= ~beside | (size[1:] >= size[:-1])
    return peaks


def _carrying(path: Path, cell: Cell) -> float:
    """How many of a cell's nodes along the strip carry the phases 2p·reach of its waves."""
    if path.pivot == 0:
        return 0.0
    a, b = (cell.u, cell.v)[cell.chart.toward]
    nodes = cell.n[cell.chart.toward]
    return min(2 * path.pivot * path.around.reach * (b - a) / np.pi, WAVES * nodes)


def towards_states(cells: list[Cell], search: Search) -> list[Cell]:
    """Cells divided towards narrow states."""
    around = search.path.around
    if not any(cell.chart.towards for cell in cells) or not search.source.traps(
        around.fermi_energy, abs(around.mass)
    ):
        return cells
    on_strip = search.strip > 0 and not search.single
    places, new = search.on_strip() if on_strip else search.at_corner(), []
    if not len(places):
        return cells
    for cell in cells:
        if cell.chart.towards is None:
            new.append(cell)
        else:
            at = cell.chart.towards(search.path, places)
            new += divided(cell, cell.chart.toward, at, FEWEST, _carrying(search.path, cell))
    return new
