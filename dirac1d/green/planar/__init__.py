"""Maps of U(x, y): harmonics in y, marched through x. The theory is in README.md here."""

from dirac1d.green.planar.map import current_map
from dirac1d.green.planar.settings import MAP_SETTINGS, MapSettings

__all__ = ["MAP_SETTINGS", "MapSettings", "current_map"]
