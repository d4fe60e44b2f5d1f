r"""The Riccati equation of the reflection variables, marched through the mesh.

In its marching direction τ (x for s_L, -x for s_R) each s obeys

.. math:: ds/dτ = -i\,(M - 2E's + Ms^2) ,

with the fixed point s₀ of :mod:`~dirac1d.green.sources.step.leads` attracting at the rate 2κ. The
equation is stiff for large |E|, M, so s itself is collocated (stiffly accurate: a panel with
|κ|h ≫ 1 returns the slow solution), and where s₀(x) is smooth the deviation δ = s - s₀,

.. math:: δ' = -2κδ - iMδ^2 - ds_0/dτ , \qquad ds_0/dx = -i s_0 U'/κ,

is the unknown, because the traces are differences of the two directions' s
(:mod:`~dirac1d.green.sources.step.solution`).

Waves need no resolution. On a panel where s₀ is smooth the *slow* solutions a (of s_R) and b (of
s_L), free of e^{2ikx}, are found first (:mod:`~dirac1d.green.sources.step.slow`); (1, a) and (b, 1)
are two exact solutions of the linear problem, whose ratio is Θ = exp ∫λ dx,
λ = -i[2E' - M(a + b)] ≈ 2κ, and any other one is

.. math:: s_L = \frac{b + q}{1 + a q}, \quad q(x) = q(x_0)\,Θ(x_0)/Θ(x)

(s_R alike, with a and b exchanged): the phase is an integral of a smooth function. Where U is
constant a = b = s₀, λ = 2κ, and nothing is left to solve. A march begins in a lead, at its s₀.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Start
from dirac1d.green.sources.step.coefficients import Coefficients, coefficients
from dirac1d.green.sources.step.march import March, passes, superposed
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.green.sources.step.slow import slow_solutions
from dirac1d.green.sources.step.solution import Curved, Solution


def solve(
    mesh: Mesh, E: NDArray, M: NDArray, tolerance: float, start: Start | None = None
) -> Solution:
    """March s_L rightwards and s_R leftwards through the mesh at all contour nodes at once.

    Parameters
    ----------
    mesh : Mesh
    E, M : ndarray of complex, shape (N,)
        Energies (Im E ≥ 0) and masses √(Δ² + p²).
    tolerance : float
        Relative accuracy of the solution of the collocation equations.
    start : Start, optional
        What counts as smooth.
    """
    c = coefficients(mesh, E, M, tolerance, start or Start())
    slow = slow_solutions(c)
    base = np.where(c.smooth, c.s0, 0)
    tail, failed, s, waves = slow.tail, slow.failed, [], []
    for d in (0, 1):
        march = March.of(c, slow, base, d)
        passed = passes(march)
        s.append(superposed(march, passed))
        waves.append(passed.wave)
        tail = np.maximum(tail, passed.left_out)
        # Towards the visible panels: of its own slow solution, and of the other one by its weight.
        way = (slice(c.seen.start), slice(c.seen.stop, None))[d]
        own, other = slow.left_out[d, way], slow.left_out[1 - d, way]
        tail[way] += own + np.abs(passed.weight[way]) * other
        failed = failed | passed.failed
    curved = Curved(c.panels, c.E_prime, c.kappa, base, c.smooth, *s)
    leads = tuple(c.end(node)[:2] for node in (0, -1))
    return Solution(
        M, curved, c.flat.finished(*waves), _seen(c, tail), _on_mesh(c, failed), leads,
        c.mesh.x,
    )


def _on_mesh(c: Coefficients, curved: NDArray) -> NDArray:
    """Values of the curved panels among those of all panels."""
    out = np.zeros((len(c.mesh.flat), *curved.shape[1:]), curved.dtype)
    out[c.panels] = curved
    return out


def _seen(c: Coefficients, tail: NDArray) -> NDArray:
    """What is left out on each panel as far as it reaches the visible ones, shape (P, N)."""
    seen = c.mesh.visible
    decay = np.empty((len(c.mesh.flat), len(c.M)))
    decay[c.panels] = np.min(c.kappa.real, axis=0)
    decay[c.flat.panels] = c.flat.kappa.real
    decay *= 2 * c.mesh.widths[:, None]
    decay[seen] = 0.0
    reach = np.zeros_like(decay)
    reach[: seen.start] = np.cumsum(decay[: seen.start][::-1], axis=0)[::-1]
    reach[: seen.start] -= decay[: seen.start]
    reach[seen.stop :] = np.cumsum(decay[seen.stop :], axis=0) - decay[seen.stop :]
    return _on_mesh(c, tail) * np.exp(-np.maximum(reach, 0.0))
