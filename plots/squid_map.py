"""What a SQUID on a tip sees above puddles: B_z in nT at two heights, with the size of the sensor.

One surface of a Cr-doped topological insulator, one Dirac cone; a disordered potential of 5 meV rms
and 60 nm, at 4.2 K. The field is that of the map's magnetisation, wave by wave: at 50 nm the
channels between the puddles are seen, at 200 nm their sum. (d) Along the line of (b) and (c).
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel
from scipy import constants

import dirac1d as dd
from dirac1d.apps.map_figure import draw_current
from dirac1d.apps.plotting import BLACK, BLUE, VERMILLION

MATERIAL = dd.materials.TI_SURFACE
#: One cone, E₀ = Δ.
SCALE = dd.Scale(MATERIAL.scale().v_F, MATERIAL.scale().energy)
RMS, LENGTH, SIDE, TEMPERATURE, SEED = "5 meV", "60 nm", "480 nm", "4.2 K", 3
#: Heights and the sensor's full width, in nm.
HEIGHTS, SENSOR = (50.0, 200.0), 50.0
ACCURACY, QUICK = 1e-2, 0.1


def problems(quick: bool) -> Problems:
    side = SCALE.from_lab(SIDE, "length") / (2 if quick else 1)
    cell = dd.disorder(SCALE.from_lab(RMS, "energy"), SCALE.from_lab(LENGTH, "length"),
                       (side, side), SEED)
    return {"puddles": dd.Problem(cell, MATERIAL.mass / SCALE.energy,
                                  temperature=SCALE.from_lab(TEMPERATURE, "temperature"))}


def compute(problems: Problems, quick: bool) -> Data:
    problem = problems["puddles"]
    points = 32 if quick else 120
    # The end of the period is left out: what an FFT wants.
    x = np.arange(points) * problem.potential.lengths[0] / points
    found = dd.current_map(problem, x, x, rtol=QUICK if quick else ACCURACY)
    data: Data = {"x": x, "j_x": found.j_x, "j_y": found.j_y,
                  "error": np.max(found.error) / problem.current_scale}
    for height in HEIGHTS:
        field = dd.stray_field(found, height, SCALE, sensor=SENSOR)
        data[f"B_{height:g}"] = field.B_z
    data["point"] = dd.stray_field(found, HEIGHTS[0], SCALE).B_z
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(2, 2, figsize=(PAGE, 6.0))
    x = data["x"]
    nm = x * SCALE.unit("length")
    draw_current(axes[0, 0], x, x, data["j_x"], data["j_y"],
                 float(np.max(np.hypot(data["j_x"], data["j_y"]))), SCALE)
    line = len(x) // 2
    for ax, height in zip((axes[0, 1], axes[1, 0]), HEIGHTS, strict=True):
        B = data[f"B_{height:g}"]
        largest = np.max(np.abs(B))
        mesh = ax.pcolormesh(nm, nm, B.T, cmap="RdBu_r", vmin=-largest, vmax=largest,
                             shading="nearest", rasterized=True)
        figure.colorbar(mesh, ax=ax, label="$B_z$  [nT]", location="bottom", shrink=0.9)
        ax.axhline(nm[line], color=BLACK, lw=0.7, ls=":")
        ax.set(aspect="equal", xlabel="$x$  [nm]", ylabel="$y$  [nm]")
    ax = axes[1, 1]
    ax.plot(nm, data["point"][:, line], color=BLACK, lw=0.8, ls="--",
            label=f"{HEIGHTS[0]:g} nm, a point")
    for height, colour in zip(HEIGHTS, (BLUE, VERMILLION), strict=True):
        ax.plot(nm, data[f"B_{height:g}"][:, line], color=colour, label=f"{height:g} nm")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlabel="$x$  [nm]", ylabel="$B_z$  [nT]", xlim=(nm[0], nm[-1]))
    ax.legend()
    texts = ["$|j|$", *(f"$B_z$ at {h:g} nm" for h in HEIGHTS), f"sensor {SENSOR:g} nm"]
    for a, letter, text in zip(axes.flat, "abcd", texts, strict=True):
        panel(a, letter, text)
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    """B_z again, from the values of j on the grid: Biot-Savart by FFT."""
    n, L = len(data["x"]), problems["puddles"].potential.lengths[0]
    q = 2 * np.pi * np.fft.fftfreq(n, L / n)
    size = np.hypot(q[:, None], q)
    size[0, 0] = 1.0
    curl = 1j * (q[:, None] * np.fft.fft2(data["j_y"]) - q * np.fft.fft2(data["j_x"]))
    unit = constants.mu_0 / 2 * 1e9 * SCALE.unit("current") / SCALE.unit("length")
    height = HEIGHTS[0] / SCALE.unit("length")
    B = unit * np.real(np.fft.ifft2(curl / size * np.exp(-size * height)))
    largest = np.max(np.abs(data["point"]))
    return {"|B_z - FFT of j|/max": float(np.max(np.abs(B - data["point"])) / largest),
            "largest claimed error/j0": float(data["error"])}


FIGURE = Figure("squid_map", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
