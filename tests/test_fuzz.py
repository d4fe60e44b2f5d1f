"""500 seeded hostile cases for the library and the command line (20,000: claims/fuzz.py)."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import dirac1d as dd

PATH = Path(__file__).resolve().parent.parent / "validation" / "claims" / "fuzz.py"
SEED = 20190417


def load():
    spec = importlib.util.spec_from_file_location("fuzz", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fuzz = load()


@pytest.mark.parametrize("target", fuzz.TARGETS)
def test_hostile_input_gives_results_or_clear_errors(target):
    fuzz.run_target(target, int(500 * fuzz.TARGETS[target][2]), SEED)


def test_the_fuzz_itself_finds_silent_nan(monkeypatch):
    monkeypatch.setattr(dd, "total_current", lambda problem: float("nan"))
    with pytest.raises(BaseException, match="total_current is nan"):
        fuzz.check_problem(((dd.SharpStep, (0.0, 1.0, 0.0)), None, (1.0, 0.0, 0.0)))


def test_the_fuzz_itself_finds_wrong_results(monkeypatch):
    case = ((dd.TanhStep, (0.0, 0.3, 1.0, 0.0)), 1.0, 0.5, 0.0, 3.0, 1.0, 1.0)
    fuzz.check_engine(case)
    exact = dd.total_current
    monkeypatch.setattr(dd, "total_current", lambda problem: 1.1 * exact(problem))
    with pytest.raises(fuzz.Broken, match="missed"):
        fuzz.check_engine(case)


def test_a_table_of_a_million_points():
    x = np.linspace(-5, 5, 1_000_001)
    potential = dd.TabulatedPotential(x, 0.3 * np.tanh(x))
    problem = dd.Problem(potential)
    # 0.6 over a width of 1, as seen through 1/2Δ; the table's own steps are 1e-5.
    assert problem.current_scale == pytest.approx(
        dd.Problem(dd.TanhStep(-0.3, 0.3, 1.0)).current_scale, rel=1e-6)
    assert dd.total_current(problem) == pytest.approx(-0.6 * np.tanh(5) / (4 * np.pi))
