"""Masses that vary, by the continuum engine: five walls, five regimes, two temperatures; edges.

J_y = (e/2h)[c(ε_F - U_R; Δ_R) - c(ε_F - U_L; Δ_L)], c(s; Δ) = clip(s, ±|Δ|) sgn Δ, rounded off by
temperature, for any U(x) and Δ(x); the integral runs over all x. In no potential the state of a
wall is that of Jackiw and Rebbi, and all that is measured below the bands is its own.

    python validation/claims/mass_walls_green.py [--quick]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.integrate import quad

import dirac1d as dd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main
from walls import LARGE, REGIMES, WALLS, half_plane

METALS = LARGE, 0.1
X = np.linspace(-4, 4, 8)
WARM = 0.1
#: What is asked for: of an integral far less is left than of j_y, of all but the smoothest. Of two
#: metals at T = 0 momenta stay real on a long strip: a coarser answer, in time.
FINE, COARSE, OF_METALS = 1e-8, 1e-7, 1e-5


def off(wall: str, regime: tuple, temperature: float, rtol: float = 1e-8) -> tuple[float, float]:
    """|J_y - closed form| over j₀/|Δ|, and over what is claimed."""
    U, fermi_energy = regime
    problem = dd.Problem(U, WALLS[wall], fermi_energy, temperature)
    found = dd.current_density(problem, X, rtol=rtol).integral(-np.inf, np.inf)
    error = abs(found.value - dd.total_current(problem))
    return error * problem.gap / problem.current_scale, error / found.error


def worst(cases: list[tuple]) -> tuple[float, str]:
    """The largest of both, infinite where a claim is exceeded."""
    found = [off(*case) for case in cases]
    ratio = max(r for _, r in found)
    return (max(e for e, _ in found) if ratio <= 1 else np.inf,
            f"{len(cases)} problems, error/estimate up to {ratio:.2g}")


@claim("12", "three walls of mass in no potential and with a step, T = 0 and 0.1Δ: |J_y - closed "
       "form| of j₀/Δ", "green", 1e-8)
def quick() -> tuple[float, str]:
    return worst([("tanh", REGIMES[0], 0.0), ("falling", REGIMES[0], WARM),
                  ("gapless", REGIMES[1], 0.0)])


@claim("12", "five walls of mass in four regimes, T = 0: |J_y - closed form| of j₀/Δ", "green",
       1e-8, speed="full")
def cold() -> tuple[float, str]:
    gaps, bands = REGIMES[:2], REGIMES[2:]
    return worst([
        *((wall, regime, 0.0, COARSE if wall == "sharp" else FINE)
          for wall in WALLS for regime in gaps),
        *((wall, regime, 0.0, COARSE) for wall in WALLS for regime in bands),
    ])


@claim("12", "five walls of mass in five regimes, T = 0.1Δ", "green", 1e-8, speed="full")
def warm() -> tuple[float, str]:
    flat, steps = REGIMES[0], (*REGIMES[1:], METALS)
    return worst([
        *((wall, flat, WARM, COARSE) for wall in WALLS),
        *((wall, regime, WARM, 10 * COARSE) for wall in WALLS for regime in steps),
    ])


@claim("12", "a wall of mass between two metals, T = 0, rtol 1e-5", "green", 1e-5, speed="full")
def metals() -> tuple[float, str]:
    return worst([(wall, METALS, 0.0, OF_METALS) for wall in ("skew",)])


@claim("", "a wall of mass in no potential: j_y, its energy distribution and density of states "
       "are the Jackiw-Rebbi state's (of the peak)", "green", 1e-7)
def jackiw_rebbi() -> float:
    x = np.linspace(-4, 4, 9)
    psi = np.cosh(x / 2) ** -4 / quad(lambda y: np.cosh(y / 2) ** -4, -50, 50)[0]
    problem = dd.Problem(0.0, WALLS["tanh"], 0.3)
    found = (
        dd.current_density(problem, x).j_y / 0.3,
        np.asarray(dd.energy_resolved_current(problem, x, 0.3)),
        np.asarray(dd.local_density_of_states(problem, x, 0.3)),
    )
    return max(float(np.max(np.abs(2 * np.pi * q - psi))) for q in found) / float(np.max(psi))


@claim("", "bound states of a tanh wall: E = p and the Pöschl-Teller levels (of Δ)", "green",
       1e-11)
def levels() -> float:
    found = []
    for p in (-0.7, 0.0, 0.25, 3.0):
        other = np.sqrt(p * p + 0.75)
        energies = dd.edge_states(dd.Problem(0.0, WALLS["tanh"]), p).energies
        if len(energies) != 3:
            return np.inf
        found.append(np.max(np.abs(np.asarray(energies) - [-other, p, other])))
    return float(max(found))


@claim("", "half-plane, T = 0: j_y is (ε_F/2π) 2Δ e^{-2Δx} of its edge state (of j₀)", "green",
       1e-6)
def edge() -> float:
    problem, x, exact = half_plane()
    found = dd.current_density(problem, x, rtol=1e-6)
    return float(np.max(np.abs(found.j_y - exact)) / problem.current_scale)


if __name__ == "__main__":
    sys.exit(main(__doc__))
