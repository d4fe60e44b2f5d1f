"""Maps of U(x, y) by harmonics in y, against what is known exactly."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d import green
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.planar import march
from dirac1d.green.planar.adaptive import extrapolated
from dirac1d.green.planar.levels import Levels, Nodes, grid_of_momenta
from dirac1d.green.planar.momenta import Momenta, sizes
from dirac1d.green.planar.sheets import StripSheets
from dirac1d.numerics.budget import Budget


def bump(x, y):
    """PHYSICS fact: the strip of two independent sketches."""
    return 0.8 * np.exp(-(x**2) / 1.28) * np.cos(2 * np.pi * y / 4)


def rough(x, y):
    return 0.5 * np.tanh(x) + 0.3 * np.exp(-(x**2)) * np.cos(np.pi * y + x)


@pytest.fixture(scope="module")
def bumps():
    problem = dd.Problem(dd.Strip(bump, 4.0), mass=1.0)
    return green.current_map(problem, [-1.0, 0.0, 1.0], [0.0, 1.0, 2.5], rtol=1e-3)


def test_two_sketches_of_a_strip(bumps):
    # -.0789236 and .0346501 with P = 21 and rtol = 1e-5; the sketches are good to 2e-6.
    assert bumps.converged
    assert abs(bumps.j_x[1, 1] + 0.0789236) < bumps.error[1, 1] < 1e-3 * bumps.problem.current_scale
    assert abs(bumps.j_y[2, 0] - 0.0346501) < bumps.error[2, 0]


def test_the_map_says_what_it_did(bumps):
    details = bumps.details
    assert details["harmonics"] >= 9
    assert details["nodes"] > details["frequencies"] > 0
    assert details["step"] < 0.3
    parts = [details[f"error_of_{name}"] for name in (
        "harmonics", "steps", "frequencies", "posts", "momenta", "edge", "marches")]
    assert all(0 <= part < 1e-3 for part in parts)


def test_sign_of_the_mass(bumps):
    problem = dd.Problem(dd.Strip(bump, 4.0), mass=-1.0)
    other = green.current_map(problem, bumps.x, bumps.y, rtol=1e-2)
    assert np.all(np.abs(other.j_x + bumps.j_x) <= other.error + bumps.error)
    assert np.all(np.abs(other.j_y + bumps.j_y) <= other.error + bumps.error)


def test_a_strip_of_one_dimension_is_the_line():
    strip = dd.Strip(lambda x, y: 0.25 * np.tanh(x) + 0 * y, 2.0, -0.25, 0.25)
    x = np.linspace(-3, 4, 5)
    found = green.current_map(dd.Problem(strip, mass=1.0), x, [0.0, 0.7], rtol=1e-3)
    line = dd.current_density(dd.Problem(dd.TanhStep(-0.25, 0.25, width=1.0), mass=1.0), x)
    assert found.converged
    assert np.all(np.abs(found.j_y - line.j_y[:, None]) <= found.error)
    assert np.max(np.abs(found.j_x)) < 1e-12


def test_a_march_that_stops_early_is_in_the_error():
    """S of a cell repeats itself to a part of rtol only, the same in both levels: none sees it."""
    cell = dd.Cell(1e-5 * np.random.default_rng(5).standard_normal((3, 3)), (5.0, 4.0))
    x = np.linspace(0, 5, 4)
    problem = dd.Problem(cell, mass=1.0)
    rough = green.current_map(problem, x, x, rtol=1e-2)
    fine = green.current_map(problem, x, x, rtol=1e-4)
    apart = np.hypot(rough.j_x - fine.j_x, rough.j_y - fine.j_y)
    assert np.all(apart <= rough.error + fine.error)
    # Without that part 1.4e-7 of j₀ was claimed, and 7e-7 missed.
    assert np.max(apart) > 1e-7 * problem.current_scale


def test_a_strip_in_a_band_at_zero_temperature_is_the_line():
    """Thresholds of the leads are narrower in p_y than Bloch momenta are close, as ω → 0."""
    strip = dd.Strip(lambda x, y: 0.5 * np.tanh(x) + 0 * y, 2.0, -0.5, 0.5)
    x = np.array([-1.0, 1.5])
    found = green.current_map(dd.Problem(strip, 1.0, 0.9), x, [0.0], rtol=1e-2)
    line = dd.current_density(
        dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0), 1.0, 0.9), x, rtol=1e-5)
    assert found.converged
    assert np.all(np.abs(found.j_y[:, 0] - line.j_y) <= found.error[:, 0] + line.error)


@pytest.mark.parametrize(("fermi_energy", "temperature"), [
    (0.0, 0.0), (0.9, 0.3), (-1.9, 0.3),
])
def test_total_current_of_a_rough_strip_at_every_y(fermi_energy, temperature):
    """SR Eq. (12) holds for U(x, y) too: the leads' M fix it."""
    problem = dd.Problem(dd.Strip(rough, 2.0, -0.5, 0.5), mass=1.0, fermi_energy=fermi_energy,
                         temperature=temperature)
    found = green.current_map(problem, np.linspace(-2, 2, 5), [0.0], rtol=1e-1)
    assert found.converged
    # The engine's own sum, before the leads' M are put in.
    assert abs(found.details["missed_of_J_y"]) < 1e-2 * problem.current_scale


def test_weights_of_a_step_are_exact_at_any_frequency():
    """Sixteen nodes are not beyond 2κh = 20: frequencies of a tail, which missed J_y by 5e-6."""
    for rate in (0.01, 7.9, 8.1, 30.0, 3000.0):
        found = march._weights(np.full((1, 1, 1), rate + 0j), 1.0, 0)[:, 0, 0, 0]
        # Of s = -4 … 0 the polynomials carry e^{-rate(1-s)} of 1, s … s⁴; that of 1 is known.
        assert np.sum(found) == pytest.approx(-np.expm1(-rate) / rate, rel=1e-13)
        first = np.sum(-np.arange(march.ORDER) * found)
        assert first == pytest.approx((1 + np.expm1(-rate) / rate) / rate, rel=1e-11)


def test_the_first_momenta_resolve_the_edge_of_the_harmonics():
    """They were said to leave 7e-9 of j₀ where they left 8e-7."""
    problem = dd.Problem(dd.Strip(rough, 2.0, -0.5, 0.5), mass=1.0, fermi_energy=1.9,
                         temperature=0.3)
    x = np.array([0.0, 1.0])
    levels = Levels(problem, x, x, green.planar.MAP_SETTINGS)
    nodes = Nodes(levels, levels.sheets(3), 1e-4, Watch(Budget(None), None, 1.0))
    momenta = Momenta(nodes, (1, 0))
    momenta.ensure(np.array([5.0]), np.array([1.0]), 1.0)
    edge = momenta.edge(np.array([5.0]))
    nodes.need([((1, 0), 5.0, k) for k in grid_of_momenta(45)])
    missed = sizes(nodes, nodes.mean((1, 0), 5.0, 45) - nodes.mean((1, 0), 5.0, momenta.first))
    assert np.all(missed[0] <= edge[0])


def test_what_one_momentum_misses_is_told_by_the_frequency_below():
    """In a cell whose gap U shifts it falls more slowly than e^{-ωL}: 1/40 of it was claimed."""
    lengths = (5.23244, 5.18798)
    problem = dd.Problem(dd.disorder(0.54, 1.0, lengths, 24), -1.0, -0.09, 0.0743)
    x = np.array([0.0, 1.0, 3.0])
    levels, base = Levels(problem, x, x, green.planar.MAP_SETTINGS), (2, 0)
    nodes = Nodes(levels, levels.sheets(3), 1e-4, Watch(Budget(None), None, 1.0))
    momenta, omegas = Momenta(nodes, base), 2 * np.pi * 0.0743 * (np.arange(10) + 0.5)
    momenta.ensure(omegas, np.full(10, 2 * 0.0743), 1e-6)
    alone = [w for w in omegas if momenta.counts[w] == 1]
    assert 2 <= len(alone) < 10
    nodes.need([(base, w, k) for w in alone for k in grid_of_momenta(3)])
    for w in alone:
        missed = sizes(nodes, nodes.mean(base, w, 3) - nodes.mean(base, w, 1))
        assert np.all(missed <= momenta.left[w] + 3e-8)  # beside the edge of the window


@pytest.mark.parametrize("omega", [3.0, 211.0])
def test_a_march_forgets_where_it_starts(omega):
    """At high frequencies its memory still held the start: j_y there, of a tail, 1e-5 of j₀."""
    lengths = (5.23244, 5.18798)
    cell = dd.disorder(0.54, 1.0, lengths, 24)
    shift = 9 * lengths[0] / len(cell.samples)
    found = []
    for U, x in ((cell, [0.0, shift]), (dd.Cell(np.roll(cell.samples, -9, axis=0), lengths),
                                        [0.0, lengths[0] - shift])):
        problem = dd.Problem(U, -1.0, -0.09, 0.0743)
        levels = Levels(problem, np.array(x), np.zeros(1), green.planar.MAP_SETTINGS)
        nodes = Nodes(levels, levels.sheets(3), 1e-5, Watch(Budget(None), None, 1.0))
        nodes.need([((3, 3), omega, 0.0)])
        found.append(nodes.sheets.fields(nodes.mean((3, 3), omega, 1))[:, :, 0])
    size = np.max(np.abs(found[0]))
    np.testing.assert_allclose(found[0], found[1][:, ::-1], rtol=0, atol=1e-3 * size)


def test_cut_offs_are_compared_at_few_momenta_and_that_is_claimed():
    """What they add sees the window's edge of the base: 3e-6 of j₀ where 8e-7 was claimed of it."""
    problem = dd.Problem(dd.Strip(rough, 2.0, -0.5, 0.5), mass=1.0, fermi_energy=1.9,
                         temperature=0.1)
    x, omega, base, top = np.array([0.0, 1.0]), np.pi / 10, (1, 0), (3, 0)
    levels = Levels(problem, x, x, green.planar.MAP_SETTINGS)
    nodes = Nodes(levels, levels.sheets(3), 1e-4, Watch(Budget(None), None, 1.0))
    momenta = Momenta(nodes, base)
    few, many = momenta.first, 3 * momenta.first
    momenta.counts[omega] = many
    nodes.need([(level, omega, k) for level in (base, top) for k in grid_of_momenta(many)])
    one = np.array([omega]), np.array([0.2])
    added = {K: nodes.mean(top, omega, K) - nodes.mean(base, omega, K) for K in (few, many)}
    missed = 0.2 * sizes(nodes, added[few] - added[many])
    for enough in (0.0, 1.0):
        assert np.all(missed <= momenta.crossed(top, *one, enough) * (1 + 1e-9))
    assert np.max(missed[0]) > np.max(momenta.edge(np.array([5.0]))[0])
    momenta.counts[omega] = few
    assert not np.any(momenta.crossed(top, *one, 0.0))


def test_a_law_of_the_cut_off_is_believed_only_where_three_levels_tell_it(bumps):
    nodes = Nodes(Levels(bumps.problem, bumps.x, bumps.y, green.planar.MAP_SETTINGS),
                  StripSheets(4.0, 3, bumps.x, bumps.y), 1e-3, None)
    rng = np.random.default_rng(2)
    limit, left, other = rng.standard_normal((3, 2, 4, 3)) + 0j
    P = 1.35 ** np.arange(3)
    by_law = [limit + left / p**5 for p in P]
    more, error = extrapolated(nodes, by_law)
    np.testing.assert_allclose(by_law[-1] + more, limit, rtol=1e-12)
    assert np.max(error) < 0.1 * np.max(sizes(nodes, by_law[-1] - by_law[-2]))
    slower = [limit + left / p + other * (i == 1) for i, p in enumerate(P)]
    more, error = extrapolated(nodes, slower)
    assert np.all(more == 0)
    assert np.all(error == 0.75 * sizes(nodes, slower[-1] - slower[-2]))


def test_linear_response_is_exact():
    rng = np.random.default_rng(5)
    cell = dd.Cell(1e-5 * rng.standard_normal((3, 3)), (5.0, 4.0))
    problem = dd.Problem(cell, mass=1.0)
    x, y = np.linspace(0, 5, 4), np.linspace(0, 4, 3)
    found = green.current_map(problem, x, y, rtol=3e-5)
    q_x, q_y = cell.waves
    q = np.hypot(q_x[:, None], q_y)
    q[1, 1] = 1.0
    M = cell.coefficients * np.arctan(q / 2) * 2 / q / (4 * np.pi)
    M[1, 1] = 0.0
    phase = np.exp(1j * (q_x[:, None] * x[:, None, None, None] + q_y * y[:, None, None]))
    j_x = np.real(np.sum(1j * q_y * M * phase, axis=(-1, -2)))
    # What is of third order is 1e-10 of it; 2.5e-10 is measured.
    assert np.max(np.abs(found.j_x - j_x)) < 1e-9 * problem.current_scale
    assert np.all(np.abs(found.j_x - j_x) <= found.error)


def test_a_cosine_at_an_angle_is_the_periodic_line():
    cell = dd.Cell.wave(0.5, (1, 1), (5.0, 5.0))
    problem = dd.Problem(cell, mass=1.0, temperature=0.1)
    along = np.array([0.0, 0.6, 1.3])
    found = green.current_map(problem, along, [0.0, 0.9], rtol=1e-3)
    line = dd.Problem(dd.CosinePotential(0.5, 2 * np.pi * np.sqrt(2) / 5), mass=1.0,
                      temperature=0.1)
    s = np.unique((along[:, None] + found.y).round(12) / np.sqrt(2))
    j = dd.current_density(line, s).j_y
    expected = j[np.searchsorted(s, (along[:, None] + found.y) / np.sqrt(2) - 1e-9)]
    assert found.converged
    assert np.all(np.abs((found.j_y - found.j_x) / np.sqrt(2) - expected) <= 2 * found.error)
    assert np.all(np.abs(found.j_y + found.j_x) <= 3 * found.error)


def test_a_dot_in_a_cell_is_the_circle():
    def dot(x, y):
        return -0.5 * sum(np.exp(-((x - 4 + i) ** 2 + (y - 4 + j) ** 2) / 2)
                          for i in (-8, 0, 8) for j in (-8, 0, 8))

    # The nearest image is 6 away from the last point.
    problem = dd.Problem(dd.Cell.from_function(dot, (8.0, 8.0), (36, 36)), mass=1.0)
    found = green.current_map(problem, [4 + r for r in (0.5, 1.0, 1.5, 2.0)], [4.0], rtol=1e-2)
    circle = np.array([-0.0142665, -0.0202054, -0.0171268, -0.0103610])
    assert np.all(np.abs(found.j_y[:, 0] - circle) <= found.error[:, 0])


def test_conjugation():
    """j[U, ε_F] = -j[-U, -ε_F]."""
    cell = dd.disorder(0.6, 1.2, (4.0, 4.0), seed=4)
    x = np.array([0.3, 1.9])
    one, other = (
        green.current_map(dd.Problem(sign * cell, mass=1.0, fermi_energy=sign * 0.7,
                                     temperature=0.2), x, x, rtol=3e-2)
        for sign in (1, -1))
    assert np.max(one.magnitude) > 10 * np.max(one.error)
    assert np.all(np.abs(one.j_x + other.j_x) <= one.error)
    assert np.all(np.abs(one.j_y + other.j_y) <= one.error)


def test_an_executor_does_the_same():
    cell = dd.disorder(0.4, 1.2, (5.0, 4.0), seed=3)
    problem = dd.Problem(cell, mass=1.0, temperature=0.2)
    x = np.linspace(0, 5, 4)
    alone = green.current_map(problem, x, x[:3], rtol=3e-2)
    with ThreadPoolExecutor(2) as pool:
        spread = green.current_map(problem, x, x[:3], rtol=3e-2, executor=pool)
    np.testing.assert_array_equal(alone.j_x, spread.j_x)
    states = dd.current_map(problem, x, x[:3], engine="states", rtol=3e-2)
    assert np.all(np.abs(alone.j_x - states.j_x) <= alone.error + states.error)
    assert np.all(np.abs(alone.j_y - states.j_y) <= alone.error + states.error)


def test_a_budget_ends_work():
    problem = dd.Problem(dd.disorder(1.0, 1.5, (10.0, 10.0), seed=3), mass=1.0, temperature=0.05)
    with pytest.warns(dd.AccuracyWarning, match="stopped after"):
        found = green.current_map(problem, [0.0, 1.0], [0.0], rtol=1e-6, within=0.5)
    assert not found.converged
    assert np.all(found.error > 0)


def test_bad_input():
    strip = dd.Problem(dd.Strip(bump, 4.0), mass=1.0)
    with pytest.raises(ValueError, match="Strip or a Cell"):
        green.current_map(dd.Problem(dd.TanhStep(0, 1, width=1.0), mass=1.0), [0.0], [0.0])
    with pytest.raises(ValueError, match="executor"):
        green.current_map(strip, [0.0], [0.0], executor=3)
    with pytest.raises(ValueError, match="within"):
        green.current_map(strip, [0.0], [0.0], within=-1.0)
    with pytest.raises(ValueError, match="harmonics"):
        green.current_map(strip, [0.0], [0.0], settings=green.planar.MapSettings(finest=3))


def test_without_a_mass_nothing_flows():
    found = green.current_map(dd.Problem(dd.Strip(bump, 4.0), mass=0.0), [0.0], [0.0])
    assert found.converged
    assert found.j_x[0, 0] == 0


def test_what_is_far_too_large_is_refused_before_its_extremes_are_looked_for(monkeypatch):
    """They took a minute of a cell of so many samples."""
    cell = dd.disorder(1.0, 0.01, (2.0, 2.0), seed=1)
    monkeypatch.setattr(dd.Cell, "extremes", lambda self: pytest.fail("looked for"))
    x = np.linspace(0.0, 1.0, 3)
    few = replace(green.planar.MAP_SETTINGS, finest=50)
    with pytest.raises(ValueError, match="harmonics in y"):
        dd.current_map(dd.Problem(cell), x, x, settings=few)


def test_harmonics_reach_beyond_every_wave_of_a_strip():
    """A wave beyond them has the response of a gapped sea: in a metal 2.5e-2 of j₀ were missed."""
    mu, T, period = 1.2, 0.1, 0.4
    Q = 2 * np.pi / period
    strip = dd.Strip(lambda x, y: 1e-3 * np.exp(-(x**2)) * np.cos(Q * y), period)
    problem = dd.Problem(strip, 1.0, mu, T)
    x, y = np.array([-0.5, 0.1, 0.6]), np.array([0.0, 0.3]) * period
    # Linear response of a warm metal: that at T = 0 over the Fermi function's slope.
    q = np.linspace(-14, 14, 701)
    e = np.linspace(mu - 20 * T, mu + 20 * T, 4001)
    slope = 1 / (4 * T * np.cosh((e - mu) / (2 * T)) ** 2)
    kF2 = np.maximum(e * e - 1, 0)
    k = np.hypot(q, Q)[:, None]
    root = np.sqrt(np.maximum(k * k - 4 * kF2, 0))
    K = np.trapezoid(np.arctan(root / (2 * np.maximum(np.abs(e), 1))) / (2 * np.pi * k) * slope, e)
    U_q = 1e-3 * np.sqrt(np.pi) * np.exp(-(q**2) / 4)
    M = (np.exp(1j * np.multiply.outer(x, q)) @ (U_q * K) * (q[1] - q[0]) / (2 * np.pi)).real
    known = -Q * np.multiply.outer(M, np.sin(Q * y))
    found = dd.current_map(problem, x, y, rtol=1e-2)
    assert found.converged
    assert np.all(np.abs(found.j_x - known) < found.error + 1e-4 * np.max(np.abs(known)))


def test_a_wave_of_a_strip_is_no_constant_to_the_points_it_is_sampled_at():
    """At eight points a wave n = 8 was the mean."""
    strip = dd.Strip(lambda x, y: np.exp(-(x**2)) * np.cos(8 * np.pi * y), 2.0)
    y = np.linspace(0.0, 2.0, 7)
    np.testing.assert_allclose(strip(np.zeros(7), y), np.cos(8 * np.pi * y), atol=1e-6)
