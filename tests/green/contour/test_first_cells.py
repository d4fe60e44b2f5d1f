"""The first cells of the contour: good enough for most problems, and honest about themselves."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green import current_density
from dirac1d.green.contour import (
    Contour,
    choose_path,
    first_cells,
    line_cells,
    momentum_cells,
)
from dirac1d.green.integrate import adaptive
from dirac1d.green.settings import Settings, Start
from dirac1d.numerics.quadrature import gauss_gram


def calls_of(name, monkeypatch):
    """A list that grows with every call of one of the integrator's steps."""
    count, step = [], getattr(adaptive, name)

    def counted(*arguments):
        count.append(1)
        return step(*arguments)

    monkeypatch.setattr(adaptive, name, counted)
    return count


@pytest.fixture
def rounds(monkeypatch):
    """How often the contour was evaluated, verifications apart."""
    return calls_of("evaluate", monkeypatch)


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


#: 1/x, and a path whose energies are of the order of 1.
TOP, PATHS = 3e4, {"ray": (-2.1, -1.3), "offset": (-1.6, 1.8)}


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("of", ["line", "momentum", "plane"])
@pytest.mark.parametrize("temperature", [0.0, 1e-6])
def test_cells_without_end_are_graded_up_to_the_largest_wavenumber(kind, of, temperature):
    """Those that reach infinity begin close to 1/x, whatever they are made of."""
    path = choose_path(1.0, 0.0, temperature, PATHS[kind], Start())
    settings, domain = Settings(1e-6, 8, 8), Contour(path)
    if of == "line":
        cells = line_cells(path, settings, TOP)
    elif of == "momentum":
        domain, cells = momentum_cells(path, 0.3, settings, TOP)
    else:
        cells = first_cells(path, settings, TOP)
    reach = {}  # of the nodes of each cell, its smallest and its largest energy or momentum
    for cell in cells:
        E, M = domain.place(cell).points
        size = np.hypot(np.abs(E), np.abs(M))
        reach.setdefault(cell.chart.name, []).append((np.min(size), np.max(size)))
    endless = [cells for cells in reach.values() if max(far for _, far in cells) > TOP]
    assert endless
    for cells in endless:
        assert min(near for near, far in cells if far > TOP) > TOP / 100


def test_metals_of_both_bands_need_few_verifications(monkeypatch):
    """The half-strip above the pivot was one cell: beside a jump, up to six of them."""
    count = calls_of("verify", monkeypatch)
    for height in (2.5, 4.0, 6.0):
        problem = dd.Problem(dd.SharpStep(-height / 2, height / 2), fermi_energy=0.1)
        profile = current_density(problem, [-1.0, -0.003, 0.1, 2.0], rtol=1e-4)
        assert profile.status == "converged"
    assert len(count) <= 7


NEAR_BAND_EDGES = [  # problem, ends of x, rtol: ε_F lies 1e-5 … 1e-7 from a lead's band edge
    (  # the right lead's edge at ε_F itself, the left lead's 3e-5 away
        dd.Problem(
            dd.TanhStep(-1.0000158157885213, 1.0000158157885213, 0.014323131252305835),
            1.0, 1.5815788521278407e-05,
        ),
        (-1.0, 3.0), 6.451700794664771e-07,
    ),
    (
        dd.Problem(
            dd.ErfStep(0.36565405958, 0.46367563013, 0.09091978196, -0.93204049718),
            0.65755251358, 1.02321165767,
        ),
        (-9.13001419, 1.52079108), 3.6e-6,
    ),
    (dd.Problem(dd.ErfStep(0.0, -2.4007, 0.264459), 1.0, 0.9999984), (-2.927, 2.927), 1.3e-7),
    (
        dd.Problem(dd.ErfStep(0.0, 2.0, 0.155156225), 1.0, 0.999999877310171, 7.43394198301e-5),
        (-1.368607987, 1.368607987), 1.4181756957911304e-07,
    ),
    (
        dd.Problem(
            dd.TanhStep(-1.000000532096406, 1.000000532096406, 0.6874202244715855), 1.0,
            -1.6668296881630632e-07,
        ),
        (-5.98413346, 5.74580821), 2.9402422581301885e-06,
    ),
]


@pytest.mark.parametrize(("problem", "ends", "rtol"), NEAR_BAND_EDGES)
def test_integrals_over_a_lead_see_its_band_edge(problem, ends, rtol):
    """Its part of small momenta, which all rules miss alike, made the total 10 times its error."""
    profile = current_density(problem, np.linspace(*ends, 5), rtol=rtol)
    found, true = profile.integral(-np.inf, np.inf), dd.total_current(problem)
    assert abs(found.value - true) < found.error
    assert found.error < rtol


def test_a_crowded_sum_over_frequencies_is_taken_in_full():
    """Coefficients in its own polynomials fall faster than the error of such a rule."""
    rule = gauss_gram(31, 64)
    n = 64 * rule.nodes - 0.5
    exact = np.mean(1 / np.sqrt(np.arange(64) + 0.5))
    assert abs(rule.weights @ (1 / np.sqrt(n + 0.5)) - exact) < 1e-14


def test_both_bands_that_touch_leave_no_gap_in_frequencies():
    """The strip is 2.6e-4 wide: its part at ω ~ |Δ|, far above it, is seen."""
    problem = dd.Problem(dd.TanhStep(-1.0000000329753036, 1.0000000329753036, 0.03710965998737833))
    x = np.array([-0.42355131, -0.25867684, 0.0186728, 0.50734091])
    loose, tight = (current_density(problem, x, rtol=rtol) for rtol in (5.650403e-4, 5e-6))
    assert np.all(np.abs(loose.j_y - tight.j_y) < loose.error)
    assert tight.converged
