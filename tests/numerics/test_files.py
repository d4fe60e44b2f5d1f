"""Files: checksums, versions, whole or not at all; export to CSV and JSON."""

import json
import os

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps.cli import main
from dirac1d.numerics.files import checksum, pack, unpack, write
from dirac1d.results.profile import EARLIER_FORMATS, FILE_FORMAT

PROBLEM = dd.Problem(dd.SharpStep(-0.5, 0.5))


def profile(**changes):
    x = np.array([-1.0, 0.0, 1 / 3])
    values = {"x": x, "j_y": [-0.1, -np.inf, -1e-300], "error": [1e-9, 0.0, 1e-12],
              "status": "converged", "engine": "green", "problem": PROBLEM, "rtol": 1e-8} | changes
    return dd.Profile(**values)


def test_the_same_content_gives_the_same_bytes(tmp_path):
    assert profile().to_bytes() == profile().to_bytes()
    assert profile().save(tmp_path / "a.npz").read_bytes() == profile().to_bytes()


def test_a_changed_number_is_found_by_the_checksum(tmp_path):
    path = profile().save(tmp_path / "a.npz")
    with np.load(path) as stored:
        arrays = {k: stored[k] for k in stored.files}
    header = json.loads(str(arrays["header"]))
    assert header["version"] == dd.__version__
    for change in ({"j_y": arrays["j_y"] * (1 + 1e-15)},
                   {"header": np.array(json.dumps(header | {"rtol": 1e-9}))}):
        np.savez(path, **(arrays | change))
        with pytest.raises(ValueError, match="checksum"):
            dd.load(path)
    np.savez(path, **arrays)
    assert dd.load(path).rtol == 1e-8


def test_checksum_sees_names_types_shapes_and_values():
    a = np.arange(6.0)
    sums = {checksum({"k": 1}, {"a": a}), checksum({"k": 2}, {"a": a}), checksum({}, {"a": a}),
            checksum({"k": 1}, {"b": a}), checksum({"k": 1}, {"a": a.reshape(2, 3)}),
            checksum({"k": 1}, {"a": a.view(np.int64)}), checksum({"k": 1}, {"a": a, "b": a}),
            checksum({"k": 1}, {"a": -a})}
    assert len(sums) == 8
    assert checksum({"k": 1, "checksum": "x"}, {"a": a}) == checksum({"k": 1}, {"a": a})


def test_kinds_and_formats_are_told_apart(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(pack({"kind": "dirac1d.Other", "format": 3, "version": "9.9"}, {}))
    with pytest.raises(ValueError, match="not a dirac1d result"):
        dd.load(path)
    with pytest.raises(ValueError, match=r"format 3 .written by dirac1d 9\.9.*reads 2"):
        unpack(path, "dirac1d.Other", 2)
    assert unpack(path, "dirac1d.Other", 4, (2, 3))[0]["version"] == "9.9"
    assert {2, FILE_FORMAT} <= {FILE_FORMAT, *EARLIER_FORMATS}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(ValueError, match="cannot write"):
            profile().save(tmp_path / "a.npz")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_full_disk_and_interrupt_leave_the_old_file(step, tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt", "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    def interrupted(*_):
        raise KeyboardInterrupt

    target = "dirac1d.numerics.files.os.fsync" if step == "fsync" else "pathlib.Path.replace"
    for failure, expected in ((full, ValueError), (interrupted, KeyboardInterrupt)):
        monkeypatch.setattr(target, failure)
        with pytest.raises(expected):
            write(path, "new")
        assert path.read_text() == "old"
        assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    monkeypatch.undo()
    assert write(path, "new").read_text() == "new"


def test_impossible_places_are_named(tmp_path):
    for bad in (tmp_path / "no" / "a.npz", tmp_path, tmp_path / ("x" * 300), tmp_path / "a\0b"):
        with pytest.raises(ValueError, match="cannot write"):
            write(bad, b"content")


def test_csv_reads_back_exactly(tmp_path):
    path = dd.export(profile(), tmp_path / "ü.csv")
    text = path.read_text(encoding="utf-8").splitlines()
    comments = [line for line in text if line.startswith("#")]
    header = dict(line[2:].split(": ", 1) for line in comments)
    assert dd.Problem.from_dict(json.loads(header["problem"])) == PROBLEM
    assert json.loads(header["dirac1d"]) == dd.__version__
    assert text[len(comments)] == (
        "x [hbar v_F/E0],j_y [e E0^2/(hbar^2 v_F)],error [e E0^2/(hbar^2 v_F)]")
    data = np.loadtxt(path, delimiter=",", skiprows=len(comments) + 1)
    np.testing.assert_array_equal(data.T, [profile().x, profile().j_y, profile().error])


def test_export_in_laboratory_units(tmp_path):
    scale = dd.Scale(1e6, 19.0)
    stored = json.loads(dd.export(profile(), tmp_path / "a.json", scale).read_text())
    assert stored["column_units"] == {"x": "nm", "j_y": "nA/um", "error": "nA/um"}
    assert stored["x"][0] == -scale.unit("length")
    assert stored["j_y"][0] == pytest.approx(-0.1 * scale.unit("current_density"))
    assert stored["j_y"][0] > 0 < stored["error"][0]
    assert stored["j_y"][1] == "inf"
    assert stored["scale"]["E0_meV"] == 19.0


def test_export_by_the_ending(tmp_path):
    assert dd.load(dd.export(profile(), tmp_path / "a.npz")).rtol == 1e-8
    with pytest.raises(ValueError, match=r"a\.txt.*\.csv"):
        dd.export(profile(), tmp_path / "a.txt")


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.npz", "a"])
def test_command_line_saves_by_the_ending(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["current", "--no-plot", "--points", "3", "--rtol", "1e-4", "--save", name]) == 0
    assert "converged" in capsys.readouterr().out
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz" if name == "a" else name]
