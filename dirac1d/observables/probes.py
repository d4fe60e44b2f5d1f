"""What a scanning magnetometer makes of a stray field: its size, its vibration, its noise.

A SQUID on a tip reads the mean of B_z over its loop; a nitrogen-vacancy centre reads, at a point,
the component of B along its axis. A tuning fork that shakes the tip along x with the r.m.s.
amplitude a turns B_z(x) into a signal at its frequency, a ∂B_z/∂x for small a, free of slow drifts.
The signals are r.m.s. values, as a lock-in amplifier gives them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants
from scipy.interpolate import CubicSpline

from dirac1d.laboratory.currents import MaterialCurrent
from dirac1d.laboratory.units import Scale, parse_quantity, with_unit
from dirac1d.numerics.checks import check_positions, positive_number
from dirac1d.observables.magnetic import StrayField, stray_field
from dirac1d.results.profile import Profile

#: Φ₀ in nT·nm².
_FLUX_QUANTUM = constants.h / (2 * constants.e) * 1e9 * 1e18
#: Typical white flux noise of a SQUID on a tip in Φ₀/√Hz: 16 nT/√Hz of a loop of 200 nm. Of the
#: size that is reported for such tips; not checked against one source, give your own.
SQUID_FLUX_NOISE = 0.25e-6
#: Typical noise of a single scanning NV centre for slow fields, nT/√Hz; as above.
NV_NOISE = 1000.0
#: Angle between the axis of an NV centre and the normal of a (100) surface: atan √2.
NV_ANGLE = float(np.degrees(np.arctan(np.sqrt(2))))
#: Points of the field per height above the sheet: a cubic spline through them misses 1e-5 of it.
_FINE = 16
#: Rules for the mean over the loop and over a period, exact to e^{-2n·asinh(height/size)}: 1e-6 of
#: the field, up to so many nodes.
_RULE_EXPONENT, _MOST_NODES = 14.0, 400


@dataclass(frozen=True)
class Probe:
    """A scanning magnetometer.

    Attributes
    ----------
    name : str
    diameter : float
        Of the loop that it averages over, in nm; 0 is a point.
    angle : float
        Between its axis and z, towards x, in degrees: it reads B_z cos + B_x sin.
    noise : float
        In nT/√Hz.
    """

    name: str
    diameter: float
    angle: float
    noise: float


def squid_on_tip(diameter: str, noise: str | None = None) -> Probe:
    """A SQUID on a tip.

    Parameters
    ----------
    diameter : str
        Of its loop, with a unit.
    noise : str, optional
        With a unit, such as ``"10 nT/sqrt(Hz)"``; by default `SQUID_FLUX_NOISE` over its area.

    Raises
    ------
    ValueError
        If a unit is missing, or a value is not positive.
    """
    d = positive_number("diameter", with_unit("diameter", diameter, "length"))
    typical = SQUID_FLUX_NOISE * _FLUX_QUANTUM / (np.pi * d**2 / 4)
    return Probe(f"SQUID on tip, {d:g} nm", d, 0.0, _noise(noise, typical))


def nv_centre(noise: str | None = None, angle: str | None = None) -> Probe:
    """A nitrogen-vacancy centre: a point, with an axis.

    Parameters
    ----------
    noise : str, optional
        With a unit; by default `NV_NOISE`.
    angle : str, optional
        Of its axis to z, towards x, such as ``"54.7 deg"`` (the default, a (100) surface).

    Raises
    ------
    ValueError
        If a unit is missing, or the noise is not positive.
    """
    tilt = NV_ANGLE if angle is None else parse_quantity("angle", angle, "angle")
    return Probe("NV centre", 0.0, tilt, _noise(noise, NV_NOISE))


def _noise(given: str | None, typical: float) -> float:
    if given is None:
        return float(typical)
    return positive_number("noise", with_unit("noise", given, "noise"))


@dataclass(frozen=True, eq=False)
class Signal:
    """What a probe reads along x, at one height.

    Attributes
    ----------
    x : ndarray, shape (n,)
        In nm.
    field : StrayField
        At a point of the same height.
    B_x, B_z : ndarray, shape (n,)
        Means over the loop, in nT.
    read : ndarray, shape (n,)
        Along the probe's axis, in nT.
    fork : ndarray, shape (n,)
        The r.m.s. signal of `read` at the frequency of the tuning fork, in nT; 0 without one.
    """

    x: NDArray
    field: StrayField
    B_x: NDArray
    B_z: NDArray
    read: NDArray
    fork: NDArray


def signal(
    source: MaterialCurrent | Profile, probe: Probe, height: float | str, x: ArrayLike,
    amplitude: str | float = 0.0, scale: Scale | None = None,
) -> Signal:
    """What a probe reads above a current.

    Parameters
    ----------
    source, height, scale
        As of `stray_field`.
    probe : Probe
    x : array_like, shape (n,)
        Positions in nm.
    amplitude : str
        The tuning fork's along x, r.m.s., with a unit; 0 is no fork.

    Raises
    ------
    ValueError
        If a value is not allowed.
    """
    x = check_positions(x)
    field = stray_field(source, height, scale, x)
    a = np.sqrt(2) * abs(with_unit("amplitude", amplitude, "length"))
    reach = probe.diameter / 2 + a
    # Ends of the spline are no better than its inside: some heights more than what is needed.
    step = field.height / _FINE
    margin = reach + 4 * step
    count = int(np.ceil((x[-1] - x[0] + 2 * margin) / step)) + 2
    fine = np.linspace(x[0] - margin, x[-1] + margin, count)
    B = stray_field(source, field.height, scale, fine)
    tilt = np.radians(probe.angle)
    splines = [CubicSpline(fine, part) for part in (B.B_x, B.B_z)]
    u, w = _loop(probe.diameter / 2, field.height)
    B_x, B_z = (spline(x[:, None] + u) @ w for spline in splines)
    fork = np.zeros_like(x)
    if a:
        t, weight = _period(a, field.height)
        moved = x[:, None, None] + t[:, None] + u
        along = np.cos(tilt) * splines[1](moved) @ w + np.sin(tilt) * splines[0](moved) @ w
        fork = along @ weight
    return Signal(x, field, B_x, B_z, np.cos(tilt) * B_z + np.sin(tilt) * B_x, fork)


def _nodes(size: float, height: float) -> int:
    if not size:
        return 1
    return int(min(_MOST_NODES, np.ceil(_RULE_EXPONENT / 2 / np.arcsinh(height / size)) + 3))


def _loop(radius: float, height: float) -> tuple[NDArray, NDArray]:
    """Gauss' rule for the mean over a disc of a function of x: Chebyshev's of the second kind."""
    n = _nodes(radius, height)
    angle = np.pi * np.arange(1, n + 1) / (n + 1)
    return radius * np.cos(angle), 2 / (n + 1) * np.sin(angle) ** 2


def _period(amplitude: float, height: float) -> tuple[NDArray, NDArray]:
    """Displacements of a period, and the weights of the r.m.s. first harmonic."""
    n = 2 * _nodes(amplitude, height) + 2
    phase = 2 * np.pi * (np.arange(n) + 0.5) / n
    return amplitude * np.sin(phase), np.sqrt(2) / n * np.sin(phase)


def averaging_time(size: float, noise: float, ratio: float) -> float:
    """Seconds until a value stands out of white noise: (ratio · noise/size)²/2.

    Parameters
    ----------
    size : float
        Of the signal, in nT; 0 takes for ever.
    noise : float
        In nT/√Hz, of one side of the spectrum: a mean over t has the variance noise²/2t.
    ratio : float
        Signal to noise.

    Examples
    --------
    >>> from dirac1d.observables.probes import averaging_time
    >>> averaging_time(10.0, 20.0, 10.0)
    200.0
    """
    return (ratio * noise / abs(size)) ** 2 / 2 if size else float("inf")
