"""σ(q): closed forms and Kubo as lines, the solver's j_y(x) in cosine potentials as points.

(a) The Dirac sea in the gap and in metals. (b) The onset at 2k_F at finite amplitudes A. (c) A
Haldane model on both sides of its transition; their difference is the light Dirac cone that the
solver knows.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import COLUMN, Data, Figure, Problems, panel
from matplotlib.axes import Axes
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d import geometry as geo
from dirac1d.apps.plotting import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION

UNIT = dd.dirac.E_OVER_2H  # e²/2h
METALS = {1.2: VERMILLION, 1.5: GREEN, 3.0: PURPLE}
ONSET_ENERGY = 1.5
AMPLITUDES = {0.1: (SKY, "^"), 0.01: (BLUE, "s"), 0.001: (BLACK, "o")}
# Haldane at phi = 90°, t1 = 1, bond length 1: the gap at one corner of the zone closes at M_C, and
# the cone there has the velocity 3/2 and the mass M - M_C.
T2, DISTANCE, VELOCITY = 0.1, 0.1, 1.5
M_C = 3 * np.sqrt(3) * T2
SIDES = {"topological": (M_C - DISTANCE, BLUE), "trivial": (M_C + DISTANCE, VERMILLION)}


def problems(quick: bool) -> Problems:
    return {f"A = {A:g}": dd.Problem(dd.CosinePotential(A, wavenumber=2.0), 1.0, ONSET_ENERGY)
            for A in AMPLITUDES}


def compute(problems: Problems, quick: bool) -> Data:
    gap = np.geomspace(0.06, 18, 4 if quick else 14)
    lattice = np.array([0.7] if quick else [0.15, 0.7, 3.2])
    data = {
        "gap_q": gap, "gap": np.array([dd.hall_response(q).value for q in gap]),
        "lattice_q": lattice, "lattice": np.array([
            dd.hall_response(q, engine="states", rtol=1e-4).value for q in lattice]),
    }
    ratios = np.array([0.7, 1.2] if quick else [0.3, 0.7, 0.95, 1.05, 1.2, 1.6, 2.4])
    for E in METALS:
        q = 2 * np.sqrt(E**2 - 1) * ratios
        data[f"{E:g}_q"] = q = q[q < 19]
        data[f"{E:g}"] = np.array([dd.hall_response(v, 1.0, E, rtol=1e-7).value for v in q])
    data["scaled"] = scaled = np.array([-1.5, 1.2]) if quick else np.concatenate((
        [-2.5, -2, -1.5, -1.1, -1, -0.8, -0.5, 0], [0.5, 0.8, 1, 1.2, 1.6, 2.2, 3, 4, 5]))
    for A in AMPLITUDES:
        data[f"A = {A:g}"] = finite_amplitude(A, scaled)
    return data | haldane(quick)


def finite_amplitude(A: float, scaled: NDArray) -> NDArray:
    """-σ_A(q)/√(A/Δ) in e²/2h at q = 2k_F + scaled · AΔ/k_F."""
    k_F = np.sqrt(ONSET_ENERGY**2 - 1)
    values = []
    for q in 2 * k_F + scaled * A / k_F:
        problem = dd.Problem(dd.CosinePotential(A, q), 1.0, ONSET_ENERGY)
        profile = dd.current_density(problem, [0.0], rtol=1e-6)
        values.append(profile.details["sine"][1] / (A * q))
    return np.array(values) / UNIT / np.sqrt(A)


def haldane(quick: bool) -> Data:
    """σ(q) in e²/h on both sides, its q² term, and the solver's σ of the cone between them."""
    q = np.linspace(1e-3, 1.6, 9 if quick else 81)
    cones = np.array([0.05, 0.55] if quick else [0.05, 0.1, 0.2, 0.35, 0.55, 0.8, 1.1, 1.5])
    data = {"haldane_q": q, "cone_q": cones, "cone": np.array([
        abs(dd.hall_response(VELOCITY * v / DISTANCE).value) / UNIT for v in cones])}
    for name, (M, _) in SIDES.items():
        model = geo.haldane(np.pi / 2, M, T2)
        data[name] = np.array([
            2 * np.pi * geo.kubo_hall_conductivity(model, v, vertex="peierls", rtol=1e-8).value
            for v in q])
        second = geo.hall_conductivity_q2(model).value + geo.vertex_difference_q2(model)
        data[f"{name}_second"] = np.array(2 * np.pi * second)
    return data


def draw(problems: Problems, data: Data) -> plt.Figure:
    figure, axes = plt.subplots(3, 1, figsize=(COLUMN, 7.4))
    for ax, part, letter in zip(axes, (draw_dirac, draw_onset, draw_haldane), "abc", strict=True):
        part(ax, data)
        panel(ax, letter)
    return figure


def draw_dirac(ax: Axes, data: Data) -> None:
    """-σ(q) in the gap and in metals: closed form, both engines."""
    points = {"ls": "none", "ms": 3.5, "mfc": "none"}
    q = np.geomspace(0.05, 20, 600)
    ax.plot(q, -geo.dirac_hall_conductivity(q, 1.0) / UNIT, color=BLUE, label="gap")
    ax.plot(data["gap_q"], -data["gap"] / UNIT, marker="o", color=BLUE, **points)
    ax.plot(data["lattice_q"], -data["lattice"] / UNIT, "x", ms=4.5, color=BLACK)
    for E, colour in METALS.items():
        edge = 2 * np.sqrt(E**2 - 1)
        fine = np.unique(np.concatenate((q, edge * (1 + np.geomspace(1e-6, 0.3, 60)))))
        fine = fine[fine <= 20]
        ax.plot(fine, -geo.dirac_hall_conductivity(fine, 1.0, E) / UNIT, color=colour,
                label=rf"$\varepsilon_F = {E:g}\,\Delta$")
        ax.plot(data[f"{E:g}_q"], -data[f"{E:g}"] / UNIT, marker="o", color=colour, **points)
    ax.plot([], [], marker="o", color="0.4", label="continuum solver", **points)
    ax.plot([], [], "x", ms=4.5, color=BLACK, label="lattice solver")
    ax.set(xscale="log", xlim=(0.05, 20), ylim=(-0.03, 1.05), xlabel=r"$q$  [$\Delta/\hbar v_F$]",
           ylabel=r"$-\sigma_{AH}(q)$  [$e^2/2h$]")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 0.06), handlelength=1.4, labelspacing=0.25)


def draw_onset(ax: Axes, data: Data) -> None:
    """The onset for three amplitudes, in the variable in which they fall on one curve."""
    k_F = np.sqrt(ONSET_ENERGY**2 - 1)
    fine = np.linspace(-3, 6, 600)
    # Slope of the square root: 2Δ/q · √(4k_F(q - 2k_F))/2E_F at q = 2k_F.
    root = np.sqrt(4 * np.maximum(fine, 0)) / (2 * ONSET_ENERGY * k_F)
    ax.plot(fine, root, color=ORANGE, label="linear response")
    for A, (colour, marker) in AMPLITUDES.items():
        ax.plot(data["scaled"], data[f"A = {A:g}"], marker, ms=3.5, mfc="none", color=colour,
                label=rf"$A = {A:g}\,\Delta$")
    ax.axvline(-1, color="0.7", lw=0.6, ls=":", zorder=0)
    ax.set(xlim=(-3, 5.5), xlabel=r"$q-2k_F$  [$A\Delta/\hbar^2v_F^2k_F$]",
           ylabel=r"$-\sigma_A$  [$\sqrt{A/\Delta}\,e^2/2h$]")
    ax.legend(loc="upper left", handlelength=1.4, labelspacing=0.25,
              title=rf"$\varepsilon_F = {ONSET_ENERGY:g}\,\Delta$")


def draw_haldane(ax: Axes, data: Data) -> None:
    """σ(q) of the Haldane model beside its transition, Eq. (2), and their difference."""
    q, sign = data["haldane_q"], np.sign(data["topological"][0])
    for name, (_, colour) in SIDES.items():
        ax.plot(q, sign * data[name], color=colour, label=f"Haldane, {name}")
        near = np.linspace(0, 0.13, 30)
        ax.plot(near, sign * (data[name][0] + data[f"{name}_second"] * near**2), color=colour,
                ls=":", lw=2.2)
    ax.plot(q, sign * (data["topological"] - data["trivial"]), color=GREEN, label="difference")
    ax.plot(data["cone_q"], data["cone"], "o", ms=3.5, mfc="none", color=BLACK,
            label="solver, one cone")
    ax.plot([], [], color="0.4", ls=":", lw=2.2, label=r"$\sigma^{(2)}q^2$")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlim=(0, 1.6), xlabel=r"$q$  [$1/d$],  $d$ = bond length",
           ylabel=r"$|\sigma_{AH}(q)|$  [$e^2/h$]")
    ax.legend(loc="upper right", handlelength=1.4, labelspacing=0.25)


def check(problems: Problems, data: Data) -> dict[str, float]:
    def distance(q: NDArray, found: NDArray, energy: float = 0.0) -> float:
        return float(np.max(np.abs(found - geo.dirac_hall_conductivity(q, 1.0, energy))) / UNIT)

    metals = max(distance(data[f"{E:g}_q"], data[f"{E:g}"], E) for E in METALS)
    jump = abs(float(data["topological"][0] - data["trivial"][0]))
    return {"gap: |σ - closed form|": distance(data["gap_q"], data["gap"]),
            "metal: |σ - closed form|": metals,
            "lattice: |σ - closed form|": distance(data["lattice_q"], data["lattice"]),
            "|jump of C - 1|": abs(jump - 1)}


FIGURE = Figure("hall_conductivity_q", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
