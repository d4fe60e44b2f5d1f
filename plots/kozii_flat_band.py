"""σ⁽²⁾ of a flattened Haldane model and its terms, against bandwidth over gap.

Kozii et al., text after Eq. (2): for nearly flat bands the gΩ term dominates. The dashed line is
what a real potential on the lattice sees (Peierls vertex): 5/3 of that term when flat.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import COLUMN, Data, Figure, Problems, panel

from dirac1d import geometry as geo
from dirac1d.apps.plotting import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILLION

MODEL = geo.haldane(phi=0.7, M=0.3, t2=0.2)
#: Half gap of the flat bands, in t₁.
HALF_GAP = 1.0
LABELS = {
    "metric_curvature": (r"$g_{xx}\Omega_{xy}$", BLUE),
    "curvature_gradient": (r"$\partial_x\Omega_{xy}$", VERMILLION),
    "T_xxy": (r"$T_{xxy}$", GREEN),
    "T_xxx": (r"$T_{xxx}$", PURPLE),
    "velocity": (r"$v_{Cx}v_{Vx}\Omega_{xy}$", ORANGE),
}


def problems(quick: bool) -> Problems:
    return {}


def compute(problems: Problems, quick: bool) -> Data:
    """Bandwidth/gap; σ⁽²⁾, its terms and the lattice's answer, in e²/h times length squared."""
    u = np.linspace(0, 1, 121)
    b = 2 * np.pi * np.linalg.inv(MODEL.lattice)
    k = np.tensordot(b, np.stack(np.meshgrid(u, u)), 1)
    rows = []
    for flatness in np.linspace(0, 1, 4 if quick else 41):
        model = geo.flattened(MODEL, flatness, HALF_GAP)
        valence, conduction = geo.energies(model, *k)
        result = geo.hall_conductivity_q2(model, rtol=1e-9)
        lattice = result.value + geo.vertex_difference_q2(model, rtol=1e-9)
        ratio = np.ptp(valence) / (conduction - valence).min()
        rows.append({"ratio": ratio, "sigma2": result.value, "lattice": lattice, **result.terms})
    unit = {name: 1.0 if name == "ratio" else 2 * np.pi for name in rows[0]}
    return {name: unit[name] * np.array([row[name] for row in rows]) for name in rows[0]}


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, ax = plt.subplots(figsize=(COLUMN, 2.9))
    for name, (label, colour) in LABELS.items():
        ax.plot(data["ratio"], data[name], color=colour, lw=1.2, label=label)
    ax.plot(data["ratio"], data["sigma2"], color=BLACK, lw=1.8, label="sum, Eq. (2)")
    ax.plot(data["ratio"], data["lattice"], color=BLACK, ls="--", lw=1.0, label="real potential")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    low, high = ax.get_ylim()
    ax.set(xlabel="valence bandwidth / smallest direct gap", xlim=(0, data["ratio"].max()),
           ylabel=r"$\sigma^{(2)}_{AH}$ and its terms  [$e^2d^2/h$]",
           ylim=(low, high + 0.38 * (high - low)))
    ax.legend(ncols=2, loc="upper right", labelspacing=0.25, handlelength=1.4)
    panel(ax, "", r"flattened Haldane model, bond length $d$")
    return figure


def check(problems: Problems, data: Data) -> dict[str, float]:
    flat = int(np.argmin(data["ratio"]))
    terms = sum(data[name] for name in LABELS)
    return {
        "flat: |real potential/gΩ - 5/3|":
            abs(float(data["lattice"][flat] / data["metric_curvature"][flat]) - 5 / 3),
        "|sum of the terms - σ⁽²⁾|/max": float(
            np.max(np.abs(terms - data["sigma2"])) / np.max(np.abs(data["sigma2"]))),
    }


FIGURE = Figure("kozii_flat_band", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
