"""σ(q): closed forms and Kubo as lines, the solver's j_y(x) in cosine potentials as points.

Top: the Dirac sea in the gap and in metals. Middle: the onset at 2k_F at finite amplitudes A.
Bottom: a Haldane model on both sides of its transition; their difference is the light Dirac cone
that the solver knows.

    python plots/hall_conductivity_q.py [output.pdf]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d import geometry as geo
from dirac1d.apps.plotting import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, style

UNIT = 1 / (4 * np.pi)  # e²/2h
METALS = ((1.2, VERMILLION), (1.5, GREEN), (3.0, PURPLE))
ONSET_ENERGY = 1.5
AMPLITUDES = ((0.1, SKY, "^"), (0.01, BLUE, "s"), (0.001, BLACK, "o"))
# Haldane at phi = 90°, t1 = 1, bond length 1: the gap at one corner of the zone closes at M_C, and
# the cone there has the velocity 3/2 and the mass M - M_C.
T2, DISTANCE, VELOCITY = 0.1, 0.1, 1.5
M_C = 3 * np.sqrt(3) * T2


def draw_dirac(ax: Axes) -> Axes:
    """-σ(q) in the gap and in metals: closed form, both engines."""
    q = np.geomspace(0.05, 20, 600)
    ax.plot(q, -geo.dirac_hall_conductivity(q, 1.0) / UNIT, color=BLUE, label="gap")
    points = np.geomspace(0.06, 18, 14)
    values = [dd.hall_response(v).value for v in points]
    ax.plot(points, -np.array(values) / UNIT, "o", ms=3.5, mfc="none", color=BLUE)
    lattice = np.array([0.15, 0.7, 3.2])
    values = [dd.hall_response(v, engine="states", rtol=1e-4).value for v in lattice]
    ax.plot(lattice, -np.array(values) / UNIT, "x", ms=4.5, color=BLACK)
    for energy, colour in METALS:
        edge = 2 * np.sqrt(energy**2 - 1)
        fine = np.unique(np.concatenate((q, edge * (1 + np.geomspace(1e-6, 0.3, 60)))))
        fine = fine[fine <= 20]
        ax.plot(fine, -geo.dirac_hall_conductivity(fine, 1.0, energy) / UNIT, color=colour,
                label=rf"$\varepsilon_F = {energy:g}\,\Delta$")
        points = edge * np.array([0.3, 0.7, 0.95, 1.05, 1.2, 1.6, 2.4])
        points = points[points < 19]
        values = [dd.hall_response(v, 1.0, energy, rtol=1e-7).value for v in points]
        ax.plot(points, -np.array(values) / UNIT, "o", ms=3.5, mfc="none", color=colour)
    ax.plot([], [], "o", ms=3.5, mfc="none", color="0.4", label="continuum solver")
    ax.plot([], [], "x", ms=4.5, color=BLACK, label="lattice solver")
    ax.set(xscale="log", xlim=(0.05, 20), ylim=(-0.03, 1.05), xlabel=r"$\hbar v_F q/\Delta$",
           ylabel=r"$-\sigma_{AH}(q)$  [$e^2/2h$]")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 0.06), handlelength=1.4, labelspacing=0.25)
    return ax


def finite_amplitude(A: float, scaled: NDArray) -> NDArray:
    """-σ_A(q)/√(A/Δ) in e²/2h at q = 2k_F + scaled · AΔ/k_F."""
    k_F = np.sqrt(ONSET_ENERGY**2 - 1)
    values = []
    for q in 2 * k_F + scaled * A / k_F:
        problem = dd.Problem(dd.CosinePotential(A, q), 1.0, ONSET_ENERGY)
        profile = dd.current_density(problem, [0.0], rtol=1e-6)
        values.append(profile.details["sine"][1] / (A * q))
    return np.array(values) / UNIT / np.sqrt(A)


def draw_onset(ax: Axes) -> Axes:
    """The onset for three amplitudes, in the variable in which they fall on one curve."""
    k_F = np.sqrt(ONSET_ENERGY**2 - 1)
    fine = np.linspace(-3, 6, 600)
    # Slope of the square root: 2Δ/q · √(4k_F(q - 2k_F))/2E_F at q = 2k_F.
    root = np.sqrt(4 * np.maximum(fine, 0)) / (2 * ONSET_ENERGY * k_F)
    ax.plot(fine, root, color=ORANGE, label="linear response")
    scaled = np.concatenate((
        [-2.5, -2, -1.5, -1.1, -1, -0.8, -0.5, 0], [0.5, 0.8, 1, 1.2, 1.6, 2.2, 3, 4, 5],
    ))
    for A, colour, marker in AMPLITUDES:
        ax.plot(scaled, finite_amplitude(A, scaled), marker, ms=3.5, mfc="none", color=colour,
                label=rf"$A = {A:g}\,\Delta$")
    ax.axvline(-1, color="0.7", lw=0.6, ls=":", zorder=0)
    ax.set(xlim=(-3, 5.5), xlabel=r"$(q-2k_F)\,k_F/A\Delta$   ($\varepsilon_F = 1.5\,\Delta$)",
           ylabel=r"$-\sigma_A\,\sqrt{\Delta/A}$  [$e^2/2h$]")
    ax.legend(loc="upper left", handlelength=1.4, labelspacing=0.25)
    return ax


def draw_haldane(ax: Axes) -> Axes:
    """σ(q) of the Haldane model beside its transition, Eq. (2), and their difference."""
    q = np.linspace(1e-3, 1.6, 81)
    curves = {}
    for name, M, colour in (("topological", M_C - DISTANCE, BLUE),
                            ("trivial", M_C + DISTANCE, VERMILLION)):
        model = geo.haldane(np.pi / 2, M, T2)
        curves[name] = np.array([
            2 * np.pi * geo.kubo_hall_conductivity(model, v, vertex="peierls", rtol=1e-8).value
            for v in q
        ])
        sign = np.sign(curves["topological"][0])
        ax.plot(q, sign * curves[name], color=colour, label=f"Haldane, {name}")
        second = geo.hall_conductivity_q2(model).value + geo.vertex_difference_q2(model)
        parabola = curves[name][0] + 2 * np.pi * second * q**2
        near = q < 0.13
        ax.plot(q[near], sign * parabola[near], color=colour, ls=":", lw=2.2)
    ax.plot(q, sign * (curves["topological"] - curves["trivial"]), color=GREEN, label="difference")
    points = np.array([0.05, 0.1, 0.2, 0.35, 0.55, 0.8, 1.1, 1.5])
    cones = [abs(dd.hall_response(VELOCITY * v / DISTANCE).value) / UNIT for v in points]
    ax.plot(points, cones, "o", ms=3.5, mfc="none", color=BLACK, label="solver, one cone")
    ax.plot([], [], color="0.4", ls=":", lw=2.2, label=r"$\sigma^{(2)}q^2$")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlim=(0, 1.6), xlabel=r"$q d$   ($d$ = bond length)",
           ylabel=r"$|\sigma_{AH}(q)|$  [$e^2/h$]")
    ax.legend(loc="upper right", handlelength=1.4, labelspacing=0.25)
    return ax


def main() -> None:
    output = Path(sys.argv[1] if len(sys.argv) > 1 else "hall_conductivity_q.pdf")
    with style():
        figure, axes = plt.subplots(3, 1, figsize=(3.4, 7.2), layout="constrained")
        for ax, draw, label in zip(axes, (draw_dirac, draw_onset, draw_haldane), "abc",
                                   strict=True):
            draw(ax)
            ax.text(0.0, 1.02, f"({label})", transform=ax.transAxes)
        figure.savefig(output)
    print(f"wrote {output}")


if __name__ == "__main__":
    main()
