"""Refinement and verification together: what converges, what is refused, and how it is said."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic import LINE, PLANE, RESONANT, Known, Square, cells

from dirac1d.green.integrate import adaptive
from dirac1d.green.integrate.adaptive import Goal, integrate
from dirac1d.green.integrate.sums import Unresolved, evaluate
from dirac1d.green.integrate.watch import OutOfTime, Watch
from dirac1d.green.settings import Claim, Limits, Settings, Start
from dirac1d.numerics.budget import Budget

SETTINGS = Settings.of(1e-6)
EDGES = np.linspace(0.0, 1.0, 4)


def solved(source, some, goal, settings=SETTINGS):
    """Result and error."""
    return integrate(source, Square(), some, goal, settings)


def resonance(width, place, chart=LINE):
    """eᵘ and a Lorentzian at u = `place`, whose sign changes along x; and its integral."""
    def function(x, u, v):
        return width / ((u - place) ** 2 + width**2) * np.cos(3 * x) + np.exp(u)

    weight = np.arctan((1 - place) / width) + np.arctan(place / width)
    return Known(function, EDGES, nodes=12), lambda x: weight * np.cos(3 * x) + np.expm1(1)


@pytest.mark.parametrize("goal", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("width", [0.3, 0.03, 0.001])
def test_a_resonance_is_found_by_dividing_cells(width, goal):
    source, exact = resonance(width, 0.37)
    result, error = solved(source, cells(LINE, 10), Goal(goal))
    true = np.max(np.abs(result.values - exact(result.source.x)), axis=1)
    assert result.converged
    assert np.all(true <= error)
    assert np.all(error <= goal)
    if width == 0.001:
        # Small cells where it is, and nowhere else.
        sizes = {s.cell.u: s.cell.u[1] - s.cell.u[0] for s in result.cells}
        (at,) = (size for (a, b), size in sizes.items() if a <= 0.37 < b)
        assert at < 0.01 < max(sizes.values())
        assert len(sizes) < 30


@pytest.mark.parametrize(("function", "exact"), [
    (lambda u: np.sqrt(u), 2 / 3),
    (lambda u: np.abs(u - 0.3), (0.09 + 0.49) / 2),
    (lambda u: 1e3 * np.exp(u) + 1 / (1.01 - u), 1e3 * np.expm1(1) + np.log(101)),
], ids=["root", "kink", "slow behind fast"])
def test_singularities_and_slow_tails(function, exact):
    source = Known(lambda x, u, v: function(u) * np.exp(x), EDGES)
    result, error = solved(source, cells(LINE, 8), Goal(1e-6))
    true = np.max(np.abs(result.values - exact * np.exp(result.source.x)), axis=1)
    assert result.converged
    assert np.all(true <= error)
    assert np.all(error <= 1e-6)


def test_a_half_line_of_slow_decay():
    """∫_0^∞ dy/(1+y²) with y = u/(1-u)."""
    source = Known(lambda x, u, v: 1 / ((1 - u) ** 2 + u**2) + 0 * x, EDGES)
    result, error = solved(source, cells(LINE, 6), Goal(1e-10))
    assert np.max(np.abs(result.values - np.pi / 2)) <= np.max(error) <= 1e-10


def test_only_the_side_that_needs_it_is_refined():
    source = Known(lambda x, u, v: np.exp(u) / (1.01 - v) + 0 * x, EDGES)
    result, error = solved(source, cells(PLANE, (8, 8)), Goal(1e-7))
    true = np.max(np.abs(result.values - np.expm1(1) * np.log(101)))
    assert true <= np.max(error) <= 1e-7
    assert {s.cell.u for s in result.cells} == {(0.0, 1.0)}
    assert len({s.cell.v for s in result.cells}) > 1 or result.cells[0].cell.n[1] > 16


def test_panels_are_cut_where_x_needs_it():
    source = Known(lambda x, u, v: np.exp(u) / (1.02 - x), EDGES)
    result, error = solved(source, cells(LINE, 12), Goal(1e-6))
    exact = np.expm1(1) / (1.02 - result.source.x)
    true = np.max(np.abs(result.values - exact), axis=1)
    assert np.all(true <= error)
    assert np.all(error <= 1e-6)
    widths = np.diff(result.source.edges)
    assert widths[-1] < 0.1 < widths[0]


def test_large_errors_quarter_a_panel_at_once():
    """`Start.quarter_at`: the same answer, in fewer rounds."""
    source = Known(lambda x, u, v: np.exp(u) / (1.02 - x), EDGES)
    rounds = []
    for quarter_at in (10.0, np.inf):
        cut = []

        class Counted(Known):
            def finer(self, parts, cut=cut):
                cut.append(parts)
                return super().finer(parts)

        settings = replace(SETTINGS, start=Start(quarter_at=quarter_at))
        result, _ = solved(Counted(source.function, EDGES), cells(LINE, 12), Goal(1e-6), settings)
        assert result.converged
        rounds.append(len(cut))
    assert rounds[0] < rounds[1]


def test_waves_that_only_finer_cells_see_are_no_rounding():
    """While cells are divided the panels' error grows: it was given up as if nothing helped."""
    source = Known(
        lambda x, u, v: 1e-3 / ((u - 0.37) ** 2 + 1e-6) * np.cos(800 * x), EDGES, nodes=12
    )
    result, error = solved(source, cells(LINE, 10), Goal(1e-2), Settings.of(1e-3))
    weight = np.arctan(0.63 / 1e-3) + np.arctan(0.37 / 1e-3)
    true = np.max(np.abs(result.values - weight * np.cos(800 * result.source.x)), axis=1)
    assert result.converged
    assert np.all(true <= error)


def test_functionals_have_a_goal_of_their_own():
    source = Known(
        lambda x, u, v: np.exp(u) + 0 * x, EDGES, functionals=(lambda u, v: 1 / (1.01 - u),)
    )
    easy, _ = solved(source, cells(LINE, 8), Goal(1e-8))
    hard, error = solved(source, cells(LINE, 8), Goal(1e-8, 1e-8))
    assert easy.size == 8
    assert hard.size > 8
    assert abs(hard.functionals[0] - np.log(101)) <= error[-1] <= 1e-8


def test_panels_that_are_not_judged_do_not_count():
    """1/x on the first panel, which touches x = 0 but for the last digit."""
    class FirstOut(Known):
        @property
        def judged(self):
            return self.edges[:-1] > 0

    source = FirstOut(lambda x, u, v: np.exp(u) / (x + 1e-12), EDGES)
    result, error = solved(source, cells(LINE, 10), Goal(1e-6))
    assert result.converged
    assert np.all(error[result.source.judged] <= 1e-6)


class TestHiddenResonances:
    """Resonances as narrow as a tenth of the nodes' distance, at random places."""

    def beyond(self, chart, width, goal, count=30):
        """How often the true error exceeds the claim, and by how much at most."""
        rng, ratios = np.random.default_rng(5), []
        for _ in range(count):
            place, n = rng.uniform(0.1, 0.9), int(rng.integers(8, 20))
            source, exact = resonance(width, place)
            result, error = solved(source, cells(chart, n), Goal(goal))
            true = np.max(np.abs(result.values - exact(result.source.x)), axis=1)
            ratios.append(np.max(true / error))
        return int(np.sum(np.array(ratios) > 1)), max(ratios)

    @pytest.mark.parametrize("goal", [1e-1, 1e-2])
    @pytest.mark.parametrize("width", [0.1, 0.03, 0.01])
    def test_nothing_is_beyond_its_claim_where_momenta_are_real(self, width, goal):
        """Measured: ratios to 0.68."""
        assert self.beyond(RESONANT, width, goal)[0] == 0

    def test_without_the_mark_some_are(self):
        """Measured: 3 of 30, up to 170 times."""
        assert self.beyond(LINE, 0.01, 1e-1)[0] > 0


def never_enough(seen, verify=adaptive.verify):
    """A verification that always finds more than is allowed, and keeps what it has seen."""
    def verification(result, *arguments, **rest):
        seen.append(result)
        found = verify(result, *arguments, **rest)
        return replace(found, error=found.error + 1.0, shares=found.shares + 1.0)

    return verification


class TestLimits:
    """What cannot be done is handed out with an error that says so."""

    hard = resonance(0.01, 0.37)[0]

    def check(self, result, error, goal):
        exact = resonance(0.01, 0.37)[1](result.source.x)
        true = np.max(np.abs(result.values - exact), axis=1)
        assert not result.converged
        assert np.all(true <= error)
        assert np.max(error) > goal

    def test_rounds(self):
        goal = Goal(1e-8)
        result, error = solved(
            self.hard, cells(LINE, 10), goal, replace(SETTINGS, limits=Limits(rounds=2))
        )
        self.check(result, error, goal.panels)

    def test_full_source(self):
        wide = replace(self.hard, function=lambda x, u, v: np.exp(u) / (1.001 - x), most=6)
        result, error = solved(wide, cells(LINE, 10), Goal(1e-8))
        true = np.abs(result.values - np.expm1(1) / (1.001 - result.source.x))
        assert not result.converged
        assert np.all(np.max(true, axis=1) <= error)

    def test_verifications(self, monkeypatch):
        seen = []
        monkeypatch.setattr(adaptive, "verify", never_enough(seen))
        settings = replace(SETTINGS, limits=Limits(verifications=3))
        result, error = solved(self.hard, cells(LINE, 10), Goal(1e-2), settings)
        assert len(seen) == 3
        assert seen[0].size < seen[1].size < seen[2].size
        self.check(result, error, 1e-2)

    def test_impatience(self, monkeypatch):
        """`Start.impatience`: more is added after every verification that failed."""
        monkeypatch.setattr(adaptive, "verify", never_enough([]))
        sizes = []
        for impatience in (1.0, 100.0):
            settings = replace(
                SETTINGS, start=Start(impatience=impatience), limits=Limits(verifications=4)
            )
            sizes.append(solved(self.hard, cells(LINE, 10), Goal(1e-2), settings)[0].size)
        assert sizes[0] < sizes[1]


class TestRounding:
    """Noise of the source, told as such: nothing is refined for it."""

    def noisy(self, noise):
        return Known(lambda x, u, v: np.exp(u) * np.cos(x), EDGES, noise=noise)

    def test_below_the_goal_it_is_part_of_the_error(self):
        result, error = solved(self.noisy(1e-9), cells(LINE, 12), Goal(1e-6))
        true = np.max(np.abs(result.values - np.expm1(1) * np.cos(result.source.x)), axis=1)
        assert result.converged
        assert np.all(true <= error)
        assert np.all(error >= 1e-9)

    def test_above_the_goal_work_ends_and_the_error_says_so(self):
        result, error = solved(self.noisy(1e-5), cells(LINE, 12), Goal(1e-6))
        true = np.max(np.abs(result.values - np.expm1(1) * np.cos(result.source.x)), axis=1)
        assert not result.converged
        assert np.all(true <= error)
        assert np.max(error) < 1e-4
        assert result.size < 3000


class TestUnresolved:
    """Places on which the source's own equations are not solved are cut, and nothing else is."""

    def test_wide_places_are_cut_until_they_are_solved(self):
        source = Known(
            lambda x, u, v: np.exp(u) + 0 * x, np.array([0.0, 0.7, 1.0]), widest=0.2
        )
        result, error = solved(source, cells(LINE, 10), Goal(1e-8))
        assert result.converged
        assert np.max(np.diff(result.source.edges)) <= 0.2
        np.testing.assert_allclose(result.values, np.expm1(1), atol=np.max(error))

    def test_also_if_only_the_coarser_level_fails(self):
        class Coarse(Known):
            def coarser(self):
                return replace(super().coarser(), widest=0.2)

        source = Coarse(lambda x, u, v: np.exp(u) + 0 * x, np.array([0.0, 0.7, 1.0]))
        result, error = solved(source, cells(LINE, 10), Goal(1e-8))
        assert result.converged
        assert np.max(np.diff(result.source.edges)) <= 0.2
        assert np.max(error) <= 1e-8

    def test_what_is_never_solved_is_refused(self):
        source = Known(lambda x, u, v: np.exp(u) + 0 * x, EDGES, widest=0.0)
        limits = Limits(rounds=4)
        with pytest.raises(RuntimeError, match="could not be solved"):
            solved(source, cells(LINE, 10), Goal(1e-8), replace(SETTINGS, limits=limits))

    def test_which_places_is_said(self):
        source = Known(lambda x, u, v: u + 0 * x, np.array([0.0, 0.7, 1.0]), widest=0.5)
        with pytest.raises(Unresolved) as failure:
            evaluate(source, Square(), cells(LINE, 4), 1e-9)
        np.testing.assert_array_equal(failure.value.places, [True, False])


def test_batches_add_up():
    """130 points in batches of 50 that end within cells."""
    source = Known(
        lambda x, u, v: np.exp(u * v) * x, EDGES, functionals=(lambda u, v: u,),
        leak=lambda a, b, u, v: (b - a) * u,
    )
    some = cells(PLANE, (5, 13), 2)

    class Whole(Known):
        batch = 10_000

    whole = Whole(*(getattr(source, name) for name in source.__dataclass_fields__))
    for one, other in zip(
        evaluate(source, Square(), some, 1e-9), evaluate(whole, Square(), some, 1e-9), strict=True
    ):
        np.testing.assert_allclose(one.rows, other.rows, atol=1e-14)
        np.testing.assert_allclose(one.lost, other.lost, rtol=1e-13)
    total = sum(s.lost for s in evaluate(source, Square(), some, 1e-9))
    np.testing.assert_allclose(total, np.diff(EDGES) / 2)


def test_a_budget_ends_the_work_between_batches():
    source = Known(lambda x, u, v: u + 0 * x, EDGES)
    with pytest.raises(OutOfTime):
        evaluate(source, Square(), cells(LINE, 4), 1e-9, Watch(Budget(1e-9)))


def test_the_claim_is_honest_about_its_safety():
    """Half the safety, half the error: what the goal is compared with is the claim."""
    source = Known(lambda x, u, v: np.cos(3 * x) / (1.1 - u), EDGES, nodes=16)
    errors = [
        solved(source, cells(LINE, 9), Goal(1e-2), replace(
            SETTINGS, claim=Claim(safety=2.5 * part, rules=1.2 * part)
        ))[1]
        for part in (1.0, 0.5)
    ]
    np.testing.assert_allclose(errors[0], 2 * errors[1], rtol=1e-12)
