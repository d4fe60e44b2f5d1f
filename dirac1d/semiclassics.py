r"""Rays of massive Dirac electrons in a smooth U(x): Section IV, Appendices D and E.

Equation numbers: P. G. Silvestrov and P. Recher (2019). Units ħ = v_F = 1; currents and moments are
over the paper's signed e. A ray of energy ε and transverse momentum p_y has, with
s = ε - U(x) (positive in the conduction, negative in the valence band) and M = √(Δ² + p_y²),

.. math:: p(x) = \sqrt{s^2 - M^2}, \qquad v_x = p/|s| \qquad (46, 56),

moving to the right and normalised to unit current along x, so that its density is 1/v_x (17, 52).
The paper writes p_y = 0 and the conduction band; Eq. (6) gives the rest: the anomalous shift of
Eq. (22) is multiplied by the slope Δ/M² of θ(p_y) = arctan(p_y/Δ), the velocities by Δ/M of a
problem with mass M, and a valence ray has p_x = -p.

All formulas are the leading order in 1/w, w the length over which U varies: relative corrections
are of order w⁻² if U is infinitely smooth, and no wave is reflected then. At p_y ≠ 0 this holds for
the mean of ±p_y; each alone has a correction of order 1/w, odd in p_y. A kink of U reflects as
1/w too, so that the interference of the two waves spoils ⟨v_y⟩ at leading order.

Misprint met here: Eq. (64) prints e/2ħ where its dimension needs eħ/2.

Not to be confused with `dirac1d.geometry.semiclassics`, wave packets in momentum space.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number
from dirac1d.problem import Problem, check_problem

__all__ = [
    "density",
    "magnetic_moment",
    "magnetization",
    "magnetization_current",
    "momentum_x",
    "ray_trajectory",
    "spinor_mixing",
    "transport_current_density",
    "transport_velocity_y",
    "velocity_x",
    "velocity_y",
]

#: Gauss-Legendre nodes per panel of the trajectory's integral, and panels to a length of U: on a
#: panel of a quarter of the length scale 16 nodes leave only rounding of a smooth U.
_NODES, _PANELS_PER_LENGTH = 16, 4
#: Panels at most between two positions: beyond, U is flat on most of them.
_MOST_PANELS = 4000


def _ray(
    problem: Problem, energy: float, x: ArrayLike, p_y: float
) -> tuple[NDArray, NDArray, NDArray, float]:
    """s = ε - U, p and U' at x, and p_y; a ValueError where the ray cannot be."""
    check_problem(problem)
    energy, p_y = finite_number("energy", energy), finite_number("p_y", p_y)
    x = np.asarray(x, dtype=float)
    if not np.all(np.isfinite(x)):
        raise ValueError("x must be finite")
    if problem.jumps:
        raise ValueError(f"potential must not jump under a ray, it does at {problem.jumps[0][0]}")
    if problem.mass == 0:
        raise ValueError("mass must not be 0: a massless ray has no anomalous motion")
    s = energy - np.asarray(problem.potential(x), dtype=float)
    gap = np.hypot(problem.mass, p_y)
    closed = np.abs(s) <= gap
    if np.any(closed):
        where = x[closed].flat[0] if x.ndim else float(x)
        raise ValueError(
            f"energy {energy:g} is not reached by a ray at x = {where:g}: |energy - U| must exceed "
            f"sqrt(mass² + p_y²) = {gap:g}"
        )
    if np.any(s > 0) and np.any(s < 0):
        raise ValueError("x must lie in one band: a ray does not cross the gap")
    slope = np.asarray(problem.potential.derivative(x), dtype=float)
    return s, np.sqrt((np.abs(s) - gap) * (np.abs(s) + gap)), slope, p_y


def momentum_x(problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0) -> NDArray:
    """|p_x| = p(x) = √((ε-U)² - Δ² - p_y²), Eq. (46) and (56); arguments as `ray_trajectory`."""
    return _ray(problem, energy, x, p_y)[1]


def velocity_x(problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0) -> NDArray:
    """v_x = p/|ε-U| > 0, Eq. (56); arguments as `ray_trajectory`."""
    s, p, _, _ = _ray(problem, energy, x, p_y)
    return p / np.abs(s)


def density(problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0) -> NDArray:
    """ψ†ψ = 1/v_x of unit current along x, Eq. (17) and (52); arguments as `ray_trajectory`."""
    return 1 / velocity_x(problem, energy, x, p_y)


def spinor_mixing(problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0) -> NDArray:
    """β of Eq. (17), (50) and (53), in the frame of Eq. (6) where the mass is M and p_y is 0.

    -U'M/(4p²(ε-U)); arguments as `ray_trajectory`.
    """
    s, p, slope, p_y = _ray(problem, energy, x, p_y)
    # Eq. (6) with Δ < 0 turns the spin so that M > 0.
    return -slope * np.hypot(problem.mass, p_y) / (4 * p**2 * s)


def velocity_y(problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0) -> NDArray:
    """⟨v_y⟩ = ψ†σ_yψ/ψ†ψ of one state, Eq. (18) and (62): p_y/(ε-U) - U'Δ/(2p²(ε-U)).

    The total velocity, magnetization current included; opposite to `transport_velocity_y` and much
    larger where p ≪ Δ. Arguments as `ray_trajectory`.
    """
    s, p, slope, p_y = _ray(problem, energy, x, p_y)
    return p_y / s - slope * problem.mass / (2 * p**2 * s)


def transport_velocity_y(
    problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0
) -> NDArray:
    """v_x dy/dx of the ray, Eq. (23): p_y/(ε-U) + U'Δ/(2(ε-U)³).

    Its second term is -v_B of Eq. (1), U'·(-Ω_z), with the band's Berry curvature
    Ω_z = -Δ/2|ε-U|³ (conduction) or +Δ/2|ε-U|³ (valence). Arguments as `ray_trajectory`.
    """
    s, _, slope, p_y = _ray(problem, energy, x, p_y)
    return p_y / s + slope * problem.mass / (2 * s**3)


def ray_trajectory(
    problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0, start: float = 0.0
) -> NDArray:
    """y(x) of a wide ray, Eq. (22) and (58), at any angle of incidence.

    -Δv_x/(2(Δ² + p_y²)), and for p_y ≠ 0 the classical path ∫ p_y/p_x dx from `start`. The first
    term is absolute: the centre of charge of a ray whose envelope g(y) (Eq. 20) is centred at
    y = 0; |y| < 1/(2|Δ|) at p_y = 0.

    Parameters
    ----------
    problem : Problem
        With a potential without jumps; its Fermi energy and temperature play no role.
    energy : float
        ε.
    x : array_like
        Positions, any shape.
    p_y : float
        Conserved transverse momentum, ħ = 1.
    start : float
        Where the classical path has y = 0; of no effect at p_y = 0.

    Returns
    -------
    ndarray
        y in ħv_F/E₀, shape of x.

    Raises
    ------
    ValueError
        If the ray does not reach a position (or the way there from `start`), U jumps, the mass is
        0, or an argument is no finite number.
    """
    s, p, _, p_y = _ray(problem, energy, x, p_y)
    shift = -problem.mass * p / np.abs(s) / (2 * (problem.mass**2 + p_y**2))
    if p_y == 0.0:
        return shift
    return shift + p_y * _path(problem, energy, x, p_y, finite_number("start", start))


def _path(problem: Problem, energy: float, x: ArrayLike, p_y: float, start: float) -> NDArray:
    """∫ dx/p_x from start to x."""
    x = np.asarray(x, dtype=float)
    stops = np.unique(np.append(x.ravel(), start))
    breaks = [b for b in problem.potential.breakpoints if stops[0] < b < stops[-1]]
    corners = np.unique(np.concatenate((stops, breaks)))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    steps = np.zeros(len(corners))
    panel = problem.potential.length_scale / _PANELS_PER_LENGTH
    for i, (a, b) in enumerate(pairwise(corners)):
        edges = np.linspace(a, b, int(np.clip(np.ceil((b - a) / panel), 1, _MOST_PANELS)) + 1)
        half = np.diff(edges)[:, None] / 2
        s, p, _, _ = _ray(problem, energy, edges[:-1, None] + half * (1 + nodes), p_y)
        steps[i + 1] = np.sum(half * weights * np.sign(s) / p)
    total = np.cumsum(steps)
    at_x, at_start = (total[np.searchsorted(corners, v)] for v in (x, start))
    return at_x - at_start


def magnetic_moment(problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0) -> NDArray:
    """Magnetic moment of an electron over e, Eq. (64) corrected: Δ/(2(ε-U)²).

    The same in both bands; arguments as `ray_trajectory`.
    """
    s, _, _, _ = _ray(problem, energy, x, p_y)
    return problem.mass / (2 * s**2)


def magnetization(problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0) -> NDArray:
    """M_z = moment · ψ†ψ over e of unit current, Eq. (65): Δ/(2p|ε-U|).

    Arguments as `ray_trajectory`.
    """
    s, p, _, _ = _ray(problem, energy, x, p_y)
    return problem.mass / (2 * p * np.abs(s))


def magnetization_current(
    problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0
) -> NDArray:
    """(∇×M)_y = -∂ₓM_z over e, Eq. (24), (63) and (66), of unit current along x.

    -(U'Δ/2)(1/p³ + 1/(p(ε-U)²)), times -1 in the valence band; arguments as `ray_trajectory`.
    """
    s, p, slope, _ = _ray(problem, energy, x, p_y)
    return -np.sign(s) * slope * problem.mass / 2 * (1 / p**3 + 1 / (p * s**2))


def transport_current_density(
    problem: Problem, energy: float, x: ArrayLike, p_y: float = 0.0
) -> NDArray:
    """j_y tr = v_y tr ψ†ψ over e of unit current along x: Eq. (23) in (24).

    With `magnetization_current` it makes up the total, `velocity_y` times `density` (Eq. 66).
    Arguments as `ray_trajectory`.

    Examples
    --------
    >>> import dirac1d as dd
    >>> from dirac1d import semiclassics as sc
    >>> ray = dd.Problem(dd.TanhStep(-0.3, 0.3, width=8.0), mass=1.0), 2.0, 0.0
    >>> transport, curl = sc.transport_current_density(*ray), sc.magnetization_current(*ray)
    >>> print(f"{transport:.6f} {curl:.6f} {sc.velocity_y(*ray) * sc.density(*ray):.6f}")
    0.002706 -0.006315 -0.003608
    """
    return transport_velocity_y(problem, energy, x, p_y) * density(problem, energy, x, p_y)
