r"""What a magnetic probe sees: the stray field of j_y(x), and the sheet's magnetisation.

The sheet z = 0 carries the surface current density K_y(x), the same for all y. Biot-Savart for
straight wires along y gives, above it and with ζ = x + iz,

.. math:: B_x = -\frac{\mu_0}{2\pi}\,\mathrm{Im}\,F(\zeta),\quad
          B_z = -\frac{\mu_0}{2\pi}\,\mathrm{Re}\,F(\zeta),\quad
          F(\zeta) = \int\frac{K_y(x')}{\zeta-x'}\,dx'.

No quadrature is involved: K_y is a Legendre series on each panel of the profile's strip, and
:math:`\int_{-1}^1 P_n(t)/(w-t)\,dt = 2Q_n(w)`, Legendre functions of the second kind (DLMF
14.12.13). Beyond the strip K_y is continued into the leads as a damped oscillation with the value,
slope and integral that the engine gives, whose transform is an exponential integral.

The magnetisation is :math:`j_y = -\partial_x M_z`; in a lead it is that of the uniform gapped
Dirac sea, :math:`M_z = -(e/2h)\,c(\varepsilon_F-U)`, zero for ε_F in the middle of the gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from dirac1d.dirac import E_OVER_2H
from dirac1d.exact import total_current
from dirac1d.exact.total_current import capped_energy
from dirac1d.laboratory.units import Scale, parse_quantity
from dirac1d.numerics.cauchy import Tail, fit_tail, line_current, panel_transform, tail_transform
from dirac1d.numerics.checks import check_positions, positive_number
from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.strip import CANCELLATION, Strip
from dirac1d.results.profile import Profile

#: The step must lie within the strip up to this part of its height; its tails are then leads.
_OUTSIDE = 1e-2
#: μ₀/2π times 1 nA/µm, in nT.
_FIELD_UNIT = constants.mu_0 / (2 * np.pi) * 1e-3 * 1e9
#: Rounding of a transform, relative to the sum of the absolute contributions.
_ROUNDING = 1e-14


@dataclass(frozen=True)
class StrayField:
    """The magnetic field above the sheet.

    Attributes
    ----------
    x : ndarray, shape (n,)
        Positions in nm.
    height : float
        Distance from the sheet in nm.
    B_x, B_z : ndarray, shape (n,)
        In nT; of the electric current, e = -|e|; x, y, z are right-handed and z is up.
    error : ndarray, shape (n,)
        Bound on the error of each component, in nT.
    """

    x: NDArray
    height: float
    B_x: NDArray
    B_z: NDArray
    error: NDArray


def stray_field(
    profile: Profile, height: float | str, scale: Scale, x: ArrayLike | None = None
) -> StrayField:
    """The magnetic field of a current profile at a height above the sheet.

    Parameters
    ----------
    profile : Profile
        It must cover the step: its first and last position lie in the leads. The values at
        ``profile.x`` are not used, but the engine's own representation, ``profile.strip``.
    height : float or str
        In nm, or text with a unit; positive.
    scale : Scale
        Units, v_F and degeneracy of the currents.
    x : array_like, shape (n,), optional
        Positions in nm; by default those of the profile.

    Returns
    -------
    StrayField

    Raises
    ------
    ValueError
        If height is not positive, x is not increasing and finite, or the profile does not cover
        the step.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> scale = dd.Scale(v_F=1e6, energy=19.0)
    >>> profile = dd.current_density(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), np.linspace(-9, 9, 3))
    >>> field = dd.stray_field(profile, "1 um", scale, x=[-1000.0, 0.0, 1000.0])
    >>> [f"{B:.1f}" for B in field.B_x], [f"{B:.1f}" for B in abs(field.B_z)]
    (['36.8', '73.5', '36.8'], ['36.8', '0.0', '36.8'])
    """
    if not isinstance(profile, Profile):
        raise ValueError(f"profile must be a dirac1d.Profile, got {profile!r}")
    if not isinstance(scale, Scale):
        raise ValueError(f"scale must be a dirac1d.Scale, got {scale!r}")
    if isinstance(height, str):
        height = parse_quantity("height", height, "length")
    height = positive_number("height", height)
    length = scale.unit("length")
    places = profile.x * length if x is None else check_positions(x)
    zeta = (places + 1j * height) / length
    F, error = transform(profile, zeta)
    unit = _FIELD_UNIT * scale.unit("current_density")
    return StrayField(places, height, -unit * F.imag, -unit * F.real, abs(unit) * error)


def transform(profile: Profile, zeta: NDArray) -> tuple[NDArray, NDArray]:
    """F(ζ) = ∫ j_y(x′)/(ζ - x′) dx′ over all x′, dimensionless, with a bound on its error."""
    strip = covering_strip(profile)
    left, right = strip.tails if strip.tails is not None else unknown_tails(profile, strip)
    value = panel_transform(strip.edges, strip.coefficients, zeta)
    error = _panel_error(profile, strip, zeta)
    for tail in (fit_tail(strip, left, -1), fit_tail(strip, right, 1)):
        added, doubt = _tail(tail, zeta)
        value, error = value + added, error + doubt
    return value, error


def _tail(tail: Tail, zeta: NDArray) -> tuple[NDArray, NDArray]:
    """The transform of one tail, with its doubt."""
    line = line_current(tail, zeta)
    fitted = tail_transform(tail, zeta)
    distance = np.abs(zeta - tail.start)
    doubt = np.abs(fitted - line) + tail.error / distance
    above = tail.side * (zeta.real - tail.start) > 0
    for s, A in zip(tail.rates, tail.amplitudes, strict=True):
        # In a metal at T = 0 the oscillation falls algebraically, slower than the fit has it: above
        # the tail all of it may be missing, elsewhere the next order of its end's expansion.
        if s.imag != 0:
            local = np.where(above, np.exp(-abs(s.imag) * zeta.imag), 0.0)
            doubt += np.pi * abs(A) * (local + np.minimum(1.0, (abs(s) * distance) ** -2.0))
    return fitted, doubt


def _panel_error(profile: Profile, strip: Strip, zeta: NDArray) -> NDArray:
    """Bound on the panels' part of the transform, from the strip's errors."""
    beyond = np.maximum(strip.edges[:-1] - zeta.real[:, None], zeta.real[:, None] - strip.edges[1:])
    distance = np.hypot(zeta.imag[:, None], np.maximum(beyond, 0.0))
    widths = np.diff(strip.edges)
    bound = strip.error + _ROUNDING * widths * np.sum(np.abs(strip.coefficients), axis=1)
    error = np.sum(bound / distance, axis=1)
    for indicator in strip.indicators:
        size = widths * np.sum(np.abs(indicator), axis=1)
        error += np.abs(panel_transform(strip.edges, indicator, zeta))
        error += CANCELLATION * np.sum(size / distance, axis=1)
    for position, height in profile.problem.jumps:
        # Beside a jump j_y is a logarithm; the strip keeps its integral, not its shape. Its mean
        # absolute deviation is 2/e of its strength, and acts over half a width at most.
        touching = (strip.edges[:-1] <= position) & (position <= strip.edges[1:])
        strength = abs(height * profile.problem.mass) * E_OVER_2H * 2 / np.e
        error += np.sum(np.where(touching, strength * widths**2 / 2 / distance**2, 0.0), axis=1)
    return error


def covering_strip(profile: Profile) -> Strip:
    """The profile's strip, if the potential is flat to both sides of it, or a ValueError."""
    strip = profile.strip
    if strip is None:
        raise ValueError("this profile holds no strip to integrate over")
    potential = profile.problem.potential
    span = max(abs(potential.right - potential.left), float(np.ptp(potential(strip.edges))), 1e-300)
    a, b = potential.support(_OUTSIDE * span)
    if not (strip.edges[0] <= a and b <= strip.edges[-1]):
        raise ValueError(
            f"profile must cover the step, which reaches from x = {a:g} to {b:g}; "
            f"it covers {strip.edges[0]:g} to {strip.edges[-1]:g}"
        )
    return strip


def unknown_tails(profile: Profile, strip: Strip) -> tuple[Estimate, Estimate]:
    """Tails for an engine that does not know them: of the gap's decay length, with large errors."""
    problem = profile.problem
    decay = 1 / (2 * abs(problem.mass)) if problem.mass else 0.0
    missing = abs(total_current(problem) - strip.integral(strip.edges[0], strip.edges[-1]).value)
    ends = (
        float(legendre.legval(-1.0, strip.coefficients[0])),
        float(legendre.legval(1.0, strip.coefficients[-1])),
    )
    left, right = (Estimate(j * decay, abs(j) * decay + missing) for j in ends)
    return left, right


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
    if not isinstance(profile, Profile):
        raise ValueError(f"profile must be a dirac1d.Profile, got {profile!r}")
    covering_strip(profile)
    problem = profile.problem
    left, right = (
        -E_OVER_2H * float(capped_energy(problem.fermi_energy - U, problem.mass,
                                         problem.temperature))
        for U in (problem.U_L, problem.U_R)
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
