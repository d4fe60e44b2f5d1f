"""A table of claims, printed row by row: claim | measured | allowed | pass."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

from dirac1d import AccuracyWarning

WIDTH = 58


@dataclass(frozen=True)
class Claim:
    """One row: a measured number against what is allowed."""

    text: str
    measured: float
    allowed: float
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim is true; never for NaN."""
        if self.at_least:
            return bool(self.measured >= self.allowed)
        return bool(self.measured <= self.allowed)


def heading(title: str) -> None:
    print(f"\n{title}")
    print(f"{'claim':{WIDTH}} | {'measured':>9} | {'allowed':>10} | pass")
    print("-" * (WIDTH + 35), flush=True)


def check(claim: Claim) -> bool:
    """Print the row; say whether the claim holds."""
    sign = ">=" if claim.at_least else "<="
    verdict = "ok" if claim.holds else "FAIL"
    print(
        f"{claim.text:{WIDTH}} | {claim.measured:9.2e} | {sign} {claim.allowed:.1e} | {verdict:4} "
        f"{claim.note}".rstrip(),
        flush=True,
    )
    return claim.holds


def remark(text: str, value: str) -> None:
    """Print a row that is reported and not judged."""
    print(f"{text:{WIDTH}} | {value}", flush=True)


def verdict(results: list[bool]) -> int:
    """Print the count; the exit status of the script."""
    failed = len(results) - sum(results)
    print(f"\n{len(results)} claims, {failed} failed")
    return int(failed > 0 or not results)


@dataclass(frozen=True)
class Timing:
    """Seconds of a call: on the clock, and of this process (less on a shared machine)."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.cpu:.1f} s of CPU)"


def timed(call: Callable[[], Any]) -> tuple[Any, Timing]:
    """A call's result and its time; a missed accuracy is judged by the table, not warned about."""
    wall, cpu = perf_counter(), process_time()
    with quiet():
        result = call()
    return result, Timing(perf_counter() - wall, process_time() - cpu)


@contextmanager
def quiet() -> Iterator[None]:
    """No AccuracyWarning: the claims look at the numbers themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AccuracyWarning)
        yield
