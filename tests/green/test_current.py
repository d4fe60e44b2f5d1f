"""The continuum engine's current density against mpmath, limits, and its own promises."""

from dataclasses import replace

import numpy as np
import pytest
from reference_rows import potential, rows

import dirac1d as dd
from dirac1d.green import current_density
from dirac1d.green.current import compute
from dirac1d.green.settings import Limits, Settings, Start
from dirac1d.green.sources.step import source

TANH = dd.TanhStep(-0.5, 0.5, 1.0)
STATES = {
    "gap": dd.Problem(TANH),
    "half-metal": dd.Problem(TANH, fermi_energy=1.2),
    "metal": dd.Problem(TANH, fermi_energy=2.0),
    "warm": dd.Problem(TANH, fermi_energy=1.2, temperature=0.1),
    "metal-metal": dd.Problem(dd.TanhStep(-1.5, 1.5, 0.5), temperature=0.02),
    "negative mass": dd.Problem(TANH, mass=-0.7, fermi_energy=-1.4),
}


def cases(every, first=2):
    """One problem and its positions per line of the table's inputs but x."""
    grouped = {}
    for row in rows("solvable_current.txt"):
        grouped.setdefault(tuple(row[:7]), []).append((float(row[7]), float(row[9])))
    return sorted(grouped.items())[first::every]


@pytest.mark.parametrize(("key", "values"), cases(11), ids=str)
def test_against_the_table_to_1e_9(key, values):
    shape, size, left, right, *numbers = key
    problem = dd.Problem(potential(shape, size, left, right), *map(float, numbers))
    x, j_y = np.array(sorted(values)).T
    profile = current_density(problem, x, rtol=1e-9)
    true = np.abs(profile.j_y - j_y)
    assert profile.converged
    assert np.all(true <= profile.error)
    assert np.max(true) <= 1e-9 * problem.current_scale


@pytest.mark.parametrize("name", STATES)
def test_true_error_is_below_the_estimate(name):
    problem, x = STATES[name], np.linspace(-6, 6, 25)
    coarse = current_density(problem, x, rtol=1e-4)
    fine = current_density(problem, x, rtol=1e-7)
    true = np.abs(coarse.j_y - fine.j_y)
    assert np.all(true <= coarse.error + fine.error)
    assert np.max(coarse.error) <= 1e-4 * problem.current_scale


def test_answer_does_not_depend_on_the_path():
    problem, x = STATES["half-metal"], np.linspace(-3, 3, 7)
    plain = compute(problem, x, Settings.of(1e-6))
    settings = Settings.of(1e-6)
    other = compute(
        problem, x, Settings(1e-6, settings.nodes + 2, settings.order + 1, stretch=1.3)
    )
    assert plain.details["contour_nodes"] != other.details["contour_nodes"]
    np.testing.assert_allclose(plain.j_y, other.j_y, atol=1e-6 * problem.current_scale)


def test_memory_is_bounded_by_batches(monkeypatch):
    problem, x = STATES["gap"], np.linspace(-3, 3, 50)
    whole = current_density(problem, x, rtol=1e-6)
    largest = []
    solve = source.solve
    monkeypatch.setattr(
        source, "solve", lambda m, E, *rest: (largest.append(len(E)), solve(m, E, *rest))[1]
    )
    pieces = compute(problem, x, replace(Settings.of(1e-6), limits=Limits(memory=2**18)))
    assert max(largest) == 16  # the smallest batch
    np.testing.assert_allclose(pieces.j_y, whole.j_y, rtol=1e-12)


def test_logarithm_at_a_jump():
    """j_y → (ΔU Δ/4π) ln|x| next to a sharp step."""
    problem = dd.Problem(dd.SharpStep(-0.4, 0.4), mass=1.0, fermi_energy=0.1)
    x = np.array([-1e-6, -1e-7, 0.0, 1e-7, 1e-6])
    j_y = current_density(problem, x, rtol=1e-6).j_y
    assert j_y[2] == -np.inf
    slope = 0.8 / (4 * np.pi) * np.log(10)
    assert j_y[0] - j_y[1] == pytest.approx(slope, rel=1e-4)
    assert j_y[4] - j_y[3] == pytest.approx(slope, rel=1e-4)


def test_narrow_step_becomes_the_sharp_one():
    x = np.array([-1.0, -0.3, 0.3, 1.0])
    sharp = current_density(dd.Problem(dd.SharpStep(-0.5, 0.5)), x, rtol=1e-7).j_y
    narrow = current_density(dd.Problem(dd.TanhStep(-0.5, 0.5, 1e-3)), x, rtol=1e-7).j_y
    np.testing.assert_allclose(narrow, sharp, atol=1e-5)


def test_wide_step_carries_the_local_current():
    """j_y → -(1/4π) U′ in the gap, with corrections in 1/width²."""
    excess = []
    for width in (10.0, 20.0):
        U = dd.TanhStep(-0.5, 0.5, width)
        x = np.array([-0.3 * width, 0.0, 0.3 * width])
        j_y = current_density(dd.Problem(U), x).j_y
        excess.append(np.max(np.abs(j_y * 4 * np.pi / U.derivative(x) + 1)))
    assert excess[0] < 0.02
    assert excess[1] / excess[0] == pytest.approx(0.25, abs=0.02)


def test_positions_far_inside_a_lead():
    """Nothing but waves there: the period is π/k_F, also at 60 lengths from the step."""
    x = np.linspace(-60.0, -50.0, 201)
    j_y = current_density(dd.Problem(TANH, fermi_energy=1.2), x, rtol=1e-7).j_y
    k_F = np.sqrt(1.7**2 - 1)
    zeros = x[:-1][np.diff(np.sign(j_y)) != 0]
    assert len(zeros) == pytest.approx(2 * 10 * k_F / np.pi, abs=1)


def test_points_do_not_change_each_other():
    problem = STATES["half-metal"]
    many = current_density(problem, np.linspace(-4, 4, 33), rtol=1e-6).j_y
    one = current_density(problem, [1.0], rtol=1e-6).j_y
    assert one[0] == pytest.approx(many[20], abs=1e-6 * problem.current_scale)


@pytest.mark.parametrize("unit", [1e-20, 1e7])
def test_unit_of_energy_does_not_matter(unit):
    """Kinks too are graded in units of the mass."""
    results = []
    for s in (1.0, unit):
        U = dd.LinearRamp(-0.5 * s, 0.5 * s, 1 / s)
        problem = dd.Problem(U, s, 1.2 * s, 0.1 * s)
        profile = current_density(problem, np.array([-1.0, 0.1, 1.0]) / s, rtol=1e-5)
        assert profile.converged
        results.append(profile.j_y / s**2)
    np.testing.assert_allclose(*results, atol=1e-6)


def test_no_mass_no_current():
    profile = current_density(dd.Problem(TANH, mass=0.0), [-1.0, 0.0, 1.0])
    np.testing.assert_array_equal(profile.j_y, 0.0)
    assert profile.converged


def test_missed_accuracy_is_said_and_warned_of():
    settings = replace(Settings.of(1e-8), limits=Limits(contour_nodes=20))
    with pytest.warns(dd.AccuracyWarning, match="reached"):
        profile = compute(STATES["warm"], np.array([0.0, 1.0]), settings)
    assert not profile.converged
    fine = current_density(STATES["warm"], [0.0, 1.0], rtol=1e-8)
    assert np.all(np.abs(profile.j_y - fine.j_y) <= profile.error + fine.error)


@pytest.mark.parametrize("fermi_energy", [0.0, 1.2, 2.0])
def test_temperatures_near_zero_cost_what_zero_costs(fermi_energy):
    x = np.linspace(-20, 20, 21)
    cold, frozen = (
        current_density(dd.Problem(TANH, 1.0, fermi_energy, T), x, rtol=1e-5)
        for T in (1e-9, 0.0)
    )
    assert cold.details["contour_nodes"] <= 1.3 * frozen.details["contour_nodes"]
    np.testing.assert_allclose(cold.j_y, frozen.j_y, atol=1e-6 * cold.problem.current_scale)


def test_friedel_oscillations_far_away_at_low_temperature_agree_between_paths():
    """64 frequencies and an integral, against columns of frequencies on another path of p."""
    problem = dd.Problem(TANH, 1.0, 2.0, 1e-4)
    x = np.linspace(-25, 25, 11)
    one = current_density(problem, x, rtol=1e-7)
    other = compute(problem, x, replace(Settings.of(1e-7), start=Start(low_part=0.0)))
    assert other.details["contour_nodes"] > 1.2 * one.details["contour_nodes"]
    # Measured: 2e-9.
    assert np.max(np.abs(one.j_y - other.j_y)) < 2e-8 * problem.current_scale


@pytest.mark.parametrize(("problem", "x", "rtol"), [
    # Each halving towards the logarithm beside a narrow step takes one octave of fourteen.
    (dd.Problem(dd.TanhStep(-1.0, 1.0, 2.87) + dd.TanhStep(0.0, 0.024, 2.87e-4, 4.08), 1.0, 1.4),
     [-18.4, -1.5, 7.4, 10.6], 3.6e-3),
    # The half-strip above ω = p₁ = 0.006 spans seven octaves up to the gap.
    (dd.Problem(dd.SharpStep(-1.0000155, 1.0000155), 1.0, 0.0), [-2.0, 0.0154, 0.7], 6e-6),
], ids=["narrow step", "2Δ and a little"])
def test_many_octaves_are_not_given_up(problem, x, rtol):
    """Both ended after some rounds with errors of 4 and 1.1 times the goal."""
    found = current_density(problem, x, rtol=rtol)
    assert found.converged
    better = current_density(problem, x, rtol=rtol / 5)
    assert np.all(np.abs(found.j_y - better.j_y) < found.error)
