"""A tour, equation by equation: what each says, and the number that shows it.

For a theorist with the papers at hand: P. G. Silvestrov and P. Recher, Phys. Rev. B 100, 115404
(2019), and V. Kozii et al., Phys. Rev. Lett. 126, 156602 (2021). Every row compares two sides that
share no code. The ledger, validation/README.md, has all equations, to more digits.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from _page import Page

import dirac1d as dd
from dirac1d import geometry as geo
from dirac1d import semiclassics as sc
from dirac1d.dirac import SIGMA_Y, SIGMA_Z


def row(what: str, left: float, right: float) -> None:
    """One comparison; the difference by its power of ten, and no smaller than 1e-9."""
    order = np.ceil(np.log10(max(abs(left - right), 1e-9)))
    print(f"{what:<46}{left:+.6f} {right:+.6f}   difference < 1e{order:+03.0f}")


def states(options: argparse.Namespace) -> None:
    """Eq. (2)-(8): one state.

    For every state Δψ†σ_yψ - p_yψ†σ_zψ = -½∂ₓψ†ψ (5): an exact scattering state, its slope taken by
    a difference.
    """
    problem, h, p_y = dd.Problem(dd.TanhStep(-0.6, 0.6, 0.8)), 1e-3, 0.5
    psi = dd.scattering_state(problem, 2.2, p_y, "left", [-h, 0.0, h]).psi
    density = np.sum(np.abs(psi) ** 2, axis=0)
    y, z = (np.real(psi[:, 1].conj() @ s @ psi[:, 1]) for s in (SIGMA_Y, SIGMA_Z))
    row("(5) both sides at x = 0", problem.mass * y - p_y * z, -(density[2] - density[0]) / (4 * h))


def total(options: argparse.Namespace) -> None:
    """Eq. (9)-(12), (25)-(27): the total current.

    Each lead gives its share (10), (11), (25), (26); their difference is piecewise linear in ε_F:
    (12) below a step of 2Δ, (27) above. The engine knows none of it.
    """
    x = np.linspace(-6, 6, 7)
    for height, label, closed in ((1.0, "(12)", dd.exact.total_current_eq12),
                                  (3.0, "(27)", dd.exact.total_current_eq27)):
        problem = dd.Problem(dd.TanhStep(-height / 2, height / 2, 1.0), fermi_energy=0.7)
        engine = dd.current_density(problem, x, rtol=1e-6).integral(-np.inf, np.inf)
        row(f"{label} step of {height:g}Δ", float(closed(0.7, -height / 2, height / 2, 1.0)),
            engine.value)
    shares = [dd.exact.lead_contributions(0.7, U, 1.0, -9.0) for U in (0.5, -0.5)]
    right, left = (float(s.conduction + s.valence) for s in shares)
    row("(9) sum of the leads' shares", right - left,
        dd.total_current(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), fermi_energy=0.7)))


def airy(options: argparse.Namespace) -> None:
    """Eq. (13)-(16), (28)-(35): the edge of an electron liquid.

    In a uniform field F the current ends like an Airy function over x₀ = (ħ²v²/ΔF)^{1/3}; the
    forms are the limit Fx₀/Δ → 0, here 0.005. The printed (33) has the wrong scale (corrected).
    """
    eta = 0.005
    F, x_0 = eta**1.5, dd.exact.airy_length(eta**1.5, 1.0)
    ends = np.array([-40.0, 25.0])
    low, high = F * x_0 * ends - 1
    ramp = dd.LinearRamp(low, high, np.ptp(ends) * x_0, ends.mean() * x_0)
    x, unit = np.array([-2.0, -1.0, 0.0]) * x_0, F * dd.dirac.E_OVER_2H
    j = dd.current_density(dd.Problem(ramp), x, rtol=1e-4).j_y / unit + 1
    for t, found, closed in zip((-2, -1, 0), j, dd.exact.airy_edge_current(x, F, 1.0) / unit,
                                strict=True):
        row(f"(33) j_y/(eF/2h) at x = {t}x₀", found, closed)


def smooth(options: argparse.Namespace) -> None:
    """Eq. (36)-(39): total and transport.

    A smooth potential's total current (37) vanishes in a band; its transport part (36) does not.
    """
    problem = dd.Problem(dd.TanhStep(-2.0, 2.0, 12.0))
    for x in (0.0, -10.0):
        found = dd.current_density(problem, [x - 1, x, x + 1], rtol=1e-4).j_y[1]
        row(f"(37) j_y at x = {x:g}, {'gap' if x == 0 else 'band'}", found,
            dd.exact.smooth_limit_current(problem, [x])[0])
    print(f"(36) the transport part there                 "
          f"{dd.exact.transport_current(problem, [-10.0])[0]:+.6f}")


def rays(options: argparse.Namespace) -> None:
    """Eq. (17)-(24), (46)-(66): rays.

    An exact state at p_y = 0 drifts sideways with (18), which is the transport velocity (23) and a
    part that belongs to the magnetisation (65).
    """
    problem = dd.Problem(dd.TanhStep(-4.0, -1.4, width=8.0))
    f, g = dd.scattering_state(problem, 0.0, 0.0, "left", [0.0]).psi[:, 0]
    row("(18) v_y of an exact state", float(2 * np.imag(np.conj(f) * g) / (abs(f)**2 + abs(g)**2)),
        float(sc.velocity_y(problem, 0.0, [0.0])[0]))
    transport = float(sc.transport_velocity_y(problem, 0.0, [0.0])[0])
    print(f"(23) its transport part                       {transport:+.6f}")


def temperature(options: argparse.Namespace) -> None:
    """Beyond the paper: temperature.

    c(s) of the total becomes T ln[(1+e^{(s+Δ)/T})/(1+e^{(s-Δ)/T})] - Δ.
    """
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), fermi_energy=1.2, temperature=0.2)
    engine = dd.current_density(problem, np.linspace(-6, 6, 7), rtol=1e-6)
    row("J_y at T = 0.2Δ", engine.integral(-np.inf, np.inf).value, dd.total_current(problem))
    cold = dd.total_current(replace(problem, temperature=0.0))
    print(f"at T = 0                                      {cold:+.6f}")


def kozii(options: argparse.Namespace) -> None:
    """Kozii et al., Eq. (1)-(5): the Hall conductivity at finite q.

    σ(q) = σ⁽⁰⁾ + σ⁽²⁾q²: Berry curvature, then quantum metric and T (2)-(4); for the Dirac model
    e²/24hΔ² (5). From the bands, from the Kubo formula, and from j_y(x) of a weak cosine.
    """
    model = geo.massive_dirac(1.0)
    row("(2) σ⁽²⁾ of a Dirac cone, and (5), 2πe²/h", geo.hall_conductivity_q2(model).value,
        1 / (48 * np.pi))
    haldane = geo.haldane(phi=0.7, M=0.3, t2=0.2)
    row("(2) and Kubo, Haldane model", geo.hall_conductivity_q2(haldane).value,
        geo.kubo_hall_conductivity_q2(haldane).value)
    row("σ(q = 2) from real space, closed form", dd.hall_response(2.0).value,
        float(geo.dirac_hall_conductivity(2.0, 1.0)))


PAGE = Page("tour", (states, total, airy, smooth, rays, temperature, kozii))

if __name__ == "__main__":
    PAGE.main()
