"""Spectra at real energies, one momentum, and the charge density."""

import numpy as np
import pytest
from reference_rows import potential, rows

import dirac1d as dd
from dirac1d.green import spectral
from dirac1d.green.integrate import sums
from dirac1d.green.integrate.sums import Unresolved

TANH = dd.TanhStep(-0.5, 0.5, 1.0)


@pytest.mark.parametrize("row", rows("solvable_spectral.txt")[::4], ids=" ".join)
def test_spectral_current_against_the_table(row):
    shape, size, left, right, mass, energy, x, _, value, _ = row
    problem = dd.Problem(potential(shape, size, left, right), float(mass))
    j = dd.energy_resolved_current(problem, [float(x)], float(energy), rtol=1e-8)
    assert j[0] == pytest.approx(
        float(value), abs=1e-8 * problem.current_scale / abs(problem.mass)
    )


def test_spectral_current_adds_up_to_the_current():
    x, (lo, hi) = np.array([-2.0, -0.3, 0.0, 0.8]), (1.7, 2.1)
    node, weight = np.polynomial.legendre.leggauss(8)
    energies = (lo + hi) / 2 + (hi - lo) / 2 * node
    spectral = dd.energy_resolved_current(dd.Problem(TANH), x, energies, rtol=1e-7)
    total = (hi - lo) / 2 * weight @ spectral
    below, above = (
        dd.current_density(dd.Problem(TANH, fermi_energy=e), x, rtol=1e-7).j_y for e in (lo, hi)
    )
    np.testing.assert_allclose(total, above - below, atol=3e-8)


def test_no_spectral_current_in_the_gap():
    np.testing.assert_array_equal(
        dd.energy_resolved_current(dd.Problem(TANH), [-1.0, 0.0], 0.2), 0.0
    )


def test_momenta_add_up_to_the_current():
    """p = tan θ, by Gauss-Legendre: in the gap smooth at all p."""
    problem, x = dd.Problem(TANH), np.array([-1.0, 0.0, 0.7])
    node, weight = np.polynomial.legendre.leggauss(24)
    theta = np.pi / 4 * (1 + node)
    p = np.tan(theta)
    j = dd.momentum_resolved_current(problem, x, p, rtol=1e-8)
    total = (np.pi / 4 * weight * (1 + p**2)) @ j / np.pi
    np.testing.assert_allclose(total, dd.current_density(problem, x).j_y, atol=1e-7)


def test_local_density_of_states_far_away_is_a_band_s():
    problem = dd.Problem(TANH)
    rho = dd.local_density_of_states(problem, [-500.0], [0.2, 1.8], rtol=1e-5)
    # ε - U_L = 0.7 is in the gap, 2.3 above it; waves from the step have died out as 1/|x|.
    np.testing.assert_allclose(rho[:, 0], [0.0, 2.3 / (2 * np.pi)], atol=2e-4)


@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_charge_of_a_uniform_metal(temperature):
    """n = (e² - Δ²)/4π at T = 0; electrons less holes at T > 0."""
    problem = dd.Problem(TANH, fermi_energy=2.0, temperature=temperature)
    n = dd.charge_density(problem, [-60.0, 60.0], rtol=1e-6)
    energy = np.linspace(1.0, 40.0, 200_001)
    for value, e in zip(n, (2.5, 1.5), strict=True):
        if temperature == 0:
            expected = (e**2 - 1) / (4 * np.pi)
        else:
            f = 1 / (1 + np.exp(np.minimum((energy - e) / temperature, 700)))
            g = 1 / (1 + np.exp(np.minimum((energy + e) / temperature, 700)))
            expected = np.trapezoid(energy * (f - g), energy) / (2 * np.pi)
        assert value == pytest.approx(expected, abs=2e-4)


def test_polarisation_of_the_insulator_has_no_net_charge():
    x = np.linspace(-12, 12, 481)
    n = dd.charge_density(dd.Problem(TANH), x, rtol=1e-7)
    assert np.trapezoid(n, x) == pytest.approx(0.0, abs=1e-6)
    assert np.max(np.abs(n)) > 1e-3
    # An odd potential in mid-gap: n is odd by charge conjugation.
    np.testing.assert_allclose(n, -n[::-1], atol=1e-6)


def test_charge_difference_against_the_lattice_window():
    """Electrons with 1.7 < ε < 2.1, by the lattice and as a difference of two charges."""
    x = np.array([-0.4, 0.0, 0.6])
    charge = [
        dd.charge_density(dd.Problem(TANH, fermi_energy=e), x, rtol=1e-6) for e in (1.7, 2.1)
    ]
    node, weight = np.polynomial.legendre.leggauss(6)
    rho = dd.local_density_of_states(dd.Problem(TANH), x, 1.9 + 0.2 * node, rtol=1e-6)
    np.testing.assert_allclose(charge[1] - charge[0], 0.2 * weight @ rho, atol=2e-5)


@pytest.mark.parametrize("call", [
    lambda p, x: dd.energy_resolved_current(p, x, np.nan),
    lambda p, x: dd.local_density_of_states(p, x, [[1.0]]),
    lambda p, x: dd.momentum_resolved_current(p, x, np.inf),
    lambda p, x: dd.charge_density(p, x[::-1]),
    lambda p, x: dd.charge_density(dd.Problem(TANH, mass=0.0), x),
    lambda p, x: dd.energy_resolved_current(p, x, 1.0, rtol=2.0),
])
def test_mistakes_are_named(call):
    with pytest.raises(ValueError, match=r"energy|energies|p_y|increase|mass|rtol"):
        call(dd.Problem(TANH), np.array([-1.0, 1.0]))


@pytest.mark.parametrize(
    ("potential", "mass"),
    [(dd.SharpStep(0.5, 0.5), -1.0), (0.5, dd.SharpStep(-1.0, -1.0)),
     (dd.Disc(0.0, 1.0, 0.5), -1.0)],
)
def test_a_uniform_system_has_its_bulk_density_of_states_and_charge(potential, mass):
    """Nothing varies, so that there is no current to measure accuracies by."""
    problem = dd.Problem(potential, mass, 2.1)
    states = dd.local_density_of_states(problem, [0.5, 1.0], 2.0)
    assert np.all(np.abs(states - 1.5 / (2 * np.pi)) <= states.error)
    charge = dd.charge_density(problem, [0.5, 1.0])
    assert np.all(np.abs(charge - (1.6**2 - 1) / (4 * np.pi)) <= charge.error)


@pytest.mark.parametrize("mass", [1.0, dd.TanhStep(0.8, 1.2, 1.0)])
def test_charge_has_a_logarithm_at_a_kink_and_is_sharp_beside_it(mass):
    """It made the error of every position 3 % of the scale, and the value at the kink finite."""
    problem = dd.Problem(dd.LinearRamp(-0.5, 0.5, 1.0), mass, 0.2)
    x = np.array([-0.51, -0.501, -0.5, -0.4, 0.5])
    n = dd.charge_density(problem, x, rtol=1e-4)
    assert n.status == "converged"
    assert n[2] == np.inf
    assert n[4] == -np.inf
    slope = -1 / (16 * np.pi)  # of ln|x|, times the change of U′
    assert (n[0] - n[1]) / np.log(10) == pytest.approx(slope, rel=5e-3)


def test_charge_at_a_jump_is_not_known():
    with pytest.warns(dd.AccuracyWarning):
        n = dd.charge_density(dd.Problem(dd.SharpStep(-0.5, 0.5)), np.array([-1.0, 0.0]), rtol=1e-4)
    assert np.isinf(n.error[1])
    assert n.error[0] < 1e-4


@pytest.mark.parametrize("rtol", [1e-2, 2.9e-3, 1e-3, 5.7e-4, 1e-4])
def test_levels_on_the_axis_are_on_its_right_side(rtol):
    """What nodes leave out moves them to either side: a density of states was negative."""
    well = dd.GaussianBump(-5.946912382718079, 0.2644943785246726, 0.17060640348682188)
    problem = dd.Problem(well, -1.0514095911429042)
    found = dd.local_density_of_states(problem, [0.03, 0.3], -0.5199881871638792, rtol=rtol)
    assert found.status == "converged"
    assert np.all(np.abs(found - [1.5553796, 1.6052787]) < found.error)


@pytest.mark.parametrize("rtol", [4e-6, 1e-7])
@pytest.mark.parametrize("spectrum", [dd.energy_resolved_current, dd.local_density_of_states])
def test_waves_through_wide_panels_outside_of_the_strip(spectrum, rtol):
    """Nodes there carry the slow solutions or not: an error of theirs is a wave of the answer's.

    It was overlooked: errors of j^ε were 9 times as large as claimed at 1e-7.
    """
    ramp = dd.LinearRamp(3.9617493247228563, 2.951651086366288, 19.283834340450248, -0.366494)
    problem, x = dd.Problem(ramp, -2.2011828813113192), np.array([-0.865, -0.636, -0.129, 0.107])
    found, better = (spectrum(problem, x, 6.720881719660749, rtol=r) for r in (rtol, 1e-10))
    assert np.all(np.abs(found - better) < found.error + better.error)


def test_charge_between_jumps_needs_no_panel_at_them():
    """With all panels known it was not reached: 1.6e-2 of its scale after 20 s."""
    U = (
        dd.SharpStep(0.9932427328932676, -1.3435656501934432, -0.14084673659270228)
        + dd.SharpStep(0.0, 2.1085019862866106, 7.130539596169371)
        + dd.SharpStep(0.0, -0.5029201828692216, -1.957031984545107)
    )
    problem = dd.Problem(U, 1.029730431523474, -0.29787100154175383)
    x = np.array([-3.69255558, -0.06483957, 6.89356739])
    n, better = (dd.charge_density(problem, x, rtol=rtol) for rtol in (3e-4, 1e-5))
    assert (n.status, better.status) == ("converged", "converged")
    assert np.all(np.abs(n - better) < n.error + better.error)


@pytest.mark.parametrize("rtol", [1e-2, 1e-4])
def test_momenta_of_a_wide_step_in_a_metal(rtol):
    """They were off by a third of their scale, which the error said."""
    U = dd.TanhStep(-0.40849647425497176, -3.248450192873518, 92.34808163113584, 0.769761455906326)
    U += dd.GaussianBump(0.2023629607898997, 81.67601535975312, 0.769761455906326)
    problem = dd.Problem(U, 0.5903610256472341, -4.137902915687538)
    x = np.array([-178.36699125, 2.73345955, 105.68057676])
    found, better = (
        dd.momentum_resolved_current(problem, x, 0.8670488036438345, rtol=r) for r in (rtol, 1e-7)
    )
    assert (found.status, better.status) == ("converged", "converged")
    assert np.all(np.abs(found - better) < found.error + better.error)


@pytest.mark.parametrize("mass", [1.0, dd.SharpStep(-1.0, 1.3, position=0.0)])
def test_a_jump_may_be_all_that_is_asked_for(mass):
    step = dd.Problem(dd.SharpStep(-2.0, 2.0), mass)
    for spectrum, rtol in ((dd.local_density_of_states, 1e-4), (dd.energy_resolved_current, 1e-4)):
        (alone,) = spectrum(step, [0.0], 2.5, rtol=rtol)
        among = spectrum(step, [-1e-3, 0.0, 1e-3], 2.5, rtol=rtol)
        assert among.status == "converged"
        assert abs(alone - among[1]) < 2 * among.error[1]


def test_a_mesh_that_fails_beside_the_axis_is_refined(monkeypatch):
    """Equations that are solved at E + iη may not be at E + 2iη: it was a traceback."""
    well = dd.Problem(dd.GaussianBump(-5.9, 0.5), -1.05)
    expected = dd.local_density_of_states(well, [0.03, 0.3], -2.5, rtol=1e-3)
    failures = []

    def evaluate(source, *args):
        if not failures:
            failures.append(source.places)
            raise Unresolved(np.ones(source.places, dtype=bool))
        failures.append(source.places)
        return sums.evaluate(source, *args)

    monkeypatch.setattr(spectral, "evaluate", evaluate)
    found = dd.local_density_of_states(well, [0.03, 0.3], -2.5, rtol=1e-3)
    assert failures[1] >= 2 * failures[0]
    assert np.all(np.abs(found - expected) < found.error + expected.error)


@pytest.mark.parametrize("rtol", [2e-4, 1e-5, 1e-6])
def test_leads_begin_at_their_fermi_momentum(rtol):
    """A well keeps p real beyond it, and a rule across that root missed 5.7 times its claim."""
    bump = dd.GaussianBump(0.3249538374387819, 0.8930836320967123, 1.5589437425541206)
    problem, x = dd.Problem(bump, -0.06951482645085964), np.array([-70.2, 3.4, 39.0])
    found, better = (
        dd.local_density_of_states(problem, x, 0.07837065927977477, rtol=r) for r in (rtol, 1e-8)
    )
    assert (found.status, better.status) == ("converged", "converged")
    assert np.all(np.abs(found - better) < found.error + better.error)


def test_rounding_beside_a_jump_of_the_mass_is_given_up():
    """It spoils cells and panels alike: while both were refined no round counted as in vain."""
    mass = dd.SharpStep(-1.6716947730598875, 0.9057035894576235, -0.5632508135480472)
    problem, x = dd.Problem(dd.SharpStep(0.0, 0.0), mass, -1.4727475892058268), [0.19]
    with pytest.warns(dd.AccuracyWarning, match="reached"):
        n = dd.charge_density(problem, x, rtol=1e-3)
    assert np.all(np.isfinite(n.error))


@pytest.mark.parametrize(("problem", "x", "energy", "rtol"), [
    (  # a table of close knots
        dd.Problem(dd.TabulatedPotential(
            [-1.35016513, -1.24177206, -1.13337898, -1.02498591, -0.91659284, -0.80819976,
             -0.69980669, -0.59141361],
            [-0.04144856, -0.09654566, -0.12030399, -0.19227356, -0.18645711, -0.24966164,
             -0.25971532, -0.29012535]), 0.17491586),
        [-4.059, -3.774, -3.449, -3.196, -1.588, -0.9757524786757057, 0.491, 0.735, 1.299, 1.947],
        -0.3387530244423397, 4.7264857029e-4,
    ),
    (  # narrow steps, beside which a line of momenta has structure up to 1/x
        dd.Problem(dd.LinearRamp(-0.3025263777, -0.8426545415, 0.01749260901, 0.8147471689),
                   0.171455929818),
        [-0.98, -0.78, 0.289, 0.7387448266855516, 0.8009655338460715, 1.125, 1.564, 1.7, 2.589],
        -0.44496859714132997, 5.507815e-4,
    ),
    (
        dd.Problem(dd.TanhStep(0.107538117690, 0.425602148169, 0.0210073410966, -1.00959673352),
                   0.402637766134),
        [-1.4251279, -1.38600662, -1.29736097, -1.2286905, -0.94983179, -0.82628992, -0.62357031],
        0.8178603215737921, 1.508360055e-3,
    ),
])
def test_structure_up_to_large_momenta(problem, x, energy, rtol):
    """All of a line of momenta was one cell; its few nodes missed what is at p ~ 1/x."""
    loose = dd.energy_resolved_current(problem, x, energy, rtol=rtol)
    tight = dd.energy_resolved_current(problem, x, energy, rtol=1e-3 * rtol)
    assert loose.status == tight.status == "converged"
    assert np.all(np.abs(loose - tight) < 0.5 * loose.error)


@pytest.mark.parametrize("temperature", [0.0, 0.01])
def test_structure_up_to_large_frequencies(temperature):
    problem = dd.Problem(dd.SharpStep(-0.2, 0.2), 0.07, 0.1, temperature)
    x, p = [-0.5, -0.07, 1e-3, 0.008, 0.3], [0.0, 0.3]
    for rtol in (1e-2, 2e-3, 1e-4):
        loose = dd.momentum_resolved_current(problem, x, p, rtol=rtol)
        tight = dd.momentum_resolved_current(problem, x, p, rtol=1e-7)
        assert np.all(np.abs(loose - tight) < 0.4 * loose.error)


def test_a_wave_that_turns_round_far_outside_in_a_wide_step():
    """ε lies in the gap of the right lead: the wave of p = 0 is turned round at x ~ 95."""
    step = dd.TanhStep(-3.293, -19.556, 59.06, 1.04)
    x = [-5.85, -3.02, 8.49]
    loose, tight = (
        dd.energy_resolved_current(dd.Problem(step, -3.391, -23.4), x, -22.292, rtol=rtol)
        for rtol in (9e-3, 1e-5)
    )
    assert loose.status == "converged"
    assert np.all(np.abs(loose - tight) < loose.error)


@pytest.mark.parametrize("spectrum", [dd.energy_resolved_current, dd.local_density_of_states])
@pytest.mark.parametrize("mass", [1e-3, dd.SharpStep(-0.8, 1.2, position=0.1)])
def test_fermi_energy_and_temperature_play_no_role(spectrum, mass):
    """They used to decide about the mesh: with ε_F = 300 it was one for other waves."""
    one, other = (
        spectrum(dd.Problem(dd.TanhStep(-2.0, 1.0, 1.0), mass, *state), [-1.0, 0.2], [1.3, -2.5],
                 rtol=1e-4)
        for state in ((0.0, 0.0), (300.0, 0.2))
    )
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(one.error, other.error)
