r"""What momenta |p| beyond a cut-off would add where U and Δ = Δ̄ + δ both vary.

Linear response to U about Δ̄ is cured node by node (`linear`); to δ alone, of sources E = iω where U
has Δ̄, it is imaginary and no current. What harmonics up to P, with their windows w, still leave out
is of first order in both, once frequencies are integrated, as P⁻¹:

**Two waves**, V_q of V = U - ε_F and δ_q′, in massless propagators with κ² = p² + B² + ω²,

.. math:: j_{q+q'} = V_q δ_{q'} \sum_p \int \frac{dω dp_x}{(2π)^2}
          (1 - w_0 w_1^2 w_2)\, \mathrm{tr}\, σ G_2 X G_1 X' G_0, \qquad \{X, X'\} = \{1, σ_z\},

in both orders, all of q and q′ kept. Over (ω, p_x) the integral is a triangle in two dimensions;
that over its Feynman parameters is smooth where p is large, and left to a rule of degree 5.

**Gradients of first order**, of any order in U and Δ: with W = w², M = Δ̄ + Wδ, every p has

.. math:: j_x = \frac{W}{4π^2} \frac{(M - pW'δ) ∂_yV + pW'V ∂_yδ}{p^2 + M^2}, \qquad
          j_y = -\frac{W}{4π^2} \frac{M ∂_xV}{p^2 + M^2},

U having no other part in it as it shifts ω only. Where frequencies are summed there are the factors
and terms of `thermal` in it. Of all that, what is linear in U at Δ̄ or of first order in both has
been counted above. What is left falls as P⁻⁵.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import k0e, k1e

from dirac1d.green.planar.grid import Grid
from dirac1d.green.planar.masses import Masses
from dirac1d.green.planar.sheets import CellSheets, Sheets
from dirac1d.green.planar.window import Window
from dirac1d.potentials.planar import Cell

#: Waves below this part of the largest, and pairs of them, are left to gradients of first order;
#: so are all but that many pairs.
_SMALL, _MOST = 1e-3, 40_000
#: Pairs at once.
_TOGETHER = 400
#: Nodes of the integral beyond the last harmonic that the window's edge reaches.
_TAIL = 12
#: M/T from which sums over frequencies are integrals, to 1e-7, and images 1/T apart that count.
_COLD, _IMAGES = 20.0, 4
#: Radon's rule of degree 5 on a triangle: barycentric coordinates and weights that sum to 1.
_ROOT = np.sqrt(15.0)
_RULE = [(1 / 3, 1 / 3, 1 / 3, 9 / 40)] + [
    (*corner, weight)
    for a, weight in (((6 - _ROOT) / 21, (155 - _ROOT) / 1200),
                      ((6 + _ROOT) / 21, (155 + _ROOT) / 1200))
    for corner in ((a, a, 1 - 2 * a), (a, 1 - 2 * a, a), (1 - 2 * a, a, a))]


@dataclass(frozen=True, eq=False)
class Beyond:
    """What is added to a map of harmonics up to one cut-off.

    Attributes
    ----------
    grid : Grid
        Of U and of δ.
    masses : Masses
    fermi_energy, temperature : float
    window : Window
        Of the harmonics.
    momenta : int
        Bloch momenta over which harmonics were summed.
    """

    grid: Grid
    masses: Masses
    fermi_energy: float
    temperature: float
    window: Window
    momenta: int

    def sheet(self, sheets: Sheets) -> NDArray:
        """M, as of nodes."""
        if isinstance(sheets, CellSheets):
            waves = self._gradients(sheets.halves[1] + 1)
            return sheets.sheet(self.grid, waves, np.zeros(2)) + self._pairs(sheets)
        return sheets.sheet(self.grid, self._gradients(sheets.count), np.zeros(2))

    def _harmonics(self, extra: float) -> tuple[NDArray, NDArray]:
        """p at which something is left out, within P + extra, and an integral beyond; ∫dp/2π."""
        P = self.window.cutoff
        step = 2 * np.pi / self.grid.period / self.momenta
        last = int(np.ceil((P + extra) / step)) + 1
        # As grids of Bloch momenta are: with p = 0 if their number is odd, else halfway.
        p = step * (np.arange(-last, last + 1) if self.momenta % 2
                    else np.arange(-last, last) + 0.5)
        t, weights = np.polynomial.legendre.leggauss(_TAIL)
        end, s = p[-1] + step / 2, (1 + t) / 2
        tail, rest = end / s, weights / 2 * end / s**2
        p = p[np.abs(p) > self.window.edge * P - extra]
        return (np.concatenate((p, tail, -tail)),
                np.concatenate((np.full(len(p), step), rest, rest)) / (2 * np.pi))

    def _gradients(self, count: int) -> NDArray:
        """Rows as a node's: gradients of first order, less what is linear in U at Δ̄."""
        U, change, period = self.grid.shape, self.grid.change.shape, self.grid.period
        points = 2 * max(count, U.coefficients.shape[-1] + change.coefficients.shape[-1])
        x, y = self.grid.x[:, None], period * np.arange(points) / points
        (V_x, V_y), (d_x, d_y) = U.gradient(x, y), change.gradient(x, y)
        V, d = U(x, y) - self.fermi_energy, change(x, y)
        mean, size = self.masses.mean, self.masses.size
        # Factors of V_y and δ_y in j_x, and of -V_x and -δ_x in j_y.
        by_slope, by_bend, across, across_bend = np.zeros((4, *V.shape))
        for p, weight, W, pW in zip(*self._harmonics(0.0), *self._squares, strict=True):
            mass, all_of_it, sea = mean + W * d, mean + d, np.hypot(p, size)
            factor, bent = thermal(np.hypot(p, all_of_it), V, self.temperature)
            there = (all_of_it * factor / (p**2 + all_of_it**2)
                     - mean * (1 - W) * thermal(sea, 0.0, self.temperature)[0] / sea**2)
            more = weight * bent
            factor, bent = thermal(np.hypot(p, mass), W * V, self.temperature)
            here = weight * W * factor / (p**2 + mass**2)
            more = more - weight * W * bent
            across += weight * there - here * mass
            by_slope += weight * there - here * (mass - pW * d)
            by_bend += more - here * pW * V
            across_bend += more
        along = (by_slope * V_y + by_bend * d_y) / (2 * np.pi)
        rows = np.fft.fft(along, axis=-1)[:, :count] / points
        rows[:, 1:] /= 2j * np.pi / period * np.arange(1, count)
        rows[:, 0] = -np.mean(across * V_x + across_bend * d_x, axis=-1) / (2 * np.pi)
        return rows

    @cached_property
    def _squares(self) -> tuple[NDArray, NDArray]:
        """W and pW′ at the harmonics."""
        p = self._harmonics(0.0)[0]
        w = self.window(p)
        return w**2, 2 * w * self.window.slope(p)

    def _pairs(self, sheets: CellSheets) -> NDArray:
        """M[a, m] of pairs of waves, less their gradients of first order."""
        V, q, i = _waves(self.grid.shape, -self.fermi_energy)
        d, r, k = _waves(self.grid.change.shape, 0.0)
        size = np.abs(np.multiply.outer(V, d)).ravel()
        order = np.argsort(size)[::-1][:_MOST]
        order = order[size[order] > _SMALL * np.max(size, initial=0.0)]
        a, b = np.unravel_index(order, (len(V), len(d)))
        half, most = sheets.halves
        found = np.zeros((2 * half + 1, most + 1), dtype=complex)
        q_x, q_y = sheets.waves
        for start in range(0, len(a), _TOGETHER):
            one, two = (part[start : start + _TOGETHER] for part in (a, b))
            at = i[one] + k[two]
            along, across = self._kernels(q[one], r[two])
            product = 1j * V[one] * d[two]
            within = (np.abs(at[:, 0]) <= half) & (at[:, 1] >= 0) & (at[:, 1] <= most)
            within &= np.any(at != 0, axis=1)
            row, column = at[within].T
            uniform = column == 0
            # j_x = ∂_yM, and where that tells nothing j_y = -∂_xM.
            wave = np.where(uniform, -q_x[row + half], q_y[column])
            j = product[within] * np.where(uniform, across[within], along[within])
            np.add.at(found, (row + half, column), j / (1j * wave))
        return found

    def _kernels(self, q: NDArray, r: NDArray) -> tuple[NDArray, NDArray]:
        """j_x and j_y of unit waves of V and of δ, over i, less gradients of first order."""
        p, weights = self._harmonics(float(np.max(np.abs(q[:, 1])) + np.max(np.abs(r[:, 1]))))
        along, across = np.zeros((2, len(q)))
        for first, sign in ((q, -1.0), (r, 1.0)):
            waves = np.zeros_like(q), first, q + r
            y = [p[:, None] + wave[:, 1] for wave in waves]
            w = [self.window(v) for v in y]
            lost = sign * 2 * weights[:, None] * (1 - w[0] * w[1] ** 2 * w[2])
            j_x, j_y = _triangle([wave[:, 0] for wave in waves], y, self.masses.size, sign > 0)
            along += np.sum(lost * j_x, axis=0)
            across -= np.sum(lost * j_y, axis=0)
        p, weights = self._harmonics(0.0)
        W, pW = self._squares
        weights = weights / (2 * np.pi * (p**2 + self.masses.size**2))
        slope, bend, plain = (float(np.sum(weights * part))
                              for part in (1 - W * (W - pW), -W * pW, 1 - W**2))
        return along - slope * q[:, 1] - bend * r[:, 1], across + plain * q[:, 0]


def thermal(
    M: NDArray | float, V: NDArray | float, temperature: float
) -> tuple[NDArray | float, NDArray | float]:
    """What sums over ω_n make of integrals.

    Of g = (M² + z²)^{-3/2}, z = ω + iV, the integral (1/π)∫dω is 1/πM², that of izg nothing. With
    terms in e^{ikω/T} 2T Re Σ has the factor, and of izg the sum, times π,

        1 + 2 Σ_k (-1)^k cosh(kV/T) (kM/T) K₁(kM/T),    -2 Σ_k (-1)^k sinh(kV/T) (k/T) K₀(kM/T),

    if states are farther than V: M is that of a momentum near P.
    """
    if temperature == 0.0 or np.min(M) > _COLD * temperature:
        return 1.0, 0.0
    T, factor, bent = temperature, 1.0, 0.0
    V = np.clip(V, -M, M)
    for k in range(1, _IMAGES + 1):
        up, down = (np.exp(k * (sign * V - M) / T) for sign in (1, -1))
        factor = factor + (-1) ** k * (up + down) * (k * M / T) * k1e(k * M / T)
        bent = bent - (-1) ** k * (up - down) * (k / T) * k0e(k * M / T)
    return factor, bent


def _triangle(
    x: list[NDArray], y: list[NDArray], size: float, mass_first: bool
) -> tuple[NDArray, NDArray]:
    """∫dωdp_x/(2π)² of the numerators' parts for j_x and j_y over D₀D₁D₂.

    With Pᵢ = (p_x + xᵢ, yᵢ) and T = P₂(P₁·P₀) - P₁(P₂·P₀) + P₀(P₂·P₁), tr σG₂XG₁X′G₀ has
    (y, -x) of -2i[ω²(P₀ + P₁ - P₂) + T] if σ_z comes last, of 2i[ω²(P₁ + P₂ - P₀) + T] if it comes
    first. Found are y of the first and x of the second, of what is in brackets.
    """
    square = [v**2 + size**2 for v in y]
    along, across = 0.0, 0.0
    for s0, s1, s2, weight in _RULE:
        shift = s0 * x[0] + s1 * x[1] + s2 * x[2]
        c0, c1, c2 = (v - shift for v in x)
        M = (s0 * (square[0] + c0**2) + s1 * (square[1] + c1**2) + s2 * (square[2] + c2**2))
        half, whole = weight / (16 * np.pi * M), weight / (8 * np.pi * M**2)
        y0, y1, y2 = y
        along = along + whole * (y2 * (c1 * c0) - y1 * (c2 * c0) + y0 * (c2 * c1) + y0 * y1 * y2)
        along = along + 2 * half * (y2 if mass_first else y0)
        across = across + whole * (c0 * c1 * c2 + c2 * y1 * y0 - c1 * y2 * y0 + c0 * y2 * y1)
        across = across + 2 * half * (c1 + c2 if mass_first else c0 + c1)
    return along, across


def _waves(cell: Cell, shift: float) -> tuple[NDArray, NDArray, NDArray]:
    """Coefficients that count, their wave vectors and their indices; (n,), (n, 2), (n, 2)."""
    values = np.array(cell.coefficients)
    middle = np.array([n // 2 for n in values.shape])
    values[tuple(middle)] += shift
    at = np.argwhere(np.abs(values) > _SMALL * np.max(np.abs(values)))
    q_x, q_y = cell.waves
    return values[tuple(at.T)], np.stack((q_x[at[:, 0]], q_y[at[:, 1]]), axis=1), at - middle
