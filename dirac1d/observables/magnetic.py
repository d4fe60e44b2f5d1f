r"""The stray field of j_y(x): of one Dirac cone, or of a material, whose cones add with signs.

The sheet z = 0 carries the surface current density K_y(x), the same for all y. Biot-Savart for
straight wires along y gives, above it and with ζ = x + iz,

.. math:: B_x = -\frac{\mu_0}{2\pi}\,\mathrm{Im}\,F(\zeta),\quad
          B_z = -\frac{\mu_0}{2\pi}\,\mathrm{Re}\,F(\zeta),\quad
          F(\zeta) = \int\frac{K_y(x')}{\zeta-x'}\,dx'.

No quadrature is involved: K_y is a Legendre series on each panel of the profile's strip, and
:math:`\int_{-1}^1 P_n(t)/(w-t)\,dt = 2Q_n(w)`, Legendre functions of the second kind (DLMF
14.12.13). Beyond the strip K_y is continued into the leads as a damped oscillation with the value,
slope and integral that the engine gives, whose transform is an exponential integral.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from dirac1d.dirac import E_OVER_2H
from dirac1d.exact import total_current
from dirac1d.laboratory.currents import MaterialCurrent, sum_note
from dirac1d.laboratory.units import Scale, parse_quantity, readable
from dirac1d.numerics.cauchy import Tail, fit_tail, line_current, panel_transform, tail_transform
from dirac1d.numerics.checks import check_positions, of_kind, positive_number
from dirac1d.numerics.columns import save_table
from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.strip import CANCELLATION, Strip
from dirac1d.observables.loops import loops_field
from dirac1d.observables.map_field import FieldMap, map_field
from dirac1d.results.map import CurrentMap
from dirac1d.results.profile import Profile
from dirac1d.results.radial import RadialProfile

#: The step must lie within the strip up to this part of its height; its tails are then leads.
_OUTSIDE = 1e-2
#: μ₀/2π times 1 nA/µm, in nT.
_FIELD_UNIT = constants.mu_0 / (2 * np.pi) * 1e-3 * 1e9
#: Rounding of a transform, relative to the sum of the absolute contributions.
_ROUNDING = 1e-14


@dataclass(frozen=True, eq=False)
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
    note : str
        Whose field it is: of one cone, or of a material's cones together.
    cones : mapping of str to StrayField
        For a material the field of each cone alone, by its name.
    """

    x: NDArray
    height: float
    B_x: NDArray
    B_z: NDArray
    error: NDArray
    note: str = "one cone"
    cones: Mapping[str, StrayField] = field(default_factory=dict, repr=False)

    @property
    def largest(self) -> float:
        """Largest |B_x| or |B_z| of the positions, in nT."""
        return float(max(np.max(np.abs(B), initial=0.0) for B in (self.B_x, self.B_z)))

    def save(self, path: str | Path) -> Path:
        """Write x, B_x, B_z and their error: ``.csv`` (names with units) or ``.npz``.

        Raises
        ------
        ValueError
            If the ending is another, or the file cannot be written.
        """
        header = {"units": "nm, nT; of the electric current, e = -|e|", "height_nm": self.height,
                  "note": self.note}
        columns = {"x": self.x, "B_x": self.B_x, "B_z": self.B_z, "error": self.error}
        units = {name: "nm" if name == "x" else "nT" for name in columns}
        return save_table(path, "dirac1d.StrayField", header, columns, units)

    def to_xarray(self) -> Any:
        """An ``xarray.Dataset`` over x (the extra ``xarray``).

        Raises
        ------
        ImportError
            If xarray is not installed.
        """
        import xarray

        parts = {"B_x": self.B_x, "B_z": self.B_z, "error": self.error}
        return xarray.Dataset(
            {name: ("x", values, {"units": "nT"}) for name, values in parts.items()},
            {"x": ("x", self.x, {"units": "nm"})},
            {"height_nm": self.height, "note": self.note},
        )

    def __repr__(self) -> str:
        return (f"<StrayField {readable(self.height, 'nm', 3)} above the sheet: at most "
                f"{readable(self.largest, 'nT')} ({self.note})>")


def stray_field(
    profile: Profile | RadialProfile | CurrentMap | MaterialCurrent, height: float | str,
    scale: Scale | None = None, x: ArrayLike | None = None, sensor: float | str | None = None,
) -> StrayField | FieldMap:
    """The magnetic field of a current at a height above the sheet.

    Parameters
    ----------
    profile : MaterialCurrent, Profile, RadialProfile or CurrentMap
        The current of a material, which is the sum of its cones with their signs; or the profile of
        one cone, with its `scale`. It must cover the step: its first and last position lie in the
        leads. The values at its positions are not used, but the engine's own representation,
        ``profile.strip``. Around a circle x is the distance from its axis, on a line through the
        centre, and B_x the radial field.
    height : float or str
        In nm, or text with a unit; positive.
    scale : Scale
        Of a profile. That of a material (`Material.scale`) is refused where the material has more
        cones than the profile's one.
    x : array_like, shape (n,), optional
        Positions in nm; by default those of the profile. The field of a map is at its own.
    sensor : float or str, optional
        Of a map: full width at half maximum of a Gaussian sensor, in nm or text with a unit.

    Returns
    -------
    StrayField, or FieldMap of a map

    Raises
    ------
    ValueError
        If height is not positive, x is not increasing and finite, the profile does not cover the
        step, or is that of one cone of a material that has several.

    Examples
    --------
    >>> import dirac1d as dd
    >>> step = {"shape": "tanh", "left": "-3 meV", "right": "3 meV", "rise": "100 nm"}
    >>> current = dd.material_current("ti-surface", step, temperature="4.2 K")
    >>> dd.stray_field(current, "150 nm")
    <StrayField 150 nm above the sheet: at most 140 nT (one cone, its current is the sum)>
    """
    height = distance("height", height)
    if sensor is not None and not isinstance(profile, CurrentMap):
        raise ValueError("sensor is that of maps; what a probe reads of a step tells dd.image")
    if isinstance(profile, MaterialCurrent):
        if scale is not None:
            raise ValueError("scale belongs to a profile: a material's current has its own")
        return _field_of_material(profile, height, x)
    if not isinstance(profile, Profile | RadialProfile | CurrentMap):
        raise ValueError(
            f"profile must be a Profile, a CurrentMap or a MaterialCurrent, got {profile!r:.200}")
    of_kind("scale", scale, Scale)
    cones = 1 if scale.material is None else len(scale.material.flavours)
    if cones > 1:
        raise ValueError(
            f"this profile is one of the {cones} cones of {scale.material.name}, which add with "
            "signs: take the field of material_current(material, gate), or for that of one cone "
            f"Scale(v_F={scale.v_F:g}, energy={scale.energy:g})"
        )
    if isinstance(profile, CurrentMap):
        if x is not None:
            raise ValueError("x: the field of a map is at the positions of the map")
        return map_field(profile, height, scale, distance("sensor", sensor) if sensor else 0.0)
    return _field_of_cone(profile, height, scale, x)


def distance(name: str, value: float | str) -> float:
    """A height or a width in nm, from a number of nm or text with a unit.

    Raises
    ------
    ValueError
        If it is not positive, or of another unit.
    """
    given = parse_quantity(name, value, "length") if isinstance(value, str) else value
    return positive_number(name, given)


def _field_of_cone(
    profile: Profile | RadialProfile, height: float, scale: Scale, x: ArrayLike | None
) -> StrayField:
    length = scale.unit("length")
    places = profile.x * length if x is None else check_positions(x)
    if isinstance(profile, RadialProfile):
        B_r, B_z, error = loops_field(profile, places / length, height / length)
        unit = _FIELD_UNIT * scale.unit("current_density")
        return StrayField(places, height, unit * B_r, unit * B_z, abs(unit) * error)
    F, error = transform(profile, (places + 1j * height) / length)
    unit = _FIELD_UNIT * scale.unit("current_density")
    return StrayField(places, height, -unit * F.imag, -unit * F.real, abs(unit) * error)


def _field_of_material(
    current: MaterialCurrent, height: float, x: ArrayLike | None
) -> StrayField:
    """The sum of the cones; those of opposite sign share a profile, and cancel exactly."""
    fields = {
        id(p): _field_of_cone(p, height, current.scale, x) for p, _ in current.shares
    }
    first = next(iter(fields.values()))
    B_x, B_z, error = (np.zeros_like(first.x) for _ in range(3))
    for profile, share in current.shares:
        part = fields[id(profile)]
        B_x += share * part.B_x
        B_z += share * part.B_z
        error += abs(share) * part.error
    cones = {}
    for cone in current.cones:
        part, name = fields[id(cone.profile)], cone.flavour.name
        cones[name] = StrayField(
            part.x, height, cone.sign * part.B_x, cone.sign * part.B_z, part.error, f"{name} alone"
        )
    total = StrayField(first.x, height, B_x, B_z, error, cones=MappingProxyType(cones))
    largest = max(c.largest for c in cones.values())
    return replace(total, note=sum_note(current.material, total.largest, largest, "nT"))


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
        strength = abs(height * float(profile.problem.mass_at(position))) * E_OVER_2H * 2 / np.e
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
    if profile.problem.mass_profile is not None:
        c, d = profile.problem.mass_profile.support(_OUTSIDE * profile.problem.gap)
        a, b = min(a, c), max(b, d)
        walls = profile.problem.hard_walls
        a = a if walls[0] is None else walls[0].position
        b = b if walls[1] is None else walls[1].position
    if not (strip.edges[0] <= a and b <= strip.edges[-1]):
        raise ValueError(
            f"profile must cover the step, which reaches from x = {a:g} to {b:g}; "
            f"it covers {strip.edges[0]:g} to {strip.edges[-1]:g}"
        )
    return strip


def unknown_tails(profile: Profile, strip: Strip) -> tuple[Estimate, Estimate]:
    """Tails for an engine that does not know them: of the gap's decay length, with large errors."""
    problem = profile.problem
    decay = 1 / (2 * problem.gap) if problem.gap else 0.0
    missing = abs(total_current(problem) - strip.integral(strip.edges[0], strip.edges[-1]).value)
    ends = (
        float(legendre.legval(-1.0, strip.coefficients[0])),
        float(legendre.legval(1.0, strip.coefficients[-1])),
    )
    left, right = (Estimate(j * decay, abs(j) * decay + missing) for j in ends)
    return left, right
