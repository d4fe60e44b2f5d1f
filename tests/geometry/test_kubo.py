"""Finite wavevector: closed forms, vertices, a lattice in a real potential, metals."""

import numpy as np
import pytest

from dirac1d import Problem, TanhStep
from dirac1d import geometry as geo
from dirac1d.exact.total_current import total_current


@pytest.mark.parametrize("q", [0.05, 1.0, 20.0])
@pytest.mark.parametrize("omega", [0.0, 1.3, 2j])
def test_dirac_insulator_at_all_q_and_omega(q, omega):
    """sigma depends on Q^2 = q^2 - omega^2 alone: -(1/4 pi)(2 mass/Q) arctan(Q/2|mass|)."""
    mass = -0.8
    Q = np.sqrt(q**2 - complex(omega) ** 2 + 0j)
    expected = -(2 * mass / Q * np.arctan(Q / 2 / abs(mass))).real / (4 * np.pi)
    kubo = geo.kubo_hall_conductivity(geo.massive_dirac(mass), q, omega)
    assert kubo.value == pytest.approx(expected, rel=1e-12)  # measured 1.5e-15
    if omega == 0:
        assert geo.dirac_hall_conductivity(q, mass) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("fermi_energy", "ratio"),
                         [(0.4, 0.5), (1.2, 1.01), (-2.0, 0.99), (-2.0, 3.0)])
def test_dirac_metal_in_the_static_limit(fermi_energy, ratio):
    """Nothing below 2 k_F, the square-root onset above."""
    q = ratio * 2 * np.sqrt(max(fermi_energy**2 - 1, 0.1))
    kubo = geo.kubo_hall_conductivity(geo.massive_dirac(1.0), q, vertex="peierls",
                                      fermi_energy=fermi_energy)
    expected = geo.dirac_hall_conductivity(q, 1.0, fermi_energy)
    assert kubo.value == pytest.approx(expected, abs=1e-11)  # measured 1.6e-12
    assert abs(kubo.value - expected) <= kubo.error
    if abs(fermi_energy) > 1 and ratio < 1:
        assert expected == 0


def test_direct_sum_over_a_grid_confirms_a_lattice_metal():
    """All four band pairs summed with step functions on a plain grid (first order in its step)."""
    model, q, E_F, N = geo.haldane(0.7, 0.3, 0.2), 1.0, 0.8, 400
    from dirac1d.geometry.vertices import bond_vertices

    b = 2 * np.pi * np.linalg.inv(model.lattice)
    u = (np.arange(N) + 0.5) / N
    total = 0.0
    for row in np.split(u, 5):
        kx, ky = np.tensordot(b, np.stack(np.meshgrid(u, row)), 1)
        H = [model.jet(kx + side * q / 2, ky, 0)[0] for side in (-1, 1)]
        length = [np.sqrt((h[1:] ** 2).sum(0)) for h in H]
        X = (np.cross(H[0][1:], H[1][1:], axis=0) / (length[0] * length[1])
             * bond_vertices(model, kx, ky, q)[1, 1:]).sum(0)
        for s in (-1, 1):
            for t in (-1, 1):
                low, high = H[0][0] + s * length[0], H[1][0] + t * length[1]
                df = (low < E_F) * 1.0 - (high < E_F)
                total += (s * t * X * np.where(df != 0, df / np.where(df != 0, high - low, 1), 0)
                          ).sum()
    grid = total / (2 * q) / N**2 / abs(np.linalg.det(model.lattice))
    kubo = geo.kubo_hall_conductivity(model, q, vertex="peierls", fermi_energy=E_F)
    assert kubo.value == pytest.approx(grid, abs=1e-3)  # measured 2.7e-4 here, 7e-7 at N = 3000


@pytest.mark.parametrize("model", [
    geo.haldane(0.7, 0.3, 0.2), geo.haldane(0.7, 0.3, 0.2, embedding="cell"),
    geo.qi_wu_zhang(-1.2), geo.qi_wu_zhang(-1.2, d0_odd=(0.2, 0.5), diagonal=0.3),
], ids=lambda m: f"{m.name} {m.embedding[:4]}")
def test_difference_of_the_vertices(model):
    direction = (1.0, 0.4)
    midpoint, peierls = (geo.kubo_hall_conductivity_q2(model, direction, vertex=v)
                         for v in ("midpoint", "peierls"))
    difference = geo.vertex_difference_q2(model, direction)
    assert peierls - midpoint == pytest.approx(float(difference), rel=1e-9)  # measured 5e-11
    assert abs(difference) > 0.05 * abs(midpoint)


@pytest.mark.parametrize("base", [geo.qi_wu_zhang(-1.2, diagonal=0.3), geo.haldane(0.7, 0.3, 0.2),
                                  geo.warped_dirac(1.0, warp=0.2)], ids=lambda m: m.name)
def test_flat_bands_answer_a_real_potential_with_five_thirds(base):
    """Found here: in the flat limit the bond vertex adds 2/3 of the g.Omega term of Eq. (2)."""
    flat = geo.flattened(base, 1.0, half_gap=1.3)
    term = geo.hall_conductivity_q2(flat, (1, 0.3)).metric_curvature
    # measured 7e-15
    assert geo.vertex_difference_q2(flat, (1, 0.3)) == pytest.approx(2 / 3 * term, rel=1e-10)


def test_vertices_agree_for_dirac():
    model = geo.massive_dirac(1.0)
    a, b = (geo.kubo_hall_conductivity(model, 1.7, vertex=v) for v in ("midpoint", "peierls"))
    assert a.value == pytest.approx(b.value, rel=1e-14)
    assert abs(geo.vertex_difference_q2(model)) < 1e-18


def test_bonds_of_a_flattened_model_obey_the_ward_identity():
    from dirac1d.geometry.vertices import bond_vertices

    model = geo.flattened(geo.haldane(0.4), 0.7, 2.0)
    kx, ky = np.random.default_rng(3).normal(size=(2, 50))
    q = 1.3
    difference = (model.jet(kx + q / 2, ky, 0) - model.jet(kx - q / 2, ky, 0))[0] / q
    np.testing.assert_allclose(bond_vertices(model, kx, ky, q)[0], difference, atol=1e-12)


@pytest.mark.parametrize(("harmonic", "sites"), [(1, 30), (4, 30), (10, 30)])
def test_lattice_in_a_static_potential_has_the_peierls_vertex(harmonic, sites):
    model = geo.qi_wu_zhang(-1.2, (0.3, 0.2), (0.2, 0.5), diagonal=0.6)
    q = 2 * np.pi * harmonic / sites
    measured = geo.lattice_hall_conductivity(model, harmonic, sites)
    peierls = geo.kubo_hall_conductivity(model, q, vertex="peierls")
    midpoint = geo.kubo_hall_conductivity(model, q, vertex="midpoint")
    assert measured == pytest.approx(peierls.value, rel=1e-9)  # measured 1.7e-11
    assert abs(measured / midpoint.value - 1) > 1e-3


def test_orientation_agrees_with_the_current_along_a_step():
    """J_y of the step problem is sigma_AH(q=0) (U_R - U_L): one sign for j_y and sigma_AH."""
    for mass in (0.9, -0.9):
        J_y = total_current(Problem(TanhStep(-0.05, 0.15, 1.0), mass=mass))
        assert J_y == pytest.approx(0.2 * float(geo.dirac_hall_conductivity(0.0, mass)), rel=1e-13)
        assert J_y == pytest.approx(
            0.2 * geo.kubo_hall_conductivity(geo.massive_dirac(mass), 0.0).value, rel=1e-12)
