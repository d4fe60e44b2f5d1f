"""Modules of validation/ that tests use too."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[1] / "validation"


def measurements(name: str) -> ModuleType:
    """A module by its folder and name, "tools/reference", without a word in sys.modules.

    A module that imports others of validation/ puts their folder on the path itself.
    """
    spec = importlib.util.spec_from_file_location(
        f"validation_{Path(name).name}", FOLDER / f"{name}.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def on_path(*folders: str) -> Iterator[None]:
    """Folders of validation/ on the path; what is imported from there is forgotten afterwards."""
    before = list(sys.path)
    names = {path.stem for path in FOLDER.rglob("*.py")}
    sys.path[:0] = [str(FOLDER / folder) for folder in folders]
    try:
        yield
    finally:
        sys.path[:] = before
        for name in names & set(sys.modules):
            if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(FOLDER):
                del sys.modules[name]
