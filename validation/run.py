"""Measure every claim, print the table, and write the ledger (validation/README.md).

Exits with status 1 if a claim fails. ``--quick`` leaves out the slow claims, ``--only SCRIPT ...``
keeps to some scripts, ``--missing`` to claims without a measured row (after an interruption); the
ledger then keeps the other rows as they were last measured.

    python validation/run.py [--quick] [--only SCRIPT ...] [--missing]
"""

from __future__ import annotations

import argparse
import importlib
import sys
from time import process_time

import _ledger
from _report import REGISTRY, SPEEDS, check, heading, selected, verdict
from tqdm import tqdm

#: Scripts that declare claims, in the order of the ledger.
SCRIPTS = (
    "state_identities", "total_current", "lead_contributions", "airy_limit", "airy_printed",
    "airy_accuracy", "transport", "rays", "ray_orders", "nonrelativistic", "linear_response",
    "solvable_potentials", "kozii", "geometry_loop", "other_scripts",
)


def declare() -> None:
    """Import every script: its claims are then in the registry."""
    for name in SCRIPTS:
        importlib.import_module(name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out the slow claims")
    parser.add_argument("--only", nargs="+", choices=SCRIPTS, help="measure these scripts' claims")
    parser.add_argument("--missing", action="store_true", help="skip what the ledger has as passed")
    options = parser.parse_args()
    declare()
    known = {key for key, row in _ledger.load().items() if row["holds"]} if options.missing else ()
    speed = "quick" if options.quick else SPEEDS[-1]
    chosen = [d for d in selected(speed=speed)
              if (not options.only or d.script in options.only) and d.key not in known]
    found, script, start = {}, "", process_time()
    for declared in tqdm(chosen, disable=None, leave=False):
        if declared.script != script:
            script = declared.script
            heading(f"validation/{script}.py")
        found[declared.key] = declared.measured()
        check(found[declared.key])
        # At once: what has been measured survives an interruption.
        _ledger.save(found)
    # Also when nothing was missing: the ledger follows the registry's words.
    _ledger.save(found)
    print(f"\n{len(found)} of {len(REGISTRY)} claims measured in {process_time() - start:.0f} s of "
          f"CPU time; ledger: {_ledger.LEDGER.name}")
    return verdict([claim.holds for claim in found.values()]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
