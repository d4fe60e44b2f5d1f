"""Maps of U(x, y): harmonics in y, marched through x. The theory is in README.md here."""

from dirac1d.green.planar.map import current_map
from dirac1d.green.planar.settings import MAP_SETTINGS, MapSettings
from dirac1d.green.planar.spectra import charge_map, energy_resolved_map

__all__ = [
    "MAP_SETTINGS", "MapSettings", "charge_map", "current_map", "energy_resolved_map",
]
