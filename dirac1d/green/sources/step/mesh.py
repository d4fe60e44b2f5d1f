"""Panels in x: where the Riccati equation is collocated, and where j_y(x) is represented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Limits
from dirac1d.numerics.quadrature import legendre_analysis, lobatto
from dirac1d.potentials import Potential

#: Part of max|U| that U may miss on a panel: rounding, which no halving removes.
ROUNDING = 1e-14
#: Relative jump of U′ that counts as a kink.
KINK = 1e-3
#: Part of the accuracy that a panel at a kink, and at a jump of U″, may miss.
KINK_SHARE, BEND_SHARE = 0.1, 0.4
#: Smallest Bernstein parameter of a graded panel: a ratio of 25 between neighbours.
SLOWEST_RATE = 1.5


@dataclass(frozen=True, eq=False)
class Mesh:
    """Panels with n Lobatto nodes each.

    Attributes
    ----------
    edges : ndarray, shape (P + 1,)
    U, dU : ndarray, shape (P, n)
        Potential and its derivative at the nodes, one-sided at breakpoints.
    flat : ndarray of bool, shape (P,)
        Panels on which U is constant: solved exactly.
    at_jump : ndarray of int, shape (P,)
        -1 / +1 for a panel whose left / right end is a jump (closer than anything asked for),
        else 0.
    strip : (float, float)
        The part of x where an answer is asked for; its ends are edges.
    support : (float, float)
        Edges beyond which U counts as constant.
    """

    edges: NDArray
    U: NDArray
    dU: NDArray
    flat: NDArray
    at_jump: NDArray
    potential: Potential
    strip: tuple[float, float]
    support: tuple[float, float]

    @property
    def visible(self) -> slice:
        """The panels within `strip`; the others are only marched through."""
        first = int(np.searchsorted(self.edges, self.strip[0]))
        return slice(first, int(np.searchsorted(self.edges, self.strip[1])))

    @property
    def widths(self) -> NDArray:
        """Panel widths, shape (P,)."""
        return np.diff(self.edges)

    @property
    def infinite(self) -> NDArray:
        """Where the answer is taken to be infinite: jumps, and kinks if those were named so."""
        return np.union1d(self.edges[:-1][self.at_jump < 0], self.edges[1:][self.at_jump > 0])

    @property
    def x(self) -> NDArray:
        """Nodes, shape (P, n)."""
        return _nodes(self.edges[:-1], self.edges[1:], self.U.shape[1])

    def split(self, parts: NDArray) -> Mesh:
        """The mesh with each panel cut into `parts` (an int ≥ 1 per panel; True halves)."""
        parts = parts + 1 if parts.dtype == bool else parts
        if np.all(parts == 1):
            return self
        flags, of = np.repeat(self.at_jump, parts), np.repeat(parts, parts)
        start, width = np.repeat(self.edges[:-1], parts), np.repeat(self.widths / parts, parts)
        place = np.arange(len(flags)) - np.repeat(np.cumsum(parts) - parts, parts)
        # Only the first or the last piece touches the jump.
        flags[((flags < 0) & (place > 0)) | ((flags > 0) & (place < of - 1))] = 0
        edges = np.append(start + place * width, self.edges[-1])
        return self._anew(edges, flags, self.U.shape[1])

    def cut(self, positions: NDArray) -> Mesh:
        """The mesh with more edges, none of them on a panel at a jump."""
        edges = np.union1d(self.edges, positions)
        flags = self.at_jump[np.searchsorted(self.edges, edges[:-1], side="right") - 1]
        return self._anew(edges, flags, self.U.shape[1])

    def with_nodes(self, n: int) -> Mesh:
        """The same panels with n nodes each."""
        return self._anew(self.edges, self.at_jump, n)

    def _anew(self, edges: NDArray, at_jump: NDArray, n: int) -> Mesh:
        """Other panels or nodes of the same potential."""
        return _sample(edges, at_jump, n, self.potential, self.strip, self.support)


def within(panels: NDArray, span: slice) -> slice:
    """Where, in an increasing list of panels, those of a span are."""
    first, last = np.searchsorted(panels, (span.start, span.stop)).tolist()
    return slice(first, last)


def _nodes(a: NDArray, b: NDArray, n: int) -> NDArray:
    x = a[:, None] + (b - a)[:, None] * (lobatto(n) + 1) / 2
    x[:, -1] = b
    return x


@lru_cache(maxsize=32)
def _end_weights(n: int) -> NDArray:
    """Extrapolate from the n - 2 inner nodes to both ends, shape (2, n - 2)."""
    inner = lobatto(n)[1:-1]
    V = np.polynomial.legendre.legvander(inner, n - 3)
    return np.polynomial.legendre.legvander(np.array([-1.0, 1.0]), n - 3) @ np.linalg.inv(V)


def _sample(
    edges: NDArray, at_jump: NDArray, n: int, potential: Potential, strip: tuple[float, float],
    support: tuple[float, float],
) -> Mesh:
    """U and U′ at the nodes: one-sided at breakpoints, lead values outside of the support."""
    x = _nodes(edges[:-1], edges[1:], n)
    U, broken = np.array(potential(x)), _broken(potential, x)
    for end, column in ((0, 0), (1, -1)):
        for i in np.flatnonzero(broken[:, end]):
            U[i, column] = potential.limits(float(x[i, column]))[1 - end]
    dU = _slope(potential, x, broken)
    U[edges[1:] <= support[0]] = potential.left
    U[edges[:-1] >= support[1]] = potential.right
    scale = np.max(np.abs(U), axis=1) + np.ptp(U)
    flat = np.ptp(U, axis=1) <= 4 * np.finfo(float).eps * scale
    U[flat] = U[flat, n // 2][:, None]
    dU[flat] = 0.0
    return Mesh(edges, U, dU, flat, at_jump, potential, strip, support)


def _broken(potential: Potential, x: NDArray) -> NDArray:
    """Which ends of panels with the nodes x are breakpoints, shape (P, 2)."""
    return np.isin(x[:, [0, -1]], np.asarray(potential.breakpoints, dtype=float))


def _slope(potential: Potential, x: NDArray, broken: NDArray) -> NDArray:
    """U′ at the nodes, at breakpoints from inside; other ends see what is narrow beyond them."""
    dU = np.array(potential.derivative(x))
    inside = dU[:, 1:-1] @ _end_weights(x.shape[1]).T
    dU[:, [0, -1]] = np.where(broken, inside, dU[:, [0, -1]])
    return dU


def build_mesh(
    potential: Potential,
    jumps: Mapping[float, float],
    strip: tuple[float, float],
    *,
    nodes: int,
    support_tolerance: float,
    slope_tolerance: float,
    kinks: list[tuple[float, float, int]],
    length: float,
    limits: Limits,
) -> Mesh:
    """Panels that resolve U′ to `slope_tolerance`, over the support of U′ and over `strip`.

    Parameters
    ----------
    jumps : mapping
        Position → width of the panels that touch the jump, if it is in the strip; towards it panels
        shrink geometrically.
    strip : (float, float)
        Range of x asked for.
    nodes : int
        Lobatto nodes per panel.
    support_tolerance, slope_tolerance : float
        How well U must have reached its leads, and how well U′ must be resolved.
    kinks : list of (float, float, int)
        As found by `kinks`.
    length : float
        1/(2|Δ|), the outer end of both gradings, and of the logarithm by which j_y feels U′.
    limits : Limits

    Raises
    ------
    ValueError
        If the potential is too rough.
    """
    lo, hi = potential.support(support_tolerance)
    breaks = np.asarray(potential.breakpoints, dtype=float)
    breaks = breaks[(breaks >= lo) & (breaks <= hi)]
    marks = np.array([x for x in getattr(potential, "landmarks", ()) if lo < x < hi])
    edges = np.unique(np.concatenate((breaks, marks, [lo, hi, *strip])))
    # Both sides of a jump need a panel, also if nothing was asked for on one of them.
    edges = np.concatenate((
        [edges[0] - length] if edges[0] in jumps else [],
        edges,
        [edges[-1] + length] if edges[-1] in jumps else [],
    ))
    jumps = {position: near for position, near in jumps.items() if strip[0] <= position <= strip[1]}
    for position, near in jumps.items():
        edges = _grade(edges, position, near, length, nodes, 0)
    for position, near, order in kinks:
        if position not in jumps:
            edges = _grade(edges, position, near, length, nodes, order)
    edges = _halved(potential, edges, (lo, hi), nodes, slope_tolerance, length, limits)
    at_jump = np.zeros(len(edges) - 1, dtype=int)
    for position in jumps:
        at_jump[edges[:-1] == position] = -1
        at_jump[edges[1:] == position] = 1
    return _sample(edges, at_jump, nodes, potential, strip, (lo, hi))


def _halved(
    potential: Potential, edges: NDArray, support: tuple[float, float], nodes: int,
    tolerance: float, length: float, limits: Limits,
) -> NDArray:
    """Edges of panels halved until each resolves U′ to `tolerance`, or what j_y feels of it."""
    a, b = edges[:-1], edges[1:]
    done: list[NDArray] = [edges[-1:]]
    for _ in range(limits.halvings):
        good = _resolved(potential, a, b, nodes, tolerance, length)
        good |= (b <= support[0]) | (a >= support[1])
        done.append(a[good])
        a, b = a[~good], b[~good]
        if not len(a):
            break
        if len(a) + sum(map(len, done)) > limits.first_panels:
            raise ValueError("potential is too rough: it changes on every scale that was tried")
        middle = (a + b) / 2
        a, b = np.concatenate((a, middle)), np.concatenate((middle, b))
    return np.sort(np.concatenate((*done, a)))


def kinks(
    potential: Potential, strip: tuple[float, float], tolerance: float, mass: float, nodes: int
) -> list[tuple[float, float, int]]:
    """Breakpoints in the strip that show in j_y, the width h of a panel that carries it, and m.

    A jump of U⁽ᵐ⁾, m = 1 or 2, gives j_y a term Δ ΔU⁽ᵐ⁾ xᵐ ln|x|/4π, of which the n nodes of a
    panel that begins there miss about Δ ΔU⁽ᵐ⁾ (h/n²)ᵐ/4π. `tolerance` is 4π times what j_y may
    miss.
    """
    found = []
    breaks = np.asarray(potential.breakpoints, dtype=float)
    for b in breaks[(breaks >= strip[0]) & (breaks <= strip[1])]:
        room = np.min(np.abs(breaks - b)[breaks != b], initial=potential.length_scale)
        if not np.isfinite(room):  # a lone jump
            continue
        hair, far = 1e-9 * max(abs(b), room), 1e-4 * room
        below, above = potential.derivative(np.array([b - hair, b + hair]))
        change, size = abs(above - below), max(abs(above), abs(below))
        # A smooth U′ changes by about hair · U″ only.
        if change > max(tolerance, KINK * size):
            found.append((float(b), KINK_SHARE * nodes**2 * tolerance / (change * abs(mass)), 1))
            continue
        l2, l1, r1, r2 = potential.derivative(b + far * np.array([-2.0, -1.0, 1.0, 2.0]))
        bend = abs((r2 - r1) - (l1 - l2)) / far
        near = np.inf
        if bend > 0:
            near = (nodes - 2) ** 2 * np.sqrt(BEND_SHARE * tolerance / (bend * abs(mass)))
        if bend > KINK * max(abs(r2 - r1), abs(l1 - l2)) / far and near < room:
            found.append((float(b), near, 2))
    return found


def _grade(
    edges: NDArray, position: float, smallest: float, largest: float, nodes: int, order: int
) -> NDArray:
    """Add edges at growing distances from a term x^m ln|x| of j_y, as far as the next edge.

    A logarithm on [d, g d] has the Bernstein parameter ρ with (ρ + 1/ρ)/2 = (g + 1)/(g - 1): g is
    such that n nodes give d^m ρ^-n = 10^-(n-3), two digits more than they are used for.
    """
    distances, d = [], smallest
    while not distances or distances[-1] < largest:
        distances.append(d)
        digits = nodes - 3 + order * np.log10(min(d / largest, 1.0))
        rho = max(10 ** (digits / nodes), SLOWEST_RATE)
        z = (rho + 1 / rho) / 2
        d *= (z + 1) / (z - 1)
    distance = np.array(distances)
    for side in (-1, 1):
        room = side * (edges - position)
        room = np.min(room[room > 0], initial=np.inf)
        d = distance[distance < 0.6 * room]
        if not len(d) and np.isfinite(room):
            d = np.array([room / 2])
        edges = np.concatenate((edges, position + side * d))
    return np.unique(edges)


def _resolved(
    potential: Potential, a: NDArray, b: NDArray, n: int, tolerance: float, length: float
) -> NDArray:
    """Which panels [a, b] carry U′ to `tolerance` (or U to rounding).

    j_y answers to U′ with a logarithm of the distance, up to `length`: on a panel of width h by
    (h/length) ln(length/h) of what U′ misses there.
    """
    x = _nodes(a, b, n)
    values = _slope(potential, x, _broken(potential, x))
    tail = np.max(np.abs((values @ legendre_analysis(n).T)[:, -4:-2]), axis=1)
    size = np.max(np.abs(potential(x)), axis=1)
    part = np.minimum((b - a) / length, 1.0)
    felt = tail * part * (1 - np.log(part))
    return (felt <= tolerance) | ((b - a) * tail <= ROUNDING * size)
