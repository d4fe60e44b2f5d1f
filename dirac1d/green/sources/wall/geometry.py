r"""Δ(x) and U(x) between leads or hard walls: where the integrator samples, and its answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.settings import Settings
from dirac1d.green.sources.jump import LARGER, beside_a_jump
from dirac1d.green.sources.observable import Observable
from dirac1d.green.sources.on_mesh import work_done
from dirac1d.green.sources.states import Slices, level_at_rest
from dirac1d.green.sources.step.leads import lead_momenta
from dirac1d.green.sources.step.panels import on_panels, panel_of
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wall.path import choose_path, gapped
from dirac1d.green.sources.wall.source import WallSource
from dirac1d.green.sources.wall.start import wall_mesh
from dirac1d.green.sources.wanted import PROFILE, Wanted
from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.strip import Strip
from dirac1d.potentials import HardWall
from dirac1d.problem import Problem

#: Distance from a hard wall, in 1/|Δ|, at which the slope of U there is read.
BESIDE_WALL = 1e-9
#: Distance, in |Δ| √rtol, that energies keep from a level of p = 0.
APART = 0.2


@dataclass(frozen=True, eq=False)
class Wall:
    """A mass profile and a potential on a mesh that spans the positions x and all that varies."""

    problem: Problem
    x: NDArray
    settings: Settings
    mesh: WallMesh

    @classmethod
    def of(
        cls, problem: Problem, x: NDArray, settings: Settings, wanted: Wanted = PROFILE
    ) -> Wall:
        """The wall on its first mesh."""
        return cls(problem, x, settings, wall_mesh(problem, x, settings, wanted))

    def at_momentum(self, p: float) -> Wall:
        """Itself: it carries all waves."""
        return self

    def path(self, energy: float | None = None) -> Gap | Ray | Offset:
        """The path of p at the Fermi energy, or at another energy (then at T = 0)."""
        problem = self.problem
        mu, T = (problem.fermi_energy, problem.temperature) if energy is None else (energy, 0.0)
        return choose_path(problem, self.mesh, mu, T, self.settings)

    def beside(self, energy: float) -> tuple[list[tuple[float, float]], float]:
        """Energies with weights in place of one at which p = 0, a path's corner, is a state.

        A level bound to a wall crosses it with ±p, and its residue would be halved or lost. A
        density changes with energy on the scale |Δ|: it is linear between both sides of the level
        but for the square of their distance, the part that is returned too.
        """
        gap = self.problem.gap
        distance = APART * gap * np.sqrt(self.settings.rtol)
        mesh = self.mesh
        slices = Slices.of(mesh, mesh.mass.U, gap + abs(energy), mesh.walls)
        level = level_at_rest(slices, energy, distance)
        if level is None:
            return [(energy, 1.0)], 0.0
        part = (energy - level) / distance
        sides = [(level - distance, (1 - part) / 2), (level + distance, (1 + part) / 2)]
        return sides, 4 * (distance / gap) ** 2

    @property
    def unit(self) -> float:
        """The energy whose inverse is the length on which the answer varies."""
        return self.problem.gap

    @property
    def share(self) -> float:
        """Part of the accuracy asked for to which panels are solved: less beside a jump."""
        mesh, at = self.mesh, self.mesh.singular
        near = np.max(mesh.widths[at != 0], initial=0)
        places = np.concatenate((mesh.edges[:-1][at < 0], mesh.edges[1:][at > 0]))
        distance = np.abs(np.subtract.outer(places, self.x))
        # At a jump of U the current is infinite; at one of Δ alone it is not.
        infinite = np.isin(self.x, [q for q, _ in self.problem.jumps])
        return 1 / LARGER if np.any((distance < near) & ~infinite) else 1.0

    @property
    def leads(self) -> tuple[float, ...]:
        """|κ| of the leads at ε_F and p = 0."""
        return lead_momenta(self.problem)

    @property
    def infinite(self) -> NDArray:
        """Where the answer is taken to be infinite: jumps of U, and its kinks if those are."""
        return self.mesh.line.infinite

    @property
    def top(self) -> float:
        """The inverse of the smallest length on which the answer varies."""
        problem = self.problem
        scales = [problem.potential.length_scale, problem.mass_profile.length_scale]
        near = self.mesh.widths[self.mesh.at_jump != 0]
        shortest = min([1 / problem.gap, *scales, *near])
        return 1 / shortest

    @property
    def U_reach(self) -> tuple[float, float]:
        """Smallest and largest U."""
        return float(self.mesh.U.min()), float(self.mesh.U.max())

    def source(self, observable: Observable) -> WallSource:
        """The source of an observable."""
        problem, at = self.problem, ()
        if observable.beyond is None:  # of a profile the strip is taken
            infinite = [q for q, slope in logarithms(problem).items() if slope]
            at = tuple(self.x[~np.isin(self.x, [*infinite, *self.infinite])].tolist())
        return WallSource(
            self.mesh, observable, self.settings, gapped(problem, self.mesh, problem.fermi_energy),
            at,
        )

    def at(self, result: Resolved, error: NDArray) -> tuple[NDArray, NDArray]:
        """The answer and its error at the positions asked for; 0 beyond a hard wall."""
        edges = result.source.edges
        values = on_panels(edges, result.coefficients, self.x)
        bound = error[panel_of(edges, self.x)]
        walls = result.source.mesh.walls
        outside = (self.x < edges[0]) & (walls[0] is not None)
        outside |= (self.x > edges[-1]) & (walls[1] is not None)
        return np.where(outside, 0.0, values), np.where(outside, 0.0, bound)

    def strip(self, result: Resolved, error: NDArray, floor: float) -> Strip:
        """j_y on its panels, with both integrals beyond them."""
        edges, coefficients, values = result.source.edges, result.coefficients, result.values
        panels = len(edges) - 1
        tails = tuple(map(Estimate, result.functionals, error[panels:]))
        error, logs = error[:panels].copy(), np.zeros((panels, 2, 2))
        strengths = logarithms(self.problem)
        at_jump = result.source.mesh.singular
        for i in np.flatnonzero(at_jump):
            side = -int(at_jump[i])  # +1: the jump is at the panel's left end
            jump = float(edges[i] if side > 0 else edges[i + 1])
            slope = strengths.get(jump, 0.0)
            series, log, error[i] = beside_a_jump(
                edges, values, error, i, side, slope, self.settings.claim
            )
            coefficients[i] = 0.0
            coefficients[i, :2] = series
            logs[i, 0 if side > 0 else 1] = log
        error = error * np.diff(edges)
        for side, beyond in ((0, self.x[0] < edges[0]), (-1, self.x[-1] > edges[-1])):
            if beyond and result.source.mesh.walls[side] is not None:  # nothing there
                at = 0 if side == 0 else len(error)
                edges = np.insert(edges, 0 if side == 0 else len(edges), self.x[side])
                coefficients, logs = (np.insert(q, at, 0.0, axis=0) for q in (coefficients, logs))
                error = np.insert(error, at, 0.0)
        return Strip(
            edges, coefficients, error, tails, logs=logs if np.any(at_jump) else None,
        )

    def details(self, result: Resolved) -> dict[str, object]:
        """What was done, JSON-ready."""
        return work_done(result, result.domain.path.name)


def logarithms(problem: Problem) -> dict[float, float]:
    """Position → S of the term S ln|x| of j_y.

    At a jump of U by ΔU it is ΔU Δ/4π with the mean Δ of both sides, and at a hard wall of sign s
    where U has a slope s U′/8π, whatever the mass inside. A jump of Δ alone leaves none: its first
    order in Δ is that of an insulator, which carries nothing in a flat potential.
    """
    found = {b: h * float(problem.mass_profile(b)) * E_OVER_2H for b, h in problem.jumps}
    for wall, slope in inward_slopes(problem):
        along = slope if wall.side == "left" else -slope
        found[wall.position] = wall.sign * along / 2 * E_OVER_2H
    return found


def inward_slopes(problem: Problem) -> list[tuple[HardWall, float]]:
    """Each hard wall, and the slope of U beside it towards the inside."""
    found = []
    for wall, inwards in zip(problem.hard_walls, (1, -1), strict=True):
        if wall is not None:
            inside = wall.position + inwards * BESIDE_WALL / problem.gap
            found.append((wall, inwards * float(problem.potential.derivative(inside))))
    return found
