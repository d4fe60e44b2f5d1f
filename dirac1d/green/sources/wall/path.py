r"""Which path p takes where Δ varies.

Both signs of p are summed at every point, so that p ≥ 0 as on a line, and M of the charts is p. For
a normalised ψ with Hψ = Eψ at complex p, E = ε_F + iω and e = ε_F - U between e₋ and e₊: H - pσ_y
is Hermitian and anticommutes with σ_y but for U, so that

.. math:: \Im p\,⟨σ_y⟩ = ω, \qquad \Re p = ⟨σ_y e⟩,

whatever Δ(x) is. With c = (e₊ + e₋)/2 ≥ 0 and p = ±qe^{-iα}, q > 0, ±⟨σ_y⟩ < 0, hence
q cos α = ±⟨σ_y(e - c)⟩ ± c⟨σ_y⟩ ≤ (e₊ - e₋)/2: **beyond p₁ = (e₊ - e₋)/2 there is no singularity
below the axis if ε_F is above the middle of its range, and none above it if it is below.** In a
flat potential p₁ = 0: p turns from the start, past the edge state E = ±p of every wall. Where
|ε_F - U| < |Δ| everywhere and Δ has one sign there is no state at all: ⟨Δ⟩ = ⟨eσ_z⟩ cannot be.

Up to p₁ the axis is looked at: the phase of s_Ls_R, which rises with E, passes 0 at every state,
and falls with |p| where the state's energy rises. If all states at ε_F rise with |p|, or all fall,
p turns from the start, else where the last of one kind is passed. That leaves resonances out of
sight; they would change the total, which is known, and then p stays real up to p₁ (`current`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dirac1d.green.contour.chart import ALIASING, LOW_COUNT, Surroundings
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.settings import Settings
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wall.solution import solve
from dirac1d.problem import Problem

#: Momenta at which the axis is looked at, on each side.
LOOKS = 96
#: How often the interval that holds a state is looked at as closely once more.
ROUNDS = 2
#: How far beyond the largest |ε_F - U| it is looked at: no state is there.
MARGIN = 1.05
#: Part of the gap by which U may vary and count as flat: rounding.
FLAT = 1e-13


def gapped(problem: Problem, mesh: WallMesh, energy: float, part: float = 1.0) -> bool:
    """Whether |energy - U| < part · |Δ| everywhere, with Δ of one sign and that of the walls."""
    mass = mesh.mass.U
    sign = np.sign(mass.flat[0])
    walls = [w.sign for w in problem.hard_walls if w is not None]
    if np.any(np.sign(mass) != sign) or any(w != sign for w in walls):
        return False
    return bool(np.all(np.abs(energy - mesh.U) < part * np.abs(mass)))


def choose_path(
    problem: Problem, mesh: WallMesh, energy: float, temperature: float, settings: Settings,
    safe: bool = False,
) -> Gap | Ray | Offset:
    """The path of p at an energy; `safe`: whatever the states on the axis are."""
    start, gap = settings.start, problem.gap
    e = energy - mesh.U
    low, high = float(e.min()), float(e.max())
    largest = max(abs(low), abs(high))
    reach = float(mesh.edges[-1] - mesh.edges[0])
    around = Surroundings(0.0, energy, temperature, largest, reach, gap)
    if gapped(problem, mesh, energy):
        least = float(np.min(np.abs(mesh.mass.U) - np.abs(e)))
        if least > ALIASING * temperature:
            around = replace(around, temperature=0.0)
    if around.temperature == 0 and gapped(problem, mesh, energy, start.gap_part):
        return Gap(around, settings.stretch * gap)
    scale = settings.stretch * max(gap, np.sqrt(gap * largest))
    floor = around.step * LOW_COUNT
    if floor > start.low_part * scale or 2 * floor * reach > start.low_exponent:
        floor = 0.0
    middle, half = (high + low) / 2, (high - low) / 2
    sign = -1 if middle >= 0 else 1
    if half > FLAT * gap:
        pivot = half
        if not safe:
            sign, pivot = _turn(problem, mesh, energy, largest, sign, settings)
        if pivot > 0:
            return Offset(around, scale, np.exp(1j * sign * start.rotation), pivot, floor)
    nearest = 0.0 if low * high < 0 else min(abs(low), abs(high)) / gap
    return Ray(around, scale, np.exp(1j * sign * start.rotation), nearest, floor)


def _turn(
    problem: Problem, mesh: WallMesh, energy: float, largest: float, sign: int, settings: Settings
) -> tuple[int, float]:
    """To which side p turns (`sign` if either will do), and from where on.

    States that rise with |p| are passed below, -1, those that fall above: beyond the last one of
    one kind only those of the other are left.
    """
    places: dict[int, list[float]] = {-1: [0.0], 1: [0.0]}
    for U, mass in ((problem.U_L, problem.mass_left), (problem.U_R, problem.mass_right)):
        e = energy - U
        if abs(e) > abs(mass):
            places[-1 if e > 0 else 1].append(float(np.sqrt(e * e - mass * mass)))
    at = np.unravel_index(np.argmin(np.abs(mesh.mass.U.T)), mesh.mass.U.T.shape)
    open_ = max(map(max, places.values()))  # below it a lead is: no state is bound
    for side in (1, -1):
        found = _states(mesh, energy, side, (open_, MARGIN * largest), at, settings)
        for p, kind in found:
            places[kind].append(p)
    last = {kind: max(found) for kind, found in places.items()}
    if last[-1] == last[1]:
        return sign, last[1]
    turn = -1 if last[-1] > last[1] else 1
    return turn, last[-turn]


def _states(
    mesh: WallMesh, energy: float, side: int, span: tuple[float, float],
    at: tuple[np.intp, ...], settings: Settings, rounds: int = ROUNDS,
) -> list[tuple[float, int]]:
    """|p| of the states at an energy within a span of momenta of one sign, -1 if it rises there."""
    p = np.linspace(*span, LOOKS + 1)[0 if rounds < ROUNDS else 1 :]
    solution = solve(
        mesh, np.full(len(p), energy + 0j), side * p + 0j, settings.rtol, settings.start
    )
    phase = np.unwrap(np.angle(solution.product()[at][: len(p)]))
    turns = np.floor(phase / (2 * np.pi))
    found = []
    for i in np.flatnonzero(np.diff(turns)):
        kind = int(np.sign(turns[i + 1] - turns[i]))
        inside = float(p[i]), float(p[i + 1])
        if rounds:
            found += _states(mesh, energy, side, inside, at, settings, rounds - 1)
        else:
            level = 2 * np.pi * max(turns[i], turns[i + 1])
            part = (level - phase[i]) / (phase[i + 1] - phase[i])
            found.append((inside[0] + part * (inside[1] - inside[0]), kind))
    return found
