"""A wave packet in a uniform second gradient of the field: Eq. (11) and the divergence of Eq. (12).

Left: exact rates of a propagated single-band packet per E^{xxx} diverge as its width in k
shrinks. Right: what is left of the velocity once the f~ term is taken off approaches the sum of
the geometric terms of Eq. (11).

    python plots/kozii_wave_packet.py [output.pdf]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from dirac1d import geometry as geo

MODEL = geo.qi_wu_zhang(-1.2, d0_even=(0.1, 0.05), d0_odd=(0.0, 0.2), diagonal=0.3)
K = (0.5, 0.3)
E_XXX = 1e-5
SITES = 256


def measured_slopes(width: float, duration: float = 0.4, steps: int = 20) -> NDArray:
    """(dK_x/dt, dR_y/dt) per E^{xxx}: slopes at t = 0 of propagated tracks with and without it."""
    slopes = []
    for gradient in (E_XXX, 0.0):
        lattice = geo.ValenceBandLattice(MODEL, SITES, gradient)
        track = lattice.propagate(lattice.packet(K, width), duration, steps)
        fit = np.polynomial.polynomial.polyfit(
            track.t, np.stack([track.K[:, 0], track.R[:, 1]], 1), 5)
        slopes.append(fit[1])
    return (slopes[0] - slopes[1]) / E_XXX


def compute() -> dict[str, NDArray]:
    """Widths, measured rates, and the terms of Eq. (11)."""
    widths = np.geomspace(0.06, 0.4, 9)
    second = np.zeros((2, 2, 2))
    second[0, 0, 0] = 1.0
    fields = geo.FieldGradients(second=second)
    rates = np.array([measured_slopes(w) for w in widths])
    packet = [geo.equations_of_motion(MODEL, (0, 0), K, fields, w) for w in widths]
    geometric = sum(packet[0].R_terms[name][1]
                    for name in ("metric_curvature", "T_gradient", "curvature_hessian"))
    return {
        "width": widths, "K_dot": rates[:, 0], "R_dot": rates[:, 1],
        "K_eq11": np.array([p.K_dot[0] for p in packet]),
        "R_packet": np.array([p.R_terms["packet"][1] for p in packet]),
        "geometric": np.full(len(widths), geometric),
        "metric_curvature": np.array([p.R_terms["metric_curvature"][1] for p in packet]),
    }


def draw(axes: NDArray, data: dict[str, NDArray]) -> None:
    """Divergence (left) and regular part (right)."""
    left, right = axes
    width = data["width"]
    left.loglog(width, -data["K_dot"], "o", ms=4, color="#0072B2", label=r"$-\dot K_x$")
    left.loglog(width, -data["K_eq11"], "-", color="#0072B2", lw=1, label="Eq. (11)")
    left.loglog(width, -data["R_dot"], "s", ms=4, color="#D55E00", label=r"$-\dot R_y$")
    left.loglog(width, -(data["geometric"] + data["R_packet"]), "-", color="#D55E00", lw=1)
    left.loglog(width, 1 / (8 * width**2), "k:", lw=1, label=r"$1/8\Delta k^2$")
    left.set(xlabel=r"packet width $\Delta k$ ($1/a$)", ylabel=r"rate per $E^{xxx}$ ($a^n$)")
    left.xaxis.set_minor_formatter(NullFormatter())
    left.set_xticks([0.1, 0.2, 0.4], ["0.1", "0.2", "0.4"])
    left.legend(fontsize=6, frameon=False)
    right.plot(width**2, data["R_dot"] - data["R_packet"], "s", ms=4, color="#D55E00",
               label=r"$\dot R_y$ less $\tilde f$ term")
    right.axhline(data["geometric"][0], color="k", lw=1, label=r"$g\Omega$, $\partial T$, "
                  r"$\partial^2\Omega$ of Eq. (11)")
    right.set(xlabel=r"$\Delta k^2$ ($1/a^2$)", ylabel=r"$\dot R_y/E^{xxx}$ ($a^4$)",
              xlim=(0, None), ylim=(None, 0.04))
    right.legend(fontsize=6, frameon=False)


def main() -> None:
    output = Path(sys.argv[1] if len(sys.argv) > 1 else "kozii_wave_packet.pdf")
    figure, axes = plt.subplots(1, 2, figsize=(7.0, 2.6), layout="constrained")
    draw(axes, compute())
    figure.savefig(output, dpi=200)
    print(f"wrote {output}")


if __name__ == "__main__":
    main()
