"""Smooth potentials: total current against its transport part, Eq. (1), (14), (36)-(39), Fig. 6.

U = 2.5Δ tanh(x/w), ε_F = 0: valence metal, gap, conduction metal. At T = 0.2Δ the Friedel
oscillations of the band edges are smeared out and the engines' j_y approaches the smooth limit
with corrections of second order in 1/w; the transport current of Lensky et al. is not approached.

    python validation/claims/transport.py [--quick]
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad

import dirac1d as dd
from dirac1d.dirac import E_OVER_2H
from dirac1d.exact import (
    smooth_limit_current,
    smooth_limit_current_eq37,
    smooth_limit_current_eq38,
    transport_current,
    transport_current_eq36,
    transport_current_eq39,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

MASS, HEIGHT, WARM = 1.0, 2.5, 0.2
#: x/w from the middle of the gap (U = 0) into the conduction liquid (U = -1.8Δ).
T = np.array([-0.9, -0.7, -0.5, -0.42, -0.35, -0.2, 0.0])
WIDTHS = (20.0, 40.0)


def step(width: float, temperature: float = WARM) -> dd.Problem:
    return dd.Problem(dd.TanhStep(-HEIGHT, HEIGHT, width), MASS, 0.0, temperature)


@cache
def green(width: float) -> NDArray:
    """j_y over HEIGHT/4πw, the current in the gap at x = 0, without its sign."""
    problem = step(width)
    return dd.current_density(problem, T * width, rtol=1e-7).j_y * width / HEIGHT / E_OVER_2H


def exact(function, width: float, temperature: float = WARM) -> NDArray:
    return function(step(width, temperature), T * width) * width / HEIGHT / E_OVER_2H


@claim("14, 37", "j_y → (1/4π)∂ₓc(ε_F - U): error at T = 0.2Δ falls as w^{-2} (|order - 2|)",
       "green", 0.2)
def smooth_order():
    errors = [float(np.max(np.abs(green(w) - exact(smooth_limit_current, w)))) for w in WIDTHS]
    return abs(np.log2(errors[0] / errors[1]) - 2), ", ".join(
        f"{e:.1e} at w = {w:g}" for e, w in zip(errors, WIDTHS, strict=True))


@claim("37", "... extrapolated to 1/w = 0 (over F/4π)", "green", 1e-3)
def smooth_limit():
    a, b = (green(w) - exact(smooth_limit_current, w) for w in WIDTHS)
    return float(np.max(np.abs(4 * b - a))) / 3


@claim("36", "the transport current alone misses the total inside the liquid, Fig. 6 (smallest "
       "difference at U = -1.5Δ and -1.8Δ, over the local F/4π)", "green", 0.5, at_least=True)
def transport_misses():
    width = WIDTHS[1]
    slope = step(width).potential.derivative(T * width) * width / HEIGHT
    miss = (green(width) - exact(transport_current, width, 0.0)) / slope
    return float(np.min(np.abs(miss[:2]))), "there Δ/|ε_F - U| = 0.56, 0.66"


@claim("37", "the same by the lattice, w = 4ħv/Δ, T = 0.1Δ: j_y within its rtol of \"green\" "
       "(over j₀), where the transport current is off by 20 % and more", "states", 1e-3,
       speed="full")
def lattice():
    problem = dd.Problem(dd.TanhStep(-HEIGHT, HEIGHT, 4.0), MASS, 0.0, 0.1)
    x = T * 4.0
    found = dd.current_density(problem, x, engine="states", rtol=1e-3).j_y
    reference = dd.current_density(problem, x, rtol=1e-7).j_y
    cold = dd.Problem(problem.potential, MASS, 0.0)
    off = np.abs(found - transport_current(cold, x))[:2] / problem.current_scale
    if np.min(off) < 0.2:
        return float("inf"), f"transport current off by {np.min(off):.2f} only"
    return float(np.max(np.abs(found - reference))) / problem.current_scale, (
        f"transport current off by {np.min(off):.2f} j₀")


@claim("36, 37, 38", "`transport_current`, `smooth_limit_current` on a long ramp are the printed "
       "forms (with e/2h)", "exact", 1e-13, speed="fast", misprint="eq36")
def printed_forms():
    F, length = 0.02, 400.0
    ramp = dd.Problem(dd.LinearRamp(-F * length / 2, F * length / 2, length), MASS)
    x = np.array([-180.0, -77.0, -51.0, -49.0, -3.0, 0.0, 30.0, 51.0, 140.0])
    pairs = (
        (transport_current(ramp, x), transport_current_eq36(x, F, MASS)),
        (smooth_limit_current(ramp, x), smooth_limit_current_eq37(x, F, MASS)),
        (smooth_limit_current(ramp, x, band="conduction"), smooth_limit_current_eq38(x, F, MASS)),
    )
    return max(float(np.max(np.abs(a - b))) for a, b in pairs) / F


@claim("36", "∫j_y dx of (36) diverges logarithmically: 2x₀[1 + ln(X/x₀)]j₀ over |x| < X", "exact",
       1e-10, speed="fast")
def divergence():
    F, X = 0.1, 1000.0
    inside = -E_OVER_2H * F * 2 / F * MASS
    outside = 2 * quad(lambda u: float(transport_current_eq36(np.exp(u), F, MASS)) * np.exp(u),
                       np.log(MASS / F), np.log(X))[0]
    expected = -E_OVER_2H * F * 2 * MASS / F * (1 + np.log(X * F / MASS))
    return abs((inside + outside) / expected - 1)


@claim("39", "conduction part of the transport current: -(e/2h)(x₀+x)F²/Δ next to the edge "
       "(|order - 2| of the rest)", "exact", 0.05, speed="fast", misprint="text14")
def linear_term():
    F, length = 0.02, 400.0
    ramp = dd.Problem(dd.LinearRamp(-F * length / 2, F * length / 2, length), MASS)
    x = -MASS / F - np.array([1.0, 0.5])
    rest = (transport_current(ramp, x, band="conduction") - transport_current_eq39(x, F, MASS))
    return abs(np.log2(rest[0] / rest[1]) - 2)


@claim("1, 23, 36", "Berry velocity summed over all filled states is the transport current",
       "exact", 1e-8, speed="fast", misprint="eq1")
def berry_sum():
    slope, worst = 0.3, 0.0
    for s in (0.4, 1.7):  # ε_F - U in the gap, in the conduction band
        # dr/dt = -v_B along y is -U'Ω_z; Ω_z = +Δ/2E³ for the valence band, - for the conduction.
        def band(low: float) -> float:
            return quad(lambda p: p / (2 * np.pi) * MASS / (2 * (MASS**2 + p**2) ** 1.5),
                        0 if low == 0 else low, np.inf, epsabs=1e-13)[0]

        p_F = np.sqrt(max(s**2 - MASS**2, 0.0))
        valence = -slope * band(0.0)
        conduction = slope * (band(0.0) - band(p_F))
        expected = -E_OVER_2H * slope * MASS / max(MASS, abs(s))
        worst = max(worst, abs((valence + conduction) / expected - 1))
    return worst


@claim("24, 63, 64", "summed over the liquid, -∂ₓ of M = Σμ f makes up total less transport, "
       "μ = eħΔ/2(Δ²+p²)", "exact", 1e-8, speed="fast", misprint="eq64")
def magnetization_sum():
    problem = step(30.0, 0.0)
    x, h = -0.7 * 30.0, 1e-3

    def M(position: float) -> float:
        s = float(-problem.potential(position))
        p_F = np.sqrt(s**2 - MASS**2)
        return quad(lambda p: p / (2 * np.pi) * MASS / (2 * (MASS**2 + p**2)), 0, p_F,
                    epsabs=1e-14)[0]

    slope = (8 * (M(x + h) - M(x - h)) - M(x + 2 * h) + M(x - 2 * h)) / (12 * h)
    total, moving = (float(f(problem, x, band="conduction"))
                     for f in (smooth_limit_current, transport_current))
    return abs(-slope / (total - moving) - 1)


if __name__ == "__main__":
    sys.exit(main(__doc__))
