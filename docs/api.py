"""The API reference, made from the docstrings of every module; any warning is an error.

    pip install ".[docs]" && python docs/api.py [--out DIR]
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
import sys
import typing
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import dirac1d


def modules() -> list[str]:
    """Names of all modules of the package, but the command's entry."""
    found = pkgutil.walk_packages(dirac1d.__path__, "dirac1d.")
    return ["dirac1d", *(m.name for m in found if not m.name.endswith("__main__"))]


def resolve_named_tuples(module: ModuleType) -> None:
    """Annotations of named tuples as types: pdoc looks for their names where there are none."""
    for _, kind in inspect.getmembers(module, inspect.isclass):
        if issubclass(kind, tuple) and hasattr(kind, "_fields"):
            hints = typing.get_type_hints(kind)
            kind.__annotations__ = kind.__new__.__annotations__ = hints


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("build/api"), metavar="DIR",
                        help="where the pages go (default: build/api)")
    options = parser.parse_args(arguments)
    import pdoc.extract
    import pdoc.render

    warnings.simplefilter("error")
    names = modules()
    # A package brings those of its modules that it does not hide; the others are named as well.
    pages: set[str] = set()
    specifications = []
    for name in names:
        if name not in pages:
            specifications.append(name)
            pages |= set(pdoc.extract.walk_specs([name]))
    for name in names:
        resolve_named_tuples(importlib.import_module(name))
    pdoc.render.configure(docformat="numpy", math=True, footer_text="dirac1d")
    pdoc.pdoc(*specifications, output_directory=options.out)
    print(f"{len(names)} modules: {options.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
