"""One request, however it was asked for; what users type, and what they are told."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps.examples import EXAMPLES
from dirac1d.apps.inputs import describe
from dirac1d.apps.options import with_negative_values
from dirac1d.apps.request import Request, request, seconds

pytestmark = pytest.mark.usefixtures("empty_folder")
#: Quick, and quiet.
QUICK = ("--points", 3, "--rtol", 1e-2, "--no-plot")


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def test_options_and_files_make_the_same_request():
    write("p.toml", 'fermi_energy = 0.1\npoints = 9\nrtol = 1e-3\nengine = "both"\nwithin = "2 min"'
                    '\nsave = "a.csv"\n[potential]\nshape = "ramp"\nleft = -1\nright = 1\n'
                    "length = 4\n")
    typed = request({
        "fermi_energy": 0.1, "points": 9, "rtol": 1e-3, "engine": "both", "within": "120",
        "save": "a.csv", "shape": "ramp", "left": -1.0, "right": 1.0, "length": 4.0})
    filed = request({"input": "p.toml"})
    assert isinstance(filed, Request)
    assert typed == filed
    assert filed.engines == ("green", "states")
    assert filed.within == 120.0
    assert [p.name for p in filed.outputs.data] == ["a.csv", "a-states.csv"]
    assert hash(typed) == hash(filed)
    assert request({"input": "p.toml", "length": 5.0}) != filed


def test_width_and_rise_replace_each_other():
    write("p.toml", '[potential]\nshape = "tanh"\nleft = -1\nright = 1\nrise = 2.0\n')
    steps = [request(options | {"no_plot": True}).problem.potential for options in (
        {"input": "p.toml"}, {"input": "p.toml", "width": 3.0}, {"rise": 2.0},
        {"shape": "ramp", "rise": 4.0}, {"shape": "ramp", "width": 2.0})]
    assert steps[0].rise == pytest.approx(2.0)
    assert steps[1].width == 3.0
    assert steps[2].rise == pytest.approx(2.0)
    assert steps[3].length == 5.0
    assert steps[4].length == 2.0
    with pytest.raises(ValueError, match="exclude"):
        request({"rise": 1.0, "width": 1.0})


def test_a_material_replaces_a_scale_of_the_file():
    write("p.toml", '[scale]\nv_F = "1e6 m/s"\nenergy = "20 meV"\n')
    assert "scale" in describe({"input": "p.toml"})
    found = request({"input": "p.toml", "material": "ti-surface", "no_plot": True})
    assert found.laboratory.material.name == dd.materials.material("ti-surface").name


@pytest.mark.parametrize(("given", "value"), [
    ("30s", 30), ("30", 30), (30, 30), ("1.5 min", 90), ("2h", 7200), (0.5, 0.5)])
def test_times(given, value):
    assert seconds(given) == value


@pytest.mark.parametrize("given", ["x", "", "30 days", "-3s", 0, -1, "1..2", None, True, np.inf])
def test_other_times_are_refused(given):
    with pytest.raises(ValueError, match="within"):
        seconds(given)


@pytest.mark.parametrize(("argv", "joined"), [
    (["--left", "-1e-3"], ["--left=-1e-3"]), (["--left", "-30meV"], ["--left=-30meV"]),
    (["--left", "-.5", "--json"], ["--left=-.5", "--json"]), (["--left", "-0,5"], ["--left=-0,5"]),
    (["--left", "−5"], ["--left=−5"]), (["--left=1", "-5"], ["--left=1", "-5"]),
    (["current", "--left", "- 5 meV"], ["current", "--left=- 5 meV"]),
    (["--save", "-a.npz"], ["--save", "-a.npz"]), (["-h"], ["-h"]), ([], []),
])
def test_negative_values_are_values(argv, joined):
    assert with_negative_values(argv) == joined


@pytest.mark.parametrize(("text", "value"), [
    ("-1e-3", -1e-3), ("−0.25", -0.25), ("-.5", -0.5), ("+.5", 0.5)])
def test_negative_numbers_reach_the_problem(command, text, value):
    _, out, err = command("current", "--left", text, "--json", *QUICK)
    assert err == ""
    assert json.loads(out)["problem"]["potential"]["left"] == value


def test_negative_quantities_reach_the_problem(command):
    _, out, _ = command("total", "--material", "ti-surface", "--left", "-3meV", "--right", "3 meV",
                        "--json", "--points", 2)
    assert json.loads(out)["problem"]["potential"]["left"] < 0


@pytest.mark.parametrize(("arguments", "culprit"), [
    (("--left", "-0,5"), "write -0.5"), (("--left", "0,5 meV"), "write 0.5 meV"),
    (("--left", "-30meV"), "name a material"), (("--left", "1_0"), "left"),
    (("--points", "1_0"), "--points"), (("--rtol", "1,5"), "--rtol"),
    (("--save", "out.xlsx"), "one of .npz, .csv, .json"), (("--save", "a.csv.gz"), ".csv"),
    (("--save", "out.h5"), ".npz"), (("--rise", "2", "--width", "1"), "exclude"),
    (("--shape", "gaussian", "--rise", "2"), "--rise"), (("--decimal", ","), "--potential"),
    (("--columns", "1,2"), "--potential"), (("--units", "nm"), "--units"),
    (("--potential", "t.csv", "--columns", "1,9"), "columns"), (("--within", "x"), "within"),
    (("--show",), "no window"), (("--solver", "sparse"), "--engine states"),
    (("--input", "-"), "standard input"), (("--save", "~nobody-at-all/a.csv"), "--save"),
])
def test_mistakes_say_what_to_type(command, monkeypatch, arguments, culprit):
    write("t.csv", "0,1\n1,2\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"mass = = 1")))
    # Nothing may be solved for a mistake.
    monkeypatch.setattr(dd, "current_density", None)
    status, out, err = command("current", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert culprit in err


def test_fermi_energy_is_not_silently_ignored(command):
    status, _, err = command("total", "--fermi-energy", 1)
    assert status == 2
    assert "--fermi-energy" in err


@pytest.mark.parametrize("name", ["a.CSV", "a.Json", "run.1", "b.npz"])
def test_names_printed_are_names_written(command, empty_folder, name):
    _, out, _ = command("current", "--save", name, *QUICK)
    (written,) = empty_folder.iterdir()
    assert f"data:                   {written.name}\n" in out
    assert written.name in (name, f"{name}.npz")


def test_home_is_understood(command, empty_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(empty_folder))
    write("p.toml", "points = 3\n")
    assert command("current", "--input", "~/p.toml", "--save", "~/a.npz", *QUICK)[0] == 0
    assert dd.load("~/a.npz").rtol == 1e-2
    assert dd.load(empty_folder / "a.npz").save("~/b.npz") == empty_folder / "b.npz"


def test_standard_input_and_a_byte_order_mark(command, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfmass = 0.5\n")))
    _, out, err = command("current", "--input", "-", "--json", *QUICK)
    assert err == ""
    assert json.loads(out)["problem"]["mass"] == 0.5


def test_total_is_saved(command):
    for name in ("t.csv", "t.json", "t.npz"):
        assert f"# data: {name}" in command("total", "--points", 3, "--save", name)[1]
    with open("t.json") as file:
        stored = json.load(file)
    assert stored["J_y"] == dd.load_table("t.npz").columns["J_y"].tolist()
    with open("t.csv") as file:
        rows = [line.split(",") for line in file if not line.startswith("#")]
    assert rows[0][:2] == ["fermi_energy [E0]", "J_y [e E0/hbar]"]
    assert [float(row[1]) for row in rows[1:]] == stored["J_y"]
    assert command("total", "--save", "t.xlsx")[0] == 2


def test_a_table_says_how_it_was_understood(command):
    write("gate.csv", "a (um);b;c (eV)\n-0,1;1;-0,003\n0,1;1;0,003\n")
    status, out, err = command("current", "--material", "ti-surface", "--potential", "gate.csv",
                               *QUICK)
    assert status == 2
    assert "--columns 1,2" in err
    _, out, err = command("current", "--material", "ti-surface", "--potential", "gate.csv",
                          "--columns", "1,3", *QUICK)
    assert err == ""
    assert ("table:                  gate.csv: 2 rows, x in um, U in eV, columns 1 and 3 of 3, "
            "decimal comma" in out)
    _, out, _ = command("current", "--material", "ti-surface", "--potential", "gate.csv",
                        "--columns", "1,3", "--units", "nm,meV", "--json", *QUICK)
    scale = dd.materials.material("ti-surface").scale()
    found = json.loads(out)
    np.testing.assert_allclose(found["problem"]["potential"]["x"],
                               np.array([-0.1, 0.1]) / scale.unit("length"))
    assert "decimal comma" in found["notes"][0]


def test_the_budget_reaches_the_engine_and_is_named(command, monkeypatch):
    asked = []
    solve = dd.current_density

    def budgeted(problem, x, engine, rtol, *, within, **_):
        asked.append(within)
        return dd.Profile(**{**vars(solve(problem, x, engine, rtol)), "status": "reached 1e-3"})

    monkeypatch.setattr(dd, "current_density", budgeted)
    assert "budget:                 60 s for each engine (--within" in command("current", *QUICK)[1]
    assert "budget:                 30 s" in command("current", "--within", "30s", *QUICK)[1]
    assert asked == [60.0, 30.0]


def test_a_budget_that_an_engine_does_not_take_is_not_ignored(command, monkeypatch):
    solve = dd.current_density

    def unbudgeted(problem, x, engine, rtol, **options):
        if "within" in options:
            raise ValueError("within is not an option of engine 'green'")
        return solve(problem, x, engine, rtol)

    monkeypatch.setattr(dd, "current_density", unbudgeted)
    assert command("current", *QUICK)[0] == 0
    status, _, err = command("current", "--within", "30s", *QUICK)
    assert status == 2
    assert "--within" in err


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.backend_inline", "nonsense"])
def test_a_notebooks_backend_does_not_end_the_command(backend, empty_folder):
    done = subprocess.run(
        [sys.executable, "-m", "dirac1d", "current", "--points", "3", "--rtol", "0.1",
         "--save", "a.npz", "--plot", "a.png"], capture_output=True, text=True, check=False,
        env=os.environ | {"MPLBACKEND": backend}, cwd=empty_folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert (empty_folder / "a.npz").exists()
    assert (empty_folder / "a.png").stat().st_size > 5000


def test_examples_are_complete_files_that_run(command, empty_folder, monkeypatch):
    for kind in ("current", "sweep", "energies"):
        _, out, err = command("example", kind)
        assert (out, err) == (EXAMPLES[kind], "")
        write(f"{kind}.toml", out)
    _, out, err = command("current", "--input", "current.toml", "--points", 3, "--rtol", 1e-2)
    assert (err, (empty_folder / "current.csv").exists()) == ("", True)
    for kind, count in (("sweep", 30), ("energies", 21)):
        # Which problems, not their solutions.
        text = EXAMPLES[kind].replace("points = 101", "points = 2").replace("points = 161",
                                                                           "points = 2")
        write("short.toml", text.replace("rtol = 1e-6", "rtol = 1e-1").replace(
            "rtol = 1e-4", "rtol = 1e-1"))
        status, out, err = command("sweep", "short.toml", "--json")
        assert (status, err) == (0, "")
        assert json.loads(out)["points"] == count
        assert all((empty_folder / name).exists() for name in json.loads(out)["output"])


def test_no_more_workers_than_cores_and_points(command, monkeypatch):
    write("s.toml", "points = 3\nrtol = 1e-1\nfermi_energy = [0.0, 0.1]\n")
    monkeypatch.setattr("dirac1d.apps.sweep_command.cores", lambda: 1)
    status, _, err = command("sweep", "s.toml", "--workers", 1000)
    assert status == 0
    assert err == ("dirac1d: warning: 1000 workers asked for, 1 started: there are 1 cores and 2 "
                   "points\n")


def test_a_sweep_does_not_ignore_keys_of_other_files(command):
    write("s.toml", 'save = "a.npz"\n')
    status, _, err = command("sweep", "s.toml")
    assert status == 2
    assert "'save'" in err


def test_units_of_a_file_are_those_of_its_problem(command):
    command("current", "--material", "ti-surface", "--left", "-3 meV", "--right", "3 meV",
            "--width", "40 nm", "--save", "a.csv", *QUICK)
    with open("a.csv") as file:
        header = dict(line[2:].split(": ", 1) for line in file if line.startswith("#"))
    problem = json.loads(header["problem"])
    assert problem["potential"]["left"] == "-3 meV"
    assert problem["potential"]["width"] == "40 nm"
    assert problem["temperature"] == "0 K"


def test_a_decimal_comma_in_a_file_is_hinted_at(command):
    write("comma.toml", "mass = 1,5\n")
    status, _, err = command("current", "--input", "comma.toml")
    assert (status, err.count("\n")) == (2, 1)
    assert "write 1.5" in err
