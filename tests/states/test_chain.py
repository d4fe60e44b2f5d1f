"""The lattice: real, symmetric, tridiagonal, with the winding of the continuum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import issparse

import dirac1d as dd
from dirac1d.dirac import CYCLIC_ROTATION, bloch_hamiltonian

#: Winding is an angle summed from 2,000 steps of rounding 1e-16.
WINDING_ROUNDING = 1e-12


def winding_angle(first, second):
    """Angle by which (first, second) turns over a closed or open path of k, by small steps."""
    return float(np.ptp(np.unwrap(np.arctan2(second, first))[[0, -1]]))


@pytest.mark.parametrize("p_y", [0.0, 0.7, -0.7, 300.0])
def test_hamiltonian_is_real_and_symmetric_to_the_last_bit(small_problem, p_y, lattice):
    H = dd.hamiltonian(small_problem, p_y, **lattice)
    assert issparse(H)
    assert H.dtype == np.float64
    assert (H != H.T).nnz == 0


def test_hamiltonian_of_the_default_lattice_is_symmetric_too(small_problem):
    H = dd.hamiltonian(small_problem, 0.3)
    assert (H != H.T).nnz == 0
    assert H.shape[0] == len(dd.uniform_chain(small_problem))


@pytest.mark.parametrize("p_y", [0.0, 0.45, -2.0])
def test_rice_mele_form(small_problem, p_y, lattice):
    """On-site U ± p_y on A and B; hoppings Δ/2 - 1/a from A to B, Δ/2 + 1/a from B to A."""
    H = dd.hamiltonian(small_problem, p_y, **lattice).toarray()
    chain = dd.uniform_chain(small_problem, **lattice)
    assert np.count_nonzero(np.triu(H, 2)) == 0
    on_A = chain.sublattice > 0
    U = small_problem.potential(chain.x)
    np.testing.assert_array_equal(np.diag(H), U + np.where(on_A, p_y, -p_y))
    half, kinetic = small_problem.mass / 2, 1 / lattice["spacing"]
    np.testing.assert_allclose(
        np.diag(H, 1), np.where(on_A[:-1], half - kinetic, half + kinetic), rtol=1e-12
    )
    np.testing.assert_allclose(np.diff(chain.x), lattice["spacing"] / 2, rtol=1e-12)


def test_chain_is_the_rotated_dirac_hamiltonian_at_small_momentum():
    """W H W† = σ_y p_x + σ_z p_y + σ_x Δ + U: the chain's Bloch matrix to O(a²)."""
    a, p_y, mass, U, p_x = 0.01, 0.3, -0.8, 0.2, 0.5
    chain = dd.uniform_chain(dd.Problem(dd.TanhStep(U, U, 1.0), mass), a, (-0.1, 0.1))
    H = chain.matrix(p_y).toarray()
    first = 2 if chain.sublattice[2] > 0 else 3
    # Bloch waves e^{ikx} on the real positions: ⟨A|H|B⟩ = t₁ e^{ika/2} + t₂ e^{-ika/2}.
    t1, t2 = H[first, first + 1], H[first, first - 1]
    off = t1 * np.exp(0.5j * p_x * a) + t2 * np.exp(-0.5j * p_x * a)
    bloch = np.array([[H[first, first], off], [np.conj(off), H[first + 1, first + 1]]])
    W = CYCLIC_ROTATION
    expected = W @ bloch_hamiltonian(p_x, p_y, mass, U) @ W.conj().T
    # sin(p_x a/2)·2/a and cos(p_x a/2)·Δ: relative error (p_x a)²/8 = 3e-6.
    np.testing.assert_allclose(bloch, expected, atol=4e-6)


@pytest.mark.parametrize("mass", [1.0, -1.0, 0.03, -40.0])
@pytest.mark.parametrize("spacing", [1e-3, 0.02, 0.1, 0.4, 1.0, 1.9])
def test_bulk_winding_is_pi_for_every_spacing(mass, spacing):
    problem = dd.Problem(dd.SharpStep(-0.5, 0.5), mass)
    # A chain of ten spacings: the bulk of either lead.
    chain = dd.uniform_chain(problem, spacing, (-5.2 * spacing, 5.2 * spacing))
    for link in (0, 1, len(chain) - 3):
        assert dd.bulk_winding(chain, link) == pytest.approx(
            np.pi * np.sign(mass), abs=WINDING_ROUNDING
        )


@pytest.mark.parametrize("mass", [1.0, -0.4])
def test_bulk_winding_is_pi_on_graded_meshes_too(mass):
    from dirac1d.states.mesh import build_mesh, plan_lead

    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), mass, fermi_energy=1.0)
    leads = tuple(plan_lead(problem, (U, mass), 1e-3) for U in (problem.U_L, problem.U_R))
    chain = build_mesh(problem, (-3.0, 3.0), 0.3, leads, {}).chain(problem, 1)
    for link in (0, len(chain) // 2, len(chain) - 3):
        assert dd.bulk_winding(chain, link) == pytest.approx(
            np.pi * np.sign(mass), abs=WINDING_ROUNDING
        )


@pytest.mark.parametrize("spacing", [0.02, 0.1, 0.4, 1.0])
def test_bulk_winding_of_a_doubled_lattice_is_zero(spacing):
    """Contrast: central difference on one grid, (mass, velocity) = (Δ, sin(ka)/a): 0."""
    k = np.linspace(-np.pi, np.pi, 4001) / spacing
    angle = winding_angle(np.ones_like(k), np.sin(k * spacing) / spacing)
    assert angle == pytest.approx(0.0, abs=WINDING_ROUNDING)


@pytest.mark.parametrize("spacing", [0.02, 0.1, 0.4])
@pytest.mark.parametrize(("sign", "winding"), [(-1.0, 2 * np.pi), (1.0, 0.0)])
def test_bulk_winding_of_a_wilson_lattice_is_zero_or_two_pi(spacing, sign, winding):
    """Contrast: the Wilson term (2/a) sin²(ka/2) makes the doubler heavy, of mass Δ + 2/a.

    If that sign differs from Δ's the angle turns fully round, else not at all; never by π.
    """
    k = np.linspace(-np.pi, np.pi, 40001) / spacing
    mass = sign + (2 / spacing) * np.sin(k * spacing / 2) ** 2
    angle = winding_angle(mass, np.sin(k * spacing) / spacing)
    assert angle == pytest.approx(winding, abs=WINDING_ROUNDING)


def test_breakpoints_of_U_fall_on_sites():
    for U, points in (
        (dd.SharpStep(-1.5, 1.5, 0.237), [0.237]),
        (dd.LinearRamp(-1.5, 1.5, 2.0, 0.1), [-0.9, 1.1]),
    ):
        # 2.0 is a multiple of 0.1: both kinks are sites once one is.
        chain = dd.uniform_chain(dd.Problem(U), 0.1, (-5.0, 5.0))
        for point in points:
            assert np.min(np.abs(chain.x - point)) < 1e-12


@pytest.mark.parametrize("mass", [1.0, -1.0])
def test_walls_bind_no_state_in_the_gap(mass):
    flat = dd.Problem(dd.TanhStep(0.0, 0.0, 1.0), mass)
    for p_y in (0.0, 0.4, -0.4):
        energies = np.linalg.eigvalsh(dd.hamiltonian(flat, p_y, 0.2, (-10, 10)).toarray())
        assert np.min(np.abs(energies)) >= np.hypot(p_y, mass) * (1 - 1e-3)


@pytest.mark.parametrize("mass", [1.0, -1.0])
def test_a_wall_at_the_wrong_end_binds_a_state(mass):
    """Contrast: with one site more the chain has a weak bond at its end, and a level at ±p_y."""
    flat = dd.Problem(dd.TanhStep(0.0, 0.0, 1.0), -mass)
    good = dd.uniform_chain(flat, 0.2, (-10, 10))
    # The chain that suits -Δ holds a wall state for +Δ.
    wrong = dd.Chain(good.x, good.U, mass, first=good.first)
    energies = np.linalg.eigvalsh(wrong.matrix(0.4).toarray())
    assert np.min(np.abs(np.abs(energies) - 0.4)) < 1e-6


def test_bound_levels_depend_on_p_y_through_M_only():
    """SR Eq. (6): ±p_y share their spectrum. On the chain to O(a²), and for bound states only:
    a wall is not invariant under the rotation of Eq. (6), and levels of the box feel it.
    """
    # No mirror symmetry (it would make the two exactly equal), and levels below both leads.
    well = dd.Problem(dd.GaussianBump(-1.6, 2.0) + dd.TanhStep(0.0, 0.4, 0.6, -0.7))
    gaps = []
    for spacing in (0.2, 0.1):
        plus, minus = (
            dd.eigenstates(well, p, (0.0, 0.9), spacing, (-16.0, 16.0)).energies
            for p in (0.7, -0.7)
        )
        assert len(plus) == len(minus) >= 1
        gaps.append(np.max(np.abs(plus - minus)))
    # Second order: 4 between the two spacings, less what fourth order takes (3.98 measured).
    assert gaps[0] > 1e-7
    assert gaps[0] / gaps[1] == pytest.approx(4.0, rel=0.05)


@pytest.mark.parametrize("p_y", [0.3, 5.0])
@pytest.mark.parametrize("spacing", [0.1, 0.5])
def test_the_bulk_gap_is_M_for_every_spacing(p_y, spacing):
    """E² = p_y² + Δ² cos²(ka/2) + (2/a)² sin²(ka/2) is smallest at k = 0, where it is M²."""
    flat = dd.Problem(dd.TanhStep(0.0, 0.0, 1.0))
    M = np.hypot(p_y, 1.0)
    states = dd.eigenstates(flat, p_y, (-1.001 * M, 1.001 * M), spacing, (-60.0, 60.0))
    # A box of length 120 lifts the lowest level by (π/120)²/2M = 3.4e-4/M.
    lowest = np.min(np.abs(states.energies))
    assert M * (1 - 1e-12) < lowest < M + 4e-4 / M


def test_default_lattice_resolves_and_encloses_the_step():
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 0.3, 2.0), mass=0.5)
    chain = dd.uniform_chain(problem)
    assert chain.background <= 0.03 + 1e-12
    assert chain.x[0] < 2.0 - 25
    assert chain.x[-1] > 2.0 + 25


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"p_y": np.nan}, "p_y"),
        ({"p_y": np.inf}, "p_y"),
        ({"p_y": "fast"}, "p_y"),
        ({"p_y": 0.0, "spacing": 0.0}, "spacing must be positive"),
        ({"p_y": 0.0, "spacing": -0.1}, "spacing must be positive"),
        ({"p_y": 0.0, "spacing": np.nan}, "spacing"),
        ({"p_y": 0.0, "box": (5.0, -5.0)}, "box must be longer"),
        ({"p_y": 0.0, "box": (0.0, 0.1), "spacing": 0.1}, "box must be longer"),
        ({"p_y": 0.0, "box": (0.0, np.inf)}, r"box\[1\]"),
        ({"p_y": 0.0, "box": (np.nan, 0.0)}, r"box\[0\]"),
    ],
)
def test_bad_input_is_named(arguments, culprit, gap_problem):
    with pytest.raises(ValueError, match=culprit):
        dd.hamiltonian(gap_problem, **arguments)


def test_a_huge_default_lattice_is_refused_with_advice():
    with pytest.raises(ValueError, match="spacing= and box="):
        dd.hamiltonian(dd.Problem(dd.TanhStep(-0.5, 0.5, 1e-5)), 0.0)


def test_massless_chain_is_allowed():
    H = dd.hamiltonian(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), mass=0.0), 0.2, 0.5)
    assert (H != H.T).nnz == 0
