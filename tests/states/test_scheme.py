"""The convergence scheme on synthetic systems whose current, and whose errors, are known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from dirac1d.numerics.budget import Budget
from dirac1d.states.scheme import converge, extrapolate
from dirac1d.states.settings import DEFAULT, Settings
from dirac1d.states.work import Stopped, Work

EXACT = np.array([1.0, -0.4, 0.25])


@dataclass
class Model:
    """A current of which every cut-off takes a known part.

    The spacing costs c₂ a² + c₄ a⁴ + c₆ a⁶, the momentum rule of a panel (4/order)ⁿ, also in
    proportion to a², the size e^{-s·size}.
    """

    work: Work
    decay: tuple[float, ...] = (6.0, 9.0)
    size_decay: float = 3.0
    extrapolates_size: bool = True
    ending: str = ""
    asked: list[tuple[int, int, int, int]] = field(default_factory=list)

    first_orders = (8, 4)
    last_size = 8
    doubt = 1.0
    coefficients = (0.9, 0.6, 0.5)

    @property
    def parts(self) -> int:
        return len(self.decay)

    def current(self, part, level, order, size):
        self.work.check()
        self.work.done(1, 100, 0.0, 0.0)
        self.asked.append((part, level, order, size))
        if self.ending and len(self.asked) > int(self.ending):
            raise KeyboardInterrupt
        a = 1 / level**2
        c2, c4, c6 = self.coefficients
        spacing = 1 + c2 * a + c4 * a**2 + c6 * a**3
        rule = (4 / order) ** self.decay[part] * (1 + 0.3 * a)
        walls = np.exp(-self.size_decay * (size + 1)) * (1 + 0.2 * a)
        share = EXACT / self.parts
        return share * (spacing + rule * np.array([1.0, -1.0, 0.5]) + walls)

    def tail(self, level):
        return 0 * EXACT

    def fits(self, level):
        return True

    def magnitude(self, change):
        return float(np.max(np.abs(change)))


def run(target=1e-4, settings: Settings = DEFAULT, budget: float | None = None, **kwargs):
    work = Work(budget=Budget(budget), settings=settings, goal=target)
    model = Model(work, **kwargs)
    return converge(model, target, work), model


def claimed(answer):
    return DEFAULT.claim.safety * sum(np.abs(d) for d in answer.parts().values())


@pytest.mark.parametrize("target", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("decay", [(6.0, 9.0), (12.0, 5.0), (30.0, 30.0)])
def test_the_estimate_bounds_the_known_error(target, decay):
    answer, _ = run(target, decay=decay)
    error = np.abs(answer.values - EXACT)
    assert np.all(error <= claimed(answer))
    # Three shares of the target: spacing 0.5, momenta 0.2 twice, size 0.1, each with its safety.
    assert np.max(claimed(answer)) <= 2 * target


def test_a_size_that_only_measures_is_measured():
    """Walls: size 1 is looked at once, and the difference from size 0 is the claim."""
    answer, model = run(1e-3, size_decay=6.0, extrapolates_size=False)
    assert np.all(np.abs(answer.values - EXACT) <= claimed(answer))
    assert {size for _, level, _, size in model.asked if level > 2} == {0}
    assert max(size for *_, size in model.asked) == 1


def test_finer_levels_use_fewer_momenta():
    answer, model = run(1e-5, decay=(6.0, 9.0))
    assert answer.orders[0] > answer.fine_orders[0]
    finest = [order for part, level, order, _ in model.asked if level > 3 and part == 0]
    assert set(finest) == {answer.fine_orders[0]}


def test_every_current_is_computed_once():
    _, model = run(1e-5)
    assert len(model.asked) == len(set(model.asked))


def test_without_its_correction_the_short_rule_would_be_wrong():
    """Contrast: j_l = F(l; m) alone, with the m that suffices for differences.

    It is what the subtraction of the coarse level's own error is for.
    """
    target = 1e-5
    answer, model = run(target, decay=(6.0, 9.0))
    levels = answer.levels
    table = [
        sum(model.current(k, level, m, answer.size) for k, m in enumerate(answer.fine_orders))
        for level in levels
    ]
    plain, _ = extrapolate(levels, table)
    assert np.max(np.abs(answer.values - EXACT)) < target / 4
    assert np.max(np.abs(plain - EXACT)) > 4 * np.max(np.abs(answer.values - EXACT))


class TestStops:
    def test_a_budget_that_has_ended_leaves_no_answer(self):
        answer, model = run(budget=1e-9)
        assert answer is None
        assert model.work.stopped == "stopped after 1e-09 s"

    def test_interrupted_before_an_answer(self):
        with pytest.raises(KeyboardInterrupt):
            run(ending="3")

    @pytest.mark.parametrize("calls", range(4, 48, 4))
    def test_interrupted_with_one(self, calls):
        """Wherever it is interrupted, what it says then bounds the truth."""
        target = 1e-9
        model = Model(Work(goal=target), ending=str(calls))
        try:
            answer = converge(model, target, model.work)
        except KeyboardInterrupt:
            # Only while the coarsest level was not settled is there no answer.
            assert {level for _, level, _, _ in model.asked} == {2}
            return
        assert model.work.stopped.startswith("interrupted after")
        assert np.all(np.abs(answer.values - EXACT) <= claimed(answer))

    def test_the_work_of_a_run_without_a_budget_is_limited(self):
        work = Work()
        work.done(1, 6000, 1e-9, 0.0)
        with pytest.raises(Stopped, match="within= allows more"):
            work.check()
        work.unlimited = True
        work.check()


class TestExtrapolation:
    def test_it_is_exact_for_a_polynomial(self):
        levels = (2, 3, 4, 6)
        table = [np.array([1 + 3 / n**2 - 2 / n**4 + 5 / n**6]) for n in levels]
        value, weight = extrapolate(levels, table)
        assert value[0] == pytest.approx(1.0, abs=1e-13)
        assert weight > 1.0

    def test_entries_that_only_finer_levels_know(self):
        levels = (2, 3, 4)
        table = [np.array([1 + 1 / n**2, 7 - 2 / n**2, 9.0])[: n - 1] for n in levels]
        value, _ = extrapolate(levels, table)
        np.testing.assert_allclose(value, [1.0, 7.0, 9.0], atol=1e-13)
        other, _ = extrapolate(levels, table, skip=1)
        # Known to one level only: compared with nothing, so that all of it is doubt.
        assert other[2] == 0.0
        assert other[1] == pytest.approx(7 - 2 / 16)

    @pytest.mark.parametrize("count", [3, 4, 5, 6])
    def test_what_a_quadrature_error_in_proportion_to_a2_becomes(self, count):
        """`Claim.difference`: the weighted sum of (a_l² - a_2²)/(a_3² - a_2²)."""
        levels = DEFAULT.limits.levels[:count]
        pattern = [np.array([(1 / n**2 - 1 / 4) / (1 / 9 - 1 / 4)]) for n in levels]
        value, _ = extrapolate(levels, pattern)
        assert value[0] == pytest.approx(DEFAULT.claim.difference, rel=1e-9)


def test_levels_end_when_the_limits_say_so():
    few = replace(DEFAULT, limits=replace(DEFAULT.limits, levels=(2, 3)))
    answer, _ = run(1e-8, settings=few)
    assert answer.levels == (2, 3)
    assert np.all(np.abs(answer.values - EXACT) <= claimed(answer))
