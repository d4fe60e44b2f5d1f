"""The parser's own manners, and the options of a problem, which the shapes themselves provide."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from dirac1d.laboratory.materials import MATERIALS
from dirac1d.potentials.shapes import SHAPES, adjustable_shapes, parameters

_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
                     r"|[-+]?(?:nan|inf|infinity)", re.IGNORECASE)
#: A value that begins with a minus sign of any kind: no option does.
_NEGATIVE = re.compile(r"[-\u2212\u2013]\s*(?:[0-9.,]|inf|nan)", re.IGNORECASE)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, and that takes no abbreviations."""

    def __init__(self, *positional: Any, **options: Any) -> None:
        super().__init__(*positional, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """What `main` prints in one line."""
        raise ValueError(message)


def with_negative_values(argv: Sequence[str]) -> list[str]:
    """Arguments in which ``--left -1e-3`` or ``--left "-30 meV"`` is one, as ``--left=-1e-3``.

    argparse takes what begins with a minus sign for an option, unless it is a plain number.
    """
    joined: list[str] = []
    for argument in argv:
        before = joined[-1] if joined else ""
        if before.startswith("--") and "=" not in before and _NEGATIVE.match(argument):
            joined[-1] = f"{before}={argument}"
        else:
            joined.append(argument)
    return joined


def quantity(text: str) -> float | str:
    """An option's value: a number, or text that may turn out to have a unit."""
    plain = re.sub("^[\u2212\u2013]", "-", text.strip())
    return float(plain) if _NUMBER.fullmatch(plain) else plain


def real(text: str) -> float:
    """An option's value: a number."""
    value = quantity(text)
    if isinstance(value, str):
        raise argparse.ArgumentTypeError(f"must be a number, got {text!r}")
    return value


def whole(text: str) -> int:
    """An option's value: a whole number."""
    if not re.fullmatch(r"[-+]?[0-9]{1,18}", text.strip()):
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text!r}")
    return int(text)


def column_numbers(text: str) -> tuple[int, ...]:
    """An option's value: ``1,3``."""
    return tuple(whole(part) for part in text.split(","))


def unit_names(text: str) -> tuple[str, ...]:
    """An option's value: ``um,eV``."""
    parts = tuple(part.strip() for part in text.split(","))
    if len(parts) != 2:
        raise argparse.ArgumentTypeError(f"must be two units such as nm,meV, got {text!r}")
    return parts


def given_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options that were given."""
    return {
        key: value for key, value in vars(arguments).items()
        if value is not None and value is not False and key not in ("run", "command")
    }


def add_problem_options(parser: argparse.ArgumentParser, fermi_energy: bool = True) -> None:
    """Options of the potential, the electrons and their units."""
    choices = adjustable_shapes()
    parser.add_argument("--shape", choices=choices, help="shape of U (tanh)")
    for name, text in _parameter_help(choices).items():
        parser.add_argument(f"--{name}", type=quantity, help=text.replace("%", "%%"))
    parser.add_argument("--rise", type=quantity,
                        help=f"10-90 %% length of a step, in place of its width ({_rises()})")
    for name, text in (("mass", "half the gap (1)"), ("fermi-energy", "Fermi energy (0)"),
                       ("temperature", "temperature (0)")):
        if fermi_energy or name != "fermi-energy":
            parser.add_argument(f"--{name}", type=quantity, help=text)
    for name, text in (("left", "mass far left (-1), where the mass varies"),
                       ("right", "mass far right (1)"),
                       ("width", "of its tanh(x/width) (1), or of a circle's edge (sharp)"),
                       ("height", "mass at the centre of a circle, above that outside (-2)"),
                       ("radius", "of a circle of mass (5)"),
                       ("outside", "mass far outside of a circle (1)")):
        parser.add_argument(f"--mass-{name}", type=quantity, help=text)
    for side in ("left", "right"):
        parser.add_argument(f"--wall-{side}", type=quantity, metavar="POSITION",
                            help=f"the sample ends there on the {side}: infinite mass beyond")
        parser.add_argument(f"--wall-{side}-sign", type=int, choices=(1, -1),
                            help="sign of that mass (1)")
    parser.add_argument("--input", metavar="FILE.toml", help="problem file; - is standard input")
    parser.add_argument("--potential", metavar="FILE.csv",
                        help="table of x and U (with a material: in nm and meV)")
    parser.add_argument("--columns", type=column_numbers, metavar="N,N",
                        help="of the table: which columns are x and U, from 1")
    parser.add_argument("--decimal", choices=[".", ","], metavar="MARK",
                        help="of the table's numbers: . or ,")
    parser.add_argument("--units", type=unit_names, metavar="UNIT,UNIT",
                        help="of the table's columns, such as um,eV")
    parser.add_argument("--material", choices=MATERIALS, type=str.lower,
                        help="Dirac cones and units of a material; values have units then")
    parser.add_argument("--flavour", help="Dirac cone of the material, such as 'K up'")


def _parameter_help(shapes: list[str]) -> dict[str, str]:
    """What each parameter is, by its name: its meaning in each shape that has it."""
    meanings: dict[str, dict[str, list[str]]] = {}
    for shape in shapes:
        for name, parameter in parameters(SHAPES[shape]).items():
            text = f"{parameter.text} ({parameter.start:g})"
            if parameter.rise is not None:
                text = f"{parameter.text}, 10-90 % in {parameter.rise:.3g} of it " \
                       f"({parameter.start:g})"
            meanings.setdefault(name, {}).setdefault(text, []).append(shape)
    return {
        name: "; ".join(f"{', '.join(owners)}: {text}" for text, owners in texts.items())
        for name, texts in meanings.items()
    }


def _rises() -> str:
    found = [f"{name}: {p.rise:.4g} {key}" for name, shape in SHAPES.items()
             for key, p in parameters(shape).items() if p.rise is not None]
    return ", ".join(found)
