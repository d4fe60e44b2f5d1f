"""Timers of a window's event loop, and words that fit below its panels."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

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
