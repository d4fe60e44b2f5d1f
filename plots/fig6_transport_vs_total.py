"""Fig. 6 of Silvestrov and Recher: the total current against its transport part alone.

Top: bands U = Fx ± Δ. Bottom: j_y(x) from the engine in a strong and a weak field; Eq. (37), to
which it tends; and the transport part, Eq. (36), which has a tail that no total current has.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import COLUMN, RTOL, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import BLACK, BLUE, GREEN, ORANGE, SKY, VERMILLION

#: F in Δ²/ħv_F.
SLOPES = {"strong": 0.3, "weak": 0.02}
#: Range shown and half length of the ramp, in Δ/F; U follows the field over all of what is shown.
SHOWN, RAMP = 2.5, 3.2
#: Where the ramp of the weak field ends, in Δ/F: in the gap. Nothing tunnels through the rest of it
#: (e^{-πΔ²/F} = e^{-157}), and U odd makes j_y even, so the half that is solved is all there is.
GAP_END = 0.5


def problems(quick: bool) -> Problems:
    strong, weak = SLOPES.values()
    half = dd.LinearRamp(-RAMP, GAP_END, (RAMP + GAP_END) / weak, (GAP_END - RAMP) / 2 / weak)
    return {"strong": dd.Problem(dd.LinearRamp(-RAMP, RAMP, 2 * RAMP / strong)),
            "weak": dd.Problem(half)}


def compute(problems: Problems, quick: bool) -> Data:
    t = np.linspace(-SHOWN, SHOWN, 201 if quick else 1001)
    data = {"t": t}
    for name, F in SLOPES.items():
        x = t / F if name == "strong" else t[t <= 0] / F
        profile = dd.current_density(problems[name], x, rtol=RTOL)
        j_y = profile.j_y
        data[name] = j_y if name == "strong" else np.concatenate((j_y, j_y[-2::-1]))
        data[f"{name}_total"] = np.array(profile.integral(-np.inf, np.inf).value)
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(COLUMN, 4.0), sharex=True, height_ratios=(1, 1.5))
    t = data["t"]
    top.fill_between(t, t + 1, SHOWN + 1, color=SKY, alpha=0.35, lw=0)
    top.fill_between(t, -SHOWN - 1, t - 1, color=ORANGE, alpha=0.35, lw=0)
    top.plot(t, t + 1, color=BLUE)
    top.plot(t, t - 1, color=VERMILLION)
    top.axhline(0, color=BLACK, lw=0.9, ls="--")
    top.text(1.7, 0.12, r"$\varepsilon_F$", ha="center", va="bottom")
    top.text(-0.5, 0.8, r"$U+\Delta$", color=BLUE, ha="right")
    top.text(0.5, -0.8, r"$U-\Delta$", color=VERMILLION, va="top")
    top.set(ylabel=r"energy  [$\Delta$]", ylim=(-2.5, 2.5))
    for (name, F), colour, width in zip(SLOPES.items(), (BLUE, GREEN), (1.6, 0.9), strict=True):
        bottom.plot(t, -data[name] / (F * dd.dirac.E_OVER_2H), color=colour, lw=width,
                    label=rf"total, $F={F:g}\,\Delta^2/\hbar v_F$")
    fine = np.linspace(-SHOWN, SHOWN, 1001)
    closed = {f.__name__: -f(fine, 1.0, 1.0) / dd.dirac.E_OVER_2H for f in
              (dd.exact.transport_current_eq36, dd.exact.smooth_limit_current_eq37)}
    bottom.plot(fine, closed["transport_current_eq36"], color=VERMILLION, ls="--",
                label="transport, Eq. (36)")
    bottom.plot(fine, closed["smooth_limit_current_eq37"], color=BLACK, lw=0.8, ls=":",
                label="total, Eq. (37)")
    bottom.axhline(0, color="0.7", lw=0.6, zorder=0)
    bottom.set(xlabel=r"$x$  [$\Delta/F$]", xlim=(-SHOWN, SHOWN), ylim=(-0.45, 2.25),
               ylabel=r"$-j_y/F$  [$e/2h$]")
    bottom.legend(loc="upper center", ncols=2, columnspacing=1.0, handlelength=1.4)
    for ax, letter in ((top, "a"), (bottom, "b")):
        panel(ax, letter)
    return figure


def edges_closed(x: np.ndarray, slope: float) -> np.ndarray:
    """Total current with the Airy edges of both bands, x = ∓Δ/F."""
    left, right = (dd.exact.airy_edge_total_current(s * x + 1 / slope, slope, 1.0) for s in (1, -1))
    return left * right / (-slope * dd.dirac.E_OVER_2H)


def check(problems: Problems, data: Data) -> dict[str, float]:
    found = {}
    for name in SLOPES:
        total = dd.total_current(problems[name])
        found[f"{name}: |J_y/closed form - 1|"] = abs(float(data[f"{name}_total"]) / total - 1)
    F = SLOPES["weak"]
    x, x_0 = data["t"] / F, dd.exact.airy_length(F, 1.0)
    near = np.abs(x) < 1 / F + 3 * x_0
    found["weak: |j_y - Airy edges|/(F/4π)"] = float(np.max(np.abs(
        data["weak"] - edges_closed(x, F))[near]) / (F * dd.dirac.E_OVER_2H))
    return found


FIGURE = Figure("fig6_transport_vs_total", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
