"""Currents and fields of materials: cones add with their signs; bare numbers are refused."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from scipy import constants

import dirac1d as dd
from dirac1d.laboratory.gates import RISES
from dirac1d.laboratory.units import Dimensionless, readable

pytestmark = pytest.mark.usefixtures("empty_folder")

STEP = {"shape": "tanh", "left": "-5 meV", "right": "5 meV", "rise": "90 nm"}
ONE_CONE = constants.e**2 / (2 * constants.h) * 10e-3 * 1e9


def test_the_field_of_graphene_is_zero_and_says_why():
    current = dd.material_current("hbn-graphene", STEP, temperature="4.2 K")
    assert not current.j_y.any()
    assert current.note == "cancels by valley; one cone would give 190 nA"
    field = dd.stray_field(current, "150 nm")
    assert not field.B_x.any()
    assert not field.B_z.any()
    assert not field.error.any()
    assert field.note.startswith("cancels by valley; one cone would give 2")
    # What one cone gives is there, under its name.
    one = field.cones["K up"]
    assert one.largest == pytest.approx(244, rel=0.05)
    np.testing.assert_array_equal(field.cones["K' up"].B_x, -one.B_x)


@pytest.mark.parametrize("name", ["mos2", "wse2", "hbn-graphene", "ti-surface"])
def test_the_sum_is_that_of_the_cones_solved_one_by_one(name):
    found = dd.materials.material(name, valley_splitting="30 meV") if name == "hbn-graphene" else (
        dd.materials.material(name))
    energy = {"wse2": "-680 meV", "hbn-graphene": "16 meV"}.get(name, "0 meV")
    current = dd.material_current(found, STEP, energy, "20 K", x=np.linspace(-300, 300, 41))
    scale, total = current.scale, 0.0
    for flavour in found.flavours:
        problem = found.problem(flavour, current.potential, scale, energy, "20 K")
        profile = dd.current_density(problem, current.cones[0].profile.x, rtol=1e-6)
        alone = scale.to_lab(profile.j_y, "current_density")
        allowed = scale.to_lab(1.0, "current_density") * problem.current_scale * 2e-5
        np.testing.assert_allclose(current.by_cone[flavour.name], alone, atol=abs(allowed))
        total = total + alone
    np.testing.assert_allclose(current.j_y, total, atol=4 * abs(allowed))


def test_a_valley_splitting_lets_a_current_through():
    # K in its gap, K' in its conduction band: one valley is left, two spins of it.
    split = dd.materials.material("hbn-graphene", valley_splitting="60 meV")
    current = dd.material_current(split, STEP, "25 meV")
    assert current.currents["charge"] == pytest.approx(2 * ONE_CONE, rel=1e-9)
    field = dd.stray_field(current, "150 nm")
    assert field.largest == pytest.approx(2 * field.cones["K up"].largest, rel=1e-3)
    assert "sum of 4 cones" in field.note
    # In the gap of all cones a splitting changes nothing: signs of masses count there.
    small = dd.materials.material("hbn-graphene", valley_splitting="4 meV")
    assert dd.material_current(small, STEP).currents["charge"] == 0


def test_a_spin_splitting_of_a_dichalcogenide_leaves_the_charge_current_to_both_valleys():
    split = dd.materials.material("mos2", spin_splitting="20 meV")
    shifts = {f.name: f.shift - g.shift
              for f, g in zip(split.flavours, dd.materials.MOS2.flavours, strict=True)}
    assert shifts == {"K up": 10, "K down": -10, "K' up": 10, "K' down": -10}


@pytest.mark.parametrize("label", ["valley", "spin"])
def test_nothing_to_split_is_refused(label):
    with pytest.raises(ValueError, match=f"{label}_splitting does not apply"):
        dd.materials.material("ti-surface", **{f"{label}_splitting": "1 meV"})


def test_a_profile_of_one_cone_is_no_field_of_a_material():
    scale = dd.materials.HBN_GRAPHENE.scale()
    profile = dd.current_density(dd.Problem(dd.TanhStep(-0.3, 0.3, 1.0)), np.linspace(-9, 9, 5))
    with pytest.raises(ValueError, match=r"4 cones of hBN-aligned graphene.*material_current"):
        dd.stray_field(profile, "150 nm", scale)
    # One cone is one cone, and says so.
    assert dd.stray_field(profile, "150 nm", dd.Scale(scale.v_F, scale.energy)).note == "one cone"
    surface = dd.materials.TI_SURFACE.scale()
    assert dd.stray_field(profile, "150 nm", surface).largest > 0


def test_three_lines_from_a_gate_profile_to_nanotesla(tmp_path):
    (tmp_path / "gate.csv").write_text("x,U\n-60,-3\n-20,-2\n20,2\n60,3\n")
    current = dd.material_current("ti-surface", "gate.csv", temperature="4.2 K")
    field = dd.stray_field(current, "150 nm")
    charge = current.currents["charge"]
    # Far above it is a wire: 2e-7 I/z; at 2 µm the width of 120 nm is second order, 1e-3.
    wire = 2e-7 * charge * 1e-9 / 2e-6 * 1e9
    assert dd.stray_field(current, "2 um", x=[0.0]).B_x[0] == pytest.approx(wire, rel=3e-3)
    assert 50 < field.largest < 500


def test_a_material_current_has_a_scale_of_its_own():
    current = dd.material_current("ti-surface", STEP)
    with pytest.raises(ValueError, match="scale belongs to a profile"):
        dd.stray_field(current, "150 nm", current.scale)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: dd.material_current("ti-surface", STEP, 0, 4.2), 'temperature = 4.2.*"4.2 K"'),
    (lambda: dd.material_current("ti-surface", STEP, fermi_energy=2), 'fermi_energy = 2.*"2 meV"'),
    (lambda: dd.material_current("ti-surface", STEP | {"left": -5.0}), 'left = -5.*"-5 meV"'),
    (lambda: dd.material_current("ti-surface", STEP | {"rise": 90}), 'rise = 90.*"90 nm"'),
    (lambda: dd.material_current("ti-surface", STEP | {"rise": "90 meV"}), "rise must be"),
    (lambda: dd.material_current("ti-surface", STEP | {"width": "9 nm"}), "rise excludes width"),
    (lambda: dd.material_current("ti-surface", dd.TanhStep(-1, 1, 1)), "gate must be a mapping"),
    (lambda: dd.material_current("graphite", STEP), "material must be one of"),
    (lambda: dd.material_current(3, STEP), "material must be a Material"),
    (lambda: dd.material_current("ti-surface", {"formula": "x"}), "flat far away"),
    (lambda: dd.material_current("ti-surface", {"formula": "__import__('os')"}), "not allowed"),
    (lambda: dd.material_current("ti-surface", {"formula": "3*tanh(x/40", "shape": "tanh"}),
     "shape does not go with formula"),
    (lambda: dd.material_current("ti-surface", {"formula": "3*tanh(x/40"}), "never closed"),
    (lambda: dd.material_current("ti-surface", {"shape": "table", "x": [0, 9], "U": [0, 1]}),
     "x_unit"),
    (lambda: dd.materials.TI_SURFACE.hall_currents(dd.TanhStep(-1, 1, 1),
                                                   dd.materials.TI_SURFACE.scale(), 2.0),
     'fermi_energy = 2 needs a unit'),
])
def test_numbers_without_units_are_refused_with_the_fix(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("option", [
    ("--temperature", "4.2", '"4.2 K"'), ("--mass", "19", '"19 meV"'), ("--left", "-5", '"-5 meV"'),
    ("--right", "5", '"5 meV"'), ("--width", "40", '"40 nm"'), ("--position", "1", '"1 nm"'),
    ("--fermi-energy", "2", '"2 meV"'), ("--x-min", "-300", '"-300 nm"'),
    ("--x-max", "300", '"300 nm"'),
])
@pytest.mark.parametrize("laboratory", ["material", "scale"])
def test_every_option_refuses_a_bare_number(command, tmp_path, option, laboratory):
    name, value, fix = option
    (tmp_path / "p.toml").write_text(
        'material = "hbn-graphene"\n' if laboratory == "material"
        else '[scale]\nv_F = "1e6 m/s"\nenergy = "19 meV"\n')
    status, out, err = command("current", "--input", "p.toml", f"{name}={value}", "--no-plot")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert fix in err


def test_keys_of_a_file_refuse_bare_numbers_too(command, tmp_path):
    for text, fix in (
        ('temperature = 4.2\nmaterial = "mos2"', '"4.2 K"'),
        ('mass = 19\n[scale]\nv_F = "1e6 m/s"\nenergy = "19 meV"', '"19 meV"'),
        ('[scale]\nv_F = 1e6\nenergy = "19 meV"', '"1e+06 m/s"'),
        ('material = "mos2"\n[potential]\nshape = "tanh"\nleft = -60\nright = "60 meV"\n'
         'width = "2 nm"', '"-60 meV"'),
        ('[scale]\nv_F = "1e6 m/s"\nenergy = "19 meV"\ndegeneracy = 4', "cones of a material"),
    ):
        (tmp_path / "p.toml").write_text(text)
        status, out, err = command("current", "--input", "p.toml", "--no-plot")
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert fix in err, err


def test_a_sweep_in_laboratory_units_keeps_its_ranges(command, tmp_path):
    (tmp_path / "s.toml").write_text(
        'material = "ti-surface"\npoints = 3\nx_min = "-300 nm"\nx_max = "300 nm"\n'
        'output = "t.csv"\nfermi_energy = { from = "-2 meV", to = "2 meV", points = 2 }\n'
        'temperature = "4.2 K"\n[potential]\nshape = "tanh"\nleft = "-1 meV"\nright = "1 meV"\n'
        'width = ["40 nm", "80 nm"]\n')
    assert command("sweep", "s.toml")[0] == 0
    assert (tmp_path / "t.csv").exists()
    (tmp_path / "s.toml").write_text(
        'material = "ti-surface"\nfermi_energy = { from = -2, to = 2, points = 2 }\n')
    status, _, err = command("sweep", "s.toml")
    assert status == 2
    assert '"-2 meV"' in err


def test_json_says_that_the_cones_cancel(command):
    _, out, _ = command("current", "--material", "mos2", "--left=-60 meV", "--right=60 meV",
                        "--points", 3, "--json")
    found = json.loads(out)["laboratory"]
    assert found["note"] == "cancels by valley; one cone would give 2.3 uA"
    assert found["hall_currents_nA"]["charge"] == 0


@pytest.mark.parametrize("shape", RISES)
def test_the_rise_is_the_length_from_ten_to_ninety_per_cent(shape):
    scale = dd.Scale(1e6, 20.0)
    step = dd.gate({"shape": shape, "left": "0 meV", "right": "20 meV", "rise": "100 nm"}, scale)
    half = 50 / scale.unit("length")
    np.testing.assert_allclose(step([-half, half]), [0.1, 0.9], rtol=1e-12)
    assert dd.rise_length(step) * scale.unit("length") == pytest.approx(100, rel=1e-12)
    with pytest.raises(ValueError, match="rise is that of"):
        dd.gate({"shape": "sharp", "left": "0 meV", "right": "1 meV", "rise": "3 nm"}, scale)
    with pytest.raises(ValueError, match="potential must be one of"):
        dd.rise_length(dd.SharpStep(0, 1))


def test_formulas_tables_and_functions_are_one_gate():
    scale = dd.materials.TI_SURFACE.scale()
    x = np.linspace(-3, 3, 13)
    expected = dd.gate({"shape": "tanh", "left": "-3 meV", "right": "3 meV", "width": "40 nm"},
                       scale)(x)
    for given in ({"formula": "3*tanh(x/40)"}, {"formula": "-3 + 6/(1 + exp(-x/20))"},
                  lambda x: 3 * np.tanh(np.asarray(x) / 40)):
        # 1e-9 of the step is the sampling's own accuracy.
        np.testing.assert_allclose(dd.gate(given, scale)(x), expected, atol=1e-8)


@pytest.mark.parametrize("name", dd.materials.MATERIALS)
def test_every_number_has_a_source_and_says_whether_it_was_checked(name):
    found = dd.materials.material(name)
    known = {source.of for source in found.sources}
    numbers = {f.name for f in fields(found) if isinstance(getattr(found, f.name), float)
               and getattr(found, f.name)}
    assert numbers <= known
    text = found.describe()
    assert text.count("NOT VERIFIED") == sum(not s.checked for s in found.sources)
    changed = dd.materials.material(name, mass="3 meV")
    assert "mass = 3 meV\n    given by you" in changed.describe()
    assert changed == replace(found, mass=3.0)


@pytest.mark.parametrize(("value", "unit", "digits", "text"), [
    (2324.427519, "nA", 2, "2.3 uA"), (-0.0123, "nT", 2, "-12 pT"), (0.0, "nA", 2, "0 nA"),
    (999.7, "nA", 2, "1.0 uA"), (1234.0, "nA/um", 2, "1200 nA/um"), (36.0, "nA", 3, "36.0 nA"),
    (1e9, "nA", 2, "1000 mA"), (np.inf, "nA", 2, "inf nA"), (0.5, "s", 2, "500 ms"),
    (1e-9, "nT", 2, "1e-06 pT"), (123456.0, "s", 2, "120000 s"),
])
def test_readable_numbers(value, unit, digits, text):
    assert readable(value, unit, digits) == text


def test_from_lab_gives_numbers_that_may_be_used_again():
    scale = dd.materials.TI_SURFACE.scale()
    T = scale.from_lab("4.2 K", "temperature")
    assert isinstance(T, Dimensionless)
    (flavour,) = dd.materials.TI_SURFACE.flavours
    problem = dd.materials.TI_SURFACE.problem(flavour, dd.TanhStep(-1, 1, 1), scale, 0, T)
    assert problem.temperature == T
