"""The loop closed: the Hall conductivity σ(q) of Kozii et al. read off the solver's j_y(x).

Weak cosine potentials and weak smooth steps are solved in real space by both engines; σ(q) is the
first harmonic (or the Fourier transform) of j_y over that of U′, extrapolated to zero amplitude.
Units: Δ = 1, σ in e²/ħ unless it says e²/h.

    python validation/claims/geometry_loop.py [--quick]
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d import geometry as geo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

WAVENUMBERS = tuple(np.geomspace(0.05, 20, 15))
METALS = (1.2, 1.5, -3.0)
E_F = 1.5
K_F = float(np.sqrt(E_F**2 - 1))
#: Heights of weak steps: h² is taken out.
HEIGHT = 0.1
STEP_WIDTH = 0.5
#: Height of a step in the metal. The Fermi waves differ by hE_F/k_F on its sides: out of phase at
#: x = k_F/2hE_F (0.01 is too high for |x| < 8: 6e-4 of the peak).
WEAK = 2e-4
UNIT = 1 / (4 * np.pi)  # e²/2h


def law(q: float, mass: float = 1.0, fermi_energy: float = 0.0) -> float:
    return float(geo.dirac_hall_conductivity(q, mass, fermi_energy))


@cache
def measured(q: float, mass: float = 1.0, fermi_energy: float = 0.0, engine: str = "green",
             rtol: float | None = None) -> dd.HallResponse:
    return dd.hall_response(q, mass, fermi_energy, engine=engine, rtol=rtol)


def first_harmonic(A: float, q: float, fermi_energy: float = 0.0, rtol: float = 1e-9) -> float:
    """σ at a finite amplitude."""
    problem = dd.Problem(dd.CosinePotential(A, q), 1.0, fermi_energy)
    profile = dd.current_density(problem, [0.0], rtol=rtol)
    return -profile.details["sine"][1] / (A * q)


@claim("K1, K5", "gap: σ(q) of the solver = arctan law, q from 0.05 to 20 (relative)", "green",
       1e-6, speed="fast")
def gap_law():
    errors = [abs(measured(q).value / law(q) - 1) for q in WAVENUMBERS]
    worst = int(np.argmax(errors))
    return errors[worst], f"worst at q = {WAVENUMBERS[worst]:.3g}"


@claim("K1, K5", "the same with the other sign of the mass and ε_F = 0.8", "green", 1e-6)
def gap_law_turned():
    return max(abs(measured(q, -1.0, 0.8).value / law(q, -1.0) - 1) for q in WAVENUMBERS)


@claim("", "error estimate of σ(q) in the gap: largest |error|/estimate", "green", 1.0,
       speed="fast")
def gap_honesty():
    rows = [(abs(measured(q).value - law(q)), measured(q).error) for q in WAVENUMBERS]
    return max(e / s for e, s in rows), f"estimates {min(r[1] for r in rows):.0e} to " + \
        f"{max(r[1] for r in rows):.0e}"


@claim("K1, K5", "gap: the lattice's σ(q) = arctan law, q = 0.5 and 3", "states", 1e-6)
def gap_law_lattice():
    errors = [abs(measured(q, engine="states").value / law(q) - 1) for q in (0.5, 3.0)]
    return max(errors), ", ".join(f"{e:.1e}" for e in errors)


@claim("K1, K5", "the same at both ends, q = 0.05 and 20", "states", 1e-6, speed="full")
def gap_law_lattice_ends():
    errors = [abs(measured(q, engine="states").value / law(q) - 1) for q in (0.05, 20.0)]
    return max(errors), ", ".join(f"{e:.1e}" for e in errors)


@claim("K1, K2, K5", "q² coefficient of the solver's σ(q) = σ⁽²⁾ of Eq. (2) (relative)", "green",
       1e-6, speed="fast")
def coefficient_of_q2():
    nodes = 0.6 * np.cos(np.pi * (2 * np.arange(7) + 1) / 28)
    values = [measured(float(q)).value for q in nodes]
    coefficient = np.linalg.solve(np.vander(nodes**2, increasing=True), values)[1]
    eq2 = geo.hall_conductivity_q2(geo.massive_dirac(1.0), rtol=1e-12).value
    return abs(coefficient / eq2 - 1), f"{coefficient:.12f} and {eq2:.12f}"


@claim("K1, K5", "[σ_xy - σ_yx]/2 of Kubo = solver's j_y/U′, sign and e²/h (relative)", "green",
       1e-9, speed="fast")
def one_sign():
    model = geo.massive_dirac(1.0)
    errors = [abs(measured(q).value / geo.kubo_hall_conductivity(model, q).value - 1)
              for q in (0.3, 1.0, 5.0)]
    smallest = 2 * np.pi * measured(0.05).value
    return max(errors), f"σ(0.05) = {smallest:.5f} e²/h"


def transform_of_step(engine: str, q: NDArray) -> NDArray:
    """σ(q) from weak tanh steps: the transform of j_y over that of U′, h² taken out."""
    x = np.arange(-180, 181) * 0.1
    rows = []
    for h in (HEIGHT, HEIGHT / 2):
        problem = dd.Problem(dd.TanhStep(-h / 2, h / 2, STEP_WIDTH))
        profile = dd.current_density(problem, x, engine, rtol=1e-10 if engine == "green" else 1e-6)
        # Smooth and e^{-2|x|} at the ends: the trapezoidal rule has no error but e^{-36}.
        rows.append(0.1 * np.cos(np.outer(q, x)) @ profile.j_y / h)
    z = np.pi * q * STEP_WIDTH / 2
    return (4 * rows[1] - rows[0]) / 3 * np.sinh(z) / z


@claim("K1, K5", "gap: σ(q) from weak tanh steps = arctan law, q = 0.05 … 5 (relative)", "green",
       1e-6)
def steps():
    q = np.array([0.05, 0.2, 1.0, 2.5, 5.0])
    errors = np.abs(transform_of_step("green", q) / [law(v) for v in q] - 1)
    return float(errors.max()), ", ".join(f"{e:.0e}" for e in errors)


@claim("K1, K5", "the same from the lattice, q = 0.05 … 2.5", "states", 2e-6, speed="full")
def steps_lattice():
    q = np.array([0.05, 0.2, 1.0, 2.5])
    errors = np.abs(transform_of_step("states", q) / [law(v) for v in q] - 1)
    return float(errors.max()), ", ".join(f"{e:.0e}" for e in errors)


@claim("", "metal: nothing below 2k_F (largest |σ| in e²/2h), ε_F = 1.2, 1.5, -3", "green", 1e-8)
def metal_below():
    return max(
        abs(measured(2 * np.sqrt(e * e - 1) * r, 1.0, e).value) / UNIT
        for e in METALS for r in (0.1, 0.4, 0.8, 0.97)
    )


@claim("", "metal: arctan law above 2k_F, from 1.03 · 2k_F to q = 20 (relative)", "green", 1e-6)
def metal_above():
    errors = []
    for e in METALS:
        edge = 2 * np.sqrt(e * e - 1)
        errors += [abs(measured(q, 1.0, e).value / law(q, 1.0, e) - 1)
                   for q in (1.03 * edge, 1.2 * edge, 2 * edge, 20.0)]
    return max(errors), f"of {len(errors)}"


@claim("", "metal: the onset is a square root (|exponent - 1/2|)", "green", 1e-3, speed="fast")
def onset():
    near, far = (measured(2 * K_F + d, 1.0, E_F).value for d in (1e-3, 2e-3))
    return abs(np.log2(far / near) - 0.5), f"{np.log2(far / near):.5f}"


@claim("", "T > 0: σ(q, T) = ∫(-∂f/∂ε) σ(q; ε) dε of the closed form, q = 1, 3 (relative)", "green",
       1e-6, speed="fast")
def thermal():
    T, errors = 0.2, []
    for q in (1.0, 3.0):
        # σ(q; ε) ends with a square root at |ε| = edge and has a kink at ±1: sine substitutions.
        edge = np.hypot(q / 2, 1.0)
        t, w = np.polynomial.legendre.leggauss(200)
        total = 0.0
        for a, b in ((-edge, -1.0), (-1.0, 1.0), (1.0, edge)):
            s = np.sin(np.pi / 2 * t)
            energy = (a + b) / 2 + (b - a) / 2 * s
            weight = w * np.pi / 2 * np.cos(np.pi / 2 * t) * (b - a) / 2
            slope = 1 / (4 * T * np.cosh((energy - 0.3) / (2 * T)) ** 2)
            total += np.sum(weight * slope * [law(q, 1.0, e) for e in energy])
        sigma = dd.hall_response(q, 1.0, 0.3, T).value
        errors.append(abs(sigma / total - 1))
    return max(errors), ", ".join(f"{e:.1e}" for e in errors)


@claim("", "metal: lattice and continuum in one cosine, T = 0, below and above 2k_F (in j₀)",
       "both", 1e-5, speed="full")
def metal_lattice():
    worst = []
    for ratio in (0.8, 1.5):
        wave = dd.CosinePotential(0.1, 2 * K_F * ratio)
        x = wave.period * np.linspace(0.05, 0.45, 5)
        both = dd.compare_engines(dd.Problem(wave, 1.0, E_F), x, rtol=1e-5)
        worst.append(np.max(np.abs(both.difference)) / both.green.problem.current_scale)
    return max(worst), ", ".join(f"{w:.1e}" for w in worst)


def friedel_from_conductivity(x: NDArray, width: float, nodes: int) -> NDArray:
    """j_y/h of a weak tanh step by Fourier's theorem from the *measured* σ(q) of cosines.

    q = 2k_F + s²: the square root at the onset is smooth in s.
    """
    t, w = np.polynomial.legendre.leggauss(nodes)
    # The transform of U′ falls as e^{-πqw/2}: 1e-9 at the end.
    s_max = np.sqrt(2 * 24 / (np.pi * width) - 2 * K_F)
    s, weight = s_max * (t + 1) / 2, s_max * w / 2
    q = 2 * K_F + s**2
    sigma = np.array([measured(float(v), 1.0, E_F, rtol=1e-8).value for v in q])
    z = np.pi * q * width / 2
    return np.cos(np.outer(x, q)) @ (weight * 2 * s * sigma * z / np.sinh(z)) / np.pi


def odd_step_current(x: NDArray, width: float, height: float, rtol: float) -> NDArray:
    """j_y/h of a step in the metal, its even orders in h taken out."""
    up, down = (
        dd.current_density(
            dd.Problem(dd.TanhStep(-h / 2, h / 2, width), 1.0, E_F), x, rtol=rtol
        ).j_y for h in (height, -height)
    )
    return (up - down) / (2 * height)


@claim("", "Friedel oscillations of a step = Fourier integral of the cosines' σ(q) (of the peak)",
       "green", 1e-5, speed="full")
def friedel():
    x = np.linspace(-8, 8, 33)
    direct = odd_step_current(x, 1.0, WEAK, 1e-7)
    fourier = friedel_from_conductivity(x, 1.0, 80)
    return float(np.max(np.abs(direct - fourier)) / np.max(np.abs(direct)))


@claim("", "their tail is the onset's, cos(2k_F x + 3π/4)/x^{3/2}, up to 1/x (|order - 1|)",
       "green", 0.1)
def friedel_tail():
    width, period, worst = 0.5, np.pi / K_F, []
    z = np.pi * K_F * width
    slope = -UNIT / K_F * np.sqrt(4 * K_F) / (2 * E_F) * z / np.sinh(z)
    for start in (60.0, 120.0):
        x = start + period * np.linspace(0, 1, 25)
        direct = odd_step_current(x, width, WEAK, 1e-8)
        envelope = slope * np.sqrt(np.pi) / 2 / np.pi / x**1.5
        rest = direct / envelope - np.cos(2 * K_F * x + 3 * np.pi / 4)
        worst.append(np.max(np.abs(rest)))
    order = np.log2(worst[0] / worst[1])
    return abs(order - 1), f"of the envelope {worst[0]:.4f}, {worst[1]:.4f}"


@claim("", "gap: first correction to linear response, largest |c|Δ²/σ over all q", "green", 0.014,
       speed="fast")
def nonlinearity():
    ratios = [measured(q).nonlinearity / law(q) for q in WAVENUMBERS]
    worst = int(np.argmax(np.abs(ratios)))
    return abs(ratios[worst]), f"σ(A) = σ (1 {ratios[worst]:+.4f} A²/Δ²) at q = " \
        f"{WAVENUMBERS[worst]:.2g}"


@claim("", "gap, q → 0: that correction is ∝ A²q⁴, none for uniform fields (|order - 4|)", "green",
       0.02, speed="fast")
def nonlinearity_order():
    q = (0.1, 0.05, 0.025)
    c = [dd.hall_response(v, amplitude=0.4).nonlinearity / law(v) for v in q]
    order = np.log2(c[1] / c[2])
    return abs(order - 4), f"{order:.4f}; c/σ = {c[2] / q[2] ** 4:.5f} q⁴"


@claim("", "gap: what is left of linear response at A = 0.95Δ, q = 1, 3, 10 (relative)", "green",
       0.015, speed="fast")
def strong_waves():
    rows = [abs(first_harmonic(0.95, q) / law(q) - 1) for q in (1.0, 3.0, 10.0)]
    return max(rows), ", ".join(f"{r:.4f}" for r in rows)


@claim("", "it fails once U carries ε_F into the bands: A = 1.5Δ, q = 0.3 (relative, at least)",
       "green", 0.1, at_least=True)
def beyond_the_gap():
    rows = {A: abs(first_harmonic(A, 0.3, rtol=1e-4) / law(0.3) - 1) for A in (0.9, 1.2, 1.5)}
    return rows[1.5], ", ".join(f"A = {A}: {r:.4f}" for A, r in rows.items())


@claim("", "metal: at finite A the onset moves to q = 2k_F - AΔ/k_F (|shift k_F/AΔ + 1|)", "green",
       5e-3, speed="fast")
def shifted_onset():
    A, y = 1e-3, np.array([0.98, 0.94, 0.90])
    values = [first_harmonic(A, 2 * K_F - A * v / K_F, E_F, 1e-7) for v in y]
    # σ_A as a function of y is smooth inside: its zero from a parabola.
    start = np.roots(np.polyfit(y, values, 2))
    start = start[np.argmin(np.abs(start - 1))].real
    return abs(start - 1), f"{start:.5f}"


@claim("", "metal: expansion parameter AΔ/k_F|q - 2k_F|: σ_A/σ - 1 at 0.1, 0.05 (|order - 2|)",
       "green", 0.1, speed="fast")
def expansion_parameter():
    A, rows = 1e-4, []
    for eta in (0.1, 0.05):
        q = 2 * K_F + A / (K_F * eta)
        rows.append(first_harmonic(A, q, E_F, 1e-9) / law(q, 1.0, E_F) - 1)
    order = np.log2(rows[0] / rows[1])
    return abs(order - 2), f"order {order:.3f}, {rows[0] / 0.01:+.3f} η²"


if __name__ == "__main__":
    sys.exit(main(__doc__))
