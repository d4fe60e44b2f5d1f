r"""Flat regions, exactly: decay rate and reflection variable of a constant potential.

With ψ = (f, i g) of :math:`f' = -(E-U+M)g,\; g' = (E-U-M)f` (the rotated problem, SR Eq. 5 and 6)
and the chiral combinations u = f + i g, v = f - i g,

.. math:: u' = i(E'u - Mv), \qquad v' = i(Mu - E'v), \qquad E' = E - U .

A solution that decays to the right has s_R = v/u, one that decays to the left s_L = u/v; in a flat
lead both sit at the same fixed point

.. math:: s_0 = (E' - i\kappa)/M = M/(E' + i\kappa), \quad \kappa^2 = M^2 - E'^2,\ \Re\kappa > 0 .

These are reflection amplitudes: :math:`|s| \le 1` for Im E ≥ 0 and real M, so they have no poles,
unlike r = g/f.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem


def decay_rate(E_prime: NDArray, M: NDArray) -> NDArray:
    """κ with Re κ ≥ 0; on the cut (real energy in a band) the limit Im E → +0.

    Parameters
    ----------
    E_prime, M : ndarray of complex
        Energy above the local potential, and mass of the one-dimensional problem.
    """
    # (M-E')(M+E') keeps the digits that M²-E'² loses at a band edge.
    kappa = np.sqrt((M - E_prime) * (M + E_prime))
    on_cut = (kappa.real == 0) & (kappa.imag * E_prime.real > 0)
    return np.where(on_cut, -kappa, kappa) if np.any(on_cut) else kappa


def fixed_point(E_prime: NDArray, M: NDArray, kappa: NDArray) -> NDArray:
    """s₀ = M/(E' + iκ): E' and iκ never cancel for Re κ > 0, Im E > 0."""
    return M / (E_prime + 1j * kappa)


def one_less_square(E_prime: NDArray, kappa: NDArray) -> NDArray:
    """1 - s₀², without cancellation."""
    return 2j * kappa / (E_prime + 1j * kappa)


def capped(s: float, mass: float, temperature: float) -> float:
    """c(s): clip(s, ±|Δ|) sgn Δ, rounded off by temperature (SR Eq. 12); ±s beyond a hard wall."""
    if temperature == 0.0 or np.isinf(mass):
        return float(np.clip(s, -abs(mass), abs(mass)) * np.sign(mass))
    T = temperature
    return float(T * (np.logaddexp(0, (s + mass) / T) - np.logaddexp(0, (s - mass) / T)) - mass)


def lead_momenta(problem: Problem) -> tuple[float, ...]:
    """√|e² - Δ²|, e = ε_F - U, of the leads: |κ| at ε_F and p = 0."""
    return tuple(_size(e, m) for e, m in lead_energies(problem, problem.fermi_energy))


def fermi_momenta(problem: Problem, energy: float) -> tuple[float, ...]:
    """√(e² - Δ²), e = E - U, of those leads that have states at an energy."""
    return tuple(_size(e, m) for e, m in lead_energies(problem, energy) if abs(e) > m)


def _size(e: float, m: float) -> float:
    """√|e² - Δ²|."""
    return float(np.sqrt(abs((abs(e) - m) * (abs(e) + m))))


def lead_energies(problem: Problem, energy: float) -> list[tuple[float, float]]:
    """E - U and |Δ| of every lead: none beyond a hard wall."""
    leads = (problem.U_L, problem.mass_left), (problem.U_R, problem.mass_right)
    return [(energy - U, abs(mass)) for U, mass in leads if np.isfinite(mass)]
