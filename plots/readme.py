"""The picture of the README: a step in the gap and in a half-metal, from the default engine.

Above the bands U ± Δ and ε_F, below the current density j_y(x) that flows along the step.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, RTOL, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import BLUE, CURRENT_LABEL, X_LABEL, plot_bands

FERMI_ENERGIES = {"gap": 0.0, "half-metal": 1.2}
REACH = 10.0


def problems(quick: bool) -> Problems:
    step = dd.TanhStep(-0.5, 0.5, width=1.0)
    return {name: dd.Problem(step, fermi_energy=e) for name, e in FERMI_ENERGIES.items()}


def compute(problems: Problems, quick: bool) -> Data:
    x = np.linspace(-REACH, REACH, 81 if quick else 601)
    data = {"x": x}
    for name, problem in problems.items():
        profile = dd.current_density(problem, x, rtol=RTOL)
        data |= {f"{name}_j": profile.j_y,
                 f"{name}_total": np.array(profile.integral(-np.inf, np.inf).value)}
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(
        2, 2, sharex=True, sharey="row", figsize=(PAGE, 3.6), height_ratios=(1, 1.2))
    for column, letters, (name, problem) in zip(axes.T, ("ac", "bd"), problems.items(),
                                                strict=True):
        plot_bands(column[0], problem, data["x"]).set_xlabel("")
        column[1].plot(data["x"], data[f"{name}_j"], color=BLUE)
        column[1].axhline(0, color="0.7", lw=0.6, zorder=0)
        column[1].set_xlabel(X_LABEL)
        column[1].text(0.04, 0.08, rf"$J_y/e$ = {data[f'{name}_total']:.4f} $E_0/\hbar$",
                       fontsize=8, transform=column[1].transAxes)
        panel(column[0], letters[0],
              rf"{problem.regime}, $\varepsilon_F$ = {problem.fermi_energy:g} $E_0$")
        panel(column[1], letters[1])
    axes[1, 0].set_ylabel(CURRENT_LABEL)
    axes[0, 1].set_ylabel("")
    axes[0, 1].get_legend().remove()
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    return {"|J_y/closed form - 1|": max(
        abs(float(data[f"{name}_total"]) / dd.total_current(problem) - 1)
        for name, problem in problems.items())}


FIGURE = Figure("readme", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
