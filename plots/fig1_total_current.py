"""Fig. 1 of Silvestrov and Recher: J_y(ε_F) along a step below 2Δ, and j^ε(x), computed.

Left: bands U ± Δ, and the energy distribution j^ε(x) of the current at several ε, each drawn
about its own energy. Right: the total current from the engine over Eq. (12), through all five
regimes. The total of each j^ε(x), its ringing in the leads averaged out, is held against
dJ_y/dε of Eq. (12).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, RTOL, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    SKY,
    TOTAL_LABEL,
    VERMILLION,
    plot_bands,
)

#: |x| of panel (a).
REACH = 7.0
#: ∫j^ε dx is taken with the weight exp(-(x/WINDOW)⁴), e^{-39} at FAR: it leaves 1e-5 of the ringing
#: that goes on for ever in a lead that conducts.
WINDOW, FAR, SPACING = 20.0, 50.0, 0.1


def problems(quick: bool) -> Problems:
    return {"step": dd.Problem(dd.TanhStep(-0.5, 0.5, width=2.0))}


def edges(problem: dd.Problem) -> np.ndarray:
    """The four band edges of the leads, increasing: limits of the five regimes."""
    U, gap = np.array([problem.U_L, problem.U_R]), abs(problem.mass)
    return np.sort(np.concatenate((U - gap, U + gap)))


def compute(problems: Problems, quick: bool) -> Data:
    (problem,) = problems.values()
    edge = edges(problem)
    span = 0.35 * (edge[-1] - edge[0])
    # Points inside every regime, none on an edge.
    limits = np.concatenate(([edge[0] - span], edge, [edge[-1] + span]))
    per = 1 if quick else 5
    parts = (np.arange(per) + 0.5) / per
    fermi = np.concatenate([a + (b - a) * parts for a, b in pairwise(limits)])
    x = np.linspace(-REACH, REACH, 41 if quick else 561)
    totals = [
        dd.current_density(replace(problem, fermi_energy=e), x[::10], rtol=RTOL)
        .integral(-np.inf, np.inf) for e in fermi
    ]
    # One curve in the middle of every inner regime, one beyond them on each side.
    energies = np.array([
        edge[0] - 0.6 * span, (edge[0] + edge[1]) / 2, (edge[1] + edge[2]) / 2,
        (edge[2] + edge[3]) / 2, edge[3] + 0.6 * span,
    ])
    spectral = dd.energy_resolved_current(problem, x, energies, rtol=10 * RTOL)
    far = np.arange(-FAR, FAR, SPACING)
    weight = SPACING * np.exp(-((far / WINDOW) ** 4))
    slopes = dd.energy_resolved_current(problem, far, energies, rtol=RTOL) @ weight
    return {
        "x": x, "fermi_energy": fermi, "total": np.array([t.value for t in totals]),
        "error": np.array([t.error for t in totals]), "energy": energies, "spectral": spectral,
        "slope": slopes,
    }


def draw(problems: Problems, data: Data) -> plt.Figure:
    (problem,) = problems.values()
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(PAGE, 3.6), sharey=True, width_ratios=(1.35, 1))
    x, energies, spectral = data["x"], data["energy"], data["spectral"]
    plot_bands(left, problem, x)
    left.get_legend().remove()
    left.lines[2].remove()
    # The largest curve gets the room up to its neighbour.
    scale = 0.8 * np.min(np.diff(energies)) / np.max(np.abs(spectral))
    for energy, row in zip(energies, spectral, strict=True):
        left.axhline(energy, color="0.6", lw=0.5)
        left.plot(x, energy + scale * row, color=BLACK, lw=1.0)
    left.plot([], [], color=BLACK, lw=1.0, label=rf"$\varepsilon+{scale:.2g}\,j_y^\varepsilon(x)$")
    low, top = data["fermi_energy"].min(), data["fermi_energy"].max()
    left.set_ylim(low - 0.05 * (top - low), top + 0.2 * (top - low))
    fill(left, problem, x)
    left.legend(loc="upper center", ncols=3)
    total(right, problem, data)
    for ax, letter in ((left, "a"), (right, "b")):
        panel(ax, letter)
    return figure


def fill(ax: plt.Axes, problem: dd.Problem, x: np.ndarray) -> None:
    """Bands shaded up to the frame instead of up to ε_F."""
    for shade in list(ax.collections):
        shade.remove()
    U, gap = problem.potential(x), abs(problem.mass)
    low, high = ax.get_ylim()
    ax.fill_between(x, U + gap, high, color=SKY, alpha=0.35, lw=0)
    ax.fill_between(x, low, U - gap, color=ORANGE, alpha=0.35, lw=0)


def total(ax: plt.Axes, problem: dd.Problem, data: Data) -> None:
    """J_y along the horizontal axis, ε_F along the vertical one; names of the regimes."""
    fine = np.linspace(data["fermi_energy"].min(), data["fermi_energy"].max(), 801)
    closed = np.array([dd.total_current(replace(problem, fermi_energy=e)) for e in fine])
    ax.plot(closed, fine, color=VERMILLION, label="closed form")
    ax.plot(data["total"], data["fermi_energy"], "o", ms=3.5, mfc="none", color=BLUE,
            label="engine")
    bounds = [fine[0], *edges(problem), fine[-1]]
    room = -closed.min()
    for a, b in pairwise(bounds):
        regime = replace(problem, fermi_energy=(a + b) / 2).regime
        ax.text(0.38 * room, (a + b) / 2, regime, ha="center", va="center", color=GREEN,
                fontsize=7)
    for e in edges(problem):
        ax.axhline(e, color="0.8", lw=0.6, zorder=0)
    ax.axvline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlabel=TOTAL_LABEL, xlim=(-1.15 * room, 0.75 * room),
           ylabel=r"$\varepsilon_F$  [$E_0$]")
    ax.locator_params(axis="x", nbins=5)
    ax.legend(loc="upper center", ncols=2)


def check(problems: Problems, data: Data) -> dict[str, float]:
    (problem,) = problems.values()
    closed = np.array([dd.total_current(replace(problem, fermi_energy=e))
                       for e in data["fermi_energy"]])
    U, gap = np.array([problem.U_L, problem.U_R]), problem.mass
    slopes = dd.dirac.E_OVER_2H * (
        np.diff(dd.exact.capped_energy_derivative(data["energy"][:, None] - U, gap))[:, 0])
    return {
        "largest |J_y - closed form| / max|J_y|":
            float(np.max(np.abs(data["total"] - closed)) / np.max(np.abs(closed))),
        "|∫j^ε dx - dJ_y/dε| / max|dJ_y/dε|":
            float(np.max(np.abs(data["slope"] - slopes)) / np.max(np.abs(slopes))),
    }


FIGURE = Figure("fig1_total_current", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
