"""From a sharp to a smooth step, ε_F in the gap: the same J_y, ever further spread.

Left: j_y(x) of steps of many widths w. Right: the same over x/w, on its way to the local
-U'/4π of a smooth step.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, RTOL, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import BLACK, CURRENT_LABEL, X_LABEL

WIDTHS = (0.05, 0.2, 0.5, 1.0, 2.0, 8.0)
#: Largest |x|/w on the right: U is flat beyond.
REACH = 4.0


def problems(quick: bool) -> Problems:
    return {f"{w:g}": dd.Problem(dd.TanhStep(-0.5, 0.5, width=w)) for w in WIDTHS}


def compute(problems: Problems, quick: bool) -> Data:
    n = 41 if quick else 301
    data = {"x": np.linspace(-3, 3, n), "t": np.linspace(-REACH, REACH, n)}
    for name, problem in problems.items():
        for key, x in (("j", data["x"]), ("scaled", data["t"] * float(name))):
            profile = dd.current_density(problem, x, rtol=RTOL)
            data[f"{name}_{key}"] = profile.j_y
        data[f"{name}_total"] = np.array(profile.integral(-np.inf, np.inf).value)
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.8))
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(problems)))
    for name, colour in zip(problems, colours, strict=True):
        left.plot(data["x"], data[f"{name}_j"], color=colour,
                  label=rf"$w$ = {name} $\hbar v_F/E_0$")
        right.plot(data["t"], float(name) * data[f"{name}_scaled"], color=colour)
    fine = np.linspace(-REACH, REACH, 401)
    smooth = dd.exact.smooth_limit_current(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), fine)
    right.plot(fine, smooth, color=BLACK, ls="--", lw=1.0, label=r"smooth step: $-U'/4\pi$")
    left.set(xlabel=X_LABEL, ylabel=CURRENT_LABEL, xlim=(-3, 3))
    right.set(xlabel="$x$  [$w$]", ylabel=r"$w\,j_y/e$  [$E_0/\hbar$]", xlim=(-REACH, REACH))
    left.legend(loc="lower left")
    low, high = right.get_ylim()
    right.set_ylim(low - 0.14 * (high - low), high)
    right.legend(loc="lower center")
    for ax, letter in ((left, "a"), (right, "b")):
        panel(ax, letter)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    worst = max(abs(float(data[f"{name}_total"]) / dd.total_current(problem) - 1)
                for name, problem in problems.items())
    name, problem = list(problems.items())[-1]
    smooth = dd.exact.smooth_limit_current(problem, data["t"] * float(name))
    return {"|J_y/closed form - 1|": worst, f"w = {name}: |j_y - smooth|/peak": float(
        np.max(np.abs(data[f"{name}_scaled"] - smooth)) / np.max(np.abs(smooth)))}


FIGURE = Figure("gallery_width", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
