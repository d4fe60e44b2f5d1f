"""Chern numbers of the Haldane model, one integer per point of the phase diagram.

    python plots/haldane_phase_diagram.py [output.pdf]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray

from dirac1d import geometry as geo

T2 = 0.1


def compute(n_phi: int = 48, n_M: int = 48) -> tuple[NDArray, NDArray, NDArray]:
    """phi, M/t2 and C on cell centres: even numbers keep off phi = 0, where the gap closes."""
    phi = np.pi * (2 * (np.arange(n_phi) + 0.5) / n_phi - 1)
    M = 6.5 * (2 * (np.arange(n_M) + 0.5) / n_M - 1)
    C = np.array([[geo.chern_number(geo.haldane(p, m * T2, T2)) for p in phi] for m in M])
    return phi, M, C


def draw(ax: Axes, phi: NDArray, M: NDArray, C: NDArray) -> Axes:
    """The integers as colours, and the line M = 3 sqrt(3) t2 sin(phi) where the gap closes."""
    colours = ListedColormap(["#56B4E9", "#FFFFFF", "#E69F00"])
    ax.pcolormesh(phi / np.pi, M, C, cmap=colours, vmin=-1.5, vmax=1.5, shading="nearest",
                  rasterized=True)
    x = np.linspace(-1, 1, 201)
    for sign in (1, -1):
        ax.plot(x, sign * 3 * np.sqrt(3) * np.sin(np.pi * x), "k-", lw=1.0)
    for x, text in ((-0.5, "$C=+1$"), (0.5, "$C=-1$")):
        ax.text(x, 0, text, ha="center", va="center")
    ax.text(0, 5.2, "$C=0$", ha="center", va="center")
    ax.set(xlabel=r"$\phi/\pi$", ylabel="$M/t_2$", xlim=(-1, 1), ylim=(-6.5, 6.5))
    return ax


def main() -> None:
    output = Path(sys.argv[1] if len(sys.argv) > 1 else "haldane_phase_diagram.pdf")
    phi, M, C = compute()
    edge = 3 * np.sqrt(3) * np.sin(phi)[None, :]
    expected = np.where(np.abs(M)[:, None] < np.abs(edge), -np.sign(edge), 0)
    print(f"{(expected != C).sum()} of {C.size} Chern numbers differ from Haldane's criterion")
    figure, ax = plt.subplots(figsize=(3.4, 2.6), layout="constrained")
    draw(ax, phi, M, C)
    figure.savefig(output, dpi=200)
    print(f"wrote {output}")


if __name__ == "__main__":
    main()
