"""Bands and quantum geometry of a two-band model, gauge-invariant throughout.

Everything is written with the projectors P_C = (1 + n.sigma)/2 and P_V = (1 - n.sigma)/2,
n = d/|d|; no Bloch function is ever chosen. Traces of Pauli matrices leave

    Omega_ij = -2 Im <d_i u_V|d_j u_V>                  = n.(d_i n x d_j n)/2
    g_ij     = Re Tr[P_V (d_i P_C)(d_j P_C)]            = d_i n . d_j n/4
    c_ijl    = Tr[P_V (d_i d_j P_C)(d_l P_C)]           (Kozii et al., Eq. 4)
             = [d_i d_j n . d_l n - i n.(d_i d_j n x d_l n)]/4
    T_ijl    = Im(c_ijl + c_jli + c_lij)/3              (Eq. 3)

of the valence band; hbar = 1 and lengths are the model's. Momenta may be arrays of any shape.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import jets, scales
from .models import TwoBandModel, check_model
from .vertices import pauli_product

__all__ = [
    "berry_curvature",
    "chern_number",
    "energies",
    "geometric_connection",
    "projectors",
    "quantum_metric",
    "symplectic_tensor",
    "velocities",
]

Array = NDArray[np.float64]

PAULI = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])

# A plaquette flux stays away from the branch cut of the logarithm at +-pi (the admissibility
# condition of Fukui, Hatsugai and Suzuki) when the largest is below this fraction of pi.
ADMISSIBLE_FLUX = 0.5
# The sum of the fluxes of a periodic d is an integer to rounding (n^2 eps, 5e-10 at the most).
INTEGER_TOLERANCE = 1e-6
CHERN_START = 24
# 1536^2 plaquettes resolve gaps down to ~3e-3 of the bandwidth; in blocks of 64 rows.
CHERN_LARGEST = 1536
CHERN_ROWS = 64


def energies(model: TwoBandModel, kx: ArrayLike, ky: ArrayLike) -> tuple[Array, Array]:
    """Energies (eps_V, eps_C) = d0 -+ |d|."""
    H = check_model(model).values(kx, ky)
    length = np.sqrt((H[1:] ** 2).sum(0))
    return H[0] - length, H[0] + length


def velocities(model: TwoBandModel, kx: ArrayLike, ky: ArrayLike) -> tuple[Array, Array]:
    """Band velocities (v_V, v_C), each of shape (2, ...)."""
    jet = check_model(model).jet(kx, ky, 1)
    slope = (jet[1:, 1:] * jet[0, 1:]).sum(1) / gap_length(model, jet[0], kx, ky)
    return jet[1:, 0] - slope, jet[1:, 0] + slope


def projectors(model: TwoBandModel, kx: ArrayLike, ky: ArrayLike) -> tuple[NDArray, NDArray]:
    """Projectors (P_V, P_C) as matrices, shape (..., 2, 2)."""
    H = check_model(model).values(kx, ky)
    n = H[1:] / gap_length(model, H, kx, ky)
    sigma_n = np.tensordot(np.moveaxis(n, 0, -1), PAULI[1:], 1)
    return (PAULI[0] - sigma_n) / 2, (PAULI[0] + sigma_n) / 2


def gap_length(model: TwoBandModel, H: Array, kx: ArrayLike, ky: ArrayLike) -> Array:
    """|d| at k, from H = (d0, d) there.

    Raises
    ------
    ValueError
        Where the bands touch.
    """
    length = np.sqrt((H[1:] ** 2).sum(0))
    scales.require_gap(model, length, kx, ky)
    return length


def direction_jet(model: TwoBandModel, jet: Array, kx: ArrayLike, ky: ArrayLike) -> Array:
    """Jet of n = d/|d|, shape (terms, 3, ...), from the jet of (d0, d) at k.

    Raises
    ------
    ValueError
        Where the bands touch.
    """
    gap_length(model, jet[0], kx, ky)
    d = jet[:, 1:]
    return jets.multiply(d, jets.power(jets.dot(d, d), -0.5))


def first(n: Array) -> Array:
    """d_i n, shape (2, 3, ...)."""
    return n[1:3]


def second(n: Array) -> Array:
    """d_i d_j n, shape (2, 2, 3, ...)."""
    xx, xy, yy = (jets.partial(n, *place) for place in ((2, 0), (1, 1), (0, 2)))
    return np.stack([np.stack([xx, xy]), np.stack([xy, yy])])


def triple(a: Array, b: Array, c: Array, axis: int = 0) -> Array:
    """a.(b x c) over ``axis``."""
    return (np.moveaxis(a, axis, 0) * np.cross(b, c, axisa=axis, axisb=axis, axisc=0)).sum(0)


def berry_curvature(model: TwoBandModel, kx: ArrayLike, ky: ArrayLike) -> Array:
    """Berry curvature Omega_xy of the valence band (the conduction band has -Omega_xy)."""
    n = direction_jet(model, check_model(model).jet(kx, ky, 1), kx, ky)
    return triple(n[0], n[1], n[2]) / 2


def curvature_gradient(n: Array) -> tuple[Array, Array]:
    """Omega_xy and its gradient (2, ...) from a jet of n of order two."""
    d2 = second(n)
    gradient = np.stack([(triple(n[0], d2[i, 0], n[2]) + triple(n[0], n[1], d2[i, 1])) / 2
                         for i in range(2)])  # d_i n.(d_x n x d_y n) = 0: all three are coplanar
    return triple(n[0], n[1], n[2]) / 2, gradient


def quantum_metric(model: TwoBandModel, kx: ArrayLike, ky: ArrayLike) -> Array:
    """Quantum metric g_ij of the valence band, shape (2, 2, ...)."""
    return metric(direction_jet(model, check_model(model).jet(kx, ky, 1), kx, ky))


def metric(n: Array) -> Array:
    """g_ij from a jet of n."""
    return np.einsum("ic...,jc...->ij...", first(n), first(n)) / 4


def geometric_connection(model: TwoBandModel, kx: ArrayLike, ky: ArrayLike) -> NDArray:
    """Quantum geometric connection c_ijl of Eq. (4), complex, shape (2, 2, 2, ...)."""
    return connection(direction_jet(model, check_model(model).jet(kx, ky, 2), kx, ky))


def connection(n: Array) -> NDArray:
    """c_ijl from a jet of n of order two."""
    d1, d2 = first(n), second(n)
    real = np.einsum("ijc...,lc...->ijl...", d2, d1)
    crossed = np.cross(d2[:, :, None], d1[None, None], axis=3)
    return (real - 1j * np.einsum("c...,ijlc...->ijl...", n[0], crossed)) / 4


def symplectic_tensor(model: TwoBandModel, kx: ArrayLike, ky: ArrayLike) -> Array:
    """Fully symmetric tensor T_ijl of Eq. (3), shape (2, 2, 2, ...)."""
    return symmetric_part(geometric_connection(model, kx, ky))


def symmetric_part(c: NDArray) -> Array:
    """T_ijl of Eq. (3) from c_ijl, which is symmetric in its first two indices."""
    rest = tuple(range(3, c.ndim))
    return (c + c.transpose(2, 0, 1, *rest) + c.transpose(1, 2, 0, *rest)).imag / 3


def chern_number(model: TwoBandModel) -> int:
    """Chern number C of the valence band by Fukui, Hatsugai and Suzuki (JPSJ 74, 1674).

    The sign is that of Kozii et al.: sigma_AH(0) = (e^2/h) C = -(e^2/hbar) int d^2k Omega/(2 pi)^2
    (their text prints e^2/hbar with the integer). An exact integer on any mesh; the mesh is
    refined until every plaquette's flux is far from the branch cut.

    Raises
    ------
    ValueError
        For a continuum model, where d is not periodic on the model's lattice or the bands touch,
        or when the gap is too small for the largest mesh.
    """
    if check_model(model).lattice is None:
        raise ValueError(f"model = {model.name!r}: a Chern number needs a lattice")
    scales.require_periodic(model)
    n = CHERN_START
    while n <= CHERN_LARGEST:
        total, largest = _plaquette_fluxes(model, n)
        if largest < ADMISSIBLE_FLUX * np.pi:
            C = -total / (2 * np.pi)
            if abs(C - round(C)) > INTEGER_TOLERANCE:
                raise ValueError(f"model = {model.name!r}: the flux through the zone is {C:.6g} "
                                 "quanta, no integer: d(k) is not periodic by the reciprocal "
                                 f"lattice of lattice = {model.lattice.tolist()}")
            return round(C)
        n *= 2
    raise ValueError(f"model = {model.name!r}: gap too small to resolve with {n // 2}^2 plaquettes")


def _plaquette_fluxes(model: TwoBandModel, n: int) -> tuple[float, float]:
    # arg Tr[P1 P2 P3 P4] around a plaquette, counter-clockwise, is minus the Berry flux through
    # it. Momenta are not folded back: at k + G the projector is turned by a constant unitary
    # (orbital positions), which leaves every trace. Returns the sum and the largest modulus.
    b = scales.reciprocal(model.lattice)
    orientation = np.sign(np.linalg.det(b))
    v = np.arange(n + 1) / n
    total, largest = 0.0, 0.0
    for start in range(0, n, CHERN_ROWS):
        u = np.arange(start, min(start + CHERN_ROWS, n) + 1) / n
        kx, ky = np.tensordot(b, np.stack(np.meshgrid(u, v, indexing="ij")), 1)
        H = model.values(kx, ky)
        length = gap_length(model, H, kx, ky)
        P = np.concatenate([np.ones((1, *kx.shape)), -H[1:] / length]) / 2
        corners = P[:, :-1, :-1], P[:, 1:, :-1], P[:, 1:, 1:], P[:, :-1, 1:]
        around = pauli_product(pauli_product(*corners[:2]), pauli_product(*corners[2:]))[0]
        flux = -orientation * np.angle(around)
        total, largest = total + float(flux.sum()), max(largest, float(np.abs(flux).max()))
    return total, largest
