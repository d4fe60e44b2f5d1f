"""The explorer's page for maps: what moves, what comes when the hand rests, and what is dropped."""

import time

import matplotlib.pyplot as plt
import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps import cli, map_explorer
from dirac1d.apps.map_explorer import MapExplorer


@pytest.fixture(scope="module")
def window():
    with pytest.MonkeyPatch.context() as patch:
        # A map of a second.
        patch.setattr(map_explorer, "LENGTHS", (4.0, 4.0))
        patch.setattr(map_explorer, "POINTS", 9)
        patch.setattr(map_explorer, "RTOL", 0.1)
        found = MapExplorer()
        yield found
        found.close()
        plt.close(found.figure)


@pytest.fixture
def explorer(window):
    window.reset()
    for name, value in (("rms", 0.8), ("correlation_length", 1.0), ("temperature", 0.3)):
        window.sliders[name].set_val(value)
    window.flush()
    yield window
    window.close()


def waited_for(explorer):
    explorer.rest()
    said = [explorer.view.status.get_text()]
    end = time.monotonic() + 60
    while explorer._job is not None and time.monotonic() < end:
        explorer.look()
        time.sleep(0.05)
    return said


def shown(explorer, name):
    return np.ma.filled(explorer.view.meshes[name].get_array(), np.nan)


def test_a_slider_shows_the_smooth_law_at_once(explorer):
    picture = np.asarray(explorer.figure.canvas.buffer_rgba()).copy()
    explorer.sliders["seed"].set_val(9)
    explorer.sliders["fermi_energy"].set_val(0.4)
    computed = explorer.computed
    assert explorer.flush()
    assert not explorer.flush()
    assert explorer.computed == computed + 1
    cell = dd.disorder(0.8, 1.0, (4.0, 4.0), seed=9)
    problem = dd.Problem(cell, 1.0, 0.4, 0.3)
    law = dd.smooth_current(problem, explorer.x, explorer.y)
    np.testing.assert_allclose(
        shown(explorer, "law"), np.hypot(law.j_x, law.j_y).T, rtol=1e-12)
    assert np.all(np.isnan(shown(explorer, "map")))
    explorer.figure.canvas.draw()
    assert np.mean(np.asarray(explorer.figure.canvas.buffer_rgba()) != picture) > 0.01


def test_the_areas_are_those_of_the_cell(explorer):
    explorer.sliders["fermi_energy"].set_val(0.9)
    explorer.flush()
    x = np.linspace(0, 4, 301)
    s = 0.9 - explorer.problem.potential(x[:, None], x[None, :])
    said = [float(part.split()[-1]) for part in
            explorer.view.text.get_text().replace("\n", " ").split(" %")[:-1]]
    parts = [np.mean(np.abs(s) < 1), np.mean(s > 1), np.mean(s < -1)]
    assert min(parts[:2]) > 0.2
    np.testing.assert_allclose(said, 100 * np.array(parts), atol=1.5)


def test_when_the_hand_rests_the_map_comes(explorer, tmp_path):
    (said,) = waited_for(explorer)
    assert "computing" in said
    found = explorer.map
    assert found.problem == explorer.problem
    np.testing.assert_array_equal(shown(explorer, "map"), found.magnitude.T)
    expected = dd.current_map(found.problem, explorer.x, explorer.y, rtol=0.02)
    apart = np.hypot(found.j_x - expected.j_x, found.j_y - expected.j_y)
    assert np.all(apart <= found.error + expected.error)
    assert "inside puddles" in explorer.view.text.get_text()
    # Both panels have the colours of the larger current.
    law, exact = (explorer.view.meshes[name].get_clim() for name in ("law", "map"))
    assert law == exact == (0, max(np.max(shown(explorer, name)) for name in ("law", "map")))
    assert dd.load(explorer.save_data(tmp_path / "a.npz")).problem == explorer.problem
    assert explorer.save_figure(tmp_path / "a.png").stat().st_size > 10_000


def test_a_move_drops_the_map_and_what_computes_it(explorer):
    waited_for(explorer)
    assert explorer.map is not None
    explorer.rest()
    job = explorer._job
    assert job.running
    explorer.sliders["seed"].set_val(3)
    explorer.flush()
    assert not job.running
    assert explorer._job is explorer.map is None
    assert not explorer.view._drawn["map"]
    with pytest.raises(ValueError, match="no map yet"):
        explorer.save_data("a.npz")
    assert "no map yet" in explorer._ask_and_save_data()


def test_a_job_that_fails_says_so(explorer, monkeypatch):
    monkeypatch.setattr(map_explorer, "RTOL", -1.0)
    waited_for(explorer)
    assert explorer.map is None
    assert "rtol" in explorer.view.status.get_text()


def test_in_the_laboratory():
    explorer = MapExplorer(dd.materials.TI_SURFACE.scale())
    assert "meV" in explorer.sliders["rms"].valtext.get_text()
    assert explorer.sliders["seed"].valtext.get_text() == "5"
    assert "nA" in explorer.view.meshes["law"].colorbar.ax.get_xlabel()
    plt.close(explorer.figure)


def test_the_command_opens_it(monkeypatch, capsys):
    assert cli.main(["explore", "--map"]) == 2
    assert "no window can be opened" in capsys.readouterr().err
    opened = []
    monkeypatch.setattr("dirac1d.apps.explore_command.load_matplotlib", lambda window: None)
    monkeypatch.setattr(map_explorer, "explore_maps", opened.append)
    assert cli.main(["explore", "--map"]) == 0
    assert opened == [None]
