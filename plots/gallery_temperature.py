"""What temperature does: Friedel ringing of a half-metal dies first, then the corners of J_y(ε_F).
"""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, RTOL, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import BLACK, CURRENT_LABEL, X_LABEL, plot_total

TEMPERATURES = (0.0, 0.05, 0.1, 0.3)


def problems(quick: bool) -> Problems:
    step = dd.TanhStep(-0.5, 0.5, width=1.0)
    return {f"{T:g}": dd.Problem(step, fermi_energy=1.2, temperature=T) for T in TEMPERATURES}


def compute(problems: Problems, quick: bool) -> Data:
    x = np.linspace(-14, 6, 81 if quick else 401)
    # None on a corner of T = 0.
    fermi = np.linspace(-2.45, 2.45, 3 if quick else 26)
    data = {"x": x, "fermi_energy": fermi}
    for name, problem in problems.items():
        data[f"{name}_j"] = dd.current_density(problem, x, rtol=RTOL).j_y
        data[f"{name}_total"] = np.array([
            dd.current_density(replace(problem, fermi_energy=e), x[::20], rtol=10 * RTOL)
            .integral(-np.inf, np.inf).value for e in fermi
        ])
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.8))
    fine = np.linspace(data["fermi_energy"][0], data["fermi_energy"][-1], 401)
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.85, len(problems)))
    for (name, problem), colour in zip(problems.items(), colours, strict=True):
        left.plot(data["x"], data[f"{name}_j"], color=colour, label=f"$T$ = {name} $E_0$")
        closed = [dd.total_current(replace(problem, fermi_energy=e)) for e in fine]
        plot_total(right, data["fermi_energy"], data[f"{name}_total"], closed=(fine, closed),
                   color=colour)
    right.plot([], [], color=BLACK, label="closed form")
    right.plot([], [], color=BLACK, ls="", marker="o", ms=3, mfc="none", label="engine")
    left.axhline(0, color="0.7", lw=0.6, zorder=0)
    left.set(xlabel=X_LABEL, ylabel=CURRENT_LABEL, xlim=(data["x"][0], data["x"][-1]))
    right.set(xlim=(fine[0], fine[-1]), ylim=(None, 0.012))
    left.locator_params(axis="x", nbins=6)
    left.legend(loc="lower left", title=r"$\varepsilon_F$ = 1.2 $E_0$")
    right.legend(loc="upper center", bbox_to_anchor=(0.5, 0.86))
    for ax, letter in ((left, "a"), (right, "b")):
        panel(ax, letter)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    worst = 0.0
    for name, problem in problems.items():
        closed = np.array([dd.total_current(replace(problem, fermi_energy=e))
                           for e in data["fermi_energy"]])
        worst = max(worst, float(np.max(np.abs(data[f"{name}_total"] - closed))))
    return {"|J_y - closed form|/max|J_y|": worst / abs(dd.total_current(
        replace(problems["0"], fermi_energy=0.0)))}


FIGURE = Figure("gallery_temperature", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
