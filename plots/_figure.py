"""The frame of every figure: compute → draw → main, with the computed data kept beside the picture.

A script defines `FIGURE = Figure(name, problems, compute, draw, check)` and calls `FIGURE.main()`.
The arrays are written to OUT/<name>.npz together with every problem; they are drawn again without
computation as long as the problems and the script's text above `def draw` are the same.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d.apps.plotting import style
from dirac1d.numerics import files

Data = dict[str, NDArray]
Problems = dict[str, dd.Problem]

#: One and two columns of a journal, in inches.
COLUMN, PAGE = 3.4, 7.0
FORMATS = ("pdf", "png", "svg")
#: Relative to j₀: below the width of a line.
RTOL = 1e-4
KIND, FORMAT = "figure", 1


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes
    ----------
    name : str
        Of the files.
    problems : callable
        `problems(quick)`: what is solved, by name; the whole physical input.
    compute : callable
        `compute(problems, quick)`: the arrays.
    draw : callable
        `draw(problems, data)`: the picture; computes no physics.
    check : callable
        `check(problems, data)`: distances between data and closed forms, by what is compared.
    uses : tuple of modules
        Beyond this package, what `compute` is made of: with another text, data are computed again.
    """

    name: str
    problems: Callable[[bool], Problems]
    compute: Callable[[Problems, bool], Data]
    draw: Callable[[Problems, Data], plt.Figure]
    check: Callable[[Problems, Data], dict[str, float]]
    uses: tuple[ModuleType, ...] = ()

    def recipe(self, quick: bool) -> dict[str, Any]:
        """What the data depend on."""
        source = inspect.getsource(inspect.getmodule(self.compute)).split("\ndef draw", 1)[0]
        source += "".join(map(inspect.getsource, self.uses))
        return {
            "name": self.name,
            "quick": quick,
            "version": dd.__version__,
            "source": hashlib.sha256(source.encode()).hexdigest(),
            "problems": {k: v.to_dict() for k, v in self.problems(quick).items()},
        }

    def data(self, out: Path, quick: bool, fresh: bool = False) -> tuple[Data, bool]:
        """The arrays, and whether they came from the file."""
        path = out / f"{self.name}{'-quick' if quick else ''}.npz"
        recipe = self.recipe(quick)
        if path.exists() and not fresh:
            try:
                header, arrays = files.unpack(path, KIND, FORMAT)
                if all(header.get(key) == value for key, value in recipe.items()):
                    return arrays, True
            except ValueError as damage:
                print(f"{self.name}: computed again, {damage}")
        arrays = {k: np.asarray(v) for k, v in self.compute(self.problems(quick), quick).items()}
        files.write(path, files.pack({"kind": KIND, "format": FORMAT} | recipe, arrays))
        return arrays, False

    def make(self, options: argparse.Namespace) -> Path:
        """Compute or read, draw, save; one line of output."""
        start = time.perf_counter()
        options.out.mkdir(parents=True, exist_ok=True)
        data, kept = self.data(options.out, options.quick, options.fresh)
        problems = self.problems(options.quick)
        path = options.out / f"{self.name}.{options.format}"
        with style():
            figure = self.draw(problems, data)
            figure.savefig(path)
        seconds = time.perf_counter() - start
        distances = ", ".join(f"{k} {v:.1e}" for k, v in self.check(problems, data).items())
        print(f"{path}: {distances} ({'redrawn' if kept else 'computed'} in {seconds:.1f} s)")
        if options.show:
            plt.show()
        plt.close(figure)
        return path

    def main(self, arguments: Sequence[str] | None = None) -> Path:
        """The command line of the script."""
        return self.make(parse(arguments, self.description))

    @property
    def description(self) -> str:
        """What the figure shows: the text at the head of its script."""
        return (inspect.getmodule(self.problems).__doc__ or self.name).strip()


def parser(what: str) -> argparse.ArgumentParser:
    """Options of every script of this folder; `what` it shows is the description."""
    found = argparse.ArgumentParser(
        description=what, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    found.add_argument("--out", type=Path, default=Path("figures"), metavar="DIR",
                       help="where pictures and data go (default: figures)")
    found.add_argument("--format", choices=FORMATS, default="pdf", help="of pictures (pdf)")
    found.add_argument("--show", action="store_true", help="open a window as well")
    found.add_argument("--quick", action="store_true", help="few points, for a first look")
    found.add_argument("--fresh", action="store_true", help="compute again, whatever is kept")
    # It remarks on the dates in matplotlib's own fonts when it embeds them.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    return found


def parse(arguments: Sequence[str] | None, what: str) -> argparse.Namespace:
    """The options that are given."""
    options = parser(what).parse_args(arguments)
    if not options.show:
        plt.switch_backend("agg")
    return options


def panel(ax: plt.Axes, letter: str, text: str = "") -> None:
    """The letter of a panel above its upper left corner, and what it shows above its right one."""
    if letter:
        ax.set_title(f"({letter})", loc="left")
    if text:
        ax.set_title(text, loc="right", fontsize=8)
