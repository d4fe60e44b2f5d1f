"""The first cells of the contour: good enough for most problems, and honest about themselves."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green import current_density
from dirac1d.green.contour import Contour, choose_path, first_cells
from dirac1d.green.integrate import adaptive
from dirac1d.green.settings import Settings, Start


@pytest.fixture
def rounds(monkeypatch):
    """How often the contour was evaluated, verifications apart."""
    count, evaluate = [], adaptive.evaluate

    def counted(*arguments):
        count.append(1)
        return evaluate(*arguments)

    monkeypatch.setattr(adaptive, "evaluate", counted)
    return count


@pytest.mark.parametrize("rtol", [1e-4, 1e-6])
@pytest.mark.parametrize("fermi_energy", [-3.0, -1.0, 0.0, 1.3, 4.0])
def test_five_regimes_are_resolved_and_verified_in_one_go(rounds, fermi_energy, rtol):
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, fermi_energy)
    profile = current_density(problem, np.linspace(-20, 20, 41), rtol=rtol)
    assert profile.status == "converged"
    assert len(rounds) == 1


@pytest.mark.parametrize("temperature", [1e-7, 1e-3])
def test_temperature_adds_no_rounds(rounds, temperature):
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 1.0, 2.0, temperature)
    current_density(problem, np.linspace(-20, 20, 41), rtol=1e-4)
    assert len(rounds) == 1


def test_what_a_cell_says_of_frequencies_knows_no_end_terms():
    """What does not depend on ω has no coefficients in it but the mean.

    The Euler-Maclaurin terms at the end of the summed frequencies belong to the sum alone.
    """
    path = choose_path(1.0, 0.0, 1e-6, (-2.1, -1.3), Start())
    cells = first_cells(path, Settings(1e-6, 8, 8), 1.0)
    (low,) = (cell for cell in cells if cell.chart.name == "low")
    nodes = Contour(path).place(low)
    values = nodes.weight.real * np.exp(-(nodes.points[1].real ** 2))
    rows, total = nodes.analysis[1 : nodes.split] @ values, np.sum(values)
    assert np.max(np.abs(rows)) < 1e-12 * abs(total)
