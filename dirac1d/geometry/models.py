"""Two-band Bloch Hamiltonians H(k) = d0(k) + d(k).sigma, their derivatives and frames.

Lattice Hamiltonians are finite Fourier series, H(k) = sum_R h_R exp(i k.R), so that every
derivative is known; continuum ones bring a Taylor expansion. A model of the user's own needs no
derivatives: they come from Cauchy's integral on a small circle of complex momenta, or from
high-order differences where the callables take real momenta only.

The Hall conductivity at q != 0 depends on where the orbitals sit in the unit cell, because R is
the displacement between orbitals: every model says in ``embedding`` which choice it makes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import jets

__all__ = ["FourierSeries", "TwoBandModel", "from_series", "rotated"]

Array = NDArray[np.float64]
Scalar = Callable[[Array, Array], Array]
Taylor = Callable[[Array, Array, int], Array]

# Cauchy's integral for derivatives: 16 points on a circle of a quarter of the model's momentum
# scale. Aliasing is (n/4)^16/16! ~ 1e-23 for the n-th harmonic of a lattice and 4^-16 = 2e-10
# for a pole at the distance of the scale itself; rounding is 3! 4^3 eps ~ 1e-13 in third order.
CAUCHY_POINTS = 16
CAUCHY_RADIUS = 0.25
# Differences: nine points, step 0.1 of the scale. On Qi-Wu-Zhang they leave 1.5e-11, 2e-12 (cross)
# and 2e-9 in the first, second and third derivatives.
DIFFERENCE_HALF_WIDTH = 4
DIFFERENCE_STEP = 0.1
# First derivatives by Cauchy and by differences agree to this when d is analytic, and to order
# one when it is not (measured 2e-10 on the lattice models).
ANALYTICITY_TOLERANCE = 1e-5


@dataclass(frozen=True)
class FourierSeries:
    """(d0, d)(k) = sum_R c_R exp(i k.R), real because c_{-R} = conj(c_R).

    Parameters
    ----------
    displacements : ndarray (n, 2)
        R, from orbital to orbital, in the units of the lattice vectors.
    coefficients : ndarray (n, 4), complex
        Pauli components (1, x, y, z) of the hopping matrix h_R.
    """

    displacements: Array
    coefficients: NDArray[np.complex128]

    def taylor(self, kx: Array, ky: Array, order: int) -> Array:
        """Jet of (d0, d_x, d_y, d_z), shape (terms, 4, ...)."""
        phase = np.exp(1j * (np.multiply.outer(self.displacements[:, 0], kx)
                             + np.multiply.outer(self.displacements[:, 1], ky)))
        R = 1j * self.displacements
        jet = []
        for i, j in jets.indices(order):
            weight = R[:, 0] ** i * R[:, 1] ** j / (factorial(i) * factorial(j))
            jet.append(np.tensordot((weight[:, None] * self.coefficients).T, phase, 1).real)
        return np.stack(jet)

    def rotated(self, angle: float) -> FourierSeries:
        """The same hoppings, displacements referred to axes turned by ``angle``."""
        c, s = np.cos(angle), np.sin(angle)
        return FourierSeries(self.displacements @ np.array([[c, -s], [s, c]]), self.coefficients)


@dataclass(frozen=True)
class TwoBandModel:
    """H(k) = d0(k) + d(k).sigma with the valence band -|d| and the conduction band +|d|.

    Parameters
    ----------
    name : str
    d0 : callable (kx, ky) -> ndarray (...)
    d : callable (kx, ky) -> ndarray (3, ...)
    lattice : ndarray (2, 2) or None
        Primitive vectors as rows; None for a continuum model on the whole plane of momenta.
    scale : float
        Momentum over which d varies appreciably (for a Dirac model its mass): the radial map of
        plane integrals and the steps of numerical derivatives follow it.
    embedding : str
        Where the two orbitals sit: the finite-q response depends on it.
    taylor : callable (kx, ky, order) -> ndarray (terms, 4, ...), optional
        Analytic jet of (d0, d) in the layout of `dirac1d.geometry.jets`.
    series : FourierSeries, optional
        The hoppings of a lattice model; they imply ``taylor``.
    derivatives : {"cauchy", "differences"}
        How to differentiate when neither is given. "cauchy" needs d0 and d to be analytic and to
        accept complex momenta; "differences" needs real momenta only and keeps about 10, 11 and 8
        digits of the first, second and third derivatives.

    Raises
    ------
    ValueError
        For a singular lattice, a scale that is not positive, or callables that are not analytic
        when ``derivatives="cauchy"``.
    """

    name: str
    d0: Scalar
    d: Scalar
    lattice: Array | None = None
    scale: float = 1.0
    embedding: str = "both orbitals at the origin of the cell"
    taylor: Taylor | None = field(default=None, repr=False)
    series: FourierSeries | None = field(default=None, repr=False)
    derivatives: str = "cauchy"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise ValueError(f"scale = {self.scale!r}: must be positive and finite")
        if self.derivatives not in ("cauchy", "differences"):
            raise ValueError(
                f"derivatives = {self.derivatives!r}: allowed are 'cauchy' and 'differences'"
            )
        if self.lattice is not None:
            vectors = np.asarray(self.lattice, float)
            if vectors.shape != (2, 2) or abs(np.linalg.det(vectors)) == 0:
                raise ValueError(
                    f"lattice = {self.lattice!r}: must be two independent vectors as rows"
                )
            object.__setattr__(self, "lattice", vectors)
        if self.taylor is None and self.series is None and self.derivatives == "cauchy":
            self._check_analytic()

    def jet(self, kx: ArrayLike, ky: ArrayLike, order: int) -> Array:
        """Taylor coefficients of (d0, d_x, d_y, d_z) at k, shape (terms, 4, ...)."""
        kx, ky = np.broadcast_arrays(np.asarray(kx, float), np.asarray(ky, float))
        if self.series is not None:
            return self.series.taylor(kx, ky, order)
        if self.taylor is not None:
            return self.taylor(kx, ky, order)
        if self.derivatives == "cauchy":
            return _cauchy(self, kx, ky, order)
        return _differences(self, kx, ky, order)

    def components(self, kx: ArrayLike, ky: ArrayLike) -> NDArray:
        """(d0, d_x, d_y, d_z) stacked, shape (4, ...)."""
        d = np.asarray(self.d(kx, ky))
        if d.shape[:1] != (3,):
            raise ValueError(f"d returns shape {d.shape}: must be (3, ...)")
        return np.concatenate([np.broadcast_to(self.d0(kx, ky), d.shape[1:])[None], d])

    def _check_analytic(self) -> None:
        kx, ky = self.scale * np.array([0.31, -0.74, 1.13]), self.scale * np.array([0.57, 0.22, -1])
        try:
            by_circle = _cauchy(self, kx, ky, 1)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"d of {self.name!r} does not accept complex momenta: use derivatives='differences'"
            ) from error
        by_steps = _differences(self, kx, ky, 1)
        if not np.allclose(by_circle, by_steps, rtol=0.0,
                           atol=ANALYTICITY_TOLERANCE * np.abs(by_steps).max()):
            raise ValueError(
                f"d of {self.name!r} is not analytic in k: use derivatives='differences'"
            )


def _cauchy(model: TwoBandModel, kx: Array, ky: Array, order: int) -> Array:
    # A torus of complex momenta; its Fourier coefficients are the Taylor coefficients.
    radius = CAUCHY_RADIUS * model.scale
    circle = np.exp(2j * np.pi * np.arange(CAUCHY_POINTS) / CAUCHY_POINTS)
    zx = kx + radius * circle.reshape(-1, 1, *(1,) * kx.ndim)
    zy = ky + radius * circle.reshape(1, -1, *(1,) * kx.ndim)
    values = model.components(*np.broadcast_arrays(zx, zy))
    coefficients = np.fft.fft2(values, axes=(1, 2)).real / CAUCHY_POINTS**2
    return np.stack([coefficients[:, i, j] / radius ** (i + j) for i, j in jets.indices(order)])


def _differences(model: TwoBandModel, kx: Array, ky: Array, order: int) -> Array:
    steps = np.arange(-DIFFERENCE_HALF_WIDTH, DIFFERENCE_HALF_WIDTH + 1)
    weights = np.linalg.inv(np.vander(steps.astype(float), increasing=True))
    h = DIFFERENCE_STEP * model.scale
    x = kx + h * steps.reshape(-1, 1, *(1,) * kx.ndim)
    y = ky + h * steps.reshape(1, -1, *(1,) * kx.ndim)
    values = model.components(*np.broadcast_arrays(x, y))
    return np.stack([np.einsum("a,b,cab...->c...", weights[i], weights[j], values) / h ** (i + j)
                     for i, j in jets.indices(order)])


def from_series(name: str, series: FourierSeries, lattice: Array, embedding: str,
                 scale: float = 1.0) -> TwoBandModel:
    """Lattice model of given hoppings."""

    def evaluate(kx: ArrayLike, ky: ArrayLike) -> Array:
        kx, ky = np.broadcast_arrays(np.asarray(kx, float), np.asarray(ky, float))
        return series.taylor(kx, ky, 0)[0]

    return TwoBandModel(name, lambda kx, ky: evaluate(kx, ky)[0],
                        lambda kx, ky: evaluate(kx, ky)[1:], lattice, scale, embedding,
                        series=series)


def rotated(model: TwoBandModel, angle: float) -> TwoBandModel:
    """The model in the frame whose x axis points along ``angle`` (radians) of the old one."""
    if angle == 0:
        return model
    c, s = np.cos(angle), np.sin(angle)
    lattice = None if model.lattice is None else model.lattice @ np.array([[c, -s], [s, c]])
    if model.series is not None:
        return from_series(f"{model.name}, turned", model.series.rotated(angle), lattice,
                            model.embedding, model.scale)

    def old(kx: Array, ky: Array) -> tuple[Array, Array]:
        kx, ky = np.asarray(kx), np.asarray(ky)
        return c * kx - s * ky, s * kx + c * ky

    return TwoBandModel(
        f"{model.name}, turned", lambda kx, ky: model.d0(*old(kx, ky)),
        lambda kx, ky: model.d(*old(kx, ky)), lattice, model.scale, model.embedding,
        lambda kx, ky, order: jets.rotate(model.jet(*old(kx, ky), order), angle),
    )
