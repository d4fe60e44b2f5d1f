r"""Total current along a potential step: Eq. (9)-(12) and Appendix A, Eq. (25)-(27).

Equation numbers refer to P. G. Silvestrov and P. Recher (2019), "Magnetization current
and anomalous Hall effect for massive Dirac electrons". Units: ħ = v_F = 1, currents are
:math:`j_y/e` with ``e`` the signed charge of the paper, so :math:`e/2h = 1/4\pi`.

Misprint: Eq. (10), (11), (12), (25) and (26) print :math:`e/2\hbar` in places where the sum
over states of Eq. (9) gives :math:`e/2h`, as Eq. (27) has it. With
:math:`\int_0^{2\pi} d\phi/(\Delta^2+p^2\cos^2\phi) = 2\pi/\Delta\sqrt{\Delta^2+p^2}`,

.. math:: J^c = -\frac{\Delta}{2}\int_{p<p_F}\frac{d^2p}{(2\pi)^2}\frac{1}{\Delta^2+p_y^2}
          = -\frac{1}{4\pi}\int_0^{p_F}\frac{p\,dp}{\sqrt{\Delta^2+p^2}}
          = \frac{1}{4\pi}(U+\Delta-\varepsilon_F).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from dirac1d.dirac import E_OVER_2H
from dirac1d.numerics.values import ByContent, extent
from dirac1d.problem import Problem, check_problem

#: Where the two forms of c(s) change over: both are good to a few ulp for |t| near 1/2.
_ATANH_LIMIT = 0.5


class LeadContributions(NamedTuple):
    """Conduction and valence band part of J_R or J_L of Eq. (9), and their sum."""

    conduction: NDArray[np.float64]
    valence: NDArray[np.float64]

    def __eq__(self, other: object) -> bool:
        return ByContent.__eq__(self, other)  # type: ignore[arg-type]

    def __hash__(self) -> int:
        return ByContent.__hash__(self)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        parts = (f"{name} {extent(part) if np.ndim(part) else f'{float(part):.10g}'}"
                 for name, part in zip(self._fields, self, strict=True))
        return f"LeadContributions({', '.join(parts)})"

    @property
    def total(self) -> NDArray[np.float64]:
        """J_R or J_L: both bands together."""
        return self.conduction + self.valence


def capped_energy(s: ArrayLike, mass: float, temperature: float = 0.0) -> NDArray[np.float64]:
    r"""The function c(s) in :math:`J_y = (e/2h)[c(\varepsilon_F-U_R) - c(\varepsilon_F-U_L)]`.

    At T = 0 it is s, capped at the band edges: clip(s, -|mass|, |mass|) sgn(mass). At T > 0

    .. math:: c(s) = T\ln\frac{1+e^{(s+\Delta)/T}}{1+e^{(s-\Delta)/T}} - \Delta.

    Parameters
    ----------
    s : array_like
        Fermi energy measured from the potential, any shape.
    mass : float
        Delta, of either sign; infinite beyond a hard wall, where c(s) = s sgn(mass).
    temperature : float
        T >= 0 (k_B = 1).

    Returns
    -------
    ndarray
        c(s), shape of ``s``; odd in s, odd in the mass.

    Notes
    -----
    Two exact rewritings, neither of which can overflow: with
    :math:`t = \tanh(s/2T)\tanh(\Delta/2T)`, c = 2 T artanh t (no cancellation when T is
    large); and c = clip(...) + T [log1p(e^{-|s+Δ|/T}) - log1p(e^{-|s-Δ|/T})] (T -> 0).
    """
    s = np.asarray(s, dtype=float)
    cold = np.clip(s, -abs(mass), abs(mass)) * np.sign(mass)
    if temperature == 0.0:
        return cold
    with np.errstate(over="ignore"):  # s/T may overflow to inf: tanh and exp take that in
        t = np.tanh(s / temperature / 2) * np.tanh(mass / temperature / 2)
        lower = np.log1p(np.exp(-np.abs(s + mass) / temperature))
        upper = np.log1p(np.exp(-np.abs(s - mass) / temperature))
    hot = np.abs(t) < _ATANH_LIMIT
    hot_value = 2 * temperature * np.arctanh(np.where(hot, t, 0.0))
    return np.where(hot, hot_value, cold + temperature * (lower - upper))


def capped_energy_derivative(
    s: ArrayLike, mass: float, temperature: float = 0.0
) -> NDArray[np.float64]:
    """dc/ds of :func:`capped_energy`: sgn(mass) in the gap, 0 in the bands.

    At T = 0 the value at a band edge is half of the gap's; at T > 0 it is the difference of
    the Fermi functions of the two band edges, with full relative accuracy in its tails.

    Parameters
    ----------
    s : array_like
        Fermi energy measured from the potential, any shape.
    mass, temperature : float
        As in :func:`capped_energy`.

    Returns
    -------
    ndarray
        dc/ds, shape of ``s``.
    """
    s = np.abs(np.asarray(s, dtype=float))
    gap = abs(mass)
    if temperature == 0.0:
        return np.sign(mass) * np.heaviside(gap - s, 0.5)
    with np.errstate(over="ignore"):
        # expit(u) - expit(v) = expit(u) expit(-v) (1 - e^{v-u}), here v - u = -2|mass|/T
        inside = expit((gap - s) / temperature) * expit((gap + s) / temperature)
        return np.sign(mass) * inside * -np.expm1(-2 * gap / temperature)


def total_current(problem: Problem) -> float:
    r"""Total current :math:`J_y/e=\int j_y\,dx` of any step: Eq. (12) and (27) in one line.

    .. math:: J_y = \frac{e}{2h}\,[c(\varepsilon_F-U_R;Δ_R) - c(\varepsilon_F-U_L;Δ_L)],

    for any shape of U(x), either sign of the step and of the mass, and any temperature; see
    :func:`capped_energy` for c. Where the mass varies each lead has its own: a wall from -Δ to Δ
    carries (e/h) ε_F, its edge state. Beyond a hard wall
    c(s; ±∞) = ±s, U being that at the wall. It depends on the leads alone; so does ∫ j_y(x, y) dx
    of a `Strip` U(x, y) between flat leads, at every y.

    Parameters
    ----------
    problem : Problem
        Potential, mass, Fermi energy and temperature.

    Returns
    -------
    float
        J_y/e in units of the energy (ħ = v_F = 1): -(U_R - U_L)/4pi in the gap for a
        positive mass; 0 for mass = 0.

    Raises
    ------
    ValueError
        If the argument is no problem, or its potential has no leads.
    """
    check_problem(problem, planar=True, walls=True)
    c_left, c_right = (
        float(capped_energy(problem.fermi_energy - U, mass, problem.temperature))
        for U, mass in ((problem.U_L, problem.mass_left), (problem.U_R, problem.mass_right))
    )
    return float(E_OVER_2H * (c_right - c_left))


def _check_step(U_L: float, U_R: float, mass: float) -> None:
    """Both printed forms assume U_R >= U_L and Delta > 0."""
    for name, value in (("U_L", U_L), ("U_R", U_R), ("mass", mass)):
        if not np.isfinite(value):
            raise ValueError(f"{name} must be finite, got {value}")
    if mass <= 0:
        raise ValueError(f"mass must be positive in the printed form, got {mass}")
    if U_R < U_L:
        raise ValueError(f"U_R must not be below U_L in the printed form, got {U_R} < {U_L}")


def total_current_eq12(
    fermi_energy: ArrayLike, U_L: float, U_R: float, mass: float
) -> NDArray[np.float64]:
    r"""Eq. (12) as printed (with e/2h): T = 0 and :math:`0 \le U_R-U_L \le 2\Delta`.

    Parameters
    ----------
    fermi_energy : array_like
        Fermi energies, any shape.
    U_L, U_R : float
        Potential of the leads, U_R >= U_L.
    mass : float
        Delta > 0.

    Returns
    -------
    ndarray
        J_y/e, shape of ``fermi_energy``.

    Raises
    ------
    ValueError
        If mass <= 0, U_R < U_L or U_R - U_L > 2 mass (there Eq. 27 holds).
    """
    _check_step(U_L, U_R, mass)
    step = U_R - U_L
    if step > 2 * mass:
        raise ValueError(
            f"U_R - U_L must not exceed 2*mass = {2 * mass} in Eq. (12), got {step}; "
            "use total_current_eq27"
        )
    eps_F, D = np.asarray(fermi_energy, dtype=float), mass
    return E_OVER_2H * np.select(
        [eps_F > U_R + D, eps_F - D > U_L, eps_F > U_R - D, eps_F + D > U_L],
        [np.zeros_like(eps_F), eps_F - U_R - D, U_L - U_R + 0 * eps_F, U_L - D - eps_F],
        default=0.0,
    )


def total_current_eq27(
    fermi_energy: ArrayLike, U_L: float, U_R: float, mass: float
) -> NDArray[np.float64]:
    r"""Eq. (27) of Appendix A as printed: T = 0 and :math:`U_R-U_L \ge 2\Delta`.

    The text below Eq. (27) quotes the central value of Eq. (12) as :math:`(e/h)(U_L-U_R)`;
    it is :math:`(e/2h)(U_L-U_R)`, which meets :math:`-(e/h)\Delta` at U_R - U_L = 2 Delta.

    Parameters
    ----------
    fermi_energy : array_like
        Fermi energies, any shape.
    U_L, U_R : float
        Potential of the leads, U_R >= U_L.
    mass : float
        Delta > 0.

    Returns
    -------
    ndarray
        J_y/e, shape of ``fermi_energy``.

    Raises
    ------
    ValueError
        If mass <= 0, U_R < U_L or U_R - U_L < 2 mass (there Eq. 12 holds).
    """
    _check_step(U_L, U_R, mass)
    step = U_R - U_L
    if step < 2 * mass:
        raise ValueError(
            f"U_R - U_L must be at least 2*mass = {2 * mass} in Eq. (27), got {step}; "
            "use total_current_eq12"
        )
    eps_F, D = np.asarray(fermi_energy, dtype=float), mass
    return E_OVER_2H * np.select(
        [eps_F > U_R + D, eps_F > U_R - D, eps_F > U_L + D, eps_F > U_L - D],
        [np.zeros_like(eps_F), eps_F - U_R - D, -2 * D + 0 * eps_F, U_L - D - eps_F],
        default=0.0,
    )


def lead_contributions(
    fermi_energy: ArrayLike, U_lead: float, mass: float, energy_min: float
) -> LeadContributions:
    r"""Contribution of one lead to Eq. (9) at T = 0: Eq. (10), (11), (25) and (26).

    :math:`J_y = J_R - J_L` with J the sum of both bands; ``energy_min`` drops out of it.

    Parameters
    ----------
    fermi_energy : array_like
        Fermi energies, any shape.
    U_lead : float
        Potential of the lead, U_R or U_L.
    mass : float
        Delta > 0.
    energy_min : float
        The lower end of the energy window, below the valence band's top and below every
        Fermi energy.

    Returns
    -------
    LeadContributions
        ``conduction`` and ``valence``, each of the shape of ``fermi_energy``; units of energy.

    Raises
    ------
    ValueError
        If mass <= 0 or ``energy_min`` is not below the band top and the Fermi energies.
    """
    _check_step(U_lead, U_lead, mass)
    eps_F = np.asarray(fermi_energy, dtype=float)
    highest = min(U_lead - mass, eps_F.min(initial=np.inf))
    if not energy_min < highest:
        raise ValueError(
            f"energy_min must lie below the valence band's top and every Fermi energy "
            f"({highest}), got {energy_min}"
        )
    conduction = np.where(eps_F > U_lead + mass, U_lead + mass - eps_F, 0.0)  # Eq. (10), (25)
    valence = np.where(  # Eq. (11), (26)
        eps_F > U_lead - mass, energy_min + mass - U_lead, energy_min - eps_F
    )
    return LeadContributions(E_OVER_2H * conduction, E_OVER_2H * valence)
