"""The two engines behind one name, and their comparison."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dirac1d import green, states
from dirac1d.numerics.estimate import Estimates
from dirac1d.problem import Problem, check_problem
from dirac1d.results.map import CurrentMap
from dirac1d.results.profile import Profile
from dirac1d.results.radial import RadialProfile

#: Engines by name; the first is the default.
ENGINES: dict[str, Callable[..., Profile | RadialProfile]] = {
    "green": green.current_density,
    "states": states.current_density,
}
DEFAULT_ENGINE = "green"


def current_density(
    problem: Problem,
    x: ArrayLike,
    engine: str = DEFAULT_ENGINE,
    rtol: float | None = None,
    **options: Any,
) -> Any:
    """The equilibrium anomalous Hall current density j_y(x) along the step, or j_φ(r) of a circle.

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
        Strictly increasing positions, in ħv_F/E₀; not tied to any lattice. Radii of a circle.
    engine : {"green", "states"}
        ``"green"``: continuum Green's function on a complex-energy contour, with exact leads.
        ``"states"``: sum over the eigenstates of the sparse lattice Hamiltonian.
    rtol : float, optional
        Accuracy relative to ``problem.current_scale``; by default the engine's own, 1e-8 for
        ``"green"``, 1e-4 for ``"states"``.
    **options
        ``within``: seconds after which the best answer so far is returned, with its own error and a
        status that says so (Ctrl-C does the same); ``progress``: a callable that is told of the
        work, the error so far and the goal. For ``"states"`` also
        ``solver="auto" | "tridiagonal" | "sparse"``.

    Returns
    -------
    Profile, or RadialProfile of a circle
        j_y/e (ħ = v_F = 1), its error estimate, and a status; see `Profile`. For Δ > 0 and U
        rising to the right, j_y/e is negative in the gap; j_φ/e likewise where U rises outwards.

    Raises
    ------
    ValueError
        If x is empty, not finite or not increasing, or engine, rtol or an option is not allowed.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> problem = dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0), mass=1.0)
    >>> profile = dd.current_density(problem, np.linspace(-10, 10, 101))
    >>> profile.status
    'converged'
    >>> total = profile.integral(-np.inf, np.inf)
    >>> print(f"{total:.8f}, exact {dd.total_current(problem):.8f}")
    -0.07957747, exact -0.07957747
    """
    check_problem(problem, walls=True)
    solve = _engine(ENGINES, engine, rtol, options)
    return solve(problem, x)


def _engine(
    engines: dict[str, Callable[..., Any]], engine: str, rtol: float | None,
    options: dict[str, Any],
) -> Callable[..., Any]:
    """The engine of that name with its options and rtol, or a ValueError; of its options too."""
    if not isinstance(engine, str) or engine not in engines:
        raise ValueError(f"engine must be one of {', '.join(engines)}, got {engine!r}")
    solve = engines[engine]
    allowed = inspect.signature(solve).parameters
    for name in options:
        if name not in allowed:
            raise ValueError(f"{name} is not an option of engine {engine!r}")
    return partial(solve, **options, **({} if rtol is None else {"rtol": rtol}))


#: Engines of maps by name; the first is the default.
MAP_ENGINES: dict[str, Callable[..., CurrentMap]] = {
    "green": green.current_map,
    "states": states.current_map,
}
DEFAULT_MAP_ENGINE = next(iter(MAP_ENGINES))


def current_map(
    problem: Problem,
    x: ArrayLike,
    y: ArrayLike,
    engine: str = DEFAULT_MAP_ENGINE,
    rtol: float | None = None,
    **options: Any,
) -> CurrentMap:
    """The equilibrium current density j(x, y) of a potential of x and y: a map.

    Parameters
    ----------
    problem : Problem
        Of a `Cell`, or of a `Strip`.
    x, y : array_like, shape (nx,) and (ny,)
        Strictly increasing positions, in ħv_F/E₀, anywhere: cells and strips are continued.
    engine : str
        ``"green"`` (default): the reflection matrix in harmonics of y, marched in x; strips too.
        ``"states"``: all states of the plane waves of a cell, diagonalised and summed; of a strip
        at T > 0, or in the gap, the resolvent of a lattice with exact leads.
    rtol : float, optional
        Accuracy of j at every pixel, relative to ``problem.current_scale``; 1e-4 by default.
    **options
        ``executor``: any `concurrent.futures.Executor`, to which the work is given in pieces.
        ``store``: a folder in which every finished piece is kept, and found again: interrupted, the
        same call goes on from there.
        ``within``: seconds after which the best answer so far is returned, with its own error and a
        status that says so (Ctrl-C does the same); ``progress``: a callable that is told of the
        work, the error so far and the goal.

    Returns
    -------
    CurrentMap
        j/e and M/e (ħ = v_F = 1), with a bound on the error of every pixel; see `CurrentMap`.

    Raises
    ------
    ValueError
        If the potential is not one of x and y, a position is not finite, an argument is not
        allowed, or the problem is larger than the engine's named limit.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> problem = dd.Problem(dd.disorder(0.5, 1.0, lengths=(5.0, 5.0), seed=2), temperature=0.1)
    >>> x = np.linspace(0, 5, 11)
    >>> found = dd.current_map(problem, x, x, engine="states", rtol=1e-2)
    >>> found.status, found.j_x.shape
    ('converged', (11, 11))
    """
    check_problem(problem, planar=True, walls=True)
    if not problem.planar:
        raise ValueError(f"potential must be one of x and y for a map, a Cell or a Strip, got "
                         f"{problem.potential!r:.200}: its current is dd.current_density")
    solve = _engine(MAP_ENGINES, engine, rtol, options)
    return solve(problem, x, y)


#: Engines of the charge density by name; the first is the default.
CHARGE_ENGINES: dict[str, Callable[..., Estimates]] = {
    "green": green.charge_density,
    "states": states.charge_density,
}


def charge_density(
    problem: Problem,
    x: ArrayLike,
    engine: str = DEFAULT_ENGINE,
    rtol: float | None = None,
    **options: Any,
) -> Estimates:
    """The charge density n(x), or n(r) of a circle: electrons per area above local neutrality.

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
        Strictly increasing positions; radii of a circle.
    engine : {"green", "states"}
        ``"states"`` has that of circles only.
    rtol : float, optional
        Accuracy relative to (|Δ| + max|ε_F - U|)²/4π; by default 1e-6 for ``"green"``, 1e-4 for
        ``"states"``.
    **options
        ``within`` and ``progress``, as of `current_density`.

    Returns
    -------
    Estimates, shape (n,)
        An array with ``.error`` and ``.status``. What a polarised vacuum adds in the gap is
        included; in the bands a uniform system has sgn(e)(e² - Δ²)/4π, e = ε_F - U, at T = 0.
        Beside a jump of U it diverges like 1/x, at a kink like a logarithm.

    Raises
    ------
    ValueError
        If an argument is not allowed, the mass is zero, or engine "states" is asked for what is no
        circle.
    """
    solve = _engine(CHARGE_ENGINES, engine, rtol, options)
    return solve(problem, x)


#: Engines of spectra by name; the first is the default.
CURRENT_SPECTRUM_ENGINES: dict[str, Callable[..., Estimates]] = {
    "green": green.energy_resolved_current,
    "states": states.energy_resolved_current,
}
DENSITY_OF_STATES_ENGINES: dict[str, Callable[..., Estimates]] = {
    "green": green.local_density_of_states,
    "states": states.local_density_of_states,
}


def energy_resolved_current(
    problem: Problem,
    x: ArrayLike,
    energy: ArrayLike,
    engine: str = DEFAULT_ENGINE,
    rtol: float | None = None,
    **options: Any,
) -> Estimates:
    """j^ε(x) = dj_y/dε_F at zero temperature, from the resolvent at E = ε + i0.

    Parameters
    ----------
    problem : Problem
        Its Fermi energy and temperature play no role: the temperature only smears the Fermi
        function that j^ε is integrated with.
    x : array_like, shape (n,)
        Strictly increasing positions; radii of a circle.
    energy : float or array_like, shape (m,)
        Around a circle outside of the gap of U far outside.
    engine : {"green", "states"}
        ``"states"``: of steps, walls and circles; not of periodic potentials.
    rtol : float, optional
        Accuracy relative to j₀/|Δ|; by default 1e-8 for ``"green"``, 1e-4 for ``"states"``.
    **options
        ``within`` and ``progress``, as of `current_density`.

    Returns
    -------
    Estimates, shape (n,) or (m, n)
        An array with ``.error`` and ``.status``. Its integral over energies is the difference of
        current densities at T = 0. It vanishes where no state of that energy exists.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the engine does not take the problem.

    Examples
    --------
    >>> import dirac1d as dd
    >>> problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))
    >>> states = dd.energy_resolved_current(problem, [0.0, 1.0], 1.2, engine="states")
    >>> green = dd.energy_resolved_current(problem, [0.0, 1.0], 1.2)
    >>> bool(abs(states - green).max() < 1e-5)
    True
    """
    solve = _engine(CURRENT_SPECTRUM_ENGINES, engine, rtol, options)
    return solve(problem, x, energy)


def local_density_of_states(
    problem: Problem,
    x: ArrayLike,
    energies: ArrayLike,
    engine: str = DEFAULT_ENGINE,
    rtol: float | None = None,
    **options: Any,
) -> Estimates:
    """ρ(x, ε) per area and energy, of both leads' scattering states and of bound states.

    Parameters
    ----------
    problem : Problem
        Its Fermi energy and temperature play no role.
    x : array_like, shape (n,)
        Strictly increasing positions; radii of a circle.
    energies : float or array_like, shape (m,)
        Around a circle outside of the gap of U far outside.
    engine : {"green", "states"}
        ``"states"``: of steps, walls and circles; not of periodic potentials.
    rtol : float, optional
        Accuracy relative to (|Δ| + |ε - U|)/2π; by default 1e-6 for ``"green"``, 1e-4 for
        ``"states"``.
    **options
        ``within`` and ``progress``, as of `current_density`.

    Returns
    -------
    Estimates, shape (n,) or (m, n)
        An array with ``.error`` and ``.status``. Far from any structure
        |ε - U| θ(|ε - U| - |Δ|)/2π.

    Raises
    ------
    ValueError
        If an argument is not allowed, the mass is zero, or the engine does not take the problem.
    """
    solve = _engine(DENSITY_OF_STATES_ENGINES, engine, rtol, options)
    return solve(problem, x, energies)


@dataclass(frozen=True)
class Comparison:
    """The same current density from both engines.

    Attributes
    ----------
    green, states : Profile, or RadialProfile
    difference : ndarray, shape (n,)
        The current of ``states`` less that of ``green``; 0 where both are infinite.
    agree : bool
        Whether the difference lies within the sum of both error estimates everywhere.
    """

    green: Any
    states: Any

    def __repr__(self) -> str:
        largest = np.max(np.abs(self.difference), initial=0.0)
        return (f"Comparison({len(self.green.x)} points, largest difference {largest:.1e}: "
                f"{'' if self.agree else 'not '}within their errors; green {self.green.status}, "
                f"states {self.states.status})")

    @property
    def difference(self) -> np.ndarray:
        """The current of ``states`` less that of ``green``, shape (n,)."""
        name = "j_phi" if self.green.problem.circular else "j_y"
        states, green = getattr(self.states, name), getattr(self.green, name)
        both = np.isfinite(green) & np.isfinite(states)
        with np.errstate(invalid="ignore"):
            return np.where(both, states - green, 0.0)

    @property
    def agree(self) -> bool:
        """Whether the difference lies within the sum of both error estimates everywhere."""
        return bool(np.all(np.abs(self.difference) <= self.green.error + self.states.error))


def compare_engines(
    problem: Problem, x: ArrayLike, rtol: float | None = None, **options: Any
) -> Comparison:
    """Solve a problem by both engines.

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
    rtol : float, optional
        For both; by default each engine's own.
    **options
        Options of the engine ``"states"``.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        As `current_density`.
    """
    return Comparison(
        green=current_density(problem, x, "green", rtol),
        states=current_density(problem, x, "states", rtol, **options),
    )
