"""matplotlib for files and for windows, whatever the calling process has chosen for itself."""

from __future__ import annotations

import os
import sys

#: Backends that open no window.
SILENT = ("agg", "pdf", "svg", "ps", "pgf", "cairo", "template")


def load_matplotlib(window: bool = False) -> None:
    """Import matplotlib; for files with a backend that needs nothing, for windows with one.

    A notebook sets MPLBACKEND to its own for all its child processes, where it may be missing or
    useless.

    Raises
    ------
    ValueError
        If a window is asked for and none can be opened.
    """
    if window:
        _check_window()
        return
    if "matplotlib" not in sys.modules:
        before = os.environ.pop("MPLBACKEND", None)
        try:
            import matplotlib
        finally:
            if before is not None:
                os.environ["MPLBACKEND"] = before
    import matplotlib

    matplotlib.use("agg")


def _check_window() -> None:
    try:
        import matplotlib.pyplot as plt

        backend = plt.get_backend()
    except (ImportError, ValueError) as error:
        raise ValueError(f"no window can be opened here: {error} (MPLBACKEND is "
                         f"{os.environ.get('MPLBACKEND')!r})") from error
    name = backend.lower()
    if name in SILENT or "inline" in name or "backend_agg" in name:
        raise ValueError(
            f"no window can be opened here (matplotlib's backend is {backend}); "
            "use a picture file, or explore --web, or install PyQt6: pip install PyQt6"
        )
