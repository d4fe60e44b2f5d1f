"""The explorer's page for maps: a cell of puddles, the smooth law at once, the map at rest.

>>> from dirac1d.apps.map_explorer import MapExplorer
>>> explorer = MapExplorer()
>>> explorer.sliders["rms"].set_val(0.4)
>>> explorer.flush()
True
>>> print(explorer.view.text.get_text().splitlines()[0])
100 % of the area in the gap
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from dirac1d.apps.background import Job
from dirac1d.apps.later import Window
from dirac1d.apps.map_explorer_view import MapView
from dirac1d.exact.smooth import SmoothCurrent, smooth_current
from dirac1d.potentials.disorder import disorder
from dirac1d.problem import Problem
from dirac1d.results.map import CurrentMap

#: Sides of the cell: several puddles at the correlation lengths of the slider.
LENGTHS = (10.0, 10.0)
#: Positions to a side.
POINTS = 41
#: Relative to j₀: a colour's step. A map that takes longer than this many seconds is shown as far
#: as it has come, and says so.
RTOL, WITHIN = 3e-2, 60.0


class MapExplorer(Window):
    """The window: `figure`, `sliders` by name, `problem`, `law` and `map` as shown.

    A slider that moves asks for the smooth law of the present cell; only the latest request is
    computed, when the window's event loop is free (`flush` does it at once). When the hand rests
    the map is computed in another process, which is dropped as soon as something moves.

    Parameters
    ----------
    scale : Scale, optional
        Then axes and sliders are in nm, meV, K and nA.

    Attributes
    ----------
    view : MapView
    law : SmoothCurrent
        What is shown of the smooth limit, Eq. (15).
    map : CurrentMap or None
        What is shown of the engine; None until it has come.
    computed : int
        Pictures computed so far.
    """

    def __init__(self, scale: Any = None) -> None:
        self.map: CurrentMap | None = None
        self.x, self.y = (np.linspace(0.0, L, POINTS) for L in LENGTHS)
        self._open(MapView(self.x, self.y, scale), (), lambda: self._shown().to_bytes())

    @property
    def problem(self) -> Problem:
        """The problem that the sliders say."""
        v = {name: float(slider.val) for name, slider in self.sliders.items()}
        cell = disorder(v["rms"], v["correlation_length"], LENGTHS, int(v["seed"]))
        return Problem(cell, 1.0, v["fermi_energy"], v["temperature"])

    # While something moves

    def _picture(self) -> bool:
        problem = self.problem
        self.law: SmoothCurrent = smooth_current(problem, self.x, self.y)
        self.computed, self.map = self.computed + 1, None
        self.view.show_law(problem, self.law)
        self._tell("")
        return True

    # When the hand rests

    def rest(self) -> None:
        """Add lines along the smooth law's current, and begin the map."""
        if self._stale:
            return
        self.view.show_streams("law", self.law)
        self._job = Job(self.problem, self.x, "green", RTOL, self.y, WITHIN)
        self._watching.start()
        self.look()

    def look(self) -> None:
        """Show the background computation's map, or for how long it has been going on."""
        job = self._job
        if job is None:
            return
        spent = time.monotonic() - job.started
        if job.running:
            self._tell(f"the map: computing, {spent:.0f} s")
            self._watching.start()
            return
        self._job = None
        try:
            self.map = job.result()
        except RuntimeError as error:
            self._tell(f"the map: {error}")
            return
        self.view.show_map(self.map, self.law)
        error = float(np.max(self.map.error)) / max(job.problem.current_scale, 1e-300)
        self._tell(f"the map, {spent:.1f} s: error at most {error:.1e} $j_0$, {self.map.status}")

    # Saving

    def _shown(self) -> CurrentMap:
        if self.map is None:
            raise ValueError("there is no map yet: it is computed when nothing moves")
        return self.map

    def _ask_and_save_data(self) -> object:
        try:
            self._shown()
        except ValueError as error:
            return str(error)
        return super()._ask_and_save_data()

    def save_data(self, path: str | Path) -> Path:
        """The map shown, with its problem; `dirac1d.load` reads it.

        Raises
        ------
        ValueError
            If it has not come yet.
        """
        return self._shown().save(path)


def explore_maps(scale: Any = None) -> MapExplorer:
    """Open the explorer's page for maps.

    Parameters
    ----------
    scale : Scale, optional
        Then axes and sliders are in nm, meV, K and nA.

    Returns
    -------
    MapExplorer
        Keep it: its sliders live as long as it does.
    """
    explorer = MapExplorer(scale)
    plt.show()
    return explorer
