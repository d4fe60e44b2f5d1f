"""The command ``dirac1d image``: one experiment, one page, all in nm, meV, nA and nT."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from dirac1d.apps.inputs import read_problem_file
from dirac1d.apps.notes import notes
from dirac1d.apps.outputs import TABLE_KINDS, data_path, picture_path
from dirac1d.observables.image import Image, image

DEFAULT_PICTURE = "dirac1d-image.png"
#: Keys of an experiment's file: the arguments of `image`.
FILE_KEYS = ("material", "gate", "fermi_energy", "temperature", "heights", "probe", "diameter",
             "noise", "amplitude", "valley_splitting", "spin_splitting", "ratio")

EXAMPLE = """\
# An experiment for dirac1d image: every number has its unit.
material = "ti-surface"          # hbn-graphene, mos2, wse2, ti-surface
fermi_energy = "0 meV"           # from the middle of the gap
temperature = "4.2 K"
heights = ["50 nm", "150 nm", "500 nm"]
probe = "squid"                  # a SQUID on a tip; or "nv"
diameter = "100 nm"              # of its loop
amplitude = "20 nm"              # of the tuning fork along x, r.m.s.; leave it out without one
# noise = "50 nT/sqrt(Hz)"       # typical ones are known
# valley_splitting = "5 meV"     # where a material has two valleys
[gate]                           # the electron's potential energy along x
shape = "tanh"                   # or erf, ramp, sharp; or file = "gate.csv" (x in nm, U in meV);
left = "-3 meV"                  # or formula = "3*tanh(x/45)" (x in nm, U in meV)
right = "3 meV"
rise = "100 nm"                  # from 10 % to 90 % of the step
"""
IMAGE_HELP = "An experiment's file is TOML:\n\n" + "\n".join(
    f"    {line}" for line in EXAMPLE.splitlines())


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of ``dirac1d image``."""
    parser.add_argument("experiment", metavar="EXPERIMENT.toml", help="what is measured, and how")
    parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    parser.add_argument("--save", metavar="FILE", help="write the fields: .csv or .npz")
    parser.add_argument("--plot", metavar="FILE", help=f"picture (default: {DEFAULT_PICTURE})")
    parser.add_argument("--no-plot", action="store_true", help="write no picture")


def run_image(arguments: argparse.Namespace) -> int:
    """``dirac1d image``."""
    picture = None if arguments.no_plot else arguments.plot
    if arguments.no_plot and arguments.plot:
        raise ValueError("--plot and --no-plot exclude each other")
    if picture is None and not arguments.no_plot and not arguments.json:
        picture = DEFAULT_PICTURE
    picture = picture and picture_path("--plot", picture)
    data = arguments.save and data_path("--save", arguments.save, TABLE_KINDS)
    with notes() as told:
        found = read_experiment(arguments.experiment)
    if data:
        found.save(data)
    if arguments.json:
        columns, units = found.columns()
        print(json.dumps(found.header() | {"column_units": units} | {
            name: values.tolist() for name, values in columns.items()}, allow_nan=False))
    else:
        print(found)
        for what, path in (*(("gate", note) for note in told), ("data", data),
                           ("picture", picture)):
            if path:
                print(f"  {what}: {path}")
    if picture:
        import matplotlib.pyplot as plt

        from dirac1d.apps.image import image_figure
        from dirac1d.apps.plotting import save_figure, style

        with style():
            figure = image_figure(found)
        save_figure(figure, picture)
        plt.close(figure)
    return 0


def read_experiment(path: str) -> Image:
    """The image of an experiment's file.

    Raises
    ------
    ValueError
        If the file cannot be read, lacks a key or holds an unknown one, or a value is not allowed.
    """
    stored = read_problem_file(path, FILE_KEYS)
    folder: Path = stored.pop("folder")
    for key in ("material", "gate"):
        if key not in stored:
            raise ValueError(f"{path!r} needs the key {key!r}")
    return image(stored.pop("material"), stored.pop("gate"), folder=folder, **stored)
