"""Budgets: what is said of an answer that time has cut short."""

from __future__ import annotations

from time import sleep

import pytest

from dirac1d.green.integrate.watch import OutOfTime, Watch, best_within
from dirac1d.numerics.budget import Budget


@pytest.mark.parametrize("raises", [False, True])
def test_whatever_ends_with_the_budget_is_said_to_be_stopped(raises):
    def solve(rtol, watch):
        if rtol < 1e-3:
            sleep(0.05)
            if raises:
                raise OutOfTime
        return rtol

    answer, stopped = best_within(solve, 1e-5, Watch(Budget(0.04)))
    assert answer == (1e-3 if raises else 1e-5)
    assert stopped.startswith("stopped after 0.05")
    assert best_within(solve, 1e-3, Watch(Budget(10.0))) == (1e-3, None)
