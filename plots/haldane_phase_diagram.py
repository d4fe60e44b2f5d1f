"""Chern numbers of the Haldane model, one integer per point of the phase diagram.

Dots: the integers that are computed, coloured by their value. Areas: Haldane's criterion, bounded
by |M| = 3√3 t₂ |sin φ|, where the gap closes.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import COLUMN, Data, Figure, Problems, panel

from dirac1d import geometry as geo
from dirac1d.apps.plotting import BLACK, BLUE, ORANGE, SKY, VERMILLION

T2 = 0.1
#: Largest |M|/t₂.
REACH = 6.5
#: Colour of a dot, and of the area that it belongs to, by C.
COLOURS = {1: (VERMILLION, ORANGE), -1: (BLUE, SKY), 0: ("0.55", "white")}


def problems(quick: bool) -> Problems:
    return {}


def compute(problems: Problems, quick: bool) -> Data:
    # Even numbers of cell centres keep off φ = 0, where the gap closes.
    n = 12 if quick else 32
    centres = 2 * (np.arange(n) + 0.5) / n - 1
    C = [[geo.chern_number(geo.haldane(np.pi * p, REACH * m * T2, T2)) for p in centres]
         for m in centres]
    return {"phi": np.pi * centres, "M": REACH * centres, "C": np.array(C)}


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, ax = plt.subplots(figsize=(COLUMN, 2.7))
    x = np.linspace(-1, 1, 401)
    edge = 3 * np.sqrt(3) * np.abs(np.sin(np.pi * x))
    phi, M = np.meshgrid(data["phi"], data["M"])
    for C, (dot, area) in COLOURS.items():
        if C:
            ax.fill_between(x, -edge, edge, where=C * x <= 0, color=area, alpha=0.45, lw=0)
        seen = data["C"] == C
        ax.plot(phi[seen] / np.pi, M[seen], ".", ms=2.4, color=dot)
    for sign in (1, -1):
        ax.plot(x, sign * edge, color=BLACK, lw=1.0)
    box = {"fc": "white", "ec": "none", "pad": 1.5, "alpha": 0.9}
    for place, text in (((-0.5, 0), "$C=+1$"), ((0.5, 0), "$C=-1$"), ((0, 5.2), "$C=0$")):
        ax.text(*place, text, ha="center", va="center", bbox=box)
    ax.set(xlabel=r"$\phi$  [$\pi$]", ylabel="$M$  [$t_2$]", xlim=(-1, 1), ylim=(-REACH, REACH))
    panel(ax, "", rf"Haldane model, $t_2 = {T2:g}\,t_1$")
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    edge = 3 * np.sqrt(3) * np.sin(data["phi"])[None, :]
    expected = np.where(np.abs(data["M"])[:, None] < np.abs(edge), -np.sign(edge), 0)
    return {"part of the Chern numbers that differ from the criterion":
            float(np.mean(expected != data["C"]))}


FIGURE = Figure("haldane_phase_diagram", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
