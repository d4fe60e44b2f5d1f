"""Measure every claim and print the table; with --write, also write the ledger.

Exits with status 1 if a claim fails. ``--quick`` leaves out the slow claims, ``--only SCRIPT ...``
keeps to some scripts, ``--missing`` to claims without a measured row (after an interruption).
``--write`` puts what was measured into validation/README.md, which keeps the other rows as they
were last measured; without it no file is touched.

    python validation/run.py [--quick] [--only SCRIPT ...] [--missing] [--write]
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from time import process_time

from tqdm import tqdm

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER / "claims"), str(FOLDER / "tools")]
import ledger  # noqa: E402
from report import REGISTRY, SPEEDS, check, heading, selected, verdict  # noqa: E402

#: Scripts that declare claims, in the order of the ledger.
SCRIPTS = (
    "state_identities", "total_current", "lead_contributions", "airy_limit", "airy_printed",
    "airy_accuracy", "transport", "rays", "ray_orders", "nonrelativistic", "linear_response",
    "circles", "mass_circles", "maps", "spectra", "solvable_potentials", "mass_walls_exact",
    "mass_walls_green", "mass_walls", "kozii",
    "geometry_loop", "certificate", "other_scripts",
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
    parser.add_argument("--write", action="store_true", help="write validation/README.md")
    options = parser.parse_args()
    declare()
    known = {key for key, row in ledger.load().items() if row["holds"]} if options.missing else ()
    speed = "quick" if options.quick else SPEEDS[-1]
    chosen = [d for d in selected(speed=speed)
              if (not options.only or d.script in options.only) and d.key not in known]
    found, script, start = {}, "", process_time()
    for declared in tqdm(chosen, disable=None, leave=False):
        if declared.script != script:
            script = declared.script
            heading(f"validation/claims/{script}.py")
        found[declared.key] = declared.measured()
        check(found[declared.key])
        if options.write:
            # At once: what has been measured survives an interruption.
            ledger.save(found)
    if options.write:
        # Also when nothing was missing: the ledger follows the registry's words.
        ledger.save(found)
    print(f"\n{len(found)} of {len(REGISTRY)} claims measured in {process_time() - start:.0f} s of "
          f"CPU time{'' if options.write else ' (not written: --write)'}")
    return verdict([claim.holds for claim in found.values()]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
