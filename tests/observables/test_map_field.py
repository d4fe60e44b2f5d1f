"""The field of a map: against one wave, the wires of a step, the loops of a dot."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import constants

import dirac1d as dd
from dirac1d.results.map import CurrentMap, MapSeries

SCALE = dd.Scale(v_F=1e6, energy=19.0)
NM = SCALE.unit("length")


def map_of(problem, x, y, M, j_x, j_y, series=None):
    zero = np.zeros_like(M)
    return CurrentMap(x, y, M, j_x, j_y, zero, zero, "converged", "green", problem, 1e-6, series)


def cell_of(coefficients, lengths, x, y):
    series = MapSeries(coefficients, lengths)
    problem = dd.Problem(dd.Cell([[0.0, 0.1]], lengths))
    j = series.current(x[:, None], y)
    return map_of(problem, x, y, series.magnetisation(x[:, None], y), *j, series)


def test_one_wave_is_its_formula_and_the_field_has_no_divergence():
    M = np.zeros((3, 3), dtype=complex)
    M[2, 2] = M[0, 0] = 0.05
    L, h = (3.0, 4.0), 1e-3
    q = 2 * np.pi * np.hypot(1 / 3, 1 / 4)
    x, y = np.array([0.0, 0.4, 0.4 + h, 1.0]), np.array([0.0, 0.3, 0.3 + h, 2.0])
    found = cell_of(M, L, x, y)
    below, above = (dd.stray_field(found, (1.0 + s * h) * NM, SCALE) for s in (0, 1))
    peak = constants.mu_0 / 2 * q * np.exp(-q) * 0.1 * SCALE.unit("current") / NM * 1e9
    assert below.B_z[0, 0] == pytest.approx(peak, rel=1e-12)
    across = (below.B_x[2, 1] - below.B_x[1, 1] + below.B_y[1, 2] - below.B_y[1, 1]) / h
    upwards = (above.B_z[1, 1] - below.B_z[1, 1]) / h
    # Forward differences: the curvature of a wave, times h.
    assert across + upwards == pytest.approx(0.0, abs=5 * h * q * abs(peak))
    blurred = dd.stray_field(found, NM, SCALE, sensor=f"{0.5 * NM} nm")
    s = 0.5 / np.sqrt(8 * np.log(2))
    assert blurred.B_z[0, 0] == pytest.approx(peak * np.exp(-((q * s) ** 2) / 2), rel=1e-9)


def test_a_strip_without_y_is_a_step_of_wires():
    x, y = np.linspace(-12, 12, 321), np.arange(6) * 4 / 6
    profile = dd.current_density(dd.Problem(dd.TanhStep(-0.4, 0.4, 1.0)), x, rtol=1e-7)
    strip = dd.Strip(lambda x, y: 0.4 * np.tanh(x) + 0 * y, 4.0, -0.4, 0.4)
    one = np.ones((len(x), len(y)))
    j_y = profile.j_y[:, None] * one
    found = map_of(dd.Problem(strip), x, y, one, 0 * one, j_y)
    wires, field = (dd.stray_field(f, "40 nm", SCALE) for f in (profile, found))
    largest = wires.largest
    assert np.max(np.abs(field.B_x - wires.B_x[:, None])) < 1e-8 * largest
    assert np.max(np.abs(field.B_z - wires.B_z[:, None])) < 1e-8 * largest
    assert not np.any(np.abs(field.B_y) > 1e-12 * largest)


def test_a_packet_in_a_strip_is_the_same_in_a_long_cell():
    L, x, y = 24.0, np.arange(240) * 0.1, np.arange(8) * 0.5
    # M = e^{-(x-12)²} cos(πy/2), wave by wave in a cell, by its values in a strip.
    m = np.arange(-60, 61)
    q = 2 * np.pi * m / L
    M = np.zeros((121, 3), dtype=complex)
    M[:, 0] = M[:, 2] = np.sqrt(np.pi) / L * np.exp(-(q**2) / 4 - 12j * q) / 2
    cell = cell_of(M, (L, 4.0), x, y)
    strip = dd.Strip(lambda x, y: 0.1 * np.exp(-((x - 12) ** 2)) * np.cos(np.pi * y / 2), 4.0)
    same = map_of(dd.Problem(strip), x, y, cell.M, cell.j_x, cell.j_y)
    fields = [dd.stray_field(f, 0.5 * NM, SCALE) for f in (cell, same)]
    for name in ("B_x", "B_y", "B_z"):
        a, b = (getattr(f, name) for f in fields)
        # Images at 24: e^-2π·24/4.
        assert np.max(np.abs(a - b)) < 1e-9 * fields[0].largest


def test_a_file_of_a_field_names_its_units(tmp_path):
    found = cell_of(np.eye(3) * 0.1, (3.0, 4.0), np.array([0.0, 1.0]), np.array([0.0, 1.0, 2.0]))
    field = dd.stray_field(found, "100 nm", SCALE)
    text = field.save(tmp_path / "field.csv").read_text()
    assert "B_z" in text
    assert "nT" in text
    assert field.to_xarray()["B_z"].attrs["units"] == "nT"
    assert "2 x 3" in repr(field)


@pytest.mark.parametrize(("arguments", "options", "words"), [
    (("100 nm",), {}, "scale must be"),
    (("100 nm", SCALE), {"x": [0.0]}, "positions of the map"),
    (("100 nm", SCALE), {"sensor": -3.0}, "sensor must be positive"),
    ((-1.0, SCALE), {}, "height must be positive"),
    (("100 nm", dd.materials.material("mos2").scale()), {}, "cones"),
])
def test_mistakes_are_named(arguments, options, words):
    found = cell_of(np.eye(3) * 0.1, (3.0, 4.0), np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match=words):
        dd.stray_field(found, *arguments, **options)


def test_a_strip_must_show_its_whole_period_finely():
    strip = dd.Strip(lambda x, y: np.exp(-(x**2)) * np.cos(np.pi * y / 2), 4.0)
    for x, y, words in ((np.linspace(-9, 9, 200), np.linspace(0, 4, 9), "cover a period"),
                        (np.linspace(-9, 9, 20), np.arange(8) * 0.5, "half a height"),
                        (np.array([0.0, 1.0, 3.0]), np.arange(8) * 0.5, "evenly spaced")):
        one = np.ones((len(x), len(y)))
        with pytest.raises(ValueError, match=words):
            dd.stray_field(map_of(dd.Problem(strip), x, y, one, one, one), 0.5 * NM, SCALE)
    profile = dd.current_density(dd.Problem(dd.TanhStep(-0.1, 0.1, 1.0)), [-9.0, 9.0], rtol=1e-3)
    with pytest.raises(ValueError, match="sensor is that of maps"):
        dd.stray_field(profile, "100 nm", SCALE, sensor="10 nm")
