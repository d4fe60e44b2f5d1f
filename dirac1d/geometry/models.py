"""Two-band Bloch Hamiltonians H(k) = d0(k) + d(k).sigma, their derivatives and frames.

Lattice Hamiltonians are finite Fourier series, H(k) = sum_R h_R exp(i k.R), so that every
derivative is known; continuum ones bring a Taylor expansion. A model of the user's own needs no
derivatives: they come from its values (`dirac1d.geometry.derivatives`), and the model carries its
*twin*, itself with other derivative steps, so that every result knows what they cost.

The Hall conductivity at q != 0 depends on where the orbitals sit in the unit cell, because R is
the displacement between orbitals: every model says in ``embedding`` which choice it makes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number, of_kind, positive_number

from . import derivatives as rules
from . import jets, scales
from .series import FourierSeries

__all__ = ["FourierSeries", "TwoBandModel", "from_series", "rotated"]

Array = NDArray[np.float64]
Scalar = Callable[[Array, Array], Array]
Taylor = Callable[[Array, Array, int], Array]

# Derivatives by circle and by differences agree to this when d is analytic, and to order one when
# it is not (measured 1e-11 on the lattice models).
ANALYTICITY_TOLERANCE = 1e-5
_RULES = {"cauchy": rules.circle, "differences": rules.differences}


@dataclass(frozen=True, eq=False, repr=False)
class TwoBandModel:
    """H(k) = d0(k) + d(k).sigma with the valence band -|d| and the conduction band +|d|.

    Parameters
    ----------
    name : str
    d0 : callable (kx, ky) -> ndarray (...)
    d : callable (kx, ky) -> ndarray (3, ...)
        The coefficients of the three Pauli matrices.
    lattice : ndarray (2, 2) or None
        Primitive vectors as rows; None for a continuum model on the whole plane of momenta.
    scale : float, optional
        Momentum over which d varies appreciably; plane integrals and pockets follow it. By default
        one over the root of the cell's area; for a continuum model the smallest |k| at which
        |d(k) - d(0)| = |d(0)| (the mass of a Dirac model).
    embedding : str
        Where the two orbitals sit: the finite-q response depends on it.
    taylor : callable (kx, ky, order) -> ndarray (terms, 4, ...), optional
        Analytic jet of (d0, d) in the layout of `dirac1d.geometry.jets`.
    series : FourierSeries, optional
        The hoppings of a lattice model; they imply ``taylor``.
    derivatives : {"cauchy", "differences"}
        How to differentiate when neither is given. "cauchy" needs d0 and d to be analytic and to
        accept complex momenta; "differences" needs real momenta only. Their errors are part of
        every estimate.
    twin : TwoBandModel, optional
        The same model with other numerical derivatives: what it changes is their error. Made by
        the model itself; None where derivatives are exact.

    Raises
    ------
    ValueError
        For a singular lattice, a scale that is not positive or cannot be found, callables that do
        not return a real finite d0 and three real finite components d, or that are not analytic
        when ``derivatives="cauchy"``.
    """

    name: str
    d0: Scalar
    d: Scalar
    lattice: Array | None = None
    scale: float = None  # type: ignore[assignment]  # found from the model, never None afterwards
    embedding: str = "both orbitals at the origin of the cell"
    taylor: Taylor = field(default=None, repr=False)  # type: ignore[assignment]
    series: FourierSeries | None = field(default=None, repr=False)
    derivatives: str = "cauchy"
    twin: TwoBandModel | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.derivatives not in _RULES:
            raise ValueError(
                f"derivatives = {self.derivatives!r}: allowed are 'cauchy' and 'differences'"
            )
        for name in ("d0", "d"):
            if not callable(getattr(self, name)):
                raise ValueError(f"{name} of {self.name!r} must be callable, "
                                 f"got {getattr(self, name)!r:.100}")
        if self.lattice is not None:
            object.__setattr__(self, "lattice", _checked_lattice(self.lattice))
        if self.scale is None:
            object.__setattr__(self, "scale", scales.plane_scale(self.name, self.components)
                               if self.lattice is None else scales.lattice_scale(self.lattice))
        positive_number("scale", self.scale)
        if self.series is not None:
            object.__setattr__(self, "taylor", self.series.taylor)
        elif self.taylor is None:
            fine, coarse = _numerical_taylors(self)
            object.__setattr__(self, "taylor", fine)
            object.__setattr__(self, "twin", replace(self, taylor=coarse))

    def __repr__(self) -> str:
        where = "the plane" if self.lattice is None else f"lattice {self.lattice.tolist()}"
        how = "exact derivatives" if self.twin is None else f"derivatives {self.derivatives}"
        return f"TwoBandModel({self.name!r}, {where}, scale {self.scale:.4g}, {how})"

    def jet(self, kx: ArrayLike, ky: ArrayLike, order: int) -> Array:
        """Taylor coefficients of (d0, d_x, d_y, d_z) at k, shape (terms, 4, ...)."""
        kx, ky = np.broadcast_arrays(scales.numbers("kx", kx), scales.numbers("ky", ky))
        return self.taylor(kx, ky, order)

    def values(self, kx: ArrayLike, ky: ArrayLike) -> Array:
        """(d0, d_x, d_y, d_z) at real momenta, shape (4, ...)."""
        return self.jet(kx, ky, 0)[0]

    def components(self, kx: ArrayLike, ky: ArrayLike) -> NDArray:
        """What the callables return for real or complex momenta, stacked, shape (4, ...).

        Raises
        ------
        ValueError
            If d does not return three components, or d0 not one.
        """
        shape = np.broadcast_shapes(np.shape(kx), np.shape(ky))
        (d0,), d = self._parts("d0", kx, ky), self._parts("d", kx, ky)
        shapes = [part.shape for part in d]
        if len(d) != 3 or any(part not in (shape, ()) for part in shapes):
            found = (len(d), *shapes[0]) if len(set(shapes)) == 1 else shapes
            raise ValueError(
                f"d of {self.name!r} returns shape {found} for momenta of shape {shape}: must be "
                f"{(3, *shape)}, the coefficients of the three Pauli matrices (H(k) is 2 x 2, "
                "there are two bands)")
        if d0.shape not in (shape, ()):
            raise ValueError(f"d0 of {self.name!r} returns shape {d0.shape} for momenta of shape "
                             f"{shape}: must be {shape}")
        return np.stack([np.broadcast_to(part, shape) for part in (d0, *d)])

    def _parts(self, name: str, kx: ArrayLike, ky: ArrayLike) -> list[NDArray]:
        """What d0 returns, or each component that d returns, as arrays of numbers.

        Raises
        ------
        ValueError
            If the callable does not take these momenta, or returns something else.
        """
        try:
            found = getattr(self, name)(kx, ky)
        except TypeError as error:
            raise ValueError(f"{name} of {self.name!r} must take arrays of momenta (kx, ky), got "
                             f"an error for {np.asarray(kx).dtype} of shape {np.shape(kx)}: "
                             f"{error}") from error
        try:
            parts = [np.asarray(part) for part in ([found] if name == "d0" else found)]
        except (TypeError, ValueError):
            parts = [np.array(None)]
        if any(part.dtype.kind not in "biufc" for part in parts):
            kind = "an array" if name == "d0" else "three arrays (of the three Pauli matrices)"
            raise ValueError(f"{name} of {self.name!r} must return {kind} of numbers, got "
                             f"{' '.join(repr(found).split())[:100]}")
        return parts

    @cached_property
    def derivative_rounding(self) -> float:
        """Relative error of the derivatives that the twin shares; 0 where they are exact."""
        return 0.0 if self.twin is None else _RULES[self.derivatives]().rounding

    @cached_property
    def energy_scale(self) -> float:
        """Largest |d| and |d0 - mean d0| over the zone, or at |k| = scale in a continuum."""
        return scales.energy_scale(self)

    @cached_property
    def periodicity_defect(self) -> float:
        """How much d(k + G) differs from d(k) up to a constant unitary, in energy scales."""
        return scales.periodicity_defect(self)


def check_model(model: object) -> TwoBandModel:
    """`model` if it is one, or a ValueError that says what it is."""
    return of_kind("model", model, TwoBandModel, "dirac1d.geometry.TwoBandModel")


def _checked_lattice(lattice: ArrayLike) -> Array:
    try:
        vectors = np.asarray(lattice, float)
    except (TypeError, ValueError):
        vectors = np.empty(0)
    if (vectors.shape != (2, 2) or not np.isfinite(vectors).all()
            or not abs(np.linalg.det(vectors)) > 0):
        raise ValueError(f"lattice = {lattice!r}: must be two independent vectors as rows")
    return vectors


def _numerical_taylors(model: TwoBandModel) -> tuple[Taylor, Taylor]:
    """Jets by the model's rule and by its twin, after a look at what the callables return."""
    kx, ky = scales.samples(model.lattice, model.scale)
    values = model.components(kx, ky)
    if np.any(values.imag != 0):
        raise ValueError(f"d0 or d of {model.name!r} is complex at real momenta: must be real")
    if not np.isfinite(values).all():
        raise ValueError(f"d0 or d of {model.name!r} is not finite at every momentum")
    steps = _taylors(model, _RULES["differences"]())
    if model.derivatives == "differences":
        return steps
    advice = "use derivatives='differences'"
    try:
        circles = _taylors(model, _RULES["cauchy"]())
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"d of {model.name!r} does not accept complex momenta: {advice}") from error
    by_circle, by_steps = circles[0](kx, ky, 1), steps[0](kx, ky, 1)
    change = np.abs(by_circle[1:] - by_steps[1:]).max()
    if not change <= ANALYTICITY_TOLERANCE * np.abs(by_steps[1:]).max():
        raise ValueError(f"d of {model.name!r} is not analytic in k: {advice}")
    return circles


def _taylors(model: TwoBandModel, rule: rules.LineRule) -> tuple[Taylor, Taylor]:
    """Jets by a rule and by its twin."""
    def local_scale(kx: Array, ky: Array) -> Array:
        if model.lattice is not None:
            return np.full(np.shape(kx), scales.lattice_scale(model.lattice))
        # far out a continuum model is a polynomial: steps grow with k, or rounding would win there
        return np.hypot(model.scale, np.hypot(kx, ky))

    kx, ky = scales.samples(model.lattice, model.scale)
    best = rules.find_radii(model.components, rule, kx, ky, local_scale(kx, ky))

    def taylor(ratio: float) -> Taylor:
        def evaluate(kx: Array, ky: Array, order: int) -> Array:
            local = local_scale(kx, ky)
            return rules.line_jet(model.components, rule, (best[0] * local, best[1] * local),
                                  kx, ky, order, ratio)
        return evaluate

    return taylor(1.0), taylor(rules.TWIN_RATIO)


def from_series(name: str, series: FourierSeries, lattice: Array, embedding: str,
                scale: float | None = None) -> TwoBandModel:
    """Lattice model of given hoppings; arguments as those of `TwoBandModel`."""

    def evaluate(kx: ArrayLike, ky: ArrayLike) -> Array:
        kx, ky = np.broadcast_arrays(scales.numbers("kx", kx), scales.numbers("ky", ky))
        return series.taylor(kx, ky, 0)[0]

    return TwoBandModel(name, lambda kx, ky: evaluate(kx, ky)[0],
                        lambda kx, ky: evaluate(kx, ky)[1:], lattice,
                        scale, embedding, series=series)  # type: ignore[arg-type]


def rotated(model: TwoBandModel, angle: float) -> TwoBandModel:
    """The model in the frame whose x axis points along ``angle`` (radians) of the old one.

    Raises
    ------
    ValueError
        If the model or the angle is none.
    """
    check_model(model)
    if finite_number("angle", angle) == 0:
        return model
    c, s = np.cos(angle), np.sin(angle)
    lattice = None if model.lattice is None else model.lattice @ np.array([[c, -s], [s, c]])
    name = f"{model.name}, turned"
    if model.series is not None:
        return from_series(name, model.series.rotated(angle), lattice, model.embedding, model.scale)

    def old(kx: ArrayLike, ky: ArrayLike) -> tuple[Array, Array]:
        kx, ky = np.asarray(kx), np.asarray(ky)
        return c * kx - s * ky, s * kx + c * ky

    return TwoBandModel(
        name, lambda kx, ky: model.d0(*old(kx, ky)), lambda kx, ky: model.d(*old(kx, ky)), lattice,
        model.scale, model.embedding,
        lambda kx, ky, order: jets.rotate(model.jet(*old(kx, ky), order), angle),
        derivatives=model.derivatives,
        twin=None if model.twin is None else rotated(model.twin, angle),
    )
