"""The command ``dirac1d``: solve a step, print the closed form.

Exit status: 0; 1 if points of a sweep failed; 2 for a user's mistake (one line on stderr); 3 if
the work broke down; 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NoReturn

import numpy as np
from tqdm import tqdm

import dirac1d as dd
from dirac1d.apps.explore_command import add_explore_options, run_explore
from dirac1d.apps.inputs import (
    check_writable,
    make_positions,
    make_problem,
    quantity,
    read_laboratory,
    read_problem_file,
)
from dirac1d.apps.report import report, summary
from dirac1d.apps.sweep_command import SWEEP_HELP, add_options, run_sweep
from dirac1d.apps.total_command import run_total
from dirac1d.engines import DEFAULT_ENGINE, ENGINES
from dirac1d.laboratory.materials import MATERIALS
from dirac1d.numerics.checks import check_rtol
from dirac1d.potentials.descriptions import SHAPES
from dirac1d.states.current import SOLVERS
from dirac1d.sweeps.export import KINDS

DEFAULT_PICTURE = "dirac1d-current.png"
DESCRIPTION = """\
Equilibrium anomalous Hall current of massive Dirac electrons along a potential step.

Units: hbar = v_F = k_B = 1. Energies (left, right, mass, fermi-energy, temperature) in any one
unit E0, lengths in hbar v_F/E0; currents are j_y/e with the signed charge e. With --material (or
a scale in the problem file) values may have units, as in --left "-60 meV" or --width "20 nm", and
the result is given in nA too, as an electric current (e = -|e|).
"""

MANUAL = """\
examples:
  dirac1d current --shape ramp --left -1 --right 1 --width 4 --save ramp.csv
  dirac1d current --material mos2 --left "-60 meV" --right "60 meV" --width "2 nm"
  dirac1d current --input problem.toml --json | jq .J_y
  dirac1d total --from -2 --to 2 --points 41
  dirac1d sweep sweep.toml --workers 2

exit status:
  0  done               1  some points of a sweep failed     2  a mistake in the input
  3  the work broke down (a worker died)                   130  interrupted by Ctrl-C
Errors and warnings are one line each, on stderr. Progress is shown on terminals only. Files are
written whole or not at all. dirac1d COMMAND --help tells the rest.
"""

FILE_HELP = """\
A problem file is TOML:

    mass = 1.0
    fermi_energy = 0.2
    temperature = 0.05
    x_min = -8.0            # optional, as are x_max, points, engine, rtol
    [potential]
    shape = "tanh"          # sharp, tanh, erf, ramp, gaussian, table, sum
    left = -0.5
    right = 0.5
    width = 1.0

In laboratory units:

    material = "mos2"       # or a table [scale] with v_F and energy (= E0)
    flavour = "K up"        # the Dirac cone that is solved
    fermi_energy = "0 meV"  # from the middle of the gap before its spin-orbit splitting
    temperature = "4 K"
    [potential]
    shape = "table"
    file = "potential.csv"  # two columns, in nm and meV

Options on the command line override the file.
"""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, and that takes no abbreviations."""

    def __init__(self, *positional: Any, **options: Any) -> None:
        super().__init__(*positional, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = _Parser(
        prog="dirac1d", description=DESCRIPTION, epilog=MANUAL,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dirac1d {dd.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    raw = argparse.RawDescriptionHelpFormatter
    current = commands.add_parser(
        "current", help="solve one step: summary, picture, data", epilog=FILE_HELP,
        description="Solve one potential step. Without options: the default step.",
        formatter_class=raw,
    )
    _problem_options(current)
    current.add_argument("--x-min", type=quantity, help="first position")
    current.add_argument("--x-max", type=quantity, help="last position")
    current.add_argument("--points", type=int, help="number of positions (401)")
    current.add_argument("--engine", choices=[*ENGINES, "both"],
                         help=f"engine ({DEFAULT_ENGINE}); both: compare them")
    current.add_argument("--solver", choices=SOLVERS,
                         help="of the states engine; sparse: scipy.sparse.linalg.eigsh throughout")
    current.add_argument("--rtol", type=float, help="accuracy, relative to the current scale j0")
    current.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    current.add_argument("--save", metavar="FILE",
                         help="write the result: .npz (read it: dd.load), .csv or .json")
    current.add_argument("--plot", metavar="FILE", help=f"picture (default: {DEFAULT_PICTURE})")
    current.add_argument("--no-plot", action="store_true", help="write no picture")
    current.add_argument("--show", action="store_true", help="open the picture in a window")
    current.set_defaults(run=run_current)
    total = commands.add_parser(
        "total", help="closed form of J_y over a range of Fermi energies",
        description="J_y(eps_F) in closed form, for any step, sign of the mass and temperature.",
        formatter_class=raw,
    )
    _problem_options(total)
    total.add_argument("--from", dest="start", type=quantity, help="first Fermi energy")
    total.add_argument("--to", dest="stop", type=quantity, help="last Fermi energy")
    total.add_argument("--points", type=int, help="number of Fermi energies (41)")
    total.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    total.add_argument("--plot", metavar="FILE", help="picture of J_y against eps_F")
    total.set_defaults(run=run_total)
    sweep = commands.add_parser(
        "sweep", help="many problems from one file, stored as they finish", epilog=SWEEP_HELP,
        description="Solve all combinations of parameters, and write one table.",
        formatter_class=raw,
    )
    add_options(sweep)
    sweep.set_defaults(run=run_sweep)
    explore = commands.add_parser(
        "explore", help="sliders, and the current that follows them", formatter_class=raw,
        description="Open the explorer in a window, or with --web in a browser on this machine.",
    )
    add_explore_options(explore)
    explore.set_defaults(run=run_explore)
    return parser


def _problem_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shape", choices=[s for s in SHAPES if s != "table"],
                        help="shape of U (tanh)")
    for name, text in (
        ("left", "U far left (-0.5)"), ("right", "U far right (0.5)"),
        ("width", "width; length of a ramp (1)"),
        ("height", "height of a gaussian (1); amplitude of a cosine (0.5)"),
        ("wavenumber", "wavenumber of a cosine (1)"),
        ("position", "centre of the step (0)"), ("mass", "half the gap (1)"),
        ("fermi-energy", "Fermi energy (0)"), ("temperature", "temperature (0)"),
    ):
        parser.add_argument(f"--{name}", type=quantity, help=text)
    parser.add_argument("--input", metavar="FILE.toml", help="problem file")
    parser.add_argument("--potential", metavar="FILE.csv",
                        help="table of x and U (with a material: in nm and meV)")
    parser.add_argument("--material", choices=MATERIALS,
                        help="Dirac cones and units of a material; values may have units")
    parser.add_argument("--flavour", help="Dirac cone of the material, such as 'K up'")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; see ``dirac1d --help``."""
    try:
        arguments = build_parser().parse_args(argv)
        if arguments.command is None:
            build_parser().print_help()
            return 0
        with warnings.catch_warnings():
            warnings.simplefilter("default", dd.AccuracyWarning)
            warnings.showwarning = _show_warning  # type: ignore[assignment]
            return arguments.run(arguments)
    except (ValueError, RuntimeError) as error:
        print(f"dirac1d: {' '.join(str(error).split())}", file=sys.stderr)
        return 2 if isinstance(error, ValueError) else 3
    except KeyboardInterrupt:
        print("dirac1d: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe has gone: nothing more to say, and nothing to say at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"dirac1d: warning: {message}", file=sys.stderr)


def run_current(arguments: argparse.Namespace) -> int:
    """``dirac1d current``."""
    stored = read_problem_file(arguments.input) if arguments.input else {}
    laboratory = read_laboratory(arguments, stored)
    problem = make_problem(arguments, stored, laboratory)
    x = make_positions(arguments, stored, problem, laboratory)
    engine = arguments.engine or stored.get("engine", DEFAULT_ENGINE)
    if engine not in (*ENGINES, "both"):
        raise ValueError(f"engine must be one of {', '.join(ENGINES)} or both, got {engine!r}")
    if arguments.solver and engine == "green":
        raise ValueError("--solver belongs to the states engine: add --engine states")
    rtol = arguments.rtol if arguments.rtol is not None else stored.get("rtol")
    if rtol is not None:
        rtol = check_rtol(rtol)
    picture = _picture(arguments)
    for name, path in (("--save", arguments.save), ("--plot", picture)):
        check_writable(name, path)
    profiles, seconds = [], []
    for name in ENGINES if engine == "both" else (engine,):
        start = perf_counter()
        profiles.append(_solve(problem, x, name, rtol, arguments.solver))
        seconds.append(perf_counter() - start)
    # Data first: whatever happens to the picture, the result is safe.
    if arguments.save:
        # A name without an ending that says otherwise is an archive, as of Profile.save.
        name = Path(arguments.save)
        path = name if name.suffix in KINDS else name.with_name(name.name + ".npz")
        dd.export(profiles[0], path, laboratory.scale if laboratory else None)
    if arguments.json:
        print(json.dumps(summary(profiles, seconds, laboratory), allow_nan=False))
    else:
        print(report(profiles, seconds, laboratory))
        for what, path in (("data", arguments.save), ("picture", picture)):
            if path:
                print(f"  {what + ':':<24}{path}")
    _draw(profiles, picture, arguments.show)
    return 0


def _picture(arguments: argparse.Namespace) -> str | None:
    if arguments.no_plot and arguments.plot:
        raise ValueError("--plot and --no-plot exclude each other")
    if arguments.plot or arguments.no_plot or arguments.json or arguments.show:
        return arguments.plot
    return DEFAULT_PICTURE


def _solve(
    problem: dd.Problem, x: np.ndarray, engine: str, rtol: float | None, solver: str | None
) -> dd.Profile:
    """One engine, with a progress bar on a terminal if it takes over a second."""
    options: dict[str, Any] = {}
    if engine != "states":
        return dd.current_density(problem, x, engine, rtol)
    if solver:
        options["solver"] = solver
    # disable=None: no bar when stderr is not a terminal.
    with tqdm(desc="diagonalising", unit=" matrices", delay=1.0, leave=False, disable=None) as bar:
        return dd.current_density(problem, x, engine, rtol, progress=bar.update, **options)


def _draw(profiles: list[dd.Profile], path: str | None, show: bool) -> None:
    if path is None and not show:
        return
    if not show:
        import matplotlib

        matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from dirac1d.apps.plotting import current_figure

    figure = current_figure(*profiles)
    if path is not None:
        try:
            figure.savefig(path)
        except OSError as error:
            raise ValueError(f"--plot: cannot write {path!r}: {error.strerror}") from error
    if show:
        plt.show()
    plt.close(figure)


if __name__ == "__main__":
    sys.exit(main())
