"""The stray field: Ampère's law, quadrature, tails, engines; and the magnetisation."""

import numpy as np
import pytest
from scipy import constants
from scipy.integrate import quad

import dirac1d as dd
from dirac1d.numerics.cauchy import laplace_transform, second_kind
from dirac1d.numerics.strip import Strip
from dirac1d.observables.magnetic import transform
from dirac1d.observables.magnetization import cumulative

SCALE = dd.Scale(1e6, 19.0)
LENGTH = SCALE.unit("length")
GAP = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))
METAL = dd.Problem(dd.TanhStep(-0.5, 0.5, 0.5), fermi_energy=1.2)


@pytest.fixture(scope="module")
def profile():
    return dd.current_density(GAP, np.linspace(-14, 14, 57), rtol=1e-8)


def test_legendre_functions_against_their_integral():
    import mpmath

    points = np.array([0.3 + 1e-6j, 0.9 + 0.1j, 1.2 + 0.01j, -1.5 + 0.3j, 3 + 2j, -1e4 + 1j])
    found = second_kind(points, 13)
    with mpmath.workdps(150):
        for i, w in enumerate(map(mpmath.mpc, points)):
            exact = [mpmath.log((w + 1) / (w - 1))]
            exact.append(w * exact[0] - 2)
            for n in range(1, 12):
                exact.append(((2 * n + 1) * w * exact[n] - n * exact[n - 1]) / (n + 1))
            # 6e-14 measured, relative far out, absolute beside the interval.
            for n in range(13):
                size = abs(complex(exact[n])) if abs(w) > 2 else 1.0
                assert abs(found[n, i] - complex(exact[n])) < 1e-12 * size


@pytest.mark.parametrize("s", [1.0, 0.4 + 2j, 0.4 - 2j])
@pytest.mark.parametrize("W", [1 + 0.5j, -1 + 0.2j, 5 + 0.3j, -8 + 3j, 0.01 + 0.02j, 100 + 2j])
def test_exponential_tails_against_quadrature(s, W):
    def integral(part):
        points = [p for p in (W.real, 0.5, 3.0) if 0 < p < 100]
        return quad(lambda u: part(np.exp(-s * u) / (W - u)), 0, 100, points=points, limit=800)[0]

    expected = integral(np.real) + 1j * integral(np.imag)
    # quad's own 1e-8 absolute.
    assert laplace_transform(s, np.array([W]))[0] == pytest.approx(expected, abs=2e-8)


def test_far_away_the_step_is_a_wire(profile):
    current = SCALE.to_lab(dd.total_current(GAP), "current") * 1e-9
    assert current > 0
    height = 200 * LENGTH
    field = dd.stray_field(profile, height, SCALE, x=[-height, 0.0, height])
    wire = constants.mu_0 * current / (2 * np.pi * height * 1e-9) * 1e9
    # The right-hand rule, current toward +y: B_x > 0 above, B_z < 0 at x > 0. Corrections are
    # second order in width/height: 2e-5 here.
    np.testing.assert_allclose(field.B_x, [wire / 2, wire, wire / 2], rtol=1e-4)
    np.testing.assert_allclose(field.B_z, [wire / 2, 0, -wire / 2], atol=1e-4 * wire)


@pytest.mark.parametrize("height", [0.05, 0.7])
def test_against_quadrature_of_the_profile(profile, height):
    x, w = np.polynomial.legendre.leggauss(1200)
    x = 14 * x
    fine = dd.current_density(GAP, x, rtol=1e-8)
    zeta = np.array([-1.3, 0.0, 2.0]) + 1j * height
    direct = np.sum(14 * w * fine.j_y / (zeta[:, None] - x), axis=1)
    value, error = transform(profile, zeta)
    # 1200 nodes resolve a pole at 0.05/14 to 1e-3; at 0.7 to rounding.
    allowed = error + (2e-9 if height > 0.5 else 2e-4)
    assert np.all(np.abs(value - direct) < allowed)
    assert np.all(error < 1e-7)


@pytest.mark.parametrize("problem", [GAP, METAL], ids=["gap", "metal"])
@pytest.mark.parametrize("height", [0.2, 2.0])
def test_a_short_profile_gives_the_same_field_within_its_error(problem, height):
    zeta = np.linspace(-9, 9, 19) + 1j * height
    wide = dd.current_density(problem, np.linspace(-25, 25, 11), rtol=1e-6)
    exact, small = transform(wide, zeta)
    before = np.inf
    for reach in (3.0, 6.0, 12.0):
        cut = dd.current_density(problem, np.linspace(-reach, reach, 11), rtol=1e-6)
        value, error = transform(cut, zeta)
        assert np.all(np.abs(value - exact) <= error + small)
        assert np.max(error) < before
        before = np.max(error)


def test_the_tails_are_not_truncated():
    # Beside a step in the gap the fitted tails leave 1e-5 of what cutting them off would leave.
    zeta = np.array([-4.0, 0.0, 4.0]) + 0.5j
    exact, _ = transform(dd.current_density(GAP, np.linspace(-14, 14, 11)), zeta)
    cut = dd.current_density(GAP, np.linspace(-3.5, 3.5, 11))
    value, _ = transform(cut, zeta)
    strip = cut.strip
    bare = Strip(strip.edges, strip.coefficients, strip.error,
                    (dd.Estimate(0.0, 0.0), dd.Estimate(0.0, 0.0)))
    truncated, _ = transform(dd.Profile(cut.x, cut.j_y, cut.error, cut.status, cut.engine, GAP,
                                        cut.rtol, bare), zeta)
    assert np.max(np.abs(value - exact)) < 2e-3 * np.max(np.abs(truncated - exact))


def test_both_engines_give_the_same_field():
    x = np.linspace(-6, 6, 25)
    zeta = np.array([-2.0, 0.0, 1.0]) + 0.5j
    green, states = (
        transform(dd.current_density(GAP, x, engine, rtol=1e-4), zeta)
        for engine in ("green", "states")
    )
    assert np.all(np.abs(green[0] - states[0]) <= green[1] + states[1])
    # The lattice's error is 1e-4 of j0 per point, and its tails are only estimated.
    assert np.max(states[1]) < 1e-2 * np.max(np.abs(green[0]))


def test_sharp_step_at_any_height():
    problem = dd.Problem(dd.SharpStep(-0.5, 0.5))
    fields = [
        transform(dd.current_density(problem, np.linspace(-9, 9, n)), np.array([0.1 + 0.02j]))
        for n in (5, 8)
    ]
    assert abs(fields[0][0] - fields[1][0]) <= fields[0][1] + fields[1][1]
    # A height of 0.02 is 800 of the panels beside the jump.
    assert fields[0][1] < 1e-3


def test_massless_electrons_make_no_field():
    flat = dd.current_density(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), mass=0.0), [-9.0, 9.0])
    field = dd.stray_field(flat, 10.0, SCALE)
    assert not field.B_x.any()
    assert not field.B_z.any()


def test_magnetisation_joins_the_leads(profile):
    M = dd.magnetization(profile)
    # -c/4π with c = ε_F - U in the gap.
    assert M.right == pytest.approx(0.5 / (4 * np.pi), rel=1e-14)
    assert M.left == -M.right
    assert M(14.0) == pytest.approx(M.right, abs=1e-9)
    assert M(-14.0) == pytest.approx(M.left, abs=1e-9)
    # Its slope is -j_y: a difference over 2h, error h²/6 j″.
    h, x = 1e-4, profile.x[3:-3]
    np.testing.assert_allclose((M(x + h) - M(x - h)) / (2 * h), -profile.j_y[3:-3], atol=1e-8)
    assert M(0.3, SCALE) == M(0.3) * SCALE.unit("current")


def test_moment_of_a_bump_is_the_first_moment_of_its_current():
    bump = dd.Problem(dd.GaussianBump(0.3, 1.0))
    profile = dd.current_density(bump, np.linspace(-12, 12, 9), rtol=1e-8)
    M = dd.magnetization(profile)
    assert M.left == M.right == 0
    x, w = np.polynomial.legendre.leggauss(200)
    j = dd.current_density(bump, 12 * x, rtol=1e-8).j_y
    expected = np.sum(144 * w * x * j)
    assert M.moment(-12, 12) == pytest.approx(expected, abs=1e-9)
    assert M.moment(-12, 12) == pytest.approx(M.moment(-12, 0.3) + M.moment(0.3, 12), abs=1e-12)
    assert M.moment(-12, 12, SCALE) == pytest.approx(
        M.moment(-12, 12) * SCALE.unit("current") * LENGTH)


def test_cumulative_is_the_integral(profile):
    for x in (-14.0, -3.21, 0.0, 7.7, 14.0):
        assert cumulative(profile.strip, x) == pytest.approx(
            profile.integral(-14.0, x).value, abs=1e-15)


@pytest.mark.parametrize(("arguments", "culprit"), [
    ((0.0, SCALE), "height"), ((-1.0, SCALE), "height"), ((np.nan, SCALE), "height"),
    (("3 meV", SCALE), "height"), ((10.0, None), "scale"), ((10.0, SCALE, [1.0, 0.0]), "x"),
    ((10.0, SCALE, [np.nan]), "x"),
])
def test_mistakes_are_named(profile, arguments, culprit):
    with pytest.raises(ValueError, match=culprit):
        dd.stray_field(profile, *arguments)


def test_a_profile_that_misses_the_step_is_refused():
    half = dd.current_density(GAP, np.linspace(0, 9, 5))
    with pytest.raises(ValueError, match="cover the step"):
        dd.stray_field(half, 10.0, SCALE)
    with pytest.raises(ValueError, match="cover the step"):
        dd.magnetization(half)
    with pytest.raises(ValueError, match="profile"):
        dd.stray_field(None, 10.0, SCALE)
