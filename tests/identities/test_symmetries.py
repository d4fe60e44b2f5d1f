"""Exact symmetries of j_y(x), for every engine. Signs are derived, not read off the code.

σ_x H(p_y, Δ) σ_x = H(-p_y, -Δ) at the same U, and σ_x σ_y σ_x = -σ_y: j[-Δ] = -j[Δ].
Parity ψ(x) → σ_zψ(-x) takes H(p_y; U(x)) to H(-p_y; U(-x)), and σ_zσ_yσ_z = -σ_y:
    j[U(-x)](x) = -j[U](-x).
ψ → ψ* takes E to -E, U to -U and Δ to -Δ, and σ_y to -σ_y. States below ε_F become those above
-ε_F, and all states together carry nothing: j[-U, -Δ, -ε_F] = +j[U, Δ, ε_F]; with the first line
    j[-U, Δ, -ε_F] = -j[U, Δ, ε_F].
All of it at any temperature: n_F(ε_F + s) = 1 - n_F(ε_F - s).
"""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd

X = np.array([-1.7, -0.4, 0.3, 1.1])

SHAPE = dd.TanhStep(-0.6, 0.4, 0.9) + dd.GaussianBump(0.25, 0.8, 0.7)
MIRRORED = dd.TanhStep(0.4, -0.6, 0.9) + dd.GaussianBump(0.25, 0.8, -0.7)
NEGATED = dd.TanhStep(0.6, -0.4, 0.9) + dd.GaussianBump(-0.25, 0.8, 0.7)
SHIFTED = dd.TanhStep(2.4, 3.4, 0.9) + dd.GaussianBump(0.25, 0.8, 0.7)

#: (ε_F, T): in the gap, and half-metallic at a temperature that either engine takes quickly.
CASES = {"gap": (0.15, 0.0), "half-metal": (0.9, 0.2)}
#: Rounding beside the error estimates, over j₀: what a run at rtol = 1e-8 leaves.
ROUNDING = 1e-9


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def state(request):
    return request.param


def same(one, other, expected, scale):
    """|one - expected| within the sum of both errors: for engines both estimates must hold."""
    allowed = one.error + other.error + ROUNDING * scale
    assert np.all(np.abs(one.j_y - expected) <= allowed), (one.j_y, expected, allowed)


def test_opposite_mass_flips_the_current(engine, solve, state):
    plus, minus = (solve(dd.Problem(SHAPE, m, *state), X, engine) for m in (1.0, -1.0))
    same(minus, plus, -plus.j_y, plus.problem.current_scale)


def test_mirrored_potential_flips_and_mirrors_the_current(engine, solve, state):
    plain = solve(dd.Problem(SHAPE, 1.0, *state), X, engine)
    mirrored = solve(dd.Problem(MIRRORED, 1.0, *state), -X[::-1], engine)
    expected = -plain.j_y[::-1]
    allowed = mirrored.error + plain.error[::-1] + ROUNDING * plain.problem.current_scale
    assert np.all(np.abs(mirrored.j_y - expected) <= allowed)


def test_charge_conjugation(engine, solve, state):
    fermi_energy, T = state
    plain = solve(dd.Problem(SHAPE, 1.0, fermi_energy, T), X, engine)
    conjugate = solve(dd.Problem(NEGATED, 1.0, -fermi_energy, T), X, engine)
    same(conjugate, plain, -plain.j_y, plain.problem.current_scale)
    # Together with Δ → -Δ the current is unchanged.
    both = solve(dd.Problem(NEGATED, -1.0, -fermi_energy, T), X, engine)
    same(both, plain, plain.j_y, plain.problem.current_scale)


def test_a_shift_of_all_energies_changes_nothing(engine, solve, state):
    fermi_energy, T = state
    plain = solve(dd.Problem(SHAPE, 1.0, fermi_energy, T), X, engine)
    shifted = solve(dd.Problem(SHIFTED, 1.0, fermi_energy + 3.0, T), X, engine)
    same(shifted, plain, plain.j_y, plain.problem.current_scale)


def test_a_shift_of_the_step_shifts_the_current(engine, solve):
    step = dd.TanhStep(-0.5, 0.5, 1.0)
    far = dd.TanhStep(-0.5, 0.5, 1.0, position=37.3)
    plain, shifted = solve(dd.Problem(step), X, engine), solve(dd.Problem(far), X + 37.3, engine)
    same(shifted, plain, plain.j_y, plain.problem.current_scale)


@pytest.mark.parametrize("s", [0.02, 50.0])
def test_energies_times_s_and_lengths_over_s_give_s_squared(engine, solve, state, s):
    """j_y/e has the dimension energy²/(ħ²v_F): a current e·v_F per area."""
    fermi_energy, T = state
    scaled_shape = dd.TanhStep(-0.6 * s, 0.4 * s, 0.9 / s) + dd.GaussianBump(
        0.25 * s, 0.8 / s, 0.7 / s
    )
    plain = solve(dd.Problem(SHAPE, 1.0, fermi_energy, T), X, engine)
    scaled = solve(dd.Problem(scaled_shape, s, fermi_energy * s, T * s), X / s, engine)
    allowed = scaled.error / s**2 + plain.error + ROUNDING * plain.problem.current_scale
    assert np.all(np.abs(scaled.j_y / s**2 - plain.j_y) <= allowed)


def test_odd_step_in_mid_gap_has_an_even_current(engine, solve):
    """Mirror and conjugation together: for U(-x) = -U(x) and ε_F = 0, j_y(-x) = j_y(x)."""
    x = np.array([-1.5, -0.5, 0.5, 1.5])
    profile = solve(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), x, engine)
    allowed = 2 * profile.error + ROUNDING * profile.problem.current_scale
    assert np.all(np.abs(profile.j_y - profile.j_y[::-1]) <= allowed)


def test_even_bump_in_mid_gap_carries_an_odd_current(engine, solve):
    """Mirror alone: for U(-x) = U(x), j_y(-x) = -j_y(x); no total current."""
    x = np.array([-1.5, -0.5, 0.0, 0.5, 1.5])
    profile = solve(dd.Problem(dd.GaussianBump(0.6, 1.0), 1.0, 0.2), x, engine, 1e-4)
    allowed = 2 * profile.error + ROUNDING * profile.problem.current_scale
    assert np.all(np.abs(profile.j_y + profile.j_y[::-1]) <= allowed)
    assert profile.j_y[1] < -100 * profile.error[1]


def test_weak_steps_add_up_to_third_order_in_the_gap(engine, solve):
    """j[a+b] = j[a] + j[b] but for terms of third order: second order is odd under conjugation,
    j[-U](ε_F = 0) = -j[U], so the remainder falls by 8 with the amplitude.
    """
    first, second = dd.TanhStep(-0.5, 0.5, 1.0), dd.ErfStep(0.6, -0.2, 0.5, 0.8)

    def remainder(s):
        weak = [
            dd.TanhStep(s * first.left, s * first.right, 1.0),
            dd.ErfStep(s * second.left, s * second.right, 0.5, 0.8),
        ]
        # ε_F in the middle of the leads' gap for each: shifts alone are of second order too.
        both, *single = (
            solve(dd.Problem(U), X, engine) for U in (weak[0] + weak[1], *weak)
        )
        rest = both.j_y - sum(p.j_y for p in single)
        return rest, both.error + sum(p.error for p in single)

    (large, error), (small, small_error) = remainder(0.4), remainder(0.2)
    slack = error + 8 * small_error
    # The next order, s² of the third: 4 % of it measured.
    assert np.all(np.abs(large - 8 * small) <= slack + 0.15 * np.max(np.abs(large)))
    if engine == "green":
        assert np.max(np.abs(large)) > 1e3 * np.max(error), "nothing nonlinear was resolved"
