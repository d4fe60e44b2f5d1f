r"""Spectra at real energies and the charge density of a circle.

.. math:: j^ε(r) = -\frac{1}{2π^2r}\sum_{j>0}\Im\,[g_j + g_{-j}], \qquad
          ρ(r,ε) = -\frac{1}{2π^2r}\sum_{j>0}\Im\,\mathrm{tr}\,[G_j + G_{-j}], \qquad E = ε + i0 .

Outside of the gap of U far outside every j is a scattering state, and those beyond kr do not reach
a place. The charge is Σ_j ∫dω of tr G less its references, as on a line
(:mod:`~dirac1d.green.spectral`); their own frequencies, too, are integrated where they do nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.contour.chart import ALIASING
from dirac1d.green.integrate.adaptive import Goal, integrate
from dirac1d.green.integrate.contracts import Cell, Domain
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.geometry import Ring
from dirac1d.green.sources.circle.solution import Asked
from dirac1d.green.sources.wanted import CHARGE, VALUES
from dirac1d.problem import Problem

Row = tuple[NDArray, NDArray]


def spectral_row(
    problem: Problem, r: NDArray, energy: float, scale: float, references: float | None,
    settings: Settings, watch: Watch,
) -> Row:
    """j^ε at radii r, or (with the references' mass) the density of states; and its error.

    Raises
    ------
    ValueError
        If the energy lies in the gap of U far outside.
    """
    ring = Ring.of(replace(problem, fermi_energy=energy, temperature=0.0), r, settings, VALUES)
    asked = Asked(1j, references)  # Re(iz) = -Im z
    return _row(ring, ring.line(energy), asked, r, scale, watch)


def charge_row(
    problem: Problem, r: NDArray, scale: float, settings: Settings, watch: Watch
) -> Row:
    """The charge density at radii r and its error."""
    ring = Ring.of(problem, r, settings, CHARGE)
    # References so heavy that no temperature excites them.
    reach = problem.gap + max(abs(problem.fermi_energy - U) for U in ring.U_reach)
    references = reach + ALIASING * problem.temperature
    return _row(ring, ring.plane(scattered=False), Asked(1.0, references), r, scale, watch)


def _row(
    ring: Ring, domain: tuple[Domain, list[Cell]], asked: Asked, r: NDArray, scale: float,
    watch: Watch,
) -> Row:
    settings, claim = ring.settings, ring.settings.claim
    odd = asked.references is None
    goal = Goal((1 - claim.common) * settings.rtol * scale * ring.share(r, not odd))
    result, error = integrate(ring.source(asked), *domain, goal, settings, watch)
    floor = claim.floor(settings.rtol, scale, max(map(abs, ring.U_reach)), scale)
    value, error = ring.series(result, error + floor, r, odd)
    return np.where(odd & (r == 0), 0.0, value), error
