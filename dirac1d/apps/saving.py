"""How a window saves: it asks where, or the browser downloads; nothing is ever overwritten unasked.

Data are one more format of the figure for matplotlib's own dialogs and for its server, so that
they are saved as pictures are: in the window's dialog, or by the browser.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.backend_bases import register_backend
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dirac1d.apps.plotting import file_style, save_figure

#: matplotlib's format of a figure that stands for its data.
DATA_FORMAT = "npz"
#: Settings of the style that only files know.
_OF_FILES = ("savefig.dpi", "pdf.fonttype", "svg.fonttype")
#: What the browser's script does when the server sends the event "download".
_SCRIPT = """
mpl.figure.prototype.handle_download = function (fig, msg) {
    fig.ondownload(fig, msg['format']);
};
"""


class DataCanvas(FigureCanvasAgg):
    """Writes the data behind a figure, ``figure.dirac1d_data()``, in place of its picture."""

    def print_npz(self, target: Any, **_: Any) -> None:
        """Bytes of an archive, to a file name or a stream."""
        # matplotlib finds its renderer in what is drawn.
        self.draw()
        data = self.figure.dirac1d_data()
        if hasattr(target, "write"):
            target.write(data)
        else:
            Path(target).write_bytes(data)


def offer_data(figure: Figure, data: Any) -> None:
    """Let dialogs and the browser offer a figure's data too; `data` is called for its bytes."""
    figure.dirac1d_data = data
    register_backend(DATA_FORMAT, DataCanvas, "Data of dirac1d (dirac1d.load)")


def prepare_browser() -> None:
    """Teach matplotlib's page to download when it is told to, and its server how files look."""
    from matplotlib.backends.backend_webagg_core import FigureManagerWebAgg

    # The server writes what is downloaded at a time of its own: no context reaches it.
    with file_style():
        kept = {key: plt.rcParams[key] for key in _OF_FILES}
    plt.rcParams.update(kept)
    original = FigureManagerWebAgg.get_javascript.__func__

    def with_download(cls: Any, stream: Any = None) -> Any:
        text = original(cls, stream)
        if text is None:
            stream.write(_SCRIPT)
            return None
        return text + _SCRIPT

    FigureManagerWebAgg.get_javascript = classmethod(with_download)


def ask_and_save(figure: Figure, ending: str) -> str | Path | None:
    """Save a figure, or its data (`DATA_FORMAT`), where the user says.

    Returns
    -------
    str, Path or None
        What happened; None where a dialog has said it.
    """
    if plt.get_backend().lower() == "webagg":
        figure.canvas.send_event("download", format=ending)
        return f"sent to the browser as .{ending}"
    toolbar = getattr(figure.canvas.manager, "toolbar", None)
    if getattr(figure.canvas, "required_interactive_framework", None) and toolbar is not None:
        # A desktop's dialog begins with this format, and asks before it overwrites.
        with file_style(), matplotlib.rc_context({"savefig.format": ending}):
            toolbar.save_figure()
        return None
    return save_figure(figure, fresh(f"dirac1d-explorer.{ending}"))


def fresh(name: str) -> Path:
    """A name that no file has: with a number if need be."""
    path = Path(name)
    number = 1
    while path.exists():
        number += 1
        path = Path(f"{Path(name).stem}-{number}{Path(name).suffix}")
    return path
