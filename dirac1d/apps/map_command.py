"""The command ``dirac1d map``: the currents of a function of x and y, a cell with puddles."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from dirac1d.apps.executors import EXECUTOR_HELP, executor_of
from dirac1d.apps.inputs import read_problem_file
from dirac1d.apps.map_potential import map_mass, map_potential
from dirac1d.apps.options import given_options, quantity, real, whole
from dirac1d.apps.outputs import TABLE_KINDS, data_path, picture_path
from dirac1d.apps.request import laboratory_of, seconds
from dirac1d.engines import DEFAULT_MAP_ENGINE, MAP_ENGINES, current_map
from dirac1d.exact import smooth_current
from dirac1d.laboratory.problems import Laboratory, laboratory_problem
from dirac1d.laboratory.units import Dimensionless, Scale, readable
from dirac1d.numerics.files import place
from dirac1d.observables.magnetic import distance, stray_field
from dirac1d.observables.map_field import FieldMap
from dirac1d.problem import Problem
from dirac1d.results.map import CurrentMap
from dirac1d.results.record import json_ready

DEFAULT_PICTURE = "dirac1d-map.png"
DEFAULTS = {key: Dimensionless(value) for key, value in
            {"mass": 1.0, "fermi_energy": 0.0, "temperature": 0.05}.items()}
DEFAULT_RTOL, DEFAULT_POINTS, DEFAULT_WITHIN = 2e-2, 81, 120.0
#: Points to a side at which the area of each regime is counted.
_COUNTED = 400
FILE_KEYS = ("potential", *DEFAULTS, "material", "flavour", "scale", "rtol", "engine", "points",
             "within", "field", "sensor", "save", "plot", "executor", "store")

EXAMPLE = """\
# A map of currents: dirac1d map --input map.toml
# Any key may be left out; options on the command line override it. Without a material or a scale
# all numbers are dimensionless.
material = "ti-surface"          # or a table [scale] with v_F and energy (= E0)
fermi_energy = "0 meV"           # from the middle of the gap
temperature = "4 K"
rtol = 2e-2                      # accuracy of every pixel, relative to the current scale j0
points = 81                      # to a side
field = "100 nm"                 # the magnetic field at this height, in nT …
sensor = "100 nm"                # … as read by a sensor of this full width
[potential]                      # the electron's potential energy in a cell that repeats
shape = "disorder"
rms = "7 meV"
correlation_length = "45 nm"     # of exp(-r^2/2l^2)
lengths = ["320 nm", "320 nm"]
seed = 5
# or a table: a row for every x, a column for every y (.csv; or .npz, dimensionless)
#   shape = "cell"
#   file = "samples.csv"
#   unit = "meV"                 # of the samples, with a material or a scale
#   lengths = ["320 nm", "320 nm"]
# or a picture (.png, …), whose left is x = 0 and whose bottom is y = 0
#   shape = "cell"
#   file = "gates.png"
#   black = "-15 meV"            # U of its black points, and of its white ones
#   white = "15 meV"
#   smooth = "20 nm"             # of the Gaussian by which a table or a picture is smoothed
#   lengths = ["320 nm", "320 nm"]
# A mass that varies is a table too, of a cell of the same lengths:
#   [mass]                       # or shape = "cell" with a file, as above
#   shape = "disorder"
#   mean = "28.5 meV"
#   rms = "10 meV"
#   correlation_length = "45 nm"
#   seed = 6
# Above the table [potential], for maps that take long:
#   store = "map-store"          # finished pieces: interrupted, the map goes on where it was
#   executor = "processes:4"     # or threads:4, or dask:tcp://scheduler:8786
"""
MAP_HELP = "A map's file is TOML:\n\n" + "\n".join(f"    {line}" for line in EXAMPLE.splitlines())


def add_map_options(parser: argparse.ArgumentParser) -> None:
    """Options of ``dirac1d map``."""
    parser.add_argument("--rms", type=quantity, help="of U over the cell (1.1)")
    parser.add_argument("--correlation-length", type=quantity, help="of U (1.5)")
    parser.add_argument("--lengths", type=_lengths, metavar="L[,L]", help="sides of the cell (10)")
    parser.add_argument("--seed", type=whole, help="which cell (5)")
    parser.add_argument("--samples", metavar="FILE", help="a cell's samples, .csv (a row for every "
                        "x), .npz or a picture, in place of disorder")
    parser.add_argument("--unit", help="of a table's numbers, with a material (meV)")
    parser.add_argument("--black", type=quantity, help="of a picture: U of its black points")
    parser.add_argument("--white", type=quantity, help="of a picture: U of its white points")
    parser.add_argument("--smooth", type=quantity, help="length of a Gaussian that smooths samples")
    for name, text in (("mass", "half the gap (1)"), ("fermi-energy", "Fermi energy (0)"),
                       ("temperature", "temperature (0.05)")):
        parser.add_argument(f"--{name}", type=quantity, help=text)
    parser.add_argument("--input", metavar="FILE.toml", help="map file; - is standard input")
    parser.add_argument("--material", help="Dirac cone and units of a material")
    parser.add_argument("--flavour", help="Dirac cone of the material, such as 'K up'")
    parser.add_argument("--engine", choices=list(MAP_ENGINES), help=f"({DEFAULT_MAP_ENGINE})")
    parser.add_argument("--rtol", type=real, help="accuracy, relative to the current scale (2e-2)")
    parser.add_argument("--points", type=whole, help="positions to a side (81)")
    parser.add_argument("--within", metavar="TIME", help="time, such as 30s or 5min (120s)")
    parser.add_argument("--executor", metavar="WHO", help=f"does the work: {EXECUTOR_HELP}")
    parser.add_argument("--store", metavar="FOLDER", help="of finished pieces: interrupted, the "
                        "same command goes on from there")
    parser.add_argument("--field", metavar="HEIGHT", help="also the magnetic field, as at 150nm")
    parser.add_argument("--sensor", metavar="WIDTH", help="full width of a Gaussian sensor")
    parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    parser.add_argument("--save", metavar="FILE", help="write the map: .npz (dd.load) or .csv")
    parser.add_argument("--plot", metavar="FILE", help=f"picture (default: {DEFAULT_PICTURE})")
    parser.add_argument("--no-plot", action="store_true", help="write no picture")


def _lengths(text: str) -> list[Any]:
    return [quantity(part) for part in text.split(",")]


@dataclass(frozen=True)
class Asked:
    """What is asked for, checked."""

    problem: Problem
    laboratory: Laboratory | None
    scale: Scale | None
    options: dict[str, Any]
    points: int
    field: float | None
    sensor: float | None
    executor: Any
    store: Path | None
    data: Path | None
    picture: Path | None
    json: bool


def run_map(arguments: argparse.Namespace) -> int:
    """``dirac1d map``."""
    asked = read_request(given_options(arguments))
    period = asked.problem.potential.lengths
    x, y = (np.linspace(0.0, L, asked.points) for L in period)
    start = perf_counter()
    # disable=None: no bar when stderr is not a terminal.
    with (executor_of(asked.executor) as executor,
          tqdm(desc="map", unit=" nodes", delay=1.0, leave=False, disable=None) as bar):
        found = _solved(asked, x, y, executor, bar.update)
    spent = perf_counter() - start
    field = None
    if asked.field is not None and known(found):
        field = stray_field(found, asked.field, asked.scale, sensor=asked.sensor)
    if asked.data:
        found.save(asked.data)
    if asked.json:
        print(json.dumps(json_ready(found.to_dict() | shares(found) | {"seconds": spent} | (
            {} if field is None else {"B_z_nT": field.B_z.tolist(), "height_nm": field.height})),
            allow_nan=False))
    else:
        print(report(found, spent, asked, field))
    if asked.picture:
        _draw(found, field, asked)
    return 0


def _solved(
    asked: Asked, x: NDArray, y: NDArray, executor: Executor | None, progress: Any
) -> CurrentMap:
    try:
        return current_map(asked.problem, x, y, progress=progress, executor=executor,
                           store=asked.store, **asked.options)
    except KeyboardInterrupt:
        if asked.store is None:
            raise
        raise KeyboardInterrupt(f"what is finished is kept in {str(asked.store)!r}; the same "
                                "command goes on from there") from None


def read_request(options: Mapping[str, Any]) -> Asked:
    """The request of options and the file that they name.

    Raises
    ------
    ValueError
        If something is not allowed, or does not go with another.
    """
    stored = read_problem_file(options["input"], FILE_KEYS) if "input" in options else {}
    given = {**stored, **{k: v for k, v in options.items() if k in FILE_KEYS}}
    if "material" in options:
        given.pop("scale", None)
    laboratory = laboratory_of(given)
    scale = laboratory.scale if laboratory else None
    potential = map_potential(
        options, given.get("potential"), stored.get("folder", Path()), scale)
    values = {key: given.get(key, default) for key, default in DEFAULTS.items()}
    values["mass"] = map_mass(
        values["mass"], stored.get("folder", Path()), scale, potential.lengths)
    problem = laboratory_problem(potential, values, laboratory)
    one_cone = Scale(scale.v_F, scale.energy) if scale else None
    if given.get("field") is not None and one_cone is None:
        raise ValueError("--field: a field is in nT; name a material, or give a scale in the file")
    if options.get("no_plot") and options.get("plot"):
        raise ValueError("--plot and --no-plot exclude each other")
    if given.get("sensor") is not None and given.get("field") is None:
        raise ValueError("--sensor: it reads a field; add --field, its height")
    field, sensor = (
        None if given.get(name) is None else distance(name, given[name])
        for name in ("field", "sensor"))
    picture = given.get("plot")
    if picture is None and not options.get("json"):
        picture = DEFAULT_PICTURE
    return Asked(
        problem, laboratory, one_cone,
        {"rtol": given.get("rtol", DEFAULT_RTOL), "engine": given.get("engine", DEFAULT_MAP_ENGINE),
         "within": seconds(given.get("within", DEFAULT_WITHIN))},
        _points(given.get("points", DEFAULT_POINTS)), field, sensor,
        given.get("executor"), _store(given.get("store")),
        data_path("--save", given["save"], TABLE_KINDS) if given.get("save") else None,
        None if options.get("no_plot") or picture is None else picture_path("--plot", picture),
        bool(options.get("json")))


def _points(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 3:
        raise ValueError(f"points must be a whole number from 3 on, got {value!r}")
    return value


def _store(value: Any) -> Path | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"store must be the name of a folder, got {value!r}")
    return None if value is None else place(value)


def known(found: CurrentMap) -> bool:
    """Whether there is an answer: a budget may end before."""
    return bool(np.all(np.isfinite(found.error)))


def shares(found: CurrentMap) -> dict[str, float]:
    """Which part of the area is in the gap and in either band, and of ∫|j| in the puddles.

    Of a map without an answer, what belongs to the current is nan.
    """
    problem = found.problem
    x, y = (np.linspace(v[0], v[-1], _COUNTED) for v in (found.x, found.y))
    s = problem.fermi_energy - problem.potential(x[:, None], y[None, :])
    gap = np.abs(problem.mass_at(x[:, None], y[None, :]))
    at = problem.fermi_energy - problem.potential(found.x[:, None], found.y[None, :])
    size = found.magnitude if known(found) else np.full_like(found.M, np.nan)
    smooth = smooth_current(problem, found.x, found.y)
    law = np.hypot(smooth.j_x, smooth.j_y)
    puddle = np.abs(at) > np.abs(problem.mass_at(found.x[:, None], found.y[None, :]))
    return {
        "area_gap": float(np.mean(np.abs(s) <= gap)), "area_conduction": float(np.mean(s > gap)),
        "area_valence": float(np.mean(s < -gap)),
        "current_in_puddles": float(np.sum(size[puddle]) / np.maximum(np.sum(size), 1e-300)),
        "current_in_puddles_smooth": float(np.sum(law[puddle]) / max(np.sum(law), 1e-300)),
        "largest_current": float(np.max(size)),
    }


def report(found: CurrentMap, spent: float, asked: Asked, field: FieldMap | None) -> str:
    """The readable summary."""
    problem, part = found.problem, shares(found)
    error, scale = float(np.max(found.error)), problem.current_scale
    relative = f" = {error / scale:.1e} j0" if scale else ""
    profile = problem.mass_profile
    mass = f"{problem.mass:g}" if profile is None else profile.summary()
    inside = f"{part['current_in_puddles']:.0%} of it" if known(found) else "unknown"
    answer = [
        f"    {'largest |j|/e:':<22}{part['largest_current']:.6f}",
        f"    {'error of j:':<22}{error:.1e}{relative}  (estimated, largest pixel)",
    ] if known(found) else [f"    {'current:':<22}unknown"]
    lines = [
        f"dirac1d: U {problem.potential.summary()}, mass {mass}, Fermi energy "
        f"{problem.fermi_energy:g}, temperature {problem.temperature:g}",
        f"  {'area:':<24}{part['area_gap']:.0%} in the gap, {part['area_conduction']:.0%} in the "
        f"conduction band, {part['area_valence']:.0%} in the valence band",
        f"  {'|j| inside puddles:':<24}{inside} (smooth law: "
        f"{part['current_in_puddles_smooth']:.0%})",
        f"  engine {found.engine}",
        *answer,
        f"    {'status:':<22}{found.status}",
        f"    {'time:':<22}{spent:.1f} s",
    ]
    if asked.scale is not None and known(found):
        material = asked.laboratory.material if asked.laboratory else None
        cones = "of one cone" if material is None else material.one_cone
        peak = float(asked.scale.to_lab(part["largest_current"], "current_density"))
        lines.append(f"  {'in the laboratory:':<24}largest |j| {readable(abs(peak), 'nA/um', 3)} "
                     f"({cones})")
    if field is not None:
        lines.append(f"  {'field:':<24}{field!r}")
    for what, path in (("data", asked.data), ("picture", asked.picture)):
        if path:
            lines.append(f"  {what + ':':<24}{path}")
    return "\n".join(lines)


def _draw(found: CurrentMap, field: FieldMap | None, asked: Asked) -> None:
    import matplotlib.pyplot as plt

    from dirac1d.apps.map_figure import map_figure
    from dirac1d.apps.plotting import save_figure

    figure = map_figure(found, field, asked.scale)
    save_figure(figure, asked.picture)
    plt.close(figure)
