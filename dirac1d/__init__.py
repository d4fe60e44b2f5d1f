"""Equilibrium anomalous Hall current of massive Dirac electrons along a potential step."""

from dirac1d.potentials import (
    ErfStep,
    FunctionPotential,
    GaussianBump,
    LinearRamp,
    SharpStep,
    TabulatedPotential,
    TanhStep,
)
from dirac1d.problem import Problem
from dirac1d.profile import AccuracyWarning, Estimate, Profile, load

__version__ = "0.1.0"
