"""Paths of p_y on which the resolvent at a real energy is summed: no level is overlooked.

Where leads conduct, p² = a² + (b² - a²) sin²φ takes the square roots at both ends of a panel, and
intervals of φ are halved until the rule settles and the phase of det(E - H) turns by less than a
quarter between its nodes: a level that moves through E turns it by half, however narrow it is.
What is narrower than the last halving is gone around, by a half circle on the side where that level
is not: E + i0 = E_n(p) lies above the real axis if the level moves up with p, below if it moves
down. A level that is bound, with no lead open, is only that: a half circle around its momentum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.states.momenta import gauss

#: p_y, complex, shape (m,) → G_ii per length, shape (N, m), and the phase of det(E - H), shape (m,)
Sample = Callable[[NDArray], tuple[NDArray, NDArray]]

#: Nodes on an interval while it is halved.
NODES = 8
#: An interval is halved so often; what is left of a level is then gone around.
HALVINGS = 10
#: Largest turn of the phase between neighbouring nodes.
LARGEST_TURN = np.pi / 2
#: Radius of the circle around a bound level, over |Δ| and over the distance to what is next.
RADIUS, SHARE = 1e-2, 0.3
#: Levels that cross closer than this, in |Δ|, are gone around together.
TOGETHER = 1e-7


@dataclass(frozen=True)
class Path:
    """Intervals, and half circles, of φ on the panel from `low` to `high`.

    Attributes
    ----------
    low, high : float
        Ends of the panel, φ = 0 and π/2; both 0 where the variable is p_y itself.
    ends : ndarray, shape (k, 2)
    detour : ndarray, shape (k,)
        0 for an interval, ±1 for a half circle above or below it.
    """

    low: float
    high: float
    ends: NDArray
    detour: NDArray

    def rule(self, order: int) -> tuple[NDArray, NDArray]:
        """Momenta and weights of ∫dp, complex, shape (k, order)."""
        t, w = gauss(-1.0, 1.0, order)
        side, pieces = self.detour[:, None], self.ends
        angle = np.pi / 2 * (1 - t)
        unit = np.where(side == 0, t, np.cos(angle) + 1j * side * np.sin(angle))
        along = np.where(side == 0, w, (np.sin(angle) - 1j * side * np.cos(angle)) * w * np.pi / 2)
        middle, half = np.mean(pieces, axis=1, keepdims=True), np.diff(pieces, axis=1) / 2
        z, weight = middle + half * unit, half * along
        if self.high == self.low:
            return z, weight
        square = self.high**2 - self.low**2
        p = np.sqrt(self.low**2 + square * np.sin(z) ** 2)
        return p, weight * square * np.sin(z) * np.cos(z) / p


def conducting_path(sample: Sample, low: float, high: float, goal: float) -> Path:
    """The path on a panel on which some lead conducts; each interval is right to about `goal`."""
    edges = np.linspace(0, np.pi / 2, 3)
    active = np.column_stack((edges[:-1], edges[1:]))
    sums, turns = _on_intervals(sample, low, high, active)
    done: list[NDArray] = []
    for _ in range(HALVINGS):
        middle = np.mean(active, axis=1)
        halves = np.stack((active[:, 0], middle, middle, active[:, 1]), axis=1).reshape(-1, 2)
        finer, own_turns = _on_intervals(sample, low, high, halves)
        change = np.max(np.abs(finer[:, ::2] + finer[:, 1::2] - sums), axis=0)
        settled = (change <= goal) & (turns[0] < LARGEST_TURN)
        done.append(active[settled])
        more = np.repeat(~settled, 2)
        active, sums, turns = halves[more], finer[:, more], own_turns[:, more]
        if len(active) == 0:
            break
    around = np.where((np.abs(turns[1]) > LARGEST_TURN), -np.sign(turns[1]), 0.0)
    straight = np.concatenate(done)
    return Path(low, high, np.concatenate((straight, active)),
                np.concatenate((np.zeros(len(straight)), around)))


def _on_intervals(
    sample: Sample, low: float, high: float, ends: NDArray
) -> tuple[NDArray, NDArray]:
    """∫ Im G dp over intervals, shape (N, k); largest turn of the phase, and from end to end."""
    p, weight = Path(low, high, ends, np.zeros(len(ends))).rule(NODES)
    hair = 1e-6 * np.diff(ends, axis=1)
    outer = ends + np.concatenate((hair, -hair), axis=1)
    at_ends = np.sqrt(low**2 + (high**2 - low**2) * np.sin(outer) ** 2)
    nodes = np.concatenate((at_ends[:, :1], p, at_ends[:, 1:]), axis=1)
    G, phase = sample(nodes.ravel())
    inner = G.reshape(len(G), *nodes.shape)[:, :, 1:-1]
    sums = np.einsum("ikn,kn->ik", inner.imag, weight.real)
    steps = np.diff(phase.reshape(nodes.shape), axis=1)
    return sums, np.stack((np.max(np.abs(steps), axis=1), np.sum(steps, axis=1)))


def bound_path(crossings: NDArray, upward: NDArray, singular: NDArray, gap: float) -> Path:
    """Half circles around momenta, increasing, where bound levels cross the energy.

    Parameters
    ----------
    crossings, upward : ndarray, shape (n,)
        Momenta, of either sign, and whether the level moves up with p_y there.
    singular : ndarray
        Momenta at which leads open.
    gap : float
        The least |Δ|, the unit of momentum.
    """
    ends, detours, first = [], [], 0
    for last in range(len(crossings)):
        following = last + 1
        if following < len(crossings) and upward[following] == upward[last] and (
            crossings[following] - crossings[last] < TOGETHER * gap
        ):
            continue
        own = crossings[first:following]
        others = np.concatenate((crossings[:first], crossings[following:], singular))
        centre, extent = (own[0] + own[-1]) / 2, (own[-1] - own[0]) / 2
        free = float(np.min(np.abs(others - centre), initial=np.inf)) - extent
        radius = extent + min(SHARE * free, RADIUS * gap)
        ends.append((centre - radius, centre + radius))
        detours.append(-1.0 if upward[last] else 1.0)
        first = following
    return Path(0.0, 0.0, np.array(ends).reshape(-1, 2), np.array(detours))
