r"""Green's function of a potential that is constant on slices, by reflection amplitudes.

In chiral amplitudes u = f + ig, v = f - ig of the rotated problem (PHYSICS: E f = (U+M) f + g′,
E g = (U-M) g - f′) a slice with ε = E - U has the solutions (1, s) e^{-κx} and (s, 1) e^{κx},
κ = √(M² - ε²), s = M/(ε + iκ), |s| < 1 for Im E > 0. With a the amplitude of the growing part of
the solution that decays to the right over its decaying part, and b likewise for the one that
decays to the left,

.. math:: \mathrm{tr}\,σ_yG(x,x) = \frac{a - b}{1 - ab}, \qquad a ∝ e^{2κx},\; b ∝ e^{-2κx},

so that ab is constant in a slice and integrals over x are closed. Nothing exceeds 1 by much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Complex numbers in one batch: nodes times slices.
BATCH = 400_000


@dataclass(frozen=True, eq=False)
class Slices:
    """U(x) = U[j] between edges[j] and edges[j + 1]; leads at both sides, or a period.

    Attributes
    ----------
    edges : ndarray, shape (n + 1,)
    U : ndarray, shape (n,)
    leads : tuple of float, or None
        U to the left and to the right of all edges; None: the slices are one period.
    """

    edges: NDArray
    U: NDArray
    leads: tuple[float, float] | None


@dataclass(frozen=True)
class Asked:
    """What is asked of one solution: j_y at a point (x_left = x_right), or ∫ j_y dx between two."""

    x_left: float
    x_right: float

    @property
    def at_point(self) -> bool:
        """Whether it is a point."""
        return self.x_left == self.x_right


def traces(slices: Slices, asked: list[Asked], E: NDArray, M: NDArray) -> NDArray:
    """tr σ_yG at points, or its integrals, at complex energies E and masses M: (asked, nodes)."""
    step = max(1, BATCH // (len(slices.U) + 2))
    parts = [
        _traces(slices, asked, E[i : i + step], M[i : i + step]) for i in range(0, len(E), step)
    ]
    return np.concatenate(parts, axis=1)


def _traces(slices: Slices, asked: list[Asked], E: NDArray, M: NDArray) -> NDArray:
    layers, a, b = amplitudes(slices, E, M)
    edges, kappa = slices.edges, layers.kappa
    first = 0 if slices.leads is None else 1
    out = np.zeros((len(asked), len(E)), dtype=complex)
    for row, q in zip(out, asked, strict=True):
        for j in range(len(kappa)):
            k = j - first
            lo = edges[k] if k >= 0 else -np.inf
            hi = edges[k + 1] if k + 1 < len(edges) else np.inf
            x, y = max(lo, q.x_left), min(hi, q.x_right)
            inside = lo <= q.x_left < hi if q.at_point else x < y
            if not inside:
                continue
            loop = 1 - a[j] * b[j] * layers.decay[j]
            if q.at_point:
                row += (wave_at(a[j], kappa[j], hi - x) - wave_at(b[j], kappa[j], x - lo)) / loop
            else:
                right = wave_over(a[j], kappa[j], hi - y, hi - x)
                row += (right - wave_over(b[j], kappa[j], x - lo, y - lo)) / loop
    return out


def wave_at(amplitude: NDArray, kappa: NDArray, distance: float) -> NDArray | float:
    """amplitude e^{-2κd}; nothing is left of it in a lead's depth."""
    return amplitude * np.exp(-2 * kappa * distance) if np.isfinite(distance) else 0.0


def wave_over(amplitude: NDArray, kappa: NDArray, near: float, far: float) -> NDArray | float:
    """∫ amplitude e^{-2κd} dd from near to far."""
    if not np.isfinite(near):
        return 0.0
    rest = 1.0 if np.isinf(far) else -np.expm1(-2 * kappa * (far - near))
    return amplitude * np.exp(-2 * kappa * near) * rest / (2 * kappa)


@dataclass(frozen=True, eq=False)
class Layers:
    """κ, s and e^{-2κ·width} of every slice, leads included, shapes (slices, nodes)."""

    kappa: NDArray
    s: NDArray
    decay: NDArray
    energies: NDArray


def layers_of(slices: Slices, E: NDArray, M: NDArray) -> Layers:
    """The plane waves of every slice; Im E = 0 means E + i0."""
    U, widths = slices.U, np.diff(slices.edges)
    if slices.leads is not None:
        U = np.concatenate(([slices.leads[0]], U, [slices.leads[1]]))
        widths = np.concatenate(([np.inf], widths, [np.inf]))
    e = E - U[:, None]
    square = (M - e) * (M + e)
    kappa = np.sqrt(square)
    if not np.all(E.imag):
        # On the real axis from above: outgoing waves, κ = -ik for ε > 0.
        real = (square.imag == 0) & (square.real < 0)
        kappa = np.where(real, -1j * np.sign(e.real) * np.abs(kappa), kappa)
    # Leads have no other end.
    decay = np.zeros_like(kappa)
    finite = np.isfinite(widths)
    decay[finite] = np.exp(-2 * kappa[finite] * widths[finite, None])
    return Layers(kappa, M / (e + 1j * kappa), decay, e)


def interfaces(layers: Layers, M: NDArray) -> NDArray:
    """Reflection amplitude in every layer of the next one, (s′ - s)/(1 - s s′), less one layer.

    Seen from the other side it has the other sign.
    """
    e, k, s = layers.energies, layers.kappa, layers.s
    # s′ - s without cancellation, from s = (ε - iκ)/M and κ² + ε² = M².
    slope = 1 + 1j * (e[1:] + e[:-1]) / (k[1:] + k[:-1])
    return (e[1:] - e[:-1]).real / M * slope / (1 - s[1:] * s[:-1])


def amplitudes(slices: Slices, E: NDArray, M: NDArray) -> tuple[Layers, NDArray, NDArray]:
    """a at the right end and b at the left end of every slice (0 at an infinite end)."""
    layers = layers_of(slices, E, M)
    n = len(layers.kappa)
    a, b = (np.zeros_like(layers.kappa) for _ in range(2))
    if slices.leads is None:
        s_R, s_L = period_ratios(layers, M)
        a[-1] = (s_R - layers.s[-1]) / (1 - s_R * layers.s[-1])
        b[0] = (s_L - layers.s[0]) / (1 - s_L * layers.s[0])
    r = interfaces(layers, M)
    for j in range(n - 2, -1, -1):
        behind = a[j + 1] * layers.decay[j + 1]
        a[j] = (r[j] + behind) / (1 + r[j] * behind)
    for j in range(1, n):
        behind = b[j - 1] * layers.decay[j - 1]
        b[j] = (behind - r[j - 1]) / (1 - r[j - 1] * behind)
    return layers, a, b


def period_ratios(layers: Layers, M: NDArray) -> tuple[NDArray, NDArray]:
    """v/u of the solution that decays to the right, u/v of the other, at a period's ends.

    They are the fixed points of the period's Möbius map, from its transfer matrix, scaled by
    e^{-κ·width} slice by slice.
    """
    one = np.ones_like(layers.kappa[0])
    T = [[one, 0 * one], [0 * one, one]]
    for e, k, decay in zip(layers.energies, layers.kappa, layers.decay, strict=True):
        # e^{Aw} = cosh κw + A sinh(κw)/κ, A = i((ε, -M), (M, -ε))
        cosh, sinh = (1 + decay) / 2, 0.5j * (1 - decay) / k
        step = [[cosh + e * sinh, -M * sinh], [M * sinh, cosh - e * sinh]]
        T = [
            [step[i][0] * T[0][j] + step[i][1] * T[1][j] for j in range(2)] for i in range(2)
        ]
        size = np.maximum(np.abs(T[0][0]), np.abs(T[1][1]))
        T = [[q / size for q in row] for row in T]
    (alpha, beta), (gamma, delta) = T
    middle = alpha - delta
    root = np.sqrt(middle**2 + 4 * beta * gamma)
    root = np.where((root * np.conj(middle)).real < 0, -root, root)
    return 2 * gamma / (middle + root), -2 * beta / (middle + root)


def reflection(slices: Slices, E: float, M: float) -> float:
    """Reflection probability |b|² … of a wave of real energy E that comes from the left."""
    _, a, _ = amplitudes(slices, np.array([E + 0j]), np.array([float(M)]))
    return float(np.abs(a[0, 0]) ** 2)


def levels(slices: Slices, M: float, lowest: float, highest: float, points: int = 4000) -> NDArray:
    """Real parts of the energies of bound states and sharp resonances of one mass.

    Zeros of 1 - ab in the widest slice, from the minima on the real axis by the secant method.
    """
    widest = int(np.argmax(np.diff(slices.edges))) + 1

    def loop(E: NDArray) -> NDArray:
        layers, a, b = amplitudes(slices, E, np.full(len(E), M))
        return 1 - a[widest] * b[widest] * layers.decay[widest]

    E = np.linspace(lowest, highest, points + 2)[1:-1]
    size = np.abs(loop(E + 0j))
    near = np.flatnonzero((size[1:-1] < size[:-2]) & (size[1:-1] < size[2:])) + 1
    if not len(near):
        return np.array([])
    before, now = E[near] + 1e-12j, E[near] + 1e-3 * (E[1] - E[0]) + 1e-12j
    with np.errstate(all="ignore"):
        for _ in range(60):
            f, g = loop(before), loop(now)
            step = np.where(f == g, 0, g * (now - before) / (g - f))
            before, now = now, now - step
    good = np.isfinite(now) & (np.abs(now - E[near]) < 2 * (E[1] - E[0]))
    return np.unique(now[good].real)
