"""Slider to picture: median time of the explorer, redraw included, engine "green".

CPU time of one request after another, without a window (Agg), as a slider of ε_F moves.

    python validation/benchmarks/explorer.py
"""

from __future__ import annotations

import argparse
import time

import matplotlib.pyplot as plt
import numpy as np

from dirac1d.apps.explorer import Explorer

#: Starts of the drags, each 0.3 long, and the targets in ms.
DRAGS = {"gap": (-0.15, 50), "half-metal": (0.85, 150), "metal": (1.7, 150)}
STEPS = 41


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    plt.switch_backend("agg")
    explorer = Explorer()
    for name, (start, target) in DRAGS.items():
        times = []
        for energy in np.linspace(start, start + 0.3, STEPS):
            explorer.sliders["fermi_energy"].set_val(energy)
            begin = time.process_time()
            explorer.flush()
            times.append(1e3 * (time.process_time() - begin))
        print(f"{name}: median {np.median(times):.0f} ms, 90 % below {np.quantile(times, 0.9):.0f}"
              f" ms (target {target} ms)")


if __name__ == "__main__":
    main()
