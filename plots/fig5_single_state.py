"""Fig. 5 of Silvestrov and Recher: the current of one electron at its turning point.

The exact scattering state ε = p_y = 0 on a long ramp U = Fx - Δ, its current and two Gaussian
smoothings, over those of the Airy state (Eq. 29), with the semiclassical tail of Eq. (31).
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import COLUMN, Data, Figure, Problems

import dirac1d as dd
from dirac1d.apps.plotting import BLACK, BLUE, GREEN, PURPLE, VERMILLION

#: Fx₀/Δ with Δ = 1, F and x₀ = (ΔF)^{-1/3}.
ETA = 0.002
SLOPE = ETA**1.5
X0 = dd.exact.airy_length(SLOPE, 1.0)
#: Range shown and how much further the wider Gaussian reaches (e^{-18}), in x₀.
LEFT, RIGHT, REACH = -8.0, 3.0, 6.0
#: Range of the comparison: further in, the phase runs away from that of the limit Fx₀/Δ → 0.
COMPARED = 3.0
#: Widths w of exp(-(x-x')²/w²) in x₀, and what the smoothed curves are multiplied by in the figure.
WIDTHS, MAGNIFIED = {"narrow": 1.0, "wide": np.sqrt(2)}, 4


def problems(quick: bool) -> Problems:
    left, right = -40, 25
    low, high = (SLOPE * X0 * end - 1 for end in (left, right))
    length, middle = (right - left) * X0, (left + right) / 2 * X0
    return {"ramp": dd.Problem(dd.LinearRamp(low, high, length, middle))}


def compute(problems: Problems, quick: bool) -> Data:
    per = 20 if quick else 60
    x = X0 * np.arange((LEFT - REACH) * per, (RIGHT + REACH) * per + 1) / per
    f, g = dd.scattering_state(problems["ramp"], 0.0, 0.0, "left", x).psi
    # Unit incoming current is 2π states to a unit of energy.
    state = 2 * np.imag(f.conj() * g) / (2 * np.pi)
    shown = (x >= LEFT * X0) & (x <= RIGHT * X0)
    data = {"x": x[shown], "state": state[shown]}
    for name, width in WIDTHS.items():
        weight = np.exp(-(((x[shown, None] - x) / (width * X0)) ** 2))
        data[name] = weight @ state / (np.sqrt(np.pi) * width * per)
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, ax = plt.subplots(figsize=(COLUMN, 2.9))
    t, fine = data["x"] / X0, np.linspace(LEFT, RIGHT, 1201)
    lines = {
        "state": ("one state", BLUE, 1.0, 1),
        "narrow": (rf"${MAGNIFIED}\times$, $w=x_0$", GREEN, 1.6, MAGNIFIED),
        "wide": (rf"${MAGNIFIED}\times$, $w=\sqrt{{2}}x_0$", VERMILLION, 2.2, MAGNIFIED),
    }
    dashes = {"color": BLACK, "lw": 0.8, "ls": (0, (3, 3))}
    for name, (label, colour, width, factor) in lines.items():
        ax.plot(t, factor * data[name], color=colour, lw=width, label=label)
        ax.plot(fine, factor * closed(name, fine * X0), **dashes)
    ax.plot([], [], label="Airy state", **dashes)
    tail = fine[fine < -0.8]
    ax.plot(tail, MAGNIFIED * dd.exact.semiclassical_state_current(tail * X0, SLOPE, 1.0),
            color=PURPLE, lw=1.2, ls="-.", label=rf"${MAGNIFIED}\times$, semiclassical")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlabel=r"$x/x_0$,   $x_0=(\hbar^2v_F^2/\Delta F)^{1/3}$", xlim=(LEFT, RIGHT),
           ylabel=r"$j_y/e$ per energy  [$1/\hbar$]", ylim=(-0.45, 0.75))
    ax.legend(loc="upper left", ncols=2)
    return figure


def closed(name: str, x: np.ndarray) -> np.ndarray:
    """Eq. (29) with the Airy state, smoothed or not."""
    width = X0 * WIDTHS.get(name, 0.0)
    return dd.exact.single_state_current(x, SLOPE, 1.0, smoothing=width)


def check(problems: Problems, data: Data) -> dict[str, float]:
    near = np.abs(data["x"]) < COMPARED * X0
    found = {}
    for name in ("state", *WIDTHS):
        expected = closed(name, data["x"][near])
        found[f"|{name} - Airy|/peak"] = float(
            np.max(np.abs(data[name][near] - expected)) / np.max(np.abs(expected)))
    return found


FIGURE = Figure("fig5_single_state", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
