"""A map to a tolerance: Bloch momenta, harmonics, steps, frequencies; each with two levels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.planar.frequencies import Range, Single, ranges
from dirac1d.green.planar.levels import Level, Levels, Nodes
from dirac1d.green.planar.momenta import Momenta, sizes
from dirac1d.green.planar.posts import Posts, Rise
from dirac1d.green.planar.settings import MapSettings
from dirac1d.green.planar.sheets import magnitudes

#: Parts of the error allowed that harmonics, steps, frequencies, those between posts, Bloch momenta
#: and the window's edge may make.
SHARES = {"harmonics": 0.3, "steps": 0.1, "frequencies": 0.1, "posts": 0.25, "momenta": 0.1,
          "edge": 0.15}
#: Part of the edge's own share that is claimed without a measurement.
OF_CROSSED = 0.5
#: Levels between a fineness and the next that it is compared with: where U is smooth it leaves a
#: twentieth.
FINER = 2
#: Below this rtol frequencies count as a tail from so much of P on: what the cut-off leaves varies
#: with ω/P, and in a tail from 0.4 P on seven nodes missed 7e-7 of (e/2h)Δ.
FINE, TAIL_OF_CUTOFF = 3e-5, 0.5
#: Part of what finer steps change at the first cut-off by which they change more at the last one:
#: 0.35 in a strip with edges.
STEPS_CROSSED = 0.5
#: What a cut-off P leaves of a current falls as P to the minus this.
LEFT = 5
#: Nodes by which a range of frequencies grows.
_MORE = 2


@dataclass(frozen=True, eq=False)
class Answer:
    """A map beyond linear response, as a sheet, and the errors of j and M at the pixels.

    Attributes
    ----------
    sheet : ndarray
    parts : dict of ndarray
        "harmonics", "steps", "frequencies", "posts", "momenta", "edge", "marches" → errors of j
        and M, shape (2, nx, ny); of n, shape (1, nx, ny).
    details : dict
    """

    sheet: NDArray
    parts: dict[str, NDArray]
    details: dict[str, Any]

    @property
    def error(self) -> NDArray:
        """All of it."""
        return sum(self.parts.values())


@dataclass(frozen=True)
class Ladders:
    """How far harmonics and steps are refined beyond the base level.

    Attributes
    ----------
    base : Level
    top : int
        The highest cut-off.
    finest : int
        The shortest steps; beyond the first rise they are tried at the base's cut-off.
    """

    base: Level
    top: int
    finest: int

    @property
    def harmonics(self) -> list[Rise]:
        """From each cut-off to the next."""
        base, fineness = self.base
        return [((i, fineness), (i + 1, fineness)) for i in range(base, self.top)]

    @property
    def steps(self) -> list[Rise]:
        """From each fineness to the next: the first at the highest cut-off, as all change there."""
        base, start = self.base
        pairs = [(i, i + FINER) for i in range(start, self.finest, FINER)]
        cutoffs = [self.top] + [base] * (len(pairs) - 1)
        return [((P, a), (P, b)) for P, (a, b) in zip(cutoffs, pairs, strict=True)]

    @property
    def rises(self) -> list[Rise]:
        """All that is added to the base."""
        return self.harmonics + self.steps


def answers(
    nodes: Nodes, base: Level, goal: float, first: list[Range] | list[Single] | None = None
) -> Iterator[Answer]:
    """Better and better answers; `goal` is the error of j that is sought.

    Frequencies begin with `first`, or with those of an equilibrium.

    Raises
    ------
    OutOfTime
        If the budget ends.
    """
    levels, s = nodes.levels, nodes.levels.settings
    parts = first or _first_ranges(nodes, base[0])
    ladders = Ladders(base, base[0] + 1, base[1] + FINER)
    momenta, posts = Momenta(nodes, base), Posts(nodes, base)
    for _ in range(s.levels + s.orders):
        omegas, weights = (np.concatenate(v) for v in zip(*(r.nodes for r in parts), strict=True))
        momenta.ensure(omegas, weights, SHARES["momenta"] * goal)
        posts.ensure(ladders.rises, omegas, weights, momenta.first, SHARES["posts"] * goal)
        answer, by_range = _answer(nodes, momenta, posts, parts, ladders, goal)
        yield answer
        wrong = {name: float(np.max(e[0])) / goal for name, e in answer.parts.items()}
        if sum(wrong.values()) <= 1:
            return
        blamed = _blamed(wrong)
        finer = parts
        if "frequencies" in blamed:
            finer = _finer(parts, by_range, s, s.least * levels.masses.largest)
        longer = _longer(ladders, blamed, levels)
        if "edge" in blamed and momenta.first < s.triples * levels.first_momenta(base[0]):
            momenta.first *= 3
        elif longer == ladders and finer == parts:
            return
        ladders, parts = longer, finer


def _blamed(wrong: dict[str, float]) -> set[str]:
    """The errors, over the goal, that have to become smaller: the largest, until the rest is less.

    What is little more than its share may stay where others are less than theirs.
    """
    found, total = set(), sum(wrong.values())
    for name in sorted(SHARES, key=lambda name: wrong[name] / SHARES[name], reverse=True):
        if total <= 1:
            break
        found.add(name)
        total -= wrong[name] - SHARES[name]
    return found


def _longer(ladders: Ladders, blamed: set[str], levels: Levels) -> Ladders:
    """With another level where the error is."""
    s, (base, start) = levels.settings, ladders.base
    top, finest = ladders.top, ladders.finest
    if "harmonics" in blamed and top - base < s.levels and levels.size(top + 1) <= s.finest:
        top += 1
    if "steps" in blamed and finest - start < FINER * s.levels:
        finest += FINER
    return replace(ladders, top=top, finest=finest)


def _first_ranges(nodes: Nodes, base: int) -> list[Range]:
    levels = nodes.levels
    p, s = levels.problem, levels.settings
    n = 3 + int(np.clip(np.ceil(-np.log10(nodes.rtol) / 1.05), 1, 12))
    top = max(1.5 * levels.largest, 2 * levels.masses.largest)
    if nodes.rtol < FINE:
        # Two levels above the base is where most maps end.
        top = max(top, TAIL_OF_CUTOFF * levels.cutoff(base + 2))
    lowest = replace(s, lowest=s.lowest * levels.masses.largest)
    return ranges(p.temperature, top, levels.gap, n, lowest)


def _answer(
    nodes: Nodes, momenta: Momenta, posts: Posts, parts: list[Range], ladders: Ladders,
    goal: float,
) -> tuple[Answer, list[float]]:
    """The sum over everything known, and the largest error of j of each range."""
    levels, s, base = nodes.levels, nodes.levels.settings, ladders.base
    omegas, weights = (np.concatenate(v) for v in zip(*(r.nodes for r in parts), strict=True))
    values = np.array([nodes.mean(base, w, momenta.counts[w]) for w in omegas.tolist()])
    rises, by_posts = {}, 0.0
    for rise in ladders.rises:
        added = posts.added(rise, omegas, momenta.first)
        values = values + added
        rises[rise] = np.tensordot(weights, added, 1)
        by_posts = by_posts + posts.left(rise, omegas, weights, momenta.first)
    by_frequencies, by_range = 0.0, []
    ends = np.cumsum([len(part.nodes[0]) for part in parts])[:-1]
    sheets = np.split(values, ends)
    for i, part in enumerate(parts):
        after = lowest(parts[i + 1], sheets[i + 1]) if i + 1 < len(parts) else None
        missed = sizes_of_rule(nodes, part, sheets[i], after)
        by_range.append(float(np.max(missed[0])))
        by_frequencies = by_frequencies + missed
    total = np.tensordot(weights, values, 1) + nodes.beyond(
        ladders.harmonics[-1][1], momenta.first)
    harmonics = [rises[(low, high)] + nodes.beyond(high, momenta.first)
                 - nodes.beyond(low, momenta.first) for low, high in ladders.harmonics]
    more, by_harmonics = extrapolated(nodes, np.cumsum([0 * harmonics[0], *harmonics], axis=0))
    by_momenta = sum(weight * momenta.left[w]
                     for w, weight in zip(omegas.tolist(), weights, strict=True))
    by_cells = sum(weight * nodes.unrepeated(base, w, momenta.counts[w])
                   for w, weight in zip(omegas.tolist(), weights, strict=True))
    # Of what K changes in a rise the first has most: the others as much as they are smaller.
    whole = [float(nodes.sheets.whole(sheet)[0]) for sheet in harmonics]
    crossed = sum(whole) / max(whole[0], 1e-300) * momenta.crossed(
        ladders.harmonics[0][1], omegas, weights, OF_CROSSED * SHARES["edge"] * goal)
    found = {"harmonics": by_harmonics,
             "steps": s.safety * sizes(nodes, rises[ladders.steps[-1]]) + sum(
                 STEPS_CROSSED * sizes(nodes, rises[rise]) for rise in ladders.steps[1:]),
             "frequencies": by_frequencies, "posts": by_posts + 0 * by_momenta,
             "momenta": by_momenta, "edge": momenta.edge(omegas) + crossed,
             "marches": 0 * by_momenta + np.reshape(by_cells, (-1, 1, 1))}
    grid = nodes.grid(ladders.finest)
    details = {
        "frequencies": len(omegas), "posts": max(len(posts.of(rise, omegas)) for rise in rises),
        "bloch_momenta": max(momenta.counts.values()), "bloch_momenta_of_levels": momenta.first,
        "largest_momentum": levels.cutoff(ladders.top), "harmonics": levels.size(ladders.top),
        "step": grid.h, "positions": len(grid.x), **nodes.work,
    }
    return Answer(total + more, found, details), by_range


def extrapolated(nodes: Nodes, sheets: list[NDArray]) -> tuple[NDArray | float, NDArray]:
    """What is left beyond the last of two or three cut-offs, and the error of that.

    A current leaves P⁻⁵, as three levels can tell: the sum to infinity of what that law goes on to
    add is then taken, and the error is by how much the law would have missed the last level.
    """
    s = nodes.levels.settings
    current = nodes.levels.quantity == "current"
    change = sheets[-1] - sheets[-2]
    last = sizes(nodes, change)
    safety = (s.safety if nodes.levels.masses.change is None
              else np.reshape(s.mixed_safety, (2, 1, 1)))
    plain = (safety if current else s.slow_safety) * last
    if not current or len(sheets) < 3:
        return 0.0, plain
    fall = s.growth**-LEFT
    before = sheets[-2] - sheets[-3]
    by_law = safety * sizes(nodes, (change - fall * before) / (1 - fall)) + s.by_chance * last
    if np.max(by_law[0]) > np.max(plain[0]):
        return 0.0, plain
    return fall / (1 - fall) * change, by_law


def lowest(part: Range | Single, values: NDArray) -> NDArray:
    """The sheet of the lowest frequency of a range."""
    return values[int(np.argmin(part.nodes[0]))]


def sizes_of_rule(
    nodes: Nodes, part: Range | Single, values: NDArray, after: NDArray | None
) -> NDArray:
    """What a range's rule leaves out of each magnitude, shape (2, nx, ny) or (1, nx, ny).

    Of the range at ω = 0 that has one node, by how much the lowest frequency beyond it (`after`)
    differs: towards ω = 0 there are logarithms and square roots, and these change as much at most.
    """
    s = nodes.levels.settings
    fields = np.array([nodes.sheets.fields(sheet) for sheet in values])
    if len(values) == 1 and isinstance(part, Range) and after is not None:
        change = fields[0] - nodes.sheets.fields(after)
        found = magnitudes(s.rule_safety * part.nodes[1][0] * change)
    else:
        found = magnitudes(part.error(fields, s.rule_safety))
    return found + s.everywhere * np.sqrt(np.mean(found**2, axis=(1, 2), keepdims=True))


def _finer(
    parts: list[Range], errors: list[float], s: MapSettings, least: float
) -> list[Range]:
    """More nodes where the error is; a range that begins at ω = 0 is divided, down to `least`."""
    found, worst = [], max(errors)
    for part, error in zip(parts, errors, strict=True):
        if error < 0.3 * worst or isinstance(part, Single):
            found.append(part)
        elif part.low == 0 and not part.even and not part.temperature:
            middle = part.high / s.octave
            if middle < least:
                found.append(part)
                continue
            n = max(q.n for q in parts)
            found += [replace(part, high=middle), replace(part, low=middle, n=n)]
        else:
            found.append(replace(part, n=part.n + _MORE))
    return found
