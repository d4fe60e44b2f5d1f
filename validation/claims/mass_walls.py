"""Masses that vary, by the lattice: five walls and the closed form of J_y, edges, rings, cells.

J_y = (e/2h)[c(ε_F - U_R; Δ_R) - c(ε_F - U_L; Δ_L)], c(s; Δ) = clip(s, ±|Δ|) sgn Δ, holds for any
U(x) and Δ(x). Where leads conduct the strip that is summed does not hold all of it: there j_y is
held against the continuum engine, point by point.

    python validation/claims/mass_walls.py [--quick]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import dirac1d as dd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main
from walls import LARGE, REGIMES, WALLS, half_plane

METALS = LARGE, 0.0
#: Not on a jump of Δ, where the continuum engine is slow.
X = np.linspace(-4, 4, 8)
RTOL, WARM = 3e-3, 0.2
GAPS, BANDS = REGIMES[:2], REGIMES[2:]


def totals(cases: list[tuple[str, tuple]], temperature: float, rtol: float) -> tuple[float, str]:
    """|J_y - closed form| over (e/2h)Δ, and over what is claimed."""
    worst, ratio = 0.0, 0.0
    for wall, (U, fermi_energy) in cases:
        problem = dd.Problem(U, WALLS[wall], fermi_energy, temperature)
        found = dd.current_density(problem, [-14.0, 0.1, 14.0], "states", rtol=rtol).integral()
        off = abs(found.value - dd.total_current(problem))
        worst, ratio = max(worst, off * 4 * np.pi), max(ratio, off / found.error)
    return worst, f"{len(cases)} problems, at most {ratio:.2f} of the claimed error"


@claim("12", "walls of mass in the gap, T = 0, flat and with a step: |J_y - closed form|/(e/2h)Δ",
       "states", 1e-4, speed="quick")
def cold_totals() -> tuple[float, str]:
    gapped = [wall for wall in WALLS if wall != "gapless"]
    return totals([(wall, regime) for wall in gapped for regime in GAPS], 0.0, 1e-4)


@claim("12", "five walls of mass, T = 0.2Δ, flat and with a step: |J_y - closed form|/(e/2h)Δ",
       "states", 1e-4, speed="full")
def warm_totals() -> tuple[float, str]:
    return totals([(wall, regime) for wall in WALLS for regime in GAPS], WARM, 3e-4)


def apart(cases: list[tuple[str, tuple]], temperature: float) -> tuple[float, str]:
    """The largest distance of both engines over what both claim, and over j₀."""
    worst, ratio = 0.0, 0.0
    for wall, (U, fermi_energy) in cases:
        problem = dd.Problem(U, WALLS[wall], fermi_energy, temperature)
        states = dd.current_density(problem, X, "states", rtol=RTOL)
        green = dd.current_density(problem, X, "green", rtol=1e-5)
        off = np.abs(states.j_y - green.j_y)
        worst = max(worst, float(np.max(off)) / problem.current_scale)
        ratio = max(ratio, float(np.max(off / (states.error + green.error))))
    return ratio, f"{len(cases)} problems, {worst:.1e} of j₀"


@claim("12", "five walls of mass where leads conduct, T = 0.2Δ: distance of both engines over "
       "what both claim, rtol 3e-3", "both", 1.0, speed="full")
def warm() -> tuple[float, str]:
    cases = [(wall, regime) for wall in WALLS for regime in BANDS]
    return apart([*cases, ("skew", METALS)], WARM)


@claim("12", "the same at T = 0, and a gapless lead in the gap of the other", "both", 1.0,
       speed="full")
def cold() -> tuple[float, str]:
    cases = [(wall, regime) for wall in WALLS for regime in BANDS]
    return apart([*cases, ("skew", METALS), *(("gapless", regime) for regime in GAPS)], 0.0)


@claim("12", "half-plane, T = 0: j_y is (ε_F/2π) 2Δ e^{-2Δx} of its edge state (of j₀)", "states",
       1e-4, speed="quick")
def edge() -> float:
    problem, x, exact = half_plane()
    found = dd.current_density(problem, x, "states")
    return float(np.max(np.abs(found.j_y - exact))) / problem.current_scale


@claim("12", "a massless ribbon carries one uniform chiral state, ε_F/2πW (of j₀)", "states", 1e-4,
       speed="quick")
def ribbon() -> float:
    mass = 0.0 + dd.HardWall(-3.0, -1, "left") + dd.HardWall(3.0, 1, "right")
    problem = dd.Problem(0.0, mass, 0.4)
    found = dd.current_density(problem, np.linspace(-2.5, 2.5, 6), "states")
    return float(np.max(np.abs(found.j_y - 0.4 / (12 * np.pi)))) / problem.current_scale


if __name__ == "__main__":
    sys.exit(main(__doc__))
