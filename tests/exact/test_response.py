"""Linear response: σ(q), its kernels, and j_y(x) of weak steps against exact references."""

import dataclasses

import mpmath as mp
import numpy as np
import pytest
from scipy.special import j0

import dirac1d as dd
from dirac1d.exact.response import hall_conductivity, linear_response_current, metal_kernel
from dirac1d.exact.solvable_sums import reference_current
from dirac1d.potentials import GaussianBump, LinearRamp, SharpStep, TabulatedPotential, TanhStep
from dirac1d.problem import Problem

# Polar quadrature of the bubble (measured below this) …
KUBO_ERROR = 1e-10
# … and the third order of a weak step, over height/4π: measured 1.5e-7 (metal), 1.6e-8 (gap).
WEAK_ERROR = 5e-7


@pytest.mark.parametrize(("q", "mass"), [(0.7, 1.0), (3.0, 1.0), (1.0, -0.4)])
def test_hall_conductivity_of_the_insulator_is_the_kubo_bubble(q, mass):
    """σ(q) = -∫d²k/(2π)² Δ/(E₊E₋(E₊+E₋)), E± = E(k ± q/2), valence band full (q → 0: ∫Ω_xy)."""
    t, w = np.polynomial.legendre.leggauss(120)
    k, weight = np.tan(np.pi * (t + 1) / 4), w * np.pi / 4
    weight = weight * (1 + k**2) * k
    phi = 2 * np.pi * (np.arange(240) + 0.5) / 240  # periodic and smooth: exponential
    kx, ky = np.outer(k, np.cos(phi)), np.outer(k, np.sin(phi))
    plus = np.sqrt(mass**2 + (kx + q / 2) ** 2 + ky**2)
    minus = np.sqrt(mass**2 + (kx - q / 2) ** 2 + ky**2)
    total = np.sum(weight @ (mass / (plus * minus * (plus + minus)))) * 2 * np.pi / 240
    assert hall_conductivity(q, mass) == pytest.approx(-total / (2 * np.pi) ** 2, rel=KUBO_ERROR)


def test_hall_conductivity_limits():
    assert hall_conductivity(0.0, 2.0) == pytest.approx(-1 / (4 * np.pi), rel=1e-15)
    assert hall_conductivity(0.0, -2.0) == pytest.approx(1 / (4 * np.pi), rel=1e-15)
    # Kozii et al., Eq. (5): σ(q) = -(1/4π)[1 - q²/(12Δ²)].
    q = 1e-2
    assert hall_conductivity(q, 1.0) == pytest.approx(-(1 - q**2 / 12) / (4 * np.pi), rel=1e-9)
    assert np.all(hall_conductivity([0.0, 0.5, 1.99], 1.0, np.sqrt(2.0)) == 0.0)
    assert hall_conductivity(3.0, 1.0, 1.0 + 1e-14) == pytest.approx(
        float(hall_conductivity(3.0, 1.0)), rel=1e-12
    )
    np.testing.assert_array_equal(hall_conductivity([1.0, -1.0], 0.0), 0.0)
    assert hall_conductivity(-3.0, 1.0, 1.2) == hall_conductivity(3.0, 1.0, -1.2)
    with pytest.raises(ValueError, match="mass"):
        hall_conductivity(1.0, np.inf)


@pytest.mark.parametrize(("mass", "fermi_energy"), [(1.0, 1.02), (-0.5, 3.0)])
def test_metal_kernel_against_mpmath(mass, fermi_energy):
    kernel = metal_kernel(mass, fermi_energy)
    with mp.workdps(25):
        E, D = mp.mpf(fermi_energy), mp.mpf(mass)
        k = mp.sqrt(E**2 - D**2)
        for r in (1e-3, 0.3, 1.0, 7.0, 50.0):
            # Another contour than the code's (along the imaginary axis), t = u².
            def integrand(u, r=r):
                q = 2 * k + 1j * u**2
                sigma = 2 * D / q * mp.atan(mp.sqrt(q**2 - 4 * k**2) / (2 * E))
                return 2 * u * sigma * mp.exp(-u * u * r)

            end = mp.sqrt(45 / mp.mpf(r))
            points = [0, *(end * mp.mpf(2) ** -j for j in range(20, -1, -1))]
            exact = mp.re(1j * mp.exp(2j * k * r) * mp.quad(integrand, points)) / mp.pi
            # Measured 2e-14 of |K| and of the envelope Δ r^{-3/2}.
            size = abs(exact) + abs(D) * mp.mpf(r) ** -1.5 * 1e-2
            assert abs(kernel(np.array([r]))[0] - exact) < 1e-12 * size


@pytest.mark.parametrize("mass", [1.0, -0.6])
def test_metal_kernel_transforms_back_to_sigma(mass):
    """∫K(x)cos(qx)dx = -4πσ(q), with a Gaussian window; 0 below 2k_F."""
    E_F = 1.4
    kernel, window = metal_kernel(mass, E_F), 40.0
    u, w = np.polynomial.legendre.leggauss(20)
    edges = np.concatenate(([0.0], 0.4 * 2.0 ** np.arange(-40.0, 0.0), np.arange(0.4, 240.0, 0.4)))
    half = np.diff(edges)[:, None] / 2
    x = (edges[:-1, None] + half + half * u).ravel()
    weight = (half * w).ravel() * kernel(x) * np.exp(-((x / window) ** 2))
    for q in (0.5, 1.2, 4.0, 7.0):
        value = 2 * np.sum(weight * np.cos(q * x))
        # The window convolves σ with width 1/40: q far from the edge 2k_F = 1.96 (2.53).
        assert value == pytest.approx(-4 * np.pi * float(hall_conductivity(q, mass, E_F)), abs=2e-4)


@pytest.mark.parametrize(
    ("step", "x", "mass", "fermi_energy"),
    [
        *((SharpStep(-1, 1), 0.4, *metal) for metal in ((1.0, 0.25), (1.0, 2.0), (-0.5, -0.9))),
        (SharpStep(-1, 1), -2.0, 1.0, 2.0),
        (TanhStep(-1, 1, 1.0), 0.3, 1.0, 2.0),
    ],
)
def test_weak_steps_against_the_exact_sum(step, x, mass, fermi_energy):
    """Odd part in the height: the second order (of a metal) drops out."""
    height = 5e-4
    linear, exact = [], []
    for sign in (1, -1):
        leads = {"left": sign * height * step.left, "right": sign * height * step.right}
        problem = Problem(dataclasses.replace(step, **leads), mass, fermi_energy)
        linear.append(float(linear_response_current(problem, x)))
        exact.append(float(reference_current(problem, x, 10, 2.0).value))
    assert linear[0] == pytest.approx(-linear[1], rel=1e-12)
    # Third order and the sums' 1e-10: see WEAK_ERROR.
    scale = height / (4 * np.pi)
    assert abs((exact[0] - exact[1]) / 2 - linear[0]) < WEAK_ERROR * scale


def test_first_correction_is_cubic_in_the_gap_and_quadratic_in_a_metal():
    for fermi_energy, order, heights in ((0.0, 3, (0.4, 0.2)), (2.0, 2, (0.2, 0.1))):
        error = []
        for height in heights:
            problem = Problem(TanhStep(-height / 2, height / 2, 1.0), 1.0, fermi_energy)
            exact = float(reference_current(problem, 0.3, 6, first_nodes=12).value)
            error.append(exact - float(linear_response_current(problem, 0.3)))
        # Measured 3.008 and 1.971.
        assert np.log2(error[0] / error[1]) == pytest.approx(order, abs=0.06)


def test_jumps_kinks_and_knots():
    """A sum of shapes gives the sum of currents; a table's knots are breakpoints."""
    x = np.linspace(-3.0, 4.0, 11)
    jump, ramp = SharpStep(0.0, 0.02, 0.35), LinearRamp(0.0, -0.03, 1.0, -0.5)
    bump = GaussianBump(0.01, 0.7)
    parts = [linear_response_current(Problem(p), x) for p in (jump, ramp, bump)]
    # Quadrature of each part: measured 4e-19.
    np.testing.assert_allclose(
        linear_response_current(Problem(jump + ramp + bump), x), sum(parts), atol=1e-17, rtol=0
    )
    knots = np.linspace(-8, 8, 161)
    table = TabulatedPotential(knots, 0.02 * np.tanh(knots))
    smooth = linear_response_current(Problem(TanhStep(-0.02, 0.02, 1.0)), x)
    # Monotone cubic spline with knots 0.1 apart: measured 1.9e-7.
    tabulated = linear_response_current(Problem(table), x)
    np.testing.assert_allclose(tabulated, smooth, atol=2e-6, rtol=0)


@pytest.mark.parametrize("x", [0.0, 0.2, 0.75, 2.0])
def test_ramp_in_the_gap_is_two_integrals_of_the_kernel(x):
    """∫E₁ is elementary: ∫₀^z E₁ = z E₁(z) + 1 - e^{-z}; kinks at ±0.75."""
    def integral(distance):
        z = 2 * mp.mpf(abs(distance))
        value = (z * mp.e1(z) + 1 - mp.exp(-z)) / 2 if z else mp.mpf(0)
        return value * mp.sign(distance)

    exact = -(0.02 / 1.5) / (4 * mp.pi) * (integral(0.75 - x) + integral(0.75 + x))
    value = linear_response_current(Problem(LinearRamp(-0.01, 0.01, 1.5)), x)
    assert value == pytest.approx(float(exact), rel=1e-13)


def test_logarithm_at_a_sharp_step():
    """j_y → -(hΔ/4π) ln(1/|x|): the slope in ln|x|, and infinity at the jump itself."""
    for fermi_energy in (0.0, 1.8):
        problem = Problem(SharpStep(-0.01, 0.01), 1.0, fermi_energy)
        j = linear_response_current(problem, np.array([1e-8, 1e-9, -1e-9, 0.0]))
        # Next term is linear in |x|.
        assert (j[1] - j[0]) / np.log(10) == pytest.approx(-0.02 / (4 * np.pi), rel=1e-6)
        assert j[1] == j[2]
        assert j[3] == -np.inf


def test_uniform_field_limit_and_total():
    """A wide step carries -U'/4π, and its integral is the closed form."""
    problem = Problem(TanhStep(-0.2, 0.2, 30.0))
    x = np.linspace(-40, 40, 5)
    # First correction: U'''/(24·4πΔ²) measured 2.4e-4.
    np.testing.assert_allclose(
        linear_response_current(problem, x),
        -problem.potential.derivative(x) / (4 * np.pi), rtol=5e-4,
    )
    narrow = Problem(TanhStep(-0.2, 0.2, 1.0))
    x = np.arange(-18, 18, 0.25)
    # Trapezoidal rule, exponentially convergent: measured 3e-16.
    total = 0.25 * np.sum(linear_response_current(narrow, x))
    assert total == pytest.approx(-0.4 / (4 * np.pi), abs=1e-14)


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        (Problem(SharpStep(0.0, 0.1), 1.0, 0.0, 0.1), "temperature"),
        (Problem(SharpStep(0.0, 1.0), 1.0, 1.5), "fermi_energy"),
        (Problem(GaussianBump(1.5, 1.0), 1.0, 0.0), "fermi_energy"),
    ],
)
def test_where_linear_response_does_not_apply(problem, name):
    with pytest.raises(ValueError, match=name):
        linear_response_current(problem, 0.3)


def test_no_mass_no_current_and_shape():
    x = np.zeros((2, 3)) + 0.4
    assert np.all(linear_response_current(Problem(SharpStep(0.0, 0.1), 0.0), x) == 0.0)
    assert linear_response_current(Problem(SharpStep(0.0, 0.1)), x).shape == (2, 3)


def test_plane_response_is_the_transform_of_the_radial_kernel():
    # ∫K₂(r) J₀(qr) 2πr dr = (2Δ/q) arctan(q/2Δ): r K₂ is smooth but for a logarithm at 0.
    t, w = np.polynomial.legendre.leggauss(60)
    edges = np.concatenate(([0.0], np.logspace(-8, np.log10(25.0), 60)))
    half = np.diff(edges)[:, None] / 2
    r, weight = edges[:-1, None] + half * (1 + t), half * w
    for q in (0.3, 2.0, 7.0):
        total = np.sum(weight * 2 * np.pi * r * dd.exact.radial_response(r, 0.8) * j0(q * r))
        assert total / (4 * np.pi) == pytest.approx(dd.exact.plane_response(q, 0.8), rel=1e-9)
    assert dd.exact.plane_response(0.0, -2.0) == pytest.approx(-1 / (4 * np.pi))
