"""What naive lattices and careless sums make of the anomalous current; the right lattice in black.

(a) j_y(x) of four lattices, all momenta summed: three of them lose it all to a doubler. (b) J_y as
the sum over p_y goes on; dots, half the solid angle that each lattice's (mass, velocity, p_y)
covers, over π. (c) What a right sum that stops at p_max leaves out. (d) The current of all states
above ε_min at p_y = 0, and what -∂ₓ of their weighted density gives: nothing, for the whole sea.

The lattices and sums are those of validation/claims/failure_gallery.py, which also judges them.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel
from matplotlib.ticker import NullFormatter

import dirac1d as dd
from dirac1d.apps.plotting import BLACK, BLUE, CURRENT_LABEL, GREEN, ORANGE, VERMILLION, X_LABEL

sys.path.append(str(Path(__file__).parents[1] / "validation" / "tools"))
naive = importlib.import_module("naive")

RIGHT = "staggered chain"
LINES = {RIGHT: (BLACK, "-"), "central difference": (VERMILLION, "--"),
         "Wilson mass": (BLUE, "-."), "one-sided differences": (GREEN, ":")}
#: Spacings of (c) and of (d), and |x| of (a).
TAILS, SEA, SHOWN = (0.1, 0.05), 0.05, 4.0


def problems(quick: bool) -> Problems:
    return {"step": naive.PROBLEM}


def compute(problems: Problems, quick: bool) -> Data:
    data = {}
    tails = {f"a = {a:g}": naive.tail(a) for a in TAILS[: 1 if quick else None]}
    for name, found in (naive.sums(quick) | tails).items():
        data |= {f"{name}: p": found.cuts, f"{name}: J": found.totals(),
                 f"{name}: angle": found.windings(), f"{name}: a": found.lattice.spacing,
                 f"{name}: x": found.lattice.sites(), f"{name}: j": found.profiles[-1]}
    sea = naive.anomaly(SEA)
    return data | {"depth": -sea.e_min, "summed": sea.summed, "from_density": sea.from_density}


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, ((a, b), (c, d)) = plt.subplots(2, 2, figsize=(PAGE, 5.4))
    exact = dd.total_current(problems["step"])
    for name, (colour, ls) in LINES.items():
        profile(a, data[f"{name}: x"], data[f"{name}: j"], name == RIGHT, color=colour, ls=ls,
                label=name)
        p, spacing = data[f"{name}: p"], data[f"{name}: a"]
        b.semilogx(p, data[f"{name}: J"] / exact, color=colour, ls=ls,
                   label=rf"{name}, $a$ = {spacing:g} $\hbar v_F/E_0$")
        b.semilogx(p, data[f"{name}: angle"], ".", color=colour)
    tail(c, data, exact)
    d.semilogx(data["depth"], data["summed"], color=BLUE, label="sum of the states' currents")
    d.semilogx(data["depth"], data["from_density"], "--", color=VERMILLION,
               label=r"$-\partial_x$ of their weighted density")
    a.set(xlabel=X_LABEL, ylabel=CURRENT_LABEL, xlim=(-SHOWN, SHOWN))
    low, high = a.get_ylim()
    a.set_ylim(low - 0.45 * (high - low), high)
    a.legend(loc="lower left")
    b.set(xlabel=r"$p_\mathrm{max}$  [$E_0/v_F$]", ylabel=r"$J_y\,/\,J_y$ of Eq. (12)",
          ylim=(-0.08, 1.8))
    b.legend(loc="upper left")
    d.set(xlabel=r"$-\varepsilon_\mathrm{min}$  [$E_0$]", ylim=(None, 0.1),
          ylabel=r"current/$e$ at $p_y = 0$  [$v_F$]")
    d.axhline(0, color="0.7", lw=0.6, zorder=0)
    d.legend(loc="lower left")
    for ax, letter in zip((a, b, c, d), "abcd", strict=True):
        panel(ax, letter)
    return figure


def profile(ax: plt.Axes, x: np.ndarray, j: np.ndarray, staggered: bool, **line: str) -> None:
    """j_y(x) of one lattice."""
    if staggered:
        # One sublattice carries +, the other -: the mean over half spacings, twice, is j_y.
        for _ in range(2):
            x, j = (x[1:] + x[:-1]) / 2, (j[1:] + j[:-1]) / 2
    seen = np.abs(x) < SHOWN
    ax.plot(x[seen], j[seen], **line)


def tail(ax: plt.Axes, data: Data, exact: float) -> None:
    """Missing part of J_y against p_max."""
    for spacing, mark, colour in zip(TAILS, "os", (BLACK, BLUE), strict=True):
        name = f"a = {spacing:g}"
        if f"{name}: p" in data:
            ax.loglog(data[f"{name}: p"], 1 - data[f"{name}: J"] / exact, mark, ms=4, mfc="none",
                      color=colour, label=rf"staggered chain, $a$ = {spacing:g} $\hbar v_F/E_0$")
    p = np.geomspace(1, 24, 100)
    ax.loglog(p, 2 / (np.pi * p), color=ORANGE, label=r"$2\Delta/\pi v_F p_\mathrm{max}$")
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set(xlabel=r"$p_\mathrm{max}$  [$E_0/v_F$]", ylabel=r"missing part of $J_y$", ylim=(0.01, 1))
    ax.legend(loc="lower left")


def check(problems: Problems, data: Data) -> dict[str, float]:
    exact = dd.total_current(problems["step"])
    names = [key.removesuffix(": angle") for key in data if key.endswith(": angle")]
    angle = max(float(np.max(np.abs(data[f"{n}: J"] / exact - data[f"{n}: angle"])))
                for n in names)
    return {
        "|J_y/closed form - 1|": abs(float(data[f"{RIGHT}: J"][-1]) / exact - 1),
        "naive: |J_y/closed form|": max(
            abs(float(data[f"{n}: J"][-1]) / exact) for n in LINES if n != RIGHT),
        "|J_y/closed form - solid angle|": angle,
        "the sea: |from density/summed|": abs(
            float(data["from_density"][0] / data["summed"][0])),
    }


FIGURE = Figure("gallery_failures", problems, compute, draw, check, uses=(naive,))

if __name__ == "__main__":
    FIGURE.main()
