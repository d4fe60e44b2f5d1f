"""Where a calculation on a circle whose mass varies starts: panels that carry both U′ and Δ′."""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.start import (
    SUPPORT_PART,
    Outwards,
    about_jumps,
    graded,
    grading_ratio,
    waves,
)
from dirac1d.green.sources.step.mesh import build_mesh, kinks
from dirac1d.green.sources.step.start import allowed_slope
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wall.start import apart, on_edges
from dirac1d.green.sources.wanted import Wanted
from dirac1d.problem import Problem


def ring_mesh(
    problem: Problem, r: NDArray, span: tuple[float, float], settings: Settings, wanted: Wanted
) -> WallMesh:
    """Panels over a span of radii, and to where U and Δ are flat, for answers at radii r."""
    length, nodes = 1 / (2 * problem.gap), settings.nodes
    slope = allowed_slope(problem, settings.rtol)
    jumps = problem.jumps, problem.mass_jumps
    nears, strip = about_jumps(jumps, r, span, length, settings.rtol, wanted)
    meshes = []
    for circle, own in zip((problem.potential, problem.mass_profile), nears, strict=True):
        shape = Outwards(circle, span[0])
        meshes.append(build_mesh(
            shape, own, strip, nodes=nodes,
            support_tolerance=SUPPORT_PART * slope * min(length, circle.length_scale),
            slope_tolerance=settings.start.slope_part * slope,
            kinks=kinks(shape, strip, slope, problem.gap, nodes), length=length,
            limits=settings.limits,
        ))
    edges = reduce(np.union1d, [m.edges for m in meshes])
    edges = apart(edges, 1e-13 * max(edges[-1], length))
    line, profile = (on_edges(m, edges, strip) for m in meshes)
    mesh = WallMesh(line, profile, (None, None), radial=True)
    mesh = mesh.cut(graded(mesh.edges, grading_ratio(settings)))
    return mesh.split(waves(problem, mesh, settings))
