"""The picture of a map: U with its lines of stopping points, the current, and the smooth law."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dirac1d.apps.plotting import BLUE, VERMILLION, Axis, style
from dirac1d.exact import smooth_current
from dirac1d.observables.map_field import FieldMap
from dirac1d.problem import Problem
from dirac1d.results.map import CurrentMap

#: Points to a side at which U is drawn: finer than the map where that is coarse.
_FINE = 241
#: Stream lines: how close they may come, over matplotlib's default distance.
_DENSITY = 1.1
#: Part of the largest current below which there are none.
_STILL = 0.02


def map_figure(found: CurrentMap, field: FieldMap | None = None, scale: Any = None) -> Figure:
    """U and its lines of stopping points, |j| with stream lines, the smooth law; B_z with a field.

    With a scale the axes are in nm, meV and nA/µm, of the electric current.
    """
    problem, panels = found.problem, 3 if field is None else 4
    smooth = smooth_current(problem, found.x, found.y)
    with style():
        figure, axes = plt.subplots(
            1, panels, figsize=(2.45 * panels, 2.9), layout="constrained", squeeze=False)
        draw_potential(axes[0, 0], problem, found.x, found.y, scale)
        largest = max(np.max(found.magnitude), np.max(np.hypot(smooth.j_x, smooth.j_y)))
        draw_current(axes[0, 1], found.x, found.y, found.j_x, found.j_y, largest, scale)
        draw_current(axes[0, 2], found.x, found.y, smooth.j_x, smooth.j_y, largest, scale)
        texts = ["$U$", "$|j|$", "smooth law"]
        if field is not None:
            draw_field(axes[0, 3], field, found, scale)
            texts.append(f"$B_z$ at {field.height:g} nm")
        for ax, letter, text in zip(axes[0], "abcd", texts, strict=False):
            ax.set_title(f"({letter})", loc="left")
            ax.set_title(text, loc="right", fontsize=8)
        for ax in axes[0, 1:]:
            ax.set(ylabel="", yticklabels=[])
    return figure


def frame(ax: Axes, x: NDArray, y: NDArray, axis: Axis) -> None:
    """Labels and limits of a map's panel."""
    ax.set(xlabel=axis.x_label, ylabel=axis.x_label.replace("x", "y", 1), aspect="equal",
           xlim=(x[0] * axis.length, x[-1] * axis.length),
           ylim=(y[0] * axis.length, y[-1] * axis.length))


def draw_potential(
    ax: Axes, problem: Problem, x: NDArray, y: NDArray, scale: Any = None
) -> Axes:
    """U in colours about ε_F, and the lines on which ε_F meets the edge of a band."""
    axis = Axis.of(scale)
    x, y = (np.linspace(v[0], v[-1], _FINE) for v in (x, y))
    s = (problem.potential(x[:, None], y[None, :]) - problem.fermi_energy) * axis.energy
    largest = float(np.max(np.abs(s))) or 1.0
    shown = (x * axis.length, y * axis.length)
    mesh = ax.pcolormesh(*shown, s.T, cmap="PuOr_r", vmin=-largest, vmax=largest,
                         shading="nearest", rasterized=True)
    gap = np.abs(problem.mass_at(x[:, None], y[None, :])) * axis.energy
    stopping_lines(ax, *shown, s, gap)
    ax.figure.colorbar(mesh, ax=ax, label=rf"$U-\varepsilon_F$  [{axis.energy_unit}]",
                       location="bottom", shrink=0.9)
    frame(ax, x, y, axis)
    return ax


def draw_current(
    ax: Axes, x: NDArray, y: NDArray, j_x: NDArray, j_y: NDArray, largest: float, scale: Any = None
) -> Axes:
    """|j| in colours, and stream lines with arrows along the electric current."""
    axis = Axis.of(scale)
    size = np.hypot(j_x, j_y) * abs(axis.density)
    shown = (x * axis.length, y * axis.length)
    mesh = ax.pcolormesh(*shown, size.T, cmap="magma", vmin=0, vmax=largest * abs(axis.density),
                         shading="nearest", rasterized=True)
    stream_lines(ax, *shown, j_x * np.sign(axis.density), j_y * np.sign(axis.density))
    ax.figure.colorbar(mesh, ax=ax, label=size_label(scale), location="bottom", shrink=0.9)
    frame(ax, x, y, axis)
    return ax


def size_label(scale: Any) -> str:
    """Of |j|, with its unit."""
    unit = Axis.of(scale).density_label.split("[")[-1]
    return f"{r'$|j|/e$' if scale is None else '$|j|$'}  [{unit}"


def stopping_lines(
    ax: Axes, x: NDArray, y: NDArray, s: NDArray, gap: NDArray | float
) -> list[Any]:
    """Lines on which s = U - ε_F is ∓gap, drawn."""
    return [ax.contour(x, y, above.T, levels=[0.0], colors=[colour], linewidths=1.0,
                       linestyles="-")
            for above, colour in ((s + gap, BLUE), (s - gap, VERMILLION))
            if np.min(above) < 0 < np.max(above)]


def stream_lines(ax: Axes, x: NDArray, y: NDArray, j_x: NDArray, j_y: NDArray) -> list[Any]:
    """Lines along j with arrows, drawn; none where there is next to nothing to follow."""
    size = np.hypot(j_x, j_y)
    if min(len(x), len(y)) <= 2 or not np.any(size) or not (_even(x) and _even(y)):
        return []
    still = size < _STILL * np.max(size)
    j_x, j_y = (np.where(still, np.nan, j) for j in (j_x, j_y))
    before = list(ax.patches)
    found = ax.streamplot(x, y, j_x.T, j_y.T, density=_DENSITY, color="w",
                          linewidth=1.2 * size.T / np.max(size), arrowsize=0.5)
    return [found.lines, *(patch for patch in ax.patches if patch not in before)]


def draw_field(ax: Axes, field: FieldMap, found: CurrentMap, scale: Any = None) -> Axes:
    """B_z in nT."""
    axis = Axis.of(scale)
    largest = float(np.max(np.abs(field.B_z))) or 1.0
    mesh = ax.pcolormesh(found.x * axis.length, found.y * axis.length, field.B_z.T, cmap="RdBu_r",
                         vmin=-largest, vmax=largest, shading="nearest", rasterized=True)
    ax.figure.colorbar(mesh, ax=ax, label="$B_z$  [nT]", location="bottom", shrink=0.9)
    frame(ax, found.x, found.y, axis)
    return ax


def _even(positions: NDArray) -> bool:
    """Whether matplotlib can draw stream lines on them."""
    steps = np.diff(positions)
    return bool(np.ptp(steps) < 1e-9 * np.max(steps))
