"""Laboratory units: constants, signs, parsing, materials, and input with units."""

import json

import numpy as np
import pytest
from scipy import constants

import dirac1d as dd
from dirac1d.laboratory.units import LAB_UNITS, parse_quantity

#: Rounding of a handful of multiplications.
ROUNDING = 1e-13
STEP = dd.TanhStep(-0.5, 0.5, width=1.0)


pytestmark = pytest.mark.usefixtures("empty_folder")


@pytest.mark.parametrize("energy", [1.0, 19.0, 830.0])
def test_current_in_the_gap_is_half_a_conductance_quantum_times_the_step(energy):
    # J_y = (e/2h)(U_L - U_R) in the gap, e = -|e|, any velocity.
    scale = dd.Scale(7e5, energy)
    current = scale.to_lab(dd.total_current(dd.Problem(STEP)), "current")
    expected = constants.e**2 / (2 * constants.h) * (energy * 1e-3) * 1e9
    assert current == pytest.approx(expected, rel=ROUNDING)


def test_current_density_times_length_is_current():
    scale = dd.Scale("350 meV nm", "20 meV")
    assert scale.unit("current_density") * scale.unit("length") * 1e-3 == pytest.approx(
        scale.unit("current"), rel=ROUNDING)
    assert scale.unit("spectral_current_density") * scale.unit("energy") == pytest.approx(
        scale.unit("current_density"), rel=ROUNDING)
    assert scale.unit("current") < 0
    assert scale.unit("current") == pytest.approx(dd.Scale(1e5, 20.0).unit("current"),
                                                  rel=ROUNDING)


def test_the_length_is_hbar_v_over_the_energy():
    scale = dd.Scale(1e6, 19.0)
    assert scale.unit("length") == pytest.approx(
        constants.hbar * 1e6 / (19e-3 * constants.e) * 1e9, rel=ROUNDING)
    assert scale.unit("length") * scale.unit("wavenumber") == pytest.approx(1, rel=ROUNDING)
    assert dd.Scale("658.2119569509066 meV nm", 1).v_F == pytest.approx(1e6, rel=ROUNDING)


@pytest.mark.parametrize("kind", LAB_UNITS)
def test_conversion_there_and_back(kind):
    scale, values = dd.Scale(5e5, 3.5), np.array([-2.0, 0.0, 1e-3, 7.0])
    there = scale.to_lab(values, kind)
    np.testing.assert_allclose(scale.from_lab(there, kind), values, rtol=ROUNDING)
    assert isinstance(float(scale.to_lab(1.5, kind)), float)


def test_room_temperature():
    assert dd.Scale(1e6, 25.852).from_lab("300 K", "temperature") == pytest.approx(1, rel=1e-5)
    # k_B T as an energy.
    assert dd.Scale(1e6, 10.0).from_lab("5 meV", "temperature") == pytest.approx(0.5)


@pytest.mark.parametrize(("text", "kind", "value"), [
    ("-60 meV", "energy", -60.0), ("-60meV", "energy", -60.0), (" 1e-3 eV ", "energy", 1.0),
    ("+.5 eV", "energy", 500.0), ("−5 µeV", "energy", -5e-3), ("2 μm", "length", 2000.0),
    ("2 um", "length", 2000.0), ("3 Å", "length", 0.3),
    ("5 mK", "temperature", 5e-3), ("800 km/s", "velocity", 8e5), ("2 1/nm", "wavenumber", 2.0),
])
def test_quantities_are_read(text, kind, value):
    assert parse_quantity("q", text, kind) == pytest.approx(value, rel=ROUNDING)


@pytest.mark.parametrize(("text", "kind"), [
    ("60", "energy"), ("meV", "energy"), ("60 nm", "energy"), ("60 MeV", "energy"),
    ("nan meV", "energy"), ("inf meV", "energy"), ("1e999 meV", "energy"), ("", "length"),
    ("1,5 nm", "length"), ("1 nm nm", "length"), ("0x10 nm", "length"), ("1 2 nm", "length"),
    ("5 C", "temperature"), ("\x00", "length"), ("9" * 5000 + " nm", "length"),
])
def test_other_text_is_refused(text, kind):
    with pytest.raises(ValueError, match="left"):
        parse_quantity("left", text, kind)


@pytest.mark.parametrize(("arguments", "culprit"), [
    ((0.0, 1.0), "v_F"), ((1e6, -1.0), "energy"), ((1e6, np.nan), "energy"),
    ((1e6, 1.0, 4), "degeneracy"), (("1 nm", 1.0), "v_F"), ((1e6, "1 nm"), "energy"),
    ((None, 1.0), "v_F"), ((19.0, 1e6), "m/s first"), ((830.0, 5e5), "m/s first"),
    ((5e3, 4e5), "m/s first"), (("3e5 km/s", 1e12), "energy"), ((4e8, 1.0), "v_F"),
])
def test_impossible_scales_are_named(arguments, culprit):
    with pytest.raises(ValueError, match=culprit):
        dd.Scale(*arguments)


def test_unknown_kinds_are_named():
    with pytest.raises(ValueError, match="kind"):
        dd.Scale(1e6, 1.0).to_lab(1.0, "charge")
    with pytest.raises(ValueError, match="not read from text"):
        dd.Scale(1e6, 1.0).from_lab("1 nA", "current")


@pytest.mark.parametrize("name", dd.materials.MATERIALS)
def test_time_reversal_decides_between_charge_and_valley_hall_current(name):
    found = dd.materials.material(name)
    scale = found.scale()
    # In the gap of every flavour: each carries ±(e²/2h) times the step.
    step = dd.TanhStep(-0.05, 0.05, 1.0)
    one = constants.e**2 / (2 * constants.h) * 0.1 * scale.energy * 1e-3 * 1e9
    currents = found.hall_currents(step, scale)
    if name == "ti-surface":
        assert currents == {"surface": pytest.approx(one), "charge": pytest.approx(one)}
    else:
        assert currents["charge"] == pytest.approx(0, abs=1e-9 * one)
        assert currents["valley"] == pytest.approx(4 * one, rel=1e-12)
        assert currents["spin"] == pytest.approx(0, abs=1e-9 * one)


def test_hole_doped_dichalcogenide_has_a_spin_valley_locked_current():
    # ε_F between the two spin-split valence band edges: K up and K' down are metallic there.
    wse2 = dd.materials.WSE2
    scale = wse2.scale()
    edge_up = scale.from_lab(-800 + 230, "energy")
    currents = wse2.hall_currents(
        dd.TanhStep(-0.02, 0.02, 1.0), scale, dd.units.Dimensionless(edge_up - 0.15))
    assert currents["K up"] == currents["K' down"] == 0
    assert currents["K down"] == pytest.approx(-currents["K' up"])
    assert currents["charge"] == 0
    assert currents["valley"] == pytest.approx(2 * currents["K down"])
    assert currents["spin"] == pytest.approx(-2 * currents["K down"])


def test_band_edges_of_the_flavours():
    # Xiao et al.: valence bands of one valley split by 2λ, conduction bands degenerate.
    up, down = dd.materials.MOS2.flavours[:2]
    assert up.shift + abs(up.mass) == down.shift + abs(down.mass) == 830.0
    assert (up.shift - abs(up.mass)) - (down.shift - abs(down.mass)) == pytest.approx(150.0)


def test_presets_are_overridable():
    changed = dd.materials.material("MoS2", v_F="0.3 eV nm", mass="0.9 eV", spin_orbit=0)
    assert {abs(f.mass) for f in changed.flavours} == {900.0}
    assert changed.scale("10 meV").energy == 10.0
    for mistake, culprit in ((("mos3", {}), "material"), (("mos2", {"gap": 1}), "gap"),
                             (("mos2", {"v_F": -1}), "v_F"), ((3, {}), "material")):
        with pytest.raises(ValueError, match=culprit):
            dd.materials.material(mistake[0], **mistake[1])


FILE = """
material = "hbn-graphene"
fermi_energy = "2 meV"
temperature = "20 K"
x_min = "-0.2 um"
x_max = "200 nm"
points = 5
[potential]
shape = "tanh"
left = "-5 meV"
right = "0.005 eV"
width = "40 nm"
"""


def test_problem_file_in_laboratory_units(command, tmp_path):
    (tmp_path / "p.toml").write_text(FILE)
    status, out, err = command("current", "--input", "p.toml", "--json")
    assert (status, err) == (0, "")
    result = json.loads(out)
    lab, problem = result["laboratory"], result["problem"]
    assert problem["potential"]["right"] == pytest.approx(5 / 19)
    assert problem["temperature"] == pytest.approx(constants.k * 20 / (19e-3 * constants.e))
    np.testing.assert_allclose(lab["x"], [-200, -100, 0, 100, 200], atol=1e-10)
    assert lab["J_y"] == pytest.approx(lab["hall_currents_nA"]["K up"], rel=1e-7)
    assert 0 < lab["J_y"] < 193.71
    # The same numbers without units.
    plain = dd.Problem.from_dict(problem)
    again = dd.current_density(plain, result["x"])
    np.testing.assert_array_equal(again.j_y, result["j_y"])


def test_options_with_units_override_the_file(command, tmp_path):
    (tmp_path / "p.toml").write_text(FILE)
    _, out, _ = command("current", "--input", "p.toml", "--json", "--left", "-9.5 meV",
                        "--mass", "38 meV", "--flavour", "K' down")
    result = json.loads(out)
    assert result["problem"]["potential"]["left"] == -0.5
    assert result["problem"]["mass"] == -2.0
    assert result["laboratory"]["J_y"] < 0


def test_tables_are_in_nm_and_meV(command, tmp_path):
    (tmp_path / "ü.csv").write_text("x,U\n-40,-5\n0,0\n40,5\n", encoding="utf-8")
    _, out, _ = command("current", "--json", "--potential", "ü.csv", "--points", 5,
                        "--material", "hbn-graphene")
    option = json.loads(out)
    table = option["problem"]["potential"]
    scale = dd.materials.HBN_GRAPHENE.scale()
    np.testing.assert_allclose(table["x"], np.array([-40, 0, 40]) / scale.unit("length"))
    np.testing.assert_allclose(table["U"], np.array([-5, 0, 5]) / 19)
    (tmp_path / "p.toml").write_text(
        'points = 5\n[scale]\nv_F = "1e6 m/s"\nenergy = "19 meV"\n[potential]\nshape = "table"\n'
        'file = "µ.csv"\nx_unit = "um"\nU_unit = "eV"\n', encoding="utf-8")
    (tmp_path / "µ.csv").write_text("-0.04,-0.005\n0,0\n0.04,0.005\n")
    _, out, _ = command("current", "--json", "--input", "p.toml")
    np.testing.assert_allclose(json.loads(out)["problem"]["potential"]["x"], table["x"])


def test_total_in_laboratory_units(command):
    status, out, _ = command("total", "--material", "ti-surface", "--left", "-1 meV",
                             "--right", "1 meV", "--from", "-9 meV", "--to", "9 meV", "--points", 3)
    rows = [[float(v) for v in r.split()] for r in out.splitlines() if not r.startswith("#")]
    expected = constants.e**2 / (2 * constants.h) * 2e-3 * 1e9
    assert status == 0
    np.testing.assert_allclose(rows, [[-9, 0, 0], [0, expected, expected], [9, 0, 0]], atol=1e-6)


def test_readable_report_names_currents_and_units(command):
    _, out, _ = command("current", "--material", "mos2", "--left", "-60 meV", "--right",
                        "60 meV", "--no-plot", "--points", 3)
    assert "valley Hall current:" in out
    assert "nA/um" in out
    assert "K' down" in out


@pytest.mark.parametrize(("arguments", "culprit"), [
    (("--left", "-60 meV"), "left"),
    (("--material", "mos2", "--left", "-60 nm"), "left"),
    (("--material", "mos2", "--flavour", "X"), "flavour"),
    (("--flavour", "K up"), "flavour"),
    (("--material", "mos3"), "--material"),
    (("--material", "mos2", "--x-min", "3 eV"), "x_min"),
    (("--input", "both.toml"), "exclude"),
    (("--input", "half.toml"), "energy"),
    (("--input", "more.toml"), "gap"),
    (("--input", "scale.toml"), "scale"),
    (("--input", "nofile.toml"), "none.csv"),
    (("--input", "unit.toml"), "parsec"),
])
def test_mistakes_with_units(command, tmp_path, arguments, culprit):
    files = {
        "both": 'material = "mos2"\n[scale]\nv_F = 1e6\nenergy = 1.0',
        "half": '[scale]\nv_F = "1e6 m/s"', "more": "[scale]\ngap = 1", "scale": "scale = 3",
        "nofile": '[potential]\nshape = "table"\nfile = "none.csv"',
        "unit": 'material = "mos2"\n[potential]\nshape = "table"\nx = [0, 1]\nU = [0, 1]\n'
                'x_unit = "parsec"',
    }
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text)
    status, out, err = command("current", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert culprit in err


def test_lists_of_texts_are_made_dimensionless():
    scale = dd.Scale(v_F=1e6, energy=20.0)
    unit = scale.unit("length")
    for texts in (["20 nm", "1 um"], ("20 nm", "1 um"), np.array(["20 nm", "1 um"]),
                  ["20 nm", "1e-6 m"]):
        np.testing.assert_allclose(scale.from_lab(texts, "length"), [20 / unit, 1000 / unit])
    assert scale.from_lab([["20 nm"], ["0 nm"]], "length").shape == (2, 1)
    assert scale.from_lab(["20 nm", 0], "length")[1] == 0


@pytest.mark.parametrize("value", [
    ["20 nm", 3], ["20 nm", "3 meV"], ["20 nm", None], None, [None], ["20"], {},
    [[1.0], [2.0, 3.0]],
    dd.Problem, "20",
], ids=repr)
def test_what_is_no_length_is_named(value):
    scale = dd.Scale(v_F=1e6, energy=20.0)
    with pytest.raises(ValueError, match="length"):
        scale.from_lab(value, "length")
    if not isinstance(value, list) or "20 nm" not in value:
        with pytest.raises(ValueError, match="length"):
            scale.to_lab(value, "length")


def test_a_table_without_units_says_which_it_was_read_in(command, tmp_path):
    (tmp_path / "gate.csv").write_text("x,U\n-60,-3\n60,3\n")
    said = "gate.csv: 2 rows, x in nm, U in meV, units by default"
    _, out, _ = command("current", "--material", "ti-surface", "--potential", "gate.csv",
                        "--points", 5, "--rtol", "1e-3", "--no-plot")
    assert said in out
    (tmp_path / "furlongs.csv").write_text("x (furlong),U (meV)\n-60,-3\n60,3\n")
    status, _, err = command("current", "--material", "ti-surface", "--potential", "furlongs.csv",
                             "--no-plot")
    assert status == 2
    assert err.count("\n") == 1
    assert "furlongs.csv" in err
    assert "--units" in err
