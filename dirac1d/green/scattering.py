r"""Scattering states of one transverse momentum: full spinors of H(Δ, p_y) with exact leads.

Where Δ is a number, Eq. (6) of P. G. Silvestrov and P. Recher (2019) turns H(Δ, p_y) into H(M, 0),
whose waves (:mod:`~dirac1d.green.incoming`) it turns back. Where Δ varies no rotation does, and
±p_y are two problems. A wave from the right is one from the left in the mirror x → -x, ψ → σ_zψ,
which takes p_y to -p_y.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.dirac import SIGMA_0, effective_mass, rotation_angle, spin_rotation
from dirac1d.green.incoming import Incoming, Medium, Seen, incoming
from dirac1d.green.radial_states import RadialState, radial_state
from dirac1d.numerics.checks import check_positions, finite_number
from dirac1d.numerics.values import ByContent, extent
from dirac1d.potentials import SharpStep
from dirac1d.problem import Problem, check_problem, has_ends


@dataclass(frozen=True, eq=False, repr=False)
class ScatteringState(ByContent):
    r"""A state with unit incoming current from one side.

    Attributes
    ----------
    energy, p_y : float
    side : str
        Where the wave comes from, "left" or "right".
    reflection, transmission : complex
        Amplitudes in units of the incoming one, normalised to the current; the phases refer to
        x = 0 in plane waves of either lead, those of H(M, 0) rotated by Eq. (6) with that lead's Δ.
        The transmission is 0 if the other lead is closed, or ends at a hard wall.
    x : ndarray, shape (n,), or None
        Positions given.
    psi : ndarray of complex, shape (2, n), or None
        The spinor there.
    """

    energy: float
    p_y: float
    side: str
    reflection: complex
    transmission: complex
    x: NDArray | None
    psi: NDArray | None
    _wave: _Wave = field(compare=False)

    def __repr__(self) -> str:
        where = "" if self.x is None else f", {len(self.x)} positions from {extent(self.x)}"
        return (f"ScatteringState(energy {self.energy:g}, p_y {self.p_y:g}, from the {self.side}, "
                f"|r|² = {self.reflection_probability:.6g}, "
                f"|t|² = {self.transmission_probability:.6g}{where})")

    @property
    def reflection_probability(self) -> float:
        """|r|²."""
        return abs(self.reflection) ** 2

    @property
    def transmission_probability(self) -> float:
        """|t|² = 1 - |r|²."""
        return abs(self.transmission) ** 2

    def spinor(self, x: ArrayLike) -> NDArray:
        """The spinor of H(Δ, p_y), normalised to unit incoming current; shape (2, len(x))."""
        return self._wave.spinor(np.atleast_1d(np.asarray(x, dtype=float)))


@dataclass(frozen=True, eq=False)
class _Wave:
    """A wave that comes in from the left, in the mirror if need be, and the rotation back."""

    wave: Incoming
    mirrored: bool
    rotation: NDArray

    def spinor(self, x: NDArray) -> NDArray:
        """Undo the mirror x → -x (ψ → σ_zψ: u ↔ v) and the rotation of SR Eq. (6)."""
        if self.mirrored:
            v, u = self.wave.chiral(-x)
        else:
            u, v = self.wave.chiral(x)
        # f = (u + v)/2, g = (u - v)/2i, ψ = (f, i g)
        return self.rotation @ np.stack(((u + v) / 2, (u - v) / 2))


def scattering_state(
    problem: Problem,
    energy: float,
    p_y: float | None = None,
    side: Literal["left", "right"] | None = None,
    x: ArrayLike | None = None,
    *,
    j: float | None = None,
) -> ScatteringState | RadialState:
    r"""The state of energy E and momentum p_y that comes in from one side.

    Around a circle, the one of angular momentum j: ``scattering_state(problem, energy, j)``.

    Parameters
    ----------
    problem : Problem
        With any mass Δ(x) or Δ(r); its Fermi energy and temperature play no role. Where Δ varies,
        p_y and -p_y are different states.
    energy : float
    p_y : float
        Transverse momentum. Around a circle its place is taken by j.
    side : {"left", "right"}
        Where the incoming wave comes from; none around a circle.
    x : array_like, optional
        Positions (radii) at which `psi` is given; `spinor` evaluates anywhere.
    j : float
        Half-integer, of either sign; for a circle only.

    Returns
    -------
    ScatteringState
        Normalised to unit incoming current ψ†σ_xψ. Of a circle a `RadialState`, with its phase
        shift, normalised to δ(E - E').

    Raises
    ------
    ValueError
        If the incoming channel is closed, |E - U| ≤ √(Δ² + p_y²), or ends at a hard wall; around a
        circle |E - U| ≤ |Δ| far outside; or an argument is not allowed.
    """
    if check_problem(problem, walls=has_ends(problem)).circular:
        if side is not None:
            raise ValueError(f"side must not be given for a circle, got {side!r}")
        if (p_y is None) == (j is None):
            raise ValueError("j, the angular momentum, must be given once for a circle")
        return radial_state(problem, energy, p_y if j is None else j, x)
    if j is not None:
        raise ValueError(f"j is for circles: a state at a step has p_y and side, got j = {j!r}")
    energy, p_y = finite_number("energy", energy), finite_number("p_y", p_y)
    if side not in ("left", "right"):
        raise ValueError(f"side must be 'left' or 'right', got {side!r}")
    _check_open(problem, energy, p_y, side)
    wave, reflection, transmission = _solve(problem, energy, p_y, side)
    positions = None if x is None else check_positions(x)
    state = ScatteringState(
        energy, p_y, side, reflection, transmission, positions, None, wave
    )
    if positions is not None:
        object.__setattr__(state, "psi", state.spinor(positions))
    return state


def _check_open(problem: Problem, energy: float, p_y: float, side: str) -> None:
    """A ValueError if no wave of that energy and p_y comes in from there."""
    sides = ("left", "right") if side == "left" else ("right", "left")
    why, is_open = [], []
    for end in sides:
        wall = problem.hard_walls[0 if end == "left" else 1]
        U, mass = (
            (problem.U_L, problem.mass_left) if end == "left" else
            (problem.U_R, problem.mass_right)
        )
        away, gap = abs(energy - U), float(effective_mass(p_y, mass))
        is_open.append(wall is None and away > gap)
        why.append(
            f"there is a hard wall at {wall.position:g}" if wall is not None else
            f"|energy - U| = {away:g} must exceed sqrt(mass² + p_y²) = {gap:g}"
        )
    if is_open[0]:
        return
    message = f"no wave comes in from the {side}: {why[0]}"
    if not is_open[1]:
        message += (f"; no lead has waves of this energy and p_y (on the {sides[1]} {why[1]}): "
                    "what is bound is found by edge_states")
    raise ValueError(message)


def _solve(
    problem: Problem, energy: float, p_y: float, side: str
) -> tuple[_Wave, complex, complex]:
    """The wave, rotated back, and the amplitudes."""
    mirrored = side == "right"
    sign, profile = -1 if mirrored else 1, problem.mass_profile
    wall, ends = problem.hard_walls[0 if mirrored else 1], (problem.mass_left, problem.mass_right)
    end, R = (np.inf, None) if wall is None else (sign * wall.position, sign * wall.R)
    U, M = Seen(problem.potential, sign, end), float(effective_mass(p_y, ends[0]))
    if profile is None and M > 0:
        wave, reflection, transmission = incoming(Medium(U, M, 0.0), energy)
        rotation = spin_rotation(p_y, problem.mass)
        return _Wave(wave, mirrored, rotation), reflection, transmission
    # Without a mass nothing is to be rotated away.
    mass = Seen(SharpStep(0.0, 0.0) if profile is None else profile, sign, end)
    wave, reflection, transmission = incoming(Medium(U, mass, sign * p_y, R), energy)
    # The phases that the rotation of each lead's own Δ gives its waves, as if Δ were constant.
    here, there = (
        0.0 if np.isinf(mass) else float(rotation_angle(sign * p_y, mass))
        for mass in ends[::sign]
    )
    reflection *= np.exp(1j * here)
    transmission *= np.exp(1j * (here - there) / 2)
    return _Wave(wave, mirrored, np.exp(0.5j * here) * SIGMA_0), reflection, transmission
