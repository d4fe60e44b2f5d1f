"""Maps as values: what they hold, what a file keeps, what is refused."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.results.map import CurrentMap, MapSeries

X, Y = np.linspace(0, 3, 5), np.linspace(0, 2, 4)
PROBLEM = dd.Problem(dd.Cell.wave(0.5, (1, -1), (3.0, 2.0)), 0.8, 0.1, 0.05)
#: Any M that is real: M[-m, -n] = conj M[m, n].
COEFFICIENTS = np.zeros((3, 5), dtype=complex)
COEFFICIENTS[2, 1], COEFFICIENTS[0, 3] = 0.1 + 0.2j, 0.1 - 0.2j
SERIES = MapSeries(COEFFICIENTS, (3.0, 2.0))


def make(**changes) -> CurrentMap:
    M = SERIES.magnetisation(X[:, None], Y)
    j_x, j_y = SERIES.current(X[:, None], Y)
    found = CurrentMap(X, Y, M, j_x, j_y, 0 * M + 1e-3, 0 * M + 2e-3, "converged", "states",
                       PROBLEM, 1e-2, SERIES, {"order": 3})
    return replace(found, **changes)


def test_the_current_is_the_curl_of_m():
    found, h = make(), 1e-5
    M = SERIES.magnetisation
    x, y = X[:, None], Y
    assert np.allclose(found.j_x, (M(x, y + h) - M(x, y - h)) / (2 * h), atol=1e-9)
    assert np.allclose(found.j_y, -(M(x + h, y) - M(x - h, y)) / (2 * h), atol=1e-9)
    assert np.array_equal(found(0.3, 0.4), SERIES.current(0.3, 0.4))


@pytest.mark.parametrize("series", [SERIES, None])
def test_a_file_keeps_all_of_it(tmp_path, series):
    found = make(series=series, status="reached 1e-1, not 1e-2")
    loaded = dd.load(found.save(tmp_path / "map"))
    assert loaded == found
    assert hash(loaded) == hash(found)
    assert loaded.problem == PROBLEM
    whole = (tmp_path / "map.npz").read_bytes()
    with pytest.raises(ValueError, match="damaged"):
        dd.load(whole[: len(whole) // 2])


def test_a_table_has_a_row_for_every_pixel(tmp_path):
    found = make()
    lines = found.save(tmp_path / "map.csv").read_text().splitlines()
    names = lines[1].split(",")
    assert names == ["x", "y", "U", "M", "j_x", "j_y", "error", "M_error"]
    rows = np.array([[float(v) for v in line.split(",")] for line in lines[2:]])
    assert np.array_equal(rows[:, 4].reshape(5, 4), found.j_x)
    with pytest.raises(ValueError, match="must end in"):
        found.save(tmp_path / "map.txt")


def test_an_xarray_dataset_names_its_axes(monkeypatch):
    pytest.importorskip("xarray")
    data = make().to_xarray()
    assert data["j_x"].dims == ("x", "y")
    assert float(data["j_y"].sel(x=3.0, y=0.0)) == make().j_y[-1, 0]
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ImportError, match=r"pip install dirac1d\[xarray\]"):
        make().to_xarray()


def test_the_total_of_a_strip_is_m_at_both_ends():
    step = dd.Strip(lambda x, y: 0.5 * np.tanh(x) + 0 * y, 2.0, -0.5, 0.5)
    found = make(problem=dd.Problem(step), series=None)
    total = found.total_current()
    assert np.array_equal(np.asarray(total), found.M[0] - found.M[-1])
    assert np.allclose(total.error, 4e-3)
    with pytest.raises(ValueError, match="values on its grid only"):
        found(0.0, 0.0)
    with pytest.raises(ValueError, match="nothing flows"):
        make().total_current()


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="j_x must have the shape"):
        make(j_x=np.zeros((4, 5)))


@pytest.mark.parametrize(("arguments", "words"), [
    ((PROBLEM, [0.0, np.nan], [0.0]), r"x must be finite, got x\[1\]"),
    ((PROBLEM, [0.0], [1.0, 0.0]), "y must increase"),
    ((PROBLEM, [0.0], []), "y must not be empty"),
    ((dd.Problem(dd.TanhStep(0, 1, 1)), [0.0], [0.0]), "its current is dd.current_density"),
    ((PROBLEM, [0.0], [0.0], "none"), "engine must be one of"),
])
def test_what_is_no_question_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        dd.current_map(*arguments)
    with pytest.raises(ValueError, match="foo is not an option of engine 'states'"):
        dd.current_map(PROBLEM, [0.0], [0.0], engine="states", foo=1)
