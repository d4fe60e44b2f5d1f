"""The command ``dirac1d current``: one step, its summary, picture and data."""

from __future__ import annotations

import argparse
import json
import sys
from time import perf_counter
from typing import Any

import numpy as np
from tqdm import tqdm

import dirac1d as dd
from dirac1d.apps.cost import slow_because
from dirac1d.apps.notes import notes
from dirac1d.apps.options import given_options
from dirac1d.apps.report import report, summary
from dirac1d.apps.request import Request, request
from dirac1d.numerics.budget import Progress

#: Seconds that an engine may take on the command line, where nobody has said more or less.
DEFAULT_WITHIN = 60.0


def run_current(arguments: argparse.Namespace) -> int:
    """``dirac1d current``."""
    with notes() as told:
        asked = request(given_options(arguments))
    _tell_cost(asked)
    profiles, spent = [], []
    for engine in asked.engines:
        start = perf_counter()
        profiles.append(solve(asked, engine))
        spent.append(perf_counter() - start)
    # Data first: whatever happens to the picture, the result is safe.
    for profile, path in zip(profiles, asked.outputs.data, strict=False):
        dd.export(profile, path, asked.laboratory.scale if asked.laboratory else None)
    if asked.outputs.json:
        found = summary(profiles, spent, asked.laboratory)
        print(json.dumps(found | ({"notes": told} if told else {}), allow_nan=False))
    else:
        print(report(profiles, spent, asked.laboratory))
        _print_budget(asked, profiles)
        for what, names in (("table", told), ("data", asked.outputs.data),
                            ("picture", [asked.outputs.picture] * bool(asked.outputs.picture))):
            for name in names:
                print(f"  {what + ':':<24}{name}")
    draw(profiles, asked)
    return 0


def solve(asked: Request, engine: str) -> dd.Profile:
    """One engine, with a line on a terminal that shows its error shrink if it takes a second."""
    options: dict[str, Any] = {}
    what, unit = "solving", " nodes"
    if engine == "states":
        what, unit = "diagonalising", " matrices"
        options = {"solver": asked.solver} if asked.solver else {}
    scale = asked.problem.current_scale
    # disable=None: no line when stderr is not a terminal.
    with tqdm(desc=what, unit=unit, delay=1.0, leave=False, disable=None) as bar:

        def show(told: Progress) -> None:
            if np.isfinite(told.error) and scale:
                bar.set_postfix_str(
                    f"error {told.error / scale:.0e} of j₀, goal {told.goal / scale:.0e}",
                    refresh=False)
            bar.update(told)

        return _in_time(asked, engine, options | {"progress": show})


def _in_time(asked: Request, engine: str, options: dict[str, Any]) -> dd.Profile:
    """The profile, with a budget where the engine takes one."""
    within = DEFAULT_WITHIN if asked.within is None else asked.within
    try:
        return dd.current_density(
            asked.problem, asked.x, engine, asked.rtol, within=within, **options)
    except ValueError as error:
        # Said before any work.
        if "within is not an option" not in str(error):
            raise
        if asked.within is not None:
            raise ValueError(f"--within: engine {engine!r} has no budget of time") from None
        return dd.current_density(asked.problem, asked.x, engine, asked.rtol, **options)


def _print_budget(asked: Request, profiles: list[dd.Profile]) -> None:
    """Name the budget where it was asked for, or may be why an accuracy was missed."""
    if asked.within is not None:
        print(f"  {'budget:':<24}{asked.within:g} s for each engine")
    elif not all(profile.converged for profile in profiles):
        print(f"  {'budget:':<24}{DEFAULT_WITHIN:g} s for each engine (--within changes it)")
    why = slow_because(asked.problem, asked.x, asked.laboratory is not None)
    if why and not all(profile.converged for profile in profiles):
        print(f"  {'slow because:':<24}{why}")


def _tell_cost(asked: Request) -> None:
    """One line before the work starts, where it may end by its budget."""
    why = slow_because(asked.problem, asked.x, asked.laboratory is not None)
    if why and "green" in asked.engines:
        within = DEFAULT_WITHIN if asked.within is None else asked.within
        print(f"dirac1d: this may take longer than its {within:g} s (--within): {why}",
              file=sys.stderr)


def draw(profiles: list[dd.Profile], asked: Request) -> None:
    """The picture, in a file, a window or both."""
    outputs = asked.outputs
    if outputs.picture is None and not outputs.show:
        return
    import matplotlib.pyplot as plt

    from dirac1d.apps.plotting import current_figure, save_figure

    figure = current_figure(
        *profiles, scale=asked.laboratory.scale if asked.laboratory else None)
    if outputs.picture is not None:
        save_figure(figure, outputs.picture)
    if outputs.show:
        plt.show()
    plt.close(figure)
