"""Equilibrium anomalous Hall current of massive Dirac electrons along a potential step.

>>> import dirac1d as dd
>>> problem = dd.Problem(dd.TanhStep(left=-0.5, right=0.5, width=1.0), mass=1.0)
>>> profile = dd.current_density(problem, [-1.0, 0.0, 1.0])
>>> profile.j_y.round(6)
array([-0.017517, -0.035872, -0.017517])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dirac1d import exact, semiclassics
from dirac1d.engines import (
    Comparison,
    charge_density,
    compare_engines,
    current_density,
    current_map,
    energy_resolved_current,
    local_density_of_states,
)
from dirac1d.exact import smooth_current, total_current
from dirac1d.green import (
    BoundStates,
    EdgeStates,
    RadialState,
    ScatteringState,
    bound_states,
    charge_map,
    edge_states,
    energy_resolved_map,
    momentum_resolved_current,
    scattering_state,
)
from dirac1d.laboratory import materials, units
from dirac1d.laboratory.currents import MaterialCurrent, material_current
from dirac1d.laboratory.gates import gate, rise_length
from dirac1d.laboratory.units import Scale
from dirac1d.numerics.estimate import Estimate
from dirac1d.numerics.tasks import StoreWarning
from dirac1d.observables.edge_current import EdgeAndBulk, edge_and_bulk_current
from dirac1d.observables.image import Image, image
from dirac1d.observables.magnetic import StrayField, stray_field
from dirac1d.observables.magnetization import Magnetization, magnetization
from dirac1d.observables.map_field import FieldMap
from dirac1d.observables.response import HallResponse, hall_response
from dirac1d.potentials import (
    Cell,
    CosinePotential,
    Disc,
    ErfStep,
    FunctionPotential,
    GaussianBump,
    GaussianDot,
    HardWall,
    LinearRamp,
    Potential,
    RadialPotential,
    SharpStep,
    SmoothDisc,
    Strip,
    SumPotential,
    TabulatedPotential,
    TabulatedRadial,
    TanhStep,
    disorder,
)
from dirac1d.problem import Problem
from dirac1d.results.map import CurrentMap
from dirac1d.results.profile import Profile, load
from dirac1d.results.radial import RadialProfile
from dirac1d.results.record import AccuracyWarning
from dirac1d.results.spectral_map import SpectralMap
from dirac1d.states import (
    Chain,
    Eigenstates,
    SpectrumError,
    bulk_winding,
    eigenstates,
    hamiltonian,
    uniform_chain,
    window_density,
)
from dirac1d.sweeps.export import export
from dirac1d.sweeps.run import sweep
from dirac1d.sweeps.store import Failure
from dirac1d.sweeps.stored import load_table
from dirac1d.sweeps.table import Sweep
from dirac1d.version import __version__ as __version__

if TYPE_CHECKING:
    from dirac1d.apps.explorer import Explorer


#: Parts that are loaded when they are first asked for.
_LATER = {"geometry": "dirac1d.geometry", "plotting": "dirac1d.apps.plotting"}


def __getattr__(name: str) -> Any:
    """`dirac1d.geometry`, and `dirac1d.plotting`, which loads matplotlib."""
    if name in _LATER:
        return import_module(_LATER[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


def explore(scale: Scale | None = None) -> Explorer:
    """Open the explorer, a window with sliders; see `dirac1d.apps.explorer.explore`."""
    # Here, so that a bare import does not load matplotlib.
    from dirac1d.apps.explorer import explore as open_explorer

    return open_explorer(scale)


__all__ = [
    "AccuracyWarning",
    "BoundStates",
    "Cell",
    "Chain",
    "Comparison",
    "CosinePotential",
    "CurrentMap",
    "Disc",
    "EdgeAndBulk",
    "EdgeStates",
    "Eigenstates",
    "ErfStep",
    "Estimate",
    "Failure",
    "FieldMap",
    "FunctionPotential",
    "GaussianBump",
    "GaussianDot",
    "HallResponse",
    "HardWall",
    "Image",
    "LinearRamp",
    "Magnetization",
    "MaterialCurrent",
    "Potential",
    "Problem",
    "Profile",
    "RadialPotential",
    "RadialProfile",
    "RadialState",
    "Scale",
    "ScatteringState",
    "SharpStep",
    "SmoothDisc",
    "SpectralMap",
    "SpectrumError",
    "StoreWarning",
    "StrayField",
    "Strip",
    "SumPotential",
    "Sweep",
    "TabulatedPotential",
    "TabulatedRadial",
    "TanhStep",
    "bound_states",
    "bulk_winding",
    "charge_density",
    "charge_map",
    "compare_engines",
    "current_density",
    "current_map",
    "disorder",
    "edge_and_bulk_current",
    "edge_states",
    "eigenstates",
    "energy_resolved_current",
    "energy_resolved_map",
    "exact",
    "explore",
    "export",
    "gate",
    "hall_response",
    "hamiltonian",
    "image",
    "load",
    "load_table",
    "local_density_of_states",
    "magnetization",
    "material_current",
    "materials",
    "momentum_resolved_current",
    "rise_length",
    "scattering_state",
    "semiclassics",
    "smooth_current",
    "stray_field",
    "sweep",
    "total_current",
    "uniform_chain",
    "units",
    "window_density",
]
