"""The explorer's page for maps as it shows: panels, sliders, buttons; it computes no physics."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.widgets import Button, Slider
from numpy.typing import NDArray

from dirac1d.apps.explorer_view import slider_at
from dirac1d.apps.map_figure import frame, size_label, stopping_lines, stream_lines
from dirac1d.apps.plotting import Axis, style
from dirac1d.exact.smooth import SmoothCurrent
from dirac1d.problem import Problem
from dirac1d.results.map import CurrentMap

#: Of the cell and its electrons: kind, smallest, largest, at the start.
MAP_RANGES = {
    "rms": ("energy", 0.1, 2.0, 1.1),
    "correlation_length": ("length", 0.8, 3.0, 1.5),
    "fermi_energy": ("energy", -2.0, 2.0, 0.0),
    "temperature": ("temperature", 0.05, 0.5, 0.1),
    "seed": ("count", 0, 50, 5),
}
#: Points to a side at which U is drawn and areas are counted.
_FINE = 121


class MapView:
    """The window and its parts.

    Attributes
    ----------
    figure : matplotlib Figure
    meshes : dict
        "potential", "law" and "map": coloured panels.
    text, status : matplotlib Text
        Areas and the share of the current in puddles; what is going on.
    sliders, buttons : dict
        By name.
    """

    def __init__(self, x: NDArray, y: NDArray, scale: Any = None) -> None:
        self.x, self.y, self.scale, self.axis = x, y, scale, Axis.of(scale)
        self._drawn: dict[str, list[Any]] = {"potential": [], "law": [], "map": []}
        with style():
            self.figure: Figure = plt.figure(figsize=(9.0, 5.6), dpi=110, layout="none")
            self._panels()
            self._controls()
        if self.figure.canvas.manager is not None:
            self.figure.canvas.manager.set_window_title("dirac1d: maps")

    def _panels(self) -> None:
        axis, fine = self.axis, [np.linspace(v[0], v[-1], _FINE) for v in (self.x, self.y)]
        self.fine: list[NDArray] = fine
        self.axes, self.meshes = {}, {}
        panels = (("potential", "$U$", fine, "PuOr_r", rf"$U-\varepsilon_F$  [{axis.energy_unit}]"),
                  ("law", "smooth law", (self.x, self.y), "magma", size_label(self.scale)),
                  ("map", "map", (self.x, self.y), "magma", size_label(self.scale)))
        for i, (name, title, (x, y), colours, label) in enumerate(panels):
            ax = self.figure.add_axes((0.065 + 0.32 * i, 0.49, 0.27, 0.45))
            self.meshes[name] = ax.pcolormesh(
                x * axis.length, y * axis.length, np.full((len(y), len(x)), np.nan), cmap=colours,
                shading="nearest", rasterized=True)
            bar = self.figure.add_axes((0.065 + 0.32 * i, 0.365, 0.27, 0.015))
            self.figure.colorbar(self.meshes[name], cax=bar, label=label, orientation="horizontal")
            ax.set_title(title, loc="right", fontsize=8)
            frame(ax, self.x, self.y, axis)
            if i:
                ax.set(ylabel="", yticklabels=[])
            self.axes[name] = ax
        self.waiting = self.axes["map"].text(
            0.5, 0.5, "when nothing moves", transform=self.axes["map"].transAxes, ha="center",
            va="center", fontsize=8, color="0.4")

    def _controls(self) -> None:
        self.sliders: dict[str, Slider] = {
            name: slider_at(self.figure, (0.14, 0.225 - 0.043 * row, 0.33, 0.032), name, span,
                            self.scale)
            for row, (name, span) in enumerate(MAP_RANGES.items())}
        for slider in self.sliders.values():
            # The window draws what the slider asks for.
            slider.drawon = False
        self.text = self.figure.text(0.6, 0.255, "", fontsize=8, va="top", linespacing=1.4)
        self.status = self.figure.text(0.6, 0.045, "", fontsize=8, va="center")
        self.buttons = {
            name: Button(self.figure.add_axes((0.6 + 0.13 * i, 0.085, 0.12, 0.05)), name)
            for i, name in enumerate(("reset", "save figure", "save data"))}

    def _clear(self, name: str) -> None:
        """Take away lines drawn over a panel."""
        for artist in self._drawn[name]:
            artist.remove()
        self._drawn[name] = []

    def show(self) -> None:
        """Draw, as soon as the event loop is free."""
        self.figure.canvas.draw_idle()

    def show_law(self, problem: Problem, law: SmoothCurrent) -> None:
        """U with its lines of stopping points and |j| of the smooth law; no map."""
        axis, (x, y) = self.axis, self.fine
        s = (problem.potential(x[:, None], y[None, :]) - problem.fermi_energy) * axis.energy
        largest, gap = float(np.max(np.abs(s))) or 1.0, abs(problem.mass) * axis.energy
        for name in self._drawn:
            self._clear(name)
        self.meshes["potential"].set_array(s.T)
        self.meshes["potential"].set_clim(-largest, largest)
        self._drawn["potential"] = stopping_lines(
            self.axes["potential"], x * axis.length, y * axis.length, s, gap)
        self._sizes("law", law)
        self.meshes["map"].set_array(np.full(law.j_x.T.shape, np.nan))
        self._limits(law)
        self.waiting.set_visible(True)
        inside, above, below = (np.mean(v) for v in (np.abs(s) <= gap, s < -gap, s > gap))
        self.text.set_text(f"{inside:.0%} of the area in the gap\n{above:.0%} in the conduction "
                           f"band, {below:.0%} in the valence band".replace("%", " %"))

    def show_map(self, found: CurrentMap, law: SmoothCurrent) -> None:
        """|j| of a map with its stream lines, on the same colours as the smooth law."""
        self.waiting.set_visible(False)
        self._sizes("map", found)
        self._limits(law, found)
        self.show_streams("map", found)
        problem = found.problem
        s = problem.potential(self.x[:, None], self.y[None, :]) - problem.fermi_energy
        puddles = np.abs(s) > abs(problem.mass)
        shares = [np.sum(size[puddles]) / max(np.sum(size), 1e-300)
                  for size in (found.magnitude, np.hypot(law.j_x, law.j_y))]
        areas = self.text.get_text().split("\n")[:2]
        said = "|j| inside puddles: {:.0%} of it (smooth law: {:.0%})".format(*shares)
        self.text.set_text("\n".join([*areas, said.replace("%", " %")]))

    def show_streams(self, name: str, of: SmoothCurrent | CurrentMap) -> None:
        """Stream lines over a panel."""
        axis = self.axis
        self._clear(name)
        self._drawn[name] = stream_lines(
            self.axes[name], self.x * axis.length, self.y * axis.length,
            *(j * np.sign(axis.density) for j in (of.j_x, of.j_y)))

    def _sizes(self, name: str, of: SmoothCurrent | CurrentMap) -> None:
        self.meshes[name].set_array(np.hypot(of.j_x, of.j_y).T * abs(self.axis.density))

    def _limits(self, *shown: SmoothCurrent | CurrentMap) -> None:
        """The same colours for both."""
        largest = max(float(np.max(np.hypot(v.j_x, v.j_y))) for v in shown) or 1.0
        for name in ("law", "map"):
            self.meshes[name].set_clim(0, largest * abs(self.axis.density))
