r"""How an answer begins at r = 0: a few known functions, taken through the panels beside it.

Where U is even in r a current is an odd power series, a density an even one. The tip of a cone or a
table's cubic has an odd power in U, too. Of :math:`U ∼ r^k, U_q ∼ q^{-k-2}`, linear response,
:math:`M_q ∼ (Δ/q)\arctan(q/2Δ)\,U_q`, makes a magnetization of :math:`r^{k+1}\ln r` and of
:math:`r^{k+2}`: the current has :math:`r^k\ln r` and :math:`r^{k+1}` beside its odd powers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.green.sources.step.start import allowed_slope
from dirac1d.numerics.quadrature import lobatto
from dirac1d.problem import Problem

#: Functions r^k ln^m r as (k, m), in the order in which they are taken: where U is even, where it
#: begins with a cubic, and with a cone. More of those with logarithms would magnify errors.
EVEN = tuple((k, 0) for k in range(1, 15, 2))
CUBIC = (1, 0), (3, 0), (3, 1), (4, 0), (5, 0)
CONE = (1, 0), (1, 1), (2, 0), (3, 0)
#: How far the values are taken, in first radii, and the nodes of one look at such a range.
REACH, NODES = 4.0, 24
#: The first radius: the largest one tried, as a part of the smallest length; the ratio of those
#: that are tried, and how many.
LARGEST, SMALLER, TRIED = 0.5, 0.8, 26
#: The largest one, as a part of 1/(|ε_F - U(0)| + |Δ|): the turning point of j = ½ is at 0.5, and
#: the regular solution is followed on panels that must be far from it.
OF_A_WAVE = 0.3
#: Largest rate at which changes are taken to fall from one function to the next, and between what
#: they tell and a bound: a function of another kind falls more slowly still.
SLOWEST, DOUBT = 0.9, 3.0
#: Part of the accuracy to which the series must carry what is known of the answer, and the part
#: that errors may take which it magnifies: less of a density's, which the panels' own nodes magnify
#: by a third more than those of a look do.
CARRIED, MAGNIFIED, MAGNIFIED_DENSITY = 0.02, 0.75, 0.5
#: Ratio of the ends of panels of a strip within the first radius, where there are logarithms, and
#: the end of the last of them in first radii.
RATIO, LEAST = 2.0, 1e-9


@dataclass(frozen=True)
class Centre:
    """The first radius, within which an answer is a series, and of which functions.

    Attributes
    ----------
    radius : float
    functions : tuple of (int, int)
        (k, m) of r^k ln^m r of a current; a density has one r less.
    terms : int
        How many of them carry what is known of the answer.
    """

    radius: float
    functions: tuple[tuple[int, int], ...]
    terms: int

    @classmethod
    def of(cls, problem: Problem, rtol: float) -> Centre:
        """As far out as all that is known of the answer is such a series, to the accuracy asked."""
        shapes = [problem.potential]
        if problem.mass_profile is not None:
            shapes.append(problem.mass_profile)
        e = abs(problem.fermi_energy - problem.potential.centre)
        wave = float(np.hypot(e, problem.gap))
        edges = [b for q in shapes for b in q.breakpoints]
        largest = LARGEST * min([*edges, *(q.length_scale for q in shapes)], default=np.inf)
        largest = min(largest, OF_A_WAVE / (e + problem.gap))
        slope = allowed_slope(problem, rtol)
        carried, best = [], (np.inf, cls(largest, EVEN, len(EVEN)))
        for functions, i in itertools.product((EVEN, CUBIC, CONE), range(TRIED)):
            radius = largest * SMALLER**i
            if any(radius <= c.radius for c in carried):
                continue
            known = _known(shapes, functions == EVEN, radius, wave, edges, slope / rtol)
            missed, terms = _missed(functions, known, CARRIED * slope)
            found = cls(radius, functions, terms)
            if missed <= CARRIED * slope:
                carried.append(found)
            elif missed < best[0]:
                best = missed, found
        # Few functions with logarithms carry an even one, too, if little is asked.
        return max(carried, key=lambda c: (1 + (c.functions == EVEN)) * c.radius, default=best[1])

    def growth(self, density: bool = False) -> float:
        """By how much the series magnifies errors."""
        functions = tuple((k - int(density), m) for k, m in self.functions)
        return max(1.0, float(np.max(np.sum(np.abs(_look(functions, self.terms)[2]), axis=1))))

    def beside(self, edges: NDArray) -> slice:
        """The panels from which the series is taken."""
        return slice(0, max(1, int(np.sum(edges[1:] <= 1.001 * REACH * self.radius))))

    def series(
        self, r: NDArray, values: NDArray, noise: float, density: bool = False
    ) -> tuple[Callable[[ArrayLike], NDArray], float]:
        """The answer within the first radius, from values at r, and its error.

        That is what the series leaves out, and what it makes of that of the values: so many
        functions are taken that both together are least.
        """
        t, inside = r.ravel() / self.radius, np.linspace(0, 1, 33)[1:]
        functions = [(k - int(density), m) for k, m in self.functions]
        found, errors = [], []
        for count in range(1, len(functions) + 1):
            there, here = (_columns(functions[:count], x) for x in (t, inside))
            size = np.max(np.abs(there), axis=0)
            solved = np.linalg.pinv(there / size) / size[:, None]
            found.append(solved @ values.ravel())
            errors.append(noise * max(float(np.max(np.sum(np.abs(here @ solved), axis=1))), 1.0))
        at = [_columns(functions[: len(c)], inside) @ c for c in found]
        changes = [float(np.max(np.abs(b - a))) for a, b in itertools.pairwise(at)]
        changes.append(changes[-1] * min(changes[-1] / max(changes[-2], 1e-300), 1.0))
        # One change may be small by accident; what goes on as slowly as the last ones adds up.
        last = np.maximum(changes, [*changes[1:], 0.0])
        rate = min(changes[-2] / max(changes[-3], 1e-300), SLOWEST)
        total = np.array(errors) + DOUBT * last / (1 - rate)
        best = int(np.argmin(total))
        terms, own = functions[: best + 1], found[best]

        def answer(r: ArrayLike) -> NDArray:
            return _columns(terms, np.asarray(r, dtype=float) / self.radius) @ own

        return answer, float(total[best])

    def edges(self) -> NDArray:
        """Ends of the panels of a strip within the first radius."""
        if self.functions == EVEN:
            return np.array([0.0, self.radius])
        parts = int(np.ceil(-np.log(LEAST) / np.log(RATIO)))
        return np.concatenate(([0.0], self.radius * RATIO ** np.arange(-parts, 1.0)))


def _columns(functions: list[tuple[int, int]] | tuple[tuple[int, int], ...], t: NDArray) -> NDArray:
    """t^k ln^m t, shape (len(t), functions)."""
    t = np.maximum(np.atleast_1d(t), 0.0)[:, None]
    k, m = np.array(functions).T
    with np.errstate(divide="ignore"):
        log = np.where(m > 0, np.log(np.where((t == 0) & (k > 0), 1.0, t)), 1.0)
    return t**k * log


@lru_cache(maxsize=32)
def _look(functions: tuple[tuple[int, int], ...], count: int) -> tuple[NDArray, NDArray, NDArray]:
    """Points where a series is taken and where it is judged, and from the former to the latter."""
    t = 1 + (REACH - 1) * (lobatto(NODES) + 1) / 2
    inside = np.linspace(0, 1, 17)[1:]
    there, here = (_columns(functions[:count], x) for x in (t, inside))
    size = np.max(np.abs(there), axis=0)
    return t, inside, here @ (np.linalg.pinv(there / size) / size[:, None])


def _missed(
    functions: tuple[tuple[int, int], ...], known: Callable[[NDArray], NDArray], enough: float
) -> tuple[float, int]:
    """What the series misses of known functions, and how many of its own are enough, or all."""
    t, inside, _ = _look(functions, 1)
    there, here = known(t), known(inside)
    missed = np.inf
    for count in range(2, len(functions) + 1):
        missed = float(np.max(np.abs(_look(functions, count)[2] @ there - here)))
        if missed <= enough:
            return missed, count
    return missed, len(functions)


def _known(
    shapes: list, even: bool, radius: float, wave: float, edges: list[float], slope: float
) -> Callable[[NDArray], NDArray]:
    """t, shape (n,) → what is known of the answer at the radii t · radius, in units of a slope.

    U′, or what begins as its own response does where U is not even; a wave, and what a jump at the
    first edge makes of an odd function.
    """

    def at(t: NDArray) -> NDArray:
        r = t * radius
        columns = [slope * np.sin(2 * wave * r)]
        for shape in shapes:
            own = shape.derivative(r) if even else (shape(r) - shape(0.0)) * r * (2 * wave) ** 2
            columns.append(own)
        if edges:
            b = min(edges)
            columns.append(slope * r * b / (b * b - r * r))
        return np.stack(columns, axis=1)

    return at
