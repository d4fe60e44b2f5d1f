"""What the explorer's window shows: panels, curves, sliders, buttons; it computes no physics.

Nothing but what moves is drawn anew: curves, numbers and sliders over a kept background.
"""

from __future__ import annotations

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
    CURRENT_LABEL,
    ENERGY_LABEL,
    GREEN,
    ORANGE,
    PURPLE,
    TOTAL_LABEL,
    VERMILLION,
    X_LABEL,
    style,
)

#: |x| shown, and the energies.
REACH = 10.0
LOW, HIGH = -4.0, 4.0
#: name: (label, smallest, largest, at the start)
RANGES = {
    "left": (r"$U_L$", -2.0, 2.0, -0.5),
    "right": (r"$U_R$", -2.0, 2.0, 0.5),
    "width": (r"$w$", 0.1, 5.0, 1.0),
    "mass": (r"$\Delta$", 0.1, 2.0, 1.0),
    "fermi_energy": (r"$\varepsilon_F$", LOW, HIGH, 0.0),
    "temperature": (r"$T$", 0.0, 0.5, 0.0),
}
#: Curves of j_y(x): label and line.
CURRENTS = {
    "smooth": ("smooth limit", {"color": GREEN, "ls": "--", "lw": 1.0}),
    "transport": ("its transport part", {"color": PURPLE, "ls": ":", "lw": 1.4}),
    "linear": ("linear response", {"color": BLACK, "ls": "-.", "lw": 0.9}),
    "green": ("engine green", {"color": BLUE}),
    "states": ("engine states", {"color": ORANGE, "ls": (0, (4, 4)), "lw": 1.8}),
}
#: The frame of j_y(x) is changed if the curve leaves it, or fills less than this part of it.
SMALLEST_PART = 0.25


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
    """

    def __init__(self, shapes: list[str], engines: list[str]) -> None:
        self._background, self._in_legend = None, []
        with style():
            self.figure: Figure = plt.figure(figsize=(9.0, 6.4), layout="none")
            self._panels()
            self._controls(shapes, engines)
        if self.figure.canvas.manager is not None:
            self.figure.canvas.manager.set_window_title("dirac1d")
        self.figure.canvas.mpl_connect("draw_event", self._after_draw)

    def _panels(self) -> None:
        grid = self.figure.add_gridspec(
            2, 2, left=0.09, right=0.98, top=0.97, bottom=0.37, hspace=0.1, wspace=0.28,
            width_ratios=(1.5, 1), height_ratios=(1, 1.5))
        bands, current, total = (self.figure.add_subplot(grid[k]) for k in
                                 (np.s_[0, 0], np.s_[1, 0], np.s_[:, 1]))
        self.current: Axes = current
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
        self.status = total.text(0.6, 0.288, "", transform=self.figure.transFigure, fontsize=8,
                                 va="center", animated=True)
        bands.set(xlim=(-REACH, REACH), ylim=(LOW, 1.5 * HIGH), ylabel=ENERGY_LABEL)
        bands.tick_params(labelbottom=False)
        # The first curve sets the frame.
        current.set(xlim=(-REACH, REACH), ylim=(-1e-9, 1e-9), xlabel=X_LABEL, ylabel=CURRENT_LABEL)
        total.set(xlim=(-0.37, 0.37), ylim=(LOW, 1.5 * HIGH), xlabel=TOTAL_LABEL,
                  ylabel=r"$\varepsilon_F$  [$E_0$]")
        current.axhline(0, color="0.7", lw=0.6, zorder=0)
        total.axvline(0, ymax=0.8, color="0.7", lw=0.6, zorder=0)
        bands.legend(loc="upper center", ncols=3)
        total.legend(loc="upper right")
        self.moving: list[Artist] = [*self.curves.values(), self.text, self.status]

    def _controls(self, shapes: list[str], engines: list[str]) -> None:
        self.sliders: dict[str, Slider] = {}
        for i, (name, (label, low, high, start)) in enumerate(RANGES.items()):
            ax = self.figure.add_axes((0.09, 0.25 - 0.043 * i, 0.4, 0.032))
            slider = Slider(ax, label, low, high, valinit=start, valfmt="%.3f")
            # Room for the handle at the left end.
            slider.label.set_x(-0.04)
            # Drawn with the curves; by itself it would draw the whole window.
            slider.drawon = False
            parts = (slider.poly, slider.valtext, slider._handle)
            for part in parts:
                part.set_animated(True)
            self.moving += parts
            self.sliders[name] = slider
        self.shape, self.engine = (
            # Blitting by themselves, they would draw over what is kept.
            RadioButtons(self.figure.add_axes((x, 0.03, 0.1, 0.23)), names, activecolor=BLUE,
                         useblit=False)
            for x, names in ((0.6, shapes), (0.71, engines)))
        for group, title in ((self.shape, "shape"), (self.engine, "engine")):
            group.ax.text(0.5, 0.985, title, transform=group.ax.transAxes, ha="center", va="top",
                          fontsize=8, color="0.35")
        self.buttons = {
            name: Button(self.figure.add_axes((0.83, 0.195 - 0.0775 * i, 0.15, 0.06)), name)
            for i, name in enumerate(("reset", "save figure", "save data"))
        }

    def set_curve(self, name: str, x: np.ndarray | list, y: np.ndarray | list) -> None:
        """New points of a curve; where y is infinite it has a gap."""
        y = np.asarray(y, dtype=float)
        self.curves[name].set_data(x, np.where(np.isfinite(y), y, np.nan))

    def hide(self, *names: str) -> None:
        """Curves without points."""
        for name in names:
            self.curves[name].set_data([], [])

    def frame(self, values: np.ndarray) -> None:
        """Limits of j_y(x), changed only if they must: then the background is drawn anew."""
        low, high = min(np.min(values), 0.0), max(np.max(values), 0.0)
        size = max(high - low, 1e-6)
        bottom, top = self.current.get_ylim()
        if bottom <= low and high <= top and size > SMALLEST_PART * (top - bottom):
            return
        self.current.set_ylim(low - 0.8 * size, high + 0.15 * size)
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
            self.figure.draw_artist(artist)
