"""Hall conductivity at finite wavevector from the two-band Kubo formula, without expansion in q.

With q along x, k± = k ± q/2, vertices gamma_a and projectors P (e = hbar = 1),

    sigma_AH(q) = int d^2k/(2 pi)^2 sum_{±} Im A_xy(k, ±q)/[E(k, ±q)^2 - omega^2],
    A_xy(k, q) = Tr[P_V(k-) gamma_x P_C(k+) gamma_y],  E(k, q) = eps_C(k+) - eps_V(k-)

for a full valence and an empty conduction band: the even part in q of [sigma_xy - sigma_yx]/2, at
a frequency below the absorption threshold. q -> 0 gives -int Omega_xy.

vertex="midpoint": gamma_a = d_a H(k), the one whose q^2 coefficient is Eq. (2) of Kozii et al.
vertex="peierls": gamma_a = int_{-1/2}^{1/2} ds d_a H(k + s q), straight bonds: it obeys the Ward
identity q gamma_x = H(k+) - H(k-), and is what a lattice answers to a real potential. The two
agree for H linear or quadratic in k up to a constant vertex shift, so for a Dirac model always.

Metals: static limit omega -> 0 taken first, at finite q (then q -> 0): the equilibrium current in
a static potential. Only the Peierls vertex has that limit, see `dirac1d.geometry.metal`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number
from dirac1d.numerics.estimate import Estimate

from . import jets
from .hall import direction_angle
from .integrate import TWIN_SAFETY, Integral, integrate_momenta
from .metal import metallic_part
from .models import TwoBandModel, check_model, rotated
from .scales import numbers
from .tensors import gap_length
from .vertices import bond_vertices, pauli_product

__all__ = ["kubo_hall_conductivity", "kubo_hall_conductivity_q2", "vertex_difference_q2"]

Array = NDArray[np.float64]

# [sigma(q) - sigma(0)]/q^2 is extrapolated to q = 0 by the polynomial in q^2 through this many
# Chebyshev points of (0, q_max), q_max halved from half a momentum scale. Truncation falls as
# q_max^12, rounding grows as 1/q_max^2; measured 1e-12 relative at the best of the four ranges.
FIT_POINTS = 6
FIT_RANGES = (1.0, 0.5, 0.25, 0.125, 0.0625)
# Every sigma to rounding.
FIT_RTOL = 1e-14


def kubo_hall_conductivity(
    model: TwoBandModel,
    q: ArrayLike,
    omega: complex = 0.0,
    *,
    vertex: str = "midpoint",
    fermi_energy: float | None = None,
    rtol: float = 1e-11,
) -> Estimate:
    """Antisymmetric Hall conductivity sigma_AH(q, omega), in e^2/hbar.

    Parameters
    ----------
    model : TwoBandModel
    q : float or array_like (2,)
        Wavevector; a number means along x.
    omega : float or imaginary
        Real frequency below the threshold of absorption, or i times a Matsubara frequency.
    vertex : {"midpoint", "peierls"}
    fermi_energy : float, optional
        Zero temperature. None: valence band full and conduction band empty, wherever they are.
        If it cuts a band, the static limit (omega -> 0 at fixed q) is returned.
    rtol : float
        Accuracy relative to the integral of the modulus.

    Returns
    -------
    Estimate
        A float with ``.error``: quadrature, rounding, and derivatives.

    Raises
    ------
    ValueError
        For an unknown vertex, a frequency above the threshold or neither real nor imaginary,
        q = 0 with the Peierls vertex of a metal, and metals with omega != 0 or the midpoint vertex.
    """
    turned, length = _along_x(model, q)
    sea = _sea(turned, length, omega, vertex, rtol)
    value, error = float(sea.value[0]), float(sea.error[0])
    if fermi_energy is not None:
        fermi_energy = finite_number("fermi_energy", fermi_energy)
        metal = metallic_part(turned, length, fermi_energy)
        if metal.cut and omega != 0:
            raise ValueError(f"omega = {omega!r}: a metal is treated in the static limit only")
        if metal.cut and vertex != "peierls":
            raise ValueError(f"vertex = {vertex!r}: a metal's static limit needs vertex='peierls'")
        value, error = value + metal.value, error + metal.error
    return Estimate(value, error)


def _sea(turned: TwoBandModel, q: float, omega: complex, vertex: str, rtol: float) -> Integral:
    """The insulator's occupations, q along x."""
    if vertex not in ("midpoint", "peierls"):
        raise ValueError(f"vertex = {vertex!r}: allowed are 'midpoint' and 'peierls'")
    try:
        omega = complex(omega)
    except (TypeError, ValueError):
        raise ValueError(f"omega = {omega!r:.100}: must be a number") from None
    if not np.isfinite(omega):
        raise ValueError(f"omega = {omega!r}: must be finite")
    if omega.real != 0 and omega.imag != 0:
        raise ValueError(f"omega = {omega!r}: must be real or purely imaginary")
    square = (omega**2).real

    def integrand(model: TwoBandModel, kx: Array, ky: Array) -> Array:
        return _interband(model, kx, ky, q, square, vertex)[None]

    return integrate_momenta(integrand, turned, rtol=rtol)


def _along_x(model: TwoBandModel, q: ArrayLike) -> tuple[TwoBandModel, float]:
    check_model(model)
    vector = numbers("q", q)
    if not np.isfinite(vector).all() or vector.shape not in ((), (2,)):
        raise ValueError(f"q = {q!r}: must be a finite number or a vector (x, y)")
    if vector.shape == () or not vector.any():
        return model, float(np.abs(vector).max())
    return rotated(model, direction_angle(vector)), float(np.hypot(*vector))


def _interband(
    model: TwoBandModel, kx: Array, ky: Array, q: float, omega_squared: float, vertex: str
) -> Array:
    H_minus, H_plus = model.values(kx - q / 2, ky), model.values(kx + q / 2, ky)
    gamma = (bond_vertices(model, kx, ky, q) if vertex == "peierls" and q > 0
             else model.jet(kx, ky, 1)[1:])
    length_minus = gap_length(model, H_minus, kx - q / 2, ky)
    length_plus = gap_length(model, H_plus, kx + q / 2, ky)
    n_minus, n_plus = H_minus[1:] / length_minus, H_plus[1:] / length_plus
    total = np.zeros(np.shape(length_plus))
    for sign in (1, -1):
        # from the valence band at k - sign q/2 to the conduction band at k + sign q/2
        n_V, n_C = (n_minus, n_plus) if sign > 0 else (n_plus, n_minus)
        E = length_plus + length_minus + sign * (H_plus[0] - H_minus[0])
        if np.any(omega_squared >= E**2) or np.any(E <= 0):
            raise ValueError(f"omega^2 = {omega_squared!r}: above the threshold of absorption, "
                             f"E(q)^2 = {E.min() * abs(E.min()):.6g}")
        P_V, P_C = _projector(-n_V), _projector(n_C)
        A = pauli_product(pauli_product(P_V, gamma[0]), pauli_product(P_C, gamma[1]))
        total = total + 2 * A[0].imag / (E**2 - omega_squared)  # Tr = twice the scalar part
    return total


def _projector(n: Array) -> Array:
    return np.concatenate([np.ones((1, *n.shape[1:])), n]) / 2


def kubo_hall_conductivity_q2(
    model: TwoBandModel, direction: ArrayLike = (1.0, 0.0), *, vertex: str = "midpoint"
) -> Estimate:
    """q^2 coefficient of `kubo_hall_conductivity` (insulator, static), from values at finite q.

    No band geometry enters: this is what Eq. (2) is verified against. Of the extrapolations from
    shrinking ranges of q, the one with the smallest error (change from the range before,
    rounding, and derivatives) is returned.

    Raises
    ------
    ValueError
        As `kubo_hall_conductivity`, and for a direction that is not a finite vector.
    """
    turned = rotated(model, direction_angle(direction))
    unit = np.cos((np.arange(FIT_POINTS) + 0.5) * np.pi / (2 * FIT_POINTS))
    x = unit**2
    weights = np.array([np.prod(np.delete(x, i) / (np.delete(x, i) - x[i]))
                        for i in range(FIT_POINTS)]) / x  # Lagrange's, at q = 0
    def sigma(q: float) -> Array:  # value, the twin's, and the error without derivatives
        sea = _sea(turned, q, 0.0, vertex, FIT_RTOL)
        return np.array([sea.value[0], sea.twin[0], sea.quadrature[0]])

    uniform = sigma(0.0)
    previous, best = np.inf, Estimate(np.nan, np.inf)
    for fraction in FIT_RANGES:
        q_max = model.scale * fraction
        rows = np.array([sigma(q_max * p) for p in unit])
        value, twin = (float(weights @ (rows[:, i] - uniform[i])) / q_max**2 for i in (0, 1))
        rounding = (np.abs(weights) @ rows[:, 2] + abs(weights.sum()) * uniform[2]) / q_max**2
        error = abs(value - previous) + rounding + TWIN_SAFETY * abs(value - twin)
        if error < best.error:
            best = Estimate(value, error)
        previous = value
    return best


def vertex_difference_q2(
    model: TwoBandModel, direction: ArrayLike = (1.0, 0.0), *, rtol: float = 1e-11
) -> Estimate:
    """sigma2(peierls) - sigma2(midpoint), in e^2/hbar times length squared.

    (1/12) int d^2k/(2 pi)^2 Im[(d_x^3 H)_VC (d_y H)_CV + (d_x H)_VC (d_x^2 d_y H)_CV]
    /(eps_C - eps_V)^2, from gamma_peierls = d_a H + (q^2/24) d_x^2 d_a H + ...

    For perfectly flat bands, H ~ n.sigma, this is exactly 2/3 of the g.Omega term: the integrand
    is -n.(n_xxx x n_y + n_x x n_xxy)/48; by parts it becomes [8 g_xx Omega + 2 n.(n_xx x n_xy)]/48,
    and n.(n_xx x n_xy) = 4 g_xx Omega up to total derivatives, because covariant derivatives on
    the unit (Bloch) sphere commute up to its curvature. A real potential then sees 5/3 of the
    g.Omega term, not the term itself.

    Raises
    ------
    ValueError
        If ``direction`` is not a finite vector different from zero, the bands touch, or d is not
        periodic on the model's lattice.
    """
    turned = rotated(model, direction_angle(direction))
    places = ((1, 0), (0, 1), (3, 0), (2, 1))

    def integrand(model: TwoBandModel, kx: Array, ky: Array) -> Array:
        jet = model.jet(kx, ky, 3)
        length = gap_length(model, jet[0], kx, ky)
        P_V, P_C = _projector(-jet[0, 1:] / length), _projector(jet[0, 1:] / length)
        x, y, xxx, xxy = (jets.partial(jet, *place) for place in places)
        trace = np.sum([2 * pauli_product(pauli_product(P_V, a), pauli_product(P_C, b))[0].imag
                        for a, b in ((xxx, y), (x, xxy))], axis=0)
        return (trace / (2 * length) ** 2)[None] / 12

    def size(model: TwoBandModel, kx: Array, ky: Array) -> Array:
        # the two products cancel in part
        jet = model.jet(kx, ky, 3)
        x, y, xxx, xxy = (np.sqrt((jets.partial(jet, *place) ** 2).sum(0)) for place in places)
        return ((xxx * y + x * xxy) / (2 * gap_length(model, jet[0], kx, ky)) ** 2)[None] / 6

    result = integrate_momenta(integrand, turned, rtol=rtol, size=size)
    return Estimate(float(result.value[0]), float(result.error[0]))
