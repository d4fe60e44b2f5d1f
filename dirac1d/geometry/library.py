"""The models: massive Dirac and its deformations, Qi-Wu-Zhang, Haldane, and flattened bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number, positive_number

from . import jets
from .models import TwoBandModel, check_model, from_series
from .scales import numbers
from .series import FourierSeries
from .tensors import direction_jet

__all__ = ["flattened", "haldane", "massive_dirac", "qi_wu_zhang", "warped_dirac"]

Array = NDArray[np.float64]


def _pair(name: str, value: object) -> tuple[float, float]:
    """Two finite numbers, or a ValueError that names the argument."""
    if np.shape(value) != (2,):  # type: ignore[arg-type]
        raise ValueError(f"{name} = {value!r}: must be two numbers")
    x, y = value  # type: ignore[misc]
    return finite_number(name, x), finite_number(name, y)


def _hermitian(hops: list[tuple[ArrayLike, ArrayLike]]) -> FourierSeries:
    # Every hop brings its reverse; on-site terms (R = 0) are given once and real.
    R, c = [], []
    for displacement, components in hops:
        displacement, components = np.asarray(displacement, float), np.asarray(components, complex)
        R.append(displacement)
        c.append(components)
        if np.any(displacement != 0):
            R.append(-displacement)
            c.append(components.conj())
    return FourierSeries(np.array(R), np.array(c))


def qi_wu_zhang(
    mass: float,
    d0_even: tuple[float, float] = (0.0, 0.0),
    d0_odd: tuple[float, float] = (0.0, 0.0),
    diagonal: float = 0.0,
) -> TwoBandModel:
    """Qi-Wu-Zhang model on the square lattice, both orbitals on the site.

    d = (sin kx, sin ky, m + cos kx + cos ky + diagonal cos kx cos ky) and
    d0 = sum_i d0_even_i cos k_i + d0_odd_i sin k_i.
    Without the diagonal hopping the gap closes at m = -2, 0, 2 only.

    Raises
    ------
    ValueError
        If an argument is not a number, or not a pair of them.
    """
    mass, diagonal = finite_number("mass", mass), finite_number("diagonal", diagonal)
    (ex, ey), (ox, oy) = _pair("d0_even", d0_even), _pair("d0_odd", d0_odd)
    hops = [
        ((0, 0), (0, 0, 0, mass)),
        ((1, 0), ((ex - 1j * ox) / 2, -0.5j, 0, 0.5)),
        ((0, 1), ((ey - 1j * oy) / 2, 0, -0.5j, 0.5)),
    ]
    if diagonal:
        hops += [((1, 1), (0, 0, 0, diagonal / 4)), ((1, -1), (0, 0, 0, diagonal / 4))]
    name = f"Qi-Wu-Zhang m={mass:g}"
    return from_series(name, _hermitian(hops), np.eye(2), "both orbitals on the lattice site")


def haldane(
    phi: float = np.pi / 2,
    M: float = 0.0,
    t2: float = 0.1,
    t1: float = 1.0,
    embedding: str = "sites",
) -> TwoBandModel:
    """Haldane model (PRL 61, 2015), nearest neighbours at distance 1.

    H = t1 sum_i [cos(k.a_i) s_x + sin(k.a_i) s_y] + 2 t2 cos(phi) sum_i cos(k.b_i)
    + [M - 2 t2 sin(phi) sum_i sin(k.b_i)] s_z, with a_i the vectors to the neighbours and
    b_1 = a_2 - a_3 and cyclic. Topological for |M| < 3 sqrt(3) |t2 sin(phi)|.

    Parameters
    ----------
    embedding : {"sites", "cell"}
        "sites": orbitals at their places, a_i apart (what an electric field sees);
        "cell": both at the origin of the cell (first neighbour in the same cell).

    Raises
    ------
    ValueError
        If an argument is not a number, or the embedding is unknown.
    """
    phi, M, t2, t1 = (finite_number(name, value) for name, value in
                      (("phi", phi), ("M", M), ("t2", t2), ("t1", t1)))
    if embedding not in ("sites", "cell"):
        raise ValueError(f"embedding = {embedding!r}: allowed are 'sites' and 'cell'")
    angles = np.pi / 2 + 2 * np.pi / 3 * np.arange(3)
    a = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    b = np.roll(a, -1, axis=0) - np.roll(a, -2, axis=0)
    shift = a[0] if embedding == "cell" else np.zeros(2)
    R, c = [np.zeros(2)], [np.array([0, 0, 0, M], complex)]
    for a_i in a:
        # exp(i k.a) (s_x - i s_y)/2 and its adjoint: cos(k.a) s_x + sin(k.a) s_y
        R += [a_i - shift, -(a_i - shift)]
        c += [np.array([0, t1 / 2, -0.5j * t1, 0]), np.array([0, t1 / 2, 0.5j * t1, 0])]
    far = _hermitian([(b_i, (t2 * np.cos(phi), 0, 0, 1j * t2 * np.sin(phi))) for b_i in b])
    series = FourierSeries(np.concatenate([np.array(R), far.displacements]),
                           np.concatenate([np.array(c), far.coefficients]))
    where = "orbitals at the honeycomb sites" if embedding == "sites" else \
        "both orbitals at the origin of the cell"
    return from_series(f"Haldane phi={phi:.3g} M={M:.3g} t2={t2:.3g}", series,
                        np.array([b[0], -b[2]]), where)


def massive_dirac(mass: float) -> TwoBandModel:
    """H = kx s_x + ky s_y + mass s_z on the whole plane (v_F = 1)."""
    return warped_dirac(mass, name=f"Dirac mass={finite_number('mass', mass):g}")


def warped_dirac(
    mass: float,
    tilt: tuple[float, float] = (0.0, 0.0),
    warp: float = 0.0,
    curvature: float = 0.0,
    name: str | None = None,
) -> TwoBandModel:
    """Tilted and warped Dirac model on the whole plane.

    d0 = tilt.k, d = (kx + warp (kx^2 - ky^2), ky - 2 warp kx ky, mass + curvature k^2).
    The trigonal warp adds three satellite cones at |k| = 1/warp.

    Raises
    ------
    ValueError
        If ``mass`` is zero or the tilt is not below 1 (no gap).
    """
    mass, w, b = (finite_number(key, value) for key, value in
                  (("mass", mass), ("warp", warp), ("curvature", curvature)))
    if mass == 0:
        raise ValueError(f"mass = {mass!r}: must be finite and not zero, or the gap closes")
    tx, ty = _pair("tilt", tilt)
    if not np.hypot(tx, ty) < 1:
        raise ValueError(f"tilt = {tilt!r}: |tilt| must be below 1 (the Fermi velocity)")
    # (i, j): coefficients of kx^i ky^j in (d0, d_x, d_y, d_z)
    table = {(0, 0): (0, 0, 0, mass), (1, 0): (tx, 1, 0, 0), (0, 1): (ty, 0, 1, 0),
             (2, 0): (0, w, 0, b), (1, 1): (0, 0, -2 * w, 0), (0, 2): (0, -w, 0, b)}
    quadratic = {place: np.array(c, float) for place, c in table.items()}

    def taylor(kx: Array, ky: Array, order: int) -> Array:
        points = (1,) * np.ndim(kx)
        jet = {place: c.reshape(4, *points) for place, c in quadratic.items()}
        full = {
            (0, 0): sum(c * kx**i * ky**j for (i, j), c in jet.items()),
            (1, 0): jet[1, 0] + 2 * jet[2, 0] * kx + jet[1, 1] * ky,
            (0, 1): jet[0, 1] + 2 * jet[0, 2] * ky + jet[1, 1] * kx,
        } | {place: jet[place] for place in ((2, 0), (1, 1), (0, 2))}
        shape = (4, *np.shape(kx))
        return np.stack([np.broadcast_to(full.get(place, 0.0), shape)
                         for place in jets.indices(order)])

    def evaluate(kx: ArrayLike, ky: ArrayLike) -> Array:
        return taylor(*np.broadcast_arrays(numbers("kx", kx), numbers("ky", ky)), 0)[0]

    return TwoBandModel(
        name or f"warped Dirac mass={mass:g} tilt=({tx:g}, {ty:g}) warp={w:g} curvature={b:g}",
        lambda kx, ky: evaluate(kx, ky)[0], lambda kx, ky: evaluate(kx, ky)[1:],
        scale=abs(mass), embedding="continuum: both components at r", taylor=taylor,
    )


def flattened(model: TwoBandModel, flatness: float, half_gap: float) -> TwoBandModel:
    """The same Bloch states with flatter bands.

    d0 -> (1 - flatness) d0 and |d| -> (1 - flatness) |d| + flatness half_gap, with d/|d| kept:
    flatness 0 is the model itself, 1 has two perfectly flat bands at +-half_gap. Geometry
    (curvature, metric, T) does not change, so only the g.Omega term of Eq. (2) survives at 1.

    Raises
    ------
    ValueError
        Unless 0 <= flatness <= 1 and half_gap > 0; later, where the bands touch.
    """
    check_model(model)
    flatness, half_gap = finite_number("flatness", flatness), positive_number("half_gap", half_gap)
    if not 0 <= flatness <= 1:
        raise ValueError(f"flatness = {flatness!r}: must lie in [0, 1]")

    def taylor(kx: Array, ky: Array, order: int) -> Array:
        jet = model.jet(kx, ky, order)
        d, direction = jet[:, 1:], direction_jet(model, jet, kx, ky)
        return np.concatenate([(1 - flatness) * jet[:, :1],
                               (1 - flatness) * d + flatness * half_gap * direction], axis=1)

    def evaluate(kx: ArrayLike, ky: ArrayLike) -> Array:
        return taylor(*np.broadcast_arrays(numbers("kx", kx), numbers("ky", ky)), 0)[0]

    return TwoBandModel(f"{model.name}, flattened {flatness:g}",
                        lambda kx, ky: evaluate(kx, ky)[0], lambda kx, ky: evaluate(kx, ky)[1:],
                        model.lattice, model.scale, model.embedding, taylor,
                        derivatives=model.derivatives,
                        twin=None if model.twin is None
                        else flattened(model.twin, flatness, half_gap))
