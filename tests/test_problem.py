"""The problem: validation, regimes, jumps, the scale j₀ of the current, descriptions."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dirac1d as dd

STEP = dd.TanhStep(-0.5, 0.5, 1.0)


class TestValidation:
    @pytest.mark.parametrize("name", ["mass", "fermi_energy", "temperature"])
    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, None, "1", True, 1j, [1, 2]])
    def test_numbers(self, name, bad):
        with pytest.raises(ValueError, match=f"{name} must be a finite number"):
            dd.Problem(STEP, **{name: bad})

    def test_temperature_must_not_be_negative(self):
        with pytest.raises(ValueError, match=r"temperature must not be negative, got -0\.1"):
            dd.Problem(STEP, temperature=-0.1)

    @pytest.mark.parametrize("bad", [None, np.tanh, 1.0, dd.TanhStep, "tanh"])
    def test_potential(self, bad):
        with pytest.raises(ValueError, match="potential must be"):
            dd.Problem(bad)

    def test_defaults_and_types(self):
        problem = dd.Problem(STEP, mass=np.float32(2), fermi_energy=np.int64(0))
        assert (problem.mass, problem.fermi_energy, problem.temperature) == (2.0, 0.0, 0.0)
        assert all(type(v) is float for v in (problem.mass, problem.fermi_energy))
        assert (problem.U_L, problem.U_R) == (-0.5, 0.5)
        assert dd.Problem(STEP).mass == 1.0

    def test_frozen_and_comparable(self):
        problem = dd.Problem(STEP)
        assert problem == dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))
        with pytest.raises(AttributeError):
            problem.mass = 2.0

    def test_any_object_that_meets_the_protocol_will_do(self):
        class Mine:
            left, right, breakpoints, length_scale = -0.5, 0.5, (), 1.0

            def __call__(self, x):
                return STEP(x)

            def limits(self, x):
                return STEP.limits(x)

            def derivative(self, x):
                return STEP.derivative(x)

            def support(self, tolerance):
                return STEP.support(tolerance)

        assert dd.Problem(Mine()).current_scale == dd.Problem(STEP).current_scale


@pytest.mark.parametrize(
    ("U_L", "U_R", "fermi_energy", "regime"),
    [
        # SR Fig. 1: U_R - U_L < 2Δ, from high to low ε_F.
        (-0.5, 0.5, 2.0, "metallic"),
        (-0.5, 0.5, 1.0, "half-metallic"),
        (-0.5, 0.5, 0.0, "insulating"),
        (-0.5, 0.5, -1.0, "half-metallic"),
        (-0.5, 0.5, -2.0, "metallic"),
        # SR Fig. 4: U_R - U_L > 2Δ.
        (-1.5, 1.5, 3.0, "metallic"),
        (-1.5, 1.5, 1.5, "half-metallic"),
        (-1.5, 1.5, 0.0, "metal-metal"),
        (-1.5, 1.5, -1.5, "half-metallic"),
        (-1.5, 1.5, -3.0, "metallic"),
        # Exactly at a band edge counts as in the gap.
        (-0.5, 0.5, 0.5, "insulating"),
        (-0.5, 0.5, 1.5, "half-metallic"),
        (-1.0, 1.0, 0.0, "insulating"),
    ],
)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_regimes_of_fig_1_and_fig_4(U_L, U_R, fermi_energy, regime, sign):
    for left, right in ((U_L, U_R), (U_R, U_L)):
        step = dd.TanhStep(left, right, 1.0)
        assert dd.Problem(step, sign, fermi_energy).regime == regime
        # The regime is read off the leads: shape does not matter, nor does a shift of all energies.
        shifted = dd.SharpStep(left + 7.0, right + 7.0)
        assert dd.Problem(shifted, sign, fermi_energy + 7.0).regime == regime


class TestJumps:
    def test_sharp_steps_and_sums(self):
        U = dd.SharpStep(0.0, 1.0, -1.0) + dd.TanhStep(0, 1, 1.0) + dd.SharpStep(0, -0.25, 2.0)
        jumps = dd.Problem(U).jumps
        assert [b for b, _ in jumps] == [-1.0, 2.0]
        assert [h for _, h in jumps] == pytest.approx([1.0, -0.25], rel=1e-14)

    def test_kinks_knots_and_cancelled_jumps_are_none(self):
        for U in (
            dd.LinearRamp(0, 1, 1.0),
            dd.TabulatedPotential([0, 1, 2], [0, 0.5, 1]),
            dd.SharpStep(0, 1) + dd.SharpStep(1, 0),
            dd.FunctionPotential(lambda x: np.exp(-np.abs(x)), 0.0, 0.0),
        ):
            assert dd.Problem(U).jumps == ()

    def test_jumps_found_in_a_function(self):
        U = dd.FunctionPotential(lambda x: np.where(x < 0.3, 0.0, 2.0), 0.0, 2.0)
        ((position, height),) = dd.Problem(U).jumps
        assert position == pytest.approx(0.3, rel=1e-15)
        assert height == pytest.approx(2.0, rel=1e-12)


class TestCurrentScale:
    """j₀ = (1/4π) max_x |U(x+ℓ) - U(x-ℓ)|/2ℓ with ℓ = 1/(2|Δ|), by hand for each shape."""

    #: The maximum is refined to 1e-9 of a grid cell; at a maximum that is second order.
    RTOL = 1e-9

    @pytest.mark.parametrize("mass", [1.0, -1.0, 0.05, 7.0])
    @pytest.mark.parametrize("width", [0.02, 1.0, 30.0])
    def test_tanh(self, mass, width):
        # Symmetric about its centre, so x = position: height·tanh(ℓ/w)/2ℓ.
        ell = 1 / (2 * abs(mass))
        expected = 1.4 * np.tanh(ell / width) / (2 * ell) / (4 * np.pi)
        problem = dd.Problem(dd.TanhStep(0.9, -0.5, width, 3.3), mass)
        assert problem.current_scale == pytest.approx(expected, rel=self.RTOL)

    @pytest.mark.parametrize("mass", [1.0, -0.3])
    def test_sharp_jump(self, mass):
        # |U(x+ℓ) - U(x-ℓ)| is the height wherever the jump lies between: height·|Δ|.
        expected = 1.4 * abs(mass) / (4 * np.pi)
        problem = dd.Problem(dd.SharpStep(-0.5, 0.9, 3.3), mass)
        assert problem.current_scale == pytest.approx(expected, rel=self.RTOL)

    @pytest.mark.parametrize("length", [0.01, 0.5, 1.0, 3.0, 100.0])
    def test_ramp(self, length):
        # 2ℓ = 1 for Δ = 1: the slope if the ramp is longer than that, else the whole height.
        expected = 1.4 * min(1 / length, 1.0) / (4 * np.pi)
        problem = dd.Problem(dd.LinearRamp(-0.5, 0.9, length, 3.3))
        assert problem.current_scale == pytest.approx(expected, rel=self.RTOL)

    def test_wide_gaussian_has_its_steepest_slope(self):
        # ℓ ≪ width: height·√(2/e)/width, short of it by (ℓ/w)²/2-ish.
        problem = dd.Problem(dd.GaussianBump(0.3, 200.0))
        expected = 0.3 * np.sqrt(2 / np.e) / 200.0 / (4 * np.pi)
        assert problem.current_scale == pytest.approx(expected, rel=1e-4)

    def test_a_table_of_a_ramp(self):
        problem = dd.Problem(dd.TabulatedPotential([-1.0, 1.0], [0.0, 1.0]))
        assert problem.current_scale == pytest.approx(0.5 / (4 * np.pi), rel=self.RTOL)

    def test_two_jumps_that_add_within_reach(self):
        # Both lie within 2ℓ = 1 of each other, so a window sees the sum of the two.
        U = dd.SharpStep(0, 1, -0.4) + dd.SharpStep(0, 1, 0.4)
        assert dd.Problem(U).current_scale == pytest.approx(2 / (4 * np.pi), rel=self.RTOL)
        far = dd.SharpStep(0, 1, -0.6) + dd.SharpStep(0, 1, 0.6)
        assert dd.Problem(far).current_scale == pytest.approx(1 / (4 * np.pi), rel=self.RTOL)

    def test_does_not_depend_on_fermi_energy_temperature_position_or_sign(self):
        scales = {
            round(dd.Problem(step, mass, e, T).current_scale, 14)
            for mass in (1.0, -1.0) for e in (0.0, 5.0) for T in (0.0, 0.3)
            for step in (STEP, dd.TanhStep(0.5, -0.5, 1.0), dd.TanhStep(3.5, 4.5, 1.0, -20.0))
        }
        assert len(scales) == 1

    def test_dimension_is_energy_squared(self):
        """All energies ×s and lengths/s: j₀ × s²."""
        for s in (0.01, 3.0, 500.0):
            scaled = dd.Problem(dd.ErfStep(0.2 * s, -0.5 * s, 0.8 / s, 1 / s), 0.7 * s)
            plain = dd.Problem(dd.ErfStep(0.2, -0.5, 0.8, 1.0), 0.7)
            assert scaled.current_scale == pytest.approx(s**2 * plain.current_scale, rel=1e-8)

    def test_zero_without_mass_or_step(self):
        assert dd.Problem(STEP, mass=0.0).current_scale == 0.0
        assert dd.Problem(dd.TanhStep(0.3, 0.3, 1.0)).current_scale == 0.0
        assert dd.Problem(dd.SharpStep(0.3, 0.3)).current_scale == 0.0

    def test_never_below_a_dense_search(self, rng):
        for _ in range(5):
            U = dd.TanhStep(0, *rng.uniform(0.2, 1, 2)) + dd.GaussianBump(
                rng.normal(), rng.uniform(0.1, 2), rng.normal()
            )
            problem = dd.Problem(U, rng.uniform(0.3, 3))
            ell = 1 / (2 * problem.mass)
            x = np.linspace(-8, 8, 40001)
            dense = np.max(np.abs(U(x + ell) - U(x - ell))) / (2 * ell) / (4 * np.pi)
            assert problem.current_scale >= dense * (1 - 1e-12)
            # The dense search misses the maximum by (U″/U)(4e-4)²/8.
            assert problem.current_scale == pytest.approx(dense, rel=1e-5)


class TestDescription:
    @pytest.mark.parametrize(
        "U",
        [STEP, dd.SharpStep(0, 1), STEP + dd.GaussianBump(0.2, 1.0),
         dd.TabulatedPotential([0, 1, 3], [0, 0.25, 1])],
        ids=lambda U: type(U).__name__,
    )
    def test_round_trip_through_json(self, U):
        problem = dd.Problem(U, -1.3, 0.1 + 0.2, 1e-3)
        again = dd.Problem.from_dict(json.loads(json.dumps(problem.to_dict())))
        assert again.to_dict() == problem.to_dict()
        assert (again.mass, again.fermi_energy, again.temperature) == (-1.3, 0.1 + 0.2, 1e-3)
        x = np.linspace(-3, 3, 31)
        np.testing.assert_array_equal(again.potential(x), problem.potential(x))

    @pytest.mark.parametrize(
        ("change", "culprit"),
        [
            ({"massss": 1.0}, "'massss'"),
            ({"mass": "heavy"}, "mass"),
            ({"temperature": -1}, "temperature"),
            ({"potential": {"shape": "tanh"}}, "needs the key"),
            ({"potential": "tanh"}, "potential"),
        ],
    )
    def test_bad_descriptions_are_named(self, change, culprit):
        with pytest.raises(ValueError, match=culprit):
            dd.Problem.from_dict(dd.Problem(STEP).to_dict() | change)

    def test_a_problem_needs_a_potential(self):
        with pytest.raises(ValueError, match="'potential'"):
            dd.Problem.from_dict({"mass": 1.0})
