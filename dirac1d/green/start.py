"""Where a calculation starts: orders from rtol, and the mesh from the potential."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.mesh import Mesh, build_mesh, kinks
from dirac1d.problem import Problem

#: Parts into which the waves may cut all panels together.
MOST_PARTS = 5_000


@dataclass(frozen=True)
class Settings:
    """Resolution that follows from rtol: nodes per panel and per side of a cell.

    `stretch` multiplies the contour's energy scale; the answer must not depend on it.
    """

    rtol: float
    nodes: int
    order: int
    stretch: float = 1.0

    @classmethod
    def of(cls, rtol: float) -> Settings:
        """Orders that were fastest at each accuracy."""
        digits = -np.log10(rtol)
        nodes = int(np.clip(round(5 + digits), 8, 17))
        return cls(rtol, nodes, int(np.clip(round(2 + digits), 4, 14)))


def first_mesh(problem: Problem, x: NDArray, settings: Settings) -> Mesh:
    """The mesh that resolves U′, over the range of x and the support of U′."""
    j0, rtol, length = problem.current_scale, settings.rtol, 1 / (2 * abs(problem.mass))
    distance = [np.abs(x - position) for position, _ in problem.jumps]
    nearest = min((float(np.min(d[d > 0], initial=np.inf)) for d in distance), default=np.inf)
    slope = 4 * np.pi * j0 * rtol
    # A single point still needs a panel to stand on.
    strip = float(x[0]), float(max(x[-1], x[0] + 1e-3 * length))
    mesh = build_mesh(
        problem.potential, problem.jumps, strip,
        nodes=settings.nodes,
        support_tolerance=1e-3 * slope * min(length, problem.potential.length_scale),
        slope_tolerance=SLOPE_FRACTION * slope,
        near_jump=max(1e-12 * length, min(nearest, 0.1 * np.sqrt(rtol) * length)),
        kinks=kinks(problem.potential, strip, slope, problem.mass, settings.nodes),
        length=length,
    )
    if problem.potential.breakpoints or problem.potential.length_scale < length:
        mesh = _graded(mesh, length, rtol)
    return mesh.split(_waves(problem, mesh, rtol))


def _graded(mesh: Mesh, length: float, rtol: float) -> Mesh:
    """Visible flat panels that grow with their distance from where U varies, as j_y's scale does.

    Farther than the decay length times the digits asked for there are waves at most.
    """
    curved = ~mesh.flat | (mesh.at_jump != 0)
    if not np.any(curved):
        return mesh
    begin, end, scale = mesh.edges[:-1][curved], mesh.edges[1:][curved], np.min(mesh.widths[curved])
    candidates = mesh.flat & (mesh.at_jump == 0)
    candidates[: mesh.visible.start] = candidates[mesh.visible.stop :] = False
    a, b = mesh.edges[:-1][candidates], mesh.edges[1:][candidates]
    cuts: list[NDArray] = []
    for _ in range(MAX_GRADES):
        distance = np.min(np.maximum(a[:, None] - end, begin - b[:, None]), axis=1)
        coarse = b - a > np.maximum(GRADING * distance, scale)
        coarse &= distance < -np.log(rtol) * length
        if not np.any(coarse):
            break
        a, b = a[coarse], b[coarse]
        cuts.append((a + b) / 2)
        a, b = np.concatenate((a, cuts[-1])), np.concatenate((cuts[-1], b))
    return mesh.cut(np.concatenate(cuts)) if cuts else mesh


def _waves(problem: Problem, mesh: Mesh, rtol: float) -> NDArray:
    """Into how many parts the visible panels are cut, so that they can carry waves of 2k_F."""
    E = np.max(np.abs(problem.fermi_energy - mesh.U), axis=1)
    k = np.sqrt(np.maximum(E**2 - problem.mass**2, 0.0))
    phase = REFLECTED_PHASE if np.min(E) < REFLECTION * abs(problem.mass) else PANEL_PHASE
    parts = np.maximum(np.ceil(k * mesh.widths / phase), 1)
    if problem.temperature > 0:
        # The lowest frequency's waves decay as exp(-2πT|x|), from where they are made.
        reach = -np.log(rtol) / (2 * np.pi * problem.temperature)
        lo, hi = problem.potential.support(rtol * abs(problem.mass))
        parts[(mesh.edges[:-1] > hi + reach) | (mesh.edges[1:] < lo - reach)] = 1
    hidden = np.ones(len(parts), dtype=bool)
    hidden[mesh.visible] = False
    parts[hidden] = 1
    return np.minimum(parts, MOST_PARTS // len(parts) + 1).astype(int)


#: Largest width of a flat panel over its distance from where U varies, and halvings to get there.
GRADING, MAX_GRADES = 2.0, 40
#: Part of the slope that carries the accuracy asked for to which U′ is resolved at first.
SLOPE_FRACTION = 0.3
#: k_F times a panel's width up to which its nodes (3 more for 10³ in accuracy) carry the wave, and
#: one that is reflected strongly: |ε_F - U| comes down to this part of |Δ|.
PANEL_PHASE, REFLECTED_PHASE, REFLECTION = 2.7, 2.0, 1.25


def top_scale(problem: Problem, mesh: Mesh, rtol: float) -> float:
    """The inverse of the smallest length on which the answer varies."""
    shortest = problem.potential.length_scale
    slope = 4 * np.pi * problem.current_scale * rtol
    for _, near, _ in kinks(problem.potential, mesh.strip, slope, problem.mass, mesh.U.shape[1]):
        shortest = min(shortest, near)
    if np.any(mesh.at_jump):
        shortest = min(shortest, float(np.min(mesh.widths[mesh.at_jump != 0])))
    return 1 / shortest
