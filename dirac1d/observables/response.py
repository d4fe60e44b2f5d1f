"""The Hall conductivity σ_AH(q) that the solver measures: weak cosine potentials in real space.

This closes the loop between band geometry and the solver: `dirac1d.geometry` has σ_AH(q) from
Berry curvature, quantum metric and the Kubo formula, here it is read off j_y(x) of an engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dirac1d.engines import current_density
from dirac1d.numerics.checks import finite_number, positive_number
from dirac1d.potentials import CosinePotential
from dirac1d.problem import Problem

#: Amplitudes over the largest one: the even polynomial through them is taken at 0.
LEVELS = (1.0, 0.5, 0.25)
#: Largest amplitude over the energy that limits linear response. In the gap the correction is then
#: 1e-4 at most, and 1e-12 is left of it after two orders are taken out.
AMPLITUDE = 0.1
#: Orders n of Bragg reflection, nq = 2k_F, that limit the amplitude in a metal.
BRAGG_ORDERS = np.arange(1, 4)
#: Smallest amplitude over |Δ|, exactly at such a resonance.
SMALLEST_AMPLITUDE = 1e-5


@dataclass(frozen=True)
class HallResponse:
    """σ_AH at one wavenumber, from the solver.

    Attributes
    ----------
    wavenumber : float
        q.
    value : float
        σ_AH(q) in e²/ħ (2π times that: in e²/h), j_y = σ_AH U′: the sign of `dirac1d.geometry`.
    error : float
        Bound from the engine's own error and the extrapolation to zero amplitude.
    nonlinearity : float
        c of σ(A) = σ_AH + c A² + …: where linear response ends.
    amplitude : float
        The largest amplitude A used.
    engine : str
    """

    wavenumber: float
    value: float
    error: float
    nonlinearity: float
    amplitude: float
    engine: str


def hall_response(
    q: float,
    mass: float = 1.0,
    fermi_energy: float = 0.0,
    temperature: float = 0.0,
    *,
    engine: str = "green",
    amplitude: float | None = None,
    rtol: float | None = None,
    **options: Any,
) -> HallResponse:
    """Measure σ_AH(q) in real space: j_y(x) of U = A cos(qx), extrapolated to A → 0.

    Parameters
    ----------
    q : float
        Wavenumber, positive.
    mass, fermi_energy, temperature : float
        Of the `Problem`.
    engine : {"green", "states"}
    amplitude : float, optional
        The largest of the three amplitudes A, A/2, A/4; by default a part of the distance of ε_F
        from the band edges, and in a metal of q from 2k_F.
    rtol : float, optional
        Accuracy of each current, relative to its ``current_scale``; by default 1e-10 for
        ``"green"``, 1e-6 for ``"states"``.
    **options
        Options of the engine.

    Returns
    -------
    HallResponse

    Raises
    ------
    ValueError
        If an argument is not finite, q or amplitude is not positive, or the mass is 0.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> from dirac1d.geometry import dirac_hall_conductivity
    >>> measured = dd.hall_response(q=2.0, mass=1.0)
    >>> print(f"{2 * np.pi * measured.value:.9f} e²/h, closed form "
    ...       f"{2 * np.pi * dirac_hall_conductivity(2.0, 1.0):.9f}")
    -0.392699082 e²/h, closed form -0.392699082
    """
    q = positive_number("q", q)
    mass, fermi_energy = finite_number("mass", mass), finite_number("fermi_energy", fermi_energy)
    if mass == 0.0:
        raise ValueError("mass must not be 0: without a gap there is no anomalous Hall current")
    if amplitude is None:
        amplitude = default_amplitude(q, mass, fermi_energy)
    amplitude = positive_number("amplitude", amplitude)
    if rtol is None:
        rtol = 1e-10 if engine == "green" else 1e-6
    values, errors = [], []
    for level in LEVELS:
        A = level * amplitude
        problem = Problem(CosinePotential(A, q), mass, fermi_energy, temperature)
        profile = current_density(problem, [0.0], engine, rtol, **options)
        sine = [*profile.details["sine"], 0.0]
        values.append(-sine[1] / (A * q))
        errors.append(profile.error[0] / (A * q))
    square = np.square(LEVELS)
    weights = np.array([
        np.prod([s / (s - own) for s in square if s != own]) for own in square
    ])
    best = float(weights @ values)
    two = (values[2] * square[1] - values[1] * square[2]) / (square[1] - square[2])
    one = (values[1] * square[0] - values[0] * square[1]) / (square[0] - square[1])
    # How much each order gains; none at a resonance, where there is no power series in A².
    gain = min(abs(best - two) / max(abs(two - one), 1e-300), 0.9)
    error = float(np.abs(weights) @ errors) + abs(best - two) / (1 - gain)
    curvature = (values[1] - values[2]) / (square[1] - square[2]) / amplitude**2
    return HallResponse(q, best, error, float(curvature), amplitude, engine)


def default_amplitude(q: float, mass: float, fermi_energy: float) -> float:
    """A tenth of the energy at which linear response at q fails."""
    gap, E = abs(mass), abs(fermi_energy)
    limit = min(gap, abs(E - gap))
    if gap < E:
        k_F = np.sqrt((E - gap) * (E + gap))
        # nq/2 - k_F times half the Fermi velocity: U opens gaps where waves k and k - nq meet.
        limit = min(limit, k_F / E * float(np.min(np.abs(BRAGG_ORDERS * q - 2 * k_F))) / 2)
    return max(AMPLITUDE * limit, SMALLEST_AMPLITUDE * gap)
