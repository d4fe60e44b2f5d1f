"""The continuum Green's function engine: exact leads, complex-energy contour, no box."""

from dirac1d.green.bound import BoundStates, bound_states
from dirac1d.green.current import current_density
from dirac1d.green.edges import EdgeStates, edge_states
from dirac1d.green.planar import charge_map, current_map, energy_resolved_map
from dirac1d.green.radial_states import RadialState
from dirac1d.green.scattering import ScatteringState, scattering_state
from dirac1d.green.spectral import (
    charge_density,
    energy_resolved_current,
    local_density_of_states,
    momentum_resolved_current,
)

__all__ = [
    "BoundStates",
    "EdgeStates",
    "RadialState",
    "ScatteringState",
    "bound_states",
    "charge_density",
    "charge_map",
    "current_density",
    "current_map",
    "edge_states",
    "energy_resolved_current",
    "energy_resolved_map",
    "local_density_of_states",
    "momentum_resolved_current",
    "scattering_state",
]
