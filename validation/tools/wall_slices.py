r"""Green's function where both U and Δ are constant on slices, between leads or hard walls.

With u = f + ig, v = f - ig (PHYSICS-2D: f′ = pf - (E-U+Δ)g, g′ = (E-U-Δ)f - pg) and N = Δ - ip,
N̄ = Δ + ip, ε = E - U, a slice has the solutions (1, s) e^{-κx} and (t, 1) e^{κx},

.. math:: κ = \sqrt{Δ^2 + p^2 - ε^2}, \quad s = N/(ε + iκ), \quad t = \bar N/(ε + iκ) .

With a the amplitude of the growing part of the solution allowed on the right over its decaying
part, and b likewise on the left,

.. math:: \mathrm{tr}\,σ_yG = -\frac{p}{κ} + \frac{1}{1 - ab}\Bigl[\frac{a(1-t^2) - b(1-s^2)}{1-st}
          - \frac{2p}{κ}\,ab\Bigr], \qquad \mathrm{tr}\,G = -i\,\frac{1 + s_Ls_R}{1 - s_Ls_R},

where a ∝ e^{2κx}, b ∝ e^{-2κx}: ab is constant in a slice. -p/κ is odd in p. At a hard wall
g/f = R, so that v/u = (1 - iR)/(1 + iR) = -iR for R = ±1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from slices import BATCH, Asked, wave_at, wave_over


@dataclass(frozen=True, eq=False)
class WallSlices:
    """U and Δ of slices between `edges`.

    Attributes
    ----------
    edges : ndarray, shape (n + 1,)
    U, mass : ndarray, shape (n,)
    ends : two of (U, Δ), of a lead, or (R,), of a hard wall
    """

    edges: NDArray
    U: NDArray
    mass: NDArray
    ends: tuple[tuple[float, ...], tuple[float, ...]]

    def layers(self) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """Left and right ends, U and Δ of all slices, leads among them."""
        cuts, U, mass = self.edges, self.U, self.mass
        left, right = self.ends
        if len(left) == 2:
            cuts, U, mass = (np.insert(q, 0, v) for q, v in (
                (cuts, -np.inf), (U, left[0]), (mass, left[1])))
        if len(right) == 2:
            cuts, U, mass = (np.append(q, v) for q, v in (
                (cuts, np.inf), (U, right[0]), (mass, right[1])))
        return cuts[:-1], cuts[1:], U, mass


@dataclass(frozen=True, eq=False)
class Waves:
    """The waves of every slice at all (E, p), shapes (slices, nodes)."""

    low: NDArray
    high: NDArray
    kappa: NDArray
    s: NDArray
    t: NDArray
    own_s: NDArray
    own_t: NDArray
    p: NDArray
    a: NDArray
    b: NDArray
    decay: NDArray


def wall_traces(
    slices: WallSlices, asked: list[Asked], E: NDArray, p: NDArray, density: bool = False
) -> NDArray:
    """½ Σ_± tr σ_yG at points, or its integrals, (asked, nodes); of tr G at points if `density`."""
    step = max(1, BATCH // (len(slices.U) + 2))
    one = _density if density else _current
    parts = []
    for i in range(0, len(E), step):
        e, q = E[i : i + step], p[i : i + step]
        parts.append(sum(one(waves(slices, e, k), asked) for k in (q, -q)) / 2)
    return np.concatenate(parts, axis=1)


def waves(slices: WallSlices, E: NDArray, p: NDArray) -> Waves:
    """κ, s, t of every slice and the amplitudes a at its right, b at its left end."""
    low, high, U, mass = slices.layers()
    e, gap = E - U[:, None], mass[:, None]
    kappa = np.sqrt(gap**2 + p**2 - e * e)
    Z, N = e + 1j * kappa, gap - 1j * p
    s, t = N / Z, (gap + 1j * p) / Z
    # 1 - s² over 1 - st, and 1 - t²: without what cancels.
    own_s, own_t = ((e * Z - gap * q) / (1j * kappa * Z) for q in (N, gap + 1j * p))
    finite = np.isfinite(high - low)[:, None]
    width = np.where(finite, (high - low)[:, None], 0.0)
    decay = np.where(finite, np.exp(-2 * kappa * width), 0.0)
    a, b = np.zeros_like(kappa), np.zeros_like(kappa)
    left, right = slices.ends
    if len(right) == 1:
        a[-1] = _seen(-1j * right[0], s[-1], t[-1])
    if len(left) == 1:
        b[0] = _seen(1j * left[0], t[0], s[0])
    for j in range(len(a) - 2, -1, -1):
        behind = a[j + 1] * decay[j + 1]
        a[j] = _seen((s[j + 1] + behind) / (1 + behind * t[j + 1]), s[j], t[j])
    for j in range(1, len(b)):
        behind = b[j - 1] * decay[j - 1]
        b[j] = _seen((t[j - 1] + behind) / (1 + behind * s[j - 1]), t[j], s[j])
    return Waves(low, high, kappa, s, t, own_s, own_t, p, a, b, decay)


def _seen(ratio: NDArray | complex, s: NDArray, t: NDArray) -> NDArray:
    """The other wave's amplitude in a solution of that v/u (of u/v with s and t exchanged)."""
    return (ratio - s) / (1 - ratio * t)


def _parts(w: Waves, asked: list[Asked]) -> list[tuple[int, int, float, float]]:
    """(what is asked, slice, from, to) of everything that lies in a slice."""
    out = []
    for i, q in enumerate(asked):
        for j, (low, high) in enumerate(zip(w.low.tolist(), w.high.tolist(), strict=True)):
            x, y = max(low, q.x_left), min(high, q.x_right)
            if (low <= q.x_left < high) if q.at_point else x < y:
                out.append((i, j, x, y))
    return out


def _current(w: Waves, asked: list[Asked]) -> NDArray:
    """tr σ_yG + p/κ at points, or its integrals."""
    out = np.zeros((len(asked), len(w.p)), dtype=complex)
    for i, j, x, y in _parts(w, asked):
        kappa, low, high = w.kappa[j], float(w.low[j]), float(w.high[j])
        loop = w.a[j] * w.b[j] * w.decay[j]
        if asked[i].at_point:
            a, b, length = wave_at(w.a[j], kappa, high - x), wave_at(w.b[j], kappa, x - low), 1.0
        else:
            a = wave_over(w.a[j], kappa, high - y, high - x)
            b = wave_over(w.b[j], kappa, x - low, y - low)
            length = y - x if np.isfinite(y - x) else 0.0
        both = a * w.own_t[j] - b * w.own_s[j] - 2 * w.p / kappa * loop * length
        out[i] += both / (1 - loop)
    return out


def _density(w: Waves, asked: list[Asked]) -> NDArray:
    """tr G at points."""
    out = np.zeros((len(asked), len(w.p)), dtype=complex)
    for i, j, x, _ in _parts(w, asked):
        kappa, s, t = w.kappa[j], w.s[j], w.t[j]
        a, b = wave_at(w.a[j], kappa, w.high[j] - x), wave_at(w.b[j], kappa, x - w.low[j])
        product = (s + a) * (t + b) / ((1 + a * t) * (1 + b * s))
        out[i] += -1j * (1 + product) / (1 - product)
    return out
