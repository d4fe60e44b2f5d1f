"""Where a calculation with a mass profile starts: panels that carry both U′ and Δ′."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.green.settings import Settings
from dirac1d.green.sources.jump import BESIDE_JUMP, NEAR_JUMP, rooms
from dirac1d.green.sources.step.mesh import Mesh, build_mesh, kinks
from dirac1d.green.sources.step.start import allowed_slope, diverging, graded_cuts
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wanted import PROFILE, Wanted
from dirac1d.problem import Problem

#: Part of the accuracy by which U and Δ may miss their leads where they are cut off.
SUPPORT_PART = 1e-3
#: Part of the accuracy that the strength of a logarithm may be and is not felt.
UNFELT = 1e-3
#: k_F times a panel's width that its nodes carry.
WAVE_PHASE = 1.5
#: Ratio of the distances from a hard wall of neighbouring edges, and the first of them, in units of
#: √rtol/2|Δ|, of whose square is left out beside the wall, and of 1/2|Δ|: traces that do not fall
#: with p lose digits as 1/x².
TOWARDS_WALL, NEAREST_WALL, LEAST = 3.0, 0.5, 4e-3


def wall_mesh(
    problem: Problem, x: NDArray, settings: Settings, wanted: Wanted = PROFILE
) -> WallMesh:
    """The mesh over the range of x and all that varies, between hard walls."""
    U, mass = problem.potential, problem.mass_profile
    length, slope = 1 / (2 * problem.gap), allowed_slope(problem, settings.rtol)
    tolerance = [SUPPORT_PART * slope * min(length, q.length_scale) for q in (U, mass)]
    spans = [q.support(t) for q, t in zip((U, mass), tolerance, strict=True)]
    near = NEAR_JUMP * np.sqrt(settings.rtol) * length
    felt = UNFELT * settings.rtol * problem.current_scale / E_OVER_2H
    places = [q for q, _ in problem.mass_jumps]
    flat = not np.any(np.abs(U.derivative(np.array(places))) > felt) and not problem.jumps
    # Without a slope nothing is singular there but what the `Reference` takes away.
    nears = near, max(near, LEAST * length) if flat else near
    own = [problem.jumps, problem.mass_jumps]
    if wanted.kinks_diverge:
        room = BESIDE_JUMP * max(nears)
        everywhere = min(a for a, _ in spans) - room, max(b for _, b in spans) + room
        own[0] += diverging(U, everywhere, slope, problem, settings)
    beside = [wanted.widths(q, x, width, length) for q, width in zip(own, nears, strict=True)]
    needed = [item for widths in beside for item in rooms(widths).items()]
    low = min(float(x[0]), *(a for a, _ in spans), *(q - room for q, room in needed))
    high = max(float(x[-1]), low + 1e-3 * length, *(b for _, b in spans),
               *(q + room for q, room in needed))
    walls = problem.hard_walls
    low = low if walls[0] is None else walls[0].position
    high = high if walls[1] is None else walls[1].position
    if walls[0] is not None and walls[1] is None:
        high = max(high, low + length)
    if walls[1] is not None and walls[0] is None:
        low = min(low, high - length)
    meshes = [
        _one(q, at, (low, high), t, slope, length, settings, problem)
        for q, at, t in zip((U, mass), beside, tolerance, strict=True)
    ]
    edges = reduce(np.union1d, [m.edges for m in meshes])
    edges = edges[(edges >= low) & (edges <= high)]
    edges = np.union1d(edges, [low, high])
    for wall, inwards in ((walls[0], 1), (walls[1], -1)):
        if wall is not None:
            edges = np.union1d(edges, _towards(wall.position, inwards, edges, length, settings))
    edges = apart(edges, 1e-13 * max(abs(low), abs(high), length))
    line, profile = (on_edges(m, edges, (low, high)) for m in meshes)
    mesh = WallMesh(
        line, profile, tuple(None if w is None else w.R for w in walls),
        slope=felt,
    )
    mesh = mesh.cut(_graded(mesh, length, settings))
    return mesh.split(_waves(problem, mesh, settings))


def _one(
    shape: Any, jumps: Mapping[float, float], strip: tuple[float, float],
    tolerance: float, slope: float, length: float, settings: Settings,
    problem: Problem,
) -> Mesh:
    """The mesh that carries one of U and Δ."""
    felt = max(problem.gap, *(abs(problem.fermi_energy - U) for U in (problem.U_L, problem.U_R)))
    return build_mesh(
        shape, jumps, strip, nodes=settings.nodes, support_tolerance=tolerance,
        slope_tolerance=settings.start.slope_part * slope,
        kinks=kinks(shape, strip, slope, felt, settings.nodes), length=length,
        limits=settings.limits,
    )


def on_edges(mesh: Mesh, edges: NDArray, strip: tuple[float, float]) -> Mesh:
    """A mesh on other edges, which hold those of its own that lie between them."""
    at_jump = np.zeros(len(edges) - 1, dtype=int)
    for sign, ends in ((-1, mesh.edges[:-1]), (1, mesh.edges[1:])):
        own = ends[mesh.at_jump == sign]
        at_jump[np.isin(edges[:-1] if sign < 0 else edges[1:], own)] = sign
    return replace(mesh, strip=strip)._anew(edges, at_jump, mesh.U.shape[1])


def apart(edges: NDArray, least: float) -> NDArray:
    """Edges without those that lie closer than `least` to the one before, the last kept."""
    keep = np.append(np.diff(edges) > least, True)
    return edges[keep]


def _towards(
    wall: float, inwards: int, edges: NDArray, length: float, settings: Settings
) -> NDArray:
    """Edges at growing distances from a hard wall."""
    smallest = max(NEAREST_WALL * np.sqrt(settings.rtol), LEAST) * length
    distance = smallest * TOWARDS_WALL ** np.arange(60.0)
    room = np.abs(edges - wall)
    room = np.min(room[room > 0], initial=np.inf)
    return wall + inwards * distance[distance < min(0.6 * room, 2 * length)]


def _graded(mesh: WallMesh, length: float, settings: Settings) -> NDArray:
    """Cuts of flat panels, which grow with their distance from what varies."""
    curved = ~mesh.flat | (mesh.at_jump != 0)
    begin, end = mesh.edges[:-1][curved], mesh.edges[1:][curved]
    scale = np.min(mesh.widths[curved], initial=length)
    walls = [mesh.edges[i] for i, wall in ((0, mesh.walls[0]), (-1, mesh.walls[1])) if wall]
    begin, end = np.concatenate((begin, walls)), np.concatenate((end, walls))
    if not len(begin):
        return np.zeros(0)
    return graded_cuts(mesh, np.flatnonzero(~curved), (begin, end), scale, length, settings)


def _waves(problem: Problem, mesh: WallMesh, settings: Settings) -> NDArray:
    """Into how many parts panels are cut, so that they can carry waves of 2k_F."""
    E = np.max(np.abs(problem.fermi_energy - mesh.U), axis=1)
    k = np.sqrt(np.maximum(E**2 - np.min(mesh.mass.U**2, axis=1), 0.0))
    parts = np.maximum(np.ceil(k * mesh.widths / WAVE_PHASE), 1)
    return np.minimum(parts, settings.limits.parts // len(parts) + 1).astype(int)
