"""The Hall conductivity σ_AH(q) that the solver measures: weak cosine potentials in real space.

This closes the loop between band geometry and the solver: `dirac1d.geometry` has σ_AH(q) from
Berry curvature, quantum metric and the Kubo formula, here it is read off j_y(x) of an engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dirac1d.engines import current_density
from dirac1d.geometry import dirac_hall_conductivity
from dirac1d.numerics.checks import finite_number, positive_number
from dirac1d.potentials import CosinePotential
from dirac1d.problem import Problem

#: Amplitudes over the largest one: the even polynomial through them is taken at 0.
LEVELS = (1.0, 0.5, 0.25)
#: Largest amplitude over the energy that limits linear response. In the gap the correction is then
#: 1e-4 at most, and 1e-12 is left of it after two orders are taken out.
AMPLITUDE = 0.1
#: Orders n > 1 of Bragg reflection, nq = 2k_F, that limit the amplitude in a metal: they open gaps
#: of order Aⁿ only, so that the limit never falls below this part of that of the band edges.
BRAGG_ORDERS = np.array([2, 3])
BRAGG_FLOOR = 0.1
#: Smallest amplitude over |Δ|, right at a band edge or at q = 2k_F: below, the engine's time goes
#: into ever sharper resonances (4 s at 1e-7) while the error falls as the root of A only.
SMALLEST_AMPLITUDE = 1e-7
#: Amplitudes up to this part of the distance to the singularity of σ(ε_F) (or of the temperature
#: that smears it) are taken to have a power series in A².
SMALL_PART = 0.3
#: U moves ε_F by A, and gaps that it opens have tails: where nothing can be extrapolated, σ is
#: known up to its change within twice the smallest amplitude, and within the last halving's.
RESONANCE_REACH = 2.0
#: The first correction falls by 4 when A is halved; outside of this range of factors there is no
#: power series in A², and what the corrections' measured order leaves is the error.
ORDER_RANGE = (3.5, 4.5)
SMALLEST_RATIO = 1.5
#: rtol by default: as good as the engine is at no cost in a gap; in a metal 1e-8, near a Bragg
#: resonance (relative distance of nq from 2k_F) 1e-6, and right above a band edge (distance over
#: |Δ|) 1e-4: more digits take minutes there.
GAP_RTOL, METAL_RTOL, RESONANT_RTOL, EDGE_RTOL, STATES_RTOL = 1e-10, 1e-8, 1e-6, 1e-4, 1e-6
RESONANT, EDGE = 1e-2, 2e-5


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
        Bound from the engine's own error and the extrapolation to zero amplitude. Where A moves
        ε_F across a singularity of σ (a band edge, q = 2k_F), there is nothing to extrapolate: it
        is then the range of σ over Fermi energies within the smallest amplitude of ε_F.
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
        from the band edges and from where 2k_F = q, or of the temperature.
    rtol : float, optional
        Accuracy of each current, relative to its ``current_scale``; by default 1e-10 for
        ``"green"`` in a gap, 1e-8 in a metal, 1e-6 near q = 2k_F/n and 1e-4 right above a band
        edge; 1e-6 for ``"states"``.
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
        amplitude = default_amplitude(q, mass, fermi_energy, temperature)
    amplitude = positive_number("amplitude", amplitude)
    if rtol is None:
        rtol = _default_rtol(q, mass, fermi_energy) if engine == "green" else STATES_RTOL
    values, errors = [], []
    for level in LEVELS:
        A = level * amplitude
        problem = Problem(CosinePotential(A, q), mass, fermi_energy, temperature)
        profile = current_density(problem, [0.0], engine, rtol, **options)
        sine = [*profile.details["sine"], 0.0]
        values.append(-sine[1] / (A * q))
        errors.append(profile.error[0] / (A * q))
    curvature = (values[1] - values[2]) / (LEVELS[1] ** 2 - LEVELS[2] ** 2) / amplitude**2
    smeared = max(_distance(q, mass, fermi_energy), temperature)
    if amplitude <= SMALL_PART * smeared:
        value, error = _extrapolated(values, errors)
    else:
        value = values[-1]
        reach = RESONANCE_REACH * LEVELS[-1] * amplitude
        error = (errors[-1] + errors[-2] + abs(values[-1] - values[-2])
                 + _range_of_law(q, mass, fermi_energy, reach))
    return HallResponse(q, float(value), float(error), float(curvature), amplitude, engine)


def _extrapolated(values: list[float], errors: list[float]) -> tuple[float, float]:
    """Value at A = 0 of the even polynomial through the three levels, and a bound on its error."""
    square = np.square(LEVELS)
    weights = np.array([np.prod([s / (s - own) for s in square if s != own]) for own in square])
    best = float(weights @ values)
    two = (values[2] * square[1] - values[1] * square[2]) / (square[1] - square[2])
    one = (values[1] * square[0] - values[0] * square[1]) / (square[0] - square[1])
    # How much each order gains.
    gain = min(abs(best - two) / max(abs(two - one), np.finfo(float).tiny), 0.9)
    left = abs(best - two) / (1 - gain)
    first, second = values[0] - values[1], values[1] - values[2]
    if not ORDER_RANGE[0] * abs(second) <= abs(first) <= ORDER_RANGE[1] * abs(second):
        ratio = abs(first) / max(abs(second), np.finfo(float).tiny)
        left += abs(best - values[2]) + abs(second) / (max(ratio, SMALLEST_RATIO) - 1)
    return best, float(np.abs(weights) @ errors) + left


def _singular_energies(q: float, mass: float) -> tuple[float, float]:
    """|ε_F| at which σ(q; ε_F) is not smooth: the band edge, and where 2k_F = q."""
    return abs(mass), float(np.hypot(mass, q / 2))


def _distance(q: float, mass: float, fermi_energy: float) -> float:
    """Distance of ε_F from the nearest singularity."""
    return min(abs(abs(fermi_energy) - E) for E in _singular_energies(q, mass))


def _range_of_law(q: float, mass: float, fermi_energy: float, A: float) -> float:
    """How much σ(q) changes with ε_F within ±A.

    σ is monotonic between its singular energies: the ends and those tell.
    """
    E = abs(fermi_energy)
    energies = [E, E - A, E + A, *(S for S in _singular_energies(q, mass) if abs(S - E) < A)]
    laws = [float(dirac_hall_conductivity(q, mass, energy)) for energy in energies]
    return max(abs(law - laws[0]) for law in laws)


def default_amplitude(
    q: float, mass: float, fermi_energy: float, temperature: float = 0.0
) -> float:
    """A tenth of the energy at which linear response at q fails."""
    gap, E = abs(mass), abs(fermi_energy)
    limit = min(gap, max(_distance(q, mass, fermi_energy), temperature))
    if gap < E:
        k_F = np.sqrt((E - gap) * (E + gap))
        # waves k and k - nq meet at k_F - nq/2, times the velocity, from ε_F: a gap of order
        # Aⁿ/Eⁿ⁻¹ opens there
        away = k_F / E * np.abs(BRAGG_ORDERS * q - 2 * k_F) / 2
        allowed = float(np.min((away * E ** (BRAGG_ORDERS - 1)) ** (1 / BRAGG_ORDERS)))
        limit = min(limit, max(allowed, BRAGG_FLOOR * min(gap, E - gap)))
    return max(AMPLITUDE * limit, SMALLEST_AMPLITUDE * gap)


def _default_rtol(q: float, mass: float, fermi_energy: float) -> float:
    gap, E = abs(mass), abs(fermi_energy)
    if gap >= E:
        return GAP_RTOL
    if E - gap < EDGE * gap:
        return EDGE_RTOL
    two_k_F = 2 * np.sqrt((E - gap) * (E + gap))
    away = np.min(np.abs(np.array([1, *BRAGG_ORDERS]) * q - two_k_F)) / two_k_F
    return METAL_RTOL if away > RESONANT else RESONANT_RTOL
