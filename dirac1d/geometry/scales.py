"""The units in which a two-band model thinks, found from the model itself.

Every derivative step, range of momenta and tolerance of this package is a multiple of the momentum
scale or of the energy scale, so that a model in metres and joules gives the same digits as one in
lattice constants and hoppings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "energy_scale",
    "lattice_scale",
    "numbers",
    "periodicity_defect",
    "plane_scale",
    "reciprocal",
    "require_gap",
    "require_periodic",
    "samples",
    "square_constant",
    "vector",
]

Array = NDArray[np.float64]

# Momenta that represent the zone or the plane: enough to meet every feature of a lattice model,
# few enough to cost nothing. They follow an additive recurrence with two quadratic irrationals.
SAMPLES = 24
IRRATIONALS = ((np.sqrt(5) - 1) / 2, np.sqrt(2) - 1)
# The mass of a continuum model is looked for over all momenta whose squares are normal numbers.
DECADES = np.arange(-120, 121)
DIRECTIONS = 2 * np.pi * (np.arange(8) + 0.1) / 8
BISECTIONS = 50
# d(k + G) and d(k) have the same scalar and triple products, in units of the energy scale, to this
# where d is periodic: rounding is 1e-15; lattice vectors with nine digits of a root are refused.
PERIODICITY_TOLERANCE = 1e-8
# Lattice vectors and hops are those of the square lattice to this part of its constant.
SAME_LATTICE = 1e-12
# |d| below this fraction of the energy scale (45 eps) is zero to rounding.
CLOSED_GAP = 1e-14


def numbers(name: str, value: ArrayLike) -> Array:
    """`value` as an array of floats, or a ValueError that names the argument."""
    try:
        found = np.asarray(value)
        # Neither text nor None, which would become nan.
        if found.dtype.kind in "biuf":
            return found.astype(float)
    except ValueError:
        pass  # a ragged sequence
    raise ValueError(f"{name} = {value!r:.100}: must be real numbers")


def vector(name: str, value: ArrayLike) -> Array:
    """`value` as a finite vector (2,), or a ValueError that names the argument."""
    found = numbers(name, value)
    if found.shape != (2,) or not np.isfinite(found).all():
        raise ValueError(f"{name} = {value!r:.100}: must be a finite vector (x, y)")
    return found


class Bloch(Protocol):
    """What is asked of a model here."""

    name: str
    lattice: Array | None
    scale: float
    energy_scale: float
    periodicity_defect: float

    def values(self, kx: ArrayLike, ky: ArrayLike) -> Array:
        """(d0, d_x, d_y, d_z), shape (4, ...)."""


def lattice_scale(lattice: Array) -> float:
    """One over the root of the cell's area."""
    return float(1 / np.sqrt(abs(np.linalg.det(lattice))))


def square_constant(model: Bloch) -> float:
    """Lattice constant of a model on a square lattice along the axes.

    Raises
    ------
    ValueError
        If its lattice is another one.
    """
    lattice = model.lattice
    if (lattice is None or not lattice[0, 0] > 0
            or not np.allclose(lattice / lattice[0, 0], np.eye(2), rtol=0, atol=SAME_LATTICE)):
        raise ValueError(f"model = {model.name!r}: lattice must be a square one, a Z^2 along "
                         f"the axes, not {None if lattice is None else lattice.tolist()}")
    return float(lattice[0, 0])


def reciprocal(lattice: Array) -> Array:
    """Reciprocal vectors b_1 and b_2 as columns."""
    return 2 * np.pi * np.linalg.inv(lattice)


def plane_scale(name: str, values: Callable[[Array, Array], NDArray]) -> float:
    """Smallest |k| at which d has moved by |d(0)| in some direction: the mass of a Dirac model.

    Raises
    ------
    ValueError
        If d(0) = 0 or d never moves that far.
    """
    zero = np.zeros(1)
    start = values(zero, zero)[1:]

    def moved(k: ArrayLike) -> Array:
        k = np.atleast_1d(k)[:, None]
        with np.errstate(all="ignore"):
            d = values(k * np.cos(DIRECTIONS), k * np.sin(DIRECTIONS))[1:]
            far = np.sqrt((np.abs(d - start[:, :, None]) ** 2).sum(0))
        return np.where(np.isfinite(far), far, np.inf).max(1)

    gap = float(np.sqrt((start**2).sum()))
    beyond = np.flatnonzero(moved(10.0**DECADES) >= gap)
    if not (np.isfinite(gap) and gap > 0 and len(beyond) and beyond[0] > 0):
        raise ValueError(f"scale of {name!r} cannot be found from d(k) (it is looked for where "
                         "|d(k) - d(0)| = |d(0)|): give the momentum over which d varies as scale")
    low, high = float(DECADES[beyond[0] - 1]), float(DECADES[beyond[0]])
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if moved(10.0**middle)[0] >= gap else (middle, high)
    return float(10.0**high)


def samples(lattice: Array | None, scale: float) -> tuple[Array, Array]:
    """Momenta (n,), (n,) that represent the zone, or the plane up to some twenty scales."""
    u, v = np.modf(np.outer(IRRATIONALS, np.arange(1, SAMPLES + 1)))[0]
    if lattice is not None:
        b = reciprocal(lattice)
        return b[0, 0] * u + b[0, 1] * v, b[1, 0] * u + b[1, 1] * v
    k = scale * np.tan(np.pi / 2 * u)
    return k * np.cos(2 * np.pi * v), k * np.sin(2 * np.pi * v)


def energy_scale(model: Bloch) -> float:
    """Largest |d| and |d0 - mean d0| over the zone, or at |k| = scale in a continuum."""
    if model.lattice is None:
        kx, ky = model.scale * np.cos(DIRECTIONS), model.scale * np.sin(DIRECTIONS)
    else:
        kx, ky = samples(model.lattice, model.scale)
    H = model.values(kx, ky)
    return float(max(np.sqrt((H[1:] ** 2).sum(0)).max(), np.abs(H[0] - H[0].mean()).max()))


def periodicity_defect(model: Bloch) -> float:
    """How much d(k + G) differs from d(k) up to a constant unitary, in energy scales.

    A translation by G turns H by a constant unitary (orbital positions): d0 and the scalar and
    triple products of d at different momenta stay.
    """
    assert model.lattice is not None
    kx, ky = (k[:6] for k in samples(model.lattice, model.scale))
    invariants = []
    for G in ((0.0, 0.0), *reciprocal(model.lattice).T):
        H = model.values(kx + G[0], ky + G[1]) / model.energy_scale
        d = H[1:].T
        triples = [np.linalg.det(d[i:i + 3]) for i in range(4)]
        invariants.append(np.concatenate([H[0], (d @ d.T).ravel(), triples]))
    return float(max(np.abs(moved - invariants[0]).max() for moved in invariants[1:]))


def require_periodic(model: Bloch) -> None:
    """Do nothing if d has the periods of the model's reciprocal lattice.

    Raises
    ------
    ValueError
        If it has not.
    """
    if model.lattice is None:
        return
    defect = model.periodicity_defect
    if not defect <= PERIODICITY_TOLERANCE:
        raise ValueError(
            f"model = {model.name!r}: d(k) is not periodic by the reciprocal lattice of lattice = "
            f"{model.lattice.tolist()} (primitive vectors as rows): d(k + G) differs from d(k) by "
            f"{defect:.2g} of the bands' energy, so there is no Brillouin zone to integrate over")


def require_gap(model: Bloch, length: Array, kx: ArrayLike, ky: ArrayLike) -> None:
    """Do nothing if |d| = ``length`` is above rounding at all momenta.

    Raises
    ------
    ValueError
        That names the first momentum where the bands touch.
    """
    closed = ~(length > CLOSED_GAP * model.energy_scale)
    if np.any(closed):
        at = [float(np.broadcast_to(k, np.shape(length))[closed].flat[0]) for k in (kx, ky)]
        raise ValueError(
            f"model = {model.name!r}: the bands touch at k = ({at[0]:.6g}, {at[1]:.6g}) (|d| is "
            "zero to rounding): states, metric and curvature of one band do not exist there")
