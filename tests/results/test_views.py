"""A profile looked at: called, printed, compared, drawn; and wrong types named."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

import dirac1d as dd
from dirac1d.numerics.strip import Strip

X = np.linspace(-4, 4, 9)


@pytest.fixture(scope="module")
def profile():
    return dd.current_density(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), X, rtol=1e-4)


@pytest.mark.parametrize("potential", [
    dd.TanhStep(-0.5, 0.5, 1.0), dd.TanhStep(-0.5, 0.5, 0.3), dd.CosinePotential(0.3, 2.0)],
    ids=lambda U: type(U).__name__)
@pytest.mark.parametrize("fermi_energy", [0.0, 1.7])
def test_between_its_points_it_is_within_its_error(potential, fermi_energy):
    problem = dd.Problem(potential, fermi_energy=fermi_energy)
    coarse = dd.current_density(problem, X, rtol=1e-3)
    x = np.linspace(-3.9, 3.9, 57)
    fine = dd.current_density(problem, x, rtol=1e-7)
    value, error = coarse(x)
    assert np.all(np.abs(value - fine.j_y) <= error + fine.error)
    assert np.max(error) < 1e-2 * problem.current_scale


def test_at_its_points_it_is_what_it_was(profile):
    value, error = profile(X)
    np.testing.assert_allclose(value, profile.j_y, rtol=1e-12)
    assert np.all(error >= profile.error)
    one = profile(0.3)
    assert isinstance(one, dd.Estimate)
    assert profile([[0.3, 0.4]]).value.shape == (1, 2)
    assert profile([[0.3]]).value[0, 0] == one


def test_at_a_jump_it_is_infinite_and_knows_nothing():
    step = dd.Profile(
        [-1.0, 1.0], [0.1, 0.1], [1e-9, 1e-9], "converged", "green",
        dd.Problem(dd.SharpStep(-0.5, 0.5)), 1e-8,
        Strip(np.array([-1.0, 0.0, 1.0]), np.array([[0.1, 0.0], [0.1, 0.2]]), np.zeros(2)))
    assert (step(0.0).value, step(0.0).error) == (-np.inf, np.inf)
    # Beside it the error is as large as what the series may hide.
    assert step(0.5).error >= 0.2


@pytest.mark.parametrize(("x", "culprit"), [
    (9.0, "outside"), (np.nan, "outside"), ("a", "x must be"), ([0, None], "x"), ({}, "x must be")])
def test_other_places_are_named(profile, x, culprit):
    with pytest.raises(ValueError, match=culprit):
        profile(x)


def test_it_prints_in_one_line(profile):
    swept = dd.sweep([profile.problem], X, rtol=0.1)
    for shown in (profile, profile.strip, profile.problem, swept):
        assert len(repr(shown)) < 250
        assert "\n" not in repr(shown)
    text = repr(profile)
    assert all(word in text for word in ("9 points", "-4 to 4", "J_y = -0.0795", "±", "converged"))


def test_html_has_a_table_and_a_picture(profile):
    text = profile._repr_html_()
    assert "<table>" in text
    assert "<svg" in text
    assert "converged" in text
    single = dd.current_density(profile.problem, [0.0], rtol=0.1)
    assert "<svg" not in single._repr_html_()
    assert "<table>" in dd.sweep([profile.problem], X, rtol=0.1)._repr_html_()


def test_equality_and_hashes_are_by_content(profile):
    same = dd.current_density(profile.problem, X, rtol=1e-4)
    assert same == profile
    assert hash(same) == hash(profile)
    other = dd.current_density(profile.problem, X[1:], rtol=1e-4)
    assert other != profile
    assert len({same, profile, other}) == 2
    assert profile != "profile"
    assert dd.sweep([profile.problem], X, rtol=0.1) == dd.sweep([profile.problem], X, rtol=0.1)


def test_it_draws_itself(profile):
    figure = profile.plot()
    assert len(figure.axes) == 2
    scale = dd.Scale(v_F=1e6, energy=20.0)
    in_lab = profile.plot(scale=scale)
    assert "nA" in in_lab.axes[1].get_ylabel()
    assert "nm" in in_lab.axes[1].get_xlabel()
    np.testing.assert_allclose(
        in_lab.axes[1].lines[0].get_ydata(), profile.j_y * scale.unit("current_density"))
    in_lab.canvas.draw()
    title = in_lab.axes[0].title.get_window_extent()
    assert title.x0 >= 0
    assert title.x1 <= in_lab.bbox.x1
    _, ax = plt.subplots()
    assert profile.plot(ax) is ax
    plt.close("all")


def test_as_dataset(profile, tmp_path):
    pytest.importorskip("xarray")
    data = profile.to_xarray()
    np.testing.assert_array_equal(data["j_y"], profile.j_y)
    assert data["x"].attrs["units"] == "hbar v_F/E0"
    result = dd.sweep([profile.problem], X, rtol=0.1, coordinates={"mass": [1.0]})
    stored = dd.load_table(result.save(tmp_path / "t.npz")).to_xarray()
    assert stored.identical(result.to_xarray())


@pytest.mark.parametrize("call", [
    lambda p: dd.total_current("x"), lambda p: dd.export(3, "a.csv"), lambda p: dd.load(3),
    lambda p: dd.export(p, 3), lambda p: dd.export(p, "a.csv", 3), lambda p: dd.load_table(None),
    lambda p: dd.TabulatedPotential.from_csv(3), lambda p: p.save(3), lambda p: p.save("a.csv"),
    lambda p: p.integral("a"), lambda p: p.integral(None, [1]), lambda p: p.plot(3),
    lambda p: p.plot(scale=3), lambda p: dd.Problem.from_dict(3), lambda p: dd.explore(3),
    lambda p: dd.exact.smooth_limit_current(3, [0.0]),
    lambda p: dd.exact.linear_response_current(3, [0.0]),
    lambda p: dd.semiclassics.velocity_x(3, 1.0, 0.0),
])
def test_wrong_types_are_named(profile, call):
    with pytest.raises(ValueError, match=r"must|end in|described"):
        call(profile)


def test_text_is_not_taken_for_a_pickle(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("0,1\n")
    with pytest.raises(ValueError, match=r"no \.npz archive") as found:
        dd.load(path)
    assert "pickle" not in str(found.value)


def test_parts_are_loaded_when_they_are_asked_for():
    code = ("import sys, dirac1d as dd; assert 'matplotlib' not in sys.modules; "
            "assert 'plotting' in dir(dd); dd.geometry.haldane; dd.plotting.current_figure; "
            "assert 'matplotlib' in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = dd.nonsense
