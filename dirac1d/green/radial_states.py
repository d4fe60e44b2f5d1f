r"""Scattering states of a circle: one angular momentum, its phase shift and its spinor.

Outside, with e = E - U_out and k² = e² - Δ², the radial functions of
ψ = (f e^{ilφ}, i g e^{i(l+1)φ}), l = j - ½, are those of Bessel's J and Y,

.. math:: (f, g) = \sqrt{\frac{|e+Δ|}{4π}}\,\Big[\cos α\,(J_{|l|}, ±\tfrac{k}{e+Δ}J_{|l+1|})(kr)
                   - \sin α\,(Y_{|l|}, ±\tfrac{k}{e+Δ}Y_{|l+1|})(kr)\Big],

± the sign of j: f ~ cos(kr - π(2|l|+1)/4 + α), normalised to δ(E - E'). In the band above the gap
the outgoing wave is e^{ikr}, below it e^{-ikr}: the phase shift is δ = α sgn e, so that e^{2iδ} is
the outgoing over the incoming amplitude, relative to that without a potential, and (1/π)dδ/dE is
what the circle adds to the density of states (Friedel). Δ here is that far outside: it may vary
with r, and be 0 there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import jv, yv

from dirac1d.green.angles import LOOSER, SAFETY, TOLERANCE
from dirac1d.green.bound import Shooting
from dirac1d.numerics.checks import finite_number, half_integer
from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.values import ByContent, extent
from dirac1d.potentials.walls import circle_ends
from dirac1d.problem import Problem
from dirac1d.results.radial import check_radii


@dataclass(frozen=True, eq=False, repr=False)
class RadialState(ByContent):
    r"""A scattering state of one angular momentum, normalised to δ(E - E').

    Attributes
    ----------
    energy, j : float
    phase_shift : Estimate
        δ in (-π/2, π/2], with its error; real, since nothing is absorbed.
    r : ndarray, shape (n,), or None
        Radii given.
    psi : ndarray, shape (2, n), or None
        (f, g) there, of ψ = (f e^{ilφ}, i g e^{i(l+1)φ}), l = j - ½.
    """

    energy: float
    j: float
    phase_shift: Estimate
    r: NDArray | None
    psi: NDArray | None
    _wave: _Outside = field(compare=False)

    def __repr__(self) -> str:
        where = "" if self.r is None else f", {len(self.r)} radii from {extent(self.r)}"
        return (f"RadialState(energy {self.energy:g}, j {self.j:g}, phase shift "
                f"{self.phase_shift.value:.8g} ± {self.phase_shift.error:.1g}{where})")

    @property
    def S(self) -> complex:
        """e^{2iδ}, of modulus 1."""
        return complex(np.exp(2j * self.phase_shift.value))

    def spinor(self, r: ArrayLike) -> NDArray:
        """(f, g) at radii, shape (2, n).

        Raises
        ------
        ValueError
            If r does not increase, or is negative.
        """
        return self._wave.spinor(check_radii(r))


@dataclass(frozen=True, eq=False)
class _Outside:
    """The regular solution of one energy, and what it is where U is flat."""

    shooting: Shooting
    E: float

    @property
    def e(self) -> float:
        """E - U far outside."""
        return self.E - self.shooting.problem.potential.outside

    @property
    def k(self) -> float:
        """√(e² - Δ²)."""
        gap = abs(self.shooting.masses[1])
        return float(np.sqrt((abs(self.e) - gap) * (abs(self.e) + gap)))

    def free(self, r: ArrayLike) -> NDArray:
        """√r (f, g) of J and of Y, normalised: shape (2, 2, ...), the kind first."""
        j, r = self.shooting.j, np.asarray(r, dtype=float)
        e = self.e + self.shooting.masses[1]
        f, g = abs(j - 0.5), abs(j + 0.5)
        size = np.sqrt(abs(e) / (4 * np.pi) * r)
        ratio = np.sign(j) * self.k / e
        return np.array([
            size * np.array([kind(f, self.k * r), ratio * kind(g, self.k * r)]) for kind in (jv, yv)
        ])

    def match(self, tolerance: float) -> tuple[float, float]:
        """α and ln of the regular solution's factor, from its value where U becomes flat."""
        end = self.shooting.outwards(self.E, tolerance)[-1].y[:, -1]
        last = self.shooting.pieces[-1][1]
        J, Y = self.free(last)
        value = np.array([np.cos(end[0]), np.sin(end[0])])
        # value = c (cos α J - sin α Y), by the Wronskians with J and Y.
        W = J[0] * Y[1] - J[1] * Y[0]
        cos = (value[0] * Y[1] - value[1] * Y[0]) / W
        sin = -(J[0] * value[1] - J[1] * value[0]) / W
        if cos < 0 or (cos == 0 and sin < 0):
            cos, sin = -cos, -sin
        return float(np.arctan2(sin, cos)), float(end[1] + np.log(np.hypot(sin, cos)))

    @cached_property
    def _dense(self) -> list:
        return self.shooting.outwards(self.E, TOLERANCE, dense=True)

    def spinor(self, r: NDArray) -> NDArray:
        """(f, g), shape (2, n)."""
        alpha, log_size = self.match(TOLERANCE)
        pieces = self.shooting.pieces
        first, last = pieces[0][0], pieces[-1][1]
        theta, log = np.zeros(len(r)), np.full(len(r), -np.inf)
        near, far = r < first, r > last
        theta[near] = self.shooting.regular(self.E, r[near])
        # ρ/√r, of which r^{|j|-1/2} is left at r = 0.
        with np.errstate(divide="ignore", invalid="ignore"):
            power = (abs(self.shooting.j) - 0.5) * np.log(r[near] / first)
        log[near] = np.where(np.isnan(power), 0.0, power) - np.log(first) / 2
        for run, (a, b) in zip(self._dense, pieces, strict=True):
            here = (r >= a) & (r <= b)
            if np.any(here):
                theta[here], log[here] = run.sol(r[here])
                log[here] -= np.log(r[here]) / 2
        end = self._dense[-1].y[0, -1]
        J, Y = self.free(last)
        sign = np.sign(np.cos(end) * (np.cos(alpha) * J[0] - np.sin(alpha) * Y[0])
                       + np.sin(end) * (np.cos(alpha) * J[1] - np.sin(alpha) * Y[1]))
        psi = sign * np.exp(log - log_size) * np.stack((np.cos(theta), np.sin(theta)))
        if np.any(far):
            J, Y = self.free(r[far])
            psi[:, far] = (np.cos(alpha) * J - np.sin(alpha) * Y) / np.sqrt(r[far])
        return psi


def radial_state(problem: Problem, energy: float, j: float, r: ArrayLike | None) -> RadialState:
    """The state of energy E and angular momentum j; arguments as `scattering_state`.

    Raises
    ------
    ValueError
        If j is no half-integer, the energy lies in the gap outside, or the mass is zero.
    """
    j, energy = half_integer(j), finite_number("energy", energy)
    outside, gap = problem.potential.outside, abs(circle_ends(problem.mass)[1])
    if problem.gap == 0:
        raise ValueError("mass must not be 0: circles of massless electrons are not done here")
    if abs(energy - outside) <= gap:
        raise ValueError(
            f"energy must be outside of the gap around U far outside, where a circle has levels "
            f"only (bound_states): |energy - {outside:g}| > {gap:g}, got {energy:g}"
        )
    wave = _Outside(Shooting.of(problem, j), energy)
    (alpha, _), (other, _) = wave.match(TOLERANCE), wave.match(LOOSER)
    change = abs(np.angle(np.exp(2j * (alpha - other)))) / 2
    sign = np.sign(energy - outside)
    shift = alpha * sign if alpha != -np.pi / 2 else np.pi / 2
    radii = None if r is None else check_radii(r)
    psi = None if radii is None else wave.spinor(radii)
    return RadialState(
        energy, j, Estimate(float(shift), SAFETY * float(change) + 1e-14), radii, psi, wave
    )
