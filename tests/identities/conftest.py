"""The engines, as one fixture: every identity here must hold for each of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache

import pytest

import dirac1d as dd

#: Accuracy asked of each engine: what it reaches in less than a second.
RTOL = {"states": 1e-3, "green": 1e-8}


@lru_cache(maxsize=256)
def _solve(problem: dd.Problem, x: tuple[float, ...], engine: str, rtol: float) -> dd.Profile:
    with warnings.catch_warnings():
        # An accuracy that is missed is in the profile's error, which every test here uses.
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        return dd.current_density(problem, x, engine=engine, rtol=rtol)


@pytest.fixture
def solve() -> Callable[..., dd.Profile]:
    """`current_density`, remembered between tests."""
    return lambda problem, x, engine, rtol=None: _solve(
        problem, tuple(float(v) for v in x), engine, rtol or RTOL[engine]
    )


@pytest.fixture(params=list(RTOL))
def engine(request) -> str:
    return request.param
