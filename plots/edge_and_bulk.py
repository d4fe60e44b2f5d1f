"""Where the bulk current of a step goes when the step becomes a wall.

U rises by 0.8Δ over one Compton length, and the gap on its left goes from Δ through 0 to -Δ.
(a) In the gap of the right: the step's current is all of the leads' waves, SR Eq. (12). States are
bound from where Δ changes by more than U does, before it changes its sign; they carry more than the
whole, against the bulk, and at -Δ all of it, (e/h)ε_F. (b) With ε_F in the bands of both leads.
(c) The bound states of the point marked in (a), and the edges of the leads' bands, where the branch
begins and ends: what it carries is fixed there.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import BLACK, BLUE, GREEN, VERMILLION
from dirac1d.dirac import E_OVER_2H

U = dd.TanhStep(-0.4, 0.4, 1.0)
ENERGIES = (0.3, 1.7)
#: Of the point whose bound states are shown, and momenta, in Δ.
SHOWN, MOMENTA = -0.5, 1.9


def masses(quick: bool) -> list[float]:
    """Δ on the left, in that on the right; none of them 0."""
    return np.linspace(1.0, -1.0, 5 if quick else 33).round(4).tolist()


def problems(quick: bool) -> Problems:
    every = {
        f"{energy} {left}": dd.Problem(U, dd.TanhStep(left or 1e-3, 1.0, 1.0), energy)
        for energy in ENERGIES for left in masses(quick)
    }
    return every | {"shown": dd.Problem(U, dd.TanhStep(SHOWN, 1.0, 1.0), ENERGIES[0])}


def compute(problems: Problems, quick: bool) -> Data:
    left = np.array(masses(quick))
    split = [
        [dd.edge_and_bulk_current(problems[f"{energy} {a}"]) for a in left.tolist()]
        for energy in ENERGIES
    ]
    parts = {
        name: np.array([[getattr(q, name) for q in row] for row in split]) / (2 * E_OVER_2H)
        for name in ("edge", "bulk", "total", "error")
    }
    p = np.linspace(-MOMENTA, MOMENTA, 27 if quick else 153)
    bound = [dd.edge_states(problems["shown"], q).energies for q in p.tolist()]
    E = np.array([e[0] if len(e) else np.nan for e in bound])
    return parts | {"left": left, "p": p, "E": E}


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.9))
    for i, (ax, energy) in enumerate(zip(axes[:2], ENERGIES, strict=True)):
        for name, colour, style in (
            ("total", BLACK, "-"), ("edge", VERMILLION, "--"), ("bulk", BLUE, "-.")
        ):
            ax.plot(data["left"], data[name][i], style, color=colour,
                    label={"total": "total", "edge": "bound states", "bulk": "bulk"}[name])
        ax.axhline(0.0, color=BLACK, lw=0.5)
        ax.invert_xaxis()
        ax.set(xlabel=r"$\Delta_L/\Delta_R$", ylabel=r"$J_y$  [$e\Delta_R/h$]" if i == 0 else "")
        panel(ax, "ab"[i], rf"$\varepsilon_F = {energy}\,\Delta_R$")
    axes[0].axvline(SHOWN, color=BLACK, lw=0.7, ls=":")
    axes[0].legend()
    ax, p, shown = axes[2], data["p"], problems["shown"]
    edges = [(shown.U_L, shown.mass_left), (shown.U_R, shown.mass_right)]
    for (level, mass), colour, name in zip(edges, (GREEN, BLUE), ("left", "right"), strict=True):
        reach = np.hypot(mass, p)
        for sign in (-1, 1):
            ax.plot(p, level + sign * reach, color=colour, lw=0.9,
                    label=f"bands, {name}" if sign > 0 else None)
    ax.plot(p, data["E"], color=VERMILLION, lw=1.8, label="bound")
    ax.axhline(shown.fermi_energy, color=BLACK, lw=0.7, ls=":")
    ax.set(xlabel=r"$p_y$  [$\Delta_R/v_F$]", ylabel=r"$E$  [$\Delta_R$]",
           xlim=(p[0], p[-1]), ylim=(-2.2, 3.4))
    ax.legend(loc="upper center", ncols=2, columnspacing=0.8, handlelength=1.2)
    panel(ax, "c", rf"$\Delta_L = {SHOWN}\,\Delta_R$")
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    """What the drawn branch carries; a wall of Δ and -Δ; the ends of what is claimed."""
    bound = np.isfinite(data["E"])
    ends = np.abs(data["E"][bound][[0, -1]] - problems["shown"].fermi_energy)
    carried = (ends[0] - ends[1]) / 2  # ∫ (f - ½) dE
    at = int(np.argmin(np.abs(data["left"] - SHOWN)))
    return {
        "|edge - its branch|/(eΔ/h)": abs(float(carried - data["edge"][0, at])),
        "|edge - (e/h)ε_F|/(eΔ/h) at -Δ": abs(float(data["edge"][0, -1]) - ENERGIES[0]),
        "largest claimed error/(eΔ/h)": float(np.max(data["error"])),
    }


FIGURE = Figure("edge_and_bulk", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
