"""What a probe reads: means over loops and periods, noise, one page of one experiment."""

import argparse
import json
import time

import numpy as np
import pytest
from scipy.integrate import quad

import dirac1d as dd
from dirac1d.numerics import files
from dirac1d.observables.probes import (
    NV_ANGLE,
    averaging_time,
    nv_centre,
    signal,
    squid_on_tip,
)

pytestmark = pytest.mark.usefixtures("empty_folder")

STEP = {"shape": "tanh", "left": "-3 meV", "right": "3 meV", "rise": "100 nm"}
X = np.linspace(-200, 200, 9)


@pytest.fixture(scope="module")
def current():
    return dd.material_current("ti-surface", STEP, temperature="4.2 K")


def field_at(current, x, height):
    field = dd.stray_field(current, height, x=np.sort(np.atleast_1d(x)))
    return field.B_x, field.B_z


@pytest.mark.parametrize("diameter", [20.0, 200.0, 800.0])
def test_a_loop_reads_the_mean_over_its_disc(current, diameter):
    found = signal(current, squid_on_tip(f"{diameter} nm"), 60.0, X)
    R = diameter / 2
    for i in (1, 4):
        # A disc's chord at u is 2√(R² - u²); with u = R sin t the weight is smooth.
        expected = quad(lambda t, i=i: field_at(current, X[i] + R * np.sin(t), 60.0)[1][0]
                        * 2 / np.pi * np.cos(t) ** 2, -np.pi / 2, np.pi / 2, epsrel=1e-8)[0]
        # 1e-5 of the field at most: the spline and the rule.
        assert found.B_z[i] == pytest.approx(expected, abs=2e-5 * found.field.largest)
    np.testing.assert_array_equal(found.read, found.B_z)
    assert not found.fork.any()


def test_a_small_amplitude_reads_the_slope(current):
    probe, a = nv_centre(), 0.5
    found = signal(current, probe, 80.0, X, f"{a} nm")
    h, tilt = 0.01, np.radians(NV_ANGLE)
    (x_p, z_p), (x_m, z_m) = (field_at(current, X + s, 80.0) for s in (h, -h))
    slope = (np.cos(tilt) * (z_p - z_m) + np.sin(tilt) * (x_p - x_m)) / (2 * h)
    # The next order of the first harmonic is a²/4 B‴: 1e-5 of B/height, times the spline's 1e-4.
    np.testing.assert_allclose(found.fork, a * slope, atol=3e-4 * np.max(np.abs(slope)) * a)


def test_a_large_amplitude_reads_the_first_harmonic(current):
    found = signal(current, nv_centre(angle="0 deg"), 50.0, X, "70 nm")
    phase = 2 * np.pi * (np.arange(400) + 0.5) / 400
    for i in (2, 4):
        moved = X[i] + 70 * np.sqrt(2) * np.sin(phase)
        order = np.argsort(moved)
        B = np.empty(400)
        B[order] = field_at(current, moved + 0.0, 50.0)[1] if np.all(np.diff(moved) > 0) else [
            field_at(current, v, 50.0)[1][0] for v in moved[order]]
        expected = np.sqrt(2) * np.mean(B * np.sin(phase))
        assert found.fork[i] == pytest.approx(expected, abs=3e-5 * found.field.largest)


def test_noise_and_time():
    # 10 times a noise of 20 nT/√Hz on 10 nT: variance noise²/2t = 1 nT² at t = 200 s.
    assert averaging_time(10.0, 20.0, 10.0) == 200
    assert averaging_time(0.0, 20.0, 10.0) == np.inf
    small, large = squid_on_tip("100 nm"), squid_on_tip("200 nm")
    assert small.noise == pytest.approx(4 * large.noise)
    assert large.noise == pytest.approx(16.5, abs=0.1)
    assert squid_on_tip("100 nm", "5 nT/rtHz").noise == nv_centre("5 nT/√Hz").noise == 5
    assert nv_centre("1 uT/sqrt(Hz)").noise == 1000


def test_an_experiment_from_gate_to_nanotesla_takes_seconds(tmp_path):
    (tmp_path / "gate.csv").write_text("x (nm),U (meV)\n-90,-3\n-20,-2\n20,2\n90,3\n")
    start = time.perf_counter()
    found = dd.image("ti-surface", "gate.csv", "8 meV", "4.2 K", amplitude="20 nm")
    # 0.7 s here; the target of 10 s is not to fail on a busy machine by a factor.
    assert time.perf_counter() - start < 30
    text = str(found)
    assert "-3 meV to 3 meV" in text
    assert "100 nm, 66 nT/sqrt(Hz), tuning fork 20 nm" in text
    rows = found.rows()
    assert [row[0] for row in rows] == ["height", "50 nm", "150 nm", "500 nm"]
    assert all(len(row) == 7 for row in rows)
    # No number of the table has more than three digits.
    words = " ".join(w for row in rows[1:] for w in row[1:]).split()
    assert all(sum(c.isdigit() for c in w.lstrip("0.")) <= 4 for w in words)


def test_a_cancelling_material_reads_nothing_for_ever():
    split = dd.image("hbn-graphene", STEP, probe="nv", valley_splitting="4 meV", heights="100 nm")
    assert split.rows()[1] == ["100 nm", "0 nT", "0 nT", "0 nT", "for ever"]
    assert "cancels by valley; one cone would give" in str(split)
    found = dd.image("hbn-graphene", STEP, "25 meV", probe="nv", valley_splitting="60 meV",
                     heights=["100 nm"])
    assert np.max(np.abs(found.signals[0].read)) > 100


def test_fields_are_exported_with_units(tmp_path, current):
    found = dd.image("ti-surface", STEP, heights=["50 nm", "0.2 um"], amplitude="10 nm")
    lines = found.save("f.csv").read_text(encoding="utf-8").splitlines()
    header = {k: json.loads(v) for k, v in (
        line[2:].split(": ", 1) for line in lines if line.startswith("# "))}
    assert header["currents_nA"]["charge"] == pytest.approx(116.2, abs=0.1)
    names = next(line for line in lines if not line.startswith("#")).split(",")
    assert names[:3] == ["x [nm]", "B_x_50nm [nT]", "B_z_50nm [nT]"]
    assert "fork_200nm [nT]" in names
    stored, arrays = files.unpack(found.save("f.npz"), "dirac1d.Image", 1)
    assert stored["column_units"]["B_z_200nm"] == "nT"
    np.testing.assert_array_equal(arrays["B_x_50nm"], found.signals[0].field.B_x)
    grid = found.to_xarray()
    assert grid["B_z"].attrs["units"] == "nT"
    np.testing.assert_array_equal(grid["fork"].sel(height=200), found.signals[1].fork)
    field = dd.stray_field(current, "100 nm")
    assert field.save("g.csv").read_text().count("\n") == len(field.x) + 4
    assert field.to_xarray()["B_x"].attrs["units"] == "nT"
    for source in (found, field):
        with pytest.raises(ValueError, match=r"must end in one of .csv, .npz"):
            source.save("f.xlsx")


@pytest.mark.parametrize(("arguments", "culprit"), [
    ({"heights": 150}, "heights"), ({"heights": [150]}, 'height = 150.*"150 nm"'),
    ({"heights": []}, "heights"), ({"heights": "-1 nm"}, "height must be positive"),
    ({"diameter": 100}, 'diameter = 100.*"100 nm"'), ({"noise": 5}, r'"5 nT/sqrt\(Hz\)"'),
    ({"amplitude": 20}, '"20 nm"'), ({"probe": "hall"}, "probe must be"),
    ({"probe": "nv", "diameter": "1 nm"}, "does not apply"), ({"ratio": 0}, "ratio"),
    ({"valley_splitting": "1 meV"}, "one valley"), ({"valley_splitting": 5}, '"5 meV"'),
    ({"temperature": 4.2}, '"4.2 K"'), ({"probe": nv_centre(), "noise": "1 nT/rtHz"}, "given"),
])
def test_mistakes_are_named(arguments, culprit):
    with pytest.raises(ValueError, match=culprit):
        dd.image("ti-surface", STEP, **arguments)


def run(tmp_path, text, *options):
    from dirac1d.apps.image_command import add_options, run_image

    (tmp_path / "e.toml").write_text(text)
    parser = argparse.ArgumentParser()
    add_options(parser)
    return run_image(parser.parse_args(["e.toml", *options]))


def test_the_example_makes_a_page(tmp_path, capsys):
    from dirac1d.apps.image_command import EXAMPLE

    assert run(tmp_path, EXAMPLE, "--save", "fields.csv") == 0
    out = capsys.readouterr().out
    assert "J_y together:             120 nA" in out
    assert "picture: dirac1d-image.png" in out
    assert (tmp_path / "dirac1d-image.png").stat().st_size > 10_000
    assert (tmp_path / "fields.csv").exists()
    assert run(tmp_path, EXAMPLE, "--json", "--no-plot") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["note"] == "one cone, its current is the sum"


@pytest.mark.parametrize(("change", "culprit"), [
    (("[gate]", "[gates]"), "gates"), (('"4.2 K"', "4.2"), '"4.2 K"'),
    (('left = "-3 meV"', "left = -3"), '"-3 meV"'), (('"ti-surface" ', '"tin" '), "ti-surface"),
    (('shape = "tanh" ', 'file = "none.csv" #'), "none.csv"),
])
def test_mistakes_in_the_file_are_named(tmp_path, change, culprit):
    from dirac1d.apps.image_command import EXAMPLE

    text = EXAMPLE.replace(*change)
    if "none.csv" in culprit:
        text = "\n".join(v for v in text.splitlines() if v[:4] not in ("left", "righ", "rise"))
    with pytest.raises(ValueError, match=culprit):
        run(tmp_path, text, "--no-plot")


def test_laboratory_pictures_have_laboratory_axes():
    import matplotlib.pyplot as plt

    from dirac1d.apps.image import image_figure

    figure = image_figure(dd.image("mos2", STEP, heights="1 um", amplitude="5 nm"))
    labels = {ax.get_ylabel() for ax in figure.axes} | {ax.get_xlabel() for ax in figure.axes}
    for unit in ("[meV]", "[nT]", "[nA/µm]"):
        assert any(unit in label for label in labels)
    assert not any("E_0" in label or "hbar" in label for label in labels)
    # Titles and table lie within the page.
    figure.canvas.draw()
    box = figure.bbox
    written = [text for ax in figure.axes for text in (
        *ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label)] + figure.texts
    assert len(written) > 20
    for text in written:
        extent = text.get_window_extent()
        assert extent.x0 >= box.x0 - 1, text
        assert extent.x1 <= box.x1 + 1, text
    plt.close(figure)
