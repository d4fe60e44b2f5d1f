r"""The sheet's magnetisation: every equilibrium current is a magnetisation current.

:math:`j_y = -\partial_x M_z`; in a lead M_z is that of the uniform gapped Dirac sea,
:math:`M_z = -(e/2h)\,c(\varepsilon_F-U)`, zero for ε_F in the middle of the gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.exact.total_current import capped_energy
from dirac1d.laboratory.units import Scale
from dirac1d.numerics.checks import of_kind
from dirac1d.numerics.strip import Strip
from dirac1d.observables.magnetic import covering_strip, unknown_tails
from dirac1d.results.profile import Profile
from dirac1d.results.radial import RadialProfile


@dataclass(frozen=True)
class Magnetization:
    """M_z(x) of the sheet, j_y = -∂ₓM_z, over the signed charge e.

    Attributes
    ----------
    profile : Profile
    left, right : float
        M_z/e in the leads, dimensionless.
    """

    profile: Profile
    left: float
    right: float

    def __call__(self, x: ArrayLike, scale: Scale | None = None) -> NDArray:
        """M_z/e at x within the profile's range; with a scale M_z in nA (magnetic moment per area).

        Raises
        ------
        ValueError
            If x reaches beyond the profile.
        """
        x = np.asarray(x, dtype=float)
        strip = covering_strip(self.profile)
        if not np.all((x >= strip.edges[0]) & (x <= strip.edges[-1])):
            raise ValueError(
                f"x must lie in the computed range [{strip.edges[0]:g}, {strip.edges[-1]:g}]"
            )
        M = self.left - _left_tail(self.profile, strip) - cumulative(strip, x)
        return M if scale is None else scale.unit("current") * M

    def moment(self, x_left: float, x_right: float, scale: Scale | None = None) -> float:
        """Moment per length of the step, ∫ M_z dx over e; with a scale in nA·nm.

        Raises
        ------
        ValueError
            If x_left or x_right lie beyond the profile.
        """
        strip = covering_strip(self.profile)
        cuts = strip.edges[(strip.edges > x_left) & (strip.edges < x_right)]
        ends = np.concatenate(([x_left], cuts, [x_right]))
        # M is a polynomial of the degree k on each panel: Gauss' rule is exact.
        t, w = legendre.leggauss(strip.coefficients.shape[1] // 2 + 1)
        middles, halves = (ends[1:] + ends[:-1]) / 2, np.diff(ends) / 2
        value = float(np.sum(halves * (self(middles[:, None] + halves[:, None] * t) @ w)))
        return value if scale is None else value * scale.unit("current") * scale.unit("length")


def magnetization(profile: Profile) -> Magnetization:
    """The magnetisation M_z(x) that j_y(x) = -∂ₓM_z is the curl of.

    Every equilibrium current is a magnetisation current. The additive constant is that of the
    uniform lead: M_z/e = -c(ε_F - U)/4π with c of `exact.capped_energy`, odd about the middle of
    the gap.

    Parameters
    ----------
    profile : Profile
        It must cover the step.

    Raises
    ------
    ValueError
        If the profile does not cover the step.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> profile = dd.current_density(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), np.linspace(-9, 9, 3))
    >>> M = dd.magnetization(profile)
    >>> print(f"{M.left:.6f} {abs(M(0.0)):.6f} {M.right:.6f}")
    -0.039789 0.000000 0.039789
    """
    if isinstance(profile, RadialProfile):
        raise ValueError("profile: that of a circle has its own magnetization(r)")
    of_kind("profile", profile, Profile)
    covering_strip(profile)
    problem = profile.problem
    left, right = (
        -E_OVER_2H * float(capped_energy(problem.fermi_energy - U, mass, problem.temperature))
        for U, mass in ((problem.U_L, problem.mass_left), (problem.U_R, problem.mass_right))
    )
    return Magnetization(profile, left, right)


def _left_tail(profile: Profile, strip: Strip) -> float:
    tails = strip.tails if strip.tails is not None else unknown_tails(profile, strip)
    return tails[0].value


def cumulative(strip: Strip, x: Any) -> NDArray:
    """∫ j_y from the strip's left end to x, any shape, within the strip."""
    a, b = strip.edges[:-1], strip.edges[1:]
    half, middle = (b - a) / 2, (a + b) / 2
    primitive = legendre.legint(strip.coefficients.T, lbnd=-1)
    whole = half * legendre.legval(1.0, primitive)
    before = np.concatenate(([0.0], np.cumsum(whole)[:-1]))
    panel = np.clip(np.searchsorted(strip.edges, x, side="right") - 1, 0, len(a) - 1)
    t = np.clip((x - middle[panel]) / half[panel], -1, 1)
    local = legendre.legval(t, primitive[:, panel], tensor=False)
    return before[panel] + half[panel] * local
