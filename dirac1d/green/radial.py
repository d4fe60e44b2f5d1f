r"""The current density around a circle, exact in angular momentum.

.. math:: j_φ(r) = \frac{1}{2π^2r}\sum_{j>0}\int_0^∞dω\,\Re\,[g_j + g_{-j}], \quad
          g_j = \mathrm{tr}\,σ_φG_j(r,r; ε_F+iω), \quad j = ½, 3/2, …

(T > 0: ∫dω → 2πT Σ), each j a radial problem that is solved exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.integrate.adaptive import Goal, integrate
from dirac1d.green.integrate.watch import Watch
from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.geometry import Ring
from dirac1d.green.sources.on_mesh import work_done
from dirac1d.problem import Problem
from dirac1d.results.radial import RadialProfile


def radial_profile(
    problem: Problem, r: NDArray, settings: Settings, watch: Watch
) -> RadialProfile:
    """The profile of a circle at radii r, with no word yet on what was asked for.

    Raises
    ------
    OutOfTime
        If the watch's budget ended before anything was verified.
    """
    ring = Ring.of(problem, r, settings)
    scale, claim = problem.current_scale, settings.claim
    result, error = integrate(
        ring.source(), *ring.plane(),
        Goal(ring.share(r) * (1 - claim.common) * settings.rtol * scale), settings, watch,
    )
    largest = max(map(abs, ring.U_reach))  # U itself is known to rounding only
    floor = claim.floor(settings.rtol, scale, largest, problem.gap)
    strip = ring.strip(result, error + floor)
    j_phi, at_r = strip.at(r)
    at_r[np.isinf(j_phi)] = 0.0  # at a jump, exactly
    return RadialProfile(
        r, j_phi, at_r, "converged", "green", problem, settings.rtol, strip,
        work_done(result, ring.path().name),
    )
