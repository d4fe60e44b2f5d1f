"""One experiment on one page: gate profile in nm and meV to what a scanning probe reads in nT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.laboratory.currents import RTOL, MaterialCurrent, material_current
from dirac1d.laboratory.materials import Material, material
from dirac1d.laboratory.quantities import readable_time
from dirac1d.laboratory.units import readable, with_unit
from dirac1d.numerics.checks import positive_number
from dirac1d.numerics.columns import save_table
from dirac1d.observables.probes import (
    Probe,
    Signal,
    averaging_time,
    nv_centre,
    signal,
    squid_on_tip,
)

#: Heights above the sheet, and loop of the SQUID, where none are given.
HEIGHTS, DIAMETER = ("50 nm", "150 nm", "500 nm"), "100 nm"
#: Signal to noise that the averaging time is for.
SIGNAL_TO_NOISE = 10.0
#: Positions of the lines of the picture, and how far they go beyond the step, in heights.
POINTS, BEYOND = 241, 3.0
#: Room for the words in front of a number of the table.
_LABEL = 26


@dataclass(frozen=True, eq=False)
class Image:
    """What a scanning probe sees of the current along a gate's step; all in laboratory units.

    Attributes
    ----------
    current : MaterialCurrent
    probe : Probe
    amplitude : float
        Of the tuning fork, r.m.s., in nm.
    ratio : float
        Signal to noise of the averaging times.
    signals : tuple of Signal
        One to a height.
    """

    current: MaterialCurrent
    probe: Probe
    amplitude: float
    ratio: float
    signals: tuple[Signal, ...]

    @property
    def x(self) -> NDArray:
        """Positions of the fields, in nm."""
        return self.signals[0].x

    @property
    def note(self) -> str:
        """Whose field it is: one cone, a sum, or a cancellation."""
        return self.signals[0].field.note

    def __str__(self) -> str:
        table = ["  " + "".join(f"{cell:>15}" for cell in row) for row in self.rows()]
        last = f"  (averaging: per pixel, to {self.ratio:g} times the noise)"
        return "\n".join((*self._heading(), "", *table, last))

    def __repr__(self) -> str:
        peak = max(float(np.max(np.abs(s.read))) for s in self.signals)
        return (f"<Image of {self.current.material.name} by {self.probe.name}, "
                f"{len(self.signals)} heights: at most {readable(peak, 'nT')} ({self.note})>")

    def _heading(self) -> list[str]:
        current, probe = self.current, self.probe
        (left, right), currents = self._leads(), current.currents
        fork = f", tuning fork {self.amplitude:g} nm r.m.s." if self.amplitude else ""
        lines = [
            f"{current.material.name}: eps_F = {current.fermi_energy:g} meV, "
            f"T = {current.temperature:g} K (electric currents, e = -|e|)",
            f"  {'gate:':<{_LABEL}}{left:.3g} meV to {right:.3g} meV",
            f"  {'probe:':<{_LABEL}}{probe.name}, {readable(probe.noise, 'nT')}/sqrt(Hz){fork}",
        ]
        for name, value in currents.items():
            what = {"charge": "together", "valley": "K less K'", "spin": "up less down"}
            label = f"J_y {what.get(name, name)}:"
            lines.append(f"  {label:<{_LABEL}}{readable(value, 'nA')}")
        lines.append(f"  {current.note}")
        if current.status != "converged":
            lines.append(f"  {current.status}")
        return lines

    def _leads(self) -> tuple[float, float]:
        """U far to the left and far to the right, in meV."""
        potential, unit = self.current.potential, self.current.scale.unit("energy")
        return float(potential.left * unit), float(potential.right * unit)

    def rows(self) -> list[list[str]]:
        """The table: names, then for each height what is read and how long it takes."""
        names = ["height", "largest |B_x|", "largest |B_z|", "probe reads", "averaging"]
        rows = [names + ["fork reads", "averaging"] * bool(self.amplitude)]
        for s in self.signals:
            # What is left of a cancellation is not more than its error.
            error = float(np.max(s.field.error))
            sizes = [float(np.max(np.abs(v))) for v in (s.B_x, s.B_z, s.read, s.fork)]
            sizes = [size if size > error else 0.0 for size in sizes]
            cells = [f"{s.field.height:g} nm", *(readable(size, "nT") for size in sizes[:2])]
            for size in sizes[2 : 4 if self.amplitude else 3]:
                time = averaging_time(size, self.probe.noise, self.ratio)
                cells += [readable(size, "nT"), readable_time(float(time))]
            rows.append(cells)
        return rows

    def columns(self) -> tuple[dict[str, NDArray], dict[str, str]]:
        """Fields over x by name, and their units."""
        columns = {"x": self.x}
        units = {"x": "nm"}
        for s in self.signals:
            height = f"{s.field.height:g}nm"
            for name, values in (("B_x", s.field.B_x), ("B_z", s.field.B_z),
                                 ("error", s.field.error), ("read", s.read), ("fork", s.fork)):
                columns[f"{name}_{height}"] = values
                units[f"{name}_{height}"] = "nT"
        return columns, units

    def header(self) -> dict[str, Any]:
        """What the fields are of; JSON-ready."""
        current, probe = self.current, self.probe
        left, right = self._leads()
        return {
            "units": "nm, meV, K, nA, nT; electric currents, e = -|e|",
            "material": current.material.name,
            "fermi_energy_meV": current.fermi_energy, "temperature_K": current.temperature,
            "U_left_meV": left, "U_right_meV": right,
            "currents_nA": current.currents, "note": current.note, "status": current.status,
            "probe": probe.name, "diameter_nm": probe.diameter, "angle_deg": probe.angle,
            "noise_nT_per_sqrtHz": probe.noise, "fork_amplitude_rms_nm": self.amplitude,
            "heights_nm": [s.field.height for s in self.signals],
        }

    def save(self, path: str | Path) -> Path:
        """Write the fields over x: ``.csv`` (names with units, all else in the header) or ``.npz``.

        Raises
        ------
        ValueError
            If the ending is another, or the file cannot be written.
        """
        columns, units = self.columns()
        return save_table(path, "dirac1d.Image", self.header(), columns, units)

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` over height and x (the extra ``xarray``).

        Raises
        ------
        ImportError
            If xarray is not installed.
        """
        import xarray

        parts = {name: np.array([part(s) for s in self.signals]) for name, part in (
            ("B_x", lambda s: s.field.B_x), ("B_z", lambda s: s.field.B_z),
            ("error", lambda s: s.field.error), ("read", lambda s: s.read),
            ("fork", lambda s: s.fork))}
        return xarray.Dataset(
            {name: (("height", "x"), values, {"units": "nT"}) for name, values in parts.items()},
            {"height": ("height", [s.field.height for s in self.signals], {"units": "nm"}),
             "x": ("x", self.x, {"units": "nm"})},
            {key: str(value) if isinstance(value, dict) else value
             for key, value in self.header().items()},
        )


def image(
    material_: Material | str,
    profile: Any,
    fermi_energy: str | float = 0.0,
    temperature: str | float = 0.0,
    *,
    heights: str | Sequence[str] = HEIGHTS,
    probe: Probe | str = "squid",
    diameter: str | None = None,
    noise: str | None = None,
    amplitude: str | float = 0.0,
    valley_splitting: str | None = None,
    spin_splitting: str | None = None,
    ratio: float = SIGNAL_TO_NOISE,
    rtol: float = RTOL,
    folder: Path | None = None,
) -> Image:
    """What a scanning probe sees of the current along a gate's step.

    Parameters
    ----------
    material_ : Material or str
        Or a preset's name.
    profile : mapping, path or callable
        The gate in nm and meV; see `gate`.
    fermi_energy, temperature : str
        With units (or 0).
    heights : str or sequence of str
        Of the probe above the sheet, with units.
    probe : {"squid", "nv"} or Probe
    diameter : str, optional
        Of the loop of a ``"squid"``; by default `DIAMETER`.
    noise : str, optional
        Of the probe, such as ``"10 nT/sqrt(Hz)"``; by default a typical one.
    amplitude : str
        Of a tuning fork that shakes the tip along x, r.m.s.
    valley_splitting, spin_splitting : str, optional
        Of the material, in meV: what polarises its cones.
    ratio : float
        Signal to noise of the averaging times.
    rtol : float
        Of the engine.
    folder : Path, optional
        Where a relative file of the gate lies.

    Returns
    -------
    Image

    Raises
    ------
    ValueError
        If a number has no unit, or a value is not allowed.

    Examples
    --------
    >>> import dirac1d as dd
    >>> step = {"shape": "tanh", "left": "-3 meV", "right": "3 meV", "rise": "100 nm"}
    >>> dd.image("ti-surface", step, temperature="4.2 K", heights="150 nm", amplitude="20 nm")
    <Image of Cr-doped (Bi,Sb)2Te3 surface by SQUID on tip, 100 nm, 1 heights: at most 73 nT \
(one cone, its current is the sum)>
    """
    splittings = {key: value for key, value in (
        ("valley_splitting", valley_splitting), ("spin_splitting", spin_splitting)
    ) if value is not None}
    current = material_current(
        _with_splittings(material_, splittings), profile, fermi_energy, temperature,
        rtol=rtol, folder=folder,
    )
    levels = [heights] if isinstance(heights, str) else heights
    if not isinstance(levels, list | tuple) or not levels:
        raise ValueError(f"heights must be one or more texts such as '150 nm', got {heights!r}")
    values = sorted(positive_number("height", with_unit("height", h, "length")) for h in levels)
    chosen = _make_probe(probe, diameter, noise)
    reach = BEYOND * max(values)
    x = np.linspace(current.x[0] - reach, current.x[-1] + reach, POINTS)
    signals = tuple(signal(current, chosen, h, x, amplitude) for h in values)
    size = abs(with_unit("amplitude", amplitude, "length"))
    return Image(current, chosen, size, positive_number("ratio", ratio), signals)


def _with_splittings(material_: Material | str, splittings: Mapping[str, Any]) -> Material | str:
    for name, value in splittings.items():
        with_unit(name, value, "energy")
    if isinstance(material_, str):
        return material(material_, **splittings)
    return replace(material_, **splittings) if splittings else material_


def _make_probe(probe: Probe | str, diameter: str | None, noise: str | None) -> Probe:
    if isinstance(probe, Probe):
        if diameter is not None or noise is not None:
            raise ValueError("diameter and noise are those of the probe that is given")
        return probe
    if probe == "squid":
        return squid_on_tip(DIAMETER if diameter is None else diameter, noise)
    if probe == "nv":
        if diameter is not None:
            raise ValueError("diameter does not apply to an NV centre: it is a point")
        return nv_centre(noise)
    raise ValueError(f"probe must be 'squid', 'nv' or a Probe, got {probe!r}")
