r"""U(x) between flat leads.

At a jump of U by ΔU the current density has the term (Δ ΔU/4π) ln|x|: the panels that touch it, of
which nothing is asked, carry that term in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.dirac import E_OVER_2H
from dirac1d.green.contour import bound_below, choose_path, deepest_well, trapped_phase
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.contour.ray import Ray
from dirac1d.green.contour.rows import by_rows
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.settings import Settings
from dirac1d.green.sources.jump import LARGER, beside_a_jump, sees_a_jump
from dirac1d.green.sources.observable import Observable
from dirac1d.green.sources.on_mesh import work_done
from dirac1d.green.sources.states import Slices, passes_none
from dirac1d.green.sources.step.leads import lead_momenta
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.green.sources.step.panels import on_panels, panel_of
from dirac1d.green.sources.step.source import StepSource
from dirac1d.green.sources.step.start import step_mesh, top_scale
from dirac1d.green.sources.unit import unit
from dirac1d.green.sources.wanted import PROFILE, VALUES, Wanted
from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem

#: Depth of a well, in |Δ|, from which its states may fall with p: what shallower wells hold is
#: hardly relativistic.
DEEP = 0.5
#: Mean distance in p of levels at ε_F over the range of low frequencies in which rows see none.
OF_SPACING = 2.0
#: Lengths 1/|Δ| beyond the strip from which waves are still seen.
BEHIND = 1.0


@dataclass(frozen=True, eq=False)
class Step:
    """A potential between leads, on a mesh that spans the positions x."""

    problem: Problem
    x: NDArray
    settings: Settings
    mesh: Mesh

    @classmethod
    def of(
        cls, problem: Problem, x: NDArray, settings: Settings, wanted: Wanted = PROFILE
    ) -> Step:
        """The step on its first mesh."""
        return cls(problem, x, settings, step_mesh(problem, x, settings, wanted))

    def at_momentum(self, p: float) -> Step:
        """On a first mesh for the waves of one p_y."""
        return Step.of(self.problem, self.x, self.settings, replace(VALUES, momentum=p))

    def path(self, energy: float | None = None) -> Gap | Ray | Offset:
        """The path of p at the Fermi energy, or at another energy (then at T = 0).

        By rows where several levels cross ε_F in a well, unless πT is half of all their momenta: a
        sum over frequencies sees no single one then, and at a real energy each has its own cells.
        """
        problem, mesh = self.problem, self.mesh
        reach = float(mesh.edges[-1] - mesh.edges[0])
        mu, T = (problem.fermi_energy, problem.temperature) if energy is None else (energy, 0.0)
        e = mu - mesh.U
        deep = deepest_well(e) > DEEP * abs(problem.mass)
        well = bound_below(e, mesh.dU, problem.mass, bool(problem.jumps)) if deep else 0.0
        path = choose_path(
            problem.mass, mu, T, self.U_reach, self.settings.start, self.settings.stretch, reach,
            well, self.unit, self._seen(mu), partial(self._none_passed, mu),
        )
        if not (well and path.pivot) or energy is not None or 2 * np.pi * T > path.pivot:
            return path
        last = float(np.hypot(problem.mass, path.pivot))
        levels = trapped_phase(mesh.x.ravel(), e.ravel(), problem.mass, last) / np.pi
        return by_rows(path, path.pivot / max(OF_SPACING * levels, 1e-300), self.top)

    def _none_passed(self, energy: float, start: float, stop: float, direction: complex) -> bool:
        """Whether no state is between the real axis and a path of p."""
        return passes_none(self._slices, energy, start, stop, direction)

    @cached_property
    def _slices(self) -> Slices:
        """Of constant U: enough to tell whether there are states."""
        mesh, mass = self.mesh, self.problem.mass
        return Slices.of(mesh, np.full_like(mesh.U, mass), abs(mass) + float(np.ptp(mesh.U)))

    def _seen(self, energy: float) -> tuple[float, float]:
        """The largest momentum of waves that reach the strip, and their phase there and back.

        Known where U is smooth: waves are turned round where |ε_F - U| = √(Δ² + p²), and a wave
        that is turned round outside of the strip is seen as far as it decays, by its smallest κ.
        """
        mesh, gap = self.mesh, abs(self.problem.mass)
        if self.problem.potential.breakpoints:
            return np.inf, np.inf
        beyond = BEHIND / max(gap, self.unit)
        low, high = mesh.strip[0] - beyond, mesh.strip[1] + beyond
        near = (mesh.edges[1:] > low) & (mesh.edges[:-1] < high)
        e = np.max(np.abs(energy - mesh.U), axis=1)
        k = np.sqrt(np.maximum(e**2 - gap**2, 0.0))
        return float(np.max(k[near])), 4 * float(np.sum((k * mesh.widths)[near]))

    @cached_property
    def unit(self) -> float:
        """The energy whose inverse is the length on which the answer varies."""
        return unit(self.problem)

    def beside(self, energy: float) -> tuple[list[tuple[float, float]], float]:
        """The energy as it is: levels are even in p, and none is at a corner but at its edge."""
        return [(energy, 1.0)], 0.0

    @property
    def share(self) -> float:
        """Part of the accuracy asked for to which panels are solved: less beside a jump."""
        return 1 / LARGER if sees_a_jump(self.problem, self.mesh, self.x) else 1.0

    @property
    def leads(self) -> tuple[float, ...]:
        """|κ| of the leads at ε_F and p = 0."""
        return lead_momenta(self.problem)

    @property
    def infinite(self) -> NDArray:
        """Where the answer is taken to be infinite: jumps, and kinks if those are."""
        return self.mesh.infinite

    @property
    def top(self) -> float:
        """The inverse of the smallest length on which the answer varies."""
        return top_scale(self.problem, self.mesh, self.settings)

    @property
    def U_reach(self) -> tuple[float, float]:
        """Smallest and largest U."""
        return float(self.mesh.U.min()), float(self.mesh.U.max())

    def source(self, observable: Observable) -> StepSource:
        """The source of an observable."""
        return StepSource(self.mesh, observable, self.settings)

    def at(self, result: Resolved, error: NDArray) -> tuple[NDArray, NDArray]:
        """The answer and its error at the positions asked for."""
        edges = result.source.edges
        return on_panels(edges, result.coefficients, self.x), error[panel_of(edges, self.x)]

    def strip(self, result: Resolved, error: NDArray, floor: float) -> Strip:
        """j_y on its panels, with both integrals beyond them."""
        edges, coefficients, values = result.source.edges, result.coefficients, result.values
        panels = len(edges) - 1
        tails = tuple(map(Estimate, result.functionals, error[panels:]))
        error, logs = error[:panels].copy(), np.zeros((panels, 2, 2))
        jumps = dict(self.problem.jumps)
        at_jump = result.source.mesh.at_jump[result.source.visible]
        for i in np.flatnonzero(at_jump):
            side = -int(at_jump[i])  # +1: the jump is at the panel's left end
            jump = float(edges[i] if side > 0 else edges[i + 1])
            slope = jumps[jump] * self.problem.mass * E_OVER_2H
            series, log, error[i] = beside_a_jump(
                edges, values, error, i, side, slope, self.settings.claim
            )
            coefficients[i] = 0.0
            coefficients[i, :2] = series
            logs[i, 0 if side > 0 else 1] = log
        logs = logs if np.any(at_jump) else None
        settings = self.settings
        rounding = floor - settings.claim.common * settings.rtol * self.problem.current_scale
        return Strip(
            edges, coefficients, error * np.diff(edges), tails, logs=logs,
            **self._between_levels(result, at_jump != 0, rounding / error),
        )

    def _between_levels(
        self, result: Resolved, own_series: NDArray, rounding: NDArray
    ) -> dict[str, Any]:
        """How the errors of panels add up in an integral.

        Panels with `own_series` have other values, and a part is `rounding`, which may add up.
        """
        if result.difference is None:
            return {}
        claim = self.settings.claim
        on_axis = any(cell.resonant is not None for cell in result.cells)
        doubt = claim.safety * (claim.resonant if on_axis else 1.0)
        signed = doubt * result.source.coefficients(result.difference)
        signed[own_series] = 0.0
        shared = np.where(own_series, 1.0, np.clip(rounding, 0.0, 1.0))
        return {
            "indicators": (signed,),
            "additive": shared, "independent": np.minimum(claim.adds_up, 1 - shared),
        }

    def details(self, result: Resolved) -> dict[str, object]:
        """What was done, JSON-ready."""
        return work_done(result, result.domain.path.name)
