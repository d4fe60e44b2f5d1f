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

import warnings
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import spence

from dirac1d.green.contour import Contour, first_cells, line_cells, momentum_cells
from dirac1d.green.integrate.adaptive import Goal, integrate
from dirac1d.green.integrate.contracts import Cell
from dirac1d.green.settings import Settings
from dirac1d.green.sources import Geometry, geometry_of
from dirac1d.green.sources.observable import Observable, density_trace, hall_trace
from dirac1d.numerics.checks import check_positions, check_rtol, finite_number
from dirac1d.numerics.estimate import Estimates
from dirac1d.problem import Problem
from dirac1d.results.profile import AccuracyWarning

Row = tuple[NDArray, NDArray]


def _integral(
    geometry: Geometry, domain: Contour, cells: list[Cell], observable: Observable, scale: float
) -> Row:
    """The integral at the positions asked for and its error, resolved to rtol · scale."""
    claim, rtol = geometry.settings.claim, geometry.settings.rtol
    goal = Goal((1 - claim.common) * rtol * scale)
    result, error = integrate(
        geometry.source(observable), domain, cells, goal, geometry.settings
    )
    largest = max(map(abs, geometry.U_reach))
    floor = (claim.common * rtol + claim.rounding) * scale + np.finfo(float).eps * largest * scale
    return geometry.at(result, error + floor)


def _collected(rows: Iterable[Row], scale: ArrayLike, rtol: float, single: bool) -> Estimates:
    """Rows with their errors as one array; a warning if rtol · scale is not reached."""
    values, errors = (np.array(q) for q in zip(*rows, strict=True))
    allowed = rtol * np.broadcast_to(scale, len(values))
    status, worst = "converged", np.max(errors, axis=1) / np.maximum(allowed, 1e-300) * rtol
    if not np.all(worst <= rtol):
        status = f"reached {np.max(worst):.1e} of its scale, not {rtol:.1e}"
        warnings.warn(status, AccuracyWarning, stacklevel=4)
    found = Estimates(values, errors, status)
    return found[0] if single else found


def energy_resolved_current(
    problem: Problem, x: ArrayLike, energy: ArrayLike, *, rtol: float = 1e-8
) -> Estimates:
    r"""j^ε(x) = dj_y/dε_F at zero temperature, from the retarded Green's function at real energy.

    Parameters
    ----------
    problem : Problem
        Its Fermi energy and temperature play no role: the temperature only smears the Fermi
        function that j^ε is integrated with.
    x : array_like, shape (n,)
        Strictly increasing positions.
    energy : float or array_like, shape (m,)
    rtol : float
        Accuracy relative to j₀/|Δ|.

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
    x, rtol = check_positions(x), check_rtol(rtol)
    energies, single = _energies("energy", energy), np.ndim(energy) == 0
    if problem.current_scale == 0:
        return _collected([_nothing(x)] * len(energies), 1.0, rtol, single)
    scale = problem.current_scale / abs(problem.mass)
    geometry = geometry_of(problem, x, Settings.of(rtol))
    spectral = hall_trace(problem.mass, factor=1j, leads=False)  # Re(iz) = -Im z
    rows = (_on_line(geometry, float(E), spectral, scale) for E in energies)
    return _collected(rows, scale, rtol, single)


def _nothing(x: NDArray) -> Row:
    return np.zeros(len(x)), np.zeros(len(x))


def _on_line(geometry: Geometry, E: float, observable: Observable, scale: float) -> Row:
    """The integral over p at one real energy."""
    path = geometry.path(E)
    if path.around.edge < abs(geometry.problem.mass):
        return _nothing(geometry.x)
    return _integral(
        geometry, Contour(path), line_cells(path, geometry.settings), observable, scale
    )


def _energies(name: str, energy: ArrayLike) -> NDArray:
    """A one-dimensional array of finite energies."""
    if np.ndim(energy) == 0:
        return np.array([finite_number(name, energy)])
    try:
        energies = np.asarray(energy, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number or an array of numbers") from error
    if energies.ndim != 1 or not np.all(np.isfinite(energies)):
        raise ValueError(f"{name} must be finite and at most one-dimensional, got {energy!r}")
    return energies


def local_density_of_states(
    problem: Problem, x: ArrayLike, energies: ArrayLike, *, rtol: float = 1e-6
) -> Estimates:
    r"""ρ(x, ε) per area and energy, of both leads' scattering states and of bound states.

    Parameters
    ----------
    problem : Problem
        Its Fermi energy and temperature play no role.
    x : array_like, shape (n,)
        Strictly increasing positions.
    energies : float or array_like, shape (m,)
    rtol : float
        Accuracy relative to (|Δ| + |ε - U|)/2π.

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
    x, rtol = check_positions(x), check_rtol(rtol)
    _need_mass(problem)
    values, single = _energies("energies", energies), np.ndim(energies) == 0
    geometry = geometry_of(problem, x, Settings.of(rtol))
    reach = abs(problem.mass) + np.max(np.abs(np.subtract.outer(values, geometry.U_reach)), axis=1)
    rows = (
        _on_line(geometry, float(E), density_trace(float(B), 1j), B / (2 * np.pi))
        for E, B in zip(values, reach, strict=True)
    )
    return _collected(rows, reach / (2 * np.pi), rtol, single)


def _need_mass(problem: Problem) -> None:
    if problem.mass == 0:
        raise ValueError("mass must not be zero: the charge of massless electrons is not done here")


def charge_density(problem: Problem, x: ArrayLike, *, rtol: float = 1e-6) -> Estimates:
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
        Strictly increasing positions.
    rtol : float
        Accuracy relative to (|Δ| + max|ε_F - U|)²/4π.

    Returns
    -------
    Estimates, shape (n,)
        An array with ``.error`` and ``.status``. What a polarised vacuum adds in the gap is
        included. Near a jump of U it diverges like 1/|x|.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the mass is zero.
    """
    x, rtol = check_positions(x), check_rtol(rtol)
    _need_mass(problem)
    gap, T = abs(problem.mass), problem.temperature
    geometry = geometry_of(problem, x, Settings.of(rtol))
    path = geometry.path()
    e = problem.fermi_energy - problem.potential(x)
    mass = gap + max(abs(problem.fermi_energy - U) for U in geometry.U_reach)
    scale = mass**2 / (4 * np.pi)
    cells = first_cells(path, geometry.settings, geometry.top)
    n, error = _integral(geometry, Contour(path), cells, density_trace(mass), scale)
    if T > 0:
        near, far = (float(np.sqrt(gap**2 + k * mass**2)) for k in (1, 2))
        n = n + 2 * _uniform_density(e, near, T) - _uniform_density(e, far, T)
    return _collected([(n, error)], scale, rtol, single=True)


def _uniform_density(e: NDArray, gap: float, T: float) -> NDArray:
    """n(e) = (1/2π) ∫_Δ^∞ ε [f(ε - e) - f(ε + e)] dε: electrons less holes."""
    return (_band_density(e, gap, T) - _band_density(-e, gap, T)) / (2 * np.pi)


def _band_density(e: NDArray, gap: float, T: float) -> NDArray:
    """∫_Δ^∞ ε f(ε - e) dε = T Δ ln(1 + y) - T² Li₂(-y), y = e^{(e-Δ)/T}."""
    z = (e - gap) / T
    y = np.exp(-np.abs(z))
    inverse = spence(1 + y)  # Li₂(-y)
    dilog = np.where(z > 0, -(np.pi**2) / 6 - z**2 / 2 - inverse, inverse)
    return T * gap * np.logaddexp(0, z) - T**2 * dilog


def momentum_resolved_current(
    problem: Problem, x: ArrayLike, p_y: ArrayLike, *, rtol: float = 1e-8
) -> Estimates:
    r"""The current density per transverse momentum, [j(p_y) + j(-p_y)]/2.

    .. math:: j_y(x) = \int_{-∞}^{∞}\frac{dp_y}{2π}\,j(x, p_y), \qquad
              j(x, p) = \frac{1}{π}\int_0^∞dω\,\frac{Δ}{M}\,\Re\,\mathrm{tr}\,σ_yG .

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
        Strictly increasing positions.
    p_y : float or array_like, shape (m,)
    rtol : float
        Accuracy relative to j₀/|Δ|.

    Returns
    -------
    Estimates, shape (n,) or (m, n)
        An array with ``.error`` and ``.status``.

    Raises
    ------
    ValueError
        If an argument is not allowed.
    """
    x, rtol = check_positions(x), check_rtol(rtol)
    momenta, single = _energies("p_y", p_y), np.ndim(p_y) == 0
    if problem.current_scale == 0:
        return _collected([_nothing(x)] * len(momenta), 1.0, rtol, single)
    geometry = geometry_of(problem, x, Settings.of(rtol))
    path = geometry.path()
    # The contour carries 1/π²; one momentum carries 1/π.
    trace = hall_trace(problem.mass, factor=np.pi, leads=False)
    scale = problem.current_scale / abs(problem.mass)
    rows = (
        _integral(geometry, *momentum_cells(path, float(p), geometry.settings), trace, scale)
        for p in momenta
    )
    return _collected(rows, scale, rtol, single)
