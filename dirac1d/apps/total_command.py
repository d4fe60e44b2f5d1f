"""The command ``dirac1d total``: J_y in closed form."""

from __future__ import annotations

import argparse
import json

import numpy as np

from dirac1d.apps.inputs import (
    check_points,
    check_writable,
    make_problem,
    read_laboratory,
    read_problem_file,
)
from dirac1d.apps.report import total_rows, total_table
from dirac1d.exact import total_current
from dirac1d.laboratory.problems import dimensionless
from dirac1d.problem import Problem


def run_total(arguments: argparse.Namespace) -> int:
    """``dirac1d total``."""
    stored = read_problem_file(arguments.input) if arguments.input else {}
    laboratory = read_laboratory(arguments, stored)
    problem = make_problem(arguments, stored, laboratory)
    check_writable("--plot", arguments.plot)
    low, high = sorted((problem.U_L, problem.U_R))
    reach = abs(problem.mass) * 1.5 + 5 * problem.temperature + 0.1 * (high - low)
    scale = laboratory.scale if laboratory else None
    # A flavour's Fermi energy is measured from the middle of its own gap.
    shift = laboratory.flavour.shift / scale.energy if laboratory and laboratory.flavour else 0.0
    start, stop = (
        default if value is None else dimensionless(name, value, scale) - shift
        for name, value, default in (
            ("start", arguments.start, low - reach), ("stop", arguments.stop, high + reach)
        )
    )
    if start > stop:
        raise ValueError(f"--from and --to must be finite and in order, got {start} and {stop}")
    energies = np.linspace(start, stop, check_points(arguments.points, 41))
    problems = [
        Problem(problem.potential, problem.mass, e, problem.temperature) for e in energies
    ]
    totals = [total_current(p) for p in problems]
    rows = total_rows(problems, totals, laboratory)
    if arguments.json:
        print(json.dumps(rows | {"problem": problem.to_dict()}, allow_nan=False))
    else:
        print(total_table(problem, rows, laboratory))
    if arguments.plot:
        import matplotlib

        matplotlib.use("agg")
        import matplotlib.pyplot as plt

        from dirac1d.apps.plotting import plot_total, style

        with style():
            figure, ax = plt.subplots(figsize=(3.4, 2.4), layout="constrained")
            plot_total(ax, energies, totals, label="closed form").legend()
            figure.savefig(arguments.plot)
        plt.close(figure)
    return 0
