"""From a sweep file (TOML) to problems: any value of a problem file may be a list or a range."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.apps.inputs import (
    FILE_KEYS,
    PROBLEM_KEYS,
    make_positions,
    make_problem,
    read_laboratory,
    read_problem_file,
)
from dirac1d.engines import DEFAULT_ENGINE
from dirac1d.laboratory.problems import KINDS, Laboratory, dimensionless
from dirac1d.laboratory.units import Dimensionless, Scale
from dirac1d.problem import Problem

SWEEP_KEYS = ("store", "output", "workers")
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
    x : ndarray
    laboratory : Laboratory or None
    settings : dict
        ``engine``, ``rtol``, ``store``, ``output``, ``workers``.
    """

    problems: list[Problem]
    axes: dict[str, list[Any]]
    x: NDArray
    laboratory: Laboratory | None
    settings: dict[str, Any]


def read_sweep_file(path: str) -> SweepInput:
    """A sweep file: problems, axes, positions and settings.

    Raises
    ------
    ValueError
        If the file cannot be read, holds an unknown key, or a value is not allowed.
    """
    stored = read_problem_file(path, (*PROBLEM_KEYS, *FILE_KEYS, *SWEEP_KEYS))
    settings = {key: stored.pop(key, None) for key in SWEEP_KEYS} | {
        "engine": stored.get("engine", DEFAULT_ENGINE), "rtol": stored.get("rtol"),
    }
    scale = _scale(stored)
    places: dict[tuple[Any, ...], list[Any]] = {}
    for key in ("flavour", "mass", "fermi_energy", "temperature", "potential"):
        if key in stored:
            _collect(stored[key], (key,), scale, places)
    count = int(np.prod([len(v) for v in places.values()], dtype=float))
    if not 1 <= count <= _MOST_POINTS:
        raise ValueError(f"{path!r}: a sweep must have 1 to {_MOST_POINTS} points, got {count}")
    nothing = argparse.Namespace(x_min=None, x_max=None, points=None)
    problems, windows, laboratories = [], [], []
    for values in itertools.product(*places.values()):
        point = deepcopy(stored) if places else stored
        for place, value in zip(places, values, strict=True):
            _put(point, place, value)
        laboratory = read_laboratory(nothing, point)
        problems.append(make_problem(nothing, point, laboratory))
        laboratories.append(laboratory)
        # The window of each point is asked for as two positions; they are joined below.
        windows.append(make_positions(argparse.Namespace(x_min=None, x_max=None, points=2),
                                      point, problems[-1], laboratory))
    x = _positions(stored, problems[0], windows, laboratories[0])
    axes = {".".join(map(str, place)): _axis(place, values, scale)
            for place, values in places.items()}
    return SweepInput(problems, axes, x, laboratories[0], settings)


def _scale(stored: Mapping[str, Any]) -> Scale | None:
    """Units alone, before any swept value is known."""
    bare = {k: stored[k] for k in ("material", "scale") if k in stored}
    laboratory = read_laboratory(argparse.Namespace(), dict(bare))
    return laboratory.scale if laboratory else None


def _positions(
    stored: dict[str, Any], problem: Problem, windows: list[NDArray],
    laboratory: Laboratory | None,
) -> NDArray:
    """Positions that cover the window of every point."""
    ends = argparse.Namespace(
        x_min=Dimensionless(min(w[0] for w in windows)),
        x_max=Dimensionless(max(w[-1] for w in windows)),
        points=None,
    )
    return make_positions(ends, stored, problem, laboratory)


def _collect(
    value: Any, place: tuple[Any, ...], scale: Scale | None, places: dict[tuple[Any, ...], list]
) -> None:
    """Find lists and ranges; tables of x and U, and terms of a sum, are no lists of values."""
    name = place[-1]
    if isinstance(value, Mapping) and _RANGE_KEYS & set(value):
        places[place] = _range(".".join(map(str, place)), str(name), value, scale)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            _collect(part, (*place, key), scale, places)
    elif isinstance(value, list) and name == "terms":
        for i, part in enumerate(value):
            _collect(part, (*place, i), scale, places)
    elif isinstance(value, list) and name not in ("x", "U"):
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
    if name not in KINDS:
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
    if name not in KINDS:
        return values
    return [dimensionless(name, value, scale) for value in values]
