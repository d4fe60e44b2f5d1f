"""Hostile input for the library and the command line: results within their error, or clear errors.

    python validation/claims/fuzz.py [CASES] [--seed N]

By default 20,000 cases. A case fails if anything but a ValueError with a message comes out of the
library, if the command line prints a traceback, more than one line of error, or a status other
than 0 and 2, if a warning other than AccuracyWarning is raised, if a NaN comes out silently, or if
a result misses its own error. The test suite runs 500 of the same cases.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any

import matplotlib

matplotlib.use("agg")
import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NonInteractiveExampleWarning

import dirac1d as dd
from dirac1d.apps.cli import main as command
from dirac1d.laboratory.units import parse_quantity

#: Numbers that have broken programs before.
NASTY = (
    0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 2.3e-308, 1e-300, 1e-160, 1e-16, 1e16, 1e100, 1e154,
    1e155, 1e300, 1.7e308, -1.7e308, math.inf, -math.inf, math.nan,
)
numbers = st.one_of(st.sampled_from(NASTY), st.floats(-10, 10), st.floats())
positive = st.one_of(st.sampled_from(NASTY), st.floats(1e-3, 30.0), st.floats())
not_numbers = st.sampled_from(
    (None, "", "1", "a", b"1", [], [1.0], {}, True, 1j, object, "1 meV", 10**400, np.nan,
     np.array([1.0, 2.0]), np.float32(1)))
values = st.one_of(*[numbers] * 9, not_numbers)
lengths = st.one_of(*[positive] * 9, not_numbers)
words = st.text(max_size=12)
#: Rounding of a contour sum in J_y, of the mass: steps of less than 1e-12 of it drown in it, and
#: the engine's estimate does not say so.
ROUNDING = 1e-14


def plain_potentials(number: Any, length: Any) -> Any:
    """(class, arguments) of a potential, hostile or not."""
    return st.one_of(
        st.tuples(st.just(dd.SharpStep), st.tuples(number, number, number)),
        st.tuples(st.sampled_from((dd.TanhStep, dd.ErfStep, dd.LinearRamp)),
                  st.tuples(number, number, length, number)),
        st.tuples(st.just(dd.GaussianBump), st.tuples(number, length, number)),
        st.tuples(st.just(dd.CosinePotential), st.tuples(number, length, number)),
        st.tuples(st.just(dd.TabulatedPotential), st.tuples(
            st.lists(number, max_size=5), st.lists(number, max_size=5))),
    )


class Broken(AssertionError):
    """A case that came out wrong."""


def need(condition: Any, what: str) -> None:
    if not condition:
        raise Broken(what)


def allowed(call: Callable[[], Any]) -> Any:
    """The result, or None after a ValueError that says something."""
    try:
        return call()
    except ValueError as error:
        need(str(error).strip(), "an error without a message")
        return None


def finite(value: Any, what: str) -> None:
    need(np.all(np.isfinite(np.asarray(value, dtype=float))), f"{what} is {value}")


def check_problem(case: tuple) -> None:
    """Construction, the cheap quantities, and the way to a file and back."""
    (first, arguments), second, rest = case
    potential = allowed(lambda: first(*arguments))
    if second is not None and potential is not None:
        other = allowed(lambda: second[0](*second[1]))
        potential = potential if other is None else allowed(lambda: potential + other)
    problem = None if potential is None else allowed(lambda: dd.Problem(potential, *rest))
    if problem is None:
        return
    for x in (0.0, 1.0, -1e6, 1e60):
        finite(allowed(lambda x=x: problem.potential(x)) or 0.0, f"U({x})")
    scale = allowed(lambda: problem.current_scale)
    need(scale is None or (np.isfinite(scale) and scale >= 0), f"current_scale is {scale}")
    regime = allowed(lambda: problem.regime)
    need(regime is None or regime in ("insulating", "half-metallic", "metallic", "metal-metal"),
         f"regime is {regime}")
    total = allowed(lambda: dd.total_current(problem))
    finite(0.0 if total is None else total, "total_current")
    text = json.dumps(problem.to_dict(), allow_nan=False)
    need(dd.Problem.from_dict(json.loads(text)).to_dict() == problem.to_dict(), "not the same back")


problem_cases = st.tuples(
    plain_potentials(values, lengths),
    st.one_of(st.none(), plain_potentials(numbers, positive)),
    st.tuples(values, values, values),
)


def check_engine(case: tuple) -> None:
    """A mild problem: the integral and the field are within their errors."""
    (kind, arguments), mass, fraction, temperature, reach, height, unit = case
    potential = kind(*arguments)
    # Dimensional analysis: energies in units of `unit`, lengths in its inverse.
    low, high = sorted((potential.left, potential.right))
    gap = (high - abs(mass), low + abs(mass))
    fermi_energy = gap[0] + fraction * (gap[1] - gap[0])
    scaled = [u * unit for u in arguments[:2]] + [a / unit for a in arguments[2:]]
    problem = dd.Problem(kind(*scaled), mass * unit, fermi_energy * unit, temperature * unit)
    a, b = problem.potential.support(1e-3 * max(abs(high - low), 1e-12) * unit)
    reach = reach / abs(mass * unit)
    profile = dd.current_density(problem, np.linspace(a - reach, b + reach, 5), rtol=1e-2)
    need(not np.isnan(profile.j_y).any(), "NaN in j_y")
    finite(profile.error, "error")
    total, exact = profile.integral(-np.inf, np.inf), dd.total_current(problem)
    need(abs(total - exact) <= total.error + ROUNDING * abs(problem.mass),
         f"J_y = {total} missed {exact} by more than {total.error}")
    field = dd.stray_field(profile, height, dd.Scale(1e6, 10.0))
    for part in (field.B_x, field.B_z, field.error):
        finite(part, "field")


mild = st.floats(-0.4, 0.4).map(lambda v: round(v, 6))
engine_cases = st.tuples(
    st.one_of(
        st.tuples(st.sampled_from((dd.TanhStep, dd.ErfStep, dd.LinearRamp)),
                  st.tuples(mild, mild, st.floats(0.3, 5.0), mild)),
        st.tuples(st.just(dd.SharpStep), st.tuples(mild, mild, mild)),
    ),
    st.sampled_from((1.0, -1.0, 1.5)), st.floats(0.2, 0.8),
    st.sampled_from((0.0, 0.0, 0.0, 0.02)), st.floats(2.0, 12.0),
    st.sampled_from((1e-3, 1.0, 300.0)), st.sampled_from((1.0, 1e-6, 1e5)),
)


def check_quantity(case: tuple) -> None:
    text, kind = case
    value = allowed(lambda: parse_quantity("left", text, kind))
    finite(0.0 if value is None else value, "a quantity")


quantity_cases = st.tuples(
    st.one_of(words, st.builds("{}{}{}".format, numbers, st.sampled_from(("", " ", "\t")),
                               st.sampled_from(("meV", "nm", "K", "m/s", "meV nm", "x", "µm")))),
    st.sampled_from(("length", "energy", "temperature", "velocity", "wavenumber")),
)

OPTIONS = ("left", "right", "width", "height", "length", "amplitude", "wavenumber", "rise",
           "position", "columns", "decimal", "units", "within", "mass", "fermi-energy",
           "temperature", "from", "to", "points", "shape", "material", "flavour", "engine", "rtol",
           "x-min", "x-max", "potential", "input", "save", "plot", "bogus")
texts = st.one_of(
    numbers.map(repr), numbers.map(repr), st.integers(-3, 60).map(str), words,
    st.sampled_from(("tanh", "sharp", "ramp", "table", "cosine", "mos2", "ti-surface", "K up",
                     "-60 meV", "20 nm", "states", "both", "a.csv", "a.toml", "ü/b.npz", "c.npz",
                     "d.png", ".", "/", "a.csv/x", "1e5", "1_0", "٣", "0x1")),
)
command_cases = st.tuples(
    st.sampled_from(("total", "total", "total", "current", "sweep", "", "\x00")),
    st.lists(st.tuples(st.sampled_from(OPTIONS), texts), max_size=4),
    st.booleans(), st.binary(max_size=60), st.binary(max_size=60),
)


def run_command(arguments: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = command(arguments)
        except SystemExit as stop:
            status = 0 if stop.code is None else int(stop.code)
    return status, out.getvalue(), err.getvalue()


def no_nan(name: str) -> None:
    raise Broken(f"{name} in JSON")


def judge(arguments: list[str], printed_json: bool) -> None:
    """Status, errors and output of a command are as they should be."""
    status, out, err = run_command(arguments)
    need(status in (0, 1, 2), f"status {status} of {arguments}")
    need("Traceback" not in err + out, f"traceback of {arguments}")
    lines = [line for line in err.splitlines() if "warning:" not in line]
    if status == 2:
        need(len(lines) == 1 and lines[0].startswith("dirac1d: "), f"{arguments}: {err!r}")
        need(out == "", f"{arguments}: output beside an error")
    elif printed_json and out and arguments[0] in ("total", "current"):
        json.loads(out, parse_constant=no_nan)
    elif status == 0:
        need("nan" not in out.lower().replace("nano", ""), f"{arguments}: nan in {out!r}")


def check_command(case: tuple) -> None:
    """The command line with any options; `current` is kept cheap by its last options."""
    name, options, as_json, table, toml = case
    Path("a.csv").write_bytes(table)
    Path("a.toml").write_bytes(toml)
    arguments = [name] if name else []
    for option, text in options:
        arguments += [f"--{option}={text}"]
    if as_json:
        arguments += ["--json"]
    if name == "sweep":
        arguments = ["sweep", "a.toml", "--store=runs", *arguments[1:3]]
    if name == "current":
        # What decides the cost is not left to chance.
        arguments += ["--points=3", "--rtol=0.1", "--engine=green", "--no-plot", "--mass=1",
                      "--temperature=0", "--fermi-energy=0"]
        if any(o in ("left", "right", "width", "height", "length", "amplitude", "wavenumber",
                     "rise", "position", "shape", "x-min", "x-max", "plot", "material")
               for o, _ in options):
            arguments += ["--shape=tanh", "--left=-0.3", "--right=0.3", "--width=1",
                          "--position=0", "--x-min=-2", "--x-max=2"]
    judge(arguments, as_json)


GOOD_TOML = """fermi_energy = 0.1
points = 3
rtol = 0.1
x_min = -2.0
x_max = 2.0
[potential]
shape = "tanh"
left = -0.3
right = 0.3
width = 1.0
"""
file_cases = st.tuples(
    st.sampled_from(("toml", "sweep", "csv", "npz")),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=4), st.integers(0, 5)),
             max_size=3),
    st.sampled_from(("a", "ü ö", "x" * 60, "-a")),
)
_PROFILE: list[tuple[dd.Profile, bytes]] = []


def good_profile() -> tuple[dd.Profile, bytes]:
    if not _PROFILE:
        found = dd.current_density(dd.Problem(dd.TanhStep(-0.3, 0.3, 1.0)), [0.0, 1.0], rtol=1e-2)
        _PROFILE.append((found, found.to_bytes()))
    return _PROFILE[0]


def check_file(case: tuple) -> None:
    """A good file with some bytes exchanged is refused, or means what it says."""
    kind, edits, name = case
    profile, archive = good_profile()
    good = {"npz": archive, "csv": b"x,U\n-2,-0.3\n0,0\n2,0.3\n"}.get(kind, GOOD_TOML.encode())
    data = bytearray(good)
    for place, put, drop in edits:
        at = place % (len(data) + 1)
        data[at : at + drop] = put
    path = Path(f"{name}.{'toml' if kind == 'sweep' else kind}")
    path.write_bytes(bytes(data))
    if kind == "npz":
        loaded = allowed(lambda: dd.load(path))
        if loaded is not None:
            np.testing.assert_array_equal(loaded.j_y, profile.j_y)
    elif kind == "csv":
        potential = allowed(lambda: dd.TabulatedPotential.from_csv(path))
        if potential is not None:
            finite(potential(0.3), "U of a table")
    elif kind == "sweep":
        judge(["sweep", f"./{path}", "--output=t.csv", "--store=runs"], False)
    else:
        judge(["total", f"--input={path}", "--points=3", "--json"], True)


TARGETS: dict[str, tuple[Any, Callable[[Any], None], float]] = {
    # strategy, check, and its part of all cases
    "problem": (problem_cases, check_problem, 0.36),
    "engine": (engine_cases, check_engine, 0.04),
    "quantity": (quantity_cases, check_quantity, 0.1),
    "command": (command_cases, check_command, 0.3),
    "file": (file_cases, check_file, 0.2),
}


@contextlib.contextmanager
def strict() -> Iterator[None]:
    """In an empty folder, with warnings as errors but for those of missed accuracy."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        warnings.simplefilter("ignore", dd.StoreWarning)
        warnings.simplefilter("ignore", NonInteractiveExampleWarning)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def run_target(name: str, cases: int, number: int) -> None:
    """Run one target; failing cases are raised as they were found (shrinking may take minutes)."""
    strategy, check, _ = TARGETS[name]

    @seed(number)
    @settings(max_examples=cases, deadline=None, database=None, phases=(Phase.generate,),
              suppress_health_check=list(HealthCheck))
    @given(strategy)
    def run(case: Any) -> None:
        check(case)

    with strict():
        run()


def describe(error: BaseException) -> str:
    """What went wrong, where, and for which case."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    notes = " ".join(" ".join(getattr(error, "__notes__", [])).split())
    return (f"\n    {type(error).__name__}: {error}\n    {Path(frame.filename).name}:"
            f"{frame.lineno}: {frame.line}\n    {notes}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=TARGETS)
    options = parser.parse_args()
    failed = 0
    for name, (_, _, part) in TARGETS.items():
        if options.only not in (None, name):
            continue
        count, start = int(options.cases * part), process_time()
        try:
            run_target(name, count, options.seed)
            verdict = "ok"
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed += 1
            verdict = "FAIL" + "".join(describe(e) for e in getattr(error, "exceptions", [error]))
        print(f"{name:10} {count:6} cases {process_time() - start:7.1f} s  {verdict}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
