"""A mass that varies, by options, by files and in units."""

import json

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps.cli import main
from dirac1d.apps.report import mass_words
from dirac1d.apps.request import request
from dirac1d.apps.sweep_input import read_sweep_file
from dirac1d.sweeps.export import in_units

pytestmark = pytest.mark.usefixtures("empty_folder")
FILE = """
fermi_energy = 0.3
[potential]
shape = "tanh"
left = -0.2
right = 0.2
width = 1.0
[mass]
"""


def write(mass):
    with open("p.toml", "w", encoding="utf-8") as file:
        file.write(FILE + mass)


def test_options_make_a_wall():
    asked = request({"mass_left": -1.0, "mass_right": 0.5, "mass_width": 2.0})
    assert asked.problem.mass == dd.TanhStep(-1.0, 0.5, 2.0)
    assert request({"mass_left": -1.0}).problem.mass == dd.TanhStep(-1.0, 1.0, 1.0)


def test_the_window_shows_the_wall_too():
    write('shape = "tanh"\nleft = -1\nright = 1\nwidth = 1\nposition = 40.0\n')
    assert request({"input": "p.toml"}).x[-1] > 45


def test_files_hold_any_profile_and_hard_walls():
    write('shape = "sharp"\nleft = -1\nright = 1\n')
    assert request({"input": "p.toml"}).problem.mass == dd.SharpStep(-1, 1)
    write('shape = "walled"\ninside = 1.0\n'
          'walls = [{position = -3.0, sign = -1, side = "left"}]\n')
    problem = request({"input": "p.toml"}).problem
    assert problem.mass == 1.0 + dd.HardWall(-3.0, -1, "left")
    assert mass_words(problem) == "from 1 to 1, hard wall at -3"


def test_currents_of_all_cones_are_those_of_the_wall(capsys):
    wall = ["--material", "hbn-graphene", "--mass-left", "-19 meV", "--mass-right", "19 meV"]
    assert main(["total", *wall, "--left", "0 meV", "--right", "0 meV", "--from", "5 meV", "--to",
                 "10 meV", "--points", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    one = dd.materials.HBN_GRAPHENE.scale().unit("current") * 2 * (5 / 19) / (4 * np.pi)
    for name, sign in (("K_up", 1), ("K'_up", -1), ("charge", 0), ("valley", 4)):
        assert found[f"{name}_nA"] == pytest.approx([sign * one, 2 * sign * one])


def test_walls_have_units_in_exported_files():
    problem = dd.Problem(0.0, 1.0 + dd.HardWall(2.0, 1, "right"), 0.1)
    scale = dd.Scale(1e6, 10.0)
    wall = in_units(problem, scale)["mass"]["walls"][0]
    assert wall["position"] == f"{2 * scale.unit('length'):.12g} nm"


@pytest.mark.parametrize("walls", ["3", '["left"]', "[{position = 1.0}]"])
def test_walls_that_are_none_are_refused(walls):
    write(f'shape = "walled"\ninside = 1.0\nwalls = {walls}\n')
    with pytest.raises(ValueError, match=r"keys (inside and walls|position, sign and side)"):
        request({"input": "p.toml"})


def test_units():
    lab = {"material": "ti-surface", "left": "-1 meV", "right": "1 meV", "width": "50 nm",
           "mass_left": "-10 meV", "mass_right": "10 meV", "mass_width": "50 nm"}
    problem, scale = request(lab).problem, dd.materials.TI_SURFACE.scale()
    assert problem.mass.right == pytest.approx(10 / scale.energy)
    assert problem.mass.width == pytest.approx(50 / scale.unit("length"))


@pytest.mark.parametrize(("options", "culprit"), [
    ({"mass": 1.0, "mass_left": 2.0}, "--mass-left and --mass exclude each other"),
    ({"mass_width": 0.0}, "mass: width must be positive"),
    ({"mass_left": "abc"}, "mass: left must be a finite number"),
    ({"wall_right_sign": -1}, "--wall-right-sign goes with --wall-right POSITION"),
    ({"wall_left": 2.0, "wall_right": 1.0}, "position of the left one must be below 1.0"),
    ({"mass_height": 1.0, "shape": "tanh"}, "a circle of mass goes with a circle as potential"),
    ({"mass_left": "-10 meV"}, "mass-left|unit|meV"),
    ({"input": "p.toml", "mass_left": -2.0}, "do not apply to a mass of shape sharp"),
])
def test_what_does_not_go_together_is_named(options, culprit):
    write('shape = "sharp"\nleft = -1\nright = 1\n')
    with pytest.raises(ValueError, match=culprit):
        request(options)


def test_a_disc_of_mass_around_a_circle():
    given = {"shape": "disc", "mass_height": -1.5, "mass_radius": 3.0}
    asked = request(given)
    assert asked.problem.mass == dd.Disc(-1.5, 3.0, outside=1.0)
    assert asked.x[-1] > 3.0
    smooth = request(given | {"mass_width": 0.5, "mass_outside": -1.0}).problem.mass
    assert smooth == dd.SmoothDisc(-1.5, 3.0, 0.5, outside=-1.0)
    write("shape = 'dot'\nheight = -2.0\nwidth = 2.0\noutside = 1.0")
    found = request({"input": "p.toml", "shape": "dot", "mass_outside": 0.5}).problem.mass
    assert found == dd.GaussianDot(-2.0, 2.0, outside=0.5)
    with pytest.raises(ValueError, match="--mass-radius does not apply to a mass of shape dot"):
        request({"input": "p.toml", "shape": "dot", "mass_radius": 3.0})


def test_a_circle_of_mass_alone_is_in_no_potential():
    problem = request({"mass_height": -1.5, "fermi_energy": 0.3}).problem
    assert problem.mass == dd.Disc(-1.5, 5.0, outside=1.0)
    assert not problem.potential(problem.potential.breakpoints).any()


def test_options_make_hard_walls():
    assert request({"wall_right": 4.0}).problem.mass == 1.0 + dd.HardWall(4.0, 1, "right")
    given = {"wall_left": -4.0, "wall_left_sign": -1, "mass_right": 2.0}
    wall = dd.HardWall(-4.0, -1, "left")
    assert request(given).problem.mass == dd.TanhStep(-1.0, 2.0, 1.0) + wall
    write('shape = "walled"\ninside = 0.5\n'
          'walls = [{position = -3.0, sign = -1, side = "left"}]\n')
    found = request({"input": "p.toml", "wall_left": -5.0, "wall_right": 5.0}).problem.mass
    assert found == 0.5 + dd.HardWall(-5.0, 1, "left") + dd.HardWall(5.0, 1, "right")


def test_a_sweep_over_what_is_between_walls():
    write('shape = "walled"\ninside = [0.5, 1.0]\n'
          'walls = [{position = -3.0, sign = -1, side = "left"}]\n')
    found = read_sweep_file("p.toml")
    assert [p.mass.inside for p in found.problems] == [0.5, 1.0]
    assert found.axes == {"mass.inside": [0.5, 1.0]}


@pytest.mark.parametrize("mass", ["1", b"1"])
def test_a_mass_in_quotes_is_named_before_the_potential(mass):
    with pytest.raises(ValueError, match="mass must be a finite number"):
        dd.Problem(0.0, mass=mass)
