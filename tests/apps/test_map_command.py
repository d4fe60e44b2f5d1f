"""``dirac1d map``: options, files with units, pictures, mistakes in one line."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps.cli import main

#: A small cell, coarsely: half a second.
SMALL = ["--lengths", "4", "--correlation-length", "1", "--rms", "0.8", "--temperature", "0.1",
         "--points", "9", "--rtol", "0.05"]


def test_options_print_regimes_and_write_map_and_picture(capsys, tmp_path):
    data, picture = tmp_path / "map.npz", tmp_path / "map.png"
    assert main(["map", *SMALL, "--save", str(data), "--plot", str(picture)]) == 0
    printed = capsys.readouterr().out
    for words in ("in the gap", "in the valence band", "largest |j|/e:", "error of j:", str(data)):
        assert words in printed
    found = dd.load(data)
    assert isinstance(found, dd.CurrentMap)
    assert found.j_x.shape == (9, 9)
    assert found.problem.potential == dd.disorder(0.8, 1.0, (4.0, 4.0), 5)
    assert picture.stat().st_size > 10_000


def test_json_is_one_object_with_fractions_that_add_up(capsys):
    assert main(["map", *SMALL, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["area_gap"] + found["area_conduction"] + found["area_valence"] == pytest.approx(1)
    assert np.shape(found["M"]) == (9, 9)
    assert found["status"] == "converged"


def test_a_file_with_units_gives_a_field(capsys, tmp_path):
    (tmp_path / "map.toml").write_text(
        'material = "ti-surface"\ntemperature = "10 K"\nrtol = 0.05\npoints = 9\n'
        'field = "100 nm"\nsensor = "50 nm"\n[potential]\nrms = "5 meV"\n'
        'correlation_length = "40 nm"\nlengths = ["160 nm", "200 nm"]\nseed = 2\n',
        encoding="utf-8")
    picture = tmp_path / "map.png"
    assert main(["map", "--input", str(tmp_path / "map.toml"), "--plot", str(picture)]) == 0
    printed = capsys.readouterr().out
    assert "nA/um" in printed
    assert "100 nm above the sheet" in printed
    assert picture.stat().st_size > 10_000


def test_samples_of_a_file_are_the_cell(capsys, tmp_path):
    table = tmp_path / "cell.csv"
    samples = np.cos(2 * np.pi * np.arange(6) / 6)[:, None] * np.ones((1, 2))
    np.savetxt(table, samples, delimiter=",")
    data = tmp_path / "map.csv"
    options = ["--lengths", "4,3", "--points", "5", "--rtol", "0.05", "--no-plot"]
    assert main(["map", "--samples", str(table), *options, "--save", str(data)]) == 0
    assert "a cell of 4 x 3, from -1 to 1" in capsys.readouterr().out
    assert data.read_text().splitlines()[1].startswith("x,y,U,M,j_x,j_y")


def test_the_example_is_a_file_that_is_read(capsys, tmp_path):
    assert main(["example", "puddles"]) == 0
    file = tmp_path / "map.toml"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    options = ["--points", "5", "--rtol", "0.3", "--no-plot"]
    assert main(["map", "--input", str(file), *options]) == 0
    assert "uT" in (printed := capsys.readouterr().out) or "nT" in printed


@pytest.mark.parametrize(("options", "words"), [
    (["--rms", "-1"], "rms must not be negative"),
    (["--lengths", "1,2,3"], "lengths must be one length or two"),
    (["--lengths", "200", "--engine", "states"], "takes at most"),
    (["--field", "100nm"], "name a material"),
    (["--rms", "3 meV"], "rms must be a finite number"),
    (["--points", "2"], "points must be"),
    (["--samples", "none.csv", "--lengths", "4"], "cannot read"),
    (["--samples", "none.csv", "--seed", "4"], "--seed is that of disorder"),
    (["--save", "map.txt"], "must end in"),
    (["--input", "none.toml"], "cannot read"),
    (["--plot", "a.png", "--no-plot"], "exclude each other"),
    (["--rtol", "2"], "rtol must lie between"),
    (["--within", "soon"], "within must be a time"),
])
def test_mistakes_are_one_line(options, words, capsys):
    assert main(["map", *(["--no-plot"] if "--plot" not in options else []), *options]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
