"""A wave packet in a uniform second gradient of the field: Eq. (11) and the divergence of Eq. (12).

(a) The rates of a propagated single-band packet, per gradient, diverge as its width in k shrinks.
(b) What is left of its velocity once the f̃ term is taken off, extrapolated to width 0 (a polynomial
in Δk²), is the sum of the geometric terms of Eq. (11).
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from dirac1d import geometry as geo
from dirac1d.apps.plotting import BLACK, BLUE, VERMILLION

MODEL = geo.qi_wu_zhang(-1.2, d0_even=(0.1, 0.05), d0_odd=(0.0, 0.2), diagonal=0.3)
K = (0.5, 0.3)
E_XXX = 1e-5
#: Orders of Δk² in the extrapolation, and the widths that it is fitted to.
ORDERS, WIDEST = 3, 0.31


def measured_slopes(width: float, sites: int, duration: float = 0.4, steps: int = 20) -> NDArray:
    """(dK_x/dt, dR_y/dt) per E^{xxx}: slopes at t = 0 of propagated tracks with and without it."""
    slopes = []
    for gradient in (E_XXX, 0.0):
        lattice = geo.ValenceBandLattice(MODEL, sites, gradient)
        track = lattice.propagate(lattice.packet(K, width), duration, steps)
        fit = np.polynomial.polynomial.polyfit(
            track.t, np.stack([track.K[:, 0], track.R[:, 1]], 1), 5)
        slopes.append(fit[1])
    return (slopes[0] - slopes[1]) / E_XXX


def problems(quick: bool) -> Problems:
    return {}


def compute(problems: Problems, quick: bool) -> Data:
    """Widths, measured rates, and the terms of Eq. (11)."""
    widths = np.geomspace(0.1, 0.3, 5) if quick else np.geomspace(0.06, 0.4, 11)
    second = np.zeros((2, 2, 2))
    second[0, 0, 0] = 1.0
    fields = geo.FieldGradients(second=second)
    rates = np.array([measured_slopes(w, 128 if quick else 256) for w in widths])
    packet = [geo.equations_of_motion(MODEL, (0, 0), K, fields, w) for w in widths]
    geometric = sum(packet[0].R_terms[name][1]
                    for name in ("metric_curvature", "T_gradient", "curvature_hessian"))
    return {
        "width": widths, "K_dot": rates[:, 0], "R_dot": rates[:, 1],
        "K_eq11": np.array([p.K_dot[0] for p in packet]),
        "R_packet": np.array([p.R_terms["packet"][1] for p in packet]),
        "geometric": np.full(len(widths), geometric),
    }


def extrapolation(data: Data) -> np.polynomial.Polynomial:
    """The regular part of Ṙ_y as a polynomial in Δk²."""
    width, regular = data["width"], data["R_dot"] - data["R_packet"]
    near = width < WIDEST
    orders = min(ORDERS, int(near.sum()) - 1)
    return np.polynomial.Polynomial.fit(width[near] ** 2, regular[near], orders)


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.8))
    width, regular = data["width"], data["R_dot"] - data["R_packet"]
    points = {"ls": "none", "ms": 4, "mfc": "none"}
    left.loglog(width, -data["K_dot"], marker="o", color=BLUE, **points,
                label=r"$-\dot K_x$  [$a^2eE^{xxx}/\hbar$]")
    left.loglog(width, -data["R_dot"], marker="s", color=VERMILLION, **points,
                label=r"$-\dot R_y$  [$a^4eE^{xxx}/\hbar$]")
    left.loglog(width, -data["K_eq11"], color=BLUE, lw=1)
    left.loglog(width, -(data["geometric"] + data["R_packet"]), color=VERMILLION, lw=1)
    left.loglog(width, 1 / (8 * width**2), color=BLACK, ls=":", lw=1, label=r"$1/8\Delta k^2$")
    left.plot([], [], color="0.4", lw=1, label="Eq. (11)")
    left.set(xlabel=r"packet width $\Delta k$  [$1/a$]", ylabel="rates  [see legend]")
    left.xaxis.set_minor_formatter(NullFormatter())
    left.set_xticks([0.1, 0.2, 0.4], ["0.1", "0.2", "0.4"])
    left.legend(loc="lower left")
    right.plot(width**2, regular, marker="s", color=VERMILLION, **points,
               label=r"$\dot R_y$ less its $\tilde f$ term")
    fit, fine = extrapolation(data), np.linspace(0, WIDEST**2, 101)
    right.plot(fine, fit(fine), color=VERMILLION, ls="--", lw=1,
               label=r"polynomial in $\Delta k^2$")
    right.plot(0, fit(0), "D", ms=5, color=VERMILLION, clip_on=False, zorder=3,
               label=r"extrapolated, $\Delta k\to0$")
    right.axhline(data["geometric"][0], color=BLACK, lw=1,
                  label=r"$g\Omega$, $\partial T$, $\partial^2\Omega$ of Eq. (11)")
    low, high = right.get_ylim()
    right.set(xlabel=r"$\Delta k^2$  [$1/a^2$]", ylabel=r"$\dot R_y$  [$a^4eE^{xxx}/\hbar$]",
              xlim=(0, None), ylim=(low, high + 0.5 * (high - low)))
    right.legend(loc="upper right")
    for ax, letter in ((left, "a"), (right, "b")):
        panel(ax, letter)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    limit = float(data["geometric"][0])
    return {
        "|extrapolated Ṙ_y/Eq. (11) - 1|": abs(float(extrapolation(data)(0)) / limit - 1),
        "|K̇_x/Eq. (11) - 1|": float(np.max(np.abs(data["K_dot"] / data["K_eq11"] - 1))),
    }


FIGURE = Figure("kozii_wave_packet", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
