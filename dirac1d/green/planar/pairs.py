r"""What momenta beyond a cut-off would add to first order in both U and δ, all of their waves kept.

.. math:: j_{q+q'} = V_q δ_{q'} K(q, q'), \qquad
          K = \sum_p \int \frac{dω dp_x}{(2π)^2} (1 - w_0 w_1^2 w_2)\,
          \mathrm{tr}\, σ G_2 X G_1 X' G_0, \qquad \{X, X'\} = \{1, σ_z\}

in both orders, of massless propagators: only p near and beyond P count. Over (ω, p_x) the integral
is a triangle in two dimensions; that over its Feynman parameters is smooth where p is large, and
left to a rule of degree 5. What gradients of first order have of it is taken away, so that long
waves leave q³/P³.

Along y every pair of harmonics has its own K. Along x it is smooth on the scale of P: it is known
at Chebyshev nodes in q_x and q′_x, and between them a polynomial, so that V and δ are filtered by
the nodes' own polynomials and multiplied position by position.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

from dirac1d.green.planar.grid import Grid
from dirac1d.green.planar.window import Window

#: Harmonics in y below this part of the largest, and waves in x of such a slope, do not count.
_SMALL = 1e-3
#: Nodes in q_x, up to Q, times arsinh(P/Q): K has singularities at distances of P from real waves.
#: 4e-4 of a pair is then missed.
_NODES = 10.0
#: Kernels, at most: those of the largest pairs of harmonics.
_MOST = 80_000
#: Waves in x, over P, from which K is taken for that of the shortest; and for that of the longest.
_SHORTEST, _LONGEST = 2.5, 0.1
#: Way back from the right lead to the left one, so that both make a period: in 1/P, at least.
_BACK = 20.0
#: Radon's rule of degree 5 on a triangle: barycentric coordinates and weights that sum to 1.
_ROOT = np.sqrt(15.0)
_RULE = [(1 / 3, 1 / 3, 1 / 3, 9 / 40)] + [
    (*corner, weight)
    for a, weight in (((6 - _ROOT) / 21, (155 - _ROOT) / 1200),
                      ((6 + _ROOT) / 21, (155 + _ROOT) / 1200))
    for corner in ((a, a, 1 - 2 * a), (a, 1 - 2 * a, a), (1 - 2 * a, a, a))]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of waves of U - ε_F and of δ.

    Attributes
    ----------
    grid : Grid
        Of U and of δ.
    fermi_energy : float
    window : Window
        Of the harmonics.
    momenta : int
        Bloch momenta over which harmonics were summed.
    """

    grid: Grid
    fermi_energy: float
    window: Window
    momenta: int

    @property
    def _step(self) -> float:
        """Between harmonics of U."""
        return 2 * np.pi / self.grid.period

    def rows(self, count: int) -> NDArray:
        """As a node's: M_m, and j_y's mean in the place of m = 0; shape (n, count)."""
        V, d = (_Waves.of(grid, shift, self.window.cutoff) for grid, shift in (
            (self.grid, self.fermi_energy), (self.grid.change, 0.0)))
        size = np.multiply.outer(V.sizes, d.sizes)
        shape = len(V.nodes), len(d.nodes)
        order = np.argsort(size, axis=None)[::-1][: _MOST // (shape[0] * shape[1])]
        rows = np.zeros((len(self.grid.x), count), dtype=complex)
        for i, k in zip(*np.unravel_index(order, size.shape), strict=True):
            m, n = i - V.middle, k - d.middle
            if size[i, k] <= _SMALL * np.max(size) or not 0 <= m + n < count:
                continue
            q, r = (np.stack(np.broadcast_arrays(q_x, self._step * q_y), axis=-1).reshape(-1, 2)
                    for q_x, q_y in ((V.nodes[:, None] + 0 * d.nodes, m),
                                     (0 * V.nodes[:, None] + d.nodes, n)))
            along, across = self.kernels(q, r)
            kernel = (along if m + n else across).reshape(shape)
            product = np.sum(V.filtered[i] * (kernel @ d.filtered[k]), axis=0)[: len(rows)]
            # j_x = ∂_yM, and where that tells nothing j_y = -∂_xM.
            rows[:, m + n] += product / (self._step * (m + n)) if m + n else (1j * product).real
        return rows

    def kernels(self, q: NDArray, r: NDArray) -> tuple[NDArray, NDArray]:
        """K/i of j_x and of j_y for waves of V and of δ, less gradients of first order.

        Parameters
        ----------
        q, r : ndarray, shape (n, 2)
        """
        p, weights = self.window.left_out(
            self._step / self.momenta, self.momenta % 2 == 1,
            float(np.max(np.abs(q[:, 1])) + np.max(np.abs(r[:, 1]))))
        along, across = np.zeros((2, len(q)))
        for first, sign in ((q, -1.0), (r, 1.0)):
            waves = np.zeros_like(q), first, q + r
            y = [p[:, None] + wave[:, 1] for wave in waves]
            w = [self.window(v) for v in y]
            lost = sign * 2 * weights[:, None] * (1 - w[0] * w[1] ** 2 * w[2])
            j_x, j_y = _triangle([wave[:, 0] for wave in waves], y, sign > 0)
            along += np.sum(lost * j_x, axis=0)
            across -= np.sum(lost * j_y, axis=0)
        p, weights = self.window.left_out(self._step / self.momenta, self.momenta % 2 == 1)
        W, pW = self.window.square(p)
        weights = weights / (2 * np.pi * p**2)
        slope, bend, plain = (float(np.sum(weights * part))
                              for part in (1 - W * (W - pW), -W * pW, 1 - W**2))
        return along - slope * q[:, 1] - bend * r[:, 1], across + plain * q[:, 0]


@dataclass(frozen=True, eq=False)
class _Waves:
    """U or δ, harmonic by harmonic in y.

    Attributes
    ----------
    middle : int
        Where the harmonic m = 0 is.
    sizes : ndarray, shape (N,)
        The largest of each.
    nodes : ndarray, shape (c,)
        Of q_x, as many as K needs up to the shortest wave that counts.
    filtered : ndarray, shape (N, c, n)
        By the polynomial that is 1 at one node and 0 at the others; n may exceed the grid's.
    """

    middle: int
    sizes: NDArray
    nodes: NDArray
    filtered: NDArray

    @classmethod
    def of(cls, grid: Grid, shift: float, cutoff: float) -> _Waves:
        """Of U - shift on a grid."""
        middle = grid.shape.coefficients.shape[-1] // 2
        values = grid.shape.harmonics(grid.x, middle)
        values[:, middle] -= shift
        sizes = np.max(np.abs(values), axis=0)
        if grid.leads is not None:
            values = _closed(values, _BACK / cutoff / grid.spacing)
        waves = np.fft.fft(values, axis=0).T
        q = 2 * np.pi * np.fft.fftfreq(len(values), grid.spacing)
        slopes = np.max(np.abs(waves * q), axis=0)
        carried = np.abs(q[slopes > _SMALL * np.max(slopes)])
        top = np.clip(np.max(carried, initial=0.0), _LONGEST * cutoff, _SHORTEST * cutoff)
        count = int(np.ceil(_NODES / np.arcsinh(cutoff / top)))
        nodes = top * np.cos(np.pi * (np.arange(count) + 0.5) / count)
        at = np.clip(q, -top, top)
        polynomials = np.array([
            np.prod((at[:, None] - others) / (own - others), axis=1)
            for own, others in ((node, np.delete(nodes, i)) for i, node in enumerate(nodes))])
        return cls(middle, sizes, nodes, np.fft.ifft(waves[:, None] * polynomials, axis=-1))


def _closed(values: NDArray, back: float) -> NDArray:
    """What goes from lead to lead, and smoothly back, in at least so many positions."""
    extra = next_fast_len(len(values) + int(back)) - len(values)
    t = (np.arange(extra) + 0.5)[:, None] / extra
    return np.concatenate(
        (values, values[-1] + (values[0] - values[-1]) * t**3 * (10 - 15 * t + 6 * t**2)))


def _triangle(x: list[NDArray], y: list[NDArray], mass_first: bool) -> tuple[NDArray, NDArray]:
    """∫dωdp_x/(2π)² of the numerators' parts for j_x and j_y over D₀D₁D₂.

    With Pᵢ = (p_x + xᵢ, yᵢ) and T = P₂(P₁·P₀) - P₁(P₂·P₀) + P₀(P₂·P₁), tr σG₂XG₁X′G₀ has
    (y, -x) of -2i[ω²(P₀ + P₁ - P₂) + T] if σ_z comes last, of 2i[ω²(P₁ + P₂ - P₀) + T] if it comes
    first. Found are y of the first and x of the second, of what is in brackets.
    """
    along, across = 0.0, 0.0
    for s0, s1, s2, weight in _RULE:
        shift = s0 * x[0] + s1 * x[1] + s2 * x[2]
        c0, c1, c2 = (v - shift for v in x)
        y0, y1, y2 = y
        M = s0 * (y0**2 + c0**2) + s1 * (y1**2 + c1**2) + s2 * (y2**2 + c2**2)
        half, whole = weight / (16 * np.pi * M), weight / (8 * np.pi * M**2)
        along = along + whole * (y2 * (c1 * c0) - y1 * (c2 * c0) + y0 * (c2 * c1) + y0 * y1 * y2)
        along = along + 2 * half * (y2 if mass_first else y0)
        across = across + whole * (c0 * c1 * c2 + c2 * y1 * y0 - c1 * y2 * y0 + c0 * y2 * y1)
        across = across + 2 * half * (c1 + c2 if mass_first else c0 + c1)
    return along, across
