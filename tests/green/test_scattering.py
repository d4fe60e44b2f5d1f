"""Scattering states: probabilities, current, symmetry."""

import numpy as np
import pytest
from reference_rows import potential, rows

import dirac1d as dd
from dirac1d.dirac import SIGMA_X

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
