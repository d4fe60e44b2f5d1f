"""``dirac1d map``: options, files with units, pictures, mistakes in one line."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib.pyplot as plt
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


def test_a_picture_is_a_potential_in_the_laboratory(capsys, tmp_path):
    """Black and white are energies; its left is x = 0, its bottom y = 0."""
    grey = np.zeros((8, 6))
    # Rows of a picture run downwards: the last row is y = 0, the first column x = 0.
    grey[-1, 0], grey[2, 3] = 1.0, 0.5
    plt.imsave(tmp_path / "gates.png", grey, cmap="gray", vmin=0, vmax=1)
    (tmp_path / "map.toml").write_text(
        'material = "ti-surface"\ntemperature = "60 K"\nrtol = 0.1\npoints = 5\n[potential]\n'
        'shape = "cell"\nfile = "gates.png"\nblack = "-4 meV"\nwhite = "6 meV"\n'
        'lengths = ["90 nm", "120 nm"]\n', encoding="utf-8")
    data = tmp_path / "map.npz"
    assert main(["map", "--input", str(tmp_path / "map.toml"), "--no-plot", "--save",
                 str(data)]) == 0
    assert "nA/um" in capsys.readouterr().out
    cell, scale = dd.load(data).problem.potential, dd.materials.TI_SURFACE.scale()
    U = cell.samples * scale.energy
    assert U.shape == (6, 8)
    np.testing.assert_allclose([U[0, 0], U[3, 5], U[1, 1]], [6.0, 1.0, -4.0], atol=0.05)
    assert cell.lengths[1] / cell.lengths[0] == pytest.approx(120 / 90)


def test_a_table_has_units_and_may_be_smoothed(capsys, tmp_path):
    table = tmp_path / "cell.csv"
    x = 2 * np.pi * np.arange(8) / 8
    np.savetxt(table, 5 * np.cos(x)[:, None] * np.ones((1, 2)), delimiter=",")
    options = ["--material", "ti-surface", "--samples", str(table), "--lengths", "200nm,50nm",
               "--temperature", "60 K", "--points", "5", "--rtol", "0.1", "--no-plot"]
    data = tmp_path / "map.npz"
    assert main(["map", *options, "--save", str(data)]) == 0
    U = dd.load(data).problem.potential.samples * dd.materials.TI_SURFACE.scale().energy
    assert np.max(U) == pytest.approx(5.0)
    assert main(["map", *options, "--unit", "eV", "--smooth", "200 nm", "--save", str(data)]) == 0
    # e^{-q²s²/2} with qs = 2π.
    U = dd.load(data).problem.potential.samples * dd.materials.TI_SURFACE.scale().energy
    assert np.max(U) == pytest.approx(5e3 * np.exp(-2 * np.pi**2), rel=1e-6)
    assert "too coarse" not in capsys.readouterr().err


def test_coarse_samples_warn(capsys, tmp_path):
    np.savetxt(tmp_path / "noise.csv", np.random.default_rng(1).normal(0, 0.1, (10, 10)),
               delimiter=",")
    options = ["--samples", str(tmp_path / "noise.csv"), "--lengths", "3", "--points", "3",
               "--rtol", "0.5", "--no-plot", "--temperature", "0.3"]
    assert main(["map", *options]) == 0
    assert "too coarse" in capsys.readouterr().err
    assert main(["map", *options, "--smooth", "1"]) == 0
    assert "too coarse" not in capsys.readouterr().err


def test_a_store_is_used_and_threads_work(capsys, tmp_path):
    store = tmp_path / "pieces"
    options = [*SMALL, "--json", "--store", str(store), "--executor", "threads:2"]
    assert main(["map", *options]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["details"]["nodes"] > 0 == first["details"]["nodes_from_store"]
    assert main(["map", *options]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["details"]["nodes"] == 0 < again["details"]["nodes_from_store"]
    assert again["j_x"] == first["j_x"]
    assert len(list(store.rglob("*.npz"))) > 0


def test_ctrl_c_says_where_the_pieces_are(capsys, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("dirac1d.apps.map_command.current_map", interrupted)
    assert main(["map", *SMALL, "--no-plot", "--store", str(tmp_path / "pieces")]) == 130
    assert "goes on from there" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["map", "puddles"])
def test_the_example_is_a_file_that_is_read(name, capsys, tmp_path):
    assert main(["example", name]) == 0
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
    (["--lengths", "0"], "lengths must be positive"),
    (["--lengths", "4,-1"], "lengths must be positive"),
    (["--correlation-length", "0"], "correlation_length must be positive"),
    (["--executor", "mpi:2"], "executor must be processes:N, threads:N or dask:ADDRESS"),
    (["--executor", "threads:0"], "executor must be"),
    (["--samples", "nan.csv", "--lengths", "4"], "samples must be finite"),
    (["--samples", "ragged.csv", "--lengths", "4"], "cannot read samples"),
    (["--samples", "grey.png", "--lengths", "4", "--black", "0"], "a picture needs white"),
    (["--samples", "grey.png", "--lengths", "4", "--unit", "meV"], "unit is not a key of"),
    (["--samples", "text.png", "--lengths", "4", "--black", "0", "--white", "1"], "not a picture"),
    (["--samples", "none.png", "--lengths", "4", "--black", "0", "--white", "1"], "cannot read"),
    (["--samples", "nan.csv", "--lengths", "4", "--black", "1"], "black is not a key of"),
    (["--samples", "nan.csv"], "lengths are needed"),
    (["--black", "1"], "--black is that of a cell from a file"),
    (["--samples", "grey.png", "--lengths", "4", "--black", "0", "--white", "1 meV"], "white"),
])
def test_mistakes_are_one_line(options, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("nan.csv").write_text("1,2\n3,nan\n", encoding="utf-8")
    Path("ragged.csv").write_text("1,2\n3\n", encoding="utf-8")
    Path("text.png").write_text("no picture", encoding="utf-8")
    plt.imsave("grey.png", np.eye(4), cmap="gray")
    assert main(["map", *(["--no-plot"] if "--plot" not in options else []), *options]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1


def test_a_table_of_the_mass_is_a_cell_as_the_potential_is(capsys, tmp_path):
    text = ('temperature = 0.2\nrtol = 0.1\npoints = 5\n[potential]\nrms = 0.4\n'
            'correlation_length = 1.0\nlengths = [3.0, 4.0]\n[mass]\nmean = 0.2\nrms = 0.5\n'
            'correlation_length = 1.0\nseed = 4\n')
    file, data = tmp_path / "map.toml", tmp_path / "map.npz"
    file.write_text(text, encoding="utf-8")
    assert main(["map", "--input", str(file), "--engine", "green", "--save", str(data),
                 "--plot", str(tmp_path / "map.png")]) == 0
    assert "mass a cell of 3 x 4" in capsys.readouterr().out
    found = dd.load(data)
    assert found.problem.mass == 0.2 + dd.disorder(0.5, 1.0, (3.0, 4.0), 4)
    for wrong, words in ((text.replace("mean", "meen"), "unknown key 'meen'"),
                         (text + "lengths = 3.0\n", "the potential's"),
                         (text.replace("rms = 0.5\n", ""), "needs rms")):
        file.write_text(wrong, encoding="utf-8")
        assert main(["map", "--input", str(file), "--no-plot"]) == 2
        assert words in capsys.readouterr().err


def test_a_map_without_an_answer_says_so(capsys):
    for options in ([], ["--json"]):
        assert main(["map", *SMALL, "--within", "0.01s", "--no-plot", *options]) == 0
        printed = capsys.readouterr().out
        if options:
            found = json.loads(printed)
            assert found["largest_current"] == "nan"
            assert found["error"][0][0] == "inf"
        else:
            assert "unknown (smooth law" in printed
            assert "current:              unknown" in printed
            assert "largest |j|" not in printed


@pytest.mark.parametrize(("options", "words"), [
    (["--field", "5 meV"], "field must be a number with a unit of length"),
    (["--field=-5 nm"], "field must be positive"),
    (["--field", "50 nm", "--sensor=-5 nm"], "sensor must be positive"),
    (["--sensor", "5 nm"], "--field"),
])
def test_heights_are_read_before_the_work(options, words, capsys, monkeypatch):
    def work(*_, **__):
        raise AssertionError("solved")

    monkeypatch.setattr("dirac1d.apps.map_command.current_map", work)
    lab = ["--material", "ti-surface", "--lengths", "100 nm", "--rms", "5 meV",
           "--correlation-length", "40 nm", "--temperature", "4 K", "--no-plot"]
    assert main(["map", *lab, *options]) == 2
    assert words in capsys.readouterr().err


def test_a_map_of_one_valley_says_that_valleys_cancel(capsys):
    lab = ["--material", "hbn-graphene", "--lengths", "100 nm", "--rms", "10 meV",
           "--correlation-length", "40 nm", "--temperature", "40 K", "--no-plot", "--points", "5"]
    assert main(["map", *lab, "--rtol", "0.1"]) == 0
    assert "(one of 4 cones, which cancel by valley)" in capsys.readouterr().out
