r"""The angle of (f, g) = ρ (cos θ, sin θ) at a real energy, on a line and on a radius alike.

.. math:: θ' = E' - Δ\cos 2θ - p\sin 2θ, \qquad (\ln ρ)' = p\cos 2θ - Δ\sin 2θ .

That of a solution fixed on the left (at the centre) rises with E at every position, that of one
fixed on the right (far outside) falls: E is a level where they differ by a multiple of π.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray
from scipy.optimize.elementwise import find_root

from dirac1d.numerics.estimate import Estimates
from dirac1d.numerics.quadrature import antiderivative, gauss_legendre

#: Relative tolerance of an angle's equation, and a looser one whose difference is the error.
TOLERANCE, LOOSER = 1e-13, 1e-11
#: Tolerance while a level is enclosed: fewer nodes on fewer panels.
ROUGH = 1e-6
#: Half-width of the enclosure of a level, in the window; what ROUGH leaves is mostly below.
CLOSE = 1e-5
#: Safety of an energy's error.
SAFETY = 3.0
#: Shortest panel over the largest position, and numbers in the matrices of all panels at once.
SHORTEST, AT_ONCE = 1e-15, 2**20
#: Gauss nodes of a norm on a panel: ρ² turns twice as much as a solution.
NORM_NODES = 20


@dataclass(frozen=True, eq=False)
class Run:
    """θ and ln ρ of n solutions on one piece, from one end to the other.

    Attributes
    ----------
    t : ndarray, shape (panels + 1,)
        Ends of its panels, in the direction in which it runs.
    y : ndarray, shape (2n, 2)
        All θ, then all ln ρ, at its beginning and at its end.
    """

    t: NDArray
    y: NDArray
    _theta: NDArray
    _log: NDArray
    _values: NDArray

    def sol(self, r: NDArray) -> NDArray:
        """θ and ln ρ of the first solution at some places, shape (2, len(r))."""
        sign = 1 if self.t[0] <= self.t[-1] else -1
        at = np.searchsorted(sign * self.t, sign * r, side="right") - 1
        at = np.clip(at, 0, len(self.t) - 2)
        width = self.t[at + 1] - self.t[at]
        s = np.divide(r - self.t[at], width, out=np.zeros(len(r)), where=width != 0)
        f, g = (legendre.legval(2 * s - 1, c, tensor=False) for c in self._series[:, :, at])
        theta = self._theta[at]
        return np.stack((
            theta + _least(np.arctan2(g, f) - theta), self._log[at] + np.log(np.hypot(f, g)),
        ))

    @cached_property
    def _series(self) -> NDArray:
        """Legendre coefficients of f and g on the panels, shape (2, nodes + 1, panels)."""
        count = self._values.shape[1] - 1
        nodes = np.concatenate(([-1.0], 2 * gauss_legendre(count).nodes - 1))
        series = np.linalg.inv(legendre.legvander(nodes, count)) @ self._values
        return np.moveaxis(series, (0, 1, 2), (2, 1, 0))


def _least(angle: NDArray) -> NDArray:
    """An angle without its full turns."""
    return angle - 2 * np.pi * np.round(angle / (2 * np.pi))


def along(
    E: ArrayLike, way: list[tuple[float, float]], theta: ArrayLike, tolerance: float, dense: bool,
    U: Any, mass: Any, p: Callable[[NDArray], Any],
) -> list[Run]:
    """θ and ln ρ along some pieces; U and Δ (a shape or a number) smooth on each.

    Several solutions are taken at once, with as many energies and momenta: `p` of positions, shape
    (N, 1), is a number or of shape (N, n). All ln ρ are 0 at the beginning. Only `dense` runs know
    what is in between.
    """
    theta = np.ravel(np.asarray(theta, dtype=float))
    fields = _Fields(np.broadcast_to(np.ravel(E), theta.shape), U, mass, p)
    log, runs, rules = np.zeros(len(theta)), [], _Rules.of(tolerance, dense)
    for a, b in way:
        run = _piece(fields, a, b, theta, log, rules)
        runs.append(run)
        theta, log = np.split(run.y[:, -1], 2)
    return runs


@dataclass(frozen=True)
class _Rules:
    """How finely the equations are solved: nodes per panel, and when a panel is short enough.

    Attributes
    ----------
    nodes : int
        Gauss nodes of the collocation, whose order at a panel's end is twice their number.
    phase : float
        Largest length of a panel times the size of the equations' coefficients.
    resolved : float
        Part of that size that its last two Legendre coefficients may be. They meet those of the
        solution, which are as small: in between alone, where a run is dense, they are the error.
    """

    nodes: int
    phase: float
    resolved: float

    @classmethod
    def of(cls, tolerance: float, dense: bool) -> _Rules:
        """Of a relative tolerance."""
        if dense:
            return cls(18, 2.5, 1e-13)
        return cls(round(2.5 - 0.57 * np.log10(tolerance)), 4.0, 0.3 * np.sqrt(tolerance))


@dataclass(frozen=True)
class _Fields:
    """The coefficients of the linear equations f' = pf - (E'+Δ)g, g' = (E'-Δ)f - pg."""

    E: NDArray
    U: Any
    mass: Any
    p: Callable[[NDArray], Any]

    def at(self, r: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """E', Δ and p at places of shape (...,): each of shape (..., n)."""
        flat, n = r.ravel(), len(self.E)
        U, mass = (
            np.full(len(flat), q) if isinstance(q, float) else np.asarray(q(flat), dtype=float)
            for q in (self.U, self.mass)
        )
        e = self.E - U[:, None]
        return tuple(
            np.broadcast_to(q, e.shape).reshape(*r.shape, n)
            for q in (e, mass[:, None], np.asarray(self.p(flat[:, None]), dtype=float))
        )


def _panels(fields: _Fields, low: float, high: float, rules: _Rules) -> NDArray:
    """Ends of panels on which the coefficients are resolved and the solution turns little."""
    gauss = gauss_legendre(rules.nodes)
    last = gauss.basis[-2:] * gauss.weights
    open_, done = np.array([[low, high]]), []
    least = SHORTEST * max(abs(low), abs(high))
    while len(open_):
        a, h = open_[:, 0], np.diff(open_, axis=1)[:, 0]
        e, mass, p = fields.at(a[:, None] + h[:, None] * gauss.nodes)
        size = h * np.max(np.abs(e) + np.hypot(mass, p), axis=(1, 2))
        tail = np.max(np.abs(
            [np.einsum("cj,pjn->pcn", last, q) for q in (e, mass, p)]), axis=(0, 2, 3))
        parts = np.ceil(size / rules.phase)
        parts = np.maximum(parts, np.where(h * tail > rules.resolved * np.maximum(size, 1), 2, 1))
        parts[h <= least] = 1
        done.append(open_[parts == 1])
        open_ = np.concatenate([np.empty((0, 2)), *(
            np.stack((cuts[:-1], cuts[1:]), axis=1) for cuts in (
                np.linspace(*ends, int(m) + 1)
                for ends, m in zip(open_[parts > 1], parts[parts > 1], strict=True)
            )
        )])
    return np.append(np.sort(np.concatenate(done)[:, 0]), high)


def _piece(
    fields: _Fields, a: float, b: float, theta: NDArray, log: NDArray, rules: _Rules
) -> Run:
    """Collocation at Gauss nodes, panel by panel from a to b."""
    t = _panels(fields, min(a, b), max(a, b), rules)[:: 1 if a <= b else -1]
    h, n, count = np.diff(t), len(theta), rules.nodes
    starts, logs = np.empty((len(h), n, 2)), np.empty((len(t), n))
    turned = np.empty((len(h), n))
    F, logs[0] = np.stack((np.cos(theta), np.sin(theta)), axis=-1), log
    within = []
    # Few enough panels at once that their matrices fit into the memory of a small machine.
    step = max(1, int(AT_ONCE / (n * count**2)))
    for first in range(0, len(h), step):
        here = slice(first, first + step)
        inside, across = _propagators(fields, t[:-1][here], h[here], rules)
        for k, T in enumerate(across, start=first):
            starts[k] = F
            F = (T @ F[:, :, None])[:, :, 0]
            size = np.hypot(F[:, 0], F[:, 1])
            F, logs[k + 1] = F / size[:, None], logs[k] + np.log(size)
        begin = starts[here][..., None]
        values = (inside @ begin).reshape(*begin.shape[:2], count, 2)
        values = np.concatenate((starts[here][:, :, None], values), axis=2)
        passed = np.concatenate((values, np.moveaxis(across @ begin, 3, 2)), axis=2)
        angle = np.diff(np.arctan2(passed[..., 1], passed[..., 0]), axis=2)
        turned[here] = np.sum(_least(angle), axis=2)
        within.append(values[:, 0])
    thetas = np.concatenate((theta[None], theta + np.cumsum(turned, axis=0)))
    # The sum of many turns tells how often it went round; where it ended, the solution itself.
    final = np.arctan2(F[:, 1], F[:, 0])
    final += 2 * np.pi * np.round((thetas[-1] - final) / (2 * np.pi))
    y = np.stack((np.concatenate((theta, log)), np.concatenate((final, logs[-1]))), axis=1)
    return Run(t, y, thetas[:, 0], logs[:, 0], np.concatenate(within))


def _propagators(
    fields: _Fields, a: NDArray, h: NDArray, rules: _Rules
) -> tuple[NDArray, NDArray]:
    """From a panel's beginning to all its nodes, (P, n, 2N, 2), and to its end, (P, n, 2, 2)."""
    gauss, count = gauss_legendre(rules.nodes), rules.nodes
    e, mass, p = (
        np.moveaxis(q, 2, 1) * h[:, None, None]
        for q in fields.at(a[:, None] + h[:, None] * gauss.nodes)
    )
    # Rows as f', g', and columns as all f, g at the nodes, each multiplied by h.
    A = np.stack((np.stack((p, -(e + mass)), -1), np.stack((e - mass, -p), -1)), -3)
    shape = (*A.shape[:2], 2 * count, 2 * count)
    system = np.eye(2 * count) - (
        _integrals(count)[:, None, :, None] * A[:, :, None]).reshape(shape)
    inside = np.linalg.solve(system, np.broadcast_to(np.tile(np.eye(2), (count, 1)), (
        *shape[:3], 2)))
    weighted = (gauss.weights[:, None] * A).reshape(*shape[:2], 2, 2 * count)
    return inside, np.eye(2) + weighted @ inside


@lru_cache(maxsize=32)
def _integrals(count: int) -> NDArray:
    """Matrix from values at the Gauss nodes of [0, 1] to integrals from 0 to each of them."""
    return antiderivative(2 * gauss_legendre(count).nodes - 1) / 2


def levels(
    mismatch: Callable[[NDArray, float], NDArray], low: float, high: float
) -> Estimates:
    """All levels between two energies, with their errors.

    `mismatch` of energies and a tolerance rises with the energy, and is an integer at a level.
    """
    first, last = mismatch(np.array([low, high]), TOLERANCE)
    n = np.arange(np.ceil(first), np.floor(last) + 1)
    n = n[(first < n) & (n < last)]
    if not len(n):
        return Estimates(n, n)
    size, near = max(abs(low), abs(high)), CLOSE * (high - low)
    E = _where(mismatch, n, _enclosures(mismatch, n, low, high), TOLERANCE, 4e-16 * size)
    # So close to a level the mismatch is nearly a straight line: one Newton step says where a
    # looser search would end.
    a, b = np.maximum(E - near, low), np.minimum(E + near, high)
    slope = (mismatch(b, LOOSER) - mismatch(a, LOOSER)) / (b - a)
    return Estimates(E, SAFETY * np.abs((mismatch(E, LOOSER) - n) / slope) + 1e-14 * size)


def _where(
    mismatch: Callable[[NDArray, float], NDArray], n: NDArray, between: tuple[NDArray, NDArray],
    tolerance: float, accuracy: float,
) -> NDArray:
    """Where the mismatch is n, all at once."""
    found = find_root(
        lambda E, n: mismatch(E, tolerance) - n, between, args=(n,),
        tolerances={"xatol": accuracy, "xrtol": 0.0, "fatol": 0.0, "frtol": 0.0},
    )
    return np.asarray(found.x)


def _enclosures(
    mismatch: Callable[[NDArray, float], NDArray], n: NDArray, low: float, high: float
) -> tuple[NDArray, NDArray]:
    """Energies, close to each other if that can be told, between which the mismatch is each n."""
    a, b = np.full(len(n), low), np.full(len(n), high)
    ends = mismatch(np.array([low, high]), ROUGH)
    # A level at the end of the window may be nearer than ROUGH tells.
    told = np.flatnonzero((ends[0] < n) & (n < ends[1]))
    if not len(told):
        return a, b
    width = CLOSE * (high - low)
    E = _where(mismatch, n[told], (a[told], b[told]), ROUGH, width / 4)
    left, right = np.maximum(E - width, low), np.minimum(E + width, high)
    sure = (mismatch(left, TOLERANCE) < n[told]) & (n[told] < mismatch(right, TOLERANCE))
    a[told], b[told] = np.where(sure, left, low), np.where(sure, right, high)
    return a, b


def joined(one: list[Run], other: list[Run], x: NDArray) -> tuple[NDArray, NDArray, float, float]:
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


def norm(run: Run, up: float, of: Callable[[NDArray], NDArray] | None = None) -> float:
    """∫ρ² dr over a piece, or of ρ² times a function of θ; Gauss on every panel."""
    gauss, ends = gauss_legendre(NORM_NODES), np.sort(run.t)
    width = np.diff(ends)[:, None]
    r = ends[:-1, None] + width * gauss.nodes
    theta, log = (q.reshape(r.shape) for q in run.sol(r.ravel()))
    value = np.exp(2 * (log + up)) * (1.0 if of is None else of(theta))
    return float(np.sum(width * gauss.weights * value))
