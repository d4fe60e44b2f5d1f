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

Below p₁ such states there may be, of real p and of complex p: at a wall with a second state the
extremum of a band is at p ≠ 0, and at energies beyond it the state has a complex p with no real one
to tell of it. So it is looked for them (`sources.states`), and p stays real as far as they are:
from the start where a wall's edge state is alone. The total does not tell: the residue of
∫tr σ_yG dx = -∂_p ln det is -1, and what it adds is imaginary. An edge state where U is on the
other side of ε_F than its middle runs the other way: then p may turn the other way too, since
beyond (e₊ - e₋)/2 + |c| = max|e| nothing is on either side. Close to the level E₀ of p = 0 of such
a state, E = E₀ ± vp, p turns below the axis for ε_F > E₀ and above it for ε_F < E₀.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dirac1d.green.contour.chart import ALIASING, Surroundings
from dirac1d.green.contour.choose import first_free, scale_and_floor, turned
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.settings import Settings
from dirac1d.green.sources.states import Slices, level_at_rest, passes_none
from dirac1d.green.sources.step.leads import lead_energies
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.problem import Problem

#: Part of the gap by which U may vary and count as flat: rounding.
FLAT = 1e-13
#: Part of the gap within which a level of p = 0 is met by the path's corner.
AT_REST = 0.05


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
) -> Gap | Ray | Offset:
    """The path of p at an energy."""
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
    scale, floor = scale_and_floor(around, start, settings.stretch)
    slices = Slices.of(mesh, mesh.mass.U, gap + largest, mesh.walls)
    level = level_at_rest(slices, energy, AT_REST * gap)
    first = -1 if high + low >= 0 else 1
    bounds = {first: (high - low) / 2, -first: largest}
    if level is not None:
        first = -1 if energy >= level else 1
    pivot, direction = np.inf, 1.0 + 0j
    for side in (first, -first):
        edge, room = _other_leads(problem, energy, side)
        turn = side * turned(room, start)
        at_rest = level is not None and side == first
        found = _pivot(slices, energy, edge, bounds[side], turn, gap, at_rest)
        if found < pivot:
            pivot, direction = found, np.exp(1j * turn)
        if pivot == 0:
            break
    decay = np.array([mass**2 - e**2 for e, mass in lead_energies(problem, energy)])
    close = (start.edge_part * scale) ** 2  # of a band edge, where ω goes as q²
    if pivot > 0:
        return Offset(around, scale, direction, pivot, floor, bool(np.all(np.abs(decay) > close)))
    nearest = 0.0 if low * high < 0 else min(abs(low), abs(high)) / gap
    return Ray(around, scale, direction, nearest, floor, bool(np.all(decay > close)))


def _other_leads(problem: Problem, energy: float, sign: int) -> tuple[float, float]:
    """The largest p_F of leads whose waves are on the side p turns to, and the room to edges."""
    edge, room = 0.0, 1.0
    for e, gap in lead_energies(problem, energy):
        if sign * e > 0:
            p_F = float(np.sqrt(max((abs(e) - gap) * (abs(e) + gap), 0.0)))
            edge, near = max(edge, p_F), p_F or gap - abs(e)
            room = min(room, near / gap) if gap > 0 else room
    return edge, room


def _pivot(
    slices: Slices, energy: float, edge: float, last: float, turn: float, gap: float, at_rest: bool
) -> float:
    """From where on p may turn. `at_rest`: a state is close to p = 0, on the other side."""
    if last <= FLAT * gap:
        return 0.0

    def none_passed(start: float, stop: float, direction: complex) -> bool:
        """Whether no state is between the axis and a path."""
        return passes_none(slices, energy, start, stop, direction, at_rest and start == 0)

    return first_free(none_passed, edge, last, lambda _: turn)
