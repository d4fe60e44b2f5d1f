"""Circles on the command line, from options, files and in the units of the laboratory."""

from __future__ import annotations

import json

import pytest

import dirac1d as dd
from dirac1d.apps.cli import main


def test_options_print_half_line_current_and_moment(capsys):
    arguments = ["current", "--shape", "dot", "--height", "-0.5", "--width", "1.4142",
                 "--engine", "both", "--rtol", "1e-3", "--points", "21", "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    for engine in ("green", "states"):
        row = found[engine]
        assert abs(row["moment"] + 0.25) < row["moment_error"] + 1e-4
        assert abs(row["half_line_current"] + 0.03527) < row["half_line_error"] + 1e-5
        assert row["r"][0] == 0.0


def test_a_file_with_units_is_solved_saved_and_drawn(capsys, tmp_path):
    (tmp_path / "dot.toml").write_text(
        'material = "ti-surface"\nrtol = 1e-2\npoints = 11\n'
        '[potential]\nshape = "smooth_disc"\nheight = "-10 meV"\nradius = "60 nm"\n'
        'width = "20 nm"\n', encoding="utf-8")
    data, picture = tmp_path / "dot.npz", tmp_path / "dot.png"
    assert main(["current", "--input", str(tmp_path / "dot.toml"), "--save", str(data),
                 "--plot", str(picture)]) == 0
    printed = capsys.readouterr().out
    assert "magnetic moment:" in printed
    assert "its largest j_phi:" in printed
    assert "nA" in printed
    profile = dd.load(data)
    assert isinstance(profile, dd.RadialProfile)
    assert profile.problem.circular
    assert picture.stat().st_size > 1000


def test_a_table_of_radii_is_read_from_a_file(tmp_path, capsys):
    (tmp_path / "dot.csv").write_text(
        "r (nm), U (meV)\n0, -10\n60, -6\n100, -1\n150, 0\n", encoding="utf-8")
    (tmp_path / "dot.toml").write_text(
        'material = "hbn-graphene"\nrtol = 1e-2\npoints = 5\n'
        '[potential]\nshape = "radial_table"\nfile = "dot.csv"\n', encoding="utf-8")
    data = tmp_path / "dot.npz"
    assert main(["current", "--input", str(tmp_path / "dot.toml"), "--save", str(data),
                 "--no-plot"]) == 0
    assert "half-line current:" in capsys.readouterr().out
    potential = dd.load(data).problem.potential
    assert potential.centre == pytest.approx(-10 / 19)
    assert potential.r[-1] == pytest.approx(150 / 34.64, rel=1e-3)


@pytest.mark.parametrize(("options", "words"), [
    (["--shape", "disc", "--radius", "-5"], "radius must be positive"),
    (["--shape", "disc", "--x-min", "-1"], "r must not be negative"),
    (["--shape", "dot", "--left", "1"], "does not apply to a potential of shape dot"),
])
def test_mistakes_are_one_line(options, words, capsys):
    assert main(["current", *options, "--no-plot"]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1


def test_a_dot_in_one_valley_has_its_moment_and_says_that_valleys_cancel(capsys):
    arguments = ["current", "--material", "hbn-graphene", "--shape", "dot", "--height", "-10 meV",
                 "--width", "100 nm", "--rtol", "1e-3", "--points", "5", "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["laboratory"]["note"] == "one of 4 cones, which cancel by valley"
    # π∫r²j dr, in units of |e|E₀/ħ (ħv_F/E₀)² over eħ/2m, m the free electron's mass.
    unit = 2 * 9.1093837e-31 * 0.019 * 1.602176634e-19 * (1e6 * 1.054571817e-34 / (
        0.019 * 1.602176634e-19)) ** 2 / 1.054571817e-34**2
    assert found["laboratory"]["moment_bohr_magnetons"] == pytest.approx(
        -unit * found["moment"], rel=1e-6)
    assert main([*arguments[:-1], "--no-plot"]) == 0
    printed = capsys.readouterr().out
    assert "μ_B" in printed
    assert "cancel by valley" in printed
