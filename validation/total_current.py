"""J_y = ∫ j_y dx against SR Eq. (12) and (27): five shapes of U, five regimes, both engines.

Steps of Δ (below 2Δ: Eq. 12, Fig. 1) and 3Δ (above: Eq. 27, Fig. 4); ε_F in each of the five
regimes of its figure, none of them a mirror image of another; T = 0.05Δ and T = 0. At T = 0 the
closed form is the printed equation, at T > 0 `dirac1d.total_current`.

"green" knows j_y to the ends of the leads: its integral runs over all x. "states" knows a strip:
its integral over the strip is compared with the closed form less what "green" has outside of it.
Each must be right within its own error estimate, and that estimate small.

    python validation/total_current.py [--engine states|green|both] [--quick]
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import numpy as np
from _report import Claim, check, heading, quiet, remark, timed, verdict
from tqdm import tqdm

import dirac1d as dd

MASS = 1.0
#: ε_F in the five regimes of Fig. 1 (step Δ) and Fig. 4 (step 3Δ).
REGIMES = {1.0: (-2.0, -1.0, 0.1, 0.8, 1.8), 3.0: (-3.0, -1.0, 0.1, 0.8, 2.8)}
TEMPERATURES = (0.05, 0.0)
#: Strip of "states", and of "green" (which adds the leads beyond it).
STRIP = 10.0
#: rtol of "states": 1e-4, its default, takes a minute and more in a metal and is judged elsewhere.
STATES_RTOL = 1e-3
#: Rounding of a sum of ~1e3 terms: an error estimate below it claims too much.
ROUNDING = 1e-14
#: Largest estimate allowed, over (U_R - U_L)/4π: j_y to rtol of j₀ ≈ (U_R - U_L)/4π · Δ on a
#: length of 20/Δ.
LARGEST_ERROR = {"green": 20 * 1e-8, "states": 20 * STATES_RTOL}


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
    """A shape in a regime."""

    shape: str
    problem: dd.Problem

    @property
    def label(self) -> str:
        """One line for the table."""
        p = self.problem
        step = p.U_R - p.U_L
        return (f"{self.shape:11} step {step:g} eF {p.fermi_energy:4g} T {p.temperature:<4g} "
                f"{p.regime}")

    @property
    def cold_insulator(self) -> bool:
        """The cheapest regime: both leads in the gap at T = 0."""
        return self.problem.regime == "insulating" and self.problem.temperature == 0

    def exact(self) -> float:
        """J_y: the printed equation at T = 0."""
        p = self.problem
        if p.temperature > 0:
            return float(dd.total_current(p))
        step = p.U_R - p.U_L
        printed = dd.exact.total_current_eq12
        if step > 2 * p.mass:
            printed = dd.exact.total_current_eq27
        return float(printed(p.fermi_energy, p.U_L, p.U_R, p.mass))


def cases(engine: str, quick: bool) -> list[Case]:
    every = [
        Case(name, dd.Problem(potential, MASS, fermi_energy, T))
        for T in TEMPERATURES
        for step, energies in REGIMES.items()
        for fermi_energy in energies
        for name, potential in shapes(step).items()
    ]
    if not quick:
        return every
    if engine == "states":
        return [c for c in every if c.cold_insulator and c.shape in ("tanh", "erf", "tanh + bump")]
    warm = [c for c in every if c.shape == "tanh" and c.problem.temperature > 0]
    # Not the ramp: it takes longer than all of these together.
    cold = [c for c in every if c.cold_insulator and c.shape != "ramp"]
    return warm[1:4] + cold


def total(case: Case, engine: str) -> tuple[float, float]:
    """J_y over all x and the bound on its error."""
    # An even number of points: none on a jump at x = 0.
    x = np.linspace(-STRIP, STRIP, 40)
    green = dd.current_density(case.problem, x, engine="green")
    if engine == "green":
        whole = green.integral(-np.inf, np.inf)
        return whole.value, whole.error
    strip = dd.current_density(case.problem, x, engine="states", rtol=STATES_RTOL).integral()
    ends = (green.integral(-np.inf, -STRIP), green.integral(STRIP, np.inf))
    return strip + sum(ends), strip.error + sum(e.error for e in ends)


def validate(engine: str, quick: bool) -> list[bool]:
    heading(f"engine {engine!r}: |∫j_y dx - J_y of the closed form|, allowed: its own error")
    results, ratios, sizes = [], [], []
    for case in tqdm(cases(engine, quick), desc=engine, disable=None, leave=False):
        (value, error), seconds = timed(lambda case=case: total(case, engine))
        off, exact = abs(value - case.exact()), case.exact()
        results.append(check(Claim(
            case.label, off, error + ROUNDING, note=f"J_y {exact:+.6f}, {seconds}")))
        ratios.append(off / (error + ROUNDING))
        sizes.append(4 * np.pi * error / (case.problem.U_R - case.problem.U_L))
    remark("largest error over its estimate", f"{max(ratios):.2f}")
    results.append(check(Claim(
        "largest estimate over (U_R - U_L)/4π", max(sizes), LARGEST_ERROR[engine])))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=("states", "green", "both"), default="both")
    parser.add_argument("--quick", action="store_true", help="a few cases, seconds")
    options = parser.parse_args()
    engines = ("green", "states") if options.engine == "both" else (options.engine,)
    with quiet():
        return verdict([r for e in engines for r in validate(e, options.quick)])


if __name__ == "__main__":
    sys.exit(main())
