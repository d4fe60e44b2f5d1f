"""Both engines against solvable walls of mass: tanh walls, sharp ones with sharp steps (mpmath).

    python validation/claims/mass_walls_exact.py [--quick]
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import dirac1d as dd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

X = np.array([-1.5, 0.2, 0.9])
#: In the gap, one and two branches, flat and raised; a falling wall; a gapless lead; half-metals
#: and metals; warm.
GAP = (dd.Problem(0.0, dd.TanhStep(-1, 1, 2.0), 0.3), dd.Problem(0.1, dd.TanhStep(-1, 1.5, 0.5),
                                                               0.4))
BANDS = (dd.Problem(0.0, dd.TanhStep(1, -1, 3.0), 1.3), dd.Problem(0.0, dd.TanhStep(-1, 1.5, 1.0),
                                                                  1.8),
         dd.Problem(0.0, dd.TanhStep(0.3, 1.5, 1.0), 1.0), dd.Problem(0.0, dd.TanhStep(0, 1, 1.0),
                                                                     0.5))
WARM = (dd.Problem(0.0, dd.TanhStep(-1, 0.5, 0.7), 0.3, 0.1),)
#: Sharp walls with sharp steps, in one place and apart: in the gap and in a band, warm; cold.
STEPS = dd.SharpStep(-0.3, 0.4), dd.SharpStep(-1, 0.7)
SHARP_WARM = (dd.Problem(*STEPS, 0.1, 0.2), dd.Problem(*STEPS, 1.5, 0.2))
SHARP_COLD = (dd.Problem(0.0, STEPS[1], 0.3),)
APART = (dd.Problem(dd.SharpStep(-0.3, 0.4, 0.2), dd.SharpStep(-1, 0.7, -0.5), 0.1),)
#: Digits of the references: below every error that is judged.
DIGITS = 9


@cache
def exact(problem: dd.Problem, places: tuple[float, ...]) -> NDArray:
    return np.array([float(dd.exact.wall_current(problem, v, DIGITS).value) for v in places])


def worst(problems: tuple[dd.Problem, ...], engine: str, rtol: float, x: NDArray = X
          ) -> tuple[float, str]:
    """The largest error over j₀; infinite where what is claimed is exceeded."""
    error, ratio = 0.0, 0.0
    for problem in problems:
        found = dd.current_density(problem, x, engine, rtol=rtol)
        off = np.abs(found.j_y - exact(problem, tuple(x)))
        error = max(error, float(np.max(off)) / problem.current_scale)
        ratio = max(ratio, float(np.max(off / found.error)))
    return error if ratio <= 1 else np.inf, f"{len(problems)} problems, {ratio:.2g} of the claim"


@claim("3", "tanh walls of mass in the gap, T = 0: largest error of j_y over j₀", "green", 1e-8)
def gap() -> tuple[float, str]:
    return worst(GAP, "green", 1e-8)


@claim("3", "tanh walls of mass in half-metals and metals, T = 0", "green", 1e-8, speed="full")
def bands() -> tuple[float, str]:
    return worst(BANDS, "green", 1e-8)


@claim("3", "a tanh wall of mass, T = 0.1", "green", 1e-8, speed="full")
def warm() -> tuple[float, str]:
    return worst(WARM, "green", 1e-8)


@claim("3", "sharp walls of mass with sharp steps, T = 0.2, rtol 1e-7", "green", 1e-7,
       speed="full")
def sharp_warm() -> tuple[float, str]:
    return worst(SHARP_WARM, "green", 1e-7, X[2:])


@claim("3", "a sharp wall of mass, T = 0, rtol 1e-7", "green", 1e-7, speed="full")
def sharp_cold() -> tuple[float, str]:
    return worst(SHARP_COLD, "green", 1e-7, X[2:])


@claim("3", "a sharp wall of mass beside a sharp step, T = 0 in the gap, rtol 1e-5", "green", 1e-5,
       speed="full")
def apart_cold() -> tuple[float, str]:
    return worst(APART, "green", 1e-5, X[2:])


@claim("3", "tanh walls of mass in the gap, T = 0", "states", 1e-4)
def gap_lattice() -> tuple[float, str]:
    return worst(GAP, "states", 1e-4)


@claim("3", "gapless lead and half-metal, T = 0", "states", 1e-4, speed="full")
def bands_lattice() -> tuple[float, str]:
    return worst(BANDS[2:], "states", 1e-4)


@claim("", "reflection by the supersymmetric wall Δ₀w = 1 at p_y = 0: none", "green", 1e-13,
       speed="fast")
def transparent() -> float:
    problem = dd.Problem(0.0, dd.TanhStep(-1, 1, 1.0))
    return dd.scattering_state(problem, 1.3, 0.0, "left").reflection_probability


if __name__ == "__main__":
    sys.exit(main(__doc__))
