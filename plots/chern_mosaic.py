"""A Chern mosaic: domains of Δ and -Δ, the current along their walls, and its field above them.

A magnetic topological insulator's surface, one Dirac cone, in no potential: domains of opposite
magnetisation, ε_F = 0.4Δ in the gap of both, 8 K. (a) Δ(x, y). (b) All of the current runs along
the walls, one way round each domain; a wall carries (e/h)ε_F. (c) B_z in nT at 60 nm, with the size
of the sensor. (d) M along the line of (b): flat in the domains, at the values -(e/2h)c(ε_F; ±Δ)
that one wide domain has.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel
from numpy.typing import NDArray
from scipy import constants

import dirac1d as dd
from dirac1d.apps.map_figure import draw_current
from dirac1d.apps.plotting import BLACK, BLUE, VERMILLION

MATERIAL = dd.materials.TI_SURFACE
#: One cone, E₀ = Δ.
SCALE = dd.Scale(MATERIAL.scale().v_F, MATERIAL.scale().energy)
FERMI_ENERGY, TEMPERATURE = 0.4, "8 K"
#: Of the cell, of the domains, and of a wall's tanh, in ħv_F/Δ; the field's seed.
SIDE, LENGTH, WALL, SEED = 15.0, 4.5, 1.0, 5
SAMPLES = 40
#: Height and the sensor's full width, in nm.
HEIGHT, SENSOR = 60.0, 50.0
ACCURACY, QUICK = 5e-3, 2e-2


def mosaic(side: float, samples: int) -> dd.Cell:
    """Δ = tanh(d/w), d about the distance to the nearest zero of a random field."""
    field = dd.disorder(1.0, LENGTH, (side, side), SEED)
    x = np.arange(samples) * side / samples
    slope = np.hypot(*field.gradient(x[:, None], x))
    distance = field(x[:, None], x) / np.hypot(slope, 0.3 / LENGTH)
    return dd.Cell(np.tanh(distance / WALL), (side, side))


def problems(quick: bool) -> Problems:
    mass = mosaic(SIDE / 2, SAMPLES // 2) if quick else mosaic(SIDE, SAMPLES)
    kT = SCALE.from_lab(TEMPERATURE, "temperature")
    return {"mosaic": dd.Problem(0.0, mass, FERMI_ENERGY, kT)}


def compute(problems: Problems, quick: bool) -> Data:
    problem = problems["mosaic"]
    points = 24 if quick else 120
    # The end of the period is left out: what an FFT wants.
    x = np.arange(points) * problem.mass.lengths[0] / points
    found = dd.current_map(problem, x, x, engine="states", rtol=QUICK if quick else ACCURACY)
    field, point = (dd.stray_field(found, HEIGHT, SCALE, sensor=s).B_z for s in (SENSOR, 0.0))
    return {"x": x, "j_x": found.j_x, "j_y": found.j_y, "M": found.M, "B": field, "point": point,
            "error": np.max(found.error) / problem.current_scale}


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(2, 2, figsize=(PAGE, 6.4))
    x, mass = data["x"], problems["mosaic"].mass
    nm, line = x * SCALE.unit("length"), len(data["x"]) // 3
    domains = mass(x[:, None], x)
    draw_current(axes[0, 1], x, x, data["j_x"], data["j_y"],
                 float(np.max(np.hypot(data["j_x"], data["j_y"]))), SCALE)
    B = data["B"]
    for ax, values, label in ((axes[0, 0], domains, r"$\Delta$  [$E_0$]"),
                              (axes[1, 0], B, "$B_z$  [nT]")):
        largest = np.max(np.abs(values))
        mesh = ax.pcolormesh(nm, nm, values.T, cmap="RdBu_r", vmin=-largest, vmax=largest,
                             shading="nearest", rasterized=True)
        figure.colorbar(mesh, ax=ax, label=label, location="bottom", shrink=0.9)
        ax.set(aspect="equal", xlabel="$x$  [nm]", ylabel="$y$  [nm]")
    for ax in (axes[0, 1], axes[1, 0]):
        ax.contour(nm, nm, domains.T, levels=[0.0], colors=BLACK, linewidths=0.6)
        ax.axhline(nm[line], color=BLACK, lw=0.7, ls=":")
    ax, unit = axes[1, 1], SCALE.unit("current")
    # M is known up to a constant.
    height = -(np.min(data["M"]) + np.max(data["M"])) / 2
    ax.plot(nm, (data["M"][:, line] + height) * unit, color=BLUE, label="$M$")
    ax.plot(nm, local(problems, data)[:, line] * unit, color=VERMILLION, lw=0.8, ls="--",
            label=r"$-(e/2h)\,c(\varepsilon_F;\Delta(x,y))$")
    ax.set(xlabel="$x$  [nm]", ylabel="$M$  [nA]", xlim=(nm[0], nm[-1]))
    ax.legend()
    texts = [r"$\Delta(x, y)$", "$|j|$", f"$B_z$ at {HEIGHT:g} nm, sensor {SENSOR:g} nm",
             "magnetisation"]
    for a, letter, text in zip(axes.flat, "abcd", texts, strict=True):
        panel(a, letter, text)
    return figure


def local(problems: Problems, data: Data) -> NDArray:
    """M of the local law where |Δ| > ε_F: -(e/2h) ε_F sgn Δ, smoothed by T; shape of the map."""
    problem = problems["mosaic"]
    mass = problem.mass(data["x"][:, None], data["x"])
    s, T = problem.fermi_energy, problem.temperature
    c = T * (np.logaddexp(0, (s + mass) / T) - np.logaddexp(0, (s - mass) / T)) - mass
    return -c / (4 * np.pi)


def check(problems: Problems, data: Data) -> dict[str, float]:
    """B_z again, by FFT from j on the grid; M from the middle of one domain to that of another."""
    problem = problems["mosaic"]
    n, L = len(data["x"]), problem.mass.lengths[0]
    q = 2 * np.pi * np.fft.fftfreq(n, L / n)
    size = np.hypot(q[:, None], q)
    size[0, 0] = 1.0
    curl = 1j * (q[:, None] * np.fft.fft2(data["j_y"]) - q * np.fft.fft2(data["j_x"]))
    unit = constants.mu_0 / 2 * 1e9 * SCALE.unit("current") / SCALE.unit("length")
    B = unit * np.real(np.fft.ifft2(curl / size * np.exp(-size * HEIGHT / SCALE.unit("length"))))
    rise = np.ptp(data["M"]) / (2 * problem.fermi_energy / (4 * np.pi))
    return {"|B_z - FFT of j|/max": float(np.max(np.abs(B - data["point"]))
                                          / np.max(np.abs(data["point"]))),
            "|range of M/(e/h)ε_F - 1|": abs(float(rise) - 1),
            "largest claimed error/j0": float(data["error"])}


FIGURE = Figure("chern_mosaic", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
