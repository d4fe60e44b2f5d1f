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

import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from dirac1d import exact
from dirac1d.apps.background import Job
from dirac1d.apps.explorer_grid import beside_jumps, positions
from dirac1d.apps.explorer_view import OF_A_WALL, RANGES, View, moved_by, moved_masses
from dirac1d.apps.later import Window
from dirac1d.apps.plotting import half_gap, with_jumps
from dirac1d.engines import current_density
from dirac1d.laboratory.units import readable
from dirac1d.potentials.radial import SmoothDisc
from dirac1d.potentials.shapes import SHAPES, adjustable_shapes
from dirac1d.potentials.steps import TanhStep
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile
from dirac1d.results.record import AccuracyWarning
from dirac1d.sweeps.export import closed_form

__all__ = ["RANGES", "Explorer", "explore"]

#: Relative to j₀: a third of a line's width on the screen.
RTOL = 1e-3
#: The same for engine "states": it takes seconds in the gap, up to a minute in a metal.
STATES_RTOL = 1e-2
#: Points of J_y(ε_F).
ENERGIES = 161
#: Seconds that a picture of a circle may take.
LOOK = 2.0
ENGINES = ["green", "states"]


class Explorer(Window):
    """The window: `figure`, `sliders` by name, `problem` and `profile` as shown.

    A slider that moves asks for a picture; only the latest request is computed, when the window's
    event loop is free. `flush` does it at once. Engine "green" follows the hand; when it rests, a
    closed form that takes longer is added and, if chosen, engine "states" computes in another
    process, dropped as soon as something moves.

    Parameters
    ----------
    scale : Scale, optional
        Then axes and sliders are in nm, meV, K and nA.

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

    def __init__(self, scale: Any = None) -> None:
        view = View(adjustable_shapes(), ENGINES, scale)
        self._open(view, (view.shape, view.engine), lambda: self.profile.to_bytes())

    @property
    def problem(self) -> Problem:
        """The problem that the sliders say."""
        values = {name: float(slider.val) for name, slider in self.sliders.items()}
        shape = self.view.shape.value_selected
        potential = SHAPES[shape](**{name: values[name] for name in moved_by(shape)})
        electrons: dict[str, Any] = {name: values[name] for name in RANGES}
        if masses := moved_masses(shape):
            part, far, width = values[masses[0]], electrons["mass"], values["mass_width"]
            if part != 1 and masses == OF_A_WALL:
                electrons["mass"] = TanhStep(part * far, far, width)
            elif part != 1:
                electrons["mass"] = SmoothDisc(
                    (part - 1) * far, values["mass_radius"], width, outside=far)
        return Problem(potential, **electrons)

    @property
    def x(self) -> NDArray:
        """Positions of the profile that is shown."""
        return self.profile.x

    # While something moves

    def _picture(self) -> bool:
        problem = self.problem
        try:
            with warnings.catch_warnings():
                # Said in the window instead.
                warnings.simplefilter("ignore", AccuracyWarning)
                # Sums over j have no closed tails to be fast by, nor ±p of a wall a rotation: a
                # look must not last.
                slow = problem.circular or problem.mass_profile is not None
                budget = {"within": LOOK} if slow else {}
                profile = current_density(problem, positions(problem), rtol=RTOL, **budget)
        except (ValueError, RuntimeError) as error:
            # A window outlives a problem that an engine refuses; the last curves stay.
            self._tell(f"not solved: {error}")
            return False
        self.computed, self.profile = self.computed + 1, profile
        self.view.choose(self.view.shape.value_selected)
        self._update(problem, profile)
        self.view.show()
        return True

    def _update(self, problem: Problem, profile: Profile) -> None:
        """New data for every curve."""
        view, axis = self.view, self.view.axis
        x, U = with_jumps(problem, profile.x)
        gap = half_gap(problem, x) * axis.energy
        x, U = x * axis.length, U * axis.energy
        mu = problem.fermi_energy * axis.energy
        view.set_curve("upper", x, U + gap)
        view.set_curve("lower", x, U - gap)
        view.set_curve("fermi", [x[0], x[-1]], [mu] * 2)
        ends = view.frame_energies(np.array([np.min(U - gap), np.max(U + gap), mu]))
        view.hide("green", "smooth", "transport", "linear", "states", "total", "point")
        if np.any(np.isfinite(profile.error)):
            self._curve("green", profile.j_y)
        seen = [profile.j_y[np.isfinite(profile.j_y)]]
        if problem.mass_profile is not None:
            # A wall has no smooth law of one mass.
            seen = [far] if len(far := beside_jumps(problem, profile)) else seen
        elif not problem.jumps:
            seen.append(exact.smooth_limit_current(problem, profile.x))
            self._curve("smooth", seen[-1])
            if problem.temperature == 0:
                self._curve("transport", exact.transport_current(problem, profile.x))
        elif len(far := beside_jumps(problem, profile)):
            # The logarithm at a jump leaves the frame.
            seen = [far]
        view.text.set_text(f"{problem.regime}\n{self._totals(problem, profile, ends)}")
        view.status.set_text("" if profile.status == "converged" else profile.status)
        view.frame(np.concatenate(seen) * axis.density)

    def _curve(self, name: str, values: NDArray) -> None:
        axis = self.view.axis
        self.view.set_curve(name, self.x * axis.length, values * axis.density)

    def _totals(self, problem: Problem, profile: Profile, ends: tuple[float, float]) -> str:
        """J_y(ε_F) over the energies shown, and the two totals in words."""
        closed, axis = closed_form(problem), self.view.axis
        if problem.circular:
            if profile.strip is None:
                return "not solved in time"
            moment = f"{profile.moment:.4g}" if profile.complete else "none in a metal"
            return f"M(0) {profile.integral() * axis.current:.4g}\nmoment {moment}"
        if closed is None:
            return "periodic: no total"
        energies = np.linspace(*ends, ENERGIES)
        totals = axis.current * np.array(
            [exact.total_current(replace(problem, fermi_energy=e / axis.energy)) for e in energies])
        self.view.set_curve("total", totals, energies)
        self.view.frame_totals(totals)
        # SR Eq. (12) is that of a step below the gap's width, (27) above it; both at T = 0.
        number = 12 if abs(problem.U_R - problem.U_L) <= 2 * problem.gap else 27
        plain = problem.temperature == 0 and problem.mass_profile is None
        name = f"Eq. ({number})" if plain else "closed form"
        eq_12 = f"{name} {self._current(closed * axis.current)}"
        if not np.any(np.isfinite(profile.error)):
            return f"not solved in time\n{eq_12}".replace("-", "−")
        found = profile.integral(-np.inf, np.inf).value * axis.current
        self.view.set_curve("point", [found], [problem.fermi_energy * axis.energy])
        self.view.frame_totals(np.append(totals, found))
        return f"strip {self._current(found)}\n{eq_12}".replace("-", "−")

    def _current(self, value: float) -> str:
        """A total current in words: in the laboratory with its unit and plausible digits."""
        return f"{value:.6g}" if self.view.scale is None else readable(value, "nA", 3)

    # When the hand rests

    def rest(self) -> None:
        """Add what is slow to the picture: linear response where it holds, engine "states"."""
        if self._stale:
            return
        problem = self.profile.problem
        if problem.temperature == 0 and not problem.circular:
            try:
                linear = exact.linear_response_current(problem, self.x)
            except ValueError:
                # U takes ε_F out of the gap or of a band.
                linear = None
            if linear is not None:
                self._curve("linear", linear)
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
        self._curve("states", self.profile.j_y)
        apart = np.abs(self.profile.j_y - before.j_y)
        apart = np.max(apart[np.isfinite(apart)]) / job.problem.current_scale
        self._tell(f"engine states, {time.monotonic() - job.started:.1f} s: "
                   f"at most {apart:.1e} $j_0$ from engine green")

    def save_data(self, path: str | Path) -> Path:
        """The profile shown, with its problem; `dirac1d.load` reads it."""
        return self.profile.save(path)


def explore(scale: Any = None) -> Explorer:
    """Open the explorer; in Jupyter after ``%matplotlib widget``, where the figure stays live.

    Parameters
    ----------
    scale : Scale, optional
        Then axes and sliders are in nm, meV, K and nA.

    Returns
    -------
    Explorer
        Keep it: its sliders live as long as it does.
    """
    explorer = Explorer(scale)
    plt.show()
    return explorer
