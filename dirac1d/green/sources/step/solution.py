r"""Local traces of the Green's function from the reflection variables of both directions.

.. math:: \mathrm{tr}\,σ_yG = (s_R - s_L)/(1 - s_Ls_R), \quad
          \mathrm{tr}\,G = -i(1 + s_Ls_R)/(1 - s_Ls_R) .

Where U is constant they are those of :mod:`~dirac1d.green.sources.step.flat`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.jump_waves import Jumps, jump_waves
from dirac1d.green.sources.step.flat import Flat
from dirac1d.green.sources.step.leads import one_less_square
from dirac1d.green.sources.step.mesh import within


@dataclass(frozen=True, eq=False)
class Curved:
    """Panels on which U varies: s = base + deviation at all nodes, shapes (n, P, N).

    `left` and `right` are the deviations of s_L and s_R.
    """

    panels: NDArray
    E_prime: NDArray
    kappa: NDArray
    base: NDArray
    smooth: NDArray
    left: NDArray
    right: NDArray

    def part(self, span: slice) -> Curved:
        """Some of these panels."""
        return Curved(
            self.panels[span],
            *(q[:, span] for q in (self.E_prime, self.kappa, self.base)),
            self.smooth[span], self.left[:, span], self.right[:, span],
        )

    def sigma_y(self, M: NDArray) -> NDArray:
        """tr σ_yG."""
        return (self.right - self.left) / self._denominator()

    def density(self, M: NDArray) -> NDArray:
        """tr G."""
        d = self._denominator()
        return -1j * (2 - d) / d

    def excess(self, M: NDArray) -> NDArray:
        """tr G - tr G₀, tr G₀ = -E'/κ of a constant potential; by deviations where possible."""
        kappa, E_prime = self.kappa, self.E_prime
        with np.errstate(divide="ignore", invalid="ignore"):
            own = one_less_square(E_prime, kappa)
            change = self.base * (self.left + self.right) + self.left * self.right
            exact = -2j * change / (self._denominator() * own)
            if np.all(self.smooth):
                return exact
            return np.where(self.smooth, exact, self.density(M) + E_prime / kappa)

    def s_right(self, M: NDArray) -> NDArray:
        """s_R."""
        return self.base + self.right

    def sensitivity(self, M: NDArray) -> NDArray:
        """|d tr σ_yG/ds| at most, (N,); 0 where s is a deviation with digits of its own."""
        direct = ~self.smooth
        some = np.flatnonzero(np.any(direct, axis=0))
        out = np.zeros(len(M))
        if len(some):
            base, left, right = (q[..., some] for q in (self.base, self.left, self.right))
            d = 1 - (base + left) * (base + right)
            slope = (1 + np.abs((right - left) / d)) / np.abs(d)
            out[some] = np.max(np.where(direct[:, some], slope, 0.0), axis=(0, 1))
        return out

    def _denominator(self) -> NDArray:
        return 1 - (self.base + self.left) * (self.base + self.right)


@dataclass(frozen=True, eq=False)
class Solution:
    """Traces at all nodes, shape (n, panels, N): nodes first.

    `tail`, shape (P, N), is what the nodes of a panel cannot carry; `unconverged`, shape (P,),
    says on which panels the equation was not solved; `leads` is (E', κ) in both leads; `x`, shape
    (P, n), are the nodes.
    """

    M: NDArray
    curved: Curved
    flat: Flat
    tail: NDArray
    unconverged: NDArray
    leads: tuple[tuple[NDArray, NDArray], ...]
    x: NDArray

    @classmethod
    def of_one(cls, M: NDArray, curved: Curved) -> Solution:
        """A solution on curved panels alone, without leads."""
        nothing = np.zeros((0, len(M)))
        flat = Flat(np.zeros(0, dtype=int), *[nothing] * 5, np.zeros(0, dtype=int))
        panels = len(curved.panels)
        return cls(M, curved, flat, np.zeros((panels, len(M))), np.zeros(panels, dtype=bool), (),
                   np.zeros((panels, 0)))

    @property
    def real_momenta(self) -> NDArray:
        """Where p is real, shape (N,) bool."""
        return self.M.imag == 0

    def sigma_y(self, panels: slice) -> NDArray:
        """tr σ_y G(x, x) on some panels, shape (n, P', N)."""
        return self._join(panels, lambda q: q.sigma_y(self.M))

    def density(self, panels: slice) -> NDArray:
        """tr G(x, x) on some panels, shape (n, P', N)."""
        return self._join(panels, lambda q: q.density(self.M))

    def excess(self, panels: slice) -> NDArray:
        """tr G - tr G₀, tr G₀ = -E'/κ of a constant potential."""
        return self._join(panels, lambda q: q.excess(self.M))

    def s_right(self, panels: slice) -> NDArray:
        """The reflection variable s_R, shape (n, P', N)."""
        return self._join(panels, lambda q: q.s_right(self.M))

    def density_beyond(self, mass: float, panels: slice) -> NDArray:
        """tr G - 2 tr G_B + tr G_B', tr G_B = -E'/κ_B with masses √(M²+B²), B' = √2 B.

        Two references in the manner of Pauli and Villars: the terms E'/κ and E'/κ³ of large
        energies cancel. Written so that no digits do.
        """
        return self._join(panels, lambda q: _beyond(q, self.M, mass**2))

    def jump_waves(self, jumps: Jumps, mass: float, panels: slice) -> NDArray:
        """The first order of jumps of U in tr G, with a mass that has no states."""
        E, kappa = (
            self._join(panels, lambda q, name=name: getattr(q, name))
            for name in ("E_prime", "kappa")
        )
        return jump_waves(jumps, self.x[panels], E, kappa, mass)

    def sensitivity(self, panels: slice) -> NDArray:
        """By how much an error of s is larger in tr σ_yG, where s is no small deviation; (N,)."""
        part = self.curved.part(within(self.curved.panels, panels))
        return part.sensitivity(self.M)

    def integral_beyond(self, panels: slice) -> NDArray:
        """∫ tr σ_yG dx from -∞ to the panels' left end, and from their right end to ∞; (2, N).

        Exact: tr σ_yG = -∂ₓ tr G/2M (SR Eq. 8, at every energy).
        """
        first, last = slice(panels.start, panels.start + 1), slice(panels.stop - 1, panels.stop)
        out = []
        for edge, node, sign in ((first, 0, -1), (last, -1, 1)):
            own = self.excess(edge)[node, 0]
            E, k = (
                self._join(edge, lambda q, name=name: getattr(q, name))[node, 0]
                for name in ("E_prime", "kappa")
            )
            out.append(
                sign * (own + _local_difference(E, k, *self.leads[node], self.M)) / (2 * self.M)
            )
        return np.stack(out)

    def _join(self, panels: slice, values: Callable[[Curved | Flat], NDArray]) -> NDArray:
        """Values on some panels, from the curved and the flat ones among them."""
        curved, flat = (
            q.part(within(q.panels, panels)) for q in (self.curved, self.flat)
        )
        if not len(flat.panels):
            return values(curved)
        n = len(self.flat.waves)
        out = np.empty((n, panels.stop - panels.start, len(self.M)), complex)
        for part in (curved, flat):
            if len(part.panels):
                out[:, part.panels - panels.start] = values(part)
        return out


def _beyond(part: Curved | Flat, M: NDArray, square: float) -> NDArray:
    """`Solution.density_beyond` for one kind of panels; square = B²."""
    kappa, E_prime = part.kappa, part.E_prime
    near, far = (np.sqrt(kappa**2 + k * square) for k in (1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        local = 1 + near / (kappa + far)
        local = local / (near * kappa * far * (kappa + near) * (near + far))
        exact = part.excess(M) - 2 * square**2 * E_prime * local
        if isinstance(part, Flat) or np.all(part.smooth):
            return exact
        direct = part.density(M) + E_prime * (2 / near - 1 / far)
        return np.where(part.smooth, exact, direct)


def _local_difference(E: NDArray, k: NDArray, E0: NDArray, k0: NDArray, M: NDArray) -> NDArray:
    """E₀/κ₀ - E/κ, without cancellation where both energies are close."""
    sum_ = E0 * k + E * k0
    close = np.abs(sum_) > np.abs(E0 * k)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = (E0 - E) * (E0 + E) * M**2 / (k * k0 * sum_)
        return np.where(close, exact, E0 / k0 - E / k)
