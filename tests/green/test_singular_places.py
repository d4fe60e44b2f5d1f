"""Spectra exactly where U jumps and where the sample ends: limits from beside, and closed forms."""

import numpy as np
import pytest

import dirac1d as dd

#: A half-plane: its edge state |ψ|² = 2Δe^{-2Δx} at E = ±p is all that lies in the gap.
EDGE = dd.Problem(0.0, mass=1.0 + dd.HardWall(0.0, -1, "left"), fermi_energy=0.5)
INWARDS = [0.0, 1e-6, 1e-2]


def within(found, expected):
    assert found.status == "converged"
    np.testing.assert_array_less(np.abs(found - expected), found.error + 1e-15)


@pytest.mark.parametrize(("mass", "energy"), [
    (1.0, 0.1), (1.0, 2.5), (dd.SharpStep(-1.0, 1.3, position=0.0), 0.1),
    (dd.SharpStep(-1.0, 1.0), 2.5),
])
def test_a_density_of_states_is_continuous_at_a_jump_of_U(mass, energy):
    step = dd.Problem(dd.SharpStep(-2.0, 2.0), mass)
    found = dd.local_density_of_states(step, [-1e-7, 0.0, 1e-7], energy)
    assert found.status == "converged"
    assert np.ptp(found) < 2e-6
    # Without a notion of a jump: from the left alone.
    (beside,) = dd.local_density_of_states(step, [-1e-2], energy)
    (closer,) = dd.local_density_of_states(step, [-5e-3], energy)
    assert found[1] == pytest.approx(2 * closer - beside, abs=5e-3)


def test_what_an_edge_state_carries_is_known_at_the_very_edge():
    density = np.exp(-2 * np.array(INWARDS)) / np.pi
    for spectrum in (dd.energy_resolved_current, dd.local_density_of_states):
        within(spectrum(EDGE, INWARDS, 0.5, rtol=1e-6), density)
    within(dd.charge_density(EDGE, INWARDS, rtol=1e-5), 0.5 * density)
    # Of both signs of p, of which ½ each is the sea's.
    within(dd.momentum_resolved_current(EDGE, INWARDS, 0.2, rtol=1e-6), np.pi * density)


@pytest.mark.parametrize(("side", "sign"), [("left", 1), ("right", -1)])
def test_the_charge_is_infinite_at_an_edge_to_which_U_slopes(side, sign):
    """n → -(U′/8π) ln d, with d and U′ towards the inside: that of a kink by 2U′, its mirror's."""
    half = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0 + dd.HardWall(0.0, -1, side))
    d = np.append(0.0, 0.01 * 2 ** np.linspace(0, 4, 9))
    n = dd.charge_density(half, d if side == "left" else -d[::-1], rtol=1e-5)
    n = n if side == "left" else n[::-1]
    assert n[0] == sign * np.inf
    d, n = d[1:], n[1:]
    terms = np.stack([np.log(d), d**0, d * np.log(d), d, d**2 * np.log(d), d**2], axis=1)
    slope = np.linalg.lstsq(terms, np.asarray(n), rcond=None)[0][0]
    assert slope == pytest.approx(-sign * 0.5 / (8 * np.pi), rel=0.01)
