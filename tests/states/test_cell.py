"""Maps from plane waves: linear response, known numbers, other geometries, symmetries, claims."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.states import cell as cells
from dirac1d.states.cell import MAP_SETTINGS, first_cutoff
from dirac1d.states.maps import current_map
from dirac1d.states.plane_waves import Momentum, PlaneWaves, excess, hamiltonian, sea

CELL = dd.disorder(0.7, correlation_length=0.8, lengths=(4.0, 3.5), seed=3)
X, Y = np.linspace(0, 4, 9), np.linspace(0, 3.5, 8)


def solve(problem, x=X, y=Y, rtol=1e-2, **options):
    return current_map(problem, x, y, rtol=rtol, **options)


def difference(a, b):
    return float(np.max(np.hypot(a.j_x - b.j_x, a.j_y - b.j_y)))


def test_linear_response_is_the_arctan_law_in_every_direction():
    weak = 1e-4 * CELL
    problem = dd.Problem(weak)
    found = solve(problem, rtol=1e-6)
    q_x, q_y = weak.waves
    M = weak.coefficients * dd.exact.plane_response(np.hypot(q_x[:, None], q_y), 1.0)
    M[len(q_x) // 2, len(q_y) // 2] = 0.0
    halves = [n // 2 for n in found.series.coefficients.shape]
    a, b = len(q_x) // 2, len(q_y) // 2
    got = found.series.coefficients[
        halves[0] - a : halves[0] + a + 1, halves[1] - b : halves[1] + b + 1]
    # Third order, (1e-4)² of it, and rounding of ρ over 1e-4: 3e-10 is measured.
    assert np.max(np.abs(got - M)) < 1e-9 * np.max(np.abs(M))


def test_without_the_cure_the_cut_off_shows():
    # What the test above is for: at P = 4 a third of M is missing before the cure.
    weak = 1e-3 * dd.Cell.wave(1.0, (1, 0), (3.0, 3.0))
    basis = PlaneWaves(weak.lengths, (0.25, 0.25), 4.0)
    _, j_y = sea(weak, 1.0, 0.0, 0.0, basis)
    a, b = basis.spans
    q = 2 * np.pi / 3
    missing = 1j * j_y[a + 1, b] / q / (5e-4 * dd.exact.plane_response(q, 1.0)) - 1
    assert -0.6 < missing.real < -0.2
    cured, _, _ = excess(Momentum(weak, 1.0, 0.0, 0.0, 4.0, (0.25, 0.25)))
    assert abs(cured[a + 1, b]) < 1e-4 * 5e-4  # third order only


def test_a_striped_packet_has_the_known_currents():
    L = 8.0
    packet = dd.Cell.from_function(
        lambda x, y: 0.8 * sum(np.exp(-((x - L / 2 + i * L) ** 2) / 1.28) for i in (-1, 0, 1))
        * np.cos(np.pi * y / 2), (L, 4.0), (48, 8))
    found = solve(dd.Problem(packet), [L / 2, L / 2 + 1], [0.0, 1.0], rtol=1e-3)
    # Two other sketches, which agree to 2e-6; images at this distance leave 5e-6.
    assert found.j_x[0, 1] == pytest.approx(-0.078923, abs=found.error[0, 1] + 1e-5)
    assert found.j_y[1, 0] == pytest.approx(0.0346495, abs=found.error[1, 0] + 1e-5)
    assert np.max(found.error) < 1e-4


def test_a_dot_is_that_of_the_circular_engine():
    L = 9.0
    dot = dd.Cell.from_function(
        lambda x, y: -0.5 * sum(np.exp(-((x - L / 2 + i * L) ** 2 + (y - L / 2 + j * L) ** 2) / 2)
                                for i in (-1, 0, 1) for j in (-1, 0, 1)), (L, L), (48, 48))
    r = np.array([0.5, 1.0, 2.0])
    found = solve(dd.Problem(dot), L / 2 + r, [L / 2], rtol=3e-3)
    circle = dd.current_density(dd.Problem(dd.GaussianDot(-0.5, np.sqrt(2))), r, rtol=1e-6)
    # 3e-7: the images of a dot in the gap are not felt at this distance.
    assert np.all(np.abs(found.j_y[:, 0] - circle.j_phi) < found.error[:, 0] + 1e-6)
    assert np.max(np.abs(found.j_x)) < 1e-6


@pytest.mark.parametrize(("fermi_energy", "temperature"), [(0.0, 0.0), (0.9, 0.2)])
def test_a_wave_is_that_of_the_periodic_engine(fermi_energy, temperature):
    wave, x = dd.Cell.wave(0.7, (1, 0), (3.0, 2.0)), np.linspace(0, 3, 13)
    problem = dd.Problem(wave, 1.0, fermi_energy, temperature)
    found = solve(problem, x, [0.0, 0.3], rtol=1e-4 if temperature == 0.0 else 1e-3)
    line = dd.current_density(
        replace(problem, potential=dd.CosinePotential(0.7, 2 * np.pi / 3)), x, rtol=1e-7)
    assert np.all(np.abs(found.j_y - line.j_y[:, None]) < found.error)
    assert np.max(np.abs(found.j_x)) < 1e-13  # no wave along y: rounding
    assert found.converged


def test_a_wave_at_an_angle_is_that_wave_turned():
    wave = dd.Cell.wave(0.5, (1, 2), (3.0, 4.0))
    q = 2 * np.pi * np.array([1 / 3, 2 / 4])
    found = solve(dd.Problem(wave), [0.4, 1.0], [0.2, 0.9], rtol=1e-3)
    s = (found.x[:, None] * q[0] + found.y * q[1]).ravel() / np.hypot(*q)
    order = np.argsort(s)
    line = dd.current_density(
        dd.Problem(dd.CosinePotential(0.5, float(np.hypot(*q)))), s[order], rtol=1e-6).j_y
    along = (-q[1] * found.j_x + q[0] * found.j_y).ravel()[order] / np.hypot(*q)
    assert np.max(np.abs(along - line)) < np.max(found.error)
    assert np.max(np.abs(q[0] * found.j_x + q[1] * found.j_y)) < 1e-13


def test_signs_conjugation_and_translation():
    problem = dd.Problem(CELL, 1.0, 0.4, 0.1)
    found = solve(problem)
    flipped = solve(replace(problem, mass=-1.0))
    scale = problem.current_scale
    # The same matrices but for signs: rounding of ρ.
    assert np.max(np.abs(found.j_x + flipped.j_x)) < 1e-9 * scale
    opposite = solve(replace(problem, potential=-CELL, fermi_energy=-0.4))
    assert difference(found, replace(opposite, j_x=-opposite.j_x, j_y=-opposite.j_y)) < 1e-9 * scale
    moved = solve(replace(problem, potential=CELL.translated(0.5, -0.7)), X + 0.5, Y - 0.7)
    assert difference(found, moved) < 1e-9 * scale
    shifted = solve(replace(problem, potential=CELL + 0.3, fermi_energy=0.7))
    assert difference(found, shifted) < 1e-9 * scale


def test_the_current_is_a_curl_and_the_cut_off_leaves_no_divergence():
    found = solve(dd.Problem(CELL, 1.0, 0.4, 0.1))
    h, x, y = 1e-4, X[:, None], Y
    M = found.series.magnetisation
    assert np.max(np.abs((M(x, y + h) - M(x, y - h)) / (2 * h) - found.j_x)) < 1e-7
    assert np.max(np.abs((M(x - h, y) - M(x + h, y)) / (2 * h) - found.j_y)) < 1e-7
    # What the truncated waves leave of ∇·j is small, and not part of what is returned.
    assert 0 < found.details["divergence"] < 1e-2 * found.problem.current_scale


@pytest.mark.parametrize("seed", range(3))
def test_the_error_that_is_claimed_covers_a_better_answer(seed):
    rng = np.random.default_rng(seed)
    cell = dd.disorder(rng.uniform(0.3, 1.0), rng.uniform(0.6, 1.0), rng.uniform(2.5, 3.5, 2), seed)
    problem = dd.Problem(cell, rng.choice([-1.0, 1.0]), rng.uniform(-1, 1), 0.2)
    first, better = solve(problem, rtol=2e-2), solve(problem, rtol=1e-3)
    assert first.converged
    assert better.converged
    distance = np.maximum(np.abs(first.j_x - better.j_x), np.abs(first.j_y - better.j_y))
    assert np.all(distance < first.error + better.error)
    assert np.all(np.abs(first.M - better.M) < first.M_error + better.M_error)


def test_filled_half_and_whole_spectrum_agree():
    basis = PlaneWaves(CELL.lengths, (0.25, 0.4), 5.0)
    H = hamiltonian(CELL, 1.0, basis)
    assert np.array_equal(H, H.conj().T)
    energies, states = np.linalg.eigh(H)
    n = len(basis.indices)
    filled = states[:, energies < 0.2]
    mixed = basis.by_difference(filled[:n] @ filled[n:].conj().T)
    area = CELL.lengths[0] * CELL.lengths[1]
    j_x, _ = sea(CELL, 1.0, 0.2, 0.0, basis)
    assert np.max(np.abs(j_x - (mixed + np.conj(mixed[::-1, ::-1])) / area)) < 1e-13


def test_an_executor_gives_the_same_to_the_last_bit():
    problem = dd.Problem(CELL, 1.0, 0.4, 0.1)
    with ThreadPoolExecutor(2) as pool:
        assert difference(solve(problem), solve(problem, executor=pool)) == 0.0


def test_a_run_that_is_stopped_says_so(monkeypatch):
    problem, told = dd.Problem(CELL / 4), []
    with pytest.warns(dd.AccuracyWarning, match="stopped after"):
        found = solve(problem, within=1e-9)
    assert np.all(np.isinf(found.error))
    assert not found.converged
    solve(problem, progress=told.append)
    assert told[-1].work == len(told)
    assert told[-1].goal == 1e-2
    small = replace(MAP_SETTINGS, order=300)
    with pytest.warns(dd.AccuracyWarning, match="largest matrices"):
        found = solve(problem, rtol=1e-6, settings=small)
    assert np.all(np.isfinite(found.error))
    # After Ctrl-C the best answer so far; before there is one, the interrupt itself.
    real, calls = cells.excess, []

    def interrupted(task):
        calls.append(task)
        if len(calls) > told[-1].work - 1:
            raise KeyboardInterrupt
        return real(task)

    monkeypatch.setattr(cells, "excess", interrupted)
    with pytest.warns(dd.AccuracyWarning, match="interrupted"):
        solve(problem)
    with pytest.raises(KeyboardInterrupt):
        solve(problem)


def test_what_is_too_much_is_refused_before_the_work():
    large = dd.disorder(1.0, 2.0, (90.0, 90.0), 1)
    with pytest.raises(ValueError, match=r"matrices of order \d+, .* GB and .* min"):
        solve(dd.Problem(large))


def test_no_mass_and_no_potential_carry_nothing():
    for problem in (dd.Problem(CELL, 0.0), dd.Problem(dd.Cell([[0.3]], (1.0, 1.0)))):
        assert not np.any(solve(problem).j_x)


def test_momenta_reach_to_weak_waves_that_are_far_beyond_all_others():
    """No change of P would show that their response is not that of a gapped sea."""
    x = 5.0 * np.arange(64) / 64
    smooth = np.add.outer(np.cos(2 * np.pi * x / 5), np.cos(2 * np.pi * x / 5))
    weak = 0.03 * np.cos(2 * np.pi * 20 * x / 5)[:, None]
    few, all_ = (first_cutoff(dd.Problem(dd.Cell(U, (5.0, 5.0)))) for U in (smooth, smooth + weak))
    assert few < 2 * np.pi * 20 / 5 / 1.25**2 <= all_
