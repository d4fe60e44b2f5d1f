"""Total current: the one-line form, Eq. (12) and (27) as printed, and the leads' shares."""

import mpmath as mp
import numpy as np
import pytest

from dirac1d.exact import (
    capped_energy,
    capped_energy_derivative,
    lead_contributions,
    total_current,
    total_current_eq12,
    total_current_eq27,
)
from dirac1d.potentials import GaussianBump, SharpStep, TanhStep
from dirac1d.problem import Problem

# Differences of a few numbers of order 10: some 1e-15 (measured 4e-16).
ROUNDING = 2e-15
STEPS = [(0.0, 0.0), (-0.5, 0.5), (0.3, 1.9), (-1.0, 1.0), (-2.0, 1.5), (-3.0, 4.0)]


def _energies(U_L, U_R, mass):
    """A grid through all regimes, with every border (from both sides' arithmetic) in it."""
    borders = [U_L - mass, U_L + mass, U_R - mass, U_R + mass]
    return np.sort(np.concatenate((np.linspace(U_L - 3, U_R + 3, 301), borders)))


def _one_line(eps_F, U_L, U_R, mass, temperature=0.0):
    step = SharpStep(U_L, U_R)
    return np.array([total_current(Problem(step, mass, e, temperature)) for e in eps_F])


@pytest.mark.parametrize(("U_L", "U_R"), STEPS)
@pytest.mark.parametrize("mass", [0.25, 1.0])
def test_printed_forms_equal_the_one_line_form(U_L, U_R, mass):
    eps_F = _energies(U_L, U_R, mass)
    step = U_R - U_L
    printed = total_current_eq12 if step <= 2 * mass else total_current_eq27
    np.testing.assert_allclose(
        printed(eps_F, U_L, U_R, mass), _one_line(eps_F, U_L, U_R, mass), atol=ROUNDING, rtol=0
    )


def test_both_printed_forms_meet_at_a_step_of_two_delta():
    eps_F = _energies(-1.0, 1.0, 1.0)
    np.testing.assert_allclose(
        total_current_eq12(eps_F, -1.0, 1.0, 1.0),
        total_current_eq27(eps_F, -1.0, 1.0, 1.0),
        atol=ROUNDING,
        rtol=0,
    )
    assert total_current_eq27(0.0, -1.0, 1.0, 1.0) == pytest.approx(-2 / (4 * np.pi), rel=1e-15)


@pytest.mark.parametrize(
    ("form", "U_R", "mass", "name"),
    [
        (total_current_eq12, 2.1, 1.0, "2\\*mass"),
        (total_current_eq27, 1.9, 1.0, "2\\*mass"),
        (total_current_eq12, -1.0, 1.0, "U_R"),
        (total_current_eq12, 1.0, -1.0, "mass"),
        (total_current_eq12, np.nan, 1.0, "U_R"),
    ],
)
def test_printed_forms_refuse_what_they_do_not_cover(form, U_R, mass, name):
    with pytest.raises(ValueError, match=name):
        form(0.0, 0.0, U_R, mass)


@pytest.mark.parametrize("temperature", [1e-6, 1e-3, 0.05, 1.0, 40.0, 1e6])
@pytest.mark.parametrize("mass", [1.0, -0.3])
def test_capped_energy_against_mpmath(temperature, mass):
    s = np.concatenate((np.linspace(-3, 3, 25), [1e-9, 0.3, -0.3, 1.0, 700.0]))
    with mp.workdps(60):
        T, D = mp.mpf(temperature), mp.mpf(mass)
        exact = [
            T * (mp.log1p(mp.exp((mp.mpf(v) + D) / T)) - mp.log1p(mp.exp((mp.mpf(v) - D) / T))) - D
            for v in s
        ]
        slope = [
            mp.sinh(D / T) / 2 * mp.sech((mp.mpf(v) + D) / T / 2) * mp.sech((mp.mpf(v) - D) / T / 2)
            for v in s
        ]
    # c itself, relative: measured 5e-16.
    np.testing.assert_allclose(capped_energy(s, mass, temperature), np.array(exact, float),
                               rtol=4e-15, atol=1e-50)
    # Its slope carries the rounding of (|Δ| - |s|)/T in an exponent: relative to its own size
    # only as long as that is moderate, else compare where it has not underflowed.
    exponent = np.maximum(1.0, np.abs(s) / temperature)
    error = np.abs(capped_energy_derivative(s, mass, temperature) - np.array(slope, float))
    assert np.all(error <= 1e-15 * exponent * np.abs(np.array(slope, float)) + 1e-300)


def test_no_overflow_and_continuous_at_zero_temperature():
    s = np.array([-1e300, -1e9, -1.0, -0.2, 0.0, 0.4, 1.0, 1e9, 1e300])
    for temperature in (5e-324, 1e-300, 1e-100, 1e-20):
        np.testing.assert_allclose(
            capped_energy(s, 1.0, temperature), capped_energy(s, 1.0), atol=1e-19, rtol=0
        )
        np.testing.assert_allclose(
            capped_energy_derivative(s, 1.0, temperature), capped_energy_derivative(s, 1.0)
        )
    # At a band edge the first correction is -T ln 2.
    assert capped_energy(1.0, 1.0, 1e-3) == pytest.approx(1.0 - 1e-3 * np.log(2), rel=1e-15)


def test_symmetries_of_the_total_current():
    rng = np.random.default_rng(7)
    for _ in range(50):
        U_L, U_R, mass, eps_F = rng.normal(0, 1.5, 4)
        T = rng.choice([0.0, 0.05, 1.0])
        J = total_current(Problem(SharpStep(U_L, U_R), mass, eps_F, T))
        assert total_current(Problem(SharpStep(U_R, U_L), mass, eps_F, T)) == -J
        assert total_current(Problem(SharpStep(U_L, U_R), -mass, eps_F, T)) == -J
        conjugate = total_current(Problem(SharpStep(-U_L, -U_R), mass, -eps_F, T))
        assert conjugate == pytest.approx(-J, abs=ROUNDING)


def test_shape_and_massless_and_equal_leads():
    step, tanh = SharpStep(-0.5, 0.7), TanhStep(-0.5, 0.7, 2.0) + GaussianBump(5.0, 1.0)
    assert total_current(Problem(step, 1.0, 0.1)) == total_current(Problem(tanh, 1.0, 0.1))
    assert total_current(Problem(step, 0.0, 0.1)) == 0.0
    assert total_current(Problem(step, 0.0, 0.1, 0.3)) == 0.0
    assert total_current(Problem(GaussianBump(1.0, 1.0), 1.0, 0.1)) == 0.0
    assert total_current(Problem(step, 1.0, 0.1)) == pytest.approx(-1.2 / (4 * np.pi), rel=1e-15)


@pytest.mark.parametrize(("U_L", "U_R"), STEPS)
def test_lead_contributions_make_the_total_and_forget_energy_min(U_L, U_R):
    eps_F = _energies(U_L, U_R, 1.0)
    for energy_min in (-50.0, -1000.0):
        J_R = lead_contributions(eps_F, U_R, 1.0, energy_min)
        J_L = lead_contributions(eps_F, U_L, 1.0, energy_min)
        # Cancellation of energy_min: its rounding, 1000 ulp(1)/4π = 2e-14 at most.
        np.testing.assert_allclose(
            J_R.total - J_L.total, _one_line(eps_F, U_L, U_R, 1.0), atol=3e-14, rtol=0
        )
    with pytest.raises(ValueError, match="energy_min"):
        lead_contributions(eps_F, U_L, 1.0, eps_F[0])


@pytest.mark.parametrize("fermi_energy", [-2.7, -0.2, 1.8])
def test_lead_contributions_are_the_sum_of_eq_9(fermi_energy):
    """J = -(Δ/2) ∫d²p/(2π)² 1/(Δ² + p_y²) over the occupied states, by quadrature."""
    D, U, energy_min = 1.0, 0.3, -6.0

    def shell(E):
        # p dp = E dE, and ∫dφ/(Δ² + p² cos²φ) done numerically
        p2 = E**2 - D**2
        angular = mp.quad(lambda phi: 1 / (D**2 + p2 * mp.cos(phi) ** 2), [0, mp.pi / 2]) * 4
        return -(D / 2) * E * angular / (4 * mp.pi**2)

    J = lead_contributions(fermi_energy, U, D, energy_min)
    s = fermi_energy - U
    conduction = mp.quad(shell, [D, s]) if s > D else 0
    top = max(D, -s)
    valence = mp.quad(shell, [top, U - energy_min])
    assert J.conduction == pytest.approx(float(conduction), abs=1e-14)
    assert J.valence == pytest.approx(float(valence), abs=1e-14)
