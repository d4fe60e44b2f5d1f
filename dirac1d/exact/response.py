r"""Linear response of the Dirac sea and of a metal to a weak potential of any shape, T = 0.

With σ(q) the static Hall conductivity (`hall_conductivity`), j_y(q) = σ(q) · iq U(q): in real space

    j_y(x) = -(1/4π) ∫ K(x - x') U'(x') dx',
    insulator:  K(x) = Δ E₁(2|Δ||x|),
    metal:      K(x) = (1/π) ∫_{2k_F}^∞ s(q) cos(qx) dq,   s(q) = (2Δ/q) arctan(√(q²-4k_F²)/2E_F).

s has branch points at q = ±2k_F and q = ±2i|Δ| only, so for x ≠ 0 the metal's contour turns into
q = 2k_F + e^{iπ/4} t, where e^{iq|x|} decays and no branch point is near for any k_F.
Both kernels are Δ ln(1/|x|) at x → 0: at a sharp step of height h the current density is
-(hΔ/4π) ln(1/|x|), logarithmically infinite. Units ħ = v_F = 1, values j_y/e, e/2h = 1/4π.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import ArrayLike, NDArray
from scipy.special import exp1, iti0k0, k0e

from dirac1d.dirac import E_OVER_2H
from dirac1d.problem import Problem, check_problem

Kernel: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]

#: Nodes per panel: on a panel [d, 2d] the logarithm at 0 leaves 5.8^-32 = 1e-24.
_NODES = 16
_T, _W = legendre.leggauss(_NODES)
#: Panels shrink by 2 towards the logarithm at x' = x down to this part of the largest panel;
#: what is cut out is below 1e-16·ln(1e16) of a panel.
_SMALLEST_PANEL = 1e-16
#: Panels are no longer than this part of the potential's length scale and of 1/(2|Δ|) or 1/(2k_F):
#: a tanh of width w has poles at distance πw/2, which 16 nodes on w/2 resolve to 1e-16.
_PANEL_FRACTION = 0.5
#: U' is followed until U is this close to its leads (in parts of its range).
_SUPPORT = 1e-15
#: e^{-2π·strip/step} of the trapezoidal rule in ln t.
_LOG_ACCURACY = 38.0
#: Points at which it is checked that U stays within the gap (or band).
_SCAN_POINTS = 2001


def hall_conductivity(
    q: ArrayLike, mass: float, fermi_energy: float = 0.0
) -> NDArray[np.float64]:
    r"""Static Hall conductivity σ(q) of the massive Dirac model, in units with e = ħ = 1.

    Insulator, |ε_F| ≤ |Δ|: :math:`-\frac{e^2}{2h}\frac{2\Delta}{q}\arctan\frac{q}{2|\Delta|}`,
    whose q² term is Kozii et al. (2021), Eq. (5). Metal: 0 for q < 2k_F, and above
    :math:`-\frac{e^2}{2h}\frac{2\Delta}{q}\arctan\frac{\sqrt{q^2-4k_F^2}}{2|\epsilon_F|}`.

    Parameters
    ----------
    q : array_like
        Wave numbers of the potential, any shape and sign.
    mass : float
        Δ of either sign (0: no Hall effect).
    fermi_energy : float
        ε_F measured from the middle of the gap; T = 0.

    Returns
    -------
    ndarray
        σ_AH(q), shape of q: j_y = -σ E_x with eE_x = -U'; -sgn(Δ)/4π at q = 0 in the gap.

    Raises
    ------
    ValueError
        If mass or fermi_energy is not finite.
    """
    for name, value in (("mass", mass), ("fermi_energy", fermi_energy)):
        if not np.isfinite(value):
            raise ValueError(f"{name} must be finite, got {value}")
    q = np.abs(np.asarray(q, dtype=float))
    if mass == 0.0:
        return np.zeros_like(q)
    E_F = max(abs(fermi_energy), abs(mass))
    two_k_F = 2 * np.sqrt((E_F - abs(mass)) * (E_F + abs(mass)))
    root = np.sqrt(np.maximum(q - two_k_F, 0.0) * (q + two_k_F))
    safe = np.where(q > 0, q, 1.0)
    limit = mass / E_F if two_k_F == 0.0 else 0.0
    return -E_OVER_2H * np.where(q > 0, 2 * mass / safe * np.arctan(root / (2 * E_F)), limit)


def linear_response_current(problem: Problem, x: ArrayLike) -> NDArray[np.float64]:
    """j_y(x)/e to first order in the potential's variation, at T = 0, for U of any shape.

    Insulator: ε_F in the gap of both leads; exact about any level within the gap. Metal: ε_F in
    the same band of both leads; k_F is taken at the mean of the leads' potentials. Jumps and kinks
    are included through `problem.potential.breakpoints`; exactly at a jump the result is infinite.

    Parameters
    ----------
    problem : Problem
        With temperature 0. The first correction is of third order in U in the gap, of second in
        a metal.
    x : array_like
        Positions, any shape.

    Returns
    -------
    ndarray
        j_y/e, shape of x.

    Raises
    ------
    ValueError
        If the temperature is not zero, or U takes ε_F from one band (or the gap) to another.
    """
    check_problem(problem)
    x = np.asarray(x, dtype=float)
    if problem.temperature != 0.0:
        raise ValueError(f"temperature must be 0 in linear response, got {problem.temperature}")
    if problem.mass == 0.0:
        return np.zeros_like(x)
    _check_one_regime(problem)
    E_F = abs(problem.fermi_energy - (problem.U_L + problem.U_R) / 2)
    gap, farthest = abs(problem.mass), _reach(problem, x)
    if gap >= E_F:
        panel = 1 / (2 * gap)
        kernel: Kernel = lambda r: problem.mass * exp1(2 * gap * r)  # noqa: E731
    else:
        panel = 1 / (2 * max(np.sqrt(E_F**2 - gap**2), gap))
        kernel = _tabulated(metal_kernel(problem.mass, E_F), panel, farthest)
    panel = _PANEL_FRACTION * min(panel, problem.potential.length_scale)
    flat = [_convolution(problem, kernel, panel, v) for v in x.ravel()]
    return -E_OVER_2H * np.array(flat).reshape(x.shape)


def metal_kernel(mass: float, fermi_energy: float) -> Kernel:
    """K(r) of a metal, r > 0 (see the module): for r → ∞ it falls as cos(2k_F r + 3π/4) r^{-3/2}.

    Parameters
    ----------
    mass : float
        Δ ≠ 0.
    fermi_energy : float
        E_F > |Δ|, measured from the middle of the gap.

    Returns
    -------
    callable
        K as a function of an array of distances r > 0.
    """
    k_F = np.sqrt((fermi_energy - abs(mass)) * (fermi_energy + abs(mass)))
    # Analytic for |Im ln t| < π/4: the decay ends there, and (for k_F → 0) the branch point 2i|Δ|.
    turn, step = np.exp(0.25j * np.pi), 2 * np.pi * (np.pi / 4) / _LOG_ACCURACY

    def kernel(r: NDArray[np.float64]) -> NDArray[np.float64]:
        value = np.empty(np.shape(r))
        for index, distance in np.ndenumerate(r):
            # s t ~ t^{3/2} below the smallest scale; |e^{iqr}| = e^{-tr/√2} cuts above 60/r.
            low = np.log(min(k_F, 1 / distance)) - 26.0
            t = turn * np.exp(np.arange(low, np.log(60.0 / distance), step))
            q = 2 * k_F + t
            # q² - 4k_F² = t(4k_F + t), without cancellation
            s = 2 * mass / q * np.arctan(np.sqrt(t) * np.sqrt(4 * k_F + t) / (2 * fermi_energy))
            integral = step * np.sum(s * t * np.exp(1j * t * distance))
            value[index] = np.real(np.exp(2j * k_F * distance) * integral) / np.pi
        return value

    return kernel


def _check_one_regime(problem: Problem) -> None:
    """ε_F must meet the same band, or the gap, at every x."""
    U, gap = problem.potential, abs(problem.mass)
    values = [problem.U_L, problem.U_R]
    a, b = U.support(1e-3 * max(abs(problem.U_R - problem.U_L), gap))
    values += list(U(np.linspace(a - 1e-9, b + 1e-9, _SCAN_POINTS)))
    values += [v for p in U.breakpoints for v in U.limits(p)]
    s = problem.fermi_energy - np.array(values)
    if not (np.all(np.abs(s) < gap) or np.all(s > gap) or np.all(s < -gap)):
        raise ValueError(
            "fermi_energy must lie in the gap at every x, or in one band at every x, for linear "
            f"response; here fermi_energy - U runs from {s.min():.6g} to {s.max():.6g} "
            f"with |mass| = {gap}"
        )


def _extent(problem: Problem) -> tuple[float, float]:
    """Interval outside of which U' is negligible."""
    U = problem.potential
    size = abs(problem.U_R - problem.U_L)
    size = max([size, abs(problem.mass) * 1e-3, *(abs(h) for _, h in problem.jumps)])
    return U.support(_SUPPORT * size)


def _reach(problem: Problem, x: NDArray[np.float64]) -> float:
    """Largest distance at which the kernel is needed."""
    a, b = _extent(problem)
    ends = np.array([a, b, *problem.potential.breakpoints])
    return float(np.max(np.abs(np.subtract.outer(x.ravel(), ends)), initial=1.0)) * 1.001


def _convolution(problem: Problem, kernel: Kernel, panel: float, x: float) -> float:
    """∫K(x-x')U'(x')dx' at one x: jumps, and Gauss panels graded towards x' = x."""
    total = 0.0
    for position, height in problem.jumps:
        distance = abs(x - position)
        if distance == 0.0:
            return float(np.copysign(np.inf, height * problem.mass))
        total += height * float(kernel(np.array([distance]))[0])
    a, b = _extent(problem)
    if not (np.isfinite(panel) and a < b):
        return total
    edges = [np.arange(a, b, panel), np.array([b, *problem.potential.breakpoints])]
    # Graded on both sides of x; also when x is outside, where only the far panels survive.
    ladder = panel * 2.0 ** np.arange(0, np.log2(_SMALLEST_PANEL), -1)
    edges += [x - ladder, x + ladder, np.array([x])]
    edge = np.unique(np.clip(np.concatenate(edges), a, b))
    half = np.diff(edge)[:, None] / 2
    nodes = edge[:-1, None] + half + half * _T
    distance = np.abs(nodes - x)
    # Nodes that round to x itself have a weight of 1e-16 of a panel.
    weight = half * _W * problem.potential.derivative(nodes)
    keep = distance > 0
    return total + float(np.sum(weight[keep] * kernel(distance[keep])))


def _tabulated(kernel: Kernel, panel: float, farthest: float) -> Kernel:
    """The kernel as Legendre series on panels: geometric ones below `panel`, equal ones above."""
    ladder = panel * 2.0 ** np.arange(np.floor(np.log2(_SMALLEST_PANEL * 1e-4)), 0)
    edges = np.concatenate((ladder, np.arange(panel, farthest + panel, panel)))
    half = np.diff(edges)[:, None] / 2
    values = kernel(edges[:-1, None] + half + half * _T)
    # Discrete orthogonality on the Gauss nodes.
    project = legendre.legvander(_T, _NODES - 1) * _W[:, None] * (np.arange(_NODES) + 0.5)
    coefficients = values @ project

    def evaluate(r: NDArray[np.float64]) -> NDArray[np.float64]:
        i = np.clip(np.searchsorted(edges, r) - 1, 0, len(edges) - 2)
        t = (r - edges[i]) / half[i, 0] - 1.0
        return legendre.legval(np.maximum(t, -1.0), coefficients[i].T, tensor=False)

    return evaluate


def radial_response(r: ArrayLike, mass: float) -> NDArray[np.float64]:
    r"""K₂(r) of the gapped sea's linear response in the plane: M = (e/2h) ∫K₂(|r-r′|)U(r′)d²r′.

    .. math:: K_2(r) = \frac{Δ}{π r}\int_{2|Δ|r}^∞ K_0(x)\,dx, \qquad
              \tilde K_2(q) = \frac{2Δ}{q}\arctan\frac{q}{2|Δ|} ;

    projected on a line it is Δ E₁(2|Δ||x|). With j = (∂_yM, -∂_xM), T = 0.

    Parameters
    ----------
    r : array_like
        Positive distances, any shape.
    mass : float
        Δ of either sign.

    Raises
    ------
    ValueError
        If a distance is not positive or the mass not finite.
    """
    distance = np.asarray(r, dtype=float)
    if not np.all(distance > 0):
        raise ValueError(f"r must be positive, got {distance[~(distance > 0)].flat[0]}")
    if not np.isfinite(mass):
        raise ValueError(f"mass must be finite, got {mass}")
    # iti0k0 is ∫_0^z, what is missing of π/2; for larger z Gauss-Laguerre keeps the digits.
    z = np.atleast_1d(2 * abs(mass) * distance)
    rest = np.pi / 2 - iti0k0(z)[1]
    t, w = np.polynomial.laguerre.laggauss(40)
    beyond = z > 2
    far = z[beyond, None] + t
    rest[beyond] = np.sum(w * k0e(far), axis=-1) * np.exp(-z[beyond])
    return mass / (np.pi * distance) * rest.reshape(distance.shape)


def plane_response(q: ArrayLike, mass: float) -> NDArray[np.float64]:
    """M_q/U_q of the gapped sea in linear response, (e/2h)(2Δ/q) arctan(q/2|Δ|), T = 0.

    For any direction of q; with j = (∂_yM, -∂_xM) it is K₂ of `radial_response`, and -σ(q).

    Parameters
    ----------
    q : array_like
        Wave numbers, any shape.
    mass : float
        Δ of either sign.

    Raises
    ------
    ValueError
        If the mass is not finite.
    """
    return -hall_conductivity(q, mass)
