"""Problems far from zero, and in any unit: the answer is the same, and what is lost is claimed."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.states.frame import frame_of, moved
from dirac1d.states.settings import Claim

#: Few digits in base 2, as the energies below: the same numbers far from zero.
X, ENERGY = np.array([-1.125, 0.25, 0.875]), 0.25
CLAIMED = Claim().potential_rounding
#: Roundings of U that a difference of two approximations shows where sites crowd at a kink.
CROWDED = 10.0


def quiet(problem, x, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        return dd.current_density(problem, x, "states", **options)


def shape(kind, offset=0.0, position=0.0, unit=1.0):
    """One of three steps, moved in energy and position and in another unit of energy."""
    low, high = offset - 0.5 * unit, offset + 0.5 * unit
    return {
        "tanh": dd.TanhStep(low, high, 1.0 / unit, position),
        "ramp": dd.LinearRamp(low, high, 2.0 / unit, position),
        "sharp": dd.SharpStep(low, high, position),
    }[kind]


@pytest.fixture(scope="module")
def plain():
    """The same problems at home."""
    problems = {kind: dd.Problem(shape(kind), 1.0, ENERGY) for kind in ("tanh", "ramp", "sharp")}
    return {kind: quiet(p, X, rtol=1e-3) for kind, p in problems.items()}


@pytest.mark.parametrize(("offset", "kind"), [(1e12, "tanh"), (-1e10, "ramp"), (1e6, "sharp")])
def test_a_common_offset_of_U_and_fermi_energy(kind, offset, plain):
    """U = offset ± ½ is rounded by ulp(offset): the claim says what that leaves, and no more."""
    problem = dd.Problem(shape(kind, offset), 1.0, offset + ENERGY)
    far, near = quiet(problem, X, rtol=1e-3), plain[kind]
    scale = near.problem.current_scale
    assert np.all(np.abs(far.j_y - near.j_y) <= far.error)
    # A rounding of ulp(1e12)/2 = 6e-5 costs up to some 1e-3 of j₀.
    rounding = np.spacing(abs(offset)) / scale
    # At most sixty such roundings are claimed (`Claim.potential_rounding`); the difference of two
    # approximations behind each error is rounded twice itself, and so is the largest of them on
    # the strip, whose nodes lie where sites crowd at kinks.
    differences = 2 * Claim().safety * (1 + Claim().everywhere * CROWDED)
    rounded = (CLAIMED + differences) * rounding * scale
    assert np.max(far.error) <= np.max(near.error) + rounded
    if kind == "tanh":
        truth = dd.current_density(near.problem, X, "green", 1e-7)
        assert np.all(np.abs(far.j_y - truth.j_y) <= far.error + truth.error)


@pytest.mark.parametrize(("position", "kind"), [(-1e9, "tanh"), (1e5, "ramp"), (-1e9, "sharp")])
def test_far_from_the_origin_of_x(kind, position, plain):
    problem = dd.Problem(shape(kind, position=position), 1.0, ENERGY)
    far, near = quiet(problem, position + X, rtol=1e-3), plain[kind]
    assert np.all(np.abs(far.j_y - near.j_y) <= far.error)
    # U moves by its slope, 1/2, times the rounding of x.
    allowed = 2 * np.max(near.error) + CLAIMED * np.spacing(abs(position)) / 2
    assert np.max(far.error) <= allowed


@pytest.mark.parametrize(("unit", "kind"), [
    (2.0**-60, "tanh"), (1e-22, "ramp"), (7e25, "sharp"), (2.0**-60, "sharp")])
def test_in_another_unit(kind, unit, plain):
    """Energies times a unit, lengths over it: j_y/e times its square. Powers of two to the bit."""
    problem = dd.Problem(shape(kind, unit=unit), unit, ENERGY * unit)
    profile = quiet(problem, X / unit, rtol=1e-3)
    home = plain[kind]
    tolerance = 0.0 if unit == 2.0**-60 else 1e-6 * home.problem.current_scale
    np.testing.assert_allclose(profile.j_y / unit**2, home.j_y, rtol=0, atol=tolerance)
    assert profile.converged == home.converged
    assert profile.integral() / unit == pytest.approx(home.integral(), abs=tolerance)


def test_a_moved_potential_is_the_potential():
    table = dd.TabulatedPotential([-1.3, 0.1, 0.7, 2.9], [7.0, 7.2, 7.9, 7.5])
    for potential in (table, table + dd.SharpStep(0.0, 0.3, 0.2), dd.TanhStep(7.0, 8.0, 0.4, 3.1)):
        problem = dd.Problem(potential, 0.3, 7.4, 0.1)
        frame = frame_of(problem)
        inner = moved(problem, frame)
        assert (inner.fermi_energy, frame.unit) == (0.0, 0.25)
        x = np.linspace(-2, 4, 41)
        np.testing.assert_allclose(
            inner.potential(frame.inside(x)) * frame.unit, potential(x) - 7.4, atol=1e-14)
        np.testing.assert_allclose(
            inner.potential.derivative(frame.inside(x)) * frame.unit**2, potential.derivative(x),
            atol=1e-13)
        for b, moved_b in zip(potential.breakpoints, inner.potential.breakpoints, strict=True):
            # To the last bit on a breakpoint: there U is the mean of its sides.
            assert inner.potential(moved_b) * frame.unit == pytest.approx(
                float(potential(b)) - 7.4, abs=2e-15)
            np.testing.assert_allclose(
                np.array(inner.potential.limits(moved_b)) * frame.unit + 7.4, potential.limits(b))
        assert len(inner.jumps) == len(problem.jumps)
        assert inner.current_scale * frame.unit**2 == pytest.approx(problem.current_scale, rel=1e-6)


def test_a_wave_in_another_unit_and_at_an_offset():
    wave = dd.Problem(dd.CosinePotential(0.3, 2.0), 1.0, 0.2, 0.1)
    home = quiet(wave, X, rtol=1e-3)
    unit = 2.0**40
    there = quiet(
        dd.Problem(dd.CosinePotential(0.3 * unit, 2.0 * unit), unit, 0.2 * unit, 0.1 * unit),
        X / unit, rtol=1e-3)
    np.testing.assert_allclose(there.j_y / unit**2, home.j_y, rtol=1e-12)
