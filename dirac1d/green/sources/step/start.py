"""Where a calculation on a line starts: the mesh from the potential, and the smallest length."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Settings, Start
from dirac1d.green.sources.jump import BESIDE_JUMP, NEAR_JUMP, rooms
from dirac1d.green.sources.step.mesh import Mesh, build_mesh, kinks
from dirac1d.green.sources.unit import unit
from dirac1d.green.sources.wanted import PROFILE, Wanted
from dirac1d.problem import Problem

#: Part of the accuracy by which U may miss its leads where it is cut off.
SUPPORT_PART = 1e-3
#: Airy lengths on a panel that is marched through where waves are turned round, and how much finer
#: panels are on which their beats with what is reflected are to be seen.
TURNING, SEEN = 0.85, 1.25
#: Breakpoints of U from which they decide how many nodes a panel has, the most it may have, and
#: what a panel costs beside its nodes, counted in them.
MANY, MOST_NODES, OF_A_PANEL = 8, 20, 24


def step_mesh(
    problem: Problem, x: NDArray, settings: Settings, wanted: Wanted = PROFILE
) -> Mesh:
    """The mesh that resolves U′, over the range of x and the support of U′.

    Between the knots of a table no panel can be wide, and more nodes cost less than the grading
    towards every knot that they replace.
    """
    if len(problem.potential.breakpoints) < MANY:
        return _step_mesh(problem, x, settings, wanted)
    orders = range(settings.nodes, max(settings.nodes, MOST_NODES) + 1)
    meshes = (_step_mesh(problem, x, replace(settings, nodes=n), wanted) for n in orders)
    return min(meshes, key=lambda mesh: mesh.U.size + OF_A_PANEL * len(mesh.flat))


def _step_mesh(problem: Problem, x: NDArray, settings: Settings, wanted: Wanted) -> Mesh:
    """The mesh with so many nodes on a panel as `settings` say."""
    rtol, length = settings.rtol, 1 / (2 * unit(problem))
    slope = allowed_slope(problem, rtol)
    near = NEAR_JUMP * np.sqrt(rtol) * length
    # A single point still needs a panel to stand on, and a jump the panels beside its own.
    a, b = float(x[0]), float(max(x[-1], x[0] + 1e-3 * length))
    jumps = problem.jumps
    if wanted.kinks_diverge:
        around = a - BESIDE_JUMP * near, b + BESIDE_JUMP * near
        jumps += diverging(problem.potential, around, slope, problem, settings)
    beside = wanted.widths(jumps, x, near, length)
    seen = [(q, room) for q, room in rooms(beside).items() if a - room < q < b + room]
    strip = min([a, *(q - room for q, room in seen)]), max([b, *(q + room for q, room in seen)])
    mesh = build_mesh(
        problem.potential, beside, strip,
        nodes=settings.nodes,
        support_tolerance=SUPPORT_PART * slope * min(length, problem.potential.length_scale),
        slope_tolerance=settings.start.slope_part * slope,
        kinks=kinks(problem.potential, strip, slope, unit(problem), settings.nodes),
        length=length,
        limits=settings.limits,
    )
    if problem.potential.breakpoints or problem.potential.length_scale < length:
        mesh = _graded(mesh, length, settings)
    reach = _reach(problem, rtol)
    moving = replace(problem, mass=float(np.hypot(problem.mass, wanted.momentum)))
    if np.any(_waves(moving, mesh, settings, reach) > _most(mesh, settings)):
        mesh = _graded(mesh, np.inf, settings)
    return mesh.split(
        np.minimum(_waves(moving, mesh, settings, reach), _most(mesh, settings)).astype(int)
    )


def allowed_slope(problem: Problem, rtol: float) -> float:
    """The part of U′ that carries what j_y may miss: j_y ~ -U′/4π, or less if |Δ| is far below all.

    Where nothing varies, whose charge and states are asked for all the same, any slope is nothing.
    """
    less = unit(problem) / problem.gap if problem.gap else 1.0
    return 4 * np.pi * problem.current_scale * rtol * less or rtol * problem.gap**2


def diverging(
    shape: Any, strip: tuple[float, float], slope: float, problem: Problem, settings: Settings
) -> tuple[tuple[float, float], ...]:
    """Kinks of U in the strip, where a charge density has a logarithm: as `jumps`, of height 0."""
    known = {q for q, _ in problem.jumps}
    found = kinks(shape, strip, slope, unit(problem), settings.nodes)
    return tuple((q, 0.0) for q, _, order in found if order == 1 and q not in known)


def _graded(mesh: Mesh, length: float, settings: Settings) -> Mesh:
    """Visible flat panels that grow with their distance from where U varies, as j_y's scale does.

    Farther than the decay length times the digits asked for there are waves at most. They fade as
    well, so that the panels that carry them all may grow where there would be too many: without
    end, with an infinite `length`.
    """
    curved = ~mesh.flat | (mesh.at_jump != 0)
    if not np.any(curved):
        return mesh
    varies = mesh.edges[:-1][curved], mesh.edges[1:][curved]
    free = np.flatnonzero(~curved)
    free = free[(free >= mesh.visible.start) & (free < mesh.visible.stop)]
    cuts = graded_cuts(mesh, free, varies, np.min(mesh.widths[curved]), length, settings)
    return mesh.cut(cuts) if len(cuts) else mesh


def graded_cuts(
    mesh: Any, free: NDArray, varies: tuple[NDArray, NDArray], scale: float, length: float,
    settings: Settings,
) -> NDArray:
    """Where the `free` panels are halved until none is wider than its distance from what varies.

    `varies` are the ends of what does; no panel is made narrower than about `scale`.
    """
    (begin, end), a, b = varies, mesh.edges[:-1][free], mesh.edges[1:][free]
    cuts: list[NDArray] = [np.zeros(0)]
    for _ in range(settings.limits.grades):
        distance = np.min(np.maximum(a[:, None] - end, begin - b[:, None]), axis=1)
        coarse = b - a > np.maximum(settings.start.grading * distance, scale)
        coarse &= distance < -np.log(settings.rtol) * length
        if not np.any(coarse):
            break
        a, b = a[coarse], b[coarse]
        cuts.append((a + b) / 2)
        a, b = np.concatenate((a, cuts[-1])), np.concatenate((cuts[-1], b))
    return np.concatenate(cuts)


def _reach(problem: Problem, rtol: float) -> tuple[float, float]:
    """Where waves are seen: those of the lowest frequency decay as e^{-2πT|x|}."""
    if problem.temperature == 0:
        return -np.inf, np.inf
    reach = -np.log(rtol) / (2 * np.pi * problem.temperature)
    lo, hi = problem.potential.support(rtol * abs(problem.mass))
    return lo - reach, hi + reach


def _waves(
    problem: Problem, mesh: Mesh, settings: Settings, within: tuple[float, float]
) -> NDArray:
    """Into how many parts the visible panels are cut, so that they can carry waves of 2k_F."""
    start = settings.start
    E = np.max(np.abs(problem.fermi_energy - mesh.U), axis=1)
    k = _reflected(problem, mesh, np.sqrt(np.maximum(E**2 - problem.mass**2, 0.0)), settings.rtol)
    parts = np.maximum(np.ceil(k * mesh.widths / _phase(problem, E, start)), 1)
    parts[(mesh.edges[:-1] > within[1]) | (mesh.edges[1:] < within[0])] = 1
    hidden = np.ones(len(parts), dtype=bool)
    hidden[mesh.visible] = False
    turning = mesh.widths / _turning_length(problem, mesh)
    parts[hidden] = np.maximum(np.ceil(turning), 1)[hidden]
    parts[mesh.visible] = np.maximum(parts, np.ceil(SEEN * turning))[mesh.visible]
    return parts


def _most(mesh: Mesh, settings: Settings) -> int:
    """Into how many parts a panel may be cut."""
    return settings.limits.parts // len(mesh.widths) + 1


def _reflected(problem: Problem, mesh: Mesh, k: NDArray, rtol: float) -> NDArray:
    """The largest wavenumber up to k that U reflects: a smooth U on a length w does so by e^{-πkw}.

    Where it reflects no wave of the smallest k_F there are none. A guess: refinement sees the rest.
    Waves of large p_y are turned round where ε_F meets both bands, however smooth U is; those of
    p_y = 0 where it meets the edge of one.
    """
    e = problem.fermi_energy - mesh.U
    turned = np.min(np.abs(e)) < abs(problem.mass)
    if problem.potential.breakpoints or turned or _meets_both(problem, mesh):
        return k
    largest = -np.log(rtol) / (np.pi * problem.potential.length_scale)
    smallest = np.sqrt(max(np.min(e**2) - problem.mass**2, 0.0))
    return np.zeros_like(k) if smallest > largest else np.minimum(k, largest)


def _meets_both(problem: Problem, mesh: Mesh) -> bool:
    """Whether the Fermi energy meets both bands: p is real then, up to the smaller p_F."""
    e = problem.fermi_energy - mesh.U
    return bool(e.min() < -abs(problem.mass) and e.max() > abs(problem.mass))


def _turning_length(problem: Problem, mesh: Mesh) -> NDArray:
    """Widths of panels that carry the turning point of a wave of real p, ∞ where there is none.

    Where |ε_F - U| = M the Airy length is (2M|U′|)^{-1/3}, at most √(1/|U′|). Unless ε_F meets both
    bands p leaves the real axis, and only the wave of p = 0 has one.
    """
    e = problem.fermi_energy - mesh.U
    steepest, size = np.max(np.abs(mesh.dU), axis=1), np.abs(e)
    with np.errstate(divide="ignore"):
        length = np.minimum((2 * np.max(size, axis=1) * steepest) ** (-1 / 3), steepest**-0.5)
    turned = np.min(size, axis=1) < max(min(e.max(), -e.min()), abs(problem.mass))
    turned &= np.max(size, axis=1) > abs(problem.mass)
    return np.where(turned, TURNING * length, np.inf)


def _phase(problem: Problem, E: NDArray, start: Start) -> float:
    """k_F times the width of a panel that carries the waves of largest |ε_F - U| = E."""
    reflected = np.min(E) < start.reflection_in_x * abs(problem.mass)
    return start.reflected_phase if reflected else start.panel_phase


def top_scale(problem: Problem, mesh: Mesh, settings: Settings) -> float:
    """The inverse of the smallest length on which the answer varies.

    Beside a bend of U that is where panels of the usual nodes would end, also if there are more.
    """
    shortest, slope = problem.potential.length_scale, allowed_slope(problem, settings.rtol)
    nodes = settings.nodes
    for _, near, _ in kinks(problem.potential, mesh.strip, slope, unit(problem), nodes):
        shortest = min(shortest, near)
    if np.any(mesh.at_jump):
        shortest = min(shortest, float(np.min(mesh.widths[mesh.at_jump != 0])))
    return 1 / shortest
