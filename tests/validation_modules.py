"""Modules of validation/ that tests use too."""

from __future__ import annotations

import importlib.util
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
