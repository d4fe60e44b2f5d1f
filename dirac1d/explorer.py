"""An explorer: sliders for the step, and the current that follows the hand.

>>> from dirac1d.explorer import Explorer
>>> explorer = Explorer()
>>> explorer.sliders["fermi_energy"].set_val(0.3)
>>> explorer.flush()
True
>>> print(f"{explorer.profile.integral(-float('inf'), float('inf')).value:.4f}")
-0.0796

Nothing but what moves is drawn anew: curves, numbers and sliders over a kept background.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.widgets import Button, RadioButtons, Slider

from dirac1d import exact
from dirac1d.engines import current_density
from dirac1d.plotting import (
    BLACK,
    BLUE,
    CURRENT_LABEL,
    ENERGY_LABEL,
    GREEN,
    TOTAL_LABEL,
    VERMILLION,
    X_LABEL,
    style,
)
from dirac1d.potentials import ErfStep, LinearRamp, SharpStep, TanhStep
from dirac1d.problem import Problem
from dirac1d.profile import Profile

#: Relative to j₀: a third of a line's width on the screen.
RTOL = 1e-3
#: |x| shown, and points there.
REACH, POINTS = 10.0, 241
#: ε_F and energies shown.
ENERGIES = np.linspace(-4, 4, 161)
#: name: (label, smallest, largest, at the start)
RANGES = {
    "left": (r"$U_L$", -2.0, 2.0, -0.5),
    "right": (r"$U_R$", -2.0, 2.0, 0.5),
    "width": (r"$w$", 0.1, 5.0, 1.0),
    "mass": (r"$\Delta$", 0.1, 2.0, 1.0),
    "fermi_energy": (r"$\varepsilon_F$", -4.0, 4.0, 0.0),
    "temperature": (r"$T$", 0.0, 0.5, 0.0),
}
SHAPES = {
    "tanh": lambda v: TanhStep(v["left"], v["right"], v["width"]),
    "erf": lambda v: ErfStep(v["left"], v["right"], v["width"]),
    "ramp": lambda v: LinearRamp(v["left"], v["right"], v["width"]),
    "sharp": lambda v: SharpStep(v["left"], v["right"]),
}
#: The frame of j_y(x) is changed if the curve leaves it, or fills less than this part of it.
SMALLEST_PART = 0.25


class Explorer:
    """The window: `figure`, `sliders` by name, `problem` and `profile` as shown.

    A slider that moves asks for a picture; only the latest request is computed, when the window's
    event loop is free. `flush` does it at once.

    Attributes
    ----------
    figure : matplotlib Figure
    sliders : dict of matplotlib Slider
        left, right, width, mass, fermi_energy, temperature.
    problem : Problem
    profile : Profile
        Of the last picture.
    computed : int
        Pictures computed so far; requests that came while one was computed are dropped.
    """

    def __init__(self) -> None:
        self.computed, self._stale, self._background = 0, False, None
        self._saving = False
        with style():
            self.figure: Figure = plt.figure(figsize=(9.0, 6.4), layout="none")
            self._panels()
            self._controls()
        self._timer = self.figure.canvas.new_timer(interval=1)
        self._timer.single_shot = True
        self._timer.add_callback(self.flush)
        self.figure.canvas.mpl_connect("draw_event", self._keep_background)
        self.request()
        self.flush()

    # What is shown

    def _panels(self) -> None:
        grid = self.figure.add_gridspec(
            2, 2, left=0.09, right=0.98, top=0.95, bottom=0.36, hspace=0.3, wspace=0.28,
            width_ratios=(1.5, 1), height_ratios=(1, 1.3))
        bands, current, total = (self.figure.add_subplot(grid[k]) for k in
                                 (np.s_[0, 0], np.s_[1, 0], np.s_[:, 1]))
        self._current = current
        self.x = np.linspace(-REACH, REACH, POINTS)
        moving = {"animated": True}
        (self._upper,) = bands.plot([], [], color=BLUE, label=r"$U+\Delta$", **moving)
        (self._lower,) = bands.plot([], [], color=VERMILLION, label=r"$U-\Delta$", **moving)
        (self._fermi,) = bands.plot([], [], color=BLACK, lw=0.9, ls="--",
                                    label=r"$\varepsilon_F$", **moving)
        (self._curve,) = current.plot([], [], color=BLUE, label="engine", **moving)
        (self._smooth,) = current.plot([], [], color=GREEN, ls="--", lw=1.0,
                                       label="smooth limit", **moving)
        (self._closed,) = total.plot([], [], color=VERMILLION, label="closed form", **moving)
        (self._point,) = total.plot([], [], "o", color=BLUE, label="strip total", **moving)
        self._text = total.text(0.04, 0.04, "", transform=total.transAxes, va="bottom",
                                fontsize=8, **moving)
        bands.set(xlim=(-REACH, REACH), ylim=(-4, 5.5), ylabel=ENERGY_LABEL)
        current.set(xlim=(-REACH, REACH), xlabel=X_LABEL, ylabel=CURRENT_LABEL)
        total.set(xlim=(-0.35, 0.45), ylim=(ENERGIES[0], ENERGIES[-1] + 1.5), xlabel=TOTAL_LABEL,
                  ylabel=r"$\varepsilon_F$  [$E_0$]")
        for ax in (current, total):
            (ax.axhline if ax is current else ax.axvline)(0, color="0.7", lw=0.6, zorder=0)
        bands.legend(loc="upper center", ncols=3)
        current.legend(loc="lower left")
        total.legend(loc="upper right")
        self._moving: list[Artist] = [
            self._upper, self._lower, self._fermi, self._curve, self._smooth, self._closed,
            self._point, self._text,
        ]

    def _controls(self) -> None:
        self.sliders: dict[str, Slider] = {}
        for i, (name, (label, low, high, start)) in enumerate(RANGES.items()):
            ax = self.figure.add_axes((0.09, 0.255 - 0.04 * i, 0.42, 0.03))
            slider = Slider(ax, label, low, high, valinit=start)
            # Drawn with the curves; by itself it would draw the whole window.
            slider.drawon = False
            slider.on_changed(self.request)
            parts = (slider.poly, slider.valtext, slider._handle)
            for part in parts:
                part.set_animated(True)
            self._moving += parts
            self.sliders[name] = slider
        self.shape = RadioButtons(self.figure.add_axes((0.6, 0.05, 0.1, 0.22)), list(SHAPES))
        self.engine = RadioButtons(self.figure.add_axes((0.71, 0.05, 0.1, 0.22)),
                                   ["green", "states"])
        for group in (self.shape, self.engine):
            group.on_clicked(self.request)
        self.buttons = {}
        actions = {"reset": self.reset, "save figure": self.save_figure,
                   "save data": self.save_data}
        for i, (name, action) in enumerate(actions.items()):
            button = Button(self.figure.add_axes((0.83, 0.21 - 0.07 * i, 0.14, 0.055)), name)
            button.on_clicked(lambda event, action=action: action())
            self.buttons[name] = button

    # What it does

    @property
    def problem(self) -> Problem:
        """The problem that the sliders say."""
        values = {name: float(slider.val) for name, slider in self.sliders.items()}
        potential = SHAPES[self.shape.value_selected](values)
        return Problem(potential, values["mass"], values["fermi_energy"], values["temperature"])

    def request(self, _: Any = None) -> None:
        """Ask for a picture of the present problem, as soon as the event loop is free."""
        self._stale = True
        timer = getattr(self, "_timer", None)
        if timer is not None:
            timer.start()

    def flush(self) -> bool:
        """Compute and show the latest request now; whether there was one."""
        if not self._stale:
            return False
        self._stale = False
        problem = self.problem
        rtol = RTOL if self.engine.value_selected == "green" else None
        try:
            self.profile: Profile = current_density(
                problem, self.x, self.engine.value_selected, rtol=rtol)
        except (ValueError, RuntimeError) as error:
            # A window outlives a problem that an engine refuses; the last curves stay.
            self._text.set_text(f"not solved:\n{error}")
        else:
            self.computed += 1
            self._update(problem)
        self._show()
        return True

    def _update(self, problem: Problem) -> None:
        """New data for every artist."""
        U = problem.potential(self.x)
        self._upper.set_data(self.x, U + problem.mass)
        self._lower.set_data(self.x, U - problem.mass)
        self._fermi.set_data([-REACH, REACH], [problem.fermi_energy] * 2)
        j = np.where(np.isfinite(self.profile.j_y), self.profile.j_y, np.nan)
        self._curve.set_data(self.x, j)
        smooth = [] if problem.jumps else exact.smooth_limit_current(problem, self.x)
        self._smooth.set_data(self.x if len(smooth) else [], smooth)
        totals = [exact.total_current(replace(problem, fermi_energy=e)) for e in ENERGIES]
        self._closed.set_data(totals, ENERGIES)
        found = self.profile.integral(-np.inf, np.inf).value
        closed = exact.total_current(problem)
        self._point.set_data([found], [problem.fermi_energy])
        self._text.set_text(f"{problem.regime}\nstrip {found:.6f}\nEq. (12) {closed:.6f}")
        self._frame(np.concatenate((j[np.isfinite(j)], smooth)))

    def _frame(self, values: np.ndarray) -> None:
        """Limits of j_y(x), changed only if they must: then the background is drawn anew."""
        low, high = min(np.min(values), 0.0), max(np.max(values), 0.0)
        size = max(high - low, 1e-6)
        bottom, top = self._current.get_ylim()
        if bottom <= low and high <= top and size > SMALLEST_PART * (top - bottom):
            return
        self._current.set_ylim(low - 0.35 * size, high + 0.25 * size)
        self._background = None

    # How it is drawn

    def _keep_background(self, _: Any = None) -> None:
        if self._saving:
            return
        self._background = self.figure.canvas.copy_from_bbox(self.figure.bbox)
        self._draw_moving()

    def _draw_moving(self) -> None:
        for artist in self._moving:
            self.figure.draw_artist(artist)

    def _show(self) -> None:
        canvas = self.figure.canvas
        if self._background is None:
            # Ends in `_keep_background`.
            canvas.draw()
            return
        canvas.restore_region(self._background)
        self._draw_moving()
        canvas.blit(self.figure.bbox)

    # Buttons

    def reset(self) -> None:
        """All sliders as at the start."""
        for slider in self.sliders.values():
            slider.reset()
        self.request()

    def save_figure(self, path: str | Path = "dirac1d-explorer.pdf") -> Path:
        """The window as a file; its moving parts are drawn into it."""
        with self._still():
            self.figure.savefig(path)
        return Path(path)

    def save_data(self, path: str | Path = "dirac1d-explorer.npz") -> Path:
        """The profile shown, with its problem; `dirac1d.load` reads it."""
        self.profile.save(path)
        return Path(path)

    @contextlib.contextmanager
    def _still(self) -> Iterator[None]:
        self._saving = True
        for artist in self._moving:
            artist.set_animated(False)
        try:
            yield
        finally:
            self._saving = False
            for artist in self._moving:
                artist.set_animated(True)
            self._background = None
            self._show()


def explore() -> Explorer:
    """Open the explorer; in Jupyter after ``%matplotlib widget``, where the figure stays live.

    Returns
    -------
    Explorer
        Keep it: its sliders live as long as it does.
    """
    explorer = Explorer()
    plt.show()
    return explorer
