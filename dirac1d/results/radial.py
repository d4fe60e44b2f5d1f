"""The current density around a circle: values with their error, magnetization and moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import check_positions
from dirac1d.numerics.estimate import Estimate, Estimates
from dirac1d.numerics.files import with_ending, write
from dirac1d.numerics.strip import Strip
from dirac1d.numerics.values import ByContent, extent, freeze
from dirac1d.potentials.walls import circle_ends
from dirac1d.problem import Problem
from dirac1d.results import views
from dirac1d.results.record import as_bytes, as_dict

if TYPE_CHECKING:
    import xarray

#: Of the files that `RadialProfile.save` writes.
FILE_KIND = "dirac1d.RadialProfile"
#: Nodes per panel for the moment: a panel's series times r².
_MOMENT_NODES = 40


@dataclass(frozen=True, eq=False, repr=False)
class RadialProfile(ByContent):
    """The current density j_φ(r) around a circle, with its error.

    Called, it gives j_φ between its points: ``value, error = profile(0.3)``. Programs for profiles
    of either kind find the radii under `x` and the values under `j_y`.

    Attributes
    ----------
    r : ndarray, shape (n,)
        Radii, in ħv_F/E₀.
    j_phi : ndarray, shape (n,)
        Current density over e, j_φ/e, dimensionless (ħ = v_F = 1), positive anticlockwise; infinite
        exactly at a jump of U.
    error : ndarray, shape (n,)
        Estimated bound on |error| of each value.
    status : str
        ``"converged"``, or a sentence that says what is left.
    engine : str
    problem : Problem
    rtol : float
        Accuracy asked for, relative to ``problem.current_scale``.
    strip : Strip, optional
        The engine's own representation of j_φ from r = 0 on. Its tails are known where nothing is
        left of the current beyond it, to the accuracy asked for; around a metal at T = 0 waves go
        on for ever.
    details : dict
        What the engine did; JSON-ready.
    """

    r: NDArray
    j_phi: NDArray
    error: NDArray
    status: str
    engine: str
    problem: Problem
    rtol: float
    strip: Strip | None = field(default=None, repr=False)
    details: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        freeze(self, "r", "j_phi", "error")

    def __repr__(self) -> str:
        moment = self.moment if self.complete else None
        words = "" if moment is None else f", moment {moment.value:.8g} ± {moment.error:.1g}"
        return (f"RadialProfile({len(self.r)} radii from {extent(self.r)}, j_phi from "
                f"{extent(self.j_phi)}{words}, engine {self.engine}, {self.status})")

    def _repr_html_(self) -> str:
        return views.html(self)

    def __call__(self, r: ArrayLike) -> Estimate | views.Values:
        """j_φ anywhere in the computed range, with an estimate of its error; as `Profile`."""
        return views.between(self, r)

    def plot(self, ax: Any = None, scale: Any = None) -> Any:
        """A figure of bands and j_φ(r), or the curve alone in given Axes, which are returned."""
        return views.plot(self, ax, scale)

    def to_xarray(self) -> xarray.Dataset:
        """An `xarray.Dataset` of j_φ and its error over r; units are in its attributes."""
        return views.dataset(self).rename(x="r", j_y="j_phi")

    @property
    def x(self) -> NDArray:
        """The radii."""
        return self.r

    @property
    def j_y(self) -> NDArray:
        """j_φ/e."""
        return self.j_phi

    @property
    def converged(self) -> bool:
        """Whether the requested accuracy was reached."""
        return self.status == "converged"

    @property
    def complete(self) -> bool:
        """Whether nothing is left of the current beyond what was computed."""
        return self.strip is not None and self.strip.tails is not None

    def total(self) -> Estimate | None:
        """The current through a half-line from the centre, ∫ j_φ dr = M(0); None in a metal."""
        return self.integral() if self.complete else None

    def integral(self, r_inner: float = 0.0, r_outer: float | None = None) -> Estimate:
        """The current through a piece of a radius: ∫ j_φ dr = M(r_inner) - M(r_outer).

        By default from the centre to infinity, around a metal to the end of what was computed.

        Raises
        ------
        ValueError
            If the piece reaches beyond what is known, or its ends are not in order.
        """
        if self.strip is None:
            raise ValueError("this profile holds no strip to integrate over")
        end = float(self.strip.edges[-1])
        if r_outer is None:
            r_outer = np.inf if self.complete else end
        try:
            a, b = float(r_inner), float(r_outer)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"r_inner and r_outer must be numbers, got {r_inner!r} and {r_outer!r}"
            ) from error
        if not 0 <= a <= b:
            raise ValueError(f"r_inner and r_outer must be 0 <= r_inner <= r_outer, got {a}, {b}")
        if b <= end:
            return self.strip.integral(a, b)
        if self.strip.tails is None:
            raise ValueError(
                f"r_outer = {b:g} is outside of the computed range [0, {end:g}]: the waves of a "
                "metal go on for ever"
            )
        # Beyond the end there is nothing but an error.
        beyond = self.strip.tails[1].error
        if a >= end:
            return Estimate(0.0, beyond)
        found = self.strip.integral(a, end)
        return Estimate(found.value, found.error + beyond)

    def magnetization(self, r: ArrayLike) -> Estimates:
        """M(r)/e with j_φ = -dM/dr and M = 0 far outside, at radii of shape (n,).

        Raises
        ------
        ValueError
            If a radius is negative, or the current does not end within what was computed.
        """
        radii = np.atleast_1d(np.asarray(r, dtype=float))
        if np.any(~(radii >= 0)):
            raise ValueError(f"r must not be negative, got {radii[~(radii >= 0)][0]}")
        if not self.complete:
            raise ValueError("magnetization: it is not known without the current far outside, "
                             "which around a metal at T = 0 does not end")
        found = [self.integral(x, np.inf) for x in radii]
        return Estimates(
            np.array([f.value for f in found]), np.array([f.error for f in found]), self.status
        )

    @property
    def moment(self) -> Estimate:
        """The total magnetic moment over e, ∫M d²r = π ∫ r² j_φ dr, with its error.

        Raises
        ------
        ValueError
            If the current does not end within what was computed.
        """
        strip = self.strip
        if strip is None or strip.tails is None:
            raise ValueError("moment: it is not known without the current far outside, which "
                             "around a metal at T = 0 does not end")
        t, w = legendre.leggauss(_MOMENT_NODES)
        half = np.diff(strip.edges) / 2
        r = (strip.edges[:-1] + half)[:, None] + half[:, None] * t
        weight = np.pi * half[:, None] * w * r**2
        j, _ = strip.at(r.ravel())
        end = float(strip.edges[-1])
        error = np.pi * np.sum(strip.error * strip.edges[1:] ** 2)
        if strip.tails[1].error:  # λ∫(R + x)² e^{-λx} dx
            more = 1 / far_decay(self.problem)
            error += np.pi * strip.tails[1].error * (end**2 + 2 * end * more + 2 * more**2)
        for indicator in strip.indicators:
            error += np.sum(weight * np.abs(legendre.legval(t, indicator.T)))
        return Estimate(float(np.sum(weight * j.reshape(r.shape))), float(error))

    def to_dict(self) -> dict[str, Any]:
        """Values, error, status and the full problem, JSON-ready."""
        return as_dict(self, "r", "j_phi")

    def save(self, path: str | Path) -> Path:
        """Write values, error, status and the full problem to an ``.npz`` file; as `Profile.save`.

        Raises
        ------
        ValueError
            If the name has another ending, or the file cannot be written.
        """
        return write(with_ending(path, (".npz",)), self.to_bytes())

    def to_bytes(self) -> bytes:
        """What `save` writes; the same result gives the same bytes."""
        return as_bytes(self, FILE_KIND, "r", "j_phi")


def check_radii(r: ArrayLike) -> NDArray:
    """`r` as an increasing array of radii.

    Raises
    ------
    ValueError
        If there is none, or they are not finite, do not increase, or one is negative.
    """
    radii = check_positions(r, "r")
    if radii[0] < 0:
        raise ValueError(f"r must not be negative, got r[0] = {radii[0]}")
    return radii


def far_decay(problem: Problem) -> float:
    """The rate at which the current decays far outside: 2 Re √(Δ² - (ε_F - U + iπT)²)."""
    e = problem.fermi_energy - problem.potential.outside + 1j * np.pi * problem.temperature
    gap = abs(circle_ends(problem.mass)[1])
    return 2 * float(np.sqrt((gap - e) * (gap + e)).real)


def decayed(problem: Problem, j_phi: float, error: float) -> tuple[Estimate, Estimate]:
    """The tails of a strip at whose end the current is j_φ ± error: what is left of it decays."""
    return no_tails((abs(j_phi) + error) / far_decay(problem))


def no_tails(error: float) -> tuple[Estimate, Estimate]:
    """The tails of a strip from r = 0 to where nothing is left of the current but an error."""
    return Estimate(0.0, 0.0), Estimate(0.0, error)


def no_radial_current(problem: Problem, r: NDArray, rtol: float, engine: str) -> RadialProfile:
    """Without a mass or a step of U: zero, exactly."""
    zero = np.zeros(len(r))
    edges = np.array([0.0, max(float(r[-1]), 1.0)])
    strip = Strip(edges, np.zeros((1, 1)), np.zeros(1), no_tails(0.0))
    return RadialProfile(r, zero, zero, "converged", engine, problem, rtol, strip)
