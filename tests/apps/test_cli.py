"""The command line: what it prints, writes and refuses."""

import json
import re
import subprocess
import sys
import warnings
from dataclasses import replace

import matplotlib
import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps.cli import main
from dirac1d.apps.cost import slow_because

matplotlib.use("agg")

EXACT = -1 / (4 * np.pi)


pytestmark = pytest.mark.usefixtures("empty_folder")


def test_default_step_prints_a_summary_and_draws_a_picture(command, tmp_path):
    status, out, err = command("current")
    assert (status, err) == (0, "")
    assert "insulating" in out
    assert "converged" in out
    assert (tmp_path / "dirac1d-current.png").stat().st_size > 5000


def test_json_is_one_object_and_nothing_else(command, tmp_path):
    status, out, err = command("current", "--json", "--points", 21)
    assert (status, err) == (0, "")
    result = json.loads(out)
    assert result["regime"] == "insulating"
    # 1e-8 of j0 was asked for by default; J_y came out to 2e-11.
    assert result["J_y"] == pytest.approx(EXACT, abs=1e-9)
    assert result["J_y_exact"] == pytest.approx(EXACT, rel=1e-14)
    assert len(result["x"]) == len(result["j_y"]) == len(result["error"]) == 21
    assert list(tmp_path.iterdir()) == []


def test_json_writes_a_divergence_as_a_string(command):
    _, out, _ = command("current", "--json", "--shape", "sharp", "--x-min", -1, "--x-max", 1,
                        "--points", 3)
    assert json.loads(out)["j_y"][1] == "-inf"


def test_both_engines_are_compared(command):
    status, out, _ = command("current", "--engine", "both", "--rtol", 1e-3, "--points", 11,
                             "--x-min", -3, "--x-max", 3, "--no-plot")
    assert status == 0
    assert "engine green" in out
    assert "engine states" in out
    assert "largest difference" in out


def test_sparse_solver_reaches_the_same_current(command):
    totals = []
    for solver in ("auto", "sparse"):
        _, out, _ = command("current", "--json", "--engine", "states", "--solver", solver,
                            "--rtol", 1e-2, "--points", 5, "--x-min", -2, "--x-max", 2)
        result = json.loads(out)
        assert result["details"]["solver"] == ("sparse" if solver == "sparse" else "tridiagonal")
        totals.append(np.array(result["j_y"]))
    # Both routes diagonalise the same matrices: 1e-13 measured.
    assert np.max(np.abs(totals[0] - totals[1])) < 1e-10 * dd.Problem(
        dd.TanhStep(-0.5, 0.5, 1.0)).current_scale


def test_saved_result_is_the_printed_one(command, tmp_path):
    _, out, _ = command("current", "--json", "--points", 7, "--save", "a.npz", "--mass", -2)
    profile = dd.load(tmp_path / "a.npz")
    assert profile.problem.mass == -2.0
    assert profile.j_y.tolist() == json.loads(out)["j_y"]


def test_problem_file_and_options_that_override_it(command, tmp_path):
    (tmp_path / "p.toml").write_text(
        'fermi_energy = 0.1\npoints = 9\n[potential]\nshape = "erf"\nleft = -0.3\nright = 0.4\n'
        "width = 0.7\n"
    )
    _, out, _ = command("current", "--json", "--input", "p.toml", "--width", 1.5)
    problem = json.loads(out)["problem"]
    assert problem["fermi_energy"] == 0.1
    assert problem["potential"] == {
        "shape": "erf", "left": -0.3, "right": 0.4, "width": 1.5, "position": 0.0
    }


def test_table_from_a_csv_file(command, tmp_path):
    (tmp_path / "ü.csv").write_text("x,U\n-2,-0.5\n-1,-0.4\n0,0\n1,0.4\n2,0.5\n", encoding="utf-8")
    _, out, _ = command("current", "--json", "--potential", "ü.csv", "--points", 9)
    assert json.loads(out)["J_y"] == pytest.approx(EXACT, abs=1e-9)


def test_total_prints_the_closed_form(command):
    status, out, _ = command("total", "--from", -2, "--to", 2, "--points", 5)
    rows = [line.split() for line in out.splitlines() if not line.startswith("#")]
    assert status == 0
    assert [float(r[0]) for r in rows] == [-2, -1, 0, 1, 2]
    assert float(rows[2][1]) == pytest.approx(EXACT, abs=1e-9)
    assert [r[2] for r in rows] == [
        "metallic", "half-metallic", "insulating", "half-metallic", "metallic"
    ]


def test_massless_electrons_carry_no_current(command):
    _, out, _ = command("current", "--json", "--mass", 0)
    assert set(json.loads(out)["j_y"]) == {0.0}


@pytest.mark.parametrize(("arguments", "culprit"), [
    (("--mass", "nan"), "mass"),
    (("--left", "inf"), "left"),
    (("--width", "0"), "width"),
    (("--temperature", "-1"), "temperature"),
    (("--points", "1"), "points"),
    (("--points", "x"), "--points"),
    (("--x-min", "5", "--x-max", "1"), "x_min"),
    (("--x-min", "nan"), "x_min"),
    (("--rtol", "0"), "rtol"),
    (("--engine", "other"), "--engine"),
    (("--shape", "other"), "--shape"),
    (("--solver", "sparse"), "--solver"),
    (("--shape", "sharp", "--width", "2"), "--width"),
    (("--bogus",), "--bogus"),
    (("--widt", "2"), "--widt"),
    (("--input", "none.toml"), "none.toml"),
    (("--input", "broken.toml"), "broken.toml"),
    (("--input", "unknown.toml"), "foo"),
    (("--input", "text.toml"), "right"),
    (("--potential", "none.csv"), "none.csv"),
    (("--potential", "repeated.csv"), "x[1] = 0.0"),
    (("--potential", "repeated.csv", "--left", "2"), "--left"),
    (("--save", "no/such/a.npz"), "--save"),
    (("--plot", "no/such/a.png"), "--plot"),
    (("--plot", "a.xyz"), "a.xyz"),
    (("--plot", "a.png", "--no-plot"), "--no-plot"),
])
def test_mistakes_give_one_line_and_status_2(command, tmp_path, arguments, culprit):
    (tmp_path / "broken.toml").write_text("mass = = 1")
    (tmp_path / "unknown.toml").write_text("foo = 1")
    (tmp_path / "text.toml").write_text(
        '[potential]\nshape = "tanh"\nleft = 0\nright = "a"\nwidth = 1\n')
    (tmp_path / "repeated.csv").write_text("x,U\n0,0\n0,1\n")
    status, out, err = command("current", *arguments)
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert culprit in err


@pytest.mark.parametrize("shape", ["cosine", "disc"])
def test_what_has_no_leads_has_no_total(command, shape):
    status, out, err = command("total", "--shape", shape)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "dirac1d current" in err


def test_a_missed_accuracy_is_said_on_stderr_and_in_the_status(command, monkeypatch):
    solve = dd.current_density

    def inaccurate(*arguments, **options):
        options.pop("within")
        warnings.warn("not converged", dd.AccuracyWarning, stacklevel=2)
        return replace(solve(*arguments, **options), status="not converged")

    monkeypatch.setattr(dd, "current_density", inaccurate)
    status, out, err = command("current", "--json", "--points", 3, "--rtol", 1e-2)
    assert (status, err) == (0, "dirac1d: warning: not converged\n")
    assert json.loads(out)["status"] == "not converged"


def test_interrupt_leaves_no_traceback(command, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(dd, "current_density", interrupted)
    status, _, err = command("current")
    assert (status, err) == (130, "dirac1d: interrupted\n")


def test_piped_run_shows_no_progress_bar(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "dirac1d", "current", "--engine", "states", "--rtol", "1e-3",
         "--no-plot"], capture_output=True, text=True, check=True, cwd=tmp_path,
    )
    assert result.stderr == ""
    assert "J_y exact" in result.stdout


@pytest.mark.parametrize("engine", ["green", "states"])
def test_a_terminal_shows_the_error_shrink(command, monkeypatch, engine):
    from dirac1d.apps import current_command

    lines = []

    class Line:
        def __init__(self, **options):
            assert options["disable"] is None  # nothing where nobody looks

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self, done):
            assert done >= 0

        def set_postfix_str(self, text, refresh):
            lines.append(text)

    monkeypatch.setattr(current_command, "tqdm", Line)
    status, _, _ = command("current", "--engine", engine, "--rtol", "1e-4", "--no-plot")
    assert status == 0
    assert all(re.fullmatch(r"error \S+ of j₀, goal 1e-04", line) for line in lines)
    assert float(lines[-1].split()[1]) <= 1e-4


@pytest.mark.parametrize("options", [
    ("--left", "-30", "--right", "30", "--width", "20"),
    ("--shape", "disc", "--height", "-3", "--radius", "30"),
    ("--shape", "cosine", "--amplitude", "5", "--wavenumber", "0.1"),
    ("--left=-300 meV", "--right=300 meV", "--width=200 nm", "--material", "hBN-graphene"),
], ids=["step", "circle", "wave", "material"])
def test_a_budget_that_ends_before_any_answer_says_so(command, options):
    asked = ("current", *options, "--rtol", "1e-10", "--within", "1e-3s", "--no-plot")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        status, out, _ = command(*asked)
        assert status == 0
        assert "no answer yet" in out
        assert "unknown" in out
        assert "from the sum" not in out
        status, out, _ = command(*asked, "--json")
    assert status == 0
    found = json.loads(out)
    assert "no answer yet" in found["status"]
    assert set(found["error"]) == {"inf"}


def test_a_potential_without_its_unit_is_told_of(command):
    status, out, err = command("current", "--left", "-30", "--right", "30", "--width", "20",
                               "--within", "0.3", "--no-plot")
    assert status == 0
    why = "U spans 60 |Δ|; is --material or a unit missing?"
    assert why in out
    # Before the work starts, on a line of its own.
    assert err.startswith(f"dirac1d: this may take longer than its 0.3 s (--within): {why}\n")


def test_what_makes_a_problem_slow_is_told_and_nothing_else():
    x, rows = np.linspace(-10, 10, 41), np.linspace(-15, 15, 121)
    noise = 0.03 * np.random.default_rng(5).normal(size=len(rows))

    def why(potential, mass=1.0, fermi_energy=0.0):
        return slow_because(dd.Problem(potential, mass, fermi_energy), x)

    assert why(dd.TanhStep(-5, 5, 20.0)) == "U spans 10 |Δ|"
    assert why(dd.CosinePotential(5.0, 0.12), 1.0, 0.4) == "U spans 10 |Δ|"
    assert why(dd.TanhStep(-0.5, 0.5, 1.0), 1e-3, 0.3).startswith("U spans 1e+03 |Δ|; is")
    assert "times (is it noise?)" in why(dd.TabulatedPotential(rows, np.tanh(rows / 6) + noise))
    # Fast: no point with U = ε_F, few turns, sharp and narrow.
    for fast in (why(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, 1000.0), why(dd.SharpStep(-0.5, 0.5)),
                 why(dd.TanhStep(-0.5, 0.5, 1.0), 1e-3, 1.3), why(dd.TanhStep(-0.5, 0.5, 1e-6)),
                 why(dd.TabulatedPotential(rows, np.tanh(rows / 6)))):
        assert fast == ""


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["current", "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    for option in ("shape", "left", "right", "width", "mass", "fermi-energy", "temperature",
                   "x-min", "x-max", "points", "engine", "rtol", "input", "potential", "json",
                   "save", "plot", "show", "solver"):
        assert f"--{option}" in text
