"""Where a calculation on a circle whose mass varies starts: panels that carry both U′ and Δ′."""

from __future__ import annotations

from functools import reduce

import numpy as np

from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.start import (
    SUPPORT_PART,
    Outwards,
    graded,
    grading_ratio,
    waves,
)
from dirac1d.green.sources.jump import BESIDE_JUMP, NEAR_JUMP
from dirac1d.green.sources.step.mesh import build_mesh, kinks
from dirac1d.green.sources.step.start import allowed_slope
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wall.start import apart, on_edges
from dirac1d.problem import Problem


def ring_mesh(problem: Problem, first: float, last: float, settings: Settings) -> WallMesh:
    """Panels from the first radius to where U and Δ are flat and to `last`."""
    rtol, length, nodes = settings.rtol, 1 / (2 * problem.gap), settings.nodes
    slope = allowed_slope(problem, rtol)
    jumps = problem.jumps, problem.mass_jumps
    radii = [position for own in jumps for position, _ in own]
    near = NEAR_JUMP * np.sqrt(rtol) * min([length, *radii])
    beside = [q + BESIDE_JUMP * near for q in radii if q < last + BESIDE_JUMP * near]
    strip = first, max(last, 2 * first, *beside)
    meshes = []
    for circle, own in zip((problem.potential, problem.mass_profile), jumps, strict=True):
        shape = Outwards(circle, first)
        meshes.append(build_mesh(
            shape, own, strip, nodes=nodes,
            support_tolerance=SUPPORT_PART * slope * min(length, circle.length_scale),
            slope_tolerance=settings.start.slope_part * slope, near_jump=near,
            kinks=kinks(shape, strip, slope, problem.gap, nodes), length=length,
            limits=settings.limits,
        ))
    edges = reduce(np.union1d, [m.edges for m in meshes])
    edges = apart(edges, 1e-13 * max(edges[-1], length))
    line, profile = (on_edges(m, edges, strip) for m in meshes)
    mesh = WallMesh(line, profile, (None, None), radial=True)
    mesh = mesh.cut(graded(mesh.edges, grading_ratio(settings)))
    return mesh.split(waves(problem, mesh, settings))
