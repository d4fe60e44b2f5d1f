"""The points at which a profile is computed: those asked for, and a strip for its integrals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial.legendre import leggauss, legvander
from numpy.typing import NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.problem import Problem
from dirac1d.states import masses
from dirac1d.states.mesh import sharp_breakpoints, wave_length
from dirac1d.states.settings import Settings

#: Distance from a breakpoint, over the radius to which it is resolved, up to which the nodes of the
#: strip do not steer a run: there the interpolation feels the singularity at the breakpoint itself.
NEAR = 4.0
#: Panels beside a breakpoint, each a quarter of the next: of ln|x| at a jump, and of x ln|x| at a
#: kink, at a jump of Δ and at a hard wall, where without them an integral was off by 2e-5.
AT_JUMPS, AT_KINKS = 15, 4
#: Largest h of a point on a kink, over the distance to the next breakpoint.
KINK_GAP = 0.2


@dataclass(frozen=True)
class Points:
    """Positions asked for and the nodes of a strip from the first to the last of them.

    A point on a kink of U takes the mean m(h) of both of its sides, a distance h away: the term
    x ln|x| of j_y is odd. What is left is even in h: (4m(h) - m(2h))/3 has no h². Where Δ jumps j_y
    has a cusp |x|, that of a bound state's density: the cubic through m(h), …, m(4h) is taken. At
    a hard wall there is one side only, and the same is done.

    Attributes
    ----------
    x : ndarray, shape (n,)
    edges : ndarray, shape (panels + 1,)
        Of the strip.
    kinks : ndarray of int, shape (k,)
        Which of x lie on a kink.
    hairs : ndarray, shape (k,)
        h for each of them.
    cusp : ndarray of bool, shape (k,)
        Whether Δ jumps there, or the sample ends.
    sides : ndarray, shape (k, 2)
        On which sides j_y is looked at: -1 and 1, at a hard wall twice the inner one.
    nodes : int
        Legendre nodes per panel.
    """

    x: NDArray
    edges: NDArray
    kinks: NDArray
    hairs: NDArray
    cusp: NDArray
    sides: NDArray
    nodes: int

    @cached_property
    def query(self) -> NDArray:
        """All points at which j_y is computed: x or x - h, the strip, x + h, x ∓ 2h, …"""
        t, _ = leggauss(self.nodes)
        middles, halves = (self.edges[1:] + self.edges[:-1]) / 2, np.diff(self.edges) / 2
        below, h, on = self.x.copy(), self.hairs, self.x[self.kinks]
        strip = (middles[:, None] + halves[:, None] * t).ravel()
        one, other = self.sides.T * h
        below[self.kinks] = on + one
        cusp = [(on + n * side)[self.cusp] for n in (3, 4) for side in (one, other)]
        return np.concatenate((below, strip, on + other, on + 2 * one, on + 2 * other, *cusp))

    def weights(self, problem: Problem, radii: dict[float, float]) -> NDArray:
        """How much an error at each point of the query counts.

        At the points asked for fully, unless they lie closer to a jump than it is resolved. The
        nodes of the strip serve integrals: near a breakpoint they count as their distance does in
        units of 1/|Δ|, and not at all within `NEAR` times what is resolved.
        """
        asked = np.ones(len(self.query), dtype=bool)
        asked[len(self.x) : len(self.x) + self.nodes * (len(self.edges) - 1)] = False
        weights = np.ones(len(self.query))
        jumps = {b for b, _ in masses.logarithms(problem)}
        for b, radius in radii.items():
            distance = np.abs(self.query - b)
            near = np.where(distance > NEAR * radius, distance * problem.gap, 0.0)
            here = distance > radius if b in jumps else 1.0
            weights = np.minimum(weights, np.where(asked, here, near))
        return weights

    def merged(self, values: NDArray) -> NDArray:
        """Values at x and at the nodes of the strip: on kinks from both sides."""
        merged = values[: len(values) - self.beside].copy()
        near, far, third, fourth = self._means(values)
        cusp = 4 * near - 6 * far + 4 * third - fourth
        merged[self.kinks] = np.where(self.cusp, cusp, (4 * near - far) / 3)
        return merged

    def kink_error(self, values: NDArray) -> NDArray:
        """What the limit h → 0 changed, shape (n,): 0 away from kinks."""
        error = np.zeros(len(self.x))
        near, far, third, fourth = self._means(values)
        # Of x² ln|x| it is 1.1 times what the limit misses, of smooth functions more.
        cusp = near - 3 * far + 3 * third - fourth
        error[self.kinks] = np.abs(np.where(self.cusp, cusp, (near - far) / 3))
        return error

    @property
    def beside(self) -> int:
        """How many points of the query lie beside kinks."""
        return 3 * len(self.kinks) + 4 * int(np.sum(self.cusp))

    def _means(self, values: NDArray) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """m(h), m(2h) and, at cusps, m(3h) and m(4h) at the kinks."""
        count, cusps = len(self.kinks), int(np.sum(self.cusp))
        beside = values[len(values) - self.beside :]
        above, below_far, above_far = np.split(beside[: 3 * count], 3)
        more = np.zeros((2, count))
        more[:, self.cusp] = np.sum(beside[3 * count :].reshape(2, 2, cusps), axis=1) / 2
        return (values[self.kinks] + above) / 2, (below_far + above_far) / 2, *more

    def series(self, merged: NDArray) -> NDArray:
        """Legendre coefficients on the panels, shape (panels, nodes), of merged values."""
        t, w = leggauss(self.nodes)
        transform = (legvander(t, self.nodes - 1) * w[:, None]).T * (
            np.arange(self.nodes)[:, None] + 0.5
        )
        return self._on_panels(merged) @ transform.T

    def integrals(self, merged: NDArray) -> NDArray:
        """Integrals over the panels of merged values, shape (panels,)."""
        _, w = leggauss(self.nodes)
        return self._on_panels(merged) @ w * np.diff(self.edges) / 2

    def _on_panels(self, merged: NDArray) -> NDArray:
        return merged[len(self.x):].reshape(len(self.edges) - 1, self.nodes)


def points_for(
    problem: Problem, x: NDArray, radii: dict[float, float], settings: Settings
) -> Points:
    """The points for a profile at x."""
    jumps = {b for b, _ in masses.logarithms(problem)}
    breaks = np.array([*sharp_breakpoints(problem, settings), *masses.sample(problem)])
    left, right = masses.sample(problem)
    cusps = {left, right, *(b for b, _ in problem.mass_jumps)}
    hair = {}
    for b in breaks[np.isfinite(breaks)]:
        if b not in jumps:
            nearest = np.min(np.abs(breaks - b)[breaks != b], initial=np.inf)
            far = settings.claim.cusp_hair if b in cusps else settings.claim.kink_hair
            hair[b] = min(far * radii[b], KINK_GAP * nearest)
    kinks = np.array([i for i, position in enumerate(x) if position in hair], dtype=int)
    hairs = np.array([hair[x[i]] for i in kinks])
    cusp = np.array([x[i] in cusps for i in kinks], dtype=bool)
    sides = np.array([(1, 1) if x[i] == left else (-1, -1) if x[i] == right else (-1, 1)
                      for i in kinks]).reshape(-1, 2)
    edges = strip_edges(problem, x, settings)
    return Points(x, edges, kinks, hairs, cusp, sides, settings.start.strip_nodes)


def strip_edges(problem: Problem, x: NDArray, settings: Settings) -> NDArray:
    """Panels over [x[0], x[-1]]: fine where U varies, graded toward breakpoints, limited."""
    lo, hi = float(x[0]), float(x[-1])
    wave = wave_length(problem)
    if hi == lo:
        return np.array([lo, lo + 1e-9 * max(wave, abs(lo))])
    most = settings.limits.strip_panels // 2
    width = min(masses.length_scale(problem), wave)
    a, b = masses.support(problem, 1e-2 * masses.height_of(problem))
    breaks = (*sharp_breakpoints(problem, settings), *masses.sample(problem))
    edges = {lo, hi, *(b for b in breaks if lo < b < hi)}
    a, b = max(a - 2 * width, lo), min(b + 2 * width, hi)
    fine = np.arange(a, b, max(width, (b - a) / most)) if b > a else np.empty(0)
    coarse = np.arange(lo, hi, max(wave, (hi - lo) / most))
    steps = dict.fromkeys(breaks, AT_KINKS) | {b: AT_JUMPS for b, _ in masses.logarithms(problem)}
    near = [b + np.outer([-1, 1], 0.25 ** np.arange(1, count + 1)).ravel() * wave
            for b, count in steps.items() if np.isfinite(b)]
    edges |= {float(e) for e in np.concatenate((fine, coarse, *near)) if lo < e < hi}
    ordered = np.array(sorted(edges))
    # Panels that two of the rules put on top of each other are merged.
    keep = np.concatenate(([True], np.diff(ordered) > 1e-12 * max(abs(lo), abs(hi))))
    ordered = ordered[keep]
    ordered[-1] = hi
    return ordered


def unresolved(
    problem: Problem, edges: NDArray, radii: dict[float, float], settings: Settings
) -> NDArray:
    """Bound on the integral's error on panels closer to a jump than the mesh resolves it.

    There j_y ~ c ln|x| with c = ΔU Δ/4π (`masses.logarithms`), and the error of its integral is a
    part of c times the length.
    """
    error = np.zeros(len(edges) - 1)
    for jump, strength in masses.logarithms(problem):
        radius = radii.get(jump, 0.0)
        inside = np.minimum(edges[1:], jump + radius) - np.maximum(edges[:-1], jump - radius)
        c = abs(strength) * E_OVER_2H
        error += settings.claim.unresolved * c * np.maximum(inside, 0.0)
    return error
