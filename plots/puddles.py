"""Electron and hole puddles: the current flows between them, and what heat and waves make of it.

The picture that Silvestrov and Recher draw in their conclusion, computed: a disordered potential of
rms 1.1 Δ whose Fermi energy lies in the middle of the gap. In the smooth law, (15) and (45), all of
the current runs in the insulating channels between the lines of stopping points; the sum over all
states has puddles that ring, the more the colder. (f) The part of ∫|j| that flows inside puddles.
"""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.map_figure import draw_current, draw_potential
from dirac1d.apps.plotting import BLACK, BLUE

SIDE, RMS, LENGTH, SEED = 12.0, 1.1, 1.6, 5
#: Temperatures of the maps, and of the curve between and beyond them.
SHOWN, CURVE = (0.5, 0.15, 0.05), (1.0, 0.5, 0.3, 0.15, 0.07, 0.05)
#: Of j₀: a shade of the map; and for the curve, whose points are sums over the map.
ACCURACY, QUICK = 3e-2, 0.1
#: Weak enough for linear response to a millionth.
WEAK = 1e-3


def problems(quick: bool) -> Problems:
    side = SIDE / 3 if quick else SIDE
    cell = dd.disorder(RMS, LENGTH, (side, side), SEED)
    return {f"{T:g}": dd.Problem(cell, temperature=T) for T in SHOWN}


def compute(problems: Problems, quick: bool) -> Data:
    first = next(iter(problems.values()))
    points, rtol = (21, 2 * QUICK) if quick else (121, ACCURACY)
    x = np.linspace(0.0, first.potential.lengths[0], points)
    data: Data = {"x": x, "curve": np.array(SHOWN if quick else CURVE)}
    for name, problem in problems.items():
        found = dd.current_map(problem, x, x, rtol=rtol)
        data |= {f"{name}_x": found.j_x, f"{name}_y": found.j_y,
                 f"{name}_error": np.max(found.error) / problem.current_scale}
    puddle = np.abs(first.potential(x[:, None], x)) > first.mass
    inside, smooth = [], []
    for T in data["curve"]:
        problem = replace(first, temperature=float(T))
        name = f"{T:g}"
        j = ((data[f"{name}_x"], data[f"{name}_y"]) if name in problems
             else (lambda m: (m.j_x, m.j_y))(dd.current_map(problem, x, x, rtol=QUICK)))
        law = dd.smooth_current(problem, x, x)
        for sizes, found in ((np.hypot(*j), inside), (np.hypot(law.j_x, law.j_y), smooth)):
            found.append(np.sum(sizes[puddle]) / np.sum(sizes))
    law = dd.smooth_current(replace(first, temperature=0.0), x, x)
    weak = dd.current_map(dd.Problem(WEAK * first.potential), x, x, rtol=1e-5)
    return data | {"inside": np.array(inside), "smooth": np.array(smooth), "law_x": law.j_x,
                   "law_y": law.j_y, "weak_M": weak.M}


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(2, 3, figsize=(PAGE, 5.4))
    first, x = next(iter(problems.values())), data["x"]
    draw_potential(axes[0, 0], first, x, x)
    names = ["law", *problems]
    largest = max(np.max(np.hypot(data[f"{n}_x"], data[f"{n}_y"])) for n in names)
    places = [axes[0, 1], axes[0, 2], axes[1, 0], axes[1, 1]]
    texts = ["smooth law, $T$ = 0", *(rf"$T$ = {n} $\Delta$" for n in problems)]
    for ax, name in zip(places, names, strict=True):
        draw_current(ax, x, x, data[f"{name}_x"], data[f"{name}_y"], largest)
    ax = axes[1, 2]
    ax.plot(data["curve"], data["inside"], color=BLUE, marker="o", ms=3.5, label="all states")
    ax.plot(data["curve"], data["smooth"], color=BLACK, ls="--", label="smooth law")
    ax.set(xscale="log", xlabel=r"$T$  [$\Delta$]", ylabel="part of $|j|$ inside puddles",
           ylim=(0, None))
    ax.legend()
    for a, letter, text in zip(axes.flat, "abcdef", ["$U$", *texts, ""], strict=True):
        panel(a, letter, text)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    cell, x = next(iter(problems.values())).potential, data["x"]
    q_x, q_y = cell.waves
    M = cell.coefficients * dd.exact.plane_response(np.hypot(q_x[:, None], q_y), 1.0)
    M[len(q_x) // 2, len(q_y) // 2] = 0.0
    phases = [np.exp(1j * np.multiply.outer(x, q)) for q in (q_x, q_y)]
    closed = np.real(phases[0] @ M @ phases[1].T)
    return {
        "weak: |M - linear response|/max": float(
            np.max(np.abs(data["weak_M"] / WEAK - closed)) / np.max(np.abs(closed))),
        "largest claimed error/j0": max(float(data[f"{name}_error"]) for name in problems),
    }


FIGURE = Figure("puddles", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
