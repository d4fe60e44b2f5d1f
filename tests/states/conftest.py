"""Small problems whose whole spectrum dense LAPACK can give."""

from __future__ import annotations

import pytest

import dirac1d as dd

SMALL = {
    "gap": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)),
    "negative mass": dd.Problem(dd.ErfStep(0.4, -0.3, 0.7), mass=-1.3, fermi_energy=0.1),
    "jump": dd.Problem(dd.SharpStep(-1.5, 1.5, 0.2), mass=0.6),
    "bump": dd.Problem(dd.GaussianBump(-1.6, 2.0), mass=1.0, fermi_energy=-0.2),
}
#: About 160 sites: dense diagonalisation takes milliseconds.
LATTICE = {"spacing": 0.2, "box": (-8.0, 8.0)}


@pytest.fixture(params=SMALL.values(), ids=SMALL.keys())
def small_problem(request) -> dd.Problem:
    return request.param


@pytest.fixture
def lattice() -> dict:
    return dict(LATTICE)
