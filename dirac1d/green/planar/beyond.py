r"""What momenta |p| beyond a cut-off would add where U and Δ = Δ̄ + δ both vary.

Linear response to U about Δ̄ is cured node by node (`linear`); to δ alone, of sources E = iω where U
has Δ̄, it is imaginary and no current. What harmonics up to P, with their windows w, still leave out
is of first order in both, once frequencies are integrated, as P⁻¹: pairs of waves (`pairs`), and

**gradients of first order**, of any order in U and Δ: with V = U - ε_F, W = w², M = Δ̄ + Wδ, every p
has

.. math:: j_x = \frac{W}{4π^2} \frac{(M - pW'δ) ∂_yV + pW'V ∂_yδ}{p^2 + M^2}, \qquad
          j_y = -\frac{W}{4π^2} \frac{M ∂_xV}{p^2 + M^2},

U having no other part in it as it shifts ω only. Where frequencies are summed there are the factors
and terms of `thermal` in it. Of all that, what is linear in U at Δ̄ has been counted above, and what
is of first order in both in the pairs. What is left falls as P⁻⁵.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import k0e, k1e

from dirac1d.green.planar.grid import Grid
from dirac1d.green.planar.masses import Masses
from dirac1d.green.planar.pairs import Pairs
from dirac1d.green.planar.window import Window

#: M/T from which sums over frequencies are integrals, to 1e-7, and images 1/T apart that count.
_COLD, _IMAGES, _NEGLIGIBLE = 20.0, 4, 1e-8
#: Harmonics of U and of δ below this part of the largest do not count, at so many positions.
_SMALL, _LOOKED_AT = 1e-5, 256


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

    def rows(self, count: int) -> NDArray:
        """As a node's: M_m, and j_y's mean in the place of m = 0; shape (n, count)."""
        found = Pairs(self.grid, self.fermi_energy, self.window, self.momenta).rows(count)
        found[self.grid.inner] += self._gradients(count)
        return found

    def _gradients(self, count: int) -> NDArray:
        """Of first order, less what is linear in U at Δ̄, at the inner positions."""
        U, change, period = self.grid.shape, self.grid.change.shape, self.grid.period
        points = 2 * max(count, _harmonics(U) + _harmonics(change))
        x, y = self.grid.x[self.grid.inner, None], period * np.arange(points) / points
        (V_x, V_y), (d_x, d_y) = U.gradient(x, y), change.gradient(x, y)
        V, d = U(x, y) - self.fermi_energy, change(x, y)
        mean, size = self.masses.mean, self.masses.size
        momenta, weights = self.window.left_out(
            2 * np.pi / period / self.momenta, self.momenta % 2 == 1)
        # All is even in p.
        momenta, weights = momenta[momenta > 0], 2 * weights[momenta > 0]
        # Factors of V_y and δ_y in j_x, and of -V_x and -δ_x in j_y.
        by_slope, by_bend, across, across_bend = np.zeros((4, *V.shape))
        for p, weight, W, pW in zip(
            momenta, weights, *self.window.square(momenta), strict=True
        ):
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


def _harmonics(shape: Any) -> int:
    """How many of them there are, of both signs, that count."""
    half = shape.coefficients.shape[-1] // 2
    where = np.linspace(*shape.reach, _LOOKED_AT) if hasattr(shape, "reach") else (
        np.arange(_LOOKED_AT) * (shape.lengths[0] / _LOOKED_AT))
    size = np.max(np.abs(shape.harmonics(where, half)), axis=0)[half:]
    return 2 * int(np.max(np.flatnonzero(size > _SMALL * np.max(size)), initial=0)) + 1


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
        if np.max(up) < _NEGLIGIBLE and np.max(down) < _NEGLIGIBLE:
            break
        factor = factor + (-1) ** k * (up + down) * (k * M / T) * k1e(k * M / T)
        bent = bent - (-1) ** k * (up - down) * (k / T) * k0e(k * M / T)
    return factor, bent
