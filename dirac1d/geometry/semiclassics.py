"""Semiclassical equations of motion in a non-uniform electric field (Kozii et al., Eq. 6-12).

H = H0 - e phi(r) with the paper's e = 1 (so the particle's charge is -1 and its potential energy
is U = -phi), hbar = 1, a packet of the valence band at position R and quasimomentum K. Fields are
E^mu(R) = E^mu + E^{mu nu} R_nu + E^{mu nu xi} R_nu R_xi/2, all tensors symmetric.

The functionals f and f~ of Eq. (12) stand for the size of the packet and diverge as
1/(packet width in k)^2; without them the filled band carries exactly the g.Omega term of Eq. (2).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import of_kind, positive_number
from dirac1d.numerics.values import ByContent

from . import jets, tensors
from .models import TwoBandModel, check_model
from .scales import vector

__all__ = ["FieldGradients", "SemiclassicalRates", "equations_of_motion", "packet_functionals"]

Array = NDArray[np.float64]

# Gauss-Hermite points per axis for averages over a Gaussian packet: exact for polynomials of
# degree 47; the curvature varies over one momentum scale, packets are narrower than half of it.
HERMITE_POINTS = 24
LEVI_CIVITA = np.array([[0.0, 1.0], [-1.0, 0.0]])


def _symmetric(name: str, tensor: ArrayLike, rank: int) -> Array:
    try:
        array = np.asarray(tensor, float)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.shape != (2,) * rank or not np.isfinite(array).all():
        raise ValueError(f"{name}: must be a finite tensor of shape {(2,) * rank}")
    swaps = [np.swapaxes(array, i, i + 1) for i in range(rank - 1)]
    if not all(np.allclose(array, swapped) for swapped in swaps):
        raise ValueError(f"{name}: must be symmetric in all its indices")
    return array


@dataclass(frozen=True, eq=False, repr=False)
class FieldGradients(ByContent):
    """Electric field and its gradients at r = 0: E^mu (2,), E^{mu nu} and E^{mu nu xi}.

    Raises
    ------
    ValueError
        If a gradient is not symmetric in its indices (curl-free field) or not finite.
    """

    E: ArrayLike = (0.0, 0.0)
    first: ArrayLike = field(default_factory=lambda: np.zeros((2, 2)))
    second: ArrayLike = field(default_factory=lambda: np.zeros((2, 2, 2)))

    def __post_init__(self) -> None:
        for rank, name in enumerate(("E", "first", "second"), start=1):
            object.__setattr__(self, name, _symmetric(name, getattr(self, name), rank))

    def __repr__(self) -> str:
        parts = (f"{name}={np.asarray(getattr(self, name)).tolist()}"
                 for name in ("E", "first", "second") if np.any(getattr(self, name)))
        return f"FieldGradients({', '.join(parts)})"

    def at(self, R: Array) -> tuple[Array, Array]:
        """E^mu(R) and dE^mu/dR_nu at R."""
        gradient = self.first + self.second @ R
        return self.E + self.first @ R + 0.5 * self.second @ R @ R, gradient


@dataclass(frozen=True, eq=False, repr=False)
class SemiclassicalRates(ByContent):
    """Right-hand sides of Eq. (11), term by term; each value has shape (2,).

    K_terms: ``field``, ``metric``, ``packet``. R_terms: ``band``, ``anomalous``,
    ``metric_dipole``, ``metric_curvature``, ``T_gradient``, ``curvature_hessian``, ``packet``.
    """

    K_terms: dict[str, Array]
    R_terms: dict[str, Array]

    def __repr__(self) -> str:
        rates = (f"{name} {[float(f'{v:.6g}') for v in getattr(self, name)]}"
                 for name in ("R_dot", "K_dot"))
        return f"SemiclassicalRates({', '.join(rates)})"

    @property
    def K_dot(self) -> Array:
        """dK/dt."""
        return sum(self.K_terms.values())

    @property
    def R_dot(self) -> Array:
        """dR/dt."""
        return sum(self.R_terms.values())


def packet_functionals(model: TwoBandModel, K: ArrayLike, width: float) -> tuple[Array, Array]:
    """f_{mu nu} and f~_{mu nu xi alpha} of Eq. (12) for a Gaussian packet.

    |a(k)|^2 is a normalised Gaussian of standard deviation ``width`` along both axes, so
    f = identity/(4 width^2); f~ averages the curvature over the packet.

    Raises
    ------
    ValueError
        If K is not a finite vector, or ``width`` is not positive.
    """
    width = positive_number("width", width)
    K = vector("K", K)
    x, w = np.polynomial.hermite_e.hermegauss(HERMITE_POINTS)
    X = np.stack(np.meshgrid(x, x, indexing="ij"))
    weights = np.outer(w, w) / (2 * np.pi)
    Omega = tensors.berry_curvature(model, K[0] + width * X[0], K[1] + width * X[1])
    # d|a|/dk = -(k - K)/(2 width^2) |a|
    moments = np.einsum("mij,nij,ij->mn", X, X, weights * Omega) / (4 * width**2)
    return np.eye(2) / (4 * width**2), np.multiply.outer(moments, LEVI_CIVITA)


def equations_of_motion(
    model: TwoBandModel,
    R: ArrayLike,
    K: ArrayLike,
    fields: FieldGradients,
    width: float | None = None,
) -> SemiclassicalRates:
    """Eq. (11) for a valence-band packet.

    Parameters
    ----------
    R, K : array_like (2,)
    fields : FieldGradients
    width : float, optional
        Standard deviation of |a(k)|^2 along each axis, for f and f~ of Eq. (12); None drops them.

    Raises
    ------
    ValueError
        If R or K is not a finite vector, the width is not positive, or the bands touch at K.
    """
    R, K = vector("R", R), vector("K", K)
    check_model(model)
    E, gradient = of_kind("fields", fields, FieldGradients,
                          "dirac1d.geometry.FieldGradients").at(R)
    second = fields.second
    Omega, hessian, g, dg, dT = geometry_with_gradients(model, *K)
    v_V, _ = tensors.velocities(model, *K)
    zero = np.zeros(2)
    K_terms = {"field": -E, "metric": -0.5 * np.einsum("amn,mn->a", second, g), "packet": zero}
    R_terms = {
        "band": v_V,
        "anomalous": -E @ LEVI_CIVITA * Omega,
        "metric_dipole": 0.5 * np.einsum("mn,mna->a", gradient, dg),
        "metric_curvature": -0.5 * np.einsum("mnx,mn,xa->a", second, g, LEVI_CIVITA * Omega),
        "T_gradient": np.einsum("mnx,mnxa->a", second, dT) / 6,
        "curvature_hessian": np.einsum("mnx,mn,xa->a", second, hessian, LEVI_CIVITA) / 6,
        "packet": zero,
    }
    if width is not None:
        f, f_tilde = packet_functionals(model, K, width)
        K_terms["packet"] = -0.5 * np.einsum("amn,mn->a", second, f)
        R_terms["packet"] = -0.5 * np.einsum("mnx,mnxa->a", second, f_tilde)
    return SemiclassicalRates(K_terms, R_terms)


def geometry_with_gradients(
    model: TwoBandModel, kx: ArrayLike, ky: ArrayLike
) -> tuple[Array, Array, Array, Array, Array]:
    """Omega_xy, d_m d_n Omega_xy, g_mn, d_a g_mn and d_a T_mnx (a after m, n, x)."""
    n = tensors.direction_jet(model, model.jet(kx, ky, 3), kx, ky)
    d1 = [jets.differentiate(n, axis) for axis in range(2)]
    d2 = [[jets.differentiate(d, axis) for axis in range(2)] for d in d1]
    Omega = _triple(n[:6], d1[0], d1[1]) / 2
    xx, xy, yy = (jets.partial(Omega, *place) for place in ((2, 0), (1, 1), (0, 2)))
    hessian = np.stack([np.stack([xx, xy]), np.stack([xy, yy])])
    g = np.stack([np.stack([jets.dot(a[:3], b[:3])[:, 0] for b in d1]) for a in d1]) / 4
    symplectic = np.stack([np.stack([np.stack([
        -_triple(n[:3], d2[i][j], d1[l][:3]) / 4 for l in range(2)])
        for j in range(2)]) for i in range(2)])  # Im c_ijl as jets, (2, 2, 2, terms, ...)
    T = tensors.symmetric_part(1j * symplectic)
    return Omega[0], hessian, g[:, :, 0], g[:, :, 1:], T[:, :, :, 1:]


def _triple(a: Array, b: Array, c: Array) -> Array:
    """Jet of a.(b x c), shape (terms, ...), from jets (terms, 3, ...)."""
    order = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
    return sum(jets.multiply(a[:, i], jets.multiply(b[:, j], c[:, k])
                             - jets.multiply(b[:, k], c[:, j])) for i, j, k in order)
