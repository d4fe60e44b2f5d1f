"""j_y(x, ε_F) through all five regimes, for a step below and a step above 2Δ.

The current lives where ε_F lies in the local gap, between the lines U ± Δ, and rings in the metals.
"""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import BLACK, CURRENT_LABEL, plot_map

#: |x| shown, and the engine's accuracy: finer than a shade of the map.
REACH, RTOL = 7.0, 1e-3


def problems(quick: bool) -> Problems:
    return {name: dd.Problem(dd.TanhStep(-h, h, width=2.0))
            for name, h in {"below": 0.5, "above": 1.5}.items()}


def compute(problems: Problems, quick: bool) -> Data:
    x = np.linspace(-REACH, REACH, 41 if quick else 301)
    data = {"x": x}
    for name, problem in problems.items():
        top = problem.U_R + 1.6
        # None on an edge of a band, where the engine has most to do.
        energies = np.linspace(-top, top, 6 if quick else 160)
        found = [dd.current_density(replace(problem, fermi_energy=e), x, rtol=RTOL)
                 for e in energies]
        data |= {f"{name}_energy": energies, f"{name}_j": np.array([p.j_y for p in found]),
                 f"{name}_total": np.array([p.integral(-np.inf, np.inf).value for p in found])}
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(1, 2, figsize=(PAGE, 3.0))
    for ax, letter, (name, problem) in zip(axes, "ab", problems.items(), strict=True):
        x, energies = data["x"], data[f"{name}_energy"]
        plot_map(ax, x, energies, data[f"{name}_j"], CURRENT_LABEL)
        for sign in (1, -1):
            edge = problem.potential(x) + sign * problem.mass
            ax.plot(x, edge, color=BLACK, lw=0.9)
            ax.text(x[-1] - 0.4, edge[-1], r"$U+\Delta$" if sign > 0 else r"$U-\Delta$",
                    ha="right", va="bottom", fontsize=7.5)
        ax.set(ylabel=r"$\varepsilon_F$  [$E_0$]", xlim=(-REACH, REACH),
               ylim=(energies[0], energies[-1]))
        panel(ax, letter)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    found = {}
    for name, problem in problems.items():
        closed = np.array([dd.total_current(replace(problem, fermi_energy=e))
                           for e in data[f"{name}_energy"]])
        found[f"{name} 2Δ: |J_y - closed form|/max|J_y|"] = float(
            np.max(np.abs(data[f"{name}_total"] - closed)) / np.max(np.abs(closed)))
    return found


FIGURE = Figure("gallery_map", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
