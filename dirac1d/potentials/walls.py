r"""Hard walls, where the mass becomes infinite, and masses that end there.

A mass Δ(x) may be any shape that a potential may be. A `HardWall` adds to it, or to a number:
``1.0 + HardWall(5.0, sign=1, side="right")`` is a half-plane that ends at x = 5, and a second wall
on the other side makes a ribbon. Beyond a wall there are no electrons; at it ψ = (f, ig) has

.. math:: g/f = ±\mathrm{sgn}\,Δ_∞

with + at a wall on the right and - at one on the left: the solution of f′ = -Δg, g′ = -Δf that
decays beyond it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number, scale_number
from dirac1d.potentials.base import ask
from dirac1d.potentials.descriptions import potential_from_dict, potential_to_dict
from dirac1d.potentials.drops import largest_magnitude
from dirac1d.potentials.planar import Cell
from dirac1d.potentials.protocols import (
    CircularPotential,
    PeriodicPotential,
    PlanarPotential,
    Potential,
)
from dirac1d.potentials.radial import Disc
from dirac1d.potentials.steps import SharpStep
from dirac1d.potentials.strips import Strip

#: Name of a mass with hard walls in files.
WALLED = "walled"


class _Adds:
    """What adds to numbers, to profiles of the mass and to each other."""

    def __add__(self, other: object) -> Walled:
        parts = _parts(self)
        more = _parts(other)
        if more is None or parts is None:
            return NotImplemented
        # Walls alone say nothing of what is inside, nor does 0; numbers do not add to profiles.
        said = [part for part in (parts[0], more[0])
                if part is not None and not (np.isscalar(part) and part == 0)]
        if len(said) == 2 and np.isscalar(said[0]) != np.isscalar(said[1]):
            return NotImplemented
        return Walled(sum(said[1:], start=said[0]) if said else 0.0, (*parts[1], *more[1]))

    def __radd__(self, other: object) -> Walled:
        return self.__add__(other)


@dataclass(frozen=True)
class HardWall(_Adds):
    """An edge of the sample: infinite mass beyond a position.

    Parameters
    ----------
    position : float
    sign : {1, -1}
        Of the infinite mass.
    side : {"left", "right"}
        Where the wall is: ``"right"`` forbids x > position.

    Raises
    ------
    ValueError
        If the position is not finite, or sign or side is not one of these.

    Examples
    --------
    >>> import dirac1d as dd
    >>> ribbon = 1.0 + dd.HardWall(-4.0, 1, "left") + dd.HardWall(4.0, -1, "right")
    >>> ribbon
    Walled(1.0, HardWall(-4.0, 1, 'left'), HardWall(4.0, -1, 'right'))
    """

    position: float
    sign: int
    side: Literal["left", "right"]

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", finite_number("position", self.position))
        if self.side not in ("left", "right"):
            raise ValueError(f"side must be 'left' or 'right', got {self.side!r:.200}")
        if isinstance(self.sign, bool) or self.sign not in (1, -1):
            raise ValueError(f"sign must be 1 or -1, got {self.sign!r:.200}")
        object.__setattr__(self, "sign", int(self.sign))

    def __repr__(self) -> str:
        return f"HardWall({self.position!r}, {self.sign}, {self.side!r})"

    @property
    def R(self) -> float:
        """g/f at the wall."""
        return float(self.sign if self.side == "right" else -self.sign)


@dataclass(frozen=True, repr=False)
class Walled(_Adds):
    """A mass between hard walls, or on one side of one; made by ``mass + HardWall(...)``.

    Attributes
    ----------
    inside : float or Potential
        Δ where there is no wall.
    walls : tuple of HardWall
        One or two, the left one first.

    Raises
    ------
    ValueError
        If there are two walls on the same side, or the left one is not left of the right one.
    """

    inside: Any
    walls: tuple[HardWall, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "inside", checked_mass(self.inside))
        walls = tuple(sorted(self.walls, key=lambda w: w.side))
        object.__setattr__(self, "walls", walls)
        sides = [w.side for w in walls]
        if not walls or len(set(sides)) != len(sides):
            raise ValueError(f"walls must be one on each side at most, got {walls!r}")
        if len(walls) == 2 and walls[0].position >= walls[1].position:
            raise ValueError(
                f"walls: position of the left one must be below {walls[1].position}, that of the "
                f"right one, got {walls[0].position}"
            )

    def __repr__(self) -> str:
        return f"Walled({', '.join(map(repr, (self.inside, *self.walls)))})"


def _parts(value: object) -> tuple[Any, tuple[HardWall, ...]] | None:
    """What is inside (None for a wall alone), and the walls; None of what is no mass."""
    if isinstance(value, HardWall):
        return None, (value,)
    if isinstance(value, Walled):
        return value.inside, value.walls
    number = np.isscalar(value) and not isinstance(value, str | bytes)
    if number or (isinstance(value, Potential) and not isinstance(value, type)):
        return value, ()
    return None


def checked_mass(mass: Any) -> Any:
    """A mass without walls as a float or a profile of x, or a ValueError."""
    if isinstance(mass, Potential) and not isinstance(mass, type):
        return mass
    if isinstance(mass, HardWall):
        raise ValueError(f"mass must say what is inside of a hard wall: 1.0 + {mass!r}")
    return scale_number("mass", mass)


def check_mass(mass: Any, potential: Any) -> Any:
    """A problem's mass as a float, a profile or a `Walled`, or a ValueError.

    A circle takes a circle of mass, a `Cell` a cell of the same lengths, and a `Strip` a strip of
    the same period, which a profile of x becomes.
    """
    shapes = Potential, Walled, HardWall, PeriodicPotential, CircularPotential, PlanarPotential
    if isinstance(mass, type) or not isinstance(mass, shapes):
        return checked_mass(mass)
    if isinstance(potential, CircularPotential) and isinstance(mass, CircularPotential):
        return mass
    if isinstance(potential, Cell) and isinstance(mass, Cell):
        if mass.lengths != potential.lengths:
            raise ValueError(
                "mass must be a cell of the potential's lengths, "
                f"{potential.lengths}, got {mass.lengths}"
            )
        return mass
    if isinstance(potential, Strip) and isinstance(mass, Strip | Potential):
        return _strip_of_mass(mass, potential.period)
    if isinstance(mass, CircularPotential):
        raise ValueError(
            "mass must be a number or a profile Δ(x) such as TanhStep(-1, 1, 2): a circle of mass "
            f"goes with a circle as potential, got {mass!r:.200}"
        )
    if not isinstance(mass, Potential | Walled | HardWall):
        raise ValueError(
            "mass must be a finite number or a profile Δ(x) between leads such as TanhStep(-1, 1, "
            f"2), got {mass!r:.200}"
        )
    if not isinstance(potential, Potential):
        raise ValueError(
            "mass must be a number for a circle (or a circle), for a cell (or a Cell), for a strip "
            "(or a Strip, or a profile of x without hard walls) and for a periodic potential; got "
            f"{mass!r:.200}"
        )
    return mass if isinstance(mass, Walled) else checked_mass(mass)


def _strip_of_mass(mass: Any, period: float) -> Strip:
    """A strip of mass, or a profile Δ(x) as one that is the same at every y."""
    if not isinstance(mass, Strip):
        def field(x: NDArray, y: NDArray) -> NDArray:
            return np.asarray(mass(x) + 0 * y)

        # What a strip is called by.
        field.__qualname__ = type(mass).__name__
        return Strip(field, period, mass.left, mass.right)
    if not np.isclose(mass.period, period, rtol=1e-12):
        raise ValueError(f"mass must be a strip of the potential's period, {period:g}, got "
                         f"{mass!r:.200}")
    return mass


def flat_potential(U: float, mass: Any) -> Any:
    """A potential that is the same everywhere, of the geometry of a mass."""
    if isinstance(mass, CircularPotential):
        edges = getattr(mass, "breakpoints", ())
        return Disc(0.0, edges[-1] if edges else 1.0, outside=U)
    if isinstance(mass, Cell):
        return Cell(np.array([[U]]), mass.lengths)
    if isinstance(mass, Strip):
        return 0.0 * mass + U
    return SharpStep(U, U)


def largest_mass(profile: Any, low: float, high: float) -> float:
    """max |Δ| between two positions (of which either may be infinite), or everywhere."""
    if isinstance(profile, PlanarPotential):
        return max(map(abs, profile.extremes()))
    line = profile.line if isinstance(profile, CircularPotential) else profile
    return largest_magnitude(line, low, high)


def profile_of(mass: Any) -> Any:
    """Δ(x) where there is no wall, as a shape; None for a number."""
    inside = mass.inside if isinstance(mass, Walled) else mass
    if not isinstance(inside, float):
        return inside
    return SharpStep(inside, inside) if isinstance(mass, Walled) else None


def walls_of(mass: Any) -> tuple[HardWall | None, HardWall | None]:
    """The wall on the left and that on the right, None where there is none."""
    walls = {w.side: w for w in getattr(mass, "walls", ())}
    return walls.get("left"), walls.get("right")


def circle_ends(mass: Any) -> tuple[float, float]:
    """Δ at the centre of a circle and far outside: of a number or a circle of mass."""
    return (float(mass.centre), float(mass.outside)) if hasattr(mass, "centre") else (mass, mass)


def mass_at(mass: Any, x: ArrayLike) -> NDArray:
    """Δ(x), infinite beyond hard walls."""
    x = np.asarray(x, dtype=float)
    profile = profile_of(mass)
    value = np.full(x.shape, mass) if profile is None else np.asarray(profile(x), dtype=float)
    left, right = walls_of(mass)
    if left is not None:
        value = np.where(x < left.position, left.sign * np.inf, value)
    if right is not None:
        value = np.where(x > right.position, right.sign * np.inf, value)
    return value


def mass_drop(mass: Any, distance: float, wall: float) -> float:
    """The largest change of Δ over a distance; a hard wall counts as `wall`."""
    change = ask(profile_of(mass), "largest_drop", distance)
    return max(change, wall) if getattr(mass, "walls", ()) else change


def mass_to_dict(mass: Any) -> Any:
    """A number as it is, anything else as a JSON- and TOML-ready table."""
    if isinstance(mass, float):
        return mass
    if not isinstance(mass, Walled):
        return potential_to_dict(mass)
    walls = [{"position": w.position, "sign": w.sign, "side": w.side} for w in mass.walls]
    return {"shape": WALLED, "inside": mass_to_dict(mass.inside), "walls": walls}


def mass_from_dict(description: Any) -> Any:
    """The inverse of `mass_to_dict`.

    Raises
    ------
    ValueError
        If a key is unknown or missing, or a value is not allowed.
    """
    if not isinstance(description, Mapping):
        return description
    if description.get("shape") != WALLED:
        return potential_from_dict(description)
    walls = description.get("walls")
    if set(description) != {"shape", "inside", "walls"} or not isinstance(walls, list):
        raise ValueError(
            f"mass: shape {WALLED!r} has the keys inside and walls, a list, got "
            f"{dict(description)!r:.200}"
        )
    made = []
    for wall in walls:
        if not isinstance(wall, Mapping) or set(wall) != {"position", "sign", "side"}:
            raise ValueError(
                f"mass: a wall has the keys position, sign and side, got {wall!r:.200}")
        made.append(HardWall(**wall))
    return Walled(mass_from_dict(description["inside"]), tuple(made))
