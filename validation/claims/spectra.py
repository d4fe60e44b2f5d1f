"""Spectra at a real energy by both engines: the lattice with exact leads, and the continuum.

The density of states and the energy-resolved current of lines, walls of mass and circles. Neither
engine sums a Dirac sea here; one has a resolvent by continued fractions, the other by Riccati
equations, and they go around levels in different ways.

    python validation/claims/spectra.py [--quick]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import dirac1d as dd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main
from walls import LARGE, STEP, WALLS

X = np.array([-3.7, -1.3, -0.2, 0.6, 2.0, 5.0])
R = np.array([0.05, 0.7, 1.9, 2.3, 6.0])
#: U, Δ and energies: in a band of one lead, of both, in the gap of both where levels are bound.
LINES = (
    (STEP, 1.0, (1.2, 2.0, -1.3)), (LARGE, -1.0, (0.1, 3.2)),
    (dd.SharpStep(-0.5, 0.5), 1.0, (1.1, -1.8)), (dd.LinearRamp(-2.0, 2.0, 3.0), 1.0, (0.0, 3.5)),
    (dd.GaussianBump(-1.5, 2.0), 1.0, (0.2, 1.3)), (dd.GaussianBump(2.0, 1.5), 0.7, (1.0, -1.1)),
)
CIRCLES = (
    (dd.GaussianDot(-2.5, 2**0.5), (1.02, 1.3, -2.0)), (dd.Disc(-1.0, 2.0, 0.1), (1.6, -1.6)),
    (dd.SmoothDisc(1.5, 2.0, 0.5), (1.2, 2.5)),
)
RTOL = 1e-4


def apart(cases: list[tuple[dd.Problem, np.ndarray, tuple[float, ...]]]) -> tuple[float, str]:
    """The largest distance over what both claim, and over rtol times the scales asked for."""
    ratio, count, worst = 0.0, 0, 0.0
    for problem, x, energies in cases:
        for function in (dd.local_density_of_states, dd.energy_resolved_current):
            for energy in energies:
                if function is dd.energy_resolved_current and problem.current_scale == 0:
                    continue
                lattice = function(problem, x, energy, "states", rtol=RTOL)
                continuum = function(problem, x, energy, "green", rtol=1e-6)
                off = np.abs(np.asarray(lattice) - np.asarray(continuum))
                ratio = max(ratio, float(np.max(off / (lattice.error + continuum.error))))
                worst = max(worst, float(np.max(off) / np.max(np.abs(continuum))))
                ratio = ratio if lattice.converged else np.inf
                count += 1
    return ratio, f"{count} spectra, {worst:.1e} of their largest"


@claim("15", "density of states and j^ε of steps, barriers, wells: distance of both engines over "
       "what both claim, rtol 1e-4", "both", 1.0, speed="quick")
def lines() -> tuple[float, str]:
    return apart([(dd.Problem(U, mass), X, energies) for U, mass, energies in LINES])


@claim("15", "the same of walls of mass, flat and with a step", "both", 1.0, speed="quick")
def walls() -> tuple[float, str]:
    return apart([(dd.Problem(U, wall), X, energies) for wall in WALLS.values()
                  for U, energies in ((0.0, (0.3,)), (STEP, (0.2, 1.8)))])


@claim("15", "the same of circles", "both", 1.0, speed="quick")
def circles() -> tuple[float, str]:
    return apart([(dd.Problem(U), R, energies) for U, energies in CIRCLES])


if __name__ == "__main__":
    sys.exit(main(__doc__))
