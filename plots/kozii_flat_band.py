"""sigma2 of a flattened Haldane model and its terms against bandwidth over gap.

Kozii et al., text after Eq. (2): for nearly flat bands the g.Omega term dominates. The dashed
line is what a real potential on the lattice sees (Peierls vertex): 5/3 of that term when flat.

    python plots/kozii_flat_band.py [output.pdf]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from dirac1d import geometry as geo

MODEL = geo.haldane(phi=0.7, M=0.3, t2=0.2)
HALF_GAP = 1.0  # of the flat bands, in units of t1
# Okabe and Ito's colour-blind-safe palette
LABELS = {
    "metric_curvature": (r"$g_{xx}\Omega_{xy}$", "#0072B2"),
    "curvature_gradient": (r"$\partial_x\Omega_{xy}$", "#D55E00"),
    "T_xxy": (r"$T_{xxy}$", "#009E73"),
    "T_xxx": (r"$T_{xxx}$", "#CC79A7"),
    "velocity": (r"$v_{Cx}v_{Vx}\Omega_{xy}$", "#E69F00"),
}


def compute(steps: int = 41) -> dict[str, NDArray]:
    """Bandwidth/gap, sigma2, its terms and the lattice's answer, in e^2/h times length squared."""
    u = np.linspace(0, 1, 121)
    b = 2 * np.pi * np.linalg.inv(MODEL.lattice)
    k = np.tensordot(b, np.stack(np.meshgrid(u, u)), 1)
    rows = []
    for flatness in np.linspace(0, 1, steps):
        model = geo.flattened(MODEL, flatness, HALF_GAP)
        valence, conduction = geo.energies(model, *k)
        result = geo.hall_conductivity_q2(model, rtol=1e-9)
        lattice = result.value + geo.vertex_difference_q2(model, rtol=1e-9)
        ratio = np.ptp(valence) / (conduction - valence).min()
        rows.append({"ratio": ratio, "sigma2": result.value, "lattice": lattice, **result.terms})
    unit = {name: 1.0 if name == "ratio" else 2 * np.pi for name in rows[0]}
    return {name: unit[name] * np.array([row[name] for row in rows]) for name in rows[0]}


def draw(ax: Axes, data: dict[str, NDArray]) -> Axes:
    """Terms and totals against bandwidth/gap."""
    for name, (label, colour) in LABELS.items():
        ax.plot(data["ratio"], data[name], color=colour, lw=1.2, label=label)
    ax.plot(data["ratio"], data["sigma2"], "k-", lw=1.8, label=r"$\sigma^{(2)}_{AH}$, Eq. (2)")
    ax.plot(data["ratio"], data["lattice"], "k--", lw=1.0, label="real potential")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlabel="valence bandwidth / smallest direct gap", xlim=(0, data["ratio"].max()),
           ylabel=r"$\sigma^{(2)}_{AH}$  ($e^2d^2/h$, $d$ = bond length)")
    ax.legend(fontsize=6, ncols=4, frameon=False, loc="lower center", bbox_to_anchor=(0.45, 1.0))
    return ax


def main() -> None:
    output = Path(sys.argv[1] if len(sys.argv) > 1 else "kozii_flat_band.pdf")
    figure, ax = plt.subplots(figsize=(3.4, 2.6), layout="constrained")
    draw(ax, compute())
    figure.savefig(output, dpi=200)
    print(f"wrote {output}")


if __name__ == "__main__":
    main()
