"""Masses that vary in x: domain walls, edges and ribbons, by closed forms and the other engine."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

import dirac1d as dd
from dirac1d.states import current_density, eigenstates, uniform_chain
from dirac1d.states.masses import logarithms
from dirac1d.states.momenta import signed_crossings

WALLS = {
    "tanh": dd.TanhStep(-1, 1, 2.0), "sharp": dd.SharpStep(-1, 1), "skew": dd.TanhStep(-1, 2, 1.0),
    "falling": dd.ErfStep(1.0, -0.8, 1.5),
    "double": dd.TanhStep(-1, 1, 1.0, -2.0) + dd.GaussianBump(-1.5, 1.0, 2.0),
}
STEP = dd.TanhStep(-0.3, 0.2, 1.0)
UNIT = 1 / (2 * np.pi)


def ribbon(inside, signs=(-1, 1), half=3.0):
    left, right = signs
    return inside + dd.HardWall(-half, left, "left") + dd.HardWall(half, right, "right")


@pytest.mark.parametrize(("wall", "potential"), [
    ("tanh", STEP), ("sharp", 0.0), ("falling", STEP), ("double", 0.0)])
def test_walls_carry_the_total_of_the_closed_form(wall, potential):
    problem = dd.Problem(potential, WALLS[wall], fermi_energy=0.3)
    found = current_density(problem, [-14.0, 0.1, 14.0], rtol=1e-3)
    assert found.converged
    total = found.integral()
    # Beyond |x| = 14 e^{-2κ·14}, κ ≥ 0.6: nothing that shows. 1e-8 to 1e-5 j₀ are measured.
    assert abs(total - dd.total_current(problem)) <= total.error + 1e-7 * UNIT
    assert total.error < 1e-3 * UNIT


def test_the_wall_state_of_jackiw_and_rebbi_is_exact_on_the_chain():
    """E = U + p_y for a rising mass, - for a falling one, with the walls out of sight."""
    for mass, sign in ((WALLS["tanh"], 1), (-1.0 * WALLS["skew"], -1)):
        problem = dd.Problem(dd.SharpStep(0.2, 0.2), mass)
        for p in (-0.5, 0.3):
            states = eigenstates(problem, p, (0.2 - 0.9, 0.2 + 0.9), spacing=0.3)
            assert len(states.energies) == 1
            # e^{-2·15} of a wall at the end of the box.
            assert states.energies[0] == pytest.approx(0.2 + sign * p, abs=1e-9)


def test_a_half_plane_has_the_edge_state_s_current():
    """In no potential all of j_y is that of E = p_y: (s/2π) 2Δ e^{-2Δx}, at T = 0."""
    s, x = 0.3, np.array([0.0, 0.01, 0.1, 0.5, 1.0, 2.0])
    for sign, part in ((-1, 1.0), (1, 0.0)):
        problem = dd.Problem(0.0, 1.0 + dd.HardWall(2.0, sign, "left"), fermi_energy=s)
        found = current_density(problem, np.concatenate(([0.0, 1.9], 2.0 + x)))
        exact = np.concatenate(([0.0, 0.0], part * 2 * s * UNIT * np.exp(-2 * x)))
        assert found.converged
        assert np.all(np.abs(found.j_y - exact) <= found.error)


def test_levels_of_a_ribbon_converge_as_the_square_of_the_spacing():
    """u = 0 at one edge and v = 0 at the other: Δ sin kW + k cos kW = 0, E² = k² + Δ² + p²."""
    width, mass, p = 3.5, 0.7, 0.6
    problem = dd.Problem(0.0, mass + dd.HardWall(-1.3, 1, "left") + dd.HardWall(2.2, 1, "right"))

    def matching(k):
        return mass * np.sin(k * width) + k * np.cos(k * width)

    k = [brentq(matching, (n - 0.5) * np.pi / width, n * np.pi / width) for n in (1, 2)]
    exact = np.sqrt(np.square(k) + mass**2 + p**2)
    errors = []
    for spacing in (0.1, 0.05):
        chain = uniform_chain(problem, spacing)
        assert (chain.x[0], chain.x[-1]) == pytest.approx((-1.3 + spacing / 2, 2.2))
        energies = eigenstates(problem, p, (0.0, 2.0), spacing).energies
        errors.append(energies - exact)
    # Richardson: a² and then a⁴, 3e-6 are measured.
    assert np.max(np.abs(errors[1])) > 1e-5
    assert np.max(np.abs(4 * errors[1] - errors[0])) < 2e-5


def test_a_massless_ribbon_carries_one_uniform_chiral_state():
    s, problem = 0.4, dd.Problem(0.0, ribbon(0.0), fermi_energy=0.4)
    found = current_density(problem, np.linspace(-3, 3, 7))
    assert np.all(np.abs(found.j_y - s * UNIT / 6) <= found.error)
    assert np.max(found.error) < 1e-4 * problem.current_scale


def test_a_ribbon_between_equal_walls_carries_no_current_in_all():
    for s in (0.3, 1.5):
        problem = dd.Problem(0.0, ribbon(1.0, (-1, -1)), fermi_energy=s)
        found = current_density(problem, np.linspace(-3, 3, 7), rtol=1e-3)
        assert found.converged
        assert abs(found.integral()) <= found.integral().error
        assert np.max(np.abs(found.j_y)) > 0.1 * problem.current_scale
        assert found.j_y == pytest.approx(-found.j_y[::-1], abs=2 * np.max(found.error))


def test_a_hard_wall_is_the_limit_of_a_high_mass():
    x = np.array([0.5, 1.0, 2.0])
    edge = dd.Problem(STEP, 1.0 + dd.HardWall(-1.5, -1, "left"), 0.2)
    hard = current_density(edge, x, rtol=3e-3).j_y
    apart = []
    for high in (3.0, 6.0):
        soft = dd.Problem(STEP, dd.SharpStep(-high, 1.0, -1.5), 0.2)
        apart.append(np.max(np.abs(current_density(soft, x, rtol=3e-3).j_y - hard)))
    # First order in 1/M: 0.6 and 0.5 are expected.
    assert apart[1] < 0.65 * apart[0]
    assert apart[1] < 0.05 * np.max(np.abs(hard))


def test_a_slope_at_a_hard_wall_makes_a_logarithm():
    """j_y → s_w (U′/8π) ln x, whatever the mass: told in sign at the wall itself."""
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), 0.5 + dd.HardWall(-0.5, -1, "left"), 0.3)
    slope = float(problem.potential.derivative(-0.5))
    assert logarithms(problem) == ((-0.5, pytest.approx(-slope / 2, rel=1e-6)),)
    found = current_density(problem, -0.5 + np.array([0.0, 0.002, 0.004, 0.008]), rtol=1e-3)
    assert found.j_y[0] == np.inf
    # x ln x is next: 2, 3 and 6 % are measured.
    assert np.diff(found.j_y[1:]) / np.log(2) == pytest.approx(-slope / (8 * np.pi), rel=0.1)


def test_a_wall_is_seen_past_a_short_sighted_lead():
    """Points far from a wall to a lead of large mass: as where the wall is among them."""
    problem = dd.Problem(STEP, dd.SharpStep(-4.0, 1.0, -1.5), 0.2)
    apart, among = (current_density(problem, x, rtol=3e-3)
                    for x in ([0.5, 1.0, 2.0], [-1.6, 0.5, 1.0, 2.0]))
    # With the sight of the left lead the wall was left out: 0.0019 apart, claimed 1e-5.
    assert np.all(np.abs(apart.j_y - among.j_y[1:]) <= apart.error + among.error[1:])
    assert np.max(among.error + np.max(apart.error)) < 5e-4


@pytest.mark.parametrize("problem", [
    dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), WALLS["skew"], 1.2),
    dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), WALLS["sharp"], 0.2, 0.1),
    dd.Problem(0.0, dd.TanhStep(0, 1, 1.0), 0.4),
    dd.Problem(dd.TanhStep(-1.8, 1.8, 1.5), WALLS["tanh"], 0.1, 0.2),
], ids=["half-metal", "warm, sharp", "gapless lead", "two metals"])
def test_both_engines_agree_within_their_errors(problem):
    x = np.linspace(-2.7, 3.3, 5)
    states = dd.current_density(problem, x, "states", rtol=1e-2)
    green = dd.current_density(problem, x, "green", rtol=1e-4)
    assert states.converged
    assert np.all(np.abs(states.j_y - green.j_y) <= states.error + green.error)
    assert np.max(np.abs(green.j_y)) > 0.05 * problem.current_scale


def test_the_sign_of_the_mass_turns_the_current_round():
    x = np.array([-1.0, 0.0, 0.7])
    one, other = (current_density(dd.Problem(STEP, m * WALLS["skew"], 0.2), x, rtol=1e-3)
                  for m in (1.0, -1.0))
    assert np.all(np.abs(one.j_y + other.j_y) <= one.error + other.error)


def test_a_wall_in_other_units_and_elsewhere_is_the_same_wall():
    x, unit, shift = np.array([-1.0, 0.0, 2.0]), 8.0, 100.0
    here = dd.Problem(STEP, ribbon(1.0, (-1, 1)), 0.25, 0.1)
    there = dd.Problem(
        dd.TanhStep(-0.3 * unit, 0.2 * unit, 1 / unit, shift),
        unit + dd.HardWall(shift - 3 / unit, -1, "left")
        + dd.HardWall(shift + 3 / unit, 1, "right"),
        0.25 * unit, 0.1 * unit,
    )
    one = current_density(here, x, rtol=1e-3)
    other = current_density(there, shift + x / unit, rtol=1e-3)
    # The same sites but for rounding of the positions about 100.
    assert other.j_y / unit**2 == pytest.approx(one.j_y, abs=1e-8)


def test_slices_by_eigsh_give_the_same_current():
    problem = dd.Problem(STEP, WALLS["skew"], 0.3)
    one, other = (current_density(problem, [-1.0, 2.0], rtol=1e-1, solver=s)
                  for s in ("tridiagonal", "sparse"))
    assert other.j_y == pytest.approx(one.j_y, abs=1e-6)


def test_crossings_are_found_at_either_sign_of_the_momentum():
    """An edge state crosses at p_y = ε_F only; a ribbon's subbands at both signs."""
    edge = uniform_chain(dd.Problem(0.0, WALLS["tanh"]), 0.3)
    assert signed_crossings(edge, 0.3, (0.0, 2.0), 100) == pytest.approx([0.3], abs=1e-9)
    both = uniform_chain(dd.Problem(0.0, ribbon(1.0, (1, 1))), 0.2)
    found = signed_crossings(both, 1.5, (0.0, 2.0), 100)
    assert len(found) % 2 == 0
    assert found[::2] == pytest.approx(found[1::2], abs=1e-9)
    assert signed_crossings(both, 1.5, (0.0, 2.0), 1) == []


def test_a_weighted_density_is_refused_where_the_mass_varies():
    problem = dd.Problem(0.0, WALLS["tanh"])
    with pytest.raises(ValueError, match="weighted must be False where the mass varies"):
        dd.window_density(problem, [0.0], (-1.0, 1.0), 0.3, weighted=True)
    # The one state in the gap: |ψ|² = sech²(x/w)^Δw / ∫, Δ = w/2 … for Δw = 2: (3/8) sech⁴(x/2).
    x = np.array([-1.0, 0.0, 2.0])
    found = dd.window_density(problem, x, (0.0, 0.6), 0.3, spacing=0.1)
    # O(a²): 7e-4 measured; half of it, the mean over ±p_y.
    assert found == pytest.approx(0.5 * 0.375 / np.cosh(x / 2) ** 4, abs=2e-3)
