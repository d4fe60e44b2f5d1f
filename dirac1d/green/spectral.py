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
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import spence

from dirac1d.green.adaptive import solve_to
from dirac1d.green.cells import first_cells, frequency_cells, line_cells
from dirac1d.green.current import frame_of, hall_trace
from dirac1d.green.mesh import Mesh
from dirac1d.green.resolved import Resolved
from dirac1d.green.solution import Solution
from dirac1d.green.start import Settings, first_mesh, top_scale
from dirac1d.green.sums import Integrand
from dirac1d.numerics.checks import check_positions, check_rtol, finite_number
from dirac1d.problem import Problem
from dirac1d.results.profile import AccuracyWarning


def _integrate(
    problem: Problem, mesh: Mesh, frame, cells, integrand: Integrand, rtol: float, scale: float
) -> Resolved:
    """Resolve to rtol · scale; a warning if that is not reached. Leads do not matter here."""
    result, error = solve_to(
        mesh, frame, cells, integrand, rtol=rtol, tolerance=rtol * scale, lead_tolerance=np.inf
    )
    if not result.converged:
        reached = np.max(error[:-2])
        warnings.warn(
            f"reached {reached / scale:.1e} of its scale, not {rtol:.1e}", AccuracyWarning,
            stacklevel=4,
        )
    return result


def _without_leads(function: Callable[[Solution, Mesh, NDArray, NDArray], NDArray]) -> Integrand:
    def integrand(
        solution: Solution, mesh: Mesh, E: NDArray, M: NDArray
    ) -> tuple[NDArray, NDArray]:
        return function(solution, mesh, E, M), np.zeros((2, len(E)))

    return integrand


def energy_resolved_current(
    problem: Problem, x: ArrayLike, energy: ArrayLike, *, rtol: float = 1e-8
) -> NDArray:
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
    ndarray, shape (n,) or (m, n)
        Its integral over energies is the difference of current densities at T = 0. It vanishes
        where no state of that energy exists.

    Raises
    ------
    ValueError
        If x, energy or rtol is not allowed.
    """
    x, rtol = check_positions(x), check_rtol(rtol)
    energies = _energies("energy", energy)
    out = np.zeros((len(energies), len(x)))
    if problem.current_scale > 0:
        scale = problem.current_scale / abs(problem.mass)
        mesh = first_mesh(problem, x, Settings.of(rtol))
        trace = hall_trace(problem.mass)
        spectral = _without_leads(lambda *a: 1j * trace(*a)[0])  # Re(iz) = -Im z
        for row, E in zip(out, energies, strict=True):
            row[:] = _on_line(problem, mesh, float(E), spectral, x, rtol, scale)
    return out[0] if np.ndim(energy) == 0 else out


def _on_line(
    problem: Problem, mesh: Mesh, E: float, integrand: Integrand, x: NDArray, rtol: float,
    scale: float,
) -> NDArray:
    """The integral over p at one real energy, at the positions x."""
    frame = frame_of(problem, mesh, E)
    if frame.edge < abs(problem.mass):
        return np.zeros(len(x))
    cells = line_cells(frame, Settings.of(rtol).order)
    result = _integrate(problem, mesh, frame, cells, integrand, rtol, scale)
    return result.at(x)


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
) -> NDArray:
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
    ndarray, shape (n,) or (m, n)
        Far from any structure |ε - U| θ(|ε - U| - |Δ|)/2π.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the mass is zero.
    """
    x, rtol = check_positions(x), check_rtol(rtol)
    _need_mass(problem)
    values = _energies("energies", energies)
    out = np.zeros((len(values), len(x)))
    mesh = first_mesh(problem, x, Settings.of(rtol))
    for row, E in zip(out, values, strict=True):
        reach = abs(problem.mass) + float(np.max(np.abs(E - mesh.U)))
        integrand = _without_leads(
            lambda s, mesh, *_, B=reach: 1j * s.density_beyond(B, mesh.visible)
        )
        row[:] = _on_line(problem, mesh, float(E), integrand, x, rtol, reach / (2 * np.pi))
    return out[0] if np.ndim(energies) == 0 else out


def _need_mass(problem: Problem) -> None:
    if problem.mass == 0:
        raise ValueError("mass must not be zero: the charge of massless electrons is not done here")


def charge_density(problem: Problem, x: ArrayLike, *, rtol: float = 1e-6) -> NDArray:
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
    ndarray, shape (n,)
        What a polarised vacuum adds in the gap is included. Near a jump of U it diverges like
        1/|x|.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the mass is zero.
    """
    x, rtol = check_positions(x), check_rtol(rtol)
    _need_mass(problem)
    gap, T = abs(problem.mass), problem.temperature
    settings = Settings.of(rtol)
    mesh = first_mesh(problem, x, settings)
    frame = frame_of(problem, mesh)
    e = problem.fermi_energy - problem.potential(x)
    mass = gap + float(np.max(np.abs(problem.fermi_energy - mesh.U)))
    cells = first_cells(frame, settings.order, top_scale(problem, mesh, settings.rtol))
    integrand = _without_leads(lambda s, mesh, *_: s.density_beyond(mass, mesh.visible))
    scale = mass**2 / (4 * np.pi)
    result = _integrate(problem, mesh, frame, cells, integrand, rtol, scale)
    n = result.at(x)
    if T > 0:
        near, far = (float(np.sqrt(gap**2 + k * mass**2)) for k in (1, 2))
        n += 2 * _uniform_density(e, near, T) - _uniform_density(e, far, T)
    return n


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
) -> NDArray:
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
    ndarray, shape (n,) or (m, n)

    Raises
    ------
    ValueError
        If an argument is not allowed.
    """
    x, rtol = check_positions(x), check_rtol(rtol)
    momenta = _energies("p_y", p_y)
    out = np.zeros((len(momenta), len(x)))
    if problem.current_scale > 0:
        settings = Settings.of(rtol)
        mesh = first_mesh(problem, x, settings)
        trace = hall_trace(problem.mass)
        # The contour carries 1/π²; one momentum carries 1/π.
        integrand = _without_leads(lambda *a: np.pi * trace(*a)[0])
        scale = problem.current_scale / abs(problem.mass)
        for row, p in zip(out, momenta, strict=True):
            frame = replace(frame_of(problem, mesh), kind="offset", pivot=abs(float(p)))
            cells = frequency_cells(frame, settings.order)
            result = _integrate(problem, mesh, frame, cells, integrand, rtol, scale)
            row[:] = result.at(x)
    return out[0] if np.ndim(p_y) == 0 else out
