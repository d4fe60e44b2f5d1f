"""What the explorer's window shows: panels, curves, sliders, buttons; it computes no physics.

Nothing but what moves is drawn anew: curves, numbers and sliders over a kept background.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import Event
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.widgets import Button, RadioButtons, Slider

from dirac1d.apps.plotting import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILLION,
    Axis,
    style,
)
from dirac1d.potentials.radial import Circle
from dirac1d.potentials.shapes import SHAPES, adjustable_shapes, parameters

#: |x| shown.
REACH = 10.0
#: Of the electrons: kind, smallest, largest, at the start.
RANGES = {
    "mass": ("energy", 0.1, 2.0, 1.0),
    "fermi_energy": ("energy", -4.0, 4.0, 0.0),
    "temperature": ("temperature", 0.0, 0.5, 0.0),
}
#: Of a mass that varies: Δ far left in parts of Δ far right, or Δ within a circle in parts of that
#: outside, the width of the tanh between them, and the circle's radius.
VARYING = {
    "mass_left": ("number", -1.0, 1.0, 1.0),
    "mass_inside": ("number", -1.0, 1.0, 1.0),
    "mass_width": ("length", 0.1, 5.0, 1.0),
    "mass_radius": ("length", 1.0, 8.0, 5.0),
}
#: Which of them belong to a line between leads, and which to a circle.
OF_A_WALL, OF_A_CIRCLE = ("mass_left", "mass_width"), ("mass_inside", "mass_width", "mass_radius")
#: Rows of sliders below those of the shape.
ROWS = [*RANGES, *OF_A_CIRCLE]
#: What a slider is called where it is not by its name.
LABELS = {"mass_left": "mass left / mass", "mass_inside": "mass inside / mass"}
#: Curves of j_y(x): label and line.
CURRENTS = {
    "smooth": ("smooth limit", {"color": GREEN, "ls": "--", "lw": 1.0}),
    "transport": ("its transport part", {"color": PURPLE, "ls": ":", "lw": 1.4}),
    "linear": ("linear response", {"color": BLACK, "ls": "-.", "lw": 0.9}),
    "green": ("engine green", {"color": BLUE}),
    "states": ("engine states", {"color": ORANGE, "ls": (0, (4, 4)), "lw": 1.8}),
}
#: A frame is changed if what it shows leaves it, or fills less than this part of it.
SMALLEST_PART = 0.25
#: Part of a slider's length beyond both ends of its range: the handle there can be grabbed whole.
_BEYOND = 0.04
_UNITS = {"energy": "$E_0$", "temperature": "$E_0$", "length": r"$\hbar v_F/E_0$",
          "wavenumber": r"$E_0/\hbar v_F$", "number": ""}
_LAB = {"energy": "meV", "temperature": "K", "length": "nm", "wavenumber": "1/nm", "number": ""}


def slider_parameters() -> dict[str, tuple[str, float, float, float]]:
    """Kind, smallest, largest and first value of all sliders, by the name of what they move."""
    found: dict[str, tuple[str, float, float, float]] = {}
    for shape in adjustable_shapes():
        for name, p in parameters(SHAPES[shape]).items():
            if name != "position":
                found.setdefault(name, (p.kind, *p.span, p.start))
    return found | RANGES | VARYING


def moved_by(shape: str) -> list[str]:
    """The sliders of a shape."""
    return [name for name in parameters(SHAPES[shape]) if name != "position"]


def moved_masses(shape: str) -> tuple[str, ...]:
    """The sliders of a mass that varies beside a shape: of a wall or of a circle, or none."""
    if SHAPES[shape].has_leads:
        return OF_A_WALL
    return OF_A_CIRCLE if issubclass(SHAPES[shape], Circle) else ()


def slider_at(
    figure: Figure, place: tuple[float, float, float, float], name: str,
    span: tuple[str, float, float, float], scale: Any = None,
) -> Slider:
    """A slider: kind of what it moves, smallest, largest and first value; whole numbers too."""
    kind, low, high, start = span
    ax = figure.add_axes(place)
    step = 1 if kind == "count" else None
    slider = Slider(ax, name.replace("_", " "), low, high, valinit=start, valstep=step,
                    valfmt=_words(kind, scale))
    ax.set_xlim(low - _BEYOND * (high - low), high + _BEYOND * (high - low))
    slider.label.set_fontsize(8)
    slider.valtext.set_fontsize(8)
    return slider


def _words(kind: str, scale: Any) -> Callable[[float], str]:
    """A slider's value with its unit."""
    if kind == "count":
        return lambda value: f"{value:.0f}"
    if scale is None or kind == "number":
        return lambda value: f"{value:.3f} {_UNITS[kind]}".rstrip()
    return lambda value: f"{float(scale.to_lab(value, kind)):.4g} {_LAB[kind]}"


class View:
    """The window and its parts.

    Attributes
    ----------
    figure : matplotlib Figure
    curves : dict of matplotlib Line2D
        upper, lower, fermi, those of `CURRENTS`, total, point.
    text, status : matplotlib Text
        Numbers beside J_y(ε_F); what is going on.
    sliders, buttons : dict
        By name; `shape` and `engine` are radio buttons.
    axis : Axis
        Units of the axes.
    """

    def __init__(self, shapes: list[str], engines: list[str], scale: Any = None) -> None:
        self._background, self._in_legend = None, []
        self.scale, self.axis = scale, Axis.of(scale)
        with style():
            # Low enough for a browser's window of 757 pixels, with its toolbar.
            self.figure: Figure = plt.figure(figsize=(9.0, 5.6), dpi=110, layout="none")
            self._panels()
            self._controls(shapes, engines)
        if self.figure.canvas.manager is not None:
            self.figure.canvas.manager.set_window_title("dirac1d")
        self.figure.canvas.mpl_connect("draw_event", self._after_draw)

    def _panels(self) -> None:
        grid = self.figure.add_gridspec(
            2, 2, left=0.09, right=0.98, top=0.97, bottom=0.38, hspace=0.1, wspace=0.28,
            width_ratios=(1.5, 1), height_ratios=(1, 1.5))
        bands, current, total = (self.figure.add_subplot(grid[k]) for k in
                                 (np.s_[0, 0], np.s_[1, 0], np.s_[:, 1]))
        self.bands, self.current, self.total = bands, current, total
        self.curves: dict[str, Line2D] = {}
        edges = {"upper": (r"$U+\Delta$", {"color": BLUE}),
                 "lower": (r"$U-\Delta$", {"color": VERMILLION}),
                 "fermi": (r"$\varepsilon_F$", {"color": BLACK, "lw": 0.9, "ls": "--"})}
        totals = {"total": ("closed form", {"color": VERMILLION}),
                  "point": ("strip total", {"color": BLUE, "ls": "none", "marker": "o"})}
        for ax, lines in ((bands, edges), (current, CURRENTS), (total, totals)):
            for name, (label, line) in lines.items():
                (self.curves[name],) = ax.plot([], [], label=label, animated=True, **line)
        self.text = total.text(0.04, 0.985, "", transform=total.transAxes, va="top", fontsize=8,
                               linespacing=1.4, animated=True)
        # Of an Axes, not of the figure: saving draws what is animated in the former only.
        self.status = total.text(0.6, 0.3, "", transform=self.figure.transFigure, fontsize=8,
                                 va="center", animated=True)
        axis, reach = self.axis, REACH * self.axis.length
        # The first curves set the frames.
        bands.set(xlim=(-reach, reach), ylim=(-1e-9, 1e-9), ylabel=axis.energy_label)
        bands.tick_params(labelbottom=False)
        current.set(xlim=(-reach, reach), ylim=(-1e-9, 1e-9), xlabel=axis.x_label,
                    ylabel=axis.density_label)
        total.set(xlim=(-1e-9, 1e-9), ylim=(-1e-9, 1e-9), xlabel=axis.current_label,
                  ylabel=rf"$\varepsilon_F$  [{axis.energy_unit}]")
        current.axhline(0, color="0.7", lw=0.6, zorder=0)
        total.axvline(0, ymax=0.8, color="0.7", lw=0.6, zorder=0)
        bands.legend(loc="upper center", ncols=3)
        total.legend(loc="upper right")
        self.moving: list[Artist] = [*self.curves.values(), self.text, self.status]

    def _controls(self, shapes: list[str], engines: list[str]) -> None:
        self.sliders: dict[str, Slider] = {}
        # As many rows as the shape with most parameters needs, and below them the electrons'.
        self._rows = max(len(moved_by(shape)) for shape in shapes)
        for name, (kind, low, high, start) in slider_parameters().items():
            below = "mass_inside" if name == "mass_left" else name  # one in place of the other
            row = self._rows + ROWS.index(below) if below in ROWS else 0
            slider = slider_at(
                self.figure, self._place(row), LABELS.get(name, name), (kind, low, high, start),
                self.scale)
            # Drawn with the curves; by itself it would draw the whole window.
            slider.drawon = False
            parts = (slider.poly, slider.valtext, slider._handle)
            for part in parts:
                part.set_animated(True)
            self.moving += parts
            self.sliders[name] = slider
        height = 0.235
        self.shape, self.engine = (
            # Blitting by themselves, they would draw over what is kept.
            RadioButtons(self.figure.add_axes((x, 0.015, 0.1, height)), names, activecolor=BLUE,
                         useblit=False)
            for x, names in ((0.6, shapes), (0.71, engines)))
        for group, title in ((self.shape, "shape"), (self.engine, "engine")):
            group.ax.text(0.5, 1.01, title, transform=group.ax.transAxes, ha="center", va="bottom",
                          fontsize=8, color="0.35")
        self.buttons = {
            name: Button(self.figure.add_axes((0.83, 0.195 - 0.0775 * i, 0.15, 0.06)), name)
            for i, name in enumerate(("reset", "save figure", "save data"))
        }

    def _place(self, row: int) -> tuple[float, float, float, float]:
        pitch = min(0.043, 0.25 / (self._rows + len(ROWS)))
        return 0.14, 0.25 - pitch * row, 0.33, 0.75 * pitch

    def choose(self, shape: str) -> None:
        """Show the sliders of a shape and of a mass that varies beside it, and no others."""
        shown, masses = moved_by(shape), moved_masses(shape)
        for name, slider in self.sliders.items():
            if name in RANGES:
                continue
            slider.active = name in shown or name in masses
            if name in shown:
                slider.ax.set_position(self._place(shown.index(name)))
            if slider.ax.get_visible() != slider.active:
                slider.ax.set_visible(slider.active)
                self._background = None

    def set_curve(self, name: str, x: Any, y: Any) -> None:
        """New points of a curve; where y is infinite it has a gap."""
        y = np.asarray(y, dtype=float)
        self.curves[name].set_data(x, np.where(np.isfinite(y), y, np.nan))

    def hide(self, *names: str) -> None:
        """Curves without points."""
        for name in names:
            self.curves[name].set_data([], [])

    def frame(self, values: np.ndarray) -> None:
        """Limits of j_y(x)."""
        self._frame(self.current, "y", np.append(values, 0.0), 0.8, 0.15)

    def frame_energies(self, values: np.ndarray) -> tuple[float, float]:
        """Limits of both energy axes, which are the same."""
        for ax in (self.bands, self.total):
            self._frame(ax, "y", values, 0.15, 0.55)
        return self.bands.get_ylim()

    def frame_totals(self, values: np.ndarray) -> None:
        """Limits of J_y, symmetric about 0."""
        largest = float(np.max(np.abs(values), initial=0.0))
        self._frame(self.total, "x", np.array([-largest, largest]), 0.1, 0.1)

    def _frame(self, ax: Axes, axis: str, values: np.ndarray, below: float, above: float) -> None:
        """Limits of an axis, changed only if they must: then the background is drawn anew."""
        low, high = float(np.min(values)), float(np.max(values))
        size = max(high - low, 1e-6)
        bottom, top = getattr(ax, f"get_{axis}lim")()
        if bottom <= low and high <= top and size > SMALLEST_PART * (top - bottom):
            return
        getattr(ax, f"set_{axis}lim")(low - below * size, high + above * size)
        self._background = None

    def show(self) -> None:
        """Draw what moves; all the rest only where it has changed."""
        canvas = self.figure.canvas
        shown = [c for c in (self.curves[name] for name in CURRENTS) if len(c.get_xdata())]
        if shown != self._in_legend:
            self._in_legend, self._background = shown, None
            with style():
                self.current.legend(handles=shown, loc="lower left")
        if self._background is None:
            # Ends in `_after_draw`.
            canvas.draw()
            return
        canvas.restore_region(self._background)
        self._draw_moving()
        canvas.blit(self.figure.bbox)

    def _after_draw(self, event: Event) -> None:
        """Keep the picture as background, and add what moves (in a file it is there already)."""
        if event.canvas.is_saving():
            return
        self._background = self.figure.canvas.copy_from_bbox(self.figure.bbox)
        self._draw_moving()

    def _draw_moving(self) -> None:
        for artist in self.moving:
            if artist.axes.get_visible():
                self.figure.draw_artist(artist)
