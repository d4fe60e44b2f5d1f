"""Band geometry of two-band models and the Hall conductivity in a non-uniform field.

After Kozii, Avdoshkin, Zhong & Moore, PRL 126, 156602 ("Eq. n" in this package). hbar = e = 1,
conductivities in e^2/hbar; sigma_AH = [sigma_xy - sigma_yx]/2 with q along x, and a field drives
j_y = -sigma_AH E_x, which is dirac1d's j_y with E_x = -U'.
"""

from .dirac import dirac_hall_conductivity
from .errors import with_error
from .hall import HallCoefficient, hall_conductivity_0, hall_conductivity_q2
from .kubo import kubo_hall_conductivity, kubo_hall_conductivity_q2, vertex_difference_q2
from .library import flattened, haldane, massive_dirac, qi_wu_zhang, warped_dirac
from .models import FourierSeries, TwoBandModel, from_series, rotated
from .realspace import lattice_hall_conductivity
from .semiclassics import (
    FieldGradients,
    SemiclassicalRates,
    equations_of_motion,
    packet_functionals,
)
from .tensors import (
    berry_curvature,
    chern_number,
    energies,
    geometric_connection,
    projectors,
    quantum_metric,
    symplectic_tensor,
    velocities,
)
from .wavepacket import PacketTrack, ValenceBandLattice

__all__ = [
    "FieldGradients",
    "FourierSeries",
    "HallCoefficient",
    "PacketTrack",
    "SemiclassicalRates",
    "TwoBandModel",
    "ValenceBandLattice",
    "berry_curvature",
    "chern_number",
    "dirac_hall_conductivity",
    "energies",
    "equations_of_motion",
    "flattened",
    "from_series",
    "geometric_connection",
    "haldane",
    "hall_conductivity_0",
    "hall_conductivity_q2",
    "kubo_hall_conductivity",
    "kubo_hall_conductivity_q2",
    "lattice_hall_conductivity",
    "massive_dirac",
    "packet_functionals",
    "projectors",
    "qi_wu_zhang",
    "quantum_metric",
    "rotated",
    "symplectic_tensor",
    "velocities",
    "vertex_difference_q2",
    "warped_dirac",
    "with_error",
]
