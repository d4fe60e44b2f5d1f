"""Scalar Riccati equations whose solutions are known: adiabatic series, collocation, bounds."""

import mpmath as mp
import numpy as np
import pytest

from dirac1d.green.settings import Claim
from dirac1d.green.sources.step import collocation
from dirac1d.green.sources.step.collocation import adiabatic_series, collocate
from dirac1d.green.sources.step.leads import decay_rate, fixed_point
from dirac1d.green.sources.step.march import left_out
from dirac1d.numerics.quadrature import lobatto


def constants(count, seed=1):
    """Energies, masses, κ and s₀."""
    rng = np.random.default_rng(seed)
    E = rng.normal(size=count) * 10 ** rng.uniform(-1, 1, count)
    E = E + 1j * 10 ** rng.uniform(-3, 2, count)
    M = 10 ** rng.uniform(-1, 1.5, count) + 0j
    kappa = decay_rate(E, M)
    return E, M, kappa, fixed_point(E, M, kappa)


def moebius(start, kappa, s0, d):
    """s at the distance d from where it starts: (s - s₀)/(1 - s s₀) falls as e^{-2κd}."""
    w = (start - s0) / (1 - start * s0) * np.exp(-2 * kappa * d)
    return (s0 + w) / (1 + s0 * w)


def nodes(n, h):
    return h * (lobatto(n)[:, None] + 1) / 2


def march(start, E, M, kappa, s0, h, n, tolerance=1e-12):
    """s' = -iM + 2iEs - iMs² at constant coefficients."""
    one = np.ones((n, len(M)))
    return collocate(
        start, -1j * M * one, 2j * E * one, s0 * one, kappa * one, np.full(len(M), h), M, tolerance
    )


class TestSeries:
    """δ' = -ds₀/dx - 2κδ - iMδ²."""

    @pytest.mark.parametrize("part", [0.3, 0.1, 0.01])
    def test_constant_coefficients(self, part):
        """Roots of iMδ² + 2κδ + d = 0; five terms of a series in iMd/4κ², |iMd/κ²| = part."""
        _, M, kappa, _ = constants(200)
        far = np.abs(kappa) > 1  # the derivative of a constant is rounding/h
        M, kappa = M[far], kappa[far]
        d = part * kappa**2 / M * np.exp(1j * np.arange(len(M)))
        one, h = np.ones((9, len(M))), np.ones(len(M))
        odd, even, missed = adiabatic_series(d * one, kappa, M, h, np.zeros(len(M)))
        for sum_, sign in ((even + odd, 1), (even - odd, -1)):
            root = -sign * d / (kappa + kappa * np.sqrt(1 - sign * 1j * M * d / kappa**2))
            error = np.max(np.abs(sum_ / root - 1))
            # The sixth term is 42 (part/4)^5 of the first.
            assert error < 42 * (part / 4) ** 5 * 1.5 + 1e-11
        assert len(missed) == len(M)  # nothing is exact

    @pytest.mark.parametrize("allowed", [1e-4, 1e-7])
    def test_columns_that_are_not_missed_are_that_good(self, allowed):
        _, M, kappa, _ = constants(300)
        d = 10.0 ** np.linspace(-6, 0, 300) * kappa**2 / M
        one = np.ones((9, 300))
        odd, even, missed = adiabatic_series(
            d * one, kappa, M, np.ones(300), allowed * np.abs(d / kappa)
        )
        root = -d / (kappa + kappa * np.sqrt(1 - 1j * M * d / kappa**2))
        good = np.setdiff1d(np.arange(300), missed)
        assert 50 < len(good) < 300
        error = np.abs((even + odd)[0] - root) / np.abs(d / kappa)
        assert np.max(error[good]) < allowed

    def test_without_drift_there_is_nothing(self):
        _, M, kappa, _ = constants(5)
        odd, even, missed = adiabatic_series(
            np.zeros((8, 5), complex), kappa, M, np.ones(5), np.full(5, 1e-12)
        )
        assert not np.any(odd)
        assert not np.any(even)
        assert not len(missed)

    @pytest.mark.parametrize(("E", "M"), [(0.3 + 2j, 3.0), (4.0 + 1j, 1.5)])
    def test_slow_solution_of_a_smooth_step_against_mpmath(self, E, M):
        """From its value at one end the other one follows by the equation itself.

        Five terms in 1/width: what is missing falls as its sixth power.
        """
        errors = [self.at_the_end(E, M, width) for width in (2.0, 4.0)]
        assert errors[0] < 1e-4
        assert errors[0] / errors[1] == pytest.approx(64, rel=0.5)

    @staticmethod
    def at_the_end(E, M, width):
        """Error of the series at one end, once it is exact at the other one."""
        n, h = 18, 0.5 * width
        x = nodes(n, h)
        U, slope = 0.2 * np.tanh(x / width), 0.2 / width / np.cosh(x / width) ** 2
        mass, none = np.array([M + 0j]), np.zeros(1)
        kappa = decay_rate(E - U, mass)
        s0 = fixed_point(E - U, mass, kappa)
        drift = -1j * s0 * slope / kappa
        odd, even, _ = adiabatic_series(drift, kappa, mass, np.array([h]), none)
        s = (s0 + even + odd)[:, 0]

        def right(x, s):
            local = mp.mpc(E) - mp.mpf("0.2") * mp.tanh(x / width)
            return -1j * (M - 2 * local * s + M * s**2)

        with mp.workdps(20):
            end = complex(mp.odefun(right, 0, mp.mpc(complex(s[0])), tol=1e-15)(h))
        return abs(end - s[-1])


class TestCollocation:
    """y' = a + by - iMy²."""

    @pytest.mark.parametrize(("h", "n", "error"), [
        (0.05, 8, 1e-5), (0.05, 12, 1e-8), (0.05, 17, 1e-12), (1.0, 17, 1e-9),
    ])
    def test_moebius_map_of_constant_coefficients(self, h, n, error):
        """Where |κ|h < 1. Measured: 3e-6, 2e-9, 1e-13, 2e-10."""
        E, M, kappa, s0 = constants(400)
        start = 0.5 * s0 + 0.3j
        y, failed = march(start, E, M, kappa, s0, h, n)
        exact = moebius(start, kappa, s0, nodes(n, h))
        slow = np.abs(kappa) * h < 1
        assert np.sum(slow) > 20
        assert not np.any(failed)
        np.testing.assert_array_equal(y[0], start)
        assert np.max(np.abs(y - exact)[:, slow]) < error

    @pytest.mark.parametrize("n", [8, 12, 16])
    def test_stiff_panels_return_the_slow_solution(self, n):
        """Re κh > 50: what is off at the start is gone at the end, to |κh|^-1 or better."""
        E, M, kappa, s0 = constants(400)
        stiff = kappa.real * 100.0 > 50
        E, M, kappa, s0 = (q[stiff] for q in (E, M, kappa, s0))
        y, failed = march(0.5 * s0 + 0.3j, E, M, kappa, s0, 100.0, n)
        assert not np.any(failed)
        assert np.max(np.abs(y[-1] - s0) * np.abs(kappa) * 100.0) < 1

    @pytest.mark.parametrize("n", [8, 12, 16])
    @pytest.mark.parametrize("energy", [10.0, 50.0, 500.0])
    def test_what_is_left_out_of_a_wave_that_is_not_carried(self, energy, n):
        """It is damped at once; `lost_safety` times what is said of it covers that."""
        E, M = np.array([energy + 1e-9j]), np.array([1.0 + 0j])
        kappa = decay_rate(E, M)
        s0 = fixed_point(E, M, kappa)
        for start in (np.array([0.1 + 0j]), np.array([0.9j])):
            y, _ = march(start, E, M, kappa, s0, 5.0, n)
            true = np.abs(y[-1] - moebius(start, kappa, s0, 5.0))[0]
            said = left_out(y)[0]
            assert true > 0.04
            # Measured: said is 0.92 to 1.35 of it.
            assert true < Claim().lost_safety * said < 8 * true

    @pytest.mark.parametrize(("E", "M", "start"), [
        (0.4 + 0.8j, 2.0, 0.3 - 0.2j), (2.5 + 1e-6j, 1.0, 0.6j), (-1.2 + 0.1j, 1.5, -0.1),
    ])
    def test_a_smooth_step_against_mpmath(self, E, M, start):
        n, h = 16, 0.3
        x = nodes(n, h)
        local = E - 0.7 * np.tanh(2 * x)
        kappa = decay_rate(local, M + 0j)
        y, failed = collocate(
            np.array([start + 0j]), np.full((n, 1), -1j * M), 2j * local,
            fixed_point(local, M + 0j, kappa), kappa, np.array([h]), np.array([M + 0j]), 1e-13,
        )

        def right(x, s):
            return -1j * (M - 2 * (mp.mpc(E) - mp.mpf("0.7") * mp.tanh(2 * x)) * s + M * s**2)

        with mp.workdps(20):
            solution = mp.odefun(right, 0, mp.mpc(start), tol=1e-15)
            exact = [complex(solution(x[k, 0])) for k in (n // 2, -1)]
        assert not np.any(failed)
        # Measured: 4e-12 at most.
        np.testing.assert_allclose(y[[n // 2, -1], 0], exact, rtol=0, atol=1e-11)

    def test_tolerance_is_kept(self):
        """A loose one leaves more than a tight one, and no more than it says."""
        E, M, kappa, s0 = constants(100)
        start = 0.5 * s0 + 0.3j
        tight = march(start, E, M, kappa, s0, 0.1, 12, 1e-13)[0]
        loose = march(start, E, M, kappa, s0, 0.1, 12, 1e-3)[0]
        difference = np.max(np.abs(loose - tight), axis=0)
        assert 1e-9 < np.max(difference) < 1e-3

    def test_full_newton_where_sweeps_do_not_converge(self, monkeypatch):
        E, M, kappa, s0 = constants(60)
        start = 0.5 * s0 + 0.3j
        usual = march(start, E, M, kappa, s0, 0.1, 12)[0]
        monkeypatch.setattr(collocation, "MAX_SWEEPS", 1)
        newton, failed = march(start, E, M, kappa, s0, 0.1, 12)
        assert not np.any(failed)
        np.testing.assert_allclose(newton, usual, atol=1e-11)

    @pytest.mark.parametrize("h", [1.5, 2.0, 3.0])
    def test_a_pole_is_a_failure_and_says_so(self, h):
        """y' = 1 + y² is tan x: at and beyond π/2 there is nothing to find."""
        one = np.ones((12, 2), complex)
        y, failed = collocate(
            np.zeros(2, complex), one, 0 * one, 0 * one, one, np.array([0.7, h]),
            np.array([1j, 1j]), 1e-12,
        )
        np.testing.assert_array_equal(failed, [False, True])
        np.testing.assert_allclose(y[:, 0], np.tan(nodes(12, 0.7)[:, 0]), atol=1e-6)
