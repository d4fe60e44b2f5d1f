"""The command ``dirac1d explore``: the explorer in a window, or on localhost in a browser."""

from __future__ import annotations

import argparse
import importlib.util
import socket

from dirac1d.apps.windows import load_matplotlib
from dirac1d.laboratory.materials import MATERIALS, material

#: Where the browser finds it: this machine only.
ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8988


def add_explore_options(parser: argparse.ArgumentParser) -> None:
    """Options of ``dirac1d explore``."""
    parser.add_argument("--web", action="store_true", help="serve it to a browser on localhost")
    parser.add_argument("--map", action="store_true",
                        help="a cell of puddles: the smooth law, and the map when the hand rests")
    parser.add_argument("--material", choices=MATERIALS,
                        help="axes and sliders in nm, meV, K and nA of this material's scale")
    parser.add_argument("--port", type=int, help=f"port on localhost ({DEFAULT_PORT})")


def run_explore(arguments: argparse.Namespace) -> int:
    """Open the explorer and wait until it is closed.

    Raises
    ------
    ValueError
        If no window can be opened, what serves the browser is missing, or the port is not allowed
        or in use.
    """
    if arguments.web:
        _serve(DEFAULT_PORT if arguments.port is None else arguments.port)
    elif arguments.port is not None:
        raise ValueError("--port needs --web")
    else:
        load_matplotlib(window=True)
    # Here, so that the other commands do not load it.
    from dirac1d.apps.explorer import explore
    from dirac1d.apps.map_explorer import explore_maps

    page = explore_maps if arguments.map else explore
    page(None if arguments.material is None else material(arguments.material).scale())
    return 0


def _serve(port: int) -> None:
    """Let matplotlib's WebAgg show figures on localhost."""
    if not 1 <= port <= 65535:
        raise ValueError(f"port must be from 1 to 65535, got {port}")
    if importlib.util.find_spec("tornado") is None:
        raise ValueError("--web needs tornado: pip install 'dirac1d[web]'")
    _try(port)
    load_matplotlib()
    import matplotlib.pyplot as plt

    from dirac1d.apps.saving import prepare_browser

    prepare_browser()
    plt.rcParams.update({
        "webagg.address": ADDRESS, "webagg.port": port, "webagg.port_retries": 1,
        "webagg.open_in_browser": False,
    })
    plt.switch_backend("webagg")
    # matplotlib's own line says the address.


def _try(port: int) -> None:
    """A ValueError if nobody may listen on a port of localhost."""
    with socket.socket() as probe:
        # As the server itself: a port that was just closed is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise ValueError(
                f"port {port} of {ADDRESS} cannot be used: {error.strerror}") from error
