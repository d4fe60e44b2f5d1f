"""Airy functions and the δ-profile of the smooth edge, against mpmath."""

import mpmath as mp
import numpy as np
import pytest
from scipy.integrate import quad

from dirac1d.exact import airy_functions as af
from dirac1d.exact.airy import (
    SCALE_RATIO,
    airy_edge_current,
    airy_edge_spectral_current,
    airy_edge_total_current,
    airy_length,
    semiclassical_edge_current,
    state_argument,
)
from dirac1d.exact.airy_state import (
    printed_eq16,
    printed_eq33,
    semiclassical_state_current,
    single_state_current,
)
from dirac1d.exact.double_double import cube_root, divide_by_3, multiply, square_root

F, DELTA = 0.137, 1.3
X0 = airy_length(F, DELTA)
# 1e-12 of the envelope is promised; measured 4e-16 (Ai, Ai′, 1 - Ai₁). The value of Ai₁ itself is 1
# for z < 0, and 1e-16 of that is 4e-13 of the envelope of its oscillation at z = -2e4.
PROMISED = 1e-12
MEASURED = 1e-15


def _arguments(seed):
    rng = np.random.default_rng(seed)
    return np.concatenate(
        (
            rng.uniform(-17, 17, 60),
            -(10 ** rng.uniform(1.1, 4.3, 30)),
            10 ** rng.uniform(1.1, 2.2, 20),
            [-16.0, 16.0, np.nextafter(-16, -17), np.nextafter(16, 17), -2e4, 200.0, 0.0],
        )
    )


def _mp_ai1(z):
    """∫_z^∞ Ai, with the digits that the difference loses for z > 0."""
    with mp.workdps(40 + int(0.3 * max(z, 0.0) ** 1.5)):
        return mp.mpf(1) / 3 - mp.airyai(z, derivative=-1)


EXACT = {
    "ai": (af.ai, mp.airyai, -0.25),
    "ai_prime": (af.ai_prime, lambda z: mp.airyai(z, derivative=1), 0.25),
    "ai1": (af.ai1, _mp_ai1, -0.75),
}


@pytest.mark.parametrize("name", EXACT)
def test_airy_functions_against_mpmath(name):
    function, exact, power = EXACT[name]
    z = _arguments(3)[:: 3 if name == "ai1" else 1]  # digits by the hundred cost seconds
    value, scaled = function(z), function(z, scaled=True)
    with mp.workdps(40):
        for zi, v, s in zip(z, value, scaled, strict=True):
            e = exact(mp.mpf(float(zi)))
            if zi <= 0:
                envelope = max(-zi, 1.0) ** power / np.sqrt(np.pi)
                allowed = PROMISED if name == "ai1" else MEASURED
                assert abs(v - e) <= allowed * envelope
            else:
                grown = e * mp.exp(mp.mpf(2) / 3 * mp.mpf(float(zi)) ** 1.5)
                # The e^{ζ} of the Taylor region is rounded: ζ·1e-16 = 5e-15 at z = 16.
                assert abs(s - grown) <= 1e-14 * abs(grown)
                if zi < 100:
                    assert abs(v - e) <= MEASURED * abs(e)


def test_complement_of_ai1_keeps_its_own_accuracy():
    z = -(10 ** np.random.default_rng(4).uniform(0, 4.3, 60))
    value = af.ai1_complement(z)
    with mp.workdps(40):
        for zi, v in zip(z, value, strict=True):
            e = mp.mpf(2) / 3 + mp.airyai(mp.mpf(float(zi)), derivative=-1)
            # Within |z| < 16 it is formed as 1 - Ai₁: 1e-16, or 1.5e-15 of the envelope there.
            assert abs(v - e) <= 2 * MEASURED * max(-zi, 1.0) ** -0.75 / np.sqrt(np.pi)


def test_scipy_would_not_do():
    """Why there is a module of our own; if these fail, scipy has improved."""
    from scipy.special import airy, itairy

    with mp.workdps(40):
        assert abs((1 / 3 - itairy(5.0)[0]) / _mp_ai1(5.0) - 1) > 1e-10
        assert abs(airy(-1e4)[0] - mp.airyai(-1e4)) > PROMISED * 0.1 / np.sqrt(np.pi)


def test_limits_shapes_and_not_a_number():
    assert af.ai(np.inf) == 0.0
    assert af.ai1(-np.inf) == pytest.approx(1.0, abs=1e-15)
    assert abs(af.ai(-np.inf)) < 1e-15
    assert np.isnan(af.ai(np.nan))
    assert af.ai1(np.zeros((2, 3))).shape == (2, 3)
    assert af.ai1(110.0) == 0.0


def test_double_double_roots_and_products():
    rng = np.random.default_rng(5)
    with mp.workdps(60):
        for high in rng.uniform(0.1, 1e4, 20):
            a = (np.float64(high), np.float64(high * 1e-17))
            exact = mp.mpf(a[0]) + mp.mpf(a[1])
            pairs = [
                (square_root(a), mp.sqrt(exact)),
                (cube_root(a), mp.cbrt(exact)),
                (multiply(a, a), exact**2),
                (divide_by_3(a), exact / 3),
            ]
            for (h, low), e in pairs:
                # Measured 3e-32.
                assert abs(mp.mpf(float(h)) + mp.mpf(float(low)) - e) < 1e-30 * abs(e)


@pytest.mark.parametrize(("slope", "mass"), [(F, DELTA), (-F, DELTA), (0.02, -3.0)])
def test_edge_currents_from_exact_inputs(slope, mass):
    """x, F and Δ are exact doubles; 2x/x₀ must not be rounded on the way (1e-12 to -1e4 x₀)."""
    x0 = airy_length(slope, mass)
    t = np.array([-9999.7, -512.3, -31.0, -8.0, -7.9, -1.3, 0.0, 0.7, 7.9, 42.0])
    x = np.sign(slope) * x0 * t
    j, jv = airy_edge_current(x, slope, mass), airy_edge_total_current(x, slope, mass)
    spectral = airy_edge_spectral_current(x, slope, mass)
    sign = np.sign(slope) * np.sign(mass)
    with mp.workdps(40):
        k = mp.cbrt(abs(mp.mpf(mass) * mp.mpf(slope)))
        for i, xi in enumerate(x):
            z = 2 * mp.sign(slope) * mp.mpf(float(xi)) * k
            tail, e = _mp_ai1(z), mp.airyai(z)
            unit = abs(slope) / (4 * mp.pi)
            size = max(-float(z), 1.0)
            if z > 0:
                assert abs(sign * j[i] - unit * tail) <= PROMISED * unit * tail
                assert abs(sign * spectral[i] - 2 * k * e / (4 * mp.pi)) <= PROMISED * e * k
            else:
                assert abs(sign * j[i] - unit * tail) <= PROMISED * unit * size**-0.75
                assert abs(sign * jv[i] + unit * (1 - tail)) <= PROMISED * unit * size**-0.75
                error = abs(sign * spectral[i] - 2 * k * e / (4 * mp.pi))
                assert error <= PROMISED * size**-0.25 * k / (2 * mp.pi)


def test_spectral_current_is_minus_the_slope_of_the_current_over_F():
    """Eq. (34) with its sign: j^ε = -(1/F) ∂ₓ j_y, by a central difference of order four."""
    x, h = np.linspace(-4, 3, 15) * X0, 1e-3 * X0
    j = {k: airy_edge_current(x + k * h, F, DELTA) for k in (-2, -1, 1, 2)}
    derivative = (j[-2] - 8 * j[-1] + 8 * j[1] - j[2]) / (12 * h)
    # Error (h⁴/30) j⁽⁵⁾, measured 3e-10 of the largest value.
    np.testing.assert_allclose(
        airy_edge_spectral_current(x, F, DELTA), -derivative / F, atol=2e-9 / X0, rtol=0
    )


def test_delta_function_property():
    """∫ j^ε(x) φ(x) dx → φ(0)/4π for Gaussian φ of growing width: the δ-function of Eq. (15)."""
    for width in (0.3, 1.0, 5.0):
        # The integral with φ = e^{-x²/w²} is the smoothed profile at 0 times √π w.
        smoothed = airy_edge_spectral_current(0.0, F, DELTA, smoothing=width * X0)
        # Trapezoidal rule, exponentially convergent; the Gaussian is cut at e^{-64}.
        t = np.arange(-round(800 * width), round(800 * width)) * 0.01
        profile = airy_edge_spectral_current(t * X0, F, DELTA) * np.exp(-((t / width) ** 2))
        # Measured 1e-16.
        assert smoothed * np.sqrt(np.pi) * width == pytest.approx(0.01 * profile.sum(), abs=2e-15)
    for width in (10.0, 100.0):
        wide = airy_edge_spectral_current(0.0, F, DELTA, smoothing=width * X0)
        # ∫x³δ(x)dx ≠ 0 is the first moment that differs: the even φ sees the sixth, (x₀/w)⁶.
        expected = pytest.approx(1.0, abs=10 * width**-6.0 + 1e-14)
        assert wide * np.sqrt(np.pi) * width * X0 * 4 * np.pi == expected


@pytest.mark.parametrize("width", [0.05, 0.6, 1.0, 4.0])
def test_smoothed_spectral_current_closed_form_against_mpmath(width):
    alpha = mp.mpf(width) ** 2
    amplitude = 2 / X0 / (4 * np.pi)
    for t in (-40.0, -6.0, -1.0, 0.0, 2.0, 20.0):
        value = airy_edge_spectral_current(t * X0, F, DELTA, smoothing=width * X0)
        with mp.workdps(40):
            z = 2 * mp.mpf(t)
            exact = mp.exp(alpha * z + 2 * alpha**3 / 3) * mp.airyai(z + alpha**2)
            # x/x₀ is rounded here, not in the function: 1e-15 z^{3/2} of the envelope.
            scale = abs(exact) if z + alpha**2 > 0 else mp.exp(alpha * z + 2 * alpha**3 / 3)
            assert abs(value / amplitude - exact) <= 1e-13 * (1 + abs(z)) * scale


def _mp_smoothed_state(z, alpha):
    """<-2AiAi'> by Fourier: Ai² = π^{-3/2} ∫₀^∞ cos(u⁶/12 + zu² + π/4) du (DLMF 9.11, Reid)."""
    end = (80 / alpha) ** 0.25
    count = int(abs(z) * end**2 / 8 + end**6 / 80 + 12)
    points = [end * mp.sqrt(mp.mpf(k) / count) for k in range(count + 1)]
    return mp.quad(
        lambda u: u**2 * mp.exp(-alpha * u**4) * mp.sin(u**6 / 12 + z * u**2 + mp.pi / 4), points
    ) * mp.pi**-1.5


@pytest.mark.parametrize("width", [0.5, 1.0, 2**0.5, 3.0])
def test_single_state_current_smoothed_against_fourier(width):
    # The narrower, the longer the integral.
    t = np.array([-12.0, -2.0, -0.4, 0.0, 2.0] if width > 0.5 else [-0.4, 2.0])
    value = single_state_current(t * X0, F, DELTA, smoothing=width * X0)
    with mp.workdps(20):
        k = mp.cbrt(2 * mp.mpf(F) * mp.mpf(DELTA))
        for ti, v in zip(t, value, strict=True):
            e = _mp_smoothed_state(mp.mpf(ti * X0) * k, (mp.mpf(width * X0) * k) ** 2 / 4)
            # Measured 4e-16 (amplitude 1/π), and 1e-14 relative in the right tail.
            assert abs(v - e) <= (2e-15 if ti < 1 else 1e-13 * abs(e))


def test_single_state_current_is_minus_half_the_slope_of_the_density():
    """Eq. (29) with ρ = Ai²(x/ℓ)/(ℓ²F), m = Δ, against mpmath's derivative."""
    x = np.array([-5000.0, -33.0, -4.0, -0.5, 0.0, 2.0, 9.0]) * X0
    value = single_state_current(x, F, DELTA)
    with mp.workdps(40):
        ell = 1 / mp.cbrt(2 * mp.mpf(F) * mp.mpf(DELTA))
        for xi, v in zip(x, value, strict=True):
            z = mp.mpf(float(xi)) / ell
            slope = 2 * mp.airyai(z) * mp.airyai(z, derivative=1) / (ell**3 * mp.mpf(F))
            e = -slope / (2 * mp.mpf(DELTA))
            assert abs(v - e) <= (PROMISED / np.pi if xi <= 0 else PROMISED * abs(e))
    # Amplitude 1/π whatever F and Δ: Fig. 5's oscillations have a constant amplitude.
    dense = single_state_current(np.linspace(-60, -50, 20001) * X0, F, DELTA)
    assert np.max(dense) == pytest.approx(1 / np.pi, rel=1e-3)
    assert np.min(dense) == pytest.approx(-1 / np.pi, rel=2e-3)


def test_tail_of_the_smoothed_state_is_semiclassical():
    """1/(4|x/ℓ|^{3/2}) of the amplitude, Fig. 5; with x₀ as the unit it would be √2 too large."""
    for t in (-50.0, -400.0):
        smoothed = single_state_current(t * X0, F, DELTA, smoothing=X0)
        semiclassical = semiclassical_state_current(t * X0, F, DELTA)
        z = t * SCALE_RATIO
        assert semiclassical == pytest.approx(-1 / np.pi / (4 * (-z) ** 1.5), rel=1e-12)
        # Next order: 35/(32 z³) from DLMF 9.8.20 and 15α/(4z²) from the smoothing; measured below.
        alpha = SCALE_RATIO**2 / 4
        correction = 15 * alpha / (4 * z**2)
        assert smoothed / semiclassical - 1 == pytest.approx(correction, rel=0.1)
    assert semiclassical_state_current(X0, F, DELTA) == 0.0


def test_printed_forms_miss_by_the_stated_factor_and_scale():
    x = np.linspace(-8, 3, 23) * X0
    # Measured 5e-18 against values of 1e-2.
    np.testing.assert_allclose(
        printed_eq33(x, F, DELTA), airy_edge_current(x / SCALE_RATIO, F, DELTA), atol=1e-16, rtol=0
    )
    right = airy_edge_spectral_current(-x, F, DELTA) * 4 * np.pi  # δ(r), r = -x: liquid at r > 0
    np.testing.assert_allclose(
        -4 * SCALE_RATIO * printed_eq16(-SCALE_RATIO * x, F, DELTA), right, atol=5e-15, rtol=0
    )
    # The printed form integrates to -1/4 and oscillates outside the liquid.
    r = np.arange(-40, 12, 0.1) * X0
    total = 0.1 * X0 * np.sum(printed_eq16(r, F, DELTA) * np.exp(-((r / (8 * X0)) ** 2)))
    # The Gaussian's sixth-order share (x₀/w)⁶ and more: measured 3e-6.
    assert total == pytest.approx(-0.25, abs=2e-5)
    assert np.all(printed_eq16(np.array([2.0, 4.0]) * X0, F, DELTA) < 0)


def test_printed_eq33_deep_in_the_liquid():
    # 300 x₀ of oscillations: measured 1e-17.
    assert printed_eq33(-300 * X0, F, DELTA) == pytest.approx(
        float(airy_edge_current(-300 * X0 / SCALE_RATIO, F, DELTA)), abs=1e-16
    )


def test_semiclassical_limit_of_the_edge():
    """Eq. (35), by quadrature, is Eq. (14)."""
    x = -2.7
    # dε/√(ε(|Fx|-ε)) with the algebraic weights of both end points done by QUADPACK.
    integral = quad(lambda e: 1.0, 0, -F * x, weight="alg", wvar=(-0.5, -0.5))[0]
    assert F / (4 * np.pi**2) * integral == pytest.approx(
        float(semiclassical_edge_current(x, F, DELTA)), rel=1e-14
    )
    assert semiclassical_edge_current(2.7, F, DELTA) == 0.0
    far = airy_edge_current(np.array([-3000.0, -3000.3, -2999.6]) * X0, F, DELTA)
    np.testing.assert_allclose(far, semiclassical_edge_current(-1.0, F, DELTA), rtol=2e-3)


def test_airy_profile_solves_the_schroedinger_equation_only_with_the_corrected_scale():
    """φ = Ai(x/ℓ), p²φ/2m + Fxφ = 0: ℓ = x₀/2^{1/3} (Eq. 13 prints x₀)."""
    x, h = np.linspace(-3, 2, 11) * X0, 1e-3 * X0
    for scale, solves in ((1.0, True), (1 / SCALE_RATIO, False)):
        phi = {k: af.ai(state_argument((x + k * h) * scale, F, DELTA)) for k in (-1, 0, 1)}
        kinetic = -(phi[1] - 2 * phi[0] + phi[-1]) / h**2 / (2 * DELTA)
        residual = np.max(np.abs(kinetic + F * x * phi[0])) / np.max(np.abs(kinetic))
        # Central difference: (h²/12)φ''''/φ'', measured 5e-7; with the printed scale 0.59.
        assert (residual < 2e-6) == solves
        assert solves or residual > 0.3


@pytest.mark.parametrize(
    "function", [airy_edge_current, airy_edge_spectral_current, single_state_current]
)
def test_bad_parameters_are_named(function):
    with pytest.raises(ValueError, match="slope"):
        function(0.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="mass"):
        function(0.0, 1.0, np.nan)
    with pytest.raises(ValueError, match="positive"):
        printed_eq33(0.0, -1.0, 1.0)
    if function is not airy_edge_current:
        with pytest.raises(ValueError, match="smoothing"):
            function(0.0, 1.0, 1.0, smoothing=-1.0)


def test_mirror_and_mass_signs():
    x = np.linspace(-4, 4, 9)
    for function in (airy_edge_current, airy_edge_total_current, airy_edge_spectral_current,
                     single_state_current, semiclassical_edge_current, semiclassical_state_current):
        np.testing.assert_array_equal(function(x, -F, DELTA), -function(-x, F, DELTA))
        np.testing.assert_array_equal(function(x, F, -DELTA), -function(x, F, DELTA))
