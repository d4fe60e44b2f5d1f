"""Two engines that share no code agree within the sum of their errors."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd

X = np.array([-2.0, -0.7, 0.2, 0.9, 3.0])
T = 0.1

PROBLEMS = {
    "gap": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)),
    "gap, off centre": dd.Problem(dd.TanhStep(-0.3, 0.8, 0.6, 0.2), 1.0, 0.1),
    "gap, step beyond the gap's half": dd.Problem(dd.ErfStep(-0.9, 0.9, 1.5)),
    "gap, heavy": dd.Problem(dd.ErfStep(-1.0, 1.0, 0.5), 3.0),
    "gap, light and warm": dd.Problem(dd.TanhStep(-0.1, 0.1, 3.0), 0.3, 0.0, T),
    "half-metal": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, 1.0, T),
    "valence half-metal, negative mass": dd.Problem(
        dd.TanhStep(-0.5, 0.5, 1.0), -1.0, -1.0, T
    ),
    "metal": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, 2.0, 3 * T),
    "metal-metal": dd.Problem(dd.TanhStep(-1.5, 1.5, 1.0), 1.0, 0.0, 2 * T),
    "band edge": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, 0.5, T),
    "bump": dd.Problem(dd.GaussianBump(1.5, 1.0), 1.0, 0.3, T),
    "kinks": dd.Problem(dd.LinearRamp(-0.5, 0.5, 1.5)),
    "function": dd.Problem(
        dd.FunctionPotential(lambda x: 0.4 * np.tanh(x) ** 3, -0.4, 0.4), 1.0, 0.1
    ),
}


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_engines_agree(problem, solve):
    states, green = solve(problem, X, "states", 1e-3), solve(problem, X, "green", 1e-6)
    difference = np.abs(states.j_y - green.j_y)
    assert np.all(difference <= states.error + green.error), difference / states.error
    # And agree to something: better than 1 % of j₀.
    assert np.max(difference) < 1e-2 * problem.current_scale


@pytest.mark.parametrize("name", ["gap", "half-metal"])
def test_temperature_changes_the_current_smoothly_to_zero(name, solve):
    """T → 0: in the gap exponentially small, 2T e^{-gap/T}; the T = 0 limit is continuous."""
    problem = PROBLEMS[name]
    at = [
        solve(dd.Problem(problem.potential, 1.0, problem.fermi_energy, t), X, "green", 1e-6)
        for t in (0.0, 1e-3, 0.02)
    ]
    change = [np.max(np.abs(p.j_y - at[0].j_y)) / problem.current_scale for p in at[1:]]
    # ε_F sits 0.5 from a band edge in both: what is left is of order T² or less. In the gap it
    # is e^{-25} at most, so both changes are the engine's own error, rtol = 1e-6 twice.
    assert change[0] < 1e-4
    assert change[0] <= change[1] + 2e-6
    assert change[1] < (2e-6 if name == "gap" else 0.05)
