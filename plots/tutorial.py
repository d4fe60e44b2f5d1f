"""A tutorial: the current along a step, from the first number to the whole picture.

For a student who knows the Dirac equation and some Python. ħ = v_F = k_B = 1; energies are in any
unit E₀, here the mass; currents are over the signed charge e = -|e|.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from _page import Page

import dirac1d as dd
from dirac1d.apps.plotting import current_figure
from dirac1d.potentials.shapes import SHAPES


def first_number(options: argparse.Namespace) -> None:
    """One step, one number.

    Massive Dirac electrons, half gap 1, in a potential that rises by 1 from left to right. The
    Fermi energy lies in the gap everywhere: an insulator. Yet a current flows along the step.
    """
    problem = dd.Problem(dd.TanhStep(left=-0.5, right=0.5, width=1.0), mass=1.0, fermi_energy=0.0)
    print(problem.regime)
    print(f"J_y/e = {dd.total_current(problem):.6f}, that is -1/4π = {-1 / (4 * np.pi):.6f}")


def where(options: argparse.Namespace) -> None:
    """Where it flows.

    The total is a closed form; where the current flows is not, and is what an engine computes. Its
    answer carries a bound on its error, and its integral is the total again.
    """
    problem = dd.Problem(dd.TanhStep(left=-0.5, right=0.5, width=1.0))
    profile = dd.current_density(problem, np.linspace(-8, 8, 161))
    total = profile.integral(-np.inf, np.inf)
    print(f"{profile.status}: largest |j_y| {abs(profile.j_y).max():.6f} at x = "
          f"{profile.x[abs(profile.j_y).argmax()] + 0.0:g}, error below 1e-8: "
          f"{abs(profile.error).max() < 1e-8}")
    print(f"sum {total.value:.8f}, closed form {dd.total_current(problem):.8f}")
    current_figure(profile).savefig(options.out / f"tutorial.{options.format}")


def universal(options: argparse.Namespace) -> None:
    """Any shape gives the same total.

    Only U far to the left and far to the right counts: Eq. (12) of Silvestrov and Recher.
    """
    x = np.linspace(-12, 12, 41)
    for step in (dd.TanhStep(-0.5, 0.5, 0.3), dd.ErfStep(-0.5, 0.5, 2.0),
                 dd.LinearRamp(-0.5, 0.5, 4.0),
                 dd.TanhStep(-0.5, 0.5, 1.0) + dd.GaussianBump(0.4, 1.0, position=1.0)):
        profile = dd.current_density(dd.Problem(step), x, rtol=1e-6)
        print(f"{type(step).__name__:<14}{profile.integral(-np.inf, np.inf).value:+.7f}   largest "
              f"|j_y| {abs(profile.j_y).max():.4f}")


def smooth(options: argparse.Namespace) -> None:
    """A wide step is local.

    j_y tends to (1/4π) ∂ₓc(ε_F - U), c the energy capped to the gap: -U′/4π inside it.
    """
    for width in (1.0, 2.0, 4.0, 8.0):
        problem = dd.Problem(dd.TanhStep(-0.5, 0.5, width))
        middle = dd.current_density(problem, [-1.0, 0.0, 1.0], rtol=1e-6).j_y[1]
        local = dd.exact.smooth_limit_current(problem, [0.0])[0]
        print(f"width {width:g}: j_y(0) {middle:.6f}, of the local form {middle / local:.4f}")


def metals(options: argparse.Namespace) -> None:
    """Five regimes.

    As ε_F moves through the bands of the two sides the total falls from its value in the gap to 0,
    linearly: a metal on both sides carries none, though j_y(x) rings beside the step.
    """
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0))
    for energy in (-2.0, -1.0, 0.0, 0.8, 1.2, 2.0):
        moved = replace(problem, fermi_energy=energy)
        total = dd.total_current(moved) + 0.0
        print(f"ε_F = {energy:+.1f}  {moved.regime:<14}J_y/e = {total:+.6f}")


def temperature(options: argparse.Namespace) -> None:
    """Temperature rounds the corners.

    The closed form holds at any temperature; the engine agrees.
    """
    step = dd.TanhStep(-0.5, 0.5, width=1.0)
    for T in (0.0, 0.1, 0.5):
        problem = dd.Problem(step, fermi_energy=1.2, temperature=T)
        profile = dd.current_density(problem, np.linspace(-9, 9, 11), rtol=1e-5)
        print(f"T = {T:g}: sum {profile.integral(-np.inf, np.inf).value:.6f}, closed form "
              f"{dd.total_current(problem):.6f}")


def sign(options: argparse.Namespace) -> None:
    """The sign, and why graphene shows nothing.

    The current turns with the sign of the mass. A valley and its time-reversed partner have
    opposite masses: their currents cancel. One cone alone is found on a topological insulator.
    """
    step = dd.TanhStep(-0.5, 0.5, width=1.0)
    for mass in (1.0, -1.0):
        print(f"Δ = {mass:+g}: J_y/e = {dd.total_current(dd.Problem(step, mass=mass)):+.6f}")
    print(dd.material_current("hbn-graphene", {"shape": "tanh", "left": "-9 meV", "right": "9 meV",
                                               "rise": "80 nm"}))


def engines(options: argparse.Namespace) -> None:
    """Two engines, no shared code.

    One sums the eigenstates of a lattice without doublers, one integrates a Green's function of
    the continuum. They differ by no more than they say.
    """
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0))
    green, states = (dd.current_density(problem, np.linspace(-4, 4, 9), engine, rtol=1e-4)
                     for engine in ("green", "states"))
    allowed = green.error + states.error
    print(f"within their errors: {bool(np.all(abs(green.j_y - states.j_y) <= allowed))}")


def objects(options: argparse.Namespace) -> None:
    """What potentials and results can do.

    Potentials add, multiply and change their sign; a step may be given by the length over which it
    rises from 10 to 90 %. A result is a function of x, with its error, and draws itself; with
    `scale=` in nm and nA/µm.
    """
    step = dd.TanhStep.from_rise(left=-0.5, right=0.5, rise=2.0)
    print(f"{-step}\n{2 * step}")
    problem = dd.Problem(2 * step - dd.GaussianBump(height=0.3, width=0.5))
    profile = dd.current_density(problem, np.linspace(-6, 6, 41), rtol=1e-6)
    value, error = profile(0.3)
    print(f"j_y(0.3) = {value:.6f}, error below 1e-6: {error < 1e-6}")
    figure = profile.plot(scale=dd.Scale(v_F="4e5 m/s", energy="6.75 meV"))
    figure.savefig(options.out / f"objects.{options.format}")


def own_shape(options: argparse.Namespace) -> None:
    """A shape of your own.

    Any callable is a potential. A class that describes itself and is registered under a name has
    options on the command line, sliders in the explorer, and can be saved as well; the shapes of
    `dirac1d/potentials/steps.py` are examples.
    """
    wall = dd.FunctionPotential(lambda x: 0.5 * np.tanh(x) + 0.2 * np.exp(-x**2), -0.5, 0.5)
    print(f"J_y/e = {dd.total_current(dd.Problem(wall)):.6f}")
    print(f"registered: {', '.join(SHAPES)}")


PAGE = Page("tutorial", (
    first_number, where, universal, smooth, metals, temperature, sign, engines, objects, own_shape))

if __name__ == "__main__":
    PAGE.main()
