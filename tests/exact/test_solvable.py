"""Sharp step, tanh step, linear ramp: independent evaluations, and the committed tables."""

from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from dirac1d.exact import total_current
from dirac1d.exact.solvable import (
    across_ramp,
    chiral_ratios,
    gauss_function,
    green_traces,
    lead_ratio,
    scattering_probabilities,
)
from dirac1d.exact.solvable_sums import (
    gauss_legendre,
    reference_current,
    reference_spectral_current,
    sum_rule,
)
from dirac1d.potentials import ErfStep, LinearRamp, SharpStep, TanhStep
from dirac1d.problem import Problem

DATA = Path(__file__).resolve().parent.parent / "data"
STEPS = [SharpStep(-0.5, 0.9, 0.2), TanhStep(-0.5, 0.9, 1.1, 0.2), LinearRamp(0.9, -0.4, 3.0, 0.2)]


def _mp_potential(step):
    """U(x) in mpmath, from the exact doubles of the parameters."""
    left, right, x0 = mp.mpf(step.left), mp.mpf(step.right), mp.mpf(step.position)
    if isinstance(step, TanhStep):
        width = mp.mpf(step.width)
        return lambda x: (left + right) / 2 + (right - left) / 2 * mp.tanh((x - x0) / width)
    slope = (right - left) / mp.mpf(step.length)
    return lambda x: (left + right) / 2 + slope * (x - x0)


@pytest.mark.parametrize("step", STEPS[1:], ids=["tanh", "ramp"])
def test_ratios_solve_the_riccati_equation(step):
    """March s_R and s_L through the potential with mpmath's Taylor integrator."""
    E, M, x = mp.mpc(0.2, 0.7), mp.mpf(1.3), mp.mpf(0.45)
    U, (a, b) = _mp_potential(step), (-1.3, 1.7)
    with mp.workdps(30):
        s_R, s_L = chiral_ratios(step, E, M, x)
        start_R, start_L = chiral_ratios(step, E, M, b)[0], chiral_ratios(step, E, M, a)[1]
    with mp.workdps(20):
        right = mp.odefun(
            lambda t, s: [-1j * (M - 2 * (E - U(b - t)) * s[0] + M * s[0] ** 2)], 0, [start_R]
        )
        left = mp.odefun(
            lambda t, s: [-1j * (M - 2 * (E - U(a + t)) * s[0] + M * s[0] ** 2)], 0, [start_L]
        )
        # mpmath's integrator at 20 digits: measured 1e-17 to 4e-22.
        assert abs(right(b - x)[0] - s_R) < 1e-15
        assert abs(left(x - a)[0] - s_L) < 1e-15


def test_tanh_ratios_start_from_the_leads():
    step = STEPS[1]
    with mp.workdps(30):
        E, M = mp.mpc(0.2, 0.7), mp.mpf(1.3)
        s_R = chiral_ratios(step, E, M, 60)[0]
        s_L = chiral_ratios(step, E, M, -60)[1]
        # e^{-2·60/1.1} = 4e-48 is left of the step there.
        assert abs(s_R - lead_ratio(E - mp.mpf(step.right), M)) < 1e-28
        assert abs(s_L - lead_ratio(E - mp.mpf(step.left), M)) < 1e-28


@pytest.mark.parametrize("energy", [mp.mpc(0.1, 0.5), mp.mpc(-1.0, 4.0), mp.mpc(2.0, 0.0)])
def test_parabolic_cylinder_functions_and_their_series_agree(energy):
    ramp = STEPS[2]
    with mp.workdps(30):
        M, start, end = mp.mpf(1.25), mp.mpf(1.7), mp.mpf(0.4)
        ratio = lead_ratio(energy - mp.mpf(ramp.right), M)
        values = [across_ramp(ramp, energy, M, ratio, start, end, series=s) for s in (True, False)]
        assert abs(values[0] - values[1]) < 1e-29


def test_plain_gauss_series_takes_over_from_mpmath():
    with mp.workdps(30):
        a, b = mp.mpc(1.01, 0.5), mp.mpc(0.02, -0.5)
        for c, z in ((mp.mpc(50, -30), mp.mpf(0.3)), (mp.mpc(45, 0), mp.mpf(0.999))):
            assert abs(gauss_function(a, b, c, z) - mp.hyp2f1(a, b, c, z)) < 1e-28


def test_traces_of_a_flat_potential_and_gradient_limit():
    flat = green_traces(SharpStep(0.3, 0.3), 0.3 + 0.5j, 1.0, 0.7)
    with mp.workdps(30):
        E = mp.mpc(0.3 + 0.5j) - mp.mpf(0.3)
        # tr G = -E'/κ, tr σ_yG = 0 in a uniform system.
        assert abs(flat.identity + E / mp.sqrt(1 - E**2)) < 1e-20
    assert flat.sigma_y == 0
    for step in (TanhStep(-0.5, 0.5, 1.0), LinearRamp(-0.5, 0.5, 3.0)):
        # For large R = |(ω, p)|: -U'M/2κ³, corrections of relative order 1/R.
        R, x = 3e3, 0.3
        trace = green_traces(step, mp.mpc(0, 0.6 * R), 0.8 * R, x, digits=12).sigma_y
        assert complex(trace / (-float(step.derivative(x)) * 0.8 / 2 / R**2)) == pytest.approx(
            1.0, abs=1e-3
        )


def test_narrow_tanh_and_short_ramp_become_the_sharp_step():
    E, M, x = mp.mpc(0.2, 0.7), 1.1, 0.5
    sharp = green_traces(SharpStep(-0.5, 0.75), E, M, x)
    for narrow in (TanhStep(-0.5, 0.75, 1e-4), LinearRamp(-0.5, 0.75, 1e-4)):
        for a, b in zip(green_traces(narrow, E, M, x), sharp, strict=True):
            # Second order in the width: measured 3e-9 (tanh) and 3e-10 (ramp).
            assert abs(a - b) < 1e-8


@pytest.mark.parametrize(("U_L", "U_R", "energy"), [(-0.5, 0.75, 3.0), (-1.75, 1.75, 0.1)])
def test_sauter_transmission_closed_form(U_L, U_R, energy):
    """sinh(πk_Lw)sinh(πk_Rw)/(sinh(½πw(k_L+k_R+D)) sinh(½πw(k_L+k_R-D))), Klein region too."""
    w, M = mp.mpf(0.5), mp.mpf(1)
    with mp.workdps(40):
        D = mp.mpf(U_R) - mp.mpf(U_L)
        E_L, E_R = mp.mpf(energy) - mp.mpf(U_L), mp.mpf(energy) - mp.mpf(U_R)
        k_L, k_R = mp.sign(E_L) * mp.sqrt(E_L**2 - M**2), mp.sign(E_R) * mp.sqrt(E_R**2 - M**2)
        T = mp.sinh(mp.pi * k_L * w) * mp.sinh(mp.pi * k_R * w)
        T /= mp.sinh(mp.pi * w / 2 * (k_L + k_R + D)) * mp.sinh(mp.pi * w / 2 * (k_L + k_R - D))
        exact = scattering_probabilities(TanhStep(U_L, U_R, 0.5), energy, 1.0, digits=25)
        assert abs(exact.transmission - T) < 1e-24


def test_sharp_step_transmission_by_matching_spinors():
    U_L, U_R, E, M = -0.5, 0.75, 3.0, 1.0
    k, q = np.sqrt((E - U_L) ** 2 - M**2), np.sqrt((E - U_R) ** 2 - M**2)
    a, b = k / (E - U_L + M), q / (E - U_R + M)  # lower over upper component
    reflection = ((a - b) / (a + b)) ** 2
    exact = scattering_probabilities(SharpStep(U_L, U_R), E, M)
    assert float(exact.reflection) == pytest.approx(reflection, rel=1e-13)
    total = scattering_probabilities(SharpStep(U_L, U_R), 1.0, M)  # right lead closed
    assert abs(total.reflection - 1) < 1e-25


def test_what_is_not_solvable_is_refused():
    with pytest.raises(ValueError, match="potential"):
        green_traces(ErfStep(0.0, 1.0, 1.0), 1j, 1.0, 0.0)
    with pytest.raises(ValueError, match="energy"):
        green_traces(SharpStep(0.0, 1.0), -1j, 1.0, 0.0)
    with pytest.raises(ValueError, match="energy"):
        scattering_probabilities(SharpStep(0.0, 1.0), 0.5, 1.0)
    with pytest.raises(ValueError, match="mass"):
        reference_current(Problem(SharpStep(0.0, 1.0), 0.0), 0.1)
    with pytest.raises(ValueError, match="temperature"):
        reference_current(Problem(SharpStep(-2.0, 2.0), 1.0), 0.1)
    with pytest.raises(ValueError, match="energy"):
        reference_spectral_current(Problem(SharpStep(-2.0, 2.0), 1.0), 0.1, 0.0)


def test_quadrature_rules():
    with mp.workdps(30):
        rule = gauss_legendre(20)
        assert abs(sum(w * t**38 for t, w in rule) - mp.mpf(2) / 39) < 1e-28
        # Σ 1/((n+½)²+1) = (π/2) tanh π.
        total = sum(w / ((n + mp.mpf(0.5)) ** 2 + 1) for n, w in sum_rule(5, 16, 30))
        assert abs(total - mp.pi / 2 * mp.tanh(mp.pi)) < 1e-28


def test_integral_over_x_is_the_total_current():
    """∫ j_y dx, from a trapezoidal rule in x, against the closed form (in the gap)."""
    problem = Problem(TanhStep(-0.5, 0.5, 2.0))
    # Even in x for such leads (charge conjugation and mirror): half of it is enough.
    x = 1.25 * np.arange(11)
    j = [float(reference_current(problem, v, digits=5, first_nodes=10).value) for v in x]
    # Spacing 1.25 against a strip of π, 1e-7; cut where j_y ~ e^{-|x|}: 5e-7.
    assert 1.25 * (2 * np.sum(j) - j[0]) == pytest.approx(total_current(problem), abs=1e-6)


def test_reference_current_symmetries():
    """Charge conjugation with mirrored U: j(x; U, ε_F) = j(x; -U, -ε_F)·(-1); mass sign."""
    pairs = [
        (Problem(TanhStep(-0.5, 0.75, 1.0), 1.0, 1.0), 0.3, 1),
        (Problem(TanhStep(0.5, -0.75, 1.0), 1.0, -1.0), 0.3, -1),
        (Problem(TanhStep(-0.5, 0.75, 1.0), -1.0, 1.0), 0.3, -1),
        (Problem(TanhStep(0.75, -0.5, 1.0), 1.0, 1.0), -0.3, -1),
    ]
    # With ten nodes first: 1.2e-8 of the value.
    values = [sign * reference_current(p, x, digits=6, first_nodes=10).value
              for p, x, sign in pairs]
    assert max(abs(v - values[0]) for v in values) < 1e-6


def test_spectral_current_is_the_energy_derivative_of_the_current():
    step, x, h = TanhStep(-0.5, 0.5, 1.0), 0.4, 0.01
    j = {k: reference_current(Problem(step, 1.0, 1.2 + k * h), x, 9, first_nodes=12).value
         for k in (-2, -1, 1, 2)}
    derivative = (j[-2] - 8 * j[-1] + 8 * j[1] - j[2]) / (12 * h)
    spectral = reference_spectral_current(Problem(step, 1.0), x, 1.2, 9).value
    # Central difference of fourth order: measured 1e-8.
    assert float(spectral) == pytest.approx(float(derivative), abs=1e-7)
    assert reference_spectral_current(Problem(step, 1.0), x, 0.1).value == 0


def _rows(name):
    lines = (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if not line.startswith("#")]


def _table_step(row):
    left, right, size = float(row[2]), float(row[3]), float(row[1])
    return {"sharp": lambda: SharpStep(left, right), "tanh": lambda: TanhStep(left, right, size),
            "ramp": lambda: LinearRamp(left, right, size)}[row[0]]()


def test_table_of_green_functions_states_20_digits_and_can_be_recomputed():
    rows = _rows("solvable_green")
    assert {row[0] for row in rows} == {"sharp", "tanh", "ramp"}
    assert max(float(row[-1]) for row in rows) < 1e-20
    for row in rows[::9]:
        re, im, M, x = (float(v) for v in row[4:8])
        traces = green_traces(_table_step(row), mp.mpc(re, im), M, x, digits=20)
        with mp.workdps(25):
            expected = (mp.mpc(row[8], row[9]), mp.mpc(row[10], row[11]))
            for value, e in zip(traces, expected, strict=True):
                assert abs(value - e) < 1e-19 * max(1, abs(e))


def test_table_of_scattering_probabilities():
    for row in _rows("solvable_scattering")[::3]:
        exact = scattering_probabilities(_table_step(row), float(row[4]), float(row[5]))
        with mp.workdps(25):
            assert abs(exact.reflection - mp.mpf(row[6])) < 1e-19
            assert abs(exact.transmission - mp.mpf(row[7])) < 1e-19


def test_table_of_currents_states_15_digits_and_can_be_recomputed():
    rows = _rows("solvable_current")
    for row in rows:  # the ramp's kinks make the sums converge slowly
        assert float(row[-1]) < (1e-12 if row[0] == "ramp" else 1e-15)
    for row in rows[3:60:19]:
        mass, eps_F, T, x, scale = (float(v) for v in row[4:9])
        problem = Problem(_table_step(row), mass, eps_F, T)
        value = reference_current(problem, x, digits=6, scale=scale).value
        assert float(value) == pytest.approx(float(row[9]), abs=1e-6)


def test_table_of_spectral_currents():
    rows = _rows("solvable_spectral")
    assert max(float(row[-1]) for row in rows) < 1e-14
    for row in rows[::7]:
        mass, energy, x, scale = (float(v) for v in row[4:8])
        problem = Problem(_table_step(row), mass)
        value = reference_spectral_current(problem, x, energy, digits=9, scale=scale).value
        assert float(value) == pytest.approx(float(row[8]), abs=1e-9)
