"""A rough step in two dimensions: every line carries the current of SR Eq. (12).

U(x, y) rises from -Δ/2 to Δ/2 along a wavy edge with dots on it, periodic in y. (b) The current
goes where it likes, (c) M along lines of constant y too, but from lead to lead its change is one
number, J_y. (d) The engine's own sum of it, before the leads are put in, at T = 0.1 Δ on Eq. (12);
below, how far off it is (points), and the error that is claimed (bars).
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.map_figure import draw_current, draw_potential
from dirac1d.apps.plotting import BLACK, BLUE, VERMILLION

PERIOD, TEMPERATURE, SHOWN = 5.0, 0.1, 0.3
ENERGIES = (-2.2, -1.7, -1.3, -1.0, -0.7, -0.3, 0.0, 0.3, 0.7, 1.0, 1.3, 1.7, 2.2)
ACCURACY, ROUGH, QUICK = 1e-2, 3e-2, 0.2


def rough(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A step along a wavy edge, and two dots."""
    turn = 2 * np.pi * y / PERIOD
    edge = 0.5 * np.tanh(x - 0.9 * np.cos(turn))
    dots = 0.5 * np.exp(-((x - 1) ** 2) + 1.5 * (np.cos(turn - 2) - 1))
    return edge + dots - 0.4 * np.exp(-((x + 1.5) ** 2) + 1.5 * (np.cos(turn - 4) - 1))


def problems(quick: bool) -> Problems:
    strip = dd.Strip(rough, PERIOD, -0.5, 0.5)
    energies = (SHOWN, 1.7) if quick else (SHOWN, *(e for e in ENERGIES if e != SHOWN))
    return {f"{e:g}": dd.Problem(strip, fermi_energy=e, temperature=TEMPERATURE)
            for e in energies}


def compute(problems: Problems, quick: bool) -> Data:
    x, y = np.linspace(-5, 5, 21 if quick else 121), np.linspace(0, PERIOD, 13 if quick else 61)
    data: Data = {"x": x, "y": y}
    own, error, exact = [], [], []
    for i, problem in enumerate(problems.values()):
        rtol = QUICK if quick else ROUGH if i else ACCURACY
        found = dd.current_map(problem, x, y, rtol=rtol)
        exact.append(float(dd.total_current(problem)))
        own.append(exact[-1] - found.details["missed_of_J_y"])
        error.append(np.max(found.M_error))
        if i == 0:
            data |= {"j_x": found.j_x, "j_y": found.j_y, "M": found.M}
    return data | {"energies": [p.fermi_energy for p in problems.values()], "J_y": own,
                   "error": error, "exact": exact}


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(2, 2, figsize=(PAGE, 5.4))
    first, x, y = next(iter(problems.values())), data["x"], data["y"]
    draw_potential(axes[0, 0], first, x, y)
    largest = float(np.max(np.hypot(data["j_x"], data["j_y"])))
    draw_current(axes[0, 1], x, y, data["j_x"], data["j_y"], largest)
    ax, lines = axes[1, 0], np.linspace(0, len(y) - 1, 6).astype(int)[:-1]
    for i, shade in zip(lines, np.linspace(0.15, 0.8, len(lines)), strict=True):
        ax.plot(x, 4 * np.pi * data["M"][:, i], color=plt.get_cmap("viridis")(shade),
                label=f"$y$ = {y[i]:.1f}")
    for end in (0, -1):
        ax.axhline(4 * np.pi * data["M"][end, 0], color=BLACK, ls=":", lw=0.8)
    ax.set(xlabel=r"$x$  [$\hbar v_F/\Delta$]", ylabel=r"$M$  [$e\Delta/2h$]", xlim=(x[0], x[-1]))
    ax.legend(fontsize=7)
    axes[1, 1].remove()
    upper, lower = axes[1, 1].get_subplotspec().subgridspec(2, 1, height_ratios=(2, 1)).subplots()
    order = np.argsort(data["energies"])
    energies, J = data["energies"][order], 4 * np.pi * data["J_y"][order]
    fine = np.linspace(energies[0] - 0.2, energies[-1] + 0.2, 401)
    left, right = (dd.exact.capped_energy(fine - U, first.mass, TEMPERATURE)
                   for U in first.potential.leads)
    upper.plot(fine, right - left, color=BLACK, lw=0.9, label="Eq. (12)")
    upper.plot(energies, J, "o", color=BLUE, ms=4, label="sum over states")
    upper.set(ylabel=r"$J_y$  [$e\Delta/2h$]", xticklabels=[], xlim=(fine[0], fine[-1]))
    upper.legend(fontsize=7)
    apart = np.abs(data["J_y"] - data["exact"])[order]
    lower.semilogy(energies, 4 * np.pi * apart, "o", color=BLUE, ms=3)
    lower.semilogy(energies, 4 * np.pi * data["error"][order], "_", color=VERMILLION, ms=7)
    lower.set(xlabel=r"$\varepsilon_F$  [$\Delta$]", ylabel="distance",
              xlim=(fine[0], fine[-1]))
    for a, letter, text in zip((axes[0, 0], axes[0, 1], ax, upper), "abcd",
                               ("$U$", "$|j|$", "", ""), strict=True):
        panel(a, letter, text)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    apart = np.abs(data["J_y"] - data["exact"])
    return {
        "|J_y - Eq. (12)| [e/2h]": float(4 * np.pi * np.max(apart)),
        "the same/claimed error of M": float(np.max(apart / data["error"])),
    }


FIGURE = Figure("strip_universal", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
