"""What partly filled bands add to the static Hall conductivity at finite q, zero temperature.

With the Ward identity of the Peierls vertex the static response is, s = -1 (V) and +1 (C),

    sigma_AH(q) = (1/2q) int d^2k/(2 pi)^2 (n_- x n_+).gamma_y
                  sum_{s s'} s s' [f_s(k-) - f_s'(k+)]/[eps_s'(k+) - eps_s(k-)],

n± and f at k± = k ± q/2, gamma_y the vector part of the vertex. Subtracting the insulator's
occupations leaves f_C and f_V - 1, which live in pockets: their boundaries are found on every
line of constant second coordinate, and double exponential rules between them (and, in the
second coordinate, between the places where lines start or cease to cut or to swap them) absorb
the logarithms where both Fermi lines cross.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from . import scales
from .integrate import TWIN_SAFETY
from .models import TwoBandModel
from .pockets import LINE_SAMPLES, LINES, Frame, fermi_frame
from .vertices import bond_vertices

__all__ = ["MetallicPart", "metallic_part"]

Array = NDArray[np.float64]

# Changes of the order of Fermi points that are told apart between two neighbouring lines.
EVENTS_PER_INTERVAL = 6
# Bisections reach 2^-52 of the starting interval, one sample.
BISECTIONS = 46
# Double exponential rule on t in (-T, T): at T = 3.25 the weights are 1e-16 of the largest. Step
# 1/10 leaves ~1e-12 for logarithmic ends; its every second node is the check.
DE_RANGE = 3.25
DE_STEP = 0.1
# Segments are halved until the outer rule's error is below this (e^2/hbar).
TOLERANCE = 1e-9
GENERATIONS = 6
# The error of numerical derivatives is summed over every fourth node: it is an estimate of size.
TWIN_STRIDE = 4
# Energy differences below this part of the energy scale are rounding: only nodes within 1e-14 of a
# crossing of two Fermi lines have them, whose share of the integral is as small.
SMALLEST_GAP = 1e-14
# The 1/q of the prefactor amplifies rounding: at most 5e-14/q (q in momentum scales) measured for q
# down to 3e-5.
VALUE_ROUNDING = 1e-13
# Energies differ by v_F q only, and v_F falls with the pocket's radius k_F: 1e-15/(q k_F) measured
# for q of the order of k_F (momenta in their scale); beyond, the pocket's area makes it harmless.
SMALL_POCKET = 0.05
# See _rule_error: raised until estimates covered the errors on Dirac models for all q/k_F.
RULE_SAFETY = 100.0

def double_exponential(step: float) -> tuple[Array, Array, Array]:
    """Nodes as distances from both ends of (0, 1), and weights."""
    t = step * np.arange(-round(DE_RANGE / step), round(DE_RANGE / step) + 1)
    s = np.pi / 2 * np.sinh(t)
    left, right = 1 / (1 + np.exp(-2 * s)), 1 / (1 + np.exp(2 * s))
    return left, right, step * np.pi * np.cosh(t) * left * right


@dataclass(frozen=True)
class MetallicPart:
    """Correction to the insulator's sigma_AH(q), its error, and whether a band is cut at all."""

    value: float
    error: float
    cut: bool


def metallic_part(model: TwoBandModel, q: float, fermi_energy: float) -> MetallicPart:
    """What partly filled bands add to the insulator's sigma_AH(q), q along x.

    The error covers the rules, rounding and derivatives.

    Raises
    ------
    ValueError
        For q = 0 in a metal (the limits do not commute), a Fermi sea as in
        `dirac1d.geometry.pockets.fermi_frame`, or d that is not periodic on the lattice.
    """
    scales.require_periodic(model)
    frame = fermi_frame(model, q, fermi_energy)
    if frame is None:
        return MetallicPart(0.0, 0.0, False)
    if q == 0:
        raise ValueError("q = 0: the static Hall conductivity of a metal is a limit q -> 0; "
                         "choose a finite q")
    def fermi_functions(u: Array, v: Array) -> Array:
        kx, ky = frame.to_momenta(u, v)
        rows = []
        for side in (-0.5, 0.5):
            H = model.values(kx + side * q, ky)
            length = np.sqrt((H[1:] ** 2).sum(0))
            rows += [H[0] - length - fermi_energy, H[0] + length - fermi_energy]
        return np.stack(rows)  # V-, C-, V+, C+

    edges = _outer_edges(fermi_functions)
    weight = frame.jacobian / (2 * np.pi) ** 2
    segments = list(pairwise(edges))
    value = error = change = 0.0
    for generation in range(GENERATIONS + 1):
        again = []
        for a, b in segments:
            part, outer, inner, twins = _segment(model, q, fermi_functions, frame, a, b)
            if weight * outer > TOLERANCE and generation < GENERATIONS:
                again += [(a, (a + b) / 2), ((a + b) / 2, b)]
            else:
                value, error = value + weight * part, error + weight * (outer + inner)
                change += weight * twins
        segments = again
    small = SMALL_POCKET * model.scale / frame.pocket * min(1.0, (4 * frame.pocket / q) ** 2)
    rounding = VALUE_ROUNDING * model.scale / q * max(1.0, small)
    rounding += abs(value) * model.derivative_rounding
    return MetallicPart(value, error + TWIN_SAFETY * abs(change) + rounding, True)


def _rule_error(fine: Array, coarse: Array, scale: float) -> Array:
    # Halving the step doubles the digits; half of that gain is claimed, and not when the digits
    # are few, as they are where two Fermi lines touch.
    change = np.abs(fine - coarse)
    return change * np.sqrt(np.minimum(1.0, RULE_SAFETY * change / scale))


def _fermi_points(fermi_functions: Callable[[Array, Array], Array], v: Array) -> list[Array]:
    """Sorted (u, label) pairs on every line v: labels 0..3 = V-, C-, V+, C+."""
    u = np.linspace(0, 1, LINE_SAMPLES + 1)
    values = fermi_functions(*np.meshgrid(u, v))  # (4, lines, samples)
    starts, ends = np.broadcast_to(u[:-1], values[..., 1:].shape), u[1:]
    low, high = starts.copy(), np.broadcast_to(ends, starts.shape).copy()
    # A dip that touches zero between samples: split there, or its two roots would be missed.
    extra = _split_at_extrema(fermi_functions, u, v, values)
    label, line, sample = np.nonzero(np.sign(values[..., :-1]) != np.sign(values[..., 1:]))
    brackets = [(label, line, low[label, line, sample], high[label, line, sample]), *extra]
    label, line, a, b = (np.concatenate(part) for part in zip(*brackets, strict=True))
    if not label.size:
        return [np.zeros((0, 2)) for _ in v]
    left_sign = np.sign(_pick(fermi_functions, label, a, v[line]))
    for _ in range(BISECTIONS):
        middle = (a + b) / 2
        same = np.sign(_pick(fermi_functions, label, middle, v[line])) == left_sign
        a, b = np.where(same, middle, a), np.where(same, b, middle)
    roots = (a + b) / 2
    return [np.array(sorted(zip(roots[line == i], label[line == i], strict=True))).reshape(-1, 2)
            for i in range(len(v))]


def _pick(fermi_functions: Callable[[Array, Array], Array], label: NDArray, u: Array, v: Array
          ) -> Array:
    return np.take_along_axis(fermi_functions(u, v), label[None], 0)[0]


def _split_at_extrema(fermi_functions: Callable[[Array, Array], Array], u: Array, v: Array,
                      values: Array) -> list[tuple[Array, ...]]:
    inner = values[..., 1:-1]
    towards = np.abs(inner) < np.minimum(np.abs(values[..., :-2]), np.abs(values[..., 2:]))
    one_sign = (np.sign(values[..., :-2]) == np.sign(inner)) & (
        np.sign(inner) == np.sign(values[..., 2:]))
    label, line, sample = np.nonzero(towards & one_sign)
    if not label.size:
        return []
    a, b = u[sample], u[sample + 2]
    sign = np.sign(inner[label, line, sample])

    def height(places: Array) -> Array:
        return sign * _pick(fermi_functions, label, places, v[line])

    golden = (np.sqrt(5) - 1) / 2
    x, y = b - golden * (b - a), a + golden * (b - a)
    at_x, at_y = height(x), height(y)
    for _ in range(BISECTIONS):
        lower = at_x < at_y
        a, b = np.where(lower, a, x), np.where(lower, y, b)
        # One of both places is one of the two of the shorter interval.
        new = np.where(lower, b - golden * (b - a), a + golden * (b - a))
        at_new = height(new)
        x, y = np.where(lower, new, y), np.where(lower, x, new)
        at_x, at_y = np.where(lower, at_new, at_y), np.where(lower, at_x, at_new)
    middle = (a + b) / 2
    crossed = height(middle) < 0
    label, line, sample, middle = (part[crossed] for part in (label, line, sample, middle))
    return [(label, line, u[sample], middle), (label, line, middle, u[sample + 2])]


def _signature(points: Array) -> tuple[int, ...]:
    return tuple(points[:, 1].astype(int))


def _outer_edges(fermi_functions: Callable[[Array, Array], Array]) -> Array:
    # Half a step off any symmetry line, where Fermi points could coincide by symmetry.
    v = np.concatenate([[0.0], (np.arange(LINES) + 0.493) / LINES, [1.0]])
    signatures = [_signature(p) for p in _fermi_points(fermi_functions, v)]
    change = [i for i in range(len(v) - 1) if signatures[i] != signatures[i + 1]]
    edges = [0.0, 1.0]
    a, b = v[change], v[[i + 1 for i in change]]
    left, right = [signatures[i] for i in change], [signatures[i + 1] for i in change]
    for _ in range(EVENTS_PER_INTERVAL):
        if not len(a):
            break
        low, high = a.copy(), b.copy()
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            now = [_signature(p) for p in _fermi_points(fermi_functions, middle)]
            same = np.array([x == y for x, y in zip(now, left, strict=True)])
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        edges += list((low + high) / 2)
        # Circles nearly on top of each other cross and end within one interval: go on from there.
        now = [_signature(p) for p in _fermi_points(fermi_functions, high)]
        more = [i for i in range(len(a)) if now[i] != right[i]]
        a, b = high[more], b[more]
        left, right = [now[i] for i in more], [right[i] for i in more]
    return np.unique(edges)


def _segment(model: TwoBandModel, q: float, fermi_functions: Callable[[Array, Array], Array],
             frame: Frame, a: float, b: float
             ) -> tuple[float, float, float, float]:
    """Integral over a < v < b, its errors by the outer and the inner rule, and by derivatives."""
    left, right, weights = double_exponential(DE_STEP)
    v = np.where(left < 0.5, a + (b - a) * left, b - (b - a) * right)
    u_left, u_right, line = [], [], []
    for i, points in enumerate(_fermi_points(fermi_functions, v)):
        ends = np.sort(np.concatenate([np.linspace(0, 1, frame.pieces + 1), points[:, 0]]))
        u_left.append(ends[:-1])
        u_right.append(ends[1:])
        line.append(np.full(len(ends) - 1, i))
    u_left, u_right, line = map(np.concatenate, (u_left, u_right, line))
    fine, coarse, twins = _inner_integral(
        model, q, fermi_functions, frame, v[line], u_left, u_right)
    scale = max(float(np.abs(fine).max()), np.finfo(float).tiny)
    inner = (weights[line] * _rule_error(fine, coarse, scale)).sum()
    terms = weights * np.bincount(line, fine, len(v))
    total = terms.sum()
    outer = _rule_error(total, 2 * terms[::2].sum(), scale)
    change = (weights[line] * twins).sum()
    return tuple((b - a) * float(part) for part in (total, outer, inner, change))


def _inner_integral(model: TwoBandModel, q: float,
                    fermi_functions: Callable[[Array, Array], Array], frame: Frame,
                    v: Array, a: Array, b: Array) -> tuple[Array, Array, Array]:
    """Integrals over a < u < b on the lines v.

    By the rule, by every second node of it, and what the derivatives of the twin change.
    """
    occupied = fermi_functions((a + b) / 2, v) < 0
    change = occupied - np.array([1.0, 0.0, 1.0, 0.0])[:, None]  # f_V - 1 and f_C
    active = np.flatnonzero(np.any(change != 0, 0) & (b > a))
    fine, coarse, twins = np.zeros((3, len(v)))
    smallest = SMALLEST_GAP * model.energy_scale
    left, right, weights = double_exponential(DE_STEP)
    for start in range(0, len(active), 400):
        part = active[start:start + 400]
        x, y = a[part, None], b[part, None]
        u = np.where(left < 0.5, x + (y - x) * left, y - (y - x) * right)
        kx, ky = frame.to_momenta(u, np.broadcast_to(v[part, None], u.shape))
        H_minus, H_plus = model.values(kx - q / 2, ky), model.values(kx + q / 2, ky)
        lengths = [np.sqrt((H[1:] ** 2).sum(0)) for H in (H_minus, H_plus)]
        normal = np.cross(H_minus[1:], H_plus[1:], axis=0) / (lengths[0] * lengths[1])
        gamma = bond_vertices(model, kx, ky, q)[1, 1:]
        total = np.zeros_like(u)
        for s in (0, 1):
            for t in (0, 1):
                difference = (change[s, part] - change[2 + t, part])[:, None]
                gap = ((H_plus[0] - H_minus[0])
                       + (2 * t - 1) * lengths[1] - (2 * s - 1) * lengths[0])
                sign = (2 * s - 1) * (2 * t - 1)
                live = (difference != 0) & (np.abs(gap) > smallest)
                total += np.where(live, sign * difference / np.where(live, gap, 1.0), 0.0)
        factor = weights * total * (y - x) / (2 * q) * normal
        terms = (factor * gamma).sum(0)
        fine[part], coarse[part] = terms.sum(1), 2 * terms[:, ::2].sum(1)
        if model.twin is not None:
            few = np.s_[..., ::TWIN_STRIDE]
            other = gamma[few] - bond_vertices(model.twin, kx[few], ky[few], q)[1, 1:]
            twins[part] = TWIN_STRIDE * (factor[few] * other).sum((0, 2))
    return fine, coarse, twins
