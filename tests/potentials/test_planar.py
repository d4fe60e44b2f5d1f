"""Cells, strips and disorder: what is sampled, what is refused, what a file keeps."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.potentials.descriptions import potential_from_dict, potential_to_dict
from dirac1d.potentials.planar import SamplingWarning

CELL = dd.disorder(0.8, correlation_length=1.0, lengths=(5.0, 4.0), seed=3)
#: A wave packet between leads: harmonics ±1 only, and a rough step with many.
PACKET = dd.Strip(lambda x, y: np.exp(-(x**2)) * np.cos(np.pi * y / 2), period=4.0)


def rough_step(x, y):
    return 0.5 * np.tanh(x - 0.5 * np.cos(2 * np.pi * y / 6))


STEP = dd.Strip(rough_step, 6.0, -0.5, 0.5)
#: Rounding of sums of some thousand waves of size 1; 4e-15 is measured.
ROUNDING = 1e-13


@pytest.mark.parametrize("shape", [(4, 6), (5, 7), (1, 2), (35, 1)])
def test_a_cell_goes_through_its_samples(shape):
    samples = np.random.default_rng(0).normal(size=shape)
    cell = dd.Cell(samples, (3.0, 2.0))
    x, y = (np.arange(n) * L / n for n, L in zip(shape, (3.0, 2.0), strict=True))
    assert np.max(np.abs(cell(x[:, None], y[None, :]) - samples)) < ROUNDING
    assert np.max(np.abs(cell.coefficients - np.conj(cell.coefficients[::-1, ::-1]))) < ROUNDING


@pytest.mark.parametrize("potential", [CELL, PACKET, STEP])
def test_harmonics_rebuild_the_potential_and_it_is_periodic(potential):
    x, y, L = np.linspace(-3, 4, 9), 0.7, potential.period
    n = np.arange(-80, 81)
    U = np.real(potential.harmonics(x, 80) @ np.exp(2j * np.pi * n * y / L))
    assert np.max(np.abs(U - potential(x, y))) < ROUNDING
    assert np.max(np.abs(potential(x, y + L) - potential(x, y))) < ROUNDING
    # Fewer are the same, cut off.
    assert np.array_equal(potential.harmonics(x, 2), potential.harmonics(x, 80)[:, 78:83])


@pytest.mark.parametrize("potential", [CELL, PACKET, STEP])
def test_the_gradient_is_the_slope(potential):
    x, y, h = np.linspace(-2, 2, 7)[:, None], np.linspace(0, 4, 6), 1e-5
    U_x, U_y = potential.gradient(x, y)
    across = (potential(x + h, y) - potential(x - h, y)) / (2 * h)
    along = (potential(x, y + h) - potential(x, y - h)) / (2 * h)
    # Central differences: h² and rounding over h.
    assert np.max(np.abs(U_x - across)) < 1e-9
    assert np.max(np.abs(U_y - along)) < 1e-9


def test_a_strip_meets_its_function_and_its_leads():
    x, y = np.linspace(-9, 9, 61)[:, None], np.linspace(-3, 8, 31)
    assert np.max(np.abs(STEP(x, y) - rough_step(x, y))) < 1e-11  # 1e-12 of the range, a panel
    assert STEP.leads == (-0.5, 0.5)
    assert STEP(STEP.reach[0] - 5.0, 1.0) == pytest.approx(-0.5, abs=ROUNDING)
    samples = np.linspace(-12, 12, 200)
    again = dd.Strip.from_samples(
        samples, rough_step(samples[:, None], np.arange(32) * 6 / 32), 6.0)
    assert np.max(np.abs(again(x, y) - STEP(x, y))) < 2e-6  # splines of 0.12: 1.2e-6


@pytest.mark.parametrize("potential", [CELL, PACKET, STEP])
def test_sums_multiples_equality_and_files(potential):
    x, y = np.linspace(-2, 2, 5)[:, None], np.linspace(0, 3, 4)
    made = 2 * potential - potential / 2 + 0.25
    assert np.max(np.abs(made(x, y) - 1.5 * potential(x, y) - 0.25)) < ROUNDING
    both = potential + 0.5 * potential
    assert np.max(np.abs(both(x, y) - 1.5 * potential(x, y))) < 1e-12
    stored = potential_from_dict(potential_to_dict(potential))
    assert stored == potential
    assert hash(stored) == hash(potential)
    problem = dd.Problem(potential, 0.7, 0.1, 0.05)
    assert dd.Problem.from_dict(problem.to_dict()) == problem
    assert problem.planar
    assert {problem.periodic, problem.circular, problem.has_leads} == {False}
    assert problem.current_scale > 0


def test_waves_of_any_angle_add():
    L = (4.0, 5.0)
    wave = dd.Cell.wave(0.5, (1, -2), L, phase=0.3) + dd.Cell.wave(0.2, (0, 1), L)
    exact = 0.5 * np.cos(2 * np.pi * (1.1 / 4 - 2 * 0.7 / 5) - 0.3) + 0.2 * np.cos(
        2 * np.pi * 0.7 / 5)
    assert wave(1.1, 0.7) == pytest.approx(exact, abs=ROUNDING)
    moved = wave.translated(0.4, -0.3)
    assert moved(1.5, 0.4) == pytest.approx(exact, abs=ROUNDING)


def test_disorder_has_its_own_rms_and_correlations():
    cell = dd.disorder(1.3, correlation_length=0.7, lengths=(60.0, 60.0), seed=1)
    assert cell.samples.std() == pytest.approx(1.3, rel=1e-12)
    assert cell.mean == pytest.approx(0.0, abs=1e-14)
    assert cell == dd.disorder(1.3, 0.7, (60.0, 60.0), 1)
    assert cell != dd.disorder(1.3, 0.7, (60.0, 60.0), 2)
    # 60²/(0.7² π) = 2,300 independent patches: 2 % of statistics on a correlation.
    moved = cell.translated(0.7, 0.0)
    x, y = (np.arange(200) * 0.3 for _ in "xy")
    product = np.mean(cell(x[:, None], y) * moved(x[:, None], y))
    assert product == pytest.approx(1.69 * np.exp(-0.5), rel=0.1)


def test_current_scale_of_a_wave_is_that_of_its_cut():
    wave = dd.Problem(dd.Cell.wave(0.5, (1, 0), (4.0, 3.0)))
    cut = dd.Problem(dd.CosinePotential(0.5, np.pi / 2))
    # Directions and distances on a grid.
    assert wave.current_scale == pytest.approx(cut.current_scale, rel=2e-2)


def test_samples_that_are_too_coarse_are_told():
    def bump(x, y, centre=5.0):
        return np.exp(-((x - centre) ** 2 + (y - centre) ** 2) / 2)

    with pytest.warns(SamplingWarning, match="too coarse"):
        dd.Cell.from_function(bump, (10.0, 10.0), (10, 10))
    # Its wing at the border, e^-4.5, is no period.
    with pytest.warns(SamplingWarning, match="periods"):
        dd.Cell.from_function(bump, (8.0, 10.0), (48, 48))
    dd.Cell.from_function(lambda x, y: bump(x, y, 7.0), (14.0, 14.0), (56, 56))
    with pytest.warns(SamplingWarning, match="edges"):
        dd.Strip(lambda x, y: (np.abs(x) < 1) * np.cos(y), 2 * np.pi)


def test_a_picture_is_a_cell_by_its_greys():
    """Its left is x = 0, its bottom y = 0; whatever type and colours hold the greys."""
    grey = np.array([[0.0, 0.2, 0.4], [0.6, 0.8, 1.0]])
    cell = dd.Cell.from_image(grey, (3, 2), black=-1, white=4)
    np.testing.assert_allclose(cell.samples, [[2, -1], [3, 0], [4, 1]], atol=1e-12)
    whole = np.round(255 * grey).astype(np.uint8)
    for image in (whole, whole[..., None], np.dstack([whole] * 3), np.dstack([whole] * 4)):
        other = dd.Cell.from_image(image, (3, 2), -1, 4)
        np.testing.assert_allclose(other.samples, cell.samples, atol=1e-12)
    red = np.zeros((2, 2, 3))
    red[..., 0] = 1
    np.testing.assert_allclose(dd.Cell.from_image(red, (1, 1), 0, 1).samples, 0.299)


@pytest.mark.parametrize(("make", "words"), [
    (lambda: dd.Cell([[1.0, np.nan]], (1, 1)), r"samples\[0, 1\] = nan"),
    (lambda: dd.Cell([1.0, 2.0], (1, 1)), "two-dimensional"),
    (lambda: dd.Cell([[1j]], (1, 1)), "real numbers"),
    (lambda: dd.Cell([[1.0]], (0, 1)), "lengths must be positive"),
    (lambda: dd.Cell([[1.0]], 3.0), "lengths must be a pair"),
    (lambda: dd.Cell.from_function(lambda x, y: x / 0 * y, (1, 1), (4, 4)), "not finite"),
    (lambda: dd.Cell.from_function(3, (1, 1), (4, 4)), "callable"),
    (lambda: dd.Cell.from_csv("no-such.csv", (1, 1)), "cannot read"),
    (lambda: dd.Cell.from_image([["a"]], (1, 1), 0, 1), "image must be an array of greys"),
    (lambda: dd.Cell.from_image(np.zeros(3), (1, 1), 0, 1), "image must be an array of greys"),
    (lambda: dd.Cell.from_image(np.zeros((2, 2, 5)), (1, 1), 0, 1), "1 to 4 channels, got 5"),
    (lambda: dd.Cell.from_image(255.0 * np.eye(2), (1, 1), 0, 1), "greys from 0 to 1"),
    (lambda: dd.Cell.from_image(np.eye(2) * np.nan, (1, 1), 0, 1), "greys from 0 to 1"),
    (lambda: dd.Cell.from_image(np.eye(2), (1, 1), 0, "1 meV"), "white"),
    (lambda: dd.Cell.from_npz("no-such.npz"), "cannot read"),
    (lambda: dd.Strip(lambda x, y: np.sin(y) + 0 * x, 2 * np.pi), "never reaches"),
    (lambda: dd.Strip(lambda x, y: x * y, 1.0), "never reaches"),
    (lambda: dd.Strip(lambda x, y: 0 * x * y, -1.0), "period must be positive"),
    (lambda: dd.Strip.from_samples([0, 1, 2, 3], np.eye(4), 1.0), "must be flat"),
    (lambda: dd.disorder(-1, 1, (1, 1)), "rms must not be negative"),
    (lambda: dd.disorder(1, 0, (1, 1)), "correlation_length must be positive"),
    (lambda: dd.disorder(1, 1e-4, (9, 9)), "at most 4096"),
    (lambda: dd.disorder(1, 50, (9, 9)), "too long"),
    (lambda: CELL + PACKET, "same lengths only"),
    (lambda: dd.TanhStep(0, 1, 1) + CELL, "same lengths only"),
    (lambda: PACKET + STEP, "same period only"),
    (lambda: dd.Problem(CELL).U_L, "no leads"),
    (lambda: potential_from_dict({"shape": "cell", "samples": [[1.0]]}), "lengths"),
    (lambda: potential_from_dict({"shape": "strip", "period": 1.0}), "needs the key"),
])
def test_what_is_no_potential_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize("potential", [CELL, STEP])
def test_what_is_of_one_dimension_refuses_two(potential):
    problem = dd.Problem(potential)
    for ask in (dd.current_density, dd.charge_density, dd.exact.smooth_limit_current):
        with pytest.raises(ValueError, match="function of x and y"):
            ask(problem, [0.0])


def test_the_total_of_a_strip_is_that_of_its_leads():
    step = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 0.8, 0.3, 0.1)
    assert dd.total_current(dd.Problem(STEP, 0.8, 0.3, 0.1)) == dd.total_current(step)
    with pytest.raises(ValueError, match="a cell has no leads"):
        dd.total_current(dd.Problem(CELL))
