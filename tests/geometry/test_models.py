"""Derivatives of the Hamiltonian, by hand and numerical; frames; users' mistakes."""

import numpy as np
import pytest

from dirac1d import geometry as geo
from dirac1d.geometry import jets
from dirac1d.geometry.models import TwoBandModel


def bare(model, **keywords):
    """The same callables without their analytic derivatives."""
    return TwoBandModel("bare", model.d0, model.d, model.lattice, **keywords)


def qwz_callables():
    return (lambda kx, ky: 0.3 * np.cos(kx) + 0.1 * np.sin(ky),
            lambda kx, ky: np.stack([np.sin(kx), np.sin(ky), -1.2 + np.cos(kx) + np.cos(ky)]))


def test_analytic_derivatives_are_those_of_the_callables(model, momenta):
    numerical = bare(model, derivatives="differences", scale=0.15 * model.scale)
    # measured: 2e-7 (truncation) for the flattened model's third derivatives, 1e-9 elsewhere
    np.testing.assert_allclose(model.jet(*momenta, 3), numerical.jet(*momenta, 3), atol=1e-6)


@pytest.mark.parametrize(("derivatives", "tolerance"), [("cauchy", 1e-13), ("differences", 1e-8)])
def test_numerical_derivatives_of_a_users_model(derivatives, tolerance, momenta):
    # measured: 2e-15 and 2.2e-9 in third order
    model = TwoBandModel("user", *qwz_callables(), np.eye(2), derivatives=derivatives)
    exact = geo.qi_wu_zhang(-1.2, d0_even=(0.3, 0.0), d0_odd=(0.0, 0.1))
    np.testing.assert_allclose(model.jet(*momenta, 3), exact.jet(*momenta, 3), atol=tolerance)


def test_users_model_gives_the_same_hall_coefficient():
    model = TwoBandModel("user", *qwz_callables(), np.eye(2))
    exact = geo.qi_wu_zhang(-1.2, d0_even=(0.3, 0.0), d0_odd=(0.0, 0.1))
    # measured 2e-15
    assert float(geo.hall_conductivity_q2(model)) == pytest.approx(
        float(geo.hall_conductivity_q2(exact)), rel=1e-12)


def test_jets_compose_like_functions():
    x, y = 0.3, 0.7
    a = np.zeros((10, 1))
    a[0], a[1], a[2] = 1 + x + 2 * y, 1, 2  # 1 + kx + 2 ky at (x, y)
    root = jets.power(a, 0.5)
    np.testing.assert_allclose(jets.multiply(root, root), a, atol=1e-15)
    third = 3 / 8 * (1 + x + 2 * y) ** -2.5
    assert jets.partial(root, 1, 2)[0] == pytest.approx(4 * third, rel=1e-14)
    assert jets.partial(jets.differentiate(root, 1), 1, 1)[0] == pytest.approx(4 * third, rel=1e-14)


def test_a_turned_frame_turns_vectors_only(model, momenta):
    angle = 0.6
    turned = geo.rotated(model, angle)
    c, s = np.cos(angle), np.sin(angle)
    kx, ky = c * momenta[0] + s * momenta[1], -s * momenta[0] + c * momenta[1]
    np.testing.assert_allclose(geo.energies(turned, kx, ky), geo.energies(model, *momenta),
                               atol=1e-13)
    np.testing.assert_allclose(geo.berry_curvature(turned, kx, ky),
                               geo.berry_curvature(model, *momenta), atol=1e-12)
    rotation = np.array([[c, s], [-s, c]])
    T = np.einsum("ai,bj,cl,ijl...->abc...", rotation, rotation, rotation,
                  geo.symplectic_tensor(model, *momenta))
    np.testing.assert_allclose(geo.symplectic_tensor(turned, kx, ky), T, atol=1e-12)


def test_flattening_keeps_the_states_and_narrows_the_bands(momenta):
    model = geo.haldane(0.4, 0.1, 0.2)
    flat = geo.flattened(model, 1.0, half_gap=1.5)
    np.testing.assert_allclose(geo.projectors(flat, *momenta), geo.projectors(model, *momenta),
                               atol=1e-14)
    np.testing.assert_allclose(geo.energies(flat, *momenta)[1], 1.5, rtol=1e-14)
    np.testing.assert_allclose(geo.velocities(flat, *momenta), 0.0, atol=1e-13)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: geo.massive_dirac(0.0), "mass = 0.0"),
    (lambda: geo.warped_dirac(1.0, tilt=(0.8, 0.8)), "tilt"),
    (lambda: geo.haldane(embedding="wannier"), "embedding = 'wannier'"),
    (lambda: geo.flattened(geo.haldane(), 1.5, 1.0), "flatness = 1.5"),
    (lambda: geo.flattened(geo.haldane(), 0.5, -1.0), "half_gap must be positive"),
    (lambda: TwoBandModel("x", *qwz_callables(), np.zeros((2, 2))), "lattice"),
    (lambda: TwoBandModel("x", *qwz_callables(), scale=0.0), "scale must be positive"),
    (lambda: TwoBandModel("x", *qwz_callables(), derivatives="exact"), "derivatives = 'exact'"),
    (lambda: TwoBandModel("x", qwz_callables()[0],
                          lambda kx, ky: np.stack([np.abs(kx), ky, 1 + 0 * kx])), "not analytic"),
    (lambda: geo.chern_number(geo.massive_dirac(1.0)), "needs a lattice"),
    (lambda: geo.chern_number(geo.qi_wu_zhang(-2.0)), "touch"),
    (lambda: geo.hall_conductivity_q2(geo.haldane(), (0.0, 0.0)), "direction"),
    (lambda: geo.kubo_hall_conductivity(geo.haldane(), 0.1, vertex="bond"), "vertex = 'bond'"),
    (lambda: geo.kubo_hall_conductivity(geo.haldane(), 0.1, 1 + 1j), "omega"),
    (lambda: geo.kubo_hall_conductivity(geo.massive_dirac(1.0), 0.0, 3.0), "threshold"),
    (lambda: geo.kubo_hall_conductivity(geo.massive_dirac(1.0), 0.1, fermi_energy=2.0), "vertex"),
    (lambda: geo.kubo_hall_conductivity(geo.massive_dirac(1.0), 0.0, vertex="peierls",
                                        fermi_energy=2.0), "q = 0"),
    (lambda: geo.dirac_hall_conductivity(1.0, np.nan), "mass"),
    (lambda: geo.packet_functionals(geo.haldane(), (0, 0), 0.0), "width must be positive"),
    (lambda: geo.FieldGradients(first=[[0, 1], [0, 0]]), "symmetric"),
    (lambda: geo.ValenceBandLattice(geo.haldane(), 16, 0.0), "square"),
    (lambda: geo.lattice_hall_conductivity(geo.haldane(), 1, 8), "Z\\^2"),
])
def test_mistakes_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
