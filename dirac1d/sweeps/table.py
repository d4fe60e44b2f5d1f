"""What a sweep returns: its profiles and failures, and one table of them, npz, CSV or xarray."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.laboratory.units import LAB_UNITS, Scale, check_scale, kind_of
from dirac1d.numerics.columns import csv_text
from dirac1d.numerics.files import pack, place, write
from dirac1d.numerics.values import ByContent, extent
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile
from dirac1d.results.radial import RadialProfile
from dirac1d.sweeps.export import (
    DIMENSIONLESS,
    LABORATORY,
    TABLE_FORMAT,
    TABLE_KIND,
    closed_form,
)
from dirac1d.sweeps.store import Failure
from dirac1d.sweeps.stored import dataset
from dirac1d.version import __version__

if TYPE_CHECKING:
    import xarray

#: Units of the columns by kind, without a scale.
_PLAIN = {
    "energy": "E0", "length": "hbar v_F/E0", "temperature": "E0", "current": "e E0/hbar",
    "current_density": "e E0^2/(hbar^2 v_F)", "wavenumber": "E0/(hbar v_F)",
}
#: Rows that a notebook shows.
_ROWS = 10
_COLUMN_KINDS = {
    "mass": "energy", "fermi_energy": "energy", "temperature": "temperature", "U_L": "energy",
    "U_R": "energy", "J_y": "current", "J_y_error": "current", "J_y_exact": "current",
    "j_y": "current_density", "error": "current_density", "x": "length",
}


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(ByContent):
    """The results of a sweep, in the order of its problems.

    Attributes
    ----------
    problems : tuple of Problem
    x : ndarray, shape (n,)
    results : tuple of Profile or Failure
    engine : str
    rtol : float or None
        As asked; None is the engine's default.
    axes : dict of str to ndarray
        Coordinates whose outer product the problems are; may be empty.
    computed : int
        How many points were computed in this run and not found in the store.
    """

    problems: tuple[Problem, ...]
    x: NDArray
    results: tuple[Profile | Failure, ...] = field(repr=False)
    engine: str
    rtol: float | None
    axes: dict[str, NDArray] = field(default_factory=dict)
    computed: int = field(default=0, compare=False)

    def __repr__(self) -> str:
        axes = " × ".join(f"{name} ({len(values)})" for name, values in self.axes.items())
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return (f"Sweep({len(self.problems)} problems{f' over {axes}' if axes else ''}, engine "
                f"{self.engine}, {len(self.x)} positions from {extent(self.x)}{failed})")

    @property
    def profiles(self) -> tuple[Profile | None, ...]:
        """The profiles; None where a point failed."""
        return tuple(r if isinstance(r, Profile | RadialProfile) else None for r in self.results)

    @property
    def failures(self) -> dict[int, Failure]:
        """Failures by the index of their problem."""
        return {i: r for i, r in enumerate(self.results) if isinstance(r, Failure)}

    @cached_property
    def j_y(self) -> NDArray:
        """j_y/e, shape (problems, n); NaN where a point failed."""
        return self._stack("j_y")

    @cached_property
    def error(self) -> NDArray:
        """Estimated error of `j_y`; NaN where a point failed."""
        return self._stack("error")

    def _stack(self, name: str) -> NDArray:
        nothing = np.full(len(self.x), np.nan)
        rows = [getattr(p, name) if p is not None else nothing for p in self.profiles]
        return np.array(rows).reshape(len(rows), len(self.x))

    def totals(self) -> NDArray:
        """J_y/e from the engine: of the whole line where it knows the leads, else within x.

        Of circles the current through a half-line from the centre.
        """
        return np.array([v for v, _ in self._totals])

    @cached_property
    def _totals(self) -> list[tuple[float, float]]:
        found = []
        for profile in self.profiles:
            if profile is None or profile.strip is None:
                found.append((np.nan, np.nan))
                continue
            total = profile.total()
            total = profile.integral() if total is None else total
            found.append((total.value, total.error))
        return found

    def columns(self) -> dict[str, list[Any] | NDArray]:
        """The table's columns, dimensionless: axes and parameters, totals, status."""
        problems = self.problems
        grid = np.meshgrid(*self.axes.values(), indexing="ij") if self.axes else []
        table: dict[str, Any] = {
            name: g.ravel() for name, g in zip(self.axes, grid, strict=True)
        }
        parameters = {
            # Of a mass that varies the axes tell.
            "mass": [p.mass if p.mass_profile is None else np.nan for p in problems],
            "fermi_energy": [p.fermi_energy for p in problems],
            "temperature": [p.temperature for p in problems],
            # A potential without leads has neither.
            "U_L": [getattr(p.potential, "left", np.nan) for p in problems],
            "U_R": [getattr(p.potential, "right", np.nan) for p in problems],
        }
        for name, values in parameters.items():
            table.setdefault(name, np.array(values, dtype=float))
        table |= {
            "J_y": self.totals(),
            "J_y_error": np.array([e for _, e in self._totals]),
            "J_y_exact": np.array([closed_form(p) for p in problems], dtype=float),
            "status": [r.status if isinstance(r, Profile | RadialProfile) else f"failed: {r}"
                       for r in self.results],
        }
        return table

    def _scaled(
        self, scale: Scale | None
    ) -> tuple[dict[str, Any], dict[str, NDArray], dict[str, str]]:
        """Columns, arrays over x, and units, in the laboratory's units with a scale."""
        check_scale(scale)
        columns: dict[str, Any] = dict(self.columns())
        arrays = {"x": self.x, "j_y": self.j_y, "error": self.error}
        units = {}
        for name in (*columns, *arrays):
            kind = _COLUMN_KINDS.get(name) or kind_of(name.rsplit(".", 1)[-1])
            # An axis of texts or of the caller's own quantity has no unit that is known here.
            text = name in columns and np.asarray(columns[name]).dtype.kind != "f"
            if kind in (None, "number") or text:
                continue
            units[name] = _PLAIN[kind] if scale is None else LAB_UNITS[kind]
            if scale is not None:
                size = abs(scale.unit(kind)) if "error" in name else scale.unit(kind)
                part = columns if name in columns else arrays
                part[name] = part[name] * size
        return columns, arrays, units

    def _header(self, scale: Scale | None) -> dict[str, Any]:
        header: dict[str, Any] = {
            "dirac1d": __version__, "units": DIMENSIONLESS if scale is None else LABORATORY,
            "engine": self.engine, "rtol": self.rtol,
            "axes": {name: len(values) for name, values in self.axes.items()},
        }
        return header if scale is None else header | {"scale": scale.to_dict()}

    def save(self, path: str | Path, scale: Scale | None = None) -> Path:
        """Write the table as ``.npz`` or ``.csv``; the same results give the same bytes.

        With a scale values are in nm, meV, K, nA/µm and nA, as electric currents with e = -|e|.
        The archive has one array per column, and ``x``, ``j_y`` and ``error``; `load_table` reads
        it. The CSV file has one row per problem, j_y at all positions at its end.

        Raises
        ------
        ValueError
            If the ending is another, or the file cannot be written.
        """
        path = place(path)
        columns, arrays, units = self._scaled(scale)
        header = self._header(scale)
        if path.suffix.lower() == ".csv":
            # The positions in full are in the header; names of columns are for people.
            header["x"] = {"unit": units["x"], "values": arrays["x"].tolist()}
            names = _short(arrays["x"])
            for label, values in zip(names, arrays["j_y"].T, strict=True):
                name = f"j_y(x={label} {units['x']})"
                columns[name], units[name] = values, units["j_y"]
            return write(path, csv_text(header, columns, units))
        if path.suffix.lower() != ".npz":
            raise ValueError(f"{str(path)!r} must end in .npz or .csv")
        header |= {"kind": TABLE_KIND, "format": TABLE_FORMAT, "column_units": units,
                   "version": __version__,
                   "problems": [p.to_dict() for p in self.problems]}
        stored = {name: np.asarray(values) for name, values in (columns | arrays).items()}
        return write(path, pack(header, stored))

    def to_xarray(self, scale: Scale | None = None) -> xarray.Dataset:
        """An `xarray.Dataset` over the axes (or ``point``) and x; units are in its attributes.

        Raises
        ------
        ImportError
            If xarray is not installed: ``pip install dirac1d[xarray]``.
        """
        columns, arrays, units = self._scaled(scale)
        header = self._header(scale) | {"column_units": units}
        return dataset(header, columns | arrays)

    def _repr_html_(self) -> str:
        columns = self.columns()
        shown = range(min(len(self.problems), _ROWS))
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        rows = "".join(
            "<tr>" + "".join(f"<td>{_cell(values[i])}</td>" for values in columns.values())
            + "</tr>" for i in shown
        )
        more = f"<p>and {len(self.problems) - len(shown)} more</p>" * (len(self.problems) > _ROWS)
        return f"<p>{escape(repr(self))}</p><table><tr>{head}</tr>{rows}</table>{more}"


def _cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else escape(str(value))


def _short(values: NDArray) -> list[str]:
    """Numbers in as few digits, four at least, as tell them apart."""
    for digits in range(4, 17):
        names = [f"{value:.{digits}g}" for value in values.tolist()]
        if len(set(names)) == len(names):
            return names
    return [repr(value) for value in values.tolist()]
