"""The explorer, driven by synthetic events of the mouse on its sliders and buttons."""

import importlib.util
import os
import re
import subprocess
import sys
import time
import warnings
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backend_bases import MouseEvent

import dirac1d as dd
from dirac1d.apps import cli
from dirac1d.apps.background import Job
from dirac1d.apps.explorer import RANGES, Explorer
from dirac1d.apps.saving import ask_and_save


@pytest.fixture(scope="module")
def window():
    found = Explorer()
    yield found
    plt.close(found.figure)


@pytest.fixture(scope="module")
def laboratory():
    found = Explorer(dd.materials.material("ti-surface").scale())
    yield found
    plt.close(found.figure)


@pytest.fixture
def explorer(window):
    window.reset()
    window.flush()
    yield window
    window.close()


def shown(explorer, *names):
    return any(len(explorer.view.curves[name].get_xdata()) for name in names)


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
    np.testing.assert_array_equal(explorer.view.curves["green"].get_ydata(), expected.j_y)
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
        (found,), (at,) = explorer.view.curves["point"].get_data()
        assert at == energy
        assert found == pytest.approx(dd.total_current(explorer.problem), abs=1e-4)
        assert explorer.problem.regime in explorer.view.text.get_text()


def test_kept_background_gives_the_same_picture_as_a_full_draw(explorer):
    drag(explorer, "fermi_energy", 0.0, 0.3)
    explorer.flush()
    fast = picture(explorer)
    explorer.figure.canvas.draw()
    np.testing.assert_array_equal(picture(explorer), fast)


def test_shapes_reset_and_files(explorer, tmp_path):
    for i, kind in enumerate((dd.TanhStep, dd.ErfStep, dd.LinearRamp, dd.SharpStep)):
        explorer.view.shape.set_active(i)
        explorer.flush()
        assert type(explorer.profile.problem.potential) is kind
    assert not shown(explorer, "smooth", "transport")
    explorer.sliders["mass"].set_val(0.7)
    explorer.flush()
    explorer.reset()
    explorer.flush()
    assert explorer.problem.mass == RANGES["mass"][3]
    data = explorer.save_data(tmp_path / "a.npz")
    assert dd.load(data).problem == explorer.problem
    assert explorer.save_figure(tmp_path / "a.png").stat().st_size > 10_000


def test_a_wall_of_mass(explorer):
    """Its sliders are those of --mass-left and --mass-width; only between leads."""
    explorer.sliders["mass_left"].set_val(-1.0)
    explorer.sliders["mass_width"].set_val(2.0)
    explorer.sliders["fermi_energy"].set_val(0.3)
    explorer.flush()
    assert explorer.profile.problem.mass == dd.TanhStep(-1.0, 1.0, 2.0)
    (found,), _ = explorer.view.curves["point"].get_data()
    assert found == pytest.approx(0.3 / (2 * np.pi), abs=1e-3)
    gap = explorer.view.curves["upper"].get_ydata() - explorer.view.curves["lower"].get_ydata()
    assert np.min(gap) < 0.05 < 1.99 < np.max(gap)
    assert shown(explorer, "green")
    assert not shown(explorer, "smooth", "transport")
    assert "closed form" in explorer.view.text.get_text()
    explorer.view.shape.set_active(6)
    assert explorer.problem.mass == 1.0


def test_a_circle_of_mass(explorer):
    """Its sliders are those of --mass-height, --mass-radius and --mass-width; only of circles."""
    names = "mass_left", "mass_inside", "mass_width", "mass_radius"
    visible = [explorer.sliders[name].ax.get_visible() for name in names]
    assert visible == [True, False, True, False]
    explorer.view.shape.set_active(6)
    explorer.sliders["mass_inside"].set_val(-0.5)
    explorer.sliders["mass_radius"].set_val(2.0)
    explorer.sliders["mass_width"].set_val(0.5)
    explorer.sliders["height"].set_val(0.0)
    explorer.flush()
    assert explorer.problem.mass == dd.SmoothDisc(-1.5, 2.0, 0.5, outside=1.0)
    visible = [explorer.sliders[name].ax.get_visible() for name in names]
    assert visible == [False, True, True, True]
    gap = explorer.view.curves["upper"].get_ydata() - explorer.view.curves["lower"].get_ydata()
    assert gap[0] == pytest.approx(1.0, abs=1e-2)
    assert np.min(gap) < 0.1
    assert gap[-1] == pytest.approx(2.0)
    assert "M(0)" in explorer.view.text.get_text()


def test_what_takes_too_long_shows_no_current(explorer, monkeypatch):
    def unsolved(problem, x, **_):
        found = dd.current_density(problem, x, rtol=1e-1)
        return replace(found, error=np.full(len(x), np.inf), status="stopped: no answer yet")

    monkeypatch.setattr("dirac1d.apps.explorer.current_density", unsolved)
    explorer.sliders["fermi_energy"].set_val(0.1)
    explorer.flush()
    assert not shown(explorer, "green", "point")
    assert shown(explorer, "total")
    assert "not solved in time" in explorer.view.text.get_text()


def test_the_windows_own_clock_draws_what_was_asked_for(explorer):
    # As an event loop would: also after it has found nothing to do.
    for width in (0.8, 0.6):
        explorer._soon._on_timer()
        explorer.sliders["width"].set_val(width)
        explorer._soon._on_timer()
        assert explorer.profile.problem.potential.width == width


def test_when_the_hand_rests_linear_response_is_added(explorer):
    explorer.sliders["left"].set_val(0.4)
    explorer.view.shape.set_active(2)
    explorer.flush()
    assert not shown(explorer, "linear")
    explorer.rest()
    linear = explorer.view.curves["linear"].get_ydata()
    # U varies by 0.1: the next order is the third, 2e-4 of the peak measured.
    peak = np.max(np.abs(linear))
    np.testing.assert_allclose(linear, explorer.profile.j_y, atol=2e-3 * peak)
    explorer.sliders["fermi_energy"].set_val(1.45)
    explorer.flush()
    explorer.rest()
    assert not shown(explorer, "linear")
    explorer.sliders["temperature"].set_val(0.1)
    explorer.flush()
    assert shown(explorer, "smooth")
    assert not shown(explorer, "transport")


def test_lattice_engine_computes_in_the_background_and_comes_beside_the_other(explorer):
    explorer.view.engine.set_active(1)
    explorer.flush()
    green = explorer.profile
    assert green.engine == "green"
    explorer.rest()
    assert "computing" in explorer.view.status.get_text()
    job = explorer._job
    while job.running:
        explorer.look()
        time.sleep(0.1)
    explorer.look()
    assert explorer._job is None
    assert explorer.profile.engine == "states"
    np.testing.assert_array_equal(
        explorer.view.curves["states"].get_ydata(), explorer.profile.j_y)
    # Measured 5e-4: rtol is 1e-2.
    error = np.max(np.abs(explorer.profile.j_y - green.j_y)) / green.problem.current_scale
    assert error < 2e-3
    assert f"{error:.1e}" in explorer.view.status.get_text()


def test_a_move_drops_what_the_background_computes(explorer):
    explorer.view.engine.set_active(1)
    explorer.sliders["fermi_energy"].set_val(1.8)
    explorer.flush()
    explorer.rest()
    job = explorer._job
    assert job.running
    explorer.sliders["fermi_energy"].set_val(1.9)
    explorer.flush()
    assert not job.running
    assert explorer._job is None
    assert not shown(explorer, "states")


def test_a_background_job_says_what_went_wrong(explorer):
    job = Job(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), [0.0], "sates", 1e-3)
    with pytest.raises(RuntimeError, match="sates"):
        job.wait(60)
    job = Job(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), [0.0], "green", 1e-3)
    with pytest.raises(TimeoutError):
        job.wait(0)


def test_buttons(explorer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    explorer.sliders["width"].set_val(2.0)
    explorer.view.shape.set_active(1)
    explorer.flush()
    press(explorer, "save data")
    assert "saved dirac1d-explorer.npz" in explorer.view.status.get_text()
    assert dd.load("dirac1d-explorer.npz").problem == explorer.problem
    press(explorer, "save figure")
    assert (tmp_path / "dirac1d-explorer.pdf").stat().st_size > 10_000
    press(explorer, "reset")
    explorer.flush()
    assert explorer.problem == dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))


def press(explorer, button):
    ax = explorer.view.buttons[button].ax
    x, y = ax.transAxes.transform((0.5, 0.5))
    for kind in ("button_press_event", "button_release_event"):
        MouseEvent(kind, explorer.figure.canvas, x, y, button=1)._process()


def test_a_saved_figure_shows_what_the_window_shows(explorer, tmp_path):
    explorer.sliders["width"].set_val(0.5)
    explorer.flush()
    window = picture(explorer)
    explorer.figure.savefig(tmp_path / "a.png", dpi=explorer.figure.dpi)
    # Only the order in which lines and axes cross differs: 6e-5 of the pixels measured.
    saved = plt.imread(tmp_path / "a.png")
    assert np.mean(np.abs(saved - window / 255) > 0.02) < 1e-3
    explorer.figure.canvas.draw()
    np.testing.assert_array_equal(picture(explorer), window)


def test_a_missed_accuracy_is_said_in_the_window(explorer, monkeypatch):
    def inaccurate(problem, x, rtol):
        warnings.warn("never", dd.AccuracyWarning, stacklevel=2)
        found = dd.current_density(problem, x, rtol=rtol)
        return replace(found, status="reached 2.0e-03")

    monkeypatch.setattr("dirac1d.apps.explorer.current_density", inaccurate)
    explorer.sliders["mass"].set_val(0.7)
    assert explorer.flush()
    assert explorer.view.status.get_text() == "reached 2.0e-03"


def test_a_refused_problem_leaves_the_window_alive(explorer, monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("no mesh")

    with monkeypatch.context() as patch:
        patch.setattr("dirac1d.apps.explorer.current_density", refuse)
        explorer.sliders["mass"].set_val(0.7)
        assert explorer.flush()
    assert "no mesh" in explorer.view.status.get_text()
    explorer.sliders["mass"].set_val(0.8)
    explorer.flush()
    assert explorer.profile.problem.mass == 0.8


def test_the_handle_at_an_end_can_be_grabbed_whole(explorer):
    slider = explorer.sliders["temperature"]
    left = slider.ax.get_xlim()[0]
    assert left < slider.val == 0.0
    # Begun left of the handle's middle, where the range has ended.
    drag(explorer, "temperature", 0.5 * left, 0.1, 0.2)
    explorer.flush()
    assert explorer.problem.temperature == pytest.approx(0.2, abs=0.01)
    drag(explorer, "temperature", 0.2, 0.1, left)
    assert slider.val == 0.0


def test_a_jump_is_drawn_as_one(explorer):
    explorer.view.shape.set_active(3)
    explorer.flush()
    x, upper = (np.asarray(v) for v in explorer.view.curves["upper"].get_data())
    assert np.count_nonzero(x == 0.0) == 2
    np.testing.assert_array_equal(upper[x == 0.0], [0.5, 1.5])
    assert set(np.unique(upper)) == {0.5, 1.5}


def test_curves_have_no_corners_at_small_widths_and_large_energies(explorer):
    for width, energy in ((0.1, 0.0), (0.1, 4.0), (3.0, 4.0)):
        explorer.sliders["width"].set_val(width)
        explorer.sliders["fermi_energy"].set_val(energy)
        explorer.flush()
        x, j = (np.asarray(v) for v in explorer.view.curves["green"].get_data())
        middle = explorer.profile((x[1:] + x[:-1]) / 2).value
        # What a straight line misses: a pixel is 1/200 of the panel.
        assert np.max(np.abs(middle - (j[1:] + j[:-1]) / 2)) < np.ptp(j) / 200


def test_axes_follow_what_they_show(explorer):
    for name, value in (("left", -0.02), ("right", 0.02), ("mass", 0.1), ("fermi_energy", 0.05)):
        explorer.sliders[name].set_val(value)
    explorer.flush()
    low, high = explorer.view.bands.get_ylim()
    assert high - low < 1.0
    assert explorer.view.total.get_ylim() == (low, high)
    assert explorer.view.total.get_xlim()[1] < 0.02
    explorer.sliders["fermi_energy"].set_val(3.9)
    explorer.flush()
    assert explorer.view.bands.get_ylim()[1] > 3.9


def test_saving_leaves_the_window_as_it_is(explorer, empty_folder):
    before = [ax.get_position().bounds for ax in explorer.figure.axes]
    explorer.save_figure("a.png")
    explorer.sliders["fermi_energy"].set_val(0.3)
    explorer.flush()
    explorer.figure.canvas.draw()
    # The panels once grew over the sliders: the style's layout came with the file, and stayed.
    assert [ax.get_position().bounds for ax in explorer.figure.axes] == before


def test_the_button_saves_as_a_journal_wants_it(explorer, empty_folder, monkeypatch):
    seen = []
    monkeypatch.setattr(type(explorer.figure), "savefig", lambda self, path: seen.append(
        (str(path), plt.rcParams["pdf.fonttype"], plt.rcParams["savefig.dpi"])))
    assert str(ask_and_save(explorer.figure, "pdf")) == "dirac1d-explorer.pdf"
    assert seen == [("dirac1d-explorer.pdf", 42, 300)]


def test_totals_in_the_laboratory_have_units_and_plausible_digits(laboratory):
    assert "nA" in laboratory.view.text.get_text()
    assert not re.search(r"\d{4}", laboratory.view.text.get_text())


def test_the_equation_is_that_of_the_step(explorer):
    assert "Eq. (12)" in explorer.view.text.get_text()
    for name, value in (("left", -1.2), ("right", 1.2)):
        explorer.sliders[name].set_val(value)
    explorer.flush()
    assert "Eq. (27)" in explorer.view.text.get_text()
    explorer.sliders["temperature"].set_val(0.1)
    explorer.flush()
    assert "closed form" in explorer.view.text.get_text()
    explorer.sliders["temperature"].set_val(0.0)
    names = [label.get_text() for label in explorer.view.shape.labels]
    explorer.view.shape.set_active(names.index("cosine"))
    explorer.flush()
    assert "no total" in explorer.view.text.get_text()
    assert not shown(explorer, "total", "point")


def test_circles_are_offered_with_their_moment(explorer, monkeypatch):
    # However busy the machine is.
    monkeypatch.setattr("dirac1d.apps.explorer.LOOK", 60.0)
    names = [label.get_text() for label in explorer.view.shape.labels]
    explorer.view.shape.set_active(names.index("dot"))
    explorer.flush()
    assert explorer.problem.circular
    assert explorer.x[0] == 0.0
    assert "moment" in explorer.view.text.get_text()
    assert shown(explorer, "green", "smooth")
    assert not shown(explorer, "total", "point")


def test_buttons_overwrite_nothing(explorer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dirac1d-explorer.npz").write_text("mine")
    for _ in range(2):
        press(explorer, "save data")
    assert (tmp_path / "dirac1d-explorer.npz").read_text() == "mine"
    for number in (2, 3):
        assert dd.load(f"dirac1d-explorer-{number}.npz") == explorer.profile


def test_the_window_fits_a_small_screen(explorer):
    width, height = explorer.figure.get_size_inches() * explorer.figure.dpi
    # matplotlib's page adds some 90 pixels.
    assert width <= 1200
    assert height <= 757 - 90


def test_laboratory_units_on_request(laboratory):
    scale = dd.materials.TI_SURFACE.scale()
    assert laboratory.sliders["left"].valtext.get_text().endswith("meV")
    assert laboratory.sliders["width"].valtext.get_text().endswith("nm")
    assert laboratory.sliders["temperature"].valtext.get_text() == "0 K"
    assert "nA" in laboratory.view.current.get_ylabel()
    x, j = laboratory.view.curves["green"].get_data()
    np.testing.assert_array_equal(x, laboratory.profile.x * scale.unit("length"))
    np.testing.assert_array_equal(j, laboratory.profile.j_y * scale.unit("current_density"))


#: A drag in a window of its own, drawn by the window's event loop alone.
IN_A_WINDOW = """
from matplotlib.backends.qt_compat import QtWidgets
# matplotlib itself would ask for a display.
application = QtWidgets.QApplication([])
import matplotlib.pyplot as plt
from matplotlib.backend_bases import MouseEvent
from dirac1d.apps.explorer import Explorer
explorer = Explorer()
plt.show(block=False)
plt.pause(0.01)
ax, before = explorer.sliders["left"].ax, explorer.computed
for kind, value in (("button_press_event", -0.5), ("motion_notify_event", -0.2),
                    ("button_release_event", -0.2)):
    x, y = ax.transData.transform((value, 0.5))
    MouseEvent(kind, explorer.figure.canvas, x, y, button=1)._process()
for _ in range(1000):
    if explorer.computed > before and len(explorer.view.curves["linear"].get_xdata()):
        break
    plt.pause(0.01)
plt.close("all")
print(f"{explorer.profile.problem.U_L:.2f}")
"""


@pytest.mark.skipif(
    not any(map(importlib.util.find_spec, ("PyQt6", "PySide6"))), reason="no Qt is installed")
def test_a_drag_in_a_window_is_drawn_by_its_event_loop():
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "MPLBACKEND": "qtagg"}
    done = subprocess.run([sys.executable, "-c", IN_A_WINDOW], env=environment, check=False,
                          capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "-0.20"), done.stderr


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
