"""The Riccati march against mpmath, at single energies and masses, and its bounds."""

import numpy as np
import pytest
from reference_rows import potential, rows

import dirac1d as dd
from dirac1d.green.settings import Limits
from dirac1d.green.sources.step.leads import decay_rate, fixed_point
from dirac1d.green.sources.step.mesh import build_mesh
from dirac1d.green.sources.step.riccati import solve

LONGEST_PANEL = 0.25


def mesh_for(U, x, nodes=15):
    problem = dd.Problem(U)
    near = dict.fromkeys(dict(problem.jumps), 1e-3)
    return build_mesh(
        U, near, (x - 1e-3, x), nodes=nodes, support_tolerance=1e-14, slope_tolerance=1e-12,
        kinks=[], length=0.5, limits=Limits(),
    )


def traces(U, E, M, x):
    mesh = mesh_for(U, x)
    # Waves at real energies need panels of their length.
    mesh = mesh.split(np.ceil(mesh.widths / LONGEST_PANEL).astype(int))
    solution = solve(mesh, np.atleast_1d(E), np.atleast_1d(M + 0j), 1e-13)
    last = mesh.visible.stop - 1
    assert mesh.edges[last + 1] == x
    seen = slice(last, last + 1)
    return solution.sigma_y(seen)[-1, 0], solution.density(seen)[-1, 0]


class TestLeads:
    rng = np.random.default_rng(5)
    E = rng.normal(size=400) * 10 ** rng.uniform(-2, 3, 400) + 1j * 10 ** rng.uniform(-6, 3, 400)
    M = 10 ** rng.uniform(-2, 3, 400)

    def test_fixed_point_of_the_riccati_equation(self):
        kappa = decay_rate(self.E, self.M)
        s = fixed_point(self.E, self.M, kappa)
        rest = self.M - 2 * self.E * s + self.M * s**2
        np.testing.assert_allclose(rest / (self.M + np.abs(self.E)), 0.0, atol=1e-15)
        assert np.all(kappa.real >= 0)
        assert np.all(np.abs(s) <= 1 + 1e-15)

    def test_real_energies_are_the_limit_from_above(self):
        E, M = np.array([2.0, -2.0, 0.5]), np.ones(3)
        above = decay_rate(E + 1e-14j, M)
        np.testing.assert_allclose(decay_rate(E + 0j, M), above, atol=1e-12)


@pytest.mark.parametrize("row", rows("solvable_green.txt")[::3], ids=" ".join)
def test_traces_against_the_table(row):
    shape, size, left, right, *numbers = row
    re_E, im_E, M, x, re_sy, im_sy, re_1, im_1, _ = map(float, numbers)
    sigma_y, one = traces(potential(shape, size, left, right), re_E + 1j * im_E, M, x)
    scale = abs(complex(re_1, im_1))
    assert abs(sigma_y - complex(re_sy, im_sy)) < 1e-11 * scale
    assert abs(one - complex(re_1, im_1)) < 1e-11 * scale


def test_reflection_variables_stay_within_the_unit_circle():
    rng = np.random.default_rng(11)
    U = dd.TanhStep(-2.0, 1.5, 0.4) + dd.GaussianBump(1.0, 0.6, 0.3)
    mesh = build_mesh(
        U, {}, (-3.0, 3.0), nodes=13, support_tolerance=1e-12, slope_tolerance=1e-8,
        kinks=[], length=0.5, limits=Limits(),
    )
    E = rng.normal(size=100) * 3 + 1j * 10 ** rng.uniform(-3, 4, 100)
    M = 10 ** rng.uniform(-1, 4, 100) + 0j
    solution = solve(mesh, E, M, 1e-10)
    assert not np.any(solution.unconverged)
    for side in (solution.curved.left, solution.curved.right):
        assert np.max(np.abs(solution.curved.base + side)) <= 1 + 1e-9


def test_stiff_energies_need_no_small_panels():
    """At |E| = 1e6 the trace is the gradient limit U'M/2κ³, on panels of width ~1."""
    U, M, E = dd.TanhStep(-0.5, 0.5, 1.0), 3e5, 1e6j
    sigma_y, _ = traces(U, E, M, 0.25)
    slope = 0.5 / np.cosh(0.25) ** 2
    kappa = np.sqrt(M**2 - (E - U(0.25)) ** 2)
    expected = -slope * M / (2 * kappa**3)
    assert abs(abs(sigma_y) / abs(expected) - 1) < 1e-5
