"""What a SQUID on a tip reads above a gated dot: the ring current in the gap, and its field.

A Gaussian dot of -5 meV and 100 nm on the surface of a Cr-doped topological insulator (one Dirac
cone, so its anomalous current is a charge current), Δ = 6.75 meV. (a) The current around the dot.
(b) B_z at three heights, ε_F in the gap, beside what a SQUID on a tip resolves in a second, 15 to
60 nT (arXiv:2006.08053, 1308.0694). (c) B_z above the centre against ε_F: the smooth law's plateau
while ε_F lies in the gap everywhere, less where the dot holds electrons.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd

SURFACE = dd.materials.TI_SURFACE
#: meV and nm.
DEPTH, WIDTH = 5.0, 100.0
GATE = {"shape": "dot", "height": f"{-DEPTH} meV", "width": f"{WIDTH} nm"}
HEIGHTS, PROBE = (50.0, 100.0, 150.0), 100.0
TEMPERATURES = (4.2, 20.0)
#: nT in a second.
RESOLVED = (15.0, 60.0)
#: Largest distance from the axis in nm, and ε_F in meV: without a metal outside at 4.2 K.
REACH, LOWEST, HIGHEST = 400.0, -6.0, 6.0
ACCURACY, QUICK = 1e-4, 1e-3


def problems(quick: bool) -> Problems:
    scale = SURFACE.scale()
    return {"gap": SURFACE.problem(SURFACE.flavours[0], dd.gate(GATE, scale), scale)}


def compute(problems: Problems, quick: bool) -> Data:
    r, rtol = np.linspace(0, REACH, 41 if quick else 201), QUICK if quick else ACCURACY
    current = dd.material_current(SURFACE, GATE, x=r, rtol=rtol)
    profile = current.cones[0].profile
    data = {"r": r, "U": current.U, "j": current.j_y, "error": current.error,
            "half": np.array(current.currents["charge"]),
            "moment": np.array(profile.moment.value)}
    for z in HEIGHTS:
        data[f"{z:g}_B"] = dd.stray_field(current, z, x=r).B_z
    data["far"] = dd.stray_field(current, 1e5, x=[0.0]).B_z
    for T in TEMPERATURES:
        data[f"{T:g}_energy"] = np.array([0.0]) if quick else np.linspace(LOWEST, HIGHEST, 17)
        data[f"{T:g}_centre"] = np.array([
            dd.stray_field(
                dd.material_current(SURFACE, GATE, f"{e} meV", f"{T} K", x=r[:3], rtol=10 * rtol),
                PROBE, x=[0.0],
            ).B_z[0] for e in data[f"{T:g}_energy"]
        ])
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.7))
    first, second, third = axes
    first.plot(data["r"], data["j"])
    first.set(xlabel=r"$r$  [nm]", ylabel=r"$j_\varphi$  [nA/µm]", xlim=(0, REACH))
    for z in HEIGHTS:
        second.plot(data["r"], data[f"{z:g}_B"], label=f"{z:g} nm")
    second.axhspan(*RESOLVED, color="0.85", lw=0, zorder=0, label="SQUID, 1 s")
    second.set(xlabel=r"$r$  [nm]", ylabel=r"$B_z$  [nT]", xlim=(0, REACH))
    second.legend(loc="upper right", title="height")
    for T in TEMPERATURES:
        third.plot(data[f"{T:g}_energy"], data[f"{T:g}_centre"], label=f"{T:g} K")
    third.set(xlabel=r"$\varepsilon_F$  [meV]", ylabel=rf"$B_z$ at $r=0$, {PROBE:g} nm  [nT]",
              xlim=(LOWEST, HIGHEST))
    third.legend(loc="lower left")
    for ax, letter in zip(axes, "abc", strict=True):
        ax.axhline(0, color="0.7", lw=0.6, zorder=0)
        panel(ax, letter)
    figure.suptitle(
        f"{SURFACE.name}, $\\Delta$ = {SURFACE.mass:g} meV; dot of $-${DEPTH:g} meV, {WIDTH:g} nm; "
        r"(a), (b): $\varepsilon_F$ = 0, $T$ = 0", fontsize=8)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    # From 100 µm the ring is a dipole: B_z = μ₀m/2πz³ on its axis, in nT, A m² and m.
    scale = SURFACE.scale()
    moment = float(data["moment"]) * scale.unit("current") * 1e-9
    dipole = 2e-7 * moment * (scale.unit("length") * 1e-9) ** 2 / 1e-4**3 * 1e9
    smooth = abs(float(scale.to_lab(DEPTH / SURFACE.mass / (4 * np.pi), "current")))
    return {"far away |B_z/dipole - 1|": abs(float(data["far"][0]) / dipole - 1),
            "|M(0)/smooth law - 1|": abs(abs(float(data["half"])) / smooth - 1)}


FIGURE = Figure("squid_on_tip", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
