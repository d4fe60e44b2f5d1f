r"""Local spectra at real energies, and the charge density.

At a real energy E + i0 the leads are exact scattering leads and only the path of p is left:

.. math:: j^ε(x) = \frac{dj_y}{dε_F} = -\frac{1}{π^2}\int_0^∞dp\,\frac{Δ}{M}\,
          \Im\,\mathrm{tr}\,σ_yG(x,x;ε+i0,M), \qquad
          ρ(x,ε) = -\frac{1}{π^2}\int_0^∞dp\,\Im\,\mathrm{tr}\,G .

For large p the trace falls only like -E'/p. What is integrated is tr G - 2 tr G_B + tr G_B', with
tr G_B = -E'/κ_B of a constant potential and masses so large that they have no states at the
energies in question: they add nothing to a density of states, and to the charge only their thermal
carriers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import spence

from dirac1d.green.contour import Contour, first_cells, line_cells, momentum_cells
from dirac1d.green.contour.gap import Gap
from dirac1d.green.contour.offset import Offset
from dirac1d.green.integrate.adaptive import Goal, integrate
from dirac1d.green.integrate.contracts import Cell, Source
from dirac1d.green.integrate.resolved import Resolved
from dirac1d.green.integrate.sums import Unresolved, evaluate
from dirac1d.green.integrate.watch import Watch, best_within
from dirac1d.green.radial_spectra import charge_row, spectral_row
from dirac1d.green.settings import Settings
from dirac1d.green.sources import Geometry, geometry_of
from dirac1d.green.sources.circle.geometry import Ring
from dirac1d.green.sources.observable import (
    Observable,
    current_trace,
    density_trace,
    retarded,
)
from dirac1d.green.sources.step.leads import fermi_momenta
from dirac1d.green.sources.wall.geometry import inward_slopes
from dirac1d.green.sources.wanted import CHARGE, VALUES, Wanted
from dirac1d.numerics.budget import Budget, Progress, check_within
from dirac1d.numerics.checks import check_positions, check_rtol, one_or_more_numbers
from dirac1d.numerics.estimate import Estimates
from dirac1d.problem import Problem, check_problem, has_ends
from dirac1d.results.radial import check_radii
from dirac1d.results.record import said

#: η over rtol · |Δ|: levels on the axis are made as wide; the part of the accuracy left for that.
WIDTH, OF_WIDTH = 0.01, 0.3

Row = tuple[NDArray, NDArray]
#: (settings, watch) → rows: values and errors at the positions asked for.
Rows = Callable[[Settings, Watch], list[Row]]


def _integral(
    geometry: Geometry, watch: Watch, domain: Contour, cells: list[Cell], observable: Observable,
    scale: float,
) -> Row:
    """The integral at the positions asked for and its error, resolved to rtol · scale."""
    source = geometry.source(observable)
    return geometry.at(*_resolved(geometry, watch, domain, cells, source, scale))


def _resolved(
    geometry: Geometry, watch: Watch, domain: Contour, cells: list[Cell], source: Source,
    scale: float, part: float = 1.0,
) -> tuple[Resolved, NDArray]:
    """The integral and its error on all panels, resolved to a part of rtol · scale."""
    claim, rtol = geometry.settings.claim, geometry.settings.rtol
    goal = Goal((part - claim.common) * rtol * scale)
    result, error = integrate(source, domain, cells, goal, geometry.settings, watch)
    floor = claim.floor(rtol, scale, max(map(abs, geometry.U_reach)), scale)
    return result, error + floor


@dataclass(frozen=True, eq=False)
class _Task:
    """Rows at some positions, to rtol times a scale of each, within a budget."""

    problem: Problem
    x: NDArray
    rtol: float
    within: float | None
    progress: Callable[[Progress], object] | None

    @classmethod
    def of(
        cls, problem: Problem, x: ArrayLike, rtol: float, within: float | None,
        progress: Callable[[Progress], object] | None,
    ) -> _Task:
        """The task, its arguments checked."""
        return cls(
            check_problem(problem, walls=has_ends(problem)),
            check_radii(x) if problem.circular else check_positions(x),
            check_rtol(rtol), check_within(within), progress,
        )

    def geometry(self, settings: Settings, wanted: Wanted = VALUES) -> Geometry:
        """What is integrated of a line."""
        return geometry_of(self.problem, self.x, settings, wanted)

    def at_energy(self, energy: float, settings: Settings) -> Geometry:
        """What is integrated of a line at one energy: its mesh carries the waves of that one."""
        return geometry_of(_at(self.problem, energy), self.x, settings, VALUES)

    @property
    def U_reach(self) -> tuple[float, float]:
        """Smallest and largest U."""
        settings = Settings.of(self.rtol)
        if self.problem.circular:
            return Ring.of(self.problem, self.x, settings).U_reach
        return self.geometry(settings).U_reach

    def nothing(self, count: int, single: bool) -> Estimates:
        """Zeros, exactly."""
        zeros = np.zeros((count, len(self.x)))
        found = Estimates(zeros, zeros)
        return found[0] if single else found

    def solve(self, rows: Rows, scales: ArrayLike, single: bool) -> Estimates:
        """The rows with their errors; a warning if rtol is not reached."""
        scales = np.atleast_1d(np.asarray(scales, dtype=float))
        watch = Watch(Budget(self.within), self.progress, self.rtol * float(np.max(scales)))

        def solved(rtol: float, watch: Watch) -> list[Row]:
            return rows(Settings.of(rtol), watch)

        if self.within is None:
            return self._said(solved(self.rtol, watch), scales, single)
        answer, stopped = best_within(solved, self.rtol, watch)
        if answer is None:
            answer = [(np.zeros(len(self.x)), np.full(len(self.x), np.inf))] * len(scales)
        return self._said(answer, scales, single, stopped)

    def _said(
        self, rows: list[Row], scales: NDArray, single: bool, stopped: str | None = None
    ) -> Estimates:
        values, errors = (np.array(q) for q in zip(*rows, strict=True))
        worst = float(np.max(np.max(errors, axis=1) / scales))
        status = said(worst, self.rtol, stopped, stacklevel=5)
        found = Estimates(values, errors, status)
        return found[0] if single else found


def energy_resolved_current(
    problem: Problem, x: ArrayLike, energy: ArrayLike, *, rtol: float = 1e-8,
    within: float | None = None, progress: Callable[[Progress], object] | None = None,
) -> Estimates:
    r"""j^ε(x) = dj_y/dε_F at zero temperature, from the retarded Green's function at real energy.

    Parameters
    ----------
    problem : Problem
        Its Fermi energy and temperature play no role: the temperature only smears the Fermi
        function that j^ε is integrated with.
    x : array_like, shape (n,)
        Strictly increasing positions; radii of a circle.
    energy : float or array_like, shape (m,)
    rtol : float
        Accuracy relative to j₀/|Δ|.
    within, progress : optional
        As of `current_density`.

    Returns
    -------
    Estimates, shape (n,) or (m, n)
        An array with ``.error`` and ``.status``.
        Its integral over energies is the difference of current densities at T = 0. It vanishes
        where no state of that energy exists.

    Raises
    ------
    ValueError
        If x, energy or rtol is not allowed.
    """
    task = _Task.of(problem, x, rtol, within, progress)
    energies, single = one_or_more_numbers("energy", energy), np.ndim(energy) == 0
    if problem.current_scale == 0:
        return task.nothing(len(energies), single)
    scale = problem.current_scale / problem.gap

    def rows(settings: Settings, watch: Watch) -> list[Row]:
        if problem.circular:
            return [spectral_row(problem, task.x, E, scale, None, settings, watch)
                    for E in energies.tolist()]
        found = []
        for E in energies.tolist():
            geometry = task.at_energy(E, settings)
            trace = current_trace(geometry.problem, factor=1j, leads=False)  # Re(iz) = -Im z
            mass = float(_above_all(problem, geometry.U_reach, E))
            found.append(_on_line(geometry, watch, E, trace, scale, mass))
        return found

    return task.solve(rows, np.full(len(energies), scale), single)


def _above_all(problem: Problem, U_reach: tuple[float, float], energies: ArrayLike) -> NDArray:
    """B = |Δ| + max|E - U|, above all that is met at each energy E."""
    return problem.gap + np.max(np.abs(np.subtract.outer(energies, U_reach)), axis=-1)


def _at(problem: Problem, energy: float) -> Problem:
    """The cold problem with its Fermi energy there."""
    cold = replace(problem, fermi_energy=energy, temperature=0.0)
    vars(cold)["current_scale"] = problem.current_scale  # the same, and found by a search
    return cold


def _on_line(
    geometry: Geometry, watch: Watch, E: float, observable: Observable, scale: float, mass: float
) -> Row:
    """The integral over p at one real energy; `mass` as of the density's references."""
    energies, changed = geometry.beside(E)
    parts = []
    for energy, weight in energies:
        path = geometry.path(energy)
        if path.around.edge < abs(path.around.mass) or isinstance(path, Gap):
            continue
        if isinstance(path, Offset):
            row = _above_the_axis(geometry, watch, path, retarded(observable, mass), scale)
        else:
            cells = line_cells(path, geometry.settings, geometry.top)
            row = _integral(geometry, watch, Contour(path), cells, observable, scale)
        parts.append((weight * row[0], weight * row[1]))
    if not parts:
        return np.zeros(len(geometry.x)), np.zeros(len(geometry.x))
    values, error = np.sum(parts, axis=0)
    return values, error + changed * np.max(np.abs(values))


def _above_the_axis(
    geometry: Geometry, watch: Watch, path: Offset, observable: Observable, scale: float
) -> Row:
    """Where p is real and meets levels: from E + iη, which makes them as wide, and from E + 2iη.

    To first order in η the density is twice the first less the second; that order is the error.
    """
    eta = WIDTH * geometry.settings.rtol * path.around.gap
    source = geometry.source(observable)
    energy = path.around.fermi_energy
    edges = fermi_momenta(geometry.problem, energy) if geometry.leads else ()
    cells = line_cells(path, geometry.settings, geometry.top, edges)
    near, far = (Contour(replace(path, floor=k * eta)) for k in (1, 2))
    for _ in range(geometry.settings.limits.rounds):
        result, error = _resolved(geometry, watch, near, cells, source, scale, 1 - OF_WIDTH)
        cells = [s.cell for s in result.cells]
        try:
            again = evaluate(
                result.source, far, cells, geometry.settings.solver_tolerance, watch
            )
            break
        except Unresolved as failure:  # a mesh that did near the axis does not there
            source = result.source.finer(failure.places)
    else:
        raise RuntimeError("the equations could not be solved on any mesh")
    twice = replace(result, domain=far, cells=again)
    error = error + result.source.layout.largest(result.totals - twice.totals)
    (values, bound), (other, _) = (geometry.at(found, error) for found in (result, twice))
    return 2 * values - other, bound


def local_density_of_states(
    problem: Problem, x: ArrayLike, energies: ArrayLike, *, rtol: float = 1e-6,
    within: float | None = None, progress: Callable[[Progress], object] | None = None,
) -> Estimates:
    r"""ρ(x, ε) per area and energy, of both leads' scattering states and of bound states.

    Parameters
    ----------
    problem : Problem
        Its Fermi energy and temperature play no role.
    x : array_like, shape (n,)
        Strictly increasing positions; radii of a circle.
    energies : float or array_like, shape (m,)
    rtol : float
        Accuracy relative to (|Δ| + |ε - U|)/2π.
    within, progress : optional
        As of `current_density`.

    Returns
    -------
    Estimates, shape (n,) or (m, n)
        An array with ``.error`` and ``.status``.
        Far from any structure |ε - U| θ(|ε - U| - |Δ|)/2π.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the mass is zero.
    """
    task = _Task.of(problem, x, rtol, within, progress)
    _need_mass(problem)
    values, single = one_or_more_numbers("energies", energies), np.ndim(energies) == 0
    reach = _above_all(problem, task.U_reach, values)
    scales = reach / (2 * np.pi)

    each = list(zip(values.tolist(), reach.tolist(), scales.tolist(), strict=True))

    def rows(settings: Settings, watch: Watch) -> list[Row]:
        if problem.circular:
            return [spectral_row(problem, task.x, E, scale, B, settings, watch)
                    for E, B, scale in each]
        found = []
        for E, B, scale in each:
            geometry = task.at_energy(E, settings)
            trace = density_trace(geometry.problem, B, spectral=True)
            found.append(_on_line(geometry, watch, E, trace, scale, B))
        return found

    return task.solve(rows, scales, single)


def _need_mass(problem: Problem) -> None:
    if problem.gap == 0:
        raise ValueError("mass must not be zero: the charge of massless electrons is not done here")


def charge_density(
    problem: Problem, x: ArrayLike, *, rtol: float = 1e-6,
    within: float | None = None, progress: Callable[[Progress], object] | None = None,
) -> Estimates:
    r"""The charge density n(x), in number of electrons per area above local neutrality.

    .. math:: n(x) = n_B + \frac{1}{π^2}\int_0^∞dp\int_0^∞dω\,
              \Re\,[\mathrm{tr}\,G(x,x) - 2\,\mathrm{tr}\,G_B + \mathrm{tr}\,G_{B'}]

    with G_B of a constant potential equal to U(x) and masses √(Δ² + B²), B' = √2 B, above every
    |ε_F - U|, and n_B the density (2 for B, -1 for B') of those uniform systems: electrons above
    the gap less holes below it, 0 at T = 0. This
    is the subtraction that a slowly varying gauge potential demands: the integral converges
    absolutely, and a uniform system of mass Δ gets sgn(e)(e² - Δ²)θ(e² - Δ²)/4π, e = ε_F - U, at
    T = 0. (The contour density of tr G alone carries -(ε_F - U)/π per p: an anomaly, not charge.)

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
        Strictly increasing positions; radii of a circle.
    rtol : float
        Accuracy relative to (|Δ| + max|ε_F - U|)²/4π.
    within, progress : optional
        As of `current_density`.

    Returns
    -------
    Estimates, shape (n,)
        An array with ``.error`` and ``.status``. What a polarised vacuum adds in the gap is
        included. Beside a jump of U it diverges like 1/x, at a kink like -(ΔU′/16π) ln|x|, at a
        hard wall like -(U′/8π) ln|x|: at the kink or wall itself it is infinite, at a jump its
        error is.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the mass is zero.
    """
    task = _Task.of(problem, x, rtol, within, progress)
    _need_mass(problem)
    mass = float(_above_all(problem, task.U_reach, problem.fermi_energy))
    scale = mass**2 / (4 * np.pi)

    def rows(settings: Settings, watch: Watch) -> list[Row]:
        if problem.circular:
            return [charge_row(problem, task.x, scale, settings, watch)]
        geometry = task.geometry(settings, CHARGE)
        path = geometry.path()
        cells = first_cells(path, geometry.settings, geometry.top, geometry.leads)
        trace = density_trace(problem, mass)
        n, error = _integral(geometry, watch, Contour(path), cells, trace, scale)
        return [_diverging(problem, geometry, n + _carriers(problem, task.x, mass), error)]

    return task.solve(rows, scale, single=True)


def _diverging(problem: Problem, geometry: Geometry, n: NDArray, error: NDArray) -> Row:
    """The charge with its infinities: of one sign at a kink of U, of both at a jump.

    A kink is -ΔU′/q² in Fourier space, and a vacuum answers with -|q|/16 to large q. A hard wall
    is a mirror, of masses apart, where U has a kink by 2U′: n → -(U′/8π) ln d, d and U′ towards
    the inside.
    """
    x, U = geometry.x, problem.potential
    jumps = np.isin(x, [q for q, _ in problem.jumps])
    kinks = np.isin(x, geometry.infinite) & ~jumps
    hair = 1e-9 * U.length_scale if np.any(kinks) else 0.0
    change = np.sign(U.derivative(x[kinks] + hair) - U.derivative(x[kinks] - hair))
    n[kinks], error[kinks], error[jumps] = change * np.inf, 0.0, np.inf
    for wall, slope in inward_slopes(problem):
        if slope != 0:
            there = x == wall.position
            n[there], error[there] = np.sign(slope) * np.inf, 0.0
    return n, error


def _carriers(problem: Problem, x: NDArray, mass: float) -> NDArray:
    """The thermal carriers of the two references."""
    T = problem.temperature
    if T == 0:
        return np.zeros(len(x))
    e = problem.fermi_energy - problem.potential(x)
    own = problem.mass_at(x)
    inside = np.isfinite(own)  # of hard walls
    near, far = (np.sqrt(np.where(inside, own, 0.0) ** 2 + k * mass**2) for k in (1, 2))
    return np.where(inside, 2 * _uniform_density(e, near, T) - _uniform_density(e, far, T), 0.0)


def _uniform_density(e: NDArray, gap: NDArray, T: float) -> NDArray:
    """n(e) = (1/2π) ∫_Δ^∞ ε [f(ε - e) - f(ε + e)] dε: electrons less holes."""
    return (_band_density(e, gap, T) - _band_density(-e, gap, T)) / (2 * np.pi)


def _band_density(e: NDArray, gap: NDArray, T: float) -> NDArray:
    """∫_Δ^∞ ε f(ε - e) dε = T Δ ln(1 + y) - T² Li₂(-y), y = e^{(e-Δ)/T}."""
    z = (e - gap) / T
    y = np.exp(-np.abs(z))
    inverse = spence(1 + y)  # Li₂(-y)
    dilog = np.where(z > 0, -(np.pi**2) / 6 - z**2 / 2 - inverse, inverse)
    return T * gap * np.logaddexp(0, z) - T**2 * dilog


def momentum_resolved_current(
    problem: Problem, x: ArrayLike, p_y: ArrayLike, *, rtol: float = 1e-8,
    within: float | None = None, progress: Callable[[Progress], object] | None = None,
) -> Estimates:
    r"""The current density per transverse momentum, [j(p_y) + j(-p_y)]/2.

    .. math:: j_y(x) = \int_{-∞}^{∞}\frac{dp_y}{2π}\,j(x, p_y), \qquad
              j(x, p) = \frac{1}{π}\int_0^∞dω\,\frac{Δ}{M}\,\Re\,\mathrm{tr}\,σ_yG .

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
        Strictly increasing positions; radii of a circle.
    p_y : float or array_like, shape (m,)
    rtol : float
        Accuracy relative to j₀/|Δ|.
    within, progress : optional
        As of `current_density`.

    Returns
    -------
    Estimates, shape (n,) or (m, n)
        An array with ``.error`` and ``.status``.

    Raises
    ------
    ValueError
        If an argument is not allowed.
    """
    task = _Task.of(problem, x, rtol, within, progress)
    if problem.circular:
        raise ValueError("problem must have a potential of x: around a circle the momentum is j/r, "
                         f"got {problem.potential!r}")
    momenta, single = one_or_more_numbers("p_y", p_y), np.ndim(p_y) == 0
    if problem.current_scale == 0:
        return task.nothing(len(momenta), single)
    # The contour carries 1/π²; one momentum carries 1/π.
    trace = current_trace(problem, factor=np.pi, leads=False)
    scale = problem.current_scale / problem.gap

    def rows(settings: Settings, watch: Watch) -> list[Row]:
        geometry, found = task.geometry(settings), []
        path = geometry.path()
        for p in np.abs(momenta).tolist():
            at_p = geometry.at_momentum(p)
            domain, cells = momentum_cells(path, p, at_p.settings, at_p.top)
            found.append(_integral(at_p, watch, domain, cells, trace, scale))
        return found

    return task.solve(rows, np.full(len(momenta), scale), single)
