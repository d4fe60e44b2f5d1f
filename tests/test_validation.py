"""The ledger: each equation has a row, the committed file is the registry's, fast claims hold."""

from __future__ import annotations

import ast
import importlib
import json
import math
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from validation_modules import on_path

ROOT = Path(__file__).parents[1]
VALIDATION = ROOT / "validation"


@pytest.fixture(scope="module")
def suite():
    """The modules of validation/, with all claims declared."""
    with on_path(".", "claims", "tools"):
        run, ledger, report, equations, misprints = (
            importlib.import_module(name)
            for name in ("run", "ledger", "report", "equations", "misprints")
        )
        run.declare()
        yield {"report": report, "ledger": ledger, "equations": equations.EQUATIONS,
               "misprints": misprints.MISPRINTS, "run": run}


@pytest.fixture(scope="module")
def registry(suite):
    return suite["report"].REGISTRY


def test_every_numbered_equation_has_a_row(suite, registry):
    numbers = [str(n) for n in range(1, 67)] + [f"K{n}" for n in range(1, 13)]
    assert list(suite["equations"]) == numbers
    claimed = {name for declared in registry.values() for name in declared.equations}
    for name, (kind, words) in suite["equations"].items():
        assert kind in ("reproduced", "definition", "out of scope")
        assert words
        assert (name in claimed) == (kind == "reproduced"), name


def test_claims_name_known_equations_misprints_and_engines(suite, registry):
    for key, declared in registry.items():
        assert set(declared.equations) <= set(suite["equations"]), key
        assert declared.engine in ("green", "states", "both", "exact", "geometry"), key
        assert declared.misprint in ("", *suite["misprints"]), key
        assert (VALIDATION / "claims" / f"{declared.script}.py").exists(), key


def test_every_script_with_claims_is_run(suite, registry):
    assert {declared.script for declared in registry.values()} == set(suite["run"].SCRIPTS)


def test_committed_ledger_is_the_registry_rendered(suite, registry):
    results = suite["ledger"].load()
    assert list(results) == list(registry), "run validation/run.py --write"
    for key, result in results.items():
        assert result["words"] == registry[key].words, key
        assert result["allowed"] == registry[key].bound, key
        assert result["holds"], key
    assert (VALIDATION / "README.md").read_text() == suite["ledger"].render(results)


def test_every_misprint_names_a_test_that_exists(suite):
    for name, misprint in suite["misprints"].items():
        file, function = misprint.test.split("::")
        tree = ast.parse((ROOT / file).read_text())
        assert function in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}, name
        assert len(misprint.derivation) == 3


def test_fast_claims_hold(suite):
    chosen = suite["report"].selected(speed="fast")
    assert len(chosen) > 30
    failed = [claim for claim in (declared.measured() for declared in chosen) if not claim.holds]
    assert not failed


def test_a_claim_that_fails_or_breaks_is_not_passed(suite):
    report = suite["report"]

    def broken() -> float:
        raise ArithmeticError("no")

    for measure, holds in ((lambda: 0.5, True), (lambda: 2.0, False), (lambda: math.nan, False),
                           (broken, False)):
        declared = report.Declared(measure, "none", (), "words", "exact", 1.0, False, "fast", "")
        assert declared.measured().holds is holds
    lower = report.Declared(lambda: 0.5, "none", (), "words", "exact", 1.0, True, "fast", "")
    assert not lower.measured().holds


def test_ledger_marks_what_fails_and_what_is_missing(suite, registry):
    ledger, key = suite["ledger"], next(iter(registry))
    declared = registry[key]
    claim = suite["report"].Claim(declared.words, 1e9, declared.bound)
    text = ledger.render({key: json.loads(json.dumps(ledger.entry(claim)))})
    assert "**FAIL**" in text
    assert "not measured" in text
    assert re.search(r"1 measured, 1 failed", text)


SCRIPTS = sorted(
    str(path.relative_to(ROOT)) for folder in ("claims", "benchmarks")
    for path in (VALIDATION / folder).glob("*.py")
)


@pytest.mark.parametrize("script", [*SCRIPTS, "validation/run.py"])
def test_every_script_answers_help_without_running(script, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [script, "--help"])
    folder = (ROOT / script).parent.relative_to(VALIDATION)
    with on_path(folder), pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / script), run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: ")


def test_a_script_is_a_command():
    done = subprocess.run(
        [sys.executable, "validation/run.py", "--help"], cwd=ROOT, capture_output=True, text=True,
        timeout=120, check=True,
    )
    assert done.stdout.startswith("usage: ")
