"""A study: what was claimed of one problem beside what is true, within limits of time."""

from __future__ import annotations

import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from reference import Asked, Reference, current

import dirac1d as dd
from dirac1d import AccuracyWarning, Problem
from dirac1d.green.current import compute
from dirac1d.green.settings import Settings

#: Ratio of the accuracies of the two runs; and where the first took longer than so many seconds.
TIGHTER, TIGHTER_IF_SLOW, SLOW = 1e-2, 1e-1, 3.0
#: CPU seconds beyond which either run is given up: the problem is not judged.
TOO_SLOW = 15.0, 60.0
#: Part of the claimed error to which the reference computes, and its CPU seconds.
REFERENCE_SHARE, REFERENCE_SECONDS = 0.2, 20.0


@dataclass
class Study:
    """Claims and truths of one problem, arrays of one shape in one unit `scale`."""

    what: str
    rtol: float
    scale: float
    value: NDArray
    error: NDArray
    converged: bool = True
    truth: NDArray = field(default_factory=lambda: np.array([]))
    truth_error: NDArray = field(default_factory=lambda: np.array([]))
    reference_converged: bool = True
    independent: bool = False
    #: Whether the error is the result's own, not the rtol asked for.
    own_error: bool = True
    seconds: float = 0.0
    reference_seconds: float = 0.0

    def __post_init__(self) -> None:
        # Truths may be replaced by better ones.
        self.truth, self.truth_error = np.array(self.truth), np.array(self.truth_error)

    @property
    def difference(self) -> NDArray:
        """|claimed - true|."""
        return np.abs(self.value - self.truth)

    @property
    def suspected(self) -> bool:
        """Whether a claim is contradicted as far as the first truth goes."""
        return bool(np.any(self.difference > self.error))


def too_slow(*_: object) -> None:
    """What the timer does."""
    raise TimeoutError


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """TimeoutError after so many CPU seconds."""
    signal.signal(signal.SIGVTALRM, too_slow)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)


def timed(call: Callable[[], Any], limit: float) -> tuple[Any, float, bool]:
    """A result, its CPU time, and whether no AccuracyWarning came with it."""
    begin = time.process_time()
    with limited(limit), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call()
    missed = any(issubclass(w.category, AccuracyWarning) for w in caught)
    return result, time.process_time() - begin, not missed


def solve(problem: Problem, x: NDArray, settings: Settings) -> dd.Profile:
    """The engine "green" with its resolution given by hand."""
    return compute(problem, x, settings)


def other_settings(rtol: float, seconds: float) -> Settings:
    """Far tighter, with other panels, another contour and another order."""
    settings = Settings.of(rtol)
    tighter = TIGHTER_IF_SLOW if seconds > SLOW else TIGHTER
    return replace(
        Settings.of(max(rtol * tighter, 1e-12)), stretch=1.37,
        nodes=min(settings.nodes + 3, 17), order=settings.order + 2,
    )


def by_reference(study: Study, problem: Problem, asked: list[Asked], at: NDArray) -> None:
    """Put the reference's values into a study where it is precise enough to tell."""
    allowed = REFERENCE_SHARE * float(np.min(study.error[at]))
    begin = time.process_time()
    try:
        with limited(REFERENCE_SECONDS):
            found: Reference = current(problem, asked, allowed)
    except (TimeoutError, ValueError):
        return
    finally:
        study.reference_seconds += time.process_time() - begin
    good = found.error < np.minimum(study.error[at], 1e3 * study.truth_error[at])
    study.truth[at[good]], study.truth_error[at[good]] = found.value[good], found.error[good]
    study.independent = bool(np.any(good))


def words(problem: Problem) -> str:
    """A problem in one line."""
    U = problem.potential
    size = f" of {len(U.terms)}" if isinstance(U, dd.SumPotential) else ""
    return f"{type(U).__name__}{size} {problem.regime} T={problem.temperature:.1e}"
