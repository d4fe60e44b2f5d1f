"""A profile looked at: between its points, as a picture, as HTML, as an xarray dataset."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.values import ByContent, extent

if TYPE_CHECKING:
    import xarray

    from dirac1d.results.profile import Profile
    from dirac1d.results.radial import RadialProfile

#: Size of the picture in a notebook's cell, in pixels.
_WIDTH, _HEIGHT = 260, 90


class Values(NamedTuple):
    """Values with their errors."""

    value: NDArray
    error: NDArray

    def __eq__(self, other: object) -> bool:
        return ByContent.__eq__(self, other)  # type: ignore[operator]

    def __hash__(self) -> int:
        return ByContent.__hash__(self)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        largest = np.max(self.error, initial=0.0)
        return (f"Values(shape {np.shape(self.value)}, {extent(self.value)}, "
                f"errors up to {largest:.1e})")


def between(profile: Profile | RadialProfile, x: ArrayLike) -> Estimate | Values:
    """j_y anywhere in the computed range, from the engine's own representation; see `Profile`."""
    strip = profile.strip
    if strip is None:
        raise ValueError("this profile holds no strip to interpolate in")
    try:
        places = np.asarray(x, dtype=float)
    except (TypeError, ValueError) as cause:
        raise ValueError(f"x must be numbers, got {x!r}") from cause
    edges = strip.edges
    outside = ~((places >= edges[0]) & (places <= edges[-1]))
    if np.any(outside):
        raise ValueError(f"x = {np.asarray(places)[outside].flat[0]} is outside of the computed "
                         f"range [{edges[0]:g}, {edges[-1]:g}]")
    flat = np.ravel(places)
    value, _ = strip.at(flat)
    # What the points beside x may miss, and what the series may leave out.
    finite = np.where(np.isfinite(profile.error), profile.error, 0.0)
    k = np.clip(np.searchsorted(profile.x, flat), 1, max(len(finite) - 1, 1))
    near = np.maximum(finite[k - 1], finite[np.minimum(k, len(finite) - 1)])
    panel = np.clip(np.searchsorted(edges, flat, side="right") - 1, 0, len(edges) - 2)
    error = near + np.sum(np.abs(strip.coefficients[:, -2:]), axis=1)[panel]
    for position, height in profile.problem.jumps:
        # j_y is a logarithm there, of which a series without one keeps the integral only.
        at, beside = flat == position, (edges[panel] <= position) & (position <= edges[panel + 1])
        if strip.logs is None:
            error = np.where(
                beside, error + np.sum(np.abs(strip.coefficients[:, 1:]), axis=1)[panel], error)
        mass = float(profile.problem.mass_at(position))
        value = np.where(at, -np.inf * np.sign(height * mass), value)
        error = np.where(at, np.inf, error)
    value, error = value.reshape(places.shape), error.reshape(places.shape)
    if places.ndim == 0:
        return Estimate(float(value), float(error))
    return Values(value, error)


def plot(profile: Profile | RadialProfile, ax: Any = None, scale: Any = None) -> Any:
    """The figure of a profile, or its curve in given Axes."""
    # By name: matplotlib stands above the results, and is loaded only when a picture is wanted.
    plotting = import_module("dirac1d.apps.plotting")
    if ax is not None and not hasattr(ax, "plot"):
        raise ValueError(f"ax must be matplotlib Axes, got {ax!r}")
    if ax is None:
        return plotting.current_figure(profile, scale=scale)
    return plotting.plot_profile(ax, profile, scale=scale)


def dataset(profile: Profile | RadialProfile) -> xarray.Dataset:
    """An `xarray.Dataset` of j_y and its error over x."""
    import xarray

    density = "e E0^2/(hbar^2 v_F)"
    return xarray.Dataset(
        {"j_y": ("x", profile.j_y, {"units": density}),
         "error": ("x", profile.error, {"units": density})},
        {"x": ("x", profile.x, {"units": "hbar v_F/E0"})},
        {"engine": profile.engine, "status": profile.status, "rtol": profile.rtol,
         "current_scale": profile.problem.current_scale},
    )


def html(profile: Profile | RadialProfile) -> str:
    """A table of what matters, and a small picture, for notebooks."""
    rows = {
        "problem": repr(profile.problem), "engine": profile.engine, "status": profile.status,
        "points": f"{len(profile.x)}, x from {profile.x[0]:g} to {profile.x[-1]:g}",
        "largest error": f"{np.max(profile.error, initial=0.0):.1e}",
    }
    total = profile.total()
    if total is not None:
        name = "M(0)" if profile.problem.circular else "J_y"
        rows[name] = f"{total.value:.8g} ± {total.error:.1g}"
    cells = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows.items())
    return f"<table>{cells}</table>{_picture(profile.x, profile.j_y)}"


def _picture(x: NDArray, j: NDArray) -> str:
    """The curve as SVG, without matplotlib."""
    shown = np.isfinite(j)
    if np.sum(shown) < 2:
        return ""
    x, j = x[shown], j[shown]
    low, high = min(np.min(j), 0.0), max(np.max(j), 0.0)
    across = (x - x[0]) / (x[-1] - x[0]) * _WIDTH
    up = (high - j) / ((high - low) or 1.0) * _HEIGHT
    zero = high / ((high - low) or 1.0) * _HEIGHT
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True))
    return (f'<svg width="{_WIDTH}" height="{_HEIGHT + 2}" viewBox="0 -1 {_WIDTH} {_HEIGHT + 2}">'
            f'<line x1="0" x2="{_WIDTH}" y1="{zero:.1f}" y2="{zero:.1f}" stroke="#999"/>'
            f'<polyline points="{points}" fill="none" stroke="#0072B2"/></svg>')
