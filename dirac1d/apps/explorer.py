"""An explorer: sliders for the step, and the current that follows the hand.

>>> from dirac1d.apps.explorer import Explorer
>>> explorer = Explorer()
>>> explorer.sliders["fermi_energy"].set_val(0.3)
>>> explorer.flush()
True
>>> print(f"{explorer.profile.integral(-float('inf'), float('inf')).value:.4f}")
-0.0796
"""

from __future__ import annotations

import textwrap
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from dirac1d import exact
from dirac1d.apps.background import Job
from dirac1d.apps.explorer_view import HIGH, LOW, RANGES, REACH, View
from dirac1d.engines import current_density
from dirac1d.potentials import ErfStep, LinearRamp, SharpStep, TanhStep
from dirac1d.problem import Problem
from dirac1d.results.profile import AccuracyWarning, Profile

__all__ = ["RANGES", "Explorer", "explore"]

#: Relative to j₀: a third of a line's width on the screen.
RTOL = 1e-3
#: The same for engine "states": it takes seconds in the gap, up to a minute in a metal.
STATES_RTOL = 1e-2
#: Points of j_y(x), and the energies of J_y(ε_F).
POINTS, ENERGIES = 241, np.linspace(LOW, HIGH, 161)
#: The hand rests when nothing has moved for so many ms; then what is slow begins.
REST = 250
#: Looks at a background computation, in ms.
WATCH = 100
SHAPES = {
    "tanh": lambda v: TanhStep(v["left"], v["right"], v["width"]),
    "erf": lambda v: ErfStep(v["left"], v["right"], v["width"]),
    "ramp": lambda v: LinearRamp(v["left"], v["right"], v["width"]),
    "sharp": lambda v: SharpStep(v["left"], v["right"]),
}
ENGINES = ["green", "states"]


class Explorer:
    """The window: `figure`, `sliders` by name, `problem` and `profile` as shown.

    A slider that moves asks for a picture; only the latest request is computed, when the window's
    event loop is free. `flush` does it at once. Engine "green" follows the hand; when it rests, a
    closed form that takes longer is added and, if chosen, engine "states" computes in another
    process, dropped as soon as something moves.

    Attributes
    ----------
    view : View
        Panels, curves and controls.
    problem : Problem
    profile : Profile
        What is shown, of the chosen engine once it has come.
    computed : int
        Pictures computed so far; requests that came while one was computed are dropped.
    """

    def __init__(self) -> None:
        self.computed, self._stale, self._job = 0, False, None
        self.view = View(list(SHAPES), ENGINES)
        self.figure, self.sliders = self.view.figure, self.view.sliders
        self.x = np.linspace(-REACH, REACH, POINTS)
        for control in self.sliders.values():
            control.on_changed(self.request)
        for group in (self.view.shape, self.view.engine):
            group.on_clicked(self.request)
        for name, action in (("reset", self.reset), ("save figure", self.save_figure),
                             ("save data", self.save_data)):
            self.view.buttons[name].on_clicked(lambda _, action=action: self._tell(action()))
        self._soon = self._timer(1, self.flush)
        self._resting = self._timer(REST, self.rest)
        self._watching = self._timer(WATCH, self.look)
        self.figure.canvas.mpl_connect("close_event", lambda _: self.close())
        self._stale = True
        self.flush()

    def _timer(self, interval: int, action: Any) -> Any:
        """A timer that runs an action once, each time it is started."""
        timer = self.figure.canvas.new_timer(interval=interval)
        timer.single_shot = True

        # matplotlib drops an action for good if it returns False.
        def run() -> None:
            action()

        timer.add_callback(run)
        return timer

    @property
    def problem(self) -> Problem:
        """The problem that the sliders say."""
        values = {name: float(slider.val) for name, slider in self.sliders.items()}
        potential = SHAPES[self.view.shape.value_selected](values)
        return Problem(potential, values["mass"], values["fermi_energy"], values["temperature"])

    # While something moves

    def request(self, _: Any = None) -> None:
        """Ask for a picture of the present problem, as soon as the event loop is free."""
        self._stale = True
        self._soon.start()

    def flush(self) -> bool:
        """Compute and show the latest request now; whether there was one."""
        if not self._stale:
            return False
        self._stale = False
        self.close()
        problem = self.problem
        try:
            with warnings.catch_warnings():
                # Said in the window instead.
                warnings.simplefilter("ignore", AccuracyWarning)
                profile = current_density(problem, self.x, rtol=RTOL)
        except (ValueError, RuntimeError) as error:
            # A window outlives a problem that an engine refuses; the last curves stay.
            self._tell(f"not solved: {error}")
            return True
        self.computed, self.profile = self.computed + 1, profile
        self._update(problem, profile)
        self.view.show()
        self._resting.start()
        return True

    def _update(self, problem: Problem, profile: Profile) -> None:
        """New data for every curve."""
        view, U = self.view, problem.potential(self.x)
        view.set_curve("upper", self.x, U + problem.mass)
        view.set_curve("lower", self.x, U - problem.mass)
        view.set_curve("fermi", [-REACH, REACH], [problem.fermi_energy] * 2)
        view.set_curve("green", self.x, profile.j_y)
        view.hide("smooth", "transport", "linear", "states")
        seen = profile.j_y[np.isfinite(profile.j_y)]
        if not problem.jumps:
            smooth = exact.smooth_limit_current(problem, self.x)
            view.set_curve("smooth", self.x, smooth)
            seen = np.concatenate((seen, smooth))
            if problem.temperature == 0:
                view.set_curve("transport", self.x, exact.transport_current(problem, self.x))
        totals = [exact.total_current(replace(problem, fermi_energy=e)) for e in ENERGIES]
        view.set_curve("total", totals, ENERGIES)
        found, closed = profile.integral(-np.inf, np.inf).value, exact.total_current(problem)
        view.set_curve("point", [found], [problem.fermi_energy])
        numbers = f"strip {found:.6f}\nEq. (12) {closed:.6f}".replace("-", "−")
        view.text.set_text(f"{problem.regime}\n{numbers}")
        view.status.set_text("" if profile.status == "converged" else profile.status)
        view.frame(seen)

    def _tell(self, words: object) -> None:
        """Say something below the panels; None says nothing."""
        if words is not None:
            saved = f"saved {words}" if isinstance(words, Path) else str(words)
            self.view.status.set_text("\n".join(textwrap.wrap(saved, 62, max_lines=2)))
            self.view.show()

    # When the hand rests

    def rest(self) -> None:
        """Add what is slow to the picture: linear response where it holds, engine "states"."""
        if self._stale:
            return
        problem = self.profile.problem
        if problem.temperature == 0:
            try:
                linear = exact.linear_response_current(problem, self.x)
            except ValueError:
                # U takes ε_F out of the gap or of a band.
                linear = None
            if linear is not None:
                self.view.set_curve("linear", self.x, linear)
        if self.view.engine.value_selected == "states":
            self._job = Job(problem, self.x, "states", STATES_RTOL)
            self._watching.start()
        self.look()
        self.view.show()

    def look(self) -> None:
        """Show the background computation's result, or for how long it has been going on."""
        job = self._job
        if job is None:
            return
        if job.running:
            self._tell(f"engine states: computing, {time.monotonic() - job.started:.0f} s")
            self._watching.start()
            return
        self._job, before = None, self.profile
        try:
            self.profile = job.result()
        except RuntimeError as error:
            self._tell(f"engine states: {error}")
            return
        self.view.set_curve("states", self.x, self.profile.j_y)
        apart = np.abs(self.profile.j_y - before.j_y)
        apart = np.max(apart[np.isfinite(apart)]) / job.problem.current_scale
        self._tell(f"engine states, {time.monotonic() - job.started:.1f} s: "
                   f"at most {apart:.1e} $j_0$ from engine green")

    def close(self) -> None:
        """Drop what is computed in the background."""
        if self._job is not None:
            self._job.drop()
            self._job = None

    # Buttons

    def reset(self) -> None:
        """All controls as at the start."""
        for slider in self.sliders.values():
            slider.reset()
        for group in (self.view.shape, self.view.engine):
            group.set_active(0)
        self.request()

    def save_figure(self, path: str | Path = "dirac1d-explorer.pdf") -> Path:
        """The window as a file."""
        self.figure.savefig(path)
        return Path(path)

    def save_data(self, path: str | Path = "dirac1d-explorer.npz") -> Path:
        """The profile shown, with its problem; `dirac1d.load` reads it."""
        self.profile.save(path)
        return Path(path)


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
