"""Figures and pages in --quick mode: data meet the closed forms, and are kept and drawn again."""

import importlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.numerics import files

PLOTS = Path(__file__).parents[1] / "plots"

#: Largest distance between data and closed form by what is compared: measured, and its origin.
BOUNDS = {
    # 6e-6 and 8e-6 for J_y; 7e-6 and 1.4e-5 for the slope: the engine's rtol is 1e-4.
    "fig1_total_current": {"J_y": 1e-4, "dJ_y/dε": 1e-4},
    "fig4_large_step": {"J_y": 1e-4, "dJ_y/dε": 1e-4},
    # 1.7e-3, 1.2e-2, 3.9e-4: first order in Fx₀/Δ = 0.005.
    "fig2_airy_edge": {"|j_y": 4e-3, "|j^ε": 0.02, "|smoothed": 8e-4},
    # 1e-2 and 2.1e-2: the next order in 1/width; 1.1e-3: the ray's spread of p_y.
    "fig3_ray": {"|centre": 0.02, "|jump": 3e-3, "|v_y": 0.03},
    # 5.5e-3, 1.2e-3, 1.6e-3: first order in Fx₀/Δ = 0.002.
    "fig5_single_state": {"|state": 0.01, "|narrow": 3e-3, "|wide": 3e-3},
    # 5e-8, 3e-8: the engine; 3e-2 at the Airy edges: first order in Fx₀/Δ = 0.07.
    "fig6_transport_vs_total": {"strong": 1e-4, "weak: |J_y": 1e-4, "weak: |j_y": 0.06},
    # 1.2e-4: the engine's rtol is 1e-3.
    "gallery_map": {"below": 1e-3, "above": 1e-3},
    "gallery_temperature": {"J_y": 1e-3},
    # 8e-7: rtol is 1e-4; 2.6e-3: 1/w² at w = 8, over 6.
    "gallery_width": {"J_y": 1e-4, "smooth": 5e-3},
    # 2e-5: rtol is 1e-3; no state, no current.
    "gallery_klein": {"j^ε(-x)": 1e-3, "below": 1e-12},
    # 1.8e-4: the end of the p_y sum, 2/300π, and its nodes; 7e-4 and 7e-4: a = 0.2; 3e-5.
    "gallery_failures": {"|J_y": 1e-3, "naive": 2e-3, "solid angle": 2e-3, "the sea": 1e-3},
    # 1.3e-6: rtol is 1e-4.
    "readme": {"|J_y": 1e-4},
    # 2e-7 both: (width/height)² at 100 µm, and 6e-8; 1e-3: the difference over 16 nm at 500 nm.
    "stray_field": {"far away": 2e-6, "|J_y": 1e-5},
    "experiment": {"far away": 2e-6, "at 500 nm": 5e-3},
    # 0.57 of both claimed errors; 0.099: where the smooth law has none, and 0.05Δ is not large.
    "puddle_as_dot": {"|states": 1.0, "warm": 0.15},
    # 3.2e-6: (width/height)² at 100 µm; 4.4e-2: 1/12 of (Compton length/width)², several times.
    "squid_on_tip": {"far away": 1e-5, "|M(0)": 0.06},
    # 1.5e-6: rtol is 1e-4; 6.5e-3: rtol is 0.2 in a hurry.
    "puddles": {"weak": 1e-6, "largest": 0.2},
    # Rounding: one field by waves and by FFT; 2e-3.
    "squid_map": {"|B_z": 1e-12, "largest": 0.1},
    # 0.45: a potential in a hurry is not smooth, and levels are sharp; 0.12: rtol is 0.3.
    "lines_of_stopping_points": {"rms": 0.6, "largest": 0.3},
    # 5.8e-5: P of a map to 0.2; 0.04 of what is claimed.
    "strip_universal": {"|J_y": 2e-3, "the same": 1.0},
    # 2.6e-2: momenta are 0.15 apart; 6e-17; 1e-6.
    "edge_and_bulk": {"|edge - its": 0.05, "|edge - (e/h)": 1e-9, "largest": 1e-5},
    # 6.5e-6: (width/height)² at 100 µm; 1.3e-4: 1/R of the levels' thermal width; 2.7e-2: 1/R².
    "mass_disc": {"far away": 1e-5, "warm": 1e-3, "|E": 0.05},
    # 1.2e-10: waves that the coarse grid does not carry; 1.5e-2: a small cell's narrow domains.
    "chern_mosaic": {"|B_z": 1e-8, "|range": 0.05, "largest": 0.02},
    # 5e-13, 3e-9, 7e-9; 2e-5: q = 1e-3 is not 0.
    "hall_conductivity_q": {"gap": 1e-10, "metal": 1e-7, "lattice": 1e-6, "|jump": 1e-4},
    # Rounding: an identity of the flat bands; terms and sum.
    "kozii_flat_band": {"flat": 1e-12, "|sum": 1e-12},
    # 1.8e-3: four orders of Δk²; 5e-3 at the widest packet: the next order of Eq. (11).
    "kozii_wave_packet": {"|extrapolated": 6e-3, "|K": 0.02},
    "haldane_phase_diagram": {"part": 1e-12},
}


def pages():
    return ("tutorial", "recipe", "tour")


@pytest.fixture
def figure(monkeypatch):
    monkeypatch.syspath_prepend(str(PLOTS))
    return lambda name: importlib.import_module(name).FIGURE


@pytest.fixture(scope="module")
def kept_data(tmp_path_factory):
    """A folder in which the quick data of figures stay, so that each is computed once."""
    return tmp_path_factory.mktemp("figures")


@pytest.mark.parametrize("name", BOUNDS)
def test_figure_meets_its_closed_forms_and_its_data_are_kept(name, figure, kept_data, capsys):
    shown = figure(name)
    path = shown.main(["--quick", "--fresh", "--out", str(kept_data), "--format", "svg"])
    assert path == kept_data / f"{name}.svg"
    assert "<svg" in path.read_text(encoding="utf-8")
    assert "computed in" in capsys.readouterr().out

    data, kept = shown.data(kept_data, quick=True)
    assert kept
    distances = shown.check(shown.problems(True), data)
    assert len(distances) == len(BOUNDS[name])
    for (what, distance), (start, bound) in zip(
        distances.items(), BOUNDS[name].items(), strict=True
    ):
        print(f"{name}: {what}: {distance:.2e}")
        assert start in what
        assert 0 <= distance < bound, what


@pytest.mark.parametrize("name", ["fig2_airy_edge", "fig5_single_state"])
def test_figure_is_drawn_again_without_computation(name, figure, kept_data, capsys):
    shown = figure(name)
    shown.data(kept_data, quick=True)
    capsys.readouterr()
    drawn = replace(shown, compute=_must_not_run(shown.compute))
    assert drawn.main(["--quick", "--out", str(kept_data), "--format", "pdf"]).exists()
    assert "redrawn" in capsys.readouterr().out


def _must_not_run(compute):
    def refuse(problems, quick):
        raise AssertionError("computed again")

    # The recipe is that of the module of the real one.
    refuse.__module__ = compute.__module__
    return refuse


def test_file_holds_the_whole_problem(figure, kept_data):
    shown = figure("fig1_total_current")
    shown.data(kept_data, quick=True)
    header, arrays = files.unpack(kept_data / "fig1_total_current-quick.npz", "figure", 1)
    (problem,) = (dd.Problem.from_dict(p) for p in header["problems"].values())
    assert problem == shown.problems(True)["step"]
    again = dd.current_density(
        replace(problem, fermi_energy=arrays["fermi_energy"][2]), [0.0], rtol=1e-4)
    np.testing.assert_allclose(
        again.integral(-np.inf, np.inf).value, arrays["total"][2], atol=1e-4)


def test_another_problem_and_a_damaged_file_are_computed_again(figure, tmp_path, capsys):
    ran = []
    shown = figure("fig1_total_current")

    def compute(problems, quick):
        ran.append(1)
        return {"x": np.arange(3.0)}

    compute.__module__ = shown.compute.__module__
    fake = replace(shown, compute=compute)
    assert not fake.data(tmp_path, quick=True)[1]
    assert fake.data(tmp_path, quick=True)[1]
    other = replace(fake, problems=lambda quick: {
        "step": dd.Problem(dd.TanhStep(-0.5, 0.5, width=3.0))})
    assert not other.data(tmp_path, quick=True)[1]
    assert not other.data(tmp_path, quick=True, fresh=True)[1]
    (tmp_path / "fig1_total_current-quick.npz").write_bytes(b"PK\x03\x04 damaged")
    assert not other.data(tmp_path, quick=True)[1]
    assert "damaged" in capsys.readouterr().out
    assert len(ran) == 4


def test_unknown_format_is_refused(figure, tmp_path, capsys):
    with pytest.raises(SystemExit):
        figure("fig1_total_current").main(["--format", "gif", "--out", str(tmp_path)])
    assert "gif" in capsys.readouterr().err


def test_all_makes_every_figure(figure, tmp_path, monkeypatch, capsys):
    figure("fig1_total_current")
    everything = importlib.import_module("all")
    others = {"all", "gallery", *pages()}
    scripts = {p.stem for p in PLOTS.glob("[a-z]*.py")}
    assert set(everything.SCRIPTS) == scripts - others == set(BOUNDS)
    monkeypatch.setattr(everything, "SCRIPTS", ("fig5_single_state",))
    everything.main(["--quick", "--out", str(tmp_path)])
    assert (tmp_path / "fig5_single_state.pdf").exists()
    assert "1 figures in" in capsys.readouterr().out


@pytest.mark.parametrize("script", sorted(p.stem for p in PLOTS.glob("[a-z]*.py")))
def test_every_script_has_the_same_options_and_says_what_it_shows(
    script, tmp_path, monkeypatch, capsys
):
    monkeypatch.syspath_prepend(str(PLOTS))
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(script)
    main = next(getattr(module, n) for n in ("FIGURE", "PAGE", "main") if hasattr(module, n))
    with pytest.raises(SystemExit, match="0"):
        getattr(main, "main", main)(["--help"])
    shown = capsys.readouterr().out
    for option in ("--out DIR", "--format {pdf,png,svg}", "--show", "--quick", "--fresh"):
        assert option in shown
    assert module.__doc__.splitlines()[0] in shown
    assert 'if __name__ == "__main__":' in Path(module.__file__).read_text(encoding="utf-8")
    # Nothing ran, nothing was written.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("argument", ["figure.pdf", "--quik", "--hel"])
def test_a_stray_argument_is_refused(figure, tmp_path, monkeypatch, argument, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("stray_field", "kozii_flat_band", "haldane_phase_diagram", "readme"):
        with pytest.raises(SystemExit, match="2"):
            figure(name).main([argument])
    assert argument in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", pages())
def test_pages_run_and_show_their_output(figure, name, tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(PLOTS))
    page = importlib.import_module(name).PAGE
    found = page.main(["--quick", "--out", str(tmp_path), "--format", "png"])
    assert found.count("```python") == found.count("```text") == len(page.steps)
    assert "" not in {block.strip() for block in re.findall(r"```text\n(.*?)```", found, re.S)}
    assert "Warning" not in found
    assert found in capsys.readouterr().out
    # What README.md shows of it is this code.
    shown = (PLOTS / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n.*?```", found, re.S):
        assert block in shown, f"python plots/gallery.py --write: {block[:80]}"
    if name == "tour":
        both_sides_agree(found)


def both_sides_agree(tour):
    rows = re.findall(r"^(.*?) {2,}([-+]\S+) ([-+]\S+) +difference < (\S+)$", tour, re.M)
    assert len(rows) >= 12
    for what, left, right, bound in rows:
        # Printed to six digits. 4e-4 is the smooth limit's, beside a step of width 12.
        assert abs(float(left) - float(right)) < float(bound) + 1e-6, what
        assert float(bound) <= 1e-3, what


def test_the_gallery_shows_every_figure_small(figure):
    everything = (figure("readme"), importlib.import_module("all").SCRIPTS)[1]
    text = (PLOTS / "README.md").read_text(encoding="utf-8")
    for name in everything:
        assert f"thumbnails/{name}.png" in text
        assert f"`python plots/{name}.py`" in text
        assert figure(name).description.splitlines()[0].rstrip(".") in text
        assert (PLOTS / "thumbnails" / f"{name}.png").stat().st_size < 40_000


def test_labels_carry_units_and_panels_letters(figure, kept_data):
    import matplotlib.pyplot as plt

    from dirac1d.apps.plotting import style

    bare = {"\N{GREEK SMALL LETTER PHI}", "valence bandwidth / smallest direct gap", r"$x/w$",
            r"$J_y\,/\,J_y$ of Eq. (12)", r"missing part of $J_y$"}
    for name in ("readme", "haldane_phase_diagram", "kozii_flat_band", "gallery_klein",
                 "experiment", "fig2_airy_edge"):
        shown = figure(name)
        data, _ = shown.data(kept_data, quick=True)
        with style():
            drawn = shown.draw(shown.problems(True), data)
        axes = [ax for ax in drawn.axes if ax.get_xlabel() or ax.get_ylabel()]
        for ax in axes:
            for label in (ax.get_xlabel(), ax.get_ylabel()):
                assert not label or "[" in label or label in bare, (name, label)
        if len(axes) > 1:
            letters = [ax.get_title(loc="left") for ax in axes]
            assert letters[0] == "(a)", name
            assert len(set(letters)) == len(axes), name
        plt.close(drawn)


def test_a_sharp_step_is_drawn_to_be_read():
    import matplotlib.pyplot as plt

    from dirac1d.apps.plotting import plot_profile

    problem = dd.Problem(dd.SharpStep(-0.5, 0.5))
    # A point that misses the jump by rounding: j_y is 40 times what it is beside it.
    x = np.array([-3.0, -1.0, -0.2, 3e-17, 0.2, 1.0, 3.0])
    profile = dd.current_density(problem, x, rtol=1e-3)
    figure, ax = plt.subplots()
    low, high = plot_profile(ax, profile).get_ylim()
    beside = profile.j_y[2]
    assert abs(profile.j_y[3]) > 10 * abs(beside)
    assert 1.3 * beside < low < 1.1 * beside
    assert high < 0.2 * abs(beside)
    plt.close(figure)
