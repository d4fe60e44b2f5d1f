"""Claims: how they are declared, measured, and printed row by row.

A script declares what it claims with the decorator `claim` and ends in ``sys.exit(main(__doc__))``;
`run.py` collects the declarations of all scripts into the ledger. The decorated function returns
the measured number, or that and a note.
"""

from __future__ import annotations

import argparse
import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from tqdm import tqdm

from dirac1d import AccuracyWarning

WIDTH = 58
#: How soon a claim is measured: in the tests, with --quick, or in the full run only.
SPEEDS = ("fast", "quick", "full")

Measured = float | tuple[float, str]


@dataclass(frozen=True)
class Claim:
    """One row: a measured number against what is allowed."""

    text: str
    measured: float
    allowed: float
    at_least: bool = False
    note: str = ""
    equations: tuple[str, ...] = ()
    engine: str = ""
    command: str = ""
    misprint: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim is true; never for NaN."""
        if self.at_least:
            return bool(self.measured >= self.allowed)
        return bool(self.measured <= self.allowed)


@dataclass(frozen=True)
class Declared:
    """A claim before it is measured.

    Equations are named as in the papers, "12" (Silvestrov & Recher) or "K5" (Kozii et al.);
    `misprint` is the name of an entry of `misprints.MISPRINTS` that the claim bears upon.
    """

    measure: Callable[[], Measured]
    script: str
    equations: tuple[str, ...]
    words: str
    engine: str
    bound: float
    at_least: bool
    speed: str
    misprint: str
    arguments: str = ""

    @property
    def key(self) -> str:
        """Unique name, script:function."""
        return f"{self.script}:{self.measure.__name__}"

    @property
    def command(self) -> str:
        """What measures this claim."""
        arguments = self.arguments or ("" if self.speed == "full" else "--quick")
        return f"python validation/claims/{self.script}.py {arguments}".rstrip()

    def measured(self) -> Claim:
        """Measure; whatever goes wrong makes a claim that fails and says why."""
        try:
            with quiet():
                result = self.measure()
            value, note = result if isinstance(result, tuple) else (result, "")
        except Exception as error:
            value, note = float("nan"), f"{type(error).__name__}: {error}"
        return Claim(
            self.words, float(value), self.bound, self.at_least, note, self.equations, self.engine,
            self.command, self.misprint,
        )


#: Every declared claim by its key, in the order of declaration.
REGISTRY: dict[str, Declared] = {}


def claim(
    equations: str,
    words: str,
    engine: str,
    bound: float,
    *,
    at_least: bool = False,
    speed: str = "quick",
    misprint: str = "",
    arguments: str = "",
) -> Callable[[Callable[[], Measured]], Callable[[], Measured]]:
    """Declare that what the decorated function measures is at most (or at least) `bound`.

    Parameters
    ----------
    equations : str
        Comma-separated, e.g. "10, 11" or "K5"; may be empty.
    words : str
        The claim in one line.
    engine : str
        "green", "states", "both", "exact" (closed forms only) or "geometry".
    bound : float
        In the unit that the words name.
    at_least : bool
        Whether `bound` is a lower one.
    speed : {"fast", "quick", "full"}
        "fast": a second or less, measured by the tests too.
    misprint : str
        Name of the misprint that this claim decides.
    arguments : str
        Of the command that measures it; by default none, or --quick for what that includes.
    """
    if speed not in SPEEDS:
        raise ValueError(f"speed must be one of {', '.join(SPEEDS)}, got {speed!r}")
    names = tuple(name.strip() for name in equations.split(",") if name.strip())

    def register(measure: Callable[[], Measured]) -> Callable[[], Measured]:
        script = Path(inspect.getfile(measure)).stem
        declared = Declared(
            measure, script, names, words, engine, bound, at_least, speed, misprint,
            arguments,
        )
        REGISTRY[declared.key] = declared
        return measure

    return register


def selected(script: str | None = None, speed: str = "full") -> list[Declared]:
    """Declared claims of a script (None: of all), as slow as `speed` or faster."""
    fast_enough = SPEEDS[: SPEEDS.index(speed) + 1]
    return [
        d for d in REGISTRY.values()
        if d.speed in fast_enough and (script is None or d.script == script)
    ]


def main(doc: str | None, argv: list[str] | None = None) -> int:
    """Measure and print the claims of the calling script; its exit status."""
    script = Path(inspect.stack()[1].filename).stem
    parser = argparse.ArgumentParser(description=(doc or script).splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out the slow claims")
    speed = "quick" if parser.parse_args(argv).quick else "full"
    heading((doc or script).splitlines()[0])
    rows = tqdm(selected(script, speed), disable=None, leave=False)
    return verdict([check(declared.measured()) for declared in rows])


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
