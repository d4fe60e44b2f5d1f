"""A disc of opposite mass: its chiral ring current, its moment, and its field at a SQUID's height.

A domain of reversed magnetisation, 200 nm in radius, on the surface of a Cr-doped topological
insulator: Δ = -6.75 meV inside, 6.75 meV outside, no potential. A chiral state circles its wall,
E ≈ ±j ħv/R. (a) The current around the disc with ε_F in the gap, cold and warm. (b) What goes
round in all, against ε_F: at T = 0 a step with every level of the ring, which are marked; at a
temperature of the order of their distance the straight wall's (e/h)ε_F. (c) B_z at three heights
above the cold ring, beside what a SQUID on a tip resolves in a second, 15 to 60 nT
(arXiv:2006.08053, 1308.0694).
"""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d.apps.plotting import BLACK, BLUE, VERMILLION
from dirac1d.dirac import E_OVER_2H

SURFACE = dd.materials.TI_SURFACE
SCALE = SURFACE.scale()
#: In nm: radius of the disc, width of its wall, largest distance from the axis, heights.
RADIUS, WALL, REACH, HEIGHTS = 200.0, 20.0, 500.0, (50.0, 100.0, 150.0)
#: In Δ: ε_F of (a) and (c), the largest one of (b), and temperatures.
SHOWN, HIGHEST, TEMPERATURES = 0.4, 0.7, (0.0, 0.15)
#: nT in a second.
RESOLVED = (15.0, 60.0)
ACCURACY, QUICK = 1e-4, 1e-3


def problems(quick: bool) -> Problems:
    unit = SCALE.unit("length")
    mass = dd.SmoothDisc(-2.0, RADIUS / unit, WALL / unit, outside=1.0)
    return {f"{T:g}": dd.Problem(0.0, mass, SHOWN, T) for T in TEMPERATURES}


def compute(problems: Problems, quick: bool) -> Data:
    r, rtol = np.linspace(0, REACH, 21 if quick else 201), QUICK if quick else ACCURACY
    own = r / SCALE.unit("length")
    energies = np.array([SHOWN]) if quick else np.linspace(0.0, HIGHEST, 43)
    data = {"r": r, "energy": energies}
    for name, problem in problems.items():
        profile = dd.current_density(problem, own, rtol=rtol)
        data[f"{name}_j"] = SCALE.to_lab(profile.j_y, "current_density")
        data[f"{name}_moment"] = np.array(profile.moment.value)
        if problem.temperature == 0:
            for z in HEIGHTS:
                data[f"{z:g}_B"] = dd.stray_field(profile, z, SCALE, x=r).B_z
            data["far"] = dd.stray_field(profile, 1e5, SCALE, x=[0.0]).B_z
        data[f"{name}_half"] = np.array([
            dd.current_density(
                replace(problem, fermi_energy=energy), own[:2], rtol=10 * rtol).integral().value
            for energy in energies.tolist()
        ])
    j = np.arange(0.5, 1.5 * HIGHEST * RADIUS / SCALE.unit("length"))
    levels = [dd.bound_states(problems["0"], q).energies for q in np.append(j, -j).tolist()]
    data["levels"] = np.sort(np.concatenate(levels))
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.7))
    first, second, third = axes
    energy = data["energy"] * SURFACE.mass
    half = float(SCALE.to_lab(1.0, "current"))
    for T, colour in zip(TEMPERATURES, (BLUE, VERMILLION), strict=True):
        label = f"{float(SCALE.to_lab(T, 'temperature')):.2g} K"
        first.plot(data["r"], data[f"{T:g}_j"], color=colour, label=label)
        second.plot(energy, half * data[f"{T:g}_half"], color=colour,
                    drawstyle="default" if T else "steps-mid")
    second.plot(energy, half * 2 * E_OVER_2H * data["energy"], ":", color=BLACK,
                label=r"$(e/h)\varepsilon_F$")
    for level in data["levels"] * SURFACE.mass:
        if 0 < level < energy[-1]:
            second.axvline(level, ymax=0.06, color=BLACK, lw=0.8)
    for z in HEIGHTS:
        third.plot(data["r"], data[f"{z:g}_B"], label=f"{z:g} nm")
    for sign, name in ((-1, "SQUID, 1 s"), (1, None)):
        third.axhspan(*(sign * q for q in RESOLVED), color="0.85", lw=0, zorder=0, label=name)
    first.axvline(RADIUS, color=BLACK, lw=0.7, ls=":")
    third.axvline(RADIUS, color=BLACK, lw=0.7, ls=":")
    first.set(xlabel=r"$r$  [nm]", ylabel=r"$j_\varphi$  [nA/µm]", xlim=(0, REACH))
    second.set(xlabel=r"$\varepsilon_F$  [meV]", ylabel=r"$\int j_\varphi\,dr$  [nA]",
               xlim=(energy[0], energy[-1]) if len(energy) > 1 else None)
    third.set(xlabel=r"$r$  [nm]", ylabel=r"$B_z$  [nT]", xlim=(0, REACH))
    first.legend(loc="lower right")
    second.legend(loc="lower left", bbox_to_anchor=(0.0, 0.06))
    third.legend(loc="lower right", title="height")
    for ax, letter in zip(axes, "abc", strict=True):
        ax.axhline(0, color="0.7", lw=0.6, zorder=0)
        panel(ax, letter)
    figure.suptitle(
        f"{SURFACE.name}; $\\Delta$ = $-${SURFACE.mass:g} meV within {RADIUS:g} nm, "
        f"{SURFACE.mass:g} meV outside; (a), (c): $\\varepsilon_F$ = "
        f"{SHOWN * SURFACE.mass:.3g} meV", fontsize=8)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    """The dipole far away, the wall's closed form where it is warm, and a level of the ring."""
    # From 100 µm the ring is a dipole: B_z = μ₀m/2πz³ on its axis, in nT, A m² and m.
    length = SCALE.unit("length") * 1e-9
    moment = float(data["0_moment"]) * SCALE.unit("current") * 1e-9 * length**2
    dipole = 2e-7 * moment / 1e-4**3 * 1e9
    at = int(np.argmin(np.abs(data["energy"] - SHOWN)))
    warm = problems[f"{TEMPERATURES[1]:g}"]
    straight = dd.total_current(replace(
        warm, potential=dd.SharpStep(0.0, 0.0), mass=dd.SharpStep(-1.0, 1.0),
        fermi_energy=float(data["energy"][at])))
    ring = np.arange(0.5, 2.0) * SCALE.unit("length") / RADIUS
    found = data["levels"][data["levels"] > 0][:2]
    return {
        "far away |B_z/dipole - 1|": abs(float(data["far"][0]) / dipole - 1),
        "warm |M(0)/straight wall - 1|": abs(
            float(data[f"{TEMPERATURES[1]:g}_half"][at]) / straight - 1),
        "|E/(jħv/R) - 1|": float(np.max(np.abs(found / ring - 1))),
    }


FIGURE = Figure("mass_disc", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
