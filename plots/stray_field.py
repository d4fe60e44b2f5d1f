"""The magnetic field of the current along a gate's step, at the heights of scanning probes.

A step of 6 meV over 100 nm on the surface of a Cr-doped topological insulator (one Dirac cone, so
its anomalous current is a charge current). (a), (b) The field at three heights, ε_F in the gap.
(c) The field above the middle of the step against ε_F.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, RTOL, Data, Figure, Problems, panel

import dirac1d as dd

SURFACE = dd.materials.TI_SURFACE
#: meV and nm.
STEP, RISE = 6.0, 100.0
GATE = {"shape": "tanh", "left": f"{-STEP / 2} meV", "right": f"{STEP / 2} meV",
        "rise": f"{RISE} nm"}
HEIGHTS, PROBE = (50.0, 150.0, 500.0), 150.0
TEMPERATURES = (0.0, 4.2, 20.0)
#: Largest |ε_F| in meV, and |x| in nm.
HIGHEST, REACH = 14.0, 1000.0


def problems(quick: bool) -> Problems:
    scale = SURFACE.scale()
    return {"gap": SURFACE.problem(SURFACE.flavours[0], dd.gate(GATE, scale), scale)}


def fermi_energies(temperature: float, quick: bool) -> np.ndarray:
    """In meV; at T = 0 denser at the four band edges, where the field has corners."""
    plain = np.linspace(-HIGHEST, HIGHEST, 9 if quick else 43)
    if temperature or quick:
        return plain
    edges = np.array([s * SURFACE.mass + t * STEP / 2 for s in (-1, 1) for t in (-1, 1)])
    offsets = np.concatenate([s * np.geomspace(0.03, 0.8, 5) for s in (-1, 1)])
    return np.unique(np.concatenate((plain, (edges[:, None] + offsets).ravel())))


def compute(problems: Problems, quick: bool) -> Data:
    x = np.linspace(-REACH, REACH, 41 if quick else 401)
    current = dd.material_current(SURFACE, GATE, rtol=RTOL)
    total = current.cones[0].profile.integral(-np.inf, np.inf)
    data = {"x": x, "J_y": np.array(current.scale.to_lab(total, "current"))}
    for z in HEIGHTS:
        field = dd.stray_field(current, z, x=x)
        data |= {f"{z:g}_x": field.B_x, f"{z:g}_z": field.B_z}
    data["far"] = dd.stray_field(current, 1e5, x=[0.0]).B_x
    for T in TEMPERATURES:
        energies = fermi_energies(T, quick)
        data[f"{T:g}_energy"] = energies
        data[f"{T:g}_B"] = np.array([
            dd.stray_field(dd.material_current(SURFACE, GATE, f"{e} meV", f"{T} K", rtol=RTOL),
                           PROBE, x=[0.0]).B_x[0] for e in energies])
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.7))
    for z in HEIGHTS:
        for ax, component in zip(axes, "xz", strict=False):
            ax.plot(data["x"] / 1e3, data[f"{z:g}_{component}"], label=f"{z:g} nm")
    for ax, component in zip(axes, "xz", strict=False):
        ax.set(xlabel=r"$x$  [µm]", ylabel=rf"$B_{component}$  [nT]",
               xlim=(-REACH / 1e3, REACH / 1e3))
    for T in TEMPERATURES:
        axes[2].plot(data[f"{T:g}_energy"], data[f"{T:g}_B"], label=f"{T:g} K")
    axes[2].set(xlabel=r"$\varepsilon_F$  [meV]", xlim=(-HIGHEST, HIGHEST),
                ylabel=rf"$B_x$ at $x=0$, {PROBE:g} nm  [nT]")
    for ax in axes:
        ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    # Room for the legends above the curves.
    for ax, room in ((axes[0], 1.3), (axes[2], 1.55)):
        ax.set_ylim(top=room * ax.get_ylim()[1])
    axes[0].legend(loc="upper right", title="height")
    axes[2].legend(loc="upper right")
    for ax, letter in zip(axes, "abc", strict=True):
        panel(ax, letter)
    figure.suptitle(
        f"{SURFACE.name}, $\\Delta$ = {SURFACE.mass:g} meV; step of {STEP:g} meV over {RISE:g} nm; "
        r"(a), (b): $\varepsilon_F$ = 0, $T$ = 0", fontsize=8)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    # From 100 µm the step is a wire: B_x = μ₀J_y/2πz, 2e-7 T·m/A.
    wire = 2e-7 * float(data["J_y"]) * 1e-9 / 1e-4 * 1e9
    scale = SURFACE.scale()
    closed = float(scale.to_lab(dd.total_current(problems["gap"]), "current"))
    return {"far away |B_x/wire - 1|": abs(float(data["far"][0]) / wire - 1),
            "|J_y/closed form - 1|": abs(float(data["J_y"]) / closed - 1)}


FIGURE = Figure("stray_field", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
