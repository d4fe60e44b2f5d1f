"""Every figure of Silvestrov and Recher, and a gallery beyond; each prints its own line.

    python plots/all.py [--out DIR] [--format pdf|png|svg] [--show] [--quick] [--fresh]
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence

from _figure import parse

SCRIPTS = (
    "fig1_total_current", "fig2_airy_edge", "fig3_ray", "fig4_large_step", "fig5_single_state",
    "fig6_transport_vs_total", "gallery_map", "gallery_temperature", "gallery_width",
    "gallery_klein", "gallery_failures",
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments, "all figures")
    start = time.perf_counter()
    for script in SCRIPTS:
        importlib.import_module(script).FIGURE.make(options)
    print(f"{len(SCRIPTS)} figures in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
