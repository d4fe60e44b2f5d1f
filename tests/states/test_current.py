"""The lattice engine's profile: both solvers, and an error that bounds the truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.states.settings import Limits, Settings

X = np.array([-2.3, -0.6, 0.4, 1.7])
T = 0.05


def tanh(left, right, width=1.0):
    return dd.TanhStep(left, right, width)


#: Problem, rtol: shapes and regimes at T = 0 in the gap and at T = 0.05Δ.
HONEST = {
    "gap tanh": (dd.Problem(tanh(-0.5, 0.5)), 1e-5),
    "gap off centre": (dd.Problem(tanh(-0.5, 0.5), 1.0, 0.3), 1e-4),
    "gap narrow": (dd.Problem(tanh(-0.5, 0.5, 0.3)), 1e-3),
    "gap wide": (dd.Problem(tanh(-0.5, 0.5, 4.0)), 1e-4),
    "gap erf, negative mass": (dd.Problem(dd.ErfStep(0.4, -0.3, 0.7), -1.3, 0.1), 1e-4),
    "gap bump": (dd.Problem(dd.GaussianBump(0.6, 1.0)), 1e-4),
    "gap sum": (dd.Problem(tanh(-0.5, 0.3) + dd.GaussianBump(0.3, 0.7, 1.0)), 1e-4),
    "gap ramp": (dd.Problem(dd.LinearRamp(-0.5, 0.5, 2.0)), 1e-3),
    "gap T": (dd.Problem(tanh(-0.5, 0.5), 1.0, 0.0, T), 1e-4),
    "half-metal T": (dd.Problem(tanh(-0.5, 0.5), 1.0, 1.0, T), 1e-3),
    "valence half-metal T": (dd.Problem(tanh(0.5, -0.5), -1.0, -1.0, T), 1e-3),
    "metal T": (dd.Problem(tanh(-0.5, 0.5), 1.0, 2.0, 3 * T), 3e-3),
    "metal-metal T": (dd.Problem(tanh(-1.5, 1.5), 1.0, 0.0, T), 1e-3),
}


def quiet(problem, x, **options):
    """A profile whose missed accuracy is in its status; the warning is tested elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        return dd.current_density(problem, x, **options)


@pytest.mark.parametrize(("problem", "rtol"), HONEST.values(), ids=HONEST.keys())
def test_true_error_is_below_the_estimate(problem, rtol):
    profile = quiet(problem, X, engine="states", rtol=rtol)
    # 1/30 of what is to be bounded is accurate enough for a truth.
    truth = quiet(problem, X, engine="green", rtol=rtol / 30)
    error = np.abs(profile.j_y - truth.j_y)
    assert np.all(error <= profile.error + rtol / 30 * problem.current_scale), (
        error / profile.error
    ).tolist()
    # An estimate that is always huge would be honest too, but of no use.
    if profile.converged:
        assert np.max(profile.error) <= rtol * problem.current_scale
    else:
        assert "estimated error" in profile.status


def test_half_metal_at_zero_temperature():
    """The hard case, box levels at T = 0: at rtol = 1e-3 the error still bounds the truth."""
    problem = dd.Problem(tanh(-0.5, 0.5), fermi_energy=1.0)
    x = np.array([-1.0, 0.5])
    profile = quiet(problem, x, engine="states", rtol=1e-3)
    truth = quiet(problem, x, engine="green", rtol=1e-6)
    assert np.all(np.abs(profile.j_y - truth.j_y) <= profile.error)
    assert np.max(profile.error) < 0.05 * problem.current_scale


def test_sharp_step_away_from_the_jump():
    problem = dd.Problem(dd.SharpStep(-0.5, 0.5))
    x = np.array([0.5, 1.0])
    profile = quiet(problem, x, engine="states", rtol=1e-2)
    truth = quiet(problem, x, engine="green", rtol=1e-6)
    assert np.all(np.abs(profile.j_y - truth.j_y) <= profile.error)


def test_points_on_the_knots_of_a_table():
    """U″ jumps at a knot of the spline: a site there must not spoil what is read off it."""
    table = dd.TabulatedPotential(np.linspace(-2, 2, 5), [-0.3, -0.25, 0.0, 0.2, 0.3])
    problem = dd.Problem(table)
    x = np.array([-1.0, 0.5])
    profile = quiet(problem, x, engine="states", rtol=1e-2)
    truth = quiet(problem, x, engine="green", rtol=1e-4)
    difference = np.abs(profile.j_y - truth.j_y)
    assert np.all(difference <= profile.error + truth.error), difference / profile.error


@pytest.mark.parametrize(
    ("engine", "height", "mass"),
    [("states", 1.0, -1.0), ("green", 1.0, 1.0), ("green", -1.0, 1.0), ("green", 1.0, -1.0)],
)
def test_current_diverges_at_a_jump_with_the_sign_of_minus_height_times_mass(
    engine, height, mass
):
    # j_y ≈ (ΔU·Δ/4π) ln|x| near the jump: K(x) = ΔE₁(2Δ|x|) ≈ -Δ ln|x| in linear response.
    problem = dd.Problem(dd.SharpStep(0.0, 0.2 * height), mass, 0.1 * height)
    profile = quiet(problem, [0.0, 2.0], engine=engine, rtol=5e-2)
    assert profile.j_y[0] == -np.inf * height * mass
    assert np.isfinite(profile.j_y[1])


def test_sparse_solver_gives_the_same_profile():
    """Every slice of the spectrum through shift-invert `eigsh`, certified: to 1e-10 of j₀."""
    problem = dd.Problem(tanh(-0.5, 0.5))
    x = np.array([-1.0, 0.0, 0.7])
    profiles = [
        quiet(problem, x, engine="states", rtol=1e-2, solver=s) for s in ("auto", "sparse")
    ]
    difference = np.abs(profiles[0].j_y - profiles[1].j_y)
    assert np.max(difference) <= 1e-10 * problem.current_scale
    assert profiles[1].details["solver"] == "sparse"
    assert profiles[0].details["solver"] == "tridiagonal"


def test_sparse_solver_at_finite_temperature():
    problem = dd.Problem(dd.ErfStep(-0.3, 0.3, 2.0), 1.0, 0.2, 0.2)
    profiles = [
        quiet(problem, [0.3], engine="states", rtol=0.1, solver=s)
        for s in ("tridiagonal", "sparse")
    ]
    assert abs(profiles[0].j_y[0] - profiles[1].j_y[0]) <= 1e-10 * problem.current_scale


def test_missed_accuracy_is_said_and_warned_of(gap_problem):
    """Too few sites allowed for what is asked: said, warned of, and still bounded honestly."""
    few = Settings(limits=Limits(chain_sites=350))
    with pytest.warns(dd.AccuracyWarning, match="estimated error"):
        profile = dd.current_density(gap_problem, X, engine="states", rtol=1e-7, settings=few)
    assert not profile.converged
    assert "spacing" in profile.status
    assert np.max(profile.error) > 1e-7 * gap_problem.current_scale
    truth = dd.current_density(gap_problem, X, engine="green", rtol=1e-9)
    assert np.all(np.abs(profile.j_y - truth.j_y) <= profile.error + truth.error)


def test_a_single_level_has_no_error_estimate_and_says_so(gap_problem):
    """The coarsest mesh only: an infinite error and a warning, not a crash."""
    few = Settings(limits=Limits(levels=(2,)))
    with pytest.warns(dd.AccuracyWarning, match="estimated error"):
        profile = dd.current_density(gap_problem, X, engine="states", rtol=1e-3, settings=few)
    assert profile.details["levels"] == [2]
    assert not profile.converged
    assert np.all(np.isinf(profile.error))
    assert np.all(np.isfinite(profile.j_y))
    assert profile.integral().error == np.inf


def test_not_even_one_level_is_no_answer_and_says_so(gap_problem):
    few = Settings(limits=Limits(chain_sites=1))
    with pytest.warns(dd.AccuracyWarning, match="estimated error is inf"):
        profile = dd.current_density(gap_problem, X, engine="states", rtol=1e-3, settings=few)
    assert np.all(np.isinf(profile.error))
    assert profile.integral().error == np.inf
    assert profile.details["diagonalisations"] == 0


def test_progress_is_told_of_every_diagonalisation(gap_problem):
    told = []
    profile = dd.current_density(
        gap_problem, [0.0], engine="states", rtol=1e-2, progress=told.append
    )
    assert len(told) == profile.details["diagonalisations"] > 0
    assert profile.details["eigen_seconds"] > 0


def test_accuracy_improves_with_rtol(gap_problem):
    x = np.array([-0.8, 0.1])
    truth = quiet(gap_problem, x, engine="green", rtol=1e-8).j_y
    errors = [
        np.max(np.abs(quiet(gap_problem, x, engine="states", rtol=r).j_y - truth))
        for r in (1e-2, 1e-5)
    ]
    scale = gap_problem.current_scale
    assert errors[1] < errors[0]
    assert all(e <= r * scale for e, r in zip(errors, (1e-2, 1e-5), strict=True))


def test_repeatable_to_the_last_bit(gap_problem):
    one, two = (
        dd.current_density(gap_problem, X, engine="states", rtol=1e-3) for _ in range(2)
    )
    np.testing.assert_array_equal(one.j_y, two.j_y)
    np.testing.assert_array_equal(one.error, two.error)


def test_bad_solver_is_named(gap_problem):
    with pytest.raises(ValueError, match="solver must be one of"):
        dd.current_density(gap_problem, X, engine="states", solver="arpack")
