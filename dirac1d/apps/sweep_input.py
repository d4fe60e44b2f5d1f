"""From a sweep file (TOML) to problems: any value of a problem file may be a list or a range."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from dirac1d.apps.inputs import FILE_KEYS, PROBLEM_KEYS, check_commas, read_problem_file
from dirac1d.apps.request import Request, laboratory_of, problem_of, request_of, window
from dirac1d.laboratory.problems import dimensionless, kind_of
from dirac1d.laboratory.units import Dimensionless, Scale
from dirac1d.problem import Problem

SWEEP_KEYS = ("store", "output", "workers")
#: Keys of a problem file that a sweep has no use for: refused, not ignored.
_NOT_SWEPT = ("save", "plot", "within")
#: More points than anyone waits for: a slip of the pen.
_MOST_POINTS = 10_000_000
_RANGE_KEYS = {"from", "to", "points", "spacing"}


@dataclass(frozen=True)
class SweepInput:
    """A sweep as a file describes it.

    Attributes
    ----------
    problems : list of Problem
    axes : dict of str to list
        Swept parameters and their values, in E₀ or the laboratory's units.
    request : Request
        Of the first problem: positions (the same for all), engine, accuracy, units.
    settings : dict
        ``store``, ``output``, ``workers``.
    """

    problems: list[Problem]
    axes: dict[str, list[Any]]
    request: Request
    settings: dict[str, Any]


def read_sweep_file(path: str) -> SweepInput:
    """A sweep file: problems, axes, positions and settings.

    Raises
    ------
    ValueError
        If the file cannot be read, holds an unknown key, or a value is not allowed.
    """
    keys = tuple(k for k in FILE_KEYS if k not in _NOT_SWEPT)
    stored = read_problem_file(path, (*PROBLEM_KEYS, *keys, *SWEEP_KEYS))
    check_commas(stored)
    settings = {key: stored.pop(key, None) for key in SWEEP_KEYS}
    # Units alone, before any swept value is known.
    laboratory = laboratory_of({k: stored[k] for k in ("material", "scale") if k in stored})
    scale = laboratory.scale if laboratory else None
    places: dict[tuple[Any, ...], list[Any]] = {}
    for key in ("flavour", "mass", "fermi_energy", "temperature", "potential"):
        if key in stored:
            _collect(stored[key], (key,), scale, places)
    count = int(np.prod([len(v) for v in places.values()], dtype=float))
    if not 1 <= count <= _MOST_POINTS:
        raise ValueError(f"{path!r}: a sweep must have 1 to {_MOST_POINTS} points, got {count}")
    problems, windows, first = [], [], None
    for values in itertools.product(*places.values()):
        point = deepcopy(stored) if places else stored
        for where, value in zip(places, values, strict=True):
            _put(point, where, value)
        problem, units = problem_of(point)
        problems.append(problem)
        windows.append(window(point, problem, units))
        first = point if first is None else first
    assert first is not None
    # Positions that cover the window of every point.
    ends = {"x_min": Dimensionless(min(w[0] for w in windows)),
            "x_max": Dimensionless(max(w[1] for w in windows))}
    asked = request_of({**first, **ends, "no_plot": True})
    if len(asked.engines) > 1:
        raise ValueError("engine: a sweep takes one engine, got 'both'")
    axes = {".".join(map(str, where)): _axis(where, values, scale)
            for where, values in places.items()}
    return SweepInput(problems, axes, asked, settings)


def _collect(
    value: Any, place: tuple[Any, ...], scale: Scale | None, places: dict[tuple[Any, ...], list]
) -> None:
    """Find lists and ranges; tables of x and U, terms of a sum and walls are no lists of values."""
    name = place[-1]
    if isinstance(value, Mapping) and _RANGE_KEYS & set(value):
        places[place] = _range(".".join(map(str, place)), str(name), value, scale)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            _collect(part, (*place, key), scale, places)
    elif isinstance(value, list) and name in ("terms", "walls"):
        for i, part in enumerate(value):
            _collect(part, (*place, i), scale, places)
    elif isinstance(value, list) and name not in ("x", "U", "columns"):
        if not value or any(isinstance(v, list | dict) for v in value):
            raise ValueError(f"{'.'.join(map(str, place))} must be a list of values, got {value!r}")
        places[place] = value


def _range(label: str, name: str, given: Mapping[str, Any], scale: Scale | None) -> list[Any]:
    """Values of ``{from, to, points, spacing}``; both ends belong to it."""
    for key in given:
        if key not in _RANGE_KEYS:
            raise ValueError(f"{label}: unknown key {key!r} (allowed: from, to, points, spacing)")
    for key in ("from", "to", "points"):
        if key not in given:
            raise ValueError(f"{label}: a range needs the key {key!r}")
    points, spacing = given["points"], given.get("spacing", "linear")
    if isinstance(points, bool) or not isinstance(points, int) or not 1 <= points <= _MOST_POINTS:
        raise ValueError(f"{label}: points must be a whole number of at least 1, got {points!r}")
    if kind_of(name) is None:
        raise ValueError(f"{label} cannot be a range")
    start, stop = (dimensionless(name, given[key], scale) for key in ("from", "to"))
    if spacing == "linear":
        return [Dimensionless(v) for v in np.linspace(start, stop, points)]
    if spacing != "log":
        raise ValueError(f"{label}: spacing must be 'linear' or 'log', got {spacing!r}")
    if not start * stop > 0:
        raise ValueError(f"{label}: a range with spacing 'log' must not reach 0, "
                         f"got {start} to {stop}")
    return [Dimensionless(v) for v in np.geomspace(start, stop, points)]


def _put(point: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        point = point[key]
    point[place[-1]] = value


def _axis(place: tuple[Any, ...], values: list[Any], scale: Scale | None) -> list[Any]:
    """Values as an axis of the table: dimensionless numbers, or texts as they are."""
    name = str(place[-1])
    if kind_of(name) is None:
        return values
    return [dimensionless(name, value, scale) for value in values]
