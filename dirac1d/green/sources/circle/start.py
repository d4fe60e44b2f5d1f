"""Where a calculation on a circle starts: the mesh in r."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.centre import REACH
from dirac1d.green.sources.jump import NEAR_JUMP, rooms
from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.green.sources.step.mesh import Mesh, build_mesh, kinks
from dirac1d.green.sources.step.start import allowed_slope
from dirac1d.green.sources.wanted import Wanted
from dirac1d.potentials.walls import circle_ends
from dirac1d.problem import Problem

#: Largest ratio of the ends of a panel; its nodes, two less, carry 1/r to the accuracy asked for.
RATIO = 2.0
#: k_F times a panel's width that its nodes carry, and where no answer is asked for: there only
#: turning points count.
WAVE_PHASE, HIDDEN_PHASE = 2.5, 10.0
#: Part of the accuracy by which U may miss U(∞) where it is cut off.
SUPPORT_PART = 1e-3
#: Decay rate of the current, in |Δ|, below which its end is too far to go.
SLOWEST = 0.05


@dataclass(frozen=True, eq=False)
class Outwards:
    """A circle's cut from the first radius on, as the mesh of a line sees a potential."""

    circle: object
    first: float

    @property
    def left(self) -> float:
        """U within the first radius."""
        return float(self.circle(self.first))

    @property
    def right(self) -> float:
        """U far outside."""
        return self.circle.outside

    def __getattr__(self, name: str) -> object:
        return getattr(self.circle, name)

    def __call__(self, r: ArrayLike) -> NDArray:
        """U(r)."""
        return self.circle(r)

    def support(self, tolerance: float) -> tuple[float, float]:
        """From the first radius to where U is flat."""
        return self.first, max(self.circle.support(tolerance)[1], 2 * self.first)


def far_end(problem: Problem, rtol: float) -> float:
    """The radius beyond which nothing is left of the current; inf around a metal at T = 0."""
    gap = abs(circle_ends(problem.mass)[1])
    e = problem.fermi_energy - problem.potential.outside + 1j * np.pi * problem.temperature
    rate = 2 * float(decay_rate(np.array([e]), np.array([gap + 0j]))[0].real)
    if rate < SLOWEST * problem.gap:
        return np.inf
    slope = allowed_slope(problem, rtol)
    shapes = [problem.potential]
    if problem.mass_profile is not None:
        shapes.append(problem.mass_profile)
    return max(q.support(slope / problem.gap)[1] for q in shapes) - np.log(rtol) / rate


def circle_mesh(
    problem: Problem, r: NDArray, span: tuple[float, float], settings: Settings, wanted: Wanted
) -> Mesh:
    """Panels over a span of radii, and to where U is flat, for answers at radii r."""
    rtol, length = settings.rtol, 1 / (2 * problem.gap)
    slope = allowed_slope(problem, rtol)
    potential = Outwards(problem.potential, span[0])
    (nears,), strip = about_jumps((problem.jumps,), r, span, length, rtol, wanted)
    mesh = build_mesh(
        potential, nears, strip,
        nodes=settings.nodes,
        support_tolerance=SUPPORT_PART * slope * min(length, potential.length_scale),
        slope_tolerance=settings.start.slope_part * slope,
        kinks=kinks(potential, strip, slope, problem.mass, settings.nodes),
        length=length,
        limits=settings.limits,
    )
    mesh = mesh.cut(graded(mesh.edges, grading_ratio(settings)))
    return mesh.split(waves(problem, mesh, settings))


def about_jumps(
    jumps: Sequence[tuple[tuple[float, float], ...]], r: NDArray, span: tuple[float, float],
    length: float, rtol: float, wanted: Wanted,
) -> tuple[list[dict[float, float]], tuple[float, float]]:
    """Widths of panels at each shape's jumps, and the strip with what is needed behind them."""
    least = min([length, *(q for own in jumps for q, _ in own)])
    nears = [wanted.widths(own, r, NEAR_JUMP * np.sqrt(rtol) * least, least) for own in jumps]
    first, last = span
    needed = [item for widths in nears for item in rooms(widths).items()]
    behind = [q + room for q, room in needed if q < last + room]
    return nears, (first, max(last, 2 * first, *behind))


def least_mass(problem: Problem, mesh: Any) -> NDArray:
    """The smallest |Δ| on the panels, (P,) or a number: 0 where Δ changes its sign, or jumps so."""
    if problem.mass_profile is None:
        return np.abs(problem.mass)
    mass = mesh.mass.U
    least = np.min(np.abs(mass), axis=1)
    least[np.min(mass, axis=1) * np.max(mass, axis=1) < 0] = 0.0
    turned = mass[1:, 0] * mass[:-1, -1] < 0
    least[1:][turned] = least[:-1][turned] = 0.0
    return least


def grading_ratio(settings: Settings) -> float:
    """Ratio of the ends of a panel: of 1/r on it n nodes miss ρ^-n, ρ = (√q + 1)/(√q - 1)."""
    fewer = settings.nodes - settings.claim.dropped
    rho = settings.rtol ** (-1 / fewer)
    return min(float(((rho + 1) / (rho - 1)) ** 2), RATIO)


def graded(edges: NDArray, ratio: float) -> NDArray:
    """Cuts that leave no panel whose ends have a larger ratio, and one where the series ends."""
    cuts = []
    near = REACH * edges[0]
    if near < edges[1]:
        cuts.append(np.array([near]))
        edges = np.insert(edges, 1, near)
    for a, b in itertools.pairwise(edges):
        parts = int(np.ceil(np.log(b / a) / np.log(ratio) - 1e-9))
        if parts > 1:
            cuts.append(np.geomspace(a, b, parts + 1)[1:-1])
    return np.concatenate(cuts) if cuts else np.zeros(0)


def waves(problem: Problem, mesh: Any, settings: Settings) -> NDArray:
    """Into how many parts panels are cut, so that they can carry waves of 2k_F."""
    E = np.max(np.abs(problem.fermi_energy - mesh.U), axis=1)
    k = np.sqrt(np.maximum(E**2 - least_mass(problem, mesh) ** 2, 0.0))
    phase = np.full(len(k), HIDDEN_PHASE)
    phase[mesh.visible] = WAVE_PHASE
    parts = np.maximum(np.ceil(k * mesh.widths / phase), 1)
    return np.minimum(parts, settings.limits.parts // len(parts) + 1).astype(int)
