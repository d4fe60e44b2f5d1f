"""A puddle is a quantum dot: its current steps with every level, the smooth law holds on average.

U = -e^{-r²/72}, ħ = v_F = Δ = 1. In the smooth limit the current inside of the puddle vanishes; at
T = 0 it steps at each level that fills instead, and heat of a few level spacings averages it away.
"""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import BLACK

DOT = dd.GaussianDot(-1.0, np.sqrt(72.0))
TEMPERATURES = (0.0, 0.01, 0.05)
#: Below the width of a line; and for a first look.
ACCURACY, QUICK = 3e-3, 3e-2
#: Where the current is followed as the puddle fills: well inside.
INSIDE = 3.0
#: Gap of graphene on hexagonal boron nitride in kelvin: Δ = 19 meV.
KELVIN = 19e-3 / 8.617333e-5


def problems(quick: bool) -> Problems:
    return {f"{T:g}": dd.Problem(DOT, fermi_energy=0.5, temperature=T) for T in TEMPERATURES}


def compute(problems: Problems, quick: bool) -> Data:
    r, rtol = np.linspace(0, 18, 19 if quick else 181), QUICK if quick else ACCURACY
    fermi = np.linspace(0.2, 0.8, 2 if quick else 33)
    data = {"r": r, "fermi_energy": fermi}
    for name, problem in problems.items():
        profile = dd.current_density(problem, r, rtol=rtol)
        data[f"{name}_j"], data[f"{name}_error"] = profile.j_phi, profile.error
        data[f"{name}_inside"] = np.array([
            dd.current_density(replace(problem, fermi_energy=e), [INSIDE], rtol=rtol).j_phi[0]
            for e in fermi
        ])
    profile = dd.current_density(problems["0"], r, "states", rtol=rtol)
    data["states_j"], data["states_error"] = profile.j_phi, profile.error
    data["smooth"] = dd.exact.smooth_limit_current(problems["0"], r)
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.8))
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.85, len(problems)))
    for name, colour in zip(problems, colours, strict=True):
        label = f"$T$ = {name} $\\Delta$ ({float(name) * KELVIN:.0f} K)"
        left.plot(data["r"], data[f"{name}_j"], color=colour, label=label)
        right.plot(data["fermi_energy"], data[f"{name}_inside"], color=colour)
    left.plot(data["r"], data["smooth"], color=BLACK, ls="--", label="smooth law")
    for ax in (left, right):
        ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    left.set(xlabel=r"$r$  [$\hbar v_F/\Delta$]", xlim=(0, data["r"][-1]),
             ylabel=r"$j_\varphi/e$  [$\Delta^2/\hbar^2 v_F$]")
    right.set(xlabel=r"$\varepsilon_F$  [$\Delta$]", ylabel=f"$j_\\varphi$ at $r$ = {INSIDE:g}",
              xlim=(data["fermi_energy"][0], data["fermi_energy"][-1]))
    left.legend(loc="lower right", title=r"$\varepsilon_F$ = 0.5 $\Delta$")
    for ax, letter in ((left, "a"), (right, "b")):
        panel(ax, letter)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    apart = np.abs(data["states_j"] - data["0_j"])
    inside, scale = data["r"] < 0.7 * INSIDE, problems["0"].current_scale
    return {
        "|states - green|/claimed": float(np.max(apart / (data["0_error"] + data["states_error"]))),
        "warm current inside/j0": float(np.max(np.abs(data["0.05_j"][inside]))) / scale,
    }


FIGURE = Figure("puddle_as_dot", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
