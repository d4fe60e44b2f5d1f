"""What the adaptive sampler finds in a function by itself: reach, kinks, jumps, slope, scale."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.numerics.sampling import (
    BREAK_WIDTH,
    FIT_TOLERANCE,
    MAX_PANELS,
    call,
    sample_function,
)


def sample(function, left, right, known=()):
    return sample_function(function, left, right, known)


def ramp_between(a, b):
    return lambda x: np.clip((np.asarray(x) - a) / (b - a), 0, 1)


class TestBreakpoints:
    def test_smooth_functions_have_none(self):
        for f in (np.tanh, lambda x: np.tanh(5 * x), lambda x: np.tanh(x / 30)):
            assert sample(f, -1.0, 1.0).breakpoints == ()

    @pytest.mark.parametrize("position", [0.0, 1 / 3, -2.718281828, 41.7])
    def test_a_jump_is_found_to_the_last_bit(self, position):
        found = sample(lambda x: np.where(x < position, -1.0, 1.0), -1.0, 1.0)
        (b,) = found.breakpoints
        assert b == pytest.approx(position, rel=1e-15, abs=1e-300)
        assert found.limits(b) == pytest.approx((-1.0, 1.0), abs=1e-12)
        assert float(found.evaluate(b)) == pytest.approx(0.0, abs=1e-12)
        assert found.length_scale == np.inf

    def test_a_jump_where_the_function_takes_the_left_value(self):
        found = sample(lambda x: np.where(x <= 0.7, 0.0, 1.0), 0.0, 1.0)
        assert found.breakpoints == pytest.approx((0.7,), rel=1e-15)

    def test_kinks_of_a_ramp(self):
        found = sample(ramp_between(-0.37, 1.21), 0.0, 1.0)
        # Two straight fits cross within rounding over slope: 1e-15 measured.
        assert found.breakpoints == pytest.approx((-0.37, 1.21), abs=1e-12)
        x = np.array([-0.5, 0.0, 1.0, 1.5])
        np.testing.assert_allclose(found.derivative(x), [0, 1 / 1.58, 1 / 1.58, 0], atol=1e-9)

    def test_a_kink_between_curved_pieces(self):
        found = sample(lambda x: np.exp(-np.abs(x - 0.2)), 0.0, 0.0)
        assert found.breakpoints == pytest.approx((0.2,), abs=10 * BREAK_WIDTH)
        below, above = (found.derivative(0.2 + s * 1e-4) for s in (-1, 1))
        np.testing.assert_allclose([below, above], [np.exp(-1e-4), -np.exp(-1e-4)], rtol=1e-6)
        # The mean of both sides at the kink itself.
        assert float(found.derivative(found.breakpoints[0])) == pytest.approx(0.0, abs=1e-6)

    def test_kinks_are_found_wherever_they_lie(self, rng):
        """Also within a few nodes' distance of where a bisection happens to cut."""
        for position in rng.uniform(-3, 3, 60):
            found = sample(lambda x, b=position: np.exp(-np.abs(x - b)), 0.0, 0.0)
            assert found.breakpoints == pytest.approx((position,), abs=10 * BREAK_WIDTH)

    def test_several_jumps_and_kinks_at_once(self):
        steps = lambda x: 1.0 * (x > -1.5) - 2.0 * (x > 0.25) + ramp_between(1, 2)(x)  # noqa: E731
        found = sample(steps, 0.0, 0.0)
        assert found.breakpoints == pytest.approx((-1.5, 0.25, 1.0, 2.0), abs=1e-9)
        jumps = [np.diff(found.limits(b))[0] for b in found.breakpoints]
        assert jumps == pytest.approx([1.0, -2.0, 0.0, 0.0], abs=1e-9)

    def test_known_breakpoints_are_not_found_twice(self):
        found = sample(lambda x: np.where(x < 0.1, 0.0, 1.0), 0.0, 1.0, (0.1,))
        assert found.breakpoints == (0.1,)

    def test_a_known_breakpoint_points_to_structure_that_the_scan_misses(self):
        needle = lambda x: np.exp(-(((x - 0.0263) / 1e-3) ** 2))  # noqa: E731
        found = sample(needle, 0.0, 0.0, (0.0263,))
        # Range 1 over the steepest slope √(2/e)/1e-3.
        assert found.length_scale == pytest.approx(1e-3 / np.sqrt(2 / np.e), rel=0.1)


class TestFit:
    def test_represents_the_function_to_its_tolerance(self, rng):
        f = lambda x: np.tanh(x) + 0.3 * np.exp(-((x - 1) ** 2) / 0.04)  # noqa: E731
        found = sample(f, -1.0, 1.0)
        x = rng.uniform(-6, 6, 500)
        panel = np.searchsorted(found.edges, x, side="right") - 1
        a, b = found.edges[panel], found.edges[panel + 1]
        fit = np.polynomial.legendre.legval(
            (2 * x - a - b) / (b - a), found.coefficients[panel].T, tensor=False
        )
        # The dropped coefficients sum to a few times the last ones kept: 4e-13 measured.
        np.testing.assert_allclose(fit, f(x), atol=10 * FIT_TOLERANCE)

    def test_derivative_of_narrow_and_wide_steps(self):
        for width in (0.05, 1.0, 40.0):
            step = dd.TanhStep(-1.0, 1.0, width)
            found = sample(step, -1.0, 1.0)
            x = np.linspace(-5, 5, 301) * width
            np.testing.assert_allclose(
                found.derivative(x) * width, step.derivative(x) * width, atol=1e-8
            )

    def test_length_scale_is_range_over_slope(self):
        found = sample(ramp_between(-1.0, 3.0), 0.0, 1.0)
        assert found.length_scale == pytest.approx(4.0, rel=1e-9)

    def test_support_shrinks_with_the_tolerance(self):
        found = sample(np.tanh, -1.0, 1.0)
        x = np.linspace(-30, 30, 2001)
        for tolerance in (1e-2, 1e-5, 1e-8):
            a, b = found.support(tolerance)
            assert np.all(np.abs(np.tanh(x[x < a]) + 1) <= tolerance)
            assert np.all(np.abs(np.tanh(x[x > b]) - 1) <= tolerance)
        assert found.support(1e-2)[1] < found.support(1e-8)[1]

    def test_a_flat_function_is_a_single_panel(self):
        found = sample(lambda x: 0 * x, 0.0, 0.0)
        assert found.breakpoints == ()
        assert found.length_scale == np.inf
        a, b = found.support(1e-9)
        assert a <= b

    def test_a_constant_function_between_equal_leads(self):
        found = sample(lambda x: 0 * x + 0.7, 0.7, 0.7)
        assert found.limits(0.3) == (0.7, 0.7)
        np.testing.assert_allclose(found.evaluate([-1e9, 0.0, 1e9]), 0.7, rtol=1e-14)

    def test_a_breakpoint_named_out_in_a_lead_has_the_lead_on_both_sides(self):
        found = sample(np.tanh, -1.0, 1.0, (-300.0, 300.0))
        assert found.limits(-300.0) == (-1.0, -1.0)
        assert found.limits(300.0) == (1.0, 1.0)
        np.testing.assert_array_equal(found.evaluate([-300.0, 300.0]), [-1.0, 1.0])


class TestReach:
    def test_far_structure_is_found(self):
        found = sample(lambda x: np.tanh(x - 2000.0), -1.0, 1.0)
        a, b = found.support(1e-6)
        assert 1970 < a < 2000 < b < 2030

    def test_slow_tails_reach_their_leads_far_out(self):
        found = sample(lambda x: 1 / (1 + np.square(x)), 0.0, 0.0)
        a, b = found.support(1e-4)
        assert a < -99
        assert b > 99

    @pytest.mark.parametrize(
        ("function", "left", "right", "name"),
        [
            (np.tanh, -1.0, 0.9, "right"),
            (np.tanh, -0.9, 1.0, "left"),
            (np.arctan, -1.5, np.pi / 2, "left"),
            (lambda x: 1e-3 * np.asarray(x), 0.0, 0.0, "left"),
        ],
    )
    def test_leads_that_are_never_reached_are_named(self, function, left, right, name):
        with pytest.raises(ValueError, match=rf"^{name} = .*never reaches: U\("):
            sample(function, left, right)

    def test_overflow_far_out_is_forgiven_once_the_lead_is_reached(self):
        # exp(1e8) = inf, inf/inf = nan: the function is fine where it matters.
        f = lambda x: np.exp(2 * x) / (1 + np.exp(2 * x))  # noqa: E731
        found = sample(f, 0.0, 1.0)
        assert float(found.evaluate(0.0)) == pytest.approx(0.5)
        np.testing.assert_array_equal(found.evaluate(np.array([-1e5, 1e5])), [0.0, 1.0])

    def test_nan_inside_names_the_place(self):
        with pytest.raises(ValueError, match=r"finite.*U\(0\)"):
            sample(lambda x: np.sin(x) / x * np.exp(-(x**2)), 0.0, 0.0)

    def test_noise_is_refused(self):
        noise = np.random.default_rng(1)
        with pytest.raises(ValueError, match="too rough"):
            sample(lambda x: np.where(np.abs(x) < 50, noise.uniform(size=np.shape(x)), 0.0), 0, 0)
        assert MAX_PANELS < 10**6


class TestCall:
    def test_vectorised_scalar_and_branching_functions_agree(self):
        import math

        x = np.linspace(-1, 1, 5)
        np.testing.assert_allclose(call(math.tanh, x), np.tanh(x), rtol=1e-15)
        np.testing.assert_array_equal(call(lambda z: 1.0 if z > 0 else 0.0, x), [0, 0, 0, 1, 1])
        np.testing.assert_array_equal(call(lambda z: 2, x), [2.0] * 5)
        assert call(lambda z: z > 0, x).dtype == float

    @pytest.mark.parametrize("result", [1j, "a", None])
    def test_only_real_numbers_are_taken(self, result):
        with pytest.raises(ValueError, match="real"):
            call(lambda z: result, np.array([0.0, 1.0]))

    def test_a_users_own_error_comes_through(self):
        def broken(x):
            raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            call(broken, np.array([0.0]))

    def test_float_warnings_of_the_users_function_are_not_ours(self):
        # Warnings are errors in this suite: 1/0 and log(-1) must pass silently as inf and nan.
        assert np.isinf(call(lambda z: 1 / z, np.array([0.0, 1.0]))[0])
        assert np.isnan(call(np.log, np.array([-1.0, 1.0]))[0])
