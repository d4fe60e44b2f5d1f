"""Smooth limit and transport current: Eq. (14), (36)-(39), (23)."""

import mpmath as mp
import numpy as np
import pytest

import dirac1d as dd
from dirac1d.exact import total_current
from dirac1d.exact.smooth import (
    smooth_limit_current,
    smooth_limit_current_eq37,
    smooth_limit_current_eq38,
    transport_current,
    transport_current_eq36,
    transport_current_eq39,
)
from dirac1d.exact.solvable_sums import reference_current
from dirac1d.potentials import LinearRamp, SharpStep, TanhStep
from dirac1d.problem import Problem

F, DELTA = 0.3, 1.2
RAMP = Problem(LinearRamp(-6.0, 6.0, 12.0 / F), DELTA)  # U = F x, ε_F = 0


@pytest.mark.parametrize("mass", [1.0, -0.7])
@pytest.mark.parametrize("temperature", [0.0, 0.05, 2.0])
@pytest.mark.parametrize("fermi_energy", [-2.0, 0.3, 1.0])
def test_integral_is_the_total_current(mass, temperature, fermi_energy):
    problem = Problem(TanhStep(-1.0, 0.5, 3.0), mass, fermi_energy, temperature)
    edges = np.linspace(-70, 70, 20001)
    x = (edges[1:] + edges[:-1]) / 2
    total = np.sum(smooth_limit_current(problem, x)) * 0.007
    # Midpoint rule over the steps of θ at T = 0: half a cell, 4e-5; else measured 1e-13.
    tolerance = 2e-4 if temperature == 0 else 1e-9
    assert total == pytest.approx(total_current(problem), abs=tolerance)


def test_bands_add_up():
    x = np.linspace(-12, 12, 101)
    for temperature in (0.0, 0.2):
        problem = Problem(TanhStep(-2.0, 2.0, 4.0), -0.8, 0.3, temperature)
        parts = [smooth_limit_current(problem, x, band) for band in ("conduction", "valence")]
        np.testing.assert_allclose(sum(parts), smooth_limit_current(problem, x), atol=1e-17)
    cold = Problem(TanhStep(-2.0, 2.0, 4.0), -0.8, 0.3)
    parts = [transport_current(cold, x, band) for band in ("conduction", "valence")]
    np.testing.assert_allclose(sum(parts), transport_current(cold, x), atol=1e-17)


def test_printed_forms_for_a_uniform_field():
    x = np.array([-19.0, -7.3, -4.1, -3.9, 0.0, 2.0, 3.99, 4.01, 11.0])
    np.testing.assert_allclose(
        transport_current_eq36(x, F, DELTA), transport_current(RAMP, x), rtol=1e-13
    )
    np.testing.assert_allclose(
        smooth_limit_current_eq37(x, F, DELTA), smooth_limit_current(RAMP, x), rtol=1e-13
    )
    np.testing.assert_allclose(
        smooth_limit_current_eq38(x, F, DELTA),
        smooth_limit_current(RAMP, x, "conduction"), rtol=1e-13,
    )
    assert transport_current_eq36(0.0, F, DELTA) == pytest.approx(-F / (4 * np.pi), rel=1e-15)
    with pytest.raises(ValueError, match="slope"):
        transport_current_eq36(0.0, -F, DELTA)


def test_eq39_is_the_linear_term_of_the_conduction_bands_transport():
    x_0 = DELTA / F
    for depth in (0.1, 0.01):
        exact = float(transport_current(RAMP, -x_0 - depth, "conduction"))
        printed = float(transport_current_eq39(-x_0 - depth, F, DELTA))
        # The next term is Fδ/Δ of it.
        small = F * depth / DELTA
        assert exact / printed == pytest.approx(1 - small, abs=2 * small**2)
        assert printed > 0  # the sign that the text after Eq. (14) misses: -xF²/Δ for x < 0
    assert transport_current_eq39(-x_0 + 1, F, DELTA) == 0.0


@pytest.mark.parametrize("s", [-2.5, -0.4, 0.9, 1.9])
def test_transport_is_the_berry_velocity_summed_over_states(s):
    """Eq. (23): v_y = U'Δ/2E³ in the conduction band, minus that in the valence band."""
    U_prime, D = 0.17, 1.2
    berry = lambda p: U_prime * D / (2 * mp.sqrt(D**2 + p**2) ** 3) * p / (2 * mp.pi)  # noqa: E731
    p_F = mp.sqrt(max(s**2 - D**2, 0))
    start = p_F if s < 0 else 0
    value = -mp.quad(berry, [start, start + 1, mp.inf]) + (mp.quad(berry, [0, p_F]) if s > 0 else 0)
    problem = Problem(LinearRamp(-U_prime, U_prime, 2.0), D, s)
    assert float(transport_current(problem, 0.0)) == pytest.approx(float(value), rel=1e-12)


def test_exact_current_approaches_the_smooth_limit_and_not_the_transport_current():
    error = []
    for width in (8.0, 16.0):
        problem = Problem(TanhStep(-0.5, 0.5, width), 1.0, 0.1)
        exact = float(reference_current(problem, 0.0, 9).value)
        smooth = float(smooth_limit_current(problem, 0.0))
        error.append(abs(exact / smooth - 1))
    # Second order in 1/width (U'''/U'Δ² and (U'/Δ²)²): measured ratio 3.95.
    assert error[0] / error[1] == pytest.approx(4.0, abs=0.3)
    metal = Problem(TanhStep(-0.25, 0.25, 6.0), 1.0, 2.0, 0.05)
    exact = float(reference_current(metal, 0.0, 8).value)
    transport = float(transport_current(Problem(metal.potential, 1.0, 2.0), 0.0))
    # The metal's exact current is exponentially small there: measured 2e-9 of the transport part.
    assert abs(exact) < 1e-6 * abs(transport)


def test_what_does_not_apply_is_refused():
    with pytest.raises(ValueError, match="jump"):
        smooth_limit_current(Problem(SharpStep(0.0, 1.0)), 0.0)
    with pytest.raises(ValueError, match="band"):
        smooth_limit_current(RAMP, 0.0, "third")
    with pytest.raises(ValueError, match="temperature"):
        transport_current(Problem(RAMP.potential, 1.0, 0.0, 0.1), 0.0)
    assert np.all(transport_current(Problem(RAMP.potential, 0.0), [0.0, 1.0]) == 0.0)
    assert np.all(smooth_limit_current(Problem(RAMP.potential, 0.0), [0.0, 1.0]) == 0.0)


class TestPlane:
    """The smooth law in the plane, (15) and (45) with the sea."""

    @pytest.mark.parametrize("temperature", [0.0, 0.1])
    def test_a_potential_of_x_is_that_of_the_line(self, temperature):
        step = dd.TanhStep(-1.5, 1.5, 2.0)
        strip = dd.Strip(lambda x, y: step(x) + 0 * y, 3.0, -1.5, 1.5)
        x, y = np.linspace(-4, 4, 17), [0.0, 0.7]
        found = dd.smooth_current(dd.Problem(strip, 0.8, 0.3, temperature), x, y)
        line = dd.exact.smooth_limit_current(dd.Problem(step, 0.8, 0.3, temperature), x)
        assert np.allclose(found.j_y, line[:, None], atol=1e-11)  # 1e-12 of U, as it is sampled
        assert np.allclose(found.j_x, 0.0, atol=1e-12)

    def test_it_is_the_curl_of_its_m_and_follows_the_lines_of_u(self):
        problem = dd.Problem(dd.disorder(0.8, 1.0, (5.0, 4.0), 3), -0.7, 0.2, 0.1)
        x, y, h = np.array([0.3, 1.1]), np.array([0.2, 2.0, 3.1]), 1e-5
        found = dd.smooth_current(problem, x, y)
        M = [dd.smooth_current(problem, x, y + s * h).M for s in (1, -1)]
        assert np.allclose(found.j_x, (M[0] - M[1]) / (2 * h), atol=1e-9)
        U_x, U_y = problem.potential.gradient(x[:, None], y)
        assert np.allclose(found.j_x * U_x + found.j_y * U_y, 0.0, atol=1e-15)

    def test_of_one_dimension_it_is_refused(self):
        with pytest.raises(ValueError, match="one of x and y"):
            dd.smooth_current(dd.Problem(dd.TanhStep(0, 1, 1)), [0.0], [0.0])
