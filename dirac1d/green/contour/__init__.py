"""Where (ω, p) are sampled: paths of p, the charts on them, and their first cells.

Each path is one module: its type, its charts and where refinement starts.
"""

from dirac1d.green.contour.choose import bound_below, choose_path, deepest_well, trapped_phase
from dirac1d.green.contour.domain import Contour, first_cells, line_cells, momentum_cells

__all__ = [
    "Contour", "bound_below", "choose_path", "deepest_well", "first_cells", "line_cells",
    "momentum_cells", "trapped_phase",
]
