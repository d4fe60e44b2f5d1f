"""The command ``dirac1d total``: J_y in closed form."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dirac1d.apps.inputs import describe
from dirac1d.apps.notes import notes
from dirac1d.apps.options import given_options
from dirac1d.apps.outputs import TOTAL_KINDS, data_path, picture_path
from dirac1d.apps.report import total_rows, total_table
from dirac1d.apps.request import check_points, problem_of
from dirac1d.exact import total_current
from dirac1d.laboratory.problems import Laboratory, dimensionless
from dirac1d.problem import Problem
from dirac1d.sweeps.export import export_columns

DEFAULT_POINTS = 41


def run_total(arguments: argparse.Namespace) -> int:
    """``dirac1d total``."""
    options = given_options(arguments)
    with notes() as told:
        problem, laboratory = problem_of(describe(options))
    if not problem.has_leads:
        raise ValueError(
            f"{type(problem.potential).__name__} has no leads and no total current: use a step's "
            "shape, or `dirac1d current`"
        )
    data = data_path("--save", options["save"], TOTAL_KINDS) if "save" in options else None
    picture = picture_path("--plot", options["plot"]) if "plot" in options else None
    energies = np.linspace(*_range(options, problem, laboratory),
                           check_points(options.get("points"), DEFAULT_POINTS))
    problems = [replace(problem, fermi_energy=e) for e in energies]
    totals = [total_current(p) for p in problems]
    rows = total_rows(problems, totals, laboratory)
    if data is not None:
        export_columns(data, rows, problem, laboratory.scale if laboratory else None)
    if "json" in options:
        print(json.dumps(rows | {"problem": problem.to_dict()}, allow_nan=False))
    else:
        print(total_table(problem, rows, laboratory))
        for what, name in (*(("table", note) for note in told), ("data", data),
                           ("picture", picture)):
            if name is not None:
                print(f"# {what}: {name}")
    if picture is not None:
        _draw(energies, totals, picture)
    return 0


def _range(
    options: dict[str, Any], problem: Problem, laboratory: Laboratory | None
) -> tuple[float, float]:
    """First and last Fermi energy; by default all regimes are in between."""
    low, high = sorted((problem.U_L, problem.U_R))
    reach = problem.gap * 1.5 + 5 * problem.temperature + 0.1 * (high - low)
    scale = laboratory.scale if laboratory else None
    # A flavour's Fermi energy is measured from the middle of its own gap.
    shift = laboratory.flavour.shift / scale.energy if laboratory and laboratory.flavour else 0.0
    start, stop = (
        dimensionless(name, options[name], scale) - shift if name in options else default
        for name, default in (("start", low - reach), ("stop", high + reach))
    )
    if start > stop:
        raise ValueError(f"--from and --to must be finite and in order, got {start} and {stop}")
    return start, stop


def _draw(energies: np.ndarray, totals: list[float], path: Path) -> None:
    import matplotlib.pyplot as plt

    from dirac1d.apps.plotting import plot_total, save_figure, style

    with style():
        figure, ax = plt.subplots(figsize=(3.4, 2.4), layout="constrained")
        plot_total(ax, energies, totals, label="closed form").legend()
        save_figure(figure, path)
    plt.close(figure)
