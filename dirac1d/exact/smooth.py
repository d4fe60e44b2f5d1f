"""Potentials that vary slowly: the total current's smooth limit, and its transport part alone.

Equation numbers: P. G. Silvestrov and P. Recher (2019). Units ħ = v_F = 1, values j_y/e (the
paper's signed e), so that Eq. (36) and (37), which the paper states for -|e|, come out negative for
a potential that rises to the right.

Misprints met here: Eq. (36) of the text prints e/2ħ (e/2h). The text after Eq. (14) quotes Lensky
et al. as (e/2h)(xF²/Δ)θ(-x): their conduction-band current is (e/2h)F[1 - Δ/(ε_F-U)], with
ε_F - U = Δ - Fx, so it is -(e/2h)(xF²/Δ)θ(-x), as Eq. (39) has it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from dirac1d.dirac import E_OVER_2H
from dirac1d.exact.total_current import capped_energy, capped_energy_derivative
from dirac1d.problem import Problem, check_problem

_BANDS = ("both", "conduction", "valence")


def smooth_limit_current(
    problem: Problem, x: ArrayLike, band: str = "both"
) -> NDArray[np.float64]:
    """Total current density for a slowly varying potential: Eq. (14), (37) and (38), any T.

    (1/4π) ∂ₓ c(ε_F - U(x)) with c of `capped_energy`: -U'(x)/4π where ε_F lies in the local gap, 0
    where it lies in a band (for Δ > 0). By bands, the conduction band carries +(U'/4π) f(U+|Δ|) and
    the valence band -(U'/4π) f(U-|Δ|), f being the Fermi function.

    Parameters
    ----------
    problem : Problem
        With a potential without jumps; the limit holds if U'' x₀ ≪ U' and U' x₀ ≪ |Δ|.
    x : array_like
        Positions, any shape.
    band : {"both", "conduction", "valence"}
        Which band's electrons to count.

    Returns
    -------
    ndarray
        j_y/e, shape of x.

    Raises
    ------
    ValueError
        If U has a jump, or the band is unknown.
    """
    x = np.asarray(x, dtype=float)
    _check(problem, band)
    s, T = problem.fermi_energy - problem.potential(x), problem.temperature
    if band == "both":
        occupation = -capped_energy_derivative(s, problem.mass, T)
    else:
        sign = 1.0 if band == "conduction" else -1.0
        filling = _fermi(s - sign * abs(problem.mass), T)
        occupation = sign * np.sign(problem.mass) * filling
    return E_OVER_2H * occupation * problem.potential.derivative(x)


class SmoothCurrent(NamedTuple):
    """M and j = (∂_yM, -∂_xM) on a grid, over e, each of shape (nx, ny)."""

    M: NDArray[np.float64]
    j_x: NDArray[np.float64]
    j_y: NDArray[np.float64]


def smooth_current(problem: Problem, x: ArrayLike, y: ArrayLike) -> SmoothCurrent:
    """The smooth law in the plane, j = (e/2h) n_z × ∇c(ε_F - U): Eq. (15), (45) with the sea.

    M = -(e/2h) c(ε_F - U), c of `capped_energy`: the current runs along the lines of equal U where
    ε_F lies in the local gap, and vanishes in puddles of either band. That holds inside a finite
    puddle only after averaging over its levels.

    Parameters
    ----------
    problem : Problem
        Of a `Strip` or a `Cell`, that varies slowly.
    x, y : array_like, shape (nx,) and (ny,)
        Positions.

    Returns
    -------
    SmoothCurrent

    Raises
    ------
    ValueError
        If the potential is not one of x and y.
    """
    check_problem(problem, planar=True, walls=True)
    if not problem.planar:
        raise ValueError(f"potential must be one of x and y, got {problem.potential!r:.200}: for "
                         "U(x) use exact.smooth_limit_current")
    x, y = np.asarray(x, dtype=float)[:, None], np.asarray(y, dtype=float)[None, :]
    s = problem.fermi_energy - problem.potential(x, y)
    mass, T = problem.mass_at(x, y), problem.temperature
    slope = E_OVER_2H * capped_energy_derivative(s, mass, T)
    U_x, U_y = problem.potential.gradient(x, y)
    M = -E_OVER_2H * capped_energy(s, mass, T)
    j_x, j_y = slope * U_y, -slope * U_x
    if problem.mass_profile is not None:
        # c is the same with s and Δ exchanged.
        slope = -E_OVER_2H * capped_energy_derivative(mass, s, T)
        mass_x, mass_y = problem.mass.gradient(x, y)
        j_x, j_y = j_x + slope * mass_y, j_y - slope * mass_x
    return SmoothCurrent(M, j_x, j_y)


def transport_current(problem: Problem, x: ArrayLike, band: str = "both") -> NDArray[np.float64]:
    """Transport part alone, from the Berry velocity of Eq. (1) and (23): Eq. (36) and (39), T = 0.

    -(1/4π) U' Δ/max(|Δ|, |ε_F - U|), after Lensky et al., Phys. Rev. Lett. 114, 256601 (2015), for
    any slowly varying U. The conduction band alone: (1/4π) U' sgn(Δ) [1 - |Δ|/(ε_F - U)] where
    ε_F - U > |Δ|; the valence band is the rest. The magnetization current makes up the difference
    from `smooth_limit_current`.

    Parameters
    ----------
    problem : Problem
        With temperature 0 and a potential without jumps.
    x : array_like
        Positions, any shape.
    band : {"both", "conduction", "valence"}
        Which band's electrons to count.

    Returns
    -------
    ndarray
        j_y/e, shape of x.

    Raises
    ------
    ValueError
        If U has a jump, the temperature is not zero, or the band is unknown.
    """
    x = np.asarray(x, dtype=float)
    _check(problem, band)
    if problem.temperature != 0.0:
        raise ValueError(
            f"temperature must be 0 in the transport current, got {problem.temperature}"
        )
    gap, sign = abs(problem.mass), np.sign(problem.mass)
    if gap == 0.0:
        return np.zeros_like(x)
    s = problem.fermi_energy - problem.potential(x)
    both = -sign * gap / np.maximum(gap, np.abs(s))
    conduction = np.where(s > gap, sign * (1.0 - gap / np.maximum(gap, s)), 0.0)
    part = {"both": both, "conduction": conduction, "valence": both - conduction}[band]
    return E_OVER_2H * part * problem.potential.derivative(x)


def transport_current_eq36(x: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    """Eq. (36): transport part for U = slope·x, ε_F = 0, both bands (j_y/e: the paper's |e| → -1).

    Parameters
    ----------
    x : array_like
        Positions, any shape.
    slope, mass : float
        F > 0 and Δ > 0.

    Returns
    -------
    ndarray
        j_y/e, shape of x.

    Raises
    ------
    ValueError
        If slope or mass is not positive.
    """
    x, x_0 = np.asarray(x, dtype=float), _turning_point(slope, mass)
    return -E_OVER_2H * slope * np.where(np.abs(x) < x_0, 1.0, x_0 / np.maximum(np.abs(x), x_0))


def smooth_limit_current_eq37(x: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    """Eq. (37): total current for U = slope·x, ε_F = 0, both bands; arguments as Eq. (36)."""
    x, x_0 = np.asarray(x, dtype=float), _turning_point(slope, mass)
    return -E_OVER_2H * slope * np.heaviside(x_0 - np.abs(x), 0.5)


def smooth_limit_current_eq38(x: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    """Eq. (38): conduction-band part of Eq. (37), at the edge x = -Δ/F; arguments as Eq. (36)."""
    x, x_0 = np.asarray(x, dtype=float), _turning_point(slope, mass)
    return E_OVER_2H * slope * np.heaviside(-x_0 - x, 0.5)


def transport_current_eq39(x: ArrayLike, slope: float, mass: float) -> NDArray[np.float64]:
    """Eq. (39): conduction-band part of Eq. (36), to first order in x + Δ/F; arguments as there."""
    x, x_0 = np.asarray(x, dtype=float), _turning_point(slope, mass)
    return -E_OVER_2H * slope**2 / mass * np.minimum(x_0 + x, 0.0)


def _fermi(s: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Fermi function of the energy -s; ½ at the edge for T = 0."""
    if temperature == 0.0:
        return np.heaviside(s, 0.5)
    with np.errstate(over="ignore"):  # s/T may overflow to inf: expit takes that in
        return expit(s / temperature)


def _check(problem: Problem, band: str) -> None:
    check_problem(problem)
    if band not in _BANDS:
        raise ValueError(f"band must be one of {', '.join(_BANDS)}, got {band!r}")
    if problem.jumps:
        raise ValueError(
            f"potential must not jump in the smooth limit, it does at x = {problem.jumps[0][0]}"
        )


def _turning_point(slope: float, mass: float) -> float:
    """x₀ = Δ/F of Eq. (36)."""
    for name, value in (("slope", slope), ("mass", mass)):
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be positive in the printed form, got {value}")
    return mass / slope
