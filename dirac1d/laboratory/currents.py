"""The current of a material: all of its Dirac cones, each with its sign, and their sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.engines import DEFAULT_ENGINE, current_density
from dirac1d.laboratory.gates import gate
from dirac1d.laboratory.materials import Flavour, Material, material
from dirac1d.laboratory.units import Dimensionless, Scale, dimensionless, readable
from dirac1d.potentials.protocols import CircularPotential
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile
from dirac1d.results.radial import RadialProfile

#: Accuracy of a laboratory result, relative to j₀: a hundredth of what a probe resolves.
RTOL = 1e-5
#: Positions of the result, by default.
POINTS = 401
#: Where the step ends, for the window of positions: part of its height that is left out.
_OUTSIDE = 1e-4
#: Decay lengths ħv_F/2|Δ| of the gap beyond the step that the window holds: e^{-13}.
_DECAYS = 13.0
#: A sum of cones that is smaller than this part of one of them is called a cancellation.
_CANCELLED = 1e-6


@dataclass(frozen=True)
class Cone:
    """One Dirac cone's current.

    Attributes
    ----------
    flavour : Flavour
    profile : Profile, or RadialProfile
        Of |mass|: cones of opposite mass share it.
    sign : int
        Of the mass; Δ → -Δ flips every current.
    """

    flavour: Flavour
    profile: Profile | RadialProfile
    sign: int


@dataclass(frozen=True, eq=False)
class MaterialCurrent:
    """The current of all cones of a material along a gate's step; electric, e = -|e|.

    Attributes
    ----------
    material : Material
    scale : Scale
    potential : Potential
        U in units of `scale`.
    fermi_energy, temperature : float
        In meV and K.
    cones : tuple of Cone
    x : ndarray, shape (n,)
        Positions in nm.
    """

    material: Material
    scale: Scale
    potential: Any
    fermi_energy: float
    temperature: float
    cones: tuple[Cone, ...]

    @property
    def x(self) -> NDArray:
        """Positions in nm."""
        return self.cones[0].profile.x * self.scale.unit("length")

    @property
    def U(self) -> NDArray:
        """The gate's potential energy at x, in meV."""
        return self.potential(self.cones[0].profile.x) * self.scale.unit("energy")

    @property
    def shares(self) -> list[tuple[Profile | RadialProfile, int]]:
        """Every profile once, with the sum of the signs that it enters with."""
        found: dict[int, tuple[Profile | RadialProfile, int]] = {}
        for cone in self.cones:
            profile, share = found.get(id(cone.profile), (cone.profile, 0))
            found[id(cone.profile)] = (profile, share + cone.sign)
        return list(found.values())

    @property
    def j_y(self) -> NDArray:
        """Current density of all cones together, in nA/µm, shape (n,)."""
        return self.scale.unit("current_density") * np.asarray(
            sum(_share(s, p.j_y) for p, s in self.shares)
        )

    @property
    def error(self) -> NDArray:
        """Bound on the error of `j_y`, in nA/µm."""
        return abs(self.scale.unit("current_density")) * np.asarray(
            sum(_share(abs(s), p.error) for p, s in self.shares)
        )

    @property
    def by_cone(self) -> dict[str, NDArray]:
        """Current density of each cone in nA/µm, by its name."""
        unit = self.scale.unit("current_density")
        return {c.flavour.name: unit * c.sign * c.profile.j_y for c in self.cones}

    @property
    def currents(self) -> dict[str, float]:
        """J_y in nA, closed form: by cone, then ``charge``, ``valley``, ``spin``.

        Around a circle the current through a half-line from its centre, of what was computed: nan
        around a metal at T = 0, where it has no end.
        """
        if self.circular:
            unit = self.scale.unit("current")
            return self.material.summed({c.flavour: unit * _half_line(c) for c in self.cones})
        return self.material.hall_currents(
            self.potential, self.scale,
            Dimensionless(self.fermi_energy / self.scale.unit("energy")),
            Dimensionless(self.temperature / self.scale.unit("temperature")),
        )

    @property
    def circular(self) -> bool:
        """Whether the gate is a circle."""
        return self.cones[0].profile.problem.circular

    @property
    def note(self) -> str:
        """What the cones do together: one cone, a sum, or a cancellation."""
        return cancellation_note(self.material, self.currents)

    @property
    def status(self) -> str:
        """``"converged"``, or what the engine has left."""
        return next((p.status for p, _ in self.shares if not p.converged), "converged")

    def __repr__(self) -> str:
        total = readable(self.currents["charge"], "nA")
        what = "M(0)" if self.circular else "J_y"
        return (f"<MaterialCurrent of {self.material.name}: {len(self.x)} positions, "
                f"{what} = {total} ({self.note}), {self.status}>")


def _half_line(cone: Cone) -> float:
    """M(0) of a circle; nan where it is not known."""
    assert isinstance(cone.profile, RadialProfile)
    total = cone.profile.total()
    return float("nan") if total is None else cone.sign * total.value


def _share(share: int, values: NDArray) -> NDArray:
    # At a jump j_y is infinite: 0 times it is 0 here, for the cones cancel before they diverge.
    return share * values if share else np.zeros_like(values)


def cancellation_note(material: Material, currents: Mapping[str, float]) -> str:
    """What the J_y of a material's cones add up to, in words.

    Parameters
    ----------
    material : Material
    currents : mapping
        Of `Material.hall_currents`.
    """
    largest = max(abs(currents[f.name]) for f in material.flavours)
    return sum_note(material, abs(currents["charge"]), largest, "nA")


def sum_note(material: Material, total: float, largest: float, unit: str) -> str:
    """What cones add up to, in words.

    Parameters
    ----------
    material : Material
    total, largest : float
        Size of the sum, and of the largest cone alone, in `unit`.
    """
    count = len(material.flavours)
    if count == 1:
        return "one cone, its current is the sum"
    if largest == 0:
        return f"none of the {count} cones carries a current"
    one = f"one cone would give {readable(largest, unit)}"
    if total <= _CANCELLED * largest:
        return f"cancels by {'valley' if material.valleys else 'spin'}; {one}"
    return f"sum of {count} cones with their signs; {one}"


def material_current(
    material_: Material | str,
    profile: Any,
    fermi_energy: str | float = 0.0,
    temperature: str | float = 0.0,
    *,
    x: ArrayLike | None = None,
    engine: str = DEFAULT_ENGINE,
    rtol: float = RTOL,
    folder: Path | None = None,
) -> MaterialCurrent:
    """The current of a material along a gate's step, or around a circle: every cone, with its sign.

    Parameters
    ----------
    material_ : Material or str
        Or a preset's name.
    profile : mapping, path or callable
        The gate, in nm and meV; see `gate`.
    fermi_energy, temperature : str
        Text with units (or 0), energies from the middle of the gap before its splittings.
    x : array_like, shape (n,), optional
        Positions (radii) in nm; by default the step and what lies around it.
    engine : {"green", "states"}
    rtol : float
    folder : Path, optional
        Where a relative file of the gate lies.

    Returns
    -------
    MaterialCurrent

    Raises
    ------
    ValueError
        If a number has no unit, or a value is not allowed.

    Examples
    --------
    >>> import dirac1d as dd
    >>> step = {"shape": "tanh", "left": "-5 meV", "right": "5 meV", "rise": "90 nm"}
    >>> dd.material_current("hbn-graphene", step, temperature="4.2 K").note
    'cancels by valley; one cone would give 190 nA'
    """
    if isinstance(material_, str):
        material_ = material(material_)
    if not isinstance(material_, Material):
        raise ValueError(f"material must be a Material or the name of one, got {material_!r}")
    scale = material_.scale()
    potential = gate(profile, scale, folder)
    problems = {
        f: material_.problem(f, potential, scale, fermi_energy, temperature)
        for f in material_.flavours
    }
    places = _window(potential) if x is None else np.asarray(x, dtype=float) / scale.unit("length")
    solved: dict[tuple[float, float], Profile | RadialProfile] = {}
    cones = []
    for flavour, problem in problems.items():
        key = (abs(problem.mass), problem.fermi_energy)
        if key not in solved:
            positive = Problem(potential, *key, problem.temperature)
            solved[key] = current_density(positive, places, engine, rtol)
        cones.append(Cone(flavour, solved[key], int(np.sign(problem.mass))))
    energy, kelvin = (
        dimensionless(name, value, scale) * scale.unit(kind)
        for name, value, kind in (("fermi_energy", fermi_energy, "energy"),
                                  ("temperature", temperature, "temperature"))
    )
    return MaterialCurrent(material_, scale, potential, energy, kelvin, tuple(cones))


def _window(potential: Any) -> NDArray:
    """Positions over the step and around it, dimensionless (|mass| is about 1); or radii."""
    if isinstance(potential, CircularPotential):
        return np.linspace(0.0, potential.window(_DECAYS / 2)[1], POINTS)
    height = max(abs(potential.right - potential.left), 1e-3)
    a, b = potential.support(_OUTSIDE * height)
    return np.linspace(a - _DECAYS / 2, b + _DECAYS / 2, POINTS)
