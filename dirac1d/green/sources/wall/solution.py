r"""Traces of ±p together from the reflection variables of a wall.

With s = s₀ + a, t = t₀ + b for s_R and s_L, D = 1 - st and D₀ = 1 - s₀t₀ = 2iκ/Z,

.. math:: \mathrm{tr}\,σ_yG = \frac{s-t}{D} = -\frac{p}{κ}
          + \frac{a(1-t_0^2) - b(1-s_0^2) + ab(s_0-t_0)}{DD_0},

of which -p/κ is odd in p and drops out; 1 - s₀² = 2(E'Z - ΔN)/Z², without cancellation. The slow
solutions give, to first order, -(ΔU' + E'Δ')/2κ³ for each sign of p.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Start
from dirac1d.green.sources.jump_waves import Jumps, jump_waves
from dirac1d.green.sources.wall.coefficients import Coefficients, coefficients, swapped
from dirac1d.green.sources.wall.march import marched
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wall.reference import Reference
from dirac1d.green.sources.wall.slow import Slow, slow_solutions


@dataclass(frozen=True, eq=False)
class WallSolution:
    """Both reflection variables less their bases at all nodes, (n, P, 2B): p, then -p.

    `lost`, shape (P, B), is what nodes cannot carry of s itself; `failed`, shape (P,). With
    `slow_only` there are no waves in them.
    """

    c: Coefficients
    slow: Slow
    left: NDArray
    right: NDArray
    base_left: NDArray
    base_right: NDArray
    lost: NDArray
    failed: NDArray
    slow_only: bool = False

    @property
    def real_momenta(self) -> NDArray:
        """Where p is real, shape (B,) bool."""
        return self.c.p[: self.c.half].imag == 0

    def current(self) -> NDArray:
        """½ Σ_± tr σ_yG, on smooth columns without -p/κ, shape (n, P, B)."""
        c, half = self.c, self.c.half
        D, (middle, tilt, apart, gain) = self._denominator(self.left, self.right), c.of_traces
        found = np.zeros_like(middle)
        with np.errstate(divide="ignore", invalid="ignore"):
            for sign, own in ((1, slice(half)), (-1, slice(half, None))):
                a, b = self.right[..., own], self.left[..., own]
                top = (a - b) * middle - sign * ((a + b) * tilt - a * b * apart)
                found += top / D[..., own]
            found *= gain / 2
            if c.all_smooth:
                return found
            direct = self.base_right + self.right - self.base_left - self.left
            return np.where(c.smooth[:, :half], found, self._even(direct / D))

    def density_beyond(self, mass: float, panels: slice) -> NDArray:
        """½ Σ_± tr G - 2 tr G_B + tr G_B', as `step.solution.Solution.density_beyond`.

        On smooth columns tr G less -E'/κ is -2i(at₀ + bs₀ + ab)/DD₀.
        """
        c, a, b = self.c, self.right, self.left
        D = self._denominator(b, a)
        near, far = (np.sqrt(c.kappa**2 + k * mass**2) for k in (1, 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            local = 1 + near / (c.kappa + far)
            local = local / (near * c.kappa * far * (c.kappa + near) * (near + far))
            excess = -(a * swapped(c.s0) + b * c.s0 + a * b) * c.Z / (c.kappa * D)
            smooth = excess - 2 * mass**4 * c.E_prime * local
            direct = -1j * (2 - D) / D + c.E_prime * (2 / near - 1 / far)
            return self._even(np.where(c.smooth, smooth, direct))[:, panels]

    def jump_waves(self, jumps: Jumps, mass: float, panels: slice) -> NDArray:
        """The first order of jumps of U in ½ Σ_± tr G, with a mass that has no states."""
        half = self.c.half
        E, kappa = (q[:, panels, :half] for q in (self.c.E_prime, self.c.kappa))
        return jump_waves(jumps, self.c.mesh.x[panels], E, kappa, mass)

    def reference(self, reference: Reference) -> NDArray:
        """½ Σ_± tr σ_yG - (-p/κ_B) of a `Reference`, shape (n, P, B)."""
        half, mesh = self.c.half, self.c.mesh
        E, p = self.c.E_prime[..., :half], self.c.p[:half]
        x, slope = mesh.x.T[:, :, None], mesh.mass.dU.T[:, :, None]
        return (reference.slow if self.slow_only else reference).trace(x, slope, E, p)

    def reference_density(self, reference: Reference) -> NDArray:
        """What hard walls reflect in ½ Σ_± tr G of a `Reference`, shape (n, P, B)."""
        half, mesh = self.c.half, self.c.mesh
        if self.slow_only:
            return np.zeros_like(self.c.kappa[..., :half])
        return reference.density(mesh.x.T[:, :, None], self.c.E_prime[..., :half], self.c.p[:half])

    def product(self) -> NDArray:
        """s_Ls_R, shape (n, P, 2B): 1 at a state."""
        return (self.base_left + self.left) * (self.base_right + self.right)

    def slowly(self) -> WallSolution:
        """The slow solutions alone, where s₀ is smooth."""
        return replace(
            self, left=np.where(self.c.smooth, self.slow.b, self.left),
            right=np.where(self.c.smooth, self.slow.a, self.right), slow_only=True,
        )

    def beyond(self) -> NDArray:
        """∫ ½ Σ_± tr σ_yG dx from -∞ to the first node and from the last one to ∞, shape (2, B).

        In a lead one wave is left, and the trace less -p/κ is linear in it: it falls as e^{-2κx}.
        """
        out = []
        for node, wall in ((0, self.c.mesh.walls[0]), (-1, self.c.mesh.walls[1])):
            if wall is not None:
                out.append(np.zeros(self.c.half, complex))
                continue
            at = (node, node)
            kappa, Z, s0 = self.c.kappa[at], self.c.Z[at], self.c.s0[at]
            E, N = self.c.E_prime[at], self.c.N[at]
            t0, mass = swapped(s0), (N + swapped(N)) / 2
            D0 = 2j * kappa / Z
            if node == 0:  # s_L is at its fixed point
                wave = self.base_right[at] - s0 + self.right[at]
                wave, own = wave / (D0 - t0 * wave), 2 * (E * Z - mass * swapped(N)) / Z**2
            else:
                wave = self.base_left[at] - t0 + self.left[at]
                wave, own = -wave / (D0 - s0 * wave), 2 * (E * Z - mass * N) / Z**2
            out.append(self._even(wave * own / (2 * kappa * D0)))
        return np.stack(out)

    def _even(self, q: NDArray) -> NDArray:
        half = self.c.half
        return (q[..., :half] + q[..., half:]) / 2

    def _denominator(self, left: NDArray, right: NDArray) -> NDArray:
        return 1 - (self.base_left + left) * (self.base_right + right)


def solve(
    mesh: WallMesh, E: NDArray, p: NDArray, tolerance: float, start: Start
) -> WallSolution:
    """Both reflection variables for ±p at energies E; shapes (B,)."""
    c = coefficients(mesh, E, p, tolerance, start)
    slow = slow_solutions(c)
    left, base_left, out = marched(c, slow, 0)
    right, base_right, back = marched(c, slow, 1)
    left_out, half = np.maximum(out.left_out, back.left_out), c.half
    return WallSolution(
        c, slow, left, right, base_left, base_right,
        np.maximum(left_out[:, :half], left_out[:, half:]),
        slow.failed | out.failed | back.failed,
    )
