"""The page of ``dirac1d image``: one experiment, all in nm, meV, nA and nT."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dirac1d.apps.plotting import BLACK, BLUE, ORANGE, SKY, VERMILLION, style
from dirac1d.laboratory.quantities import readable
from dirac1d.observables.image import Image

#: Beyond this, positions are in µm.
_MICROMETRES = 2000.0

def image_figure(found: Image) -> Figure:
    """One page: bands, current by cone, B_x and B_z at every height, the probe's signal."""
    with style():
        figure, axes = plt.subplots(3, 2, figsize=(7.0, 7.6), layout="constrained")
        (bands, current), (left, right), (read, table) = axes
        draw_bands(bands, found)
        draw_currents(current, found)
        draw_fields(left, found, "B_x")
        draw_fields(right, found, "B_z")
        fork = bool(found.amplitude)
        draw_signal(read, found, "fork" if fork else "read")
        draw_table(table, found)
        for ax, letter in zip((bands, current, left, right, read), "abcde", strict=True):
            ax.set_title(f"({letter})", loc="left")
        figure.suptitle(found.current.material.name, fontsize=9)
    return figure


def _positions(ax: Axes, x: Any) -> Any:
    """Positions in the unit that reads best, and the axis' label and limits."""
    large = np.ptp(x) > _MICROMETRES
    shown = np.asarray(x) / (1000.0 if large else 1.0)
    ax.set(xlabel=r"$x$  [µm]" if large else r"$x$  [nm]", xlim=(shown[0], shown[-1]))
    return shown


def draw_bands(ax: Axes, found: Image) -> Axes:
    """Band edges of every cone in meV, and ε_F."""
    current = found.current
    x, U = _positions(ax, current.x), current.U
    edges = {(f.shift + abs(f.mass), f.shift - abs(f.mass)) for f in current.material.flavours}
    top, bottom = min(e[0] for e in edges), max(e[1] for e in edges)
    for upper, lower in edges:
        ax.plot(x, U + upper, color=BLUE, lw=0.9)
        ax.plot(x, U + lower, color=VERMILLION, lw=0.9)
    low = min(np.min(U) + min(e[1] for e in edges), current.fermi_energy)
    high = max(np.max(U) + max(e[0] for e in edges), current.fermi_energy)
    pad = 0.15 * (high - low)
    ax.fill_between(x, U + top, high + pad, color=SKY, alpha=0.35, lw=0)
    ax.fill_between(x, low - pad, U + bottom, color=ORANGE, alpha=0.35, lw=0)
    ax.axhline(current.fermi_energy, color=BLACK, lw=0.9, ls="--")
    ax.text(x[0] + 0.03 * np.ptp(x), current.fermi_energy, r"$\varepsilon_F$", va="bottom")
    ax.set(ylabel="band edges  [meV]", ylim=(low - pad, high + pad))
    return ax


def draw_currents(ax: Axes, found: Image) -> Axes:
    """j_y(x) of every cone, and together, in nA/µm."""
    current = found.current
    x = _positions(ax, current.x)
    # Cones of one curve share a line and a legend.
    groups: list[tuple[Any, list[str]]] = []
    for name, j in current.by_cone.items():
        for known, names in groups:
            if np.array_equal(known, j):
                names.append(name)
                break
        else:
            groups.append((j, [name]))
    if len(current.cones) == 1:
        groups = []
    for j, names in groups:
        if len(current.cones) > 1:
            ax.plot(x, _finite(j), lw=1.0, label=", ".join(names) + " (each)" * (len(names) > 1))
    ax.plot(x, _finite(current.j_y), color=BLACK, lw=1.6, label="together")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(ylabel=r"$j_y$  [nA/µm]")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.15 * len(groups) * (high - low))
    ax.legend(loc="upper right", handlelength=1.2)
    return ax


def draw_fields(ax: Axes, found: Image, component: str) -> Axes:
    """B_x or B_z, as averaged over the probe, at every height in nT."""
    x = _positions(ax, found.x)
    for s in found.signals:
        ax.plot(x, getattr(s, component), label=f"{s.field.height:g} nm")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    ax.set(ylabel=f"${component}$  [nT]")
    _legend(ax)
    return ax


def draw_signal(ax: Axes, found: Image, part: str) -> Axes:
    """The probe's signal in nT at every height."""
    x = _positions(ax, found.x)
    for s in found.signals:
        ax.plot(x, getattr(s, part), label=f"{s.field.height:g} nm")
    ax.axhline(0, color="0.7", lw=0.6, zorder=0)
    what = "tuning fork, r.m.s." if part == "fork" else "along the probe's axis"
    ax.set(ylabel=rf"{what}  [nT]")
    _legend(ax)
    return ax


def _legend(ax: Axes) -> None:
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.3 * (high - low))
    ax.legend(loc="upper center", ncols=3, handlelength=1.2, columnspacing=0.8)


def _finite(values: Any) -> Any:
    return np.where(np.isfinite(values), values, np.nan)


#: Heads of the table's columns, short enough for the page.
_HEADS = ("height", "$|B_x|$", "$|B_z|$", "probe", "time", "fork", "time")


def draw_table(ax: Axes, found: Image) -> Axes:
    """What is measured, what is read at every height, and how long it takes to read it."""
    current, probe = found.current, found.probe
    ax.axis("off")
    lines = [
        f"$T$ = {current.temperature:g} K,  $\\varepsilon_F$ = {current.fermi_energy:g} meV",
        f"$J_y$ = {readable(current.currents['charge'], 'nA')}: " + current.note.split("; ")[0],
        *current.note.split("; ")[1:],
        probe.name + f", noise {readable(probe.noise, 'nT')}/$\\sqrt{{\\mathrm{{Hz}}}}$",
        *([f"tuning fork along $x$: {found.amplitude:g} nm r.m.s."] if found.amplitude else []),
    ]
    rows = [list(_HEADS), *found.rows()[1:]]
    rows[0] = rows[0][: len(rows[1])]
    step = 0.085
    for i, line in enumerate(lines):
        _write(ax, 0.0, 0.97 - i * step, line)
    top = 0.97 - (len(lines) + 0.7) * step
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            _write(ax, (j + 1) / len(row), top - i * step, cell, ha="right")
    _write(ax, 0.0, top - (len(rows) + 0.3) * step,
           f"largest values; time per pixel to {found.ratio:g} × the noise")
    return ax


def _write(ax: Axes, x: float, y: float, text: str, **where: Any) -> None:
    shown = text.replace("uA", "µA").replace("uT", "µT")
    ax.text(x, y, shown, va="top", fontsize=7, transform=ax.transAxes, **where).set_in_layout(False)
