"""Maps of strips whose mass varies: the engine of lines, closed forms, cells, what is refused."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d import green
from dirac1d.dirac import E_OVER_2H
from dirac1d.green.planar import MAP_SETTINGS
from dirac1d.green.planar.grid import cell_grid, strip_grid
from dirac1d.green.planar.levels import Levels
from dirac1d.green.planar.pairs import Pairs
from dirac1d.green.planar.window import WIDE_EDGE, Window

PERIOD = 2.0
X = np.array([-2.0, -0.3, 0.5, 1.5])


def across(profile):
    """A profile of x as a strip."""
    return dd.Strip(lambda x, y: profile(x) + 0 * y, PERIOD, profile.left, profile.right)


def wall(x, y):
    """A rough domain wall."""
    return 0.1 + 0.9 * np.tanh(x - 0.3 * np.cos(np.pi * y))


ROUGH = dd.Strip(wall, PERIOD, -0.8, 1.0)
LINES = {
    "wall": (dd.TanhStep(-0.5, 0.5, 0.5), dd.TanhStep(-1, 1, 0.5), 0.3, 0.1),
    "gapless lead": (dd.TanhStep(-0.5, 0.5, 1.0), dd.TanhStep(0, 1, 1.0), 0.1, 0.2),
    "cold": (dd.TanhStep(0.2, -0.2, 1.0), dd.TanhStep(-0.6, -1, 1.0), 0.1, 0.0),
}


@pytest.mark.parametrize("name", LINES)
def test_a_mass_of_x_alone_is_that_of_a_line(name):
    U, mass, *state = LINES[name]
    found = green.current_map(dd.Problem(across(U), mass, *state), X, [0.0], rtol=5e-3)
    line = dd.current_density(dd.Problem(U, mass, *state), X, rtol=1e-5)
    assert found.converged
    assert np.all(np.abs(found.j_y[:, 0] - line.j_y) <= found.error[:, 0])
    assert np.all(np.abs(found.j_x) <= found.error)
    assert np.max(np.abs(line.j_y)) > 20 * np.max(found.error)


def test_a_rough_wall_carries_what_its_leads_say():
    """(e/2h)[c(ε_F; Δ_R) - c(ε_F; Δ_L)]: in the gap that of the chiral state, twice ε_F/4π."""
    cold, warm = (dd.Problem(0.0, ROUGH, 0.3, T) for T in (0.0, 0.3))
    assert dd.total_current(cold) == pytest.approx(0.6 * E_OVER_2H)
    made = green.current_map(warm, [-20.0, 0.0, 20.0], [0.0, 0.7], rtol=5e-2)
    assert abs(made.details["missed_of_J_y"]) < 5e-3 * dd.total_current(warm)
    np.testing.assert_allclose(made.total_current(), dd.total_current(warm), rtol=1e-4)


def test_the_charge_of_a_wall_is_that_of_a_line():
    U, mass, *state = LINES["wall"]
    found = green.charge_map(dd.Problem(across(U), mass, *state), X, [0.0], rtol=1e-2)
    line = dd.charge_density(dd.Problem(U, mass, *state), X, rtol=1e-4)
    assert np.all(np.abs(np.asarray(found)[:, 0] - line) <= found.error[:, 0])
    assert np.max(np.abs(line)) > 10 * np.max(found.error)


def test_one_energy_of_a_wall_carries_what_its_leads_say():
    """M^ε goes from one lead's to the other's by itself; what it misses is put in and told."""
    found = green.energy_resolved_map(dd.Problem(0.0, ROUGH), X, [0.0], 0.3, width=0.3, rtol=1e-2)
    assert abs(found.details["missed_of_J_y"]) < 5e-3 * 2 * E_OVER_2H


def test_a_constant_strip_of_mass_is_the_number():
    strip = dd.Strip(lambda x, y: 0.3 * np.exp(-x**2) * np.cos(np.pi * y), PERIOD)
    number, same = (green.current_map(dd.Problem(strip, m, 0.2, 0.3), X, [0.1], rtol=0.1)
                    for m in (1.0, 0.0 * strip + 1.0))
    np.testing.assert_array_equal(number.j_x, same.j_x)
    np.testing.assert_array_equal(number.M, same.M)


def test_pairs_of_strips_are_those_of_a_long_cell():
    """Whatever the way back from one lead to the other."""
    length = 24.0
    fields = [lambda x, y: np.exp(-x**2) * (1 + np.cos(np.pi * y + x)),
              lambda x, y: np.exp(-(x - 0.4)**2) * (0.3 + np.sin(np.pi * y))]
    strips = [dd.Strip(f, PERIOD) for f in fields]
    cells = [dd.Cell.from_function(lambda x, y, f=f: f(x - length / 2, y), (length, PERIOD),
                                   (128, 8)) for f in fields]
    window = Window(6.0, WIDE_EDGE)
    of_cell = cell_grid(cells[0], 0.16, 1.0).of_mass(cells[1])
    ends = tuple(of_cell.x[[40, -40]] - length / 2)
    of_strip = strip_grid(strips[0], ends, of_cell.spacing * 1.001, 1.0, 1.0, (0.0, 0.0)).of_mass(
        strips[1])
    one, two = (Pairs(grid, 0.4, window, 3).rows(3) for grid in (of_cell, of_strip))
    apart = one[40:-39] - two[of_strip.inner]
    assert np.max(np.abs(apart)) < 2e-3 * np.max(np.abs(one))


def test_pairs_between_nodes_are_the_kernel_itself():
    lengths, P = (3.0, PERIOD), 6.0
    U, change = dd.Cell.wave(1.0, (1, 1), lengths), dd.Cell.wave(1.0, (-2, 1), lengths)
    pairs = Pairs(cell_grid(U, 0.1, 1.0).of_mass(change), 0.0, Window(P, WIDE_EDGE), 3)
    q, r = (2 * np.pi * np.array([[m / lengths[0], 1 / PERIOD]]) for m in (1, -2))
    along, _ = pairs.kernels(q, r)
    # Each cosine has half of each wave; M = j_x/iq_y.
    expected = np.exp(2j * np.pi * -pairs.grid.x / lengths[0]) * along / 4 / (2 * np.pi)
    np.testing.assert_allclose(pairs.rows(3)[:, 2], expected, atol=1e-3 * np.max(np.abs(expected)))


def test_states_keep_their_distance_in_strips_too():
    mass = dd.Strip(lambda x, y: 0.8 + 0.2 * np.tanh(x), PERIOD, 0.6, 1.0)
    levels = [Levels(dd.Problem(U, m), X, X, MAP_SETTINGS) for U, m in (
        (0.1, mass), (0.1, -1.0 * mass), (0.7, mass), (0.0, ROUGH))]
    assert [level.gap for level in levels] == pytest.approx([0.5, 0.5, 0.0, 0.0])


def test_a_profile_becomes_a_strip_and_is_stored_as_one():
    problem = dd.Problem(across(dd.TanhStep(-0.5, 0.5, 1.0)), dd.TanhStep(-1, 0.5, 1.0), -0.1)
    assert (problem.mass_left, problem.mass_right) == (-1.0, 0.5)
    assert problem.gap == 1.0
    assert problem.regime == "half-metallic"
    assert dd.Problem.from_dict(problem.to_dict()) == problem


@pytest.mark.parametrize(("potential", "mass", "words"), [
    (ROUGH, dd.Strip(lambda x, y: np.exp(-x**2) + 0 * y, 3.0), "period"),
    (ROUGH, 1.0 + dd.HardWall(3.0, 1, "right"), "hard walls"),
    (ROUGH, dd.Cell([[1.0, 0.5]], (2.0, PERIOD)), "mass must be"),
    (dd.Cell([[1.0, 0.5]], (2.0, PERIOD)), ROUGH, "mass must be"),
    (dd.TanhStep(-1, 1, 1.0), ROUGH, "mass must be"),
])
def test_other_masses_are_refused(potential, mass, words):
    with pytest.raises(ValueError, match=words):
        dd.Problem(potential, mass)
