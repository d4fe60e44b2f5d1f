"""The picture of the README: a step in the gap and in a half-metal, from the default engine.

    python plots/readme.py [FILE]
"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

import dirac1d as dd
from dirac1d.apps.plotting import plot_bands, plot_profile, style


def compute() -> list[dd.Profile]:
    """j_y(x) of the same step for two Fermi energies."""
    x = np.linspace(-10, 10, 601)
    step = dd.TanhStep(-0.5, 0.5, width=1.0)
    return [dd.current_density(dd.Problem(step, fermi_energy=e), x) for e in (0.0, 1.2)]


def draw(profiles: list[dd.Profile]) -> plt.Figure:
    """Bands above, current below, one column a Fermi energy."""
    with style():
        figure, axes = plt.subplots(
            2, 2, sharex=True, sharey="row", figsize=(7, 3.8), height_ratios=(1, 1.2)
        )
        for column, profile in zip(axes.T, profiles, strict=True):
            problem = profile.problem
            plot_bands(column[0], problem, profile.x).set_xlabel("")
            total = profile.integral(-np.inf, np.inf)
            plot_profile(
                column[1], profile, label=rf"$J_y/e$ = {total.value:.6f} $E_0/\hbar$"
            ).legend(loc="lower left")
            column[0].set_title(rf"{problem.regime}, $\varepsilon_F$ = {problem.fermi_energy:g}")
        # Room for the legends below the curves.
        axes[1, 0].set_ylim(bottom=1.3 * axes[1, 0].get_ylim()[0])
        for ax in axes[:, 1]:
            ax.set_ylabel("")
        axes[0, 1].get_legend().remove()
    return figure


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("readme.png")
    draw(compute()).savefig(target)
    print(target)
