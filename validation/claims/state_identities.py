"""Eq. (2)-(8), state by state: scattering states of the continuum, eigenstates of the lattice.

    python validation/claims/state_identities.py [--quick]
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

import dirac1d as dd
from dirac1d.dirac import SIGMA_0, SIGMA_X, SIGMA_Y, SIGMA_Z, spin_rotation

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

MASS = 1.0
PROBLEM = dd.Problem(dd.TanhStep(-0.6, 0.6, 0.8) + dd.GaussianBump(0.5, 0.7, 0.4), MASS)
WELL = dd.Problem(dd.GaussianBump(-1.5, 1.0), MASS)
#: (E, p_y, side): both leads open, one open, valence band, Klein energies.
STATES = ((2.2, 0.7, "left"), (2.2, -0.7, "right"), (0.9, 0.5, "left"), (-2.0, 0.4, "right"),
          (-0.9, -0.6, "right"))
#: Chebyshev points on |x| < 3: e^{ikx} with k ≈ 2.5 and the step are resolved to 1e-13.
POINTS = 3 * np.cos(np.pi * (np.arange(96) + 0.5) / 96)[::-1]


def slope(values: NDArray) -> NDArray:
    """d/dx on POINTS of values of shape (..., n), by their Chebyshev series."""
    series = chebyshev.chebfit(POINTS / 3, values.reshape(-1, len(POINTS)).T, len(POINTS) - 1)
    return chebyshev.chebval(POINTS / 3, chebyshev.chebder(series)).reshape(values.shape) / 3


@cache
def spinor(energy: float, p_y: float, side: str) -> NDArray:
    return dd.scattering_state(PROBLEM, energy, p_y, side, POINTS).psi


def expectation(matrix: NDArray, psi: NDArray) -> NDArray:
    return np.einsum("ix,ij,jx->x", psi.conj(), matrix, psi).real


def worst(residual) -> tuple[float, str]:
    """Largest residual over the largest density of its state."""
    values = []
    for energy, p_y, side in STATES:
        psi = spinor(energy, p_y, side)
        values.append(np.max(np.abs(residual(energy, p_y, side)))
                      / np.max(expectation(SIGMA_0, psi)))
    return float(max(values)), f"{len(values)} states"


@claim("2", "scattering states solve the Dirac equation", "green", 1e-9, speed="fast")
def dirac_equation():
    def residual(energy: float, p_y: float, side: str) -> NDArray:
        psi = spinor(energy, p_y, side)
        # A complex array's slope: real and imaginary parts alike.
        d = slope(psi.real) + 1j * slope(psi.imag)
        return (-1j * SIGMA_X @ d + (p_y * SIGMA_Y + MASS * SIGMA_Z) @ psi
                + (PROBLEM.potential(POINTS) - energy) * psi)

    return worst(residual)


@claim("4, 5", "Δψ†σ_yψ - p_yψ†σ_zψ = -½∂ₓ(ψ†ψ)", "green", 1e-9, speed="fast")
def equation_5():
    def residual(energy: float, p_y: float, side: str) -> NDArray:
        psi = spinor(energy, p_y, side)
        return (MASS * expectation(SIGMA_Y, psi) - p_y * expectation(SIGMA_Z, psi)
                + slope(expectation(SIGMA_0, psi)) / 2)

    return worst(residual)


@claim("6", "e^{iθσ_x/2} turns a state of mass M, p_y = 0 into one of Δ, p_y (up to a phase)",
       "green", 1e-11, speed="fast")
def equation_6():
    def residual(energy: float, p_y: float, side: str) -> NDArray:
        heavy = dd.Problem(PROBLEM.potential, float(np.hypot(MASS, p_y)))
        turned = spin_rotation(p_y, MASS) @ dd.scattering_state(
            heavy, energy, 0.0, side, POINTS).psi
        psi = spinor(energy, p_y, side)
        phase = np.vdot(turned, psi)
        return psi - turned * phase / abs(phase)

    return worst(residual)


@claim("6", "lattice: bound levels at (Δ, p_y) and at (M, 0) differ by O(a²) (|order - 2|)",
       "states", 0.05, speed="fast")
def equation_6_lattice():
    p_y, off = 0.7, []
    M = float(np.hypot(MASS, p_y))
    for spacing in (0.1, 0.05):
        light, heavy = (
            dd.eigenstates(dd.Problem(WELL.potential, mass), p, (-0.95 * M, 0.95 * M), spacing,
                           (-15.0, 15.0)).energies
            for mass, p in ((MASS, p_y), (M, 0.0))
        )
        off.append(float(np.max(np.abs(light - heavy))))
    return abs(float(np.log2(off[0] / off[1])) - 2), (
        f"{len(light)} levels, {off[1]:.1e} at a = 0.05")


@claim("7", "Δψ†σ_zψ ± p_yψ†σ_yψ is the same for both states of a pair ±p_y", "green", 1e-11,
       speed="fast")
def equation_7():
    def residual(energy: float, p_y: float, side: str) -> NDArray:
        plus, minus = (
            MASS * expectation(SIGMA_Z, psi) + p * expectation(SIGMA_Y, psi)
            for p in (p_y, -p_y) for psi in (spinor(energy, p, side),)
        )
        return plus - minus

    return worst(residual)


@claim("8", "sum of ψ†σ_yψ over a pair ±p_y is -Δ∂ₓ(ψ†ψ sum)/2M²", "green", 1e-9, speed="fast")
def equation_8():
    def residual(energy: float, p_y: float, side: str) -> NDArray:
        pair = [spinor(energy, p, side) for p in (p_y, -p_y)]
        density = sum(expectation(SIGMA_0, psi) for psi in pair)
        spin = sum(expectation(SIGMA_Y, psi) for psi in pair)
        return spin + MASS * slope(density) / (2 * (MASS**2 + p_y**2))

    return worst(residual)


@claim("8", "lattice: σ_y of all bound states, both ±p_y, is -∂ₓ of the weighted density up to "
       "O(a²) (|order - 2|, after integration)", "states", 0.2, speed="fast")
def equation_8_lattice():
    rest = [window_rest(spacing) for spacing in (0.1, 0.05)]
    return abs(float(np.log2(rest[0] / rest[1])) - 2), f"{rest[1]:.1e} of the peak at a = 0.05"


def window_rest(spacing: float) -> float:
    """∫σ_y dx + Δn of a well's bound states at one |p_y|, over the density's range.

    (In a band the walls tell p_y from -p_y, and a pair does not fall into a window together.)
    """
    p_y, box, window = 0.7, (-15.0, 15.0), (-1.15, 1.15)
    x = np.linspace(-4, 4, 801)
    n = dd.window_density(WELL, x, window, p_y, weighted=True, spacing=spacing, box=box)
    spin = np.zeros(len(x))
    for p in (p_y, -p_y):
        found = dd.eigenstates(WELL, p, window, spacing, box)
        density = np.sum(found.vectors**2, axis=1) / found.chain.cells
        for sign in (1, -1):
            on = found.chain.sublattice == sign
            spin += sign * CubicSpline(found.chain.x[on], density[on])(x) / 2
    between = CubicSpline(x, spin).antiderivative()(x)
    return float(np.max(np.abs(between + n - n[0])) / np.ptp(n))


if __name__ == "__main__":
    sys.exit(main(__doc__))
