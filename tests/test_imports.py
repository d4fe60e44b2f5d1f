"""The layer map is enforced by a machine, and a bare import stays light."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_import_contracts_are_kept():
    tool = Path(sys.executable).with_name("lint-imports")
    path = str(tool) if tool.exists() else shutil.which("lint-imports")
    if path is None:
        pytest.skip("import-linter is not installed")
    result = run(path, "--no-cache")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


def test_import_loads_neither_matplotlib_nor_statistics():
    """All that a session may import, in one process: it tells which was the first to load it.

    scipy.stats, which scipy.signal loads, takes as long as a third of the rest.
    """
    code = (
        "import sys, importlib\n"
        "for name in ('', '.states', '.green', '.exact', '.geometry'):\n"
        "    importlib.import_module('dirac1d' + name)\n"
        "    for heavy in ('matplotlib', 'scipy.stats'):\n"
        "        if heavy in sys.modules: sys.exit(f'dirac1d{name} loads {heavy}')"
    )
    result = run(sys.executable, "-c", code)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(("engine", "others"), [("states", ("green", "exact")),
                                                ("green", ("states", "exact"))])
def test_engines_do_not_load_each_other(engine, others):
    # The package's own __init__ re-exports all of them: a bare package stands in for it here.
    code = (
        "import sys, types; p = types.ModuleType('dirac1d'); p.__path__ = ['dirac1d'];"
        f"sys.modules['dirac1d'] = p; import dirac1d.{engine};"
        f"sys.exit(any(m.startswith(tuple('dirac1d.' + o for o in {others!r})) "
        "for m in sys.modules))"
    )
    result = run(sys.executable, "-c", code)
    assert result.returncode == 0, result.stderr or f"{engine} loads one of {others}"
