"""Fig. 2 of Silvestrov and Recher: the edge of an electron liquid in a uniform field.

The conduction band's j_y(x), its energy distribution j^ε(x) and the Gaussian smoothing of that,
from the engine on a long ramp U = Fx - Δ, ε_F = 0, with the Airy closed forms over them (the
paper's Eq. (33), (34) with the misprinted scale x₀ corrected). They are the limit Fx₀/Δ → 0.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import COLUMN, RTOL, Data, Figure, Problems

import dirac1d as dd
from dirac1d.apps.plotting import BLACK, BLUE, GREEN, VERMILLION

#: Fx₀/Δ with Δ = 1, F and x₀ = (ΔF)^{-1/3}.
ETA = 0.005
SLOPE = ETA**1.5
X0 = dd.exact.airy_length(SLOPE, 1.0)
#: Range shown, in x₀, and how much further the Gaussian of width x₀ reaches (e^{-16}).
LEFT, RIGHT, REACH = -8.0, 4.0, 4.0
#: Range |x| < 3x₀ in which data and closed forms are compared: further in, the phase of the
#: oscillations runs away from that of the limit.
COMPARED = 3.0


def ramp(left: float, right: float) -> dd.LinearRamp:
    """U = Fx - 1 between two positions in x₀."""
    low, high = (SLOPE * X0 * end - 1 for end in (left, right))
    return dd.LinearRamp(low, high, (right - left) * X0, (left + right) / 2 * X0)


def problems(quick: bool) -> Problems:
    # The kinks are off by more than what is shown: what they reflect is small.
    return {"ramp": dd.Problem(ramp(-40, 25))}


def compute(problems: Problems, quick: bool) -> Data:
    problem = problems["ramp"]
    per = 8 if quick else 40
    x = X0 * np.arange((LEFT - REACH) * per, (RIGHT + REACH) * per + 1) / per
    # j_y of the filled valence band is -F/4π here.
    j_y = dd.current_density(problem, x, rtol=RTOL).j_y + dd.dirac.E_OVER_2H * SLOPE
    spectral = dd.energy_resolved_current(problem, x, 0.0, rtol=RTOL)
    weight = np.exp(-(((x[:, None] - x) / X0) ** 2)) / (np.sqrt(np.pi) * per)
    smoothed = weight @ spectral
    shown = (x >= LEFT * X0) & (x <= RIGHT * X0)
    return {"x": x[shown], "current": j_y[shown], "spectral": spectral[shown],
            "smoothed": smoothed[shown]}


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, ax = plt.subplots(figsize=(COLUMN, 2.9))
    t, unit = data["x"] / X0, unit_of()
    fine = np.linspace(LEFT, RIGHT, 1201)
    lines = {
        "current": (r"$j_y/F$", BLUE, 1.2), "spectral": (r"$x_0\,j_y^{\varepsilon_F}$", GREEN, 1.0),
        "smoothed": (r"$x_0\,\langle j_y^{\varepsilon_F}\rangle$", VERMILLION, 2.2),
    }
    for name, (label, colour, width) in lines.items():
        ax.plot(t, data[name] / unit[name], color=colour, lw=width, label=label)
        ax.plot(fine, closed(name, fine * X0) / unit[name], color=BLACK, lw=0.8, ls=(0, (3, 3)))
    ax.plot([], [], color=BLACK, lw=0.8, ls=(0, (3, 3)), label="Airy closed forms")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlabel=r"$x/x_0$,   $x_0=(\hbar^2v_F^2/\Delta F)^{1/3}$", xlim=(LEFT, RIGHT),
           ylabel=r"current of the conduction band  [$e/2h$]", ylim=(-1.0, 1.95))
    ax.legend(loc="upper left", ncols=2)
    return figure


def unit_of() -> dict[str, float]:
    """F/4π and 1/4πx₀."""
    spectral = dd.dirac.E_OVER_2H / X0
    return {"current": dd.dirac.E_OVER_2H * SLOPE, "spectral": spectral, "smoothed": spectral}


def closed(name: str, x: np.ndarray) -> np.ndarray:
    """The Airy forms of Eq. (33), (34), corrected."""
    if name == "current":
        return dd.exact.airy_edge_current(x, SLOPE, 1.0)
    width = X0 if name == "smoothed" else 0.0
    return dd.exact.airy_edge_spectral_current(x, SLOPE, 1.0, smoothing=width)


def check(problems: Problems, data: Data) -> dict[str, float]:
    near = np.abs(data["x"]) < COMPARED * X0
    found = {}
    for name, text in (("current", "j_y"), ("spectral", "j^ε"), ("smoothed", "smoothed j^ε")):
        expected = closed(name, data["x"][near])
        found[f"|{text} - Airy|/peak"] = float(
            np.max(np.abs(data[name][near] - expected)) / np.max(np.abs(expected)))
    return found


FIGURE = Figure("fig2_airy_edge", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
