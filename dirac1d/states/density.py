"""Densities of the states in an energy window: what SR Eq. (8) and (9) speak of.

j_y = -∂ₓ of the weighted density Δ/(2M²) ψ†ψ holds for every state, and for all states in a
window e_min < ε < ε_F that the lattice resolves (|e_min| ≪ 1/a); it does *not* hold for all states
below ε_F: the Dirac sea is anomalous. Hence every density here names its window.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

from dirac1d.numerics.checks import check_positions, finite_number
from dirac1d.problem import Problem
from dirac1d.states.chain import uniform_chain
from dirac1d.states.interpolation import interpolate
from dirac1d.states.masses import sample
from dirac1d.states.mesh import borders
from dirac1d.states.spectrum import check_window, sparse_spectrum

#: Nodes of the momentum rule: the integrand has a step wherever a level leaves the window, so the
#: rule is a fine one of low order in disguise.
MOMENTUM_NODES = 48


def window_density(
    problem: Problem,
    x: Any,
    window: tuple[float, float],
    p_y: float | None = None,
    *,
    weighted: bool = False,
    spacing: float | None = None,
    box: tuple[float, float] | None = None,
) -> NDArray:
    """Density of the lattice's eigenstates with energies in a window.

    Parameters
    ----------
    problem : Problem
        Only U and Δ are used: every state in the window counts once, whatever ε_F and T.
    x : array_like, shape (n,)
    window : (float, float)
        (e_min, e_max).
    p_y : float, optional
        At this momentum, the mean over ±p_y; by default the integral ∫dp_y/2π over all momenta
        that have states in a finite window.
    weighted : bool
        Whether each state counts as Δ/(2M²) ψ†ψ, M² = Δ² + p_y², the density whose -∂ₓ is j_y
        (SR Eq. 8). Where Δ varies there is no such density.
    spacing, box : optional
        See `dirac1d.hamiltonian`.

    Returns
    -------
    ndarray, shape (n,)
        Per length at fixed p_y, per area otherwise.

    Raises
    ------
    ValueError
        If the window is empty, or infinite without p_y, the density is weighted though Δ varies,
        or another argument is not allowed.
    """
    x = check_positions(x)
    e_min, e_max = check_window(window)
    if weighted and problem.mass_profile is not None:
        raise ValueError(f"weighted must be False where the mass varies, got {weighted}: SR Eq. "
                         "(8) holds for one Δ only")
    chain = uniform_chain(problem, spacing, box)
    breaks, ends = borders(problem), sample(problem)

    def at(p: float) -> NDArray:
        density = np.zeros(len(chain))
        for sign in (1.0, -1.0):
            _, vectors = sparse_spectrum(chain.diagonal(sign * p), chain.hoppings, (e_min, e_max))
            density += np.sum(vectors**2, axis=1) / 2
        weight = problem.mass / (2 * (problem.mass**2 + p**2)) if weighted else 1.0
        there = np.clip(x, *ends)
        found = interpolate(chain, breaks, density / chain.cells, there)
        return weight * np.where(there == x, found, 0.0)

    if p_y is not None:
        return at(abs(finite_number("p_y", p_y)))
    if not (np.isfinite(e_min) and np.isfinite(e_max)):
        raise ValueError(f"window must be finite when all p_y are summed, got {window}")
    # Beyond this momentum M exceeds |E - U| everywhere: no states.
    reach = max(abs(e - u) for e in (e_min, e_max) for u in (chain.U.min(), chain.U.max()))
    least = abs(problem.mass) if problem.mass_profile is None else 0.0
    largest = np.sqrt(max(reach**2 - least**2, 0.0))
    t, w = leggauss(MOMENTUM_NODES)
    nodes, weights = largest * (t + 1) / 2, largest * w / 2
    return sum((weight * at(p) for p, weight in zip(nodes, weights, strict=True)),
               np.zeros(len(x))) / np.pi
