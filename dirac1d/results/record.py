"""A profile of either kind as a dictionary and as a file: the same keys, only the names differ."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.files import pack
from dirac1d.version import __version__

if TYPE_CHECKING:
    from dirac1d.results.map import CurrentMap
    from dirac1d.results.profile import Profile
    from dirac1d.results.radial import RadialProfile

#: Version of the file layout; 2 has a checksum and the package's version, 3 the logarithms of a
#: strip.
FILE_FORMAT = 3


class AccuracyWarning(UserWarning):
    """A result misses the accuracy that was asked for; its `status` says by how much."""


def said(worst: float, rtol: float, stopped: str | None, stacklevel: int) -> str:
    """The status of an array whose largest error is `worst` of its scale; it warns of a miss.

    `stopped` is why its work ended early, if it did; `stacklevel` as that of a warning here.
    """
    if worst <= rtol:
        return "converged"
    status = f"reached {worst:.1e} of its scale, not {rtol:.1e}"
    status = f"{stopped}: {status}" if stopped else status
    warnings.warn(status, AccuracyWarning, stacklevel=stacklevel)
    return status


def as_dict(profile: Profile | RadialProfile, places: str, values: str) -> dict[str, Any]:
    """Values, error, status and the full problem, JSON-ready.

    `places` and `values` name the positions and the current density.
    """
    return {
        "engine": profile.engine,
        "status": profile.status,
        "rtol": profile.rtol,
        "current_scale": profile.problem.current_scale,
        "problem": profile.problem.to_dict(),
        places: getattr(profile, places).tolist(),
        values: json_ready(getattr(profile, values).tolist()),
        "error": json_ready(profile.error.tolist()),
        "details": profile.details,
    }


def json_ready(found: Any) -> Any:
    """The same with ``"inf"``, ``"-inf"`` and ``"nan"`` for the numbers that JSON does not have."""
    if isinstance(found, dict):
        return {key: json_ready(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [json_ready(value) for value in found]
    return found if not isinstance(found, float) or np.isfinite(found) else str(found)


def header_of(
    result: Profile | RadialProfile | CurrentMap, kind: str, units: str
) -> dict[str, Any]:
    """What a file says of a result beside its arrays."""
    return {
        "format": FILE_FORMAT,
        "kind": kind,
        "version": __version__,
        "units": f"hbar = v_F = k_B = 1; {units}",
        "engine": result.engine,
        "status": result.status,
        "rtol": result.rtol,
        "problem": result.problem.to_dict(),
        "details": result.details,
    }


def as_bytes(profile: Profile | RadialProfile, kind: str, places: str, values: str) -> bytes:
    """What is written to a file; the same result gives the same bytes."""
    arrays: dict[str, NDArray] = {
        name: getattr(profile, name) for name in (places, values, "error")
    }
    arrays |= {} if profile.strip is None else profile.strip.to_arrays()
    return pack(header_of(profile, kind, f"{values} is {values}/e"), arrays)
