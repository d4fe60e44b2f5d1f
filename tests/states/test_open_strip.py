"""Maps of strips by a chain with exact leads: linear response, Eq. (12), other engines, claims."""

from __future__ import annotations

import types
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.states import open_strip, strip_map
from dirac1d.states.maps import current_map
from dirac1d.states.matsubara import frequencies
from dirac1d.states.open_strip import OpenStrip
from dirac1d.states.scheme import extrapolate
from dirac1d.states.strip_map import STRIP_SETTINGS, check_strip
from dirac1d.states.work import Work

X, Y = np.array([-1.5, -0.4, 0.3, 1.2]), np.array([0.0, 0.5, 1.1])


def rough(x, y):
    return 0.5 * np.tanh(x) + 0.3 * np.exp(-(x**2)) * np.cos(np.pi * y + x)


def packet(x, y):
    return 0.8 * np.exp(-(x**2) / 1.28) * np.cos(np.pi * y / 2)


ROUGH = dd.Strip(rough, 2.0, -0.5, 0.5)
PACKET = dd.Strip(packet, 4.0)


def system(problem, x=X, y=Y, rtol=1e-2):
    return OpenStrip(problem, x, y, rtol, Work(settings=STRIP_SETTINGS))


def current(of, level=2, order=12, size=0):
    (j_x, j_y, M), _ = of.query.parts(of.current(0, level, order, size))
    return j_x, j_y, M


def difference(a, b):
    return float(np.max(np.hypot(a.j_x - b.j_x, a.j_y - b.j_y)))


@pytest.mark.parametrize("temperature", [0.0, 0.003, 0.1, 2.0])
@pytest.mark.parametrize("order", [6, 14])
def test_a_sum_over_energies_knows_every_level(temperature, order):
    omega, weight = frequencies(temperature, 0.3, 40.0, order)
    for E in (0.3, 1.0, 7.0, 40.0):
        exact = (np.tanh(E / (2 * temperature)) if temperature else 1.0) / (4 * E)
        assert np.sum(weight / (omega**2 + E**2)) == pytest.approx(exact, rel=3 * np.exp(-order))


def test_linear_response_is_exact_on_the_coarsest_chain_with_the_smallest_cut_off():
    # What both lose of it, and that is a third, is known in closed form.
    weak, s, q_y = 1e-3, 0.9, 2 * np.pi / 3
    strip = dd.Strip(lambda x, y: weak * np.exp(-(x**2) / (2 * s**2)) * np.cos(q_y * y), 3.0)
    j_x, j_y, M = current(system(dd.Problem(strip), rtol=1e-4), order=18)
    q = np.linspace(-12, 12, 4001)
    U = weak * s * np.sqrt(2 * np.pi) * np.exp(-((q * s) ** 2) / 2)
    part = U * dd.exact.plane_response(np.hypot(q, q_y), 1.0) * (q[1] - q[0]) / (2 * np.pi)
    phase = np.exp(1j * np.multiply.outer(X, q))
    wave = np.cos(q_y * Y)
    # Third order, 1e-6 of it, and e^-18.
    scale = np.max(np.abs(M))
    assert np.max(np.abs((phase @ part).real[:, None] * wave - M)) < 1e-6 * scale
    assert np.max(np.abs((phase @ (-1j * q * part)).real[:, None] * wave - j_y)) < 1e-6 * scale
    expected = (phase @ part).real[:, None] * (-q_y * np.sin(q_y * Y))
    assert np.max(np.abs(expected - j_x)) < 1e-6 * scale


@pytest.mark.parametrize("period", [0.4, 4.0])
def test_linear_response_of_a_warm_metal(period):
    # σ(q) = (2Δ/q) arctan(√(q² - 4k_F²)/2E_F), 0 below 2k_F, over the energies that T smears.
    mu, T, q_y = 1.2, 0.1, 2 * np.pi / period
    strip = dd.Strip(lambda x, y: 1e-3 * np.exp(-(x**2)) * np.cos(q_y * y), period)
    problem = dd.Problem(strip, 1.0, mu, T)
    E = np.linspace(mu - 3, mu + 3, 2401)
    smeared = (E[1] - E[0]) / (4 * T * np.cosh((E - mu) / (2 * T)) ** 2)
    q = np.linspace(-12, 12, 601)
    size = np.hypot(q, q_y)[:, None]
    root = np.sqrt(np.maximum(size**2 - 4 * np.maximum(E**2 - 1, 0), 0))
    response = np.arctan(root / (2 * np.maximum(np.abs(E), 1))) @ smeared / (2 * np.pi * size[:, 0])
    part = response * 1e-3 * np.sqrt(np.pi) * np.exp(-(q**2) / 4) * (q[1] - q[0]) / (2 * np.pi)
    y = period * np.array([0.0, 0.2, 0.4])
    M = (np.exp(1j * np.multiply.outer(X, q)) @ part).real[:, None] * np.cos(q_y * y)
    M += open_strip.magnetisation_of_lead(problem, 0.0)
    of = system(problem, y=y, rtol=1e-3)
    levels = (2, 3, 4)
    answer, _ = extrapolate(levels, [of.current(0, level, 12, 2) for level in levels])
    gapped = dd.exact.plane_response(size[:, 0], 1.0)
    assert np.max(np.abs(gapped / response - 1)) > 1e-2
    assert np.max(np.abs(of.query.parts(answer)[0][2] - M)) < 1e-3 * np.ptp(M)


def test_the_first_cut_off_is_beyond_a_weak_wave_of_u():
    def U(x, y):
        return 0.3 * np.exp(-(x**2)) * (np.cos(np.pi * y) + 0.02 * np.cos(5 * np.pi * y))

    of = system(dd.Problem(dd.Strip(U, 2.0), 1.0, 1.2, 0.1))
    assert of.cutoff(0) == pytest.approx(5 * np.pi + 1.5)


def test_without_the_cure_the_cut_off_shows(monkeypatch):
    of = system(dd.Problem(PACKET / 50))
    cured = current(of)[2]
    monkeypatch.setattr(open_strip.Cut, "lost", lambda self, waves, x: 2 * [0.0])
    monkeypatch.setattr(open_strip.Cut, "lost_between_leads", lambda self, waves: 0.0)
    assert 0.2 < np.max(np.abs(current(of)[2] - cured)) / np.max(np.abs(cured)) < 0.6


def test_leads_have_no_end():
    # Twice as long a chain between leads in their bands is the same system, to rounding.
    problem = dd.Problem(ROUGH, 1.0, 1.7, 0.05)
    short, long = (system(problem, np.array([-a, *X[1:3], a])) for a in (20.0, 31.0))
    a, b = current(short, order=8), current(long, order=8)
    assert len(long.chain(2)) > 1.4 * len(short.chain(2))
    for one, other in zip(a, b, strict=True):
        assert np.max(np.abs(one[1:3] - other[1:3])) < 1e-9


def test_a_uniform_metal_has_no_magnetisation_of_its_own():
    # The charge of the sites, which alternates in the sum, is a hundred times what is left.
    strip = dd.Strip(lambda x, y: 1e-4 * np.exp(-(x**2)) * (1 + np.cos(np.pi * y)), 2.0)
    problem = dd.Problem(strip, 1.0, 1.8, 0.1)
    M = current(system(problem))[2] - open_strip.magnetisation_of_lead(problem, 0.0)
    assert np.max(np.abs(M)) < 3e-5


@pytest.mark.parametrize(("energy", "height"), [(-0.9, 0.5), (0.1, 0.5), (0.2, 1.5)])
def test_what_flows_in_all_is_that_of_the_leads(energy, height):
    strip = ROUGH + dd.Strip(lambda x, y: (height - 0.5) * np.tanh(x) + 0 * y, 2.0,
                             0.5 - height, height - 0.5)
    problem = dd.Problem(strip, 1.0, energy, 0.2)
    assert open_strip.magnetisation_of_lead(problem, strip.left) - (
        open_strip.magnetisation_of_lead(problem, strip.right)
    ) == pytest.approx(dd.total_current(problem), abs=1e-15)
    # What the lattice misses of it is even in the spacing.
    levels, of = (2, 3, 4), system(problem, rtol=1e-3)
    missed = [of.current(0, level, 8, 3)[-1:] for level in levels]
    assert 1e-5 < np.abs(missed[0][0]) < 3e-3
    assert np.abs(extrapolate(levels, missed)[0]) < 0.02 * np.abs(missed[0])


def test_a_striped_packet_has_the_known_currents():
    found = current_map(dd.Problem(PACKET), [0.0, 1.0], [0.0, 1.0], rtol=5e-3)
    # Two other sketches, which agree to 2e-6.
    assert found.j_x[0, 1] == pytest.approx(-0.078923, abs=found.error[0, 1] + 2e-6)
    assert found.j_y[1, 0] == pytest.approx(0.0346495, abs=found.error[1, 0] + 2e-6)
    assert np.max(found.error) < 5e-4


def test_a_step_is_that_of_one_dimension():
    strip = dd.Strip(lambda x, y: 0.6 * np.tanh(x) + 0 * y, 2.0, -0.6, 0.6)
    problem = dd.Problem(strip, 1.0, 0.9, 0.1)
    found = current_map(problem, X, [0.0, 0.7], rtol=1e-2)
    line = dd.Problem(dd.TanhStep(-0.6, 0.6, 1.0), 1.0, 0.9, 0.1)
    j = dd.current_density(line, X, rtol=1e-7).j_y
    assert np.all(np.abs(found.j_y - j[:, None]) < found.error)
    assert np.max(np.abs(found.j_x)) < 1e-13
    assert found.converged


@pytest.mark.parametrize("seed", [1, 3])
def test_green_is_within_what_is_claimed(seed):
    rng = np.random.default_rng(seed)
    a, w, phase = rng.uniform(0.2, 0.5), rng.uniform(0.8, 1.3), rng.uniform(0, 6)
    strip = dd.Strip(lambda x, y: 0.4 * np.tanh(x / w) + a * np.exp(-(x**2)) * np.cos(
        2 * np.pi * y / 3 + x + phase), 3.0, -0.4, 0.4)
    problem = dd.Problem(strip, rng.choice([-1.0, 1.0]), rng.uniform(-1.3, 1.3), 0.3)
    found = current_map(problem, X, Y, rtol=2e-2)
    other = dd.current_map(problem, X, Y, rtol=3e-3)
    assert found.converged
    apart = np.maximum(np.abs(found.j_x - other.j_x), np.abs(found.j_y - other.j_y))
    assert np.all(apart < found.error + other.error)
    assert np.all(np.abs(found.M - other.M) < found.M_error + other.M_error)


def test_signs_conjugation_translation_and_units():
    problem = dd.Problem(ROUGH, 1.0, 0.6, 0.2)
    j_x, j_y, M = current(system(problem), order=8)
    # A mirror turns the mass over, and the chain too: it begins with the other kind of sites.
    mirror = dd.Strip(lambda x, y: rough(-x, y), 2.0, 0.5, -0.5)
    turned = current(system(replace(problem, potential=mirror, mass=-1.0), -X[::-1]), order=8)
    assert max(np.max(np.abs(a[::-1] - s * b)) for a, b, s in zip(
        turned, (j_x, j_y, M), (-1, 1, -1), strict=True)) < 1e-9
    opposite = current(system(replace(problem, potential=-ROUGH, fermi_energy=-0.6)), order=8)
    assert np.max(np.abs(opposite[1] + j_y)) < 1e-9
    moved = dd.Strip(lambda x, y: rough(x, y - 0.5), 2.0, -0.5, 0.5)
    after = current(system(replace(problem, potential=moved), y=Y + 0.5), order=8)
    assert max(np.max(np.abs(a - b)) for a, b in zip(after, (j_x, j_y, M), strict=True)) < 1e-9
    finer = dd.Strip(lambda x, y: 2 * rough(2 * x, 2 * y), 1.0, -1.0, 1.0)
    scaled = current(system(dd.Problem(finer, 2.0, 1.2, 0.4), X / 2, Y / 2), order=8)
    assert np.max(np.abs(scaled[0] / 4 - j_x)) < 1e-9
    assert np.max(np.abs(scaled[2] / 2 - M)) < 1e-9


def test_the_current_is_the_curl_of_what_is_returned():
    h = 1e-4
    x, y = np.array([0.3 - h, 0.3, 0.3 + h]), np.array([0.4 - h, 0.4, 0.4 + h])
    j_x, j_y, M = current(system(dd.Problem(ROUGH, 1.0, 0.9, 0.2), x, y), order=6)
    assert (M[1, 2] - M[1, 0]) / (2 * h) == pytest.approx(j_x[1, 1], abs=1e-7)
    assert (M[0, 1] - M[2, 1]) / (2 * h) == pytest.approx(j_y[1, 1], abs=1e-7)


def test_an_executor_and_a_store_give_the_same_to_the_last_bit(tmp_path, monkeypatch):
    monkeypatch.setattr(open_strip, "AT_ONCE", 100_000)
    problem = dd.Problem(ROUGH, 1.0, 0.4, 1.0)

    def solve(**options):
        return current_map(problem, X, Y, rtol=0.1, **options)

    with ThreadPoolExecutor(2) as pool:
        found = solve(executor=pool, store=tmp_path)
    assert difference(found, solve()) == 0.0
    monkeypatch.setattr(open_strip, "summed", None)
    again = solve(store=tmp_path)
    assert difference(found, again) == 0.0
    assert again.details["resolvents"] == 0 < found.details["resolvents"]


def test_a_run_that_is_stopped_says_so(monkeypatch):
    problem, told = dd.Problem(ROUGH, 1.0, 0.4, 0.3), []
    with pytest.warns(dd.AccuracyWarning, match="stopped after"):
        found = current_map(problem, X, Y, within=1e-9)
    assert np.all(np.isinf(found.error))
    # Ctrl-C on a finer chain, when there is an answer though no word on what spacing leaves …
    real, coarse = open_strip.summed, system(problem, rtol=2e-2).chain(2).background

    def interrupted(task):
        if task.chain.background < 0.9 * coarse:
            raise KeyboardInterrupt
        return real(task)

    monkeypatch.setattr(open_strip, "summed", interrupted)
    with pytest.warns(dd.AccuracyWarning, match="interrupted"):
        current_map(problem, X, Y, rtol=2e-2, progress=told.append)
    assert told[-1].goal == 2e-2
    # … and before there is any.
    coarse = np.inf
    with pytest.raises(KeyboardInterrupt):
        current_map(problem, X, Y, rtol=2e-2)


@pytest.mark.parametrize(("problem", "x", "words"), [
    (dd.Problem(ROUGH, 1.0, 1.2), X, "temperature must be positive .* up to 1"),
    (dd.Problem(ROUGH, 1.0, 1.2, 1e-6), X, r"order 5 on .* energies: .* GB and .* min"),
    (dd.Problem(ROUGH, 1.0, 1.2, 0.1), 1e7 * X, "from x = -1.5e"),
])
def test_what_is_too_much_is_refused_before_the_work(problem, x, words, monkeypatch):
    monkeypatch.setattr(strip_map, "converge", None)
    with pytest.raises(ValueError, match=words):
        current_map(problem, x, Y)


def test_a_mass_that_varies_is_refused():
    with pytest.raises(ValueError, match="mass must be a number for a strip and engine 'states'"):
        check_strip(types.SimpleNamespace(mass_profile=ROUGH, mass=ROUGH))


def test_no_mass_and_no_potential_carry_nothing():
    for problem in (dd.Problem(ROUGH, 0.0), dd.Problem(0 * ROUGH + 0.3)):
        assert not np.any(current_map(problem, X, Y).j_x)
