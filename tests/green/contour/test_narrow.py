"""States narrower than the distance of the nodes are found wherever they are."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.contour.chart import Surroundings
from dirac1d.green.contour.domain import Contour
from dirac1d.green.contour.narrow import Search, towards_states
from dirac1d.green.contour.offset import FIRST, Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.integrate.contracts import Cell, Sample
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.settings import Start
from dirac1d.numerics.quadrature import gauss_legendre

ALLOWED, PIVOT = 1e-4, 1.7
AROUND = Surroundings(1.0, 0.3, 0.0, 2.5)
STRIP = Offset(AROUND, 1.5, np.exp(0.25j * np.pi), PIVOT)
CORNER = Ray(AROUND, 1.5, np.exp(0.25j * np.pi), 1.2)


@dataclass
class Levels:
    """Poles w/(E - ε_F + s (p - p_r) + iΓ), or with s p²/2, on a background that varies slowly."""

    poles: tuple[tuple[float, float, float, float], ...]
    power: int = 1
    batch: int = 1000
    sampled: int = field(default=0)

    def traps(self, energy, mass):
        return True

    def sample(self, points, tolerance):
        E, M = points
        omega, p = E - AROUND.fermi_energy, np.sqrt(M**2 - AROUND.mass**2).real
        values = 0.3 * np.exp(1j * (omega + p)) + 0j
        for w, at, slope, width in self.poles:
            values = values + w / (omega + slope * (p - at) ** self.power + 1j * width)
        self.sampled += len(E)
        return Sample(values[:, None], np.zeros((1, len(E))), np.zeros(1, bool), np.zeros(len(E)))


def prepared(path, levels, **kind):
    shells = np.array([path.scale])
    cells = path.line_cells(7, shells[:0]) if kind else path.cells(7, shells, Start())
    return cells, towards_states(cells, Search(levels, path, 0.1 * ALLOWED, 1e-10, Watch(), **kind))


@pytest.mark.parametrize("width", [1e-3, 1e-5, 1e-8, 0.0])
@pytest.mark.parametrize("number", range(6))
def test_cells_end_at_a_state_on_the_strip(number, width):
    rng = np.random.default_rng([5, number])
    at, slope = rng.uniform(0.02, 0.98) * PIVOT, rng.choice([-1, 1]) * 10 ** rng.uniform(-1, 0)
    cells, new = prepared(STRIP, Levels(((0.1, at, slope, width),)))
    ends = np.unique([cell.u for cell in new if cell.chart.name == "first"])
    p = PIVOT * (1 - ends**2)
    # What a rule may miss is the jump of ∫dω there, ±πw/2 with 1/π², over the way to a cell's end.
    assert len(new) > len(cells)
    assert 0.1 / np.pi * np.min(np.abs(p - at)) < ALLOWED or np.min(np.abs(p - at)) < 10 * width
    assert len(new) < 40


@pytest.mark.parametrize("side", [-1, 1])
def test_cells_are_graded_on_both_sides_of_a_state(side):
    """Also of one beside the end of all intervals that hold it: no neighbour is 8 times as long."""
    at = PIVOT * (0.5 + side * 1e-5)
    _, new = prepared(STRIP, Levels(((0.1, at, 0.7, 1e-3),)))
    p = PIVOT * (1 - np.unique([cell.u for cell in new if cell.chart.name == "first"]) ** 2)
    lengths = np.abs(np.diff(p))
    about = np.argmax((p[:-1] >= at) & (p[1:] <= at))
    assert max(lengths[about - 1 : about + 2]) < 8 * lengths[about]


def test_pieces_of_a_strip_share_the_nodes_that_carry_its_waves():
    """One beside a state has the nodes of a pole, not those of waves along all the strip."""
    far = replace(STRIP, around=replace(AROUND, reach=20.0))
    cells, new = prepared(far, Levels(((0.1, 0.6 * PIVOT, 0.7, 1e-6),)))
    whole = [cell for cell in cells if cell.chart.name == "first"]
    parts = [cell for cell in new if cell.chart.name == "first"]
    assert len(whole) == 1
    assert len(parts) > 10
    short = [cell.n[0] for cell in parts if np.ptp(cell.u) < 0.01]
    assert max(short) <= whole[0].n[0] // 4
    assert sum(cell.n[0] for cell in parts) < 0.35 * len(parts) * whole[0].n[0]


@pytest.mark.parametrize("width", [1e-4, 1e-6, 1e-9])
def test_a_real_energy_is_graded_down_to_the_width(width):
    _, new = prepared(STRIP, Levels(((1e-2, 0.731, 0.5, width),)), lines=True)
    p = PIVOT * (1 - np.unique([cell.v for cell in new if cell.chart.name == "line column"]) ** 2)
    lengths = np.abs(np.diff(p))
    about = np.argmax((p[:-1] >= 0.731) & (p[1:] <= 0.731))
    assert lengths[about] < 30 * width


@pytest.mark.parametrize("gap", [1e-4, -1e-7, 1e-10])
def test_cells_about_a_corner_are_graded_to_a_level_there(gap):
    levels = Levels(((0.3, 0.0, 1 / (2 * AROUND.edge), -1j * gap),), power=2)
    cells, new = prepared(CORNER, levels)
    rho = CORNER.scale * (1 - max(cell.u[0] for cell in new)) / max(cell.u[0] for cell in new)
    assert len(new) > len(cells)
    # missed is no more than w times the area beyond
    assert 0.3 * rho**3 / AROUND.edge < max(30 * ALLOWED, abs(gap) ** 1.5)


@pytest.mark.parametrize("path", [STRIP, CORNER])
def test_what_is_smooth_stays_one_cell(path):
    levels = Levels(())
    cells, new = prepared(path, levels)
    assert new == cells
    assert levels.sampled < 1500


STEPS = ((1.4, -5.0), (-0.6, -0.1), (2.0, 1.6), (-1.0, 6.0))
WELLS = sum((dd.SharpStep(0.0, u, x) for u, x in STEPS), start=dd.SharpStep(-0.2, -0.2))


def test_a_quasi_bound_state_at_a_real_energy_is_not_missed():
    """A well between barriers whose levels are 1e-5 wide: seen at rtol 1e-2 as at 1e-5."""
    problem, x = dd.Problem(WELLS), np.array([2.0, 3.5, 5.0])
    tight = dd.energy_resolved_current(problem, x, 1.2, rtol=1e-5)
    for rtol in (1e-2, 1e-3):
        loose = dd.energy_resolved_current(problem, x, 1.2, rtol=rtol)
        assert np.all(np.abs(loose - tight) <= loose.error + tight.error), rtol
    assert np.max(np.abs(tight)) > 0.03


@pytest.mark.parametrize(("potential", "mass", "mu", "x", "rtol", "finer"), [
    (
        dd.CosinePotential(-1.82820835, 0.56289146), -1.1367275, 3.5497216,
        np.linspace(6.0, 7.2, 5), 1.5144519945698887e-3, 1e-4,
    ),
    (
        dd.CosinePotential(1.7983120044481362, 5.774741447152947), 1.0, 3.3163664293023625,
        np.linspace(0.0, 1.0, 5), 3.524654637692997e-7, 1e-8,
    ),
])
def test_wide_states_are_not_left_to_few_nodes(potential, mass, mu, x, rtol, finer):
    """A miniband as wide as the nodes are apart: both levels missed the same part of it."""
    problem = dd.Problem(potential, mass, mu)
    loose, tight = (dd.current_density(problem, x, rtol=r) for r in (rtol, finer))
    assert np.all(np.abs(loose.j_y - tight.j_y) < loose.error)


def test_an_edge_that_crosses_the_fermi_energy_at_small_momenta_is_in_the_error():
    """Nodes of cells narrow in p were too far from ω = 0 to see it, on both levels."""
    problem = dd.Problem(
        dd.CosinePotential(1.6865098635120366, 9.16264267354073), 1.0, 0.9664325449846086
    )
    x = np.linspace(0.0, problem.potential.period, 9)
    loose, tight = (dd.current_density(problem, x, rtol=rtol) for rtol in (3.9742328e-6, 1e-8))
    assert np.all(np.abs(loose.j_y - tight.j_y) < loose.error)


def test_cells_narrow_in_momentum_resolve_energies_of_their_width():
    """A level at the distance of a cell's width: ∫dω in closed form, ∫dp by far more nodes."""
    width, level = 1e-4, 0.9
    ends = np.sqrt(1 - (level + width * np.array([2.0, 1.0])) / PIVOT)
    nodes = Contour(STRIP).place(Cell(FIRST, tuple(ends), (0.0, 1.0), (6, 20)))
    E, M = nodes.points
    p = np.sqrt(M**2 - 1).real
    value = nodes.weight @ (1 / (E - AROUND.fermi_energy + 0.7 * (p - level)))
    fine = gauss_legendre(40)
    p = level + width * (1 + fine.nodes)
    along = np.log(1 + 1j * (PIVOT - p) / (0.7 * (p - level))) / 1j
    assert value == pytest.approx(width / np.pi**2 * fine.weights @ along, rel=1e-5)


def test_states_of_weak_wells_are_looked_for():
    """A δ-like barrier binds a hole close to the leads' edge, and ε_F crosses it on a short strip.

    Wells of so small a phase were taken to hold nothing: an error of twice what was claimed.
    """
    barrier = dd.GaussianBump(0.8580998157184343, 0.045002439418086126, 0.5685606502071828)
    problem = dd.Problem(barrier, 0.22001055808921827, -0.2197915317822776)
    x = np.array([-0.543279, 0.09000543, 0.29788141, 1.7, 4.0, 9.838227587744967])
    found, better = (dd.current_density(problem, x, rtol=rtol) for rtol in (9.67e-5, 1e-5))
    assert np.all(np.abs(found.j_y - better.j_y) < 0.5 * found.error)
