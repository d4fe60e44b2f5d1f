"""Circles whose mass varies: levels, ring states, the current of a ring, both engines.

Where Δ(r) changes its sign a chiral state is bound to the circle, E ≈ U ± j/R. A warm ring, whose
levels heat smooths, carries through a half-line from its centre what a straight wall carries,
(e/2h)[c(ε_F - U_out; Δ_out) - c(ε_F - U_in; Δ_in)], rounded off by temperature; what is left is
e^{-2π²TR} and e^{-2R}. At T = 0 and in no potential all levels but those between the middle of the
gap and ε_F cancel: the current is a finite sum over ring states.

    python validation/claims/mass_circles.py [--quick]
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np

import dirac1d as dd
from dirac1d.dirac import E_OVER_2H
from dirac1d.exact import disc
from dirac1d.green.settings import Settings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from draws import random_ring
from report import claim, main
from study import other_settings, solve

R = np.array([0.3, 1.0, 2.0, 3.0, 4.0])
DOT, RING = dd.GaussianDot(-0.5, 1.4), dd.SmoothDisc(-2.0, 3.0, 1.0, outside=1.0)
#: Random problems, and the smallest rtol of smooth ones and of such with an edge.
RANDOM, LOOSE, EDGES = 15, 1e-4, 1e-3


@claim("", "levels of discs of another mass against Bessel functions in mpmath (of Δ)", "green",
       1e-11)
def levels() -> float:
    worst = 0.0
    for potential, mass in ((0.0, dd.Disc(-2.0, 3.0, outside=1.0)),
                            (dd.Disc(-1.5, 3.0, outside=0.2), dd.Disc(1.7, 3.0, outside=-1.0))):
        for j in (-2.5, -0.5, 0.5, 2.5):
            problem = dd.Problem(potential, mass)
            exact = [float(E) for E in disc.bound_states(problem, j, points=60)]
            found = np.asarray(dd.bound_states(problem, j).energies)
            if len(found) != len(exact):
                return np.inf
            worst = max(worst, float(np.max(np.abs(found - exact))))
    return worst


@claim("", "a ring state's E - j/R falls as R⁻² at fixed j/R: the order's distance from 2, "
       "R = 8 and 24", "green", 0.05)
def ring_states() -> tuple[float, str]:
    off = []
    for radius in (8.0, 24.0):
        mass = dd.SmoothDisc(-2.0, radius, 1.0, outside=1.0)
        (E,) = dd.bound_states(dd.Problem(0.0, mass), 3 * radius / 16).energies
        off.append(float(E) - 3 / 16)
    order = float(np.log(off[0] / off[1]) / np.log(3.0))
    return abs(order - 2), f"order {order:.3f}"


def capped(s: float, mass: float, T: float) -> float:
    """c(s; Δ), rounded off by temperature."""
    return T * float(np.logaddexp(0, (s + mass) / T) - np.logaddexp(0, (s - mass) / T)) - mass


@claim("12", "a warm ring, R = 12, T = 0.1Δ: the current through a half-line is a straight wall's "
       "closed form (of (e/2h)Δ)", "green", 1e-7)
def half_line() -> tuple[float, str]:
    s, T, radius = 0.3, 0.1, 12.0
    problem = dd.Problem(0.0, dd.SmoothDisc(-1.7, radius, 1.0, outside=1.0), s, T)
    total = dd.current_density(problem, np.linspace(0, 16, 20), rtol=1e-7).integral()
    exact = E_OVER_2H * (capped(s, 1.0, T) - capped(s, problem.mass.centre, T))
    off = abs(total.value - exact)
    return off / E_OVER_2H, f"{off / total.error:.2f} of the claimed error"


@claim("", "a disc of opposite mass in no potential, T = 0: j_φ is the sum of its ring states "
       "(of j₀)", "green", 1e-5)
def disc_of_opposite_mass() -> tuple[float, str]:
    s, r = 0.6, np.array([0.3, 1.0, 2.5, 3.5, 6.0])
    problem = dd.Problem(0.0, dd.Disc(-2.0, 3.0, outside=1.0), s)
    exact = np.zeros(len(r))
    for j in (0.5, 1.5, 2.5):
        states = dd.bound_states(problem, j)
        for E, (f, g) in zip(np.asarray(states.energies), states.spinors(r), strict=True):
            exact += 2 * f * g if 0 < E < s else 0.0
    found = dd.current_density(problem, r, rtol=1e-4)
    off = np.abs(found.j_phi - exact)
    return float(np.max(off)) / problem.current_scale, (
        f"{np.max(off / found.error):.2f} of the claimed error")


@claim("", "seven circles of mass, in the gap, in a metal, warm, in massless surroundings: "
       "distance of both engines over what both claim", "both", 1.0)
def engines() -> tuple[float, str]:
    worst = ratio = 0.0
    for potential, mass, energy, T in (
        (DOT, dd.GaussianDot(-0.5, 2.0, outside=1.0), 0.1, 0.0), (0.0, RING, 0.3, 0.0),
        (DOT, RING, 0.0, 0.0), (DOT, RING, 0.2, 0.1), (DOT, RING, 1.3, 0.0),
        (DOT, RING, 1.3, 0.05), (DOT, dd.GaussianDot(1.0, 2.0), 0.3, 0.0),
    ):
        problem = dd.Problem(potential, mass, energy, T)
        green = dd.current_density(problem, R, rtol=1e-5)
        states = dd.current_density(problem, R, "states")
        off = np.abs(green.j_phi - states.j_phi)
        worst = max(worst, float(np.max(off)) / problem.current_scale)
        ratio = max(ratio, float(np.max(off / (green.error + states.error))))
    return ratio, f"{worst:.1e} of j₀"


@claim("", f"{RANDOM} random circles of mass, U and T: the largest error over its estimate, by "
       "far tighter runs", "green", 1.0, speed="full")
def random_circles() -> tuple[float, str]:
    ratios = []
    for seed in range(RANDOM):
        problem, r, rtol = random_ring(np.random.default_rng([seed, 17]))
        edges = any(isinstance(q, dd.Disc) for q in (problem.mass, problem.potential))
        rtol = max(rtol, EDGES if edges else LOOSE)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            claimed = solve(problem, r, Settings.of(rtol))
            true = solve(problem, r, other_settings(rtol, np.inf))
        off = np.abs(claimed.j_phi - true.j_phi)
        ratios.append(float(np.max(off / (claimed.error + true.error))))
    return max(ratios), f"median {np.median(ratios):.1e}"


if __name__ == "__main__":
    sys.exit(main(__doc__))
