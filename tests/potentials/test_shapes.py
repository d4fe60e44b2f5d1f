"""Adding a shape touches one class: it is used everywhere at once."""

import json
from dataclasses import dataclass, field

import matplotlib.pyplot as plt
import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps.explorer import Explorer
from dirac1d.potentials import (
    SHAPES,
    Step,
    a_length,
    a_number,
    a_position,
    an_energy,
    register,
    validate,
)
from dirac1d.potentials.shapes import PARAMETER_KINDS, parameters


@dataclass(frozen=True)
class Algebraic(Step):
    """U rises like z/(1+|z|^n)^(1/n): nothing outside of this class knows of it."""

    left: float = field(metadata=an_energy(-0.4, "U far left"))
    right: float = field(metadata=an_energy(0.4, "U far right"))
    reach: float = field(metadata=a_length(0.5, "of the sigmoid", positive=True, span=(0.2, 2.0)))
    order: float = field(metadata=a_number(8.0, "sharpness of the corners", span=(4.0, 16.0)))
    position: float = field(default=0.0, metadata=a_position())

    def __post_init__(self):
        validate(self)

    breakpoints = property(lambda self: ())
    length_scale = property(lambda self: self.reach)

    def __call__(self, x):
        z = np.clip((np.asarray(x, dtype=float) - self.position) / self.reach, -1e9, 1e9)
        s = z / (1 + np.abs(z) ** self.order) ** (1 / self.order)
        return (self.left + self.right) / 2 + (self.right - self.left) / 2 * s

    def derivative(self, x):
        z = np.clip((np.asarray(x, dtype=float) - self.position) / self.reach, -1e9, 1e9)
        slope = (1 + np.abs(z) ** self.order) ** (-1 / self.order - 1)
        return (self.right - self.left) / 2 / self.reach * slope

    def support(self, tolerance):
        # 1 - s ≈ 1/(n zⁿ) far out.
        ratio = abs(self.right - self.left) / 2 / self.order / tolerance
        far = self.reach * max(ratio, 1.0) ** (1 / self.order) * 1.1
        return self.position - far, self.position + far


@pytest.fixture
def algebraic():
    """The shape is there for the test, and gone after it."""
    kinds = dict(PARAMETER_KINDS)
    yield register("algebraic")(Algebraic)
    SHAPES.pop("algebraic", None)
    for key in set(PARAMETER_KINDS) - set(kinds):
        del PARAMETER_KINDS[key]


OPTIONS = ("--shape", "algebraic", "--left", "-0.3", "--reach", "0.6", "--order", "6")
PROBLEM = dd.Problem(Algebraic(-0.3, 0.4, 0.6, 6.0))


def test_in_python_saved_and_loaded(algebraic, tmp_path):
    profile = dd.current_density(PROBLEM, [-1.0, 0.0, 1.0], rtol=1e-3)
    assert dd.load(profile.save(tmp_path / "a.npz")) == profile
    assert -algebraic(0, 1, 1, 6) == algebraic(0, -1, 1, 6)
    both = dd.Problem(PROBLEM.potential + dd.GaussianBump(0.1, 1.0))
    assert dd.Problem.from_dict(json.loads(json.dumps(both.to_dict()))) == both


def test_on_the_command_line_and_in_toml(algebraic, command, empty_folder):
    rest = ("--json", "--points", 3, "--rtol", 1e-3)
    _, out, err = command("current", *OPTIONS, *rest)
    assert err == ""
    assert dd.Problem.from_dict(json.loads(out)["problem"]) == PROBLEM
    (empty_folder / "p.toml").write_text(
        '[potential]\nshape = "algebraic"\nleft = -0.3\nright = 0.4\nreach = 0.6\norder = 6\n')
    assert json.loads(command("current", "--input", "p.toml", *rest)[1])["problem"] == json.loads(
        out)["problem"]
    status, _, err = command("current", *OPTIONS, "--width", 2)
    assert status == 2
    assert "--reach" in err
    assert "(algebraic)" in command("current", *OPTIONS, "--no-plot", *rest[1:])[1]


def test_in_laboratory_units(algebraic, command):
    scale = dd.materials.material("ti-surface").scale()
    status, out, err = command(
        "current", "--material", "ti-surface", "--shape", "algebraic", "--left=-2 meV",
        "--right=2 meV", "--reach", "40 nm", "--order", 6, "--json", "--points", 3, "--rtol", 1e-3)
    assert (status, err) == (0, "")
    found = json.loads(out)["problem"]["potential"]
    assert found["reach"] == pytest.approx(40 / scale.unit("length"), rel=1e-12)
    assert found["order"] == 6.0
    status, _, err = command("current", "--material", "ti-surface", "--shape", "algebraic",
                             "--reach", 40)
    assert status == 2
    assert '"40 nm"' in err


def test_in_a_sweep(algebraic, command, empty_folder):
    (empty_folder / "s.toml").write_text(
        'points = 3\nrtol = 1e-3\noutput = "t.npz"\n[potential]\nshape = "algebraic"\n'
        "left = -0.3\nright = 0.4\nreach = { from = 0.5, to = 1.0, points = 2 }\norder = [4, 6]\n")
    assert command("sweep", "s.toml")[0] == 0
    header, columns = dd.load_table("t.npz")
    assert columns["potential.reach"].tolist() == [0.5, 0.5, 1.0, 1.0]
    assert header["column_units"]["potential.reach"] == "hbar v_F/E0"
    assert "potential.order" not in header["column_units"]


def test_in_the_explorer(algebraic):
    explorer = Explorer()
    try:
        names = [label.get_text() for label in explorer.view.shape.labels]
        explorer.view.shape.set_active(names.index("algebraic"))
        explorer.sliders["reach"].set_val(0.8)
        explorer.flush()
        assert explorer.profile.problem.potential == algebraic(
            explorer.sliders["left"].val, explorer.sliders["right"].val, 0.8, 8.0)
        assert explorer.sliders["reach"].ax.get_visible()
        assert not explorer.sliders["width"].ax.get_visible()
    finally:
        explorer.close()
        plt.close(explorer.figure)


def test_names_and_kinds_are_unique(algebraic):
    assert register("algebraic")(Algebraic) is Algebraic
    with pytest.raises(ValueError, match="'tanh' is TanhStep already"):
        register("tanh")(Algebraic)

    @dataclass(frozen=True)
    class Other(Step):
        left: float = field(metadata=a_length(1.0, ""))

    with pytest.raises(ValueError, match=r"'left'.*of kind length, elsewhere of kind energy"):
        register("other")(Other)
    assert "other" not in SHAPES

    @dataclass(frozen=True)
    class Reserved(Step):
        mass: float = field(metadata=an_energy(1.0, ""))

    with pytest.raises(ValueError, match="'mass'"):
        register("reserved")(Reserved)


def test_every_parameter_has_a_meaning_and_starts_in_its_range():
    for shape in SHAPES.values():
        for name, parameter in parameters(shape).items():
            if not parameter.many:
                assert parameter.text, name
                assert parameter.span[0] <= parameter.start <= parameter.span[1], name
