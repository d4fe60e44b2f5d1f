"""Sweeps under kill -9: nothing that was finished is lost, and the table is the same to the bit.

    python validation/claims/sweep_kill.py [MOMENTS]

A sweep of 120 points on two processes is killed, group and all, at random moments (20 by default)
and started again; then it is left to finish, and compared with one that was never disturbed.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import dirac1d as dd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import Claim, check, heading, remark, verdict

FILE = """
rtol = 1e-4
points = 21
workers = 2
fermi_energy = { from = 0.0, to = 0.4, points = 20 }
mass = [1.0, -1.5]
[potential]
shape = "tanh"
left = -0.5
right = 0.5
width = { from = 0.5, to = 2.0, points = 3 }
"""
SEED = 20190417


def start(folder: Path, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dirac1d", "sweep", "s.toml", *arguments], cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )


def finished(folder: Path) -> set[Path]:
    return set(folder.glob("runs/*/*.npz"))


def main(moments: int = 20) -> int:
    chance = random.Random(SEED)
    lost = damaged = killed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "s.toml").write_text(FILE)
        known: set[Path] = set()
        for moment in range(moments):
            process = start(folder)
            # At first sight of new results, then any time within what a few points take; the
            # earliest moments hit the start.
            if moment % 5:
                while process.poll() is None and len(finished(folder)) <= len(known):
                    time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.3))
            killed += process.poll() is None
            before = finished(folder)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            after = finished(folder)
            lost += len((known | before) - after)
            for path in after - known:
                try:
                    dd.load(path)
                except ValueError:
                    damaged += 1
            known = after
        remark("points finished when the killing ended", f"{len(known)} of 120")
        process = start(folder)
        process.communicate()
        kept = all(path.stat().st_mtime_ns for path in known)
        table = (folder / "sweep.npz").read_bytes()
        process = start(folder, "--store", "fresh")
        process.communicate()
        same = (folder / "sweep.npz").read_bytes() == table
    heading(f"A sweep killed at {moments} random moments (seed {SEED})")
    return verdict([
        check(Claim("moments at which it was still running", killed, moments // 2, at_least=True)),
        check(Claim("finished points that were lost", lost + (not kept), 0)),
        check(Claim("damaged files", damaged, 0)),
        check(Claim("tables that differ from the undisturbed one", int(not same), 0)),
    ])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("moments", type=int, nargs="?", default=20, help="how often it is killed")
    sys.exit(main(parser.parse_args().moments))
