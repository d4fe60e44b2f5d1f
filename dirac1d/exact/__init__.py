"""Closed forms and exactly solvable references, independent of every engine."""

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
    "LeadContributions",
    "capped_energy",
    "capped_energy_derivative",
    "lead_contributions",
    "total_current",
    "total_current_eq12",
    "total_current_eq27",
]
