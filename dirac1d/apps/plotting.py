"""Pictures: functions that take Axes and return them, and compute no physics.

`style()` applies the look of all figures; every label carries its symbol and unit.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from dirac1d.problem import Problem
from dirac1d.results.profile import Profile

BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
)
X_LABEL = r"$x$  [$\hbar v_F/E_0$]"
ENERGY_LABEL = r"energy  [$E_0$]"
CURRENT_LABEL = r"$j_y/e$  [$E_0^2/\hbar^2 v_F$]"
TOTAL_LABEL = r"$J_y/e$  [$E_0/\hbar$]"


def style() -> AbstractContextManager[None]:
    """Context in which figures have the common look."""
    with as_file(files("dirac1d.apps") / "dirac1d.mplstyle") as sheet:
        return plt.style.context(str(sheet))


def plot_bands(ax: Axes, problem: Problem, x: ArrayLike) -> Axes:
    """Band edges U ± |Δ| along x, shaded bands, and ε_F (with ±T where T > 0)."""
    x = np.asarray(x, dtype=float)
    U, gap = problem.potential(x), abs(problem.mass)
    mu, T = problem.fermi_energy, problem.temperature
    low, high = min(np.min(U) - gap, mu), max(np.max(U) + gap, mu)
    pad = 0.2 * (high - low) + 1e-12
    # Room for the legend inside the conduction band.
    top = high + 2.2 * pad
    ax.fill_between(x, U + gap, top, color=SKY, alpha=0.35, lw=0)
    ax.fill_between(x, low - pad, U - gap, color=ORANGE, alpha=0.35, lw=0)
    ax.plot(x, U + gap, color=BLUE, label=r"$U+|\Delta|$")
    ax.plot(x, U - gap, color=VERMILLION, label=r"$U-|\Delta|$")
    ax.axhline(mu, color=BLACK, lw=0.9, ls="--", label=r"$\varepsilon_F$")
    if T > 0:
        ax.axhspan(mu - T, mu + T, color=BLACK, alpha=0.08, lw=0)
    ax.set(ylim=(low - pad, top), ylabel=ENERGY_LABEL, xlabel=X_LABEL)
    if len(x) > 1:
        ax.set_xlim(x[0], x[-1])
    ax.legend(loc="upper center", ncols=3, handlelength=1.5, columnspacing=1.0)
    return ax


def plot_profile(ax: Axes, profile: Profile, label: str | None = None, **line: object) -> Axes:
    """j_y(x) with the band of its error estimate (visible where it is not small)."""
    shown = np.isfinite(profile.j_y)
    x, j, error = profile.x[shown], profile.j_y[shown], profile.error[shown]
    (curve,) = ax.plot(
        x, j, label=profile.engine if label is None else label,
        **({"marker": "o"} if len(x) == 1 else {}), **line,
    )
    ax.fill_between(x, j - error, j + error, color=curve.get_color(), alpha=0.3, lw=0)
    for position in {*profile.x[~shown], *(p for p, _ in profile.problem.jumps)}:
        ax.axvline(position, color="0.6", lw=0.7, ls=":")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlabel=X_LABEL, ylabel=CURRENT_LABEL)
    if len(profile.x) > 1:
        ax.set_xlim(profile.x[0], profile.x[-1])
    if profile.problem.jumps:
        _limit_divergence(ax, profile.problem, x, j)
    return ax


#: Part of the range of x on both sides of a jump that the scale of j_y is not set by.
_BESIDE_JUMP = 0.01


def _limit_divergence(ax: Axes, problem: Problem, x: NDArray, j: NDArray) -> None:
    """Limits of j_y by what is not at a jump: the logarithm there leaves the frame."""
    far = np.full(len(x), True)
    for position, _ in problem.jumps:
        far &= np.abs(x - position) > _BESIDE_JUMP * np.ptp(x)
    if far.any() and np.any(j[far]):
        low, high = min(np.min(j[far]), 0.0), max(np.max(j[far]), 0.0)
        ax.set_ylim(low - 0.15 * (high - low), high + 0.15 * (high - low))


def plot_total(
    ax: Axes,
    fermi_energies: ArrayLike,
    totals: ArrayLike,
    label: str | None = None,
    *,
    closed: tuple[ArrayLike, ArrayLike] | None = None,
    **line: object,
) -> Axes:
    """J_y against ε_F: a line, or circles over that of the closed form (its ε_F and J_y)."""
    if closed is not None:
        name = None if label is None else "closed form"
        (curve,) = ax.plot(*closed, label=name, **line)
        line = line | {"color": curve.get_color(), "ls": "none", "marker": "o", "ms": 3.5,
                       "mfc": "none"}
    ax.plot(fermi_energies, totals, label=label, **line)
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlabel=r"$\varepsilon_F$  [$E_0$]", ylabel=TOTAL_LABEL)
    return ax


def plot_map(
    ax: Axes, x: ArrayLike, energies: ArrayLike, values: ArrayLike, label: str = CURRENT_LABEL
) -> Axes:
    """A quantity over (x, ε), shape (len(energies), len(x)); colours symmetric about 0."""
    values = np.asarray(values, dtype=float)
    largest = float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    mesh = ax.pcolormesh(
        x, energies, values, cmap="RdBu_r", vmin=-largest, vmax=largest, shading="nearest",
        rasterized=True,
    )
    ax.figure.colorbar(mesh, ax=ax, label=label)
    ax.set(xlabel=X_LABEL, ylabel=ENERGY_LABEL)
    return ax


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Write a figure as a journal wants it: 300 dpi, TrueType in PDF, text as text in SVG.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    try:
        with style():
            figure.savefig(path)
    except OSError as error:
        raise ValueError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    return Path(path)


def current_figure(*profiles: Profile) -> Figure:
    """Bands above j_y(x), for one problem solved by one engine or more."""
    problem = profiles[0].problem
    with style():
        figure, (top, bottom) = plt.subplots(
            2, 1, sharex=True, height_ratios=(1, 1.3), layout="constrained"
        )
        x = profiles[0].x
        fine = np.linspace(x[0], x[-1], 801) if len(x) > 1 else x + np.linspace(-1, 1, 801)
        plot_bands(top, problem, fine).set_xlabel("")
        for profile, ls in zip(profiles, ("-", "--"), strict=False):
            plot_profile(bottom, profile, label=f"{profile.engine} engine", ls=ls)
        bottom.legend(loc="best")
        top.set_title(
            rf"{problem.regime}:  $\Delta$ = {problem.mass:g},  "
            rf"$\varepsilon_F$ = {problem.fermi_energy:g},  $T$ = {problem.temperature:g}"
        )
    return figure
