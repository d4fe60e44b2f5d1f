"""The quick mode of the validation scripts of the lattice engine: every claim must hold."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

VALIDATION = Path(__file__).parents[1] / "validation"
#: Far above what a quick mode needs (10 s): only a hang meets it.
TIMEOUT = 300


def run(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-W", "error", str(VALIDATION / script), *options], env=environment,
        capture_output=True, text=True, encoding="utf-8", timeout=TIMEOUT, check=False,
    )


@pytest.mark.parametrize("script", ["total_current.py", "states_accuracy.py", "failure_gallery.py"])
def test_claims_hold_in_quick_mode(script):
    done = run(script, "--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 failed" in done.stdout


def test_a_false_claim_is_seen():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from _report import Claim, check, verdict;"
        "good, bad = check(Claim('true', 1.0, 2.0)), check(Claim('nan', float('nan'), 2.0));"
        "assert good and not bad; sys.exit(verdict([good, bad]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(VALIDATION)], capture_output=True, text=True,
        timeout=TIMEOUT, check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "FAIL" in done.stdout
