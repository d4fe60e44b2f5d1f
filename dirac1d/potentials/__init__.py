"""Potential steps U(x): frozen dataclasses with leads, breakpoints, limits and derivative.

A potential is anything that meets the `Potential` protocol. All shapes here but one have flat
leads, U → ``left`` for x → -∞ and U → ``right`` for x → +∞, and they add:
``TanhStep(...) + GaussianBump(...)``. The exception is `CosinePotential`: periodic, without leads.
Circles, U(r) in the plane, are a kind of their own: `Disc`, `GaussianDot`, `SmoothDisc`, …; and so
are functions U(x, y): `Strip` between flat leads, `Cell` periodic both ways, and `disorder`.
A mass is a number or a shape of the first kind, with hard walls (`HardWall`) or without.
Energies and lengths are dimensionless (ħ = v_F = 1).
"""

from dirac1d.potentials.base import (
    NoLeadsError,
    Step,
    SumPotential,
    Wave,
    validate,
)
from dirac1d.potentials.data import FunctionPotential, TabulatedPotential
from dirac1d.potentials.disorder import disorder
from dirac1d.potentials.periodic import CosinePotential
from dirac1d.potentials.planar import Cell, Planar, SamplingWarning
from dirac1d.potentials.protocols import (
    CircularPotential,
    PeriodicPotential,
    PlanarPotential,
    Potential,
)
from dirac1d.potentials.radial import (
    Circle,
    Disc,
    GaussianDot,
    RadialPotential,
    RadialSum,
    SmoothDisc,
    TabulatedRadial,
)
from dirac1d.potentials.shapes import (
    SHAPES,
    a_length,
    a_number,
    a_position,
    a_wavenumber,
    an_energy,
    register,
)
from dirac1d.potentials.steps import ErfStep, GaussianBump, LinearRamp, SharpStep, TanhStep
from dirac1d.potentials.strips import Strip
from dirac1d.potentials.walls import HardWall, Walled

__all__ = [
    "SHAPES",
    "Cell",
    "Circle",
    "CircularPotential",
    "CosinePotential",
    "Disc",
    "ErfStep",
    "FunctionPotential",
    "GaussianBump",
    "GaussianDot",
    "HardWall",
    "LinearRamp",
    "NoLeadsError",
    "PeriodicPotential",
    "Planar",
    "PlanarPotential",
    "Potential",
    "RadialPotential",
    "RadialSum",
    "SamplingWarning",
    "SharpStep",
    "SmoothDisc",
    "Step",
    "Strip",
    "SumPotential",
    "TabulatedPotential",
    "TabulatedRadial",
    "TanhStep",
    "Walled",
    "Wave",
    "a_length",
    "a_number",
    "a_position",
    "a_wavenumber",
    "an_energy",
    "disorder",
    "register",
    "validate",
]
