"""The contour's cells integrate functions with a band's branch points, at T = 0 and T > 0."""

import numpy as np
import pytest
from scipy.special import polygamma

from dirac1d.green.contour import Contour, choose_path, first_cells
from dirac1d.green.contour.offset import Offset
from dirac1d.green.settings import Settings, Start
from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.numerics.quadrature import gauss_gram, midpoint_end

#: Fermi energies of the leads that lead to each path.
RANGES = {"gap": (-0.3, 0.4), "ray": (-2.1, -1.3), "hole ray": (1.2, 2.4)}


def path_of(temperature, U_range, **rest):
    return choose_path(1.0, 0.0, temperature, U_range, Start(), **rest)


def cells_of(path, order, top):
    return first_cells(path, Settings(1e-6, 8, order), top)


def contour_sum(path, function, order=14, halvings=2):
    contour, cells = Contour(path), cells_of(path, order, 20.0)
    for axis in [0, 1] * halvings:
        cells = [part for cell in cells for part in contour.split(cell, axis)]
    nodes = [contour.place(cell) for cell in cells]
    return sum(float(np.sum((q.weight * function(*q.points)).real)) for q in nodes)


def lead_function(U):
    """κ⁻³ for mass 1, as in tr σ_yG = U′M/2κ³ of a slowly varying U; E counts from ε_F = 0."""
    return lambda E, M: decay_rate(E - U, M) ** -3.0


def exact(U, temperature):
    """∫dp κ⁻³ = 1/(1 - E²), and 2πT Σ a/(a² + ω²) = (π/2) tanh(a/2T)."""
    edges = np.array([1 + U, 1 - U])
    weights = np.sign(edges) if temperature == 0 else np.tanh(edges / (2 * temperature))
    return np.sum(weights) / (4 * np.pi)


@pytest.mark.parametrize("temperature", [0.0, 1e-7, 1e-3, 0.02, 0.3, 2.0])
@pytest.mark.parametrize("name", RANGES)
def test_integral_of_a_lead_s_function(name, temperature):
    path = path_of(temperature, RANGES[name])
    for U in RANGES[name]:
        value = contour_sum(path, lead_function(U))
        assert value == pytest.approx(exact(U, temperature), abs=2e-9)


@pytest.mark.parametrize(("n", "error"), [(8, 1e-6), (12, 3e-8), (16, 1e-9), (64, 2e-8)])
def test_end_of_a_sum_of_frequencies(n, error):
    """Σ_{i<64} + ∫_64^∞ and the Euler-Maclaurin terms (4e-6), for 1/(a + i + ½)²."""
    a, rule = 30.0, gauss_gram(n, 64)
    value = (64 * rule.weights + midpoint_end(rule, 64)) @ (a + 64 * rule.nodes) ** -2.0
    assert value + 1 / (a + 64) == pytest.approx(polygamma(1, a + 0.5), rel=error)


def test_path_of_low_temperatures_joins_those_of_higher_ones_and_of_zero():
    kinds = {}
    for temperature in (1e-9, 1e-4, 0.1):
        path = path_of(temperature, RANGES["ray"], reach=40.0)
        kinds[temperature] = {cell.chart.name for cell in cells_of(path, 8, 1.0)}
        assert (path.floor > 0) == ("low" in kinds[temperature])
    assert kinds == {1e-9: {"ray", "low"}, 1e-4: {"ray", "low"}, 0.1: {"fan", "bow"}}


def test_cold_insulator_takes_the_path_of_zero_temperature():
    cold = path_of(0.01, RANGES["gap"])
    assert cold.around.temperature == 0.0
    assert cells_of(cold, 8, 4.0) == cells_of(path_of(0.0, RANGES["gap"]), 8, 4.0)


def test_both_bands_leave_a_strip_on_the_real_axis():
    path = path_of(0.0, (-2.5, 2.0))
    assert isinstance(path, Offset)
    assert path.pivot == pytest.approx(np.sqrt(2.0**2 - 1))
    # The electrons of the lead at -2.5 remain beyond the pivot: p turns below their p_F.
    assert path.direction.imag < 0


@pytest.mark.parametrize("temperature", [0.0, 0.1])
def test_answer_does_not_depend_on_the_scale_of_the_charts(temperature):
    function = lead_function(-2.1)
    one, other = (
        contour_sum(path_of(temperature, RANGES["ray"], stretch=stretch), function, 16)
        for stretch in (1.0, 1.4)
    )
    assert one == pytest.approx(other, abs=1e-9)
