"""Results: values with their error estimate, status and provenance; save and load."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.files import unpack, with_ending, write
from dirac1d.numerics.strip import Strip
from dirac1d.numerics.values import ByContent, extent, freeze
from dirac1d.problem import Problem
from dirac1d.results import views
from dirac1d.results.map import FILE_KIND as MAP_KIND
from dirac1d.results.map import CurrentMap
from dirac1d.results.radial import FILE_KIND as RADIAL_KIND
from dirac1d.results.radial import RadialProfile
from dirac1d.results.record import FILE_FORMAT, as_bytes, as_dict

if TYPE_CHECKING:
    import xarray

#: Earlier layouts that `load` reads too.
EARLIER_FORMATS = (2,)
FILE_KIND = "dirac1d.Profile"


@dataclass(frozen=True, eq=False, repr=False)
class Profile(ByContent):
    """The current density j_y(x) of a problem, with its error.

    Called, it gives j_y between its points: ``value, error = profile(0.3)``.

    Attributes
    ----------
    x : ndarray, shape (n,)
        Positions, in ħv_F/E₀.
    j_y : ndarray, shape (n,)
        Current density over e, j_y/e, dimensionless (ħ = v_F = 1); ∓inf exactly at a jump of U,
        where it diverges logarithmically.
    error : ndarray, shape (n,)
        Estimated bound on |error| of each value.
    status : str
        ``"converged"``, or a sentence that says what is left.
    engine : str
        ``"states"`` or ``"green"``.
    problem : Problem
    rtol : float
        Accuracy asked for, relative to ``problem.current_scale``.
    strip : Strip, optional
        The engine's own representation of j_y, from which `integral` is taken.
    details : dict
        What the engine did (spacing, nodes, …); JSON-ready.
    """

    x: NDArray
    j_y: NDArray
    error: NDArray
    status: str
    engine: str
    problem: Problem
    rtol: float
    strip: Strip | None = field(default=None, repr=False)
    details: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        freeze(self, "x", "j_y", "error")

    def __repr__(self) -> str:
        total = self.total()
        words = f", J_y = {total.value:.8g} ± {total.error:.1g}" if total is not None else ""
        return (f"Profile({len(self.x)} points, x from {extent(self.x)}, j_y from "
                f"{extent(self.j_y)}{words}, engine {self.engine}, {self.status})")

    def _repr_html_(self) -> str:
        return views.html(self)

    def __call__(self, x: ArrayLike) -> Estimate | views.Values:
        """j_y anywhere in the computed range, with an estimate of its error.

        Taken from the engine's own representation, not from the values at `x`; on the panels that
        touch a jump of U, where j_y is a logarithm, the error says that little is known.

        Parameters
        ----------
        x : float or array_like

        Returns
        -------
        Estimate or Values
            For a float a float with ``.error``, for an array two arrays; both unpack as
            ``value, error``.

        Raises
        ------
        ValueError
            If x is outside of what was computed.
        """
        return views.between(self, x)

    def plot(self, ax: Any = None, scale: Any = None) -> Any:
        """A figure of bands and j_y(x), or the curve alone in given Axes, which are returned.

        Parameters
        ----------
        ax : matplotlib Axes, optional
        scale : Scale, optional
            Then the axes are in nm, meV and nA/µm.
        """
        return views.plot(self, ax, scale)

    def to_xarray(self) -> xarray.Dataset:
        """An `xarray.Dataset` of j_y and its error over x; units are in its attributes.

        Raises
        ------
        ImportError
            If xarray is not installed: ``pip install dirac1d[xarray]``.
        """
        return views.dataset(self)

    def total(self) -> Estimate | None:
        """J_y of the whole line; None where the engine does not know the current in the leads."""
        if self.strip is None or self.strip.tails is None:
            return None
        return self.integral(-np.inf, np.inf)

    @property
    def converged(self) -> bool:
        """Whether the requested accuracy was reached."""
        return self.status == "converged"

    def integral(self, x_left: float | None = None, x_right: float | None = None) -> Estimate:
        """The current in a strip: ∫ j_y dx from x_left to x_right, with its error.

        It integrates the engine's own fine representation of j_y(x), not the values at `x`.

        Parameters
        ----------
        x_left, x_right : float, optional
            Ends of the strip; by default the ends of `x`. ∓inf where the engine knows j_y to the
            end of the leads (``engine="green"``).

        Returns
        -------
        Estimate
            A float with ``.error``; unpacks as ``value, error``.

        Raises
        ------
        ValueError
            If the strip reaches beyond what was computed, or x_left > x_right.
        """
        ends = []
        for name, given, default in (
            ("x_left", x_left, self.x[0]), ("x_right", x_right, self.x[-1])
        ):
            try:
                value = float(default if given is None else given)
            except (TypeError, ValueError) as error:
                raise ValueError(f"{name} must be a number, got {given!r}") from error
            if np.isnan(value):
                raise ValueError(f"{name} must be a number, got nan")
            ends.append(value)
        lo, hi = ends
        if lo > hi:
            raise ValueError(f"x_left must not exceed x_right, got {lo} and {hi}")
        if self.strip is None:
            raise ValueError("this profile holds no strip to integrate over")
        first, last = self.strip.edges[0], self.strip.edges[-1]
        for name, value, infinite in (("x_left", lo, -np.inf), ("x_right", hi, np.inf)):
            known = first <= value <= last or (value == infinite and self.strip.tails is not None)
            if not known:
                raise ValueError(
                    f"{name} = {value} is outside of the computed range [{first:g}, {last:g}]"
                )
        return self.strip.integral(lo, hi)

    def to_dict(self) -> dict[str, Any]:
        """Values, error, status and the full problem, JSON-ready."""
        return as_dict(self, "x", "j_y")

    def save(self, path: str | Path) -> Path:
        """Write values, error, status and the full problem to an ``.npz`` file.

        Parameters
        ----------
        path : str or Path
            ``.npz`` is added to a name without an ending.

        Returns
        -------
        Path
            Of the file.

        Raises
        ------
        ValueError
            If the name has another ending, or the file cannot be written.
        """
        try:
            found = with_ending(path, (".npz",))
        except ValueError as error:
            raise ValueError(f"{error} (other kinds: dirac1d.export(profile, path))") from None
        return write(found, self.to_bytes())

    def to_bytes(self) -> bytes:
        """What `save` writes; the same result gives the same bytes."""
        return as_bytes(self, FILE_KIND, "x", "j_y")


def load(path: str | Path | bytes) -> Profile | RadialProfile | CurrentMap:
    """Read a profile or a map that its method ``save`` wrote (or such a file's bytes).

    Raises
    ------
    ValueError
        If the file cannot be read, is not such a file, is damaged, or is of a newer format.
    """
    name = "the archive" if isinstance(path, bytes) else repr(str(path))
    header, arrays = unpack(path, (FILE_KIND, RADIAL_KIND, MAP_KIND), FILE_FORMAT, EARLIER_FORMATS)
    line = header["kind"] == FILE_KIND
    make: Any = Profile if line else RadialProfile
    places, values = ("x", "j_y") if line else ("r", "j_phi")
    try:
        if header["kind"] == MAP_KIND:
            return CurrentMap.from_archive(header, arrays)
        return make(
            arrays[places], arrays[values], error=arrays["error"], status=header["status"],
            engine=header["engine"], problem=Problem.from_dict(header["problem"]),
            rtol=header["rtol"], strip=Strip.from_arrays(arrays),
            details=header.get("details", {}),
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{name} is not a complete dirac1d result: {error}") from error
    except KeyError as error:
        raise ValueError(f"{name} is not a complete dirac1d result: {error} is missing") from error
