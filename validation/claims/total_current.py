"""J_y = ∫ j_y dx against SR Eq. (12) and (27): five shapes of U, five regimes, both engines.

Steps of Δ (below 2Δ: Eq. 12, Fig. 1) and 3Δ (above: Eq. 27, Fig. 4); ε_F in each of the five
regimes of its figure, none of them a mirror image of another; T = 0.05Δ and T = 0. At T = 0 the
closed form is the printed equation, at T > 0 `dirac1d.total_current`.

"green" knows j_y to the ends of the leads: its integral runs over all x. "states" knows a strip:
its integral over the strip is compared with the closed form less what "green" has outside of it.
Each must also be right within its own error estimate.

    python validation/claims/total_current.py [--quick]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.linalg import eigh_tridiagonal

import dirac1d as dd
from dirac1d.dirac import E_OVER_2H

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

MASS = 1.0
#: ε_F in the five regimes of Fig. 1 (step Δ) and Fig. 4 (step 3Δ).
REGIMES = {1.0: (-2.0, -1.0, 0.1, 0.8, 1.8), 3.0: (-3.0, -1.0, 0.1, 0.8, 2.8)}
#: Strip of "states", and of "green" (which adds the leads beyond it).
STRIP = 10.0
#: rtol of "states": 1e-4, its default, takes a minute and more in a metal and is judged elsewhere.
STATES_RTOL = 1e-3
#: Rounding of a sum of ~1e3 terms: an error estimate below it claims too much.
ROUNDING = 1e-14
#: Allowed error over (U_R - U_L)/4π: j_y to rtol of j₀ ≈ (U_R - U_L)/4π · Δ on a length of 20/Δ.
ALLOWED = {"green": 20 * 1e-8, "states": 20 * STATES_RTOL}


def shapes(step: float) -> dict[str, dd.Potential]:
    left, right = -step / 2, step / 2
    return {
        "tanh": dd.TanhStep(left, right, width=1.0),
        "sharp": dd.SharpStep(left, right),
        "erf": dd.ErfStep(left, right, width=0.7),
        "ramp": dd.LinearRamp(left, right, length=2.0),
        "tanh + bump": dd.TanhStep(left, right, width=0.5) + dd.GaussianBump(0.4, 0.8, 1.0),
    }


@dataclass(frozen=True)
class Case:
    """A shape, a step and a regime."""

    shape: str
    step: float
    fermi_energy: float
    temperature: float = 0.0

    @property
    def problem(self) -> dd.Problem:
        """The problem of this case."""
        potential = shapes(self.step)[self.shape]
        return dd.Problem(potential, MASS, self.fermi_energy, self.temperature)

    def exact(self) -> float:
        """J_y: the printed equation at T = 0."""
        p = self.problem
        if p.temperature > 0:
            return float(dd.total_current(p))
        printed = dd.exact.total_current_eq12
        if self.step > 2 * p.mass:
            printed = dd.exact.total_current_eq27
        return float(printed(p.fermi_energy, p.U_L, p.U_R, p.mass))


@cache
def total(case: Case, engine: str) -> tuple[float, float]:
    """J_y over all x and the bound on its error."""
    # An even number of points: none on a jump at x = 0.
    x, problem = np.linspace(-STRIP, STRIP, 40), case.problem
    green = dd.current_density(problem, x, engine="green")
    if engine == "green":
        whole = green.integral(-np.inf, np.inf)
        return whole.value, whole.error
    strip = dd.current_density(problem, x, engine="states", rtol=STATES_RTOL).integral()
    ends = (green.integral(-np.inf, -STRIP), green.integral(STRIP, np.inf))
    return strip + sum(ends), strip.error + sum(e.error for e in ends)


def deviation(cases: list[Case], engine: str) -> tuple[float, str]:
    """Largest error over (U_R - U_L)/4π; infinite if an error estimate was too small."""
    off, ratios = [], []
    for case in cases:
        value, error = total(case, engine)
        off.append(abs(value - case.exact()) / (case.step * E_OVER_2H))
        ratios.append(abs(value - case.exact()) / (error + ROUNDING))
    note = f"{len(cases)} problems, error/estimate up to {max(ratios):.2g}"
    return max(off) if max(ratios) <= 1 else np.inf, note


def every(step: float, temperature: float) -> list[Case]:
    return [Case(name, step, e, temperature) for name in shapes(step) for e in REGIMES[step]]


@claim("9, 12", "insulator, T = 0: J_y of tanh, erf, sharp and bumped steps (over (U_R-U_L)/4π, "
       "and within the estimate)", "green", ALLOWED["green"], speed="fast", misprint="eq10")
def insulator():
    return deviation([Case(s, 1.0, 0.1) for s in shapes(1.0) if s != "ramp"], "green")


@claim("12", "step Δ, T = 0: five shapes in five regimes", "green", ALLOWED["green"], speed="full",
       misprint="eq10")
def small_step_cold():
    return deviation(every(1.0, 0.0), "green")


@claim("12", "step Δ, T = 0.05Δ: five shapes in five regimes", "green", ALLOWED["green"],
       speed="full")
def small_step_warm():
    return deviation(every(1.0, 0.05), "green")


@claim("27", "step 3Δ, T = 0: five shapes in five regimes", "green", ALLOWED["green"], speed="full",
       misprint="text27")
def large_step_cold():
    return deviation(every(3.0, 0.0), "green")


@claim("27", "step 3Δ, T = 0.05Δ: five shapes in five regimes", "green", ALLOWED["green"],
       speed="full")
def large_step_warm():
    return deviation(every(3.0, 0.05), "green")


@claim("27", "step 3Δ, T = 0.05Δ: tanh, metal-metal and half-metal", "green", ALLOWED["green"],
       misprint="text27")
def large_step_quick():
    return deviation([Case("tanh", 3.0, e, 0.05) for e in REGIMES[3.0][2:4]], "green")


@claim("9, 12", "insulator, T = 0: tanh, erf and bumped steps", "states", ALLOWED["states"],
       misprint="eq10")
def insulator_lattice():
    return deviation([Case(s, 1.0, 0.1) for s in ("tanh", "erf", "tanh + bump")], "states")


@claim("12", "step Δ, T = 0: ramp in the gap, tanh half-metal", "states", ALLOWED["states"],
       speed="full")
def small_step_lattice_cold():
    cases = [Case("ramp", 1.0, 0.1), Case("tanh", 1.0, 0.8)]
    return deviation(cases, "states")


@claim("12", "step Δ, T = 0.05Δ: tanh in five regimes", "states", ALLOWED["states"], speed="full")
def small_step_lattice():
    return deviation([Case("tanh", 1.0, e, 0.05) for e in REGIMES[1.0]], "states")


@claim("27", "step 3Δ, T = 0.05Δ: tanh in five regimes", "states", ALLOWED["states"], speed="full",
       misprint="text27")
def large_step_lattice():
    return deviation([Case("tanh", 3.0, e, 0.05) for e in REGIMES[3.0]], "states")


@claim("27", "step 3Δ, T = 0.05Δ, metal-metal: tanh, erf and bumped steps", "states",
       ALLOWED["states"], speed="full")
def metal_metal_lattice():
    return deviation([Case(s, 3.0, 0.1, 0.05) for s in ("tanh", "erf", "tanh + bump")], "states")


@claim("27", "metal-metal, T = 0: J_y = -(e/h)Δ (relative) while the step's transmission falls "
       "from over 0.3 to under 1e-3 with its width", "green", 1e-6, speed="full")
def tunnelling():
    off, probabilities = [], []
    for width in (0.1, 0.8, 4.0):
        problem = dd.Problem(dd.TanhStep(-1.5, 1.5, width), MASS, 0.1)
        found = dd.current_density(problem, np.linspace(-8, 8, 9)).integral(-np.inf, np.inf)
        off.append(abs(found.value / (-2 * E_OVER_2H * MASS) - 1))
        state = dd.scattering_state(problem, 0.1, 0.0, "left")
        probabilities.append(state.transmission_probability)
    if not (probabilities[0] > 0.3 and probabilities[-1] < 1e-3):
        return np.inf, "transmission does not span the range"
    return max(off), "transmission " + ", ".join(f"{p:.1e}" for p in probabilities)


@claim("12", "text: a filled Landau level in the same step carries twice the insulator's J_y "
       "(|ratio| - 2)", "green", 1e-6, speed="fast")
def half_landau_level():
    field, step, points = 2.0, dd.TanhStep(-0.5, 0.5, 1.0), np.linspace(-14, 14, 1121)
    h, k = points[1] - points[0], np.linspace(-18, 18, 121)
    velocities = []
    for momentum in k:  # lowest level of (p² + (k - Bx)²)/2 + U, ∂E/∂k = ⟨k - Bx⟩
        arm = momentum - field * points
        diagonal = 1 / h**2 + arm**2 / 2 + step(points)
        hopping = np.full(len(points) - 1, -0.5 / h**2)
        _, state = eigh_tridiagonal(diagonal, hopping, select="i", select_range=(0, 0))
        velocities.append(float(state[:, 0] ** 2 @ arm))
    landau = np.sum(velocities) * (k[1] - k[0]) / (2 * np.pi)
    profile = dd.current_density(dd.Problem(step, MASS), np.linspace(-8, 8, 9))
    return abs(abs(landau / profile.integral(-np.inf, np.inf).value) - 2)


if __name__ == "__main__":
    sys.exit(main(__doc__))
