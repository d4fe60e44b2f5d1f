"""Eq. (8)-(11), (25), (26): the current between two points from weighted densities at them.

With every state counted as (Δ/2M²)ψ†ψ, M² = Δ² + p_y², the current density is minus the slope of
the density n(x), energy by energy; far from the step a lead's n per energy is 1/4π in its bands
and 0 in its gap, which integrates to Eq. (10), (11), (25), (26). Engine "green" gives n from its
scattering states, "states" from all eigenstates in a window ε_min < ε < ε_F.

    python validation/claims/lead_contributions.py [--quick]
"""

from __future__ import annotations

import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d.dirac import E_OVER_2H
from dirac1d.exact import lead_contributions

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

MASS = 1.0
SMALL = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), MASS)
LARGE = dd.Problem(dd.TanhStep(-1.5, 1.5, 1.0), MASS)
#: Where the leads' densities are averaged over their Friedel oscillations (smooth weight).
FAR, WEIGHT = np.linspace(10, 60, 101), np.blackman(101) / np.sum(np.blackman(101))
#: Momenta between two thresholds: e^{ipx} at x = 60 turns by 120 rad.
NODES = 48
#: Lattice: its window must be resolved, |ε_min| ≪ 1/a.
SPACING, BOX = 0.05, (-40.0, 40.0)


def weighted_density(problem: dd.Problem, energy: float, x: NDArray, nodes: int) -> NDArray:
    """n(x) per energy, from all scattering states."""
    leads, gap = {"left": problem.U_L, "right": problem.U_R}, abs(problem.mass)
    thresholds = {np.sqrt(max((energy - U) ** 2 - gap**2, 0.0)) for U in leads.values()}
    borders = sorted(thresholds | {0.0})
    t, w = leggauss(nodes)
    angle, n = np.pi / 2 * (t + 1), np.zeros(len(x))
    for a, b in pairwise(borders):
        # A cosine takes the square roots at both thresholds out.
        momenta = (a + b) / 2 - (b - a) / 2 * np.cos(angle)
        for p, weight in zip(momenta, (b - a) / 2 * np.sin(angle) * np.pi / 2 * w, strict=True):
            M_squared = gap**2 + p**2
            for side, U in leads.items():
                if (energy - U) ** 2 > M_squared:
                    psi = dd.scattering_state(problem, energy, float(p), side, x).psi
                    # Both signs of p_y, dp/2π, and unit current = 2π states per energy.
                    n += (2 * weight / (2 * np.pi) ** 2 * problem.mass / (2 * M_squared)
                          * np.sum(np.abs(psi) ** 2, axis=0))
    return n


def far_densities(problem: dd.Problem, energy: float) -> tuple[float, float]:
    """Averages of n per energy far to the left and to the right."""
    n = weighted_density(problem, energy, np.concatenate((-FAR[::-1], FAR)), NODES)
    return float(n[: len(FAR)] @ WEIGHT), float(n[len(FAR):] @ WEIGHT)


@claim("8, 9", "j^ε(x) = -∂ₓn(x, ε): its integral over -1 < x < 0.7 against n at both ends, two "
       "energies", "green", 1e-11)
def spectral_eq8():
    ends, t = np.array([-1.0, 0.7]), leggauss(16)
    x = ends[0] + (ends[1] - ends[0]) * (t[0] + 1) / 2
    worst = 0.0
    for energy in (-2.0, 0.8):
        left, right = weighted_density(SMALL, energy, ends, 24)
        integral = float(dd.energy_resolved_current(SMALL, x, energy) @ t[1]) * 0.85
        worst = max(worst, abs(integral - (left - right)))
    return worst


def lead_error(problem: dd.Problem, energies: tuple[float, ...]) -> tuple[float, str]:
    """Largest deviation of the leads' densities from 1/4π in a band and 0 in the gap."""
    off = []
    for energy in energies:
        for found, U in zip(far_densities(problem, energy), (problem.U_L, problem.U_R),
                            strict=True):
            off.append(found / E_OVER_2H - (abs(energy - U) > problem.mass))
    return float(np.max(np.abs(off))), f"{len(off)} densities"


@claim("10, 30", "conduction band: each energy adds -1/4π per open lead (over 1/4π)", "green", 2e-3,
       misprint="eq10")
def conduction():
    return lead_error(SMALL, (0.9, 2.1))


@claim("11", "valence band: each energy adds -1/4π per open lead (over 1/4π)", "green", 2e-3,
       speed="full", misprint="eq10")
def valence():
    return lead_error(SMALL, (-0.9, -2.1))


@claim("25, 26", "step of 3Δ, both bands open at once (over 1/4π)", "green", 2e-3, speed="full",
       misprint="eq10")
def large_step():
    return lead_error(LARGE, (-3.0, -1.0, 0.2, 1.0, 3.0))


@claim("11", "ε_min drops out: energies below both band tops add the same to J_R and J_L "
       "(over 1/4π)", "green", 2e-3)
def energy_min():
    off = [abs(np.diff(far_densities(SMALL, e))[0]) / E_OVER_2H for e in (-2.1,)]
    return max(off), "ε = -2.1Δ"


@cache
def window(problem: dd.Problem, energy_min: float, fermi_energy: float) -> tuple[float, float]:
    """J_L and J_R over e/2h, from the lattice's states in the window."""
    x = np.linspace(-30, 30, 241)
    n = dd.window_density(problem, x, (energy_min, fermi_energy), weighted=True, spacing=SPACING,
                          box=BOX)
    weight = np.hanning(97) / np.sum(np.hanning(97))
    return float(-n[:97] @ weight) / E_OVER_2H, float(-n[-97:] @ weight) / E_OVER_2H


def window_error(problem: dd.Problem, energy_min: float, fermi_energy: float) -> float:
    exact = [float(lead_contributions(fermi_energy, U, problem.mass, energy_min).total) / E_OVER_2H
             for U in (problem.U_L, problem.U_R)]
    return float(np.max(np.abs(np.subtract(window(problem, energy_min, fermi_energy), exact))))


@claim("9, 10, 11", "J_L and J_R of a window ε_min = -2Δ, -3Δ < ε < 0.8Δ (over eΔ/2h)", "states",
       1e-2, speed="full", misprint="eq10")
def window_small():
    return max(window_error(SMALL, e, 0.8) for e in (-2.0, -3.0))


@claim("11", "ε_min drops out of J_R - J_L: -2Δ against -3Δ, and against Eq. (12) (over eΔ/2h)",
       "states", 5e-3, speed="full")
def window_energy_min():
    found = [np.diff(window(SMALL, e, 0.8))[0] for e in (-2.0, -3.0)]
    exact = 0.8 - 0.5 - MASS  # Eq. (12), half-metal: ε_F - U_R - Δ
    return max(abs(f - exact) for f in found), ", ".join(f"{f:.4f}" for f in found)


@claim("25, 26", "step of 3Δ, metal-metal: J_L and J_R of a window -3.5Δ < ε < 0.2Δ (over eΔ/2h)",
       "states", 1e-2, speed="full", misprint="eq10")
def window_large():
    return window_error(LARGE, -3.5, 0.2)


if __name__ == "__main__":
    sys.exit(main(__doc__))
