"""Every figure: those of Silvestrov and Recher, a gallery beyond, the laboratory, band geometry.

Each prints a line of its own: the distance of its data from the closed forms.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence

from _figure import parse

SCRIPTS = (
    "readme", "fig1_total_current", "fig2_airy_edge", "fig3_ray", "fig4_large_step",
    "fig5_single_state", "fig6_transport_vs_total", "gallery_map", "gallery_temperature",
    "gallery_width", "gallery_klein", "gallery_failures", "stray_field", "experiment",
    "puddle_as_dot", "squid_on_tip", "puddles", "squid_map",
    "lines_of_stopping_points", "strip_universal", "edge_and_bulk", "mass_disc", "chern_mosaic",
    "hall_conductivity_q", "kozii_flat_band", "kozii_wave_packet", "haldane_phase_diagram",
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments, __doc__)
    start = time.perf_counter()
    for script in SCRIPTS:
        importlib.import_module(script).FIGURE.make(options)
    print(f"{len(SCRIPTS)} figures in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
