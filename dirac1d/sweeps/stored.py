"""A sweep's table read back, and as an xarray dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.files import unpack
from dirac1d.numerics.values import ByContent
from dirac1d.sweeps.export import TABLE_FORMAT, TABLE_KIND

if TYPE_CHECKING:
    import xarray


class StoredTable(NamedTuple):
    """Header and columns of a sweep's table.

    Attributes
    ----------
    header : dict
    columns : dict of str to ndarray
    """

    header: dict[str, Any]
    columns: dict[str, NDArray]

    def __eq__(self, other: object) -> bool:
        return ByContent.__eq__(self, other)  # type: ignore[arg-type]

    def __hash__(self) -> int:
        return ByContent.__hash__(self)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        rows = max(map(len, self.columns.values()), default=0)
        return f"StoredTable({rows} rows of {', '.join(self.columns)})"

    def to_xarray(self) -> xarray.Dataset:
        """The dataset that `Sweep.to_xarray` gives, in the units of the file.

        Raises
        ------
        ImportError
            If xarray is not installed: ``pip install dirac1d[xarray]``.
        ValueError
            If the table is not that of a sweep.
        """
        if "axes" not in self.header:
            raise ValueError("this table has no axes: it is not that of a sweep")
        return dataset(self.header, self.columns)


def load_table(path: str | Path) -> StoredTable:
    """Header and columns of a table that `Sweep.save` wrote as ``.npz``.

    Raises
    ------
    ValueError
        If the file cannot be read, is damaged, or is of another kind or a newer format.
    """
    return StoredTable(*unpack(path, TABLE_KIND, TABLE_FORMAT))


def dataset(header: dict[str, Any], stored: dict[str, Any]) -> xarray.Dataset:
    """A sweep's columns, and what it has over x, on the axes that its header names."""
    import xarray

    columns, units = dict(stored), header["column_units"]
    arrays = {name: columns.pop(name) for name in ("x", "j_y", "error")}
    names = tuple(header["axes"]) or ("point",)
    shape = tuple(header["axes"].values()) or (len(arrays["j_y"]),)
    coordinates: dict[str, Any] = {"x": ("x", arrays["x"], _unit(units, "x"))}
    for i, name in enumerate(header["axes"]):
        values = np.moveaxis(np.asarray(columns.pop(name)).reshape(shape), i, 0)
        coordinates[name] = (name, values.reshape(shape[i], -1)[:, 0], _unit(units, name))
    data: dict[str, Any] = {
        name: (names, np.asarray(values).reshape(shape), _unit(units, name))
        for name, values in columns.items()
    }
    for name in ("j_y", "error"):
        full = arrays[name].reshape(*shape, len(arrays["x"]))
        data[name] = ((*names, "x"), full, _unit(units, name))
    return xarray.Dataset(data, coordinates, {
        "dirac1d": header["dirac1d"], "units": header["units"], "engine": header["engine"],
    })


def _unit(units: dict[str, str], name: str) -> dict[str, str]:
    return {"units": units[name]} if name in units else {}
