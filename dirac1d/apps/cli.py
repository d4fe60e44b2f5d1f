"""The command ``dirac1d``: solve a step, print the closed form.

Exit status: 0; 1 if points of a sweep failed; 2 for a user's mistake (one line on stderr); 3 if
the work broke down; 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence

import dirac1d as dd
from dirac1d.apps.current_command import run_current
from dirac1d.apps.examples import EXAMPLES, run_example
from dirac1d.apps.explore_command import add_explore_options, run_explore
from dirac1d.apps.image_command import IMAGE_HELP, run_image
from dirac1d.apps.image_command import add_options as add_image_options
from dirac1d.apps.map_command import MAP_HELP, add_map_options, run_map
from dirac1d.apps.options import (
    Parser,
    add_problem_options,
    quantity,
    real,
    whole,
    with_negative_values,
)
from dirac1d.apps.outputs import DEFAULT_PICTURE
from dirac1d.apps.sweep_command import SWEEP_HELP, add_options, run_sweep
from dirac1d.apps.total_command import run_total
from dirac1d.engines import DEFAULT_ENGINE, ENGINES
from dirac1d.potentials import SamplingWarning
from dirac1d.states.current import SOLVERS

DESCRIPTION = """\
Equilibrium anomalous Hall current of massive Dirac electrons along a potential step.

Units: hbar = v_F = k_B = 1. Energies (left, right, mass, fermi-energy, temperature) in any one
unit E0, lengths in hbar v_F/E0; currents are j_y/e with the signed charge e. With --material (or
a scale in the problem file) values have units, as in --left "-60 meV" or --width "20 nm", and
the result is given in nA too, as an electric current (e = -|e|).
"""

MANUAL = """\
examples:
  dirac1d current --shape ramp --left -1 --right 1 --length 4 --save ramp.csv
  dirac1d current --material ti-surface --left "-3 meV" --right "3 meV" --rise "100 nm"
  dirac1d example current > problem.toml
  dirac1d current --input problem.toml --json | jq .J_y
  dirac1d total --from -2 --to 2 --points 41
  dirac1d example sweep > sweep.toml
  dirac1d sweep sweep.toml --workers 2
  dirac1d example image > experiment.toml
  dirac1d image experiment.toml
  dirac1d map --seed 3 --material ti-surface --field 150nm
  dirac1d example map > map.toml
  dirac1d map --input map.toml

exit status:
  0  done               1  some points of a sweep failed     2  a mistake in the input
  3  the work broke down (a worker died)                   130  interrupted by Ctrl-C
Errors and warnings are one line each, on stderr. Progress is shown on terminals only. Files are
written whole or not at all. What may take longer than its budget of time says why before it starts.
dirac1d COMMAND --help tells the rest.
"""

FILE_HELP = """\
A problem file is TOML; its keys are the options, with the potential in a table of its own:

    mass = 1.0
    fermi_energy = 0.2
    temperature = 0.05
    x_min = -8.0            # optional, as are x_max, points, engine, rtol, within, save, plot
    [potential]
    shape = "tanh"          # sharp, tanh, erf, ramp, gaussian, cosine, table, sum;
    left = -0.5
    right = 0.5             # circles: disc, dot, smooth_disc, radial_table
    width = 1.0             # or rise, the 10-90 % length

In laboratory units:

    material = "mos2"       # or a table [scale] with v_F and energy (= E0)
    flavour = "K up"        # the Dirac cone that is solved
    fermi_energy = "0 meV"  # from the middle of the gap before its spin-orbit splitting
    temperature = "4 K"
    [potential]
    shape = "table"
    file = "potential.csv"  # two columns, in nm and meV unless its header says otherwise

dirac1d example current prints a complete one. Options on the command line override the file.
"""


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = Parser(prog="dirac1d", description=DESCRIPTION, epilog=MANUAL, formatter_class=raw)
    parser.add_argument("--version", action="version", version=f"dirac1d {dd.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    current = commands.add_parser(
        "current", help="solve one step: summary, picture, data", epilog=FILE_HELP,
        description="Solve one potential step. Without options: the default step.",
        formatter_class=raw,
    )
    add_problem_options(current)
    _current_options(current)
    current.set_defaults(run=run_current)
    total = commands.add_parser(
        "total", help="closed form of J_y over a range of Fermi energies",
        description="J_y(eps_F) in closed form, for any step, sign of the mass and temperature.",
        formatter_class=raw,
    )
    add_problem_options(total, fermi_energy=False)
    total.add_argument("--from", dest="start", type=quantity, help="first Fermi energy")
    total.add_argument("--to", dest="stop", type=quantity, help="last Fermi energy")
    total.add_argument("--points", type=whole, help="number of Fermi energies (41)")
    total.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    total.add_argument("--save", metavar="FILE", help="write the table: .csv, .json or .npz")
    total.add_argument("--plot", metavar="FILE", help="picture of J_y against eps_F")
    total.set_defaults(run=run_total)
    sweep = commands.add_parser(
        "sweep", help="many problems from one file, stored as they finish", epilog=SWEEP_HELP,
        description="Solve all combinations of parameters, and write one table.",
        formatter_class=raw,
    )
    add_options(sweep)
    sweep.set_defaults(run=run_sweep)
    image = commands.add_parser(
        "image", help="one experiment on one page: bands, currents, fields, what a probe reads",
        description="From a gate in nm and meV to the field that a probe sees.", epilog=IMAGE_HELP,
        formatter_class=raw,
    )
    add_image_options(image)
    image.set_defaults(run=run_image)
    maps = commands.add_parser(
        "map", help="currents of U(x, y): puddles, the channels between them, the field above",
        description="The map of currents of a cell. Without options: a cell with puddles.",
        epilog=MAP_HELP, formatter_class=raw,
    )
    add_map_options(maps)
    maps.set_defaults(run=run_map)
    explore = commands.add_parser(
        "explore", help="sliders, and the current that follows them", formatter_class=raw,
        description="Open the explorer in a window, or with --web in a browser on this machine.",
    )
    add_explore_options(explore)
    explore.set_defaults(run=run_explore)
    example = commands.add_parser(
        "example", help="print a complete problem or sweep file to start from",
        description="dirac1d example current > problem.toml; sweep and energies are sweep files, "
                    "image is an experiment, map (or puddles) is a map's.",
    )
    example.add_argument("kind", choices=EXAMPLES, help="which file")
    example.set_defaults(run=run_example)
    return parser


def _current_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--x-min", type=quantity, help="first position")
    parser.add_argument("--x-max", type=quantity, help="last position")
    parser.add_argument("--points", type=whole, help="number of positions (401)")
    parser.add_argument("--engine", choices=[*ENGINES, "both"],
                        help=f"engine ({DEFAULT_ENGINE}); both: compare them")
    parser.add_argument("--solver", choices=SOLVERS,
                        help="of the states engine; sparse: scipy.sparse.linalg.eigsh throughout")
    parser.add_argument("--rtol", type=real, help="accuracy, relative to the current scale j0")
    parser.add_argument("--within", metavar="TIME",
                        help="time that an engine may take, such as 30s or 5min (60s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    parser.add_argument("--save", metavar="FILE",
                        help="write the result: .npz (read it: dd.load), .csv or .json")
    parser.add_argument("--plot", metavar="FILE", help=f"picture (default: {DEFAULT_PICTURE})")
    parser.add_argument("--no-plot", action="store_true", help="write no picture")
    parser.add_argument("--show", action="store_true", help="open the picture in a window")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; see ``dirac1d --help``."""
    given = with_negative_values(sys.argv[1:] if argv is None else argv)
    try:
        arguments = build_parser().parse_args(given)
        if arguments.command is None:
            build_parser().print_help()
            return 0
        with _one_line_each():
            return arguments.run(arguments)
    except (ValueError, RuntimeError) as error:
        print(f"dirac1d: {' '.join(str(error).split())}", file=sys.stderr)
        return 2 if isinstance(error, ValueError) else 3
    except KeyboardInterrupt as stop:
        print(f"dirac1d: interrupted{''.join(f': {word}' for word in stop.args)}",
              file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe has gone: nothing more to say, and nothing to say at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


@contextlib.contextmanager
def _one_line_each() -> Iterator[None]:
    """Warnings, also those that are logged, as one line on stderr."""
    told = logging.StreamHandler(sys.stderr)
    told.setLevel(logging.WARNING)
    told.setFormatter(logging.Formatter("dirac1d: warning: %(message)s"))
    logger = logging.getLogger("dirac1d")
    logger.addHandler(told)
    try:
        with warnings.catch_warnings():
            for kind in (dd.AccuracyWarning, dd.StoreWarning, SamplingWarning):
                warnings.simplefilter("default", kind)
            warnings.showwarning = _show_warning  # type: ignore[assignment]
            yield
    finally:
        logger.removeHandler(told)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"dirac1d: warning: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
