"""Potentials: values, limits, derivatives, supports, sums, tables, functions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import erf

import dirac1d as dd

TABLE = dd.TabulatedPotential([-2.0, -0.5, 0.0, 1.0, 3.0], [0.1, 0.1, -0.4, 0.8, 0.7])
SMOOTH = {
    "tanh": dd.TanhStep(-0.4, 0.9, 0.7, 0.3),
    "tanh falling": dd.TanhStep(2.0, -1.0, 3.0, -1.0),
    "erf": dd.ErfStep(-0.4, 0.9, 0.7, 0.3),
    "gaussian": dd.GaussianBump(-0.8, 1.3, 0.4),
    "sum": dd.TanhStep(-0.4, 0.9, 0.7) + dd.GaussianBump(0.3, 0.5, 1.0),
    "function": dd.FunctionPotential(lambda x: 0.3 * np.tanh(x) ** 3, -0.3, 0.3),
}
KINKED = {
    "sharp": dd.SharpStep(-0.4, 0.9, 0.3),
    "ramp": dd.LinearRamp(-0.4, 0.9, 1.4, 0.3),
    "table": TABLE,
    "sum with jump": dd.SharpStep(0.0, 1.0, -1.0) + dd.LinearRamp(0.0, -0.5, 2.0),
}
ALL = SMOOTH | KINKED


def by_name(shapes):
    return pytest.mark.parametrize("U", shapes.values(), ids=shapes.keys())


@by_name(ALL)
def test_meets_the_protocol_and_reaches_its_leads(U):
    assert isinstance(U, dd.Potential)
    far = np.array([-1e6, 1e6])
    np.testing.assert_allclose(U(far), [U.left, U.right], atol=1e-15)
    np.testing.assert_array_equal(U.derivative(far), 0.0)
    assert U.length_scale > 0
    assert list(U.breakpoints) == sorted(set(U.breakpoints))


@by_name(ALL)
def test_keeps_the_shape_of_x(U):
    assert np.shape(U(0.7)) == np.shape(U.derivative(0.7)) == ()
    grid = np.linspace(-3, 3, 6).reshape(2, 3)
    assert U(grid).shape == U.derivative(grid).shape == (2, 3)
    assert float(U(grid)[1, 2]) == float(U(3.0))
    assert U(np.arange(3)).dtype == float


@by_name(ALL)
def test_derivative_is_the_slope_between_breakpoints(U):
    x = np.linspace(-4.03, 4.07, 200)
    h = 1e-5
    near = np.abs(x[:, None] - np.array([*U.breakpoints, np.inf])) < 2 * h
    x = x[~near.any(axis=1)]
    slope = (U(x + h) - U(x - h)) / (2 * h)
    # Truncation h²U‴/6 ≤ 1e-10·U‴/6 and rounding 1e-16/h: 3e-10 measured.
    np.testing.assert_allclose(U.derivative(x), slope, atol=2e-9)


@by_name(ALL)
@pytest.mark.parametrize("tolerance", [1e-1, 1e-4, 1e-9])
def test_outside_its_support_the_potential_is_its_lead(U, tolerance):
    a, b = U.support(tolerance)
    assert a <= b
    out = np.concatenate(([1e-9], np.geomspace(1e-6, 1e3, 400)))
    slack = 1e-12
    assert np.max(np.abs(U(a - out) - U.left)) <= tolerance + slack
    assert np.max(np.abs(U(b + out) - U.right)) <= tolerance + slack


@pytest.mark.parametrize("name", ["tanh", "erf", "gaussian"])
def test_support_of_closed_forms_is_tight(name):
    U = SMOOTH[name]
    a, b = U.support(1e-5)
    assert abs(float(U(a)) - U.left) == pytest.approx(1e-5, rel=1e-6)
    assert abs(float(U(b)) - U.right) == pytest.approx(1e-5, rel=1e-6)
    wide = U.support(1e3)
    assert wide[0] == wide[1] == U.position


@by_name(ALL)
@pytest.mark.parametrize("tolerance", [0.0, -1.0, np.nan, np.inf, "small"])
def test_support_needs_a_positive_tolerance(U, tolerance):
    with pytest.raises(ValueError, match="tolerance"):
        U.support(tolerance)


@by_name(ALL)
def test_value_at_every_point_is_the_mean_of_its_limits(U):
    for x in (*U.breakpoints, -0.3, 0.123, 2.2):
        below, above = U.limits(x)
        hair = 1e-9
        assert float(U(x)) == pytest.approx((below + above) / 2, abs=1e-12)
        assert below == pytest.approx(float(U(x - hair)), abs=1e-7)
        assert above == pytest.approx(float(U(x + hair)), abs=1e-7)


def test_closed_forms():
    x = np.array([-2.0, 0.3, 1.1])
    z = (x - 0.3) / 0.7
    np.testing.assert_allclose(SMOOTH["tanh"](x), 0.25 + 0.65 * np.tanh(z), rtol=1e-15)
    np.testing.assert_allclose(SMOOTH["erf"](x), 0.25 + 0.65 * erf(z), rtol=1e-15)
    bump = -0.8 * np.exp(-(((x - 0.4) / 1.3) ** 2))
    np.testing.assert_allclose(SMOOTH["gaussian"](x), bump, rtol=1e-15)
    np.testing.assert_array_equal(KINKED["sharp"]([0.0, 0.3, 0.6]), [-0.4, 0.25, 0.9])
    ramp = KINKED["ramp"]([-0.5, -0.4, 0.3, 0.65, 1.0, 9.0])
    np.testing.assert_allclose(ramp, [-0.4, -0.4, 0.25, 0.575, 0.9, 0.9], atol=1e-15)


def test_jump_and_kink_bookkeeping():
    sharp, ramp = KINKED["sharp"], KINKED["ramp"]
    assert sharp.breakpoints == (0.3,)
    assert sharp.limits(0.3) == (-0.4, 0.9)
    assert sharp.limits(0.2) == (-0.4, -0.4)
    assert sharp.limits(0.4) == (0.9, 0.9)
    assert sharp.length_scale == np.inf
    np.testing.assert_allclose(ramp.breakpoints, (-0.4, 1.0), rtol=1e-15)
    # Half the slope at a kink: the mean of both sides.
    slopes = ramp.derivative([ramp.breakpoints[0], 0.3, ramp.breakpoints[1]])
    np.testing.assert_allclose(slopes, np.array([0.5, 1.0, 0.5]) * 1.3 / 1.4, rtol=1e-14)
    # A step of no height has no breakpoint.
    assert dd.SharpStep(0.2, 0.2).breakpoints == ()
    assert dd.LinearRamp(0.2, 0.2, 1.0).breakpoints == ()


def test_far_arguments_do_not_overflow():
    # The suite turns overflow warnings into errors.
    for U in ALL.values():
        assert np.all(np.isfinite(U([-1e300, 1e300])))
        assert np.all(np.isfinite(U.derivative([-1e300, 1e300])))


class TestSums:
    def test_values_leads_and_derivatives_add(self):
        a, b, c = dd.TanhStep(-1, 1, 2.0), dd.SharpStep(0.0, 0.5, 1.0), dd.GaussianBump(0.2, 1.0)
        total = a + b + c
        x = np.linspace(-3, 3, 31)
        np.testing.assert_allclose(total(x), a(x) + b(x) + c(x), rtol=1e-15, atol=1e-16)
        np.testing.assert_allclose(
            total.derivative(x), a.derivative(x) + b.derivative(x) + c.derivative(x), rtol=1e-14
        )
        assert (total.left, total.right) == (-1.0, 1.5)
        assert total.breakpoints == (1.0,)
        assert total.length_scale == 1.0
        below, above = total.limits(1.0)
        assert above - below == pytest.approx(0.5, rel=1e-14)

    def test_sums_are_flat_and_builtin_sum_works(self):
        a, b = dd.TanhStep(-1, 1, 2.0), dd.GaussianBump(0.2, 1.0)
        assert len(((a + b) + (a + b)).terms) == 4
        assert sum([a, b]).terms == (a, b)

    def test_common_breakpoints_are_listed_once(self):
        total = dd.SharpStep(0, 1) + dd.SharpStep(0, -1) + dd.SharpStep(0, 2, 1.0)
        assert total.breakpoints == (0.0, 1.0)

    @pytest.mark.parametrize("other", [1.0, None, "tanh", np.tanh])
    def test_only_potentials_add(self, other):
        with pytest.raises(TypeError):
            dd.TanhStep(-1, 1, 1.0) + other

    def test_sum_of_nothing_is_refused(self):
        with pytest.raises(ValueError, match="terms"):
            dd.SumPotential(())
        with pytest.raises(ValueError, match="terms"):
            dd.SumPotential((1.0,))


class TestBadParameters:
    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, None, "1", True, 1j, [1, 2]])
    @pytest.mark.parametrize("name", ["left", "right", "width", "position"])
    def test_of_a_smooth_step(self, name, bad):
        values = {"left": -1.0, "right": 1.0, "width": 1.0, "position": 0.0, name: bad}
        for kind in (dd.TanhStep, dd.ErfStep):
            with pytest.raises(ValueError, match=name):
                kind(**values)

    @pytest.mark.parametrize("width", [0.0, -1.0])
    def test_widths_and_lengths_must_be_positive(self, width):
        for make, name in (
            (lambda w: dd.TanhStep(0, 1, w), "width"),
            (lambda w: dd.ErfStep(0, 1, w), "width"),
            (lambda w: dd.GaussianBump(1, w), "width"),
            (lambda w: dd.LinearRamp(0, 1, w), "length"),
        ):
            with pytest.raises(ValueError, match=rf"{name} must be positive, got {width}"):
                make(width)

    def test_the_rest(self):
        with pytest.raises(ValueError, match="height"):
            dd.GaussianBump(np.nan, 1.0)
        with pytest.raises(ValueError, match="position"):
            dd.SharpStep(0.0, 1.0, position=np.inf)

    def test_potentials_are_frozen(self):
        for U in (SMOOTH["tanh"], KINKED["sharp"], SMOOTH["function"], TABLE):
            with pytest.raises(AttributeError):
                U.left = 3.0
        with pytest.raises(ValueError, match="read-only"):
            TABLE.U[0] = 1.0

    def test_numbers_of_any_kind_become_floats(self):
        U = dd.TanhStep(np.float32(-1), 1, np.int64(2))
        assert type(U.left) is type(U.right) is type(U.width) is float
        assert dd.TanhStep(-1.0, 1.0, 2.0) == U


class TestTabulated:
    def test_goes_through_its_points_without_overshoot(self):
        x, U = TABLE.x, TABLE.U
        np.testing.assert_allclose(TABLE(x), U, atol=1e-15)
        assert TABLE.breakpoints == tuple(x)
        for i in range(len(x) - 1):
            inside = TABLE(np.linspace(x[i], x[i + 1], 50))
            lo, hi = sorted(U[i : i + 2])
            assert lo - 1e-15 <= inside.min() <= inside.max() <= hi + 1e-15

    def test_leads_are_flat_and_end_slopes_are_halved(self):
        U = dd.TabulatedPotential([0.0, 1.0], [0.0, 2.0])
        np.testing.assert_array_equal(U([-5.0, 0.0, 0.5, 1.0, 7.0]), [0, 0, 1, 2, 2])
        np.testing.assert_array_equal(U.derivative([-5.0, 0.0, 0.5, 1.0, 7.0]), [0, 1, 2, 1, 0])

    def test_does_not_keep_the_callers_array(self):
        x, values = np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.5, 1.0])
        U = dd.TabulatedPotential(x, values)
        values[:] = 7.0
        x[:] = 0.0
        assert float(U(1.0)) == 0.5

    def test_support_leaves_out_flat_ends(self):
        U = dd.TabulatedPotential([-9.0, -1.0, 0.0, 1.0, 9.0], [0, 0, 0.5, 1, 1])
        assert U.support(1e-9) == (-1.0, 1.0)
        flat = dd.TabulatedPotential([0.0, 1.0], [0.3, 0.3])
        assert flat.breakpoints == ()
        assert flat.length_scale == np.inf
        a, b = flat.support(1e-9)
        assert a <= b

    @pytest.mark.parametrize(
        ("x", "U", "culprit"),
        [
            ([0, 0, 1], [0, 1, 2], r"x\[0\] = 0.0, x\[1\] = 0.0"),
            ([0, 2, 1], [0, 1, 2], "increase"),
            ([0, 1], [0, 1, 2], "same length"),
            ([0], [1], "at least 2"),
            ([], [], "at least 2"),
            ([0, np.nan], [0, 1], r"x\[1\] = nan"),
            ([0, 1], [0, np.inf], r"U\[1\] = inf"),
            ([[0, 1]], [[0, 1]], "one-dimensional"),
            (["a", "b"], [0, 1], "x must be"),
            ([0, 1], None, "U must be"),
        ],
    )
    def test_bad_tables_are_named(self, x, U, culprit):
        with pytest.raises(ValueError, match=culprit):
            dd.TabulatedPotential(x, U)


class TestCsv:
    """The forms of tables are tested in tests/numerics/test_tables.py."""

    def test_reads_a_unicode_path_given_as_text(self, tmp_path):
        path = tmp_path / "Δ-Stufe ε_F 电势.csv"
        path.write_text("0 1\n1 2\n2 4\n", encoding="utf-8")
        assert dd.TabulatedPotential.from_csv(str(path)) == dd.TabulatedPotential(
            [0, 1, 2], [1, 2, 4])

    def test_units_need_a_scale_and_are_converted(self, tmp_path):
        path = tmp_path / "gate.csv"
        path.write_text("x (um);U (eV)\n-0,1;-0,005\n0,1;0,005\n")
        scale = dd.Scale(v_F=1e6, energy=20.0)
        table = dd.TabulatedPotential.from_csv(path, scale=scale)
        np.testing.assert_allclose(table.x * scale.unit("length"), [-100, 100], rtol=1e-14)
        np.testing.assert_allclose(table.U, [-0.25, 0.25], rtol=1e-14)
        other = dd.TabulatedPotential.from_csv(path, scale=scale, units=("nm", "meV"))
        np.testing.assert_allclose(other.U, [-0.00025, 0.00025], rtol=1e-14)
        with pytest.raises(ValueError, match="x in um and U in eV: give a scale"):
            dd.TabulatedPotential.from_csv(path)
        plain = dd.TabulatedPotential.from_csv(path, units=("", ""))
        np.testing.assert_array_equal(plain.U, [-0.005, 0.005])

    def test_what_was_understood_is_logged(self, tmp_path, caplog):
        path = tmp_path / "gate.csv"
        path.write_text("0;0,5\n1;0,7\n")
        with caplog.at_level("INFO", logger="dirac1d"):
            dd.TabulatedPotential.from_csv(path)
        assert "2 rows, decimal comma" in caplog.text

    def test_names_the_culprit(self, tmp_path):
        path = tmp_path / "bad.csv"
        path.write_text("0 1\n", encoding="utf-8")
        with pytest.raises(ValueError, match="at least two"):
            dd.TabulatedPotential.from_csv(path)


class TestFunctionPotential:
    def test_agrees_with_the_closed_form_that_it_samples(self):
        reference = dd.TanhStep(-0.5, 0.5, 1.0)
        U = dd.FunctionPotential(lambda x: 0.5 * np.tanh(x), -0.5, 0.5)
        x = np.linspace(-12, 12, 400)
        assert U.breakpoints == ()
        # A fit of order 16 on panels: 5e-15 measured.
        np.testing.assert_allclose(U(x), 0.5 * np.tanh(x), atol=1e-13)
        # Derivative of a fit with coefficients to 1e-12: panels of width ~1, order 16.
        np.testing.assert_allclose(U.derivative(x), reference.derivative(x), atol=1e-9)
        assert 0.5 < U.length_scale < 4

    def test_given_breakpoints_are_kept_exactly(self):
        b = 0.1 + 0.2
        U = dd.FunctionPotential(lambda x: np.where(x < b, 0.0, 1.0), 0.0, 1.0, breakpoints=[b])
        assert U.breakpoints == (b,)
        assert U.limits(b) == pytest.approx((0.0, 1.0), abs=1e-9)
        assert float(U(b)) == pytest.approx(0.5, abs=1e-9)

    @pytest.mark.parametrize(
        ("arguments", "culprit"),
        [
            ((3.0, 0.0, 1.0), "callable"),
            ((np.tanh, np.nan, 1.0), "left"),
            ((np.tanh, -1.0, "one"), "right"),
            ((np.tanh, -1.0, 1.0, [np.inf]), "breakpoints"),
            ((np.tanh, -1.0, 0.5), "right = 0.5.*never reaches"),
            ((np.tanh, 0.0, 1.0), "left = 0.*never reaches"),
            ((lambda x: np.asarray(x) * 1.0, 0.0, 1.0), "never reaches"),
            ((lambda x: np.sin(x), 0.0, 0.0), "never reaches"),
            ((lambda x: np.nan * x, 0.0, 0.0), "never reaches|finite"),
            ((lambda x: np.where(np.abs(x) < 0.3, np.nan, np.tanh(x)), -1.0, 1.0), "finite"),
            ((lambda x: np.tanh(x) + 0j, -1.0, 1.0), "real"),
            ((lambda x: "high", -1.0, 1.0), "real|number"),
        ],
    )
    def test_bad_functions_are_named(self, arguments, culprit):
        with pytest.raises(ValueError, match=culprit):
            dd.FunctionPotential(*arguments)

    def test_scalar_only_functions_work(self):
        U = dd.FunctionPotential(lambda x: 0.5 * math.tanh(x), -0.5, 0.5)
        x = np.linspace(-3, 3, 7)
        np.testing.assert_allclose(U(x), 0.5 * np.tanh(x), atol=1e-13)
        branching = dd.FunctionPotential(lambda x: 0.0 if x < 1 else 1.0, 0.0, 1.0)
        assert branching.breakpoints == (1.0,)


class TestArithmetic:
    X = np.linspace(-4, 4, 41)

    @by_name(ALL)
    def test_multiples_and_differences(self, U):
        values = U(self.X)
        np.testing.assert_array_equal((-U)(self.X), -values)
        np.testing.assert_allclose((2 * U)(self.X), 2 * values, rtol=1e-15)
        np.testing.assert_allclose((U / 4)(self.X), values / 4, rtol=1e-15)
        np.testing.assert_allclose((U - 2 * U)(self.X), -values, rtol=1e-12, atol=1e-15)
        assert ((-U).left, (-U).right) == (-U.left, -U.right)
        assert type(-U) is type(U)

    def test_a_wave_is_scaled_too(self):
        assert -dd.CosinePotential(0.3, 2.0) == dd.CosinePotential(-0.3, 2.0)

    @pytest.mark.parametrize("bad", ["2", None, [1, 2], True, np.nan])
    def test_only_numbers_multiply(self, bad):
        with pytest.raises((TypeError, ValueError)):
            bad * TABLE
        with pytest.raises((TypeError, ValueError)):
            SMOOTH["sum"] / bad
        with pytest.raises(ValueError, match="divisor"):
            TABLE / 0

    @pytest.mark.parametrize("kind", [dd.TanhStep, dd.ErfStep, dd.LinearRamp])
    def test_rise_is_the_length_from_ten_to_ninety_percent(self, kind):
        U = kind.from_rise(-1.0, 3.0, 2.5, 0.5)
        assert U.rise == pytest.approx(2.5, rel=1e-15)
        np.testing.assert_allclose(U([0.5 - 1.25, 0.5 + 1.25]), [-0.6, 2.6], rtol=1e-14)
        assert not hasattr(dd.SharpStep(0, 1), "rise")


def test_reprs_are_one_short_line():
    for U in ALL.values():
        assert len(repr(U)) < 140
        assert "\n" not in repr(U)
