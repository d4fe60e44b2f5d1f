"""A current or a map computed in a process of its own, dropped at any moment: for live windows.

>>> import dirac1d as dd
>>> problem = dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0))
>>> job = Job(problem, [0.0], "green", 1e-6)
>>> print(f"{job.wait(60).j_y[0]:.4f}")
-0.0359
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dirac1d.engines import current_density, current_map
from dirac1d.problem import Problem
from dirac1d.results.map import CurrentMap
from dirac1d.results.profile import Profile
from dirac1d.results.profile import load as load_result

#: Another interpreter instead of a fork or a spawn: a fork is not safe below a window's threads,
#: and a spawn would run the user's script again.
_PROGRAM = "from dirac1d.apps.background import _work; _work()"
#: Seconds between two looks in `Job.wait`.
_LOOK = 0.01


class Job:
    """`current_density(problem, x, engine, rtol=rtol)` in another process, begun at once.

    With y it is `current_map`, and `within` as there.

    Attributes
    ----------
    problem : Problem
    started : float
        Of `time.monotonic`.
    """

    def __init__(
        self, problem: Problem, x: ArrayLike, engine: str, rtol: float,
        y: ArrayLike | None = None, within: float | None = None,
    ) -> None:
        self.problem, self.started = problem, time.monotonic()
        self._folder = TemporaryDirectory(prefix="dirac1d-")
        self._path, self._errors = (Path(self._folder.name) / n for n in ("done.npz", "errors"))
        task = {"problem": problem.to_dict(), "x": np.asarray(x, dtype=float).tolist(),
                "engine": engine, "rtol": rtol, "path": str(self._path), "within": within,
                "y": None if y is None else np.asarray(y, dtype=float).tolist()}
        with open(self._errors, "wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", _PROGRAM], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=errors)
        with self._process.stdin as pipe:
            pipe.write(json.dumps(task).encode())

    @property
    def running(self) -> bool:
        """Whether there is no result yet."""
        return self._process.poll() is None

    def result(self) -> Profile | CurrentMap:
        """The result of a job that has ended; it is dropped then.

        Raises
        ------
        RuntimeError
            If it failed: its last line of output.
        """
        try:
            if self._process.wait() != 0:
                lines = self._errors.read_text(encoding="utf-8", errors="replace").split("\n")
                raise RuntimeError(next((v for v in reversed(lines) if v.strip()), "stopped"))
            return load_result(self._path)
        finally:
            self.drop()

    def wait(self, seconds: float) -> Profile | CurrentMap:
        """The result, waited for; a TimeoutError, and a dropped job, after so many seconds."""
        while self.running:
            if time.monotonic() - self.started > seconds:
                self.drop()
                raise TimeoutError(f"not computed within {seconds:g} s")
            time.sleep(_LOOK)
        return self.result()

    def drop(self) -> None:
        """End the process, whatever it has done; more than once is allowed."""
        if self.running:
            self._process.kill()
        self._process.wait()
        self._folder.cleanup()


def _work() -> None:
    """What the other process does."""
    task: dict[str, Any] = json.load(sys.stdin)
    problem, options = Problem.from_dict(task["problem"]), {"rtol": task["rtol"]}
    if task["within"] is not None:
        options["within"] = task["within"]
    if task["y"] is None:
        found = current_density(problem, task["x"], task["engine"], **options)
    else:
        found = current_map(problem, task["x"], task["y"], task["engine"], **options)
    found.save(task["path"])
