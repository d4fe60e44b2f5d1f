"""Closed forms and exactly solvable references, independent of every engine.

Equation numbers: P. G. Silvestrov and P. Recher (2019). Units ħ = v_F = 1; currents are j_y/e with
the paper's signed e, so e/2h = 1/4π. Misprints are named where an equation is implemented.

========================================  ==================================================
`total_current`, `total_current_eq12`,    total current of any step, (9), (12), (27)
`total_current_eq27`
`lead_contributions`                      one lead's share, (10), (11), (25), (26)
`airy_edge_current`                       j_y(x) at a band's edge in a uniform field, (14), (33)
`airy_edge_spectral_current`              its energy distribution, (15), (16), (34)
`airy_edge_total_current`                 the same with the filled valence band
`single_state_current`                    one electron, (29), and its Gaussian smoothings (Fig. 5)
`printed_eq16`, `printed_eq33`            these two integrals exactly as printed
`smooth_limit_current`                    total current of a smooth potential, (14), (37), (38)
`transport_current`                       its transport part alone (Lensky et al.), (36), (39)
`linear_response_current`                 weak potentials of any shape, gap and metal, T = 0
`hall_conductivity`                       σ(q) of gap and metal (Kozii et al. 2021, Eq. 5)
`plane_response`, `radial_response`       M_q and K₂(r): the same in the plane
`smooth_current`                          the smooth law in the plane, (15), (45)
`green_traces`, `reference_current`, ...  sharp step, tanh step, linear ramp at any precision
`wall_traces`, `wall_levels`,             walls of mass: tanh (Pöschl and Teller), sharp with sharp
`wall_current`                            steps and hard walls, at any precision
========================================  ==================================================

>>> import dirac1d as dd
>>> edge = dd.exact.airy_edge_current([-2.0, 0.0, 2.0], slope=0.01, mass=1.0)
>>> spectrum = dd.exact.airy_edge_spectral_current([-2.0, 0.0, 2.0], slope=0.01, mass=1.0)
>>> weak = dd.Problem(dd.TanhStep(-0.01, 0.01, width=1.0), mass=1.0)
>>> linear = dd.exact.linear_response_current(weak, [0.0])
>>> smooth, transport = (f(weak, [0.0]) for f in
...                      (dd.exact.smooth_limit_current, dd.exact.transport_current))
>>> print(f"{linear[0]:.6f} {smooth[0]:.6f} {transport[0]:.6f}")
-0.000719 -0.000796 -0.000796
"""

from dirac1d.exact.airy import (
    airy_edge_current,
    airy_edge_spectral_current,
    airy_edge_total_current,
    airy_length,
    semiclassical_edge_current,
)
from dirac1d.exact.airy_state import (
    printed_eq16,
    printed_eq33,
    semiclassical_state_current,
    single_state_current,
)
from dirac1d.exact.mass_wall_sums import wall_current
from dirac1d.exact.mass_walls import wall_levels, wall_traces
from dirac1d.exact.response import (
    hall_conductivity,
    linear_response_current,
    metal_kernel,
    plane_response,
    radial_response,
)
from dirac1d.exact.smooth import (
    smooth_current,
    smooth_limit_current,
    smooth_limit_current_eq37,
    smooth_limit_current_eq38,
    transport_current,
    transport_current_eq36,
    transport_current_eq39,
)
from dirac1d.exact.solvable import (
    GreenTraces,
    ScatteringProbabilities,
    green_traces,
    scattering_probabilities,
)
from dirac1d.exact.solvable_sums import (
    ReferenceValue,
    reference_current,
    reference_spectral_current,
)
from dirac1d.exact.total_current import (
    LeadContributions,
    capped_energy,
    capped_energy_derivative,
    lead_contributions,
    total_current,
    total_current_eq12,
    total_current_eq27,
)

__all__ = [
    "GreenTraces",
    "LeadContributions",
    "ReferenceValue",
    "ScatteringProbabilities",
    "airy_edge_current",
    "airy_edge_spectral_current",
    "airy_edge_total_current",
    "airy_length",
    "capped_energy",
    "capped_energy_derivative",
    "green_traces",
    "hall_conductivity",
    "lead_contributions",
    "linear_response_current",
    "metal_kernel",
    "plane_response",
    "printed_eq16",
    "printed_eq33",
    "radial_response",
    "reference_current",
    "reference_spectral_current",
    "scattering_probabilities",
    "semiclassical_edge_current",
    "semiclassical_state_current",
    "single_state_current",
    "smooth_current",
    "smooth_limit_current",
    "smooth_limit_current_eq37",
    "smooth_limit_current_eq38",
    "total_current",
    "total_current_eq12",
    "total_current_eq27",
    "transport_current",
    "transport_current_eq36",
    "transport_current_eq39",
    "wall_current",
    "wall_levels",
    "wall_traces",
]
