"""Pictures: labels, legends, and data that are those of the profile."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps.plotting import current_figure, plot_bands, plot_map, plot_profile, plot_total

matplotlib.use("agg")


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


@pytest.fixture(scope="module")
def profile():
    problem = dd.Problem(dd.SharpStep(-0.5, 0.5), fermi_energy=0.1)
    return dd.current_density(problem, [-1.0, -0.5, 0.0, 0.5, 1.0], rtol=1e-4)


def test_profile_shows_the_values_and_marks_the_divergence(ax, profile):
    assert plot_profile(ax, profile) is ax
    line = ax.lines[0]
    finite = np.isfinite(profile.j_y)
    np.testing.assert_array_equal(line.get_xdata(), profile.x[finite])
    np.testing.assert_array_equal(line.get_ydata(), profile.j_y[finite])
    assert any(np.all(np.asarray(other.get_xdata()) == 0.0) for other in ax.lines[1:])
    assert "j_y" in ax.get_ylabel()
    assert "E_0" in ax.get_xlabel()


def test_bands_show_the_gap_and_the_fermi_energy(ax, profile):
    x = np.array([-1.0, 1.0])
    assert plot_bands(ax, profile.problem, x) is ax
    # Sharp: both sides of the jump are drawn.
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [0.5, 0.5, 1.5, 1.5])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [-1.5, -1.5, -0.5, -0.5])
    assert ax.lines[2].get_ydata()[0] == 0.1
    assert len(ax.get_legend().get_texts()) == 3


def test_total_against_fermi_energy(ax):
    assert plot_total(ax, [0.0, 1.0], [-0.1, -0.2], label="closed form") is ax
    assert "varepsilon_F" in ax.get_xlabel()
    assert "J_y" in ax.get_ylabel()


def test_total_over_its_closed_form(ax):
    plot_total(ax, [0.5], [-0.15], label="engine", closed=([0.0, 1.0], [-0.1, -0.2]))
    line, circles, _ = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), [[0.0, -0.1], [1.0, -0.2]])
    np.testing.assert_array_equal(circles.get_xydata(), [[0.5, -0.15]])
    assert (line.get_linestyle(), circles.get_linestyle()) == ("-", "None")
    assert line.get_color() == circles.get_color()
    assert [t.get_text() for t in ax.legend().get_texts()] == ["closed form", "engine"]


def test_map_shows_the_values_with_colours_symmetric_about_zero(ax):
    values = np.array([[0.0, -2.0, 1.0], [0.5, 0.0, np.nan]])
    assert plot_map(ax, [0.0, 1.0, 2.0], [-1.0, 1.0], values) is ax
    (mesh,) = ax.collections
    np.testing.assert_array_equal(mesh.get_array().filled(np.nan), values)
    assert mesh.get_clim() == (-2.0, 2.0)
    bar = ax.figure.axes[1]
    assert "j_y" in bar.get_ylabel()
    assert "E_0" in ax.get_xlabel()
    assert "E_0" in ax.get_ylabel()


def test_current_figure_has_bands_above_the_current(profile, tmp_path):
    figure = current_figure(profile)
    assert len(figure.axes) == 2
    figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 5000
    plt.close(figure)
