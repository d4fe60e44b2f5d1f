"""Appendix B's integrals as printed, Eq. (16), (31)-(33), (35), against the closed Airy forms.

No engine takes part: these are identities between functions, and the factors and scales by which
the printed ones miss.

    python validation/claims/airy_printed.py [--quick]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.integrate import simpson

from dirac1d.exact import (
    airy_edge_current,
    airy_length,
    printed_eq16,
    printed_eq33,
    semiclassical_edge_current,
    single_state_current,
)
from dirac1d.exact.airy_functions import ai

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

MASS = 1.0


@claim("32", "Eq. (32) with the scale x₀/2^{1/3}: its slope is -2m times the current (33) "
       "(F = 0.3, relative to its largest)", "exact", 1e-8, speed="fast", misprint="eq33")
def density_of_eq32():
    F, m = 0.3, MASS
    x_0 = airy_length(F, m)
    scale = F * x_0 / 2 ** (1 / 3)  # instead of Fx₀, in the prefactor too
    x = np.linspace(-4, 2, 13) * x_0

    def rho(position: float) -> float:
        # ε_x and p_y = √(2m ε_y): both run over the half-plane; polar in (√ε_x, √ε_y) leaves
        # ∫dε_x dp_y = √(2m) ∫ 2R² dR (R² = ε_x + ε_y) ∫dφ 2 cos φ, and ∫dφ cos φ = 1.
        R = np.linspace(0, np.sqrt(max(-F * position, 0.0) + 12 * scale), 4001)
        integrand = 4 * R**2 * ai((R**2 + F * position) / scale) ** 2
        return simpson(integrand, x=R) * np.sqrt(2 * m) / (np.pi * np.sqrt(2 * scale / m))

    h = 1e-3 * x_0
    slope = np.array([(8 * (rho(v + h) - rho(v - h)) - rho(v + 2 * h) + rho(v - 2 * h)) / (12 * h)
                      for v in x])
    found, exact = -slope / (2 * m), airy_edge_current(x, F, m)
    return float(np.max(np.abs(found - exact)) / np.max(np.abs(exact)))


@claim("35", "Eq. (35) is the step (F/4π)θ(-x): its integral, and the mean of Ai₁ over "
       "oscillations deep inside", "exact", 1e-3, speed="fast")
def semiclassical_step():
    F, x_0 = 0.1, airy_length(0.1, MASS)
    u, w = np.polynomial.chebyshev.chebgauss(20)  # ∫dε/√(ε(E-ε)) = ∫dt/√(1-t²)
    integral = F / (4 * np.pi**2) * float(np.sum(w * u**0))
    # Ten periods near x = -30 x₀, Hann-weighted.
    x = np.linspace(-34, -26, 4001) * x_0
    mean = float(np.average(airy_edge_current(x, F, MASS), weights=np.hanning(4001)))
    step = float(semiclassical_edge_current(-30 * x_0, F, MASS))
    return max(abs(integral / step - 1), abs(mean / step - 1))


@claim("31", "⟨Ai²(x/ℓ)⟩ = 1/(2π√|x/ℓ|), and a smoothed state carries -1/(4π|x/ℓ|^{3/2})", "exact",
       2e-3, speed="fast", misprint="fig5")
def semiclassical_state():
    F = 0.1
    length = airy_length(F, MASS) / 2 ** (1 / 3)
    z = np.linspace(-34, -26, 4001)
    density = float(np.average(ai(z) ** 2, weights=np.hanning(4001)))
    expected = float(np.average(1 / (2 * np.pi * np.sqrt(-z)), weights=np.hanning(4001)))
    tail = float(single_state_current(-60 * length, F, MASS, smoothing=length))
    return max(abs(density / expected - 1), abs(tail * 4 * np.pi * 60**1.5 + 1))


@claim("33", "Eq. (33) as printed is (F/4π)Ai₁(2^{2/3}x/x₀): prefactor right, 2^{1/3} too wide",
       "exact", 1e-13, speed="fast", misprint="eq33")
def printed_33():
    x = np.linspace(-6, 3, 37)
    found = printed_eq33(x, 0.3, MASS) - airy_edge_current(x / 2 ** (1 / 3), 0.3, MASS)
    return float(np.max(np.abs(found))) * 4 * np.pi / 0.3


@claim("16", "Eq. (16) as printed: right δ-profile = -4·2^{1/3} printed(-2^{1/3} r)", "exact",
       1e-13, speed="fast", misprint="eq16")
def printed_16():
    F, r = 0.3, np.linspace(-3, 4, 37)
    x_0 = airy_length(F, MASS)
    right = 2 / x_0 * ai(-2 * r / x_0)
    return float(np.max(np.abs(right + 4 * 2 ** (1 / 3) * printed_eq16(-r * 2 ** (1 / 3), F, MASS)))
                 * x_0)


@claim("16", "Eq. (16) as printed integrates to -1/4 (the right one to 1)", "exact", 1e-10,
       misprint="eq16")
def printed_16_integral():
    # A smooth cut-off far outside, where the printed profile oscillates fast, averages it out.
    F = 0.3
    r_0 = airy_length(F, MASS)
    r = np.arange(-60, 20, 0.05) * r_0
    phi = 1 / (1 + np.exp(-(r / r_0 + 35)))
    total = float(np.sum(phi * printed_eq16(r, F, MASS)) * 0.05 * r_0)
    return abs(total + 0.25)


if __name__ == "__main__":
    sys.exit(main(__doc__))
