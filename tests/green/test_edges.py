"""States bound to walls and edges: Jackiw-Rebbi, Pöschl-Teller, ribbons, other engines."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

import dirac1d as dd

WALL = dd.TanhStep(-1, 1, 2.0)


@pytest.mark.parametrize(("p", "sign"), [(-0.7, 1), (0.0, 1), (3.0, -1)])
def test_a_tanh_wall_in_no_potential_is_solved_by_poeschl_and_teller(p, sign):
    """E = p, and E² = p² + Δ² - (Δ - n/w)² for n < Δw."""
    found = dd.edge_states(dd.Problem(0.2, sign * WALL), p)
    other = np.sqrt(p * p + 0.75)
    exact = 0.2 + np.array([-other, sign * p, other])
    assert np.all(np.abs(found.energies - exact) <= found.energies.error)
    assert found.velocities == pytest.approx([-p / other, sign, p / other], abs=1e-9)


def test_the_spinor_of_jackiw_and_rebbi():
    """f = ±g ~ exp(-∫Δ), normalised."""
    x = np.linspace(-30, 30, 13)
    f, g = dd.edge_states(dd.Problem(0.0, WALL), 0.25).spinors(x)[1]
    norm = quad(lambda y: np.cosh(y / 2) ** -4, -50, 50)[0]
    assert f**2 == pytest.approx(np.cosh(x / 2) ** -4 / norm / 2, rel=1e-7)
    assert g == pytest.approx(f, rel=1e-9)


def test_velocities_are_the_dispersion_s_slope():
    problem, h = dd.Problem(dd.TanhStep(-0.5, 0.8, 1.0), dd.SharpStep(-1, 0.7)), 1e-4
    at, above, below = (dd.edge_states(problem, 0.3 + d) for d in (0, h, -h))
    slope = (np.asarray(above.energies) - np.asarray(below.energies)) / (2 * h)
    assert at.velocities == pytest.approx(slope, abs=1e-7)


def test_an_edge_has_a_state_if_its_mass_has_the_other_sign():
    for sign, count in ((1, 0), (-1, 1)):
        problem = dd.Problem(0.0, 1.0 + dd.HardWall(0.5, sign, "left"))
        found = dd.edge_states(problem, 0.4)
        assert len(found) == count
        if count:
            assert found.energies[0] == pytest.approx(0.4, abs=1e-12)
            f, g = found.spinors([0.0, 0.5, 1.5])[0]
            assert f**2 == pytest.approx([0.0, 1.0, np.exp(-2.0)], rel=1e-9)
            assert g == pytest.approx(f, rel=1e-9)


def test_a_ribbon_s_subbands():
    """Δ sin kW + k cos kW = 0 between walls of one sign; the window must be given."""
    problem = dd.Problem(0.0, 0.7 + dd.HardWall(-1.3, 1, "left") + dd.HardWall(2.2, 1, "right"))
    k = [brentq(lambda k: 0.7 * np.sin(3.5 * k) + k * np.cos(3.5 * k),
                (n - 0.5) * np.pi / 3.5, n * np.pi / 3.5) for n in (1, 2)]
    exact = np.sqrt(np.square(k) + 0.49 + 0.36)
    found = dd.edge_states(problem, 0.6, window=(0.0, 2.0))
    assert np.all(np.abs(found.energies - exact) <= found.energies.error)
    with pytest.raises(ValueError, match="window must be given"):
        dd.edge_states(problem, 0.6)


def test_a_bump_of_u_alone_binds_as_on_the_lattice():
    problem = dd.Problem(dd.GaussianBump(-1.0, 1.0))
    found = dd.edge_states(problem, 0.3)
    lattice = [dd.eigenstates(problem, 0.3, (-0.9, 1.04), a).energies for a in (0.1, 0.05)]
    lattice = [e[np.abs(e - found.energies[0]) < 0.05][0] for e in lattice]
    # a² extrapolated: 3e-7 is left.
    assert (4 * lattice[1] - lattice[0]) / 3 == pytest.approx(found.energies[0], abs=3e-6)


def test_none_where_both_leads_leave_no_room():
    assert len(dd.edge_states(dd.Problem(dd.TanhStep(-1.5, 1.5, 1.0)), 0.1)) == 0


@pytest.mark.parametrize(("arguments", "culprit"), [
    ((dd.Problem(dd.Disc(1, 5)), 0.1), "problem must have a potential U"),
    ((dd.Problem(0.0, WALL), np.nan), "p_y must be a finite number"),
    ((dd.Problem(0.0, WALL), 0.1, (1.0, 0.0)), "window must increase"),
    ((dd.Problem(0.0, WALL), 0.1, 3.0), "window must be two energies"),
])
def test_what_is_not_taken_is_named(arguments, culprit):
    with pytest.raises(ValueError, match=culprit):
        dd.edge_states(*arguments)
