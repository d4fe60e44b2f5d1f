"""Adaptive sampling of a user's function U(x): finds its reach, kinks, jumps, slope and scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from dirac1d.numerics.sampled import FIT_NODES, SampledFunction

#: A panel is resolved when its last coefficients are below this part of the function's range;
#: three digits above rounding, so that noise in the user's function is not chased.
FIT_TOLERANCE = 1e-12
#: Panels narrower than this (relative to position) are not divided further.
BREAK_WIDTH = 1e-8
#: Panels at most this wide (relative to position) pile up only where U, U′ or U″ jumps.
CLUSTER_WIDTH = 2e-6
#: Part of a panel beyond its last node, where a kink does not show in the fit (0.53 % for 16).
BLIND_END = 0.006
#: A function that needs more panels than this is not a potential but noise.
MAX_PANELS = 20_000
#: A lead counts as reached where U differs from it by less than this part of the range …
LEAD_REACHED = 1e-13
#: … and as never reached if U differs by more than this at the outermost point that was looked at.
LEAD_MISSED = 1e-6

_CORE = np.linspace(-100.0, 100.0, 4001)
_OUTER = np.logspace(2.0, 8.0, 241)[1:]
_NODES, _WEIGHTS = legendre.leggauss(FIT_NODES)
# Rows: Legendre coefficients from the values at the Gauss nodes (discrete orthogonality).
_TO_COEFFICIENTS = (
    legendre.legvander(_NODES, FIT_NODES - 1) * _WEIGHTS[:, None]
).T * (np.arange(FIT_NODES)[:, None] + 0.5)


def call(function: Callable[[Any], Any], x: NDArray) -> NDArray:
    """Values of a callable on an array, vectorised where it is not; not-finite values stay."""
    with np.errstate(all="ignore"):
        try:
            values = np.asarray(function(x))
        except (TypeError, ValueError):
            values = None
        if values is None or values.shape != x.shape:
            flat = [function(float(z)) for z in np.ravel(x)]
            values = np.asarray(flat).reshape(x.shape)
    if values.dtype.kind not in "fiub":
        raise ValueError(f"function must return real numbers, got values of type {values.dtype}")
    return values.astype(float)


def sample_function(
    function: Callable[[Any], Any], left: float, right: float, known: tuple[float, ...]
) -> SampledFunction:
    """Sample `function` adaptively between its leads (see `FunctionPotential` for the errors)."""
    scan_x = np.unique(np.concatenate((-_OUTER[::-1], _CORE, _OUTER, np.asarray(known))))
    scan_U = call(function, scan_x)
    a, b = _reach(scan_x, scan_U, left, right)
    inside = (scan_x >= a) & (scan_x <= b)
    if not np.all(np.isfinite(scan_U[inside])):
        bad = scan_x[inside][~np.isfinite(scan_U[inside])][0]
        raise ValueError(f"function must return finite numbers, but U({bad:g}) is not finite")
    scale = max(np.ptp(scan_U[inside]), abs(right - left), np.max(np.abs(scan_U[inside])) * 1e-3)
    if scale == 0.0:
        flat = np.zeros((1, FIT_NODES))
        return SampledFunction(left, right, np.array([a, b]), flat, ())
    scan = (scan_x[inside], scan_U[inside])
    start = np.unique(np.clip(np.array([a, *known, b]), a, b))
    edges, coefficients = _bisect(function, start, scan, scale)
    jumps, kinks = _singular_points(function, (edges, coefficients), (left, right), scale)
    jumps, kinks = ([f for f in some if not _near(f, known)] for some in (jumps, kinks))
    # Once more with panels that end there, then with the crossings of their far better fits.
    for last in (False, True) if jumps or kinks else ():
        start = np.unique(np.clip(np.array([a, *known, *jumps, *kinks, b]), a, b))
        edges, coefficients = _bisect(function, start, scan, scale)
        if not last:
            ends = [(f, int(np.searchsorted(edges, f))) for f in kinks]
            wide = np.concatenate(([np.inf], np.diff(edges), [np.inf])) > 100 * CLUSTER_WIDTH
            kinks = [
                _crossing((edges, coefficients), (left, right), (i - 1, i), f)
                if wide[i] and wide[i + 1] else f
                for f, i in ends
            ]
    breaks = tuple(sorted({*known, *jumps, *kinks}))
    return SampledFunction(left, right, edges, coefficients, breaks)


def _singular_points(
    function: Callable[[Any], Any],
    fit: tuple[NDArray, NDArray],
    leads: tuple[float, float],
    scale: float,
) -> tuple[list[float], list[float]]:
    """Jumps and kinks: where bisection piled up panels, and edges at which the fits disagree."""
    edges, widths = fit[0], np.diff(fit[0])
    small = widths <= CLUSTER_WIDTH * np.maximum(1.0, np.abs(edges[:-1]))
    runs = np.flatnonzero(np.diff(np.concatenate(([0], small.astype(int), [0])))).reshape(-1, 2)
    jumps, kinks = [], []

    def jumps_between(p: float, q: float) -> bool:
        low, high = call(function, np.array([p, q]))
        return abs(high - low) > 1e-3 * scale

    for first, after in runs:
        p, q = float(edges[first]), float(edges[after])
        smallest = first + int(np.argmin(widths[first:after]))
        centre = float(edges[smallest] + edges[smallest + 1]) / 2
        if jumps_between(p, q):
            jumps.append(_jump(function, p, q))
        else:
            kinks.append(_crossing(fit, leads, (first - 1, after), centre))
    piled = {i for first, after in runs for i in range(first, after + 1)}
    for i in set(range(len(edges))) - piled:
        (low, slope), (high, following) = (_taylor(fit, leads, k, edges[i]) for k in (i - 1, i))
        beside = widths[max(i - 1, 0) : i + 1].min()
        # A thousand times the tolerance of the fits, which their slopes carry times FIT_NODES².
        if max(abs(high - low), abs(following - slope) * beside) > 1e3 * FIT_TOLERANCE * scale:
            hair = BREAK_WIDTH * max(1.0, abs(edges[i]))
            p, q = float(edges[i] - hair), float(edges[i] + hair)
            if jumps_between(p, q):
                jumps.append(_jump(function, p, q))
            else:
                kinks.append(_crossing(fit, leads, (i - 1, i), float(edges[i])))
    return jumps, kinks


def _taylor(
    fit: tuple[NDArray, NDArray], leads: tuple[float, float], panel: int, x: float
) -> tuple[float, float]:
    """Value and slope at x of a panel's fit, also outside of it; beyond the panels, of the lead."""
    edges, coefficients = fit
    if not 0 <= panel < len(coefficients):
        return leads[int(panel >= 0)], 0.0
    half = (edges[panel + 1] - edges[panel]) / 2
    t = (x - (edges[panel] + edges[panel + 1]) / 2) / half
    series = coefficients[panel]
    slope = legendre.legval(t, legendre.legder(series)) / half
    return float(legendre.legval(t, series)), float(slope)


def _jump(function: Callable[[Any], Any], p: float, q: float) -> float:
    """Position of a jump within [p, q], by bisection to the last bit."""

    def at(x: float) -> float:
        return float(call(function, np.array([x]))[0])

    low, high = at(p), at(q)
    while p < (p + q) / 2 < q:
        middle = (p + q) / 2
        value = at(middle)
        p, q = (middle, q) if abs(value - low) < abs(value - high) else (p, middle)
    # Of two neighbouring numbers the rounder one: 0 rather than the one beside it.
    return q if abs(q) <= abs(p) or at(q) == high else p


def _crossing(
    fit: tuple[NDArray, NDArray],
    leads: tuple[float, float],
    panels: tuple[int, int],
    centre: float,
) -> float:
    """Where the fits on both sides of a kink cross, if their slopes differ."""
    (low, slope), (high, following) = (_taylor(fit, leads, k, centre) for k in panels)
    change = following - slope
    if abs(change) < 1e-3 * max(abs(slope), abs(following), 1e-300):
        return centre
    shift = (low - high) / change
    # A kink next to the end of a panel, beyond its last node, does not spoil that panel's fit.
    widths = [fit[0][k + 1] - fit[0][k] for k in panels if 0 <= k < len(fit[0]) - 1]
    slack = max(10 * CLUSTER_WIDTH * max(1.0, abs(centre)), BLIND_END * max(widths, default=0.0))
    inside = fit[0][panels[0] + 1] - slack <= centre + shift <= fit[0][panels[1]] + slack
    return float(centre + shift) if inside else centre


def _near(x: float, others: tuple[float, ...]) -> bool:
    return any(abs(x - o) <= 4 * BREAK_WIDTH * max(1.0, abs(x)) for o in others)


def _reach(x: NDArray, U: NDArray, left: float, right: float) -> tuple[float, float]:
    """Outermost scanned points at which U still differs from its leads."""
    finite = np.isfinite(U)
    scale = max(abs(right - left), float(np.max(np.abs(U[finite & (np.abs(x) <= 100)]),
                                                initial=0.0)))
    ends = []
    for name, lead, order in (("left", left, slice(None)), ("right", right, slice(None, None, -1))):
        xs, Us, ok = x[order], U[order], finite[order]
        off = ~ok | (np.abs(np.where(ok, Us, lead) - lead) > LEAD_REACHED * scale)
        # Values that are not finite far out are forgiven once the lead has been reached inside.
        first = int(np.argmax(off & ok)) if np.any(off & ok) else len(xs) // 2
        outermost = int(np.argmax(ok)) if np.any(ok) else 0
        if not np.any(ok) or (
            first == outermost and abs(Us[outermost] - lead) > LEAD_MISSED * scale
        ):
            value = Us[outermost] if np.any(ok) else np.nan
            raise ValueError(
                f"{name} = {lead:g} is a lead that the potential never reaches: "
                f"U({xs[outermost]:g}) = {value:.9g}"
            )
        ends.append(float(xs[max(first - 2, outermost)]))
    a, b = ends
    return (a, b) if a < b else (b - 1.0, a + 1.0)


def _bisect(
    function: Callable[[Any], Any], start: NDArray, scan: tuple[NDArray, NDArray], scale: float
) -> tuple[NDArray, NDArray]:
    """Edges and Legendre coefficients of panels that are resolved, or as narrow as allowed."""
    a, b = start[:-1], start[1:]
    done: list[tuple[float, float, NDArray]] = []
    while len(a):
        if len(a) + len(done) > MAX_PANELS:
            raise ValueError("function is too rough: it changes on every scale that was tried")
        x = (a + b)[:, None] / 2 + (b - a)[:, None] / 2 * _NODES
        values = call(function, x)
        if not np.all(np.isfinite(values)):
            bad = x[~np.isfinite(values)][0]
            raise ValueError(f"function must return finite numbers, but U({bad:g}) is not finite")
        c = values @ _TO_COEFFICIENTS.T
        good = np.max(np.abs(c[:, -3:]), axis=1) <= FIT_TOLERANCE * scale
        good &= _matches_scan(a, b, c, scan, scale)
        tiny = (b - a) <= BREAK_WIDTH * np.maximum(1.0, np.abs(a))
        flat = c * (np.arange(FIT_NODES) < 2)
        keep = np.where((tiny & ~good)[:, None], flat, c)
        done += list(zip(a[good | tiny], b[good | tiny], keep[good | tiny], strict=True))
        split = ~(good | tiny)
        middle = (a[split] + b[split]) / 2
        a, b = np.concatenate((a[split], middle)), np.concatenate((middle, b[split]))
    done.sort(key=lambda panel: panel[0])
    edges = np.array([done[0][0], *(panel[1] for panel in done)])
    return edges, np.array([panel[2] for panel in done])


def _matches_scan(
    a: NDArray, b: NDArray, c: NDArray, scan: tuple[NDArray, NDArray], scale: float
) -> NDArray:
    """Whether each fit also meets the scanned values: catches bumps between its nodes."""
    x, U = scan
    ok = np.ones(len(a), dtype=bool)
    for i, (lo, hi) in enumerate(zip(a, b, strict=True)):
        j, k = np.searchsorted(x, lo, "right"), np.searchsorted(x, hi, "left")
        if k > j:
            fit = legendre.legval((2 * x[j:k] - lo - hi) / (hi - lo), c[i])
            ok[i] = np.max(np.abs(fit - U[j:k])) <= 100 * FIT_TOLERANCE * scale
    return ok
