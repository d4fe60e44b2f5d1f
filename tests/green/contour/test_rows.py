"""Rows of constant ω where many levels cross the Fermi energy."""

from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.contour.chart import Surroundings
from dirac1d.green.contour.domain import Contour, first_cells
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.rows import LOW_ROW, ROW, Rows, along_row, opened, rows_floor
from dirac1d.green.current import _along
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.settings import Settings
from dirac1d.green.sources import geometry_of
from dirac1d.green.sources.step import geometry as step
from dirac1d.green.sources.wave import geometry as wave

#: Momenta of electrons' and of holes' levels at ε_F, of random strengths.
RNG = np.random.default_rng(7)
LEVELS, SIGNS, WEIGHTS = RNG.uniform(0.3, 4.0, 30), RNG.choice([-1, 1], 30), RNG.normal(size=30)


def rows(temperature=0.0):
    around = Surroundings(1.0, 0.4, temperature, 5.0)
    floor = rows_floor(around, 0.25)
    return Rows(around, 2.0, np.exp(-0.25j * np.pi), 4.5, floor, spacing=0.25)


def levels(p, omega):
    """Poles at p² = p_k² ± 2ieω, a column for each, and the integrals over 0 < p.

    That is p_k ± iω/v with the speed v = p_k/e of a level in a well, below 1.
    """
    z = np.sqrt(LEVELS**2 + 2j * SIGNS * np.maximum(LEVELS, 3.0) * omega)
    return 2 * z / (p[:, None] ** 2 - z**2), 1j * np.pi * SIGNS


@pytest.mark.parametrize("omega", [0.003, 0.1])
def test_every_node_more_makes_all_poles_errors_smaller(omega):
    path, worst = rows(), []
    for n in (8, 18, 28):
        p, weights, _ = along_row(path, omega, n)
        values, exact = levels(p, omega)
        worst.append(np.max(np.abs(weights @ values - exact)))
    assert worst[0] < 0.3
    assert worst[1] < 0.1 * worst[0]
    assert worst[2] < 0.1 * worst[1]


@pytest.mark.parametrize("far", [1e4, 1e5])
@pytest.mark.parametrize("omega", [0.1, 30.0])
def test_structure_at_large_momenta_needs_few_more_nodes(omega, far):
    """Beside a jump of U the answer varies on 1/x far above S: up to there a row has nodes."""
    exact = far**2 * np.log(far / 30) / (far**2 - 900)
    missed = []
    for path in (rows(), replace(rows(), top=far)):
        p, weights, _ = along_row(path, omega, 40)
        values = far**2 * p / ((p**2 + 900) * (p**2 + far**2))
        missed.append(abs(weights @ values - exact))
    assert missed[1] < 1e-4 * exact
    assert missed[1] < 0.1 * missed[0]


def test_parts_of_a_row_are_the_row():
    path, at, omega = rows(), 0.13, 0.02
    whole, *parts = (
        w @ levels(p, omega)[0] for p, w, _ in (
            along_row(path, omega, 45, part) for part in ((0.0, 1.0), (0.0, at), (at, 1.0))
        )
    )
    np.testing.assert_allclose(parts[0] + parts[1], whole, atol=1e-6)


def test_an_opened_row_of_a_sum_is_covered_once():
    cells = opened(rows(1e-3), Cell(LOW_ROW, (0.0, 80.0), (0.0, 1.0), (8, 18)), 0.1)
    assert sum((c.u[1] - c.u[0]) * (c.v[1] - c.v[0]) for c in cells) == pytest.approx(80)


@pytest.mark.parametrize("at", [0.03, 0.08, 0.16])
def test_an_opened_row_with_the_corner_of_a_bands_edge_is_covered_once(at):
    """∫∫ 1/(p² + 1)(ω + 1)² over the strip 0 < ω < 1/4, 0 < p < at·p₁."""
    path, found = rows(), 0.0
    for cell in opened(path, Cell(ROW, (0.0, 0.25), (0.0, 1.0), (16, 40)), at):
        if cell.v[0] == 0:
            nodes = Contour(path).place(cell)
            E, M = nodes.points
            found += np.sum(nodes.weight / M**2 / ((E - 0.4) / 1j + 1) ** 2).real
    exact = np.arctan(at * path.pivot) * (1 - 1 / 1.25) / np.pi**2
    assert found == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("temperature", [0.0, 1e-3, 0.05])
def test_rows_add_up_to_sums_over_frequencies_and_to_integrals(temperature):
    # ∫dp F over p of 1/(p² + (ω + 1)²) is π/2(ω + 1); over (ω + 1) once more.
    path = rows(temperature)
    settings = Settings.of(1e-8)
    found = 0.0
    for cell in first_cells(path, settings, 0.1):
        nodes = Contour(path).place(cell)
        E, M = nodes.points
        omega, p2 = (E - 0.4) / 1j, M**2 - 1
        found += np.sum(nodes.weight / (p2 + (omega + 1) ** 2) / (omega + 1)).real
    exact = np.pi / 2  # ∫dω/(ω + 1)²
    if temperature:
        n = np.arange(200_000)
        step = path.around.step
        exact *= step * np.sum(1 / (step * (n + 0.5) + 1) ** 2) + 1 / (step * len(n) + 1)
    assert found == pytest.approx(exact / np.pi**2, rel=1e-7)


@pytest.fixture
def by_heights(monkeypatch):
    """Paths as of wells full of falling states: real up to half of the range of U."""
    for source in (step, wave):
        monkeypatch.setattr(source, "bound_below", lambda *_: np.inf)
    monkeypatch.setattr(step, "passes_none", lambda *_: False)


@pytest.mark.usefixtures("by_heights")
@pytest.mark.parametrize(("potential", "mu", "T"), [
    (dd.CosinePotential(3.0, 1.0), 0.3, 0.0), (dd.CosinePotential(2.0, 0.5), 0.3, 0.05),
    (dd.GaussianBump(3.0, 2.5), 0.2, 0.0), (dd.GaussianBump(3.0, 2.5), 0.5, 1e-6),
    (dd.GaussianBump(-3.0, 2.0) + dd.TanhStep(-0.4, 0.4, 0.5), -0.7, 0.02),
])
def test_rows_agree_with_triangles_and_columns(potential, mu, T):
    problem = dd.Problem(potential, 1.0, mu, T)
    x, settings = np.linspace(0, 7, 50), Settings.of(1e-3)
    geometry = geometry_of(problem, x, settings)
    path = geometry.path()
    assert isinstance(path, Rows)
    old = _along(
        geometry, Offset(path.around, path.scale, path.direction, path.pivot), Watch()
    )
    new = _along(geometry, path, Watch())
    assert np.all(np.abs(old.j_y - new.j_y) < old.error + new.error)
    assert max(new.error) < 1e-3 * problem.current_scale


#: A hostile cosine with a band's edge 3e-6 from ε_F, and where it was wrong.
NEAR_EDGE = dd.Problem(
    dd.CosinePotential(4.047074057104252, 0.6696831823178835), 1.0, -4.073377975826634
)


@pytest.mark.usefixtures("by_heights")
def test_a_bands_edge_close_to_the_fermi_energy_is_in_the_error():
    """5.0e-5 of j₀ was claimed and 7.6e-5 true: the first frequencies did not see the edge."""
    x = np.array([5.2, 6.757338996925118, 7.757793613678720])
    rough = dd.current_density(NEAR_EDGE, x, rtol=1.3578202560929516e-4)
    fine = dd.current_density(NEAR_EDGE, x, rtol=1e-5)
    assert fine.converged
    assert np.all(np.abs(rough.j_y - fine.j_y) < rough.error)


def test_a_level_close_to_the_fermi_energy_where_a_row_begins_is_in_the_error():
    """Coefficients in ω fell by 0.46, then rose: 1.06 of the error, against rtol = 1e-7."""
    U = dd.CosinePotential(3.4035078116934625, 0.7076020949477562, 0.4757393349457123)
    problem = dd.Problem(U, 0.5828984365706755, 1.105325136071895)
    profile = dd.current_density(problem, [-2.918949226173251], rtol=3.7666e-5)
    assert abs(profile.j_y[0] + 0.0226684881) < 0.7 * profile.error[0]


def test_a_strong_long_cosine_is_answered():
    problem = dd.Problem(dd.CosinePotential(4.0, 0.25), 1.0, 0.7)
    x = np.linspace(-10, 10, 41)
    rough, fine = (dd.current_density(problem, x, rtol=rtol) for rtol in (3e-3, 1e-4))
    assert rough.converged
    assert fine.converged
    assert np.max(np.abs(rough.j_y - fine.j_y)) < np.max(rough.error)
    assert fine.details["contour_nodes"] < 8000


@pytest.mark.usefixtures("by_heights")
def test_a_wide_n_p_junction_is_answered():
    """Some ten levels cross ε_F in the well, most of them exponentially narrow."""
    problem = dd.Problem(dd.GaussianBump(-4.0, 4.0), 1.0, 0.2)
    x = np.linspace(-12, 12, 21)
    rough, fine = (dd.current_density(problem, x, rtol=rtol) for rtol in (3e-3, 3e-4))
    assert rough.details["path"] == "rows"
    assert rough.converged
    assert fine.converged
    assert np.all(np.abs(rough.j_y - fine.j_y) < rough.error)


@pytest.mark.usefixtures("by_heights")
@pytest.mark.parametrize("T", [0.0, 1e-4])
@pytest.mark.parametrize("beside", [-1e-4, 1e-6, 1e-2])
def test_rows_see_the_band_edges_of_leads(T, beside):
    """Integrals over all x, most of them over leads, are known: by ε_F in the leads alone."""
    step = dd.TanhStep(-0.1, 0.1, 1.0)
    problem = dd.Problem(dd.GaussianBump(3.5, 2.0) + step, 1.0, 1.1 + beside, T)
    profile = dd.current_density(problem, [-6.0, 0.3, 7.0], rtol=1e-3)
    assert profile.details["path"] == "rows"
    total = profile.integral(-np.inf, np.inf)
    assert abs(total.value - dd.total_current(problem)) < total.error < 1e-3
