"""Scripts that judge the engines by tables of their own: they must exit with status 0.

(Run by hand: benchmarks/, which are told and not judged, and `tools/reference_tables.py`, which
writes tests/data.)

    python validation/claims/other_scripts.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main


def status(script: str) -> tuple[float, str]:
    """Exit status of a script's quick mode, and its last line."""
    command = [sys.executable, str(Path(__file__).with_name(f"{script}.py")), "--quick"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (done.stdout.strip() or done.stderr.strip() or "-").splitlines()
    return float(done.returncode), lines[-1]


@claim("", "naive lattices fail as stated, the engine does not: failure_gallery.py --quick (exit "
       "status)", "states", 0.0, speed="full")
def failure_gallery():
    return status("failure_gallery")


@claim("", "accuracy and honesty of the lattice: states_accuracy.py --quick (exit status)",
       "states", 0.0, speed="full")
def states_accuracy():
    return status("states_accuracy")


if __name__ == "__main__":
    sys.exit(main(__doc__))
