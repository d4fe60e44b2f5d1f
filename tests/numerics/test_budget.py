"""Budgets of time."""

from __future__ import annotations

import numpy as np
import pytest

from dirac1d.numerics import budget as module
from dirac1d.numerics.budget import Budget, check_within


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is moved."""
    now = [100.0]
    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    return now


def test_a_budget_counts_from_its_start(clock):
    budget = Budget(2.0)
    assert (budget.spent, budget.left, budget.over) == (0.0, 2.0, False)
    clock[0] += 1.5
    assert (budget.spent, budget.left, budget.over) == (1.5, 0.5, False)
    clock[0] += 1.0
    assert (budget.spent, budget.left, budget.over) == (2.5, 0.0, True)


def test_without_seconds_it_never_ends(clock):
    budget = Budget()
    clock[0] += 1e9
    assert budget.left == np.inf
    assert not budget.over
    assert budget.spent == 1e9


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (30, 30.0), (0.5, 0.5), (np.float64(2), 2.0), (np.inf, None)],
)
def test_within(value, expected):
    assert check_within(value) == expected


@pytest.mark.parametrize("value", [0, -1.0, np.nan, -np.inf, "30", "soon", True, [1], 10**400])
def test_a_bad_within_is_named(value):
    with pytest.raises(ValueError, match="within must be a positive number of seconds"):
        check_within(value)
