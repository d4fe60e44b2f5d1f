"""Fig. 4 of Silvestrov and Recher: as Fig. 1, for a step above 2Δ, and Eq. (27).

In the middle regime two metals are separated by a tunnel barrier.
"""

from __future__ import annotations

from _figure import Figure, Problems
from fig1_total_current import check, compute, draw

import dirac1d as dd


def problems(quick: bool) -> Problems:
    return {"step": dd.Problem(dd.TanhStep(-1.5, 1.5, width=2.0))}


FIGURE = Figure("fig4_large_step", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
