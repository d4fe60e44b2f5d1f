"""Formulas of dirac1d/green/README.md that no other test takes apart."""

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.contour.chart import Surroundings
from dirac1d.green.contour.gap import GAP, Gap
from dirac1d.green.contour.matsubara import BOW, COLUMN, FAN
from dirac1d.green.contour.momentum import FREQUENCY, Momentum
from dirac1d.green.contour.offset import (
    BENT,
    FIRST,
    LINE_BEYOND,
    LINE_COLUMN,
    OFFSET,
    SECOND,
    UPPER,
    Offset,
)
from dirac1d.green.contour.ray import LINE, RAY, Ray
from dirac1d.green.contour.rows import ABOVE, EDGE
from dirac1d.green.settings import Settings
from dirac1d.green.sources.step.riccati import solve
from dirac1d.green.sources.step.start import step_mesh

AROUND = Surroundings(mass=1.0, fermi_energy=0.3, temperature=0.05, edge=2.5)
TURN = np.exp(-0.5j)
PATHS = {
    "gap": Gap(AROUND, 1.3), "ray": Ray(AROUND, 1.3, TURN, 0.2),
    "offset": Offset(AROUND, 1.3, TURN, 0.8), "momentum": Momentum(AROUND, 1.3, 0.7),
}
STEP = 1e-5


def differences(chart, path, u, v):
    """∂(ω, p)/∂(u, v) by central differences."""
    (wu, pu), (wv, pv) = (
        tuple(
            (chart.map(path, u + a, v + b)[k] - chart.map(path, u - a, v - b)[k]) / (2 * STEP)
            for k in (0, 1)
        )
        for a, b in ((STEP, 0.0), (0.0, STEP))
    )
    return wu, pu, wv, pv


@pytest.mark.parametrize(("chart", "path"), [
    (GAP, "gap"), (RAY, "ray"), (OFFSET, "offset"), (BENT, "offset"), (FIRST, "offset"),
    (SECOND, "offset"), (UPPER, "offset"), (FAN, "offset"), (EDGE, "offset"), (ABOVE, "offset"),
], ids=lambda value: getattr(value, "name", value))
def test_jacobians_of_areas(chart, path):
    u, v = np.meshgrid([0.2, 0.5, 0.8], [0.15, 0.6, 0.9])
    wu, pu, wv, pv = differences(chart, PATHS[path], u, v)
    jacobian = chart.map(PATHS[path], u, v)[2]
    determinant = wu * pv - wv * pu
    np.testing.assert_allclose(np.abs(determinant), np.abs(jacobian), rtol=1e-7)
    # Up to the orientation, which is such that du dv > 0 covers dω dp along the path.
    assert np.allclose(determinant, jacobian) or np.allclose(determinant, -jacobian)


@pytest.mark.parametrize(("chart", "path"), [
    (LINE, "ray"), (LINE_BEYOND, "offset"), (LINE_COLUMN, "offset"), (BOW, "offset"),
    (COLUMN, "offset"),
], ids=lambda value: getattr(value, "name", value))
def test_jacobians_of_momenta_alone(chart, path):
    u, v = np.array([[0.4]]), np.array([[0.15, 0.6, 0.9]])
    pv = differences(chart, PATHS[path], u, v)[3]
    jacobian = chart.map(PATHS[path], u, v)[2]
    assert np.allclose(pv, jacobian, rtol=1e-7) or np.allclose(pv, -jacobian, rtol=1e-7)


def test_jacobian_of_frequencies_alone():
    u, v = np.array([[0.2], [0.6]]), np.array([[0.5]])
    wu = differences(FREQUENCY, PATHS["momentum"], u, v)[0]
    np.testing.assert_allclose(wu, FREQUENCY.map(PATHS["momentum"], u, v)[2], rtol=1e-7)


def test_paths_start_at_zero_and_turn_where_they_say():
    ray, offset = PATHS["ray"], PATHS["offset"]
    zero = np.array([[0.5]])
    assert RAY.map(ray, zero, 0 * zero)[1] == 0
    assert OFFSET.map(offset, zero, 0 * zero)[1] == offset.pivot
    assert np.angle(RAY.map(ray, zero, zero)[1]) == pytest.approx(-0.5)
    for chart in (FIRST, SECOND, UPPER):  # the strip ends at the pivot, and covers 0 < p < p₁
        p = chart.map(offset, np.linspace(0.1, 1, 7)[:, None], np.linspace(0, 1, 7))[1]
        assert np.all((p.real >= -1e-12) & (p.real <= offset.pivot) & (p.imag == 0))


def test_local_value_of_a_large_energy_gives_the_smooth_limit():
    """(1/π²) ∫∫ -U′Δ/2κ³ = -U′/4π in the middle of the gap."""
    node, weight = np.polynomial.legendre.leggauss(60)
    theta, jacobian = np.pi / 4 * (1 + node), np.pi / 4 * weight
    R = np.tan(theta)
    radial = np.sum(jacobian / np.cos(theta) ** 2 * R / (2 * (1 + R**2) ** 1.5))
    assert radial * (np.pi / 2) / np.pi**2 == pytest.approx(1 / (4 * np.pi), rel=1e-12)


@pytest.mark.parametrize(("E", "M"), [(0.3 + 0.7j, 1.4), (2.2 + 0.1j, 1.1), (-1.5 + 2j, 3.0)])
def test_sigma_y_is_the_derivative_of_the_density_at_every_energy(E, M):
    """tr σ_yG = -∂ₓ tr G/2M (SR Eq. 8), and hence the integrals beyond the strip."""
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))
    mesh = step_mesh(problem, np.array([-3.0, 3.0]), Settings.of(1e-10))
    solution = solve(mesh, np.array([E]), np.array([M + 0j]), 1e-13)
    seen = mesh.visible
    density, current = (
        getattr(solution, name)(seen)[:, :, 0].T for name in ("density", "sigma_y")
    )
    x = mesh.x[seen]
    for row in range(0, len(x), 4):
        fit = np.polynomial.Legendre.fit(x[row], density[row], len(x[row]) - 1)
        np.testing.assert_allclose(current[row], -fit.deriv()(x[row]) / (2 * M), atol=1e-8)
    across = (density[0, 0] - density[-1, -1]) / (2 * M)
    left, right = solution.integral_beyond(seen)[:, 0]
    leads = [-(E - U) / np.sqrt(M**2 - (E - U) ** 2 + 0j) for U in (-0.5, 0.5)]
    assert left + across + right == pytest.approx((leads[0] - leads[1]) / (2 * M), abs=1e-9)


def test_a_deep_narrow_well_binds_a_state_that_falls_with_p():
    """At E = M cos θ, θ = ∫(E - U)dx: below the middle of the gap for θ > π/2."""
    levels, a, strength = [], 0.01, 2.2
    for M in (1.0, 1.5):
        # r = g/f is k tan(ka/2)/(e + M) at the end of a well of width a, and κ/(E + M) in its tail.
        E = np.linspace(-0.99 * M, 0.99 * M, 4001)
        e, tail = E + strength / a, np.sqrt((M - E) / (M + E))
        k = np.sqrt(e**2 - M**2)
        levels.append(E[np.argmin(np.abs(k / (e + M) * np.tan(k * a / 2) - tail))])
    np.testing.assert_allclose(levels, np.cos(strength) * np.array([1.0, 1.5]), atol=0.03)
    assert levels[1] < levels[0]


@pytest.mark.parametrize("shift", [0.02, 0.3])
def test_two_identities_of_states_at_complex_masses(shift):
    """M″⟨σ⟩ = ω and M′ = ⟨σ(ε - U)⟩, on a well from -1 to 1 with M moved off the real axis."""
    depth = 1.8

    def bound(E, M):
        e = E + depth
        k, kappa = np.sqrt(e * e - M * M + 0j), np.sqrt(M * M - E * E + 0j)
        return k * np.sin(k) * (E + M) - kappa * (e + M) * np.cos(k)

    M, E = 1.5 + 1j * shift, 0.3 + 0.0j
    for _ in range(60):
        slope = (bound(E + 1e-6, M) - bound(E - 1e-6, M)) / 2e-6
        E -= bound(E, M) / slope
    assert abs(bound(E, M)) < 1e-10
    x, weight = np.polynomial.legendre.leggauss(40)
    e = E + depth
    k, kappa = np.sqrt(e * e - M * M + 0j), np.sqrt(M * M - E * E + 0j)
    f, g = np.cos(k * x), k / (e + M) * np.sin(k * x)
    outside = 1 / kappa.real  # both sides of ∫ e^{-2 Re κ d}
    f_end, g_end = (np.abs(q) ** 2 * outside for q in (np.cos(k), k / (e + M) * np.sin(k)))
    inside = weight @ np.stack((np.abs(f) ** 2, np.abs(g) ** 2), axis=1)
    norm = inside.sum() + f_end + g_end
    sigma_in, sigma_out = (inside[0] - inside[1]) / norm, (f_end - g_end) / norm
    assert M.imag * (sigma_in + sigma_out) == pytest.approx(E.imag, abs=1e-9)
    local = (E.real + depth) * sigma_in + E.real * sigma_out
    assert local == pytest.approx(M.real, abs=1e-9)
