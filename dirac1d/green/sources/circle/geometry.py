r"""U(r) in the plane: what the integrator is given, and what is made of its answer.

The integrator's answer lacks the local term, which is added in closed form; j_φ within the first
radius is an odd series in r. At a jump of U by ΔU the current density has the term
(Δ ΔU/4π) ln|r - R|, as on a line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.green.angles import TOLERANCE
from dirac1d.green.bound import Shooting
from dirac1d.green.contour.angular import Angular, AngularSums
from dirac1d.green.contour.angular_cells import angular_cells
from dirac1d.green.contour.chart import ALIASING
from dirac1d.green.contour.real_energy import RealEnergy, real_cells
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.centre import MAGNIFIED, MAGNIFIED_DENSITY, Centre
from dirac1d.green.sources.circle.solution import CURRENT, Asked
from dirac1d.green.sources.circle.source import CircleSource, local_current, thermal_local
from dirac1d.green.sources.circle.start import circle_mesh, far_end, least_mass
from dirac1d.green.sources.jump import LARGER, beside_a_jump, sees_a_jump
from dirac1d.green.sources.ring.reference import RingReference
from dirac1d.green.sources.ring.source import RingSource
from dirac1d.green.sources.ring.start import ring_mesh
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.green.sources.step.panels import on_panels, panel_of
from dirac1d.green.sources.wall.mesh import WallMesh
from dirac1d.green.sources.wanted import PROFILE, Wanted
from dirac1d.numerics.quadrature import legendre_analysis, lobatto
from dirac1d.numerics.strip import Strip
from dirac1d.potentials.walls import circle_ends
from dirac1d.problem import Problem
from dirac1d.results.radial import decayed

#: Distances from ε_F up to which levels are looked for, in parts of that from the bands outside.
#: So well is the distance of levels known; each costs a spectrum's count.
AWAY = tuple(0.5 / 3**k for k in range(9))
#: An angle's tolerance where levels are only counted: so many parts of π from one they are certain.
COUNTED = 1e-6
#: Digits of sums between levels, less those asked for.
MORE_DIGITS = 3.5
#: More nodes per panel where U jumps: beside a jump `LARGER` digits are asked for.
AT_A_JUMP = 3
#: More nodes where there are waves: that of small j begins far inside.
FOR_WAVES = 3
#: What is left out at T > 0 is this exponent smaller than rtol.
SPARE = 5.0
#: How far beyond the largest angular momentum that may be resonant every j is a term of its own.
MARGIN = 1.15, 4.0
#: Part of the largest change of U on a panel that counts as a change where large j are felt.
FELT = 0.5
#: Largest |ε_F - U|, in |Δ|, up to which no state is near the Fermi energy; and how far, in |Δ|,
#: states bound where Δ changes its sign are near it.
GAP_PART, RING_ROOM = 0.98, 0.3


@dataclass(frozen=True, eq=False)
class Ring:
    """A circle on a mesh from the first radius to the last one asked for, or beyond."""

    problem: Problem
    settings: Settings
    centre: Centre
    mesh: Mesh | WallMesh
    complete: bool

    @classmethod
    def of(
        cls, problem: Problem, r: NDArray, settings: Settings, wanted: Wanted = PROFILE
    ) -> Ring:
        """The circle on its first mesh."""
        more = AT_A_JUMP if problem.jumps else 0
        e = problem.fermi_energy - np.array([problem.potential.centre, problem.potential.outside])
        if np.any(np.abs(e) > np.abs(circle_ends(problem.mass))):
            more = max(more, FOR_WAVES)
        settings = replace(settings, nodes=min(settings.nodes + more, 17))
        end = far_end(problem, settings.rtol)
        last = max(float(r[-1]), end) if np.isfinite(end) else float(r[-1])
        make = circle_mesh if problem.mass_profile is None else ring_mesh
        centre = Centre.of(problem, settings.rtol)
        mesh = make(problem, r, (centre.radius, last), settings, wanted)
        return cls(problem, settings, centre, mesh, np.isfinite(end))

    @property
    def gap(self) -> float:
        """|Δ| far outside."""
        return abs(circle_ends(self.problem.mass)[1])

    @cached_property
    def reference(self) -> RingReference | None:
        """What is taken away where Δ varies."""
        return None if self.problem.mass_profile is None else RingReference.of(self.problem)

    @property
    def U_reach(self) -> tuple[float, float]:
        """Smallest and largest U."""
        return float(self.mesh.U.min()), float(self.mesh.U.max())

    @property
    def top(self) -> float:
        """The inverse of the smallest length on which the answer varies."""
        shortest = min(self.problem.potential.length_scale, 1 / self.problem.gap)
        if self.problem.mass_profile is not None:
            shortest = min(shortest, self.problem.mass_profile.length_scale)
        if np.any(self.mesh.at_jump):
            shortest = min(shortest, float(np.min(self.mesh.widths[self.mesh.at_jump != 0])))
        return 1 / shortest

    def line(self, energy: float) -> tuple[RealEnergy, list[Cell]]:
        """Where spectra at an energy outside the gap of U far outside are sampled.

        Raises
        ------
        ValueError
            If only levels are there.
        """
        outside, gap = self.problem.potential.outside, self.gap
        if abs(energy - outside) <= gap:
            raise ValueError(
                f"energy must be outside of the gap around U far outside, where a circle has "
                f"levels only (bound_states): |energy - {outside:g}| > {gap:g}, got {energy:g}"
            )
        seen = self.mesh.visible
        e = np.max(np.abs(energy - self.mesh.U[seen]), axis=1)
        least = least_mass(self.problem, self.mesh)
        least = least if np.ndim(least) == 0 else least[seen]
        k = np.sqrt(np.maximum(e**2 - least**2, 0.0))
        return RealEnergy(energy), real_cells(float(np.max(k * self.mesh.edges[1:][seen])))

    def plane(self, scattered: bool = True) -> tuple[AngularSums, list[Cell]]:
        """Where what is summed over all states below the Fermi energy is sampled.

        Of ±j together what no potential scatters carries no current, but charge it has: with
        `scattered` only those j are taken one by one that reach where U varies.
        """
        path, problem = self.path(scattered), self.problem
        trapped = abs(problem.fermi_energy - problem.potential.outside) < self.gap
        clear = self.clear if trapped and problem.temperature == 0 else None
        digits = MORE_DIGITS - np.log10(self.settings.rtol)
        sums = AngularSums(path, clear, float(digits))
        return sums, angular_cells(path, self.settings.order, self.top)

    def clear(self, j: NDArray) -> tuple[NDArray, NDArray]:
        """Where between the levels of ±j around ε_F, as a shift, and how far the next ones are.

        The levels up to each distance are counted: none lies between two counts that are equal.
        """
        E = self.problem.fermi_energy
        away = self.gap - abs(E - self.problem.potential.outside)
        away = np.array(AWAY)[:, None, None] * away
        of = np.stack((j, -j))
        # A level may be as close to ε_F as it likes.
        below = np.floor(Shooting.of(self.problem, of).mismatch(np.full(of.shape, E), TOLERANCE))
        energies, of = np.broadcast_arrays(E + np.concatenate((away, -away)), of)
        turns = Shooting.of(self.problem, of).mismatch(energies, COUNTED)
        sure = np.abs(turns - np.rint(turns)) > 10 * COUNTED * np.maximum(np.abs(turns), 1)
        free = np.all((np.floor(turns) == below) & sure, axis=1)
        above, below = (
            np.max(np.where(some, away[:, :, 0], 0.0), axis=0)
            for some in np.split(free, 2)
        )
        return (above - below) / 2, (above + below) / 2

    def path(self, scattered: bool = True) -> Angular:
        """Scales of the sums over j and ω."""
        problem, gap, least = self.problem, self.problem.gap, least_mass(self.problem, self.mesh)
        e = np.max(np.abs(problem.fermi_energy - self.mesh.U), axis=1)
        scale = max(gap, float(np.sqrt(gap * np.max(e))))
        digits = -float(np.log(self.settings.rtol))
        near = e + min(ALIASING, digits + SPARE) * problem.temperature
        near = near + np.where(least > 0, 0.0, RING_ROOM * gap)
        resonant = 0.0
        if np.any(near > GAP_PART * least):
            k = np.sqrt(np.maximum(near**2 - (GAP_PART * least) ** 2, 0.0))
            seen = self.mesh.edges[1:]
            if scattered:
                seen = np.minimum(seen, self._scatters)
            resonant = MARGIN[0] * float(np.max(k * seen)) + MARGIN[1]
        steep = np.max(np.abs(self.mesh.dU), axis=1)
        if self.reference is not None:
            steep = steep + np.max(np.abs(self.mesh.mass.dU), axis=1)
        steep = steep * self.mesh.widths
        radius = float(np.max(self.mesh.edges[1:][steep >= FELT * np.max(steep)]))
        radius = max(radius, self._last_jump)
        T = problem.temperature if resonant else 0.0
        single = np.inf
        if T:  # waves from the centre, whose sign alternates with j, decay as e^{-2πTr}, r > j/k
            single = float(np.max(near)) * (digits + SPARE) / (2 * np.pi * T)
        return Angular(problem.fermi_energy, T, scale, radius, resonant, single)

    @property
    def _scatters(self) -> float:
        """The radius beyond which U is so small, and so smooth, that it reflects no waves."""
        height = np.max(np.abs(self.mesh.U - self.problem.potential.outside), axis=1)
        if self.reference is not None:
            more = self.mesh.mass.U - self.problem.mass_profile.outside
            height = height + np.max(np.abs(more), axis=1)
        felt = height > np.sqrt(self.settings.rtol) * np.max(height)
        return max(float(np.max(self.mesh.edges[1:][felt])), self._last_jump)

    @property
    def _last_jump(self) -> float:
        """The outermost radius at which U or Δ jumps; 0 if there is none."""
        jumps = self.problem.jumps + self.problem.mass_jumps
        return max((float(position) for position, _ in jumps), default=0.0)

    def share(self, r: NDArray, density: bool = False) -> float:
        """Part of the accuracy asked for to which panels are solved: less beside a jump.

        Within the first radius the series magnifies errors.
        """
        if sees_a_jump(self.problem, self.mesh, r):
            return 1 / LARGER
        if r[0] >= self.centre.radius:
            return 1.0
        part = MAGNIFIED_DENSITY if density else MAGNIFIED
        return part / self.centre.growth(density)

    def source(self, asked: Asked = CURRENT) -> CircleSource | RingSource:
        """What is integrated: tr σ_φG, or what is asked for."""
        gap = self.problem.gap
        felt = min(4 * np.pi * self.problem.current_scale / gap**2, 1.0)
        if self.reference is not None:
            return RingSource(self.mesh, gap, self.reference, self.settings, asked, felt)
        return CircleSource(self.mesh, self.problem.mass, self.settings, asked, felt)

    def series(
        self, result: Resolved, error: NDArray, r: NDArray, odd: bool
    ) -> tuple[NDArray, NDArray]:
        """What was asked for at radii r, and its error: within the first radius a power series."""
        source, values = result.source, result.values
        edges, centre = source.edges, self.centre
        near = centre.beside(edges)
        first, left_out = centre.series(
            source.mesh.x[source.visible][near], values[near], float(np.max(error[near])),
            density=not odd,
        )
        inside = r < edges[0]
        beyond = np.maximum(r, edges[0])
        value, own = on_panels(edges, result.coefficients, beyond), error[panel_of(edges, beyond)]
        value[inside], own[inside] = first(r[inside]), left_out
        return value, own

    def strip(self, result: Resolved, error: NDArray) -> Strip:
        """j_φ on panels from r = 0 on."""
        source, problem = result.source, self.problem
        seen = source.visible
        r, dU = source.mesh.x[seen], source.mesh.dU[seen]
        values = result.values + self._local(source, r, dU)
        edges, n = source.edges, source.layout.nodes
        coefficients = values @ legendre_analysis(n).T
        error, logs = error.copy(), np.zeros((len(values), 2, 2))
        at_jump = source.mesh.at_jump[seen]
        for i in np.flatnonzero(at_jump):
            side = -int(at_jump[i])  # +1: the jump is at the panel's inner end
            slope = self._logarithm(float(edges[i] if side > 0 else edges[i + 1]))
            series, log, error[i] = beside_a_jump(
                edges, values, error, i, side, slope, self.settings.claim
            )
            coefficients[i] = 0.0
            coefficients[i, :2] = series
            logs[i, 0 if side > 0 else 1] = log
        near = self.centre.beside(edges)
        series, left_out = self.centre.series(r[near], values[near], float(np.max(error[near])))
        inner = self.centre.edges()
        within = inner[:-1, None] + np.diff(inner)[:, None] * (1 + lobatto(n)) / 2
        first = series(within.ravel()).reshape(within.shape) @ legendre_analysis(n).T
        more = len(first)
        edges = np.concatenate((inner[:-1], edges))
        end = decayed(problem, float(values[-1, -1]), float(error[-1])) if self.complete else None
        return Strip(
            edges, np.concatenate((first, coefficients)),
            np.concatenate((np.full(more, left_out), error)) * np.diff(edges),
            end,
            logs=np.concatenate((np.zeros((more, 2, 2)), logs)) if np.any(at_jump) else None,
        )

    def _logarithm(self, jump: float) -> float:
        """S of the term S ln|r - R| at a jump of U, with the mean Δ there; none at one of Δ."""
        mass = float(self.problem.mass_at(jump))
        return dict(self.problem.jumps).get(jump, 0.0) * mass * E_OVER_2H

    def _local(self, source: CircleSource | RingSource, r: NDArray, dU: NDArray) -> NDArray:
        """What was taken away from the sums over j and ω, at the nodes of the visible panels."""
        mass = self.problem.mass
        if isinstance(source, RingSource):
            profile = source.mesh.mass.U[source.visible]
            mass, dU = source.reference.A, dU * profile / source.reference.A
        local = local_current(r, dU, mass)
        path = self.path()
        return local + thermal_local(path, r, dU, mass) if path.temperature else local
