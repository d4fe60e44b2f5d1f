"""Appendix C in one dimension: U, ε_F, T ≪ Δ, lengths growing as (ΔA)^{-1/2}; Eq. (28), (40)-(45).

A step of height A = λΔ above the conduction band's edge. The Schrödinger problem p²/2m + U, m = Δ,
is solved here by itself (no engine): its density of states n(x, ε), summed over p_y, gives the
anomalous current -(1/2m)∂ₓn, which the Dirac current must approach as λ → 0.

    python validation/claims/nonrelativistic.py [--quick]
"""

from __future__ import annotations

import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.polynomial import chebyshev
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.special import expit

import dirac1d as dd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

MASS = 1.0
LAMBDAS = (0.1, 0.05, 0.025)
#: Width of the step and positions in units of (ΔA)^{-1/2}; in these units p²/2 + tanh-step of
#: height 1 is one and the same Schrödinger problem for all λ.
WIDTH, T = 1.0, np.linspace(-4, 3, 29)
#: Fermi energy over A, and temperature over A.
FILLING, WARMTH = 0.6, 0.15
NODES = 32
#: ODE accuracy: below 1e-3 of the smallest deviation measured.
ODE_RTOL = 1e-9


def scaled_step(x: NDArray | float) -> NDArray:
    return (1 + np.tanh(np.asarray(x) / WIDTH)) / 2


def schroedinger_solutions(energy: NDArray, x: NDArray) -> tuple[NDArray, NDArray]:
    """∂ₓ of G(x,x) and G itself for p²/2 + step at energies + i0; shape (len(x), len(energy))."""
    far, n = 22 * WIDTH, len(energy)

    def march(start: float, U: float, positions: NDArray) -> tuple[NDArray, NDArray]:
        """The solution that leaves (or decays) beyond `start`, normalised to φ = 1 there."""
        k = np.sqrt(2 * (energy - U) + 0j)
        slope = 1j * k * np.sign(start)

        def derivative(t: float, y: NDArray) -> NDArray:
            return np.concatenate((y[n:], 2 * (scaled_step(t) - energy) * y[:n]))

        result = solve_ivp(derivative, (start, positions[-1]), np.concatenate((k * 0 + 1, slope)),
                           "DOP853", t_eval=positions, rtol=ODE_RTOL, atol=1e-13)
        return result.y[:n].T, result.y[n:].T

    right, d_right = (v[::-1] for v in march(far, 1.0, x[::-1]))
    left, d_left = march(-far, 0.0, x)
    W = left * d_right - d_left * right
    return 2 * (d_left * right + left * d_right) / W, 2 * left * right / W


def schroedinger_spectral_current(energy: float) -> NDArray:
    """-(1/2)∂ₓn(x, ε) in scaled units, n summed over p_y."""
    borders = sorted({0.0, np.sqrt(2 * energy), np.sqrt(2 * max(energy - 1, 0.0))})
    t, w = leggauss(NODES)
    angle, total = np.pi / 2 * (t + 1), np.zeros(len(T))
    for a, b in pairwise(borders):
        p = (a + b) / 2 - (b - a) / 2 * np.cos(angle)
        weight = (b - a) / 2 * np.sin(angle) * np.pi / 2 * w
        slope, _ = schroedinger_solutions(energy - p**2 / 2, T)
        # Both signs of p_y; n = -Im G/π per energy.
        total += -(-np.imag(slope) / np.pi) / 2 @ (2 * weight / (2 * np.pi))
    return total


@cache
def problem(ratio: float, filling: float = FILLING, warmth: float = 0.0) -> dd.Problem:
    """Dirac problem of λ = ratio: conduction edge from 0 to A."""
    A = ratio * MASS
    step = dd.TanhStep(-MASS, -MASS + A, WIDTH / np.sqrt(MASS * A))
    return dd.Problem(step, MASS, filling * A, warmth * A)


def positions(ratio: float) -> NDArray:
    return T / np.sqrt(ratio) / MASS


@cache
def deviations() -> tuple[float, ...]:
    """Largest deviation of Dirac's j^ε from Schrödinger's, over the peak, for every λ."""
    exact = schroedinger_spectral_current(FILLING)
    found = []
    for ratio in LAMBDAS:
        dirac = dd.energy_resolved_current(problem(ratio), positions(ratio), FILLING * ratio,
                                           rtol=1e-6)
        # j^ε is e/h over a length, (ΔA)^{-1/2}.
        found.append(dirac / np.sqrt(ratio) / MASS - exact)
    peak = np.max(np.abs(exact))
    limit = (8 * found[2] - 6 * found[1] + found[0]) / 3  # λ, λ² out of λ, λ/2, λ/4
    return tuple(float(np.max(np.abs(f)) / peak) for f in (*found, limit))


@claim("28, 40, 42, 45", "j^ε is Schrödinger's -(1/2m)∂ₓn: correction of first order in A/Δ "
       "(|order - 1|, 0.05 → 0.025)", "green", 0.05)
def first_order():
    d = deviations()
    return abs(np.log2(d[1] / d[2]) - 1), ", ".join(
        f"{v:.1%} at {r}" for v, r in zip(d, LAMBDAS, strict=False))


@claim("29, 45", "... and nothing else: extrapolated to A/Δ = 0 (over the peak)", "green", 1e-3)
def extrapolated():
    return deviations()[-1]


@claim("29, 45", "T = 0.15A: j_y(ε_F) - j_y(gap) is the thermal sum of Schrödinger's, extrapolated "
       "from A/Δ = 0.1, 0.05, 0.025 (over the peak)", "green", 2e-3, speed="full")
def warm():
    # f falls to 1e-9 at ε = 3.7A; both leads are open above A.
    t, w = leggauss(20)
    exact = np.zeros(len(T))
    for a, b in ((0.0, 1.0), (1.0, 3.7)):
        energies = (a + b) / 2 + (b - a) / 2 * t
        for energy, weight in zip(energies, w * (b - a) / 2, strict=True):
            exact += weight * expit((FILLING - energy) / WARMTH) \
                * schroedinger_spectral_current(float(energy))
    found = []
    for ratio in LAMBDAS:
        x = positions(ratio)
        gap = dd.Problem(problem(ratio).potential, MASS, -MASS + ratio / 2)
        filled, empty = (dd.current_density(p, x, rtol=1e-7).j_y
                         for p in (problem(ratio, FILLING, WARMTH), gap))
        found.append((filled - empty) / ratio**1.5)
    limit = (8 * found[2] - 6 * found[1] + found[0]) / 3
    return float(np.max(np.abs(limit - exact)) / np.max(np.abs(exact)))


def spinor_errors(ratio: float) -> NDArray:
    """Relative errors of χ (42), ψ†σ_yψ and ψ†σ_xψ (43) of one state with p_y ≠ 0."""
    A = ratio * MASS
    s = 3 * np.cos(np.pi * (np.arange(64) + 0.5) / 64)[::-1]
    p_y = 0.5 * np.sqrt(MASS * A)
    x = s / np.sqrt(MASS * A)
    phi, chi = dd.scattering_state(problem(ratio), 1.6 * A, p_y, "left", x).psi

    def slope(values: NDArray) -> NDArray:
        series = chebyshev.chebder(chebyshev.chebfit(s / 3, values, 63))
        return chebyshev.chebval(s / 3, series) / 3 * np.sqrt(MASS * A)

    d_phi = slope(phi.real) + 1j * slope(phi.imag)
    density = np.abs(phi) ** 2
    pairs = (
        (chi, (-1j * d_phi + 1j * p_y * phi) / (2 * MASS)),
        (2 * np.imag(phi.conj() * chi), (-slope(density) / 2 + p_y * density) / MASS),
        (2 * np.real(phi.conj() * chi), np.imag(phi.conj() * d_phi) / MASS),
    )
    return np.array([np.max(np.abs(a - b)) / np.max(np.abs(b)) for a, b in pairs])


@claim("42, 43", "one state with p_y ≠ 0: χ and both components of ψ†σψ, corrections of first "
       "order in A/Δ (largest |order - 1|)", "green", 0.05, speed="fast")
def single_state():
    a, b = spinor_errors(0.02), spinor_errors(0.01)
    return float(np.max(np.abs(np.log2(a / b) - 1))), "at A/Δ = 0.01: " + ", ".join(
        f"{v:.1e}" for v in b)


@claim("44", "density of a slightly filled band over m(ε_F - U)/2πħ², less 1, of first order in "
       "(ε_F - U - Δ)/Δ: half of it (the printed 4π would give 2)", "green", 1e-4, speed="fast",
       misprint="eq44")
def density():
    filled = 0.01
    flat = dd.Problem(dd.TanhStep(-1e-6, 1e-6, 1.0), MASS, MASS + filled)
    n = float(dd.charge_density(flat, [0.0], rtol=1e-7)[0])
    return abs(n / (MASS * filled / (2 * np.pi)) - 1 - filled / (2 * MASS)), f"n = {n:.6e}"


@claim("44", "lattice: density of a window of the conduction band per energy is m/2π (relative, "
       "window 0.02Δ to 0.32Δ above the edge, (ε - U)/2π of Dirac)", "states", 0.02, speed="full",
       misprint="eq44")
def density_lattice():
    flat = dd.Problem(dd.TanhStep(-1e-6, 1e-6, 1.0), MASS)
    low, high = MASS + 0.02, MASS + 0.32
    x = np.linspace(-20, 20, 201)
    n = dd.window_density(flat, x, (low, high), spacing=0.1, box=(-60, 60))
    weight = np.hanning(201) / np.sum(np.hanning(201))
    exact = (high**2 - low**2) / (4 * np.pi)
    ratio = float(n @ weight) / (MASS * (high - low) / (2 * np.pi))
    return abs(float(n @ weight) / exact - 1), f"over m(high - low)/2π: {ratio:.3f}"


if __name__ == "__main__":
    sys.exit(main(__doc__))
