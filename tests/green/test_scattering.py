"""Scattering states: probabilities, current, symmetry."""

import numpy as np
import pytest
from reference_rows import potential, rows

import dirac1d as dd
from dirac1d.dirac import SIGMA_X, SIGMA_Y, SIGMA_Z

U = dd.TanhStep(-1.5, 1.5, 0.6) + dd.GaussianBump(0.4, 0.5, 0.2)
#: Energy, p_y, side: a metal's lead, Klein tunnelling, a closed other lead.
CASES = [(3.2, 0.4, "left"), (0.1, 0.3, "right"), (0.0, 0.2, "left"), (2.3, -0.3, "left")]


@pytest.mark.parametrize("row", rows("solvable_scattering.txt")[::3], ids=" ".join)
def test_probabilities_against_the_table(row):
    shape, size, left, right, E, M, reflection, transmission, _ = row
    problem = dd.Problem(potential(shape, size, left, right), float(M))
    state = dd.scattering_state(problem, float(E), 0.0, "left")
    assert state.reflection_probability == pytest.approx(float(reflection), abs=1e-11)
    assert state.transmission_probability == pytest.approx(float(transmission), abs=1e-11)


@pytest.mark.parametrize(("energy", "p_y", "side"), CASES)
class TestState:
    problem = dd.Problem(U)

    def state(self, energy, p_y, side, x=None):
        return dd.scattering_state(self.problem, energy, p_y, side, x)

    def test_probabilities_add_to_one(self, energy, p_y, side):
        state = self.state(energy, p_y, side)
        total = state.reflection_probability + state.transmission_probability
        assert total == pytest.approx(1.0, abs=1e-12)

    def test_current_is_conserved(self, energy, p_y, side):
        psi = self.state(energy, p_y, side, np.linspace(-8, 8, 201)).psi
        current = np.einsum("in,ij,jn->n", psi.conj(), SIGMA_X, psi).real
        assert np.ptp(current) < 1e-12 * max(1.0, np.max(np.sum(np.abs(psi) ** 2, axis=0)))

    def test_incoming_wave_has_unit_current(self, energy, p_y, side):
        state = self.state(energy, p_y, side, np.linspace(-8, 8, 5))
        current = np.einsum("in,ij,jn->n", state.psi.conj(), SIGMA_X, state.psi).real
        sign = 1 if side == "left" else -1
        np.testing.assert_allclose(
            current, sign * (1 - state.reflection_probability), atol=1e-11
        )


def test_reciprocity():
    """|t|² is the same from both sides where both are open."""
    left, right = (dd.scattering_state(dd.Problem(U), 0.1, 0.2, side) for side in ("left", "right"))
    assert left.transmission_probability > 1e-4
    assert left.transmission_probability == pytest.approx(right.transmission_probability, rel=1e-9)


def test_closed_channels_are_refused():
    with pytest.raises(ValueError, match="no wave comes in from the right"):
        dd.scattering_state(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), 1.2, 0.3, "right")
    with pytest.raises(ValueError, match="side"):
        dd.scattering_state(dd.Problem(U), 3.0, 0.0, "up")


def probabilities(state):
    return state.reflection_probability, state.transmission_probability


@pytest.mark.parametrize("mass", [
    dd.TanhStep(-1, 1, 2.0), dd.TanhStep(0, 1.3, 0.7) + dd.GaussianBump(-0.7, 0.4, 0.5),
    dd.SharpStep(-0.3, 0.8), dd.TanhStep(-1, 1, 2.0) + dd.HardWall(1.5, -1, "right"),
], ids=["wall", "gapless lead", "sharp", "hard wall"])
@pytest.mark.parametrize("p_y", [0.4, -0.4])
def test_mass_walls(mass, p_y):
    """The Dirac equation, T + R = 1 and the current, where U and Δ vary at once."""
    problem, h, x = dd.Problem(U, mass), 1e-5, np.linspace(-6, 1.4, 23) + 0.003
    state = dd.scattering_state(problem, 3.2, p_y, "left", x)
    R, T = probabilities(state)
    assert pytest.approx(1.0, abs=1e-13) == R + T
    if problem.hard_walls[1]:
        assert pytest.approx(1.0, abs=1e-13) == R
        assert not np.any(state.spinor([2.0]))
    current = np.einsum("in,ij,jn->n", state.psi.conj(), SIGMA_X, state.psi).real
    np.testing.assert_allclose(current, T, atol=1e-13)
    slope = (state.spinor(x + h) - state.spinor(x - h)) / (2 * h)
    missed = (-1j * SIGMA_X @ slope + p_y * SIGMA_Y @ state.psi
              + problem.mass_at(x) * (SIGMA_Z @ state.psi) + (U(x) - 3.2) * state.psi)
    assert np.max(np.abs(missed)) < 1e-8  # of the difference quotient: 3e-9


def test_constant_masses_by_both_ways():
    """A profile that does not vary is a number, in modulus and phase."""
    for mass in (1.0, -1.0):
        for p_y, side in ((0.4, "left"), (-0.4, "right")):
            one, other = (dd.scattering_state(dd.Problem(U, m), 3.2, p_y, side)
                          for m in (mass, dd.SharpStep(mass, mass)))
            assert one.reflection == pytest.approx(other.reflection, abs=1e-13)
            assert one.transmission == pytest.approx(other.transmission, abs=1e-13)
            a, b = (s.spinor(np.array([-3.0, 0.1, 4.0])) for s in (one, other))
            assert np.ptp(np.angle(a / b)) < 1e-12
            np.testing.assert_allclose(abs(a), abs(b), atol=1e-12)


@pytest.mark.parametrize("problem", [
    dd.Problem(dd.TanhStep(-1.5, 1.5, 5.0) + dd.GaussianBump(0.8, 0.003, 2.3)),
    dd.Problem(dd.TanhStep(-1.5, 1.5, 5.0),
               dd.TanhStep(-1, 1, 5.0) + dd.GaussianBump(0.8, 0.003, 2.3)),
    dd.Problem(dd.TanhStep(-1.5, 1.5, 5.0) + dd.TanhStep(0, 0.5, 0.002, -3.0),
               dd.TanhStep(-1, 1, 0.01)),
], ids=["in U", "in the mass", "in both"])
def test_abrupt_parts_of_gradual_ones(problem):
    """From both sides the same, to rounding: a mesh that overlooks a part is not symmetric."""
    one, other = (dd.scattering_state(problem, 3.2, 0.4, side) for side in ("left", "right"))
    assert one.reflection_probability == pytest.approx(other.reflection_probability, abs=1e-12)
    assert sum(probabilities(one)) == pytest.approx(1.0, abs=3e-12)
    assert one.reflection_probability > 1e-6


def test_massless_electrons_pass():
    """Klein tunnelling at p_y = 0, also where Δ is a profile that vanishes."""
    for mass in (0.0, dd.SharpStep(0, 0)):
        state = dd.scattering_state(dd.Problem(U, mass), 0.7, 0.0, "left")
        assert state.transmission_probability == pytest.approx(1.0, abs=1e-13)


def test_a_wall_of_the_mass_alone():
    """Δ₀ tanh(x/w) at Δ₀w = 1 reflects nothing of p_y = 0: it is supersymmetric to a flat one."""
    problem = dd.Problem(0.0, dd.TanhStep(-1, 1, 1.0))
    state = dd.scattering_state(problem, 1.3, 0.0, "left")
    assert state.reflection_probability < 1e-25


def test_where_no_wave_comes_from():
    wall = 1.0 + dd.HardWall(3, 1, "right")
    with pytest.raises(ValueError, match=r"from the right: there is a hard wall at 3$"):
        dd.scattering_state(dd.Problem(0.0, wall), 1.4, 0.4, "right")
    with pytest.raises(ValueError, match="no lead has waves of this energy"):
        dd.scattering_state(dd.Problem(0.0, wall), 0.4, 0.4, "left")
    ribbon = wall + dd.HardWall(-3, 1, "left")
    with pytest.raises(ValueError, match="edge_states"):
        dd.scattering_state(dd.Problem(0.0, ribbon), 1.4, 0.4, "left")
