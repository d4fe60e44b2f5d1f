"""One experiment on one page, as ``dirac1d image`` makes it: from the gate to what a probe reads.

The surface of a Cr-doped topological insulator under a gate's step of 6 meV over 100 nm at 4.2 K,
scanned by a SQUID of 100 nm on a tip that a tuning fork shakes: bands, current, field, signal, and
how long each pixel takes.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import Data, Figure, Problems

import dirac1d as dd
from dirac1d.apps.image import image_figure

GATE = {"shape": "tanh", "left": "-3 meV", "right": "3 meV", "rise": "100 nm"}


def image() -> dd.Image:
    """The whole experiment; under a second, so nothing of it is kept."""
    return dd.image("ti-surface", GATE, temperature="4.2 K", diameter="100 nm", amplitude="20 nm")


def problems(quick: bool) -> Problems:
    surface = dd.materials.TI_SURFACE
    scale = surface.scale()
    potential = dd.gate(GATE, scale)
    return {"surface": surface.problem(surface.flavours[0], potential, scale, 0, "4.2 K")}


def compute(problems: Problems, quick: bool) -> Data:
    columns, _ = image().columns()
    return columns | {"far": dd.stray_field(image().current, 1e5, x=[0.0]).B_x}


def draw(problems: Problems, data: Data) -> plt.Figure:
    return image_figure(image())


def check(problems: Problems, data: Data) -> dict[str, float]:
    scale = dd.materials.TI_SURFACE.scale()
    closed = float(scale.to_lab(dd.total_current(problems["surface"]), "current"))
    wire = 2e-7 * closed * 1e-9 / 1e-4 * 1e9
    # Far above, the fork reads its amplitude times the slope.
    slope = 20.0 * np.gradient(data["read_500nm"], data["x"])
    worst = float(np.max(np.abs(data["fork_500nm"] - slope)) / np.max(np.abs(slope)))
    return {"far away |B_x/wire - 1|": abs(float(data["far"][0]) / wire - 1),
            "at 500 nm |fork - a ∂B_z/∂x|/max": worst}


FIGURE = Figure("experiment", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
