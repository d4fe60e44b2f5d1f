"""j^ε(x) as the step's height passes 2Δ: Klein tunnelling joins the two liquids.

At ε in the middle of the step both leads are gapped below 2Δ, and no current flows at that energy;
above 2Δ a conduction-band liquid on the left and a valence-band liquid on the right each carry
their δ-like edge, of opposite sign. A narrower step lets them overlap.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import X_LABEL

HEIGHTS = (1.8, 2.2, 2.6, 3.2, 4.0)
SMOOTH, SHARP, REACH, RTOL = 2.0, 0.3, 10.0, 1e-3


def problems(quick: bool) -> Problems:
    return {f"{h:g}, {w:g}": dd.Problem(dd.TanhStep(-h / 2, h / 2, width=w))
            for w in (SMOOTH, SHARP) for h in HEIGHTS}


def compute(problems: Problems, quick: bool) -> Data:
    x = np.linspace(-REACH, REACH, 101 if quick else 601)
    return {"x": x} | {name: dd.energy_resolved_current(problem, x, 0.0, rtol=RTOL)
                       for name, problem in problems.items()}


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(1, 2, figsize=(PAGE, 3.2), sharey=True)
    x = data["x"]
    largest = max(np.max(np.abs(data[name])) for name in problems)
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.85, len(HEIGHTS)))
    for ax, letter, w in zip(axes, "ab", (SMOOTH, SHARP), strict=True):
        for i, (h, colour) in enumerate(zip(HEIGHTS, colours, strict=True)):
            ax.axhline(i, color="0.8", lw=0.6, zorder=0)
            ax.plot(x, i + 0.7 * data[f"{h:g}, {w:g}"] / largest, color=colour)
        ax.set(xlabel=X_LABEL, xlim=(-REACH, REACH))
        panel(ax, letter, rf"width $w$ = {w:g} $\hbar v_F/E_0$")
    # One unit of the axis, a curve's distance to the next, is this much of j^ε.
    unit = largest / 0.7
    axes[0].set(ylim=(-0.7, len(HEIGHTS) - 0.1),
                ylabel="height of the step, $U_R-U_L$  [$\\Delta$]")
    axes[0].set_yticks(range(len(HEIGHTS)), [f"{h:g}" for h in HEIGHTS])
    bar = axes[0].annotate("", (-0.93 * REACH, 0.25), (-0.93 * REACH, 0.75),
                           arrowprops={"arrowstyle": "|-|,widthA=0.2,widthB=0.2", "lw": 0.9})
    bar.set_in_layout(False)
    axes[0].text(-0.88 * REACH, 0.5, rf"$j_y^{{\varepsilon}}/e$ = {unit / 2:.2f} $E_0/\hbar^2v_F$",
                 va="center", fontsize=7.5)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    largest = max(np.max(np.abs(data[name])) for name in problems)
    # U odd: ε = 0 maps onto itself with conduction and valence band exchanged.
    odd = max(float(np.max(np.abs(data[n] + data[n][::-1]))) for n in problems) / largest
    below = max(float(np.max(np.abs(data[n]))) for n, p in problems.items()
                if 2 * p.mass > p.U_R - p.U_L) / largest
    return {"|j^ε(x) + j^ε(-x)|/peak": odd, "below 2Δ: |j^ε|/peak": below}


FIGURE = Figure("gallery_klein", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
