"""Fixtures that the whole suite shares; every random number here is seeded."""

from __future__ import annotations

import os

# One thread for BLAS: small matrices are slowed down by more, and timings would not be steady.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import matplotlib
import numpy as np
import pytest

import dirac1d as dd

matplotlib.use("Agg")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20190417)


@pytest.fixture
def gap_problem() -> dd.Problem:
    """The plainest insulating step: Δ = 1, ε_F = 0 in the gap, T = 0."""
    return dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0))
