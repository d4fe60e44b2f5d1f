"""Closed forms and exactly solvable references, independent of every engine."""

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
from dirac1d.exact.response import hall_conductivity, linear_response_current, metal_kernel
from dirac1d.exact.smooth import (
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
    "printed_eq16",
    "printed_eq33",
    "reference_current",
    "reference_spectral_current",
    "scattering_probabilities",
    "semiclassical_edge_current",
    "semiclassical_state_current",
    "single_state_current",
    "smooth_limit_current",
    "smooth_limit_current_eq37",
    "smooth_limit_current_eq38",
    "total_current",
    "total_current_eq12",
    "total_current_eq27",
    "transport_current",
    "transport_current_eq36",
    "transport_current_eq39",
]
