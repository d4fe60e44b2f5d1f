"""How an answer begins at r = 0: of which functions, how far out, and with what error."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.sources.circle import centre, ends
from dirac1d.green.sources.circle.centre import CONE, CUBIC, EVEN, Centre

TABLE = dd.TabulatedRadial([0, 1, 2, 3], [-0.5, -0.35, -0.1, 0])
TIP = dd.RadialPotential(lambda r: -np.exp(-r), outside=0.0)
DOT = dd.GaussianDot(-0.5, np.sqrt(2.0))


@pytest.mark.parametrize(("functions", "answer", "error"), [
    (EVEN, lambda x: np.sin(9 * x), 1e-5),
    (CUBIC, lambda x: x - x**3 * np.log(x) + x**5, 1e-4),
    (CONE, lambda x: x * np.log(x) + x**2 + x**3, 1e-2),
    (EVEN, lambda x: x**3 * np.log(x), 1e-3),  # what does not fit says so
    (EVEN, lambda x: x * np.log(x), 1.0),
    (CUBIC, lambda x: x**2, 0.1),
    (CONE, lambda x: np.sin(x), 0.1),
])
def test_series_go_on_to_the_centre(functions, answer, error):
    t, inside = np.linspace(1, 4, 40) / 8, np.linspace(1e-3, 1, 33) / 8
    series, claimed = Centre(1 / 8, functions, len(functions)).series(t, answer(t), 0.0)
    assert np.max(np.abs(series(inside) - answer(inside))) < claimed + 1e-13
    assert claimed < error
    assert series(0.0) == 0


@pytest.mark.parametrize(("potential", "functions"), [
    (DOT, EVEN), (dd.Disc(-1.0, 5.0), EVEN), (TABLE, CUBIC), (TIP, CONE),
    (dd.RadialPotential(lambda r: -np.exp(-r**2), outside=0.0), EVEN),
])
def test_what_u_begins_with_decides(potential, functions):
    assert Centre.of(dd.Problem(potential), 1e-8).functions == functions


@pytest.mark.parametrize("potential", [TABLE, TIP], ids=["table", "tip"])
def test_odd_powers_of_u_are_carried_to_the_centre(potential, monkeypatch):
    problem, r = dd.Problem(potential), np.array([0.02, 0.4])
    profile = dd.current_density(problem, r, rtol=1e-4)
    assert profile.converged
    monkeypatch.setattr(centre, "LARGEST", 0.01)  # the first radius is then solved, not continued
    solved = dd.current_density(problem, r, rtol=1e-4)
    assert solved.strip.edges[-1] > r[0] > Centre.of(problem, 1e-4).radius
    assert np.all(np.abs(profile.j_phi - solved.j_phi) < profile.error + solved.error)


@pytest.mark.parametrize("depth", [0.1, 5.0, 40.0])
@pytest.mark.parametrize("shift", [0.0, 0.45, -0.45])
def test_the_regular_solution_is_exact_up_to_the_first_radius(depth, shift, monkeypatch):
    # No refinement of the mesh reaches it, and the turning point of j = 1/2 is not far.
    dot = dd.GaussianDot(-depth, 1.5)
    radius = Centre.of(dd.Problem(dot), 1e-4).radius
    omega, j = np.geomspace(1e-9, 1e3, 9), np.array([0.5, -0.5, 1.5, -1.5, 20.5])
    E, j = (q.ravel() for q in np.meshgrid(shift + 1j * omega, j))
    found, failed = ends.regular_start(dot, radius, 1.0, E, j, 1e-15)
    assert not np.any(failed)
    monkeypatch.setattr(ends, "NODES", 40)
    more, _ = ends.regular_start(dot, radius, 1.0, E, j, 1e-15)
    np.testing.assert_allclose(found, more, atol=1e-13)
