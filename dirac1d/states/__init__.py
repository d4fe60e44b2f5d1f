"""Engine "states": sums over the eigenstates of a doubling-free lattice Dirac Hamiltonian."""

from dirac1d.states.chain import Chain, bulk_winding, hamiltonian, uniform_chain
from dirac1d.states.charge import charge_density
from dirac1d.states.current import current_density
from dirac1d.states.density import window_density
from dirac1d.states.maps import current_map
from dirac1d.states.spectra import energy_resolved_current, local_density_of_states
from dirac1d.states.spectrum import Eigenstates, SpectrumError, eigenstates

__all__ = [
    "Chain", "Eigenstates", "SpectrumError", "bulk_winding", "charge_density", "current_density",
    "current_map", "eigenstates", "energy_resolved_current", "hamiltonian",
    "local_density_of_states", "uniform_chain", "window_density",
]
