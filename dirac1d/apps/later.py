"""A window whose picture follows the hand, and where what is slow comes when the hand rests."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from dirac1d.apps.background import Job
from dirac1d.apps.plotting import save_figure
from dirac1d.apps.saving import DATA_FORMAT, ask_and_save, offer_data

#: The hand rests when nothing has moved for so many ms; then what is slow begins.
REST = 250
#: Looks at a background computation, in ms.
WATCH = 100
#: Characters to a line of what a window says.
_WIDTH = 62


def timer(figure: Figure, interval: int, action: Callable[[], object]) -> Any:
    """A timer that runs an action once, so many ms after each time it is started."""
    found = figure.canvas.new_timer(interval=interval)
    found.single_shot = True

    # matplotlib drops an action for good if it returns False.
    def run() -> None:
        action()

    found.add_callback(run)
    return found


def words(said: object) -> str:
    """What is said below the panels, in two lines; a path is one that was saved."""
    text = f"saved {said}" if isinstance(said, Path) else str(said)
    return "\n".join(textwrap.wrap(text, _WIDTH, max_lines=2))


class Window:
    """What every explorer does with its view: controls, requests, buttons, a background job.

    A control that moves asks for a picture; only the latest request is computed, when the event
    loop is free. An explorer says what a picture is, what `rest` begins and what `look` looks at.

    Attributes
    ----------
    computed : int
        Pictures computed so far; requests that came while one was computed are dropped.
    """

    def _open(self, view: Any, groups: tuple[Any, ...], data: Callable[[], bytes]) -> None:
        """Connect the view's controls and show the first picture; `data` is what is saved."""
        self.computed, self._stale, self._groups = 0, True, groups
        self._job: Job | None = None
        self.view, self.figure, self.sliders = view, view.figure, view.sliders
        offer_data(self.figure, data)
        for slider in self.sliders.values():
            slider.on_changed(self.request)
        for group in groups:
            group.on_clicked(self.request)
        for name, action in (("reset", self.reset),
                             ("save figure", lambda: ask_and_save(self.figure, "pdf")),
                             ("save data", self._ask_and_save_data)):
            view.buttons[name].on_clicked(lambda _, action=action: self._tell(action()))
        self._soon = timer(self.figure, 1, self.flush)
        self._resting = timer(self.figure, REST, self.rest)
        self._watching = timer(self.figure, WATCH, self.look)
        self.figure.canvas.mpl_connect("close_event", lambda _: self.close())
        self.flush()

    def _picture(self) -> bool:
        """Compute and show a picture; whether there is one."""
        raise NotImplementedError

    def rest(self) -> None:
        """Begin what is slow."""
        raise NotImplementedError

    def look(self) -> None:
        """Show what the background computation has found, or for how long it has been going on."""
        raise NotImplementedError

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
        if self._picture():
            self._resting.start()
        return True

    def close(self) -> None:
        """Drop what is computed in the background."""
        if self._job is not None:
            self._job.drop()
            self._job = None

    def reset(self) -> None:
        """All controls as at the start."""
        for slider in self.sliders.values():
            slider.reset()
        for group in self._groups:
            group.set_active(0)
        self.request()

    def save_figure(self, path: str | Path) -> Path:
        """The window as a file."""
        return save_figure(self.figure, path)

    def _ask_and_save_data(self) -> object:
        return ask_and_save(self.figure, DATA_FORMAT)

    def _tell(self, said: object) -> None:
        """Say something below the panels; None says nothing."""
        if said is not None:
            self.view.status.set_text(words(said))
            self.view.show()
