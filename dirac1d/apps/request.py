"""What is asked for, however it was asked: the one request that options and files both make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.apps.inputs import describe, start_potential
from dirac1d.apps.outputs import Outputs
from dirac1d.engines import DEFAULT_ENGINE, ENGINES
from dirac1d.laboratory.problems import (
    Laboratory,
    dimensionless,
    laboratory_problem,
    make_laboratory,
    potential_without_units,
)
from dirac1d.laboratory.units import Dimensionless
from dirac1d.numerics.checks import check_positions, check_rtol, finite_number
from dirac1d.numerics.values import ByContent
from dirac1d.potentials.base import ask
from dirac1d.potentials.descriptions import potential_from_dict
from dirac1d.problem import Problem
from dirac1d.states.current import SOLVERS

DEFAULT_POINTS, MOST_POINTS = 401, 10**7
#: Decay lengths 1/|Δ| that are shown beside a step.
AROUND = 6.5
_VALUES = {"mass": 1.0, "fermi_energy": 0.0, "temperature": 0.0}
_SECONDS = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, eq=False)
class Request(ByContent):
    """A problem and how it is to be solved.

    Attributes
    ----------
    problem : Problem
    x : ndarray, shape (n,)
    engines : tuple of str
        One, or both to be compared.
    rtol : float, optional
        By default each engine's own.
    within : float, optional
        Seconds that each engine may take.
    solver : str, optional
        Of the engine ``"states"``.
    laboratory : Laboratory, optional
    outputs : Outputs
    """

    problem: Problem
    x: NDArray
    engines: tuple[str, ...] = (DEFAULT_ENGINE,)
    rtol: float | None = None
    within: float | None = None
    solver: str | None = None
    laboratory: Laboratory | None = None
    outputs: Outputs = field(default_factory=Outputs)


def request(options: Mapping[str, Any]) -> Request:
    """The request of a command line, with the problem file that it names."""
    outputs = {k: options[k] for k in ("show", "json", "no_plot") if k in options}
    return request_of(describe(options) | outputs)


def request_of(description: Mapping[str, Any]) -> Request:
    """The request of a description: the keys of a problem file.

    Raises
    ------
    ValueError
        If a value is not allowed.
    """
    problem, laboratory = problem_of(description)
    x = positions(description, problem, laboratory)
    engine, solver = description.get("engine", DEFAULT_ENGINE), description.get("solver")
    if engine not in (*ENGINES, "both"):
        raise ValueError(f"engine must be one of {', '.join(ENGINES)} or both, got {engine!r}")
    engines = tuple(ENGINES) if engine == "both" else (engine,)
    if solver is not None and solver not in SOLVERS:
        raise ValueError(f"solver must be one of {', '.join(SOLVERS)}, got {solver!r}")
    if solver and "states" not in engines:
        raise ValueError("--solver belongs to the states engine: add --engine states")
    rtol, within = description.get("rtol"), description.get("within")
    return Request(
        problem, x, engines, None if rtol is None else check_rtol(rtol),
        None if within is None else seconds(within), solver, laboratory,
        Outputs.of(description, engines),
    )


def laboratory_of(description: Mapping[str, Any]) -> Laboratory | None:
    """The material or scale of a description; None without either."""
    return make_laboratory(*(description.get(k) for k in ("material", "flavour", "scale", "mass")))


def problem_of(description: Mapping[str, Any]) -> tuple[Problem, Laboratory | None]:
    """The problem, filled up with defaults, and its units."""
    laboratory = laboratory_of(description)
    scale = laboratory.scale if laboratory else None
    described = description.get("potential", None)
    if described is None:
        described = start_potential()
    potential = potential_from_dict(
        potential_without_units(described, scale, description.get("folder")))
    values = {k: description.get(k, Dimensionless(v)) for k, v in _VALUES.items()}
    return laboratory_problem(potential, values, laboratory), laboratory


def window(
    description: Mapping[str, Any], problem: Problem, laboratory: Laboratory | None
) -> tuple[float, float]:
    """First and last position: as given, or what shows the potential.

    Raises
    ------
    ValueError
        If they are not in order.
    """
    scale = laboratory.scale if laboratory else None
    lo, hi = (
        dimensionless(key, description[key], scale) if key in description else None
        for key in ("x_min", "x_max")
    )
    around = AROUND / (problem.gap or 1.0)
    a, b = ask(problem.potential, "window", around)
    if (problem.has_leads or problem.circular) and problem.mass_profile is not None:
        c, d = ask(problem.mass_profile, "window", around)
        walls = [w.position for w in problem.hard_walls if w is not None]
        a, b = min([a, c, *walls]), max([b, d, *walls])
    first = float(np.floor(min(a, np.inf if hi is None else hi - 1))) if lo is None else lo
    last = float(np.ceil(max(b, first + 1))) if hi is None else hi
    if first >= last:
        raise ValueError(f"x_min must be less than x_max, got {first} and {last}")
    return first, last


def positions(
    description: Mapping[str, Any], problem: Problem, laboratory: Laboratory | None
) -> NDArray:
    """The positions x."""
    ends = window(description, problem, laboratory)
    return check_positions(
        np.linspace(*ends, check_points(description.get("points"), DEFAULT_POINTS)))


def check_points(given: Any, default: int) -> int:
    """A number of points, the default if none is given, or a ValueError."""
    points = default if given is None else given
    if isinstance(points, bool) or not isinstance(points, int) or not 2 <= points <= MOST_POINTS:
        raise ValueError(f"points must be a whole number from 2 to {MOST_POINTS}, got {points!r}")
    return points


def seconds(given: Any) -> float:
    """A duration: a number of seconds, or text such as ``30s`` or ``5 min``.

    Raises
    ------
    ValueError
        If it is neither, or not positive.
    """
    value = given
    if isinstance(given, str):
        match = re.fullmatch(r"([0-9.]+(?:e[-+]?[0-9]+)?)\s*(s|min|h|)", given.strip())
        try:
            value = float(match[1]) * _SECONDS[match[2]] if match else None
        except ValueError:
            value = None
        if value is None:
            raise ValueError(f"within must be a time such as 30s or 5min, got {given!r}")
    value = finite_number("within", value)
    if value <= 0:
        raise ValueError(f"within must be positive, got {given!r}")
    return value


