"""Laboratory units: nm, meV, K, nA; everything else in the package is dimensionless.

With ħ = v_F = k_B = 1 a problem has one free unit, the energy E₀. `Scale` fixes it and v_F, and
converts both ways. Sign: the solvers give j_y/e; here currents are multiplied by the *signed*
charge of the electron, e = -|e| (`ELECTRON_CHARGE`), so they are electric currents. U(x) is the
potential energy of an electron, not the electrostatic potential. For Δ > 0, ε_F in the gap and U
rising to the right, j_y/e is negative and the electric current flows toward +y.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants

from dirac1d.numerics.checks import finite_number, positive_number

#: e = -|e|, in coulomb: the signed charge that j_y/e is multiplied by.
ELECTRON_CHARGE = -constants.e
_MEV = 1e-3 * constants.e
_NM = 1e-9
#: ħ in meV·s.
_HBAR_MEV = constants.hbar / _MEV
#: k_B in meV/K.
_BOLTZMANN_MEV = constants.k / _MEV

#: The unit in which each kind of quantity is given in the laboratory.
LAB_UNITS = {
    "length": "nm",
    "wavenumber": "1/nm",
    "energy": "meV",
    "temperature": "K",
    "current_density": "nA/um",
    "current": "nA",
    "spectral_current_density": "nA/(um meV)",
}

#: Read after compatibility normalisation: the micro sign as Greek mu, the angstrom sign as Å.
_LENGTHS = {"pm": 1e-3, "angstrom": 0.1, "\u00c5": 0.1, "nm": 1.0, "um": 1e3, "\u03bcm": 1e3,
            "mm": 1e6, "m": 1e9}
_ENERGIES = {"ueV": 1e-3, "\u03bceV": 1e-3, "meV": 1.0, "eV": 1e3, "J": 1 / _MEV}
_TEMPERATURES = {"mK": 1e-3, "K": 1.0}
_VELOCITIES = {"m/s": 1.0, "km/s": 1e3}
#: Written units by kind, each in the unit of `LAB_UNITS`.
_KNOWN: dict[str, dict[str, float]] = {
    "length": _LENGTHS,
    "wavenumber": {f"1/{unit}": 1 / size for unit, size in _LENGTHS.items()},
    "energy": _ENERGIES,
    # A temperature may also be given as the energy k_B T.
    "temperature": _TEMPERATURES
    | {unit: size / _BOLTZMANN_MEV for unit, size in _ENERGIES.items()},
    # A velocity in m/s, or ħv_F as energy times length.
    "velocity": _VELOCITIES
    | {f"{e} {x}": a * b / (_HBAR_MEV / _NM)
       for e, a in _ENERGIES.items() for x, b in _LENGTHS.items()},
}
_EXAMPLES = {"length": "20 nm", "wavenumber": "0.1 1/nm", "energy": "-60 meV",
             "temperature": "4.2 K", "velocity": "8e5 m/s"}
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S.*?)\s*")


def parse_quantity(name: str, text: str, kind: str) -> float:
    """The number of a quantity with a unit, in the unit of `LAB_UNITS` (velocities in m/s).

    Parameters
    ----------
    name : str
        What the quantity is called, for the error message.
    text : str
        A number and a unit, such as ``"-60 meV"``, ``"0.2 eV"``, ``"4 K"`` or ``"350 meV nm"``.
    kind : {"length", "wavenumber", "energy", "temperature", "velocity"}

    Raises
    ------
    ValueError
        If the text is not a number with a unit of this kind.

    Examples
    --------
    >>> from dirac1d.laboratory.units import parse_quantity
    >>> parse_quantity("left", "-0.06 eV", "energy")
    -60.0
    """
    known = _KNOWN[kind]
    match = _QUANTITY.fullmatch(unicodedata.normalize("NFKC", text).replace("−", "-"))
    unit = " ".join(re.split(r"[\s·*]+", match[2])) if match else None
    if match is None or unit not in known:
        raise ValueError(
            f"{name} must be a number with a unit of {kind}, such as {_EXAMPLES[kind]!r}, "
            f"got {text!r}"
        )
    return finite_number(name, float(match[1]) * known[unit])


@dataclass(frozen=True)
class Scale:
    """The unit of energy and the velocity that turn dimensionless results into nm, meV and nA.

    Parameters
    ----------
    v_F : float or str
        Fermi velocity in m/s; or text with a unit, ``"8e5 m/s"`` or, for ħv_F, ``"350 meV nm"``.
    energy : float or str
        E₀ in meV, or text with a unit. All energies of a problem are in units of it.
    degeneracy : float
        Number of identical flavours (spins, valleys) whose currents add.

    Raises
    ------
    ValueError
        If a number is not finite and positive, or a unit is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> scale = dd.Scale(v_F=1e6, energy=19.0)
    >>> print(f"{scale.unit('length'):.2f} nm, {scale.unit('current'):.2f} nA")
    34.64 nm, -4624.86 nA
    >>> step = dd.TanhStep(*scale.from_lab([-5, 5], "energy"), scale.from_lab(40, "length"))
    >>> problem = dd.Problem(step, mass=1.0, temperature=scale.from_lab(4.2, "temperature"))
    >>> print(f"{scale.to_lab(dd.total_current(problem), 'current'):.4f} nA")
    193.7023 nA
    """

    v_F: Any
    energy: Any
    degeneracy: float = 1.0

    def __post_init__(self) -> None:
        for name, kind in (("v_F", "velocity"), ("energy", "energy")):
            value = getattr(self, name)
            if isinstance(value, str):
                value = parse_quantity(name, value, kind)
            object.__setattr__(self, name, positive_number(name, value))
        object.__setattr__(self, "degeneracy", positive_number("degeneracy", self.degeneracy))

    @property
    def hbar_v(self) -> float:
        """ħv_F in meV·nm."""
        return self.v_F * _HBAR_MEV / _NM

    def unit(self, kind: str) -> float:
        """What the dimensionless 1 of a kind is in the laboratory, in the unit of `LAB_UNITS`.

        For currents this carries the degeneracy and the sign of e = -|e|.

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
        current = ELECTRON_CHARGE * 1e9 * self.degeneracy * self.energy / _HBAR_MEV
        length = self.hbar_v / self.energy
        units = {
            "length": length,
            "wavenumber": 1 / length,
            "energy": self.energy,
            "temperature": self.energy / _BOLTZMANN_MEV,
            "current": current,
            "current_density": current / (length * 1e-3),
            "spectral_current_density": current / (length * 1e-3) / self.energy,
        }
        if not isinstance(kind, str) or kind not in units:
            raise ValueError(f"kind must be one of {', '.join(units)}, got {kind!r}")
        return units[kind]

    def to_lab(self, value: ArrayLike, kind: str) -> NDArray | float:
        """A dimensionless value in laboratory units; see `unit` for the kinds."""
        return self.unit(kind) * np.asarray(value, dtype=float)[()]

    def from_lab(self, value: ArrayLike | str, kind: str) -> NDArray | float:
        """A value in laboratory units, or text such as ``"-60 meV"``, made dimensionless."""
        if isinstance(value, str):
            if kind not in ("length", "wavenumber", "energy", "temperature"):
                raise ValueError(f"kind {kind!r} is not read from text, got {value!r}")
            value = parse_quantity(kind, value, kind)
        return np.asarray(value, dtype=float)[()] / self.unit(kind)

    def to_dict(self) -> dict[str, float]:
        """A JSON-ready description, with the sizes of the units."""
        return {
            "v_F_m_per_s": self.v_F, "hbar_v_F_meV_nm": self.hbar_v, "E0_meV": self.energy,
            "degeneracy": self.degeneracy, "length_unit_nm": self.unit("length"),
            "current_unit_nA": self.unit("current"),
            "current_density_unit_nA_per_um": self.unit("current_density"),
            "temperature_unit_K": self.unit("temperature"),
        }
