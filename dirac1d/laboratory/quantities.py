"""Numbers with units as text, read and written; the constants that turn them into others."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
from scipy import constants

from dirac1d.numerics.checks import finite_number

#: e = -|e|, in coulomb: the signed charge that j_y/e is multiplied by.
ELECTRON_CHARGE = -constants.e
#: 1 meV and 1 nm in SI.
MEV = 1e-3 * constants.e
NM = 1e-9
#: ħ in meV·s.
HBAR_MEV = constants.hbar / MEV
#: k_B in meV/K.
BOLTZMANN_MEV = constants.k / MEV

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
_ENERGIES = {"ueV": 1e-3, "\u03bceV": 1e-3, "meV": 1.0, "eV": 1e3, "J": 1 / MEV}
_TEMPERATURES = {"mK": 1e-3, "K": 1.0}
_VELOCITIES = {"m/s": 1.0, "km/s": 1e3}
#: A root is written in three ways.
_NOISE = {
    f"{unit}/{root}": size
    for unit, size in {"nT": 1.0, "pT": 1e-3, "uT": 1e3, "\u03bcT": 1e3}.items()
    for root in ("sqrt(Hz)", "rtHz", "\u221aHz")
}
#: Written units by kind, each in the unit of `LAB_UNITS`.
_KNOWN: dict[str, dict[str, float]] = {
    "length": _LENGTHS,
    "wavenumber": {f"1/{unit}": 1 / size for unit, size in _LENGTHS.items()},
    "energy": _ENERGIES,
    # A temperature may also be given as the energy k_B T.
    "temperature": _TEMPERATURES
    | {unit: size / BOLTZMANN_MEV for unit, size in _ENERGIES.items()},
    # A velocity in m/s, or ħv_F as energy times length.
    "velocity": _VELOCITIES
    | {f"{e} {x}": a * b / (HBAR_MEV / NM)
       for e, a in _ENERGIES.items() for x, b in _LENGTHS.items()},
    "noise": _NOISE,
    "angle": {"deg": 1.0},
}
#: Of the message where a unit is missing; it repeats the user's number.
_FIRST_UNIT = {kind: next(iter(known)) for kind, known in _KNOWN.items()} | LAB_UNITS
_EXAMPLES = {"length": "20 nm", "wavenumber": "0.1 1/nm", "energy": "-60 meV",
             "temperature": "4.2 K", "velocity": "8e5 m/s", "noise": "10 nT/sqrt(Hz)",
             "angle": "54.7 deg"}
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S.*?)\s*")


def parse_quantity(name: str, text: str, kind: str) -> float:
    """The number of a quantity with a unit, in the unit of `LAB_UNITS` (velocities in m/s).

    Parameters
    ----------
    name : str
        What the quantity is called, for the error message.
    text : str
        A number and a unit, such as ``"-60 meV"``, ``"0.2 eV"``, ``"4 K"`` or ``"350 meV nm"``.
    kind : {"length", "wavenumber", "energy", "temperature", "velocity", "noise", "angle"}

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


def with_unit(name: str, value: Any, kind: str) -> float:
    """Text with a unit, or 0, in the unit of `LAB_UNITS`; other bare numbers are refused.

    Raises
    ------
    ValueError
        If a unit is missing or of another kind.
    """
    if isinstance(value, str):
        return parse_quantity(name, value, kind)
    number = finite_number(name, value)
    if number != 0:
        raise ValueError(unit_needed(name, value, kind))
    return 0.0


def unit_needed(name: str, value: Any, kind: str) -> str:
    """The message where a unit is missing; it repeats the number with one."""
    text = f'"{value:g} {_FIRST_UNIT[kind]}"'
    return f"{name} = {value:g} needs a unit where there is a material or a scale: {text}"


_YEAR = 365.25 * 86400.0
_TIMES = {"s": 1.0, "min": 60.0, "h": 3600.0, "days": 86400.0, "years": _YEAR}
#: Steps of a thousand from the unit that a readable number is given in.
_PREFIXES = {"nA": ("pA", "nA", "uA", "mA"), "nT": ("pT", "nT", "uT", "mT"),
             "nm": ("pm", "nm", "um", "mm"), "s": ("ms", "s")}


def readable(value: float, unit: str, digits: int = 2) -> str:
    """A number as one would say it: ``2.3 uA``, not ``2324.427519 nA``.

    Parameters
    ----------
    value : float
    unit : str
        ``"nA"``, ``"nT"``, ``"nm"`` and ``"s"`` get another prefix where that reads better.
    digits : int
        Significant ones.

    Examples
    --------
    >>> from dirac1d.laboratory.units import readable
    >>> readable(2324.427519, "nA"), readable(-0.0123, "nT"), readable(0.0, "nA")
    ('2.3 uA', '-12 pT', '0 nA')
    """
    if value == 0 or not np.isfinite(value):
        return f"{abs(value):g} {unit}"
    names = _PREFIXES.get(unit, (unit,))
    here = names.index(unit)
    # Of the rounded number: 999.7 is 1.0 of the next unit.
    rounded = float(f"{value:.{digits - 1}e}")
    step = int(np.clip(np.floor(np.log10(abs(rounded)) / 3 + 1e-9), -here, len(names) - 1 - here))
    number = float(f"{value / 1000.0**step:.{digits - 1}e}")
    plain = 1e-4 <= abs(number) < 1e6
    places = max(0, digits - 1 - int(np.floor(np.log10(abs(number)))))
    shown = f"{number:.{places}f}" if plain else f"{number:g}"
    return f"{shown} {names[here + step]}"


def readable_time(seconds: float) -> str:
    """A duration as one would say it: ``3.2 min``; over 100 years it is ``for ever``.

    Examples
    --------
    >>> from dirac1d.laboratory.quantities import readable_time
    >>> readable_time(0.0123), readable_time(200), readable_time(1e11)
    ('12 ms', '3.3 min', 'for ever')
    """
    if not seconds <= 100 * _YEAR:
        return "for ever"
    size, name = max(((s, n) for n, s in _TIMES.items() if s <= seconds), default=(1.0, "s"))
    return readable(seconds, "s") if name == "s" else readable(seconds / size, name)
