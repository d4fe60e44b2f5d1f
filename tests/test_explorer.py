"""The explorer, driven by synthetic events of the mouse on its sliders and buttons."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backend_bases import MouseEvent

import dirac1d as dd
from dirac1d import cli
from dirac1d.explorer import RANGES, Explorer


@pytest.fixture
def explorer():
    found = Explorer()
    yield found
    plt.close(found.figure)


def mouse(explorer, kind, slider, value):
    """A mouse event at a value of a slider."""
    ax = explorer.sliders[slider].ax
    x, y = ax.transData.transform((value, 0.5))
    MouseEvent(kind, explorer.figure.canvas, x, y, button=1)._process()


def drag(explorer, slider, *values):
    mouse(explorer, "button_press_event", slider, values[0])
    for value in values[1:]:
        mouse(explorer, "motion_notify_event", slider, value)
    mouse(explorer, "button_release_event", slider, values[-1])


def picture(explorer):
    return np.asarray(explorer.figure.canvas.buffer_rgba()).copy()


def test_dragging_a_slider_changes_problem_curve_and_picture(explorer):
    before = picture(explorer)
    drag(explorer, "left", -0.5, -0.8, -1.0)
    assert explorer.flush()
    assert pytest.approx(-1.0, abs=0.01) == explorer.problem.U_L
    expected = dd.current_density(explorer.problem, explorer.x, rtol=1e-3)
    np.testing.assert_array_equal(explorer.profile.j_y, expected.j_y)
    np.testing.assert_array_equal(explorer._curve.get_ydata(), expected.j_y)
    assert np.mean(picture(explorer) != before) > 0.001


def test_stale_requests_are_dropped(explorer):
    computed = explorer.computed
    drag(explorer, "fermi_energy", *np.linspace(0, 0.4, 20))
    assert explorer.flush()
    assert not explorer.flush()
    assert explorer.computed == computed + 1
    assert explorer.profile.problem.fermi_energy == pytest.approx(0.4, abs=0.02)


def test_strip_total_stands_on_the_closed_form(explorer):
    for energy in (0.2, 1.0):
        explorer.sliders["fermi_energy"].set_val(energy)
        explorer.flush()
        (found,), (at,) = explorer._point.get_data()
        assert at == energy
        assert found == pytest.approx(dd.total_current(explorer.problem), abs=1e-4)
        assert explorer.problem.regime in explorer._text.get_text()


def test_kept_background_gives_the_same_picture_as_a_full_draw(explorer):
    drag(explorer, "fermi_energy", 0.0, 0.3)
    explorer.flush()
    fast = picture(explorer)
    explorer.figure.canvas.draw()
    np.testing.assert_array_equal(picture(explorer), fast)


def test_shapes_reset_and_files(explorer, tmp_path):
    for i, kind in enumerate((dd.TanhStep, dd.ErfStep, dd.LinearRamp, dd.SharpStep)):
        explorer.shape.set_active(i)
        explorer.flush()
        assert type(explorer.profile.problem.potential) is kind
    assert len(explorer._smooth.get_xdata()) == 0
    explorer.sliders["mass"].set_val(0.7)
    explorer.flush()
    explorer.reset()
    explorer.flush()
    assert explorer.problem.mass == RANGES["mass"][3]
    data = explorer.save_data(tmp_path / "a.npz")
    assert dd.load(data).problem == explorer.problem
    assert explorer.save_figure(tmp_path / "a.png").stat().st_size > 10_000


def test_a_refused_problem_leaves_the_window_alive(explorer, monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("no mesh")

    with monkeypatch.context() as patch:
        patch.setattr("dirac1d.explorer.current_density", refuse)
        explorer.sliders["mass"].set_val(0.7)
        assert explorer.flush()
    assert "no mesh" in explorer._text.get_text()
    explorer.sliders["mass"].set_val(0.8)
    explorer.flush()
    assert explorer.profile.problem.mass == 0.8


def test_dd_explore_opens_it():
    found = dd.explore()
    assert isinstance(found, Explorer)
    plt.close(found.figure)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "no window can be opened"),
        (["--port", "9000"], "--port needs --web"),
        (["--web", "--port", "70000"], "port must be from 1 to 65535"),
    ],
)
def test_command_names_what_is_missing(options, message, capsys):
    assert cli.main(["explore", *options]) == 2
    assert message in capsys.readouterr().err


def test_web_says_how_to_install_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert cli.main(["explore", "--web"]) == 2
    assert "pip install 'dirac1d[web]'" in capsys.readouterr().err
