"""Fixtures that the whole suite shares; every random number here is seeded."""

from __future__ import annotations

import gc
import os

# One thread for BLAS: small matrices are slowed down by more, and timings would not be steady.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps.cli import main

matplotlib.use("Agg")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Modules and tests stay to the end: the garbage collector need not look at them each time."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each of several workers begins with its own part of the suite, and then takes from others.

    What the tests of a module share is computed by one worker, not by each.
    """
    if config.getvalue("dist") != "load":  # asked for something else
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20190417)


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the test runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The command line `dirac1d`, in this process: status, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def gap_problem() -> dd.Problem:
    """The plainest insulating step: Δ = 1, ε_F = 0 in the gap, T = 0."""
    return dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0))
