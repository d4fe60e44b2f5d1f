"""Modules of validation/ that tests use too, none of which declares claims."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[1] / "validation"


def measurements(name: str) -> ModuleType:
    """A module by its file's name, without a word in the list of modules or the path."""
    spec = importlib.util.spec_from_file_location(f"validation_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
