r"""The charge density of a circle, by the sum over the eigenstates of the lattice.

Half an electron a site is neutral: a full band of a chain answers to a constant potential with
nothing, so there is no anomaly to subtract. What is left of order a is known in closed form
(`Circle.tail`); the scheme extrapolates the rest as it does currents.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from dirac1d.dirac import E_OVER_2H
from dirac1d.numerics.budget import Budget, Progress, check_within
from dirac1d.numerics.checks import check_rtol
from dirac1d.numerics.estimate import Estimates
from dirac1d.problem import Problem, check_problem
from dirac1d.results.radial import check_radii
from dirac1d.results.record import said
from dirac1d.states.radial import radial_charge
from dirac1d.states.settings import DEFAULT
from dirac1d.states.work import Work

#: Coarsest accuracy, over j₀, for which a mesh is planned.
COARSEST = 0.03


def charge_density(
    problem: Problem, x: ArrayLike, *, rtol: float = 1e-4, within: float | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Estimates:
    """The charge density n(r) of a circle, in electrons per area above local neutrality.

    Parameters
    ----------
    problem : Problem
        Of a circle, any Δ(r).
    x : array_like, shape (n,)
        Increasing radii, positive.
    rtol : float
        Accuracy relative to (|Δ| + max|ε_F - U|)²/4π.
    within, progress : optional
        As of `current_density`.

    Returns
    -------
    Estimates, shape (n,)
        An array with ``.error`` and ``.status``.

    Raises
    ------
    ValueError
        If the potential is no circle or does not vary, the mass is zero, a radius is not positive,
        or an argument is not allowed.

    Warns
    -----
    AccuracyWarning
        If the error estimate exceeds rtol somewhere.
    """
    if not check_problem(problem, walls=getattr(problem, "circular", False)).circular:
        raise ValueError("problem must have a circle as its potential: engine 'states' has the "
                         f"charge of circles only, got {problem.potential!r:.200}")
    r, rtol = check_radii(x), check_rtol(rtol)
    if r[0] == 0:
        raise ValueError("x must be positive for engine 'states', got a radius 0")
    if problem.gap == 0:
        raise ValueError("mass must not be 0: massless electrons have no gap to count from")
    if problem.current_scale == 0:
        raise ValueError(f"potential must vary, got {problem.potential!r:.200}")
    U = problem.potential(np.concatenate(([0.0], r)))
    scale = E_OVER_2H * (problem.gap + np.max(np.abs(problem.fermi_energy - U))) ** 2
    inner = rtol * scale / problem.current_scale
    work = Work("auto", progress, Budget(check_within(within)), DEFAULT, within is not None,
                goal=rtol * scale)
    values, error = radial_charge(problem, r, min(inner, COARSEST), work)
    worst = float(np.max(error, initial=0.0)) / scale
    return Estimates(values, error, said(worst, rtol, work.stopped, stacklevel=3))
