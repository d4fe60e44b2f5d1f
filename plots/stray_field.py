"""The magnetic field of the current along a step, at the heights of scanning probes.

A gate step of 3.5 meV over 94 nm on a magnetically gapped topological-insulator surface (one Dirac
cone, so its anomalous current is a charge current).

    python plots/stray_field.py [FILE]
"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

import dirac1d as dd
from dirac1d.apps.plotting import style

HEIGHTS = {"NV centre, 50 nm": 50.0, "SQUID on tip, 150 nm": 150.0, "scanning SQUID, 500 nm": 500.0}
SURFACE = dd.materials.TI_SURFACE
SCALE = SURFACE.scale()
STEP = dd.TanhStep(*SCALE.from_lab([-1.75, 1.75], "energy"), width=1.0)
TEMPERATURES = (0.0, 4.2, 20.0)
FERMI_ENERGIES = np.linspace(-8, 8, 33)
PROBE = 150.0
#: Far below the width of a line.
RTOL = 1e-4


def solve(fermi_energy: float, temperature: float) -> dd.Profile:
    """j_y at a Fermi energy in meV and a temperature in K."""
    (surface,) = SURFACE.flavours
    problem = SURFACE.problem(
        surface, STEP, SCALE, float(SCALE.from_lab(fermi_energy, "energy")),
        float(SCALE.from_lab(temperature, "temperature")),
    )
    return dd.current_density(problem, np.linspace(-25, 25, 11), rtol=RTOL)


def compute() -> tuple[dict[str, dd.StrayField], dict[float, np.ndarray]]:
    """Fields of the gapped step, and B_x above its middle for all ε_F and T."""
    gap, places = solve(0.0, 0.0), np.linspace(-1000, 1000, 401)
    fields = {name: dd.stray_field(gap, z, SCALE, places) for name, z in HEIGHTS.items()}
    peaks = {
        T: np.array([
            dd.stray_field(solve(e, T), PROBE, SCALE, [0.0]).B_x[0] for e in FERMI_ENERGIES
        ])
        for T in TEMPERATURES
    }
    return fields, peaks


def draw(fields: dict[str, dd.StrayField], peaks: dict[float, np.ndarray]) -> plt.Figure:
    """B_x and B_z along x; B_x above the middle against ε_F."""
    with style():
        figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.5), layout="constrained")
        for name, field in fields.items():
            axes[0].plot(field.x / 1e3, field.B_x, label=name)
            axes[1].plot(field.x / 1e3, field.B_z)
        for ax, component in zip(axes, "xz", strict=False):
            ax.set(xlabel=r"$x$  [µm]", ylabel=rf"$B_{component}$  [nT]", xlim=(-1, 1))
        for T, values in peaks.items():
            axes[2].plot(FERMI_ENERGIES, values, label=f"{T:g} K")
        axes[2].set(xlabel=r"$\varepsilon_F$  [meV]", xlim=(-8, 8),
                    ylabel=rf"$B_x(x=0)$ at {PROBE:g} nm  [nT]")
        # Room for the legends above the curves.
        for ax in (axes[0], axes[2]):
            ax.set_ylim(top=1.45 * ax.get_ylim()[1])
            ax.legend(loc="upper right")
    return figure


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".png")
    draw(*compute()).savefig(target)
    print(target)
