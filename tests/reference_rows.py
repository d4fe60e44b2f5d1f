"""Rows of the committed mpmath tables in tests/data."""

from __future__ import annotations

from pathlib import Path

import dirac1d as dd

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[list[str]]:
    """The table's rows, split into columns (the bar that parts input from results left out)."""
    lines = (DATA / name).read_text().splitlines()
    return [line.replace("|", " ").split() for line in lines if line and not line.startswith("#")]


def potential(shape: str, size: str, left: str, right: str) -> dd.TanhStep:
    """The potential that a row names."""
    ends = float(left), float(right)
    if shape == "sharp":
        return dd.SharpStep(*ends)
    return {"tanh": dd.TanhStep, "ramp": dd.LinearRamp}[shape](*ends, float(size))
