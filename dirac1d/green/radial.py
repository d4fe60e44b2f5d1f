r"""The current density around a circle, exact in angular momentum."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.green.contour.angular import AngularSums, angular_cells
from dirac1d.green.integrate.adaptive import Goal, integrate
from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.geometry import Ring
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem
from dirac1d.results.profile import AccuracyWarning
from dirac1d.results.radial import RadialProfile

#: By how much the odd series within the first radius magnifies errors, at most.
GROWTH = 2.5


def radial_current(problem: Problem, r: ArrayLike, *, rtol: float = 1e-8) -> RadialProfile:
    r"""Current density j_φ(r)/e of a circular potential.

    .. math:: j_φ(r) = \frac{1}{2π^2r}\sum_{j>0}\int_0^∞dω\,\Re\,[g_j + g_{-j}], \quad
              g_j = \mathrm{tr}\,σ_φG_j(r,r; ε_F+iω), \quad j = ½, 3/2, …

    (T > 0: ∫dω → 2πT Σ), each j a radial problem that is solved exactly.

    Parameters
    ----------
    problem : Problem
        Its potential is a circle, such as `Disc`.
    r : array_like, shape (n,)
        Strictly increasing radii, none negative.
    rtol : float
        Accuracy relative to ``problem.current_scale``.

    Returns
    -------
    RadialProfile

    Raises
    ------
    ValueError
        If the potential is no circle, or r or rtol is not allowed.

    Warns
    -----
    AccuracyWarning
        If rtol was not reached; ``status`` says by how much.
    """
    if not problem.circular:
        raise ValueError(f"problem must have a circle as its potential, got {problem.potential!r}")
    r, rtol = check_radii(r), check_rtol(rtol)
    if problem.current_scale == 0.0:
        zero = np.zeros(len(r))
        strip = Strip(np.array([0.0, max(r[-1], 1.0)]), np.zeros((1, 1)), np.zeros(1))
        return RadialProfile(r, zero, zero, "converged", "green", problem, rtol, strip)
    return compute(problem, r, Settings.of(rtol))


def check_radii(r: ArrayLike) -> NDArray:
    """`r` as an increasing array of radii, or a ValueError."""
    try:
        radii = check_positions(r)
    except ValueError as error:
        raise ValueError(str(error).replace("x ", "r ").replace("x[", "r[")) from None
    if radii[0] < 0:
        raise ValueError(f"r must not be negative, got r[0] = {radii[0]}")
    return radii


def compute(problem: Problem, r: NDArray, settings: Settings) -> RadialProfile:
    """`radial_current` with every resolution given by hand."""
    ring = Ring.of(problem, r, settings)
    scale, claim = problem.current_scale, settings.claim
    share = 1 / GROWTH if r[0] < ring.mesh.edges[0] else 1.0
    result, error = integrate(
        ring.source(), AngularSums(ring.path), angular_cells(ring.path, settings.order, ring.top),
        Goal(share * (1 - claim.common) * settings.rtol * scale), settings,
    )
    floor = claim.common * settings.rtol * scale + np.finfo(float).eps * max(map(abs, ring.U_reach))
    strip = ring.strip(result, error + floor)
    j_phi, at_r = strip.at(r)
    status, worst = "converged", float(np.max(at_r))
    if not worst <= settings.rtol * scale:
        status = f"reached {worst / scale:.1e} of the current scale, not {settings.rtol:.1e}"
        warnings.warn(status, AccuracyWarning, stacklevel=4)
    details = {
        "panels": result.source.places, "nodes_per_panel": result.source.layout.nodes,
        "cells": len(result.cells), "contour_nodes": result.size, "path": ring.path.name,
    }
    return RadialProfile(
        r, j_phi, at_r, status, "green", problem, settings.rtol, strip, ring.complete, details
    )
