"""Ray dynamics and magnetisation, Eq. (1), (17)-(24), (46)-(66), against exact scattering states.

A wave of energy ε = 2Δ crosses a smooth step (tanh, height 0.6Δ, width w) without reflection. Exact
spinors of engine "green" are compared with the semiclassical formulas; their relative error must
fall as w^{-2}. The algebra between the formulas is checked at random points, derivatives by mpmath.

    python validation/claims/rays.py [--quick]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d import geometry as geo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

MASS, ENERGY = 1.0, 2.0
WIDTHS = (4.0, 8.0)
#: x/w: where U' is appreciable.
T = np.linspace(-1, 1, 21)


def momentum(U: NDArray) -> NDArray:
    """p(x) of Eq. (46), (56)."""
    return np.sqrt((ENERGY - U) ** 2 - MASS**2)


@cache
def wave(width: float, p_y: float = 0.0) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """U, U', and the spinor with unit current, at x = w T."""
    step = dd.TanhStep(-0.3, 0.3, width)
    x = T * width
    psi = dd.scattering_state(dd.Problem(step, MASS), ENERGY, p_y, "left", x).psi
    return step(x), step.derivative(x), psi[0], psi[1]


def order(error: Callable[[float], float], expected: int = 2) -> tuple[float, str]:
    """|order in 1/w - expected| of an error, and its size."""
    a, b = (error(w) for w in WIDTHS)
    return abs(float(np.log2(a / b)) - expected), f"{b:.1e} at w = {WIDTHS[1]}ħv/Δ"


def velocity_error(width: float) -> float:
    U, slope, f, g = wave(width)
    p = momentum(U)
    found = 2 * np.imag(f.conj() * g) / (np.abs(f) ** 2 + np.abs(g) ** 2)
    expected = -slope * MASS / (2 * p**2 * np.sqrt(MASS**2 + p**2))
    return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected)))


@claim("18, 62", "⟨v_y⟩ = -U'Δ/(2p²√(Δ²+p²)): relative error falls as w^{-2} (|order - 2|)",
       "green", 0.1, speed="fast")
def velocity():
    return order(velocity_error)


def density_error(width: float) -> float:
    U, _, f, g = wave(width)
    p = momentum(U)
    found = np.abs(f) ** 2 + np.abs(g) ** 2  # of unit current: Eq. (17) with ψ†σ_xψ = 1
    return float(np.max(np.abs(found * p / np.sqrt(MASS**2 + p**2) - 1)))


@claim("17, 51, 52", "density |a|² = 1/v_x of unit current: error falls as w^{-2} (|order - 2|)",
       "green", 0.1, speed="fast")
def density():
    return order(density_error)


def spinor_error(width: float) -> float:
    """Component of ψ along φ₋ against b/a = -iβ of Eq. (17), (50), (53)."""
    U, slope, f, g = wave(width)
    p = momentum(U)
    E = np.sqrt(p**2 + MASS**2)
    plus = np.array([np.sqrt(E + MASS), np.sqrt(E - MASS)]) / np.sqrt(2 * E)
    minus = np.array([plus[1], -plus[0]])
    psi = np.array([f, g])
    ratio = np.sum(minus * psi, axis=0) / np.sum(plus * psi, axis=0)
    expected = 1j * slope * MASS / (4 * p**2 * E)
    return float(np.max(np.abs(ratio - expected)) / np.max(np.abs(expected)))


@claim("17, 47, 48, 50, 53", "b/a = iU'Δ/(4p²E), β = ib/a: error falls as 1/w (|order - 1|; the "
       "next term of b/a is real, so ⟨v_y⟩ = 2β keeps w^{-2})", "green", 0.15, speed="fast")
def spinor():
    return order(spinor_error, 1)


def trajectory_error(width: float) -> float:
    U, _, f, g = wave(width)
    p = momentum(U)
    found = -2 * np.real(f.conj() * g) / (np.abs(f) ** 2 + np.abs(g) ** 2) / (2 * MASS)
    expected = -p / (2 * MASS * np.sqrt(MASS**2 + p**2))
    return float(np.max(np.abs(found / expected - 1)))


@claim("22, 58", "trajectory y = -ψ†σ_xψ/(2Δψ†ψ) = -v_x/2Δ: error falls as w^{-2} (|order - 2|)",
       "green", 0.1, speed="fast")
def trajectory():
    return order(trajectory_error)


@claim("19, 20, 21, 22", "a ray made of states ψ_{p_y}: its centre of charge at every x is Eq. "
       "(22)'s (over the largest shift)", "green", 2e-3)
def ray():
    width, spread = 16.0, 0.02
    p_y = np.linspace(-5 * spread, 5 * spread, 41)
    y = np.linspace(-400, 400, 1601)
    amplitude = np.exp(-((p_y / spread) ** 2) / 2)
    ray = np.zeros((2, len(y), len(T)), dtype=complex)
    for c, p in zip(amplitude, p_y, strict=True):
        # The states' phases are even in p_y: they do not move the ray.
        _, _, f, g = wave(width, float(p))
        ray += c * np.exp(1j * p * y)[:, None] * np.array([f, g])[:, None, :]
    density = np.sum(np.abs(ray) ** 2, axis=0)
    centre = (y @ density) / np.sum(density, axis=0)
    p_x = momentum(wave(width)[0])
    expected = -p_x / (2 * MASS * np.sqrt(MASS**2 + p_x**2))
    return float(np.max(np.abs(centre - expected)) / np.max(np.abs(expected)))


@claim("23", "side jump of that trajectory: v_x dy/dx = U'Δ/2(Δ²+p²)^{3/2} (relative, at random "
       "points)", "exact", 1e-10, speed="fast")
def transport_velocity():
    return algebra(lambda s: (s.v(s.x) * mp.diff(lambda x: -s.v(x) / (2 * s.D), s.x),
                              s.dU * s.D / (2 * s.E**3)))


@claim("1, 23", "... and it is -v_B: Berry curvature of the conduction band, Ω_z = -Δ/2E³ (+ is "
       "the valence band's)", "geometry", 1e-12, speed="fast", misprint="eq1")
def berry_velocity():
    k = np.random.default_rng(1).normal(size=(2, 50))
    # geometry's Ω is the valence band's; dr/dt = ... - v_B, v_B = eE×Ω, eE = -U': -U'Ω_z along y.
    valence = geo.berry_curvature(geo.massive_dirac(MASS), *k)
    E = np.sqrt(MASS**2 + np.sum(k**2, axis=0))
    conduction = -valence
    return float(np.max(np.abs(-conduction - MASS / (2 * E**3))))


@claim("22", "|y| < 1/2Δ (smallest 1 - 2Δ|y| for momenta up to 100Δ)", "exact", 1e-5,
       at_least=True, speed="fast")
def bound():
    p = np.linspace(0, 100, 10001)
    return float(np.min(1 - p / np.sqrt(MASS**2 + p**2)))


class Sample:
    """A smooth potential and a ray in it at one point, in mpmath."""

    def __init__(self, rng: np.random.Generator) -> None:
        a, b, c, d = (mp.mpf(float(v)) for v in rng.uniform(0.1, 0.4, 4))
        self.U = lambda x: a * mp.sin(b * x) + c * mp.tanh(d * x)
        self.D, self.eps = mp.mpf(float(rng.uniform(0.5, 1.2))), mp.mpf(3)
        self.x = mp.mpf(float(rng.uniform(-2, 2)))
        self.dU = mp.diff(self.U, self.x)
        self.pof = lambda x: mp.sqrt((self.eps - self.U(x)) ** 2 - self.D**2)
        self.p = self.pof(self.x)
        self.E = mp.sqrt(self.p**2 + self.D**2)

    def v(self, x: mp.mpf) -> mp.mpf:
        """v_x of Eq. (56)."""
        return self.pof(x) / (self.eps - self.U(x))

    def pair(self) -> tuple[mp.mpf, mp.mpf, mp.mpf]:
        """θ' of φ₊ = (cos θ, sin θ), and b/a, |a|² of Eq. (50), (51)."""
        turn = mp.diff(lambda x: mp.atan2(self.pof(x), self.D) / 2, self.x)
        return turn, 1j * self.dU * self.D / (4 * self.p**2 * self.E), self.E / self.p


def algebra(sides: Callable[[Sample], tuple]) -> float:
    """Largest relative difference of two expressions over 20 random rays."""
    rng, worst = np.random.default_rng(2019), 0.0
    with mp.workdps(30):
        for _ in range(20):
            left, right = sides(Sample(rng))
            worst = max(worst, float(abs(left - right) / (abs(right) + mp.mpf(10) ** -30)))
    return worst


@claim("49", "couplings of (49): with φ₊' = -θ'φ₋, θ' = -U'Δ/2p√(Δ²+p²), both equations follow",
       "exact", 1e-10, speed="fast")
def equation_49():
    def sides(s: Sample) -> tuple:
        turn, _, _ = s.pair()
        return turn, -s.dU * s.D / (2 * s.p * s.E)

    def residual(s: Sample) -> tuple:
        # Any a, b and the a', b' that (49) gives must solve (H(p) - i∂ₓ - E)(aφ₊ + bφ₋) = 0.
        turn, _, _ = s.pair()
        a, b = mp.mpc(0.3, 0.4), mp.mpc(-0.2, 0.7)
        coupling = s.dU * s.D / (2 * s.p * s.E)
        da = (1j * coupling * b + 2 * s.D * b) / 1j
        db = (-1j * coupling * a + 2 * s.p * b) / 1j
        c, q = mp.sqrt((s.E + s.D) / (2 * s.E)), mp.sqrt((s.E - s.D) / (2 * s.E))
        plus, minus = mp.matrix([c, q]), mp.matrix([q, -c])
        flip = mp.matrix([[0, 1], [1, 0]])
        change = da * plus - a * turn * minus + db * minus + b * turn * plus
        rest = -1j * (flip * change) - 2 * s.E * b * minus
        return mp.norm(rest) + 1, mp.mpf(1)

    return max(algebra(sides), algebra(residual))


@claim("50, 51, 52", "leading orders of (49): b from its second, a'/a = -2iΔ b/a from its first "
       "line is that of a = √(E/p)", "exact", 1e-10, speed="fast")
def equation_51():
    def sides(s: Sample) -> tuple:
        _, ratio, _ = s.pair()
        slope = mp.diff(lambda x: mp.log(1 / s.v(x)) / 2, s.x)
        return slope, -2j * s.D * ratio

    return algebra(sides)


@claim("54, 55, 57", "j_x = eg² + eg'g/Δv_x and ρ = eg²(y + v_x/2Δ)/v_x of (21), to first order in "
       "g' (|order - 2| of the rest in 1/δy)", "exact", 0.05, speed="fast")
def equation_54():
    v, D, y = 0.6, 1.0, 0.3
    plus, minus = (1 / v + 1) / 2, (1 / v - 1) / 2  # |ψ±|²: difference 1, sum 1/v_x

    def rest(scale: float) -> float:
        def g2(t: float) -> float:
            return float(np.exp(-((t / scale) ** 2)))

        slope = -2 * y * scale / scale**2 * g2(y * scale)  # (g²)' at y δy
        at = y * scale
        j_x = g2(at + 1 / (2 * D)) * plus - g2(at - 1 / (2 * D)) * minus
        rho = g2(at + 1 / (2 * D)) * plus + g2(at - 1 / (2 * D)) * minus
        return max(abs(j_x - g2(at) - slope / (2 * D * v)), abs(rho - g2(at + v / (2 * D)) / v))

    return abs(np.log2(rest(50.0) / rest(100.0)) - 2)


@claim("59, 60", "div j = 0 inside the ray: ∂ₓ(g'g/Δv_x) = -g'g v_x'/Δv_x² integrates over y to "
       "j_y = g²v_x'/2Δv_x²", "exact", 1e-10, speed="fast")
def equation_60():
    def sides(s: Sample) -> tuple:
        slope = mp.diff(lambda x: 1 / (s.D * s.v(x)), s.x)  # ∂ₓj_x over g'g = (g²)'/2
        dv = mp.diff(s.v, s.x)
        return -slope / 2, dv / (2 * s.D * s.v(s.x) ** 2)

    return algebra(sides)


@claim("61", "v_x' = -U'Δ²/p(Δ²+p²)", "exact", 1e-10, speed="fast")
def equation_61():
    return algebra(lambda s: (mp.diff(s.v, s.x), -s.dU * s.D**2 / (s.p * s.E**2)))


@claim("60, 62", "(60) with (61) is j_y = -U'Δ/2p³, and over ρ = 1/v_x it is Eq. (18)", "exact",
       1e-10, speed="fast")
def equation_62():
    def sides(s: Sample) -> tuple:
        v = s.v(s.x)
        j = mp.diff(s.v, s.x) / (2 * s.D * v**2)
        return j + 1j * j * v, -s.dU * s.D / 2 * (1 / s.p**3 + 1j / (s.p**2 * s.E))

    return algebra(sides)


@claim("63, 64, 65, 66", "-∂ₓM = j_y - j_ytr with M = μ/v_x, μ = eħΔv²/2(Δ²+p²)", "exact", 1e-10,
       speed="fast", misprint="eq64")
def equation_66():
    def sides(s: Sample) -> tuple:
        moment = mp.diff(lambda x: s.D / (2 * s.pof(x) * mp.sqrt(s.D**2 + s.pof(x) ** 2)), s.x)
        v = s.v(s.x)
        total = -s.dU * s.D / (2 * s.p**3)
        transport = s.dU * s.D / (2 * s.E**3) / v
        printed = -s.dU * s.D / 2 * (1 / s.p**3 + 1 / (s.p * s.E**2))
        return -moment + 1j * printed, (total - transport) * (1 + 1j)

    return algebra(sides)


@claim("24, 63", "exact state: j_y less transport is -∂ₓM, M = Δψ†ψ/2E²: error falls as w^{-2} "
       "(|order - 2|)", "green", 0.15, speed="fast")
def magnetization():
    def error(width: float) -> float:
        U, slope, f, g = wave(width)
        p = momentum(U)
        E = np.sqrt(MASS**2 + p**2)
        found = 2 * np.imag(f.conj() * g) - slope * MASS / (2 * E**3) * (np.abs(f) ** 2
                                                                        + np.abs(g) ** 2)
        expected = -slope * MASS / 2 * (1 / p**3 + 1 / (p * E**2))
        return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected)))

    return order(error)


if __name__ == "__main__":
    sys.exit(main(__doc__))
