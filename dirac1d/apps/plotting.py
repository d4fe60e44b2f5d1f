"""Pictures: functions that take Axes and return them, and compute no physics.

`style()` applies the look of all figures; every label carries its symbol and unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from dirac1d.laboratory.units import check_scale
from dirac1d.numerics.checks import of_kind
from dirac1d.problem import Problem, check_problem
from dirac1d.results.profile import Profile
from dirac1d.results.radial import RadialProfile

BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
)
X_LABEL = r"$x$  [$\hbar v_F/E_0$]"
ENERGY_LABEL = r"energy  [$E_0$]"
CURRENT_LABEL = r"$j_y/e$  [$E_0^2/\hbar^2 v_F$]"
TOTAL_LABEL = r"$J_y/e$  [$E_0/\hbar$]"


@dataclass(frozen=True)
class Axis:
    """What multiplies dimensionless values on axes, and the labels that say so.

    Attributes
    ----------
    length, energy, density, current : float
    x_label, energy_label, density_label, current_label : str
    """

    length: float = 1.0
    energy: float = 1.0
    density: float = 1.0
    current: float = 1.0
    x_label: str = X_LABEL
    energy_label: str = ENERGY_LABEL
    density_label: str = CURRENT_LABEL
    current_label: str = TOTAL_LABEL
    energy_unit: str = "$E_0$"

    @classmethod
    def of(cls, scale: Any) -> Axis:
        """Axes in nm, meV, nA/µm and nA with a `Scale`, else dimensionless ones."""
        check_scale(scale)
        if scale is None:
            return cls()
        kinds = ("length", "energy", "current_density", "current")
        return cls(*(scale.unit(kind) for kind in kinds), "$x$  [nm]", "energy  [meV]",
                   "$j_y$  [nA/µm]", "$J_y$  [nA]", "meV")


def style() -> AbstractContextManager[None]:
    """Context in which figures have the common look."""
    with as_file(files("dirac1d.apps") / "dirac1d.mplstyle") as sheet:
        return plt.style.context(str(sheet))


@contextmanager
def file_style() -> Iterator[None]:
    """Context in which figures are written: that of `style`, but a window keeps its own layout.

    Drawing gives a figure without a layout engine that of the style, for good.
    """
    with style(), plt.rc_context({"figure.constrained_layout.use": False}):
        yield


def with_jumps(problem: Problem, x: ArrayLike) -> tuple[NDArray, NDArray]:
    """x and U(x) to be drawn: at a jump of U both of its sides, at the same position."""
    x = np.asarray(x, dtype=float)
    inside = [b for b, _ in check_problem(problem, walls=True).jumps if x[0] <= b <= x[-1]]
    x = np.setdiff1d(x, inside)
    U = problem.potential(x)
    places = np.searchsorted(x, np.repeat(inside, 2))
    sides = [side for b in inside for side in problem.potential.limits(b)]
    return np.insert(x, places, np.repeat(inside, 2)), np.insert(U, places, sides)


def plot_bands(ax: Axes, problem: Problem, x: ArrayLike, scale: Any = None) -> Axes:
    """Band edges U ± |Δ| along x, shaded bands, and ε_F (with ±T where T > 0)."""
    axis = Axis.of(scale)
    x, U = with_jumps(problem, x)
    gap = half_gap(problem, x) * axis.energy
    x, U = x * axis.length, U * axis.energy
    mu, T = problem.fermi_energy * axis.energy, problem.temperature * axis.energy
    low, high = min(np.nanmin(U - gap), mu), max(np.nanmax(U + gap), mu)
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
    ax.set(ylim=(low - pad, top), ylabel=axis.energy_label, xlabel=axis.x_label)
    if len(x) > 1:
        ax.set_xlim(x[0], x[-1])
    ax.legend(loc="upper center", ncols=3, handlelength=1.5, columnspacing=1.0)
    return ax


def half_gap(problem: Problem, x: NDArray) -> Any:
    """|Δ|, along x where it varies; nan beyond hard walls."""
    if check_problem(problem, planar=True, walls=True).mass_profile is None:
        return abs(problem.mass)
    mass = np.abs(problem.mass_profile(x) if problem.circular else problem.mass_at(x))
    return np.where(np.isfinite(mass), mass, np.nan)


def plot_profile(
    ax: Axes, profile: Profile, label: str | None = None, *, scale: Any = None, **line: object
) -> Axes:
    """j_y(x) with the band of its error estimate (visible where it is not small)."""
    if not isinstance(profile, RadialProfile):
        of_kind("profile", profile, Profile)
    axis, shown = Axis.of(scale), np.isfinite(profile.j_y)
    x, j = profile.x[shown] * axis.length, profile.j_y[shown] * axis.density
    error = profile.error[shown] * abs(axis.density)
    (curve,) = ax.plot(
        x, j, label=profile.engine if label is None else label,
        **({"marker": "o"} if len(x) == 1 else {}), **line,
    )
    ax.fill_between(x, j - error, j + error, color=curve.get_color(), alpha=0.3, lw=0)
    for position in {*profile.x[~shown], *(p for p, _ in profile.problem.jumps)}:
        ax.axvline(position * axis.length, color="0.6", lw=0.7, ls=":")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(xlabel=axis.x_label, ylabel=axis.density_label)
    if profile.problem.circular:
        ax.set(xlabel=axis.x_label.replace("x", "r"),
               ylabel=axis.density_label.replace("j_y", r"j_\varphi"))
    if len(profile.x) > 1:
        ax.set_xlim(profile.x[0] * axis.length, profile.x[-1] * axis.length)
    if profile.problem.jumps:
        _limit_divergence(ax, [p * axis.length for p, _ in profile.problem.jumps], x, j)
    return ax


#: Part of the range of x on both sides of a jump that the scale of j_y is not set by.
_BESIDE_JUMP = 0.01


def _limit_divergence(ax: Axes, jumps: list[float], x: NDArray, j: NDArray) -> None:
    """Limits of j_y by what is not at a jump: the logarithm there leaves the frame."""
    far = np.full(len(x), True)
    for position in jumps:
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
        with file_style():
            figure.savefig(path)
    except OSError as error:
        raise ValueError(f"cannot write {str(path)!r}: {error.strerror or error}") from error
    return Path(path)


def current_figure(*profiles: Profile, scale: Any = None) -> Figure:
    """Bands above j_y(x), for one problem solved by one engine or more.

    With a scale the axes are in nm, meV and nA/µm, of the electric current.

    Raises
    ------
    ValueError
        If there is no profile, or what is given is none.
    """
    if not profiles:
        raise ValueError("current_figure needs a dirac1d.Profile")
    for profile in profiles:
        if not isinstance(profile, RadialProfile):
            of_kind("profile", profile, Profile)
    problem, axis = profiles[0].problem, Axis.of(scale)
    with style():
        figure, (top, bottom) = plt.subplots(
            2, 1, sharex=True, height_ratios=(1, 1.3), layout="constrained"
        )
        x = profiles[0].x
        fine = np.linspace(x[0], x[-1], 801) if len(x) > 1 else x + np.linspace(-1, 1, 801)
        plot_bands(top, problem, fine, scale).set_xlabel("")
        for profile, ls in zip(profiles, ("-", "--"), strict=False):
            plot_profile(bottom, profile, label=f"{profile.engine} engine", scale=scale, ls=ls)
        bottom.legend(loc="best")
        values = {r"\varepsilon_F": problem.fermi_energy * axis.energy}
        if problem.mass_profile is None:
            values = {r"\Delta": problem.mass * axis.energy} | values
        unit = "" if scale is None else " meV"
        words = [f"${name}$ = {value:.4g}{unit}" for name, value in values.items()]
        T = problem.temperature
        words.append(f"$T$ = {T:.4g}" if scale is None
                     else f"$T$ = {float(scale.to_lab(T, 'temperature')):.3g} K")
        # Two lines with units: one would be wider than the figure.
        between = ":  " if scale is None else "\n"
        top.set_title(problem.regime + between + ",  ".join(words))
    return figure
