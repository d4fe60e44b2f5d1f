"""Circles from eigenstates, against the continuum engine and closed forms: no formula is shared."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd

R = np.array([0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0])
DEEP = dd.GaussianDot(-2.5, np.sqrt(2.0))


@pytest.mark.parametrize("problem", [
    dd.Problem(dd.GaussianDot(-0.5, np.sqrt(2.0))),
    dd.Problem(DEEP, -1.0), dd.Problem(DEEP, temperature=0.05),
    dd.Problem(dd.GaussianDot(-1.5, 2.0), -1.0, fermi_energy=-1.2),
    dd.Problem(dd.SmoothDisc(-0.5, 3.0, 0.7), fermi_energy=1.3, temperature=0.05),
    dd.Problem(dd.GaussianDot(-0.3, 14.0), 0.1, fermi_energy=0.02),
], ids=["gap", "dot", "warm", "valence", "warm metal", "small mass"])
def test_both_engines_agree_within_their_errors(problem):
    scale = 1 / abs(problem.mass)
    both = dd.compare_engines(problem, R * scale, rtol=1e-3)
    assert both.states.converged
    assert both.green.converged
    assert both.agree
    assert np.max(np.abs(both.green.j_phi)) > 0.05 * problem.current_scale


def test_warm_disc_is_the_sum_over_bessel_functions():
    problem = dd.Problem(dd.Disc(-1.5, 5.0), temperature=0.05)
    # exact.disc.current(problem, r, digits=6): a minute in mpmath.
    exact = [-0.00020002582468859527, -2.8043484262250223e-05]
    profile = dd.current_density(problem, [3.0, 8.0], "states")
    assert np.all(np.abs(profile.j_phi - exact) <= profile.error)


def test_magnetization_and_moment_of_both_engines():
    problem = dd.Problem(dd.GaussianDot(-0.5, np.sqrt(2.0)))
    green = dd.current_density(problem, [1.0], rtol=1e-6)
    states = dd.current_density(problem, [1.0], "states", rtol=1e-4)
    for ours, theirs in (
        (states.moment, green.moment), (states.magnetization(0.5)[0], green.magnetization(0.5)[0]),
    ):
        assert abs(ours - theirs) <= ours.error + theirs.error
        # 2.4e-4 measured: the lattice's error, and what may be left beyond its end.
        assert ours.error < 5e-4 * abs(theirs)
