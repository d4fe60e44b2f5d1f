"""Lines of stopping points: the current of one energy runs where a puddle of that energy ends.

j^ε = dj/dε_F of a smooth random potential, over a Lorentzian of half width Δ/10. SR Eq. (15) has it
on the lines where classical electrons turn round, U = ε - Δ (blue, of the conduction band) and
U = ε + Δ (red, of holes), e/2h times the width of neither: M^ε is -(e/2h) in the gap and 0 in the
bands. Waves make lines a wavelength wide, and rings inside the puddles. (c) Along the dotted line.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.map_figure import draw_potential
from dirac1d.apps.plotting import BLACK, BLUE, VERMILLION

SIDE, RMS, LENGTH, SEED = 20.0, 1.3, 2.8, 6
ENERGIES, WIDTH = (0.0, 0.8), 0.1
#: Of j₀/|Δ|, where j^ε itself is several.
ACCURACY, QUICK = 2e-2, 0.3


def problems(quick: bool) -> Problems:
    side = SIDE / 2 if quick else SIDE
    cell = dd.disorder(RMS, LENGTH / (2 if quick else 1), (side, side), SEED)
    return {f"{E:g}": dd.Problem(cell, fermi_energy=E) for E in ENERGIES}


def law(problem: dd.Problem, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """M^ε of the smooth limit over the Lorentzian; its mean over the cell is that of nothing."""
    s = problem.fermi_energy - problem.potential(x[:, None], y)
    inside = np.arctan((1 - s) / WIDTH) + np.arctan((1 + s) / WIDTH)
    return -inside / np.pi / (4 * np.pi)


def compute(problems: Problems, quick: bool) -> Data:
    side = next(iter(problems.values())).potential.lengths[0]
    x = np.linspace(0.0, side, 24 if quick else 140, endpoint=False)
    data: Data = {"x": x}
    for name, problem in problems.items():
        found = dd.energy_resolved_map(
            problem, x, x, problem.fermi_energy, width=WIDTH, rtol=QUICK if quick else ACCURACY)
        M = law(problem, x, x)
        data |= {f"{name}_x": found.j_x, f"{name}_y": found.j_y, f"{name}_M": found.M,
                 f"{name}_law": M - np.mean(M),
                 f"{name}_error": np.max(found.error) / problem.current_scale}
    return data


def draw_lines(
    ax: plt.Axes, problem: dd.Problem, x: np.ndarray, j_x: np.ndarray, j_y: np.ndarray
) -> None:
    """|j^ε| in colours, its direction where it is large, and the lines of stopping points."""
    size = np.hypot(j_x, j_y)
    mesh = ax.pcolormesh(x, x, size.T, cmap="magma", vmin=0, shading="nearest", rasterized=True)
    s = problem.potential(x[:, None], x) - problem.fermi_energy
    for level, colour in ((-1.0, BLUE), (1.0, VERMILLION)):
        ax.contour(x, x, s.T, levels=[level], colors=[colour], linewidths=1.0, linestyles="-")
    every = len(x) // 20 + 1
    some = (slice(every // 2, None, every),) * 2
    shown = size[some] > 0.2 * np.max(size)
    u, v = (np.where(shown, c[some] / size[some], np.nan) for c in (j_x, j_y))
    ax.quiver(x[some[0]], x[some[1]], u.T, v.T, color="w", pivot="mid", scale=28, width=0.006)
    ax.set(xlabel=r"$x$  [$\hbar v_F/\Delta$]", aspect="equal", yticklabels=[])
    ax.figure.colorbar(mesh, ax=ax, location="bottom", shrink=0.9,
                       label=r"$|j^\varepsilon|/e$  [$\Delta/\hbar^2v_F$]")


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(2, len(problems) + 1, figsize=(PAGE, 5.6))
    x = data["x"]
    line = len(x) // 2
    for row, (name, problem) in zip(axes, problems.items(), strict=True):
        j = data[f"{name}_x"], data[f"{name}_y"]
        draw_potential(row[0], problem, x, x)
        draw_lines(row[1], problem, x, *j)
        for ax in row[:2]:
            ax.axhline(x[line], color=BLACK if ax is row[0] else "w", ls=":", lw=0.8)
        ax = row[2]
        ax.plot(x, 4 * np.pi * data[f"{name}_M"][:, line], color=BLUE, label="all states")
        ax.plot(x, 4 * np.pi * data[f"{name}_law"][:, line], color=BLACK, ls="--", lw=0.9,
                label="smooth law")
        ax.set(xlabel=r"$x$  [$\hbar v_F/\Delta$]", ylabel=r"$M^\varepsilon$  [$e/2h$]",
               xlim=(x[0], x[-1]))
        ax.set_box_aspect(1)
        ax.legend(loc="best", fontsize=7)
    for ax, letter in zip(axes.flat, "abcdef", strict=True):
        panel(ax, letter)
    for row, problem in zip(axes, problems.values(), strict=True):
        row[0].set_title(rf"$\varepsilon$ = {problem.fermi_energy:g} $\Delta$", loc="right",
                         fontsize=8)
        row[1].set_title(r"$|j^\varepsilon|$", loc="right", fontsize=8)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    apart = [np.sqrt(np.mean((data[f"{n}_M"] - data[f"{n}_law"]) ** 2)) * 4 * np.pi
             for n in problems]
    return {
        "rms |M^ε - smooth law| [e/2h]": float(max(apart)),
        "largest claimed error/j0": max(float(data[f"{n}_error"]) for n in problems),
    }


FIGURE = Figure("lines_of_stopping_points", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
