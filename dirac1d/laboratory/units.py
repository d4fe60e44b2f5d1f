"""Laboratory units: nm, meV, K, nA; everything else in the package is dimensionless.

With ħ = v_F = k_B = 1 a problem has one free unit, the energy E₀. `Scale` fixes it and v_F, and
converts both ways. Sign: the solvers give j_y/e; here currents are multiplied by the *signed*
charge of the electron, e = -|e| (`ELECTRON_CHARGE`), so they are electric currents. U(x) is the
potential energy of an electron, not the electrostatic potential. For Δ > 0, ε_F in the gap and U
rising to the right, j_y/e is negative and the electric current flows toward +y.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from dirac1d.laboratory.quantities import (
    BOLTZMANN_MEV,
    ELECTRON_CHARGE,
    HBAR_MEV,
    LAB_UNITS,
    NM,
    parse_quantity,
    readable,
    unit_needed,
    with_unit,
)
from dirac1d.numerics.checks import finite_number, positive_number
from dirac1d.potentials.shapes import PARAMETER_KINDS

__all__ = ["ELECTRON_CHARGE", "KINDS", "LAB_UNITS", "Dimensionless", "Scale", "check_scale",
           "dimensionless",
           "kind_of", "parse_quantity", "readable", "with_unit"]

#: What kind of quantity a key of a problem file or an option holds, beside those of the shapes.
KINDS = {
    "mass": "energy", "inside": "energy", "fermi_energy": "energy",
    "temperature": "temperature", "rise": "length",
    "x_min": "length", "x_max": "length", "start": "energy", "stop": "energy",
    "spin_orbit": "energy", "valley_splitting": "energy", "spin_splitting": "energy",
    "v_F": "velocity", "rms": "energy", "correlation_length": "length", "lengths": "length",
    "smooth": "length", "black": "energy", "white": "energy", "unit": "energy",
}
#: Velocities (m/s) and energies (meV) of a `Scale`: up to that of light, and far beyond any flat
#: band or any solid. No velocity of a Dirac cone is allowed as an energy, nor an energy of one as a
#: velocity: two numbers in the wrong order are found out.
SLOWEST, FASTEST = 1e3, constants.c
SMALLEST_ENERGY, LARGEST_ENERGY = 1e-6, 3e4


def kind_of(name: str) -> str | None:
    """The kind of a key or of a shape's parameter; None of what holds no number."""
    return KINDS.get(name) or PARAMETER_KINDS.get(name)


class Dimensionless(float):
    """A number of E₀ or of ħv_F/E₀ that is meant as one: where others need a unit, it does not."""


def dimensionless(name: str, value: Any, scale: Scale | None) -> Dimensionless:
    """A number, or text with a unit where there is a scale, as a dimensionless number.

    With a scale a bare number is refused, for it might be meant in E₀ or in meV; 0 is 0 in both.

    Parameters
    ----------
    name : str
        One of `KINDS`, or a parameter of a shape.
    value : float, str or Dimensionless
    scale : Scale or None
        Without one, all is dimensionless.

    Raises
    ------
    ValueError
        If text comes without a scale, a number other than 0 with one, or a unit is of another kind.

    Examples
    --------
    >>> from dirac1d.laboratory.units import Scale, dimensionless
    >>> scale = Scale(v_F=1e6, energy=20.0)
    >>> dimensionless("left", "-5 meV", scale), dimensionless("left", -0.25, None)
    (-0.25, -0.25)
    >>> dimensionless("temperature", 4.2, scale)
    Traceback (most recent call last):
    ...
    ValueError: temperature = 4.2 needs a unit where there is a material or a scale: "4.2 K"
    """
    kind = kind_of(name)
    if kind in (None, "number"):
        return Dimensionless(finite_number(name, value))
    if isinstance(value, str):
        if scale is None:
            raise ValueError(
                f"{name} must be a finite number, got {value!r} (for values with units name a "
                "material, or give a scale)"
            )
        return Dimensionless(parse_quantity(name, value, kind) / scale.unit(kind))
    number = finite_number(name, value)
    if scale is not None and number != 0 and not isinstance(value, Dimensionless):
        raise ValueError(unit_needed(name, value, kind))
    return Dimensionless(number)


@dataclass(frozen=True)
class Scale:
    """The unit of energy and the velocity that turn dimensionless results into nm, meV and nA.

    It belongs to one Dirac cone. What a *material* carries is the sum over its cones, with signs
    that may cancel: `dirac1d.material_current`.

    Parameters
    ----------
    v_F : float or str
        Fermi velocity in m/s; or text with a unit, ``"8e5 m/s"`` or, for ħv_F, ``"350 meV nm"``.
    energy : float or str
        E₀ in meV, or text with a unit. All energies of a problem are in units of it.
    degeneracy : None
        Not taken: currents of cones add with signs, which a number of cones does not know.
    material : Material, optional
        Set by `Material.scale`.

    Raises
    ------
    ValueError
        If a number is not finite and positive, out of order (v_F in m/s comes before E₀ in meV), or
        a unit is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> scale = dd.Scale(v_F=1e6, energy=19.0)
    >>> print(f"{scale.unit('length'):.2f} nm, {scale.unit('current'):.2f} nA")
    34.64 nm, -4624.86 nA
    >>> step = dd.TanhStep(*scale.from_lab([-5, 5], "energy"), scale.from_lab(40, "length"))
    >>> problem = dd.Problem(step, mass=1.0, temperature=scale.from_lab(4.2, "temperature"))
    >>> print(f"{scale.to_lab(dd.total_current(problem), 'current'):.4f} nA, of one cone")
    193.7023 nA, of one cone
    """

    v_F: Any
    energy: Any
    degeneracy: InitVar[Any] = None
    material: Any = field(default=None, repr=False, compare=False)

    def __post_init__(self, degeneracy: Any) -> None:
        if degeneracy is not None:
            raise ValueError(
                f"degeneracy = {degeneracy!r} is not taken: a scale is that of one Dirac cone, and "
                "the cones of a material may cancel; sum them by material_current(material, gate)"
            )
        limits = {"v_F": ("velocity", SLOWEST, FASTEST, "m/s"),
                  "energy": ("energy", SMALLEST_ENERGY, LARGEST_ENERGY, "meV")}
        for name, (kind, low, high, unit) in limits.items():
            value = getattr(self, name)
            if isinstance(value, str):
                value = parse_quantity(name, value, kind)
            value = positive_number(name, value)
            if not low <= value <= high:
                raise ValueError(
                    f"{name} must lie between {low:.3g} and {high:.3g} {unit}, got {value:g}: "
                    "Scale(v_F=..., energy=...) takes m/s first, then meV"
                )
            object.__setattr__(self, name, value)

    @property
    def hbar_v(self) -> float:
        """ħv_F in meV·nm."""
        return self.v_F * HBAR_MEV / NM

    def unit(self, kind: str) -> float:
        """What the dimensionless 1 of a kind is in the laboratory, in the unit of `LAB_UNITS`.

        For currents this carries the sign of e = -|e|.

        Parameters
        ----------
        kind : str
            ``"length"`` (nm), ``"wavenumber"`` (1/nm), ``"energy"`` (meV), ``"temperature"`` (K),
            ``"current_density"`` (j_y, nA/µm), ``"current"`` (J_y, nA) or
            ``"spectral_current_density"`` (j^ε = dj_y/dε_F, nA/(µm meV)).

        Raises
        ------
        ValueError
            If the kind is unknown.
        """
        # e E₀/ħ in nA.
        current = ELECTRON_CHARGE * 1e9 * self.energy / HBAR_MEV
        length = self.hbar_v / self.energy
        units = {
            "length": length,
            "wavenumber": 1 / length,
            "energy": self.energy,
            "temperature": self.energy / BOLTZMANN_MEV,
            "current": current,
            "current_density": current / (length * 1e-3),
            "spectral_current_density": current / (length * 1e-3) / self.energy,
        }
        if not isinstance(kind, str) or kind not in units:
            raise ValueError(f"kind must be one of {', '.join(units)}, got {kind!r}")
        return units[kind]

    def to_lab(self, value: ArrayLike, kind: str) -> NDArray | float:
        """A dimensionless value in laboratory units; see `unit` for the kinds.

        Raises
        ------
        ValueError
            If the value is no number or array of numbers, or the kind is unknown.
        """
        return self.unit(kind) * _numbers(value, kind)[()]

    def from_lab(self, value: ArrayLike | str, kind: str) -> NDArray | float:
        """A value in laboratory units, or text with units, made dimensionless.

        Parameters
        ----------
        value : float, str or array_like of either
            ``"-60 meV"``, ``[1.0, 2.0]`` in the unit of `LAB_UNITS`, ``["20 nm", "1 um"]``.
        kind : str
            As of `unit`; text may be a length, a wavenumber, an energy or a temperature.

        Raises
        ------
        ValueError
            If a value is neither a number nor text with a unit of this kind.
        """
        size = self.unit(kind)
        if _holds_text(value):
            if kind not in ("length", "wavenumber", "energy", "temperature"):
                raise ValueError(f"kind {kind!r} is not read from text, got {value!r:.200}")
            value = _parsed(value, kind)
        found = _numbers(value, kind)[()] / size
        return found if np.ndim(found) else Dimensionless(found)

    def to_dict(self) -> dict[str, float]:
        """A JSON-ready description, with the sizes of the units."""
        return {
            "v_F_m_per_s": self.v_F, "hbar_v_F_meV_nm": self.hbar_v, "E0_meV": self.energy,
            "length_unit_nm": self.unit("length"),
            "current_unit_nA": self.unit("current"),
            "current_density_unit_nA_per_um": self.unit("current_density"),
            "temperature_unit_K": self.unit("temperature"),
        }


def _holds_text(value: Any) -> bool:
    if isinstance(value, str):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "UOS"
    return isinstance(value, list | tuple) and any(_holds_text(part) for part in value)


def _parsed(value: Any, kind: str) -> Any:
    """Texts with units as numbers; among them a bare number is refused, except 0."""
    if isinstance(value, list | tuple | np.ndarray):
        return [_parsed(part, kind) for part in value]
    return with_unit(kind, value, kind)


def _numbers(value: Any, kind: str) -> NDArray:
    """An array of floats, or a ValueError."""
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.array(None)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{kind} must be a number or an array of numbers, got {value!r:.200}")
    return array.astype(float)


def check_scale(scale: Any) -> None:
    """A ValueError if this is neither a `Scale` nor None."""
    if scale is not None and not isinstance(scale, Scale):
        raise ValueError(f"scale must be a dirac1d.Scale, got {scale!r:.200}")
